import Client
import Contract
import Kernel
import Testing

@testable import Commands

@Suite("Usage and prices") struct UsageCommandTests {
  private static let base = "https://guildhall.example.org/api/v1"
  private static let acme = "\(base)/organizations/acme"

  private static let price = Wire.Price(
    id: .example, resource: "gpu", preset: "a100", unit: "second", per: "3600",
    tiers: [Wire.PriceTier(upTo: "100", credits: "0"), Wire.PriceTier(credits: "2.5")], since: .example, state: .current, agreed: true, note: "", createdAt: .example)

  private static func results(_ outcomes: (String, Wire.UsageOutcome)...) -> Wire.UsageResults {
    Wire.UsageResults(
      results: outcomes.map { id, outcome in
        Wire.UsageResult(
          id: id, outcome: outcome, sequence: outcome == .refused ? nil : 7, credits: outcome == .refused ? nil : Credits(micro: 2_500_000),
          problem: outcome == .refused ? Wire.ProblemSummary(Problem(.futureUsage, "This lies in the future.")) : nil)
      })
  }

  @Test func anEventIsRecordedAndTakenBack() async throws {
    let stage = try Stage { _ in .json(Self.results(("job-1", .recorded))) }
    #expect(
      await stage.run("usage", "record", "job-1", "gpu", "3600", "--unit", "second", "--source", "s", "--member", "bob", "--at", "2026-11-21T09:00:00Z") == .success)
    #expect(stage.errors.contains("Recorded, for 2.5 credits."))
    #expect(stage.recorded.requests.last?.address == "\(Self.acme)/usage-events")
    #expect(
      try JSON(stage.recorded.requests.last?.body ?? []) == [
        "source": "s",
        "events": [
          [
            "id": "job-1", "at": "2026-11-21T09:00:00.000Z", "resource": "gpu", "unit": "second", "quantity": "3600", "member": "bob",
          ]
        ],
      ])
    #expect(await stage.run("usage", "correct", "job-1", "--source", "s") == .success)
    #expect(
      try JSON(stage.recorded.requests.last?.body ?? []) == ["source": "s", "events": [["id": "correction-of-job-1", "corrects": "job-1"]]])
    let refused = try Stage { _ in .json(Self.results(("job-1", .refused))) }
    #expect(await refused.run("usage", "record", "job-1", "gpu", "1", "--unit", "second", "--source", "s") != .success)
    #expect(refused.errors.contains("This lies in the future."))
  }

  @Test func aFileOfEventsIsSentAndWhatIsRefusedIsTold() async throws {
    let lines = "{\"id\":\"1\",\"at\":\"2026-11-21T09:00:00Z\",\"resource\":\"gpu\",\"unit\":\"second\",\"quantity\":\"1\"}\n\n{\"id\":\"2\",\"corrects\":\"1\"}\n"
    let stage = try Stage(input: lines) { _ in .json(Self.results(("1", .recorded), ("2", .refused))) }
    #expect(await stage.run("usage", "import", "-", "--source", "s") != .success)
    #expect(stage.output.contains("This lies in the future.") && stage.errors.contains("Recorded 1 event; 0 were known."))
    #expect(try JSON(stage.recorded.requests.last?.body ?? [])["events"].map { if case .array(let events) = $0 { events.count } else { 0 } } == 2)
    let broken = try Stage(input: "{\"id\":\"1\"}\n{\"id\":2}\n") { _ in .json(Self.results()) }
    #expect(await broken.run("usage", "import", "-", "--source", "s") != .success)
    #expect(broken.errors.contains("Line 2 is no event") && broken.recorded.requests.isEmpty)
    let empty = try Stage(input: "\n \n") { _ in .json(Self.results()) }
    #expect(await empty.run("usage", "import", "-", "--source", "s") != .success)
  }

  @Test func aReportAsksForWhatWasTold() async throws {
    let row = Wire.UsageRow(start: .example, key: "x", name: "Bob", resource: "gpu", unit: "second", quantity: "3600", credits: .example, events: 3)
    let stage = try Stage(screenWidth: 120) { _ in .json(Wire.List(items: [row], nextCursor: nil, total: 1)) }
    #expect(await stage.run("usage", "report", "--since", "2026-11-01", "--by", "member", "--step", "month", "--resource", "gpu", "--no-color") == .success)
    #expect(stage.output.contains("Bob") && stage.output.contains("3600"))
    let address = stage.recorded.requests.last?.address ?? ""
    for part in ["by=member", "step=month", "resource=gpu", "since=2026-11-01"] { #expect(address.contains(part), "\(address)") }
    let none = try Stage { _ in .json(Wire.List<Wire.UsageRow>(items: [], nextCursor: nil, total: 0)) }
    #expect(await none.run("usage") == .success && none.errors.contains("Nothing was used in this time."))
    #expect(await none.run("usage", "report", "--by", "planet").code == 64)
  }

  @Test func aPriceIsSetForEverybodyOrAgreed() async throws {
    let stage = try Stage { request in request.method == .delete ? TransportAnswer(status: 204) : .json(201, Self.price) }
    #expect(await stage.run("price-list", "set", "gpu", "2.5", "--unit", "second", "--per", "3600", "--preset", "a100", "--tier", "100:0") == .success)
    #expect(stage.recorded.requests.last?.address == "\(Self.base)/prices")
    #expect(
      try JSON(stage.recorded.requests.last?.body ?? []) == [
        "resource": "gpu", "preset": "a100", "unit": "second", "per": "3600", "tiers": [["up_to": "100", "credits": "0"], ["credits": "2.5"]],
      ])
    #expect(await stage.run("price-list", "set", "gpu", "2", "--unit", "second", "--agreed") == .success)
    #expect(stage.recorded.requests.last?.address == "\(Self.acme)/prices")
    #expect(await stage.run("price-list", "end", "gpu", "--unit", "second", "--agreed") == .success)
    #expect(try JSON(stage.recorded.requests.last?.body ?? [])["tiers"] == [])
    #expect(await stage.run("price-list", "delete", "\(Self.price.id)") == .success && stage.recorded.requests.last?.address == "\(Self.base)/prices/\(Self.price.id)")
    let before = stage.recorded.requests.count
    for wrong in ["100", "1:2:3"] { #expect(await stage.run("price-list", "set", "gpu", "1", "--unit", "s", "--tier", wrong) != .success) }
    #expect(await stage.run("price-list", "delete", "x") != .success)
    #expect(stage.recorded.requests.count == before)
    let list = try Stage(screenWidth: 140) { _ in .json(Wire.List(items: [Self.price], nextCursor: nil, total: 1)) }
    #expect(await list.run("price-list", "--no-color") == .success && list.output.contains("0 up to 100, then 2.5"))
    #expect(await list.run("price-list", "show", "--everybody") == .success && list.recorded.requests.last?.address.hasPrefix("\(Self.base)/prices?") == true)
  }
}
