import ArgumentParser
import Commands
import ControlPlane
import Foundation
import Kernel

/// `guildhall account create`: works on the database itself, so that an installation can begin without a browser.
struct AccountCreateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "create", abstract: "Create an operator's account, on the server's own machine.",
    discussion: "The password is asked for on a terminal, and otherwise read from the standard input. The address counts as proven.")

  @Option(help: "The e-mail address.") var email: String
  @Option(help: "The name that people read.") var name: String
  @Option(help: "The name in addresses; made from the name when absent.") var handle: String?
  @Flag(name: .customLong("super-user"), help: "Say that you mean it: the account may do everything.") var isSuperUser = false
  @OptionGroup var options: ServerOptions

  func validate() throws {
    guard isSuperUser else {
      throw ValidationError("Add --super-user: this command makes operators. Everybody else signs up, or is invited.")
    }
  }

  func run() async throws {
    let password = try NewPassword.read()
    let draft = try AccountDraft(email: email, name: name, handle: handle, password: password)
    let settings = try await options.settings()
    let composition = try await Composition(settings, log: settings.logger())
    let account: Account
    do {
      account = try await composition.plane.accounts.createSuperUser(draft)
    } catch {
      await composition.close()
      throw error
    }
    await composition.close()
    print("\(account.name) (\(account.handle)) is an operator of this installation.")
  }
}

/// `guildhall account link`
struct AccountLinkCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "link", abstract: "Print a link that signs an account in once, within the hour, on the server's own machine.",
    discussion: "Give the server's --public-url, so that the link leads there.")

  @Argument(help: "E-mail address, handle or id.") var account: String
  @OptionGroup var options: ServerOptions

  func run() async throws {
    let settings = try await options.settings()
    // A mistyped path would become a new database, in which nobody has an account.
    try settings.expectDatabase()
    let composition = try await Composition(settings, log: settings.logger())
    let link: String
    do {
      link = try await composition.plane.sessions.issueLink(for: account)
    } catch {
      await composition.close()
      throw error
    }
    await composition.close()
    print(link)
  }
}
