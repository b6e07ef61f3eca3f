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
