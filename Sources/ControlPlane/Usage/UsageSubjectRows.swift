import Kernel
import Ledger
import Storage

extension Work {
  var usageSubjects: UsageSubjectRows { UsageSubjectRows(tx: tx) }
}

/// Looks up many of those that events name at once.
struct UsageSubjectRows {
  let tx: any Transaction

  private static let chunk = 200

  /// Those of these accounts that are members, or were and aren't forgotten yet.
  func members(_ ids: Set<ID<Account>>, in organization: ID<Organization>) throws(Problem) -> Set<ID<Account>> {
    var found: Set<ID<Account>> = []
    for part in ids.chunks(ofCount: Self.chunk) {
      for row in try tx.rows("SELECT m.account FROM member m WHERE m.organization = \(organization) AND m.account IN (\(list: part))") {
        found.insert(try row.id("account"))
      }
    }
    for part in ids.subtracting(found).chunks(ofCount: Self.chunk) {
      for row in try tx.rows("SELECT f.account FROM former_member f WHERE f.organization = \(organization) AND f.account IN (\(list: part))") {
        found.insert(try row.id("account"))
      }
    }
    return found
  }

  /// Those of these projects that are the organization's.
  func projects(_ ids: Set<ID<Project>>, in organization: ID<Organization>) throws(Problem) -> Set<ID<Project>> {
    var found: Set<ID<Project>> = []
    for part in ids.chunks(ofCount: Self.chunk) {
      for row in try tx.rows("SELECT r.id FROM resource r WHERE r.id IN (\(list: part)) AND r.type = 'project' AND r.organization || '' = \(organization)") {
        found.insert(try row.id("id"))
      }
    }
    return found
  }

  func project(_ slug: String, of workspace: String, in organization: ID<Organization>) throws(Problem) -> ID<Project>? {
    try tx.row(
      """
      SELECT r.id FROM resource w JOIN resource r ON r.parent = w.id AND r.type = 'project' AND r.slug = \(slug)
      WHERE w.slug = \(workspace) AND w.type = 'workspace' AND w.organization = \(organization)
      """
    ).map { row throws(Problem) in try row.id("id") }
  }

  /// What projects are called.
  func names(of projects: Set<ID<Project>>, in organization: ID<Organization>) throws(Problem) -> [ID<Project>: String] {
    var found: [ID<Project>: String] = [:]
    for part in projects.chunks(ofCount: Self.chunk) {
      for row in try tx.rows("SELECT r.id, r.name FROM resource r WHERE r.id IN (\(list: part)) AND r.organization || '' = \(organization)") {
        found[try row.id("id")] = try row.text("name")
      }
    }
    return found
  }

  /// What teams are called.
  func names(of teams: Set<ID<Team>>, in organization: ID<Organization>) throws(Problem) -> [ID<Team>: String] {
    var found: [ID<Team>: String] = [:]
    for part in teams.chunks(ofCount: Self.chunk) {
      for row in try tx.rows("SELECT t.id, t.name FROM team t WHERE t.id IN (\(list: part)) AND t.organization || '' = \(organization)") {
        found[try row.id("id")] = try row.text("name")
      }
    }
    return found
  }

  /// The accounts of these holders' sub-balances.
  func accounts(of kind: SubBalance.HolderKind, _ holders: Set<String>, in organization: ID<Organization>) throws(Problem) -> [String: AccountNumber] {
    var found: [String: AccountNumber] = [:]
    for part in holders.chunks(ofCount: Self.chunk) {
      let rows = try tx.rows(
        "SELECT s.holder, s.account FROM sub_balance s WHERE s.organization = \(organization) AND s.holder_kind = \(kind) AND s.holder IN (\(list: part))")
      for row in rows { found[try row.text("holder")] = try row.account("account") }
    }
    return found
  }
}
