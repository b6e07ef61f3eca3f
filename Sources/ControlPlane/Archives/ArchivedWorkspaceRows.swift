import Authorization
import Kernel
import Storage

extension ArchiveRows {
  /// By slug, in a few statements however many there are.
  func workspaces(of organization: ID<Organization>) throws(Problem) -> [ArchivedWorkspace] {
    let (grants, former) = (try grants(of: organization), try formerGrants(of: organization))
    func access(to id: ID<Resource>) -> ArchivedAccess { ArchivedAccess(grants: grants[id] ?? [], former: former[id] ?? []) }
    var projects: [ID<Resource>: [ArchivedProject]] = [:]
    let inner = try tx.rows(
      """
      SELECT \(ResourceRows.columns), j.default_role, j.is_default FROM resource r CROSS JOIN project j
      WHERE r.organization = \(organization) AND r.type = 'project' AND j.resource = r.id ORDER BY r.slug, r.id
      """)
    for row in inner {
      let resource = try Resource(row)
      let project = ArchivedProject(
        resource: resource, defaultRole: try row.choice("default_role"), isDefault: try row.bool("is_default"), access: access(to: resource.id))
      if let parent = resource.parent { projects[parent, default: []].append(project) }
    }
    let rows = try tx.rows(
      """
      SELECT \(ResourceRows.columns), w.kind, w.desired, w.status, w.reason, w.address, w.version, w.reported_at FROM resource r CROSS JOIN workspace w
      WHERE r.organization = \(organization) AND r.type = 'workspace' AND w.resource = r.id ORDER BY r.slug
      """)
    return try rows.map { row throws(Problem) in
      let resource = try Resource(row)
      let reported = try row.optional("reported_at", row.instant)
      return ArchivedWorkspace(
        resource: resource, kind: try row.choice("kind"),
        state: WorkspaceState(desired: try row.choice("desired"), status: try row.choice("status"), reason: try row.text("reason")),
        server: try reported.map { reported throws(Problem) in
          Workspace.Server(stored: try row.text("address"), version: try row.text("version"), reported: reported)
        },
        access: access(to: resource.id), projects: projects[resource.id] ?? [])
    }
  }

  /// Without those of custom roles, which stand among the tables.
  private func grants(of organization: ID<Organization>) throws(Problem) -> [ID<Resource>: [ArchivedGrant]] {
    var found: [ID<Resource>: [ArchivedGrant]] = [:]
    let rows = try tx.rows(
      """
      SELECT g.id, g.resource, g.kind, g.member, g.invitation, g.service_account, g.team, g.role, g.expires_at, g.since, g.revision
      FROM resource r CROSS JOIN access_grant g WHERE r.organization = \(organization) AND g.resource = r.id AND g.custom_role IS NULL ORDER BY g.id
      """)
    for row in rows {
      let holder: ArchivedGrant.Holder =
        switch try row.choice("kind", of: Grant.Kind.self) {
        case .account: .member(try row.id("member"))
        case .invitation: .invitation(try row.id("invitation"))
        case .serviceAccount: .serviceAccount(try row.id("service_account"))
        case .team: .team(try row.id("team"))
        }
      let grant = ArchivedGrant(
        id: try row.id("id"), holder: holder, role: try row.choice("role"), expires: try row.optional("expires_at", row.instant),
        since: try row.instant("since"), revision: Int(try row.integer("revision")))
      found[try row.id("resource"), default: []].append(grant)
    }
    return found
  }

  private func formerGrants(of organization: ID<Organization>) throws(Problem) -> [ID<Resource>: [ArchivedAccess.FormerGrant]] {
    var found: [ID<Resource>: [ArchivedAccess.FormerGrant]] = [:]
    let rows = try tx.rows(
      """
      SELECT g.resource, g.account, g.role, g.expires_at FROM former_access_grant g
      JOIN former_member f ON f.organization = g.organization AND f.account = g.account
      WHERE g.organization = \(organization) AND f.forget_at > \(tx.now) AND g.custom_role IS NULL ORDER BY g.account, g.role
      """)
    for row in rows {
      found[try row.id("resource"), default: []].append(
        .init(account: try row.id("account"), role: try row.choice("role"), expires: try row.optional("expires_at", row.instant)))
    }
    return found
  }

  /// For a member, an invitation, a service account or a team of the organization that is stored already.
  func insert(_ grant: ArchivedGrant, on resource: ID<Resource>, of organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    var (member, invitation, serviceAccount, team): (ID<Member>?, ID<Invitation>?, ID<ServiceAccount>?, ID<Team>?) = (nil, nil, nil, nil)
    let named: Statement
    let kind: Grant.Kind
    switch grant.holder {
    case .member(let id):
      (member, kind) = (id, .account)
      named = "SELECT m.sort_name AS name FROM member m WHERE m.organization = \(organization) AND m.id = \(id)"
    case .invitation(let id):
      (invitation, kind) = (id, .invitation)
      named = "SELECT i.address AS name FROM invitation i WHERE i.organization = \(organization) AND i.id = \(id)"
    case .serviceAccount(let id):
      (serviceAccount, kind) = (id, .serviceAccount)
      named = "SELECT a.name AS name FROM service_account a WHERE a.organization = \(organization) AND a.id = \(id)"
    case .team(let id):
      (team, kind) = (id, .team)
      named = "SELECT t.name AS name FROM team t WHERE t.organization = \(organization) AND t.id = \(id)"
    }
    let name = try tx.row(named).orDefect().text("name").lowercased()
    try tx.change(
      """
      INSERT INTO access_grant (id, resource, kind, member, invitation, service_account, team, role, expires_at, sort_name, since, revision)
      VALUES (\(grant.id), \(resource), \(kind.rawValue), \(member), \(invitation), \(serviceAccount), \(team), \(grant.role.rawValue), \(grant.expires),
        \(name), \(grant.since), \(grant.revision))
      """, under: proof)
  }

  func insert(
    _ grant: ArchivedAccess.FormerGrant, as account: ID<Account>, on resource: ID<Resource>, of organization: ID<Organization>, under proof: some Proof
  ) throws(Problem) {
    try tx.change(
      """
      INSERT INTO former_access_grant (organization, account, resource, role, expires_at)
      VALUES (\(organization), \(account), \(resource), \(grant.role.rawValue), \(grant.expires))
      """, under: proof)
  }
}
