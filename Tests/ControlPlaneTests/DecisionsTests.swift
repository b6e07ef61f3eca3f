import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import Testing

@Suite struct DecisionsTests {
  // MARK: Answers

  @Test func `A check answers like the operation itself, and an explanation says why`() async throws {
    let lab = try await Self.lab()
    let gus = try await lab.member("Gus", as: "guest").session
    try await lab.team("Crew")
    let before = try await lab.ask("gus", "read", project)
    #expect(before.answer.outcome == .hidden)
    try await lab.add("gus", to: "crew")
    try await lab.give("crew", "viewer", on: .project("forecast", in: "research"))
    let after = try await lab.ask("gus", "read", project, explains: true)
    #expect(after.answer.outcome == .allowed && after.revision > before.revision, "the next question knows of it")
    #expect(after.answer.grounds.map(\.sentence) == ["the role project.viewer on the project research/forecast, through the team crew"])
    #expect(try await lab.ask("gus", "delete", project).answer.outcome == .lacking)
    #expect(try await lab.ask("gus", "delete", project).answer.sentence.contains("`admin` of the project"))
    #expect(try await lab.ask("gus", "read", ThingName(type: "workspace", id: "research")).answer.isAllowed, "who has a project sees its workspace")
    #expect(try await lab.plane.workspaces.find("research", in: lab.slug, by: lab.house.caller(gus)).resource.slug.text == "research")
    #expect(try await lab.ask("gus", "read", ThingName(type: "dataset", id: "d1", parent: .init(type: "project", id: "research/forecast"))).answer.isAllowed)
    #expect(try await lab.ask("gus", "read", ThingName(type: "dataset", id: "d1")).answer.outcome == .hidden, "in the organization itself nobody gave them anything")
    #expect(try await lab.ask("gus", "transmogrify", ThingName(type: "flux_capacitor", id: "x", parent: .init(type: "project", id: "research/forecast"))).answer.outcome == .lacking)
    #expect(try await lab.ask("ada", "transmogrify", ThingName(type: "flux_capacitor", id: "x")).answer.isAllowed, "types and verbs that nobody knows are an admin's too")
  }

  @Test func `Everybody asks about themselves; about others and in lists who may`() async throws {
    let lab = try await Self.lab()
    let decisions = lab.plane.decisions
    for role in OrganizationRole.allCases {
      let caller = lab.house.caller(try await lab.member("A \(role.rawValue)", as: role.rawValue).session)
      let may = role.permissions.contains(.accessRead)
      let own = try AccessQuestion(action: "read", resource: project)
      #expect(try await decisions.check(own, in: lab.slug, by: caller).answer.isAllowed == role.permissions.contains(.projectRead), "\(role)")
      #expect(await refusal { try await decisions.check(own.about(.account("a-\(role.rawValue)")), in: lab.slug, by: caller).revision } == nil, "\(role): by name too")
      #expect(await refusal { try await decisions.check(own.about(.account("ada")), in: lab.slug, by: caller).revision } == (may ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await decisions.resources(for: nil, "read", of: nil, in: lab.slug, first, by: caller).revision } == (may ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await decisions.principals(of: own, in: lab.slug, first, by: caller).revision } == (may ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await decisions.simulate([], [own], in: lab.slug, by: caller).revision } == (may ? nil : "forbidden"), "\(role)")
      #expect(try await decisions.revision(in: lab.slug, by: caller) > 0)
      // What isn't there is told like what one may not see.
      let nothing = try AccessQuestion(action: "read", resource: ThingName(type: "project", id: "01890a5d-ac96-774b-bcce-b302099a8057"))
      #expect(try await decisions.check(nothing, in: lab.slug, by: caller).answer.outcome == (may ? .missing : .hidden), "\(role)")
      if !may, !role.permissions.contains(.projectRead) {
        for action in ["read", "update", "delete", "create"] {
          let there = try await decisions.check(AccessQuestion(action: action, resource: project), in: lab.slug, by: caller).answer
          let gone = try await decisions.check(AccessQuestion(action: action, resource: nothing.resource), in: lab.slug, by: caller).answer
          #expect(there == gone || there.isAllowed, "\(role) \(action): what is there is told like what isn't")
        }
      }
    }
    let robot = try await lab.machine("Robot", as: "guest")
    #expect(try await decisions.check(AccessQuestion(principal: .account("ada"), action: "read", resource: project), in: lab.slug, by: robot).answer.isAllowed)
    #expect(await refusal { try await decisions.resources(for: .account("ada"), "read", of: nil, in: lab.slug, first, by: robot).revision } == "forbidden")
    let stranger = lab.house.caller(try await lab.house.signUpVerified("Stranger"))
    #expect(await refusal { try await decisions.check(AccessQuestion(action: "read", resource: project), in: lab.slug, by: stranger).revision } == "missing")
    #expect(await refusal { try await decisions.revision(in: lab.slug, by: lab.house.visitor()) } == "session.required")
  }

  @Test func `Each of many has its own answer, also what is foreign, gone or no question`() async throws {
    let lab = try await Self.lab()
    let other = try await lab.house.found("Elsewhere", by: lab.oscar)
    let foreign = try await lab.plane.workspaces.enroll(ResourceDraft(name: "Theirs"), in: other.slug.text, by: lab.operator).workspace.resource.id.description
    func question(_ name: String?, _ action: String, _ thing: ThingName) -> Result<AccessQuestion, Problem> {
      do throws(Problem) { return .success(try AccessQuestion(principal: name.map { .account($0) }, action: action, resource: thing)) } catch { return .failure(error) }
    }
    let answers = try await lab.plane.decisions.check(
      [
        question("ada", "read", project), question("oscar", "read", project), question("nobody", "read", project), question("ada", "no verb!", project),
        question("ada", "read", ThingName(type: "workspace", id: foreign)), question("ada", "read", ThingName(type: "dataset", parent: .init(type: "workspace", id: foreign))),
        question("01890a5d-ac96-774b-bcce-b302099a8057", "read", project), question(nil, "read", project),
      ], in: lab.slug, by: lab.admin)
    #expect(answers.answers.map(\.outcome) == [.allowed, .hidden, .hidden, .invalid, .missing, .missing, .hidden, .allowed])
    let many = try Array(repeating: Result<AccessQuestion, Problem>.success(AccessQuestion(action: "read", resource: project)), count: AccessQuestion.batchLimit + 1)
    #expect(await refusal { try await lab.plane.decisions.check(many, in: lab.slug, by: lab.admin).revision } == "too_many")
    #expect(try await lab.plane.decisions.check(many.dropLast(), in: lab.slug, by: lab.admin).answers.count == AccessQuestion.batchLimit)
    #expect(try await lab.plane.decisions.check([], in: lab.slug, by: lab.admin).answers.isEmpty)
  }

  @Test func `What can't be a question is refused by its field`() async throws {
    let table: [(String, () throws(Problem) -> Void)] = [
      ("action", { () throws(Problem) in _ = try AccessQuestion(action: "", resource: ThingName(type: "dataset")) }),
      ("action", { () throws(Problem) in _ = try AccessQuestion(action: "Read", resource: ThingName(type: "dataset")) }),
      ("action", { () throws(Problem) in _ = try AccessQuestion(action: String(repeating: "a", count: 65), resource: ThingName(type: "dataset")) }),
      ("resource/type", { () throws(Problem) in _ = try ThingName(type: "data set") }),
      ("resource/type", { () throws(Problem) in _ = try ThingName(type: "") }),
      ("resource/id", { () throws(Problem) in _ = try ThingName(type: "dataset", id: String(repeating: "a", count: 257)) }),
      ("resource/parent/type", { () throws(Problem) in _ = try ThingName(type: "dataset", parent: .init(type: "", id: "x")) }),
      ("resource/attributes", { () throws(Problem) in _ = try ThingName(type: "dataset", attributes: (0...100).map { .init("a\($0)", .bool(true)) }) }),
      ("context", { () throws(Problem) in _ = try AccessQuestion(action: "read", resource: ThingName(type: "dataset"), context: [.init("address", .address("not an address"))]) }),
    ]
    for (field, attempt) in table { #expect(await faultyFields { try attempt() } == [field], "\(field)") }
  }

  @Test func `Grants and memberships end at their instant, and what is suspended has nothing`() async throws {
    let lab = try await Self.lab()
    let gus = try await lab.member("Gus", as: "guest").member
    let end = lab.now + .minutes(5)
    try await lab.give("gus", "viewer", on: .project("forecast", in: "research"), until: end)
    #expect(try await lab.ask("gus", "read", project).answer.isAllowed)
    #expect(try await lab.ask("gus", "read", ThingName(type: "workspace", id: "research")).answer.isAllowed)
    lab.house.pass(.minutes(5) - .milliseconds(1))
    #expect(try await lab.ask("gus", "read", project).answer.isAllowed, "a millisecond before")
    lab.house.pass(.milliseconds(1))
    #expect(try await lab.ask("gus", "read", project).answer.outcome == .hidden, "at the instant, though nothing has changed since")
    #expect(try await lab.ask("gus", "read", ThingName(type: "workspace", id: "research")).answer.outcome == .hidden)
    _ = try await lab.plane.members.setRoles(gus.id, ["viewer"], seen: nil, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.members.setExpiry(gus.id, lab.now + .minutes(1), seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await lab.ask("gus", "read", project).answer.isAllowed)
    lab.house.pass(.minutes(1))
    #expect(try await lab.ask("gus", "read", project).answer.outcome == .expired)
    _ = try await lab.plane.members.setExpiry(gus.id, nil, seen: nil, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.members.suspend(gus.id, in: lab.slug, by: lab.admin)
    #expect(try await lab.ask("gus", "read", project).answer.outcome == .suspended)
    _ = try await lab.plane.members.resume(gus.id, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.accounts.deactivate(gus.account, by: lab.operator)
    #expect(try await lab.ask(gus.account.description, "read", project).answer.outcome == .suspended, "an account that is deactivated")
    _ = try await lab.plane.accounts.reactivate(gus.account, by: lab.operator)
    #expect(try await lab.ask("gus", "read", project).answer.isAllowed)
    let robot = try await lab.serviceAccount("Robot", as: "viewer")
    #expect(try await lab.ask(.serviceAccount("robot"), "read", project).answer.isAllowed)
    _ = try await lab.plane.serviceAccounts.disable("robot", in: lab.slug, by: lab.admin)
    #expect(try await lab.ask(.serviceAccount(robot.id.description), "read", project).answer.outcome == .suspended)
    _ = try await lab.plane.organizations.suspend(lab.slug, because: "", by: lab.admin)
    #expect(try await lab.ask("gus", "read", project).answer.isAllowed)
    #expect(try await lab.ask("ada", "delete", project).answer.outcome == .halted)
    #expect(try await lab.ask(.serviceAccount("robot"), "read", project).answer.outcome == .halted)
  }

  @Test func `An answer of at least a revision is never older`() async throws {
    let lab = try await Self.lab()
    let (decisions, question) = (lab.plane.decisions, try AccessQuestion(principal: .account("ada"), action: "read", resource: project))
    let head = try await decisions.revision(in: lab.slug, by: lab.admin)
    #expect(try await decisions.check(question, atLeast: head, in: lab.slug, by: lab.admin).revision == head)
    #expect(await refusal { try await decisions.check(question, atLeast: head + 1, in: lab.slug, by: lab.admin).revision } == "decision.ahead")
    try await lab.team("Crew")
    #expect(try await decisions.check(question, atLeast: head + 1, in: lab.slug, by: lab.admin).revision == head + 1)
    #expect(try await decisions.check(question, atLeast: 0, in: lab.slug, by: lab.admin).revision == head + 1, "nor older than the newest")
  }

  // MARK: Lists

  @Test func `Lists say what checks say, page by page`() async throws {
    let lab = try await Self.lab()
    for name in ["One", "Two", "Three", "Four"] { _ = try await lab.plane.projects.create(ResourceDraft(name: name), of: "research", in: lab.slug, by: lab.admin) }
    for name in ["Gus", "Mia", "Zoe"] { _ = try await lab.member(name, as: "guest") }
    _ = try await lab.serviceAccount("Robot", as: "viewer")
    try await lab.give("gus", "viewer", on: .workspace("research"))
    try await lab.give("mia", "developer", on: .project("two", in: "research"))
    var (names, cursor): ([String], Cursor?) = ([], nil)
    repeat {
      let request = try PageRequest(limit: 2, cursor: cursor)
      let list = try await lab.plane.decisions.resources(for: .account("gus"), "read", of: "project", in: lab.slug, { () throws(Problem) in request }, by: lab.admin)
      #expect(list.page.total == 5)
      names += list.page.items.map(\.name)
      cursor = list.page.next
    } while cursor != nil
    #expect(names.sorted() == ["research/forecast", "research/four", "research/one", "research/three", "research/two"])
    func things(_ name: String, _ action: String) async throws -> [String] {
      try await lab.plane.decisions.resources(for: .account(name), action, of: nil, in: lab.slug, first, by: lab.admin).page.items.map { "\($0.type) \($0.name)" }.sorted()
    }
    #expect(try await things("mia", "read") == ["project research/two", "workspace research"])
    #expect(try await things("mia", "manage") == [])
    #expect(try await things("zoe", "read") == [])
    func people(_ action: String, _ thing: ThingName) async throws -> [String] {
      try await lab.plane.decisions.principals(of: AccessQuestion(action: action, resource: thing), in: lab.slug, first, by: lab.admin).page.items.map { "\($0.kind.rawValue) \($0.handle)" }.sorted()
    }
    #expect(try await people("read", ThingName(type: "project", id: "research/two")) == ["account ada", "account gus", "account mia", "service-account robot"])
    #expect(try await people("manage", project) == ["account ada"])
    #expect(try await people("read", ThingName(type: "dataset", parent: .init(type: "project", id: "research/two"))) == ["account ada", "account gus", "account mia", "service-account robot"])
    #expect(await refusal { try await people("read", ThingName(type: "project", id: "research/none")) } == "missing")
  }

  // MARK: What would be

  @Test func `A simulation says what would be and changes nothing`() async throws {
    let lab = try await Self.lab()
    for name in ["Gus", "Mia"] { _ = try await lab.member(name, as: "guest") }
    try await lab.team("Crew")
    try await lab.add("gus", "mia", to: "crew")
    let question = try AccessQuestion(principal: .account("gus"), action: "read", resource: project)
    let place = try ThingName.Place(type: "project", id: "research/forecast")
    let head = try await lab.plane.decisions.revision(in: lab.slug, by: lab.admin)
    func simulated(_ changes: SimulatedChange...) async throws -> Simulated {
      try await lab.plane.decisions.simulate(changes, [question], impact: question, in: lab.slug, by: lab.admin)
    }
    let given = try await simulated(.grant(.team("crew"), role: "viewer", on: place))
    #expect(given.before.map(\.outcome) == [.hidden] && given.after.map(\.outcome) == [.allowed])
    #expect(given.gained?.map(\.handle).sorted() == ["gus", "mia"] && given.lost == [])
    #expect(try await simulated(.roles(.account("gus"), [.viewer])).gained?.map(\.handle) == ["gus"])
    #expect(try await simulated(.roles(.account("ada"), [.guest])).lost?.map(\.handle) == [], "the project's admin keeps it by the grant")
    #expect(try await simulated(.roles(.account("ada"), [])).lost?.map(\.handle) == ["ada"])
    #expect(try await simulated(.grant(.team("crew"), role: "viewer", on: place), .seatRemoved(.account("gus"), team: "crew")).after.map(\.outcome) == [.hidden])
    #expect(try await simulated(.policy(nil, text: #"permit (principal == User::"gus", action, resource is Project);"#)).after.map(\.outcome) == [.allowed])
    for change in [SimulatedChange.seat(.account("nobody"), team: "crew"), .seat(.account("gus"), team: "none"), .grant(.team("crew"), role: "owner", on: place), .roles(.account("oscar"), [.admin])] {
      #expect(await refusal { try await simulated(change) } == "invalid", "\(change)")
    }
    // A share of an object, be it registered or not, and the way to it.
    let name = SharedName(try ObjectName(type: "dataset", id: "d1"), in: place)
    func shared(_ action: String, _ thing: ThingName, _ actions: [String]) async throws -> AccessOutcome? {
      let asked = try AccessQuestion(principal: .account("gus"), action: action, resource: thing)
      return try await lab.plane.decisions.simulate(
        [.share(.principal(.account("gus")), actions: actions, of: name)], [asked], in: lab.slug, by: lab.admin).after.first?.outcome
    }
    let dataset = try ThingName(type: "dataset", id: "d1", parent: place)
    #expect(try await shared("read", dataset, ["read"]) == .allowed)
    #expect(try await shared("update", dataset, ["read"]) == .lacking)
    #expect(try await shared("read", try ThingName(type: "dataset", id: "d2", parent: place), ["read"]) == .hidden)
    #expect(try await shared("read", project, ["read"]) == .allowed, "they see what it stands in")
    #expect(try await shared("read", try ThingName(type: "workspace", id: "research"), ["read"]) == .allowed)
    #expect(await faultyFields { try await shared("read", dataset, ["transmogrify"]) } == ["changes/0/actions"])
    #expect(try await simulated(.grant(.principal(.account("gus")), role: "viewer", on: place)).after.first?.outcome == .allowed)
    #expect(await refusal { try await simulated(.policy(nil, text: "permit (principal")) } == "policy.invalid")
    #expect(await refusal { try await simulated(.policyRemoved("none")) } == "missing")
    #expect(try await lab.plane.decisions.revision(in: lab.slug, by: lab.admin) == head)
    #expect(try await lab.ask("gus", "read", project).answer.outcome == .hidden)
  }

  // MARK: The graphs that are kept

  @Test func `Graphs are let go when they take too much, and when nobody asks`() throws {
    func graph(_ name: String, _ revision: Int64) throws -> AccessGraph {
      try AccessGraph(organization: name).applying((0..<100).map { AccessChange.member("\(name)-\($0)", AccessStanding(roles: [.viewer])) }, revision: revision)
    }
    let start = Timestamp(milliseconds: 1_795_251_600_000)
    let one = try graph("one", 1)
    let graphs = AccessGraphs(memory: 3 * (one.bytes + 48 << 10), idle: .minutes(10))
    func renew(_ name: String, _ revision: Int64, at now: Timestamp) throws -> AccessGraph { try graphs.renew(name, at: now) { (_, _) throws(Problem) in (try? graph(name, revision)).map { ($0, 0) } ?? (one, 0) } }
    for (place, name) in ["a", "b", "c", "d"].enumerated() { _ = try renew(name, 1, at: start + .seconds(Int64(place))) }
    #expect(graphs.graph(of: "a", at: start) == nil && graphs.graph(of: "d", at: start + .seconds(5)) != nil, "the one that was asked longest ago goes")
    #expect(graphs.size.bytes <= 3 * (one.bytes + 48 << 10) + 1_000)
    _ = try renew("d", 5, at: start + .seconds(6))
    #expect(try renew("d", 3, at: start + .seconds(7)).revision == 3, "who made an older one uses it")
    #expect(graphs.graph(of: "d", at: start + .seconds(8))?.revision == 5, "and it doesn't take the place of a newer")
    graphs.sweep(at: start + .minutes(5))
    #expect(graphs.size.graphs >= 2)
    graphs.sweep(at: start + .minutes(20))
    #expect(graphs.size == (0, 0))
  }

  @Test func `What is answered from memory is what a transaction answers`() async throws {
    let lab = try await Self.lab()
    let (session, bob) = try await lab.member("Bob", as: "member")
    let carol = try await lab.member("Carol", as: "guest").member
    let key = try await lab.machine("Pdp", as: "infrastructure")
    let workspace = try await lab.plane.workspaces.find("research", in: lab.slug, by: lab.admin)
    let forecast = try await lab.plane.projects.find("forecast", of: "research", in: lab.slug, by: lab.admin)
    _ = try await lab.plane.grants.give(GrantDraft(.anybody("bob"), role: "developer"), on: .project("forecast", in: "research"), in: lab.slug, by: lab.admin)
    let things = try [
      ThingName(type: "workspace", id: workspace.id.description), ThingName(type: "project", id: forecast.id.description), ThingName(type: "dataset", id: "d"),
      ThingName(type: "dataset", parent: .init(type: "project", id: forecast.id.description)), ThingName(type: "workspace", id: bob.id.description),
    ]
    let people: [AccessQuestion.PrincipalName?] = [
      nil, .account(bob.account.description), .account(carol.account.description), .serviceAccount(bob.id.description), .account("me"),
    ]
    var (atOnce, asked) = (0, 0)
    for caller in [lab.admin, lab.house.caller(session.secret), key] {
      for who in people {
        for thing in things {
          for action in ["read", "update", "delete", "share", "fly"] {
            let question = try AccessQuestion(principal: who, action: action, resource: thing)
            var known: (revision: Int64, answers: [AccessAnswer])?
            var slow: Result<(revision: Int64, answer: AccessAnswer), Problem> = .failure(Problem(.defect, ""))
            for _ in 0..<20 where known == nil {
              // An explanation is never answered from memory, and opens it neither; the first check does.
              _ = try? await lab.plane.decisions.check(AccessQuestion(action: "read", resource: things[2]), in: lab.slug, by: caller)
              known = lab.plane.decisions.answersAtOnce([question], atLeast: nil, in: lab.slug, by: caller)
            }
            do {
              slow = .success(try await lab.plane.decisions.check(question, explains: true, in: lab.slug, by: caller))
            } catch { slow = .failure(error) }
            asked += 1
            guard let known else { continue }
            atOnce += 1
            let answer = try slow.get()
            #expect(known.revision == answer.revision && known.answers[0].outcome == answer.answer.outcome, "\(question)")
            #expect(known.answers[0].isAllowed || known.answers[0].sentence == answer.answer.sentence, "\(question)")
          }
        }
      }
    }
    #expect(atOnce > asked / 4, "\(atOnce) of \(asked)")
    // Not for a revision that hasn't happened, nor after anything was committed.
    let question = try AccessQuestion(action: "read", resource: things[2])
    let revision = try await lab.plane.decisions.check(question, in: lab.slug, by: lab.admin).revision
    #expect(lab.plane.decisions.answersAtOnce([question], atLeast: revision + 1, in: lab.slug, by: lab.admin) == nil)
    try await lab.workspace("Other")
    #expect(lab.plane.decisions.answersAtOnce([question], atLeast: nil, in: lab.slug, by: lab.admin) == nil)
  }

  @Test(arguments: 1...4) func `A graph that is carried along says the same as one that is made anew`(_ seed: UInt64) async throws {
    try await DecisionFactsTests.carriedAlong(Lab(seed: seed), seed: seed, steps: 60)
  }
}

private let project: ThingName = {
  do { return try ThingName(type: "project", id: "research/forecast") } catch { fatalError("\(error)") }
}()

let first: @Sendable () throws(Problem) -> PageRequest = { () throws(Problem) in .first }

extension DecisionsTests {
  /// With a workspace and a project in it.
  static func lab() async throws -> Lab {
    let lab = try await Lab()
    try await lab.workspace("Research")
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Forecast"), of: "research", in: lab.slug, by: lab.admin)
    return lab
  }
}

extension Lab {
  func ask(
    _ who: AccessQuestion.PrincipalName, _ action: String, _ thing: ThingName, context: [AccessValue.Attribute] = [], explains: Bool = false, by caller: Caller? = nil
  ) async throws(Problem) -> (revision: Int64, answer: AccessAnswer) {
    let question = try AccessQuestion(principal: who, action: action, resource: thing, context: context)
    return try await plane.decisions.check(question, explains: explains, in: slug, by: caller ?? admin)
  }

  func ask(_ handle: String, _ action: String, _ thing: ThingName, explains: Bool = false) async throws(Problem) -> (revision: Int64, answer: AccessAnswer) {
    try await ask(.account(handle), action, thing, explains: explains)
  }

  /// A service account's key as a caller.
  func machine(_ name: String, as role: String) async throws -> Caller {
    let account = try await serviceAccount(name, as: role)
    return house.caller(try await plane.serviceAccounts.createKey(named: "test", KeyTerm(days: nil), of: account.slug.text, in: slug, by: admin).secret)
  }
}
