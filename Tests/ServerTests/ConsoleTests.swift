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

  @Test("No organization can take the address of a page")
  func reserved() async throws {
    let hall = try await Hall()
    let firsts =
      hall.pages.compactMap { $0.path.split(separator: "/").first.map(String.init) } + [
        "theme", "docs", "problems", "assets", "api", "healthz", "readyz", "metrics", "offline",
      ]
    for word in Set(firsts) where !word.hasPrefix("{") { #expect(throws: Rejection.self, "\(word) isn't reserved") { try Slug(word) } }
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
}
