import Kernel
import Storage

extension Work {
  var decisionNames: DecisionRows { DecisionRows(tx: tx) }
}

/// What people call those whom decisions know by their ids.
struct DecisionRows {
  let tx: any Transaction

  func slugs(ofTeams ids: Set<String>, in organization: ID<Organization>) throws(Problem) -> [String: String] {
    var found: [String: String] = [:]
    guard !ids.isEmpty else { return found }
    for row in try tx.rows(
      "SELECT t.id, t.slug FROM \(values: ids) AS wanted CROSS JOIN team t WHERE t.organization = \(organization) AND t.id = wanted.column1")
    {
      found[try row.text("id")] = try row.text("slug")
    }
    return found
  }

  /// With what they are in: `research/forecast`.
  func paths(ofResources ids: Set<String>, in organization: ID<Organization>) throws(Problem) -> [String: String] {
    var found: [String: String] = [:]
    guard !ids.isEmpty else { return found }
    let rows = try tx.rows(
      """
      SELECT r.id, r.slug, p.slug AS place FROM \(values: ids) AS wanted CROSS JOIN resource r LEFT JOIN resource p ON p.id = r.parent
      WHERE r.organization = \(organization) AND r.id = wanted.column1
      """)
    for row in rows {
      let place = try row.optional("place", row.text).map { "\($0)/" } ?? ""
      found[try row.text("id")] = place + (try row.text("slug"))
    }
    return found
  }

  func principals(_ ids: [String], in organization: ID<Organization>) throws(Problem) -> [String: AccessPrincipal] {
    var found: [String: AccessPrincipal] = [:]
    guard !ids.isEmpty else { return found }
    let people = try tx.rows(
      """
      SELECT m.account, m.handle, m.name FROM \(values: Set(ids)) AS wanted CROSS JOIN member m
      WHERE m.organization = \(organization) AND m.account = wanted.column1
      """)
    for row in people {
      let id = try row.text("account")
      found[id] = AccessPrincipal(kind: .account, id: id, handle: try row.text("handle"), name: try row.text("name"))
    }
    let machines = try tx.rows(
      """
      SELECT s.id, s.slug, s.name FROM \(values: Set(ids)) AS wanted CROSS JOIN service_account s
      WHERE s.organization = \(organization) AND s.id = wanted.column1
      """)
    for row in machines {
      let id = try row.text("id")
      found[id] = AccessPrincipal(kind: .serviceAccount, id: id, handle: try row.text("slug"), name: try row.text("name"))
    }
    let rest = Set(ids).subtracting(found.keys)
    guard !rest.isEmpty else { return found }
    let outside = try tx.rows(
      """
      SELECT DISTINCT c.account, n.text AS handle, a.name FROM \(values: rest) AS wanted CROSS JOIN collaborator c CROSS JOIN account a
      CROSS JOIN name n WHERE c.account = wanted.column1 AND c.organization = \(organization) AND c.since IS NOT NULL AND a.id = c.account AND n.owner = a.id
        AND n.current = 1
      """)
    for row in outside {
      let id = try row.text("account")
      found[id] = AccessPrincipal(kind: .account, id: id, handle: try row.text("handle"), name: try row.text("name"), isOutside: true)
    }
    return found
  }

  /// The domain of the address that somebody has proven and calls their first; `nil` without one.
  func provenAddress(of account: ID<Account>) throws(Problem) -> String? {
    try tx.row("SELECT address FROM account_email WHERE account = \(account) AND is_primary = 1 AND verified_at IS NOT NULL")?.text("address")
  }

  /// The first members by id, for a look at how a change would do; service accounts and outside collaborators beside them.
  func sample(of organization: ID<Organization>, limit: Int) throws(Problem) -> [String] {
    let members = try tx.rows("SELECT account AS id FROM member WHERE organization = \(organization) ORDER BY account LIMIT \(limit)")
    let machines = try tx.rows("SELECT id FROM service_account WHERE organization = \(organization) ORDER BY id LIMIT \(limit)")
    let outside = try tx.rows(
      """
      SELECT DISTINCT account AS id FROM collaborator WHERE organization = \(organization) AND account IS NOT NULL AND since IS NOT NULL
      ORDER BY 1 LIMIT \(limit)
      """)
    return try (members + machines + outside).map { row throws(Problem) in try row.text("id") }
  }

  /// The first workspaces and projects by id.
  func resources(of organization: ID<Organization>, limit: Int) throws(Problem) -> [(type: String, id: String)] {
    try tx.rows("SELECT type, id FROM resource WHERE organization = \(organization) ORDER BY id LIMIT \(limit)").map { row throws(Problem) in
      (try row.text("type"), try row.text("id"))
    }
  }

  /// The accounts of admins who are in force for good.
  func lastingAdmins(of organization: ID<Organization>, limit: Int) throws(Problem) -> [String] {
    try tx.rows(
      """
      SELECT m.account FROM member m CROSS JOIN account a WHERE m.organization = \(organization) AND m.is_admin = 1 AND m.suspended_at IS NULL
        AND m.expires_at IS NULL AND a.id = m.account AND a.active = 1 ORDER BY m.account || '' LIMIT \(limit)
      """
    ).map { row throws(Problem) in try row.text("account") }
  }
}
