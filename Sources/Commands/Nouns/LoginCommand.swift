import ArgumentParser
import Client
import Contract
import Kernel

struct LoginCommand: ClientCommand {
  static let configuration = CommandConfiguration(
    commandName: "login",
    abstract: "Sign in to a server.",
    discussion: """
      On a terminal it asks for your address and password, makes a token for this machine, and forgets the password. \
      In scripts give a token: guildhall login SERVER --with-token < FILE

      What is remembered stands in ~/.config/guildhall/config.json, which only you can read.
      """)

  @Argument(help: ArgumentHelp("The server, such as https://guildhall.example.org.", valueName: "server"))
  var server: String?

  @Flag(help: "Read a token from the standard input instead of asking for a password.")
  var withToken = false

  @Option(help: ArgumentHelp("Your e-mail address or handle.", valueName: "address"))
  var email: String?

  @Option(help: ArgumentHelp("How long the new token shall hold: 30d, 12w.", valueName: "term"))
  var expires: Term?

  @OptionGroup var organization: OrganizationOption
  @OptionGroup var general: GeneralOptions

  static let makesContext = true

  func perform(_ invocation: Invocation) async throws(Problem) {
    let server = try address(invocation)
    if let variable = invocation.surroundings.variable("GUILDHALL_TOKEN"), !variable.isEmpty {
      invocation.printer.say("Note: GUILDHALL_TOKEN is set, and goes before the token that is stored now.")
    }
    var context = ConfigurationFile.Context(host: server.description, plainHttp: general.plainHttp ? true : nil)
    let anonymous = invocation.client(of: server, token: nil, allowsPlainHTTP: general.plainHttp)
    if withToken {
      context.token = try token(invocation)
    } else {
      let made = try await passwordToken(invocation, anonymous)
      context.token = made.secret
      context.madeToken = true
      context.tokenExpiresAt = made.token.expiresAt
    }
    var client = anonymous
    client.token = context.token
    let account = try await account(client)
    context.account = account?.handle
    context.organization = try await home(client)
    let old = try store(context, server, invocation)
    if let old, old.madeToken == true, let secret = old.token, secret != context.token {
      _ = try? await anonymous.call(API.Tokens.revokeByValue, body: Wire.Secret(token: secret))
    }
    try report(context, account, server, invocation)
  }

  private func address(_ invocation: Invocation) throws(Problem) -> ServerAddress {
    if let text = server ?? general.host { return try Problem.checking("server") { () throws(Rejection) in try ServerAddress(text) } }
    if let known = invocation.settings.server?.value { return known }
    guard invocation.terminal.isInteractive else { throw Problem(.noServer, "Say where: guildhall login https://guildhall.example.org") }
    guard let answer = try invocation.ask("Server:") else { throw Problem(.cancelled, "Cancelled; nothing was changed.") }
    return try Problem.checking("server") { () throws(Rejection) in try ServerAddress(answer) }
  }

  private func token(_ invocation: Invocation) throws(Problem) -> String {
    let text: String
    if invocation.terminal.hasKeyboard {
      text = try invocation.askSecret("Token:")
    } else {
      text = String(decoding: try invocation.terminal.readAll(limit: 16 << 10), as: UTF8.self)
    }
    let token = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    guard !token.isEmpty else { throw Problem(.unusableToken, "The standard input is empty. Give the token like this: guildhall login \(server ?? "SERVER") --with-token < FILE") }
    return token
  }

  /// Signs in with a password for as long as it takes to make a token.
  private func passwordToken(_ invocation: Invocation, _ anonymous: GuildhallClient) async throws(Problem) -> Wire.NewToken {
    guard invocation.terminal.isInteractive else {
      throw Problem(.noTerminal, "A password is asked for on a terminal only. In scripts give a token: guildhall login \(anonymous.server) --with-token < FILE")
    }
    var login = email
    if login == nil { login = try invocation.ask("E-mail address or handle at \(anonymous.server.name):") }
    guard let login else { throw Problem(.cancelled, "Cancelled; nothing was changed.") }
    let password = try invocation.askSecret("Password:")
    let signedIn = try await anonymous.call(API.Sessions.create, body: Wire.SignIn(login: login, password: password))
    var session = anonymous
    session.token = signedIn.secret
    let draft = Wire.TokenDraft(
      name: "Command line on \(invocation.surroundings.machine)", scopes: [.admin, .account], organization: nil, expiresInDays: expires?.days)
    do {
      let made = try await session.call(API.Tokens.create, body: draft)
      _ = try? await session.call(API.Sessions.end)
      return made
    } catch {
      _ = try? await session.call(API.Sessions.end)
      throw error
    }
  }

  /// The account of a token; `nil` for one that holds but doesn't reach so far.
  private func account(_ client: GuildhallClient) async throws(Problem) -> Wire.Account? {
    do {
      return try await client.call(API.Accounts.read)
    } catch {
      switch error.kind {
      case .forbidden: return nil
      case .unauthenticated: throw Problem(.unusableToken, "\(client.server.name) doesn't accept this token. It may be mistyped, expired or revoked; make another in the console.", cause: error.cause)
      default: throw error
      }
    }
  }

  /// Where to work from now on: the organization that was named, or the only one.
  private func home(_ client: GuildhallClient) async throws(Problem) -> String? {
    if let name = organization.org { return try await client.call(API.Organizations.read, path: Wire.InOrganization(organization: name)).slug }
    guard let mine = try? await client.call(API.Organizations.list, query: Wire.OrganizationQuery(limit: 2)), mine.items.count == 1 else { return nil }
    return mine.items[0].slug
  }

  /// Answers what the context held before.
  private func store(_ context: ConfigurationFile.Context, _ server: ServerAddress, _ invocation: Invocation) throws(Problem) -> ConfigurationFile.Context? {
    if let name = general.context, !ConfigurationFile.isName(name) {
      throw Problem.invalid("context", "Name the context with up to 64 letters, digits, dots, hyphens and underscores.")
    }
    return try invocation.store.update { file throws(Problem) in
      let known = file.contexts.sorted { $0.key < $1.key }.first { (try? ServerAddress($0.value.host)) == server }?.key
      let name = general.context ?? known ?? server.contextName
      var context = context
      let old = file.contexts[name]
      if context.organization == nil, old?.account == context.account, old?.host == context.host { context.organization = old?.organization }
      file.contexts[name] = context
      file.currentContext = name
      return old
    }
  }

  private func report(_ context: ConfigurationFile.Context, _ account: Wire.Account?, _ server: ServerAddress, _ invocation: Invocation) throws(Problem) {
    let person = account.map { " as \($0.name.onOneLine) (\($0.handle))" } ?? ""
    var sentences = "Signed in to \(server.name)\(person)."
    if let end = context.tokenExpiresAt { sentences += " The token holds until \(end.dayInWords)." }
    invocation.printer.say(sentences)
    if let organization = context.organization {
      invocation.printer.say("You work in \(organization). Another one: guildhall config switch-org NAME")
    } else {
      invocation.printer.say("Choose where to work: guildhall org list, then guildhall config switch-org NAME")
    }
  }
}

extension ServerAddress {
  /// The host, as far as it can name a context.
  var contextName: String { String(name.filter { !"[]".contains($0) }.prefix(64)) }
}

struct LogoutCommand: ClientCommand {
  static let configuration = CommandConfiguration(
    commandName: "logout", abstract: "Sign out: revoke the token of this machine and forget it.",
    discussion: "A token that you gave with --with-token is forgotten, but not revoked: it may be in use elsewhere.")

  @OptionGroup var general: GeneralOptions

  func perform(_ invocation: Invocation) async throws(Problem) {
    guard let name = invocation.settings.contextName, let context = invocation.settings.context, let secret = context.token else {
      let isVariable = invocation.settings.token != nil
      throw Problem(.notSignedIn, isVariable ? "The token comes from GUILDHALL_TOKEN; unset it to be signed out." : "You aren't signed in, so there is nothing to sign out of.")
    }
    let server = try context.server()
    var fate = "The token still holds; revoke it with guildhall token revoke, or in the console."
    if context.madeToken == true {
      do {
        _ = try await invocation.client(of: server, token: nil, allowsPlainHTTP: context.plainHttp == true).call(API.Tokens.revokeByValue, body: Wire.Secret(token: secret))
        fate = "Its token is revoked."
      } catch {
        fate = "Its token couldn't be revoked (\(error.detail)) Revoke it in the console."
      }
    }
    try invocation.store.update { file throws(Problem) in
      file.contexts[name]?.token = nil
      file.contexts[name]?.madeToken = nil
      file.contexts[name]?.tokenExpiresAt = nil
    }
    invocation.printer.say("Signed out of \(server.name). \(fate)")
  }
}
