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
    guard var changes = try changes(along: subjects, of: organization) else { return nil }
    if subjects.contains(where: \.isAboutPolicies) { changes.append(try change(policies.sources(in: organization))) }
    return try? graph.following(changes, revision: head)
  }

  /// How what has changed stands now, each behind what it needs: what to take back, where it is there, and what to say. Policies are left to the caller;
  /// `nil` where everything has changed, or more than `limit` changes have to be made.
  func changes(
    along subjects: [AccessChangeRows.Subject], of organization: ID<Organization>, limit: Int = .max
  ) throws(Problem) -> [AccessChange]? {
    var changes: [AccessChange] = []
    // What others stand in or hold comes first.
    for subject in (0...5).flatMap({ order in subjects.filter { $0.order == order } }) {
      guard subject != .everything, changes.count <= limit else { return nil }
      changes += try self.changes(of: subject, in: organization)
    }
    return changes
  }

  private func changes(of subject: AccessChangeRows.Subject, in organization: ID<Organization>) throws(Problem) -> [AccessChange] {
    switch subject {
    case .resource(let id, let type):
      return [try accessFacts.resource(id, in: organization) ?? .resourceRemoved(AccessResource(ResourceType(type), id.description))]
    case .object(let name, let type):
      return [try accessFacts.object(name, ResourceType(type), in: organization) ?? .resourceRemoved(AccessResource(ResourceType(type), name))]
    case .team(let id):
      return [try accessFacts.hasTeam(id, in: organization) ? .team(id.description, in: nil) : .teamRemoved(id.description)]
    case .account(let id): return [.memberRemoved(id.description)] + (try accessFacts.member(id, in: organization) ?? [])
    case .member(let id):
      guard let account = try accessFacts.account(of: id, in: organization) else { return [] }
      return [.memberRemoved(account.description)] + (try accessFacts.member(account, in: organization) ?? [])
    case .serviceAccount(let id): return [.memberRemoved(id.description)] + (try accessFacts.serviceAccount(id, in: organization) ?? [])
    case .teamGrant(let team, let resource):
      guard let place = try accessFacts.place(of: resource, in: organization), try accessFacts.hasTeam(team, in: organization) else { return [] }
      let (holder, thing) = (AccessHolder.team(team.description), AccessResource(place.type, place.name))
      var withdrawn = [AccessChange.grantsRemoved(holder, on: thing)]
      if let outer = place.outer { withdrawn.append(.grantRemoved(holder, .custom(.passage), on: outer)) }
      return withdrawn + (try accessFacts.grants(of: team))
    case .passages(let id):
      guard let place = try accessFacts.place(of: id, in: organization), [.workspace, .cluster].contains(place.type) else { return [] }
      let withdrawn = AccessChange.roleWithdrawn(.custom(.passage), on: AccessResource(place.type, place.name))
      return [withdrawn] + (try accessFacts.passages(to: id, type: place.type))
    case .teamHoldings(let team):
      guard try accessFacts.hasTeam(team, in: organization) else { return [] }
      return [.holdingsRemoved(.team(team.description))] + (try accessFacts.grants(of: team))
    case .teamRoles(let team):
      guard try accessFacts.hasTeam(team, in: organization) else { return [] }
      return [.grantsRemoved(.team(team.description), on: nil)] + (try accessFacts.organizationGrants(of: team))
    case .role(let id):
      // One that is gone is held by nobody, and harms nobody.
      return try roleRows.find(id, in: organization).map { [.role($0.role)] } ?? []
    case .policy, .policies, .organization, .everything: return []
    }
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
    case .policy, .policies, .organization: 5
    }
  }

  /// Whether what is in force may be another set of policies.
  var isAboutPolicies: Bool {
    switch self {
    case .policy, .policies: true
    default: false
    }
  }
}

extension AccessGraph {
  fileprivate func saying(_ changes: [AccessChange], _ revision: Int64) -> AccessGraph? { try? applying(changes, revision: revision) }
}
