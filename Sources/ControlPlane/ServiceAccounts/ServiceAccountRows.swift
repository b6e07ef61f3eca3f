import Authorization
import Kernel
import Storage

extension Work {
  var serviceAccounts: ServiceAccountRows { ServiceAccountRows(tx: tx) }
}

struct ServiceAccountRows {
  let tx: any Transaction

  private var columns: Statement {
    """
    s.id, s.organization, s.slug, s.name, s.description, s.roles, s.created_by, a.name AS creator, s.created_at, s.disabled_at, s.used_at, s.revision,
    (SELECT count(*) FROM service_account_key k WHERE k.service_account = s.id AND \(ServiceAccountKeyRows.holding(at: tx.now))) AS live_keys
    """
  }
  private static let source: Statement = "service_account s JOIN account a ON a.id = s.created_by"

  /// By id or by slug.
  func find(_ reference: String, in organization: ID<Organization>) throws(Problem) -> ServiceAccount? {
    if let id = ID<ServiceAccount>(reference) { return try find(id, in: organization) }
    guard let slug = NameEntry.key(reference) else { return nil }
    return try tx.row("SELECT \(columns) FROM \(Self.source) WHERE s.organization = \(organization) AND s.slug = \(slug)").map(ServiceAccount.init)
  }

  func find(_ id: ID<ServiceAccount>, in organization: ID<Organization>) throws(Problem) -> ServiceAccount? {
    try tx.row("SELECT \(columns) FROM \(Self.source) WHERE s.organization = \(organization) AND s.id = \(id)").map(ServiceAccount.init)
  }

  /// The names of those that there are.
  func names(of ids: Set<ID<ServiceAccount>>, in organization: ID<Organization>) throws(Problem) -> [ID<ServiceAccount>: String] {
    var found: [ID<ServiceAccount>: String] = [:]
    for row in try tx.rows(
      "SELECT s.id, s.name FROM \(values: ids) AS wanted CROSS JOIN service_account s WHERE s.organization = \(organization) AND s.id = wanted.column1")
    {
      found[try row.id("id")] = try row.text("name")
    }
    return found
  }

  /// By slug.
  func list(in organization: ID<Organization>, _ page: PageRequest) throws(Problem) -> Page<ServiceAccount> {
    let after: Statement = try page.keys(of: "service-accounts", count: 1).map { " AND s.slug > \($0[0])" } ?? .none
    let found = try tx.rows("SELECT \(columns) FROM \(Self.source) WHERE s.organization = \(organization)\(after) ORDER BY s.slug LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try ServiceAccount(row) }
    return Page(found, of: "service-accounts", limit: page.limit, total: try count(in: organization)) { [$0.slug.text] }
  }

  func count(in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM service_account WHERE organization = \(organization)")
  }

  func insert(_ account: ServiceAccount, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO service_account (id, organization, slug, name, description, roles, created_by, created_at, revision)
      VALUES (\(account.id), \(account.organization), \(account.slug.text), \(account.name), \(account.description), \(account.roles.stored),
        \(account.creator.id), \(account.createdAt), \(account.revision))
      """, under: proof)
    try AccessChangeRows(tx: tx).note(.serviceAccount(account.id), in: account.organization, under: proof)
  }

  func update(_ account: ServiceAccount, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE service_account SET name = \(account.name), description = \(account.description), roles = \(account.roles.stored), disabled_at = \(account.state.disabledAt),
        revision = revision + 1
      WHERE id = \(account.id)
      """, under: proof)
    try TeamMemberRows(tx: tx).refreshName(of: account, under: proof)
    try GrantRows(tx: tx).refreshName(of: account, under: proof)
    try OrganizationGrantRows(tx: tx).refreshName(of: account, under: proof)
    try AccessChangeRows(tx: tx).note(.serviceAccount(account.id), in: account.organization, under: proof)
  }

  /// With its keys.
  func delete(_ id: ID<ServiceAccount>, under proof: some Proof) throws(Problem) {
    guard let row = try tx.row("DELETE FROM service_account WHERE id = \(id) RETURNING organization", under: proof) else { return }
    try AccessChangeRows(tx: tx).note(.serviceAccount(id), in: try row.id("organization"), under: proof)
  }
}

extension ServiceAccount {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), slug: try row.parsed("slug") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      description: try row.parsed("description") { text throws(Rejection) in try Note(text) },
      roles: try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) },
      creator: Creator(id: try row.id("created_by"), name: try row.parsed("creator") { text throws(Rejection) in try DisplayName(text) }),
      createdAt: try row.instant("created_at"), state: State(disabledAt: try row.optional("disabled_at", row.instant)),
      usedAt: try row.optional("used_at", row.instant), liveKeys: Int(try row.integer("live_keys")), revision: Int(try row.integer("revision")))
  }
}
