import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var clusters: Clusters { Clusters(plane: self) }
}

/// The clusters of the installation, which its operators register and let organizations have.
public struct Clusters: Sendable {
  let plane: ControlPlane

  /// By slug. For operators.
  public func list(search: String? = nil, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Cluster> {
    try await plane.read(as: caller) { work in
      _ = try work.permit(ListAllClusters.self)
      return try work.clusters.list(search: search, page)
    }
  }

  /// Those that organizations have from their founding on, for any account: what somebody gets who founds one.
  public func defaults(by caller: Caller) async throws(Problem) -> [Cluster] {
    try await plane.read(as: caller) { work in
      _ = try work.person()
      return try work.clusters.defaults()
    }
  }

  /// `cluster`: its id or its slug. For operators.
  public func find(_ cluster: String, by caller: Caller) async throws(Problem) -> Cluster {
    try await plane.read(as: caller) { work in
      _ = try work.permit(ListAllClusters.self)
      return try work.registered(cluster)
    }
  }

  /// Makes a cluster known. What was asked for is read once the caller may ask.
  public func register(_ draft: @autoclosure @escaping @Sendable () throws(Problem) -> ClusterDraft, by caller: Caller) async throws(Problem) -> Cluster {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(RegisterCluster.self)
      let cluster = try draft().made(work.tx.newID(), at: work.now)
      guard try work.clusters.find(cluster.slug.text) == nil else {
        let reason = "A cluster of this installation is called \"\(cluster.slug)\"; choose another one."
        throw Problem(.takenName, reason, faults: [FieldFault("slug", reason)])
      }
      guard try work.clusters.count() < Cluster.limit else {
        throw Problem(.tooManyClusters, "An installation can have \(Cluster.limit) clusters. Delete those that are gone.")
      }
      let proof = try work.record(
        permit, in: .installation, on: Target(cluster), [Change("slug", to: cluster.slug.text)] + ClusterUpdate.changes(from: nil, to: cluster))
      try work.clusters.insert(cluster, under: proof)
      return cluster
    }
  }

  /// Changes everything but its slug.
  public func update(
    _ cluster: String, _ update: @autoclosure @escaping @Sendable () throws(Problem) -> ClusterUpdate, seen: Int?, by caller: Caller
  ) async throws(Problem) -> Cluster {
    try await change(cluster, seen: seen, by: caller) { before throws(Problem) in
      let after = try update().applied(to: before)
      return (after, ClusterUpdate.changes(from: before, to: after))
    }
  }

  /// Deletes one that no organization has. `confirm` is its slug, typed by a person; `nil` where nobody was asked.
  public func delete(_ cluster: String, confirm: String? = nil, seen: Int? = nil, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(DeleteCluster.self)
      let cluster = try work.registered(cluster)
      try cluster.expect(seen)
      guard confirm == nil || confirm == cluster.slug.text else {
        throw Problem.invalid("confirm", "Type \"\(cluster.slug)\" to confirm that you mean this cluster.")
      }
      guard cluster.organizations == 0 else {
        let verb = cluster.organizations == 1 ? "has" : "have"
        throw Problem(.usedCluster, "\(counted(cluster.organizations, "organization")) still \(verb) this cluster. Withdraw it first.")
      }
      let proof = try work.record(permit, in: .installation, on: Target(cluster), [Change("slug", from: cluster.slug.text)])
      try work.clusters.delete(cluster.id, under: proof)
    }
  }

  // MARK: What it is made of

  /// Sets one of its node pools, new or in place of the one of that name.
  public func set(
    _ pool: @autoclosure @escaping @Sendable () throws(Problem) -> NodePool, on cluster: String, seen: Int? = nil, by caller: Caller
  ) async throws(Problem) -> Cluster {
    try await change(cluster, seen: seen, by: caller) { before throws(Problem) in
      let pool = try pool()
      let present = before.nodePools.first { $0.name == pool.name }
      return (try before.setting(pool), [Change.of("node_pool", present?.logged, pool.logged)].compactMap { $0 })
    }
  }

  /// Takes one of its node pools away.
  public func removeNodePool(_ name: String, from cluster: String, seen: Int? = nil, by caller: Caller) async throws(Problem) -> Cluster {
    try await change(cluster, seen: seen, by: caller) { before throws(Problem) in
      guard let present = before.nodePools.first(where: { $0.name == name }) else { throw Problem(.missing, "There is no such node pool in this cluster.") }
      var after = before
      after.nodePools.removeAll { $0.name == name }
      return (after, [Change("node_pool", from: present.logged)])
    }
  }

  /// Sets one of its presets, new or in place of the one of that name.
  public func set(
    _ preset: @autoclosure @escaping @Sendable () throws(Problem) -> ClusterPreset, on cluster: String, seen: Int? = nil, by caller: Caller
  ) async throws(Problem) -> Cluster {
    try await change(cluster, seen: seen, by: caller) { before throws(Problem) in
      let preset = try preset()
      let present = before.presets.first { $0.name == preset.name }
      return (try before.setting(preset), [Change.of("preset", present?.logged, preset.logged)].compactMap { $0 })
    }
  }

  /// Takes one of its presets away.
  public func removePreset(_ name: String, from cluster: String, seen: Int? = nil, by caller: Caller) async throws(Problem) -> Cluster {
    try await change(cluster, seen: seen, by: caller) { before throws(Problem) in
      guard let present = before.presets.first(where: { $0.name == name }) else { throw Problem(.missing, "There is no such preset in this cluster.") }
      var after = before
      after.presets.removeAll { $0.name == name }
      return (after, [Change("preset", from: present.logged)])
    }
  }

  private func change(
    _ reference: String, seen: Int?, by caller: Caller, _ change: @escaping @Sendable (Cluster) throws(Problem) -> (after: Cluster, changes: [Change])
  ) async throws(Problem) -> Cluster {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(ChangeCluster.self)
      let before = try work.registered(reference)
      try before.expect(seen)
      let (after, changes) = try change(before)
      guard after != before else { return before }
      let proof = try work.record(permit, in: .installation, on: Target(after), changes)
      try work.clusters.update(after, under: proof)
      return try work.registered(before.id.description)
    }
  }

  // MARK: Who has it

  /// The organizations that have it.
  public func tenants(of cluster: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<ClusterTenant> {
    try await plane.read(as: caller) { work in
      _ = try work.permit(ListAllClusters.self)
      let found = try work.organizationClusters.tenants(of: work.registered(cluster).id, page)
      return Page(items: try found.items.map { item throws(Problem) in try work.tenant(item) }, next: found.next, total: found.total)
    }
  }

  /// How an organization has it; `nil` where it doesn't.
  public func tenant(_ reference: String, of cluster: String, by caller: Caller) async throws(Problem) -> ClusterTenant? {
    try await plane.read(as: caller) { work in
      _ = try work.permit(ListAllClusters.self)
      let organization = try work.operated(reference)
      return try work.organizationClusters.find(work.registered(cluster).id.description, in: organization.id).map { found throws(Problem) in
        try work.tenant(found)
      }
    }
  }

  /// Lets an organization have it, or changes how it has it. Whoever takes part in the organization gets access then, unless told otherwise.
  public func admit(
    _ reference: String, to cluster: String, _ admission: @autoclosure @escaping @Sendable () throws(Problem) -> ClusterAdmission, by caller: Caller
  ) async throws(Problem) -> ClusterTenant {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(AdmitToCluster.self)
      let admission = try admission()
      let (cluster, organization) = (try work.registered(cluster), try work.operated(reference))
      let role = try admission.defaultRole.map { name throws(Problem) in try Cluster.defaultRole(named: name) }
      if let before = try work.organizationClusters.find(cluster.id.description, in: organization.id) {
        var after = before
        after.defaultRole = role ?? before.defaultRole
        after.isHalted = admission.isHalted ?? before.isHalted
        let limits = try work.limits(of: before)
        let changes = [
          Change.of("default_role", before.defaultRole.name, after.defaultRole.name),
          .of("maintenance", before.isHalted ? "yes" : "no", after.isHalted ? "yes" : "no"),
          .of("limits", limits.logged, (admission.limits ?? limits).logged),
        ].compactMap { $0 }
        guard !changes.isEmpty else { return try work.tenant(before) }
        let proof = try work.record(permit, in: .organization(organization.id), on: Target(after.resource), changes)
        try work.organizationClusters.update(after, under: proof)
        try work.resources.update(after.resource, under: proof)
        if let limits = admission.limits { try work.set(limits, on: cluster, for: organization, under: proof) }
        return try work.tenant(try work.organizationClusters.find(cluster.id.description, in: organization.id).orDefect())
      }
      let all = try admission.takesMembers ? work.participants(of: organization) : []
      let tenant = work.tenant(cluster, of: organization, role ?? cluster.defaultRole, isHalted: admission.isHalted ?? false)
      try work.expectRoom(in: organization)
      let limits = admission.limits ?? cluster.limits
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(tenant.resource),
        [
          Change("cluster", to: cluster.slug.text), Change("default_role", to: tenant.defaultRole.name), Change("limits", to: limits.logged),
          Change("members", to: String(all.count)),
        ])
      try work.begin(tenant, with: limits, for: organization, under: proof)
      try work.organizationClusters.give(tenant.defaultRole, on: tenant.resource, to: all, under: proof)
      return try work.tenant(try work.organizationClusters.find(cluster.id.description, in: organization.id).orDefect())
    }
  }

  /// Takes it from an organization, with the projects on it, all access to them and the quotas there, at once and for good. `confirm` is the organization's
  /// slug, typed by a person; `nil` where nobody was asked.
  public func withdraw(_ cluster: String, from reference: String, confirm: String? = nil, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let permit = try work.permit(WithdrawCluster.self)
      let (cluster, organization) = (try work.registered(cluster), try work.operated(reference))
      guard let tenant = try work.organizationClusters.find(cluster.id.description, in: organization.id) else {
        throw Problem(.missing, "\(organization.name) doesn't have this cluster.")
      }
      guard confirm == nil || confirm == organization.slug.text else {
        throw Problem.invalid("confirm", "Type \"\(organization.slug)\" to confirm that you mean this organization.")
      }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(tenant.resource),
        [
          Change("cluster", from: cluster.slug.text), Change("projects", from: String(tenant.projects)),
          Change("limits", from: try work.limits(of: tenant).logged),
        ])
      try work.forgetQuotas(on: cluster, of: organization, under: proof)
      try work.resources.delete(tenant.resource.id, under: proof)
    }
  }
}

extension Work {
  fileprivate func registered(_ reference: String) throws(Problem) -> Cluster {
    guard let cluster = try clusters.find(reference) else { throw Problem(.missing, "There is no such cluster.") }
    return cluster
  }

  fileprivate func tenant(_ cluster: OrganizationCluster) throws(Problem) -> ClusterTenant {
    ClusterTenant(organization: try organizations.find(cluster.resource.organization).orDefect(), cluster: cluster, limits: try limits(of: cluster))
  }

  fileprivate func tenant(_ cluster: Cluster, of organization: Organization, _ role: ResourceRole, isHalted: Bool = false) -> OrganizationCluster {
    OrganizationCluster(
      resource: Resource(
        id: tx.newID(), organization: organization.id, type: .cluster, parent: nil, slug: cluster.slug, name: cluster.name, description: .empty, owner: nil,
        visibility: .inherited, createdAt: now, revision: 1),
      cluster: cluster, defaultRole: role, isHalted: isHalted, projects: 0)
  }

  fileprivate func begin(
    _ tenant: OrganizationCluster, with limits: ClusterLimits, for organization: Organization, under proof: some Proof
  ) throws(Problem) {
    try resources.insert(tenant.resource, under: proof)
    try organizationClusters.insert(tenant, under: proof)
    try set(limits, on: tenant.cluster, for: organization, under: proof)
  }

  fileprivate func expectRoom(in organization: Organization) throws(Problem) {
    guard try resources.count(.cluster, in: organization.id) < OrganizationCluster.limit else {
      throw Problem(.tooManyClusters, "An organization can have \(OrganizationCluster.limit) clusters.")
    }
  }

  /// Everybody who takes part in the work of the organization: neither guests nor those who only pay.
  fileprivate func participants(of organization: Organization) throws(Problem) -> [(id: ID<Member>, name: String)] {
    guard let members = try organizationClusters.members(of: organization.id, atMost: Grant.limit) else {
      throw Problem(.tooMany, "\(organization.name) has more than \(Grant.limit) members. Add it without them, and give access to teams.")
    }
    return members.filter { $0.roles.roles.contains(where: \.seesWhatIsOpen) }.map { ($0.id, $0.name) }
  }

  /// The clusters that every organization has from its beginning on, with its founder on them. Answers what they are called, for the log.
  func defaultClusters() throws(Problem) -> [Cluster] { try clusters.defaults() }

  /// Lets an organization that is founded now have them.
  func begin(on clusters: [Cluster], _ organization: Organization, _ founder: Member, under proof: some Proof) throws(Problem) {
    for cluster in clusters {
      let tenant = tenant(cluster, of: organization, cluster.defaultRole)
      try begin(tenant, with: cluster.limits, for: organization, under: proof)
      try organizationClusters.give(tenant.defaultRole, on: tenant.resource, to: [(founder.id, founder.name.text)], under: proof)
    }
  }
}
