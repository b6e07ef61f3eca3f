import Authorization
import Kernel
import Secrets
import Storage

extension Work {
  var tokens: TokenRows { TokenRows(tx: tx) }
}

struct TokenRows {
  let tx: any Transaction

  private static let columns: Statement = "id, account, organization, name, hint, scopes, created_at, expires_at, used_at"

  /// One that isn't revoked, expired or not.
  func find(_ id: ID<AccessToken>, of account: ID<Account>) throws(Problem) -> AccessToken? {
    try tx.row("SELECT \(Self.columns) FROM access_token WHERE account = \(account) AND id = \(id) AND revoked_at IS NULL").map(AccessToken.init)
  }

  func find(_ digest: SHA256Digest) throws(Problem) -> AccessToken? {
    try tx.row("SELECT \(Self.columns) FROM access_token WHERE digest = \(digest.text) AND revoked_at IS NULL").map(AccessToken.init)
  }

  /// Those that aren't revoked, the newest first.
  func list(of account: ID<Account>, _ page: PageRequest) throws(Problem) -> Page<AccessToken> {
    let base: Statement = "account = \(account) AND revoked_at IS NULL"
    let after: Statement = try page.keys(of: "tokens", count: 1).map { " AND id < \($0[0])" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM access_token WHERE \(base)\(after) ORDER BY id DESC LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try AccessToken(row) }
    return Page(found, of: "tokens", limit: page.limit, total: try count(of: account)) { [$0.id.description] }
  }

  func count(of account: ID<Account>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM access_token WHERE account = \(account) AND revoked_at IS NULL")
  }

  func insert(_ token: AccessToken, _ digest: SHA256Digest, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO access_token (id, account, organization, name, digest, hint, scopes, created_at, expires_at)
      VALUES (\(token.id), \(token.account), \(token.organization), \(token.name), \(digest.text), \(token.hint), \(token.scopes.stored), \(token.createdAt), \(token.expiresAt))
      """, under: proof)
  }

  func revoke(_ id: ID<AccessToken>, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE access_token SET revoked_at = \(tx.now) WHERE id = \(id) AND revoked_at IS NULL", under: proof)
  }

  func revokeAll(of account: ID<Account>, under proof: some Proof) throws(Problem) {
    try tx.change("UPDATE access_token SET revoked_at = \(tx.now) WHERE account = \(account) AND revoked_at IS NULL", under: proof)
  }

  func touch(_ digest: SHA256Digest) throws(Problem) {
    try tx.change(
      "UPDATE access_token SET used_at = \(tx.now) WHERE digest = \(digest.text) AND revoked_at IS NULL AND (used_at IS NULL OR used_at < \(tx.now))", under: Housekeeping())
  }

  /// Removes what has opened nothing since `instant`.
  func purge(before instant: Timestamp) throws(Problem) {
    try tx.change("DELETE FROM access_token WHERE revoked_at <= \(instant) OR expires_at <= \(instant)", under: Housekeeping())
  }
}

extension AccessToken {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), account: try row.id("account"), organization: try row.optional("organization") { column throws(Problem) in try row.id(column) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) }, hint: try row.text("hint"),
      scopes: try row.parsed("scopes") { text throws(Rejection) in try Set<TokenScope>(stored: text) }, createdAt: try row.instant("created_at"),
      expiresAt: try row.optional("expires_at", row.instant), usedAt: try row.optional("used_at", row.instant))
  }
}
