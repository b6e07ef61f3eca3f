import Authorization
import Contract
import Kernel
import Storage

extension Work {
  var members: MemberRows { MemberRows(tx: tx, settings: settings) }
}

struct MemberRows {
  let tx: any Transaction
  let settings: Settings

  static let columns: Statement = """
    m.id, m.organization, m.account, m.handle, m.name, m.address, m.roles, m.source, m.since, m.expires_at, m.suspended_at,
    CASE WHEN m.segment LIKE 'deactivated %' THEN 0 ELSE 1 END AS active, m.revision, m.sort_name
    """

  private var segments: MemberSegmentRows { MemberSegmentRows(tx: tx) }

  func find(_ id: ID<Member>, in organization: ID<Organization>) throws(Problem) -> Member? {
    try tx.row("SELECT \(Self.columns) FROM member m WHERE m.organization = \(organization) AND m.id = \(id)").map(Member.init)
  }

  func of(_ account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> Member? {
    try tx.row("SELECT \(Self.columns) FROM member m WHERE m.organization = \(organization) AND m.account = \(account)").map(Member.init)
  }

  /// The organizations whose pages are closed to the account for now, though it belongs to them, with the state of its membership.
  func barred(_ account: ID<Account>) throws(Problem) -> [ID<Organization>: Member.State] {
    let rows = try tx.rows(
      "SELECT m.organization, m.suspended_at FROM member m WHERE m.account = \(account) AND (m.suspended_at IS NOT NULL OR m.expires_at <= \(tx.now))")
    var states: [ID<Organization>: Member.State] = [:]
    for row in rows { states[try row.id("organization")] = row.isNull("suspended_at") ? .expired : .suspended }
    return states
  }

  /// What a decision needs of a membership, and whether roles on the organization are held beside it.
  func facts(of account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> (membership: MembershipFacts, holdsMore: Bool)? {
    let row = try tx.row(
      """
      SELECT m.roles, m.suspended_at, m.expires_at, \(OrganizationGrantRows.countOfMember) AS more
      FROM member m WHERE m.organization = \(organization) AND m.account = \(account)
      """)
    guard let row else { return nil }
    let membership = MembershipFacts(
      roles: try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) }, isSuspended: !row.isNull("suspended_at"),
      expires: try row.optional("expires_at", row.instant))
    return (membership, try row.integer("more") > 0)
  }

  /// The member that holds the address, verified.
  func holding(_ address: EmailAddress, in organization: ID<Organization>) throws(Problem) -> Member? {
    try tx.row(
      """
      SELECT \(Self.columns) FROM member m
      JOIN account_email own ON own.account = m.account AND own.address = \(address) AND own.verified_at IS NOT NULL
      WHERE m.organization = \(organization)
      """
    ).map(Member.init)
  }

  func admins(of organization: ID<Organization>) throws(Problem) -> [Member] {
    try tx.rows("SELECT \(Self.columns) FROM member m WHERE m.organization = \(organization) AND m.is_admin = 1 ORDER BY m.sort_name, m.id LIMIT 100").map(Member.init)
  }

  /// Makes the account a member, keeps the counter, and forgets that it was a former one.
  @discardableResult func join(
    _ account: ID<Account>, _ organization: ID<Organization>, _ roles: RoleSet, source: Member.Source, expires: Timestamp?, under proof: some Proof
  ) throws(Problem) -> Member {
    let member = ArchivedMember(
      id: tx.newID(), account: account, roles: roles, source: source, since: tx.now, expires: expires, suspended: nil, revision: 1)
    let joined = try insert(member, as: account, in: organization, under: proof)
    try tx.change("DELETE FROM former_member WHERE organization = \(organization) AND account = \(account)", under: proof)
    try CollaboratorRows(tx: tx).hand(to: joined, under: proof)
    return joined
  }

  /// A membership as it was elsewhere, of the account that stands for the person here.
  @discardableResult func insert(
    _ member: ArchivedMember, as account: ID<Account>, in organization: ID<Organization>, under proof: some Proof
  ) throws(Problem) -> Member {
    let texts = try listTexts(of: account)
    let standing = MemberSegmentRows.Standing(isActive: texts.isActive, isSuspended: member.suspended != nil, expires: member.expires, at: tx.now)
    let segment = MemberSegmentRows.Segment.text(standing, member.roles)
    try tx.change(
      """
      INSERT INTO member (id, organization, account, roles, is_admin, source, since, expires_at, suspended_at, handle, name, address, sort_name,
        search_text, segment, revision)
      VALUES (\(member.id), \(organization), \(account), \(member.roles.stored), \(member.roles.contains(.admin)), \(member.source.rawValue), \(member.since),
        \(member.expires), \(member.suspended), \(texts.handle.text), \(texts.name), \(texts.address), \(texts.sortName), \(texts.searchText), \(segment),
        \(member.revision))
      """, under: proof)
    try segments.count(segment, of: organization, by: 1, under: proof)
    try OrganizationRows(tx: tx, settings: settings).countMembers(organization, by: 1, under: proof)
    try AccessChangeRows(tx: tx).note(.account(account), in: organization, under: proof)
    return Member(
      id: member.id, organization: organization, account: account, handle: texts.handle, name: texts.name, email: texts.address, roles: member.roles, source: member.source,
      since: member.since, expires: member.expires, suspended: member.suspended, accountIsActive: texts.isActive, revision: member.revision)
  }

  func setRoles(_ id: ID<Member>, _ roles: RoleSet, under proof: some Proof) throws(Problem) {
    try set("roles = \(roles.stored), is_admin = \(roles.contains(.admin))", of: id, under: proof)
    try segments.refresh("m.id = \(id)", under: proof)
  }

  func setExpiry(_ id: ID<Member>, _ expires: Timestamp?, under proof: some Proof) throws(Problem) {
    try set("expires_at = \(expires)", of: id, under: proof)
    try segments.refresh("m.id = \(id)", under: proof)
  }

  func setSuspended(_ id: ID<Member>, _ since: Timestamp?, under proof: some Proof) throws(Problem) {
    try set("suspended_at = \(since)", of: id, under: proof)
    try segments.refresh("m.id = \(id)", under: proof)
  }

  /// Changes what decisions look at.
  private func set(_ assignments: Statement, of id: ID<Member>, under proof: some Proof) throws(Problem) {
    let row = try tx.row("UPDATE member SET \(assignments), revision = revision + 1 WHERE id = \(id) RETURNING organization", under: proof)
    if let row { try AccessChangeRows(tx: tx).note(.member(id), in: try row.id("organization"), under: proof) }
  }

  /// Ends the membership and everything that hangs on it, and remembers it for reinstating.
  func remove(_ member: Member, because reason: FormerMember.Reason, under proof: some Proof) throws(Problem) {
    let term = try OrganizationSettingRows(tx: tx, settings: settings).inForce(in: member.organization).reinstatementTerm
    try remember(member, because: reason, until: tx.now + term, under: proof)
    try TeamMemberRows(tx: tx).retire(member, under: proof)
    try GrantRows(tx: tx).retire(member, under: proof)
    try OrganizationGrantRows(tx: tx).retire(member, under: proof)
    if let segment = try tx.row("DELETE FROM member WHERE id = \(member.id) RETURNING segment", under: proof)?.text("segment") {
      try segments.count(segment, of: member.organization, by: -1, under: proof)
    }
    try OrganizationRows(tx: tx, settings: settings).countMembers(member.organization, by: -1, under: proof)
    try AccessChangeRows(tx: tx).note(.account(member.account), in: member.organization, under: proof)
    try tx.change("UPDATE access_token SET revoked_at = \(tx.now) WHERE account = \(member.account) AND organization = \(member.organization) AND revoked_at IS NULL", under: proof)
  }

  private func remember(_ member: Member, because reason: FormerMember.Reason, until end: Timestamp, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO former_member (id, organization, account, roles, source, since, left_at, reason, forget_at)
      VALUES (\(tx.newID(FormerMember.self)), \(member.organization), \(member.account), \(member.roles.stored), \(member.source.rawValue), \(member.since), \(tx.now), \(reason.rawValue),
        \(end))
      ON CONFLICT (organization, account) DO UPDATE SET id = excluded.id, roles = excluded.roles, source = excluded.source, since = excluded.since, left_at = excluded.left_at,
        reason = excluded.reason, forget_at = excluded.forget_at
      """, under: proof)
  }

  // MARK: The last admin

  /// Refuses as `conflict` when nobody would be left who can be relied on to run the organization: an admin with an active account, not suspended, and without an expiry.
  func expectLastingAdmin(of organization: ID<Organization>) throws(Problem) {
    guard try hasLastingAdmin(in: organization) else {
      throw Problem(.lastAdmin, "The organization would be left without an active admin. Make somebody else an admin first, without an expiry.")
    }
  }

  func hasLastingAdmin(in organization: ID<Organization>) throws(Problem) -> Bool {
    try tx.count(
      """
      SELECT count(*) AS n FROM member m JOIN account a ON a.id = m.account
      WHERE m.organization = \(organization) AND m.is_admin = 1 AND m.suspended_at IS NULL AND m.expires_at IS NULL AND a.active = 1
      """) > 0
  }

  /// The organizations that have no other lasting admin than this account.
  func organizationsLeftWithoutAdmin(by account: ID<Account>) throws(Problem) -> [Organization] {
    let ids = try tx.rows(
      """
      SELECT m.organization FROM member m JOIN organization o ON o.id = m.organization
      WHERE m.account = \(account) AND m.is_admin = 1 AND o.deleted_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM member other JOIN account a ON a.id = other.account
        WHERE other.organization = m.organization AND other.account <> \(account) AND other.is_admin = 1 AND other.suspended_at IS NULL AND other.expires_at IS NULL AND a.active = 1)
      ORDER BY m.organization
      """
    ).map { row throws(Problem) in try row.id("organization", of: Organization.self) }
    var found: [Organization] = []
    for id in ids { if let organization = try OrganizationRows(tx: tx, settings: settings).find(id) { found.append(organization) } }
    return found
  }

  // MARK: What lists repeat of the account

  private struct ListTexts {
    let handle: Slug
    let name: DisplayName
    let address: EmailAddress?
    let sortName: String
    let searchText: String
    let isActive: Bool
  }

  private func listTexts(of account: ID<Account>) throws(Problem) -> ListTexts {
    let rows = try tx.rows(
      """
      SELECT n.text AS handle, a.name, a.active, e.address, e.is_primary FROM account a JOIN name n ON n.owner = a.id AND n.current = 1
      LEFT JOIN account_email e ON e.account = a.id WHERE a.id = \(account) ORDER BY e.is_primary DESC, e.address
      """)
    guard let first = rows.first else { throw Problem(.missing, "There is no such account.") }
    let name = try first.parsed("name") { text throws(Rejection) in try DisplayName(text) }
    let handle = try first.parsed("handle") { text throws(Rejection) in try Slug(stored: text) }
    var searched = [name.text, handle.text]
    for row in rows { if let address = try row.optional("address", row.text) { searched.append(address) } }
    let primary: EmailAddress? =
      first["is_primary"] == .integer(1) ? try first.parsed("address") { text throws(Rejection) in try EmailAddress(text) } : nil
    return ListTexts(
      handle: handle, name: name, address: primary, sortName: name.text.lowercased(), searchText: MemberSearch.normalized(searched.joined(separator: " ")),
      isActive: try first.bool("active"))
  }

  /// Repeats a person's names and addresses in all their memberships, after they changed.
  func refreshNames(of account: ID<Account>, under proof: some Proof) throws(Problem) {
    let texts = try listTexts(of: account)
    try tx.change(
      """
      UPDATE member SET handle = \(texts.handle.text), name = \(texts.name), address = \(texts.address), sort_name = \(texts.sortName), search_text = \(texts.searchText)
      WHERE account = \(account)
      """, under: proof)
    try MemberIndexRows(tx: tx).forget("account = \(account)", under: proof)
    try TeamMemberRows(tx: tx).refreshNames(of: account, as: texts.sortName, under: proof)
    try GrantRows(tx: tx).refreshNames(of: account, as: texts.sortName, under: proof)
    try OrganizationGrantRows(tx: tx).refreshNames(of: account, as: texts.sortName, under: proof)
    try CollaboratorRows(tx: tx).refreshNames(of: account, as: texts.sortName, under: proof)
  }

  // MARK: Former members

  private static let formerColumns: Statement = """
    f.id, f.organization, f.account, n.text AS handle, a.name, e.address, f.roles, f.source, f.since, f.left_at, f.reason, f.forget_at
    """
  private static let formerSource: Statement = """
    former_member f JOIN account a ON a.id = f.account JOIN name n ON n.owner = a.id AND n.current = 1
    LEFT JOIN account_email e ON e.account = a.id AND e.is_primary = 1
    """

  func former(_ id: ID<FormerMember>, in organization: ID<Organization>) throws(Problem) -> FormerMember? {
    try tx.row("SELECT \(Self.formerColumns) FROM \(Self.formerSource) WHERE f.organization = \(organization) AND f.id = \(id) AND f.forget_at > \(tx.now)").map(FormerMember.init)
  }

  /// What the end of somebody's last membership left, for as long as it is kept.
  func former(of account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> FormerMember? {
    try tx.row("SELECT \(Self.formerColumns) FROM \(Self.formerSource) WHERE f.organization = \(organization) AND f.account = \(account)")
      .map(FormerMember.init)
  }

  func listFormer(in organization: ID<Organization>, _ page: PageRequest) throws(Problem) -> Page<FormerMember> {
    let base: Statement = "f.organization = \(organization) AND f.forget_at > \(tx.now)"
    var after = Statement.none
    if let keys = try page.keys(of: "former-members", count: 2) {
      guard let left = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; start again without it.") }
      after = " AND (f.left_at, f.id) < (\(left), \(keys[1]))"
    }
    let found = try tx.rows("SELECT \(Self.formerColumns) FROM \(Self.formerSource) WHERE \(base)\(after) ORDER BY f.left_at DESC, f.id DESC LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try FormerMember(row) }
    let total = try tx.count("SELECT count(*) AS n FROM former_member f WHERE \(base)")
    return Page(found, of: "former-members", limit: page.limit, total: total) { [String($0.left.milliseconds), $0.id.description] }
  }

  func forgetFormer(under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM former_member WHERE forget_at <= \(tx.now)", under: proof)
  }
}

extension RoleSet {
  /// As a column holds it: `admin,billing`.
  var stored: String { roles.map(\.rawValue).joined(separator: ",") }

  init(stored text: String) throws(Rejection) {
    guard let set = RoleSet(text.pieces(between: ",").compactMap(OrganizationRole.init)) else { throw Rejection("No known role is stored.") }
    self = set
  }
}

extension Member {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), account: try row.id("account"),
      handle: try row.parsed("handle") { text throws(Rejection) in try Slug(stored: text) }, name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      email: try row.optional("address") { column throws(Problem) in try row.parsed(column) { text throws(Rejection) in try EmailAddress(text) } },
      roles: try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) }, source: try row.choice("source"), since: try row.instant("since"),
      expires: try row.optional("expires_at", row.instant), suspended: try row.optional("suspended_at", row.instant), accountIsActive: try row.bool("active"),
      revision: Int(try row.integer("revision")))
  }
}

extension FormerMember {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), account: try row.id("account"),
      handle: try row.parsed("handle") { text throws(Rejection) in try Slug(stored: text) }, name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      email: try row.optional("address") { column throws(Problem) in try row.parsed(column) { text throws(Rejection) in try EmailAddress(text) } },
      roles: try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) }, source: try row.choice("source"), since: try row.instant("since"),
      left: try row.instant("left_at"), reason: try row.choice("reason"), forget: try row.instant("forget_at"))
  }
}
