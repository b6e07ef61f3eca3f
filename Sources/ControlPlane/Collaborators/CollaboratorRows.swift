import Authorization
import Kernel
import Secrets
import Storage

extension Work {
  var collaborators: CollaboratorRows { CollaboratorRows(tx: tx) }
}

struct CollaboratorRows {
  let tx: any Transaction

  private static let columns: Statement = """
    c.id, c.organization, c.app, r.slug, r.name AS app_name, c.account, n.text AS handle, a.name AS person, c.address, c.role, c.custom_role, c.expires_at,
    c.message, c.inviter, c.inviter_name, c.answer_by, c.since, c.sort_name, c.created_at, c.sent_at, c.revision
    """
  private static let source: Statement = """
    collaborator c CROSS JOIN resource r LEFT JOIN account a ON a.id = c.account LEFT JOIN name n ON n.owner = a.id AND n.current = 1
    """

  private func all(_ condition: Statement) throws(Problem) -> [Collaborator] {
    let rows = try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE r.id = c.app AND \(condition)")
    let customs = try RoleRows(tx: tx).named(in: rows)
    return try rows.map { row throws(Problem) in try Collaborator(row, customs) }
  }

  // MARK: For decisions

  /// What an account that isn't a member holds on the app; what has ended is among it.
  func held(by account: ID<Account>, on app: ID<Resource>, in organization: ID<Organization>) throws(Problem) -> [HeldGrant] {
    let rows = try tx.rows(
      """
      SELECT c.app, c.role, c.custom_role, c.expires_at FROM collaborator c
      WHERE c.app = \(app) AND c.account = \(account) AND c.organization = \(organization) AND c.since IS NOT NULL
      """)
    let customs = try RoleRows(tx: tx).named(in: rows)
    return try rows.map { row throws(Problem) in
      HeldGrant(resource: try row.id("app"), role: try row.resourceRole(customs), team: nil, expires: try row.optional("expires_at", row.instant))
    }
  }

  /// Whether an account has access to anything in the organization that hasn't ended.
  func contains(_ account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> Bool {
    try tx.count(
      """
      SELECT count(*) AS n FROM collaborator c WHERE c.account = \(account) AND c.organization = \(organization) AND c.since IS NOT NULL
        AND (c.expires_at IS NULL OR c.expires_at > \(tx.now))
      """) > 0
  }

  // MARK: Of an app, and of all

  func find(_ id: ID<Collaborator>, on app: ID<App>, in organization: ID<Organization>) throws(Problem) -> Collaborator? {
    try all("c.id = \(id) AND c.app = \(app) AND c.organization = \(organization)").first
  }

  func find(_ id: ID<Collaborator>, in organization: ID<Organization>) throws(Problem) -> Collaborator? {
    try all("c.id = \(id) AND c.organization = \(organization)").first
  }

  /// By name; of one app, or of all.
  func list(of app: ID<App>?, in organization: ID<Organization>, search: String?, _ page: PageRequest) throws(Problem) -> Page<Collaborator> {
    var base: Statement = app.map { "c.app = \($0)" } ?? "c.organization = \(organization)"
    if let search, !search.isEmpty { base = base + " AND c.sort_name LIKE \(Pattern.wildcard(search))" }
    let after: Statement = try page.keys(of: "collaborators", count: 2).map { " AND (c.sort_name, c.id) > (\($0[0]), \($0[1]))" } ?? .none
    let found = try all("\(base)\(after) ORDER BY c.sort_name, c.id LIMIT \(page.limit + 1)")
    return Page(found, of: "collaborators", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM collaborator c WHERE \(base)")) {
      [$0.sortName, $0.id.description]
    }
  }

  func count(in organization: ID<Organization>, on app: ID<App>? = nil) throws(Problem) -> Int {
    let condition: Statement = app.map { "c.app = \($0)" } ?? "c.organization = \(organization)"
    return try tx.count("SELECT count(*) AS n FROM collaborator c WHERE \(condition)")
  }

  /// Who was invited to the app at this address, whatever became of it.
  func find(_ address: EmailAddress, on app: ID<App>) throws(Problem) -> Collaborator? { try all("c.app = \(app) AND c.address = \(address)").first }

  func find(_ account: ID<Account>, on app: ID<App>) throws(Problem) -> Collaborator? { try all("c.app = \(app) AND c.account = \(account)").first }

  // MARK: By who is invited

  func find(link digest: SHA256Digest) throws(Problem) -> Collaborator? { try all("c.digest = \(digest.text)").first }

  /// Those of an account, and the open invitations to its verified addresses, the newest first; of organizations that aren't deleted.
  func own(of account: ID<Account>) throws(Problem) -> [Collaborator] {
    try all("\(Self.belongs(to: account)) AND \(Self.isThere) ORDER BY c.created_at DESC, c.id DESC LIMIT 500")
  }

  func own(_ id: ID<Collaborator>, of account: ID<Account>) throws(Problem) -> Collaborator? {
    try all("c.id = \(id) AND \(Self.belongs(to: account)) AND \(Self.isThere)").first
  }

  private static let isThere: Statement = "EXISTS (SELECT 1 FROM organization o WHERE o.id = c.organization AND o.deleted_at IS NULL)"

  private static func belongs(to account: ID<Account>) -> Statement {
    let addresses: Statement = "(SELECT e.address FROM account_email e WHERE e.account = \(account) AND e.verified_at IS NOT NULL)"
    return """
      c.id IN (SELECT x.id FROM collaborator x WHERE x.account = \(account)
        UNION ALL SELECT x.id FROM collaborator x WHERE x.account IS NULL AND x.address IN \(addresses))
      """
  }

  /// Whether anybody waits for this address.
  func isExpected(_ address: EmailAddress) throws(Problem) -> Bool {
    try tx.count("SELECT count(*) AS n FROM collaborator WHERE address = \(address) AND since IS NULL AND answer_by > \(tx.now)") > 0
  }

  // MARK: Writing

  func insert(_ collaborator: Collaborator, _ digest: SHA256Digest?, under proof: some Proof) throws(Problem) {
    let (answerBy, since) = collaborator.answerColumns
    try tx.change(
      """
      INSERT INTO collaborator (id, organization, app, account, address, role, custom_role, expires_at, message, inviter, inviter_name, digest, answer_by,
        since, sort_name, created_at, sent_at, revision)
      VALUES (\(collaborator.id), \(collaborator.organization), \(collaborator.app.id), \(collaborator.person?.account), \(collaborator.address),
        \(collaborator.role.stored.role), \(collaborator.role.stored.custom), \(collaborator.expires), \(collaborator.message),
        \(collaborator.inviter.account), \(collaborator.inviter.name), \(digest?.text), \(answerBy), \(since), \(collaborator.sortName),
        \(collaborator.createdAt), \(collaborator.sentAt), \(collaborator.revision))
      """, under: proof)
    try note(collaborator, under: proof)
  }

  /// Stores all of it that may change; without a `digest` the link that it has stays.
  func update(_ collaborator: Collaborator, _ digest: SHA256Digest? = nil, under proof: some Proof) throws(Problem) {
    let (answerBy, since) = collaborator.answerColumns
    try tx.change(
      """
      UPDATE collaborator SET account = \(collaborator.person?.account), role = \(collaborator.role.stored.role),
        custom_role = \(collaborator.role.stored.custom), expires_at = \(collaborator.expires), message = \(collaborator.message),
        inviter = \(collaborator.inviter.account), inviter_name = \(collaborator.inviter.name), digest = COALESCE(\(digest?.text), digest),
        answer_by = \(answerBy), since = \(since), sort_name = \(collaborator.sortName), sent_at = \(collaborator.sentAt), revision = revision + 1
      WHERE id = \(collaborator.id)
      """, under: proof)
    try note(collaborator, under: proof)
  }

  func delete(_ collaborator: Collaborator, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM collaborator WHERE id = \(collaborator.id)", under: proof)
    try note(collaborator, under: proof)
  }

  private func note(_ collaborator: Collaborator, under proof: some Proof) throws(Problem) {
    guard let person = collaborator.person else { return }
    try AccessChangeRows(tx: tx).note(.account(person.account), in: collaborator.organization, under: proof)
  }

  // MARK: With the account

  /// What an account has in the organization, and is invited to at one of its addresses, for who makes it a member.
  func all(of account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> [Collaborator] {
    try all("c.organization = \(organization) AND \(Self.belongs(to: account)) ORDER BY c.id")
  }

  /// What an account has, everywhere.
  func all(of account: ID<Account>) throws(Problem) -> [Collaborator] { try all("c.account = \(account) ORDER BY c.id") }

  /// What lets an account into apps becomes the member's: as a grant of the role, and with the same end. What they were invited to ends.
  func hand(to member: Member, under proof: some Proof) throws(Problem) {
    let (grants, holder) = (GrantRows(tx: tx), Grant.Holder.member(id: member.id, account: member.account, handle: member.handle, name: member.name))
    for held in try all(of: member.account, in: member.organization) {
      if held.state(at: tx.now) == .active, try grants.find(holder, held.role, on: held.app.id.cast()) == nil {
        try grants.insert(
          Grant(id: tx.newID(), resource: held.app.id.cast(), holder: holder, role: held.role, expires: held.expires, since: tx.now, revision: 1), under: proof)
      }
      try delete(held, under: proof)
    }
  }

  /// Repeats a person's name, after it changed.
  func refreshNames(of account: ID<Account>, as sortName: String, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE collaborator SET sort_name = \(sortName) WHERE account = \(account)", under: proof)
  }
}

extension Collaborator {
  fileprivate var sortName: String { name.lowercased() }

  fileprivate var answerColumns: (answerBy: Timestamp?, since: Timestamp?) {
    switch answer {
    case .awaited(let end): (end, nil)
    case .accepted(let since): (nil, since)
    }
  }

  /// `customs`: the custom roles that the row may name.
  fileprivate init(_ row: Row, _ customs: [String: CustomRole]) throws(Problem) {
    func slug(_ column: String) throws(Problem) -> Slug { try row.parsed(column) { text throws(Rejection) in try Slug(stored: text) } }
    func name(_ column: String) throws(Problem) -> DisplayName { try row.parsed(column) { text throws(Rejection) in try DisplayName(text) } }
    let answer: Answer
    if let since = try row.optional("since", row.instant) { answer = .accepted(at: since) } else { answer = .awaited(until: try row.instant("answer_by")) }
    self.init(
      id: try row.id("id"), organization: try row.id("organization"),
      app: AppLabel(id: try row.id("app"), slug: try slug("slug"), name: try name("app_name")),
      person: row.isNull("account") ? nil : Known(account: try row.id("account"), handle: try slug("handle"), name: try name("person")),
      address: try row.optional("address") { column throws(Problem) in try row.parsed(column) { text throws(Rejection) in try EmailAddress(text) } },
      role: try row.resourceRole(customs), expires: try row.optional("expires_at", row.instant),
      message: try row.parsed("message") { text throws(Rejection) in try Note(text) },
      inviter: Inviter(account: try row.id("inviter"), name: try row.text("inviter_name")), createdAt: try row.instant("created_at"),
      sentAt: try row.instant("sent_at"), answer: answer, revision: Int(try row.integer("revision")))
  }
}
