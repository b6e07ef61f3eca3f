import Authorization
import Contract
import Kernel

extension Projects {
  var operations: [BoundEndpoint] {
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
        let draft = try ResourceDraft(name: call.body.name.text, slug: call.body.slug.orProposed(), description: call.body.description?.text ?? "")
        return Wire.Project(
          try await create(draft, defaultRole: call.body.defaultRole, of: call.path.workspace, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Projects.read) { call async throws(Problem) in
        Wire.Project(try await find(call.path.project, of: call.path.workspace, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Projects.update) { call async throws(Problem) in
        let update = ProjectUpdate(
          ResourceUpdate(name: call.body.name?.text, slug: call.body.slug?.text, description: call.body.description?.text), defaultRole: call.body.defaultRole)
        let path = call.path
        return Wire.Project(
          try await self.update(path.project, update, seen: call.revision, of: path.workspace, in: path.organization, by: call.caller))
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
    self.init(
      id: project.id.cast(), slug: resource.slug.text, name: resource.name.text, description: resource.description.text,
      workspace: project.workspace.cast(), workspaceSlug: project.workspaceSlug.text, defaultRole: project.defaultRole.name, createdAt: resource.createdAt,
      revision: resource.revision)
  }
}
