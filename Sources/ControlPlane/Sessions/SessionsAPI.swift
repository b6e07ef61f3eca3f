import Contract
import Kernel
import Secrets

extension Sessions {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Sessions.create) { call async throws(Problem) in
        Wire.SignedIn(try await create(login: call.body.login.text, password: call.body.password.text, by: call.caller))
      },
      BoundEndpoint(API.Sessions.list) { call async throws(Problem) in
        let (page, current) = try await list(call.query.page(), by: call.caller)
        return Wire.List(page) { Wire.Session($0, isCurrent: $0.id == current) }
      },
      BoundEndpoint(API.Sessions.revoke) { call async throws(Problem) in
        try await revoke(call.path.session.cast(), by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Sessions.revokeOthers) { call async throws(Problem) in
        try await revokeOthers(by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Sessions.end) { call async throws(Problem) in
        try await end(by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Sessions.confirm) { call async throws(Problem) in
        Wire.Session(try await confirm(password: call.body.password.text, by: call.caller), isCurrent: true)
      },
    ]
  }
}

extension Wire.SignedIn {
  init(_ new: NewSession) { self.init(secret: new.secret.reveal(), session: Wire.Session(new.session, isCurrent: true), account: Wire.Account(new.account)) }
}

extension Wire.Session {
  init(_ session: Session, isCurrent: Bool) {
    self.init(
      id: session.id.cast(), current: isCurrent, device: session.device, address: session.address, createdAt: session.createdAt, authenticatedAt: session.authenticatedAt,
      usedAt: session.usedAt, expiresAt: session.expiresAt)
  }
}
