public import Kernel

/// What a write must bring along: a value that only authorization, recording or housekeeping can make. Storage asks for one and looks no further.
public protocol Proof {}

/// One open transaction. Synchronous on purpose: a body that awaits does not compile, so no network call can hide in a transaction.
///
/// It is not `Sendable`: it can't leave its closure. All isolation is serializable: what the body read still holds when it commits, or the body runs again.
///
/// A statement that fails ends the transaction: each later statement repeats its problem, and nothing is kept even if the body goes on to return a value.
/// A body may turn the problem into one of its own; it can't overcome it.
public protocol Transaction: AnyObject {
  /// The instant and the randomness of this unit of work; a body that is run again gets new ones.
  var moment: Moment { get }

  /// The rows a query answers; a statement that writes is a `.defect`.
  func rows(_ statement: Statement) throws(Problem) -> [Row]

  /// Runs an INSERT, UPDATE or DELETE with RETURNING, and answers the rows it returns. In a transaction opened by `read` it is a `.defect`.
  func rows(_ statement: Statement, under proof: some Proof) throws(Problem) -> [Row]

  /// Runs an INSERT, UPDATE or DELETE, and answers how many rows it touched. In a transaction opened by `read` it is a `.defect`.
  ///
  /// A constraint that says no is a `.conflict` with the code `storage.constraint`.
  @discardableResult func change(_ statement: Statement, under proof: some Proof) throws(Problem) -> Int

  /// Writes all rows or, where one contradicts what is stored, none; refuses as `change` does.
  func insert(_ rows: Insertion, under proof: some Proof) throws(Problem)
}

extension Transaction {
  public var now: Timestamp { moment.now }
  public func newID<Noun>(_: Noun.Type = Noun.self) -> ID<Noun> { moment.newID() }

  /// The only row, or `nil`; more than one is a `.defect`.
  public func row(_ statement: Statement) throws(Problem) -> Row? { try Self.only(of: rows(statement)) }

  /// The only row that an INSERT, UPDATE or DELETE returns, or `nil`; more than one is a `.defect`.
  public func row(_ statement: Statement, under proof: some Proof) throws(Problem) -> Row? { try Self.only(of: rows(statement, under: proof)) }

  /// The number that `SELECT count(*) AS n …` answers.
  public func count(_ statement: Statement) throws(Problem) -> Int { Int(try row(statement)?.integer("n") ?? 0) }

  private static func only(of rows: [Row]) throws(Problem) -> Row? {
    guard rows.count <= 1 else { throw Problem(.defect, "More than one row where at most one can be.") }
    return rows.first
  }
}
