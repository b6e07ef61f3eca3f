import ArgumentParser
import Client
import Contract
import Kernel

struct BudgetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "budget", abstract: "How many credits may be used for something in a period.",
    discussion: "A budget is for the organization, or --for team:SLUG, member:HANDLE, service-account:SLUG, project:NAME, cluster:NAME or token:ID.",
    subcommands: [List.self, Effective.self, Periods.self, Set.self, Remove.self])

  struct List: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List budgets, with what was used of them.", aliases: ["ls"])
    @Option(help: ArgumentHelp("Only those for this.", valueName: "subject")) var subject: Wire.BudgetSubject?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Budgets.list, path: path, query: Wire.BudgetQuery(subject: subject), list,
        whenEmpty: subject.map { "\(path.organization) has no budget for a \($0.rawValue)." }
          ?? "\(path.organization) has no budgets. Begin with: guildhall budget set --for member:HANDLE --hard 100")
    }
  }

  struct Effective: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "effective", abstract: "Show how many credits may be used now for something, and what limits it.",
      discussion: "Example: guildhall budget effective --member bob --project eva")
    @Option(help: ArgumentHelp("By whom: a handle, address or id; you unless told.", valueName: "member")) var member: String?
    @Option(help: ArgumentHelp("By which service account.", valueName: "slug")) var serviceAccount: String?
    @Option(help: ArgumentHelp("For which project.", valueName: "name")) var project: String?
    @Option(help: ArgumentHelp("In which cluster.", valueName: "name")) var cluster: String?
    @Option(help: ArgumentHelp("With which token.", valueName: "id")) var token: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let query = Wire.EffectiveBudgetQuery(member: member, serviceAccount: serviceAccount, project: project, cluster: cluster, token: token)
      try invocation.printer.show(try await invocation.client().call(API.Budgets.readEffective, path: path, query: query))
    }
  }

  struct Periods: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "periods", abstract: "List what was used of a budget in periods that are over.")
    @Argument(help: "The id of the budget; guildhall budget list shows it.") var budget: String
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      guard let id: ID<Wire.Budget> = try Problem.id(budget) else { throw Problem(.invalid, "\(budget.onOneLine) is no id.") }
      let path = Wire.InBudget(organization: try await invocation.organization(organization), budget: id)
      try await invocation.list(API.Budgets.listPeriods, path: path, query: Wire.Paging(), list, whenEmpty: "No period of this budget is over.")
    }
  }

  struct Set: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Say beyond what nothing new begins, and from where on somebody is told.",
      discussion: """
        Both limits are set: what isn't told isn't there any more. --hard 0 lets nothing begin.
        Example: guildhall budget set --hard 1000 --soft 800
        Example: guildhall budget set --for member:bob --period week --hard 50
        """)
    @Option(name: .customLong("for"), help: ArgumentHelp("What for: KIND:NAME; the organization unless told.", valueName: "subject")) var holder: String?
    @Option(help: ArgumentHelp("day, week, month or none; month unless told.", valueName: "period")) var period: Wire.BudgetPeriod = .month
    @Option(help: ArgumentHelp("Beyond this nothing new begins.", valueName: "credits")) var hard: String?
    @Option(help: ArgumentHelp("From here on somebody is told.", valueName: "credits")) var soft: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func validate() throws { if hard == nil, soft == nil { throw ValidationError("Give --hard, --soft or both.") } }

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let named = try BudgetHolder(holder)
      let draft = Wire.BudgetDraft(subject: named.subject, holder: named.name, period: period, soft: soft, hard: hard)
      let after: Wire.Budget
      do {
        after = try await invocation.client().call(API.Budgets.create, path: path, body: draft)
      } catch {
        // There is one for just this: change that.
        guard error.code == .takenName, let before = try await invocation.budget(named, period, in: path.organization) else { throw error }
        after = try await invocation.client().call(
          API.Budgets.update, path: Wire.InBudget(organization: path.organization, budget: before.id), body: Wire.BudgetUpdate(soft: soft, hard: hard),
          revision: before.revision)
      }
      try invocation.printer.done("\(after.whose) may use \(after.hard.map(\.inWords) ?? "any number of credits") \(after.span).", after)
    }
  }

  struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Take a budget away with what it has counted.", aliases: ["rm"])
    @Option(name: .customLong("for"), help: ArgumentHelp("What for: KIND:NAME; the organization unless told.", valueName: "subject")) var holder: String?
    @Option(help: ArgumentHelp("day, week, month or none; month unless told.", valueName: "period")) var period: Wire.BudgetPeriod = .month
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let organization = try await invocation.organization(organization)
      let named = try BudgetHolder(holder)
      let budgets = try await invocation.budgets(named, in: organization)
      guard let found = budgets.first(where: { $0.period == period }) else {
        let others = budgets.map { "--period \($0.period.rawValue)" }
        let hint = others.isEmpty ? "" : " There is one \(budgets[0].span): name it with \(others.joined(separator: " or "))."
        throw Problem(.missing, "There is no such budget here \(period == .none ? "in all" : "each \(period.rawValue)").\(hint)")
      }
      _ = try await invocation.client().call(
        API.Budgets.delete, path: Wire.InBudget(organization: organization, budget: found.id), revision: found.revision)
      try invocation.printer.done("The budget of \(found.whose.prefix(1).lowercased() + found.whose.dropFirst()) is gone.", found)
    }
  }
}

/// What a budget is for, as a command names it.
struct BudgetHolder {
  let subject: Wire.BudgetSubject
  let name: String?

  init(_ text: String?) throws(Problem) {
    guard let text, text != Wire.BudgetSubject.organization.rawValue else {
      (subject, name) = (.organization, nil)
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let subject = Wire.BudgetSubject(rawValue: parts[0].lowercased()), subject != .organization else {
      throw Problem(.invalid, "\(text.onOneLine) names nothing: write team:SLUG, member:HANDLE, service-account:SLUG, project:NAME, cluster:NAME or token:ID.")
    }
    (self.subject, name) = (subject, String(parts[1]))
  }
}

extension Invocation {
  /// The budget for just this, if there is one.
  fileprivate func budget(_ holder: BudgetHolder, _ period: Wire.BudgetPeriod, in organization: String) async throws(Problem) -> Wire.Budget? {
    try await budgets(holder, in: organization).first { $0.period == period }
  }

  /// The budgets for just this, of all periods.
  fileprivate func budgets(_ holder: BudgetHolder, in organization: String) async throws(Problem) -> [Wire.Budget] {
    let path = Wire.InOrganization(organization: organization)
    guard holder.subject == .team else {
      var query = Wire.EffectiveBudgetQuery()
      switch holder.subject {
      case .member: query.member = holder.name
      case .serviceAccount: query.serviceAccount = holder.name
      case .project: query.project = holder.name
      case .cluster: query.cluster = holder.name
      case .token: query.token = holder.name
      case .organization, .team: break
      }
      let counting = try await client().call(API.Budgets.readEffective, path: path, query: query).budgets
      return counting.filter { $0.subject == holder.subject }
    }
    let team = try await client().call(API.Teams.read, path: Wire.InTeam(organization: organization, team: holder.name ?? "")).id.description
    var cursor: String?
    var found: [Wire.Budget] = []
    repeat {
      let page = try await client().call(API.Budgets.list, path: path, query: Wire.BudgetQuery(subject: .team, limit: 200, cursor: cursor))
      found += page.items.filter { $0.holder == team }
      cursor = page.nextCursor
    } while cursor != nil
    return found
  }
}

extension Wire.Budget: Listable {
  static let noun = (one: "budget", many: "budgets")
  var identity: String { id.description }

  /// At the beginning of a sentence.
  fileprivate var whose: String {
    switch subject {
    case .organization: "The organization"
    case .member: (name ?? "").onOneLine
    case .team, .serviceAccount, .project, .cluster, .token: "The \(subject.rawValue.replacing("-", with: " ")) \((name ?? "").onOneLine)"
    }
  }

  fileprivate var span: String { period == .none ? "in all" : "each \(period.rawValue)" }

  static let columns: [Column<Wire.Budget>] = [
    Column("For") { .text($0.name.map { name in "\(name)" } ?? "the organization") },
    Column("Kind", .whenWide) { .text($0.subject.rawValue) },
    Column("Period") { .text($0.period.rawValue) },
    Column("Used") { .text($0.spent.description) },
    Column("Held", .whenWide) { .text($0.held.description) },
    Column("Told from", .whenWide) { .text($0.soft?.description ?? "") },
    Column("Limit") { .text($0.hard?.description ?? "none") },
    Column("Left") { .text($0.available?.description ?? "unlimited") },
    Column("Begins anew", .whenWide) { .time($0.periodEnd) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

extension Wire.BudgetPeriodSummary: Listable {
  static let noun = (one: "period", many: "periods")
  var identity: String { start.description }

  static let columns: [Column<Wire.BudgetPeriodSummary>] = [
    Column("From") { .time($0.start) }, Column("To") { .time($0.end) }, Column("Used") { .text($0.spent.description) },
  ]
}

extension Wire.EffectiveBudget: Listable {
  static let noun = (one: "budget", many: "budgets")
  var identity: String { limitedBy ?? "unlimited" }

  static let columns: [Column<Wire.EffectiveBudget>] = [
    Column("Available") { .text($0.available?.description ?? "unlimited") },
    Column("Limited by") { seen in
      let binding = seen.budgets.first { $0.id.description == seen.limitedBy }
      return .text(seen.limitedBy == "balance" ? "the balance" : binding.map { "\($0.whose), \($0.span)" } ?? "nothing")
    },
    Column("Budgets") { .number($0.budgets.count) },
  ]
}
