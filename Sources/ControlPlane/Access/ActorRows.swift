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

  /// The person whose session it is, if it is in force at `now`.
  func holder(ofSession digest: SHA256Digest, at now: Timestamp) throws(Problem) -> Person? {
    let row = try tx.row(
      """
      SELECT \(Self.columns), s.id AS session, s.authenticated_at FROM session s CROSS JOIN account a CROSS JOIN name n
      WHERE s.digest = \(digest.text) AND s.expires_at > \(now) AND s.idle_at > \(now) AND a.id = s.account AND n.owner = a.id AND n.current = 1
      """)
    guard let row else { return nil }
    return try person(row, session: .init(id: row.id("session"), authenticatedAt: row.instant("authenticated_at")))
  }

  /// The person whose personal access token it is, if it is in force at `now`.
  func holder(ofToken digest: SHA256Digest, at now: Timestamp) throws(Problem) -> Person? {
    let row = try tx.row(
      """
      SELECT \(Self.columns), t.id AS token, t.scopes, t.organization FROM access_token t CROSS JOIN account a CROSS JOIN name n
      WHERE t.digest = \(digest.text) AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > \(now))
        AND a.id = t.account AND n.owner = a.id AND n.current = 1
      """)
    guard let row else { return nil }
    return try person(
      row, token: .init(
        id: row.id("token"), scopes: row.parsed("scopes") { text throws(Rejection) in try Set(stored: text) },
        organization: try row.optional("organization") { column throws(Problem) in try row.id(column) }))
  }

  /// The service account whose key it is, if both are in force at `now`.
  func holder(ofKey digest: SHA256Digest, at now: Timestamp) throws(Problem) -> Machine? {
    let row = try tx.row(
      """
      SELECT s.id, s.organization, s.name, s.roles, \(OrganizationGrantRows.countOfServiceAccount) AS more
      FROM service_account_key k CROSS JOIN service_account s
      WHERE k.digest = \(digest.text) AND \(ServiceAccountKeyRows.holding(at: now)) AND s.id = k.service_account AND s.disabled_at IS NULL
      """)
    return try row.map { row throws(Problem) in
      Machine(
        id: try row.id("id"), organization: try row.id("organization"), name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
        roles: try row.parsed("roles") { text throws(Rejection) in try RoleSet(stored: text) }, holdsMore: try row.integer("more") > 0)
    }
  }

  private static let columns: Statement = "a.id, n.text AS handle, a.name, a.active, a.super_user"

  private func person(_ row: Row, session: Person.SessionSeal? = nil, token: Person.TokenSeal? = nil) throws(Problem) -> Person {
    Person(
      id: try row.id("id"), handle: try row.parsed("handle") { text throws(Rejection) in try Slug(stored: text) }, name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      isActive: try row.bool("active"), isSuperUser: try row.bool("super_user"), session: session, token: token)
  }
}
