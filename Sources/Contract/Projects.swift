public import Kernel

extension API {
  /// Projects, each in a workspace or on a cluster.
  public enum Projects {
    private static let seen = "project.read"
    private static let managing = Access.resource(permission: "project.manage", seen: seen)

    public static let listAll = Endpoint<Wire.InOrganization, Wire.ResourceQuery, Nothing, Wire.List<Wire.Project>>(
      "project.list_all", .get, "/organizations/{organization}/projects", access: .organization(permission: "organization.read"),
      summary: "List the projects of all workspaces and clusters, by slug; without the permission `project.read`, those that you have access to.")

    public static let list = Endpoint<Wire.InWorkspace, Wire.ResourceQuery, Nothing, Wire.List<Wire.Project>>(
      "project.list", .get, "/organizations/{organization}/workspaces/{workspace}/projects",
      access: .resource(permission: "workspace.read", seen: "workspace.read"),
      summary: "List the projects of a workspace, by slug; without the permission `project.read`, those that you have access to.")

    public static let create = Endpoint<Wire.InWorkspace, Nothing, Wire.ProjectDraft, Wire.Project>(
      "project.create", .post, "/organizations/{organization}/workspaces/{workspace}/projects",
      access: .resource(permission: "project.create", seen: "workspace.read"),
      summary: "Make a project in a workspace that you may see; you are its admin.", status: 201, refusals: [.takenName, .tooManyProjects, .quotaExceeded])

    public static let read = Endpoint<Wire.InProject, Nothing, Nothing, Wire.Project>(
      "project.read", .get, "/organizations/{organization}/workspaces/{workspace}/projects/{project}", access: .resource(permission: seen, seen: seen),
      summary: "Read one project, by id or by slug.")

    public static let update = Endpoint<Wire.InProject, Nothing, Wire.ProjectUpdate, Wire.Project>(
      "project.update", .patch, "/organizations/{organization}/workspaces/{workspace}/projects/{project}", access: managing,
      summary: "Change a project's name, slug, description, or who gets which role in it by default; its admins and managers may as well.",
      refusals: [.takenName, .stale, .aboveOwnRights, .tooManyProjects])

    public static let delete = Endpoint<Wire.InProject, Nothing, Nothing, Nothing>(
      "project.delete", .delete, "/organizations/{organization}/workspaces/{workspace}/projects/{project}", access: managing,
      summary: "Delete a project and all access to it, at once and for good; its admins may as well.", status: 204, refusals: [.stale])

    private static let onCluster = "/organizations/{organization}/clusters/{cluster}/projects"

    public static let listOnCluster = Endpoint<Wire.InCluster, Wire.ResourceQuery, Nothing, Wire.List<Wire.Project>>(
      "cluster_project.list", .get, onCluster, access: .resource(permission: "cluster.read", seen: "cluster.read"),
      summary: "List the projects that an organization has on a cluster, by slug; without the permission `project.read`, those that you have access to.")

    public static let createOnCluster = Endpoint<Wire.InCluster, Nothing, Wire.ProjectDraft, Wire.Project>(
      "cluster_project.create", .post, onCluster, access: .resource(permission: "project.create", seen: "cluster.read"),
      summary: "Make a project on a cluster that you have; you are its admin.", status: 201, refusals: [.takenName, .tooManyProjects, .quotaExceeded])

    public static let personal = Endpoint<Wire.InCluster, Nothing, Nothing, Wire.Project>(
      "cluster_project.personal", .put, "/organizations/{organization}/clusters/{cluster}/personal-project",
      access: .resource(permission: "project.create", seen: "cluster.read"),
      summary: "Read your own project on a cluster, called as you are; it is made where there is none.", refusals: [.takenName, .tooManyProjects,
        .quotaExceeded])

    public static let readOnCluster = Endpoint<Wire.InClusterProject, Nothing, Nothing, Wire.Project>(
      "cluster_project.read", .get, onCluster + "/{project}", access: .resource(permission: seen, seen: seen),
      summary: "Read one project on a cluster, by id or by slug.")

    public static let updateOnCluster = Endpoint<Wire.InClusterProject, Nothing, Wire.ProjectUpdate, Wire.Project>(
      "cluster_project.update", .patch, onCluster + "/{project}", access: managing,
      summary: "Change a project's name, slug, description, or who gets which role in it by default; its admins and managers may as well.",
      refusals: [.takenName, .stale, .aboveOwnRights, .tooManyProjects])

    public static let deleteOnCluster = Endpoint<Wire.InClusterProject, Nothing, Nothing, Nothing>(
      "cluster_project.delete", .delete, onCluster + "/{project}", access: managing,
      summary: "Delete a project and all access to it, at once and for good; its admins may as well.", status: 204, refusals: [.stale])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(listAll), AnyEndpoint(list), AnyEndpoint(create), AnyEndpoint(read), AnyEndpoint(update), AnyEndpoint(delete), AnyEndpoint(listOnCluster),
        AnyEndpoint(createOnCluster), AnyEndpoint(personal), AnyEndpoint(readOnCluster), AnyEndpoint(updateOnCluster), AnyEndpoint(deleteOnCluster),
      ]
    }
  }
}

extension Wire {
  public struct InProject: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var workspace: String
    /// By id or by slug.
    public var project: String

    public init(organization: String, workspace: String, project: String) {
      self.organization = organization
      self.workspace = workspace
      self.project = project
    }
  }

  public struct InClusterProject: Codable, Sendable, Hashable {
    public var organization: String
    /// By slug or by id.
    public var cluster: String
    /// By id or by slug.
    public var project: String

    public init(organization: String, cluster: String, project: String) {
      self.organization = organization
      self.cluster = cluster
      self.project = project
    }
  }

  /// Either in a workspace or on a cluster.
  public struct Project: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Project>
    /// In small letters, and unique in its place.
    public var slug: String
    public var name: String
    public var description: String
    public var workspace: ID<Workspace>?
    public var workspaceSlug: String?
    /// As the organization has it.
    public var cluster: ID<OrganizationCluster>?
    public var clusterSlug: String?
    /// The role of who gets access without one being told.
    public var defaultRole: String
    /// Whether who joins the organization gets access, with that role; guests don't.
    public var isDefault: Bool
    public var createdAt: Timestamp
    public var revision: Int

    public init(
      id: ID<Project>, slug: String, name: String, description: String, workspace: ID<Workspace>? = nil, workspaceSlug: String? = nil,
      cluster: ID<OrganizationCluster>? = nil, clusterSlug: String? = nil, defaultRole: String, isDefault: Bool, createdAt: Timestamp, revision: Int
    ) {
      (self.id, self.slug, self.name, self.description) = (id, slug, name, description)
      (self.workspace, self.workspaceSlug, self.cluster, self.clusterSlug) = (workspace, workspaceSlug, cluster, clusterSlug)
      (self.defaultRole, self.isDefault) = (defaultRole, isDefault)
      (self.createdAt, self.revision) = (createdAt, revision)
    }

    public var segment: String { slug }
  }

  public struct ProjectDraft: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    /// `contributor` when absent.
    public var defaultRole: String?
    /// `false` when absent.
    public var isDefault: Bool?

    public init(name: String, slug: String? = nil, description: String? = nil, defaultRole: String? = nil, isDefault: Bool? = nil) {
      self.name = .init(name)
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
      self.defaultRole = defaultRole
      self.isDefault = isDefault
    }
  }

  /// What is absent stays as it is.
  public struct ProjectUpdate: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    public var defaultRole: String?
    public var isDefault: Bool?

    public init(name: String? = nil, slug: String? = nil, description: String? = nil, defaultRole: String? = nil, isDefault: Bool? = nil) {
      self.name = name.map { .init($0) }
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
      self.defaultRole = defaultRole
      self.isDefault = isDefault
    }
  }
}

extension Problem.Code {
  public static let tooManyProjects = Self("project.too_many", .conflict, "Too many projects")
}
