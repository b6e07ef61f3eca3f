import Kernel
@testable import Ledger
import Testing

@Suite struct QuotaTests {
  private static func id<Noun>(_ number: Int) -> ID<Noun> {
    let digits = String(number)
    return ID<Noun>("01890a5d-ac96-774b-bcce-" + String(repeating: "0", count: 12 - digits.count) + digits)!
  }

  private static func quota(_ number: Int, _ subject: QuotaScope.Subject, _ cluster: String? = nil, _ limit: QuotaLimit) -> Quota {
    Quota(id(number), .runningJobs, QuotaScope(subject, cluster: cluster), limit)
  }

  private static let quotas = [
    quota(1, .organization, nil, .most(100)), quota(2, .organization, "c1", .most(40)), quota(3, .each, nil, .most(10)), quota(4, .each, "c1", .most(6)),
    quota(5, .holder("bob"), nil, .most(20)), quota(6, .holder("ann"), nil, .unlimited), quota(7, .holder("bob"), "c1", .most(0)),
  ]

  private static func usage(_ organization: Int64, _ cluster: Int64, _ holder: Int64, _ both: Int64) -> QuotaUsage {
    QuotaUsage(
      organization: LeaseAmounts(runningJobs: organization), cluster: LeaseAmounts(runningJobs: cluster), holder: LeaseAmounts(runningJobs: holder),
      holderInCluster: LeaseAmounts(runningJobs: both))
  }

  /// One's own quota comes before everybody's in the same place; the least that is left binds, of equals the narrowest.
  @Test(arguments: [
    ("eve", nil, usage(0, 0, 0, 0), [3, 1], 3), ("eve", "c1", usage(0, 0, 0, 0), [4, 3, 2, 1], 4), ("eve", "c2", usage(0, 0, 0, 0), [3, 1], 3),
    ("eve", "c1", usage(0, 36, 2, 2), [4, 3, 2, 1], 4), ("eve", "c1", usage(0, 37, 2, 2), [4, 3, 2, 1], 2), ("eve", "c1", usage(98, 37, 2, 2), [4, 3, 2, 1], 1),
    ("bob", nil, usage(0, 0, 0, 0), [5, 1], 5), ("bob", "c1", usage(0, 0, 0, 0), [7, 5, 2, 1], 7), ("ann", nil, usage(0, 0, 50, 0), [6, 1], 1),
    ("ann", "c1", usage(0, 0, 0, 0), [4, 6, 2, 1], 4), (nil, "c1", usage(0, 0, 0, 0), [2, 1], 2), (nil, nil, usage(0, 0, 0, 0), [1], 1),
    // More is taken than there may be by now.
    ("eve", nil, usage(0, 0, 12, 0), [3, 1], 3), ("eve", nil, usage(120, 0, 12, 0), [3, 1], 3),
  ] as [(String?, String?, QuotaUsage, [Int], Int)])
  func `The tightest of all that hold binds`(_ holder: String?, _ cluster: String?, _ usage: QuotaUsage, _ levels: [Int], _ binding: Int) {
    let effective = QuotaBoard(Self.quotas, usage: usage, holder: holder, cluster: cluster).effective(.runningJobs)
    #expect(effective.levels.map(\.quota.id) == levels.map { Self.id($0) })
    #expect(effective.binding?.quota.id == Self.id(binding))
    #expect(QuotaBoard(Self.quotas, usage: usage, holder: holder, cluster: cluster).effective(.gpus).binding == nil)
  }

  @Test func `What is asked for fits, or what is missing is told`() {
    let board = QuotaBoard(Self.quotas, usage: Self.usage(95, 0, 9, 0), holder: "eve", cluster: nil)
    #expect(board.shortfall(of: LeaseAmounts(runningJobs: 1, gpus: 1000)) == nil)
    let lack = board.shortfall(of: LeaseAmounts(runningJobs: 3))
    #expect(lack?.level.quota.id == Self.id(3) && lack?.missing == 2 && lack?.level.left == 1)
    #expect(QuotaBoard([], usage: .init(), holder: "eve", cluster: "c1").shortfall(of: LeaseAmounts(runningJobs: Quota.most)) == nil)
    // Zero is zero.
    #expect(QuotaBoard(Self.quotas, usage: .init(), holder: "bob", cluster: "c1").shortfall(of: LeaseAmounts(runningJobs: 1))?.missing == 1)
  }

  @Test func `A lease ends at its instant, once`() throws {
    let lease = Lease(Self.id(1), for: "bob", in: nil, LeaseAmounts(runningJobs: 1), since: Sample.noon, term: .minutes(5))
    let end = Sample.noon + .minutes(5)
    #expect(lease.state(at: end - .milliseconds(1)) == .live && lease.state(at: end) == .expired)
    let renewed = try lease.renewed(for: .minutes(5), at: end - .milliseconds(1))
    #expect(renewed.expires == end - .milliseconds(1) + .minutes(5) && renewed.state(at: end) == .live)
    // It never gets shorter.
    #expect(try lease.renewed(for: .seconds(1), at: Sample.noon) == lease)
    #expect(throws: Lease.Refusal.expired) { try lease.renewed(for: .minutes(5), at: end) }
    let released = lease.released(at: Sample.noon)
    #expect(released.state(at: end) == .released(at: Sample.noon) && released.released(at: end) == released)
    #expect(throws: Lease.Refusal.released) { try released.renewed(for: .minutes(5), at: Sample.noon) }
    #expect(lease.released(at: end).state(at: end) == .expired)
    try renewed.expectSame(as: lease)
    for other in [
      Lease(Self.id(1), for: "eve", in: nil, LeaseAmounts(runningJobs: 1), since: Sample.noon, term: .minutes(5)),
      Lease(Self.id(1), for: "bob", in: "c1", LeaseAmounts(runningJobs: 1), since: Sample.noon, term: .minutes(5)),
      Lease(Self.id(1), for: "bob", in: nil, LeaseAmounts(runningJobs: 1, gpus: 1), since: Sample.noon, term: .minutes(5)),
      Lease(Self.id(1), for: "bob", in: nil, LeaseAmounts(runningJobs: 1), since: Sample.noon, term: .minutes(6)),
    ] { #expect(throws: Lease.Refusal.idReused) { try lease.expectSame(as: other) } }
  }

  /// Against a model that adds up all leases anew.
  @Test(arguments: 0..<40)
  func `Whatever is taken and given back, no quota is exceeded, and nothing is refused that fits`(_ seed: UInt64) {
    var dice = Seeded(seed)
    let (holders, clusters) = (["ann", "bob", "eve"], [nil, "c1", "c2"] as [String?])
    var leases: [(holder: String, cluster: String?, amounts: LeaseAmounts)] = []
    for _ in 0..<300 {
      if Int.random(in: 0..<4, using: &dice) == 0, let place = leases.indices.randomElement(using: &dice) {
        leases.remove(at: place)
        continue
      }
      let (holder, cluster) = (holders.randomElement(using: &dice)!, clusters.randomElement(using: &dice)!)
      let asked = LeaseAmounts(runningJobs: Int64.random(in: 1...4, using: &dice))
      func sum(_ fits: (String, String?) -> Bool) -> LeaseAmounts {
        LeaseAmounts(runningJobs: leases.reduce(0) { $0 + (fits($1.holder, $1.cluster) ? $1.amounts.runningJobs : 0) })
      }
      let usage = QuotaUsage(
        organization: sum { _, _ in true }, cluster: sum { $1 == cluster }, holder: sum { name, _ in name == holder },
        holderInCluster: sum { $0 == holder && $1 == cluster })
      let refused = QuotaBoard(Self.quotas, usage: usage, holder: holder, cluster: cluster).shortfall(of: asked) != nil
      // Each quota by itself, as it reads.
      let jobs = asked.runningJobs
      var exceeds = usage.organization.runningJobs + jobs > 100
      if cluster == "c1" { exceeds = exceeds || usage.cluster.runningJobs + jobs > 40 || usage.holderInCluster.runningJobs + jobs > (holder == "bob" ? 0 : 6) }
      if holder != "ann" { exceeds = exceeds || usage.holder.runningJobs + jobs > (holder == "bob" ? 20 : 10) }
      #expect(refused == exceeds)
      if !refused { leases.append((holder, cluster, asked)) }
    }
  }
}
