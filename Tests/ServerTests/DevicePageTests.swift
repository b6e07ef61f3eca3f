import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import Secrets
import Testing
import ZenMLGateway

@testable import Server

/// The page on which somebody lets a program in, and how the program hears of it.
@Suite struct DevicePageTests {
  @Test func `A program shows a code, and whoever is signed in lets it in or keeps it out`() async throws {
    let hall = try await Hall(.plain)
    let plane = hall.house.plane
    try await hall.house.serve(plane.features, gateways: [ZenML.gateway(plane)], declared: API.all) { client in
      func begin() async throws -> (code: String, device: String) {
        let headers: HTTPFields = [.contentType: "application/x-www-form-urlencoded", .userAgent: "Host/box ZenML/0.98.0 Python/3.11 OS/linux"]
        let answer = try await client.send(.post, "/zenml/api/v1/auth/device_authorization", headers, body: "client_id=3fa85f64-5717-4562-b3fc-2c963f66afa6")
        let json = try JSON(Array(answer.text.utf8))
        guard case .string(let code)? = json["user_code"], case .string(let device)? = json["device_code"] else { return ("", "") }
        #expect(answer.status == .ok && json["verification_uri"] == "https://guildhall.test/device" && json["interval"] == 5)
        #expect(json["verification_uri_complete"] == .string("https://guildhall.test/device?user_code=\(code)"))
        return (code, device)
      }
      func poll(_ device: String) async throws -> (Int, JSON) {
        let body = FormText.encode([("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("client_id", "x"), ("device_code", device)])
        let answer = try await client.send(.post, "/zenml/api/v1/auth/login", [.contentType: "application/x-www-form-urlencoded"], body: body)
        return (answer.status.code, try JSON(Array(answer.text.utf8)))
      }
      let (code, device) = try await begin()
      var (status, answer) = try await poll(device)
      #expect(status == 400 && answer["error"] == "authorization_pending")
      #expect(try await poll(device).1["error"] == "slow_down")
      #expect(try await poll("nothing").1["error"] == "expired_token")

      let signedOut = try await client.send(.get, "/device?user_code=\(code)&workspace=lab", hall.headers(of: .nobody))
      #expect(signedOut.headers[.location]?.hasPrefix("/sign-in?next=") == true, "\(signedOut.status)")
      let empty = try await client.send(.get, "/device", hall.headers(of: .admin))
      #expect(empty.status == .ok && empty.text.contains("name=\"user_code\""))
      let wrong = try await hall.post(client, "/device", [("user_code", "BBBB-BBBB")], as: .admin)
      #expect(wrong.text.contains("BBBB-BBBB") && wrong.text.contains("There is no such code") || wrong.status == .seeOther, "\(wrong.status)")
      let right = try await hall.post(client, "/device", [("user_code", code.lowercased()), ("workspace", "lab")], as: .admin)
      #expect(right.headers[.location]?.hasPrefix("/device?user_code=\(code)&workspace=lab") == true, "\(right.headers)")
      let page = try await client.send(.get, "/device?user_code=\(code)&workspace=lab", hall.headers(of: .admin))
      #expect(page.text.contains("ZenML 0.98.0 on box") && page.text.contains(code) && page.text.contains("Let it in"))
      let lab = try await plane.workspaces.find("lab", in: "hall", by: hall.caller(.admin)).id.description
      #expect(page.text.contains("value=\"\(lab)\" selected"), "the workspace that was named is chosen")
      let approved = try await hall.post(client, "/device/approval", [("user_code", code), ("workspace", lab), ("trusted", "on")], as: .admin)
      #expect(approved.status == .seeOther)
      (status, answer) = try await poll(device)
      #expect(status == 200 && answer["device_metadata"]?["tenant_id"] == .string(lab) && answer["expires_in"] == .integer(30 * 86_400), "\(answer.compact)")
      guard case .string(let token)? = answer["access_token"] else { return #expect(Bool(false)) }
      #expect(try await client.send(.get, "/zenml/api/v1/organizations", [.authorization: "Bearer \(token)"]).status == .ok)
      #expect(try await poll(device).1["error"] == "expired_token", "it is fetched once")
      #expect(try await hall.post(client, "/device/approval", [("user_code", code)], as: .admin).status == .seeOther)

      let second = try await begin()
      _ = try await hall.post(client, "/device/refusal", [("user_code", second.code)], as: .member)
      #expect(try await poll(second.device).1["error"] == "access_denied")

      // The same by the platform's own address, with a session and nothing less.
      let third = try await begin()
      func verify(_ bearer: String) async throws -> Int {
        let headers: HTTPFields = [.authorization: "Bearer \(bearer)", .contentType: "application/json"]
        return try await client.send(.put, "/zenml/api/v1/devices/verify", headers, body: #"{"user_code":"\#(third.code)","device_metadata":{"tenant_id":"\#(lab)"}}"#).status.code
      }
      let made = try await plane.tokens.create(AccessTokenDraft(name: "x", scopes: ["organization:admin"]), by: hall.caller(.admin))
      #expect(try await verify(made.secret.reveal()) == 401)
      #expect(try await verify("x") == 401)
      #expect(try await verify(hall.secret(of: .admin)) == 200)
      #expect(try await verify(hall.secret(of: .admin)) == 404, "it is answered once")
    }
  }
}
