import Authorization
@testable import ControlPlane
import Kernel
import Testing

/// Who is added without an invitation, and what new members may use of the credits.
@Suite struct DirectMembersTests {
  @Test func `Managers add accounts where operators let them, up to their own role, and the person is told`() async throws {
    let lab = try await Lab()
    let members = lab.plane.members
    let mona = lab.house.caller(try await lab.member("Mona", as: "manager").session)
    let uma = lab.house.caller(try await lab.member("Uma", as: "member").session)
    for name in ["Bob", "Cleo", "Dora"] { _ = try await lab.house.signUpVerified(name) }
    func add(_ name: String, _ role: String = "member", by caller: Caller) async -> String? {
      await refusal { try await members.add(named: name, roles: [role], to: lab.slug, by: caller) }
    }
    #expect(await add("bob", by: mona) == "forbidden")
    #expect(await refusal { try await lab.plane.installation.update(InstallationUpdate(letsMembersBeAdded: true), by: lab.admin) } == "forbidden")
    #expect(try await lab.plane.installation.update(InstallationUpdate(letsMembersBeAdded: true), by: lab.operator).letsMembersBeAdded)
    #expect(await add("bob", by: uma) == "forbidden")
    #expect(await add("bob", "admin", by: mona) == "role.above_own")
    #expect(await add("nobody", by: mona) == "missing")
    #expect(await add("bob", by: mona) == nil)
    #expect(await add("bob", by: mona) == "member.exists")
    #expect(await add("cleo@example.org", "admin", by: lab.admin) == nil)
    #expect(try await lab.roles() == ["ada": "admin", "bob": "member", "cleo": "admin", "mona": "manager", "uma": "member"])
    let told = try await lab.house.mails(to: "bob@example.org").map(\.subject)
    #expect(told.contains("You are a member of Lab now"))
    // An operator adds as ever, and service accounts add nobody.
    #expect(await add("dora", by: lab.operator) == nil)
    #expect(!(try await lab.house.mails(to: "dora@example.org").map(\.subject).contains("You are a member of Lab now")))
    #expect(Permission.leftToPeople.contains(.memberAdd))
  }

  @Test func `New members begin with what the organization says, and those who share out credits aren't limited`() async throws {
    let lab = try await Lab()
    let settings = lab.plane.organizationSettings
    let mona = lab.house.caller(try await lab.member("Mona", as: "manager").session)
    let uma = lab.house.caller(try await lab.member("Uma", as: "member").session)
    #expect(await refusal { try await settings.set("member_credits", to: "20", in: lab.slug, by: uma) } == "forbidden")
    // Managers share out credits, and decide nothing else of the organization.
    #expect(try await settings.set("member_credits", to: "20.5", in: lab.slug, by: mona).value == "20.5")
    #expect(await refusal { try await settings.set("invitation_term", to: "3", in: lab.slug, by: mona) } == "forbidden")
    for wrong in ["-1", "", "many", "1.2345678"] {
      #expect(await faultyFields { try await settings.set("member_credits", to: wrong, in: lab.slug, by: mona) } == ["value"], "\(wrong)")
    }
    _ = try await lab.member("Bob", as: "member")
    _ = try await lab.member("Max", as: "manager")
    _ = try await lab.member("Gus", as: "guest")
    #expect(try await shares(lab) == ["Bob: 20.5"])
    _ = try await settings.set("member_credits", to: "0", in: lab.slug, by: mona)
    _ = try await lab.member("Cleo", as: "viewer")
    _ = try await settings.set("member_credits", to: "unlimited", in: lab.slug, by: mona)
    _ = try await lab.member("Dora", as: "member")
    #expect(try await shares(lab) == ["Bob: 20.5", "Cleo: 0"])
    // Who comes back has what they had.
    _ = try await settings.set("member_credits", to: "7", in: lab.slug, by: mona)
    let bob = try await lab.plane.members.named("bob", field: "member", in: lab.slug, by: lab.admin)
    try await lab.plane.members.remove(bob.id, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.members.add(bob.account, roles: ["member"], expires: nil, to: lab.slug, by: lab.operator)
    #expect(try await shares(lab) == ["Bob: 20.5", "Cleo: 0"])
    try await lab.expectSoundBooks()
  }

  private func shares(_ lab: Lab) async throws(Problem) -> [String] {
    try await lab.plane.subBalances.list(in: lab.slug, .first, by: lab.admin).items.map { "\($0.subBalance.name): \($0.isUnlimited ? "unlimited" : "\($0.balance)")" }
  }

  @Test func `A token made for it deletes an organization, which others can't`() async throws {
    let lab = try await Lab()
    func token(_ scopes: [String]) async throws -> Caller {
      lab.house.caller(try await lab.plane.tokens.create(AccessTokenDraft(name: "CI", scopes: scopes), by: lab.admin).secret)
    }
    #expect(await faultyFields { try await token(["organization:irreversible"]) } == ["scopes"])
    for (scopes, refused) in [(["organization:admin"], "session.stale"), (["organization:admin", "organization:irreversible"], nil)] as [([String], String?)] {
      let caller = try await token(scopes)
      #expect(await refusal { try await lab.plane.organizations.delete(lab.slug, confirm: lab.slug, by: caller) } == refused, "\(scopes)")
    }
  }

  @Test func `An edge is told who speaks, which clusters there are at the beginning, and what somebody holds`() async throws {
    let lab = try await Lab()
    let plane = lab.plane
    let bob = try await lab.member("Bob", as: "member").session
    let caller = lab.house.caller(bob)
    guard case .person(let person) = try await plane.accounts.speaker(by: caller) else { throw Problem(.defect, "Nobody speaks.") }
    #expect(person.id == bob.account.id)
    guard case .anonymous = try await plane.accounts.speaker(by: lab.house.visitor()) else { throw Problem(.defect, "Somebody speaks.") }
    #expect(await refusal { try await plane.accounts.speaker(by: Caller(secret: "gld_pat_x", from: lab.house.origin())) } == "credential.invalid")
    for (slug, isDefault) in [("oslo", true), ("rome", false)] {
      _ = try await plane.clusters.register(ClusterDraft(name: slug, slug: slug, details: ClusterUpdate(isDefault: isDefault)), by: lab.operator)
      _ = try await plane.clusters.admit(lab.slug, to: slug, ClusterAdmission(takesMembers: false), by: lab.operator)
    }
    #expect(try await plane.clusters.defaults(by: caller).map(\.slug.text) == ["oslo"])
    #expect(await refusal { try await plane.clusters.defaults(by: lab.house.visitor()) } == "session.required")
    let places = try await plane.organizationClusters.list(in: lab.slug, .first, by: lab.admin).items.map(\.resource.id)
    #expect(try await plane.grants.held(on: places, in: lab.slug, by: caller).isEmpty)
    for role in ["user", "manager"] { _ = try await plane.grants.give(GrantDraft(.member("bob"), role: role), on: .cluster("oslo"), in: lab.slug, by: lab.admin) }
    #expect(try await plane.grants.held(on: places, in: lab.slug, by: caller) == [places[0]: .resource(.clusterManager)])
    #expect(await refusal { try await plane.grants.held(on: places, in: lab.slug, by: lab.house.caller(try await lab.house.signUp("Eve"))) } == "missing")
    // An organization may begin without the clusters that others have.
    for takesClusters in [true, false] {
      let draft = try OrganizationDraft(name: "New", slug: "new-\(takesClusters)", description: "", billingEmail: "bob@example.org")
      let made = try await plane.organizations.found(draft, takesClusters: takesClusters, by: caller)
      #expect(try await plane.organizationClusters.list(in: made.slug.text, .first, by: caller).total == (takesClusters ? 1 : 0))
    }
  }
}
