import Contract
@testable import ControlPlane
import Kernel
import Ledger
import Testing

/// The promises of usage, on SQLite; `UsageOnPostgresTests` runs the same on PostgreSQL.
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
    func used() async throws -> [String] {
      let shares = try await lab.plane.subBalances.list(in: lab.slug, .first, by: lab.admin).items.map(\.subBalance)
      let found = try await lab.plane.subBalances.used(shares, in: lab.slug, by: lab.admin)
      return [bob, larch, eva].map { found[$0]?.description ?? "none" }
    }
    #expect(try await used() == ["10", "5", "11"])
    #expect(await lab.record((1...5).map { correction("c\($0)", of: "\($0)") }) == ["recorded -3", "recorded -5", "recorded -7", "recorded -11", "recorded -13"])
    #expect(try await balances() == ["20", "20", "20", "0 80"])
    #expect(try await used() == ["0", "0", "0"])
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
}
