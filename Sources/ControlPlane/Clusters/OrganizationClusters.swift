import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var organizationClusters: OrganizationClusters { OrganizationClusters(plane: self) }
}

/// The clusters that an organization has.
public struct OrganizationClusters: Sendable {
  let plane: ControlPlane

  /// By slug. Who may not see all of them sees those that they have, or something on which.
  public func list(in reference: String, search: String? = nil, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<OrganizationCluster> {
    try await plane.read(as: caller) { work in
      let (organization, permit) = try work.permit(ListClusters.self, in: reference)
      let viewer = permit.permissions.contains(.clusterRead) ? nil : try work.grantHolder(in: organization)
      return try work.organizationClusters.list(in: organization.id, search: search, of: viewer, among: work.visible(.cluster, in: organization), page)
    }
  }

  /// `cluster`: its slug or its id.
  public func find(_ cluster: String, in reference: String, by caller: Caller) async throws(Problem) -> OrganizationCluster {
    try await plane.read(as: caller) { work in try work.permit(ReadCluster.self, onCluster: cluster, in: reference).1 }
  }

  /// The same with what the organization may have on it.
  public func open(
    _ cluster: String, in reference: String, by caller: Caller
  ) async throws(Problem) -> (cluster: OrganizationCluster, limits: ClusterLimits) {
    try await plane.read(as: caller) { work in
      let cluster = try work.permit(ReadCluster.self, onCluster: cluster, in: reference).1
      return (cluster, try work.limits(of: cluster))
    }
  }

  /// What the caller may do with it, besides reading it.
  func options(of cluster: OrganizationCluster, in organization: Organization, by caller: Caller) async throws(Problem) -> ClusterOptions {
    try await plane.read(as: caller) { work in
      let facts = try work.resourceFacts([cluster.resource], in: organization)
      return ClusterOptions(
        canChange: try work.isPossible(UpdateCluster.self, facts), canCreateProjects: try work.isPossible(CreateProject.self, facts),
        canSeeAccess: try work.isPossible(ListClusterAccess.self, facts), canGrant: try work.isPossible(GiveClusterAccess.self, facts))
    }
  }

  /// Changes the role of who gets access without one being told. Who has it keeps what they have.
  public func update(
    _ cluster: String, defaultRole name: String?, seen: Int?, in reference: String, by caller: Caller
  ) async throws(Problem) -> OrganizationCluster {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(UpdateCluster.self, onCluster: cluster, in: reference)
      try before.resource.expect(seen)
      guard let name else { return before }
      var after = before
      after.defaultRole = try Cluster.defaultRole(named: name)
      guard after.defaultRole != before.defaultRole else { return before }
      // Nobody has others given what they lack themselves.
      guard GrantedRole.resource(after.defaultRole).beyond(permit.resourceRights).isEmpty else {
        throw Problem(.aboveOwnRights, "The role \(after.defaultRole.name) allows more on this cluster than you may do yourself.")
      }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(after.resource),
        [Change("default_role", from: before.defaultRole.name, to: after.defaultRole.name)])
      try work.organizationClusters.update(after, under: proof)
      try work.resources.update(after.resource, under: proof)
      return try work.organizationClusters.find(before.resource.id.description, in: organization.id).orDefect()
    }
  }
}

/// What a caller may do with a cluster as it stands, for pages to show what can be done.
struct ClusterOptions: Sendable {
  let canChange: Bool
  let canCreateProjects: Bool
  let canSeeAccess: Bool
  let canGrant: Bool
}

extension Work {
  /// The cluster that is named, by slug or by id, of the organization that `reference` names, and the proof that the caller may do this with it.
  func permit<A: ResourceAction>(
    _ action: A.Type, onCluster cluster: String, in reference: String
  ) throws(Problem) -> (Organization, OrganizationCluster, Permit<A>) {
    let organization = try permit(ListClusters.self, in: reference).0
    guard let found = try organizationClusters.find(cluster, in: organization.id) else {
      _ = try permit(ReadCluster.self, on: [], in: organization)
      _ = try permit(action, on: [], isSeen: true, in: organization)
      throw Problem(.missing, "There is no such cluster here.")
    }
    if A.self != ReadCluster.self { _ = try permit(ReadCluster.self, on: [found.resource], within: true, in: organization) }
    return (organization, found, try permit(action, on: [found.resource], within: true, isSeen: true, in: organization))
  }
}
