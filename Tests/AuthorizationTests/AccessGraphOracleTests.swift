import Authorization
import Cedar
import Foundation
import Kernel
import Testing

/// The graph against the specification, on small worlds that change all the time: every answer, every reason, every list and every refusal.
@Suite struct AccessGraphOracleTests {
  /// How many requests are compared; `GUILDHALL_ACCESS_REQUESTS` sets another number.
  private static let requests = ProcessInfo.processInfo.environment["GUILDHALL_ACCESS_REQUESTS"].flatMap { Int($0) } ?? 20_000
  private static let perWorld = 250

  @Test(arguments: 0..<8)
  func `A graph that grew by changes answers as the specification does`(part: Int) throws {
    var outcomes: [Verdict.Outcome: Int] = [:]
    var kinds: [Substring: Int] = [:]
    for round in 0..<max(1, Self.requests / 8 / Self.perWorld) {
      var random = RandomAccess(seed: UInt64(part) << 32 | UInt64(round))
      var world = AccessWorld()
      var graph = AccessGraph(organization: AccessWorld.organization)
      var former = graph
      func change() {
        let change = random.change()
        let refusal = world.apply(change)
        former = graph
        do throws(AccessRefusal) {
          graph = try graph.applying(CollectionOfOne(change))
          check(refusal == nil, "\(part)/\(round): \(change) was refused as \(String(describing: refusal))")
        } catch {
          check(error == refusal, "\(part)/\(round): \(change) was refused as \(error), not \(String(describing: refusal))")
        }
      }
      for _ in 0..<40 { change() }
      for number in 0..<Self.perWorld {
        if number % 3 == 0 { change() }
        let place = "\(part)/\(round)/\(number)"
        let (target, context, instant) = (random.target(in: world), random.context(), random.chance(4) ? random.instant() : now)
        let (person, verb) = (random.chance(10) ? "nobody" : random.person(), random.pick(RandomAccess.verbs))
        let expected = world.answer(person, verb, target, context, instant)
        let member = graph.member(person)
        let asked = target.inNumbers(of: graph)
        let verdict = graph.check(member, graph.verb(verb), asked, graph.context(context), at: instant)
        outcomes[verdict.outcome, default: 0] += 1
        let request = "\(place): \(person) \(verb) \(target.resource)"
        check(verdict.outcome == expected.outcome, "\(request): \(verdict.outcome), not \(expected.outcome)")
        if let ground = graph.reason(verdict.ground, of: member) { check(expected.reasons.contains(ground.text), "\(request): \(ground) is no ground") }
        let explanation = graph.explain(member, graph.verb(verb), asked, graph.context(context), at: instant)
        check(explanation.outcome == expected.outcome, "\(request): explained as \(explanation.outcome), not \(expected.outcome)")
        var reasons: Set<String> = []
        for reason in explanation.reasons {
          if case .failed(let policy) = reason { check(expected.failed.contains(policy), "\(request): \(policy) didn't fail") } else { reasons.insert(reason.text) }
          if case .share(_, _, let path) = reason, !path.isEmpty { check(world.isPath(path, of: person), "\(request): \(path) leads nowhere") }
          if case .grant(_, _, let path) = reason, !path.isEmpty { check(world.isPath(path, of: person), "\(request): \(path) leads nowhere") }
        }
        check(reasons == expected.reasons, "\(request): because of \(reasons.sorted()), not \(expected.reasons.sorted())")
        for reason in reasons { kinds[reason.prefix { $0 != " " }, default: 0] += 1 }
        if number % 50 == 0 { compareLists(world, graph, person, verb, target, instant, place) }
      }
      // What was a copy before the last change still is what it was.
      check(former.memberCount <= graph.memberCount)
    }
    // An answer that never comes up would never be compared.
    if Self.requests >= 20_000 {
      for outcome in [Verdict.Outcome.allowed, .forbidden, .lacking, .hidden, .suspendedMembership, .expiredMembership] {
        #expect(outcomes[outcome, default: 0] > 4, "\(outcome) hardly comes up")
      }
      for kind in ["member", "open", "share", "own", "permit", "forbid", "suspended", "expired"] { #expect(kinds[kind[...], default: 0] > 4, "\(kind) hardly comes up: \(kinds)") }
    }
  }

  private func compareLists(
    _ world: AccessWorld, _ graph: AccessGraph, _ person: String, _ verb: ResourceVerb, _ target: AccessWorld.Target, _ instant: Timestamp, _ place: String
  ) {
    let resources = graph.resources(graph.member(person), graph.verb(verb), at: instant)
    let expected = world.things.keys.filter { thing in
      let known = AccessWorld.Target(resource: thing, isKnown: true, parent: nil, isOwn: false, visibility: .inherited, attributes: [:])
      return world.answer(person, verb, known, [:], instant).outcome == .allowed
    }
    check(Set(resources) == Set(expected) && resources.count == expected.count, "\(place): \(person) may \(verb) \(resources), not \(expected)")
    let members = graph.members(graph.verb(verb), target.inNumbers(of: graph), at: instant)
    let allowed = world.members.keys.filter { world.answer($0, verb, target, [:], instant).outcome == .allowed }
    check(Set(members) == Set(allowed) && members.count == allowed.count, "\(place): \(members) may \(verb) \(target.resource), not \(allowed)")
  }
}

extension AccessWorld.Target {
  func inNumbers(of graph: AccessGraph) -> AccessTarget {
    let outer = parent.flatMap { graph.target($0.type, $0.id) }
    return graph.target(named: resource.id, resource.type, in: outer, attributes: attributes, isOwn: isOwn, visibility: visibility)
  }
}

extension AccessWorld {
  /// Whether the path begins at a team that the member is in, and goes from each to the one around it.
  func isPath(_ path: [String], of member: String) -> Bool {
    guard let first = path.first, seats.contains(Seat(member: member, team: first)) else { return false }
    return zip(path, path.dropFirst()).allSatisfy { teams[$0] == .some($1) }
  }
}

extension AccessReason {
  /// As `AccessWorld` writes it.
  var text: String {
    switch self {
    case .membership(let role): "member \(role)"
    case .grant(let role, let scope, let path):
      "\(role) of \(path.last.map { "team \($0)" } ?? "member") on \(scope.map { "\($0)" } ?? "*")"
    case .share(let action, let object, let path): "share \(action) of \(path.last.map { "team \($0)" } ?? "member") on \(object)"
    case .ownership: "own"
    case .visibility(let visibility): "open \(visibility)"
    case .permitted(let policy): "permit \(policy)"
    case .forbidden(let policy): "forbid \(policy)"
    case .failed(let policy): "failed \(policy)"
    case .suspendedMembership: "suspended"
    case .expiredMembership: "expired"
    }
  }
}
