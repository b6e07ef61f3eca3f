import Authorization
import Kernel
import Storage

/// Facts a portion at a time, for who reads all of an organization without keeping a transaction open.
extension AccessFactRows {
  /// How many holders are read at once.
  private static let holders = 200
  private static let things = 1_000
  private static let policiesAtOnce = 50

  /// The facts at a place, and the place behind them.
  func portion(at place: AccessFactPlace, of organization: ID<Organization>) throws(Problem) -> ([AccessFact], next: AccessFactPlace) {
    switch place {
    case .roles:
      let roles = try RoleRows(tx: tx).all(in: organization).map { AccessFact.change(.role($0.role)) }
      return ([.change(.role(.passage)), .change(.role(.wayIn))] + roles, .containers(0, after: ["", ""]))
    case .containers(let number, let last):
      let type = AccessFactPlace.containerTypes[number]
      let (facts, end) = try things(
        "r.organization = \(organization) AND r.type = \(type.name) AND (r.slug, r.id) > (\(last[0]), \(last[1]))", orderedBy: "r.slug, r.id")
      if let end { return (facts, .containers(number, after: Array(end[1...]))) }
      return (facts, number + 1 < AccessFactPlace.containerTypes.count ? .containers(number + 1, after: ["", ""]) : .objects(after: ["", "", ""]))
    case .objects(let last):
      let (facts, end) = try things(
        """
        r.organization = \(organization) AND (r.type, r.slug, r.id) > (\(last[0]), \(last[1]), \(last[2]))
          AND r.type NOT IN (\(list: AccessFactPlace.containerTypes.map(\.name)))
        """, orderedBy: "r.type, r.slug, r.id")
      return (facts, end.map { .objects(after: $0) } ?? .teams(after: ""))
    case .teams(let last):
      let rows = try tx.rows("SELECT id, slug FROM team WHERE organization = \(organization) AND slug > \(last) ORDER BY slug LIMIT \(Self.things)")
      let facts = try rows.map { row throws(Problem) in AccessFact.team(try row.text("id"), slug: try row.text("slug")) }
      return (facts, rows.count < Self.things ? .teamGrants(after: "") : .teams(after: try rows[rows.count - 1].text("slug")))
    case .teamGrants(let last):
      guard let end = try lastName(of: "SELECT slug AS name FROM team WHERE organization = \(organization) AND slug > \(last) ORDER BY slug") else {
        return ([], .members(after: ""))
      }
      let range: Statement = "t.organization = \(organization) AND t.slug > \(last) AND t.slug <= \(end)"
      let facts = try grantsOfTeams(range) + organizationGrants("team t CROSS JOIN organization_grant g", "\(range) AND g.team = t.id", "g.team", isTeam: true)
      return (facts.map { .change($0) }, .teamGrants(after: end))
    case .members(let last):
      let (facts, next): ([AccessChange], String?) = try members(of: organization, after: last, limit: Self.holders)
      return (facts.map { .change($0) }, next.map { .members(after: $0) } ?? .collaborators(after: ""))
    case .collaborators(let last):
      let names: Statement = """
        SELECT DISTINCT account AS name FROM collaborator WHERE organization = \(organization) AND account > \(last) AND since IS NOT NULL ORDER BY name
        """
      guard let end = try lastName(of: names) else { return ([], .serviceAccounts(after: "")) }
      let facts = try collaborators("c.organization = \(organization) AND c.account > \(last) AND c.account <= \(end)")
      return (facts.map { .change($0) }, .collaborators(after: end))
    case .serviceAccounts(let last):
      guard let end = try lastName(of: "SELECT id AS name FROM service_account WHERE organization = \(organization) AND id > \(last) ORDER BY id") else {
        return ([], .policies(after: ""))
      }
      let facts = try serviceAccounts("s.organization = \(organization) AND s.id > \(last) AND s.id <= \(end)")
      return (facts.map { .change($0) }, .serviceAccounts(after: end))
    case .policies(let last):
      let rows = try tx.rows(
        """
        SELECT id, slug, name, text, names FROM policy WHERE organization = \(organization) AND enabled = 1 AND slug > \(last)
        ORDER BY slug LIMIT \(Self.policiesAtOnce)
        """)
      let facts = try rows.map { row throws(Problem) in try AccessFact(policy: row) }
      return (facts, rows.count < Self.policiesAtOnce ? .end : .policies(after: try rows[rows.count - 1].text("slug")))
    case .end: return ([], .end)
    }
  }

  /// Things by their keys; the last one's where there may be more.
  private func things(_ condition: Statement, orderedBy order: Statement) throws(Problem) -> ([AccessFact], end: [String]?) {
    let rows = try tx.rows("\(Self.resourceSource) WHERE \(condition) ORDER BY \(order) LIMIT \(Self.things)")
    let facts = try rows.map { row throws(Problem) in AccessFact.change(try Self.resource(row)) }
    guard rows.count == Self.things, let last = rows.last else { return (facts, nil) }
    return (facts, [try last.text("type"), try last.text("slug"), try last.text("id")])
  }

  /// The last name of a portion of holders; `nil` where there are none.
  private func lastName(of names: Statement) throws(Problem) -> String? {
    try tx.rows("\(names) LIMIT \(Self.holders)").last?.text("name")
  }

  /// A policy as it is in force; `nil` where it isn't.
  func policy(_ id: ID<Policy>, in organization: ID<Organization>) throws(Problem) -> AccessFact? {
    try tx.row("SELECT id, slug, name, text, names FROM policy WHERE organization = \(organization) AND id = \(id) AND enabled = 1")
      .map { row throws(Problem) in try AccessFact(policy: row) }
  }

  /// How far others on the same database have got, of some organizations.
  func heads(of organizations: Set<String>) throws(Problem) -> [String: Int64] {
    var found: [String: Int64] = [:]
    for row in try tx.rows(
      "SELECT h.organization, h.revision FROM \(values: organizations) AS wanted CROSS JOIN access_head h WHERE h.organization = wanted.column1")
    {
      found[try row.text("organization")] = try row.integer("revision")
    }
    return found
  }
}

extension AccessFact {
  fileprivate init(policy row: Row) throws(Problem) {
    let id = try row.text("id")
    self = .policy(
      AccessRules.Source(id: id, text: [PolicyReference](stored: try row.text("names")).compiled(try row.text("text"))),
      AccessGround.NamedPolicy(id: id, slug: try row.text("slug"), name: try row.text("name")))
  }
}
