import Authorization
import Kernel
import Storage

extension Work {
  var grants: GrantRows { GrantRows(tx: tx) }
}

struct GrantRows {
  let tx: any Transaction

  private static let columns: Statement = """
    g.id, g.resource, g.kind, g.role, g.custom_role, g.expires_at, g.since, g.revision, g.member, g.invitation, g.service_account, g.team, m.account, m.handle,
    m.name AS member_name, i.address, a.slug AS service_account_slug, a.name AS service_account_name, t.slug AS team_slug, t.name AS team_name
    """

  private var source: Statement {
    """
    access_grant g LEFT JOIN member m ON m.id = g.member LEFT JOIN invitation i ON i.id = g.invitation
    LEFT JOIN service_account a ON a.id = g.service_account LEFT JOIN team t ON t.id = g.team
    WHERE \(isShown)
    """
  }

  /// An invitation that expired keeps its access for when it is sent again, and isn't shown till then.
  private var isShown: Statement { "(g.kind <> 'invitation' OR (i.state = 'pending' AND i.expires_at > \(tx.now)))" }

  // MARK: For decisions

  /// The ids of the things on which the holder has a role that counts, by themselves or through a team, and of those in which something is shared with them;
  /// with `roles` one of those, or a custom one that lets
  /// them read projects.
  static func resources(of holder: GrantHolder, with roles: [ResourceRole]? = nil, at now: Timestamp) -> Statement {
    var counting: Statement = "(g.expires_at IS NULL OR g.expires_at > \(now))"
    if let roles {
      let own: Statement = "g.custom_role IN (SELECT c.id FROM custom_role c WHERE c.reads_projects = 1)"
      counting = counting + " AND (g.role IN (\(list: roles.map(\.rawValue))) OR g.custom_role IS NOT NULL AND \(own))"
    }
    let held: Statement = """
      SELECT g.resource FROM access_grant g WHERE \(own(holder)) AND \(counting)
      UNION ALL SELECT g.resource FROM team_seat s CROSS JOIN access_grant g WHERE \(seat(holder)) AND g.team = s.team AND \(counting)
      """
    return roles == nil ? held + " UNION ALL " + ShareRows.places(of: holder) : held
  }

  private static func own(_ holder: GrantHolder) -> Statement {
    switch holder {
    case .person(let account, let organization): "g.member = (SELECT m.id FROM member m WHERE m.organization = \(organization) AND m.account = \(account))"
    case .machine(let id): "g.service_account = \(id)"
    }
  }

  private static func seat(_ holder: GrantHolder) -> Statement {
    switch holder {
    case .person(let account, let organization): "s.member = (SELECT m.id FROM member m WHERE m.organization = \(organization) AND m.account = \(account))"
    case .machine(let id): "s.service_account = \(id)"
    }
  }

  /// What the holder has on these things, by themselves or through a team; and on what is within the first of them, if `within`. What has ended is among it.
  ///
  /// - Parameter thing: the first of them, for which what is shared counts, too: of an object itself, of all else, if `within`, what is in it.
  func held(
    by holder: GrantHolder, on chain: [ID<Resource>], within: Bool, sharing thing: Resource? = nil
  ) throws(Problem) -> [HeldGrant] {
    var place: Statement = "g.resource IN (\(list: chain))"
    if within, let first = chain.first { place = "(\(place) OR (SELECT p.parent FROM resource p WHERE p.id = g.resource) = \(first))" }
    let rows = try tx.rows(
      """
      SELECT g.resource, g.role, g.custom_role, g.expires_at, g.team FROM access_grant g WHERE \(Self.own(holder)) AND \(place)
      UNION ALL SELECT g.resource, g.role, g.custom_role, g.expires_at, g.team FROM team_seat s CROSS JOIN access_grant g
      WHERE \(Self.seat(holder)) AND g.team = s.team AND \(place)\(thing.map { shared(with: holder, $0, within: within) } ?? .none)
      """)
    let customs = try RoleRows(tx: tx).named(in: rows)
    return try rows.map { row throws(Problem) in
      if let thing, row.isNull("resource") {
        let role: GrantedRole =
          RegisteredObject.others.contains(thing.type) ? .custom(.passage(to: thing.type)) : .actions(Set(stored: try row.text("role")))
        return HeldGrant(resource: thing.id, role: role, team: try row.optional("team") { column throws(Problem) in try row.id(column) }, expires: nil)
      }
      return HeldGrant(
        resource: try row.id("resource"), role: try row.resourceRole(customs), team: try row.optional("team") { column throws(Problem) in try row.id(column) },
        expires: try row.optional("expires_at", row.instant))
    }
  }

  /// What was shared with the holder of an object, or in something else: further rows without a resource.
  private func shared(with holder: GrantHolder, _ thing: Resource, within: Bool) -> Statement {
    let condition: Statement
    if !RegisteredObject.others.contains(thing.type) {
      let home = thing.parent?.description ?? thing.organization.description
      condition = "g.home = \(home) AND g.type = \(thing.type.name) AND g.name = \(thing.slug.text) AND g.organization = \(thing.organization)"
    } else if within {
      condition = "(g.place = \(thing.id) OR (SELECT p.parent FROM resource p WHERE p.id = g.place) = \(thing.id))"
    } else {
      return .none
    }
    return " UNION ALL " + ShareRows.held(by: holder, "NULL, g.actions, NULL, NULL, g.team", where: condition)
  }

  // MARK: Of one thing

  func find(_ id: ID<Grant>, on resource: ID<Resource>) throws(Problem) -> Grant? {
    try grant(tx.row("SELECT \(Self.columns) FROM \(source) AND g.id = \(id) AND g.resource || '' = \(resource)"))
  }

  private func grant(_ row: Row?) throws(Problem) -> Grant? {
    guard let row else { return nil }
    return try Grant(row, RoleRows(tx: tx).named(in: [row]))
  }

  /// Members first, then invitations, service accounts and teams, each by name.
  func list(on resource: ID<Resource>, search: String?, showsInvitations: Bool, _ page: PageRequest) throws(Problem) -> Page<Grant> {
    var filter: Statement = " AND g.resource = \(resource)"
    if !showsInvitations { filter = filter + " AND g.kind <> 'invitation'" }
    if let search, !search.isEmpty { filter = filter + " AND g.sort_name LIKE \(Pattern.wildcard(search))" }
    let after: Statement = try page.keys(of: "grants", count: 3).map { " AND (g.kind, g.sort_name, g.id) > (\($0[0]), \($0[1]), \($0[2]))" } ?? .none
    let rows = try tx.rows("SELECT \(Self.columns) FROM \(source)\(filter)\(after) ORDER BY g.kind, g.sort_name, g.id LIMIT \(page.limit + 1)")
    let customs = try RoleRows(tx: tx).named(in: rows)
    let found = try rows.map { row throws(Problem) in try Grant(row, customs) }
    let total = try tx.count("SELECT count(*) AS n FROM access_grant g LEFT JOIN invitation i ON i.id = g.invitation WHERE \(isShown)\(filter)")
    return Page(found, of: "grants", limit: page.limit, total: total) { [$0.holder.kind.rawValue, $0.holder.sortName, $0.id.description] }
  }

  func count(on resource: ID<Resource>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM access_grant g WHERE g.resource = \(resource)")
  }

  /// Whether the holder has this role on it already, ended or not.
  func find(_ holder: Grant.Holder, _ role: GrantedRole, on resource: ID<Resource>) throws(Problem) -> Grant? {
    let own: Statement =
      switch holder {
      case .member(let id, _, _, _): "g.member = \(id)"
      case .invitation(let id, _): "g.invitation = \(id)"
      case .serviceAccount(let id, _, _): "g.service_account = \(id)"
      case .team(let id, _, _): "g.team = \(id)"
      }
    return try grant(tx.row("SELECT \(Self.columns) FROM \(source) AND \(own) AND g.resource = \(resource) AND g.role = \(role.stored.role)"))
  }

  /// Whether a member who is in force has this role on it for good, by themselves, beside this one.
  func hasLasting(_ role: ResourceRole, on resource: ID<Resource>, beside id: ID<Grant>) throws(Problem) -> Bool {
    try tx.count(
      """
      SELECT count(*) AS n FROM access_grant g CROSS JOIN member m WHERE g.resource = \(resource) AND g.kind = 'account' AND g.role = \(role.rawValue)
        AND g.expires_at IS NULL AND g.id <> \(id) AND m.id = g.member AND m.suspended_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > \(tx.now))
      """) > 0
  }

  func insert(_ grant: Grant, under proof: some Proof) throws(Problem) {
    var (member, invitation, serviceAccount, team): (ID<Member>?, ID<Invitation>?, ID<ServiceAccount>?, ID<Team>?) = (nil, nil, nil, nil)
    switch grant.holder {
    case .member(let id, _, _, _): member = id
    case .invitation(let id, _): invitation = id
    case .serviceAccount(let id, _, _): serviceAccount = id
    case .team(let id, _, _): team = id
    }
    try tx.change(
      """
      INSERT INTO access_grant (id, resource, kind, member, invitation, service_account, team, role, custom_role, expires_at, sort_name, since, revision)
      VALUES (\(grant.id), \(grant.resource), \(grant.holder.kind.rawValue), \(member), \(invitation), \(serviceAccount), \(team),
        \(grant.role.stored.role), \(grant.role.stored.custom), \(grant.expires), \(grant.holder.sortName), \(grant.since), \(grant.revision))
      """, under: proof)
    try AccessChangeRows(tx: tx).note(grantBy: (member, serviceAccount, team), on: grant.resource, under: proof)
  }

  func update(_ grant: Grant, under proof: some Proof) throws(Problem) {
    try note(
      tx.row(
        """
        UPDATE access_grant SET role = \(grant.role.stored.role), custom_role = \(grant.role.stored.custom), expires_at = \(grant.expires),
          revision = revision + 1
        WHERE id = \(grant.id)
        RETURNING resource, member, service_account, team
        """, under: proof), under: proof)
  }

  func delete(_ id: ID<Grant>, under proof: some Proof) throws(Problem) {
    try note(tx.row("DELETE FROM access_grant WHERE id = \(id) RETURNING resource, member, service_account, team", under: proof), under: proof)
  }

  private func note(_ row: Row?, under proof: some Proof) throws(Problem) {
    guard let row else { return }
    let holder = try row.accessHolder()
    let team: ID<Team>? = try row.optional("team") { column throws(Problem) in try row.id(column) }
    try AccessChangeRows(tx: tx).note(grantBy: (holder.member, holder.serviceAccount, team), on: try row.id("resource"), under: proof)
  }

  // MARK: With those who hold them

  /// What the member has, as the log tells it: `lab: workspace.admin, lab/forecast: project.viewer`.
  func held(by member: ID<Member>) throws(Problem) -> GrantNames { try names("access_grant", "g.member = \(member)") }

  /// What the invitation keeps for who accepts it.
  func held(by invitation: ID<Invitation>) throws(Problem) -> GrantNames { try names("access_grant", "g.invitation = \(invitation)") }

  /// What a former member would get back.
  func held(byFormer account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> GrantNames {
    try names("former_access_grant", "g.organization = \(organization) AND g.account = \(account) AND (g.expires_at IS NULL OR g.expires_at > \(tx.now))")
  }

  private func names(_ table: Statement, _ holder: Statement) throws(Problem) -> GrantNames {
    let rows = try tx.rows(
      """
      SELECT r.slug, p.slug AS place, g.role, g.custom_role FROM \(table) g CROSS JOIN resource r LEFT JOIN resource p ON p.id = r.parent
      WHERE \(holder) AND r.id = g.resource ORDER BY r.slug, r.id, g.role
      """)
    let customs = try RoleRows(tx: tx).named(in: rows)
    return GrantNames(
      try rows.map { row throws(Problem) in
        let place = try row.optional("place") { column throws(Problem) in try row.text(column) + "/" } ?? ""
        return "\(place)\(try row.text("slug")): \(try row.resourceRole(customs).name)"
      })
  }

  /// What the team has and what hasn't ended.
  func held(byTeam team: ID<Team>) throws(Problem) -> [HeldGrant] {
    let rows = try tx.rows(
      """
      SELECT g.resource, g.role, g.custom_role, g.expires_at FROM access_grant g WHERE g.team = \(team) AND (g.expires_at IS NULL OR g.expires_at > \(tx.now))
      ORDER BY g.resource
      """)
    let customs = try RoleRows(tx: tx).named(in: rows)
    return try rows.map { row throws(Problem) in
      HeldGrant(resource: try row.id("resource"), role: try row.resourceRole(customs), team: team, expires: try row.optional("expires_at", row.instant))
    }
  }

  /// Gives what the invitation kept to who accepted it, beside what they have already.
  func hand(_ invitation: ID<Invitation>, to member: Member, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      DELETE FROM access_grant WHERE invitation = \(invitation) AND EXISTS (
        SELECT 1 FROM access_grant own WHERE own.member = \(member.id) AND own.resource = access_grant.resource AND own.role = access_grant.role)
      """, under: proof)
    try tx.change(
      """
      UPDATE access_grant SET kind = 'account', member = \(member.id), invitation = NULL, sort_name = \(member.name.text.lowercased()), since = \(tx.now),
        revision = revision + 1
      WHERE invitation = \(invitation)
      """, under: proof)
    try AccessChangeRows(tx: tx).note(.member(member.id), in: member.organization, under: proof)
  }

  /// Ends what an invitation kept that nobody will accept any more.
  func drop(_ invitation: ID<Invitation>, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM access_grant WHERE invitation = \(invitation)", under: proof)
  }

  /// Ends what a member has who goes, and keeps it beside the former member, who must be stored already.
  func retire(_ member: Member, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM former_access_grant WHERE organization = \(member.organization) AND account = \(member.account)", under: proof)
    try tx.change(
      """
      INSERT INTO former_access_grant (organization, account, resource, role, custom_role, expires_at)
      SELECT \(member.organization), \(member.account), g.resource, g.role, g.custom_role, g.expires_at FROM access_grant g WHERE g.member = \(member.id)
      """, under: proof)
    try tx.change("DELETE FROM access_grant WHERE member = \(member.id)", under: proof)
  }

  /// What the former member had and what hasn't ended since, for who makes them a member again: with that the former member is forgotten.
  func former(of account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> [HeldGrant] {
    let rows = try tx.rows(
      """
      SELECT g.resource, g.role, g.custom_role, g.expires_at FROM former_access_grant g WHERE g.organization = \(organization) AND g.account = \(account)
        AND (g.expires_at IS NULL OR g.expires_at > \(tx.now)) ORDER BY g.resource, g.role
      """)
    let customs = try RoleRows(tx: tx).named(in: rows)
    return try rows.map { row throws(Problem) in
      HeldGrant(resource: try row.id("resource"), role: try row.resourceRole(customs), team: nil, expires: try row.optional("expires_at", row.instant))
    }
  }

  /// Repeats a person's name in all their grants and shares, after it changed.
  func refreshNames(of account: ID<Account>, as sortName: String, under proof: some Proof) throws(Problem) {
    for table: Statement in ["access_grant", "object_share"] {
      try tx.change("UPDATE \(table) SET sort_name = \(sortName) WHERE member IN (SELECT m.id FROM member m WHERE m.account = \(account))", under: proof)
    }
  }

  /// The same for a service account.
  func refreshName(of account: ServiceAccount, under proof: some Proof) throws(Problem) {
    for table: Statement in ["access_grant", "object_share"] {
      try tx.change("UPDATE \(table) SET sort_name = \(account.name.text.lowercased()) WHERE service_account = \(account.id)", under: proof)
    }
  }

  /// The same for a team.
  func refreshName(of team: Team, under proof: some Proof) throws(Problem) {
    for table: Statement in ["access_grant", "object_share"] {
      try tx.change("UPDATE \(table) SET sort_name = \(team.name.text.lowercased()) WHERE team = \(team.id)", under: proof)
    }
  }
}

extension Grant {
  /// `customs`: the custom roles that the row may name.
  init(_ row: Row, _ customs: [String: CustomRole]) throws(Problem) {
    func slug(_ column: String) throws(Problem) -> Slug { try row.parsed(column) { text throws(Rejection) in try Slug(stored: text) } }
    func name(_ column: String) throws(Problem) -> DisplayName { try row.parsed(column) { text throws(Rejection) in try DisplayName(text) } }
    let holder: Holder =
      switch try row.choice("kind", of: Kind.self) {
      case .account: .member(id: try row.id("member"), account: try row.id("account"), handle: try slug("handle"), name: try name("member_name"))
      case .invitation: .invitation(id: try row.id("invitation"), address: try row.parsed("address") { text throws(Rejection) in try EmailAddress(text) })
      case .serviceAccount:
        .serviceAccount(id: try row.id("service_account"), slug: try slug("service_account_slug"), name: try name("service_account_name"))
      case .team: .team(id: try row.id("team"), slug: try slug("team_slug"), name: try name("team_name"))
      }
    self.init(
      id: try row.id("id"), resource: try row.id("resource"), holder: holder,
      role: try row.resourceRole(customs), expires: try row.optional("expires_at", row.instant), since: try row.instant("since"),
      revision: Int(try row.integer("revision")))
  }
}
