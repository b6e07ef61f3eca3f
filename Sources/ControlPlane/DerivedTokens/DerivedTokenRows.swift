import Kernel
import Secrets
import Storage

extension Work {
  var derivedTokens: DerivedTokenRows { DerivedTokenRows(tx: tx) }
}

struct DerivedTokenRows {
  let tx: any Transaction

  /// One whose time isn't over; whether its source still holds is another question.
  func find(_ digest: SHA256Digest, at now: Timestamp) throws(Problem) -> DerivedToken? {
    try tx.row("SELECT source_kind, source, workspace, expires_at FROM derived_token WHERE digest = \(digest.text) AND expires_at > \(now)")
      .map(DerivedToken.init)
  }

  /// It is no new right: whatever it opens its source opens, and that was given with an event.
  func insert(_ token: DerivedToken, _ digest: SHA256Digest) throws(Problem) {
    let (kind, source) = token.source.columns
    try tx.change(
      """
      INSERT INTO derived_token (digest, source_kind, source, workspace, expires_at)
      VALUES (\(digest.text), \(kind), \(source.text), \(token.workspace), \(token.expiresAt))
      """, under: Housekeeping())
  }

  func end(_ digest: SHA256Digest) throws(Problem) { try tx.change("DELETE FROM derived_token WHERE digest = \(digest.text)", under: Housekeeping()) }

  /// Those of an account's sessions and access tokens that hold still, the latest first.
  func list(of account: ID<Account>, at now: Timestamp) throws(Problem) -> [SeenDerivedToken] {
    let columns: Statement = "d.expires_at AS ends_at, d.workspace, r.name AS workspace_name"
    let place: Statement = "LEFT JOIN resource r ON r.id = d.workspace WHERE d.expires_at > \(now)"
    return try tx.rows(
      """
      SELECT 'session' AS kind, s.id, s.user_agent AS name, \(columns) FROM session s JOIN derived_token d ON d.source = s.digest \(place)
        AND s.account = \(account) AND s.expires_at > \(now) AND s.idle_at > \(now)
      UNION ALL SELECT 'token' AS kind, t.id, t.name, \(columns) FROM access_token t JOIN derived_token d ON d.source = t.digest \(place)
        AND t.account = \(account) AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > \(now))
      ORDER BY ends_at DESC LIMIT \(Self.limit)
      """
    ).map { row throws(Problem) in
      let isSession = try row.text("kind") == "session"
      let name = try row.text("name")
      let workspace: ID<Workspace>? = try row.optional("workspace") { column throws(Problem) in try row.id(column) }
      return SeenDerivedToken(
        source: isSession ? .session(try row.id("id")) : .token(try row.id("id")), name: isSession ? Device.name(of: name) : name,
        workspace: try workspace.map { id throws(Problem) in SeenDerivedToken.Place(id: id, name: try row.text("workspace_name")) }, expiresAt: try row.instant("ends_at"))
    }
  }

  private static let limit = 200

  func endAll(of account: ID<Account>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      DELETE FROM derived_token WHERE source IN (SELECT s.digest FROM session s WHERE s.account = \(account))
        OR source IN (SELECT t.digest FROM access_token t WHERE t.account = \(account))
      """, under: proof)
  }

  /// Removes those whose time is over.
  func purge() throws(Problem) { try tx.change("DELETE FROM derived_token WHERE expires_at <= \(tx.now)", under: Housekeeping()) }
}

extension DerivedToken {
  fileprivate init(_ row: Row) throws(Problem) {
    let digest = try SHA256Digest(row.text("source")).orDefect()
    let source: Source
    switch try row.text("source_kind") {
    case "session": source = .session(digest)
    case "token": source = .token(digest)
    case "key": source = .key(digest)
    default: source = .workspace(digest)
    }
    self.init(
      source: source, workspace: try row.optional("workspace") { column throws(Problem) in try row.id(column) }, expiresAt: try row.instant("expires_at"))
  }
}

extension DerivedToken.Source {
  fileprivate var columns: (kind: String, source: SHA256Digest) {
    switch self {
    case .session(let digest): ("session", digest)
    case .token(let digest): ("token", digest)
    case .key(let digest): ("key", digest)
    case .workspace(let digest): ("workspace", digest)
    }
  }
}
