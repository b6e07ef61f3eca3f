import Kernel
import Secrets
import Storage

extension Work {
  var deviceLogins: DeviceLoginRows { DeviceLoginRows(tx: tx) }
}

struct DeviceLoginRows {
  let tx: any Transaction

  private static let columns: Statement = """
    user_code, client, address, user_agent, created_at, expires_at, asked_at, state, account, authenticated_at, term, workspace
    """

  /// One whose time isn't over.
  func find(_ code: UserCode) throws(Problem) -> DeviceLogin? {
    try tx.row("SELECT \(Self.columns) FROM device_login WHERE user_code = \(code.letters) AND expires_at > \(tx.now)").map(DeviceLogin.init)
  }

  func find(_ digest: SHA256Digest) throws(Problem) -> DeviceLogin? {
    try tx.row("SELECT \(Self.columns) FROM device_login WHERE digest = \(digest.text) AND expires_at > \(tx.now)").map(DeviceLogin.init)
  }

  /// Nobody is let in by asking.
  func insert(_ login: DeviceLogin, _ digest: SHA256Digest) throws(Problem) {
    try tx.change(
      """
      INSERT INTO device_login (digest, user_code, client, address, user_agent, created_at, expires_at, state)
      VALUES (\(digest.text), \(login.code.letters), \(login.client), \(login.address), \(login.userAgent), \(login.createdAt), \(login.expiresAt), 'waiting')
      """, under: Housekeeping())
  }

  func touch(_ code: UserCode) throws(Problem) {
    try tx.change("UPDATE device_login SET asked_at = \(tx.now) WHERE user_code = \(code.letters)", under: Housekeeping())
  }

  func answer(_ login: DeviceLogin, under proof: some Proof) throws(Problem) {
    var approval: DeviceLogin.Approval?
    if case .approved(let given) = login.state { approval = given }
    try tx.change(
      """
      UPDATE device_login SET state = \(login.state.word), account = \(approval?.account), authenticated_at = \(approval?.authenticatedAt),
        term = \(approval?.term.wholeSeconds), workspace = \(approval?.workspace)
      WHERE user_code = \(login.code.letters)
      """, under: proof)
  }

  func end(_ code: UserCode) throws(Problem) { try tx.change("DELETE FROM device_login WHERE user_code = \(code.letters)", under: Housekeeping()) }

  /// Removes those whose time is over.
  func purge() throws(Problem) { try tx.change("DELETE FROM device_login WHERE expires_at <= \(tx.now)", under: Housekeeping()) }
}

extension DeviceLogin.State {
  var word: String {
    switch self {
    case .waiting: "waiting"
    case .refused: "refused"
    case .approved: "approved"
    }
  }
}

extension DeviceLogin {
  fileprivate init(_ row: Row) throws(Problem) {
    let state: State
    switch try row.text("state") {
    case "approved":
      state = .approved(
        Approval(
          account: try row.id("account"), authenticatedAt: try row.instant("authenticated_at"), term: .seconds(try row.integer("term")),
          workspace: try row.optional("workspace") { column throws(Problem) in try row.id(column) }))
    case "refused": state = .refused
    default: state = .waiting
    }
    self.init(
      code: try UserCode(row.text("user_code")).orDefect(), client: try row.text("client"), address: try row.text("address"),
      userAgent: try row.text("user_agent"), createdAt: try row.instant("created_at"), expiresAt: try row.instant("expires_at"),
      askedAt: try row.optional("asked_at", row.instant), state: state)
  }
}
