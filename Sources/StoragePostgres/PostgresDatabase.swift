import CPostgres
import Dispatch
public import Kernel
public import Storage

/// A database on a PostgreSQL server, reached through a few connections, each with a thread of its own.
///
/// All isolation is SERIALIZABLE. What PostgreSQL refuses because it can't keep the order (40001, 40P01) is run again, and so is what a lost
/// connection interrupted before its commit; both a bounded number of times. When the server is gone each call is refused as `.unavailable`,
/// and the first call after it is back connects again.
///
/// It needs sessions of its own: a connection pooler in between must pool sessions, not transactions.
///
/// Texts sort by their bytes whatever the collation of the database is: `changeSchema` gives each text column the collation "C".
public final class PostgresDatabase: Storage.Database {
  /// How many connections, and how long to wait for what.
  public struct Options: Sendable {
    /// How many connections are open at most.
    public var connections = 8
    /// How many units of work may wait for a connection.
    public var waiting = 4096
    /// How long a unit of work waits for a connection.
    public var patience = Duration.seconds(5)
    /// How long to wait for the server to answer when connecting; whole seconds, at least 2.
    public var connectTimeout = Duration.seconds(5)
    /// How long one statement may take.
    public var statementTimeout = Duration.seconds(15)
    /// How long one statement may wait for a lock.
    public var lockTimeout = Duration.seconds(5)
    /// How long a transaction may be open without a statement, before the server ends it.
    public var idleTimeout = Duration.seconds(15)
    /// How often a unit of work is run before it is refused.
    public var runs = 16
    /// How long a change of the schema waits for another one to end.
    public var schemaPatience = Duration.seconds(60)

    public init() {}
  }

  private let sessions: [PostgresSession]
  private let lanes: Lanes

  /// Takes a `postgres://user:password@host:port/name` address with libpq's parameters; connects when there is something to do.
  ///
  /// `moments` is asked for a fresh moment before each run of a body. Refuses as `.unusable` an address that can't be read.
  public init(address: String, options: Options = Options(), moments: @escaping @Sendable () -> Moment) throws(Problem) {
    let target = try PostgresConnection.Target(address: address, options: options)
    let sessions = (0..<options.connections).map { _ in PostgresSession(target: target, options: options, moments: moments) }
    let queues = (0..<options.connections).map { DispatchQueue(label: "postgres.\($0)") }
    let timer = DispatchQueue(label: "postgres.timer")
    let host = Lanes.Host(
      now: { .now },
      start: { lane, work in queues[lane].async(execute: work) },
      after: { delay, work in timer.asyncAfter(deadline: .now() + .milliseconds(Int(delay.milliseconds)), execute: work) })
    self.sessions = sessions
    lanes = Lanes(.init(lanes: options.connections, waiting: options.waiting, patience: options.patience), on: host) { lane, units in
      for unit in units { sessions[lane].serve(unit) }
    }
  }

  public var engine: Engine { .postgres }

  public func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value {
    try await UnitOfWork.answer(.reading, body, submit: lanes.submit)
  }

  public func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value {
    try await UnitOfWork.answer(.writing, body, submit: lanes.submit)
  }

  public func changeSchema<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value {
    try await UnitOfWork.answer(.changingSchema, body, submit: lanes.submit)
  }

  /// Takes no more work, finishes what was taken, and closes the connections; later calls are refused as `.unavailable`.
  public func close() async {
    await lanes.close()
    for session in sessions { session.close() }
  }
}
