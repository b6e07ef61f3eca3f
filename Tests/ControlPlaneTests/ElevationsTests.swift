import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import TestSupport
import Testing

@Suite struct ElevationsTests {
  @Test func `Who asks gets the role for a time, from who could give it, and it ends by itself`() async throws { try await Self.asking(Lab()) }

  static func asking(_ lab: Lab) async throws {
    try await GrantsTests.fill(lab)
    let bob = lab.house.caller(try await lab.member("Bob", as: "guest").session)
    try await lab.give("bob", "viewer", on: GrantsTests.forecast)
    let asked = try await lab.ask("research/forecast", "manager", by: bob)
    #expect(asked.isOwn && !asked.mayAnswer && asked.elevation.state == .pending && asked.elevation.place.words == "the project research/forecast")
    #expect(try await lab.house.mails(to: "ada@example.org").first?.subject == "Bob asks for the role manager in Lab")
    func update() async -> String? {
      await refusal { try await lab.plane.projects.update("forecast", ProjectUpdate(ResourceUpdate(description: "By \(lab.now)")), seen: nil, of: "research", in: lab.slug, by: bob) }
    }
    #expect(await update() == "forbidden")
    let approved = try await lab.plane.elevations.approve(asked.elevation.id, minutes: 30, note: "Mind the queue.", in: lab.slug, by: lab.admin)
    #expect(approved.elevation.state == .approved && approved.elevation.answeredBy == "Ada" && approved.elevation.grantedUntil == lab.now + .minutes(30))
    #expect(try await lab.house.mails(to: "bob@example.org").first?.text.contains("Mind the queue.") == true)
    #expect(await update() == nil)
    try await DecisionFactsTests.compare(lab, "approved")
    lab.house.pass(.minutes(30) - .milliseconds(1))
    #expect(await update() == nil)
    lab.house.pass(.milliseconds(1))
    #expect(await update() == "forbidden", "its end is exact")
    // On the organization, where nothing was given before; asked anew, it goes on from the end that was.
    for round in 0..<2 {
      let more = try await lab.ask(nil, "viewer", by: bob)
      _ = try await lab.plane.elevations.approve(more.elevation.id, in: lab.slug, by: lab.admin)
      #expect(await refusal { try await lab.plane.members.list(in: lab.slug, MemberFilter(), .first, by: bob) } == nil)
      try await DecisionFactsTests.compare(lab, "on the organization \(round)")
      lab.house.pass(.hours(1))
      #expect(await refusal { try await lab.plane.members.list(in: lab.slug, MemberFilter(), .first, by: bob) } == "forbidden")
    }
    let events = try await lab.house.actions(in: lab.stream)
    #expect(events.filter { $0 == "elevation.ask" }.count == 3 && events.contains("project-access.give") && events.contains("organization-access.give"))
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  @Test func `Nobody answers their own, nor what they couldn't give, and those alone see it who could`() async throws {
    let lab = try await Lab()
    try await GrantsTests.fill(lab)
    let bob = lab.house.caller(try await lab.member("Bob", as: "viewer").session)
    let mia = lab.house.caller(try await lab.member("Mia", as: "manager").session)
    let eve = lab.house.caller(try await lab.member("Eve", as: "member").session)
    let own = try await lab.ask(nil, "billing", by: lab.admin)
    #expect(await refusal { try await lab.plane.elevations.approve(own.elevation.id, in: lab.slug, by: lab.admin) } == "elevation.own")
    #expect(await refusal { try await lab.plane.elevations.refuse(own.elevation.id, in: lab.slug, by: lab.admin) } == "elevation.own")
    let above = try await lab.ask(nil, "admin", by: bob)
    let within = try await lab.ask(nil, "manager", by: bob)
    let onProject = try await lab.ask("research/forecast", "viewer", by: bob)
    func seen(_ caller: Caller) async throws -> Set<ID<Elevation>> { Set(try await lab.plane.elevations.list(in: lab.slug, by: caller).map(\.elevation.id)) }
    #expect(try await seen(mia) == [within.elevation.id], "what a manager could give, and projects' roles they couldn't")
    #expect(try await seen(eve).isEmpty)
    #expect(try await seen(bob) == [above.elevation.id, within.elevation.id, onProject.elevation.id])
    #expect(try await seen(lab.admin) == [own.elevation.id, above.elevation.id, within.elevation.id, onProject.elevation.id])
    for (caller, id) in [(mia, above), (mia, onProject), (eve, within), (mia, own)] {
      #expect(await refusal { try await lab.plane.elevations.approve(id.elevation.id, in: lab.slug, by: caller) } == "missing")
      #expect(await refusal { try await lab.plane.elevations.refuse(id.elevation.id, in: lab.slug, by: caller) } == "missing")
      #expect(await refusal { try await lab.plane.elevations.find(id.elevation.id, in: lab.slug, by: caller) } == "missing")
    }
    // A project's admin answers for the project.
    try await lab.give("eve", "admin", on: GrantsTests.forecast)
    #expect(try await seen(eve) == [onProject.elevation.id])
    #expect(try await lab.plane.elevations.approve(onProject.elevation.id, in: lab.slug, by: eve).elevation.state == .approved)
    #expect(await refusal { try await lab.plane.elevations.approve(onProject.elevation.id, in: lab.slug, by: eve) } == "elevation.answered")
    #expect(try await lab.plane.elevations.refuse(within.elevation.id, note: "Not today.", in: lab.slug, by: mia).elevation.answer.text == "Not today.")
    #expect(await refusal { try await lab.plane.elevations.withdraw(within.elevation.id, in: lab.slug, by: bob) } == "elevation.answered")
    #expect(await refusal { try await lab.plane.elevations.withdraw(above.elevation.id, in: lab.slug, by: mia) } == "missing")
    // Elsewhere it isn't there.
    let elsewhere = try await lab.house.found("Elsewhere", by: lab.ada)
    #expect(await refusal { try await lab.plane.elevations.find(above.elevation.id, in: elsewhere.slug.text, by: lab.admin) } == "missing")
  }

  @Test func `What can't be asked for is refused, and nothing is told of what one doesn't see`() async throws {
    let lab = try await Lab()
    try await GrantsTests.fill(lab)
    let bob = lab.house.caller(try await lab.member("Bob", as: "guest").session)
    for (on, role, minutes, reason, code) in [
      ("research/forecast", "viewer", 60, "x", "missing"), ("nowhere", "viewer", 60, "x", "missing"), ("a/b/c", "viewer", 60, "x", "invalid"), ("/b", "viewer", 60, "x", "invalid"),
      (nil, "emperor", 60, "x", "invalid"), (nil, "project.viewer", 60, "x", "invalid"), (nil, "viewer", 4, "x", "invalid"), (nil, "viewer", 43_201, "x", "invalid"),
      (nil, "viewer", -1, "x", "invalid"), (nil, "viewer", 60, "", "invalid"), (nil, "", 60, "x", "invalid"), (nil, "viewer", 60, String(repeating: "x", count: 3000), "invalid"),
    ] as [(String?, String, Int, String, String)] {
      #expect(await refusal { try await lab.plane.elevations.ask(ElevationDraft(on: on, role: role, minutes: minutes, reason: reason), in: lab.slug, by: bob) } == code, "\(on ?? "") \(role) \(minutes)")
    }
    #expect(await refusal { try await lab.ask(nil, "viewer", by: lab.operator) } == "forbidden", "operators have them all")
    #expect(await refusal { try await lab.ask(nil, "viewer", by: lab.machine("Robot", as: "viewer")) } == "forbidden", "programs don't ask")
    #expect(await refusal { try await lab.ask(nil, "viewer", by: lab.house.caller(try await lab.house.signUpVerified("Stranger"))) } == "missing")
    for _ in 0..<Elevation.memberLimit { try await lab.ask(nil, "viewer", by: bob) }
    #expect(await refusal { try await lab.ask(nil, "viewer", by: bob) } == "too_many")
  }

  @Test func `A request ends with an answer, its time, the membership, the thing and the role`() async throws {
    let lab = try await Lab()
    try await GrantsTests.fill(lab)
    let (session, member) = try await lab.member("Bob", as: "viewer")
    let bob = lab.house.caller(session)
    _ = try await lab.plane.roles.define(RoleDraft(level: "organization", name: "Helper", rights: ["member.list"]), in: lab.slug, by: lab.admin)
    let old = try await lab.ask(nil, "viewer", by: bob)
    #expect(old.elevation.answerBy == lab.now + Elevation.answerTerm)
    _ = try await lab.plane.database.write { tx in try tx.change("UPDATE elevation SET answer_by = \(tx.now)", under: Waiting()) }
    #expect(try await lab.plane.elevations.find(old.elevation.id, in: lab.slug, by: bob).elevation.state == .expired)
    #expect(await refusal { try await lab.plane.elevations.approve(old.elevation.id, in: lab.slug, by: lab.admin) } == "elevation.answered")
    #expect(try await lab.plane.elevations.list(in: lab.slug, by: lab.admin).isEmpty)
    #expect(try await lab.plane.elevations.list(open: false, in: lab.slug, by: lab.admin).count == 1)
    let own = try await lab.ask(nil, "helper", by: bob)
    let onProject = try await lab.ask("research/forecast", "viewer", by: bob)
    // Longer than was asked isn't given; who has it already for longer isn't given it again.
    #expect(await refusal { try await lab.plane.elevations.approve(own.elevation.id, minutes: 61, in: lab.slug, by: lab.admin) } == "invalid")
    _ = try await lab.plane.organizationAccess.give(GrantDraft(.member("bob"), role: "helper"), in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.elevations.approve(own.elevation.id, in: lab.slug, by: lab.admin) } == "grant.exists")
    let back = try await lab.ask(nil, "manager", by: bob)
    #expect(try await lab.plane.elevations.withdraw(back.elevation.id, in: lab.slug, by: bob).elevation.state == .withdrawn)
    #expect(await refusal { try await lab.plane.elevations.approve(back.elevation.id, in: lab.slug, by: lab.admin) } == "elevation.answered")
    try await lab.plane.projects.delete("forecast", of: "research", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.elevations.find(onProject.elevation.id, in: lab.slug, by: bob) } == "missing")
    let last = try await lab.ask(nil, "manager", by: bob)
    let former = try await lab.plane.members.remove(member.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.elevations.approve(last.elevation.id, in: lab.slug, by: lab.admin) } == "missing")
    _ = try await lab.plane.members.reinstate(former.id, in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.elevations.list(open: false, in: lab.slug, by: bob).isEmpty, "who comes back asks anew")
    // Suspended nobody asks.
    let again = try #require(try await lab.plane.members.list(in: lab.slug, MemberFilter(search: "bob"), .first, by: lab.admin).items.first)
    _ = try await lab.plane.members.suspend(again.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.ask(nil, "viewer", by: bob) } == "member.suspended")
  }

  @Test func `Roles are asked for on apps and clusters, too, and given by who could give them there`() async throws {
    let lab = try await Lab()
    _ = try await lab.plane.apps.create(ResourceDraft(name: "Painter"), AppUpdate(visibility: "organization"), in: lab.slug, by: lab.admin)
    _ = try await lab.plane.apps.create(ResourceDraft(name: "Secret"), in: lab.slug, by: lab.admin)
    _ = try await lab.register("Berlin")
    let bob = lab.house.caller(try await lab.member("Bob", as: "member").session)
    let eve = lab.house.caller(try await lab.member("Eve", as: "member").session)
    _ = try await lab.plane.clusters.admit(lab.slug, to: "berlin", ClusterAdmission(), by: lab.operator)
    #expect(await refusal { try await lab.ask("app:secret", "labeler-lead", by: bob) } == "missing", "it isn't seen")
    #expect(await refusal { try await lab.ask("app:painter", "viewer", by: bob) } == "invalid", "no role of apps")
    #expect(await refusal { try await lab.ask("cluster:berlin", "labeler-lead", by: bob) } == "invalid", "no role of clusters")
    let onApp = try await lab.ask("app:painter", "labeler-lead", by: bob)
    let onCluster = try await lab.ask("cluster:berlin", "manager", by: bob)
    #expect(onApp.elevation.place.words == "the app painter" && onCluster.elevation.place.words == "the cluster berlin")
    #expect(await refusal { try await lab.plane.elevations.approve(onApp.elevation.id, in: lab.slug, by: eve) } == "missing")
    // Who manages the app answers for it, and not for the cluster.
    try await lab.give("eve", "full-access", on: .app("painter"))
    #expect(try await lab.plane.elevations.approve(onApp.elevation.id, in: lab.slug, by: eve).elevation.state == .approved)
    #expect(await refusal { try await lab.plane.elevations.approve(onCluster.elevation.id, in: lab.slug, by: eve) } == "missing")
    #expect(try await lab.plane.elevations.approve(onCluster.elevation.id, in: lab.slug, by: lab.admin).elevation.state == .approved)
    #expect(try await lab.access(.app("painter")).contains("Bob labeler-lead"))
    #expect(try await lab.access(.cluster("berlin")).contains("Bob manager"))
    try await DecisionFactsTests.compare(lab, "given")
    let (app, cluster) = (try ThingName(type: "app", id: "painter"), try ThingName(type: "cluster", id: "berlin"))
    #expect(try await lab.ask("bob", "manage", cluster).answer.isAllowed)
    #expect(try await lab.ask("bob", "review", ThingName(type: "annotation", id: "a", parent: ThingName.Place(type: "app", id: "painter"))).answer.isAllowed)
    lab.house.pass(.hours(1))
    #expect(try await !lab.ask("bob", "manage", cluster).answer.isAllowed)
    #expect(try await lab.ask("bob", "read", app).answer.isAllowed, "it is open to the organization")
    #expect(try await !lab.ask("bob", "review", ThingName(type: "annotation", id: "a", parent: ThingName.Place(type: "app", id: "painter"))).answer.isAllowed)
  }

  @Test func `A list of requests comes page by page, and others' requests keep nobody from asking`() async throws {
    let lab = try await Lab()
    let bob = lab.house.caller(try await lab.member("Bob", as: "guest").session)
    for _ in 0..<5 { try await lab.ask(nil, "viewer", by: bob) }
    var (found, cursor): ([ID<Elevation>], Cursor?) = ([], nil)
    repeat {
      let page = try await lab.plane.elevations.list(open: true, in: lab.slug, PageRequest(limit: 2, cursor: cursor), by: lab.admin)
      #expect(page.total == 5 && page.items.count <= 2)
      found += page.items.map(\.elevation.id)
      cursor = page.next
    } while cursor != nil
    #expect(try await found == lab.plane.elevations.list(in: lab.slug, by: lab.admin).map(\.elevation.id))
    let foreign = try await lab.plane.stars.list(in: lab.slug, .first, by: bob)
    #expect(foreign.total == 0)
    #expect(await refusal { try await lab.plane.elevations.list(open: true, in: lab.slug, PageRequest(cursor: Cursor(list: "stars", keys: ["1", "x"])), by: bob) } == "invalid")
    // As many as there can be, all of one group.
    _ = try await lab.plane.database.write { tx in
      for _ in 0..<Elevation.limit {
        let id: ID<Elevation> = tx.newID()
        try tx.change(
          """
          INSERT INTO elevation (id, organization, member, resource, role, custom_role, minutes, reason, state, created_at, answer_by, answer)
          SELECT \(id), organization, member, resource, role, custom_role, minutes, reason, state, created_at, answer_by, answer FROM elevation ORDER BY id LIMIT 1
          """, under: Waiting())
      }
    }
    let eve = lab.house.caller(try await lab.member("Eve", as: "guest").session)
    try await lab.ask(nil, "viewer", by: eve)
    #expect(await refusal { try await lab.ask(nil, "viewer", by: eve) } == "too_many", "a second one waits till there are fewer")
  }

  @Test func `At once a request has one answer`() async throws { try await Self.race(Lab()) }

  static func race(_ lab: Lab) async throws {
    let bob = lab.house.caller(try await lab.member("Bob", as: "guest").session)
    let asked = try await lab.ask(nil, "viewer", by: bob)
    let (id, elevations) = (asked.elevation.id, lab.plane.elevations)
    let answers: [@Sendable () async -> String?] = [
      { await refusal { try await elevations.approve(id, in: lab.slug, by: lab.admin) } }, { await refusal { try await elevations.approve(id, in: lab.slug, by: lab.admin) } },
      { await refusal { try await elevations.refuse(id, in: lab.slug, by: lab.admin) } }, { await refusal { try await elevations.withdraw(id, in: lab.slug, by: bob) } },
    ]
    let outcome = await outcomes(answers)
    #expect(outcome == ["success": 1, "elevation.answered": 3], "\(outcome)")
    let state = try await elevations.find(id, in: lab.slug, by: bob).elevation.state
    #expect(try await lab.plane.organizationAccess.list(in: lab.slug, .first, by: lab.admin).total == (state == .approved ? 1 : 0))
    try await DecisionFactsTests.compare(lab, "\(state)")
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  // MARK: Teams

  @Test func `A team has a role for apps, chosen by who manages all teams`() async throws {
    let lab = try await Lab()
    let teams = lab.plane.teams
    #expect(await faultyFields { try TeamDraft(name: "Crew", defaultRole: "viewer") } == ["default_role"])
    let made = try await teams.create(TeamDraft(name: "Crew", defaultRole: "labeler-worker"), in: lab.slug, by: lab.admin).team
    #expect(made.defaultRole == .appLabelerWorker)
    let bob = lab.house.caller(try await lab.member("Bob", as: "viewer").session)
    try await lab.add("bob", to: "crew")
    _ = try await teams.addMaintainer("bob", of: "crew", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await teams.update("crew", TeamUpdate(defaultRole: "full-access"), seen: nil, in: lab.slug, by: bob) } == "forbidden")
    #expect(await refusal { try await teams.update("crew", TeamUpdate(description: "Paints.", defaultRole: "labeler-worker"), seen: nil, in: lab.slug, by: bob) } == nil)
    #expect(try await teams.update("crew", TeamUpdate(defaultRole: ""), seen: nil, in: lab.slug, by: lab.admin).team.defaultRole == nil)
    #expect(await faultyFields { try await teams.update("crew", TeamUpdate(defaultRole: "emperor"), seen: nil, in: lab.slug, by: lab.admin) } == ["default_role"])
  }
}

/// Nobody waits a week.
private struct Waiting: Proof {}

extension Lab {
  /// For an hour, because of something.
  @discardableResult
  func ask(_ place: String?, _ role: String, by caller: Caller) async throws(Problem) -> SeenElevation {
    try await plane.elevations.ask(ElevationDraft(on: place, role: role, minutes: 60, reason: "The nightly run."), in: slug, by: caller)
  }
}
