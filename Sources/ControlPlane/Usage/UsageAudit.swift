import Kernel
import Ledger

/// What sums and meters should say, worked out from the events alone.
struct UsageAudit {
  private let series: [Int64: UsageSeries]
  private let prices: [Int64: Price]
  private var originals: [Int64: UsageEvent] = [:]
  private var corrected: Set<Int64> = []
  private var rollups: [UsageBatch.RollupKey: UsageBatch.Sum] = [:]
  private var meters: [UsageBatch.MeterKey: (quantity: Int128, charge: Int128, price: Int64?)] = [:]
  /// What events up to each were charged for together.
  private var charged: [Int64: Int128] = [:]
  private var total: Int128 = 0
  private(set) var last: Int64 = 0
  private(set) var faults: [LedgerFault] = []

  /// Beyond these nothing more is told.
  private static let faultLimit = 100

  init(series: [Int64: UsageSeries], prices: [Int64: Price]) { (self.series, self.prices) = (series, prices) }

  mutating func fault(_ text: String) { if faults.count < Self.faultLimit { faults.append(LedgerFault(text: text)) } }

  /// Takes the next event.
  mutating func take(_ event: UsageEvent) {
    let place = "Event \(event.sequence) of the usage"
    if event.sequence != last + 1 { fault("\(place) follows event \(last).") }
    last = event.sequence
    guard let series = series[event.series] else { return fault("\(place) is of a series that isn't there.") }
    if let corrects = event.corrects {
      if let original = originals[corrects], corrected.insert(corrects).inserted {
        let isOpposite = (event.at, event.series, event.price, event.account) == (original.at, original.series, original.price, original.account)
        if !isOpposite || event.quantity.micro != -original.quantity.micro || event.charge > .zero {
          fault("\(place) takes back something else than was recorded.")
        }
      } else {
        fault("\(place) takes back what isn't there, or was taken back.")
      }
    } else {
      originals[event.sequence] = event
      if event.quantity <= .zero || event.charge < .zero { fault("\(place) used nothing.") }
    }
    let meter = UsageBatch.key(event.price, series.meter, event.at.start(of: .month))
    var sum = meters[meter] ?? (0, 0, event.price)
    sum.quantity += Int128(event.quantity.micro)
    sum.charge += Int128(event.charge.micro)
    meters[meter] = sum
    total += Int128(event.charge.micro)
    charged[event.sequence] = total
    for span in Timestamp.Span.allCases {
      var sum = rollups[.init(span: span, start: event.at.start(of: span), series: event.series)] ?? .init()
      sum.quantity &+= event.quantity.micro
      sum.charge &+= event.charge.micro
      sum.events += event.corrects == nil ? 1 : -1
      rollups[.init(span: span, start: event.at.start(of: span), series: event.series)] = sum
    }
  }

  /// Compares the sums as they are stored; what comes to nothing may be stored or not.
  mutating func compare(_ stored: [UsageBatch.RollupKey: UsageBatch.Sum]) {
    for key in Set(stored.keys).union(rollups.keys) where stored[key] ?? .init() != rollups[key] ?? .init() {
      fault("The sum of series \(key.series) for the \(key.span.rawValue) from \(key.start) isn't that of its events.")
    }
  }

  /// Compares the meters, and what each comes to by its price.
  mutating func compare(_ stored: [UsageBatch.MeterKey: Meter]) {
    for key in Set(stored.keys).union(meters.keys) {
      let (meter, sum) = (stored[key] ?? Meter(), meters[key] ?? (0, 0, nil))
      let name = "The meter \(key.meter) of the month from \(key.month)"
      if Int128(meter.quantity.micro) != sum.quantity || Int128(meter.charge.micro) != sum.charge { fault("\(name) isn't the sum of its events.") }
      let expected = sum.price.map { prices[$0]?.charge(for: meter.quantity) } ?? .zero
      if expected != meter.charge { fault("\(name) was charged \(meter.charge), and its price says something else.") }
    }
  }

  /// Compares what was charged for the events of each receipt.
  mutating func compare(_ receipts: [ClosedRange<Int64>], _ charges: [Int64: Int128]) {
    var next: Int64 = 1
    for receipt in receipts {
      if receipt.lowerBound != next { fault("The events from \(next) on have no receipt.") }
      next = receipt.upperBound + 1
      let expected = (charged[receipt.upperBound] ?? 0) - (charged[receipt.lowerBound - 1] ?? 0)
      if charges[receipt.upperBound] ?? 0 != expected { fault("The events up to \(receipt.upperBound) were charged something else than they came to.") }
    }
    if next != last + 1 { fault("The events from \(next) on have no receipt.") }
  }
}
