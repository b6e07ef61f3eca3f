import Authorization
import Kernel
import Storage

extension Work {
  var teams: TeamRows { TeamRows(tx: tx) }
}

struct TeamRows {
  let tx: any Transaction

  private var columns: Statement {
    """
    t.id, t.organization, t.slug, t.name, t.description, t.default_role, t.created_at, t.revision,
    (SELECT count(*) FROM team_seat s WHERE s.team = t.id AND s.kind = 'account') AS members,
    (SELECT count(*) FROM team_seat s WHERE s.team = t.id AND s.kind = 'service-account') AS service_accounts,
    (SELECT count(*) FROM team_seat s CROSS JOIN invitation i
      WHERE s.team = t.id AND s.kind = 'invitation' AND i.id = s.invitation AND i.state = 'pending' AND i.expires_at > \(tx.now)) AS invitations
    """
  }

  /// By id or by slug.
  func find(_ reference: String, in organization: ID<Organization>) throws(Problem) -> Team? {
    if let id = ID<Team>(reference) { return try find(id, in: organization) }
    guard let slug = NameEntry.key(reference) else { return nil }
    return try tx.row("SELECT \(columns) FROM team t WHERE t.organization = \(organization) AND t.slug = \(slug)").map(Team.init)
  }

  func find(_ id: ID<Team>, in organization: ID<Organization>) throws(Problem) -> Team? {
    try tx.row("SELECT \(columns) FROM team t WHERE t.organization = \(organization) AND t.id = \(id)").map(Team.init)
  }

  /// By slug. With `viewer` only those that they are in.
  func list(in organization: ID<Organization>, _ filter: TeamFilter, of viewer: Actor?, _ page: PageRequest) throws(Problem) -> Page<Team> {
    var base: Statement = "t.organization = \(organization)"
    if let search = filter.search, !search.isEmpty {
      let pattern = Pattern.wildcard(search)
      base = base + " AND (t.slug LIKE \(pattern) OR t.search_name LIKE \(pattern))"
    }
    if let member = filter.member {
      base = base + " AND t.id IN (SELECT s.team FROM team_seat s WHERE s.member = \(member))"
    }
    if let viewer { base = base + " AND t.id IN (SELECT s.team FROM team_seat s WHERE \(Self.seats(of: viewer, in: organization)))" }
    let after: Statement = try page.keys(of: "teams", count: 1).map { " AND t.slug > \($0[0])" } ?? .none
    let found = try tx.rows("SELECT \(columns) FROM team t WHERE \(base)\(after) ORDER BY t.slug LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try Team(row) }
    return Page(found, of: "teams", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM team t WHERE \(base)")) { [$0.slug.text] }
  }

  func count(in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM team WHERE organization = \(organization)")
  }

  /// The places that an actor has in teams of the organization, as a condition on `s`.
  private static func seats(of actor: Actor, in organization: ID<Organization>) -> Statement {
    switch actor {
    case .person(let person): "s.member = (SELECT m.id FROM member m WHERE m.organization = \(organization) AND m.account = \(person.id))"
    case .machine(let machine): "s.service_account = \(machine.id)"
    case .anonymous, .system: "1 = 0"
    }
  }

  /// The actor's own place in the team.
  func seat(of actor: Actor, in team: Team) throws(Problem) -> TeamSeat? {
    try tx.row("SELECT s.maintains FROM team_seat s WHERE s.team = \(team.id) AND \(Self.seats(of: actor, in: team.organization))")
      .map { row throws(Problem) in try row.bool("maintains") ? .maintainer : .member }
  }

  /// The actor's own places, by team.
  func seats(of actor: Actor, in organization: ID<Organization>) throws(Problem) -> [ID<Team>: TeamSeat] {
    var found: [ID<Team>: TeamSeat] = [:]
    for row in try tx.rows("SELECT s.team, s.maintains FROM team_seat s WHERE \(Self.seats(of: actor, in: organization))") {
      found[try row.id("team")] = try row.bool("maintains") ? .maintainer : .member
    }
    return found
  }

  func insert(_ team: Team, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO team (id, organization, slug, name, search_name, description, default_role, created_at, revision)
      VALUES (\(team.id), \(team.organization), \(team.slug.text), \(team.name), \(team.name.text.lowercased()), \(team.description),
        \(team.defaultRole?.rawValue ?? ""), \(team.createdAt), \(team.revision))
      """, under: proof)
    try AccessChangeRows(tx: tx).note(.team(team.id), in: team.organization, under: proof)
  }

  func update(_ team: Team, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE team SET slug = \(team.slug.text), name = \(team.name), search_name = \(team.name.text.lowercased()), description = \(team.description),
        default_role = \(team.defaultRole?.rawValue ?? ""), revision = revision + 1
      WHERE id = \(team.id)
      """, under: proof)
    // Answers name it.
    try AccessChangeRows(tx: tx).note(.team(team.id), in: team.organization, under: proof)
  }

  /// With all places in it.
  func delete(_ id: ID<Team>, under proof: some Proof) throws(Problem) {
    guard let row = try tx.row("DELETE FROM team WHERE id = \(id) RETURNING organization", under: proof) else { return }
    try AccessChangeRows(tx: tx).note(.team(id), in: try row.id("organization"), under: proof)
  }
}

extension Team {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), slug: try row.parsed("slug") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      description: try row.parsed("description") { text throws(Rejection) in try Note(text) },
      defaultRole: ResourceRole(rawValue: try row.text("default_role")),
      size: Size(
        members: Int(try row.integer("members")), serviceAccounts: Int(try row.integer("service_accounts")), invitations: Int(try row.integer("invitations"))),
      createdAt: try row.instant("created_at"), revision: Int(try row.integer("revision")))
  }
}
