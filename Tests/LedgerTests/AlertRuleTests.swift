import Kernel
@testable import Ledger
import Testing

@Suite struct AlertRuleTests {
  private static func reading(_ balance: Int64, left: Int64? = .max, runway: Duration? = nil) -> AlertReading {
    AlertReading(balance: micro(balance), left: left == .max ? micro(balance) : left.map { micro($0) }, runway: runway)
  }

  private static func told(_ condition: AlertCondition, _ readings: [AlertReading]) -> [Bool] {
    var rule = AlertRule(condition)
    return readings.map { rule.look(at: $0) }
  }

  @Test func `An amount is told once for each crossing, and again after the balance was clearly above`() {
    #expect(Self.told(.amount(micro(100)), [200, 101, 100, 50, 100, 105, 100, 110, 100, 111, 110, 100].map { Self.reading($0) })
      == [false, false, true, false, false, false, false, false, false, false, false, true])
    #expect(Self.told(.amount(micro(-100)), [0, -99, -100, -95, -100, -89, -150].map { Self.reading($0) }) == [false, false, true, false, false, false, true])
    #expect(Self.told(.amount(.zero), [1, 0, 0, 1, -5].map { Self.reading($0) }) == [false, true, false, false, true])
  }

  @Test func `That nothing is left, and that something is again, is told in turn`() {
    let balances: [Int64] = [100, 0, -10, 5, 3, 0, 1]
    #expect(Self.told(.depleted, balances.map { Self.reading($0) }) == [false, true, false, false, false, true, false])
    #expect(Self.told(.recovered, balances.map { Self.reading($0) }) == [false, false, false, true, false, false, true])
    // With an agreed overdraft something is left below zero, and without a limit always.
    #expect(Self.told(.depleted, [Self.reading(-50, left: 50), Self.reading(-100, left: 0), Self.reading(-100, left: nil)]) == [false, true, false])
    #expect(Self.told(.recovered, [Self.reading(-100, left: 0), Self.reading(-100, left: nil)]) == [false, true])
  }

  @Test func `A time is told once, and again after it was clearly longer`() {
    let hours: [Int?] = [nil, 30, 24, 10, 28, 24, 29, 24, nil, 23]
    #expect(Self.told(.runway(.hours(24)), hours.map { Self.reading(1, runway: $0.map { .hours($0) }) })
      == [false, false, true, false, false, false, false, true, false, true])
  }

  @Test func `The rate follows what was used in the last day`() throws {
    var rate = SpendingRate(start: Sample.noon)
    #expect(rate.runway(of: micro(100), at: Sample.noon) == nil && rate.runway(of: .zero, at: Sample.noon) == .zero)
    rate.add(micro(10), at: Sample.noon)
    // What was used in a first hour isn't believed to be used in each.
    #expect(rate.perDay(at: Sample.noon) == micro(10) && rate.perDay(at: Sample.noon + .hours(2)) == micro(10))
    #expect(rate.runway(of: micro(20), at: Sample.noon) == .days(2))
    rate.add(micro(14), at: Sample.noon + .hours(23))
    #expect(rate.perDay(at: Sample.noon + .hours(24)) == micro(24))
    #expect(rate.perDay(at: Sample.noon + .hours(36)) == micro(12))
    // Nothing for two days is nothing.
    #expect(rate.perDay(at: Sample.noon + .hours(72)) == .zero && rate.runway(of: micro(1), at: Sample.noon + .hours(72)) == nil)
    // What was taken back doesn't count, and there is no less than nothing.
    rate.add(micro(-100), at: Sample.noon + .hours(24))
    #expect(rate.current == .zero)
    rate.add(.maximum, at: Sample.noon + .hours(25))
    rate.add(.maximum, at: Sample.noon + .hours(25))
    #expect(rate.perDay(at: Sample.noon + .hours(25)) == .maximum)
    #expect(SpendingRate(start: Sample.noon, current: micro(1)).runway(of: .maximum, at: Sample.noon + .days(1)) == nil)
  }

  @Test(arguments: 0..<40)
  func `Between two times of telling, the balance was clearly above`(_ seed: UInt64) {
    var dice = Seeded(seed)
    var rule = AlertRule(.amount(micro(1000)))
    var (balance, cleared): (Int64, Bool) = (2000, true)
    for _ in 0..<500 {
      balance += Int64.random(in: -120...120, using: &dice)
      let isTold = rule.look(at: Self.reading(balance))
      if isTold { #expect(cleared && balance <= 1000) }
      if !isTold { #expect(!(cleared && balance <= 1000)) }
      if balance <= 1000 { cleared = false } else if balance > 1100 { cleared = true }
    }
  }
}
