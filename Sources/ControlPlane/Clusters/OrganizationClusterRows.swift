import Authorization
import Kernel
import Storage

extension Work {
  var organizationClusters: OrganizationClusterRows { OrganizationClusterRows(tx: tx) }
}

/// The clusters that organizations have.
struct OrganizationClusterRows {
  let tx: any Transaction

  private static let columns: Statement = """
    \(ResourceRows.columns), o.default_role, o.maintenance, c.id AS cluster_id, c.slug AS cluster_slug, c.name AS cluster_name,
    c.description AS cluster_description, c.location, c.addresses, c.node_pools, c.presets, c.default_role AS cluster_default_role, c.is_default,
    c.maintenance AS cluster_maintenance, c.running_jobs, c.member_running_jobs, c.storage, c.created_at AS cluster_created_at,
    c.revision AS cluster_revision, 0 AS organizations, (SELECT count(*) FROM resource p WHERE p.parent = r.id AND p.type = 'project') AS projects
    """
  private static let source: Statement = "resource r CROSS JOIN organization_cluster o CROSS JOIN cluster c"
  private static let joined: Statement = "o.resource = r.id AND c.id = o.cluster"

  /// By its id as a resource, by the cluster's, or by slug.
  func find(_ reference: String, in organization: ID<Organization>) throws(Problem) -> OrganizationCluster? {
    let name: Statement
    if let id = ID<OrganizationCluster>(reference) {
      name = "r.id IN (SELECT x.resource FROM organization_cluster x WHERE x.organization = \(organization) AND (x.resource = \(id) OR x.cluster = \(id)))"
    } else {
      guard let slug = NameEntry.key(reference) else { return nil }
      name = "r.type = 'cluster' AND r.slug = \(slug)"
    }
    return try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE \(name) AND r.organization = \(organization) AND \(Self.joined)")
      .map(OrganizationCluster.init)
  }

  /// By slug. With `viewer` only those that they have access to, or to something on which.
  func list(
    in organization: ID<Organization>, search: String?, of viewer: GrantHolder?, among visible: [String]? = nil, _ page: PageRequest
  ) throws(Problem) -> Page<OrganizationCluster> {
    var base: Statement = "r.organization = \(organization) AND r.type = 'cluster'" + ResourceRows.found(by: search)
    if let visible {
      base = base + " AND r.id IN (\(list: visible))"
    } else if let viewer {
      let held = GrantRows.resources(of: viewer, at: tx.now)
      base = base + " AND (r.id IN (\(held)) OR r.id IN (SELECT p.parent FROM resource p WHERE p.id IN (\(held))))"
    }
    let after: Statement = try page.keys(of: "clusters", count: 1).map { " AND r.slug > \($0[0])" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE \(base)\(after) AND \(Self.joined) ORDER BY r.slug LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try OrganizationCluster(row) }
    return Page(found, of: "clusters", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM resource r WHERE \(base)")) {
      [$0.resource.slug.text]
    }
  }

  /// All that an organization has; there are few.
  func all(in organization: ID<Organization>) throws(Problem) -> [OrganizationCluster] {
    try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE r.organization = \(organization) AND r.type = 'cluster' AND \(Self.joined) ORDER BY r.slug")
      .map { row throws(Problem) in try OrganizationCluster(row) }
  }

  /// The organizations that have a cluster, by id.
  func tenants(of cluster: ID<Cluster>, _ page: PageRequest) throws(Problem) -> Page<OrganizationCluster> {
    let after: Statement = try page.keys(of: "tenants", count: 1).map { " AND o.organization > \($0[0])" } ?? .none
    let found = try tx.rows(
      """
      SELECT \(Self.columns) FROM organization_cluster o CROSS JOIN resource r CROSS JOIN cluster c
      WHERE o.cluster = \(cluster)\(after) AND \(Self.joined) ORDER BY o.organization LIMIT \(page.limit + 1)
      """
    ).map { row throws(Problem) in try OrganizationCluster(row) }
    return Page(found, of: "tenants", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM organization_cluster o WHERE o.cluster = \(cluster)")) {
      [$0.resource.organization.description]
    }
  }

  /// What is its own; its resource must be stored already.
  func insert(_ cluster: OrganizationCluster, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO organization_cluster (resource, organization, cluster, default_role, maintenance)
      VALUES (\(cluster.resource.id), \(cluster.resource.organization), \(cluster.cluster.id), \(cluster.defaultRole.rawValue), \(cluster.isHalted))
      """, under: proof)
  }

  /// The revision is counted with its resource.
  func update(_ cluster: OrganizationCluster, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE organization_cluster SET default_role = \(cluster.defaultRole.rawValue), maintenance = \(cluster.isHalted)
      WHERE resource = \(cluster.resource.id)
      """, under: proof)
  }

  // MARK: Who has it

  /// Everybody's membership, with what they are called; `nil` where there are more than that.
  func members(of organization: ID<Organization>, atMost most: Int) throws(Problem) -> [(id: ID<Member>, roles: RoleSet, name: String)]? {
    let rows = try tx.rows("SELECT m.id, m.roles, m.name FROM member m WHERE m.organization = \(organization) ORDER BY m.id LIMIT \(most + 1)")
    if rows.count > most { return nil }
    return try rows.map { row throws(Problem) in
      (try row.id("id"), try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) }, try row.text("name"))
    }
  }

  /// Gives all of them a role at once. Decisions read everything again.
  func give(_ role: ResourceRole, on resource: Resource, to members: [(id: ID<Member>, name: String)], under proof: some Proof) throws(Problem) {
    var rows = Insertion(
      into: "access_grant",
      ["id": .text, "resource": .text, "kind": .text, "member": .text, "role": .text, "sort_name": .text, "since": .integer, "revision": .integer],
      rows: members.count)
    for member in members {
      rows.add(tx.newID(Grant.self))
      rows.add(resource.id)
      rows.add(Grant.Kind.account.rawValue)
      rows.add(member.id)
      rows.add(role.rawValue)
      rows.add(member.name.lowercased())
      rows.add(tx.now)
      rows.add(1)
      rows.endRow()
    }
    if rows.isEmpty { return }
    try tx.insert(rows, under: proof)
    try AccessChangeRows(tx: tx).note(.everything, in: resource.organization, under: proof)
  }

  /// Ends what a holder has by themselves on everything in a place, where they have nothing on the place itself any more. Answers on how much it was.
  func endAccess(within place: ID<Resource>, of holder: Grant.Holder, under proof: some Proof) throws(Problem) -> Int {
    let own: Statement
    switch holder {
    case .member(let id, _, _, _): own = "member = \(id)"
    case .invitation(let id, _): own = "invitation = \(id)"
    case .serviceAccount(let id, _, _): own = "service_account = \(id)"
    case .team(let id, _, _): own = "team = \(id)"
    }
    if try tx.count("SELECT count(*) AS n FROM access_grant WHERE resource = \(place) AND \(own)") > 0 { return 0 }
    let ended = try tx.rows(
      """
      DELETE FROM access_grant WHERE \(own) AND resource IN (SELECT p.id FROM resource p WHERE p.parent = \(place))
      RETURNING resource, member, service_account, team
      """, under: proof)
    for row in ended {
      let holder = try row.accessHolder()
      let team: ID<Team>? = try row.optional("team") { column throws(Problem) in try row.id(column) }
      try AccessChangeRows(tx: tx).note(grantBy: (holder.member, holder.serviceAccount, team), on: try row.id("resource"), under: proof)
    }
    if let row = try tx.row("SELECT organization FROM resource WHERE id = \(place)") {
      try ShareRows(tx: tx).drop(of: holder, within: place, in: try row.id("organization"), under: proof)
    }
    return ended.count
  }
}

extension OrganizationCluster {
  init(_ row: Row) throws(Problem) {
    self.init(
      resource: try Resource(row), cluster: try Cluster(row, prefix: "cluster_"), defaultRole: try row.choice("default_role"),
      isHalted: try row.bool("maintenance"), projects: Int(try row.integer("projects")))
  }
}
