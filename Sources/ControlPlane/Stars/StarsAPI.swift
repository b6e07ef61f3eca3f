import Authorization
import Contract
import Kernel

extension Stars {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Stars.list) { call async throws(Problem) in
        Wire.List(try await list(in: call.path.organization, call.query.page(), by: call.caller), Wire.Star.init)
      },
      BoundEndpoint(API.Stars.add) { call async throws(Problem) in
        Wire.Star(try await add(call.path.resource.cast(), in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Stars.remove) { call async throws(Problem) in
        try await remove(call.path.resource.cast(), in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension Wire.Star {
  fileprivate init(_ star: Star) {
    self.init(
      resource: star.resource.id.cast(), type: star.resource.type.name, slug: star.resource.slug.text, name: star.resource.name.text, since: star.since)
  }
}
