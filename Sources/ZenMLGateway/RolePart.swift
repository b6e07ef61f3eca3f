import Authorization
import Contract
import ControlPlane
import Kernel
import Secrets

/// A predefined role of ZenML Pro, and ours that it stands for.
struct PlatformRole: Sendable, Hashable {
  enum Level: String, Sendable, Hashable { case organization, workspace, project }

  let level: Level
  let name: String
  /// Ours, at that level.
  let role: String

  private init(_ level: Level, _ name: String, _ role: String) { (self.level, self.name, self.role) = (level, name, role) }

  static let all: [PlatformRole] = [
    PlatformRole(.organization, "Organization Admin", "admin"), PlatformRole(.organization, "Organization Manager", "manager"),
    PlatformRole(.organization, "Organization Viewer", "viewer"), PlatformRole(.organization, "Billing Admin", "billing"),
    PlatformRole(.organization, "Organization Member", "member"),
    PlatformRole(.workspace, "Workspace Admin", "admin"), PlatformRole(.workspace, "Workspace Developer", "developer"),
    PlatformRole(.workspace, "Workspace Contributor", "contributor"), PlatformRole(.workspace, "Workspace Viewer", "viewer"),
    PlatformRole(.workspace, "Stack Admin", "stack-admin"),
    PlatformRole(.project, "Project Admin", "admin"), PlatformRole(.project, "Project Developer", "developer"),
    PlatformRole(.project, "Project Contributor", "contributor"), PlatformRole(.project, "Project Viewer", "viewer"),
  ]

  /// The same one for ever: clients name a role by an id alone, which says in which organization it is meant.
  func id(in organization: ID<Organization>) -> String {
    let digest = SHA256Digest(of: "zenml role \(level.rawValue).\(role) of \(organization)")
    var bytes = Array((Base64URL.decode(digest.text) ?? []).prefix(16))
    guard bytes.count == 16 else { return organization.description }
    // One that is made of a digest (RFC 9562 §5.8).
    bytes[6] = bytes[6] & 0x0F | 0x80
    bytes[8] = bytes[8] & 0x3F | 0x80
    let text = Hex.encode(bytes)
    let parts = [text.prefix(8), text.dropFirst(8).prefix(4), text.dropFirst(12).prefix(4), text.dropFirst(16).prefix(4), text.dropFirst(20)]
    return parts.map { String($0) }.joined(separator: "-")
  }

  /// `RoleRead`.
  func shown(in organization: ID<Organization>) -> JSON {
    .object([
      .init("id", .string(id(in: organization))), .init("name", .string(name)), .init("description", ""),
      .init("organization_id", .string(organization.description)),
      .init("level", .string(level.rawValue)), .init("system_managed", .boolean(true)), .init("type", "normal"),
    ])
  }
}

/// The predefined roles, and who holds them: people, teams and open invitations.
struct RolePart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.get, "/organizations/{organization}/roles") { request async throws(Problem) in
        let organization = try await plane.organizations.find(request.parameter("organization"), by: request.caller)
        let (name, level) = (request.text("name"), request.text("level"))
        let found = PlatformRole.all.filter { role in (name == nil || role.name == name) && (level == nil || role.level.rawValue == level) }
        let isNone = try request.flag("system_managed") == false
        return .json(.array(isNone ? [] : try Slice(request).of(found).map { $0.shown(in: organization.id) }))
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
    throw Problem(.missing, "There is no such role.")
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
    case .user(let id):
      let held = try await roles(of: id, in: reference, by: request.caller)
      guard !held.roles.contains(role.role) else { throw Problem(.takenName, "They hold this role already.") }
      try await set(held.holder, held.roles + [role.role], in: reference, by: request.caller)
    case .team: _ = try await plane.organizationAccess.give(GrantDraft(holder.candidate, role: role.role), in: reference, by: request.caller)
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
      guard let found = grants.first(where: { $0.role.name == "\(role.level.rawValue).\(role.role)" && holder.isHolder($0.holder) }) else { throw missing }
      try await plane.grants.withdraw(found.id, on: place, in: reference, by: request.caller)
      return
    }
    switch holder {
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
    case .team(let id):
      let grants = try await plane.all(20_000) { page async throws(Problem) in
        try await plane.organizationAccess.list(holder: id, in: reference, page, by: request.caller)
      }
      guard let found = grants.first(where: { $0.role.name == "organization.\(role.role)" && holder.isHolder($0.holder) }) else { throw missing }
      _ = try await plane.organizationAccess.withdraw(found.id, in: reference, by: request.caller)
    case .invitation(let id):
      guard let id = ID<Invitation>(id) else { throw missing }
      let held = try await plane.invitations.find(id, in: reference, by: request.caller).roles.roles.map(\.rawValue)
      guard held.contains(role.role) else { throw missing }
      _ = try await plane.invitations.setRoles(id, held.filter { $0 != role.role }, seen: nil, in: reference, by: request.caller)
    }
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
      for member in members where member.roles.roles.contains(where: { $0.rawValue == role.role }) { add(user: People.user(member)) }
      let grants = try await plane.all(10_000) { page async throws(Problem) in
        try await plane.organizationAccess.list(in: reference, page, by: request.caller)
      }
      for grant in grants where grant.role.name == "organization.\(role.role)" { add(grant.holder) }
    } else {
      let place = try place(role, request)
      let grants = try await plane.all(20_000) { page async throws(Problem) in
        try await plane.grants.list(on: place, in: reference, page, by: request.caller)
      }
      for grant in grants where grant.role.name == "\(role.level.rawValue).\(role.role)" {
        add(grant.holder, request.text("workspace_id", "tenant_id"), role.level == .project ? request.text("project_id") : nil)
      }
    }
    return .array(Array(try Slice(request).of(rows)))
  }
}
