import ControlPlane
import Foundation
import Kernel
import Logging
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

  private static let draw: @Sendable () -> UInt64 = {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
  }

  /// Opens the database and brings its schema up to date.
  init(_ settings: ServerSettings, isDemonstration: Bool = false, log: Logger) async throws {
    let moments: @Sendable () -> Moment = { Moment(now: Self.clock(), draw: Self.draw) }
    let world = World(
      clock: Self.clock, draw: Self.draw, passwords: PasswordHasher(threads: max(1, ProcessInfo.processInfo.activeProcessorCount)),
      mailer: settings.smtp.map(SMTPMailer.init), keys: try Self.keys(settings, moments(), log), log: log)
    let database: any Database
    switch settings.database {
    case .file(let path):
      let file = try SQLiteDatabase(path: path, moments: moments)
      database = file
      close = { @Sendable in try? await file.close() }
    case .memory:
      let memory = try SQLiteDatabase(path: nil, moments: moments)
      database = memory
      close = { @Sendable in try? await memory.close() }
    case .postgres(let address):
      let postgres = try PostgresDatabase(address: address, moments: moments)
      database = postgres
      close = { @Sendable in await postgres.close() }
    }
    plane = ControlPlane(database: database, world: world, settings: Settings(publicURL: settings.publicURL, isDemonstration: isDemonstration))
    for name in try await plane.migrate() { log.notice("migrated", metadata: ["migration": "\(name)"]) }
  }

  /// The keys of the key file. Without one a key is made, and kept beside the database file where only its owner can read it.
  private static func keys(_ settings: ServerSettings, _ moment: Moment, _ log: Logger) throws -> KeyRing {
    if let path = settings.keyFile { return try keys(in: path) }
    switch settings.database {
    case .memory: return KeyRing(.mint(moment))
    case .postgres:
      throw SettingFault("secret-key-file", "", "must name a file with a key, the same for all servers on one database; make one with: head -c 32 /dev/urandom | basenc --base64url | tr -d =")
    case .file(let path):
      let keyPath = path + ".key"
      if FileManager.default.fileExists(atPath: keyPath) { return try keys(in: keyPath) }
      let key = SecretKey.mint(moment)
      guard FileManager.default.createFile(atPath: keyPath, contents: Data((key.text.reveal() + "\n").utf8), attributes: [.posixPermissions: 0o600]) else {
        throw SettingFault("secret-key-file", keyPath, "can't be written")
      }
      log.notice("made a secret key", metadata: ["file": "\(keyPath)"])
      return KeyRing(key)
    }
  }

  private static func keys(in path: String) throws -> KeyRing {
    guard let content = try? String(contentsOfFile: path, encoding: .utf8) else { throw SettingFault("secret-key-file", path, "can't be read") }
    do throws(Rejection) { return try KeyRing(file: content) } catch { throw SettingFault("secret-key-file", path, error.reason) }
  }
}
