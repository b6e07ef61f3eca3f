import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import NIOCore
import Secrets
import TestSupport
import Testing

@testable import Server

@Suite struct ServiceAccountPageTests {
  private static let list = "/hall/members/service-accounts"

  @Test func `One is made on its page, with what was typed kept where it was wrong`() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let wrong = try await hall.post(client, "\(Self.list)/new", [("name", ""), ("slug", "Night ly"), ("description", "Cron")], as: .admin)
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("value=\"Night ly\"") && wrong.text.contains("Cron</textarea>"))
      #expect(wrong.text.contains("3 fields need a look") && wrong.text.contains("Choose at least one role."))
      let made = try await hall.post(client, "\(Self.list)/new", [("name", "Nightly report"), ("slug", ""), ("roles", "viewer"), ("roles", "billing")], as: .admin)
      #expect(made.status == .seeOther && made.headers[.location] == "\(Self.list)/nightly-report")
      let page = try await client.send(.get, "\(Self.list)/nightly-report", hall.headers(of: .admin))
      #expect(page.text.contains("Nightly report") && page.text.contains("No keys"))
      let listed = try await client.send(.get, Self.list, hall.headers(of: .admin)).text
      #expect(listed.contains("href=\"\(Self.list)/nightly-report\"") && listed.contains("Service accounts<span class=\"count\">2</span>"))
      let huge = String(repeating: "n", count: 10_000)
      let tooLong = try await hall.post(client, "\(Self.list)/new", [("name", huge), ("roles", "viewer")], as: .admin)
      #expect(tooLong.status == .unprocessableContent && tooLong.text.contains("at most 128 characters"))
    }
  }

  @Test func `A key is shown once, however often its form is sent`() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let page = try await client.send(.get, "\(Self.list)/robot", hall.headers(of: .admin)).text
      let once = String(page.split(separator: "name=\"once\" value=\"").dropFirst().first?.prefix { $0 != "\"" } ?? "")
      #expect(!once.isEmpty && !page.contains("gld_svc_a"))
      let sent = try await hall.post(client, "\(Self.list)/robot/keys", [("once", once), ("name", "cron"), ("days", "30")], as: .admin)
      let shown = sent.status == .seeOther ? try await client.send(.get, try #require(sent.headers[.location]), hall.headers(of: .admin)) : sent
      let secret = try #require(shown.text.firstMatch(of: #/gld_svc_[0-9A-Za-z]{36}/#)).output
      #expect(MarkupChecker(Array(shown.body.readableBytesView)).findings == [])
      let answer = try await client.send(.get, "/api/v1/organizations/hall", [.authorization: "Bearer \(secret)"])
      #expect(answer.status == .ok)
      let again = try await hall.post(client, "\(Self.list)/robot/keys", [("once", once), ("name", "cron"), ("days", "30")], as: .admin)
      let repeated = again.status == .seeOther ? try await client.send(.get, try #require(again.headers[.location]), hall.headers(of: .admin)) : again
      #expect(!repeated.text.contains(secret))
      let keys = try await hall.house.plane.serviceAccounts.listKeys(of: "robot", in: "hall", .first, by: hall.caller(.admin))
      #expect(keys.total == 2, "one key was made")
      let wrong = try await hall.post(client, "\(Self.list)/robot/keys", [("name", "cron"), ("days", "soon")], as: .admin)
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("Choose 1 to 366 days."))
    }
  }

  @Test func `A key is rotated and revoked from the page of its service account`() async throws {
    let hall = try await Hall()
    let plane = hall.house.plane
    let key = try await plane.serviceAccounts.createKey(named: "cron", KeyTerm(days: 90), of: "robot", in: "hall", by: hall.caller(.admin))
    let path = "\(Self.list)/robot/keys/\(key.key.id)"
    try await hall.serve { client in
      let wrong = try await hall.post(client, "\(path)/rotation", [("overlap", "x"), ("days", "90")], as: .admin)
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("Choose 0 to 720 hours."))
      let rotated = try await hall.post(client, "\(path)/rotation", [("overlap", "0"), ("days", "90")], as: .admin)
      #expect(rotated.status == .ok && rotated.text.contains("gld_svc_") && rotated.text.contains("Its new key"))
      #expect(try await client.send(.get, "/api/v1/organizations/hall", [.authorization: "Bearer \(key.secret.reveal())"]).status == .unauthorized)
      #expect(try await hall.post(client, "\(path)/revocation", [], as: .admin).headers[.location] == "\(Self.list)/robot")
      #expect(try await hall.post(client, "\(path)/revocation", [], as: .admin).headers[.location] == Self.list, "gone: on to the list")
      #expect(try await client.send(.get, "\(path)/rotation", hall.headers(of: .admin)).status == .notFound)
    }
  }

  @Test func `It is disabled, enabled and, by its handle typed, deleted`() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      _ = try await hall.post(client, "\(Self.list)/robot/disablement", [], as: .admin)
      #expect(try await client.send(.get, "\(Self.list)/robot", hall.headers(of: .admin)).text.contains("badge attention"))
      _ = try await hall.post(client, "\(Self.list)/robot/disablement", [("lift", "yes")], as: .admin)
      let stale = try await hall.post(client, "\(Self.list)/robot", [("name", "New"), ("roles", "viewer"), ("revision", "1")], as: .admin)
      #expect(stale.status == .unprocessableContent && stale.text.contains("was changed since you read it"))
      let saved = try await hall.post(client, "\(Self.list)/robot", [("name", "New"), ("roles", "guest"), ("revision", "3")], as: .admin)
      #expect(saved.headers[.location] == "\(Self.list)/robot")
      let mistyped = try await hall.post(client, "\(Self.list)/robot/deletion", [("confirm", "robots")], as: .admin)
      #expect(mistyped.status == .unprocessableContent && mistyped.text.contains("value=\"robots\""))
      #expect(try await hall.post(client, "\(Self.list)/robot/deletion", [("confirm", "robot")], as: .admin).headers[.location] == Self.list)
      let empty = try await client.send(.get, Self.list, hall.headers(of: .admin)).text
      #expect(empty.contains("No service accounts yet") && empty.contains("New service account"))
      #expect(try await client.send(.get, "\(Self.list)/robot", hall.headers(of: .admin)).status == .notFound)
    }
  }

  @Test func `A bare member sees them and is offered nothing, and a deed tried all the same is refused`() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let listed = try await client.send(.get, Self.list, hall.headers(of: .member)).text
      #expect(listed.contains("href=\"\(Self.list)/robot\"") && !listed.contains("New service account"))
      let page = try await client.send(.get, "\(Self.list)/robot", hall.headers(of: .member)).text
      #expect(page.contains("gld_svc_…") && !page.contains("Revoke") && !page.contains("Make a key") && !page.contains("danger-zone"))
      for (path, fields) in [("new", [("name", "Mine"), ("roles", "guest")]), ("robot", [("name", "Mine"), ("roles", "guest")]), ("robot/keys", [("name", "mine")]), ("robot/deletion", [("confirm", "robot")])] {
        #expect(try await hall.post(client, "\(Self.list)/\(path)", fields, as: .member).status == .unprocessableContent, "\(path)")
      }
      #expect(try await hall.house.plane.serviceAccounts.list(in: "hall", .first, by: hall.caller(.admin)).total == 1)
    }
  }

  @Test func `A key opens the API as a bearer token, and no page`() async throws {
    let hall = try await Hall()
    let key = try await hall.house.plane.serviceAccounts.createKey(named: "x", KeyTerm(days: 1), of: "robot", in: "hall", by: hall.caller(.admin)).secret.reveal()
    try await hall.serve { client in
      #expect(try await client.send(.get, "/api/v1/organizations/hall/members", [.authorization: "bearer \(key)"]).status == .ok)
      #expect(try await client.send(.get, "/api/v1/account", [.authorization: "Bearer \(key)"]).status == .forbidden)
      for wrong in ["Basic \(key)", "Bearer \(key)x", "Bearer x\(key)", "Bearer \(key), Bearer \(key)"] {
        #expect(try await client.send(.get, "/api/v1/organizations/hall/members", [.authorization: wrong]).status == .unauthorized, "\(wrong.prefix(12))")
      }
      #expect(try await client.send(.get, "/api/v1/organizations/hall/members?token=\(key)").status != .ok)
      for path in ["/hall/members", "/me", "/hall"] {
        let page = try await client.send(.get, path, [.accept: "text/html", .cookie: "__Host-guildhall=\(key)"])
        #expect(page.status == .seeOther && page.headers[.location]?.hasPrefix("/sign-in") == true, "\(path): \(page.status)")
      }
    }
  }
}
