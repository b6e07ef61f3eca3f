import GRDB
import Storage

/// A connection with the statements that were prepared on it.
final class Connection: Sendable {
  private let queue: DatabaseQueue
  private let statements = PreparedStatements()

  init(_ queue: DatabaseQueue) { self.queue = queue }

  func read<Value>(_ body: (GRDB.Database, PreparedStatements) throws -> Value) throws -> Value { try queue.unsafeRead { db in try body(db, statements) } }

  func write(_ body: (GRDB.Database, PreparedStatements) -> Void) { queue.writeWithoutTransaction { db in body(db, statements) } }

  func backup(to destination: DatabaseQueue) throws { try queue.backup(to: destination) }

  func close() throws {
    // A connection isn't closed while statements are left.
    queue.unsafeRead { _ in statements.forget() }
    try queue.close()
  }
}

/// Prepared statements by their shapes: the library's own cache would need each statement's whole text first.
///
/// Unchecked, since it is used on its connection's queue alone.
final class PreparedStatements: @unchecked Sendable {
  /// More shapes than any program has: somebody builds texts of ever new lengths.
  private static let limit = 1024
  /// Long texts are mostly migrations and bulk inserts, each of its own shape: they would fill the cache and never be asked for again.
  private static let longest = 4096

  private var known: [Storage.Statement.Shape: GRDB.Statement] = [:]

  func find(_ statement: Storage.Statement, on db: GRDB.Database) throws -> GRDB.Statement {
    let shape = statement.shape
    if let found = known[shape] { return found }
    let text = try statement.rendered(with: .question).sql
    let made = try db.makeStatement(sql: text)
    if text.utf8.count <= Self.longest {
      if known.count == Self.limit { known = [:] }
      known[shape] = made
    }
    return made
  }

  func forget() { known = [:] }
}
