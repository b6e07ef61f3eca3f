import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import Markup
import NIOCore
import TestSupport
import Testing

@testable import Server

/// Forms that are sent twice, pages that are reloaded, and refusals that lead on.
@Suite struct ReturningTests {
  @Test("A form with a key acts once; what came of it stands at an address of its own, for the session that sent it alone")
  func once() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let fields = [("once", "k1"), ("name", "Nightly"), ("scope", "organization:read"), ("days", "30")]
      let first = try await hall.post(client, "/me/tokens", fields, as: .admin)
      let place = try #require(first.headers[.location])
      #expect(first.status == .seeOther && place.hasPrefix("/me/tokens?sent="))
      let shown = try await client.send(.get, place, hall.headers(of: .admin))
      let secret = try #require(shown.text.firstMatch(of: /gld_pat_[A-Za-z0-9_-]{30,}/)).output
      #expect(MarkupChecker(Array(shown.body.readableBytesView)).findings == [])
      for _ in 0..<3 { #expect(try await hall.post(client, "/me/tokens", fields, as: .admin).headers[.location] == place) }
      // A token is shown once: whoever comes back finds the list.
      let again = try await client.send(.get, place, hall.headers(of: .admin))
      #expect(again.status == .ok && !again.text.contains(secret) && again.text.contains("Nightly"))
      #expect(try await hall.tokens() == 1)

      // The key of an old form that was filled in anew; the form with no key; and a day later.
      #expect(try await hall.post(client, "/me/tokens", [fields[0], ("name", "Weekly")] + fields[2...], as: .admin).headers[.location] != place)
      #expect(try await hall.post(client, "/me/tokens", Array(fields.dropFirst()), as: .admin).status == .ok)
      #expect(try await hall.tokens() == 3)
    }
  }

  @Test("A page with a new token is for the session that made it, and for one look")
  func shownOnce() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let sent = try await hall.post(client, "/me/tokens", [("once", "k1"), ("name", "Nightly"), ("scope", "organization:read"), ("days", "30")], as: .admin)
      let place = try #require(sent.headers[.location])
      for other in [Hall.Person.member, .nobody] { #expect(!(try await client.send(.get, place, hall.headers(of: other)).text.contains("Your new token")), "\(other)") }
      #expect(!(try await client.send(.get, "/me/tokens", hall.headers(of: .admin)).text.contains("Your new token")))
      #expect(!(try await client.send(.get, place.replacing("/me/tokens", with: "/me"), hall.headers(of: .admin)).text.contains("Your new token")), "another page")
      // Of many looks at once, one is shown it.
      let shown = try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<8 { group.addTask { try await client.send(.get, place, hall.headers(of: .admin)).text.contains("Your new token") } }
        return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(shown == 1)
    }
  }

  @Test("A form with a key that was refused may be mended and sent again")
  func refusedOnce() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let faulty = [("once", "k1"), ("name", "Nightly"), ("scope", "organization:read"), ("days", "99999")]
      for _ in 0..<2 {
        let answer = try await hall.post(client, "/me/tokens", faulty, as: .admin)
        #expect(answer.status == .unprocessableContent && answer.text.contains("token-days-fault") && answer.text.contains("Choose 1 to 366 days."))
      }
      let mended = Array(faulty.dropLast()) + [("days", "9")]
      #expect(try await hall.post(client, "/me/tokens", mended, as: .admin).status == .seeOther)
      #expect(try await hall.tokens() == 1)
    }
  }

  @Test("Invitations are sent once, and the page with their links is reloaded without a new one")
  func invitations() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let fields = [("once", "k1"), ("emails", "dora@example.org"), ("role", "member"), ("days", "7")]
      let place = try #require(try await hall.post(client, "/hall/members/invitations/new", fields, as: .admin).headers[.location])
      let link = try #require(try await client.send(.get, place, hall.headers(of: .admin)).text.firstMatch(of: /join\?token=[A-Za-z0-9_-]+/)).output
      let before = try await hall.actions(client)
      #expect(try await hall.post(client, "/hall/members/invitations/new", fields, as: .admin).headers[.location] == place)
      #expect(try await client.send(.get, place, hall.headers(of: .admin)).text.contains(link))
      #expect(try await hall.actions(client) == before)
      #expect(!(try await client.send(.get, place, hall.headers(of: .member)).text.contains(link)), "another session")
      hall.house.pass(.days(1) + .seconds(1))
      #expect(!(try await client.send(.get, place, hall.headers(of: .admin)).text.contains(link)), "a day later")
    }
  }

  @Test("A browser keeps every note: one whose way back is too long goes without it, and says its sentence", arguments: [10, 100, 3000, 100_000])
  func longNotes(length: Int) async throws {
    let hall = try await Hall()
    let cookie = FlashCookie(hall.house.plane.world.keys, site: Site(publicURL: "https://guildhall.test"))
    let setting = cookie.setting(Flash(.good, "Bob is gone.", undo: Flash.Undo("/hall/members/back", [("back", String(repeating: "x", count: length))])))
    #expect(setting.utf8.count <= 4096)
    let pair = String(setting.prefix { $0 != ";" })
    let read = try #require(cookie.read([.cookie: pair]))
    #expect(read.text == "Bob is gone." && (read.undo != nil) == (length < 1000))
  }

  @Test("A form that is older than what it changes is refused each time it is sent, until it is loaded anew")
  func stale() async throws {
    let hall = try await Hall()
    let bob = try #require(try await hall.house.plane.members.list(in: "hall", MemberFilter(search: "bob"), .first, by: hall.caller(.admin)).items.first)
    let member = "/hall/members/\(bob.id)"
    let robot = "/hall/members/service-accounts/robot"
    try await hall.serve { client in
      func form(_ path: String, in page: String) throws -> PageForm {
        try #require(PageForm.all(in: page).first { $0.action == path && $0.hidden.contains { $0.0 == "revision" } })
      }
      let general = [("slug", "hall"), ("description", ""), ("billing_email", "ada@example.org")]
      let changes: [(path: String, late: [(String, String)], early: [(String, String)])] = [
        ("/hall/settings", general + [("name", "Late")], general + [("name", "Early")]), (member, [("roles", "viewer")], [("roles", "manager")]),
        (robot, [("name", "Late"), ("roles", "viewer")], [("name", "Early"), ("roles", "guest")]),
      ]
      for (path, late, early) in changes {
        let opened = try form(path, in: try await client.send(.get, path, hall.headers(of: .admin)).text).hidden
        #expect(try await hall.post(client, path, opened + early, as: .admin).status == .seeOther, "\(path)")
        let saved = try form(path, in: try await client.send(.get, path, hall.headers(of: .admin)).text).hidden
        var hidden = opened
        for _ in 1...2 {
          let answer = try await hall.post(client, path, hidden + late, as: .admin)
          #expect(answer.status == .unprocessableContent && answer.text.contains("was changed since you read it"), "\(path)")
          #expect(answer.text.contains("<a href=\"\(path)\">Load it as it is now</a>"), "\(path)")
          #expect(MarkupChecker(Array(answer.body.readableBytesView)).findings == [], "\(path)")
          hidden = try form(path, in: answer.text).hidden
        }
        let now = try await client.send(.get, path, hall.headers(of: .admin)).text
        #expect(try form(path, in: now).hidden.elementsEqual(saved, by: ==) && !now.contains("value=\"Late\"") && !now.contains("Load it as"), "\(path)")
        #expect(try await hall.post(client, path, saved + late, as: .admin).status == .seeOther, "\(path)")
      }
    }
  }

  @Test("What was saved of a form whose other half was refused isn't taken for somebody else's change")
  func halfSaved() async throws {
    let hall = try await Hall()
    let bob = try #require(try await hall.house.plane.members.list(in: "hall", MemberFilter(search: "bob"), .first, by: hall.caller(.admin)).items.first)
    let path = "/hall/members/\(bob.id)"
    try await hall.serve { client in
      let half = try await hall.post(client, path, [("revision", String(bob.revision)), ("roles", "viewer"), ("expires_at", "2001-01-01")], as: .admin)
      #expect(half.status == .unprocessableContent && half.text.contains("name=\"revision\" value=\"\(bob.revision + 1)\""))
      let hidden = [("revision", String(bob.revision + 1))]
      #expect(try await hall.post(client, path, hidden + [("roles", "viewer"), ("expires_at", "")], as: .admin).status == .seeOther)
    }
  }

  @Test("A form that was made for another sign-in leads back to its page, which says so; without any cookie of ours, and for programs, it is refused")
  func outdated() async throws {
    let hall = try await Hall()
    let path = "/hall/settings"
    try await hall.serve { client in
      let signedOut = try await client.send(.get, "/sign-in", [.accept: "text/html"])
      let visitor = signedOut.cookies.map { $0.prefix { $0 != ";" } }.joined(separator: "; ")
      let body = FormText.encode([("csrf", hall.token(of: .admin)), ("name", "Late")])
      func send(to path: String, _ cookie: String?, from page: String? = nil, accept: String = "text/html") async throws -> TestResponse {
        var headers: HTTPFields = [.accept: accept, .contentType: "application/x-www-form-urlencoded"]
        headers[.cookie] = cookie
        headers[.referer] = page
        return try await client.send(.post, path, headers, body: body)
      }
      // Signed out meanwhile: the page leads to the sign-in, with what happened, and from there back.
      let late = try await send(to: path, visitor, from: "https://guildhall.test/hall/settings")
      #expect(late.status == .seeOther && late.headers[.location] == path)
      let flash = try #require(late.cookies.first { $0.hasPrefix("__Host-guildhall-flash=") }).prefix { $0 != ";" }
      let asked = try await client.send(.get, path, [.accept: "text/html", .cookie: "\(visitor); \(flash)"])
      #expect(asked.headers[.location] == "/sign-in?next=%2Fhall%2Fsettings" && !asked.cookies.contains { $0.hasPrefix("__Host-guildhall-flash=") }, "the sentence is kept")
      let told = try await client.send(.get, "/sign-in?next=%2Fhall%2Fsettings", [.accept: "text/html", .cookie: "\(visitor); \(flash)"])
      #expect(told.text.contains("This page was out of date") && MarkupChecker(Array(told.body.readableBytesView)).findings == [])

      // Somebody else signed in meanwhile.
      let other = try #require(hall.headers(of: .member)[.cookie])
      #expect(try await send(to: path, other, from: "https://guildhall.test/hall/settings").headers[.location] == path)
      for foreign in ["https://evil.test/hall", "https://guildhall.test//evil.test"] {
        #expect(try await send(to: path, other, from: foreign).headers[.location] == "/", "\(foreign)")
      }
      for start in ["/sign-in", "/sign-up"] {
        let again = try await send(to: start, other, from: "https://guildhall.test\(start)")
        #expect(again.headers[.location] == "/" && again.cookies == [], "\(start) is done with")
      }
      let refused: [(String?, String)] = [(nil, "text/html"), (visitor, "application/json"), (other, "application/json")]
      for (cookie, accept) in refused {
        #expect(try await send(to: path, cookie, from: "https://guildhall.test/hall/settings", accept: accept).status == .forbidden, "\(accept)")
      }
      #expect(try await hall.actions(client) == hall.founded, "nothing may have happened")
    }
  }

  @Test("What somebody else did a moment ago is no dead end", arguments: ["/members/none/removal", "/members/former/none/reinstatement", "/members/invitations/none/withdrawal"])
  func faster(path: String) async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let list = path.contains("former") ? "/hall/members/former" : path.contains("invitations") ? "/hall/members/invitations" : "/hall/members"
      let answer = try await hall.post(client, "/hall\(path)", [("back", "/hall/members/none")], as: .admin)
      #expect(answer.headers[.location] == list && answer.cookies.contains { $0.hasPrefix("__Host-guildhall-flash=") })
      #expect(try await hall.post(client, "/elsewhere\(path)", [], as: .admin).headers[.location] == list.replacing("/hall/", with: "/elsewhere/"))
      #expect(try await client.send(.get, list.replacing("/hall/", with: "/elsewhere/"), hall.headers(of: .admin)).status == .notFound)
    }
  }

  @Test("Who is kept out of their only organization is told so, and has their personal area and the way out of it")
  func keptOut() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      #expect(try await client.send(.get, "/", hall.headers(of: .member)).headers[.location] == "/hall")
      let list = try await client.send(.get, "/hall/members?role=member", hall.headers(of: .admin)).text
      let suspension = try #require(list.firstMatch(of: /\/hall\/members\/[a-z0-9-]+\/suspension/)).output
      let back = "/hall/members?role=member"
      #expect(try await hall.post(client, String(suspension), [("back", back)], as: .admin).headers[.location] == back, "the filter is kept")
      let start = try await client.send(.get, "/", hall.headers(of: .member))
      #expect(start.status == .ok && start.text.contains("you are suspended") && start.text.contains("/me/organizations/hall/departure"))
      let refused = try await client.send(.get, "/hall", hall.headers(of: .member))
      #expect(refused.status == .forbidden && refused.text.contains("href=\"/me/security\"") && refused.text.contains("action=\"/sign-out\""))
      #expect(MarkupChecker(Array(refused.body.readableBytesView)).findings == [])
      for path in ["/me", "/me/security", "/me/tokens", "/me/organizations"] {
        #expect(try await client.send(.get, path, hall.headers(of: .member)).status == .ok, "\(path)")
      }
    }
  }

  @Test("Who may not do a thing isn't offered its form, and learns nothing from its page")
  func closed() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let invite = try await client.send(.get, "/hall/members/invitations/new", hall.headers(of: .member))
      #expect(invite.status == .forbidden && !invite.text.contains("name=\"emails\"") && invite.text.contains("Only people with the role admin or manager may invite"))
      let deletion = try await client.send(.get, "/hall/settings/deletion", hall.headers(of: .member)).text
      #expect(!deletion.contains("invitation") && !deletion.contains("name=\"confirm\"") && deletion.contains("Only an admin"))
      _ = try await hall.post(client, "/hall/settings/suspension", [("reason", "x")], as: .admin)
      for (path, field) in [("members/invitations/new", "emails"), ("settings/transfer", "member")] {
        let page = try await client.send(.get, "/hall/\(path)", hall.headers(of: .admin)).text
        #expect(!page.contains("name=\"\(field)\"") && page.contains("suspended"), "\(path) while the organization is suspended")
      }
    }
  }
}

extension Hall {
  fileprivate func tokens() async throws -> Int { try await house.plane.tokens.list(.first, by: caller(.admin)).total }
}
