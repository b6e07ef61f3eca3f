import Authorization
import Contract
public import Kernel
import Secrets
import Storage

/// What operators do with the accounts of others.
extension Accounts {
  /// Makes an account for somebody. Without a password a mail with a link goes to the address, by which they choose one within three days.
  ///
  /// Refuses an account without a password where this installation sends no mail.
  public func provision(_ draft: AccountProvision, by caller: Caller) async throws(Problem) -> Account {
    try await plane.read(as: caller) { work in _ = try work.permit(ProvisionAccount.self) }
    let hash = try await hash(draft.password)
    return try await plane.write(as: caller) { work in
      let permit = try work.permit(ProvisionAccount.self)
      guard hash != nil || work.outbox.isOpen else {
        let reason = "This installation sends no mail, so give a password and tell it to them."
        throw Problem(.invalid, reason, faults: [FieldFault("password", reason)])
      }
      if let address = draft.address { try work.makeWay(for: address, isProven: true, permit) }
      let account = Account(
        id: work.tx.newID(), handle: try work.freeHandle(among: draft.handles(work.tx.moment.bytes(4))), name: draft.name, email: draft.address, isActive: true,
        isSuperUser: draft.isSuperUser, createdAt: work.now, deletedAt: nil, portrait: nil, revision: 1)
      let proof = try work.record(
        permit, in: .account(account.id), on: Target(account),
        [
          Change("handle", to: account.handle.text), Change("name", to: account.name.text), draft.address.map { Change("email", to: $0.text) },
          .of("super_user", "false", String(account.isSuperUser)),
        ])
      try work.accounts.insert(account, password: hash, under: proof)
      try work.names.claim(account.handle, for: .account(account.id), field: "handle", under: proof)
      guard let address = draft.address else { return account }
      let email = AccountEmail(id: work.tx.newID(), account: account.id, address: address, verifiedAt: work.now, isPrimary: true)
      try work.accounts.insert(email, under: proof)
      if hash == nil { try work.mailWelcome(to: email, of: account) }
      return account
    }
  }

  /// Changes somebody's account. A new password ends their sessions; another address takes the place of the primary one, and they are told at the old one.
  ///
  /// Refuses to leave the installation without an operator.
  public func change(_ id: ID<Account>, _ change: AccountChange, seen: Int? = nil, by caller: Caller) async throws(Problem) -> Account {
    let present = try await plane.read(as: caller) { work in
      _ = try work.permit(ChangeAccount.self, on: id)
      return try work.knownAccount(id)
    }
    let chosen = try change.password.map { text throws(Problem) in
      try Problem.checking("password") { () throws(Rejection) in try Password(chosen: text, unlike: present.words) }
    }
    let hash = try await hash(chosen)
    let address = try change.email.map { text throws(Problem) in try Problem.checking("email") { () throws(Rejection) in try EmailAddress(text) } }
    return try await plane.write(as: caller) { work in
      let permit = try work.permit(ChangeAccount.self, on: id)
      let before = try work.knownAccount(id)
      guard before.deletedAt == nil else { throw Problem.deletedAccount }
      try before.expect(seen)
      let after = try AccountUpdate(name: change.name, handle: change.handle).applied(to: before)
      let isSuperUser = change.isSuperUser ?? before.isSuperUser
      let next = address == before.email ? nil : address
      if before.isSuperUser, !isSuperUser, try !work.accounts.hasOperator(beside: id) {
        throw Problem(.lastOperator, "This is the only operator of the installation. Make somebody else one first.")
      }
      let changes = [
        Change.of("name", before.name.text, after.name.text), .of("handle", before.handle.text, after.handle.text),
        next.flatMap { .of("email", before.email?.text, $0.text) }, hash == nil ? nil : Change("password", to: "another"),
        .of("super_user", String(before.isSuperUser), String(isSuperUser)),
      ].compactMap { $0 }
      guard !changes.isEmpty else { return before }
      let proof = try work.record(permit, in: .account(id), on: Target(after), changes)
      if before.handle.text != after.handle.text { try work.names.claim(after.handle, for: .account(id), field: "handle", under: proof) }
      if before.name != after.name || before.handle.text != after.handle.text { try work.accounts.rename(id, after.name, under: proof) }
      if before.isSuperUser != isSuperUser { try work.accounts.setSuperUser(id, isSuperUser, under: proof) }
      if let next { try work.replacePrimary(of: before, with: next, permit, under: proof) }
      if let hash { try work.setPassword(of: before, hash, sparing: nil, under: proof) }
      try work.members.refreshNames(of: id, under: proof)
      return try work.knownAccount(id)
    }
  }

  private func hash(_ password: Password?) async throws(Problem) -> PasswordHash? {
    guard let password else { return nil }
    return try await plane.world.passwords.hash(password, plane.world.moment())
  }

  /// Ends somebody's account, as they could themselves: it is gone with its sessions, tokens and memberships; what it made stays under its name.
  ///
  /// `confirm`, where a form asked for it, is the handle, typed. Refuses while an organization would be left without an admin, or the installation without
  /// an operator.
  public func remove(_ id: ID<Account>, confirm: String? = nil, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(RemoveAccount.self, on: id)
      let account = try work.knownAccount(id)
      guard account.deletedAt == nil else { throw Problem.deletedAccount }
      if let confirm, confirm != account.handle.text { throw Problem.invalid("confirm", "Type \"\(account.handle)\" to confirm that you mean this account.") }
      try work.end(account, because: .removed, permit)
    }
  }
}

extension Work {
  /// The first that nobody has or had; the one that was asked for is claimed later, which refuses it if it is taken.
  func freeHandle(among handles: [Slug]) throws(Problem) -> Slug {
    for handle in handles where try names.find(handle.key) == nil { return handle }
    throw Problem(.takenName, "This handle is taken; choose another one.", faults: [FieldFault("handle", "This handle is taken; choose another one.")])
  }

  func knownAccount(_ id: ID<Account>) throws(Problem) -> Account {
    guard let account = try accounts.find(id) else { throw Problem(.missing, "There is no such account.") }
    return account
  }

  /// Mails go there from now on; the old address is given up.
  fileprivate func replacePrimary<A: Action>(of account: Account, with address: EmailAddress, _ permit: Permit<A>, under proof: Recorded) throws(Problem) {
    let own = try accounts.emails(of: account.id)
    let email: AccountEmail
    if let known = own.first(where: { $0.address == address }) {
      email = known
      if !known.isVerified { try accounts.verify(known.id, under: proof) }
    } else {
      try makeWay(for: address, isProven: true, permit)
      email = AccountEmail(id: tx.newID(), account: account.id, address: address, verifiedAt: now, isPrimary: !own.contains { $0.isPrimary })
      try accounts.insert(email, under: proof)
    }
    try mailNotice("Your address was changed",
      "Mails about your account \(account.handle) go to \(address) from now on, and no longer to this address.", to: account)
    if !email.isPrimary { try accounts.makePrimary(email, under: proof) }
    for other in own where other.isPrimary && other.id != email.id {
      try accounts.remove(AccountEmail(id: other.id, account: other.account, address: other.address, verifiedAt: other.verifiedAt, isPrimary: false),
        under: proof)
    }
  }
}
