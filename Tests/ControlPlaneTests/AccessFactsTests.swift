import Authorization
import Contract
@testable import ControlPlane
import Kernel
import StoragePostgres
import TestSupport
import Testing

/// Who follows an organization's facts decides as it does.
@Suite struct AccessFactsTests {
  /// Keeps a graph by nothing but what is told.
  struct Follower {
    var graph: AccessGraph
    var teams: [String: String] = [:]
    var policies: [String: AccessRules.Source] = [:]

    /// Reads all pages, which are as small as they can be; `between` happens behind each.
    init(_ lab: Lab, between: () async throws -> Void = {}) async throws {
      graph = AccessGraph(organization: lab.organization.id.description)
      var (cursor, first, waiting): (Cursor?, Int64?, [AccessChange]) = (nil, nil, [])
      repeat {
        let page = try await lab.plane.facts.list(from: cursor, weight: 1, in: lab.slug, by: lab.admin)
        first = first ?? page.revision
        (graph, waiting) = graph.taking(waiting + changes(page.facts), revision: 0)
        cursor = try page.next.map { try Cursor($0.description) }
        try await between()
      } while cursor != nil
      graph = try graph.applying([.policies(sources)], revision: first ?? 0)
      if try await lab.plane.decisions.revision(in: lab.slug, by: lab.admin) != first { try await follow(lab) }
    }

    var sources: [AccessRules.Source] { policies.values.sorted { $0.id < $1.id } }

    mutating func follow(_ lab: Lab) async throws {
      let found = try await lab.plane.facts.changes(behind: graph.revision, in: lab.slug, by: lab.admin)
      let before = sources
      var changes = changes(found.facts)
      if sources != before { changes.append(try .policies(sources)) }
      graph = try graph.following(changes, revision: found.revision)
    }

    private mutating func changes(_ facts: [AccessFact]) -> [AccessChange] {
      facts.compactMap { fact in
        switch fact {
        case .change(let change): return change
        case .team(let id, let slug):
          teams[id] = slug
          return .team(id, in: nil)
        case .policy(let source, _): policies[source.id] = source
        case .policyRemoved(let id): policies[id] = nil
        }
        return nil
      }
    }
  }

  static func followed(_ lab: Lab, seed: UInt64, steps: Int) async throws {
    let text = "forbid (principal, action == Action::\"use\", resource is Project);"
    _ = try await lab.plane.policies.create(PolicyDraft(name: "Not now", text: text), in: lab.slug, by: lab.admin)
    var follower = try await Follower(lab)
    var step = 0
    try await DecisionFactsTests.carriedAlong(lab, seed: seed, steps: steps) { what in
      step += 1
      if step.isMultiple(of: 9) { follower = try await Follower(lab) } else { try await follower.follow(lab) }
      try await DecisionFactsTests.compare(lab, "\(what), as it is followed", with: follower.graph)
    }
  }

  @Test(arguments: [3, 5] as [UInt64]) func `Whatever is done, who follows the facts knows of it`(_ seed: UInt64) async throws {
    try await Self.followed(Lab(seed: seed), seed: seed, steps: 60)
  }

  @Test(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed")) func `The same on PostgreSQL`() async throws {
    try await Self.followed(Lab(in: House.onPostgres(seed: 8)), seed: 8, steps: 40)
  }

  @Test func `Facts that change while they are read in pages are right in the end`() async throws {
    let lab = try await Lab()
    for number in 0..<3 {
      try await lab.workspace("Room \(number)")
      _ = try await lab.plane.projects.create(ResourceDraft(name: "Work"), of: "room-\(number)", in: lab.slug, by: lab.admin)
      _ = try await lab.member("Eve \(number)", as: "guest")
      try await lab.team("Team \(number)")
    }
    var round = 0
    let follower = try await Follower(lab) {
      // Behind each page something is made that a later page speaks of, and something goes that an earlier one has told.
      round += 1
      let team = try await lab.team("Late \(round)").slug.text
      try await lab.add("eve-\(round % 3)", to: team)
      try await lab.workspace("Late \(round)")
      try await lab.give(team, "viewer", on: .workspace("late-\(round)"))
      if round == 4 { try await lab.plane.workspaces.delete("room-1", in: lab.slug, by: lab.admin) }
      if round == 5 { try await lab.plane.teams.delete("team-1", in: lab.slug, by: lab.admin) }
    }
    #expect(round > 6, "each kind of facts has a page of its own")
    try await DecisionFactsTests.compare(lab, "at the end", with: follower.graph)
    #expect(Set(follower.teams.values).isSuperset(of: ["team-0", "late-1", "late-\(round)"]))
  }

  @Test func `What isn't known any more is a gap, and so is what never was`() async throws {
    let lab = try await Lab()
    let head = try await lab.plane.decisions.revision(in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.facts.changes(behind: head, in: lab.slug, by: lab.admin).facts.isEmpty)
    for revision in [0, -1, head + 1, head - 5_000, .max, .min, .min + 1] as [Int64] {
      await #expect(throws: Problem.self) {
        do { _ = try await lab.plane.facts.changes(behind: revision, in: lab.slug, by: lab.admin) } catch let problem as Problem {
          #expect(problem.code == .accessFactGap, "\(revision)")
          throw problem
        }
      }
    }
  }

  @Test func `A name of a team and the state of the organization are facts, too`() async throws {
    let lab = try await Lab()
    let team = try await lab.team("Crew")
    var follower = try await Follower(lab)
    _ = try await lab.plane.teams.update("crew", TeamUpdate(slug: "band"), seen: nil, in: lab.slug, by: lab.admin)
    try await follower.follow(lab)
    #expect(follower.teams[team.id.description] == "band")
    _ = try await lab.plane.organizations.suspend(lab.slug, because: "a test", by: lab.operator)
    // Who waits is woken, and told that nobody follows a suspended one.
    await #expect(throws: Problem.self) { _ = try await lab.plane.facts.changes(behind: follower.graph.revision, in: lab.slug, by: lab.operator) }
    _ = try await lab.plane.organizations.resume(lab.slug, by: lab.operator)
    #expect(try await lab.plane.facts.changes(behind: follower.graph.revision, in: lab.slug, by: lab.operator).revision == follower.graph.revision + 2)
  }

  @Test func `Who waits hears of a commit, of the end of the time, and that the server stops`() async throws {
    let lab = try await Lab()
    let head = try await lab.plane.decisions.revision(in: lab.slug, by: lab.admin)
    let (plane, slug, admin) = (lab.plane, lab.slug, lab.admin)
    func waiting() -> Task<Int64, any Error> { Task { try await plane.facts.changes(behind: head, wait: 20, in: slug, by: admin).revision } }
    // Where nobody looks, nobody waits.
    #expect(try await waiting().value == head)
    let (news, _) = plane.openFactWatch()
    let looking = Task { for await _ in news { await plane.lookForFacts() } }
    let first = waiting()
    while !plane.isWaitedForFacts { await Task.yield() }
    _ = try await lab.team("Crew")
    #expect(try await first.value > head)
    // The end is by the clock, at the next look.
    let second = Task { try await plane.facts.changes(behind: head + 1, wait: 20, in: slug, by: admin).revision }
    while !plane.isWaitedForFacts { await Task.yield() }
    lab.house.pass(.seconds(20))
    await plane.lookForFacts()
    #expect(try await second.value == head + 1)
    let third = Task { try await plane.facts.changes(behind: head + 1, wait: 20, in: slug, by: admin).revision }
    while !plane.isWaitedForFacts { await Task.yield() }
    plane.closeFactWatch()
    #expect(try await third.value == head + 1)
    let gone = Task { () -> Bool in
      _ = plane.openFactWatch()
      return try await plane.facts.changes(behind: head + 1, wait: 20, in: slug, by: admin).revision == head + 1
    }
    while !plane.isWaitedForFacts { await Task.yield() }
    gone.cancel()
    _ = try? await gone.value
    #expect(!plane.isWaitedForFacts)
    looking.cancel()
  }

  @Test func `Nothing is told of people but what policies see`() async throws {
    let lab = try await Lab()
    _ = try await lab.member("Gustav Gans", as: "guest")
    let page = try await lab.plane.facts.list(from: nil, in: lab.slug, by: lab.admin)
    let members = page.facts.filter { if case .change(.member) = $0 { true } else { false } }
    #expect(members.count == 2 && "\(members)".contains("emailDomain"))
    for secret in ["Gustav", "gustav", "@example.org", "Ada"] { #expect(!"\(page.facts)".contains(secret)) }
  }
}
