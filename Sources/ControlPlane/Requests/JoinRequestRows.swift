import Kernel
import Storage

extension Work {
  var requests: JoinRequestRows { JoinRequestRows(tx: tx) }
}

struct JoinRequestRows {
  let tx: any Transaction

  private static let columns: Statement = "r.id, r.organization, r.account, n.text AS handle, a.name, e.address, r.message, r.state, r.created_at"
  private static let source: Statement = """
    join_request r JOIN account a ON a.id = r.account JOIN name n ON n.owner = a.id AND n.current = 1
    LEFT JOIN account_email e ON e.account = a.id AND e.is_primary = 1
    """

  func find(_ id: ID<JoinRequest>, in organization: ID<Organization>) throws(Problem) -> JoinRequest? {
    try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE r.organization = \(organization) AND r.id = \(id)").map(JoinRequest.init)
  }

  func find(_ id: ID<JoinRequest>, by account: ID<Account>) throws(Problem) -> JoinRequest? {
    try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE r.account = \(account) AND r.id = \(id)").map(JoinRequest.init)
  }

  func open(by account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> JoinRequest? {
    try tx.row("SELECT \(Self.columns) FROM \(Self.source) WHERE r.organization = \(organization) AND r.account = \(account) AND r.state = 'pending'").map(JoinRequest.init)
  }

  func list(in organization: ID<Organization>, _ state: JoinRequest.State?, _ page: PageRequest) throws(Problem) -> Page<JoinRequest> {
    try list(where: state.map { "r.organization = \(organization) AND r.state = \($0.rawValue)" } ?? "r.organization = \(organization)", page)
  }

  func list(by account: ID<Account>, _ page: PageRequest) throws(Problem) -> Page<JoinRequest> { try list(where: "r.account = \(account)", page) }

  private func list(where condition: Statement, _ page: PageRequest) throws(Problem) -> Page<JoinRequest> {
    var after = Statement.none
    if let keys = try page.keys(of: "requests", count: 2) {
      guard let created = Int64(keys[0]) else { throw .invalid("cursor", "This cursor can't be read; start again without it.") }
      after = " AND (r.created_at, r.id) < (\(created), \(keys[1]))"
    }
    let found = try tx.rows("SELECT \(Self.columns) FROM \(Self.source) WHERE \(condition)\(after) ORDER BY r.created_at DESC, r.id DESC LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try JoinRequest(row) }
    let total = try tx.count("SELECT count(*) AS n FROM join_request r WHERE \(condition)")
    return Page(found, of: "requests", limit: page.limit, total: total) { [String($0.createdAt.milliseconds), $0.id.description] }
  }

  func insert(_ id: ID<JoinRequest>, of account: ID<Account>, in organization: ID<Organization>, message: Note, under proof: some Proof) throws(Problem) {
    try tx.change(
      "INSERT INTO join_request (id, organization, account, message, state, created_at) VALUES (\(id), \(organization), \(account), \(message), 'pending', \(tx.now))", under: proof)
  }

  func answer(_ request: JoinRequest, by account: ID<Account>, under proof: some Proof) throws(Problem) {
    try tx.change(
      "UPDATE join_request SET state = \(request.state.rawValue), answered_at = \(tx.now), answered_by = \(account) WHERE id = \(request.id) AND state = 'pending'", under: proof)
  }
}

extension JoinRequest {
  init(_ row: Row) throws(Problem) {
    self.init(
      id: try row.id("id"), organization: try row.id("organization"), account: try row.id("account"),
      handle: try row.parsed("handle") { text throws(Rejection) in try Slug(stored: text) }, name: try row.parsed("name") { text throws(Rejection) in try DisplayName(text) },
      email: try row.optional("address") { column throws(Problem) in try row.parsed(column) { text throws(Rejection) in try EmailAddress(text) } },
      message: try row.parsed("message") { text throws(Rejection) in try Note(text) }, state: try row.choice("state"), createdAt: try row.instant("created_at"))
  }
}
