import Authorization
import Kernel
import Storage

extension MemberRows {
  func access(of member: ID<Member>, _ page: PageRequest) throws(Problem) -> Page<MemberAccess> {
    let columns: Statement = "g.id, g.role, g.custom_role, g.expires_at, g.since, g.team"
    let inForce: Statement = "(g.expires_at IS NULL OR g.expires_at > \(tx.now))"
    let held: Statement = """
      SELECT \(columns), g.resource FROM access_grant g WHERE g.member = \(member) AND \(inForce)
      UNION ALL SELECT \(columns), g.resource FROM team_seat s CROSS JOIN access_grant g WHERE s.member = \(member) AND g.team = s.team AND \(inForce)
      UNION ALL SELECT \(columns), NULL FROM organization_grant g WHERE g.member = \(member) AND \(inForce)
      UNION ALL SELECT \(columns), NULL FROM team_seat s CROSS JOIN organization_grant g WHERE s.member = \(member) AND g.team = s.team AND \(inForce)
      """
    let path: Statement = "COALESCE(p.slug || '/', '') || COALESCE(r.slug, '')"
    let after: Statement = try page.keys(of: "member-access", count: 2).map { " WHERE (\(path), h.id) > (\($0[0]), \($0[1]))" } ?? .none
    let rows = try tx.rows(
      """
      SELECT h.id, h.role, h.custom_role, h.expires_at, h.since, t.slug AS team_slug, t.name AS team_name, r.id AS resource, r.type, p.type AS outer_type,
        \(path) AS path
      FROM (\(held)) AS h LEFT JOIN team t ON t.id = h.team LEFT JOIN resource r ON r.id = h.resource LEFT JOIN resource p ON p.id = r.parent
      \(after) ORDER BY \(path), h.id LIMIT \(page.limit + 1)
      """)
    let customs = try RoleRows(tx: tx).named(in: rows)
    let found = try rows.map { row throws(Problem) in (try MemberAccess(row, customs), [try row.text("path"), try row.text("id")]) }
    let next = found.count > page.limit ? Cursor(list: "member-access", keys: found[page.limit - 1].1) : nil
    return Page(items: found.prefix(page.limit).map(\.0), next: next, total: try tx.count("SELECT count(*) AS n FROM (\(held)) AS h"))
  }
}

extension MemberAccess {
  fileprivate init(_ row: Row, _ customs: [String: CustomRole]) throws(Problem) {
    let isOnThing = !row.isNull("resource")
    let outer = try row.optional("outer_type", row.text).map { ResourceType($0) }
    let team = try row.optional("team_slug") { column throws(Problem) in
      Team(
        slug: try row.parsed(column) { text throws(Rejection) in try Slug(stored: text) },
        name: try row.parsed("team_name") { text throws(Rejection) in try DisplayName(text) })
    }
    self.init(
      role: try isOnThing ? row.resourceRole(customs) : row.organizationRole(customs),
      place: try isOnThing ? Place(id: row.id("resource"), type: ResourceType(row.text("type")), path: row.text("path"), outer: outer) : nil, team: team,
      since: try row.instant("since"), expires: try row.optional("expires_at", row.instant))
  }
}
