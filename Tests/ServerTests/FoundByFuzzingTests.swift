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
}
