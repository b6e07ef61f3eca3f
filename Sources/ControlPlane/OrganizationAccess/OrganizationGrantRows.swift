import Authorization
import Kernel
import Storage

extension Work {
  var organizationGrants: OrganizationGrantRows { OrganizationGrantRows(tx: tx) }
}

struct OrganizationGrantRows {
  let tx: any Transaction

  private static let columns: Statement = """
    g.id, g.organization, g.kind, g.role, g.custom_role, g.expires_at, g.since, g.revision, g.member, g.service_account, g.team, m.account, m.handle,
    m.name AS member_name, a.slug AS service_account_slug, a.name AS service_account_name, t.slug AS team_slug, t.name AS team_name
    """
  private static let source: Statement = """
    organization_grant g LEFT JOIN member m ON m.id = g.member LEFT JOIN service_account a ON a.id = g.service_account LEFT JOIN team t ON t.id = g.team
    """

  // MARK: For decisions

  /// How many roles on the organization a member holds beside those of the membership, by themselves or through a team, as a part of a statement about `m`.
  static let countOfMember: Statement = """
    (SELECT count(*) FROM organization_grant g WHERE g.member = m.id)
    + (SELECT count(*) FROM team_seat s CROSS JOIN organization_grant g WHERE s.member = m.id AND g.team = s.team)
    """

  /// The same of a service account `s`.
  static let countOfServiceAccount: Statement = """
    (SELECT count(*) FROM organization_grant g WHERE g.service_account = s.id)
    + (SELECT count(*) FROM team_seat p CROSS JOIN organization_grant g WHERE p.service_account = s.id AND g.team = p.team)
    """

  /// What a member holds, by themselves and through teams; what has ended is among it.
  func held(byMember account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> [GrantFacts] {
    let own: Statement = "(SELECT m.id FROM member m WHERE m.organization = \(organization) AND m.account = \(account))"
    return try facts("g.member = \(own)", "s.member = \(own)")
  }

  /// The same of a service account.
  func held(byServiceAccount id: ID<ServiceAccount>) throws(Problem) -> [GrantFacts] { try facts("g.service_account = \(id)", "s.service_account = \(id)") }

  private func facts(_ own: Statement, _ seat: Statement) throws(Problem) -> [GrantFacts] {
    let rows = try tx.rows(
      """
      SELECT g.role, g.custom_role, g.expires_at, g.team FROM organization_grant g WHERE \(own)
      UNION ALL SELECT g.role, g.custom_role, g.expires_at, g.team FROM team_seat s CROSS JOIN organization_grant g WHERE \(seat) AND g.team = s.team
      """)
    return try facts(rows)
  }

  /// What a team gives to who is in it and what hasn't ended.
  func held(byTeam team: ID<Team>) throws(Problem) -> OrganizationRoles {
    OrganizationRoles(
      grants: try facts(
        tx.rows(
          """
          SELECT g.role, g.custom_role, g.expires_at, g.team FROM organization_grant g
          WHERE g.team = \(team) AND (g.expires_at IS NULL OR g.expires_at > \(tx.now)) ORDER BY g.role
          """)))
  }

  /// What a member holds by themselves and what hasn't ended.
  func held(by member: ID<Member>) throws(Problem) -> OrganizationRoles {
    OrganizationRoles(
      grants: try facts(
        tx.rows(
          """
          SELECT g.role, g.custom_role, g.expires_at, g.team FROM organization_grant g
          WHERE g.member = \(member) AND (g.expires_at IS NULL OR g.expires_at > \(tx.now)) ORDER BY g.role
          """)))
  }

  /// What a former member would get back and what hasn't ended.
  func held(byFormer account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> OrganizationRoles {
    OrganizationRoles(
      grants: try facts(
        tx.rows(
          """
          SELECT g.role, g.custom_role, g.expires_at, NULL AS team FROM former_organization_grant g
          WHERE g.organization = \(organization) AND g.account = \(account) AND (g.expires_at IS NULL OR g.expires_at > \(tx.now)) ORDER BY g.role
          """)))
  }

  private func facts(_ rows: [Row]) throws(Problem) -> [GrantFacts] {
    let customs = try RoleRows(tx: tx).named(in: rows)
    return try rows.map { row throws(Problem) in
      GrantFacts(
        try row.organizationRole(customs), to: try row.optional("team", row.text).map { .team($0) } ?? .caller, on: nil,
        expires: try row.optional("expires_at", row.instant))
    }
  }

  // MARK: Of the organization

  func find(_ id: ID<OrganizationGrant>, in organization: ID<Organization>) throws(Problem) -> OrganizationGrant? {
    let rows = try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE g.organization = \(organization) AND g.id = \(id)")
    let customs = try RoleRows(tx: tx).named(in: rows)
    return try rows.first.map { row throws(Problem) in try OrganizationGrant(row, customs) }
  }

  /// Members first, then service accounts and teams, each by name; with `holder` those of one, by the id of the membership, the service account or the team.
  func list(in organization: ID<Organization>, holder: String? = nil, _ page: PageRequest) throws(Problem) -> Page<OrganizationGrant> {
    var base: Statement = "g.organization = \(organization)"
    if let holder { base = base + " AND (g.member = \(holder) OR g.service_account = \(holder) OR g.team = \(holder))" }
    let after: Statement =
      try page.keys(of: "organization-grants", count: 3).map { " AND (g.kind, g.sort_name, g.id) > (\($0[0]), \($0[1]), \($0[2]))" } ?? .none
    let rows = try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE \(base)\(after) ORDER BY g.kind, g.sort_name, g.id LIMIT \(page.limit + 1)")
    let customs = try RoleRows(tx: tx).named(in: rows)
    let found = try rows.map { row throws(Problem) in try OrganizationGrant(row, customs) }
    let total = try tx.count("SELECT count(*) AS n FROM organization_grant g WHERE \(base)")
    return Page(found, of: "organization-grants", limit: page.limit, total: total) { [$0.holder.kind.rawValue, $0.holder.sortName, $0.id.description] }
  }

  /// The holder's grant of this role, ended or not.
  func find(_ holder: Grant.Holder, _ role: GrantedRole, in organization: ID<Organization>) throws(Problem) -> OrganizationGrant? {
    guard case .member(let member, _, _, _) = holder else { return nil }
    let rows = try tx.rows(
      "SELECT \(Self.columns) FROM \(Self.source) WHERE g.organization = \(organization) AND g.member = \(member) AND g.role = \(role.stored.role)")
    let customs = try RoleRows(tx: tx).named(in: rows)
    return try rows.first.map { row throws(Problem) in try OrganizationGrant(row, customs) }
  }

  func count(in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM organization_grant WHERE organization = \(organization)")
  }

  /// How many the holder has, and whether this role is among them, ended or not.
  func count(of holder: Grant.Holder, role: GrantedRole) throws(Problem) -> (all: Int, same: Int) {
    let own: Statement =
      switch holder {
      case .member(let id, _, _, _): "member = \(id)"
      case .serviceAccount(let id, _, _): "service_account = \(id)"
      case .team(let id, _, _): "team = \(id)"
      case .invitation: "1 = 0"
      }
    return (
      try tx.count("SELECT count(*) AS n FROM organization_grant WHERE \(own)"),
      try tx.count("SELECT count(*) AS n FROM organization_grant WHERE \(own) AND role = \(role.stored.role)")
    )
  }

  func insert(_ grant: OrganizationGrant, under proof: some Proof) throws(Problem) {
    var (member, serviceAccount, team): (ID<Member>?, ID<ServiceAccount>?, ID<Team>?) = (nil, nil, nil)
    switch grant.holder {
    case .member(let id, _, _, _): member = id
    case .serviceAccount(let id, _, _): serviceAccount = id
    case .team(let id, _, _): team = id
    case .invitation: throw Problem(.defect, "An invitation holds no role on the organization but those that it says.")
    }
    try tx.change(
      """
      INSERT INTO organization_grant (id, organization, kind, member, service_account, team, role, custom_role, expires_at, sort_name, since, revision)
      VALUES (\(grant.id), \(grant.organization), \(grant.holder.kind.rawValue), \(member), \(serviceAccount), \(team), \(grant.role.stored.role),
        \(grant.role.stored.custom), \(grant.expires), \(grant.holder.sortName), \(grant.since), \(grant.revision))
      """, under: proof)
    try note(grant, under: proof)
  }

  func update(_ grant: OrganizationGrant, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE organization_grant SET role = \(grant.role.stored.role), custom_role = \(grant.role.stored.custom), expires_at = \(grant.expires),
        revision = revision + 1
      WHERE id = \(grant.id)
      """, under: proof)
    try note(grant, under: proof)
  }

  func delete(_ grant: OrganizationGrant, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM organization_grant WHERE id = \(grant.id)", under: proof)
    try note(grant, under: proof)
  }

  private func note(_ grant: OrganizationGrant, under proof: some Proof) throws(Problem) {
    let subject: AccessChangeRows.Subject
    switch grant.holder {
    case .member(let id, _, _, _): subject = .member(id)
    case .serviceAccount(let id, _, _): subject = .serviceAccount(id)
    case .team(let id, _, _): subject = .teamRoles(id)
    case .invitation: return
    }
    try AccessChangeRows(tx: tx).note(subject, in: grant.organization, under: proof)
  }

  // MARK: With those who hold them

  /// Ends what a member has who goes, and keeps it beside the former member, who must be stored already.
  func retire(_ member: Member, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM former_organization_grant WHERE organization = \(member.organization) AND account = \(member.account)", under: proof)
    try tx.change(
      """
      INSERT INTO former_organization_grant (organization, account, role, custom_role, expires_at)
      SELECT \(member.organization), \(member.account), g.role, g.custom_role, g.expires_at FROM organization_grant g WHERE g.member = \(member.id)
      """, under: proof)
    try tx.change("DELETE FROM organization_grant WHERE member = \(member.id)", under: proof)
  }

  /// Repeats a person's name in all they hold, after it changed.
  func refreshNames(of account: ID<Account>, as sortName: String, under proof: some Proof) throws(Problem) {
    try tx.change(
      "UPDATE organization_grant SET sort_name = \(sortName) WHERE member IN (SELECT m.id FROM member m WHERE m.account = \(account))", under: proof)
  }

  /// The same for a service account.
  func refreshName(of account: ServiceAccount, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE organization_grant SET sort_name = \(account.name.text.lowercased()) WHERE service_account = \(account.id)", under: proof)
  }

  /// The same for a team.
  func refreshName(of team: Team, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE organization_grant SET sort_name = \(team.name.text.lowercased()) WHERE team = \(team.id)", under: proof)
  }
}

extension OrganizationGrant {
  fileprivate init(_ row: Row, _ customs: [String: CustomRole]) throws(Problem) {
    func slug(_ column: String) throws(Problem) -> Slug { try row.parsed(column) { text throws(Rejection) in try Slug(stored: text) } }
    func name(_ column: String) throws(Problem) -> DisplayName { try row.parsed(column) { text throws(Rejection) in try DisplayName(text) } }
    let holder: Grant.Holder =
      switch try row.choice("kind", of: Grant.Kind.self) {
      case .account: .member(id: try row.id("member"), account: try row.id("account"), handle: try slug("handle"), name: try name("member_name"))
      case .serviceAccount:
        .serviceAccount(id: try row.id("service_account"), slug: try slug("service_account_slug"), name: try name("service_account_name"))
      case .team: .team(id: try row.id("team"), slug: try slug("team_slug"), name: try name("team_name"))
      case .invitation: throw Problem(.defect, "An invitation holds no role on the organization.")
      }
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), holder: holder, role: try row.organizationRole(customs),
      expires: try row.optional("expires_at", row.instant), since: try row.instant("since"), revision: Int(try row.integer("revision")))
  }
}
