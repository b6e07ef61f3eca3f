import Authorization
import Kernel
import Ledger
import Storage

extension Work {
  var usageReports: UsageReportRows { UsageReportRows(tx: tx) }
}

/// Reads sums and events; writes nothing.
struct UsageReportRows {
  let tx: any Transaction

  // MARK: Sums

  /// By time, then what rows are told apart by, then resource and unit.
  func rows(_ request: UsageReportRequest, in log: UsageLog, of organization: ID<Organization>, _ page: PageRequest) throws(Problem) -> Page<UsageReportRow> {
    let sums = sums(request, in: log, of: organization)
    var after = Statement.none
    if let keys = try page.keys(of: "usage", count: 4) {
      guard let start = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; use the one that came with the last page.") }
      after = " WHERE (q.start, q.k, q.resource, q.unit) > (\(start), \(keys[1]), \(keys[2]), \(keys[3]))"
    }
    let found = try tx.rows("SELECT * FROM (\(sums)) q\(after) ORDER BY q.start, q.k, q.resource, q.unit LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try UsageReportRow(row) }
    let total = try tx.count("SELECT count(*) AS n FROM (SELECT 1 AS one FROM (\(sums)) q LIMIT \(Self.countLimit + 1)) AS found")
    return Page(found, of: "usage", limit: page.limit, total: min(total, Self.countLimit), isCapped: total > Self.countLimit) {
      [String($0.start.milliseconds), $0.key, $0.resource, $0.unit]
    }
  }

  /// All of them, up to a limit, in the same order.
  func rows(_ request: UsageReportRequest, in log: UsageLog, of organization: ID<Organization>, limit: Int) throws(Problem) -> [UsageReportRow] {
    try tx.rows("SELECT * FROM (\(sums(request, in: log, of: organization))) q ORDER BY q.start, q.k, q.resource, q.unit LIMIT \(limit)")
      .map { row throws(Problem) in try UsageReportRow(row) }
  }

  private static let countLimit = 10_000

  private func sums(_ request: UsageReportRequest, in log: UsageLog, of organization: ID<Organization>) -> Statement {
    let start: Statement = request.step == .all ? "CAST(\(request.since) AS BIGINT)" : "r.start"
    var source: Statement = "usage_rollup r JOIN usage_series s ON s.log = r.log AND s.number = r.series"
    let key: Statement
    switch request.dimension {
    case .nothing: key = "CAST('' AS TEXT)"
    case .member: key = "CASE WHEN s.holder_kind = 'member' THEN s.holder ELSE '' END"
    case .serviceAccount: key = "CASE WHEN s.holder_kind = 'service-account' THEN s.holder ELSE '' END"
    case .project: key = "s.project"
    case .cluster: key = "s.cluster"
    case .resource: key = "s.resource"
    case .preset: key = "s.preset"
    case .team:
      key = "coalesce(t.team, '')"
      source = source + """
         LEFT JOIN (
          SELECT x.team AS team, m.account AS holder FROM team g JOIN team_seat x ON x.team = g.id JOIN member m ON m.id = x.member
          WHERE g.organization = \(organization)
          UNION ALL
          SELECT x.team AS team, x.service_account AS holder FROM team g JOIN team_seat x ON x.team = g.id
          WHERE g.organization = \(organization) AND x.service_account IS NOT NULL
        ) t ON t.holder = s.holder AND s.holder <> ''
        """
    }
    let filter = request.filter
    var fits: Statement = "r.log = \(log.log) AND r.span = \(request.span.rawValue) AND r.start >= \(request.since) AND r.start < \(request.until)"
    if let member = filter.member {
      fits = fits + (member.isEmpty ? " AND s.holder_kind <> 'member'" : " AND s.holder = \(member) AND s.holder_kind = 'member'")
    }
    if let project = filter.project { fits = fits + " AND s.project = \(project)" }
    if let cluster = filter.cluster { fits = fits + " AND s.cluster = \(cluster)" }
    if let resource = filter.resource { fits = fits + " AND s.resource = \(resource)" }
    // Wholes and rests apart: a sum of many that are in range needn't be.
    return """
      SELECT \(start) AS start, \(key) AS k, s.resource AS resource, s.unit AS unit, CAST(sum(r.quantity / 1000000) AS BIGINT) AS wholes,
        CAST(sum(r.quantity % 1000000) AS BIGINT) AS rests, CAST(sum(r.charge) AS BIGINT) AS charge, CAST(sum(r.events) AS BIGINT) AS events
      FROM \(source) WHERE \(fits) GROUP BY 1, 2, s.resource, s.unit HAVING sum(r.events) > 0 OR sum(r.charge) <> 0
      """
  }

  /// What was ever used, for people to choose from.
  func resources(in log: UsageLog) throws(Problem) -> [String] {
    try tx.rows("SELECT DISTINCT s.resource FROM usage_series s WHERE s.log = \(log.log) ORDER BY s.resource LIMIT 200")
      .map { row throws(Problem) in try row.text("resource") }
  }

  // MARK: Events

  /// The latest recorded first.
  func events(_ filter: UsageEventFilter, in log: UsageLog, _ page: PageRequest) throws(Problem) -> Page<ListedUsageEvent> {
    var fits: Statement = "e.log = \(log.log)"
    if let source = filter.source { fits = fits + " AND e.source IN (SELECT o.number FROM usage_source o WHERE o.log = \(log.log) AND o.name = \(source))" }
    if let id = filter.id {
      // By the index of ids, source by source; asked for directly, SQLite would go through all events in their order.
      fits =
        fits + """
           AND e.sequence IN (
            SELECT i.sequence FROM usage_event i
            WHERE i.log = \(log.log) AND i.source IN (SELECT o.number FROM usage_source o WHERE o.log = \(log.log)) AND i.id = \(id))
          """
    }
    if let since = filter.since {
      // What was used since then was recorded since then, but for clocks that run ahead.
      let first = try tx.row("SELECT min(p.first) AS n FROM usage_receipt p WHERE p.log = \(log.log) AND p.at >= \(since - UsageDraft.skew)")
      let sequence = try first.flatMap { row throws(Problem) in try row.optional("n", row.integer) }
      fits = fits + " AND e.at >= \(since) AND e.sequence >= \(sequence ?? .max)"
    }
    if let until = filter.until { fits = fits + " AND e.at < \(until)" }
    var after = Statement.none
    if let keys = try page.keys(of: "usage-events", count: 1) {
      guard let sequence = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; use the one that came with the last page.") }
      after = " AND e.sequence < \(sequence)"
    }
    let found = try tx.rows(
      """
      SELECT \(UsageRows.columns), o.name AS source_name, s.holder_kind, s.holder, s.project, s.cluster, s.resource, s.preset, s.unit, s.sub_balance,
        b.id AS original, c.id AS correction
      FROM usage_event e
        JOIN usage_source o ON o.log = e.log AND o.number = e.source
        JOIN usage_series s ON s.log = e.log AND s.number = e.series
        LEFT JOIN usage_event b ON b.log = e.log AND b.sequence = e.corrects
        LEFT JOIN usage_event c ON c.log = e.log AND c.corrects = e.sequence
      WHERE \(fits)\(after) ORDER BY e.sequence DESC LIMIT \(page.limit + 1)
      """
    ).map { row throws(Problem) in
      ListedUsageEvent(
        event: try UsageEvent(row), source: try row.text("source_name"), series: try UsageSeries(row), corrects: try row.optional("original", row.text),
        correctedBy: try row.optional("correction", row.text))
    }
    let total = try tx.count("SELECT count(*) AS n FROM (SELECT 1 AS one FROM usage_event e WHERE \(fits) LIMIT \(Self.countLimit + 1)) AS found")
    return Page(found, of: "usage-events", limit: page.limit, total: min(total, Self.countLimit), isCapped: total > Self.countLimit) {
      [String($0.event.sequence)]
    }
  }
}

extension UsageReportRow {
  fileprivate init(_ row: Row) throws(Problem) {
    let micro = Int128(try row.integer("wholes")) * 1_000_000 + Int128(try row.integer("rests"))
    self.init(
      start: try row.instant("start"), key: try row.text("k"), resource: try row.text("resource"), unit: try row.text("unit"),
      quantity: Quantity(micro: Int64(clamping: micro)), charge: try row.credits("charge"), events: Int(try row.integer("events")))
  }
}
