import Authorization
import Contract
import Kernel

extension Objects {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Objects.list) { call async throws(Problem) in
        let query = call.query
        if (query.parentType == nil) != (query.parent == nil) { throw Problem.invalid("parent", "Say both its type and which it is.") }
        var place: ThingName.Place?
        if let type = query.parentType, let parent = query.parent { place = try ThingName.Place(type: type, id: parent, field: "parent") }
        let page = try await list(at: place, of: query.type, named: query.id, in: call.path.organization, query.page(), by: call.caller)
        return Wire.List(page, Wire.RegisteredObject.init)
      },
      BoundEndpoint(API.Objects.register) { call async throws(Problem) in
        let drafts = call.body.objects.map { draft in Result { () throws(Problem) in try ObjectDraft(draft) } }
        let outcomes = try await register(drafts, in: call.path.organization, by: call.caller)
        return Wire.ObjectResults(results: zip(call.body.objects, outcomes).map { Wire.ObjectResult($0.type, $0.id, $1) })
      },
      BoundEndpoint(API.Objects.delete) { call async throws(Problem) in
        let names = call.body.objects.map { name in Result { () throws(Problem) in try ObjectName(type: name.type, id: name.id) } }
        let outcomes = try await delete(names, in: call.path.organization, by: call.caller)
        return Wire.ObjectResults(results: zip(call.body.objects, outcomes).map { Wire.ObjectResult($0.type, $0.id, $1) })
      },
    ]
  }
}

extension ObjectDraft {
  fileprivate init(_ wire: Wire.ObjectDraft) throws(Problem) {
    self.init(
      try ObjectName(type: wire.type, id: wire.id),
      in: try wire.parent.map { parent throws(Problem) in try ThingName.Place(type: parent.type, id: parent.id, field: "parent") }, title: wire.name,
      attributes: wire.attributes ?? .object([]), isOwn: wire.own ?? false)
  }
}

extension Wire.ObjectResult {
  fileprivate init(_ type: String, _ id: String, _ outcome: ObjectOutcome) {
    switch outcome {
    case .registered: self.init(type: type, id: id, outcome: .registered)
    case .changed: self.init(type: type, id: id, outcome: .changed)
    case .same: self.init(type: type, id: id, outcome: .same)
    case .deleted: self.init(type: type, id: id, outcome: .deleted)
    case .refused(let problem): self.init(type: type, id: id, outcome: .refused, code: problem.code.name, detail: problem.detail)
    }
  }
}

extension Wire.RegisteredObject {
  fileprivate init(_ object: RegisteredObject) {
    let resource = object.resource
    self.init(
      type: resource.type.name, id: object.name, name: resource.name.text,
      parent: object.place.map { Wire.ObjectName(type: $0.type.name, id: $0.id.description) }, attributes: resource.attributes.json,
      owner: resource.owner?.cast(), createdAt: resource.createdAt, revision: resource.revision)
  }
}
