import Authorization
import Kernel
import Secrets
import Storage

extension Work {
  var actors: ActorRows { ActorRows(tx: tx) }
}

/// Finds out who holds a secret.
struct ActorRows {
  let tx: any Transaction

  /// The account behind a session or token that is in force at `now`.
  func holder(of digest: SHA256Digest, at now: Timestamp) throws(Problem) -> Actor? {
    if let row = try tx.row(
      """
      SELECT a.id, n.text AS handle, a.name, a.active, a.super_user, s.id AS session, s.authenticated_at
      FROM session s JOIN account a ON a.id = s.account JOIN name n ON n.owner = a.id AND n.current = 1
      WHERE s.digest = \(digest.text) AND s.expires_at > \(now) AND s.idle_at > \(now)
      """)
    {
      return .person(try person(row, session: .init(id: row.id("session"), authenticatedAt: row.instant("authenticated_at"))))
    }
    guard
      let row = try tx.row(
        """
        SELECT a.id, n.text AS handle, a.name, a.active, a.super_user, t.id AS token, t.scopes, t.organization
        FROM access_token t JOIN account a ON a.id = t.account JOIN name n ON n.owner = a.id AND n.current = 1
        WHERE t.digest = \(digest.text) AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > \(now))
        """)
    else { return nil }
    let scopes = Set(try row.text("scopes").split(separator: " ").compactMap { TokenScope(rawValue: String($0)) })
    return .person(
      try person(row, token: .init(id: row.id("token"), scopes: scopes, organization: try row.optional("organization") { column throws(Problem) in try row.id(column) })))
  }

  private func person(_ row: Row, session: Person.SessionSeal? = nil, token: Person.TokenSeal? = nil) throws(Problem) -> Person {
    Person(
      id: try row.id("id"), handle: try row.parsed("handle") { text throws(Rejection) in try Slug(stored: text) }, name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      isActive: try row.bool("active"), isSuperUser: try row.bool("super_user"), session: session, token: token)
  }
}
