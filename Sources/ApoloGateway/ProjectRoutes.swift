import Authorization
import Contract
import ControlPlane
import Kernel

/// The projects that an organization has on a cluster.
struct ProjectRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    let projects = "\(Apolo.adminBase)/clusters/{cluster}/orgs/{organization}/projects"
    let one = "\(projects)/{project}"
    return [
      GatewayRoute(.get, projects) { request async throws(Problem) in
        let found = try await all { page throws(Problem) in
          try await plane.projects.list(at: .cluster(request.cluster), in: request.organization, page, by: request.caller)
        }
        let slug = try await plane.organizations.find(request.organization, by: request.caller).slug.text
        return .json(.array(found.map { json($0, in: slug) }))
      },
      GatewayRoute(.post, projects) { request async throws(Problem) in
        let body = try request.object()
        let name = try body.text("name")
        let made = try await plane.projects.create(
          ResourceDraft(name: name, slug: name), defaultRole: body.optionalText("default_role").map(Roles.projectRole) ?? ResourceRole.projectDeveloper.name,
          isDefault: body.optionalFlag("is_default") ?? false, at: .cluster(request.cluster), in: request.organization, by: request.caller)
        return .json(try await json(made, request))
      },
      GatewayRoute(.get, one) { request async throws(Problem) in
        .json(try await json(plane.projects.find(request.project, at: .cluster(request.cluster), in: request.organization, by: request.caller), request))
      },
      GatewayRoute(.put, one) { request async throws(Problem) in
        let body = try request.object()
        let update = ProjectUpdate(
          ResourceUpdate(), defaultRole: try body.optionalText("default_role").map(Roles.projectRole), isDefault: try body.optionalFlag("is_default"))
        let after = try await plane.projects.update(
          request.project, update, seen: nil, at: .cluster(request.cluster), in: request.organization, by: request.caller)
        return .json(try await json(after, request))
      },
      GatewayRoute(.delete, one) { request async throws(Problem) in
        try await plane.projects.delete(request.project, at: .cluster(request.cluster), in: request.organization, by: request.caller)
        return .nothing
      },
    ]
  }

  private func json(_ project: Project, _ request: GatewayRequest) async throws(Problem) -> JSON {
    json(project, in: try await plane.organizations.find(request.organization, by: request.caller).slug.text)
  }

  private func json(_ project: Project, in organization: String) -> JSON {
    [
      "name": .string(project.resource.slug.text), "cluster_name": .string(project.place.slug.text), "org_name": .string(organization),
      "is_default": .boolean(project.isDefault), "default_role": .string(Roles.projectName(of: .resource(project.defaultRole))), "has_virtual_kube": false,
    ]
  }
}

/// Who is in a project, as what.
struct ProjectMemberRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    let users = "\(Apolo.adminBase)/clusters/{cluster}/orgs/{organization}/projects/{project}/users"
    let one = "\(users)/{user}"
    return [
      GatewayRoute(.get, users) { request async throws(Problem) in .json(try await list(request)) },
      GatewayRoute(.post, users) { request async throws(Problem) in
        let body = try request.object()
        let role = try body.optionalText("role").map(Roles.projectRole)
        let member = try await People.expected(body.text("user_name"), in: request.organization, plane, by: request.caller)
        // Who isn't told of the project is told nothing of its people.
        try await Places(plane: plane).give(role, to: member, on: place(request), in: request.organization, by: request.caller)
        return .json(try await json(member, request))
      },
      GatewayRoute(.get, one) { request async throws(Problem) in .json(try await json(member(request), request)) },
      GatewayRoute(.put, one) { request async throws(Problem) in
        let role = try Roles.projectRole(request.object().text("role"))
        let member = try await member(request)
        try await Places(plane: plane).change(role, of: member, on: place(request), in: request.organization, by: request.caller)
        return .json(try await json(member, request))
      },
      GatewayRoute(.delete, one) { request async throws(Problem) in
        try await Places(plane: plane).withdraw(from: member(request), on: place(request), in: request.organization, by: request.caller)
        return .nothing
      },
    ]
  }

  private func place(_ request: GatewayRequest) -> ResourceReference { .projectAt(request.project, .cluster(request.cluster)) }

  private func member(_ request: GatewayRequest) async throws(Problem) -> Member {
    try await People.expected(request.user, in: request.organization, plane, by: request.caller)
  }

  private func list(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let roles = try await Places(plane: plane).roles(on: place(request), in: request.organization, by: request.caller)
    let members = try await People.members(of: request.organization, plane, by: request.caller)
    let names = try await names(request)
    return .array(
      members.values.sorted { $0.handle.key < $1.handle.key }.compactMap { member in roles[member.account].map { json(member, $0, names, request) } })
  }

  private func json(_ member: Member, _ request: GatewayRequest) async throws(Problem) -> JSON {
    guard let grant = try await Places(plane: plane).role(of: member, on: place(request), in: request.organization, by: request.caller) else {
      throw Problem(.missing, "\(member.handle) has no role in this project.")
    }
    return json(member, grant, try await names(request), request)
  }

  /// Of the organization and the project, as they are written.
  private func names(_ request: GatewayRequest) async throws(Problem) -> (organization: String, project: String, cluster: String) {
    let project = try await plane.projects.find(request.project, at: .cluster(request.cluster), in: request.organization, by: request.caller)
    let organization = try await plane.organizations.find(request.organization, by: request.caller)
    return (organization.slug.text, project.resource.slug.text, project.place.slug.text)
  }

  private func json(
    _ member: Member, _ grant: Grant, _ names: (organization: String, project: String, cluster: String), _ request: GatewayRequest
  ) -> JSON {
    .members([
      ("project_name", .string(names.project)), ("cluster_name", .string(names.cluster)), ("org_name", .string(names.organization)),
      ("user_name", .string(member.handle.text)), ("role", .string(Roles.projectName(of: grant.role))),
      ("user_info", request.hasInfo ? People.info(member) : nil),
    ])
  }
}
