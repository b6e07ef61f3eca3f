import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import Testing

@Suite struct WorkspacesTests {
  // MARK: The life of one

  @Test func `A workspace is enrolled, renamed, deactivated, activated and deleted, each with one event`() async throws {
    let lab = try await Lab()
    let new = try await lab.workspace("Research", description: "What comes next.")
    let workspaces = lab.plane.workspaces
    #expect(new.workspace.resource.slug.text == "research" && new.workspace.state == .enrolled && new.workspace.resource.revision == 1)
    #expect(try await lab.access(.workspace("research")) == ["Ada admin"], "who made it is its admin")
    let renamed = try await workspaces.update("research", ResourceUpdate(name: "R&D", slug: "R-D"), seen: 1, in: lab.slug, by: lab.admin)
    #expect(renamed.resource.slug.text == "r-d" && renamed.resource.revision == 2 && renamed.resource.description.text == "What comes next.")
    #expect(await refusal { try await workspaces.find("research", in: lab.slug, by: lab.admin) } == "missing", "the former slug is free again")
    #expect(await refusal { try await workspaces.update("r-d", ResourceUpdate(name: "X"), seen: 1, in: lab.slug, by: lab.admin) } == "stale")
    #expect(try await workspaces.update("R-D", ResourceUpdate(name: "R&D"), seen: nil, in: lab.slug, by: lab.admin).resource.revision == 2)
    #expect(try await workspaces.deactivate("r-d", seen: 2, in: lab.slug, by: lab.admin).state.status == .deactivated)
    #expect(try await workspaces.deactivate("r-d", in: lab.slug, by: lab.admin).resource.revision == 3, "what is so already is no event")
    #expect(await refusal { try await workspaces.activate("r-d", seen: 2, in: lab.slug, by: lab.admin) } == "stale")
    #expect(try await workspaces.activate("r-d", in: lab.slug, by: lab.admin).state == .enrolled)
    #expect(await refusal { try await workspaces.delete("r-d", confirm: "r_d", in: lab.slug, by: lab.admin) } == "invalid")
    #expect(await refusal { try await workspaces.delete("r-d", confirm: "r-d", seen: 1, in: lab.slug, by: lab.admin) } == "stale")
    try await workspaces.delete("r-d", confirm: "r-d", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await workspaces.delete("r-d", in: lab.slug, by: lab.admin) } == "missing")
    let actions = try await lab.house.actions(in: lab.stream).suffix(5)
    #expect(actions == ["workspace.create", "workspace.update", "workspace.deactivate", "workspace.activate", "workspace.delete"])
    #expect(try await lab.count("SELECT id FROM resource UNION ALL SELECT id FROM access_grant") == 0)
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  @Test func `Every state leads where the life cycle says, and nowhere else`() throws {
    let failed = WorkspaceState.enrolled.began().failed(because: try Note("No room."))
    #expect(failed.status == .failed && failed.desired == .available && failed.reason == "No room.")
    let available = try WorkspaceState.enrolled.reported()
    #expect(available.status == .available && available.letsIn)
    #expect(available.deactivated().status == .deactivated && !available.deactivated().letsIn)
    #expect(available.deactivated().deactivated() == available.deactivated())
    #expect(available.activated(isKnown: true) == available, "what is active stays as it is")
    #expect(available.deactivated().activated(isKnown: true).status == .available)
    #expect(available.deactivated().activated(isKnown: false) == .enrolled)
    #expect(throws: Problem.self) { _ = try available.deactivated().reported() }
    let doomed = WorkspaceState(desired: .deleted, status: .available, reason: "")
    #expect(doomed.began().status == .pending && doomed.began().desired == .deleted && doomed.deactivated() == doomed && doomed.activated(isKnown: true) == doomed)
    #expect(throws: Problem.self) { _ = try doomed.reported() }
  }

  @Test func `A slug is refused when it is taken anywhere, reserved, or no slug`() async throws {
    let lab = try await Lab()
    _ = try await lab.workspace("Data")
    let elsewhere = try await lab.house.found("Elsewhere", by: lab.oscar)
    let workspaces = lab.plane.workspaces
    for (slug, code) in [("data", "name.taken"), ("DATA", "name.taken"), ("new", "invalid"), ("workspace", "invalid"), ("a b", "invalid"), (String(repeating: "x", count: 33), "invalid")] {
      #expect(await refusal { try await workspaces.enroll(ResourceDraft(name: "Other", slug: slug), in: lab.slug, by: lab.admin) } == code, "\(slug)")
      #expect(await refusal { try await workspaces.enroll(ResourceDraft(name: "Other", slug: slug), in: elsewhere.slug.text, by: lab.operator) } == code, "\(slug)")
    }
    _ = try await lab.workspace("Other")
    #expect(await refusal { try await workspaces.update("other", ResourceUpdate(slug: "data"), seen: nil, in: lab.slug, by: lab.admin) } == "name.taken")
    #expect(await faultyFields { try ResourceDraft(name: "", slug: "new", description: String(repeating: "d", count: 3000)) } == ["name", "slug", "description"])
  }

  // MARK: Its server

  @Test func `A server reports with its key, and nobody else does`() async throws {
    let lab = try await Lab()
    let new = try await lab.workspace("Research")
    let (workspaces, origin, key) = (lab.plane.workspaces, lab.house.origin(), new.secret.reveal())
    #expect(key.hasPrefix("gld_enr_") && new.settings.contains(ServerSetting(name: "ZENML_SERVER_PRO_OAUTH2_CLIENT_SECRET", value: key)))
    #expect(new.settings.contains(ServerSetting(name: "ZENML_SERVER_PRO_WORKSPACE_ID", value: new.workspace.id.description)))
    let reported = try await lab.plane.workspaceServers.report(address: "https://zenml.lab.example", version: "0.98.0", by: Caller(secret: key, from: origin))
    #expect(reported.state.status == .available && reported.server?.address == "https://zenml.lab.example" && reported.resource.revision == 2)
    _ = try await lab.plane.workspaceServers.report(address: "https://zenml.lab.example", version: "0.98.0", by: Caller(secret: key, from: origin))
    #expect(try await lab.house.actions(in: lab.stream).count { $0 == "workspace.report" } == 1, "a server that starts again is no event")
    _ = try await lab.plane.workspaceServers.report(address: "https://zenml.lab.example", version: "0.99.0", by: Caller(secret: key, from: origin))
    #expect(try await workspaces.find("research", in: lab.slug, by: lab.admin).server?.version == "0.99.0")
    for address in ["", "zenml.lab.example", "javascript:alert(1)", "https://a b", "https://" + String(repeating: "x", count: 600)] {
      #expect(await refusal { try await lab.plane.workspaceServers.report(address: address, version: "1", by: Caller(secret: key, from: origin)) } == "invalid", "\(address)")
    }
    for wrong in ["", "gld_enr_none", "x", key + "x", lab.ada.secret.reveal()] {
      #expect(await refusal { try await lab.plane.workspaceServers.report(address: "https://a.example", version: "1", by: Caller(secret: wrong, from: origin)) } == "credential.invalid")
    }
    // A deactivated workspace's server isn't let in; nor with an old key; nor while the organization doesn't work.
    _ = try await workspaces.deactivate("research", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.workspaceServers.report(address: "https://a.example", version: "1", by: Caller(secret: key, from: origin)) } == "workspace.deactivated")
    #expect(try await workspaces.activate("research", in: lab.slug, by: lab.admin).state.status == .available, "its server had reported")
    let renewed = try await workspaces.renewKey(of: "research", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.workspaceServers.report(address: "https://a.example", version: "1", by: Caller(secret: key, from: origin)) } == "credential.invalid")
    _ = try await lab.plane.workspaceServers.report(address: "https://a.example", version: "1", by: Caller(secret: renewed.secret.reveal(), from: origin))
    _ = try await lab.plane.organizations.suspend(lab.slug, because: "", by: lab.admin)
    #expect(await refusal { try await lab.plane.workspaceServers.report(address: "https://b.example", version: "1", by: Caller(secret: renewed.secret.reveal(), from: origin)) } == "credential.invalid")
    #expect(try await lab.count("SELECT resource FROM workspace WHERE key_digest = \(key) OR key_digest = \(renewed.secret.reveal())") == 0, "no key is stored")
  }

  // MARK: Who may

  @Test func `By role workspaces are seen, made and managed as the table of roles says`() async throws {
    let lab = try await Lab()
    _ = try await lab.workspace("Research")
    let workspaces = lab.plane.workspaces
    for role in OrganizationRole.allCases {
      let caller = lab.house.caller(try await lab.member("A \(role.rawValue)", as: role.rawValue).session)
      let held = role.permissions
      let (sees, makes, manages) = (held.contains(.workspaceRead), held.contains(.workspaceCreate), held.contains(.workspaceManage))
      let managed: String? = manages ? nil : sees ? "forbidden" : "missing"
      #expect(try await workspaces.list(in: lab.slug, .first, by: caller).items.map(\.resource.slug.text) == (sees ? ["research"] : []), "\(role)")
      #expect(await refusal { try await workspaces.find("research", in: lab.slug, by: caller) } == (sees ? nil : "missing"), "\(role)")
      #expect(await detail { try await workspaces.find("research", in: lab.slug, by: caller) } == (sees ? nil : "There is no such thing, or nobody has shared it with you."))
      #expect(await detail { try await workspaces.find("nowhere", in: lab.slug, by: caller) } == (sees ? "There is no such workspace here." : "There is no such thing, or nobody has shared it with you."), "\(role)")
      #expect(await refusal { try await workspaces.update("research", ResourceUpdate(description: role.rawValue), seen: nil, in: lab.slug, by: caller) } == managed, "\(role)")
      #expect(await refusal { try await workspaces.deactivate("nowhere", in: lab.slug, by: caller) } == (managed ?? "missing"), "\(role): told like what isn't there")
      #expect(await refusal { try await workspaces.deactivate("research", in: lab.slug, by: caller) } == managed, "\(role)")
      #expect(await refusal { try await workspaces.renewKey(of: "research", in: lab.slug, by: caller) } == managed, "\(role)")
      #expect(await refusal { try await workspaces.enroll(ResourceDraft(name: "Of \(role.rawValue)"), in: lab.slug, by: caller) } == (makes ? nil : "forbidden"), "\(role)")
      if makes { try await workspaces.delete("of-\(role.rawValue)", in: lab.slug, by: caller) }
    }
    let stranger = lab.house.caller(try await lab.house.signUpVerified("Stranger"))
    #expect(await refusal { try await workspaces.list(in: lab.slug, .first, by: stranger) } == "missing")
    #expect(await refusal { try await workspaces.find("research", in: lab.slug, by: stranger) } == "missing")
    #expect(try await lab.house.actions(in: lab.stream).contains("workspace.update!"), "an attempt by who sees it leaves an event")
  }

  @Test func `A workspace of another organization is nowhere`() async throws {
    let lab = try await Lab()
    let elsewhere = try await lab.house.found("Elsewhere", by: lab.ada)
    let (workspaces, projects, grants) = (lab.plane.workspaces, lab.plane.projects, lab.plane.grants)
    let foreign = try await workspaces.enroll(ResourceDraft(name: "Foreign"), in: elsewhere.slug.text, by: lab.admin).workspace
    let project = try await projects.create(ResourceDraft(name: "Deep"), of: "foreign", in: elsewhere.slug.text, by: lab.admin)
    let grant = try #require(try await grants.list(on: .workspace("foreign"), in: elsewhere.slug.text, .first, by: lab.admin).items.first)
    _ = try await lab.workspace("Own")
    let (id, inner, slug) = (foreign.id.description, project.id.description, lab.slug)
    for name in [id, "foreign"] {
      let attempts: [(String, @Sendable () async throws -> Void)] = [
        ("read", { _ = try await workspaces.find(name, in: slug, by: lab.admin) }),
        ("update", { _ = try await workspaces.update(name, ResourceUpdate(name: "X"), seen: nil, in: slug, by: lab.admin) }),
        ("deactivate", { _ = try await workspaces.deactivate(name, in: slug, by: lab.admin) }), ("activate", { _ = try await workspaces.activate(name, in: slug, by: lab.admin) }),
        ("key", { _ = try await workspaces.renewKey(of: name, in: slug, by: lab.admin) }), ("delete", { try await workspaces.delete(name, in: slug, by: lab.admin) }),
        ("projects", { _ = try await projects.list(of: name, in: slug, .first, by: lab.admin) }),
        ("make a project", { _ = try await projects.create(ResourceDraft(name: "X"), of: name, in: slug, by: lab.admin) }),
        ("read a project", { _ = try await projects.find(inner, of: name, in: slug, by: lab.admin) }),
        ("read a project elsewhere", { _ = try await projects.find(inner, of: "own", in: slug, by: lab.admin) }),
        ("change a project elsewhere", { _ = try await projects.update(inner, ProjectUpdate(ResourceUpdate(name: "X")), seen: nil, of: "own", in: slug, by: lab.admin) }),
        ("delete a project elsewhere", { try await projects.delete(inner, of: "own", in: slug, by: lab.admin) }),
        ("grants", { _ = try await grants.list(on: .workspace(name), in: slug, .first, by: lab.admin) }),
        ("give", { _ = try await grants.give(GrantDraft(.member("ada"), role: "viewer"), on: .workspace(name), in: slug, by: lab.admin) }),
        ("change a grant elsewhere", { _ = try await grants.update(grant.id, GrantUpdate(role: "viewer"), seen: nil, on: .workspace("own"), in: slug, by: lab.admin) }),
        ("withdraw a grant elsewhere", { _ = try await grants.withdraw(grant.id, on: .workspace("own"), in: slug, by: lab.admin) }),
        ("grants of a project elsewhere", { _ = try await grants.list(on: .project(inner, in: "own"), in: slug, .first, by: lab.admin) }),
        ("give on a project elsewhere", { _ = try await grants.give(GrantDraft(.member("ada"), role: "viewer"), on: .project(inner, in: "own"), in: slug, by: lab.admin) }),
      ]
      for (what, attempt) in attempts { #expect(await refusal { try await attempt() } == "missing", "\(what)") }
    }
    #expect(try await workspaces.list(in: slug, .first, by: lab.admin).total == 1)
    #expect(try await projects.list(in: slug, .first, by: lab.admin).total == 0)
  }

  @Test func `Who is out sees nothing: suspended, expired, gone, or of a deleted organization`() async throws {
    let lab = try await Lab()
    _ = try await lab.workspace("Research")
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Forecast"), of: "research", in: lab.slug, by: lab.admin)
    let (session, bob) = try await lab.member("Bob", as: "member")
    let caller = lab.house.caller(session)
    _ = try await lab.give("bob", "admin", on: .workspace("research"))
    let (workspaces, projects) = (lab.plane.workspaces, lab.plane.projects)
    func answers() async -> [String?] {
      [
        await refusal { try await workspaces.list(in: lab.slug, .first, by: caller) }, await refusal { try await workspaces.find("research", in: lab.slug, by: caller) },
        await refusal { try await workspaces.update("research", ResourceUpdate(description: "x"), seen: nil, in: lab.slug, by: caller) },
        await refusal { try await projects.find("forecast", of: "research", in: lab.slug, by: caller) },
        await refusal { try await lab.plane.grants.list(on: .workspace("research"), in: lab.slug, .first, by: caller) },
      ]
    }
    #expect(await answers() == [nil, nil, nil, nil, nil])
    _ = try await lab.plane.members.suspend(bob.id, in: lab.slug, by: lab.admin)
    #expect(Set(await answers()) == ["member.suspended"])
    _ = try await lab.plane.members.resume(bob.id, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.members.setExpiry(bob.id, lab.now + .days(1), seen: nil, in: lab.slug, by: lab.admin)
    lab.house.pass(.days(1))
    #expect(Set(await answers()) == ["member.expired"])
    _ = try await lab.plane.members.setExpiry(bob.id, nil, seen: nil, in: lab.slug, by: lab.admin)
    #expect(await answers() == [nil, nil, nil, nil, nil])
    _ = try await lab.plane.organizations.suspend(lab.slug, because: "", by: lab.admin)
    #expect(await answers() == [nil, nil, "organization.suspended", nil, nil], "a suspended organization is read")
    _ = try await lab.plane.organizations.resume(lab.slug, by: lab.admin)
    let former = try await lab.plane.members.remove(bob.id, in: lab.slug, by: lab.admin)
    #expect(Set(await answers()) == ["missing"])
    _ = try await lab.plane.members.reinstate(former.id, in: lab.slug, by: lab.admin)
    #expect(await answers() == [nil, nil, nil, nil, nil], "reinstated, with the access they had")
  }

  @Test func `Workspaces and projects are listed by slug, page by page, and found by wildcards`() async throws {
    let lab = try await Lab()
    for name in ["ml-platform", "ml-research", "data", "Ümlaut 100%"] { _ = try await lab.workspace(name) }
    for (workspace, name) in [("data", "ml-two"), ("data", "zeta"), ("ml-platform", "alpha"), ("ml-platform", "zeta")] {
      _ = try await lab.plane.projects.create(ResourceDraft(name: name), of: workspace, in: lab.slug, by: lab.admin)
    }
    let (workspaces, projects) = (lab.plane.workspaces, lab.plane.projects)
    for (search, found) in [(nil, 4), ("ml-*", 2), ("ML", 3), ("d?ta", 1), ("%", 1), ("!", 0), ("'", 0)] as [(String?, Int)] {
      #expect(try await workspaces.list(in: lab.slug, search: search, .first, by: lab.admin).items.count == found, "\(search ?? "-")")
    }
    var (names, cursor): ([String], Cursor?) = ([], nil)
    repeat {
      let page = try await projects.list(in: lab.slug, PageRequest(limit: 1, cursor: cursor), by: lab.admin)
      #expect(page.total == 4)
      names += page.items.map { "\($0.place.slug)/\($0.resource.slug)" }
      cursor = page.next
    } while cursor != nil
    #expect(names == ["ml-platform/alpha", "data/ml-two", "data/zeta", "ml-platform/zeta"] || names == ["ml-platform/alpha", "data/ml-two", "ml-platform/zeta", "data/zeta"])
    #expect(try await projects.list(of: "data", in: lab.slug, search: "ml*", .first, by: lab.admin).items.map(\.resource.slug.text) == ["ml-two"])
    let page = try await workspaces.list(in: lab.slug, PageRequest(limit: 3), by: lab.admin)
    #expect(try await workspaces.list(in: lab.slug, PageRequest(limit: 3, cursor: page.next), by: lab.admin).items.count == 1)
    #expect(await refusal { try await projects.list(in: lab.slug, PageRequest(limit: 3, cursor: page.next), by: lab.admin) } == "invalid", "a cursor of another list")
  }

  @Test func `At once there is one workspace of a slug in the whole installation`() async throws { try await Self.race(Lab()) }

  static func race(_ lab: Lab) async throws {
    let elsewhere = try await lab.house.found("Elsewhere", by: lab.oscar)
    let attempts: [@Sendable () async -> String?] = (0..<8).map { number in
      { await refusal { try await lab.plane.workspaces.enroll(ResourceDraft(name: "Same"), in: number % 2 == 0 ? lab.slug : elsewhere.slug.text, by: number % 2 == 0 ? lab.admin : lab.operator) } }
    }
    #expect(await outcomes(attempts) == ["success": 1, "name.taken": 7])
  }
}

extension Lab {
  var now: Timestamp { plane.world.clock() }

  @discardableResult func workspace(_ name: String, description: String = "") async throws(Problem) -> NewWorkspace {
    try await plane.workspaces.enroll(ResourceDraft(name: name, description: description), in: slug, by: admin)
  }

  /// Who was given which role: `Ada admin`.
  func access(_ place: ResourceReference, by caller: Caller? = nil) async throws(Problem) -> [String] {
    try await plane.grants.list(on: place, in: slug, .first, by: caller ?? admin).items.map { "\($0.holder.name) \($0.role.short)" }
  }

  @discardableResult func give(
    _ who: String, _ role: String?, on place: ResourceReference, until expires: Timestamp? = nil, by caller: Caller? = nil
  ) async throws(Problem) -> Grant {
    try await plane.grants.give(GrantDraft(.anybody(who), role: role, expires: expires), on: place, in: slug, by: caller ?? admin)
  }

  func count(_ statement: Statement) async throws(Problem) -> Int {
    try await plane.read(as: .system("test")) { work in try work.tx.rows(statement).count }
  }
}

/// The sentence of the refusal; `nil` when there was none.
func detail(_ body: () async throws -> some Sendable) async -> String? {
  do {
    _ = try await body()
    return nil
  } catch let problem as Problem {
    return problem.detail
  } catch {
    return "\(error)"
  }
}
