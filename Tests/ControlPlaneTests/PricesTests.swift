import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Testing

/// The promises of prices.
@Suite struct PricesTests {
  @Test func `A price holds from its hour on, and what was agreed comes first`() async throws { try await Self.prices(Lab()) }

  static func prices(_ lab: Lab) async throws {
    let (plane, now) = (lab.plane, lab.house.now)
    #expect(await refusal { try await plane.prices.set(draft("gpu", "second", "1"), by: lab.admin) } == "forbidden")
    let general = try await plane.prices.set(draft("gpu", "second", "1"), by: lab.operator)
    #expect(general.version.since == now.start(of: .hour) && general.state(at: now) == .current)
    #expect(await refusal { try await plane.prices.set(draft("gpu", "second", "1"), by: lab.operator) } == "price.taken")
    #expect(await faultyFields { try await plane.prices.set(draft("gpu", "second", "1", since: now + .seconds(1)), by: lab.operator) } == ["since"])
    let coming = try await plane.prices.set(draft("gpu", "second", "2", since: now.end(of: .hour)), by: lab.operator)
    #expect(coming.state(at: now) == .coming)
    #expect(await lab.record([use("1", now, "gpu", "second", "10")]) == ["recorded 10"])
    // What was charged stays charged.
    #expect(await refusal { try await plane.prices.set(draft("gpu", "second", "3", since: now.start(of: .hour) - .hours(5)), by: lab.operator) } == "price.too_late")
    #expect(await refusal { try await plane.prices.set(draft("gpu", "second", "3", since: now.start(of: .hour)), for: lab.slug, by: lab.operator) } == "price.too_late")
    #expect(await refusal { try await plane.prices.delete(general.id, by: lab.operator) } == "price.begun")
    #expect(await refusal { try await plane.prices.delete(coming.id, by: lab.admin) } == "forbidden")
    #expect(await refusal { try await plane.prices.delete(coming.id, of: lab.slug, by: lab.operator) } == "missing")
    try await plane.prices.delete(coming.id, by: lab.operator)
    #expect(await refusal { try await plane.prices.delete(coming.id, by: lab.operator) } == "missing")
    // Agreed from the next hour on, and ended after that.
    let agreed = try await plane.prices.set(draft("gpu", "second", "0.5"), for: lab.slug, by: lab.operator)
    #expect(agreed.version.since == now.end(of: .hour) && agreed.version.isAgreed)
    _ = try await plane.prices.set(PriceDraft(resource: "gpu", unit: "second", tiers: [], since: now.end(of: .hour) + .hours(1)), for: lab.slug, by: lab.operator)
    lab.house.pass(.hours(3))
    let first = now.end(of: .hour)
    #expect(await lab.record([use("2", first, "gpu", "second", "10"), use("3", first + .hours(1), "gpu", "second", "10"), use("4", first - .seconds(1), "gpu", "second", "10")])
      == ["recorded 5", "recorded 10", "recorded 10"])
    let listed = try await plane.prices.list(of: lab.slug, .first, by: lab.admin)
    #expect(listed.items.map { "\($0.version.isAgreed) \($0.version.price?.words ?? "none") \($0.state(at: lab.house.now))" }
      == ["true none current", "true 0.5 per second past", "false 1 per second current"])
    #expect(try await plane.prices.list(.first, by: lab.admin).total == 1)
    #expect(try await lab.house.actions(in: .installation).suffix(3) == ["price.set", "price.set", "price.delete"])
    #expect(try await lab.house.actions(in: lab.stream).suffix(2) == ["price.set", "price.set"])
    try await lab.expectSoundUsage()
  }

  @Test func `A price that can't be is refused with its fields`() async {
    func fields(
      _ tiers: [(String, String)] = [("", "1")], _ resource: String = "gpu", preset: String = "", unit: String = "second", per: String = "1"
    ) async -> [String] {
      await faultyFields { try PriceDraft(resource: resource, preset: preset, unit: unit, per: per, tiers: tiers) }
    }
    #expect(await fields() == [])
    #expect(await fields([("x", "-1")], "", preset: "ä", unit: "per second", per: "0") == ["resource", "preset", "unit", "per", "tiers/0/up_to", "tiers/0/credits"])
    #expect(await fields([("5", "1"), ("5", "1"), ("", "1")]) == ["tiers"])
    #expect(await fields([("5", "1")]) == ["tiers"])
    #expect(await fields(Array(repeating: ("", "1"), count: 500)) == ["tiers"])
    #expect(await fields([]) == [])
  }
}

private func draft(_ resource: String, _ unit: String, _ credits: String, since: Timestamp? = nil) throws(Problem) -> PriceDraft {
  try PriceDraft(resource: resource, unit: unit, tiers: [("", credits)], since: since)
}
