import GRDB
import Kernel
import Storage

/// Runs statements on the connection of an open transaction.
final class SQLiteTransaction: Storage.Transaction {
  let moment: Moment
  private let db: GRDB.Database
  private let statements: PreparedStatements
  private let access: UnitOfWork.Access
  /// Whether a statement that writes was tried.
  private(set) var hasWritten = false
  /// The problem of the statement that failed, which ends the transaction.
  private var failure: Problem?

  init(_ db: GRDB.Database, _ statements: PreparedStatements, _ access: UnitOfWork.Access, at moment: Moment) {
    (self.db, self.statements, self.access, self.moment) = (db, statements, access, moment)
  }

  /// Runs a unit of work; one that goes on after a failed statement ends with the problem of that.
  func run(_ unit: UnitOfWork) -> UnitOfWork.Ending {
    let ending = unit.run(self)
    guard ending.problem == nil, let failure else { return ending }
    return UnitOfWork.Ending(problem: failure) { unit.refuse(failure) }
  }

  func rows(_ statement: Storage.Statement) throws(Problem) -> [Storage.Row] {
    try attempt {
      let (prepared, values) = try prepare(statement)
      guard prepared.isReadonly, prepared.columnCount > 0 else { throw Problem(.defect, "A query tried to write.") }
      return try prepared.rows(values)
    }
  }

  func rows(_ statement: Storage.Statement, under proof: some Proof) throws(Problem) -> [Storage.Row] {
    try attempt {
      try requireWriting()
      let (prepared, values) = try prepare(statement)
      return try prepared.rows(values)
    }
  }

  @discardableResult func change(_ statement: Storage.Statement, under proof: some Proof) throws(Problem) -> Int {
    try attempt {
      try requireWriting()
      let (prepared, values) = try prepare(statement)
      try prepared.run(values) { _ in }
      return db.changesCount
    }
  }

  func insert(_ rows: Insertion, under proof: some Proof) throws(Problem) {
    try attempt {
      try requireWriting()
      try rows.check()
      try db.cachedStatement(sql: rows.rowSQL).run(for: rows)
    }
  }

  private func requireWriting() throws(Problem) {
    guard access != .reading else { throw Problem(.defect, "A unit of work that only reads tried to write.") }
    hasWritten = true
  }

  private func prepare(_ statement: Storage.Statement) throws -> (GRDB.Statement, [SQLValue]) {
    (try statements.find(statement, on: db), try statement.storableValues())
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
