import Authorization
import Kernel
import Testing

/// A second, naive engine, written from the specification: it reads the role table as people do, and asks one question after the other.
private struct Oracle {
  /// Permission → the names of the roles that hold it.
  let table: [String: Set<String>]

  /// `seat`: the principal's place in the team that it is about.
  func answer(_ action: any OrganizationAction.Type, _ principal: Principal, _ organization: OrganizationFacts, seat: TeamSeat? = nil) -> String {
    let isSeated = action.name == "team.read" && seat != nil || ["team.update", "team-member.add", "team-member.remove"].contains(action.name) && seat == .maintainer
    let wanted = action.permission.rawValue
    let isLooking = wanted.hasSuffix(".read") || wanted.hasSuffix(".list") || wanted.hasSuffix(".export")
    if case .anonymous = principal { return "signedOut" }
    // Roles beside those of the membership add up with them, until they end.
    var (given, chosen): (Set<String>, Set<String>) = ([], [])
    for grant in organization.grants {
      if let end = grant.expires, end.milliseconds <= now.milliseconds { continue }
      if case .organization(let role) = grant.role { given.insert(role.rawValue) }
      if case .custom(let role) = grant.role { chosen.formUnion(role.permissions.map(\.rawValue)) }
    }
    if case .serviceAccount(let robot) = principal {
      if robot.organization != organization.id { return "otherOrganization" }
      if organization.state == .deleted { return "deletedOrganization" }
      if organization.state == .suspended { return "haltedServiceAccount" }
      let roles = given.union(robot.roles.roles.map(\.rawValue))
      if !isSeated, roles.isDisjoint(with: table[wanted] ?? []), !chosen.contains(wanted) { return "lackingRole" }
      let peoples = [
        "organization.suspend", "organization.transfer", "organization.delete", "organization.export", "member.add", "invitation.manage", "request.decide",
        "service-account.manage",
      ]
      return peoples.contains(wanted) ? "peopleOnly" : "yes"
    }
    guard case .account(let who) = principal else { return "yes" }
    if who.isActive == false { return "inactiveAccount" }
    if let only = who.token?.organization, only != organization.id { return "otherOrganization" }
    let names = Set(organization.membership?.roles.roles.map(\.rawValue) ?? [])
    let held = names.isEmpty ? [] : names.union(given)
    let holds = who.isSuperUser || isSeated || !held.isDisjoint(with: table[wanted] ?? []) || !names.isEmpty && chosen.contains(wanted)
    let isRestoring = action.name == "organization.restore" || action.name == "organization.purge"
    if !who.isSuperUser {
      if names.isEmpty { return "notAMember" }
      if organization.state == .deleted, !(isRestoring && holds) { return "deletedOrganization" }
      if organization.membership?.isSuspended == true { return "suspendedMembership" }
      if let end = organization.membership?.expires, end.milliseconds <= now.milliseconds { return "expiredMembership" }
    } else if organization.state == .deleted, !isRestoring {
      return "deletedOrganization"
    }
    if !holds { return "lackingRole" }
    let goesOn = ["organization.resume", "organization.delete", "credits.use", "usage.record", "quota.use"]
    let worksSuspended = isLooking || isRestoring || goesOn.contains(action.name)
    if organization.state == .suspended, !worksSuspended { return "suspendedOrganization" }
    if let token = who.token {
      let scopes = Set(token.scopes.map(\.rawValue))
      let kept = ["organization.suspend", "organization.transfer", "organization.delete", "member.add", "member.update", "member.remove", "role.manage", "policy.manage", "billing.manage", "credits.manage",
        "service-account.manage", "access.follow"]
      let decides = scopes.contains("organization:decisions") && ["access.follow", "access.read", "organization.read"].contains(wanted)
      let covers =
        decides || scopes.contains("organization:admin") || scopes.contains("organization:write") && !kept.contains(wanted)
        || scopes.contains("organization:read") && isLooking
      if !covers { return "tokenScope" }
    }
    if ["organization.transfer", "organization.delete", "organization.export"].contains(action.name), who.token?.scopes.isSuperset(of: [.admin, .irreversible]) != true {
      guard let at = who.authenticatedAt, now.milliseconds - at.milliseconds <= 15 * 60 * 1000 else { return "staleSignIn" }
    }
    return "yes"
  }
}

@Suite struct OracleTests {
  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `The engine and the oracle answer alike`(seed: UInt64) throws {
    let oracle = Oracle(table: try RoleTable.read())
    var random = RandomFacts(seed: seed &* 7919)
    var seen: Set<String> = []
    for _ in 0..<300 {
      let principal = random.principal()
      let organization = random.organization()
      for action in organizationActions {
        let decision = action.decision(by: principal, in: organization)
        let answer = decision.denial.map { String("\($0)".prefix { $0 != "(" }) } ?? "yes"
        let expected = oracle.answer(action, principal, organization)
        check(answer == expected, "\(action) by \(principal) in \(organization)")
        seen.insert(answer)
      }
    }
    // An answer that never comes up would never be compared.
    #expect(seen.count == 14, "\(seen.sorted())")
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `A place in a team allows what the oracle says, and lends no permission to give on`(seed: UInt64) throws {
    let oracle = Oracle(table: try RoleTable.read())
    var random = RandomFacts(seed: seed &* 104_729)
    var byPlaceAlone = 0
    for _ in 0..<600 {
      let (principal, organization, seat) = (random.principal(), random.organization(), random.pick([nil, .member, .maintainer] as [TeamSeat?]))
      for action in teamActions {
        let decision = action.decision(by: principal, in: organization, seated: seat)
        let answer = decision.denial.map { String("\($0)".prefix { $0 != "(" }) } ?? "yes"
        check(answer == oracle.answer(action, principal, organization, seat: seat), "\(action) by \(principal) as \(String(describing: seat)) in \(organization)")
        // What a place allows, it allows without lending the permission: nobody gives on what they have by a place alone.
        if let lent = action.grant(by: principal, in: organization, seated: seat) {
          check(lent == Engine(at: now).permissions(of: principal, in: organization), "\(action)")
          if !lent.contains(action.permission) { byPlaceAlone += 1 }
          if case .allowed(let reasons) = decision { check(!reasons.isEmpty && (lent.contains(action.permission) || reasons == [.seat(seat ?? .member)]), "\(action) \(reasons)") }
        }
        if seat == nil { check(action.decision(by: principal, in: organization) == decision, "no place changes nothing") }
      }
    }
    #expect(byPlaceAlone > 1)
  }
}
