import Authorization
import Contract
import ControlPlane
import Kernel
import Secrets

/// Enrolling workspaces, changing and ending them, and who has access.
struct ManagedWorkspacePart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    ["/workspaces", "/tenants"].flatMap { path in
      [
        GatewayRoute(.post, path) { request async throws(Problem) in .json(try await enroll(request)) },
        GatewayRoute(.patch, "\(path)/{workspace}") { request async throws(Problem) in .json(try await change(request)) },
        GatewayRoute(.delete, "\(path)/{workspace}") { request async throws(Problem) in
          let (workspace, organization) = try await find(request)
          try await plane.workspaces.delete(workspace.id.description, in: organization.id.description, by: request.caller)
          return .done
        },
        GatewayRoute(.post, "\(path)/{workspace}/deploy") { request async throws(Problem) in
          let (workspace, organization) = try await find(request)
          let after = try await plane.workspaces.activate(workspace.id.description, in: organization.id.description, by: request.caller)
          return .json(WorkspacePart.shown(after, in: organization))
        },
        GatewayRoute(.post, "\(path)/{workspace}/deactivate") { request async throws(Problem) in
          let (workspace, organization) = try await find(request)
          let after = try await plane.workspaces.deactivate(workspace.id.description, in: organization.id.description, by: request.caller)
          return .json(WorkspacePart.shown(after, in: organization))
        },
        GatewayRoute(.get, "\(path)/{workspace}/members") { request async throws(Problem) in
          let (workspace, organization) = try await find(request)
          return .json(try await members(on: .workspace(workspace.id.description), of: organization, request))
        },
        GatewayRoute(.get, "\(path)/{workspace}/projects/{project}/members") { request async throws(Problem) in
          let (workspace, organization) = try await find(request)
          return .json(try await members(on: .project(request.parameter("project"), in: workspace.id.description), of: organization, request))
        },
      ]
    }
  }

  private func find(_ request: GatewayRequest) async throws(Problem) -> (workspace: Workspace, organization: Organization) {
    try await plane.workspaces.find(anywhere: request.parameter("workspace"), by: request.caller)
  }

  /// The place for a server that its people run; its key is told only now.
  private func enroll(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let body: JSON = request.body.isEmpty ? .object([]) : try request.json()
    var name = body["name"]?.text ?? ""
    if name.isEmpty { name = try request.needed("name") }
    let enrolls = try request.flag("enroll")
    guard body["is_managed"] != .boolean(true), enrolls != false else {
      throw Problem(.invalid, "This installation runs no servers of workspaces: enroll one that you run yourself.")
    }
    var reference = body["organization_id"]?.text ?? request.text("organization_id")
    if reference == nil {
      let own = try await plane.organizations.own(by: request.caller)
      guard own.count == 1 else { throw Problem.invalid("organization_id", "Name the organization.") }
      reference = own[0].id.description
    }
    let draft = try ResourceDraft(name: body["display_name"]?.text ?? name, slug: name, description: body["description"]?.text ?? "")
    let new = try await plane.workspaces.enroll(draft, in: reference ?? "", by: request.caller)
    let (workspace, organization) = try await plane.workspaces.find(anywhere: new.workspace.id.description, by: request.caller)
    guard case .object(let members) = WorkspacePart.shown(workspace, in: organization) else { throw Problem(.defect, "A workspace isn't an object.") }
    return .object(
      members + [
        .init("enrollment_key", .string(new.secret.reveal())), .init("organization_id", .string(organization.id.description)),
        .init("organization_name", .string(organization.slug.text)), .init("workspace_id", .string(workspace.id.description)),
        .init("workspace_name", .string(workspace.resource.slug.text)),
      ])
  }

  private func change(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let (workspace, organization) = try await find(request)
    let (body, id, reference) = (try request.json(), workspace.id.description, organization.id.description)
    switch body["desired_state"] {
    case nil, .null?: break
    case "deactivated"?: _ = try await plane.workspaces.deactivate(id, in: reference, by: request.caller)
    case "available"?: _ = try await plane.workspaces.activate(id, in: reference, by: request.caller)
    default: throw Problem.invalid("desired_state", "Choose available or deactivated.")
    }
    let update = ResourceUpdate(name: body["display_name"]?.text, slug: body["name"]?.text, description: body["description"]?.text)
    return WorkspacePart.shown(try await plane.workspaces.update(id, update, seen: nil, in: reference, by: request.caller), in: organization)
  }

  /// Each holder once, with the roles that they hold there.
  private func members(on place: ResourceReference, of organization: Organization, _ request: GatewayRequest) async throws(Problem) -> JSON {
    let grants = try await plane.all(20_000) { page async throws(Problem) in
      try await plane.grants.list(on: place, in: organization.id.description, page, by: request.caller)
    }
    let known = try await plane.platformRoles(of: organization.id, by: request.caller)
    var order: [Grant.Holder] = []
    var roles: [Grant.Holder: [JSON]] = [:]
    for grant in grants {
      if roles[grant.holder] == nil { order.append(grant.holder) }
      let known = known.first { grant.role.name == $0.reference }
      roles[grant.holder, default: []].append(known?.shown(in: organization.id) ?? .object([.init("name", .string(grant.role.name))]))
    }
    let rows = order.map { holder -> JSON in
      let who: JSON.Member
      switch holder {
      case .member(_, let account, let handle, let name):
        who = .init("user", People.user(id: account.description, username: handle.text, name: name.text, email: ""))
      case .serviceAccount(let id, let slug, let name):
        who = .init("user", People.user(id: id.description, username: slug.text, name: name.text, email: nil, organization: organization.id))
      case .team(let id, _, let name): who = .init("team", .object([.init("id", .string(id.description)), .init("name", .string(name.text))]))
      case .invitation(let id, let address):
        who = .init("invitation", .object([.init("id", .string(id.description)), .init("email", .string(address.text))]))
      }
      return .object([who, .init("roles", .array(roles[holder] ?? []))])
    }
    return .array(Array(try Slice(request).of(rows)))
  }
}
