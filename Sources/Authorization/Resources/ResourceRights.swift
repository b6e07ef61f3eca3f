/// What each built-in role allows on the resource it is held on, and on all within it.
extension ResourceRole {
  /// What it allows, whoever owns the thing.
  public var rights: RightSet { Table.rights[self] ?? [] }

  /// What it allows besides on what its holder owns: who may make things may do everything with what they made.
  public var ownRights: RightSet {
    switch self {
    case .workspaceDeveloper, .workspaceContributor, .projectDeveloper, .projectContributor: [Right(.objects, nil)]
    // What runs in a project is the project's business, whoever began it.
    case .clusterUser: [Right(.type(.deployment), nil)]
    case .appLabelerLead, .appLabelerWorker: [Right(.type(.annotation), nil)]
    default: []
    }
  }

  /// Made once: every decision looks at them.
  private enum Table {
    static let rights: [ResourceRole: RightSet] = Dictionary(uniqueKeysWithValues: ResourceRole.allCases.map { ($0, of($0)) })

    static func of(_ role: ResourceRole) -> RightSet { RightSet(list(role)) }

    static func list(_ role: ResourceRole) -> [Right] {
      switch role {
      case .workspaceAdmin, .projectAdmin, .appFullAccess, .clusterAdmin: [.all]
      case .workspaceDeveloper:
        rights(.everything, .list, .read, .create) + rights(of: .workspace, .use) + rights(of: .stack, .update) + rights(of: .stackComponent, .update)
          + rights(of: .serviceConnector, .update)
      case .workspaceContributor: rights(of: .workspace, .list, .read, .use) + rights(.objects, .create)
      case .workspaceViewer: rights(.everything, .list, .read) + rights(of: .workspace, .use)
      case .workspaceStackAdmin:
        rights(of: .workspace, .list, .read, .use) + everything(.stack) + everything(.stackComponent) + everything(.serviceConnector)

      // Manages members, settings and content; an admin of the project stays out of reach because `delete` is.
      case .projectManager: rights(of: .project, .list, .read, .use, .update, .manage, .share) + [Right(.objects, nil)]
      case .projectDeveloper: rights(of: .project, .list, .read, .use) + rights(.objects, .list, .read, .create, .use)
      case .projectContributor: rights(of: .project, .list, .read, .use) + rights(.objects, .create)
      case .projectViewer: rights(of: .project, .list, .read, .use) + rights(.objects, .list, .read)

      case .appModelTrainer:
        rights(of: .app, .list, .read, .use) + everything(.model) + everything(.modelVersion) + everything(.metric) + everything(.deployment)
          + [.input, .concept, .dataset, .annotation].flatMap { rights(of: $0, .list, .read) } + hardware
      case .appLabelerLead:
        list(.appLabelerWorker) + rights(of: .task, .create, .update, .assign, .review) + rights(of: .annotation, .review) + everything(.concept)
          + rights(of: .metric, .list, .read)
      case .appLabelerWorker:
        rights(of: .app, .list, .read) + [.concept, .input, .task, .dataset].flatMap { rights(of: $0, .list, .read) } + rights(of: .task, .update)
          + rights(of: .annotation, .list, .read, .create, .update, .annotate)

      case .clusterManager:
        rights(of: .cluster, .list, .read, .use, .manage, .share) + rights(of: .project, .list, .read, .create) + hardware + [Right(.objects, nil)]
      case .clusterUser: rights(of: .cluster, .list, .read, .use) + rights(of: .project, .create) + rights(of: .deployment, .create) + hardware
      }
    }

    static let hardware = [ResourceType.nodePool, .preset, .instanceType].flatMap { rights(of: $0, .list, .read) }

    static func rights(_ target: Right.Target, _ verbs: ResourceVerb...) -> [Right] { verbs.map { Right(target, $0) } }
    static func rights(of type: ResourceType, _ verbs: ResourceVerb...) -> [Right] { verbs.map { Right(type, $0) } }
    static func everything(_ type: ResourceType) -> [Right] { [Right(.type(type), nil)] }
  }
}

/// How what an organization role allows reaches the resources of the organization.
extension OrganizationRole {
  /// What the role allows on every resource of the organization; ``Permission/resourceRights`` is the table.
  public var resourceRights: RightSet { ReachTable.byRole[self] ?? [] }

  /// Whether its holders see what is open to the whole organization: all who take part in its work, and neither guests nor those who only pay.
  public var seesWhatIsOpen: Bool { permissions.contains(.memberList) }
}

private enum ReachTable {
  static let byRole: [OrganizationRole: RightSet] = Dictionary(
    uniqueKeysWithValues: OrganizationRole.allCases.map { role in
      (role, role == .admin ? [.all] : role.permissions.reduce(into: RightSet()) { $0.formUnion($1.resourceRights) })
    })
}

extension Permission {
  /// What of the organization's resources the permission covers.
  var resourceRights: RightSet {
    func reading(_ target: Right.Target) -> RightSet { [Right(target, .list), Right(target, .read)] }
    func all(_ types: ResourceType...) -> RightSet { RightSet(types.map { Right(.type($0), nil) }) }
    return switch self {
    case .workspaceRead: reading(.type(.workspace))
    case .workspaceCreate: [Right(.workspace, .create)]
    case .workspaceManage: all(.workspace)
    case .clusterRead: RightSet([ResourceType.cluster, .nodePool, .preset, .instanceType, .deployment].flatMap { reading(.type($0)).rights })
    case .clusterManage: all(.cluster, .nodePool, .preset, .instanceType, .deployment)
    case .clusterShare: [Right(.cluster, .share)]
    case .projectRead: reading(.type(.project))
    case .projectCreate: [Right(.project, .create)]
    case .projectManage: all(.project)
    case .appRead: reading(.type(.app))
    case .appCreate: [Right(.app, .create)]
    case .appManage: all(.app)
    case .objectRead: reading(.objects)
    case .objectManage: [Right(.objects, nil)]
    default: []
    }
  }
}
