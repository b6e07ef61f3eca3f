import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Server

/// What `make fuzz-api` once found, so that it stays mended.
@Suite struct FoundByFuzzingTests {
  @Test("A field that may be left out is no field when it is empty: it is refused", arguments: [("handle", 422, "invalid"), ("invitation", 410, "link.spent")])
  func emptyIsNotAbsent(field: String, status: Int, code: String) async throws {
    let house = try await TestHouse()
    try await house.serve(house.plane.features, declared: API.all) { client in
      let body = #"{"email":"ada@example.org","name":"Ada","password":"nine lilac kites over water","\#(field)":""}"#
      let answer = try await client.send(.post, "/api/v1/accounts", body: body)
      #expect(answer.status.code == status && answer.code == code, "\(answer.text)")
    }
  }

  @Test("A slug that is given and empty is refused; left out, one is made from the name", arguments: ["", "/hall/teams", "/hall/service-accounts"])
  func emptySlug(path: String) async throws {
    let house = try await TestHouse()
    try await house.serve(house.plane.features, declared: API.all) { client in
      let account = #"{"email":"ada@example.org","name":"Ada","password":"nine lilac kites over water"}"#
      let secret = try #require(try await client.send(.post, "/api/v1/accounts", body: account).text.firstMatch(of: /"secret":"([^"]*)"/)).1
      let headers: HTTPFields = [.authorization: "Bearer \(secret)"]
      _ = try await client.send(.post, "/api/v1/organizations", headers, body: #"{"name":"Hall","slug":"hall"}"#)
      let roles = path.hasSuffix("accounts") ? #","roles":["viewer"]"# : ""
      let empty = try await client.send(.post, "/api/v1/organizations\(path)", headers, body: #"{"name":"Works","slug":""\#(roles)}"#)
      #expect(empty.status == .unprocessableContent && empty.text.contains("#/slug"), "\(empty.text)")
      let absent = try await client.send(.post, "/api/v1/organizations\(path)", headers, body: #"{"name":"Works"\#(roles)}"#)
      #expect(absent.status == .created && absent.text.contains(#""slug":"works""#), "\(absent.text)")
    }
  }
}
