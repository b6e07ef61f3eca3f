import Authorization
import Kernel
import Ledger
public import Storage

extension Work {
  var alertRows: AlertRows { AlertRows(tx: tx) }
}

struct AlertRows {
  let tx: any Transaction

  // MARK: What is watched

  private static let ruleColumns: Statement = "r.id, r.organization, r.condition, r.amount, r.seconds, r.is_told, r.created_at"

  /// How fast credits are used, and the rules; `nil` where nobody has looked yet.
  func watch(_ organization: ID<Organization>) throws(Problem) -> (rate: SpendingRate, rules: [AlertSetting])? {
    let rows = try tx.rows(
      """
      SELECT w.start, w.used, w.used_before, r.id, w.organization, r.condition, r.amount, r.seconds, r.is_told, r.created_at
      FROM credit_watch w LEFT JOIN alert_rule r ON r.organization = w.organization WHERE w.organization = \(organization) ORDER BY r.created_at, r.id
      """)
    guard let first = rows.first else { return nil }
    let rate = SpendingRate(start: try first.instant("start"), current: try first.credits("used"), previous: try first.credits("used_before"))
    var rules: [AlertSetting] = []
    for row in rows where !row.isNull("id") { rules.append(try AlertSetting(row)) }
    return (rate, rules)
  }

  func insert(_ rate: SpendingRate, _ organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO credit_watch (organization, start, used, used_before, due_at)
      VALUES (\(organization), \(rate.start), \(rate.current), \(rate.previous), NULL)
      """, under: proof)
  }

  func update(_ rate: SpendingRate, due: Timestamp?, _ organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE credit_watch SET start = \(rate.start), used = \(rate.current), used_before = \(rate.previous), due_at = \(due)
      WHERE organization = \(organization)
      """, under: proof)
  }

  /// Those to look at again.
  func due(at instant: Timestamp, limit: Int) throws(Problem) -> [ID<Organization>] {
    try tx.rows("SELECT organization FROM credit_watch WHERE due_at <= \(instant) ORDER BY due_at LIMIT \(limit)").map { row throws(Problem) in
      try row.id("organization")
    }
  }

  // MARK: Rules

  func rules(of organization: ID<Organization>, _ page: PageRequest) throws(Problem) -> Page<AlertSetting> {
    var after = Statement.none
    if let keys = try page.keys(of: "alert-rules", count: 2) {
      guard let created = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; use the one that came with the last page.") }
      after = " AND (r.created_at, r.id) > (\(created), \(keys[1]))"
    }
    let found = try tx.rows(
      "SELECT \(Self.ruleColumns) FROM alert_rule r WHERE r.organization = \(organization)\(after) ORDER BY r.created_at, r.id LIMIT \(page.limit + 1)"
    ).map { row throws(Problem) in try AlertSetting(row) }
    let total = try tx.count("SELECT count(*) AS n FROM alert_rule WHERE organization = \(organization)")
    return Page(found, of: "alert-rules", limit: page.limit, total: total) { [String($0.createdAt.milliseconds), $0.id.description] }
  }

  func insert(_ setting: AlertSetting, under proof: some Proof) throws(Problem) {
    let condition = setting.rule.condition
    try tx.change(
      """
      INSERT INTO alert_rule (id, organization, condition, amount, seconds, is_told, created_at)
      VALUES (\(setting.id), \(setting.organization), \(condition.kind), \(condition.amount), \(condition.seconds), \(setting.rule.isTold),
        \(setting.createdAt))
      """, under: proof)
  }

  func update(_ setting: AlertSetting, isTold: Bool, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE alert_rule SET is_told = \(isTold) WHERE id = \(setting.id)", under: proof)
  }

  func delete(_ id: ID<AlertSetting>, under proof: some Proof) throws(Problem) { try tx.change("DELETE FROM alert_rule WHERE id = \(id)", under: proof) }

  // MARK: What was told

  private static let columns: Statement =
    "a.id, a.organization, a.kind, a.rule, a.budget, a.name, a.amount, a.seconds, a.balance, a.spent, a.period_end, a.at, a.ended_at"
  /// What a budget has told holds no longer than its period.
  private static func isOpen(at instant: Timestamp) -> Statement {
    "a.ended_at IS NULL AND (a.budget IS NULL OR EXISTS (SELECT 1 FROM budget b WHERE b.id = a.budget AND b.period_end > \(instant)))"
  }

  /// The newest first; with `open` those that hold.
  func list(in organization: ID<Organization>, open: Bool, _ page: PageRequest) throws(Problem) -> Page<Alert> {
    var base: Statement = "a.organization = \(organization)"
    if open { base = base + " AND " + Self.isOpen(at: tx.now) }
    var after = Statement.none
    if let keys = try page.keys(of: "alerts", count: 2) {
      guard let at = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; use the one that came with the last page.") }
      after = " AND (a.at, a.id) < (\(at), \(keys[1]))"
    }
    let found = try tx.rows("SELECT \(Self.columns) FROM alert a WHERE \(base)\(after) ORDER BY a.at DESC, a.id DESC LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try Alert(row) }
    return Page(found, of: "alerts", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM alert a WHERE \(base)")) {
      [String($0.at.milliseconds), $0.id.description]
    }
  }

  /// One that `isMailed` is told by another one that is, and nobody is written to.
  func insert(_ alert: Alert, isMailed: Bool = false, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO alert (id, organization, kind, rule, budget, name, amount, seconds, balance, spent, period_end, at, ended_at, mailed_at)
      VALUES (\(alert.id), \(alert.organization), \(alert.kind), \(alert.rule), \(alert.budget), \(alert.name), \(alert.amount), \(alert.seconds),
        \(alert.balance), \(alert.spent), \(alert.periodEnd), \(alert.at), \(alert.endedAt), \(isMailed ? alert.at : nil))
      """, under: proof)
  }

  /// What a rule has told doesn't hold any more.
  func end(_ rule: ID<AlertSetting>, in organization: ID<Organization>, at instant: Timestamp, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE alert SET ended_at = \(instant) WHERE organization = \(organization) AND rule = \(rule) AND ended_at IS NULL", under: proof)
  }

  /// What a budget has told doesn't hold any more.
  func end(_ budget: ID<Budget>, _ kind: AlertKind, in organization: ID<Organization>, at instant: Timestamp, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE alert SET ended_at = \(instant) WHERE organization = \(organization) AND budget = \(budget) AND kind = \(kind) AND ended_at IS NULL
      """, under: proof)
  }

  // MARK: What is forgotten

  /// What was told, ended and mailed before; what a budget told ends with its period at the latest.
  private static func ended(before instant: Timestamp) -> Statement {
    "a.at < \(instant) AND a.mailed_at IS NOT NULL AND (a.ended_at < \(instant) OR a.ended_at IS NULL AND NOT (\(isOpen(at: instant))))"
  }

  /// Organizations with alerts that ended before.
  func organizationsWithEnded(before instant: Timestamp, limit: Int) throws(Problem) -> [ID<Organization>] {
    try tx.rows(
      """
      SELECT o.id FROM organization o
      WHERE EXISTS (SELECT 1 FROM alert a WHERE a.organization = o.id AND \(Self.ended(before: instant))) ORDER BY o.id LIMIT \(limit)
      """
    ).map { row throws(Problem) in try row.id("id") }
  }

  /// Up to so many of them, the oldest first.
  func deleteEnded(before instant: Timestamp, in organization: ID<Organization>, limit: Int, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      DELETE FROM alert WHERE organization = \(organization) AND id IN (
        SELECT a.id FROM alert a WHERE a.organization = \(organization) AND \(Self.ended(before: instant)) ORDER BY a.at LIMIT \(limit))
      """, under: proof)
  }

  // MARK: Mail

  /// The oldest that nobody was written to.
  func unmailed(limit: Int) throws(Problem) -> [Alert] {
    try tx.rows("SELECT \(Self.columns) FROM alert a WHERE a.mailed_at IS NULL ORDER BY a.at LIMIT \(limit)").map { row throws(Problem) in try Alert(row) }
  }

  /// Answers whether it wasn't before.
  func markMailed(_ id: ID<Alert>, under proof: some Proof) throws(Problem) -> Bool {
    try tx.change("UPDATE alert SET mailed_at = \(tx.now) WHERE id = \(id) AND mailed_at IS NULL", under: proof) == 1
  }

  /// Members with an address who may have a say in credits; whether they have is a question of their roles.
  func recipients(in organization: ID<Organization>) throws(Problem) -> [AlertRecipient] {
    let now = tx.now
    return try tx.rows(
      """
      SELECT m.name, m.address, m.roles FROM member m
      WHERE m.organization = \(organization) AND m.suspended_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > \(now)) AND m.address <> ''
        AND (m.is_admin = 1 OR m.roles LIKE '%manager%' OR m.roles LIKE '%billing%')
      ORDER BY m.is_admin DESC, m.sort_name, m.id LIMIT 100
      """
    ).map { row throws(Problem) in
      AlertRecipient(
        name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
        address: try row.parsed("address") { text throws(Rejection) in try EmailAddress(text) },
        roles: try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) })
    }
  }
}

extension AlertKind: SQLBindable {}

extension AlertCondition {
  fileprivate var amount: Credits? { if case .amount(let amount) = self { amount } else { nil } }
  fileprivate var seconds: Int64? { if case .runway(let time) = self { time.wholeSeconds } else { nil } }
}

extension AlertSetting {
  fileprivate init(_ row: Row) throws(Problem) {
    let condition: AlertCondition
    switch try row.choice("condition", of: AlertKind.self) {
    case .amount: condition = .amount(try row.credits("amount"))
    case .runway: condition = .runway(.seconds(try row.integer("seconds")))
    case .depleted: condition = .depleted
    case .recovered: condition = .recovered
    case .budgetSoft, .budgetHard: throw Problem(.defect, "A stored rule has no known condition.")
    }
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), rule: AlertRule(condition, isTold: try row.bool("is_told")),
      createdAt: try row.instant("created_at"))
  }
}

extension Alert {
  fileprivate init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), kind: try row.choice("kind"),
      rule: try row.optional("rule") { column throws(Problem) in try row.id(column) },
      budget: try row.optional("budget") { column throws(Problem) in try row.id(column) }, name: try row.text("name"),
      amount: try row.optional("amount", row.credits), seconds: try row.optional("seconds", row.integer).map { Int($0) }, balance: try row.credits("balance"),
      spent: try row.optional("spent", row.credits), periodEnd: try row.optional("period_end", row.instant), at: try row.instant("at"),
      endedAt: try row.optional("ended_at", row.instant))
  }
}
