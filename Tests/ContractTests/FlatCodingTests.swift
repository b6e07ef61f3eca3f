import Kernel
import Testing

@testable import Contract

@Suite struct FlatCodingTests {
  @Test("A query gives its fields, lists as repeated names")
  func reading() throws {
    let filter = try FlatDecoder.decode(Filter.self, from: [("limit", "10"), ("role", "a"), ("is_open", "true"), ("role", "b"), ("id", Filter.someID.description)])
    #expect(filter == Filter(limit: 10, role: ["a", "b"], isOpen: true, id: Filter.someID))
    #expect(try FlatDecoder.decode(Filter.self, from: [("role", "a")]) == Filter(limit: nil, role: ["a"], isOpen: nil, id: nil))
    #expect(try FlatDecoder.decode(Nothing.self, from: []) == Nothing())
  }

  @Test(
    "Names that aren't known and values that don't fit are told together",
    arguments: [
      ([("limit", "ten"), ("role", "a")], ["limit"]),
      ([("limit", "1"), ("limit", "2"), ("role", "a"), ("lmit", "3")], ["limit", "lmit"]),
      ([("limit", ""), ("is_open", "yes"), ("id", "7")], ["limit", "role", "is_open", "id"]),
      ([("limit", "+1"), ("role", "a")], ["limit"]),
      ([("limit", "99999999999999999999"), ("role", "\u{0}")], ["limit", "role/0"]),
      ([("role", "a"), ("isOpen", "true")], ["isOpen"]),
    ])
  func faults(pairs: [(String, String)], places: [String]) {
    #expect { try FlatDecoder.decode(Filter.self, from: pairs) } throws: { error in
      guard let problem = error as? Problem else { return false }
      return problem.kind == .invalid && problem.faults.map(\.field) == places
    }
  }

  @Test("What is written is read back, whatever stands in it")
  func roundTrip() throws {
    var random = SplitMix(seed: 17)
    let texts = ["", "a b", "é", "a&b=c", "%41", "+", "/", "\u{1F600}", "#?"]
    for _ in 0..<300 {
      let filter = Filter(
        limit: Bool.random(using: &random) ? Int.random(in: .min ... .max, using: &random) : nil,
        role: (0..<Int.random(in: 1...3, using: &random)).map { _ in texts.randomElement(using: &random) ?? "" }, isOpen: Bool.random(using: &random) ? false : nil, id: nil)
      let pairs = try FlatEncoder.encode(filter)
      let again = try #require(FormText.decode(FormText.encode(pairs)))
      #expect(again.elementsEqual(pairs, by: ==))
      #expect(try FlatDecoder.decode(Filter.self, from: again) == filter)
    }
  }

  @Test("Nested values don't fit into an address")
  func nested() {
    #expect(throws: Problem.self) { try FlatEncoder.encode(Wire.List(items: [Wire.Paging()], nextCursor: nil, total: 0)) }
  }

  @Test(
    "Forms are read as browsers write them",
    arguments: [
      ("a=1&b=2", [("a", "1"), ("b", "2")]), ("a=x+y%2B", [("a", "x y+")]), ("a", [("a", "")]), ("a=b=c", [("a", "b=c")]), ("", []), ("&&", []), ("=1", [("", "1")]),
      ("%C3%A9=%e2%82%ac", [("é", "€")]),
    ])
  func forms(text: String, expected: [(String, String)]) throws {
    #expect(try #require(FormText.decode(text)).elementsEqual(expected, by: ==))
  }

  @Test("Broken escapes are refused", arguments: ["a=%", "a=%4", "a=%zz", "a=%C3", "%ff=1"])
  func broken(text: String) {
    #expect(FormText.decode(text) == nil)
  }

  @Test("The address of a call has its parameters and its query in place")
  func target() throws {
    let endpoint = Endpoint<Place, Wire.Paging, Nothing, Nothing>("note.list", .get, "/halls/{hall}/notes/{note}", access: .account, summary: "Lists.")
    #expect(try endpoint.target(Place(hall: "a/b é", note: 7), Wire.Paging(limit: 2, cursor: "x+y")) == "/api/v1/halls/a%2Fb%20%C3%A9/notes/7?limit=2&cursor=x%2By")
    #expect(try endpoint.target(Place(hall: "{note}", note: 7), Wire.Paging()) == "/api/v1/halls/%7Bnote%7D/notes/7")
    #expect(PercentText.decode("a%2Fb%20%C3%A9+") == "a/b é+")
  }
}

private struct Place: Codable {
  var hall: String
  var note: Int
}

private struct Filter: Codable, Equatable {
  enum Noun {}
  static let someID = ID<Noun>.example

  var limit: Int?
  var role: [String]
  var isOpen: Bool?
  var id: ID<Noun>?
}
