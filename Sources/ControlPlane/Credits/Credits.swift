import Authorization
import Contract
public import Kernel
public import Ledger
import Storage

extension ControlPlane {
  public var credits: CreditUses { CreditUses(plane: self) }
}

/// The balances of organizations: what there is, where it came from, and what became of it.
public struct CreditUses: Sendable {
  let plane: ControlPlane

  /// What there is to spend, holds and grants considered that have ended by now.
  public func balance(of reference: String, by caller: Caller) async throws(Problem) -> CreditBalance {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      return try work.balance(of: organization.id)
    }
  }

  /// What the balance was at some instants.
  public func history(
    of reference: String, since: Timestamp? = nil, until: Timestamp? = nil, points: Int? = nil, by caller: Caller
  ) async throws(Problem) -> [BalancePoint] {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      let end = until ?? work.now
      let request = try BalanceHistoryRequest(since: since ?? end - .days(30), until: end, points: points ?? 60)
      guard let ledger = try work.ledgers.find(organization.id) else { return request.instants.map { BalancePoint(at: $0, balance: .zero) } }
      return try request.instants.map { instant throws(Problem) in
        BalancePoint(at: instant, balance: try work.ledgers.balance(of: .balance, at: instant, in: ledger.book))
      }
    }
  }

  /// Agrees how far below zero what asks beforehand may take the balance; `nil` that nothing limits it. For operators.
  public func setOverdraft(_ overdraft: Credits?, of reference: String, by caller: Caller) async throws(Problem) -> CreditBalance {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(SetOverdraft.self)
      let organization = try work.operated(reference)
      let after = overdraft.map { Limit.floor(-$0) } ?? .unlimited
      let before = try work.seenLedger(of: organization.id)?.book.account(.balance)?.limit ?? .zero
      guard before != after else { return try work.balance(of: organization.id) }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(organization), [Change("overdraft", from: before.overdraft, to: after.overdraft)])
      let ledger = try work.openLedger(of: organization.id, under: proof)
      try work.ledgers.limit(.balance, to: after, in: ledger.handle.book, under: proof)
      try work.lookAtCredits(of: organization.id, under: proof)
      return try work.balance(of: organization.id)
    }
  }

  /// Records credits that were paid for elsewhere, or are given away. The same order under the same id is recorded once. For operators.
  public func topUp(_ order: TopUpOrder, of reference: String, by caller: Caller) async throws(Problem) -> NamedRecord {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(TopUp.self)
      let organization = try work.operated(reference)
      let instruction = try work.instruction(for: order, in: organization.id)
      if let id = order.id, let ledger = try work.ledgers.find(organization.id), let known = try work.ledgers.entries([id], in: ledger.book).first {
        let granted = try work.ledgers.grants([id.cast()], in: ledger.book).first { $0.id == id.cast() }
        guard known.entry.transfer == instruction.transfer, instruction.grants(like: granted) else {
          throw try work.problem(.idReused(id), in: organization.id)
        }
        return NamedRecord(known, AccountNames([:]))
      }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(organization),
        [
          Change("amount", to: order.amount.description), Change("kind", to: order.kind.rawValue),
          order.note.isEmpty ? nil : Change("note", to: order.note.text), order.expires.map { Change("expires", to: $0.description) },
        ])
      var ledger = try work.openLedger(of: organization.id, for: [instruction.transfer], under: proof)
      return NamedRecord(try work.post(instruction, in: &ledger, under: proof), AccountNames([:]))
    }
  }

  /// Puts a balance right, by so much or to an amount: what is taken goes no further than asking beforehand may, and leaves what was granted. The same
  /// correction under the same id happens once. For operators.
  public func correct(
    _ correction: @autoclosure @escaping @Sendable () throws(Problem) -> CreditCorrection, of reference: String, by caller: Caller
  ) async throws(Problem) -> CreditBalance {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(CorrectCredits.self)
      let (correction, organization) = (try correction(), try work.operated(reference))
      let before = try work.balance(of: organization.id)
      guard let difference = correction.difference(from: before.balance) else { throw try work.problem(.outOfRange(.balance), in: organization.id) }
      let amount = Amount(micro: abs(difference.micro))
      let movement = amount.map { difference > .zero ? Movement(from: .corrections, to: .balance, $0) : Movement(from: .balance, to: .corrections, $0) }
      if let id = correction.id, let ledger = try work.ledgers.find(organization.id), let known = try work.ledgers.entries([id], in: ledger.book).first {
        // What a balance was set to says nothing of what moved then.
        if case .by = correction.change, known.entry.transfer != movement.map({ Transfer(id, .post($0)) }) {
          throw try work.problem(.idReused(id), in: organization.id)
        }
        return before
      }
      guard let movement else { return before }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(organization),
        [
          Change("balance", from: before.balance.description, to: before.balance.adding(difference)?.description),
          correction.note.isEmpty ? nil : Change("note", to: correction.note.text),
        ])
      let transfer = Transfer(correction.id ?? work.tx.newID(), .post(movement))
      var ledger = try work.openLedger(of: organization.id, for: [transfer], under: proof)
      try work.post(Instruction(transfer: transfer, note: correction.note), in: &ledger, under: proof)
      return try work.balance(of: organization.id)
    }
  }

  /// Credits that go before others, the newest first.
  public func grants(of reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<ListedGrant> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      guard let ledger = try work.ledgers.find(organization.id) else { return Page(items: [], next: nil, total: 0) }
      let found = try work.holds.grants(in: ledger, page)
      let names = try work.subBalances.find(Set(found.items.flatMap { $0.grant.scope.accounts }), in: organization.id)
      return found.map { row in
        ListedGrant(
          grant: row.grant, kind: row.kind, note: row.note, createdAt: row.createdAt, subBalances: row.grant.scope.accounts.compactMap { names[$0]?.id })
      }
    }
  }

  /// What changed the organization's balance or, with `subBalance`, that one; the newest first.
  public func statement(
    of reference: String, subBalance: ID<SubBalance>? = nil, _ filter: StatementFilter, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<NamedRecord> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadStatement.self, in: reference).0
      try Problem.expectOrder(filter.since, filter.until)
      var account = AccountNumber.balance
      if let subBalance { account = try work.subBalance(subBalance, in: organization).account }
      guard let ledger = try work.ledgers.find(organization.id) else { return Page(items: [], next: nil, total: 0) }
      let found = try work.ledgers.statement(of: account, filter, in: ledger.book, page)
      let accounts = Set(found.items.flatMap { [$0.movement.debit, $0.movement.credit] })
      let names = try AccountNames(work.subBalances.find(accounts, in: organization.id))
      return found.map { NamedRecord($0, names) }
    }
  }

  /// Every entry that fits, the newest first, for a file to keep.
  func all(
    of reference: String, subBalance: ID<SubBalance>? = nil, _ filter: StatementFilter, by caller: Caller, _ body: ([NamedRecord]) async throws(Problem) -> Void
  ) async throws(Problem) {
    var cursor: Cursor?
    repeat {
      let page = try await statement(
        of: reference, subBalance: subBalance, filter, PageRequest(limit: PageRequest.limits.upperBound, cursor: cursor), by: caller)
      try await body(page.items)
      cursor = page.next
    } while cursor != nil
  }

  /// What those who moved credits are called; without those that are gone.
  func names(of actors: some Sequence<JournalActor>, in reference: String, by caller: Caller) async throws(Problem) -> [JournalActor: String] {
    let actors = Set(actors)
    if actors.isEmpty { return [:] }
    return try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      let people = try work.accounts.names(of: Set(actors.compactMap { $0.kind == .account ? ID<Account>($0.id) : nil }))
      let programs = try work.serviceAccounts.names(
        of: Set(actors.compactMap { $0.kind == .serviceAccount ? ID<ServiceAccount>($0.id) : nil }), in: organization.id)
      var names: [JournalActor: String] = [:]
      for actor in actors {
        names[actor] =
          switch actor.kind {
          case .account: ID<Account>(actor.id).flatMap { people[$0] }
          case .serviceAccount: ID<ServiceAccount>(actor.id).flatMap { programs[$0] }
          case .system, .anonymous: "The server"
          }
      }
      return names
    }
  }

  /// One entry of the journal; refuses as `missing` what another organization's journal holds.
  public func transfer(_ id: ID<Transfer>, in reference: String, by caller: Caller) async throws(Problem) -> NamedRecord {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadStatement.self, in: reference).0
      guard let ledger = try work.ledgers.find(organization.id), let record = try work.ledgers.entries([id], in: ledger.book).first else {
        throw try work.problem(.unknownTransfer(id), in: organization.id)
      }
      return NamedRecord(record, try AccountNames(work.subBalances.find([record.movement.debit, record.movement.credit], in: organization.id)))
    }
  }
}

/// An entry with its accounts as people and programs know them.
public struct NamedRecord: Sendable {
  public let record: JournalRecord
  public let debit: AccountName
  public let credit: AccountName

  init(_ record: JournalRecord, _ names: AccountNames) {
    (self.record, debit, credit) = (record, names[record.movement.debit], names[record.movement.credit])
  }
}

/// An account as people and programs know it.
public enum AccountName: Sendable, Hashable {
  case standard(AccountPurpose)
  case subBalance(SubBalance)
}

struct AccountNames {
  private let subBalances: [AccountNumber: SubBalance]

  init(_ subBalances: [AccountNumber: SubBalance]) { self.subBalances = subBalances }

  subscript(number: AccountNumber) -> AccountName {
    if let found = subBalances[number] { return .subBalance(found) }
    return .standard(AccountPurpose.allCases.first { $0.number == number } ?? .subBalance)
  }
}

extension Limit {
  /// For the log.
  fileprivate var overdraft: String {
    switch self {
    case .unlimited: "unlimited"
    case .floor(let floor): (-floor).description
    }
  }
}

extension Instruction {
  /// Whether it grants what was granted the first time, whatever is left of that.
  fileprivate func grants(like known: CreditGrant?) -> Bool {
    guard let grant, let known else { return grant == nil && known == nil }
    return (grant.priority, grant.expires, grant.scope) == (known.priority, known.expires, known.scope)
  }
}

extension CreditGrant.Scope {
  fileprivate var accounts: Set<AccountNumber> {
    switch self {
    case .everything: []
    case .passing(let accounts): accounts
    }
  }
}

extension Work {
  /// The organization that an operator names, whatever they are in it.
  func operated(_ reference: String) throws(Problem) -> Organization {
    guard let organization = try organizations.find(reference), organization.state.kind != .deleted else {
      throw Problem(.missing, "There is no such organization.")
    }
    return organization
  }

  func balance(of organization: ID<Organization>) throws(Problem) -> CreditBalance {
    try seenLedger(of: organization).map { ledger throws(Problem) in try CreditBalance(ledger.credits) } ?? .none(at: now)
  }

  /// Records what the caller was permitted, and writes it.
  @discardableResult func post(_ instruction: Instruction, in ledger: inout OpenLedger, under proof: Recorded) throws(Problem) -> JournalRecord {
    let actor = JournalActor(EventActor(try actor()))
    let record: JournalRecord
    do throws(Refusal) { record = try ledger.record(instruction, by: actor) } catch { throw try problem(error, in: ledger.handle.organization) }
    try store(ledger, under: proof)
    return record
  }

  fileprivate func instruction(for order: TopUpOrder, in organization: ID<Organization>) throws(Problem) -> Instruction {
    let source = order.kind == .paid ? AccountNumber.payments : .promotions
    if let expires = order.expires, expires <= now { throw .invalid("expires_at", "Let the credits expire later than now.") }
    var terms: GrantTerms?
    if order.isGrant {
      var accounts: Set<AccountNumber> = []
      for id in order.subBalances {
        guard let found = try subBalances.find(id, in: organization) else { throw .invalid("sub_balances", "There is no sub-balance \(id) here.") }
        guard try seen(found).kind == .allowance else {
          let reason = "The sub-balance of \(found.name) has credits of its own, and draws none of the balance: top up the balance, and deposit there."
          throw .invalid("sub_balances", reason)
        }
        accounts.insert(found.account)
      }
      terms = GrantTerms(
        kind: order.kind, priority: order.priority ?? TopUpOrder.usualPriority, expires: order.expires,
        scope: accounts.isEmpty ? .everything : .passing(accounts))
    }
    let transfer = Transfer(order.id ?? tx.newID(), .post(Movement(from: source, to: .balance, order.amount)))
    return Instruction(transfer: transfer, note: order.note, grant: terms)
  }
}
