import Authorization
import Contract
public import Kernel
import Ledger
import Storage

extension ControlPlane {
  public var alerts: Alerts { Alerts(plane: self) }
}

/// When somebody is told of credits, and what was told. A crossing is noticed in the transaction that crosses, so it is told once, whoever comes at the same
/// time.
public struct Alerts: Sendable {
  let plane: ControlPlane

  /// The newest first; with `open` those that hold now.
  public func list(in reference: String, open: Bool = false, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Alert> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      return try work.alertRows.list(in: organization.id, open: open, page)
    }
  }

  /// In the order in which they were made. Before anything has moved, those that every organization begins with aren't there yet.
  public func rules(in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<AlertSetting> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadCredits.self, in: reference).0
      return try work.alertRows.rules(of: organization.id, page)
    }
  }

  /// Adds a rule; what holds already is told at once. Refuses a second one for the same.
  public func create(
    _ kind: AlertKind, amount: Credits? = nil, seconds: Int? = nil, in reference: String, by caller: Caller
  ) async throws(Problem) -> AlertSetting {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CreateAlertRule.self, in: reference)
      let condition = try AlertCondition(kind, amount: amount, seconds: seconds)
      let id = work.tx.newID(AlertSetting.self)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target("alert-rule", id.description, named: "when \(condition.words)"))
      let known = try work.watched(organization.id, under: proof).rules
      guard !known.contains(where: { $0.rule.condition == condition }) else {
        let reason = "There is a rule for just this already."
        throw Problem(.takenName, reason, faults: [FieldFault("condition", reason)])
      }
      guard known.count < AlertSetting.limit else { throw Problem(.tooManyAlertRules, "An organization can have \(AlertSetting.limit) rules.") }
      try work.alertRows.insert(
        AlertSetting(id: id, organization: organization.id, rule: AlertRule(condition), createdAt: work.now), under: proof)
      try work.lookAtCredits(of: organization.id, under: proof)
      return try work.watched(organization.id, under: proof).rules.first { $0.id == id }.orDefect()
    }
  }

  /// Takes a rule away, with what it has told that holds still.
  public func delete(_ id: ID<AlertSetting>, in reference: String, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(DeleteAlertRule.self, in: reference)
      guard let rule = try work.alertRows.watch(organization.id)?.rules.first(where: { $0.id == id }) else {
        throw Problem(.missing, "There is no such rule here.")
      }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target("alert-rule", id.description, named: "when \(rule.words)"))
      try work.alertRows.delete(id, under: proof)
      try work.alertRows.end(id, in: organization.id, at: work.now, under: proof)
    }
  }
}

extension Work {
  /// How fast credits are used, and the rules. What every organization begins with is made when somebody looks for the first time.
  fileprivate func watched(_ organization: ID<Organization>, under proof: some Proof) throws(Problem) -> (rate: SpendingRate, rules: [AlertSetting]) {
    if let known = try alertRows.watch(organization) { return known }
    try alertRows.insert(SpendingRate(start: now), organization, under: proof)
    for (place, condition) in AlertSetting.usual.enumerated() {
      // One after the other, so that lists keep their order.
      let setting = AlertSetting(id: tx.newID(), organization: organization, rule: AlertRule(condition), createdAt: now + .milliseconds(place))
      try alertRows.insert(setting, under: proof)
    }
    return try alertRows.watch(organization).orDefect()
  }

  /// What moved an organization's balance is told where it crosses something.
  func watchCredits(of ledger: OpenLedger, under proof: some Proof) throws(Problem) {
    var (used, hasMoved): (Int128, Bool) = (0, false)
    for posting in ledger.book.postings where posting.debit == .balance || posting.credit == .balance {
      hasMoved = true
      if posting.credit == .used { used += Int128(posting.amount.credits.micro) }
      if posting.debit == .used { used -= Int128(posting.amount.credits.micro) }
    }
    guard hasMoved, let account = ledger.book.account(.balance) else { return }
    let organization = ledger.handle.organization
    let used64 = Credits(micro: Int64(clamping: used)) ?? .zero
    try look(at: account, of: organization, used: used64, at: ledger.book.head.at, watched(organization, under: proof), under: proof)
  }

  /// The same where nothing has moved: time has passed, or a rule or a limit is another.
  func lookAtCredits(of organization: ID<Organization>, under proof: some Proof) throws(Problem) {
    let ledger = try ledgers.find(organization)
    let account = try ledger.flatMap { ledger throws(Problem) in try ledgers.accounts([.balance], in: ledger.book).first { $0.number == .balance } }
    guard let account else { return }
    try look(at: account, of: organization, used: .zero, at: max(now, ledger?.head.at ?? now), watched(organization, under: proof), under: proof)
  }

  private func look(
    at account: LedgerAccount, of organization: ID<Organization>, used: Credits, at instant: Timestamp, _ watched: (rate: SpendingRate, rules: [AlertSetting]),
    under proof: some Proof
  ) throws(Problem) {
    var rate = watched.rate
    if used != .zero { rate.add(used, at: instant) }
    let left: Credits? = if case .floor(let floor) = account.limit { account.balance.subtracting(floor) ?? .maximum } else { nil }
    let reading = AlertReading(balance: account.balance, left: left, runway: left.flatMap { rate.runway(of: $0, at: instant) })
    var needsTime = false
    // That nothing is left is told alone: how long it lasts is no question then. Once something is there again, it is.
    let isDepleted = left.map { $0 <= .zero } ?? false && watched.rules.contains { $0.rule.condition == .depleted }
    for setting in watched.rules {
      var rule = setting.rule
      let tells = rule.look(at: reading)
      if tells, isDepleted, case .runway = rule.condition { continue }
      if case .runway = rule.condition, rule.isTold { needsTime = true }
      guard rule.isTold != setting.rule.isTold else { continue }
      try alertRows.update(setting, isTold: rule.isTold, under: proof)
      if tells {
        try alertRows.insert(Alert(tx.newID(), setting, account.balance, at: instant), under: proof)
        wake(WatchCredits.self)
      } else {
        try alertRows.end(setting.id, in: organization, at: instant, under: proof)
      }
    }
    // A time gets longer by itself when less is used.
    let due = needsTime ? instant + .hours(1) : nil
    try alertRows.update(rate, due: due, organization, under: proof)
  }

  /// What budgets have just crossed, and what doesn't hold any more.
  func tell(_ marks: [(budget: Budget, mark: Budget.Mark)], _ board: BudgetBoard, of ledger: OpenLedger, under proof: some Proof) throws(Problem) {
    let (organization, instant) = (ledger.handle.organization, ledger.book.head.at)
    for budget in board.budgets.changed {
      guard let before = board.settings[budget.id]?.budget.told else { continue }
      let isNew = board.budgets.past[budget.id] != nil
      if before.soft, isNew || !budget.told.soft { try alertRows.end(budget.id, .budgetSoft, in: organization, at: instant, under: proof) }
      if before.hard, isNew || !budget.told.hard { try alertRows.end(budget.id, .budgetHard, in: organization, at: instant, under: proof) }
    }
    let balance = ledger.book.account(.balance)?.balance ?? .zero
    let usedUp = Set(marks.filter { $0.mark == .hard }.map(\.budget.id))
    for (budget, mark) in marks {
      let alert = Alert(
        id: tx.newID(), organization: organization, kind: mark == .soft ? .budgetSoft : .budgetHard, rule: nil, budget: budget.id,
        name: board.settings[budget.id]?.words ?? "", amount: mark == .soft ? budget.soft?.credits : budget.hard, seconds: nil, balance: balance,
        spent: budget.spent, periodEnd: budget.period == .none ? nil : budget.window.upperBound, at: instant, endedAt: nil)
      // What is used up at once is one mail.
      try alertRows.insert(alert, isMailed: mark == .soft && usedUp.contains(budget.id), under: proof)
      wake(WatchCredits.self)
    }
  }

  /// Writes to those who have a say in credits, once.
  func mail(_ alert: Alert) throws(Problem) {
    guard try alertRows.markMailed(alert.id, under: Housekeeping()), let organization = try organizations.find(alert.organization),
      organization.state.kind != .deleted
    else { return }
    let page = alert.budget.map { "credits/budgets/\($0)" } ?? "credits"
    for recipient in try alertRows.recipients(in: organization.id).filter({ $0.roles.permissions.contains(.creditsManage) }).prefix(20) {
      try outbox.send(
        MailDraft(
          .creditAlert, to: recipient.address, name: recipient.name, organization: organization.id, subject: "\(organization.name): \(alert.title)",
          paragraphs: ["\(alert.title).", alert.text],
          button: .init(alert.budget == nil ? "See the credits" : "See the budget", link: "\(settings.publicURL)/\(organization.slug)/\(page)"),
          because: "you share out the credits of \(organization.name)"))
    }
  }
}

extension Alert {
  fileprivate init(_ id: ID<Alert>, _ setting: AlertSetting, _ balance: Credits, at instant: Timestamp) {
    let condition = setting.rule.condition
    let amount: Credits? = if case .amount(let amount) = condition { amount } else { nil }
    let seconds: Int? = if case .runway(let time) = condition { Int(time.wholeSeconds) } else { nil }
    self.init(
      id: id, organization: setting.organization, kind: condition.kind, rule: setting.id, budget: nil, name: "", amount: amount, seconds: seconds,
      balance: balance, spent: nil, periodEnd: nil, at: instant,
      // That there are credits again is news, and no state.
      endedAt: condition == .recovered ? instant : nil)
  }
}
