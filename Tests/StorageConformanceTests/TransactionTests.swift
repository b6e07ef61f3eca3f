import Kernel
import Storage
import Synchronization
import Testing

private let notes = "CREATE TABLE note (id BIGINT PRIMARY KEY NOT NULL, text TEXT)"

@Suite struct TransactionTests {
  @Test("A body that throws leaves nothing, and its problem reaches the caller", arguments: Backend.available)
  func throwing(_ backend: Backend) async throws {
    try await withDatabase(backend, notes) { db async throws in
      let taken = Problem.Code("note.taken", .conflict, "Taken")
      await expectProblem(taken) {
        try await db.write { tx in
          try tx.change("INSERT INTO note (id, text) VALUES (1, 'a'), (2, 'b')", under: Allowed())
          throw Problem(taken, "Taken already.")
        }
      }
      #expect(try await db.integer("SELECT count(*) AS n FROM note") == 0)
    }
  }

  @Test("An error that isn't a problem becomes a defect that keeps it as its cause", arguments: Backend.available)
  func foreignError(_ backend: Backend) async throws {
    struct Surprise: Error {}
    try await withDatabase(backend) { db async throws in
      let problem = await expectProblem(.defect) { try await db.write { _ in throw Surprise() } }
      #expect(problem?.cause is Surprise)
      let read = await expectProblem(.defect) { try await db.read { _ in throw Surprise() } }
      #expect(read?.cause is Surprise)
    }
  }

  @Test("A body sees what it wrote, others see it after the commit", arguments: Backend.available)
  func ownWrites(_ backend: Backend) async throws {
    try await withDatabase(backend, notes) { db async throws in
      let seen = try await db.write { tx in
        try tx.change("INSERT INTO note (id, text) VALUES (1, 'a')", under: Allowed())
        return try tx.count("SELECT count(*) AS n FROM note")
      }
      #expect(seen == 1)
      #expect(try await db.integer("SELECT count(*) AS n FROM note") == 1)
    }
  }

  @Test("A failed statement ends its transaction even if the body goes on", arguments: Backend.available)
  func failedStatementEnds(_ backend: Backend) async throws {
    try await withDatabase(backend, notes) { db async throws in
      try await db.change("INSERT INTO note (id, text) VALUES (1, 'a')")
      await expectProblem(.constraint) {
        try await db.write { tx in
          try tx.change("INSERT INTO note (id, text) VALUES (2, 'b')", under: Allowed())
          _ = try? tx.change("INSERT INTO note (id, text) VALUES (1, 'again')", under: Allowed())
        }
      }
      await expectProblem(.constraint) {
        try await db.write { tx in
          _ = try? tx.change("INSERT INTO note (id, text) VALUES (1, 'again')", under: Allowed())
          return try tx.rows("SELECT id FROM note").count
        }
      }
      #expect(try await db.integer("SELECT count(*) AS n FROM note") == 1)
    }
  }

  @Test("A body may turn a violated constraint into a problem of its own", arguments: Backend.available)
  func translatedConstraint(_ backend: Backend) async throws {
    let taken = Problem.Code("note.taken", .conflict, "Taken")
    try await withDatabase(backend, notes) { db async throws in
      try await db.change("INSERT INTO note (id, text) VALUES (1, 'a')")
      await expectProblem(taken) {
        try await db.write { tx in
          do { try tx.change("INSERT INTO note (id, text) VALUES (1, 'b')", under: Allowed()) } catch let problem as Problem where problem.code == .constraint {
            throw Problem(taken, "Taken.", cause: problem)
          }
        }
      }
      #expect(try await db.texts("SELECT text AS t FROM note") == ["a"])
    }
  }

  @Test(
    "What only reads can't write", arguments: Backend.available,
    ["INSERT INTO note (id) VALUES (1)", "UPDATE note SET text = 'x'", "DELETE FROM note", "CREATE TABLE other (id BIGINT)", "DROP TABLE note"] as [String])
  func readOnly(_ backend: Backend, _ sql: String) async throws {
    try await withDatabase(backend, notes, "INSERT INTO note (id, text) VALUES (7, 'kept')") { db async throws in
      await expectProblem(.defect) { try await db.read { try $0.change(Statement(migration: sql), under: Allowed()) } }
      await expectProblem(.defect) { try await db.read { try $0.rows(Statement(migration: sql)).count } }
      await expectProblem(.defect) { try await db.read { try $0.rows(Statement(migration: sql), under: Allowed()).count } }
      await expectProblem(.defect, "a query without proof, in a transaction that writes") { try await db.write { try $0.rows(Statement(migration: sql)).count } }
      await expectProblem(.defect, "and one whose body looks away") { try await db.write { _ = try? $0.rows(Statement(migration: sql)) } }
      #expect(try await db.texts("SELECT text AS t FROM note") == ["kept"])
    }
  }

  @Test("A statement that can't be read is a defect that doesn't show its text", arguments: Backend.available, ["SELEC 1", "SELECT missing FROM note", "SELECT 1 FROM nowhere", "", "SELECT 1; SELECT 2"])
  func nonsense(_ backend: Backend, _ sql: String) async throws {
    try await withDatabase(backend, notes) { db async throws in
      let problem = await expectProblem(.defect) { try await db.read { try $0.rows(Statement(migration: sql)).count } }
      #expect(problem.map { !"\($0)".contains("SELEC") } == true)
      #expect(try await db.integer("SELECT 5 AS n") == 5, "the connection serves on")
    }
  }

  @Test("Each run of a body has a moment of its own, the same throughout", arguments: Backend.available)
  func moments(_ backend: Backend) async throws {
    try await withDatabase(backend) { db async throws in
      let first = try await db.write { ($0.now, $0.now) }
      let second = try await db.read { $0.now }
      #expect(first.0 == first.1)
      #expect(second > first.0)
    }
  }

  @Test("A closed database refuses, and finishes first what it took", arguments: Backend.available)
  func closing(_ backend: Backend) async throws {
    try await withPlace(backend) { place in
      let db = try place.open()
      try await db.make([notes])
      let writes = (1...50).map { id in Task { try await db.change("INSERT INTO note (id) VALUES (\(id))") } }
      try await Task.sleep(for: .milliseconds(20))
      try await place.close(db)
      var stored: Int64 = 0
      for write in writes { if case .success = await write.result { stored += 1 } }
      try await place.close(db)
      await expectProblem(.unavailable) { try await db.read { _ in 1 } }
      await expectProblem(.unavailable) { try await db.write { _ in 1 } }
      guard backend != .memory else { return }
      let again = try place.open()
      #expect(try await again.integer("SELECT count(*) AS n FROM note") == stored)
      try await place.close(again)
    }
  }
}
