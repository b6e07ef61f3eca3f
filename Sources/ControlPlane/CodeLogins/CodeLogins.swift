import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ControlPlane {
  public var codeLogins: CodeLogins { CodeLogins(plane: self) }
}

/// Programs that sign in as somebody, who allows it in the browser: an authorization code with a proof key (RFC 6749, RFC 7636).
public struct CodeLogins: Sendable {
  let plane: ControlPlane

  /// Lets the program in as the caller, who must be signed in at a session of their own: what it gets may more than a token that may less.
  /// Answers the code with which it fetches its token, once and within minutes.
  func allow(_ request: CodeLoginRequest, by caller: Caller) async throws(Problem) -> SecretText {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      guard person.session != nil else { throw Problem(.noSession, "This takes a session; a token won't do. Sign in first.") }
      let permit = try work.permit(AllowProgram.self, on: person.id)
      let code = Token.mint(.loginCode, work.tx.moment)
      let login = CodeLogin(account: person.id, client: request.client.id, redirect: request.redirect, challenge: request.challenge)
      let proof = try work.record(
        permit, in: .account(person.id), on: Target("program", request.client.id, named: request.client.name), [Change("redirect", to: request.redirect)])
      try work.codeLogins.insert(login, code.digest, expires: work.now + CodeLogin.term, under: proof)
      return code.secret
    }
  }

  /// Gives the program a token of the person's own, which they see and revoke among the others. A code is spent by the first who brings it, rightly or not.
  public func redeem(_ code: String, verifier: String, client: String, redirect: String, by caller: Caller) async throws(Problem) -> ProgramLogin {
    guard let code = try? Token(parsing: code), code.kind == .loginCode else { throw Problem.badCode }
    let login = try await plane.write(as: caller) { work -> ProgramLogin? in
      guard let login = try work.codeLogins.take(code.digest), login.isAsked(by: client, at: redirect, with: verifier),
        let account = try work.accounts.find(login.account), account.isActive, account.deletedAt == nil
      else { return nil }
      guard try work.tokens.count(of: account.id) < AccessToken.limit else {
        throw Problem(.tooManyTokens, "An account can have \(AccessToken.limit) tokens. Revoke those you don't need any more.")
      }
      let secret = Token.mint(.personalAccess, work.tx.moment)
      let name = LoginClient.all.first { $0.id == login.client }?.name ?? login.client
      let token = AccessToken(
        id: work.tx.newID(), account: account.id, organization: nil, name: try Problem.checking("name") { () throws(Rejection) in try DisplayName(name) },
        hint: secret.hint, scopes: [.account, .admin, .irreversible], createdAt: work.now, expiresAt: work.now + .days(CodeLogin.days), usedAt: nil)
      let permit = work.permit(FetchProgramToken.self, byProofOf: Person(speaking: account))
      let proof = try work.record(
        permit, in: .account(account.id), on: Target(token),
        [Change("scopes", to: token.scopes.stored), .of("expires", nil, token.expiresAt?.description)])
      try work.tokens.insert(token, secret.digest, under: proof)
      return ProgramLogin(secret: secret.secret, handle: account.handle)
    }
    guard let login else { throw Problem.badCode }
    return login
  }
}
