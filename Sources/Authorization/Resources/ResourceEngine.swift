extension Engine {
  /// Default deny; the first rule that refuses names the ground.
  ///
  /// Somebody who isn't a member may hold grants all the same: an outside collaborator. A member who is suspended or whose time is over has nothing, grants included.
  public func decide<A: ResourceAction>(_ action: A.Type, by principal: Principal, on resource: ResourceFacts) -> Decision {
    let organization = resource.organization
    switch principal {
    case .anonymous: return .denied(.signedOut)
    case .system(let job): return .allowed(by: [.system(job)])
    case .serviceAccount(let machine):
      guard machine.organization == organization.id else { return .denied(.otherOrganization) }
      guard organization.state != .deleted else { return .denied(.deletedOrganization) }
      guard organization.state != .suspended else { return .denied(.haltedServiceAccount) }
      return decide(A.right, with: machine.roles, on: resource)
    case .account(let account):
      guard account.isActive else { return .denied(.inactiveAccount) }
      if let bound = account.token?.organization, bound != organization.id { return .denied(.otherOrganization) }
      if let membership = organization.membership, !account.isSuperUser {
        guard organization.state != .deleted else { return .denied(.deletedOrganization) }
        guard !membership.isSuspended else { return .denied(.suspendedMembership) }
        guard membership.isInForce(at: now) else { return .denied(.expiredMembership) }
      }
      guard organization.state != .deleted else { return .denied(.deletedOrganization) }
      var decision = decide(A.right, with: organization.membership.flatMap { $0.isInForce(at: now) ? $0.roles : nil }, on: resource)
      if case .denied = decision, account.isSuperUser { decision = .allowed(by: [.superUser]) }
      guard case .allowed = decision else { return decision }
      guard organization.state != .suspended || A.worksWhileSuspended else { return .denied(.suspendedOrganization) }
      if let token = account.token, !token.scopes.contains(where: { $0.allows(A.right) }) {
        return .denied(.tokenScope(needed: TokenScope.allCases.filter { $0.allows(A.right) }))
      }
      if A.needsFreshSignIn, !isFresh(account) { return .denied(.staleSignIn) }
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
      rights.formUnion(grant.role.rights)
      if resource.chain.first?.isOwn == true { rights.formUnion(grant.role.ownRights) }
    }
    return rights
  }

  private func decide(_ right: Right.Exact, with roles: RoleSet?, on resource: ResourceFacts) -> Decision {
    var reasons: [Reason] = []
    var isVisible = false
    for role in roles?.roles ?? [] {
      if role.resourceRights.allows(right.verb, on: right.type) { reasons.append(.role(role)) }
      isVisible = isVisible || role.resourceRights.touches(right.type)
    }
    let isOwn = resource.chain.first.map { $0.isOwn && $0.type == right.type } ?? false
    for grant in resource.grants where grant.isInForce(at: now) {
      let rights = isOwn ? grant.role.rights.union(grant.role.ownRights) : grant.role.rights
      if rights.allows(right.verb, on: right.type) { reasons.append(.grant(role: grant.role.name, on: grant.resource, through: grant.holder)) }
      isVisible = isVisible || rights.touches(right.type)
    }
    let visibility = resource.chain.first { $0.visibility != .inherited }?.visibility ?? .private
    if visibility == .public || visibility == .organization && roles?.roles.contains(where: \.seesWhatIsOpen) ?? false {
      isVisible = true
      if right.verb.isReading { reasons.append(.visibility(visibility)) }
    }
    if !reasons.isEmpty { return .allowed(by: reasons) }
    guard isVisible else { return .denied(.hiddenResource) }
    return .denied(.lackingRight(right, heldBy: RightHolders(of: right, levels: resource.chain.map { RoleScope($0.type) })))
  }
}
