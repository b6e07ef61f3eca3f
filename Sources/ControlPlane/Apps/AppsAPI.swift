import Authorization
import Contract
import Kernel
import Secrets

extension Apps {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Apps.list) { call async throws(Problem) in
        let query = call.query
        let filter = AppFilter(
          search: query.search, isStarred: query.starred ?? false, isTemplate: query.template ?? false, visibility: query.visibility.map { Visibility($0) })
        let page = try await list(in: call.path.organization, filter, query.page(), by: call.caller)
        let starred = try await starred(among: page.items, by: call.caller)
        return Wire.List(page) { Wire.App($0, isStarred: starred.contains($0.resource.id)) }
      },
      BoundEndpoint(API.Apps.listPublic) { call async throws(Problem) in
        let filter = AppFilter(search: call.query.search, isTemplate: call.query.template ?? false)
        return Wire.List(try await listPublic(filter, call.query.page(), by: call.caller)) {
          Wire.PublicApp(organization: Wire.OrganizationName($0.organization), app: Wire.App($0.app, isStarred: $0.isStarred))
        }
      },
      BoundEndpoint(API.Apps.create) { call async throws(Problem) in
        let body = call.body
        let draft = try ResourceDraft(name: body.name.text, slug: body.slug.orProposed(), description: body.description?.text ?? "")
        let details = AppUpdate(notes: body.notes?.text, visibility: body.visibility?.rawValue, isTemplate: body.template)
        return Wire.App(try await create(draft, details, isOwn: body.owner == .me, in: call.path.organization, by: call.caller), isStarred: false)
      },
      BoundEndpoint(API.Apps.read) { call async throws(Problem) in
        let (app, isStarred, _) = try await open(call.path.app, in: call.path.organization, by: call.caller)
        return Wire.App(app, isStarred: isStarred)
      },
      BoundEndpoint(API.Apps.update) { call async throws(Problem) in
        let body = call.body
        let update = AppUpdate(
          ResourceUpdate(name: body.name?.text, slug: body.slug?.text, description: body.description?.text), notes: body.notes?.text,
          visibility: body.visibility?.rawValue, isTemplate: body.template)
        return try await shown(self.update(call.path.app, update, seen: call.revision, in: call.path.organization, by: call.caller), call.caller)
      },
      BoundEndpoint(API.Apps.delete) { call async throws(Problem) in
        try await delete(call.path.app, seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Apps.transfer) { call async throws(Problem) in
        try await shown(transfer(call.path.app, seen: call.revision, in: call.path.organization, by: call.caller), call.caller)
      },
      BoundEndpoint(API.Apps.move) { call async throws(Problem) in
        let moved = try await plane.moving.app(
          call.path.app, to: call.body.organization, seen: call.revision, in: call.path.organization, by: call.caller)
        return try await shown(moved, call.caller)
      },
      BoundEndpoint(API.Apps.duplicate) { call async throws(Problem) in
        let copy = AppCopy(try ResourceDraft(name: call.body.name.text, slug: call.body.slug.orProposed()), organization: call.body.organization)
        return Wire.App(try await duplicate(call.path.app, copy, in: call.path.organization, by: call.caller), isStarred: false)
      },
      BoundEndpoint(API.Apps.setImage) { call async throws(Problem) in
        let image = try call.body.read()
        return try await shown(setImage(image, of: call.path.app, seen: call.revision, in: call.path.organization, by: call.caller), call.caller)
      },
      BoundEndpoint(API.Apps.removeImage) { call async throws(Problem) in
        try await shown(setImage(nil, of: call.path.app, seen: call.revision, in: call.path.organization, by: call.caller), call.caller)
      },
    ]
  }

  private func shown(_ app: App, _ caller: Caller) async throws(Problem) -> Wire.App {
    Wire.App(app, isStarred: try await starred(among: [app], by: caller).contains(app.resource.id))
  }
}

extension Visibility {
  fileprivate init(_ wire: Wire.AppVisibility) {
    self =
      switch wire {
      case .private: .private
      case .organization: .organization
      case .public: .public
      }
  }
}

extension Wire.App {
  fileprivate init(_ app: App, isStarred: Bool) {
    let resource = app.resource
    let visibility: Wire.AppVisibility =
      switch resource.visibility {
      case .inherited, .private: .private
      case .organization: .organization
      case .public: .public
      }
    self.init(
      id: app.id.cast(), slug: resource.slug.text, name: resource.name.text, description: resource.description.text, notes: app.notes.text,
      visibility: visibility, template: app.isTemplate, owner: resource.owner?.cast(), ownerName: app.ownerName?.text, image: app.image?.text,
      stars: app.stars, starred: isStarred, createdAt: resource.createdAt, changedAt: app.changedAt, revision: resource.revision)
  }
}
