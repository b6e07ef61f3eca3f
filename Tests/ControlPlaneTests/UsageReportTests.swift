import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Testing

/// What usage comes to, told apart by everything that it can be told apart by.
@Suite struct UsageReportTests {
  @Test func `Usage is told apart by what it is of`() async throws { try await Self.reports(Lab()) }

  static func reports(_ lab: Lab) async throws {
    let (plane, now) = (lab.plane, lab.house.now)
    _ = try await lab.member("Bob", as: "member")
    _ = try await lab.member("Cleo", as: "member")
    let team = try await plane.teams.create(TeamDraft(name: "Mill"), in: lab.slug, by: lab.admin).team
    let other = try await plane.teams.create(TeamDraft(name: "Printing"), in: lab.slug, by: lab.admin).team
    _ = try await plane.serviceAccounts.create(ServiceAccountDraft(name: "Runner", roles: ["infrastructure"]), in: lab.slug, by: lab.admin)
    _ = try await plane.teams.add([.anybody("bob"), .anybody("runner")], to: team.slug.text, in: lab.slug, by: lab.admin)
    _ = try await plane.teams.add([.anybody("bob")], to: other.slug.text, in: lab.slug, by: lab.admin)
    try await lab.price("gpu", "second", "1")
    try await lab.price("gpu", "second", "3", preset: "big")
    let events = [
      use("1", now, "gpu", "second", "1") { $0.member = "bob" }, use("2", now - .hours(1), "gpu", "second", "2", preset: "big") { $0.member = "cleo" },
      use("3", now - .days(1), "gpu", "second", "4") { ($0.serviceAccount, $0.cluster) = ("runner", "larch") }, use("4", now - .days(2), "disk", "GiB", "8") { $0.cluster = "oak" },
      use("5", now, "gpu", "second", "16") { $0.member = "bob" }, use("6", now, "gpu", "second", "32"),
    ]
    _ = await lab.record(events)
    _ = await lab.record([correction("7", of: "5")])
    #expect(try await lab.report(step: .all, days: 3) == ["2026-11-18 disk GiB 8 0 1", "2026-11-18 gpu second 39 43 4"])
    #expect(try await lab.report(step: .day, days: 3)
      == ["2026-11-19 disk GiB 8 0 1", "2026-11-20 gpu second 4 4 1", "2026-11-21 gpu second 35 39 3"])
    #expect(try await lab.report(step: .hour, days: 1).map { String($0.dropFirst(10)) }.sorted() == [" gpu second 2 6 1", " gpu second 33 33 2", " gpu second 4 4 1"])
    #expect(try await lab.report(by: .member) == ["- disk GiB 8 0 1", "- gpu second 36 36 2", "Bob gpu second 1 1 1", "Cleo gpu second 2 6 1"])
    #expect(try await lab.report(by: .serviceAccount) == ["- disk GiB 8 0 1", "- gpu second 35 39 3", "Runner gpu second 4 4 1"])
    // Bob is in both teams, and counts in both.
    #expect(try await lab.report(by: .team) == ["- disk GiB 8 0 1", "- gpu second 34 38 2", "Mill gpu second 5 5 2", "Printing gpu second 1 1 1"])
    #expect(try await lab.report(by: .cluster) == ["- gpu second 35 39 3", "larch gpu second 4 4 1", "oak disk GiB 8 0 1"])
    #expect(try await lab.report(by: .preset) == ["- disk GiB 8 0 1", "- gpu second 37 37 3", "big gpu second 2 6 1"])
    #expect(try await lab.report(by: .resource) == ["disk disk GiB 8 0 1", "gpu gpu second 39 43 4"])
    #expect(try await lab.report(by: .nothing, .init(member: "bob")) == ["- gpu second 1 1 1"])
    #expect(try await lab.report(by: .nothing, .init(cluster: "none", resource: "gpu")) == ["- gpu second 35 39 3"])
    #expect(await refusal { try await lab.report(by: .nothing, .init(member: "nobody")) } == "invalid")
    // Page by page it is the same.
    var cursor: Cursor?
    var pages: [String] = []
    repeat {
      let request = try UsageReportRequest(since: now - .days(3), until: now + .seconds(1), step: .day, by: .member)
      let page = try await plane.usage.report(request, in: lab.slug, PageRequest(limit: 2, cursor: cursor), by: lab.admin)
      #expect(page.total == 5)
      pages += page.items.map { "\($0.row.start) \($0.name) \($0.row.resource)" }
      cursor = page.next
    } while cursor != nil
    #expect(pages.count == 5 && Set(pages).count == 5 && pages.map { $0.prefix(10) } == pages.map { $0.prefix(10) }.sorted())
    #expect(await refusal { try UsageReportRequest(since: now, until: now) } == "invalid")
    #expect(await refusal { try await plane.usage.list(UsageEventFilter(since: now, until: now - .days(1)), in: lab.slug, .first, by: lab.admin) } == "invalid")
    // As a whole a short time is told to the hour, a longer one by whole days unless it begins and ends with an hour.
    let hour = now.start(of: .hour)
    let later = hour + .minutes(7)
    for (since, until, from, to) in [
      (later - .hours(1), later, hour - .hours(1), later.end(of: .hour)), (later - .days(2), later, hour - .days(2), later.end(of: .hour)),
      (later - .days(3), later, (later - .days(3)).start(of: .day), later.end(of: .day)), (hour - .days(30), hour, hour - .days(30), hour),
      (hour - .days(94), hour, (hour - .days(94)).start(of: .day), hour.end(of: .day)),
    ] {
      let request = try UsageReportRequest(since: since, until: until, step: .all)
      #expect(request.since == from && request.until == to, "\(since) \(until)")
    }
    let month = now.start(of: .month)
    #expect(try UsageReportRequest(since: (month - .days(1)).start(of: .month), until: month, step: .all).span == .month)
    #expect(try UsageReportRequest(since: now.start(of: .day) - .days(9), until: now.start(of: .day), step: .all).span == .day)
    // By the hour and as a whole it comes to the same.
    let hours = try UsageReportRequest(since: now - .hours(26), until: now + .minutes(10), step: .hour)
    let whole = try UsageReportRequest(since: hours.since, until: hours.until, step: .all)
    var sums: [Int64] = []
    for request in [hours, whole] {
      sums.append(try await plane.usage.all(request, in: lab.slug, limit: 1000, by: lab.admin).reduce(0) { $0 + $1.row.charge.micro })
    }
    #expect(sums[0] == sums[1] && sums[0] > 0)
    #expect(await refusal { try UsageReportRequest(since: now - .days(94), until: now, step: .hour) } == "invalid")
    #expect(try UsageReportRequest(since: Timestamp("2026-01-31T00:00:00Z").orDefect(), until: now, step: .month).starts.count == 11)
  }
}
