/// An identifier of one noun that can't be confused with another noun's: a UUID version 7 (RFC 9562), so that ids sort by the time they were made.
public struct ID<Noun>: Hashable, Sendable {
  let high: UInt64
  let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Its sixteen bytes, for tables that hold many.
  package var words: (high: UInt64, low: UInt64) { (high, low) }

  /// Reads the canonical form, 36 characters in either case; `nil` for anything else.
  public init?(_ text: some StringProtocol) { self.init(String(text)) }

  /// The same for a whole string, which most rows and addresses hold: hyphens at four places, digits at all others.
  public init?(_ text: String) {
    let utf8 = text.utf8Span.span
    guard utf8.count == 36 else { return nil }
    var (high, low): (UInt64, UInt64) = (0, 0)
    for place in 0..<36 {
      let byte = utf8[place]
      if place == 8 || place == 13 || place == 18 || place == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
      } else {
        guard let digit = Hex.value(of: byte) else { return nil }
        if place < 18 { high = high << 4 | UInt64(digit) } else { low = low << 4 | UInt64(digit) }
      }
    }
    self.init(high: high, low: low)
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
      write { buffer[$0] = $1 }
      return 36
    }
  }

  /// The canonical form, behind what is there.
  package func append(to bytes: inout [UInt8]) {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 36) { buffer in
      write { buffer.initializeElement(at: $0, to: $1) }
      bytes.append(contentsOf: buffer)
    }
  }

  @inline(__always) private func write(_ put: (Int, UInt8) -> Void) {
    var place = 0
    for word in [high, low] {
      for nibble in 0..<16 {
        if place == 8 || place == 13 || place == 18 || place == 23 {
          put(place, UInt8(ascii: "-"))
          place += 1
        }
        put(place, Hex.digit(UInt8(truncatingIfNeeded: word >> UInt64(60 - nibble * 4) & 0xF)))
        place += 1
      }
    }
  }
}

extension ID {
  /// The nil UUID (RFC 9562 §5.9), which nothing has.
  public static var nothing: Self { ID(high: 0, low: 0) }
}
