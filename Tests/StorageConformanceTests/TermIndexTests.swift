import Kernel
import Storage
import Testing

private let migration = Migration(name: "0001-terms", sql: "CREATE TABLE note (id TEXT PRIMARY KEY NOT NULL);\n-- found by their words\nCREATE TERM INDEX note_terms;")

@Suite struct TermIndexTests {
  private let index = TermIndex("note_terms")

  private func migrated(_ backend: Backend, _ body: (any Database) async throws -> Void) async throws {
    try await withDatabase(backend) { db async throws in
      try await Migrator([migration]) { "digest of \($0)" }.migrate(db)
      try await body(db)
    }
  }

  private func found(_ terms: [String], in db: any Database) async throws -> [Int64] {
    try await db.rows("SELECT rowid FROM note_terms WHERE \(index.matching(terms))").map { try $0.integer("rowid") }.sorted()
  }

  @Test("What holds all of the terms is found, and nothing else", arguments: Backend.available)
  func matching(_ backend: Backend) async throws {
    try await migrated(backend) { db async throws in
      for (number, terms) in [(1, "abc bcd"), (2, "bcd cde"), (3, "abc cde xyz"), (7, ""), (9, "not and2 or3")] {
        try await db.change("INSERT INTO note_terms (rowid, terms) VALUES (\(number), \(terms))")
      }
      for (terms, numbers) in [(["abc"], [1, 3]), (["bcd"], [1, 2]), (["abc", "cde"], [3]), (["cde", "abc"], [3]), (["abc", "abc"], [1, 3]), (["ab"], []), (["abcd"], []), (["abc", "zzz"], []), (["not"], [9]), (["and2", "or3"], [9]), ([], [])] as [([String], [Int64])] {
        #expect(try await found(terms, in: db) == numbers, "\(terms)")
      }
      #expect(try await db.integer("SELECT count(*) AS n FROM (SELECT rowid FROM note_terms WHERE \(index.matching(["abc"])) LIMIT 1) AS hit") == 1)
      for (terms, excluded, numbers) in [(["abc"], "xyz", [1]), (["abc"], "abc", []), (["abc"], "zzz", [1, 3]), (["bcd", "cde"], "abc", [2]), (["zzz"], "abc", []), ([], "abc", [])] as [([String], String, [Int64])] {
        let found = try await db.rows("SELECT rowid FROM note_terms WHERE \(index.matching(terms, without: excluded))").map { try $0.integer("rowid") }.sorted()
        #expect(found == numbers, "\(terms) without \(excluded)")
      }
    }
  }

  @Test("It is joined to documents by their numbers", arguments: Backend.available)
  func joining(_ backend: Backend) async throws {
    try await migrated(backend) { db async throws in
      try await db.change("INSERT INTO note VALUES ('a'), ('b')")
      try await db.write { tx in
        for number in 1...2000 { try tx.change("INSERT INTO note_terms (rowid, terms) VALUES (\(number), \(number % 500 == 0 ? "rare all" : "all"))", under: Allowed()) }
      }
      #expect(try await found(["rare", "all"], in: db) == [500, 1000, 1500, 2000])
      #expect(try await found(["all"], in: db).count == 2000)
      let texts = try await db.texts("SELECT n.id AS t FROM (SELECT rowid AS number FROM note_terms WHERE \(index.matching(["rare"]))) AS hit CROSS JOIN note n WHERE hit.number = 500 ORDER BY n.id")
      #expect(texts == ["a", "b"])
    }
  }

  @Test("What a unit of work that fails has entered isn't found", arguments: Backend.available)
  func rollback(_ backend: Backend) async throws {
    try await migrated(backend) { db async throws in
      try await db.change("INSERT INTO note_terms (rowid, terms) VALUES (1, 'abc')")
      let no = Problem.Code("test.no", .conflict, "No")
      await expectProblem(no) {
        try await db.write { tx in
          try tx.change("INSERT INTO note_terms (rowid, terms) VALUES (2, 'abc')", under: Allowed())
          throw Problem(no, "No.")
        }
      }
      #expect(try await found(["abc"], in: db) == [1])
    }
  }

  @Test("The two engines make a table of the same name, and the same schema beside it")
  func sameSchema() async throws {
    var snapshots: [SchemaSnapshot] = []
    for backend in Backend.available { try await migrated(backend) { db async throws in snapshots.append(try await SchemaSnapshot(of: db)) } }
    for snapshot in snapshots {
      #expect(snapshot.differences(from: snapshots[0]) == [])
      #expect(snapshot.termIndexes == ["note_terms"])
      #expect(Set(snapshot.tables.keys) == ["migration", "note"])
    }
  }
}
