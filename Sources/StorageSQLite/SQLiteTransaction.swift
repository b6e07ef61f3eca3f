import GRDB
import Kernel
import Storage

/// Runs statements on the connection of an open transaction.
final class SQLiteTransaction: Storage.Transaction {
  let moment: Moment
  private let db: GRDB.Database
  private let access: UnitOfWork.Access
  /// The problem of the statement that failed, which ends the transaction.
  private var failure: Problem?

  init(_ db: GRDB.Database, _ access: UnitOfWork.Access, at moment: Moment) {
    (self.db, self.access, self.moment) = (db, access, moment)
  }

  /// Runs a unit of work; one that goes on after a failed statement ends with the problem of that.
  func run(_ unit: UnitOfWork) -> UnitOfWork.Ending {
    let ending = unit.run(self)
    guard ending.problem == nil, let failure else { return ending }
    return UnitOfWork.Ending(problem: failure) { unit.refuse(failure) }
  }

  func rows(_ statement: Storage.Statement) throws(Problem) -> [Storage.Row] {
    try attempt {
      let (prepared, arguments) = try prepare(statement)
      guard prepared.isReadonly, prepared.columnCount > 0 else { throw Problem(.defect, "A query tried to write.") }
      return try fetch(prepared, arguments)
    }
  }

  func rows(_ statement: Storage.Statement, under proof: some Proof) throws(Problem) -> [Storage.Row] {
    try attempt {
      try requireWriting()
      let (prepared, arguments) = try prepare(statement)
      return try fetch(prepared, arguments)
    }
  }

  @discardableResult func change(_ statement: Storage.Statement, under proof: some Proof) throws(Problem) -> Int {
    try attempt {
      try requireWriting()
      let (prepared, arguments) = try prepare(statement)
      try prepared.execute(arguments: arguments)
      return db.changesCount
    }
  }

  private func requireWriting() throws(Problem) {
    guard access != .reading else { throw Problem(.defect, "A unit of work that only reads tried to write.") }
  }

  /// Long texts are mostly migrations and bulk inserts, each of its own shape: they would fill the cache and never be asked for again.
  private func prepare(_ statement: Storage.Statement) throws -> (GRDB.Statement, StatementArguments) {
    let (sql, values, _) = try statement.rendered(with: .question)
    let prepared = sql.utf8.count <= 4096 ? try db.cachedStatement(sql: sql) : try db.makeStatement(sql: sql)
    return (prepared, StatementArguments(values.map(\.databaseValue)))
  }

  private func fetch(_ prepared: GRDB.Statement, _ arguments: StatementArguments) throws -> [Storage.Row] {
    let columns = prepared.columnNames
    var rows: [Storage.Row] = []
    let cursor = try GRDB.Row.fetchCursor(prepared, arguments: arguments)
    while let row = try cursor.next() {
      rows.append(Storage.Row(columns: columns, values: try columns.indices.map { try SQLValue(row[$0] as DatabaseValue) }))
    }
    return rows
  }

  private func attempt<Value>(_ work: () throws -> Value) throws(Problem) -> Value {
    if let failure { throw failure }
    do {
      return try work()
    } catch {
      let problem = Problem(sqlite: error)
      failure = problem
      throw problem
    }
  }
}

extension SQLValue {
  fileprivate var databaseValue: DatabaseValue {
    switch self {
    case .null: .null
    case .integer(let integer): integer.databaseValue
    case .text(let text): text.databaseValue
    }
  }

  fileprivate init(_ value: DatabaseValue) throws(Problem) {
    switch value.storage {
    case .null: self = .null
    case .int64(let integer): self = .integer(integer)
    case .string(let text): self = .text(text)
    case .double, .blob: throw Problem(.defect, "A stored value is neither an integer nor a text.")
    }
  }
}
