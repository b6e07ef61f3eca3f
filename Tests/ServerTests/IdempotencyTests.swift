import ControlPlane
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Server

@Suite struct IdempotencyTests {
  private func create(_ client: any TestClientProtocol, key: String, text: String = "x") async throws -> TestResponse {
    try await client.send(.post, "/api/v1/notes", [.idempotencyKey: key], body: "{\"text\":\"\(text)\"}")
  }

  @Test("The same request under the same key is carried out once, and answered alike")
  func replay() async throws {
    try await TestHouse().serve { client in
      let first = try await create(client, key: "k-1")
      let again = try await create(client, key: "k-1")
      #expect(first.status == .created && again.status == .created)
      #expect(first.body == again.body && first.headers[.location] == again.headers[.location] && first.headers[.eTag] == again.headers[.eTag])
      #expect(first.headers[.idempotencyReplayed] == nil && again.headers[.idempotencyReplayed] == "true")
      let other = try await create(client, key: "k-2")
      #expect(other.body != first.body)
    }
  }

  @Test("Another request under the same key is refused")
  func otherPayload() async throws {
    try await TestHouse().serve { client in
      _ = try await create(client, key: "k-1")
      let other = try await create(client, key: "k-1", text: "y")
      #expect(other.status.code == 422 && other.code == "idempotency.reused_key")
    }
  }

  @Test("A refusal leaves the key free; a doubtful end doesn't")
  func refusals() async throws {
    try await TestHouse().serve { client in
      #expect(try await create(client, key: "k-1", text: "taken").status == .conflict)
      #expect(try await create(client, key: "k-1", text: "fine").status == .created)
      #expect(try await create(client, key: "k-2", text: "broken").status == .internalServerError)
      let after = try await create(client, key: "k-2", text: "broken")
      #expect(after.status == .conflict && after.code == "idempotency.pending")
    }
  }

  @Test("After a day the key is new again")
  func term() async throws {
    let house = try await TestHouse()
    try await house.serve { client in
      let first = try await create(client, key: "k-1")
      house.pass(.hours(24))
      let next = try await create(client, key: "k-1")
      #expect(next.headers[.idempotencyReplayed] == nil && next.body != first.body)
    }
  }

  @Test("Of many at once one is carried out")
  func race() async throws {
    try await TestHouse().serve { client in
      let answers = try await withThrowingTaskGroup(of: TestResponse.self) { group in
        for _ in 0..<8 { group.addTask { try await create(client, key: "k-1") } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let made = answers.filter { $0.status == .created }
      #expect(!made.isEmpty && Set(made.map(\.text)).count == 1)
      #expect(answers.allSatisfy { $0.status == .created || $0.code == "idempotency.pending" })
    }
  }

  @Test("A key is a short text, given once", arguments: ["", " ", String(repeating: "a", count: 129), "a b", "\"\""])
  func malformed(key: String) async throws {
    try await TestHouse().serve { client in
      let answer = try await create(client, key: key)
      #expect(answer.status == .badRequest)
    }
  }
}
