public import Authorization
import Contract
import Kernel

/// A cluster as one organization has it. Its people have roles on it, and projects in it.
public struct OrganizationCluster: Sendable, Hashable {
  /// Called as the cluster is.
  public internal(set) var resource: Resource
  /// How many organizations have it isn't told here.
  public let cluster: Cluster
  /// What who joins the organization gets, and who is given access without a role being told.
  public internal(set) var defaultRole: ResourceRole
  /// Whether nothing new of this organization begins on it.
  public internal(set) var isHalted: Bool
  /// How many projects are on it, whether one may see them or not.
  public let projects: Int

  /// How many an organization may have.
  static let limit = 200

  /// Whether nothing new begins on it for this organization.
  public var isInMaintenance: Bool { isHalted || cluster.isInMaintenance }
}

/// How an organization shall have a cluster; `nil` leaves as is, or as new ones begin.
public struct ClusterAdmission: Sendable {
  public var defaultRole: String?
  public var isHalted: Bool?
  public var limits: ClusterLimits?
  /// Whether everybody gets access who takes part in the organization now; later ones do in any case.
  public var takesMembers: Bool

  public init(defaultRole: String? = nil, isHalted: Bool? = nil, limits: ClusterLimits? = nil, takesMembers: Bool = true) {
    (self.defaultRole, self.isHalted, self.limits, self.takesMembers) = (defaultRole, isHalted, limits, takesMembers)
  }
}

/// An organization that has a cluster, as operators see it.
public struct ClusterTenant: Sendable {
  public let organization: Organization
  public let cluster: OrganizationCluster
  public let limits: ClusterLimits
}

/// Something that who joins an organization gets access to.
struct DefaultPlace: Sendable {
  let resource: ID<Resource>
  let role: ResourceRole
  /// As the log calls it.
  let name: String

  init(_ project: Project) {
    (resource, role, name) = (project.resource.id, project.defaultRole, "\(project.place.slug)/\(project.resource.slug)")
  }

  init(_ cluster: OrganizationCluster) { (resource, role, name) = (cluster.resource.id, cluster.defaultRole, cluster.resource.slug.text) }
}
