import Ledger
import Testing

@Suite struct HistoryTests {
  /// In eight parts, so that they run beside each other.
  @Test(arguments: 0..<8)
  func `Two thousand random histories leave nothing to object to`(part: Int) async {
    var seen: [Auditor.Verdict: Int] = [:]
    for seed in part * 250..<(part + 1) * 250 {
      var history = History<Book>(seed: UInt64(seed))
      if let fault = history.run(200) {
        Issue.record("seed \(seed): \(fault)")
        return
      }
      seen.merge(history.seen, uniquingKeysWith: +)
      // Other tests wait for the threads that these would keep.
      await Task.yield()
    }
    // Each answer was given, so that none is tested in name only.
    let answers: [Auditor.Verdict] = [
      .accepted, .repeated, .idReused, .sameAccount, .ceilingBelowAmount, .expiryPassed, .unknownAccount, .unknownHold, .unknownTransfer, .unfitAccount, .holdSettled,
      .holdReleased, .holdExpired, .aboveCeiling, .notReversible, .alreadyReversed, .short(at: 0, missing: 0),
    ]
    for answer in answers { #expect(seen[answer] ?? 0 > 100, "\(answer) was given \(seen[answer] ?? 0) times in \(seen)") }
  }

  @Test func `Each planted mistake is found`() async {
    await expectFound(DoubleSettling.self)
    await expectFound(ExpiringLate.self)
    await expectFound(ExpiringEarly.self)
    await expectFound(WaitingForTheJob.self)
    await expectFound(SpendingHolds.self)
    await expectFound(Rounding.self)
    await expectFound(HalfApplying.self)
    await expectFound(Forgetful.self)
    await expectFound(Unsteady.self)
  }

  @Test func `Spending by a balance that was read too early is found`() async { await expectFound(Book.self, readsStale: true) }

  /// A mistake shows in several of twenty histories; the right books pass two thousand.
  private func expectFound<Wrong: Books>(_: Wrong.Type, readsStale: Bool = false) async {
    var found = 0
    for seed in 0..<20 as Range<UInt64> {
      var history = History<Wrong>(seed: seed, readsStale: readsStale)
      if history.run(200) != nil { found += 1 }
      await Task.yield()
    }
    #expect(found > 4, "\(Wrong.self) was found in \(found) of 20 histories")
  }
}
