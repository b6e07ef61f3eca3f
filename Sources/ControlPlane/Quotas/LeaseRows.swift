import Kernel
import Ledger
import Storage

extension Work {
  var leaseRows: LeaseRows { LeaseRows(tx: tx) }
}

struct LeaseRows {
  let tx: any Transaction

  private static let columns: Statement = """
    l.id, l.holder_kind, l.holder, l.name, l.cluster, l.running_jobs, l.gpus, l.storage, l.note, l.actor_kind, l.actor, l.since, l.term, l.expires_at,
    l.released_at
    """

  func find(_ id: ID<Lease>, in organization: ID<Organization>) throws(Problem) -> KeptLease? {
    try tx.row("SELECT \(Self.columns) FROM lease l WHERE l.organization = \(organization) AND l.id = \(id)").map(KeptLease.init)
  }

  /// The newest first.
  func list(in organization: ID<Organization>, _ state: SeenLease.State?, at instant: Timestamp, _ page: PageRequest) throws(Problem) -> Page<KeptLease> {
    var base: Statement = "l.organization = \(organization)"
    switch state {
    case nil: break
    case .live: base = base + " AND l.released_at IS NULL AND l.expires_at > \(instant)"
    case .released: base = base + " AND l.released_at IS NOT NULL"
    case .expired: base = base + " AND l.released_at IS NULL AND l.expires_at <= \(instant)"
    }
    var after = Statement.none
    if let keys = try page.keys(of: "leases", count: 2) {
      guard let since = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; use the one that came with the last page.") }
      after = " AND (l.since, l.id) < (\(since), \(keys[1]))"
    }
    let found = try tx.rows("SELECT \(Self.columns) FROM lease l WHERE \(base)\(after) ORDER BY l.since DESC, l.id DESC LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try KeptLease(row) }
    let total = try tx.count("SELECT count(*) AS n FROM (SELECT 1 AS one FROM lease l WHERE \(base) LIMIT \(Self.countLimit + 1)) AS found")
    return Page(found, of: "leases", limit: page.limit, total: min(total, Self.countLimit), isCapped: total > Self.countLimit) {
      [String($0.lease.since.milliseconds), $0.lease.id.description]
    }
  }

  private static let countLimit = 10_000

  /// What live leases take: of all, in the cluster, by the holder, and by the holder in the cluster.
  func usage(holder: String?, cluster: String?, at instant: Timestamp, in organization: ID<Organization>) throws(Problem) -> QuotaUsage {
    let (inCluster, ofHolder): (Statement, Statement) = ("l.cluster = \(cluster ?? "")", "l.holder = \(holder ?? "")")
    let row = try tx.row(
      """
      SELECT \(Self.sums("all", where: "1 = 1")), \(Self.sums("cluster", where: inCluster)), \(Self.sums("holder", where: ofHolder)),
        \(Self.sums("both", where: inCluster + " AND " + ofHolder))
      FROM lease l WHERE l.organization = \(organization) AND l.released_at IS NULL AND l.expires_at > \(instant)
      """
    ).orDefect()
    return QuotaUsage(
      organization: try row.amounts("all"), cluster: try row.amounts("cluster"), holder: try row.amounts("holder"), holderInCluster: try row.amounts("both"))
  }

  /// Columns whose names begin with `name`.
  private static func sums(_ name: Prefix, where fits: Statement) -> Statement {
    func sum(_ column: Statement, _ alias: Statement) -> Statement {
      "CAST(coalesce(sum(CASE WHEN \(fits) THEN \(column) ELSE 0 END), 0) AS BIGINT) AS \(alias)"
    }
    return sum("l.running_jobs", name.statement + "_running_jobs") + ", " + sum("l.gpus", name.statement + "_gpus") + ", "
      + sum("l.storage", name.statement + "_storage")
  }

  /// What the columns of a sum are called by.
  private struct Prefix: ExpressibleByStringLiteral {
    let statement: Statement

    init(stringLiteral text: String) { statement = Statement(stringLiteral: text) }
  }

  func insert(_ kept: KeptLease, in organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    let lease = kept.lease
    try tx.change(
      """
      INSERT INTO lease (organization, id, holder_kind, holder, name, cluster, running_jobs, gpus, storage, note, actor_kind, actor, since, term, expires_at,
        released_at)
      VALUES (\(organization), \(lease.id), \(kept.holderKind), \(lease.holder), \(kept.name), \(lease.cluster ?? ""), \(lease.amounts.runningJobs),
        \(lease.amounts.gpus), \(lease.amounts.storage), \(kept.note), \(kept.actor.kind.rawValue), \(kept.actor.id), \(lease.since),
        \(lease.term.wholeSeconds), \(lease.expires), \(lease.releasedAt))
      """, under: proof)
  }

  func update(_ lease: Lease, in organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE lease SET expires_at = \(lease.expires), released_at = \(lease.releasedAt) WHERE organization = \(organization) AND id = \(lease.id)
      """, under: proof)
  }

  // MARK: What is forgotten

  /// Nothing that is live began so long ago that it has ended before `instant`: the list's order finds what has.
  private static func ended(before instant: Timestamp) -> Statement {
    "l.since < \(instant) AND (l.released_at < \(instant) OR l.released_at IS NULL AND l.expires_at < \(instant))"
  }

  /// Organizations with leases that ended before.
  func organizationsWithEnded(before instant: Timestamp, limit: Int) throws(Problem) -> [ID<Organization>] {
    try tx.rows(
      """
      SELECT o.id FROM organization o
      WHERE EXISTS (SELECT 1 FROM lease l WHERE l.organization = o.id AND \(Self.ended(before: instant))) ORDER BY o.id LIMIT \(limit)
      """
    ).map { row throws(Problem) in try row.id("id") }
  }

  /// Up to so many of them, the oldest first.
  func deleteEnded(before instant: Timestamp, in organization: ID<Organization>, limit: Int, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      DELETE FROM lease WHERE organization = \(organization) AND id IN (
        SELECT l.id FROM lease l WHERE l.organization = \(organization) AND \(Self.ended(before: instant)) ORDER BY l.since LIMIT \(limit))
      """, under: proof)
  }

  /// Members, and invitations that can still be accepted.
  func seats(of organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM member WHERE organization = \(organization)")
      + tx.count("SELECT count(*) AS n FROM invitation WHERE organization = \(organization) AND state = 'pending' AND expires_at > \(tx.now)")
  }
}

extension Lease {
  /// When it was released; whether it has expired is a question of the instant.
  fileprivate var releasedAt: Timestamp? { if case .released(let instant) = state(at: .distantPast) { instant } else { nil } }
}

extension Row {
  fileprivate func amounts(_ name: String) throws(Problem) -> LeaseAmounts {
    LeaseAmounts(runningJobs: try integer("\(name)_running_jobs"), gpus: try integer("\(name)_gpus"), storage: try integer("\(name)_storage"))
  }
}

extension KeptLease {
  fileprivate init(_ row: Row) throws(Problem) {
    let cluster = try row.text("cluster")
    let lease = Lease(
      try row.id("id"), for: try row.text("holder"), in: cluster.isEmpty ? nil : cluster,
      LeaseAmounts(runningJobs: try row.integer("running_jobs"), gpus: try row.integer("gpus"), storage: try row.integer("storage")),
      since: try row.instant("since"), term: .seconds(try row.integer("term")), expires: try row.instant("expires_at"),
      state: try row.optional("released_at", row.instant).map { .released(at: $0) } ?? .live)
    self.init(
      lease: lease, holderKind: try row.choice("holder_kind"), name: try row.text("name"),
      note: try row.parsed("note") { text throws(Rejection) in try Note(text) },
      actor: JournalActor(kind: try row.choice("actor_kind"), id: try row.text("actor")))
  }
}
