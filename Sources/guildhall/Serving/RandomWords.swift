import Foundation
import Synchronization

/// Random numbers of the system's generator (getentropy(3)), asked for 32 at a time: each request has two for its name, and a system call for each is a
/// thirtieth of a short answer.
///
/// What was given out isn't kept.
final class RandomWords: Sendable {
  private let words = Mutex<[UInt64]>([])

  func next() -> UInt64 {
    words.withLock { words in
      if words.isEmpty { words = Self.fresh() }
      return words.removeLast()
    }
  }

  private static func fresh() -> [UInt64] {
    var words = [UInt64](repeating: 0, count: 32)
    let isFilled = words.withUnsafeMutableBytes { getentropy($0.baseAddress, $0.count) } == 0
    guard isFilled else {
      var generator = SystemRandomNumberGenerator()
      return words.map { _ in generator.next() }
    }
    return words
  }
}
