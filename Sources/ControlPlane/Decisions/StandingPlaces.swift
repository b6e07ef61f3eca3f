import Authorization
import Kernel
import Secrets
import Synchronization

/// Counts what this process commits, so that what was found before isn't taken for what is now.
final class CommitCount: Sendable {
  private let count = Atomic<Int>(0)

  /// To be read before anything is looked up that is kept.
  var now: Int { count.load(ordering: .acquiring) }

  /// What was found before may not be so any more.
  func note() { count.wrappingAdd(1, ordering: .releasing) }
}

/// Where questions were answered a moment ago, and for whom: the next ones there are answered from memory, without a transaction.
///
/// What was found stands until anything is committed by this process, and for `term` at the longest: what other servers commit is in force here by then
/// (within 50 ms), and what this one commits is for the next request. After half of the term one of those who ask looks anew, while the others go on with
/// what stands: so that not all of them take a transaction at once whenever it ends.
final class StandingPlaces<Place: Sendable>: Sendable {
  private struct Key: Hashable {
    let credential: SHA256Digest
    /// As it was named.
    let name: String
  }

  private struct Standing {
    let place: Place
    let commit: Int
    let until: ContinuousClock.Instant
    /// Whether somebody is looking anew.
    var isBeingRenewed = false
  }

  private let commits: CommitCount
  private let standing = Mutex<[Key: Standing]>([:])

  init(_ commits: CommitCount) { self.commits = commits }

  /// `name`: the organization by id or by slug, as it is asked; empty where the credential alone says what it is about.
  func find(for caller: Caller, in name: String = "") -> Place? {
    guard let digest = caller.credential.digest else { return nil }
    let key = Key(credential: digest, name: name)
    return standing.withLock { standing in
      guard let found = standing[key], found.commit == commits.now else { return nil }
      let left = found.until - .now
      guard left > .zero else { return nil }
      if left < StandingTerm.length / 2, !found.isBeingRenewed {
        standing[key]?.isBeingRenewed = true
        return nil
      }
      return found.place
    }
  }

  /// `commit`: how many there were before it was looked up.
  func keep(_ place: Place, for caller: Caller, in name: String = "", since commit: Int) {
    guard let digest = caller.credential.digest, commit == commits.now else { return }
    let now = ContinuousClock.now
    standing.withLock { standing in
      if standing.count >= StandingTerm.limit { standing = standing.filter { now < $0.value.until } }
      if standing.count >= StandingTerm.limit { standing = [:] }
      standing[Key(credential: digest, name: name)] = Standing(place: place, commit: commit, until: now + StandingTerm.length)
    }
  }
}

enum StandingTerm {
  /// How long what was found stands.
  static let length = Duration.milliseconds(25)
  /// How many places are kept at once.
  static let limit = 4096
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
    guard let principal = principal(question.principal), mayAskAboutOthers || principal == ownPrincipal, let target = graph.target(named: question.resource)
    else { return nil }
    if let halted = question.halted(in: organization) { return halted }
    let outcome = graph.weigh(question, for: principal, target, explains: false, toldToAll: mayAskAboutOthers, at: now).outcome
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
}

extension AccessGraph {
  /// A thing that is named by ids alone; `nil` where it isn't, and where there is no such thing.
  func target(named thing: ThingName) -> AccessTarget? {
    // What is named otherwise has to be looked up.
    (try? target(thing, naming: ThingName.id)) ?? nil
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
