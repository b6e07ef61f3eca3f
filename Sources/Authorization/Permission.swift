/// What may be done within an organization: the vocabulary of roles, tokens' scopes, the API document and the audit log.
public enum Permission: String, Hashable, Sendable, CaseIterable, Comparable {
  // The organization itself.
  case organizationRead = "organization.read"
  case organizationUpdate = "organization.update"
  case organizationSuspend = "organization.suspend"
  case organizationTransfer = "organization.transfer"
  case organizationDelete = "organization.delete"
  case organizationExport = "organization.export"

  // People.
  case memberList = "member.list"
  case memberAdd = "member.add"
  case memberUpdate = "member.update"
  case memberRemove = "member.remove"
  case invitationList = "invitation.list"
  case invitationManage = "invitation.manage"
  case requestDecide = "request.decide"

  // Records.
  case eventList = "event.list"

  // Teams, roles, policies.
  case teamRead = "team.read"
  case teamManage = "team.manage"
  case roleManage = "role.manage"
  case policyRead = "policy.read"
  case policyManage = "policy.manage"
  case accessRead = "access.read"
  case accessFollow = "access.follow"

  // What people work with.
  case workspaceRead = "workspace.read"
  case workspaceCreate = "workspace.create"
  case workspaceManage = "workspace.manage"
  case clusterRead = "cluster.read"
  case clusterManage = "cluster.manage"
  case clusterShare = "cluster.share"
  case projectRead = "project.read"
  case projectCreate = "project.create"
  case projectManage = "project.manage"
  case appRead = "app.read"
  case appCreate = "app.create"
  case appManage = "app.manage"
  case objectRead = "object.read"
  case objectManage = "object.manage"

  // Money.
  case creditsRead = "credits.read"
  case creditsUse = "credits.use"
  case creditsManage = "credits.manage"
  case quotaManage = "quota.manage"
  case usageRead = "usage.read"
  case billingRead = "billing.read"
  case billingManage = "billing.manage"

  // Machines.
  case serviceAccountRead = "service-account.read"
  case serviceAccountManage = "service-account.manage"

  /// Every one; made once, since every decision about an operator looks at it.
  public static let all = Set(allCases)

  /// What people alone may do, whatever roles a service account holds: end the organization or carry it away, let people in, and make what acts by itself.
  /// So nothing that holds a key can make another, or reach those who hold these.
  public static let leftToPeople: Set<Permission> = [
    .organizationSuspend, .organizationTransfer, .organizationDelete, .organizationExport, .memberAdd, .invitationManage, .requestDecide, .serviceAccountManage,
  ]

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// What its holder may do, in words: "see invitations".
  public var deed: String {
    switch self {
    case .organizationRead: "open the organization"
    case .organizationUpdate: "change the organization's settings"
    case .organizationSuspend: "suspend the organization or let it work again"
    case .organizationTransfer: "hand the organization over"
    case .organizationDelete: "delete or restore the organization"
    case .organizationExport: "take the organization along"
    case .memberList: "see the members"
    case .memberAdd: "add members"
    case .memberUpdate: "change or suspend members"
    case .memberRemove: "remove or reinstate members"
    case .invitationList: "see invitations and requests to join"
    case .invitationManage: "invite people"
    case .requestDecide: "answer requests to join"
    case .eventList: "see the audit log"
    case .teamRead: "see teams"
    case .teamManage: "manage teams"
    case .roleManage: "make and change roles"
    case .policyRead: "see policies"
    case .policyManage: "manage policies"
    case .accessRead: "ask who may do what"
    case .accessFollow: "follow everything that decides who may do what"
    case .workspaceRead: "see all workspaces"
    case .workspaceCreate: "create workspaces"
    case .workspaceManage: "manage workspaces"
    case .clusterRead: "see clusters"
    case .clusterManage: "manage clusters"
    case .clusterShare: "share out clusters"
    case .projectRead: "see all projects"
    case .projectCreate: "create projects"
    case .projectManage: "manage projects"
    case .appRead: "see all apps"
    case .appCreate: "create apps"
    case .appManage: "manage apps"
    case .objectRead: "see what is in apps and projects"
    case .objectManage: "change what is in apps and projects"
    case .creditsRead: "see the credits"
    case .creditsUse: "use credits"
    case .creditsManage: "share out credits"
    case .quotaManage: "set quotas"
    case .usageRead: "see the usage"
    case .billingRead: "see the billing"
    case .billingManage: "manage the billing"
    case .serviceAccountRead: "see service accounts"
    case .serviceAccountManage: "manage service accounts"
    }
  }

  /// Whether it leaves everything as it is.
  public var isReading: Bool {
    switch self {
    case .organizationRead, .memberList, .invitationList, .eventList, .teamRead, .policyRead, .accessRead, .workspaceRead, .clusterRead, .projectRead, .appRead, .objectRead,
      .creditsRead, .usageRead, .billingRead, .serviceAccountRead, .organizationExport:
      true
    default: false
    }
  }
}
