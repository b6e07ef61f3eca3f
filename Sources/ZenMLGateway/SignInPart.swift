import Contract
import ControlPlane
import Kernel
import Secrets

/// How clients and workspaces' servers sign in: with a key, with a password, or with the key of a workspace.
struct SignInPart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.post, "/auth/login") { request async throws(Problem) in .json(try await signIn(request)) },
      GatewayRoute(.get, "/auth/api_token") { request async throws(Problem) in
        .json(.string(try await plane.derivedTokens.create(by: request.caller).secret.reveal()))
      },
      GatewayRoute(.get, "/auth/workspace_authorization/{workspace}") { request async throws(Problem) in
        .json(token(try await plane.derivedTokens.create(for: request.parameter("workspace"), by: request.caller)))
      },
      GatewayRoute(.get, "/auth/tenant_authorization/{workspace}") { request async throws(Problem) in
        .json(token(try await plane.derivedTokens.create(for: request.parameter("workspace"), by: request.caller)))
      },
      GatewayRoute(.post, "/auth/logout") { request async throws(Problem) in
        if let bearer = request.bearer.map(ProKey.secret(in:)), bearer.hasPrefix(Token.Kind.derived.prefix) {
          try await plane.tokens.revoke(secret: bearer, by: request.caller)
        }
        return .done
      },
    ]
  }

  private func signIn(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let form = try request.form()
    let grant = form["grant_type"] ?? ""
    guard ["", "password", "client_credentials", "zenml_api_key"].contains(grant) else {
      throw Problem(.malformed, "There is no such grant type; sign in with a key, a password or a workspace's key.")
    }
    let origin = request.caller.origin
    if let id = form["client_id"], let secret = form["client_secret"], !secret.isEmpty {
      let caller = Self.caller(secret, from: origin)
      // Programs may bring the key of a service account in the same way.
      if case .workspaceKey = caller.credential { return token(try await plane.workspaceServers.signIn(to: id, by: caller)) }
      return token(try await plane.derivedTokens.create(by: caller))
    }
    if let login = form["username"], !login.isEmpty {
      let session = try await plane.sessions.create(login: login, password: form["password"] ?? "", by: Caller(.none, from: origin))
      return Self.token(session.secret, lasting: session.session.idleAt - plane.world.clock())
    }
    guard let key = form["password"], !key.isEmpty else {
      guard request.bearer != nil else { throw Problem(.signedOut, "Bring an API key, or a name and a password.") }
      return token(try await plane.derivedTokens.create(by: request.caller))
    }
    return token(try await plane.derivedTokens.create(by: Self.caller(key, from: origin)))
  }

  /// Who brings a key, in whichever form.
  private static func caller(_ key: String, from origin: Origin) -> Caller {
    var caller = Caller(secret: ProKey.secret(in: key), from: origin)
    caller.notesUse = true
    return caller
  }

  private func token(_ new: NewDerivedToken) -> JSON { Self.token(new.secret, lasting: new.term) }

  /// The answer to a sign-in (`OAuthTokenResponse`): servers need the term as a whole number.
  static func token(_ secret: SecretText, lasting term: Duration, device: (id: String, workspace: String?)? = nil) -> JSON {
    let metadata: JSON = device.map { .object([.init("tenant_id", .optional($0.workspace))]) } ?? .null
    return .object([
      .init("access_token", .string(secret.reveal())), .init("token_type", "bearer"), .init("expires_in", .integer(max(1, term.wholeSeconds))),
      .init("device_id", .optional(device?.id)), .init("device_metadata", metadata),
    ])
  }
}
