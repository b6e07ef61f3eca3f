import Kernel
import Storage

extension ArchiveRows {
  func teams(of organization: ID<Organization>) throws(Problem) -> [ArchivedTeam] {
    let rows = try tx.rows("SELECT id, slug, name, description, created_at, revision FROM team WHERE organization = \(organization) ORDER BY slug")
    var teams: [ArchivedTeam] = []
    for row in rows {
      let id = try row.id("id", of: Team.self)
      teams.append(
        ArchivedTeam(
          id: id, slug: try row.parsed("slug") { text throws(Rejection) in try Slug(stored: text) },
          name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
          description: try row.parsed("description") { text throws(Rejection) in try Note(text) }, createdAt: try row.instant("created_at"),
          revision: Int(try row.integer("revision")), seats: try seats(in: id), formerSeats: try formerSeats(in: id, of: organization)))
    }
    return teams
  }

  private func seats(in team: ID<Team>) throws(Problem) -> [ArchivedTeam.Seat] {
    try tx.rows("SELECT id, kind, member, invitation, service_account, maintains, since FROM team_seat WHERE team = \(team) ORDER BY id")
      .map { row throws(Problem) in
        let holder: ArchivedTeam.Seat.Holder =
          switch try row.choice("kind", of: TeamMember.Kind.self) {
          case .account: .member(try row.id("member"))
          case .invitation: .invitation(try row.id("invitation"))
          case .serviceAccount: .serviceAccount(try row.id("service_account"))
          }
        return .init(id: try row.id("id"), holder: holder, maintains: try row.bool("maintains"), since: try row.instant("since"))
      }
  }

  private func formerSeats(in team: ID<Team>, of organization: ID<Organization>) throws(Problem) -> [ArchivedTeam.FormerSeat] {
    try tx.rows(
      """
      SELECT s.account, s.maintains FROM former_team_seat s JOIN former_member f ON f.organization = s.organization AND f.account = s.account
      WHERE s.team = \(team) AND s.organization = \(organization) AND f.forget_at > \(tx.now) ORDER BY s.account
      """
    ).map { row throws(Problem) in .init(account: try row.id("account"), maintains: try row.bool("maintains")) }
  }

  /// Without those in it.
  func insert(_ team: ArchivedTeam, of organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO team (id, organization, slug, name, search_name, description, created_at, revision)
      VALUES (\(team.id), \(organization), \(team.slug.text), \(team.name), \(team.name.text.lowercased()), \(team.description), \(team.createdAt),
        \(team.revision))
      """, under: proof)
  }

  /// For a member, an invitation or a service account of the organization that is stored already.
  func insert(_ seat: ArchivedTeam.Seat, in team: ID<Team>, of organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    let beginning: Statement = "INSERT INTO team_seat (id, team, kind, member, invitation, service_account, sort_name, maintains, since)"
    let flags: Statement = "CAST(\(seat.maintains) AS BIGINT), CAST(\(seat.since) AS BIGINT)"
    switch seat.holder {
    case .member(let id):
      try tx.change(
        """
        \(beginning) SELECT \(seat.id), \(team), 'account', m.id, NULL, NULL, m.sort_name, \(flags) FROM member m
        WHERE m.organization = \(organization) AND m.id = \(id)
        """, under: proof)
    case .invitation(let id):
      try tx.change(
        """
        \(beginning) SELECT \(seat.id), \(team), 'invitation', NULL, i.id, NULL, i.address, \(flags) FROM invitation i
        WHERE i.organization = \(organization) AND i.id = \(id)
        """, under: proof)
    case .serviceAccount(let id):
      // Read first: a database makes small letters of its own, SQLite of ASCII alone.
      let name = try tx.row("SELECT name FROM service_account WHERE organization = \(organization) AND id = \(id)").orDefect().text("name")
      try tx.change(
        "\(beginning) VALUES (\(seat.id), \(team), 'service-account', NULL, NULL, \(id), \(name.lowercased()), \(seat.maintains), \(seat.since))", under: proof)
    }
  }

  func insert(
    _ seat: ArchivedTeam.FormerSeat, as account: ID<Account>, in team: ID<Team>, of organization: ID<Organization>, under proof: some Proof
  ) throws(Problem) {
    try tx.change(
      "INSERT INTO former_team_seat (organization, account, team, maintains) VALUES (\(organization), \(account), \(team), \(seat.maintains))", under: proof)
  }
}
