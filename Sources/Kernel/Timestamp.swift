/// An instant: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Timestamp: Hashable, Sendable, Comparable {
  public let milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// The first instant that RFC 3339 can write: the beginning of the year 0.
  public static let distantPast = Timestamp(milliseconds: -62_167_219_200_000)

  /// The last instant that RFC 3339 can write: the end of the year 9999.
  public static let distantFuture = Timestamp(milliseconds: 253_402_300_799_999)

  public static func < (a: Self, b: Self) -> Bool { a.milliseconds < b.milliseconds }
  public static func + (instant: Self, span: Duration) -> Self { Timestamp(milliseconds: instant.milliseconds + span.milliseconds) }
  public static func - (instant: Self, span: Duration) -> Self { Timestamp(milliseconds: instant.milliseconds - span.milliseconds) }
  public static func - (later: Self, earlier: Self) -> Duration { .milliseconds(later.milliseconds - earlier.milliseconds) }
}

extension Duration {
  /// Whole milliseconds, rounded towards zero.
  public var milliseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1000 + attoseconds / 1_000_000_000_000_000
  }

  /// Whole seconds, rounded towards zero.
  public var wholeSeconds: Int64 { components.seconds }
  public var wholeDays: Int64 { components.seconds / 86_400 }

  public static func minutes(_ count: Int) -> Duration { .seconds(count * 60) }
  public static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }
  public static func days(_ count: Int) -> Duration { .seconds(count * 86400) }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with milliseconds: `2026-11-21T04:55:39.120Z`.
  public var description: String {
    let days = milliseconds.floorDivided(by: 86_400_000)
    let rest = milliseconds - days * 86_400_000
    let (year, month, day) = Calendar.civil(fromDays: days)
    // Most answers hold several, so they are written digit by digit.
    var text: [UInt8] = []
    text.reserveCapacity(24)
    text.append(year, width: 4, before: "-")
    text.append(month, width: 2, before: "-")
    text.append(day, width: 2, before: "T")
    text.append(rest / 3_600_000, width: 2, before: ":")
    text.append(rest / 60_000 % 60, width: 2, before: ":")
    text.append(rest / 1000 % 60, width: 2, before: ".")
    text.append(rest % 1000, width: 3, before: "Z")
    return String(decoding: text, as: UTF8.self)
  }

  /// As HTTP writes it (RFC 9110 §5.6.7): `Sat, 21 Nov 2026 04:55:39 GMT`.
  public var httpDate: String {
    let days = milliseconds.floorDivided(by: 86_400_000)
    let (year, month, day) = Calendar.civil(fromDays: days)
    // The first day of all was a Thursday.
    let weekday = (days + 4) - (days + 4).floorDivided(by: 7) * 7
    let time = Timestamp(milliseconds: milliseconds - days * 86_400_000).description.dropFirst(11).prefix(8)
    var text: [UInt8] = []
    text.append(day, width: 2, before: " ")
    text += "\(Self.months[Int(month) - 1]) ".utf8
    text.append(year, width: 4, before: " ")
    return "\(Self.weekdays[Int(weekday)]), \(String(decoding: text, as: UTF8.self))\(time) GMT"
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// Reads RFC 3339 with any offset and up to nine fractional digits (rounded down to milliseconds); a bare date is its first instant in UTC, and a leap
  /// second the second before it. `nil` for anything else, and for what an offset moves out of the years 0 to 9999.
  public init?(_ text: some StringProtocol) {
    var scanner = DigitScanner(Array(text.utf8))
    guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"), let day = scanner.number(2),
      (1...12).contains(month), (1...Calendar.days(inMonth: month, of: year)).contains(day)
    else { return nil }
    let midnight = Calendar.days(fromCivil: year, month, day) * 86_400_000
    if scanner.isAtEnd {
      self.init(milliseconds: midnight)
      return
    }
    guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
      let hour = scanner.number(2), scanner.skip(":"), let minute = scanner.number(2), scanner.skip(":"), let second = scanner.number(2),
      hour < 24, minute < 60, second < 61
    else { return nil }
    var fraction: Int64 = 0
    if scanner.skip(".") {
      guard let digits = scanner.digits(1...9) else { return nil }
      fraction = digits.reduce((0, 100)) { ($0.0 + $1 * $0.1, $0.1 / 10) }.0
    }
    var offset: Int64 = 0
    if !(scanner.skip("Z") || scanner.skip("z")) {
      let sign: Int64
      if scanner.skip("+") { sign = 1 } else if scanner.skip("-") { sign = -1 } else { return nil }
      guard let hours = scanner.number(2), scanner.skip(":"), let minutes = scanner.number(2), hours < 24, minutes < 60 else { return nil }
      offset = sign * (hours * 60 + minutes) * 60_000
    }
    guard scanner.isAtEnd else { return nil }
    let instant = Timestamp(milliseconds: midnight + (hour * 3600 + minute * 60 + min(second, 59)) * 1000 + fraction - offset)
    guard (Self.distantPast...Self.distantFuture).contains(instant) else { return nil }
    self = instant
  }
}

extension [UInt8] {
  /// Writes at least `width` digits, and a sign behind them.
  fileprivate mutating func append(_ number: Int64, width: Int, before sign: Unicode.Scalar) {
    if number < 0 { append(UInt8(ascii: "-")) }
    let digits = number.magnitude
    var place: UInt64 = 1
    for _ in 1..<width { place *= 10 }
    while digits / place >= 10 { place *= 10 }
    while place > 0 {
      append(UInt8(ascii: "0") + UInt8(digits / place % 10))
      place /= 10
    }
    append(UInt8(ascii: sign))
  }
}

extension Timestamp {
  /// A stretch of the calendar, in UTC.
  public enum Span: String, Sendable, Hashable, CaseIterable { case hour, day, month }

  /// The first instant of the stretch that this one lies in.
  public func start(of span: Span) -> Timestamp {
    switch span {
    case .hour: Timestamp(milliseconds: milliseconds.floorDivided(by: 3_600_000) * 3_600_000)
    case .day: Timestamp(milliseconds: milliseconds.floorDivided(by: 86_400_000) * 86_400_000)
    case .month:
      start(of: .day) - .days(Int(Calendar.civil(fromDays: milliseconds.floorDivided(by: 86_400_000)).day) - 1)
    }
  }

  /// The first instant of the stretch behind the one that this lies in.
  public func end(of span: Span) -> Timestamp {
    switch span {
    case .hour: start(of: .hour) + .hours(1)
    case .day: start(of: .day) + .days(1)
    // No month is longer, and none that follows is shorter than what is left.
    case .month: (start(of: .month) + .days(31)).start(of: .month)
    }
  }
}

extension Int64 {
  func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}

/// The proleptic Gregorian calendar, counted in days from 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
enum Calendar {
  static func days(fromCivil year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted.floorDivided(by: 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = shifted.floorDivided(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }

  static func days(inMonth month: Int64, of year: Int64) -> Int64 {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

private struct DigitScanner {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  mutating func digits(_ count: ClosedRange<Int>) -> [Int64]? {
    let found = rest.prefix(while: { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }).prefix(count.upperBound)
    guard found.count >= count.lowerBound else { return nil }
    rest = rest.dropFirst(found.count)
    return found.map { Int64($0 - UInt8(ascii: "0")) }
  }

  mutating func number(_ width: Int) -> Int64? { digits(width...width)?.reduce(0) { $0 * 10 + $1 } }
}
