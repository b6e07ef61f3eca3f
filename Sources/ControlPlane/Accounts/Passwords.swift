import Authorization
import Contract
public import Kernel
import Secrets

extension ControlPlane {
  public var passwords: Passwords { Passwords(plane: self) }
}

/// Changing a password, with the present one or with a link from a mail.
public struct Passwords: Sendable {
  let plane: ControlPlane

  /// How long the link of a reset works.
  static let resetTerm = Duration.hours(1)

  /// Changes the caller's password; all their other sessions end.
  public func change(from current: String, to next: String, by caller: Caller) async throws(Problem) {
    let (account, stored) = try await plane.write(as: caller) { work in
      let person = try work.person()
      _ = try work.permit(ChangePassword.self, on: person.id)
      try work.countPasswordAttempt(of: person)
      return (try work.accounts.find(person.id).orDefect(), try work.accounts.password(of: person.id))
    }
    guard try await plane.verify(current, against: stored) else { throw .invalid("current", "This isn't your present password.") }
    guard current != next else { throw .invalid("password", "Choose another password than the present one.") }
    let chosen = try Problem.checking("password") { () throws(Rejection) in try Password(chosen: next, unlike: account.words) }
    let hash = try await plane.world.passwords.hash(chosen, plane.world.moment())
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(ChangePassword.self, on: person.id)
      guard try work.accounts.password(of: person.id) == stored else { throw Problem(.stale, "The password was changed in the meantime. Try again with the new one.") }
      try work.forgetPasswordAttempts(of: person)
      let proof = try work.record(permit, in: .account(person.id), on: Target(account))
      try work.setPassword(of: account, hash, sparing: person.session?.id, under: proof)
    }
  }

  /// Sends a link that sets a new password, if an account has this address. The answer doesn't tell whether one has.
  public func requestReset(of text: String, by caller: Caller) async throws(Problem) {
    let address = try Problem.checking("email") { () throws(Rejection) in try EmailAddress(text) }
    try await plane.write(as: caller) { work in
      let network = work.caller.origin.network
      if !network.isEmpty { try work.throttle.take("password resets from \(network)", limit: 30, per: .hours(1), "links were asked for from your network") }
      try work.throttle.take("password resets of \(SHA256Digest(of: address.text).text)", limit: 3, per: .hours(1), "links were asked for")
      guard let asked = try work.accounts.claim(on: address), try work.accounts.emails(of: asked.account).acceptsReset(at: asked),
        let account = try work.accounts.find(asked.account), account.isActive
      else { return }
      try work.mailReset(to: asked, of: account)
    }
  }

  /// Sets a new password with the secret of the link, which works once; all sessions end, and the address counts as proven.
  ///
  /// Tokens stay: they are no sign-ins, and what runs with them shouldn't stop because somebody forgot a password. Only where no address had ever been proven
  /// nothing stays that opens the account, neither tokens nor other addresses with their links, since whoever made them may have been somebody else.
  public func reset(_ secret: String, to next: String, by caller: Caller) async throws(Problem) {
    let account = try await plane.read(as: caller) { work in
      guard let ticket = try work.tickets.peek(secret, for: .passwordReset) else { throw Problem.spentLink }
      return try work.resettable(ticket).0
    }
    let chosen = try Problem.checking("password") { () throws(Rejection) in try Password(chosen: next, unlike: account.words) }
    let hash = try await plane.world.passwords.hash(chosen, plane.world.moment())
    try await plane.write(as: caller) { work in
      let (account, email) = try work.resettable(work.tickets.take(secret, for: .passwordReset))
      let proof = try work.record(work.permit(ResetPassword.self, byProofOf: Person(speaking: account)), in: .account(account.id), on: Target(account))
      if !email.isVerified {
        try work.accounts.verify(email.id, under: proof)
        try work.tokens.revokeAll(of: account.id, under: proof)
        try work.handOver(account.id, to: email, under: proof)
      }
      try SignInAttempt(login: account.handle.text, from: work.caller.origin).at(account.id).forgive(work.throttle)
      try work.setPassword(of: account, hash, sparing: nil, under: proof)
    }
  }
}

extension Work {
  /// Whose password the link may set. Refuses a link whose address was given up since, or whose account is deactivated.
  fileprivate func resettable(_ ticket: Ticket) throws(Problem) -> (Account, AccountEmail) {
    guard let email = try email(of: ticket), let account = try accounts.find(email.account), account.isActive else { throw Problem.spentLink }
    return (account, email)
  }

  /// Leaves the account with this address alone.
  fileprivate func handOver(_ account: ID<Account>, to email: AccountEmail, under proof: Recorded) throws(Problem) {
    for other in try accounts.emails(of: account) where other.id != email.id { try accounts.remove(other, under: proof) }
    if !email.isPrimary { try accounts.makePrimary(email, under: proof) }
    try tickets.void(.emailVerification, of: account)
  }

  /// Ends the sessions but one, and makes links for a reset useless.
  func setPassword(of account: Account, _ hash: PasswordHash, sparing session: ID<Session>?, under proof: Recorded) throws(Problem) {
    try accounts.setPassword(account.id, hash, under: proof)
    try sessions.endAll(of: account.id, but: session, under: proof)
    try tickets.void(.passwordReset, of: account.id)
    try tickets.void(.signIn, of: account.id)
    try mailNotice("Your password was changed", "The password of your account \(account.handle) was changed.", to: account)
  }
}

extension ControlPlane {
  /// Whether the text is the password. Takes as long where there is nothing to compare it with. Outside of any transaction: it costs tens of milliseconds.
  func verify(_ text: String, against stored: PasswordHash?) async throws(Problem) -> Bool {
    let offered = Password(offered: text)
    if let stored { return try await world.passwords.verify(offered, against: stored) }
    try await world.passwords.verifyAgainstNothing(offered)
    return false
  }

  /// A hash at today's cost, if the stored one was made at another.
  func rehash(_ text: String, of stored: PasswordHash) async throws(Problem) -> PasswordHash? {
    guard world.passwords.needsRehash(stored) else { return nil }
    return try await world.passwords.hash(Password(offered: text), world.moment())
  }
}
