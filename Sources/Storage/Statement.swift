public import Kernel

/// A value as a column holds it. There is no fraction on purpose, and no blob: bytes travel as base64url text.
public enum SQLValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case text(String)
}

/// The two types a column can have: BIGINT and TEXT.
public enum SQLType: Hashable, Sendable { case integer, text }

/// What may stand in an interpolation of a `Statement`.
public protocol SQLBindable {
  /// The type of the column this goes to: known even where the value is NULL, so that a statement means the same with and without it.
  static var sqlType: SQLType { get }
  var sqlValue: SQLValue { get }
}

extension SQLBindable {
  public static var sqlType: SQLType { .text }
}

/// An enumeration with raw values binds its raw value: `extension Standing: SQLBindable {}`.
extension SQLBindable where Self: RawRepresentable, RawValue: SQLBindable {
  public static var sqlType: SQLType { RawValue.sqlType }
  public var sqlValue: SQLValue { rawValue.sqlValue }
}

extension Int64: SQLBindable {
  public static var sqlType: SQLType { .integer }
  public var sqlValue: SQLValue { .integer(self) }
}

extension Int: SQLBindable {
  public static var sqlType: SQLType { .integer }
  public var sqlValue: SQLValue { .integer(Int64(self)) }
}

extension Bool: SQLBindable {
  public static var sqlType: SQLType { .integer }
  public var sqlValue: SQLValue { .integer(self ? 1 : 0) }
}

extension Timestamp: SQLBindable {
  public static var sqlType: SQLType { .integer }
  public var sqlValue: SQLValue { .integer(milliseconds) }
}

extension String: SQLBindable { public var sqlValue: SQLValue { .text(self) } }
extension ID: SQLBindable { public var sqlValue: SQLValue { .text(description) } }
extension EmailAddress: SQLBindable { public var sqlValue: SQLValue { .text(text) } }
extension DisplayName: SQLBindable { public var sqlValue: SQLValue { .text(text) } }
extension Note: SQLBindable { public var sqlValue: SQLValue { .text(text) } }

extension Optional: SQLBindable where Wrapped: SQLBindable {
  public static var sqlType: SQLType { Wrapped.sqlType }
  public var sqlValue: SQLValue { self?.sqlValue ?? .null }
}

/// SQL text with its values kept apart: `"… WHERE id = \(id)"` binds, never splices, so a value can't become SQL.
///
/// The SQL is the subset that both databases run. What reads alike but differs: NULLs sort first in SQLite and last in PostgreSQL, so write
/// `NULLS FIRST` or `NULLS LAST`; `LIKE` has no escape character in SQLite, so write `ESCAPE '\'`.
public struct Statement: ExpressibleByStringInterpolation, Sendable {
  enum Part: Hashable, Sendable {
    case sql(String)
    /// What the two databases write differently; for `TermIndex` alone.
    case dialect(sqlite: String, postgres: String)
    case value(SQLValue, SQLType)
  }

  let parts: [Part]

  public init(stringLiteral text: String) { parts = [.sql(text)] }
  public init(stringInterpolation: Interpolation) { parts = stringInterpolation.parts }

  /// A statement from text that is SQL already: migrations and nothing else.
  public init(migration text: String) { parts = [.sql(text)] }

  init(sqlite: String, postgres: String) { parts = [.dialect(sqlite: sqlite, postgres: postgres)] }

  public struct Interpolation: StringInterpolationProtocol {
    var parts: [Part] = []

    public init(literalCapacity: Int, interpolationCount: Int) { parts.reserveCapacity(interpolationCount * 2 + 1) }

    public mutating func appendLiteral(_ literal: String) {
      if !literal.isEmpty { parts.append(.sql(literal)) }
    }

    public mutating func appendInterpolation<Value: SQLBindable>(_ value: Value) { bind(value.sqlValue, Value.sqlType) }

    /// A value that may be missing binds NULL then.
    public mutating func appendInterpolation<Value: SQLBindable>(_ value: Value?) { bind(value?.sqlValue ?? .null, Value.sqlType) }

    private mutating func bind(_ value: SQLValue, _ typeOfNull: SQLType) {
      switch value {
      case .null: parts.append(.value(value, typeOfNull))
      case .integer: parts.append(.value(value, .integer))
      case .text: parts.append(.value(value, .text))
      }
    }

    /// `"… IN (\(list: ids))"`; an empty list matches nothing.
    public mutating func appendInterpolation(list values: some Collection<some SQLBindable>) {
      if values.isEmpty { parts.append(.sql("NULL")) }
      for (place, value) in values.enumerated() {
        if place > 0 { parts.append(.sql(", ")) }
        appendInterpolation(value)
      }
    }

    /// A piece of SQL with its own bound values, for clauses that are there or not.
    public mutating func appendInterpolation(_ clause: Statement) { parts += clause.parts }
  }

  /// Nothing at all: the clause that is not there.
  public static let none: Statement = ""
  public var isEmpty: Bool { parts.isEmpty || parts == [.sql("")] }

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
  /// The text with placeholders, and the values in their order with the types of their columns; for drivers.
  ///
  /// Refuses as `invalid` a text that holds a zero character, which PostgreSQL can't store and SQLite cuts at.
  public func rendered(with placeholder: Placeholder) throws(Problem) -> (sql: String, values: [SQLValue], types: [SQLType]) {
    var sql = ""
    sql.reserveCapacity(1024)
    var values: [SQLValue] = []
    values.reserveCapacity(parts.count)
    var types: [SQLType] = []
    types.reserveCapacity(parts.count)
    for part in parts {
      switch part {
      case .sql(let text): sql += text
      case .dialect(let sqlite, let postgres): sql += placeholder == .question ? sqlite : postgres
      case .value(let value, let type):
        values.append(try value.storable())
        types.append(type)
        switch placeholder {
        case .question: sql += "?"
        case .numbered: sql += "$\(values.count)"
        }
      }
    }
    return (sql, values, types)
  }
}

extension Statement {
  /// What statements have in common that differ in their values alone: the same text once it is rendered with `?`.
  public struct Shape: Hashable, Sendable {
    private let parts: [Part]

    fileprivate init(_ parts: [Part]) { self.parts = parts }

    // By the lengths: hashing would read each text to its end, while two of the same place in the program are equal at once.
    public func hash(into hasher: inout Hasher) {
      for part in parts {
        switch part {
        case .sql(let text), .dialect(let text, _): hasher.combine(text.utf8.count)
        case .value: hasher.combine(0)
        }
      }
    }

    public static func == (a: Self, b: Self) -> Bool {
      a.parts.elementsEqual(b.parts) { a, b in
        switch (a, b) {
        case (.sql(let a), .sql(let b)), (.dialect(let a, _), .dialect(let b, _)): a == b
        case (.value, .value): true
        default: false
        }
      }
    }

    /// The same, without the values of the statement that it was taken from.
    public var bare: Shape {
      Shape(
        parts.map { part in
          if case .value = part { .value(.null, .text) } else { part }
        })
    }
  }

  public var shape: Shape { Shape(parts) }

  /// The values in their order. Refuses as `rendered` does.
  public func values() throws(Problem) -> [SQLValue] {
    var values: [SQLValue] = []
    values.reserveCapacity(parts.count / 2 + 1)
    for case .value(let value, _) in parts { values.append(try value.storable()) }
    return values
  }
}

extension SQLValue {
  fileprivate func storable() throws(Problem) -> SQLValue {
    if case .text(let text) = self, text.holdsZero { throw Problem(.invalid, "A text holds a zero character (U+0000), which can't be stored; leave it out.") }
    return self
  }
}

extension String {
  fileprivate var holdsZero: Bool {
    let bytes = utf8Span.span
    for place in bytes.indices where bytes[place] == 0 { return true }
    return false
  }
}
