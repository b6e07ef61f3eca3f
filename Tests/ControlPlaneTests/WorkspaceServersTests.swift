import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Secrets
import Testing

@Suite struct WorkspaceServersTests {
  // MARK: Signing in

  @Test func `A server signs in with its workspace's id and key, and what it gets opens nothing else`() async throws {
    let lab = try await Lab()
    let (new, other) = (try await lab.workspace("Research"), try await lab.workspace("Other"))
    let (servers, key) = (lab.plane.workspaceServers, lab.house.caller(new.secret))
    let token = lab.house.caller(try await servers.signIn(to: new.workspace.id.description, by: key).secret)
    for (id, caller) in [
      (other.workspace.id.description, key), (new.workspace.id.description, lab.house.caller(other.secret)), ("research", key), ("", key),
      (new.workspace.id.description, lab.admin), (new.workspace.id.description, lab.house.visitor()),
    ] {
      #expect(await refusal { try await servers.signIn(to: id, by: caller) } == "credential.invalid", "\(id)")
    }
    for caller in [key, token] {
      #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: caller) } == "credential.invalid")
      #expect(await refusal { try await lab.plane.workspaces.find("research", in: lab.slug, by: caller) } == "credential.invalid")
      #expect(await refusal { try await servers.admit(to: new.workspace.id.description, by: caller) } == "credential.invalid")
      #expect(await refusal { try await lab.plane.derivedTokens.create(by: caller) } == "credential.invalid")
    }
    let stack = try WorkspaceThing(type: "stack")
    for caller in [lab.admin, lab.house.visitor()] {
      #expect(await refusal { try await servers.check("read", on: [stack], for: lab.ada.account.id.description, by: caller) } == "credential.invalid")
    }
    #expect(try await servers.report(address: nil, version: "0.98.0", by: token).state.reason.contains("ZENML_SERVER_SERVER_URL"))
    #expect(try await servers.report(address: "https://a.example", version: "0.98.0", by: token).address == "https://a.example")
    #expect(try await servers.report(address: nil, version: "0.98.0", by: token).address == "https://a.example", "it stays where it was")
    // Deactivated, with a new key, and in an organization that rests, nobody comes in.
    _ = try await lab.plane.workspaces.deactivate("research", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await servers.report(address: nil, version: "1", by: token) } == "workspace.deactivated")
    _ = try await lab.plane.workspaces.activate("research", in: lab.slug, by: lab.admin)
    let renewed = lab.house.caller(try await lab.plane.workspaces.renewKey(of: "research", in: lab.slug, by: lab.admin).secret)
    #expect(await refusal { try await servers.report(address: nil, version: "1", by: token) } == "credential.invalid", "it dies with its key")
    _ = try await servers.signIn(to: new.workspace.id.description, by: renewed)
    _ = try await lab.plane.organizations.suspend(lab.slug, because: "", by: lab.admin)
    #expect(await refusal { try await servers.signIn(to: new.workspace.id.description, by: renewed) } == "credential.invalid")
  }

  @Test func `Who may see the workspace or something in it is admitted, with a name for the server`() async throws {
    let lab = try await Lab()
    let (new, servers) = (try await lab.workspace("Research"), lab.plane.workspaceServers)
    let id = new.workspace.id.description
    func admitted(_ caller: Caller) async -> String? { await refusal { try await servers.admit(to: id, by: caller) } }
    let bob = try await lab.member("Bob", as: "member")
    let caller = lab.house.caller(bob.session)
    #expect(await admitted(caller) == "missing")
    #expect(await refusal { try await servers.admit(to: bob.session.account.id.description, by: lab.admin) } == "missing")
    #expect(await admitted(lab.house.visitor()) == "session.required")
    let project = try await lab.plane.projects.create(ResourceDraft(name: "Deep"), of: "research", in: lab.slug, by: lab.admin)
    try await lab.give("bob", "viewer", on: .project(project.id.description, in: "research"))
    let visitor = try await servers.admit(to: id, by: caller)
    #expect(visitor.id == bob.session.account.id.description && visitor.handle == "bob" && visitor.email == "bob@example.org" && visitor.kind == .person && !visitor.isSuperUser)
    for (scope, expected) in [("organization:read", "token.scope"), ("organization:write", nil), ("organization:admin", nil), ("account", "token.scope")] as [(String, String?)] {
      let token = try await lab.plane.tokens.create(try AccessTokenDraft(name: "x", scopes: [scope]), by: caller)
      #expect(await admitted(lab.house.caller(token.secret)) == expected, "\(scope)")
    }
    let robot = try await lab.robot("Robot", as: "viewer")
    let machine = try await servers.admit(to: id, by: robot.caller)
    #expect(machine.kind == .serviceAccount && machine.id == robot.account.id.description && machine.handle == "robot")
    #expect(try await servers.admit(to: id, by: lab.operator).isSuperUser)
    let elsewhere = try await lab.house.found("Elsewhere", by: lab.oscar)
    let stray = try await lab.plane.serviceAccounts.create(ServiceAccountDraft(name: "Stray", roles: ["admin"]), in: elsewhere.slug.text, by: lab.operator)
    let strayKey = try await lab.plane.serviceAccounts.createKey(named: "k", KeyTerm(days: nil), of: stray.slug.text, in: elsewhere.slug.text, by: lab.operator)
    #expect(await admitted(lab.house.caller(strayKey.secret)) == "missing")
    _ = try await lab.plane.members.suspend(bob.member.id, in: lab.slug, by: lab.admin)
    #expect(await admitted(caller) != nil)
    _ = try await lab.plane.workspaces.deactivate("research", in: lab.slug, by: lab.admin)
    #expect(await admitted(lab.admin) == "workspace.deactivated")
  }

  // MARK: Questions

  @Test func `A server is answered as the table of roles says`() async throws {
    let lab = try await Lab()
    let servers = lab.plane.workspaceServers
    let key = lab.house.caller(try await lab.workspace("Research").secret)
    let project = try await lab.plane.projects.create(ResourceDraft(name: "Deep"), of: "research", in: lab.slug, by: lab.admin).id
    let things = [
      try WorkspaceThing(type: "stack"), try WorkspaceThing(type: "secret", id: "0b7a2f3e-5c1d-4e8f-9a6b-7c8d9e0f1a2b"), try WorkspaceThing(type: "project"),
      try WorkspaceThing(type: "project", id: project.description), try WorkspaceThing(project: project, type: "pipeline"),
      try WorkspaceThing(project: project, type: "model", id: "1b7a2f3e-5c1d-4e8f-9a6b-7c8d9e0f1a2b"),
    ]
    // Of read, create, update and delete, for each of the things.
    let table: [(role: String, place: ResourceReference?, answers: [String])] = [
      ("admin", nil, ["111111", "111111", "111111", "111111"]), ("viewer", nil, ["111111", "000000", "000000", "000000"]),
      ("member", nil, ["000000", "001100", "000000", "000000"]), ("guest", nil, ["000000", "000000", "000000", "000000"]),
      ("admin", .workspace("research"), ["111111", "111111", "111111", "111111"]),
      ("developer", .workspace("research"), ["111111", "111111", "100000", "000000"]),
      ("contributor", .workspace("research"), ["000000", "110011", "000000", "000000"]),
      ("viewer", .workspace("research"), ["111111", "000000", "000000", "000000"]),
      ("stack-admin", .workspace("research"), ["100000", "100000", "100000", "100000"]),
      ("admin", .project(project.description, in: "research"), ["000111", "000111", "000111", "000111"]),
      ("developer", .project(project.description, in: "research"), ["000111", "000011", "000000", "000000"]),
      ("contributor", .project(project.description, in: "research"), ["000100", "000011", "000000", "000000"]),
      ("viewer", .project(project.description, in: "research"), ["000111", "000000", "000000", "000000"]),
    ]
    for (number, (role, place, expected)) in table.enumerated() {
      let handle = "P\(number)"
      let person = try await lab.member(handle, as: place == nil ? role : "guest").session.account.id.description
      if let place { try await lab.give(handle.lowercased(), role, on: place) }
      var answers: [String] = []
      for action in ["read", "create", "update", "delete"] {
        let seen = try await servers.check(action, on: things, for: person, by: key)
        answers.append(seen.map { $0 ? "1" : "0" }.joined())
        for (thing, answer) in zip(things, seen) where thing.id == nil {
          #expect(try await servers.allowed(action, on: thing, for: person, by: key).isAll == answer, "\(role): \(action) \(thing.type)")
        }
      }
      #expect(answers == expected, "\(role) of \(place.map { "\($0)" } ?? "the organization")")
    }
    // Operators may do everything, strangers nothing, and who is deactivated nothing any more.
    #expect(try await servers.check("delete", on: things, for: lab.oscar.account.id.description, by: key).allSatisfy { $0 })
    let zoe = try await lab.house.signUpVerified("Zoe").account.id.description
    #expect(try await servers.check("read", on: things, for: zoe, by: key).allSatisfy { !$0 })
    _ = try await lab.plane.accounts.deactivate(lab.ada.account.id, by: lab.operator)
    #expect(try await servers.check("read", on: things, for: lab.ada.account.id.description, by: key).allSatisfy { !$0 })
    for (action, who) in [("", zoe), ("READ", zoe), ("read", ""), ("read", "bob")] {
      #expect(await refusal { try await servers.check(action, on: things, for: who, by: key) } == "invalid", "\(action) \(who)")
    }
    for (type, id) in [("", nil), ("Stack", nil), ("workspace", nil), ("cluster", "x"), ("app", nil), ("organization", nil), ("stack", String(repeating: "x", count: 300))] as [(String, String?)] {
      #expect(await refusal { try WorkspaceThing(type: type, id: id) } == "invalid", "\(type)")
    }
  }

  @Test func `Which projects somebody may read is told by id, and what a policy keeps from them isn't among them`() async throws {
    let lab = try await Lab()
    let servers = lab.plane.workspaceServers
    let key = lab.house.caller(try await lab.workspace("Research").secret)
    let ids = try await [lab.plane.projects.create(ResourceDraft(name: "One"), of: "research", in: lab.slug, by: lab.admin).id, lab.plane.projects.create(ResourceDraft(name: "Two"), of: "research", in: lab.slug, by: lab.admin).id]
    _ = try await lab.workspace("Other")
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Three"), of: "other", in: lab.slug, by: lab.admin)
    let bob = try await lab.member("Bob", as: "guest").session.account.id.description
    let all = try WorkspaceThing(type: "project")
    #expect(try await servers.allowed("read", on: all, for: bob, by: key) == AllowedThings(isAll: false, ids: []))
    try await lab.give("bob", "viewer", on: .project(ids[1].description, in: "research"))
    #expect(try await servers.allowed("read", on: all, for: bob, by: key) == AllowedThings(isAll: false, ids: [ids[1].description]))
    try await lab.give("bob", "viewer", on: .workspace("research"))
    #expect(try await servers.allowed("read", on: all, for: bob, by: key).isAll)
    _ = try await lab.plane.policies.create(
      PolicyDraft(name: "Not two", text: "forbid (principal, action, resource == Project::\"research/two\") unless { principal in Role::\"admin\" };"), in: lab.slug, by: lab.admin)
    #expect(try await servers.allowed("read", on: all, for: bob, by: key) == AllowedThings(isAll: false, ids: [ids[0].description]))
    #expect(try await servers.allowed("read", on: all, for: lab.ada.account.id.description, by: key).isAll)
    #expect(await refusal { try await servers.allowed("read", on: WorkspaceThing(type: "stack", id: "x"), for: bob, by: key) } == "invalid")
  }

  // MARK: Projects

  @Test func `A project becomes known when the server tells of it, and who made it is its admin`() async throws { try await Self.projects(Lab()) }

  static func projects(_ lab: Lab) async throws {
    let servers = lab.plane.workspaceServers
    let key = lab.house.caller(try await lab.workspace("Research").secret)
    let (bob, eve) = (try await lab.member("Bob", as: "guest").session.account, try await lab.member("Eve", as: "guest").session.account)
    for handle in ["bob", "eve"] { try await lab.give(handle, "developer", on: .workspace("research")) }
    let project = try WorkspaceThing(type: "project")
    func make(_ id: String, by people: [Account]) async throws -> [String] {
      for person in people { #expect(try await servers.check("create", on: [project], for: person.id.description, by: key) == [true]) }
      try await servers.count(WorkspaceCount(feature: "project", total: 1, thing: id), in: lab.organization.id.description, by: key)
      return try await lab.access(.project(id, in: "research"))
    }
    let id = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    #expect(try await make(id, by: [bob]) == ["Bob admin"])
    #expect(try await lab.plane.projects.find(id, of: "research", in: lab.slug, by: lab.admin).resource.name.text == "Project 66afa6")
    #expect(try await make("4fa85f64-5717-4562-b3fc-2c963f66afa6", by: [bob, eve]) == [], "it may have been either")
    lab.house.pass(.minutes(3))
    #expect(try await make("5fa85f64-5717-4562-b3fc-2c963f66afa6", by: []) == [], "nobody asked lately")
    // Once more is nothing more.
    try await servers.count(WorkspaceCount(feature: "project", total: 1, thing: id), in: lab.slug, by: key)
    let events = try await lab.plane.events.list(in: lab.slug, EventFilter(action: "project.report"), .first, by: lab.admin).items
    #expect(events.count == 3 && events.allSatisfy { $0.actor.name == "the server of research" && $0.actor.via == "key" })
    // One that the server made before it was enrolled becomes known by the first question.
    let old = try WorkspaceThing(project: ID<Project>("6fa85f64-5717-4562-b3fc-2c963f66afa6"), type: "pipeline")
    #expect(try await servers.check("read", on: [old], for: bob.id.description, by: key) == [true])
    #expect(try await lab.plane.projects.list(of: "research", in: lab.slug, .first, by: lab.admin).total == 4)
    // Another server's project is none of its business, neither to ask about nor to delete.
    let stranger = lab.house.caller(try await lab.workspace("Other").secret)
    let foreign = try WorkspaceThing(type: "project", id: id)
    #expect(try await servers.check("read", on: [foreign], for: lab.ada.account.id.description, by: stranger) == [false])
    try await servers.forget([foreign], by: stranger)
    try await servers.count(WorkspaceCount(feature: "project", total: 1, thing: id), in: lab.slug, by: stranger)
    #expect(try await lab.plane.projects.list(of: "other", in: lab.slug, .first, by: lab.admin).total == 0)
    try await servers.forget([foreign, try WorkspaceThing(type: "stack", id: "x")], by: key)
    try await servers.count(WorkspaceCount(feature: "project", total: -1, thing: "4fa85f64-5717-4562-b3fc-2c963f66afa6"), in: lab.slug, by: key)
    try await servers.count(WorkspaceCount(feature: "project", total: -1, thing: "4fa85f64-5717-4562-b3fc-2c963f66afa6"), in: lab.slug, by: key)
    #expect(try await lab.plane.projects.list(of: "research", in: lab.slug, .first, by: lab.admin).total == 2)
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  // MARK: Sharing

  @Test func `What a user shares on the server is there at once, listed by its id, and gone when it is withdrawn or deleted`() async throws {
    let lab = try await Lab()
    let servers = lab.plane.workspaceServers
    let key = lab.house.caller(try await lab.workspace("Research").secret)
    let project = try await lab.plane.projects.create(ResourceDraft(name: "Deep"), of: "research", in: lab.slug, by: lab.admin).id
    let session = try await lab.member("Bob", as: "guest").session
    let (bob, bobs) = (session.account.id.description, lab.house.caller(session))
    let ada = lab.ada.account.id.description
    let ids = ["0b7a2f3e-5c1d-4e8f-9a6b-7c8d9e0f1a2b", "1b7a2f3e-5c1d-4e8f-9a6b-7c8d9e0f1a2b"]
    for thing in [try WorkspaceThing(type: "secret", id: ids[0]), try WorkspaceThing(project: project, type: "pipeline", id: ids[1])] {
      let all = try WorkspaceThing(project: thing.project, type: thing.type.name)
      func may(_ action: String) async throws -> Bool { try await servers.check(action, on: [thing], for: bob, by: key)[0] }
      func listed(_ action: String = "read") async throws -> [String] { try await servers.allowed(action, on: all, for: bob, by: key).ids }
      func share(_ actions: [String], with holder: WorkspaceShare.Holder? = nil, by sharer: String? = nil) async throws(Problem) {
        try await servers.share(WorkspaceShare(thing: thing, with: holder ?? .user(bob), actions: actions, by: sharer ?? ada), by: key)
      }
      #expect(try await (may("read"), listed()) == (false, []))
      try await share(["read", "update"])
      #expect(try await [may("read"), may("update"), may("delete")] == [true, true, false])
      #expect(try await [listed(), listed("delete")] == [[thing.id ?? ""], []])
      #expect(try await servers.admit(to: "research", by: bobs).handle == "bob", "who was given something comes in")
      try await share(["read"])
      #expect(try await [may("read"), may("update")] == [true, false], "a new list replaces the old")
      #expect(await refusal { try await share(["read"], by: bob) } == "invalid", "nobody shares with themselves")
      #expect(await refusal { try await share(["fly"]) } == "invalid")
      #expect(await refusal { try await share(["read"], with: .team(project.description)) } != nil)
      try await share([])
      #expect(try await (may("read"), listed()) == (false, []))
      try await share(["read"])
      try await servers.forget([thing], by: key)
      #expect(try await (may("read"), listed()) == (false, []))
    }
    let stranger = lab.house.caller(try await lab.workspace("Other").secret)
    let foreign = try WorkspaceShare(thing: WorkspaceThing(project: project, type: "pipeline", id: ids[1]), with: .user(bob), actions: ["read"], by: ada)
    #expect(await refusal { try await servers.share(foreign, by: stranger) } == "missing")
    #expect(await refusal { try await servers.share(foreign, by: lab.admin) } == "credential.invalid")
    let whole = try WorkspaceShare(thing: WorkspaceThing(type: "project", id: project.description), with: .user(bob), actions: ["read"], by: ada)
    #expect(await refusal { try await servers.share(whole, by: key) } == "invalid", "people have roles in projects")
  }

  // MARK: Quotas

  @Test func `Of what is made there is no more than the quota says, and what is gone makes room`() async throws { try await Self.quotas(Lab()) }

  static func quotas(_ lab: Lab) async throws {
    let servers = lab.plane.workspaceServers
    let (first, second) = (lab.house.caller(try await lab.workspace("Research").secret), lab.house.caller(try await lab.workspace("Other").secret))
    func entitled(_ feature: String, _ key: Caller) async -> String? { await refusal { try await servers.expectEntitled(to: feature, in: lab.slug, by: key) } }
    func tell(_ feature: String, _ number: Int, _ total: Int64, _ key: Caller) async throws {
      try await servers.count(WorkspaceCount(feature: feature, total: total, thing: lab.id(number).description), in: lab.slug, by: key)
    }
    func used(_ dimension: QuotaDimension) async throws -> [Int64] {
      let effective = try await lab.plane.quotas.effective(in: lab.slug, by: lab.admin)
      return effective.first { $0.effective.dimension == dimension }?.effective.levels.map(\.used) ?? []
    }
    // What was made before there was a quota counts.
    try await tell("model", 1, 1, first)
    try await lab.limit(.models, .organization, 2)
    #expect(try await used(.models) == [1])
    #expect(await entitled("model", first) == nil)
    try await tell("model", 2, 1, second)
    try await tell("model", 2, 1, second)
    #expect(try await used(.models) == [2], "once by its id")
    for key in [first, second] { #expect(await entitled("model", key) == "quota.exceeded") }
    #expect(await entitled("pipeline_run", first) == nil, "each for itself")
    #expect(await entitled("dashboard", first) == nil, "what has no quota has room")
    // What is gone makes room, once; one server ends nothing of another's.
    try await tell("model", 2, -1, first)
    #expect(await entitled("model", first) == "quota.exceeded")
    for _ in 1...2 { try await tell("model", 2, -1, second) }
    #expect(try await used(.models) == [1])
    #expect(await entitled("model", second) == nil)
    // With its workspace goes what was made there.
    try await lab.plane.workspaces.delete("research", in: lab.slug, by: lab.admin)
    #expect(try await used(.models) == [0])
    // Projects are counted where they stand, and made here under the same quota.
    let quota = try await lab.limit(.projects, .organization, 1)
    _ = try await lab.plane.projects.create(ResourceDraft(name: "One"), of: "other", in: lab.slug, by: lab.admin)
    #expect(await entitled("project", second) == "quota.exceeded")
    #expect(await refusal { try await lab.plane.projects.create(ResourceDraft(name: "Two"), of: "other", in: lab.slug, by: lab.admin) } == "quota.exceeded")
    // One that a server made all the same becomes known, as it is there.
    try await tell("project", 9, 1, second)
    #expect(try await used(.projects) == [2])
    _ = try await lab.plane.quotas.update(quota.quota.id, QuotaUpdate(limit: 0), in: lab.slug, by: lab.admin)
    #expect(await entitled("project", second) == "quota.exceeded")
    try await lab.plane.quotas.delete(quota.quota.id, in: lab.slug, by: lab.admin)
    #expect(await entitled("project", second) == nil)
    #expect(await refusal { try QuotaDraft(.pipelines, subject: .each, cluster: "c1", limit: 1) } == "invalid")
  }

  // MARK: Credits

  @Test func `What has a price is refused without credits, and what was made is charged once`() async throws {
    let lab = try await Lab()
    let servers = lab.plane.workspaceServers
    let key = lab.house.caller(try await lab.workspace("Research").secret)
    #expect(await refusal { try await servers.expectEntitled(to: "pipeline_run", in: lab.slug, by: key) } == nil, "what costs nothing needs no credits")
    let price = try PriceDraft(resource: "zenml.pipeline_run", unit: "piece", tiers: [("", "2")], since: lab.now - .days(1))
    _ = try await lab.plane.prices.set(price, by: lab.operator)
    #expect(await refusal { try await servers.expectEntitled(to: "pipeline_run", in: lab.slug, by: key) } == "credits.insufficient")
    #expect(await refusal { try await servers.expectEntitled(to: "model", in: lab.slug, by: key) } == nil)
    try await lab.topUp("3")
    func run(_ id: String, _ total: Int64 = 1) async throws { try await servers.count(WorkspaceCount(feature: "pipeline_run", total: total, thing: id), in: lab.slug, by: key) }
    try await run("3fa85f64-5717-4562-b3fc-2c963f66afa6")
    try await run("3FA85F64-5717-4562-B3FC-2C963F66AFA6")
    #expect(try await lab.plane.credits.balance(of: lab.slug, by: lab.admin).balance.description == "1", "once by its id")
    try await run("3fa85f64-5717-4562-b3fc-2c963f66afa6", -1)
    #expect(try await lab.plane.credits.balance(of: lab.slug, by: lab.admin).balance.description == "1", "what was used stays used")
    #expect(await refusal { try await servers.expectEntitled(to: "pipeline_run", in: lab.slug, by: key) } == nil)
    try await run("4fa85f64-5717-4562-b3fc-2c963f66afa6")
    #expect(try await lab.plane.credits.balance(of: lab.slug, by: lab.admin).balance.description == "-1")
    #expect(await refusal { try await servers.expectEntitled(to: "model", in: lab.slug, by: key) } == "credits.insufficient", "in arrears nothing begins")
    let elsewhere = try await lab.house.found("Elsewhere", by: lab.oscar)
    for reference in [elsewhere.slug.text, elsewhere.id.description, "nowhere", ""] {
      #expect(await refusal { try await servers.expectEntitled(to: "model", in: reference, by: key) } == "missing", "\(reference)")
      #expect(await refusal { try await servers.count(WorkspaceCount(feature: "model", total: 1, thing: lab.organization.id.description), in: reference, by: key) } == "missing")
    }
    for (feature, total, thing) in [("", 1, "x"), ("Model", 1, "x"), ("model", 0, lab.organization.id.description), ("model", 2, lab.organization.id.description), ("model", 1, "x")] as [(String, Int64, String)] {
      #expect(await refusal { try WorkspaceCount(feature: feature, total: total, thing: thing) } == "invalid")
    }
    #expect(await refusal { try await servers.expectEntitled(to: "model", in: lab.slug, by: lab.admin) } == "credential.invalid")
  }
}
