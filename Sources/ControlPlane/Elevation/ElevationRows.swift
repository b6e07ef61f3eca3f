import Authorization
import Kernel
import Storage

extension Work {
  var elevationRows: ElevationRows { ElevationRows(tx: tx) }
}

struct ElevationRows {
  let tx: any Transaction

  private static let columns: Statement = """
    e.id, e.organization, e.member, m.account, m.handle, m.name, m.address, e.resource, r.type, r.slug, p.slug AS place, e.role, e.custom_role, e.minutes,
    e.reason, e.state, e.created_at, e.answer_by, e.answered_by, e.answer, e.granted_until
    """
  private static let source: Statement = """
    elevation e CROSS JOIN member m LEFT JOIN resource r ON r.id = e.resource LEFT JOIN resource p ON p.id = r.parent
    """

  func find(_ id: ID<Elevation>, in organization: ID<Organization>) throws(Problem) -> Elevation? {
    try elevations("e.organization = \(organization) AND e.id = \(id)", limit: 1).first
  }

  /// The newest first: the open ones, or all.
  func list(in organization: ID<Organization>, open: Bool, limit: Int) throws(Problem) -> [Elevation] {
    var condition: Statement = "e.organization = \(organization)"
    if open { condition = condition + " AND e.state = 'pending' AND e.answer_by > \(tx.now)" }
    return try elevations(condition, limit: limit)
  }

  private func elevations(_ condition: Statement, limit: Int) throws(Problem) -> [Elevation] {
    let rows = try tx.rows(
      "SELECT \(Self.columns) FROM \(Self.source) WHERE \(condition) AND m.id = e.member ORDER BY e.created_at DESC, e.id DESC LIMIT \(limit)")
    let customs = try RoleRows(tx: tx).named(in: rows)
    return try rows.map { row throws(Problem) in try Elevation(row, customs, at: tx.now) }
  }

  /// How many are open: of the member, and in the organization.
  func countOpen(of member: ID<Member>, in organization: ID<Organization>) throws(Problem) -> (own: Int, all: Int) {
    let open: Statement = "state = 'pending' AND answer_by > \(tx.now)"
    return (
      try tx.count("SELECT count(*) AS n FROM elevation WHERE member = \(member) AND \(open)"),
      try tx.count("SELECT count(*) AS n FROM elevation WHERE organization = \(organization) AND \(open)")
    )
  }

  func insert(_ elevation: Elevation, under proof: some Proof) throws(Problem) {
    var resource: ID<Resource>?
    if case .resource(let id, _, _) = elevation.place { resource = id }
    try tx.change(
      """
      INSERT INTO elevation (id, organization, member, resource, role, custom_role, minutes, reason, state, created_at, answer_by, answer)
      VALUES (\(elevation.id), \(elevation.organization), \(elevation.member), \(resource), \(elevation.role.stored.role), \(elevation.role.stored.custom),
        \(Int(elevation.term.components.seconds / 60)), \(elevation.reason), 'pending', \(elevation.createdAt), \(elevation.answerBy), '')
      """, under: proof)
  }

  /// Answers it once; whether it was open still.
  func answer(
    _ id: ID<Elevation>, _ state: Elevation.State, by name: String, note: Note, until: Timestamp?, under proof: some Proof
  ) throws(Problem) -> Bool {
    try tx.change(
      """
      UPDATE elevation SET state = \(state.rawValue), answered_at = \(tx.now), answered_by = \(name), answer = \(note), granted_until = \(until)
      WHERE id = \(id) AND state = 'pending'
      """, under: proof) == 1
  }
}

extension Elevation {
  fileprivate init(_ row: Row, _ customs: [String: CustomRole], at now: Timestamp) throws(Problem) {
    var place = Place.organization
    if let resource: ID<Resource> = try row.optional("resource", { column throws(Problem) in try row.id(column) }) {
      let (outer, slug) = (try row.optional("place", row.text), try row.text("slug"))
      place = .resource(resource, type: ResourceType(try row.text("type")), path: outer.map { "\($0)/\(slug)" } ?? slug)
    }
    let answerBy = try row.instant("answer_by")
    let state = try row.choice("state", of: State.self)
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), member: try row.id("member"), account: try row.id("account"),
      handle: try row.parsed("handle") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      email: try row.optional("address") { column throws(Problem) in try row.parsed(column) { text throws(Rejection) in try EmailAddress(text) } },
      place: place,
      role: place == .organization ? try row.organizationRole(customs) : try row.resourceRole(customs), term: .minutes(Int(try row.integer("minutes"))),
      reason: try row.parsed("reason") { text throws(Rejection) in try Note(text) }, state: state == .pending && answerBy <= now ? .expired : state,
      createdAt: try row.instant("created_at"), answerBy: answerBy, answeredBy: try row.optional("answered_by", row.text),
      answer: try row.parsed("answer") { text throws(Rejection) in try Note(text) }, grantedUntil: try row.optional("granted_until", row.instant))
  }
}
