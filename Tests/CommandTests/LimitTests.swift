import Client
import Contract
import Kernel
import Testing

@testable import Commands

/// What commands about credits and limits say, and how they end.
@Suite("Credits and limits") struct LimitCommandTests {
  private static let subBalance = Wire.SubBalance(
    id: .example, holderKind: .member, holder: "0189aaaa-ac96-774b-bcce-b302099a8057", name: "Emmy Noether", reference: "member:emmy", kind: .allowance,
    balance: Credits(micro: 1_000_000) ?? .zero, held: .zero, unlimited: false, available: Credits(micro: -2_000_000), limitedBy: "balance", createdAt: .example,
    revision: 1)

  private static func lease(_ state: Wire.LeaseState) -> Wire.Lease {
    Wire.Lease(
      id: .example, holderKind: .member, holder: "x", name: "A member with a rather long name", cluster: "larch", runningJobs: 1, gpus: 4, storage: 0, state: state,
      createdAt: Stage.now - .days(1), expiresAt: Stage.now + .minutes(49), releasedAt: nil, note: "", actor: Wire.JournalActor(kind: .account, id: "x"))
  }

  private static func list<Item: Codable & Sendable & Hashable>(_ items: [Item]) -> TransportAnswer {
    .json(Wire.List(items: items, nextCursor: nil, total: items.count))
  }

  private static func balance(_ balance: Int64, held: Int64 = 0, available: Int64?, overdraft: Int64 = 0) -> Wire.Balance {
    func credits(_ whole: Int64) -> Credits { Credits(micro: whole * 1_000_000) ?? .zero }
    return Wire.Balance(
      balance: credits(balance), held: credits(held), available: available.map(credits), unlimited: available == nil, overdraft: credits(overdraft),
      used: .zero, granted: .zero, asOf: .example)
  }

  @Test(arguments: [
    ["credits", "charge", "-1"], ["hold", "create", "-0.5"], ["hold", "settle", "0189f2c0-1234-7abc-8def-0123456789ab", "-1"], ["quota", "set", "gpus", "-1"],
    ["sub-balance", "deposit", "member:bob", "-3"], ["usage", "record", "job", "gpu", "-1", "--unit", "s", "--source", "s"],
  ])
  func aNegativeNumberIsToldToBeAboveZero(_ line: [String]) async throws {
    let stage = try Stage()
    let status = await GuildhallCommand<NoLocalCommands>.run(line, in: stage.surroundings())
    #expect(status.code == 64 && stage.errors.contains("above zero") && stage.recorded.requests.isEmpty, "\(stage.errors)")
  }

  @Test func whatCantBeIsRefusedBeforeAnythingIsSent() async throws {
    let stage = try Stage()
    for (line, text) in [
      (["lease", "take"], "--jobs, --gpus, --storage"), (["lease", "take", "--jobs", "0"], "above zero"),
      (["sub-balance", "set", "member:bob", "--amount", "5", "--unlimited"], "not both"), (["alert", "add", "runway", "--hours", "9223372036854775807"], "8784"),
      (["alert", "add", "runway", "--hours", "0"], "8784"),
    ] {
      let status = await GuildhallCommand<NoLocalCommands>.run(line, in: stage.surroundings())
      #expect(status.code == 64 && stage.errors.contains(text), "\(line) \(stage.errors)")
    }
    #expect(stage.recorded.requests.isEmpty)
    #expect(await stage.run("alert", "add", "amount", "--amount", "-5").code != 64, "an amount there may lie below zero")
  }

  @Test func aQuotaEndsAsTheManualSays() async throws {
    let stage = try Stage { _ in .refusal(409, "quota.exceeded", "Of 4 running jobs …") }
    #expect(await stage.run("lease", "take", "--jobs", "1") == .exhausted)
    let other = try Stage { _ in .refusal(409, "quota.too_many", "An organization can have 10000 quotas.") }
    #expect(await other.run("lease", "take", "--jobs", "1") == .conflict)
  }

  @Test func aRefusalForWantOfCreditsLeadsToWhatBinds() async throws {
    func hint(_ level: String) async throws -> String {
      let quote = Wire.Quote(level: level, available: .zero, missing: .example)
      let details = Wire.ProblemDetails(
        type: "about:blank", title: "Not enough credits", status: 402, detail: "5 credits are missing.", code: "credits.insufficient", requestId: "r", quote: quote)
      let stage = try Stage { _ in
        TransportAnswer(status: 402, headers: [("Content-Type", "application/problem+json")], body: (try? WireCoding.encode(details)) ?? [])
      }
      #expect(await stage.run("credits", "charge", "5", "--ask-first") == .exhausted)
      return stage.errors
    }
    #expect(try await hint("balance").contains("the operators of the server top up"))
    let id = "0189f2c0-1234-7abc-8def-0123456789ab"
    let share = try await hint(id)
    #expect(share.contains("guildhall sub-balance deposit \(id) AMOUNT") && !share.contains("top up"))
  }

  @Test(arguments: [
    ("usage_event.id_reused", 6), ("usage_event.corrected", 6), ("usage_event.closed", 6), ("missing", 3), ("usage_event.future", 1), ("invalid", 1), ("new.one", 1),
  ] as [(String, Int32)])
  func refusedUsageEndsAsItsReasonSays(_ code: String, _ status: Int32) async throws {
    let problem = Problem(Problem.Code(code, .invalid, "x"), "No.", faults: [FieldFault("unit", "No.")])
    let result = Wire.UsageResult(id: "1", outcome: .refused, sequence: nil, credits: nil, problem: Wire.ProblemSummary(problem))
    let answer = Wire.UsageResults(results: [result])
    let stage = try Stage(input: "{\"id\":\"1\",\"corrects\":\"2\"}\n") { _ in .json(answer) }
    #expect(await stage.run("usage", "record", "1", "gpu", "5", "--unit", "s", "--source", "s").code == status)
    #expect(stage.errors.contains("No. (unit)"))
    #expect(await stage.run("usage", "correct", "1", "--source", "s").code == status)
    #expect(await stage.run("usage", "import", "-", "--source", "s").code == status && stage.output.contains("No. (unit)"))
    // As the server writes it, whatever it is written with.
    #expect(try WireCoding.decode(Wire.UsageResults.self, from: answer.written()[...]) == answer)
  }

  @Test func holdersAreNamedAsTheyAreTypedAndNothingIsAvailableBelowZero() async throws {
    let stage = try Stage(screenWidth: 100) { _ in Self.list([Self.subBalance]) }
    #expect(await stage.run("sub-balance", "list", "--no-color") == .success)
    #expect(stage.output.contains("member:emmy") && !stage.output.contains("-2"))
    let transfer = Wire.CreditTransfer(
      id: .example, sequence: 1, at: .example, kind: .charge, amount: .example, from: "0189f2c0-1234-7abc-8def-0123456789ab", to: "used",
      fromHolder: "project:Difference engine", subject: nil, note: "", actor: Wire.JournalActor(kind: .account, id: "x"))
    let statement = try Stage(screenWidth: 140) { _ in Self.list([transfer]) }
    #expect(await statement.run("credits", "statement", "--no-color") == .success)
    #expect(statement.output.contains("project:Difference engine") && !statement.output.contains("0189f2c0"))
    let grant = Wire.CreditGrant(
      id: .example, kind: .paid, granted: .example, remaining: .example, priority: 1, expiresAt: nil, subBalances: [.example], holders: ["cluster:larch"], note: "",
      createdAt: .example)
    let grants = try Stage(screenWidth: 200) { _ in Self.list([grant]) }
    #expect(await grants.run("credits", "grants", "--no-color") == .success && grants.output.contains("cluster:larch"))
  }

  @Test func theBalanceSaysWhyLessIsAvailable() async throws {
    func told(_ balance: Wire.Balance) async throws -> String {
      let stage = try Stage(screenWidth: 100) { _ in .json(balance) }
      #expect(await stage.run("credits", "--no-color") == .success)
      return stage.output + stage.errors
    }
    #expect(try await told(Self.balance(100, held: 20, available: 50)).contains("Available is 30 credits less than that leaves"))
    let owed = try await told(Self.balance(-1, available: -1))
    #expect(owed.contains("1 credit is owed") && owed.contains("Nothing new begins") && owed.contains("Available    0"))
    let plain = try await told(Self.balance(100, held: 20, available: 80))
    #expect(!plain.contains("less than") && !plain.contains("Nothing new") && !plain.contains("overdraft of"))
    #expect(try await told(Self.balance(10, available: 60, overdraft: 50)).contains("reaches into the overdraft of 50 credits"))
  }

  @Test func whatHasEndedDoesntEndAgainAndNamesComeBeforeIds() async throws {
    let stage = try Stage(screenWidth: 80) { _ in Self.list([Self.lease(.released), Self.lease(.live)]) }
    #expect(await stage.run("lease", "list", "--no-color") == .success)
    let lines = stage.output.split(separator: "\n")
    #expect(lines.count == 3 && lines.allSatisfy { $0.count <= 80 })
    #expect(!lines[1].contains("in 49 minutes") && lines[2].contains("in 49 minutes"))
    #expect(lines[1].contains("A member with a rather long name"))
    let ids = try Stage { _ in Self.list([Self.lease(.live)]) }
    #expect(await ids.run("lease", "list", "--quiet") == .success && ids.output == "\(ID<Wire.Lease>.example)\n")
  }

  @Test func anEmptyListClaimsNoMoreThanWasAskedFor() async throws {
    let stage = try Stage { _ in Self.list([Wire.Quota]()) }
    for line in [
      ["quota", "list", "--dimension", "gpus"], ["budget", "list", "--subject", "team"], ["sub-balance", "list", "--kind", "cluster"],
      ["credits", "statement", "--since", "1d"], ["price-list", "show", "--resource", "gpu"], ["usage", "report", "--resource", "gpu"],
    ] {
      let before = stage.errors
      #expect(await GuildhallCommand<NoLocalCommands>.run(line, in: stage.surroundings()) == .success)
      let said = stage.errors.dropFirst(before.count)
      #expect(!said.isEmpty, "\(line)")
      for claim in ["Nothing is limited", "has no budgets.", "is shared out", "Nothing has moved here.", "Nothing has a price", "Nothing was used in this time."] {
        #expect(!said.contains(claim), "\(line)")
      }
    }
  }

  @Test func aBudgetOfAnotherPeriodIsToldWhenNoneFits() async throws {
    let budget = Wire.Budget(
      id: .example, subject: .member, holder: "x", name: "Bob", period: .week, soft: nil, hard: .example, spent: .zero, held: .zero, available: .example,
      periodStart: nil, periodEnd: nil, createdAt: .example, revision: 3)
    let stage = try Stage { request in
      request.method == .delete ? TransportAnswer(status: 204) : .json(Wire.EffectiveBudget(available: .example, limitedBy: nil, budgets: [budget]))
    }
    #expect(await stage.run("budget", "remove", "--for", "member:bob") == .missing)
    #expect(stage.errors.contains("--period week"))
    #expect(await stage.run("budget", "remove", "--for", "member:bob", "--period", "week") == .success)
  }

  @Test func aPriceIsSetAndEndedWithoutAUnit() async throws {
    let price = Wire.Price(
      id: .example, resource: "gpu", preset: nil, unit: "second", per: "1", tiers: [], since: .example, state: .current, agreed: false, note: "", createdAt: .example)
    let stage = try Stage { _ in .json(201, price) }
    #expect(await stage.run("price-list", "end", "gpu") == .success && stage.errors.contains("The price of gpu ends at"))
    #expect(try JSON(stage.recorded.requests.last?.body ?? []) == ["resource": "gpu", "tiers": []])
    #expect(await stage.run("price-list", "set", "gpu", "2", "--unit", "hour", "--new-unit") == .success)
    #expect(try JSON(stage.recorded.requests.last?.body ?? []) == ["resource": "gpu", "unit": "hour", "new_unit": true, "tiers": [["credits": "2"]]])
    let refused = try Stage { _ in .refusal(409, "price.unit", "The present price of gpu is for second.") }
    #expect(await refused.run("price-list", "set", "gpu", "2", "--unit", "hour") == .conflict && refused.errors.contains("is for second"))
  }
}
