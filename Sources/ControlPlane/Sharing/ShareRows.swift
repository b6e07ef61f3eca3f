import Authorization
import Kernel
import Storage

extension Work {
  var shares: ShareRows { ShareRows(tx: tx) }
}

struct ShareRows {
  let tx: any Transaction

  private static let columns: Statement = """
    s.id, s.type, s.name, s.kind, s.actions, s.shared_by, s.sharer, s.sort_name, s.since, s.revision, s.member, s.service_account, s.team, m.account, m.handle,
    m.name AS member_name, a.slug AS service_account_slug, a.name AS service_account_name, t.slug AS team_slug, t.name AS team_name
    """
  private static let source: Statement = """
    object_share s LEFT JOIN member m ON m.id = s.member LEFT JOIN service_account a ON a.id = s.service_account LEFT JOIN team t ON t.id = s.team
    """

  // MARK: For decisions

  /// The shares whose holder the caller is, by themselves or through a team, as an answer of two parts joined by `UNION ALL`.
  static func held(by holder: GrantHolder, _ columns: Statement, where condition: Statement) -> Statement {
    let (own, seat): (Statement, Statement)
    switch holder {
    case .person(let account, let organization):
      let member: Statement = "(SELECT m.id FROM member m WHERE m.organization = \(organization) AND m.account = \(account))"
      (own, seat) = ("g.member = \(member)", "s.member = \(member)")
    case .machine(let id): (own, seat) = ("g.service_account = \(id)", "s.service_account = \(id)")
    }
    return """
      SELECT \(columns) FROM object_share g WHERE \(own) AND \(condition)
      UNION ALL SELECT \(columns) FROM team_seat s CROSS JOIN object_share g WHERE \(seat) AND g.team = s.team AND \(condition)
      """
  }

  /// The ids of the places that they reach by a share of something there.
  static func places(of holder: GrantHolder) -> Statement { held(by: holder, "g.place", where: "g.place IS NOT NULL") }

  // MARK: Of one object

  private func condition(_ object: SharedObject, in organization: ID<Organization>) -> Statement {
    let home = object.place?.id.description ?? organization.description
    return "s.home = \(home) AND s.type = \(object.name.type.name) AND s.name = \(object.name.id) AND s.organization = \(organization)"
  }

  /// Members first, then service accounts and teams, each by name.
  func list(of object: SharedObject, in organization: ID<Organization>, _ page: PageRequest) throws(Problem) -> Page<Share> {
    let base = condition(object, in: organization)
    let after: Statement = try page.keys(of: "shares", count: 3).map { " AND (s.kind, s.sort_name, s.id) > (\($0[0]), \($0[1]), \($0[2]))" } ?? .none
    let rows = try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE \(base)\(after) ORDER BY s.kind, s.sort_name, s.id LIMIT \(page.limit + 1)")
    let found = try rows.map { row throws(Problem) in try Share(row, of: object) }
    return Page(found, of: "shares", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM object_share s WHERE \(base)")) {
      [$0.holder.kind.rawValue, $0.holder.sortName, $0.id.description]
    }
  }

  func find(_ holder: Grant.Holder, of object: SharedObject, in organization: ID<Organization>) throws(Problem) -> Share? {
    try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE \(condition(object, in: organization)) AND \(Self.column(of: holder, "s"))")
      .map { row throws(Problem) in try Share(row, of: object) }
  }

  func count(of object: SharedObject, in organization: ID<Organization>) throws(Problem) -> Int {
    try tx.count("SELECT count(*) AS n FROM object_share s WHERE \(condition(object, in: organization))")
  }

  func reaches(_ limit: Int, in organization: ID<Organization>) throws(Problem) -> Bool {
    try tx.count("SELECT count(*) AS n FROM (SELECT 1 AS one FROM object_share s WHERE s.organization = \(organization) LIMIT \(limit)) AS found") >= limit
  }

  private static func column(of holder: Grant.Holder, _ table: Statement) -> Statement {
    switch holder {
    case .member(let id, _, _, _): "\(table).member = \(id)"
    case .serviceAccount(let id, _, _): "\(table).service_account = \(id)"
    case .team(let id, _, _): "\(table).team = \(id)"
    // Nothing is shared with who isn't here yet.
    case .invitation: "1 = 0"
    }
  }

  // MARK: What somebody was given

  /// By type and name, then by where it stands; the caller's own, and those of their teams.
  func received(
    by holder: GrantHolder, in organization: ID<Organization>, _ page: PageRequest
  ) throws(Problem) -> (rows: [ReceivedRow], next: Cursor?, total: Int) {
    let held = Self.held(by: holder, "g.id", where: "g.organization = \(organization)")
    return try found("s.id IN (\(held))", "shares-received", page)
  }

  /// The same of what somebody gave others.
  func given(by sharer: String, in organization: ID<Organization>, _ page: PageRequest) throws(Problem) -> (rows: [ReceivedRow], next: Cursor?, total: Int) {
    try found("s.organization = \(organization) AND s.shared_by = \(sharer)", "shares-given", page)
  }

  private func found(_ condition: Statement, _ list: String, _ page: PageRequest) throws(Problem) -> (rows: [ReceivedRow], next: Cursor?, total: Int) {
    let after: Statement = try page.keys(of: list, count: 3).map { " AND (s.type, s.name, s.id) > (\($0[0]), \($0[1]), \($0[2]))" } ?? .none
    let found = try tx.rows(
      "SELECT \(Self.columns), s.place FROM \(Self.source) WHERE \(condition)\(after) ORDER BY s.type, s.name, s.id LIMIT \(page.limit + 1)")
    let rows = try found.prefix(page.limit).map { row throws(Problem) in
      ReceivedRow(
        row: row, name: try ObjectName(type: try row.text("type"), id: try row.text("name")),
        place: try row.optional("place") { column throws(Problem) in try row.id(column) })
    }
    let next = try found.count > page.limit ? rows.last.map { last throws(Problem) in
      Cursor(list: list, keys: [last.name.type.name, last.name.id, try last.row.text("id")])
    } : nil
    return (rows, next, try tx.count("SELECT count(*) AS n FROM object_share s WHERE \(condition)"))
  }

  /// A share whose object is still to be looked up.
  struct ReceivedRow {
    fileprivate let row: Row
    let name: ObjectName
    let place: ID<Resource>?

    func share(of object: SharedObject) throws(Problem) -> Share { try Share(row, of: object) }
  }

  // MARK: Writing

  func insert(_ share: Share, in organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    let (place, holder) = (share.object.place?.id, ids(of: share.holder))
    try tx.change(
      """
      INSERT INTO object_share (id, organization, place, home, type, name, kind, member, service_account, team, actions, shared_by, sharer, sort_name, since,
        revision)
      VALUES (\(share.id), \(organization), \(place), \(place?.description ?? organization.description), \(share.object.name.type.name),
        \(share.object.name.id), \(share.holder.kind.rawValue), \(holder.member), \(holder.serviceAccount), \(holder.team), \(share.storedActions),
        \(share.sharer.id), \(share.sharer.name), \(share.holder.sortName), \(share.since), \(share.revision))
      """, under: proof)
    try note(holder, in: organization, under: proof)
  }

  func update(_ share: Share, in organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE object_share SET actions = \(share.storedActions), shared_by = \(share.sharer.id), sharer = \(share.sharer.name), revision = revision + 1
      WHERE id = \(share.id) AND organization = \(organization)
      """, under: proof)
    try note(ids(of: share.holder), in: organization, under: proof)
  }

  func delete(_ share: Share, in organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM object_share WHERE id = \(share.id) AND organization = \(organization)", under: proof)
    try note(ids(of: share.holder), in: organization, under: proof)
  }

  /// Ends all shares of an object; how many there were.
  @discardableResult
  func drop(_ object: SharedObject, in organization: ID<Organization>, under proof: some Proof) throws(Problem) -> Int {
    try drop(condition(object, in: organization), in: organization, under: proof)
  }

  /// Ends what a holder has of things that stand in a place, or in something there.
  func drop(of holder: Grant.Holder, within place: ID<Resource>, in organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    let inside: Statement = "(s.place = \(place) OR s.place IN (SELECT p.id FROM resource p WHERE p.parent = \(place)))"
    try drop("\(Self.column(of: holder, "s")) AND \(inside)", in: organization, under: proof)
  }

  @discardableResult
  private func drop(_ condition: Statement, in organization: ID<Organization>, under proof: some Proof) throws(Problem) -> Int {
    let found = try tx.rows("SELECT s.id, s.member, s.service_account, s.team FROM object_share s WHERE \(condition) ORDER BY s.id")
    for row in found {
      try tx.change("DELETE FROM object_share WHERE id = \(try row.text("id")) AND organization = \(organization)", under: proof)
      let holder = try row.accessHolder()
      try note((holder.member, holder.serviceAccount, row.optional("team") { column throws(Problem) in try row.id(column) }), in: organization, under: proof)
    }
    return found.count
  }

  private typealias Holder = (member: ID<Member>?, serviceAccount: ID<ServiceAccount>?, team: ID<Team>?)

  private func ids(of holder: Grant.Holder) -> Holder {
    switch holder {
    case .member(let id, _, _, _): (id, nil, nil)
    case .serviceAccount(let id, _, _): (nil, id, nil)
    case .team(let id, _, _): (nil, nil, id)
    case .invitation: (nil, nil, nil)
    }
  }

  private func note(_ holder: Holder, in organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    let changes = AccessChangeRows(tx: tx)
    if let member = holder.member { try changes.note(.member(member), in: organization, under: proof) }
    if let account = holder.serviceAccount { try changes.note(.serviceAccount(account), in: organization, under: proof) }
    if let team = holder.team { try changes.note(.teamHoldings(team), in: organization, under: proof) }
  }

  // MARK: For explanations

  /// What is shared of an object with somebody, by the id of the account or service account, or with a team.
  func named(
    _ object: AccessResource, with holder: AccessHolder, in organization: ID<Organization>
  ) throws(Problem) -> (sharer: String, name: String, actions: String)? {
    let whose: Statement =
      switch holder {
      case .member(let id): "(m.account = \(id) OR s.service_account = \(id))"
      case .team(let id): "s.team = \(id)"
      }
    let row = try tx.row(
      """
      SELECT s.sharer, s.actions, COALESCE(m.name, a.name, t.name) AS holder FROM \(Self.source)
      WHERE s.organization = \(organization) AND s.type = \(object.type.name) AND s.name = \(object.id) AND \(whose) ORDER BY s.id LIMIT 1
      """)
    return try row.map { row throws(Problem) in
      (try row.text("sharer"), try row.text("holder"), try row.text("actions").replacing(",", with: ", "))
    }
  }
}

extension Share {
  fileprivate var storedActions: String { sortedActions.map(\.name).joined(separator: ",") }

  fileprivate init(_ row: Row, of object: SharedObject) throws(Problem) {
    func slug(_ column: String) throws(Problem) -> Slug { try row.parsed(column) { text throws(Rejection) in try Slug(stored: text) } }
    func name(_ column: String) throws(Problem) -> DisplayName { try row.parsed(column) { text throws(Rejection) in try DisplayName(text) } }
    let holder: Grant.Holder =
      switch try row.choice("kind", of: Grant.Kind.self) {
      case .serviceAccount:
        .serviceAccount(id: try row.id("service_account"), slug: try slug("service_account_slug"), name: try name("service_account_name"))
      case .team: .team(id: try row.id("team"), slug: try slug("team_slug"), name: try name("team_name"))
      case .account, .invitation:
        .member(id: try row.id("member"), account: try row.id("account"), handle: try slug("handle"), name: try name("member_name"))
      }
    self.init(
      id: try row.id("id"), object: object, holder: holder, actions: Set(stored: try row.text("actions")),
      sharer: Sharer(id: try row.text("shared_by"), name: try name("sharer")), since: try row.instant("since"), revision: Int(try row.integer("revision")))
  }
}

extension Set<ResourceVerb> {
  /// As the column holds them.
  init(stored text: String) { self = Set(text.split(separator: ",").map { ResourceVerb(String($0)) }) }
}
