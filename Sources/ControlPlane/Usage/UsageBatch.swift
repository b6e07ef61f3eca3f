import Contract
import Kernel
import Ledger

/// What events of one organization come to, one after the other: knows all that they speak of, and no database.
///
/// What it looks up is loaded before: `known` events of these ids and those that are taken back, series, prices and meters. What follows for the rows stands in
/// `events`, `rollups`, `meters` and `charges`.
struct UsageBatch {
  /// A series with what its events need besides.
  struct Line: Hashable {
    let number: Int64
    let series: UsageSeries
    /// What is charged for its events.
    let account: AccountNumber
  }

  struct MeterKey: Hashable {
    let month: Timestamp
    /// The price that it is of, or what it is of without one.
    let meter: String
  }

  struct RollupKey: Hashable {
    let span: Timestamp.Span
    let start: Timestamp
    let series: Int64
  }

  struct Sum: Hashable {
    var quantity: Int64 = 0
    var charge: Int64 = 0
    var events: Int64 = 0
  }

  /// What of an account is charged, and what is given back to it.
  struct Change: Hashable {
    var charged = Credits.zero
    var givenBack = Credits.zero
  }

  /// What holds for a series within one hour, since prices begin with hours.
  private struct Hour {
    let version: PriceVersion?
    let meter: MeterKey
    let month: Timestamp
    var sum = Sum()
    /// Whether its price was looked for: a correction needs none.
    var isComplete = false
  }

  private struct HourKey: Hashable {
    let series: Int64
    let start: Int64
  }

  let now: Timestamp
  let grace: Duration
  private let prices: PriceList
  private let pricesByNumber: [Int64: Price]
  /// By id; and whether they are taken back already.
  private let known: [String: UsageEvent]
  private let corrected: Set<Int64>
  /// When those were recorded that are taken back.
  private let received: [Int64: Timestamp]
  private let seriesByNumber: [Int64: UsageSeries]
  private var loadedMeters: [MeterKey: Meter]
  private var hours: [HourKey: Hour] = [:]
  private(set) var sequence: Int64
  private(set) var events: [UsageEvent] = []
  /// Where in `events` an id stands.
  private var slots: [String: Int] = [:]
  private var correctedHere: Set<Int64> = []
  private(set) var meters: [MeterKey: Meter] = [:]
  private(set) var charges: [AccountNumber: Change] = [:]

  /// `sequence`: of the last event before.
  init(
    at now: Timestamp, grace: Duration, after sequence: Int64, prices: PriceList, byNumber: [Int64: Price], known: [String: UsageEvent], corrected: Set<Int64>,
    received: [Int64: Timestamp], series: [Int64: UsageSeries], meters: [MeterKey: Meter], expecting count: Int
  ) {
    (self.now, self.grace, self.sequence, self.prices, pricesByNumber, self.known, self.corrected) = (now, grace, sequence, prices, byNumber, known, corrected)
    (seriesByNumber, loadedMeters, self.received) = (series, meters, received)
    events.reserveCapacity(count)
    slots.reserveCapacity(count)
  }

  /// The meters that a use at an instant needs.
  static func meter(of series: UsageSeries, at instant: Timestamp, _ prices: PriceList) -> MeterKey {
    let meter = series.meter
    return key(prices.version(for: meter.resource, preset: meter.preset.isEmpty ? nil : meter.preset, at: instant)?.number, meter, instant.start(of: .month))
  }

  static func key(_ price: Int64?, _ meter: UsageMeter, _ month: Timestamp) -> MeterKey {
    MeterKey(month: month, meter: price.map { String($0) } ?? "\(meter.resource)\u{1F}\(meter.preset)\u{1F}\(meter.unit)")
  }

  // MARK: One

  /// Counts a use, or answers what came of it the first time; refused, it leaves no trace.
  mutating func record(_ id: String, _ use: UsageDraft.Use, on line: Line) throws(Problem) -> RecordedUsage {
    let at = use.at ?? now
    if let first = known[id] ?? slots[id].map({ events[$0] }) {
      guard first.corrects == nil, first.at == at, first.series == line.number, first.quantity == use.quantity else { throw Problem.usageReused }
      return RecordedUsage(first, isKnown: true)
    }
    try UsageDraft.expectOpen(at, now: now, grace: grace)
    let key = HourKey(series: line.number, start: at.start(of: .hour).milliseconds)
    let hour = try hour(key, line)
    var meter = meters[hour.meter] ?? loadedMeters[hour.meter] ?? Meter()
    guard let charge = meter.add(use.quantity, at: hour.version?.price), let total = (charges[line.account]?.charged ?? .zero).adding(charge) else {
      throw Problem(.usageOutOfRange, "With this event more would have been used in its month than can be counted. Take a larger unit.")
    }
    meters[hour.meter] = meter
    if charge > .zero { charges[line.account, default: Change()].charged = total }
    let event = append(
      id, at: at, series: line.number, quantity: use.quantity, price: hour.version?.number, account: hour.version.map { _ in line.account }, charge: charge)
    count(event, in: key, hour)
    return RecordedUsage(event, isKnown: false)
  }

  /// Takes an event back, or answers what came of that the first time.
  mutating func correct(_ id: String, _ original: String) throws(Problem) -> RecordedUsage {
    if let first = known[id] ?? slots[id].map({ events[$0] }) {
      guard let corrects = first.corrects, corrects == (known[original] ?? slots[original].map { events[$0] })?.sequence else { throw Problem.usageReused }
      return RecordedUsage(first, isKnown: true)
    }
    guard let mistake = known[original] ?? slots[original].map({ events[$0] }) else {
      throw Problem(.missing, "This source recorded no event \(original) here.")
    }
    guard mistake.corrects == nil else { throw Problem(.usageFinal, "A correction stands. Record what was used anew.") }
    guard !corrected.contains(mistake.sequence), !correctedHere.contains(mistake.sequence) else {
      throw Problem(.usageCorrected, "This event was taken back already.")
    }
    try UsageDraft.expectOpen(mistake.at, now: now, grace: grace)
    guard let series = seriesByNumber[mistake.series] else { throw Problem(.defect, "The series of an event that is taken back wasn't loaded.") }
    let price = mistake.price.flatMap { pricesByNumber[$0] }
    guard mistake.price == nil || price != nil else { throw Problem(.defect, "The price of an event that is taken back wasn't loaded.") }
    let month = mistake.at.start(of: .month)
    let meterKey = Self.key(mistake.price, series.meter, month)
    var meter = meters[meterKey] ?? loadedMeters[meterKey] ?? Meter()
    guard let change = meter.remove(mistake.quantity, at: price) else { throw Problem(.defect, "A meter lacks an event that was counted.") }
    try giveBack(-change, for: mistake)
    meters[meterKey] = meter
    correctedHere.insert(mistake.sequence)
    let event = append(
      id, at: mistake.at, series: mistake.series, quantity: Quantity(micro: -mistake.quantity.micro), price: mistake.price, account: mistake.account,
      charge: change, corrects: mistake.sequence)
    let key = HourKey(series: mistake.series, start: mistake.at.start(of: .hour).milliseconds)
    count(event, in: key, hours[key] ?? Hour(version: nil, meter: meterKey, month: month))
    return RecordedUsage(event, isKnown: false)
  }

  /// To who was charged for it, but no more than for it; the rest is the organization's.
  private mutating func giveBack(_ credits: Credits, for mistake: UsageEvent) throws(Problem) {
    guard credits > .zero, let account = mistake.account else { return }
    let own = min(credits, mistake.charge)
    for (number, part) in [(account, own), (.balance, Credits(clamping: Int128(credits.micro) - Int128(own.micro)))] where part > .zero {
      guard let total = charges[number, default: Change()].givenBack.adding(part) else {
        throw Problem(.usageOutOfRange, "This gives back more than can be counted.")
      }
      charges[number, default: Change()].givenBack = total
    }
  }

  private mutating func append(
    _ id: String, at: Timestamp, series: Int64, quantity: Quantity, price: Int64?, account: AccountNumber?, charge: Credits, corrects: Int64? = nil
  ) -> UsageEvent {
    sequence += 1
    let event = UsageEvent(
      sequence: sequence, id: id, at: at, series: series, quantity: quantity, price: price, account: account, charge: charge, corrects: corrects)
    slots[id] = events.count
    events.append(event)
    return event
  }

  // MARK: Budgets

  /// What was charged for each series, by account.
  func charged() -> [AccountNumber: [BudgetPart]] {
    var sums: [AccountNumber: [Int64: Int128]] = [:]
    for event in events where event.corrects == nil && event.charge != .zero {
      if let account = event.account { sums[account, default: [:]][event.series, default: 0] += Int128(event.charge.micro) }
    }
    return sums.mapValues(parts)
  }

  /// What was given back for each series, by the time at which it had been charged.
  func givenBack() -> [Timestamp: [BudgetPart]] {
    var sums: [Timestamp: [Int64: Int128]] = [:]
    for event in events where event.charge != .zero {
      guard let corrects = event.corrects else { continue }
      sums[received[corrects] ?? now, default: [:]][event.series, default: 0] -= Int128(event.charge.micro)
    }
    return sums.mapValues(parts)
  }

  private func parts(_ sums: [Int64: Int128]) -> [BudgetPart] {
    sums.sorted { $0.key < $1.key }.compactMap { number, sum in
      guard let series = seriesByNumber[number], let amount = Amount(micro: Int64(clamping: sum)) else { return nil }
      return BudgetPart(keys: series.budgetKeys, amount: amount)
    }
  }

  // MARK: Hours

  private mutating func hour(_ key: HourKey, _ line: Line) throws(Problem) -> Hour {
    if let found = hours[key], found.isComplete { return found }
    let start = Timestamp(milliseconds: key.start)
    let meter = line.series.meter
    let version = prices.version(for: meter.resource, preset: meter.preset.isEmpty ? nil : meter.preset, at: start)
    if let unit = version?.price?.unit, unit != meter.unit {
      throw Problem(
        .usageUnit, "The price of \(meter.resource) is for the unit \(unit): give the quantity in that.", faults: [FieldFault("unit", "Give \(unit).")])
    }
    let month = start.start(of: .month)
    let hour = Hour(version: version, meter: Self.key(version?.number, meter, month), month: month, sum: hours[key]?.sum ?? Sum(), isComplete: true)
    hours[key] = hour
    return hour
  }

  private mutating func count(_ event: UsageEvent, in key: HourKey, _ hour: Hour) {
    // Sums of what a meter holds, which is in range.
    hours[key, default: hour].sum.quantity &+= event.quantity.micro
    hours[key, default: hour].sum.charge &+= event.charge.micro
    hours[key, default: hour].sum.events += event.corrects == nil ? 1 : -1
  }

  /// What changes of the sums, in their order.
  var rollups: [(key: RollupKey, sum: Sum)] {
    var sums: [RollupKey: Sum] = [:]
    for (key, hour) in hours where hour.sum != Sum() {
      let start = Timestamp(milliseconds: key.start)
      for (span, first) in [(Timestamp.Span.hour, start), (.day, start.start(of: .day)), (.month, hour.month)] {
        let rollup = RollupKey(span: span, start: first, series: key.series)
        var sum = sums[rollup] ?? Sum()
        sum.quantity &+= hour.sum.quantity
        sum.charge &+= hour.sum.charge
        sum.events += hour.sum.events
        sums[rollup] = sum
      }
    }
    return sums.sorted { ($0.key.span.rawValue, $0.key.start, $0.key.series) < ($1.key.span.rawValue, $1.key.start, $1.key.series) }.map { ($0.key, $0.value) }
  }
}

extension RecordedUsage {
  fileprivate init(_ event: UsageEvent, isKnown: Bool) {
    self.init(sequence: event.sequence, charge: event.price.map { _ in event.charge }, isKnown: isKnown)
  }
}

extension Problem {
  fileprivate static let usageReused = Problem(
    .usageReused, "This id was used for another event of this source. Take a new id, or repeat the first event as it was.")
}

extension UsageSeries {
  /// What budgets count it by.
  fileprivate var budgetKeys: Set<BudgetKey> {
    var keys: Set<BudgetKey> = []
    switch holderKind {
    case .nobody: break
    case .member: keys.insert(BudgetKey(.member, holder))
    case .serviceAccount: keys.insert(BudgetKey(.serviceAccount, holder))
    }
    if !project.isEmpty { keys.insert(BudgetKey(.project, project)) }
    if !cluster.isEmpty { keys.insert(BudgetKey(.cluster, cluster)) }
    return keys
  }
}
