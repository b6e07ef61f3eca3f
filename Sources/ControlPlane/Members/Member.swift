public import Authorization
import Contract
public import Kernel

/// An account's place in an organization.
public struct Member: Sendable, Hashable {
  public let id: ID<Member>
  public let organization: ID<Organization>
  public let account: ID<Account>
  public let handle: Slug
  public let name: DisplayName
  /// The account's primary address.
  public let email: EmailAddress?
  public let roles: RoleSet
  public let source: Source
  public let since: Timestamp
  /// The first instant at which the membership no longer holds.
  public let expires: Timestamp?
  /// Since when it is suspended.
  public let suspended: Timestamp?
  public let accountIsActive: Bool
  public let revision: Int

  /// How somebody came in.
  public enum Source: String, Sendable, Hashable, CaseIterable {
    case founder
    case invited
    case added
    case requested
    case domain
    case singleSignOn = "single-sign-on"
    case directory
  }

  /// How a membership stands at an instant.
  public enum State: String, Sendable, Hashable, CaseIterable {
    case active
    case suspended
    case expired
    /// The account itself is deactivated.
    case deactivated
  }

  /// How the membership stands at that instant.
  public func state(at instant: Timestamp) -> State {
    if !accountIsActive { return .deactivated }
    if suspended != nil { return .suspended }
    if let expires, expires <= instant { return .expired }
    return .active
  }

  public func isActive(at instant: Timestamp) -> Bool { state(at: instant) == .active }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "The member was changed since you read it. Read it again, then repeat your change.") }
  }

  /// Refuses roles that the holder of `permissions` couldn't give, and roles of others that they couldn't take: nobody reaches above their own rights.
  func expectReach(of permissions: Set<Permission>, to newRoles: RoleSet?) throws(Problem) {
    let above = roles.beyond(permissions)
    guard above.isEmpty else {
      throw Problem(.aboveOwnRights, "You can't change a member who is \(RoleSet(above)?.description ?? ""): that is more than your own roles allow.")
    }
    if let newRoles { try newRoles.expectWithin(permissions) }
  }
}

extension RoleSet {
  /// Refuses roles that allow something that the giver lacks.
  func expectWithin(_ permissions: Set<Permission>) throws(Problem) {
    let above = beyond(permissions)
    guard above.isEmpty else {
      throw Problem(
        .aboveOwnRights, "You can't give the role \(above.map(\.rawValue).joined(separator: ", ")): it allows more than your own roles do.",
        faults: [FieldFault("roles", "Choose roles that allow no more than your own.")])
    }
  }

  /// Which roles there are, as a sentence.
  static let known = "The roles are \(OrganizationRole.allCases.map(\.rawValue).joined(separator: ", "))."

  /// The roles a client named. Refuses unknown names, and none at all.
  init(parsing names: [String], field: String = "roles") throws(Problem) {
    var roles: [OrganizationRole] = []
    for name in names {
      guard let role = OrganizationRole(rawValue: name) else {
        throw .invalid(field, "There is no role \"\(name.prefix(40))\". \(Self.known)")
      }
      roles.append(role)
    }
    guard let set = RoleSet(roles) else { throw .invalid(field, "Choose at least one role.") }
    self = set
  }
}

/// Which members a list shows.
public struct MemberFilter: Sendable, Hashable {
  /// Part of a name, a handle or an address; one or two characters are looked for where words begin.
  public var search: String?
  public var role: OrganizationRole?
  public var state: Member.State?
  public var order: Order

  public enum Order: String, Sendable, Hashable, CaseIterable { case name, since }

  public init(search: String? = nil, role: OrganizationRole? = nil, state: Member.State? = nil, order: Order = .name) {
    self.search = search
    self.role = role
    self.state = state
    self.order = order
  }

  /// Whether it leaves nobody out.
  var isEverybody: Bool { MemberSearch(search) == nil && isOnlySearch }
  var isOnlySearch: Bool { role == nil && state == nil }
}

/// How many stand in the lists that share a page; `nil` where the viewer may not see one.
public struct PeopleCounts: Sendable, Hashable {
  public let members: Int
  public let invitations: Int?
  /// Outside collaborators, invited ones included.
  public let outside: Int?
  public let requests: Int?
  public let serviceAccounts: Int?
  public let former: Int
}

/// Somebody who was a member, with what they held, for as long as that is remembered.
public struct FormerMember: Sendable, Hashable {
  public let id: ID<FormerMember>
  public let organization: ID<Organization>
  public let account: ID<Account>
  public let handle: Slug
  public let name: DisplayName
  public let email: EmailAddress?
  public let roles: RoleSet
  public let source: Member.Source
  public let since: Timestamp
  public let left: Timestamp
  public let reason: Reason
  /// When it is forgotten, and reinstating ends.
  public let forget: Timestamp

  public enum Reason: String, Sendable, Hashable, CaseIterable { case removed, left }
}

extension Target {
  init(_ member: Member) { self.init("member", member.account.description, named: member.name.text) }
}
