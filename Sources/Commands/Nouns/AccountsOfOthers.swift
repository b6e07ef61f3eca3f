import ArgumentParser
import Client
import Contract
import Kernel

struct AccountProvision: ClientCommand {
  static let configuration = CommandConfiguration(
    commandName: "provision", abstract: "Make an account for somebody; a mail lets them choose a password.",
    discussion: "With --password it is asked for on the terminal, and no mail is sent. Organizations invite the account, or add it, like any other.")
  @Argument(help: "The name that people read.") var name: String
  @Option(help: ArgumentHelp("Their address; you vouch for it.", valueName: "address")) var email: String?
  @Option(help: ArgumentHelp("The name in addresses; made from the name when absent.", valueName: "handle")) var handle: String?
  @Flag(help: "Choose a password for them.") var password = false
  @Flag(name: .customLong("super-user"), help: "They run this installation.") var superUser = false
  @OptionGroup var general: GeneralOptions

  func validate() throws {
    guard email != nil || password else { throw ValidationError("Give --email, to which a link goes, or --password: otherwise nobody could sign in.") }
  }

  func perform(_ invocation: Invocation) async throws(Problem) {
    let chosen = password ? try invocation.newPassword() : nil
    let draft = Wire.AccountProvision(email: email, name: name, handle: handle, password: chosen, superUser: superUser ? true : nil)
    let made = try await invocation.client().call(API.Accounts.provision, body: draft)
    let next = password ? "Tell them the password." : "A mail with a link to choose a password is on its way."
    try invocation.printer.made("\(made.name.onOneLine) (\(made.handle)) has an account. \(next)", made, named: made.handle)
  }
}

struct AccountChange: ClientCommand {
  static let configuration = CommandConfiguration(commandName: "change", abstract: "Change somebody's account.",
    discussion: "They are told by mail of a new address or password.")
  @Argument(help: "The account, by handle, e-mail address or id.") var account: String
  @Option(help: ArgumentHelp("Their name, as people read it.", valueName: "name")) var name: String?
  @Option(help: ArgumentHelp("Their name in addresses.", valueName: "handle")) var handle: String?
  @Option(help: ArgumentHelp("In place of the primary address; you vouch for it.", valueName: "address")) var email: String?
  @Flag(help: "Choose another password; their sessions end.") var password = false
  @Flag(name: .customLong("super-user"), inversion: .prefixedNo, help: "Whether they run this installation.") var superUser: Bool?
  @OptionGroup var general: GeneralOptions

  func validate() throws {
    guard name != nil || handle != nil || email != nil || password || superUser != nil else { throw ValidationError("Say what to change.") }
  }

  func perform(_ invocation: Invocation) async throws(Problem) {
    let found = try await invocation.account(account)
    let chosen = password ? try invocation.newPassword() : nil
    let change = Wire.AccountChange(name: name, handle: handle, email: email, password: chosen, superUser: superUser)
    let after = try await invocation.client().call(API.Accounts.change, path: Wire.AccountPath(account: found.id), body: change, revision: found.revision)
    try invocation.printer.done("The account of \(after.name.onOneLine) (\(after.handle)) is saved.", after)
  }
}

struct AccountRemove: ClientCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "End somebody's account for good; what it made stays under its name.",
    discussion: "Deactivating it can be taken back, this can't.")
  @Argument(help: "The account, by handle, e-mail address or id.") var account: String
  @OptionGroup var confirmation: ConfirmationOption
  @OptionGroup var general: GeneralOptions

  func perform(_ invocation: Invocation) async throws(Problem) {
    let found = try await invocation.account(account)
    try invocation.confirm("End the account of \(found.name.onOneLine) (\(found.handle)) for good?", confirmation)
    _ = try await invocation.withFreshSignIn { client async throws(Problem) in
      try await client.call(API.Accounts.remove, path: Wire.AccountPath(account: found.id))
    }
    invocation.printer.say("The account of \(found.name.onOneLine) is ended.")
  }
}

extension Invocation {
  /// Asked for twice, on a terminal.
  fileprivate func newPassword() throws(Problem) -> String {
    guard terminal.isInteractive else { throw Problem(.noTerminal, "Passwords are asked for on a terminal only.") }
    let password = try askSecret("Their password:")
    guard try askSecret("Once more:") == password else { throw Problem.invalid("password", "The two aren't the same, so nothing was done.") }
    return password
  }
}
