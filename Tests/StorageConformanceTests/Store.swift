import Foundation
import Kernel
import Storage
import StoragePostgres
import StorageSQLite
import Synchronization
import TestSupport
import Testing

/// The databases that every promise of the port is tried on.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
  case memory, file, postgres

  /// PostgreSQL is left out where it isn't installed.
  static let available = allCases.filter { $0 != .postgres || PostgresServer.programs != nil }
  /// Those that several connections or programs can open.
  static let shareable = available.filter { $0 != .memory }

  var testDescription: String { rawValue }
}

/// How tight the database is opened.
struct Tightness {
  var connections = 8
  var waiting = 4096
  var patience = Duration.seconds(60)
}

/// An empty database of one test, that goes when the test ends.
func withDatabase(_ backend: Backend, _ schema: String..., tightness: Tightness = Tightness(), body: (any Storage.Database) async throws -> Void) async throws {
  try await withPlace(backend) { place in
    let database = try place.open(tightness)
    if !schema.isEmpty { try await database.make(schema) }
    try await body(database)
    try await place.close(database)
  }
}

/// Where a database is, so that a test can open it more than once.
struct Place {
  let backend: Backend
  let address: String

  func open(_ tightness: Tightness = Tightness()) throws -> any Storage.Database {
    let clock = Mutex<Int64>(0)
    // Each moment is one millisecond after the one before it, so that a test sees whether a run has a moment of its own.
    let moments: @Sendable () -> Moment = {
      let now = clock.withLock { now in
        now += 1
        return now
      }
      return Moment(now: Timestamp(milliseconds: now), draw: { UInt64.random(in: 0 ... .max) })
    }
    switch backend {
    case .memory, .file:
      var options = SQLiteDatabase.Options()
      (options.readers, options.waiting, options.patience, options.busyTimeout) = (tightness.connections, tightness.waiting, tightness.patience, .seconds(60))
      return try SQLiteDatabase(path: backend == .memory ? nil : address, options: options, moments: moments)
    case .postgres:
      var options = PostgresDatabase.Options()
      (options.connections, options.waiting, options.patience) = (tightness.connections, tightness.waiting, tightness.patience)
      // A loaded machine is no reason to fail.
      (options.connectTimeout, options.statementTimeout, options.lockTimeout, options.idleTimeout) = (.seconds(60), .seconds(60), .seconds(60), .seconds(60))
      return try PostgresDatabase(address: address, options: options, moments: moments)
    }
  }

  func close(_ database: any Storage.Database) async throws {
    switch database {
    case let database as SQLiteDatabase: try await database.close()
    case let database as PostgresDatabase: await database.close()
    default: break
    }
  }
}

func withPlace(_ backend: Backend, body: (Place) async throws -> Void) async throws {
  switch backend {
  case .memory: try await body(Place(backend: backend, address: ""))
  case .file: try await withFolder { try await body(Place(backend: backend, address: $0.appending(path: "store.db").path)) }
  case .postgres:
    await turnstile.enter()
    do { try await body(Place(backend: backend, address: PostgresServer.freshDatabase())) } catch {
      await turnstile.leave()
      throw error
    }
    await turnstile.leave()
  }
}

/// Lets so many tests at once use the server that it has connections for all of them.
private let turnstile = Turnstile(places: 16)

private actor Turnstile {
  private var places: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(places: Int) { self.places = places }

  func enter() async {
    if places > 0 { places -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
  }

  func leave() {
    if waiting.isEmpty { places += 1 } else { waiting.removeFirst().resume() }
  }
}

func withFolder(body: (URL) async throws -> Void) async throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "guildhall-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try await body(folder)
}

/// The tests may write.
struct Allowed: Proof {}

extension Storage.Database {
  func make(_ schema: [String]) async throws {
    try await changeSchema { tx in for sql in schema { try tx.change(Statement(migration: sql), under: Allowed()) } }
  }

  /// One statement in a transaction of its own.
  @discardableResult func change(_ statement: Statement) async throws -> Int { try await write { try $0.change(statement, under: Allowed()) } }
  func rows(_ statement: Statement) async throws -> [Row] { try await read { try $0.rows(statement) } }
  func integer(_ statement: Statement) async throws -> Int64 { try await read { try $0.row(statement)?.integer("n") ?? 0 } }
  func texts(_ statement: Statement) async throws -> [String] { try await read { try $0.rows(statement).map { try $0.text("t") } } }
}

/// A number that bodies on other threads may raise.
final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }

  @discardableResult func next() -> Int {
    count.withLock { count in
      count += 1
      return count
    }
  }
}

/// Holds bodies until the test lets them go.
final class Gate: Sendable {
  private let entered = DispatchSemaphore(value: 0)
  private let leave = DispatchSemaphore(value: 0)

  func pass() {
    entered.signal()
    leave.wait()
  }

  func open() { leave.signal() }

  func waitForEntry() async {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "gate").async {
        self.entered.wait()
        continuation.resume()
      }
    }
  }
}

/// Expects a refusal with this code, and answers it.
@discardableResult
func expectProblem<Value>(_ code: Problem.Code, _ comment: Comment? = nil, at location: SourceLocation = #_sourceLocation, _ work: () async throws -> Value) async -> Problem? {
  do {
    let value = try await work()
    Issue.record("expected \(code.name), but it answered \(value). \(comment ?? "")", sourceLocation: location)
  } catch let problem as Problem {
    #expect(problem.code == code, "\(problem) \(String(describing: problem.cause))", sourceLocation: location)
    return problem
  } catch {
    Issue.record("expected \(code.name), but it threw \(error). \(comment ?? "")", sourceLocation: location)
  }
  return nil
}
