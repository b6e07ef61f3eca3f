import Kernel
import Storage
import Testing

private let house = "CREATE TABLE house (id TEXT PRIMARY KEY NOT NULL, street TEXT NOT NULL, number BIGINT NOT NULL CHECK (number > 0), is_current BIGINT NOT NULL, UNIQUE (street, number))"
private let current = "CREATE UNIQUE INDEX house_current ON house (street) WHERE is_current = 1"
private let tenant = "CREATE TABLE tenant (id TEXT PRIMARY KEY NOT NULL, house TEXT NOT NULL REFERENCES house (id) ON DELETE CASCADE, landlord TEXT REFERENCES house (id))"

@Suite struct QueryTests {
  @Test(
    "Each kind of constraint refuses, and leaves nothing", arguments: Backend.available,
    [
      "INSERT INTO house VALUES ('h1', 'Other', 9, 0)",
      "INSERT INTO house VALUES ('h9', 'Main', 1, 0)",
      "INSERT INTO house VALUES ('h9', 'Other', 0, 0)",
      "INSERT INTO house VALUES ('h9', NULL, 9, 0)",
      "INSERT INTO house VALUES ('h9', 'Main', 9, 1)",
      "INSERT INTO tenant VALUES ('t9', 'nowhere', NULL)",
      "UPDATE tenant SET house = 'nowhere'",
      "UPDATE house SET number = 1",
      "DELETE FROM house WHERE id = 'h2'",
    ] as [String])
  func constraints(_ backend: Backend, _ sql: String) async throws {
    let rows = "INSERT INTO house VALUES ('h1', 'Main', 1, 1), ('h2', 'Main', 2, 0)"
    try await withDatabase(backend, house, current, tenant, rows, "INSERT INTO tenant VALUES ('t1', 'h1', 'h2')") { db async throws in
      let state: Statement = "SELECT id || street || number || is_current AS t FROM house UNION ALL SELECT id || house AS t FROM tenant ORDER BY t"
      let before = try await db.texts(state)
      await expectProblem(.constraint) {
        try await db.write { tx in
          try tx.change("INSERT INTO house VALUES ('h3', 'Elm', 3, 0)", under: Allowed())
          try tx.change(Statement(migration: sql), under: Allowed())
        }
      }
      #expect(try await db.texts(state) == before)
    }
  }

  @Test("Deleting a parent deletes its children, and only counts itself", arguments: Backend.available)
  func cascade(_ backend: Backend) async throws {
    try await withDatabase(backend, house, tenant, "INSERT INTO house VALUES ('h1', 'Main', 1, 1)", "INSERT INTO tenant VALUES ('t1', 'h1', NULL), ('t2', 'h1', NULL)") { db async throws in
      #expect(try await db.change("DELETE FROM house WHERE id = 'h1'") == 1)
      #expect(try await db.integer("SELECT count(*) AS n FROM tenant") == 0)
    }
  }

  @Test("A change answers how many rows it touched", arguments: Backend.available)
  func counts(_ backend: Backend) async throws {
    try await withDatabase(backend, house) { db async throws in
      #expect(try await db.change("INSERT INTO house VALUES ('a', 'Main', 1, 0), ('b', 'Main', 2, 0)") == 2)
      #expect(try await db.change("INSERT INTO house VALUES ('a', 'Main', 1, 0) ON CONFLICT DO NOTHING") == 0)
      #expect(try await db.change("UPDATE house SET is_current = 0") == 2)
      #expect(try await db.change("UPDATE house SET is_current = 1 WHERE id = 'zzz'") == 0)
      #expect(try await db.change("DELETE FROM house") == 2)
    }
  }

  @Test("ON CONFLICT … DO UPDATE stores one row, once new and then renewed", arguments: Backend.available)
  func upsert(_ backend: Backend) async throws {
    try await withDatabase(backend, house, current) { db async throws in
      for number in 1...3 {
        let touched = try await db.change(
          """
          INSERT INTO house (id, street, number, is_current) VALUES (\("h\(number)"), 'Main', \(number), 1)
          ON CONFLICT (street) WHERE is_current = 1 DO UPDATE SET number = house.number + excluded.number
          """)
        #expect(touched == 1)
      }
      let row = try #require(try await db.rows("SELECT id, number FROM house").first)
      #expect(try row.text("id") == "h1")
      #expect(try row.integer("number") == 6)
      #expect(
        try await db.change("INSERT INTO house VALUES ('h1', 'Main', 9, 0) ON CONFLICT (id) DO UPDATE SET number = excluded.number WHERE house.number > \(100)") == 0,
        "a condition that doesn't hold touches nothing")
    }
  }

  @Test("RETURNING answers the rows of an INSERT, UPDATE and DELETE", arguments: Backend.available)
  func returning(_ backend: Backend) async throws {
    try await withDatabase(backend, house) { db async throws in
      let inserted = try await db.write { tx in
        try tx.rows("INSERT INTO house VALUES ('a', 'Main', 1, 0), ('b', 'Main', 2, 0) RETURNING id, number + 1 AS following", under: Allowed()).map { try $0.integer("following") }
      }
      #expect(inserted.sorted() == [2, 3])
      let updated = try await db.write { tx in try tx.row("UPDATE house SET number = number + 10 WHERE id = \("a") RETURNING number", under: Allowed())?.integer("number") }
      #expect(updated == 11)
      let none = try await db.write { tx in try tx.row("UPDATE house SET number = 5 WHERE id = 'zzz' RETURNING number", under: Allowed()) == nil }
      #expect(none)
      let deleted = try await db.write { tx in try tx.rows("DELETE FROM house RETURNING id", under: Allowed()).count }
      #expect(deleted == 2)
      #expect(try await db.integer("SELECT count(*) AS n FROM house") == 0)
    }
  }

  @Test("Common table expressions, recursive too", arguments: Backend.available)
  func expressions(_ backend: Backend) async throws {
    try await withDatabase(backend, house, "INSERT INTO house VALUES ('a', 'Main', 1, 0), ('b', 'Main', 2, 1)") { db async throws in
      #expect(try await db.integer("WITH RECURSIVE step (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step WHERE n < \(10)) SELECT sum(n) AS n FROM step") == 55)
      #expect(try await db.integer("WITH open AS (SELECT * FROM house WHERE is_current = 0) SELECT count(*) AS n FROM open JOIN house ON house.street = open.street") == 2)
      #expect(try await db.change("WITH chosen AS (SELECT id FROM house WHERE number = \(2)) DELETE FROM house WHERE id IN (SELECT id FROM chosen)") == 1)
    }
  }

  @Test("Pages by row value visit each row once, in order", arguments: Backend.available, [false, true])
  func pages(_ backend: Backend, _ isDescending: Bool) async throws {
    try await withDatabase(backend, house) { db async throws in
      try await db.write { tx in
        for number in 1...100 { try tx.change("INSERT INTO house VALUES (\("h\(number)"), \(["Elm", "elm", "Ölm"][number % 3]), \(number), 0)", under: Allowed()) }
      }
      var visited: [String] = []
      var last: (String, String)?
      while true {
        let after: Statement = last.map { isDescending ? "WHERE (street, id) < (\($0.0), \($0.1))" : "WHERE (street, id) > (\($0.0), \($0.1))" } ?? .none
        let order: Statement = isDescending ? "street DESC, id DESC" : "street, id"
        let page = try await db.rows("SELECT street, id FROM house \(after) ORDER BY \(order) LIMIT \(7)")
        guard let end = page.last else { break }
        visited += try page.map { try $0.text("street") + " " + $0.text("id") }
        last = (try end.text("street"), try end.text("id"))
      }
      #expect(visited.count == 100)
      #expect(visited == visited.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) != isDescending })
    }
  }

  @Test("A query whose rows are one too many for `row` is a defect", arguments: Backend.available)
  func onlyRow(_ backend: Backend) async throws {
    try await withDatabase(backend, house, "INSERT INTO house VALUES ('a', 'Main', 1, 0), ('b', 'Main', 2, 0)") { db async throws in
      await expectProblem(.defect) { try await db.read { _ = try $0.row("SELECT id FROM house") } }
      let (one, none) = try await db.read { tx in (try tx.row("SELECT id FROM house WHERE id = 'b'"), try tx.row("SELECT id FROM house WHERE id = 'c'")) }
      #expect(try one?.text("id") == "b")
      #expect(none == nil)
    }
  }

  @Test("An answer of 100,000 rows is whole", arguments: Backend.available)
  func largeAnswer(_ backend: Backend) async throws {
    try await withDatabase(backend) { db async throws in
      let rows = try await db.rows("WITH RECURSIVE step (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM step WHERE n < 100000) SELECT n, 'row ' || n AS t FROM step")
      #expect(rows.count == 100_000)
      #expect(try rows.last?.text("t") == "row 100000")
    }
  }
}
