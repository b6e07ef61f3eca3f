/// A role that a person, a service account or a team holds on one resource and everything within it. Built in; ``CustomRole`` is the other kind.
public enum ResourceRole: String, Hashable, Sendable, CaseIterable, Comparable {
  case workspaceAdmin = "workspace.admin"
  case workspaceDeveloper = "workspace.developer"
  case workspaceContributor = "workspace.contributor"
  case workspaceViewer = "workspace.viewer"
  case workspaceStackAdmin = "workspace.stack-admin"

  case projectAdmin = "project.admin"
  case projectManager = "project.manager"
  case projectDeveloper = "project.developer"
  case projectContributor = "project.contributor"
  case projectViewer = "project.viewer"

  case appFullAccess = "app.full-access"
  case appModelTrainer = "app.model-trainer"
  case appLabelerLead = "app.labeler-lead"
  case appLabelerWorker = "app.labeler-worker"

  case clusterAdmin = "cluster.admin"
  case clusterManager = "cluster.manager"
  case clusterUser = "cluster.user"

  /// The level at which it is given.
  public var scope: RoleScope {
    switch self {
    case .workspaceAdmin, .workspaceDeveloper, .workspaceContributor, .workspaceViewer, .workspaceStackAdmin: .workspace
    case .projectAdmin, .projectManager, .projectDeveloper, .projectContributor, .projectViewer: .project
    case .appFullAccess, .appModelTrainer, .appLabelerLead, .appLabelerWorker: .app
    case .clusterAdmin, .clusterManager, .clusterUser: .cluster
    }
  }

  /// Its name at its level: `stack-admin`.
  public var name: String { String(rawValue.drop { $0 != "." }.dropFirst()) }

  /// The role of that name at that level.
  public init?(_ name: String, of scope: RoleScope) { self.init(rawValue: "\(scope.rawValue).\(name)") }

  /// The roles of a level, the most powerful first.
  public static func all(of scope: RoleScope) -> [ResourceRole] { allCases.filter { $0.scope == scope } }

  /// One sentence for the people who choose it.
  public var summary: String {
    switch self {
    case .workspaceAdmin: "Everything in the workspace: settings, members, stacks, projects and their content."
    case .workspaceDeveloper: "Creates and reads everything, changes stacks of others, and creates projects."
    case .workspaceContributor: "Creates things and keeps them; sees nothing of others."
    case .workspaceViewer: "Reads everything in the workspace, all projects included, and changes nothing."
    case .workspaceStackAdmin: "All stacks, components and connectors, and nothing else."
    case .projectAdmin: "Everything in the project: settings, members, admins, and deleting it."
    case .projectManager: "Everything but admins and deleting the project."
    case .projectDeveloper: "Creates and reads everything in the project, and runs work."
    case .projectContributor: "Creates things in the project and keeps them; sees nothing of others."
    case .projectViewer: "Reads everything in the project and changes nothing."
    case .appFullAccess: "Everything on the app."
    case .appModelTrainer: "Makes, changes, trains and deploys models; sees inputs, concepts and datasets."
    case .appLabelerLead: "Labels, gives out tasks, reviews, and changes concepts."
    case .appLabelerWorker: "Works on tasks of their own: reads what they need and annotates."
    case .clusterAdmin: "Everything on the cluster: node pools, presets, people, and removing it."
    case .clusterManager: "All jobs, storage and images on the cluster, and the people who use it."
    case .clusterUser: "Runs work on the cluster, in projects of their own and in those they are in."
    }
  }

  /// The order in which people expect them: by level, and the most powerful first.
  public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
  private var rank: Int { Self.allCases.firstIndex(of: self) ?? Self.allCases.count }
}

/// A role that an organization made of rights it chose.
public struct CustomRole: Hashable, Sendable {
  public let id: String
  public let name: String
  /// The level at which it is given.
  public let scope: RoleScope
  public let rights: RightSet
  /// What it allows besides on what its holder owns.
  public let ownRights: RightSet
  /// What it allows in the organization itself; none where it is given at another level.
  public let permissions: Set<Permission>

  /// One that is given on resources.
  public init(id: String, name: String, scope: RoleScope, rights: RightSet, ownRights: RightSet = []) {
    self.id = id
    self.name = name
    self.scope = scope
    self.rights = rights
    self.ownRights = ownRights
    permissions = []
  }

  /// One that is given on the organization: what it allows on resources follows from its permissions.
  public init(id: String, name: String, permissions: Set<Permission>) {
    self.id = id
    self.name = name
    scope = .organization
    rights = permissions.reduce(into: []) { $0.formUnion($1.resourceRights) }
    ownRights = []
    self.permissions = permissions
  }

  /// Whether its holders see what is open to the whole organization (``OrganizationRole/seesWhatIsOpen``).
  public var seesWhatIsOpen: Bool { permissions.contains(.memberList) }
}

/// What a grant gives: a role, or single actions.
public enum GrantedRole: Hashable, Sendable {
  case resource(ResourceRole)
  /// A role of the organization, given at the organization: to a team, or for a time.
  case organization(OrganizationRole)
  case custom(CustomRole)
  /// Single actions on one object, as sharing gives them; they reach nothing within it.
  case actions(Set<ResourceVerb>)

  public var rights: RightSet {
    switch self {
    case .resource(let role): role.rights
    case .organization(let role): role.resourceRights
    case .custom(let role): role.rights
    case .actions(let verbs): RightSet(verbs.map { Right(.objects, $0) })
    }
  }

  /// What it allows besides on what its holder owns.
  public var ownRights: RightSet {
    switch self {
    case .resource(let role): role.ownRights
    case .organization, .actions: []
    case .custom(let role): role.ownRights
    }
  }

  /// What it allows in the organization itself, held there.
  public var permissions: Set<Permission> {
    switch self {
    case .organization(let role): role.permissions
    case .custom(let role): role.permissions
    case .resource, .actions: []
    }
  }

  /// The rights that are too much for a holder of `rights` to give or take away. Built-in roles let those who make things do everything with them; what an
  /// organization adds to that counts like all else.
  public func beyond(_ rights: RightSet) -> [Right] {
    if case .custom(let role) = self { return rights.lacking(of: role.rights.union(role.ownRights)) }
    return rights.lacking(of: self.rights)
  }

  /// The permissions that are too much for a holder of `permissions` to give or take away, held on the organization.
  public func beyond(_ permissions: Set<Permission>) -> [Permission] { self.permissions.subtracting(permissions).sorted() }

  /// Its name as people and the audit log know it: `project.viewer`, `organization.viewer`, a custom role's name, or the actions.
  public var name: String {
    switch self {
    case .resource(let role): role.rawValue
    case .organization(let role): "organization.\(role.rawValue)"
    case .custom(let role): role.name
    case .actions(let verbs): verbs.sorted().map(\.name).joined(separator: ", ")
    }
  }
}
