import Authorization
import Contract
import Kernel
import Secrets

extension Tokens {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Tokens.list) { call async throws(Problem) in Wire.List(try await list(call.query.page(), by: call.caller), Wire.Token.init) },
      BoundEndpoint(API.Tokens.create) { call async throws(Problem) in
        let draft = try AccessTokenDraft(
          name: call.body.name.text, scopes: call.body.scopes.map(\.rawValue), organization: call.body.organization, days: call.body.expiresInDays)
        let new = try await create(draft, by: call.caller)
        return Wire.NewToken(secret: new.secret.reveal(), token: Wire.Token(new.token))
      },
      BoundEndpoint(API.Tokens.revoke) { call async throws(Problem) in
        try await revoke(call.path.token.cast(), by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Tokens.revokeByValue) { call async throws(Problem) in
        try await revoke(secret: call.body.token.text, by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension Wire.Token {
  init(_ token: AccessToken) {
    self.init(
      id: token.id.cast(), name: token.name.text, hint: token.hint, scopes: Wire.TokenScope.allCases.filter { scope in token.scopes.contains { $0.rawValue == scope.rawValue } },
      organization: token.organization?.cast(), createdAt: token.createdAt, expiresAt: token.expiresAt, usedAt: token.usedAt)
  }
}
