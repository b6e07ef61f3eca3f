import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ControlPlane {
  public var accounts: Accounts { Accounts(plane: self) }
}

/// Signing up, the own account, and what operators do with the accounts of others.
public struct Accounts: Sendable {
  let plane: ControlPlane

  /// Creates an account and signs in with it. The first account of an installation becomes its operator.
  ///
  /// The secret of an invitation that was sent to the very address proves it; otherwise a mail with a link goes there.
  public func create(_ draft: AccountDraft, by caller: Caller) async throws(Problem) -> NewSession {
    // Counted apart: a refusal further on must not make the attempt uncounted.
    try await plane.write(as: caller) { work in
      let network = work.caller.origin.network
      if !network.isEmpty { try work.throttle.take("sign-ups from \(network)", limit: 60, per: .hours(1), "accounts were created from your network") }
    }
    // Refused before the costly part, if it can be.
    try await plane.read(as: caller) { work in
      _ = try work.admit(draft)
      _ = try work.handle(for: draft)
    }
    let password = try await plane.world.passwords.hash(draft.password, plane.world.moment())
    return try await plane.write(as: caller) { work in
      let admission = try work.admit(draft)
      let permit = work.permit(SignUp.self, byProofOf: nil)
      let (account, proof) = try work.open(draft, password, isSuperUser: admission.isFirst, isProven: admission.isProven, permit)
      if !admission.isProven, let email = try work.accounts.claim(on: draft.address) { try work.mailVerification(of: email, to: account) }
      return try work.open(Session.opened(for: account.id, from: work.caller.origin, work.settings, id: work.tx.newID(), at: work.now), for: account, under: proof)
    }
  }

  /// Creates an account for who runs the installation, on the machine it runs on: no sign-up policy applies, and the address counts as proven.
  public func createSuperUser(_ draft: AccountDraft) async throws(Problem) -> Account {
    let password = try await plane.world.passwords.hash(draft.password, plane.world.moment())
    return try await plane.write(as: .system("account-create")) { work in
      let permit = Engine(at: work.now).permit(SignUp.self, byProofOf: .system("account-create"))
      return try work.open(draft, password, isSuperUser: true, isProven: true, permit).0
    }
  }

  /// The caller's own.
  public func read(by caller: Caller) async throws(Problem) -> Account {
    try await plane.read(as: caller) { work in
      let person = try work.person()
      _ = try work.permit(ReadAccount.self, on: person.id)
      return try work.accounts.find(person.id).orDefect()
    }
  }

  /// Who a caller is, for an edge that must say it: a person, a service account, or nobody. Refuses what was brought and doesn't hold.
  public func speaker(by caller: Caller) async throws(Problem) -> Actor {
    try await plane.read(as: caller) { work in
      let actor = try work.actor()
      if case .person = actor { _ = try work.person() }
      return actor
    }
  }

  /// Where mails to the caller go.
  func primaryEmail(of caller: Caller) async throws(Problem) -> EmailAddress? {
    try await plane.read(as: caller) { work in try work.accounts.primaryEmail(of: work.person().id) }
  }

  /// Changes the caller's name or handle. The old handle leads on to the account for ever.
  public func update(_ update: AccountUpdate, seen: Int?, by caller: Caller) async throws(Problem) -> Account {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(UpdateAccount.self, on: person.id)
      let before = try work.accounts.find(person.id).orDefect()
      try before.expect(seen)
      let after = try update.applied(to: before)
      let changes = [Change.of("name", before.name.text, after.name.text), .of("handle", before.handle.text, after.handle.text)].compactMap { $0 }
      guard !changes.isEmpty else { return before }
      let proof = try work.record(permit, in: .account(person.id), on: Target(after), changes)
      if before.handle.text != after.handle.text {
        // Each handle stays reserved for ever, so nobody may collect them.
        if before.handle != after.handle { try work.throttle.take("handles of account \(person.id)", limit: 5, per: .days(30), "changes of your handle") }
        try work.names.claim(after.handle, for: .account(person.id), field: "handle", under: proof)
      }
      try work.accounts.rename(person.id, after.name, under: proof)
      try work.members.refreshNames(of: person.id, under: proof)
      return try work.accounts.find(person.id).orDefect()
    }
  }

  /// What goes with the caller's account if it is deleted now, and what keeps it from going.
  public func departure(of caller: Caller) async throws(Problem) -> AccountDeparture {
    try await plane.read(as: caller) { work in
      let person = try work.person()
      _ = try work.permit(ReadAccount.self, on: person.id)
      let isNeeded = try person.isSuperUser && !work.accounts.hasOperator(beside: person.id)
      return AccountDeparture(
        account: try work.accounts.find(person.id).orDefect(),
        memberships: try work.organizations.list(of: person.id, search: nil, PageRequest(limit: 1)).total,
        tokens: try work.tokens.count(of: person.id), orphans: try work.members.organizationsLeftWithoutAdmin(by: person.id), isLastOperator: isNeeded,
        availability: try work.availability(of: DeleteAccount.self, on: person.id))
    }
  }

  /// Ends the caller's account: its sessions, tokens and memberships are gone, its addresses are free again; its name and handle stay on what it made.
  ///
  /// `confirm`, where a form asked for it, is the handle, typed. Refuses while an organization would be left without an admin, or the installation without
  /// an operator.
  public func delete(confirm: String? = nil, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(DeleteAccount.self, on: person.id)
      let account = try work.accounts.find(person.id).orDefect()
      if let confirm, confirm != account.handle.text { throw Problem.invalid("confirm", "Type \"\(account.handle)\" to confirm that you mean this account.") }
      try work.end(account, because: .left, permit)
    }
  }

  // MARK: By operators

  /// The newest first.
  public func list(_ filter: AccountFilter, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Account> {
    try await plane.read(as: caller) { work in
      _ = try work.permit(ListAccounts.self)
      return try work.accounts.list(filter, page)
    }
  }

  public func find(_ id: ID<Account>, by caller: Caller) async throws(Problem) -> Account {
    try await plane.read(as: caller) { work in
      _ = try work.permit(ListAccounts.self)
      return try work.knownAccount(id)
    }
  }

  /// Cuts sessions, tokens and permissions at once; memberships rest. Deactivating again changes nothing.
  ///
  /// Refuses while an organization would be left without an admin, or the installation without an operator.
  public func deactivate(_ id: ID<Account>, by caller: Caller) async throws(Problem) -> Account {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(DeactivateAccount.self, on: id)
      let account = try work.knownAccount(id)
      guard account.deletedAt == nil else { throw Problem.deletedAccount }
      guard account.isActive else { return account }
      try work.expectDispensable(account, "deactivate")
      let proof = try work.record(permit, in: .account(id), on: Target(account), [Change("state", from: "active", to: "deactivated")])
      try work.cut(id, under: proof)
      try work.accounts.setActive(id, false, under: proof)
      return try work.knownAccount(id)
    }
  }

  /// Lets the person sign in again; sessions and tokens don't come back. Reactivating again changes nothing.
  public func reactivate(_ id: ID<Account>, by caller: Caller) async throws(Problem) -> Account {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(ReactivateAccount.self, on: id)
      let account = try work.knownAccount(id)
      guard account.deletedAt == nil else { throw Problem.deletedAccount }
      guard !account.isActive else { return account }
      let proof = try work.record(permit, in: .account(id), on: Target(account), [Change("state", from: "deactivated", to: "active")])
      try work.accounts.setActive(id, true, under: proof)
      return try work.knownAccount(id)
    }
  }
}

extension Work {
  /// Lets a sign-up in, or refuses it.
  fileprivate func admit(_ draft: AccountDraft) throws(Problem) -> (isFirst: Bool, isProven: Bool) {
    let invitation = try draft.invitation.map { secret throws(Problem) in try openInvitation(secret) }
    let isFirst = try !accounts.exist()
    let isProven = invitation?.address == draft.address
    var isInvited = try invitations.isExpected(draft.address)
    if !isInvited { isInvited = try collaborators.isExpected(draft.address) }
    try installation.read().signUp.admit(isFirst: isFirst, isInvited: isInvited)
    _ = try expectFree(draft.address, isProven: isProven)
    return (isFirst, isProven)
  }

  /// Refuses as `gone` what can't be accepted any more.
  private func openInvitation(_ secret: String) throws(Problem) -> Invitation {
    guard let token = try? Token(parsing: secret), token.kind == .invitation, let invitation = try invitations.find(token.digest), invitation.state(at: now) == .pending,
      try organizations.find(invitation.organization)?.state.kind == .active
    else { throw Problem(.spentLink, "This invitation can't be accepted any more. Ask who sent it for a new one, or sign up without it.") }
    return invitation
  }

  fileprivate func handle(for draft: AccountDraft) throws(Problem) -> Slug { try freeHandle(among: draft.handles(tx.moment.bytes(4))) }

  fileprivate func open(
    _ draft: AccountDraft, _ password: PasswordHash, isSuperUser: Bool, isProven: Bool, _ permit: Permit<SignUp>
  ) throws(Problem) -> (Account, Recorded) {
    let account = Account.opened(draft, handle: try handle(for: draft), isSuperUser: isSuperUser, id: tx.newID(), at: now)
    try makeWay(for: draft.address, isProven: isProven, permit)
    let proof = try record(
      permit, in: .account(account.id), on: Target(account),
      [
        Change("handle", to: account.handle.text), Change("name", to: account.name.text), Change("email", to: draft.address.text),
        .of("super_user", "false", String(isSuperUser)),
      ])
    try accounts.insert(account, password: password, under: proof)
    try names.claim(account.handle, for: .account(account.id), field: "handle", under: proof)
    try accounts.insert(
      AccountEmail(id: tx.newID(), account: account.id, address: draft.address, verifiedAt: isProven ? now : nil, isPrimary: true), under: proof)
    return (account, proof)
  }

  /// Refuses an account that organizations or the installation can't do without.
  fileprivate func expectDispensable(_ account: Account, _ doing: String) throws(Problem) {
    try account.expectNoOrphans(members.organizationsLeftWithoutAdmin(by: account.id), doing)
    if account.isSuperUser, try !accounts.hasOperator(beside: account.id) {
      throw Problem(.lastOperator, "This is the only operator of the installation. Make another one first: guildhall account create --super-user.")
    }
  }

  /// Ends the account for good.
  func end<A: AccountAction>(_ account: Account, because reason: FormerMember.Reason, _ permit: Permit<A>) throws(Problem) {
    try expectDispensable(account, "delete")
    let proof = try record(permit, in: .account(account.id), on: Target(account), [Change("state", from: account.state.rawValue, to: "deleted")])
    for organization in try accounts.organizations(of: account.id) {
      guard let member = try members.of(account.id, in: organization) else { continue }
      let left = try record(permit, in: .organization(organization), on: Target(member), try losses(of: member))
      try members.remove(member, because: reason, under: left)
    }
    for held in try collaborators.all(of: account.id) {
      let left = try record(permit, in: .organization(held.organization), on: Target(held), held.losses)
      try collaborators.delete(held, under: left)
    }
    try mailNotice("Your account was deleted", "Your account \(account.handle) was deleted, and nobody can sign in with it any more.", to: account)
    try accounts.forgetTies(of: account.id, under: proof)
    try cut(account.id, under: proof)
    try accounts.delete(account.id, under: proof)
    try images.forget(account.portrait, under: proof)
  }

  /// Ends whatever speaks for the account.
  fileprivate func cut(_ account: ID<Account>, under proof: Recorded) throws(Problem) {
    try sessions.endAll(of: account, under: proof)
    try tokens.revokeAll(of: account, under: proof)
    for purpose in [Ticket.Purpose.emailVerification, .passwordReset, .signIn] { try tickets.void(purpose, of: account) }
  }
}

extension Problem {
  static let deletedAccount = Problem(.deletedAccount, "This account was deleted by its owner and doesn't come back.")
}
