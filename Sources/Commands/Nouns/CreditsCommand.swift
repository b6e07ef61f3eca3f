import ArgumentParser
import Client
import Contract
import Kernel

struct CreditsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credits", abstract: "An organization's balance, and what becomes of it.",
    discussion: "Amounts are decimals with at most 6 digits behind the point: 12.5",
    subcommands: [Balance.self, Statement.self, Charge.self, Reverse.self, Grants.self, TopUp.self, Correct.self, Overdraft.self],
    defaultSubcommand: Balance.self)

  struct Balance: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "balance", abstract: "Show what there is to spend, and what is held.")
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let balance = try await invocation.client().call(API.Credits.readBalance, path: path)
      try invocation.printer.show(balance)
      if case .json = invocation.printer.form { return }
      for sentence in balance.explanations { invocation.printer.say(sentence) }
    }
  }

  struct Statement: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "statement", abstract: "List what changed the balance, the newest first.",
      discussion: "Example: guildhall credits statement --for member:bob --since 2026-11-01 --all")
    @OptionGroup var sub: SubBalanceOption
    @Option(help: ArgumentHelp("Only transfers of this kind.", valueName: "kind")) var kind: Wire.TransferKind?
    @Option(help: ArgumentHelp("From this time on: 7d for the last 7 days, or 2026-11-01.", valueName: "time")) var since: PointInTime?
    @Option(help: ArgumentHelp("Before this time.", valueName: "time")) var until: PointInTime?
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let now = invocation.printer.now
      let query = Wire.TransferQuery(
        subBalance: try await invocation.subBalance(sub, in: path.organization)?.id, kind: kind, since: since?.before(now), until: until?.before(now))
      try await invocation.list(API.Transfers.listTransfers, path: path, query: query, list,
        whenEmpty: kind == nil && since == nil && until == nil ? "Nothing has moved here." : "Nothing of that kind has moved here in that time.")
    }
  }

  struct Charge: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "charge", abstract: "Record what was used, whatever there is.",
      discussion: "With --ask-first it is refused where the credits don't suffice. Example: guildhall credits charge 2.5 --for project:eva --note 'Job 7'")
    @Argument(help: "How many credits.") var amount: String
    @OptionGroup var sub: SubBalanceOption
    @Flag(help: "Refuse what the credits don't suffice for: nothing was used yet.") var askFirst = false
    @Option(help: ArgumentHelp("What for.", valueName: "text")) var note: String?
    @Option(help: ArgumentHelp("An id of yours: the same charge again is recorded once.", valueName: "uuid")) var id: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let draft = Wire.ChargeDraft(
        id: try Problem.id(id), subBalance: try await invocation.subBalance(sub, in: path.organization)?.id, amount: amount, askFirst: askFirst ? true : nil,
        note: note)
      let made = try await invocation.client().call(API.Transfers.charge, path: path, body: draft)
      try invocation.printer.made("Charged \(made.amount.inWords).", made, named: made.id.description)
    }
  }

  struct Reverse: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "reverse", abstract: "Take a transfer back, once; what you made, or as an operator any.",
      discussion: "guildhall credits statement shows the ids.")
    @Argument(help: "The id of the transfer.") var transfer: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InCreditTransfer(organization: try await invocation.organization(organization), transfer: try Problem.id(transfer).orUnusable(transfer))
      let made = try await invocation.client().call(API.Transfers.reverse, path: path)
      try invocation.printer.done("Took \(made.amount.inWords) back.", made)
    }
  }

  struct Grants: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "grants", abstract: "List the credits that are used up before others, end, or are for something alone.")
    @OptionGroup var list: ListOptions
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      try await invocation.list(
        API.Credits.listGrants, path: path, query: Wire.Paging(), list, whenEmpty: "\(path.organization) has no credits that are told apart from others.")
    }
  }

  struct TopUp: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "top-up", abstract: "Record a payment that was made elsewhere, or give credits away; for operators.",
      discussion: "Example: guildhall credits top-up 500 --note 'Invoice 2026-17' --org acme\nExample: guildhall credits top-up 50 --promotional --expires 90d")
    @Argument(help: "How many credits.") var amount: String
    @Flag(help: "Given away, not paid.") var promotional = false
    @Option(help: ArgumentHelp("What for, such as the number of an invoice.", valueName: "text")) var note: String?
    @Option(help: ArgumentHelp("0 to 1000: those with the smaller number are used up first.", valueName: "n")) var priority: Int?
    @Option(help: ArgumentHelp("When what is left of them ends: 90d, or a date.", valueName: "when")) var expires: PointInTime?
    @Option(
      name: .customLong("only-for"), help: ArgumentHelp("A sub-balance that they are for alone, as KIND:NAME or by id; may be repeated.", valueName: "holder"))
    var onlyFor: [String] = []
    @Option(help: ArgumentHelp("An id of yours: the same top-up again is recorded once.", valueName: "uuid")) var id: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      var subBalances: [ID<Wire.SubBalance>] = []
      for holder in onlyFor { subBalances.append(try await invocation.subBalance(holder, in: path.organization).id) }
      let draft = Wire.TopUpDraft(
        id: try Problem.id(id), amount: amount, kind: promotional ? .promotional : nil, note: note, priority: priority,
        expiresAt: expires?.ahead(of: invocation.printer.now), subBalances: subBalances.isEmpty ? nil : subBalances)
      let made = try await invocation.client().call(API.Credits.topUp, path: path, body: draft)
      try invocation.printer.made("\(path.organization) has \(made.amount.inWords) more.", made, named: made.id.description)
    }
  }

  struct Correct: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "correct", abstract: "Put a balance right; for operators.",
      discussion: "Example: guildhall credits correct --by -12.5 --note 'Counted twice' --org acme\nExample: guildhall credits correct --to 100")
    @Option(parsing: .unconditional, help: ArgumentHelp("So many more, or fewer with a - in front.", valueName: "credits")) var by: String?
    @Option(parsing: .unconditional, help: ArgumentHelp("What the balance is to be.", valueName: "credits")) var to: String?
    @Option(help: ArgumentHelp("What for.", valueName: "text")) var note: String?
    @Option(help: ArgumentHelp("An id of yours: the same correction again happens once.", valueName: "uuid")) var id: String?
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      func credits(_ text: String?, _ field: String) throws(Problem) -> Credits? {
        try text.map { text throws(Problem) in try Problem.checking(field) { () throws(Rejection) in try Credits(signedDecimal: text) } }
      }
      let draft = Wire.CorrectionDraft(id: try Problem.id(id), amount: try credits(by, "by"), balance: try credits(to, "to"), note: note)
      let balance = try await invocation.client().call(API.Credits.correct, path: path, body: draft)
      try invocation.printer.done("The balance of \(path.organization) is \(balance.balance.inWords) now.", balance)
    }
  }

  struct Overdraft: ClientCommand {
    static let configuration = CommandConfiguration(
      commandName: "overdraft", abstract: "Agree how far below zero the balance may go; for operators.",
      discussion: "0 is not at all. Example: guildhall credits overdraft 100\nExample: guildhall credits overdraft unlimited")
    @Argument(help: "How many credits, or unlimited.") var amount: String
    @OptionGroup var organization: OrganizationOption
    @OptionGroup var general: GeneralOptions

    func perform(_ invocation: Invocation) async throws(Problem) {
      let path = Wire.InOrganization(organization: try await invocation.organization(organization))
      let balance = try await invocation.client().call(API.Credits.setOverdraft, path: path, body: Wire.Overdraft(overdraft: amount))
      try invocation.printer.done(
        balance.unlimited ? "Nothing limits the balance of \(path.organization)." : "\(path.organization) may go \(amount) credits below zero.", balance)
    }
  }
}

/// Whose credits a command means: the organization's own, or a sub-balance.
struct SubBalanceOption: ParsableArguments {
  @Option(
    name: .customLong("for"),
    help: ArgumentHelp("A sub-balance: member:HANDLE, project:NAME, cluster:NAME, service-account:SLUG, or its id.", valueName: "holder"))
  var holder: String?
}

extension Invocation {
  /// The sub-balance that is named, or `nil` for the organization's balance.
  func subBalance(_ option: SubBalanceOption, in organization: String) async throws(Problem) -> Wire.SubBalance? {
    guard let holder = option.holder else { return nil }
    return try await subBalance(holder, in: organization)
  }

  /// By id, or as `kind:name`.
  func subBalance(_ text: String, in organization: String) async throws(Problem) -> Wire.SubBalance {
    if let id = ID<Wire.SubBalance>(text) {
      return try await client().call(API.Credits.readSubBalance, path: Wire.InSubBalance(organization: organization, subBalance: id))
    }
    let parts = text.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, let kind = Wire.HolderKind(rawValue: parts[0].lowercased()) else {
      throw Problem(.invalid, "\(text.onOneLine) names no sub-balance: write member:HANDLE, project:NAME, cluster:NAME, service-account:SLUG, or an id.")
    }
    let query = Wire.SubBalanceQuery(holderKind: kind, holder: String(parts[1]), limit: 1)
    let path = Wire.InOrganization(organization: organization)
    guard let found = try await client().call(API.Credits.listSubBalances, path: path, query: query).items.first else {
      throw Problem(.missing, "\(text.onOneLine) has no sub-balance here. Make one with: guildhall sub-balance create \(text.onOneLine) --amount 100")
    }
    return found
  }
}

extension Problem {
  /// An id that was typed; `nil` where none was.
  static func id<Noun>(_ text: String?) throws(Problem) -> ID<Noun>? {
    guard let text else { return nil }
    guard let id = ID<Noun>(text) else {
      throw Problem(.invalid, "\(text.onOneLine) is no id: give 36 characters such as 0189f2c0-1234-7abc-8def-0123456789ab.")
    }
    return id
  }
}

extension Optional {
  fileprivate func orUnusable(_ text: String) throws(Problem) -> Wrapped {
    guard let self else { throw Problem(.invalid, "\(text.onOneLine) is no id.") }
    return self
  }
}

extension Wire.Balance: Listable {
  static let noun = (one: "balance", many: "balances")
  var identity: String { balance.description }

  static let columns: [Column<Wire.Balance>] = [
    Column("Balance") { .text($0.balance.description) },
    Column("Held") { .text($0.held.description) },
    Column("Available") { .text($0.unlimited ? "unlimited" : $0.available.map { max($0, .zero).description }) },
    Column("Overdraft") { .text($0.unlimited ? "unlimited" : $0.overdraft?.description) },
    Column("Granted") { .text($0.granted.description) },
    Column("Used so far") { .text($0.used.description) },
  ]
}

extension Wire.Balance {
  /// Why what is available isn't what the other figures come to.
  fileprivate var explanations: [String] {
    guard let available, let overdraft, let free = balance.subtracting(held)?.adding(overdraft) else { return [] }
    var sentences: [String] = []
    if let scoped = free.subtracting(available), scoped > .zero {
      sentences.append("Available is \(scoped.inWords) less than that leaves: so much is for something alone. guildhall credits grants shows what.")
    }
    if overdraft > .zero { sentences.append("Available reaches into the overdraft of \(overdraft.inWords).") }
    if balance < .zero { sentences.append("\((-balance).inWords) \(balance.micro == -1_000_000 ? "is" : "are") owed; the next top-up pays that off first.") }
    if available <= .zero { sentences.append("Nothing new begins until there are credits again.") }
    return sentences
  }
}

extension Wire.CreditTransfer: Listable {
  static let noun = (one: "transfer", many: "transfers")
  var identity: String { id.description }

  static let columns: [Column<Wire.CreditTransfer>] = [
    Column("When") { .time($0.at) },
    Column("Kind") { .text($0.kind.rawValue) },
    Column("Amount") { .text($0.amount.description) },
    Column("From") { .text($0.fromHolder ?? $0.from) },
    Column("To") { .text($0.toHolder ?? $0.to) },
    Column("Note") { .text($0.note) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}

extension Wire.CreditGrant: Listable {
  static let noun = (one: "grant", many: "grants")
  var identity: String { id.description }

  static let columns: [Column<Wire.CreditGrant>] = [
    Column("Kind") { .text($0.kind.rawValue) },
    Column("Granted") { .text($0.granted.description) },
    Column("Left") { .text($0.remaining.description) },
    Column("Priority") { .number($0.priority) },
    Column("Ends") { .time($0.expiresAt) },
    Column("Only for", .whenWide) { .words($0.holders ?? $0.subBalances?.map(\.description) ?? []) },
    Column("Note") { .text($0.note) },
    Column("Id", .whenWide) { .id($0.id.description) },
  ]
}
