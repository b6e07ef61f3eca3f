public import Kernel
public import Ledger
public import Storage

extension Work {
  var ledgers: LedgerRows { LedgerRows(tx: tx) }
}

/// The rows of books. What is loaded is what `Book` asks for; what is written is what it says.
struct LedgerRows {
  let tx: any Transaction

  /// How many values a list in a statement holds: both databases take more, but a few shapes are prepared again and again.
  static let chunk = 256

  // MARK: Books

  func find(_ organization: ID<Organization>) throws(Problem) -> LedgerHandle? {
    try tx.row("SELECT book, sequence, at FROM ledger WHERE organization = \(organization)").map { row throws(Problem) in
      LedgerHandle(
        organization: organization, book: try row.integer("book"), head: LedgerHead(sequence: try row.integer("sequence"), at: try row.instant("at")))
    }
  }

  /// Opens the books of an organization that has none, with the accounts that all have.
  func open(_ organization: ID<Organization>, under proof: some Proof) throws(Problem) -> LedgerHandle {
    let book = try tx.row("SELECT coalesce(max(book), 0) + 1 AS n FROM ledger").orDefect().integer("n")
    let head = LedgerHead.beginning
    try tx.change("INSERT INTO ledger (organization, book, sequence, at) VALUES (\(organization), \(book), \(head.sequence), \(head.at))", under: proof)
    for (purpose, account) in AccountPurpose.standard { try insert(account, for: purpose, in: book, under: proof) }
    return LedgerHandle(organization: organization, book: book, head: head)
  }

  /// Before all else that is written: transfers that overlap then meet at this row.
  func advance(_ ledger: LedgerHandle, to head: LedgerHead, under proof: some Proof) throws(Problem) {
    let moved = try tx.change(
      "UPDATE ledger SET sequence = \(head.sequence), at = \(head.at) WHERE book = \(ledger.book) AND sequence = \(ledger.head.sequence)", under: proof)
    guard moved == 1 else { throw Problem(.defect, "The books were written to by somebody else.") }
  }

  // MARK: Accounts

  /// Those that all books have, those that are named, and all that these draw through.
  func accounts(_ named: Set<AccountNumber>, in book: Int64) throws(Problem) -> [LedgerAccount] {
    var found = try accounts("number <= \(AccountPurpose.lastStandard)", in: book)
    var missing = named.subtracting(found.map(\.number))
    while !missing.isEmpty {
      var more: [LedgerAccount] = []
      for part in missing.chunks(ofCount: Self.chunk) { more += try accounts("number IN (\(list: part))", in: book) }
      if more.isEmpty { break }
      found += more
      missing = Set(more.compactMap(\.kind.parent)).subtracting(found.map(\.number))
    }
    return found
  }

  private func accounts(_ condition: Statement, in book: Int64) throws(Problem) -> [LedgerAccount] {
    try tx.rows("SELECT number, kind, parent, floor, balance, held FROM ledger_account WHERE book = \(book) AND \(condition) ORDER BY number")
      .map { row throws(Problem) in try LedgerAccount(row) }
  }

  func nextNumber(in book: Int64) throws(Problem) -> AccountNumber {
    AccountNumber(try tx.row("SELECT max(number) + 1 AS n FROM ledger_account WHERE book = \(book)").orDefect().integer("n"))
  }

  func insert(_ account: LedgerAccount, for purpose: AccountPurpose, in book: Int64, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO ledger_account (book, number, purpose, kind, parent, floor, balance, held)
      VALUES (\(book), \(account.number), \(purpose), \(account.kind.name), \(account.kind.parent), \(account.limit.floor), \(account.balance), \(account.held))
      """, under: proof)
  }

  func update(_ account: LedgerAccount, in book: Int64, under proof: some Proof) throws(Problem) {
    try tx.change(
      "UPDATE ledger_account SET balance = \(account.balance), held = \(account.held) WHERE book = \(book) AND number = \(account.number)", under: proof)
  }

  func limit(_ number: AccountNumber, to limit: Limit, in book: Int64, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE ledger_account SET floor = \(limit.floor) WHERE book = \(book) AND number = \(number)", under: proof)
  }

  // MARK: Balances at a time

  /// Where nothing but holds have expired since the last entry, its note stands, with less held.
  func note(_ account: LedgerAccount, from first: Int64, at head: LedgerHead, in book: Int64, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO ledger_balance (book, account, sequence, first, at, balance, held)
      VALUES (\(book), \(account.number), \(head.sequence), \(first), \(head.at), \(account.balance), \(account.held))
      ON CONFLICT (book, account, sequence) DO UPDATE SET held = excluded.held
      """, under: proof)
  }

  /// The balance as it was right after the last entry at or before an instant; nothing before the first.
  func balance(of account: AccountNumber, at instant: Timestamp, in book: Int64) throws(Problem) -> Credits {
    let row = try tx.row(
      """
      SELECT balance FROM ledger_balance WHERE book = \(book) AND account = \(account) AND at <= \(instant) ORDER BY sequence DESC LIMIT 1
      """)
    return try row?.credits("balance") ?? .zero
  }

}

// MARK: - Rows

extension Credits: SQLBindable {
  public static var sqlType: SQLType { .integer }
  public var sqlValue: SQLValue { .integer(micro) }
}

extension Amount: SQLBindable {
  public static var sqlType: SQLType { .integer }
  public var sqlValue: SQLValue { credits.sqlValue }
}

extension AccountNumber: SQLBindable {
  public static var sqlType: SQLType { .integer }
  public var sqlValue: SQLValue { .integer(value) }
}

extension AccountPurpose: SQLBindable {}

extension Row {
  func credits(_ column: String) throws(Problem) -> Credits { try Credits(micro: integer(column)).orDefect() }
  func amount(_ column: String) throws(Problem) -> Amount { try Amount(micro: integer(column)).orDefect() }
  func account(_ column: String) throws(Problem) -> AccountNumber { AccountNumber(try integer(column)) }
}

extension Limit {
  fileprivate var floor: Credits? {
    switch self {
    case .unlimited: nil
    case .floor(let floor): floor
    }
  }
}

extension LedgerAccount.Kind {
  fileprivate var name: String {
    switch self {
    case .funds(.credit, _): "credit-funds"
    case .funds(.debit, _): "debit-funds"
    case .allowance: "allowance"
    case .allotments: "allotments"
    }
  }

  var parent: AccountNumber? {
    switch self {
    case .allowance(let parent, _, _): parent
    case .funds, .allotments: nil
    }
  }
}

extension LedgerAccount {
  init(_ row: Row) throws(Problem) {
    let limit = try row.optional("floor", row.credits).map(Limit.floor) ?? .unlimited
    let kind: Kind
    switch try row.text("kind") {
    case "credit-funds": kind = .funds(normal: .credit, limit)
    case "debit-funds": kind = .funds(normal: .debit, limit)
    case "allowance": kind = .allowance(of: try row.account("parent"), against: .allotments, limit)
    case "allotments": kind = .allotments
    default: throw Problem(.defect, "A stored account is of no known kind.")
    }
    self.init(try row.account("number"), kind, balance: try row.credits("balance"), held: try row.credits("held"))
  }
}
