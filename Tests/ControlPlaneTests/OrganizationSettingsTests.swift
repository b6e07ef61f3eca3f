import Authorization
@testable import ControlPlane
import Kernel
import Testing

@Suite struct OrganizationSettingsTests {
  private func values(_ lab: Lab) async throws(Problem) -> [String: String] {
    let entries = try await lab.plane.organizationSettings.inForce(in: "lab", by: lab.admin).entries
    return Dictionary(uniqueKeysWithValues: entries.map { ($0.name.rawValue, "\($0.value) of \($0.own == nil ? "installation" : "organization"), else \($0.inherited)") })
  }

  @Test func `Each way to change a setting counts as one change of the organization`() async throws {
    let lab = try await Lab()
    func revision() async throws(Problem) -> Int { try await lab.plane.organizations.find("lab", by: lab.admin).revision }
    let first = try await revision()
    _ = try await lab.plane.organizations.update("lab", OrganizationUpdate(acceptsRequests: true), seen: first, by: lab.admin)
    #expect(try await revision() == first + 1)
    _ = try await lab.plane.organizationSettings.set("join_requests", to: "no", in: "lab", by: lab.admin)
    #expect(try await revision() == first + 2)
    _ = try await lab.plane.organizationSettings.reset("join_requests", in: "lab", by: lab.admin)
    #expect(try await revision() == first + 3)
    _ = try await lab.plane.organizationSettings.reset("join_requests", in: "lab", by: lab.admin)
    #expect(try await revision() == first + 3)
  }

  @Test func `An organization follows the installation until it decides, and again after a reset`() async throws {
    let lab = try await Lab(change: { ($0.invitationTerm, $0.defaultRole) = (.days(5), .viewer) })
    let settings = lab.plane.organizationSettings
    #expect(
      try await values(lab) == [
        "invitation_term": "5 of installation, else 5", "default_role": "viewer of installation, else viewer", "join_requests": "no of installation, else no",
        "reinstatement_term": "90 of installation, else 90", "time_zone": "UTC of installation, else UTC", "member_credits": "unlimited of installation, else unlimited",
        "outside_collaborators": "managers of installation, else managers",
      ])
    #expect(try await settings.set("invitation_term", to: "30", in: "lab", by: lab.admin).value == "30")
    #expect(try await values(lab)["invitation_term"] == "30 of organization, else 5")
    // The installation's own value may be held fast.
    #expect(try await settings.set("default_role", to: "viewer", in: "lab", by: lab.admin).own == "viewer")
    _ = try await settings.set("invitation_term", to: "30", in: "lab", by: lab.admin)
    for _ in 0..<2 { #expect(try await settings.reset("invitation_term", in: "lab", by: lab.admin) == SettingEntry(name: .invitationTerm, own: nil, inherited: "5")) }
    let events = try await lab.plane.events.list(in: "lab", EventFilter(), .first, by: lab.admin).items.reversed().dropFirst()
    #expect(events.map(\.action) == ["setting.set", "setting.set", "setting.reset"])
    #expect(
      events.map { $0.changes.map { "\($0.field) \($0.before ?? "-") \($0.after ?? "-")" } } == [
        ["invitation_term 5 30", "source installation organization"], ["default_role viewer viewer", "source installation organization"],
        ["invitation_term 30 5", "source organization installation"],
      ])
    #expect(try await lab.plane.events.verify(lab.stream).fault == nil)
  }

  @Test(arguments: [
    ("invitation_term", "0"), ("invitation_term", "91"), ("invitation_term", "-1"), ("invitation_term", "+5"), ("invitation_term", "5.0"), ("invitation_term", "five"),
    ("invitation_term", ""), ("invitation_term", "99999999999999999999"), ("reinstatement_term", "366"), ("reinstatement_term", "0"), ("default_role", "owner"),
    ("default_role", "Member"), ("default_role", "admin,member"), ("default_role", ""), ("join_requests", "perhaps"), ("join_requests", "YES"), ("join_requests", ""),
    ("default_role", String(repeating: "x", count: 100_000)),
  ])
  func `A value out of its bounds is refused at its field, and nothing changes`(name: String, value: String) async throws {
    let lab = try await Lab()
    let before = try await values(lab)
    #expect(await faultyFields { try await lab.plane.organizationSettings.set(name, to: value, in: "lab", by: lab.admin) } == ["value"])
    #expect(try await values(lab) == before)
    #expect(try await lab.house.actions(in: lab.stream) == ["organization.create"])
  }

  @Test func `A setting that is none isn't found, and neither is one of somebody else's organization`() async throws {
    let lab = try await Lab()
    let settings = lab.plane.organizationSettings
    let eve = try await lab.house.signUpVerified("Eve")
    for name in ["", "session_term", "INVITATION_TERM", "invitation_term ", "x\u{0}"] {
      #expect(await refusal { try await settings.set(name, to: "5", in: "lab", by: lab.admin) } == "missing")
      #expect(await refusal { try await settings.reset(name, in: "lab", by: lab.admin) } == "missing")
    }
    #expect(await refusal { try await settings.inForce(in: "lab", by: lab.house.caller(eve)) } == "missing")
    #expect(await refusal { try await settings.set("invitation_term", to: "5", in: "lab", by: lab.house.caller(eve)) } == "missing")
    #expect(await refusal { try await settings.inForce(in: "lab", by: lab.house.visitor()) } == "session.required")
  }

  @Test func `Members see the settings, admins change them, and nobody while the organization is suspended`() async throws {
    let lab = try await Lab()
    let settings = lab.plane.organizationSettings
    for role in OrganizationRole.allCases where role != .admin {
      let caller = lab.house.caller(try await lab.member("A \(role.rawValue)", as: role.rawValue).session)
      #expect(try await settings.inForce(in: "lab", by: caller).entries.count == OrganizationSetting.Name.allCases.count)
      #expect(await refusal { try await settings.set("invitation_term", to: "5", in: "lab", by: caller) } == "forbidden")
      #expect(await refusal { try await settings.reset("invitation_term", in: "lab", by: caller) } == "forbidden")
    }
    _ = try await lab.plane.organizations.suspend("lab", because: "", by: lab.admin)
    for caller in [lab.admin, lab.operator] {
      #expect(await refusal { try await settings.inForce(in: "lab", by: caller) } == nil)
      #expect(await refusal { try await settings.set("invitation_term", to: "5", in: "lab", by: caller) } == "organization.suspended")
      #expect(await refusal { try await settings.reset("invitation_term", in: "lab", by: caller) } == "organization.suspended")
    }
  }

  @Test func `The term holds at once, for new invitations and for those sent again, unless the inviter says otherwise`() async throws {
    let lab = try await Lab()
    let (settings, invitations) = (lab.plane.organizationSettings, lab.plane.invitations)
    let first = try await lab.invite("bob@example.org", as: "guest").invitation
    #expect(first.expires == lab.house.now + .days(14))
    _ = try await settings.set("invitation_term", to: "1", in: "lab", by: lab.admin)
    #expect(try await lab.invitation(first.id).expires == first.expires)
    #expect(try await lab.invite("carol@example.org", as: "guest").invitation.expires == lab.house.now + .days(1))
    #expect(try await invitations.renew(first.id, mail: true, in: "lab", by: lab.admin).invitation.expires == lab.house.now + .days(1))
    let chosen = try await invitations.send(InvitationDraft(address: "dora@example.org", roles: ["guest"], days: 40), to: "lab", by: lab.admin)
    #expect(chosen.invitation.expires == lab.house.now + .days(40))
  }

  @Test func `An invitation without a role has the organization's, as far as its inviter may give that`() async throws {
    let lab = try await Lab()
    let (settings, invitations) = (lab.plane.organizationSettings, lab.plane.invitations)
    let manager = lab.house.caller(try await lab.member("Max", as: "manager").session)
    func roles(of address: String, by caller: Caller) async throws(Problem) -> String {
      try await invitations.send(InvitationDraft(address: address, roles: nil), to: "lab", by: caller).invitation.roles.description
    }
    #expect(try await roles(of: "bob@example.org", by: manager) == "member")
    _ = try await settings.set("default_role", to: "contributor", in: "lab", by: lab.admin)
    #expect(try await roles(of: "bob@example.org", by: lab.admin) == "contributor")
    #expect(await refusal { try await roles(of: "carol@example.org", by: manager) } == "role.above_own")
    #expect(await faultyFields { try InvitationDraft(address: "carol@example.org", roles: []) } == ["roles"])
    let many = try await invitations.send(InvitationSheet("dora@example.org\nemil@example.org, guest"), roles: nil, message: "", days: nil, in: "lab", by: lab.admin)
    #expect(try many.map { try $0.result.get().invitation.roles.description } == ["contributor", "guest"])
  }

  @Test func `Requests are taken where the organization says so, and else where the installation does`() async throws {
    for installation in [false, true] {
      let lab = try await Lab(change: { $0.joinRequests = installation })
      let eve = lab.house.caller(try await lab.house.signUpVerified("Eve"))
      let settings = lab.plane.organizationSettings
      func asks() async -> String? { await refusal { try await lab.plane.requests.ask("lab", message: "", by: eve) } }
      #expect(lab.organization.acceptsRequests == installation)
      let seen = try await lab.plane.organizations.find("lab", by: lab.admin)
      _ = try await settings.set("join_requests", to: installation ? "no" : "yes", in: "lab", by: lab.admin)
      let after = try await lab.plane.organizations.find("lab", by: lab.admin)
      #expect(after.acceptsRequests == !installation && after.revision > seen.revision)
      #expect(await asks() == (installation ? "missing" : nil))
      _ = try await settings.reset("join_requests", in: "lab", by: lab.admin)
      #expect(await asks() == (installation ? nil : "missing"))
      // The organization's own switch is the same setting.
      _ = try await lab.plane.organizations.update("lab", OrganizationUpdate(acceptsRequests: !installation), seen: nil, by: lab.admin)
      #expect(try await settings.inForce(in: "lab", by: lab.admin).entry(.joinRequests).own == (installation ? "no" : "yes"))
    }
  }

  @Test func `Who leaves can be reinstated for the organization's term, who left before for the term of then`() async throws {
    let lab = try await Lab()
    let (bob, carol) = (try await lab.member("Bob", as: "guest").member, try await lab.member("Carol", as: "guest").member)
    try await lab.plane.members.remove(bob.id, in: "lab", by: lab.admin)
    _ = try await lab.plane.organizationSettings.set("reinstatement_term", to: "1", in: "lab", by: lab.admin)
    try await lab.plane.members.remove(carol.id, in: "lab", by: lab.admin)
    let former = try await lab.plane.members.listFormer(in: "lab", .first, by: lab.admin).items
    #expect(Dictionary(uniqueKeysWithValues: former.map { ($0.name.text, $0.forget) }) == ["Bob": lab.house.now + .days(90), "Carol": lab.house.now + .days(1)])
  }
}
