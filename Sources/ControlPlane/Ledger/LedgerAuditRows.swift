import Kernel
import Ledger
import Storage

/// All rows of books, for proving what they say.
extension LedgerRows {
  /// Those that have books, in the order in which these were opened.
  func organizations() throws(Problem) -> [ID<Organization>] {
    try tx.rows("SELECT organization FROM ledger ORDER BY book").map { row throws(Problem) in try row.id("organization") }
  }

  func allAccounts(in book: Int64) throws(Problem) -> [LedgerAccount] {
    try tx.rows("SELECT number, kind, parent, floor, balance, held FROM ledger_account WHERE book = \(book) ORDER BY number")
      .map { row throws(Problem) in try LedgerAccount(row) }
  }

  func allHolds(in book: Int64) throws(Problem) -> [Hold] {
    try tx.rows("SELECT \(Self.holdColumns) FROM ledger_hold h WHERE h.book = \(book) ORDER BY h.sequence").map { row throws(Problem) in try Hold(row) }
  }

  func allGrants(in book: Int64) throws(Problem) -> [CreditGrant] {
    try tx.rows("SELECT g.id, g.priority, g.expires_at, g.scope, g.granted, g.remaining FROM credit_grant g WHERE g.book = \(book) ORDER BY g.id")
      .map { row throws(Problem) in try CreditGrant(row) }
  }

  /// What each grant gave to entries that weren't taken back.
  func standingBurns(in book: Int64) throws(Problem) -> [ID<CreditGrant>: Int64] {
    let rows = try tx.rows(
      """
      SELECT b.credit_grant, CAST(sum(b.amount) AS BIGINT) AS n FROM credit_burn b JOIN ledger_entry e ON e.book = b.book AND e.sequence = b.sequence
      WHERE b.book = \(book)
        AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.book = e.book AND r.kind = 'reverse' AND r.subject = e.id AND e.kind <> 'post')
      GROUP BY b.credit_grant
      """)
    var found: [ID<CreditGrant>: Int64] = [:]
    for row in rows { found[try row.id("credit_grant")] = try row.integer("n") }
    return found
  }

  /// All balances that are noted, in the order of the entries.
  func balances(in book: Int64) throws(Problem) -> [(account: AccountNumber, sequence: Int64, balance: Credits)] {
    try tx.rows("SELECT account, sequence, balance FROM ledger_balance WHERE book = \(book) ORDER BY sequence, account").map { row throws(Problem) in
      (try row.account("account"), try row.integer("sequence"), try row.credits("balance"))
    }
  }
}
