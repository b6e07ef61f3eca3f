import Authorization
import Contract
import ControlPlane
import Kernel

/// What the platform's services ask: whether somebody may do something with what a URI names. The answers are those of the one decision service.
struct PermissionRoutes {
  let plane: ControlPlane

  /// How many are asked at once.
  private static let limit = 1000

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.post, "\(Apolo.adminBase)/users/{user}/permissions/check") { request async throws(Problem) in
        guard case .array(let asked) = try request.json() else { throw Problem(.malformed, "The body must be a JSON array.") }
        guard asked.count <= Self.limit else { throw .invalid("permissions", "Ask for at most \(Self.limit) at once.") }
        // Each question finds out for itself who asks.
        if asked.isEmpty { _ = try await speaker(request) }
        var missing: [JSON] = []
        for each in asked {
          let (uri, action) = (try each.text("uri"), try each.text("action"))
          if try await !isAllowed(uri, action, request) { missing.append(["uri": .string(uri), "action": .string(action)]) }
        }
        return .json(["missing": .array(missing)])
      }
    ]
  }

  private func isAllowed(_ uri: String, _ action: String, _ request: GatewayRequest) async throws(Problem) -> Bool {
    guard let thing = PlatformURI(uri), let verb = PlatformURI.verbs[action] else {
      throw .invalid("uri", "\"\(uri.prefix(200))\" and \"\(action.prefix(20))\" say nothing here.")
    }
    do throws(Problem) {
      switch thing {
      case .organization(let organization, let permission):
        let member = try await People.expected(request.user, in: organization, plane, by: request.caller)
        return member.roles.permissions.contains(permission)
      case .cluster: return try await isOperator(request)
      case .anyone(let cluster): return try await hasCluster(cluster, request)
      case .within(let organization, let type, let parent, let things):
        let question = try AccessQuestion(
          principal: .account(request.user), action: type == "project" ? verb.onProjects : verb.onObjects,
          resource: type == "project" ? ThingName(type: type, id: parent.id) : ThingName(type: type, parent: parent))
        if try await plane.decisions.check(question, in: organization, by: request.caller).answer.isAllowed { return true }
        for thing in things where try await isShared(thing, type, parent, action, in: organization, request) { return true }
        return false
      }
    } catch {
      // Whom or what the caller may not know of they are told nothing of.
      guard [.missing, .forbidden, .invalid].contains(error.kind) else { throw error }
      return false
    }
  }

  /// Who asks; refuses nobody.
  private func speaker(_ request: GatewayRequest) async throws(Problem) -> Actor {
    let speaker = try await plane.accounts.speaker(by: request.caller)
    if case .anonymous = speaker { throw Problem(.signedOut, "Send a token of yours.") }
    return speaker
  }

  /// Whether a single thing was shared with them: who has a folder has what lies in it.
  private func isShared(
    _ thing: String, _ type: String, _ parent: ThingName.Place, _ action: String, in organization: String, _ request: GatewayRequest
  ) async throws(Problem) -> Bool {
    guard let verb = PlatformURI.sharedVerbs[action] else { return false }
    let question = try AccessQuestion(
      principal: .account(request.user), action: verb, resource: ThingName(type: type, id: thing, parent: parent))
    return try await plane.decisions.check(question, in: organization, by: request.caller).answer.isAllowed
  }

  /// Clusters as such are the operators'.
  private func isOperator(_ request: GatewayRequest) async throws(Problem) -> Bool {
    guard case .person(let person) = try await speaker(request) else { return false }
    guard person.handle.key != request.user.lowercased() else { return person.isSuperUser }
    let found = try await plane.accounts.list(AccountFilter(search: request.user), PageRequest(limit: 200), by: request.caller).items
    return found.first { $0.handle.key == request.user.lowercased() }?.isSuperUser ?? false
  }

  /// All that have the cluster for operators, and for others their own.
  private func organizations(with cluster: String, _ request: GatewayRequest) async throws(Problem) -> [String] {
    if case .person(let person) = try await speaker(request), person.isSuperUser {
      return try await all { page throws(Problem) in try await plane.clusters.tenants(of: cluster, page, by: request.caller) }
        .filter { $0.organization.state.kind != .deleted }.map(\.organization.id.description)
    }
    return try await all { page throws(Problem) in
      try await plane.organizations.list(all: false, search: nil, isOpen: true, page, by: request.caller)
    }.map(\.id.description)
  }

  /// Whether one of the organizations that both belong to has the cluster.
  private func hasCluster(_ cluster: String, _ request: GatewayRequest) async throws(Problem) -> Bool {
    for reference in try await organizations(with: cluster, request) {
      guard try await People.member(request.user, in: reference, plane, by: request.caller) != nil else { continue }
      let question = try AccessQuestion(principal: .account(request.user), action: "read", resource: ThingName(type: "cluster", id: cluster))
      if try await plane.decisions.check(question, in: reference, by: request.caller).answer.isAllowed { return true }
    }
    return false
  }
}

/// What a URI of the platform names.
enum PlatformURI: Equatable {
  /// Something about the organization as a whole, by what it takes.
  case organization(String, Permission)
  /// A cluster as such.
  case cluster(String)
  /// Using a cluster at all.
  case anyone(cluster: String)
  /// A type of things in a project or on a cluster, or with the type `project` the project itself.
  case within(organization: String, type: String, ThingName.Place, things: [String] = [])

  /// What the platform's actions are called in projects, and with things in them; who may more may less.
  static let verbs: [String: (onProjects: String, onObjects: String)] = [
    "list": ("list", "list"), "read": ("read", "read"), "write": ("share", "create"), "manage": ("delete", "delete"),
  ]

  /// What is asked of one thing by itself.
  static let sharedVerbs = ["list": "read", "read": "read", "write": "update", "manage": "delete"]

  /// How deep shared folders are looked for.
  private static let depth = 16

  private static let types = ["job", "storage", "image", "disk", "secret", "app", "blob"]

  init?(_ text: String) {
    guard let mark = text.firstRange(of: "://"), text.utf8.count <= 1024 else { return nil }
    let (scheme, parts) = (String(text[..<mark.lowerBound]), text[mark.upperBound...].split(separator: "/").map(String.init))
    switch (scheme, parts.count) {
    case ("org", 1...): self = .organization(parts[0], .memberUpdate)
    case ("role", 2...) where parts[1] == "manager": self = .organization(parts[0], .memberUpdate)
    case ("role", 2...) where parts[1] == "admin": self = .organization(parts[0], .organizationDelete)
    case ("cluster", 1): self = .cluster(parts[0])
    case ("cluster", 2) where parts[1] == "access": self = .anyone(cluster: parts[0])
    case ("cluster", 3...) where parts[1] == "orgs":
      guard parts.count >= 5, parts[3] == "projects" else {
        self = .organization(parts[2], .memberUpdate)
        return
      }
      guard let place = try? ThingName.Place(type: "project", id: "cluster:\(parts[0])/\(parts[4])") else { return nil }
      self = .within(organization: parts[2], type: "project", place)
    case (let type, 2...) where Self.types.contains(type):
      let name = parts.count > 2 ? ("project", "cluster:\(parts[0])/\(parts[2])") : ("cluster", parts[0])
      guard let place = try? ThingName.Place(type: name.0, id: name.1) else { return nil }
      // The thing itself, and each folder that it lies in.
      let depths = parts.count > 3 ? Array(4...min(parts.count, 3 + Self.depth)) : []
      self = .within(organization: parts[1], type: type, place, things: depths.map { SharedThing.id(Array(parts.prefix($0))) })
    case (let type, 1) where Self.types.contains(type): self = .cluster(parts[0])
    default: return nil
    }
  }
}
