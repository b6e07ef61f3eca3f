/// An identifier of one noun that can't be confused with another noun's: a UUID version 7 (RFC 9562), so that ids sort by the time they were made.
public struct ID<Noun>: Hashable, Sendable {
  let high: UInt64
  let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads the canonical form, 36 characters in either case; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    var digits: (UInt64, UInt64) = (0, 0)
    var count = 0
    for (place, byte) in text.utf8.enumerated() {
      if place == 8 || place == 13 || place == 18 || place == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard count < 32, let digit = Hex.value(of: byte) else { return nil }
      if count < 16 { digits.0 = digits.0 << 4 | UInt64(digit) } else { digits.1 = digits.1 << 4 | UInt64(digit) }
      count += 1
    }
    guard count == 32 else { return nil }
    self.init(high: digits.0, low: digits.1)
  }

  /// The same identifier under another noun's name, for nouns that share one identity (a person is a principal).
  public func cast<Other>(to: Other.Type = Other.self) -> ID<Other> { ID<Other>(high: high, low: low) }
}

extension ID: Comparable {
  public static func < (a: Self, b: Self) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

extension ID: CustomStringConvertible {
  /// The canonical form: 36 characters, lower case. Texts sort as the ids do.
  public var description: String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      var place = 0
      for word in [high, low] {
        for nibble in 0..<16 {
          if place == 8 || place == 13 || place == 18 || place == 23 {
            buffer[place] = UInt8(ascii: "-")
            place += 1
          }
          buffer[place] = Hex.digit(UInt8(truncatingIfNeeded: word >> UInt64(60 - nibble * 4) & 0xF))
          place += 1
        }
      }
      return 36
    }
  }
}

extension ID {
  /// The nil UUID (RFC 9562 §5.9), which nothing has.
  public static var nothing: Self { ID(high: 0, low: 0) }
}
