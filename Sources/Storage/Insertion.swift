public import Kernel

/// New rows of one table that are written together: for what comes by the thousand, where a statement for each row would cost more than the row.
///
/// Values are added one after the other in the order of the columns, and `endRow` closes each row. They are bound, never spliced. A row with too many or too few
/// values, or a value of the wrong type, is a `.defect` when it is written; a text that holds a zero character is refused as `invalid`, as in a `Statement`.
public struct Insertion: Sendable {
  /// A value without memory of its own: texts stand in `texts`, one after the other.
  public enum Cell: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(start: Int, count: Int)
  }

  public struct Column: Sendable, Hashable {
    public let name: String
    public let type: SQLType
  }

  public let table: String
  public let columns: [Column]
  /// Row by row.
  public private(set) var cells: [Cell] = []
  public private(set) var texts: [UInt8] = []
  public private(set) var count = 0
  private var fault: Problem?

  /// `rows`: how many are expected.
  public init(into table: StaticString, _ columns: KeyValuePairs<StaticString, SQLType>, rows: Int = 0) {
    self.table = "\(table)"
    self.columns = columns.map { Column(name: "\($0.key)", type: $0.value) }
    cells.reserveCapacity(rows * columns.count)
    // An id is 36 bytes, and most rows have two or three.
    texts.reserveCapacity(rows * 96)
  }

  /// The same with columns that are worked out.
  public init(into table: StaticString, columns: [(name: StaticString, type: SQLType)], rows: Int = 0) {
    self.table = "\(table)"
    self.columns = columns.map { Column(name: "\($0.name)", type: $0.type) }
    cells.reserveCapacity(rows * columns.count)
  }

  public var isEmpty: Bool { count == 0 }

  public mutating func add(_ integer: Int64) { cells.append(.integer(integer)) }
  public mutating func add(_ integer: Int) { cells.append(.integer(Int64(integer))) }

  /// An id in its canonical form.
  public mutating func add<Noun>(_ id: ID<Noun>) {
    cells.append(.text(start: texts.count, count: 36))
    id.append(to: &texts)
  }

  public mutating func add(_ value: some SQLBindable) { add(value.sqlValue) }

  public mutating func add(_ value: (some SQLBindable)?) { add(value?.sqlValue ?? .null) }

  /// A value whose type is known only when it is there.
  public mutating func add(_ value: SQLValue) {
    switch value {
    case .null: cells.append(.null)
    case .integer(let integer): cells.append(.integer(integer))
    case .text(let text):
      let start = texts.count
      texts.append(contentsOf: text.utf8)
      cells.append(.text(start: start, count: texts.count - start))
      if texts[start...].contains(0) { fault = .zeroCharacter }
    }
  }

  public mutating func endRow() {
    count += 1
    guard cells.count == count * columns.count else {
      fault = Problem(.defect, "A row of \(table) has another number of values than columns.")
      return
    }
    for place in columns.indices {
      switch (cells[cells.count - columns.count + place], columns[place].type) {
      case (.null, _), (.integer, .integer), (.text, .text): break
      default: fault = Problem(.defect, "A value for \(table).\(columns[place].name) is of the wrong type.")
      }
    }
  }

  /// For drivers, before they write.
  public func check() throws(Problem) {
    if let fault { throw fault }
    guard cells.count == count * columns.count else { throw Problem(.defect, "The last row of \(table) isn't closed.") }
  }

  /// One row's worth of SQL with `?` for each value, for drivers that run it for each row.
  public var rowSQL: String { "\(head) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))" }

  /// SQL that takes each column as one array, for drivers that send all rows at once.
  public var arraySQL: String {
    let arrays = columns.enumerated().map { place, column in "CAST($\(place + 1) AS \(column.type == .integer ? "bigint" : "text")[])" }
    return "\(head) SELECT * FROM unnest(\(arrays.joined(separator: ", ")))"
  }

  /// SQL that takes `copyText`, for drivers that stream rows: the fastest for many, and an exchange more than the others.
  public var copySQL: String { "COPY \(table) (\(columns.map(\.name).joined(separator: ", "))) FROM STDIN" }

  /// The rows as PostgreSQL reads them from a stream (COPY, text format): a line for each, tabs between.
  public var copyText: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(texts.count + cells.count * 8)
    let backslash = UInt8(ascii: "\\")
    for (place, cell) in cells.enumerated() {
      switch cell {
      case .null: text += [backslash, UInt8(ascii: "N")]
      case .integer(let integer): text.append(contentsOf: String(integer).utf8)
      case .text(let start, let count):
        for byte in texts[start..<start + count] {
          switch byte {
          case backslash: text += [backslash, backslash]
          case UInt8(ascii: "\n"): text += [backslash, UInt8(ascii: "n")]
          case UInt8(ascii: "\r"): text += [backslash, UInt8(ascii: "r")]
          case UInt8(ascii: "\t"): text += [backslash, UInt8(ascii: "t")]
          default: text.append(byte)
          }
        }
      }
      text.append(UInt8(ascii: (place + 1).isMultiple(of: columns.count) ? "\n" : "\t"))
    }
    return text
  }

  private var head: String { "INSERT INTO \(table) (\(columns.map(\.name).joined(separator: ", ")))" }

  /// A column's values as PostgreSQL writes an array.
  public func array(of column: Int) -> String {
    var text: [UInt8] = [UInt8(ascii: "{")]
    for row in 0..<count {
      if row > 0 { text.append(UInt8(ascii: ",")) }
      switch cells[row * columns.count + column] {
      case .null: text.append(contentsOf: "NULL".utf8)
      case .integer(let integer): text.append(contentsOf: String(integer).utf8)
      case .text(let start, let count):
        text.append(UInt8(ascii: "\""))
        for byte in texts[start..<start + count] {
          if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
          text.append(byte)
        }
        text.append(UInt8(ascii: "\""))
      }
    }
    text.append(UInt8(ascii: "}"))
    return String(decoding: text, as: UTF8.self)
  }
}
