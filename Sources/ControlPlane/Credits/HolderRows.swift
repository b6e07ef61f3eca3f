import Kernel
import Storage

extension Work {
  var holderRows: HolderRows { HolderRows(tx: tx) }
}

/// How those are named for whom credits are kept.
struct HolderRows {
  let tx: any Transaction

  /// By id.
  func handles(of accounts: Set<ID<Account>>) throws(Problem) -> [String: String] {
    if accounts.isEmpty { return [:] }
    var found: [String: String] = [:]
    for row in try tx.rows("SELECT n.owner, n.text FROM \(values: accounts) AS wanted CROSS JOIN name n WHERE n.owner = wanted.column1 AND n.current = 1") {
      found[try row.text("owner")] = try row.text("text")
    }
    return found
  }

  /// By id, of the organization's own.
  func slugs(of machines: Set<ID<ServiceAccount>>, in organization: ID<Organization>) throws(Problem) -> [String: String] {
    if machines.isEmpty { return [:] }
    var found: [String: String] = [:]
    for row in try tx.rows(
      "SELECT s.id, s.slug FROM \(values: machines) AS wanted CROSS JOIN service_account s WHERE s.organization = \(organization) AND s.id = wanted.column1")
    {
      found[try row.text("id")] = try row.text("slug")
    }
    return found
  }
}
