public import Kernel

/// One row of an answer; columns are read by name, and a column of another type or name is a `.defect`.
public struct Row: Sendable {
  private let columns: [String]
  private let values: [SQLValue]

  /// For drivers: `columns` is shared by all rows of an answer.
  public init(columns: [String], values: [SQLValue]) {
    self.columns = columns
    self.values = values
  }

  public subscript(column: String) -> SQLValue? {
    for place in columns.indices where columns[place] == column { return values[place] }
    return nil
  }

  public func text(_ column: String) throws(Problem) -> String {
    guard case .text(let text)? = self[column] else { throw wrong(column, "a text") }
    return text
  }

  public func integer(_ column: String) throws(Problem) -> Int64 {
    guard case .integer(let integer)? = self[column] else { throw wrong(column, "an integer") }
    return integer
  }

  public func bool(_ column: String) throws(Problem) -> Bool { try integer(column) != 0 }
  public func instant(_ column: String) throws(Problem) -> Timestamp { Timestamp(milliseconds: try integer(column)) }

  public func id<Noun>(_ column: String, of: Noun.Type = Noun.self) throws(Problem) -> ID<Noun> {
    guard let id = ID<Noun>(try text(column)) else { throw wrong(column, "an id") }
    return id
  }

  /// Whether the column is NULL.
  public func isNull(_ column: String) -> Bool { self[column] == .null }

  /// The value, or `nil` where the column is NULL: `row.optional("expires", row.instant)`.
  public func optional<Value>(_ column: String, _ read: (String) throws(Problem) -> Value) throws(Problem) -> Value? {
    isNull(column) ? nil : try read(column)
  }

  /// A stored value of a type that checks its texts: a text that doesn't pass is a `.defect`.
  public func parsed<Value>(_ column: String, _ parse: (String) throws(Rejection) -> Value) throws(Problem) -> Value {
    let stored = try text(column)
    do { return try parse(stored) } catch { throw wrong(column, "acceptable: \(error.reason)") }
  }

  /// A stored case of an enumeration.
  public func choice<Value: RawRepresentable<String>>(_ column: String, of: Value.Type = Value.self) throws(Problem) -> Value {
    guard let value = Value(rawValue: try text(column)) else { throw wrong(column, "a known \(Value.self)") }
    return value
  }

  private func wrong(_ column: String, _ expected: String) -> Problem {
    Problem(.defect, "A stored value can't be read.", cause: UnreadableColumn(column: column, expected: expected))
  }
}

struct UnreadableColumn: Error {
  let column: String
  let expected: String
}
