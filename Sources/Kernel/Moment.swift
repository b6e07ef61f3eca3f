/// All that a unit of work may know of the outer world, frozen for as long as it runs: one instant, and a source of random numbers.
///
/// In the product the numbers come from the operating system's secure generator; in a simulation from a seed.
public struct Moment: Sendable {
  public let now: Timestamp
  private let draw: @Sendable () -> UInt64

  public init(now: Timestamp, draw: @escaping @Sendable () -> UInt64) {
    self.now = now
    self.draw = draw
  }

  public func newID<Noun>(_: Noun.Type = Noun.self) -> ID<Noun> {
    ID(high: UInt64(bitPattern: now.milliseconds) << 16 | 0x7000 | draw() & 0xFFF, low: draw() >> 2 | 1 << 63)
  }

  /// `count` random bytes.
  public func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 7)
    while bytes.count < count { withUnsafeBytes(of: draw().bigEndian) { bytes.append(contentsOf: $0) } }
    return Array(bytes.prefix(count))
  }
}

/// A fast generator with a seed, for simulations and tests only (S. Vigna, SplitMix64).
public struct SplitMix: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
