public import Kernel

/// Proof that the engine said yes to one action on one thing; only this file can make one.
public struct Permit<A: Action>: Sendable {
  public let principal: Principal
  /// The organization it is for; `nil` for what isn't done within one.
  public let organization: String?
  public let reasons: [Reason]
  private let ground: (Engine, OrganizationFacts)?
  private let resource: ResourceFacts?

  /// What the holder may do in the organization, and so may give to others.
  public var permissions: Set<Permission> { ground.map { engine, facts in engine.permissions(of: principal, in: facts) } ?? [] }

  /// What the holder may do on the resource, and so may give to others there; empty where the permit is for no resource.
  public var resourceRights: RightSet { ground.flatMap { engine, _ in resource.map { engine.rights(of: principal, on: $0) } } ?? [] }

  fileprivate init(
    _ principal: Principal, organization: String?, reasons: [Reason], ground: (Engine, OrganizationFacts)? = nil, resource: ResourceFacts? = nil
  ) {
    self.principal = principal
    self.organization = organization
    self.reasons = reasons
    self.ground = ground
    self.resource = resource
  }
}

/// Decides who may do what, from facts given to it: pure, without a clock and without a database.
public struct Engine: Sendable {
  /// How long after giving the password what can't be undone may be done.
  public static let freshness = Duration.minutes(15)

  /// The instant of the decision: what expires at it no longer holds.
  public let now: Timestamp

  public init(at now: Timestamp) { self.now = now }

  // MARK: Within an organization

  /// Default deny; the first rule that refuses names the ground.
  public func decide<A: OrganizationAction>(_ action: A.Type, by principal: Principal, in organization: OrganizationFacts) -> Decision {
    decide(action, by: principal, in: organization, lent: nil)
  }

  /// The same for one team, in which the principal has this place, or none: a place that is enough counts as the permission, and as nothing else.
  public func decide<A: TeamAction>(_ action: A.Type, by principal: Principal, in organization: OrganizationFacts, seated seat: TeamSeat?) -> Decision {
    decide(action, by: principal, in: organization, lent: seat.flatMap { $0 >= A.sufficientSeat ? $0 : nil })
  }

  private func decide<A: OrganizationAction>(_ action: A.Type, by principal: Principal, in organization: OrganizationFacts, lent seat: TeamSeat?) -> Decision {
    switch principal {
    case .anonymous: return .denied(.signedOut)
    case .system(let job): return .allowed(by: [.system(job)])
    case .serviceAccount(let machine): return decide(action, by: machine, in: organization, lent: seat)
    case .account(let account):
      guard account.isActive else { return .denied(.inactiveAccount) }
      if let bound = account.token?.organization, bound != organization.id { return .denied(.otherOrganization) }
      let permissions: Set<Permission>
      if account.isSuperUser {
        permissions = Permission.all
      } else {
        guard let membership = organization.membership else { return .denied(.notAMember) }
        permissions = organization.permissions(with: membership.roles, at: now)
        guard organization.state != .deleted || A.worksWhileDeleted && permissions.contains(A.permission) else { return .denied(.deletedOrganization) }
        guard !membership.isSuspended else { return .denied(.suspendedMembership) }
        guard membership.isInForce(at: now) else { return .denied(.expiredMembership) }
      }
      guard organization.state != .deleted || A.worksWhileDeleted else { return .denied(.deletedOrganization) }
      guard permissions.contains(A.permission) || seat != nil else { return .denied(.lackingRole(A.permission, heldBy: A.permission.holders)) }
      guard organization.state != .suspended || A.worksWhileSuspended else { return .denied(.suspendedOrganization) }
      if let token = account.token, !token.scopes.contains(where: { $0.allows(A.permission) }) {
        return .denied(.tokenScope(needed: TokenScope.allCases.filter { $0.allows(A.permission) }))
      }
      if A.needsFreshSignIn, !isFresh(account), !account.speaksForGood { return .denied(.staleSignIn) }
      let membership = organization.membership
      let reasons = membership == nil ? [] : organization.reasons(for: A.permission, with: membership?.roles, at: now)
      if reasons.isEmpty, !account.isSuperUser, let seat { return .allowed(by: [.seat(seat)]) }
      return .allowed(by: reasons.isEmpty ? [.superUser] : reasons)
    }
  }

  /// A service account does what its roles allow in its own organization while that works, and never what is left to people.
  private func decide<A: OrganizationAction>(
    _ action: A.Type, by machine: ServiceAccountFacts, in organization: OrganizationFacts, lent seat: TeamSeat?
  ) -> Decision {
    guard machine.organization == organization.id else { return .denied(.otherOrganization) }
    guard organization.state != .deleted else { return .denied(.deletedOrganization) }
    guard organization.state != .suspended else { return .denied(.haltedServiceAccount) }
    let reasons = organization.reasons(for: A.permission, with: machine.roles, at: now)
    guard !reasons.isEmpty || seat != nil else { return .denied(.lackingRole(A.permission, heldBy: A.permission.holders)) }
    guard !Permission.leftToPeople.contains(A.permission) else { return .denied(.peopleOnly) }
    return .allowed(by: reasons.isEmpty ? seat.map { [.seat($0)] } ?? [] : reasons)
  }

  /// The proof, or the denial.
  public func permit<A: OrganizationAction>(_ action: A.Type, by principal: Principal, in organization: OrganizationFacts) throws(Denied) -> Permit<A> {
    let reasons = try allowed(decide(action, by: principal, in: organization))
    return Permit(principal, organization: organization.id, reasons: reasons, ground: (self, organization))
  }

  /// The proof for one team, in which the principal has this place, or none; or the denial. What it carries to give on is what the principal holds by role.
  public func permit<A: TeamAction>(
    _ action: A.Type, by principal: Principal, in organization: OrganizationFacts, seated seat: TeamSeat?
  ) throws(Denied) -> Permit<A> {
    let reasons = try allowed(decide(action, by: principal, in: organization, seated: seat))
    return Permit(principal, organization: organization.id, reasons: reasons, ground: (self, organization))
  }

  /// Everything the principal may do in the organization by role; whether its state allows it now is another matter.
  public func permissions(of principal: Principal, in organization: OrganizationFacts) -> Set<Permission> {
    switch principal {
    case .anonymous: return []
    case .system: return Permission.all
    case .serviceAccount(let machine):
      guard machine.organization == organization.id else { return [] }
      return organization.permissions(with: machine.roles, at: now).subtracting(Permission.leftToPeople)
    case .account(let account):
      guard account.isActive else { return [] }
      var held: Set<Permission> = account.isSuperUser ? Permission.all : []
      if let membership = organization.membership, membership.isInForce(at: now) { held.formUnion(organization.permissions(with: membership.roles, at: now)) }
      if let token = account.token {
        guard token.organization == nil || token.organization == organization.id else { return [] }
        held = held.filter { permission in token.scopes.contains { $0.allows(permission) } }
      }
      return held
    }
  }

  /// What of `permissions` the organization's present state leaves: a suspended one is read, resumed and deleted by people, a deleted one restored.
  public func permissionsInForce(of principal: Principal, in organization: OrganizationFacts) -> Set<Permission> {
    let held = permissions(of: principal, in: organization)
    switch organization.state {
    case .active: return held
    case .suspended:
      if case .serviceAccount = principal { return [] }
      return held.filter { $0.isReading || $0 == ResumeOrganization.permission || $0 == DeleteOrganization.permission || $0 == UseCredits.permission }
    case .deleted: return held.intersection([RestoreOrganization.permission])
    }
  }

  // MARK: On a resource

  /// The proof for one resource, or the denial; what decides stands in ``decide(_:by:on:)``.
  public func permit<A: ResourceAction>(_ action: A.Type, by principal: Principal, on resource: ResourceFacts) throws(Denied) -> Permit<A> {
    let reasons = try allowed(decide(action, by: principal, on: resource))
    return Permit(principal, organization: resource.organization.id, reasons: reasons, ground: (self, resource.organization), resource: resource)
  }

  /// The same for a thing of a type.
  public func permit<A: ObjectAction>(
    _ action: A.Type, on type: ResourceType, by principal: Principal, on resource: ResourceFacts
  ) throws(Denied) -> Permit<A> {
    let reasons = try allowed(decide(action, on: type, by: principal, on: resource))
    return Permit(principal, organization: resource.organization.id, reasons: reasons, ground: (self, resource.organization), resource: resource)
  }

  // MARK: With an account

  /// People decide over what is their own; operators over everybody's.
  public func decide<A: AccountAction>(_ action: A.Type, by principal: Principal, on owner: String) -> Decision {
    switch principal {
    case .anonymous: return .denied(.signedOut)
    case .system(let job): return .allowed(by: [.system(job)])
    case .serviceAccount: return .denied(.peopleOnly)
    case .account(let account):
      guard account.isActive else { return .denied(.inactiveAccount) }
      // A token that is bound to an organization acts there and nowhere else.
      if let token = account.token, token.organization != nil || !token.scopes.contains(.account) { return .denied(.tokenScope(needed: [.account])) }
      if A.needsSuperUser {
        guard account.isSuperUser else { return .denied(.operatorsOnly) }
        if A.needsFreshSignIn, !isFresh(account), !account.speaksForGood { return .denied(.staleSignIn) }
        return .allowed(by: [.superUser])
      }
      guard account.id == owner || account.isSuperUser else { return .denied(.notYours) }
      if A.needsFreshSignIn, !isFresh(account) { return .denied(.staleSignIn) }
      return .allowed(by: [account.id == owner ? .own : .superUser])
    }
  }

  public func permit<A: AccountAction>(_ action: A.Type, by principal: Principal, on owner: String) throws(Denied) -> Permit<A> {
    Permit(principal, organization: nil, reasons: try allowed(decide(action, by: principal, on: owner)))
  }

  // MARK: With the installation

  public func decide<A: InstallationAction>(_ action: A.Type, by principal: Principal) -> Decision {
    switch principal {
    case .anonymous: return .denied(.signedOut)
    case .system(let job): return .allowed(by: [.system(job)])
    case .serviceAccount: return .denied(.peopleOnly)
    case .account(let account):
      guard account.isActive else { return .denied(.inactiveAccount) }
      guard account.isSuperUser, account.token?.organization == nil else { return .denied(.operatorsOnly) }
      if let token = account.token, !token.scopes.contains(.admin) { return .denied(.tokenScope(needed: [.admin])) }
      return .allowed(by: [.superUser])
    }
  }

  public func permit<A: InstallationAction>(_ action: A.Type, by principal: Principal) throws(Denied) -> Permit<A> {
    Permit(principal, organization: nil, reasons: try allowed(decide(action, by: principal)))
  }

  // MARK: With a secret

  /// What anybody may do who brings the right secret: the use case has checked it, and says as whom.
  public func permit<A: SecretAction>(_ action: A.Type, byProofOf principal: Principal) -> Permit<A> { Permit(principal, organization: nil, reasons: [.own]) }

  func isFresh(_ account: AccountFacts) -> Bool {
    guard let authenticated = account.authenticatedAt else { return false }
    return now - authenticated <= Self.freshness
  }

  private func allowed(_ decision: Decision) throws(Denied) -> [Reason] {
    switch decision {
    case .allowed(let reasons): return reasons
    case .denied(let denial): throw Denied(denial)
    }
  }
}

extension Permission {
  /// The roles that hold it.
  fileprivate var holders: [OrganizationRole] { OrganizationRole.allCases.filter { $0.permissions.contains(self) } }
}

/// A denial on its way to the caller.
public struct Denied: Error, Sendable {
  public let denial: Denial

  init(_ denial: Denial) { self.denial = denial }
}
