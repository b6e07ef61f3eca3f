import Authorization
import Cedar
import Kernel
import Testing

/// The graph at sizes that small worlds don't reach, and what it promises besides being right.
@Suite struct AccessGraphTests {
  private let project = AccessResource(.project, "p")

  @Test func `An organization of some hundred members is decided as the specification says`() throws {
    var random = RandomAccess(seed: 7)
    var world = AccessWorld()
    let regions = ["eu", "us", "ap"]
    let departments = ["eng", "sales", "ops", "legal"]
    var changes: [AccessChange] = []
    for number in 0..<300 {
      let role = random.chance(10) ? OrganizationRole.guest : random.chance(30) ? .viewer : .member
      let attributes = Record(["dept": .string(random.pick(departments)), "region": .string(random.pick(regions)), "level": .long(Int64(random.below(5)))])
      changes.append(.member("member-\(number)", AccessStanding(roles: [role], attributes: attributes)))
    }
    for number in 0..<40 { changes.append(.team("t\(number)", in: number < 4 ? nil : "t\(random.below(number / 2))")) }
    for number in 0..<300 { for _ in 0...random.below(4) { changes.append(.seat(member: "member-\(number)", team: "t\(random.below(40))")) } }
    var things: [AccessResource] = []
    for number in 0..<150 {
      let thing = AccessResource(number < 8 ? .workspace : number < 60 ? .project : ResourceType("dataset"), "\(number)")
      let outer = number < 8 ? nil : things[number < 60 ? random.below(8) : 8 + random.below(52)]
      let attributes = Record(["region": .string(random.pick(regions)), "level": .long(Int64(random.below(4)))])
      changes.append(.resource(thing, in: outer, owner: nil, visibility: random.pick([.inherited, .private, .organization]), attributes: attributes))
      things.append(thing)
    }
    for number in 0..<900 {
      let holder: AccessHolder = number % 2 == 0 ? .team("t\(random.below(40))") : .member("member-\(random.below(300))")
      changes.append(.grant(holder, .resource(random.pick([.projectViewer, .projectDeveloper, .projectAdmin])), on: random.pick(things), expires: random.expiry()))
    }
    let forbids = (0..<50).map { number in
      let team = number % 5 == 0 ? " in Team::\"t\(random.below(40))\"" : ""
      let scope = number % 5 == 1 ? " in Workspace::\"\(random.below(8))\"" : ""
      let condition = [
        "resource.region == \"\(random.pick(regions))\" && principal.region != resource.region", "principal.dept == \"\(random.pick(departments))\" && resource.level >= 2",
        "context.hour >= \(random.below(24)) && principal.level <= 1",
      ][number % 3]
      return "forbid(principal\(team), action in [Action::\"read\", Action::\"update\"], resource\(scope)) when { \(condition) };"
    }
    changes.append(.policies(try PolicySet(parsing: forbids.joined(separator: "\n"))))
    for change in changes { #expect(world.apply(change) == nil) }
    let graph = try AccessGraph(changes, of: AccessWorld.organization)

    var allowed = 0
    for _ in 0..<600 {
      let (member, verb, context) = ("member-\(random.below(300))", random.pick([ResourceVerb.read, .read, .update, .delete]), random.context())
      let target = AccessWorld.Target(resource: random.pick(things), isKnown: true, parent: nil, isOwn: false, visibility: .inherited, attributes: [:])
      let expected = world.answer(member, verb, target, context, now)
      let verdict = graph.check(graph.member(member), graph.verb(verb), target.inNumbers(of: graph), graph.context(context), at: now)
      check(verdict.outcome == expected.outcome, "\(member) \(verb) \(target.resource): \(verdict.outcome), not \(expected.outcome)")
      if verdict.isAllowed { allowed += 1 }
    }
    #expect(allowed > 20 && allowed < 500, "\(allowed)")
  }

  @Test func `Nobody is lost among thousands, whatever their ids look like`() throws {
    func id(_ number: Int) -> String {
      switch number % 3 {
      case 0: "\(number)"
      case 1: "a name that needs a table of its own, number \(number)"
      default: ID<AccessGraph>(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000 | UInt64(number)).description
      }
    }
    var changes: [AccessChange] = [.resource(project, in: nil, owner: nil, visibility: .inherited, attributes: [:])]
    for number in 0..<9000 {
      changes.append(.member(id(number), AccessStanding(roles: [.guest])))
      if number % 2 == 0 { changes.append(.grant(.member(id(number)), .resource(.projectViewer), on: project, expires: nil)) }
    }
    let graph = try AccessGraph(changes, of: "o")
    let target = try #require(graph.target(.project, "p"))
    for number in 0..<9000 {
      let outcome = graph.check(graph.member(id(number)), graph.verb(.read), target, at: now).outcome
      check(outcome == (number % 2 == 0 ? .allowed : .hidden), "\(id(number)) is \(outcome)")
    }
    #expect(graph.members(graph.verb(.read), target, at: now) == (0..<4500).map { id($0 * 2) })
    #expect(graph.check(graph.member("9000"), graph.verb(.read), target, at: now).outcome == .hidden)
  }

  @Test func `A grant ends at its instant, and nothing has to happen for that`() throws {
    let graph = try AccessGraph(
      [
        .member("ada", AccessStanding(roles: [.guest])), .resource(project, in: nil, owner: nil, visibility: .inherited, attributes: [:]),
        .grant(.member("ada"), .resource(.projectViewer), on: project, expires: now),
      ], of: "o")
    let target = try #require(graph.target(.project, "p"))
    #expect(graph.check(graph.member("ada"), graph.verb(.read), target, at: now + .milliseconds(-1)).isAllowed)
    #expect(graph.check(graph.member("ada"), graph.verb(.read), target, at: now).outcome == .hidden)
  }

  @Test func `Whoever holds a graph goes on with it, whatever is made of it`() throws {
    let before = try AccessGraph([.member("ada", AccessStanding(roles: [.guest])), .resource(project, in: nil, owner: nil, visibility: .inherited, attributes: [:])], of: "o")
    let after = try before.applying([.grant(.member("ada"), .resource(.projectAdmin), on: project, expires: nil)])
    func mayDelete(_ graph: AccessGraph) throws -> Bool {
      graph.check(graph.member("ada"), graph.verb(.delete), try #require(graph.target(.project, "p")), at: now).isAllowed
    }
    #expect(try !mayDelete(before) && mayDelete(after))
    #expect(after.revision == before.revision + 1)
    #expect(throws: AccessRefusal.noSuchTeam("none")) { try after.applying([.memberRemoved("ada"), .teamRemoved("none")]) }
    #expect(try mayDelete(after), "with the first change that is refused there is none")
  }

  @Test func `Somebody in more teams than a decision has room for holds what each of them gives`() throws {
    var changes: [AccessChange] = [.member("ada", AccessStanding(roles: [.guest]))]
    for number in 0..<60 {
      let thing = AccessResource(.project, "\(number)")
      changes += [.team("t\(number)", in: number % 7 == 0 ? nil : "t\(number - 1)"), .resource(thing, in: nil, owner: nil, visibility: .inherited, attributes: [:])]
      changes.append(.grant(.team("t\(number)"), .resource(.projectViewer), on: thing, expires: nil))
      if number % 7 == 6 || number % 5 == 0 { changes.append(.seat(member: "ada", team: "t\(number)")) }
    }
    let graph = try AccessGraph(changes, of: "o")
    let seen = graph.resources(graph.member("ada"), graph.verb(.read), at: now).map(\.id)
    // Every full row of seven teams has a seat at its innermost; the row that begins at 56 has none.
    #expect(seen == (0..<56).map { "\($0)" })
  }

  @Test func `Many grants on one thing are looked up, not read through`() throws {
    var changes: [AccessChange] = [.resource(project, in: nil, owner: nil, visibility: .inherited, attributes: [:])]
    for number in 0..<700 {
      changes.append(.member("\(number)", AccessStanding(roles: [.guest])))
      changes.append(.grant(.member("\(number)"), .resource(number % 3 == 0 ? .projectAdmin : .projectViewer), on: project, expires: number % 5 == 0 ? now : nil))
    }
    let graph = try AccessGraph(changes, of: "o")
    let target = try #require(graph.target(.project, "p"))
    for number in 0..<700 {
      let outcome = graph.check(graph.member("\(number)"), graph.verb(.delete), target, at: now).outcome
      check(outcome == (number % 5 == 0 ? .hidden : number % 3 == 0 ? .allowed : .lacking), "\(number) is \(outcome)")
    }
  }

  @Test func `Five thousand policies are asked like fifty`() throws {
    let text = (0..<5000).map { "forbid(principal in Team::\"t\($0 % 50)\", action == Action::\"read\", resource) when { resource.region == \"r\($0)\" };" }
    let graph = try AccessGraph(
      [
        .member("ada", AccessStanding(roles: [.viewer])), .team("t3", in: nil), .seat(member: "ada", team: "t3"),
        .resource(project, in: nil, owner: nil, visibility: .inherited, attributes: ["region": .string("r4303")]),
        .policies(try PolicySet(parsing: text.joined(separator: "\n"))),
      ], of: "o")
    let explanation = graph.explain(graph.member("ada"), graph.verb(.read), try #require(graph.target(.project, "p")), at: now)
    #expect(explanation.outcome == .forbidden && explanation.policies == ["policy4303"])
  }

  @Test func `Things stand in one another fifteen deep at most, and moving them counts what is in them`() throws {
    func thing(_ number: Int) -> AccessResource { AccessResource(ResourceType("folder"), "\(number)") }
    func place(_ number: Int, in outer: Int?) -> AccessChange {
      .resource(thing(number), in: outer.map { thing($0) }, owner: nil, visibility: .inherited, attributes: [:])
    }
    var graph = try AccessGraph((0..<15).map { place($0, in: $0 == 0 ? nil : $0 - 1) }, of: "o")
    #expect(throws: AccessRefusal.tooMany) { try graph.applying([place(15, in: 14)]) }
    graph = try graph.applying([place(20, in: nil), place(21, in: 20), place(22, in: 21)])
    #expect(throws: AccessRefusal.tooMany) { try graph.applying([place(20, in: 12)]) }
    #expect(throws: AccessRefusal.cycle) { try graph.applying([place(20, in: 22)]) }
    graph = try graph.applying([place(20, in: 11), .member("ada", AccessStanding(roles: nil)), .grant(.member("ada"), .resource(.projectViewer), on: thing(0), expires: nil)])
    // Deepest of all, and something that is only named within it.
    let deepest = try #require(graph.target(ResourceType("folder"), "22"))
    #expect(graph.check(graph.member("ada"), graph.verb(.read), deepest, at: now).isAllowed)
    #expect(graph.check(graph.member("ada"), graph.verb(.read), graph.target(named: "x", ResourceType("file"), in: deepest), at: now).isAllowed)
  }
}
