import Cedar
import Figures
import Foundation

/// Measures one set of policies, entities and requests: prepared, cold, and in memory.
struct SetBenchmark {
  let name: String
  let folder: URL

  private func text(_ file: String) throws -> String { try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8) }

  func run() throws {
    let policyText = try text("policies.cedar")
    let entityText = try text("entities.json")
    guard case .array(let documents) = try JSON(parsing: try text("requests.json")) else { throw CocoaError(.coderReadCorrupt) }
    let requests = try documents.map { try Request(json: $0["request"] ?? .null) }
    let expected = documents.map { $0["allowed"] == .bool(true) }

    release()
    var resident = Usage.residentBytes
    let (prepared, count, preparing) = try prepareEntities(entityText)
    release()
    resident = Usage.residentBytes - resident
    let policies = try PolicySet(parsing: policyText)
    let authorizer = Authorizer(PreparedPolicies(policies), prepared)

    var mismatches = 0
    for (request, expected) in zip(requests, expected) {
      if (authorizer.authorize(request).decision == .allow) != expected || authorizer.isAllowed(request) != expected { mismatches += 1 }
    }
    Figure("cedar.\(name).mismatches", Double(mismatches), "requests").report()

    var allowed = 0
    let full = Usage.least { for request in requests { if authorizer.authorize(request).decision == .allow { allowed += 1 } } } / Double(requests.count)
    let brief = Usage.least { for request in requests { if authorizer.isAllowed(request) { allowed += 1 } } } / Double(requests.count)
    Figure("cedar.\(name).authorize", full * 1e6, "µs").report()
    Figure("cedar.\(name).isAllowed", brief * 1e6, "µs").report()
    for way in ["isAllowed", "authorize"] {
      let asked = AllocationBenchmark.count(1) {
        for request in requests { if way == "isAllowed" ? authorizer.isAllowed(request) : authorizer.authorize(request).decision == .allow { allowed += 1 } }
      }
      if let asked { Figure("cedar.\(name).\(way).allocations", asked / Double(requests.count), "allocations").report() }
    }

    let cold = Usage.least(rounds: entityText.utf8.count > 1 << 20 ? 2 : 5) {
      guard let policies = try? PolicySet(parsing: policyText), let entities = try? Entities(json: entityText) else { return }
      if policies.authorize(requests[0], entities).decision == .allow { allowed += 1 }
    }
    Figure("cedar.\(name).cold", cold * 1e3, "ms").report()
    Figure("cedar.\(name).prepareEntities", preparing * 1e3, "ms").report()
    let linking = Usage.least { allowed += Authorizer(PreparedPolicies(policies), prepared).isAllowed(requests[0]) ? 1 : 0 }
    Figure("cedar.\(name).preparePolicies", linking * 1e3, "ms").report()
    Figure("cedar.\(name).memory", Double(resident) / Double(max(count, 1)), "bytes per entity").report()
    Figure("cedar.\(name).footprint", Double(prepared.footprint) / Double(max(count, 1)), "bytes per entity").report()
    if allowed < 0 { print(allowed) }
  }

  /// The entities as text are let go before memory is read.
  private func prepareEntities(_ text: String) throws -> (PreparedEntities, Int, Double) {
    let entities = try Entities(json: text)
    let start = Usage.processorTime
    let prepared = PreparedEntities(entities)
    return (prepared, entities.count, Usage.processorTime - start)
  }

  /// Gives freed memory back to the system, so that what is resident is what is in use.
  private func release() {
    // `malloc_trim` is glibc's alone, and not in its module.
    guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "malloc_trim") else { return }
    _ = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)(0)
  }
}

/// Measures what a decision costs beside policies that can't apply: for other principals, other resources, other groups and other actions.
enum FlatBenchmark {
  static func run() {
    var first: [String: Double] = [:]
    for count in [100, 1000, 10_000, 100_000] {
      for (kind, text) in [
        ("principal", { (n: Int) in "permit(principal == User::\"other\(n)\", action, resource);" }),
        ("resource", { n in "forbid(principal, action, resource == Doc::\"other\(n)\");" }),
        ("group", { n in "permit(principal in Team::\"other\(n)\", action == Action::\"view\", resource) when { resource.open };" }),
        ("type", { n in "permit(principal is Other\(n), action, resource);" }),
        ("action", { n in "forbid(principal, action == Action::\"other\(n)\", resource) when { resource.open };" }),
      ] {
        guard let time = measure(count, text) else { continue }
        let base = first[kind] ?? time
        first[kind] = base
        Figure("cedar.flat.\(kind).\(count)", time * 1e6, "µs", against: "100 policies", ratio: time / base, bar: 2, goal: 1.2).report()
      }
    }
  }

  private static func measure(_ count: Int, _ text: (Int) -> String) -> Double? {
    let own = """
      permit(principal in Team::"t1", action == Action::"view", resource in Folder::"f") when { resource.open && context.mfa };
      forbid(principal == User::"u2", action, resource);
      """
    guard let policies = try? PolicySet(parsing: own + (0..<count).map(text).joined(separator: "\n")) else { return nil }
    let entities = [
      Entity(EntityUID("User", "u1"), parents: [EntityUID("Team", "t1"), EntityUID("Team", "t2"), EntityUID("Team", "t3")]),
      Entity(EntityUID("Doc", "d"), attributes: ["open": .bool(true)], parents: [EntityUID("Folder", "f")]),
    ]
    let authorizer = Authorizer(PreparedPolicies(policies), PreparedEntities(entities))
    let request = Request(principal: EntityUID("User", "u1"), action: EntityUID("Action", "view"), resource: EntityUID("Doc", "d"), context: ["mfa": .bool(true)])
    var allowed = 0
    let time = Usage.least { for _ in 0..<1000 { if authorizer.authorize(request).decision == .allow { allowed += 1 } } } / 1000
    return allowed > 0 ? time : nil
  }
}
