import Authorization
@testable import ControlPlane
import Kernel
import Secrets
import Testing

/// Programs that sign in through the browser.
@Suite struct CodeLoginsTests {
  private static let verifier = String(repeating: "v", count: 43)

  private static func request(_ change: (inout [String: String]) -> Void = { _ in }) throws(Problem) -> CodeLoginRequest {
    var query = [
      "client_id": "apolo-cli", "redirect_uri": "http://127.0.0.1:54541", "response_type": "code", "code_challenge_method": "S256",
      "code_challenge": SHA256Digest(of: verifier).text, "state": "s",
    ]
    change(&query)
    return try CodeLoginRequest({ query[$0] }, publicURL: "https://guildhall.test")
  }

  @Test(arguments: [
    ("client_id", "other"), ("client_id", ""), ("redirect_uri", "http://127.0.0.1:54543"), ("redirect_uri", "http://127.0.0.1:54541/"),
    ("redirect_uri", "http://127.0.0.1:54541@evil.example"), ("redirect_uri", "http://localhost:54541"), ("redirect_uri", "https://guildhall.test/authorize/code?x"),
    ("redirect_uri", "https://guildhall.test.evil.example/authorize/code"), ("redirect_uri", ""), ("response_type", "token"), ("code_challenge_method", "plain"),
    ("code_challenge", ""), ("code_challenge", String(repeating: "a", count: 44)), ("code_challenge", String(repeating: "?", count: 43)),
    ("state", String(repeating: "x", count: 513)),
  ])
  func `What isn't asked for as it should be leads nowhere`(name: String, value: String) {
    #expect(throws: Problem.self) { try Self.request { $0[name] = value } }
  }

  @Test func `A code is good once, for who asked for it, and for minutes`() async throws {
    let house = try await House()
    let ada = try await house.signUpVerified("Ada")
    let (logins, nobody) = (house.plane.codeLogins, house.visitor())
    let asked = try Self.request()
    #expect(!asked.isCarried)
    #expect(try Self.request { $0["redirect_uri"] = "https://guildhall.test/authorize/code" }.isCarried)
    #expect(await refusal { try await logins.allow(asked, by: nobody) } == "session.required")
    @Sendable func redeem(_ code: String, verifier: String = Self.verifier, client: String = "apolo-cli", redirect: String = "http://127.0.0.1:54541") async throws(Problem) -> ProgramLogin {
      try await logins.redeem(code, verifier: verifier, client: client, redirect: redirect, by: nobody)
    }
    let code = try await logins.allow(asked, by: house.caller(ada)).reveal()
    let login = try await redeem(code)
    #expect(login.handle.text == "ada")
    #expect(await refusal { try await redeem(code) } == "link.spent")
    guard case .person(let person) = try await house.plane.accounts.speaker(by: house.caller(login.secret)) else { throw Problem(.defect, "Nobody speaks.") }
    #expect(person.id == ada.account.id)
    #expect(try await house.plane.tokens.list(.first, by: house.caller(ada)).items.map(\.name.text) == ["Apolo's command line"])
    // Who brings it wrongly has spent it.
    for wrong in 0..<4 {
      let code = try await logins.allow(asked, by: house.caller(ada)).reveal()
      #expect(
        await refusal {
          switch wrong {
          case 0: try await redeem(code, verifier: String(repeating: "w", count: 43))
          case 1: try await redeem(code, client: "other")
          case 2: try await redeem(code, redirect: "http://127.0.0.1:54540")
          default: try await redeem(code, verifier: "short")
          }
        } == "link.spent", "\(wrong)")
      #expect(await refusal { try await redeem(code) } == "link.spent", "\(wrong)")
    }
    let late = try await logins.allow(asked, by: house.caller(ada)).reveal()
    house.pass(.minutes(5))
    #expect(await refusal { try await redeem(late) } == "link.spent")
    for text in ["", "x", "gld_cod_x", login.secret.reveal()] { #expect(await refusal { try await redeem(text) } == "link.spent") }
    // Of many at once one gets it.
    let contested = try await logins.allow(asked, by: house.caller(ada)).reveal()
    #expect(await outcomes((0..<6).map { _ in { await refusal { try await redeem(contested) } } }) == ["success": 1, "link.spent": 5])
    #expect(try await house.actions(in: .account(ada.account.id)).filter { $0.hasPrefix("program.") }.count == 9)
    try await PurgeSecrets(house.plane).run()
  }

  @Test func `No token lets a program in, which would get more than the token has`() async throws {
    let house = try await House()
    let ada = try await house.signUpVerified("Ada")
    for scopes in [["account"], ["organization:read", "account"], ["organization:admin", "account", "organization:irreversible"]] {
      let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: scopes), by: house.caller(ada))
      #expect(await refusal { try await house.plane.codeLogins.allow(try Self.request(), by: house.caller(token.secret)) } == "session.none", "\(scopes)")
    }
    #expect(try await house.plane.tokens.list(.first, by: house.caller(ada)).total == 3)
  }

  @Test func `Whoever ends a program's sign-in, or whose account ends, has it ended at once`() async throws {
    let house = try await House()
    let oscar = try await house.signUpVerified("Oscar")
    let ada = try await house.signUpVerified("Ada")
    let logins = house.plane.codeLogins
    let code = try await logins.allow(Self.request(), by: house.caller(ada)).reveal()
    let login = try await logins.redeem(code, verifier: Self.verifier, client: "apolo-cli", redirect: "http://127.0.0.1:54541", by: house.visitor())
    let token = try #require(try await house.plane.tokens.list(.first, by: house.caller(login.secret)).items.first)
    try await house.plane.tokens.revoke(token.id, by: house.caller(login.secret))
    #expect(await refusal { try await house.plane.accounts.speaker(by: house.caller(login.secret)) } == "credential.invalid")
    // Whose account ended meanwhile isn't let in.
    let last = try await logins.allow(Self.request(), by: house.caller(ada)).reveal()
    _ = try await house.plane.accounts.deactivate(ada.account.id, by: house.caller(oscar))
    #expect(await refusal { try await logins.redeem(last, verifier: Self.verifier, client: "apolo-cli", redirect: "http://127.0.0.1:54541", by: house.visitor()) } == "link.spent")
  }
}
