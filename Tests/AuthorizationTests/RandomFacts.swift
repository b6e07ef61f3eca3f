import Authorization
import Kernel

/// Random facts from a seed, with the edges of time among them.
struct RandomFacts {
  private var source: SplitMix

  init(seed: UInt64) { source = SplitMix(seed: seed) }

  mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &source) == 0 }
  mutating func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &source)] }
  mutating func some<Value: Hashable>(_ values: [Value]) -> Set<Value> {
    let most = Int.random(in: 0...values.count, using: &source)
    return Set((0..<most).map { _ in pick(values) })
  }

  mutating func instant() -> Timestamp {
    now + .milliseconds(pick([-86_400_000, -900_001, -900_000, -899_999, -1, 0, 1, 86_400_000]))
  }

  mutating func account() -> AccountFacts {
    let token = chance(2) ? TokenFacts(scopes: some(TokenScope.allCases), organization: pick([nil, "house", "other"])) : nil
    return AccountFacts(
      id: pick(["ada", "bob"]), isActive: !chance(5), isSuperUser: chance(4), authenticatedAt: token != nil || chance(6) ? nil : instant(), token: token)
  }

  mutating func principal() -> Principal {
    if chance(12) { return .anonymous }
    if chance(12) { return .system("job") }
    return chance(5) ? .serviceAccount(machine()) : .account(account())
  }

  mutating func machine() -> ServiceAccountFacts {
    ServiceAccountFacts(
      id: "robot", organization: pick(["house", "house", "other"]), roles: RoleSet(some(OrganizationRole.allCases)) ?? RoleSet(pick(OrganizationRole.allCases)))
  }

  mutating func organization() -> OrganizationFacts {
    let roles = RoleSet(some(OrganizationRole.allCases))
    return OrganizationFacts(
      id: "house", state: pick(OrganizationState.allCases),
      membership: roles.map { MembershipFacts(roles: $0, isSuspended: chance(5), expires: chance(2) ? instant() : nil) },
      grants: chance(2) ? [] : (0...2).map { _ in grant() })
  }

  /// A role on the organization beside those of the membership: the principal's own or a team's, for good or for a time.
  mutating func grant() -> GrantFacts {
    let role: GrantedRole = chance(2) ? .organization(pick(OrganizationRole.allCases)) : .custom(CustomRole(id: "own", name: "organization.own", permissions: some(Permission.allCases)))
    return GrantFacts(role, to: chance(2) ? .caller : .team("crew"), on: nil, expires: chance(2) ? instant() : nil)
  }
}
