import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Storage
import TestSupport
import Testing

/// The promises of alerts, on SQLite; `LimitsOnPostgresTests` runs the same on PostgreSQL.
@Suite struct AlertsTests {
  @Test func `Each crossing is told once, by mail and in the list, and ends when it doesn't hold any more`() async throws { try await Self.story(Lab()) }

  static func story(_ lab: Lab) async throws {
    let mia = try await lab.member("Mia", as: "billing").session
    _ = try await lab.member("Cleo", as: "member")
    try await lab.topUp("1000")
    #expect(try await lab.told() == [])
    // What every organization begins with.
    #expect(try await lab.plane.alerts.rules(in: lab.slug, .first, by: lab.admin).items.map(\.words) == [
      "the credits last less than 7 days", "the credits last less than 1 day", "the credits are used up", "there are credits again",
    ])
    let rule = try await lab.plane.alerts.create(.amount, amount: "500", in: lab.slug, by: lab.admin)
    #expect(!rule.rule.isTold)
    try await lab.charge("499")
    // Less than twice as much is left as was used in a day.
    #expect(try await lab.told() == ["runway 604800"])
    try await lab.charge("1")
    try await lab.charge("1")
    #expect(try await lab.told() == ["amount 500", "runway 604800", "runway 86400"])
    try await lab.charge("499")
    try await lab.charge("10")
    #expect(try await lab.told(.depleted) == ["depleted"])
    #expect(try await lab.plane.alerts.list(in: lab.slug, open: true, .first, by: lab.admin).total == 4)
    try await lab.topUp("2000")
    #expect(try await lab.told(.recovered) == ["recovered"])
    // In less than a week as much might be used: that holds still.
    #expect(try await lab.plane.alerts.list(in: lab.slug, open: true, .first, by: lab.admin).items.map(\.seconds) == [604_800])
    try await lab.charge("1500")
    #expect(try await lab.told(.amount) == ["amount 500", "amount 500"])
    // A day without use, and the job finds that it lasts again.
    lab.house.pass(.days(3))
    try await WatchCredits(lab.plane).run()
    #expect(try await lab.plane.alerts.list(in: lab.slug, open: true, .first, by: lab.admin).items.map(\.kind) == [.amount])
    for _ in 0..<2 { try await WatchCredits(lab.plane).run() }
    // Those who share credits out are told, each once of each.
    for address in ["ada@example.org", try #require(mia.account.email?.text)] {
      let mails = try await lab.house.mails(to: address).filter { $0.purpose == .creditAlert }
      #expect(mails.count == 7 && mails.contains { $0.subject == "Lab: The credits are used up" && $0.text.contains("https://guildhall.test/lab/credits") })
    }
    #expect(try await lab.house.mails(to: "cleo@example.org").allSatisfy { $0.purpose != .creditAlert })
    try await lab.plane.alerts.delete(rule.id, in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.alerts.list(in: lab.slug, open: true, .first, by: lab.admin).total == 0)
  }

  @Test func `A budget tells when its soft and its hard limit are reached, once in a period`() async throws { try await Self.budgets(Lab()) }

  static func budgets(_ lab: Lab) async throws {
    try await lab.topUp("100000")
    let id = try await lab.budget(.project, "eva", period: .day, soft: "80", hard: "100")
    let eva = SpendingPurpose(project: "eva")
    try await lab.charge("79", for: eva)
    #expect(try await lab.told() == [])
    try await lab.charge("1", for: eva)
    try await lab.charge("1", for: eva)
    #expect(try await lab.told() == ["budget-soft 80"])
    let last = try await lab.charge("30", for: eva)
    #expect(try await lab.told() == ["budget-hard 100", "budget-soft 80"])
    #expect(try await lab.plane.alerts.list(in: lab.slug, open: true, .first, by: lab.admin).items.map(\.title).sorted() == [
      "The budget of the project eva has reached 80 credits", "The budget of the project eva is used up",
    ])
    // Taken back to a little below: not told again. Far below, and it is.
    _ = try await lab.plane.holds.reverse(last, in: lab.slug, by: lab.admin)
    try await lab.charge("5", for: eva)
    #expect(try await lab.told().count == 2)
    // A new period ends what was told, and tells anew.
    lab.house.pass(.days(1))
    #expect(try await lab.plane.alerts.list(in: lab.slug, open: true, .first, by: lab.admin).total == 0)
    try await lab.charge("90", for: eva)
    #expect(try await lab.told() == ["budget-hard 100", "budget-soft 80", "budget-soft 80"])
    #expect(try await lab.plane.alerts.list(in: lab.slug, open: true, .first, by: lab.admin).total == 1)
    _ = try await lab.plane.budgets.update(id, BudgetLimits(soft: "500", hard: "900"), in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.alerts.list(in: lab.slug, open: true, .first, by: lab.admin).total == 0)
    try await lab.expectSoundBudgets()
  }

  @Test func `That nothing is left is told alone, and how long credits last once something is there again`() async throws {
    let lab = try await Lab()
    try await lab.topUp("200")
    try await lab.charge("201.38")
    #expect(try await lab.told() == ["depleted"])
    let told = try await lab.plane.alerts.list(in: lab.slug, .first, by: lab.admin).items
    #expect(told.map(\.text) == ["The balance was −1.38. What has begun goes on; nothing new begins until there are credits again."])
    try await lab.topUp("50")
    #expect(try await lab.told() == ["depleted", "recovered", "runway 604800", "runway 86400"])
    // Without a rule for that, how long it lasts is told all the same.
    let other = try await Lab()
    try await other.topUp("200")
    for rule in try await other.plane.alerts.rules(in: other.slug, .first, by: other.admin).items where rule.rule.condition == .depleted {
      try await other.plane.alerts.delete(rule.id, in: other.slug, by: other.admin)
    }
    try await other.charge("12201.38")
    #expect(try await other.told() == ["runway 604800", "runway 86400"])
    #expect(try await other.plane.alerts.list(in: other.slug, .first, by: other.admin).items.allSatisfy {
      $0.text.hasSuffix("The balance was −12,001.38.") && !$0.text.contains("that were left")
    })
  }

  @Test func `What a budget tells says what was used and until when, and one that is used up at once is one mail`() async throws {
    let lab = try await Lab()
    try await lab.topUp("100000")
    let id = try await lab.budget(.project, "eva", period: .month, soft: "1", hard: "1000")
    let eva = SpendingPurpose(project: "eva")
    try await lab.charge("1", for: eva)
    let soft = try #require(try await lab.plane.alerts.list(in: lab.slug, .first, by: lab.admin).items.first)
    #expect(soft.title == "The budget of the project eva has reached 1 credit")
    #expect(soft.text.hasPrefix("1 credit was used in the period that ends on ") && soft.text.hasSuffix(" UTC. Nothing is refused for that alone."))
    try await lab.charge("1234.5", for: eva)
    let hard = try #require(try await lab.plane.alerts.list(in: lab.slug, .first, by: lab.admin).items.first { $0.kind == .budgetHard })
    #expect(hard.text.hasPrefix("1,235.5 credits were used of 1,000: nothing new begins until ") && hard.text.hasSuffix(" UTC, or until the budget is raised."))
    try await WatchCredits(lab.plane).run()
    let mails = try await lab.house.mails(to: "ada@example.org").filter { $0.purpose == .creditAlert }
    #expect(mails.count == 2 && mails.allSatisfy { $0.text.contains("https://guildhall.test/lab/credits/budgets/\(id)") })
    #expect(mails.contains { $0.text.contains("1,235.5 credits were used of 1,000") && $0.text.contains(" UTC") })
    // Both at once, without an end: both stand in the list, and one mail goes out.
    _ = try await lab.budget(.project, "bob", period: .none, soft: "5", hard: "10")
    try await lab.charge("12", for: SpendingPurpose(project: "bob"))
    try await WatchCredits(lab.plane).run()
    let latest = try await lab.plane.alerts.list(in: lab.slug, .first, by: lab.admin).items.filter { $0.name == "the project bob" }
    #expect(latest.map(\.text).sorted() == [
      "12 credits were used of 10: nothing new begins until the budget is raised.", "12 credits were used. Nothing is refused for that alone.",
    ])
    #expect(try await lab.house.mails(to: "ada@example.org").count { $0.purpose == .creditAlert } == 3)
    let lack = await problem { try await lab.charge("1", for: SpendingPurpose(project: "bob"), asksFirst: true) }
    #expect(lack?.detail == "3 credits are missing in the budget of the project bob: 0 are left.")
    _ = try await lab.budget(.project, "one", hard: "1")
    let one = await problem { try await lab.charge("2", for: SpendingPurpose(project: "one"), asksFirst: true) }
    #expect(one?.detail.hasPrefix("1 credit is missing in the budget of the project one: 1 is left.") == true)
  }

  @Test func `What was told and ended 90 days ago is forgotten, and what holds stays`() async throws { try await Self.forgetting(Lab()) }

  static func forgetting(_ lab: Lab) async throws {
    try await lab.topUp("10")
    _ = try await lab.plane.alerts.create(.amount, amount: "20", in: lab.slug, by: lab.admin)
    try await lab.charge("15")
    try await lab.topUp("6")
    _ = try await lab.budget(.project, "eva", period: .day, soft: "1")
    try await lab.charge("1", for: SpendingPurpose(project: "eva"))
    let all = try await lab.told()
    #expect(all.contains("depleted") && all.contains("recovered") && all.contains("budget-soft 1"))
    try await WatchCredits(lab.plane).run()
    // Nobody is signed in any more after so long.
    func listed(open: Bool) async throws -> [String] {
      try await lab.plane.read(as: .system("test")) { work in
        try work.alertRows.list(in: lab.organization.id, open: open, PageRequest(limit: 200)).items.map(\.kind.rawValue).sorted()
      }
    }
    lab.house.pass(.days(90))
    try await ForgetAlerts(lab.plane).run()
    #expect(try await listed(open: false).count == all.count)
    lab.house.pass(.days(2))
    try await ForgetAlerts(lab.plane).run()
    let open = try await listed(open: true)
    #expect(try await listed(open: false) == open && open.contains("amount") && !open.contains("budget-soft"))
  }

  @Test func `Of many who cross at once one is told, also after a restart`() async throws { try await Self.race(Lab(), callers: 24) }

  static func race(_ lab: Lab, callers: Int) async throws {
    try await lab.topUp("1000")
    _ = try await lab.plane.alerts.create(.amount, amount: "990", in: lab.slug, by: lab.admin)
    let id = try await lab.budget(.organization, soft: "5", hard: "1000")
    let other = ControlPlane(database: lab.plane.database, world: lab.plane.world, settings: lab.plane.settings)
    let found = await outcomes(
      (0..<callers).map { number in
        {
          let server = number.isMultiple(of: 2) ? lab.plane : other
          return await refusal { try await server.holds.charge(ChargeDraft(amount: "2"), in: lab.slug, by: lab.admin) }
        }
      })
    #expect(found == ["success": callers])
    #expect(try await lab.told(.amount) == ["amount 990"])
    #expect(try await lab.told(.budgetSoft) == ["budget-soft 5"])
    // Both look after mails, one after the other and at once.
    let count = try await lab.told().count
    await withTaskGroup(of: Void.self) { group in
      for server in [lab.plane, other, lab.plane] { group.addTask { try? await WatchCredits(server).run() } }
    }
    let again = ControlPlane(database: lab.plane.database, world: lab.plane.world, settings: lab.plane.settings)
    try await WatchCredits(again).run()
    _ = try await again.holds.charge(ChargeDraft(amount: "2"), in: lab.slug, by: lab.admin)
    try await WatchCredits(again).run()
    #expect(try await lab.told().count == count)
    #expect(try await lab.house.mails(to: "ada@example.org").count { $0.purpose == .creditAlert } == count)
    #expect(try await lab.seen(id).spent.micro == Int64(callers + 1) * 2_000_000)
  }

  @Test func `With an overdraft the credits are used up where it ends`() async throws {
    let lab = try await Lab()
    _ = try await lab.plane.credits.setOverdraft("50", of: lab.slug, by: lab.operator)
    try await lab.charge("40")
    #expect(try await lab.told(.depleted) == [])
    try await lab.charge("10")
    #expect(try await lab.told(.depleted) == ["depleted"])
    _ = try await lab.plane.credits.setOverdraft(nil, of: lab.slug, by: lab.operator)
    #expect(try await lab.told(.recovered) == ["recovered"])
    _ = try await lab.plane.credits.setOverdraft(.zero, of: lab.slug, by: lab.operator)
    #expect(try await lab.told(.depleted) == ["depleted", "depleted"])
  }

  @Test func `What can't be is refused, and nothing happens`() async throws {
    let lab = try await Lab()
    let alerts = lab.plane.alerts
    #expect(await faultyFields { try await alerts.create(.amount, in: lab.slug, by: lab.admin) } == ["amount"])
    #expect(await faultyFields { try await alerts.create(.depleted, amount: "1", seconds: 3600, in: lab.slug, by: lab.admin) } == ["amount", "seconds"])
    for seconds in [nil, 0, -1, 3599, 31_622_401, Int.max] {
      #expect(await faultyFields { try await alerts.create(.runway, seconds: seconds, in: lab.slug, by: lab.admin) } == ["seconds"])
    }
    // A rule that holds already tells at once; the same again is refused.
    let rule = try await alerts.create(.amount, amount: "-100", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await alerts.create(.amount, amount: "-100", in: lab.slug, by: lab.admin) } == "name.taken")
    #expect(await refusal { try await alerts.create(.depleted, in: lab.slug, by: lab.admin) } == "name.taken")
    try await lab.topUp("10")
    _ = try await alerts.create(.amount, amount: "20", in: lab.slug, by: lab.admin)
    #expect(try await lab.told(.amount) == ["amount 20"])
    let eve = lab.house.caller(try await lab.house.signUpVerified("Eve"))
    let bob = lab.house.caller(try await lab.member("Bob", as: "infrastructure").session)
    #expect(await refusal { try await alerts.list(in: lab.slug, .first, by: eve) } == "missing")
    #expect(await refusal { try await alerts.create(.amount, amount: "5", in: lab.slug, by: bob) } == "forbidden")
    _ = try await lab.house.found("Other", by: lab.ada)
    #expect(await refusal { try await alerts.delete(rule.id, in: "other", by: lab.admin) } == "missing")
    for number in 0..<44 { _ = try await alerts.create(.amount, amount: Credits(micro: Int64(number + 1) * 1000), in: lab.slug, by: lab.admin) }
    #expect(await refusal { try await alerts.create(.amount, amount: "7", in: lab.slug, by: lab.admin) } == "alert_rule.too_many")
  }
}

extension Lab {
  /// What was told, sorted: much happens at one instant here.
  func told(_ kind: AlertKind? = nil) async throws(Problem) -> [String] {
    try await plane.alerts.list(in: slug, PageRequest(limit: 200), by: admin).items.filter { kind == nil || $0.kind == kind }.map { alert in
      [alert.kind.rawValue, alert.amount?.description, alert.seconds.map { String($0) }].compactMap { $0 }.joined(separator: " ")
    }.sorted()
  }
}
