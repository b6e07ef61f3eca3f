import Kernel
import Storage
import Testing

private let thing = "CREATE TABLE thing (number BIGINT PRIMARY KEY NOT NULL, word TEXT NOT NULL, maybe TEXT, size BIGINT)"

@Suite struct InsertionTests {
  private func rows(_ words: [String], from first: Int = 0) -> Insertion {
    var rows = Insertion(into: "thing", ["number": .integer, "word": .text, "maybe": .text, "size": .integer], rows: words.count)
    for (place, word) in words.enumerated() {
      rows.add(first + place)
      rows.add(word)
      rows.add(place.isMultiple(of: 2) ? word : nil)
      rows.add(place.isMultiple(of: 3) ? Int64.min + Int64(place) : nil)
      rows.endRow()
    }
    return rows
  }

  /// PostgreSQL takes few rows in another way than many.
  @Test("Rows come back as they were written", arguments: Backend.available, [0, 3000])
  func roundTrip(_ backend: Backend, _ more: Int) async throws {
    let hard = ["", "NULL", "{a,b}", "\"quoted\"", "back\\slash", "it's", "Grüße 🙂", ",", " ", "\n\t", "{}", "\\\"", "null", "\\N", "\\.", "\r\n", "a\u{B}b\u{8}", "\\n"]
    let words = hard + (0..<more).map { "word \($0)" }
    try await withDatabase(backend, thing) { db async throws in
      let new = rows(words)
      try await db.write { try $0.insert(new, under: Allowed()) }
      let found = try await db.rows("SELECT number, word, maybe, size FROM thing ORDER BY number")
      #expect(try found.map { try $0.text("word") } == words)
      #expect(try found.enumerated().allSatisfy { try $1.optional("maybe", $1.text) == ($0.isMultiple(of: 2) ? words[$0] : nil) })
      #expect(try found.enumerated().allSatisfy { try $1.optional("size", $1.integer) == ($0.isMultiple(of: 3) ? Int64.min + Int64($0) : nil) })
    }
  }

  @Test("One row that contradicts what is stored refuses all of them, and the connection goes on", arguments: Backend.available, [4, 3000])
  func conflict(_ backend: Backend, _ count: Int) async throws {
    try await withDatabase(backend, thing, "INSERT INTO thing VALUES (2, 'there', NULL, NULL)") { db async throws in
      let new = rows((0..<count).map { "\($0)" })
      let others = rows((0..<count).map { "\($0)" }, from: 10)
      await expectProblem(.constraint) { try await db.write { try $0.insert(new, under: Allowed()) } }
      #expect(try await db.integer("SELECT count(*) AS n FROM thing") == 1)
      try await db.write { try $0.insert(others, under: Allowed()) }
      #expect(try await db.integer("SELECT count(*) AS n FROM thing") == Int64(count) + 1)
    }
  }

  @Test("Rows for a table that isn't there are a defect, however many", arguments: Backend.available, [1, 3000])
  func nowhere(_ backend: Backend, _ count: Int) async throws {
    try await withDatabase(backend, thing) { db async throws in
      var lost = Insertion(into: "nothing", ["number": .integer])
      for number in 0..<count {
        lost.add(number)
        lost.endRow()
      }
      let new = lost
      await expectProblem(.defect) { try await db.write { try $0.insert(new, under: Allowed()) } }
      #expect(try await db.integer("SELECT count(*) AS n FROM thing") == 0)
    }
  }

  @Test("No rows write nothing", arguments: Backend.available)
  func none(_ backend: Backend) async throws {
    try await withDatabase(backend, thing) { db async throws in
      let new = rows([])
      try await db.write { try $0.insert(new, under: Allowed()) }
      #expect(try await db.integer("SELECT count(*) AS n FROM thing") == 0)
    }
  }

  @Test("What only reads inserts nothing", arguments: Backend.available)
  func reading(_ backend: Backend) async throws {
    try await withDatabase(backend, thing) { db async throws in
      let new = rows(["a"])
      await expectProblem(.defect) { try await db.read { try $0.insert(new, under: Allowed()) } }
    }
  }

  @Test("A zero character, a missing value and a value of the wrong type are refused before anything is written", arguments: Backend.available)
  func unfit(_ backend: Backend) async throws {
    let zero = rows(["a", "b\0c"])
    var short = Insertion(into: "thing", ["number": .integer, "word": .text])
    short.add(1)
    short.endRow()
    var open = Insertion(into: "thing", ["number": .integer, "word": .text])
    open.add(1)
    open.add("a")
    open.endRow()
    open.add(2)
    var wrong = Insertion(into: "thing", ["number": .integer, "word": .text])
    wrong.add("1")
    wrong.add("a")
    wrong.endRow()
    let (cut, missing, unclosed, mistyped) = (zero, short, open, wrong)
    try await withDatabase(backend, thing) { db async throws in
      await expectProblem(.invalid) { try await db.write { try $0.insert(cut, under: Allowed()) } }
      for rows in [missing, unclosed, mistyped] { await expectProblem(.defect) { try await db.write { try $0.insert(rows, under: Allowed()) } } }
      #expect(try await db.integer("SELECT count(*) AS n FROM thing") == 0)
    }
  }
}
