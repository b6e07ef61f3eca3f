import Authorization
import Contract
public import Kernel
public import Ledger
import Storage

extension ControlPlane {
  public var budgets: Budgets { Budgets(plane: self) }
}

/// How many credits may be used for something in a period.
public struct Budgets: Sendable {
  let plane: ControlPlane

  /// By subject and name, as they stand at this instant.
  public func list(
    in reference: String, of subject: BudgetSubject? = nil, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<BudgetSetting> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      let found = try work.budgetRows.list(in: organization.id, of: subject, page)
      return Page(items: try work.present(found.items, in: organization), next: found.next, total: found.total)
    }
  }

  /// The same, each with the tightest of what counts along with it: what its teams and the organization may use, and the balance.
  public func listWithLimits(in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<SeenBudget> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      let found = try work.budgetRows.list(in: organization.id, of: nil, page)
      return Page(items: try work.withLimits(found.items, in: organization), next: found.next, total: found.total)
    }
  }

  /// One of them in the same way. Refuses as `missing` what is another organization's.
  public func findWithLimits(_ id: ID<Budget>, in reference: String, by caller: Caller) async throws(Problem) -> SeenBudget {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      return try work.withLimits([work.budget(id, in: organization)], in: organization).first.orDefect()
    }
  }

  /// Refuses as `missing` what is another organization's.
  public func find(_ id: ID<Budget>, in reference: String, by caller: Caller) async throws(Problem) -> BudgetSetting {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      return try work.present([work.budget(id, in: organization)], in: organization).first.orDefect()
    }
  }

  /// What was used in periods that are over, the latest first.
  func periods(of id: ID<Budget>, in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<BudgetRows.PastPeriod> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      return try work.budgetRows.periods(of: work.budget(id, in: organization).budget.id, page)
    }
  }

  /// What is used from now on counts. Refuses a second one for the same in the same period.
  /// What was asked for is read once the caller may ask.
  public func create(
    _ draft: @autoclosure @escaping @Sendable () throws(Problem) -> BudgetDraft, in reference: String, by caller: Caller
  ) async throws(Problem) -> BudgetSetting {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CreateBudget.self, in: reference)
      let draft = try draft()
      let (key, name) = try work.budgetHolder(draft.subject, draft.holder, in: organization)
      let rows = work.budgetRows
      guard try rows.find(key, draft.period, in: organization.id) == nil else {
        let reason = "There is a budget for just this already; change that one."
        throw Problem(.takenName, reason, faults: [FieldFault("period", reason)])
      }
      guard try rows.count(in: organization.id) < BudgetSetting.limit else {
        throw Problem(.tooManyBudgets, "An organization can have \(BudgetSetting.limit) budgets.")
      }
      let zone = try work.organizationSettings.inForce(in: organization.id).timeZone
      let budget = Budget(
        work.tx.newID(), draft.period, soft: draft.limits.soft, hard: draft.limits.hard, window: draft.period.bounds(around: work.now, in: zone))
      let setting = BudgetSetting(budget: budget, organization: organization.id, key: key, name: name, createdAt: work.now, revision: 1)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: setting.target,
        [Change("period", to: draft.period.rawValue)] + Change.limits(from: nil, to: draft.limits))
      try rows.insert(setting, under: proof)
      return setting
    }
  }

  /// Sets both limits; what was used counts on.
  public func update(
    _ id: ID<Budget>, _ limits: BudgetLimits, seen: Int? = nil, in reference: String, by caller: Caller
  ) async throws(Problem) -> BudgetSetting {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdateBudget.self, in: reference)
      let before = try work.budget(id, in: organization)
      try before.expect(seen)
      guard before.budget.limits != limits else { return try work.present([before], in: organization).first.orDefect() }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: before.target, Change.limits(from: before.budget.limits, to: limits))
      let after = before.budget.with(soft: limits.soft, hard: limits.hard)
      try work.budgetRows.limit(before.with(after), under: proof)
      if before.budget.told.soft, !after.told.soft { try work.alertRows.end(id, .budgetSoft, in: organization.id, at: work.now, under: proof) }
      if before.budget.told.hard, !after.told.hard { try work.alertRows.end(id, .budgetHard, in: organization.id, at: work.now, under: proof) }
      return try work.present([work.budget(id, in: organization)], in: organization).first.orDefect()
    }
  }

  /// Takes it away with what it has counted.
  public func delete(_ id: ID<Budget>, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(DeleteBudget.self, in: reference)
      let setting = try work.budget(id, in: organization)
      try setting.expect(seen)
      let limits = setting.budget.limits
      let proof = try work.record(
        permit, in: .organization(organization.id), on: setting.target,
        [
          Change("period", from: setting.budget.period.rawValue), limits.soft.map { Change("soft", from: $0.description) },
          limits.hard.map { Change("hard", from: $0.description) },
        ])
      for kind in [AlertKind.budgetSoft, .budgetHard] { try work.alertRows.end(id, kind, in: organization.id, at: work.now, under: proof) }
      try work.budgetRows.delete(id, under: proof)
    }
  }

  /// How many credits may be used now for something: the tightest of all budgets that count it, and of what the organization has.
  public func effective(for purpose: SpendingPurpose, in reference: String, by caller: Caller) async throws(Problem) -> EffectiveBudget {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      let keys = try work.budgetKeys(purpose, share: nil, in: organization)
      let (board, balance) = try work.seenBudgets(keys, in: organization)
      let budgets = board.settings(by: keys)
      let (available, binding) = budgets.tightest(within: balance)
      return EffectiveBudget(available: available, binding: binding?.budget.id, budgets: budgets)
    }
  }
}

extension BudgetBoard {
  /// Those that count by one of the keys, as they stand now, from the narrowest to the widest.
  fileprivate func settings(by keys: Set<BudgetKey>) -> [BudgetSetting] {
    named(by: keys).compactMap { id in budgets[id].flatMap { budget in settings[id]?.with(budget) } }
  }
}

extension [BudgetSetting] {
  /// What all of them and a balance leave; of equals the balance binds, then the first. `nil` where nothing limits.
  fileprivate func tightest(within balance: Credits?) -> (left: Credits?, binding: BudgetSetting?) {
    var found: (left: Credits?, binding: BudgetSetting?) = (balance, nil)
    for setting in self {
      guard let left = setting.budget.available, found.left.map({ left < $0 }) ?? true else { continue }
      found = (left, setting)
    }
    return found
  }
}

extension BudgetSetting {
  fileprivate var target: Target {
    Target("budget", budget.id.description, named: "\(words), \(budget.period == .none ? "once" : "each \(budget.period.rawValue)")")
  }
}

extension Work {
  /// A budget of the organization; refuses as `missing` what isn't one of its own.
  fileprivate func budget(_ id: ID<Budget>, in organization: Organization) throws(Problem) -> BudgetSetting {
    guard let found = try budgetRows.find(id, in: organization.id) else { throw Problem(.missing, "There is no such budget here.") }
    return found
  }

  /// The budgets that count by some keys as they stand now, and the balance; `nil` where nothing limits that.
  fileprivate func seenBudgets(_ keys: Set<BudgetKey>, in organization: Organization) throws(Problem) -> (BudgetBoard, balance: Credits?) {
    var available: Credits?
    if case .credits(let credits, _) = try balance(of: organization.id).available { available = credits }
    guard let ledger = try seenLedger(of: organization.id) else {
      return (try openBudgets(in: organization.id, book: nil, at: now, subjects: [], expired: [], keys: keys), available)
    }
    return (try openBudgets(for: ledger, subjects: [], keys: keys), available)
  }

  /// As they stand now, each with what binds besides.
  fileprivate func withLimits(_ settings: [BudgetSetting], in organization: Organization) throws(Problem) -> [SeenBudget] {
    let (board, balance) = try seenBudgets(Set(settings.map(\.key)), in: organization)
    return settings.map { setting in
      let beside = board.settings(by: [setting.key])
      let present = beside.first { $0.budget.id == setting.budget.id } ?? setting
      let (usable, binding) = beside.tightest(within: balance)
      // Of equals it binds by itself: that is what one looks at.
      let binds = present.budget.available.map { $0 == usable } ?? false
      return SeenBudget(setting: present, usable: usable, binding: binds ? present : binding)
    }
  }

  /// As they stand now: in the period that it is, and without what holds set aside whose time has come.
  fileprivate func present(_ settings: [BudgetSetting], in organization: Organization) throws(Problem) -> [BudgetSetting] {
    guard !settings.isEmpty else { return [] }
    let zone = try organizationSettings.inForce(in: organization.id).timeZone
    let ledger = try ledgers.find(organization.id)
    let instant = max(now, ledger?.head.at ?? now)
    let expired = try ledger.map { ledger throws(Problem) in try budgetRows.expired(at: instant, in: ledger.book) } ?? [:]
    return settings.map { setting in
      var budget = setting.budget
      _ = budget.advance(to: instant, in: zone)
      return setting.with(budget.without(expired: expired[budget.id] ?? 0))
    }
  }

  /// Whom a budget is for.
  fileprivate func budgetHolder(_ subject: BudgetSubject, _ text: String, in organization: Organization) throws(Problem) -> (BudgetKey, name: String) {
    let kind: SubBalance.HolderKind
    switch subject {
    case .organization: return (.organization, "")
    case .team:
      guard let team = try teams.find(text, in: organization.id) else { throw .invalid("holder", "There is no such team here.") }
      return (BudgetKey(.team, team.id.description), team.name.text)
    case .token:
      guard let id = ID<AccessToken>(text), let name = try budgetRows.token(id, in: organization.id) else {
        throw .invalid("holder", "Nobody in \(organization.name) has a token or key with this id.")
      }
      return (BudgetKey(.token, id.description), name)
    case .member: kind = .member
    case .serviceAccount: kind = .serviceAccount
    case .project: kind = .project
    case .cluster: kind = .cluster
    }
    let holder = try holder(text, kind, in: organization)
    return (subject == .project ? try projectKey(holder.key, in: organization) : BudgetKey(subject, holder.key), holder.name)
  }
}
