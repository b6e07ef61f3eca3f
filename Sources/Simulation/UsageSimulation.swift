import ControlPlane
import Kernel
import Ledger
import Secrets
import Storage
import StorageSQLite

/// Runs what platforms tell of an organization's usage on the real product, with faults, and budgets that count it over days, weeks and months.
///
/// Events come late, twice, together with what takes them back, and after their month was closed; answers get lost after the commit and the list is sent again.
/// The auditor knows the events that were accepted and nothing else: it works the sums of the days and what each budget has counted in each period out anew.
public struct UsageSimulation {
  public struct Report: Sendable {
    public let seed: UInt64
    public let accepted: Int
    public let corrected: Int
    public let refused: [String: Int]
    public let faults: Int
    /// How many periods of budgets are over.
    public let periods: Int
    /// Where product and model parted; `nil` when they never did.
    public let failure: String?
  }

  /// An event as the auditor remembers it.
  struct Told: Sendable {
    let at: Int64
    let quantity: Int64
    let cluster: String
    /// What it cost, in micro-credits.
    let charge: Int64
    /// When it was recorded, which is when budgets counted it.
    let recorded: Int64
    var isTakenBack = false
  }

  private static let (hour, day): (Int64, Int64) = (3_600_000, 86_400_000)
  private let seed: UInt64
  private let clock = SimulatedClock()
  private let world: World
  private let real: SQLiteDatabase
  private let faulty: FaultyDatabase
  private let plane: ControlPlane
  private var dice: SplitMix
  private var caller = Caller.system("simulation")
  private var told: [String: Told] = [:]
  private var corrections: [String: String] = [:]
  private var numbered = 0
  private var refused: [String: Int] = [:]
  private var faults = 0
  private var periods = 0
  private var trail: [String] = []

  /// Runs so many lists of events in a world of the seed.
  public static func run(seed: UInt64, steps: Int = 60, bug: UsageBug? = nil) async throws -> Report {
    var simulation = try UsageSimulation(seed: seed, bug: bug)
    let failure = try await simulation.run(steps)
    try await simulation.real.close()
    return Report(
      seed: seed, accepted: simulation.told.count, corrected: simulation.corrections.count, refused: simulation.refused, faults: simulation.faults,
      periods: simulation.periods, failure: failure)
  }

  private init(seed: UInt64, bug: UsageBug?) throws {
    self.seed = seed
    dice = SplitMix(seed: seed)
    world = World.simulated(clock: clock, numbers: SeededNumbers(seed: seed &+ 1), mailer: nil)
    real = try SQLiteDatabase(path: nil, moments: world.moment)
    let inner: any Database = if let bug { BuggyDatabase(real, bug) } else { real }
    faulty = FaultyDatabase(inner)
    plane = ControlPlane(database: faulty, world: world, settings: Settings(publicURL: "https://guildhall.example"))
  }

  private mutating func run(_ steps: Int) async throws -> String? {
    try await found()
    for step in 1...steps {
      // Minutes mostly, a day at times, and now and then to the next month.
      clock.advance(by: chance(12) ? .days(3 + below(9)) : chance(3) ? .hours(5 + below(30)) : .minutes(1 + below(90)))
      try await signIn()
      if let failure = await send(list(), step) { return failure }
      if step.isMultiple(of: 6) || step == steps, let failure = try await audit(step) { return failure }
    }
    return nil
  }

  private mutating func signIn() async throws {
    let session = try await plane.sessions.create(login: "oscar", password: Player.password, by: Caller(.none, from: .inside))
    caller = Caller(secret: session.secret.reveal(), from: .inside)
  }

  private mutating func found() async throws {
    _ = try await plane.migrate()
    let draft = try AccountDraft(email: "oscar@example.org", name: "Oscar", handle: "oscar", password: Player.password, invitation: nil)
    _ = try await plane.accounts.create(draft, by: Caller(.none, from: .inside))
    try await signIn()
    _ = try await plane.organizations.found(
      OrganizationDraft(name: "Mill", slug: "mill", description: "", billingEmail: "mill@example.org"), by: caller)
    _ = try await plane.credits.topUp(TopUpOrder(amount: "1000"), of: "mill", by: caller)
    // Half a credit a second, from long before.
    _ = try await plane.prices.set(
      PriceDraft(resource: "gpu", unit: "second", tiers: [("", "0.5")], since: clock.now.start(of: .day) - .days(90)), by: caller)
    let budgets: [(BudgetSubject, holder: String, BudgetPeriod)] = [
      (.organization, "", .day), (.organization, "", .month), (.organization, "", .none), (.cluster, "larch", .day), (.cluster, "oak", .week),
    ]
    for (subject, holder, period) in budgets {
      _ = try await plane.budgets.create(BudgetDraft(subject: subject, holder: holder, period: period, soft: "5", hard: "100000"), in: "mill", by: caller)
    }
  }

  // MARK: What is told

  private enum Line { case use(id: String, at: Int64, quantity: Int64, cluster: String), correction(id: String, of: String) }

  private mutating func list() -> [Line] {
    let now = clock.now.milliseconds
    return (0..<1 + below(12)).map { _ in
      numbered += 1
      let id = String(100_000 + numbered)
      let known = told.keys.sorted()
      if !known.isEmpty, chance(5) { return .correction(id: id, of: known[below(known.count)]) }
      // The same again, as it was.
      if let again = known.isEmpty || !chance(6) ? nil : known[below(known.count)], let first = told[again] {
        return .use(id: again, at: first.at, quantity: first.quantity, cluster: first.cluster)
      }
      let late = chance(4) ? Int64(below(45)) * Self.day : Int64(below(600)) * 60_000
      return .use(id: id, at: now - late, quantity: Int64(1 + below(400)), cluster: ["", "larch", "oak"][below(3)])
    }
  }

  /// What should come of a line, by the rules alone; what is accepted is remembered.
  private mutating func verdict(_ line: Line, at now: Int64) -> String {
    func isClosed(_ at: Int64) -> Bool { Self.monthEnd(of: at) + 10 * Self.day <= now }
    switch line {
    case .use(let id, let at, let quantity, let cluster):
      if told[id] != nil { return "known" }
      if isClosed(at) { return "usage_event.closed" }
      told[id] = Told(at: at, quantity: quantity, cluster: cluster, charge: quantity * 500_000, recorded: now)
      return "recorded"
    case .correction(let id, let original):
      if let before = corrections[id] { return before == original ? "known" : "usage_event.id_reused" }
      guard let event = told[original] else { return "missing" }
      if event.isTakenBack { return "usage_event.corrected" }
      if isClosed(event.at) { return "usage_event.closed" }
      told[original]?.isTakenBack = true
      corrections[id] = original
      return "recorded"
    }
  }

  /// Sends a list as a platform would: again, when the answer fails to come.
  private mutating func send(_ lines: [Line], _ step: Int) async -> String? {
    let fault = chance(4) ? FaultyDatabase.Fault.allCases[below(3)] : nil
    let now = clock.now.milliseconds
    let drafts = lines.map(Self.draft)
    for attempt in 0..<2 {
      faulty.plan(attempt == 0 ? fault : nil, after: 0)
      let before = (told, corrections)
      let expected = lines.map { verdict($0, at: now) }
      do throws(Problem) {
        let results = try await plane.usage.record(drafts, of: "meter", in: "mill", by: caller)
        let answers = results.map { result in
          switch result {
          case .success(let found): found.isKnown ? "known" : "recorded"
          case .failure(let problem): problem.code.name
          }
        }
        trail = trail.suffix(8) + ["step \(step): \(lines.count) lines → \(answers.joined(separator: " "))\(faulty.struck.map { ", \($0.rawValue)" } ?? "")"]
        for answer in answers where answer != "known" && answer != "recorded" { refused[answer, default: 0] += 1 }
        return answers == expected ? nil : fail(step, "the product says \(answers), the model \(expected)")
      } catch {
        guard error.code == .simulatedFault else { return fail(step, "the product refuses the list: \(error)") }
        faults += 1
        if faulty.struck != .lostAnswer { (told, corrections) = before }
      }
    }
    return fail(step, "two answers in a row were lost, though only one was to be")
  }

  private static func draft(_ line: Line) -> Result<UsageDraft, Problem> {
    do throws(Problem) {
      switch line {
      case .use(let id, let at, let quantity, let cluster):
        var subject = UsageDraft.Subject()
        subject.cluster = cluster
        return .success(
          try UsageDraft(id, at: Timestamp(milliseconds: at), resource: "gpu", unit: "second", quantity: String(quantity), of: subject))
      case .correction(let id, let original): return .success(try UsageDraft(id, correcting: original))
      }
    } catch { return .failure(error) }
  }

  // MARK: What must be true

  private mutating func audit(_ step: Int) async throws -> String? {
    faulty.plan(nil, after: 0)
    // Without the mistake that is planted: the auditor looks at what is stored.
    let sober = ControlPlane(database: real, world: world, settings: plane.settings)
    let standing = told.values.filter { !$0.isTakenBack }
    var days: [String: (quantity: Int64, charge: Int64, events: Int64)] = [:]
    for event in standing {
      let key = "\(event.at / Self.day) \(event.cluster)"
      let sum = days[key] ?? (0, 0, 0)
      days[key] = (sum.quantity + event.quantity * 1_000_000, sum.charge + event.charge, sum.events + 1)
    }
    var shown: [String: (quantity: Int64, charge: Int64, events: Int64)] = [:]
    let rows = try await real.read { tx in
      try tx.rows(
        """
        SELECT r.start, s.cluster, CAST(sum(r.quantity) AS BIGINT) AS quantity, CAST(sum(r.charge) AS BIGINT) AS charge, CAST(sum(r.events) AS BIGINT) AS events
        FROM usage_rollup r JOIN usage_series s ON s.log = r.log AND s.number = r.series WHERE r.span = 'day' GROUP BY r.start, s.cluster
        """)
    }
    for row in rows {
      let sum = (quantity: try row.integer("quantity"), charge: try row.integer("charge"), events: try row.integer("events"))
      if sum.events != 0 || sum.quantity != 0 || sum.charge != 0 { shown["\(try row.integer("start") / Self.day) \(try row.text("cluster"))"] = sum }
    }
    for key in Set(days.keys).union(shown.keys).sorted() {
      let (a, b) = (days[key] ?? (0, 0, 0), shown[key] ?? (0, 0, 0))
      if a != b { return fail(step, "the sum of day and cluster \"\(key)\" is stored as \(b), and its events come to \(a)") }
    }
    if let failure = try await auditBudgets(standing, sober, step) { return failure }
    let balance = try await sober.credits.balance(of: "mill", by: caller)
    let used = standing.reduce(0) { $0 + $1.charge }
    if balance.used.micro != used || balance.balance.micro != 1_000_000_000 - used {
      return fail(step, "\(balance.used) were used and \(balance.balance) are left, the events come to \(used) micro-credits")
    }
    let found = try await sober.verifyUsage(of: "mill").flatMap(\.faults) + sober.verifyLedgers(of: "mill").flatMap(\.faults)
    return found.isEmpty ? nil : fail(step, found.map(\.text).joined(separator: " "))
  }

  /// What each budget counted in each of its periods: what was recorded in it and wasn't taken back since.
  private mutating func auditBudgets(_ standing: [Told], _ sober: ControlPlane, _ step: Int) async throws -> String? {
    let now = clock.now.milliseconds
    let budgets = try await sober.budgets.list(in: "mill", PageRequest(limit: 50), by: caller).items
    let over = try await real.read { tx in try tx.rows("SELECT budget, period_start, period_end, spent FROM budget_period ORDER BY budget, period_start") }
    let stored = try await real.read { tx in try tx.rows("SELECT id, period_start, period_end, spent FROM budget") }
    periods = over.count
    for setting in budgets {
      let counted = standing.filter { setting.key.subject == .organization || $0.cluster == setting.key.holder }
      func sum(_ start: Int64, _ end: Int64) -> Int64 { counted.reduce(0) { $1.recorded >= start && $1.recorded < end ? $0 + $1.charge : $0 } }
      let window = setting.budget.window
      let (start, end) = (window.lowerBound.milliseconds, window.upperBound.milliseconds)
      let bounds = Self.bounds(setting.budget.period, around: now)
      if let bounds, (start, end) != bounds { return fail(step, "a budget per \(setting.budget.period.rawValue) counts from \(start) to \(end)") }
      var total = sum(start, end)
      if setting.budget.spent.micro != total {
        return fail(step, "the budget of \(setting.key.subject.rawValue) \(setting.key.holder) per \(setting.budget.period.rawValue) has counted "
          + "\(setting.budget.spent), and its events come to \(total) micro-credits")
      }
      for row in over where try row.text("budget") == setting.budget.id.description {
        let (from, to, spent) = (try row.integer("period_start"), try row.integer("period_end"), try row.integer("spent"))
        if spent != sum(from, to) { return fail(step, "the period from \(from) of a budget has \(spent), and its events come to \(sum(from, to))") }
        total += spent
      }
      // One that is over and after which nothing was written stands in the budget itself.
      for row in stored where try row.text("id") == setting.budget.id.description {
        let (from, to, spent) = (try row.integer("period_start"), try row.integer("period_end"), try row.integer("spent"))
        guard to <= start else { continue }
        if spent != sum(from, to) { return fail(step, "the last period of a budget has \(spent), and its events come to \(sum(from, to))") }
        total += spent
      }
      let all = counted.reduce(0) { $0 + $1.charge }
      if total != all { return fail(step, "the periods of a budget come to \(total) together, and all events to \(all)") }
    }
    return nil
  }

  private func fail(_ step: Int, _ reason: String) -> String {
    (["seed \(seed), step \(step): \(reason)", "  after:"] + trail.map { "    \($0)" }).joined(separator: "\n")
  }

  // MARK: The calendar, in UTC and by itself

  private static func bounds(_ period: BudgetPeriod, around now: Int64) -> (Int64, Int64)? {
    switch period {
    case .day: return (now / day * day, now / day * day + day)
    // The first of January 1970 was a Thursday.
    case .week:
      let start = (now / day - (now / day + 3) % 7) * day
      return (start, start + 7 * day)
    case .month: return (monthStart(of: now), monthEnd(of: now))
    case .none: return nil
    }
  }

  /// The day of the month, from zero on, and how long the month is, by counting years and months from 1970.
  private static func month(of instant: Int64) -> (day: Int64, length: Int64) {
    var days = instant / day
    var year: Int64 = 1970
    func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && year % 100 != 0 || year % 400 == 0 }
    while days >= (isLeap(year) ? 366 : 365) {
      days -= isLeap(year) ? 366 : 365
      year += 1
    }
    for length in [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as [Int64] {
      if days < length { return (days, length) }
      days -= length
    }
    return (days, 31)
  }

  private static func monthStart(of instant: Int64) -> Int64 { (instant / day - month(of: instant).day) * day }
  private static func monthEnd(of instant: Int64) -> Int64 { monthStart(of: instant) + month(of: instant).length * day }

  private mutating func below(_ bound: Int) -> Int { Int(dice.next() % UInt64(bound)) }
  /// One of so many.
  private mutating func chance(_ odds: Int) -> Bool { below(odds) == 0 }
}
