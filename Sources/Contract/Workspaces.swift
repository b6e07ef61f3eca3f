public import Kernel

extension API {
  /// Workspaces of an organization: each is a server of its own that people work on.
  public enum Workspaces {
    private static let seen = "workspace.read"
    private static let managing = Access.resource(permission: "workspace.manage", seen: seen)

    public static let list = Endpoint<Wire.InOrganization, Wire.ResourceQuery, Nothing, Wire.List<Wire.Workspace>>(
      "workspace.list", .get, "/organizations/{organization}/workspaces", access: .organization(permission: "organization.read"),
      summary: "List the workspaces of an organization, by slug; without the permission `workspace.read`, those that you have access to.")

    public static let create = Endpoint<Wire.InOrganization, Nothing, Wire.WorkspaceDraft, Wire.NewWorkspace>(
      "workspace.create", .post, "/organizations/{organization}/workspaces", access: .organization(permission: "workspace.create"),
      summary: "Enroll a workspace, of which you are an admin; the key for its server is told only now.", status: 201,
      refusals: [.takenName, .tooManyWorkspaces])

    public static let read = Endpoint<Wire.InWorkspace, Nothing, Nothing, Wire.Workspace>(
      "workspace.read", .get, "/organizations/{organization}/workspaces/{workspace}", access: .resource(permission: seen, seen: seen),
      summary: "Read one workspace, by id or by slug; who has access to a project in it may as well.")

    public static let update = Endpoint<Wire.InWorkspace, Nothing, Wire.WorkspaceUpdate, Wire.Workspace>(
      "workspace.update", .patch, "/organizations/{organization}/workspaces/{workspace}", access: managing,
      summary: "Change a workspace's name, slug or description; its admins may as well.", refusals: [.takenName, .stale])

    public static let delete = Endpoint<Wire.InWorkspace, Nothing, Nothing, Nothing>(
      "workspace.delete", .delete, "/organizations/{organization}/workspaces/{workspace}", access: managing,
      summary: "Delete a workspace with its projects and all access to them, at once and for good.", status: 204, refusals: [.stale])

    public static let deactivate = Endpoint<Wire.InWorkspace, Nothing, Nothing, Wire.Workspace>(
      "workspace.deactivate", .put, "/organizations/{organization}/workspaces/{workspace}/deactivation", access: managing,
      summary: "Let nobody and no server in until the workspace is activated again.", refusals: [.stale])

    public static let activate = Endpoint<Wire.InWorkspace, Nothing, Nothing, Wire.Workspace>(
      "workspace.activate", .delete, "/organizations/{organization}/workspaces/{workspace}/deactivation", access: managing,
      summary: "Let people and the server in again.", refusals: [.stale])

    public static let renewKey = Endpoint<Wire.InWorkspace, Nothing, Nothing, Wire.NewWorkspace>(
      "workspace_key.renew", .post, "/organizations/{organization}/workspaces/{workspace}/enrollment-key", access: managing,
      summary: "Make a new key for a workspace's server; it is told only now, and the old one opens nothing any more.", status: 201)

    public static let move = Endpoint<Wire.InWorkspace, Nothing, Wire.NewHome, Wire.Workspace>(
      "workspace.move", .put, "/organizations/{organization}/workspaces/{workspace}/organization", access: managing,
      summary: """
        Carry a workspace with all that is in it to another organization, for who is an admin of both. Who is a member of both keeps built-in roles on it; all \
        other access ends. Refused while credits are held.
        """, refusals: [.liveHolds, .takenName, .tooManyWorkspaces, .stale, .staleSignIn])

    static var all: [AnyEndpoint] {
      [
        AnyEndpoint(list), AnyEndpoint(create), AnyEndpoint(read), AnyEndpoint(update), AnyEndpoint(delete), AnyEndpoint(deactivate), AnyEndpoint(activate),
        AnyEndpoint(renewKey), AnyEndpoint(move),
      ]
    }
  }
}

extension Wire {
  /// Where something is to be from now on.
  public struct NewHome: Codable, Sendable, Hashable {
    /// By slug or id.
    public var organization: String

    public init(organization: String) { self.organization = organization }
  }

  public struct InWorkspace: Codable, Sendable, Hashable {
    public var organization: String
    /// By id or by slug.
    public var workspace: String

    public init(organization: String, workspace: String) {
      self.organization = organization
      self.workspace = workspace
    }
  }

  public struct ResourceQuery: Codable, Sendable, Hashable, PagedQuery {
    /// Part of a slug or a name; with `*` for any characters and `?` for one, the whole of it.
    public var search: String?
    public var limit: Int?
    public var cursor: String?

    public init(search: String? = nil, limit: Int? = nil, cursor: String? = nil) {
      self.search = search
      self.limit = limit
      self.cursor = cursor
    }
  }

  /// Who runs a workspace's server: its people themselves, or this installation.
  public enum WorkspaceKind: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case enrolled, managed }

  /// How a workspace shall be.
  public enum DesiredWorkspaceState: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf { case available, deactivated, deleted }

  /// How a workspace is.
  public enum WorkspaceStatus: String, Codable, Sendable, Hashable, CaseIterable, SchemaLeaf {
    case notInitialized = "not_initialized"
    case pending, available, failed, deactivated, deleted
  }

  public struct Workspace: Codable, Sendable, Hashable, Versioned, Addressed {
    public var id: ID<Workspace>
    /// In small letters, and unique in the installation.
    public var slug: String
    public var name: String
    public var description: String
    public var kind: WorkspaceKind
    public var desiredState: DesiredWorkspaceState
    public var status: WorkspaceStatus
    /// Why it is so, in a sentence.
    public var statusReason: String
    /// Where its server is, as that said itself; absent until it has reported.
    public var address: String?
    /// Which version its server has, as that said itself.
    public var version: String?
    /// When its server reported last.
    public var reportedAt: Timestamp?
    /// How many projects are in it, whether the caller may see them or not.
    public var projects: Int
    public var createdAt: Timestamp
    public var revision: Int

    public init(
      id: ID<Workspace>, slug: String, name: String, description: String, kind: WorkspaceKind, desiredState: DesiredWorkspaceState, status: WorkspaceStatus,
      statusReason: String, address: String?, version: String?, reportedAt: Timestamp?, projects: Int, createdAt: Timestamp, revision: Int
    ) {
      (self.id, self.slug, self.name, self.description, self.kind) = (id, slug, name, description, kind)
      (self.desiredState, self.status, self.statusReason) = (desiredState, status, statusReason)
      (self.address, self.version, self.reportedAt, self.projects) = (address, version, reportedAt, projects)
      (self.createdAt, self.revision) = (createdAt, revision)
    }

    public var segment: String { slug }
  }

  public struct WorkspaceDraft: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>
    /// Made from the name when absent.
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?

    public init(name: String, slug: String? = nil, description: String? = nil) {
      self.name = .init(name)
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
    }
  }

  /// What is absent stays as it is.
  public struct WorkspaceUpdate: Codable, Sendable, Hashable {
    public var name: Unchecked<DisplayName>?
    public var slug: Unchecked<Slug>?
    public var description: Unchecked<Note>?

    public init(name: String? = nil, slug: String? = nil, description: String? = nil) {
      self.name = name.map { .init($0) }
      self.slug = slug.map { .init($0) }
      self.description = description.map { .init($0) }
    }
  }

  /// A setting of a workspace's server: a variable of its environment.
  public struct ServerSetting: Codable, Sendable, Hashable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A workspace with a key that is told only now.
  public struct NewWorkspace: Codable, Sendable, Hashable, Addressed {
    public var workspace: Workspace
    /// With it the workspace's server signs in and reports.
    public var enrollmentKey: String
    /// What the server is started with, the key among it.
    public var settings: [ServerSetting]

    public init(workspace: Workspace, enrollmentKey: String, settings: [ServerSetting]) {
      self.workspace = workspace
      self.enrollmentKey = enrollmentKey
      self.settings = settings
    }

    public var segment: String { workspace.slug }
  }
}

extension Problem.Code {
  public static let tooManyWorkspaces = Self("workspace.too_many", .conflict, "Too many workspaces")
  public static let deactivatedWorkspace = Self("workspace.deactivated", .conflict, "Workspace deactivated")
}
