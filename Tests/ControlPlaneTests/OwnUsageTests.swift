import Contract
@testable import ControlPlane
import Kernel
import Testing

/// What somebody used themselves they may always see, and nothing else.
@Suite struct OwnUsageTests {
  @Test func `Whoever may not see all usage sees their own`() async throws {
    let lab = try await Lab()
    let now = lab.house.now
    let bob = lab.house.caller(try await lab.member("Bob", as: "member").session)
    let cleo = lab.house.caller(try await lab.member("Cleo", as: "member").session)
    let drafts = try [("1", "gpu", "60", "bob"), ("2", "gpu", "5", "cleo"), ("3", "disk", "7", "")].map { id, resource, quantity, member in
      var subject = UsageDraft.Subject()
      subject.member = member
      return try UsageDraft(id, at: now, resource: resource, unit: "second", quantity: quantity, of: subject)
    }
    _ = try await lab.plane.usage.record(drafts.map { .success($0) }, of: "s", in: lab.slug, by: lab.admin)
    func report(_ member: String?, by dimension: UsageReportRequest.Dimension = .resource, _ caller: Caller) async throws(Problem) -> [String] {
      let request = try UsageReportRequest(since: now - .days(1), until: now + .minutes(1), step: .all, by: dimension, .init(member: member))
      let page = try await lab.plane.usage.report(request, in: lab.slug, .first, by: caller)
      let whole = try await lab.plane.usage.all(request, in: lab.slug, limit: 10, by: caller)
      #expect(whole.map(\.row) == page.items.map(\.row))
      return page.items.map { "\($0.name) \($0.row.quantity)" }
    }
    let id = try await lab.plane.accounts.read(by: bob).id.description
    for name in ["me", "bob", "BOB", id] { #expect(try await report(name, bob) == ["gpu 60"], "\(name)") }
    #expect(try await report("me", cleo) == ["gpu 5"])
    #expect(try await report("me", by: .member, bob) == ["Bob 60"])
    #expect(try await report("me", lab.admin) == [])
    for name in [nil, "cleo", "none", "ada", "nobody"] as [String?] {
      #expect(await refusal { try await report(name, bob) } == "forbidden", "\(name ?? "all")")
    }
    // A stranger learns nothing of the organization, and who left sees nothing any more.
    let stranger = lab.house.caller(try await lab.house.signUpVerified("Stranger"))
    #expect(await refusal { try await report("me", stranger) } == "missing")
    let seat = try await lab.plane.members.named("cleo", field: "member", in: lab.slug, by: lab.admin)
    _ = try await lab.plane.members.remove(seat.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await report("me", cleo) } == "missing")
  }
}
