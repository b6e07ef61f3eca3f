public import Kernel

/// A value as a column holds it. There is no fraction on purpose, and no blob: bytes travel as base64url text.
public enum SQLValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case text(String)
}

/// What may stand in an interpolation of a `Statement`.
public protocol SQLBindable {
  var sqlValue: SQLValue { get }
}

extension Int64: SQLBindable { public var sqlValue: SQLValue { .integer(self) } }
extension Int: SQLBindable { public var sqlValue: SQLValue { .integer(Int64(self)) } }
extension Bool: SQLBindable { public var sqlValue: SQLValue { .integer(self ? 1 : 0) } }
extension String: SQLBindable { public var sqlValue: SQLValue { .text(self) } }
extension Timestamp: SQLBindable { public var sqlValue: SQLValue { .integer(milliseconds) } }
extension ID: SQLBindable { public var sqlValue: SQLValue { .text(description) } }
extension EmailAddress: SQLBindable { public var sqlValue: SQLValue { .text(text) } }
extension DisplayName: SQLBindable { public var sqlValue: SQLValue { .text(text) } }
extension Note: SQLBindable { public var sqlValue: SQLValue { .text(text) } }
extension Optional: SQLBindable where Wrapped: SQLBindable { public var sqlValue: SQLValue { self?.sqlValue ?? .null } }

/// SQL text with its values kept apart: `"… WHERE id = \(id)"` binds, never splices, so a value can't become SQL.
public struct Statement: ExpressibleByStringInterpolation, Sendable {
  enum Part: Hashable, Sendable {
    case sql(String)
    case value(SQLValue)
  }

  let parts: [Part]

  public init(stringLiteral text: String) { parts = [.sql(text)] }
  public init(stringInterpolation: Interpolation) { parts = stringInterpolation.parts }

  /// A statement from text that is SQL already: migrations and nothing else.
  public init(migration text: String) { parts = [.sql(text)] }

  public struct Interpolation: StringInterpolationProtocol {
    var parts: [Part] = []

    public init(literalCapacity: Int, interpolationCount: Int) { parts.reserveCapacity(interpolationCount * 2 + 1) }

    public mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { parts.append(.sql(literal)) }
    }

    public mutating func appendInterpolation(_ value: some SQLBindable) { parts.append(.value(value.sqlValue)) }

    /// `"… IN (\(list: ids))"`; an empty list matches nothing.
    public mutating func appendInterpolation(list values: some Collection<some SQLBindable>) {
      if values.isEmpty { parts.append(.sql("NULL")) }
      for (place, value) in values.enumerated() {
        if place > 0 { parts.append(.sql(", ")) }
        parts.append(.value(value.sqlValue))
      }
    }

    /// A piece of SQL with its own bound values, for clauses that are there or not.
    public mutating func appendInterpolation(_ clause: Statement) { parts += clause.parts }
  }

  /// Nothing at all: the clause that is not there.
  public static let none: Statement = ""

  public static func + (first: Statement, second: Statement) -> Statement { "\(first)\(second)" }
}

/// How a driver writes the place of a bound value.
public enum Placeholder: Sendable {
  /// `?`, as SQLite writes it.
  case question
  /// `$1`, `$2` …, as PostgreSQL writes it.
  case numbered
}

extension Statement {
  /// The text with placeholders, and the values in their order; for drivers.
  public func rendered(with placeholder: Placeholder) -> (sql: String, values: [SQLValue]) {
    var sql = ""
    var values: [SQLValue] = []
    for part in parts {
      switch part {
      case .sql(let text): sql += text
      case .value(let value):
        values.append(value)
        switch placeholder {
        case .question: sql += "?"
        case .numbered: sql += "$\(values.count)"
        }
      }
    }
    return (sql, values)
  }
}
