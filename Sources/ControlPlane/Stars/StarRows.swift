import Kernel
import Storage

extension Work {
  var stars: StarRows { StarRows(tx: tx) }
}

struct StarRows {
  let tx: any Transaction

  /// Which of these somebody has starred.
  func starred(by account: ID<Account>, among resources: [ID<Resource>]) throws(Problem) -> Set<ID<Resource>> {
    if resources.isEmpty { return [] }
    let rows = try tx.rows("SELECT s.resource FROM star s WHERE s.account = \(account) AND s.resource IN (\(list: resources))")
    return Set(try rows.map { row throws(Problem) in try row.id("resource") })
  }

  /// In one organization, the newest first.
  func list(of account: ID<Account>, in organization: ID<Organization>) throws(Problem) -> [Star] {
    try tx.rows(
      """
      SELECT \(ResourceRows.columns), s.since FROM star s CROSS JOIN resource r
      WHERE s.account = \(account) AND r.id = s.resource AND r.organization = \(organization) ORDER BY s.since DESC, r.id
      """
    ).map { row throws(Problem) in Star(resource: try Resource(row), since: try row.instant("since")) }
  }

  func insert(_ resource: ID<Resource>, of account: ID<Account>, under proof: some Proof) throws(Problem) {
    try tx.change(
      "INSERT INTO star (account, resource, since) VALUES (\(account), \(resource), \(tx.now)) ON CONFLICT (account, resource) DO NOTHING", under: proof)
  }

  func delete(_ resource: ID<Resource>, of account: ID<Account>, under proof: some Proof) throws(Problem) {
    try tx.change("DELETE FROM star WHERE account = \(account) AND resource = \(resource)", under: proof)
  }
}
