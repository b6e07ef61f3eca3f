/// An amount of credits: whole micro-credits (millionths) in 64 bits, never a fraction of binary digits.
///
/// It reaches as far below zero as above, so that every amount has an opposite. Sums that don't fit are `nil`, never wrapped and never a trap.
public struct Credits: Hashable, Sendable {
  /// Millionths of a credit; `Int64.min` is none.
  public let micro: Int64

  /// `nil` for `Int64.min`, which has no opposite.
  public init?(micro: Int64) {
    guard micro != .min else { return nil }
    self.micro = micro
  }

  /// The nearest amount there is, for figures that are only shown or compared.
  package init(clamping micro: Int128) { self.micro = Int64(clamping: max(micro, -Int128(Int64.max))) }

  public static let zero = Credits(clamping: 0)
  /// 9,223,372,036,854.775807 credits.
  public static let maximum = Credits(clamping: Int128(Int64.max))

  /// The sum, or `nil` when it is out of range.
  public func adding(_ other: Credits) -> Credits? {
    let (sum, overflow) = micro.addingReportingOverflow(other.micro)
    return overflow ? nil : Credits(micro: sum)
  }

  /// The difference, or `nil` when it is out of range.
  public func subtracting(_ other: Credits) -> Credits? { adding(-other) }

  public static prefix func - (amount: Credits) -> Credits { Credits(clamping: -Int128(amount.micro)) }
}

extension Credits: Comparable {
  /// Less is what lies further below.
  public static func < (a: Self, b: Self) -> Bool { a.micro < b.micro }
}

extension Credits: CustomStringConvertible {
  /// The shortest decimal that is exactly this amount: `12`, `12.5`, `-0.000001`.
  public var description: String {
    let (whole, fraction) = micro.magnitude.quotientAndRemainder(dividingBy: Self.perCredit)
    var text = micro < 0 ? "-\(whole)" : "\(whole)"
    guard fraction > 0 else { return text }
    // The seventh digit keeps the zeros in front, and makes room for the point.
    var digits = String(Self.perCredit + fraction).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    text += "."
    text += digits
    return text
  }
}

extension Credits {
  /// Reads what somebody pays or asks for: digits, and a point with at most 6 digits behind it if need be. Refuses signs, exponents, spaces, separators of
  /// thousands, more decimals, and what is out of range.
  public init(decimal text: some StringProtocol) throws(Rejection) { self = try Self.parse(Substring(text).utf8[...], isNegative: false) }

  /// Reads what may also lie below zero, such as a balance or a limit: the same with a `-` in front.
  public init(signedDecimal text: some StringProtocol) throws(Rejection) {
    let bytes = Substring(text).utf8
    let isNegative = bytes.first == UInt8(ascii: "-")
    self = try Self.parse(isNegative ? bytes.dropFirst() : bytes[...], isNegative: isNegative)
  }

  private static let perCredit: UInt64 = 1_000_000
  private static let decimals = 6
  /// With zeros in front that say nothing.
  private static let longest = 40
  private static let unreadable = Rejection("Write the amount as digits, with a point before the decimals: 12.5.")

  private static func parse(_ bytes: Substring.UTF8View, isNegative: Bool) throws(Rejection) -> Credits {
    guard bytes.count <= longest else { throw unreadable }
    var micro: UInt64 = 0
    var wholeDigits = 0
    // `nil` until the point.
    var fractionDigits: Int?
    for byte in bytes {
      if byte == UInt8(ascii: "."), wholeDigits > 0, fractionDigits == nil {
        fractionDigits = 0
        continue
      }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw unreadable }
      if let found = fractionDigits {
        guard found < decimals else { throw Rejection("Use at most \(decimals) decimals.") }
        fractionDigits = found + 1
      } else {
        wholeDigits += 1
      }
      micro = try shifted(micro, by: 10, adding: UInt64(byte - UInt8(ascii: "0")))
    }
    guard wholeDigits > 0, fractionDigits != 0 else { throw unreadable }
    for _ in (fractionDigits ?? 0)..<decimals { micro = try shifted(micro, by: 10, adding: 0) }
    return Credits(clamping: isNegative ? -Int128(micro) : Int128(micro))
  }

  private static func shifted(_ micro: UInt64, by factor: UInt64, adding digit: UInt64) throws(Rejection) -> UInt64 {
    let (product, overflow) = micro.multipliedReportingOverflow(by: factor)
    guard !overflow, product <= UInt64(Int64.max) - digit else { throw Rejection("Enter at most \(maximum) credits.") }
    return product + digit
  }
}
