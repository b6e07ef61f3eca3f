public import Kernel

/// How much was used: whole millionths of a unit in 64 bits, never a fraction of binary digits.
///
/// Below zero is what a correction takes back. Sums that don't fit are `nil`, never wrapped and never a trap.
public struct Quantity: Hashable, Sendable {
  /// Millionths of the unit.
  public let micro: Int64

  public init(micro: Int64) { self.micro = micro }

  public static let zero = Quantity(micro: 0)
  /// One unit.
  public static let one = Quantity(micro: perUnit)
  /// 9,223,372,036,854.775807 units.
  public static let maximum = Quantity(micro: .max)

  private static let perUnit: Int64 = 1_000_000
  private static let decimals = 6
  /// With zeros in front that say nothing.
  private static let longest = 40

  /// The sum, or `nil` when it is out of range.
  public func adding(_ other: Quantity) -> Quantity? {
    let (sum, overflow) = micro.addingReportingOverflow(other.micro)
    return overflow ? nil : Quantity(micro: sum)
  }

  /// The difference, or `nil` when it is out of range.
  public func subtracting(_ other: Quantity) -> Quantity? {
    let (difference, overflow) = micro.subtractingReportingOverflow(other.micro)
    return overflow ? nil : Quantity(micro: difference)
  }

  /// Reads what was used: digits, and a point with at most 6 digits behind it if need be. Refuses zero, signs, exponents, spaces, more decimals, and what is
  /// out of range.
  public init(decimal text: String) throws(Rejection) {
    let bytes = text.utf8Span.span
    guard bytes.count <= Self.longest else { throw Self.unreadable }
    var (micro, digits): (Int64, Int) = (0, 0)
    // `nil` until the point.
    var fraction: Int?
    for place in bytes.indices {
      let byte = bytes[place]
      if byte == UInt8(ascii: "."), digits > 0, fraction == nil {
        fraction = 0
        continue
      }
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { throw byte == UInt8(ascii: "-") ? Self.tooSmall : Self.unreadable }
      if let found = fraction {
        guard found < Self.decimals else { throw Rejection("Use at most \(Self.decimals) decimals, or a smaller unit.") }
        fraction = found + 1
      }
      digits += 1
      micro = try Self.shifted(micro, adding: Int64(byte - UInt8(ascii: "0")))
    }
    guard digits > 0, fraction != 0 else { throw Self.unreadable }
    for _ in (fraction ?? 0)..<Self.decimals { micro = try Self.shifted(micro, adding: 0) }
    guard micro > 0 else { throw Self.tooSmall }
    self.micro = micro
  }

  private static let unreadable = Rejection("Write the quantity as digits, with a point before the decimals: 12.5.")
  private static let tooSmall = Rejection("Give a quantity above zero; what was recorded by mistake is taken back by a correction.")

  private static func shifted(_ micro: Int64, adding digit: Int64) throws(Rejection) -> Int64 {
    let (product, overflow) = micro.multipliedReportingOverflow(by: 10)
    guard !overflow, product <= .max - digit else { throw Rejection("Give at most \(maximum), or take a larger unit.") }
    return product + digit
  }
}

extension Quantity: Comparable {
  /// Less is what lies further below.
  public static func < (a: Self, b: Self) -> Bool { a.micro < b.micro }
}

extension Quantity: CustomStringConvertible {
  /// The shortest decimal that is exactly this quantity: `12`, `0.5`, `-3`.
  public var description: String {
    let (whole, rest) = micro.magnitude.quotientAndRemainder(dividingBy: UInt64(Self.perUnit))
    var text = micro < 0 ? "-\(whole)" : "\(whole)"
    guard rest > 0 else { return text }
    // The seventh digit keeps the zeros in front, and makes room for the point.
    var digits = String(UInt64(Self.perUnit) + rest).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    text += "."
    text += digits
    return text
  }
}
