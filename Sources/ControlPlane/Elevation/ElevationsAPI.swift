import Authorization
import Contract
import Kernel

extension Elevations {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Elevations.list) { call async throws(Problem) in
        let found = try await list(open: call.query.all != true, in: call.path.organization, call.query.page(), by: call.caller)
        return Wire.List(found) { Wire.Elevation($0) }
      },
      BoundEndpoint(API.Elevations.read) { call async throws(Problem) in
        Wire.Elevation(try await find(.named(call.path.request), in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Elevations.ask) { call async throws(Problem) in
        let body = call.body
        let draft = { @Sendable () throws(Problem) in
          try ElevationDraft(on: body.on, role: body.role, minutes: body.minutes, reason: body.reason.text)
        }
        return Wire.Elevation(try await ask(draft, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Elevations.approve) { call async throws(Problem) in
        let (id, body) = (ID<Elevation>.named(call.path.request), call.body)
        return Wire.Elevation(try await approve(id, minutes: body.minutes, note: body.note?.text ?? "", in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Elevations.refuse) { call async throws(Problem) in
        Wire.Elevation(try await refuse(.named(call.path.request), note: call.body.note?.text ?? "", in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Elevations.withdraw) { call async throws(Problem) in
        Wire.Elevation(try await withdraw(.named(call.path.request), in: call.path.organization, by: call.caller))
      },
    ]
  }
}

extension Wire.Elevation {
  init(_ seen: SeenElevation) {
    let elevation = seen.elevation
    var (type, path) = ("organization", nil as String?)
    if case .resource(_, let kind, let name) = elevation.place { (type, path) = (kind.name, name) }
    self.init(
      id: elevation.id.cast(), account: elevation.account.cast(), handle: elevation.handle.text, name: elevation.name.text, onType: type, on: path,
      role: elevation.role.short, minutes: Int(elevation.term.components.seconds / 60), reason: elevation.reason.text,
      state: Wire.ElevationState(rawValue: elevation.state.rawValue) ?? .pending, own: seen.isOwn, answerable: seen.mayAnswer, createdAt: elevation.createdAt,
      answerBy: elevation.answerBy, answeredBy: elevation.answeredBy, answer: elevation.answer.isEmpty ? nil : elevation.answer.text,
      grantedUntil: elevation.grantedUntil)
  }
}
