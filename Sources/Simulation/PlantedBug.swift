import Kernel
public import Storage

/// Mistakes that a careless change could bring, planted below the core so that the auditor can show that it finds them.
public enum PlantedBug: String, Sendable, CaseIterable, Distortion {
  /// Accepting doesn't mark the invitation, so that it can be accepted again and again.
  case acceptanceForgotten
  /// Anybody may take away the last admin.
  case lastAdminUnchecked
  /// The counter of members doesn't go down.
  case departuresUncounted
  /// Answering an invitation works for ever.
  case expiryIgnored
  /// A suspended member goes on working.
  case suspensionIgnored
  /// A refused attempt leaves no event.
  case refusalsUnrecorded
  /// A renewed invitation sends no mail.
  case mailForgotten
  /// Deactivating an account leaves its sessions open.
  case sessionsKept
  /// A former slug is forgotten when it is changed.
  case formerNamesFreed
  /// A former member stays in the list of the former when they come back.
  case formerMembersKept
  /// The counters that filtered lists show don't go down when somebody moves or leaves.
  case segmentsUncounted
  /// A member whose standing changes stays listed as they were.
  case segmentsKept

  public var freesNames: Bool { self == .formerNamesFreed }

  /// What the bug makes of a change: `false` when it is left out.
  public func lets(_ sql: String, _ values: [SQLValue]) -> Bool {
    switch self {
    case .acceptanceForgotten: !(sql.hasPrefix("UPDATE invitation SET") && values.contains(.text("accepted")))
    case .departuresUncounted: !(sql.hasPrefix("UPDATE organization SET members") && values.contains(.integer(-1)))
    case .refusalsUnrecorded: !(sql.hasPrefix("INSERT INTO event ") && values.contains(.text("refused")))
    case .mailForgotten: !(sql.hasPrefix("INSERT INTO mail") && values.contains(.text("invitation")))
    case .sessionsKept: !sql.hasPrefix("DELETE FROM session") && !sql.hasPrefix("UPDATE session")
    case .formerMembersKept: !sql.hasPrefix("DELETE FROM former_member")
    case .segmentsUncounted: !(sql.hasPrefix("INSERT INTO member_segment") && values.contains(.integer(-1)))
    case .segmentsKept: !sql.hasPrefix("UPDATE member SET segment")
    case .lastAdminUnchecked, .expiryIgnored, .suspensionIgnored, .formerNamesFreed: true
    }
  }

  /// What the bug makes of an answer.
  public func distorted(_ rows: [Row], of sql: String) -> [Row] {
    switch self {
    case .lastAdminUnchecked where sql.contains("is_admin = 1 AND m.suspended_at IS NULL"): rows.map { _ in Row(columns: ["n"], values: [.integer(1)]) }
    case .expiryIgnored where sql.contains("FROM invitation i"): rows.map { $0.with("expires_at", .integer(Timestamp.distantFuture.milliseconds)) }
    case .suspensionIgnored where sql.contains("FROM member m"): rows.map { $0.with("suspended_at", .null) }
    default: rows
    }
  }
}
