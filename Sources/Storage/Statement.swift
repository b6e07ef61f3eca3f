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
  /// Some text, with one value behind it or none.
  struct Piece: Sendable {
    var text: String
    /// What PostgreSQL writes instead; for `TermIndex` alone.
    var postgres: String?
    var hasValue = false
  }

  private(set) var pieces: [Piece] = []
  private(set) var values: [SQLValue] = []
  private(set) var types: [SQLType] = []

  public init(stringLiteral text: String) { append(text) }
  public init(stringInterpolation: Interpolation) { self = stringInterpolation.statement }

  /// A statement from text that is SQL already: migrations and nothing else.
  public init(migration text: String) { append(text) }

  /// A piece of SQL that stands in the program, such as the name of a table or a column.
  public init(_ text: StaticString) { append("\(text)") }

  init(sqlite: String, postgres: String) { pieces = [Piece(text: sqlite, postgres: postgres)] }

  private mutating func append(_ text: String) {
    if !text.isEmpty { pieces.append(Piece(text: text)) }
  }

  private mutating func append(_ value: SQLValue, _ type: SQLType) {
    if let last = pieces.indices.last, !pieces[last].hasValue { pieces[last].hasValue = true } else { pieces.append(Piece(text: "", hasValue: true)) }
    values.append(value)
    types.append(type)
  }

  private mutating func append(_ clause: Statement) {
    pieces += clause.pieces
    values += clause.values
    types += clause.types
  }

  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var statement = Statement.none

    public init(literalCapacity: Int, interpolationCount: Int) {
      statement.pieces.reserveCapacity(interpolationCount + 1)
      statement.values.reserveCapacity(interpolationCount)
      statement.types.reserveCapacity(interpolationCount)
    }

    public mutating func appendLiteral(_ literal: String) { statement.append(literal) }

    public mutating func appendInterpolation<Value: SQLBindable>(_ value: Value) { bind(value.sqlValue, Value.sqlType) }

    /// A value that may be missing binds NULL then.
    public mutating func appendInterpolation<Value: SQLBindable>(_ value: Value?) { bind(value?.sqlValue ?? .null, Value.sqlType) }

    private mutating func bind(_ value: SQLValue, _ typeOfNull: SQLType) {
      switch value {
      case .null: statement.append(value, typeOfNull)
      case .integer: statement.append(value, .integer)
      case .text: statement.append(value, .text)
      }
    }

    /// `"… IN (\(list: ids))"`; an empty list matches nothing.
    ///
    /// Where `id` has a key together with another column that is given too, take `values`: SQLite keeps no statistics here, and from three values on it
    /// reads all that the other column leaves.
    public mutating func appendInterpolation(list values: some Collection<some SQLBindable>) {
      if values.isEmpty { statement.append("NULL") }
      for (place, value) in values.enumerated() {
        if place > 0 { statement.append(", ") }
        appendInterpolation(value)
      }
    }

    /// `"… FROM \(values: ids) AS wanted CROSS JOIN team t WHERE t.organization = … AND t.id = wanted.column1"`: one row for each value, and each is looked
    /// up by itself. An empty collection matches nothing; a value that is in it twice finds its row twice.
    ///
    /// NULLs, which equal nothing, fill it up to a power of two, so that collections of all lengths share a few prepared statements.
    public mutating func appendInterpolation<Value: SQLBindable>(values: some Collection<Value>) {
      let count = values.count
      let filled = count < 2 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
      statement.append("(VALUES (")
      for (place, value) in values.enumerated() {
        if place > 0 { statement.append("), (") }
        appendInterpolation(value)
      }
      for place in count..<filled {
        if place > 0 { statement.append("), (") }
        statement.append(.null, Value.sqlType)
      }
      statement.append("))")
    }

    /// A piece of SQL with its own bound values, for clauses that are there or not.
    public mutating func appendInterpolation(_ clause: Statement) { statement.append(clause) }
  }

  /// Nothing at all: the clause that is not there.
  public static let none: Statement = ""
  public var isEmpty: Bool { pieces.isEmpty }

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
    var count = 0
    for piece in pieces {
      sql += placeholder == .numbered ? piece.postgres ?? piece.text : piece.text
      guard piece.hasValue else { continue }
      count += 1
      switch placeholder {
      case .question: sql += "?"
      case .numbered: sql += "$\(count)"
      }
    }
    return (sql, try storableValues(), types)
  }

  /// The values in their order. Refuses as `rendered` does.
  public func storableValues() throws(Problem) -> [SQLValue] {
    for case .text(let text) in values where text.holdsZero {
      throw Problem.zeroCharacter
    }
    return values
  }
}

extension Statement {
  /// What statements have in common that differ in their values alone: the same text once it is rendered with `?`.
  public struct Shape: Hashable, Sendable {
    private let pieces: [Piece]

    fileprivate init(_ pieces: [Piece]) { self.pieces = pieces }

    // By the lengths: hashing would read each text to its end, while two of the same place in the program are equal at once.
    public func hash(into hasher: inout Hasher) {
      var mixed = pieces.count
      for place in pieces.indices { mixed = mixed &* 31 &+ pieces[place].text.utf8.count }
      hasher.combine(mixed)
    }

    public static func == (a: Self, b: Self) -> Bool {
      guard a.pieces.count == b.pieces.count else { return false }
      for place in a.pieces.indices where a.pieces[place].hasValue != b.pieces[place].hasValue || a.pieces[place].text != b.pieces[place].text { return false }
      return true
    }
  }

  public var shape: Shape { Shape(pieces) }
}

extension Problem {
  static let zeroCharacter = Problem(.invalid, "A text holds a zero character (U+0000), which can't be stored; leave it out.")
}

extension String {
  fileprivate var holdsZero: Bool {
    let bytes = utf8Span.span
    for place in bytes.indices where bytes[place] == 0 { return true }
    return false
  }
}
