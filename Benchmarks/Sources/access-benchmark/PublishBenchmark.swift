import Authorization
import Cedar
import Foundation

/// Changes while somebody holds the graph as it was: each is applied to a copy, the copy put in its place, and the next check has to see it.
struct PublishBenchmark {
  private let world: World

  init(_ world: World) { self.world = world }

  func run(changes: Int) throws {
    var published = world.graphs[0]
    var times: [Double] = []
    var unseen = 0
    var state: UInt64 = 42
    func random(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    let verb = ResourceVerb("knock")
    for number in 0..<changes {
      let member = String(random(world.memberCount))
      let resource = random(world.kindOf.count)
      let scope = AccessResource(World.kinds[world.kindOf[resource]], String(resource))
      let isGranted = number % 2 == 0
      let change: AccessChange = .grant(.member(member), .actions([verb]), on: scope, expires: isGranted ? nil : World.now)
      let start = DispatchTime.now().uptimeNanoseconds
      let next = try published.applying([change])
      // Somebody may hold the former one, and lets it go later.
      let former = published
      published = next
      times.append(Double(DispatchTime.now().uptimeNanoseconds - start))
      let graph = published
      if let target = graph.target(scope.type, scope.id) {
        if graph.check(graph.member(member), graph.verb(verb), target, at: World.now).isAllowed != isGranted { unseen += 1 }
      }
      _ = former.memberCount
    }
    times.sort()
    print("{\"p50\":\(times[times.count / 2]),\"p99\":\(times[times.count * 99 / 100]),\"mean\":\(times.reduce(0, +) / Double(times.count)),\"unseen\":\(unseen)}")
  }
}
