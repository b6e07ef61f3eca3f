import ArgumentParser
import Client
import Contract
import Kernel

struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Choose where you work: servers, accounts and organizations.",
    discussion: """
      A context is a server with who you are there. What counts, in this order: a flag, the environment (GUILDHALL_HOST, GUILDHALL_TOKEN, GUILDHALL_ORG, \
      GUILDHALL_CONTEXT), a .guildhall.json in this folder or above, the current context.
      """,
    subcommands: [List.self, Current.self, Use.self, Set.self, Remove.self, SwitchOrg.self, View.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the contexts.")
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let file = try invocation.store.read()
      let rows = file.contexts.sorted { $0.key < $1.key }.map { ContextRow($0.key, $0.value, isCurrent: $0.key == invocation.settings.contextName) }
      try invocation.printer.list(rows, whenEmpty: "No contexts yet. Make one with: guildhall login https://guildhall.example.org")
    }
  }

  struct Current: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "current", abstract: "Show the context that is used here, and why.")
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      guard let name = invocation.settings.contextName, let context = invocation.settings.context else {
        throw Problem(.noServer, invocation.settings.server.map { "\($0.value) comes from \($0.source) and has no context of its own." } ?? "There is no context yet. Make one with: guildhall login https://guildhall.example.org")
      }
      try invocation.printer.show(ContextRow(name, context, isCurrent: true))
      if let pin = invocation.settings.contextPin { invocation.printer.say("\(pin) chooses it here.") }
    }
  }

  struct Use: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "use", abstract: "Work in another context from now on.")
    @Argument(help: "The context's name.") var name: String
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      if let pin = invocation.settings.contextPin { throw Problem.pinned("The context", by: pin) }
      let context = try invocation.store.update { file throws(Problem) in
        guard let context = file.contexts[name] else { throw Problem.unknownContext(name, file) }
        file.currentContext = name
        return context
      }
      invocation.printer.say("You work on \(context.host)\(context.account.map { " as \($0)" } ?? "")\(context.organization.map { " in \($0)" } ?? "") now.")
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "set", abstract: "Change a context by hand: host or organization.", discussion: "Example: guildhall config set organization acme")
    @Argument(help: "host or organization.") var key: Key
    @Argument(help: "The new value; an empty one takes it away.") var value: String
    @OptionGroup var general: GeneralOptions

    enum Key: String, ExpressibleByArgument, CaseIterable { case host, organization }

    func perform(_ invocation: Invocation) async throws(Problem) {
      guard let name = general.context ?? invocation.settings.contextName else { throw Problem(.noServer, "There is no context to change. Make one with: guildhall login https://guildhall.example.org") }
      try invocation.store.update { file throws(Problem) in
        guard file.contexts[name] != nil else { throw Problem.unknownContext(name, file) }
        switch key {
        case .organization: file.contexts[name]?.organization = value.isEmpty ? nil : value
        case .host:
          let server = try Problem.checking("host") { () throws(Rejection) in try ServerAddress(value) }
          // A token is for the server that made it, and for no other.
          if file.contexts[name]?.host != server.description { file.contexts[name]?.token = nil }
          file.contexts[name]?.host = server.description
        }
      }
      invocation.printer.say("\(key.rawValue) of \(name) is \(value.isEmpty ? "empty" : value) now.")
    }
  }

  struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Forget a context with its token.", discussion: "guildhall logout revokes the token, too.")
    @Argument(help: "The context's name.") var name: String
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let file = try invocation.store.read()
      guard let context = file.contexts[name] else { throw Problem.unknownContext(name, file) }
      if context.token != nil { try invocation.confirm("Forget \(name), and the token for \(context.host) with it?", confirmation) }
      try invocation.store.update { file throws(Problem) in
        file.contexts[name] = nil
        if file.currentContext == name { file.currentContext = nil }
      }
      invocation.printer.say("\(name) is forgotten.")
    }
  }

  struct SwitchOrg: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "switch-org", abstract: "Work in another organization from now on.")
    @Argument(help: "The organization, by slug or id.") var name: String
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      if let pin = invocation.settings.organizationPin { throw Problem.pinned("The organization", by: pin) }
      guard let context = invocation.settings.contextName else {
        throw Problem(.noServer, "There is no context to keep the choice in. Sign in with: guildhall login, or set GUILDHALL_ORG.")
      }
      let organization = try await invocation.client().call(API.Organizations.read, path: Wire.InOrganization(organization: name))
      try invocation.store.update { file throws(Problem) in file.contexts[context]?.organization = organization.slug }
      try invocation.printer.done("You work in \(organization.name.onOneLine) (\(organization.slug)) now.", organization)
    }
  }

  struct View: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "view", abstract: "Show the configuration file, without its tokens.")
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      var file = try invocation.store.read()
      for (name, context) in file.contexts { file.contexts[name]?.token = context.token.map { _ in "…" } }
      invocation.printer.say(invocation.printer.style.quiet(invocation.store.path))
      try invocation.terminal.write(ConfigurationStore.text(file))
    }
  }
}

/// A context in a list.
private struct ContextRow: Listable {
  var name: String
  var current: Bool
  var host: String
  var account: String?
  var organization: String?
  var signedIn: Bool
  var tokenExpiresAt: Timestamp?

  init(_ name: String, _ context: ConfigurationFile.Context, isCurrent: Bool) {
    (self.name, current, host, account, organization) = (name, isCurrent, context.host, context.account, context.organization)
    (signedIn, tokenExpiresAt) = (context.token != nil, context.tokenExpiresAt)
  }

  static let noun = (one: "context", many: "contexts")
  var identity: String { name }

  static let columns: [Column<ContextRow>] = [
    Column("Name") { .name($0.name) },
    Column("Current") { $0.current ? .state("current", .good) : .state("", .quiet) },
    Column("Server") { .text($0.host) },
    Column("Account") { .text($0.account) },
    Column("Organization") { .text($0.organization) },
    Column("Signed in") { .flag($0.signedIn) },
    Column("Token ends") { .time($0.tokenExpiresAt) },
  ]
}

extension Problem {
  fileprivate static func unknownContext(_ name: String, _ file: ConfigurationFile) -> Problem {
    let known = file.contexts.keys.sorted().joined(separator: ", ")
    return Problem(.missing, "There is no context \(name.prefix(64)). \(known.isEmpty ? "Make one with: guildhall login SERVER" : "There are: \(known).")")
  }

  fileprivate static func pinned(_ what: String, by pin: Settings.Source) -> Problem {
    switch pin {
    case .environment(let name): Problem(.pinned, "\(what) is set by \(name) here, so switching would change nothing. Unset it first: unset \(name)")
    case .project(let path): Problem(.pinned, "\(what) is set by \(path), so switching would change nothing here. Change that file, or work in another folder.")
    case .flag(let name): Problem(.pinned, "\(what) is set by \(name).")
    case .context(let name): Problem(.pinned, "\(what) is set by the context \(name).")
    }
  }
}
