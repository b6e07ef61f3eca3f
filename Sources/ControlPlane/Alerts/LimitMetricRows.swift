import Kernel
import Ledger
import Storage

extension Work {
  var limitMetricRows: LimitMetricRows { LimitMetricRows(tx: tx) }
}

/// What metrics show, in a few queries for all organizations together.
struct LimitMetricRows {
  let tx: any Transaction

  /// Those that have used the most.
  func organizations(_ limit: Int) throws(Problem) -> [OrganizationFigures] {
    let leases = try leases()
    return try tx.rows(
      """
      SELECT l.organization, n.text AS slug, b.balance, b.held, u.balance AS used FROM ledger l
      JOIN ledger_account b ON b.book = l.book AND b.number = \(AccountNumber.balance)
      JOIN ledger_account u ON u.book = l.book AND u.number = \(AccountNumber.used)
      JOIN name n ON n.owner = l.organization AND n.current = 1
      ORDER BY u.balance DESC, l.book LIMIT \(limit)
      """
    ).map { row throws(Problem) in
      let taken = leases[try row.text("organization")] ?? (0, 0, 0)
      return OrganizationFigures(
        organization: try row.text("slug"), balance: try row.credits("balance"), held: try row.credits("held"), used: try row.credits("used"),
        runningJobs: taken.0, gpus: taken.1, storage: taken.2)
    }
  }

  private func leases() throws(Problem) -> [String: (Int64, Int64, Int64)] {
    var found: [String: (Int64, Int64, Int64)] = [:]
    for row in try tx.rows(
      """
      SELECT organization, CAST(sum(running_jobs) AS BIGINT) AS jobs, CAST(sum(gpus) AS BIGINT) AS gpus, CAST(sum(storage) AS BIGINT) AS storage
      FROM lease WHERE released_at IS NULL AND expires_at > \(tx.now) GROUP BY organization
      """)
    {
      found[try row.text("organization")] = (try row.integer("jobs"), try row.integer("gpus"), try row.integer("storage"))
    }
    return found
  }

  /// Each kind once.
  func alerts() throws(Problem) -> [AlertFigures] {
    var found: [AlertKind: (open: Int, told: Int)] = [:]
    for row in try tx.rows(
      """
      SELECT a.kind, count(*) AS told,
        CAST(sum(CASE WHEN a.ended_at IS NULL AND (a.budget IS NULL OR b.period_end > \(tx.now)) THEN 1 ELSE 0 END) AS BIGINT) AS still
      FROM alert a LEFT JOIN budget b ON b.id = a.budget GROUP BY a.kind
      """)
    {
      found[try row.choice("kind")] = (Int(try row.integer("still")), Int(try row.integer("told")))
    }
    return AlertKind.allCases.map { AlertFigures(kind: $0, open: found[$0]?.open ?? 0, told: found[$0]?.told ?? 0) }
  }

  /// Budgets with a hard limit that leave nothing in the present period.
  func budgetsUsedUp() throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM budget WHERE hard IS NOT NULL AND spent + held >= hard AND period_end > \(tx.now)")
  }
}
