import Authorization
import Kernel
import Testing

/// What holds whatever the facts are. Each is tried on hundreds of random facts and every action.
@Suite struct TheoremTests {
  private static let count = 400

  private func forAll(_ seed: UInt64, _ body: (inout RandomFacts) throws -> Void) rethrows {
    var random = RandomFacts(seed: seed)
    for _ in 0..<Self.count { try body(&random) }
  }

  @Test func defaultDeny() {
    forAll(1) { random in
      let organization = random.organization()
      for action in organizationActions {
        check(action.decision(by: .anonymous, in: organization) == .denied(.signedOut))
        let stranger = Principal.account(AccountFacts(id: "eve", isActive: true, isSuperUser: false, authenticatedAt: now, token: nil))
        let closed = OrganizationFacts(id: organization.id, state: organization.state, membership: nil)
        check(action.decision(by: stranger, in: closed) == .denied(.notAMember))
      }
    }
  }

  @Test func inactiveAccountsMayNothing() {
    forAll(2) { random in
      let facts = random.account()
      let principal = Principal.account(AccountFacts(id: facts.id, isActive: false, isSuperUser: facts.isSuperUser, authenticatedAt: facts.authenticatedAt, token: facts.token))
      let organization = random.organization()
      for action in organizationActions { check(action.decision(by: principal, in: organization) == .denied(.inactiveAccount)) }
      for action in accountActions { check(action.decision(by: principal, on: facts.id) == .denied(.inactiveAccount)) }
      for action in installationActions { check(action.decision(by: principal) == .denied(.inactiveAccount)) }
      check(Engine(at: now).permissions(of: principal, in: organization).isEmpty)
    }
  }

  @Test func suspendedOrganizationsCanBeRead() {
    forAll(3) { random in
      let principal = Principal.account(random.account())
      let membership = random.organization().membership
      for action in organizationActions where action.permission.isReading {
        let active = action.decision(by: principal, in: OrganizationFacts(id: "house", state: .active, membership: membership))
        let suspended = action.decision(by: principal, in: OrganizationFacts(id: "house", state: .suspended, membership: membership))
        check(active == suspended)
      }
    }
  }

  @Test func suspensionAndDeletionNeverAllowMore() {
    forAll(4) { random in
      let principal = random.principal()
      let membership = random.organization().membership
      for action in organizationActions {
        let decisions = [OrganizationState.active, .suspended, .deleted].map { action.decision(by: principal, in: OrganizationFacts(id: "house", state: $0, membership: membership)) }
        if !decisions[0].isAllowed { check(!decisions[1].isAllowed && !decisions[2].isAllowed) }
        if decisions[2].isAllowed, case .account = principal { check(action.worksWhileDeleted) }
      }
    }
  }

  @Test func deletedOrganizationsAreHidden() {
    forAll(5) { random in
      guard case .account(let facts) = random.principal(), facts.isActive, !facts.isSuperUser else { return }
      let organization = OrganizationFacts(id: "house", state: .deleted, membership: random.organization().membership)
      for action in organizationActions where !action.worksWhileDeleted {
        check(action.decision(by: .account(facts), in: organization).denial?.isVisible == false)
      }
    }
  }

  @Test func boundTokensReachOnlyTheirOrganization() {
    forAll(6) { random in
      let facts = random.account()
      let token = TokenFacts(scopes: random.some(TokenScope.allCases), organization: "elsewhere")
      let principal = Principal.account(AccountFacts(id: facts.id, isActive: true, isSuperUser: facts.isSuperUser, authenticatedAt: nil, token: token))
      let organization = random.organization()
      for action in organizationActions { check(action.decision(by: principal, in: organization) == .denied(.otherOrganization)) }
      for action in accountActions { check(!action.decision(by: principal, on: facts.id).isAllowed) }
      for action in installationActions { check(!action.decision(by: principal).isAllowed) }
      check(Engine(at: now).permissions(of: principal, in: organization).isEmpty)
    }
  }

  @Test func tokensNeverAllowMoreThanTheirAccount() {
    forAll(7) { random in
      let facts = random.account()
      guard facts.token != nil else { return }
      let bare = Principal.account(AccountFacts(id: facts.id, isActive: facts.isActive, isSuperUser: facts.isSuperUser, authenticatedAt: now, token: nil))
      let organization = random.organization()
      for action in organizationActions where action.decision(by: .account(facts), in: organization).isAllowed { check(action.decision(by: bare, in: organization).isAllowed) }
      for action in accountActions where action.decision(by: .account(facts), on: "ada").isAllowed { check(action.decision(by: bare, on: "ada").isAllowed) }
      for action in installationActions where action.decision(by: .account(facts)).isAllowed { check(action.decision(by: bare).isAllowed) }
      check(Engine(at: now).permissions(of: .account(facts), in: organization).isSubset(of: Engine(at: now).permissions(of: bare, in: organization)))
    }
  }

  @Test func tokensNeverDoWhatNeedsAFreshSignInUnlessTheyAreMadeForIt() {
    forAll(8) { random in
      let facts = random.account()
      guard let token = facts.token else { return }
      let organization = random.organization()
      for action in organizationActions where action.needsFreshSignIn {
        check(token.scopes.isSuperset(of: [.admin, .irreversible]) || !action.decision(by: .account(facts), in: organization).isAllowed)
      }
      for action in accountActions where action.needsFreshSignIn {
        // What operators do to others' accounts they do with such a token too.
        let isMade = action.needsSuperUser && token.scopes.isSuperset(of: [.admin, .irreversible])
        check(isMade || !action.decision(by: .account(facts), on: facts.id).isAllowed)
      }
    }
  }

  @Test func superUsersMayEverythingButWithTokensScopes() {
    forAll(9) { random in
      let organization = OrganizationFacts(id: "house", state: .active, membership: random.organization().membership)
      let session = Principal.account(AccountFacts(id: "root", isActive: true, isSuperUser: true, authenticatedAt: now, token: nil))
      for action in organizationActions { check(action.decision(by: session, in: organization).isAllowed) }
      for action in accountActions { check(action.decision(by: session, on: random.pick(["root", "ada"])).isAllowed) }
      for action in installationActions { check(action.decision(by: session).isAllowed) }
      let scopes = random.some(TokenScope.allCases)
      let token = Principal.account(AccountFacts(id: "root", isActive: true, isSuperUser: true, authenticatedAt: nil, token: TokenFacts(scopes: scopes, organization: nil)))
      for action in organizationActions where !action.needsFreshSignIn {
        let decides = scopes.contains(.decisions) && [.accessFollow, .accessRead, .organizationRead].contains(action.permission)
        let covered =
          decides || scopes.contains(.admin) || action.permission.isReading && !scopes.isDisjoint(with: [.read, .write])
          || scopes.contains(.write) && !needsAdminScope(action.permission)
        check(action.decision(by: token, in: organization).isAllowed == covered, "\(action) with \(scopes)")
      }
    }
  }

  @Test func nobodyGrantsWhatTheyLack() throws {
    forAll(10) { random in
      let principal = random.principal()
      let organization = random.organization()
      let held = Engine(at: now).permissions(of: principal, in: organization)
      for action in organizationActions {
        guard let carried = action.grant(by: principal, in: organization) else { continue }
        check(carried == held)
        check(carried.contains(action.permission))
      }
      guard let roles = RoleSet(random.some(OrganizationRole.allCases)) else { return }
      let above = roles.beyond(held)
      for role in roles.roles { check(above.contains(role) == !role.permissions.isSubset(of: held)) }
      if above.isEmpty { check(roles.permissions.isSubset(of: held)) }
    }
  }

  @Test func everyRoleGivesItselfAndNoneButAdminGivesAdmin() {
    for role in OrganizationRole.allCases {
      check(RoleSet(role).beyond(role.permissions).isEmpty)
      check(RoleSet(.admin).beyond(role.permissions).isEmpty == (role == .admin))
    }
    check(RoleSet([.manager, .member, .viewer, .guest])?.beyond(OrganizationRole.manager.permissions) == [])
  }

  @Test func rolesAddUp() {
    forAll(11) { random in
      guard let one = RoleSet(random.some(OrganizationRole.allCases)), let other = RoleSet(random.some(OrganizationRole.allCases)) else { return }
      check(RoleSet(one.roles + other.roles)?.permissions == one.permissions.union(other.permissions))
      check(RoleSet(one.roles.reversed() + one.roles) == one)
      check(one.roles == one.roles.sorted())
    }
  }

  @Test func membershipsOutOfForceHoldNothing() {
    forAll(12) { random in
      guard case .account(let facts) = random.principal(), !facts.isSuperUser, let membership = random.organization().membership, !membership.isInForce(at: now) else { return }
      let organization = OrganizationFacts(id: "house", state: .active, membership: membership)
      for action in organizationActions { check(!action.decision(by: .account(facts), in: organization).isAllowed) }
      check(Engine(at: now).permissions(of: .account(facts), in: organization).isEmpty)
    }
  }

  @Test func nobodyTouchesWhatIsSomebodyElses() {
    forAll(13) { random in
      let facts = random.account()
      for action in accountActions where !facts.isSuperUser { check(!action.decision(by: .account(facts), on: "somebody else").isAllowed) }
    }
  }

  @Test func explainIsDecide() throws {
    forAll(14) { random in
      let principal = random.principal()
      let organization = random.organization()
      for action in organizationActions {
        let decision = action.decision(by: principal, in: organization)
        check(decision.isAllowed == (action.grant(by: principal, in: organization) != nil))
        if case .allowed(let reasons) = decision {
          check(!reasons.isEmpty)
          let held = if case .serviceAccount(let machine) = principal { Optional(machine.roles) } else { organization.membership?.roles }
          for case .role(let role) in reasons { check(held?.contains(role) == true && role.permissions.contains(action.permission)) }
        }
      }
    }
  }

  @Test func whatIsShownAsPossibleCoversAllThatIsAllowedAndNothingThatIsNotHeld() {
    forAll(15) { random in
      let principal = Principal.account(random.account())
      let organization = random.organization()
      let inForce = Engine(at: now).permissionsInForce(of: principal, in: organization)
      check(inForce.isSubset(of: Engine(at: now).permissions(of: principal, in: organization)))
      for action in organizationActions where action.decision(by: principal, in: organization).isAllowed { check(inForce.contains(action.permission), action.name) }
      if organization.state == .suspended {
        let changing = organizationActions.filter { inForce.contains($0.permission) && !$0.permission.isReading }
        for action in changing where !changing.contains(where: { $0.permission == action.permission && $0.worksWhileSuspended }) { check(false, action.name) }
      }
    }
  }

  @Test func serviceAccountsActInTheirOrganizationWhileItWorksAndNowhereElse() {
    forAll(16) { random in
      let machine = random.machine()
      let organization = random.organization()
      let (principal, engine) = (Principal.serviceAccount(machine), Engine(at: now))
      let isAtHome = machine.organization == organization.id && organization.state == .active
      let all = organization.grants.filter { $0.isInForce(at: now) }.reduce(into: machine.roles.permissions) { $0.formUnion($1.role.permissions) }
      for action in organizationActions {
        let isExpected = isAtHome && all.contains(action.permission) && !Permission.leftToPeople.contains(action.permission)
        check(action.decision(by: principal, in: organization).isAllowed == isExpected, action.name)
      }
      for action in accountActions { check(action.decision(by: principal, on: random.pick(["robot", "ada"])) == .denied(.peopleOnly)) }
      for action in installationActions { check(action.decision(by: principal) == .denied(.peopleOnly)) }
      check(engine.permissionsInForce(of: principal, in: organization) == (isAtHome ? all.subtracting(Permission.leftToPeople) : []))
    }
  }

  @Test func serviceAccountsMakeNothingThatActsAndReachNobodyWhoCan() {
    for action in organizationActions where action.needsFreshSignIn || action.worksWhileDeleted { check(Permission.leftToPeople.contains(action.permission), action.name) }
    for role in OrganizationRole.allCases {
      let machine = ServiceAccountFacts(id: "robot", organization: "house", roles: RoleSet(role))
      for other in OrganizationRole.allCases where !other.permissions.isDisjoint(with: Permission.leftToPeople) {
        check(RoleSet(other).beyond(machine.permissions) == [other], "\(role) gives \(other)")
      }
    }
  }

  private func needsAdminScope(_ permission: Permission) -> Bool {
    ["organization.suspend", "organization.transfer", "organization.delete", "member.add", "member.update", "member.remove", "role.manage", "policy.manage", "billing.manage", "credits.manage",
      "service-account.manage", "access.follow"].contains(permission.rawValue)
  }
}
