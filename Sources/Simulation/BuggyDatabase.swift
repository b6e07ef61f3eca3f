public import Kernel
public import Storage

/// What a mistake does to a database: it leaves changes out, or makes something else of answers.
public protocol Distortion: Sendable {
  /// `false` for a change that it leaves out.
  func lets(_ sql: String, _ values: [SQLValue]) -> Bool
  /// What it makes of an answer.
  func distorted(_ rows: [Row], of sql: String) -> [Row]
  /// Whether a name that is changed is forgotten instead of kept.
  var freesNames: Bool { get }
}

extension Distortion {
  public var freesNames: Bool { false }
}

/// A database with a bug planted in it.
public struct BuggyDatabase: Database {
  private let real: any Database
  private let bug: any Distortion

  public init(_ real: any Database, _ bug: any Distortion) {
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
  private let bug: any Distortion

  init(_ real: any Transaction, _ bug: any Distortion) {
    self.real = real
    self.bug = bug
  }

  var moment: Moment { real.moment }

  func rows(_ statement: Statement) throws(Problem) -> [Row] { bug.distorted(try real.rows(statement), of: try statement.rendered(with: .question).sql) }

  func rows(_ statement: Statement, under proof: some Proof) throws(Problem) -> [Row] { try real.rows(statement, under: proof) }

  @discardableResult func change(_ statement: Statement, under proof: some Proof) throws(Problem) -> Int {
    let (sql, values, _) = try statement.rendered(with: .question)
    guard bug.lets(sql, values) else { return 1 }
    if bug.freesNames, sql.hasPrefix("UPDATE name SET current = 0"), case .text(let owner)? = values.first {
      return try real.change("DELETE FROM name WHERE owner = \(owner)", under: proof)
    }
    return try real.change(statement, under: proof)
  }

  func insert(_ rows: Insertion, under proof: some Proof) throws(Problem) {
    if bug.lets(rows.rowSQL, []) { try real.insert(rows, under: proof) }
  }
}

extension Row {
  private static let known = [
    "id", "organization", "account", "handle", "name", "address", "roles", "message", "inviter", "source", "state", "since", "created_at", "sent_at",
    "times_sent", "expires_at", "suspended_at", "answered_at", "answered_by", "active", "revision", "sort_name", "number", "kind", "parent", "floor", "balance",
    "held", "sequence", "debit", "credit", "amount", "ceiling", "made_at", "settled", "ended_by",
  ]

  /// The row with another value in one of its columns; a row without the column stays as it is.
  func with(_ column: String, _ value: SQLValue) -> Row {
    guard self[column] != nil else { return self }
    let columns = Self.known.filter { self[$0] != nil }
    return Row(columns: columns, values: columns.map { $0 == column ? value : self[$0] ?? .null })
  }
}
