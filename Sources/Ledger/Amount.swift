public import Kernel

/// An amount that moves: more than nothing, so that no transfer can run backwards.
public struct Amount: Hashable, Sendable {
  public let credits: Credits

  var micro: Int64 { credits.micro }

  /// Refuses zero and less.
  public init(_ credits: Credits) throws(Rejection) {
    guard credits > .zero else { throw Rejection("Enter an amount above zero.") }
    self.credits = credits
  }

  /// The same from a row; `nil` for zero and less.
  public init?(micro: Int64) {
    guard micro > 0, let credits = Credits(micro: micro) else { return nil }
    self.credits = credits
  }

  /// The nearest amount there is.
  init(clamping micro: Int128) { credits = Credits(clamping: max(micro, 1)) }
}

extension Amount: Comparable {
  /// As the credits do.
  public static func < (a: Self, b: Self) -> Bool { a.credits < b.credits }
}

extension Amount: CustomStringConvertible {
  public var description: String { credits.description }
}
