import Authorization
import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import Ledger
import Markup
import NIOCore
import Secrets
import TestSupport
import Testing

@testable import Server

/// The product's own pages, each looked at as several people see it, with hostile names everywhere.
@Suite struct ConsoleTests {
  @Test(
    "Every page is sound markup for everybody who may see it, whatever people are called, small, and holds nothing that was typed as markup",
    arguments: Hall.Person.allCases, Hall.Names.allCases)
  func everyPage(person: Hall.Person, names: Hall.Names) async throws {
    guard names == .hostile || person == .admin else { return }
    let hall = try await Hall(names)
    try await hall.serve { client in
      for route in hall.pages where route.method == .get {
        let path = try #require(hall.path(route), "\(route.path) has a parameter that Hall.parameters doesn't know: give it a value.")
        let answer = try await client.send(.get, path, hall.headers(of: person))
        #expect([200, 303, 403, 404, 410].contains(answer.status.code), "\(path): \(answer.status)")
        if person == .admin, !hall.needsSecret.contains(path) { #expect(answer.status.code < 400, "\(path): \(answer.status)") }
        guard answer.headers[.contentType]?.hasPrefix("text/html") == true, !answer.body.readableBytesView.isEmpty else { continue }
        #expect(MarkupChecker(Array(answer.body.readableBytesView)).findings == [], "\(path) as \(person)")
        // The design page has every part that there is on it.
        #expect(answer.body.readableBytes < (path == "/design" ? 150_000 : 100_000), "\(path): \(answer.body.readableBytes) bytes")
        #expect(!answer.text.contains("<b>bold"), "\(path)")
      }
    }
  }

  @Test("No form goes through without the token of the page it stands on, nor from another site")
  func forms() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let forms = hall.pages.filter { $0.method == .post }
      #expect(forms.count > 25)
      for route in forms {
        let path = try #require(hall.path(route))
        var headers = hall.headers(of: .admin)
        headers[.contentType] = "application/x-www-form-urlencoded"
        headers[.accept] = "application/json"
        for body in ["", "csrf=", "csrf=AAAA", "name=x"] {
          let answer = try await client.send(.post, path, headers, body: body)
          #expect(answer.status == .forbidden && answer.code == "form.outdated", "\(path): \(answer.status)")
        }
        headers[.secFetchSite] = "cross-site"
        #expect(try await client.send(.post, path, headers, body: "csrf=\(hall.token(of: .admin))").code == "foreign_origin", "\(path)")
      }
      #expect(try await hall.actions(client) == hall.founded, "nothing may have happened")
    }
  }

  @Test("A cookie is bound to this host and out of reach of scripts, whoever sets it")
  func cookies() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      var seen: Set<String> = []
      var answers = [try await client.send(.get, "/sign-in"), try await client.send(.get, "/join?token=abc")]
      answers.append(try await hall.post(client, "/theme", [("theme", "dark")], as: .admin))
      answers.append(try await hall.post(client, "/me", [("name", "Ada"), ("handle", "ada")], as: .admin))
      answers.append(try await hall.post(client, "/sign-out", [], as: .member))
      for cookie in answers.flatMap(\.cookies) {
        seen.insert(String(cookie.prefix { $0 != "=" }))
        #expect(cookie.hasPrefix("__Host-") && cookie.contains("; Path=/; HttpOnly; SameSite=Lax; Secure") && !cookie.contains("Domain"), "\(cookie)")
      }
      #expect(seen == ["__Host-guildhall", "__Host-guildhall-form", "__Host-guildhall-flash", "__Host-guildhall-theme", "__Host-guildhall-link"])
    }
  }

  @Test("The secret of a link leaves the address before its page is shown", arguments: ["/join", "/verify", "/reset", "/restore", "/sign-in/link"])
  func secrets(path: String) async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let opened = try await client.send(.get, "\(path)?token=gld_secret_0&next=%2Fme", [.accept: "text/html"])
      #expect(opened.status == .seeOther && opened.headers[.location] == "\(path)?next=%2Fme" && opened.headers[.referrerPolicy] == "no-referrer")
      #expect(!opened.text.contains("gld_secret_0"))
      let cookie = try #require(opened.cookies.first { $0.hasPrefix("__Host-guildhall-link=") }).prefix { $0 != ";" }
      let shown = try await client.send(.get, path, [.accept: "text/html", .cookie: String(cookie)])
      // A link of an invitation is looked up at once; the others are taken by their form.
      #expect(path == "/join" ? shown.status == .gone : shown.text.contains("value=\"gld_secret_0\""))
      for other in ["/verify", "/reset", "/restore", "/sign-in/link"] where other != path {
        #expect(!(try await client.send(.get, other, [.cookie: String(cookie)]).text.contains("gld_secret_0")), "\(other) is another page")
      }
      let forged = cookie.dropLast(2) + "AA"
      #expect(!(try await client.send(.get, path, [.accept: "text/html", .cookie: String(forged)]).text.contains("gld_secret_0")))
    }
  }

  @Test(
    "No field and no query leads to another host",
    arguments: [
      "https://evil.test/", "//evil.test/", "/\\evil.test", "/%0d%0aSet-Cookie:a=b", "javascript:alert(1)", "\u{2028}//evil.test", "/\t/evil.test",
      "http:evil.test",
    ])
  func openRedirects(target: String) async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      func expectOurs(_ answer: TestResponse, _ what: String) {
        let location = answer.headers[.location] ?? "/"
        #expect(
          location.hasPrefix("/") && !location.hasPrefix("//") && !location.hasPrefix("/\\") && !location.contains("\r") && !location.contains("\n"),
          "\(what): \(location)")
      }
      let query = FormText.encode([("next", target)])
      expectOurs(try await client.send(.get, "/sign-in?\(query)", hall.headers(of: .admin)), "sign-in while signed in")
      expectOurs(try await client.send(.get, "/sign-up?\(query)", hall.headers(of: .admin)), "sign-up while signed in")
      expectOurs(try await hall.post(client, "/sign-in", [("login", "ada"), ("password", Hall.password), ("next", target)], as: .nobody), "sign-in")
      expectOurs(try await hall.post(client, "/hall/members/bulk", [("act", "none"), ("back", target)], as: .admin), "back")
      expectOurs(try await hall.post(client, "/sign-out", [("next", target)], as: .admin), "sign-out")
    }
  }

  @Test("No organization can take the address of a page")
  func reserved() async throws {
    let hall = try await Hall()
    let firsts =
      hall.pages.compactMap { $0.path.split(separator: "/").first.map(String.init) } + [
        "theme", "docs", "problems", "assets", "api", "healthz", "readyz", "metrics", "offline",
      ]
    for word in Set(firsts) where !word.hasPrefix("{") { #expect(throws: Rejection.self, "\(word) isn't reserved") { try Slug(word) } }
  }

  @Test("Offline, a page of ours says so: the worker keeps it and its style sheet, and nothing else")
  func offline() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let page = try await client.send(.get, "/offline")
      #expect(page.status == .ok && MarkupChecker(Array(page.body.readableBytesView)).findings == [])
      let worker = try await client.send(.get, "/service-worker.js")
      #expect(worker.headers[.contentType] == "text/javascript; charset=utf-8" && worker.headers[.cacheControl] == "no-cache")
      let sheet = AssetStore(hasFonts: false).link("guildhall.css").text
      #expect(worker.text.contains("const kept = [\"/offline\", \"\(sheet)\"];") && page.text.contains(sheet))
    }
  }

  @Test("Every page forbids frames, foreign and inline content")
  func headers() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      for route in hall.pages where route.method == .get {
        let answer = try await client.send(.get, try #require(hall.path(route)), hall.headers(of: .admin))
        let policy = answer.headers[.contentSecurityPolicy] ?? ""
        #expect(
          policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'")
            && policy.contains("base-uri 'none'"))
        #expect(!policy.contains("unsafe"), "\(route.path)")
        #expect(answer.headers[.xFrameOptions] == "DENY" && answer.headers[.cacheControl] == "no-store", "\(route.path)")
      }
    }
  }

  @Test("A page kept open over signing out asks to sign in, and a form sent from it is refused without doing anything")
  func signedOut() async throws {
    let hall = try await Hall()
    let token = hall.token(of: .member)
    try await hall.serve { client in
      let done = try await hall.post(client, "/sign-out", [], as: .member)
      #expect(done.status == .seeOther)
      let page = try await client.send(.get, "/hall/members", hall.headers(of: .member))
      #expect(page.headers[.location] == "/sign-in?next=%2Fhall%2Fmembers")
      var headers = hall.headers(of: .member)
      headers[.contentType] = "application/x-www-form-urlencoded"
      let late = try await client.send(.post, "/me/organizations/hall/departure", headers, body: "csrf=\(token)")
      #expect(late.headers[.location] == "/sign-in", "the page it came from isn't known")
      headers[.referer] = "https://guildhall.test/me/organizations/hall/departure"
      let known = try await client.send(.post, "/me/organizations/hall/departure", headers, body: "csrf=\(token)")
      #expect(known.headers[.location] == "/sign-in?next=%2Fme%2Forganizations%2Fhall%2Fdeparture")
      #expect(known.cookies.contains { $0.hasPrefix("__Host-guildhall-flash=") }, "it says what happened")
      for foreign in ["https://evil.test/me", "https://guildhall.test.evil.test/me", "https://guildhall.test//evil.test"] {
        headers[.referer] = foreign
        #expect(try await client.send(.post, "/me/organizations/hall/departure", headers, body: "csrf=\(token)").headers[.location] == "/sign-in", "\(foreign)")
      }
      headers[.accept] = "application/json"
      #expect(try await client.send(.post, "/me/organizations/hall/departure", headers, body: "csrf=\(token)").status == .unauthorized)
    }
  }

  @Test("A bare member is offered nothing that they may not do, and a deed tried all the same is refused")
  func offers() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let settings = try await client.send(.get, "/hall/settings", hall.headers(of: .member)).text
      #expect(settings.contains("Leave") && !settings.contains("settings/deletion") && !settings.contains("name=\"billing_email\""))
      let members = try await client.send(.get, "/hall/members", hall.headers(of: .member)).text
      #expect(
        !members.contains("Invite people") && !members.contains("data-saves-to") && !members.contains("role-picker")
          && !members.contains("href=\"/hall/settings\""))
      for (path, fields) in [
        ("deletion", [("confirm", "hall")]), ("suspension", [("reason", "x")]), ("transfer", [("member", "ada"), ("step_down_to", "guest")]),
      ] {
        #expect(try await hall.post(client, "/hall/settings/\(path)", fields, as: .member).status == .unprocessableContent, "\(path)")
      }
      #expect(try await hall.post(client, "/hall/settings", [("name", "Mine")], as: .member).status == .unprocessableContent)
    }
  }

  @Test("What can't be undone asks for the password when the sign-in is old, and takes it in the same form")
  func freshSignIn() async throws {
    let hall = try await Hall()
    hall.house.pass(.minutes(16))
    try await hall.serve { client in
      #expect(try await client.send(.get, "/hall/settings/deletion", hall.headers(of: .admin)).text.contains("name=\"password\""))
      let without = try await hall.post(client, "/hall/settings/deletion", [("confirm", "hall")], as: .admin)
      #expect(without.status == .unprocessableContent && without.text.contains("Give your password"))
      let wrong = try await hall.post(client, "/hall/settings/deletion", [("confirm", "hall"), ("password", "not this one at all")], as: .admin)
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("isn&#39;t your password") || wrong.text.contains("isn't your password"))
      let done = try await hall.post(client, "/hall/settings/deletion", [("confirm", "hall"), ("password", Hall.password)], as: .admin)
      #expect(done.headers[.location] == "/me/organizations")
      #expect(try await client.send(.get, "/me", hall.headers(of: .admin)).text.contains("is deleted."))
    }
  }

  @Test("A search finds pages, organizations and people, and nothing that isn't for the one who searches")
  func search() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      func found(_ query: String, as person: Hall.Person) async throws -> String {
        let answer = try await client.send(.get, "/search?\(query)", hall.headers(of: person))
        #expect(answer.status == .ok && MarkupChecker(Array(answer.body.readableBytesView)).findings == [])
        return String(answer.text.split(separator: "id=\"found\"").last ?? "")
      }
      let person = try await found("in=hall&q=bob", as: .admin)
      #expect(person.contains("/hall/members/") && person.contains("bob@example.org") && !person.contains("carol@example.org"))
      #expect(try await found("in=hall&q=verify", as: .admin).contains("href=\"/hall/audit\""))
      #expect(try await !found("in=hall&q=verify", as: .member).contains("/hall/audit"))
      #expect(try await found("q=hall", as: .member).contains("href=\"/hall\""))
      #expect(try await found("in=elsewhere&q=bob", as: .admin).contains("Nothing fits"))
      #expect(try await found("in=hall&q=\(String(repeating: "x", count: 2000))", as: .admin).contains("Nothing fits"))
      let signedOut = try await client.send(.get, "/search?q=hall", hall.headers(of: .nobody))
      #expect(signedOut.headers[.location]?.hasPrefix("/sign-in") == true)
    }
  }

  @Test("What was just done is undone by one press, from the note that tells it")
  func undo() async throws {
    let hall = try await Hall(.plain)
    let bob = try #require(try await hall.house.plane.members.list(in: "hall", MemberFilter(search: "bob"), .first, by: hall.caller(.admin)).items.first)
    try await hall.serve { client in
      func member() async throws -> Member? {
        try await hall.house.plane.members.list(in: "hall", MemberFilter(search: "bob"), .first, by: hall.caller(.admin)).items.first
      }
      /// Does it, looks at the list, and sends the form in the note there.
      func doAndUndo(_ path: String, _ fields: [(String, String)]) async throws {
        let done = try await hall.post(client, path, fields + [("back", "/hall/members?q=bob")], as: .admin)
        var headers = hall.headers(of: .admin)
        let flash = try #require(done.cookies.first { $0.contains("flash") }?.prefix { $0 != ";" })
        headers[.cookie] = "\(headers[.cookie] ?? ""); \(flash)"
        let page = try await client.send(.get, "/hall/members?q=bob", headers)
        #expect(MarkupChecker(Array(page.body.readableBytesView)).findings == [])
        let form = try #require(PageForm.all(in: page.text).first { $0.content.contains(">Undo<") })
        let undone = try await hall.post(client, form.action, form.hidden, as: .admin)
        #expect(undone.headers[.location] == "/hall/members?q=bob")
      }
      try await doAndUndo("/hall/members/\(bob.id)/roles", [("role", "viewer"), ("revision", String(bob.revision))])
      #expect(try await member()?.roles == bob.roles)
      try await doAndUndo("/hall/members/\(bob.id)/suspension", [])
      #expect(try await member()?.suspended == nil)
      try await doAndUndo("/hall/members/\(bob.id)/removal", [])
      #expect(try await member()?.roles == bob.roles)
    }
  }

  @Test("People see what they did in an organization, though its log is not theirs to see")
  func ownDeeds() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      #expect(try await client.send(.get, "/hall/audit", hall.headers(of: .member)).status == .forbidden)
      let own = try await client.send(.get, "/me/activity?in=hall", hall.headers(of: .member))
      #expect(own.status == .ok && own.text.contains("<option value=\"hall\" selected>") && own.text.contains("class=\"timeline\""))
      #expect(!own.text.contains("carol@example.org"), "what others did isn't told")
      #expect(try await client.send(.get, "/me/activity?in=nowhere", hall.headers(of: .member)).status == .notFound)
    }
  }

  @Test("The design page leads to every page that needs nothing made first, and to its other states, each of which is there")
  func designOfPages() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let text = try await client.send(.get, "/design", hall.headers(of: .admin)).text
      let made: Set<String> = ["mail", "digest"]
      let pages = hall.pages.filter { $0.method == .get && !$0.isPassage }
      #expect(pages.count > 35)
      for page in pages where !made.contains(where: { page.path.contains("{\($0)}") }) { #expect(text.contains("<code>\(page.path)</code>"), "\(page.path)") }
      let list = String(text.split(separator: "id=\"pages\"").last ?? "")
      let states = list.matches(of: /<small><a href="([^"]*)"[^>]*>([^<]*)</)
      #expect(states.count > 10)
      for state in states {
        let answer = try await client.send(.get, String(state.1).replacing("&amp;", with: "&"), hall.headers(of: .admin))
        #expect([.ok, .forbidden].contains(answer.status) && MarkupChecker(Array(answer.body.readableBytesView)).findings == [], "\(state.1)")
        if state.2 == "nothing fits", answer.status == .ok { #expect(answer.text.contains("class=\"empty\""), "\(state.1)") }
      }
    }
  }

  @Test("The pages about the whole installation are for its operators alone")
  func operators() async throws {
    let hall = try await Hall()
    let bob = try await hall.house.plane.accounts.read(by: hall.caller(.member)).id
    try await hall.serve { client in
      let pages = ["/operator/organizations", "/operator/accounts", "/operator/accounts/\(bob)", "/operator/installation"]
      for path in pages {
        #expect(try await client.send(.get, path, hall.headers(of: .admin)).status == .ok, "\(path)")
        #expect(try await client.send(.get, path, hall.headers(of: .member)).status == .forbidden, "\(path)")
        #expect(try await client.send(.get, path, hall.headers(of: .nobody)).status == .seeOther, "\(path)")
      }
      #expect(try await !client.send(.get, "/me", hall.headers(of: .member)).text.contains("/operator/"))
      #expect(try await client.send(.get, "/me", hall.headers(of: .admin)).text.contains("/operator/accounts"))
      _ = try await hall.post(client, "/operator/installation", [("sign_up", "closed")], as: .member)
      #expect(try await hall.house.plane.installation.read(by: hall.caller(.nobody)).signUp == .open)
      #expect(try await hall.post(client, "/operator/installation", [("sign_up", "perhaps")], as: .admin).status == .unprocessableContent)
      #expect(try await hall.post(client, "/operator/installation", [("sign_up", "invitees"), ("endless_tokens", "on")], as: .admin).status == .seeOther)
      let after = try await hall.house.plane.installation.read(by: hall.caller(.nobody))
      #expect(after.signUp == .invitees && after.allowsEndlessTokens)

      let own = try await hall.house.plane.accounts.read(by: hall.caller(.admin)).id
      #expect(try await hall.post(client, "/operator/accounts/\(own)/deactivation", [], as: .admin).status == .unprocessableContent, "the last operator stays")
      #expect(try await hall.post(client, "/operator/accounts/\(bob)/deactivation", [], as: .admin).headers[.location] == "/operator/accounts/\(bob)")
      #expect(try await client.send(.get, "/me", hall.headers(of: .member)).status == .seeOther)
      #expect(try await client.send(.get, "/operator/accounts?state=deactivated", hall.headers(of: .admin)).text.contains("/operator/accounts/\(bob)"))
      _ = try await hall.post(client, "/operator/accounts/\(bob)/deactivation", [("lift", "yes")], as: .admin)
      #expect(try await hall.house.plane.accounts.find(bob, by: hall.caller(.admin)).isActive)
    }
  }

  @Test("Who belongs to more organizations than the switcher shows finds each of them by its name, on the same kind of page")
  func manyOrganizations() async throws {
    let hall = try await Hall()
    for number in 100..<205 {
      let draft = try OrganizationDraft(name: "Place \(number)", slug: "place-\(number)", description: "", billingEmail: "ada@example.org")
      _ = try await hall.house.plane.organizations.found(draft, by: hall.caller(.admin))
    }
    try await hall.serve { client in
      let page = try await client.send(.get, "/hall/members", hall.headers(of: .admin)).text
      #expect(page.contains("All 106 organizations") && page.contains("data-asks=\"/me/organizations/found?section=members\""))
      let found = try await client.send(.get, "/me/organizations/found?section=members&q=place-204", hall.headers(of: .admin)).text
      #expect(found.contains("href=\"/place-204/members\"") && !found.contains("place-203"))
      let hostile = try await client.send(.get, "/me/organizations/found?section=%2F%2Fevil.test&q=204", hall.headers(of: .admin)).text
      #expect(hostile.contains("href=\"/place-204\"") && !hostile.contains("evil.test"))
      #expect(!(try await client.send(.get, "/me/organizations/found?q=place", hall.headers(of: .member)).text.contains("place-")))
      let own = try await client.send(.get, "/me/organizations", hall.headers(of: .admin)).text
      #expect(own.contains("50 of 106 organizations") && own.contains("rel=\"next\""))
      #expect(try await client.send(.get, "/me/organizations?q=nothing-like-it", hall.headers(of: .admin)).text.contains("Nothing fits"))
      #expect(!(try await client.send(.get, "/hall", hall.headers(of: .member)).text.contains("data-asks")))
    }
  }

  @Test("The role of an open invitation is changed in its row, once for each look at it")
  func invitedRole() async throws {
    let hall = try await Hall()
    let pending = try await hall.house.plane.invitations.list(in: "hall", .pending, search: "carol", .first, by: hall.caller(.admin)).items
    let invitation = try #require(pending.first)
    let path = "/hall/members/invitations/\(invitation.id)/roles"
    try await hall.serve { client in
      func role() async throws -> String { try await hall.house.plane.invitations.find(invitation.id, in: "hall", by: hall.caller(.admin)).roles.description }
      let list = try await client.send(.get, "/hall/members/invitations", hall.headers(of: .admin)).text
      #expect(list.contains("data-saves-to=\"\(path)\"") && !list.contains("action=\"\(path)\""), "a word, until a choice is asked for")
      let asked = try await client.send(.get, "/hall/members/invitations?state=pending&edit=\(invitation.id)", hall.headers(of: .admin))
      #expect(asked.text.contains("action=\"\(path)\"") && asked.text.contains("name=\"back\" value=\"/hall/members/invitations?state=pending\""))
      #expect(MarkupChecker(Array(asked.body.readableBytesView)).findings == [])
      let fields = [("role", "viewer"), ("revision", "1"), ("back", "/hall/members/invitations?state=pending")]
      let sent = try await hall.post(client, path, fields, as: .admin)
      #expect(sent.headers[.location] == "/hall/members/invitations?state=pending")
      #expect(try await role() == "viewer")
      _ = try await hall.post(client, path, [("role", "guest"), ("revision", "1")], as: .admin)
      #expect(try await role() == "viewer", "what was read before another change is stale")
      #expect(try await hall.post(client, path, [("role", "emperor"), ("revision", "2")], as: .admin).status == .seeOther)
      _ = try await hall.post(client, path, [("role", "member"), ("revision", "2")], as: .member)
      #expect(try await role() == "viewer", "a bare member may not")
      let file = try await client.send(.get, "/hall/members/invitations/export?state=pending", hall.headers(of: .admin))
      #expect(file.text.hasPrefix("email,roles,state,") && file.text.contains("\r\ncarol@example.org,viewer,pending,"))
      #expect(!file.text.contains("bob@example.org"))
      #expect(try await client.send(.get, "/hall/members/invitations/export", hall.headers(of: .member)).status == .forbidden)
    }
  }

  @Test("An account is deleted by its owner's handle, typed, and not while an organization needs it")
  func accountDeletion() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let needed = try await client.send(.get, "/me/deletion", hall.headers(of: .admin))
      #expect(needed.text.contains("/hall/settings/transfer") && !needed.text.contains("name=\"confirm\""))
      let refused = try await hall.post(client, "/me/deletion", [("confirm", "ada")], as: .admin)
      #expect(refused.status == .unprocessableContent)
      let mistyped = try await hall.post(client, "/me/deletion", [("confirm", "bobby")], as: .member)
      #expect(mistyped.status == .unprocessableContent && mistyped.text.contains("value=\"bobby\""))
      let done = try await hall.post(client, "/me/deletion", [("confirm", "bob")], as: .member)
      #expect(done.headers[.location] == "/sign-in" && done.cookies.contains { $0.hasPrefix("__Host-guildhall=;") })
      #expect(try await client.send(.get, "/me", hall.headers(of: .member)).headers[.location] == "/sign-in?next=%2Fme")
    }
  }
}

/// The product with two people and an organization, all of whose names want to be markup.
final class Hall: Sendable {
  enum Person: CaseIterable, Sendable { case nobody, member, admin }

  /// What everybody and everything is called.
  enum Names: CaseIterable, Sendable {
    case hostile, plain, long, rightToLeft
    /// The founder is by themselves: lists are empty.
    case alone

    var beginning: String {
      switch self {
      case .hostile: Hall.hostile
      case .plain, .alone: "Some"
      case .long: String(repeating: "W", count: 120)
      case .rightToLeft: "\u{5E9}\u{5DC}\u{5D5}\u{5DD} عائشة"
      }
    }
  }

  static let password = "nine lilac kites over water"
  static let hostile = "<b>bold</b> \"'& שלום"

  let house: TestHouse
  let founded: Int
  private let secrets: [Person: String]
  private let parameters: [String: String]
  private let workspaceGrant: String
  private let projectGrant: String
  private let clusterGrant: String
  private let clusterProjectGrant: String
  private let appGrant: String
  /// The id of an object, as an address has it.
  private let object: String

  init(_ names: Names = .hostile) async throws {
    house = try await TestHouse()
    let plane = house.plane
    let nobody = Caller(.none, from: Origin(address: "192.0.2.1", userAgent: "test", requestID: "test"))
    func join(_ handle: String) async throws -> String {
      let draft = try AccountDraft(email: "\(handle)@example.org", name: "\(names.beginning) \(handle)", handle: handle, password: Self.password)
      return try await plane.accounts.create(draft, by: nobody).secret.reveal()
    }
    let (ada, bob) = (try await join("ada"), try await join("bob"))
    let admin = Caller(secret: ada, from: nobody.origin)
    let organization = try await plane.organizations.found(
      OrganizationDraft(name: names.beginning, slug: "hall", description: names.beginning, billingEmail: "ada@example.org"), by: admin)
    let invited = names == .alone ? ["carol@example.org"] : ["bob@example.org", "carol@example.org"]
    let sent = try await plane.invitations.send(to: invited, roles: ["member"], message: names.beginning, days: nil, in: "hall", by: admin)
    if names == .alone, case .success(let invitation) = sent[0].result {
      _ = try await plane.invitations.cancel(invitation.invitation.id, in: "hall", by: admin)
    } else if case .success(let invitation) = sent[0].result {
      _ = try await plane.invitations.accept(.link(String(invitation.link.split(separator: "=").last ?? "")), by: Caller(secret: bob, from: nobody.origin))
    }
    let members = try await plane.members.list(in: "hall", MemberFilter(), .first, by: admin).items
    let robot = try await plane.serviceAccounts.create(
      ServiceAccountDraft(name: names.beginning, slug: "robot", description: names.beginning, roles: ["viewer"]), in: "hall", by: admin)
    let key = try await plane.serviceAccounts.createKey(named: names.beginning, KeyTerm(days: nil), of: "robot", in: "hall", by: admin)
    let team = try await plane.teams.create(TeamDraft(name: names.beginning, slug: "crew", description: names.beginning), in: "hall", by: admin).team
    let seats = try await plane.teams.add([.anybody("ada"), .anybody("robot"), .anybody("carol@example.org")], to: team.slug.text, in: "hall", by: admin)
    _ = try await plane.workspaces.enroll(ResourceDraft(name: names.beginning, slug: "lab", description: names.beginning), in: "hall", by: admin)
    _ = try await plane.projects.create(ResourceDraft(name: names.beginning, slug: "forecast", description: names.beginning), of: "lab", in: "hall", by: admin)
    if names != .alone {
      let object = ObjectDraft(try ObjectName(type: "dataset", id: names.beginning), title: names.beginning, attributes: ["tags": [.string(names.beginning)]])
      _ = try await plane.objects.register([.success(object)], in: "hall", by: admin)
      _ = try await plane.sharing.set(ShareDraft(SharedName(object.name), with: .anybody("bob"), actions: ["read", "share"]), in: "hall", by: admin)
    }
    var given: [String] = []
    let shape = try MachineShape(millicores: 4000, memory: 17_179_869_184, gpus: 1, gpuModel: "a100")
    let cluster = try await plane.clusters.register(
      ClusterDraft(
        name: names.beginning, slug: "iron", details: ClusterUpdate(description: names.beginning, location: names.beginning, addresses: [.users: "https://x.example"])),
      by: admin)
    _ = try await plane.clusters.set(ClusterPreset(name: "gpu-small", price: "2.5", shape: shape), on: "iron", by: admin)
    _ = try await plane.clusters.set(NodePool(name: "main", least: 0, most: 8, shape: shape, disk: 1 << 30, isPreemptible: true), on: "iron", by: admin)
    _ = try await plane.clusters.admit("hall", to: "iron", ClusterAdmission(limits: ClusterLimits(runningJobs: 20)), by: admin)
    _ = try await plane.projects.create(
      ResourceDraft(name: names.beginning, slug: "forecast", description: names.beginning), at: .cluster("iron"), in: "hall", by: admin)
    let app = try await plane.apps.create(
      ResourceDraft(name: names.beginning, slug: "finder", description: names.beginning),
      AppUpdate(notes: names.beginning, visibility: "organization", isTemplate: true), isOwn: true, in: "hall", by: admin)
    _ = try await plane.stars.add(app.resource.id, in: "hall", by: admin)
    let places: [(ResourceReference, String)] = [
      (.workspace("lab"), "viewer"), (.project("forecast", in: "lab"), "viewer"), (.cluster("iron"), "user"), (.projectAt("forecast", .cluster("iron")), "viewer"),
      (.app("finder"), "labeler-worker"),
    ]
    for (place, role) in places {
      for who in names == .alone ? ["robot"] : ["robot", "carol@example.org"] {
        _ = try await plane.grants.give(GrantDraft(.anybody(who), role: role), on: place, in: "hall", by: admin)
      }
      given.append(try await plane.grants.give(GrantDraft(.team("crew"), role: role), on: place, in: "hall", by: admin).id.description)
    }
    (workspaceGrant, projectGrant, clusterGrant, clusterProjectGrant, appGrant) = (given[0], given[1], given[2], given[3], given[4])
    let role = try await plane.roles.define(
      RoleDraft(level: "organization", base: "viewer", name: names.beginning, slug: "keeper", description: names.beginning), in: "hall", by: admin)
    _ = try await plane.roles.define(RoleDraft(level: "project", name: names.beginning, slug: "painter", rights: ["dataset:*", "flux:read"], ownRights: ["task:*"]), in: "hall", by: admin)
    let asked = try await plane.elevations.ask(
      ElevationDraft(on: nil, role: "viewer", minutes: 60, reason: names.beginning), in: "hall",
      by: names == .alone ? admin : Caller(secret: bob, from: nobody.origin))
    let further = try await plane.organizationAccess.give(GrantDraft(.team("crew"), role: "keeper"), in: "hall", by: admin)
    _ = try await plane.credits.topUp(TopUpOrder(amount: "1000", note: names.beginning), of: "hall", by: admin)
    _ = try await plane.credits.topUp(TopUpOrder(amount: "50.5", kind: .promotional, expires: house.plane.world.clock() + .days(3)), of: "hall", by: admin)
    let share = try await plane.subBalances.create(
      SubBalanceDraft(holderKind: .project, holder: names.beginning, amount: "400"), in: "hall", by: admin).subBalance
    _ = try await plane.holds.charge(ChargeDraft(subBalance: share.id, amount: "12.25", note: names.beginning), in: "hall", by: admin)
    let hold = try await plane.holds.create(HoldDraft(subBalance: share.id, amount: "20", seconds: 600, note: names.beginning), in: "hall", by: admin)
    let budget = try await plane.budgets.create(BudgetDraft(subject: .project, holder: names.beginning, soft: "1", hard: "500"), in: "hall", by: admin)
    let quota = try await plane.quotas.create(QuotaDraft(.gpus, subject: .member, holder: "ada", cluster: names.beginning, limit: 8), in: "hall", by: admin)
    _ = try await plane.quotas.create(QuotaDraft(.gpus, limit: 10), in: "hall", by: admin)
    let lease = try await plane.leases.acquire(LeaseDraft(gpus: 10, note: names.beginning), in: "hall", by: admin)
    _ = try await plane.leases.acquire(LeaseDraft(holder: (.serviceAccount, "robot"), cluster: names.beginning, runningJobs: 2), in: "hall", by: admin)
    // Something was told, and is over.
    try await plane.alerts.delete(plane.alerts.create(.amount, amount: try Credits(decimal: "5000"), in: "hall", by: admin).id, in: "hall", by: admin)
    let rule = try await plane.alerts.rules(in: "hall", .first, by: admin).items.first
    let policy = try await plane.policies.create(
      PolicyDraft(name: names.beginning, slug: "kept", description: names.beginning, text: "forbid (principal, action == Action::\"delete\", resource is Dataset);"),
      in: "hall", by: admin)
    _ = try await plane.prices.set(
      PriceDraft(resource: "gpu", unit: "second", per: "3600", tiers: [("100000", "0"), ("", "2.5")], note: names.beginning), by: admin)
    let tomorrow = house.plane.world.clock().end(of: .day)
    _ = try await plane.prices.set(PriceDraft(resource: "gpu", preset: "big", unit: "second", tiers: [("", "1")], since: tomorrow), by: admin)
    _ = try await plane.prices.set(PriceDraft(resource: "disk", unit: "GiB", tiers: [("", "1")], since: tomorrow), for: "hall", by: admin)
    let price = try await plane.prices.set(PriceDraft(resource: "disk", tiers: [], since: tomorrow.end(of: .day)), for: "hall", by: admin)
    var subject = UsageDraft.Subject()
    (subject.member, subject.project, subject.cluster) = ("ada", "lab/forecast", names.beginning)
    let now = house.plane.world.clock()
    let used = [
      try UsageDraft("1", at: now, resource: "gpu", unit: "second", quantity: "7200", of: subject),
      try UsageDraft("2", at: now - .days(1), resource: "disk", preset: "ssd", unit: "GiB", quantity: "0.5"), try UsageDraft("3", correcting: "2"),
    ]
    _ = try await plane.usage.record(used.map { .success($0) }, of: "<b>source</b>", in: "hall", by: admin)
    secrets = [.admin: ada, .member: bob]
    object = FormText.encode([("", names.beginning)]).dropFirst().description
    founded = try await plane.events.list(in: "hall", EventFilter(), .first, by: admin).total
    parameters = [
      "organization": organization.slug.text, "member": members[0].id.description, "account": members[0].account.description,
      "invitation": "none", "request": "none", "mail": "none", "digest": "none",
      "policy": policy.slug.text, "workspace": "lab", "project": "forecast", "share": share.id.description, "hold": hold.hold.id.description,
      "budget": budget.budget.id.description, "quota": quota.quota.id.description, "lease": lease.lease.id.description, "rule": rule?.id.description ?? "none",
      "price": price.id.description, "cluster": cluster.slug.text, "app": app.resource.slug.text, "resource": app.resource.id.description,
      "role": role.reference, "organization_grant": further.id.description, "elevation": asked.elevation.id.description,
      "client": "api", "team": team.slug.text, "team_member": try seats.first?.result.get().id.description ?? "none", "service_account": robot.slug.text, "key": key.key.id.description, "setting": "none", "token": "none", "email": "none", "session": "none",
    ]
  }

  var pages: [PageRoute] { house.plane.features.flatMap(\.pages) }
  /// Pages that are nothing without the secret of a link or the id of a mail.
  let needsSecret: Set<String> = ["/join", "/outbox/none", "/images/none"]

  func path(_ route: PageRoute) -> String? {
    // Each access belongs to one thing.
    let (isOnCluster, isProject) = (route.path.contains("{cluster}"), route.path.contains("{project}"))
    let grant = route.path.contains("{app}") ? appGrant : isOnCluster ? (isProject ? clusterProjectGrant : clusterGrant) : isProject ? projectGrant : workspaceGrant
    var path = route.path.replacing("{grant}", with: grant)
    for (name, value) in parameters { path = path.replacing("{\(name)}", with: value) }
    // Which object it is says the query.
    if path.hasSuffix("/objects/sharing"), route.method == .get { path += "?type=dataset&id=" + object }
    return path.contains("{") ? nil : path + (path == "/authorize" ? "?\(Self.signIn)" : "")
  }

  func headers(of person: Person) -> HTTPFields {
    var headers: HTTPFields = [.accept: "text/html"]
    if let secret = secrets[person] { headers[.cookie] = "__Host-guildhall=\(secret)" }
    return headers
  }

  /// What the forms of a person's pages carry.
  func token(of person: Person) -> String {
    let codes = FormTokens(house.plane.world.keys, site: Site(publicURL: "https://guildhall.test"))
    return codes.sessionToken(secrets[person] ?? "").text
  }

  func serve<Value>(_ body: @Sendable (any TestClientProtocol) async throws -> Value) async throws -> Value {
    try await house.serve(house.plane.features, declared: API.all, body)
  }

  /// Sends a form as its page would.
  func post(_ client: any TestClientProtocol, _ path: String, _ fields: [(String, String)], as person: Person) async throws -> TestResponse {
    var headers = headers(of: person)
    var token = token(of: person)
    if person == .nobody {
      let page = try await client.send(.get, "/sign-in", headers)
      headers[.cookie] = page.cookies.map { $0.prefix { $0 != ";" } }.joined(separator: "; ")
      token = String(page.text.split(separator: "name=\"csrf\" value=\"").dropFirst().first?.prefix { $0 != "\"" } ?? "")
    }
    headers[.contentType] = "application/x-www-form-urlencoded"
    return try await client.send(.post, path, headers, body: FormText.encode([("csrf", token)] + fields))
  }

  func secret(of person: Person) -> String { secrets[person] ?? "" }

  func caller(_ person: Person) -> Caller { Caller(secret: secrets[person] ?? "", from: Origin(address: "", userAgent: "", requestID: "")) }

  /// How much has happened in the organization.
  func actions(_ client: any TestClientProtocol) async throws -> Int {
    try await house.plane.events.list(in: "hall", EventFilter(), .first, by: caller(.admin)).total
  }
}
