import Authorization
import Contract
import ControlPlane
import Hummingbird
import HummingbirdTesting
import Kernel
import Testing

@testable import Server

/// The page that says what to type to connect a client, and the token that it makes.
@Suite struct ClientPageTests {
  @Test("Without a token the commands say what stands for it; with one they work")
  func commands() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      for path in ["/hall/connect", "/hall/connect/api", "/hall/connect/cli"] {
        let page = try await client.send(.get, path, hall.headers(of: .member))
        #expect(page.status == .ok && page.text.contains("GUILDHALL_TOKEN=TOKEN") && page.text.contains("https://guildhall.test"), "\(path)")
      }
      let made = try await hall.post(client, "/hall/connect/api", [("days", "7")], as: .member)
      #expect(made.status == .ok && made.headers[.cacheControl]?.contains("no-store") == true && !made.text.contains("=TOKEN"))
      let secret = try #require(made.text.firstMatch(of: /GUILDHALL_TOKEN=(gld_pat_[A-Za-z0-9_]+)/)).1
      let asked = try await client.send(.get, "/api/v1/organizations/hall/members", [.authorization: "Bearer \(secret)"])
      #expect(asked.status == .ok)
      // It reads, and nothing more; and nowhere else.
      let changed = try await client.send(.post, "/api/v1/organizations/hall/teams", [.authorization: "Bearer \(secret)"], body: #"{"name":"X"}"#)
      #expect(changed.status == .forbidden)
      #expect(try await client.send(.get, "/api/v1/account", [.authorization: "Bearer \(secret)"]).status == .forbidden)
    }
  }

  @Test("What can't be is told beside its field, and makes nothing")
  func refusals() async throws {
    let hall = try await Hall(.plain)
    let before = try await hall.house.plane.tokens.list(.first, by: hall.caller(.member)).total
    try await hall.serve { client in
      for days in ["0", "-1", "367", "soon", "99999999999999999999"] {
        let page = try await hall.post(client, "/hall/connect/cli", [("days", days)], as: .member)
        #expect(page.status == .unprocessableContent && page.text.contains("Choose 1 to 366 days.") && page.text.contains("value=\"\(days)\""), "\(days)")
      }
      #expect(try await client.send(.get, "/hall/connect/nosuch", hall.headers(of: .member)).status == .notFound)
      #expect(try await hall.post(client, "/hall/connect/nosuch", [], as: .member).status == .notFound)
      #expect(try await client.send(.get, "/hall/connect", hall.headers(of: .nobody)).status == .seeOther)
      #expect(try await client.send(.get, "/elsewhere/connect", hall.headers(of: .member)).status == .notFound)
      #expect(try await hall.post(client, "/elsewhere/connect/api", [], as: .member).status != .ok)
    }
    #expect(try await hall.house.plane.tokens.list(.first, by: hall.caller(.member)).total == before)
  }

  @Test("A gateway's clients stand first, with their own words")
  func gateways() async throws {
    let guide = ClientGuide("sketch", name: "Sketch", summary: "Everything.", scope: .admin, staysInOrganization: false) { place in
      [ClientGuide.Step("Log in", "sketch login \(place.publicURL)/sketch \(place.credential) --org \(place.organization) --user \(place.handle)")]
    }
    let hall = try await Hall(.plain)
    let plane = hall.house.plane
    let gateway = Gateway("sketch", bases: ["/sketch"], routes: [], guide: guide) { problem, _ in .json(.string(problem.detail), status: problem.kind.status) }
    try await hall.house.serve(plane.features(beside: [gateway]), gateways: [gateway], declared: API.all) { client in
      let page = try await client.send(.get, "/hall/connect", hall.headers(of: .member))
      #expect(page.status == .ok && page.text.contains("sketch login https://guildhall.test/sketch TOKEN --org hall --user bob"))
      let made = try await hall.post(client, "/hall/connect/sketch", [], as: .member)
      let secret = try #require(made.text.firstMatch(of: /(gld_pat_[A-Za-z0-9_]+) --org hall/)).1
      #expect(try await client.send(.get, "/api/v1/account", [.authorization: "Bearer \(secret)"]).status == .ok)
    }
  }
}
