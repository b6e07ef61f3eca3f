@testable import ControlPlane
import Kernel
@testable import Storage
import Testing

private let first = Migration(name: "0001-first", sql: "CREATE TABLE first (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL DEFAULT 'none; -- really', n BIGINT NOT NULL DEFAULT 0);\n-- a comment; with a semicolon\nCREATE INDEX first_name ON first (name);")
private let second = Migration(
  name: "0002-second",
  sql: """
    CREATE TABLE second (id TEXT PRIMARY KEY NOT NULL, first TEXT NOT NULL REFERENCES first (id) ON DELETE CASCADE, at BIGINT, kind TEXT CHECK (kind IN ('a', 'b')), UNIQUE (first, kind));
    CREATE UNIQUE INDEX second_open ON second (first) WHERE at IS NULL;
    ALTER TABLE first ADD COLUMN note TEXT;
    INSERT INTO first (id) VALUES ('one');
    """)

private func migrator(_ migrations: Migration...) -> Migrator { Migrator(migrations) { "digest of \($0)" } }

@Suite struct MigrationTests {
  @Test("Migrations run once, in the order of their names", arguments: Backend.available)
  func idempotent(_ backend: Backend) async throws {
    try await withDatabase(backend) { db async throws in
      #expect(try await migrator(first).migrate(db) == ["0001-first"])
      #expect(try await migrator(second, first).migrate(db) == ["0002-second"])
      #expect(try await migrator(first, second).migrate(db) == [])
      let row = try #require(try await db.rows("SELECT name, n, note FROM first").first)
      #expect(try row.text("name") == "none; -- really")
      #expect(try row.integer("n") == 0)
      #expect(row.isNull("note"))
    }
  }

  @Test("A migration that was changed after it ran is refused, and nothing else runs", arguments: Backend.available)
  func changed(_ backend: Backend) async throws {
    try await withDatabase(backend) { db async throws in
      try await migrator(first).migrate(db)
      let problem = await expectProblem(.schemaMismatch) { try await migrator(Migration(name: first.name, sql: first.sql + " "), second).migrate(db) }
      #expect(problem?.detail.contains("0001-first") == true)
      await expectProblem(.defect) { try await db.rows("SELECT id FROM second") }
    }
  }

  @Test("A database that a newer version migrated is refused", arguments: Backend.available)
  func newer(_ backend: Backend) async throws {
    try await withDatabase(backend) { db async throws in
      try await migrator(first, second).migrate(db)
      let problem = await expectProblem(.schemaMismatch) { try await migrator(first).migrate(db) }
      #expect(problem?.detail.contains("0002-second") == true)
    }
  }

  @Test("A migration that fails leaves the schema as it was", arguments: Backend.available)
  func failing(_ backend: Backend) async throws {
    try await withDatabase(backend) { db async throws in
      let broken = Migration(name: "0003-broken", sql: "CREATE TABLE third (id TEXT); CREATE TABLE first (id TEXT)")
      await expectProblem(.defect) { try await migrator(first, second, broken).migrate(db) }
      #expect(try await migrator(first, second).migrate(db) == ["0001-first", "0002-second"])
    }
  }

  @Test("Several programs that migrate at once don't collide: one does it", arguments: Backend.shareable)
  func atOnce(_ backend: Backend) async throws {
    try await withPlace(backend) { place in
      let done = try await withThrowingTaskGroup(of: [String].self) { group in
        for _ in 1...6 {
          group.addTask {
            let db = try place.open()
            let names = try await migrator(first, second).migrate(db)
            try await place.close(db)
            return names
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(done == ["0001-first", "0002-second"])
    }
  }

  @Test("The migrated schemas are the same in all databases")
  func sameSchema() async throws {
    var snapshots: [SchemaSnapshot] = []
    for backend in Backend.available {
      try await withDatabase(backend) { db async throws in
        try await migrator(first, second).migrate(db)
        snapshots.append(try await SchemaSnapshot(of: db))
      }
    }
    // The one that is released where it costs too much (0032-journal-reference).
    let reference = "ledger_entry, in one alone: ForeignKey(columns: [\"book\"], table: \"ledger\""
    for snapshot in snapshots.dropFirst() { #expect(snapshot.differences(from: snapshots[0]).filter { !$0.hasPrefix(reference) } == []) }
    let table = try #require(snapshots.last?.tables["second"])
    #expect(table.columns["at"] == .init(type: "BIGINT", isNullable: true, standard: nil))
    #expect(table.primaryKey == ["id"])
    #expect(table.foreignKeys == [.init(columns: ["first"], table: "first", references: ["id"], onDelete: "CASCADE")])
    #expect(table.indexes.contains(.init(columns: ["first"], isUnique: true, isPartial: true)))
    #expect(table.indexes.contains(.init(columns: ["first", "kind"], isUnique: true, isPartial: false)))
    #expect(table.checks == 1)
  }

  @Test("The product's own migrations make the same schema in all databases")
  func productSchema() async throws {
    var snapshots: [SchemaSnapshot] = []
    for backend in Backend.available {
      try await withDatabase(backend) { db async throws in
        _ = try await Migrations.migrator.migrate(db)
        snapshots.append(try await SchemaSnapshot(of: db))
      }
    }
    // The one that is released where it costs too much (0032-journal-reference).
    let reference = "ledger_entry, in one alone: ForeignKey(columns: [\"book\"], table: \"ledger\""
    for snapshot in snapshots.dropFirst() { #expect(snapshot.differences(from: snapshots[0]).filter { !$0.hasPrefix(reference) } == []) }
    #expect(snapshots[0].tables.count > 20 && snapshots[0].tables["organization"]?.checks ?? 0 > 0)
  }

  @Test("A schema that differs in anything is told apart")
  func otherSchema() async throws {
    let schemas = [
      "CREATE TABLE a (x TEXT NOT NULL, y BIGINT)", "CREATE TABLE b (x TEXT NOT NULL, y BIGINT)", "CREATE TABLE a (x TEXT, y BIGINT)", "CREATE TABLE a (x BIGINT NOT NULL, y BIGINT)",
      "CREATE TABLE a (x TEXT NOT NULL UNIQUE, y BIGINT)", "CREATE TABLE a (x TEXT NOT NULL PRIMARY KEY, y BIGINT)", "CREATE TABLE a (x TEXT NOT NULL, y BIGINT CHECK (y > 0))",
      "CREATE TABLE a (x TEXT NOT NULL, y BIGINT, z TEXT)", "CREATE TABLE a (x TEXT NOT NULL DEFAULT 'q', y BIGINT)",
    ]
    var snapshots: [SchemaSnapshot] = []
    for schema in schemas { try await withDatabase(.memory, schema, tightness: Tightness()) { snapshots.append(try await SchemaSnapshot(of: $0)) } }
    for (place, one) in snapshots.enumerated() {
      for other in snapshots.dropFirst(place + 1) { #expect(one.differences(from: other) != []) }
      #expect(one.differences(from: one) == [])
    }
  }

  @Test("A list of values that a column may have is compared one by one, and holds as before", arguments: Backend.available)
  func lists(_ backend: Backend) async throws {
    let listed = Migration(
      name: "0001-lists",
      sql: """
        CREATE TABLE thing (id TEXT PRIMARY KEY NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('a', 'b', 'a c')), flag BIGINT CHECK (flag IN (0, 1)), size BIGINT CHECK (size > 0),
          CHECK ((kind IN ('a', 'b')) = (flag IS NOT NULL)));
        """)
    let compared = "CHECK (kind = 'a' OR kind = 'b' OR kind = 'a c'), flag BIGINT CHECK (flag = 0 OR flag = 1), size BIGINT CHECK (size > 0)"
    #expect(listed.statements(for: .sqlite).joined().contains(compared))
    try await withDatabase(backend) { db async throws in
      try await migrator(listed).migrate(db)
      for good in ["'1', 'a', 1, 1", "'2', 'b', 0, NULL", "'3', 'a c', NULL, 2"] { try await db.change(Statement(migration: "INSERT INTO thing VALUES (\(good))")) }
      for bad in ["'4', 'c', NULL, 1", "'4', 'A', 1, 1", "'4', 'a', 2, 1", "'4', 'a', 1, 0", "'4', 'a', NULL, 1", "'4', 'a c', 1, 1"] {
        await expectProblem(.constraint) { try await db.change(Statement(migration: "INSERT INTO thing VALUES (\(bad))")) }
      }
    }
  }

  @Test("A reference that is released isn't asked for where that costs a query a row", arguments: Backend.available)
  func releasedReferences(_ backend: Backend) async throws {
    let made = Migration(
      name: "0001-a",
      sql: "CREATE TABLE book (id BIGINT PRIMARY KEY NOT NULL); CREATE TABLE entry (book BIGINT NOT NULL REFERENCES book (id) ON DELETE CASCADE);")
    let released = Migration(name: "0002-b", sql: "RELEASE REFERENCE entry (book);")
    #expect(released.statements(for: .postgres) == ["ALTER TABLE entry DROP CONSTRAINT entry_book_fkey"])
    #expect(released.statements(for: .sqlite) == [])
    try await withDatabase(backend) { db async throws in
      try await migrator(made).migrate(db)
      await expectProblem(.constraint) { try await db.change("INSERT INTO entry VALUES (7)") }
      try await migrator(made, released).migrate(db)
      try await db.change("INSERT INTO book VALUES (8)")
      try await db.change("INSERT INTO entry VALUES (8)")
    }
  }

  @Test(
    "Statements are split at semicolons outside of quotes and comments",
    arguments: [
      ("", []), (" \n-- nothing\n", []), ("A; B", ["A", " B"]), ("A;;B;", ["A", "B"]), ("A ';' B; C", ["A ';' B", " C"]), ("A 'it''s;' ; B", ["A 'it''s;' ", " B"]),
      ("A -- x; y\n; B", ["A \n", " B"]), ("A -- x\r\n, B", ["A \n, B"]), ("A '--' ; B", ["A '--' ", " B"]), ("A \"x;y\"; B", ["A \"x;y\"", " B"]), ("A - -1; B", ["A - -1", " B"]),
      ("A 'é;ü'", ["A 'é;ü'"]),
    ] as [(String, [String])])
  func splitting(_ sql: String, _ statements: [String]) { #expect(Migration(name: "m", sql: sql).statements == statements) }
}
