import Kernel
import Storage

extension Work {
  var teamMembers: TeamMemberRows { TeamMemberRows(tx: tx) }
}

struct TeamMemberRows {
  let tx: any Transaction

  private static let columns: Statement = """
    s.id, s.team, s.kind, s.maintains, s.since, s.sort_name, s.member, s.invitation, s.service_account, m.account, m.handle, m.name AS member_name, i.address,
    a.slug, a.name AS service_account_name
    """

  private var source: Statement {
    """
    team_seat s LEFT JOIN member m ON m.id = s.member LEFT JOIN invitation i ON i.id = s.invitation LEFT JOIN service_account a ON a.id = s.service_account
    WHERE \(isShown)
    """
  }

  /// An invitation that expired keeps its place for when it is sent again, and isn't shown till then.
  private var isShown: Statement { "(s.kind <> 'invitation' OR (i.state = 'pending' AND i.expires_at > \(tx.now)))" }

  /// By its id, or by the id of what is in it: a membership, an account, an invitation, a service account.
  func find(_ reference: String, in team: ID<Team>) throws(Problem) -> TeamMember? {
    guard let id = ID<TeamMember>(reference) else { return nil }
    // Each by an index of its own. The team is compared in a way that no index helps with, or all of a large team would be gone through.
    let row = try tx.row(
      """
      SELECT \(Self.columns) FROM \(source) AND s.team || '' = \(team) AND s.id IN (
        SELECT p.id FROM team_seat p WHERE p.id = \(id)
        UNION ALL SELECT p.id FROM team_seat p WHERE p.member = \(id) AND p.team = \(team)
        UNION ALL SELECT p.id FROM team_seat p WHERE p.member IN (SELECT m.id FROM member m WHERE m.account = \(id)) AND p.team = \(team)
        UNION ALL SELECT p.id FROM team_seat p WHERE p.invitation = \(id) AND p.team = \(team)
        UNION ALL SELECT p.id FROM team_seat p WHERE p.service_account = \(id) AND p.team = \(team))
      """)
    return try row.map(TeamMember.init)
  }

  /// Members first, then invitations, then service accounts, each by name.
  func list(in team: ID<Team>, search: String?, showsInvitations: Bool, _ page: PageRequest) throws(Problem) -> Page<TeamMember> {
    var filter: Statement = " AND s.team = \(team)"
    if !showsInvitations { filter = filter + " AND s.kind <> 'invitation'" }
    if let search, !search.isEmpty { filter = filter + " AND s.sort_name LIKE \(Pattern.wildcard(search))" }
    let after: Statement = try page.keys(of: "team-members", count: 3).map { " AND (s.kind, s.sort_name, s.id) > (\($0[0]), \($0[1]), \($0[2]))" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM \(source)\(filter)\(after) ORDER BY s.kind, s.sort_name, s.id LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try TeamMember(row) }
    let total = try tx.count("SELECT count(*) AS n FROM team_seat s LEFT JOIN invitation i ON i.id = s.invitation WHERE \(isShown)\(filter)")
    return Page(found, of: "team-members", limit: page.limit, total: total) { [$0.holder.kind.rawValue, $0.holder.sortName, $0.id.description] }
  }

  /// Whether it is in the team already.
  func contains(_ holder: TeamMember.Holder, in team: ID<Team>) throws(Problem) -> Bool {
    let place: Statement =
      switch holder {
      case .member(let id, _, _, _): "member = \(id)"
      case .invitation(let id, _): "invitation = \(id)"
      case .serviceAccount(let id, _, _): "service_account = \(id)"
      }
    return try tx.count("SELECT count(*) AS n FROM team_seat WHERE team = \(team) AND \(place)") > 0
  }

  func insert(_ seat: TeamMember, under proof: some Proof) throws(Problem) {
    var (member, invitation, serviceAccount): (ID<Member>?, ID<Invitation>?, ID<ServiceAccount>?) = (nil, nil, nil)
    switch seat.holder {
    case .member(let id, _, _, _): member = id
    case .invitation(let id, _): invitation = id
    case .serviceAccount(let id, _, _): serviceAccount = id
    }
    try tx.change(
      """
      INSERT INTO team_seat (id, team, kind, member, invitation, service_account, sort_name, maintains, since)
      VALUES (\(seat.id), \(seat.team), \(seat.holder.kind.rawValue), \(member), \(invitation), \(serviceAccount), \(seat.holder.sortName), \(seat.maintains),
        \(seat.since))
      """, under: proof)
    try AccessChangeRows(tx: tx).note(seatOf: (member, serviceAccount), in: seat.team, under: proof)
  }

  func setMaintains(_ id: ID<TeamMember>, _ maintains: Bool, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE team_seat SET maintains = \(maintains) WHERE id = \(id)", under: proof)
  }

  func delete(_ id: ID<TeamMember>, under proof: some Proof) throws(Problem) {
    guard let row = try tx.row("DELETE FROM team_seat WHERE id = \(id) RETURNING team, member, service_account", under: proof) else { return }
    try AccessChangeRows(tx: tx).note(seatOf: try row.accessHolder(), in: try row.id("team"), under: proof)
  }

  // MARK: With those who are in teams

  /// The slugs of the member's teams, in the order of the alphabet.
  func teams(of member: ID<Member>) throws(Problem) -> TeamNames { try names("SELECT s.team FROM team_seat s WHERE s.member = \(member)") }

  /// The slugs of the teams in which the invitation keeps a place.
  func teams(of invitation: ID<Invitation>) throws(Problem) -> TeamNames { try names("SELECT s.team FROM team_seat s WHERE s.invitation = \(invitation)") }

  /// The slugs of the teams that a former member would get back.
  func teams(ofFormer account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> TeamNames {
    try names("SELECT f.team FROM former_team_seat f WHERE f.organization = \(organization) AND f.account = \(account)")
  }

  private func names(_ teams: Statement) throws(Problem) -> TeamNames {
    let rows = try tx.rows("SELECT t.slug FROM team t WHERE t.id IN (\(teams)) ORDER BY t.slug")
    return TeamNames(try rows.map { row throws(Problem) in try row.text("slug") })
  }

  /// Gives the places that the invitation kept to who accepted it, beside those they have already.
  func hand(_ invitation: ID<Invitation>, to member: Member, under proof: some Proof) throws(Problem) {
    try tx.change(
      "DELETE FROM team_seat WHERE invitation = \(invitation) AND team IN (SELECT own.team FROM team_seat own WHERE own.member = \(member.id))", under: proof)
    try tx.change(
      """
      UPDATE team_seat SET kind = 'account', member = \(member.id), invitation = NULL, sort_name = \(member.name.text.lowercased()), since = \(tx.now)
      WHERE invitation = \(invitation)
      """, under: proof)
    try AccessChangeRows(tx: tx).note(.member(member.id), in: member.organization, under: proof)
  }

  /// Ends the places of an invitation that nobody will accept any more.
  func drop(_ invitation: ID<Invitation>, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM team_seat WHERE invitation = \(invitation)", under: proof)
  }

  /// Ends the places of a member who goes, and keeps them beside the former member, who must be stored already.
  func retire(_ member: Member, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM former_team_seat WHERE organization = \(member.organization) AND account = \(member.account)", under: proof)
    try tx.change(
      """
      INSERT INTO former_team_seat (organization, account, team, maintains)
      SELECT \(member.organization), \(member.account), s.team, s.maintains FROM team_seat s WHERE s.member = \(member.id)
      """, under: proof)
    try tx.change("DELETE FROM team_seat WHERE member = \(member.id)", under: proof)
  }

  /// What the former member had, for who makes them a member again: with that the former member is forgotten.
  func formerSeats(of account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> [(team: ID<Team>, maintains: Bool)] {
    try tx.rows("SELECT f.team, f.maintains FROM former_team_seat f WHERE f.organization = \(organization) AND f.account = \(account) ORDER BY f.team")
      .map { row throws(Problem) in (try row.id("team"), try row.bool("maintains")) }
  }

  /// Repeats a person's name in all their places, after it changed.
  func refreshNames(of account: ID<Account>, as sortName: String, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE team_seat SET sort_name = \(sortName) WHERE member IN (SELECT m.id FROM member m WHERE m.account = \(account))", under: proof)
  }

  /// The same for a service account.
  func refreshName(of account: ServiceAccount, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE team_seat SET sort_name = \(account.name.text.lowercased()) WHERE service_account = \(account.id)", under: proof)
  }
}

/// The slugs of teams, for the log.
struct TeamNames {
  let slugs: [String]

  init(_ slugs: [String]) { self.slugs = slugs }

  /// `data, ml-platform`, and how many more there are behind the first hundred; `nil` without any.
  var logged: String? {
    guard !slugs.isEmpty else { return nil }
    let rest = slugs.count - 100
    return slugs.prefix(100).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}

extension TeamMember {
  init(_ row: Row) throws(Problem) {
    let holder: Holder =
      switch try row.text("kind") {
      case Kind.account.rawValue:
        .member(
          id: try row.id("member"), account: try row.id("account"), handle: try row.parsed("handle") { text throws(Rejection) in try Slug(stored: text) },
          name: try row.parsed("member_name") { text throws(Rejection) in try DisplayName(text) })
      case Kind.invitation.rawValue:
        .invitation(id: try row.id("invitation"), address: try row.parsed("address") { text throws(Rejection) in try EmailAddress(text) })
      default:
        .serviceAccount(
          id: try row.id("service_account"), slug: try row.parsed("slug") { text throws(Rejection) in try Slug(stored: text) },
          name: try row.parsed("service_account_name") { text throws(Rejection) in try DisplayName(text) })
      }
    self.init(id: try row.id("id"), team: try row.id("team"), holder: holder, maintains: try row.bool("maintains"), since: try row.instant("since"))
  }
}
