import Authorization
import Contract
import Kernel

extension Clusters {
  var operations: [BoundEndpoint] { ofInstallation + parts + tenancies + plane.organizationClusters.operations }

  private var ofInstallation: [BoundEndpoint] {
    [
      BoundEndpoint(API.Clusters.listAll) { call async throws(Problem) in
        Wire.List(try await list(search: call.query.search, call.query.page(), by: call.caller), Wire.Cluster.init)
      },
      BoundEndpoint(API.Clusters.register) { call async throws(Problem) in
        let body = call.body
        return Wire.Cluster(
          try await register(
            ClusterDraft(name: body.name.text, slug: body.slug.orProposed(), details: ClusterUpdate(body)), by: call.caller))
      },
      BoundEndpoint(API.Clusters.readRegistered) { call async throws(Problem) in Wire.Cluster(try await find(call.path.cluster, by: call.caller)) },
      BoundEndpoint(API.Clusters.change) { call async throws(Problem) in
        let body = call.body
        return Wire.Cluster(try await update(call.path.cluster, ClusterUpdate(body), seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Clusters.delete) { call async throws(Problem) in
        try await delete(call.path.cluster, seen: call.revision, by: call.caller)
        return Nothing()
      },
    ]
  }

  private var parts: [BoundEndpoint] {
    [
      BoundEndpoint(API.Clusters.setNodePool) { call async throws(Problem) in
        let (name, body) = (call.path.name, call.body)
        return Wire.Cluster(
          try await set(
            NodePool(
              name: name, least: body.minSize ?? 0, most: body.maxSize, shape: MachineShape(body.machine), disk: body.disk ?? 0,
              isPreemptible: body.preemptible ?? false),
            on: call.path.cluster, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Clusters.removeNodePool) { call async throws(Problem) in
        Wire.Cluster(try await removeNodePool(call.path.name, from: call.path.cluster, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Clusters.setPreset) { call async throws(Problem) in
        let (name, body) = (call.path.name, call.body)
        return Wire.Cluster(
          try await set(
            ClusterPreset(
              name: name, price: body.creditsPerHour.text, shape: MachineShape(body.machine), isPreemptible: body.preemptible ?? false),
            on: call.path.cluster, seen: call.revision, by: call.caller))
      },
      BoundEndpoint(API.Clusters.removePreset) { call async throws(Problem) in
        Wire.Cluster(try await removePreset(call.path.name, from: call.path.cluster, seen: call.revision, by: call.caller))
      },
    ]
  }

  private var tenancies: [BoundEndpoint] {
    [
      BoundEndpoint(API.Clusters.listTenants) { call async throws(Problem) in
        Wire.List(try await tenants(of: call.path.cluster, call.query.page(), by: call.caller), Wire.ClusterTenant.init)
      },
      BoundEndpoint(API.Clusters.admit) { call async throws(Problem) in
        let body = call.body
        return Wire.ClusterTenant(try await admit(call.path.organization, to: call.path.cluster, ClusterAdmission(body), by: call.caller))
      },
      BoundEndpoint(API.Clusters.withdraw) { call async throws(Problem) in
        try await withdraw(call.path.cluster, from: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension OrganizationClusters {
  fileprivate var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Clusters.list) { call async throws(Problem) in
        Wire.List(try await list(in: call.path.organization, search: call.query.search, call.query.page(), by: call.caller), Wire.OrganizationCluster.init)
      },
      BoundEndpoint(API.Clusters.read) { call async throws(Problem) in
        let (cluster, limits) = try await open(call.path.cluster, in: call.path.organization, by: call.caller)
        return Wire.OrganizationClusterDetails(cluster, limits)
      },
      BoundEndpoint(API.Clusters.update) { call async throws(Problem) in
        let (path, caller) = (call.path, call.caller)
        let after = try await update(path.cluster, defaultRole: call.body.defaultRole, seen: call.revision, in: path.organization, by: caller)
        let (cluster, limits) = try await open(after.resource.id.description, in: path.organization, by: caller)
        return Wire.OrganizationClusterDetails(cluster, limits)
      },
    ]
  }
}

extension ClusterUpdate {
  fileprivate init(_ wire: Wire.ClusterDraft) throws(Problem) {
    self.init(
      description: wire.description?.text, location: wire.location?.text, addresses: wire.addresses?.services, defaultRole: wire.defaultRole,
      isDefault: wire.isDefault, isInMaintenance: wire.maintenance, limits: try wire.limits.map { limits throws(Problem) in try ClusterLimits(limits) })
  }

  fileprivate init(_ wire: Wire.ClusterUpdate) throws(Problem) {
    self.init(
      name: wire.name?.text, description: wire.description?.text, location: wire.location?.text, addresses: wire.addresses?.services,
      defaultRole: wire.defaultRole, isDefault: wire.isDefault, isInMaintenance: wire.maintenance,
      limits: try wire.limits.map { limits throws(Problem) in try ClusterLimits(limits) })
  }
}

extension ClusterAdmission {
  fileprivate init(_ wire: Wire.ClusterAdmission) throws(Problem) {
    self.init(
      defaultRole: wire.defaultRole, isHalted: wire.maintenance, limits: try wire.limits.map { limits throws(Problem) in try ClusterLimits(limits) },
      takesMembers: wire.takesMembers ?? true)
  }
}

extension MachineShape {
  fileprivate init(_ wire: Wire.MachineShape) throws(Problem) {
    try self.init(millicores: wire.millicores, memory: wire.memory, gpus: wire.gpus ?? 0, gpuModel: wire.gpuModel?.text ?? "")
  }
}

extension ClusterLimits {
  fileprivate init(_ wire: Wire.ClusterLimits) throws(Problem) {
    try self.init(runningJobs: wire.runningJobs, memberRunningJobs: wire.memberRunningJobs, storage: wire.storage)
  }
}

extension Wire.ClusterAddresses {
  /// Which member is whose.
  private static func place(_ service: Cluster.Service) -> WritableKeyPath<Wire.ClusterAddresses, Unchecked<ServiceAddressText>?> {
    switch service {
    case .registry: \.registry
    case .storage: \.storage
    case .users: \.users
    case .monitoring: \.monitoring
    case .secrets: \.secrets
    case .disks: \.disks
    case .buckets: \.buckets
    case .apps: \.apps
    case .grafana: \.grafana
    case .prometheus: \.prometheus
    }
  }

  fileprivate var services: [Cluster.Service: String] {
    var found: [Cluster.Service: String] = [:]
    for service in Cluster.Service.allCases { found[service] = self[keyPath: Self.place(service)]?.text }
    return found
  }

  fileprivate init(_ addresses: [Cluster.Service: String]) {
    self.init()
    for (service, address) in addresses { self[keyPath: Self.place(service)] = .init(address) }
  }
}

extension Wire.ClusterLimits {
  fileprivate init(_ limits: ClusterLimits) {
    self.init(
      runningJobs: limits.runningJobs.map { Int($0) }, memberRunningJobs: limits.memberRunningJobs.map { Int($0) }, storage: limits.storage.map { Int($0) })
  }
}

extension Wire.MachineShape {
  fileprivate init(_ shape: MachineShape) {
    self.init(
      millicores: Int(shape.millicores), memory: Int(shape.memory), gpus: Int(shape.gpus), gpuModel: shape.gpuModel.isEmpty ? nil : shape.gpuModel)
  }
}

extension Wire.NodePool {
  fileprivate init(_ pool: NodePool) {
    self.init(
      name: pool.name, minSize: Int(pool.sizes.lowerBound), maxSize: Int(pool.sizes.upperBound), machine: Wire.MachineShape(pool.shape), disk: Int(pool.disk),
      preemptible: pool.isPreemptible)
  }
}

extension Wire.ClusterPreset {
  fileprivate init(_ preset: ClusterPreset) {
    self.init(
      name: preset.name, creditsPerHour: preset.price.description, machine: Wire.MachineShape(preset.shape), preemptible: preset.isPreemptible)
  }
}

extension Wire.Cluster {
  fileprivate init(_ cluster: Cluster) {
    self.init(
      id: cluster.id.cast(), slug: cluster.slug.text, name: cluster.name.text, description: cluster.description.text, location: cluster.location.text,
      addresses: Wire.ClusterAddresses(cluster.addresses), defaultRole: cluster.defaultRole.name, isDefault: cluster.isDefault,
      maintenance: cluster.isInMaintenance, limits: Wire.ClusterLimits(cluster.limits), nodePools: cluster.nodePools.map(Wire.NodePool.init),
      presets: cluster.presets.map(Wire.ClusterPreset.init), organizations: cluster.organizations, createdAt: cluster.createdAt, revision: cluster.revision)
  }
}

extension Wire.ClusterTenant {
  fileprivate init(_ tenant: ClusterTenant) {
    let cluster = tenant.cluster
    self.init(
      organization: tenant.organization.id.cast(), slug: tenant.organization.slug.text, name: tenant.organization.name.text,
      defaultRole: cluster.defaultRole.name, maintenance: cluster.isHalted, limits: Wire.ClusterLimits(tenant.limits), projects: cluster.projects,
      since: cluster.resource.createdAt, revision: cluster.resource.revision)
  }
}

extension Wire.OrganizationCluster {
  fileprivate init(_ found: OrganizationCluster) {
    let (resource, cluster) = (found.resource, found.cluster)
    self.init(
      id: resource.id.cast(), cluster: cluster.id.cast(), slug: resource.slug.text, name: resource.name.text, description: cluster.description.text,
      location: cluster.location.text, defaultRole: found.defaultRole.name, maintenance: found.isInMaintenance, projects: found.projects,
      since: resource.createdAt, revision: resource.revision)
  }
}

extension Wire.OrganizationClusterDetails {
  fileprivate init(_ found: OrganizationCluster, _ limits: ClusterLimits) {
    self.init(
      cluster: Wire.OrganizationCluster(found), addresses: Wire.ClusterAddresses(found.cluster.addresses), limits: Wire.ClusterLimits(limits),
      nodePools: found.cluster.nodePools.map(Wire.NodePool.init), presets: found.cluster.presets.map(Wire.ClusterPreset.init))
  }
}
