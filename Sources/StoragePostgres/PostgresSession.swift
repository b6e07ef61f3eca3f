import Glibc
import Kernel
import Storage

/// Serves units of work on one connection: opens it when needed, runs bodies, commits, and runs again what is worth running again.
///
/// `@unchecked Sendable`: it is only touched on the thread of its lane, and by `close` when no lane works any more.
final class PostgresSession: @unchecked Sendable {
  private let target: PostgresConnection.Target
  private let options: PostgresDatabase.Options
  private let moments: @Sendable () -> Moment
  private var connection: PostgresConnection?

  init(target: PostgresConnection.Target, options: PostgresDatabase.Options, moments: @escaping @Sendable () -> Moment) {
    (self.target, self.options, self.moments) = (target, options, moments)
  }

  func close() { connection = nil }

  /// Runs the unit until it ends, and answers its caller.
  func serve(_ unit: UnitOfWork) {
    var runs = 0
    var losses = 0
    // A violated constraint may be a race that the body's own check finds when it sees the state that won: worth one more run.
    var mayViolate = false
    while true {
      do throws(PostgresFailure) {
        let ending = try run(unit, mayViolate: mayViolate)
        return ending.tell()
      } catch {
        runs += 1
        if error.remedy == .reconnect { losses += 1 }
        guard error.isTransient || error.isViolation && !mayViolate, runs < options.runs, losses < 3 else { return unit.refuse(Problem(postgres: error)) }
        if error.isViolation { mayViolate = true }
        if error.remedy == .wait { pause(after: runs) }
      }
    }
  }

  /// One run from BEGIN to COMMIT. Throws what may be worth another run; nothing is stored then, unless the failure says that this is unknown.
  private func run(_ unit: UnitOfWork, mayViolate: Bool) throws(PostgresFailure) -> UnitOfWork.Ending {
    do throws(PostgresFailure) {
      let connection = try open()
      if unit.access == .changingSchema { try lockSchema(connection) }
      try connection.execute(unit.access == .reading ? "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY" : "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE")
      if unit.access == .changingSchema { try connection.execute("SET LOCAL statement_timeout = 0") }
      let transaction = PostgresTransaction(connection, unit.access, at: moments())
      let ending = unit.run(transaction)
      if let failure = transaction.failure, failure.isTransient || failure.isViolation && !mayViolate || ending.problem == nil { throw failure }
      if ending.problem != nil {
        try connection.execute("ROLLBACK")
      } else {
        if unit.access == .changingSchema { try connection.collateTextBytewise() }
        try commit(connection, unit.access)
      }
      if unit.access == .changingSchema { unlockSchema(connection) }
      return ending
    } catch {
      abandon(after: error, unit.access)
      throw error
    }
  }

  private func open() throws(PostgresFailure) -> PostgresConnection {
    if let connection { return connection }
    let opened = try PostgresConnection(to: target)
    connection = opened
    return opened
  }

  private func commit(_ connection: PostgresConnection, _ access: UnitOfWork.Access) throws(PostgresFailure) {
    do throws(PostgresFailure) {
      let tag = try connection.execute("COMMIT")
      // PostgreSQL answers ROLLBACK to the COMMIT of a transaction in which a statement failed.
      guard tag == "COMMIT" else { throw PostgresFailure(.refused, "COMMIT was answered by \(tag)") }
    } catch {
      throw error.remedy == .reconnect && access != .reading ? error.withUnknownOutcome : error
    }
  }

  /// Leaves the connection without an open transaction, or without a connection.
  private func abandon(after failure: PostgresFailure, _ access: UnitOfWork.Access) {
    guard let connection else { return }
    if failure.remedy == .prepare { connection.forgetPrepared() }
    do throws(PostgresFailure) {
      if failure.remedy == .reconnect || failure.remedy == .ask { throw failure }
      if connection.isInTransaction { try connection.execute("ROLLBACK") }
      if access == .changingSchema { unlockSchema(connection) }
    } catch {
      self.connection = nil
    }
  }

  /// Exponential with full jitter, from 1 to 128 ms (M. Brooker, "Exponential Backoff And Jitter").
  private func pause(after runs: Int) { usleep(.random(in: 500...(1000 << UInt32(min(runs, 7))))) }

  /// The lock is the session's and not the transaction's: the snapshot of the transaction must be taken when the other change is done.
  private func lockSchema(_ connection: PostgresConnection) throws(PostgresFailure) {
    let deadline = ContinuousClock.now + options.schemaPatience
    while try connection.rows("SELECT pg_try_advisory_lock(\(schemaLock)) AS locked", [], [], cached: false).rows.first?["locked"] != .integer(1) {
      guard ContinuousClock.now < deadline else { throw PostgresFailure(.refused, state: "55P03", "another program changes the schema") }
      usleep(50_000)
    }
  }

  private func unlockSchema(_ connection: PostgresConnection) {
    // A connection that is lost has unlocked already.
    do { try connection.execute("SELECT pg_advisory_unlock(\(schemaLock))") } catch { self.connection = nil }
  }
}

/// The advisory lock that changes of the schema hold: the bytes of "guildhal".
private let schemaLock: Int64 = 0x6775_696C_6468_616C

extension PostgresConnection {
  /// Gives the collation "C" to each text column of the schema that has the database's.
  fileprivate func collateTextBytewise() throws(PostgresFailure) {
    let alterations = try rows(
      """
      SELECT format('ALTER TABLE %s ', c.oid::regclass)
        || string_agg(format('ALTER COLUMN %I TYPE text COLLATE "C"', a.attname), ', ' ORDER BY a.attnum) AS alteration
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
      JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
      WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
        AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'text'::regtype AND l.collname = 'default'
      GROUP BY c.oid ORDER BY c.oid
      """, [], [], cached: false)
    for row in alterations.rows {
      guard case .text(let alteration)? = row["alteration"] else { continue }
      try execute(alteration)
    }
  }
}
