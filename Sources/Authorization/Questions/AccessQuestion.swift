public import Kernel

/// May somebody do something with something? Whoever is asked about and the thing are named by the one who asks; checked as a question can be, and not yet
/// looked up.
public struct AccessQuestion: Sendable {
  /// Somebody who is asked about; `nil` for the one who asks.
  public let principal: PrincipalName?
  public let action: ResourceVerb
  public let resource: ThingName
  /// What the request brings: an address, whether a second factor was given. The time is that of the decision.
  public let context: [AccessValue.Attribute]

  /// Somebody by id, by handle or address, or by slug.
  public enum PrincipalName: Sendable, Hashable {
    case account(String)
    case serviceAccount(String)
  }

  /// The most that one request asks at once.
  public static let batchLimit = 1_000
  /// Of a thing, or of a request.
  public static let attributeLimit = 100

  /// Refuses as `invalid` what can't be names, by the fields of a question.
  public init(principal: PrincipalName? = nil, action: String, resource: ThingName, context: [AccessValue.Attribute] = []) throws(Problem) {
    guard Self.isName(action) else { throw .invalid("action", "Actions are called with small letters, digits and \"_\": read, create, deploy …") }
    try Self.expectFew(context, "context")
    self.principal = principal
    self.action = ResourceVerb(action)
    self.resource = resource
    self.context = context
  }

  /// The same about somebody else, or another thing.
  public func about(_ principal: PrincipalName) throws(Problem) -> AccessQuestion {
    try AccessQuestion(principal: principal, action: action.name, resource: resource, context: context)
  }

  /// Lower-case letters, digits, `_` and `-`, at most 64.
  public static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z"), text.utf8.count <= 64 else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
      default: false
      }
    }
  }

  /// Refuses as `invalid` more than so many, and values that no attribute can have.
  public static func expectFew(_ attributes: [AccessValue.Attribute], _ field: String) throws(Problem) {
    guard !attributes.isEmpty else { return }
    guard attributes.count <= attributeLimit else { throw .invalid(field, "Give at most \(attributeLimit) attributes.") }
    do throws(Rejection) { _ = try AccessValue.checked(attributes) } catch { throw .invalid(field, error.reason) }
  }
}

/// A thing that is asked about: one that stands here, or one that is merely named with what it stands in.
public struct ThingName: Sendable, Hashable {
  public let type: ResourceType
  /// `nil` for one that is only about to be made.
  public let id: String?
  /// What it stands in, of what stands here; `nil` for the organization itself. For what stands here it is known, and this doesn't count.
  public let parent: Place?
  /// Whether whoever is asked about owns it, where it doesn't stand here.
  public let isOwn: Bool
  public let attributes: [AccessValue.Attribute]

  /// A thing that stands here.
  public struct Place: Sendable, Hashable {
    public let type: ResourceType
    public let id: String

    /// Refuses what can't be names.
    public init(type: String, id: String, field: String = "resource/parent") throws(Problem) {
      guard AccessQuestion.isName(type) else { throw .invalid("\(field)/type", ThingName.typeRule) }
      guard !id.isEmpty, id.utf8.count <= 256 else { throw .invalid("\(field)/id", "An id has 1 to 256 bytes.") }
      self.type = ResourceType(type)
      self.id = id
    }
  }

  /// What a type is called, for who wrote it otherwise.
  public static let typeRule = "Types are called with small letters, digits and \"_\": dataset, model_version …"

  /// Refuses what can't be names.
  public init(
    type: String, id: String? = nil, parent: Place? = nil, isOwn: Bool = false, attributes: [AccessValue.Attribute] = []
  ) throws(Problem) {
    guard AccessQuestion.isName(type) else { throw .invalid("resource/type", Self.typeRule) }
    guard id.map({ $0.utf8.count <= 256 }) ?? true else { throw .invalid("resource/id", "An id has at most 256 bytes.") }
    try AccessQuestion.expectFew(attributes, "resource/attributes")
    self.type = ResourceType(type)
    self.id = id.flatMap { $0.isEmpty ? nil : $0 }
    self.parent = parent
    self.isOwn = isOwn
    self.attributes = attributes
  }

  /// Types that Guildhall itself registers: what isn't known of them isn't there.
  public static let registered: Set<ResourceType> = [.workspace, .project, .cluster, .app]
}
