import Kernel

extension Timestamp {
  /// As people say it: `3 minutes ago`, `in 12 days`.
  func relative(to now: Timestamp) -> String {
    let seconds = abs(milliseconds - now.milliseconds) / 1000
    guard seconds >= 45 else { return milliseconds > now.milliseconds ? "in a moment" : "just now" }
    let span: String
    switch seconds {
    case ..<(90 * 60): span = Self.counted((seconds + 30) / 60, "minute")
    case ..<(36 * 3600): span = Self.counted((seconds + 1800) / 3600, "hour")
    case ..<(60 * 86400): span = Self.counted((seconds + 43200) / 86400, "day")
    case ..<(700 * 86400): span = Self.counted((seconds + 15 * 86400) / (30 * 86400), "month")
    default: span = Self.counted((seconds + 182 * 86400) / (365 * 86400), "year")
    }
    return milliseconds > now.milliseconds ? "in \(span)" : "\(span) ago"
  }

  /// The day in UTC, in words: `21 November 2026`.
  var dayInWords: String {
    let parts = description.prefix(10).split(separator: "-").compactMap { Int($0) }
    let months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
    guard parts.count == 3, months.indices.contains(parts[1] - 1) else { return String(description.prefix(10)) }
    return "\(parts[2]) \(months[parts[1] - 1]) \(parts[0])"
  }

  private static func counted(_ count: Int64, _ unit: String) -> String { count == 1 ? "1 \(unit)" : "\(count) \(unit)s" }
}

extension Credits {
  /// "1 credit", "12.5 credits".
  var inWords: String { "\(self) \(micro.magnitude == 1_000_000 ? "credit" : "credits")" }
}

extension Int {
  /// With commas between the thousands: `12,400`.
  var grouped: String {
    var digits = String(magnitude)
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    return (self < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
  }

  /// `1 member`, `12 members`.
  func of(_ one: String, _ many: String) -> String { "\(grouped) \(self == 1 ? one : many)" }
}
