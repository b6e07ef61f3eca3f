import Dispatch
import Foundation
import GRDB
public import Kernel
public import Storage

/// A database in one file, or in memory.
///
/// Writes that wait for each other are committed together: one transaction with a savepoint for each, and one flush to the disk (group commit).
/// Each caller is answered after the commit. A file is kept in WAL mode with `synchronous=FULL`, so that what was answered survives a power cut.
public final class SQLiteDatabase: Storage.Database {
  /// How many connections, and how long to wait for what.
  public struct Options: Sendable {
    /// How many reads run at the same time; a database in memory runs one.
    public var readers = 4
    /// How many reads that wait share a lane's turn, and one look at the database.
    public var readsAtOnce = 4
    /// How many units of work may wait for a reader, and as many for the writer.
    public var waiting = 4096
    /// How long a unit of work waits for its turn.
    public var patience = Duration.seconds(5)
    /// How long a statement waits for a lock that another process holds.
    public var busyTimeout = Duration.seconds(5)

    public init() {}
  }

  /// The connection that writes.
  private let connection: Connection
  private let readers: Readers
  private let reads: Lanes
  private let writes: Lanes

  /// Opens the database of a file, and makes the file, readable by its owner alone, if there is none.
  /// Without a path, an empty database in memory that lives as long as this object.
  ///
  /// `moments` is asked for a fresh moment before each run of a body. Refuses as `.unusable` what isn't a SQLite database or can't be opened.
  public convenience init(path: String?, options: Options = Options(), moments: @escaping @Sendable () -> Moment) throws(Problem) {
    do {
      if let path {
        let connection = Connection(try Self.openFile(path, options))
        let readers = Readers(options.readers) { Connection(try DatabaseQueue(path: path, configuration: Self.configuration(options, isReadOnly: true))) }
        self.init(connection: connection, readers: readers, options: options, moments: moments)
      } else {
        let connection = Connection(try DatabaseQueue(configuration: Self.configuration(options)))
        self.init(connection: connection, readers: Readers(sharing: connection), options: options, moments: moments)
      }
    } catch {
      throw Problem(opening: path ?? "in memory", failed: error)
    }
  }

  private init(connection: Connection, readers: Readers, options: Options, moments: @escaping @Sendable () -> Moment) {
    (self.connection, self.readers) = (connection, readers)
    let commits = GroupCommit(connection: connection, moments: moments)
    let readLimits = Lanes.Limits(lanes: readers.count, batch: options.readsAtOnce, waiting: options.waiting, patience: options.patience)
    let writeLimits = Lanes.Limits(lanes: 1, batch: GroupCommit.size, waiting: options.waiting, patience: options.patience)
    reads = Lanes(readLimits, on: .dispatch("sqlite.read", lanes: readers.count)) { lane, units in readers.run(units, on: lane, moments) }
    writes = Lanes(writeLimits, on: .dispatch("sqlite.write", lanes: 1)) { _, units in commits.run(units) }
  }

  public var engine: Engine { .sqlite }

  public func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value {
    try await UnitOfWork.answer(.reading, body, submit: reads.submit)
  }

  public func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value {
    try await UnitOfWork.answer(.writing, body, submit: writes.submit)
  }

  /// Takes no more work, finishes what was taken, and closes the file; later calls are refused as `.unavailable`.
  public func close() async throws(Problem) {
    await reads.close()
    await writes.close()
    do {
      // The connection that writes is closed last: it alone can bring what the log still holds into the file.
      try readers.close()
      try connection.close()
    } catch {
      throw Problem(sqlite: error)
    }
  }

  /// Copies one consistent state to a new file while work goes on. The file has its name only when it is whole. Refuses as `.conflict` if it exists.
  public func backup(to path: String) async throws(Problem) {
    let result: Result<Void, Problem> = await withCheckedContinuation { continuation in
      DispatchQueue(label: "sqlite.backup").async { [readers] in
        continuation.resume(returning: Result { () throws(Problem) in try Self.copy(readers, to: path) })
      }
    }
    try result.get()
  }

  private static func copy(_ readers: Readers, to path: String) throws(Problem) {
    guard !FileManager.default.fileExists(atPath: path) else { throw Problem(.backupExists, "\(path) exists already; name a new file.") }
    let partial = path + ".partial"
    try? FileManager.default.removeItem(atPath: partial)
    createPrivately(partial)
    do {
      let destination = try DatabaseQueue(path: partial)
      try readers.backup(to: destination)
      try destination.close()
      try FileManager.default.moveItem(atPath: partial, toPath: path)
    } catch {
      try? FileManager.default.removeItem(atPath: partial)
      throw Problem(opening: path, failed: error)
    }
  }

  private static func openFile(_ path: String, _ options: Options) throws -> DatabaseQueue {
    createPrivately(path)
    return try DatabaseQueue(path: path, configuration: configuration(options))
  }

  private static func configuration(_ options: Options, isReadOnly: Bool = false) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = isReadOnly
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(Double(options.busyTimeout.milliseconds) / 1000)
    configuration.prepareDatabase { db in
      // LIKE tells cases apart, as it does in PostgreSQL.
      try db.execute(sql: "PRAGMA case_sensitive_like = ON")
      // A writer keeps the pages that a common commit changes, a reader those on the way to any row of a long list.
      try db.execute(sql: "PRAGMA cache_size = -8000")
      if !isReadOnly {
        try makeDurable(db)
        // What a statement could take back is kept in memory, not in a file.
        try db.execute(sql: "PRAGMA temp_store = MEMORY")
      }
    }
    return configuration
  }

  /// What was committed survives a power cut: a log ahead of the file, flushed at each commit. NORMAL would lose the last commits.
  private static func makeDurable(_ db: GRDB.Database) throws {
    try db.execute(sql: "PRAGMA synchronous = FULL")
    guard try ["wal", "memory"].contains(String.fetchOne(db, sql: "PRAGMA journal_mode = WAL")), try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2 else {
      throw Problem(.unusable, "The database refuses durable commits.")
    }
  }

  /// Makes the file before SQLite does, which would let everybody read it; its companions (`-wal`, `-shm`) inherit the permissions.
  private static func createPrivately(_ path: String) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    if descriptor >= 0 { Foundation.close(descriptor) }
  }
}

extension Problem.Code {
  /// A back-up would overwrite a file.
  public static let backupExists = Self("storage.backup_exists", .conflict, "The file exists already")
}

extension Lanes.Host {
  /// A serial dispatch queue for each lane, off the cooperative threads.
  static func dispatch(_ label: String, lanes: Int) -> Lanes.Host {
    let queues = (0..<lanes).map { DispatchQueue(label: "\(label).\($0)") }
    let timer = DispatchQueue(label: "\(label).timer")
    return Lanes.Host(
      now: { .now },
      start: { lane, work in queues[lane].async(execute: work) },
      after: { delay, work in timer.asyncAfter(deadline: .now() + .milliseconds(Int(delay.milliseconds)), execute: work) })
  }
}
