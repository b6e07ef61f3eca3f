import ArgumentParser
import Commands
import Contract

/// What only this executable can do, since it holds the whole product.
enum Local: LocalCommands {
  static let version = API.version
  static let commands: [any ParsableCommand.Type] = [
    ServeCommand.self, DemoCommand.self, MigrateCommand.self, BackupCommand.self, LedgerCommand.self, OpenAPICommand.self,
  ]
  static let accountCommands: [any ParsableCommand.Type] = [AccountCreateCommand.self, AccountLinkCommand.self]

  /// `serve` with flags and their values, as services start it: the parser would be a seventh of the start.
  static func plain(_ arguments: [String]) -> (@Sendable () async throws -> Void)? {
    guard arguments.first == "serve", let flags = ServerOptions.plain(arguments.dropFirst()) else { return nil }
    return { try await ServeCommand.serve(ServerSettings.read(flags: flags, file: flags["config-file"])) }
  }
}

await GuildhallCommand<Local>.start()
