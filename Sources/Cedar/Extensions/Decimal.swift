/// A number with four digits after the point, kept as a 64-bit count of ten-thousandths.
///
/// From -922337203685477.5808 to 922337203685477.5807.
public struct Decimal: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Ten-thousandths.
  public let units: Int64

  public init(units: Int64) { self.units = units }

  /// Digits, a point, one to four digits, with `-` before it if negative.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    var index = bytes.first == UInt8(ascii: "-") ? 1 : 0
    let negative = index == 1
    guard let point = bytes.firstIndex(of: UInt8(ascii: ".")), point > index else { return nil }
    let fraction = bytes.count - point - 1
    guard (1...4).contains(fraction) else { return nil }
    var units: Int64 = 0

    func append(_ digit: Int64) -> Bool {
      let (scaled, overflow) = units.multipliedReportingOverflow(by: 10)
      let (sum, carry) = negative ? scaled.subtractingReportingOverflow(digit) : scaled.addingReportingOverflow(digit)
      units = sum
      return !overflow && !carry
    }

    while index < bytes.count {
      defer { index += 1 }
      if index == point { continue }
      guard bytes[index].isDigit, append(Int64(bytes[index] - 48)) else { return nil }
    }
    for _ in fraction..<4 where !append(0) { return nil }
    self.units = units
  }

  public static func < (a: Decimal, b: Decimal) -> Bool { a.units < b.units }

  /// The shortest text that reads back as this number, with at least one digit after the point.
  public var description: String {
    let magnitude = units.magnitude
    var fraction = String(magnitude % 10_000)
    fraction = String(repeating: "0", count: 4 - fraction.count) + fraction
    while fraction.count > 1, fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(units < 0 ? "-" : "")\(magnitude / 10_000).\(fraction)"
  }
}
