public import ControlPlane
public import Kernel
import Logging
import Secrets
import Synchronization

/// Time that passes only when it is told to.
public final class SimulatedClock: Sendable {
  private let instant: Mutex<Timestamp>

  public init(startingAt start: Timestamp = Timestamp(milliseconds: 1_800_000_000_000)) { instant = Mutex(start) }

  public var now: Timestamp { instant.withLock { $0 } }

  public func advance(by span: Duration) { instant.withLock { $0 = $0 + span } }
}

/// Random numbers from a seed, one after the other, for whoever asks.
public final class SeededNumbers: Sendable {
  private let source: Mutex<SplitMix>

  public init(seed: UInt64) { source = Mutex(SplitMix(seed: seed)) }

  public func next() -> UInt64 { source.withLock { $0.next() } }
}

extension World {
  /// A world in which a seed decides everything: passwords cost next to nothing and are checked on the caller's thread.
  public static func simulated(clock: SimulatedClock, numbers: SeededNumbers, mailer: (any Mailer)?) -> World {
    let keys = KeyRing(SecretKey.mint(Moment(now: clock.now) { numbers.next() }))
    return World(
      clock: { clock.now }, draw: { numbers.next() }, passwords: .inline, mailer: mailer, keys: keys, log: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
  }
}
