import ArgumentParser
import Foundation
import Kernel
import StorageSQLite

/// `guildhall backup`
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy a SQLite database while it is in use.",
    discussion: "The copy is one consistent state, in one file. Keep the key file too, in another place: without it nothing that is sealed can be opened. For PostgreSQL use pg_dump.")

  @Argument(help: "The new file; one that is there already is left alone.", completion: .file()) var file: String
  @OptionGroup var options: ServerOptions

  func run() async throws {
    let settings = try await options.settings()
    guard case .file(let path) = settings.database else { throw SettingFault("database", "…", "only a SQLite file is copied; for PostgreSQL use pg_dump") }
    try settings.expectDatabase()
    let database: SQLiteDatabase
    do throws(Problem) { database = try SQLiteDatabase(path: path, moments: Composition.moments) } catch { throw SettingFault("database", path, error.detail) }
    let copying: Result<Void, Problem>
    do throws(Problem) { copying = .success(try await database.backup(to: file)) } catch { copying = .failure(error) }
    try? await database.close()
    try copying.get()
    print("Copied to \(file). Keep its key too, in another place: \(settings.keyPath(beside: path))")
  }
}

extension ServerSettings {
  /// Refuses the file of a database that isn't there, where a new and empty one would help nobody.
  func expectDatabase() throws(SettingFault) {
    if case .file(let path) = database, !FileManager.default.fileExists(atPath: path) { throw SettingFault("database", path, "there is no such database") }
  }
}
