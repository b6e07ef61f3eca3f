import ArgumentParser
import Client
import Contract
import Kernel

struct DerivedTokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "derived-token", abstract: "Tokens of an hour that programs got for your sessions and access tokens.", subcommands: [List.self, End.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List those that hold still.", aliases: ["ls"])
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try invocation.printer.list(
        try await invocation.client().call(API.DerivedTokens.list).items, whenEmpty: "No program holds a token of an hour of yours.")
    }
  }

  struct End: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "end", abstract: "End all of them at once.",
      discussion: "What they were made with goes on; end that to keep programs from getting new ones.")
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      _ = try await invocation.client().call(API.DerivedTokens.end)
      invocation.printer.say("All tokens of an hour of yours are ended.")
    }
  }
}

extension Wire.DerivedToken: Listable {
  static let noun = (one: "token", many: "tokens")
  var identity: String { session?.description ?? token?.description ?? "" }

  static let columns: [Column<Wire.DerivedToken>] = [
    Column("Made with") { .text($0.session == nil ? "the access token \($0.name)" : "the session on \($0.name)") },
    Column("Good for") { .text($0.workspaceName.map { "the workspace \($0)" } ?? "all that this opens") },
    Column("Ends") { .time($0.expiresAt) },
  ]
}
