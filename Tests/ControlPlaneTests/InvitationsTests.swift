import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Testing

@Suite struct InvitationsTests {
  // MARK: The states

  enum Move: String, CaseIterable { case acceptByLink, acceptInInbox, decline, cancel, renew, setRoles }

  /// For each state what each move answers (`nil` where it is allowed), and the state it leads to.
  static let table: [(from: Invitation.State, outcomes: [(Move, String?, Invitation.State)])] = [
    (
      .pending,
      [
        (.acceptByLink, nil, .accepted), (.acceptInInbox, nil, .accepted), (.decline, nil, .declined), (.cancel, nil, .cancelled), (.renew, nil, .pending),
        (.setRoles, nil, .pending),
      ]
    ),
    (
      .accepted,
      [
        (.acceptByLink, nil, .accepted), (.acceptInInbox, nil, .accepted), (.decline, "invitation.answered", .accepted),
        (.cancel, "invitation.answered", .accepted),
        (.renew, "invitation.answered", .accepted), (.setRoles, "invitation.answered", .accepted),
      ]
    ),
    (
      .declined,
      [
        (.acceptByLink, "invitation.answered", .declined), (.acceptInInbox, "invitation.answered", .declined), (.decline, nil, .declined),
        (.cancel, "invitation.answered", .declined), (.renew, "invitation.answered", .declined), (.setRoles, "invitation.answered", .declined),
      ]
    ),
    (
      .cancelled,
      [
        (.acceptByLink, "invitation.cancelled", .cancelled), (.acceptInInbox, "invitation.cancelled", .cancelled),
        (.decline, "invitation.cancelled", .cancelled),
        (.cancel, nil, .cancelled), (.renew, "invitation.answered", .cancelled), (.setRoles, "invitation.answered", .cancelled),
      ]
    ),
    (
      .expired,
      [
        (.acceptByLink, "invitation.expired", .expired), (.acceptInInbox, "invitation.expired", .expired), (.decline, "invitation.expired", .expired),
        (.cancel, nil, .cancelled),
        (.renew, nil, .pending), (.setRoles, nil, .expired),
      ]
    ),
  ]

  @Test(arguments: table)
  func `Every move in every state has its outcome`(from state: Invitation.State, outcomes: [(Move, String?, Invitation.State)]) async throws {
    #expect(outcomes.map(\.0) == Move.allCases)
    let house = try await House()
    _ = try await house.signUp("Oscar")
    let ada = try await house.signUpVerified("Ada")
    let bob = try await house.signUpVerified("Bob")
    let (admin, invitee) = (house.caller(ada), house.caller(bob))
    let invitations = house.plane.invitations
    // Each move has an organization of its own.
    var sent: [(Move, String?, Invitation.State, Organization, SentInvitation)] = []
    for (move, refused, next) in outcomes {
      let organization = try await house.found("Lab \(move.rawValue)", by: ada)
      let invitation = try await invitations.send(
        try InvitationDraft(address: "bob@example.org", roles: ["member"], days: 1), to: organization.slug.text, by: admin)
      let id = invitation.invitation.id
      switch state {
      case .pending, .expired: break
      case .accepted: _ = try await invitations.accept(.inbox(id), by: invitee)
      case .declined: _ = try await invitations.decline(.inbox(id), by: invitee)
      case .cancelled: _ = try await invitations.cancel(id, in: organization.slug.text, by: admin)
      }
      sent.append((move, refused, next, organization, invitation))
    }
    if state == .expired { house.pass(.days(1)) }
    for (move, expected, next, organization, invitation) in sent {
      let (id, slug, link) = (invitation.invitation.id, organization.slug.text, InvitationKey.link(house.secret(in: invitation.link)))
      #expect(try await invitations.find(id, in: slug, by: admin).state(at: house.now) == state)
      let before = try await house.actions(in: .organization(organization.id)).count
      let outcome = await refusal {
        switch move {
        case .acceptByLink: _ = try await invitations.accept(link, by: invitee)
        case .acceptInInbox: _ = try await invitations.accept(.inbox(id), by: invitee)
        case .decline: _ = try await invitations.decline(link, by: invitee)
        case .cancel: _ = try await invitations.cancel(id, in: slug, by: admin)
        case .renew: _ = try await invitations.renew(id, mail: true, in: slug, by: admin)
        case .setRoles: _ = try await invitations.setRoles(id, ["viewer"], seen: nil, in: slug, by: admin)
        }
      }
      #expect(outcome == expected, "\(state) \(move)")
      let after = try await invitations.find(id, in: slug, by: admin)
      #expect(after.state(at: house.now) == next, "\(state) \(move)")
      let changed = expected == nil && (next != state || move == .renew || move == .setRoles)
      #expect(try await house.actions(in: .organization(organization.id)).count - before == (changed ? 1 : 0), "\(state) \(move)")
      let isMember = try await house.plane.members.list(in: slug, MemberFilter(), .first, by: admin).total == 2
      #expect(isMember == (next == .accepted), "\(state) \(move)")
    }
  }

  @Test func `It can be answered until the very instant at which it expires`() async throws {
    let lab = try await Lab()
    let (bob, eve) = (try await lab.house.signUpVerified("Bob"), try await lab.house.signUpVerified("Eve"))
    let first = try await lab.plane.invitations.send(try InvitationDraft(address: "bob@example.org", roles: ["member"], days: 1), to: lab.slug, by: lab.admin)
    let second = try await lab.plane.invitations.send(try InvitationDraft(address: "eve@example.org", roles: ["member"], days: 1), to: lab.slug, by: lab.admin)
    #expect(first.invitation.expires == lab.house.now + .days(1))
    lab.house.pass(.days(1) - .milliseconds(1))
    #expect(try await lab.plane.invitations.inbox(of: lab.house.caller(eve)).count == 1)
    #expect(await refusal { try await lab.plane.invitations.accept(lab.key(first), by: lab.house.caller(bob)) } == nil)
    lab.house.pass(.milliseconds(1))
    #expect(try await lab.plane.invitations.inbox(of: lab.house.caller(eve)).isEmpty)
    #expect(await refusal { try await lab.plane.invitations.accept(lab.key(second), by: lab.house.caller(eve)) } == "invitation.expired")
    let counts = try await [Invitation.State.pending, .expired, .accepted, nil].asyncMap { state in
      try await lab.plane.invitations.list(in: lab.slug, state, search: nil, .first, by: lab.admin).total
    }
    #expect(counts == [0, 1, 1, 2])
  }

  // MARK: Renewing

  @Test func `A new link kills the old one and begins a new term`() async throws {
    let lab = try await Lab()
    let bob = try await lab.house.signUpVerified("Bob")
    let sent = try await lab.invite("bob@example.org", as: "member")
    lab.house.pass(.days(2))
    let renewed = try await lab.plane.invitations.renew(sent.invitation.id, mail: true, in: lab.slug, by: lab.admin)
    #expect(renewed.invitation.id == sent.invitation.id && renewed.invitation.timesSent == 2 && renewed.link != sent.link)
    #expect(renewed.invitation.expires == lab.house.now + .days(14))
    #expect(await refusal { try await lab.plane.invitations.accept(lab.key(sent), by: lab.house.caller(bob)) } == "link.spent")
    #expect(await refusal { try await lab.plane.invitations.preview(link: lab.house.secret(in: sent.link), from: lab.house.origin()) } == "link.spent")
    #expect(try await lab.plane.invitations.preview(link: lab.house.secret(in: renewed.link), from: lab.house.origin()).organization.id == lab.organization.id)
    #expect(try await lab.house.mails(to: "bob@example.org").filter { $0.purpose == .invitation }.map(\.text.isEmpty) == [false, true], "the dead link never goes out")
    #expect(await refusal { try await lab.plane.invitations.accept(lab.key(renewed), by: lab.house.caller(bob)) } == nil)
  }

  @Test func `Inviting again renews the open invitation, whatever the case of the address`() async throws {
    let lab = try await Lab()
    let sent = try await lab.invite("bob@example.org", as: "member")
    let again = try await lab.invite("BOB@Example.ORG", as: "viewer", "billing")
    #expect(again.invitation.id == sent.invitation.id && again.invitation.roles.description == "billing, viewer")
    #expect(await refusal { try await lab.plane.invitations.preview(link: lab.house.secret(in: sent.link), from: lab.house.origin()) } == "link.spent")
    // An expired one comes back too.
    lab.house.pass(.days(5))
    let third = try await lab.plane.invitations.send(try InvitationDraft(address: "bob@example.org", roles: ["guest"], days: 1), to: lab.slug, by: lab.admin)
    lab.house.pass(.days(1))
    let fourth = try await lab.invite("bob@example.org", as: "guest")
    #expect(third.invitation.id == sent.invitation.id && fourth.invitation.id == sent.invitation.id && fourth.invitation.timesSent == 4)
    #expect(fourth.invitation.state(at: lab.house.now) == .pending)
    #expect(try await lab.plane.invitations.list(in: lab.slug, nil, search: nil, .first, by: lab.admin).total == 1)
  }

  @Test func `After an answer, inviting again makes a new invitation`() async throws {
    let lab = try await Lab()
    let bob = try await lab.house.signUpVerified("Bob")
    let declined = try await lab.invite("bob@example.org", as: "member")
    _ = try await lab.plane.invitations.decline(lab.key(declined), by: lab.house.caller(bob))
    let cancelled = try await lab.invite("bob@example.org", as: "member")
    _ = try await lab.plane.invitations.cancel(cancelled.invitation.id, in: lab.slug, by: lab.admin)
    let third = try await lab.invite("bob@example.org", as: "member")
    #expect(Set([declined.invitation.id, cancelled.invitation.id, third.invitation.id]).count == 3)
    #expect(await refusal { try await lab.plane.invitations.accept(lab.key(cancelled), by: lab.house.caller(bob)) } == "invitation.cancelled")
    #expect(await refusal { try await lab.plane.invitations.accept(lab.key(third), by: lab.house.caller(bob)) } == nil)
  }

  @Test func `Inviting one address many times at once leaves one open invitation and one living link`() async throws {
    let lab = try await Lab()
    let links = try await withThrowingTaskGroup(of: SentInvitation.self) { group in
      for _ in 0..<8 { group.addTask { try await lab.invite("bob@example.org", as: "member") } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(links.map(\.invitation.id)).count == 1 && Set(links.map(\.link)).count == 8)
    var living = 0
    for sent in links where await refusal({ try await lab.plane.invitations.preview(link: lab.house.secret(in: sent.link), from: lab.house.origin()) }) == nil {
      living += 1
    }
    #expect(living == 1)
  }

  // MARK: What is refused

  @Test func `Who belongs to the organization isn't invited again`() async throws {
    let lab = try await Lab()
    _ = try await lab.plane.emails.add("countess@example.org", by: lab.admin)
    #expect(await refusal { try await lab.invite("ADA@example.org", as: "member") } == "member.exists")
    // Only a proven address says who somebody is.
    #expect(await refusal { try await lab.invite("countess@example.org", as: "member") } == nil)
    _ = try await lab.plane.emails.verify(try #require(await lab.house.token(mailedTo: "countess@example.org")), by: lab.house.visitor())
    #expect(await refusal { try await lab.invite("countess@example.org", as: "member") } == "member.exists")
  }

  @Test func `Whoever accepts with a second address keeps the roles they had`() async throws {
    let lab = try await Lab()
    let sent = try await lab.invite("countess@example.org", as: "guest")
    _ = try await lab.plane.emails.add("countess@example.org", by: lab.admin)
    let member = try await lab.plane.invitations.accept(lab.key(sent), by: lab.admin)
    #expect(member.roles.description == "admin, guest")
    #expect(try await lab.plane.organizations.find(lab.slug, by: lab.admin).memberCount == 1)
  }

  @Test(arguments: OrganizationRole.allCases)
  func `Nobody invites to a role above their own`(role: OrganizationRole) async throws {
    let lab = try await Lab()
    let (mia, _) = try await lab.member("Mia", as: role.rawValue)
    let expected: [OrganizationRole: Bool] =
      switch role {
      case .admin: Dictionary(uniqueKeysWithValues: OrganizationRole.allCases.map { ($0, true) })
      case .manager: [.admin: false, .manager: true, .billing: false, .infrastructure: false, .contributor: false, .viewer: true, .member: true, .guest: true]
      default: [:]
      }
    for other in OrganizationRole.allCases {
      let outcome = await refusal { try await lab.invite("\(other)@example.net", as: other.rawValue, by: lab.house.caller(mia)) }
      #expect(outcome == expected[other].map { $0 ? nil : "role.above_own" } ?? "forbidden", "\(role) invites \(other)")
    }
  }

  @Test func `A manager reaches no admin's invitation, by no way`() async throws {
    let lab = try await Lab()
    let (mia, _) = try await lab.member("Mia", as: "manager")
    let manager = lab.house.caller(mia)
    let sent = try await lab.invite("boss@example.net", as: "admin")
    let (id, invitations) = (sent.invitation.id, lab.plane.invitations)
    #expect(await refusal { try await invitations.renew(id, mail: false, in: lab.slug, by: manager) } == "role.above_own")
    #expect(await refusal { try await invitations.setRoles(id, ["guest"], seen: nil, in: lab.slug, by: manager) } == "role.above_own")
    #expect(await refusal { try await invitations.cancel(id, in: lab.slug, by: manager) } == "role.above_own")
    #expect(await refusal { try await lab.invite("boss@example.net", as: "guest", by: manager) } == "role.above_own")
    let own = try await lab.invite("peer@example.net", as: "member", by: manager)
    #expect(await refusal { try await invitations.setRoles(own.invitation.id, ["admin"], seen: nil, in: lab.slug, by: manager) } == "role.above_own")
    #expect(
      await refusal { try await invitations.setRoles(own.invitation.id, ["member", "billing"], seen: nil, in: lab.slug, by: manager) } == "role.above_own")
    let rows = try await invitations.send(
      to: ["a@example.net", "b@example.net"], roles: ["member", "admin"], message: "", days: nil, in: lab.slug, by: manager)
    #expect(rows.map { refusalName($0.result) } == ["role.above_own", "role.above_own"])
    #expect(try await invitations.list(in: lab.slug, .pending, search: nil, .first, by: manager).total == 2)
    // The old link still works: none of it happened.
    #expect(try await lab.invitation(id).timesSent == 1)
  }

  @Test(
    arguments: [
      ("email", "bob", ["member"], "", nil),
      ("email", "", ["member"], "", nil),
      ("email", "bob@example.org\r\nBcc: all@example.org", ["member"], "", nil),
      ("email", String(repeating: "b", count: 1_000_000) + "@example.org", ["member"], "", nil),
      ("message", "bob@example.org", ["member"], String(repeating: "x", count: 1_000_000), nil),
      ("message", "bob@example.org", ["member"], "a\u{0}b", nil),
      ("roles", "bob@example.org", ["owner"], "", nil),
      ("roles", "bob@example.org", ["Admin"], "", nil),
      ("roles", "bob@example.org", ["member", "member,admin"], "", nil),
      ("roles", "bob@example.org", [], "", nil),
      ("expires_in_days", "bob@example.org", ["member"], "", 0),
      ("expires_in_days", "bob@example.org", ["member"], "", 366),
      ("expires_in_days", "bob@example.org", ["member"], "", Int.min),
    ] as [(String, String, [String], String, Int?)])
  func `A faulty invitation names the field that is wrong`(field: String, address: String, roles: [String], message: String, days: Int?) async throws {
    #expect(await faultyFields { try InvitationDraft(address: address, roles: roles, message: message, days: days) } == [field])
  }

  @Test func `All faults of an invitation are told at once`() async throws {
    #expect(
      await faultyFields { try InvitationDraft(address: "bob", roles: ["owner"], message: "\u{0}", days: 0) } == [
        "email", "message", "expires_in_days", "roles",
      ])
  }

  // MARK: Who may answer

  @Test func `The wrong account is told so, and learns and changes nothing`() async throws {
    let lab = try await Lab()
    let eve = try await lab.house.signUpVerified("Eve")
    let sent = try await lab.invite("bob@example.org", as: "admin")
    let caller = lab.house.caller(eve)
    for isAccepting in [true, false] {
      do {
        if isAccepting {
          _ = try await lab.plane.invitations.accept(lab.key(sent), by: caller)
        } else {
          _ = try await lab.plane.invitations.decline(lab.key(sent), by: caller)
        }
        Issue.record("The wrong account may answer.")
      } catch {
        #expect(error.code.name == "invitation.wrong_account")
        #expect(!error.description.contains("bob") && !error.description.contains("Lab") && !error.description.contains("Ada"))
      }
    }
    let unknown = lab.plane.world.moment().newID(Invitation.self)
    #expect(await refusal { try await lab.plane.invitations.accept(.inbox(sent.invitation.id), by: lab.house.caller(eve)) } == "missing")
    #expect(await refusal { try await lab.plane.invitations.accept(.inbox(unknown), by: lab.house.caller(eve)) } == "missing")
    #expect(try await lab.plane.invitations.inbox(of: lab.house.caller(eve)).isEmpty)
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: lab.house.caller(eve)) } == "missing")
    #expect(try await lab.invitation(sent.invitation.id).state(at: lab.house.now) == .pending)
    #expect(await refusal { try await lab.plane.invitations.accept(lab.key(sent), by: lab.house.visitor()) } == "session.required")
  }

  @Test func `The link proves the mailbox, the inbox needs it proven`() async throws {
    let lab = try await Lab()
    let bob = try await lab.house.signUp("Bob")
    let caller = lab.house.caller(bob)
    let sent = try await lab.invite("bob@example.org", as: "viewer")
    #expect(try await lab.plane.invitations.inbox(of: caller).isEmpty)
    #expect(await refusal { try await lab.plane.invitations.accept(.inbox(sent.invitation.id), by: caller) } == "missing")
    let member = try await lab.plane.invitations.accept(lab.key(sent), by: caller)
    #expect(member.roles == RoleSet(.viewer) && member.source == .invited)
    let addresses = try await lab.plane.read(as: .system("test")) { work in try work.accounts.emails(of: bob.account.id) }
    #expect(addresses.allSatisfy { $0.isVerified })
  }

  @Test(arguments: ["", "x", "gh_invitation_", String(repeating: "a", count: 1_000_000), "'; DROP TABLE invitation; --"])
  func `What isn't a link's secret opens nothing`(text: String) async throws {
    let lab = try await Lab()
    for secret in [text, lab.ada.secret.reveal(), String(lab.house.secret(in: try await lab.invite("bob@example.org", as: "member").link).dropLast())] {
      #expect(await refusal { try await lab.plane.invitations.accept(.link(secret), by: lab.admin) } == "link.spent")
      #expect(await refusal { try await lab.plane.invitations.preview(link: secret, from: lab.house.origin()) } == "link.spent")
    }
  }

  @Test func `However often others try, the right link still opens for whom it was sent to`() async throws {
    let lab = try await Lab()
    let sent = try await lab.invite("bob@example.org", as: "viewer")
    let (bob, eve) = (try await lab.house.signUpVerified("Bob"), try await lab.house.signUpVerified("Eve"))
    let secret = lab.house.secret(in: sent.link)
    for attempt in 0..<50 {
      let wrong = String(secret.dropLast(2)) + (attempt < 10 ? "0" : "") + String(attempt)
      #expect(await refusal { try await lab.plane.invitations.accept(.link(wrong), by: lab.house.caller(eve)) } == "link.spent")
      #expect(await refusal { try await lab.plane.invitations.accept(.link(secret), by: lab.house.caller(eve)) } == "invitation.wrong_account")
      #expect(await refusal { try await lab.plane.invitations.decline(.link(secret), by: lab.house.caller(eve)) } == "invitation.wrong_account")
    }
    #expect(try await lab.plane.invitations.accept(.link(secret), by: lab.house.caller(bob)).roles == RoleSet(.viewer))
  }

  // MARK: Accepting

  @Test func `Accepting twice, and many times at once, makes one member and one event`() async throws {
    let lab = try await Lab()
    let bob = try await lab.house.signUpVerified("Bob")
    let sent = try await lab.invite("bob@example.org", as: "viewer")
    let members = try await withThrowingTaskGroup(of: Member.self) { group in
      for number in 0..<8 {
        let key = number.isMultiple(of: 2) ? lab.key(sent) : .inbox(sent.invitation.id)
        group.addTask { try await lab.plane.invitations.accept(key, by: lab.house.caller(bob)) }
      }
      return try await group.reduce(into: Set<Member>()) { $0.insert($1) }
    }
    #expect(members.count == 1)
    lab.house.pass(.hours(1))
    #expect(try await lab.plane.invitations.accept(lab.key(sent), by: lab.house.caller(bob)) == members.first)
    #expect(try await lab.plane.organizations.find(lab.slug, by: lab.admin).memberCount == 2)
    #expect(try await lab.house.actions(in: lab.stream) == ["organization.create", "invitation.create", "invitation.accept"])
  }

  @Test func `Accepting, declining and withdrawing at once leave exactly one answer`() async throws {
    let lab = try await Lab()
    let bob = try await lab.house.signUpVerified("Bob")
    for round in 0..<6 {
      let organization = try await lab.house.found("Round \(round)", by: lab.ada)
      let sent = try await lab.plane.invitations.send(
        try InvitationDraft(address: "bob@example.org", roles: ["member"]), to: organization.slug.text, by: lab.admin)
      let counts = await outcomes([
        { await refusal { try await lab.plane.invitations.accept(lab.key(sent), by: lab.house.caller(bob)) } },
        { await refusal { try await lab.plane.invitations.decline(lab.key(sent), by: lab.house.caller(bob)) } },
        { await refusal { try await lab.plane.invitations.cancel(sent.invitation.id, in: organization.slug.text, by: lab.admin) } },
      ])
      #expect(counts["success"] == 1)
      let state = try await lab.plane.invitations.find(sent.invitation.id, in: organization.slug.text, by: lab.admin).state(at: lab.house.now)
      let members = try await lab.plane.organizations.find(organization.slug.text, by: lab.admin).memberCount
      #expect(members == (state == .accepted ? 2 : 1))
    }
  }

  @Test func `A suspended organization takes nobody in, a deleted one is as if it weren't there`() async throws {
    let lab = try await Lab()
    let bob = try await lab.house.signUpVerified("Bob")
    let caller = lab.house.caller(bob)
    let sent = try await lab.invite("bob@example.org", as: "member")
    _ = try await lab.plane.organizations.suspend(lab.slug, because: "Unpaid", by: lab.operator)
    #expect(await refusal { try await lab.plane.invitations.accept(lab.key(sent), by: caller) } == "organization.suspended")
    #expect(await refusal { try await lab.plane.invitations.decline(lab.key(sent), by: caller) } == "organization.suspended")
    #expect(await refusal { try await lab.invite("carol@example.org", as: "member") } == "organization.suspended")
    #expect(await refusal { try await lab.plane.invitations.renew(sent.invitation.id, mail: true, in: lab.slug, by: lab.admin) } == "organization.suspended")
    _ = try await lab.plane.organizations.resume(lab.slug, by: lab.operator)
    _ = try await lab.plane.organizations.delete(lab.slug, confirm: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.invitations.accept(lab.key(sent), by: caller) } == "link.spent")
    #expect(await refusal { try await lab.plane.invitations.accept(.inbox(sent.invitation.id), by: caller) } == "link.spent")
    #expect(await refusal { try await lab.plane.invitations.preview(link: lab.house.secret(in: sent.link), from: lab.house.origin()) } == "link.spent")
    #expect(try await lab.plane.invitations.inbox(of: caller).isEmpty)
    _ = try await lab.plane.organizations.restore(lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.invitations.accept(lab.key(sent), by: caller) } == nil)
  }

  @Test func `The link that made somebody a member doesn't bring them back once they are removed`() async throws {
    let lab = try await Lab()
    let bob = try await lab.house.signUpVerified("Bob")
    let sent = try await lab.invite("bob@example.org", as: "member")
    let member = try await lab.plane.invitations.accept(lab.key(sent), by: lab.house.caller(bob))
    try await lab.plane.members.remove(member.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.invitations.accept(lab.key(sent), by: lab.house.caller(bob)) } == "invitation.answered")
    let again = try await lab.invite("bob@example.org", as: "guest")
    #expect(try await lab.plane.invitations.accept(lab.key(again), by: lab.house.caller(bob)).roles == RoleSet(.guest))
  }

  // MARK: Many

  @Test func `Inviting many tells for each address what came of it, in their order`() async throws {
    let lab = try await Lab()
    let addresses = ["a@example.net", "not an address", "A@Example.net", "ada@example.org", "b@example.net"]
    let rows = try await lab.plane.invitations.send(to: addresses, roles: ["member"], message: "Welcome", days: 7, in: lab.slug, by: lab.admin)
    #expect(rows.map(\.address) == addresses)
    #expect(rows.map { refusalName($0.result) } == [nil, "invalid", "invalid", "member.exists", nil])
    #expect(
      try await lab.plane.invitations.list(in: lab.slug, nil, search: nil, .first, by: lab.admin).items.map(\.address.text).sorted() == [
        "a@example.net", "b@example.net",
      ])
    #expect(
      await faultyFields { _ = try await lab.plane.invitations.send(to: [], roles: ["member"], message: "", days: nil, in: lab.slug, by: lab.admin) } == [
        "emails"
      ])
    let tooMany = (0..<501).map { "\($0)@example.net" }
    #expect(
      await refusal { _ = try await lab.plane.invitations.send(to: tooMany, roles: ["member"], message: "", days: nil, in: lab.slug, by: lab.admin) }
        == "too_many")
    let eve = try await lab.house.signUpVerified("Eve")
    #expect(
      await refusal {
        _ = try await lab.plane.invitations.send(to: addresses, roles: ["member"], message: "", days: nil, in: lab.slug, by: lab.house.caller(eve))
      } == "missing")
    #expect(try await lab.plane.invitations.list(in: lab.slug, nil, search: nil, .first, by: lab.admin).total == 2)
  }

  @Test func `A person may invite so many an hour, then slowly more`() async throws {
    let lab = try await Lab()
    for batch in [0..<300, 300..<600] {
      let rows = try await lab.plane.invitations.send(
        to: batch.map { "\($0)@example.net" }, roles: ["guest"], message: "", days: nil, in: lab.slug, by: lab.admin)
      #expect(rows.allSatisfy { refusalName($0.result) == nil })
    }
    #expect(await refusal { try await lab.invite("one.more@example.net", as: "guest") } == "throttled")
    lab.house.pass(.minutes(2))
    #expect(await refusal { try await lab.invite("one.more@example.net", as: "guest") } == nil)

    // The list has them all, each once, on pages with the same total.
    var (seen, cursor): (Set<String>, Cursor?) = ([], nil)
    repeat {
      let page = try await lab.plane.invitations.list(in: lab.slug, .pending, search: nil, try PageRequest(limit: 200, cursor: cursor), by: lab.admin)
      #expect(page.total == 601)
      for invitation in page.items { #expect(seen.insert(invitation.address.text).inserted) }
      cursor = page.next
    } while cursor != nil
    #expect(seen.count == 601)
    #expect(try await lab.plane.invitations.list(in: lab.slug, nil, search: "59", .first, by: lab.admin).total == (0..<600).count { "\($0)".contains("59") })
    #expect(try await lab.plane.invitations.list(in: lab.slug, nil, search: "%", .first, by: lab.admin).total == 0)
  }

  // MARK: Other organizations

  @Test func `An invitation is found in its own organization alone`() async throws {
    let lab = try await Lab()
    let eve = try await lab.house.signUpVerified("Eve")
    let other = try await lab.house.found("Other", by: eve)
    let (id, caller, invitations) = (try await lab.invite("bob@example.org", as: "member").invitation.id, lab.house.caller(eve), lab.plane.invitations)
    for (reference, expected) in [
      (other.slug.text, "missing"), (other.id.description, "missing"), (lab.slug, "missing"), (lab.organization.id.description, "missing"),
    ] {
      #expect(await refusal { try await invitations.find(id, in: reference, by: caller) } == expected)
      #expect(await refusal { try await invitations.renew(id, mail: false, in: reference, by: caller) } == expected)
      #expect(await refusal { try await invitations.setRoles(id, ["guest"], seen: nil, in: reference, by: caller) } == expected)
      #expect(await refusal { try await invitations.cancel(id, in: reference, by: caller) } == expected)
    }
    #expect(try await lab.invitation(id).revision == 1)
    #expect(try await !lab.house.actions(in: lab.stream).contains { $0.hasSuffix("!") })
  }

  @Test func `A change of what was read before another change is stale, and a change of nothing is none`() async throws {
    let lab = try await Lab()
    let id = try await lab.invite("bob@example.org", as: "member").invitation.id
    #expect(try await lab.plane.invitations.setRoles(id, ["viewer"], seen: 1, in: lab.slug, by: lab.admin).revision == 2)
    #expect(await refusal { try await lab.plane.invitations.setRoles(id, ["guest"], seen: 1, in: lab.slug, by: lab.admin) } == "stale")
    #expect(try await lab.plane.invitations.setRoles(id, ["viewer", "viewer"], seen: 2, in: lab.slug, by: lab.admin).revision == 2)
    #expect(try await lab.house.actions(in: lab.stream) == ["organization.create", "invitation.create", "invitation.update"])
    #expect(try await lab.invitation(id).roles == RoleSet(.viewer))
  }

  @Test func `Where no mail goes out, the link is there to be handed over`() async throws {
    let lab = try await Lab()
    #expect(try await lab.invite("bob@example.org", as: "member").isMailed)
    let silent = try await lab.plane.invitations.renew(
      try await lab.invite("bob@example.org", as: "member").invitation.id, mail: false, in: lab.slug, by: lab.admin)
    #expect(!silent.isMailed)
    #expect(try await lab.house.mails(to: "bob@example.org").allSatisfy(\.text.isEmpty), "their links are dead now")
    let house = try await House(change: { $0.isDemonstration = false })
    let (ada, bob) = (try await house.signUp("Ada"), try await house.signUp("Bob"))
    let organization = try await house.found("Lab", by: ada)
    let sent = try await house.plane.invitations.send(
      try InvitationDraft(address: "bob@example.org", roles: ["member"]), to: organization.slug.text, by: house.caller(ada))
    #expect(!sent.isMailed)
    #expect(await refusal { try await house.plane.invitations.accept(.link(house.secret(in: sent.link)), by: house.caller(bob)) } == nil)
  }
}

/// The name of the refusal in a row; `nil` when there was none.
func refusalName<Value>(_ result: Result<Value, Problem>) -> String? {
  if case .failure(let problem) = result { problem.code.name } else { nil }
}

extension Sequence {
  fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await transform(element)) }
    return values
  }
}
