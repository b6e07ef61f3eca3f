import Authorization
import Contract
public import Kernel
public import Ledger
import Storage

extension ControlPlane {
  public var holds: Holds { Holds(plane: self) }
}

/// Credits that are set aside and used. Whatever is asked of one organization at the same time shares a commit (`LedgerWriter`).
public struct Holds: Sendable {
  let plane: ControlPlane

  /// The newest first.
  public func list(in reference: String, _ state: HoldState? = nil, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<SeenHold> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      guard let ledger = try work.ledgers.find(organization.id) else { return Page(items: [], next: nil, total: 0) }
      let found = try work.holds.list(in: ledger, state, page)
      return Page(items: try work.seen(found.items, in: ledger), next: found.next, total: found.total, isCapped: found.isCapped)
    }
  }

  /// As it stands at this instant. Refuses as `missing` what is another organization's.
  public func find(_ id: ID<Hold>, in reference: String, by caller: Caller) async throws(Problem) -> SeenHold {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      guard let ledger = try work.ledgers.find(organization.id), let seen = try work.seen(work.ledgers.holds([id], in: ledger.book), in: ledger).first else {
        throw try work.problem(.unknownHold(id), in: organization.id)
      }
      return seen
    }
  }

  /// Sets credits aside. Refuses with a quote what the credits don't suffice for.
  public func create(_ draft: HoldDraft, in reference: String, by caller: Caller) async throws(Problem) -> SeenHold {
    let outcome = try await one(in: reference, by: caller, as: .holdMade) { work, organization throws(Problem) in
      try organization.expectActive()
      let (account, keys) = try work.source(draft.subBalance, draft.purpose, in: organization)
      let ledger = try work.ledgers.find(organization.id)
      let known: Hold? = if let id = draft.id, let ledger { try work.ledgers.holds([id], in: ledger.book).first } else { nil }
      // A repeat asks for the same term, and so for the end that the first time had.
      let since = known?.since ?? max(work.now, ledger?.head.at ?? work.now)
      let movement = Movement(from: account, to: .used, draft.amount)
      return Instruction(
        transfer: Transfer(draft.id?.cast() ?? work.tx.newID(), .hold(movement, ceiling: draft.ceiling, expires: since + draft.term)), note: draft.note,
        budgetKeys: keys)
    }
    return try await find(outcome.record.entry.transfer.id.cast(), in: reference, as: outcome, by: caller)
  }

  /// Ends a hold and charges what was used. The same settlement again changes nothing.
  public func settle(_ id: ID<Hold>, for amount: String, note: String = "", in reference: String, by caller: Caller) async throws(Problem) -> SeenHold {
    var checker = FieldChecker()
    let parsedAmount = checker.amountOrNothing(amount)
    let parsedNote = checker.check("note") { () throws(Rejection) in try Note(note) }
    try checker.finish()
    guard let parsedNote else { throw Problem(.defect, "A checked field is missing.") }
    let outcome = try await one(in: reference, by: caller, as: .holdSettled) { work, organization throws(Problem) in
      let hold = try work.ownHold(id, in: organization)
      // Nothing was used.
      guard let parsedAmount else { return Instruction(transfer: Transfer(hold.releasedBy ?? work.tx.newID(), .release(id)), note: parsedNote) }
      return Instruction(transfer: Transfer(hold.settledBy(parsedAmount) ?? work.tx.newID(), .settle(id, parsedAmount)), note: parsedNote)
    }
    return try await find(id, in: reference, as: outcome, by: caller)
  }

  /// Ends a hold and charges nothing. A release again changes nothing.
  public func release(_ id: ID<Hold>, in reference: String, by caller: Caller) async throws(Problem) -> SeenHold {
    let outcome = try await one(in: reference, by: caller, as: .holdReleased) { work, organization throws(Problem) in
      let hold = try work.ownHold(id, in: organization)
      return Instruction(transfer: Transfer(hold.releasedBy ?? work.tx.newID(), .release(id)), note: .empty)
    }
    return try await find(id, in: reference, as: outcome, by: caller)
  }

  /// Records use: always, if need be into arrears, or only what the credits suffice for.
  public func charge(_ draft: ChargeDraft, in reference: String, by caller: Caller) async throws(Problem) -> NamedRecord {
    let outcome = try await one(in: reference, by: caller) { work, organization throws(Problem) in
      if draft.asksFirst { try organization.expectActive() }
      let (account, keys) = try work.source(draft.subBalance, draft.purpose, in: organization)
      let movement = Movement(from: account, to: .used, draft.amount)
      return Instruction(
        transfer: Transfer(draft.id ?? work.tx.newID(), draft.asksFirst ? .spend(movement) : .charge(movement)), note: draft.note, budgetKeys: keys)
    }
    return try await named(outcome.record, in: reference)
  }

  /// The same for a charge to the organization's own balance that is for nothing in particular, for who doesn't wait: `finish` is told of the record, once and
  /// on whichever thread, or of `nil` where it was refused or failed. Then nothing was recorded, or it can't be told whether it was: the same charge again
  /// tells.
  /// `false` where nobody will be told.
  func charge(_ draft: ChargeDraft, in reference: String, by caller: Caller, then finish: @escaping @Sendable (NamedRecord?) -> Void) -> Bool {
    var order = LedgerOrder(caller: caller, organization: reference) { work, organization throws(Problem) in
      let (account, keys) = try work.source(nil, .none, in: organization)
      let transfer = Transfer(draft.id ?? work.tx.newID(), .charge(Movement(from: account, to: .used, draft.amount)))
      return [.success(Instruction(transfer: transfer, note: draft.note, budgetKeys: keys))]
    }
    order.notesRefusals = false
    return plane.ledgerWriter.take(order, on: plane) { answer in
      guard case .success(let results) = answer, case .success(let outcome)? = results.first else { return finish(nil) }
      finish(NamedRecord(outcome.record, AccountNames([:])))
    }
  }

  /// Takes a transfer back, once. A reversal again changes nothing.
  public func reverse(_ id: ID<Transfer>, in reference: String, by caller: Caller) async throws(Problem) -> NamedRecord {
    let outcome = try await one(in: reference, by: caller) { work, organization throws(Problem) in
      let original = try work.ownTransfer(id, in: organization)
      let ledger = try work.ledgers.find(organization.id).orDefect()
      let known = try work.ledgers.reversal(of: id, in: ledger.book)
      if known == nil { try work.expectAccounts(of: original, in: organization) }
      return Instruction(transfer: Transfer(known ?? work.tx.newID(), .reverse(original.entry.transfer.id)), note: .empty)
    }
    return try await named(outcome.record, in: reference)
  }

  /// Many at once: what came of each, or with `isLinked` all of them or none.
  public func carryOut(
    _ transfers: [BatchedTransfer], isLinked: Bool = false, in reference: String, by caller: Caller
  ) async throws(Problem) -> [Result<LedgerOutcomeSummary, Problem>] {
    try BatchedTransfer.expectFew(transfers.count)
    guard !transfers.isEmpty else { throw .invalid("transfers", "Name at least one transfer.") }
    let order = LedgerOrder(caller: caller, organization: reference, isLinked: isLinked) { work, organization throws(Problem) in
      try work.instructions(for: transfers, in: organization)
    }
    let results = try await plane.ledgerWriter.carryOut(order, on: plane)
    for result in results {
      guard case .success(let outcome) = result else { continue }
      switch outcome.record.entry.transfer.content {
      case .hold: plane.tallies.note(.holdMade)
      case .settle: plane.tallies.note(.holdSettled)
      case .release: plane.tallies.note(.holdReleased)
      case .post, .spend, .charge, .reverse: break
      }
    }
    return results.map { result in result.map { LedgerOutcomeSummary($0.record.entry) } }
  }

  // MARK: One

  private func one(
    in reference: String, by caller: Caller, as kind: Tallies.Kind? = nil,
    _ instruction: @escaping @Sendable (Work, Organization) throws(Problem) -> Instruction
  ) async throws(Problem) -> LedgerOutcome {
    if let kind { return try await plane.tallies.noting(kind) { () throws(Problem) in try await one(in: reference, by: caller, instruction) } }
    let order = LedgerOrder(caller: caller, organization: reference) { work, organization throws(Problem) in [.success(try instruction(work, organization))] }
    guard let result = try await plane.ledgerWriter.carryOut(order, on: plane).first else { throw Problem(.defect, "The books gave no answer.") }
    return try result.get()
  }

  private func find(_ id: ID<Hold>, in reference: String, as outcome: LedgerOutcome, by caller: Caller) async throws(Problem) -> SeenHold {
    guard let hold = outcome.hold else { throw Problem(.defect, "The books gave no hold.") }
    return try await plane.read(as: .system("ledger")) { work in
      let organization = try work.organizations.find(reference).orDefect()
      let ledger = try work.ledgers.find(organization.id).orDefect()
      return try work.seen([hold], in: ledger).first.orDefect()
    }
  }

  private func named(_ record: JournalRecord, in reference: String) async throws(Problem) -> NamedRecord {
    let accounts: Set = [record.movement.debit, record.movement.credit]
    // What all books have needs no looking up.
    if accounts.allSatisfy({ $0 <= AccountPurpose.lastStandard }) { return NamedRecord(record, AccountNames([:])) }
    return try await plane.read(as: .system("ledger")) { work in
      let organization = try work.organizations.find(reference).orDefect()
      return NamedRecord(record, try AccountNames(work.subBalances.find(accounts, in: organization.id)))
    }
  }
}

/// What came of one of many transfers.
public struct LedgerOutcomeSummary: Sendable {
  public let id: ID<Transfer>
  /// Its place in the journal.
  public let sequence: Int64

  init(_ entry: JournalEntry) { (id, sequence) = (entry.transfer.id, entry.sequence) }
}

extension Hold {
  /// What settled it for this amount.
  fileprivate func settledBy(_ asked: Amount) -> ID<Transfer>? { if case .settled(asked, let transfer) = state { transfer } else { nil } }

  fileprivate var releasedBy: ID<Transfer>? { if case .released(let transfer) = state { transfer } else { nil } }
}

extension Problem {
  fileprivate static let foreignHold = Problem(.foreignHold, "A hold is ended by who made it, or by an operator of this installation.")
  fileprivate static let foreignTransfer = Problem(.foreignTransfer, "A transfer is taken back by who made it, or by an operator of this installation.")
}

extension Work {
  /// Refuses while something that holds credits goes on, and names the latest of it.
  func expectNoLiveHolds(in organization: Organization) throws(Problem) {
    guard let ledger = try ledgers.find(organization.id) else { return }
    let live = try holds.list(in: ledger, .live, PageRequest(limit: 3))
    guard live.total > 0 else { return }
    let some = live.items.map { "\($0.id) (\($0.movement.amount))" }.joined(separator: ", ")
    throw Problem(
      .liveHolds, "Credits are held for what goes on: \(counted(live.total, "hold")), such as \(some). Settle or release what is held, or wait until it ends.")
  }
}

extension Organization {
  /// Refuses what asks beforehand while nothing new is to begin.
  fileprivate func expectActive() throws(Problem) { if state.kind == .suspended { throw Denial.suspendedOrganization.problem(doing: UseCredits.name) } }
}

extension Work {
  /// The account that is named, or the organization's balance; and what budgets count by.
  fileprivate func source(
    _ subBalance: ID<SubBalance>?, _ purpose: SpendingPurpose, in organization: Organization
  ) throws(Problem) -> (AccountNumber, Set<BudgetKey>) {
    let share = try subBalance.map { id throws(Problem) in try self.subBalance(id, in: organization) }
    return (share?.account ?? .balance, try budgetKeys(purpose, share: share, in: organization))
  }

  /// A hold that the caller may end: who made it may, and operators.
  fileprivate func ownHold(_ id: ID<Hold>, in organization: Organization) throws(Problem) -> Hold {
    guard let ledger = try ledgers.find(organization.id), let hold = try ledgers.holds([id], in: ledger.book).first,
      let record = try ledgers.entries([id.cast()], in: ledger.book).first
    else { throw try problem(.unknownHold(id), in: organization.id) }
    guard try isOwn(record) else { throw Problem.foreignHold }
    return hold
  }

  /// A transfer that the caller may take back.
  fileprivate func ownTransfer(_ id: ID<Transfer>, in organization: Organization) throws(Problem) -> JournalRecord {
    guard let ledger = try ledgers.find(organization.id), let record = try ledgers.entries([id], in: ledger.book).first else {
      throw try problem(.unknownTransfer(id), in: organization.id)
    }
    guard try isOwn(record) else { throw Problem.foreignTransfer }
    return record
  }

  /// Refuses to take back what moved credits of a sub-balance that is removed: they would be nobody's.
  fileprivate func expectAccounts(of record: JournalRecord, in organization: Organization) throws(Problem) {
    if try !subBalances.removed([record.movement.debit, record.movement.credit], in: organization.id).isEmpty {
      throw Problem(.transferFinal, "The sub-balance that this went through is removed. Put it right with a correction of the balance.")
    }
  }

  private func isOwn(_ record: JournalRecord) throws(Problem) -> Bool {
    let actor = try actor()
    if case .person(let person) = actor, person.isSuperUser { return true }
    return JournalActor(EventActor(actor)) == record.actor
  }

  /// What is asked for; each that names what isn't there, or isn't the caller's, is refused by itself.
  fileprivate func instructions(for transfers: [BatchedTransfer], in organization: Organization) throws(Problem) -> [Result<Instruction, Problem>] {
    /// What is looked up once for all transfers that name the same.
    struct Source: Hashable {
      let share: ID<SubBalance>?
      let purpose: SpendingPurpose
    }
    var sources: [Source: (AccountNumber, Set<BudgetKey>)] = [:]
    // Most are like the one before them.
    var last: (named: Source, found: (AccountNumber, Set<BudgetKey>))?
    func source(_ share: ID<SubBalance>?, _ purpose: SpendingPurpose) throws(Problem) -> (AccountNumber, Set<BudgetKey>) {
      let named = Source(share: share, purpose: purpose)
      if let last, last.named == named { return last.found }
      let found = if let known = sources[named] { known } else { try self.source(share, purpose, in: organization) }
      sources[named] = found
      last = (named, found)
      return found
    }
    let ledger = try ledgers.find(organization.id)
    let subjects = Set(transfers.compactMap(\.subject))
    let known = Dictionary(
      try ledger.map { ledger throws(Problem) in try ledgers.entries(subjects, in: ledger.book) }?.map { ($0.entry.transfer.id, $0) } ?? [],
      uniquingKeysWith: { first, _ in first })
    // What is ended or taken back was made by the caller: earlier, or in this very list. An id that is in the books already was used there for good.
    let own = subjects.isEmpty ? [] : Set(transfers.map(\.id)).subtracting(known.keys)
    func expectOwn(_ subject: ID<Transfer>, _ foreign: Problem, _ unknown: Refusal) throws(Problem) {
      guard let record = known[subject] else {
        guard own.contains(subject) else { throw try problem(unknown, in: organization.id) }
        return
      }
      guard try isOwn(record) else { throw foreign }
    }
    func instruction(_ transfer: BatchedTransfer) throws(Problem) -> Instruction {
      let content: Transfer.Content
      var keys: Set<BudgetKey> = []
      func movement(_ amount: Amount, _ share: ID<SubBalance>?) throws(Problem) -> Movement {
        let (account, found) = try source(share, transfer.purpose)
        keys = found
        return Movement(from: account, to: .used, amount)
      }
      switch transfer.content {
      case .charge(let amount, let subBalance): content = .charge(try movement(amount, subBalance))
      case .spend(let amount, let subBalance):
        try organization.expectActive()
        content = .spend(try movement(amount, subBalance))
      case .hold(let amount, let ceiling, let subBalance, let expires):
        try organization.expectActive()
        content = .hold(try movement(amount, subBalance), ceiling: ceiling, expires: expires)
      case .settle(let hold, let amount):
        try expectOwn(hold.cast(), .foreignHold, .unknownHold(hold))
        content = .settle(hold, amount)
      case .release(let hold):
        try expectOwn(hold.cast(), .foreignHold, .unknownHold(hold))
        content = .release(hold)
      case .reverse(let original):
        try expectOwn(original, .foreignTransfer, .unknownTransfer(original))
        if known[transfer.id] == nil, let record = known[original] { try expectAccounts(of: record, in: organization) }
        content = .reverse(original)
      }
      return Instruction(transfer: Transfer(transfer.id, content), note: transfer.note, budgetKeys: keys)
    }
    return try transfers.map { transfer throws(Problem) in
      do throws(Problem) {
        return .success(try instruction(transfer))
      } catch {
        // A statement that failed ends the transaction.
        guard error.kind != .defect, error.kind != .unavailable else { throw error }
        return .failure(error)
      }
    }
  }

  fileprivate func seen(_ found: [Hold], in ledger: LedgerHandle) throws(Problem) -> [SeenHold] {
    let records = Dictionary(
      try ledgers.entries(found.map { $0.id.cast() }, in: ledger.book).map { ($0.entry.transfer.id, $0) }, uniquingKeysWith: { first, _ in first })
    let names = try subBalances.find(Set(found.map(\.movement.debit)), in: ledger.organization)
    let instant = max(now, ledger.head.at)
    return try found.map { hold throws(Problem) in
      SeenHold(hold, of: names[hold.movement.debit], try records[hold.id.cast()].orDefect(), at: instant)
    }
  }
}
