public import Kernel

extension API {
  /// Who has access to a workspace, a cluster, a project or an app, with which role and until when.
  public enum Grants {
    private static let ofWorkspace = "/organizations/{organization}/workspaces/{workspace}/grants"
    private static let ofProject = "/organizations/{organization}/workspaces/{workspace}/projects/{project}/grants"
    private static let seeingWorkspace = Access.resource(permission: "workspace.read", seen: "workspace.read")
    private static let seeingProject = Access.resource(permission: "project.read", seen: "project.read")
    private static let managingWorkspace = Access.resource(permission: "workspace.manage", seen: "workspace.read")
    private static let managingProject = Access.resource(permission: "project.manage", seen: "project.read")

    public static let listOfWorkspace = Endpoint<Wire.InWorkspace, Wire.ResourceQuery, Nothing, Wire.List<Wire.Grant>>(
      "workspace_grant.list", .get, ofWorkspace, access: seeingWorkspace,
      summary: "List who was given access to a workspace: members, then invitations, service accounts and teams, each by name. For who has a role on it.")

    public static let giveOnWorkspace = Endpoint<Wire.InWorkspace, Nothing, Wire.GrantDraft, Wire.Grant>(
      "workspace_grant.give", .post, ofWorkspace, access: managingWorkspace,
      summary: "Give somebody a role in a workspace, as its admins may as well.", status: 201,
      refusals: [.aboveOwnRights, .alreadyGranted, .tooMany])

    public static let updateOnWorkspace = Endpoint<Wire.InWorkspaceGrant, Nothing, Wire.GrantUpdate, Wire.Grant>(
      "workspace_grant.update", .patch, ofWorkspace + "/{grant}", access: managingWorkspace,
      summary: "Change the role or the end of somebody's access to a workspace.", refusals: [.aboveOwnRights, .alreadyGranted, .stale])

    public static let withdrawOnWorkspace = Endpoint<Wire.InWorkspaceGrant, Nothing, Nothing, Nothing>(
      "workspace_grant.withdraw", .delete, ofWorkspace + "/{grant}", access: managingWorkspace,
      summary: "End somebody's access to a workspace, at once; everybody may end their own.", status: 204, refusals: [.aboveOwnRights, .stale])

    public static let listOfProject = Endpoint<Wire.InProject, Wire.ResourceQuery, Nothing, Wire.List<Wire.Grant>>(
      "project_grant.list", .get, ofProject, access: seeingProject,
      summary: "List who was given access to a project: members, then invitations, service accounts and teams, each by name.")

    public static let giveOnProject = Endpoint<Wire.InProject, Nothing, Wire.GrantDraft, Wire.Grant>(
      "project_grant.give", .post, ofProject, access: managingProject,
      summary: "Give somebody a role in a project, as its admins and managers may as well.", status: 201,
      refusals: [.aboveOwnRights, .alreadyGranted, .tooMany])

    public static let updateOnProject = Endpoint<Wire.InProjectGrant, Nothing, Wire.GrantUpdate, Wire.Grant>(
      "project_grant.update", .patch, ofProject + "/{grant}", access: managingProject,
      summary: "Change the role or the end of somebody's access to a project.", refusals: [.aboveOwnRights, .alreadyGranted, .lastResourceAdmin, .stale])

    public static let withdrawOnProject = Endpoint<Wire.InProjectGrant, Nothing, Nothing, Nothing>(
      "project_grant.withdraw", .delete, ofProject + "/{grant}", access: managingProject,
      summary: "End somebody's access to a project, at once; everybody may end their own.", status: 204,
      refusals: [.aboveOwnRights, .lastResourceAdmin, .stale])

    private static let ofCluster = "/organizations/{organization}/clusters/{cluster}/grants"
    private static let onCluster = "/organizations/{organization}/clusters/{cluster}/projects/{project}/grants"
    private static let seeingCluster = Access.resource(permission: "cluster.read", seen: "cluster.read")
    private static let sharingCluster = Access.resource(permission: "cluster.share", seen: "cluster.read")

    public static let listOfCluster = Endpoint<Wire.InCluster, Wire.ResourceQuery, Nothing, Wire.List<Wire.Grant>>(
      "cluster_grant.list", .get, ofCluster, access: seeingCluster,
      summary: "List who has a cluster: members, then invitations, service accounts and teams, each by name. For who has a role on it.")

    public static let giveOnCluster = Endpoint<Wire.InCluster, Nothing, Wire.GrantDraft, Wire.Grant>(
      "cluster_grant.give", .post, ofCluster, access: sharingCluster,
      summary: "Give somebody a role on a cluster, as its managers may as well; without a role told, the default one.", status: 201,
      refusals: [.aboveOwnRights, .alreadyGranted, .tooMany])

    public static let updateOnCluster = Endpoint<Wire.InClusterGrant, Nothing, Wire.GrantUpdate, Wire.Grant>(
      "cluster_grant.update", .patch, ofCluster + "/{grant}", access: sharingCluster,
      summary: "Change somebody's role on a cluster, or its end.", refusals: [.aboveOwnRights, .alreadyGranted, .stale])

    public static let withdrawOnCluster = Endpoint<Wire.InClusterGrant, Nothing, Nothing, Nothing>(
      "cluster_grant.withdraw", .delete, ofCluster + "/{grant}", access: sharingCluster,
      summary: "Take a cluster from somebody at once, and with their last role on it their access to the projects there; everybody may end their own.",
      status: 204, refusals: [.aboveOwnRights, .stale])

    public static let listOfClusterProject = Endpoint<Wire.InClusterProject, Wire.ResourceQuery, Nothing, Wire.List<Wire.Grant>>(
      "cluster_project_grant.list", .get, onCluster, access: seeingProject,
      summary: "List who was given access to a project on a cluster: members, then invitations, service accounts and teams, each by name.")

    public static let giveOnClusterProject = Endpoint<Wire.InClusterProject, Nothing, Wire.GrantDraft, Wire.Grant>(
      "cluster_project_grant.give", .post, onCluster, access: managingProject,
      summary: "Give somebody a role in a project on a cluster, as its admins and managers may as well.", status: 201,
      refusals: [.aboveOwnRights, .alreadyGranted, .tooMany])

    public static let updateOnClusterProject = Endpoint<Wire.InClusterProjectGrant, Nothing, Wire.GrantUpdate, Wire.Grant>(
      "cluster_project_grant.update", .patch, onCluster + "/{grant}", access: managingProject,
      summary: "Change the role or the end of somebody's access to a project on a cluster.",
      refusals: [.aboveOwnRights, .alreadyGranted, .lastResourceAdmin, .stale])

    public static let withdrawOnClusterProject = Endpoint<Wire.InClusterProjectGrant, Nothing, Nothing, Nothing>(
      "cluster_project_grant.withdraw", .delete, onCluster + "/{grant}", access: managingProject,
      summary: "End somebody's access to a project on a cluster, at once; everybody may end their own.", status: 204,
      refusals: [.aboveOwnRights, .lastResourceAdmin, .stale])

    private static let ofApp = "/organizations/{organization}/apps/{app}/grants"
    private static let seeingApp = Access.resource(permission: "app.read", seen: "app.read")
    private static let managingApp = Access.resource(permission: "app.manage", seen: "app.read")

    public static let listOfApp = Endpoint<Wire.InApp, Wire.ResourceQuery, Nothing, Wire.List<Wire.Grant>>(
      "app_grant.list", .get, ofApp, access: seeingApp,
      summary: "List who was given access to an app: members, then invitations, service accounts and teams, each by name.")

    public static let giveOnApp = Endpoint<Wire.InApp, Nothing, Wire.GrantDraft, Wire.Grant>(
      "app_grant.give", .post, ofApp, access: managingApp, summary: "Give somebody a role on an app, as who has full access may as well.", status: 201,
      refusals: [.aboveOwnRights, .alreadyGranted, .tooMany])

    public static let updateOnApp = Endpoint<Wire.InAppGrant, Nothing, Wire.GrantUpdate, Wire.Grant>(
      "app_grant.update", .patch, ofApp + "/{grant}", access: managingApp, summary: "Change the role or the end of somebody's access to an app.",
      refusals: [.aboveOwnRights, .alreadyGranted, .stale])

    public static let withdrawOnApp = Endpoint<Wire.InAppGrant, Nothing, Nothing, Nothing>(
      "app_grant.withdraw", .delete, ofApp + "/{grant}", access: managingApp,
      summary: "End somebody's access to an app, at once; everybody may end their own.", status: 204, refusals: [.aboveOwnRights, .stale])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(listOfWorkspace), AnyEndpoint(giveOnWorkspace), AnyEndpoint(updateOnWorkspace), AnyEndpoint(withdrawOnWorkspace),
        AnyEndpoint(listOfProject), AnyEndpoint(giveOnProject), AnyEndpoint(updateOnProject), AnyEndpoint(withdrawOnProject),
        AnyEndpoint(listOfCluster), AnyEndpoint(giveOnCluster), AnyEndpoint(updateOnCluster), AnyEndpoint(withdrawOnCluster),
        AnyEndpoint(listOfClusterProject), AnyEndpoint(giveOnClusterProject), AnyEndpoint(updateOnClusterProject), AnyEndpoint(withdrawOnClusterProject),
        AnyEndpoint(listOfApp), AnyEndpoint(giveOnApp), AnyEndpoint(updateOnApp), AnyEndpoint(withdrawOnApp),
      ]
    }
  }
}

extension Wire {
  public struct InWorkspaceGrant: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var workspace: String
    public var grant: String

    public init(organization: String, workspace: String, grant: String) {
      self.organization = organization
      self.workspace = workspace
      self.grant = grant
    }
  }

  public struct InProjectGrant: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var workspace: String
    /// By id or by slug.
    public var project: String
    public var grant: String

    public init(organization: String, workspace: String, project: String, grant: String) {
      self.organization = organization
      self.workspace = workspace
      self.project = project
      self.grant = grant
    }
  }

  public struct InClusterGrant: Codable, Sendable, Hashable {
    public var organization: String
    /// By slug or by id.
    public var cluster: String
    public var grant: String

    public init(organization: String, cluster: String, grant: String) {
      self.organization = organization
      self.cluster = cluster
      self.grant = grant
    }
  }

  public struct InClusterProjectGrant: Codable, Sendable, Hashable {
    public var organization: String
    /// By slug or by id.
    public var cluster: String
    /// By id or by slug.
    public var project: String
    public var grant: String

    public init(organization: String, cluster: String, project: String, grant: String) {
      self.organization = organization
      self.cluster = cluster
      self.project = project
      self.grant = grant
    }
  }

  public struct InAppGrant: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var app: String
    public var grant: String

    public init(organization: String, app: String, grant: String) {
      self.organization = organization
      self.app = app
      self.grant = grant
    }
  }

  public enum GrantHolderKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case account
    case invitation
    case serviceAccount = "service-account"
    case team
  }

  /// Somebody's role on one thing. One of `member`, `invitation`, `service_account` and `team` is there, as `kind` says.
  public struct Grant: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Grant>
    public var kind: GrantHolderKind
    /// Of a member.
    public var account: ID<Account>?
    public var member: ID<Member>?
    /// Whoever accepts it gets the access.
    public var invitation: ID<Invitation>?
    public var serviceAccount: ID<ServiceAccount>?
    /// Everybody in it has the access.
    public var team: ID<Team>?
    /// The address, of an invitation.
    public var name: String
    /// The handle of a member, or the slug of a service account or a team.
    public var handle: String?
    /// By its name at its level.
    public var role: String
    /// Of a role that the organization made.
    public var customRole: ID<CustomRole>?
    /// From this instant on it counts for nothing; absent where it has no end.
    public var expiresAt: Timestamp?
    /// Whether its end has come.
    public var expired: Bool
    public var since: Timestamp
    public var revision: Int

    public init(
      id: ID<Grant>, kind: GrantHolderKind, account: ID<Account>? = nil, member: ID<Member>? = nil, invitation: ID<Invitation>? = nil,
      serviceAccount: ID<ServiceAccount>? = nil, team: ID<Team>? = nil, name: String, handle: String?, role: String,
      customRole: ID<CustomRole>? = nil, expiresAt: Timestamp?, expired: Bool, since: Timestamp, revision: Int
    ) {
      (self.id, self.kind, self.account, self.member, self.invitation) = (id, kind, account, member, invitation)
      (self.serviceAccount, self.team, self.name, self.handle) = (serviceAccount, team, name, handle)
      (self.role, self.customRole, self.expiresAt, self.expired, self.since, self.revision) = (role, customRole, expiresAt, expired, since, revision)
    }

    public var segment: String { id.description }
  }

  /// Who gets which role.
  public struct GrantDraft: Codable, Sendable, Hashable {
    /// A member by handle, address or id; an invitation by the address it went to, or by id; a service account or a team by slug or id.
    public var holder: String
    /// Which of these it is; looked for in this order when absent.
    public var kind: GrantHolderKind?
    /// In a project or on a cluster its default role when absent.
    public var role: String?
    /// When it ends by itself; it lasts when absent.
    public var expiresAt: Timestamp?

    public init(holder: String, kind: GrantHolderKind? = nil, role: String? = nil, expiresAt: Timestamp? = nil) {
      (self.holder, self.kind, self.role, self.expiresAt) = (holder, kind, role, expiresAt)
    }
  }

  /// What is absent stays as it is.
  public struct GrantUpdate: Codable, Sendable, Hashable {
    public var role: String?
    public var expiresAt: Timestamp?
    /// Let it last from now on, whatever `expires_at` says.
    public var lasts: Bool?

    public init(role: String? = nil, expiresAt: Timestamp? = nil, lasts: Bool? = nil) {
      self.role = role
      self.expiresAt = expiresAt
      self.lasts = lasts
    }
  }
}

extension Problem.Code {
  public static let alreadyGranted = Self("grant.exists", .conflict, "Has this role already")
  public static let lastResourceAdmin = Self("grant.last_admin", .conflict, "Last admin")
}
