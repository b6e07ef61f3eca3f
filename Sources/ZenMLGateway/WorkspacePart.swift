import Contract
import ControlPlane
import Kernel

/// The workspaces of whoever asks; older clients call them tenants.
struct WorkspacePart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    ["/workspaces", "/tenants"].flatMap { path in
      [
        GatewayRoute(.get, path) { request async throws(Problem) in .json(try await list(request)) },
        GatewayRoute(.get, "\(path)/{workspace}") { request async throws(Problem) in
          let (workspace, organization) = try await plane.workspaces.find(anywhere: request.parameter("workspace"), by: request.caller)
          return .json(Self.shown(workspace, in: organization))
        },
      ]
    }
  }

  private func list(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let slice = try Slice(request)
    // Who may see a workspace may connect to it, so there are no others.
    _ = try request.flag("member_only")
    let (id, status) = (request.text("workspace_id", "tenant_id"), request.text("status"))
    if let status, WorkspaceState.Status(rawValue: status) == nil { throw Problem.invalid("status", "There is no such status.") }
    let found = try await plane.workspaces.everywhere(
      slug: request.text("workspace_name", "tenant_name", "name"), address: request.text("url").map(ServerPart.trimmed),
      in: request.text("organization_id"), by: request.caller)
    let fitting = found.filter { item in
      (id == nil || item.workspace.id.description == id?.lowercased()) && (status == nil || item.workspace.state.status.rawValue == status)
    }
    return .array(slice.of(fitting).map { Self.shown($0.workspace, in: $0.organization) })
  }

  /// `WorkspaceRead`, or `TenantRead`.
  static func shown(_ workspace: Workspace, in organization: Organization) -> JSON {
    let (resource, state) = (workspace.resource, workspace.state)
    let version = workspace.server.flatMap { $0.version.isEmpty ? nil : $0.version }
    let service: JSON = .object([
      .init("configuration", version.map { .object([.init("version", .string($0))]) } ?? .null),
      .init("status", workspace.address.map { .object([.init("server_url", .string($0)), .init("version", .optional(version))]) } ?? .null),
    ])
    return .object([
      .init("id", .string(workspace.id.description)), .init("name", .string(resource.slug.text)), .init("display_name", .string(resource.name.text)),
      .init("description", .optional(resource.description.isEmpty ? nil : resource.description.text)), .init("logo_url", .null),
      .init("organization", OrganizationPart.shown(organization)), .init("desired_state", .string(state.desired.rawValue)),
      .init("state_reason", .string(state.reason)), .init("status", .string(state.status.rawValue)),
      .init("is_managed", .boolean(workspace.kind == .managed)), .init("workspace_type", "zenml"),
      .init("zenml_service", service), .init("mlflow_service", .null),
      .init("created", .string(resource.createdAt.description)), .init("updated", .string((workspace.server?.reported ?? resource.createdAt).description)),
    ])
  }
}
