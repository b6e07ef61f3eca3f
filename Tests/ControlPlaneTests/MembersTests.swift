import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import Testing

@Suite struct MembersTests {
  // MARK: At least one active admin, always

  enum Ending: String, CaseIterable {
    case demotion, demotionOfMany, demotionByOperator, removal, leaving, suspension, expiry, transferToOneWhoExpires, deactivation, deletion
  }
  /// How the only other admin stands.
  enum Other: String, CaseIterable { case none, suspended, expiring, deactivated, former, active }

  @Test(arguments: Other.allCases)
  func `Whatever ends the last active admin is refused, whatever ends another isn't`(other: Other) async throws {
    for ending in Ending.allCases where ending != .transferToOneWhoExpires || other == .none {
      let lab = try await Lab()
      let founder = try await lab.founder()
      let members = lab.plane.members
      if other != .none {
        let (grace, member) = try await lab.member("Grace", as: "admin")
        switch other {
        case .none, .active: break
        case .suspended: _ = try await members.suspend(member.id, in: lab.slug, by: lab.admin)
        case .expiring: _ = try await members.setExpiry(member.id, lab.house.now + .days(30), seen: nil, in: lab.slug, by: lab.admin)
        case .deactivated: _ = try await lab.plane.accounts.deactivate(grace.account.id, by: lab.operator)
        case .former: try await members.remove(member.id, in: lab.slug, by: lab.admin)
        }
      }
      let before = try await lab.roles()
      let outcome = await refusal {
        switch ending {
        case .demotion: _ = try await members.setRoles(founder.id, ["member"], seen: nil, in: lab.slug, by: lab.admin)
        case .demotionOfMany: _ = try await members.setRoles([founder.id], ["member"], in: lab.slug, by: lab.admin)[0].get()
        case .demotionByOperator: _ = try await members.setRoles(founder.id, ["member"], seen: nil, in: lab.slug, by: lab.operator)
        case .removal: try await members.remove(founder.id, in: lab.slug, by: lab.operator)
        case .leaving: try await members.leave(lab.slug, by: lab.admin)
        case .suspension: _ = try await members.suspend(founder.id, in: lab.slug, by: lab.admin)
        case .expiry: _ = try await members.setExpiry(founder.id, lab.house.now + .days(1), seen: nil, in: lab.slug, by: lab.admin)
        case .transferToOneWhoExpires:
          let heir = try await lab.member("Ivy", as: "member").member
          _ = try await members.setExpiry(heir.id, lab.house.now + .days(1), seen: nil, in: lab.slug, by: lab.admin)
          _ = try await lab.plane.organizations.transfer(lab.slug, to: heir.id, steppingDownTo: .member, by: lab.admin)
        case .deactivation: _ = try await lab.plane.accounts.deactivate(lab.ada.account.id, by: lab.operator)
        case .deletion: try await lab.plane.accounts.delete(by: lab.admin)
        }
      }
      switch (other, ending) {
      case (.active, _): #expect(outcome == nil, "\(ending)")
      case (_, .deactivation), (_, .deletion): #expect(outcome == "account.only_admin", "\(other) \(ending)")
      default: #expect(outcome == "organization.last_admin", "\(other) \(ending)")
      }
      if outcome != nil, ending != .transferToOneWhoExpires {
        #expect(try await lab.roles() == before)
        let kept = try await lab.founder()
        #expect(kept == founder, "\(other) \(ending)")
      }
    }
  }

  @Test func `Of two admins who end each other at once, one stays`() async throws {
    let house = try await House()
    try await MembersTests.duel(in: house, rounds: 8)
  }

  /// Two admins demote, remove or suspend each other, or leave together, at once; in the end at least one is an active admin.
  static func duel(in house: House, rounds: Int) async throws {
    _ = try await house.signUp("Oscar")
    let (ada, grace) = (try await house.signUpVerified("Ada"), try await house.signUpVerified("Grace"))
    for round in 0..<rounds {
      let organization = try await house.found("Duel \(round)", by: ada)
      let second = try await house.join(organization, as: ["admin"], grace, invitedBy: ada)
      let (slug, members) = (organization.slug.text, house.plane.members)
      let first = try await members.list(in: slug, MemberFilter(search: "ada@"), .first, by: house.caller(ada)).items[0]
      let attack: @Sendable (Member, NewSession) async -> String? = { victim, attacker in
        await refusal {
          switch round % 4 {
          case 0: _ = try await members.setRoles(victim.id, ["member"], seen: nil, in: slug, by: house.caller(attacker))
          case 1: try await members.remove(victim.id, in: slug, by: house.caller(attacker))
          case 2: _ = try await members.suspend(victim.id, in: slug, by: house.caller(attacker))
          default: try await members.leave(slug, by: house.caller(attacker))
          }
        }
      }
      let counts = await outcomes([{ await attack(second, ada) }, { await attack(first, grace) }])
      #expect(counts["success"] == 1, "round \(round): \(counts)")
      let left = try await house.plane.read(as: .system("test")) { work in
        try work.members.admins(of: organization.id).count { $0.isActive(at: work.now) }
      }
      #expect(left == 1, "round \(round)")
    }
  }

  @Test func `A deleted organization doesn't come back without somebody in charge`() async throws {
    let lab = try await Lab()
    _ = try await lab.plane.organizations.delete(lab.slug, confirm: lab.slug, by: lab.admin)
    let link = try #require(await lab.house.token(mailedTo: "ada@example.org", .organizationDeleted))
    _ = try await lab.plane.accounts.deactivate(lab.ada.account.id, by: lab.operator)
    #expect(await refusal { try await lab.plane.organizations.restore(link: link, from: lab.house.origin()) } == "organization.last_admin")
    _ = try await lab.plane.accounts.reactivate(lab.ada.account.id, by: lab.operator)
    #expect(await refusal { try await lab.plane.organizations.restore(link: link, from: lab.house.origin()) } == nil)
  }

  @Test func `An operator brings back what nobody could run, and is in charge of it then`() async throws {
    let lab = try await Lab()
    _ = try await lab.plane.organizations.delete(lab.slug, confirm: lab.slug, by: lab.admin)
    try await lab.plane.accounts.delete(by: lab.admin)
    #expect(try await lab.plane.organizations.restore(lab.slug, by: lab.operator).state == .active)
    #expect(try await lab.roles() == ["oscar": "admin"])
    #expect(try await lab.house.actions(in: lab.stream).last == "organization.restore")
    // Where somebody is in charge, nothing falls to the operator.
    let other = try await Lab()
    _ = try await other.plane.organizations.delete(other.slug, confirm: other.slug, by: other.admin)
    _ = try await other.plane.organizations.restore(other.slug, by: other.operator)
    #expect(try await other.roles() == ["ada": "admin"])
  }

  @Test func `Who reaches above their rights, or would leave nobody in charge, is noted`() async throws {
    let lab = try await Lab()
    let manager = lab.house.caller(try await lab.member("Max", as: "manager").session)
    #expect(await refusal { try await lab.invite("evil@example.org", as: "admin", by: manager) } == "role.above_own")
    let founder = try await lab.founder()
    #expect(await refusal { try await lab.plane.members.setRoles(founder.id, ["viewer"], seen: nil, in: lab.slug, by: lab.admin) } == "organization.last_admin")
    #expect(await refusal { try await lab.plane.members.leave(lab.slug, by: lab.admin) } == "organization.last_admin")
    #expect(try await lab.house.actions(in: lab.stream).suffix(3) == ["invitation.create!", "member.update!", "member.leave!"])
    // So is a maintainer who would take out another.
    let zoe = try await lab.member("Zoe", as: "member")
    let team = try await lab.plane.teams.create(TeamDraft(name: "Mill"), in: lab.slug, by: lab.admin).team.slug.text
    for added in try await lab.plane.teams.add([.anybody("zoe"), .anybody("max")], to: team, in: lab.slug, by: lab.admin) {
      _ = try await lab.plane.teams.addMaintainer(try added.result.get().id.description, of: team, in: lab.slug, by: lab.admin)
    }
    #expect(await refusal { try await lab.plane.teams.remove("max", from: team, in: lab.slug, by: lab.house.caller(zoe.session)) } == "forbidden")
    #expect(try await lab.house.actions(in: lab.stream).last == "team-member.remove!")
    #expect(try await lab.plane.events.verify(lab.stream).fault == nil)
  }

  @Test func `Organizations that are closed to somebody tell nothing of themselves in their list`() async throws {
    let lab = try await Lab()
    let (session, member) = try await lab.member("Max", as: "viewer")
    let max = lab.house.caller(session)
    func listed(_ caller: Caller) async throws -> Int {
      try await lab.plane.organizations.list(all: false, search: nil, isOpen: true, .first, by: caller).total
    }
    #expect(try await listed(max) == 1)
    _ = try await lab.plane.members.suspend(member.id, in: lab.slug, by: lab.admin)
    #expect(try await listed(max) == 0)
    _ = try await lab.plane.members.resume(member.id, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.members.setExpiry(member.id, lab.house.now + .hours(1), seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await listed(max) == 1)
    lab.house.pass(.hours(1))
    #expect(try await [listed(max), listed(lab.admin)] == [0, 1])
  }

  @Test func `What was changed since it was seen is neither removed, suspended, withdrawn nor ended`() async throws {
    let lab = try await Lab()
    let member = try await lab.member("Max", as: "viewer").member
    let invitation = try await lab.invite("x@example.org", as: "guest").invitation
    let robot = try await lab.serviceAccount("Robot", as: "viewer").slug.text
    let (plane, slug, admin) = (lab.plane, lab.slug, lab.admin)
    let acts: [@Sendable () async throws -> Void] = [
      { _ = try await plane.members.suspend(member.id, seen: 99, in: slug, by: admin) },
      { _ = try await plane.members.resume(member.id, seen: 99, in: slug, by: admin) },
      { try await plane.members.remove(member.id, seen: 99, in: slug, by: admin) },
      { _ = try await plane.invitations.renew(invitation.id, mail: false, seen: 99, in: slug, by: admin) },
      { _ = try await plane.invitations.cancel(invitation.id, seen: 99, in: slug, by: admin) },
      { _ = try await plane.serviceAccounts.disable(robot, seen: 99, in: slug, by: admin) },
      { _ = try await plane.serviceAccounts.enable(robot, seen: 99, in: slug, by: admin) },
      { try await plane.serviceAccounts.delete(robot, seen: 99, in: slug, by: admin) },
      { _ = try await plane.organizations.suspend(slug, because: "", seen: 99, by: admin) },
      { _ = try await plane.organizations.resume(slug, seen: 99, by: admin) },
      { _ = try await plane.organizations.transfer(slug, to: member.id, steppingDownTo: .viewer, seen: 99, by: admin) },
      { _ = try await plane.organizations.delete(slug, confirm: slug, seen: 99, by: admin) },
    ]
    let before = try await lab.house.actions(in: lab.stream).count
    for (place, act) in acts.enumerated() { #expect(await refusal { try await act() } == "stale", "\(place)") }
    #expect(try await lab.house.actions(in: lab.stream).count == before)
    _ = try await plane.members.suspend(member.id, seen: member.revision, in: slug, by: admin)
  }

  // MARK: Nobody reaches above their own rights

  @Test(arguments: OrganizationRole.allCases)
  func `A manager changes whom they could have made, and nobody else`(role: OrganizationRole) async throws {
    let lab = try await Lab()
    let mia = lab.house.caller(try await lab.member("Mia", as: "manager").session)
    let victim = try await lab.member("Victor", as: role.rawValue).member
    let members = lab.plane.members
    let isWithin = [.manager, .viewer, .member, .guest].contains(role)
    let expected = isWithin ? nil : "role.above_own"
    #expect(await refusal { try await members.setExpiry(victim.id, lab.house.now + .days(1), seen: nil, in: lab.slug, by: mia) } == expected)
    #expect(await refusal { try await members.suspend(victim.id, in: lab.slug, by: mia) } == expected)
    #expect(await refusal { try await members.resume(victim.id, in: lab.slug, by: mia) } == expected)
    #expect(await refusal { try await members.setRoles(victim.id, ["guest", "viewer"], seen: nil, in: lab.slug, by: mia) } == expected)
    for above in ["admin", "billing", "infrastructure", "contributor"] {
      #expect(await refusal { try await members.setRoles(victim.id, [above], seen: nil, in: lab.slug, by: mia) } == "role.above_own")
      #expect(refusalName(try await members.setRoles([victim.id], ["member", above], in: lab.slug, by: mia)[0]) == "role.above_own")
    }
    #expect(await refusal { try await members.remove(victim.id, in: lab.slug, by: mia) } == expected)
    // Nor back in again with roles that are too much.
    if !isWithin {
      try await members.remove(victim.id, in: lab.slug, by: lab.admin)
      let former = try await members.listFormer(in: lab.slug, .first, by: mia).items[0]
      #expect(await refusal { try await members.reinstate(former.id, in: lab.slug, by: mia) } == "role.above_own")
    }
  }

  @Test(arguments: OrganizationRole.allCases.filter { $0 != .admin && $0 != .manager })
  func `Roles below manager change nobody, themselves included`(role: OrganizationRole) async throws {
    let lab = try await Lab()
    let (session, own) = try await lab.member("Victor", as: role.rawValue)
    let (caller, members, founder) = (lab.house.caller(session), lab.plane.members, try await lab.founder())
    for id in [own.id, founder.id, lab.plane.world.moment().newID(Member.self)] {
      #expect(await refusal { try await members.setRoles(id, ["admin"], seen: nil, in: lab.slug, by: caller) } == "forbidden")
      #expect(await refusal { try await members.setExpiry(id, nil, seen: nil, in: lab.slug, by: caller) } == "forbidden")
      #expect(await refusal { try await members.suspend(id, in: lab.slug, by: caller) } == "forbidden")
      #expect(await refusal { try await members.resume(id, in: lab.slug, by: caller) } == "forbidden")
      #expect(await refusal { try await members.remove(id, in: lab.slug, by: caller) } == "forbidden")
      #expect(await refusal { try await lab.plane.organizations.transfer(lab.slug, to: id, steppingDownTo: .guest, by: caller) } == "forbidden")
    }
    // Everybody reads their own membership; others' only with the right to, and without it no id gives anything away.
    let mayRead = role.permissions.contains(.memberList)
    #expect(await refusal { try await members.find(own.id, in: lab.slug, by: caller) } == nil)
    #expect(await refusal { try await members.find(founder.id, in: lab.slug, by: caller) } == (mayRead ? nil : "forbidden"))
    #expect(await refusal { try await members.find(lab.plane.world.moment().newID(), in: lab.slug, by: caller) } == (mayRead ? "member.missing" : "forbidden"))
    #expect(await refusal { try await members.leave(lab.slug, by: caller) } == nil)
  }

  @Test(arguments: [[], ["owner"], ["ADMIN"], ["member", ""], ["member\u{0}"], [String(repeating: "x", count: 1_000_000)]])
  func `Roles that don't exist are refused, and none at all`(names: [String]) async throws {
    let lab = try await Lab()
    let founder = try await lab.founder()
    #expect(await faultyFields { try await lab.plane.members.setRoles(founder.id, names, seen: nil, in: lab.slug, by: lab.admin) } == ["roles"])
    #expect(try await lab.founder() == founder)
  }

  @Test func `Unless operators let others do it, only they add accounts directly, each once, until an instant to come`() async throws {
    let lab = try await Lab()
    let bob = try await lab.house.signUpVerified("Bob")
    let (id, members) = (bob.account.id, lab.plane.members)
    #expect(await refusal { try await members.add(id, roles: ["member"], expires: nil, to: lab.slug, by: lab.admin) } == "forbidden")
    #expect(await faultyFields { try await members.add(id, roles: ["member"], expires: lab.house.now, to: lab.slug, by: lab.operator) } == ["expires_at"])
    #expect(
      await refusal { try await members.add(lab.plane.world.moment().newID(), roles: ["member"], expires: nil, to: lab.slug, by: lab.operator) } == "missing")
    let counts = await outcomes(
      (0..<6).map { _ in { await refusal { try await members.add(id, roles: ["viewer"], expires: nil, to: lab.slug, by: lab.operator) } } })
    #expect(counts == ["success": 1, "member.exists": 5])
    #expect(try await lab.roles() == ["ada": "admin", "bob": "viewer"])
  }

  // MARK: Expiring and suspended members

  @Test func `A membership holds until the very instant at which it expires`() async throws {
    let lab = try await Lab()
    let (session, member) = try await lab.member("Bob", as: "viewer")
    let (caller, members) = (lab.house.caller(session), lab.plane.members)
    #expect(await faultyFields { try await members.setExpiry(member.id, lab.house.now, seen: nil, in: lab.slug, by: lab.admin) } == ["expires_at"])
    #expect(
      try await members.setExpiry(member.id, lab.house.now + .hours(1), seen: member.revision, in: lab.slug, by: lab.admin).state(at: lab.house.now) == .active)
    #expect(await refusal { try await members.setExpiry(member.id, nil, seen: member.revision, in: lab.slug, by: lab.admin) } == "stale")
    lab.house.pass(.hours(1) - .milliseconds(1))
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: caller) } == nil)
    lab.house.pass(.milliseconds(1))
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: caller) } == "member.expired")
    #expect(await refusal { try await members.list(in: lab.slug, MemberFilter(), .first, by: caller) } == "member.expired")
    #expect(try await members.find(member.id, in: lab.slug, by: lab.admin).state(at: lab.house.now) == .expired)
    #expect(try await members.list(in: lab.slug, MemberFilter(state: .expired), .first, by: lab.admin).items.map(\.id) == [member.id])
    #expect(try await members.list(in: lab.slug, MemberFilter(state: .active), .first, by: lab.admin).total == 1)
    // Their address is still theirs; they come back by a new term, not by an invitation.
    #expect(await refusal { try await lab.invite("bob@example.org", as: "admin") } == "member.exists")
    _ = try await members.setExpiry(member.id, nil, seen: nil, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: caller) } == nil)
  }

  @Test func `A suspended member is kept out here and nowhere else, and loses nothing`() async throws {
    let lab = try await Lab()
    let (session, member) = try await lab.member("Bob", as: "viewer", "billing")
    let (caller, members) = (lab.house.caller(session), lab.plane.members)
    let own = try await lab.house.found("Bob's", by: session)
    let suspended = try await members.suspend(member.id, in: lab.slug, by: lab.admin)
    #expect(suspended.state(at: lab.house.now) == .suspended && suspended.roles == member.roles)
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: caller) } == "member.suspended")
    #expect(await refusal { try await lab.plane.organizations.find(own.slug.text, by: caller) } == nil)
    #expect(try await members.list(in: lab.slug, MemberFilter(state: .suspended), .first, by: lab.admin).total == 1)
    // Again changes nothing, and leaves no event.
    #expect(try await members.suspend(member.id, in: lab.slug, by: lab.admin) == suspended)
    _ = try await members.resume(member.id, in: lab.slug, by: lab.admin)
    #expect(try await members.resume(member.id, in: lab.slug, by: lab.admin).state(at: lab.house.now) == .active)
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: caller) } == nil)
    #expect(try await lab.house.actions(in: lab.stream).filter { $0 == "member.suspend" || $0 == "member.resume" } == ["member.suspend", "member.resume"])
    // Nobody is held against their will.
    _ = try await members.suspend(member.id, in: lab.slug, by: lab.admin)
    try await members.leave(lab.slug, by: caller)
    #expect(await refusal { try await members.leave(lab.slug, by: caller) } == "missing")
    #expect(await refusal { try await members.leave(lab.slug, by: lab.operator) } == "missing")
  }

  // MARK: Former members

  @Test func `A member who goes loses everything here at once, and nothing elsewhere`() async throws {
    let lab = try await Lab()
    let (session, member) = try await lab.member("Bob", as: "viewer")
    let own = try await lab.house.found("Bob's", by: session)
    let bound = try await lab.plane.tokens.create(
      try AccessTokenDraft(name: "CI", scopes: ["organization:read"], organization: lab.slug), by: lab.house.caller(session))
    let free = try await lab.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["organization:read"]), by: lab.house.caller(session))
    try await lab.plane.members.remove(member.id, in: lab.slug, by: lab.admin)
    let table: [(Caller, String, String?)] = [
      (lab.house.caller(session), lab.slug, "missing"), (lab.house.caller(bound.secret), lab.slug, "credential.invalid"),
      (lab.house.caller(free.secret), lab.slug, "missing"),
      (lab.house.caller(session), own.slug.text, nil), (lab.house.caller(free.secret), own.slug.text, nil),
    ]
    for (caller, reference, expected) in table { #expect(await refusal { try await lab.plane.organizations.find(reference, by: caller) } == expected) }
    #expect(await refusal { try await lab.plane.members.remove(member.id, in: lab.slug, by: lab.admin) } == "member.missing")
    #expect(try await lab.plane.organizations.find(lab.slug, by: lab.admin).memberCount == 1)
    #expect(try await lab.plane.organizations.list(all: false, search: nil, .first, by: lab.house.caller(session)).items.map(\.id) == [own.id])
  }

  @Test func `Who left or was removed can be reinstated as what they were, for a term`() async throws {
    let lab = try await Lab(change: { $0.reinstatementTerm = .days(2) })
    let members = lab.plane.members
    let (bob, bobs) = try await lab.member("Bob", as: "viewer", "billing")
    let (carol, _) = try await lab.member("Carol", as: "guest")
    try await members.remove(bobs.id, in: lab.slug, by: lab.admin)
    lab.house.pass(.minutes(1))
    try await members.leave(lab.slug, by: lab.house.caller(carol))
    let former = try await members.listFormer(in: lab.slug, .first, by: lab.admin)
    #expect(former.total == 2 && former.items.map(\.reason) == [.left, .removed] && former.items.map(\.handle.text) == ["carol", "bob"])
    let counts = await outcomes((0..<4).map { _ in { await refusal { try await members.reinstate(former.items[1].id, in: lab.slug, by: lab.admin) } } })
    #expect(counts["success"] == 1 && counts.values.reduce(0, +) == 4)
    #expect(try await lab.roles() == ["ada": "admin", "bob": "billing, viewer"])
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: lab.house.caller(bob)) } == nil)
    lab.house.pass(.days(2) - .milliseconds(1))
    #expect(try await members.listFormer(in: lab.slug, .first, by: lab.admin).total == 1)
    lab.house.pass(.milliseconds(1))
    #expect(try await members.listFormer(in: lab.slug, .first, by: lab.admin).total == 0)
    #expect(await refusal { try await members.reinstate(former.items[0].id, in: lab.slug, by: lab.admin) } == "missing")
    try await PurgeOrganizations(lab.plane).run()
    #expect(try await lab.plane.read(as: .system("test")) { work in try work.tx.count("SELECT count(*) AS n FROM former_member") } == 0)
  }

  // MARK: Many

  @Test func `Changing many tells for each what came of it, in their order`() async throws {
    let lab = try await Lab()
    let (bob, carol, founder) = (try await lab.member("Bob", as: "guest").member, try await lab.member("Carol", as: "guest").member, try await lab.founder())
    let foreign = lab.plane.world.moment().newID(Member.self)
    let results = try await lab.plane.members.setRoles([bob.id, foreign, founder.id, carol.id, bob.id], ["viewer"], in: lab.slug, by: lab.admin)
    #expect(results.map(refusalName) == [nil, "member.missing", "organization.last_admin", nil, nil])
    #expect(try await lab.roles() == ["ada": "admin", "bob": "viewer", "carol": "viewer"])
    #expect(try await lab.house.actions(in: lab.stream).count { $0 == "member.update" } == 2)
    #expect(
      await refusal { _ = try await lab.plane.members.setRoles(Array(repeating: bob.id, count: 501), ["viewer"], in: lab.slug, by: lab.admin) } == "too_many")
  }

  /// Writes without asking anybody: for worlds that would take too long to make by sign-ups.
  private struct Setup: Proof {}

  @Test func `Thousands of members are paged through, each once, with the total on every page`() async throws {
    let lab = try await Lab()
    let (count, id) = (2500, lab.organization.id)
    try await lab.plane.write(as: .system("test")) { work in
      for number in 0..<count {
        let account = work.tx.newID(Account.self)
        // Many share a name, some have signs that patterns know.
        let (name, key) = ("Person \(number % 50)", number % 100 == 0 ? "under_\(number)" : "p\(number)")
        try work.tx.change(
          "INSERT INTO account (id, name, active, super_user, created_at, revision) VALUES (\(account), \(name), \(number % 5 != 0), \(false), \(work.now), 1)",
          under: Setup())
        try work.tx.change(
          "INSERT INTO name (key, text, kind, owner, current, since) VALUES (\(key), \(key), 'account', \(account), 1, \(work.now))", under: Setup())
        let role: OrganizationRole = number % 10 == 0 ? .viewer : .member
        try work.members.join(account, id, RoleSet(role), source: .invited, expires: number % 7 == 0 ? work.now + .hours(1) : nil, under: Setup())
      }
    }
    let members = lab.plane.members
    for order in MemberFilter.Order.allCases {
      for limit in [199, 200] {
        var (seen, last, cursor): (Set<ID<Member>>, String, Cursor?) = ([], "", nil)
        repeat {
          let page = try await members.list(in: lab.slug, MemberFilter(order: order), try PageRequest(limit: limit, cursor: cursor), by: lab.admin)
          #expect(page.total == count + 1)
          for member in page.items {
            #expect(seen.insert(member.id).inserted)
            if order == .name {
              #expect(last <= member.name.text.lowercased())
              last = member.name.text.lowercased()
            }
          }
          cursor = page.next
        } while cursor != nil
        #expect(seen.count == count + 1)
      }
    }
    lab.house.pass(.hours(1))
    let all = 0..<count
    let table: [(MemberFilter, Int)] = [
      (MemberFilter(search: "PERSON 49"), 50), (MemberFilter(search: "under_"), 25), (MemberFilter(search: "%"), 0), (MemberFilter(search: "!"), 0),
      (MemberFilter(search: "nobody"), 0),
      (MemberFilter(search: ""), count + 1), (MemberFilter(role: .viewer), 250), (MemberFilter(role: .admin), 1), (MemberFilter(role: .guest), 0),
      (MemberFilter(state: .deactivated), all.count { $0 % 5 == 0 }), (MemberFilter(state: .expired), all.count { $0 % 5 != 0 && $0 % 7 == 0 }),
      (MemberFilter(state: .active), all.count { $0 % 5 != 0 && $0 % 7 != 0 } + 1), (MemberFilter(state: .suspended), 0),
      (MemberFilter(search: "person 1", role: .viewer, state: .deactivated), all.count { $0 % 10 == 0 && "\($0 % 50)".hasPrefix("1") }),
    ]
    for isIndexed in [false, true] {
      if isIndexed {
        try await IndexMembers(lab.plane).run()
        try await FileByExpiry(lab.plane).run()
      }
      for (filter, total) in table {
        for order in MemberFilter.Order.allCases {
          var (filter, seen, cursor): (MemberFilter, Set<ID<Member>>, Cursor?) = (filter, [], nil)
          filter.order = order
          repeat {
            let page = try await members.list(in: lab.slug, filter, try PageRequest(limit: 200, cursor: cursor), by: lab.admin)
            #expect(page.total == total, "\(filter), indexed: \(isIndexed)")
            seen.formUnion(page.items.map(\.id))
            cursor = page.next
          } while cursor != nil
          #expect(seen.count == total, "\(filter), indexed: \(isIndexed)")
        }
      }
    }
    let cursor = try #require(try await members.list(in: lab.slug, MemberFilter(), .first, by: lab.admin).next)
    #expect(
      await faultyFields { try await members.list(in: lab.slug, MemberFilter(order: .since), try PageRequest(cursor: cursor), by: lab.admin) } == ["cursor"])
    let forged = Cursor(list: "members-by-since", keys: ["soon", "x"])
    #expect(
      await faultyFields { try await members.list(in: lab.slug, MemberFilter(order: .since), try PageRequest(cursor: forged), by: lab.admin) } == ["cursor"])
    #expect(await faultyFields { try PageRequest(limit: 0) } == ["limit"])
    #expect(await faultyFields { try PageRequest(limit: 201) } == ["limit"])
  }

  @Test func `Lists tell who expired whether they are filed or not, and whichever way the clock went`() async throws {
    let lab = try await Lab()
    var ids: [ID<Member>] = []
    for name in ["Bob", "Cleo", "Dan"] { ids.append(try await lab.member(name, as: "member").1.id) }
    for (place, hours) in [(0, 1), (1, 2)] { _ = try await lab.plane.members.setExpiry(ids[place], lab.house.now + .hours(hours), seen: nil, in: lab.slug, by: lab.admin) }
    func names(_ state: Member.State) async throws -> [String] {
      let page = try await lab.plane.members.list(in: lab.slug, MemberFilter(state: state), .first, by: lab.admin)
      #expect(page.total == page.items.count)
      return page.items.map(\.name.text)
    }
    let filing = FileByExpiry(lab.plane)
    for (hours, expired) in [(0, []), (1, ["Bob"]), (2, ["Bob", "Cleo"]), (-2, ["Bob"]), (-1, []), (3, ["Bob", "Cleo"])] {
      lab.house.pass(.hours(hours))
      let active = ["Ada", "Bob", "Cleo", "Dan"].filter { !expired.contains($0) }
      // Nobody waits for the job, unless the clock was put back.
      if hours >= 0 {
        #expect(try await names(.expired) == expired)
        #expect(try await names(.active) == active)
      }
      try await filing.run()
      #expect(try await names(.expired) == expired)
      #expect(try await names(.active) == active)
    }
    // Longer again, and for good.
    _ = try await lab.plane.members.setExpiry(ids[0], lab.house.now + .hours(1), seen: nil, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.members.setExpiry(ids[1], nil, seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await names(.expired).isEmpty)
    #expect(try await names(.active) == ["Ada", "Bob", "Cleo", "Dan"])
  }

  @Test func `Members of more segments than a database merges are listed whole`() async throws {
    let lab = try await Lab()
    let (id, roles) = (lab.organization.id, OrganizationRole.allCases)
    // Every set of roles, twice: some filed as expired, some not yet.
    for round in 0..<2 {
      try await lab.plane.write(as: .system("test")) { work in
        for number in 1..<(1 << roles.count) {
          let account = work.tx.newID(Account.self)
          try work.tx.change("INSERT INTO account (id, name, active, super_user, created_at, revision) VALUES (\(account), 'Somebody', 1, 0, \(work.now), 1)", under: Setup())
          let key = "s\(round)-\(number)"
          try work.tx.change("INSERT INTO name (key, text, kind, owner, current, since) VALUES (\(key), \(key), 'account', \(account), 1, \(work.now))", under: Setup())
          let set = try RoleSet(roles.enumerated().filter { number >> $0.offset & 1 == 1 }.map(\.element)).orDefect()
          try work.members.join(account, id, set, source: .invited, expires: work.now + .hours(1), under: Setup())
        }
      }
      lab.house.pass(.hours(2))
      if round == 0 { try await FileByExpiry(lab.plane).run() }
    }
    for (filter, total) in [(MemberFilter(state: .expired), 510), (MemberFilter(role: .guest, state: .expired), 256), (MemberFilter(state: .active), 1)] {
      for order in MemberFilter.Order.allCases {
        var (filter, seen, cursor): (MemberFilter, Set<ID<Member>>, Cursor?) = (filter, [], nil)
        filter.order = order
        repeat {
          let page = try await lab.plane.members.list(in: lab.slug, filter, try PageRequest(limit: 200, cursor: cursor), by: lab.admin)
          #expect(page.total == total)
          seen.formUnion(page.items.map(\.id))
          cursor = page.next
        } while cursor != nil
        #expect(seen.count == total)
      }
    }
  }

  // MARK: Other organizations

  @Test func `A member is found in their own organization alone`() async throws {
    let lab = try await Lab()
    let eve = try await lab.house.signUpVerified("Eve")
    let other = try await lab.house.found("Other", by: eve)
    let (session, member) = try await lab.member("Bob", as: "guest")
    let (caller, members) = (lab.house.caller(eve), lab.plane.members)
    for (reference, expected) in [
      (other.slug.text, "member.missing"), (other.id.description, "member.missing"), (lab.slug, "missing"), (lab.organization.id.description, "missing"),
    ] {
      #expect(await refusal { try await members.find(member.id, in: reference, by: caller) } == expected)
      #expect(await refusal { try await members.setRoles(member.id, ["admin"], seen: nil, in: reference, by: caller) } == expected)
      #expect(await refusal { try await members.setExpiry(member.id, nil, seen: nil, in: reference, by: caller) } == expected)
      #expect(await refusal { try await members.suspend(member.id, in: reference, by: caller) } == expected)
      #expect(await refusal { try await members.resume(member.id, in: reference, by: caller) } == expected)
      #expect(await refusal { try await members.remove(member.id, in: reference, by: caller) } == expected)
      #expect(await refusal { try await lab.plane.organizations.transfer(reference, to: member.id, steppingDownTo: .guest, by: caller) } == expected)
    }
    try await members.leave(lab.slug, by: lab.house.caller(session))
    let former = try await members.listFormer(in: lab.slug, .first, by: lab.admin).items[0]
    #expect(await refusal { try await members.reinstate(former.id, in: other.slug.text, by: caller) } == "missing")
    #expect(try await members.listFormer(in: other.slug.text, .first, by: caller).total == 0)
    #expect(try await lab.house.actions(in: .organization(other.id)) == ["organization.create"])
  }
}
