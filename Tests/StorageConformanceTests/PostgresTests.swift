import Foundation
import Kernel
import Storage
import StoragePostgres
import TestSupport
import Testing

private let moments: @Sendable () -> Moment = { Moment(now: Timestamp(milliseconds: 1), draw: { 1 }) }
private let notes = "CREATE TABLE note (id BIGINT PRIMARY KEY NOT NULL, text TEXT)"

/// What PostgreSQL does beyond the port's promises.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct PostgresTests {
  private func withPostgres(_ change: (inout PostgresDatabase.Options) -> Void = { _ in }, body: (PostgresDatabase, String) async throws -> Void) async throws {
    let address = try await PostgresServer.freshDatabase()
    var options = PostgresDatabase.Options()
    (options.patience, options.connectTimeout, options.lockTimeout) = (.seconds(60), .seconds(60), .seconds(60))
    change(&options)
    let db = try PostgresDatabase(address: address, options: options, moments: moments)
    try await db.make([notes])
    try await body(db, address)
    await db.close()
  }

  private func query(_ sql: String, at address: String) async throws -> String {
    try await PostgresServer.sharedServer().ask(sql, in: String(address.split(separator: "/").last ?? ""))
  }

  @Test("A connection lost before the commit: the body runs again, and what it does happens once")
  func lostBeforeCommit() async throws {
    try await withPostgres { db, address async throws in
      let runs = Counter()
      let pid = try await db.write { tx in
        try tx.change("INSERT INTO note (id) VALUES (\(Int64(runs.next())))", under: Allowed())
        let pid = try tx.row("SELECT pg_backend_pid() AS n")?.integer("n") ?? 0
        if runs.value == 1 { _ = try? PostgresServer.shared.get().query("SELECT pg_terminate_backend(\(pid))") }
        return try tx.row("SELECT pg_backend_pid() AS n")?.integer("n") ?? 0
      }
      #expect(runs.value == 2)
      #expect(pid > 0)
      #expect(try await db.rows("SELECT id FROM note").map { try $0.integer("id") } == [2])
    }
  }

  @Test("A connection lost on the commit: nobody knows, and the caller is told so")
  func lostOnCommit() async throws {
    try await withPostgres { db, _ async throws in
      let runs = Counter()
      let problem = await expectProblem(.unavailable) {
        try await db.write { tx in
          runs.next()
          try tx.change("INSERT INTO note (id) VALUES (1)", under: Allowed())
          let pid = try tx.row("SELECT pg_backend_pid() AS n")?.integer("n") ?? 0
          _ = try PostgresServer.shared.get().query("SELECT pg_terminate_backend(\(pid))")
        }
      }
      #expect(runs.value == 1, "it isn't run again")
      #expect(problem?.detail.contains("may be stored or not") == true)
      #expect(try await db.integer("SELECT count(*) AS n FROM note") == 0)
    }
  }

  @Test("All idle connections lost at once: nobody notices")
  func lostIdle() async throws {
    try await withPostgres { db, address async throws in
      for _ in 1...3 {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for _ in 1...16 { group.addTask { _ = try await db.integer("SELECT 1 AS n") } }
          try await group.waitForAll()
        }
        _ = try await query("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()", at: address)
      }
      #expect(try await db.change("INSERT INTO note (id) VALUES (1)") == 1)
    }
  }

  @Test("A statement, a lock and a body that take too long are refused as unavailable")
  func timeouts() async throws {
    let tight = { (options: inout PostgresDatabase.Options) in
      (options.statementTimeout, options.lockTimeout, options.idleTimeout) = (.milliseconds(600), .milliseconds(150), .milliseconds(250))
    }
    try await withPostgres(tight) { db, address async throws in
      await expectProblem(.unavailable) { try await db.rows("SELECT pg_sleep(20) AS t") }

      try await db.change("INSERT INTO note (id) VALUES (1)")
      let other = try PostgresDatabase(address: address, moments: moments)
      let gate = Gate()
      let holder = Task {
        try await other.write { tx in
          try tx.change("UPDATE note SET text = 'held'", under: Allowed())
          gate.pass()
        }
      }
      await gate.waitForEntry()
      await expectProblem(.unavailable) { try await db.change("UPDATE note SET text = 'mine'") }
      gate.open()
      try await holder.value
      await other.close()

      let runs = Counter()
      await expectProblem(.unavailable) {
        try await db.write { tx in
          runs.next()
          usleep(500_000)
          try tx.change("UPDATE note SET text = 'late'", under: Allowed())
        }
      }
      #expect(runs.value == 3)
      #expect(try await db.texts("SELECT text AS t FROM note") == ["held"])
    }
  }

  @Test("A statement whose table changed under it is prepared anew")
  func stalePlan() async throws {
    try await withPostgres({ $0.connections = 1 }) { db, address async throws in
      try await db.change("INSERT INTO note (id, text) VALUES (1, 'a')")
      #expect(try await db.rows("SELECT * FROM note")[0]["extra"] == nil)
      _ = try await query("ALTER TABLE note ADD COLUMN extra BIGINT DEFAULT 7", at: address)
      #expect(try await db.rows("SELECT * FROM note")[0].integer("extra") == 7)
      try await db.change("DEALLOCATE ALL")
      #expect(try await db.rows("SELECT * FROM note").count == 1)
    }
  }

  @Test("Commits are durable even where the database says otherwise, and text columns sort by bytes")
  func settings() async throws {
    try await withPostgres { db, address async throws in
      _ = try await query("ALTER DATABASE \(address.split(separator: "/").last ?? "") SET synchronous_commit = off", at: address)
      let fresh = try PostgresDatabase(address: address, moments: moments)
      #expect(try await fresh.texts("SELECT current_setting('synchronous_commit') AS t") == ["on"])
      #expect(try await fresh.texts("SELECT current_setting('transaction_isolation') AS t") == ["serializable"])
      #expect(try await fresh.texts("SELECT l.collname AS t FROM pg_attribute a JOIN pg_collation l ON l.oid = a.attcollation WHERE a.attrelid = 'note'::regclass AND a.attname = 'text'") == ["C"])
      await fresh.close()
    }
  }

  @Test("A change of the schema leaves its lock behind in no case, and waits for others in bounded time")
  func schemaLock() async throws {
    try await withPostgres({ $0.schemaPatience = .milliseconds(200) }) { db, address async throws in
      let locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
      await expectProblem(.defect) { try await db.make(["CREATE TABLE broken ("]) }
      #expect(try await query(locks, at: address) == "0\n")
      try await db.make(["CREATE TABLE whole (id BIGINT)"])
      #expect(try await query(locks, at: address) == "0\n")
      let gate = Gate()
      let holder = Task { try await db.changeSchema { _ in gate.pass() } }
      await gate.waitForEntry()
      await expectProblem(.unavailable) { try await db.make(["CREATE TABLE late (id BIGINT)"]) }
      #expect(try await db.change("INSERT INTO note (id) VALUES (1)") == 1, "other work goes on")
      gate.open()
      try await holder.value
      try await db.make(["CREATE TABLE late (id BIGINT)"])
    }
  }

  @Test(
    "An address that can't be read is refused, without repeating it",
    arguments: ["", "store.db", "mysql://u:secret@h/d", "postgres://u:secret@h:port/d", "postgres://u:secret@[h/d", "postgres://u:secret@h/d?nonsense=1", "postgres://u:%zz@h/d", "host=127.0.0.1"])
  func addresses(_ address: String) async throws {
    let problem = await expectProblem(.unusable) { try PostgresDatabase(address: address, moments: moments) }
    #expect(problem.map { "\($0) \(String(describing: $0.cause))".contains("secret") } == false)
  }

  @Test("A server that isn't there, a missing database and a stranger are unavailable at once, and the cause says which")
  func unreachable() async throws {
    let server = try await PostgresServer.sharedServer()
    let cases = [
      ("postgres://127.0.0.1:1/none", "refused"), (server.address(of: "none"), "does not exist"), ("postgres://stranger:secret@127.0.0.1:\(server.port)/postgres", "stranger"),
      ("postgres://postgres@no.such.host.invalid/none", "host name"),
    ]
    for (address, words) in cases {
      let db = try PostgresDatabase(address: address, moments: moments)
      let start = ContinuousClock.now
      let problem = await expectProblem(.unavailable) { try await db.integer("SELECT 1 AS n") }
      #expect(ContinuousClock.now - start < .seconds(20))
      let cause = String(describing: problem?.cause)
      #expect(cause.contains(words), "\(cause)")
      #expect(!cause.contains("secret"))
      await db.close()
    }
  }

  @Test("A database that isn't in UTF-8 is refused with what to do")
  func encoding() async throws {
    let server = try await PostgresServer.sharedServer()
    _ = try await server.ask("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'")
    let db = try PostgresDatabase(address: server.address(of: "ascii"), moments: moments)
    let problem = await expectProblem(.unusable) { try await db.integer("SELECT 1 AS n") }
    #expect(problem?.detail.contains("UTF-8") == true)
    await db.close()
  }

  @Test("Killed in the middle of writing, the server comes back with everything that was answered, whole, and is found again")
  func killed() async throws {
    let server = try await PostgresServer.start(flushes: true)
    defer { server.stop() }
    let db = try PostgresDatabase(address: try await server.makeDatabase(), moments: moments)
    try await db.make([notes])
    let writers = (0..<4).map { writer in
      Task {
        var answered: [Int64] = []
        for number in 0..<100_000 {
          let id = Int64(writer * 1_000_000 + number * 2)
          do {
            try await db.write { tx in
              try tx.change("INSERT INTO note (id) VALUES (\(id))", under: Allowed())
              try tx.change("INSERT INTO note (id) VALUES (\(id + 1))", under: Allowed())
            }
            answered.append(id)
          } catch let problem as Problem {
            #expect(problem.kind == .unavailable, "\(problem)")
            break
          }
        }
        return answered
      }
    }
    try await Task.sleep(for: .milliseconds(500))
    try await server.kill()
    var answered: [Int64] = []
    for writer in writers { answered += try await writer.value }
    let start = ContinuousClock.now
    await expectProblem(.unavailable) { try await db.integer("SELECT 1 AS n") }
    #expect(ContinuousClock.now - start < .seconds(5))
    try await server.restart()
    let stored = try await db.rows("SELECT id FROM note").map { try $0.integer("id") }
    let ids = Set(stored)
    #expect(!answered.isEmpty)
    #expect(answered.filter { !ids.contains($0) } == [], "an answered write is lost")
    #expect(ids.filter { !ids.contains($0 % 2 == 0 ? $0 + 1 : $0 - 1) } == [], "half a write is stored")
    #expect(try await db.change("INSERT INTO note (id) VALUES (-1)") == 1)
    await db.close()
  }

  @Test("A server that stands still is unavailable in bounded time, and is found again")
  func frozen() async throws {
    let server = try await PostgresServer.start(flushes: false)
    defer { server.stop() }
    var options = PostgresDatabase.Options()
    (options.connections, options.patience, options.statementTimeout, options.connectTimeout) = (2, .seconds(1), .milliseconds(500), .seconds(2))
    let db = try PostgresDatabase(address: try await server.makeDatabase(), options: options, moments: moments)
    try await db.make([notes])
    server.freeze()
    try await Task.sleep(for: .milliseconds(200))
    let start = ContinuousClock.now
    await withTaskGroup(of: Void.self) { group in
      for _ in 1...8 { group.addTask { await expectProblem(.unavailable) { try await db.change("INSERT INTO note (id) VALUES (1)") } } }
    }
    #expect(ContinuousClock.now - start < .seconds(30))
    server.thaw()
    #expect(try await db.change("INSERT INTO note (id) VALUES (2)") == 1)
    #expect(try await db.rows("SELECT id FROM note").count == 1)
    await db.close()
  }
}
