/// A role that a person holds in an organization as a whole. Several may be held at once; what they allow adds up.
public enum OrganizationRole: String, Hashable, Sendable, CaseIterable, Comparable {
  case admin
  case manager
  case billing
  case infrastructure
  case contributor
  case viewer
  case member
  case guest

  /// Everything the role allows, at every thing of the organization.
  public var permissions: Set<Permission> {
    switch self {
    case .admin: Permission.all
    case .manager: Table.manager
    case .billing: Table.billing
    case .infrastructure: Table.infrastructure
    case .contributor: Table.contributor
    case .viewer: Table.viewer
    case .member: Table.member
    case .guest: Table.guest
    }
  }

  /// Made once: every decision looks at them.
  private enum Table {
    static let manager: Set<Permission> = [
      .organizationRead, .memberList, .memberAdd, .memberUpdate, .memberRemove, .invitationList, .invitationManage, .requestDecide, .teamRead,
      .teamManage, .policyRead, .accessRead, .accessFollow, .workspaceRead, .workspaceCreate, .clusterRead, .clusterShare, .projectRead, .projectCreate,
      .appRead,
      .objectRead, .creditsRead, .creditsManage, .quotaManage, .usageRead, .serviceAccountRead,
    ]
    static let billing: Set<Permission> = [.organizationRead, .creditsRead, .creditsManage, .usageRead, .billingRead, .billingManage]
    static let infrastructure: Set<Permission> = [
      .organizationRead, .memberList, .clusterRead, .clusterManage, .clusterShare, .creditsRead, .creditsUse, .serviceAccountRead,
    ]
    static let contributor: Set<Permission> = [
      .organizationRead, .memberList, .teamRead, .teamManage, .appRead, .appCreate, .appManage, .objectRead, .objectManage, .creditsRead,
      .serviceAccountRead,
    ]
    static let viewer: Set<Permission> = [
      .organizationRead, .memberList, .teamRead, .accessRead, .workspaceRead, .clusterRead, .projectRead, .appRead, .objectRead, .creditsRead,
      .serviceAccountRead,
    ]
    static let member: Set<Permission> = [.organizationRead, .memberList, .teamRead, .projectCreate, .creditsRead, .serviceAccountRead]
    static let guest: Set<Permission> = [.organizationRead]
  }

  /// One sentence for the people who choose it.
  public var summary: String {
    switch self {
    case .admin: "Everything: settings, deletion, billing, and roles up to admin."
    case .manager: "Sees all projects, invites and removes people, manages teams, sets quotas, and promotes up to manager."
    case .billing: "Billing, costs, invoices, usage and who may use how many credits, and nothing else."
    case .infrastructure: "Clusters, node pools and deployments, and the credits that they use."
    case .contributor: "All apps and their content, teams, and new apps."
    case .viewer: "Reads everything and changes nothing."
    case .member: "Sees who takes part, creates projects of their own, and uses what is shared."
    case .guest: "Only what teams and grants give."
    }
  }

  /// Who holds it, after "is": "a manager".
  public var holder: String {
    switch self {
    case .admin: "an admin"
    case .billing, .infrastructure: "in charge of \(rawValue)"
    case .manager, .contributor, .viewer, .member, .guest: "a \(rawValue)"
    }
  }

  /// The order in which people expect them, the most powerful first.
  public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }
}

/// The organization roles that one person holds; never empty.
public struct RoleSet: Hashable, Sendable {
  /// Without repeats, the most powerful first.
  public let roles: [OrganizationRole]

  /// `nil` for no role at all.
  public init?(_ roles: some Sequence<OrganizationRole>) {
    let given = Array(roles)
    self.roles = given.count > 1 ? Set(given).sorted() : given
    if self.roles.isEmpty { return nil }
  }

  public init(_ role: OrganizationRole) { roles = [role] }

  public func contains(_ role: OrganizationRole) -> Bool { roles.contains(role) }

  /// Who holds them, after "is": "a manager and in charge of billing".
  public var holder: String {
    let words = roles.map(\.holder)
    return words.count < 2 ? words.joined() : "\(words.dropLast().joined(separator: ", ")) and \(words[words.count - 1])"
  }

  /// What all the roles together allow.
  public var permissions: Set<Permission> { roles.count == 1 ? roles[0].permissions : roles.reduce(into: []) { $0.formUnion($1.permissions) } }

  /// The roles that are too much for a holder of `permissions` to give or take: each allows something that the holder lacks.
  public func beyond(_ permissions: Set<Permission>) -> [OrganizationRole] { roles.filter { !$0.permissions.isSubset(of: permissions) } }
}

extension RoleSet: CustomStringConvertible {
  /// `admin, billing`: for people and for the audit log.
  public var description: String { roles.map(\.rawValue).joined(separator: ", ") }
}
