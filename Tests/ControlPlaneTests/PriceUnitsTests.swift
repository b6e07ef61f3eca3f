import Contract
@testable import ControlPlane
import Kernel
import Ledger
import TestSupport
import Testing

/// What a price counts, from one to the next.
@Suite struct PriceUnitsTests {
  @Test func `A price keeps the unit of the one that it follows unless it says otherwise, and only what has a price can end`() async throws {
    let lab = try await Lab()
    let (plane, now) = (lab.plane, lab.house.now)
    func set(
      _ resource: String = "gpu", preset: String = "", unit: String = "", isNew: Bool = false, _ credits: String? = "1", after hours: Int = 0, agreed: Bool = false
    ) async throws(Problem) -> ListedPrice {
      let draft = try PriceDraft(
        resource: resource, preset: preset, unit: unit, isNewUnit: isNew, tiers: credits.map { [("", $0)] } ?? [], since: now.start(of: .hour) + .hours(hours))
      return try await plane.prices.set(draft, for: agreed ? lab.slug : nil, by: lab.operator)
    }
    #expect(await faultyFields { try await set() } == ["unit"])
    _ = try await set(unit: "second")
    let lack = await problem { try await set(unit: "hour", after: 1) }
    #expect(lack?.code == .priceUnit && lack?.detail.contains("The present price of gpu is for second") == true && lack?.faults.map(\.field) == ["unit"])
    #expect(await refusal { try await set(preset: "a100", unit: "hour") } == "price.unit", "its events have the price of all presets")
    #expect(await refusal { try await set(unit: "hour", agreed: true) } == "price.unit")
    #expect(try await set(preset: "a100").unit == "second")
    #expect(try await set(unit: "hour", isNew: true, after: 1).unit == "hour")
    // From then on that is the unit; before it isn't.
    #expect(try await set(after: 2).unit == "hour")
    #expect(await refusal { try await set(unit: "second", after: 3) } == "price.unit")
    // What ends needs a price of just this.
    #expect(await refusal { try await set("zed", unit: "bananas", nil) } == "price.none")
    #expect(await refusal { try await set("gpu", nil, after: 4, agreed: true) } == "price.none", "nothing was agreed")
    #expect(await refusal { try await set(preset: "other", nil, after: 4) } == "price.none")
    #expect(await refusal { try await set(unit: "bananas", nil, after: 4) } == "price.unit")
    let ended = try await set("gpu", nil, after: 4)
    #expect(ended.unit == "hour" && ended.version.price == nil)
    #expect(await refusal { try await set("gpu", nil, after: 5) } == "price.none", "it has ended already")
    #expect(try await plane.prices.list(resource: "zed", .first, by: lab.operator).total == 0)
  }
}
