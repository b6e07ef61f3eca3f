import Authorization
import Client
import Contract
import Kernel
import Synchronization

/// Reads all facts, then what changes, for as long as it runs; whoever asks takes what is known at the moment.
final class Follower: Sendable {
  fileprivate struct State {
    var known: KnownFacts?
    var heardAt: ContinuousClock.Instant?
    /// What went wrong last.
    var problem: Problem?
    /// What the server refuses, so that nothing is decided.
    var refusal: Problem?
    var isRunning = false
    var hasEnded = false
    var waiting: [Int: (revision: Int64, continuation: CheckedContinuation<Void, Never>)] = [:]
    var count = 0
  }

  private let options: DecisionOptions
  private let client: GuildhallClient
  private let organization: String
  private let state = Mutex(State())

  init(_ client: GuildhallClient, organization: String, _ options: DecisionOptions) {
    var client = client
    client.patience = options.patience
    client.agent = "guildhall-decisions"
    (self.client, self.organization, self.options) = (client, organization, options)
  }

  // MARK: What is known

  func snapshot() throws(Problem) -> DecisionSnapshot {
    let now = ContinuousClock.now
    let result = state.withLock { state -> Result<KnownFacts, Problem> in
      if let refusal = state.refusal { return .failure(refusal) }
      guard !state.hasEnded else { return .failure(Problem(.decisionsEnded, "Nobody follows \(organization) any more.")) }
      guard let known = state.known, let heardAt = state.heardAt else {
        return .failure(state.problem ?? Problem(.decisionsNotReady, "The facts of \(organization) are being read. Ask again in a moment."))
      }
      guard now - heardAt <= options.staleness else {
        let reason = state.problem.map { " \($0.detail)" } ?? ""
        return .failure(
          Problem(
            .decisionsOutOfTouch, "\(client.server.name) has said nothing for \((now - heardAt).wholeSeconds) seconds, so nothing is decided.\(reason)",
            cause: state.problem))
      }
      return .success(known)
    }
    return DecisionSnapshot(facts: try result.get(), clock: options.clock)
  }

  var status: DecisionStatus {
    let now = ContinuousClock.now
    return state.withLock { state in
      let stage: DecisionStatus.Stage =
        state.hasEnded ? .ended : state.refusal != nil ? .refused : state.known == nil ? .loading : state.problem != nil ? .reconnecting : .following
      let graph = state.known?.graph
      return DecisionStatus(
        stage: stage, revision: graph?.revision, silence: state.heardAt.map { now - $0 }, problem: state.refusal ?? state.problem,
        members: graph?.memberCount ?? 0, resources: graph?.resourceCount ?? 0, bytes: graph?.bytes ?? 0)
    }
  }

  private func publish(_ known: KnownFacts) {
    let heardAt = ContinuousClock.now
    let done = state.withLock { state in
      // The former is let go outside of the lock, where its pages are freed.
      defer { (state.known, state.heardAt, state.problem, state.refusal) = (known, heardAt, nil, nil) }
      return (state.known, state.take { $0 <= known.revision })
    }
    for continuation in done.1 { continuation.resume() }
  }

  private func note(_ problem: Problem, refuses: Bool) {
    // Who waits for a revision is told.
    let done = state.withLock { state in
      state.problem = problem
      if refuses { state.refusal = problem }
      return refuses ? state.take { _ in true } : []
    }
    for continuation in done { continuation.resume() }
  }

  /// Comes back when the revision is here, when nothing is decided any more, or when the task is cancelled.
  func wait(for revision: Int64) async {
    let number = state.withLock { state in
      state.count += 1
      return state.count
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isWaiting = state.withLock { state in
          guard !state.hasEnded, state.refusal == nil, !Task.isCancelled, state.known.map({ $0.revision < revision }) ?? true else { return false }
          state.waiting[number] = (revision, continuation)
          return true
        }
        if !isWaiting { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: number) }?.continuation.resume()
    }
  }

  // MARK: Following

  /// Follows until the task is cancelled, or the token isn't valid any more.
  func run() async throws(Problem) {
    let isFirst = state.withLock { state in
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard isFirst else { throw Problem(.decisionsEnded, "These decisions are followed already, or were.") }
    defer { end() }
    var pause = options.firstPause
    var needsAll = state.withLock { $0.known == nil }
    while !Task.isCancelled {
      do throws(Problem) {
        if needsAll { try await load() }
        needsAll = false
        try await follow()
        pause = options.firstPause
      } catch {
        if Task.isCancelled { return }
        if error.kind == .unauthenticated {
          note(error, refuses: true)
          throw error
        }
        if error.code.name == Problem.Code.accessFactGap.name { needsAll = true }
        let refuses = error.kind == .forbidden || error.kind == .missing || error.kind == .moved
        note(error, refuses: refuses)
        let rest = refuses ? options.longestPause : max(pause, min(error.retryAfter ?? .zero, options.longestPause))
        // Many who lost the same server don't come back all at once.
        try? await Task.sleep(for: rest * Double.random(in: 0.75...1))
        pause = min(pause * 2, options.longestPause)
      }
    }
  }

  private func end() {
    let done = state.withLock { state in
      state.hasEnded = true
      return state.take { _ in true }
    }
    for continuation in done { continuation.resume() }
  }

  /// Reads all facts, a page at a time, and what has changed meanwhile. What is known stands until then.
  func load() async throws(Problem) {
    var page = try await page(nil)
    let first = Int64(page.revision)
    var known = KnownFacts(organization: page.organization)
    var waiting = try known.take(page.facts, beside: [])
    while let cursor = page.nextCursor {
      try interrupt()
      page = try await self.page(cursor)
      waiting = try known.take(page.facts, beside: waiting)
    }
    // What came before what it speaks of.
    var left = Int.max
    while !waiting.isEmpty, waiting.count < left {
      left = waiting.count
      waiting = try known.take([], beside: waiting)
    }
    try known.settle(at: first)
    publish(try await caughtUp(known, wait: nil))
  }

  /// Waits for the next change; none in the time is a word, too.
  private func follow() async throws(Problem) {
    guard let known = state.withLock({ $0.known }) else { return }
    let began = ContinuousClock.now
    let next = try await caughtUp(known, wait: max(1, min(Int(options.wait.wholeSeconds), 30)))
    publish(next)
    // A server that stops answers at once.
    if next.revision == known.revision, ContinuousClock.now - began < .milliseconds(200) { try? await Task.sleep(for: .milliseconds(200)) }
  }

  private func caughtUp(_ known: KnownFacts, wait: Int?) async throws(Problem) -> KnownFacts {
    var (known, client) = (known, client)
    if let wait { client.patience = .seconds(wait) + options.patience }
    let changes = try await client.call(
      API.AccessFacts.follow, path: Wire.InOrganization(organization: known.graph.organization),
      query: Wire.AccessFactRange(after: Int(known.revision), wait: wait))
    if changes.revision != Int(known.revision) || !changes.facts.isEmpty { try known.follow(changes) }
    return known
  }

  private func page(_ cursor: String?) async throws(Problem) -> Wire.AccessFactPage {
    try await client.call(API.AccessFacts.list, path: Wire.InOrganization(organization: organization), query: Wire.AccessFactQuery(cursor: cursor))
  }

  private func interrupt() throws(Problem) {
    if Task.isCancelled { throw Problem(.interrupted, "Interrupted.") }
  }
}

extension Follower.State {
  /// Those whose revision is such, who wait no longer.
  fileprivate mutating func take(_ isDone: (Int64) -> Bool) -> [CheckedContinuation<Void, Never>] {
    let done = waiting.filter { isDone($0.value.revision) }
    for number in done.keys { waiting[number] = nil }
    return done.values.map(\.continuation)
  }
}
