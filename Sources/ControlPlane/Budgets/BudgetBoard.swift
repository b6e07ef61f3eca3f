import Authorization
import Contract
import Kernel
import Ledger
import Secrets
import Storage

/// The budgets that a batch of transfers can touch, and which of them count what.
struct BudgetBoard {
  var budgets: OpenBudgets
  /// What is needed to write them.
  let settings: [ID<Budget>: BudgetSetting]
  private let byKey: [BudgetKey: [ID<Budget>]]
  /// What follows from a key: the teams that somebody is in, the id of the key that a service account speaks through.
  private let implied: [BudgetKey: [BudgetKey]]

  static let none = BudgetBoard(.none, settings: [], implied: [:])

  init(_ budgets: OpenBudgets, settings: [BudgetSetting], implied: [BudgetKey: [BudgetKey]]) {
    (self.budgets, self.implied) = (budgets, implied)
    self.settings = Dictionary(settings.map { ($0.budget.id, $0) }, uniquingKeysWith: { first, _ in first })
    byKey = Dictionary(grouping: settings, by: \.key).mapValues { $0.map(\.budget.id) }
  }

  /// Those that count by one of the keys, from the narrowest to the widest.
  func named(by keys: Set<BudgetKey>) -> [ID<Budget>] {
    if budgets.isEmpty { return [] }
    let all = keys.union(keys.flatMap { implied[$0] ?? [] }).union([.organization])
    return BudgetSubject.allCases.flatMap { subject in
      all.filter { $0.subject == subject }.sorted { $0.holder < $1.holder }.flatMap { byKey[$0] ?? [] }
    }
  }
}

/// A part of a transfer that budgets count by itself.
struct BudgetPart: Sendable, Hashable {
  let keys: Set<BudgetKey>
  let amount: Amount
}

extension BudgetBoard {
  /// What each budget counts of all parts together.
  fileprivate func sums(of parts: [BudgetPart]) -> [ID<Budget>: Amount] {
    var sums: [ID<Budget>: Amount] = [:]
    for part in parts {
      for id in named(by: part.keys) {
        let sum = Credits(clamping: Int128(sums[id]?.credits.micro ?? 0) + Int128(part.amount.credits.micro))
        sums[id] = Amount(micro: sum.micro)
      }
    }
    return sums
  }
}

/// Why a transfer of a list doesn't fit into a budget.
struct LinkedShortfall: Error {
  let place: Int
  let shortfall: BudgetShortfall
}

extension OpenLedger {
  /// Refuses what asks beforehand and doesn't fit into the budgets that count it. What was recorded already is no question any more.
  func expectWithinBudgets(_ instruction: Instruction) throws(BudgetShortfall) {
    guard book.entry(of: instruction.transfer.id) == nil else { return }
    try board.budgets.expectRoom(for: instruction.transfer.content, in: board.named(by: instruction.budgetKeys))
  }

  /// The same for several together, each of which sees what those before it would count.
  func expectWithinBudgets(linked instructions: [Instruction]) throws(LinkedShortfall) {
    guard !board.budgets.isEmpty else { return }
    var budgets = board.budgets
    for (place, instruction) in instructions.enumerated() where book.entry(of: instruction.transfer.id) == nil {
      let named = board.named(by: instruction.budgetKeys)
      do throws(BudgetShortfall) {
        try budgets.expectRoom(for: instruction.transfer.content, in: named)
      } catch { throw LinkedShortfall(place: place, shortfall: error) }
      budgets.note(instruction.transfer, in: named)
    }
  }

  /// Counts what was recorded.
  mutating func count(_ instruction: Instruction) {
    guard !board.budgets.isEmpty else { return }
    if instruction.budgetParts.isEmpty {
      board.budgets.note(instruction.transfer, in: board.named(by: instruction.budgetKeys))
    } else {
      board.budgets.use(board.sums(of: instruction.budgetParts), by: instruction.transfer.id)
    }
  }

  /// Takes back what wasn't used after all, of what was counted at an instant.
  mutating func giveBack(_ parts: [BudgetPart], countedAt instant: Timestamp) {
    if !parts.isEmpty { board.budgets.giveBack(board.sums(of: parts), countedAt: instant) }
  }
}

extension Work {
  /// The budgets that transfers in these books touch: those that count by `keys`, those of what is ended or taken back, and those of holds that have expired.
  func openBudgets(for ledger: OpenLedger, subjects: some Sequence<ID<Transfer>>, keys: Set<BudgetKey>) throws(Problem) -> BudgetBoard {
    let expired = ledger.book.changedHolds.filter { $0.state == .expired }.map(\.id)
    let (handle, instant) = (ledger.handle, ledger.book.head.at)
    return try openBudgets(in: handle.organization, book: handle.book, at: instant, subjects: Set(subjects), expired: expired, keys: keys)
  }

  /// The same for an organization that may have no books yet.
  func openBudgets(
    in organization: ID<Organization>, book: Int64?, at instant: Timestamp, subjects: Set<ID<Transfer>>, expired: [ID<Hold>], keys: Set<BudgetKey>
  ) throws(Problem) -> BudgetBoard {
    let rows = budgetRows
    let there = try rows.subjects(in: organization)
    if there.isEmpty { return .none }
    let counts = try book.map { book throws(Problem) in try rows.counts(of: subjects.union(expired.map { $0.cast() }), in: book) } ?? [:]
    var implied: [BudgetKey: [BudgetKey]] = [:]
    if there.contains(.team) {
      for key in keys where key.subject == .member || key.subject == .serviceAccount {
        implied[key] = try rows.teams(of: key, in: organization).map { BudgetKey(.team, $0) }
      }
    }
    if there.contains(.token) {
      for key in keys { if let digest = key.digest, let id = try rows.key(digest: digest) { implied[key] = [BudgetKey(.token, id)] } }
    }
    let wanted = keys.union(implied.values.joined()).union([.organization]).filter { there.contains($0.subject) }
    let settings = try rows.find(wanted, Set(counts.values.joined().map(\.budget)), in: organization)
    let zone = try organizationSettings.inForce(in: organization).timeZone
    var budgets = OpenBudgets(settings.map(\.budget), counts: counts, at: instant, in: zone)
    for hold in expired { budgets.expire(hold) }
    return BudgetBoard(budgets, settings: settings, implied: implied)
  }

  /// Writes what was counted, and tells of what was crossed.
  func storeBudgets(of ledger: OpenLedger, under proof: some Proof) throws(Problem) {
    guard !ledger.board.budgets.isEmpty else { return }
    let rows = budgetRows
    var budgets = ledger.board.budgets
    let marks = budgets.newMarks()
    var board = ledger.board
    board.budgets = budgets
    try tell(marks, board, of: ledger, under: proof)
    for (id, periods) in budgets.past { for past in periods { try rows.insert(past, of: id, under: proof) } }
    for budget in budgets.changed { try rows.update(budget, under: proof) }
    for correction in budgets.corrections { try rows.apply(correction, under: proof) }
    try rows.insert(budgets.newCounts, in: ledger.handle.book, under: proof)
  }

  /// A refusal for want of a budget as it is told.
  func problem(_ shortfall: BudgetShortfall, in organization: ID<Organization>) throws(Problem) -> Problem {
    let setting = try budgetRows.find(shortfall.budget, in: organization)
    let whose = setting.map { "the budget of \($0.words)" } ?? "a budget"
    let renewal = shortfall.renews.map { " It begins anew at \(instantText($0))." } ?? ""
    return Problem(
      .overBudget, "\(missingText(shortfall.missing.credits)) in \(whose): \(leftText(max(shortfall.available, .zero))).\(renewal)",
      quote: Quote(level: shortfall.budget.description, available: shortfall.available, missing: shortfall.missing.credits))
  }

  // MARK: What credits are used for

  /// What budgets count by: what is named, else whose share it is, else who asks. Refuses whoever doesn't belong to the organization.
  func budgetKeys(_ purpose: SpendingPurpose, share: SubBalance?, in organization: Organization) throws(Problem) -> Set<BudgetKey> {
    var keys: Set<BudgetKey> = []
    let shared = share.map { (kind: $0.holder.kind, key: $0.holder.key) }
    if let member = purpose.member {
      keys.insert(BudgetKey(.member, try named("purpose/member", member, .member, in: organization)))
    } else if purpose.serviceAccount == nil, shared?.kind == .member {
      keys.insert(BudgetKey(.member, shared?.key ?? ""))
    }
    if let account = purpose.serviceAccount {
      keys.insert(BudgetKey(.serviceAccount, try named("purpose/service_account", account, .serviceAccount, in: organization)))
    } else if purpose.member == nil, shared?.kind == .serviceAccount {
      keys.insert(BudgetKey(.serviceAccount, shared?.key ?? ""))
    }
    // Nobody is named, so it is whoever asks.
    if keys.isEmpty { if let own = try ownBudgetKey() { keys.insert(own) } }
    if let project = purpose.project {
      let name = try Problem.checking("purpose/project") { () throws(Rejection) in try DisplayName(project) }
      keys.insert(try projectKey(name.text, in: organization))
    } else if shared?.kind == .project {
      keys.insert(try projectKey(shared?.key ?? "", in: organization))
    }
    if let cluster = purpose.cluster {
      keys.insert(BudgetKey(.cluster, try named("purpose/cluster", cluster, .cluster, in: organization)))
    } else if shared?.kind == .cluster {
      keys.insert(BudgetKey(.cluster, shared?.key ?? ""))
    }
    if let token = try tokenKey(purpose.token, in: organization) { keys.insert(token) }
    return keys
  }

  private func named(_ field: String, _ text: String, _ kind: SubBalance.HolderKind, in organization: Organization) throws(Problem) -> String {
    do throws(Problem) {
      return try holder(text, kind, in: organization).key
    } catch {
      guard error.kind == .invalid else { throw error }
      throw .invalid(field, error.detail)
    }
  }

  /// A project of ours by its id, however it is named; another as its platform calls it.
  func projectKey(_ name: String, in organization: Organization) throws(Problem) -> BudgetKey {
    if let id = ID<Project>(name) {
      return BudgetKey(.project, try usageSubjects.projects([id], in: organization.id).contains(id) ? id.description : name)
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map { NameEntry.key(String($0)) }
    guard parts.count == 2, let workspace = parts[0], let slug = parts[1],
      let id = try usageSubjects.project(slug, of: workspace, in: organization.id)
    else { return BudgetKey(.project, name) }
    return BudgetKey(.project, id.description)
  }

  private func ownBudgetKey() throws(Problem) -> BudgetKey? {
    switch try actor() {
    case .person(let person): BudgetKey(.member, person.id.description)
    case .machine(let machine): BudgetKey(.serviceAccount, machine.id.description)
    case .anonymous, .system: nil
    }
  }

  /// The token that is named, or the one that the caller speaks through.
  private func tokenKey(_ token: String?, in organization: Organization) throws(Problem) -> BudgetKey? {
    if let token {
      guard let id = ID<AccessToken>(token), try budgetRows.token(id, in: organization.id) != nil else {
        throw .invalid("purpose/token", "Nobody in \(organization.name) has a token or key with this id.")
      }
      return BudgetKey(.token, id.description)
    }
    // Which key it is, is looked up where a budget asks for it.
    if case .key(let digest) = try credential() { return BudgetKey(digest: digest.text) }
    if case .person(let person) = try actor(), let token = person.token { return BudgetKey(.token, token.id.description) }
    return nil
  }
}
