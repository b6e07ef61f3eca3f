import Authorization
public import Kernel

/// What an organization has, holds, has used and runs, for whoever watches an installation.
public struct OrganizationFigures: Sendable, Hashable {
  /// Its slug.
  public let organization: String
  public let balance: Credits
  public let held: Credits
  /// Since the beginning; what was taken back isn't in it.
  public let used: Credits
  public let runningJobs: Int64
  public let gpus: Int64
  public let storage: Int64
}

/// How many alerts of a kind hold now, and how many were told.
public struct AlertFigures: Sendable, Hashable {
  public let kind: AlertKind
  public let open: Int
  public let told: Int
}

/// The figures of an installation at one instant.
public struct LimitFigures: Sendable, Hashable {
  /// Those that have used the most, `limit` at most: whoever reads them keeps a series for each.
  public let organizations: [OrganizationFigures]
  public let alerts: [AlertFigures]
  public let budgetsUsedUp: Int

  static let limit = 500
}

extension Alerts {
  /// For operators: balances are nobody else's business.
  public func figures(by caller: Caller) async throws(Problem) -> LimitFigures {
    try await plane.read(as: caller) { work in
      _ = try work.permit(ReadMetrics.self)
      return LimitFigures(
        organizations: try work.limitMetricRows.organizations(LimitFigures.limit), alerts: try work.limitMetricRows.alerts(),
        budgetsUsedUp: try work.limitMetricRows.budgetsUsedUp())
    }
  }
}
