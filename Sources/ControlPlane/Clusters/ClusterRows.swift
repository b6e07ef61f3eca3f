import Authorization
import Contract
import Kernel
import Storage

extension Work {
  var clusters: ClusterRows { ClusterRows(tx: tx) }
}

/// The clusters of the installation.
struct ClusterRows {
  let tx: any Transaction

  static let columns: Statement = """
    c.id, c.slug, c.name, c.description, c.location, c.addresses, c.node_pools, c.presets, c.default_role, c.is_default, c.maintenance, c.running_jobs,
    c.member_running_jobs, c.storage, c.created_at, c.revision, (SELECT count(*) FROM organization_cluster o WHERE o.cluster = c.id) AS organizations
    """

  /// By id or by slug.
  func find(_ reference: String) throws(Problem) -> Cluster? {
    let name: Statement
    if let id = ID<Cluster>(reference) {
      name = "c.id = \(id)"
    } else {
      guard let slug = NameEntry.key(reference) else { return nil }
      name = "c.slug = \(slug)"
    }
    return try tx.row("SELECT \(Self.columns) FROM cluster c WHERE \(name)").map { row throws(Problem) in try Cluster(row) }
  }

  /// By slug.
  func list(search: String?, _ page: PageRequest) throws(Problem) -> Page<Cluster> {
    var base: Statement = "1 = 1"
    if let search, !search.isEmpty {
      let pattern = Pattern.wildcard(search)
      base = "(c.slug LIKE \(pattern) OR c.search_name LIKE \(pattern))"
    }
    let after: Statement = try page.keys(of: "all-clusters", count: 1).map { " AND c.slug > \($0[0])" } ?? .none
    let found = try tx.rows("SELECT \(Self.columns) FROM cluster c WHERE \(base)\(after) ORDER BY c.slug LIMIT \(page.limit + 1)")
      .map { row throws(Problem) in try Cluster(row) }
    return Page(found, of: "all-clusters", limit: page.limit, total: try tx.count("SELECT count(*) AS n FROM cluster c WHERE \(base)")) { [$0.slug.text] }
  }

  /// Those that new organizations have; there are few.
  func defaults() throws(Problem) -> [Cluster] {
    try tx.rows("SELECT \(Self.columns) FROM cluster c WHERE c.is_default = 1 ORDER BY c.slug").map { row throws(Problem) in try Cluster(row) }
  }

  func count() throws(Problem) -> Int { try tx.count("SELECT count(*) AS n FROM cluster") }

  func insert(_ cluster: Cluster, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      INSERT INTO cluster (id, slug, name, search_name, description, location, addresses, node_pools, presets, default_role, is_default, maintenance,
        running_jobs, member_running_jobs, storage, created_at, revision)
      VALUES (\(cluster.id), \(cluster.slug.text), \(cluster.name), \(cluster.name.text.lowercased()), \(cluster.description), \(cluster.location),
        \(cluster.storedAddresses), \(cluster.storedPools), \(cluster.storedPresets), \(cluster.defaultRole.rawValue), \(cluster.isDefault),
        \(cluster.isInMaintenance), \(cluster.limits.runningJobs), \(cluster.limits.memberRunningJobs), \(cluster.limits.storage), \(cluster.createdAt), 1)
      """, under: proof)
  }

  /// Counts the revision. What organizations see as a resource is called as it is from now on.
  func update(_ cluster: Cluster, under proof: some Proof) throws(Problem) {
    try tx.change(
      """
      UPDATE cluster SET name = \(cluster.name), search_name = \(cluster.name.text.lowercased()), description = \(cluster.description),
        location = \(cluster.location), addresses = \(cluster.storedAddresses), node_pools = \(cluster.storedPools), presets = \(cluster.storedPresets),
        default_role = \(cluster.defaultRole.rawValue), is_default = \(cluster.isDefault), maintenance = \(cluster.isInMaintenance),
        running_jobs = \(cluster.limits.runningJobs), member_running_jobs = \(cluster.limits.memberRunningJobs), storage = \(cluster.limits.storage),
        revision = revision + 1
      WHERE id = \(cluster.id)
      """, under: proof)
    let renamed = try tx.rows(
      """
      UPDATE resource SET name = \(cluster.name), search_name = \(cluster.name.text.lowercased()), revision = revision + 1
      WHERE id IN (SELECT o.resource FROM organization_cluster o WHERE o.cluster = \(cluster.id)) AND name <> \(cluster.name) RETURNING id, organization
      """, under: proof)
    for row in renamed {
      try AccessChangeRows(tx: tx).note(.resource(try row.id("id"), type: ResourceType.cluster.name), in: try row.id("organization"), under: proof)
    }
  }

  func delete(_ id: ID<Cluster>, under proof: some Proof) throws(Problem) { try tx.change("DELETE FROM cluster WHERE id = \(id)", under: proof) }
}

extension Cluster {
  /// Of a row of `cluster c`; `prefix` stands before the columns that other tables have too.
  init(_ row: Row, prefix: String = "") throws(Problem) {
    self.init(
      id: try row.id(prefix + "id"), slug: try row.parsed(prefix + "slug") { text throws(Rejection) in try Slug(stored: text) },
      name: try row.parsed(prefix + "name") { text throws(Rejection) in try DisplayName(text) },
      description: try row.parsed(prefix + "description") { text throws(Rejection) in try Note(text) },
      location: try row.parsed("location") { text throws(Rejection) in try Note(text) },
      addresses: try Self.addresses(row.json("addresses")), defaultRole: try row.choice(prefix + "default_role"), isDefault: try row.bool("is_default"),
      isInMaintenance: try row.bool(prefix + "maintenance"),
      limits: ClusterLimits(
        runningJobs: try row.optional("running_jobs", row.integer), memberRunningJobs: try row.optional("member_running_jobs", row.integer),
        storage: try row.optional("storage", row.integer)),
      nodePools: try row.json("node_pools").items.map { item throws(Problem) in try NodePool(stored: item) },
      presets: try row.json("presets").items.map { item throws(Problem) in try ClusterPreset(stored: item) },
      organizations: Int(try row.integer("organizations")), createdAt: try row.instant(prefix + "created_at"),
      revision: Int(try row.integer(prefix + "revision")))
  }

  private static func addresses(_ json: JSON) -> [Service: String] {
    var found: [Service: String] = [:]
    for service in Service.allCases { if case .string(let text)? = json[service.rawValue] { found[service] = text } }
    return found
  }

  fileprivate var storedAddresses: String {
    JSON.object(Service.allCases.compactMap { service in addresses[service].map { JSON.Member(service.rawValue, .string($0)) } }).compact
  }
  fileprivate var storedPools: String { JSON.array(nodePools.map(\.stored)).compact }
  fileprivate var storedPresets: String { JSON.array(presets.map(\.stored)).compact }
}

extension MachineShape {
  fileprivate var stored: [JSON] { [.integer(millicores), .integer(memory), .integer(gpus), .string(gpuModel)] }

  fileprivate init(stored json: JSON) throws(Problem) {
    guard case .array(let parts) = json, parts.count == 4, case .integer(let millicores) = parts[0], case .integer(let memory) = parts[1],
      case .integer(let gpus) = parts[2], case .string(let model) = parts[3]
    else { throw Problem(.defect, "A stored machine can't be read.") }
    self.init(storedMillicores: millicores, memory: memory, gpus: gpus, gpuModel: model)
  }
}

extension NodePool {
  /// `["main",0,4,[4000,17179869184,0,""],0,false]`
  fileprivate var stored: JSON {
    .array([
      .string(name), .integer(sizes.lowerBound), .integer(sizes.upperBound), .array(shape.stored), .integer(disk), .boolean(isPreemptible),
    ])
  }

  fileprivate init(stored json: JSON) throws(Problem) {
    guard case .array(let parts) = json, parts.count == 6, case .string(let name) = parts[0], case .integer(let least) = parts[1],
      case .integer(let most) = parts[2], least <= most, case .integer(let disk) = parts[4], case .boolean(let isPreemptible) = parts[5]
    else { throw Problem(.defect, "A stored node pool can't be read.") }
    self.init(name: name, sizes: least...most, shape: try MachineShape(stored: parts[3]), disk: disk, isPreemptible: isPreemptible)
  }
}

extension ClusterPreset {
  /// `["gpu-small",2500000,[4000,17179869184,1,"a100"],false]`
  fileprivate var stored: JSON { .array([.string(name), .integer(price.micro), .array(shape.stored), .boolean(isPreemptible)]) }

  fileprivate init(stored json: JSON) throws(Problem) {
    guard case .array(let parts) = json, parts.count == 4, case .string(let name) = parts[0], case .integer(let micro) = parts[1],
      let price = Credits(micro: micro), case .boolean(let isPreemptible) = parts[3]
    else { throw Problem(.defect, "A stored preset can't be read.") }
    self.init(name: name, price: price, shape: try MachineShape(stored: parts[2]), isPreemptible: isPreemptible)
  }
}

extension JSON {
  fileprivate var items: [JSON] { if case .array(let items) = self { items } else { [] } }
}

extension Row {
  fileprivate func json(_ column: String) throws(Problem) -> JSON {
    do { return try JSON(Array(try text(column).utf8)) } catch { throw Problem(.defect, "A stored value can't be read.", cause: error) }
  }
}
