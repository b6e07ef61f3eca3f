import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Storage
import StorageSQLite
import TestSupport
import Testing

/// Usage in whatever order, at once, and while transactions fail; and what the audit finds.
@Suite struct UsageChanceTests {
  @Test(arguments: 0..<12 as Range<UInt64>)
  func `Sums, meters and charges are those of the events, whatever comes in whatever order`(_ seed: UInt64) async throws { try await Self.chance(Lab(seed: seed), seed) }

  /// Random events, late ones, corrections and repeats in random lists, some of them at once; some transactions run twice or are lost.
  static func chance(_ lab: Lab, _ seed: UInt64, rounds: Int = 12) async throws {
    var dice = SplitMix(seed: seed &+ 99)
    func below(_ bound: Int) -> Int { Int(dice.next() % UInt64(bound)) }
    try await lab.topUp("1000")
    _ = try await lab.member("Bob", as: "member")
    _ = try await lab.plane.subBalances.create(SubBalanceDraft(holderKind: .member, holder: "bob", amount: "100"), in: lab.slug, by: lab.admin)
    let start = lab.house.now.start(of: .hour)
    try await lab.price("gpu", "second", "0", per: "7", tiers: [("100", "0.5"), ("1000.5", "0.1"), ("", "0.3")], since: start - .days(60))
    try await lab.price("gpu", "second", "0.000001", per: "3", preset: "small", since: start - .days(15))
    try await lab.price("gpu", "second", "2", since: start - .days(5))
    var sent: [Result<UsageDraft, Problem>] = []
    for round in 0..<rounds {
      var lists: [[Result<UsageDraft, Problem>]] = []
      for list in 0..<1 + below(3) {
        var drafts: [Result<UsageDraft, Problem>] = []
        for place in 0..<1 + below(40) {
          let id = "\(1000 + round)-\(list)-\(place)"
          switch below(10) {
          case 0 where !sent.isEmpty: drafts.append(sent[below(sent.count)])
          case 1 where !sent.isEmpty: drafts.append(correction(id, of: (try? sent[below(sent.count)].get().id) ?? ""))
          default:
            let at = lab.house.now - .seconds(below(25 * 86_400))
            let quantity = Quantity(micro: Int64(1 + below(200_000_000)))
            var subject = UsageDraft.Subject()
            if below(2) == 0 { subject.member = "bob" }
            if below(3) == 0 { subject.cluster = "larch" }
            let meter = UsageMeter(below(5) == 0 ? "disk" : "gpu", preset: below(3) == 0 ? "small" : "", unit: "second")
            drafts.append(.success(UsageDraft(id, .use(.init(at: at, meter, quantity, of: subject)))))
          }
        }
        sent += drafts
        lists.append(drafts)
      }
      // All at once, and each again.
      await withTaskGroup(of: Void.self) { group in
        for list in lists + lists.reversed() {
          group.addTask { _ = try? await lab.plane.usage.record(list, of: "test", in: lab.slug, by: lab.admin) }
        }
      }
      lab.house.pass(.hours(9))
    }
    try await lab.expectSoundUsage()
    // What was refused because it came before what it speaks of comes again. Then each was recorded once or not at all, and all of it again changes nothing.
    _ = try await lab.plane.usage.record(sent, of: "test", in: lab.slug, by: lab.admin)
    try await lab.expectSoundUsage()
    let count = try await lab.plane.usage.list(UsageEventFilter(), in: lab.slug, .first, by: lab.admin).total
    let again = try await lab.plane.usage.record(Array(sent.shuffled(by: &dice)), of: "test", in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.usage.list(UsageEventFilter(), in: lab.slug, .first, by: lab.admin).total == count)
    #expect(!again.contains { (try? $0.get().isKnown) == false })
    // Told apart, it comes to the same.
    let total = try await lab.charged(by: .nothing)
    for dimension in UsageReportRequest.Dimension.allCases { #expect(try await lab.charged(by: dimension) == total, "\(dimension)") }
    #expect(try await lab.used().split(separator: " ").first.map(String.init) == Credits(micro: total)?.description)
  }

  @Test(arguments: 0..<4 as Range<UInt64>) func `A transaction that is lost or runs again leaves nothing and counts once`(_ seed: UInt64) async throws {
    let house = try await House(seed: seed, database: { RestlessDatabase(try SQLiteDatabase(path: nil, options: House.patient, moments: $0)) })
    try await Self.chance(Lab(in: house), seed, rounds: 4)
  }

  @Test func `Whoever comes at the same time with the same records it once`() async throws { try await Self.race(Lab()) }

  static func race(_ lab: Lab, callers: Int = 12) async throws {
    try await lab.price("gpu", "second", "1")
    let now = lab.house.now
    let events = (0..<50).map { use("\(1000 + $0)", now, "gpu", "second", "2") }
    let results = await withTaskGroup(of: [String].self) { group in
      for caller in 0..<callers {
        group.addTask { await lab.record(caller.isMultiple(of: 2) ? events : events.reversed()) }
      }
      return await group.reduce(into: []) { $0 += $1 }
    }
    #expect(results.count { $0 == "recorded 2" } == 50 && results.count { $0 == "known 2" } == 50 * (callers - 1))
    #expect(try await lab.used() == "100 -100")
    try await lab.expectSoundUsage()
  }

  @Test func `The audit finds what was tampered with`() async throws {
    let changes: [(Statement, String)] = [
      ("UPDATE usage_rollup SET quantity = quantity + 1 WHERE span = 'day'", "for the day"), ("DELETE FROM usage_rollup WHERE span = 'hour'", "for the hour"),
      ("UPDATE usage_meter SET charge = charge + 1", "isn't the sum of its events"), ("UPDATE usage_event SET charge = charge + 1 WHERE sequence = 1", "isn't the sum"),
      ("DELETE FROM usage_event WHERE sequence = 2", "follows event 1"), ("UPDATE usage_charge SET amount = amount + 1", "charged something else"),
      ("DELETE FROM usage_receipt", "have no receipt"), ("UPDATE usage_log SET sequence = 9", "and says 9"),
      ("UPDATE usage_event SET corrects = 9 WHERE corrects = 1", "takes back"), ("UPDATE price SET tiers = '[[null,7]]'", "its price says something else"),
      ("DELETE FROM ledger_entry WHERE kind = 'charge'", "The books lack the transfer"),
    ]
    for (change, words) in changes {
      let lab = try await Lab()
      try await lab.price("gpu", "second", "1")
      let events = (1...4).map { use("\($0)", lab.house.now, "gpu", "second", "2") }
      _ = await lab.record(events + [correction("5", of: "1")])
      try await lab.expectSoundUsage()
      _ = try await lab.plane.write(as: .system("test")) { work in try work.tx.change(change, under: Housekeeping()) }
      let faults = try await lab.plane.verifyUsage(of: lab.slug).flatMap(\.faults).map(\.text)
      #expect(faults.contains { $0.contains(words) }, "\(change): \(faults)")
    }
  }
}

/// Loses a third of all transactions that write after they ran, and runs them again.
private struct RestlessDatabase: Database {
  private struct Lost: Error {}

  private let database: SQLiteDatabase

  init(_ database: SQLiteDatabase) { self.database = database }

  var engine: Engine { database.engine }

  func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value { try await database.read(body) }

  func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value {
    _ = try? await database.write { (tx: any Transaction) throws -> Void in
      guard tx.newID(SubBalance.self).description.utf8.last.map({ $0 % 3 == 0 }) == true else { return }
      _ = try body(tx)
      throw Lost()
    }
    return try await database.write(body)
  }
}

extension Array {
  fileprivate func shuffled(by dice: inout SplitMix) -> [Element] {
    var result = self
    for place in result.indices.reversed() where place > 0 { result.swapAt(place, Int(dice.next() % UInt64(place + 1))) }
    return result
  }
}
