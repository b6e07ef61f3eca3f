import ArgumentParser
import Client
import Contract
import Kernel

struct AccountCommand<Local: LocalCommands>: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "account", abstract: "Your account: name, addresses, sessions, password.",
      groupedSubcommands: [
        CommandGroup(name: "Personal", subcommands: [AccountShow.self, AccountUpdate.self, EmailCommand.self, SessionCommand.self,
          DerivedTokenCommand.self, PasswordCommand.self, AccountDelete.self]),
        CommandGroup(name: "Operator", subcommands: [AccountList.self, AccountProvision.self, AccountChange.self, AccountDeactivate.self,
          AccountReactivate.self, AccountRemove.self]),
        CommandGroup(name: "Server", subcommands: Local.accountCommands),
      ])
  }
}

struct AccountShow: ClientCommand {
  static let configuration = CommandConfiguration(commandName: "show", abstract: "Show your account; operators may name another.")
  @Argument(help: "Another account's id, for operators.") var account: String?
  @OptionGroup var general: GeneralOptions

  func perform(_ invocation: Invocation) async throws(Problem) {
    guard let account else { return try invocation.printer.show(try await invocation.client().call(API.Accounts.read)) }
    try invocation.printer.show(try await invocation.account(account))
  }
}

struct AccountUpdate: ClientCommand {
  static let configuration = CommandConfiguration(commandName: "update", abstract: "Change your name or handle.", discussion: "An old handle leads to the new one and stays yours.")
  @Option(help: ArgumentHelp("Your name, as people read it.", valueName: "name")) var name: String?
  @Option(help: ArgumentHelp("Your name in addresses.", valueName: "handle")) var handle: String?
  @OptionGroup var general: GeneralOptions

  func validate() throws {
    guard name != nil || handle != nil else { throw ValidationError("Say what to change: --name or --handle.") }
  }

  func perform(_ invocation: Invocation) async throws(Problem) {
    let client = try invocation.client()
    let before = try await client.call(API.Accounts.read)
    let changes = Wire.AccountChanges(name: name, handle: handle)
    let after = try await client.call(API.Accounts.update, body: changes, revision: before.revision)
    if after.handle != before.handle, let context = invocation.settings.contextName {
      try invocation.store.update { file throws(Problem) in
        if file.contexts[context]?.account == before.handle { file.contexts[context]?.account = after.handle }
      }
    }
    try invocation.printer.done("You are \(after.name.onOneLine) (\(after.handle)) now.", after)
  }
}

struct AccountDelete: ClientCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Delete your account: its sessions, tokens and memberships end; what it made stays under its name.",
    discussion: "On a terminal you type your handle. In scripts: guildhall account delete --yes --confirm HANDLE")
  @Option(help: ArgumentHelp("Your handle once more.", valueName: "handle")) var confirm: String?
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var general: GeneralOptions

  func perform(_ invocation: Invocation) async throws(Problem) {
    let account = try await invocation.client().call(API.Accounts.read)
    guard confirm != nil || invocation.terminal.isInteractive, !confirmation.yes || confirm != nil else {
      throw Problem(.noTerminal, "This can't be undone. If you mean it, add: --yes --confirm \(account.handle)")
    }
    var typed = confirm ?? ""
    if confirm == nil { typed = try invocation.ask("This can't be undone. Type \(account.handle) to delete your account:") ?? "" }
    guard typed.lowercased() == account.handle.lowercased() else { throw Problem(.cancelled, "\"\(typed.prefix(64))\" isn't \(account.handle), so nothing was deleted.") }
    _ = try await invocation.withFreshSignIn { client async throws(Problem) in try await client.call(API.Accounts.delete) }
    invocation.printer.say("Your account is deleted.")
  }
}

struct AccountList: ClientCommand {
  static let configuration = CommandConfiguration(commandName: "list", abstract: "List the accounts of the installation, the newest first.", aliases: ["ls"])
  @Option(help: ArgumentHelp("Part of a name, a handle or an address.", valueName: "text")) var search: String?
  @Option(help: "Only those in this state.") var state: Wire.AccountState?
  @OptionGroup var list: ListOptions
  @OptionGroup var general: GeneralOptions

  func perform(_ invocation: Invocation) async throws(Problem) {
    try await invocation.list(API.Accounts.list, path: Nothing(), query: Wire.AccountSearch(search: search, state: state), list, whenEmpty: "No account matches.")
  }
}

struct AccountDeactivate: ClientCommand {
  static let configuration = CommandConfiguration(commandName: "deactivate", abstract: "Deactivate an account: its sessions and tokens end at once, its memberships rest.")
  @Argument(help: "The account, by handle, e-mail address or id.") var account: String
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var general: GeneralOptions

  func perform(_ invocation: Invocation) async throws(Problem) {
    let found = try await invocation.account(account)
    try invocation.confirm("Deactivate \(found.name.onOneLine) (\(found.handle))? They are signed out everywhere at once.", confirmation)
    let after = try await invocation.client().call(API.Accounts.deactivate, path: Wire.AccountPath(account: found.id))
    try invocation.printer.done("\(after.name.onOneLine) is deactivated. Let them in again with: guildhall account reactivate \(after.handle)", after)
  }
}

struct AccountReactivate: ClientCommand {
  static let configuration = CommandConfiguration(commandName: "reactivate", abstract: "Let a deactivated account sign in again.")
  @Argument(help: "The account, by handle, e-mail address or id.") var account: String
  @OptionGroup var general: GeneralOptions

  func perform(_ invocation: Invocation) async throws(Problem) {
    let found = try await invocation.account(account)
    let after = try await invocation.client().call(API.Accounts.reactivate, path: Wire.AccountPath(account: found.id))
    try invocation.printer.done("\(after.name.onOneLine) can sign in again.", after)
  }
}

struct EmailCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "email", abstract: "Your e-mail addresses.", subcommands: [List.self, Add.self, Verify.self, Remind.self, MakePrimary.self, Remove.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List your addresses, the primary one first.", aliases: ["ls"])
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try invocation.printer.list(try await invocation.client().call(API.Emails.list).items, whenEmpty: "You have no address. Add one with: guildhall account email add ada@example.org")
    }
  }

  struct Add: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Add an address; a mail with a link to verify it goes there.")
    @Argument(help: "The address.") var address: String
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let email = try await invocation.client().call(API.Emails.add, body: Wire.NewEmail(email: address))
      try invocation.printer.made("Added \(email.email). Follow the link in the mail that goes there, or give it to: guildhall account email verify LINK", email, named: email.id.description)
    }
  }

  struct Verify: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "verify", abstract: "Verify an address with the link of its mail.")
    @Argument(help: "The link, or the token in it.") var link: String
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let token = SecretInLink.find("gld_vfy_", in: link) ?? link
      let email = try await invocation.client().call(API.Emails.verify, body: Wire.Secret(token: token))
      try invocation.printer.done("\(email.email) is verified.", email)
    }
  }

  struct Remind: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "remind", abstract: "Send the mail that verifies an address again; the old link is dead.")
    @Argument(help: "The address, or its id.") var address: String
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let email = try await invocation.email(address)
      _ = try await invocation.client().call(API.Emails.remind, path: Wire.EmailPath(email: email.id))
      invocation.printer.say("A mail is on its way to \(email.email).")
    }
  }

  struct MakePrimary: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "make-primary", abstract: "Make a verified address the primary one.")
    @Argument(help: "The address, or its id.") var address: String
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let email = try await invocation.email(address)
      let after = try await invocation.client().call(API.Emails.makePrimary, path: Wire.EmailPath(email: email.id))
      try invocation.printer.done("\(after.email) is your primary address now.", after)
    }
  }

  struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove an address that isn't the primary one.", aliases: ["rm"])
    @Argument(help: "The address, or its id.") var address: String
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let email = try await invocation.email(address)
      try invocation.confirm("Remove \(email.email) from your account?", confirmation)
      _ = try await invocation.client().call(API.Emails.remove, path: Wire.EmailPath(email: email.id))
      invocation.printer.say("Removed \(email.email).")
    }
  }
}

struct SessionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "session", abstract: "Where you are signed in.", subcommands: [List.self, Revoke.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List where you are signed in, the newest first.", aliases: ["ls"])
    @OptionGroup var list: ListOptions
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try await invocation.list(API.Sessions.list, path: Nothing(), query: Wire.Paging(), list, whenEmpty: "No browser is signed in to your account.")
    }
  }

  struct Revoke: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "End a session, or all of them.")
    @Argument(help: "The session's id; guildhall account session list shows it.") var session: String?
    @Flag(help: "All of them, but the one that asks.") var all = false
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      guard (session == nil) == all else { throw ValidationError("Say which session, or --all.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let client = try invocation.client()
      guard let session else {
        _ = try await client.call(API.Sessions.revokeOthers)
        return invocation.printer.say("All other sessions are ended.")
      }
      guard let id = ID<Wire.Session>(session) else { throw Problem(.missing, "Give a session's id; guildhall account session list shows them.") }
      _ = try await client.call(API.Sessions.revoke, path: Wire.SessionPath(session: id))
      invocation.printer.say("The session is ended.")
    }
  }
}

struct PasswordCommand: ClientCommand {
  static let configuration = CommandConfiguration(commandName: "password", abstract: "Change your password; all other sessions end.", discussion: "It asks on the terminal, and shows nothing of what you type.")
  @OptionGroup var general: GeneralOptions

  func perform(_ invocation: Invocation) async throws(Problem) {
    let client = try invocation.client()
    guard invocation.terminal.isInteractive else { throw Problem(.noTerminal, "Passwords are asked for on a terminal only.") }
    let current = try invocation.askSecret("Present password:")
    let password = try invocation.askSecret("New password:")
    guard try invocation.askSecret("The new one again:") == password else { throw Problem.invalid("password", "The two aren't the same, so nothing was changed.") }
    _ = try await client.call(API.Passwords.change, body: Wire.PasswordChange(current: current, password: password))
    invocation.printer.say("Your password is changed; all other sessions are ended. Tokens still hold.")
  }
}

extension Invocation {
  /// One of the own addresses, by itself or by its id.
  fileprivate func email(_ name: String) async throws(Problem) -> Wire.Email {
    let wanted = name.lowercased()
    let emails = try await client().call(API.Emails.list).items
    guard let found = emails.first(where: { $0.email.lowercased() == wanted || $0.id.description == wanted }) else {
      throw Problem(.missing, "\(name.prefix(80).onOneLine) isn't one of your addresses: \(emails.map(\.email).joined(separator: ", ")).")
    }
    return found
  }

  /// Any account of the installation, by handle, address or id, for operators.
  func account(_ name: String) async throws(Problem) -> Wire.Account {
    let client = try client()
    if let id = ID<Wire.Account>(name) { return try await client.call(API.Accounts.show, path: Wire.AccountPath(account: id)) }
    let wanted = PersonName(name)
    let search = String(name.drop { $0 == "@" })
    for try await page in client.pages(API.Accounts.list, query: Wire.AccountSearch(limit: 200, search: search)) {
      if let found = page.items.first(where: { wanted.means(handle: $0.handle, email: $0.email) }) { return found }
    }
    throw Problem(.missing, "No account has the handle or address \(name.prefix(80).onOneLine). guildhall account list --search NAME looks for them.")
  }
}

extension Wire.Account: Listable {
  static let noun = (one: "account", many: "accounts")
  var identity: String { handle }

  static let columns: [Column<Wire.Account>] = [
    Column("Handle") { .name($0.handle) },
    Column("Name") { .text($0.name) },
    Column("E-mail") { .text($0.email) },
    Column("State") { $0.state },
    Column("Operator") { .flag($0.superUser) },
    Column("Since") { .time($0.createdAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  private var state: Cell { deletedAt != nil ? .state("deleted", .bad) : active ? .state("active", .good) : .state("deactivated", .attention) }
}

extension Wire.Email: Listable {
  static let noun = (one: "address", many: "addresses")
  var identity: String { email }

  static let columns: [Column<Wire.Email>] = [
    Column("E-mail") { .text($0.email) },
    Column("Primary") { .flag($0.primary) },
    Column("Verified") { .time($0.verifiedAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

extension Wire.Session: Listable {
  static let noun = (one: "session", many: "sessions")
  var identity: String { id.description }

  static let columns: [Column<Wire.Session>] = [
    Column("Device") { .text($0.device) },
    Column("Address") { .text($0.address) },
    Column("Current") { .flag($0.current) },
    Column("Since") { .time($0.createdAt) },
    Column("Used") { .time($0.usedAt) },
    Column("Expires") { .time($0.expiresAt) },
    Column("Id") { .id($0.id.description) },
  ]
}
