import ControlPlane
import Kernel
import Ledger
import Secrets
import Synchronization

/// The time, which a demonstration may begin some days ago.
final class DemonstrationClock: Sendable {
  private let behind = Mutex(Duration.zero)

  var now: Timestamp { Composition.clock() - behind.withLock { $0 } }

  func go(back span: Duration) { behind.withLock { $0 = span } }
}

/// An organization to look around in, made by the same use cases that people use.
struct Demonstration: Sendable {
  let plane: ControlPlane
  let clock: DemonstrationClock

  static let password = "nine lilac kites over water"
  private static let operatorAddress = "ada@analytical.example"

  /// Does nothing when anybody has an account already.
  func seed() async throws {
    guard try await plane.installation.isNew() else { return }
    clock.go(back: .days(31))
    defer { clock.go(back: .zero) }
    _ = try await plane.accounts.createSuperUser(AccountDraft(email: Self.operatorAddress, name: "Ada Lovelace", handle: "ada", password: Self.password))
    let founder = try await session(of: Self.operatorAddress)
    let guild = try await plane.organizations.found(
      OrganizationDraft(
        name: "Analytical Engines", slug: "analytical-engines", description: "We weave algebraical patterns.", billingEmail: "books@analytical.example"), by: founder)
    try await seedCredits(of: guild.slug.text)
    clock.go(back: .zero)
    let ada = try await session(of: Self.operatorAddress)
    let people = [
      ("Charles Babbage", "charles", "manager"), ("Mary Somerville", "mary", "contributor"), ("Augustus De Morgan", "augustus", "billing"), ("George Boole", "george", "member"),
      ("Sophie Germain", "sophie", "viewer"), ("Emmy Noether", "emmy", "infrastructure"),
    ]
    for (name, handle, role) in people {
      let address = "\(handle)@analytical.example"
      let sent = try await plane.invitations.send(InvitationDraft(address: address, roles: [role], message: "The hall is open."), to: guild.slug.text, by: ada)
      guard let secret = sent.link.split(separator: "=").last.map(String.init) else { continue }
      let signedUp = try await plane.accounts.create(
        AccountDraft(email: address, name: name, handle: handle, password: Self.password, invitation: secret), by: Caller(.none, from: Self.origin))
      _ = try await plane.invitations.accept(.link(secret), by: Caller(secret: signedUp.secret.reveal(), from: Self.origin))
    }
    for (address, role) in [("hypatia@library.example", "member"), ("evariste@galois.example", "guest")] {
      _ = try await plane.invitations.send(InvitationDraft(address: address, roles: [role]), to: guild.slug.text, by: ada)
    }
    _ = try await plane.serviceAccounts.create(
      ServiceAccountDraft(name: "Nightly report", description: "Runs in the mill at two in the morning.", roles: ["viewer", "billing"]),
      in: guild.slug.text, by: ada)
    _ = try await plane.serviceAccounts.createKey(named: "The mill", KeyTerm(days: nil), of: "nightly-report", in: guild.slug.text, by: ada)
    let teams: [(name: String, description: String, people: [TeamCandidate], maintainer: String?)] = [
      ("Mill", "Keeps the engine running.", [.anybody("charles"), .anybody("ada"), .anybody("nightly-report"), .anybody("hypatia@library.example")], "charles"),
      ("Cards and notes", "", [.anybody("ada"), .anybody("mary"), .anybody("sophie")], nil), ("Printing", "Tables without errata.", [], nil),
    ]
    for team in teams {
      let made = try await plane.teams.create(TeamDraft(name: team.name, description: team.description), in: guild.slug.text, by: ada).team
      guard !team.people.isEmpty else { continue }
      for added in try await plane.teams.add(team.people, to: made.slug.text, in: guild.slug.text, by: ada) where added.candidate.text == team.maintainer {
        _ = try await plane.teams.addMaintainer(try added.result.get().id.description, of: made.slug.text, in: guild.slug.text, by: ada)
      }
    }
    _ = try await plane.installation.update(InstallationUpdate(letsMembersBeAdded: true), by: ada)
    try await seedWorkspaces(in: guild.slug.text, by: ada)
    try await seedClusters(in: guild.slug.text, by: ada)
    try await seedApps(in: guild.slug.text, by: ada)
    try await seedObjects(in: guild.slug.text, by: ada)
    try await seedRoles(in: guild.slug.text, by: ada)
    try await seedLimits(of: guild.slug.text)
    try await seedUsage(of: guild.slug.text)
    try await seedPolicies(in: guild.slug.text, by: ada)
    _ = try await plane.organizations.found(
      OrganizationDraft(name: "Number Theory Club", slug: "numbers", description: "", billingEmail: Self.operatorAddress), by: try await session(of: "sophie@analytical.example"))
  }

  /// One whose server has reported, with projects and people; and one that waits for its server.
  private func seedWorkspaces(in guild: String, by ada: Caller) async throws {
    let research = try await plane.workspaces.enroll(
      ResourceDraft(name: "Research", slug: "research", description: "Difference and analytical engines."), in: guild, by: ada)
    _ = try await plane.workspaceServers.report(
      address: "https://research.analytical.example", version: "0.98.0", by: Caller(secret: research.secret.reveal(), from: Self.origin))
    for (name, description) in [("Bernoulli numbers", "Note G, and what follows from it."), ("Weaving", "Patterns of flowers and leaves.")] {
      _ = try await plane.projects.create(ResourceDraft(name: name, description: description), of: "research", in: guild, by: ada)
    }
    let access: [(ResourceReference, GrantCandidate, role: String, days: Int?)] = [
      (.workspace("research"), .team("mill"), "developer", nil), (.workspace("research"), .member("sophie"), "viewer", nil),
      (.project("bernoulli-numbers", in: "research"), .member("mary"), "manager", nil),
      (.project("bernoulli-numbers", in: "research"), .member("george"), "contributor", 30),
      (.project("bernoulli-numbers", in: "research"), .invitation("evariste@galois.example"), "viewer", nil),
      (.project("weaving", in: "research"), .serviceAccount("nightly-report"), "viewer", nil),
    ]
    for (place, candidate, role, days) in access {
      _ = try await plane.grants.give(
        GrantDraft(candidate, role: role, expires: days.map { plane.world.clock() + .days($0) }), on: place, in: guild, by: ada)
    }
    _ = try await plane.workspaces.enroll(ResourceDraft(name: "Printing office", slug: "printing-office"), in: guild, by: ada)
  }

  /// One in force that nobody notices until a platform asks for data, and one that waits.
  private func seedPolicies(in guild: String, by ada: Caller) async throws {
    let policies: [(name: String, why: String, template: String, values: [String: String], isEnabled: Bool)] = [
      ("Only compliant data", "The guild promised it to those whose data it keeps.", "compliant-data", ["team": "cards-and-notes"], true),
      ("No deletion at night", "", "office-hours", [:], false),
    ]
    for policy in policies {
      let text = try PolicyTemplate.named(policy.template)?.text(policy.values) ?? ""
      _ = try await plane.policies.create(
        PolicyDraft(name: policy.name, description: policy.why, text: text, isEnabled: policy.isEnabled), in: guild, by: ada)
    }
  }

  /// Credits that came in, were shared out and used over the last month, and some that are held now.
  private func seedCredits(of guild: String) async throws {
    var ada = try await session(of: Self.operatorAddress)
    _ = try await plane.credits.topUp(TopUpOrder(amount: "2500", note: "Invoice 1842"), of: guild, by: ada)
    _ = try await plane.credits.topUp(
      TopUpOrder(amount: "300", kind: .promotional, note: "Welcome", expires: clock.now + .days(50)), of: guild, by: ada)
    let allowance = try SubBalanceDraft(holderKind: .project, holder: "Difference engine", amount: "1900")
    let engine = try await plane.subBalances.create(allowance, in: guild, by: ada).subBalance
    let funds = try SubBalanceDraft(holderKind: .cluster, holder: "larch", kind: .funds, amount: "400")
    let larch = try await plane.subBalances.create(funds, in: guild, by: ada).subBalance
    // Set before anything is used, so that there are periods that are over.
    let budgets: [(BudgetSubject, holder: String, BudgetPeriod, soft: String, hard: String)] = [
      (.organization, "", .month, "2600", "3200"), (.project, "Difference engine", .week, "", "450"), (.cluster, "larch", .none, "", "1200"),
    ]
    for (subject, holder, period, soft, hard) in budgets {
      _ = try await plane.budgets.create(BudgetDraft(subject: subject, holder: holder, period: period, soft: soft, hard: hard), in: guild, by: ada)
    }
    _ = try await plane.alerts.create(.amount, amount: try Credits(decimal: "500"), in: guild, by: ada)
    for day in 0..<30 {
      clock.go(back: .days(30 - day) + .hours(3))
      if day % 5 == 0 { ada = try await session(of: Self.operatorAddress) }
      // Less at the end of the week, more from time to time.
      let used = day % 7 > 4 ? 14 : 47 + day * 13 % 31
      _ = try await plane.holds.charge(ChargeDraft(subBalance: engine.id, amount: "\(used).25", note: "Tables of day \(day + 1)"), in: guild, by: ada)
      if day % 2 == 0 { _ = try await plane.holds.charge(ChargeDraft(amount: "\(21 + day)", note: "Weaving"), in: guild, by: ada) }
      if day % 5 == 3 { _ = try await plane.holds.charge(ChargeDraft(subBalance: larch.id, amount: "37.5", note: "Cooling"), in: guild, by: ada) }
      if day == 25 {
        let order = try TopUpOrder(
          amount: "500", kind: .promotional, note: "For the engine alone", priority: 50, expires: clock.now + .days(40), subBalances: [engine.id])
        _ = try await plane.credits.topUp(order, of: guild, by: ada)
      }
      if day == 18 { _ = try await plane.credits.topUp(TopUpOrder(amount: "800", note: "Invoice 1851"), of: guild, by: ada) }
    }
    clock.go(back: .minutes(20))
    let present = try await session(of: Self.operatorAddress)
    _ = try await plane.holds.create(
      HoldDraft(subBalance: engine.id, amount: "120", ceiling: "150", seconds: 6 * 3600, note: "Bernoulli numbers, run 41"), in: guild, by: present)
  }

  /// Budgets of people, quotas, and what jobs take of them now and took before.
  private func seedLimits(of guild: String) async throws {
    let budgets: [(BudgetSubject, holder: String, BudgetPeriod, soft: String, hard: String)] = [
      (.member, "mary", .month, "120", "400"), (.member, "george", .month, "", "60"), (.team, "mill", .month, "300", ""),
      (.serviceAccount, "nightly-report", .day, "", "5"),
    ]
    clock.go(back: .days(2))
    var ada = try await session(of: Self.operatorAddress)
    for (subject, holder, period, soft, hard) in budgets {
      _ = try await plane.budgets.create(BudgetDraft(subject: subject, holder: holder, period: period, soft: soft, hard: hard), in: guild, by: ada)
    }
    let quotas: [(QuotaDimension, QuotaSubject, holder: String, cluster: String, limit: Int?)] = [
      (.runningJobs, .organization, "", "", 20), (.runningJobs, .each, "", "", 4), (.runningJobs, .serviceAccount, "nightly-report", "", 1),
      (.gpus, .organization, "", "larch", 32), (.gpus, .each, "", "larch", 8), (.gpus, .member, "mary", "larch", 16), (.gpus, .member, "emmy", "", nil),
      (.storage, .organization, "", "", 2 << 40), (.seats, .organization, "", "", 25),
    ]
    for (dimension, subject, holder, cluster, limit) in quotas {
      let draft = try QuotaDraft(dimension, subject: subject, holder: holder, cluster: cluster, limit: limit, isUnlimited: limit == nil)
      _ = try await plane.quotas.create(draft, in: guild, by: ada)
    }
    // One that nobody ended, and one that was released.
    _ = try await plane.leases.acquire(
      LeaseDraft(holder: (.member, "george"), cluster: "oak", runningJobs: 1, gpus: 2, note: "Laws of thought"), in: guild, by: ada)
    let done = try await plane.leases.acquire(
      LeaseDraft(holder: (.member, "charles"), cluster: "larch", runningJobs: 1, gpus: 4, note: "Flowers and leaves"), in: guild, by: ada)
    clock.go(back: .days(2) - .minutes(50))
    ada = try await session(of: Self.operatorAddress)
    _ = try await plane.leases.release(done.lease.id, in: guild, by: ada)
    clock.go(back: .minutes(20))
    ada = try await session(of: Self.operatorAddress)
    let live: [(SubBalance.HolderKind, String, cluster: String, jobs: Int, gpus: Int, storage: Int, seconds: Int, note: String)] = [
      (.member, "mary", "larch", 2, 15, 0, 9 * 3600, "Bernoulli numbers, run 41"), (.serviceAccount, "nightly-report", "oak", 1, 0, 40 << 30, 3 * 3600, ""),
      (.member, "charles", "larch", 1, 4, 600 << 30, 30 * 3600, "Weaving"),
    ]
    for (kind, name, cluster, jobs, gpus, storage, seconds, note) in live {
      _ = try await plane.leases.acquire(
        LeaseDraft(holder: (kind, name), cluster: cluster, runningJobs: jobs, gpus: gpus, storage: storage, seconds: seconds, note: note), in: guild, by: ada)
    }
    clock.go(back: .zero)
  }

  /// A month of what the engine and its people used, told day by day; some of it late, some taken back.
  private func seedUsage(of guild: String) async throws {
    let today = clock.now.start(of: .day)
    let beginning = today - .days(40)
    let prices: [(resource: String, preset: String, unit: String, per: String, tiers: [(upTo: String, credits: String)], note: String)] = [
      ("gpu", "", "second", "3600", [("", "0.9")], ""), ("gpu", "a100-large", "second", "3600", [("", "2.4")], "Eight at a time."),
      ("storage", "", "GiB-hour", "1000", [("", "0.25")], ""),
      ("tokens", "", "token", "1000000", [("2000000", "0"), ("", "0.6")], "The first two million of a month are free."),
    ]
    for price in prices {
      let draft = try PriceDraft(
        resource: price.resource, preset: price.preset, unit: price.unit, per: price.per, tiers: price.tiers, since: beginning, note: price.note)
      _ = try await plane.prices.set(draft, by: try await session(of: Self.operatorAddress))
    }
    let agreed = try PriceDraft(
      resource: "gpu", preset: "", unit: "second", per: "3600", tiers: [("", "0.75")], since: today - .days(10), note: "As agreed for the difference engine.")
    _ = try await plane.prices.set(agreed, for: guild, by: try await session(of: Self.operatorAddress))
    let coming = try PriceDraft(
      resource: "gpu", preset: "a100-large", unit: "second", per: "3600", tiers: [("", "2.2")], since: today + .days(20), note: "Cheaper with the new mill.")
    _ = try await plane.prices.set(coming, by: try await session(of: Self.operatorAddress))
    for day in 0..<30 {
      clock.go(back: .days(29 - day))
      let caller = try await session(of: Self.operatorAddress)
      let noon = min(today - .days(29 - day) + .hours(12), clock.now)
      var events: [Result<UsageDraft, Problem>] = []
      for (place, kind) in Self.usage.enumerated() {
        // Less at the end of the week, more from time to time.
        let amount = kind.amount * (day % 7 > 4 ? 2 : 5 + (day * (place + 3)) % 7) / 6
        var subject = UsageDraft.Subject()
        (subject.member, subject.serviceAccount, subject.project, subject.cluster) = (kind.member, kind.serviceAccount, kind.project, kind.cluster)
        let draft = try UsageDraft(
          "day-\(day + 100)-\(place)", at: noon - .minutes(place * 37), resource: kind.resource, preset: kind.preset, unit: kind.unit,
          quantity: String(amount), of: subject)
        events.append(.success(draft))
      }
      if day == 20 { events.append(.success(try UsageDraft("correction-of-day-117-0", correcting: "day-117-0"))) }
      for case .failure(let problem) in try await plane.usage.record(events, of: "mill-scheduler", in: guild, by: caller) { throw problem }
    }
    clock.go(back: .zero)
  }

  /// What is used in a day, more or less.
  private static let usage: [
    (resource: String, preset: String, unit: String, amount: Int, member: String, serviceAccount: String, project: String, cluster: String)
  ] = [
    ("gpu", "a100-large", "second", 9000, "mary", "", "research/bernoulli-numbers", "larch"),
    ("gpu", "", "second", 21_600, "charles", "", "research/weaving", "larch"), ("gpu", "", "second", 7200, "george", "", "research/bernoulli-numbers", "oak"),
    ("gpu", "a100-large", "second", 5400, "ada", "", "", "oak"),
    ("storage", "", "GiB-hour", 4800, "", "", "research/weaving", "larch"),
    ("tokens", "", "token", 310_000, "ada", "", "research/bernoulli-numbers", ""),
    ("tokens", "", "token", 120_000, "", "nightly-report", "", ""), ("builds", "", "minute", 35, "emmy", "", "", "oak"),
  ]

  /// A link that signs the operator in once.
  func signInLink() async throws -> String { try await plane.sessions.issueLink(for: Self.operatorAddress) }

  func session(of address: String) async throws -> Caller {
    let session = try await plane.sessions.create(login: address, password: Self.password, by: Caller(.none, from: Self.origin))
    return Caller(secret: session.secret.reveal(), from: Self.origin)
  }

  private static let origin = Origin(address: "127.0.0.1", userAgent: "demonstration", requestID: "demonstration")
}
