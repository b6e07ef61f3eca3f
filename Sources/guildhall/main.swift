import ArgumentParser
import Commands
import Contract

/// What only this executable can do, since it holds the whole product.
enum Local: LocalCommands {
  static let version = API.version
  static let commands: [any ParsableCommand.Type] = [ServeCommand.self, DemoCommand.self, MigrateCommand.self, OpenAPICommand.self]
  static let accountCommands: [any ParsableCommand.Type] = [AccountCreateCommand.self, AccountLinkCommand.self]
}

await GuildhallCommand<Local>.start()
