import Kernel
import Synchronization

/// Those who wait for an organization's facts to change. One look serves all of them, however many there are.
final class AccessFactWatch: Sendable {
  /// Who comes beyond is answered at once.
  private static let limit = 10_000

  private struct Waiting {
    let organization: String
    let revision: Int64
    let end: Timestamp
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var waiting: [Int: Waiting] = [:]
    var count = 0
    /// Of who looks; nobody waits where nobody does.
    var news: AsyncStream<Void>.Continuation?
    var arrivals: AsyncStream<Void>.Continuation?
  }

  private let state = Mutex(State())

  /// Signals for who looks from now on: there may be something new, and somebody has come to wait.
  func open() -> (news: AsyncStream<Void>, arrivals: AsyncStream<Void>) {
    let (news, arrivals) = (
      AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1)), AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    )
    state.withLock { ($0.news, $0.arrivals) = (news.continuation, arrivals.continuation) }
    return (news.stream, arrivals.stream)
  }

  func close() {
    let all = state.withLock { state in
      defer { (state.waiting, state.news, state.arrivals) = ([:], nil, nil) }
      return Array(state.waiting.values)
    }
    for waiting in all { waiting.continuation.resume(returning: false) }
  }

  var isWaited: Bool { state.withLock { !$0.waiting.isEmpty } }
  var organizations: Set<String> { state.withLock { Set($0.waiting.values.map(\.organization)) } }

  /// Something was committed in this process.
  func noteCommit() { state.withLock { $0.waiting.isEmpty ? nil : $0.news }?.yield() }

  /// Whether there is something new; false at the end of the time, where nobody looks, and when the one who asked has gone.
  func wait(for organization: String, behind revision: Int64, until end: Timestamp) async -> Bool {
    let number = state.withLock { state in
      state.count += 1
      return state.count
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let listeners = state.withLock { state -> (news: AsyncStream<Void>.Continuation, arrivals: AsyncStream<Void>.Continuation)? in
          guard let news = state.news, let arrivals = state.arrivals, state.waiting.count < Self.limit, !Task.isCancelled else { return nil }
          state.waiting[number] = Waiting(organization: organization, revision: revision, end: end, continuation: continuation)
          return (news, arrivals)
        }
        // What was committed since the facts were read has rung before anybody waited.
        listeners?.news.yield()
        listeners?.arrivals.yield()
        if listeners == nil { continuation.resume(returning: false) }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: number) }?.continuation.resume(returning: false)
    }
  }

  /// `heads`: how far the organizations are that are waited for, where that is known.
  func note(_ heads: [String: Int64], at now: Timestamp) {
    let done = state.withLock { state in
      var done: [(CheckedContinuation<Bool, Never>, Bool)] = []
      for (number, waiting) in state.waiting {
        let isNew = heads[waiting.organization].map { $0 != waiting.revision } ?? false
        guard isNew || now >= waiting.end else { continue }
        done.append((waiting.continuation, isNew))
        state.waiting[number] = nil
      }
      return done
    }
    for (continuation, isNew) in done { continuation.resume(returning: isNew) }
  }
}
