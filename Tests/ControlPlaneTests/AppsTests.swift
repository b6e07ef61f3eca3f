import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Testing

@Suite struct AppsTests {
  @Test func `An app is made, found, changed and deleted, and what is said of it is checked`() async throws {
    let lab = try await Lab()
    let apps = lab.plane.apps
    let made = try await apps.create(ResourceDraft(name: "Defect finder"), AppUpdate(notes: "Read me.\nTwice."), in: lab.slug, by: lab.admin)
    #expect(made.resource.slug.text == "defect-finder" && made.resource.visibility == .private && made.resource.owner == nil && made.notes.text == "Read me.\nTwice.")
    #expect(try await lab.access(.app("defect-finder")) == ["Ada full-access"])
    #expect(await refusal { try await apps.create(ResourceDraft(name: "Other", slug: "DEFECT-finder"), in: lab.slug, by: lab.admin) } == "name.taken")
    for name in ["DEFECT-FINDER", made.id.description] { #expect(try await apps.find(name, in: lab.slug, by: lab.admin).id == made.id) }
    #expect(await faultyFields { try await apps.create(ResourceDraft(name: "X"), AppUpdate(notes: "a\u{0}"), in: lab.slug, by: lab.admin) } == ["notes"])
    #expect(
      await faultyFields { try await apps.create(ResourceDraft(name: "X"), AppUpdate(notes: String(repeating: "ä", count: 32_769)), in: lab.slug, by: lab.admin) }
        == ["notes"])
    for visibility in ["inherited", "everybody", ""] {
      #expect(await faultyFields { try await apps.create(ResourceDraft(name: "X"), AppUpdate(visibility: visibility), in: lab.slug, by: lab.admin) } == ["visibility"])
    }
    let changed = try await apps.update(
      "defect-finder", AppUpdate(ResourceUpdate(slug: "finder"), visibility: "public", isTemplate: true), seen: made.resource.revision, in: lab.slug, by: lab.admin)
    #expect(changed.resource.slug.text == "finder" && changed.resource.visibility == .public && changed.isTemplate)
    #expect(await refusal { try await apps.update("finder", AppUpdate(notes: ""), seen: made.resource.revision, in: lab.slug, by: lab.admin) } == "stale")
    let same = try await apps.update("finder", AppUpdate(visibility: "public"), seen: nil, in: lab.slug, by: lab.admin)
    #expect(same.resource.revision == changed.resource.revision, "nothing changes")
    #expect(await refusal { try await apps.delete("finder", confirm: "find", in: lab.slug, by: lab.admin) } == "invalid")
    try await apps.delete("finder", confirm: "finder", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await apps.find("finder", in: lab.slug, by: lab.admin) } == "missing")
    #expect(try await lab.house.actions(in: lab.stream).suffix(3) == ["app.create", "app.update", "app.delete"])
  }

  @Test func `Who may do what with an app, by role, by grant and by being open`() async throws {
    let lab = try await Lab()
    let (apps, grants) = (lab.plane.apps, lab.plane.grants)
    for visibility in ["private", "organization", "public"] {
      _ = try await apps.create(ResourceDraft(name: visibility, slug: "open-to-\(visibility)"), AppUpdate(visibility: visibility), in: lab.slug, by: lab.admin)
    }
    try await lab.team("Crew")
    // sees the private one, sees that of the organization, creates, changes the private one, gives access to it
    let expected: [(String, String?, [Bool])] = [
      ("admin", nil, [true, true, true, true, true]), ("contributor", nil, [true, true, true, true, true]), ("manager", nil, [true, true, false, false, false]),
      ("viewer", nil, [true, true, false, false, false]), ("member", nil, [false, true, false, false, false]),
      ("infrastructure", nil, [false, true, false, false, false]), ("billing", nil, [false, false, false, false, false]),
      ("guest", nil, [false, false, false, false, false]), ("guest", "labeler-worker", [true, false, false, false, false]),
      ("guest", "model-trainer", [true, false, false, false, false]), ("guest", "full-access", [true, false, false, true, false]),
      ("member", "full-access", [true, true, false, true, true]),
    ]
    for (number, (role, onApp, may)) in expected.enumerated() {
      let person = try await lab.member("Person \(number)", as: role)
      if let onApp { try await lab.give(person.member.handle.text, onApp, on: .app("open-to-private")) }
      let caller = lab.house.caller(person.session)
      let did = [
        await refusal { try await apps.find("open-to-private", in: lab.slug, by: caller) } == nil,
        await refusal { try await apps.find("open-to-organization", in: lab.slug, by: caller) } == nil,
        await refusal { try await apps.create(ResourceDraft(name: "New \(number)"), in: lab.slug, by: caller) } == nil,
        await refusal { try await apps.update("open-to-private", AppUpdate(notes: "by \(number)"), seen: nil, in: lab.slug, by: caller) } == nil,
        await refusal {
          let given = try await grants.give(GrantDraft(.team("crew"), role: "labeler-worker"), on: .app("open-to-private"), in: lab.slug, by: caller)
          try await grants.withdraw(given.id, on: .app("open-to-private"), in: lab.slug, by: caller)
        } == nil,
      ]
      // Guests see no teams, and nobody gives access to whom they may not see.
      #expect(did == may, "\(role), \(onApp ?? "nothing")")
      #expect(await refusal { try await apps.find("open-to-public", in: lab.slug, by: caller) } == nil, "\(role)")
      let listed = try await apps.list(in: lab.slug, AppFilter(search: "open-to-*"), .first, by: caller).items.map(\.resource.slug.text)
      let open = (may[1] ? ["open-to-organization"] : []) + (may[0] ? ["open-to-private"] : []) + ["open-to-public"]
      #expect(listed == open, "\(role), \(onApp ?? "nothing"): the list says what a look says")
    }
    #expect(await refusal { try await lab.give("crew", nil, on: .app("open-to-private")) } == "invalid", "a role must be told")
  }

  @Test func `A guest in a team has exactly the team's apps, each with its own role, and leaving cuts at once`() async throws {
    let lab = try await Lab()
    let gus = try await lab.member("Gus", as: "guest")
    let caller = lab.house.caller(gus.session)
    for name in ["one", "two", "three"] { _ = try await lab.plane.apps.create(ResourceDraft(name: name), in: lab.slug, by: lab.admin) }
    try await lab.team("Crew")
    try await lab.give("crew", "full-access", on: .app("one"))
    try await lab.give("crew", "labeler-worker", on: .app("two"))
    func seen() async throws -> [String] { try await lab.plane.apps.list(in: lab.slug, AppFilter(), .first, by: caller).items.map(\.resource.slug.text) }
    #expect(try await seen() == [])
    try await lab.add("gus", to: "crew")
    #expect(try await seen() == ["one", "two"])
    #expect(await refusal { try await lab.plane.apps.update("one", AppUpdate(notes: "x"), seen: nil, in: lab.slug, by: caller) } == nil)
    #expect(await refusal { try await lab.plane.apps.update("two", AppUpdate(notes: "x"), seen: nil, in: lab.slug, by: caller) } == "forbidden")
    #expect(await refusal { try await lab.plane.apps.update("three", AppUpdate(notes: "x"), seen: nil, in: lab.slug, by: caller) } == "missing")
    try await lab.plane.teams.remove("gus", from: "crew", in: lab.slug, by: lab.admin)
    #expect(try await seen() == [])
  }

  @Test func `What is public is found by who is in another organization, and nothing else is`() async throws {
    let lab = try await Lab()
    let eve = try await lab.house.signUpVerified("Eve")
    let (apps, stranger) = (lab.plane.apps, lab.house.caller(eve))
    for visibility in ["private", "organization", "public"] {
      _ = try await apps.create(ResourceDraft(name: visibility, slug: "open-to-\(visibility)"), AppUpdate(visibility: visibility), in: lab.slug, by: lab.admin)
    }
    #expect(try await apps.find("open-to-public", in: lab.slug, by: stranger).resource.visibility == .public)
    for name in ["open-to-private", "open-to-organization", "nothing"] { #expect(await refusal { try await apps.find(name, in: lab.slug, by: stranger) } == "missing") }
    #expect(await refusal { try await apps.find("open-to-public", in: lab.slug, by: lab.house.visitor()) } == "session.required")
    #expect(await refusal { try await apps.list(in: lab.slug, AppFilter(), .first, by: stranger) } == "missing")
    #expect(await refusal { try await apps.update("open-to-public", AppUpdate(notes: "mine"), seen: nil, in: lab.slug, by: stranger) } == "missing")
    let own = try await lab.house.found("Own", by: eve)
    let copy = try await apps.duplicate("open-to-public", AppCopy(ResourceDraft(name: "Mine"), organization: own.slug.text), in: lab.slug, by: stranger)
    #expect(copy.resource.organization == own.id && copy.resource.visibility == .private)
    #expect(await refusal { try await apps.duplicate("open-to-public", AppCopy(ResourceDraft(name: "Mine")), in: lab.slug, by: stranger) } == "missing")
    _ = try await lab.plane.organizations.suspend(lab.slug, because: "", by: lab.admin)
    #expect(await refusal { try await apps.update("open-to-public", AppUpdate(notes: "x"), seen: nil, in: lab.slug, by: lab.admin) } == "organization.suspended")
  }

  @Test func `A member's app is handed over to the organization once, and a copy has neither access nor stars`() async throws {
    let lab = try await Lab()
    let (apps, con) = (lab.plane.apps, try await lab.member("Con", as: "contributor"))
    let caller = lab.house.caller(con.session)
    let made = try await apps.create(ResourceDraft(name: "Finder", description: "Finds."), AppUpdate(notes: "Long."), isOwn: true, in: lab.slug, by: caller)
    #expect(made.resource.owner == con.member.account && made.ownerName?.text == "Con")
    try await lab.give("ada", "labeler-lead", on: .app("finder"))
    _ = try await lab.plane.stars.add(made.resource.id, in: lab.slug, by: caller)
    let viewer = try await lab.member("Vi", as: "viewer")
    #expect(await refusal { try await apps.transfer("finder", in: lab.slug, by: lab.house.caller(viewer.session)) } == "forbidden")
    let handed = try await apps.transfer("finder", in: lab.slug, by: caller)
    #expect(handed.resource.owner == nil && handed.ownerName == nil && handed.resource.revision == made.resource.revision + 1)
    #expect(try await apps.transfer("finder", in: lab.slug, by: caller).resource.revision == handed.resource.revision)
    #expect(try await lab.access(.app("finder")) == ["Ada labeler-lead", "Con full-access"])
    let copy = try await apps.duplicate("finder", AppCopy(ResourceDraft(name: "Copy")), in: lab.slug, by: lab.admin)
    #expect(copy.notes.text == "Long." && copy.resource.description.text == "Finds." && copy.stars == 0 && copy.id != made.id)
    #expect(try await lab.access(.app("copy")) == ["Ada full-access"])
    #expect(await refusal { try await apps.duplicate("finder", AppCopy(ResourceDraft(name: "Copy")), in: lab.slug, by: lab.admin) } == "name.taken")
    #expect(await refusal { try await apps.duplicate("finder", AppCopy(ResourceDraft(name: "C3")), in: lab.slug, by: lab.house.caller(viewer.session)) } == "forbidden")
    // Who owns it isn't kept by leaving.
    let second = try await apps.create(ResourceDraft(name: "Second"), isOwn: true, in: lab.slug, by: caller)
    try await lab.plane.members.remove(con.member.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await apps.find(second.id.description, in: lab.slug, by: caller) } == "missing")
  }

  @Test func `Public apps of all organizations are found by who is signed in, as far as policies let them`() async throws {
    let lab = try await Lab()
    let apps = lab.plane.apps
    for (name, visibility) in [("Alpha", "public"), ("Beta", "organization"), ("Gamma", "public"), ("Delta", "private")] {
      _ = try await apps.create(ResourceDraft(name: name), AppUpdate(visibility: visibility, isTemplate: name == "Gamma"), in: lab.slug, by: lab.admin)
    }
    let eve = try await lab.house.signUpVerified("Eve")
    let stranger = lab.house.caller(eve)
    let own = try await lab.house.found("Own", by: eve)
    _ = try await apps.create(ResourceDraft(name: "Alpha"), AppUpdate(visibility: "public"), in: own.slug.text, by: stranger)
    func names(_ filter: AppFilter = AppFilter(), by caller: Caller) async throws -> [String] {
      var (found, cursor): ([String], Cursor?) = ([], nil)
      repeat {
        let page = try await apps.listPublic(filter, PageRequest(limit: 1, cursor: cursor), by: caller)
        found += page.items.map { "\($0.organization.slug)/\($0.app.resource.slug)" }
        cursor = page.next
      } while cursor != nil
      return found.sorted()
    }
    let none = lab.house.caller(try await lab.house.signUpVerified("Nobody"))
    #expect(try await names(by: none) == ["lab/alpha", "lab/gamma", "own/alpha"])
    #expect(try await names(AppFilter(search: "al*"), by: none) == ["lab/alpha", "own/alpha"])
    #expect(try await names(AppFilter(isTemplate: true), by: none) == ["lab/gamma"])
    #expect(await refusal { try await apps.listPublic(AppFilter(), .first, by: lab.house.visitor()) } == "session.required")
    #expect(await refusal { try await apps.listPublic(AppFilter(), .first, by: lab.machine("Robot", as: "admin")) } == "forbidden")
    _ = try await lab.plane.policies.create(
      PolicyDraft(name: "Members alone", text: "forbid (principal, action, resource is App) unless { principal in Role::\"admin\" };"), in: lab.slug, by: lab.admin)
    #expect(try await names(by: none) == ["own/alpha"])
    #expect(try await names(by: lab.admin) == ["lab/alpha", "lab/gamma", "own/alpha"])
    _ = try await lab.plane.organizations.suspend(own.slug.text, because: "", by: stranger)
    #expect(try await names(by: none).isEmpty)
  }

  @Test func `A copied app keeps its picture when the original is gone, and a team has its default role on an app`() async throws {
    let lab = try await Lab()
    let (apps, image) = (lab.plane.apps, try Image(ImagesTests.png(salt: 7)))
    _ = try await apps.create(ResourceDraft(name: "Finder"), in: lab.slug, by: lab.admin)
    _ = try await apps.setImage(image, of: "finder", in: lab.slug, by: lab.admin)
    let copy = try await apps.duplicate("finder", AppCopy(ResourceDraft(name: "Copy")), in: lab.slug, by: lab.admin)
    #expect(copy.image == image.digest)
    try await apps.delete("finder", in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.images.find(image.digest) == image)
    #expect(try await apps.find("copy", in: lab.slug, by: lab.admin).image == image.digest)
    _ = try await apps.setImage(nil, of: "copy", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.images.find(image.digest) } == "missing")
    // Added without a role, a team has the one that it has for apps; one without such a role needs one told.
    _ = try await lab.plane.teams.create(TeamDraft(name: "Labelers", defaultRole: "labeler-worker"), in: lab.slug, by: lab.admin)
    try await lab.team("Others")
    let given = try await lab.plane.grants.give(GrantDraft(.team("labelers"), role: nil), on: .app("copy"), in: lab.slug, by: lab.admin)
    #expect(given.role == .resource(.appLabelerWorker))
    #expect(await refusal { try await lab.plane.grants.give(GrantDraft(.team("others"), role: nil), on: .app("copy"), in: lab.slug, by: lab.admin) } == "invalid")
    #expect(await refusal { try await lab.plane.grants.give(GrantDraft(.team("labelers"), role: nil), on: .app("copy"), in: lab.slug, by: lab.admin) } == "grant.exists")
    let bob = try await lab.member("Bob", as: "guest")
    try await lab.add("bob", to: "labelers")
    #expect(await refusal { try await apps.find("copy", in: lab.slug, by: lab.house.caller(bob.session)) } == nil)
  }

  @Test func `Stars are each one's own, and what isn't seen any more isn't among them`() async throws {
    let lab = try await Lab()
    let (stars, bob) = (lab.plane.stars, try await lab.member("Bob", as: "member"))
    let caller = lab.house.caller(bob.session)
    let app = try await lab.plane.apps.create(ResourceDraft(name: "Finder"), AppUpdate(visibility: "organization"), in: lab.slug, by: lab.admin)
    let secret = try await lab.plane.apps.create(ResourceDraft(name: "Secret"), in: lab.slug, by: lab.admin)
    let workspace = try await lab.workspace("Research").workspace
    for _ in 1...2 { #expect(try await stars.add(app.resource.id, in: lab.slug, by: caller).resource.slug.text == "finder") }
    #expect(await refusal { try await stars.add(secret.resource.id, in: lab.slug, by: caller) } == "missing")
    #expect(await refusal { try await stars.add(workspace.resource.id, in: lab.slug, by: caller) } == "missing")
    #expect(await refusal { try await stars.add(app.resource.id, in: lab.slug, by: lab.house.visitor()) } == "session.required")
    for resource in [workspace.resource.id, app.resource.id] { _ = try await stars.add(resource, in: lab.slug, by: lab.admin) }
    #expect(try await lab.plane.apps.find("finder", in: lab.slug, by: lab.admin).stars == 2)
    #expect(try await lab.plane.apps.list(in: lab.slug, AppFilter(isStarred: true), .first, by: lab.admin).items.map(\.resource.slug.text) == ["finder"])
    #expect(try await stars.list(in: lab.slug, by: lab.admin).count == 2)
    let first = try await stars.list(in: lab.slug, PageRequest(limit: 1), by: lab.admin)
    let second = try await stars.list(in: lab.slug, PageRequest(limit: 1, cursor: first.next), by: lab.admin)
    #expect(first.total == 2 && second.next == nil && Set((first.items + second.items).map(\.resource.slug.text)) == ["finder", "research"])
    _ = try await lab.plane.apps.update("finder", AppUpdate(visibility: "private"), seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await stars.list(in: lab.slug, by: caller).isEmpty)
    _ = try await lab.plane.apps.update("finder", AppUpdate(visibility: "organization"), seen: nil, in: lab.slug, by: lab.admin)
    for _ in 1...2 { try await stars.remove(app.resource.id, in: lab.slug, by: caller) }
    #expect(try await lab.plane.apps.find("finder", in: lab.slug, by: lab.admin).stars == 1)
    let other = try await lab.house.found("Other", by: bob.session)
    #expect(await refusal { try await stars.add(app.resource.id, in: other.slug.text, by: caller) } == "missing", "the wrong organization")
  }

  @Test func `Policies and decisions look at attributes at once, and what the schema doesn't know is refused`() async throws {
    let lab = try await Lab()
    let (bob, attributes) = (try await lab.member("Bob", as: "member"), lab.plane.attributes)
    let caller = lab.house.caller(bob.session)
    let app = try await lab.plane.apps.create(ResourceDraft(name: "Finder"), AppUpdate(visibility: "organization"), in: lab.slug, by: lab.admin)
    _ = try await lab.plane.policies.create(
      PolicyDraft(
        name: "Only compliant",
        text: """
          forbid (principal, action, resource is App)
          unless { principal in Role::"admin" || resource has compliance && resource.compliance.contains("gdpr") };
          """),
      in: lab.slug, by: lab.admin)
    func sees() async throws -> [Bool] {
      let question = try AccessQuestion(principal: .account("bob"), action: "read", resource: ThingName(type: "app", id: "finder"))
      return [
        await refusal { try await lab.plane.apps.find("finder", in: lab.slug, by: caller) } == nil,
        try await lab.plane.apps.list(in: lab.slug, AppFilter(), .first, by: caller).total == 1,
        try await lab.plane.decisions.check(question, in: lab.slug, by: lab.admin).answer.isAllowed,
      ]
    }
    #expect(try await sees() == [false, false, false])
    let saved = try await attributes.set(
      app.resource.id, to: ["tags": ["vision"], "compliance": ["gdpr", "iso-27001"], "region": "eu"], seen: nil, in: lab.slug, by: lab.admin)
    #expect(saved.attributes.values.count == 3 && saved.revision == app.resource.revision + 1)
    #expect(try await sees() == [true, true, true])
    #expect(await refusal { try await attributes.set(app.resource.id, to: [:], seen: nil, in: lab.slug, by: caller) } == "forbidden")
    #expect(await refusal { try await attributes.set(app.resource.id, to: [:], seen: 1, in: lab.slug, by: lab.admin) } == "stale")
    let bad: [(JSON, [String])] = [
      (["name": "x"], ["attributes/name"]), (["tags": "vision"], ["attributes/tags"]), (["tags": [1]], ["attributes/tags"]), (["region": ["eu"]], ["attributes/region"]),
      (["cost": 5], ["attributes/cost"]), (["a b": 5, "owner": "me"], ["attributes/a b", "attributes/owner"]), ([1], ["attributes"]), (.null, ["attributes"]),
      (.object([JSON.Member("tags", ["a"]), JSON.Member("tags", ["b"])]), ["attributes/tags"]),
      (["tags": .array((1...3000).map { .string("tag \($0)") })], ["attributes"]),
    ]
    for (json, fields) in bad {
      #expect(await faultyFields { try await attributes.set(app.resource.id, to: json, seen: nil, in: lab.slug, by: lab.admin) } == fields, "\(json.compact.prefix(60))")
    }
    #expect(try await attributes.find(app.resource.id, in: lab.slug, by: caller).attributes.values.count == 3, "nothing of that has changed it")
    _ = try await lab.plane.apps.update("finder", AppUpdate(notes: "x"), seen: nil, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await attributes.find(.nothing, in: lab.slug, by: caller) } == "missing")
    let research = try await lab.workspace("Research").workspace
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Forecast"), of: "research", in: lab.slug, by: lab.admin)
    let project = try await lab.plane.projects.find("forecast", of: "research", in: lab.slug, by: lab.admin)
    for resource in [research.resource, project.resource] {
      #expect(try await attributes.set(resource.id, to: ["classification": "open"], seen: nil, in: lab.slug, by: lab.admin).attributes.values.count == 1)
      #expect(await refusal { try await attributes.find(resource.id, in: lab.slug, by: caller) } == "missing")
    }
  }

  @Test func `Whoever comes at once, one has the name`() async throws { try await Self.race(Lab()) }

  static func race(_ lab: Lab) async throws {
    let made = await outcomes((1...6).map { _ in { await refusal { try await lab.plane.apps.create(ResourceDraft(name: "Finder"), in: lab.slug, by: lab.admin) } } })
    #expect(made == ["success": 1, "name.taken": 5])
  }
}
