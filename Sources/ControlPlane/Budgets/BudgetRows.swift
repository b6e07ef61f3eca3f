import Kernel
import Ledger
public import Storage

extension Work {
  var budgetRows: BudgetRows { BudgetRows(tx: tx) }
}

struct BudgetRows {
  let tx: any Transaction

  private static let chunk = 200
  private static let columns: Statement = """
    b.id, b.organization, b.subject, b.holder, b.name, b.period, b.soft, b.hard, b.period_start, b.period_end, b.spent, b.held, b.told_soft, b.told_hard,
    b.created_at, b.revision
    """

  func find(_ id: ID<Budget>, in organization: ID<Organization>) throws(Problem) -> BudgetSetting? {
    try tx.row("SELECT \(Self.columns) FROM budget b WHERE b.organization = \(organization) AND b.id = \(id)").map(BudgetSetting.init)
  }

  func find(_ key: BudgetKey, _ period: BudgetPeriod, in organization: ID<Organization>) throws(Problem) -> BudgetSetting? {
    try tx.row(
      """
      SELECT \(Self.columns) FROM budget b
      WHERE b.organization = \(organization) AND b.subject = \(key.subject) AND b.holder = \(key.holder) AND b.period = \(period)
      """
    ).map(BudgetSetting.init)
  }

  /// What there are budgets for at all.
  func subjects(in organization: ID<Organization>) throws(Problem) -> Set<BudgetSubject> {
    // Each is looked for by itself: there may be thousands of one.
    var parts = Statement.none
    for subject in BudgetSubject.allCases {
      if !parts.isEmpty { parts = parts + " UNION ALL " }
      parts =
        parts + "SELECT \(subject) AS subject WHERE EXISTS (SELECT 1 FROM budget b WHERE b.organization = \(organization) AND b.subject = \(subject))"
    }
    return Set(try tx.rows(parts).map { row throws(Problem) in try row.choice("subject", of: BudgetSubject.self) })
  }

  /// Those that count by one of the keys, or have one of the ids.
  func find(_ keys: Set<BudgetKey>, _ ids: Set<ID<Budget>>, in organization: ID<Organization>) throws(Problem) -> [BudgetSetting] {
    var found: [ID<Budget>: BudgetSetting] = [:]
    func load(_ source: Statement, _ fits: Statement) throws(Problem) {
      for row in try tx.rows("SELECT \(Self.columns) FROM \(source) WHERE b.organization = \(organization) AND \(fits)") {
        let setting = try BudgetSetting(row)
        found[setting.budget.id] = setting
      }
    }
    for subject in BudgetSubject.allCases {
      let holders = keys.filter { $0.subject == subject }.map(\.holder).sorted()
      for part in holders.chunks(ofCount: Self.chunk) { try load("budget b", "b.subject = \(subject) AND b.holder IN (\(list: part))") }
    }
    for part in ids.subtracting(found.keys).sorted().chunks(ofCount: Self.chunk) {
      try load("\(values: part) AS wanted CROSS JOIN budget b", "b.id = wanted.column1")
    }
    return found.values.sorted { $0.budget.id < $1.budget.id }
  }

  /// By subject and name.
  func list(in organization: ID<Organization>, of subject: BudgetSubject?, _ page: PageRequest) throws(Problem) -> Page<BudgetSetting> {
    var base: Statement = "b.organization = \(organization)"
    if let subject { base = base + " AND b.subject = \(subject)" }
    let after: Statement = try page.keys(of: "budgets", count: 3)
      .map { " AND (b.subject, b.name, b.id) > (\($0[0]), \($0[1]), \($0[2]))" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM budget b WHERE \(base)\(after) ORDER BY b.subject, b.name, b.id LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try BudgetSetting(row) }
    return Page(found, of: "budgets", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM budget b WHERE \(base)")) {
      [$0.key.subject.rawValue, $0.name, $0.budget.id.description]
    }
  }

  func count(in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM budget WHERE organization = \(organization)")
  }

  func insert(_ setting: BudgetSetting, under proof: some Proof) throws(Problem) {
    let budget = setting.budget
    try tx.change(
      """
      INSERT INTO budget (id, organization, subject, holder, name, period, soft, hard, period_start, period_end, spent, held, told_soft, told_hard, created_at,
        revision)
      VALUES (\(budget.id), \(setting.organization), \(setting.key.subject), \(setting.key.holder), \(setting.name), \(budget.period), \(budget.soft),
        \(budget.hard), \(budget.window.lowerBound), \(budget.window.upperBound), \(budget.spent), \(budget.held), \(budget.told.soft), \(budget.told.hard),
        \(setting.createdAt), \(setting.revision))
      """, under: proof)
  }

  /// Its limits, under a new revision.
  func limit(_ setting: BudgetSetting, under proof: some Proof) throws(Problem) {
    let budget = setting.budget
    try tx.change(
      """
      UPDATE budget SET soft = \(budget.soft), hard = \(budget.hard), told_soft = \(budget.told.soft), told_hard = \(budget.told.hard), revision = revision + 1
      WHERE id = \(budget.id)
      """, under: proof)
  }

  /// What it has counted.
  func update(_ budget: Budget, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE budget SET period_start = \(budget.window.lowerBound), period_end = \(budget.window.upperBound), spent = \(budget.spent), held = \(budget.held),
        told_soft = \(budget.told.soft), told_hard = \(budget.told.hard)
      WHERE id = \(budget.id)
      """, under: proof)
  }

  func delete(_ id: ID<Budget>, under proof: some Proof) throws(Problem) { try tx.change("DELETE FROM budget WHERE id = \(id)", under: proof) }

  // MARK: Periods that are over

  func insert(_ past: Budget.Past, of budget: ID<Budget>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO budget_period (budget, period_start, period_end, spent)
      VALUES (\(budget), \(past.window.lowerBound), \(past.window.upperBound), \(past.spent))
      """, under: proof)
  }

  func apply(_ correction: OpenBudgets.Correction, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE budget_period SET spent = CASE WHEN spent > \(correction.amount) THEN spent - \(correction.amount) ELSE 0 END
      WHERE budget = \(correction.budget) AND period_start <= \(correction.at) AND period_end > \(correction.at)
      """, under: proof)
  }

  /// The latest first.
  func periods(of budget: ID<Budget>, _ page: PageRequest) throws(Problem) -> Page<PastPeriod> {
    var after = Statement.none
    if let keys = try page.keys(of: "budget-periods", count: 1) {
      guard let start = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; use the one that came with the last page.") }
      after = " AND period_start < \(start)"
    }
    let found = try tx.rows(
      """
      SELECT period_start, period_end, spent FROM budget_period WHERE budget = \(budget)\(after) ORDER BY period_start DESC LIMIT \(page.limit + 1)
      """
    ).map { row throws(Problem) in
      PastPeriod(start: try row.instant("period_start"), end: try row.instant("period_end"), spent: try row.credits("spent"))
    }
    let total = try tx.count("SELECT count(*) AS n FROM budget_period WHERE budget = \(budget)")
    return Page(found, of: "budget-periods", limit: page.limit, total: total) { [String($0.start.milliseconds)] }
  }

  // MARK: What counted

  /// In which budgets these transfers counted how much.
  func counts(of transfers: Set<ID<Transfer>>, in book: Int64) throws(Problem) -> [ID<Transfer>: [OpenBudgets.Count]] {
    var found: [ID<Transfer>: [OpenBudgets.Count]] = [:]
    for part in transfers.sorted().chunks(ofCount: Self.chunk) {
      for row in try tx.rows(
        """
        SELECT c.transfer, c.budget, c.amount, c.is_hold, c.period_start FROM budget_count c
        WHERE c.book = \(book) AND c.transfer IN (\(list: part)) ORDER BY c.budget
        """)
      {
        found[try row.id("transfer"), default: []].append(
          OpenBudgets.Count(
            budget: try row.id("budget"), amount: try row.amount("amount"), isHold: try row.bool("is_hold"), period: try row.instant("period_start")))
      }
    }
    return found
  }

  func insert(_ counts: [(transfer: ID<Transfer>, counts: [OpenBudgets.Count])], in book: Int64, under proof: some Proof) throws(Problem) {
    var rows = Insertion(
      into: "budget_count",
      ["book": .integer, "transfer": .text, "budget": .text, "amount": .integer, "is_hold": .integer, "period_start": .integer], rows: counts.count)
    for entry in counts {
      for count in entry.counts {
        rows.add(book)
        rows.add(entry.transfer)
        rows.add(count.budget)
        rows.add(count.amount.credits.micro)
        rows.add(count.isHold ? 1 : 0)
        rows.add(count.period.milliseconds)
        rows.endRow()
      }
    }
    try tx.insert(rows, under: proof)
  }

  /// What counted so long ago that nobody takes it back any more, of a book: without what live holds will give back.
  private static func old(before instant: Timestamp, in book: Statement) -> Statement {
    """
    SELECT c.transfer FROM budget_count c CROSS JOIN ledger_entry e
    WHERE c.book = \(book) AND e.book = c.book AND e.id = c.transfer AND e.at < \(instant)
      AND NOT EXISTS (SELECT 1 FROM ledger_hold h WHERE h.book = c.book AND h.id = c.transfer AND h.state = 'live')
    """
  }

  func booksWithOldCounts(before instant: Timestamp, limit: Int) throws(Problem) -> [Int64] {
    try tx.rows("SELECT l.book FROM ledger l WHERE EXISTS (\(Self.old(before: instant, in: "l.book"))) ORDER BY l.book LIMIT \(limit)")
      .map { row throws(Problem) in try row.integer("book") }
  }

  func deleteOldCounts(before instant: Timestamp, in book: Int64, limit: Int, under proof: some Proof) throws(Problem) {
    let old = Self.old(before: instant, in: "\(book)")
    try tx.change("DELETE FROM budget_count WHERE book = \(book) AND transfer IN (\(old) ORDER BY c.transfer LIMIT \(limit))", under: proof)
  }

  /// What holds set aside whose time has come, though nobody wrote that down yet.
  func expired(at instant: Timestamp, in book: Int64) throws(Problem) -> [ID<Budget>: Int64] {
    var found: [ID<Budget>: Int64] = [:]
    for row in try tx.rows(
      """
      SELECT c.budget, CAST(sum(c.amount) AS BIGINT) AS amount FROM ledger_hold h JOIN budget_count c ON c.book = h.book AND c.transfer = h.id
      WHERE h.book = \(book) AND h.state = 'live' AND h.expires_at <= \(instant) GROUP BY c.budget
      """)
    {
      found[try row.id("budget")] = try row.integer("amount")
    }
    return found
  }

  // MARK: Who it is

  /// The teams that somebody has a place in.
  func teams(of key: BudgetKey, in organization: ID<Organization>) throws(Problem) -> [String] {
    switch key.subject {
    case .member:
      try tx.rows(
        "SELECT s.team FROM member m JOIN team_seat s ON s.member = m.id WHERE m.organization = \(organization) AND m.account = \(key.holder) ORDER BY s.team"
      ).map { row throws(Problem) in try row.text("team") }
    case .serviceAccount:
      try tx.rows("SELECT s.team FROM team_seat s WHERE s.service_account = \(key.holder) ORDER BY s.team").map { row throws(Problem) in try row.text("team") }
    case .token, .team, .project, .cluster, .organization: []
    }
  }

  /// What a token or key is called that somebody in the organization has; `nil` for others, and for revoked ones.
  func token(_ id: ID<AccessToken>, in organization: ID<Organization>) throws(Problem) -> String? {
    let row = try tx.row(
      """
      SELECT t.name FROM access_token t JOIN member m ON m.account = t.account AND m.organization = \(organization)
      WHERE t.id = \(id) AND t.revoked_at IS NULL AND (t.organization IS NULL OR t.organization = \(organization))
      UNION ALL
      SELECT k.name FROM service_account_key k JOIN service_account s ON s.id = k.service_account
      WHERE k.id = \(id) AND k.revoked_at IS NULL AND s.organization = \(organization)
      """)
    return try row?.text("name")
  }

  /// The key that a service account speaks through.
  func key(digest: String) throws(Problem) -> String? {
    try tx.row("SELECT id FROM service_account_key WHERE digest = \(digest)").map { row throws(Problem) in try row.text("id") }
  }

  /// A period that is over, as it is listed.
  struct PastPeriod: Sendable {
    let start: Timestamp
    let end: Timestamp
    let spent: Credits
  }
}

extension BudgetSubject: SQLBindable {}
extension BudgetPeriod: SQLBindable {}

extension BudgetSetting {
  fileprivate init(_ row: Row) throws(Problem) {
    let budget = Budget(
      try row.id("id"), try row.choice("period"), soft: try row.optional("soft", row.amount), hard: try row.optional("hard", row.credits),
      window: try row.instant("period_start")..<row.instant("period_end"), spent: try row.credits("spent"), held: try row.credits("held"),
      told: Budget.Told(soft: try row.bool("told_soft"), hard: try row.bool("told_hard")))
    self.init(
      budget: budget, organization: try row.id("organization"), key: BudgetKey(try row.choice("subject"), try row.text("holder")), name: try row.text("name"),
      createdAt: try row.instant("created_at"), revision: Int(try row.integer("revision")))
  }
}
