import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var facts: AccessFacts { AccessFacts(plane: self) }
}

/// Tells all facts that decisions look at, for a platform that decides in its own processes: in pages, and then what changes.
public struct AccessFacts: Sendable {
  let plane: ControlPlane

  /// Some of the facts, each behind what it needs.
  ///
  /// Each page is as new as when it is read, so what changes while somebody reads may be there twice, or refer to what they don't know yet. With what has
  /// changed behind the first page's revision everything is right: each change tells all of what it is about.
  public func list(
    from cursor: Cursor?, weight: Int = AccessFactPage.weight, in reference: String, by caller: Caller
  ) async throws(Problem) -> AccessFactPage {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(FollowAccess.self, in: reference).0
      var place = try AccessFactPlace(cursor)
      var page = AccessFactPage(organization: organization, revision: try work.accessChanges.head(of: organization.id))
      var taken = 0
      while place != .end, taken < weight {
        let (facts, next) = try work.accessFacts.portion(at: place, of: organization.id)
        if case .policies = place { taken += facts.count * AccessFactPage.policyWeight } else { taken += facts.count }
        page.facts += facts
        place = next
      }
      page.next = place.cursor
      return page
    }
  }

  /// What has changed behind a revision. Where nothing has, it waits for so many seconds at most. Refuses as a gap what isn't known any more.
  public func changes(behind revision: Int64, wait seconds: Int = 0, in reference: String, by caller: Caller) async throws(Problem) -> AccessFactChanges {
    guard (0...AccessFactChanges.longestWait).contains(seconds) else {
      throw .invalid("wait", "Wait for 0 to \(AccessFactChanges.longestWait) seconds.")
    }
    let found = try await changes(behind: revision, in: reference, by: caller)
    guard seconds > 0, found.revision == revision else { return found }
    let (name, end) = (found.organization.id.description, plane.world.clock() + .seconds(seconds))
    guard await plane.factWatch.wait(for: name, behind: revision, until: end) else { return found }
    return try await changes(behind: revision, in: reference, by: caller)
  }

  private func changes(behind revision: Int64, in reference: String, by caller: Caller) async throws(Problem) -> AccessFactChanges {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(FollowAccess.self, in: reference).0
      let head = try work.accessChanges.head(of: organization.id)
      if head == revision { return AccessFactChanges(organization: organization, revision: head, facts: []) }
      guard let subjects = try work.accessChanges.subjects(in: organization.id, after: revision, upTo: head),
        let facts = try work.facts(along: subjects, of: organization.id)
      else { throw Problem.gap(behind: revision, of: head) }
      return AccessFactChanges(organization: organization, revision: head, facts: facts)
    }
  }
}

extension Work {
  /// How what has changed stands now, with its names; `nil` where that is too much, or everything.
  fileprivate func facts(along subjects: [AccessChangeRows.Subject], of organization: ID<Organization>) throws(Problem) -> [AccessFact]? {
    guard let changes = try changes(along: subjects, of: organization, limit: AccessFactChanges.limit) else { return nil }
    var facts = changes.map { AccessFact.change($0) }
    let teams = changes.compactMap { if case .team(let id, _) = $0 { id } else { nil } }
    let slugs = try decisionNames.slugs(ofTeams: Set(teams), in: organization)
    for (place, change) in changes.enumerated() {
      if case .team(let id, _) = change { facts[place] = .team(id, slug: slugs[id] ?? "") }
    }
    for subject in subjects {
      switch subject {
      case .policy(let id): facts.append(try accessFacts.policy(id, in: organization) ?? .policyRemoved(id.description))
      // Which of them isn't known: an older server noted it.
      case .policies: return nil
      default: break
      }
    }
    return facts
  }
}

// MARK: Waiting

extension ControlPlane {
  /// Somebody looks from now on, and until then nobody waits: each time there is `news`, since something was committed here; and every few milliseconds for
  /// what others commit, from each of the `arrivals` on and for as long as ``isWaitedForFacts``.
  public func openFactWatch() -> (news: AsyncStream<Void>, arrivals: AsyncStream<Void>) { factWatch.open() }

  public var isWaitedForFacts: Bool { factWatch.isWaited }

  /// Lets those go on whose organization has changed, or who have waited long enough.
  public func lookForFacts() async {
    let organizations = factWatch.organizations
    guard !organizations.isEmpty else { return }
    let heads = try? await database.read { tx in try AccessFactRows(tx: tx).heads(of: organizations) }
    factWatch.note(heads ?? [:], at: world.clock())
  }

  /// Lets everybody go on: the server stops.
  public func closeFactWatch() { factWatch.close() }
}
