import GRDB
import Kernel
import Storage
import Synchronization

/// The connections that only read, one for each lane, opened when its lane is first used.
///
/// Units that waited together are run in one transaction: it begins after all of them came, so each sees everything that was committed before it was asked for.
final class Readers: Sendable {
  let count: Int
  private let open: @Sendable () throws -> Connection
  private let connections: Mutex<[Connection?]>

  init(_ count: Int, open: @escaping @Sendable () throws -> Connection) {
    self.count = count
    self.open = open
    connections = Mutex(Array(repeating: nil, count: count))
  }

  /// One lane on the connection that writes as well: nobody else sees a database in memory.
  convenience init(sharing connection: Connection) { self.init(1) { connection } }

  func run(_ units: [UnitOfWork], on lane: Int, _ moments: @Sendable () -> Moment) {
    do {
      let endings = try connection(of: lane).read { db, statements in try Self.run(units, on: db, statements, moments) }
      for ending in endings { ending.tell() }
    } catch {
      let problem = Problem(sqlite: error)
      for unit in units { unit.refuse(problem) }
    }
  }

  /// Copies one consistent state, by a connection of its own where there are several, while the others go on.
  func backup(to destination: DatabaseQueue) throws { try open().backup(to: destination) }

  func close() throws {
    try connections.withLock { connections in
      for connection in connections { try connection?.close() }
    }
  }

  private static func run(
    _ units: [UnitOfWork], on db: GRDB.Database, _ statements: PreparedStatements, _ moments: () -> Moment
  ) throws -> [UnitOfWork.Ending] {
    var endings: [UnitOfWork.Ending] = []
    do {
      for unit in units {
        // A statement of the unit before may have failed and ended the transaction.
        if !db.isInsideTransaction { try db.cachedStatement(sql: "BEGIN DEFERRED TRANSACTION").execute() }
        endings.append(SQLiteTransaction(db, statements, unit.access, at: moments()).run(unit))
      }
      if db.isInsideTransaction { try db.cachedStatement(sql: "COMMIT TRANSACTION").execute() }
    } catch {
      try? db.rollback()
      throw error
    }
    return endings
  }

  private func connection(of lane: Int) throws -> Connection {
    try connections.withLock { connections in
      if let connection = connections[lane] { return connection }
      let connection = try open()
      connections[lane] = connection
      return connection
    }
  }
}
