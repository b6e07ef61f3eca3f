import Kernel
import Testing

@Suite struct CursorTests {
  @Test func `A cursor reads back with all its keys`() throws {
    var random = Randomness(seed: 51)
    let letters = Array("ab01-_ é李👩‍🔬\n\u{1F}")
    for _ in 0..<1000 {
      let cursor = Cursor(list: random.text(of: letters, upTo: 20), keys: (0..<random.number(below: 4)).map { _ in random.text(of: letters, upTo: 40) })
      #expect(try Cursor(cursor.description) == cursor)
    }
  }

  @Test func `The longest names fit in a cursor`() throws {
    // 128 characters of 8 bytes are the most a name may be; some letters grow by half when they are written small.
    let name = try DisplayName(String(repeating: "👍🏽", count: 128))
    let growing = try DisplayName(String(repeating: "Ⱥ", count: 128))
    for text in [name.text, growing.text.lowercased()] {
      let cursor = Cursor(list: "members-by-name", keys: [text, ID<Never>.nothing.description])
      #expect(try Cursor(cursor.description) == cursor)
    }
  }

  @Test(arguments: ["", "A", "!", "Zm9v", "AA==", "_____w", Base64URL.encode([0xFF, 0x00]), Base64URL.encode([0x61]), String(repeating: "A", count: 2049)])
  func `A text that no list made is refused`(text: String) { #expect(throws: Rejection.self) { try Cursor(text) } }

  @Test func `A cursor of random bytes never breaks anything`() {
    var random = Randomness(seed: 52)
    for _ in 0..<2000 {
      let text = Base64URL.encode(random.bytes(random.number(below: 40)) + [0])
      if let cursor = try? Cursor(text) { #expect(cursor.description == text) }
    }
  }
}

@Suite struct PageRequestTests {
  @Test(arguments: [(0, false), (-1, false), (Int.min, false), (1, true), (50, true), (200, true), (201, false), (Int.max, false)])
  func `1 to 200 rows are given at once`(limit: Int, isAccepted: Bool) { #expect(((try? PageRequest(limit: limit)) != nil) == isAccepted) }

  @Test func `A cursor of another list, or with other keys, is refused as invalid`() throws {
    let page = try PageRequest(cursor: Cursor(list: "members", keys: ["a", "b"]))
    #expect(try page.keys(of: "members", count: 2) == ["a", "b"])
    #expect(try PageRequest.first.keys(of: "members", count: 2) == nil)
    for (list, count) in [("events", 2), ("members", 1), ("members", 3)] {
      let problem = #expect(throws: Problem.self) { try page.keys(of: list, count: count) }
      #expect(problem?.kind == .invalid)
      #expect(problem?.faults.map(\.field) == ["cursor"])
    }
  }

  @Test func `A page keeps its place and total when its items are mapped`() {
    let page = Page(items: [1, 2], next: Cursor(list: "n", keys: ["2"]), total: 5)
    #expect(page.map(String.init) == Page(items: ["1", "2"], next: Cursor(list: "n", keys: ["2"]), total: 5))
  }
}
