public import Kernel
public import Storage

/// Mistakes that a careless change could bring, planted below the core so that the auditor can show that it finds them.
public enum PlantedBug: String, Sendable, CaseIterable {
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

  /// What the bug makes of a change: `false` when it is left out.
  fileprivate func lets(_ sql: String, _ values: [SQLValue]) -> Bool {
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
  fileprivate func distorted(_ rows: [Row], of sql: String) -> [Row] {
    switch self {
    case .lastAdminUnchecked where sql.contains("is_admin = 1 AND m.suspended_at IS NULL"): rows.map { _ in Row(columns: ["n"], values: [.integer(1)]) }
    case .expiryIgnored where sql.contains("FROM invitation i"): rows.map { $0.with("expires_at", .integer(Timestamp.distantFuture.milliseconds)) }
    case .suspensionIgnored where sql.contains("FROM member m"): rows.map { $0.with("suspended_at", .null) }
    default: rows
    }
  }
}

/// A database with a bug planted in it.
public struct BuggyDatabase: Database {
  private let real: any Database
  private let bug: PlantedBug

  public init(_ real: any Database, _ bug: PlantedBug) {
    self.real = real
    self.bug = bug
  }

  public var engine: Engine { real.engine }

  public func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value {
    try await real.read { [bug] tx in try body(BuggyTransaction(tx, bug)) }
  }

  public func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value {
    try await real.write { [bug] tx in try body(BuggyTransaction(tx, bug)) }
  }
}

private final class BuggyTransaction: Transaction {
  private let real: any Transaction
  private let bug: PlantedBug

  init(_ real: any Transaction, _ bug: PlantedBug) {
    self.real = real
    self.bug = bug
  }

  var moment: Moment { real.moment }

  func rows(_ statement: Statement) throws(Problem) -> [Row] { bug.distorted(try real.rows(statement), of: try statement.rendered(with: .question).sql) }

  func rows(_ statement: Statement, under proof: some Proof) throws(Problem) -> [Row] { try real.rows(statement, under: proof) }

  @discardableResult func change(_ statement: Statement, under proof: some Proof) throws(Problem) -> Int {
    let (sql, values, _) = try statement.rendered(with: .question)
    guard bug.lets(sql, values) else { return 1 }
    if bug == .formerNamesFreed, sql.hasPrefix("UPDATE name SET current = 0"), case .text(let owner)? = values.first {
      return try real.change("DELETE FROM name WHERE owner = \(owner)", under: proof)
    }
    return try real.change(statement, under: proof)
  }
}

extension Row {
  private static let known = [
    "id", "organization", "account", "handle", "name", "address", "roles", "message", "inviter", "source", "state", "since", "created_at", "sent_at", "times_sent", "expires_at",
    "suspended_at", "answered_at", "answered_by", "active", "revision", "sort_name",
  ]

  /// The row with another value in one of its columns; a row without the column stays as it is.
  fileprivate func with(_ column: String, _ value: SQLValue) -> Row {
    guard self[column] != nil else { return self }
    let columns = Self.known.filter { self[$0] != nil }
    return Row(columns: columns, values: columns.map { $0 == column ? value : self[$0] ?? .null })
  }
}
