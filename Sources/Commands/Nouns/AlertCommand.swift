import ArgumentParser
import Client
import Contract
import Kernel

struct AlertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alert", abstract: "What was told of credits and budgets, and when somebody is told.",
    discussion: "Who shares out an organization's credits gets a mail: admins, managers and billing managers.",
    subcommands: [List.self, Rules.self, Add.self, Remove.self], defaultSubcommand: List.self)

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List what was told, the newest first.", aliases: ["ls"])
    @Flag(help: "Only what holds now.") var active = false
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Alerts.list, path: path, query: Wire.AlertQuery(active: active ? true : nil), list,
        whenEmpty: active ? "Nothing needs to be told of \(path.organization) now." : "Nothing was told of \(path.organization) yet.")
    }
  }

  struct Rules: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "rules", abstract: "List when somebody is told of the balance.",
      discussion: "--quiet shows the ids alone, where a screen is too narrow for them.")
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Alerts.listRules, path: path, query: Wire.Paging(), list,
        whenEmpty: "There are no rules yet. They begin with the first credits, or with: guildhall alert add amount --amount 100")
    }
  }

  struct Add: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "add", abstract: "Ask to be told of the balance; each crossing once.",
      discussion: "Example: guildhall alert add amount --amount 100\nExample: guildhall alert add runway --hours 72\nExample: guildhall alert add depleted")
    @Argument(help: "amount, runway, depleted or recovered.") var condition: Wire.AlertCondition
    @Option(parsing: .unconditional, help: ArgumentHelp("Of amount: when the balance is at it or below; it may lie below zero.", valueName: "credits"))
    var amount: String?
    @Option(help: ArgumentHelp("Of runway: when the credits last less than this.", valueName: "n")) var hours: Int?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws {
      if let hours, !(1...8784).contains(hours) { throw ValidationError("--hours takes a number from 1 to 8784, which is 366 days.") }
    }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let parsed = try amount.map { text throws(Problem) in try Problem.checking("amount") { () throws(Rejection) in try Credits(signedDecimal: text) } }
      let draft = Wire.AlertRuleDraft(condition: condition, amount: parsed, seconds: hours.map { $0 * 3600 })
      let made = try await invocation.client().call(API.Alerts.createRule, path: path, body: draft)
      try invocation.printer.made("You are told when \(made.words).", made, named: made.id.description)
    }
  }

  struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take a rule away.", aliases: ["rm"])
    @Argument(help: "The id of the rule; guildhall alert rules shows it.") var rule: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      guard let id: ID<Wire.AlertRule> = try Problem.id(rule) else { throw Problem(.invalid, "\(rule.onOneLine) is no id.") }
      let path = Wire.InAlertRule(organization: try await invocation.organization(organization), rule: id)
      _ = try await invocation.client().call(API.Alerts.deleteRule, path: path)
      try invocation.printer.done("The rule is gone.", path)
    }
  }
}

extension Wire.AlertRule: Listable {
  static let noun = (one: "rule", many: "rules")
  var identity: String { id.description }

  /// After "when".
  fileprivate var words: String {
    switch condition {
    case .amount: "the balance comes to \((amount ?? .zero).inWords)"
    case .runway: "the credits last less than \(span)"
    case .depleted: "the credits are used up"
    case .recovered: "there are credits again"
    }
  }

  /// "3 days", "12 hours"; as the console says it.
  private var span: String {
    let hours = (seconds ?? 0) / 3600
    return hours.isMultiple(of: 24) ? (hours / 24).of("day", "days") : hours.of("hour", "hours")
  }

  static let columns: [Column<Wire.AlertRule>] = [
    Column("When") { .text($0.words) },
    Column("State") { .state($0.active ? "active" : "armed", $0.active ? .attention : .quiet) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

extension Wire.Alert: Listable {
  static let noun = (one: "alert", many: "alerts")
  var identity: String { id.description }

  static let columns: [Column<Wire.Alert>] = [
    Column("When") { .time($0.at) },
    Column("Kind", .whenWide) { .text($0.kind.rawValue) },
    Column("What") { .text($0.text) },
    Column("Ended") { .time($0.endedAt) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}
