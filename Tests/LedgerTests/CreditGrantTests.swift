import Kernel
import Ledger
import Testing

@Suite struct CreditGrantTests {
  static let noon = Sample.noon

  static func grant(
    _ number: Int, _ micro: Int64, priority: Int = 1, expires: Timestamp? = nil, scope: CreditGrant.Scope = .everything, remaining: Int64? = nil
  ) throws -> CreditGrant {
    try CreditGrant(id(number), amount(micro), remaining: remaining.map { LedgerTests.micro($0) }, priority: priority, expires: expires, scope: scope)
  }

  static func burn(_ number: Int, _ micro: Int64) -> Burn { Burn(id(number), amount(micro)) }

  static func remaining(_ grants: CreditGrants) -> [Int64] { grants.inOrder.map(\.remaining.micro) }

  @Test func `Grants burn by priority, then by expiry, then by age`() throws {
    let grants = try [
      Self.grant(1, 10, priority: 2), Self.grant(2, 10), Self.grant(3, 10, expires: Self.noon + 9), Self.grant(4, 10, expires: Self.noon + 5), Self.grant(5, 10),
      Self.grant(6, 10, priority: 0), Self.grant(7, 10, priority: 0, expires: Self.noon + 9),
    ]
    let order: [ID<CreditGrant>] = [7, 6, 4, 3, 2, 5, 1].map { id($0) }
    #expect(CreditGrants(grants).inOrder.map(\.id) == order)
    #expect(CreditGrants(grants.reversed()).inOrder.map(\.id) == order)
    var oneByOne = CreditGrants([])
    for grant in grants { #expect(oneByOne.add(grant, payingOff: .zero) == nil) }
    #expect(oneByOne.inOrder.map(\.id) == order)
  }

  @Test(arguments: [
    (1, [(1, 1)], 0), (10, [(1, 10)], 0), (11, [(1, 10), (2, 1)], 0), (25, [(1, 10), (2, 10), (3, 5)], 0), (30, [(1, 10), (2, 10), (3, 10)], 0),
    (37, [(1, 10), (2, 10), (3, 10)], 7),
  ] as [(Int64, [(Int, Int64)], Int64)])
  func `A burn takes what each has, and tells what none covers`(wanted: Int64, expected: [(Int, Int64)], uncovered: Int64) throws {
    var grants = CreditGrants(try (1...3).map { try Self.grant($0, 10) })
    let (burns, rest) = grants.burn(amount(wanted), passing: [], at: Self.noon)
    #expect(burns == expected.map { Self.burn($0, $1) })
    #expect(rest == micro(uncovered))
    try grants.unwind(burns)
    #expect(Self.remaining(grants) == [10, 10, 10])
  }

  @Test func `A grant burns up to the instant before it expires`() throws {
    let grants = CreditGrants([try Self.grant(1, 10, expires: Self.noon)])
    for (instant, covered) in [(Self.noon + -1, true), (Self.noon, false), (Self.noon + 1, false)] {
      var grants = grants
      #expect(grants.burn(amount(4), passing: [], at: instant).uncovered == (covered ? .zero : micro(4)))
      #expect(grants.lapse(at: instant) == (covered ? [] : [Self.burn(1, 10)]))
      #expect(grants.lapse(at: instant).isEmpty)
    }
  }

  @Test func `A grant burns for what it was given for`() throws {
    var grants = try CreditGrants([
      Self.grant(1, 10, scope: .passing([Sample.project, Sample.cluster])), Self.grant(2, 10, scope: .passing([])), Self.grant(3, 10, priority: 2),
    ])
    #expect(grants.burn(amount(3), passing: [Sample.member, Sample.project, Sample.organization, Sample.earned], at: Self.noon).burns == [Self.burn(1, 3)])
    #expect(grants.burn(amount(3), passing: [Sample.cluster], at: Self.noon).burns == [Self.burn(1, 3)])
    #expect(grants.burn(amount(3), passing: [Sample.member, Sample.organization], at: Self.noon).burns == [Self.burn(3, 3)])
    #expect(grants.burn(amount(12), passing: [Sample.cluster], at: Self.noon) == ([Self.burn(1, 4), Self.burn(3, 7)], micro(1)))
    #expect(Self.remaining(grants) == [0, 10, 0])
  }

  @Test func `What is unwound goes to whom the record says, though others would burn first today`() throws {
    var grants = CreditGrants([try Self.grant(1, 10, expires: Self.noon + 5), try Self.grant(2, 10)])
    let (burns, _) = grants.burn(amount(14), passing: [], at: Self.noon)
    _ = grants.add(try Self.grant(3, 10, priority: 0), payingOff: .zero)
    #expect(grants.lapse(at: Self.noon + 5).isEmpty)
    try grants.unwind(burns)
    #expect(Self.remaining(grants) == [10, 10, 10])
    // What came back to one that has expired lapses with it.
    #expect(grants.lapse(at: Self.noon + 5) == [Self.burn(1, 10)])
  }

  @Test(arguments: [[(9, 1)], [(1, 1)], [(2, 3), (2, 2)], [(2, 4), (1, 1)]] as [[(Int, Int64)]])
  func `What can't have been burned isn't unwound, not even in part`(record: [(Int, Int64)]) throws {
    var grants = CreditGrants([try Self.grant(1, 10), try Self.grant(2, 10, remaining: 6)])
    let refusal = #expect(throws: Problem.self) { try grants.unwind(record.map { Self.burn($0, $1) }) }
    #expect(refusal?.kind == .defect)
    #expect(Self.remaining(grants) == [10, 6])
  }

  @Test(arguments: [(0, nil, 10), (4, 4, 6), (10, 10, 0), (25, 10, 0)] as [(Int64, Int64?, Int64)])
  func `A new grant pays off arrears first`(arrears: Int64, paid: Int64?, left: Int64) throws {
    var grants = CreditGrants([try Self.grant(1, 10, remaining: 0)])
    #expect(grants.add(try Self.grant(2, 10, priority: 0), payingOff: micro(arrears)) == paid.map { Self.burn(2, $0) })
    #expect(Self.remaining(grants) == [left, 0])
  }

  @Test(arguments: [-1, 11] as [Int64])
  func `No grant has less than nothing or more than it was given`(remaining: Int64) { #expect(throws: Rejection.self) { try Self.grant(1, 10, remaining: remaining) } }

  /// Grants burn and unwind at random; what each has is recomputed from the records alone.
  @Test func `No credit is burned twice or lost`() throws {
    for seed in 0..<300 as Range<UInt64> {
      var random = SplitMix(seed: seed)
      func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
      var given: [ID<CreditGrant>: Int64] = [:]
      var records: [[Burn]] = []
      var lapsed: [Burn] = []
      var grants = CreditGrants([])
      for step in 0..<60 {
        let now = Self.noon + step
        switch draw(4) {
        case 0:
          let expires = draw(2) == 0 ? now + draw(20) : nil
          let grant = try Self.grant(step + 1, Int64(1 + draw(30)), priority: draw(3), expires: expires, scope: draw(3) == 0 ? .passing([Sample.project]) : .everything)
          given[grant.id] = grant.granted.credits.micro
          if let burn = grants.add(grant, payingOff: micro(Int64(draw(3)))) { records.append([burn]) }
        case 1, 2:
          let wanted = Int64(1 + draw(40))
          let passing = draw(2) == 0 ? [Sample.project] : [Sample.member]
          let before = grants.inOrder
          let (burns, uncovered) = grants.burn(amount(wanted), passing: passing, at: now)
          records.append(burns)
          #expect(burns.reduce(uncovered.micro) { $0 + $1.amount.credits.micro } == wanted)
          // Who gave nothing, or less than it had, was passed over for a reason.
          for grant in before where !burns.contains(Burn(grant.id, amount(max(1, grant.remaining.micro)))) && grant.remaining > .zero {
            let isFit = (grant.expires.map { now < $0 } ?? true) && (grant.scope == .everything || passing == [Sample.project])
            #expect(!isFit || uncovered == .zero)
          }
        default:
          if !records.isEmpty, draw(3) > 0 { try grants.unwind(records.remove(at: draw(records.count))) } else { lapsed += grants.lapse(at: now) }
        }
        for grant in grants.inOrder {
          let burned = (records.flatMap { $0 } + lapsed).filter { $0.grant == grant.id }.reduce(0) { $0 + $1.amount.credits.micro }
          #expect(grant.remaining.micro == given[grant.id].map { $0 - burned }, "seed \(seed), step \(step)")
        }
      }
    }
  }
}
