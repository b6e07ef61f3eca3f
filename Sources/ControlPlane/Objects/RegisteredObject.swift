public import Authorization
public import Contract
public import Kernel

/// A thing of a platform, of whatever type: a model, a pipeline, a dataset. Platforms call it by an id of their own.
public struct RegisteredObject: Sendable, Hashable {
  /// Its id is ours; its slug is the platform's id.
  public let resource: Resource
  /// What it is in; `nil` for what is in the organization itself.
  public let place: Resource?

  /// The platform's.
  public var name: String { resource.slug.text }

  /// The most that one request names.
  public static let batchLimit = 1_000
  /// How many an organization may have.
  static let limit = 200_000

  /// The types that have pages and tables of their own.
  static let others: [ResourceType] = [.workspace, .cluster, .project, .app, .organization]
}

/// An object by its type and the platform's id.
public struct ObjectName: Sendable, Hashable {
  public let type: ResourceType
  public let id: String

  /// Refuses what can't be names, and types that are made elsewhere.
  public init(type: String, id: String) throws(Problem) {
    var checker = FieldChecker()
    if !AccessQuestion.isName(type) {
      checker.reject("type", ThingName.typeRule)
    } else if RegisteredObject.others.contains(ResourceType(type)) {
      checker.reject("type", "Workspaces, clusters, projects and apps aren't registered but made.")
    }
    if id.isEmpty || id.utf8.count > 256 || id.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      checker.reject("id", "An id has 1 to 256 bytes, without control characters.")
    }
    try checker.finish()
    // Ids of our kind are written in one way, as decisions read them.
    (self.type, self.id) = (ResourceType(type), ID<Resource>(id)?.description ?? id)
  }

  /// For the log and for sentences.
  var words: String { "\(type.name) \(id)" }
}

/// An object that is to be registered.
public struct ObjectDraft: Sendable {
  public let name: ObjectName
  /// `nil` for what stands in the organization itself.
  public let place: ThingName.Place?
  /// What people call it; its id where nobody says.
  public let title: String?
  public let attributes: JSON
  /// Whether the caller owns it.
  public let isOwn: Bool

  public init(_ name: ObjectName, in place: ThingName.Place? = nil, title: String? = nil, attributes: JSON = .object([]), isOwn: Bool = false) {
    (self.name, self.place, self.title, self.attributes, self.isOwn) = (name, place, title, attributes, isOwn)
  }
}

/// What came of one row of a batch.
public enum ObjectOutcome: Sendable {
  case registered(RegisteredObject)
  case changed(RegisteredObject)
  /// It stood there already, just so.
  case same(RegisteredObject)
  case deleted
  case refused(Problem)
}
