import Authorization
import Contract
import Kernel
import Ledger
import Storage

/// What an organization may have on a cluster is held by quotas, as everything of the kind is; here they are told and set together.
extension Work {
  /// Which quota holds which of the limits.
  private static let places: [(dimension: QuotaDimension, subject: QuotaSubject, limit: any WritableKeyPath<ClusterLimits, Int64?> & Sendable)] = [
    (.runningJobs, .organization, \.runningJobs), (.runningJobs, .each, \.memberRunningJobs), (.storage, .organization, \.storage),
  ]

  func limits(of cluster: OrganizationCluster) throws(Problem) -> ClusterLimits {
    var limits = ClusterLimits.none
    for place in Self.places {
      let found = try quotaRows.find(place.dimension, place.subject, holder: "", cluster: cluster.cluster.slug.text, in: cluster.resource.organization)
      if case .most(let most)? = found?.quota.limit { limits[keyPath: place.limit] = most }
    }
    return limits
  }

  /// Sets all of them; what nothing limits has no quota.
  func set(_ limits: ClusterLimits, on cluster: Cluster, for organization: Organization, under proof: some Proof) throws(Problem) {
    for place in Self.places {
      let limit = limits[keyPath: place.limit]
      let found = try quotaRows.find(place.dimension, place.subject, holder: "", cluster: cluster.slug.text, in: organization.id)
      switch (found, limit) {
      case (nil, nil): break
      case (let setting?, nil): try quotaRows.delete(setting.quota.id, under: proof)
      case (let setting?, let limit?): if setting.quota.limit != .most(limit) { try quotaRows.update(setting.with(.most(limit)), under: proof) }
      case (nil, let limit?):
        let quota = Quota(tx.newID(), place.dimension, QuotaScope(place.subject == .each ? .each : .organization, cluster: cluster.slug.text), .most(limit))
        try quotaRows.insert(
          QuotaSetting(quota: quota, organization: organization.id, subject: place.subject, name: "", createdAt: now, revision: 1), under: proof)
      }
    }
  }

  /// Ends all quotas of an organization on a cluster, those of its members among them.
  func forgetQuotas(on cluster: Cluster, of organization: Organization, under proof: some Proof) throws(Problem) {
    var page: PageRequest? = try PageRequest(limit: 200)
    while let present = page {
      let found = try quotaRows.list(in: organization.id, of: nil, present)
      for setting in found.items where setting.quota.scope.cluster == cluster.slug.text { try quotaRows.delete(setting.quota.id, under: proof) }
      page = try found.next.map { cursor throws(Problem) in try PageRequest(limit: 200, cursor: cursor) }
    }
  }

  /// Refuses to change what the installation lets an organization have of a cluster, unless an operator does it: a limit that whom it binds could lift would
  /// be none.
  func expectOwnLimit(_ subject: QuotaSubject, on cluster: String?, in organization: Organization) throws(Problem) {
    guard subject == .organization, let cluster, try organizationClusters.find(cluster, in: organization.id) != nil else { return }
    if case .person(let person) = try actor(), person.isSuperUser { return }
    throw Problem(.forbidden, "What the whole organization may have on the cluster \(cluster) is set by operators of this installation.")
  }

  /// Refuses what begins on a cluster that is in maintenance. Clusters that the installation doesn't know are their platforms' business.
  func expectWorking(_ cluster: String?, in organization: Organization) throws(Problem) {
    guard let cluster, let found = try organizationClusters.find(cluster, in: organization.id), found.isInMaintenance else { return }
    throw Problem(.clusterInMaintenance, "The cluster \(found.resource.slug) is in maintenance: nothing new begins on it. What runs goes on.")
  }
}
