import Client
import Kernel
import Synchronization

/// Says what is waited for, once it takes longer than two seconds.
final class Progress: Sendable {
  private struct State {
    /// Since when requests have followed one another without a person being asked between them.
    var begin: ContinuousClock.Instant?
    var isWaiting = false
    var note: String?
  }

  private let state = Mutex(State())
  private let terminal: any Terminal
  private let isQuiet: Bool

  static let patience = Duration.seconds(2)

  init(_ terminal: any Terminal, isQuiet: Bool) {
    self.terminal = terminal
    self.isQuiet = isQuiet
  }

  /// What to say of work that takes many requests, with a number: `12,000 of 80,000 events`.
  func note(_ text: String) { state.withLock { $0.note = text } }

  /// A person is asked, which takes as long as it takes.
  func pause() {
    state.withLock { $0 = State() }
    terminal.showProgress(nil)
  }

  /// Runs `work`, looking at the clock beside it.
  func watching<Result: Sendable>(_ work: () async throws(Problem) -> Result) async throws(Problem) -> Result {
    guard !isQuiet else { return try await work() }
    let ticker = Task { [self] in
      while true {
        try await Task.sleep(for: .milliseconds(250))
        if let line = line() { terminal.showProgress(line) }
      }
    }
    defer {
      ticker.cancel()
      terminal.showProgress(nil)
    }
    return try await work()
  }

  fileprivate func begin() {
    state.withLock { state in
      state.begin = state.begin ?? .now
      state.isWaiting = true
    }
  }

  fileprivate func end() { state.withLock { $0.isWaiting = false } }

  private func line() -> String? {
    state.withLock { state in
      guard state.isWaiting, let begin = state.begin else { return nil }
      let elapsed = ContinuousClock.now - begin
      guard elapsed >= Self.patience else { return nil }
      return "\(state.note ?? "Waiting for the server") … \(elapsed.inWords)"
    }
  }
}

/// A transport that lets `Progress` know when it is waited for.
struct WatchedTransport: Transport {
  let base: any Transport
  let progress: Progress

  func send(_ request: TransportRequest) async throws(TransportFailure) -> TransportAnswer {
    progress.begin()
    defer { progress.end() }
    return try await base.send(request)
  }
}
