import Authorization
import Kernel
import Ledger
import Storage

/// Proof that somebody was permitted a transfer whose entry in the journal is the record of it.
struct Journaled: Proof {
  init<A: JournaledAction>(_ permit: Permit<A>) {}
  init(_ permit: Permit<ReportWorkspaceUsage>) {}
}

/// An organization's books, opened in a transaction for some transfers: what they do is decided here and written by `Work.store`.
struct OpenLedger {
  let handle: LedgerHandle
  fileprivate(set) var credits: CreditBook
  /// The grants as they were loaded.
  fileprivate let oldGrants: [ID<CreditGrant>: CreditGrant]
  /// What each transfer burned that may be reversed.
  fileprivate let burned: [ID<Transfer>: [Burn]]
  /// The entries that were loaded, by the ids of their transfers.
  fileprivate let loaded: [ID<Transfer>: JournalRecord]
  /// What was recorded since: of each number behind the head that was loaded, in their order.
  fileprivate var records: [JournalRecord] = []
  fileprivate var newGrants: [ID<CreditGrant>: (terms: GrantTerms, note: Note)] = [:]
  /// The budgets that count what is recorded.
  var board = BudgetBoard.none

  var book: Book { credits.book }

  /// Makes room for what is going to be recorded.
  fileprivate mutating func expect(_ count: Int) { records.reserveCapacity(count) }

  /// Records what is asked for, or answers what came of it the first time; refused, it leaves no trace.
  mutating func record(_ instruction: Instruction, by actor: JournalActor) throws(Refusal) -> JournalRecord {
    let transfer = instruction.transfer
    var reversed: [Burn] = []
    if case .reverse(let id) = transfer.content { reversed = burned[id] ?? [] }
    let last = book.head.sequence
    let entry = try credits.record(transfer, granting: instruction.grant.flatMap { transfer.grant(on: $0) }, unwinding: reversed)
    if entry.sequence <= last { return try record(of: entry) }
    count(instruction)
    if let terms = instruction.grant { newGrants[transfer.id.cast()] = (terms, instruction.note) }
    return try note(entry, by: actor, instruction.note)
  }

  /// The same for several together; refused, none of them leaves a trace.
  mutating func record(linked instructions: [Instruction], by actor: JournalActor) throws(LinkedRefusal) -> [JournalRecord] {
    let last = book.head.sequence
    let entries = try credits.record(linked: instructions.map(\.transfer), unwinding: burned)
    var found: [JournalRecord] = []
    for (place, entry) in entries.enumerated() {
      do throws(Refusal) {
        if entry.sequence <= last {
          found.append(try record(of: entry))
        } else {
          count(instructions[place])
          found.append(try note(entry, by: actor, instructions[place].note))
        }
      } catch { throw LinkedRefusal(place: place, refusal: error) }
    }
    return found
  }

  /// What was written, or is going to be, of an entry.
  private func record(of entry: JournalEntry) throws(Refusal) -> JournalRecord {
    let place = Int(entry.sequence - handle.head.sequence) - 1
    guard let record = records.indices.contains(place) ? records[place] : loaded[entry.transfer.id] else { throw .incompleteRows }
    return record
  }

  fileprivate mutating func note(_ entry: JournalEntry, by actor: JournalActor, _ note: Note) throws(Refusal) -> JournalRecord {
    guard let movement = moved(by: entry.transfer.content) else { throw .incompleteRows }
    let record = JournalRecord(entry: entry, movement: movement, actor: actor, note: note)
    records.append(record)
    return record
  }

  /// What was moved, or set aside where a hold is made or released.
  private func moved(by content: Transfer.Content) -> Movement? {
    switch content {
    case .post(let movement), .spend(let movement), .charge(let movement), .hold(let movement, _, _): movement
    case .settle(let id, let amount): book.hold(id).map { Movement(from: $0.movement.debit, to: $0.movement.credit, amount) }
    case .release(let id): book.hold(id)?.movement
    case .reverse(let id):
      (book.entry(of: id).flatMap { try? record(of: $0) }?.movement).map { Movement(from: $0.credit, to: $0.debit, $0.amount) }
    }
  }
}

extension Transfer {
  /// What a post to the organization's balance grants.
  fileprivate func grant(on terms: GrantTerms) -> CreditGrant? {
    guard case .post(let movement) = content else { return nil }
    return try? CreditGrant(id.cast(), movement.amount, priority: terms.priority, expires: terms.expires, scope: terms.scope)
  }
}

extension Work {
  /// Opens an organization's books with all rows that these transfers need, and `accounts` besides. Books that don't exist yet are opened empty, under `proof`.
  /// `budgetKeys`: what budgets may have to count by.
  func openLedger(
    of organization: ID<Organization>, for transfers: some Collection<Transfer> = EmptyCollection(), accounts: Set<AccountNumber> = [],
    budgetKeys: Set<BudgetKey> = [], under proof: some Proof
  ) throws(Problem) -> OpenLedger {
    var handle = try ledgers.find(organization)
    if handle == nil { handle = try ledgers.open(organization, under: proof) }
    var ledger = try open(handle.orDefect(), for: transfers, accounts: accounts)
    ledger.board = try openBudgets(for: ledger, subjects: transfers.compactMap(\.content.subject), keys: budgetKeys)
    return ledger
  }

  /// The same only to look at; `nil` where there are no books yet.
  func seenLedger(of organization: ID<Organization>, accounts: Set<AccountNumber> = []) throws(Problem) -> OpenLedger? {
    try ledgers.find(organization).map { handle throws(Problem) in try open(handle, for: [], accounts: accounts) }
  }

  private func open(_ handle: LedgerHandle, for transfers: some Collection<Transfer>, accounts named: Set<AccountNumber>) throws(Problem) -> OpenLedger {
    let (rows, book) = (ledgers, handle.book)
    var needs = Needs(transfers)
    let known = try rows.entries(needs.transfers, in: book)
    for record in known { needs.know(record) }
    let expired = try rows.expiredHolds(at: max(now, handle.head.at), in: book)
    let loaded = try rows.holds(needs.holds.subtracting(expired.map(\.id)), in: book)
    let holds = expired + loaded
    let numbers = needs.accounts.union(named).union((holds.map(\.movement) + known.map(\.movement)).flatMap { [$0.debit, $0.credit] })
    let sequences = known.filter { needs.reversed.contains($0.entry.transfer.id) }.map(\.entry.sequence)
    let burns = try rows.burns(of: sequences, in: book)
    let grants = try rows.grants(Set(burns.values.joined().map(\.grant)).union(needs.reversed.map { $0.cast() }), in: book)
    let accounts = try rows.accounts(numbers, in: book)
    let reversed = try rows.reversed(needs.reversed, in: book)
    let opened: CreditBook
    do throws(Refusal) {
      let books = try Book(
        at: now, after: handle.head, accounts: accounts, holds: holds, entries: known.map(\.entry), reversed: reversed,
        expecting: transfers.count)
      opened = try CreditBook(books, grants: grants, of: .balance, lapsingTo: .lapsed, newID: { tx.newID() })
    } catch {
      throw Problem(.defect, "The books can't be opened.", cause: error)
    }
    var ledger = OpenLedger(
      handle: handle, credits: opened, oldGrants: Dictionary(grants.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
      burned: Dictionary(known.map { ($0.entry.transfer.id, burns[$0.entry.sequence] ?? []) }, uniquingKeysWith: { first, _ in first }),
      loaded: Dictionary(known.map { ($0.entry.transfer.id, $0) }, uniquingKeysWith: { first, _ in first }))
    ledger.expect(transfers.count)
    // Grants that have lapsed.
    do {
      for entry in opened.book.newEntries { _ = try ledger.note(entry, by: .books, .empty) }
    } catch {
      throw Problem(.defect, "The books can't be opened.", cause: error)
    }
    return ledger
  }

  /// Writes what was recorded since the books were opened.
  func store(_ ledger: OpenLedger, under proof: some Proof) throws(Problem) {
    let (rows, book, handle) = (ledgers, ledger.book, ledger.handle)
    let changed = book.changedAccounts
    guard !ledger.records.isEmpty || !changed.isEmpty else { return }
    try rows.advance(handle, to: book.head, under: proof)
    var maker: [ID<Hold>: Int64] = [:]
    try rows.insert(ledger.records, in: handle.book, under: proof)
    for record in ledger.records {
      if case .hold = record.entry.transfer.content { maker[record.entry.transfer.id.cast()] = record.entry.sequence }
    }
    try rows.insert(book.newHolds, madeBy: { hold throws(Problem) in try maker[hold.id].orDefect() }, in: handle.book, under: proof)
    for hold in book.changedHolds { try rows.update(hold, in: handle.book, under: proof) }
    for account in changed {
      try rows.update(account, in: handle.book, under: proof)
      if account.number == .balance || account.number > AccountPurpose.lastStandard {
        try rows.note(account, from: handle.head.sequence + 1, at: book.head, in: handle.book, under: proof)
      }
    }
    try storeGrants(of: ledger, under: proof)
    try storeBudgets(of: ledger, under: proof)
    try watchCredits(of: ledger, under: proof)
  }

  private func storeGrants(of ledger: OpenLedger, under proof: some Proof) throws(Problem) {
    let (rows, book) = (ledgers, ledger.handle.book)
    for grant in ledger.credits.grants.inOrder {
      if let new = ledger.newGrants[grant.id], ledger.oldGrants[grant.id] == nil {
        let sequence = try ledger.book.entry(of: grant.id.cast()).orDefect().sequence
        try rows.insert(grant, new.terms, note: new.note, madeBy: sequence, in: book, under: proof)
      } else if let old = ledger.oldGrants[grant.id], old != grant {
        try rows.update(grant, in: book, under: proof)
      }
    }
    try rows.insert(ledger.credits.newBurns, in: book, under: proof)
  }
}

/// Which rows transfers speak of.
private struct Needs {
  /// Their own ids, and those of what they reverse; some perhaps twice.
  var transfers: [ID<Transfer>] = []
  var reversed: Set<ID<Transfer>> = []
  var holds: Set<ID<Hold>> = []
  var accounts: Set<AccountNumber> = []

  init(_ asked: some Collection<Transfer>) {
    transfers.reserveCapacity(asked.count)
    for transfer in asked {
      transfers.append(transfer.id)
      switch transfer.content {
      case .post(let movement), .spend(let movement), .charge(let movement), .hold(let movement, _, _):
        accounts.insert(movement.debit)
        accounts.insert(movement.credit)
      case .settle(let hold, _), .release(let hold): holds.insert(hold)
      case .reverse(let id):
        transfers.append(id)
        reversed.insert(id)
      }
    }
  }

  /// What is known already: who repeats a hold is told how it stands, and what takes back a settlement asks for its hold.
  mutating func know(_ record: JournalRecord) {
    switch record.entry.transfer.content {
    case .hold: holds.insert(record.entry.transfer.id.cast())
    case .settle(let hold, _): holds.insert(hold)
    case .post, .spend, .charge, .release, .reverse: break
    }
  }
}
