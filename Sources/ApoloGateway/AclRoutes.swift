import Authorization
import Contract
import ControlPlane
import Kernel

/// What people share with one another (`apolo acl`): single things in projects, which are objects here. Roles of people's own are teams.
struct AclRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    let users = "\(Apolo.base)/users"
    let permissions = "\(users)/{user}/permissions"
    return [
      GatewayRoute(.get, permissions) { request async throws(Problem) in .json(try await held(request)) },
      GatewayRoute(.get, "\(permissions)/shared") { request async throws(Problem) in .json(try await given(request)) },
      GatewayRoute(.post, permissions) { request async throws(Problem) in
        guard case .array(let asked) = try request.json(), (1...Self.limit).contains(asked.count) else {
          throw Problem(.malformed, "The body is a list of 1 to \(Self.limit) permissions.")
        }
        // All of them are read before the first is given.
        let all = try asked.map { each throws(Problem) in (try each.text("uri"), try SharedThing(each.text("uri")), try Self.action(each.text("action"))) }
        for (_, thing, action) in all { try await set(action.verbs, on: thing, request) }
        return .json(.array(all.map { ["uri": .string($0.0), "action": .string($0.2.name)] }), status: 201)
      },
      GatewayRoute(.delete, permissions) { request async throws(Problem) in
        for uri in request.values("uri") { try await set([], on: SharedThing(uri), request) }
        return .nothing
      },
      GatewayRoute(.get,
        "\(users)/{user}/subroles") { request async throws(Problem) in .json(["subroles": .array(try await subroles(request).map { .string($0) })]) },
      GatewayRoute(.post, users) { request async throws(Problem) in
        let name = try RoleName(request.object().text("name"))
        guard case .team(let organization, let team) = name else { throw Problem.invalid("name", RoleName.rule) }
        let made = try await plane.teams.create(TeamDraft(name: team, slug: team, description: ""), in: organization, by: request.caller)
        return .json(["name": .string("\(organization)/\(made.team.slug)")], status: 201)
      },
      GatewayRoute(.delete, "\(users)/{user}") { request async throws(Problem) in
        guard case .team(let organization, let team)? = try? RoleName(request.user.replacing(":", with: "/")) else {
          throw Problem(.missing, "There is no role \"\(request.user.prefix(64))\". \(RoleName.rule)")
        }
        try await plane.teams.delete(team, in: organization, by: request.caller)
        return .nothing
      },
    ]
  }

  private static let limit = 100

  // MARK: Giving

  /// What an action of the platform's lets do; who may more may less.
  private static let actions: [(name: String, verbs: [String])] = [
    ("read", ["read"]), ("write", ["create", "read", "update"]), ("manage", ["create", "delete", "read", "share", "update"]),
  ]

  private static func action(_ name: String) throws(Problem) -> (name: String, verbs: [String]) {
    guard let found = actions.first(where: { $0.name == name }) else { throw .invalid("action", "Choose read, write or manage.") }
    return found
  }

  /// The platform's word for what was shared.
  private static func action(of share: Share) -> String {
    let names = Set(share.actions.map(\.name))
    return names.contains("delete") || names.contains("share") ? "manage" : names.contains("update") || names.contains("create") ? "write" : "read"
  }

  /// Gives somebody just these; none takes all.
  private func set(_ verbs: [String], on thing: SharedThing, _ request: GatewayRequest) async throws(Problem) {
    let candidate: GrantCandidate
    switch try RoleName(request.user.replacing(":", with: "/")) {
    case .person(let handle):
      candidate = .member(try await People.expected(handle, in: thing.organization, plane, by: request.caller).account.description)
    case .team(let organization, let team):
      try thing.expect(organization)
      candidate = .team(team)
    case .serviceAccount(let organization, let name):
      try thing.expect(organization)
      candidate = .serviceAccount(name)
    }
    let draft = ShareDraft(thing.name, with: candidate, actions: verbs)
    try await plane.sharing.set(draft, in: thing.organization, by: request.caller)
  }

  // MARK: Listing

  /// What somebody may do: whole projects by their role there, and what was shared with them. People ask about themselves.
  private func held(_ request: GatewayRequest) async throws(Problem) -> JSON {
    try await expectOwn(request)
    var rows: [JSON] = []
    for organization in try await organizations(request.caller) {
      let reference = organization.id.description
      let role = Roles.name(of: try await plane.organizations.open(reference, by: request.caller).permissions)
      let projects = try await all { page throws(Problem) in try await plane.projects.list(at: nil, in: reference, page, by: request.caller) }
        .filter { $0.place.kind == .cluster }
      let roles = try await plane.grants.held(on: projects.map(\.resource.id), in: reference, by: request.caller)
      for project in projects {
        // Who merely sees a project because something in it was shared with them has no role there.
        guard role != "user" || roles[project.resource.id] != nil else { continue }
        let action = role != "user" ? "manage" : roles[project.resource.id].map { Self.action(of: Roles.projectName(of: $0)) } ?? "read"
        for type in SharedThing.types {
          let uri = "\(type)://\(project.place.slug)/\(organization.slug)/\(project.resource.slug)"
          rows.append(["uri": .string(uri), "action": .string(action)])
        }
      }
      let shares = try await all { page throws(Problem) in try await plane.sharing.received(in: reference, page, by: request.caller) }
      rows += shares.compactMap { share in SharedThing.uri(of: share, in: organization).map { ["uri": .string($0),
        "action": .string(Self.action(of: share))] } }
    }
    return .array(rows.filter { Self.isAsked($0, request) })
  }

  /// What somebody shared with others.
  private func given(_ request: GatewayRequest) async throws(Problem) -> JSON {
    try await expectOwn(request)
    var rows: [JSON] = []
    for organization in try await organizations(request.caller) {
      let shares = try await all { page throws(Problem) in try await plane.sharing.given(in: organization.id.description, page, by: request.caller) }
      rows += shares.compactMap { share in
        guard let uri = SharedThing.uri(of: share, in: organization) else { return nil }
        return ["uri": .string(uri), "action": .string(Self.action(of: share)), "user": .string(RoleName.text(of: share.holder, in: organization))]
      }
    }
    return .array(rows.filter { Self.isAsked($0, request) })
  }

  private static func action(of role: String) -> String {
    switch role {
    case "reader": "read"
    case "writer": "write"
    default: "manage"
    }
  }

  /// Whether it lies below the URI that was asked for, of which the scheme alone may be given.
  private static func isAsked(_ row: JSON, _ request: GatewayRequest) -> Bool {
    guard let asked = request.values("uri").first, !asked.isEmpty, case .string(let uri)? = row["uri"] else { return true }
    var prefix = asked
    while prefix.hasSuffix("/") || prefix.hasSuffix(":") { prefix.removeLast() }
    return uri == prefix || uri.hasPrefix(prefix + "/") || uri.hasPrefix(prefix + "://")
  }

  /// Those that the caller is in.
  private func organizations(_ caller: Caller) async throws(Problem) -> [Organization] { try await plane.organizations.own(by: caller) }

  private func expectOwn(_ request: GatewayRequest) async throws(Problem) {
    switch try await plane.accounts.speaker(by: request.caller) {
    case .anonymous, .system: throw Problem(.signedOut, "Send a token of yours.")
    case .person(let person):
      guard person.handle.key == request.user.lowercased() else { throw Self.othersOwn }
    case .machine(let machine):
      guard case .serviceAccount(_, let name)? = try? RoleName(request.user.replacing(":", with: "/")), name == machine.name.text else {
        guard request.user == machine.name.text else { throw Self.othersOwn }
        return
      }
    }
  }

  private static let othersOwn = Problem(.forbidden, "Everybody asks about themselves. With whom a thing is shared stands on its page in the console.")

  /// The teams and the service accounts of an organization, or for oneself those of all one's organizations.
  private func subroles(_ request: GatewayRequest) async throws(Problem) -> [String] {
    var found: [String] = []
    let wanted = request.user.lowercased()
    for organization in try await organizations(request.caller) {
      let isOwn = if case .person(let person) = try await plane.accounts.speaker(by: request.caller) { person.handle.key == wanted } else { false }
      guard isOwn || organization.slug.text.lowercased() == wanted else { continue }
      let reference = organization.id.description
      let teams = try await seen { () async throws(Problem) in
        try await all { page throws(Problem) in try await plane.teams.list(in: reference, TeamFilter(), page,
          by: request.caller) }.map { "\(organization.slug)/\($0.team.slug)" }
      }
      let programs = try await seen { () async throws(Problem) in
        try await all { page throws(Problem) in try await plane.serviceAccounts.list(in: reference, page, by: request.caller) }
          .map { "\(organization.slug)/service-accounts/\($0.slug)" }
      }
      found += teams + programs
    }
    return found
  }

  private func seen(_ list: () async throws(Problem) -> [String]) async throws(Problem) -> [String] {
    do throws(Problem) { return try await list() } catch {
      guard error.kind == .forbidden else { throw error }
      return []
    }
  }
}

/// Whom a permission is given to, as the platform writes it.
enum RoleName: Equatable {
  case person(String)
  /// `ORGANIZATION/TEAM`
  case team(organization: String, String)
  /// `ORGANIZATION/service-accounts/NAME`
  case serviceAccount(organization: String, String)

  static let rule = "Roles of your own are teams here: ORGANIZATION/TEAM."

  init(_ text: String) throws(Problem) {
    let parts = text.split(separator: "/" as Character, omittingEmptySubsequences: false).map(String.init)
    guard parts.allSatisfy({ !$0.isEmpty }) else { throw .invalid("user", "\"\(text.prefix(64))\" is nobody's name. \(Self.rule)") }
    switch parts.count {
    case 1: self = .person(parts[0])
    case 2: self = .team(organization: parts[0], parts[1])
    case 3 where parts[1] == "service-accounts": self = .serviceAccount(organization: parts[0], parts[2])
    default: throw .invalid("user", "\"\(text.prefix(64))\" is nobody's name. \(Self.rule)")
    }
  }

  static func text(of holder: Grant.Holder, in organization: Organization) -> String {
    switch holder {
    case .member(_, _, let handle, _): handle.text
    case .serviceAccount(_, let slug, _): "\(organization.slug)/service-accounts/\(slug)"
    case .team(_, let slug, _): "\(organization.slug)/\(slug)"
    case .invitation(_, let address): address.text
    }
  }
}

/// A single thing in a project on a cluster, which is an object here: `storage://oslo/gallery/portraits/raw` is the object `oslo/portraits/raw` of the type
/// `storage` in the project.
struct SharedThing {
  let organization: String
  let name: SharedName

  static let types = ["job", "storage", "image", "disk", "secret", "app", "blob"]

  /// Refuses what names no single thing in a project.
  init(_ uri: String) throws(Problem) {
    guard let mark = uri.firstRange(of: "://"), uri.utf8.count <= 1024 else { throw Self.refused(uri) }
    let (type, parts) = (String(uri[..<mark.lowerBound]), uri[mark.upperBound...].split(separator: "/").map(String.init))
    guard Self.types.contains(type) else { throw Self.refused(uri) }
    guard parts.count >= 4 else {
      throw .invalid("uri", "\"\(uri.prefix(200))\" is a whole project, or more: give people a role in the project instead (apolo admin add-project-user).")
    }
    organization = parts[1]
    let place = try ThingName.Place(type: ResourceType.project.name, id: "cluster:\(parts[0])/\(parts[2])", field: "uri")
    name = SharedName(try ObjectName(type: type, id: Self.id(parts)), in: place)
  }

  static func id(_ parts: [String]) -> String { ([parts[0], parts[2]] + parts.dropFirst(3)).joined(separator: "/") }

  private static func refused(_ uri: String) -> Problem {
    .invalid("uri", "\"\(uri.prefix(200))\" can't be shared. Name a \(types.joined(separator: ", ")), such as storage://CLUSTER/ORGANIZATION/PROJECT/folder.")
  }

  /// Refuses a team or a program of another organization than the thing's.
  func expect(_ organization: String) throws(Problem) {
    guard organization.lowercased() == self.organization.lowercased() else {
      throw Problem(.missing, "There is no \"\(organization.prefix(64))\" in the organization that this belongs to.")
    }
  }

  /// How the platform writes what was shared; `nil` for what isn't the platform's.
  static func uri(of share: Share, in organization: Organization) -> String? {
    let type = share.object.name.type.name
    var parts = share.object.name.id.split(separator: "/").map(String.init)
    guard types.contains(type), parts.count >= 3 else { return nil }
    parts.insert(organization.slug.text, at: 1)
    return "\(type)://\(parts.joined(separator: "/"))"
  }
}
