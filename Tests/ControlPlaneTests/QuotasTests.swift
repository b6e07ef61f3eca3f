import Contract
@testable import ControlPlane
import Kernel
import Ledger
import TestSupport
import Testing

/// The promises of quotas and leases, on SQLite; `LimitsOnPostgresTests` runs the same on PostgreSQL.
@Suite struct QuotasTests {
  @Test func `What is taken fits all quotas, or the one that binds is named`() async throws { try await Self.story(Lab()) }

  static func story(_ lab: Lab) async throws {
    let bob = try await lab.member("Bob", as: "infrastructure").session
    let asBob = lab.house.caller(bob)
    // Without quotas nothing limits.
    _ = try await lab.take(jobs: 1000, for: "bob")
    try await lab.limit(.runningJobs, .organization, 1010)
    try await lab.limit(.runningJobs, .each, 4)
    try await lab.limit(.gpus, .each, 8, cluster: "c1")
    #expect(await refusal { try await lab.take(jobs: 1, for: "bob") } == "quota.exceeded")
    try await lab.limit(.runningJobs, .member, 1003, holder: "bob")
    _ = try await lab.take(jobs: 3, for: "bob")
    let lack = await problem { try await lab.take(jobs: 2, for: "bob") }
    #expect(lack?.detail == "Of 1,003 running jobs that Bob may have at once, 1,003 are taken: 2 running jobs too many.")
    // One's own unlimited goes before what each may have; the organization's holds for all.
    try await lab.limit(.runningJobs, .member, nil, holder: "ada")
    _ = try await lab.take(jobs: 7, for: "ada")
    let full = await problem { try await lab.take(jobs: 1, for: "ada") }
    #expect(full?.code == .quotaExceeded && full?.detail.contains("the organization may have") == true)
    // All of it or nothing.
    let gpus = try await lab.take(gpus: 8, for: "bob", cluster: "c1")
    #expect(await refusal { try await lab.take(gpus: 1, storage: 5, for: "bob", cluster: "c1") } == "quota.exceeded")
    _ = try await lab.take(gpus: 100, storage: 5, for: "bob", cluster: "c2")
    let effective = try await lab.plane.quotas.effective(of: "bob", cluster: "c1", in: lab.slug, by: lab.admin)
    #expect(effective.map(\.effective.dimension) == QuotaDimension.allCases)
    #expect(effective[0].binding?.words == "Bob" && effective[0].effective.levels.map(\.used) == [1003, 1010] && effective[0].effective.binding?.left == 0)
    #expect(effective[1].binding?.words == "each member in the cluster c1" && effective[1].effective.binding?.left == 0)
    #expect(effective[2].effective.binding == nil)
    _ = try await lab.plane.leases.release(gpus.lease.id, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.leases.acquire(LeaseDraft(cluster: "c1", gpus: 8), in: lab.slug, by: asBob)
    #expect(try await lab.plane.leases.list(in: lab.slug, .live, .first, by: lab.admin).total == 5)
    #expect(try await lab.plane.leases.list(in: lab.slug, .released, .first, by: lab.admin).items.map(\.lease.id) == [gpus.lease.id])
    let listed = try await lab.plane.quotas.list(in: lab.slug, of: nil, PageRequest(limit: 2), by: lab.admin)
    let rest = try await lab.plane.quotas.list(in: lab.slug, of: nil, PageRequest(limit: 200, cursor: listed.next), by: lab.admin)
    #expect(listed.total == 5 && (listed.items + rest.items).map(\.words) == ["each member in the cluster c1", "each member", "Ada", "Bob", "the organization"])
  }

  @Test func `Leases that ended 90 days ago are forgotten, and no others`() async throws { try await Self.forgetting(Lab()) }

  static func forgetting(_ lab: Lab) async throws {
    let expired = try await lab.take(jobs: 1, seconds: 60).lease.id
    let released = try await lab.take(jobs: 1, seconds: 60).lease.id
    let live = try await lab.take(jobs: 2, seconds: 31_000_000).lease.id
    _ = try await lab.plane.leases.release(released, in: lab.slug, by: lab.admin)
    // Taken at the same time, and ended later.
    let longer = try await lab.take(jobs: 1, seconds: 7200).lease.id
    func rest() async throws -> Set<ID<Lease>> {
      try await ForgetLeases(lab.plane).run()
      // Nobody is signed in any more after so long.
      return try await lab.plane.read(as: .system("test")) { work in
        Set(try work.leaseRows.list(in: lab.organization.id, nil, at: work.now, PageRequest(limit: 200)).items.map(\.lease.id))
      }
    }
    lab.house.pass(.days(90) + .milliseconds(1))
    #expect(try await rest() == [expired, live, longer], "what was released at once was so 90 days ago")
    lab.house.pass(.hours(1))
    #expect(try await rest() == [live, longer])
    lab.house.pass(.hours(1) + .milliseconds(1))
    #expect(try await rest() == [live])
  }

  @Test func `A lease ends at its instant, is renewed while it is live, and ends once`() async throws { try await Self.terms(Lab()) }

  static func terms(_ lab: Lab) async throws {
    try await lab.limit(.runningJobs, .organization, 1)
    let lease = try await lab.take(jobs: 1, seconds: 60).lease.id
    lab.house.pass(.milliseconds(59_999))
    #expect(await refusal { try await lab.take(jobs: 1) } == "quota.exceeded")
    #expect(try await lab.renew(lease, seconds: 60).state == .live)
    lab.house.pass(.milliseconds(59_999))
    #expect(await refusal { try await lab.take(jobs: 1) } == "quota.exceeded")
    lab.house.pass(.milliseconds(1))
    #expect(try await lab.plane.leases.find(lease, in: lab.slug, by: lab.admin).state == .expired)
    let second = try await lab.take(jobs: 1, seconds: 60).lease.id
    #expect(await refusal { try await lab.renew(lease, seconds: 60) } == "lease.expired")
    #expect(try await lab.plane.leases.release(lease, in: lab.slug, by: lab.admin).state == .expired)
    #expect(await refusal { try await lab.take(jobs: 1) } == "quota.exceeded")
    for _ in 0..<2 { #expect(try await lab.plane.leases.release(second, in: lab.slug, by: lab.admin).state == .released) }
    #expect(await refusal { try await lab.renew(second, seconds: 60) } == "lease.released")
    // A clock that goes back revives nothing.
    let third = try await lab.take(jobs: 1, seconds: 60).lease.id
    lab.house.pass(.seconds(60))
    _ = try await lab.take(jobs: 1, seconds: 60)
    lab.house.pass(.seconds(-60))
    #expect(try await lab.plane.leases.find(third, in: lab.slug, by: lab.admin).state == .expired)
    #expect(await refusal { try await lab.renew(third, seconds: 60) } == "lease.expired")
    #expect(try await lab.plane.leases.list(in: lab.slug, .live, .first, by: lab.admin).total == 1)
  }

  @Test func `The same id with the same content is one lease, with other content a conflict`() async throws { try await Self.repeats(Lab()) }

  static func repeats(_ lab: Lab) async throws {
    try await lab.limit(.runningJobs, .organization, 1)
    let id: ID<Lease> = lab.id(1).cast()
    for _ in 0..<3 {
      #expect(try await lab.take(jobs: 1, seconds: 60, id: id).lease.id == id)
      lab.house.pass(.seconds(5))
    }
    #expect(await refusal { try await lab.take(jobs: 2, seconds: 60, id: id) } == "lease.id_reused")
    #expect(await refusal { try await lab.take(jobs: 1, seconds: 61, id: id) } == "lease.id_reused")
    #expect(await refusal { try await lab.take(jobs: 1, cluster: "c1", seconds: 60, id: id) } == "lease.id_reused")
    // A refused id stays free; a repeat after the end is answered as it ended.
    #expect(await refusal { try await lab.take(jobs: 1, id: lab.id(2).cast()) } == "quota.exceeded")
    lab.house.pass(.seconds(60))
    #expect(try await lab.take(jobs: 1, seconds: 60, id: id).state == .expired)
    _ = try await lab.take(jobs: 1, id: lab.id(2).cast())
    #expect(try await lab.plane.leases.list(in: lab.slug, nil, PageRequest(limit: 1), by: lab.admin).total == 2)
  }

  @Test func `Nobody takes, changes or sees what isn't theirs`() async throws { try await Self.strangers(Lab()) }

  static func strangers(_ lab: Lab) async throws {
    let plane = lab.plane
    let bob = lab.house.caller(try await lab.member("Bob", as: "infrastructure").session)
    let cleo = lab.house.caller(try await lab.member("Cleo", as: "member").session)
    let mia = lab.house.caller(try await lab.member("Mia", as: "manager").session)
    let quota = try await lab.limit(.gpus, .organization, 10)
    let lease = try await lab.take(gpus: 1).lease.id
    #expect(await refusal { try await plane.leases.renew(lease, LeaseRenewal(seconds: 1), in: lab.slug, by: bob) } == "lease.foreign")
    #expect(await refusal { try await plane.leases.release(lease, in: lab.slug, by: bob) } == "lease.foreign")
    #expect(await refusal { try await plane.leases.acquire(LeaseDraft(gpus: 1), in: lab.slug, by: cleo) } == "forbidden")
    #expect(await refusal { try await plane.quotas.delete(quota.quota.id, in: lab.slug, by: bob) } == "forbidden")
    // A manager may.
    _ = try await plane.quotas.create(QuotaDraft(.gpus, subject: .member, holder: "cleo", limit: 1), in: lab.slug, by: mia)
    #expect(try await plane.leases.release(lease, in: lab.slug, by: lab.operator).state == .released)
    let eve = lab.house.caller(try await lab.house.signUpVerified("Eve"))
    #expect(await refusal { try await plane.quotas.list(in: lab.slug, of: nil, .first, by: eve) } == "missing")
    #expect(await refusal { try await plane.leases.acquire(LeaseDraft(gpus: 1), in: lab.slug, by: eve) } == "missing")
    _ = try await lab.house.found("Other", by: lab.ada)
    for caller in [lab.admin, lab.operator] {
      #expect(await refusal { try await plane.quotas.find(quota.quota.id, in: "other", by: caller) } == "missing")
      #expect(await refusal { try await plane.quotas.update(quota.quota.id, QuotaUpdate(limit: 0), in: "other", by: caller) } == "missing")
      #expect(await refusal { try await plane.quotas.delete(quota.quota.id, in: "other", by: caller) } == "missing")
      #expect(await refusal { try await plane.leases.find(lease, in: "other", by: caller) } == "missing")
      #expect(await refusal { try await plane.leases.release(lease, in: "other", by: caller) } == "missing")
    }
    // Who isn't a member has no quota here and takes nothing.
    #expect(await faultyFields { try await plane.quotas.create(QuotaDraft(.gpus, subject: .member, holder: "eve", limit: 1), in: lab.slug, by: lab.admin) } == ["holder"])
    #expect(await faultyFields { try await lab.take(gpus: 1, for: "eve") } == ["holder"])
  }

  @Test func `What can't be is refused, and nothing happens`() async throws {
    let lab = try await Lab()
    for limit in [-1, Int.min, Int.max, Int(Quota.most) + 1] {
      #expect(await faultyFields { try await lab.limit(.gpus, .organization, limit) } == ["limit"])
    }
    #expect(await faultyFields { try QuotaDraft(.gpus, limit: nil) } == ["limit"])
    #expect(await faultyFields { try QuotaDraft(.gpus, limit: 1, isUnlimited: true) } == ["unlimited"])
    #expect(await faultyFields { try QuotaDraft(.gpus, subject: .member, limit: 1) } == ["holder"])
    #expect(await faultyFields { try QuotaDraft(.gpus, subject: .each, holder: "ada", limit: 1) } == ["holder"])
    #expect(await faultyFields { try QuotaDraft(.seats, subject: .each, cluster: "c1", limit: 1) } == ["subject", "cluster"])
    #expect(await faultyFields { try QuotaDraft(.gpus, cluster: String(repeating: "x", count: 200), limit: 1) } == ["cluster"])
    let quota = try await lab.limit(.gpus, .organization, 0)
    #expect(await refusal { try await lab.limit(.gpus, .organization, 1) } == "name.taken")
    let after = try await lab.plane.quotas.update(quota.quota.id, QuotaUpdate(limit: Int(Quota.most)), seen: 1, in: lab.slug, by: lab.admin)
    #expect(after.revision == 2)
    #expect(await refusal { try await lab.plane.quotas.update(quota.quota.id, QuotaUpdate(limit: 1), seen: 1, in: lab.slug, by: lab.admin) } == "stale")
    #expect(await faultyFields { try LeaseDraft() } == ["running_jobs"])
    #expect(await faultyFields { try LeaseDraft(runningJobs: -1, gpus: .max, storage: .min) } == ["running_jobs", "gpus", "storage"])
    for seconds in [0, -1, 31_622_401, Int.max] { #expect(await faultyFields { try LeaseDraft(gpus: 1, seconds: seconds) } == ["expires_in"]) }
    // As much as can be counted, and no more.
    try await lab.plane.quotas.delete(quota.quota.id, seen: 2, in: lab.slug, by: lab.admin)
    for _ in 0..<1024 { _ = try await lab.take(storage: Int(Quota.most)) }
    #expect(await refusal { try await lab.take(storage: Int(Quota.most)) } == "quota.exceeded")
    #expect(try await lab.house.actions(in: lab.stream).filter { $0.hasPrefix("quota") } == ["quota.create", "quota.update", "quota.delete"])
  }

  @Test func `While an organization is suspended nothing new is taken, and what runs goes on and ends`() async throws {
    let lab = try await Lab()
    let lease = try await lab.take(jobs: 1).lease.id
    _ = try await lab.plane.organizations.suspend(lab.slug, because: "", by: lab.admin)
    #expect(await refusal { try await lab.take(jobs: 1) } == "organization.suspended")
    _ = try await lab.renew(lease, seconds: 7200)
    #expect(try await lab.plane.leases.release(lease, in: lab.slug, by: lab.admin).state == .released)
  }

  @Test func `Nobody more is invited or taken in than there are seats`() async throws {
    let lab = try await Lab()
    try await lab.limit(.seats, .organization, 2)
    let first = try await lab.invite("one@example.org", as: "member")
    #expect(await refusal { try await lab.invite("two@example.org", as: "member") } == "quota.exceeded")
    // Sent again it has its seat still, and who accepts takes the invitation's.
    _ = try await lab.invite("one@example.org", as: "member")
    _ = try await lab.plane.invitations.cancel(first.invitation.id, in: lab.slug, by: lab.admin)
    let (session, _) = try await lab.member("Bob", as: "member")
    #expect(await refusal { try await lab.invite("two@example.org", as: "member") } == "quota.exceeded")
    let eve = try await lab.house.signUpVerified("Eve")
    #expect(await refusal { try await lab.plane.members.add(eve.account.id, roles: ["member"], expires: nil, to: lab.slug, by: lab.operator) } == "quota.exceeded")
    // A quota below what is taken leaves those who are there.
    let quota = try await lab.plane.quotas.list(in: lab.slug, of: nil, .first, by: lab.admin).items[0]
    _ = try await lab.plane.quotas.update(quota.quota.id, QuotaUpdate(limit: 1), in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.organizations.open(lab.slug, by: lab.house.caller(session)).0.id == lab.organization.id)
    let seats = try await lab.plane.quotas.effective(in: lab.slug, by: lab.admin).first { $0.effective.dimension == .seats }
    #expect(seats?.effective.levels.map(\.used) == [2] && seats?.effective.binding?.left == 0)
  }

  @Test func `Of many who take at once, as many get it as fit`() async throws { try await Self.race(Lab(), callers: 24) }

  static func race(_ lab: Lab, callers: Int) async throws {
    try await lab.limit(.runningJobs, .organization, 10)
    try await lab.limit(.runningJobs, .each, 7, cluster: "c1")
    let found = await outcomes(
      (0..<callers).map { number in
        { await refusal { try await lab.take(jobs: 1, cluster: number.isMultiple(of: 2) ? "c1" : "c2", id: lab.id(number).cast()) } }
      })
    #expect(found == ["success": 10, "quota.exceeded": callers - 10])
    let live = try await lab.plane.leases.list(in: lab.slug, .live, PageRequest(limit: 200), by: lab.admin)
    #expect(live.total == 10 && live.items.count { $0.lease.cluster == "c1" } <= 7)
    // The same again at once is one lease.
    let id = try #require(live.items.first?.lease)
    let again = await outcomes((0..<8).map { _ in { await refusal { try await lab.take(jobs: 1, cluster: id.cluster ?? "", id: id.id) } } })
    #expect(again == ["success": 8])
    #expect(try await lab.plane.leases.list(in: lab.slug, .live, .first, by: lab.admin).total == 10)
  }
}

extension Lab {
  @discardableResult func limit(
    _ dimension: QuotaDimension, _ subject: QuotaSubject, _ limit: Int?, holder: String = "", cluster: String = ""
  ) async throws(Problem) -> QuotaSetting {
    let draft = try QuotaDraft(dimension, subject: subject, holder: holder, cluster: cluster, limit: limit, isUnlimited: limit == nil)
    return try await plane.quotas.create(draft, in: slug, by: admin)
  }

  func take(
    jobs: Int = 0, gpus: Int = 0, storage: Int = 0, for holder: String = "ada", cluster: String = "", seconds: Int? = nil, id: ID<Lease>? = nil
  ) async throws(Problem) -> SeenLease {
    let draft = try LeaseDraft(
      id: id, holder: (.member, holder), cluster: cluster, runningJobs: jobs, gpus: gpus, storage: storage, seconds: seconds)
    return try await plane.leases.acquire(draft, in: slug, by: admin)
  }

  func renew(_ id: ID<Lease>, seconds: Int) async throws(Problem) -> SeenLease {
    try await plane.leases.renew(id, LeaseRenewal(seconds: seconds), in: slug, by: admin)
  }
}
