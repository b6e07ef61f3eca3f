public import Kernel

extension API {
  /// Projects, each in a workspace.
  public enum Projects {
    private static let seen = "project.read"
    private static let managing = Access.resource(permission: "project.manage", seen: seen)

    public static let listAll = Endpoint<Wire.InOrganization, Wire.ResourceQuery, Nothing, Wire.List<Wire.Project>>(
      "project.list_all", .get, "/organizations/{organization}/projects", access: .organization(permission: "organization.read"),
      summary: "List the projects of all workspaces, by slug; without the permission `project.read`, those that you have access to.")

    public static let list = Endpoint<Wire.InWorkspace, Wire.ResourceQuery, Nothing, Wire.List<Wire.Project>>(
      "project.list", .get, "/organizations/{organization}/workspaces/{workspace}/projects",
      access: .resource(permission: "workspace.read", seen: "workspace.read"),
      summary: "List the projects of a workspace, by slug; without the permission `project.read`, those that you have access to.")

    public static let create = Endpoint<Wire.InWorkspace, Nothing, Wire.ProjectDraft, Wire.Project>(
      "project.create", .post, "/organizations/{organization}/workspaces/{workspace}/projects",
      access: .resource(permission: "project.create", seen: "workspace.read"),
      summary: "Make a project in a workspace that you may see; you are its admin.", status: 201, refusals: [.takenName, .tooManyProjects])

    public static let read = Endpoint<Wire.InProject, Nothing, Nothing, Wire.Project>(
      "project.read", .get, "/organizations/{organization}/workspaces/{workspace}/projects/{project}", access: .resource(permission: seen, seen: seen),
      summary: "Read one project, by id or by slug.")

    public static let update = Endpoint<Wire.InProject, Nothing, Wire.ProjectUpdate, Wire.Project>(
      "project.update", .patch, "/organizations/{organization}/workspaces/{workspace}/projects/{project}", access: managing,
      summary: "Change a project's name, slug, description or the role that people get in it; its admins and managers may as well.",
      refusals: [.takenName, .stale, .aboveOwnRights])

    public static let delete = Endpoint<Wire.InProject, Nothing, Nothing, Nothing>(
      "project.delete", .delete, "/organizations/{organization}/workspaces/{workspace}/projects/{project}", access: managing,
      summary: "Delete a project and all access to it, at once and for good; its admins may as well.", status: 204, refusals: [.stale])

    static var all: [AnyEndpoint] {
      [AnyEndpoint(listAll), AnyEndpoint(list), AnyEndpoint(create), AnyEndpoint(read), AnyEndpoint(update), AnyEndpoint(delete)]
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

  public struct Project: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Project>
    /// In small letters, and unique in its workspace.
    public var slug: String
    public var name: String
    public var description: String
    public var workspace: ID<Workspace>
    public var workspaceSlug: String
    /// The role of who gets access without one being told.
    public var defaultRole: String
    public var createdAt: Timestamp
    public var revision: Int

    public init(
      id: ID<Project>, slug: String, name: String, description: String, workspace: ID<Workspace>, workspaceSlug: String, defaultRole: String,
      createdAt: Timestamp, revision: Int
    ) {
      (self.id, self.slug, self.name, self.description) = (id, slug, name, description)
      (self.workspace, self.workspaceSlug, self.defaultRole) = (workspace, workspaceSlug, defaultRole)
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

    public init(name: String, slug: String? = nil, description: String? = nil, defaultRole: String? = nil) {
      self.name = .init(name)
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
      self.defaultRole = defaultRole
    }
  }

  /// What is absent stays as it is.
  public struct ProjectUpdate: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?
    public var defaultRole: String?

    public init(name: String? = nil, slug: String? = nil, description: String? = nil, defaultRole: String? = nil) {
      self.name = name.map { .init($0) }
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
      self.defaultRole = defaultRole
    }
  }
}

extension Problem.Code {
  public static let tooManyProjects = Self("project.too_many", .conflict, "Too many projects")
}
