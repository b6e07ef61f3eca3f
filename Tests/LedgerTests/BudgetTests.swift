import Kernel
@testable import Ledger
import Testing

@Suite struct BudgetTests {
  private static let id = ID<Budget>("01890a5d-ac96-774b-bcce-b302099a8057")!
  private static let other = ID<Budget>("01890a5d-ac96-774b-bcce-b302099a8058")!

  private static func instant(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

  /// Weeks begin on Mondays; around a change of clocks a day has 23 or 25 hours, and a month one more or less.
  @Test(arguments: [
    (BudgetPeriod.day, "Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"),
    (.day, "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"),
    (.day, "Europe/Berlin", "2026-10-24T21:59:59.999Z", "2026-10-23T22:00:00.000Z", "2026-10-24T22:00:00.000Z"),
    (.week, "Europe/Berlin", "2026-03-29T21:59:59.999Z", "2026-03-22T23:00:00.000Z", "2026-03-29T22:00:00.000Z"),
    (.week, "UTC", "2026-11-22T12:00:00Z", "2026-11-16T00:00:00.000Z", "2026-11-23T00:00:00.000Z"),
    (.month, "America/New_York", "2026-03-31T23:00:00Z", "2026-03-01T05:00:00.000Z", "2026-04-01T04:00:00.000Z"),
    (.month, "America/New_York", "2027-01-01T04:59:59Z", "2026-12-01T05:00:00.000Z", "2027-01-01T05:00:00.000Z"),
    (.month, "UTC", "2028-02-29T23:59:59Z", "2028-02-01T00:00:00.000Z", "2028-03-01T00:00:00.000Z"),
    (.day, "America/Santiago", "2026-09-06T04:00:00Z", "2026-09-06T04:00:00.000Z", "2026-09-07T03:00:00.000Z"),
    (.none, "UTC", "2026-11-22T12:00:00Z", "0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"),
  ])
  func `A period follows the calendar of its place`(_ period: BudgetPeriod, _ zone: String, _ at: String, _ from: String, _ to: String) throws {
    let bounds = period.bounds(around: try Self.instant(at), in: try Zone(named: zone))
    #expect([bounds.lowerBound.description, bounds.upperBound.description] == [from, to])
  }

  @Test func `Periods follow each other without a gap`() throws {
    for name in ["Europe/Berlin", "America/Havana", "Asia/Beirut", "Australia/Lord_Howe"] {
      let zone = try Zone(named: name)
      for period in [BudgetPeriod.day, .week, .month] {
        var bounds = period.bounds(around: try Self.instant("2026-01-01T12:00:00Z"), in: zone)
        for _ in 0..<400 {
          let next = period.bounds(around: bounds.upperBound, in: zone)
          #expect(next.lowerBound == bounds.upperBound && next.upperBound > next.lowerBound)
          #expect(period.bounds(around: next.upperBound - .milliseconds(1), in: zone) == next)
          bounds = next
        }
      }
    }
  }

  private static func budget(soft: Int64? = nil, hard: Int64? = nil, _ id: ID<Budget> = id, period: BudgetPeriod = .day) throws -> Budget {
    let at = try instant("2026-11-22T12:00:00Z")
    return Budget(id, period, soft: soft.map { amount($0) }, hard: hard.map { micro($0) }, window: period.bounds(around: at, in: .utc))
  }

  private static func movement(_ micro: Int64) -> Movement { Movement(from: Sample.organization, to: Sample.earned, amount(micro)) }

  private static func transfer(_ number: Int, _ content: Transfer.Content) -> Transfer { Transfer(ids(number), content) }

  private static func ids<Noun>(_ number: Int) -> ID<Noun> {
    let digits = String(number)
    return ID<Noun>("01890a5d-ac96-774b-bcce-" + String(repeating: "0", count: 12 - digits.count) + digits)!
  }

  @Test func `What asks fits in all budgets or is refused at the tightest; what has happened counts always`() throws {
    let at = try Self.instant("2026-11-22T12:00:00Z")
    var open = OpenBudgets([try Self.budget(hard: 100), try Self.budget(hard: 60, Self.other, period: .none)], counts: [:], at: at, in: .utc)
    let both = [Self.id, Self.other]
    func spend(_ micro: Int64, in named: [ID<Budget>]) throws {
      let transfer = Self.transfer(1, .spend(Self.movement(micro)))
      try open.expectRoom(for: transfer.content, in: named)
      open.note(transfer, in: named)
    }
    try spend(50, in: both)
    #expect(throws: BudgetShortfall(budget: Self.other, available: micro(10), missing: amount(5), renews: nil)) { try spend(15, in: both) }
    try spend(10, in: both)
    // Exactly to zero and no further.
    #expect(throws: BudgetShortfall.self) { try spend(1, in: both) }
    let tomorrow = try Self.instant("2026-11-23T00:00:00Z")
    #expect(throws: BudgetShortfall(budget: Self.id, available: micro(40), missing: amount(1), renews: tomorrow)) {
      try spend(41, in: [Self.id])
    }
    try spend(40, in: [Self.id])
    let charge = Self.transfer(2, .charge(Self.movement(7)))
    try open.expectRoom(for: charge.content, in: both)
    open.note(charge, in: both)
    #expect(open[Self.id]?.available == micro(-7) && open[Self.other]?.spent == micro(67))
    open.note(Self.transfer(3, .reverse(Self.ids(2))), in: [])
    #expect(open[Self.id]?.available == .zero && open[Self.other]?.spent == micro(60))
  }

  @Test func `A hold counts until it ends, what it is settled for in the period in which that is`() throws {
    var open = OpenBudgets([try Self.budget(hard: 100)], counts: [:], at: try Self.instant("2026-11-22T12:00:00Z"), in: .utc)
    let hold = Self.transfer(1, .hold(Self.movement(60), ceiling: amount(90), expires: .distantFuture))
    try open.expectRoom(for: hold.content, in: [Self.id])
    open.note(hold, in: [Self.id])
    open.note(Self.transfer(2, .charge(Self.movement(30))), in: [Self.id])
    let id: ID<Hold> = hold.id.cast()
    // What exceeds the hold asks.
    #expect(throws: BudgetShortfall.self) { try open.expectRoom(for: .settle(id, amount(71)), in: []) }
    try open.expectRoom(for: .settle(id, amount(70)), in: [])
    // The next day: the hold counts still, what was used doesn't.
    let counts = Dictionary(uniqueKeysWithValues: open.newCounts.map { ($0.transfer, $0.counts) })
    var next = OpenBudgets(open.changed, counts: counts, at: try Self.instant("2026-11-23T00:00:00Z"), in: .utc)
    #expect(next.past[Self.id]?.map(\.spent) == [micro(30)])
    #expect(next[Self.id]?.held == micro(60) && next[Self.id]?.spent == .zero)
    next.note(Self.transfer(3, .settle(id, amount(70))), in: [])
    #expect(next[Self.id]?.held == .zero && next[Self.id]?.spent == micro(70))
    // What is taken back leaves the period that it was in.
    next.note(Self.transfer(4, .reverse(Self.ids(2))), in: [])
    #expect(next[Self.id]?.spent == micro(70) && next.corrections.map(\.amount) == [amount(30)])
    next.note(Self.transfer(5, .reverse(Self.ids(3))), in: [])
    #expect(next[Self.id]?.spent == .zero)
  }

  @Test func `A mark is told once for each crossing`() throws {
    var open = OpenBudgets([try Self.budget(soft: 50, hard: 100)], counts: [:], at: try Self.instant("2026-11-22T12:00:00Z"), in: .utc)
    func charge(_ micro: Int64, as number: Int) -> [Budget.Mark] {
      open.note(Self.transfer(number, .charge(Self.movement(micro))), in: [Self.id])
      return open.newMarks().map(\.mark)
    }
    #expect(charge(49, as: 1) == [] && charge(1, as: 2) == [.soft] && charge(1, as: 3) == [])
    // It wavers around the limit.
    open.note(Self.transfer(4, .reverse(Self.ids(3))), in: [])
    open.note(Self.transfer(5, .reverse(Self.ids(2))), in: [])
    #expect(charge(1, as: 6) == [])
    #expect(charge(50, as: 7) == [.hard] && charge(500, as: 8) == [])
    open.note(Self.transfer(9, .reverse(Self.ids(8))), in: [])
    open.note(Self.transfer(10, .reverse(Self.ids(7))), in: [])
    open.note(Self.transfer(11, .reverse(Self.ids(1))), in: [])
    #expect(charge(100, as: 12) == [.soft, .hard])
    var next = OpenBudgets(open.changed, counts: [:], at: try Self.instant("2026-11-23T00:00:00Z"), in: .utc)
    next.note(Self.transfer(13, .charge(Self.movement(1000))), in: [Self.id])
    #expect(next.newMarks().map(\.mark) == [.soft, .hard])
  }

  @Test func `Another zone counts no instant twice`() throws {
    var budget = try Self.budget(hard: 10)
    _ = budget.advance(to: try Self.instant("2026-11-23T00:00:00Z"), in: try Zone(named: "Pacific/Honolulu"))
    // There it is the 22nd still, until 10 o'clock.
    #expect(budget.window == (try Self.instant("2026-11-23T00:00:00Z")..<Self.instant("2026-11-23T10:00:00Z")))
  }

  @Test(arguments: 0..<60)
  func `Whatever happens, what is spent and held is the sum of what counts, and asking never exceeds`(_ seed: UInt64) throws {
    var dice = Seeded(seed)
    var now = try Self.instant("2026-10-20T00:00:00Z")
    let zone = try Zone(named: "Europe/Berlin")
    let hard: Int64 = 1000
    var stored = [Budget(Self.id, .day, soft: nil, hard: micro(hard), window: BudgetPeriod.day.bounds(around: now, in: zone))]
    var counts: [ID<Transfer>: [OpenBudgets.Count]] = [:]
    // The model: live holds, and what was used by asking and by itself since the period began.
    var live: [(id: Int, micro: Int64)] = []
    var used: [Int: Int64] = [:]
    var day = zone.day(at: now)
    for step in 1...120 {
      now = now + .minutes(Int.random(in: 0...400, using: &dice))
      if zone.day(at: now) != day { (day, used) = (zone.day(at: now), [:]) }
      var open = OpenBudgets(stored, counts: counts, at: now, in: zone)
      let wanted = Int64.random(in: 1...400, using: &dice)
      let sum = live.reduce(0) { $0 + $1.micro } + used.values.reduce(0, +)
      switch Int.random(in: 0..<6, using: &dice) {
      case 0:
        let transfer = Self.transfer(step, .hold(Self.movement(wanted), ceiling: amount(wanted), expires: .distantFuture))
        let fits = (try? open.expectRoom(for: transfer.content, in: [Self.id])) != nil
        #expect(fits == (sum + wanted <= hard))
        if fits { open.note(transfer, in: [Self.id]); live.append((step, wanted)) }
      case 1:
        let transfer = Self.transfer(step, .spend(Self.movement(wanted)))
        let fits = (try? open.expectRoom(for: transfer.content, in: [Self.id])) != nil
        #expect(fits == (sum + wanted <= hard))
        if fits { open.note(transfer, in: [Self.id]); used[step] = wanted }
      case 2:
        open.note(Self.transfer(step, .charge(Self.movement(wanted))), in: [Self.id])
        used[step] = wanted
      case 3:
        guard let hold = live.popLast() else { continue }
        open.note(Self.transfer(step, .settle(Self.ids(hold.id), amount(hold.micro))), in: [])
        used[step] = hold.micro
      case 4:
        guard let hold = live.popLast() else { continue }
        if step.isMultiple(of: 2) { open.expire(Self.ids(hold.id)) } else { open.note(Self.transfer(step, .release(Self.ids(hold.id))), in: []) }
      default:
        guard let taken = used.keys.min() else { continue }
        open.note(Self.transfer(step, .reverse(Self.ids(taken))), in: [])
        used[taken] = nil
      }
      stored = open[Self.id].map { [$0] } ?? []
      for (transfer, new) in open.newCounts { counts[transfer] = new }
      #expect(stored.first?.held == micro(live.reduce(0) { $0 + $1.micro }))
      #expect(stored.first?.spent == micro(used.values.reduce(0, +)))
    }
  }
}

/// Numbers from a seed, so that a failure can be run again.
struct Seeded: RandomNumberGenerator {
  private var source: SplitMix

  init(_ seed: UInt64) { source = SplitMix(seed: seed) }

  mutating func next() -> UInt64 { source.next() }
}
