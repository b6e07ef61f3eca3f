import Authorization
@testable import ControlPlane
import Kernel
import Storage
import TestSupport
import Testing

/// Every change of the facts is noted where it is made: what is carried along by the notes is what one reads anew.
@Suite struct DecisionFactsTests {
  /// Does things by seed, in ever other order, and compares both graphs after each; `look` looks at more than these.
  static func carriedAlong(_ lab: Lab, seed: UInt64, steps: Int, and look: (String) async throws -> Void = { _ in }) async throws {
    var dice = SplitMix(seed: seed)
    func any<Item>(_ items: [Item]) -> Item? { items.isEmpty ? nil : items[Int(dice.next() % UInt64(items.count))] }
    let (plane, slug, admin) = (lab.plane, lab.slug, lab.admin)
    var (people, teams, robots): ([Member], [String], [String]) = ([], [], [])
    var (workspaces, projects): ([String], [(String, String)]) = ([], [])
    var apps: [String] = []
    var own: [DefinedRole] = []
    var done: Set<String> = []
    let names = ["mnist", "faces"]
    try await compare(lab, "at first")
    for step in 0..<steps {
      var what = ""
      // What the rules refuse has changed nothing, and is compared all the same.
      func attempt(_ name: String, _ body: () async throws -> Void) async {
        what = "\(step) \(name)"
        do {
          try await body()
          done.insert(name)
        } catch {
          what += " (\(error))"
        }
      }
      switch dice.next() % 35 {
      case 0, 1:
        await attempt("join") {
          let member = try await lab.member("Person \(step)", as: any(["viewer", "guest", "member", "manager"]) ?? "guest").member
          people.append(member)
        }
      case 2:
        await attempt("invite with seats and grants") {
          let session = try await lab.house.signUpVerified("Invited \(step)")
          let sent = try await lab.invite("invited.\(step)@example.org", as: "guest")
          if let team = any(teams) { _ = try await plane.teams.add([.anybody("invited.\(step)@example.org")], to: team, in: slug, by: admin) }
          if let place = any(projects) { try await lab.give("invited.\(step)@example.org", "viewer", on: .project(place.1, in: place.0)) }
          people.append(try await plane.invitations.accept(lab.key(sent), by: lab.house.caller(session)))
        }
      case 3: await attempt("roles") { if let who = any(people) { _ = try await plane.members.setRoles(who.id, [any(["viewer", "guest", "billing", "contributor"]) ?? "guest"], seen: nil, in: slug, by: admin) } }
      case 4: await attempt("expiry") { if let who = any(people) { _ = try await plane.members.setExpiry(who.id, lab.now + .hours(1), seen: nil, in: slug, by: admin) } }
      case 5: await attempt("suspend") { if let who = any(people) { _ = try await plane.members.suspend(who.id, in: slug, by: admin) } }
      case 6: await attempt("resume") { if let who = any(people) { _ = try await plane.members.resume(who.id, in: slug, by: admin) } }
      case 7:
        await attempt("remove") {
          if let who = any(people) {
            _ = try await plane.members.remove(who.id, in: slug, by: admin)
            people.removeAll { $0.id == who.id }
          }
        }
      case 8:
        await attempt("reinstate") {
          if let former = any(try await plane.members.listFormer(in: slug, .first, by: admin).items) { people.append(try await plane.members.reinstate(former.id, in: slug, by: admin)) }
        }
      case 9: await attempt("deactivate") { if let who = any(people) { _ = try await plane.accounts.deactivate(who.account, by: lab.operator) } }
      case 10: await attempt("reactivate") { if let who = any(people) { _ = try await plane.accounts.reactivate(who.account, by: lab.operator) } }
      case 11: await attempt("team") { teams.append(try await lab.team("Team \(step)").slug.text) }
      case 12:
        await attempt("team goes") {
          if let team = any(teams) {
            try await plane.teams.delete(team, in: slug, by: admin)
            teams.removeAll { $0 == team }
          }
        }
      case 13, 14: await attempt("seat") { if let team = any(teams), let name = any(people.map(\.handle.text) + robots) { try await lab.add(name, to: team) } }
      case 15:
        await attempt("seat goes") {
          if let team = any(teams), let seat = any(try await plane.teams.listMembers(of: team, in: slug, .first, by: admin).items) { _ = try await plane.teams.remove(seat.id.description, from: team, in: slug, by: admin) }
        }
      case 16: await attempt("service account") { robots.append(try await lab.serviceAccount("Robot \(step)", as: any(["viewer", "guest"]) ?? "guest").slug.text) }
      case 17:
        await attempt("service account changes") {
          if let robot = any(robots) {
            switch dice.next() % 3 {
            case 0: _ = try await plane.serviceAccounts.disable(robot, in: slug, by: admin)
            case 1: _ = try await plane.serviceAccounts.update(robot, ServiceAccountUpdate(roles: ["manager"]), seen: nil, in: slug, by: admin)
            default:
              try await plane.serviceAccounts.delete(robot, in: slug, by: admin)
              robots.removeAll { $0 == robot }
            }
          }
        }
      case 18: await attempt("workspace") { workspaces.append(try await lab.workspace("Workspace \(seed) \(step)").workspace.resource.slug.text) }
      case 19:
        await attempt("project") {
          if let place = any(workspaces) { projects.append((place, try await plane.projects.create(ResourceDraft(name: "Project \(step)"), isDefault: dice.next() % 4 == 0, of: place, in: slug, by: admin).resource.slug.text)) }
        }
      case 20, 21:
        await attempt("grant") {
          guard let name = any(people.map(\.handle.text) + robots + teams) else { return }
          let end = dice.next() % 2 == 0 ? nil : lab.now + .hours(Int(dice.next() % 3) + 1)
          if dice.next() % 3 == 0, let place = any(workspaces) {
            try await lab.give(name, any(["viewer", "developer", "stack-admin"]), on: .workspace(place), until: end)
          } else if let place = any(projects) {
            try await lab.give(name, any(["viewer", "developer", "manager"]), on: .project(place.1, in: place.0), until: end)
          }
        }
      case 22:
        await attempt("grant goes or changes") {
          guard let place = any(projects) else { return }
          let reference = ResourceReference.project(place.1, in: place.0)
          guard let grant = any(try await plane.grants.list(on: reference, in: slug, .first, by: admin).items) else { return }
          if dice.next() % 2 == 0 { _ = try await plane.grants.withdraw(grant.id, on: reference, in: slug, by: admin) } else { _ = try await plane.grants.update(grant.id, GrantUpdate(role: "contributor"), seen: nil, on: reference, in: slug, by: admin) }
        }
      case 23:
        await attempt("role") {
          if dice.next() % 2 == 0 {
            let level = any(["project", "workspace"]) ?? "project"
            own.append(try await lab.role("Role \(step)", copying: "\(level).viewer", adding: any([["project:update"], [], ["dataset:*"]]) ?? []))
          } else {
            own.append(
              try await plane.roles.define(
                RoleDraft(level: "organization", name: "Role \(step)", rights: any([["project.read"], ["workspace.read", "member.list"], ["team.read"]])), in: slug, by: admin))
          }
        }
      case 24:
        await attempt("role changes or goes") {
          guard let role = any(own) else { return }
          if dice.next() % 3 == 0 {
            try await plane.roles.delete(role.id.description, in: slug, by: admin)
            own.removeAll { $0.id == role.id }
          } else {
            let rights = role.scope == .organization ? [["project.read"], ["project.manage"], ["member.list"]] : [["project:update"], ["*:*"], ["project:use"]]
            _ = try await plane.roles.update(role.id.description, RoleUpdate(rights: any(rights)), seen: nil, in: slug, by: admin)
          }
        }
      case 25:
        await attempt("grant of an own role") {
          guard let role = any(own), let name = any(people.map(\.handle.text) + robots + teams) else { return }
          let end = dice.next() % 2 == 0 ? nil : lab.now + .hours(Int(dice.next() % 3) + 1)
          switch role.scope {
          case .project: if let place = any(projects) { try await lab.give(name, role.slug.text, on: .project(place.1, in: place.0), until: end) }
          case .workspace: if let place = any(workspaces) { try await lab.give(name, role.slug.text, on: .workspace(place), until: end) }
          default: _ = try await plane.organizationAccess.give(GrantDraft(.anybody(name), role: role.slug.text, expires: end), in: slug, by: admin)
          }
        }
      case 26:
        await attempt("role on the organization") {
          if dice.next() % 2 == 0, let name = any(people.map(\.handle.text) + robots + teams) {
            _ = try await plane.organizationAccess.give(GrantDraft(.anybody(name), role: any(["viewer", "manager", "guest"])), in: slug, by: admin)
          } else if let grant = any(try await plane.organizationAccess.list(in: slug, .first, by: admin).items) {
            if dice.next() % 2 == 0 { _ = try await plane.organizationAccess.withdraw(grant.id, in: slug, by: admin) } else { _ = try await plane.organizationAccess.update(grant.id, GrantUpdate(role: "contributor"), seen: nil, in: slug, by: admin) }
          }
        }
      case 27, 28:
        await attempt("share") {
          guard let place = any(projects), let name = any(names), let who = any(people.map(\.handle.text) + robots + teams) else { return }
          let object = SharedName(try ObjectName(type: "dataset", id: name), in: try ThingName.Place(type: "project", id: "\(place.0)/\(place.1)"))
          let actions = any([["read"], ["read", "update"], ["use"], []]) ?? []
          _ = try await plane.sharing.set(ShareDraft(object, with: .anybody(who), actions: actions), in: slug, by: admin)
        }
      case 29:
        await attempt("object") {
          guard let place = any(projects), let name = any(names) else { return }
          let draft = ObjectDraft(try ObjectName(type: "dataset", id: name), in: try ThingName.Place(type: "project", id: "\(place.0)/\(place.1)"))
          if case .refused(let problem) = try await plane.objects.register([.success(draft)], in: slug, by: admin)[0] { throw problem }
        }
      case 30:
        await attempt("object goes") {
          guard let name = any(names) else { return }
          if case .refused(let problem) = try await plane.objects.delete([.success(ObjectName(type: "dataset", id: name))], in: slug, by: admin)[0] { throw problem }
        }
      case 31:
        await attempt("outside collaborator") {
          if apps.isEmpty { apps.append(try await plane.apps.create(ResourceDraft(name: "App \(step)"), in: slug, by: admin).resource.slug.text) }
          let session = try await lab.house.signUpVerified("Outsider \(step)")
          let draft = try CollaboratorDraft(
            who: session.account.handle.text, role: any(["labeler-worker", "full-access"]) ?? "", expires: dice.next() % 2 == 0 ? nil : lab.now + .hours(2))
          let sent = try await plane.collaborators.invite(draft, to: apps[0], in: slug, by: admin)
          _ = try await plane.collaborators.accept(.own(sent.collaborator.id), by: lab.house.caller(session))
        }
      case 32:
        await attempt("outside collaborator changes or goes") {
          guard let found = any(try await plane.collaborators.listAll(in: slug, .first, by: admin).items), let person = found.person else { return }
          switch dice.next() % 5 {
          case 0: try await plane.collaborators.removeAny(found.id, in: slug, by: admin)
          case 1: _ = try await plane.members.add(person.account, roles: ["guest"], expires: nil, to: slug, by: lab.operator)
          case 2: _ = try await plane.accounts.deactivate(person.account, by: lab.operator)
          case 3: _ = try await plane.accounts.reactivate(person.account, by: lab.operator)
          default: _ = try await plane.collaborators.update(found.id, GrantUpdate(role: "labeler-lead", expires: .never), seen: nil, of: apps[0], in: slug, by: admin)
          }
        }
      case 33:
        await attempt("app goes") {
          if dice.next() % 3 == 0, let app = apps.popLast() { try await plane.apps.delete(app, in: slug, by: admin) }
        }
      default:
        await attempt("thing goes or is renamed") {
          if dice.next() % 3 == 0, let place = any(workspaces) {
            try await plane.workspaces.delete(place, in: slug, by: admin)
            workspaces.removeAll { $0 == place }
            projects.removeAll { $0.0 == place }
          } else if let place = any(projects) {
            if dice.next() % 2 == 0 {
              try await plane.projects.delete(place.1, of: place.0, in: slug, by: admin)
              projects.removeAll { $0 == place }
            } else {
              _ = try await plane.projects.update(place.1, ProjectUpdate(ResourceUpdate(name: "Renamed \(step)")), seen: nil, of: place.0, in: slug, by: admin)
            }
          }
        }
      }
      try await compare(lab, what)
      try await look(what)
      if dice.next() % 8 == 0 { lab.house.pass(.minutes(Int(dice.next() % 90))) }
    }
    #expect(done.count > steps / 5, "the seed has made too little: \(done.sorted())")
  }

  /// Asks both graphs everything about everybody: the one that is made anew, and the one that is carried along, or another.
  static func compare(_ lab: Lab, _ what: String, with other: AccessGraph? = nil) async throws {
    let difference = try await lab.plane.read(as: .system("test")) { work -> String? in
      let organization = lab.organization.id
      let head = try work.accessChanges.head(of: organization)
      let (carried, whole) = (try other ?? work.accessGraph(of: organization), try work.wholeGraph(of: organization, to: head))
      guard carried.revision == head else { return "revision \(carried.revision) instead of \(head)" }
      let people = try work.tx.rows("SELECT id FROM account UNION ALL SELECT id FROM service_account ORDER BY id").map { try $0.text("id") }
      let things = try work.tx.rows("SELECT type, CASE WHEN type = 'dataset' THEN slug ELSE id END AS id FROM resource ORDER BY id").map { (ResourceType(try $0.text("type")), try $0.text("id")) }
      let verbs = ["read", "use", "update", "manage", "create"].map { ResourceVerb($0) }
      func answers(_ graph: AccessGraph) -> [String] {
        let context = graph.context(AccessValue.readable([]))
        return people.flatMap { person in
          things.flatMap { type, id in
            verbs.map { verb in
              guard let target = graph.target(type, id) else { return "\(person) \(verb) \(type) \(id): not there" }
              let explanation = graph.explain(graph.member(person), graph.verb(verb), target, context, at: work.now)
              return "\(person) \(verb) \(type) \(id): \(explanation.outcome) \(explanation.reasons.map { "\($0)" }.sorted())"
            }
          } + things.filter { $0.0 == .project }.flatMap { type, id in
            ["mnist", "faces"].map { name in
              let named = graph.target(named: name, ResourceType("dataset"), in: graph.target(type, id))
              return "\(person) reads \(name) in \(id): \(graph.explain(graph.member(person), graph.verb(.read), named, context, at: work.now).reasons.map { "\($0)" }.sorted())"
            }
          } + ["\(person) creates a workspace: \(graph.check(graph.member(person), graph.verb(.create), graph.target(named: "", .workspace, in: nil), context, at: work.now).outcome)"]
        }
      }
      let (a, b) = (answers(carried), answers(whole))
      if let place = a.indices.first(where: { a[$0] != b[$0] }) { return "carried: \(a[place]) — whole: \(b[place])" }
      for verb in verbs {
        for person in people where Set(carried.resources(carried.member(person), carried.verb(verb), at: work.now)) != Set(whole.resources(whole.member(person), whole.verb(verb), at: work.now)) {
          return "the list of \(person) for \(verb)"
        }
      }
      return nil
    }
    #expect(difference == nil, "\(what)")
  }

  @Test func `Nobody writes a fact and forgets to note it`() async throws {
    // Verifying an address changes the domain that policies see, deleting an account ends its memberships, and importing brings everything.
    let lab = try await Lab()
    try await lab.workspace("Research")
    let session = try await lab.house.signUp("Eve", email: "eve@elsewhere.example")
    _ = try await lab.plane.members.add(session.account.id, roles: ["viewer"], expires: nil, to: lab.slug, by: lab.operator)
    try await Self.compare(lab, "added")
    let head = try await lab.plane.decisions.revision(in: lab.slug, by: lab.admin)
    _ = try await lab.plane.emails.verify(try #require(await lab.house.token(mailedTo: "eve@elsewhere.example")), by: lab.house.visitor())
    #expect(try await lab.plane.decisions.revision(in: lab.slug, by: lab.admin) == head + 1)
    try await Self.compare(lab, "verified")
  }

  @Test func `Who is far behind reads everything again`() async throws {
    let lab = try await Lab()
    try await Self.compare(lab, "at first")
    _ = try await lab.member("Gus", as: "viewer")
    try await lab.plane.database.write { tx in _ = try tx.change("DELETE FROM access_change", under: TestProof()) }
    try await Self.compare(lab, "without notes")
  }
}

private struct TestProof: Proof {}
