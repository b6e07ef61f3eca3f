public import Kernel
public import Ledger

/// What of the usage is asked for, and how it is told apart.
public struct UsageReportRequest: Sendable, Hashable {
  /// How time is cut.
  public enum Step: String, Sendable, Hashable, CaseIterable { case all, hour, day, month }

  /// What rows are told apart by, besides resource and unit.
  public enum Dimension: String, Sendable, Hashable, CaseIterable {
    case nothing, member
    case serviceAccount = "service-account"
    case team, project, cluster, resource, preset
  }

  /// The first instant, and the first that isn't asked for; both at the beginning of a step, or for `all` of what is counted by.
  public let since: Timestamp
  public let until: Timestamp
  public let step: Step
  public let dimension: Dimension
  public var filter = Filter()

  /// Only what has these; empty for what has none, `nil` for whatever it has.
  public struct Filter: Sendable, Hashable {
    public var member: String?
    public var project: String?
    public var cluster: String?
    public var resource: String?

    public init(member: String? = nil, project: String? = nil, cluster: String? = nil, resource: String? = nil) {
      (self.member, self.project, self.cluster, self.resource) = (member, project, cluster, resource)
    }
  }

  /// The longest time by hours, and the longest at all.
  static let (longestByHours, longest) = (Duration.days(93), Duration.days(3660))
  /// Up to here a time as a whole is told to the hour.
  private static let shortest = Duration.days(2)

  /// Whole steps around these instants; for `all` whole hours where the time is short or begins and ends with one, else whole days.
  /// Refuses times that end before they begin, or are longer than is counted by such steps.
  public init(since: Timestamp, until: Timestamp, step: Step = .day, by dimension: Dimension = .nothing, _ filter: Filter = Filter()) throws(Problem) {
    guard since < until else { throw .invalid("since", "Let the time begin before it ends.") }
    let span = step.span ?? Self.span(since, until)
    self.since = since.start(of: span)
    let last = until.start(of: span)
    self.until = last == until ? until : until.end(of: span)
    guard self.until - self.since <= Self.longest else { throw .invalid("since", "Ask for ten years at most.") }
    if step == .hour, self.until - self.since > Self.longestByHours {
      throw .invalid("step", "Ask for \(Self.longestByHours.wholeDays) days at most by the hour, or by the day.")
    }
    (self.step, self.dimension, self.filter) = (step, dimension, filter)
  }

  /// The sums that answer it: for `all` the largest that fit.
  var span: Timestamp.Span { step.span ?? Timestamp.Span.allCases.last { begins(with: $0) } ?? .hour }

  private func begins(with span: Timestamp.Span) -> Bool { since == since.start(of: span) && until == until.start(of: span) }

  /// By what a time as a whole is counted.
  private static func span(_ since: Timestamp, _ until: Timestamp) -> Timestamp.Span {
    let length = until - since
    let isExact = since == since.start(of: .hour) && until == until.start(of: .hour) && length <= longestByHours
    return isExact || length <= shortest ? .hour : .day
  }

  /// The beginnings of all steps; for `all` the one.
  public var starts: [Timestamp] {
    guard let span = step.span else { return [since] }
    var starts: [Timestamp] = []
    var next = since
    while next < until {
      starts.append(next)
      next = next.end(of: span)
    }
    return starts
  }
}

extension UsageReportRequest.Step {
  /// `nil` for the time as a whole.
  fileprivate var span: Timestamp.Span? {
    switch self {
    case .all: nil
    case .hour: .hour
    case .day: .day
    case .month: .month
    }
  }
}

/// What was used of one resource in one step.
public struct UsageReportRow: Sendable, Hashable {
  public let start: Timestamp
  /// The id or name of what rows are told apart by; empty for what names none.
  public let key: String
  public let resource: String
  public let unit: String
  public let quantity: Quantity
  public let charge: Credits
  public let events: Int
}

/// A row with what its key is called, as far as it is still there.
public struct NamedUsageRow: Sendable, Hashable {
  public let row: UsageReportRow
  public let name: String
}
