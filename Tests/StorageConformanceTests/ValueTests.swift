import Kernel
import Storage
import Testing

private let box = "CREATE TABLE box (id BIGINT PRIMARY KEY NOT NULL, number BIGINT, text TEXT)"

private let sampleTexts: [String] = [
  "", " ", "a", "it's", "\"; DROP TABLE box; --", "\\", "%_", "$1 ?1 ? :a", "Ünïcödé", "e\u{301}", "é", "日本語", "👩‍👩‍👧‍👦", "\u{1}\u{7F}\t\r\n", "\u{FEFF}bom", "\u{FFFD}", "\u{10FFFF}", "🇺🇳‮rtl",
  String(repeating: "Zürich 😀 ", count: 80_000),
]

@Suite struct ValueTests {
  @Test("Integers come back as they went", arguments: Backend.available, [0, 1, -1, 4_294_967_296, Int64.max, Int64.min] as [Int64])
  func integers(_ backend: Backend, _ integer: Int64) async throws {
    try await withDatabase(backend, box) { db async throws in
      try await db.change("INSERT INTO box (id, number) VALUES (1, \(integer))")
      #expect(try await db.integer("SELECT number AS n FROM box WHERE number = \(integer)") == integer)
      #expect(try await db.integer("SELECT \(integer) AS n") == integer, "with no column to take a type from")
    }
  }

  @Test("Texts come back byte for byte", arguments: Backend.available, sampleTexts)
  func texts(_ backend: Backend, _ text: String) async throws {
    try await withDatabase(backend, box) { db async throws in
      try await db.change("INSERT INTO box (id, text) VALUES (1, \(text))")
      let found = try await db.texts("SELECT text AS t FROM box WHERE text = \(text)")
      #expect(found.map { Array($0.utf8) } == [Array(text.utf8)])
      #expect(try await db.texts("SELECT \(text) AS t").first.map { Array($0.utf8) } == Array(text.utf8), "with no column to take a type from")
    }
  }

  @Test("A text with a zero character is refused alike, and nothing is stored", arguments: Backend.available, ["\0", "a\0b", "end\0"])
  func zero(_ backend: Backend, _ text: String) async throws {
    try await withDatabase(backend, box) { db async throws in
      await expectProblem(.invalid) { try await db.change("INSERT INTO box (id, text) VALUES (1, \(text))") }
      #expect(try await db.integer("SELECT count(*) AS n FROM box") == 0)
    }
  }

  @Test("NULL is NULL, and means the same wherever it is bound", arguments: Backend.available)
  func null(_ backend: Backend) async throws {
    try await withDatabase(backend, box) { db async throws in
      let number: Int64? = nil
      let text: String? = nil
      try await db.change("INSERT INTO box (id, number, text) VALUES (1, \(number), \(text))")
      let row = try #require(try await db.rows("SELECT number, text FROM box").first)
      #expect(row.isNull("number") && row.isNull("text"))
      #expect(try row.optional("number", row.integer) == nil)
      #expect(throws: Problem.self) { try row.integer("number") }
      for wanted in [nil, 5] as [Int64?] {
        #expect(try await db.integer("SELECT count(*) AS n FROM box WHERE \(wanted) IS NULL OR number = \(wanted)") == (wanted == nil ? 1 : 0))
      }
      for wanted in [nil, "x"] as [String?] {
        #expect(try await db.integer("SELECT count(*) AS n FROM box WHERE \(wanted) IS NULL OR text = \(wanted)") == (wanted == nil ? 1 : 0))
      }
      try await db.change("UPDATE box SET number = coalesce(\(number), 7), text = coalesce(\(text), 'new')")
      #expect(try await db.integer("SELECT number AS n FROM box") == 7)
    }
  }

  @Test("Truth values, times and ids are integers and texts", arguments: Backend.available)
  func nouns(_ backend: Backend) async throws {
    enum Thing {}
    try await withDatabase(backend, box) { db async throws in
      let (id, at) = try await db.write { tx in
        let id = tx.newID(Thing.self)
        try tx.change("INSERT INTO box (id, number, text) VALUES (\(true), \(tx.now), \(id))", under: Allowed())
        return (id, tx.now)
      }
      let row = try #require(try await db.rows("SELECT id, number, text, number > 0 AS positive FROM box").first)
      #expect(try row.bool("id"))
      #expect(try row.instant("number") == at)
      #expect(try row.id("text", of: Thing.self) == id)
      #expect(try row.bool("positive"))
    }
  }

  @Test("A column of another type or name is a defect", arguments: Backend.available)
  func wrongColumn(_ backend: Backend) async throws {
    try await withDatabase(backend, box, "INSERT INTO box (id, number, text) VALUES (1, 2, 'x')") { db async throws in
      let row = try #require(try await db.rows("SELECT id, number, text FROM box").first)
      #expect(throws: Problem.self) { try row.text("number") }
      #expect(throws: Problem.self) { try row.integer("text") }
      #expect(throws: Problem.self) { try row.integer("missing") }
      #expect(throws: Problem.self) { try row.optional("missing", row.integer) }
    }
  }

  @Test("A fraction is a defect, never rounded", arguments: Backend.available)
  func fraction(_ backend: Backend) async throws {
    try await withDatabase(backend) { db async throws in
      await expectProblem(.defect) { try await db.rows("SELECT 0.5 AS n") }
      await expectProblem(.defect) { try await db.rows("SELECT avg(n) AS n FROM (SELECT 1 AS n UNION ALL SELECT 2 AS n) AS numbers") }
    }
  }

  @Test("Sums of integers are integers, and one that doesn't fit is a defect", arguments: Backend.available)
  func sums(_ backend: Backend) async throws {
    try await withDatabase(backend, box) { db async throws in
      try await db.change("INSERT INTO box (id, number) VALUES (1, 5), (2, -7), (3, NULL)")
      #expect(try await db.integer("SELECT sum(number) AS n FROM box") == -2)
      #expect(try await db.integer("SELECT coalesce(sum(number), 0) AS n FROM box WHERE id > 9") == 0)
      try await db.change("INSERT INTO box (id, number) VALUES (4, \(Int64.max)), (5, \(Int64.max))")
      await expectProblem(.defect) { try await db.rows("SELECT sum(number) AS n FROM box") }
    }
  }

  @Test("Texts sort by their bytes", arguments: Backend.available)
  func order(_ backend: Backend) async throws {
    try await withDatabase(backend, box) { db async throws in
      let texts = ["B", "a", "A", "b", "_", "-", "Z", "z", "ä", "Ä", "é", "e\u{301}", "aB", "ab", "a b", "a-b", "", "10", "9", "日", "😀", "\u{FFFD}"]
      try await db.write { tx in
        for (place, text) in texts.enumerated() { try tx.change("INSERT INTO box (id, text) VALUES (\(place), \(text))", under: Allowed()) }
      }
      let expected = texts.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.map { Array($0.utf8) }
      #expect(try await db.texts("SELECT text AS t FROM box ORDER BY text").map { Array($0.utf8) } == expected)
      #expect(try await db.texts("SELECT text AS t FROM box ORDER BY text DESC").map { Array($0.utf8) } == expected.reversed())
      #expect(try await db.texts("SELECT text AS t FROM box WHERE text > \("Z") AND text < \("b") ORDER BY text") == ["_", "a", "a b", "a-b", "aB", "ab"])
      #expect(try await db.texts("SELECT min(text) AS t FROM box WHERE text > \("é")") == ["日"])
      #expect(try await db.texts("SELECT lower(text) AS t FROM box WHERE text IN ('A', 'b', 'Z') ORDER BY lower(text)") == ["a", "b", "z"])
    }
  }

  @Test("NULLs sort where the statement says", arguments: Backend.available)
  func nulls(_ backend: Backend) async throws {
    try await withDatabase(backend, box, "INSERT INTO box (id, number) VALUES (1, NULL), (2, 2), (3, 1)") { db async throws in
      let ids = { (order: Statement) in try await db.rows("SELECT id FROM box ORDER BY \(order)").map { try $0.integer("id") } }
      #expect(try await ids("number NULLS FIRST") == [1, 3, 2])
      #expect(try await ids("number NULLS LAST") == [3, 2, 1])
      #expect(try await ids("number DESC NULLS LAST") == [2, 3, 1])
    }
  }

  @Test("LIKE tells cases apart, and escapes as it is told", arguments: Backend.available)
  func like(_ backend: Backend) async throws {
    try await withDatabase(backend, box, "INSERT INTO box (id, text) VALUES (1, 'Ada'), (2, 'ada'), (3, 'a_a'), (4, 'a%')") { db async throws in
      let ids = { (pattern: String) in try await db.rows("SELECT id FROM box WHERE text LIKE \(pattern) ESCAPE '\\' ORDER BY id").map { try $0.integer("id") } }
      #expect(try await ids("a%") == [2, 3, 4])
      #expect(try await ids("A%") == [1])
      #expect(try await ids("a\\_a") == [3])
      #expect(try await ids("a\\%") == [4])
      #expect(try await ids("%") == [1, 2, 3, 4])
    }
  }

  @Test("Lists bind each value, and an empty one matches nothing", arguments: Backend.available)
  func lists(_ backend: Backend) async throws {
    try await withDatabase(backend, box, "INSERT INTO box (id, text) VALUES (1, 'a'), (2, 'b'), (3, 'c')") { db async throws in
      let count = { (ids: [Int64]) in try await db.integer("SELECT count(*) AS n FROM box WHERE id IN (\(list: ids))") }
      #expect(try await count([]) == 0)
      #expect(try await count([2]) == 1)
      #expect(try await count([1, 2, 9]) == 2)
      #expect(try await count(Array(1...2000)) == 3)
      #expect(try await db.integer("SELECT count(*) AS n FROM box WHERE text IN (\(list: ["a", "c", "'"]))") == 2)
      let clause: Statement = "text = \("b")"
      #expect(try await db.integer("SELECT count(*) AS n FROM box WHERE \(clause) OR id = \(3)\(.none)") == 2)
    }
  }

  @Test("Values are looked up one by one, and an empty collection matches nothing", arguments: Backend.available)
  func values(_ backend: Backend) async throws {
    try await withDatabase(backend, box, "INSERT INTO box (id, text) VALUES (1, 'a'), (2, 'b'), (3, 'c')") { db async throws in
      let count = { (ids: [Int64]) in
        try await db.integer("SELECT count(*) AS n FROM \(values: ids) AS wanted CROSS JOIN box b WHERE b.id = wanted.column1")
      }
      #expect(try await count([]) == 0)
      #expect(try await count([2]) == 1)
      #expect(try await count([1, 2, 9]) == 2)
      #expect(try await count([1, 2, 3, 4, 5]) == 3)
      #expect(try await count(Array(1...2000)) == 3)
      let texts = ["a", "c", "'"]
      #expect(try await db.integer("SELECT count(*) AS n FROM \(values: texts) AS wanted CROSS JOIN box b WHERE b.text = wanted.column1") == 2)
    }
  }

  @Test("Many different statements can be asked", arguments: Backend.available)
  func manyStatements(_ backend: Backend) async throws {
    try await withDatabase(backend, tightness: Tightness(connections: 1)) { db async throws in
      let total = try await db.read { tx in
        var total = 0
        for number in 0..<1500 { total += try tx.count(Statement(migration: "SELECT \(number % 3) AS n, 'shape \(number)' AS shape")) }
        return total
      }
      #expect(total == 1500)
    }
  }
}
