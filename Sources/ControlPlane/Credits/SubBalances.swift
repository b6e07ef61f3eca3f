import Authorization
import Contract
public import Kernel
public import Ledger
import Storage

extension ControlPlane {
  public var subBalances: SubBalances { SubBalances(plane: self) }
}

/// What of an organization's credits is shared out.
public struct SubBalances: Sendable {
  let plane: ControlPlane

  /// By kind of holder and name; with `holder` the one that is named so, if there is one.
  public func list(
    in reference: String, of kind: SubBalance.HolderKind? = nil, named holder: String? = nil, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<SeenSubBalance> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      var key: String?
      if let holder {
        guard let kind else { throw Problem.invalid("holder_kind", "Say what kind of holder is named.") }
        key = try work.holder(holder, kind, in: organization).key
      }
      let found = try work.subBalances.list(in: organization.id, of: kind, key: key, page)
      guard let ledger = try work.seenLedger(of: organization.id, accounts: Set(found.items.map(\.account))) else {
        return Page(items: [], next: nil, total: 0)
      }
      let items = try found.items.map { subBalance throws(Problem) in try SeenSubBalance(subBalance, in: ledger.credits) }
      return Page(items: items, next: found.next, total: found.total)
    }
  }

  /// With what the books say of it. Refuses as `missing` what is another organization's.
  public func find(_ id: ID<SubBalance>, in reference: String, by caller: Caller) async throws(Problem) -> SeenSubBalance {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      return try work.seen(work.subBalance(id, in: organization))
    }
  }

  /// What has been used through each, and not taken back: of those of the organization.
  public func used(_ subBalances: [SubBalance], in reference: String, by caller: Caller) async throws(Problem) -> [ID<SubBalance>: Credits] {
    if subBalances.isEmpty { return [:] }
    return try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      guard let ledger = try work.ledgers.find(organization.id) else { return [:] }
      let own = subBalances.filter { $0.organization == organization.id }
      let used = try work.subBalances.used(Set(own.map(\.account)), in: ledger.book)
      return Dictionary(own.map { ($0.id, used[$0.account] ?? .zero) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// Shares credits out to somebody who has no sub-balance here. Refuses more than there is where credits move. What was asked for is read once the caller may
  /// ask.
  public func create(
    _ draft: @autoclosure @escaping @Sendable () throws(Problem) -> SubBalanceDraft, in reference: String, by caller: Caller
  ) async throws(Problem) -> SeenSubBalance {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CreateSubBalance.self, in: reference)
      let draft = try draft()
      let holder = try work.holder(draft.holder, draft.holderKind, in: organization)
      guard try work.subBalances.find(holder.kind, holder.key, in: organization.id) == nil else {
        let reason = "There is a sub-balance of this \(holder.kind.word) already; change that one."
        throw Problem(.takenName, reason, faults: [FieldFault("holder", reason)])
      }
      try work.expectRoomForSubBalance(in: organization.id)
      let id = work.tx.newID(SubBalance.self)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target("sub-balance", id.description, named: holder.name),
        [
          Change("holder", to: "\(holder.kind.word) \(holder.name)"), Change("kind", to: draft.kind.rawValue),
          Change("amount", to: draft.isUnlimited ? "unlimited" : draft.amount?.description ?? "0"),
        ])
      let subBalance = SubBalance(
        id: id, organization: organization.id, account: try work.nextAccount(of: organization.id, under: proof), holder: holder, createdAt: work.now,
        revision: 1)
      try work.begin(subBalance, draft.kind, with: draft.amount, isUnlimited: draft.isUnlimited, under: proof)
      return try work.seen(subBalance)
    }
  }

  /// Sets what may be used through an allowance from now on. Refuses what has credits of its own: these come and go by deposits and withdrawals.
  public func update(
    _ id: ID<SubBalance>, _ update: @autoclosure @escaping @Sendable () throws(Problem) -> SubBalanceUpdate, seen: Int?, in reference: String,
    by caller: Caller
  ) async throws(Problem) -> SeenSubBalance {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdateSubBalance.self, in: reference)
      let update = try update()
      let subBalance = try work.subBalance(id, in: organization)
      try subBalance.expect(seen)
      let before = try work.seen(subBalance)
      guard before.kind == .allowance else {
        throw Problem(.transferUnfit, "This sub-balance has credits of its own: deposit or withdraw instead.")
      }
      let isUnlimited = update.isUnlimited ?? (update.balance == nil && before.isUnlimited)
      let balance = update.balance ?? before.balance
      let changes = [
        Change.of("amount", before.isUnlimited ? "unlimited" : before.balance.description, isUnlimited ? "unlimited" : balance.description)
      ].compactMap { $0 }
      guard !changes.isEmpty || balance != before.balance else { return before }
      let proof = try work.record(permit, in: .organization(organization.id), on: subBalance.target, changes)
      let book = try work.openLedger(of: organization.id, under: proof).handle.book
      if let difference = balance.subtracting(before.balance), let amount = Amount(micro: abs(difference.micro)) {
        // Setting it is no withdrawal: what is held stays held, even where that is more than is left.
        try work.ledgers.limit(subBalance.account, to: .unlimited, in: book, under: proof)
        let transfer = Transfer(work.tx.newID(), .post(subBalance.movement(of: amount, kind: .allowance, isIn: difference > .zero)))
        var ledger = try work.openLedger(of: organization.id, for: [transfer], under: proof)
        try work.post(Instruction(transfer: transfer, note: .empty), in: &ledger, under: proof)
      }
      try work.ledgers.limit(subBalance.account, to: isUnlimited ? .unlimited : .zero, in: book, under: proof)
      try work.subBalances.revise(id, under: proof)
      return try work.seen(work.subBalance(id, in: organization))
    }
  }

  /// Removes one: what is left of credits of its own goes back to the organization's balance, and what is left of an allowance is nobody's. Statements go on
  /// to tell of it.
  ///
  /// Refuses while something is held of it, and where it is below zero: what is owed is settled by a deposit first.
  public func delete(_ id: ID<SubBalance>, seen revision: Int?, in reference: String, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(DeleteSubBalance.self, in: reference)
      let subBalance = try work.subBalance(id, in: organization)
      try subBalance.expect(revision)
      let before = try work.seen(subBalance)
      guard before.held == .zero else {
        throw Problem(.heldSubBalance, "\(creditsText(before.held)) of it are held for what runs now. Settle or release the holds first, or let them expire.")
      }
      if before.kind == .funds, before.balance < .zero {
        throw Problem(.overdrawnSubBalance, "It is \(creditsText(-before.balance)) below zero. Deposit what is owed first.")
      }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: subBalance.target,
        [
          Change("holder", from: "\(subBalance.holder.kind.word) \(subBalance.holder.name)", to: ""),
          Change("amount", from: before.balance.description, to: "0"),
        ])
      if let amount = Amount(micro: abs(before.balance.micro)) {
        let book = try work.openLedger(of: organization.id, under: proof).handle.book
        if before.kind == .allowance { try work.ledgers.limit(subBalance.account, to: .unlimited, in: book, under: proof) }
        let transfer = Transfer(work.tx.newID(), .post(subBalance.movement(of: amount, kind: before.kind, isIn: before.balance < .zero)))
        var ledger = try work.openLedger(of: organization.id, for: [transfer], under: proof)
        try work.post(Instruction(transfer: transfer, note: .empty), in: &ledger, under: proof)
      }
      if before.kind == .allowance {
        let book = try work.openLedger(of: organization.id, under: proof).handle.book
        try work.ledgers.limit(subBalance.account, to: .zero, in: book, under: proof)
      }
      try work.subBalances.remove(id, under: proof)
    }
  }

  /// Adds to a sub-balance, or takes from it what isn't held. The same movement under the same id happens once.
  public func move(
    _ amount: String, note: String = "", id: ID<Transfer>? = nil, into subBalance: ID<SubBalance>, isIn: Bool, in reference: String, by caller: Caller
  ) async throws(Problem) -> SeenSubBalance {
    var checker = FieldChecker()
    let parsedAmount = checker.amount(amount)
    let parsedNote = checker.check("note") { () throws(Rejection) in try Note(note) }
    try checker.finish()
    guard let parsedAmount, let parsedNote else { throw Problem(.defect, "A checked field is missing.") }
    return try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(TransferCredits.self, in: reference)
      let found = try work.subBalance(subBalance, in: organization)
      let kind = try work.seen(found).kind
      let transfer = Transfer(id ?? work.tx.newID(), .post(found.movement(of: parsedAmount, kind: kind, isIn: isIn)))
      if let ledger = try work.ledgers.find(organization.id), let known = try work.ledgers.entries([transfer.id], in: ledger.book).first {
        guard known.entry.transfer == transfer else { throw try work.problem(.idReused(transfer.id), in: organization.id) }
        return try work.seen(found)
      }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: found.target,
        [Change(isIn ? "deposit" : "withdrawal", to: parsedAmount.description), parsedNote.isEmpty ? nil : Change("note", to: parsedNote.text)])
      var ledger = try work.openLedger(of: organization.id, for: [transfer], under: proof)
      do throws(Problem) {
        try work.post(Instruction(transfer: transfer, note: parsedNote), in: &ledger, under: proof)
      } catch {
        throw error.explainingGrants(of: ledger, isDeposit: isIn && kind == .funds)
      }
      return try work.seen(found)
    }
  }
}

extension Problem {
  /// Why credits that are there can't be moved.
  fileprivate func explainingGrants(of ledger: OpenLedger, isDeposit: Bool) -> Problem {
    guard isDeposit, code == .insufficientCredits, ledger.credits.grants.remaining > .zero else { return self }
    return Problem(code, "\(detail) What was granted stays in the balance: give an allowance, which draws on it.", quote: quote, cause: cause)
  }
}

extension SubBalance {
  var target: Target { Target("sub-balance", id.description, named: name) }

  /// What adds to it, or takes from it.
  fileprivate func movement(of amount: Amount, kind: Kind, isIn: Bool) -> Movement {
    let other: AccountNumber = kind == .funds ? .balance : .allotments
    return isIn ? Movement(from: other, to: account, amount) : Movement(from: account, to: other, amount)
  }
}

extension Work {
  fileprivate func expectRoomForSubBalance(in organization: ID<Organization>) throws(Problem) {
    guard try subBalances.count(in: organization) < SubBalance.limit else {
      throw Problem(.tooManySubBalances, "An organization can have \(SubBalance.limit) sub-balances.")
    }
  }

  /// The number of the account that the organization's books are given next; opens them where there are none.
  fileprivate func nextAccount(of organization: ID<Organization>, under proof: some Proof) throws(Problem) -> AccountNumber {
    try ledgers.nextNumber(in: openLedger(of: organization, under: proof).handle.book)
  }

  /// Opens its account, and puts in what it begins with.
  fileprivate func begin(
    _ subBalance: SubBalance, _ kind: SubBalance.Kind, with amount: Amount?, isUnlimited: Bool = false, under proof: Recorded
  ) throws(Problem) {
    var ledger = try openLedger(of: subBalance.organization, under: proof)
    let limit = isUnlimited ? Limit.unlimited : .zero
    let account: LedgerAccount.Kind = kind == .funds ? .funds(normal: .credit, .zero) : .allowance(of: .balance, against: .allotments, limit)
    try ledgers.insert(LedgerAccount(subBalance.account, account), for: .subBalance, in: ledger.handle.book, under: proof)
    try subBalances.insert(subBalance, under: proof)
    guard let amount else { return }
    let transfer = Transfer(tx.newID(), .post(subBalance.movement(of: amount, kind: kind, isIn: true)))
    ledger = try openLedger(of: subBalance.organization, for: [transfer], under: proof)
    do throws(Problem) {
      try post(Instruction(transfer: transfer, note: .empty), in: &ledger, under: proof)
    } catch {
      throw error.explainingGrants(of: ledger, isDeposit: kind == .funds)
    }
  }

  /// Lets a new member use what the organization says of its credits; who shares them out isn't limited, and who was here before has what they had.
  func shareCredits(with member: Member, under proof: Recorded) throws(Problem) {
    guard let credits = try organizationSettings.inForce(in: member.organization).memberCredits,
      !member.roles.permissions.contains(.creditsManage), member.roles.roles.contains(where: \.seesWhatIsOpen),
      try subBalances.find(.member, member.account.description, in: member.organization) == nil
    else { return }
    try expectRoomForSubBalance(in: member.organization)
    let holder = SubBalance.Holder(kind: .member, key: member.account.description, name: member.name.text)
    let subBalance = SubBalance(
      id: tx.newID(), organization: member.organization, account: try nextAccount(of: member.organization, under: proof), holder: holder, createdAt: now,
      revision: 1)
    try begin(subBalance, .allowance, with: Amount(micro: credits.micro), under: proof)
  }

  /// A sub-balance of the organization; refuses as `missing` what isn't one of its own.
  func subBalance(_ id: ID<SubBalance>, in organization: Organization) throws(Problem) -> SubBalance {
    guard let found = try subBalances.find(id, in: organization.id) else { throw Problem(.missing, "There is no such sub-balance here.") }
    return found
  }

  func seen(_ subBalance: SubBalance) throws(Problem) -> SeenSubBalance {
    let ledger = try seenLedger(of: subBalance.organization, accounts: [subBalance.account]).orDefect()
    return try SeenSubBalance(subBalance, in: ledger.credits)
  }

  /// Who is named.
  func holder(_ text: String, _ kind: SubBalance.HolderKind, in organization: Organization) throws(Problem) -> SubBalance.Holder {
    switch kind {
    case .member:
      var account = ID<Account>(text)
      if account == nil { account = try self.account(by: text)?.id }
      guard let account, let member = try members.of(account, in: organization.id) else {
        throw .invalid("holder", "No member has this handle or address. Look it up in the list of members.")
      }
      return SubBalance.Holder(kind: .member, key: member.account.description, name: member.name.text)
    case .serviceAccount:
      guard let account = try serviceAccounts.find(text, in: organization.id) else {
        throw .invalid("holder", "There is no such service account here.")
      }
      return SubBalance.Holder(kind: .serviceAccount, key: account.id.description, name: account.name.text)
    case .project:
      let name = try Problem.checking("holder") { () throws(Rejection) in try DisplayName(text) }
      // One of ours is the same however it is written.
      let key = try projectKey(name.text, in: organization).holder
      let path = try decisionNames.paths(ofResources: [key], in: organization.id)[key]
      return SubBalance.Holder(kind: kind, key: key, name: path ?? name.text)
    case .cluster:
      let name = try Problem.checking("holder") { () throws(Rejection) in try DisplayName(text) }
      return SubBalance.Holder(kind: kind, key: name.text, name: name.text)
    }
  }
}
