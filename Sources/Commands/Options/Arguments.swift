public import ArgumentParser
public import Contract
import Kernel

extension Wire.OrganizationRole: ExpressibleByArgument {}
extension Wire.RoleLevel: ExpressibleByArgument {}
extension Wire.TeamDefaultRole: ExpressibleByArgument {}
extension Wire.MemberState: ExpressibleByArgument {}
extension Wire.MemberOrder: ExpressibleByArgument {}
extension Wire.InvitationState: ExpressibleByArgument {}
extension Wire.JoinRequestState: ExpressibleByArgument {}
extension Wire.EventOutcome: ExpressibleByArgument {}
extension Wire.TokenScope: ExpressibleByArgument {}
extension Wire.AccountState: ExpressibleByArgument {}
extension Wire.TransferKind: ExpressibleByArgument {}
extension Wire.HolderKind: ExpressibleByArgument {}
extension Wire.QuotaDimension: ExpressibleByArgument {}
extension Wire.LeaseState: ExpressibleByArgument {}
extension Wire.BudgetSubject: ExpressibleByArgument {}
extension Wire.BudgetPeriod: ExpressibleByArgument {}
extension Wire.AlertCondition: ExpressibleByArgument {}
extension Wire.HoldState: ExpressibleByArgument {}
extension Wire.UsageStep: ExpressibleByArgument {}
extension Wire.UsageDimension: ExpressibleByArgument {}

/// Roles as they are written on the command line: one or several, with commas.
struct RoleList: ExpressibleByArgument, Hashable, Sendable {
  let roles: [Wire.OrganizationRole]

  init(_ roles: [Wire.OrganizationRole]) { self.roles = roles }

  init?(argument: String) {
    var roles: [Wire.OrganizationRole] = []
    for word in argument.split(separator: ",") {
      guard let role = Wire.OrganizationRole(rawValue: word.filter { $0 != " " }.lowercased()) else { return nil }
      if !roles.contains(role) { roles.append(role) }
    }
    guard !roles.isEmpty else { return nil }
    self.roles = roles
  }

  var defaultValueDescription: String { inWords }
  var inWords: String { roles.map(\.rawValue).joined(separator: ", ") }

  static var allValueStrings: [String] { Wire.OrganizationRole.allCases.map(\.rawValue) }
  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// How long from now: `30d`, `12h`, `2w`.
struct Term: ExpressibleByArgument, Hashable, Sendable {
  let duration: Duration

  init?(argument: String) {
    let number = argument.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int(number), (1...10_000).contains(count) else { return nil }
    switch argument.dropFirst(number.count).lowercased() {
    case "h": duration = .hours(count)
    case "", "d": duration = .days(count)
    case "w": duration = .days(count * 7)
    default: return nil
    }
  }

  /// In whole days, rounded up.
  var days: Int { Int((duration.wholeSeconds + 86_399) / 86_400) }
}

/// An instant: a date, a full timestamp, or how long from now.
enum PointInTime: ExpressibleByArgument, Hashable, Sendable {
  case at(Timestamp)
  case distant(Duration)

  init?(argument: String) {
    if let instant = Timestamp(argument) {
      self = .at(instant)
    } else if let term = Term(argument: argument) {
      self = .distant(term.duration)
    } else {
      return nil
    }
  }

  func ahead(of now: Timestamp) -> Timestamp {
    switch self {
    case .at(let instant): instant
    case .distant(let duration): now + duration
    }
  }

  func before(_ now: Timestamp) -> Timestamp {
    switch self {
    case .at(let instant): instant
    case .distant(let duration): now - duration
    }
  }
}
