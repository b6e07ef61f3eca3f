import Contract
import Kernel

extension DerivedTokens {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.DerivedTokens.list) { call async throws(Problem) in
        let found = try await list(by: call.caller)
        return Wire.List(items: found.map(Wire.DerivedToken.init), nextCursor: nil, total: found.count)
      },
      BoundEndpoint(API.DerivedTokens.end) { call async throws(Problem) in
        try await endAll(by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension Wire.DerivedToken {
  init(_ token: SeenDerivedToken) {
    var (session, accessToken): (ID<Wire.Session>?, ID<Wire.Token>?)
    switch token.source {
    case .session(let id): session = id.cast()
    case .token(let id): accessToken = id.cast()
    }
    self.init(
      session: session, token: accessToken, name: token.name, workspace: token.workspace?.id.cast(), workspaceName: token.workspace?.name,
      expiresAt: token.expiresAt)
  }
}
