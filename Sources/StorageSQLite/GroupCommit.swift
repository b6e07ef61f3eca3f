import GRDB
import Kernel
import Storage

/// Commits several units of work in one transaction, each as if it were alone.
///
/// Nobody is told before the commit, not even of a refusal: it may rest on what an earlier unit of the same transaction wrote.
/// When the transaction breaks (the disk is full, a deferred constraint fails), each unit is run once more in a transaction of its own,
/// so that one can't spoil the others.
struct GroupCommit: Sendable {
  /// How many units share a transaction at most.
  static let size = 64

  let connection: Connection
  let moments: @Sendable () -> Moment

  func run(_ units: [UnitOfWork]) {
    connection.write { db, statements in
      do throws(Problem) {
        for ending in try commit(units, on: db, statements) { ending.tell() }
      } catch {
        guard units.count > 1, error.mayBeOneUnitsFault else { return units.forEach { $0.refuse(error) } }
        for unit in units {
          do throws(Problem) { for ending in try commit([unit], on: db, statements) { ending.tell() } } catch { unit.refuse(error) }
        }
      }
    }
  }

  private func commit(_ units: [UnitOfWork], on db: GRDB.Database, _ statements: PreparedStatements) throws(Problem) -> [UnitOfWork.Ending] {
    do {
      do {
        return try run(units, apart: false, on: db, statements)
      } catch let refused as RefusedAfterWriting {
        try db.rollback()
        return units.count == 1 ? [refused.ending] : try run(units, apart: true, on: db, statements)
      }
    } catch {
      try? db.rollback()
      throw Problem(sqlite: error)
    }
  }

  /// A unit was refused that isn't `apart`, and what it wrote can't be taken back without what the others did.
  private struct RefusedAfterWriting: Error { let ending: UnitOfWork.Ending }

  /// Runs the units in one transaction and commits it. Those that are `apart` have a savepoint each.
  ///
  /// Hardly any unit is refused after it has written, and savepoints cost as much as the writing: each page is copied before its first change.
  /// So they come in when there is such a unit, and all units run again.
  private func run(_ units: [UnitOfWork], apart: Bool, on db: GRDB.Database, _ statements: PreparedStatements) throws -> [UnitOfWork.Ending] {
    try db.cachedStatement(sql: "BEGIN IMMEDIATE TRANSACTION").execute()
    var endings: [UnitOfWork.Ending] = []
    for unit in units {
      if apart { try db.cachedStatement(sql: "SAVEPOINT unit").execute() }
      let transaction = SQLiteTransaction(db, statements, unit.access, at: moments())
      let ending = transaction.run(unit)
      if let problem = ending.problem {
        // Some errors roll the whole transaction back (https://www.sqlite.org/lang_transaction.html).
        guard db.isInsideTransaction else { throw problem }
        if apart {
          try db.cachedStatement(sql: "ROLLBACK TO unit").execute()
        } else if transaction.hasWritten {
          throw RefusedAfterWriting(ending: ending)
        }
      }
      if apart { try db.cachedStatement(sql: "RELEASE unit").execute() }
      endings.append(ending)
    }
    try db.cachedStatement(sql: "COMMIT TRANSACTION").execute()
    return endings
  }
}

extension Problem {
  /// A lock or a lost disk refuses everybody alike; anything else may be due to what one unit wrote.
  fileprivate var mayBeOneUnitsFault: Bool { code != .unavailable }
}
