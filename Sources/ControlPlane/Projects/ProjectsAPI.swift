import Authorization
import Contract
import Kernel

extension Projects {
  var operations: [BoundEndpoint] { inWorkspaces + onClusters }

  private var onClusters: [BoundEndpoint] {
    [
      BoundEndpoint(API.Projects.listOnCluster) { call async throws(Problem) in
        let (path, query) = (call.path, call.query)
        return Wire.List(
          try await list(at: .cluster(path.cluster), in: path.organization, search: query.search, query.page(), by: call.caller), Wire.Project.init)
      },
      BoundEndpoint(API.Projects.createOnCluster) { call async throws(Problem) in
        Wire.Project(
          try await create(
            ResourceDraft(call.body), defaultRole: call.body.defaultRole, isDefault: call.body.isDefault ?? false, at: .cluster(call.path.cluster),
            in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Projects.personal) { call async throws(Problem) in
        Wire.Project(try await personal(on: call.path.cluster, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Projects.readOnCluster) { call async throws(Problem) in
        Wire.Project(try await find(call.path.project, at: .cluster(call.path.cluster), in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Projects.updateOnCluster) { call async throws(Problem) in
        let path = call.path
        return Wire.Project(
          try await update(
            path.project, ProjectUpdate(call.body), seen: call.revision, at: .cluster(path.cluster), in: path.organization, by: call.caller))
      },
      BoundEndpoint(API.Projects.deleteOnCluster) { call async throws(Problem) in
        let path = call.path
        try await delete(path.project, seen: call.revision, at: .cluster(path.cluster), in: path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }

  private var inWorkspaces: [BoundEndpoint] {
    [
      BoundEndpoint(API.Projects.listAll) { call async throws(Problem) in
        Wire.List(try await list(in: call.path.organization, search: call.query.search, call.query.page(), by: call.caller), Wire.Project.init)
      },
      BoundEndpoint(API.Projects.list) { call async throws(Problem) in
        let (path, query) = (call.path, call.query)
        return Wire.List(
          try await list(of: path.workspace, in: path.organization, search: query.search, query.page(), by: call.caller), Wire.Project.init)
      },
      BoundEndpoint(API.Projects.create) { call async throws(Problem) in
        Wire.Project(
          try await create(
            ResourceDraft(call.body), defaultRole: call.body.defaultRole, isDefault: call.body.isDefault ?? false, of: call.path.workspace,
            in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Projects.read) { call async throws(Problem) in
        Wire.Project(try await find(call.path.project, of: call.path.workspace, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Projects.update) { call async throws(Problem) in
        let path = call.path
        return Wire.Project(
          try await update(path.project, ProjectUpdate(call.body), seen: call.revision, of: path.workspace, in: path.organization, by: call.caller))
      },
      BoundEndpoint(API.Projects.delete) { call async throws(Problem) in
        try await delete(call.path.project, seen: call.revision, of: call.path.workspace, in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension Wire.Project {
  init(_ project: Project) {
    let resource = project.resource
    let (place, isOnCluster) = (project.place, project.place.kind == .cluster)
    self.init(
      id: project.id.cast(), slug: resource.slug.text, name: resource.name.text, description: resource.description.text,
      workspace: isOnCluster ? nil : place.id.cast(), workspaceSlug: isOnCluster ? nil : place.slug.text,
      cluster: isOnCluster ? place.id.cast() : nil, clusterSlug: isOnCluster ? place.slug.text : nil, defaultRole: project.defaultRole.name,
      isDefault: project.isDefault, createdAt: resource.createdAt, revision: resource.revision)
  }
}

extension ResourceDraft {
  fileprivate init(_ wire: Wire.ProjectDraft) throws(Problem) {
    try self.init(name: wire.name.text, slug: wire.slug.orProposed(), description: wire.description?.text ?? "")
  }
}

extension ProjectUpdate {
  fileprivate init(_ wire: Wire.ProjectUpdate) {
    self.init(
      ResourceUpdate(name: wire.name?.text, slug: wire.slug?.text, description: wire.description?.text), defaultRole: wire.defaultRole,
      isDefault: wire.isDefault)
  }
}
