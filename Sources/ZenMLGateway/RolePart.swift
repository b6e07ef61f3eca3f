import Authorization
import Contract
import ControlPlane
import Kernel

/// The predefined roles and the organization's own, and who holds them: people, teams and open invitations.
struct RolePart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.get, "/organizations/{organization}/roles") { request async throws(Problem) in .json(try await list(request)) },
      GatewayRoute(.post, "/roles") { request async throws(Problem) in .json(try await define(request)) },
      GatewayRoute(.patch, "/roles/{role}") { request async throws(Problem) in .json(try await change(request)) },
      GatewayRoute(.delete, "/roles/{role}") { request async throws(Problem) in
        let (role, organization) = try await role(request)
        try await plane.roles.delete(own(role).id.description, in: organization.description, by: request.caller)
        return .done
      },
      GatewayRoute(.get, "/permissions") { request async throws(Problem) in
        if case .anonymous = try await plane.accounts.speaker(by: request.caller) { throw Problem(.signedOut, "Sign in first.") }
        return .json(.array(Array(try Slice(request, 1_000).of(RolePermissions.all))))
      },
      GatewayRoute(.get, "/roles/{role}") { request async throws(Problem) in
        let (role, organization) = try await role(request)
        return .json(role.shown(in: organization))
      },
      GatewayRoute(.get, "/roles/{role}/assignments") { request async throws(Problem) in .json(try await assignments(request)) },
      GatewayRoute(.post, "/roles/{role}/assignments") { request async throws(Problem) in
        try await assign(request)
        return .done
      },
      GatewayRoute(.delete, "/roles/{role}/assignments") { request async throws(Problem) in
        try await withdraw(request)
        return .done
      },
    ]
  }

  private func role(_ request: GatewayRequest) async throws(Problem) -> (PlatformRole, ID<Organization>) {
    let id = request.parameter("role").lowercased()
    for organization in try await plane.organizations.own(by: request.caller) {
      if let role = PlatformRole.all.first(where: { $0.id(in: organization.id) == id }) { return (role, organization.id) }
    }
    guard ID<DefinedRole>(id) != nil else { throw Problem(.missing, "There is no such role.") }
    let (place, defined) = try await plane.place(of: request.caller) { organization async throws(Problem) in
      try await plane.roles.find(id, in: organization, by: request.caller)
    }
    guard let role = PlatformRole(defined), let organization = ID<Organization>(place) else { throw Problem(.missing, "There is no such role.") }
    return (role, organization)
  }

  /// What the organization made. Refuses what it didn't.
  private func own(_ role: PlatformRole) throws(Problem) -> DefinedRole {
    guard let defined = role.defined else { throw Problem(.forbidden, "\(role.name) is a predefined role; it can't be changed or deleted. Copy it instead.") }
    return defined
  }

  private func list(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let organization = try await plane.organizations.find(request.parameter("organization"), by: request.caller)
    let (name, level) = (request.text("name"), request.text("level"))
    let isManaged = try request.flag("system_managed")
    let (type, action) = (request.text("resource", "resource_type"), request.text("action"))
    let held = try await held(in: organization.id, request)
    let found = try await plane.platformRoles(of: organization.id, by: request.caller).filter { role in
      let allowed = type == nil && action == nil || RolePermissions.shown(role.rights).contains { right in
        (type == nil || ["*", "object", type].contains(right["resource_type"]?.text)) && (action == nil || ["*", action].contains(right["action"]?.text))
      }
      return (name == nil || role.name == name) && (level == nil || role.level.rawValue == level)
        && (isManaged ?? (role.defined == nil)) == (role.defined == nil)
        && (request.text("type") ?? "normal") == "normal" && allowed && held?.contains(role.reference) ?? true
    }
    return .array(try Slice(request).of(found).map { $0.shown(in: organization.id) })
  }

  /// What somebody holds on the organization, and on the workspace and the project that are named; `nil` where nobody is.
  private func held(in organization: ID<Organization>, _ request: GatewayRequest) async throws(Problem) -> Set<String>? {
    let (reference, caller) = (organization.description, request.caller)
    var user = request.text("user_id")
    let team = request.text("team_id")
    if try request.flag("assigned_to_current_user") == true {
      switch try await plane.accounts.speaker(by: caller) {
      case .person(let person): user = person.id.description
      case .machine(let machine): user = machine.id.description
      case .anonymous, .system: throw Problem(.signedOut, "Sign in first.")
      }
    }
    guard user != nil || team != nil else { return nil }
    guard user == nil || team == nil else { throw Problem(.malformed, "Name a user or a team, and only one of them.") }
    let holder = user.map { Holder.user($0) } ?? .team(team ?? "")
    var held: Set<String> = []
    if let user { held.formUnion(try await roles(of: user, in: reference, by: caller).roles.map { "organization.\($0)" }) }
    let further = try await plane.all(20_000) { page async throws(Problem) in
      try await plane.organizationAccess.list(in: reference, page, by: caller)
    }
    held.formUnion(further.filter { holder.isHolder($0.holder) }.map(\.role.name))
    var places: [ResourceReference] = []
    if let workspace = request.text("workspace_scope", "workspace_id") {
      places.append(.workspace(workspace))
      if let project = request.text("project_scope", "project_id") { places.append(.project(project, in: workspace)) }
    }
    for place in places {
      let grants = try await plane.all(20_000) { page async throws(Problem) in try await plane.grants.list(on: place, in: reference, page, by: caller) }
      held.formUnion(grants.filter { holder.isHolder($0.holder) }.map(\.role.name))
    }
    return held
  }

  // MARK: Roles of one's own

  /// A role of the organization's own: of permissions, or copied from another.
  private func define(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let body = try request.json()
    let organization = try await plane.organizations.find(body.needed("organization_id"), by: request.caller)
    guard let level = PlatformRole.Level(rawValue: body["level"]?.text ?? "workspace") else {
      throw Problem.invalid("level", "Choose organization, workspace or project.")
    }
    var base: String?
    if let id = (body["base_role_id"] ?? body["base_role"])?.text {
      base = try await plane.platformRole(id, at: level, of: organization.id, by: request.caller).role
    }
    let draft = try RoleDraft(
      level: level.rawValue, base: base, name: body.needed("name"), description: body["description"]?.text ?? "", rights: RolePermissions.read(body, at: level))
    return try shown(await plane.roles.define(draft, in: organization.id.description, by: request.caller))
  }

  private func change(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let (role, organization) = try await role(request)
    let (body, defined) = (try request.json(), try own(role))
    let update = RoleUpdate(name: body["name"]?.text, description: body["description"]?.text, rights: try RolePermissions.read(body, at: role.level))
    return try shown(await plane.roles.update(defined.id.description, update, seen: nil, in: organization.description, by: request.caller))
  }

  private func shown(_ defined: DefinedRole) throws(Problem) -> JSON {
    guard let role = PlatformRole(defined) else { throw Problem(.defect, "A role stands at no level of the platform.") }
    return role.shown(in: defined.organization)
  }

  /// What a role is held on, for roles of workspaces and projects.
  private func place(_ role: PlatformRole, _ request: GatewayRequest) throws(Problem) -> ResourceReference {
    guard let workspace = request.text("workspace_id", "tenant_id") else { throw Problem.invalid("workspace_id", "This is needed.") }
    guard role.level == .project else { return .workspace(workspace) }
    return .project(try request.needed("project_id"), in: workspace)
  }

  private enum Holder {
    case user(String)
    case team(String)
    case invitation(String)

    var candidate: GrantCandidate {
      switch self {
      case .user(let id): .anybody(id)
      case .team(let id): .team(id)
      case .invitation(let id): .invitation(id)
      }
    }

    func isHolder(_ holder: Grant.Holder) -> Bool {
      switch (self, holder) {
      case (.user(let text), .member(_, let account, let handle, _)): text.lowercased() == account.description || text.lowercased() == handle.key
      case (.user(let text), .serviceAccount(let id, let slug, _)): text.lowercased() == id.description || text.lowercased() == slug.text
      case (.team(let text), .team(let id, let slug, _)): text.lowercased() == id.description || text.lowercased() == slug.text
      case (.invitation(let text), .invitation(let id, _)): text.lowercased() == id.description
      default: false
      }
    }
  }

  /// Just one of the three that clients may name.
  private func holder(_ request: GatewayRequest) throws(Problem) -> Holder {
    let named = [
      request.text("user_id").map { Holder.user($0) }, request.text("team_id").map { Holder.team($0) },
      request.text("invitation_id").map { Holder.invitation($0) },
    ].compactMap { $0 }
    guard named.count == 1 else { throw Problem(.malformed, "Name a user, a team or an invitation, and only one of them.") }
    return named[0]
  }

  private func assign(_ request: GatewayRequest) async throws(Problem) {
    let (role, organization) = try await role(request)
    let (holder, reference) = (try holder(request), organization.description)
    guard role.level == .organization else {
      _ = try await plane.grants.give(GrantDraft(holder.candidate, role: role.role), on: try place(role, request), in: reference, by: request.caller)
      return
    }
    switch holder {
    case .user where role.defined != nil:
      _ = try await plane.organizationAccess.give(GrantDraft(holder.candidate, role: role.role), in: reference, by: request.caller)
    case .user(let id):
      let held = try await roles(of: id, in: reference, by: request.caller)
      guard !held.roles.contains(role.role) else { throw Problem(.takenName, "They hold this role already.") }
      try await set(held.holder, held.roles + [role.role], in: reference, by: request.caller)
    case .team: _ = try await plane.organizationAccess.give(GrantDraft(holder.candidate, role: role.role), in: reference, by: request.caller)
    case .invitation where role.defined != nil:
      throw Problem.invalid("role_id", "Give a role of your own on the organization once the invitation is accepted; a team can have it meanwhile.")
    case .invitation(let id):
      guard let id = ID<Invitation>(id) else { throw Problem(.missing, "There is no such invitation here.") }
      let invitation = try await plane.invitations.find(id, in: reference, by: request.caller)
      let held = invitation.roles.roles.map(\.rawValue)
      guard !held.contains(role.role) else { throw Problem(.takenName, "It has this role already.") }
      _ = try await plane.invitations.setRoles(id, held + [role.role], seen: nil, in: reference, by: request.caller)
    }
  }

  private func withdraw(_ request: GatewayRequest) async throws(Problem) {
    let (role, organization) = try await role(request)
    let (holder, reference) = (try holder(request), organization.description)
    let missing = Problem(.missing, "They don't hold this role.")
    guard role.level == .organization else {
      let place = try place(role, request)
      let grants = try await plane.all(20_000) { page async throws(Problem) in
        try await plane.grants.list(on: place, in: reference, page, by: request.caller)
      }
      guard let found = grants.first(where: { $0.role.name == role.reference && holder.isHolder($0.holder) }) else { throw missing }
      try await plane.grants.withdraw(found.id, on: place, in: reference, by: request.caller)
      return
    }
    switch holder {
    case .user where role.defined != nil: try await withdraw(role, from: holder, in: reference, request)
    case .user(let id):
      let held = try await roles(of: id, in: reference, by: request.caller)
      guard held.roles.contains(role.role) else { throw missing }
      let rest = held.roles.filter { $0 != role.role }
      // Who has no role in the organization any more doesn't belong to it.
      if rest.isEmpty, case .member(let member) = held.holder {
        _ = try await plane.members.remove(member, in: reference, by: request.caller)
      } else {
        try await set(held.holder, rest, in: reference, by: request.caller)
      }
    case .team: try await withdraw(role, from: holder, in: reference, request)
    case .invitation(let id):
      guard let id = ID<Invitation>(id) else { throw missing }
      let held = try await plane.invitations.find(id, in: reference, by: request.caller).roles.roles.map(\.rawValue)
      guard held.contains(role.role) else { throw missing }
      _ = try await plane.invitations.setRoles(id, held.filter { $0 != role.role }, seen: nil, in: reference, by: request.caller)
    }
  }

  private func withdraw(_ role: PlatformRole, from holder: Holder, in organization: String, _ request: GatewayRequest) async throws(Problem) {
    let grants = try await plane.all(20_000) { page async throws(Problem) in
      try await plane.organizationAccess.list(in: organization, page, by: request.caller)
    }
    guard let found = grants.first(where: { $0.role.name == role.reference && holder.isHolder($0.holder) }) else {
      throw Problem(.missing, "They don't hold this role.")
    }
    _ = try await plane.organizationAccess.withdraw(found.id, in: organization, by: request.caller)
  }

  private enum RoleHolder {
    case member(ID<Member>)
    case serviceAccount(ID<ServiceAccount>)
  }

  /// The organization roles of a person or a program.
  private func roles(of user: String, in organization: String, by caller: Caller) async throws(Problem) -> (holder: RoleHolder, roles: [String]) {
    do throws(Problem) {
      let member = try await plane.members.named(user, field: "user_id", in: organization, by: caller)
      return (.member(member.id), member.roles.roles.map(\.rawValue))
    } catch {
      guard error.kind == .invalid || error.kind == .missing else { throw error }
      let account = try await plane.serviceAccounts.find(user, in: organization, by: caller)
      return (.serviceAccount(account.id), account.roles.roles.map(\.rawValue))
    }
  }

  private func set(_ holder: RoleHolder, _ roles: [String], in organization: String, by caller: Caller) async throws(Problem) {
    switch holder {
    case .member(let id): _ = try await plane.members.setRoles(id, roles, seen: nil, in: organization, by: caller)
    case .serviceAccount(let id):
      _ = try await plane.serviceAccounts.update(id.description, ServiceAccountUpdate(roles: roles), seen: nil, in: organization, by: caller)
    }
  }

  private func assignments(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let (role, organization) = try await role(request)
    let reference = organization.description
    var rows: [JSON] = []
    func add(user: JSON = .null, team: JSON = .null, invitation: JSON = .null, _ workspace: String? = nil, _ project: String? = nil) {
      rows.append(
        .object([
          .init("user", user), .init("team", team), .init("invitation", invitation), .init("role", role.shown(in: organization)),
          .init("organization_id", .string(reference)), .init("workspace_id", .optional(workspace)), .init("project_id", .optional(project)),
        ]))
    }
    func add(_ holder: Grant.Holder, _ workspace: String? = nil, _ project: String? = nil) {
      switch holder {
      case .member(_, let account, let handle, let name):
        add(user: People.user(id: account.description, username: handle.text, name: name.text, email: ""), workspace, project)
      case .serviceAccount(let id, let slug, let name):
        add(user: People.user(id: id.description, username: slug.text, name: name.text, email: nil, organization: organization), workspace, project)
      case .team(let id, _, let name): add(team: .object([.init("id", .string(id.description)), .init("name", .string(name.text))]), workspace, project)
      case .invitation(let id, let address):
        add(invitation: .object([.init("id", .string(id.description)), .init("email", .string(address.text))]), workspace, project)
      }
    }
    if role.level == .organization {
      let members = try await plane.all(10_000) { page async throws(Problem) in
        try await plane.members.list(in: reference, MemberFilter(), page, by: request.caller)
      }
      for member in members where role.defined == nil && member.roles.roles.contains(where: { $0.rawValue == role.role }) { add(user: People.user(member)) }
      let grants = try await plane.all(10_000) { page async throws(Problem) in
        try await plane.organizationAccess.list(in: reference, page, by: request.caller)
      }
      for grant in grants where grant.role.name == role.reference { add(grant.holder) }
    } else {
      let place = try place(role, request)
      let grants = try await plane.all(20_000) { page async throws(Problem) in
        try await plane.grants.list(on: place, in: reference, page, by: request.caller)
      }
      for grant in grants where grant.role.name == role.reference {
        add(grant.holder, request.text("workspace_id", "tenant_id"), role.level == .project ? request.text("project_id") : nil)
      }
    }
    return .array(Array(try Slice(request).of(rows)))
  }
}
