import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Storage
import Testing

@Suite struct MovingTests {
  /// A lab with a workspace and an app, and another organization of the same admin.
  static func stage(_ lab: Lab) async throws -> Organization {
    try await lab.workspace("Research")
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Forecast"), isDefault: true, of: "research", in: lab.slug, by: lab.admin)
    _ = try await lab.plane.apps.create(ResourceDraft(name: "Finder"), isOwn: true, in: lab.slug, by: lab.admin)
    for (type, place) in [("dataset", ("project", "research/forecast")), ("model", ("app", "finder"))] {
      let object = ObjectDraft(try ObjectName(type: type, id: "mnist"), in: try ThingName.Place(type: place.0, id: place.1))
      if case .refused(let problem) = try await lab.plane.objects.register([.success(object)], in: lab.slug, by: lab.admin)[0] { throw problem }
    }
    return try await lab.house.found("Annex", by: lab.ada)
  }

  static func moving(_ lab: Lab) async throws {
    let annex = try await stage(lab)
    let (plane, slug, admin) = (lab.plane, lab.slug, lab.admin)
    let (both, here) = (try await lab.member("Both", as: "guest"), try await lab.member("Here", as: "guest"))
    _ = try await lab.house.join(annex, as: ["guest"], both.session, invitedBy: lab.ada)
    try await lab.team("Crew")
    for who in ["both", "here", "crew"] {
      try await lab.give(who, "developer", on: .workspace("research"))
      try await lab.give(who, "labeler-lead", on: .app("finder"))
    }
    let lee = try await lab.house.signUpVerified("Lee")
    let outside = try await plane.collaborators.invite(CollaboratorDraft(who: "lee", role: "labeler-worker"), to: "finder", in: slug, by: admin)
    _ = try await plane.collaborators.accept(.own(outside.collaborator.id), by: lab.house.caller(lee))
    try await DecisionFactsTests.compare(lab, "before")
    let workspace = try await plane.moving.workspace("research", to: annex.slug.text, in: slug, by: admin)
    #expect(workspace.resource.organization == annex.id && workspace.projects == 1)
    let app = try await plane.moving.app("finder", to: annex.id.description, in: slug, by: admin)
    #expect(app.resource.organization == annex.id && app.resource.owner == nil)
    // Gone here, there with all that is in it, for who is a member there.
    #expect(await refusal { try await plane.workspaces.find("research", in: slug, by: admin) } == "missing")
    #expect(await refusal { try await plane.apps.find("finder", in: slug, by: admin) } == "missing")
    #expect(try await plane.projects.find("forecast", at: .workspace("research"), in: annex.slug.text, by: admin).isDefault == false, "it takes nobody in by itself")
    #expect(try await plane.objects.list(at: .init(type: "project", id: "research/forecast"), in: annex.slug.text, .first, by: admin).items.map(\.name) == ["mnist"])
    #expect(try await plane.objects.list(at: .init(type: "app", id: "finder"), of: "model", in: annex.slug.text, .first, by: admin).items.map(\.name) == ["mnist"])
    func held(_ place: ResourceReference) async throws -> [String] {
      try await plane.grants.list(on: place, in: annex.slug.text, .first, by: admin).items.map { "\($0.holder.name) \($0.role.short)" }
    }
    #expect(try await held(.workspace("research")) == ["Ada admin", "Both developer"])
    #expect(try await held(.app("finder")) == ["Ada full-access", "Both labeler-lead"])
    #expect(await refusal { try await plane.workspaces.find("research", in: annex.slug.text, by: lab.house.caller(both.session)) } == nil)
    #expect(await refusal { try await plane.workspaces.find("research", in: annex.slug.text, by: lab.house.caller(here.session)) } == "missing")
    #expect(try await plane.collaborators.own(by: lab.house.caller(lee)).isEmpty)
    try await DecisionFactsTests.compare(lab, "after")
    let question = try AccessQuestion(principal: .account("both"), action: "read", resource: ThingName(type: "dataset", id: "mnist"))
    #expect(try await plane.decisions.check(question, in: annex.slug.text, by: admin).answer.isAllowed)
    #expect(try await plane.decisions.check(question, in: slug, by: admin).answer.isAllowed == false)
    #expect(try await lab.house.actions(in: lab.stream).suffix(2) == ["workspace.move", "app.move"])
    #expect(try await lab.house.actions(in: .organization(annex.id)).suffix(2) == ["workspace.receive", "app.receive"])
    // And back again.
    _ = try await plane.moving.workspace("research", to: slug, in: annex.slug.text, by: admin)
    #expect(try await lab.access(.workspace("research")) == ["Ada admin", "Both developer"])
  }

  @Test func `A workspace and an app go to another organization with all that is in them`() async throws { try await Self.moving(Lab()) }

  @Test func `Who isn't an admin of both is refused, and so are taken names, running holds and old sign-ins`() async throws {
    let lab = try await Lab()
    let annex = try await Self.stage(lab)
    let (plane, slug, admin, there) = (lab.plane, lab.slug, lab.admin, annex.slug.text)
    func refused(_ caller: Caller, to home: String? = nil) async -> [String?] {
      [
        await refusal { try await plane.moving.workspace("research", to: home ?? there, in: slug, by: caller) },
        await refusal { try await plane.moving.app("finder", to: home ?? there, in: slug, by: caller) },
      ]
    }
    let mia = try await lab.member("Mia", as: "admin")
    #expect(await refused(lab.house.caller(mia.session)) == ["invalid", "invalid"], "an admin here alone isn't told of the other")
    _ = try await lab.house.join(annex, as: ["viewer"], mia.session, invitedBy: lab.ada)
    #expect(await refused(lab.house.caller(mia.session)) == ["forbidden", "forbidden"], "reading there isn't enough")
    let con = try await lab.member("Con", as: "contributor")
    _ = try await lab.house.join(annex, as: ["admin"], con.session, invitedBy: lab.ada)
    try await lab.give("con", "admin", on: .workspace("research"))
    #expect(await refused(lab.house.caller(con.session)) == ["forbidden", "forbidden"], "managing the thing isn't enough")
    #expect(await refused(lab.house.visitor()) == ["session.required", "session.required"])
    #expect(await refused(try await lab.machine("Robot", as: "admin")) == ["forbidden", "forbidden"])
    for home in [slug, "nowhere", ""] { #expect(await refused(admin, to: home) == ["invalid", "invalid"], "\(home)") }
    #expect(await refusal { try await plane.moving.workspace("research", to: there, seen: 99, in: slug, by: admin) } == "stale")
    // Names are unique where it goes.
    _ = try await plane.apps.create(ResourceDraft(name: "Finder"), in: there, by: admin)
    #expect(await refusal { try await plane.moving.app("finder", to: there, in: slug, by: admin) } == "name.taken")
    let object = ObjectDraft(try ObjectName(type: "dataset", id: "mnist"))
    _ = try await plane.objects.register([.success(object)], in: there, by: admin)
    #expect(await refusal { try await plane.moving.workspace("research", to: there, in: slug, by: admin) } == "name.taken")
    _ = try await plane.objects.delete([.success(object.name)], in: there, by: admin)
    // Nothing goes while something runs.
    _ = try await plane.credits.topUp(TopUpOrder(amount: "100"), of: slug, by: lab.operator)
    let hold = try await plane.holds.create(HoldDraft(amount: "1", seconds: 600), in: slug, by: admin)
    #expect(await refusal { try await plane.moving.workspace("research", to: there, in: slug, by: admin) } == "organization.live_holds")
    _ = try await plane.holds.release(hold.hold.id, in: slug, by: admin)
    _ = try await plane.organizations.suspend(there, because: "", by: admin)
    #expect(await refusal { try await plane.moving.workspace("research", to: there, in: slug, by: admin) } == "organization.suspended")
    _ = try await plane.organizations.resume(there, by: admin)
    lab.house.pass(.minutes(16))
    #expect(await refused(admin) == ["session.stale", "session.stale"])
    #expect(try await plane.workspaces.find("research", in: slug, by: admin).projects == 1, "nothing has happened")
  }
}
