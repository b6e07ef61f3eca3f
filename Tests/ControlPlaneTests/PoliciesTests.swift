import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import Testing

@Suite struct PoliciesTests {
  // MARK: Making and changing

  @Test func `A policy is made, changed, switched and deleted, each with one event, and what it was is kept`() async throws {
    let lab = try await DecisionsTests.lab()
    let policies = lab.plane.policies
    try await lab.team("Contractors")
    let made = try await policies.create(PolicyDraft(name: "No deletion", text: Self.noDeletion), in: lab.slug, by: lab.admin)
    #expect(made.slug.text == "no-deletion" && made.isEnabled && made.revision == 1 && made.changedBy == "Ada")
    #expect(await refusal { try await policies.create(PolicyDraft(name: "No deletion", text: Self.noDeletion), in: lab.slug, by: lab.admin) } == "name.taken")
    let changed = try await policies.update("no-deletion", PolicyUpdate(name: "Never", text: Self.noDeletion + "\n// for ever"), seen: 1, in: lab.slug, by: lab.admin)
    #expect(changed.name.text == "Never" && changed.slug.text == "no-deletion" && changed.revision == 2)
    #expect(await refusal { try await policies.update("no-deletion", PolicyUpdate(name: "X"), seen: 1, in: lab.slug, by: lab.admin) } == "stale")
    #expect(try await policies.update("no-deletion", PolicyUpdate(name: "Never"), seen: 2, in: lab.slug, by: lab.admin).revision == 2, "nothing to change")
    #expect(try await policies.disable("no-deletion", in: lab.slug, by: lab.admin).revision == 3)
    #expect(try await policies.disable("no-deletion", in: lab.slug, by: lab.admin).revision == 3, "twice changes nothing")
    #expect(try await policies.enable(made.id.description, in: lab.slug, by: lab.admin).isEnabled)
    #expect(try await policies.versions(of: "no-deletion", in: lab.slug, .first, by: lab.admin).items.map { "\($0.revision) \($0.name) \($0.isEnabled)" } == [
      "4 Never true", "3 Never false", "2 Never true", "1 No deletion true",
    ])
    #expect(await refusal { try await policies.delete("no-deletion", confirm: "never", in: lab.slug, by: lab.admin) } == "invalid")
    try await policies.delete("no-deletion", confirm: "no-deletion", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await policies.find("no-deletion", in: lab.slug, by: lab.admin) } == "missing")
    #expect(try await lab.house.actions(in: lab.stream).filter { $0.hasPrefix("policy") } == ["policy.create", "policy.update", "policy.disable", "policy.enable", "policy.delete"])
    #expect(try await lab.count("SELECT policy FROM policy_version") == 0)
  }

  @Test func `By role policies are read and changed as the table of roles says`() async throws {
    let lab = try await DecisionsTests.lab()
    let policies = lab.plane.policies
    _ = try await policies.create(PolicyDraft(name: "Kept", text: Self.noDeletion, isEnabled: false), in: lab.slug, by: lab.admin)
    let other = try await lab.house.found("Elsewhere", by: lab.oscar)
    let foreign = try await policies.create(PolicyDraft(name: "Theirs", text: Self.noDeletion), in: other.slug.text, by: lab.operator)
    for role in OrganizationRole.allCases {
      let caller = lab.house.caller(try await lab.member("A \(role.rawValue)", as: role.rawValue).session)
      let (sees, manages) = (role.permissions.contains(.policyRead), role.permissions.contains(.policyManage))
      #expect(await refusal { try await policies.list(in: lab.slug, .first, by: caller).total } == (sees ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await policies.find("kept", in: lab.slug, by: caller) } == (sees ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await policies.find(foreign.id.description, in: lab.slug, by: caller) } == (sees ? "missing" : "forbidden"), "\(role): another organization's")
      #expect(await refusal { try await policies.preview(Self.noDeletion, in: lab.slug, by: caller) } == (sees ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await policies.faults(in: "", of: lab.slug, by: caller).count } == (sees ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await policies.create(PolicyDraft(name: "By \(role.rawValue)", text: Self.noDeletion, isEnabled: false), in: lab.slug, by: caller) } == (manages ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await policies.enable("kept", in: lab.slug, by: caller) } == (manages ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await policies.disable("kept", in: lab.slug, by: caller) } == (manages ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await policies.updateSchema(PolicySchemaDraft(actions: ["\(role.rawValue)"]), seen: nil, of: lab.slug, by: caller) } == (manages ? nil : "forbidden"), "\(role)")
    }
  }

  @Test func `What doesn't validate is refused with the place of each error`() async throws {
    let lab = try await DecisionsTests.lab()
    try await lab.team("Contractors")
    let policies = lab.plane.policies
    let table: [(String, Int?, Int?, String)] = [
      ("", nil, nil, "Write a policy"),
      ("permit (principal, action, resource)", 1, 37, ";"),
      ("forbid (principal, action, resource) when { resource.colour == \"red\" };", 1, 45, "colour"),
      ("forbid (\n  principal in Team::\"contractors\",\n  action == Action::\"raed\",\n  resource is Dataset\n);", 3, 13, "raed"),
      ("forbid (principal in Team::\"nobody\", action, resource);", 1, 28, "nothing here is called Team::\"nobody\""),
      ("forbid (principal == User::\"oscar\", action, resource);", 1, 28, "nothing here is called User::\"oscar\""),
      ("forbid (principal in Role::\"boss\", action, resource);", 1, 28, "boss"),
      ("forbid (principal, action, resource is Dataste);", 1, 40, "Dataste"),
      ("forbid (principal, action, resource) when { context.time > 3 };", 1, 60, ""),
      ("forbid (principal, action, resource) when { resource.compliance.contains(\"gdpr\") };", 1, 45, "compliance"),
      ("permit (principal == ?principal, action, resource);", nil, nil, "slots"),
      ("permit (principal, action, resource); permit (principal, action, resource);", nil, nil, "one policy"),
      ("forbid (principal, action, resource) when { \"€\" < 1 };", 1, 45, ""),
    ]
    for (text, line, column, words) in table {
      let faults = try await policies.faults(in: text, of: lab.slug, by: lab.admin)
      let fault = try #require(faults.first { $0.isError }, "\(text)")
      if let line { #expect(fault.line == line, "\(text): \(fault.sentence)") }
      if let column { #expect(fault.column == column, "\(text): \(fault.sentence)") }
      #expect(fault.sentence.contains(words), "\(text): \(fault.sentence)")
      #expect(await refusal { try await policies.create(PolicyDraft(name: "X", text: text), in: lab.slug, by: lab.admin) } == "policy.invalid", "\(text)")
    }
    #expect(await faultyFields { try await policies.create(PolicyDraft(name: "X", text: "forbid (principal in Team::\"a\", action == Action::\"b\", resource is C);"), in: lab.slug, by: lab.admin) }.count >= 3, "all of them at once")
    #expect(await faultyFields { try PolicyDraft(name: "", slug: "!", text: String(repeating: "x", count: Policy.textLimit + 1)) } == ["name", "slug", "text"])
    #expect(try await policies.faults(in: Self.regulation, of: lab.slug, by: lab.admin).filter(\.isError) == [])
  }

  @Test func `Names mean whoever was called so when the policy was saved`() async throws {
    let lab = try await DecisionsTests.lab()
    let gus = try await lab.member("Gus", as: "viewer")
    try await lab.team("Contractors")
    try await lab.add("gus", to: "contractors")
    let text = #"forbid (principal in Team::"contractors", action == Action::"read", resource is Project);"#
    _ = try await lab.plane.policies.create(PolicyDraft(name: "Not for them", text: text), in: lab.slug, by: lab.admin)
    #expect(try await lab.ask("gus", "read", project).answer.outcome == .forbidden)
    _ = try await lab.plane.teams.update("contractors", TeamUpdate(slug: "externals"), seen: nil, in: lab.slug, by: lab.admin)
    try await lab.team("Contractors")
    #expect(try await lab.ask("gus", "read", project).answer.outcome == .forbidden, "the same team under another name")
    #expect(await refusal { try await lab.plane.projects.find("forecast", of: "research", in: lab.slug, by: lab.house.caller(gus.session)) } == "forbidden")
    let mia = try await lab.member("Mia", as: "viewer")
    try await lab.add("mia", to: "contractors")
    #expect(try await lab.ask("mia", "read", project).answer.isAllowed, "another team that has its name now")
    #expect(try await lab.plane.projects.find("forecast", of: "research", in: lab.slug, by: lab.house.caller(mia.session)).resource.slug.text == "forecast")
    _ = try await lab.plane.policies.update("not-for-them", PolicyUpdate(text: text + " "), seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await lab.ask("mia", "read", project).answer.outcome == .forbidden, "a text that is saved anew means who is called so now")
    #expect(try await lab.ask("gus", "read", project).answer.isAllowed)
  }

  // MARK: In force

  @Test func `Own operations obey, whatever roles say, and tell which policy it was`() async throws {
    let lab = try await DecisionsTests.lab()
    let eve = try await lab.member("Eve", as: "contributor", "viewer", "manager")
    let caller = lab.house.caller(eve.session)
    try await lab.give("eve", "admin", on: .workspace("research"))
    _ = try await lab.plane.projects.update("forecast", ProjectUpdate(ResourceUpdate(name: "One")), seen: nil, of: "research", in: lab.slug, by: caller)
    let policies = lab.plane.policies
    let made = try await policies.create(
      PolicyDraft(name: "Frozen", text: #"forbid (principal == User::"eve", action == Action::"update", resource in Workspace::"research");"#), in: lab.slug, by: lab.admin)
    func rename(_ name: String) async -> String? { await detail { try await lab.plane.projects.update("forecast", ProjectUpdate(ResourceUpdate(name: name)), seen: nil, of: "research", in: lab.slug, by: caller) } }
    let told = await rename("Two")
    #expect(told?.contains("Frozen") == true && told?.contains(made.id.description) == false, "\(told ?? "nothing")")
    #expect(try await lab.ask("eve", "update", project).answer.outcome == .forbidden)
    #expect(try await lab.ask("eve", "update", project).answer.grounds.map { $0.policy?.slug } == ["frozen"])
    #expect(try await lab.plane.projects.find("forecast", of: "research", in: lab.slug, by: caller).resource.name.text == "One", "reading isn't forbidden")
    #expect(try await lab.ask("ada", "update", project).answer.isAllowed)
    _ = try await policies.disable("frozen", in: lab.slug, by: lab.admin)
    #expect(await rename("Three") == nil, "out of force at once")
    _ = try await policies.enable("frozen", in: lab.slug, by: lab.admin)
    #expect(await rename("Four") != nil)
    try await policies.delete("frozen", in: lab.slug, by: lab.admin)
    #expect(await rename("Five") == nil)
  }

  @Test func `Policies see the address, the time and the domain of who asks`() async throws {
    let lab = try await DecisionsTests.lab()
    let eve = try await lab.member("Eve", as: "viewer")
    func finds(from address: String) async -> Bool {
      await refusal { try await lab.plane.projects.find("forecast", of: "research", in: lab.slug, by: lab.house.caller(eve.session, from: address)) } == nil
    }
    _ = try await lab.plane.policies.create(
      PolicyDraft(name: "Inside", text: #"forbid (principal in Role::"viewer", action, resource) unless { context has address && context.address.isInRange(ip("10.0.0.0/8")) };"#),
      in: lab.slug, by: lab.admin)
    #expect(await finds(from: "10.1.2.3"))
    #expect(await !finds(from: "203.0.113.7"))
    #expect(await !finds(from: "nowhere"))
    let inside = [AccessValue.Attribute("address", .address("10.0.0.1"))]
    #expect(try await lab.ask(.account("eve"), "read", project, context: inside).answer.isAllowed)
    #expect(try await lab.ask(.account("eve"), "read", project).answer.outcome == .forbidden)
    _ = try await lab.plane.policies.update(
      "inside", PolicyUpdate(text: #"forbid (principal, action, resource) when { principal has emailDomain && principal.emailDomain == "example.org" && principal in Role::"viewer" };"#),
      seen: nil, in: lab.slug, by: lab.admin)
    #expect(await !finds(from: "10.1.2.3"))
    #expect(try await lab.ask(.account("eve"), "read", project, context: inside).answer.outcome == .forbidden)
    // The house's clock stands at 17:00 UTC.
    _ = try await lab.plane.policies.update(
      "inside", PolicyUpdate(text: #"forbid (principal in Role::"viewer", action, resource) when { context.time.toTime() >= duration("18h") };"#), seen: nil, in: lab.slug, by: lab.admin)
    let hour = lab.now.milliseconds / 3_600_000 % 24
    lab.house.pass(.hours(Int((17 - hour + 24) % 24)))
    #expect(await finds(from: "10.1.2.3"))
    lab.house.pass(.hours(1))
    #expect(await !finds(from: "10.1.2.3"), "an hour later, though nothing has changed since")
    #expect(try await lab.ask("eve", "read", project).answer.outcome == .forbidden)
  }

  @Test func `Contractors read no data that isn't compliant, whatever roles they hold`() async throws {
    let lab = try await DecisionsTests.lab()
    try await lab.team("Contractors")
    let eve = try await lab.member("Eve", as: "admin", "manager", "contributor", "viewer", "infrastructure", "billing", "member")
    for role in ["admin", "developer"] { try await lab.give("eve", role, on: .workspace("research")) }
    try await lab.give("eve", "admin", on: .project("forecast", in: "research"))
    try await lab.add("eve", to: "contractors")
    let template = try #require(PolicyTemplate.named("compliant-data"))
    let text = try template.text(["team": "contractors"])
    #expect(text == Self.regulation)
    func dataset(_ marks: [String]?) throws -> ThingName {
      try ThingName(
        type: "dataset", id: "customers", parent: .init(type: "project", id: "research/forecast"),
        attributes: marks.map { [.init("compliance", .set($0.map { .text($0) }))] } ?? [])
    }
    #expect(try await lab.ask("eve", "read", dataset(["hipaa"])).answer.isAllowed)
    let preview = try await lab.plane.policies.preview(text, in: lab.slug, by: lab.admin)
    #expect(preview.losing == 1 && preview.gaining == 0 && preview.asked == 2 && !preview.locksOut && preview.examples.first?.principal.handle == "eve", "\(preview.sentence)")
    _ = try await lab.plane.policies.create(PolicyDraft(name: "Only compliant data", text: text), in: lab.slug, by: lab.admin)
    for (marks, outcome) in [(["hipaa"], AccessOutcome.forbidden), ([], .forbidden), (nil, .forbidden), (["hipaa", "gdpr"], .allowed), (["gdpr"], .allowed)] as [([String]?, AccessOutcome)] {
      let answer = try await lab.ask("eve", "read", dataset(marks), explains: true).answer
      #expect(answer.outcome == outcome, "\(marks ?? [])")
      if outcome == .forbidden {
        #expect(answer.sentence == "Forbidden by the policy \"Only compliant data\".")
        #expect(answer.grounds.contains { $0.effect == .allows && $0.kind == .membership }, "and what would allow it")
        #expect(answer.grounds.filter { $0.effect == .forbids }.map { $0.policy?.slug } == ["only-compliant-data"])
      }
      #expect(try await lab.ask("ada", "read", dataset(marks)).answer.isAllowed, "who is no contractor")
    }
    // In a team within it, once there are some, and as soon as they leave.
    _ = try await lab.plane.teams.remove("eve", from: "contractors", in: lab.slug, by: lab.admin)
    #expect(try await lab.ask("eve", "read", dataset(nil)).answer.isAllowed)
    _ = eve
  }

  // MARK: What would be

  @Test func `A forbid that would lock out the last admin is refused, with what it would do`() async throws {
    let lab = try await DecisionsTests.lab()
    let policies = lab.plane.policies
    for text in [
      "forbid (principal, action, resource);", #"forbid (principal in Role::"admin", action == Action::"manage", resource);"#,
      #"forbid (principal == User::"ada", action, resource);"#, #"forbid (principal, action, resource) unless { context has address && context.address.isInRange(ip("10.0.0.0/8")) };"#,
    ] {
      let told = await detail { try await policies.create(PolicyDraft(name: "Shut", text: text), in: lab.slug, by: lab.admin) }
      #expect(told?.contains("would lose access") == true, "\(text): \(told ?? "saved")")
      let preview = try await policies.preview(text, in: lab.slug, by: lab.admin)
      #expect(preview.locksOut && preview.losing == 1, "\(text)")
    }
    let kept = try await policies.create(PolicyDraft(name: "Shut", text: "forbid (principal, action, resource);", isEnabled: false), in: lab.slug, by: lab.admin)
    #expect(await refusal { try await policies.enable("shut", in: lab.slug, by: lab.admin) } == "policy.lock_out")
    #expect(try await policies.preview(nil, of: "shut", in: lab.slug, by: lab.admin).locksOut)
    #expect(!kept.isEnabled)
    _ = try await policies.update("shut", PolicyUpdate(text: #"forbid (principal, action, resource) unless { principal in Role::"admin" };"#), seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await policies.enable("shut", in: lab.slug, by: lab.admin).isEnabled)
    #expect(await refusal { try await policies.update("shut", PolicyUpdate(text: "forbid (principal, action, resource);"), seen: nil, in: lab.slug, by: lab.admin) } == "policy.lock_out")
    #expect(try await lab.house.actions(in: lab.stream).contains("policy.create!"), "the attempt is recorded")
    // Another admin who is left out of it is enough.
    _ = try await lab.member("Bea", as: "admin")
    _ = try await policies.create(PolicyDraft(name: "Not Ada", text: #"forbid (principal == User::"ada", action, resource);"#), in: lab.slug, by: lab.admin)
  }

  @Test func `Where a policy in force can't be read nothing is decided, since it may be what forbids`() async throws {
    let lab = try await DecisionsTests.lab()
    #expect(await refusal { try await lab.plane.workspaces.find("research", in: lab.slug, by: lab.admin) } == nil)
    try await lab.plane.database.write { tx in
      try tx.change(
        """
        INSERT INTO policy (id, organization, slug, name, search_name, description, text, names, enabled, created_at, changed_at, changed_by, revision)
        VALUES (\(tx.newID(Policy.self)), \(lab.organization.id), 'cut', 'Cut', 'cut', '', 'forbid (principal, action, reso', '', 1, 0, 0, '', 1)
        """, under: Intruder())
      try tx.change("INSERT INTO policy_set (organization, version) VALUES (\(lab.organization.id), 'cut')", under: Intruder())
    }
    #expect(await refusal { try await lab.plane.workspaces.find("research", in: lab.slug, by: lab.admin) } == "defect")
    #expect(await refusal { try await lab.ask("ada", "read", ThingName(type: "dataset", id: "d1")) } == "defect")
    // Switched off, it is in nobody's way.
    _ = try await lab.plane.policies.disable("cut", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.workspaces.find("research", in: lab.slug, by: lab.admin) } == nil)
    #expect(try await lab.ask("ada", "read", ThingName(type: "dataset", id: "d1")).answer.isAllowed)
  }

  @Test func `There is room for so many policies, and no more`() async throws {
    let lab = try await DecisionsTests.lab()
    try await lab.plane.database.write { tx in
      for number in 0..<Policy.limit - 1 {
        try tx.change(
          """
          INSERT INTO policy (id, organization, slug, name, search_name, description, text, names, enabled, created_at, changed_at, changed_by, revision)
          VALUES (\(tx.newID(Policy.self)), \(lab.organization.id), \("p\(number)"), \("P \(number)"), \("p \(number)"), '',
            \("forbid (principal, action == Action::\"delete\", resource == Dataset::\"d\(number)\");"), '', 1, 0, 0, '', 1)
          """, under: Intruder())
      }
    }
    let policies = lab.plane.policies
    _ = try await policies.create(PolicyDraft(name: "The last", text: Self.noDeletion), in: lab.slug, by: lab.admin)
    #expect(await refusal { try await policies.create(PolicyDraft(name: "One more", text: Self.noDeletion), in: lab.slug, by: lab.admin) } == "policy.too_many")
    #expect(try await lab.ask("ada", "delete", ThingName(type: "dataset", id: "d4242")).answer.outcome == .forbidden)
    #expect(try await lab.ask("ada", "delete", ThingName(type: "model", id: "d4242")).answer.isAllowed)
    #expect(try await policies.list(in: lab.slug, search: "p42*", .first, by: lab.admin).total == 111)
  }

  // MARK: What policies may speak of

  @Test func `An organization adds types, attributes and actions, each version kept`() async throws {
    let lab = try await DecisionsTests.lab()
    let policies = lab.plane.policies
    #expect(try await policies.schema(of: lab.slug, by: lab.admin).version == 0)
    let text = #"forbid (principal, action == Action::"launch", resource is Rocket) when { resource has stage && resource.stage > 2 && context has weather && context.weather == "storm" };"#
    #expect(await refusal { try await policies.create(PolicyDraft(name: "Rockets", text: text), in: lab.slug, by: lab.admin) } == "policy.invalid")
    let draft = PolicySchemaDraft(types: ["rocket": ["stage": "Long"], "dataset": ["rows": "Long"]], actions: ["launch"], context: ["weather": "String"])
    let schema = try await policies.updateSchema(draft, seen: 0, of: lab.slug, by: lab.admin)
    #expect(schema.version == 1 && schema.vocabulary.text.contains("entity Rocket in"))
    #expect(await refusal { try await policies.updateSchema(PolicySchemaDraft(), seen: 0, of: lab.slug, by: lab.admin) } == "stale")
    _ = try await policies.create(PolicyDraft(name: "Rockets", text: text), in: lab.slug, by: lab.admin)
    let rocket = try ThingName(type: "rocket", id: "r1", attributes: [.init("stage", .integer(3))])
    #expect(try await lab.ask(.account("ada"), "launch", rocket, context: [.init("weather", .text("storm"))]).answer.outcome == .forbidden)
    #expect(try await lab.ask(.account("ada"), "launch", rocket, context: [.init("weather", .text("sun"))]).answer.isAllowed)
    #expect(await refusal { try await policies.updateSchema(PolicySchemaDraft(), seen: 1, of: lab.slug, by: lab.admin) } == "policy.invalid", "a policy in force speaks of rockets")
    _ = try await policies.disable("rockets", in: lab.slug, by: lab.admin)
    #expect(try await policies.updateSchema(PolicySchemaDraft(), seen: 1, of: lab.slug, by: lab.admin).version == 2)
    #expect(try await lab.count("SELECT version FROM policy_schema") == 2)
    for (draft, field) in [
      (PolicySchemaDraft(types: ["Rocket": [:]]), "types"), (PolicySchemaDraft(types: ["user": [:]]), "types"), (PolicySchemaDraft(types: ["a": ["b": "Float"]]), "types"),
      (PolicySchemaDraft(types: ["a": ["name": "String"]]), "types"), (PolicySchemaDraft(actions: ["a b"]), "actions"), (PolicySchemaDraft(context: ["time": "Long"]), "context"),
      (PolicySchemaDraft(types: ["a": ["b-c": "Long"]]), "types"),
    ] { #expect(await faultyFields { try await policies.updateSchema(draft, seen: nil, of: lab.slug, by: lab.admin) } == [field], "\(draft)") }
  }

  @Test func `Every template makes a policy that can be saved`() async throws {
    let lab = try await DecisionsTests.lab()
    try await lab.team("Contractors")
    let table: [(String, [String: String])] = [
      ("compliant-data", ["team": "contractors"]), ("office-hours", [:]), ("office-hours", ["from": "7", "until": "19", "offset": "-5", "team": "contractors"]),
      ("networks", ["networks": "10.0.0.0/8, 2001:db8::/32"]), ("networks", ["networks": "192.0.2.7", "team": "contractors", "type": "dataset"]),
      ("read-only", [:]), ("read-only", ["workspace": "research", "team": "contractors"]), ("free", [:]),
      ("free", ["effect": "permit", "team": "contractors", "actions": "read, use", "type": "model", "attribute": "tags", "test": "contains", "value": "public \"x\""]),
      ("free", ["role": "guest", "attribute": "region", "test": "is not", "value": "eu"]), ("free", ["attribute": "region", "test": "is missing"]),
    ]
    for (name, values) in table {
      let text = try #require(PolicyTemplate.named(name)).text(values)
      #expect(try await lab.plane.policies.faults(in: text, of: lab.slug, by: lab.admin).filter(\.isError).map(\.sentence) == [], "\(name) \(values): \(text)")
    }
    let wrong: [(String, [String: String], [String])] = [
      ("compliant-data", [:], ["team"]), ("office-hours", ["from": "9", "until": "8"], ["until"]), ("office-hours", ["from": "x"], ["from"]), ("networks", [:], ["networks"]),
      ("free", ["type": "a b!"], ["type"]), ("free", ["attribute": "1x", "test": "is"], ["attribute"]), ("free", ["effect": "maybe"], ["effect"]), ("free", ["actions": "read; drop"], ["actions"]),
    ]
    for (name, values, fields) in wrong { #expect(await faultyFields { try PolicyTemplate.named(name)?.text(values) ?? "" } == fields, "\(name) \(values)") }
    // What is typed stays a text.
    let sly = try #require(PolicyTemplate.named("compliant-data")).text(["team": "contractors", "mark": #"") }; permit (principal, action, resource); //"#])
    #expect(try await lab.plane.policies.faults(in: sly, of: lab.slug, by: lab.admin).filter(\.isError).isEmpty)
  }

  @Test func `Lists show what may be read, and no more`() async throws {
    let lab = try await DecisionsTests.lab()
    try await lab.workspace("Open")
    for name in ["One", "Two"] { _ = try await lab.plane.projects.create(ResourceDraft(name: name), of: "open", in: lab.slug, by: lab.admin) }
    let eve = lab.house.caller(try await lab.member("Eve", as: "viewer").session)
    func seen(_ caller: Caller) async throws -> [String] {
      try await lab.plane.workspaces.list(in: lab.slug, .first, by: caller).items.map(\.resource.slug.text)
        + lab.plane.projects.list(in: lab.slug, .first, by: caller).items.map(\.resource.slug.text)
    }
    #expect(try await seen(eve) == ["open", "research", "forecast", "one", "two"])
    _ = try await lab.plane.policies.create(
      PolicyDraft(name: "Closed", text: #"forbid (principal == User::"eve", action, resource in Workspace::"research");"#), in: lab.slug, by: lab.admin)
    #expect(try await seen(eve) == ["open", "one", "two"])
    #expect(try await lab.plane.projects.list(in: lab.slug, .first, by: eve).total == 2)
    #expect(try await seen(lab.admin) == ["open", "research", "forecast", "one", "two"])
    let gus = lab.house.caller(try await lab.member("Gus", as: "guest").session)
    #expect(try await seen(gus) == [])
    _ = try await lab.plane.policies.create(
      PolicyDraft(name: "Shown", text: #"permit (principal == User::"gus", action == Action::"read", resource is Project) when { resource has slug && resource.slug == "two" };"#),
      in: lab.slug, by: lab.admin)
    #expect(try await seen(gus) == ["two"], "also what a policy alone lets them read")
  }

  @Test func `Policies come along with an organization, and mean the same people`() async throws {
    let lab = try await DecisionsTests.lab()
    try await lab.team("Contractors")
    _ = try await lab.member("Bob", as: "viewer")
    let policies = lab.plane.policies
    _ = try await policies.updateSchema(PolicySchemaDraft(types: ["rocket": ["stage": "Long"]], actions: ["launch"]), seen: nil, of: lab.slug, by: lab.admin)
    _ = try await policies.create(PolicyDraft(name: "Regulation", text: Self.regulation), in: lab.slug, by: lab.admin)
    _ = try await policies.create(
      PolicyDraft(name: "Not Bob", description: "\"Why\"\n", text: #"forbid (principal == User::"bob", action == Action::"launch", resource is Rocket);"#, isEnabled: false),
      in: lab.slug, by: lab.admin)
    let there = try await House(seed: 21)
    try await ArchivesTests.roundTrip(of: lab, into: there)
    let root = there.caller(try await there.plane.sessions.create(login: "root@example.org", password: House.password, by: there.visitor()))
    #expect(try await there.plane.policies.list(in: "lab", .first, by: root).items.map { "\($0.slug) \($0.isEnabled)" } == ["not-bob false", "regulation true"])
    _ = try await there.plane.policies.enable("not-bob", in: "lab", by: root)
    let question = try AccessQuestion(principal: .account("bob"), action: "launch", resource: ThingName(type: "rocket"))
    #expect(try await there.plane.decisions.check(question, in: "lab", by: root).answer.outcome != .allowed)
  }

  static let noDeletion = #"forbid (principal, action == Action::"delete", resource is Dataset);"#

  static let regulation = """
    forbid (principal in Team::"contractors", action in [Action::"read", Action::"use"], resource is Dataset)
    unless { resource has compliance && resource.compliance.contains("gdpr") };
    """

  private struct Intruder: Proof {}
}

private let project: ThingName = {
  do { return try ThingName(type: "project", id: "research/forecast") } catch { fatalError("\(error)") }
}()
