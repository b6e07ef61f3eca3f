import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ControlPlane {
  public var emails: Emails { Emails(plane: self) }
}

/// The addresses of an account: claimed, proven, used.
public struct Emails: Sendable {
  let plane: ControlPlane

  /// The caller's own, the primary one first.
  public func list(by caller: Caller) async throws(Problem) -> [AccountEmail] {
    try await plane.read(as: caller) { work in
      let person = try work.person()
      _ = try work.permit(ReadAccount.self, on: person.id)
      return try work.accounts.emails(of: person.id)
    }
  }

  /// Claims an address; a mail with a link that proves it goes there. Adding an address again changes nothing.
  public func add(_ text: String, by caller: Caller) async throws(Problem) -> AccountEmail {
    let address = try Problem.checking("email") { () throws(Rejection) in try EmailAddress(text) }
    // Counted apart: a refusal further on must not make the attempt uncounted.
    try await plane.write(as: caller) { work in
      let person = try work.person()
      _ = try work.permit(AddEmail.self, on: person.id)
      try work.throttle.take("addresses of account \(person.id)", limit: 20, per: .hours(12), "addresses were tried")
    }
    return try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(AddEmail.self, on: person.id)
      let own = try work.accounts.emails(of: person.id)
      if let known = own.first(where: { $0.address == address }) { return known }
      guard own.count < AccountEmail.limit else { throw Problem(.tooManyEmails, "An account can have \(AccountEmail.limit) addresses. Remove one first.") }
      try work.makeWay(for: address, isProven: false, permit)
      let email = AccountEmail(id: work.tx.newID(), account: person.id, address: address, verifiedAt: nil, isPrimary: !own.contains { $0.isPrimary })
      let proof = try work.record(permit, in: .account(person.id), on: Target(email))
      try work.accounts.insert(email, under: proof)
      try work.members.refreshNames(of: person.id, under: proof)
      let account = try work.accounts.find(person.id).orDefect()
      try work.mailVerification(of: email, to: account)
      if !email.isPrimary { try work.mailNotice("An address was added", "The address \(address) was added to your account \(account.handle).", to: account) }
      return email
    }
  }

  /// Sends the mail with the link again; the old link is dead. Does nothing for a proven address.
  public func remind(_ id: ID<AccountEmail>, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      _ = try work.permit(AddEmail.self, on: person.id)
      let email = try work.ownEmail(id, of: person)
      guard !email.isVerified else { return }
      try work.throttle.take("verification mails of account \(person.id)", limit: 5, per: .hours(1), "mails were sent to you")
      try work.mailVerification(of: email, to: work.accounts.find(person.id).orDefect())
    }
  }

  /// Proves an address with the secret of its mail. Doing it again with the same secret changes nothing.
  public func verify(_ secret: String, by caller: Caller) async throws(Problem) -> AccountEmail {
    try await plane.write(as: caller) { work in
      guard let known = try work.tickets.recall(secret, for: .emailVerification), let email = try work.email(of: known) else { throw Problem.spentLink }
      guard !email.isVerified else { return email }
      _ = try work.tickets.take(secret, for: .emailVerification)
      let account = try work.accounts.find(email.account).orDefect()
      let permit = work.permit(VerifyEmail.self, byProofOf: Person(speaking: account))
      let proof = try work.record(permit, in: .account(account.id), on: Target(email))
      try work.accounts.verify(email.id, under: proof)
      return try work.accounts.email(email.id, of: account.id).orDefect()
    }
  }

  /// Makes a proven address the one that mails go to.
  public func makePrimary(_ id: ID<AccountEmail>, by caller: Caller) async throws(Problem) -> AccountEmail {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(MakeEmailPrimary.self, on: person.id)
      let email = try work.ownEmail(id, of: person)
      guard !email.isPrimary else { return email }
      guard email.isVerified else { throw Problem(.unverifiedEmail, "Verify \(email.address) first, with the link that was sent there.") }
      let account = try work.accounts.find(person.id).orDefect()
      let proof = try work.record(permit, in: .account(person.id), on: Target(email), [Change("primary_email", from: account.email?.text, to: email.address.text)])
      try work.accounts.makePrimary(email, under: proof)
      try work.members.refreshNames(of: person.id, under: proof)
      try work.mailNotice(
        "Your primary address was changed", "Mails about your account \(account.handle) go to \(email.address) from now on, and no longer to this address.", to: account)
      return try work.accounts.email(id, of: person.id).orDefect()
    }
  }

  /// Gives an address up; never the primary one.
  public func remove(_ id: ID<AccountEmail>, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(RemoveEmail.self, on: person.id)
      let email = try work.ownEmail(id, of: person)
      guard !email.isPrimary else { throw Problem(.primaryEmail, "This is your primary address. Make another one primary first.") }
      let proof = try work.record(permit, in: .account(person.id), on: Target(email))
      try work.accounts.remove(email, under: proof)
      try work.members.refreshNames(of: person.id, under: proof)
      try work.mailNotice("An address was removed", "The address \(email.address) was removed from your account.", to: work.accounts.find(person.id).orDefect())
    }
  }
}

extension Work {
  /// The claim that is in the way, if any; refuses as taken when it doesn't give way.
  func expectFree(_ address: EmailAddress, isProven: Bool) throws(Problem) -> (claim: AccountEmail, others: [AccountEmail])? {
    guard let claim = try accounts.claim(on: address) else { return nil }
    let others = try accounts.emails(of: claim.account).filter { $0.id != claim.id }
    guard claim.yields(toProof: isProven, whenOwnerHas: others) else {
      let advice = "This address belongs to another account. If it is yours, sign in there, or have a new password sent to it."
      throw Problem(.takenEmail, advice, faults: [FieldFault("email", advice)])
    }
    return (claim, others)
  }

  /// Takes the address away from a claim that gives way. Its account goes on with another proven address, or without any.
  func makeWay<A: Action>(for address: EmailAddress, isProven: Bool, _ permit: Permit<A>) throws(Problem) {
    guard let (claim, others) = try expectFree(address, isProven: isProven) else { return }
    let proof = try record(permit, in: .account(claim.account), on: Target(claim), [Change("email", from: address.text)])
    try accounts.remove(claim, under: proof)
    if claim.isPrimary, let next = others.first(where: \.isVerified) { try accounts.makePrimary(next, under: proof) }
    try members.refreshNames(of: claim.account, under: proof)
  }

  /// The address that a ticket is about, if its account still has it.
  func email(of ticket: Ticket) throws(Problem) -> AccountEmail? {
    guard let id = ID<AccountEmail>(ticket.subject) else { return nil }
    return try accounts.email(id, of: ticket.account)
  }

  fileprivate func ownEmail(_ id: ID<AccountEmail>, of person: Person) throws(Problem) -> AccountEmail {
    guard let email = try accounts.email(id, of: person.id) else { throw Problem(.missing, "There is no such address among yours.") }
    return email
  }
}
