import Foundation
import Kernel
import Storage
import Testing

@Suite struct IsolationTests {
  @Test("Two doctors can't both go off call (write skew)", arguments: Backend.available)
  func writeSkew(_ backend: Backend) async throws {
    try await withDatabase(backend, "CREATE TABLE doctor (name TEXT PRIMARY KEY NOT NULL, on_call BIGINT NOT NULL)", "INSERT INTO doctor VALUES ('Ada', 1), ('Bob', 1)") { db async throws in
      let alone = Problem.Code("doctor.alone", .conflict, "Nobody else is on call")
      let leave: @Sendable (String) async throws -> Void = { name in
        try await db.write { tx in
          guard try tx.count("SELECT count(*) AS n FROM doctor WHERE on_call = 1") > 1 else { throw Problem(alone, "Nobody else is on call.") }
          usleep(20_000)
          try tx.change("UPDATE doctor SET on_call = 0 WHERE name = \(name)", under: Allowed())
        }
      }
      for _ in 1...10 {
        try await db.change("UPDATE doctor SET on_call = 1")
        let refused = await withTaskGroup(of: Problem.Code?.self) { group in
          for name in ["Ada", "Bob"] {
            group.addTask {
              do {
                try await leave(name)
                return nil
              } catch { return (error as? Problem)?.code }
            }
          }
          return await group.reduce(into: []) { $0.append($1) }.compactMap(\.self)
        }
        #expect(refused == [alone], "exactly one may go")
        #expect(try await db.integer("SELECT count(*) AS n FROM doctor WHERE on_call = 1") == 1)
      }
    }
  }

  @Test("64 increments at once lose nothing, and a body that runs again sees the fresh state", arguments: Backend.available)
  func increments(_ backend: Backend) async throws {
    try await withDatabase(backend, "CREATE TABLE tally (n BIGINT NOT NULL)", "INSERT INTO tally VALUES (0)") { db async throws in
      let seen = try await withThrowingTaskGroup(of: Int64.self) { group in
        for _ in 1...64 {
          group.addTask {
            try await db.write { tx in
              let n = try tx.row("SELECT n FROM tally")?.integer("n") ?? -1
              try tx.change("UPDATE tally SET n = \(n + 1)", under: Allowed())
              return n
            }
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(seen.sorted() == Array(0..<64))
      #expect(try await db.integer("SELECT n FROM tally") == 64)
    }
  }

  @Test("A body that finds nothing and then inserts never meets a constraint, however many do it at once", arguments: Backend.available)
  func findOrInsert(_ backend: Backend) async throws {
    try await withDatabase(backend, "CREATE TABLE name (key TEXT PRIMARY KEY NOT NULL, owner BIGINT NOT NULL)") { db async throws in
      for round in 1...5 {
        let owners = try await withThrowingTaskGroup(of: Int64.self) { group in
          for owner in 1...16 {
            group.addTask {
              try await db.write { tx in
                if let row = try tx.row("SELECT owner FROM name WHERE key = \("k\(round)")") { return try row.integer("owner") }
                try tx.change("INSERT INTO name (key, owner) VALUES (\("k\(round)"), \(owner))", under: Allowed())
                return Int64(owner)
              }
            }
          }
          return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
        }
        #expect(owners.count == 1)
      }
    }
  }

  @Test("What reads stays on one state while others write", arguments: Backend.available)
  func snapshot(_ backend: Backend) async throws {
    try await withDatabase(backend, "CREATE TABLE tally (n BIGINT NOT NULL)", "INSERT INTO tally VALUES (0)") { db async throws in
      let writer = Task {
        for _ in 1...100 { try await db.change("UPDATE tally SET n = n + 1") }
      }
      for _ in 1...20 {
        let (first, second) = try await db.read { tx in
          let first = try tx.row("SELECT n FROM tally")?.integer("n")
          usleep(5_000)
          return (first, try tx.row("SELECT n FROM tally")?.integer("n"))
        }
        #expect(first == second)
      }
      try await writer.value
      #expect(try await db.integer("SELECT n FROM tally") == 100)
    }
  }

  @Test("Money that moves between accounts is always all there", arguments: Backend.available)
  func transfers(_ backend: Backend) async throws {
    try await withDatabase(backend, "CREATE TABLE purse (id BIGINT PRIMARY KEY NOT NULL, credits BIGINT NOT NULL CHECK (credits >= 0))") { db async throws in
      try await db.write { tx in for id in 0..<8 { try tx.change("INSERT INTO purse VALUES (\(id), 100)", under: Allowed()) } }
      let refused = Counter()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for transfer in 0..<200 {
          group.addTask {
            do {
              try await db.write { tx in
                try tx.change("UPDATE purse SET credits = credits + \(30) WHERE id = \(transfer % 8)", under: Allowed())
                try tx.change("UPDATE purse SET credits = credits - \(30) WHERE id = \((transfer * 5 + 3) % 8)", under: Allowed())
              }
            } catch let problem as Problem where problem.code == .constraint || problem.code == .serialization { refused.next() }
          }
          if transfer % 10 == 0 {
            group.addTask { () async throws in #expect(try await db.integer("SELECT sum(credits) AS n FROM purse") == 800) }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await db.integer("SELECT sum(credits) AS n FROM purse") == 800)
      #expect(refused.value < 200)
    }
  }
}
