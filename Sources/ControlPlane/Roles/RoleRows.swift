import Authorization
import Kernel
import Storage

extension Work {
  var roleRows: RoleRows { RoleRows(tx: tx) }
}

struct RoleRows {
  let tx: any Transaction

  private static let columns: Statement = """
    c.id, c.organization, c.scope, c.slug, c.name, c.description, c.base, c.rights, c.own_rights, c.created_at, c.revision,
    (SELECT count(*) FROM access_grant g WHERE g.custom_role = c.id) + (SELECT count(*) FROM organization_grant g WHERE g.custom_role = c.id)
      + (SELECT count(*) FROM collaborator o WHERE o.custom_role = c.id) AS holders
    """

  func find(_ id: ID<DefinedRole>, in organization: ID<Organization>) throws(Problem) -> DefinedRole? {
    try tx.row("SELECT \(Self.columns) FROM custom_role c WHERE c.organization = \(organization) AND c.id = \(id)").map(DefinedRole.init)
  }

  func find(_ slug: String, at scope: RoleScope, in organization: ID<Organization>) throws(Problem) -> DefinedRole? {
    guard let slug = NameEntry.key(slug) else { return nil }
    return try tx.row(
      "SELECT \(Self.columns) FROM custom_role c WHERE c.organization = \(organization) AND c.scope = \(scope.rawValue) AND c.slug = \(slug)"
    ).map(DefinedRole.init)
  }

  /// By level and slug; of one level, or of all.
  func list(in organization: ID<Organization>, at scope: RoleScope?, _ page: PageRequest) throws(Problem) -> Page<DefinedRole> {
    var base: Statement = "c.organization = \(organization)"
    if let scope { base = base + " AND c.scope = \(scope.rawValue)" }
    let after: Statement = try page.keys(of: "roles", count: 2).map { " AND (c.scope, c.slug) > (\($0[0]), \($0[1]))" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM custom_role c WHERE \(base)\(after) ORDER BY c.scope, c.slug LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try DefinedRole(row) }
    let total = try tx.count("SELECT count(*) AS n FROM custom_role c WHERE \(base)")
    return Page(found, of: "roles", limit: page.limit, total: total) { [$0.scope.rawValue, $0.slug.text] }
  }

  /// All of the organization, for a graph, an archive or a choice; there are few.
  func all(in organization: ID<Organization>, at scope: RoleScope? = nil) throws(Problem) -> [DefinedRole] {
    let level: Statement = scope.map { " AND c.scope = \($0.rawValue)" } ?? .none
    return try tx.rows("SELECT \(Self.columns) FROM custom_role c WHERE c.organization = \(organization)\(level) ORDER BY c.scope, c.slug")
      .map { row throws(Problem) in try DefinedRole(row) }
  }

  func count(in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM custom_role WHERE organization = \(organization)")
  }

  /// The custom roles that the rows name in their column `custom_role`; asks for nothing where none does.
  func named(in rows: [Row]) throws(Problem) -> [String: CustomRole] {
    var ids: Set<String> = []
    for row in rows { if let id = try row.optional("custom_role", row.text) { ids.insert(id) } }
    guard !ids.isEmpty else { return [:] }
    var found: [String: CustomRole] = [:]
    for row in try tx.rows("SELECT \(Self.columns) FROM custom_role c WHERE c.id IN (\(list: ids.sorted()))") {
      let role = try DefinedRole(row).role
      found[role.id] = role
    }
    return found
  }

  func insert(_ role: DefinedRole, under proof: some Proof) throws(Problem) {
    let (rights, own) = (role.content.names.joined(separator: ","), role.content.ownNames.joined(separator: ","))
    try tx.change(
      """
      INSERT INTO custom_role (id, organization, scope, slug, name, description, base, rights, own_rights, reads_projects, created_at, revision)
      VALUES (\(role.id), \(role.organization), \(role.scope.rawValue), \(role.slug.text), \(role.name), \(role.description), \(role.base), \(rights), \(own),
        \(role.content.rights.allows(.read, on: .project)), \(role.createdAt), \(role.revision))
      """, under: proof)
    try AccessChangeRows(tx: tx).note(.role(role.id), in: role.organization, under: proof)
  }

  func update(_ role: DefinedRole, under proof: some Proof) throws(Problem) {
    let (rights, own) = (role.content.names.joined(separator: ","), role.content.ownNames.joined(separator: ","))
    try tx.change(
      """
      UPDATE custom_role SET slug = \(role.slug.text), name = \(role.name), description = \(role.description), rights = \(rights), own_rights = \(own),
        reads_projects = \(role.content.rights.allows(.read, on: .project)), revision = revision + 1
      WHERE id = \(role.id)
      """, under: proof)
    try AccessChangeRows(tx: tx).note(.role(role.id), in: role.organization, under: proof)
  }

  /// What former members would have had of it is forgotten with it.
  func delete(_ role: DefinedRole, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM custom_role WHERE id = \(role.id)", under: proof)
    try AccessChangeRows(tx: tx).note(.role(role.id), in: role.organization, under: proof)
  }

  // MARK: Who holds it

  /// By name; those on the organization and on things alike.
  func holders(of role: ID<DefinedRole>, _ page: PageRequest) throws(Problem) -> Page<RoleHolder> {
    let after: Statement = try page.keys(of: "role-holders", count: 2).map { " WHERE (h.sort_name, h.id) > (\($0[0]), \($0[1]))" } ?? .none
    let rows = try tx.rows(
      """
      SELECT h.id, h.kind, h.sort_name, h.expires_at, h.member, h.invitation, h.service_account, h.team, m.name AS member_name, m.handle, i.address,
        c.name AS collaborator_name, o.address AS collaborator_address, n.text AS collaborator_handle, o.account AS collaborator,
        a.name AS service_account_name, a.slug AS service_account_slug, t.name AS team_name, t.slug AS team_slug, r.type, r.slug, p.slug AS place
      FROM (
        SELECT g.id, g.kind, g.sort_name, g.expires_at, g.member, g.invitation, g.service_account, g.team, g.resource FROM access_grant g
        WHERE g.custom_role = \(role)
        UNION ALL
        SELECT g.id, g.kind, g.sort_name, g.expires_at, g.member, NULL, g.service_account, g.team, NULL FROM organization_grant g
        WHERE g.custom_role = \(role)
        UNION ALL
        SELECT o.id, 'collaborator', o.sort_name, o.expires_at, NULL, NULL, NULL, NULL, o.app FROM collaborator o WHERE o.custom_role = \(role)
      ) h LEFT JOIN member m ON m.id = h.member LEFT JOIN invitation i ON i.id = h.invitation LEFT JOIN service_account a ON a.id = h.service_account
      LEFT JOIN collaborator o ON o.id = h.id LEFT JOIN account c ON c.id = o.account LEFT JOIN name n ON n.owner = c.id AND n.current = 1
      LEFT JOIN team t ON t.id = h.team LEFT JOIN resource r ON r.id = h.resource LEFT JOIN resource p ON p.id = r.parent
      \(after) ORDER BY h.sort_name, h.id LIMIT \(page.limit + 1)
      """)
    let found = try rows.map { row throws(Problem) in (try RoleHolder(row), [try row.text("sort_name"), try row.text("id")]) }
    let total = try tx.count(
      """
      SELECT (SELECT count(*) FROM access_grant g WHERE g.custom_role = \(role))
        + (SELECT count(*) FROM organization_grant g WHERE g.custom_role = \(role)) + (SELECT count(*) FROM collaborator o WHERE o.custom_role = \(role)) AS n
      """)
    let next = found.count > page.limit ? Cursor(list: "role-holders", keys: found[page.limit - 1].1) : nil
    return Page(items: found.prefix(page.limit).map(\.0), next: next, total: total)
  }
}

extension RoleHolder {
  fileprivate init(_ row: Row) throws(Problem) {
    /// The first of the columns that holds something.
    func text(_ columns: String...) throws(Problem) -> String? {
      for column in columns { if let text = try row.optional(column, row.text) { return text } }
      return nil
    }
    let (place, slug) = (try text("place"), try text("slug"))
    self.init(
      kind: try row.text("kind"),
      name: try text("member_name", "address", "service_account_name", "team_name", "collaborator_name", "collaborator_address") ?? "",
      handle: try text("handle", "service_account_slug", "team_slug", "collaborator_handle"),
      id: try text("member", "invitation", "service_account", "team", "collaborator") ?? "",
      place: slug.map { slug in place.map { "\($0)/\(slug)" } ?? slug },
      placeType: try text("type") ?? "organization", expires: try row.optional("expires_at", row.instant))
  }
}

extension DefinedRole {
  fileprivate init(_ row: Row) throws(Problem) {
    let scope = try row.choice("scope", of: RoleScope.self)
    let (rights, own) = (try row.text("rights").pieces(between: ","), try row.text("own_rights").pieces(between: ","))
    let content: RoleContent
    if scope == .organization {
      content = RoleContent(permissions: Set(rights.compactMap { Permission(rawValue: $0) }))
    } else {
      content = RoleContent(rights: RightSet(rights.compactMap { Right($0) }), ownRights: RightSet(own.compactMap { Right($0) }))
    }
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), scope: scope,
      slug: try row.parsed("slug") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      description: try row.parsed("description") { text throws(Rejection) in try Note(text) }, base: try row.text("base"), content: content,
      createdAt: try row.instant("created_at"), revision: Int(try row.integer("revision")), holders: Int(try row.integer("holders")))
  }
}

extension Row {
  /// The role of a grant on a resource, of its columns `role` and `custom_role`; custom ones as they were read.
  func resourceRole(_ customs: [String: CustomRole]) throws(Problem) -> GrantedRole {
    guard let id = try optional("custom_role", text) else { return .resource(try choice("role")) }
    guard let role = customs[id] else { throw Problem(.defect, "A grant names a role that isn't there.") }
    return .custom(role)
  }

  /// The same of a grant on the organization.
  func organizationRole(_ customs: [String: CustomRole]) throws(Problem) -> GrantedRole {
    guard let id = try optional("custom_role", text) else { return .organization(try choice("role")) }
    guard let role = customs[id] else { throw Problem(.defect, "A grant names a role that isn't there.") }
    return .custom(role)
  }
}
