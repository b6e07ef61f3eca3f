/// What is done to a resource: an open set. A verb that no role mentions is covered by wildcards alone.
public struct ResourceVerb: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let name: String

  public init(_ name: String) { self.name = name }

  public static let list = Self("list")
  public static let read = Self("read")
  public static let create = Self("create")
  public static let update = Self("update")
  public static let delete = Self("delete")
  /// Give a set of actions on it to others, never beyond one's own.
  public static let share = Self("share")
  /// Work with it as it is: connect to a workspace, run on a cluster, predict with a model.
  public static let use = Self("use")
  /// Settings, and who has which role on it.
  public static let manage = Self("manage")

  // What pipelines and models know besides.
  public static let readSecretValue = Self("read_secret_value")
  public static let prune = Self("prune")
  /// What a program does as a client of the workspace, in its own vocabulary.
  public static let client = Self("client")
  public static let promote = Self("promote")
  public static let backUpAndRestore = Self("backup_restore")

  // What apps know besides.
  public static let train = Self("train")
  public static let annotate = Self("annotate")
  public static let review = Self("review")
  public static let assign = Self("assign")
  public static let deploy = Self("deploy")

  /// What a share of one is of no use without: who may read a secret may read what it holds, and who may read a connector may use it.
  public static func implied(by verb: ResourceVerb, on type: ResourceType) -> [ResourceVerb] {
    guard verb == .read else { return [] }
    switch type.name {
    case "secret": return [.readSecretValue]
    case "service_connector": return [.client, .use]
    default: return []
    }
  }

  /// Whether it leaves everything as it is, and tells no secret.
  public var isReading: Bool { self == .read || self == .list }

  public var description: String { name }
  /// In the order of their names.
  public static func < (a: Self, b: Self) -> Bool { a.name < b.name }
}
