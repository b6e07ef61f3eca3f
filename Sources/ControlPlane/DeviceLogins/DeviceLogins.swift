import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ControlPlane {
  public var deviceLogins: DeviceLogins { DeviceLogins(plane: self) }
}

/// Signs in programs that have no browser of their own.
public struct DeviceLogins: Sendable {
  let plane: ControlPlane

  /// Begins one. `client`: what the program calls itself or its device; longer texts are cut.
  public func begin(client: String, by caller: Caller) async throws(Problem) -> NewDeviceLogin {
    try await plane.write(as: caller) { work in
      try work.throttle.attempt("device logins from \(caller.origin.network)", under: .slowing(free: 100, longest: .minutes(1), forgetting: .seconds(5)))
      let token = Token.mint(.deviceLogin, work.tx.moment)
      let login = DeviceLogin(
        code: UserCode(work.tx.moment), client: String(client.prefix(128).filter { !$0.isNewline }), address: caller.origin.address,
        userAgent: caller.origin.userAgent, createdAt: work.now, expiresAt: work.now + DeviceLogin.patience, askedAt: nil, state: .waiting)
      try work.deviceLogins.insert(login, token.digest)
      return NewDeviceLogin(secret: token.secret, login: login)
    }
  }

  /// What asks with a code, for the signed-in person who is to answer it. Who types wrong codes is slowed down.
  public func find(_ code: String, by caller: Caller) async throws(Problem) -> DeviceLogin {
    // What was counted stays counted where nothing is found.
    let found = try await plane.write(as: caller) { work in
      _ = try work.answering()
      return try work.typed(code)
    }
    guard let found else { throw Problem.unknownCode }
    return found
  }

  /// Lets it in as the caller, who must be signed in at a session of their own: for a day, or for a month where they trust the device.
  ///
  /// - Parameter workspace: by id or by slug, the one that it shall work on; the caller must be allowed to see it.
  public func approve(_ code: String, isTrusted: Bool = false, workspace: String? = nil, by caller: Caller) async throws(Problem) -> DeviceLogin {
    let answered = try await plane.write(as: caller) { work throws(Problem) -> DeviceLogin? in
      let (person, session) = try work.answering()
      guard var login = try work.typed(code) else { return nil }
      let place = try workspace.map { reference throws(Problem) in try work.connecting(to: reference).workspace }
      login.state = .approved(
        DeviceLogin.Approval(
          account: person.id, authenticatedAt: session.authenticatedAt, term: isTrusted ? DeviceLogin.trustedTerm : DeviceLogin.term, workspace: place?.id))
      let permit = try work.permit(ApproveDeviceLogin.self, on: person.id)
      let proof = try work.record(
        permit, in: .account(person.id), on: Target(login),
        [Change("address", to: login.address), Change("trusted", to: isTrusted ? "yes" : "no"), .of("workspace", nil, place?.resource.slug.text)])
      try work.deviceLogins.answer(login, under: proof)
      return login
    }
    guard let answered else { throw Problem.unknownCode }
    return answered
  }

  /// Keeps it out.
  public func refuse(_ code: String, by caller: Caller) async throws(Problem) {
    let answered = try await plane.write(as: caller) { work throws(Problem) -> DeviceLogin? in
      let person = try work.answering().0
      guard var login = try work.typed(code) else { return nil }
      login.state = .refused
      let proof = try work.record(work.permit(RefuseDeviceLogin.self, on: person.id), in: .account(person.id), on: Target(login))
      try work.deviceLogins.answer(login, under: proof)
      return login
    }
    guard answered != nil else { throw Problem.unknownCode }
  }

  /// Whether it was answered, for the program that began it: if it was let in, it gets a session, once.
  public func collect(_ secret: String, by caller: Caller) async throws(Problem) -> DeviceLoginOutcome {
    try await plane.write(as: caller) { work in
      guard let login = try work.deviceLogins.find(SHA256Digest(of: secret)) else { return .gone }
      let isHasty = login.isHasty(at: work.now)
      switch login.state {
      case .waiting:
        try work.deviceLogins.touch(login.code)
        return isHasty ? .hasty : .waiting
      case .refused:
        try work.deviceLogins.end(login.code)
        return .refused
      case .approved(let approval):
        try work.deviceLogins.end(login.code)
        guard let account = try work.accounts.find(approval.account), account.isActive, account.deletedAt == nil else { return .refused }
        return .granted(try work.signIn(account, on: approval, of: login), workspace: approval.workspace)
      }
    }
  }
}

extension Problem {
  fileprivate static let unknownCode = Problem(.missing, "There is no such code, or its time is over. Begin again on the device.")
}

extension Work {
  /// Who answers: a person at a session of their own, not a program.
  fileprivate func answering() throws(Problem) -> (Person, Person.SessionSeal) {
    let person = try person()
    guard let session = person.session else { throw Problem(.noSession, "This takes a session; a token won't do. Sign in first.") }
    return (person, session)
  }

  /// What waits with this code; `nil` where nothing does.
  fileprivate func typed(_ code: String) throws(Problem) -> DeviceLogin? {
    let person = try person()
    let rule = Throttle.Rule.slowing(free: 10, longest: .minutes(15), forgetting: .minutes(2))
    if let code = UserCode(code), let login = try deviceLogins.find(code), case .waiting = login.state { return login }
    try throttle.attempt("device codes of account \(person.id)", under: rule)
    return nil
  }

  /// Opens a session for a device, as long as was approved.
  fileprivate func signIn(_ account: Account, on approval: DeviceLogin.Approval, of login: DeviceLogin) throws(Problem) -> NewSession {
    let end = now + approval.term
    let session = Session(
      id: tx.newID(), account: account.id, createdAt: now, authenticatedAt: approval.authenticatedAt, usedAt: now, idleAt: end, expiresAt: end,
      address: caller.origin.address, userAgent: login.client)
    let proof = try record(permit(SignIn.self, byProofOf: Person(speaking: account)), in: .account(account.id), on: Target(session))
    return try open(session, for: account, under: proof)
  }
}
