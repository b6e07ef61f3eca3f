import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import Testing

@Suite struct ObjectsTests {
  @Test func `Objects are registered in batches, each row by itself, and deleted`() async throws { try await Self.batches(Lab()) }

  static func batches(_ lab: Lab) async throws {
    let objects = lab.plane.objects
    _ = try await lab.workspace("Research")
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Forecast"), of: "research", in: lab.slug, by: lab.admin)
    let place = try ThingName.Place(type: "project", id: "research/forecast")
    func draft(_ type: String, _ id: String, in place: ThingName.Place?, _ attributes: JSON = .object([])) -> Result<ObjectDraft, Problem> {
      Result { () throws(Problem) in ObjectDraft(try ObjectName(type: type, id: id), in: place, attributes: attributes) }
    }
    let rows = [
      draft("dataset", "mnist", in: place, ["compliance": ["gdpr"], "rows": 60_000]), draft("quantum_run", "q 1/ä", in: place), draft("dataset", "loose", in: nil),
      draft("workspace", "x", in: nil), draft("Dataset", "x", in: nil), draft("dataset", "", in: nil), draft("dataset", "mnist", in: place),
      draft("dataset", "lost", in: try ThingName.Place(type: "project", id: "research/nothing")), draft("dataset", "odd", in: place, ["compliance": "gdpr"]),
      draft("dataset", "odder", in: place, ["name": "x"]), draft("part", "of-itself", in: try ThingName.Place(type: "part", id: "of-itself")),
      draft("dataset", "loose", in: place), draft("dataset", String(repeating: "x", count: 257), in: nil), draft("dataset", "bell\u{7}", in: nil),
    ]
    let outcomes = try await objects.register(rows, in: lab.slug, by: lab.admin).map(\.word)
    #expect(
      outcomes == [
        "registered", "registered", "registered", "invalid", "invalid", "invalid", "changed", "missing", "invalid", "invalid", "missing", "object.elsewhere", "invalid",
        "invalid",
      ])
    #expect(try await objects.register([draft("dataset", "mnist", in: place)], in: lab.slug, by: lab.admin).map(\.word) == ["same"])
    #expect(try await objects.list(at: place, in: lab.slug, .first, by: lab.admin).items.map(\.name) == ["mnist", "q 1/ä"])
    #expect(try await objects.list(at: place, of: "dataset", in: lab.slug, .first, by: lab.admin).total == 1)
    #expect(try await objects.list(in: lab.slug, .first, by: lab.admin).items.map(\.name) == ["loose"])
    let many = (1...RegisteredObject.batchLimit + 1).map { draft("dataset", "d\($0)", in: place) }
    #expect(await refusal { try await objects.register(many, in: lab.slug, by: lab.admin) } == "too_many")
    #expect(try await objects.register(Array(many.prefix(300)), in: lab.slug, by: lab.admin).allSatisfy { $0.word == "registered" })
    var (names, cursor): ([String], Cursor?) = ([], nil)
    repeat {
      let page = try await objects.list(at: place, of: "dataset", in: lab.slug, PageRequest(limit: 100, cursor: cursor), by: lab.admin)
      names += page.items.map(\.name)
      cursor = page.next
    } while cursor != nil
    #expect(names.count == 301 && Set(names).count == 301)
    func name(_ type: String, _ id: String) -> Result<ObjectName, Problem> { Result { () throws(Problem) in try ObjectName(type: type, id: id) } }
    #expect(
      try await objects.delete([name("dataset", "mnist"), name("dataset", "mnist"), name("project", "x")], in: lab.slug, by: lab.admin).map(\.word)
        == ["deleted", "missing", "invalid"])
    try await lab.plane.projects.delete("forecast", of: "research", in: lab.slug, by: lab.admin)
    #expect(try await lab.count("SELECT id FROM resource WHERE type IN ('dataset', 'quantum_run')") == 1, "what stood in it is gone with it")
  }

  @Test func `Who may register, change, delete and see what`() async throws {
    let lab = try await Lab()
    let objects = lab.plane.objects
    _ = try await lab.plane.apps.create(ResourceDraft(name: "Finder"), in: lab.slug, by: lab.admin)
    let place = try ThingName.Place(type: "app", id: "finder")
    // registers a model, registers a task, changes the admin's model, deletes it, lists models, lists everything
    let expected: [(String, String?, [String])] = [
      ("admin", nil, ["registered", "registered", "changed", "deleted", "listed", "listed"]),
      ("contributor", nil, ["registered", "registered", "changed", "deleted", "listed", "listed"]),
      ("viewer", nil, ["forbidden", "forbidden", "forbidden", "forbidden", "listed", "listed"]),
      ("member", nil, ["missing", "missing", "missing", "missing", "missing", "missing"]),
      ("guest", "full-access", ["registered", "registered", "changed", "deleted", "listed", "listed"]),
      ("guest", "model-trainer", ["registered", "missing", "changed", "deleted", "listed", "missing"]),
      ("guest", "labeler-worker", ["missing", "forbidden", "missing", "missing", "missing", "missing"]),
    ]
    for (number, (role, onApp, outcomes)) in expected.enumerated() {
      let person = try await lab.member("Person \(number)", as: role)
      if let onApp { try await lab.give(person.member.handle.text, onApp, on: .app("finder")) }
      let caller = lab.house.caller(person.session)
      func register(_ type: String, _ id: String, _ attributes: JSON = .object([]), by caller: Caller) async throws -> String {
        let draft = ObjectDraft(try ObjectName(type: type, id: id), in: place, attributes: attributes)
        return try await objects.register([.success(draft)], in: lab.slug, by: caller)[0].word
      }
      _ = try await register("model", "admins-\(number)", by: lab.admin)
      let did = [
        try await register("model", "own-\(number)", by: caller), try await register("task", "own-\(number)", by: caller),
        try await register("model", "admins-\(number)", ["tags": ["x"]], by: caller),
        try await objects.delete([.success(ObjectName(type: "model", id: "admins-\(number)"))], in: lab.slug, by: caller)[0].word,
        await refusal { try await objects.list(at: place, of: "model", in: lab.slug, .first, by: caller) } ?? "listed",
        await refusal { try await objects.list(at: place, in: lab.slug, .first, by: caller) } ?? "listed",
      ]
      // Who may do something with things of a kind is told so, who may do nothing isn't told that they are there.
      #expect(did == outcomes, "\(role), \(onApp ?? "nothing")")
    }
    #expect(await refusal { try await objects.register([], in: lab.slug, by: lab.house.visitor()) } == "session.required")
    let eve = try await lab.house.signUpVerified("Eve")
    #expect(await refusal { try await objects.register([], in: lab.slug, by: lab.house.caller(eve)) } == "missing")
  }

  @Test func `Checks, lists and policies know registered objects at once, carried along or read anew`() async throws {
    let lab = try await Lab()
    let (bob, objects) = (try await lab.member("Bob", as: "guest"), lab.plane.objects)
    _ = try await lab.plane.apps.create(ResourceDraft(name: "Finder"), in: lab.slug, by: lab.admin)
    try await lab.give("bob", "full-access", on: .app("finder"))
    _ = try await lab.plane.policies.create(
      PolicyDraft(
        name: "Only compliant",
        text: "forbid (principal, action == Action::\"read\", resource is Dataset) unless { principal in Role::\"admin\" || resource has compliance && resource.compliance.contains(\"gdpr\") };"),
      in: lab.slug, by: lab.admin)
    let place = try ThingName.Place(type: "app", id: "finder")
    func register(_ id: String, _ attributes: JSON) async throws {
      let draft = ObjectDraft(try ObjectName(type: "dataset", id: id), in: place, attributes: attributes)
      guard case .refused(let problem) = try await objects.register([.success(draft)], in: lab.slug, by: lab.admin)[0] else { return }
      throw problem
    }
    func may(_ id: String) async throws -> Bool {
      let question = try AccessQuestion(principal: .account("bob"), action: "read", resource: ThingName(type: "dataset", id: id))
      return try await lab.plane.decisions.check(question, in: lab.slug, by: lab.admin).answer.isAllowed
    }
    func expectAgreement(_ step: String) async throws {
      try await lab.plane.read(as: .system("test")) { work in
        let head = try work.accessChanges.head(of: lab.organization.id)
        let (carried, whole) = (try work.accessGraph(of: lab.organization.id), try work.wholeGraph(of: lab.organization.id, to: head))
        let asked = [carried, whole].map { graph in
          graph.resources(
            graph.member(bob.member.account.description), graph.verb(.read), of: nil, graph.context(AccessValue.readable([])), at: work.now
          ).map(\.description).sorted()
        }
        #expect(asked[0] == asked[1], "\(step)")
      }
    }
    try await expectAgreement("empty")
    #expect(try await !may("faces"), "it isn't known")
    try await register("faces", ["compliance": ["gdpr"]])
    try await register("plates", ["compliance": ["none"]])
    try await expectAgreement("registered")
    #expect(try await may("faces"))
    #expect(try await !may("plates"))
    #expect(try await objects.list(at: place, of: "dataset", in: lab.slug, .first, by: lab.house.caller(bob.session)).items.map(\.name) == ["faces"])
    try await register("faces", .object([]))
    try await register("plates", ["compliance": ["gdpr"], "tags": ["cars"]])
    try await expectAgreement("changed")
    #expect(try await !may("faces"))
    #expect(try await may("plates"))
    _ = try await objects.delete([.success(ObjectName(type: "dataset", id: "plates"))], in: lab.slug, by: lab.admin)
    try await expectAgreement("deleted")
    #expect(try await !may("plates"))
    try await lab.plane.apps.delete("finder", in: lab.slug, by: lab.admin)
    try await expectAgreement("gone with the app")
  }
}

extension ObjectOutcome {
  /// For tables: what came of it, or the name of the refusal.
  var word: String {
    switch self {
    case .registered: "registered"
    case .changed: "changed"
    case .same: "same"
    case .deleted: "deleted"
    case .refused(let problem): problem.code.name
    }
  }
}
