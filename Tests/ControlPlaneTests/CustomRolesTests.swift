import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import TestSupport
import Testing

@Suite struct CustomRolesTests {
  // MARK: Making

  @Test func `A role is made, changed and deleted, each with one event that tells its version`() async throws {
    let lab = try await Lab()
    let roles = lab.plane.roles
    let made = try await lab.role("Auditor", copying: "project.viewer", adding: ["dataset:share"])
    #expect(made.reference == "project.auditor" && made.base == "project.viewer" && made.revision == 1 && made.holders == 0)
    #expect(made.content.names == ["dataset:share", "object:list", "object:read", "project:list", "project:read", "project:use"])
    #expect(try await roles.find("project.auditor", in: lab.slug, by: lab.admin).id == made.id)
    #expect(try await roles.find(made.id.description, in: lab.slug, by: lab.admin).slug.text == "auditor")
    let changed = try await roles.update("project.auditor", RoleUpdate(name: "Inspector", slug: "inspector", rights: ["*:read"]), seen: 1, in: lab.slug, by: lab.admin)
    #expect(changed.reference == "project.inspector" && changed.revision == 2 && changed.content.names == ["*:read", "project:list"], "seeing the project belongs to it")
    #expect(await refusal { try await roles.update("project.inspector", RoleUpdate(name: "X"), seen: 1, in: lab.slug, by: lab.admin) } == "stale")
    #expect(try await roles.update("project.inspector", RoleUpdate(name: "Inspector"), seen: nil, in: lab.slug, by: lab.admin).revision == 2, "what changes nothing is no event")
    #expect(await refusal { try await roles.delete("project.inspector", confirm: "auditor", in: lab.slug, by: lab.admin) } == "invalid")
    try await roles.delete("project.inspector", confirm: "inspector", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await roles.find("project.inspector", in: lab.slug, by: lab.admin) } == "missing")
    let events = try await lab.plane.events.list(in: lab.slug, EventFilter(), .first, by: lab.admin).items.filter { $0.action.hasPrefix("role.") }
    #expect(events.map(\.action).sorted() == ["role.create", "role.delete", "role.update"])
    #expect(events.first { $0.action == "role.update" }?.changes.contains { $0.field == "version" && $0.before == "1" && $0.after == "2" } == true)
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  @Test func `Names are unique at their level, and no built-in ones; levels and rights are checked`() async throws {
    let lab = try await Lab()
    _ = try await lab.role("Auditor", copying: "project.viewer")
    for (level, name, slug, code) in [
      ("project", "Auditor", "", "name.taken"), ("project", "Viewer", "", "invalid"), ("project", "X", "viewer", "invalid"), ("organization", "Billing", "", "invalid"),
      ("workspace", "X", "stack-admin", "invalid"), ("object", "X", "", "invalid"), ("planet", "X", "", "invalid"), ("project", "", "", "invalid"),
    ] {
      #expect(await refusal { try await lab.plane.roles.define(RoleDraft(level: level, name: name, slug: slug, rights: level == "organization" ? ["member.list"] : ["*:read"]), in: lab.slug, by: lab.admin) } == code, "\(level) \(name)")
    }
    #expect(try await lab.role("Auditor", copying: "workspace.viewer").reference == "workspace.auditor", "another level has names of its own")
    for (level, rights, own) in [
      ("project", ["dataset"], []), ("project", ["a:b:c"], []), ("project", ["member.list"], []), ("project", [], []), ("project", ["*:read"], ["Dataset:read"]),
      ("organization", ["*:read"], []), ("organization", [], []), ("organization", ["member.list"], ["object:*"]), ("organization", ["member.fly"], []),
    ] as [(String, [String], [String])] {
      #expect(await refusal { try await lab.plane.roles.define(RoleDraft(level: level, name: "Odd", rights: rights, ownRights: own), in: lab.slug, by: lab.admin) } == "invalid", "\(level) \(rights) \(own)")
    }
    let many = (0...RoleContent.limit).map { "t\($0):read" }
    #expect(await refusal { try await lab.plane.roles.define(RoleDraft(level: "project", name: "Huge", rights: many), in: lab.slug, by: lab.admin) } == "too_many")
    #expect(await refusal { try await lab.plane.roles.define(RoleDraft(level: "project", base: "owner", name: "Copy"), in: lab.slug, by: lab.admin) } == "invalid")
    #expect(await refusal { try await lab.plane.roles.update("project.viewer", RoleUpdate(name: "Mine"), seen: nil, in: lab.slug, by: lab.admin) } == "missing", "built-in ones can't be changed")
    // What others cover is left out, and the order is that of the texts.
    let role = try await lab.plane.roles.define(RoleDraft(level: "project", name: "Tidy", rights: ["dataset:read", "object:read", "dataset:read"], ownRights: ["dataset:read", "dataset:update"]), in: lab.slug, by: lab.admin)
    #expect(role.content.names == ["object:read", "project:list", "project:read"] && role.content.ownNames == ["dataset:update"])
  }

  @Test func `A role of another organization is nowhere`() async throws {
    let lab = try await Lab()
    let elsewhere = try await lab.house.found("Elsewhere", by: lab.ada)
    let foreign = try await lab.plane.roles.define(RoleDraft(level: "project", base: "viewer", name: "Foreign"), in: elsewhere.slug.text, by: lab.admin)
    try await GrantsTests.fill(lab)
    let (roles, id) = (lab.plane.roles, foreign.id.description)
    #expect(await refusal { try await roles.find(id, in: lab.slug, by: lab.admin) } == "missing")
    #expect(await refusal { try await roles.update(id, RoleUpdate(name: "X"), seen: nil, in: lab.slug, by: lab.admin) } == "missing")
    #expect(await refusal { try await roles.delete(id, in: lab.slug, by: lab.admin) } == "missing")
    #expect(await refusal { try await roles.holders(of: id, in: lab.slug, .first, by: lab.admin) } == "missing")
    #expect(await refusal { try await lab.give("ada", id, on: GrantsTests.forecast) } == "invalid")
    #expect(await refusal { try await roles.define(RoleDraft(level: "project", base: id, name: "Copy"), in: lab.slug, by: lab.admin) } == "invalid")
    #expect(await refusal { try await roles.listDefined(in: lab.slug, .first, by: lab.house.caller(try await lab.house.signUpVerified("Eve"))) } == "missing")
  }

  @Test func `Nobody makes, changes or deletes a role that allows what they may not do`() async throws {
    let lab = try await Lab()
    // Who may make roles and little else, by a role that an admin made.
    _ = try await lab.plane.roles.define(
      RoleDraft(level: "organization", name: "Role maker", rights: ["role.manage", "project.read", "object.read", "member.list"]), in: lab.slug, by: lab.admin)
    let maker = lab.house.caller(try await lab.member("Max", as: "guest").session)
    _ = try await lab.plane.organizationAccess.give(GrantDraft(.member("max"), role: "role-maker"), in: lab.slug, by: lab.admin)
    func make(_ level: String, _ rights: [String], own: [String] = []) async -> String? {
      await refusal { try await lab.plane.roles.define(RoleDraft(level: level, name: "R\(rights.count)\(own.count)\(rights.joined().utf8.reduce(0) { $0 &* 31 &+ Int($1) } & 0xFFFFF)", rights: rights, ownRights: own), in: lab.slug, by: maker) }
    }
    #expect(await make("project", ["dataset:read", "project:read"]) == nil)
    #expect(await make("project", ["dataset:update"]) == "role.above_own")
    #expect(await make("project", ["*:read"]) == "role.above_own", "a wildcard covers workspaces, too")
    #expect(await make("project", ["project:read"], own: ["dataset:delete"]) == "role.above_own", "what counts on own things counts")
    #expect(await make("organization", ["project.read", "member.list"]) == nil)
    #expect(await make("organization", ["member.update"]) == "role.above_own")
    // Nor do they touch what others made above them.
    let strong = try await lab.role("Strong", copying: "project.admin")
    #expect(await refusal { try await lab.plane.roles.update(strong.reference, RoleUpdate(rights: ["project:read"]), seen: nil, in: lab.slug, by: maker) } == "role.above_own")
    #expect(await refusal { try await lab.plane.roles.delete(strong.reference, in: lab.slug, by: maker) } == "role.above_own")
    let own = try await lab.plane.roles.find("organization.role-maker", in: lab.slug, by: maker)
    #expect(await refusal { try await lab.plane.roles.update(own.reference, RoleUpdate(rights: own.content.names + ["credits.manage"]), seen: nil, in: lab.slug, by: maker) } == "role.above_own", "nobody makes more of the role they hold")
    // Without the permission nobody makes any.
    for role in OrganizationRole.allCases where role != .admin {
      let caller = lab.house.caller(try await lab.member("P \(role.rawValue)", as: role.rawValue).session)
      #expect(await refusal { try await lab.plane.roles.define(RoleDraft(level: "project", base: "viewer", name: "N \(role.rawValue)"), in: lab.slug, by: caller) } == "forbidden", "\(role)")
    }
  }

  // MARK: Holding

  @Test func `A role counts where it is given, changes at once for all who hold it, and is named`() async throws { try await Self.holding(Lab()) }

  static func holding(_ lab: Lab) async throws {
    try await GrantsTests.fill(lab)
    let (bob, eve) = (lab.house.caller(try await lab.member("Bob", as: "guest").session), lab.house.caller(try await lab.member("Eve", as: "guest").session))
    try await lab.team("Crew")
    try await lab.add("eve", to: "crew")
    let role = try await lab.plane.roles.define(
      RoleDraft(level: "project", name: "Keeper", rights: ["project:update"], ownRights: ["dataset:delete"]), in: lab.slug, by: lab.admin)
    for who in ["bob", "crew"] { #expect(try await lab.give(who, "keeper", on: GrantsTests.forecast).role == .custom(role.role)) }
    func update(_ caller: Caller, _ name: String) async -> String? {
      await refusal { try await lab.plane.projects.update("forecast", ProjectUpdate(ResourceUpdate(name: name)), seen: nil, of: "research", in: lab.slug, by: caller) }
    }
    func isAllowed(_ who: String, _ action: String) async throws -> AccessAnswer {
      try await lab.plane.decisions.check(
        AccessQuestion(principal: .account(who), action: action, resource: ThingName(type: "project", id: "research/forecast")), explains: true, in: lab.slug,
        by: lab.admin).answer
    }
    for (caller, name) in [(bob, "bob"), (eve, "eve")] {
      #expect(await update(caller, "By \(name)") == nil)
      #expect(try await isAllowed(name, "update").isAllowed)
      #expect(try await isAllowed(name, "update").grounds.map(\.role) == ["project.keeper"], "explanations name it")
      #expect(try await !isAllowed(name, "delete").isAllowed)
      #expect(try await lab.plane.projects.list(in: lab.slug, .first, by: caller).total == 1)
    }
    // Less from one moment to the next, for who holds it and for who is in the team; then more.
    _ = try await lab.plane.roles.update(role.reference, RoleUpdate(rights: ["project:use"]), seen: nil, in: lab.slug, by: lab.admin)
    for (caller, name) in [(bob, "bob"), (eve, "eve")] {
      #expect(await update(caller, "Again") == "forbidden")
      #expect(try await !isAllowed(name, "update").isAllowed)
    }
    _ = try await lab.plane.roles.update(role.reference, RoleUpdate(slug: "warden", rights: ["project:*"]), seen: nil, in: lab.slug, by: lab.admin)
    #expect(await update(bob, "Once more") == nil)
    #expect(try await isAllowed("eve", "delete").grounds.map(\.role) == ["project.warden"])
    // Who holds it is told, and it stays while they do.
    let holders = try await lab.plane.roles.holders(of: "project.warden", in: lab.slug, .first, by: lab.admin)
    #expect(holders.items.map { "\($0.name) \($0.kind) \($0.place ?? "")" } == ["Bob account research/forecast", "Crew team research/forecast"])
    do throws(Problem) {
      try await lab.plane.roles.delete("project.warden", in: lab.slug, by: lab.admin)
      Issue.record("a role in use was deleted")
    } catch {
      #expect(error.code.name == "role.in_use" && error.detail.contains("Bob on research/forecast, Crew on research/forecast"))
    }
    // Lists go page by page.
    let first = try await lab.plane.roles.holders(of: "project.warden", in: lab.slug, PageRequest(limit: 1), by: lab.admin)
    let second = try await lab.plane.roles.holders(of: "project.warden", in: lab.slug, PageRequest(limit: 1, cursor: first.next), by: lab.admin)
    #expect(first.items.count == 1 && first.total == 2 && second.items.map(\.name) == ["Crew"] && second.next == nil)
    for grant in try await lab.plane.grants.list(on: GrantsTests.forecast, in: lab.slug, .first, by: lab.admin).items where grant.role.short == "warden" {
      try await lab.plane.grants.withdraw(grant.id, on: GrantsTests.forecast, in: lab.slug, by: lab.admin)
    }
    try await lab.plane.roles.delete("project.warden", in: lab.slug, by: lab.admin)
    try await DecisionFactsTests.compare(lab, "after all")
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  @Test func `A role of one level is given on that level alone, and by who has all it allows`() async throws {
    let lab = try await Lab()
    try await GrantsTests.fill(lab)
    _ = try await lab.role("Project auditor", copying: "project.viewer")
    _ = try await lab.role("Workspace auditor", copying: "workspace.viewer")
    _ = try await lab.plane.roles.define(RoleDraft(level: "organization", base: "viewer", name: "House auditor"), in: lab.slug, by: lab.admin)
    _ = try await lab.member("Bob", as: "guest")
    for (role, onProject, onWorkspace, onOrganization) in [
      ("project-auditor", true, false, false), ("workspace-auditor", false, true, false), ("house-auditor", false, false, true), ("project.project-auditor", true, false, false),
    ] {
      let again = role == "project.project-auditor"
      #expect(await refusal { try await lab.give("bob", role, on: GrantsTests.forecast) } == (again ? "grant.exists" : onProject ? nil : "invalid"), "\(role)")
      #expect(await refusal { try await lab.give("bob", role, on: .workspace("research")) } == (onWorkspace ? nil : "invalid"), "\(role)")
      #expect(await refusal { try await lab.plane.organizationAccess.give(GrantDraft(.member("bob"), role: role), in: lab.slug, by: lab.admin) } == (onOrganization ? nil : "invalid"), "\(role)")
    }
    // By its id, too.
    let (ofWorkspace, ofHouse) = (try await lab.plane.roles.find("workspace.workspace-auditor", in: lab.slug, by: lab.admin), try await lab.plane.roles.find("organization.house-auditor", in: lab.slug, by: lab.admin))
    for role in [ofWorkspace, ofHouse] { #expect(await refusal { try await lab.give("ada", role.id.description, on: GrantsTests.forecast) } == "invalid", "\(role.reference)") }
    #expect(await refusal { try await lab.plane.organizationAccess.give(GrantDraft(.member("ada"), role: ofWorkspace.id.description), in: lab.slug, by: lab.admin) } == "invalid")
    #expect(await refusal { try await lab.give("ada", ofWorkspace.id.description, on: .workspace("research")) } == nil)
    // A project's manager gives what a manager may do, and nothing that deletes the project, also where it counts on own things alone.
    let manager = lab.house.caller(try await lab.member("Mia", as: "viewer").session)
    try await lab.give("mia", "manager", on: GrantsTests.forecast)
    for (name, rights, own, code) in [
      ("Mild", ["dataset:update"], [], nil), ("Wild", ["project:delete"], [], "role.above_own"), ("Sly", ["project:read"], ["*:delete"], "role.above_own"),
    ] as [(String, [String], [String], String?)] {
      let role = try await lab.plane.roles.define(RoleDraft(level: "project", name: name, rights: rights, ownRights: own), in: lab.slug, by: lab.admin)
      #expect(await refusal { try await lab.give("bob", role.slug.text, on: GrantsTests.forecast, by: manager) } == code, "\(name)")
    }
  }

  @Test func `Who sees a workspace's projects by a role of its own sees them in lists`() async throws {
    let lab = try await Lab()
    try await GrantsTests.fill(lab)
    let bob = lab.house.caller(try await lab.member("Bob", as: "guest").session)
    _ = try await lab.plane.roles.define(RoleDraft(level: "workspace", name: "Doorkeeper", rights: ["workspace:use"]), in: lab.slug, by: lab.admin)
    _ = try await lab.plane.roles.define(RoleDraft(level: "workspace", name: "Reader", rights: ["project:list", "project:read"]), in: lab.slug, by: lab.admin)
    let given = try await lab.give("bob", "doorkeeper", on: .workspace("research"))
    #expect(try await lab.plane.projects.list(in: lab.slug, .first, by: bob).total == 0)
    #expect(try await lab.plane.workspaces.list(in: lab.slug, .first, by: bob).total == 1)
    _ = try await lab.plane.grants.update(given.id, GrantUpdate(role: "reader"), seen: nil, on: .workspace("research"), in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.projects.list(in: lab.slug, .first, by: bob).items.map(\.resource.slug.text) == ["forecast"])
    _ = try await lab.plane.roles.update("workspace.reader", RoleUpdate(rights: ["dataset:read"]), seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.projects.list(in: lab.slug, .first, by: bob).total == 0)
  }

  @Test func `Who goes and comes back has it again, unless it was deleted meanwhile`() async throws {
    let lab = try await Lab()
    try await GrantsTests.fill(lab)
    let role = try await lab.role("Auditor", copying: "project.viewer")
    let house = try await lab.plane.roles.define(RoleDraft(level: "organization", name: "Counter", rights: ["event.list"]), in: lab.slug, by: lab.admin)
    for round in 0..<2 {
      let name = "Bob \(round)"
      let (session, member) = try await lab.member(name, as: "guest")
      try await lab.give("bob-\(round)", "auditor", on: GrantsTests.forecast)
      _ = try await lab.plane.organizationAccess.give(GrantDraft(.member("bob-\(round)"), role: "counter"), in: lab.slug, by: lab.admin)
      let former = try await lab.plane.members.remove(member.id, in: lab.slug, by: lab.admin)
      #expect(try await lab.plane.roles.find(role.reference, in: lab.slug, by: lab.admin).holders == round, "who went holds nothing")
      if round == 1 {
        for held in try await lab.plane.organizationAccess.list(in: lab.slug, .first, by: lab.admin).items { _ = try await lab.plane.organizationAccess.withdraw(held.id, in: lab.slug, by: lab.admin) }
        try await lab.plane.roles.delete(house.reference, in: lab.slug, by: lab.admin)
      }
      _ = try await lab.plane.members.reinstate(former.id, in: lab.slug, by: lab.admin)
      let caller = lab.house.caller(session)
      #expect(await refusal { try await lab.plane.projects.find("forecast", of: "research", in: lab.slug, by: caller) } == nil)
      #expect(await refusal { try await lab.plane.events.list(in: lab.slug, EventFilter(), .first, by: caller) } == (round == 0 ? nil : "forbidden"))
      try await DecisionFactsTests.compare(lab, "back \(round)")
    }
  }

  // MARK: Policies

  @Test func `Policies name roles of the organization's own, and go on to mean them when they are renamed`() async throws {
    let lab = try await Lab()
    try await GrantsTests.fill(lab)
    let bob = lab.house.caller(try await lab.member("Bob", as: "guest").session)
    try await lab.give("bob", "admin", on: GrantsTests.forecast)
    let text = #"forbid(principal in Role::"visitor", action == Action::"update", resource is Project);"#
    #expect(await refusal { try await lab.plane.policies.create(PolicyDraft(name: "Visitors", text: text), in: lab.slug, by: lab.admin) } == "policy.invalid", "nobody is called so yet")
    _ = try await lab.plane.roles.define(RoleDraft(level: "organization", name: "Visitor", rights: ["team.read"]), in: lab.slug, by: lab.admin)
    _ = try await lab.plane.policies.create(PolicyDraft(name: "Visitors", text: text), in: lab.slug, by: lab.admin)
    func update(_ name: String) async -> String? {
      await refusal { try await lab.plane.projects.update("forecast", ProjectUpdate(ResourceUpdate(name: name)), seen: nil, of: "research", in: lab.slug, by: bob) }
    }
    #expect(await update("One") == nil)
    let held = try await lab.plane.organizationAccess.give(GrantDraft(.member("bob"), role: "visitor"), in: lab.slug, by: lab.admin)
    #expect(await update("Two") == "forbidden")
    _ = try await lab.plane.roles.update("organization.visitor", RoleUpdate(slug: "caller"), seen: nil, in: lab.slug, by: lab.admin)
    #expect(await update("Three") == "forbidden")
    try await DecisionFactsTests.compare(lab, "with the policy")
    try await lab.plane.organizationAccess.withdraw(held.id, in: lab.slug, by: lab.admin)
    #expect(await update("Four") == nil)
    // When the role is gone the policy means nobody, and not another role that gets the name.
    try await lab.plane.roles.delete("organization.caller", in: lab.slug, by: lab.admin)
    #expect(await update("Five") == nil)
    for name in ["Visitor", "Caller"] {
      _ = try await lab.plane.roles.define(RoleDraft(level: "organization", name: name, rights: ["team.read"]), in: lab.slug, by: lab.admin)
      _ = try await lab.plane.organizationAccess.give(GrantDraft(.member("bob"), role: name.lowercased()), in: lab.slug, by: lab.admin)
    }
    #expect(await update("Six") == nil)
    try await DecisionFactsTests.compare(lab, "with a policy that names a role that is gone")
    let policy = try await lab.plane.policies.find("visitors", in: lab.slug, by: lab.admin)
    #expect(policy.isEnabled)
    #expect(try await lab.ask("bob", "read", ThingName(type: "project", id: "research/six")).answer.outcome != .invalid)
  }

  @Test func `At once there is one role of a name, and who gets it while it goes keeps it or never had it`() async throws { try await Self.race(Lab()) }

  static func race(_ lab: Lab) async throws {
    try await GrantsTests.fill(lab)
    let makers: [@Sendable () async -> String?] = (0..<6).map { _ in { await refusal { try await lab.role("Auditor", copying: "project.viewer") } } }
    #expect(await outcomes(makers) == ["success": 1, "name.taken": 5])
    _ = try await lab.member("Bob", as: "guest")
    let both: [@Sendable () async -> String?] = [
      { await refusal { try await lab.give("bob", "auditor", on: GrantsTests.forecast) } },
      { await refusal { try await lab.plane.roles.delete("project.auditor", in: lab.slug, by: lab.admin) } },
    ]
    let outcome = await outcomes(both)
    #expect(outcome == ["success": 1, "role.in_use": 1] || outcome == ["success": 1, "invalid": 1], "\(outcome)")
    let changes: [@Sendable () async -> String?] = (0..<4).map { number in
      { await refusal { try await lab.plane.roles.define(RoleDraft(level: "project", name: "N\(number)", rights: ["dataset:read"]), in: lab.slug, by: lab.admin) } }
    }
    #expect(await outcomes(changes) == ["success": 4])
    try await DecisionFactsTests.compare(lab, "after the race")
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }
}

extension Lab {
  /// A copy of a role, with some rights more.
  @discardableResult
  func role(_ name: String, copying base: String, adding rights: [String] = []) async throws(Problem) -> DefinedRole {
    let parts = base.split(separator: ".", maxSplits: 1).map { String($0) }
    let present = try await plane.roles.palette(at: parts[0], in: slug, by: admin).content(of: parts[1])
    return try await plane.roles.define(
      RoleDraft(level: parts[0], base: parts[1], name: name, rights: (present?.names ?? []) + rights, ownRights: present?.ownNames), in: slug, by: admin)
  }
}
