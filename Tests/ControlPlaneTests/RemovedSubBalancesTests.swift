import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Storage
import TestSupport
import Testing

/// Sub-balances go when nothing is held of them, and what they had goes back.
@Suite struct RemovedSubBalancesTests {
  @Test func `What is left goes back, and whose it was can have another`() async throws { try await Self.story(Lab()) }

  static func story(_ lab: Lab) async throws {
    let plane = lab.plane
    try await lab.topUp("100")
    func share(_ kind: SubBalance.Kind, _ amount: String) async throws(Problem) -> SeenSubBalance {
      try await plane.subBalances.create(SubBalanceDraft(holderKind: .project, holder: "eva", kind: kind, amount: amount), in: lab.slug, by: lab.admin)
    }
    func balance() async throws(Problem) -> Credits { try await plane.credits.balance(of: lab.slug, by: lab.admin).balance }
    let funds = try await share(.funds, "40")
    let id = funds.subBalance.id
    #expect(try await balance() == "60")
    // Not while something is held, nor by who may not, nor elsewhere, nor after somebody changed it.
    let hold = try await plane.holds.create(HoldDraft(subBalance: id, amount: "5"), in: lab.slug, by: lab.admin)
    let held = await problem { try await plane.subBalances.delete(id, seen: nil, in: lab.slug, by: lab.admin) }
    #expect(held?.code == .heldSubBalance && held?.detail.contains("5 credits") == true)
    _ = try await plane.holds.settle(hold.hold.id, for: "2", in: lab.slug, by: lab.admin)
    let charge = try await plane.holds.charge(ChargeDraft(subBalance: id, amount: "1"), in: lab.slug, by: lab.admin).record.entry.transfer.id
    let (bob, _) = try await lab.member("Bob", as: "viewer")
    #expect(await refusal { try await plane.subBalances.delete(id, seen: nil, in: lab.slug, by: lab.house.caller(bob)) } == "forbidden")
    let zoe = try await lab.house.signUpVerified("Zoe")
    let elsewhere = try await lab.house.found("Elsewhere", by: zoe)
    #expect(await refusal { try await plane.subBalances.delete(id, seen: nil, in: elsewhere.slug.text, by: lab.house.caller(zoe)) } == "missing")
    #expect(await refusal { try await plane.subBalances.delete(id, seen: 99, in: lab.slug, by: lab.admin) } == "stale")
    try await plane.subBalances.delete(id, seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await balance() == "97")
    #expect(await refusal { try await plane.subBalances.delete(id, seen: nil, in: lab.slug, by: lab.admin) } == "missing")
    #expect(await refusal { try await plane.subBalances.find(id, in: lab.slug, by: lab.admin) } == "missing")
    #expect(try await plane.subBalances.list(in: lab.slug, .first, by: lab.admin).total == 0)
    #expect(await refusal { try await plane.holds.create(HoldDraft(subBalance: id, amount: "1"), in: lab.slug, by: lab.admin) } != nil)
    // What went through it stays as it is: else it would be nobody's.
    #expect(await refusal { try await plane.holds.reverse(charge, in: lab.slug, by: lab.admin) } == "transfer.final")
    let one = BatchedTransfer(ID(high: 7, low: 7), .reverse(charge))
    let batched = try await plane.holds.carryOut([one], in: lab.slug, by: lab.admin)
    #expect(batched.allSatisfy { (try? $0.get()) == nil })
    // Statements go on to name it.
    let statement = try await plane.credits.statement(of: lab.slug, StatementFilter(), .first, by: lab.admin)
    #expect(statement.items.contains { "\($0)".contains("eva") })
    // An allowance that was overdrawn leaves nothing behind either.
    let allowance = try await share(.allowance, "10")
    #expect(allowance.subBalance.id != id)
    _ = try await plane.holds.charge(ChargeDraft(subBalance: allowance.subBalance.id, amount: "12"), in: lab.slug, by: lab.admin)
    try await plane.subBalances.delete(allowance.subBalance.id, seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await balance() == "85")
    // What is owed is settled first.
    let poor = try await share(.funds, "1")
    _ = try await plane.holds.charge(ChargeDraft(subBalance: poor.subBalance.id, amount: "4"), in: lab.slug, by: lab.admin)
    #expect(await refusal { try await plane.subBalances.delete(poor.subBalance.id, seen: nil, in: lab.slug, by: lab.admin) } == "sub_balance.overdrawn")
    _ = try await plane.subBalances.move("3", into: poor.subBalance.id, isIn: true, in: lab.slug, by: lab.admin)
    try await plane.subBalances.delete(poor.subBalance.id, seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await balance() == "81")
    try await lab.expectSoundBooks()
    #expect(try await lab.house.actions(in: lab.stream).suffix(1) == ["sub-balance.delete"])
  }

  @Test func `Whoever removes it at once removes it once`() async throws {
    let lab = try await Lab()
    try await lab.topUp("100")
    let id = try await lab.plane.subBalances.create(
      SubBalanceDraft(holderKind: .cluster, holder: "larch", kind: .funds, amount: "40"), in: lab.slug, by: lab.admin).subBalance.id
    let counts = await outcomes((0..<8).map { _ in { await refusal { try await lab.plane.subBalances.delete(id, seen: nil, in: lab.slug, by: lab.admin) } } })
    #expect(counts == ["success": 1, "missing": 7])
    #expect(try await lab.plane.credits.balance(of: lab.slug, by: lab.admin).balance == "100")
    try await lab.expectSoundBooks()
  }

  @Test func `What counted in budgets long ago is forgotten, and what live holds will give back isn't`() async throws {
    let lab = try await Lab()
    let plane = lab.plane
    let runner = try await plane.serviceAccounts.create(ServiceAccountDraft(name: "Runner", roles: ["billing", "infrastructure"]), in: lab.slug, by: lab.admin)
    let key = lab.house.caller(try await plane.serviceAccounts.createKey(named: "test", KeyTerm(days: 300), of: runner.slug.text, in: lab.slug, by: lab.admin).secret)
    try await lab.topUp("1000")
    _ = try await plane.budgets.create(BudgetDraft(subject: .organization, holder: "", hard: "900"), in: lab.slug, by: key)
    func counts() async throws(Problem) -> Int { try await plane.read(as: .system("test")) { work in try work.tx.count("SELECT count(*) AS n FROM budget_count") } }
    for _ in 0..<3 { _ = try await plane.holds.charge(ChargeDraft(amount: "10"), in: lab.slug, by: key) }
    _ = try await plane.holds.create(HoldDraft(amount: "5", seconds: 600), in: lab.slug, by: key)
    #expect(try await counts() == 4)
    try await ForgetBudgetCounts(plane).run()
    #expect(try await counts() == 4)
    lab.house.pass(.days(91))
    _ = try await plane.holds.charge(ChargeDraft(amount: "10"), in: lab.slug, by: key)
    try await ForgetBudgetCounts(plane).run()
    // The hold has expired with the charge, and is forgotten with the others.
    #expect(try await counts() == 1)
    try await lab.expectSoundBooks()
  }
}
