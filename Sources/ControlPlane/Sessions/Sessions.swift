import Authorization
import Contract
public import Kernel
import Logging
import Secrets
import Storage

extension ControlPlane {
  public var sessions: Sessions { Sessions(plane: self) }
}

/// Signing in and out.
public struct Sessions: Sendable {
  let plane: ControlPlane

  /// Signs in with an e-mail address or a handle, and a password.
  ///
  /// A wrong login and a wrong password are refused alike and take alike; attempts are slowed down by login and by network, never for ever.
  public func create(login: String, password: String, by caller: Caller) async throws(Problem) -> NewSession {
    let (attempt, id, stored) = try await plane.write(as: caller) { work in try work.begin(SignInAttempt(login: login, from: work.caller.origin)) }
    guard try await plane.verify(password, against: stored), let id, let stored else {
      try await plane.record(refusedSignIn(to: id), by: caller)
      throw Self.wrongCredentials
    }
    let rehashed = try await plane.rehash(password, of: stored)
    return try await plane.write(as: caller) { work in
      // Nothing may have changed while the password was checked.
      guard let account = try work.accounts.find(id), try work.accounts.password(of: id) == stored else { throw Self.wrongCredentials }
      try attempt.settle(work.throttle)
      if let rehashed { try work.accounts.setPassword(id, rehashed, under: Housekeeping()) }
      return try work.signIn(account)
    }
  }

  /// Signs in with a link that was made for this.
  public func create(link secret: String, by caller: Caller) async throws(Problem) -> NewSession {
    try await plane.write(as: caller) { work in
      let ticket = try work.tickets.take(secret, for: .signIn)
      guard let account = try work.accounts.find(ticket.account) else { throw Problem.spentLink }
      return try work.signIn(account)
    }
  }

  /// A link that signs in once, within the hour, without a password: for who runs the installation, on the machine it runs on.
  ///
  /// `reference`: id, handle or e-mail address. Refuses as `missing` where there is no such account.
  public func issueLink(for reference: String) async throws(Problem) -> String {
    try await plane.write(as: .system("sign-in-link")) { work in
      guard let account = try work.account(by: reference), account.isActive else { throw Problem(.missing, "There is no active account \"\(reference.prefix(254))\".") }
      let token = Token.mint(.signInLink, work.tx.moment)
      try work.tickets.issue(token, for: .signIn, account: account.id, subject: account.id.description, expires: work.now + .hours(1))
      return "\(work.settings.publicURL)/sign-in/link?token=\(token.secret.reveal())"
    }
  }

  /// Where the account is signed in, and which of these asks.
  public func list(_ page: PageRequest, by caller: Caller) async throws(Problem) -> (page: Page<Session>, current: ID<Session>?) {
    try await plane.read(as: caller) { work in
      let person = try work.person()
      _ = try work.permit(ReadAccount.self, on: person.id)
      return (try work.sessions.list(of: person.id, page), person.session?.id)
    }
  }

  /// Ends one of the caller's own, at once.
  public func revoke(_ id: ID<Session>, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(RevokeSession.self, on: person.id)
      guard let session = try work.sessions.find(id, of: person.id) else { throw Problem(.missing, "There is no such session, or it has ended.") }
      let proof = try work.record(permit, in: .account(person.id), on: Target(session))
      try work.sessions.end(id, under: proof)
    }
  }

  /// Ends all sessions but the one that asks; all, when a token asks.
  public func revokeOthers(by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(RevokeSession.self, on: person.id)
      let proof = try work.record(permit, in: .account(person.id), on: Target("session", "others", named: "All other sessions"))
      try work.sessions.endAll(of: person.id, but: person.session?.id, under: proof)
    }
  }

  /// Ends the session that asks.
  public func end(by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (person, session) = try work.currentSession()
      let proof = try work.record(work.permit(SignOut.self, byProofOf: person), in: .account(person.id), on: Target(session))
      try work.sessions.end(session.id, under: proof)
    }
  }

  /// Takes the password again, as what can't be undone asks for. Refuses as `invalid` when it is wrong.
  public func confirm(password: String, by caller: Caller) async throws(Problem) -> Session {
    let stored = try await plane.write(as: caller) { work in
      let (person, _) = try work.currentSession()
      try work.countPasswordAttempt(of: person)
      return try work.accounts.password(of: person.id)
    }
    guard try await plane.verify(password, against: stored) else { throw .invalid("password", "This isn't your password.") }
    return try await plane.write(as: caller) { work in
      let (person, session) = try work.currentSession()
      guard try work.accounts.password(of: person.id) == stored else { throw Problem.invalid("password", "The password was changed in the meantime.") }
      try work.forgetPasswordAttempts(of: person)
      let proof = try work.record(work.permit(ConfirmSession.self, byProofOf: person), in: .account(person.id), on: Target(session))
      try work.sessions.confirm(session.id, under: proof)
      return try work.sessions.find(session.id, of: person.id).orDefect()
    }
  }

  /// Remembers that the caller's session, token or key was used just now, at most once a minute, and puts the session's idle end off.
  ///
  /// For edges, after a request whose credential held. Losing one of these does no harm, so a refusal is only logged.
  public func touch(by caller: Caller) async {
    guard let digest = caller.credential.digest, plane.recentUses.isNews(digest, at: plane.world.clock()) else { return }
    do {
      try await plane.database.write { [plane] tx in try Work(tx, caller: caller, plane: plane).touch() }
    } catch {
      plane.world.log.warning("The time of last use was not stored: \(error)")
    }
  }

  private func refusedSignIn(to account: ID<Account>?) -> RefusedAttempt {
    RefusedAttempt(
      action: SignIn.name, stream: account.map { .account($0) } ?? .installation, target: Target("account", account?.description ?? "", named: ""),
      actor: .anonymous,
      reason: Problem.Code.wrongCredentials.name)
  }

  private static let wrongCredentials = Problem(.wrongCredentials, "The address or handle and the password don't belong together.")
}

extension Work {
  /// Remembers that the caller's session, token or key is used by this unit of work, at most once a minute.
  func touchCredential() throws(Problem) {
    guard caller.notesUse, let digest = caller.credential.digest, plane.recentUses.isDue(digest, at: now) else { return }
    try touch()
  }

  fileprivate func touch() throws(Problem) {
    switch try credential() {
    case .none, .system, .workspaceKey, .derived: return
    case .session(let digest): try sessions.touch(digest, idleTerm: settings.sessionIdleTerm)
    case .token(let digest): try tokens.touch(digest)
    case .key(let digest): try serviceAccountKeys.touch(digest)
    }
  }

  /// Counts the attempt and finds the account it is at. A deleted account is none.
  fileprivate func begin(_ attempt: SignInAttempt) throws(Problem) -> (SignInAttempt, ID<Account>?, PasswordHash?) {
    let account = try account(by: attempt.login)
    let attempt = attempt.at(account?.id)
    let isKnownPlace = try account.map { account throws(Problem) in try sessions.isKnown(caller.origin.address, to: account.id) } ?? false
    try attempt.count(throttle, isKnownPlace: isKnownPlace)
    return (attempt, account?.id, try account.flatMap { account throws(Problem) in try accounts.password(of: account.id) })
  }

  /// By id, handle or e-mail address; never a deleted one.
  func account(by reference: String) throws(Problem) -> Account? {
    let found =
      if let id = ID<Account>(reference) { try accounts.find(id) }
      else if let address = try? EmailAddress(reference) { try accounts.holder(of: address) }
      else { try accounts.named(reference) }
    return found?.deletedAt == nil ? found : nil
  }

  /// Opens a session for who has proven to be this person. Refuses a deactivated account, which only its owner may learn.
  fileprivate func signIn(_ account: Account) throws(Problem) -> NewSession {
    guard account.deletedAt == nil else { throw Problem.spentLink }
    guard account.isActive else { throw Problem(.deactivatedAccount, "This account is deactivated. Ask an operator of this installation.") }
    let session = Session.opened(for: account.id, from: caller.origin, settings, id: tx.newID(), at: now)
    let proof = try record(permit(SignIn.self, byProofOf: Person(speaking: account)), in: .account(account.id), on: Target(session))
    return try open(session, for: account, under: proof)
  }

  func open(_ session: Session, for account: Account, under proof: Recorded) throws(Problem) -> NewSession {
    let token = Token.mint(.session, tx.moment)
    try sessions.insert(session, token.digest, under: proof)
    return NewSession(secret: token.secret, session: session, account: account)
  }

  /// Refuses as `unauthenticated` a caller that isn't a session.
  fileprivate func currentSession() throws(Problem) -> (Person, Session) {
    let person = try person()
    guard let id = person.session?.id else { throw Problem(.noSession, "This takes a session; a token won't do. Sign in first.") }
    return (person, try sessions.find(id, of: person.id).orDefect())
  }

  /// Slows down who tries passwords with somebody else's open session.
  func countPasswordAttempt(of person: Person) throws(Problem) {
    try throttle.attempt("password of account \(person.id)", under: .slowing(free: 5, longest: .minutes(15), forgetting: .minutes(10)))
  }

  func forgetPasswordAttempts(of person: Person) throws(Problem) { try throttle.forget("password of account \(person.id)") }
}

extension Problem.Code {
  public static let noSession = Self("session.none", .unauthenticated, "This takes a session")
}
