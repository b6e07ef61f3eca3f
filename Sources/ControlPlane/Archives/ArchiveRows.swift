import Authorization
import Kernel
import Secrets
import Storage

extension Work {
  var archives: ArchiveRows { ArchiveRows(tx: tx) }
}

/// Reads whole lists for an archive, and writes those of one back as they were.
struct ArchiveRows {
  let tx: any Transaction

  // MARK: Reading

  func formerSlugs(of organization: ID<Organization>) throws(Problem) -> [Slug] {
    try tx.rows("SELECT text FROM name WHERE owner = \(organization) AND current = 0 ORDER BY key").map { row throws(Problem) in
      try row.parsed("text") { text throws(Rejection) in try Slug(stored: text) }
    }
  }

  func people(of organization: ID<Organization>) throws(Problem) -> [ArchivedPerson] {
    try tx.rows(
      """
      SELECT a.id, n.text AS handle, a.name, e.address, a.active, a.deleted_at FROM account a JOIN name n ON n.owner = a.id AND n.current = 1
      LEFT JOIN account_email e ON e.account = a.id AND e.is_primary = 1 AND e.verified_at IS NOT NULL
      WHERE a.id IN (
        SELECT account FROM member WHERE organization = \(organization)
        UNION SELECT account FROM former_member WHERE organization = \(organization) AND forget_at > \(tx.now)
        UNION SELECT inviter FROM invitation WHERE organization = \(organization)
        UNION SELECT answered_by FROM invitation WHERE organization = \(organization) AND answered_by IS NOT NULL
        UNION SELECT account FROM join_request WHERE organization = \(organization)
        UNION SELECT answered_by FROM join_request WHERE organization = \(organization) AND answered_by IS NOT NULL
        UNION SELECT created_by FROM service_account WHERE organization = \(organization)
        UNION SELECT owner FROM resource WHERE organization = \(organization) AND owner IS NOT NULL
        UNION SELECT account FROM collaborator WHERE organization = \(organization) AND account IS NOT NULL
        UNION SELECT inviter FROM collaborator WHERE organization = \(organization)
        UNION SELECT holder FROM sub_balance WHERE organization = \(organization) AND holder_kind = 'member'
        UNION SELECT holder FROM quota WHERE organization = \(organization) AND subject = 'member'
        UNION SELECT holder FROM budget WHERE organization = \(organization) AND subject = 'member'
        UNION SELECT holder FROM lease WHERE organization = \(organization) AND holder_kind = 'member'
        UNION SELECT s.holder FROM usage_log l CROSS JOIN usage_series s WHERE l.organization = \(organization) AND s.log = l.log AND s.holder_kind = 'member')
      ORDER BY a.id
      """
    ).map(ArchivedPerson.init)
  }

  func members(of organization: ID<Organization>) throws(Problem) -> [ArchivedMember] {
    try tx.rows("SELECT id, account, roles, source, since, expires_at, suspended_at, revision FROM member WHERE organization = \(organization) ORDER BY id")
      .map(ArchivedMember.init)
  }

  func formerMembers(of organization: ID<Organization>) throws(Problem) -> [ArchivedFormerMember] {
    try tx.rows(
      """
      SELECT id, account, roles, source, since, left_at, reason, forget_at
      FROM former_member WHERE organization = \(organization) AND forget_at > \(tx.now) ORDER BY id
      """
    ).map(ArchivedFormerMember.init)
  }

  func invitations(of organization: ID<Organization>) throws(Problem) -> [Invitation] {
    try tx.rows("SELECT * FROM invitation WHERE organization = \(organization) ORDER BY id").map { row throws(Problem) in try Invitation(row) }
  }

  func joinRequests(of organization: ID<Organization>) throws(Problem) -> [ArchivedJoinRequest] {
    try tx.rows("SELECT id, account, message, state, created_at, answered_at, answered_by FROM join_request WHERE organization = \(organization) ORDER BY id")
      .map(ArchivedJoinRequest.init)
  }

  func serviceAccounts(of organization: ID<Organization>) throws(Problem) -> [ArchivedServiceAccount] {
    try tx.rows(
      """
      SELECT id, slug, name, description, roles, created_by, created_at, disabled_at, revision
      FROM service_account WHERE organization = \(organization) ORDER BY id
      """
    ).map(ArchivedServiceAccount.init)
  }

  /// The hash of one event of a log; `nil` where there is no such event.
  func hash(in stream: Stream, at sequence: Int) throws(Problem) -> String? {
    try tx.row("SELECT hash FROM event WHERE stream = \(stream.description) AND sequence = \(sequence)")?.text("hash")
  }

  // MARK: Writing

  /// Without members, logo and settings, which come behind it; `settle` then gives it the revision it had.
  func insert(_ organization: Organization, under proof: some Proof) throws(Problem) {
    var suspension: Organization.Suspension?
    if case .suspended(let present) = organization.state { suspension = present }
    try tx.change(
      """
      INSERT INTO organization (id, name, description, billing_email, created_at, suspended_at, suspension_reason, suspended_by_operator, members, revision)
      VALUES (\(organization.id), \(organization.name), \(organization.description), \(organization.billingEmail), \(organization.createdAt),
        \(suspension?.since), \(suspension?.reason), \(suspension?.isByOperator ?? false), 0, \(organization.revision))
      """, under: proof)
  }

  func settle(_ organization: Organization, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE organization SET revision = \(organization.revision) WHERE id = \(organization.id)", under: proof)
    try AccessChangeRows(tx: tx).note(.everything, in: organization.id, under: proof)
  }

  func insert(_ former: ArchivedFormerMember, as account: ID<Account>, of organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO former_member (id, organization, account, roles, source, since, left_at, reason, forget_at)
      VALUES (\(former.id), \(organization), \(account), \(former.roles.stored), \(former.source.rawValue), \(former.since), \(former.left),
        \(former.reason.rawValue), \(former.forget))
      """, under: proof)
  }

  /// `digest` is that of a secret which nobody has.
  func insert(
    _ invitation: Invitation, inviter: ID<Account>, answeredBy: ID<Account>?, _ digest: SHA256Digest, under proof: some Proof
  ) throws(Problem) {
    let (state, at): (Invitation.State, Timestamp?) =
      switch invitation.answer {
      case nil: (.pending, nil)
      case .accepted(_, let at): (.accepted, at)
      case .declined(let at): (.declined, at)
      case .cancelled(let at): (.cancelled, at)
      }
    try tx.change(
      """
      INSERT INTO invitation (id, organization, address, roles, message, inviter, digest, state, created_at, sent_at, times_sent, expires_at, answered_at,
        answered_by, revision)
      VALUES (\(invitation.id), \(invitation.organization), \(invitation.address), \(invitation.roles.stored), \(invitation.message), \(inviter),
        \(digest.text), \(state.rawValue), \(invitation.createdAt), \(invitation.sentAt), \(invitation.timesSent), \(invitation.expires), \(at), \(answeredBy),
        \(invitation.revision))
      """, under: proof)
  }

  func insert(
    _ request: ArchivedJoinRequest, as account: ID<Account>, answeredBy: ID<Account>?, of organization: ID<Organization>, under proof: some Proof
  ) throws(Problem) {
    try tx.change(
      """
      INSERT INTO join_request (id, organization, account, message, state, created_at, answered_at, answered_by)
      VALUES (\(request.id), \(organization), \(account), \(request.message), \(request.state.rawValue), \(request.createdAt), \(request.answeredAt),
      \(answeredBy))
      """, under: proof)
  }

  func insert(_ account: ArchivedServiceAccount, by creator: ID<Account>, of organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO service_account (id, organization, slug, name, description, roles, created_by, created_at, disabled_at, revision)
      VALUES (\(account.id), \(organization), \(account.slug.text), \(account.name), \(account.description), \(account.roles.stored), \(creator),
        \(account.createdAt), \(account.state.disabledAt), \(account.revision))
      """, under: proof)
  }

  /// A whole log, as it was, with its end.
  func insert(_ events: [Event], _ head: EventHead, under proof: some Proof) throws(Problem) {
    for event in events {
      try tx.change(
        """
        INSERT INTO event (stream, sequence, id, at, action, outcome, reason, actor_kind, actor, actor_name, via, target_kind, target, target_name, changes,
        address,
          user_agent, request_id, previous, hash)
        VALUES (\(event.stream.description), \(event.sequence), \(event.id), \(event.at), \(event.action), \(event.outcome.rawValue), \(event.reason),
          \(event.actor.kind.rawValue), \(event.actor.id), \(event.actor.name), \(event.actor.via), \(event.target.kind), \(event.target.id),
          \(event.target.name),
          \(Change.written(event.changes)), \(event.origin.address), \(event.origin.userAgent), \(event.origin.requestID), \(event.previous), \(event.hash))
        """, under: proof)
    }
    try tx.change("INSERT INTO event_head (stream, sequence, hash) VALUES (\(head.stream.description), \(head.sequence), \(head.hash))", under: proof)
  }
}

extension ArchivedPerson {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), handle: try row.parsed("handle") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      email: try row.optional("address") { column throws(Problem) in try row.parsed(column) { text throws(Rejection) in try EmailAddress(text) } },
      state: row.isNull("deleted_at") ? try row.bool("active") ? .active : .deactivated : .deleted)
  }
}

extension ArchivedMember {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), account: try row.id("account"), roles: try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) },
      source: try row.choice("source"), since: try row.instant("since"), expires: try row.optional("expires_at", row.instant),
      suspended: try row.optional("suspended_at", row.instant), revision: Int(try row.integer("revision")))
  }
}

extension ArchivedFormerMember {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), account: try row.id("account"), roles: try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) },
      source: try row.choice("source"), since: try row.instant("since"), left: try row.instant("left_at"), reason: try row.choice("reason"),
      forget: try row.instant("forget_at"))
  }
}

extension ArchivedJoinRequest {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), account: try row.id("account"), message: try row.parsed("message") { text throws(Rejection) in try Note(text) },
      state: try row.choice("state"),
      createdAt: try row.instant("created_at"), answeredAt: try row.optional("answered_at", row.instant),
      answeredBy: try row.optional("answered_by") { column throws(Problem) in try row.id(column) })
  }
}

extension ArchivedServiceAccount {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), slug: try row.parsed("slug") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      description: try row.parsed("description") { text throws(Rejection) in try Note(text) },
      roles: try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) }, creator: try row.id("created_by"),
      createdAt: try row.instant("created_at"), state: ServiceAccount.State(disabledAt: try row.optional("disabled_at", row.instant)),
      revision: Int(try row.integer("revision")))
  }
}
