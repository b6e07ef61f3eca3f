import Authorization
import Client
import Contract
import Kernel

/// The facts at one revision, with what people call those that answers name.
struct KnownFacts: Sendable {
  private(set) var graph: AccessGraph
  /// The slugs of teams.
  private(set) var teams: [String: String] = [:]
  private(set) var policies: [String: (source: AccessRules.Source, named: AccessGround.NamedPolicy)] = [:]

  init(organization: String) { graph = AccessGraph(organization: organization) }

  var revision: Int64 { graph.revision }

  /// What changed up to a revision, all of it; refuses what doesn't fit.
  mutating func follow(_ changes: Wire.AccessFactChanges) throws(Problem) {
    var (facts, arePoliciesNew) = try hear(changes.facts)
    if arePoliciesNew { facts.append(try inForce()) }
    do { graph = try graph.following(facts, revision: Int64(changes.revision)) } catch {
      throw Problem(.accessFactGap, "What changed up to revision \(changes.revision) doesn't fit what is known.", cause: error)
    }
  }

  /// Facts that were read while others changed: answers those that speak of what isn't known yet. Policies are left for ``settle(at:)``.
  mutating func take(_ facts: [Wire.AccessFact], beside waiting: [AccessChange]) throws(Problem) -> [AccessChange] {
    let changes = waiting + (try hear(facts).changes)
    let left: [AccessChange]
    (graph, left) = graph.taking(changes, revision: graph.revision)
    return left
  }

  /// Everything is read; what has changed behind the revision comes next.
  mutating func settle(at revision: Int64) throws(Problem) {
    (graph, _) = graph.taking([try inForce()], revision: revision)
  }

  /// Keeps the names, and answers everything else, and whether a policy was among it.
  private mutating func hear(_ facts: [Wire.AccessFact]) throws(Problem) -> (changes: [AccessChange], arePoliciesNew: Bool) {
    var (changes, arePoliciesNew) = ([AccessChange](), false)
    changes.reserveCapacity(facts.count)
    for fact in facts {
      switch try HeardFact(fact) {
      case .change(let change):
        if case .teamRemoved(let id) = change { teams[id] = nil }
        changes.append(change)
      case .team(let id, let slug):
        if teams[id] != slug { teams[id] = slug }
        changes.append(.team(id, in: nil))
      case .policy(let source, let named):
        if policies[source.id]?.source != source { arePoliciesNew = true }
        policies[source.id] = (source, named)
      case .policyRemoved(let id): if policies.removeValue(forKey: id) != nil { arePoliciesNew = true }
      }
    }
    return (changes, arePoliciesNew)
  }

  /// In the order in which the server has them, so that answers name them in the same.
  private func inForce() throws(Problem) -> AccessChange {
    do { return try .policies(policies.values.map(\.source).sorted { $0.id < $1.id }) } catch {
      throw Problem(.newerServer, "The policy \(error.id) can't be read by this version, so nothing is decided. Update this program.", cause: error)
    }
  }

  // MARK: Names

  /// What people call what made a decision; who shared something isn't among the facts.
  func names(of reasons: [AccessReason], for principal: String) -> AccessGroundNames {
    var names = AccessGroundNames(isOutside: graph.isOutside(graph.member(principal)))
    for reason in reasons {
      switch reason {
      case .grant(_, let resource, let path):
        for team in path { names.teams[team] = teams[team] }
        if let resource { names.resources[resource.id] = graph.path(of: resource) }
      case .share(_, _, let path): for team in path { names.teams[team] = teams[team] }
      case .permitted(let policy), .forbidden(let policy), .failed(let policy): names.policies[policy] = policies[policy]?.named
      case .membership, .visibility, .ownership, .suspendedMembership, .expiredMembership: break
      }
    }
    return names
  }
}
