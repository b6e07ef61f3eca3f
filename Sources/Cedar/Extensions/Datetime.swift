/// An instant, in milliseconds since 1970-01-01T00:00:00Z; before it negative.
public struct Datetime: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  static let day: Int64 = 86_400_000

  /// `2024-10-15`, `2024-10-15T11:35:00Z`, `2024-10-15T11:35:00.000Z`, or with an offset `+0200` in place of `Z`.
  ///
  /// No leap second, no hour 24; an offset is less than 24 hours.
  public init?(_ text: String) {
    var reader = Digits(Array(text.utf8))
    guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"), let day = reader.number(2),
      (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year)
    else { return nil }
    let days = Self.daysSinceEpoch(year, month, day)
    if reader.isAtEnd {
      self.init(milliseconds: days * Self.day)
      return
    }
    guard reader.take("T"), let hour = reader.number(2), reader.take(":"), let minute = reader.number(2), reader.take(":"), let second = reader.number(2),
      hour < 24, minute < 60, second < 60
    else { return nil }
    var fraction: Int64 = 0
    if reader.take(".") {
      guard let digits = reader.number(3) else { return nil }
      fraction = digits
    }
    var offset: Int64 = 0
    if !reader.take("Z") {
      let east = reader.take("+")
      guard east || reader.take("-"), let hours = reader.number(2), let minutes = reader.number(2), hours < 24, minutes < 60 else { return nil }
      offset = (hours * 60 + minutes) * (east ? 60_000 : -60_000)
    }
    guard reader.isAtEnd else { return nil }
    self.init(milliseconds: days * Self.day + (hour * 3600 + minute * 60 + second) * 1000 + fraction - offset)
  }

  /// This instant later by the duration, or nil where 64 bits don't hold it.
  public func offset(by duration: Duration) -> Datetime? {
    let (sum, overflow) = milliseconds.addingReportingOverflow(duration.milliseconds)
    return overflow ? nil : Datetime(milliseconds: sum)
  }

  /// The time from `other` to this instant, or nil where 64 bits don't hold it.
  public func since(_ other: Datetime) -> Duration? {
    let (difference, overflow) = milliseconds.subtractingReportingOverflow(other.milliseconds)
    return overflow ? nil : Duration(milliseconds: difference)
  }

  /// The start of its day in UTC, or nil where 64 bits don't hold it.
  public var date: Datetime? {
    let (start, overflow) = milliseconds.subtractingReportingOverflow(time.milliseconds)
    return overflow ? nil : Datetime(milliseconds: start)
  }

  /// The time since the start of its day in UTC.
  public var time: Duration {
    let remainder = milliseconds % Self.day
    return Duration(milliseconds: remainder < 0 ? remainder + Self.day : remainder)
  }

  public static func < (a: Datetime, b: Datetime) -> Bool { a.milliseconds < b.milliseconds }

  private static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  private static func days(in month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days from 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
  private static func daysSinceEpoch(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let m = (5 * dayOfYear + 2) / 153
    let month = m < 10 ? m + 3 : m - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * m + 2) / 5 + 1)
  }

  /// Whether ``init(_:)`` can read its own description: the year has four digits.
  var isWritable: Bool {
    guard let date else { return false }
    return (0...9999).contains(Self.civil(date.milliseconds / Self.day).year)
  }

  public var description: String {
    let time = time.milliseconds
    // The day of the least instants can't be represented as an instant, so its number is taken by rounding down.
    let day = milliseconds >= 0 ? milliseconds / Self.day : (milliseconds + 1) / Self.day - 1
    let (year, month, dayOfMonth) = Self.civil(day)
    let pad = { (value: Int64, width: Int) in
      let digits = String(value.magnitude)
      return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(dayOfMonth, 2))T\(pad(time / 3_600_000, 2)):\(pad(time / 60_000 % 60, 2)):\(pad(time / 1000 % 60, 2)).\(pad(time % 1000, 3))Z"
  }
}

/// A span of time in milliseconds; may be negative.
public struct Duration: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// `1d2h3m4s5ms`: each unit at most once, in this order, at least one; `-` before all of it if negative.
  public init?(_ text: String) {
    var reader = Digits(Array(text.utf8))
    let negative = reader.take("-")
    guard !reader.isAtEnd else { return nil }
    var total: Int64 = 0
    var last = -1
    while !reader.isAtEnd {
      guard let count = reader.count(negative: negative) else { return nil }
      let unit: Int
      if reader.take("d") { unit = 0 }
      else if reader.take("h") { unit = 1 }
      else if reader.take("ms") { unit = 4 }
      else if reader.take("m") { unit = 2 }
      else if reader.take("s") { unit = 3 }
      else { return nil }
      guard unit > last else { return nil }
      last = unit
      let (part, overflow) = count.multipliedReportingOverflow(by: Self.units[unit])
      let (sum, carry) = total.addingReportingOverflow(part)
      guard !overflow, !carry else { return nil }
      total = sum
    }
    milliseconds = total
  }

  private static let units: [Int64] = [86_400_000, 3_600_000, 60_000, 1000, 1]

  /// Whole units, rounded towards zero.
  public var seconds: Int64 { milliseconds / 1000 }
  public var minutes: Int64 { milliseconds / 60_000 }
  public var hours: Int64 { milliseconds / 3_600_000 }
  public var days: Int64 { milliseconds / 86_400_000 }

  public static func < (a: Duration, b: Duration) -> Bool { a.milliseconds < b.milliseconds }

  public var description: String {
    if milliseconds == 0 { return "0ms" }
    var rest = milliseconds.magnitude
    var result = milliseconds < 0 ? "-" : ""
    for (name, size) in zip(["d", "h", "m", "s", "ms"], Self.units) where rest >= size.magnitude {
      result += "\(rest / size.magnitude)\(name)"
      rest %= size.magnitude
    }
    return result
  }
}

/// Reads digits of fixed width from the front.
private struct Digits {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { index == bytes.count }

  mutating func take(_ text: StaticString) -> Bool {
    let expected = text.withUTF8Buffer { Array($0) }
    guard bytes[index...].starts(with: expected) else { return false }
    index += expected.count
    return true
  }

  mutating func number(_ width: Int) -> Int64? {
    guard index + width <= bytes.count, bytes[index..<index + width].allSatisfy(\.isDigit) else { return nil }
    defer { index += width }
    return bytes[index..<index + width].reduce(0) { $0 * 10 + Int64($1 - 48) }
  }

  /// A number of any width, with the sign of the whole; nil on overflow.
  mutating func count(negative: Bool) -> Int64? {
    let start = index
    var value: Int64 = 0
    while index < bytes.count, bytes[index].isDigit {
      let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(bytes[index] - 48)
      let (sum, carry) = negative ? scaled.subtractingReportingOverflow(digit) : scaled.addingReportingOverflow(digit)
      guard !overflow, !carry else { return nil }
      value = sum
      index += 1
    }
    return index > start ? value : nil
  }
}
