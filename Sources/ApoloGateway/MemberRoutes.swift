import Authorization
import Contract
import ControlPlane
import Kernel

/// Who belongs to an organization, as what, with how much of its credits.
struct MemberRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    let users = "\(Apolo.adminBase)/orgs/{organization}/users"
    let one = "\(users)/{user}"
    return [
      GatewayRoute(.get, users) { request async throws(Problem) in .json(try await list(request)) },
      GatewayRoute(.post, users) { request async throws(Problem) in .json(try await add(request)) },
      GatewayRoute(.get, one) { request async throws(Problem) in .json(try await json(member(request), request)) },
      GatewayRoute(.put, one) { request async throws(Problem) in .json(try await json(update(request), request)) },
      GatewayRoute(.delete, one) { request async throws(Problem) in
        let member = try await member(request)
        if try await isSelf(member, request.caller) {
          throw Problem.invalid("user", "Nobody removes themselves. Leave the organization in the console instead.")
        }
        try await plane.members.remove(member.id, in: request.organization, by: request.caller)
        return .nothing
      },
      GatewayRoute(.patch, "\(one)/balance") { request async throws(Problem) in
        try await plane.once(request, "member balance \(request.organization) \(request.user)") { () async throws(Problem) in
          let organization = try await plane.organizations.find(request.organization, by: request.caller)
          try await Shares(plane: plane).change(request.object(), of: member(request), in: organization, request)
          return .json(try await json(member(request), request))
        }
      },
      GatewayRoute(.post, "\(one)/spending") { request async throws(Problem) in
        try await plane.once(request, "member spending \(request.organization) \(request.user)") { () async throws(Problem) in
          let organization = try await plane.organizations.find(request.organization, by: request.caller)
          try await Shares(plane: plane).charge(request.object(), member(request), in: organization, request)
          return .json(try await json(member(request), request))
        }
      },
    ]
  }

  private func list(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let wanted = request.values("roles")
    let shares = try await Shares(plane: plane).all(in: request.organization, by: request.caller)
    let found = try await all { page throws(Problem) in try await plane.members.list(in: request.organization, MemberFilter(), page, by: request.caller) }
    let slug = try await plane.organizations.find(request.organization, by: request.caller).slug.text
    return .array(
      found.filter { wanted.isEmpty || wanted.contains(Roles.name(of: $0.roles)) }.map { json($0, shares[$0.account], in: slug, hasInfo: request.hasInfo) })
  }

  /// At once, as Apolo's clients do it. Where nothing is said of credits, those of new members hold; where they are named without an amount, nothing limits.
  private func add(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let body = try request.object()
    let role = try Roles.organizationRole(body.optionalText("role") ?? "user")
    let balance = try body.optionalObject("balance")
    let credits = try Money.limit(balance?["credits"], "credits")
    let member = try await plane.members.add(named: body.text("user_name"), roles: [role.rawValue], to: request.organization, by: request.caller)
    let shares = Shares(plane: plane)
    if balance != nil {
      try await shares.set(credits, of: member, in: request.organization, by: request.caller)
    } else {
      _ = try await shares.opened(for: member, in: request.organization, by: request.caller)
    }
    return try await json(member, request)
  }

  private func update(_ request: GatewayRequest) async throws(Problem) -> Member {
    let body = try request.object()
    let role = try Roles.organizationRole(body.text("role"))
    let balance = try body.optionalObject("balance")
    let credits = try Money.limit(balance?["credits"], "credits")
    var member = try await member(request)
    if Roles.name(of: member.roles) != Roles.name(of: RoleSet(role)) {
      if try await isSelf(member, request.caller) { throw Problem.invalid("role", "Nobody changes their own role. Ask another admin.") }
      member = try await plane.members.setRoles(member.id, Roles.roles(member.roles, becoming: role), seen: nil, in: request.organization, by: request.caller)
    }
    if balance != nil {
      let present = try await Shares(plane: plane).of(member, in: request.organization, by: request.caller)
      // What isn't changed needs no right to change it.
      let isSame = credits == nil ? present?.seen.isUnlimited ?? true : present.map { !$0.seen.isUnlimited && $0.seen.balance == credits } ?? false
      if !isSame { try await Shares(plane: plane).set(credits, of: member, in: request.organization, by: request.caller) }
    }
    return member
  }

  private func member(_ request: GatewayRequest) async throws(Problem) -> Member {
    try await People.expected(request.user, in: request.organization, plane, by: request.caller)
  }

  private func isSelf(_ member: Member, _ caller: Caller) async throws(Problem) -> Bool {
    guard case .person(let person) = try await plane.accounts.speaker(by: caller) else { return false }
    return person.id == member.account
  }

  private func json(_ member: Member, _ request: GatewayRequest) async throws(Problem) -> JSON {
    let slug = try await plane.organizations.find(request.organization, by: request.caller).slug.text
    let share = try await Shares(plane: plane).of(member, in: request.organization, by: request.caller)
    return json(member, share, in: slug, hasInfo: request.hasInfo)
  }

  private func json(_ member: Member, _ share: Shares.Share?, in organization: String, hasInfo: Bool) -> JSON {
    .members([
      ("org_name", .string(organization)), ("user_name", .string(member.handle.text)), ("role", .string(Roles.name(of: member.roles))),
      ("balance", Shares.json(share)), ("user_info", hasInfo ? People.info(member) : nil),
    ])
  }
}

extension GatewayRequest {
  /// Whether people are described, and not only named.
  var hasInfo: Bool { flag("with_user_info") }
}
