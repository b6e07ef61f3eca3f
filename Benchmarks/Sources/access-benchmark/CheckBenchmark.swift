import Authorization
import Cedar
import Foundation

/// Decisions on the requests of a world.
struct CheckBenchmark {
  private struct Prepared {
    let graph: Int32
    let member: AccessMember
    let verb: AccessVerb
    let target: AccessTarget
    let context: AccessContext
  }

  private struct Key: Hashable {
    let organization: Int
    let record: Record
  }

  private let world: World
  private let prepared: ContiguousArray<Prepared>

  init(_ world: World) {
    self.world = world
    // Equal contexts are one: a request's own is always at hand, and the floor's is three bytes.
    var contexts: [Key: AccessContext] = [:]
    prepared = ContiguousArray(world.requests.map { request in
      let graph = world.graphs[request.organization]
      let target = graph.target(named: String(request.resource), World.kinds[world.kindOf[request.resource]], in: nil)
      let key = Key(organization: request.organization, record: request.context)
      let context = contexts[key] ?? graph.context(request.context)
      contexts[key] = context
      return Prepared(
        graph: Int32(request.organization), member: graph.member(String(request.member)), verb: graph.verb(World.verbs[request.verb]), target: target,
        context: context)
    })
  }

  func run(rounds: Int) {
    var (wrong, allowed) = (0, 0)
    for (place, request) in prepared.enumerated() {
      let graph = world.graphs[Int(request.graph)]
      let isAllowed = graph.check(request.member, request.verb, request.target, request.context, at: World.now).isAllowed
      let isExplained = graph.explain(request.member, request.verb, request.target, request.context, at: World.now).isAllowed
      if isAllowed != world.requests[place].isAllowed || isExplained != isAllowed { wrong += 1 }
    }
    let check = best(rounds) { allowed += checkAll() }
    let explain = best(max(1, rounds / 8)) {
      for request in prepared where world.graphs[Int(request.graph)].explain(request.member, request.verb, request.target, request.context, at: World.now).isAllowed { allowed += 1 }
    }
    let named = best(max(1, rounds / 8)) { allowed += checkAllByName() }
    let bytes = Double(world.graphs.reduce(0) { $0 + $1.bytes }) / Double(world.memberCount)
    print(
      "{\"nanoseconds\":\(check),\"explain\":\(explain),\"named\":\(named),\"bytes\":\(bytes),\"resident\":\(world.resident),\"wrong\":\(wrong),\"build\":\(world.building),\"allowed\":\(allowed)}")
  }

  func count(rounds: Int) {
    var allowed = 0
    for _ in 0..<rounds { allowed += checkAll() }
    print("{\"allowed\":\(allowed),\"requests\":\(prepared.count)}")
  }

  @inline(never)
  private func checkAll() -> Int {
    var allowed = 0
    // Spans, so that nothing is copied, and counted, that is only looked at.
    let (requests, graphs) = (prepared.span, world.graphs.span)
    for place in requests.indices {
      let graph = graphs[Int(requests[place].graph)]
      if graph.check(requests[place].member, requests[place].verb, requests[place].target, requests[place].context, at: World.now).isAllowed { allowed += 1 }
    }
    return allowed
  }

  /// As a service does it that is asked with names.
  private func checkAllByName() -> Int {
    var allowed = 0
    for request in world.requests {
      let graph = world.graphs[request.organization]
      guard let target = graph.target(World.kinds[world.kindOf[request.resource]], String(request.resource)) else { continue }
      if graph.check(graph.member(String(request.member)), graph.verb(World.verbs[request.verb]), target, graph.context(request.context), at: World.now).isAllowed { allowed += 1 }
    }
    return allowed
  }

  /// Nanoseconds of processor time for one request: the least of five rounds.
  private func best(_ rounds: Int, _ body: () -> Void) -> Double {
    var best = Double.infinity
    for _ in 0..<5 {
      let start = World.processorTime
      for _ in 0..<rounds { body() }
      best = min(best, (World.processorTime - start) / Double(rounds * prepared.count) * 1e9)
    }
    return best
  }
}
