import ArgumentParser

/// `guildhall migrate`
struct MigrateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Bring the database's schema up to date, and stop.", discussion: "`serve` does the same before it serves.")

  @OptionGroup var options: ServerOptions

  func run() async throws {
    let settings = try await options.settings()
    let composition = try await Composition(settings, log: settings.logger())
    await composition.close()
    print("The schema is up to date.")
  }
}
