import Allocations
import Cedar
import Figures

/// Counts what a decision asks the allocator for, once everything is prepared and was asked before.
enum AllocationBenchmark {
  /// Allocations for one call of the body; nil where they aren't counted.
  static func count(_ times: Int, _ body: () -> Void) -> Double? {
    for _ in 0..<3 { body() }
    let before = allocations()
    guard before >= 0 else { return nil }
    for _ in 0..<times { body() }
    return Double(allocations() - before) / Double(times)
  }

  /// One policy of each kind, decided by a request for which all of it is looked at.
  private static let policies: [(name: String, text: String)] = [
    ("scope", #"permit(principal in Team::"t", action == Action::"view", resource in Folder::"f"); forbid(principal, action, resource == Doc::"other");"#),
    ("attributes", "permit(principal, action, resource) when { resource.owner == principal && resource.open && context.n < 5 };"),
    (
      "forbidUnless",
      #"permit(principal in Team::"t", action, resource); forbid(principal, action, resource) unless { principal.level >= 2 || resource.tags.contains("x") };"#
    ),
    ("like", #"permit(principal, action, resource) when { resource has name && resource.name like "re*t" && (if context.n > 1 then true else false) };"#),
    ("tags", #"permit(principal, action, resource) when { resource.hasTag("a") && resource.getTag("a") == "b" };"#),
    ("sets", #"permit(principal, action, resource) when { [1, 2, 3].contains(context.n) && resource.tags.containsAny(["x", "y"]) };"#),
    ("contextAddress", #"permit(principal, action, resource) when { context.ip.isInRange(ip("10.0.0.0/8")) };"#),
    ("madeSet", "permit(principal, action, resource) when { [principal, resource.owner].contains(principal) };"),
    ("unknownAction", "permit(principal, action, resource) when { resource.owner == principal && resource.open && context.n < 5 };"),
    ("error", "permit(principal, action, resource); permit(principal, action, resource) when { resource.missing };"),
  ]

  static func run() throws {
    let entities = try Entities(
      json: #"""
        [{"uid": {"type": "User", "id": "a"}, "attrs": {"level": 3}, "parents": [{"type": "Team", "id": "t"}]},
         {"uid": {"type": "Doc", "id": "d"}, "attrs": {"owner": {"__entity": {"type": "User", "id": "a"}}, "open": true, "tags": ["x", "z"], "name": "report"},
          "tags": {"a": "b"}, "parents": [{"type": "Folder", "id": "f"}]},
         {"uid": {"type": "Team", "id": "t"}, "attrs": {}, "parents": []}, {"uid": {"type": "Folder", "id": "f"}, "attrs": {}, "parents": []},
         {"uid": {"type": "Action", "id": "view"}, "attrs": {}, "parents": []}]
        """#)
    let known = try request("view")
    // Neither the entities nor the policies name it.
    let unknown = try request("unheard of")
    let prepared = PreparedEntities(entities)
    for (name, text) in policies {
      let authorizer = Authorizer(PreparedPolicies(try PolicySet(parsing: text)), prepared)
      let request = name == "unknownAction" ? unknown : known
      var allowed = 0
      let brief = count(1000) { if authorizer.isAllowed(request) { allowed += 1 } }
      let full = count(1000) { if authorizer.authorize(request).decision == .allow { allowed += 1 } }
      guard let brief, let full, allowed == 2006 else { continue }
      Figure("cedar.allocations.\(name).isAllowed", brief, "allocations").report()
      Figure("cedar.allocations.\(name).authorize", full, "allocations").report()
    }
  }

  private static func request(_ action: String) throws -> Request {
    try Request(
      json: #"""
        {"principal": {"type": "User", "id": "a"}, "action": {"type": "Action", "id": "\#(action)"}, "resource": {"type": "Doc", "id": "d"},
         "context": {"n": 2, "ip": {"__extn": {"fn": "ip", "arg": "10.1.2.3"}}}}
        """#)
  }
}
