import Authorization
import Kernel
import Storage
import Synchronization

/// The compiled policies of the organizations that were asked about lately. A version names one set of policies for good, so what is kept is never wrong;
/// which version is in force is read in each transaction.
final class KeptRules: Sendable {
  private let kept = Mutex<(rules: [String: AccessRules], order: [String])>(([:], []))
  private static let limit = 512

  func rules(_ version: String, of organization: String, make: () throws(Problem) -> AccessRules) throws(Problem) -> AccessRules {
    if let found = kept.withLock({ $0.rules[organization] }), found.version == version { return found }
    let made = try make()
    kept.withLock { kept in
      if kept.rules.updateValue(made, forKey: organization) == nil { kept.order.append(organization) }
      if kept.order.count > Self.limit { kept.rules[kept.order.removeFirst()] = nil }
    }
    return made
  }
}

extension Work {
  /// The policies that are in force in this transaction; `nil` where there are none.
  func rules(of organization: ID<Organization>) throws(Problem) -> AccessRules? {
    guard let version = try policies.version(in: organization) else { return nil }
    let rules = try plane.rules.rules(version, of: organization.description) { () throws(Problem) in
      let sources = try policies.sources(in: organization)
      // Those that are made or changed later come with the facts of a decision.
      let roles = [CustomRole.passage, .wayIn] + (try roleRows.all(in: organization, at: .organization).map(\.role))
      do throws(UnreadablePolicy) {
        return try AccessRules(sources, version: version, of: organization.description, roles: roles)
      } catch { throw error.problem }
    }
    return rules.isEmpty ? nil : rules
  }

  /// Policies as a change of a graph.
  func change(_ sources: [AccessRules.Source]) throws(Problem) -> AccessChange {
    do throws(UnreadablePolicy) { return try .policies(sources) } catch { throw error.problem }
  }
}

extension UnreadablePolicy {
  /// Nothing is decided without it: it may be what forbids.
  fileprivate var problem: Problem { Problem(.defect, "A policy in force can't be read, so nothing is decided.", cause: self) }
}
