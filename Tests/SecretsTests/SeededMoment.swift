import Kernel
import Synchronization

/// A moment whose random numbers come from a seed.
func seededMoment(_ seed: UInt64 = 1) -> Moment {
  let generator = Generator(seed: seed)
  return Moment(now: Timestamp(milliseconds: 1_700_000_000_000)) { generator.next() }
}

private final class Generator: Sendable {
  private let state: Mutex<SplitMix>
  init(seed: UInt64) { state = Mutex(SplitMix(seed: seed)) }
  func next() -> UInt64 { state.withLock { $0.next() } }
}
