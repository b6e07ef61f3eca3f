public import Kernel

/// How much may be used for something in a period: what was used and what is held counts together.
///
/// It says nothing of how many credits there are. What asks beforehand is refused where it doesn't fit below `hard`; use that has happened counts always.
public struct Budget: Sendable, Hashable {
  public let id: ID<Budget>
  public let period: BudgetPeriod
  /// From here on somebody is told; `nil` for never.
  public let soft: Amount?
  /// Beyond this nothing new begins, and zero is zero; `nil` where it only tells.
  public let hard: Credits?
  /// The period that it counts now.
  public private(set) var window: Range<Timestamp>
  /// What was used in this period. What is taken back leaves the period in which it was used.
  public private(set) var spent: Credits
  /// What live holds set aside, whenever they were made: it is used in this period, or not at all.
  public private(set) var held: Credits
  /// Whether it was told that `soft` is reached, or `hard`.
  public private(set) var told: Told

  /// What was told of the present crossing; it is told once, and again after the use fell below nine tenths, or in a new period.
  public struct Told: Sendable, Hashable {
    public var soft: Bool
    public var hard: Bool

    public init(soft: Bool = false, hard: Bool = false) { (self.soft, self.hard) = (soft, hard) }
  }

  /// What was crossed.
  public enum Mark: String, Sendable, Hashable, CaseIterable { case soft, hard }

  /// A period that is over.
  public struct Past: Sendable, Hashable {
    public let window: Range<Timestamp>
    public let spent: Credits
  }

  public init(
    _ id: ID<Budget>, _ period: BudgetPeriod, soft: Amount?, hard: Credits?, window: Range<Timestamp>, spent: Credits = .zero, held: Credits = .zero,
    told: Told = Told()
  ) {
    (self.id, self.period, self.soft, self.hard) = (id, period, soft, hard)
    (self.window, self.spent, self.held, self.told) = (window, spent, held, told)
  }

  /// The same with other limits.
  public func with(soft: Amount?, hard: Credits?) -> Budget {
    var copy = Budget(id, period, soft: soft, hard: hard, window: window, spent: spent, held: held, told: told)
    copy.rearm()
    return copy
  }

  /// What still fits, in micro-credits: below zero beyond it, `nil` without a hard limit.
  var room: Int128? { hard.map { Int128($0.micro) - Int128(spent.micro) - Int128(held.micro) } }

  /// What still fits; below zero beyond it, `nil` without a hard limit.
  public var available: Credits? { room.map { Credits(clamping: $0) } }

  /// Begins the period that `instant` lies in, and answers the one that is over; `nil` while it goes on.
  public mutating func advance(to instant: Timestamp, in zone: Zone) -> Past? {
    guard instant >= window.upperBound else { return nil }
    let past = Past(window: window, spent: spent)
    window = period.bounds(around: instant, in: zone)
    // Another zone since then must not count an instant twice.
    if window.lowerBound < past.window.upperBound { window = past.window.upperBound..<window.upperBound }
    (spent, told) = (.zero, Told())
    return past
  }

  /// The same without so many micro-credits of holds whose time has come.
  public func without(expired micro: Int64) -> Budget {
    var copy = self
    copy.held = max(Self.sum(held, -micro), .zero)
    return copy
  }

  mutating func hold(_ amount: Amount) { held = Self.sum(held, amount.micro) }
  mutating func release(_ amount: Amount) { held = max(Self.sum(held, -amount.micro), .zero) }
  mutating func spend(_ amount: Amount) { spent = Self.sum(spent, amount.micro) }

  mutating func takeBack(_ amount: Amount) {
    spent = max(Self.sum(spent, -amount.micro), .zero)
    rearm()
  }

  private mutating func rearm() {
    if told.soft, soft.map({ Self.isBelow($0.credits, spent) }) ?? true { told.soft = false }
    if told.hard, hard.map({ Self.isBelow($0, spent) }) ?? true { told.hard = false }
  }

  /// What has just been crossed, each once.
  public mutating func newMarks() -> [Mark] {
    var marks: [Mark] = []
    if let soft, !told.soft, spent >= soft.credits {
      told.soft = true
      marks.append(.soft)
    }
    if let hard, !told.hard, hard > .zero, spent >= hard {
      told.hard = true
      marks.append(.hard)
    }
    return marks
  }

  /// A figure that can't be counted any more stands still: nothing fits then anyway.
  private static func sum(_ credits: Credits, _ micro: Int64) -> Credits { Credits(clamping: Int128(credits.micro) + Int128(micro)) }

  /// By a tenth, so that what wavers around a limit isn't told again and again.
  private static func isBelow(_ limit: Credits, _ spent: Credits) -> Bool { Int128(spent.micro) * 10 < Int128(limit.micro) * 9 }
}

/// What doesn't fit into a budget: why what asks beforehand is refused.
public struct BudgetShortfall: Error, Sendable, Hashable {
  public let budget: ID<Budget>
  /// What still fits; below zero beyond it.
  public let available: Credits
  /// What is missing.
  public let missing: Amount
  /// When it begins anew; `nil` for never.
  public let renews: Timestamp?
}

/// The budgets that a batch of transfers touches, at one instant: checked before what asks, and kept up with what was recorded.
public struct OpenBudgets: Sendable {
  /// What a transfer counted in a budget: a hold until it ends, else what was used in the period that began at `period`.
  public struct Count: Sendable, Hashable {
    public let budget: ID<Budget>
    public let amount: Amount
    public let isHold: Bool
    public let period: Timestamp

    public init(budget: ID<Budget>, amount: Amount, isHold: Bool, period: Timestamp) {
      (self.budget, self.amount, self.isHold, self.period) = (budget, amount, isHold, period)
    }
  }

  /// What was taken back of a period that is over.
  public struct Correction: Sendable, Hashable {
    public let budget: ID<Budget>
    /// An instant of the period.
    public let at: Timestamp
    public let amount: Amount
  }

  private let order: [ID<Budget>]
  private var budgets: [ID<Budget>: Budget]
  /// As they were loaded.
  private let old: [ID<Budget>: Budget]
  /// What each transfer counted, of those that were loaded or recorded since.
  private var counts: [ID<Transfer>: [Count]]
  public private(set) var newCounts: [(transfer: ID<Transfer>, counts: [Count])] = []
  public private(set) var past: [ID<Budget>: [Budget.Past]] = [:]
  public private(set) var corrections: [Correction] = []
  private let instant: Timestamp

  /// None at all.
  public static let none = OpenBudgets([], counts: [:], at: .distantPast, in: .utc)

  /// Begins the new periods of those whose time has come.
  public init(_ budgets: [Budget], counts: [ID<Transfer>: [Count]], at instant: Timestamp, in zone: Zone) {
    order = budgets.map(\.id)
    old = Dictionary(budgets.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.budgets = old
    self.counts = counts
    self.instant = instant
    for id in order { if let ended = self.budgets[id]?.advance(to: instant, in: zone) { past[id] = [ended] } }
  }

  public subscript(id: ID<Budget>) -> Budget? { budgets[id] }
  public var isEmpty: Bool { order.isEmpty }

  /// Those that are another than what was loaded.
  public var changed: [Budget] { order.compactMap { budgets[$0] }.filter { old[$0.id] != $0 } }

  /// Refuses what asks beforehand and doesn't fit into all of `named`; names the tightest, of equals the first.
  /// A settlement asks for what exceeds its hold, in those that the hold counts in.
  public func expectRoom(for content: Transfer.Content, in named: [ID<Budget>]) throws(BudgetShortfall) {
    switch content {
    case .spend(let movement), .hold(let movement, _, _): try expectRoom(for: movement.amount.micro, in: named)
    case .settle(let hold, let amount):
      let own = (counts[hold.cast()] ?? []).filter(\.isHold)
      if let held = own.first?.amount, amount > held { try expectRoom(for: amount.micro - held.micro, in: own.map(\.budget)) }
    case .post, .charge, .release, .reverse: break
    }
  }

  private func expectRoom(for micro: Int64, in named: [ID<Budget>]) throws(BudgetShortfall) {
    var tightest: (budget: Budget, room: Int128)?
    for id in named {
      guard let budget = budgets[id], let room = budget.room, tightest.map({ room < $0.room }) ?? true else { continue }
      tightest = (budget, room)
    }
    guard let (budget, room) = tightest, room < micro else { return }
    let renews = budget.period == .none ? nil : budget.window.upperBound
    throw BudgetShortfall(budget: budget.id, available: Credits(clamping: room), missing: Amount(clamping: Int128(micro) - room), renews: renews)
  }

  /// Counts what was recorded: in `named` what is used or held for the first time, else where it was counted before.
  public mutating func note(_ transfer: Transfer, in named: [ID<Budget>]) {
    switch transfer.content {
    case .post: break
    case .spend(let movement), .charge(let movement): use(movement.amount, in: named, by: transfer.id)
    case .hold(let movement, _, _):
      for id in named { budgets[id]?.hold(movement.amount) }
      append(named.compactMap { count(movement.amount, in: $0, isHold: true) }, of: transfer.id)
    case .settle(let hold, let amount): use(amount, in: end(hold), by: transfer.id)
    case .release(let hold): _ = end(hold)
    case .reverse(let original):
      for count in counts[original] ?? [] where !count.isHold {
        takeBack(count.amount, of: count.budget, at: count.period)
      }
    }
  }

  /// Counts what a transfer used for several things together, so much for each.
  public mutating func use(_ amounts: [ID<Budget>: Amount], by transfer: ID<Transfer>) {
    var new: [Count] = []
    for id in order {
      guard let amount = amounts[id], let count = count(amount, in: id, isHold: false) else { continue }
      budgets[id]?.spend(amount)
      new.append(count)
    }
    append(new, of: transfer)
  }

  /// Takes back what wasn't used after all from the period in which it was counted, at `instant`.
  public mutating func giveBack(_ amounts: [ID<Budget>: Amount], countedAt instant: Timestamp) {
    for id in order { if let amount = amounts[id] { takeBack(amount, of: id, at: instant) } }
  }

  private mutating func takeBack(_ amount: Amount, of id: ID<Budget>, at instant: Timestamp) {
    if let budget = budgets[id], instant >= budget.window.lowerBound {
      budgets[id]?.takeBack(amount)
    } else {
      corrections.append(Correction(budget: id, at: instant, amount: amount))
    }
  }

  /// A hold whose time has come counts no more.
  public mutating func expire(_ hold: ID<Hold>) { _ = end(hold) }

  private mutating func use(_ amount: Amount, in named: [ID<Budget>], by transfer: ID<Transfer>) {
    for id in named { budgets[id]?.spend(amount) }
    append(named.compactMap { count(amount, in: $0, isHold: false) }, of: transfer)
  }

  /// Those that a hold counted in. It counts there no more, and its record stays for who repeats its end.
  private mutating func end(_ hold: ID<Hold>) -> [ID<Budget>] {
    let held = (counts[hold.cast()] ?? []).filter(\.isHold)
    for count in held { budgets[count.budget]?.release(count.amount) }
    return held.map(\.budget)
  }

  private func count(_ amount: Amount, in id: ID<Budget>, isHold: Bool) -> Count? {
    budgets[id].map { Count(budget: id, amount: amount, isHold: isHold, period: $0.window.lowerBound) }
  }

  private mutating func append(_ new: [Count], of transfer: ID<Transfer>) {
    guard !new.isEmpty else { return }
    counts[transfer] = new
    newCounts.append((transfer, new))
  }

  /// What has just been crossed, each once, in the order of the budgets.
  public mutating func newMarks() -> [(budget: Budget, mark: Budget.Mark)] {
    var found: [(Budget, Budget.Mark)] = []
    for id in order {
      for mark in budgets[id]?.newMarks() ?? [] { if let budget = budgets[id] { found.append((budget, mark)) } }
    }
    return found
  }
}
