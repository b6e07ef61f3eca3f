public import ControlPlane
public import Kernel
import Synchronization

/// A mail server that is away now and then, takes a message and forgets to say so, and remembers what it took.
public final class FlakyMailer: Mailer {
  private struct State {
    var random: SplitMix
    var isFlaky = false
    var taken: [MailMessage] = []
  }

  private let state: Mutex<State>

  public init(seed: UInt64) { state = Mutex(State(random: SplitMix(seed: seed))) }

  /// Everything it took, in this order; one message may be there twice.
  public var taken: [MailMessage] { state.withLock { $0.taken } }

  /// Whether it fails at all.
  public func setFlaky(_ isFlaky: Bool) { state.withLock { $0.isFlaky = isFlaky } }

  public func send(_ message: MailMessage) async throws(Problem) {
    let problem = state.withLock { state -> Problem? in
      let luck = state.isFlaky ? state.random.next() % 10 : 9
      if luck == 0 || luck == 1 { return Problem(.mailUnavailable, "The simulated mail server is away.") }
      state.taken.append(message)
      return luck == 2 ? Problem(.mailUnavailable, "The simulated mail server took the message and fell silent.") : nil
    }
    if let problem { throw problem }
  }
}
