public import Authorization
import Contract
public import Kernel

/// A part of a workspace with people and access of its own.
public struct Project: Sendable, Hashable {
  public internal(set) var resource: Resource
  /// What the workspace that it is in is called.
  public let workspaceSlug: Slug
  /// The role of who gets access without one being told.
  public internal(set) var defaultRole: ResourceRole

  /// How many a workspace may have.
  static let limit = 5_000

  /// Refuses what is no role of a project, and its greatest.
  static func defaultRole(named name: String) throws(Problem) -> ResourceRole {
    let role = try ResourceRole.named(name, on: .project, field: "default_role")
    guard role != .projectAdmin else { throw .invalid("default_role", "Nobody becomes an admin by default; choose a lesser role.") }
    return role
  }

  public var id: ID<Project> { resource.id.cast() }
  /// What it is in.
  public var workspace: ID<Workspace> { resource.parent.map { $0.cast() } ?? .nothing }
}

/// What is to be changed of a project; `nil` leaves as is.
public struct ProjectUpdate: Sendable {
  public var resource: ResourceUpdate
  public var defaultRole: String?

  public init(_ resource: ResourceUpdate, defaultRole: String? = nil) {
    self.resource = resource
    self.defaultRole = defaultRole
  }
}
