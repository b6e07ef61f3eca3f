import Kernel
import Synchronization

/// A few lanes (connections, or one writer) that serve units of work first come, first served. What waits is bounded in number and in patience,
/// so that a slow database is answered by `.unavailable`, never by a hang.
///
/// It starts no thread and reads no clock: its driver brings both.
public final class Lanes: Sendable {
  /// How much is done and awaited at once.
  public struct Limits: Sendable {
    /// How many lanes there are.
    public let lanes: Int
    /// How many units a lane is given at once.
    public let batch: Int
    /// How many units may wait at most.
    public let waiting: Int
    /// How long a unit waits for its turn at most.
    public let patience: Duration

    public init(lanes: Int, batch: Int = 1, waiting: Int, patience: Duration) {
      (self.lanes, self.batch, self.waiting, self.patience) = (lanes, batch, waiting, patience)
    }
  }

  /// What a driver lends: threads and time.
  public struct Host: Sendable {
    public let now: @Sendable () -> ContinuousClock.Instant
    /// Does something soon, on the thread of a lane.
    public let start: @Sendable (_ lane: Int, _ work: @escaping @Sendable () -> Void) -> Void
    /// Does something later, on any thread.
    public let after: @Sendable (Duration, _ work: @escaping @Sendable () -> Void) -> Void

    public init(
      now: @escaping @Sendable () -> ContinuousClock.Instant,
      start: @escaping @Sendable (_ lane: Int, _ work: @escaping @Sendable () -> Void) -> Void,
      after: @escaping @Sendable (Duration, _ work: @escaping @Sendable () -> Void) -> Void
    ) {
      (self.now, self.start, self.after) = (now, start, after)
    }
  }

  private struct Waiting {
    let unit: UnitOfWork
    let since: ContinuousClock.Instant
  }

  private struct State {
    var waiting: [Waiting] = []
    /// Where the line begins in `waiting`; what is before it has been served.
    var first = 0
    var idle: [Int]
    var isWatched = false
    var whenQuiet: [@Sendable () -> Void]?

    var line: ArraySlice<Waiting> { waiting[first...] }

    /// A copy: a slice would share the line's storage, and the next to come would have to copy all of it.
    mutating func take(_ count: Int) -> [UnitOfWork] {
      let taken = line.prefix(count).map(\.unit)
      first += taken.count
      if first == waiting.count {
        waiting.removeAll(keepingCapacity: waiting.count <= 1024)
        first = 0
      } else if first > 1024 {
        waiting.removeFirst(first)
        first = 0
      }
      return taken
    }
  }

  private let limits: Limits
  private let host: Host
  private let serve: @Sendable (_ lane: Int, [UnitOfWork]) -> Void
  private let state: Mutex<State>

  /// `serve` runs on the lane's thread and must answer each unit it is given.
  public init(_ limits: Limits, on host: Host, serve: @escaping @Sendable (_ lane: Int, [UnitOfWork]) -> Void) {
    self.limits = limits
    self.host = host
    self.serve = serve
    state = Mutex(State(idle: Array((0..<limits.lanes).reversed())))
  }

  /// Takes a unit of work to be served, or refuses it as `.unavailable` when the line is full or closed.
  public func submit(_ unit: UnitOfWork) {
    enum Step { case start(Int), watch, nothing, refuse(String) }
    let now = host.now()
    let step: Step = state.withLock { state in
      guard state.whenQuiet == nil else { return .refuse("The database is being closed.") }
      guard state.line.count < limits.waiting else { return .refuse("The database is too busy right now; try again in a moment.") }
      state.waiting.append(Waiting(unit: unit, since: now))
      if let lane = state.idle.popLast() { return .start(lane) }
      if state.isWatched { return .nothing }
      state.isWatched = true
      return .watch
    }
    switch step {
    case .start(let lane): host.start(lane) { self.work(lane) }
    case .watch: host.after(limits.patience) { self.refuseOverdue() }
    case .nothing: break
    case .refuse(let reason): unit.refuse(Problem(.unavailable, reason, retryAfter: .seconds(1)))
    }
  }

  /// Takes no more work, and returns when all that was taken is answered.
  public func close() async {
    await withCheckedContinuation { continuation in
      let isQuiet = state.withLock { state in
        if state.idle.count == limits.lanes, state.line.isEmpty {
          state.whenQuiet = state.whenQuiet ?? []
          return true
        }
        state.whenQuiet = (state.whenQuiet ?? []) + [{ continuation.resume() }]
        return false
      }
      if isQuiet { continuation.resume() }
    }
  }

  private func work(_ lane: Int) {
    while true {
      let (batch, whenQuiet) = state.withLock { state -> ([UnitOfWork], [@Sendable () -> Void]) in
        let batch = state.take(limits.batch)
        guard batch.isEmpty else { return (batch, []) }
        state.idle.append(lane)
        guard state.idle.count == limits.lanes, let told = state.whenQuiet else { return ([], []) }
        state.whenQuiet = []
        return ([], told)
      }
      for tell in whenQuiet { tell() }
      if batch.isEmpty { return }
      serve(lane, batch)
    }
  }

  private func refuseOverdue() {
    let now = host.now()
    let (overdue, next) = state.withLock { state -> ([UnitOfWork], Duration?) in
      let taken = state.take(state.line.prefix { now - $0.since >= limits.patience }.count)
      guard let first = state.line.first else {
        state.isWatched = false
        return (taken, nil)
      }
      return (taken, limits.patience - (now - first.since))
    }
    for unit in overdue {
      unit.refuse(Problem(.unavailable, "The database is too busy right now; try again in a moment.", retryAfter: .seconds(1)))
    }
    if let next { host.after(next) { self.refuseOverdue() } }
  }
}
