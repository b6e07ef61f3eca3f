import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Testing

// The words in which the tests of usage speak.

func use(
  _ id: String, _ at: Timestamp?, _ resource: String, _ unit: String, _ quantity: String, preset: String = "", _ change: (inout UsageDraft.Subject) -> Void = { _ in }
) -> Result<UsageDraft, Problem> {
  var subject = UsageDraft.Subject()
  change(&subject)
  let amount = (try? Quantity(decimal: quantity)) ?? .maximum
  return .success(UsageDraft(id, .use(.init(at: at, UsageMeter(resource, preset: preset, unit: unit), amount, of: subject))))
}

func correction(_ id: String, of original: String) -> Result<UsageDraft, Problem> { .success(UsageDraft(id, .correction(of: original))) }

extension Lab {
  func price(
    _ resource: String, _ unit: String, _ credits: String, per: String = "1", preset: String = "", tiers: [(String, String)]? = nil, since: Timestamp? = nil
  ) async throws(Problem) {
    // Long before, unless told: what was used yesterday has its price.
    let draft = try PriceDraft(
      resource: resource, preset: preset, unit: unit, per: per, tiers: tiers ?? [("", credits)], since: since ?? house.now.start(of: .day) - .days(90))
    _ = try await plane.prices.set(draft, by: self.operator)
  }

  /// What came of each, with what it was charged, or the code of the refusal.
  func record(_ drafts: [Result<UsageDraft, Problem>], of source: String = "test", by caller: Caller? = nil) async -> [String] {
    do throws(Problem) {
      return try await plane.usage.record(drafts, of: source, in: slug, by: caller ?? admin).map { result in
        switch result {
        case .success(let found): (found.isKnown ? "known" : "recorded") + (found.charge.map { " \($0)" } ?? "")
        case .failure(let problem): problem.code.name
        }
      }
    } catch {
      return [error.code.name]
    }
  }

  /// What was used since the beginning, and the balance.
  func used() async throws(Problem) -> String {
    let balance = try await plane.credits.balance(of: slug, by: admin)
    return "\(balance.used) \(balance.balance)"
  }

  /// When, of what, in which unit, how much, what it came to, in how many events.
  func report(step: UsageReportRequest.Step, days: Int, by caller: Caller? = nil) async throws(Problem) -> [String] {
    let request = try UsageReportRequest(since: house.now - .days(days), until: house.now + .minutes(10), step: step)
    return try await plane.usage.all(request, in: slug, limit: 1000, by: caller ?? admin).map { named in
      let row = named.row
      let start = row.start.description.prefix(step == .month ? 7 : 10)
      return "\(start) \(row.resource) \(row.unit) \(row.quantity) \(row.charge) \(row.events)"
    }
  }

  /// The same over the last days, with the names of what it is told apart by.
  func report(by dimension: UsageReportRequest.Dimension, _ filter: UsageReportRequest.Filter = .init()) async throws(Problem) -> [String] {
    let request = try UsageReportRequest(since: house.now - .days(5), until: house.now + .seconds(1), step: .all, by: dimension, filter)
    return try await plane.usage.all(request, in: slug, limit: 1000, by: admin).map { named in
      let row = named.row
      return "\(named.name.isEmpty ? "-" : named.name) \(row.resource) \(row.unit) \(row.quantity) \(row.charge) \(row.events)"
    }.sorted()
  }

  /// What all of it came to, in micro-credits.
  func charged(by dimension: UsageReportRequest.Dimension) async throws(Problem) -> Int64 {
    let request = try UsageReportRequest(since: house.now - .days(90), until: house.now + .days(1), step: .month, by: dimension)
    return try await plane.usage.all(request, in: slug, limit: 10_000, by: admin).reduce(0) { $0 + $1.row.charge.micro }
  }

  func expectSoundUsage() async throws {
    for report in try await plane.verifyUsage(of: slug) { #expect(report.faults.isEmpty, "\(report.faults.map(\.text))") }
    try await expectSoundBooks()
  }
}
