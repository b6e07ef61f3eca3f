import Kernel
import Ledger
import Testing

@Suite struct PriceTests {
  static func tiered(_ tiers: (Int64?, Int64)...) throws -> Price {
    try Price(unit: "second", tiers: tiers.map { tier in Price.Tier(upTo: tier.0.map { Quantity(micro: $0 * 1_000_000) }, credits: micro(tier.1)) })
  }

  @Test(arguments: [
    // Quantity in micro-units, what it costs in micro-credits, at 2.5 credits for 3,600 units.
    (0, 0), (1, 0), (719, 0), (720, 1), (3_600_000_000, 2_500_000), (1_800_000_000, 1_250_000), (17_000_000, 11_806), (.max, 6_405_119_470_038_039),
  ] as [(Int64, Int64)])
  func `A price is for so much, and rounded once`(_ quantity: Int64, _ expected: Int64) throws {
    let price = try Price(unit: "second", per: Quantity(micro: 3_600_000_000), micro(2_500_000))
    #expect(price.charge(for: Quantity(micro: quantity)) == micro(expected))
  }

  @Test(arguments: [(0, 0), (100, 0), (101, 2), (150, 100), (1000, 1800), (1001, 1801), (1500, 2300)] as [(Int64, Int64)])
  func `Each tier has its own price`(_ units: Int64, _ expected: Int64) throws {
    let price = try Self.tiered((100, 0), (1000, 2), (nil, 1))
    #expect(price.charge(for: Quantity(micro: units * 1_000_000)) == micro(expected))
  }

  @Test func `Half a micro-credit is rounded upwards, less downwards`() throws {
    let price = try Price(unit: "x", per: Quantity(micro: 4_000_000), micro(1))
    #expect((0...8).map { price.charge(for: Quantity(micro: $0 * 1_000_000))?.micro } == [0, 0, 1, 1, 1, 1, 2, 2, 2])
  }

  @Test func `What is out of range costs nothing that could be wrong`() throws {
    let dear = try Price(unit: "x", .maximum)
    #expect(dear.charge(for: .one) == .maximum)
    #expect(dear.charge(for: Quantity(micro: 1_000_001)) == nil && dear.charge(for: .maximum) == nil)
    #expect(dear.charge(for: Quantity(micro: -1)) == nil)
    let fine = try Price(unit: "x", per: .maximum, .maximum)
    #expect(fine.charge(for: .maximum) == .maximum)
  }

  @Test func `Tiers rise, and the last is open`() throws {
    func tier(_ bound: Int64?, _ price: Int64 = 1) -> Price.Tier { Price.Tier(upTo: bound.map { Quantity(micro: $0) }, credits: micro(price)) }
    let many = (1...20).map { tier($0) }
    let wrong: [[Price.Tier]] = [
      [], [tier(5)], [tier(5), tier(5), tier(nil)], [tier(0), tier(nil)], [tier(nil), tier(nil)], [tier(nil, -1)], [tier(-5), tier(nil)], many + [tier(nil)],
    ]
    for tiers in wrong { #expect(throws: Rejection.self) { try Price(unit: "x", tiers: tiers) } }
    for per in [0, -1] as [Int64] { #expect(throws: Rejection.self) { try Price(unit: "x", per: Quantity(micro: per), micro(1)) } }
    #expect(try Price(unit: "x", tiers: many.dropLast() + [tier(nil)]).tiers.count == 20)
  }

  // MARK: Splitting

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `Parts cost what the whole costs, in whatever order they come and whatever is taken back`(_ seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let price = try dice.price()
    var meter = Meter()
    var parts: [Quantity] = []
    var charged: Int64 = 0
    for _ in 0..<dice.below(60) {
      if !parts.isEmpty, dice.below(4) == 0 {
        let part = parts.remove(at: Int(dice.below(UInt64(parts.count))))
        let taken = meter.remove(part, at: price)
        let change = try #require(taken)
        #expect(change <= .zero)
        charged += change.micro
      } else {
        let part = Quantity(micro: Int64(1 + dice.below(1 << dice.below(34))))
        parts.append(part)
        let added = meter.add(part, at: price)
        let change = try #require(added)
        #expect(change >= .zero)
        charged += change.micro
      }
    }
    let whole = Quantity(micro: parts.reduce(0) { $0 + $1.micro })
    #expect(meter.quantity == whole && meter.charge.micro == charged)
    #expect(price.charge(for: whole)?.micro == charged)
    // The same as another order of what stayed.
    var other = Meter()
    for part in parts.reversed() { _ = other.add(part, at: price) }
    #expect(other == meter)
  }

  @Test func `A meter that can't count something doesn't count it`() throws {
    let price = try Price(unit: "x", micro(2_000_000))
    var meter = Meter()
    #expect(meter.add(Quantity(micro: .max / 2), at: price) != nil)
    let before = meter
    #expect(meter.add(Quantity(micro: .max / 2), at: price) == nil)
    #expect(meter.add(.maximum, at: nil) == nil)
    #expect(meter.remove(.maximum, at: price) == nil)
    #expect(meter == before)
    var free = Meter()
    #expect(free.add(.maximum, at: nil) == .zero && free.quantity == .maximum)
    #expect(free.remove(.maximum, at: nil) == .zero && free == Meter())
  }

  // MARK: The list

  @Test func `What was agreed comes first, then the preset's own, and each from its time on`() throws {
    func version(_ number: Int64, _ resource: String, _ preset: String?, _ since: Int64, agreed: Bool = false, ends: Bool = false) throws -> PriceVersion {
      PriceVersion(
        number: number, key: PriceKey(resource, preset), isAgreed: agreed, since: Timestamp(milliseconds: since),
        price: ends ? nil : try Price(unit: "x", micro(number)))
    }
    let list = try PriceList([
      version(3, "gpu", "a100", 200), version(1, "gpu", nil, 100), version(2, "gpu", "a100", 100), version(4, "gpu", "a100", 300, ends: true),
      version(5, "gpu", nil, 250, agreed: true), version(6, "gpu", nil, 260, agreed: true, ends: true), version(7, "gpu", "h100", 255, agreed: true),
    ])
    let table: [(String, String?, Int64, Int64?)] = [
      ("gpu", "a100", 99, nil), ("gpu", "a100", 100, 2), ("gpu", "a100", 199, 2), ("gpu", "a100", 200, 3), ("gpu", "a100", 249, 3), ("gpu", "a100", 250, 5),
      ("gpu", "a100", 259, 5), ("gpu", "a100", 260, 3), ("gpu", "a100", 300, 1), ("gpu", nil, 100, 1), ("gpu", nil, 255, 5), ("gpu", "v100", 260, 1),
      ("gpu", "h100", 254, 5), ("gpu", "h100", 255, 7), ("gpu", "h100", 999, 7), ("cpu", nil, 999, nil), ("GPU", nil, 999, nil),
    ]
    for (resource, preset, at, expected) in table {
      #expect(list.version(for: resource, preset: preset, at: Timestamp(milliseconds: at))?.number == expected, "\(resource) \(preset ?? "-") at \(at)")
    }
  }

  // MARK: Quantities

  @Test(arguments: [
    ("1", 1_000_000), ("0.000001", 1), ("12.5", 12_500_000), ("007", 7_000_000), ("9223372036854.775807", .max), ("3600", 3_600_000_000),
  ] as [(String, Int64)])
  func `A quantity is read exactly`(_ text: String, _ micro: Int64) throws {
    let quantity = try Quantity(decimal: text)
    #expect(quantity.micro == micro)
    #expect(try Quantity(decimal: quantity.description) == quantity)
  }

  @Test(arguments: [
    "", ".", "0", "0.0", "-1", "-0", "+1", "1.", ".5", "1.0000001", "1e3", "1,5", " 1", "1 ", "١", "NaN", "9223372036854.775808", "99999999999999999999",
    String(repeating: "0", count: 41), "1.2.3", "0x10",
  ])
  func `What is no quantity above zero is refused`(_ text: String) { #expect(throws: Rejection.self) { try Quantity(decimal: text) } }

  @Test func `A quantity below zero can be written, not read`() {
    #expect(Quantity(micro: -1_500_000).description == "-1.5" && Quantity(micro: .min).description == "-9223372036854.775808")
    #expect(Quantity(micro: .min).subtracting(.one) == nil && Quantity.maximum.adding(.one) == nil)
  }
}

/// Chance from a seed (SplitMix64).
private struct Dice {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }

  /// Up to five tiers, cheap and dear, fine and coarse.
  mutating func price() throws -> Price {
    var bound: Int64 = 0
    var tiers: [Price.Tier] = []
    for _ in 0..<below(5) {
      bound += Int64(1 + below(1 << below(36)))
      tiers.append(Price.Tier(upTo: Quantity(micro: bound), credits: micro(Int64(below(1 << below(24))))))
    }
    tiers.append(Price.Tier(upTo: nil, credits: micro(Int64(below(1 << below(24))))))
    return try Price(unit: "x", per: Quantity(micro: Int64(1 + below(1 << below(33)))), tiers: tiers)
  }
}
