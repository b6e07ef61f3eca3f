import Contract
import ControlPlane
import Kernel
import Secrets

/// How clients and workspaces' servers sign in: with a key, with a password, or with the key of a workspace.
struct SignInPart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.post, "/auth/login") { request async throws(Problem) in
        let form = try request.form()
        return form["grant_type"] == Self.deviceGrant ? try await collect(form, request) : .json(try await signIn(form, request))
      },
      GatewayRoute(.post, "/auth/device_authorization") { request async throws(Problem) in try await begin(request) },
      GatewayRoute(.put, "/devices/verify") { request async throws(Problem) in try await verify(request) },
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

  // MARK: Devices

  private static let deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

  /// The command line, which shows a code and asks until somebody has typed it.
  private func begin(_ request: GatewayRequest) async throws(Problem) -> GatewayAnswer {
    let agent = request.caller.origin.userAgent
    // As the client writes it: `Host/box ZenML/0.98.0 Python/3.11 OS/linux`.
    func told(_ name: String) -> String? {
      agent.split(separator: " ").first { $0.hasPrefix("\(name)/") }.map { String($0.dropFirst(name.utf8.count + 1)) }
    }
    let client = told("ZenML").map { "ZenML \($0)" + (told("Host").map { " on \($0)" } ?? "") } ?? "ZenML"
    let new = try await plane.deviceLogins.begin(client: client, by: Caller(.none, from: request.caller.origin))
    let page = "\(plane.settings.publicURL)/device"
    return .json(
      .object([
        .init("device_code", .string(new.secret.reveal())), .init("user_code", .string(new.login.code.description)), .init("verification_uri", .string(page)),
        .init("verification_uri_complete", .string("\(page)?user_code=\(new.login.code)")),
        .init("expires_in", .integer((new.login.expiresAt - new.login.createdAt).wholeSeconds)),
        .init("interval", .integer(DeviceLogin.interval.wholeSeconds)),
      ]))
  }

  /// Refusals are told as RFC 8628 §3.5 says, with 400 and at the top.
  private func collect(_ form: [String: String], _ request: GatewayRequest) async throws(Problem) -> GatewayAnswer {
    func refused(_ error: JSON, _ words: String) -> GatewayAnswer {
      .json(.object([.init("error", error), .init("error_description", .string(words))]), status: 400)
    }
    switch try await plane.deviceLogins.collect(form["device_code"] ?? "", by: Caller(.none, from: request.caller.origin)) {
    case .waiting: return refused("authorization_pending", "Nobody has answered yet.")
    case .hasty: return refused("slow_down", "Ask less often.")
    case .refused: return refused("access_denied", "It was kept out.")
    case .gone: return refused("expired_token", "There is no such code, or its time is over.")
    case .granted(let session, let workspace):
      let term = session.session.expiresAt - plane.world.clock()
      return .json(Self.token(session.secret, lasting: term, device: (session.session.id.description, workspace?.description)))
    }
  }

  private func verify(_ request: GatewayRequest) async throws(Problem) -> GatewayAnswer {
    let body = try request.json()
    let isTrusted = body["trusted_device"] == .boolean(true)
    let workspace = body["device_metadata"].flatMap { $0["tenant_id"]?.text ?? $0["workspace_id"]?.text }
    let login = try await plane.deviceLogins.approve(body.needed("user_code"), isTrusted: isTrusted, workspace: workspace, by: request.caller)
    return .json(
      .object([
        .init("user_code", .string(login.code.description)), .init("client", .string(login.client)), .init("trusted_device", .boolean(isTrusted)),
        .init("ip_address", .string(login.address)), .init("status", "verified"),
      ]))
  }

  // MARK: Keys and passwords

  private func signIn(_ form: [String: String], _ request: GatewayRequest) async throws(Problem) -> JSON {
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
