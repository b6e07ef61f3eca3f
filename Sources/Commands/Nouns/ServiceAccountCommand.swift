import ArgumentParser
import Client
import Contract
import Kernel

struct ServiceAccountCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "service-account", abstract: "Programs that act in an organization for themselves, and their keys.",
    discussion: "Service accounts are named by slug or id.",
    subcommands: [List.self, Show.self, Create.self, Set.self, Disable.self, Enable.self, Delete.self, ServiceAccountKeyCommand.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the service accounts.", aliases: ["ls"])
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.ServiceAccounts.list, path: path, query: Wire.Paging(), list,
        whenEmpty: "\(path.organization) has no service accounts. Make one with: guildhall service-account create NAME --role viewer")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one service account.")
    @Argument(help: "Slug or id.") var account: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.serviceAccount(account, organization)
      try invocation.printer.show(try await invocation.client().call(API.ServiceAccounts.read, path: path))
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a service account, without a key.",
      discussion: "Example: guildhall service-account create \"Nightly report\" --role viewer,billing")
    @Argument(help: "What it does, in words.") var name: String
    @Option(help: ArgumentHelp("What scripts call it, for good; made from the name unless told.", valueName: "slug")) var slug: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("The role or roles it has.", valueName: "role,…")) var role: RoleList = RoleList([.viewer])
    @Option(name: .shortAndLong, help: ArgumentHelp("Who looks after it, and where it runs.", valueName: "text")) var description: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let draft = Wire.ServiceAccountDraft(name: name, slug: slug, description: description, roles: role.roles)
      let made = try await invocation.client().call(API.ServiceAccounts.create, path: path, body: draft)
      let slug = made.slug.onOneLine
      try invocation.printer.made(
        "Made the service account \(slug), as \(role.inWords). Make a key for it with: guildhall service-account key create \(slug) NAME", made, named: made.slug)
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Change name, description or roles; keys go on, with the new roles at once.",
      discussion: "Example: guildhall service-account set nightly-report --role viewer")
    @Argument(help: "Slug or id.") var account: String
    @Option(help: ArgumentHelp("What it does.", valueName: "text")) var name: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("Who looks after it, and where it runs.", valueName: "text")) var description: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("Exactly the role or roles it has from now on.", valueName: "role,…")) var role: RoleList?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if name == nil, description == nil, role == nil { throw ValidationError("Say what to change: --name, --description or --role.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.serviceAccount(account, organization), try invocation.client())
      let before = try await client.call(API.ServiceAccounts.read, path: path)
      let update = Wire.ServiceAccountUpdate(name: name, description: description, roles: role?.roles)
      let after = try await client.call(API.ServiceAccounts.update, path: path, body: update, revision: before.revision)
      try invocation.printer.done("\(after.name.onOneLine) is \(RoleList(after.roles).inWords) in \(path.organization).", after)
    }
  }

  struct Disable: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "disable", abstract: "Stop all keys of a service account until it is enabled; nothing is lost.")
    @Argument(help: "Slug or id.") var account: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.serviceAccount(account, organization)
      let after = try await invocation.client().call(API.ServiceAccounts.disable, path: path)
      try invocation.printer.done(
        "\(after.name.onOneLine) is disabled. Let it act again with: guildhall service-account enable \(after.slug.onOneLine)", after)
    }
  }

  struct Enable: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "enable", abstract: "Let a disabled service account act again.")
    @Argument(help: "Slug or id.") var account: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.serviceAccount(account, organization)
      let after = try await invocation.client().call(API.ServiceAccounts.enable, path: path)
      try invocation.printer.done("\(after.name.onOneLine) acts in \(path.organization) again.", after)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Delete a service account with all its keys, at once and for good.", aliases: ["rm"])
    @Argument(help: "Slug or id.") var account: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let (path, client) = (try await invocation.serviceAccount(account, organization), try invocation.client())
      let found = try await client.call(API.ServiceAccounts.read, path: path)
      let keys = found.liveKeys == 0 ? "" : ", with \(found.liveKeys.of("key", "keys")) that hold"
      try invocation.confirm("Delete the service account \(found.name.onOneLine) (\(found.slug.onOneLine)) of \(path.organization)\(keys)?", confirmation)
      _ = try await client.call(API.ServiceAccounts.delete, path: path)
      invocation.printer.say("Deleted the service account \(found.slug.onOneLine) of \(path.organization).")
    }
  }
}

extension Invocation {
  /// The place of the service account with this slug or id, in the organization that the command works in.
  func serviceAccount(_ account: String, _ option: OrganizationOption) async throws(Problem) -> Wire.InServiceAccount {
    Wire.InServiceAccount(organization: try await organization(option), serviceAccount: account)
  }
}

extension Wire.ServiceAccount: Listable {
  static let noun = (one: "service account", many: "service accounts")
  var identity: String { slug }

  static let columns: [Column<Wire.ServiceAccount>] = [
    Column("Slug") { .name($0.slug) },
    Column("Name") { .text($0.name) },
    Column("Roles") { .words($0.roles.map(\.rawValue)) },
    Column("State") { .state($0.state.rawValue, $0.state.tone) },
    Column("Keys") { .text(String($0.liveKeys)) },
    Column("Used") { .time($0.usedAt) },
    Column("Created", .whenWide) { .time($0.createdAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]

  static let details: [Column<Wire.ServiceAccount>] = [
    Column("Name") { .text($0.name) },
    Column("Slug") { .name($0.slug) },
    Column("Description") { .text($0.description) },
    Column("Roles") { .words($0.roles.map(\.rawValue)) },
    Column("State") { .state($0.state.rawValue, $0.state.tone) },
    Column("Keys") { .text(String($0.liveKeys)) },
    Column("Used") { .time($0.usedAt) },
    Column("Created") { .time($0.createdAt) },
    Column("Created by") { .text($0.createdByName) },
    Column("Disabled") { .time($0.disabledAt) },
    Column("Id") { .id($0.id.description) },
  ]
}

extension Wire.ServiceAccountState {
  fileprivate var tone: Cell.Tone { self == .active ? .good : .attention }
}
