import CPostgres
import Glibc
import Kernel
import Storage

extension PostgresAnswer {
  /// How the text of a column is read, by the type that the server names.
  private enum Reading {
    case integer, truth, text
    /// What `sum` of integers answers: an integer as long as it has no fraction and fits.
    case numeric

    init?(_ type: Oid) {
      switch type {
      case 20, 21, 23, 26: self = .integer  // int8, int2, int4, oid
      case 16: self = .truth
      case 25, 1043, 1042, 19, 18, 705, 2278: self = .text  // text, varchar, bpchar, name, char, unknown, void
      case 1700: self = .numeric
      default: return nil
      }
    }
  }

  init(_ result: OpaquePointer, sql: String) throws(PostgresFailure) {
    let columns = 0..<PQnfields(result)
    let names = columns.map { String(cString: PQfname(result, $0)) }
    var readings: [Reading] = []
    for column in columns {
      guard let reading = Reading(PQftype(result, column)) else {
        throw PostgresFailure(.refused, "column \(names[Int(column)]) has a type that is neither an integer nor a text: \(sql)")
      }
      readings.append(reading)
    }
    var rows: [Row] = []
    rows.reserveCapacity(Int(PQntuples(result)))
    for row in 0..<PQntuples(result) {
      var values: [SQLValue] = []
      values.reserveCapacity(readings.count)
      for column in columns { values.append(try Self.value(result, row, column, readings[Int(column)])) }
      rows.append(Row(columns: names, values: values))
    }
    self.init(rows: rows, changed: Int(String(cString: PQcmdTuples(result))) ?? 0, tag: String(cString: PQcmdStatus(result)))
  }

  private static func value(_ result: OpaquePointer, _ row: Int32, _ column: Int32, _ reading: Reading) throws(PostgresFailure) -> SQLValue {
    guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
    switch reading {
    case .integer: return .integer(Int64(strtoll(start, nil, 10)))
    case .truth: return .integer(start.pointee == CChar(bitPattern: UInt8(ascii: "t")) ? 1 : 0)
    case .text: return .text(String(decoding: UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column))), as: UTF8.self))
    case .numeric:
      guard let integer = Int64(String(cString: start)) else { throw PostgresFailure(.refused, "a number is not an integer of 64 bits") }
      return .integer(integer)
    }
  }
}
