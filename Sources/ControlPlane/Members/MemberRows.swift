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

  private static let columns: Statement = """
    m.id, m.organization, m.account, n.text AS handle, a.name, e.address, m.roles, m.source, m.since, m.expires_at, m.suspended_at, a.active, m.revision, m.sort_name
    """
  private static let source: Statement = """
    member m JOIN account a ON a.id = m.account JOIN name n ON n.owner = a.id AND n.current = 1
    LEFT JOIN account_email e ON e.account = a.id AND e.is_primary = 1
    """

  func find(_ id: ID<Member>, in organization: ID<Organization>) throws(Problem) -> Member? {
    try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE m.organization = \(organization) AND m.id = \(id)").map(Member.init)
  }

  func of(_ account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> Member? {
    try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE m.organization = \(organization) AND m.account = \(account)").map(Member.init)
  }

  /// The member that holds the address, verified.
  func holding(_ address: EmailAddress, in organization: ID<Organization>) throws(Problem) -> Member? {
    try tx.row(
      """
      SELECT \(Self.columns) FROM \(Self.source)
      JOIN account_email own ON own.account = a.id AND own.address = \(address) AND own.verified_at IS NOT NULL
      WHERE m.organization = \(organization)
      """
    ).map(Member.init)
  }

  func admins(of organization: ID<Organization>) throws(Problem) -> [Member] {
    try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE m.organization = \(organization) AND m.is_admin = 1 ORDER BY m.sort_name, m.id LIMIT 100").map(Member.init)
  }

  func list(in organization: Organization, _ filter: MemberFilter, _ page: PageRequest) throws(Problem) -> Page<Member> {
    let base: Statement = "m.organization = \(organization.id)\(conditions(filter))"
    let found: [Row]
    switch filter.order {
    case .name:
      let after: Statement = try page.keys(of: "members-by-name", count: 2).map { " AND (m.sort_name, m.id) > (\($0[0]), \($0[1]))" } ?? .none
      found = try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE \(base)\(after) ORDER BY m.sort_name, m.id LIMIT \(page.limit + 1)")
    case .since:
      var after = Statement.none
      if let keys = try page.keys(of: "members-by-since", count: 2) {
        guard let since = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; start again without it.") }
        after = " AND (m.since, m.id) < (\(since), \(keys[1]))"
      }
      found = try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE \(base)\(after) ORDER BY m.since DESC, m.id DESC LIMIT \(page.limit + 1)")
    }
    // Without a filter the organization's own counter answers; a hundred thousand rows aren't counted for every page.
    let total = filter.isEverybody
      ? organization.memberCount
      : try tx.count("SELECT count(*) AS n FROM member m JOIN account a ON a.id = m.account WHERE \(base)")
    var sortNames: [ID<Member>: String] = [:]
    let members = try found.map { row throws(Problem) in
      let member = try Member(row)
      sortNames[member.id] = try row.text("sort_name")
      return member
    }
    return Page(members, of: "members-by-\(filter.order.rawValue)", limit: page.limit, total: total) { member in
      switch filter.order {
      case .name: [sortNames[member.id] ?? "", member.id.description]
      case .since: [String(member.since.milliseconds), member.id.description]
      }
    }
  }

  private func conditions(_ filter: MemberFilter) -> Statement {
    var conditions = Statement.none
    if let search = filter.search, !search.isEmpty { conditions = conditions + " AND m.search_text LIKE \(Pattern.containing(search)) ESCAPE '!'" }
    if let role = filter.role { conditions = conditions + " AND (',' || m.roles || ',') LIKE \("%,\(role.rawValue),%")" }
    switch filter.state {
    case nil: break
    case .active: conditions = conditions + " AND a.active = 1 AND m.suspended_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > \(tx.now))"
    case .suspended: conditions = conditions + " AND a.active = 1 AND m.suspended_at IS NOT NULL"
    case .expired: conditions = conditions + " AND a.active = 1 AND m.suspended_at IS NULL AND m.expires_at <= \(tx.now)"
    case .deactivated: conditions = conditions + " AND a.active = 0"
    }
    return conditions
  }

  /// Makes the account a member, keeps the counter, and forgets that it was a former one.
  func join(_ account: ID<Account>, _ organization: ID<Organization>, _ roles: RoleSet, source: Member.Source, expires: Timestamp?, under proof: some Proof) throws(Problem) {
    let (sortName, searchText) = try listTexts(of: account)
    try tx.change(
      """
      INSERT INTO member (id, organization, account, roles, is_admin, source, since, expires_at, sort_name, search_text, revision)
      VALUES (\(tx.newID(Member.self)), \(organization), \(account), \(roles.stored), \(roles.contains(.admin)), \(source.rawValue), \(tx.now), \(expires), \(sortName), \(searchText), 1)
      """, under: proof)
    try tx.change("DELETE FROM former_member WHERE organization = \(organization) AND account = \(account)", under: proof)
    try OrganizationRows(tx: tx).countMembers(organization, by: 1, under: proof)
  }

  func setRoles(_ id: ID<Member>, _ roles: RoleSet, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE member SET roles = \(roles.stored), is_admin = \(roles.contains(.admin)), revision = revision + 1 WHERE id = \(id)", under: proof)
  }

  func setExpiry(_ id: ID<Member>, _ expires: Timestamp?, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE member SET expires_at = \(expires), revision = revision + 1 WHERE id = \(id)", under: proof)
  }

  func setSuspended(_ id: ID<Member>, _ since: Timestamp?, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE member SET suspended_at = \(since), revision = revision + 1 WHERE id = \(id)", under: proof)
  }

  /// Ends the membership and everything that hangs on it, and remembers it for reinstating.
  func remove(_ member: Member, because reason: FormerMember.Reason, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM member WHERE id = \(member.id)", under: proof)
    try OrganizationRows(tx: tx).countMembers(member.organization, by: -1, under: proof)
    try tx.change("UPDATE access_token SET revoked_at = \(tx.now) WHERE account = \(member.account) AND organization = \(member.organization) AND revoked_at IS NULL", under: proof)
    try tx.change(
      """
      INSERT INTO former_member (id, organization, account, roles, source, since, left_at, reason, forget_at)
      VALUES (\(tx.newID(FormerMember.self)), \(member.organization), \(member.account), \(member.roles.stored), \(member.source.rawValue), \(member.since), \(tx.now), \(reason.rawValue),
        \(tx.now + settings.reinstatementTerm))
      ON CONFLICT (organization, account) DO UPDATE SET id = excluded.id, roles = excluded.roles, source = excluded.source, since = excluded.since, left_at = excluded.left_at,
        reason = excluded.reason, forget_at = excluded.forget_at
      """, under: proof)
  }

  // MARK: The last admin

  /// Refuses as `conflict` when nobody would be left who can be relied on to run the organization: an admin with an active account, not suspended, and without an expiry.
  func expectLastingAdmin(of organization: ID<Organization>) throws(Problem) {
    let left = try tx.count(
      """
      SELECT count(*) AS n FROM member m JOIN account a ON a.id = m.account
      WHERE m.organization = \(organization) AND m.is_admin = 1 AND m.suspended_at IS NULL AND m.expires_at IS NULL AND a.active = 1
      """)
    guard left > 0 else {
      throw Problem(.lastAdmin, "The organization would be left without an active admin. Make somebody else an admin first, without an expiry.")
    }
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
    for id in ids { if let organization = try OrganizationRows(tx: tx).find(id) { found.append(organization) } }
    return found
  }

  // MARK: What lists repeat of the account

  private func listTexts(of account: ID<Account>) throws(Problem) -> (sortName: String, searchText: String) {
    let accounts = AccountRows(tx: tx)
    guard let found = try accounts.find(account) else { throw Problem(.missing, "There is no such account.") }
    let texts = try [found.name.text, found.handle.text] + accounts.emails(of: account).map(\.address.text)
    return (found.name.text.lowercased(), texts.joined(separator: " ").lowercased())
  }

  /// Repeats a person's names and addresses in all their memberships, after they changed.
  func refreshNames(of account: ID<Account>, under proof: some Proof) throws(Problem) {
    let (sortName, searchText) = try listTexts(of: account)
    try tx.change("UPDATE member SET sort_name = \(sortName), search_text = \(searchText) WHERE account = \(account)", under: proof)
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
    guard let set = RoleSet(text.split(separator: ",").compactMap { OrganizationRole(rawValue: String($0)) }) else { throw Rejection("No known role is stored.") }
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
