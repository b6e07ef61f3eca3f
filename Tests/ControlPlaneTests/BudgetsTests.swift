import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Storage
import TestSupport
import Testing

/// The promises of budgets, on SQLite; `LimitsOnPostgresTests` runs the same on PostgreSQL.
@Suite struct BudgetsTests {
  @Test func `What asks beforehand fits in all budgets that count it, or the tightest is named; what has happened counts`() async throws {
    try await Self.story(Lab())
  }

  static func story(_ lab: Lab) async throws {
    _ = try await lab.member("Bob", as: "member")
    try await lab.topUp("1000")
    let whole = try await lab.budget(.organization, hard: "100")
    let bobs = try await lab.budget(.member, "bob", hard: "30")
    let eva = try await lab.budget(.project, "eva", soft: "10", hard: "50")
    // Who is named counts, and not who asks.
    try await lab.charge("20", for: SpendingPurpose(member: "bob", project: "eva"), asksFirst: true)
    let lack = await problem { try await lab.charge("10.5", for: SpendingPurpose(member: "bob"), asksFirst: true) }
    #expect(lack?.code == .overBudget && lack?.kind == .payment)
    #expect(lack?.quote == Quote(level: bobs.description, available: "10", missing: "0.5") && lack?.detail.contains("the budget of Bob") == true)
    // Exactly to zero, and not one more.
    try await lab.charge("10", for: SpendingPurpose(member: "bob"), asksFirst: true)
    #expect(await refusal { try await lab.charge("0.000001", for: SpendingPurpose(member: "bob"), asksFirst: true) } == "budget.exceeded")
    try await lab.charge("30", for: SpendingPurpose(project: "eva"), asksFirst: true)
    #expect(await problem { try await lab.charge("1", for: SpendingPurpose(project: "eva"), asksFirst: true) }?.quote?.level == eva.description)
    // What has happened is recorded always, and counts.
    let charge = try await lab.charge("45", for: SpendingPurpose(member: "bob"))
    #expect(try await [lab.left(bobs), lab.left(whole)] == ["-45", "-5"])
    #expect(await problem { try await lab.charge("1", asksFirst: true) }?.quote == Quote(level: whole.description, available: "-5", missing: "6"))
    _ = try await lab.plane.holds.reverse(charge, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.holds.reverse(charge, in: lab.slug, by: lab.admin)
    #expect(try await [lab.left(bobs), lab.left(whole)] == ["0", "40"])
    let effective = try await lab.plane.budgets.effective(for: SpendingPurpose(member: "bob", project: "eva"), in: lab.slug, by: lab.admin)
    #expect(effective.available == .zero && effective.binding == bobs && effective.budgets.map(\.budget.id) == [bobs, eva, whole])
    let others = try await lab.plane.budgets.effective(for: .none, in: lab.slug, by: lab.admin)
    #expect(others.available == "40" && others.binding == whole)
    // The balance binds where it is tighter.
    try await lab.charge("935", for: SpendingPurpose(member: "bob"))
    let poor = try await lab.plane.budgets.effective(for: SpendingPurpose(project: "new"), in: lab.slug, by: lab.admin)
    #expect(poor.binding == whole && poor.available == "-895")
    try await lab.expectSoundBooks()
    try await lab.expectSoundBudgets()
  }

  @Test func `A hold counts until it ends, whoever ends it; it begins anew with the period`() async throws { try await Self.holds(Lab()) }

  static func holds(_ lab: Lab) async throws {
    try await lab.topUp("1000")
    let id = try await lab.budget(.organization, period: .day, hard: "100")
    let first = try await lab.hold("60", ceiling: "90", seconds: 864_000)
    #expect(try await lab.left(id) == "40")
    #expect(await refusal { try await lab.hold("40.5") } == "budget.exceeded")
    let second = try await lab.hold("30", seconds: 60)
    // What exceeds the hold asks.
    #expect(await refusal { try await lab.settle(first, "71") } == "budget.exceeded")
    lab.house.pass(.seconds(60))
    #expect(try await lab.left(id) == "40")
    #expect(try await lab.settle(first, "71").state == .settled)
    #expect(try await lab.settle(first, "71").state == .settled)
    #expect(try await lab.left(id) == "29")
    let third = try await lab.hold("20", seconds: 864_000)
    let released = try await lab.hold("9")
    _ = try await lab.plane.holds.release(released, in: lab.slug, by: lab.admin)
    #expect(try await lab.left(id) == "9")
    // On the next day the hold counts still, and what was used doesn't.
    lab.house.pass(.days(1))
    #expect(try await lab.left(id) == "80")
    #expect(await refusal { try await lab.hold("80.5") } == "budget.exceeded")
    _ = try await lab.settle(third, "20")
    try await lab.charge("80", asksFirst: true)
    #expect(try await lab.left(id) == "0")
    let past = try await lab.plane.budgets.periods(of: id, in: lab.slug, .first, by: lab.admin)
    #expect(past.items.map(\.spent) == ["71"])
    _ = second
    try await lab.expectSoundBooks()
    try await lab.expectSoundBudgets()
  }

  @Test func `Budgets count by who asks, whose share it is, which team and which token`() async throws { try await Self.purposes(Lab()) }

  static func purposes(_ lab: Lab) async throws {
    let plane = lab.plane
    try await lab.topUp("1000")
    _ = try await lab.member("Bob", as: "member")
    let team = try await plane.teams.create(TeamDraft(name: "Crew"), in: lab.slug, by: lab.admin)
    _ = try await plane.teams.add([.member("bob")], to: team.team.slug.text, in: lab.slug, by: lab.admin)
    let token = try await plane.tokens.create(AccessTokenDraft(name: "ci", scopes: ["organization:write"]), by: lab.admin)
    let ada = try await lab.budget(.member, "ada", hard: "10")
    let crew = try await lab.budget(.team, "crew", hard: "20")
    let tokens = try await lab.budget(.token, token.token.id.description, hard: "30")
    let eva = try await lab.budget(.project, "eva", hard: "40")
    // Nobody is named: it is who asks.
    try await lab.charge("1", asksFirst: true)
    #expect(try await lab.left(ada) == "9")
    // A member's share is the member's use, a project's the project's.
    let share = try await lab.share(SubBalanceDraft(holderKind: .member, holder: "bob", amount: "500")).subBalance.id
    let project = try await lab.share(SubBalanceDraft(holderKind: .project, holder: "eva", amount: "500")).subBalance.id
    try await lab.charge("2", of: share, asksFirst: true)
    #expect(try await [lab.left(ada), lab.left(crew)] == ["9", "18"])
    _ = try await plane.holds.charge(ChargeDraft(subBalance: project, amount: "3", asksFirst: true, purpose: SpendingPurpose(member: "bob")), in: lab.slug, by: lab.admin)
    #expect(try await [lab.left(crew), lab.left(eva)] == ["15", "37"])
    // Through the token it is the token's too.
    let byToken = lab.house.caller(token.secret)
    _ = try await plane.holds.charge(ChargeDraft(amount: "4", asksFirst: true), in: lab.slug, by: byToken)
    #expect(try await [lab.left(tokens), lab.left(ada)] == ["26", "5"])
    _ = try await plane.holds.charge(ChargeDraft(amount: "1", purpose: SpendingPurpose(member: "bob", token: token.token.id.description)), in: lab.slug, by: lab.admin)
    #expect(try await [lab.left(tokens), lab.left(crew)] == ["25", "14"])
    // A service account's key is one too, whoever is named.
    let robot = try await plane.serviceAccounts.create(ServiceAccountDraft(name: "Robot", roles: ["infrastructure"]), in: lab.slug, by: lab.admin)
    let key = try await plane.serviceAccounts.createKey(named: "k", KeyTerm(days: nil), of: robot.slug.text, in: lab.slug, by: lab.admin)
    let keys = try await lab.budget(.token, key.key.id.description, hard: "3")
    for (member, fits) in [("bob", true), (nil, true), ("ada", false)] as [(String?, Bool)] {
      let asked = try ChargeDraft(amount: "1.5", asksFirst: true, purpose: SpendingPurpose(member: member, project: "robots"))
      #expect(await refusal { try await plane.holds.charge(asked, in: lab.slug, by: lab.house.caller(key.secret)) } == (fits ? nil : "budget.exceeded"))
    }
    #expect(try await [lab.left(keys), lab.left(crew)] == ["0", "12.5"])
    _ = try await plane.budgets.update(crew, BudgetLimits(soft: "", hard: "21.5"), in: lab.slug, by: lab.admin)
    // In a list each by itself, and linked all or none.
    let drafts = try ["10", "5", "4"].enumerated().map { place, text in
      BatchedTransfer(lab.id(100 + place), .spend(try amount(text), nil), purpose: SpendingPurpose(member: "bob"))
    }
    let results = try await plane.holds.carryOut(drafts, in: lab.slug, by: lab.admin)
    #expect(results.map { $0.problem?.code.name } == [nil, "budget.exceeded", nil])
    #expect(try await lab.left(crew) == "0")
    let linked = [BatchedTransfer(lab.id(200), .charge(try amount("1"), nil)), BatchedTransfer(lab.id(201), .spend(try amount("6"), nil))]
    let refused = await problem { try await plane.holds.carryOut(linked, isLinked: true, in: lab.slug, by: lab.admin) }
    #expect(refused?.code == .overBudget && refused?.detail.hasPrefix("Transfer 2 of the list: ") == true)
    #expect(try await lab.left(ada) == "5")
    // A hold that is made and settled within one list.
    let chain = [
      BatchedTransfer(lab.id(300), .hold(try amount("4"), ceiling: try amount("6"), nil, expires: lab.house.now + .hours(1))),
      BatchedTransfer(lab.id(301), .settle(lab.id(300).cast(), try amount("5"))),
    ]
    for _ in 0..<2 { _ = try await plane.holds.carryOut(chain, isLinked: true, in: lab.slug, by: lab.admin) }
    #expect(try await lab.left(ada) == "0")
    try await lab.expectSoundBooks()
    try await lab.expectSoundBudgets()
  }

  @Test func `Usage counts by whose it is and what for, and what is taken back of it doesn't`() async throws { try await Self.usage(Lab()) }

  static func usage(_ lab: Lab) async throws {
    let (plane, now) = (lab.plane, lab.house.now)
    try await lab.topUp("1000")
    _ = try await lab.member("Bob", as: "member")
    _ = try await plane.workspaces.enroll(ResourceDraft(name: "Research"), in: lab.slug, by: lab.admin)
    let project = try await plane.projects.create(ResourceDraft(name: "Eva"), of: "research", in: lab.slug, by: lab.admin)
    let price = try PriceDraft(resource: "gpu", unit: "hour", tiers: [("", "2")], since: now.start(of: .day) - .days(90))
    _ = try await plane.prices.set(price, by: lab.operator)
    let whole = try await lab.budget(.organization, hard: "100")
    let bobs = try await lab.budget(.member, "bob", hard: "50")
    // By its address, and counted by its id.
    let eva = try await lab.budget(.project, "research/eva", hard: "30")
    func event(_ id: String, _ hours: String, member: String = "", project: String = "") -> Result<UsageDraft, Problem> {
      var subject = UsageDraft.Subject()
      (subject.member, subject.project) = (member, project)
      return .success(UsageDraft(id, .use(.init(at: now, UsageMeter("gpu", unit: "hour"), (try? Quantity(decimal: hours)) ?? .maximum, of: subject))))
    }
    func record(_ drafts: [Result<UsageDraft, Problem>]) async throws { _ = try await plane.usage.record(drafts, of: "meter", in: lab.slug, by: lab.admin) }
    let events = [event("1", "1", member: "bob"), event("2", "3", member: "bob", project: "research/eva"), event("3", "5", project: "research/eva")]
    for _ in 0..<2 { try await record(events) }
    #expect(try await [lab.left(whole), lab.left(bobs), lab.left(eva)] == ["82", "42", "14"])
    try await lab.expectSoundBudgets()
    // What asks counts with it, by whatever name.
    try await lab.charge("14", for: SpendingPurpose(member: "bob", project: project.id.description), asksFirst: true)
    #expect(await problem { try await lab.charge("1", for: SpendingPurpose(project: "research/eva"), asksFirst: true) }?.quote?.level == eva.description)
    try await record([.success(UsageDraft("4", .correction(of: "2")))])
    #expect(try await [lab.left(whole), lab.left(bobs), lab.left(eva)] == ["74", "34", "6"])
    // What was counted in a period that is over is taken back from that one; it leaves no more room in the present one.
    let runner = try await plane.serviceAccounts.create(
      ServiceAccountDraft(name: "Runner", roles: ["infrastructure", "billing"]), in: lab.slug, by: lab.admin)
    let key = lab.house.caller(
      try await plane.serviceAccounts.createKey(named: "test", KeyTerm(days: nil), of: runner.slug.text, in: lab.slug, by: lab.admin).secret)
    lab.house.pass(.days(10))
    func record(_ drafts: [Result<UsageDraft, Problem>], by key: Caller) async throws {
      _ = try await plane.usage.record(drafts, of: "meter", in: lab.slug, by: key)
    }
    try await record([.success(UsageDraft("5", .use(.init(at: nil, UsageMeter("gpu", unit: "hour"), try Quantity(decimal: "1")))))], by: key)
    try await record([.success(UsageDraft("6", .correction(of: "3"))), .success(UsageDraft("7", .correction(of: "5")))], by: key)
    #expect(try await plane.budgets.find(whole, in: lab.slug, by: key).budget.available?.description == "100")
    #expect(try await plane.budgets.periods(of: whole, in: lab.slug, PageRequest(), by: key).items.map(\.spent.description) == ["16"])
    try await lab.expectSoundBooks()
  }

  @Test func `What can't be is refused, and nothing happens`() async throws { try await Self.refusals(Lab()) }

  static func refusals(_ lab: Lab) async throws {
    let plane = lab.plane
    try await lab.topUp("100")
    let eve = try await lab.house.signUpVerified("Eve")
    _ = try await lab.house.found("Other", by: eve)
    let foreign = try await plane.tokens.create(AccessTokenDraft(name: "x", scopes: ["organization:write"]), by: lab.house.caller(eve)).token.id.description
    for text in ["-1", "1e3", "NaN", "9223372036854.775808", " 1", "0.0000001"] {
      #expect(await faultyFields { try await lab.budget(.organization, hard: text) } == ["hard"], "\(text)")
      #expect(await faultyFields { try await lab.budget(.organization, soft: text) } == ["soft"], "\(text)")
    }
    #expect(await faultyFields { try await lab.budget(.organization, soft: "0") } == ["soft"])
    #expect(await faultyFields { try await lab.budget(.organization) } == ["hard"])
    #expect(await faultyFields { try await lab.budget(.organization, soft: "2", hard: "1") } == ["soft"])
    #expect(await faultyFields { try await lab.budget(.organization, "bob", hard: "1") } == ["holder"])
    for subject in BudgetSubject.allCases where subject != .organization {
      #expect(await faultyFields { try await lab.budget(subject, hard: "1") } == ["holder"])
    }
    // Whoever and whatever isn't of the organization.
    #expect(await faultyFields { try await lab.budget(.member, "eve", hard: "1") } == ["holder"])
    #expect(await faultyFields { try await lab.budget(.token, foreign, hard: "1") } == ["holder"])
    #expect(await faultyFields { try await lab.charge("1", for: SpendingPurpose(member: "eve")) } == ["purpose/member"])
    #expect(await faultyFields { try await lab.charge("1", for: SpendingPurpose(serviceAccount: "robot")) } == ["purpose/service_account"])
    #expect(await faultyFields { try await lab.charge("1", for: SpendingPurpose(token: foreign)) } == ["purpose/token"])
    #expect(await faultyFields { try await lab.charge("1", for: SpendingPurpose(project: "")) } == ["purpose/project"])
    let id = try await lab.budget(.organization, hard: "0")
    #expect(await refusal { try await lab.budget(.organization, hard: "1") } == "name.taken")
    _ = try await lab.budget(.organization, period: .week, hard: "50")
    #expect(await refusal { try await lab.charge("0.000001", asksFirst: true) } == "budget.exceeded")
    #expect(await refusal { try await plane.budgets.update(id, BudgetLimits(soft: "", hard: "5"), seen: 2, in: lab.slug, by: lab.admin) } == "stale")
    _ = try await plane.budgets.update(id, BudgetLimits(soft: "", hard: "5"), seen: 1, in: lab.slug, by: lab.admin)
    try await lab.charge("5", asksFirst: true)
    for caller in [lab.house.caller(eve), lab.operator] {
      #expect(await refusal { try await plane.budgets.find(id, in: "other", by: caller) } == "missing")
      #expect(await refusal { try await plane.budgets.update(id, BudgetLimits(soft: "", hard: "9"), in: "other", by: caller) } == "missing")
      #expect(await refusal { try await plane.budgets.delete(id, in: "other", by: caller) } == "missing")
      #expect(await refusal { try await plane.budgets.periods(of: id, in: "other", .first, by: caller) } == "missing")
    }
    let cleo = lab.house.caller(try await lab.member("Cleo", as: "member").session)
    #expect(await refusal { try await plane.budgets.create(BudgetDraft(hard: "1"), in: lab.slug, by: cleo) } == "forbidden")
    try await plane.budgets.delete(id, in: lab.slug, by: lab.admin)
    try await lab.charge("45", asksFirst: true)
    #expect(await refusal { try await lab.charge("1", asksFirst: true) } == "budget.exceeded")
    #expect(try await lab.house.actions(in: lab.stream).filter { $0.hasPrefix("budget") && !$0.hasSuffix("!") } == ["budget.create", "budget.create", "budget.update", "budget.delete"])
    try await lab.expectSoundBudgets()
  }

  @Test func `Periods begin by the organization's clocks, also where these change`() async throws { try await Self.zones(Lab()) }

  static func zones(_ lab: Lab) async throws {
    try await lab.topUp("1000")
    _ = try await lab.plane.organizationSettings.set("time_zone", to: "Europe/Berlin", in: lab.slug, by: lab.admin)
    #expect(await faultyFields { try await lab.plane.organizationSettings.set("time_zone", to: "Mars/Olympus", in: lab.slug, by: lab.admin) } == ["value"])
    // A session wouldn't last as long.
    let token = try await lab.plane.tokens.create(AccessTokenDraft(name: "ci", scopes: ["organization:admin"], days: 365), by: lab.admin)
    let ada = lab.house.caller(token.secret)
    func charge() async -> String? {
      await refusal { try await lab.plane.holds.charge(ChargeDraft(amount: "10", asksFirst: true), in: lab.slug, by: ada) }
    }
    // To one minute before the 28th of March 2027 begins in Berlin, a day of 23 hours.
    lab.house.pass(try #require(Timestamp("2027-03-27T22:59:00Z")) - lab.house.now)
    let id = try await lab.plane.budgets.create(BudgetDraft(period: .day, hard: "10"), in: lab.slug, by: ada).budget.id
    #expect(await charge() == nil)
    for (pass, fits) in [(Duration.milliseconds(59_999), false), (.milliseconds(1), true), (.hours(23) - .milliseconds(1), false), (.milliseconds(1), true)] {
      lab.house.pass(pass)
      #expect(await charge() == (fits ? nil : "budget.exceeded"))
    }
    let past = try await lab.plane.budgets.periods(of: id, in: lab.slug, .first, by: ada)
    #expect(past.items.map { ($0.end - $0.start).milliseconds / 3_600_000 } == [23, 24] && past.items.map(\.spent) == ["10", "10"])
    try await lab.expectSoundBudgets()
  }

  @Test func `Of many who ask at once, never more is used than the budgets leave`() async throws { try await Self.race(Lab(), callers: 24, rounds: 6) }

  static func race(_ lab: Lab, callers: Int, rounds: Int) async throws {
    try await lab.topUp("10000")
    let whole = try await lab.budget(.organization, hard: "40")
    let eva = try await lab.budget(.project, "eva", period: .day, hard: "15")
    let spent = await withTaskGroup(of: Int64.self) { group in
      for caller in 0..<callers {
        group.addTask {
          var spent: Int64 = 0
          for round in 0..<rounds {
            let purpose = SpendingPurpose(project: caller.isMultiple(of: 2) ? "eva" : "other")
            let id = lab.id(1000 + caller * 100 + round)
            do {
              switch round % 3 {
              case 0:
                let asked = try ChargeDraft(id: id, amount: "1", asksFirst: true, purpose: purpose)
                for _ in 0..<2 { _ = try await lab.plane.holds.charge(asked, in: lab.slug, by: lab.admin) }
                spent += 1_000_000
              case 1:
                _ = try await lab.plane.holds.create(HoldDraft(id: id.cast(), amount: "1", purpose: purpose), in: lab.slug, by: lab.admin)
                _ = try await lab.settle(id.cast(), "0.5")
                spent += 500_000
              default:
                _ = try await lab.plane.holds.create(HoldDraft(id: id.cast(), amount: "1", purpose: purpose), in: lab.slug, by: lab.admin)
                _ = try await lab.plane.holds.release(id.cast(), in: lab.slug, by: lab.admin)
              }
            } catch let problem as Problem {
              #expect(problem.code == .overBudget, "\(problem)")
            } catch {
              Issue.record(error)
            }
          }
          return spent
        }
      }
      return await group.reduce(0, +)
    }
    let budgets = [try await lab.seen(whole), try await lab.seen(eva)]
    #expect(budgets[0].spent.micro == spent && budgets.allSatisfy { $0.available.map { $0 >= .zero } == true && $0.held == .zero })
    #expect(try await lab.plane.credits.balance(of: lab.slug, by: lab.admin).used.micro == spent)
    try await lab.expectSoundBooks()
    try await lab.expectSoundBudgets()
  }
}

extension Lab {
  @discardableResult func budget(
    _ subject: BudgetSubject, _ holder: String = "", period: BudgetPeriod = .month, soft: String = "", hard: String = ""
  ) async throws(Problem) -> ID<Budget> {
    try await plane.budgets.create(BudgetDraft(subject: subject, holder: holder, period: period, soft: soft, hard: hard), in: slug, by: admin).budget.id
  }

  @discardableResult func charge(_ amount: String, for purpose: SpendingPurpose, asksFirst: Bool = false) async throws(Problem) -> ID<Transfer> {
    let draft = try ChargeDraft(amount: amount, asksFirst: asksFirst, purpose: purpose)
    return try await plane.holds.charge(draft, in: slug, by: admin).record.entry.transfer.id
  }

  func seen(_ id: ID<Budget>) async throws(Problem) -> Budget { try await plane.budgets.find(id, in: slug, by: admin).budget }

  func left(_ id: ID<Budget>) async throws(Problem) -> String { try await seen(id).available?.description ?? "unlimited" }

  /// What budgets have counted is what their records say: of holds that are live, and of what was used in the present period and not taken back.
  func expectSoundBudgets(_ location: SourceLocation = #_sourceLocation) async throws {
    let wrong = try await plane.read(as: .system("test")) { work in
      try work.tx.rows(
        """
        SELECT b.subject, b.held, b.spent,
          (SELECT CAST(coalesce(sum(c.amount), 0) AS BIGINT) FROM budget_count c JOIN ledger_hold h ON h.book = c.book AND h.id = c.transfer
            WHERE c.budget = b.id AND c.is_hold = 1 AND h.state = 'live') AS holds,
          (SELECT CAST(coalesce(sum(c.amount), 0) AS BIGINT) FROM budget_count c WHERE c.budget = b.id AND c.is_hold = 0 AND c.period_start = b.period_start
            AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.book = c.book AND r.kind = 'reverse' AND r.subject = c.transfer)) AS used
        FROM budget b
        """
      ).compactMap { row in
        try row.integer("held") == row.integer("holds") && row.integer("spent") == row.integer("used")
          ? nil : "\(try row.text("subject")): held \(try row.integer("held")) of \(try row.integer("holds")), spent \(try row.integer("spent")) of \(try row.integer("used"))"
      }
    }
    #expect(wrong == [], sourceLocation: location)
  }
}
