public import Kernel

/// A database that runs units of work one after another as far as anybody can tell.
public protocol Database: Sendable {
  /// Runs a body that only reads, on one consistent state.
  ///
  /// Refuses as `.unavailable` when too many others wait, the database is locked or gone.
  func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value

  /// Runs a body and commits what it wrote, durably, before it answers; a body that throws leaves nothing.
  ///
  /// A body may be run several times (PostgreSQL answers 40001 when it can't keep the order), so it must touch nothing outside its transaction.
  /// Refuses as `.unavailable` when the queue is full, the database is locked or gone, or the re-runs are used up.
  func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value

  /// Runs a body that changes the schema. It is a `write` that no other change of the schema overlaps, not even another process's.
  func changeSchema<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value

  /// The SQL that migrations need to differ in by driver; there is very little.
  var engine: Engine { get }
}

extension Database {
  public func changeSchema<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value {
    try await write(body)
  }
}

/// Which database a driver runs statements on.
public enum Engine: String, Sendable, CaseIterable { case sqlite, postgres }

extension Problem.Code {
  /// A UNIQUE, CHECK, NOT NULL or REFERENCES constraint said no. A use case that can meet it answers with a code of its own.
  public static let constraint = Self("storage.constraint", .conflict, "Contradicts what is stored")
  /// A driver's sign to itself that the body must run again; it leaves a driver only when the re-runs are used up.
  public static let serialization = Self("storage.serialization", .unavailable, "Too many changes at once")
  /// The disk is full: nothing was changed.
  public static let full = Self("storage.full", .unavailable, "No space left to store anything")
  /// The file or server is not a database that this program can use; trying again doesn't help.
  public static let unusable = Self("storage.unusable", .defect, "The database can't be used")
}
