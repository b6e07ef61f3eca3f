import Authorization
import Contract
import Kernel
import Secrets

extension Workspaces {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Workspaces.list) { call async throws(Problem) in
        Wire.List(try await list(in: call.path.organization, search: call.query.search, call.query.page(), by: call.caller), Wire.Workspace.init)
      },
      BoundEndpoint(API.Workspaces.create) { call async throws(Problem) in
        let draft = try ResourceDraft(name: call.body.name.text, slug: call.body.slug.orProposed(), description: call.body.description?.text ?? "")
        return Wire.NewWorkspace(try await enroll(draft, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Workspaces.read) { call async throws(Problem) in
        Wire.Workspace(try await find(call.path.workspace, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Workspaces.update) { call async throws(Problem) in
        let update = ResourceUpdate(name: call.body.name?.text, slug: call.body.slug?.text, description: call.body.description?.text)
        return Wire.Workspace(try await self.update(call.path.workspace, update, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Workspaces.delete) { call async throws(Problem) in
        try await delete(call.path.workspace, seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Workspaces.deactivate) { call async throws(Problem) in
        Wire.Workspace(try await deactivate(call.path.workspace, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Workspaces.activate) { call async throws(Problem) in
        Wire.Workspace(try await activate(call.path.workspace, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Workspaces.move) { call async throws(Problem) in
        Wire.Workspace(
          try await plane.moving.workspace(
            call.path.workspace, to: call.body.organization, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Workspaces.renewKey) { call async throws(Problem) in
        Wire.NewWorkspace(try await renewKey(of: call.path.workspace, in: call.path.organization, by: call.caller))
      },
    ]
  }
}

extension Wire.Workspace {
  init(_ workspace: Workspace) {
    let (resource, state) = (workspace.resource, workspace.state)
    self.init(
      id: workspace.id.cast(), slug: resource.slug.text, name: resource.name.text, description: resource.description.text,
      kind: Wire.WorkspaceKind(workspace.kind), desiredState: Wire.DesiredWorkspaceState(state.desired), status: Wire.WorkspaceStatus(state.status),
      statusReason: state.reason, address: workspace.address, version: workspace.server.flatMap { $0.version.isEmpty ? nil : $0.version },
      reportedAt: workspace.server?.reported, projects: workspace.projects, createdAt: resource.createdAt, revision: resource.revision)
  }
}

extension Wire.NewWorkspace {
  init(_ new: NewWorkspace) {
    self.init(
      workspace: Wire.Workspace(new.workspace), enrollmentKey: new.secret.reveal(),
      settings: new.settings.map { Wire.ServerSetting(name: $0.name, value: $0.value) })
  }
}

extension Wire.WorkspaceKind {
  init(_ kind: Workspace.Kind) {
    self =
      switch kind {
      case .enrolled: .enrolled
      case .managed: .managed
      }
  }
}

extension Wire.DesiredWorkspaceState {
  init(_ desired: WorkspaceState.Desired) {
    self =
      switch desired {
      case .available: .available
      case .deactivated: .deactivated
      case .deleted: .deleted
      }
  }
}

extension Wire.WorkspaceStatus {
  init(_ status: WorkspaceState.Status) {
    self =
      switch status {
      case .notInitialized: .notInitialized
      case .pending: .pending
      case .available: .available
      case .failed: .failed
      case .deactivated: .deactivated
      case .deleted: .deleted
      }
  }
}
