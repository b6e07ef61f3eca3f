import ArgumentParser
import Client
import Contract
import Kernel

struct SubBalanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sub-balance", abstract: "What members, service accounts, projects and clusters may use of the credits.",
    discussion: "A holder is written member:HANDLE, service-account:SLUG, project:NAME or cluster:NAME.",
    subcommands: [List.self, Show.self, Create.self, Set.self, Deposit.self, Withdraw.self, Delete.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List what is shared out.", aliases: ["ls"])
    @Option(help: ArgumentHelp("Only those of this kind of holder.", valueName: "kind")) var kind: Wire.HolderKind?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Credits.listSubBalances, path: path, query: Wire.SubBalanceQuery(holderKind: kind), list,
        whenEmpty: kind.map { "No sub-balance of \(path.organization) is of the kind \($0.rawValue)." }
          ?? "Nothing of \(path.organization)'s credits is shared out. Begin with: guildhall sub-balance create member:HANDLE --amount 100")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one sub-balance, and what limits it.")
    @Argument(help: "KIND:NAME or id.") var holder: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try invocation.printer.show(try await invocation.subBalance(holder, in: invocation.organization(organization)))
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Let somebody use so much of the balance, or move credits to them.",
      discussion: "Example: guildhall sub-balance create member:bob --amount 100\nExample: guildhall sub-balance create project:eva --funds --amount 500")
    @Argument(help: "KIND:NAME.") var holder: String
    @Option(help: ArgumentHelp("To begin with; nothing unless told.", valueName: "credits")) var amount: String?
    @Flag(help: "Credits of its own, moved from the organization's balance; else an allowance of that balance.") var funds = false
    @Flag(help: "An allowance that only counts.") var unlimited = false
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if unlimited, funds || amount != nil { throw ValidationError("--unlimited goes without --amount and --funds.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let parts = holder.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, let kind = Wire.HolderKind(rawValue: parts[0].lowercased()) else {
        throw Problem(.invalid, "\(holder.onOneLine) names no holder: write member:HANDLE, service-account:SLUG, project:NAME or cluster:NAME.")
      }
      let draft = Wire.SubBalanceDraft(
        holderKind: kind, holder: String(parts[1]), kind: funds ? .funds : nil, amount: amount, unlimited: unlimited ? true : nil)
      let made = try await invocation.client().call(API.Credits.createSubBalance, path: path, body: draft)
      try invocation.printer.made("\(made.name.onOneLine) \(made.inWords).", made, named: made.id.description)
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Set how much may be used through an allowance from now on.",
      discussion: "0 is nothing. Example: guildhall sub-balance set member:bob --amount 50")
    @Argument(help: "KIND:NAME or id.") var holder: String
    @Option(help: ArgumentHelp("What may be used from now on.", valueName: "credits")) var amount: String?
    @Flag(inversion: .prefixedNo, help: "Whether it only counts.") var unlimited: Bool?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if amount != nil, unlimited == true { throw ValidationError("Give --amount or --unlimited, not both.") }
      if amount == nil, unlimited == nil { throw ValidationError("Say what to change: --amount, --unlimited or --no-unlimited.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let before = try await invocation.subBalance(holder, in: organization)
      let after = try await invocation.client().call(
        API.Credits.updateSubBalance, path: Wire.InSubBalance(organization: organization, subBalance: before.id),
        body: Wire.SubBalanceUpdate(balance: amount, unlimited: unlimited), revision: before.revision)
      try invocation.printer.done("\(after.name.onOneLine) \(after.inWords).", after)
    }
  }

  struct Deposit: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "deposit", abstract: "Add to a sub-balance.")
    @OptionGroup var movement: MovementArguments
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try await movement.perform(API.Credits.deposit, in: invocation.organization(organization), invocation)
    }
  }

  struct Withdraw: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "withdraw", abstract: "Take from a sub-balance what isn't held.")
    @OptionGroup var movement: MovementArguments
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      try await movement.perform(API.Credits.withdraw, in: invocation.organization(organization), invocation)
    }
  }

  struct Delete: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete", abstract: "Remove a sub-balance; what is left of credits of its own goes back to the balance.", aliases: ["rm"])
    @Argument(help: "KIND:NAME or id.") var holder: String
    @OptionGroup var confirmation: ConfirmationOption
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let found = try await invocation.subBalance(holder, in: organization)
      try invocation.confirm("Remove the sub-balance of \(found.name.onOneLine), which \(found.inWords)?", confirmation)
      _ = try await invocation.client().call(API.Credits.deleteSubBalance, path: Wire.InSubBalance(organization: organization, subBalance: found.id))
      try invocation.printer.done("The sub-balance of \(found.name.onOneLine) is removed.", found)
    }
  }

  struct MovementArguments: ParsableArguments {
    @Argument(help: "KIND:NAME or id.") var holder: String
    @Argument(help: "How many credits.") var amount: String
    @Option(help: ArgumentHelp("What for.", valueName: "text")) var note: String?

    fileprivate func perform(
      _ endpoint: Endpoint<Wire.InSubBalance, Nothing, Wire.SubBalanceTransfer, Wire.SubBalance>, in organization: String, _ invocation: Invocation
    ) async throws(Problem) {
      let found = try await invocation.subBalance(holder, in: organization)
      let after = try await invocation.client().call(
        endpoint, path: Wire.InSubBalance(organization: organization, subBalance: found.id), body: Wire.SubBalanceTransfer(amount: amount, note: note))
      try invocation.printer.done("\(after.name.onOneLine) \(after.inWords).", after)
    }
  }
}

extension Wire.SubBalance: Listable {
  static let noun = (one: "sub-balance", many: "sub-balances")
  var identity: String { id.description }

  /// After a name.
  fileprivate var inWords: String {
    if unlimited { return "may use what the organization has" }
    return kind == .funds ? "has \(balance.inWords)" : "may use \(balance.inWords)"
  }

  static let columns: [Column<Wire.SubBalance>] = [
    Column("Holder") { .name($0.reference ?? "\($0.holderKind.rawValue):\($0.name)") },
    Column("Name", .whenWide) { .text($0.name) },
    Column("Kind", .whenWide) { .text($0.kind.rawValue) },
    Column("Left") { .text($0.unlimited ? "unlimited" : $0.balance.description) },
    Column("Held") { .text($0.held.description) },
    Column("Available now") { .text($0.available.map { max($0, .zero).description } ?? "unlimited") },
    Column("Limited by") { .text($0.limitedBy == "balance" ? "the balance" : $0.limitedBy == nil ? "nothing" : "itself") },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}
