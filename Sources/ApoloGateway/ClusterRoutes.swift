import Authorization
import Contract
import ControlPlane
import Kernel

/// The clusters of the installation: operators see and change all, others see those that their organizations have.
struct ClusterRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    let clusters = "\(Apolo.adminBase)/clusters"
    let one = "\(clusters)/{cluster}"
    let presets = "\(Apolo.base)/clusters/{cluster}/orchestrator/resource_presets"
    return [
      GatewayRoute(.get, clusters) { request async throws(Problem) in .json(.array(try await seen(request.caller).map(json))) },
      GatewayRoute(.post, clusters) { request async throws(Problem) in
        let body = try request.object()
        let (name, details) = (try body.text("name"), try details(body))
        return .json(json(try await plane.clusters.register(ClusterDraft(name: name, slug: name, details: details), by: request.caller)))
      },
      GatewayRoute(.get, one) { request async throws(Problem) in .json(json(try await cluster(request))) },
      GatewayRoute(.put, one) { request async throws(Problem) in
        let details = try details(request.object())
        return .json(json(try await plane.clusters.update(request.cluster, details, seen: nil, by: request.caller)))
      },
      GatewayRoute(.delete, one) { request async throws(Problem) in
        let cluster = try await plane.clusters.find(request.cluster, by: request.caller)
        try await plane.clusters.delete(cluster.slug.text, by: request.caller)
        return .json(json(cluster))
      },
      GatewayRoute(.get, "\(Apolo.base)/clusters") { request async throws(Problem) in .json(.array(try await seen(request.caller).map(described))) },
      GatewayRoute(.get, "\(Apolo.base)/clusters/{cluster}") { request async throws(Problem) in .json(described(try await cluster(request))) },
      GatewayRoute(.post, presets) { request async throws(Problem) in
        let body = try request.object()
        return .json(described(try await plane.clusters.set(preset(body, body.text("name")), on: request.cluster, by: request.caller)), status: 201)
      },
      GatewayRoute(.put, "\(presets)/{preset}") { request async throws(Problem) in
        let body = try request.object()
        return .json(described(try await plane.clusters.set(preset(body, request.parameter("preset")), on: request.cluster, by: request.caller)))
      },
      GatewayRoute(.delete, "\(presets)/{preset}") { request async throws(Problem) in
        .json(described(try await plane.clusters.removePreset(request.parameter("preset"), from: request.cluster, by: request.caller)))
      },
    ]
  }

  // MARK: Which there are

  /// By name: all for operators, and for others those of their organizations.
  private func seen(_ caller: Caller) async throws(Problem) -> [Cluster] {
    if case .person(let person) = try await plane.accounts.speaker(by: caller), person.isSuperUser {
      return try await all { page throws(Problem) in try await plane.clusters.list(page, by: caller) }
    }
    var found: [String: Cluster] = [:]
    let organizations = try await all { page throws(Problem) in
      try await plane.organizations.list(all: false, search: nil, isOpen: true, page, by: caller)
    }
    for organization in organizations {
      let tenants = try await all { page throws(Problem) in
        try await plane.organizationClusters.list(in: organization.id.description, page, by: caller)
      }
      for tenant in tenants { found[tenant.cluster.slug.text] = tenant.cluster }
    }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  private func cluster(_ request: GatewayRequest) async throws(Problem) -> Cluster {
    guard let found = try await seen(request.caller).first(where: { $0.slug.text == request.cluster.lowercased() }) else {
      throw Problem(.missing, "There is no cluster \"\(request.cluster.prefix(64))\" that you may see.")
    }
    return found
  }

  // MARK: What is said of them

  private func details(_ body: JSON) throws(Problem) -> ClusterUpdate {
    var update = ClusterUpdate(isInMaintenance: try body.optionalFlag("maintenance"))
    if let role = try body.optionalText("default_role") { update.defaultRole = try Roles.clusterRole(role) }
    // What each organization begins with; whatever else limits stays.
    if let quota = try body.optionalObject("default_quota"), let jobs = try quota.optionalNumber("total_running_jobs") {
      update.limits = try ClusterLimits(runningJobs: jobs, memberRunningJobs: nil, storage: nil)
    }
    return update
  }

  private func json(_ cluster: Cluster) -> JSON {
    [
      "name": .string(cluster.slug.text), "default_quota": .members([("total_running_jobs", cluster.limits.runningJobs.map { .integer($0) })]),
      "default_role": .string(cluster.defaultRole.name), "maintenance": .boolean(cluster.isInMaintenance),
    ]
  }

  /// With all that the configuration service tells.
  private func described(_ cluster: Cluster) -> JSON {
    func service(_ service: Cluster.Service) -> JSON {
      let own = "\(plane.settings.publicURL)\(Apolo.base)/\(service.rawValue)/\(cluster.slug)"
      return ["url": .string(cluster.addresses[service] ?? own)]
    }
    return .members([
      ("name", .string(cluster.slug.text)), ("created_at", .string(cluster.createdAt.offsetText)), ("location", .string(cluster.location.text)),
      (
        "orchestrator",
        [
          "job_hostname_template": .string("{job_id}.jobs.\(cluster.slug)"), "job_fallback_hostname": .string("default.jobs.\(cluster.slug)"),
          "job_schedule_timeout_s": .integer(600), "job_schedule_scale_up_timeout_s": .integer(900), "is_http_ingress_secure": true,
          "resource_pool_types": .array(cluster.nodePools.map(Machines.pool)), "resource_presets": .array(cluster.presets.map(Machines.preset)),
        ]
      ), ("storage", service(.storage)), ("registry", service(.registry)), ("monitoring", service(.monitoring)), ("secrets", service(.secrets)),
      ("grafana", service(.grafana)), ("prometheus", service(.prometheus)), ("disks", withLimit(service(.disks))), ("buckets", service(.buckets)),
      ("energy", ["co2_grams_eq_per_kwh": .integer(0), "schedules": []]),
      ("apps", ["apps_hostname_templates": [], "app_proxy_url": service(.apps)["url"] ?? ""]),
    ])
  }

  private func withLimit(_ disks: JSON) -> JSON { ["url": disks["url"] ?? "", "storage_limit_per_user": .integer(0)] }

  /// A preset as the clients write it: cores as a number, memory in bytes.
  private func preset(_ body: JSON, _ name: String) throws(Problem) -> ClusterPreset {
    let cores: Int
    switch body["cpu"] {
    case .integer?, .number?: cores = Int(try Money.credits(body["cpu"] ?? .null, "cpu").micro / 1000)
    default: throw .invalid("cpu", "Give cpu, a number of cores.")
    }
    guard let memory = try body.optionalNumber("memory") else { throw .invalid("memory", "Give memory, in bytes.") }
    var gpu: JSON?
    for name in ["intel_gpu", "amd_gpu", "nvidia_gpu"] { if let found = try body.optionalObject(name) { gpu = found } }
    let price = body["credits_per_hour"] ?? .string("0")
    return try ClusterPreset(
      name: name, price: Money.credits(price, "credits_per_hour").description,
      shape: MachineShape(millicores: cores, memory: memory, gpus: gpu?.optionalNumber("count") ?? 0, gpuModel: gpu?.optionalText("model") ?? ""),
      isPreemptible: body.optionalFlag("preemptible_node") ?? false)
  }
}
