import Authorization
import Kernel
import Secrets
import Synchronization

/// Where questions were answered a moment ago, and for whom: the next ones there are answered from memory, without a transaction.
///
/// What was found stands until anything is committed by this process, and for `term` at the longest: what other servers commit is in force here by then
/// (within 50 ms), and what this one commits is for the next request.
final class StandingPlaces: Sendable {
  static let term = Duration.milliseconds(25)
  private static let limit = 4096

  private struct Key: Hashable {
    let credential: SHA256Digest
    /// By id or by slug, as it was asked.
    let organization: String
  }

  private struct Standing {
    let place: StandingPlace
    let commit: Int
    let until: ContinuousClock.Instant
  }

  private let commits = Atomic<Int>(0)
  private let standing = Mutex<[Key: Standing]>([:])

  /// How many commits there were; to be read before a place is looked up.
  var commit: Int { commits.load(ordering: .acquiring) }

  /// What was found before may not be so any more.
  func noteCommit() { commits.wrappingAdd(1, ordering: .releasing) }

  func find(for caller: Caller, in organization: String) -> StandingPlace? {
    guard let digest = caller.credential.digest else { return nil }
    let found = standing.withLock { $0[Key(credential: digest, organization: organization)] }
    guard let found, found.commit == commit, ContinuousClock.now < found.until else { return nil }
    return found.place
  }

  /// `commit`: how many there were before it was looked up.
  func keep(_ place: StandingPlace, for caller: Caller, in organization: String, since commit: Int) {
    guard let digest = caller.credential.digest, commit == self.commit else { return }
    let now = ContinuousClock.now
    standing.withLock { standing in
      if standing.count >= Self.limit { standing = standing.filter { now < $0.value.until } }
      if standing.count >= Self.limit { standing = [:] }
      standing[Key(credential: digest, organization: organization)] = Standing(place: place, commit: commit, until: now + Self.term)
    }
  }
}

/// A place without its graph, which `AccessGraphs` keeps, and who asks there.
struct StandingPlace: Sendable {
  let organization: Organization
  let revision: Int64
  let mayAskAboutOthers: Bool
  /// By which the graph knows the one who asks.
  let ownPrincipal: String
}

extension Decisions {
  /// The answers to questions that need nothing but what is in memory; `nil` where one needs more, such as a name or the policy that forbids.
  func answersAtOnce(
    _ questions: [AccessQuestion], atLeast revision: Int64?, in reference: String, by caller: Caller
  ) -> (revision: Int64, answers: [AccessAnswer])? {
    guard let standing = plane.standingPlaces.find(for: caller, in: reference), revision.map({ $0 <= standing.revision }) ?? true else { return nil }
    let now = plane.world.clock()
    guard let graph = plane.graphs.graph(of: standing.organization.id.description, at: now), graph.revision == standing.revision else { return nil }
    var answers: [AccessAnswer] = []
    answers.reserveCapacity(questions.count)
    for question in questions {
      guard let answer = standing.answer(question, on: graph, at: now) else { return nil }
      answers.append(answer)
    }
    return (graph.revision, answers)
  }
}

extension StandingPlace {
  /// The same as `Work.answer`, for who and what are named by their ids.
  fileprivate func answer(_ question: AccessQuestion, on graph: AccessGraph, at now: Timestamp) -> AccessAnswer? {
    guard let principal = principal(question.principal), mayAskAboutOthers || principal == ownPrincipal, let target = target(question.resource, graph) else {
      return nil
    }
    if let halted = question.halted(in: organization) { return halted }
    let member = graph.member(principal)
    let context = graph.context(AccessValue.readable(question.context(at: now)))
    var outcome = graph.check(member, graph.verb(question.action), target, context, at: now).outcome
    if outcome == .lacking, !mayAskAboutOthers, !graph.check(member, graph.verb(.read), target, context, at: now).isAllowed { outcome = .hidden }
    // The policies that forbid are told by their names.
    if outcome == .forbidden { return nil }
    return AccessAnswer(outcome: AccessOutcome(outcome), grounds: [], sentence: question.sentence(outcome, [], toldToAll: mayAskAboutOthers))
  }

  private func principal(_ name: AccessQuestion.PrincipalName?) -> String? {
    switch name {
    case nil, .account("me")?: ownPrincipal
    case .account(let text)?: ID<Account>(text)?.description
    case .serviceAccount(let text)?: ID<ServiceAccount>(text)?.description
    }
  }

  private func target(_ thing: ThingName, _ graph: AccessGraph) -> AccessTarget? {
    var name = ""
    if let text = thing.id {
      let id = ID<Resource>(text)?.description
      if id == nil, ThingName.registered.contains(thing.type) { return nil }
      name = id ?? text
      if let known = graph.target(thing.type, name) { return known }
      if ThingName.registered.contains(thing.type) { return nil }
    }
    var outer: AccessTarget?
    if let parent = thing.parent {
      guard let id = ID<Resource>(parent.id), let found = graph.target(parent.type, id.description) else { return nil }
      outer = found
    }
    return graph.target(named: name, thing.type, in: outer, attributes: AccessValue.readable(thing.attributes), isOwn: thing.isOwn)
  }
}

extension Work {
  /// Lets the next questions of the same caller be answered from memory.
  func keep(_ place: DecisionPlace, as reference: String, since commit: Int) throws(Problem) {
    let standing = StandingPlace(
      organization: place.organization, revision: place.graph.revision, mayAskAboutOthers: place.mayAskAboutOthers, ownPrincipal: try ownPrincipalID())
    plane.standingPlaces.keep(standing, for: caller, in: reference, since: commit)
  }
}
