import Authorization
import Contract
import ControlPlane
import Kernel

/// The organizations that have a cluster: which, how much of it, and what their members get.
struct TenantRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    let tenants = "\(Apolo.adminBase)/clusters/{cluster}/orgs"
    let one = "\(tenants)/{organization}"
    return [
      GatewayRoute(.get, tenants) { request async throws(Problem) in .json(try await list(request)) },
      GatewayRoute(.post, tenants) { request async throws(Problem) in
        let body = try request.object()
        let organization = try body.text("org_name")
        return .json(try await admit(organization, body, isNew: true, request))
      },
      GatewayRoute(.get, one) { request async throws(Problem) in .json(try await json(request.organization, request)) },
      GatewayRoute(.put, one) { request async throws(Problem) in .json(try await admit(request.organization, request.object(), isNew: false, request)) },
      GatewayRoute(.delete, one) { request async throws(Problem) in
        try await plane.clusters.withdraw(request.cluster, from: request.organization, by: request.caller)
        return .nothing
      },
      GatewayRoute(.patch, "\(one)/defaults") { request async throws(Problem) in .json(try await setDefaults(request.object(), request)) },
      GatewayRoute(.patch, "\(one)/quota") { request async throws(Problem) in
        try await changed(request) { (organization, body) async throws(Problem) in
          let found = try await plane.organizationClusters.find(request.cluster, in: request.organization, by: request.caller)
          try await Limits(plane: plane).change(
            body, of: .organization, on: found.cluster.slug.text, in: organization.id.description, by: request.caller)
        }
      },
      // Credits are the organization's, wherever they are asked about.
      GatewayRoute(.patch, "\(one)/balance") { request async throws(Problem) in
        try await changed(request) { (organization, body) async throws(Problem) in
          try await Shares(plane: plane).change(body, of: organization, request)
        }
      },
      GatewayRoute(.post, "\(one)/spending") { request async throws(Problem) in
        try await changed(request) { (organization, body) async throws(Problem) in
          try await Shares(plane: plane).charge(body, nil, in: organization, request)
        }
      },
      GatewayRoute(.post, "\(Apolo.adminBase)/clusters/{cluster}/debts") { request async throws(Problem) in
        try await plane.once(request, "debts \(request.cluster)") { () async throws(Problem) in
          let body = try request.object()
          let organization = try await plane.organizations.find(body.text("org_name"), by: request.caller)
          var member: Member?
          if let name = try body.optionalText("user_name") {
            member = try await People.expected(name, in: organization.id.description, plane, by: request.caller)
          }
          try await Shares(plane: plane).charge(body, member, in: organization, request)
          return .nothing
        }
      },
    ]
  }

  /// Does something once to the organization of the path, and answers how it has the cluster then.
  private func changed(
    _ request: GatewayRequest, _ change: (Organization, JSON) async throws(Problem) -> Void
  ) async throws(Problem) -> GatewayAnswer {
    try await plane.once(request, "tenant \(request.cluster) \(request.organization)") { () async throws(Problem) in
      try await change(plane.organizations.find(request.organization, by: request.caller), request.object())
      return .json(try await json(request.organization, request))
    }
  }

  /// All of them for operators, and for others those that they belong to.
  private func list(_ request: GatewayRequest) async throws(Problem) -> JSON {
    var names: [String] = []
    do throws(Problem) {
      names = try await all { page throws(Problem) in try await plane.clusters.tenants(of: request.cluster, page, by: request.caller) }
        .filter { $0.organization.state.kind != .deleted }.map(\.organization.slug.text)
    } catch {
      guard error.kind == .forbidden else { throw error }
      let own = try await all { page throws(Problem) in
        try await plane.organizations.list(all: false, search: nil, isOpen: true, page, by: request.caller)
      }
      for organization in own {
        do throws(Problem) {
          _ = try await plane.organizationClusters.find(request.cluster, in: organization.id.description, by: request.caller)
          names.append(organization.slug.text)
        } catch {
          guard [.missing, .forbidden].contains(error.kind) else { throw error }
        }
      }
    }
    var found: [JSON] = []
    for name in names.sorted() { found.append(try await json(name, request)) }
    return .array(found)
  }

  private func admit(_ organization: String, _ body: JSON, isNew: Bool, _ request: GatewayRequest) async throws(Problem) -> JSON {
    let present = try await plane.clusters.tenant(organization, of: request.cluster, by: request.caller)
    guard !isNew || present == nil else { throw Problem(.takenName, "The organization has this cluster already.") }
    guard isNew || present != nil else { throw Problem(.missing, "The organization doesn't have this cluster.") }
    let storage = try body.optionalNumber("storage_size").map(Int64.init) ?? present?.limits.storage
    let admission = ClusterAdmission(
      defaultRole: try body.optionalText("default_role").map(Roles.clusterRole), isHalted: try body.optionalFlag("maintenance"),
      limits: try ClusterLimits(
        runningJobs: body.optionalObject("quota")?.optionalNumber("total_running_jobs"),
        memberRunningJobs: body.optionalObject("default_quota")?.optionalNumber("total_running_jobs"), storage: storage.map(Int.init)))
    _ = try await plane.clusters.admit(organization, to: request.cluster, admission, by: request.caller)
    return try await json(organization, request)
  }

  private func setDefaults(_ body: JSON, _ request: GatewayRequest) async throws(Problem) -> JSON {
    let role = try body.optionalText("default_role").map(Roles.clusterRole)
    let found = try await plane.organizationClusters.update(
      request.cluster, defaultRole: role, seen: nil, in: request.organization, by: request.caller)
    try await Limits(plane: plane).set(
      body.optionalObject("quota")?.optionalNumber("total_running_jobs"), of: .each, on: found.cluster.slug.text, in: request.organization, by: request.caller)
    // What new members may use is the organization's to say; the clients send nothing here where nobody asked for it.
    if let credits = body["credits"], credits != .null {
      let text = OrganizationSetting.memberCredits(try Money.limit(credits, "credits")).text
      _ = try await plane.organizationSettings.set(
        OrganizationSetting.Name.memberCredits.rawValue, to: text, in: request.organization, by: request.caller)
    }
    return try await json(request.organization, request)
  }

  private func json(_ reference: String, _ request: GatewayRequest) async throws(Problem) -> JSON {
    let organization = try await plane.organizations.find(reference, by: request.caller)
    let id = organization.id.description
    let (found, storage) = try await plane.organizationClusters.open(request.cluster, in: id, by: request.caller)
    let limits = try await Limits(plane: plane).all(on: found.cluster.slug.text, in: id, by: request.caller)
    let credits = try await plane.organizationSettings.inForce(in: id, by: request.caller).memberCredits
    return .members([
      ("org_name", .string(organization.slug.text)), ("quota", Limits.json(limits[.organization])),
      ("balance", try await Shares(plane: plane).balance(of: id, by: request.caller)), ("default_quota", Limits.json(limits[.each])),
      ("default_role", .string(found.defaultRole.name)), ("default_credits", credits.map { .string($0.description) }),
      ("storage_size", storage.storage.map { .integer($0) }), ("maintenance", .boolean(found.isInMaintenance)),
    ])
  }
}
