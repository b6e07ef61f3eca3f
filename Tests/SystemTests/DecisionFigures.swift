import Authorization
import Contract
import Foundation
import GuildhallDecisions
import Kernel
import Testing
import TestSupport

/// Figures, where they are asked for with GUILDHALL_FIGURES=1: how long a change takes from its commit until it is in force.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["GUILDHALL_FIGURES"] != nil), .serialized) struct DecisionFigures {
  @Test(arguments: ["SQLite", "PostgreSQL"]) func `From commit to force`(_ engine: String) async throws {
    try await withFolder { folder in
      let hall = try await DecisionHall(engine, in: folder)
      defer { hall.stop() }
      let decisions = try await hall.following()
      let eve = hall.people[0]
      let question = try AccessQuestion(principal: .account(eve.account), action: "read", resource: ThingName(type: "dataset", id: "x"))
      let (key, token) = (hall.key, hall.token)
      let (first, last) = (hall.servers[0], hall.servers[hall.servers.count - 1])
      @Sendable func isSuspended(at server: GuildhallProcess) async throws -> Bool {
        let body: JSON = ["principal": ["type": "account", "id": .string(eve.account)], "action": "read", "resource": ["type": "dataset", "id": "x"]]
        return try await server.ask("POST", "/organizations/acme/decisions/check", key, body: body).json["outcome"] == "suspended"
      }
      var (wrong, there, library): (Int, [Duration], [Duration]) = (0, [], [])
      for round in 0..<300 {
        let isOn = round.isMultiple(of: 2)
        let elsewhere = Task { () -> ContinuousClock.Instant in
          while try await isSuspended(at: last) != isOn {}
          return .now
        }
        let local = Task { () -> ContinuousClock.Instant in
          while try (decisions.check(question).outcome == .suspended) != isOn { try await Task.sleep(for: .microseconds(200)) }
          return .now
        }
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...40)))
        let answer = try await first.ask(isOn ? "PUT" : "DELETE", "/organizations/acme/members/\(eve.member)/suspension", token)
        let committed = ContinuousClock.now
        #expect(answer.status < 300, "\(answer.text)")
        // The next request on the server that took the change.
        if try await isSuspended(at: first) != isOn { wrong += 1 }
        there.append(try await elsewhere.value - committed)
        library.append(try await local.value - committed)
      }
      func words(_ times: [Duration]) -> String {
        let sorted = times.map { Double($0.components.attoseconds) / 1e15 + Double($0.components.seconds) * 1000 }.sorted()
        return "p50 \(sorted[sorted.count / 2]) ms, p99 \(sorted[sorted.count * 99 / 100]) ms, most \(sorted[sorted.count - 1]) ms"
      }
      print("figures \(engine): wrong on the next request \(wrong) of 300; on the other server \(words(there)); in the library \(words(library))")
      #expect(wrong == 0)
      await decisions.stop()
    }
  }
}
