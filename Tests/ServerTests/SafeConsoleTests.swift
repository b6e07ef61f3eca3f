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

/// What keeps the console from being used by others than the one who looks at it.
@Suite struct SafeConsoleTests {
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
}
