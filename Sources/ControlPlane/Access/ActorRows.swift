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
    let digest = digest.text
    guard
      let row = try tx.row(
        """
        SELECT a.id, n.text AS handle, a.name, a.active, a.super_user, held.session, held.authenticated_at, held.token, held.scopes, held.organization
        FROM (
          SELECT account, id AS session, authenticated_at, NULL AS token, NULL AS scopes, NULL AS organization FROM session
          WHERE digest = \(digest) AND expires_at > \(now) AND idle_at > \(now)
          UNION ALL
          SELECT account, NULL, NULL, id, scopes, organization FROM access_token
          WHERE digest = \(digest) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > \(now))
        ) AS held JOIN account a ON a.id = held.account JOIN name n ON n.owner = a.id AND n.current = 1
        """)
    else { return nil }
    if !row.isNull("session") { return .person(try person(row, session: .init(id: row.id("session"), authenticatedAt: row.instant("authenticated_at")))) }
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
