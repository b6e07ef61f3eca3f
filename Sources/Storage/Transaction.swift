public import Kernel

/// What a write must bring along: a value that only authorization, recording or housekeeping can make. Storage asks for one and looks no further.
public protocol Proof {}

/// One open transaction. Synchronous on purpose: a body that awaits does not compile, so no network call can hide in a transaction.
///
/// It is not `Sendable`: it can't leave its closure. All isolation is serializable: what the body read still holds when it commits, or the body runs again.
public protocol Transaction: AnyObject {
  /// The instant and the randomness of this unit of work; a body that is run again gets new ones.
  var moment: Moment { get }

  /// The rows a query answers. A failed constraint is `.conflict` with the code `storage.constraint`.
  func rows(_ statement: Statement) throws(Problem) -> [Row]

  /// Runs an INSERT, UPDATE or DELETE, and answers how many rows it touched. In a transaction opened by `read` it is a `.defect`.
  @discardableResult func change(_ statement: Statement, under proof: some Proof) throws(Problem) -> Int
}

extension Transaction {
  public var now: Timestamp { moment.now }
  public func newID<Noun>(_: Noun.Type = Noun.self) -> ID<Noun> { moment.newID() }

  /// The only row, or `nil`; more than one is a `.defect`.
  public func row(_ statement: Statement) throws(Problem) -> Row? {
    let found = try rows(statement)
    guard found.count <= 1 else { throw Problem(.defect, "More than one row where at most one can be.") }
    return found.first
  }

  /// The number that `SELECT count(*) AS n …` answers.
  public func count(_ statement: Statement) throws(Problem) -> Int { Int(try row(statement)?.integer("n") ?? 0) }
}

/// A database that runs units of work one after another as far as anybody can tell.
public protocol Database: Sendable {
  /// Runs a body that only reads, on one consistent state.
  func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value

  /// Runs a body and commits what it wrote, durably, before it answers; a body that throws leaves nothing.
  ///
  /// A body may be run several times (PostgreSQL answers 40001 when it can't keep the order), so it must touch nothing outside its transaction.
  /// Refuses as `.unavailable` when the queue is full, the database is locked or gone, or the re-runs are used up.
  func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value

  /// The SQL that migrations need to differ in by driver; there is very little.
  var engine: Engine { get }
}

public enum Engine: String, Sendable { case sqlite, postgres }

extension Problem.Code {
  /// A UNIQUE, CHECK, NOT NULL or REFERENCES constraint said no. A use case that can meet it answers with a code of its own.
  public static let constraint = Self("storage.constraint", .conflict, "Contradicts what is stored")
  /// A driver's sign to itself that the body must run again; it leaves a driver only as `.unavailable`.
  public static let serialization = Self("storage.serialization", .unavailable, "Too many changes at once")
  /// The disk is full: nothing was changed.
  public static let full = Self("storage.full", .unavailable, "No space left to store anything")
}
