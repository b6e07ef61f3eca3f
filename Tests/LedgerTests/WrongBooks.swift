import Kernel
import Ledger

/// Books made of the right ones, each with one classic mistake: the auditor has to find it.
protocol WrongBooks: Books {
  var book: Book { get set }
  init(_ book: Book)
  /// What the mistake does to the rows it reads.
  static func misread(_ rows: Store.Rows, at now: Timestamp) -> Store.Rows
}

extension WrongBooks {
  init(at now: Timestamp, after head: LedgerHead, _ rows: Store.Rows) throws(Refusal) {
    self.init(try Book(at: now, after: head, Self.misread(rows, at: max(now, head.at))))
  }

  static func misread(_ rows: Store.Rows, at now: Timestamp) -> Store.Rows { rows }
  mutating func record(_ transfer: Transfer) throws(Refusal) -> JournalEntry { try book.record(transfer) }
  mutating func record(linked transfers: [Transfer]) throws(LinkedRefusal) -> [JournalEntry] { try book.record(linked: transfers) }
  var head: LedgerHead { book.head }
  var newEntries: ArraySlice<JournalEntry> { book.newEntries }
  var postings: [Posting] { book.postings }
  var newHolds: ArraySlice<Hold> { book.newHolds }
  var changedHolds: [Hold] { book.changedHolds }
  var changedAccounts: [LedgerAccount] { book.changedAccounts }
}

/// Doesn't look whether a hold was settled already.
struct DoubleSettling: WrongBooks {
  var book: Book
  init(_ book: Book) { self.book = book }

  static func misread(_ rows: Store.Rows, at now: Timestamp) -> Store.Rows {
    var rows = rows
    rows.holds = rows.holds.map { hold in
      if case .settled = hold.state { return Hold(hold.id, hold.movement, ceiling: hold.ceiling, since: hold.since, expires: hold.expires) }
      return hold
    }
    return rows
  }
}

/// Lets a hold count in the very instant at which it expires.
struct ExpiringLate: WrongBooks {
  var book: Book
  init(_ book: Book) { self.book = book }

  static func misread(_ rows: Store.Rows, at now: Timestamp) -> Store.Rows {
    var rows = rows
    rows.holds = rows.holds.map { $0.expires == now ? Hold($0.id, $0.movement, ceiling: $0.ceiling, since: $0.since, expires: $0.expires + 1, state: $0.state) : $0 }
    return rows
  }
}

/// Lets a hold expire in the instant before.
struct ExpiringEarly: WrongBooks {
  var book: Book
  init(_ book: Book) { self.book = book }

  static func misread(_ rows: Store.Rows, at now: Timestamp) -> Store.Rows {
    var rows = rows
    rows.holds = rows.holds.map { $0.expires == now + 1 ? Hold($0.id, $0.movement, ceiling: $0.ceiling, since: $0.since, expires: now, state: $0.state) : $0 }
    return rows
  }
}

/// Leaves expired holds to a job that never comes.
struct WaitingForTheJob: WrongBooks {
  var book: Book
  init(_ book: Book) { self.book = book }

  static func misread(_ rows: Store.Rows, at now: Timestamp) -> Store.Rows {
    var rows = rows
    rows.holds.removeAll { $0.state == .live && $0.expires <= now }
    return rows
  }
}

/// Counts and writes what is held, and spends it all the same.
struct SpendingHolds: WrongBooks {
  var book: Book
  private var held: [AccountNumber: Credits] = [:]
  init(_ book: Book) { self.book = book }

  init(at now: Timestamp, after head: LedgerHead, _ rows: Store.Rows) throws(Refusal) {
    var rows = rows
    let held = Dictionary(uniqueKeysWithValues: rows.accounts.map { ($0.number, $0.held) })
    rows.accounts = rows.accounts.map { LedgerAccount($0.number, $0.kind, balance: $0.balance) }
    self.init(try Book(at: now, after: head, rows))
    self.held = held
  }

  var changedAccounts: [LedgerAccount] {
    book.changedAccounts.map { LedgerAccount($0.number, $0.kind, balance: $0.balance, held: micro($0.held.micro + (held[$0.number]?.micro ?? 0))) }
  }
}

/// Keeps balances in tens.
struct Rounding: WrongBooks {
  var book: Book
  init(_ book: Book) { self.book = book }

  var changedAccounts: [LedgerAccount] {
    book.changedAccounts.map { LedgerAccount($0.number, $0.kind, balance: micro($0.balance.micro / 10 * 10), held: $0.held) }
  }
}

/// Takes linked transfers one by one, and leaves standing what came before the one that fails.
struct HalfApplying: WrongBooks {
  var book: Book
  init(_ book: Book) { self.book = book }

  mutating func record(linked transfers: [Transfer]) throws(LinkedRefusal) -> [JournalEntry] {
    var done: [JournalEntry] = []
    for (place, transfer) in transfers.enumerated() {
      do throws(Refusal) { done.append(try book.record(transfer)) } catch { throw LinkedRefusal(place: place, refusal: error) }
    }
    return done
  }
}

/// Recognizes no id that it has seen.
struct Forgetful: WrongBooks {
  var book: Book
  init(_ book: Book) { self.book = book }

  static func misread(_ rows: Store.Rows, at now: Timestamp) -> Store.Rows {
    var rows = rows
    rows.entries = []
    return rows
  }
}

/// Knows the time of the clock only, and so brings holds back when it goes back.
struct Unsteady: WrongBooks {
  var book: Book
  init(_ book: Book) { self.book = book }

  init(at now: Timestamp, after head: LedgerHead, _ rows: Store.Rows) throws(Refusal) {
    self.init(try Book(at: now, after: LedgerHead(sequence: head.sequence, at: .distantPast), rows))
  }
}
