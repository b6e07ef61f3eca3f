import Authorization

/// Lists of what a member may read, beside checking every resource.
struct ListBenchmark {
  private let world: World

  init(_ world: World) { self.world = world }

  func run() {
    let graph = world.graphs[0]
    let verb = graph.verb(.update)
    let all = world.kindOf.enumerated().compactMap { graph.target(World.kinds[$1], String($0)) }
    let members = Array(Set(world.requests.lazy.filter { $0.organization == 0 }.map(\.member).prefix(40)))
    var (listed, looped) = (0, 0)
    let start = World.processorTime
    for member in members { listed += graph.resources(graph.member(String(member)), verb, at: World.now).count }
    let middle = World.processorTime
    for member in members {
      let member = graph.member(String(member))
      for target in all where graph.check(member, verb, target, at: World.now).isAllowed { looped += 1 }
    }
    let end = World.processorTime
    precondition(listed == looped, "\(listed) listed, \(looped) found one by one")
    let target = all[all.count / 2]
    let before = World.processorTime
    let people = graph.members(verb, target, at: World.now).count
    let listing = World.processorTime - before
    print(
      "{\"list\":\((middle - start) / Double(members.count)),\"loop\":\((end - middle) / Double(members.count)),\"found\":\(Double(listed) / Double(members.count)),\"resources\":\(all.count),\"people\":\(people),\"members\":\(listing)}")
  }
}
