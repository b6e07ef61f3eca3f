public import Kernel

/// How long a budget lasts before it begins anew, by the calendar of a place: days there have 23 or 25 hours when clocks change.
public enum BudgetPeriod: String, Sendable, Hashable, CaseIterable {
  case day
  /// From Monday on.
  case week
  case month
  /// It never begins anew.
  case none

  /// The period that an instant lies in, without its end.
  public func bounds(around instant: Timestamp, in zone: Zone) -> Range<Timestamp> {
    let today = zone.day(at: instant)
    let days: (first: CalendarDay, next: CalendarDay)
    switch self {
    case .day: days = (today, today.adding(days: 1))
    case .week: days = (today.adding(days: -today.weekday), today.adding(days: 7 - today.weekday))
    case .month: days = (CalendarDay(year: today.year, month: today.month), CalendarDay(year: today.year, month: today.month + 1))
    case .none: return .distantPast..<(.distantFuture)
    }
    return zone.beginning(of: days.first)..<zone.beginning(of: days.next)
  }
}
