public import Kernel

/// Who asks, as far as the rules look at it.
public enum Principal: Sendable, Hashable {
  case anonymous
  case account(AccountFacts)
  case serviceAccount(ServiceAccountFacts)
  /// A job of ours, by name.
  case system(String)
}

/// What a decision looks at of an account, and of the session or token it speaks through.
public struct AccountFacts: Sendable, Hashable {
  public let id: String
  public let isActive: Bool
  public let isSuperUser: Bool
  /// When the password was last given in this session; `nil` for a token.
  public let authenticatedAt: Timestamp?
  /// What the token that was presented may be used for; `nil` for a session.
  public let token: TokenFacts?

  public init(id: String, isActive: Bool, isSuperUser: Bool, authenticatedAt: Timestamp?, token: TokenFacts?) {
    self.id = id
    self.isActive = isActive
    self.isSuperUser = isSuperUser
    self.authenticatedAt = authenticatedAt
    self.token = token
  }
}

/// What a decision looks at of a service account: it is in force, belongs to one organization, and holds its roles there. A disabled one asks for nothing.
public struct ServiceAccountFacts: Sendable, Hashable {
  public let id: String
  public let organization: String
  public let roles: RoleSet

  public init(id: String, organization: String, roles: RoleSet) {
    self.id = id
    self.organization = organization
    self.roles = roles
  }

  /// What its own roles allow in its organization, without what is left to people.
  public var permissions: Set<Permission> { roles.permissions.subtracting(Permission.leftToPeople) }
}

/// What a decision looks at of a token.
public struct TokenFacts: Sendable, Hashable {
  public let scopes: Set<TokenScope>
  /// The only organization it is good for; `nil` for all of the account's.
  public let organization: String?

  public init(scopes: Set<TokenScope>, organization: String?) {
    self.scopes = scopes
    self.organization = organization
  }
}

extension AccountFacts {
  /// Whether a token speaks that was made for what can't be undone.
  var speaksForGood: Bool { token?.scopes.isSuperset(of: [.admin, .irreversible]) == true }
}

/// What a token may be used for; it never allows more than its account may do.
public enum TokenScope: String, Sendable, Hashable, CaseIterable {
  /// Read in organizations.
  case read = "organization:read"
  /// Change things in organizations, except who has which role and what can't be undone.
  case write = "organization:write"
  /// Everything in organizations.
  case admin = "organization:admin"
  /// With `admin`, also what can't easily be undone, without the password of the last minutes: for programs that nobody can ask.
  case irreversible = "organization:irreversible"
  /// Ask who may do what, and follow all that decides it: for a platform's own decisions.
  case decisions = "organization:decisions"
  /// Read and change the account itself.
  case account

  func allows(_ permission: Permission) -> Bool {
    switch self {
    case .read: permission.isReading
    case .write:
      switch permission {
      case .organizationSuspend, .organizationTransfer, .organizationDelete, .memberAdd, .memberUpdate, .memberRemove, .roleManage, .policyManage,
        .billingManage,
        .creditsManage, .serviceAccountManage, .accessFollow:
        false
      default: true
      }
    case .admin: true
    case .decisions: permission == .accessFollow || permission == .accessRead || permission == .organizationRead
    case .irreversible, .account: false
    }
  }

  /// The same for resources: who has which role on them and what takes others their place to work are left out of `write`.
  func allows(_ right: Right.Exact) -> Bool {
    switch self {
    case .read: right.verb.isReading
    case .write: right.verb != .manage && right.verb != .share && (right.verb != .delete || right.type.isObject)
    case .admin: true
    case .irreversible, .decisions, .account: false
    }
  }
}

/// How an organization stands.
public enum OrganizationState: String, Sendable, Hashable, CaseIterable {
  case active
  case suspended
  /// Hidden, and restorable until it is purged.
  case deleted
}

/// What binds a person to an organization.
public struct MembershipFacts: Sendable, Hashable {
  public let roles: RoleSet
  public let isSuspended: Bool
  /// The first instant at which it no longer holds.
  public let expires: Timestamp?

  public init(roles: RoleSet, isSuspended: Bool, expires: Timestamp?) {
    self.roles = roles
    self.isSuspended = isSuspended
    self.expires = expires
  }

  public func isInForce(at instant: Timestamp) -> Bool { !isSuspended && expires.map { instant < $0 } ?? true }
}

/// A place in a team, the lesser first.
public enum TeamSeat: String, Sendable, Hashable, CaseIterable, Comparable {
  case member
  /// Looks after the team's people, its name and its description.
  case maintainer

  public static func < (a: Self, b: Self) -> Bool { a == .member && b == .maintainer }
}

/// All that a decision within an organization looks at.
public struct OrganizationFacts: Sendable, Hashable {
  public let id: String
  public let state: OrganizationState
  public let membership: MembershipFacts?
  /// What the principal, or a team of theirs, holds on the organization beside the roles of the membership or the service account. What has ended may be
  /// among it.
  public let grants: [GrantFacts]

  public init(id: String, state: OrganizationState, membership: MembershipFacts?, grants: [GrantFacts] = []) {
    self.id = id
    self.state = state
    self.membership = membership
    self.grants = grants
  }

  /// Everything that some roles and the grants in force at an instant allow.
  func permissions(with roles: RoleSet, at instant: Timestamp) -> Set<Permission> {
    grants.isEmpty ? roles.permissions : grants.reduce(into: roles.permissions) { if $1.isInForce(at: instant) { $0.formUnion($1.role.permissions) } }
  }

  /// Why some roles and the grants in force at an instant allow something.
  func reasons(for permission: Permission, with roles: RoleSet?, at instant: Timestamp) -> [Reason] {
    let held = roles?.roles.filter { $0.permissions.contains(permission) }.map { Reason.role($0) } ?? []
    if grants.isEmpty { return held }
    let given = grants.filter { $0.isInForce(at: instant) && $0.role.permissions.contains(permission) }
    return held + given.map { .grant(role: $0.role.name, on: nil, through: $0.holder) }
  }
}
