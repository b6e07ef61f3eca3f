import Kernel
import Ledger
public import Storage

extension Work {
  var quotaRows: QuotaRows { QuotaRows(tx: tx) }
}

struct QuotaRows {
  let tx: any Transaction

  private static let columns: Statement =
    "q.id, q.organization, q.dimension, q.subject, q.holder, q.name, q.cluster, q.most, q.created_at, q.revision"

  func find(_ id: ID<Quota>, in organization: ID<Organization>) throws(Problem) -> QuotaSetting? {
    try tx.row("SELECT \(Self.columns) FROM quota q WHERE q.organization = \(organization) AND q.id = \(id)").map(QuotaSetting.init)
  }

  /// The one that is set for just this.
  func find(
    _ dimension: QuotaDimension, _ subject: QuotaSubject, holder: String, cluster: String?, in organization: ID<Organization>
  ) throws(Problem) -> QuotaSetting? {
    try tx.row(
      """
      SELECT \(Self.columns) FROM quota q
      WHERE q.organization = \(organization) AND q.dimension = \(dimension) AND q.subject = \(subject) AND q.holder = \(holder) AND q.cluster = \(cluster ?? "")
      """
    ).map(QuotaSetting.init)
  }

  /// Those that can bind a holder in a cluster.
  func binding(holder: String?, cluster: String?, in organization: ID<Organization>) throws(Problem) -> [QuotaSetting] {
    let holders = ["", holder].compactMap { $0 }
    let clusters = ["", cluster].compactMap { $0 }
    return try tx.rows(
      "SELECT \(Self.columns) FROM quota q WHERE q.organization = \(organization) AND q.holder IN (\(list: holders)) AND q.cluster IN (\(list: clusters))"
    ).map { row throws(Problem) in try QuotaSetting(row) }
  }

  /// By dimension, subject and name.
  func list(in organization: ID<Organization>, of dimension: QuotaDimension?, _ page: PageRequest) throws(Problem) -> Page<QuotaSetting> {
    var base: Statement = "q.organization = \(organization)"
    if let dimension { base = base + " AND q.dimension = \(dimension)" }
    let after: Statement = try page.keys(of: "quotas", count: 4)
      .map { " AND (q.dimension, q.subject, q.name, q.id) > (\($0[0]), \($0[1]), \($0[2]), \($0[3]))" } ?? .none
    let found = try tx.rows(
      "SELECT \(Self.columns) FROM quota q WHERE \(base)\(after) ORDER BY q.dimension, q.subject, q.name, q.id LIMIT \(page.limit + 1)"
    ).map { row throws(Problem) in try QuotaSetting(row) }
    return Page(found, of: "quotas", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM quota q WHERE \(base)")) {
      [$0.quota.dimension.rawValue, $0.subject.rawValue, $0.name, $0.quota.id.description]
    }
  }

  func count(in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM quota WHERE organization = \(organization)")
  }

  func insert(_ setting: QuotaSetting, under proof: some Proof) throws(Problem) {
    let quota = setting.quota
    try tx.change(
      """
      INSERT INTO quota (id, organization, dimension, subject, holder, name, cluster, most, created_at, revision)
      VALUES (\(quota.id), \(setting.organization), \(quota.dimension), \(setting.subject), \(setting.holder), \(setting.name), \(quota.scope.cluster ?? ""),
        \(quota.limit.most), \(setting.createdAt), \(setting.revision))
      """, under: proof)
  }

  func update(_ setting: QuotaSetting, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE quota SET most = \(setting.quota.limit.most), revision = revision + 1 WHERE id = \(setting.quota.id)", under: proof)
  }

  func delete(_ id: ID<Quota>, under proof: some Proof) throws(Problem) { try tx.change("DELETE FROM quota WHERE id = \(id)", under: proof) }

  // MARK: Time

  /// The instant of a decision about leases, which is never before the one of an earlier decision. Before all else that is read, so that who comes at the same
  /// time meets here.
  func turn(in organization: ID<Organization>, under proof: some Proof) throws(Problem) -> Timestamp {
    let now = tx.now
    return try tx.row(
      """
      INSERT INTO quota_clock (organization, at, turns) VALUES (\(organization), \(now), 1)
      ON CONFLICT (organization) DO UPDATE SET
        at = CASE WHEN quota_clock.at > excluded.at THEN quota_clock.at ELSE excluded.at END, turns = quota_clock.turns + 1
      RETURNING at
      """, under: proof
    ).orDefect().instant("at")
  }

  /// The same only to look.
  func instant(in organization: ID<Organization>) throws(Problem) -> Timestamp {
    let last = try tx.row("SELECT at FROM quota_clock WHERE organization = \(organization)").map { row throws(Problem) in try row.instant("at") }
    return max(tx.now, last ?? tx.now)
  }
}

extension QuotaDimension: SQLBindable {}
extension QuotaSubject: SQLBindable {}

extension QuotaLimit {
  fileprivate var most: Int64? {
    switch self {
    case .unlimited: nil
    case .most(let limit): limit
    }
  }
}

extension QuotaSetting {
  fileprivate init(_ row: Row) throws(Problem) {
    let subject: QuotaSubject = try row.choice("subject")
    let scope: QuotaScope.Subject
    switch subject {
    case .organization: scope = .organization
    case .each: scope = .each
    case .member, .serviceAccount: scope = .holder(try row.text("holder"))
    }
    let cluster = try row.text("cluster")
    let quota = Quota(
      try row.id("id"), try row.choice("dimension"), QuotaScope(scope, cluster: cluster.isEmpty ? nil : cluster),
      try row.optional("most", row.integer).map { .most($0) } ?? .unlimited)
    self.init(
      quota: quota, organization: try row.id("organization"), subject: subject, name: try row.text("name"), createdAt: try row.instant("created_at"),
      revision: Int(try row.integer("revision")))
  }
}
