import ArgumentParser
import Client
import Contract
import Kernel

struct ServiceAccountKeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key", abstract: "The keys with which a program is a service account.",
    discussion: "Keys are named by name, by id, or by what the list shows of their secret.",
    subcommands: [List.self, Create.self, Rotate.self, Revoke.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the keys of a service account, the newest first.", aliases: ["ls"])
    @Argument(help: "The service account's slug or id.") var account: String
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.serviceAccount(account, organization)
      try await invocation.list(
        API.ServiceAccounts.listKeys, path: path, query: Wire.Paging(), list,
        whenEmpty: "\(account.onOneLine) has no keys. Make one with: guildhall service-account key create \(account.onOneLine) NAME")
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a key; its secret is shown only now.",
      discussion: """
        The secret stands alone on the standard output, so that a script can take it.

        Example: guildhall service-account key create nightly-report "cron on db1" --expires 30d
        """)
    @Argument(help: "The service account's slug or id.") var account: String
    @Argument(help: "What the key is for, or where it is kept.") var name: String
    @OptionGroup var term: KeyTermOption
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.serviceAccount(account, organization)
      let draft = Wire.ServiceAccountKeyDraft(name: name, expiresInDays: term.days)
      try invocation.tell(try await invocation.client().call(API.ServiceAccounts.createKey, path: path, body: draft), "Made the key")
    }
  }

  struct Rotate: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "rotate", abstract: "Make a key in place of another, which goes on for a while and then ends.",
      discussion: "Example: guildhall service-account key rotate nightly-report \"cron on db1\" --overlap 2d")
    @Argument(help: "The service account's slug or id.") var account: String
    @Argument(help: "The key.") var key: String
    @Option(help: ArgumentHelp("How long the old key still holds: 12h, 7d, or none.", valueName: "term")) var overlap: String = "24h"
    @OptionGroup var term: KeyTermOption
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    private var hours: Int? { overlap == "none" ? 0 : Term(argument: overlap).map { Int($0.duration.wholeSeconds / 3600) } }

    func validate() throws {
      guard hours != nil else { throw ValidationError("\"\(overlap.prefix(40))\" is no term. Say 12h, 7d, or none.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.serviceAccount(account, organization)
      let key = try await invocation.key(key, of: path)
      let place = Wire.InServiceAccountKey(organization: path.organization, serviceAccount: path.serviceAccount, key: key.id.description)
      let rotation = Wire.KeyRotation(overlapHours: hours, expiresInDays: term.days)
      let made = try await invocation.client().call(API.ServiceAccounts.rotateKey, path: place, body: rotation)
      try invocation.tell(made, overlap == "none" ? "\(key.hint) has ended. Made the key" : "\(key.hint) still holds for \(overlap) at most. Made the key")
    }
  }

  struct Revoke: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "Revoke a key, at once.")
    @Argument(help: "The service account's slug or id.") var account: String
    @Argument(help: "The key.") var key: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.serviceAccount(account, organization)
      let key = try await invocation.key(key, of: path)
      let place = Wire.InServiceAccountKey(organization: path.organization, serviceAccount: path.serviceAccount, key: key.id.description)
      _ = try await invocation.client().call(API.ServiceAccounts.revokeKey, path: place)
      invocation.printer.say("Revoked \(key.name.onOneLine) (\(key.hint.onOneLine)).")
    }
  }
}

/// How long a new key holds.
struct KeyTermOption: ParsableArguments {
  @Option(help: ArgumentHelp("How long it holds: 30d, 12w, or never; 90 days unless told.", valueName: "term")) var expires: String?

  func validate() throws {
    guard let expires, expires != "never", Term(argument: expires) == nil else { return }
    throw ValidationError("\"\(expires.prefix(40))\" is no term. Say 30d, 12w, or never.")
  }

  var days: Int? { expires == "never" ? 0 : expires.flatMap { Term(argument: $0)?.days } }
}

extension Invocation {
  /// The key with this id, name or hint.
  fileprivate func key(_ name: String, of path: Wire.InServiceAccount) async throws(Problem) -> Wire.ServiceAccountKey {
    var matching: [Wire.ServiceAccountKey] = []
    for try await page in try client().pages(API.ServiceAccounts.listKeys, path: path, query: Wire.Paging(limit: 200)) {
      for key in page.items {
        if key.id.description == name.lowercased() || key.hint == name || key.hint.hasSuffix("…\(name)") { return key }
        if key.name == name { matching.append(key) }
      }
    }
    switch matching.count {
    case 1: return matching[0]
    case 0:
      let account = path.serviceAccount.onOneLine
      throw Problem(.missing, "\(account) has no key \(name.prefix(80).onOneLine). guildhall service-account key list \(account) shows them.")
    default: throw Problem.invalid("key", "\(matching.count) keys have this name; give the id of one, as the list shows it.")
    }
  }

  /// Says what was made, and writes the secret alone to the output.
  fileprivate func tell(_ made: Wire.NewServiceAccountKey, _ sentence: String) throws(Problem) {
    if case .json = printer.form { return try printer.done("", made) }
    let end = made.key.expiresAt.map { "It holds until \($0.dayInWords)." } ?? "It holds until it is revoked."
    printer.say("\(sentence) \(made.key.name.onOneLine). \(end) Keep it safe: it isn't shown again.")
    try terminal.write(made.secret.onOneLine + "\n")
  }
}

extension Wire.ServiceAccountKey: Listable {
  static let noun = (one: "key", many: "keys")
  var identity: String { id.description }

  static let columns: [Column<Wire.ServiceAccountKey>] = [
    Column("Name") { .text($0.name) },
    Column("Secret") { .id($0.hint) },
    Column("Used") { .time($0.usedAt) },
    Column("Expires") { .time($0.expiresAt) },
    Column("Created", .whenWide) { .time($0.createdAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}
