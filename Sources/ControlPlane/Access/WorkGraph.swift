import Authorization
import Kernel
import Storage

extension Work {
  /// The organization's graph of access as this transaction sees the facts, or newer.
  ///
  /// What others have asked before is carried along by what has changed since, and kept for who asks next; with `keeps` false it is for this transaction alone,
  /// which has written facts that aren't committed.
  func accessGraph(of organization: ID<Organization>, keeps: Bool = true) throws(Problem) -> AccessGraph {
    let (name, head) = (organization.description, try accessChanges.head(of: organization))
    plane.graphs.sweep(at: now)
    if let kept = plane.graphs.graph(of: name, at: now), kept.revision == head || keeps && kept.revision > head { return kept }
    guard keeps else { return try renewed(plane.graphs.graph(of: name, at: now), age: 0, of: organization, to: head).graph }
    return try plane.graphs.renew(name, at: now) { (kept, age) throws(Problem) in
      if let kept, kept.revision >= head { return (kept, 0) }
      return try renewed(kept, age: age, of: organization, to: head)
    }
  }

  private func renewed(
    _ kept: AccessGraph?, age: Int, of organization: ID<Organization>, to head: Int64
  ) throws(Problem) -> (graph: AccessGraph, changes: Int) {
    // What was removed still takes room in a graph that is carried along, and many changes are read one after the other.
    if let kept, kept.revision < head, age < max(10_000, 2 * (kept.memberCount + kept.resourceCount)),
      let subjects = try accessChanges.subjects(in: organization, after: kept.revision, upTo: head), subjects.count < max(200, kept.memberCount / 4),
      let carried = try carried(kept, along: subjects, of: organization, to: head)
    {
      return (carried, subjects.count)
    }
    return (try wholeGraph(of: organization, to: head), 0)
  }

  /// A graph of all facts.
  func wholeGraph(of organization: ID<Organization>, to head: Int64) throws(Problem) -> AccessGraph {
    var graph = AccessGraph(organization: organization.description)
    let hear = { (changes: [AccessChange]) throws(Problem) in graph = try graph.saying(changes, head).orDefect() }
    try accessFacts.all(of: organization, hear)
    try hear([change(policies.sources(in: organization))])
    return graph
  }

  /// The graph after some subjects have changed; `nil` where one of them doesn't fit what it knows.
  private func carried(
    _ graph: AccessGraph, along subjects: [AccessChangeRows.Subject], of organization: ID<Organization>, to head: Int64
  ) throws(Problem) -> AccessGraph? {
    var graph: AccessGraph? = graph
    // What others stand in or hold comes first.
    for subject in (0...5).flatMap({ order in subjects.filter { $0.order == order } }) {
      guard let present = graph else { return nil }
      switch subject {
      case .resource(let id, let type):
        if let fact = try accessFacts.resource(id, in: organization) {
          graph = present.saying([fact], head)
        } else if present.target(ResourceType(type), id.description) != nil {
          graph = present.saying([.resourceRemoved(AccessResource(ResourceType(type), id.description))], head)
        }
      case .object(let name, let type):
        if let fact = try accessFacts.object(name, ResourceType(type), in: organization) {
          graph = present.saying([fact], head)
        } else if present.target(ResourceType(type), name) != nil {
          graph = present.saying([.resourceRemoved(AccessResource(ResourceType(type), name))], head)
        }
      case .team(let id):
        let exists = try accessFacts.hasTeam(id, in: organization)
        graph = exists ? present.saying([.team(id.description, in: nil)], head) : present.withdrawing(.teamRemoved(id.description), head)
      case .account(let id):
        let facts = try accessFacts.member(id, in: organization) ?? []
        graph = present.withdrawing(.memberRemoved(id.description), head).saying(facts, head)
      case .member(let id):
        guard let account = try accessFacts.account(of: id, in: organization) else { continue }
        let facts = try accessFacts.member(account, in: organization) ?? []
        graph = present.withdrawing(.memberRemoved(account.description), head).saying(facts, head)
      case .serviceAccount(let id):
        let facts = try accessFacts.serviceAccount(id, in: organization) ?? []
        graph = present.withdrawing(.memberRemoved(id.description), head).saying(facts, head)
      case .teamGrant(let team, let resource):
        guard let place = try accessFacts.place(of: resource, in: organization), try accessFacts.hasTeam(team, in: organization) else { continue }
        let (holder, thing) = (AccessHolder.team(team.description), AccessResource(place.type, place.name))
        var withdrawn = [AccessChange.grantsRemoved(holder, on: thing)]
        if let outer = place.outer { withdrawn.append(.grantRemoved(holder, .custom(.passage), on: outer)) }
        graph = present.saying(withdrawn + (try accessFacts.grants(of: team)), head)
      case .passages(let id):
        guard let place = [ResourceType.workspace, .cluster].first(where: { present.target($0, id.description) != nil }) else { continue }
        let withdrawn = AccessChange.roleWithdrawn(.custom(.passage), on: AccessResource(place, id.description))
        graph = present.saying([withdrawn] + (try accessFacts.passages(to: id, type: place)), head)
      case .teamHoldings(let team):
        guard try accessFacts.hasTeam(team, in: organization) else { continue }
        graph = present.saying([.holdingsRemoved(.team(team.description))] + (try accessFacts.grants(of: team)), head)
      case .teamRoles(let team):
        guard try accessFacts.hasTeam(team, in: organization) else { continue }
        graph = present.saying([.grantsRemoved(.team(team.description), on: nil)] + (try accessFacts.organizationGrants(of: team)), head)
      case .role(let id):
        // One that is gone is held by nobody, and harms nobody.
        guard let role = try roleRows.find(id, in: organization) else { continue }
        graph = present.saying([.role(role.role)], head)
      case .policies: graph = present.saying([try change(policies.sources(in: organization))], head)
      case .everything: return nil
      }
    }
    return graph?.revision == head ? graph : graph?.saying([], head)
  }
}

extension AccessChangeRows.Subject {
  fileprivate var order: Int {
    switch self {
    case .everything, .resource, .object, .role: 0
    case .team: 1
    case .account, .member, .serviceAccount: 2
    case .teamGrant, .teamHoldings, .teamRoles: 3
    case .passages: 4
    case .policies: 5
    }
  }
}

extension AccessGraph {
  fileprivate func saying(_ changes: [AccessChange], _ revision: Int64) -> AccessGraph? { try? applying(changes, revision: revision) }

  /// Without something; as it is where that isn't there.
  fileprivate func withdrawing(_ change: AccessChange, _ revision: Int64) -> AccessGraph { saying([change], revision) ?? self }
}
