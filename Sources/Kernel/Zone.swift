/// The clocks of a place: how far they are from UTC at an instant, by the rule that holds there now.
///
/// It is an IANA time zone without its history, so it is right for what is and comes, and may be wrong for instants before the last change of a law.
public struct Zone: Sendable, Hashable {
  /// As the IANA database calls it: `Europe/Berlin`.
  public let name: String
  private let rule: ZoneRule

  public static let utc = Zone(name: "UTC", rule: ZoneRule(standard: 0, summer: nil))

  private init(name: String, rule: ZoneRule) { (self.name, self.rule) = (name, rule) }

  /// The zone of that name, in whatever case. Refuses a name that the database doesn't have.
  public init(named text: some StringProtocol) throws(Rejection) {
    let name = String(text)
    let known = ZoneTable.rules[name] == nil ? ZoneTable.rules.keys.first { $0.lowercased() == name.lowercased() } : name
    guard let known, let rule = ZoneTable.rules[known].flatMap({ ZoneRule($0) }) else {
      throw Rejection("Give a time zone by its name, such as Europe/Berlin, America/New_York or UTC.")
    }
    self.init(name: known, rule: rule)
  }

  /// All names, sorted.
  public static let names: [String] = ZoneTable.rules.keys.sorted()

  /// How many seconds its clocks are ahead of UTC.
  public func offset(at instant: Timestamp) -> Int64 { rule.offset(at: instant.milliseconds.floorDivided(by: 1000)) }

  /// The day that its calendars show.
  public func day(at instant: Timestamp) -> CalendarDay {
    CalendarDay(number: (instant.milliseconds.floorDivided(by: 1000) + offset(at: instant)).floorDivided(by: CalendarDay.seconds))
  }

  /// The first instant of a day there: midnight, or what comes in its place where clocks skip it; of two midnights the first.
  public func beginning(of day: CalendarDay) -> Timestamp {
    let midnight = day.number * CalendarDay.seconds
    // Where clocks go on evenly, midnight is one of these less its offset; where they jump over it, it is the jump.
    let offsets = [rule.standard] + (rule.summer.map { [$0.offset] } ?? [])
    let near = midnight - 2 * CalendarDay.seconds...midnight + 2 * CalendarDay.seconds
    let jumps = (day.year - 1...day.year + 1).flatMap { rule.changes(in: $0) }.filter(near.contains)
    let candidates = offsets.map { midnight - $0 } + jumps
    let first = candidates.filter { $0 + rule.offset(at: $0) >= midnight }.min() ?? midnight - rule.standard
    return Timestamp(milliseconds: first * 1000)
  }
}

extension Zone: CustomStringConvertible {
  public var description: String { name }
}

/// A day of the calendar, without a place.
public struct CalendarDay: Sendable, Hashable, Comparable {
  /// Days since 1970-01-01.
  public let number: Int64

  static let seconds: Int64 = 86_400

  public init(number: Int64) { self.number = number }

  /// The first day of a month; a month beyond 12 is one of the next years.
  public init(year: Int64, month: Int64) {
    let months = year * 12 + month - 1
    number = Calendar.days(fromCivil: months.floorDivided(by: 12), months - months.floorDivided(by: 12) * 12 + 1, 1)
  }

  public var year: Int64 { Calendar.civil(fromDays: number).year }
  public var month: Int64 { Calendar.civil(fromDays: number).month }

  /// 0 for a Monday, 6 for a Sunday.
  public var weekday: Int64 { (number + 3) - (number + 3).floorDivided(by: 7) * 7 }

  /// The day so many days later, or earlier.
  public func adding(days: Int64) -> CalendarDay { CalendarDay(number: number + days) }

  public static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}

/// A rule as POSIX writes it (IEEE 1003.1 §8.3, with the hours of RFC 9636 §3.3.1): `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule: Sendable, Hashable {
  /// When clocks change in a year.
  struct Change: Sendable, Hashable {
    enum Day: Sendable, Hashable {
      /// The nth such weekday of a month, 5 for the last; 0 is a Sunday.
      case weekday(month: Int64, week: Int64, Int64)
      /// From 1 to 365, the 29th of February not counted.
      case julian(Int64)
      /// From 0 to 365.
      case dayOfYear(Int64)
    }

    let day: Day
    /// Seconds after the day's midnight, by the clock before the change.
    let time: Int64

    /// Seconds since 1970, by the clock before the change.
    func local(in year: Int64) -> Int64 {
      let first = Calendar.days(fromCivil: year, 1, 1)
      let number: Int64
      switch day {
      case .dayOfYear(let count): number = first + count
      case .julian(let count): number = first + count - 1 + (count >= 60 && Calendar.days(inMonth: 2, of: year) == 29 ? 1 : 0)
      case .weekday(let month, let week, let weekday):
        let start = Calendar.days(fromCivil: year, month, 1)
        // The first day of all was a Thursday.
        let startsOn = (start + 4) - (start + 4).floorDivided(by: 7) * 7
        let date = (weekday - startsOn + 7) % 7 + (week - 1) * 7
        number = start + (date >= Calendar.days(inMonth: month, of: year) ? date - 7 : date)
      }
      return number * 86_400 + time
    }
  }

  struct Summer: Sendable, Hashable {
    let offset: Int64
    let begins: Change
    let ends: Change
  }

  /// Seconds ahead of UTC.
  let standard: Int64
  let summer: Summer?

  init(standard: Int64, summer: Summer?) { (self.standard, self.summer) = (standard, summer) }

  /// `nil` for what isn't one.
  init?(_ text: String) {
    var reader = ZoneRuleReader(Array(text.utf8)[...])
    guard reader.name(), let standard = reader.offset() else { return nil }
    self.standard = -standard
    guard !reader.isAtEnd else {
      summer = nil
      return
    }
    guard reader.name() else { return nil }
    let ahead = reader.isNext(",") ? -standard + 3600 : reader.offset().map { -$0 } ?? -standard + 3600
    guard let begins = reader.change(), let ends = reader.change(), reader.isAtEnd else { return nil }
    summer = Summer(offset: ahead, begins: begins, ends: ends)
  }

  /// The two instants of a year at which clocks change, in seconds since 1970.
  func changes(in year: Int64) -> [Int64] {
    guard let summer else { return [] }
    return [summer.begins.local(in: year) - standard, summer.ends.local(in: year) - summer.offset]
  }

  func offset(at seconds: Int64) -> Int64 {
    guard let summer else { return standard }
    let changes = changes(in: CalendarDay(number: (seconds + standard).floorDivided(by: 86_400)).year)
    let isSummer =
      changes[0] < changes[1] ? seconds >= changes[0] && seconds < changes[1] : !(seconds >= changes[1] && seconds < changes[0])
    return isSummer ? summer.offset : standard
  }
}

private struct ZoneRuleReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  var isAtEnd: Bool { rest.isEmpty }

  func isNext(_ character: Unicode.Scalar) -> Bool { rest.first == UInt8(ascii: character) }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard isNext(character) else { return false }
    rest.removeFirst()
    return true
  }

  /// Letters, or anything in angle brackets.
  mutating func name() -> Bool {
    if skip("<") {
      guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
      rest = rest[(end + 1)...]
      return true
    }
    let letters = rest.prefix { ($0 | 32) >= UInt8(ascii: "a") && ($0 | 32) <= UInt8(ascii: "z") }
    rest = rest.dropFirst(letters.count)
    return letters.count >= 3
  }

  private mutating func number() -> Int64? {
    let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    guard (1...3).contains(digits.count) else { return nil }
    rest = rest.dropFirst(digits.count)
    return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
  }

  /// Hours, minutes and seconds, in seconds.
  mutating func offset() -> Int64? {
    let sign: Int64 = skip("-") ? -1 : 1
    if sign == 1 { _ = skip("+") }
    guard let hours = number() else { return nil }
    var seconds = hours * 3600
    for unit: Int64 in [60, 1] where skip(":") {
      guard let part = number() else { return nil }
      seconds += part * unit
    }
    return sign * seconds
  }

  mutating func change() -> ZoneRule.Change? {
    guard skip(",") else { return nil }
    let day: ZoneRule.Change.Day
    if skip("M") {
      guard let month = number(), (1...12).contains(month), skip("."), let week = number(), (1...5).contains(week), skip("."), let weekday = number(),
        weekday < 7
      else { return nil }
      day = .weekday(month: month, week: week, weekday)
    } else if skip("J") {
      guard let count = number(), (1...365).contains(count) else { return nil }
      day = .julian(count)
    } else {
      guard let count = number(), count <= 365 else { return nil }
      day = .dayOfYear(count)
    }
    guard skip("/") else { return ZoneRule.Change(day: day, time: 7200) }
    return offset().map { ZoneRule.Change(day: day, time: $0) }
  }
}
