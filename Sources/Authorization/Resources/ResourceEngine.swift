internal import Cedar

extension Engine {
  /// Default deny; the first rule that refuses names the ground.
  ///
  /// Somebody who isn't a member may hold grants all the same: an outside collaborator. A member who is suspended or whose time is over has nothing,
  /// grants included.
  public func decide<A: ResourceAction>(_ action: A.Type, by principal: Principal, on resource: ResourceFacts) -> Decision {
    decide(A.right, needsFreshSignIn: A.needsFreshSignIn, worksWhileSuspended: A.worksWhileSuspended, by: principal, on: resource)
  }

  /// The same with a thing of a type.
  public func decide<A: ObjectAction>(_ action: A.Type, on type: ResourceType, by principal: Principal, on resource: ResourceFacts) -> Decision {
    decide(Right.Exact(type, A.verb), needsFreshSignIn: false, worksWhileSuspended: A.verb.isReading, by: principal, on: resource)
  }

  /// Whether the principal may do this with a thing of the type, told like ``decide(_:on:by:on:)``: for what has no action of its own, such as each of a list
  /// that is to be shared.
  public func decide(_ verb: ResourceVerb, on type: ResourceType, by principal: Principal, on resource: ResourceFacts) -> Decision {
    decide(Right.Exact(type, verb), needsFreshSignIn: false, worksWhileSuspended: verb.isReading, by: principal, on: resource)
  }

  private func decide(
    _ right: Right.Exact, needsFreshSignIn: Bool, worksWhileSuspended: Bool, by principal: Principal, on resource: ResourceFacts
  ) -> Decision {
    let organization = resource.organization
    switch principal {
    case .anonymous: return .denied(.signedOut)
    case .system(let job): return .allowed(by: [.system(job)])
    case .serviceAccount(let machine):
      guard machine.organization == organization.id else { return .denied(.otherOrganization) }
      guard organization.state != .deleted else { return .denied(.deletedOrganization) }
      guard organization.state != .suspended else { return .denied(.haltedServiceAccount) }
      return decide(right, by: machine.id, with: machine.roles, isServiceAccount: true, on: resource)
    case .account(let account):
      guard account.isActive else { return .denied(.inactiveAccount) }
      if let bound = account.token?.organization, bound != organization.id { return .denied(.otherOrganization) }
      if let membership = organization.membership, !account.isSuperUser {
        guard organization.state != .deleted else { return .denied(.deletedOrganization) }
        guard !membership.isSuspended else { return .denied(.suspendedMembership) }
        guard membership.isInForce(at: now) else { return .denied(.expiredMembership) }
      }
      guard organization.state != .deleted else { return .denied(.deletedOrganization) }
      var decision = decide(right, by: account.id, with: organization.membership.flatMap { $0.isInForce(at: now) ? $0.roles : nil }, on: resource)
      if case .denied = decision, account.isSuperUser { decision = .allowed(by: [.superUser]) }
      guard case .allowed = decision else { return decision }
      guard organization.state != .suspended || worksWhileSuspended else { return .denied(.suspendedOrganization) }
      if let token = account.token, !token.scopes.contains(where: { $0.allows(right) }) {
        return .denied(.tokenScope(needed: TokenScope.allCases.filter { $0.allows(right) }))
      }
      if needsFreshSignIn, !isFresh(account), !account.speaksForGood { return .denied(.staleSignIn) }
      return decision
    }
  }

  /// Everything the principal may do on the resource by roles, theirs and their teams'.
  public func rights(of principal: Principal, on resource: ResourceFacts) -> RightSet {
    let organization = resource.organization
    var roles: RoleSet?
    switch principal {
    case .anonymous: return []
    case .system: return [.all]
    case .serviceAccount(let machine):
      guard machine.organization == organization.id else { return [] }
      roles = machine.roles
    case .account(let account):
      guard account.isActive else { return [] }
      if account.isSuperUser { return [.all] }
      if let membership = organization.membership {
        guard membership.isInForce(at: now) else { return [] }
        roles = membership.roles
      }
    }
    var rights: RightSet = []
    for role in roles?.roles ?? [] { rights.formUnion(role.resourceRights) }
    for grant in resource.grants where grant.isInForce(at: now) {
      // Single actions are the object's own, and nothing to give on with roles.
      if case .actions = grant.role { continue }
      rights.formUnion(grant.role.rights)
      if resource.chain.first?.isOwn == true { rights.formUnion(grant.role.ownRights) }
    }
    return rights
  }

  /// The rules of access, by the very code that decides for whole organizations: the few facts make a small graph, and that is asked.
  private func decide(
    _ right: Right.Exact, by caller: String, with roles: RoleSet?, isServiceAccount: Bool = false, on resource: ResourceFacts
  ) -> Decision {
    // Facts that contradict themselves, such as a resource within itself, allow nothing.
    guard let graph = resource.graph(resource.changes(caller, roles, isServiceAccount)) else { return .denied(.hiddenResource) }
    let caller = graph.member(caller)
    let inner = resource.chain.first.flatMap { graph.target($0.type, $0.id) }
    let target = resource.chain.first?.type == right.type ? inner : graph.target(named: "", right.type, in: inner)
    guard let target else { return .denied(.hiddenResource) }
    let explanation = graph.explain(caller, graph.verb(right.verb), target, graph.context(resource.context), at: now)
    switch explanation.outcome {
    case .allowed: return .allowed(by: explanation.reasons.compactMap { Reason($0) })
    case .forbidden: return .denied(.forbiddenByPolicy(explanation.policies))
    // Who may not read it isn't told that it is there, whatever else of its kind they may do.
    case .lacking where right.verb.isReading: return .denied(.hiddenResource)
    case .lacking: return .denied(.lackingRight(right, heldBy: RightHolders(of: right, levels: resource.chain.map { RoleScope($0.type) })))
    case .hidden: return .denied(.hiddenResource)
    case .suspendedMembership: return .denied(.suspendedMembership)
    case .expiredMembership: return .denied(.expiredMembership)
    }
  }
}

extension ResourceFacts {
  /// The small graph of some facts, on that of the rules where there are any.
  fileprivate func graph(_ changes: [AccessChange]) -> AccessGraph? {
    if let rules { try? rules.graph.applying(changes) } else { try? AccessGraph(changes, of: organization.id) }
  }

  /// The facts as changes of a graph without any.
  fileprivate func changes(_ caller: String, _ roles: RoleSet?, _ isServiceAccount: Bool) -> [AccessChange] {
    let standing = AccessStanding(roles: roles.map { Set($0.roles) }, isServiceAccount: isServiceAccount, attributes: callerAttributes)
    var changes: [AccessChange] = [.member(caller, standing)]
    var seated: Set<String> = []
    for team in teams where seated.insert(team).inserted { changes += [.team(team, in: nil), .seat(member: caller, team: team)] }
    var outer: AccessResource?
    for link in chain.reversed() {
      let resource = AccessResource(link.type, link.id)
      changes.append(.resource(resource, in: outer, owner: link.isOwn ? caller : nil, visibility: link.visibility, attributes: link.attributes))
      outer = resource
    }
    for grant in grants {
      if case .actions(let verbs) = grant.role {
        // Single actions count on the very resource, and reach nothing within.
        guard let link = chain.first, grant.resource == link.id else { continue }
        let holder = self.holder(of: grant, caller, &seated, &changes)
        let place = chain.dropFirst().first.map { AccessResource($0.type, $0.id) }
        changes.append(.share(holder, verbs, on: AccessResource(link.type, link.id), in: place))
        continue
      }
      // What is held on something else doesn't reach this.
      let link = chain.first { $0.id == grant.resource }
      guard grant.resource == nil || link != nil else { continue }
      if case .custom(let role) = grant.role { changes.append(.role(role)) }
      let holder = self.holder(of: grant, caller, &seated, &changes)
      changes.append(.grant(holder, grant.role, on: link.map { AccessResource($0.type, $0.id) }, expires: grant.expires))
    }
    if !policies.isEmpty { changes.append(.policies(policies)) }
    return changes
  }

  /// The holder of a grant, who is in the graph from then on.
  private func holder(of grant: GrantFacts, _ caller: String, _ seated: inout Set<String>, _ changes: inout [AccessChange]) -> AccessHolder {
    guard case .team(let id) = grant.holder else { return .member(caller) }
    if seated.insert(id).inserted { changes += [.team(id, in: nil), .seat(member: caller, team: id)] }
    return .team(id)
  }
}

extension Reason {
  /// The same of the small graph; `nil` for what speaks against it.
  fileprivate init?(_ reason: AccessReason) {
    switch reason {
    case .membership(let role): self = .role(role)
    case .grant(let role, let resource, let path): self = .grant(role: role, on: resource?.id, through: path.last.map { .team($0) } ?? .caller)
    case .share(let action, let resource, let path): self = .grant(role: action, on: resource.id, through: path.last.map { .team($0) } ?? .caller)
    case .visibility(let visibility): self = .visibility(visibility)
    case .ownership: self = .own
    case .permitted(let policy): self = .policy(policy)
    case .forbidden, .failed, .suspendedMembership, .expiredMembership: return nil
    }
  }
}
