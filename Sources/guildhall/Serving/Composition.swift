import ControlPlane
import Foundation
import Kernel
import Logging
import NIOCore
import Outbound
import Secrets
import Storage
import StoragePostgres
import StorageSQLite

/// Puts the product together: the one place that knows which database, which clock and which mail server.
struct Composition: Sendable {
  let plane: ControlPlane
  /// To be called last, when nothing runs any more.
  let close: @Sendable () async -> Void

  static let clock: @Sendable () -> Timestamp = { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))) }

  private static let randomWords = RandomWords()
  private static let draw: @Sendable () -> UInt64 = { randomWords.next() }

  static let moments: @Sendable () -> Moment = { Moment(now: clock(), draw: draw) }

  /// Opens the database and brings its schema up to date.
  init(
    _ settings: ServerSettings, isDemonstration: Bool = false, log: Logger, clock: @escaping @Sendable () -> Timestamp = Self.clock
  ) async throws {
    let moments: @Sendable () -> Moment = { Moment(now: clock(), draw: Self.draw) }
    if settings.smtp != nil, let fault = SMTPMailer.libraryFault { throw SettingFault("smtp", "…", fault) }
    let world = World(
      clock: clock, draw: Self.draw, passwords: PasswordHasher(threads: System.coreCount),
      mailer: settings.smtp.map(SMTPMailer.init), keys: try Self.keys(settings, moments(), log), log: log)
    let database: any Database
    switch settings.database {
    case .file(let path):
      let file: SQLiteDatabase
      do throws(Problem) { file = try SQLiteDatabase(path: path, moments: moments) } catch { throw SettingFault("database", path, error.detail) }
      database = file
      close = { @Sendable in try? await file.close() }
    case .memory:
      let memory = try SQLiteDatabase(path: nil, moments: moments)
      database = memory
      close = { @Sendable in try? await memory.close() }
    case .postgres(let address):
      let postgres: PostgresDatabase
      // The address may hold a password, so it isn't repeated.
      do throws(Problem) { postgres = try PostgresDatabase(address: address, moments: moments) } catch { throw SettingFault("database", "…", error.detail) }
      database = postgres
      close = { @Sendable in await postgres.close() }
    }
    plane = ControlPlane(database: database, world: world, settings: Self.settings(settings, isDemonstration: isDemonstration))
    do throws(Problem) {
      let migrated = try await plane.migrate()
      // One in memory is always new.
      if case .memory = settings.database {} else { for name in migrated { log.notice("migrated", metadata: ["migration": "\(name)"]) } }
      try await plane.checkKeys()
    } catch {
      await close()
      throw Self.fault(error, settings) ?? error
    }
  }

  /// What an operator has to look at, for a problem that came while the database was opened.
  private static func fault(_ problem: Problem, _ settings: ServerSettings) -> SettingFault? {
    switch settings.database {
    case .file(let path) where problem.code == .wrongKey: SettingFault("secret-key-file", settings.keyPath(beside: path), problem.detail)
    case .postgres where problem.code == .wrongKey: SettingFault("secret-key-file", settings.keyFile, problem.detail)
    // The first line of what the server, or the way to it, says; none of it repeats the password.
    case .postgres where problem.kind == .unavailable:
      problem.cause.map { SettingFault("database", "…", "the server can't be used: \("\($0)".prefix { !$0.isNewline })") }
    default: nil
    }
  }

  /// What the core is told: its own defaults where the operator said nothing.
  private static func settings(_ given: ServerSettings, isDemonstration: Bool) -> Settings {
    var settings = Settings(publicURL: given.publicURL, isDemonstration: isDemonstration)
    if let days = given.invitationDays { settings.invitationTerm = .days(days) }
    if let days = given.lateUsageDays { settings.lateUsage = .days(days) }
    if let days = given.reinstatementDays { settings.reinstatementTerm = .days(days) }
    if let role = given.defaultRole { settings.defaultRole = role }
    if let takes = given.takesJoinRequests { settings.joinRequests = takes }
    settings.paths = given.paths
    return settings
  }

  /// The keys of the key file. Without one a key is made, and kept beside the database file where only its owner can read it.
  private static func keys(_ settings: ServerSettings, _ moment: Moment, _ log: Logger) throws -> KeyRing {
    if let path = settings.keyFile { return try keys(in: path, log) }
    switch settings.database {
    case .memory: return KeyRing(.mint(moment))
    case .postgres:
      throw SettingFault("secret-key-file", nil, "it must name a file with a key, the same for all servers on one database; make one with: head -c 32 /dev/urandom | basenc --base64url | tr -d =")
    case .file(let path):
      let keyPath = settings.keyPath(beside: path)
      if FileManager.default.fileExists(atPath: keyPath) { return try keys(in: keyPath, log) }
      if let fault = faultForNewKey(path) { throw SettingFault("database", path, fault) }
      let key = SecretKey.mint(moment)
      guard FileManager.default.createFile(atPath: keyPath, contents: Data((key.text.reveal() + "\n").utf8), attributes: [.posixPermissions: 0o600]) else {
        throw SettingFault("database", path, "its folder can't be written to")
      }
      log.notice("made a secret key", metadata: ["file": "\(keyPath)"])
      return KeyRing(key)
    }
  }

  /// Why no key is to be made beside a database: because none can be, or because what the database holds was sealed with another.
  private static func faultForNewKey(_ path: String) -> String? {
    let files = FileManager.default
    let folder = URL(filePath: path).deletingLastPathComponent().path
    guard files.fileExists(atPath: folder) else { return "its folder doesn't exist" }
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    if isFolder.boolValue { return "this is a folder; name a file in it" }
    let beginning = (try? FileHandle(forReadingFrom: URL(filePath: path)).read(upToCount: 16)) ?? Data()
    if beginning.isEmpty { return nil }
    guard beginning.starts(with: Data("SQLite format 3".utf8)) else { return "this is not a SQLite database; name another file" }
    return "the key for its secrets is missing: put \(path).key back, or name the key's file with --secret-key-file"
  }

  private static func keys(in path: String, _ log: Logger) throws -> KeyRing {
    guard let (content, mode) = content(of: path) else { throw SettingFault("secret-key-file", path, "can't be read as text") }
    let ring: KeyRing
    do throws(Rejection) { ring = try KeyRing(file: content) } catch { throw SettingFault("secret-key-file", path, error.reason) }
    if mode & 0o007 != 0 {
      log.warning("everybody on this machine can read or change the secret key; close it with chmod 600", metadata: ["file": "\(path)"])
    }
    return ring
  }

  /// A small file's text and permissions; by system calls, since a start reads no other file.
  private static func content(of path: String) -> (text: String, mode: mode_t)? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { Foundation.close(descriptor) }
    var status = stat()
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    guard fstat(descriptor, &status) == 0 else { return nil }
    let count = read(descriptor, &bytes, bytes.count)
    guard count >= 0, count < bytes.count, let text = String(validating: bytes.prefix(count), as: UTF8.self) else { return nil }
    return (text, status.st_mode)
  }
}
