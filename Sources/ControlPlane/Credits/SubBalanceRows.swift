import Kernel
import Ledger
public import Storage

extension Work {
  var subBalances: SubBalanceRows { SubBalanceRows(tx: tx) }
}

struct SubBalanceRows {
  let tx: any Transaction

  private static let columns: Statement = "s.id, s.organization, s.account, s.holder_kind, s.holder, s.name, s.created_at, s.revision"

  func find(_ id: ID<SubBalance>, in organization: ID<Organization>) throws(Problem) -> SubBalance? {
    try find("s.id = \(id) AND s.removed_at IS NULL", in: organization)
  }

  func find(_ account: AccountNumber, in organization: ID<Organization>) throws(Problem) -> SubBalance? {
    try find("s.account = \(account)", in: organization)
  }

  func find(_ kind: SubBalance.HolderKind, _ key: String, in organization: ID<Organization>) throws(Problem) -> SubBalance? {
    try find("s.holder_kind = \(kind) AND s.holder = \(key)", in: organization)
  }

  private func find(_ condition: Statement, in organization: ID<Organization>) throws(Problem) -> SubBalance? {
    try tx.row("SELECT \(Self.columns) FROM sub_balance s WHERE s.organization = \(organization) AND \(condition)").map(SubBalance.init)
  }

  /// By account, of those that there are.
  func find(_ accounts: Set<AccountNumber>, in organization: ID<Organization>) throws(Problem) -> [AccountNumber: SubBalance] {
    var found: [AccountNumber: SubBalance] = [:]
    for row in try tx.rows("SELECT \(Self.columns) FROM sub_balance s WHERE s.organization = \(organization) AND s.account IN (\(list: accounts))") {
      let subBalance = try SubBalance(row)
      found[subBalance.account] = subBalance
    }
    return found
  }

  /// By kind of holder and name.
  func list(in organization: ID<Organization>, of kind: SubBalance.HolderKind?, key: String? = nil, _ page: PageRequest) throws(Problem) -> Page<SubBalance> {
    var base: Statement = "s.organization = \(organization) AND s.removed_at IS NULL"
    if let kind { base = base + " AND s.holder_kind = \(kind)" }
    if let key { base = base + " AND s.holder = \(key)" }
    let after: Statement = try page.keys(of: "sub-balances", count: 3)
      .map { " AND (s.holder_kind, s.sort_name, s.id) > (\($0[0]), \($0[1]), \($0[2]))" } ?? .none
    let found = try tx.rows(
      "SELECT \(Self.columns) FROM sub_balance s WHERE \(base)\(after) ORDER BY s.holder_kind, s.sort_name, s.id LIMIT \(page.limit + 1)"
    ).map { row throws(Problem) in try SubBalance(row) }
    return Page(found, of: "sub-balances", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM sub_balance s WHERE \(base)")) {
      [$0.holder.kind.rawValue, $0.holder.name.lowercased(), $0.id.description]
    }
  }

  /// What was used through accounts of a book, without what was taken back; those are missing through which nothing was.
  func used(_ accounts: Set<AccountNumber>, in book: Int64) throws(Problem) -> [AccountNumber: Credits] {
    var found: [AccountNumber: Credits] = [:]
    for part in accounts.chunks(ofCount: LedgerRows.chunk) {
      let rows = try tx.rows(
        """
        SELECT b.account, CAST(sum(CASE WHEN e.debit = b.account THEN e.amount ELSE -e.amount END) AS BIGINT) AS used
        FROM ledger_balance b CROSS JOIN ledger_entry e
        WHERE b.book = \(book) AND b.account IN (\(list: part)) AND e.book = b.book AND e.sequence BETWEEN b.first AND b.sequence
          AND e.kind IN ('spend', 'charge', 'settle', 'reverse')
          AND (e.debit = b.account AND e.credit = \(AccountNumber.used) OR e.debit = \(AccountNumber.used) AND e.credit = b.account)
        GROUP BY b.account
        """)
      for row in rows { found[try row.account("account")] = try row.credits("used") }
      // Usage that was corrected was charged, and given back to where the credits came from.
      let back = try tx.rows(
        """
        SELECT u.account, CAST(sum(u.amount) AS BIGINT) AS amount FROM ledger l CROSS JOIN usage_log g CROSS JOIN usage_charge u
        WHERE l.book = \(book) AND g.organization = l.organization AND u.log = g.log AND u.account IN (\(list: part)) AND u.amount < 0 GROUP BY u.account
        """)
      for row in back {
        let account = try row.account("account")
        found[account] = try (found[account] ?? .zero).adding(row.credits("amount")).orDefect()
      }
    }
    return found
  }

  func count(in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM sub_balance WHERE organization = \(organization) AND removed_at IS NULL")
  }

  func insert(_ subBalance: SubBalance, under proof: some Proof) throws(Problem) {
    let holder = subBalance.holder
    try tx.change(
      """
      INSERT INTO sub_balance (id, organization, account, holder_kind, holder, name, sort_name, created_at, revision)
      VALUES (\(subBalance.id), \(subBalance.organization), \(subBalance.account), \(holder.kind), \(holder.key), \(holder.name), \(holder.name.lowercased()),
        \(subBalance.createdAt), \(subBalance.revision))
      """, under: proof)
  }

  /// Its account goes on to be called by its name.
  func remove(_ id: ID<SubBalance>, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE sub_balance SET removed_at = \(tx.now), holder = \(id), revision = revision + 1 WHERE id = \(id)", under: proof)
  }

  /// Which of these accounts were of sub-balances that are removed.
  func removed(_ accounts: some Collection<AccountNumber>, in organization: ID<Organization>) throws(Problem) -> Set<AccountNumber> {
    var found: Set<AccountNumber> = []
    for part in accounts.chunks(ofCount: LedgerRows.chunk) {
      for row in try tx.rows(
        "SELECT account FROM sub_balance WHERE organization = \(organization) AND account IN (\(list: part)) AND removed_at IS NOT NULL")
      {
        found.insert(try row.account("account"))
      }
    }
    return found
  }

  func revise(_ id: ID<SubBalance>, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE sub_balance SET revision = revision + 1 WHERE id = \(id)", under: proof)
  }
}

extension SubBalance.HolderKind: SQLBindable {}

extension SubBalance {
  fileprivate init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), account: try row.account("account"),
      holder: Holder(kind: try row.choice("holder_kind"), key: try row.text("holder"), name: try row.text("name")), createdAt: try row.instant("created_at"),
      revision: Int(try row.integer("revision")))
  }
}
