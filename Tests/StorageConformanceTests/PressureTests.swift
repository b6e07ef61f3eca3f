import Foundation
import Kernel
import Storage
import Testing

@Suite(.timeLimit(.minutes(5))) struct PressureTests {
  private enum Kind: CaseIterable { case read, write }

  private func run(_ kind: Kind, on db: any Storage.Database, _ body: @escaping @Sendable (any Storage.Transaction) throws -> Void) async throws {
    switch kind {
    case .read: try await db.read(body)
    case .write: try await db.write(body)
    }
  }

  @Test("When all connections are taken, those who wait are refused as unavailable while it lasts, and served when it is over", arguments: Backend.available)
  func exhaustion(_ backend: Backend) async throws {
    for kind in Kind.allCases {
      try await withDatabase(backend, tightness: Tightness(connections: 1, waiting: 3, patience: .milliseconds(200))) { db async throws in
        let gate = Gate()
        let holder = Task { try await run(kind, on: db) { _ in gate.pass() } }
        await gate.waitForEntry()
        let start = ContinuousClock.now
        // The gate stays shut until all are refused: were one not, this would hang and the time limit would end it.
        await withTaskGroup(of: Void.self) { group in
          for _ in 1...10 { group.addTask { await expectProblem(.unavailable) { try await run(kind, on: db) { _ in } } } }
        }
        #expect(ContinuousClock.now - start >= .milliseconds(200), "some waited")
        let patient = Task { try await run(kind, on: db) { _ in } }
        gate.open()
        try await holder.value
        _ = await patient.result
        try await run(kind, on: db) { _ in }
      }
    }
  }

  @Test("Units are served in the order of their coming", arguments: Backend.available)
  func order(_ backend: Backend) async throws {
    try await withDatabase(backend, "CREATE TABLE arrival (place BIGINT NOT NULL)", tightness: Tightness(connections: 1)) { db async throws in
      let gate = Gate()
      let holder = Task { try await db.write { _ in gate.pass() } }
      await gate.waitForEntry()
      var waiting: [Task<Int, any Error>] = []
      for place in 1...20 {
        waiting.append(
          Task {
            try await db.write { tx in
              try tx.change("INSERT INTO arrival VALUES (\(place))", under: Allowed())
              return try tx.count("SELECT count(*) AS n FROM arrival")
            }
          })
        try await Task.sleep(for: .milliseconds(5))
      }
      gate.open()
      try await holder.value
      for (place, task) in waiting.enumerated() { #expect(try await task.value == place + 1) }
    }
  }

  @Test("Thousands at once are all served, each exactly once", arguments: Backend.available)
  func thousands(_ backend: Backend) async throws {
    try await withDatabase(backend, "CREATE TABLE entry (id BIGINT PRIMARY KEY NOT NULL)") { db async throws in
      let answers = try await withThrowingTaskGroup(of: Int.self) { group in
        for id in 1...3000 {
          group.addTask {
            if id % 3 == 0 { return try await db.read { try $0.count("SELECT 1 AS n") } }
            return try await db.change("INSERT INTO entry VALUES (\(id))")
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(answers == 3000)
      #expect(try await db.integer("SELECT count(*) AS n FROM entry") == 2000)
    }
  }
}
