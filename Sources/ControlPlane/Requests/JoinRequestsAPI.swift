import Contract
import Kernel

extension JoinRequests {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Requests.create) { call async throws(Problem) in
        Wire.JoinRequest(try await ask(call.path.organization, message: call.body.message?.text ?? "", by: call.caller))
      },
      BoundEndpoint(API.Requests.list) { call async throws(Problem) in
        let state = call.query.state.flatMap { JoinRequest.State(rawValue: $0.rawValue) }
        return Wire.List(try await list(in: call.path.organization, state, call.query.page(), by: call.caller), Wire.JoinRequest.init)
      },
      BoundEndpoint(API.Requests.approve) { call async throws(Problem) in
        Wire.JoinRequest(try await approve(.named(call.path.request), roles: call.body.roles.map(\.rawValue), in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Requests.refuse) { call async throws(Problem) in
        Wire.JoinRequest(try await refuse(.named(call.path.request), in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Requests.own) { call async throws(Problem) in Wire.List(try await own(call.query.page(), by: call.caller), Wire.SentJoinRequest.init) },
      BoundEndpoint(API.Requests.withdraw) { call async throws(Problem) in Wire.JoinRequest(try await withdraw(.named(call.path.request), by: call.caller)) },
    ]
  }
}

extension Wire.JoinRequest {
  init(_ request: JoinRequest) {
    self.init(
      id: request.id.cast(), organization: request.organization.cast(), account: request.account.cast(), handle: request.handle.text, name: request.name.text,
      email: request.email?.text, message: request.message.text, state: Wire.JoinRequestState(request.state), createdAt: request.createdAt)
  }
}

extension Wire.SentJoinRequest {
  init(_ sent: SentJoinRequest) {
    self.init(
      id: sent.request.id.cast(), organization: Wire.OrganizationName(sent.organization), message: sent.request.message.text, state: Wire.JoinRequestState(sent.request.state),
      createdAt: sent.request.createdAt)
  }
}

extension Wire.JoinRequestState {
  init(_ state: JoinRequest.State) {
    switch state {
    case .pending: self = .pending
    case .approved: self = .approved
    case .refused: self = .refused
    case .withdrawn: self = .withdrawn
    }
  }
}
