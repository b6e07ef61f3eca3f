import Kernel
import Ledger
import Storage

extension Work {
  var holds: HoldRows { HoldRows(tx: tx) }
}

struct HoldRows {
  let tx: any Transaction

  /// The newest first. One whose time has come counts as expired, whether that is written down yet or not.
  func list(in ledger: LedgerHandle, _ state: HoldState?, _ page: PageRequest) throws(Problem) -> Page<Hold> {
    let now = max(tx.now, ledger.head.at)
    var base: Statement = "h.book = \(ledger.book)"
    switch state {
    case nil: break
    case .live: base = base + " AND h.state = 'live' AND h.expires_at > \(now)"
    case .expired: base = base + " AND (h.state = 'expired' OR h.state = 'live' AND h.expires_at <= \(now))"
    case .settled: base = base + " AND h.state = 'settled'"
    case .released: base = base + " AND h.state = 'released'"
    }
    var after = Statement.none
    if let keys = try page.keys(of: "holds", count: 1) {
      guard let sequence = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; use the one that came with the last page.") }
      after = " AND h.sequence < \(sequence)"
    }
    let rows = try tx.rows("SELECT \(LedgerRows.holdColumns) FROM ledger_hold h WHERE \(base)\(after) ORDER BY h.sequence DESC LIMIT \(page.limit + 1)")
    let found = try rows.map { row throws(Problem) in (hold: try Hold(row), sequence: try row.integer("sequence")) }
    let total = try tx.count("SELECT count(*) AS n FROM (SELECT 1 AS one FROM ledger_hold h WHERE \(base) LIMIT \(Self.countLimit + 1)) AS found")
    return Page(found, of: "holds", limit: page.limit, total: min(total, Self.countLimit), isCapped: total > Self.countLimit) { [String($0.sequence)] }
      .map { $0.hold }
  }

  private static let countLimit = 10_000

  /// The grants of an organization, the newest first.
  func grants(in ledger: LedgerHandle, _ page: PageRequest) throws(Problem) -> Page<GrantRow> {
    var after = Statement.none
    if let keys = try page.keys(of: "credit-grants", count: 2) {
      guard let instant = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; use the one that came with the last page.") }
      after = " AND (g.created_at, g.id) < (\(instant), \(keys[1]))"
    }
    let found = try tx.rows(
      """
      SELECT g.id, g.priority, g.expires_at, g.scope, g.granted, g.remaining, g.kind, g.note, g.created_at FROM credit_grant g
      WHERE g.book = \(ledger.book)\(after) ORDER BY g.created_at DESC, g.id DESC LIMIT \(page.limit + 1)
      """
    ).map { row throws(Problem) in
      GrantRow(
        grant: try CreditGrant(row), kind: try row.choice("kind"), note: try row.parsed("note") { text throws(Rejection) in try Note(text) },
        createdAt: try row.instant("created_at"))
    }
    let total = try tx.count("SELECT count(*) AS n FROM credit_grant g WHERE g.book = \(ledger.book)")
    return Page(found, of: "credit-grants", limit: page.limit, total: total) { [String($0.createdAt.milliseconds), $0.grant.id.description] }
  }

  struct GrantRow: Sendable {
    let grant: CreditGrant
    let kind: GrantTerms.Kind
    let note: Note
    let createdAt: Timestamp
  }
}
