import Authorization
import Contract
import Kernel

extension Attributes {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Attributes.read) { call async throws(Problem) in
        Wire.ResourceAttributes(try await find(call.path.resource.cast(), in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Attributes.set) { call async throws(Problem) in
        let (path, body) = (call.path, call.body)
        return Wire.ResourceAttributes(
          try await set(path.resource.cast(), to: body.attributes, seen: call.revision, in: path.organization, by: call.caller))
      },
    ]
  }
}

extension Wire.ResourceAttributes {
  fileprivate init(_ resource: Resource) {
    self.init(
      resource: resource.id.cast(), type: resource.type.name, slug: resource.slug.text, attributes: resource.attributes.json, revision: resource.revision)
  }
}
