public import Authorization
import Contract
public import Kernel

/// A part of a workspace, or of what an organization has of a cluster, with people and access of its own.
public struct Project: Sendable, Hashable {
  public internal(set) var resource: Resource
  /// What it is in.
  public let place: Place
  /// The role of who gets access without one being told.
  public internal(set) var defaultRole: ResourceRole
  /// Whether who joins the organization gets access, with that role.
  public internal(set) var isDefault: Bool

  /// What a project is in.
  public struct Place: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable { case workspace, cluster }

    public let kind: Kind
    public let id: ID<Resource>
    public let slug: Slug

    public init(_ kind: Kind, _ id: ID<Resource>, _ slug: Slug) { (self.kind, self.id, self.slug) = (kind, id, slug) }

    /// It, by its id.
    var reference: ProjectPlace {
      switch kind {
      case .workspace: .workspace(id.description)
      case .cluster: .cluster(id.description)
      }
    }
  }

  /// How many a workspace or a cluster may have, of one organization.
  static let limit = 5_000
  /// How many of an organization may be default projects.
  static let defaultLimit = 20

  /// Refuses what is no role of a project, and its greatest.
  static func defaultRole(named name: String) throws(Problem) -> ResourceRole {
    let role = try ResourceRole.named(name, on: .project, field: "default_role")
    guard role != .projectAdmin else { throw .invalid("default_role", "Nobody becomes an admin by default; choose a lesser role.") }
    return role
  }

  public var id: ID<Project> { resource.id.cast() }
  /// The workspace that it is in; `nil` for what is on a cluster.
  public var workspace: ID<Workspace>? { place.kind == .workspace ? place.id.cast() : nil }
}

/// What projects are in, as it is named: by id or by slug.
public enum ProjectPlace: Sendable, Hashable {
  case workspace(String)
  case cluster(String)

  /// For sentences.
  var noun: String {
    switch self {
    case .workspace: "workspace"
    case .cluster: "cluster"
    }
  }
}

/// What is to be changed of a project; `nil` leaves as is.
public struct ProjectUpdate: Sendable {
  public var resource: ResourceUpdate
  public var defaultRole: String?
  public var isDefault: Bool?

  public init(_ resource: ResourceUpdate, defaultRole: String? = nil, isDefault: Bool? = nil) {
    self.resource = resource
    self.defaultRole = defaultRole
    self.isDefault = isDefault
  }
}
