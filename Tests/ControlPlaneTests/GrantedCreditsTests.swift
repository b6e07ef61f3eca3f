@testable import ControlPlane
import Kernel
import Ledger
import TestSupport
import Testing

/// Credits that go first, end, or are for something alone.
@Suite struct GrantedCreditsTests {
  @Test func `Granted credits go first, for what they are for, until they end`() async throws { try await Self.grants(Lab()) }

  static func grants(_ lab: Lab) async throws {
    let plane = lab.plane
    let gpu = try await lab.share(SubBalanceDraft(holderKind: .cluster, holder: "gpu", isUnlimited: true)).subBalance.id
    try await lab.topUp("10")
    func grant(_ amount: String, priority: Int? = nil, days: Int? = nil, for subBalances: [ID<SubBalance>] = []) async throws {
      lab.house.pass(.seconds(1))
      _ = try await plane.credits.topUp(
        TopUpOrder(
          amount: amount, kind: .promotional, priority: priority, expires: days.map { lab.house.now + .days($0) }, subBalances: subBalances),
        of: lab.slug, by: lab.operator)
    }
    try await grant("5", days: 3)
    try await grant("7", priority: 1)
    try await grant("9", for: [gpu])
    func left() async throws -> [String] {
      try await plane.credits.grants(of: lab.slug, .first, by: lab.admin).items.map { $0.grant.remaining.description }.reversed()
    }
    #expect(try await lab.balance() == "31 0 22")
    let charge = try await lab.charge("8")
    #expect(try await left() == ["4", "0", "9"])
    // What is for GPUs alone isn't there for anything else.
    let lack = await problem { try await lab.hold("14.5") }
    #expect(lack?.quote == Quote(level: "balance", available: "14", missing: "0.5"))
    try await lab.charge("10", of: gpu)
    #expect(try await left() == ["0", "0", "3"])
    // A reversal gives back to those that gave.
    _ = try await plane.holds.reverse(charge, in: lab.slug, by: lab.admin)
    #expect(try await left() == ["1", "7", "3"])
    #expect(try await lab.balance() == "21 0 18")
    let hold = try await lab.hold("18")
    lab.house.pass(.days(3))
    // A hold of an hour is over by then; what expired leaves the balance.
    #expect(try await lab.balance() == "20 0 17")
    #expect(try await plane.holds.find(hold, in: lab.slug, by: lab.admin).state == .expired)
    try await lab.charge("1")
    #expect(try await left() == ["0", "6", "3"])
    #expect(try await lab.kinds().prefix(2) == ["charge", "charge"])
    try await lab.expectSoundBooks()
  }

  @Test func `What is taken back in the same batch goes back to its grants, linked or not, and linked transfers share what is for anything`() async throws {
    let lab = try await Lab()
    let gpu = try await lab.share(SubBalanceDraft(holderKind: .cluster, holder: "gpu", isUnlimited: true)).subBalance.id
    _ = try await lab.plane.credits.topUp(TopUpOrder(amount: "10", kind: .promotional), of: lab.slug, by: lab.operator)
    _ = try await lab.plane.credits.topUp(TopUpOrder(amount: "10", kind: .promotional, subBalances: [gpu]), of: lab.slug, by: lab.operator)
    func left() async throws -> [String] {
      try await lab.plane.credits.grants(of: lab.slug, .first, by: lab.admin).items.map { "\($0.grant.remaining) \($0.subBalances.count)" }.sorted()
    }
    for (number, isLinked) in [(10, false), (20, true)] {
      let both = [BatchedTransfer(lab.id(number), .charge(try amount("4"), nil)), BatchedTransfer(lab.id(number + 1), .reverse(lab.id(number)))]
      #expect(try await lab.plane.holds.carryOut(both, isLinked: isLinked, in: lab.slug, by: lab.admin).allSatisfy { $0.problem == nil })
      #expect(try await left() == ["10 0", "10 1"])
      try await lab.expectSoundBooks()
    }
    try await lab.charge("4", as: lab.id(30))
    #expect(try await left() == ["10 1", "6 0"])
    _ = try await lab.plane.holds.carryOut([BatchedTransfer(lab.id(31), .reverse(lab.id(30)))], isLinked: true, in: lab.slug, by: lab.admin)
    #expect(try await left() == ["10 0", "10 1"])
    // Each would fit alone; together they would take what is for the cluster.
    let two = try (40..<42).map { BatchedTransfer(lab.id($0), .spend(try amount("6"), nil)) }
    #expect(await refusal { try await lab.plane.holds.carryOut(two, isLinked: true, in: lab.slug, by: lab.admin) } == "credits.insufficient")
    #expect(try await left() == ["10 0", "10 1"])
    try await lab.expectSoundBooks()
  }

  @Test func `What is held outlives the end of the credits it is held of`() async throws {
    let lab = try await Lab()
    _ = try await lab.plane.credits.topUp(TopUpOrder(amount: "10", expires: lab.house.now + .minutes(1)), of: lab.slug, by: lab.operator)
    let hold = try await lab.hold("6", seconds: 600)
    lab.house.pass(.minutes(2))
    #expect(try await lab.balance() == "6 6 0")
    _ = try await lab.settle(hold, "5")
    #expect(try await lab.balance() == "0 0 0")
    try await lab.topUp("3")
    #expect(try await lab.balance() == "3 0 3")
    try await lab.expectSoundBooks()
  }

  @Test func `Granted credits leave the balance by being used, by lapsing or with their own top-up, and by nothing else`() async throws {
    try await Self.leaving(Lab())
  }

  static func leaving(_ lab: Lab) async throws {
    let plane = lab.plane
    let oak = try await lab.share(SubBalanceDraft(holderKind: .cluster, holder: "oak", isUnlimited: true)).subBalance.id
    let stash = try await lab.share(SubBalanceDraft(holderKind: .cluster, holder: "stash", kind: .funds)).subBalance.id
    func move(_ amount: String, isIn: Bool = true) async throws {
      _ = try await plane.subBalances.move(amount, into: stash, isIn: isIn, in: lab.slug, by: lab.admin)
    }
    let plain = try await lab.topUp("10")
    let forOak = try await plane.credits.topUp(TopUpOrder(amount: "20", kind: .promotional, subBalances: [oak]), of: lab.slug, by: lab.operator)
    let ending = try TopUpOrder(amount: "5", kind: .promotional, expires: lab.house.now + .hours(1))
    _ = try await plane.credits.topUp(ending, of: lab.slug, by: lab.operator)
    // Neither what is for one thing alone nor what ends is moved away, and left over for ever.
    let lack = await problem { try await move("11") }
    #expect(lack?.quote == Quote(level: "balance", available: "10", missing: "1"))
    #expect(lack?.detail.hasSuffix("What was granted stays in the balance: give an allowance, which draws on it.") == true)
    try await move("10")
    #expect(try await lab.balance() == "25 0 5")
    #expect(await refusal { try await plane.holds.reverse(plain, in: lab.slug, by: lab.operator) } == "credits.insufficient")
    try await move("4", isIn: false)
    let withdrawn = try await plane.credits.statement(of: lab.slug, StatementFilter(), .first, by: lab.admin).items[0].record.entry.transfer.id
    try await move("4")
    // Taking back the withdrawal would move granted credits too.
    #expect(await refusal { try await plane.holds.reverse(withdrawn, in: lab.slug, by: lab.operator) } == "credits.insufficient")
    lab.house.pass(.hours(1))
    #expect(try await lab.balance() == "20 0 0")
    // What asks beyond its hold asks like anything else.
    try await lab.topUp("3")
    let other = try await lab.hold("3", ceiling: "9")
    let hold = try await lab.hold("2", ceiling: "30", of: oak)
    #expect(await refusal { try await lab.settle(other, "4") } == "credits.insufficient")
    _ = try await lab.settle(other, "3")
    _ = try await lab.settle(hold, "20")
    #expect(try await lab.balance() == "0 0 0")
    try await lab.topUp("20")
    // Its own top-up takes a grant with it as far as it is there, and the rest of no grant.
    _ = try await plane.holds.reverse(forOak.record.entry.transfer.id, in: lab.slug, by: lab.operator)
    #expect(try await lab.balance() == "0 0 0")
    try await lab.expectSoundBooks()
  }

  @Test func `Linked transfers use what those before them left, of credits and of grants`() async throws {
    let lab = try await Lab()
    let oak = try await lab.share(SubBalanceDraft(holderKind: .cluster, holder: "oak", isUnlimited: true)).subBalance.id
    try await lab.topUp("12")
    _ = try await lab.plane.credits.topUp(TopUpOrder(amount: "100", kind: .promotional, subBalances: [oak]), of: lab.slug, by: lab.operator)
    let both = [BatchedTransfer(lab.id(1), .charge(try amount("10"), nil)), BatchedTransfer(lab.id(2), .spend(try amount("5"), nil))]
    #expect(await refusal { try await lab.plane.holds.carryOut(both, isLinked: true, in: lab.slug, by: lab.admin) } == "credits.insufficient")
    #expect(try await lab.balance() == "112 0 12")
    let fits = [BatchedTransfer(lab.id(1), .charge(try amount("10"), nil)), BatchedTransfer(lab.id(2), .spend(try amount("2"), nil))]
    #expect(try await lab.plane.holds.carryOut(fits, isLinked: true, in: lab.slug, by: lab.admin).allSatisfy { $0.problem == nil })
    try await lab.expectSoundBooks()
  }

  @Test func `The same top-up is the same in all its terms; what has credits of its own isn't granted any`() async throws {
    let lab = try await Lab()
    let oak = try await lab.share(SubBalanceDraft(holderKind: .cluster, holder: "oak", isUnlimited: true)).subBalance.id
    let own = try await lab.share(SubBalanceDraft(holderKind: .cluster, holder: "own", kind: .funds)).subBalance.id
    let end = lab.house.now + .days(1)
    func grant(_ priority: Int? = 3, _ expires: Timestamp? = nil, _ only: [ID<SubBalance>] = [], kind: GrantTerms.Kind = .promotional) async -> String? {
      await refusal {
        _ = try await lab.plane.credits.topUp(
          TopUpOrder(id: lab.id(1), amount: "5", kind: kind, priority: priority, expires: expires, subBalances: only), of: lab.slug, by: lab.operator)
      }
    }
    #expect(await [grant(3, end, [oak]), grant(3, end, [oak])] == [nil, nil])
    try await lab.charge("1", of: oak)
    #expect(await grant(3, end, [oak]) == nil)
    for other in await [grant(4, end, [oak]), grant(3, end + .days(1), [oak]), grant(3, nil, [oak]), grant(3, end), grant(3, end, [oak], kind: .paid)] {
      #expect(other == "transfer.id_reused")
    }
    let reason = await problem { _ = try await lab.plane.credits.topUp(TopUpOrder(amount: "5", subBalances: [own]), of: lab.slug, by: lab.operator) }
    #expect(reason?.detail == "The sub-balance of cluster own has credits of its own, and draws none of the balance: top up the balance, and deposit there.")
  }

  @Test func `A project has one sub-balance, however it is written, and what is used for it draws on that`() async throws {
    let lab = try await Lab()
    try await lab.topUp("100")
    _ = try await lab.plane.workspaces.enroll(ResourceDraft(name: "Research"), in: lab.slug, by: lab.admin)
    let project = try await lab.plane.projects.create(ResourceDraft(name: "Eva"), of: "research", in: lab.slug, by: lab.admin)
    let made = try await lab.share(SubBalanceDraft(holderKind: .project, holder: "Research/EVA", kind: .funds, amount: "50"))
    #expect(made.subBalance.holder.name == "research/eva" && made.subBalance.holder.key == project.id.description)
    for spelling in ["research/eva", "RESEARCH/eva", project.id.description] {
      #expect(await refusal { try await lab.share(SubBalanceDraft(holderKind: .project, holder: spelling)) } == "name.taken", "\(spelling)")
      let found = try await lab.plane.subBalances.list(in: lab.slug, of: .project, named: spelling, .first, by: lab.admin).items.map(\.subBalance.id)
      #expect(found == [made.subBalance.id])
    }
    let price = try PriceDraft(resource: "gpu", unit: "hour", tiers: [("", "2")], since: lab.house.now.start(of: .day))
    _ = try await lab.plane.prices.set(price, by: lab.operator)
    for (number, spelling) in ["research/eva", "Research/Eva", project.id.description].enumerated() {
      var subject = UsageDraft.Subject()
      subject.project = spelling
      let use = UsageDraft("\(number)", .use(.init(at: nil, UsageMeter("gpu", unit: "hour"), try Quantity(decimal: "1"), of: subject)))
      _ = try await lab.plane.usage.record([.success(use)], of: "meter", in: lab.slug, by: lab.admin)
    }
    #expect(try await lab.plane.subBalances.find(made.subBalance.id, in: lab.slug, by: lab.admin).balance == "44")
  }
}
