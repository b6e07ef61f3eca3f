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
  let close: @Sendable () async -> Void

  init(_ settings: ServerSettings, isDemonstration: Bool, log: Logger) async throws {
    let clock: @Sendable () -> Timestamp = { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))) }
    let draw: @Sendable () -> UInt64 = {
      var generator = SystemRandomNumberGenerator()
      return generator.next()
    }
    let keys = try Self.keys(settings, Moment(now: clock(), draw: draw), log)
    let world = World(
      clock: clock, draw: draw, passwords: PasswordHasher(threads: max(1, ProcessInfo.processInfo.activeProcessorCount)), mailer: settings.smtp.map(SMTPMailer.init),
      keys: keys, log: log)
    let moments: @Sendable () -> Moment = { Moment(now: clock(), draw: draw) }
    let database: any Database
    switch settings.database {
    case .file(let path):
      let file = try SQLiteDatabase(path: path, moments: moments)
      (database, close) = (file, { try? await file.close() })
    case .memory:
      let memory = try SQLiteDatabase(path: nil, moments: moments)
      (database, close) = (memory, { try? await memory.close() })
    case .postgres(let address):
      let postgres = try PostgresDatabase(address: address, moments: moments)
      (database, close) = (postgres, { await postgres.close() })
    }
    plane = ControlPlane(database: database, world: world, settings: Settings(publicURL: settings.publicURL, isDemonstration: isDemonstration))
  }

  /// The keys of the key file. Without one they are made, and kept in a file beside the database that only its owner can read.
  private static func keys(_ settings: ServerSettings, _ moment: Moment, _ log: Logger) throws -> KeyRing {
    if let path = settings.keyFile {
      guard let content = try? String(contentsOfFile: path, encoding: .utf8) else { throw SettingFault("secret.key.file", path, "can't be read") }
      do { return try KeyRing(file: content) } catch let rejection as Rejection { throw SettingFault("secret.key.file", path, rejection.reason) }
    }
    switch settings.database {
    case .memory: return KeyRing(.mint(moment))
    case .postgres: throw SettingFault("secret.key.file", "", "must name a file with a key when the database is shared; make one with: head -c 32 /dev/urandom | base64")
    case .file(let path):
      let keyPath = path + ".key"
      if let content = try? String(contentsOfFile: keyPath, encoding: .utf8) {
        do { return try KeyRing(file: content) } catch let rejection as Rejection { throw SettingFault("secret.key.file", keyPath, rejection.reason) }
      }
      let key = SecretKey.mint(moment)
      guard FileManager.default.createFile(atPath: keyPath, contents: Data((key.text.reveal() + "\n").utf8), attributes: [.posixPermissions: 0o600]) else {
        throw SettingFault("secret.key.file", keyPath, "can't be written")
      }
      log.notice("made a secret key", metadata: ["file": "\(keyPath)"])
      return KeyRing(key)
    }
  }
}
