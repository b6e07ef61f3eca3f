public import Cedar
public import Kernel

/// Who sees a resource without holding a role on it.
public enum Visibility: String, Sendable, Hashable, CaseIterable {
  /// As what it stands in says; at the top, nobody.
  case inherited
  case `private`
  /// Everybody who takes part in the organization (``OrganizationRole/seesWhatIsOpen``).
  case organization
  /// Everybody who is signed in.
  case `public`
}

/// A resource, or one of those that it stands in.
public struct ResourceLink: Sendable, Hashable {
  public let type: ResourceType
  public let id: String
  /// Whether the caller owns it.
  public let isOwn: Bool
  public let visibility: Visibility
  /// What policies may ask of it.
  public let attributes: Record

  public init(_ type: ResourceType, id: String, isOwn: Bool = false, visibility: Visibility = .inherited, attributes: Record = [:]) {
    self.type = type
    self.id = id
    self.isOwn = isOwn
    self.visibility = visibility
    self.attributes = attributes
  }
}

/// A role that reaches the caller: their own, or that of a team they are in, directly or through teams within it.
public struct GrantFacts: Sendable, Hashable {
  /// Who holds it.
  public enum Holder: Sendable, Hashable {
    case caller
    case team(String)
  }

  public let holder: Holder
  public let role: GrantedRole
  /// The id of the resource that it is given on; `nil` for the organization as a whole.
  public let resource: String?
  /// The first instant at which it no longer holds.
  public let expires: Timestamp?

  public init(_ role: GrantedRole, to holder: Holder, on resource: String?, expires: Timestamp? = nil) {
    self.role = role
    self.holder = holder
    self.resource = resource
    self.expires = expires
  }

  /// Whether it still holds at an instant.
  public func isInForce(at instant: Timestamp) -> Bool { expires.map { instant < $0 } ?? true }
}

/// All that a decision on one resource looks at: loaded in the transaction that acts.
public struct ResourceFacts: Sendable, Hashable {
  public let organization: OrganizationFacts
  /// The resource first, then what it stands in, up to what stands in the organization itself. Empty for what is to be made in the organization itself.
  public let chain: [ResourceLink]
  /// What the caller and their teams hold on any of the chain and on the organization, that of ``organization`` too; what has expired may be among it.
  public let grants: [GrantFacts]
  /// The policies in force, and what they may ask of the caller and of the request.
  public let policies: PolicySet
  /// The same, compiled before; with them `policies` are none.
  public let rules: AccessRules?
  /// The teams that the caller is in, directly or through others, which policies may ask for; those that hold grants need not stand here.
  public let teams: [String]
  public let callerAttributes: Record
  public let context: Record

  public init(
    organization: OrganizationFacts, chain: [ResourceLink], grants: [GrantFacts], policies: PolicySet = PolicySet(), rules: AccessRules? = nil,
    teams: [String] = [], callerAttributes: Record = [:], context: Record = [:]
  ) {
    self.organization = organization
    self.chain = chain
    self.grants = organization.grants.isEmpty ? grants : grants + organization.grants
    self.policies = policies
    self.rules = rules
    self.teams = teams
    self.callerAttributes = callerAttributes
    self.context = context
  }
}
