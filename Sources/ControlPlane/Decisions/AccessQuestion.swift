public import Authorization
import Contract
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
  func about(_ principal: PrincipalName) throws(Problem) -> AccessQuestion {
    try AccessQuestion(principal: principal, action: action.name, resource: resource, context: context)
  }

  /// Lower-case letters, digits, `_` and `-`, at most 64.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, first >= UInt8(ascii: "a"), first <= UInt8(ascii: "z"), text.utf8.count <= 64 else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
      default: false
      }
    }
  }

  static func expectFew(_ attributes: [AccessValue.Attribute], _ field: String) throws(Problem) {
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

  static let typeRule = "Types are called with small letters, digits and \"_\": dataset, model_version …"

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
  static let registered: Set<ResourceType> = [.workspace, .project, .cluster, .app]
}

/// How a question came out.
public enum AccessOutcome: String, Sendable, Hashable, CaseIterable {
  case allowed
  /// A policy says no to what would be allowed.
  case forbidden
  /// There is no right to it, though something else may be done with the thing, or it may be seen.
  case lacking
  /// The thing is none of the principal's business.
  case hidden
  /// The membership is suspended, or the account deactivated.
  case suspended
  /// The membership has expired.
  case expired
  /// The organization is suspended: it is read and not changed, and its service accounts rest.
  case halted
  /// There is no such thing, or nothing that it could stand in.
  case missing
  /// The question can't be one.
  case invalid
}

/// The answer to a question.
public struct AccessAnswer: Sendable, Hashable {
  public let outcome: AccessOutcome
  /// What made it, where one asked for that; the policies that forbid always.
  public let grounds: [AccessGround]
  /// A sentence for people.
  public let sentence: String

  public var isAllowed: Bool { outcome == .allowed }
}

/// One thing that made an answer, with its names.
public struct AccessGround: Sendable, Hashable {
  public enum Effect: String, Sendable, Hashable, CaseIterable {
    case allows, forbids
    /// A policy that was asked and failed; it counted for nothing.
    case fails
  }

  public enum Kind: String, Sendable, Hashable, CaseIterable { case membership, grant, share, ownership, visibility, policy, standing }

  public let effect: Effect
  public let kind: Kind
  /// `organization.viewer`, `project.admin`; of a share the action; nothing for others than memberships, grants and shares.
  public let role: String?
  /// Where a grant's role is held; `nil` for the organization.
  public let resource: NamedThing?
  /// From the principal's own team to the one that holds it, by slug; empty for what they hold themselves.
  public let teams: [String]
  public let policy: NamedPolicy?
  public let sentence: String

  /// A thing with what people call it.
  public struct NamedThing: Sendable, Hashable {
    public let type: String
    public let id: String
    public let name: String
  }

  /// A policy with what people call it.
  public struct NamedPolicy: Sendable, Hashable {
    public let id: String
    public let slug: String
    public let name: String
  }
}

/// Somebody who may do something, in a list.
public struct AccessPrincipal: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case account
    case serviceAccount = "service-account"
  }

  public let kind: Kind
  public let id: String
  /// The handle or slug.
  public let handle: String
  public let name: String
}

/// A proposed change, to see what it would do.
public enum SimulatedChange: Sendable {
  /// Other roles of a member; none for one who goes.
  case roles(AccessQuestion.PrincipalName, [OrganizationRole])
  case seat(AccessQuestion.PrincipalName, team: String)
  case seatRemoved(AccessQuestion.PrincipalName, team: String)
  case grant(Holder, role: String, on: ThingName.Place)
  case grantRemoved(Holder, role: String, on: ThingName.Place)
  /// A policy that would be in force as well, or instead of the one with this slug or id.
  case policy(String?, text: String)
  /// The policy with this slug or id, switched off.
  case policyRemoved(String)

  /// Who would hold a grant.
  public enum Holder: Sendable, Hashable {
    case principal(AccessQuestion.PrincipalName)
    case team(String)
  }

  /// The most that one request proposes.
  public static let limit = 100
}

/// What a proposed change would do: to questions, and to who may do one thing.
public struct Simulated: Sendable {
  public let revision: Int64
  public let before: [AccessAnswer]
  public let after: [AccessAnswer]
  /// Who could do it then and can't now, and the other way round; `nil` where one didn't ask.
  public let gained: [AccessPrincipal]?
  public let lost: [AccessPrincipal]?
}

/// Some of a list that a question has for an answer, at one revision.
public struct AccessList<Item: Sendable>: Sendable {
  public let revision: Int64
  public let page: Page<Item>
}

extension Problem {
  /// Nothing has happened yet that would have this revision.
  static func ahead(_ asked: Int64, of head: Int64) -> Problem {
    Problem(.decisionAhead, "Revision \(asked) hasn't happened here; the newest is \(head). Give a revision that an answer of this organization named.")
  }
}
