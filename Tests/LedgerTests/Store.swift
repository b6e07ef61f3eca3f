import Kernel
import Ledger

/// The rows of one organization as a database keeps them: what a book is opened with, and where what it says is written.
struct Store {
  var head = LedgerHead.beginning
  var accounts = Dictionary(uniqueKeysWithValues: Sample.accounts.map { ($0.number, $0) })
  var holds: [ID<Hold>: Hold] = [:]
  var entries: [ID<Transfer>: JournalEntry] = [:]
  var reversed: Set<ID<Transfer>> = []
  /// Credits less debits of every account, by its postings.
  var posted: [AccountNumber: Int64] = [:]

  struct Rows {
    var accounts: [LedgerAccount]
    var holds: [Hold]
    var entries: [JournalEntry]
    var reversed: Set<ID<Transfer>>
  }

  /// What the book asks for, and nothing else.
  func rows(for transfers: [Transfer], at clock: Timestamp) -> Rows {
    let now = max(clock, head.at)
    var numbers: Set<AccountNumber> = []
    var found: [ID<Hold>: Hold] = [:]
    var rows = Rows(accounts: [], holds: [], entries: [], reversed: [])
    func settledHold(_ entry: JournalEntry) {
      if case .settle(let id, _) = entry.transfer.content { found[id] = holds[id] }
    }
    var ids: Set<ID<Transfer>> = []
    for transfer in transfers {
      ids.insert(transfer.id)
      switch transfer.content {
      case .post(let movement), .spend(let movement), .charge(let movement), .hold(let movement, _, _): numbers.formUnion([movement.debit, movement.credit])
      case .settle(let id, _), .release(let id): found[id] = holds[id]
      case .reverse(let id): ids.insert(id)
      }
    }
    for entry in ids.compactMap({ entries[$0] }) {
      rows.entries.append(entry)
      settledHold(entry)
      switch entry.transfer.content {
      case .post(let movement), .spend(let movement), .charge(let movement): numbers.formUnion([movement.debit, movement.credit])
      case .hold, .settle, .release, .reverse: break
      }
      if reversed.contains(entry.transfer.id) { rows.reversed.insert(entry.transfer.id) }
    }
    for hold in holds.values where hold.state == .live && hold.expires <= now { found[hold.id] = hold }
    for hold in found.values {
      rows.holds.append(hold)
      numbers.formUnion([hold.movement.debit, hold.movement.credit])
    }
    var level = Array(numbers)
    while let number = level.popLast() {
      guard let account = accounts[number] else { continue }
      rows.accounts.append(account)
      if case .allowance(let parent, let against, _) = account.kind { for other in [parent, against] where numbers.insert(other).inserted { level.append(other) } }
    }
    return rows
  }

  mutating func save(_ book: some Books) {
    head = book.head
    for account in book.changedAccounts { accounts[account.number] = account }
    for hold in book.newHolds { holds[hold.id] = hold }
    for hold in book.changedHolds {
      // Nothing but the state is ever written of a hold that is stored.
      if let old = holds[hold.id] { holds[hold.id] = Hold(old.id, old.movement, ceiling: old.ceiling, since: old.since, expires: old.expires, state: hold.state) }
    }
    for entry in book.newEntries {
      entries[entry.transfer.id] = entry
      if case .reverse(let id) = entry.transfer.content { reversed.insert(id) }
    }
    for posting in book.postings {
      posted[posting.debit, default: 0] -= posting.amount.credits.micro
      posted[posting.credit, default: 0] += posting.amount.credits.micro
    }
  }

  /// Where the rows say something else than the list of accepted transfers.
  func difference(from auditor: Auditor) -> String? {
    for isFunds in [true, false] {
      let sum = accounts.values.filter { $0.isFunds == isFunds }.reduce(0) { $0 + (posted[$1.number] ?? 0) }
      if sum != 0 { return "\(sum) went between credits and allowances" }
    }
    let held = auditor.held(at: head.at)
    for account in accounts.values {
      let number = account.number.value
      if account.balance.micro != auditor.balance(number) { return "account \(number) is stored as \(account.balance.micro), its transfers make \(auditor.balance(number))" }
      let sum = (posted[account.number] ?? 0) * (account.normalSide == .credit ? 1 : -1)
      if account.balance.micro != sum { return "account \(number) is stored as \(account.balance.micro), its postings make \(sum)" }
      if account.held.micro != held[number] ?? 0 { return "account \(number) is stored with \(account.held.micro) held, its holds make \(held[number] ?? 0)" }
    }
    for hold in auditor.holds {
      guard let stored = holds[hold.id] else { return "hold \(hold.id) isn't stored" }
      switch (stored.state, hold.ending) {
      case (.live, nil): if hold.expires <= head.at { return "hold \(hold.id) is stored as live past its expiry" }
      case (.expired, nil): if hold.expires > head.at { return "hold \(hold.id) is stored as expired too early" }
      case (.expired, .expired), (.settled, .settled), (.released, .released): break
      default: return "hold \(hold.id) is stored as \(stored.state), and has ended as \(String(describing: hold.ending))"
      }
    }
    return holds.count == auditor.holds.count ? nil : "a hold is stored that nobody made"
  }
}

extension LedgerAccount {
  fileprivate var isFunds: Bool {
    if case .funds = kind { return true }
    return false
  }
}

/// What a history needs of the books; right and wrong ones have it.
protocol Books {
  init(at now: Timestamp, after head: LedgerHead, _ rows: Store.Rows) throws(Refusal)
  mutating func record(_ transfer: Transfer) throws(Refusal) -> JournalEntry
  mutating func record(linked transfers: [Transfer]) throws(LinkedRefusal) -> [JournalEntry]
  var head: LedgerHead { get }
  var newEntries: ArraySlice<JournalEntry> { get }
  var postings: [Posting] { get }
  var newHolds: ArraySlice<Hold> { get }
  var changedHolds: [Hold] { get }
  var changedAccounts: [LedgerAccount] { get }
}

extension Book: Books {
  init(at now: Timestamp, after head: LedgerHead, _ rows: Store.Rows) throws(Refusal) {
    try self.init(at: now, after: head, accounts: rows.accounts, holds: rows.holds, entries: rows.entries, reversed: rows.reversed)
  }
}
