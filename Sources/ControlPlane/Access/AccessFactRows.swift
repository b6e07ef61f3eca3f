import Authorization
import Kernel
import Storage

extension Work {
  var accessFacts: AccessFactRows { AccessFactRows(tx: tx) }
}

/// Reads the facts that decisions look at, as changes of a graph of them.
struct AccessFactRows {
  let tx: any Transaction

  /// How many members are read at once: a large organization is never in memory as rows.
  private static let portion = 5_000

  /// Everything of an organization, each fact behind those that it needs; `hear` gets it in portions.
  func all(of organization: ID<Organization>, _ hear: ([AccessChange]) throws(Problem) -> Void) throws(Problem) {
    let roles = try RoleRows(tx: tx).all(in: organization).map { AccessChange.role($0.role) }
    try hear([.role(.passage), .role(.wayIn)] + roles + resources("r.organization = \(organization)"))
    try hear(tx.rows("SELECT id FROM team WHERE organization = \(organization) ORDER BY id").map { row throws(Problem) in .team(try row.text("id"), in: nil) })
    try hear(grantsOfTeams("t.organization = \(organization)"))
    try hear(organizationGrants("team t CROSS JOIN organization_grant g", "t.organization = \(organization) AND g.team = t.id", "g.team", isTeam: true))
    var last = ""
    while true {
      let (portion, next) = try members(of: organization, after: last, limit: Self.portion)
      try hear(portion)
      guard let next else { break }
      last = next
    }
    try hear(collaborators("c.organization = \(organization)"))
    try hear(serviceAccounts("s.organization = \(organization)"))
  }

  /// What decisions call a resource `r`: objects by their platform's id.
  private static let name: Statement = "CASE WHEN r.type IN (\(list: RegisteredObject.others.map(\.name))) THEN r.id ELSE r.slug END"

  // MARK: Members

  private static let memberColumns: Statement = "m.id, m.account, m.roles, m.suspended_at, m.expires_at, a.active, e.address"
  private static let memberSource: Statement = """
    member m CROSS JOIN account a LEFT JOIN account_email e ON e.account = a.id AND e.is_primary = 1 AND e.verified_at IS NOT NULL
    """

  /// Some of the members by account, with all that they hold, and the last of them where there may be more.
  func members(of organization: ID<Organization>, after last: String, limit: Int) throws(Problem) -> ([AccessChange], next: String?) {
    let rows = try tx.rows(
      """
      SELECT \(Self.memberColumns) FROM \(Self.memberSource) WHERE m.organization = \(organization) AND m.account > \(last) AND a.id = m.account
      ORDER BY m.account LIMIT \(limit)
      """)
    guard let end = try rows.last?.text("account") else { return ([], nil) }
    var changes = try rows.map { row throws(Problem) in AccessChange.member(try row.text("account"), try standing(row)) }
    let range: Statement = "m.organization = \(organization) AND m.account > \(last) AND m.account <= \(end)"
    changes += try seats("member m CROSS JOIN team_seat s", "\(range) AND s.member = m.id", holder: "account")
    changes += try grants("\(range) AND g.member = m.id", "member m", "m.account")
    changes += try organizationGrants("member m CROSS JOIN organization_grant g", "\(range) AND g.member = m.id", "m.account")
    return (changes, rows.count < limit ? nil : end)
  }

  /// What a policy may ask of somebody: the domain of an address they have proven.
  static func attributes(ofAddress address: String?) -> [AccessValue.Attribute] {
    guard let domain = address?.split(separator: "@" as Character).last else { return [] }
    return [AccessValue.Attribute("emailDomain", .text(domain.lowercased()))]
  }

  private func standing(_ row: Row) throws(Problem) -> AccessStanding {
    let address = try row.optional("address", row.text)
    let roles = try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) }
    let isActive = try row.bool("active")
    let isSuspended = !isActive || !row.isNull("suspended_at")
    let expires = try row.optional("expires_at", row.instant)
    return AccessStanding(
      roles: Set(roles.roles), isSuspended: isSuspended, expires: expires, attributes: AccessValue.readable(Self.attributes(ofAddress: address)))
  }

  private func seats(_ source: Statement, _ condition: Statement, holder: String) throws(Problem) -> [AccessChange] {
    let column: Statement = holder == "account" ? "m.account" : "s.service_account"
    return try tx.rows("SELECT \(column) AS holder, s.team FROM \(source) WHERE \(condition) ORDER BY s.team, s.id").map { row throws(Problem) in
      .seat(member: try row.text("holder"), team: try row.text("team"))
    }
  }

  /// All that somebody holds or was given by sharing, with what it lets them see around it. `source`: those whose it is.
  private func grants(_ condition: Statement, _ source: Statement, _ holder: Statement, isTeam: Bool = false) throws(Problem) -> [AccessChange] {
    let rows = try tx.rows(
      """
      SELECT \(holder) AS holder, g.role, g.custom_role, g.expires_at, r.type, \(Self.name) AS resource, p.id AS place, p.type AS place_type
      FROM \(source) CROSS JOIN access_grant g CROSS JOIN resource r LEFT JOIN resource p ON p.id = r.parent
      WHERE \(condition) AND r.id = g.resource ORDER BY g.resource, g.id
      """)
    let customs = try RoleRows(tx: tx).named(in: rows)
    var changes: [AccessChange] = []
    var passages = Passages()
    for row in rows {
      let name = try row.text("holder")
      let holder = isTeam ? AccessHolder.team(name) : .member(name)
      let expires = try row.optional("expires_at", row.instant)
      changes.append(
        .grant(
          holder, try row.resourceRole(customs), on: AccessResource(ResourceType(try row.text("type")), try row.text("resource")), expires: expires))
      if let place = try row.optional("place", row.text) { passages.add(holder, AccessResource(ResourceType(try row.text("place_type")), place), expires) }
    }
    let shares = try tx.rows(
      """
      SELECT \(holder) AS holder, g.type, g.name, g.actions, r.id AS place, r.type AS place_type, p.id AS outer_place, p.type AS outer_type
      FROM \(source) CROSS JOIN object_share g LEFT JOIN resource r ON r.id = g.place LEFT JOIN resource p ON p.id = r.parent WHERE \(condition) ORDER BY g.id
      """)
    for row in shares {
      let name = try row.text("holder")
      let holder = isTeam ? AccessHolder.team(name) : .member(name)
      let place = try row.optional("place", row.text).map { id throws(Problem) in AccessResource(ResourceType(try row.text("place_type")), id) }
      changes.append(
        .share(
          holder, Set(stored: try row.text("actions")), on: AccessResource(ResourceType(try row.text("type")), try row.text("name")), in: place))
      if let place { passages.add(holder, place, nil) }
      if let outer = try row.optional("outer_place", row.text) { passages.add(holder, AccessResource(ResourceType(try row.text("outer_type")), outer), nil) }
    }
    return changes + passages.changes
  }

  /// What somebody holds on the organization beside the roles of their membership.
  func organizationGrants(_ source: Statement, _ condition: Statement, _ holder: Statement, isTeam: Bool = false) throws(Problem) -> [AccessChange] {
    let rows = try tx.rows("SELECT \(holder) AS holder, g.role, g.custom_role, g.expires_at FROM \(source) WHERE \(condition) ORDER BY g.id")
    let customs = try RoleRows(tx: tx).named(in: rows)
    return try rows.map { row throws(Problem) in
      let name = try row.text("holder")
      return .grant(isTeam ? .team(name) : .member(name), try row.organizationRole(customs), on: nil, expires: try row.optional("expires_at", row.instant))
    }
  }

  /// The same of a team.
  func organizationGrants(of team: ID<Team>) throws(Problem) -> [AccessChange] {
    try organizationGrants("organization_grant g", "g.team = \(team)", "g.team", isTeam: true)
  }

  func grantsOfTeams(_ condition: Statement) throws(Problem) -> [AccessChange] {
    try grants("\(condition) AND g.team = t.id", "team t", "g.team", isTeam: true)
  }

  /// Who sees a workspace or a cluster because of something in it, as long as the longest of what they hold there; and a project or an app because of what is
  /// shared with them there.
  private struct Passages {
    private struct Key: Hashable {
      let holder: AccessHolder
      let place: AccessResource
    }

    private var order: [Key] = []
    private var ends: [Key: Timestamp?] = [:]

    mutating func add(_ holder: AccessHolder, _ place: AccessResource, _ expires: Timestamp?) {
      guard RegisteredObject.others.contains(place.type) else { return }
      let key = Key(holder: holder, place: place)
      guard let present = ends[key] else {
        order.append(key)
        ends[key] = .some(expires)
        return
      }
      if let present, let expires { ends[key] = .some(max(present, expires)) } else { ends[key] = .some(nil) }
    }

    var changes: [AccessChange] { order.map { .grant($0.holder, .custom(.passage(to: $0.place.type)), on: $0.place, expires: ends[$0] ?? nil) } }
  }

  /// Everybody's passage to a workspace or a cluster.
  func passages(to workspace: ID<Resource>, type: ResourceType) throws(Problem) -> [AccessChange] {
    let columns: Statement = "g.id, g.team, m.account, g.service_account"
    let rows = try tx.rows(
      """
      SELECT \(columns), g.expires_at FROM resource r CROSS JOIN access_grant g LEFT JOIN member m ON m.id = g.member
      WHERE r.parent = \(workspace) AND g.resource = r.id AND g.kind <> 'invitation'
      UNION ALL SELECT \(columns), NULL FROM object_share g LEFT JOIN member m ON m.id = g.member WHERE g.place = \(workspace)
      UNION ALL SELECT \(columns), NULL FROM resource r CROSS JOIN object_share g LEFT JOIN member m ON m.id = g.member
      WHERE r.parent = \(workspace) AND g.place = r.id
      ORDER BY 1
      """)
    var passages = Passages()
    for row in rows {
      let expires = try row.optional("expires_at", row.instant)
      let holder: AccessHolder
      if let team = try row.optional("team", row.text) {
        holder = .team(team)
      } else if let account = try row.optional("account", row.text) {
        holder = .member(account)
      } else {
        holder = .member(try row.text("service_account"))
      }
      passages.add(holder, AccessResource(type, workspace.description), expires)
    }
    return passages.changes
  }

  /// Outside collaborators with what they hold, each once; who is deactivated has nothing, and is nobody.
  func collaborators(_ condition: Statement) throws(Problem) -> [AccessChange] {
    let rows = try tx.rows(
      """
      SELECT c.account, c.app, c.role, c.custom_role, c.expires_at, e.address FROM collaborator c CROSS JOIN account a
      LEFT JOIN account_email e ON e.account = a.id AND e.is_primary = 1 AND e.verified_at IS NOT NULL
      WHERE \(condition) AND c.since IS NOT NULL AND a.id = c.account AND a.active = 1
        AND NOT EXISTS (SELECT 1 FROM member m WHERE m.organization = c.organization AND m.account = c.account)
      ORDER BY c.account, c.id
      """)
    let customs = try RoleRows(tx: tx).named(in: rows)
    var (changes, known): ([AccessChange], String?) = ([], nil)
    for row in rows {
      let account = try row.text("account")
      if account != known {
        let attributes = AccessValue.readable(Self.attributes(ofAddress: try row.optional("address", row.text)))
        changes.append(.member(account, AccessStanding(roles: nil, attributes: attributes)))
        known = account
      }
      changes.append(
        .grant(
          .member(account), try row.resourceRole(customs), on: AccessResource(.app, try row.text("app")), expires: try row.optional("expires_at", row.instant)))
    }
    return changes
  }

  /// A member, or an outside collaborator, with everything they hold; `nil` where the account is neither.
  ///
  /// What the graph knew of them is to be taken out before.
  func member(_ account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> [AccessChange]? {
    guard
      let row = try tx.row(
        "SELECT \(Self.memberColumns) FROM \(Self.memberSource) WHERE m.organization = \(organization) AND m.account = \(account) AND a.id = m.account")
    else {
      let outside = try collaborators("c.account = \(account) AND c.organization = \(organization)")
      return outside.isEmpty ? nil : outside
    }
    let id = try row.id("id", of: Member.self)
    return [.member(account.description, try standing(row))]
      + (try seats("member m CROSS JOIN team_seat s", "m.id = \(id) AND s.member = m.id", holder: "account"))
      + (try grants("m.id = \(id) AND g.member = m.id", "member m", "m.account"))
      + (try organizationGrants("member m CROSS JOIN organization_grant g", "m.id = \(id) AND g.member = m.id", "m.account"))
  }

  /// Whose membership it is; `nil` for one that has ended.
  func account(of member: ID<Member>, in organization: ID<Organization>) throws(Problem) -> ID<Account>? {
    try tx.row("SELECT account FROM member WHERE id = \(member) AND organization = \(organization)").map { row throws(Problem) in try row.id("account") }
  }

  // MARK: Service accounts

  func serviceAccounts(_ condition: Statement) throws(Problem) -> [AccessChange] {
    let members = try tx.rows("SELECT s.id, s.roles, s.disabled_at FROM service_account s WHERE \(condition) ORDER BY s.id").map { row throws(Problem) in
      let roles = try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) }
      return AccessChange.member(
        try row.text("id"), AccessStanding(roles: Set(roles.roles), isSuspended: !row.isNull("disabled_at"), isServiceAccount: true))
    }
    let seats = try tx.rows(
      "SELECT p.service_account, p.team FROM service_account s CROSS JOIN team_seat p WHERE \(condition) AND p.service_account = s.id ORDER BY p.team, p.id"
    ).map { row throws(Problem) in AccessChange.seat(member: try row.text("service_account"), team: try row.text("team")) }
    return members + seats + (try grants("\(condition) AND g.service_account = s.id", "service_account s", "s.id"))
      + (try organizationGrants("service_account s CROSS JOIN organization_grant g", "\(condition) AND g.service_account = s.id", "s.id"))
  }

  /// With everything it holds; `nil` where there is none.
  func serviceAccount(_ id: ID<ServiceAccount>, in organization: ID<Organization>) throws(Problem) -> [AccessChange]? {
    let found = try serviceAccounts("s.organization = \(organization) AND s.id = \(id)")
    return found.isEmpty ? nil : found
  }

  // MARK: Teams and resources

  func hasTeam(_ id: ID<Team>, in organization: ID<Organization>) throws(Problem) -> Bool {
    try tx.count("SELECT count(*) AS n FROM team WHERE id = \(id) AND organization = \(organization)") > 0
  }

  /// All that a team holds.
  func grants(of team: ID<Team>) throws(Problem) -> [AccessChange] { try grantsOfTeams("t.id = \(team)") }

  /// The type of a resource and the workspace or cluster that it is in; `nil` where there is none of that id here.
  func place(of resource: ID<Resource>, in organization: ID<Organization>) throws(Problem) -> (type: ResourceType, name: String, outer: AccessResource?)? {
    let row = try tx.row(
      """
      SELECT r.type, \(Self.name) AS name, p.id AS place, p.type AS place_type
      FROM resource r LEFT JOIN resource p ON p.id = r.parent AND p.type IN ('workspace', 'cluster')
      WHERE r.id = \(resource) AND r.organization = \(organization)
      """)
    return try row.map { row throws(Problem) in
      let outer = try row.optional("place", row.text).map { id throws(Problem) in AccessResource(ResourceType(try row.text("place_type")), id) }
      return (ResourceType(try row.text("type")), try row.text("name"), outer)
    }
  }

  /// A resource as it stands; `nil` where there is none of that id here.
  func resource(_ id: ID<Resource>, in organization: ID<Organization>) throws(Problem) -> AccessChange? {
    try resources("r.id = \(id) AND r.organization = \(organization)").first
  }

  /// An object as it stands; `nil` where there is none of that name here.
  func object(_ name: String, _ type: ResourceType, in organization: ID<Organization>) throws(Problem) -> AccessChange? {
    try resources("r.organization = \(organization) AND r.type = \(type.name) AND r.slug = \(name)").first
  }

  /// Each behind what it stands in.
  private func resources(_ condition: Statement) throws(Problem) -> [AccessChange] {
    let rows = try tx.rows("\(Self.resourceSource) WHERE \(condition) ORDER BY r.id")
    var waiting = rows
    var known: Set<String> = []
    var changes: [AccessChange] = []
    changes.reserveCapacity(rows.count)
    // What is asked for alone has its parent in the graph already.
    let isWhole = rows.count > 1
    while !waiting.isEmpty {
      var later: [Row] = []
      for row in waiting {
        if isWhole, let parent = try row.optional("parent", row.text), !known.contains(parent) {
          later.append(row)
          continue
        }
        known.insert(try row.text("id"))
        changes.append(try Self.resource(row))
      }
      // What stands in nothing that is here can't be asked about.
      guard later.count < waiting.count else { break }
      waiting = later
    }
    return changes
  }

  static let resourceSource: Statement = """
    SELECT r.id, r.type, r.parent, p.type AS parent_type, r.owner, r.visibility, r.slug, r.name, r.attributes
    FROM resource r LEFT JOIN resource p ON p.id = r.parent
    """

  static func resource(_ row: Row) throws(Problem) -> AccessChange {
    var outer: AccessResource?
    if let parent = try row.optional("parent", row.text), let type = try row.optional("parent_type", row.text) {
      outer = AccessResource(ResourceType(type), parent)
    }
    let type = ResourceType(try row.text("type"))
    return .resource(
      AccessResource(type, try row.text(RegisteredObject.others.contains(type) ? "id" : "slug")), in: outer, owner: try row.optional("owner", row.text),
      visibility: try row.choice("visibility"), attributes: AccessValue.readable(try attributes(ofResource: row)))
  }

  /// What a policy may ask of a resource.
  private static func attributes(ofResource row: Row) throws(Problem) -> [AccessValue.Attribute] {
    attributes(slug: try row.text("slug"), name: try row.text("name"), owner: try row.optional("owner", row.text))
      + (try ResourceAttributes(stored: row.text("attributes")).values)
  }

  /// The same of what is at hand.
  static func attributes(slug: String, name: String, owner: String?) -> [AccessValue.Attribute] {
    [AccessValue.Attribute("slug", .text(slug)), AccessValue.Attribute("name", .text(name))] + (owner.map { [AccessValue.Attribute("owner", .text($0))] } ?? [])
  }
}
