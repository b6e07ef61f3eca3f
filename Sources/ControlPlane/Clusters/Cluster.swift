public import Authorization
import Contract
public import Kernel

/// Machines on which work runs, registered with the installation.
public struct Cluster: Sendable, Hashable {
  public let id: ID<Cluster>
  /// In small letters, unique in the installation, and its own for good.
  public let slug: Slug
  public internal(set) var name: DisplayName
  public internal(set) var description: Note
  /// Where it stands, in words; empty where nobody said.
  public internal(set) var location: Note
  public internal(set) var addresses: [Service: String]
  /// What the people of an organization get that has it, unless the organization says otherwise.
  public internal(set) var defaultRole: ResourceRole
  /// Whether organizations that are founded have it.
  public internal(set) var isDefault: Bool
  /// Whether nothing new begins on it.
  public internal(set) var isInMaintenance: Bool
  /// What an organization begins with.
  public internal(set) var limits: ClusterLimits
  /// By name.
  public internal(set) var nodePools: [NodePool]
  /// By name.
  public internal(set) var presets: [ClusterPreset]
  /// How many organizations have it.
  public let organizations: Int
  public let createdAt: Timestamp
  public let revision: Int

  /// How many an installation may have.
  static let limit = 1_000
  /// How many node pools and presets one may have, of each.
  static let partLimit = 100

  /// What a cluster's clients reach.
  public enum Service: String, Sendable, Hashable, CaseIterable {
    case registry, storage, users, monitoring, secrets, disks, buckets, apps, grafana, prometheus

    /// For people.
    var words: String {
      switch self {
      case .registry: "Images"
      case .storage: "Storage"
      case .users: "Users"
      case .monitoring: "Monitoring"
      case .secrets: "Secrets"
      case .disks: "Disks"
      case .buckets: "Buckets"
      case .apps: "Apps"
      case .grafana: "Grafana"
      case .prometheus: "Prometheus"
      }
    }
  }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "The cluster was changed since you read it. Read it again, then repeat your change.") }
  }

  /// The same with a node pool, in place of the one of its name.
  func setting(_ pool: NodePool) throws(Problem) -> Cluster {
    var result = self
    result.nodePools = (nodePools.filter { $0.name != pool.name } + [pool]).sorted { $0.name < $1.name }
    guard result.nodePools.count <= Self.partLimit else { throw Problem(.tooMany, "A cluster can have \(Self.partLimit) node pools.") }
    return result
  }

  /// The same with a preset, in place of the one of its name.
  func setting(_ preset: ClusterPreset) throws(Problem) -> Cluster {
    var result = self
    result.presets = (presets.filter { $0.name != preset.name } + [preset]).sorted { $0.name < $1.name }
    guard result.presets.count <= Self.partLimit else { throw Problem(.tooMany, "A cluster can have \(Self.partLimit) presets.") }
    return result
  }

  /// A slug for a cluster: `default`, which platforms like to call theirs, is one too.
  static func slug(_ text: String) throws(Rejection) -> Slug {
    text.lowercased() == "default" ? try Slug(stored: "default") : try Slug(Slug(text).key)
  }

  /// A role that everybody gets: never the greatest.
  static func defaultRole(named name: String) throws(Problem) -> ResourceRole {
    let role = try ResourceRole.named(name, on: .cluster, field: "default_role")
    guard role != .clusterAdmin else { throw .invalid("default_role", "Nobody becomes an admin by default; choose a lesser role.") }
    return role
  }

  /// An address of the web without spaces, of at most 512 characters.
  static func address(_ text: String) throws(Rejection) -> String {
    let known = ["https://", "http://"].contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }
    guard known, text.utf8.count <= 512, text.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 && $0.value != 0x7F }) else {
      throw Rejection("Give an address of the web, from its http:// or https:// on.")
    }
    return text
  }
}

/// What may run and lie on a cluster at once; `nil` where nothing limits. Quotas hold it: `ClusterLimits` is how it is told and set together.
public struct ClusterLimits: Sendable, Hashable {
  /// Of the whole organization.
  public var runningJobs: Int64?
  /// Of each member who has no quota of their own.
  public var memberRunningJobs: Int64?
  /// Of the whole organization, in bytes.
  public var storage: Int64?

  public static let none = ClusterLimits()

  public init(runningJobs: Int64? = nil, memberRunningJobs: Int64? = nil, storage: Int64? = nil) {
    (self.runningJobs, self.memberRunningJobs, self.storage) = (runningJobs, memberRunningJobs, storage)
  }

  /// Reads what somebody typed. Refuses what is below zero or can't be counted.
  public init(runningJobs: Int?, memberRunningJobs: Int?, storage: Int?) throws(Problem) {
    var checker = FieldChecker()
    func checked(_ field: String, _ number: Int?) -> Int64? {
      guard let number else { return nil }
      if number < 0 || number > MachineShape.most { checker.reject(field, "Give a whole number from 0 to \(MachineShape.most).") }
      return Int64(number)
    }
    self.init(
      runningJobs: checked("running_jobs", runningJobs), memberRunningJobs: checked("member_running_jobs", memberRunningJobs),
      storage: checked("storage", storage))
    try checker.finish()
  }

  /// For the log: `jobs 10, jobs of each 2, storage unlimited`.
  var logged: String {
    func text(_ limit: Int64?) -> String { limit.map(String.init) ?? "unlimited" }
    return "jobs \(text(runningJobs)), jobs of each \(text(memberRunningJobs)), storage \(text(storage))"
  }
}

/// What somebody says of a cluster that is to be registered.
public struct ClusterDraft: Sendable {
  public let name: DisplayName
  public let slug: Slug
  public let details: ClusterUpdate

  /// Refuses with all faults at once. An empty slug is made from the name.
  public init(name: String, slug: String = "", details: ClusterUpdate = ClusterUpdate()) throws(Problem) {
    var checker = FieldChecker()
    let parsedName = checker.check("name") { () throws(Rejection) in try DisplayName(name) }
    let parsedSlug = slug.isEmpty && parsedName == nil ? nil : checker.check("slug") { () throws(Rejection) in
      if slug.isEmpty, let proposed = Slug.proposed(for: name) { return proposed }
      return try Cluster.slug(slug.isEmpty ? name : slug)
    }
    try checker.finish()
    guard let parsedName, let parsedSlug else { throw Problem(.defect, "A checked field is missing.") }
    (self.name, self.slug, self.details) = (parsedName, parsedSlug, details)
  }

  func made(_ id: ID<Cluster>, at now: Timestamp) throws(Problem) -> Cluster {
    try details.applied(
      to: Cluster(
        id: id, slug: slug, name: name, description: .empty, location: .empty, addresses: [:], defaultRole: .clusterUser, isDefault: false,
        isInMaintenance: false, limits: .none, nodePools: [], presets: [], organizations: 0, createdAt: now, revision: 1))
  }
}

/// What is to be changed of a cluster; `nil` leaves as is.
public struct ClusterUpdate: Sendable {
  public var name: String?
  public var description: String?
  public var location: String?
  /// All of them; one with an empty text isn't there.
  public var addresses: [Cluster.Service: String]?
  public var defaultRole: String?
  public var isDefault: Bool?
  public var isInMaintenance: Bool?
  public var limits: ClusterLimits?

  public init(
    name: String? = nil, description: String? = nil, location: String? = nil, addresses: [Cluster.Service: String]? = nil, defaultRole: String? = nil,
    isDefault: Bool? = nil, isInMaintenance: Bool? = nil, limits: ClusterLimits? = nil
  ) {
    (self.name, self.description, self.location, self.addresses) = (name, description, location, addresses)
    (self.defaultRole, self.isDefault, self.isInMaintenance, self.limits) = (defaultRole, isDefault, isInMaintenance, limits)
  }

  /// The cluster after the update; refuses with all faults at once.
  func applied(to cluster: Cluster) throws(Problem) -> Cluster {
    var result = cluster
    var checker = FieldChecker()
    if let name, let parsed = checker.check("name", { () throws(Rejection) in try DisplayName(name) }) { result.name = parsed }
    if let description, let parsed = checker.check("description", { () throws(Rejection) in try Note(description) }) { result.description = parsed }
    if let location, let parsed = checker.check("location", { () throws(Rejection) in try Note(location) }) { result.location = parsed }
    if let addresses {
      result.addresses = [:]
      for service in Cluster.Service.allCases {
        guard let text = addresses[service], !text.isEmpty else { continue }
        if let parsed = checker.check("addresses/\(service.rawValue)", { () throws(Rejection) in try Cluster.address(text) }) {
          result.addresses[service] = parsed
        }
      }
    }
    try checker.finish()
    if let defaultRole { result.defaultRole = try Cluster.defaultRole(named: defaultRole) }
    if let isDefault { result.isDefault = isDefault }
    if let isInMaintenance { result.isInMaintenance = isInMaintenance }
    if let limits { result.limits = limits }
    return result
  }

  /// What differs, for the log.
  static func changes(from before: Cluster?, to after: Cluster) -> [Change] {
    func yes(_ value: Bool?) -> String? { value.map { $0 ? "yes" : "no" } }
    func addresses(_ cluster: Cluster?) -> String? {
      cluster.map { cluster in
        Cluster.Service.allCases.compactMap { service in cluster.addresses[service].map { "\(service.rawValue) \($0)" } }.joined(separator: ", ")
      }
    }
    return [
      Change.of("name", before?.name.text, after.name.text), .of("description", before?.description.text, after.description.text),
      .of("location", before?.location.text, after.location.text), .of("addresses", addresses(before), addresses(after)),
      .of("default_role", before?.defaultRole.name, after.defaultRole.name), .of("default_cluster", yes(before?.isDefault), yes(after.isDefault)),
      .of("maintenance", yes(before?.isInMaintenance), yes(after.isInMaintenance)), .of("limits", before?.limits.logged, after.limits.logged),
    ].compactMap { $0 }
  }
}

extension Target {
  init(_ cluster: Cluster) { self.init("cluster", cluster.id.description, named: cluster.name.text) }
}
