import ArgumentParser
import Client
import Contract
import Kernel

struct HoldCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hold", abstract: "Credits that are set aside until it is known what something costs.",
    subcommands: [List.self, Show.self, Create.self, Settle.self, Release.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List holds, the newest first.",
      discussion: "--quiet shows the ids alone, where a screen is too narrow for them.", aliases: ["ls"])
    @Option(help: ArgumentHelp("Only those in this state.", valueName: "state")) var state: Wire.HoldState?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Transfers.listHolds, path: path, query: Wire.HoldQuery(state: state), list,
        whenEmpty: state == nil ? "Nothing was ever held of \(path.organization)'s credits." : "No hold of \(path.organization) is \(state?.rawValue ?? "").")
    }
  }

  struct Show: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one hold.")
    @Argument(help: "Its id.") var hold: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.hold(hold, organization)
      try invocation.printer.show(try await invocation.client().call(API.Transfers.readHold, path: path))
    }
  }

  struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Set credits aside.", discussion: "Example: guildhall hold create 20 --ceiling 30 --seconds 7200 --for project:eva")
    @Argument(help: "How many credits.") var amount: String
    @OptionGroup var sub: SubBalanceOption
    @Option(help: ArgumentHelp("The most that it may be settled for; the amount unless told.", valueName: "credits")) var ceiling: String?
    @Option(help: ArgumentHelp("In how many seconds it ends by itself; 3600 unless told.", valueName: "n")) var seconds: Int?
    @Option(help: ArgumentHelp("What for.", valueName: "text")) var note: String?
    @Option(help: ArgumentHelp("An id of yours: the same hold again is made once.", valueName: "uuid")) var id: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let draft = Wire.HoldDraft(
        id: try Problem.id(id), subBalance: try await invocation.subBalance(sub, in: path.organization)?.id, amount: amount, ceiling: ceiling,
        expiresIn: seconds, note: note)
      let made = try await invocation.client().call(API.Transfers.createHold, path: path, body: draft)
      try invocation.printer.made("Held \(made.amount.inWords). End it with: guildhall hold settle \(made.id) AMOUNT", made, named: made.id.description)
    }
  }

  struct Settle: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "settle", abstract: "End a hold and charge what was used.")
    @Argument(help: "Its id.") var hold: String
    @Argument(help: "How many credits were used.") var amount: String
    @Option(help: ArgumentHelp("What for.", valueName: "text")) var note: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.hold(hold, organization)
      let after = try await invocation.client().call(API.Transfers.settle, path: path, body: Wire.Settlement(amount: amount, note: note))
      try invocation.printer.done("Charged \((after.settled ?? .zero).inWords); the hold is over.", after)
    }
  }

  struct Release: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "release", abstract: "End a hold and charge nothing.")
    @Argument(help: "Its id.") var hold: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = try await invocation.hold(hold, organization)
      let after = try await invocation.client().call(API.Transfers.release, path: path)
      try invocation.printer.done("Released \(after.amount.inWords).", after)
    }
  }
}

extension Invocation {
  fileprivate func hold(_ text: String, _ option: OrganizationOption) async throws(Problem) -> Wire.InHold {
    guard let id = ID<Wire.Hold>(text) else { throw Problem(.invalid, "\(text.onOneLine) is no id of a hold: guildhall hold list shows them.") }
    return Wire.InHold(organization: try await organization(option), hold: id)
  }
}

extension Wire.Hold: Listable {
  static let noun = (one: "hold", many: "holds")
  var identity: String { id.description }

  static let columns: [Column<Wire.Hold>] = [
    Column("Made") { .time($0.createdAt) },
    Column("Amount") { .text($0.amount.description) },
    Column("At most", .whenWide) { .text($0.ceiling.description) },
    Column("State") { .state($0.state.rawValue, $0.state == .live ? .attention : .quiet) },
    Column("Charged") { .text($0.settled?.description) },
    Column("Ends") { .time($0.state == .live ? $0.expiresAt : nil) },
    Column("Note") { .text($0.note) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}
