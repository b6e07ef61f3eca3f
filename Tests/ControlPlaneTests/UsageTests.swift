import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Storage
import StorageSQLite
import TestSupport
import Testing

/// The promises of usage and prices, on SQLite; `UsageOnPostgresTests` runs the same on PostgreSQL.
@Suite struct UsageTests {
  @Test func `What is used is recorded once, and charged once`() async throws { try await Self.story(Lab()) }

  static func story(_ lab: Lab) async throws {
    try await lab.topUp("10")
    try await lab.price("gpu", "second", "2.5", per: "3600")
    let first = [use("1", lab.house.now, "gpu", "second", "3600"), use("2", lab.house.now, "gpu", "second", "1800"), use("3", lab.house.now, "disk", "GiB-hour", "7")]
    #expect(await lab.record(first) == ["recorded 2.5", "recorded 1.25", "recorded"])
    #expect(try await lab.used() == "3.75 6.25")
    // Again, in another order and with something new between.
    #expect(await lab.record([first[1], use("4", lab.house.now, "gpu", "second", "720"), first[2], first[0]]) == ["known 1.25", "recorded 0.5", "known", "known 2.5"])
    #expect(try await lab.used() == "4.25 5.75")
    // The same id is another source's own.
    #expect(await lab.record([first[0]], of: "other") == ["recorded 2.5"])
    // Twice in one list.
    let twice = use("5", lab.house.now, "gpu", "second", "360")
    #expect(await lab.record([twice, twice, use("5", lab.house.now, "gpu", "second", "361")]) == ["recorded 0.25", "known 0.25", "usage_event.id_reused"])
    // What was used is used, whatever there is.
    #expect(await lab.record([use("6", lab.house.now, "gpu", "second", "36000")]) == ["recorded 25"])
    #expect(try await lab.used() == "32 -22")
    #expect(await lab.record([]) == ["invalid"])
    try await lab.expectSoundUsage()
  }

  @Test func `The same id with other content is refused, whatever differs`() async throws { try await Self.reuse(Lab()) }

  static func reuse(_ lab: Lab) async throws {
    let now = lab.house.now
    let event = use("1", now, "gpu", "second", "60") { $0.cluster = "larch" }
    #expect(await lab.record([event, use("2", now, "gpu", "second", "60")]) == ["recorded", "recorded"])
    let others = [
      use("1", now - .seconds(1), "gpu", "second", "60") { $0.cluster = "larch" }, use("1", now, "cpu", "second", "60") { $0.cluster = "larch" },
      use("1", now, "gpu", "minute", "60") { $0.cluster = "larch" }, use("1", now, "gpu", "second", "60.000001") { $0.cluster = "larch" },
      use("1", now, "gpu", "second", "60") { $0.cluster = "oak" }, use("1", now, "gpu", "second", "60"),
      use("1", now, "gpu", "second", "60") {
        $0.cluster = "larch"
        $0.member = "ada"
      }, correction("1", of: "2"), use("1", now, "gpu", "second", "60", preset: "big") { $0.cluster = "larch" },
    ]
    for other in others { #expect(await lab.record([other]) == ["usage_event.id_reused"], "\(other)") }
    #expect(await lab.record([correction("3", of: "2"), correction("3", of: "1"), use("3", now, "gpu", "second", "60")]) == ["recorded", "usage_event.id_reused", "usage_event.id_reused"])
    #expect(await lab.record([event]) == ["known"])
    // Who names no instant means that at which it came first.
    let untimed = use("4", nil, "gpu", "second", "60")
    #expect(await lab.record([untimed, untimed]) == ["recorded", "known"])
    lab.house.pass(.hours(3))
    #expect(await lab.record([untimed, use("4", now, "gpu", "second", "60")]) == ["known", "known"])
    #expect(await lab.record([use("4", nil, "gpu", "second", "61"), use("4", lab.house.now, "gpu", "second", "60")]) == ["usage_event.id_reused", "usage_event.id_reused"])
    try await lab.expectSoundUsage()
  }

  @Test func `Who and what an event names must be the organization's own`() async throws { try await Self.subjects(Lab()) }

  static func subjects(_ lab: Lab) async throws {
    let (plane, now) = (lab.plane, lab.house.now)
    let bob = try await lab.member("Bob", as: "member")
    _ = try await plane.serviceAccounts.create(ServiceAccountDraft(name: "Runner", roles: ["infrastructure"]), in: lab.slug, by: lab.admin)
    _ = try await plane.workspaces.enroll(ResourceDraft(name: "Research"), in: lab.slug, by: lab.admin)
    let eva = try await plane.projects.create(ResourceDraft(name: "Eva"), of: "research", in: lab.slug, by: lab.admin)
    // Another organization with the same.
    let zoe = try await lab.house.signUpVerified("Zoe")
    let elsewhere = try await lab.house.found("Elsewhere", by: zoe)
    _ = try await plane.workspaces.enroll(ResourceDraft(name: "Theirs"), in: elsewhere.slug.text, by: lab.house.caller(zoe))
    let foreign = try await plane.projects.create(ResourceDraft(name: "Eva"), of: "theirs", in: elsewhere.slug.text, by: lab.house.caller(zoe))
    let machine = try await plane.serviceAccounts.create(
      ServiceAccountDraft(name: "Walker", roles: ["infrastructure"]), in: elsewhere.slug.text, by: lab.house.caller(zoe))
    var subjects: [(UsageDraft.Subject, String)] = []
    func add(_ expected: String, _ change: (inout UsageDraft.Subject) -> Void) {
      var subject = UsageDraft.Subject()
      change(&subject)
      subjects.append((subject, expected))
    }
    add("recorded") { $0.member = "bob" }
    add("recorded") { $0.member = bob.session.account.id.description }
    add("recorded") { $0.serviceAccount = "runner" }
    add("recorded") { $0.project = "research/eva" }
    add("recorded") { $0.project = eva.id.description }
    add("missing") { $0.member = "zoe" }
    add("missing") { $0.member = zoe.account.id.description }
    add("missing") { $0.member = "nobody" }
    add("missing") { $0.member = "ID<Account>" }
    add("missing") { $0.serviceAccount = "walker" }
    add("missing") { $0.serviceAccount = machine.id.description }
    add("missing") { $0.project = "theirs/eva" }
    add("missing") { $0.project = foreign.id.description }
    add("missing") { $0.project = "eva" }
    add("missing") { $0.project = "research/eva/more" }
    add("missing") { $0.project = "/" }
    add("missing") { $0.subBalance = foreign.id.description }
    add("missing") { $0.subBalance = "everything" }
    add("recorded") { $0.cluster = "larch" }
    let drafts = subjects.enumerated().map { place, subject in
      Result<UsageDraft, Problem>.success(
        UsageDraft("\(place)", .use(.init(at: now, UsageMeter("gpu", unit: "second"), .one, of: subject.0))))
    }
    #expect(await lab.record(drafts) == subjects.map(\.1))
    // By whichever name, it is the same.
    var byID = UsageDraft.Subject()
    byID.member = bob.session.account.id.description
    #expect(await lab.record([.success(UsageDraft("0", .use(.init(at: now, UsageMeter("gpu", unit: "second"), .one, of: byID))))]) == ["known"])
    // What a person used before they left is theirs.
    _ = try await plane.members.remove(bob.member.id, in: lab.slug, by: lab.admin)
    #expect(await lab.record([use("late", now, "gpu", "second", "1") { $0.member = "bob" }]) == ["recorded"])
    // Who may not use credits records nothing, and strangers learn nothing.
    #expect(await refusal { try await plane.usage.record([use("x", now, "gpu", "second", "1")], of: "s", in: lab.slug, by: lab.house.caller(zoe)) } == "missing")
    let cleo = lab.house.caller(try await lab.member("Cleo", as: "manager").session)
    #expect(await refusal { try await plane.usage.record([use("x", now, "gpu", "second", "1")], of: "s", in: lab.slug, by: cleo) } == "forbidden")
    #expect(await refusal { try await plane.usage.list(UsageEventFilter(), in: lab.slug, .first, by: lab.house.caller(zoe)) } == "missing")
    // Neither is anything of it seen elsewhere.
    #expect(try await plane.usage.list(UsageEventFilter(), in: elsewhere.slug.text, .first, by: lab.house.caller(zoe)).items.isEmpty)
    try await lab.expectSoundUsage()
  }

  @Test func `A share that fits is charged`() async throws { try await Self.shares(Lab()) }

  static func shares(_ lab: Lab) async throws {
    try await lab.topUp("100")
    try await lab.price("gpu", "second", "1")
    let now = lab.house.now
    _ = try await lab.member("Bob", as: "member")
    func share(_ kind: SubBalance.HolderKind, _ holder: String, _ type: SubBalance.Kind = .allowance) async throws(Problem) -> ID<SubBalance> {
      try await lab.plane.subBalances.create(SubBalanceDraft(holderKind: kind, holder: holder, kind: type, amount: "20"), in: lab.slug, by: lab.admin).subBalance.id
    }
    let (bob, larch, eva) = (try await share(.member, "bob"), try await share(.cluster, "larch", .funds), try await share(.project, "Eva"))
    let events = [
      use("1", now, "gpu", "second", "3") { $0.member = "bob" },
      use("2", now, "gpu", "second", "5") { $0.cluster = "larch" },
      // The member's before the cluster's; what is named before both.
      use("3", now, "gpu", "second", "7") { ($0.member, $0.cluster) = ("bob", "larch") },
      use("4", now, "gpu", "second", "11") { ($0.member, $0.subBalance) = ("bob", eva.description) },
      use("5", now, "gpu", "second", "13"),
    ]
    #expect(await lab.record(events) == ["recorded 3", "recorded 5", "recorded 7", "recorded 11", "recorded 13"])
    func balances() async throws -> [String] {
      var found: [String] = []
      for id in [bob, larch, eva] { found.append(try await lab.plane.subBalances.find(id, in: lab.slug, by: lab.admin).balance.description) }
      return found + [try await lab.used()]
    }
    #expect(try await balances() == ["10", "15", "9", "39 46"])
    #expect(await lab.record((1...5).map { correction("c\($0)", of: "\($0)") }) == ["recorded -3", "recorded -5", "recorded -7", "recorded -11", "recorded -13"])
    #expect(try await balances() == ["20", "20", "20", "0 80"])
    try await lab.expectSoundUsage()
  }

  @Test func `Late events count in their own period, until it is closed`() async throws { try await Self.periods(Lab()) }

  static func periods(_ lab: Lab) async throws {
    // The world begins on 2026-11-21 at 09:00.
    let now = lab.house.now
    // Sessions end before the month does.
    let runner = try await lab.plane.serviceAccounts.create(
      ServiceAccountDraft(name: "Runner", roles: ["infrastructure", "billing"]), in: lab.slug, by: lab.admin)
    let key = lab.house.caller(
      try await lab.plane.serviceAccounts.createKey(named: "test", KeyTerm(days: nil), of: runner.slug.text, in: lab.slug, by: lab.admin).secret)
    try await lab.price("gpu", "second", "1", tiers: [("10", "0"), ("", "1")], since: now.start(of: .month) - .days(30))
    #expect(await lab.record([use("1", now, "gpu", "second", "15")], by: key) == ["recorded 5"])
    lab.house.pass(.days(14))
    let (november, december) = (now - .days(1), lab.house.now)
    #expect(
      await lab.record([
        use("2", december, "gpu", "second", "4"), use("3", november, "gpu", "second", "2"), use("4", december + .minutes(5), "gpu", "second", "8"),
        use("5", december + .minutes(5) + .seconds(1), "gpu", "second", "1"), use("6", Timestamp.distantFuture, "gpu", "second", "1"),
        use("7", now.start(of: .month) - .seconds(1), "gpu", "second", "1"), use("8", Timestamp.distantPast, "gpu", "second", "1"),
      ], by: key) == ["recorded 0", "recorded 2", "recorded 2", "usage_event.future", "usage_event.future", "usage_event.closed", "usage_event.closed"])
    // November ends on the 10th of December at midnight.
    lab.house.pass(.days(5) + .hours(14) + .minutes(59))
    #expect(await lab.record([use("9", november, "gpu", "second", "1"), correction("10", of: "3")], by: key) == ["recorded 1", "recorded -2"])
    lab.house.pass(.minutes(1))
    #expect(
      await lab.record([use("11", november, "gpu", "second", "1"), correction("12", of: "1"), use("9", november, "gpu", "second", "1"), correction("10", of: "3")], by: key)
        == ["usage_event.closed", "usage_event.closed", "known 1", "known -2"])
    #expect(try await lab.report(step: .month, days: 60, by: key) == ["2026-11 gpu second 16 6 2", "2026-12 gpu second 12 2 2"])
    try await lab.expectSoundUsage()
  }

  @Test func `A correction takes back what the event cost, once`() async throws { try await Self.corrections(Lab()) }

  static func corrections(_ lab: Lab) async throws {
    try await lab.topUp("100")
    let now = lab.house.now
    // The first ten are free, the next ten cost 2 each, the rest 1 each.
    try await lab.price("gpu", "second", "0", tiers: [("10", "0"), ("20", "2"), ("", "1")])
    #expect(
      await lab.record([use("1", now, "gpu", "second", "10"), use("2", now, "gpu", "second", "10"), use("3", now, "gpu", "second", "10")])
        == ["recorded 0", "recorded 20", "recorded 10"])
    // What is left costs what it would have cost alone.
    #expect(await lab.record([correction("4", of: "1")]) == ["recorded -10"])
    #expect(try await lab.used() == "20 80")
    #expect(await lab.record([correction("4", of: "1"), correction("5", of: "1"), correction("6", of: "4"), correction("7", of: "x")])
      == ["known -10", "usage_event.corrected", "usage_event.final", "missing"])
    #expect(await lab.record([correction("8", of: "2"), correction("9", of: "3")]) == ["recorded -20", "recorded 0"])
    #expect(try await lab.used() == "0 100")
    // Within one list, and another source's isn't found.
    #expect(await lab.record([use("10", now, "gpu", "second", "30"), correction("11", of: "10"), correction("12", of: "10"), correction("13", of: "11")])
      == ["recorded 30", "recorded -30", "usage_event.corrected", "usage_event.final"])
    #expect(await lab.record([correction("14", of: "10")], of: "other") == ["missing"])
    #expect(try await lab.used() == "0 100")
    // A price that has followed since doesn't matter.
    #expect(await lab.record([use("15", now, "gpu", "second", "15")]) == ["recorded 10"])
    try await lab.price("gpu", "second", "100", since: now.end(of: .hour))
    lab.house.pass(.hours(2))
    #expect(await lab.record([use("16", lab.house.now, "gpu", "second", "1"), correction("17", of: "15")]) == ["recorded 100", "recorded -10"])
    let listed = try await lab.plane.usage.list(UsageEventFilter(source: "test"), in: lab.slug, .first, by: lab.admin)
    #expect(listed.total == 11 && listed.items.first?.corrects == "15" && listed.items[2].correctedBy == "17")
    #expect(try await lab.report(step: .all, days: 1) == ["2026-11-20 gpu second 1 100 1"])
    try await lab.expectSoundUsage()
  }

  @Test func `What is given back beyond what an event cost itself is the organization's`() async throws {
    let lab = try await Lab()
    try await lab.topUp("100")
    try await lab.price("gpu", "second", "0", tiers: [("10", "0"), ("", "1")])
    let now = lab.house.now
    let larch = try await lab.plane.subBalances.create(
      SubBalanceDraft(holderKind: .cluster, holder: "larch", kind: .funds, amount: "50"), in: lab.slug, by: lab.admin
    ).subBalance.id
    _ = await lab.record([use("1", now, "gpu", "second", "10") { $0.cluster = "larch" }, use("2", now, "gpu", "second", "10")])
    #expect(await lab.record([correction("3", of: "1")]) == ["recorded -10"])
    #expect(try await lab.plane.subBalances.find(larch, in: lab.slug, by: lab.admin).balance.description == "50")
    #expect(try await lab.used() == "0 50")
    try await lab.expectSoundUsage()
  }

  @Test func `Amounts that can't be counted are refused, and nothing is lost`() async throws { try await Self.amounts(Lab()) }

  static func amounts(_ lab: Lab) async throws {
    let now = lab.house.now
    try await lab.price("gpu", "second", "9000000000000")
    #expect(await lab.record([use("1", now, "gpu", "second", "1"), use("2", now, "gpu", "second", "1"), use("3", now, "gpu", "second", "0.01")])
      == ["recorded 9000000000000", "usage_event.out_of_range", "recorded 90000000000"])
    // Without a price, too.
    #expect(await lab.record([use("4", now, "disk", "B", "9223372036854.775807"), use("5", now, "disk", "B", "0.000001"), use("6", now - .days(1), "disk", "B", "1")])
      == ["recorded", "usage_event.out_of_range", "usage_event.out_of_range"])
    // A unit that isn't the price's.
    #expect(await lab.record([use("7", now, "gpu", "hour", "1")]) == ["usage_event.unit"])
    // More together than the books can count: all of it is refused, and stays free.
    try await lab.price("fpga", "second", "9000000000000")
    #expect(await lab.record([use("8", now, "fpga", "second", "1")]) == ["credits.out_of_range"])
    #expect(try await lab.report(step: .all, days: 1).contains { $0.contains("disk B 9223372036854.775807") })
    try await lab.expectSoundUsage()
  }

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

  // MARK: Prices

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

  // MARK: Chance

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

// MARK: - Words

private func use(
  _ id: String, _ at: Timestamp?, _ resource: String, _ unit: String, _ quantity: String, preset: String = "", _ change: (inout UsageDraft.Subject) -> Void = { _ in }
) -> Result<UsageDraft, Problem> {
  var subject = UsageDraft.Subject()
  change(&subject)
  let amount = (try? Quantity(decimal: quantity)) ?? .maximum
  return .success(UsageDraft(id, .use(.init(at: at, UsageMeter(resource, preset: preset, unit: unit), amount, of: subject))))
}

private func correction(_ id: String, of original: String) -> Result<UsageDraft, Problem> { .success(UsageDraft(id, .correction(of: original))) }

private func draft(_ resource: String, _ unit: String, _ credits: String, since: Timestamp? = nil) throws(Problem) -> PriceDraft {
  try PriceDraft(resource: resource, unit: unit, tiers: [("", credits)], since: since)
}

extension Lab {
  fileprivate func price(
    _ resource: String, _ unit: String, _ credits: String, per: String = "1", preset: String = "", tiers: [(String, String)]? = nil, since: Timestamp? = nil
  ) async throws(Problem) {
    // Long before, unless told: what was used yesterday has its price.
    let draft = try PriceDraft(
      resource: resource, preset: preset, unit: unit, per: per, tiers: tiers ?? [("", credits)], since: since ?? house.now.start(of: .day) - .days(90))
    _ = try await plane.prices.set(draft, by: self.operator)
  }

  /// What came of each, with what it was charged, or the code of the refusal.
  fileprivate func record(_ drafts: [Result<UsageDraft, Problem>], of source: String = "test", by caller: Caller? = nil) async -> [String] {
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
  fileprivate func used() async throws(Problem) -> String {
    let balance = try await plane.credits.balance(of: slug, by: admin)
    return "\(balance.used) \(balance.balance)"
  }

  /// When, of what, in which unit, how much, what it came to, in how many events.
  fileprivate func report(step: UsageReportRequest.Step, days: Int, by caller: Caller? = nil) async throws(Problem) -> [String] {
    let request = try UsageReportRequest(since: house.now - .days(days), until: house.now + .minutes(10), step: step)
    return try await plane.usage.all(request, in: slug, limit: 1000, by: caller ?? admin).map { named in
      let row = named.row
      let start = row.start.description.prefix(step == .month ? 7 : 10)
      return "\(start) \(row.resource) \(row.unit) \(row.quantity) \(row.charge) \(row.events)"
    }
  }

  /// The same over the last days, with the names of what it is told apart by.
  fileprivate func report(by dimension: UsageReportRequest.Dimension, _ filter: UsageReportRequest.Filter = .init()) async throws(Problem) -> [String] {
    let request = try UsageReportRequest(since: house.now - .days(5), until: house.now + .seconds(1), step: .all, by: dimension, filter)
    return try await plane.usage.all(request, in: slug, limit: 1000, by: admin).map { named in
      let row = named.row
      return "\(named.name.isEmpty ? "-" : named.name) \(row.resource) \(row.unit) \(row.quantity) \(row.charge) \(row.events)"
    }.sorted()
  }

  /// What all of it came to, in micro-credits.
  fileprivate func charged(by dimension: UsageReportRequest.Dimension) async throws(Problem) -> Int64 {
    let request = try UsageReportRequest(since: house.now - .days(90), until: house.now + .days(1), step: .month, by: dimension)
    return try await plane.usage.all(request, in: slug, limit: 10_000, by: admin).reduce(0) { $0 + $1.row.charge.micro }
  }

  func expectSoundUsage() async throws {
    for report in try await plane.verifyUsage(of: slug) { #expect(report.faults.isEmpty, "\(report.faults.map(\.text))") }
    try await expectSoundBooks()
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
