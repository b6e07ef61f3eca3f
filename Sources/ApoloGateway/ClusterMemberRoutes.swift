import Contract
import ControlPlane
import Kernel

/// Who of an organization may use a cluster, as what, and how many of their jobs may run there at once.
struct ClusterMemberRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    let cluster = "\(Apolo.adminBase)/clusters/{cluster}"
    let users = "\(cluster)/orgs/{organization}/users"
    let one = "\(users)/{user}"
    return [
      GatewayRoute(.get, users) { request async throws(Problem) in .json(.array(try await list(request.organization, request))) },
      // Without an organization in the path: of all that the caller sees.
      GatewayRoute(.get, "\(cluster)/users") { request async throws(Problem) in
        var found: [JSON] = []
        for organization in try await organizations(request) { found += try await list(organization, request) }
        return .json(.array(found))
      },
      GatewayRoute(.post, "\(cluster)/users") { request async throws(Problem) in .json(try await add(request)) },
      GatewayRoute(.get, one) { request async throws(Problem) in .json(try await json(request)) },
      GatewayRoute(.put, one) { request async throws(Problem) in
        let body = try request.object()
        let role = try Roles.clusterRole(body.text("role"))
        let member = try await member(request)
        try await Places(plane: plane).change(role, of: member, on: .cluster(request.cluster), in: request.organization, by: request.caller)
        if let quota = try body.optionalObject("quota") { try await setQuota(quota, of: member, in: request.organization, request) }
        return .json(try await json(request))
      },
      GatewayRoute(.delete, one) { request async throws(Problem) in
        try await Places(plane: plane).withdraw(from: member(request), on: .cluster(request.cluster), in: request.organization, by: request.caller)
        return .nothing
      },
      GatewayRoute(.patch, "\(one)/quota") { request async throws(Problem) in
        try await plane.once(request, "cluster member \(request.cluster) \(request.organization) \(request.user)") { () async throws(Problem) in
          let member = try await member(request)
          let found = try await plane.organizationClusters.find(request.cluster, in: request.organization, by: request.caller)
          try await Limits(plane: plane).change(
            request.object(), of: .member(member.account), on: found.cluster.slug.text, in: request.organization, by: request.caller)
          return .json(try await json(request))
        }
      },
    ]
  }

  private func member(_ request: GatewayRequest) async throws(Problem) -> Member {
    try await People.expected(request.user, in: request.organization, plane, by: request.caller)
  }

  /// The caller's organizations that have the cluster.
  private func organizations(_ request: GatewayRequest) async throws(Problem) -> [String] {
    var found: [String] = []
    for organization in try await all({ page throws(Problem) in
      try await plane.organizations.list(all: false, search: nil, isOpen: true, page, by: request.caller)
    }) {
      do throws(Problem) {
        _ = try await plane.organizationClusters.find(request.cluster, in: organization.id.description, by: request.caller)
        found.append(organization.slug.text)
      } catch {
        guard [.missing, .forbidden].contains(error.kind) else { throw error }
      }
    }
    return found
  }

  private func list(_ organization: String, _ request: GatewayRequest) async throws(Problem) -> [JSON] {
    let found = try await plane.organizationClusters.find(request.cluster, in: organization, by: request.caller)
    let roles = try await Places(plane: plane).roles(on: .cluster(request.cluster), in: organization, by: request.caller)
    let members = try await People.members(of: organization, plane, by: request.caller)
    let shares = try await Shares(plane: plane).all(in: organization, by: request.caller)
    let limits = try await Limits(plane: plane).all(on: found.cluster.slug.text, in: organization, by: request.caller)
    let slug = try await plane.organizations.find(organization, by: request.caller).slug.text
    return members.values.sorted { $0.handle.key < $1.handle.key }.compactMap { member in
      guard let grant = roles[member.account] else { return nil }
      return json(member, Roles.clusterName(of: grant.role), Limits.json(limits, of: member.account), shares[member.account], in: slug, request)
    }
  }

  private func add(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let body = try request.object()
    let organization = try body.text("org_name")
    let role = try body.optionalText("role").map(Roles.clusterRole)
    let member = try await People.expected(body.text("user_name"), in: organization, plane, by: request.caller)
    try await Places(plane: plane).give(role, to: member, on: .cluster(request.cluster), in: organization, by: request.caller)
    if let quota = try body.optionalObject("quota") { try await setQuota(quota, of: member, in: organization, request) }
    return try await json(member, in: organization, request)
  }

  private func setQuota(_ quota: JSON, of member: Member, in organization: String, _ request: GatewayRequest) async throws(Problem) {
    let found = try await plane.organizationClusters.find(request.cluster, in: organization, by: request.caller)
    let most = try quota.optionalNumber("total_running_jobs")
    let present = try await Limits(plane: plane).all(on: found.cluster.slug.text, in: organization, by: request.caller)
    // What stays as it is takes no right to change it.
    if Limits.json(present, of: member.account) == .members([("total_running_jobs", most.map { .integer(Int64($0)) })]) { return }
    try await Limits(plane: plane).set(most, of: .member(member.account), on: found.cluster.slug.text, in: organization, by: request.caller)
  }

  private func json(_ request: GatewayRequest) async throws(Problem) -> JSON {
    if try await People.isOwnProgram(request, plane) {
      // A program has neither a quota nor a share of credits of its own.
      let slug = try await plane.organizations.find(request.organization, by: request.caller).slug.text
      _ = try await plane.organizationClusters.find(request.cluster, in: request.organization, by: request.caller)
      return .members([
        ("user_name", .string(request.user)), ("org_name", .string(slug)), ("role", "user"), ("quota", [:]), ("balance", Shares.json(nil)),
      ])
    }
    return try await json(member(request), in: request.organization, request)
  }

  /// Managers and admins of the organization use all its clusters, whether they have a role there or not.
  private func json(_ member: Member, in organization: String, _ request: GatewayRequest) async throws(Problem) -> JSON {
    let found = try await plane.organizationClusters.find(request.cluster, in: organization, by: request.caller)
    let grant: String?
    do throws(Problem) {
      grant = try await Places(plane: plane).role(of: member, on: .cluster(request.cluster), in: organization, by: request.caller)
        .map { Roles.clusterName(of: $0.role) }
    } catch {
      // Who sees the cluster because of a project on it sees nobody's role.
      guard error.kind == .forbidden else { throw error }
      grant = "user"
    }
    let byOrganization = Roles.name(of: member.roles) == "user" ? nil : "manager"
    guard let role = grant ?? byOrganization else { throw Problem(.missing, "\(member.handle) has no role on this cluster.") }
    let limits = try await Limits(plane: plane).all(on: found.cluster.slug.text, in: organization, by: request.caller)
    let share = try await Shares(plane: plane).of(member, in: organization, by: request.caller)
    let slug = try await plane.organizations.find(organization, by: request.caller).slug.text
    return json(member, role, Limits.json(limits, of: member.account), share, in: slug, request)
  }

  private func json(_ member: Member, _ role: String, _ quota: JSON, _ share: Shares.Share?, in organization: String, _ request: GatewayRequest) -> JSON {
    .members([
      ("user_name", .string(member.handle.text)), ("org_name", .string(organization)), ("role", .string(role)), ("quota", quota),
      ("balance", Shares.json(share)), ("user_info", request.hasInfo ? People.info(member) : nil),
    ])
  }
}
