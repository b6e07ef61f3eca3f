import Foundation
import Kernel
import Testing

@testable import Contract

@Suite struct WireCodingTests {
  @Test("Fields travel in the order of their declaration, in snake case, without those that are nil")
  func writing() throws {
    let list = Wire.List(items: [Wire.Paging(limit: 3, cursor: "a\"b")], nextCursor: nil, total: -1)
    #expect(String(decoding: try WireCoding.encode(list), as: UTF8.self) == #"{"items":[{"limit":3,"cursor":"a\"b"}],"total":-1}"#)
    #expect(String(decoding: try WireCoding.encode(Nothing()), as: UTF8.self) == "{}")
    #expect(String(decoding: try WireCoding.encode(["twoWords": [1, 2], "a": []]), as: UTF8.self).count == #"{"twoWords":[1,2],"a":[]}"#.count)
  }

  @Test("Foundation writes the same values and reads what was written")
  func sameAsFoundation() throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let sample = try Probed<Sample>.make(inside: []).example
    let ours = try WireCoding.encode(sample)
    #expect(try JSON(ours).sorted == JSON(Array(encoder.encode(sample))).sorted)
    #expect(try WireCoding.encode(decoder.decode(Sample.self, from: Data(ours))) == ours)
  }

  @Test("What isn't JSON is malformed, with the place")
  func malformed() {
    #expect { try WireCoding.decode(Order.self, from: Array("{\"item\":".utf8)) } throws: { error in
      guard let problem = error as? Problem else { return false }
      return problem.kind == .malformed && problem.detail.contains("byte 8")
    }
  }

  @Test(
    "All faults of a body are told at once, each with its place",
    arguments: [
      (#"[]"#, [""]),
      (#"{}"#, ["item", "count", "colour", "lines"]),
      (#"{"item":1,"count":"2","colour":"blue","lines":{},"at":"yesterday","note":null}"#, ["item", "count", "colour", "lines", "at"]),
      (#"{"item":"a","count":1,"colour":"red","lines":[{"amount":true},7,{"amount":1,"tip":2}]}"#, ["lines/0/amount", "lines/1", "lines/2/tip"]),
      (#"{"item":"a","count":300,"colour":"red","lines":[],"a/b~c":1}"#, ["count", "a~1b~0c"]),
      (#"{"item":"a\u0000b","count":1.5,"colour":null,"lines":[]}"#, ["item", "count", "colour"]),
      (#"{"item":"a","count":1,"colour":"red","lines":[],"isOpen":true}"#, ["isOpen"]),
    ])
  func faults(body: String, places: [String]) {
    #expect { try WireCoding.decode(Order.self, from: Array(body.utf8)) } throws: { error in
      guard let problem = error as? Problem else { return false }
      return problem.kind == .invalid && problem.faults.map(\.field) == places && problem.faults.allSatisfy { $0.detail.hasSuffix(".") }
    }
  }

  @Test("Reasons name what may be given, and no type of ours")
  func reasons() {
    #expect { try WireCoding.decode(Order.self, from: Array(#"{"item":"a","count":1,"colour":"blue","lines":[]}"#.utf8)) } throws: { error in
      (error as? Problem)?.faults == [FieldFault("colour", "Give one of: red, dark-red.")]
    }
  }

  @Test("A text beyond its longest length is refused where it is read")
  func length() throws {
    let token = { (count: Int) in Array("\"\(String(repeating: "é", count: count))\"".utf8) }
    #expect(try WireCoding.decode(Unchecked<TokenText>.self, from: token(200)).text.count == 200)
    #expect { try WireCoding.decode(Unchecked<TokenText>.self, from: token(201)) } throws: { error in (error as? Problem)?.faults == [FieldFault("", "Use at most 200 characters.")] }
    #expect(throws: Problem.self) { try WireCoding.decode(Unchecked<TokenText>.self, from: token(1_000_000)) }
  }

  @Test("Clients read past fields they don't know")
  func tolerant() throws {
    let paging = try WireCoding.decode(Wire.Paging.self, from: Array(#"{"limit":1,"newer":{}}"#.utf8), unknownFields: .ignored)
    #expect(paging == Wire.Paging(limit: 1))
  }
}

private enum Colour: String, CaseIterable, SchemaLeaf {
  case red
  case darkRed = "dark-red"
}

private struct Order: Codable {
  struct Line: Codable { var amount: Int }

  var item: String
  var count: UInt8
  var colour: Colour
  var lines: [Line]
  var at: Timestamp?
  var note: String?
}
