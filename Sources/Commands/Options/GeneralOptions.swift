import ArgumentParser

/// What every command of the client takes.
struct GeneralOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The server, such as https://guildhall.example.org.", valueName: "address"))
  var host: String?

  @Option(help: ArgumentHelp("A context of the configuration; guildhall config list shows them.", valueName: "name"))
  var context: String?

  @Flag(help: "Print JSON; --json=name,email picks fields.")
  var json = false

  @Option(help: ArgumentHelp("Print JSON with these fields only.", valueName: "a,b", visibility: .hidden))
  var fields: String?

  @Flag(name: .shortAndLong, help: "Print only what names the things, and no sentences.")
  var quiet = false

  @Flag(help: "Print without colours, as NO_COLOR does.")
  var noColor = false

  @Flag(help: ArgumentHelp("Allow an http:// server on another machine.", visibility: .hidden))
  var plainHttp = false
}

/// In which organization a command works.
struct OrganizationOption: ParsableArguments {
  @Option(name: [.customShort("o"), .long], help: ArgumentHelp("The organization, by slug or id, instead of the chosen one.", valueName: "slug"))
  var org: String?
}

/// How much of a list is shown.
struct ListOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: ArgumentHelp("How many at most.", valueName: "n"))
  var limit: Int = 50

  @Flag(help: "All of them.")
  var all = false

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit takes a number from 1 on; --all shows all.") }
  }
}

/// For what can't be undone with one more command.
struct ConfirmationOption: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Don't ask.")
  var yes = false
}
