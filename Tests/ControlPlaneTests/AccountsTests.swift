import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import Testing

@Suite struct AccountsTests {
  // MARK: Signing up

  @Test func `The first account runs the installation, the second doesn't`() async throws {
    let house = try await House()
    #expect(try await house.plane.installation.isNew())
    let first = try await house.signUp("Ada Lovelace")
    let second = try await house.signUp("Grace Hopper")
    #expect(first.account.isSuperUser && !second.account.isSuperUser)
    #expect(try await !house.plane.installation.isNew())
    #expect(try await house.actions(in: .account(first.account.id)) == ["account.create"])
    let me = try await house.plane.accounts.read(by: house.caller(first))
    #expect(me == first.account)
  }

  @Test(arguments: [
    ("Ada Lovelace", "ada@example.org", "ada-lovelace"),
    ("Łukasz", "l@example.org", "lukasz"),
    ("李雷", "li.lei@example.org", "li-lei"),
    ("Admin", "admin@example.org", "person"),
    ("O'Neil", "o@example.org", "oneil"),
  ])
  func `A handle is made of the name, else of the address`(name: String, email: String, handle: String) async throws {
    let house = try await House()
    #expect(try await house.signUp(name, email: email).account.handle.text == handle)
  }

  @Test func `Handles that are made don't collide, however many share a name`() async throws {
    let house = try await House()
    var handles: [String] = []
    for number in 0..<14 { handles.append(try await house.signUp("Ada", email: "ada\(number)@example.org").account.handle.text) }
    #expect(Set(handles).count == 14)
    #expect(handles.prefix(3) == ["ada", "ada-2", "ada-3"])
  }

  enum Situation: String, CaseIterable { case stranger, invitedAddress, invitationLink, anothersLink, spentLink, foreignToken }

  @Test(arguments: [
    (Installation.SignUpPolicy.open, Situation.stranger, nil), (.open, .invitedAddress, nil), (.open, .invitationLink, nil), (.open, .spentLink, "link.spent"),
    (.invitees, .stranger, "account.invitation_needed"), (.invitees, .invitedAddress, nil), (.invitees, .invitationLink, nil), (.invitees, .anothersLink, "account.invitation_needed"), (.open, .anothersLink, nil),
    (.invitees, .spentLink, "link.spent"),
    (.invitees, .foreignToken, "link.spent"), (.closed, .stranger, "account.sign_up_closed"), (.closed, .invitedAddress, "account.sign_up_closed"),
    (.closed, .invitationLink, "account.sign_up_closed"),
  ] as [(Installation.SignUpPolicy, Situation, String?)])
  func `Who may sign up is as the operators say`(policy: Installation.SignUpPolicy, situation: Situation, expected: String?) async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let lab = try await house.found("Lab", by: ada)
    _ = try await house.plane.installation.update(InstallationUpdate(signUp: policy), by: house.caller(ada))
    let sent = try await house.plane.invitations.send(try InvitationDraft(address: "guest@example.org", roles: ["member"]), to: lab.slug.text, by: house.caller(ada))
    if situation == .spentLink { _ = try await house.plane.invitations.cancel(sent.invitation.id, in: lab.slug.text, by: house.caller(ada)) }
    let (address, secret): (String, String?) =
      switch situation {
      case .stranger: ("somebody@example.org", nil)
      case .invitedAddress: ("Guest@Example.org", nil)
      case .invitationLink: ("guest@example.org", house.secret(in: sent.link))
      case .anothersLink: ("other@example.org", house.secret(in: sent.link))
      case .spentLink: ("guest@example.org", house.secret(in: sent.link))
      case .foreignToken: ("guest@example.org", ada.secret.reveal())
      }
    #expect(await refusal { try await house.signUp("Guest", email: address, invitation: secret) } == expected)
  }

  @Test func `Even a closed installation lets the first account in`() async throws {
    #expect(throws: Never.self) { try Installation.SignUpPolicy.closed.admit(isFirst: true, isInvited: false) }
  }

  @Test func `All faults of a sign-up are told at once`() async throws {
    let house = try await House()
    let fields = await faultyFields {
      try await house.plane.accounts.create(try AccountDraft(email: "ada@", name: "\n", handle: "-", password: "short"), by: house.visitor())
    }
    #expect(fields == ["email", "name", "handle", "password"])
  }

  @Test(arguments: [
    ("email", "", "Ada", "ada", House.password),
    ("email", "ada@localhost", "Ada", "ada", House.password),
    ("email", "ada@exa mple.org", "Ada", "ada", House.password),
    ("email", "ädä@example.org", "Ada", "ada", House.password),
    ("email", "ada@example.org\r\nBcc: all@example.org", "Ada", "ada", House.password),
    ("email", String(repeating: "a", count: 1_000_000) + "@example.org", "Ada", "ada", House.password),
    ("name", "ada@example.org", "", "ada", House.password),
    ("name", "ada@example.org", "A\u{0}da", "ada", House.password),
    ("name", "ada@example.org", "Ada\u{202E}gnp", "ada", House.password),
    ("name", "ada@example.org", String(repeating: "ö", count: 1_000_000), "ada", House.password),
    ("handle", "ada@example.org", "Ada", "admin", House.password),
    ("handle", "ada@example.org", "Ada", "adm1n", House.password),
    ("handle", "ada@example.org", "Ada", "ada--l", House.password),
    ("handle", "ada@example.org", "Ada", "аda", House.password),
    ("handle", "ada@example.org", "Ada", String(repeating: "a", count: 33), House.password),
    ("password", "ada@example.org", "Ada", "ada", "password12345"),
    ("password", "ada@example.org", "Ada", "ada", "ada@example.org"),
    ("password", "ada@example.org", "Ada", "ada", String(repeating: "long ", count: 200_000)),
    ("password", "ada@example.org", "Ada", "ada", "nine lilac\nkites"),
  ])
  func `A sign-up names the field that is wrong`(field: String, email: String, name: String, handle: String, password: String) async throws {
    let house = try await House()
    let fields = await faultyFields {
      try await house.plane.accounts.create(try AccountDraft(email: email, name: name, handle: handle, password: password), by: house.visitor())
    }
    #expect(fields == [field])
    #expect(try await house.plane.installation.isNew())
  }

  @Test func `An address and a handle belong to one account, whatever their case`() async throws {
    let house = try await House()
    _ = try await house.signUp("Ada", handle: "ada")
    #expect(await refusal { try await house.signUp("Eve", email: "ADA@example.org") } == "email.taken")
    #expect(await refusal { try await house.signUp("Eve", handle: "ADA") } == "name.taken")
    let eve = try await house.signUp("Eve", handle: "eve")
    _ = try await house.plane.organizations.found(try OrganizationDraft(name: "Lab", slug: "lab", description: "", billingEmail: "b@example.org"), by: house.caller(eve))
    #expect(await refusal { try await house.signUp("Mallory", handle: "Lab") } == "name.taken")
  }

  @Test func `Of many sign-ups at once with one address or one handle, one succeeds`() async throws {
    let house = try await House()
    let outcomes = await withTaskGroup(of: String?.self) { group in
      for number in 0..<20 {
        group.addTask { await refusal { try await house.signUp("Racer", email: "racer@example.org", handle: "racer\(number)") } }
        group.addTask { await refusal { try await house.signUp("Runner", email: "runner\(number)@example.org", handle: "runner") } }
      }
      return await group.reduce(into: [String: Int]()) { $0[$1 ?? "success", default: 0] += 1 }
    }
    #expect(outcomes == ["success": 2, "email.taken": 19, "name.taken": 19])
    let operators = try await house.plane.read(as: .system("test")) { work in try work.tx.count("SELECT count(*) AS n FROM account WHERE super_user = 1") }
    #expect(operators == 1)
  }

  @Test func `The link of an invitation proves the address, and takes it from who only claimed it`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let lab = try await house.found("Lab", by: ada)
    let squatter = try await house.signUp("Mallory", email: "grace@example.org")
    let sent = try await house.plane.invitations.send(try InvitationDraft(address: "grace@example.org", roles: ["member"]), to: lab.slug.text, by: house.caller(ada))
    #expect(await refusal { try await house.signUp("Grace", email: "grace@example.org") } == "email.taken")
    let grace = try await house.signUp("Grace", email: "grace@example.org", invitation: house.secret(in: sent.link))
    #expect(try await house.plane.emails.list(by: house.caller(grace)).map(\.isVerified) == [true])
    #expect(try await house.plane.emails.list(by: house.caller(squatter)).isEmpty)
    #expect(try await house.plane.accounts.read(by: house.caller(squatter)).email == nil)
    #expect(try await house.actions(in: .account(squatter.account.id)) == ["account.create", "account.create"])
    #expect(try await house.mails(to: "grace@example.org").filter { $0.purpose == .emailVerification }.count == 1)
  }

  @Test func `An operator on the machine makes operators, proven and without a mail`() async throws {
    let house = try await House()
    let draft = try AccountDraft(email: "root@example.org", name: "Root", handle: nil, password: House.password)
    let account = try await house.plane.accounts.createSuperUser(draft)
    #expect(account.isSuperUser && account.handle.text == "person")
    let session = try await house.plane.sessions.create(login: "root@example.org", password: House.password, by: house.visitor())
    #expect(try await house.plane.emails.list(by: house.caller(session)).map(\.isVerified) == [true])
    #expect(try await house.mails(to: "root@example.org").isEmpty)
    #expect(await refusal { try await house.plane.accounts.createSuperUser(draft) } == "email.taken")
  }

  @Test func `Sign-ups from one network are limited, refused ones too`() async throws {
    let house = try await House()
    var refusals: [String: Int] = [:]
    for _ in 0..<61 {
      let draft = try AccountDraft(email: "ada@example.org", name: "Ada", handle: nil, password: House.password)
      refusals[await refusal { try await house.plane.accounts.create(draft, by: house.visitor()) } ?? "success", default: 0] += 1
    }
    #expect(refusals == ["success": 1, "email.taken": 59, "throttled": 1])
  }

  // MARK: The own account

  @Test func `A former handle leads on, and stays reserved`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada", handle: "ada")
    let changed = try await house.plane.accounts.update(AccountUpdate(name: "Ada King", handle: "ada-king"), seen: 1, by: house.caller(ada))
    #expect(changed.handle.text == "ada-king" && changed.name.text == "Ada King" && changed.revision == 2)
    #expect(await refusal { try await house.signUp("Eve", handle: "Ada") } == "name.taken")
    #expect(try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor()).account.id == ada.account.id)
    let back = try await house.plane.accounts.update(AccountUpdate(handle: "ADA"), seen: nil, by: house.caller(ada))
    #expect(back.handle.text == "ADA")
  }

  @Test func `A change based on an older revision is refused`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    _ = try await house.plane.accounts.update(AccountUpdate(name: "A. L."), seen: 1, by: house.caller(ada))
    #expect(await refusal { try await house.plane.accounts.update(AccountUpdate(name: "Ada L."), seen: 1, by: house.caller(ada)) } == "stale")
    #expect(await faultyFields { try await house.plane.accounts.update(AccountUpdate(name: " ", handle: "x y"), seen: 2, by: house.caller(ada)) } == ["name", "handle"])
    let same = try await house.plane.accounts.update(AccountUpdate(name: "A. L."), seen: 2, by: house.caller(ada))
    #expect(same.revision == 2)
  }

  @Test func `Nobody collects handles by changing theirs`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada", handle: "ada")
    for number in 0..<5 { _ = try await house.plane.accounts.update(AccountUpdate(handle: "ada-\(number)"), seen: nil, by: house.caller(ada)) }
    #expect(await refusal { try await house.plane.accounts.update(AccountUpdate(handle: "ada-5"), seen: nil, by: house.caller(ada)) } == "throttled")
    #expect(await refusal { try await house.plane.accounts.update(AccountUpdate(handle: "ADA-4"), seen: nil, by: house.caller(ada)) } == nil)
  }

  @Test func `Lists of members show the new name`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let lab = try await house.found("Lab", by: ada)
    _ = try await house.plane.accounts.update(AccountUpdate(name: "Zoe", handle: "zoe"), seen: nil, by: house.caller(ada))
    let found = try await house.plane.members.list(in: lab.slug.text, MemberFilter(search: "ZOE"), .first, by: house.caller(ada))
    #expect(found.items.map(\.name.text) == ["Zoe"])
  }

  // MARK: Deleting

  @Test func `What a deletion brings about is told before, and the handle typed in a form must be one's own`() async throws {
    let lab = try await Lab()
    let accounts = lab.plane.accounts
    let ada = try await accounts.departure(of: lab.admin)
    #expect(ada.orphans.map(\.slug.text) == [lab.slug] && ada.memberships == 1 && ada.tokens == 0 && !ada.isLastOperator && ada.availability == .possible)
    #expect(try await accounts.departure(of: lab.operator).isLastOperator)
    let (bob, _) = try await lab.member("Bob", as: "member")
    let bobs = lab.house.caller(bob)
    #expect(try await accounts.departure(of: bobs).orphans.isEmpty)
    for typed in ["", "Bob", "ada", "bob "] { #expect(await faultyFields { try await accounts.delete(confirm: typed, by: bobs) } == ["confirm"], "\(typed)") }
    lab.house.pass(.minutes(16))
    #expect(try await accounts.departure(of: bobs).availability == .afterPassword)
    #expect(await refusal { try await accounts.delete(confirm: "bob", by: bobs) } == "session.stale")
    _ = try await lab.plane.sessions.confirm(password: House.password, by: bobs)
    try await accounts.delete(confirm: "bob", by: bobs)
    #expect(await refusal { _ = try await accounts.departure(of: bobs) } == "credential.invalid")
    #expect(await refusal { _ = try await accounts.departure(of: lab.house.visitor()) } == "session.required")
  }

  @Test func `A deleted account leaves its name, and nothing that speaks for it`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let grace = try await house.signUpVerified("Grace")
    let lab = try await house.found("Lab", by: ada)
    _ = try await house.join(lab, as: ["viewer"], grace, invitedBy: ada)
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["account"]), by: house.caller(grace))
    try await house.plane.accounts.delete(by: house.caller(grace))
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(grace)) } == "credential.invalid")
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(token.secret)) } == "credential.invalid")
    #expect(await refusal { try await house.plane.sessions.create(login: "grace", password: House.password, by: house.visitor()) } == "session.wrong_credentials")
    #expect(try await house.plane.members.list(in: lab.slug.text, MemberFilter(), .first, by: house.caller(ada)).items.map(\.account) == [ada.account.id])
    #expect(try await house.plane.members.listFormer(in: lab.slug.text, .first, by: house.caller(ada)).items.isEmpty)
    #expect(await refusal { try await house.signUp("Eve", email: "eve@example.org", handle: "grace") } == "name.taken")
    #expect(await refusal { try await house.signUp("Grace", handle: "grace2") } == nil)
    let remains = try await house.plane.accounts.find(grace.account.id, by: house.caller(ada))
    #expect(remains.state == .deleted && remains.name.text == "Grace" && remains.email == nil)
    #expect(await refusal { try await house.plane.accounts.reactivate(grace.account.id, by: house.caller(ada)) } == "account.deleted")
    #expect(await refusal { try await house.plane.accounts.deactivate(grace.account.id, by: house.caller(ada)) } == "account.deleted")
  }

  @Test func `Deleting takes a fresh sign-in, another admin everywhere, and another operator`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    #expect(await refusal { try await house.plane.accounts.delete(by: house.caller(ada)) } == "account.last_operator")
    let grace = try await house.signUp("Grace")
    _ = try await house.found("Lab", by: grace)
    do {
      try await house.plane.accounts.delete(by: house.caller(grace))
      Issue.record("deleted the only admin")
    } catch {
      #expect(error.code.name == "account.only_admin" && error.detail.contains("Lab (lab)"))
    }
    house.pass(.minutes(16))
    #expect(await refusal { try await house.plane.accounts.delete(by: house.caller(grace)) } == "session.stale")
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["account"]), by: house.caller(grace))
    #expect(await refusal { try await house.plane.accounts.delete(by: house.caller(token.secret)) } == "session.stale")
    #expect(await refusal { try await house.plane.accounts.delete(by: house.visitor()) } == "session.required")
  }

  // MARK: Operators

  @Test func `Deactivating cuts everything at once, and reactivating brings back the person, not the secrets`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let grace = try await house.signUp("Grace")
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["account"]), by: house.caller(grace))
    #expect(try await house.plane.accounts.deactivate(grace.account.id, by: house.caller(ada)).state == .deactivated)
    #expect(try await house.plane.accounts.deactivate(grace.account.id, by: house.caller(ada)).revision == 2)
    for secret in [grace.secret, token.secret] {
      #expect(await refusal { try await house.plane.accounts.read(by: house.caller(secret)) } == "credential.invalid")
    }
    #expect(await refusal { try await house.plane.sessions.create(login: "grace", password: House.password, by: house.visitor()) } == "account.deactivated")
    #expect(await refusal { try await house.plane.sessions.create(login: "grace", password: "wrong password", by: house.visitor()) } == "session.wrong_credentials")
    #expect(try await house.plane.accounts.reactivate(grace.account.id, by: house.caller(ada)).state == .active)
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(token.secret)) } == "credential.invalid")
    #expect(await refusal { try await house.plane.sessions.create(login: "grace", password: House.password, by: house.visitor()) } == nil)
  }

  @Test func `Only operators list, deactivate and reactivate`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let grace = try await house.signUp("Grace")
    let scoped = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["organization:read"]), by: house.caller(ada))
    for (caller, expected) in [(house.visitor(), "session.required"), (house.caller(grace), "forbidden"), (house.caller(scoped.secret), "token.scope")] {
      #expect(await refusal { try await house.plane.accounts.list(AccountFilter(), .first, by: caller) } == expected)
      #expect(await refusal { try await house.plane.accounts.find(ada.account.id, by: caller) } == expected)
      #expect(await refusal { try await house.plane.accounts.deactivate(ada.account.id, by: caller) } == expected)
      #expect(await refusal { try await house.plane.accounts.reactivate(ada.account.id, by: caller) } == expected)
      #expect(await refusal { try await house.plane.installation.update(InstallationUpdate(signUp: .closed), by: caller) } == expected)
    }
    let nobody = house.plane.world.moment().newID(Account.self)
    #expect(await refusal { try await house.plane.accounts.deactivate(nobody, by: house.caller(ada)) } == "missing")
    #expect(await refusal { try await house.plane.accounts.find(nobody, by: house.caller(ada)) } == "missing")
  }

  @Test func `Neither the last operator nor the only admin of an organization can be deactivated`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let grace = try await house.signUp("Grace")
    _ = try await house.found("Lab", by: grace)
    #expect(await refusal { try await house.plane.accounts.deactivate(ada.account.id, by: house.caller(ada)) } == "account.last_operator")
    #expect(await refusal { try await house.plane.accounts.deactivate(grace.account.id, by: house.caller(ada)) } == "account.only_admin")
  }

  @Test func `Operators page and search through all accounts, with totals`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    for number in 0..<60 { _ = try await house.signUp("Person \(number)", email: "p\(number)@mail.example.org", handle: "p\(number)_x") }
    var seen: [ID<Account>] = []
    var cursor: Cursor?
    repeat {
      let page = try await house.plane.accounts.list(AccountFilter(), try PageRequest(limit: 25, cursor: cursor), by: house.caller(ada))
      #expect(page.total == 61)
      seen += page.items.map(\.id)
      cursor = page.next
    } while cursor != nil
    #expect(seen.count == 61 && Set(seen).count == 61 && seen == seen.sorted(by: >))
    for (search, count) in [("PERSON 5", 11), ("p7_x", 1), ("p7%", 0), ("mail.example", 60), ("nobody", 0), (String(repeating: "x", count: 1_000_000), 0)] {
      #expect(try await house.plane.accounts.list(AccountFilter(search: search), .first, by: house.caller(ada)).total == count)
    }
    #expect(try await house.plane.accounts.list(AccountFilter(state: .deactivated), .first, by: house.caller(ada)).total == 0)
  }

  // MARK: Addresses

  @Test func `An address counts from the moment its mail is answered, once or twice`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let added = try await house.plane.emails.add(" Ada@Work.example ", by: house.caller(ada))
    #expect(!added.isVerified && !added.isPrimary && added.address.text == "ada@work.example")
    #expect(try await house.plane.emails.add("ada@work.example", by: house.caller(ada)) == added)
    #expect(await refusal { try await house.plane.emails.makePrimary(added.id, by: house.caller(ada)) } == "email.unverified")
    let secret = try #require(try await house.token(mailedTo: "ada@work.example"))
    #expect(try await house.plane.emails.verify(secret, by: house.visitor()).verifiedAt == house.now)
    #expect(try await house.plane.emails.verify(secret, by: house.visitor()).isVerified)
    #expect(try await house.plane.emails.makePrimary(added.id, by: house.caller(ada)).isPrimary)
    #expect(try await house.plane.accounts.read(by: house.caller(ada)).email?.text == "ada@work.example")
    #expect(try await house.mails(to: "ada@example.org").contains { $0.subject == "Your primary address was changed" })
    #expect(await refusal { try await house.plane.emails.remove(added.id, by: house.caller(ada)) } == "email.primary")
    let old = try await house.plane.emails.list(by: house.caller(ada))[1]
    try await house.plane.emails.remove(old.id, by: house.caller(ada))
    #expect(try await house.plane.emails.list(by: house.caller(ada)).map(\.address.text) == ["ada@work.example"])
  }

  @Test func `A newer verification mail kills the older link, and so do time and removal`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let email = try await house.plane.emails.list(by: house.caller(ada))[0]
    let first = try #require(try await house.token(mailedTo: "ada@example.org"))
    house.pass(.seconds(1))
    try await house.plane.emails.remind(email.id, by: house.caller(ada))
    let second = try #require(try await house.token(mailedTo: "ada@example.org"))
    #expect(first != second)
    #expect(await refusal { try await house.plane.emails.verify(first, by: house.visitor()) } == "link.spent")
    house.pass(.days(3))
    #expect(await refusal { try await house.plane.emails.verify(second, by: house.visitor()) } == "link.spent")
    let extra = try await house.plane.emails.add("ada@work.example", by: house.caller(ada))
    let third = try #require(try await house.token(mailedTo: "ada@work.example"))
    try await house.plane.emails.remove(extra.id, by: house.caller(ada))
    #expect(await refusal { try await house.plane.emails.verify(third, by: house.visitor()) } == "link.spent")
    for _ in 0..<4 { try await house.plane.emails.remind(email.id, by: house.caller(ada)) }
    try await house.plane.emails.remind(email.id, by: house.caller(ada))
    #expect(await refusal { try await house.plane.emails.remind(email.id, by: house.caller(ada)) } == "throttled")
  }

  @Test func `Other people's addresses can't be taken, seen or touched`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let eve = try await house.signUp("Eve")
    #expect(await refusal { try await house.plane.emails.add("ada@example.org", by: house.caller(eve)) } == "email.taken")
    let own = try await house.plane.emails.list(by: house.caller(ada))[0]
    #expect(await refusal { try await house.plane.emails.makePrimary(own.id, by: house.caller(eve)) } == "missing")
    #expect(await refusal { try await house.plane.emails.remove(own.id, by: house.caller(eve)) } == "missing")
    #expect(await refusal { try await house.plane.emails.remind(own.id, by: house.caller(eve)) } == "missing")
  }

  @Test func `Who has proven another address can't sit on one they only claim`() async throws {
    let house = try await House()
    let eve = try await house.signUpVerified("Eve")
    _ = try await house.plane.emails.add("grace@example.org", by: house.caller(eve))
    let grace = try await house.signUp("Grace")
    #expect(grace.account.email?.text == "grace@example.org")
    #expect(try await house.plane.emails.list(by: house.caller(eve)).map(\.address.text) == ["eve@example.org"])
  }

  @Test func `An account has at most twenty addresses`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    for number in 1..<20 { _ = try await house.plane.emails.add("ada\(number)@example.org", by: house.caller(ada)) }
    #expect(await refusal { try await house.plane.emails.add("one-more@example.org", by: house.caller(ada)) } == "email.too_many")
    #expect(await refusal { try await house.plane.emails.add("and-more@example.org", by: house.caller(ada)) } == "throttled")
  }

  // MARK: The contract

  @Test func `Everything promised for accounts, sessions, tokens and the installation is bound`() async throws {
    let house = try await House()
    let plane = house.plane
    let bound = plane.accounts.operations + plane.emails.operations + plane.passwords.operations + plane.sessions.operations + plane.tokens.operations + plane.installation.operations
    let promised = [
      AnyEndpoint(API.Accounts.create), .init(API.Accounts.read), .init(API.Accounts.update), .init(API.Accounts.delete), .init(API.Accounts.list), .init(API.Accounts.show),
      .init(API.Accounts.provision), .init(API.Accounts.change), .init(API.Accounts.remove), .init(API.Accounts.deactivate), .init(API.Accounts.reactivate), .init(API.Emails.list), .init(API.Emails.add), .init(API.Emails.remind), .init(API.Emails.verify),
      .init(API.Emails.makePrimary), .init(API.Emails.remove), .init(API.Passwords.change), .init(API.Passwords.requestReset), .init(API.Passwords.reset),
      .init(API.Sessions.create), .init(API.Sessions.list), .init(API.Sessions.revoke), .init(API.Sessions.revokeOthers), .init(API.Sessions.end), .init(API.Sessions.confirm),
      .init(API.Tokens.list), .init(API.Tokens.create), .init(API.Tokens.revoke), .init(API.Tokens.revokeByValue), .init(API.Installation.read), .init(API.Installation.update),
    ]
    #expect(bound.map(\.endpoint.name) == promised.map(\.name))
  }

  @Test func `A sign-up travels as JSON, and its secret opens the account`() async throws {
    let house = try await House()
    let body = try WireCoding.encode(Wire.SignUp(email: "ada@example.org", name: "Ada", password: House.password))
    let signUp = try #require(house.plane.accounts.operations.first { $0.endpoint.name == "account.create" })
    let answer = try await signUp.answer(OperationRequest(caller: house.visitor(), path: [], query: [], body: body, revision: nil))
    #expect(answer.status == 201)
    let signedIn = try WireCoding.decode(Wire.SignedIn.self, from: try #require(answer.body))
    #expect(signedIn.session.current && signedIn.session.device == "Firefox on Linux" && signedIn.account.superUser)
    let read = try #require(house.plane.accounts.operations.first { $0.endpoint.name == "account.read" })
    let caller = Caller(secret: signedIn.secret, from: house.origin())
    #expect(try await read.answer(OperationRequest(caller: caller, path: [], query: [], body: [], revision: nil)).revision == 1)
    await #expect(throws: Problem.self) {
      try await signUp.answer(OperationRequest(caller: house.visitor(), path: [], query: [], body: Array(#"{"email": 7, "nme": "x"}"#.utf8), revision: nil))
    }
  }
}
