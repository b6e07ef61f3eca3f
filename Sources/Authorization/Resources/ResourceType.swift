/// What kind of thing a resource is: an open set, since platforms bring types of their own. Compared as it is written, with `_` for `-`.
public struct ResourceType: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let name: String

  /// Takes any name: a type that no role mentions is covered by wildcards alone.
  public init(_ name: String) { self.name = name.utf8.contains(UInt8(ascii: "-")) ? String(name.map { $0 == "-" ? "_" : $0 }) : name }

  // What holds other things, and has roles of its own.
  public static let organization = Self("organization")
  public static let workspace = Self("workspace")
  public static let project = Self("project")
  public static let app = Self("app")
  public static let cluster = Self("cluster")

  /// The types that hold other things, and what clusters are made of; all others are objects.
  static let structural: [Self] = [.organization, .workspace, .project, .app, .cluster, .nodePool, .preset, .instanceType]

  /// Whether it is a thing that people work on, rather than what holds such things or runs them.
  public var isObject: Bool { !Self.structural.contains(self) }

  public var description: String { name }
  /// In the order of their names.
  public static func < (a: Self, b: Self) -> Bool { a.name < b.name }
}

/// The types of things that built-in roles tell apart.
extension ResourceType {
  // Within a workspace, across its projects.
  static let stack = Self("stack")
  static let stackComponent = Self("stack_component")
  static let serviceConnector = Self("service_connector")

  // What a cluster is made of.
  static let nodePool = Self("node_pool")
  static let preset = Self("preset")
  static let instanceType = Self("instance_type")

  // Within a cluster.
  static let deployment = Self("deployment")

  // Within an app.
  static let input = Self("input")
  static let concept = Self("concept")
  static let dataset = Self("dataset")
  static let annotation = Self("annotation")
  static let task = Self("task")
  static let metric = Self("metric")
  static let model = Self("model")
  static let modelVersion = Self("model_version")
}

/// The level at which a role is given.
public enum RoleScope: String, Hashable, Sendable, CaseIterable {
  case organization, cluster, workspace, project, app
  /// One thing of any other type.
  case object

  /// The level of a thing of that type.
  public init(_ type: ResourceType) { self = Self(rawValue: type.name) ?? .object }
}
