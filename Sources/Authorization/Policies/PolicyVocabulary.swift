internal import Cedar

/// What policies may speak of: types of resources with their attributes, actions, and what a request brings. Published as a schema in Cedar's language.
///
/// Every organization has the built-in ones; it may add types, attributes and actions of the platforms that it runs.
public struct PolicyVocabulary: Sendable, Hashable {
  /// What kind of value an attribute has.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case string = "String"
    case long = "Long"
    case bool = "Bool"
    case strings = "Set<String>"
    case address = "ipaddr"
    case instant = "datetime"
    case decimal
  }

  /// An attribute, which a thing may have or not have.
  public struct Attribute: Sendable, Hashable {
    public let name: String
    public let kind: Kind

    public init(_ name: String, _ kind: Kind) {
      self.name = name
      self.kind = kind
    }
  }

  /// A type of resources, by its name in checks: `model_version`.
  public struct ThingType: Sendable, Hashable {
    public let name: String
    public let attributes: [Attribute]

    public init(_ name: String, _ attributes: [Attribute] = []) {
      self.name = name
      self.attributes = attributes
    }
  }

  /// Types that aren't built in, and attributes of those that are.
  public let types: [ThingType]
  public let actions: [String]
  /// What requests bring besides the time, the address and whether a second factor was given.
  public let context: [Attribute]

  public static let typeLimit = 200
  public static let attributeLimit = 50
  public static let actionLimit = 200

  /// Refuses names that aren't small letters, digits and `_`, and those that stand twice; the reasons name them.
  public init(types: [ThingType] = [], actions: [String] = [], context: [Attribute] = []) throws(Refusal) {
    guard types.count <= Self.typeLimit else { throw Refusal(field: "types", reason: "Declare at most \(Self.typeLimit) types.") }
    guard actions.count <= Self.actionLimit else { throw Refusal(field: "actions", reason: "Declare at most \(Self.actionLimit) actions.") }
    var seen: Set<String> = []
    for type in types {
      try Self.expectName(type.name, "types")
      guard !Self.reserved.contains(type.name) else { throw Refusal(field: "types", reason: "\"\(type.name)\" is no type of resources.") }
      guard seen.insert(type.name).inserted else { throw Refusal(field: "types", reason: "The type \"\(type.name)\" is declared twice.") }
      try Self.expect(type.attributes, beside: Self.common, "types")
    }
    for action in actions { try Self.expectName(action, "actions") }
    try Self.expect(context, beside: Self.request, "context")
    self.types = types
    self.actions = actions
    self.context = context
  }

  /// Why a vocabulary can't be.
  public struct Refusal: Error, Sendable, Hashable {
    public let field: String
    public let reason: String
  }

  private init() { (types, actions, context) = ([], [], []) }

  /// The built-in one alone.
  public static let builtIn = PolicyVocabulary()

  private static let reserved: Set<String> = ["organization", "user", "service_account", "team", "role", "action"]

  private static func expectName(_ name: String, _ field: String) throws(Refusal) {
    let isFit = name.utf8.count <= 64 && name.utf8.first.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") } ?? false
      && name.utf8.allSatisfy {
        $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") || $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") || $0 == UInt8(ascii: "_")
      }
    guard isFit else {
      throw Refusal(field: field, reason: "Names are a small letter, then at most 63 small letters, digits and \"_\"; \"\(name.prefix(80))\" isn't.")
    }
  }

  private static func expect(_ attributes: [Attribute], beside others: [Attribute], _ field: String) throws(Refusal) {
    guard attributes.count <= attributeLimit else { throw Refusal(field: field, reason: "Declare at most \(attributeLimit) attributes of one thing.") }
    var seen = Set(others.map(\.name))
    for attribute in attributes {
      let isFit = attribute.name.utf8.count <= 64
        && attribute.name.utf8.first.map { $0 < 0x80 && !($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) } ?? false
        && attribute.name.utf8.allSatisfy {
          $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") || $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z")
            || $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") || $0 == UInt8(ascii: "_")
        }
      guard isFit else { throw Refusal(field: field, reason: "Attributes are called with letters, digits and \"_\"; \"\(attribute.name.prefix(80))\" isn't.") }
      guard seen.insert(attribute.name).inserted else {
        throw Refusal(field: field, reason: "The attribute \"\(attribute.name)\" is there already; leave it out.")
      }
    }
  }

  // MARK: What is built in

  /// What every resource may have.
  public static let common: [Attribute] = [
    Attribute("name", .string), Attribute("slug", .string), Attribute("owner", .string), Attribute("tags", .strings), Attribute("compliance", .strings),
    Attribute("region", .string), Attribute("classification", .string),
  ]

  /// What people and service accounts may have.
  public static let principal: [Attribute] = [Attribute("emailDomain", .string)]

  /// What a request brings.
  public static let request: [Attribute] = [Attribute("time", .instant), Attribute("address", .address), Attribute("mfa", .bool)]

  /// What things stand in, and in what those do.
  static let containers: [(type: ResourceType, parents: [ResourceType])] = [
    (.workspace, []), (.cluster, []), (.project, [.workspace, .cluster]), (.app, [.project, .workspace]),
  ]

  /// The objects that built-in roles or the three platforms know.
  private static let objects: [ResourceType] = [
    .stack, .stackComponent, .serviceConnector, .nodePool, .preset, .instanceType, .deployment, .input, .concept, .dataset, .annotation, .task, .metric, .model,
    .modelVersion, ResourceType("pipeline"), ResourceType("run"), ResourceType("artifact"), ResourceType("workflow"), ResourceType("module"),
    ResourceType("job"), ResourceType("image"), ResourceType("secret"), ResourceType("storage"), ResourceType("disk"), ResourceType("bucket"),
  ]

  static let verbs: [ResourceVerb] = [
    .list, .read, .create, .update, .delete, .share, .use, .manage, .readSecretValue, .prune, .client, .promote, .backUpAndRestore, .train, .annotate, .review,
    .assign, .deploy,
  ]

  /// All types of resources, the built-in ones first.
  public var allTypes: [String] {
    let built = Self.containers.map(\.type.name) + Self.objects.map(\.name)
    return built + types.map(\.name).filter { !built.contains($0) }
  }

  /// All actions, the built-in ones first.
  public var allActions: [String] {
    let built = Self.verbs.map(\.name)
    return built + actions.filter { !built.contains($0) }
  }

  /// What things of a type may have.
  public func attributes(of type: String) -> [Attribute] { Self.common + (types.first { $0.name == type }?.attributes ?? []) }

  /// How a type is called in policies: `ModelVersion`.
  public static func entity(_ type: String) -> String { CedarNames.type(ResourceType(type)).description }

  // MARK: The schema

  /// The schema in Cedar's language.
  public var text: String { text(naming: []) }

  /// The schema, with the custom roles that an organization calls so beside the built-in ones.
  public func text(naming roles: [String]) -> String {
    var lines = [
      "// What policies may speak of. A principal is in its teams, its roles and the organization; a resource is in what it stands in.",
      "entity Organization;", "entity Team in [Team];",
      "entity Role enum [\((OrganizationRole.allCases.map(\.rawValue) + roles).map { "\"\($0)\"" }.joined(separator: ", "))];",
      "entity User, ServiceAccount in [Team, Role, Organization] {\(Self.written(Self.principal))};",
    ]
    var names: [String] = []
    for (type, parents) in Self.containers {
      let places = (parents.map(\.name).map(Self.entity) + ["Organization"]).joined(separator: ", ")
      lines.append("entity \(Self.entity(type.name)) in [\(places)] {\(Self.written(attributes(of: type.name)))};")
      names.append(Self.entity(type.name))
    }
    let places = (Self.containers.map(\.type.name).map(Self.entity) + ["Organization"]).joined(separator: ", ")
    for type in allTypes.dropFirst(Self.containers.count) {
      lines.append("entity \(Self.entity(type)) in [\(places)] {\(Self.written(attributes(of: type)))};")
      names.append(Self.entity(type))
    }
    let brought = "time: datetime, " + Self.written(Array(Self.request.dropFirst()) + context)
    lines.append("action \(allActions.map { "\"\($0)\"" }.joined(separator: ", ")) appliesTo {")
    lines.append("  principal: [User, ServiceAccount],")
    lines.append("  resource: [\(names.joined(separator: ", "))],")
    lines.append("  context: {\(brought)},")
    lines.append("};")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func written(_ attributes: [Attribute]) -> String { attributes.map { "\($0.name)?: \($0.kind.rawValue)" }.joined(separator: ", ") }
}
