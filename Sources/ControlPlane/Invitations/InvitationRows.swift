import Authorization
import Kernel
import Secrets
import Storage

extension Work {
  var invitations: InvitationRows { InvitationRows(tx: tx) }
}

struct InvitationRows {
  let tx: any Transaction

  private static let columns: Statement = """
    i.id, i.organization, i.address, i.roles, i.message, i.inviter, i.state, i.created_at, i.sent_at, i.times_sent, i.expires_at, i.answered_at, i.answered_by, i.revision
    """

  /// Those who invited learn why the latest mail isn't out.
  private static let columnsForInviters: Statement = """
    \(columns),
    (SELECT m.last_error FROM mail m WHERE m.organization = i.organization AND m.recipient = i.address AND m.purpose = 'invitation' AND m.created_at >= i.sent_at
      AND m.last_error IS NOT NULL AND m.state <> 'sent' LIMIT 1) AS mail_trouble
    """

  func find(_ id: ID<Invitation>, in organization: ID<Organization>) throws(Problem) -> Invitation? {
    try tx.row("SELECT \(Self.columnsForInviters) FROM invitation i WHERE i.organization = \(organization) AND i.id = \(id)").map(Invitation.init)
  }

  func find(_ digest: SHA256Digest) throws(Problem) -> Invitation? {
    try tx.row("SELECT \(Self.columns) FROM invitation i WHERE i.digest = \(digest.text)").map(Invitation.init)
  }

  /// The one without an answer, expired or not.
  func open(_ address: EmailAddress, in organization: ID<Organization>) throws(Problem) -> Invitation? {
    try tx.row("SELECT \(Self.columns) FROM invitation i WHERE i.organization = \(organization) AND i.address = \(address) AND i.state = 'pending'").map(Invitation.init)
  }

  /// Whether anybody waits for this address.
  func isExpected(_ address: EmailAddress) throws(Problem) -> Bool {
    try tx.count("SELECT count(*) AS n FROM invitation WHERE address = \(address) AND state = 'pending' AND expires_at > \(tx.now)") > 0
  }

  func list(in organization: ID<Organization>, _ state: Invitation.State?, search: String?, _ page: PageRequest) throws(Problem) -> Page<Invitation> {
    var base: Statement = "i.organization = \(organization)"
    switch state {
    case nil: break
    case .pending: base = base + " AND i.state = 'pending' AND i.expires_at > \(tx.now)"
    case .expired: base = base + " AND i.state = 'pending' AND i.expires_at <= \(tx.now)"
    case .accepted?, .declined?, .cancelled?: base = base + " AND i.state = \(state?.rawValue)"
    }
    if let search, !search.isEmpty { base = base + " AND i.address LIKE \(Pattern.containing(search))" }
    var after = Statement.none
    if let keys = try page.keys(of: "invitations", count: 2) {
      guard let created = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; start again without it.") }
      after = " AND (i.created_at, i.id) < (\(created), \(keys[1]))"
    }
    let found = try tx.rows("SELECT \(Self.columnsForInviters) FROM invitation i WHERE \(base)\(after) ORDER BY i.created_at DESC, i.id DESC LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try Invitation(row) }
    let total = try tx.count("SELECT count(*) AS n FROM invitation i WHERE \(base)")
    return Page(found, of: "invitations", limit: page.limit, total: total) { [String($0.createdAt.milliseconds), $0.id.description] }
  }

  /// The open ones for the verified addresses of an account, the newest first.
  func inbox(of account: ID<Account>) throws(Problem) -> [Invitation] {
    try tx.rows(
      """
      SELECT \(Self.columns) FROM invitation i JOIN account_email e ON e.address = i.address JOIN organization o ON o.id = i.organization
      WHERE e.account = \(account) AND e.verified_at IS NOT NULL AND i.state = 'pending' AND i.expires_at > \(tx.now) AND o.deleted_at IS NULL
      ORDER BY i.created_at DESC, i.id DESC LIMIT 200
      """
    ).map { row throws(Problem) in try Invitation(row) }
  }

  /// An invitation to one of the account's verified addresses, whatever became of it.
  func addressed(to account: ID<Account>, _ id: ID<Invitation>) throws(Problem) -> Invitation? {
    try tx.row(
      """
      SELECT \(Self.columns) FROM invitation i JOIN account_email e ON e.address = i.address
      WHERE i.id = \(id) AND e.account = \(account) AND e.verified_at IS NOT NULL
      """
    ).map(Invitation.init)
  }

  func insert(_ invitation: Invitation, _ digest: SHA256Digest, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO invitation (id, organization, address, roles, message, inviter, digest, state, created_at, sent_at, times_sent, expires_at, revision)
      VALUES (\(invitation.id), \(invitation.organization), \(invitation.address), \(invitation.roles.stored), \(invitation.message), \(invitation.inviter), \(digest.text), 'pending',
        \(invitation.createdAt), \(invitation.sentAt), \(invitation.timesSent), \(invitation.expires), \(invitation.revision))
      """, under: proof)
  }

  /// Stores what a renewal changed; a `digest` takes the place of the link's.
  func renew(_ invitation: Invitation, _ digest: SHA256Digest, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE invitation SET roles = \(invitation.roles.stored), message = \(invitation.message), inviter = \(invitation.inviter), digest = \(digest.text),
        sent_at = \(invitation.sentAt), times_sent = \(invitation.timesSent), expires_at = \(invitation.expires), revision = revision + 1
      WHERE id = \(invitation.id)
      """, under: proof)
  }

  func setRoles(_ id: ID<Invitation>, _ roles: RoleSet, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE invitation SET roles = \(roles.stored), revision = revision + 1 WHERE id = \(id)", under: proof)
  }

  /// Stores how it was answered.
  func settle(_ invitation: Invitation, under proof: some Proof) throws(Problem) {
    let (state, at, by): (Invitation.State, Timestamp?, ID<Account>?) =
      switch invitation.answer {
      case nil: (.pending, nil, nil)
      case .accepted(let account, let at): (.accepted, at, account)
      case .declined(let at): (.declined, at, nil)
      case .cancelled(let at): (.cancelled, at, nil)
      }
    try tx.change(
      "UPDATE invitation SET state = \(state.rawValue), answered_at = \(at), answered_by = \(by), revision = revision + 1 WHERE id = \(invitation.id)", under: proof)
  }
}

extension Invitation {
  init(_ row: Row) throws(Problem) {
    let answer: Answer?
    switch try row.choice("state", of: State.self) {
    case .pending, .expired: answer = nil
    case .accepted: answer = .accepted(by: try row.id("answered_by"), at: try row.instant("answered_at"))
    case .declined: answer = .declined(at: try row.instant("answered_at"))
    case .cancelled: answer = .cancelled(at: try row.instant("answered_at"))
    }
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), address: try row.parsed("address") { text throws(Rejection) in try EmailAddress(text) },
      roles: try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) }, message: try row.parsed("message") { text throws(Rejection) in try Note(text) },
      inviter: try row.id("inviter"), createdAt: try row.instant("created_at"), sentAt: try row.instant("sent_at"), timesSent: Int(try row.integer("times_sent")),
      expires: try row.instant("expires_at"), answer: answer, revision: Int(try row.integer("revision")),
      mailTrouble: try row["mail_trouble"] == nil ? nil : row.optional("mail_trouble", row.text))
  }
}
