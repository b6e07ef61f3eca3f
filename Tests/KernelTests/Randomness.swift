import Kernel

/// Random texts and numbers from a seed, so that a failure can be run again.
struct Randomness {
  private var source: SplitMix

  init(seed: UInt64) { source = SplitMix(seed: seed) }

  mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &source) }
  mutating func number(in range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &source) }
  mutating func word() -> UInt64 { source.next() }
  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &source) } }

  /// A text of the letters, of any length up to `longest`.
  mutating func text(of letters: [Character], upTo longest: Int) -> String {
    String((0..<number(below: longest + 1)).map { _ in letters[number(below: letters.count)] })
  }
}

/// How long something took.
func elapsed(_ work: () throws -> Void) rethrows -> Duration { try ContinuousClock().measure(work) }
