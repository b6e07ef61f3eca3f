/// Which entities and actions there are, and what they look like. All names are resolved.
public struct Schema: Hashable, Sendable {
  /// What entities of one type have and may be in.
  public struct EntityDefinition: Hashable, Sendable {
    public let type: EntityType
    /// The ids there are, of an enumerated type.
    public let enumeration: [Text]?
    /// The types it is declared to be in.
    public let parents: Set<EntityType>
    /// The types it may be in, directly or through others.
    public let ancestors: Set<EntityType>
    public let attributes: RecordType
    /// The type of its tags, if it may have any.
    public let tags: ValueType?
    public let annotations: [Policy.Annotation]
  }

  /// What an action applies to, which context it takes, and the actions it is in.
  public struct ActionDefinition: Hashable, Sendable {
    public let uid: EntityUID
    public let principals: Set<EntityType>
    public let resources: Set<EntityType>
    public let context: RecordType
    /// The groups it is declared to be in.
    public let parents: Set<EntityUID>
    /// The groups it is in, directly or through others.
    public let ancestors: Set<EntityUID>
    public let annotations: [Policy.Annotation]
  }

  public let entities: [EntityType: EntityDefinition]
  public let actions: [EntityUID: ActionDefinition]

  init(entities: [EntityType: EntityDefinition], actions: [EntityUID: ActionDefinition]) {
    self.entities = entities
    self.actions = actions
    actionTypes = Set(actions.keys.map(\.type))
  }

  /// The types of the declared actions.
  public let actionTypes: Set<EntityType>

  /// Reads a schema in Cedar's syntax and resolves its names.
  public init(parsing text: String, file: String? = nil) throws(ParseFailure) {
    self = try SchemaDocument(parsing: text, file: file).resolved(source: text, file: file)
  }

  /// Reads a schema in JSON and resolves its names.
  public init(json text: String, file: String? = nil) throws(ParseFailure) {
    self = try SchemaDocument(json: text, file: file).resolved(source: text, file: file)
  }

  /// The schema that declares nothing.
  public static let empty = Schema(entities: [:], actions: [:])

  /// Whether values of this identity can exist: its type is declared and, if enumerated, has the id; or it is a declared action.
  func admits(_ uid: EntityUID) -> Bool {
    guard let definition = entities[uid.type] else { return actions[uid] != nil }
    return definition.enumeration.map { $0.contains(uid.id) } ?? true
  }

  /// Whether an entity of the first type may be one of the second, or be in one.
  func mayBeIn(_ type: EntityType, _ ancestor: EntityType) -> Bool {
    if type == ancestor { return true }
    if let definition = entities[type] { return definition.ancestors.contains(ancestor) }
    return actions.values.contains { $0.uid.type == type && $0.ancestors.contains { $0.type == ancestor } }
  }

  /// The declared actions as entities, with all groups they are in.
  public var actionEntities: [Entity] {
    actions.values.sorted { $0.uid < $1.uid }.map { Entity($0.uid, parents: $0.ancestors.sorted()) }
  }

  /// A kind of request the schema allows.
  struct Environment: Hashable, Sendable {
    let principal: EntityType
    let action: EntityUID
    let resource: EntityType
    let context: RecordType
  }

  /// All kinds of requests: each action with each principal and resource type it applies to. In a fixed order.
  var environments: [Environment] {
    actions.values.sorted { $0.uid < $1.uid }.flatMap { action in
      action.principals.sorted().flatMap { principal in
        action.resources.sorted().map { Environment(principal: principal, action: action.uid, resource: $0, context: action.context) }
      }
    }
  }
}
