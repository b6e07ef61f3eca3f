public import Cedar
public import Kernel

/// Somebody or something that holds roles.
public enum AccessHolder: Sendable, Hashable {
  /// A person, a service account or an invitation, by id.
  case member(String)
  case team(String)
}

/// A resource by its type and id.
public struct AccessResource: Sendable, Hashable, CustomStringConvertible {
  public let type: ResourceType
  public let id: String

  public init(_ type: ResourceType, _ id: String) {
    self.type = type
    self.id = id
  }

  public var description: String { "\(type)/\(id)" }
}

/// How somebody stands to the organization.
public struct AccessStanding: Sendable, Hashable {
  /// `nil` for an outside collaborator.
  public let roles: Set<OrganizationRole>?
  public let isSuspended: Bool
  /// The first instant at which the membership no longer holds.
  public let expires: Timestamp?
  public let isServiceAccount: Bool
  /// What policies may ask of them.
  public let attributes: Record

  public init(roles: Set<OrganizationRole>?, isSuspended: Bool = false, expires: Timestamp? = nil, isServiceAccount: Bool = false, attributes: Record = [:]) {
    self.roles = roles
    self.isSuspended = isSuspended
    self.expires = expires
    self.isServiceAccount = isServiceAccount
    self.attributes = attributes
  }
}

/// One change of the facts. Each says how something is from now on, so that saying it twice changes nothing.
public enum AccessChange: Sendable {
  case member(String, AccessStanding)
  /// With their seats and grants; what they own stays, without an owner who could act.
  case memberRemoved(String)
  /// A team, and the one around it.
  case team(String, in: String?)
  /// With its seats and grants; teams within it stand alone from then on.
  case teamRemoved(String)
  case seat(member: String, team: String)
  case seatRemoved(member: String, team: String)
  case resource(AccessResource, in: AccessResource?, owner: String?, visibility: Visibility, attributes: Record)
  /// With all that stands in it.
  case resourceRemoved(AccessResource)
  /// A role on a resource, or on the organization (`nil`), until an instant or for good. Granted anew it ends when the last grant says.
  case grant(AccessHolder, GrantedRole, on: AccessResource?, expires: Timestamp?)
  case grantRemoved(AccessHolder, GrantedRole, on: AccessResource?)
  /// Everything that somebody or a team holds on one resource, or on the organization (`nil`).
  case grantsRemoved(AccessHolder, on: AccessResource?)
  /// Everybody's grant of a role on one resource.
  case roleWithdrawn(GrantedRole, on: AccessResource)
  /// Everything that somebody or a team holds on resources, whichever; what they hold on the organization stays.
  case holdingsRemoved(AccessHolder)
  /// What somebody or a team may do with one object because it was shared with them, from now on; nothing ends the share.
  ///
  /// The object stands in `in`, or in the organization itself, and need not be known: it counts for whatever is named so there, and ends with the object or
  /// with what that stands in. On what is no object it counts for nothing.
  case share(AccessHolder, Set<ResourceVerb>, on: AccessResource, in: AccessResource?)
  case role(CustomRole)
  /// All policies that are in force; one that can't be read has no place among them.
  case policies(PolicySet)

  /// Whether it takes back something, which may not be there any more.
  public var isWithdrawal: Bool {
    switch self {
    case .memberRemoved, .teamRemoved, .seatRemoved, .resourceRemoved, .grantRemoved, .grantsRemoved, .roleWithdrawn, .holdingsRemoved: true
    case .member, .team, .seat, .resource, .grant, .share, .role, .policies: false
    }
  }
}

/// Why a change can't be; nothing has changed then.
public enum AccessRefusal: Error, Sendable, Hashable {
  case noSuchMember(String)
  case noSuchTeam(String)
  case noSuchResource(AccessResource)
  case noSuchRole(String)
  /// A team or a resource would stand in itself.
  case cycle
  /// More than 15 levels of resources, or more teams or roles than one principal can have.
  case tooMany
}
