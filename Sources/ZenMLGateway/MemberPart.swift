import Authorization
import Contract
import ControlPlane
import Kernel

/// Who belongs to an organization, who is invited to it, and the organization itself.
struct MemberPart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.post, "/organizations") { request async throws(Problem) in
        let body = try request.json()
        let name = try body.needed("name")
        let draft = try OrganizationDraft(
          name: body["display_name"]?.text ?? name, slug: "", description: body["description"]?.text ?? "",
          billingEmail: try await plane.accounts.read(by: request.caller).email?.text ?? "")
        return .json(OrganizationPart.shown(try await plane.organizations.found(draft, by: request.caller)))
      },
      GatewayRoute(.patch, "/organizations/{organization}") { request async throws(Problem) in
        let body = try request.json()
        let update = OrganizationUpdate(name: body["display_name"]?.text, slug: body["name"]?.text, description: body["description"]?.text)
        return .json(OrganizationPart.shown(try await plane.organizations.update(request.parameter("organization"), update, seen: nil, by: request.caller)))
      },
      GatewayRoute(.delete, "/organizations/{organization}") { request async throws(Problem) in
        let organization = try await plane.organizations.find(request.parameter("organization"), by: request.caller)
        _ = try await plane.organizations.delete(organization.id.description, confirm: organization.slug.text, by: request.caller)
        return .done
      },
      GatewayRoute(.get, "/organizations/{organization}/workspaces") { request async throws(Problem) in .json(try await workspaces(request)) },
      GatewayRoute(.get, "/organizations/{organization}/tenants") { request async throws(Problem) in .json(try await workspaces(request)) },
      // Nothing here ends by itself, and nothing is subscribed to.
      GatewayRoute(.get, "/organizations/{organization}/trial") { request async throws(Problem) in
        let organization = try await plane.organizations.find(request.parameter("organization"), by: request.caller)
        let members: [JSON.Member] = [
          .init("organization_id", .string(organization.id.description)), .init("has_active_subscription", .boolean(true)), .init("trial_expiry", .null),
        ]
        return .json(.object(members))
      },
      GatewayRoute(.get, "/organizations/{organization}/members") { request async throws(Problem) in .json(try await members(request)) },
      GatewayRoute(.delete, "/organizations/{organization}/members") { request async throws(Problem) in
        let organization = request.parameter("organization")
        let member = try await plane.members.named(try request.needed("user_id"), field: "user_id", in: organization, by: request.caller)
        _ = try await plane.members.remove(member.id, in: organization, by: request.caller)
        return .done
      },
      GatewayRoute(.get, "/organizations/{organization}/invitations") { request async throws(Problem) in
        let state: Invitation.State? = try request.flag("only_pending") == true ? .pending : nil
        let found = try await plane.all(2_000) { page async throws(Problem) in
          try await plane.invitations.list(in: request.parameter("organization"), state, search: request.text("email"), page, by: request.caller)
        }
        let now = plane.world.clock()
        return .json(.array(try Slice(request).of(found).map { People.invitation($0, at: now) }))
      },
      GatewayRoute(.post, "/organizations/{organization}/invitations") { request async throws(Problem) in
        let body = try request.invitationBody()
        let organization = try await plane.organizations.find(request.parameter("organization"), by: request.caller)
        var roles: [String]?
        if let role = body["role_id"]?.text {
          let known = try await plane.platformRole(role, at: .organization, of: organization.id, by: request.caller)
          guard known.defined == nil else { throw Problem.invalid("role_id", "Invite with a predefined role, and give one of your own afterwards.") }
          roles = [known.role]
        }
        let sent = try await plane.invitations.send(
          InvitationDraft(address: body.needed("email"), roles: roles), to: organization.id.description, by: request.caller)
        return .json(People.invitation(sent.invitation, at: plane.world.clock()))
      },
      GatewayRoute(.delete, "/organizations/{organization}/invitations/{invitation}") { request async throws(Problem) in
        _ = try await plane.invitations.cancel(try request.id("invitation"), in: request.parameter("organization"), by: request.caller)
        return .done
      },
    ]
  }

  /// People, programs and teams in one list, each with its kind and its roles.
  private func members(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let organization = try await plane.organizations.find(request.parameter("organization"), by: request.caller)
    let reference = organization.id.description
    var role: PlatformRole?
    let known = try await plane.platformRoles(of: organization.id, by: request.caller).filter { $0.level == .organization }
    if let id = request.text("role_id") { role = try await plane.platformRole(id, of: organization.id, by: request.caller) }
    let further = try await further(in: reference, by: request.caller)
    var rows: [JSON] = []
    func add(_ kind: String, _ value: JSON, _ id: String, _ held: [String] = []) {
      let all = Set(held.map { "organization.\($0)" }).union(further[id] ?? [])
      guard role.map({ all.contains($0.reference) }) ?? true else { return }
      rows.append(.object([.init(kind, value), .init("roles", .array(known.filter { all.contains($0.reference) }.map { $0.shown(in: organization.id) }))]))
    }
    if try request.flag("include_users") != false {
      let members = try await plane.all(10_000) { page async throws(Problem) in
        try await plane.members.list(in: reference, MemberFilter(), page, by: request.caller)
      }
      for member in members {
        add("user", People.user(member), member.account.description, member.roles.roles.map(\.rawValue))
      }
    }
    if try request.flag("include_service_accounts") != false {
      let accounts = try await plane.all(1_000) { page async throws(Problem) in
        try await plane.serviceAccounts.list(in: reference, page, by: request.caller)
      }
      for account in accounts {
        add("user", People.user(account), account.id.description, account.roles.roles.map(\.rawValue))
      }
    }
    if try request.flag("include_teams") != false {
      let teams = try await plane.all(5_000) { page async throws(Problem) in
        try await plane.teams.list(in: reference, TeamFilter(), page, by: request.caller)
      }
      for team in teams {
        add("team", People.team(team.team), team.team.id.description)
      }
    }
    return .array(Array(try Slice(request).of(rows)))
  }

  /// Roles that are given on the organization beside those of the membership: by the holder's id. Who may not see them is told of none.
  private func further(in organization: String, by caller: Caller) async throws(Problem) -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    do throws(Problem) {
      for grant in try await plane.all(20_000, { page async throws(Problem) in try await plane.organizationAccess.list(in: organization, page, by: caller) }) {
        switch grant.holder {
        case .member(_, let account, _, _): found[account.description, default: []].insert(grant.role.name)
        case .serviceAccount(let id, _, _): found[id.description, default: []].insert(grant.role.name)
        case .team(let id, _, _): found[id.description, default: []].insert(grant.role.name)
        case .invitation: continue
        }
      }
    } catch {
      guard error.kind == .forbidden else { throw error }
    }
    return found
  }

  private func workspaces(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let found = try await plane.workspaces.everywhere(in: request.parameter("organization"), by: request.caller)
    return .array(try Slice(request).of(found).map { WorkspacePart.shown($0.workspace, in: $0.organization) })
  }
}

extension GatewayRequest {
  /// What is said of an invitation, in the body or, where there is none, in the address.
  fileprivate func invitationBody() throws(Problem) -> JSON {
    guard body.isEmpty else { return try json() }
    return .object(["email", "role_id"].compactMap { name in text(name).map { JSON.Member(name, .string($0)) } })
  }
}
