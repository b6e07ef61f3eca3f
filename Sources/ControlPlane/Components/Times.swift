public import Kernel
internal import Markup

/// An instant as people speak of it, seen from `now`: "3 minutes ago". Scripts write it in the reader's language and zone; the exact time is its title.
func relativeTime(_ instant: Timestamp, now: Timestamp) -> HTML {
  let written = instant.description
  return time(datetime: written, .title(exactly(Array(written.utf8))), .data("relative")) { relation(of: instant, to: now) }
}

/// A day: "3 May 2026".
func day(_ instant: Timestamp) -> HTML {
  time(datetime: instant.description, .title(instantText(instant)), .data("day")) { dayText(instant) }
}

/// An instant to the minute: "3 May 2026, 14:05 UTC".
func exactTime(_ instant: Timestamp) -> HTML {
  time(datetime: instant.description, .data("exact")) { instantText(instant) }
}

/// "3 May 2026, 14:05 UTC": an instant in a sentence or a mail.
public func instantText(_ instant: Timestamp) -> String { exactly(Array(instant.description.utf8)) }

/// "3 May 2026", in UTC.
public func dayText(_ instant: Timestamp) -> String { dayText(Array(instant.description.utf8)) }

private func exactly(_ written: [UInt8]) -> String { "\(dayText(written)), \(String(decoding: written.suffix(13).prefix(5), as: UTF8.self)) UTC" }

/// From RFC 3339 as a `Timestamp` writes it: `-05-20T12:00:00.000Z` after the year.
private func dayText(_ written: [UInt8]) -> String {
  let digits = written.suffix(20).map { Int($0) - 48 }
  return "\(digits[4] * 10 + digits[5]) \(months[digits[1] * 10 + digits[2] - 1]) \(String(decoding: written.dropLast(20), as: UTF8.self))"
}

private let months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]

private func relation(of instant: Timestamp, to now: Timestamp) -> String {
  let span = now - instant
  let seconds = Int(span.wholeSeconds.magnitude)
  let isPast = span >= .zero
  let distance =
    switch seconds {
    case ..<45: ""
    case ..<5400: counted(max(1, (seconds + 30) / 60), "minute")
    case ..<129_600: counted((seconds + 1800) / 3600, "hour")
    case ..<3_888_000: counted((seconds + 43_200) / 86_400, "day")
    case ..<47_304_000: counted((seconds + 1_314_900) / 2_629_800, "month")
    default: counted((seconds + 15_778_800) / 31_557_600, "year")
    }
  return distance.isEmpty ? "just now" : isPast ? "\(distance) ago" : "in \(distance)"
}
