import Kernel
import Storage

/// Runs statements on the connection of an open transaction.
final class PostgresTransaction: Transaction {
  let moment: Moment
  private let connection: PostgresConnection
  private let access: UnitOfWork.Access
  /// What ended the transaction before its body did.
  private(set) var failure: PostgresFailure?

  init(_ connection: PostgresConnection, _ access: UnitOfWork.Access, at moment: Moment) {
    (self.connection, self.access, self.moment) = (connection, access, moment)
  }

  func rows(_ statement: Statement) throws(Problem) -> [Row] {
    try attempt { () throws(PostgresFailure) in
      let answer = try run(statement)
      guard answer.tag.hasPrefix("SELECT") else { throw PostgresFailure(.refused, "A query tried to write: \(answer.tag)") }
      return answer.rows
    }
  }

  func rows(_ statement: Statement, under proof: some Proof) throws(Problem) -> [Row] {
    try attempt { () throws(PostgresFailure) in
      try requireWriting()
      return try run(statement).rows
    }
  }

  @discardableResult func change(_ statement: Statement, under proof: some Proof) throws(Problem) -> Int {
    try attempt { () throws(PostgresFailure) in
      try requireWriting()
      return try run(statement).changed
    }
  }

  func insert(_ rows: Insertion, under proof: some Proof) throws(Problem) {
    guard !rows.isEmpty else { return }
    try attempt { () throws(PostgresFailure) in
      try requireWriting()
      do throws(Problem) { try rows.check() } catch { throw PostgresFailure(error) }
      guard rows.count < Self.streamed else { return try connection.copy(rows.copySQL, rows.copyText) }
      let arrays = rows.columns.indices.map { SQLValue.text(rows.array(of: $0)) }
      _ = try connection.rows(rows.arraySQL, arrays, rows.columns.map { _ in .text }, cached: true)
    }
  }

  /// From how many rows on a stream is faster than arrays, though it takes an exchange more.
  private static let streamed = 200

  private func requireWriting() throws(PostgresFailure) {
    guard access != .reading else { throw PostgresFailure(.refused, "A unit of work that only reads tried to write.") }
  }

  private func run(_ statement: Statement) throws(PostgresFailure) -> PostgresAnswer {
    let rendered: (sql: String, values: [SQLValue], types: [SQLType])
    do { rendered = try statement.rendered(with: .numbered) } catch { throw PostgresFailure(error) }
    // Long texts are mostly bulk inserts, each of its own shape: they would fill the cache and never be asked for again.
    let isCached = access != .changingSchema && rendered.sql.utf8.count <= 4096
    return try connection.rows(rendered.sql, rendered.values, rendered.types, cached: isCached)
  }

  private func attempt<Value>(_ work: () throws(PostgresFailure) -> Value) throws(Problem) -> Value {
    if let failure { throw Problem(postgres: failure) }
    do {
      return try work()
    } catch {
      failure = error
      throw Problem(postgres: error)
    }
  }
}
