import Kernel
import Secrets
import Storage

extension Work {
  var organizations: OrganizationRows { OrganizationRows(tx: tx, settings: settings) }
}

struct OrganizationRows {
  let tx: any Transaction
  let settings: Settings

  private var columns: Statement {
    """
    o.id, n.text AS slug, o.name, o.description, o.billing_email, o.created_at, o.suspended_at, o.suspension_reason, o.suspended_by_operator, o.deleted_at,
    o.purge_at, o.members,
    o.logo, o.revision,
    coalesce((SELECT s.value FROM organization_setting s WHERE s.organization = o.id AND s.name = 'join_requests'),
    \(settings.text(of: .joinRequests))) AS join_requests
    """
  }
  private static let source: Statement = "organization o JOIN name n ON n.owner = o.id AND n.current = 1"

  /// By id, or by a present or former slug.
  func find(_ reference: String) throws(Problem) -> Organization? {
    if let id = ID<Organization>(reference) { return try find(id) }
    guard let key = NameEntry.key(reference) else { return nil }
    return try tx.row("SELECT \(columns) FROM name known CROSS JOIN \(Self.source) WHERE known.key = \(key) AND known.kind = 'organization' AND o.id = known.owner").map(Organization.init)
  }

  func find(_ id: ID<Organization>) throws(Problem) -> Organization? {
    try tx.row("SELECT \(columns) FROM \(Self.source) WHERE o.id = \(id)").map(Organization.init)
  }

  /// Those that somebody belongs to, by name; without those that await their deletion.
  /// With `isOpen` without those that are closed to the account for now, because its membership is suspended or has expired.
  func list(of account: ID<Account>, search: String?, isOpen: Bool = false, _ page: PageRequest) throws(Problem) -> Page<Organization> {
    let open: Statement = isOpen ? " AND m.suspended_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > \(tx.now))" : .none
    return try list(
      from: "\(Self.source) JOIN member m ON m.organization = o.id", where: "m.account = \(account) AND o.deleted_at IS NULL\(open)\(matching(search))", page)
  }

  /// Those of somebody that await their deletion, the first to go first.
  func listDeleted(of account: ID<Account>) throws(Problem) -> [Organization] {
    try tx.rows(
      """
      SELECT \(columns) FROM \(Self.source) JOIN member m ON m.organization = o.id
      WHERE m.account = \(account) AND o.deleted_at IS NOT NULL ORDER BY o.purge_at, o.id LIMIT 100
      """
    ).map { row throws(Problem) in try Organization(row) }
  }

  /// All of the installation.
  func list(search: String?, _ page: PageRequest) throws(Problem) -> Page<Organization> {
    try list(from: Self.source, where: "1 = 1\(matching(search))", page)
  }

  private func matching(_ search: String?) -> Statement {
    guard let search, !search.isEmpty else { return .none }
    return " AND (lower(o.name) LIKE \(Pattern.containing(search)) OR n.key LIKE \(Pattern.containing(search)))"
  }

  private func list(from source: Statement, where condition: Statement, _ page: PageRequest) throws(Problem) -> Page<Organization> {
    let after: Statement = try page.keys(of: "organizations", count: 2).map { " AND (o.name, o.id) > (\($0[0]), \($0[1]))" } ?? .none
    let found = try tx.rows("SELECT \(columns) FROM \(source) WHERE \(condition)\(after) ORDER BY o.name, o.id LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try Organization(row) }
    let total = try tx.count("SELECT count(*) AS n FROM \(source) WHERE \(condition)")
    return Page(found, of: "organizations", limit: page.limit, total: total) { [$0.name.text, $0.id.description] }
  }

  func insert(_ organization: Organization, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO organization (id, name, description, billing_email, created_at, members, revision)
      VALUES (\(organization.id), \(organization.name), \(organization.description), \(organization.billingEmail), \(organization.createdAt), 0,
        \(organization.revision))
      """, under: proof)
  }

  /// Stores all but the slug, which stands among the names, and whether it takes requests, which is a setting.
  func update(_ organization: Organization, under proof: some Proof) throws(Problem) {
    var suspended: Organization.Suspension?
    var deleted: (since: Timestamp, purge: Timestamp)?
    switch organization.state {
    case .active: break
    case .suspended(let suspension): suspended = suspension
    case .deleted(let since, let purge, let suspension): (deleted, suspended) = ((since, purge), suspension)
    }
    try tx.change(
      """
      UPDATE organization SET name = \(organization.name), description = \(organization.description), billing_email = \(organization.billingEmail),
        suspended_at = \(suspended?.since), suspension_reason = \(suspended?.reason),
        suspended_by_operator = \(suspended?.isByOperator ?? false), deleted_at = \(deleted?.since), purge_at = \(deleted?.purge), revision = revision + 1
      WHERE id = \(organization.id)
      """, under: proof)
    try AccessChangeRows(tx: tx).note(.organization, in: organization.id, under: proof)
  }

  func countMembers(_ organization: ID<Organization>, by difference: Int, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE organization SET members = members + \(difference) WHERE id = \(organization)", under: proof)
  }

  func due(at now: Timestamp) throws(Problem) -> [ID<Organization>] {
    try tx.rows("SELECT id FROM organization WHERE purge_at <= \(now) ORDER BY purge_at LIMIT 20").map { row throws(Problem) in try row.id("id") }
  }

  /// Everything of it but its names and its log.
  func purge(_ organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    // The journal alone doesn't go by itself everywhere (`RELEASE REFERENCE`).
    try tx.change("DELETE FROM ledger_entry WHERE book IN (SELECT book FROM ledger WHERE organization = \(organization))", under: proof)
    try tx.change("DELETE FROM organization WHERE id = \(organization)", under: proof)
  }
}

extension Organization {
  init(_ row: Row) throws(Problem) {
    var suspension: Suspension?
    if let since = try row.optional("suspended_at", row.instant) {
      let reason = try row.optional("suspension_reason") { column throws(Problem) in try row.parsed(column) { text throws(Rejection) in try Note(text) } }
      suspension = Suspension(since: since, reason: reason ?? .empty, isByOperator: try row.bool("suspended_by_operator"))
    }
    let state: State
    if let since = try row.optional("deleted_at", row.instant) {
      state = .deleted(since: since, purge: try row.instant("purge_at"), suspension: suspension)
    } else {
      state = suspension.map { .suspended($0) } ?? .active
    }
    self.init(
      id: try row.id("id"), slug: try row.parsed("slug") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      description: try row.parsed("description") { text throws(Rejection) in try Note(text) },
      billingEmail: try row.parsed("billing_email") { text throws(Rejection) in try EmailAddress(text) },
      acceptsRequests: try row.text("join_requests") == "yes",
      createdAt: try row.instant("created_at"), state: state,
      logo: try row.optional("logo") { column throws(Problem) in SHA256Digest(try row.text(column)) } ?? nil, memberCount: Int(try row.integer("members")), revision: Int(try row.integer("revision")))
  }
}
