import Authorization
import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import Ledger
import TestSupport
import Testing

@testable import Server

/// The pages of what limits: quotas with their leases, budgets, alerts, prices, and what was used.
@Suite struct LimitPageTests {
  private static let here = "/hall/credits"

  // MARK: Quotas and leases

  @Test func `Leases are listed with whose they are and what they take, and released by who took them`() async throws {
    let hall = try await Hall(.plain)
    let lease = hall.path("{lease}")
    try await hall.serve { client in
      func page(_ path: String, _ person: Hall.Person = .admin) async throws -> String { try await client.send(.get, path, hall.headers(of: person)).text }
      let quotas = try await page("\(Self.here)/quotas")
      #expect(quotas.contains("href=\"\(Self.here)/leases\"") && quotas.contains("Taken now") && quotas.contains("10 GPUs"))
      let all = try await page("\(Self.here)/leases")
      for part in ["Some ada", "10 GPUs", ">live<", "until ", "\(Self.here)/leases/\(lease)/release"] { #expect(all.contains(part), "\(part)") }
      #expect(try await !page("\(Self.here)/leases", .member).contains("/release"), "who may not use credits sees no button")
      #expect(try await page("\(Self.here)/leases?state=released").contains("No lease fits"))
      let foreign = try await hall.post(client, "\(Self.here)/leases/\(lease)/release", [], as: .member)
      #expect(foreign.status == .forbidden || foreign.status == .seeOther)
      #expect(try await page("\(Self.here)/leases?state=live").contains("10 GPUs"), "nothing happened")
      let done = try await hall.post(client, "\(Self.here)/leases/\(lease)/release", [("back", "\(Self.here)/leases")], as: .admin)
      #expect(done.headers[.location] == "\(Self.here)/leases")
      #expect(try await page("\(Self.here)/leases?state=released").contains(">released<"))
      #expect(try await !page("\(Self.here)/quotas").contains("/leases/\(lease)/release"))
      #expect(try await client.send(.get, "\(Self.here)/leases/\(lease)/release", hall.headers(of: .admin)).headers[.location] == "\(Self.here)/leases")
      #expect(try await hall.post(client, "\(Self.here)/leases/nothing/release", [], as: .admin).status.code < 500)
      _ = try await hall.post(client, "/organizations/new", [("name", "Fresh"), ("slug", "fresh"), ("description", "")], as: .admin)
      #expect(try await page("/fresh/credits/leases").contains("Nothing was taken yet"))
      #expect(try await page("/fresh/credits/quotas").contains("Nothing is taken."))
    }
  }

  @Test func `What binds a service account is looked up, and nothing is said of somebody unknown`() async throws {
    let hall = try await Hall(.plain)
    let admin = hall.caller(.admin)
    _ = try await hall.house.plane.quotas.create(QuotaDraft(.runningJobs, subject: .serviceAccount, holder: "robot", limit: 3), in: "hall", by: admin)
    _ = try await hall.house.plane.quotas.create(QuotaDraft(.storage, limit: 2 << 40), in: "hall", by: admin)
    try await hall.serve { client in
      func page(_ query: String) async throws -> String { try await client.send(.get, "\(Self.here)/quotas\(query)", hall.headers(of: .admin)).text }
      let robot = try await page("?kind=service-account&who=robot")
      #expect(robot.contains("The service account Some, which binds") && robot.contains("2 of 3 running jobs"))
      #expect(try await !page("?kind=member&who=bob").contains("of 3 running jobs"))
      let unknown = try await page("?who=nobody-here")
      #expect(unknown.contains("Nothing to show") && !unknown.contains("Nothing limits here."))
      let all = try await page("")
      #expect(all.contains(">2 TiB<") && all.contains("0 bytes of 2 TiB") && !all.contains("2,199,023,255,552"))
    }
  }

  // MARK: Budgets

  @Test func `A budget is shown with what binds besides it, and one that only tells isn't shown as used up`() async throws {
    let hall = try await Hall(.plain)
    let (plane, admin) = (hall.house.plane, hall.caller(.admin))
    _ = try await plane.budgets.create(BudgetDraft(subject: .member, holder: "bob", hard: "300"), in: "hall", by: admin)
    _ = try await plane.budgets.create(BudgetDraft(subject: .organization, period: .week, hard: "90.5"), in: "hall", by: admin)
    _ = try await plane.budgets.create(BudgetDraft(subject: .cluster, holder: "larch", soft: "5"), in: "hall", by: admin)
    try await hall.serve { client in
      func page(_ query: String = "") async throws -> String { try await client.send(.get, "\(Self.here)/budgets\(query)", hall.headers(of: .admin)).text }
      let list = try await page()
      let rows = list.split(separator: "<tr>").map(String.init)
      let bob = try #require(rows.first { $0.contains("<bdi>Some bob</bdi>") })
      #expect(bob.contains("90.5") && bob.contains("<bdi>the organization</bdi>") && bob.contains("each week") && bob.contains("limit-bar"))
      let organization = try #require(rows.first { $0.contains("<bdi>The organization</bdi>") })
      #expect(organization.contains("itself"))
      let telling = try #require(rows.first { $0.contains("larch") })
      #expect(telling.contains("only tells") && !telling.contains("limit-bar") && telling.contains("90.5"))
      let found = try await page("?kind=member&who=bob")
      #expect(found.contains("<strong>90.5 credits</strong> may be used now") && found.contains("the budget of the organization, each week"))
      #expect(found.contains("The organization, each week, which binds") && found.contains("0 of 300 credits"))
      let unknown = try await page("?who=nobody-here")
      #expect(unknown.contains("Nothing to show") && !unknown.contains("</strong> may be used now"))
      #expect(try await page("?kind=service-account&who=robot").contains("may be used now, limited by"))
    }
  }

  // MARK: Prices

  @Test func `A price in another unit is refused beside its field until one says that it is a new one`() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      let fields = [("resource", "gpu"), ("unit", "hour"), ("tiers", "2"), ("per", "1"), ("since", "2999-01-01")]
      let wrong = try await hall.post(client, "/operator/prices", fields, as: .admin)
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("price-unit-fault") && wrong.text.contains("is for second"))
      #expect(try await hall.post(client, "/operator/prices", fields + [("new_unit", "on")], as: .admin).status == .seeOther)
      let end = [("resource", "nosuch"), ("unit", ""), ("tiers", ""), ("per", "1"), ("since", "")]
      #expect(try await hall.post(client, "/operator/prices", end, as: .admin).text.contains("There is no price of nosuch"))
      #expect(try await !client.send(.get, "/operator/prices", hall.headers(of: .admin)).text.contains(">nosuch<"))
    }
  }

  // MARK: Usage

  @Test func `The last 24 hours are the same in the figures and in the table, and times the wrong way round are told`() async throws {
    let hall = try await Hall(.plain)
    let (plane, now) = (hall.house.plane, hall.house.plane.world.clock())
    // Within two days, and not within 24 hours.
    let early = try UsageDraft("early", at: now - .hours(30), resource: "gpu", unit: "second", quantity: "3600000")
    let late = try UsageDraft("late", at: now - .hours(1), resource: "gpu", unit: "second", quantity: "7201")
    _ = try await plane.usage.record([.success(early), .success(late)], of: "s", in: "hall", by: hall.caller(.admin))
    try await hall.serve { client in
      func page(_ path: String) async throws -> TestResponse { try await client.send(.get, path, hall.headers(of: .admin)) }
      let day = try await page("/hall/usage?days=1").text
      #expect(day.contains("7,201 second") && !day.contains("3,607,201") && !day.contains("3,614,401"))
      for share in day.matches(of: /(\d+) % of all/) { #expect(Int(share.1).map { $0 <= 100 } == true) }
      for path in ["/hall/usage", "/hall/usage/events", "/hall/credits/statement"] {
        let wrong = try await page("\(path)?since=2026-11-20&until=2026-11-10")
        #expect(wrong.status == .ok && wrong.text.contains("Let the time begin before it ends."), "\(path)")
        #expect(wrong.text.contains("value=\"2026-11-20\""), "what was typed stays")
      }
      for path in ["/hall/usage/export", "/hall/credits/statement/export"] {
        #expect(try await page("\(path)?since=2026-11-20&until=2026-11-10").status == .unprocessableContent, "\(path)")
      }
      let file = try await page("/hall/usage/export?by=resource").text
      #expect(file.hasPrefix("from,step,resource,unit,quantity,credits,events"))
      #expect(try await page("/hall/usage/export?by=member").text.hasPrefix("from,step,member,name,resource,unit"))
    }
  }

  @Test func `Whoever may not see all usage is shown their own, and no way to the rest`() async throws {
    let hall = try await Hall(.plain)
    let (plane, now) = (hall.house.plane, hall.house.plane.world.clock())
    var subject = UsageDraft.Subject()
    subject.member = "bob"
    let own = try UsageDraft("own", at: now - .hours(1), resource: "gpu", unit: "second", quantity: "77", of: subject)
    let others = try UsageDraft("others", at: now - .hours(1), resource: "secret-disk", unit: "GiB", quantity: "4242")
    _ = try await plane.usage.record([.success(own), .success(others)], of: "s", in: "hall", by: hall.caller(.admin))
    try await hall.serve { client in
      for path in ["/hall/usage", "/hall/usage?by=project", "/hall/usage?by=member", "/hall/usage?resource=gpu"] {
        let page = try await client.send(.get, path, hall.headers(of: .member))
        #expect(page.status == .ok && page.text.contains("Your usage") && page.text.contains("77 second"), "\(path)")
        for secret in ["secret-disk", "4,242", "/hall/usage/events"] { #expect(!page.text.contains(secret), "\(path): \(secret)") }
      }
      let none = try await client.send(.get, "/hall/usage?resource=secret-disk", hall.headers(of: .member))
      #expect(none.status == .ok && none.text.contains("You used nothing in this time") && !none.text.contains("4,242"))
      #expect(try await client.send(.get, "/hall/usage/events", hall.headers(of: .member)).status == .forbidden)
      let file = try await client.send(.get, "/hall/usage/export?by=resource", hall.headers(of: .member)).text
      #expect(file.contains("gpu") && !file.contains("secret-disk"))
      #expect(try await client.send(.get, "/hall/usage", hall.headers(of: .admin)).text.contains("secret-disk"))
    }
  }
}
