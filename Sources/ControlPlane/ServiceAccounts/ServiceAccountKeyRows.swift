import Kernel
import Secrets
import Storage

extension Work {
  var serviceAccountKeys: ServiceAccountKeyRows { ServiceAccountKeyRows(tx: tx) }
}

struct ServiceAccountKeyRows {
  let tx: any Transaction

  private static let columns: Statement = "k.id, k.service_account, k.name, k.hint, k.created_at, k.expires_at, k.used_at"

  /// The condition under which a key `k` opens something.
  static func holding(at now: Timestamp) -> Statement { "k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > \(now))" }

  /// One that isn't revoked, expired or not.
  func find(_ id: ID<ServiceAccountKey>, of account: ID<ServiceAccount>) throws(Problem) -> ServiceAccountKey? {
    try tx.row("SELECT \(Self.columns) FROM service_account_key k WHERE k.service_account = \(account) AND k.id = \(id) AND k.revoked_at IS NULL")
      .map(ServiceAccountKey.init)
  }

  /// With the organization of its service account.
  func find(_ digest: SHA256Digest) throws(Problem) -> (key: ServiceAccountKey, organization: ID<Organization>)? {
    try tx.row(
      """
      SELECT \(Self.columns), s.organization FROM service_account_key k JOIN service_account s ON s.id = k.service_account
      WHERE k.digest = \(digest.text) AND k.revoked_at IS NULL
      """
    ).map { row throws(Problem) in (try ServiceAccountKey(row), try row.id("organization")) }
  }

  /// Those that aren't revoked, the newest first.
  func list(of account: ID<ServiceAccount>, _ page: PageRequest) throws(Problem) -> Page<ServiceAccountKey> {
    let base: Statement = "k.service_account = \(account) AND k.revoked_at IS NULL"
    let after: Statement = try page.keys(of: "service-account-keys", count: 1).map { " AND k.id < \($0[0])" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM service_account_key k WHERE \(base)\(after) ORDER BY k.id DESC LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try ServiceAccountKey(row) }
    let total = try tx.count("SELECT count(*) AS n FROM service_account_key k WHERE \(base)")
    return Page(found, of: "service-account-keys", limit: page.limit, total: total) { [$0.id.description] }
  }

  func insert(_ key: ServiceAccountKey, _ digest: SHA256Digest, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO service_account_key (id, service_account, name, digest, hint, created_at, expires_at)
      VALUES (\(key.id), \(key.account), \(key.name), \(digest.text), \(key.hint), \(key.createdAt), \(key.expiresAt))
      """, under: proof)
  }

  func setExpiry(_ key: ServiceAccountKey, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE service_account_key SET expires_at = \(key.expiresAt) WHERE id = \(key.id)", under: proof)
  }

  func revoke(_ id: ID<ServiceAccountKey>, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE service_account_key SET revoked_at = \(tx.now) WHERE id = \(id) AND revoked_at IS NULL", under: proof)
  }

  /// Remembers the use, of the key and of its service account.
  func touch(_ digest: SHA256Digest) throws(Problem) {
    let proof = Housekeeping()
    try tx.change(
      """
      UPDATE service_account_key SET used_at = \(tx.now)
      WHERE digest = \(digest.text) AND revoked_at IS NULL AND (used_at IS NULL OR used_at < \(tx.now))
      """, under: proof)
    try tx.change(
      """
      UPDATE service_account SET used_at = \(tx.now)
      WHERE id = (SELECT service_account FROM service_account_key WHERE digest = \(digest.text) AND revoked_at IS NULL)
        AND (used_at IS NULL OR used_at < \(tx.now))
      """, under: proof)
  }

  /// Removes what has opened nothing since `instant`.
  func purge(before instant: Timestamp) throws(Problem) {
    try tx.change("DELETE FROM service_account_key WHERE revoked_at <= \(instant) OR expires_at <= \(instant)", under: Housekeeping())
  }
}

extension ServiceAccountKey {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), account: try row.id("service_account"), name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      hint: try row.text("hint"), createdAt: try row.instant("created_at"), expiresAt: try row.optional("expires_at", row.instant),
      usedAt: try row.optional("used_at", row.instant))
  }
}
