import GRDB
import GRDBSQLite
import Kernel
import Storage

/// Values go in and come out by their positions, past the library's own rows and arguments: those cost several times what SQLite itself does.
extension GRDB.Statement {
  func rows(_ values: [SQLValue]) throws -> [Storage.Row] {
    let columns = columnNames
    var rows: [Storage.Row] = []
    try run(values) { row in
      rows.append(Storage.Row(columns: columns, values: try (0..<CInt(columns.count)).map { place in try SQLValue(row, place) }))
    }
    return rows
  }

  /// Runs the statement to its end, with each row on the way.
  func run(_ values: [SQLValue], each row: (SQLiteStatement) throws -> Void) throws {
    defer {
      sqlite3_reset(sqliteStatement)
      sqlite3_clear_bindings(sqliteStatement)
    }
    // All texts in one piece that outlives the run, so that SQLite needs no copies of its own.
    var texts: [UInt8] = []
    for case .text(let text) in values { texts.append(contentsOf: text.utf8) }
    texts.append(0)
    try texts.withUnsafeBytes { texts in
      guard var text = texts.assumingMemoryBound(to: CChar.self).baseAddress else { throw DatabaseError(resultCode: .SQLITE_NOMEM) }
      for (value, place) in zip(values, CInt(1)...) {
        switch value {
        case .null: try expect(SQLITE_OK, sqlite3_bind_null(sqliteStatement, place))
        case .integer(let integer): try expect(SQLITE_OK, sqlite3_bind_int64(sqliteStatement, place, integer))
        case .text(let content):
          try expect(SQLITE_OK, sqlite3_bind_text64(sqliteStatement, place, text, UInt64(content.utf8.count), nil, UInt8(SQLITE_UTF8)))
          text += content.utf8.count
        }
      }
      try step(each: row)
    }
  }

  /// Runs the statement once for each row.
  func run(for rows: Insertion) throws {
    defer {
      sqlite3_reset(sqliteStatement)
      sqlite3_clear_bindings(sqliteStatement)
    }
    let width = rows.columns.count
    // An empty buffer has no address, and an empty text needs one.
    try (rows.texts + [0]).withUnsafeBytes { texts in
      guard let text = texts.assumingMemoryBound(to: CChar.self).baseAddress else { throw DatabaseError(resultCode: .SQLITE_NOMEM) }
      for (place, cell) in rows.cells.enumerated() {
        let column = CInt(place % width + 1)
        switch cell {
        case .null: try expect(SQLITE_OK, sqlite3_bind_null(sqliteStatement, column))
        case .integer(let integer): try expect(SQLITE_OK, sqlite3_bind_int64(sqliteStatement, column, integer))
        case .text(let start, let count):
          try expect(SQLITE_OK, sqlite3_bind_text64(sqliteStatement, column, text + start, UInt64(count), nil, UInt8(SQLITE_UTF8)))
        }
        guard Int(column) == width else { continue }
        try expect(SQLITE_DONE, sqlite3_step(sqliteStatement))
        sqlite3_reset(sqliteStatement)
      }
    }
  }

  private func step(each row: (SQLiteStatement) throws -> Void) throws {
    while true {
      let code = sqlite3_step(sqliteStatement)
      if code == SQLITE_DONE { return }
      try expect(SQLITE_ROW, code)
      try row(sqliteStatement)
    }
  }

  private func expect(_ expected: CInt, _ code: CInt) throws {
    guard code != expected else { return }
    let message = sqlite3_errmsg(sqlite3_db_handle(sqliteStatement)).map { String(cString: $0) }
    throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message, sql: sql)
  }
}

extension SQLValue {
  fileprivate init(_ row: SQLiteStatement, _ place: CInt) throws(Problem) {
    switch sqlite3_column_type(row, place) {
    case SQLITE_NULL: self = .null
    case SQLITE_INTEGER: self = .integer(sqlite3_column_int64(row, place))
    case SQLITE_TEXT:
      let bytes = UnsafeBufferPointer(start: sqlite3_column_text(row, place), count: Int(sqlite3_column_bytes(row, place)))
      self = .text(String(decoding: bytes, as: UTF8.self))
    default: throw Problem(.defect, "A stored value is neither an integer nor a text.")
    }
  }
}
