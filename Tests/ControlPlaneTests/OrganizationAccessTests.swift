import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import TestSupport
import Testing

@Suite struct OrganizationAccessTests {
  @Test func `What is held beside the membership adds up with it, through teams too, and ends at once`() async throws { try await Self.addingUp(Lab()) }

  static func addingUp(_ lab: Lab) async throws {
    try await GrantsTests.fill(lab)
    let (session, member) = try await lab.member("Bob", as: "guest")
    let bob = lab.house.caller(session)
    try await lab.team("Crew")
    _ = try await lab.plane.roles.define(RoleDraft(level: "organization", name: "Counter", rights: ["event.list", "member.list"]), in: lab.slug, by: lab.admin)
    func may(_ caller: Caller) async -> (lists: Bool, reads: Bool, sees: Bool) {
      (
        await refusal { try await lab.plane.events.list(in: lab.slug, EventFilter(), .first, by: caller) } == nil,
        await refusal { try await lab.plane.workspaces.find("research", in: lab.slug, by: caller) } == nil,
        await refusal { try await lab.plane.members.list(in: lab.slug, MemberFilter(), .first, by: caller) } == nil
      )
    }
    #expect(await may(bob) == (false, false, false))
    let counter = try await lab.plane.organizationAccess.give(GrantDraft(.member("bob"), role: "counter"), in: lab.slug, by: lab.admin)
    #expect(await may(bob) == (true, false, true))
    // A built-in one by a team: for who is in it, as long as they are.
    let crew = try await lab.plane.organizationAccess.give(GrantDraft(.team("crew"), role: "viewer"), in: lab.slug, by: lab.admin)
    #expect(await may(bob) == (true, false, true))
    try await lab.add("bob", to: "crew")
    #expect(await may(bob) == (true, true, true))
    let explained = try await lab.plane.decisions.check(
      AccessQuestion(principal: .account("bob"), action: "read", resource: ThingName(type: "workspace", id: "research")), explains: true, in: lab.slug, by: lab.admin).answer
    #expect(explained.grounds.map(\.role) == ["organization.viewer"] && explained.grounds.map(\.teams) == [["crew"]])
    try await DecisionFactsTests.compare(lab, "in the team")
    _ = try await lab.plane.teams.remove("bob", from: "crew", in: lab.slug, by: lab.admin)
    #expect(await may(bob) == (true, false, true))
    try await lab.add("bob", to: "crew")
    try await lab.plane.organizationAccess.withdraw(crew.id, in: lab.slug, by: lab.admin)
    #expect(await may(bob) == (true, false, true))
    // Its end is exact.
    _ = try await lab.plane.organizationAccess.update(counter.id, GrantUpdate(expires: .at(lab.now + .hours(1))), seen: 1, in: lab.slug, by: lab.admin)
    lab.house.pass(.hours(1) - .milliseconds(1))
    #expect(await may(bob) == (true, false, true))
    lab.house.pass(.milliseconds(1))
    #expect(await may(bob) == (false, false, false))
    try await DecisionFactsTests.compare(lab, "after its end")
    // Suspended is suspended, whatever is held beside.
    _ = try await lab.plane.organizationAccess.update(counter.id, GrantUpdate(role: "viewer", expires: .never), seen: nil, in: lab.slug, by: lab.admin)
    #expect(await may(bob) == (false, true, true))
    _ = try await lab.plane.members.suspend(member.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.workspaces.find("research", in: lab.slug, by: bob) } == "member.suspended")
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  @Test func `A guest without a team sees nothing, in a team exactly what the team has, and nothing again when they leave it`() async throws {
    let lab = try await Lab()
    try await GrantsTests.fill(lab)
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Other"), of: "research", in: lab.slug, by: lab.admin)
    try await lab.workspace("Closed")
    let gus = lab.house.caller(try await lab.member("Gus", as: "guest").session)
    try await lab.team("Crew")
    try await lab.team("Painters")
    try await lab.give("crew", "viewer", on: GrantsTests.forecast)
    try await lab.give("painters", "developer", on: .project("other", in: "research"))
    func seen() async throws -> (workspaces: [String], projects: [String], teams: [String]) {
      (
        try await lab.plane.workspaces.list(in: lab.slug, .first, by: gus).items.map(\.resource.slug.text),
        try await lab.plane.projects.list(in: lab.slug, .first, by: gus).items.map(\.resource.slug.text),
        try await lab.plane.teams.list(in: lab.slug, TeamFilter(), .first, by: gus).items.map(\.team.slug.text)
      )
    }
    func update(_ project: String) async -> String? {
      await refusal { try await lab.plane.projects.update(project, ProjectUpdate(ResourceUpdate(name: "X")), seen: nil, of: "research", in: lab.slug, by: gus) }
    }
    #expect(try await seen() == ([], [], []))
    for project in ["forecast", "other"] { #expect(await update(project) == "missing") }
    try await lab.add("gus", to: "crew")
    #expect(try await seen() == (["research"], ["forecast"], ["crew"]))
    #expect(await update("forecast") == "forbidden")
    #expect(await update("other") == "missing")
    #expect(await refusal { try await lab.plane.workspaces.find("closed", in: lab.slug, by: gus) } == "missing")
    // Each team with a role of its own.
    try await lab.add("gus", to: "painters")
    #expect(try await seen() == (["research"], ["forecast", "other"], ["crew", "painters"]))
    for team in ["crew", "painters"] { _ = try await lab.plane.teams.remove("gus", from: team, in: lab.slug, by: lab.admin) }
    #expect(try await seen() == ([], [], []))
    for project in ["forecast", "other"] { #expect(await update(project) == "missing") }
    try await DecisionFactsTests.compare(lab, "out of the teams")
  }

  @Test func `A deleted team takes its roles along, and only who could give them deletes it`() async throws {
    let lab = try await Lab()
    let bob = lab.house.caller(try await lab.member("Bob", as: "guest").session)
    let mia = lab.house.caller(try await lab.member("Mia", as: "manager").session)
    try await lab.team("Crew")
    try await lab.add("bob", to: "crew")
    _ = try await lab.plane.organizationAccess.give(GrantDraft(.team("crew"), role: "admin"), in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.events.list(in: lab.slug, EventFilter(), .first, by: bob) } == nil)
    #expect(await refusal { try await lab.plane.teams.delete("crew", in: lab.slug, by: mia) } == "role.above_own")
    try await lab.plane.teams.delete("crew", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.events.list(in: lab.slug, EventFilter(), .first, by: bob) } == "forbidden")
    #expect(try await lab.plane.organizationAccess.list(in: lab.slug, .first, by: lab.admin).total == 0)
    try await DecisionFactsTests.compare(lab, "without the team")
  }

  @Test func `Nobody gives what they lack, be it by a role, by a team or by its maintainers`() async throws {
    let lab = try await Lab()
    let mia = lab.house.caller(try await lab.member("Mia", as: "manager").session)
    let (guest, member) = try await lab.member("Gus", as: "guest")
    _ = try await lab.member("Bob", as: "guest")
    try await lab.team("Crew")
    try await lab.add("gus", to: "crew")
    let access = lab.plane.organizationAccess
    for (role, code) in [("viewer", nil), ("manager", nil), ("billing", "role.above_own"), ("admin", "role.above_own"), ("emperor", "invalid")] as [(String, String?)] {
      #expect(await refusal { try await access.give(GrantDraft(.member("bob"), role: role), in: lab.slug, by: mia) } == code, "\(role)")
      #expect(await refusal { try await access.give(GrantDraft(.team("crew"), role: role), in: lab.slug, by: mia) } == code, "\(role) to a team")
    }
    let above = try await access.give(GrantDraft(.team("crew"), role: "admin"), in: lab.slug, by: lab.admin)
    // Neither by adding somebody, nor by taking somebody out, nor by naming a maintainer, nor by changing or taking the role.
    #expect(try await lab.plane.teams.add([.anybody("bob")], to: "crew", in: lab.slug, by: mia).map { refusalCode($0.result) } == ["role.above_own"])
    #expect(await refusal { try await lab.plane.teams.remove("gus", from: "crew", in: lab.slug, by: mia) } == "role.above_own")
    #expect(await refusal { try await lab.plane.teams.addMaintainer("gus", of: "crew", in: lab.slug, by: mia) } == "role.above_own")
    #expect(await refusal { try await access.update(above.id, GrantUpdate(role: "viewer"), seen: nil, in: lab.slug, by: mia) } == "role.above_own")
    #expect(await refusal { try await access.withdraw(above.id, in: lab.slug, by: mia) } == "role.above_own")
    // Who is an admin by their team is out of a manager's reach, as any admin is.
    #expect(await refusal { try await lab.plane.members.suspend(member.id, in: lab.slug, by: mia) } == "role.above_own")
    #expect(await refusal { try await lab.plane.members.remove(member.id, in: lab.slug, by: mia) } == "role.above_own")
    // What a team gives can be given on by who has it: the guest is an admin as long as they are in the team.
    #expect(await refusal { try await access.give(GrantDraft(.member("bob"), role: "billing"), in: lab.slug, by: lab.house.caller(guest)) } == nil)
    try await access.withdraw(above.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await access.give(GrantDraft(.member("bob"), role: "billing"), in: lab.slug, by: lab.house.caller(guest)) } == "role.above_own", "a manager by the team still")
    #expect(await refusal { try await lab.plane.members.suspend(member.id, in: lab.slug, by: mia) } == nil, "within a manager's reach again")
  }

  @Test func `An admin by a team isn't the admin that the organization always has`() async throws {
    let lab = try await Lab()
    _ = try await lab.member("Bob", as: "member")
    try await lab.team("Admins")
    try await lab.add("bob", to: "admins")
    _ = try await lab.plane.organizationAccess.give(GrantDraft(.team("admins"), role: "admin"), in: lab.slug, by: lab.admin)
    _ = try await lab.plane.organizationAccess.give(GrantDraft(.member("bob"), role: "admin"), in: lab.slug, by: lab.admin)
    let ada = try await lab.founder()
    #expect(await refusal { try await lab.plane.members.setRoles(ada.id, ["viewer"], seen: nil, in: lab.slug, by: lab.admin) } == "organization.last_admin")
    #expect(await refusal { try await lab.plane.members.leave(lab.slug, by: lab.admin) } == "organization.last_admin")
    // Nor does it go with the team.
    try await lab.plane.teams.delete("admins", in: lab.slug, by: lab.admin)
  }

  @Test func `Service accounts hold further roles too, without what is left to people, and only who manages them gives any`() async throws {
    let lab = try await Lab()
    let robot = try await lab.machine("Robot", as: "guest")
    let mia = lab.house.caller(try await lab.member("Mia", as: "manager").session)
    let access = lab.plane.organizationAccess
    #expect(await refusal { try await lab.plane.members.list(in: lab.slug, MemberFilter(), .first, by: robot) } == "forbidden")
    #expect(await refusal { try await access.give(GrantDraft(.serviceAccount("robot"), role: "viewer"), in: lab.slug, by: mia) } == "forbidden")
    _ = try await access.give(GrantDraft(.serviceAccount("robot"), role: "admin"), in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.members.list(in: lab.slug, MemberFilter(), .first, by: robot) } == nil)
    #expect(await refusal { try await lab.invite("x@example.org", as: "guest", by: robot) } == "forbidden", "inviting is left to people")
    try await DecisionFactsTests.compare(lab, "with the robot")
    #expect(await refusal { try await access.give(GrantDraft(.serviceAccount("robot"), role: "admin"), in: lab.slug, by: lab.admin) } == "grant.exists")
    let sent = try await lab.invite("new@example.org", as: "guest")
    #expect(await refusal { try await access.give(GrantDraft(.invitation(sent.invitation.id.description), role: "viewer"), in: lab.slug, by: lab.admin) } == "invalid")
  }

  @Test func `Of another organization nothing is found, and what was read before a change is stale`() async throws {
    let lab = try await Lab()
    let elsewhere = try await lab.house.found("Elsewhere", by: lab.ada)
    _ = try await lab.member("Bob", as: "guest")
    let access = lab.plane.organizationAccess
    let foreign = try await access.give(GrantDraft(.member("ada"), role: "viewer"), in: elsewhere.slug.text, by: lab.admin)
    #expect(await refusal { try await access.find(foreign.id, in: lab.slug, by: lab.admin) } == "missing")
    #expect(await refusal { try await access.withdraw(foreign.id, in: lab.slug, by: lab.admin) } == "missing")
    #expect(await refusal { try await access.update(foreign.id, GrantUpdate(role: "guest"), seen: nil, in: lab.slug, by: lab.admin) } == "missing")
    #expect(await refusal { try await access.give(GrantDraft(.member("bob"), role: "viewer"), in: elsewhere.slug.text, by: lab.admin) } == "invalid")
    let own = try await access.give(GrantDraft(.member("bob"), role: "viewer"), in: lab.slug, by: lab.admin)
    #expect(await refusal { try await access.give(GrantDraft(.member("bob"), role: "guest", expires: lab.now), in: lab.slug, by: lab.admin) } == "invalid")
    _ = try await access.update(own.id, GrantUpdate(expires: .at(lab.now + .hours(1))), seen: 1, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await access.withdraw(own.id, seen: 1, in: lab.slug, by: lab.admin) } == "stale")
    #expect(await refusal { try await access.update(own.id, GrantUpdate(role: "member"), seen: 1, in: lab.slug, by: lab.admin) } == "stale")
    #expect(try await lab.house.actions(in: lab.stream).suffix(2) == ["organization-access.give", "organization-access.update"])
  }

  @Test func `Reading a member asks for no more than before, unless something is held beside the membership`() async throws {
    let lab = try await Lab()
    let (session, _) = try await lab.member("Bob", as: "viewer")
    func statements() async throws -> Int {
      let caller = lab.house.caller(session)
      return try await lab.plane.read(as: caller) { work in
        _ = try work.actor()
        let organization = try work.organizations.find(lab.slug).orDefect()
        let counting = CountingTransaction(work.tx)
        let counted = Work(counting, caller: caller, plane: lab.plane)
        _ = try counted.permit(ListMembers.self, on: organization)
        return counting.count
      }
    }
    // Who asks, and their membership.
    #expect(try await statements() == 2)
    _ = try await lab.plane.organizationAccess.give(GrantDraft(.member("bob"), role: "billing"), in: lab.slug, by: lab.admin)
    #expect(try await statements() == 3)
  }
}

/// The code of a refusal; `nil` for a success.
private func refusalCode<Value>(_ result: Result<Value, Problem>) -> String? { if case .failure(let problem) = result { problem.code.name } else { nil } }

/// Counts the statements that go through it.
private final class CountingTransaction: Transaction {
  private let inner: any Transaction
  private(set) var count = 0

  init(_ inner: any Transaction) { self.inner = inner }

  var moment: Moment { inner.moment }
  func rows(_ statement: Statement) throws(Problem) -> [Row] {
    count += 1
    return try inner.rows(statement)
  }
  func rows(_ statement: Statement, under proof: some Proof) throws(Problem) -> [Row] { try inner.rows(statement, under: proof) }
  func change(_ statement: Statement, under proof: some Proof) throws(Problem) -> Int { try inner.change(statement, under: proof) }
  func insert(_ rows: Insertion, under proof: some Proof) throws(Problem) { try inner.insert(rows, under: proof) }
}
