import Contract
import ControlPlane
import Kernel

/// What the server of a workspace asks and tells. Only `authorize_server` comes with somebody else's credential: that of who is at the server's door.
struct ServerPart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.patch, "/workspace_status") { request async throws(Problem) in try await report(request) },
      GatewayRoute(.patch, "/tenant_status") { request async throws(Problem) in try await report(request) },
      GatewayRoute(.get, "/users/authorize_server") { request async throws(Problem) in .json(try await authorize(request)) },
      GatewayRoute(.post, "/rbac/check_permissions", atOnce: { request in (try? Self.asked(request)).flatMap { checkAtOnce($0, request) } }) {
        request async throws(Problem) in
        .json(try await check(Self.asked(request), request))
      },
      // As servers up to 0.80 ask.
      GatewayRoute(.get, "/rbac/check_permissions") { request async throws(Problem) in
        .json(try await check(ServerResourceList(request.texts("resources")), request))
      },
      GatewayRoute(.get, "/rbac/allowed_resource_ids") { request async throws(Problem) in
        guard let thing = ServerResource(try request.needed("resource"))?.thing else { throw Problem.invalid("resource", "This is no resource.") }
        let (user, action) = (try request.needed("user_id"), try request.needed("action"))
        let allowed = try await plane.workspaceServers.allowed(action, on: thing, for: user, by: request.caller)
        return .json(.object([.init("full_access", .boolean(allowed.isAll)), .init("ids", .array(allowed.ids.map { .string($0) }))]))
      },
      GatewayRoute(.delete, "/rbac/resources") { request async throws(Problem) in
        let things = request.texts("resources").compactMap { ServerResource($0)?.thing }
        try await plane.workspaceServers.forget(things, by: request.caller)
        return .done
      },
      GatewayRoute(.post, "/rbac/resource_members") { request async throws(Problem) in try await share(request) },
      GatewayRoute(.get, "/organizations/{organization}/entitlement/{feature}") { request async throws(Problem) in
        do throws(Problem) {
          try await plane.workspaceServers.expectEntitled(to: request.parameter("feature"), in: request.parameter("organization"), by: request.caller)
        } catch {
          // To the server a limit is one that a better subscription lifts, whichever it is.
          guard error.code == .quotaExceeded else { throw error }
          throw Problem(.insufficientCredits, error.detail)
        }
        return .done
      },
      GatewayRoute(.post, "/usage-event") { request async throws(Problem) in
        let (count, organization) = try Self.count(try request.json())
        try await plane.workspaceServers.count(count, in: organization, by: request.caller)
        return .done
      },
      // Several at once, as a list or in one. All of them are read before the first counts, and what counted already doesn't count again.
      GatewayRoute(.post, "/usage-batch") { request async throws(Problem) in
        var body = try request.json()
        if case .object = body { body = body["events"] ?? body["usage_events"] ?? .null }
        guard case .array(let events) = body else { throw Problem(.malformed, "Give a list of usage events.") }
        guard !events.isEmpty else { throw Problem(.malformed, "Tell of something.") }
        guard events.count <= Self.batchLimit else { throw Problem(.tooMany, "Tell of at most \(Self.batchLimit) at once.") }
        let counts = try events.map { event throws(Problem) in try Self.count(event) }
        for (count, organization) in counts { try await plane.workspaceServers.count(count, in: organization, by: request.caller) }
        return .done
      },
    ]
  }

  private static let batchLimit = 100

  private static func count(_ event: JSON) throws(Problem) -> (WorkspaceCount, organization: String) {
    guard case .integer(let total)? = event["total"] else { throw Problem.invalid("total", "Give a number.") }
    let thing = try (event["metadata"] ?? .null).needed("resource_id")
    return try (WorkspaceCount(feature: event.needed("feature"), total: total, thing: thing), event.needed("organization_id"))
  }

  private func report(_ request: GatewayRequest) async throws(Problem) -> GatewayAnswer {
    let address = request.header("zenml-server-url").flatMap { $0.isEmpty ? nil : Self.trimmed($0) }
    _ = try await plane.workspaceServers.report(address: address, version: request.header("zenml-server-version") ?? "", by: request.caller)
    return .done
  }

  /// An address without slashes at its end, as clients compare it.
  static func trimmed(_ address: String) -> String {
    var address = address
    while address.hasSuffix("/") { address.removeLast() }
    return address
  }

  private func authorize(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let visitor: WorkspaceVisitor
    do throws(Problem) { visitor = try await plane.workspaceServers.admit(to: try request.needed("server_id"), by: request.caller) } catch {
      // To the server "not found" would mean that it isn't known itself.
      guard error.kind == .missing || error.kind == .conflict else { throw error }
      throw Problem(.forbidden, error.kind == .missing ? "You have no access to this workspace. Ask one of its admins." : error.detail)
    }
    return .object([
      .init("id", .string(visitor.id)), .init("username", .string(visitor.handle)), .init("name", .string(visitor.name)),
      .init("email", .string(visitor.email)), .init("is_superuser", .boolean(visitor.isSuperUser)),
      .init("is_service_account", .boolean(visitor.kind == .serviceAccount)), .init("is_active", .boolean(true)), .init("avatar_url", .null),
      .init("oidc_claims", .null),
    ])
  }

  /// What somebody gives others of one thing: a new list of actions replaces the old.
  ///
  /// The server has asked whether the user may share it, and that it is their own it doesn't tell: so it answers for that, and the user for nothing.
  private func share(_ request: GatewayRequest) async throws(Problem) -> GatewayAnswer {
    let body = try request.json()
    guard let thing = ServerResource(try body.needed("resource"))?.thing, thing.id != nil else {
      throw Problem.invalid("resource", "Name one thing, by type and id.")
    }
    guard case .array(let items)? = body["actions"] else { throw Problem.invalid("actions", "Give a list of actions.") }
    let actions = try items.map { item throws(Problem) in
      guard let action = item.text else { throw Problem.invalid("actions", "Actions are texts.") }
      return action
    }
    let with: WorkspaceShare.Holder
    switch (body["user_id"]?.text, body["team_id"]?.text) {
    case (let user?, nil): with = .user(user)
    case (nil, let team?): with = .team(team)
    default: throw Problem(.malformed, "Name a user or a team, and only one of them.")
    }
    let sharer = try body.needed("sharing_user_id")
    try await plane.workspaceServers.share(WorkspaceShare(thing: thing, with: with, actions: actions, by: sharer), by: request.caller)
    return .done
  }

  /// The resources that the body names.
  private static func asked(_ request: GatewayRequest) throws(Problem) -> ServerResourceList {
    guard case .array(let items) = try request.json() else { throw Problem(.malformed, "Give a list of resources.") }
    return ServerResourceList(
      try items.map { item throws(Problem) in
        guard let name = item.text else { throw Problem.invalid("resources", "Resources are texts.") }
        return name
      })
  }

  private func check(_ asked: ServerResourceList, _ request: GatewayRequest) async throws(Problem) -> JSON {
    let (user, action) = (try request.needed("user_id"), try request.needed("action"))
    return asked.answer(try await plane.workspaceServers.check(action, on: asked.things, for: user, by: request.caller))
  }

  private func checkAtOnce(_ asked: ServerResourceList, _ request: GatewayRequest) -> GatewayAnswer? {
    guard let user = request.text("user_id"), let action = request.text("action"),
      let answers = plane.workspaceServers.checkAtOnce(action, on: asked.things, for: user, by: request.caller)
    else { return nil }
    return .json(asked.answer(answers))
  }
}

/// Resources that a server asks about at once. Each is told of once, as it was asked about; what is no resource is allowed to nobody.
private struct ServerResourceList {
  private var names: [String] = []
  private var seen: [String: WorkspaceThing?] = [:]

  init(_ names: [String]) {
    for name in names where seen.updateValue(ServerResource(name)?.thing, forKey: name) == nil { self.names.append(name) }
  }

  var things: [WorkspaceThing] { names.compactMap { seen[$0] ?? nil } }

  /// `allowed`: for each of `things`.
  func answer(_ allowed: [Bool]) -> JSON {
    var allowed = allowed[...]
    return .object(
      names.map { name in
        let isThing = (seen[name] ?? nil) != nil
        return JSON.Member(name, .boolean(isThing ? allowed.popFirst() ?? false : false))
      })
  }
}

/// A resource as servers write it: `TYPE`, `TYPE/ID`, with `PROJECT:` before what is in a project. Servers up to 0.75 write `WORKSPACE@server:` before all of
/// them.
struct ServerResource: Sendable {
  let thing: WorkspaceThing

  /// `nil` for what can't be one.
  init?(_ text: String) {
    var project: ID<Project>?
    var rest = text[...]
    if let colon = text.firstIndex(of: ":") {
      let place = text[..<colon]
      rest = text[text.index(after: colon)...]
      if !place.hasSuffix("@server") {
        guard let id = ID<Project>(place) else { return nil }
        project = id
      }
    }
    let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
    guard let type = parts.first, let thing = try? WorkspaceThing(project: project, type: type, id: parts.count == 2 ? parts[1] : nil) else { return nil }
    self.thing = thing
  }
}
