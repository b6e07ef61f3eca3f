import Authorization
import Contract
import Kernel
import Storage

extension Work {
  var objects: ObjectRows { ObjectRows(tx: tx) }
}

/// Objects, which are resources without a table of their own.
struct ObjectRows {
  let tx: any Transaction

  private static let isObject: Statement = "r.type NOT IN ('workspace', 'cluster', 'project', 'app')"

  func find(_ name: ObjectName, in organization: ID<Organization>) throws(Problem) -> Resource? {
    try tx.row(
      """
      SELECT \(ResourceRows.columns) FROM resource r
      WHERE r.organization = \(organization) AND r.type = \(name.type.name) AND r.slug = \(name.id) AND \(Self.isObject)
      """
    ).map { row throws(Problem) in try Resource(row) }
  }

  /// Of one place, or of what stands in the organization itself: by id, then by type.
  func list(
    in organization: ID<Organization>, at place: ID<Resource>?, of type: ResourceType?, named id: String?, _ page: PageRequest
  ) throws(Problem) -> Page<Resource> {
    var base: Statement = "r.organization = \(organization) AND \(Self.isObject)"
    base = base + (place.map { " AND r.parent = \($0)" } ?? " AND r.parent IS NULL")
    if let type { base = base + " AND r.type = \(type.name)" }
    if let id { base = base + " AND r.slug = \(id)" }
    let after: Statement = try page.keys(of: "objects", count: 2).map { " AND (r.slug, r.id) > (\($0[0]), \($0[1]))" } ?? .none
    let found = try tx.rows("SELECT \(ResourceRows.columns) FROM resource r WHERE \(base)\(after) ORDER BY r.slug, r.id LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try Resource(row) }
    let total = try tx.count("SELECT count(*) AS n FROM (SELECT 1 AS one FROM resource r WHERE \(base) LIMIT \(Self.countLimit + 1)) AS found")
    return Page(found, of: "objects", limit: page.limit, total: min(total, Self.countLimit), isCapped: total > Self.countLimit) {
      [$0.slug.text, $0.id.description]
    }
  }

  private static let countLimit = 10_000

  /// Whether there are so many or more.
  func reaches(_ limit: Int, in organization: ID<Organization>) throws(Problem) -> Bool {
    try tx.count(
      """
      SELECT count(*) AS n FROM (SELECT 1 AS one FROM resource r WHERE r.organization = \(organization) AND \(Self.isObject) LIMIT \(limit)) AS found
      """) >= limit
  }
}
