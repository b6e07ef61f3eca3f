import Authorization
@testable import ControlPlane
import Kernel
import Markup
import Testing

/// What the console's pages ask the use cases, and the small texts they read and write.
@Suite struct ConsoleValuesTests {
  // MARK: Who is invited

  @Test(arguments: [
    ("", []), (" \n , ;\t", []), ("a@x.example", ["a@x.example"]), ("a@x.example,b@x.example; c@x.example d@x.example\ne@x.example", ["a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"]),
    ("a@x.example, manager", ["a@x.example manager"]), ("A@X.example;Manager;billing", ["A@X.example manager billing"]), ("email,role\na@x.example,admin", ["a@x.example admin"]),
    ("Ada <a@x.example>, viewer", ["a@x.example viewer"]), ("\"Lovelace\" <a@x.example>", ["a@x.example"]), ("a@x.example b@x.example, manager", ["a@x.example", "b@x.example"]),
    ("nobody", ["nobody"]), ("a@x.example, owner", ["a@x.example !owner"]), ("Ada Lovelace a@x.example, viewer", ["a@x.example viewer !Ada Lovelace"]), ("manager", []), ("<unclosed", ["<unclosed"]), ("a@x.example\r\nb@x.example\u{2028}c@x.example", ["a@x.example", "b@x.example", "c@x.example"]),
    ("\"Turing, Alan\" <alan@x.example>", ["alan@x.example"]), ("\"Turing; Alan\" <alan@x.example>, viewer", ["alan@x.example viewer"]),
    ("\"Turing, Alan\" <alan@x.example>; \"Lovelace, Ada\"<ada@x.example>", ["alan@x.example", "ada@x.example"]),
    ("\"a@x.example\",\"manager\"", ["a@x.example manager"]), ("\"Turing <alan@x.example>, b@x.example", ["alan@x.example", "b@x.example"]),
    ("mailto:a@x.example, Ada <MAILTO:b@x.example>", ["a@x.example", "b@x.example"]), ("mailto:", ["mailto:"]),
    ("a@x.example, A@X.example\nb@x.example\na@x.example", ["a@x.example", "b@x.example"]), ("a@x.example, viewer\nA@x.example, Viewer", ["a@x.example viewer"]),
    ("a@x.example, viewer\na@x.example, admin\na@x.example", ["a@x.example viewer", "a@x.example admin", "a@x.example"]),
    ("a@x.example, billing, viewer\na@x.example, viewer, billing", ["a@x.example billing viewer"]), ("a@x.example, owner\na@x.example", ["a@x.example !owner", "a@x.example"]),
  ])
  func `a sheet of people is read as it is written`(text: String, expected: [String]) {
    #expect(InvitationSheet(text).lines.map { ([$0.address] + $0.roles + ($0.unknown.map { ["!\($0)"] } ?? [])).joined(separator: " ") } == expected)
  }

  @Test func `Each line of a sheet has its own role, else the role for all`() async throws {
    let lab = try await Lab()
    let rows = try await lab.plane.invitations.send(
      InvitationSheet("a@x.example, manager\nb@x.example\nwrong"), roles: ["viewer"], message: "", days: 2, in: lab.slug, by: lab.admin)
    #expect(try rows.prefix(2).map { try $0.result.get().invitation.roles.description } == ["manager", "viewer"])
    #expect(try rows[0].result.get().invitation.expires == lab.house.now + .days(2))
    #expect(throws: Problem.self) { try rows[2].result.get() }
    #expect(await faultyFields { _ = try await lab.plane.invitations.send(InvitationSheet(" "), roles: ["viewer"], message: "", days: nil, in: lab.slug, by: lab.admin) } == ["emails"])
    let many = InvitationSheet(addresses: (0...500).map { "p\($0)@x.example" })
    #expect(await faultyFields { _ = try await lab.plane.invitations.send(many, roles: ["viewer"], message: "", days: nil, in: lab.slug, by: lab.admin) } == ["emails"])
  }

  @Test func `A word beside an address that is no role invites nobody, and stays as it was written`() async throws {
    let lab = try await Lab()
    let rows = try await lab.plane.invitations.send(
      InvitationSheet("zoe@x.example, emperor\nada@x.example, viewer"), roles: ["admin"], message: "", days: 2, in: lab.slug, by: lab.admin)
    #expect(rows.map(\.address) == ["zoe@x.example, emperor", "ada@x.example"])
    let refusal = #expect(throws: Problem.self) { try rows[0].result.get() }
    #expect(refusal?.detail.contains("\"emperor\" is no role") == true)
    #expect(try await lab.plane.invitations.list(in: lab.slug, nil, search: nil, .first, by: lab.admin).items.map(\.address.text) == ["ada@x.example"])
  }

  @Test func `Whose invitation it is, only its link and its address tell`() async throws {
    let lab = try await Lab()
    let (bob, _) = try await lab.member("Bob", as: "member")
    let carol = try await lab.house.signUpVerified("Carol")
    let sent = try await lab.invite("carol@example.org", as: "member")
    let secret = lab.house.secret(in: sent.link)
    #expect(try await lab.plane.invitations.isAddressed(link: secret, to: lab.house.caller(carol)))
    #expect(try await !lab.plane.invitations.isAddressed(link: secret, to: lab.house.caller(bob)))
    #expect(await refusal { try await lab.plane.invitations.isAddressed(link: "gld_inv_x", to: lab.house.caller(bob)) } == "link.spent")
  }

  // MARK: What can be done

  @Test func `What is offered is what is allowed, in every state of the organization and of the sign-in`() async throws {
    let lab = try await Lab()
    let organizations = lab.plane.organizations
    let (bob, _) = try await lab.member("Bob", as: "member")
    let bobs = lab.house.caller(bob)
    let mine = try await organizations.options(lab.slug, by: lab.admin)
    #expect(mine.update == .possible && mine.suspend == .possible && mine.resume == .impossible && mine.transfer == .possible && mine.delete == .possible && mine.leave == .lastAdmin)
    let theirs = try await organizations.options(lab.slug, by: bobs)
    #expect(!theirs.isForSettings && theirs.leave == .possible)
    #expect(await refusal { try await organizations.options(lab.slug, by: lab.house.caller(try await lab.house.signUp("Eve"))) } == "missing")

    lab.house.pass(.minutes(16))
    let stale = try await organizations.options(lab.slug, by: lab.admin)
    #expect(stale.delete == .afterPassword && stale.transfer == .afterPassword && stale.suspend == .possible)
    _ = try await organizations.suspend(lab.slug, because: "", by: lab.admin)
    let suspended = try await organizations.options(lab.slug, by: lab.admin)
    #expect(suspended.update == .impossible && suspended.suspend == .impossible && suspended.resume == .possible && suspended.delete == .afterPassword)
    let left = try await organizations.open(lab.slug, by: lab.admin).permissions.filter { !$0.isReading }
    #expect(Set(left) == [.organizationSuspend, .organizationDelete, .creditsUse])
    #expect(try await organizations.open(lab.slug, by: bobs).permissions.allSatisfy(\.isReading))
  }

  @Test func `A deleted organization is offered to those who may restore it, until its day comes`() async throws {
    let lab = try await Lab()
    let (bob, _) = try await lab.member("Bob", as: "manager")
    func restorable(_ caller: Caller) async throws -> [String] { try await lab.plane.viewer(as: caller)?.restorable.map(\.slug.text) ?? [] }
    #expect(try await restorable(lab.admin) == [])
    _ = try await lab.plane.organizations.delete(lab.slug, confirm: lab.slug, by: lab.admin)
    #expect(try await restorable(lab.admin) == [lab.slug])
    #expect(try await restorable(lab.house.caller(bob)) == [])
    #expect(try await restorable(lab.operator) == [])
    lab.house.pass(lab.plane.settings.deletionGrace)
    let again = try await lab.plane.sessions.create(login: "ada@example.org", password: House.password, by: lab.house.visitor())
    #expect(try await restorable(lab.house.caller(again)) == [])
  }

  @Test func `First steps tick themselves off`() async throws {
    let lab = try await Lab()
    func steps() async throws -> OrganizationOverview.FirstSteps { try #require(try await lab.plane.organizations.overview(lab.slug, by: lab.admin).firstSteps) }
    #expect(try await steps() == .init(isDescribed: false, hasInvited: false, hasJoined: false, hasSecondAdmin: false))
    _ = try await lab.invite("someone@example.org", as: "member")
    #expect(try await steps() == .init(isDescribed: false, hasInvited: true, hasJoined: false, hasSecondAdmin: false))
    let (bob, member) = try await lab.member("Bob", as: "member")
    #expect(try await lab.plane.organizations.overview(lab.slug, by: lab.house.caller(bob)) == OrganizationOverview(openInvitations: nil, openRequests: nil, firstSteps: nil))
    _ = try await lab.plane.members.setRoles(member.id, ["admin"], seen: nil, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.organizations.update(lab.slug, OrganizationUpdate(description: "We try things."), seen: nil, by: lab.admin)
    #expect(try await steps().isDone)
  }

  @Test func `The tabs count what is open, and what may be seen`() async throws {
    let lab = try await Lab()
    let (bob, member) = try await lab.member("Bob", as: "member")
    _ = try await lab.invite("a@x.example", as: "member")
    #expect(try await lab.plane.members.counts(in: lab.slug, by: lab.admin) == PeopleCounts(members: 2, invitations: 1, outside: 0, requests: 0, serviceAccounts: 0, former: 0))
    #expect(try await lab.plane.members.counts(in: lab.slug, by: lab.house.caller(bob)) == PeopleCounts(members: 2, invitations: nil, outside: nil, requests: nil, serviceAccounts: 0, former: 0))
    try await lab.plane.members.remove(member.id, in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.members.counts(in: lab.slug, by: lab.admin) == PeopleCounts(members: 1, invitations: 1, outside: 0, requests: 0, serviceAccounts: 0, former: 1))
  }

  @Test func `Many are removed each for itself, and never the last admin`() async throws {
    let lab = try await Lab()
    let (bob, first) = try await lab.member("Bob", as: "member")
    let (_, second) = try await lab.member("Carol", as: "manager")
    let founder = try await lab.founder()
    #expect(await refusal { _ = try await lab.plane.members.remove([second.id], in: lab.slug, by: lab.house.caller(bob)) } == "forbidden")
    let results = try await lab.plane.members.remove([first.id, founder.id, second.id, first.id], in: lab.slug, by: lab.admin)
    #expect(results.map { result in if case .failure(let problem) = result { problem.code.name } else { "removed" } } == ["removed", "organization.last_admin", "removed", "member.missing"])
    #expect(await refusal { _ = try await lab.plane.members.remove(Array(repeating: first.id, count: 501), in: lab.slug, by: lab.admin) } == "too_many")
  }

  @Test(arguments: ["bob", "BOB", "bob@example.org"]) func `A member is found by handle or address, and by nothing else`(text: String) async throws {
    let lab = try await Lab()
    let (_, member) = try await lab.member("Bob", as: "member")
    _ = try await lab.house.signUpVerified("Eve")
    #expect(try await lab.plane.members.named(text, field: "member", in: lab.slug, by: lab.admin).id == member.id)
    for other in ["eve", "", "bo", "nobody@example.org", "%"] {
      #expect(await faultyFields { try await lab.plane.members.named(other, field: "member", in: lab.slug, by: lab.admin) } == ["member"], "\(other)")
    }
  }

  // MARK: What happened

  @Test func `Everything that is recorded of an organization has words, and is told without codes and raw instants`() async throws {
    let lab = try await Lab()
    let (bob, member) = try await lab.member("Bob", as: "member")
    _ = try await lab.plane.organizationSettings.set("join_requests", to: "yes", in: lab.slug, by: lab.admin)
    _ = try await lab.plane.organizationSettings.reset("join_requests", in: lab.slug, by: lab.admin)
    _ = try await lab.plane.organizations.update(lab.slug, OrganizationUpdate(acceptsRequests: true), seen: nil, by: lab.admin)
    let eve = lab.house.caller(try await lab.house.signUpVerified("Eve"))
    let request = try await lab.plane.requests.ask(lab.slug, message: "", by: eve)
    _ = try await lab.plane.requests.withdraw(request.id, by: eve)
    _ = try await lab.plane.requests.refuse(lab.plane.requests.ask(lab.slug, message: "", by: eve).id, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.members.setExpiry(member.id, lab.house.now + .days(30), seen: nil, in: lab.slug, by: lab.admin)
    let sent = try await lab.invite("carol@example.org", as: "member")
    _ = try await lab.plane.invitations.renew(sent.invitation.id, mail: true, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.archives.document(lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.members.suspend(member.id, in: lab.slug, by: lab.house.caller(bob)) } != nil)
    let order = try TopUpOrder(amount: "1000", kind: .promotional, note: "Welcome", expires: lab.house.now + .days(30))
    _ = try await lab.plane.credits.topUp(order, of: lab.slug, by: lab.operator)
    _ = try await lab.plane.credits.setOverdraft(try Credits(decimal: "50"), of: lab.slug, by: lab.operator)
    _ = try await lab.plane.credits.setOverdraft(nil, of: lab.slug, by: lab.operator)
    let draft = try SubBalanceDraft(holderKind: .serviceAccount, holder: "nightly", amount: "10")
    _ = try await lab.plane.serviceAccounts.create(
      ServiceAccountDraft(name: "Nightly", slug: "nightly", description: "", roles: ["viewer"]), in: lab.slug, by: lab.admin)
    let share = try await lab.plane.subBalances.create(draft, in: lab.slug, by: lab.admin).subBalance
    _ = try await lab.plane.subBalances.update(share.id, SubBalanceUpdate(isUnlimited: true), seen: nil, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.subBalances.move("5", note: "More", into: share.id, isIn: true, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.subBalances.move("2", into: share.id, isIn: false, in: lab.slug, by: lab.admin)
    try await lab.plane.subBalances.delete(share.id, seen: nil, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.holds.charge(ChargeDraft(amount: "1"), in: lab.slug, by: lab.house.caller(bob)) } == "forbidden")

    let events = try await lab.plane.events.list(in: lab.slug, EventFilter(), PageRequest(limit: 200), by: lab.admin).items
    #expect(Set(events.map(\.action)).isSuperset(of: ["setting.set", "setting.reset", "organization.export", "request.create", "request.withdraw", "member.suspend"]))
    let ofCredits: Set = [
      "credits.top_up", "credits.set_overdraft", "sub-balance.create", "sub-balance.update", "sub-balance.delete", "credits.transfer", "credits.use",
    ]
    #expect(Set(events.map(\.action)).isSuperset(of: ofCredits))
    for event in events {
      #expect(EventDeed.named(event.action) != nil, "\(event.action) has no words")
      let line = lab.plane.events.line(event)
      let told = String(decoding: line.text.bytes, as: UTF8.self) + line.changes.map { "\($0.field) \($0.before ?? "") \($0.after ?? "")" }.joined(separator: "; ")
      #expect(!told.contains(event.action) && !told.contains("T00:") && told.firstMatch(of: /\d{4}-\d\d-\d\dT/) == nil && !told.contains("_"), "\(told)")
    }
    #expect(Set(EventDeed.all.map(\.title)).count == EventDeed.all.count, "two choices of the filter read alike")
  }

  @Test func `Everything that is recorded of an account has words`() async throws {
    let house = try await House()
    let operators = house.caller(try await house.signUpVerified("Oscar"))
    let session = try await house.signUpVerified("Bob")
    let bob = house.caller(session)
    _ = try await house.plane.accounts.update(AccountUpdate(name: "Bobby"), seen: nil, by: bob)
    let second = try await house.plane.emails.add("second@example.org", by: bob)
    let secret = try #require(try await house.token(mailedTo: "second@example.org"))
    _ = try await house.plane.emails.verify(secret, by: bob)
    _ = try await house.plane.emails.makePrimary(second.id, by: bob)
    for email in try await house.plane.emails.list(by: bob) where !email.isPrimary { try await house.plane.emails.remove(email.id, by: bob) }
    _ = try await house.plane.sessions.confirm(password: House.password, by: bob)
    try await house.plane.passwords.change(from: House.password, to: "seven quiet boats at noon", by: bob)
    _ = try await house.plane.accounts.deactivate(session.account.id, by: operators)
    _ = try await house.plane.accounts.reactivate(session.account.id, by: operators)
    let again = try await house.plane.sessions.create(login: "bob", password: "seven quiet boats at noon", by: house.visitor())
    let page = try await house.plane.events.listOwn(EventFilter(), PageRequest(limit: 200), by: house.caller(again))
    let expected: Set = ["account.create", "account.deactivate", "account.reactivate", "email.add", "email.verify", "session.create", "session.confirm"]
    #expect(expected.isSubset(of: page.items.map(\.action)))
    for event in page.items { #expect(EventDeed.ofAccounts.contains { $0.action == event.action }, "\(event.action) has no words") }
    #expect(Set(EventDeed.ofAccounts.map(\.title)).count == EventDeed.ofAccounts.count, "two choices of the filter read alike")
  }

  @Test func `A list of invitations is taken along as it is shown`() async throws {
    let lab = try await Lab()
    for number in 0..<4 { _ = try await lab.invite("p\(number)@x.example", as: "member") }
    let gone = try await lab.invite("gone@x.example", as: "viewer")
    _ = try await lab.plane.invitations.cancel(gone.invitation.id, in: lab.slug, by: lab.admin)
    func addresses(_ state: Invitation.State?, _ search: String?) async throws -> [String] {
      var found: [String] = []
      try await lab.plane.invitations.all(in: lab.slug, state, search: search, by: lab.admin) { found.append($0.address.text) }
      return found
    }
    #expect(try await addresses(nil, nil).count == 5)
    #expect(try await addresses(.cancelled, nil) == ["gone@x.example"])
    #expect(try await addresses(.pending, "p2@") == ["p2@x.example"])
  }

  @Test func `No mail carries a raw instant`() async throws {
    let lab = try await Lab()
    let sent = try await lab.invite("carol@example.org", as: "member")
    let mail = try #require(try await lab.house.mails(to: "carol@example.org").first)
    #expect(mail.text.contains("You can answer until \(instantText(sent.invitation.expires))."))
    let bob = lab.house.caller(try await lab.house.signUpVerified("Bob"))
    _ = try await lab.plane.emails.add("second@example.org", by: bob)
    for mail in try await lab.house.mails(to: "bob@example.org") { #expect(mail.text.firstMatch(of: /\d{4}-\d\d-\d\dT/) == nil, "\(mail.text)") }
  }

  @Test(arguments: [("1970-01-01T00:00:00.000Z", "1 January 1970, 00:00 UTC"), ("2026-12-05T18:54:48.491Z", "5 December 2026, 18:54 UTC"), ("2028-02-29T23:59:59.999Z", "29 February 2028, 23:59 UTC")])
  func `An instant is written as people do`(written: String, text: String) throws { #expect(instantText(try #require(Timestamp(written))) == text) }

  @Test func `Which organizations are closed to somebody, and why`() async throws {
    let lab = try await Lab()
    let (bob, member) = try await lab.member("Bob", as: "member")
    let caller = lab.house.caller(bob)
    #expect(try await lab.plane.organizations.barred(to: caller) == [:])
    _ = try await lab.plane.members.setExpiry(member.id, lab.house.now + .days(1), seen: nil, in: lab.slug, by: lab.admin)
    lab.house.pass(.days(1))
    #expect(try await lab.plane.organizations.barred(to: caller) == [lab.organization.id: .expired])
    _ = try await lab.plane.members.suspend(member.id, in: lab.slug, by: lab.admin)
    #expect(try await lab.plane.organizations.barred(to: caller) == [lab.organization.id: .suspended])
    #expect(try await lab.plane.organizations.barred(to: lab.admin) == [:])
    #expect(await refusal { try await lab.plane.organizations.barred(to: lab.house.visitor()) } == "session.required")
  }

  // MARK: Files

  @Test func `A file of comma-separated values holds any text, and no formula`() {
    var text = CSVText(["name", "note"])
    text.append(["Ada, \"Countess\"", "two\nlines"])
    text.append(["=SUM(A1)", "-1"])
    text.append(["", "עברית"])
    #expect(String(decoding: text.bytes, as: UTF8.self) == "name,note\r\n\"Ada, \"\"Countess\"\"\",\"two\nlines\"\r\n'=SUM(A1),'-1\r\n,עברית\r\n")
  }

  @Test func `The exported chain is the whole chain, and verifies by itself`() async throws {
    let lab = try await Lab()
    for number in 0..<12 { _ = try await lab.plane.organizations.update(lab.slug, OrganizationUpdate(description: "Number \(number)"), seen: nil, by: lab.admin) }
    let lines = String(decoding: try await lab.plane.events.lines(of: lab.slug, by: lab.admin), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 13 && lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
    var seen: [Int] = []
    try await lab.plane.events.all(in: lab.slug, EventFilter(action: "organization.update"), by: lab.admin) { seen.append($0.sequence) }
    #expect(seen == (2...13).reversed())
  }
}
