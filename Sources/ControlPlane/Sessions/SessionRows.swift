import Kernel
import Secrets
import Storage

extension Work {
  var sessions: SessionRows { SessionRows(tx: tx) }
}

struct SessionRows {
  let tx: any Transaction

  private static let columns: Statement = "id, account, created_at, authenticated_at, used_at, idle_at, expires_at, address, user_agent"

  /// Only one that is in force.
  func find(_ id: ID<Session>, of account: ID<Account>) throws(Problem) -> Session? {
    try tx.row("SELECT \(Self.columns) FROM session WHERE account = \(account) AND id = \(id)\(inForce)").map(Session.init)
  }

  func find(_ digest: SHA256Digest) throws(Problem) -> Session? {
    try tx.row("SELECT \(Self.columns) FROM session WHERE digest = \(digest.text)\(inForce)").map(Session.init)
  }

  /// Those in force, the newest first.
  func list(of account: ID<Account>, _ page: PageRequest) throws(Problem) -> Page<Session> {
    let base: Statement = "account = \(account)\(inForce)"
    let after: Statement = try page.keys(of: "sessions", count: 1).map { " AND id < \($0[0])" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM session WHERE \(base)\(after) ORDER BY id DESC LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try Session(row) }
    let total = try tx.count("SELECT count(*) AS n FROM session WHERE \(base)")
    return Page(found, of: "sessions", limit: page.limit, total: total) { [$0.id.description] }
  }

  /// Whether the account has been signed in from this address of the network.
  func isKnown(_ address: String, to account: ID<Account>) throws(Problem) -> Bool {
    guard !address.isEmpty else { return false }
    return try !tx.rows("SELECT id FROM session WHERE account = \(account) AND address = \(address) LIMIT 1").isEmpty
  }

  func insert(_ session: Session, _ digest: SHA256Digest, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO session (id, account, digest, created_at, authenticated_at, used_at, idle_at, expires_at, address, user_agent)
      VALUES (\(session.id), \(session.account), \(digest.text), \(session.createdAt), \(session.authenticatedAt), \(session.usedAt), \(session.idleAt), \(session.expiresAt),
        \(session.address), \(session.userAgent))
      """, under: proof)
  }

  func confirm(_ id: ID<Session>, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE session SET authenticated_at = \(tx.now) WHERE id = \(id)", under: proof)
  }

  func end(_ id: ID<Session>, under proof: some Proof) throws(Problem) { try tx.change("DELETE FROM session WHERE id = \(id)", under: proof) }

  /// Answers how many there were.
  @discardableResult func endAll(of account: ID<Account>, but spared: ID<Session>? = nil, under proof: some Proof) throws(Problem) -> Int {
    try tx.change("DELETE FROM session WHERE account = \(account) AND id <> \(spared?.description ?? "")", under: proof)
  }

  /// Puts the idle end off; one that has ended stays so.
  func touch(_ digest: SHA256Digest, idleTerm: Duration) throws(Problem) {
    let idle = tx.now + idleTerm
    try tx.change(
      """
      UPDATE session SET used_at = \(tx.now), idle_at = CASE WHEN expires_at < \(idle) THEN expires_at ELSE \(idle) END
      WHERE digest = \(digest.text) AND used_at < \(tx.now)\(inForce)
      """, under: Housekeeping())
  }

  func purge() throws(Problem) { try tx.change("DELETE FROM session WHERE expires_at <= \(tx.now) OR idle_at <= \(tx.now)", under: Housekeeping()) }

  private var inForce: Statement { " AND expires_at > \(tx.now) AND idle_at > \(tx.now)" }
}

extension Session {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), account: try row.id("account"), createdAt: try row.instant("created_at"), authenticatedAt: try row.instant("authenticated_at"),
      usedAt: try row.instant("used_at"), idleAt: try row.instant("idle_at"), expiresAt: try row.instant("expires_at"), address: try row.text("address"),
      userAgent: try row.text("user_agent"))
  }
}
