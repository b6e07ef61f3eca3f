internal import Kernel
internal import Markup

/// An instant as people speak of it, seen from `now`: "3 minutes ago". Scripts write it in the reader's language and zone; the exact time is its title.
func relativeTime(_ instant: Timestamp, now: Timestamp) -> HTML {
  time(datetime: instant.description, .title(exactly(instant)), .data("relative")) { relation(of: instant, to: now) }
}

/// A day: "3 May 2026".
func day(_ instant: Timestamp) -> HTML {
  time(datetime: instant.description, .title(exactly(instant)), .data("day")) { dayText(instant) }
}

/// An instant to the minute: "3 May 2026, 14:05 UTC".
func exactTime(_ instant: Timestamp) -> HTML {
  time(datetime: instant.description, .data("exact")) { exactly(instant) }
}

/// "3 May 2026", in UTC.
func dayText(_ instant: Timestamp) -> String {
  let parts = instant.description.prefix(10).split(separator: "-")
  let months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
  guard parts.count == 3, let month = Int(parts[1]), let day = Int(parts[2]), months.indices.contains(month - 1) else { return instant.description }
  return "\(day) \(months[month - 1]) \(parts[0])"
}

private func exactly(_ instant: Timestamp) -> String {
  let clock = instant.description.split(separator: "T").last?.prefix(5) ?? ""
  return "\(dayText(instant)), \(clock) UTC"
}

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
