import ArgumentParser
import Client
import Contract
import Kernel

struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Personal access tokens: how programs act for you.", subcommands: [List.self, Create.self, Revoke.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List your tokens, the newest first.", aliases: ["ls"])
    @OptionGroup var list: ListOptions
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try await invocation.list(API.Tokens.list, path: Nothing(), query: Wire.Paging(), list, whenEmpty: "You have no tokens. Make one with: guildhall token create NAME")
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a token; its secret is shown only now.",
      discussion: """
        A token never allows more than you may do yourself. The secret stands alone on the standard output, so that a script can take it.

        Example: guildhall token create "nightly report" --scope organization:read --only-org acme --expires 30d
        """)
    @Argument(help: "What it is for, in words.") var name: String
    @Option(name: .shortAndLong, help: ArgumentHelp("What it covers; may be given several times.", valueName: "scope")) var scope: [Wire.TokenScope] = [.read]
    @Option(help: ArgumentHelp("The only organization it shall be good for.", valueName: "slug")) var onlyOrg: String?
    @Option(help: ArgumentHelp("How long it holds: 30d, 12w, or never.", valueName: "term")) var expires: String?
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      guard let expires, expires != "never", Term(argument: expires) == nil else { return }
      throw ValidationError("\"\(expires.prefix(40))\" is no term. Say 30d, 12w, or never.")
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let days = expires == "never" ? 0 : expires.flatMap { Term(argument: $0)?.days }
      let draft = Wire.TokenDraft(name: name, scopes: scope, organization: onlyOrg, expiresInDays: days)
      let made = try await invocation.client().call(API.Tokens.create, body: draft)
      if case .json = invocation.printer.form { return try invocation.printer.done("", made) }
      let end = made.token.expiresAt.map { "It holds until \($0.dayInWords)." } ?? "It holds until it is revoked."
      invocation.printer.say("Made the token \(made.token.name.onOneLine) for \(made.token.scopes.map(\.rawValue).joined(separator: ", ")). \(end) Keep it safe: it isn't shown again.")
      try invocation.terminal.write(made.secret.onOneLine + "\n")
    }
  }

  struct Revoke: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "revoke", abstract: "Revoke a token.", discussion: "With --by-value a token that was found anywhere is read from the standard input and revoked, whoever's it is.")
    @Argument(help: "Its id, its name, or what the list shows of its secret.") var token: String?
    @Flag(help: "Read the secret from the standard input.") var byValue = false
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      guard (token == nil) == byValue else { throw ValidationError("Say which: guildhall token revoke NAME, or --by-value with the secret on the standard input.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      guard let token else { return try await revokeByValue(invocation) }
      let client = try invocation.client()
      let found = try await find(token, client)
      if let secret = client.token, found.isHint(of: secret) {
        try invocation.confirm("\(found.name.onOneLine) is the token that you are signed in with here. Revoke it?", confirmation)
      }
      _ = try await client.call(API.Tokens.revoke, path: Wire.TokenPath(token: found.id))
      invocation.printer.say("Revoked \(found.name.onOneLine) (\(found.hint)).")
    }

    private func revokeByValue(_ invocation: Invocation) async throws(Problem) {
      guard let server = invocation.settings.server?.value else { throw Problem(.noServer, "Say on which server, with --host.") }
      let text = invocation.terminal.hasKeyboard ? try invocation.askSecret("Token:") : String(decoding: try invocation.terminal.readAll(limit: 16 << 10), as: UTF8.self)
      guard let secret = text.split(whereSeparator: \.isWhitespace).first else { throw Problem(.unusableToken, "The standard input is empty; give the token there.") }
      _ = try await invocation.client(of: server, token: nil).call(API.Tokens.revokeByValue, body: Wire.Secret(token: String(secret)))
      invocation.printer.say("If \(server.name) knows this token, it is revoked now.")
    }

    private func find(_ name: String, _ client: GuildhallClient) async throws(Problem) -> Wire.Token {
      var matching: [Wire.Token] = []
      for try await page in client.pages(API.Tokens.list, query: Wire.Paging(limit: 200)) {
        for token in page.items {
          if token.id.description == name.lowercased() || token.hint == name || token.hint.hasSuffix("…\(name)") { return token }
          if token.name == name { matching.append(token) }
        }
      }
      switch matching.count {
      case 1: return matching[0]
      case 0: throw Problem(.missing, "You have no token \(name.prefix(80).onOneLine). guildhall token list shows them.")
      default: throw Problem.invalid("token", "\(matching.count) of your tokens have this name; give the id of one, as guildhall token list shows it.")
      }
    }
  }
}

extension Wire.Token: Listable {
  static let noun = (one: "token", many: "tokens")
  var identity: String { id.description }

  static let columns: [Column<Wire.Token>] = [
    Column("Name") { .text($0.name) },
    Column("Secret") { .id($0.hint) },
    Column("Covers") { .words($0.scopes.map(\.rawValue)) },
    Column("Used") { .time($0.usedAt) },
    Column("Expires") { .time($0.expiresAt) },
    Column("Created", .whenWide) { .time($0.createdAt) },
    Column("Only for", .whenWide) { .text($0.organization?.description) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}
