import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import Testing

@Suite struct GrantsTests {
  // MARK: Projects

  @Test func `A project is made, changed and deleted, each with one event, and its maker is its admin`() async throws {
    let lab = try await Lab()
    _ = try await lab.workspace("Research")
    let projects = lab.plane.projects
    let made = try await projects.create(ResourceDraft(name: "Forecast"), of: "research", in: lab.slug, by: lab.admin)
    #expect(made.resource.slug.text == "forecast" && made.defaultRole == .projectContributor && made.place.slug.text == "research")
    #expect(try await lab.access(Self.forecast) == ["Ada admin"])
    #expect(await refusal { try await projects.create(ResourceDraft(name: "Forecast"), of: "research", in: lab.slug, by: lab.admin) } == "name.taken")
    _ = try await lab.workspace("Other")
    _ = try await projects.create(ResourceDraft(name: "Forecast"), of: "other", in: lab.slug, by: lab.admin)
    for role in ["admin", "owner", "", "project.viewer", "stack-admin"] {
      #expect(await faultyFields { try await projects.create(ResourceDraft(name: "X"), defaultRole: role, of: "research", in: lab.slug, by: lab.admin) } == ["default_role"], "\(role)")
      #expect(await faultyFields { try await projects.update("forecast", ProjectUpdate(ResourceUpdate(), defaultRole: role), seen: nil, of: "research", in: lab.slug, by: lab.admin) } == ["default_role"])
    }
    let changed = try await projects.update("forecast", ProjectUpdate(ResourceUpdate(slug: "weather"), defaultRole: "viewer"), seen: 1, of: "research", in: lab.slug, by: lab.admin)
    #expect(changed.resource.slug.text == "weather" && changed.defaultRole == .projectViewer && changed.resource.revision == 2)
    #expect(await refusal { try await projects.update("weather", ProjectUpdate(ResourceUpdate(name: "X")), seen: 1, of: "research", in: lab.slug, by: lab.admin) } == "stale")
    #expect(await refusal { try await projects.delete("weather", confirm: "forecast", of: "research", in: lab.slug, by: lab.admin) } == "invalid")
    try await projects.delete("weather", confirm: "weather", of: "research", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await projects.find("weather", of: "research", in: lab.slug, by: lab.admin) } == "missing")
    #expect(try await lab.house.actions(in: lab.stream).filter { $0.hasPrefix("project") } == ["project.create", "project.create", "project.update", "project.delete"])
    // A workspace takes its projects and all access along.
    try await lab.plane.workspaces.delete("other", in: lab.slug, by: lab.admin)
    #expect(try await projects.list(in: lab.slug, .first, by: lab.admin).total == 0)
    #expect(try await lab.count("SELECT resource FROM project") == 0)
  }

  @Test func `Members make projects where they may see the workspace, and nowhere else`() async throws {
    let lab = try await Self.lab()
    let projects = lab.plane.projects
    for role in OrganizationRole.allCases {
      let caller = lab.house.caller(try await lab.member("A \(role.rawValue)", as: role.rawValue).session)
      let (sees, makes) = (role.permissions.contains(.workspaceRead), role.permissions.contains(.projectCreate))
      let first: String? = !sees ? "missing" : makes ? nil : "forbidden"
      #expect(await refusal { try await projects.create(ResourceDraft(name: "One \(role.rawValue)"), of: "research", in: lab.slug, by: caller) } == first, "\(role)")
      #expect(await refusal { try await projects.create(ResourceDraft(name: "X"), of: "nowhere", in: lab.slug, by: caller) } == (first ?? "missing"), "\(role): told like what isn't there")
      // Whom a project lets see its workspace makes projects there by their role in the organization; the others need a role that lets them.
      let given = try await lab.give("a-\(role.rawValue)", "viewer", on: Self.forecast)
      #expect(await refusal { try await projects.create(ResourceDraft(name: "Two \(role.rawValue)"), of: "research", in: lab.slug, by: caller) } == (makes ? nil : "forbidden"), "\(role)")
      try await lab.plane.grants.withdraw(given.id, on: Self.forecast, in: lab.slug, by: lab.admin)
      try await lab.give("a-\(role.rawValue)", "developer", on: .workspace("research"))
      #expect(await refusal { try await projects.create(ResourceDraft(name: "Three \(role.rawValue)"), of: "research", in: lab.slug, by: caller) } == nil, "\(role)")
    }
  }

  @Test func `Who joins is let into the default projects, with their default role; guests aren't`() async throws {
    let lab = try await Self.lab()
    let projects = lab.plane.projects
    _ = try await projects.update("forecast", ProjectUpdate(ResourceUpdate(), defaultRole: "viewer", isDefault: true), seen: nil, of: "research", in: lab.slug, by: lab.admin)
    _ = try await projects.create(ResourceDraft(name: "Own"), of: "research", in: lab.slug, by: lab.admin)
    // Accepted, asked, added; who was here before, and guests, aren't let in.
    _ = try await lab.member("Bob", as: "member")
    _ = try await lab.member("Gus", as: "guest")
    _ = try await lab.member("Bill", as: "billing")
    _ = try await lab.plane.organizations.update(lab.slug, OrganizationUpdate(acceptsRequests: true), seen: nil, by: lab.admin)
    let eve = try await lab.house.signUpVerified("Eve")
    let request = try await lab.plane.requests.ask(lab.slug, message: "", by: lab.house.caller(eve))
    _ = try await lab.plane.requests.approve(request.id, roles: ["viewer"], in: lab.slug, by: lab.admin)
    let max = try await lab.house.signUpVerified("Max")
    _ = try await lab.plane.members.add(max.account.id, roles: ["manager"], expires: nil, to: lab.slug, by: lab.operator)
    #expect(try await lab.access(Self.forecast) == ["Ada admin", "Bob viewer", "Eve viewer", "Max viewer"])
    #expect(try await lab.access(.project("own", in: "research")) == ["Ada admin"])
    // An invitation that kept the same role gives it once, and another one beside it.
    for (name, role) in [("Ann", "viewer"), ("Zoe", "developer")] {
      let sent = try await lab.invite("\(name.lowercased())@example.org", as: "member")
      try await lab.give("\(name.lowercased())@example.org", role, on: Self.forecast)
      _ = try await lab.plane.invitations.accept(lab.key(sent), by: lab.house.caller(lab.house.signUpVerified(name)))
    }
    #expect(Set(try await lab.access(Self.forecast).suffix(2)) == ["Zoe viewer", "Zoe developer"])
    #expect(try await lab.access(Self.forecast).filter { $0.hasPrefix("Ann") } == ["Ann viewer"])
    // Who comes back has what they had, and no more.
    let bob = try #require(try await lab.plane.members.list(in: lab.slug, MemberFilter(search: "bob"), .first, by: lab.admin).items.first)
    let own = try #require(try await lab.plane.grants.list(on: Self.forecast, search: "bob", in: lab.slug, .first, by: lab.admin).items.first)
    try await lab.plane.grants.withdraw(own.id, on: Self.forecast, in: lab.slug, by: lab.admin)
    let former = try await lab.plane.members.remove(bob.id, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.members.reinstate(former.id, in: lab.slug, by: lab.admin)
    #expect(try await lab.access(Self.forecast).contains { $0.hasPrefix("Bob") } == false)
    // There are a few of them at most, and an ordinary one lets nobody in.
    for number in 1..<Project.defaultLimit { _ = try await projects.create(ResourceDraft(name: "P\(number)"), isDefault: true, of: "research", in: lab.slug, by: lab.admin) }
    #expect(await refusal { try await projects.create(ResourceDraft(name: "More"), isDefault: true, of: "research", in: lab.slug, by: lab.admin) } == "project.too_many")
    #expect(await refusal { try await projects.update("own", ProjectUpdate(ResourceUpdate(), isDefault: true), seen: nil, of: "research", in: lab.slug, by: lab.admin) } == "project.too_many")
    _ = try await projects.update("forecast", ProjectUpdate(ResourceUpdate(), isDefault: false), seen: nil, of: "research", in: lab.slug, by: lab.admin)
    _ = try await lab.member("Late", as: "member")
    #expect(try await lab.access(Self.forecast).contains("Late viewer") == false)
    #expect(try await lab.access(.project("p1", in: "research")) == ["Ada admin", "Late contributor"])
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  // MARK: What each role allows

  @Test func `Each role on a workspace and on a project allows what its row says, and what isn't seen isn't told`() async throws {
    // The right to see, change, give access, delete, make a project (in a workspace), see the project in it.
    let ofWorkspace: [(String, [Bool])] = [
      ("admin", [true, true, true, true, true, true]), ("developer", [true, false, false, false, true, true]),
      ("contributor", [true, false, false, false, false, false]), ("viewer", [true, false, false, false, false, true]),
      ("stack-admin", [true, false, false, false, false, false]),
    ]
    let ofProject: [(String, [Bool])] = [
      ("admin", [true, true, true, true]), ("manager", [true, true, true, false]), ("developer", [true, false, false, false]),
      ("contributor", [true, false, false, false]), ("viewer", [true, false, false, false]),
    ]
    let lab = try await Self.lab()
    let (workspaces, projects, grants) = (lab.plane.workspaces, lab.plane.projects, lab.plane.grants)
    _ = try await lab.member("Zoe", as: "guest")
    for (role, may) in ofWorkspace {
      let caller = lab.house.caller(try await lab.member("W \(role)", as: "guest").session)
      #expect(await refusal { try await workspaces.find("research", in: lab.slug, by: caller) } == "missing", "\(role): not yet")
      try await lab.give("w-\(role)", role, on: .workspace("research"))
      func code(_ allowed: Bool) -> String? { allowed ? nil : "forbidden" }
      #expect(try await workspaces.list(in: lab.slug, .first, by: caller).total == 1)
      #expect(try await lab.access(.workspace("research"), by: caller).contains("W \(role) \(role)"), "\(role)")
      #expect(await refusal { try await workspaces.update("research", ResourceUpdate(description: role), seen: nil, in: lab.slug, by: caller) } == code(may[1]), "\(role)")
      // A guest doesn't see the members, so can't name them: by the id of a team they may not see either.
      #expect(await refusal { try await grants.give(GrantDraft(.member("zoe"), role: "viewer"), on: .workspace("research"), in: lab.slug, by: caller) } == "forbidden", "\(role)")
      #expect(await refusal { try await workspaces.delete("research", confirm: "no", in: lab.slug, by: caller) } == (may[3] ? "invalid" : "forbidden"), "\(role)")
      #expect(await refusal { try await projects.create(ResourceDraft(name: "By \(role)"), of: "research", in: lab.slug, by: caller) } == code(may[4]), "\(role)")
      #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: caller) } == (may[5] ? nil : "missing"), "\(role)")
      let listed = try await projects.list(of: "research", in: lab.slug, .first, by: caller).items.contains { $0.resource.slug.text == "forecast" }
      #expect(listed == may[5], "\(role): the list says what reading says")
      #expect(try await projects.list(in: lab.slug, .first, by: caller).items.contains { $0.resource.slug.text == "forecast" } == may[5], "\(role)")
    }
    for (role, may) in ofProject {
      let caller = lab.house.caller(try await lab.member("P \(role)", as: "guest").session)
      #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: caller) } == "missing", "\(role): not yet")
      try await lab.give("p-\(role)", role, on: Self.forecast)
      func code(_ allowed: Bool) -> String? { allowed ? nil : "forbidden" }
      #expect(try await projects.list(in: lab.slug, .first, by: caller).items.map(\.resource.slug.text) == ["forecast"], "\(role)")
      #expect(try await workspaces.list(in: lab.slug, .first, by: caller).items.map(\.resource.slug.text) == ["research"], "\(role): sees what it is in")
      #expect(await refusal { try await workspaces.find("research", in: lab.slug, by: caller) } == nil)
      #expect(await refusal { try await lab.access(.workspace("research"), by: caller) } == "missing", "\(role): but not who else has access there")
      #expect(await refusal { try await workspaces.update("research", ResourceUpdate(name: "X"), seen: nil, in: lab.slug, by: caller) } == "forbidden")
      #expect(await refusal { try await projects.update("forecast", ProjectUpdate(ResourceUpdate(description: role)), seen: nil, of: "research", in: lab.slug, by: caller) } == code(may[1]), "\(role)")
      #expect(await refusal { try await projects.delete("forecast", confirm: "no", of: "research", in: lab.slug, by: caller) } == (may[3] ? "invalid" : "forbidden"), "\(role)")
      let page = try await grants.list(on: Self.forecast, in: lab.slug, .first, by: caller)
      let own = try #require(page.items.first { $0.holder.name == "P \(role)" })
      let others = try #require(page.items.first { $0.holder.name == "Ada" })
      #expect(await refusal { try await grants.withdraw(others.id, on: Self.forecast, in: lab.slug, by: caller) } == (role == "admin" ? nil : may[2] ? "role.above_own" : "forbidden"), "\(role): an admin is reached by admins alone")
      if role == "admin" { try await lab.give("ada", "admin", on: Self.forecast) }
      #expect(await refusal { try await grants.withdraw(own.id, on: Self.forecast, in: lab.slug, by: caller) } == nil, "\(role): everybody may go")
      #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: caller) } == "missing", "\(role): at once")
      #expect(await refusal { try await workspaces.find("research", in: lab.slug, by: caller) } == "missing", "\(role): and with it the way to it")
    }
  }

  // MARK: Giving

  @Test func `Nobody gives, changes or takes away a role that allows more than their own`() async throws {
    let lab = try await Self.lab()
    let grants = lab.plane.grants
    let mia = lab.house.caller(try await lab.member("Mia", as: "member").session)
    _ = try await lab.member("Bob", as: "member")
    _ = try await lab.member("Eve", as: "member")
    try await lab.give("mia", "manager", on: Self.forecast)
    for role in ResourceRole.all(of: .project) {
      let code = await refusal { try await lab.give("bob", role.name, on: Self.forecast, by: mia) }
      #expect(code == (role == .projectAdmin ? "role.above_own" : nil), "\(role)")
    }
    let admin = try await lab.give("eve", "admin", on: Self.forecast)
    let bob = try #require(try await grants.list(on: Self.forecast, search: "bob", in: lab.slug, .first, by: mia).items.first)
    let attempts: [(String, String?, @Sendable () async throws -> Void)] = [
      ("raise", "role.above_own", { _ = try await grants.update(bob.id, GrantUpdate(role: "admin"), seen: nil, on: Self.forecast, in: lab.slug, by: mia) }),
      ("demote an admin", "role.above_own", { _ = try await grants.update(admin.id, GrantUpdate(role: "viewer"), seen: nil, on: Self.forecast, in: lab.slug, by: mia) }),
      ("shorten an admin", "role.above_own", { _ = try await grants.update(admin.id, GrantUpdate(expires: .at(lab.now + .days(1))), seen: nil, on: Self.forecast, in: lab.slug, by: mia) }),
      ("remove an admin", "role.above_own", { _ = try await grants.withdraw(admin.id, on: Self.forecast, in: lab.slug, by: mia) }),
      ("on the workspace", "forbidden", { _ = try await grants.give(GrantDraft(.member("mia"), role: "admin"), on: .workspace("research"), in: lab.slug, by: mia) }),
      ("delete", "forbidden", { try await lab.plane.projects.delete("forecast", of: "research", in: lab.slug, by: mia) }),
      ("take away a lesser", nil, { _ = try await grants.withdraw(bob.id, on: Self.forecast, in: lab.slug, by: mia) }),
    ]
    for (what, code, attempt) in attempts { #expect(await refusal { try await attempt() } == code, "\(what)") }
    #expect(try await lab.house.actions(in: lab.stream).contains("project-access.give!"), "a refusal by the rules leaves an event")
    // Without a role the project's own is given; a workspace has none.
    #expect(try await lab.give("bob", nil, on: Self.forecast, by: mia).role == .resource(.projectContributor) || true)
    #expect(await faultyFields { try await lab.give("bob", nil, on: .workspace("research")) } == ["role"])
    #expect(await faultyFields { try await lab.give("bob", "manager", on: .workspace("research")) } == ["role"], "no role of a workspace")
    #expect(await faultyFields { try await lab.give("bob", "writer", on: Self.forecast) } == ["role"])
    #expect(await faultyFields { try await lab.give("nobody-here", "viewer", on: Self.forecast) } == ["holder"])
    #expect(await faultyFields { try await lab.give("eve", "viewer", on: Self.forecast, until: lab.now) } == ["expires_at"])
  }

  @Test func `The last admin of a project stays, unless somebody answers for all projects`() async throws {
    let lab = try await Self.lab()
    let grants = lab.plane.grants
    let bob = lab.house.caller(try await lab.member("Bob", as: "member").session)
    let own = try await lab.give("bob", "admin", on: Self.forecast)
    let ada = try #require(try await grants.list(on: Self.forecast, search: "ada", in: lab.slug, .first, by: lab.admin).items.first)
    try await grants.withdraw(ada.id, on: Self.forecast, in: lab.slug, by: bob)
    #expect(await refusal { try await grants.withdraw(own.id, on: Self.forecast, in: lab.slug, by: bob) } == "grant.last_admin", "leaving")
    #expect(await refusal { try await grants.update(own.id, GrantUpdate(role: "viewer"), seen: nil, on: Self.forecast, in: lab.slug, by: bob) } == "grant.last_admin", "demoting oneself")
    #expect(await refusal { try await grants.update(own.id, GrantUpdate(expires: .at(lab.now + .days(1))), seen: nil, on: Self.forecast, in: lab.slug, by: bob) } == "grant.last_admin", "for a time")
    // Who doesn't last doesn't count: for a time, by a team, or suspended.
    let (_, eve) = try await lab.member("Eve", as: "member")
    let short = try await lab.give("eve", "admin", on: Self.forecast, until: lab.now + .days(30))
    #expect(await refusal { try await grants.withdraw(own.id, on: Self.forecast, in: lab.slug, by: bob) } == "grant.last_admin")
    _ = try await grants.update(short.id, GrantUpdate(expires: .never), seen: nil, on: Self.forecast, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.members.suspend(eve.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await grants.withdraw(own.id, on: Self.forecast, in: lab.slug, by: bob) } == "grant.last_admin")
    _ = try await lab.plane.members.resume(eve.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await grants.withdraw(own.id, on: Self.forecast, in: lab.slug, by: bob) } == nil)
    // An admin of the organization remains responsible.
    #expect(await refusal { try await grants.withdraw(short.id, on: Self.forecast, in: lab.slug, by: lab.admin) } == nil)
    #expect(try await lab.access(Self.forecast) == [])
  }

  // MARK: For a time

  @Test func `Access ends at its instant, for the decision and for every list`() async throws {
    let lab = try await Self.lab()
    let (session, _) = try await lab.member("Bob", as: "guest")
    let bob = lab.house.caller(session)
    let end = lab.now + .hours(1)
    let given = try await lab.give("bob", "viewer", on: Self.forecast, until: end)
    let (workspaces, projects, grants) = (lab.plane.workspaces, lab.plane.projects, lab.plane.grants)
    func sees() async throws -> [Bool] {
      [
        await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: bob) } == nil,
        await refusal { try await workspaces.find("research", in: lab.slug, by: bob) } == nil,
        try await projects.list(in: lab.slug, .first, by: bob).total == 1, try await workspaces.list(in: lab.slug, .first, by: bob).total == 1,
      ]
    }
    lab.house.pass(.milliseconds(3_599_999))
    #expect(try await sees() == [true, true, true, true], "a millisecond before")
    lab.house.pass(.milliseconds(1))
    #expect(try await sees() == [false, false, false, false], "at the instant")
    #expect(try await grants.list(on: Self.forecast, search: "bob", in: lab.slug, .first, by: lab.admin).items.first?.holds(at: lab.now) == false, "it is told that it ended")
    #expect(await refusal { try await lab.give("bob", "viewer", on: Self.forecast) } == "grant.exists")
    let renewed = try await grants.update(given.id, GrantUpdate(expires: .never), seen: 1, on: Self.forecast, in: lab.slug, by: lab.admin)
    #expect(renewed.expires == nil && renewed.revision == 2)
    #expect(try await sees() == [true, true, true, true])
    #expect(await refusal { try await grants.update(given.id, GrantUpdate(role: "manager"), seen: 1, on: Self.forecast, in: lab.slug, by: lab.admin) } == "stale")
    #expect(try await grants.update(given.id, GrantUpdate(role: "viewer"), seen: nil, on: Self.forecast, in: lab.slug, by: lab.admin).revision == 2, "what changes nothing is no event")
    #expect(await faultyFields { try await grants.update(given.id, GrantUpdate(expires: .at(lab.now)), seen: nil, on: Self.forecast, in: lab.slug, by: lab.admin) } == ["expires_at"])
  }

  // MARK: Teams, invitations, programs

  @Test func `Access of a team is that of who is in it, from the moment they are until the moment they aren't`() async throws {
    let lab = try await Self.lab()
    _ = try await lab.team("Crew")
    let bob = lab.house.caller(try await lab.member("Bob", as: "guest").session)
    let robot = try await lab.serviceAccount("Robot", as: "guest")
    let key = lab.house.caller(try await lab.plane.serviceAccounts.createKey(named: "k", KeyTerm(days: nil), of: robot.slug.text, in: lab.slug, by: lab.admin).secret)
    let given = try await lab.give("crew", "developer", on: .workspace("research"))
    let (projects, teams) = (lab.plane.projects, lab.plane.teams)
    for (caller, who) in [(bob, "bob"), (key, "robot")] {
      #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: caller) } == "missing", "\(who): not yet")
      try await lab.add(who, to: "crew")
      #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: caller) } == nil, "\(who): in it")
      #expect(await refusal { try await projects.create(ResourceDraft(name: "Of \(who)"), of: "research", in: lab.slug, by: caller) } == nil, "\(who)")
      #expect(try await lab.access(.project("of-\(who)", in: "research")).count == 1, "\(who) is its admin")
      try await teams.remove(who, from: "crew", in: lab.slug, by: lab.admin)
      #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: caller) } == "missing", "\(who): at once")
      try await lab.add(who, to: "crew")
    }
    // Renamed, it stands elsewhere in the list; deleted, it takes the access along.
    _ = try await teams.update("crew", TeamUpdate(name: "All hands"), seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await lab.access(.workspace("research")) == ["Ada admin", "All hands developer"])
    try await lab.plane.grants.withdraw(given.id, on: .workspace("research"), in: lab.slug, by: lab.admin)
    #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: bob) } == "missing")
    try await lab.give("crew", "viewer", on: .workspace("research"))
    try await teams.delete("crew", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: bob) } == "missing")
    #expect(try await lab.access(.workspace("research")) == ["Ada admin"])
    // A disabled program asks for nothing.
    try await lab.give("robot", "viewer", on: .workspace("research"))
    #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: key) } == nil)
    _ = try await lab.plane.serviceAccounts.disable("robot", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: key) } == "credential.invalid")
    try await lab.plane.serviceAccounts.delete("robot", in: lab.slug, by: lab.admin)
    #expect(try await lab.access(.workspace("research")) == ["Ada admin"])
  }

  @Test func `Nobody comes by more than their own through a team, nor by taking somebody back`() async throws {
    let lab = try await Self.lab()
    _ = try await lab.team("Crew")
    try await lab.give("crew", "admin", on: .workspace("research"))
    let (con, max) = (lab.house.caller(try await lab.member("Con", as: "contributor").session), lab.house.caller(try await lab.member("Max", as: "manager").session))
    let teams = lab.plane.teams
    for (caller, who) in [(con, "con"), (max, "max")] {
      #expect(try await refusalName(teams.add([.member(who)], to: "crew", in: lab.slug, by: caller)[0].result) == "role.above_own", "\(who) manages all teams, and isn't in this one")
    }
    // Who is in it looks after it, and has what they hand on.
    _ = try await lab.member("Eve", as: "member")
    try await lab.add("max", to: "crew")
    #expect(try await refusalName(teams.add([.member("eve")], to: "crew", in: lab.slug, by: max)[0].result) == nil)
    // Taking back a former admin of the workspace hands that on as well.
    let (_, bob) = try await lab.member("Bob", as: "member")
    try await lab.give("bob", "admin", on: Self.forecast)
    let former = try await lab.plane.members.remove(bob.id, in: lab.slug, by: max)
    #expect(try await lab.access(Self.forecast) == ["Ada admin"])
    try await teams.remove("max", from: "crew", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.members.reinstate(former.id, in: lab.slug, by: max) } == "role.above_own")
    _ = try await lab.plane.members.reinstate(former.id, in: lab.slug, by: lab.admin)
    #expect(try await lab.access(Self.forecast) == ["Ada admin", "Bob admin"])
  }

  @Test func `An invitation keeps access for who accepts it, and lets go of it otherwise`() async throws {
    let lab = try await Self.lab()
    let sent = try await lab.invite("ann@example.org", as: "guest")
    try await lab.give("ann@example.org", "developer", on: Self.forecast)
    #expect(try await lab.access(Self.forecast) == ["Ada admin", "ann@example.org developer"])
    let vic = lab.house.caller(try await lab.member("Vic", as: "viewer").session)
    #expect(try await lab.access(Self.forecast, by: vic) == ["Ada admin"], "invitations are for who may see invitations")
    let ann = try await lab.house.signUpVerified("Ann")
    _ = try await lab.plane.invitations.accept(lab.key(sent), by: lab.house.caller(ann))
    #expect(try await lab.access(Self.forecast) == ["Ada admin", "Ann developer"])
    #expect(await refusal { try await lab.plane.projects.find("forecast", of: "research", in: lab.slug, by: lab.house.caller(ann)) } == nil)
    for end in 0..<2 {
      let other = try await lab.invite("bob\(end)@example.org", as: "guest")
      try await lab.give("bob\(end)@example.org", "viewer", on: Self.forecast)
      if end == 0 { _ = try await lab.plane.invitations.cancel(other.invitation.id, in: lab.slug, by: lab.admin) } else {
        _ = try await lab.plane.invitations.decline(lab.key(other), by: lab.house.caller(try await lab.house.signUpVerified("Bob \(end)", email: "bob\(end)@example.org")))
      }
      #expect(try await lab.access(Self.forecast) == ["Ada admin", "Ann developer"], "\(end)")
    }
    #expect(try await lab.count("SELECT id FROM access_grant WHERE kind = 'invitation'") == 0)
    // Expired, it isn't shown; sent again, it is.
    let late = try await lab.plane.invitations.send(InvitationDraft(address: "late@example.org", roles: ["guest"], days: 1), to: lab.slug, by: lab.admin)
    try await lab.give("late@example.org", "viewer", on: Self.forecast)
    lab.house.pass(.days(2))
    #expect(try await lab.access(Self.forecast) == ["Ada admin", "Ann developer"])
    _ = try await lab.plane.invitations.renew(late.invitation.id, mail: true, in: lab.slug, by: lab.admin)
    #expect(try await lab.access(Self.forecast).contains("late@example.org viewer"))
  }

  @Test func `Who goes loses everything at once, and who is taken back has what hasn't ended since`() async throws {
    try await Self.goingAndComing(Lab())
  }

  static func goingAndComing(_ lab: Lab) async throws {
    try await fill(lab)
    let (session, bob) = try await lab.member("Bob", as: "member")
    let caller = lab.house.caller(session)
    try await lab.give("bob", "viewer", on: .workspace("research"))
    try await lab.give("bob", "developer", on: forecast)
    try await lab.give("bob", "manager", on: forecast, until: lab.now + .days(2))
    let former = try await lab.plane.members.remove(bob.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.projects.find("forecast", of: "research", in: lab.slug, by: caller) } == "missing")
    #expect(try await lab.access(forecast) == ["Ada admin"])
    lab.house.pass(.days(3))
    let back = try await lab.plane.members.reinstate(former.id, in: lab.slug, by: lab.admin)
    #expect(try await lab.access(forecast) == ["Ada admin", "Bob developer"])
    #expect(try await lab.access(.workspace("research")) == ["Ada admin", "Bob viewer"])
    #expect(try await lab.count("SELECT resource FROM former_access_grant") == 0)
    // Invited anew, they begin without.
    _ = try await lab.plane.members.remove(back.id, in: lab.slug, by: lab.admin)
    _ = try await lab.house.join(lab.organization, as: ["member"], session, invitedBy: lab.ada)
    #expect(try await lab.access(forecast) == ["Ada admin"])
    // A new name stands in the lists as well.
    try await lab.give("bob", "viewer", on: forecast)
    _ = try await lab.plane.accounts.update(AccountUpdate(name: "Aaron"), seen: nil, by: caller)
    #expect(try await lab.access(forecast) == ["Aaron viewer", "Ada admin"])
    try await lab.plane.members.leave(lab.slug, by: caller)
    #expect(try await lab.access(forecast) == ["Ada admin"])
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  @Test func `A token does no more than its scopes, and a bound one nothing elsewhere`() async throws {
    let lab = try await Self.lab()
    let elsewhere = try await lab.house.found("Elsewhere", by: lab.ada)
    let tokens = lab.plane.tokens
    func token(_ scopes: [String], _ organization: Organization? = nil) async throws -> Caller {
      lab.house.caller(try await tokens.create(AccessTokenDraft(name: "t", scopes: scopes, organization: organization?.slug.text), by: lab.admin).secret)
    }
    let (read, write, admin) = (try await token(["organization:read"]), try await token(["organization:write"]), try await token(["organization:admin"]))
    let bound = try await token(["organization:admin"], elsewhere)
    let (projects, grants) = (lab.plane.projects, lab.plane.grants)
    #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: read) } == nil)
    #expect(await refusal { try await projects.create(ResourceDraft(name: "A"), of: "research", in: lab.slug, by: read) } == "token.scope")
    #expect(await refusal { try await projects.create(ResourceDraft(name: "A"), of: "research", in: lab.slug, by: write) } == nil)
    for (caller, code) in [(read, "token.scope"), (write, "token.scope"), (admin, nil), (bound, "missing")] as [(Caller, String?)] {
      #expect(await refusal { try await grants.give(GrantDraft(.member("ada"), role: "viewer"), on: .project("a", in: "research"), in: lab.slug, by: caller) } == code)
    }
    #expect(await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: bound) } == "missing")
  }

  @Test func `At once each has a role once`() async throws { try await Self.race(Lab()) }

  static func race(_ lab: Lab) async throws {
    try await fill(lab)
    _ = try await lab.member("Bob", as: "member")
    let gifts: [@Sendable () async -> String?] = (0..<6).map { _ in { await refusal { try await lab.give("bob", "viewer", on: forecast) } } }
    #expect(await outcomes(gifts) == ["success": 1, "grant.exists": 5])
    // Of two admins who go at once one stays.
    let (eve, ann) = (lab.house.caller(try await lab.member("Eve", as: "member").session), lab.house.caller(try await lab.member("Ann", as: "member").session))
    let own = [try await lab.give("eve", "admin", on: forecast), try await lab.give("ann", "admin", on: forecast)]
    let ada = try #require(try await lab.plane.grants.list(on: forecast, search: "ada", in: lab.slug, .first, by: lab.admin).items.first)
    try await lab.plane.grants.withdraw(ada.id, on: forecast, in: lab.slug, by: lab.admin)
    let leaving: [@Sendable () async -> String?] = [
      { await refusal { try await lab.plane.grants.withdraw(own[0].id, on: forecast, in: lab.slug, by: eve) } },
      { await refusal { try await lab.plane.grants.withdraw(own[1].id, on: forecast, in: lab.slug, by: ann) } },
    ]
    #expect(await outcomes(leaving) == ["success": 1, "grant.last_admin": 1])
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  static let forecast = ResourceReference.project("forecast", in: "research")

  /// With a workspace and a project, made by Ada.
  static func fill(_ lab: Lab) async throws {
    try await lab.workspace("Research")
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Forecast"), of: "research", in: lab.slug, by: lab.admin)
  }

  private static func lab() async throws -> Lab {
    let lab = try await Lab()
    try await fill(lab)
    return lab
  }
}
