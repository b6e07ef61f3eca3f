import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import Testing

@Suite struct ServiceAccountsTests {
  // MARK: What one may

  @Test func `A service account does what its roles allow in its organization, and nothing elsewhere`() async throws {
    let lab = try await Lab()
    let other = try await lab.house.found("Other", by: lab.oscar)
    // Its role, then: lists the members, changes the organization, lists the audit.
    let table: [(String, String?, String?, String?)] = [
      ("guest", "forbidden", "forbidden", "forbidden"), ("viewer", nil, "forbidden", "forbidden"), ("manager", nil, "forbidden", "forbidden"), ("admin", nil, nil, nil),
    ]
    for (role, listing, changing, auditing) in table {
      let robot = try await lab.robot("\(role) robot", as: role).caller
      #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: robot) } == nil)
      #expect(await refusal { try await lab.plane.members.list(in: lab.slug, MemberFilter(), .first, by: robot) } == listing, "\(role)")
      let update = OrganizationUpdate(description: "By \(role)")
      #expect(await refusal { try await lab.plane.organizations.update(lab.slug, update, seen: nil, by: robot) } == changing, "\(role)")
      #expect(await refusal { try await lab.plane.events.list(in: lab.slug, EventFilter(), .first, by: robot) } == auditing, "\(role)")
      #expect(try await lab.plane.roles.list(in: lab.slug, by: robot).filter(\.isOwn).map(\.role.rawValue) == [role])
      #expect(await refusal { try await lab.plane.organizations.find(other.slug.text, by: robot) } == "missing")
      #expect(await refusal { try await lab.plane.members.list(in: other.slug.text, MemberFilter(), .first, by: robot) } == "missing")
    }
  }

  @Test func `What is a person's own, or left to people, is refused to it whatever its role`() async throws {
    let lab = try await Lab()
    let plane = lab.plane
    let robot = try await lab.robot("Robot", as: "admin").caller
    let sent = try await lab.invite("new@example.org", as: "viewer")
    let draft = try OrganizationDraft(name: "Mine", slug: "", description: "", billingEmail: "books@example.org")
    let attempts: [(String, @Sendable () async throws -> Void)] = [
      ("profile", { _ = try await plane.accounts.read(by: robot) }), ("sessions", { _ = try await plane.sessions.list(.first, by: robot) }),
      ("tokens", { _ = try await plane.tokens.create(try AccessTokenDraft(name: "x", scopes: ["organization:read"]), by: robot) }),
      ("inbox", { _ = try await plane.invitations.inbox(of: robot) }), ("accept", { _ = try await plane.invitations.accept(lab.key(sent), by: robot) }),
      ("found", { _ = try await plane.organizations.found(draft, by: robot) }), ("list", { _ = try await plane.organizations.list(all: false, search: nil, .first, by: robot) }),
      ("list all", { _ = try await plane.organizations.list(all: true, search: nil, .first, by: robot) }), ("leave", { try await plane.members.leave(lab.slug, by: robot) }),
      ("ask", { _ = try await plane.requests.ask(lab.slug, message: "", by: robot) }), ("accounts", { _ = try await plane.accounts.list(AccountFilter(), .first, by: robot) }),
      ("invite", { _ = try await lab.invite("more@example.org", as: "guest", by: robot) }),
      ("suspend", { _ = try await plane.organizations.suspend(lab.slug, because: "", by: robot) }),
      ("delete", { _ = try await plane.organizations.delete(lab.slug, confirm: lab.slug, by: robot) }),
      ("export", { _ = try await plane.archives.export(lab.slug, by: robot) }),
      ("another", { _ = try await plane.serviceAccounts.create(try ServiceAccountDraft(name: "Child", roles: ["guest"]), in: lab.slug, by: robot) }),
      ("key", { _ = try await plane.serviceAccounts.createKey(named: "more", KeyTerm(days: nil), of: "robot", in: lab.slug, by: robot) }),
    ]
    for (what, attempt) in attempts { #expect(await refusal { try await attempt() } == "forbidden", "\(what)") }
    #expect(try await plane.viewer(as: robot) == nil, "no page shows it as signed in")
  }

  @Test func `It gives no role that can let people in, and touches nobody who has one`() async throws {
    let lab = try await Lab()
    let robot = try await lab.robot("Robot", as: "admin").caller
    let bob = try await lab.member("Bob", as: "viewer").member
    let mia = try await lab.member("Mia", as: "manager").member
    for role in ["admin", "manager"] {
      #expect(await refusal { try await lab.plane.members.setRoles(bob.id, [role], seen: nil, in: lab.slug, by: robot) } == "role.above_own")
    }
    #expect(await refusal { try await lab.plane.members.setRoles(bob.id, ["contributor"], seen: nil, in: lab.slug, by: robot) } == nil)
    #expect(await refusal { try await lab.plane.members.remove(mia.id, in: lab.slug, by: robot) } == "role.above_own")
    #expect(await refusal { try await lab.plane.members.suspend(lab.founder().id, in: lab.slug, by: robot) } == "role.above_own")
  }

  @Test func `It doesn't count as an admin who can be relied on`() async throws {
    let lab = try await Lab()
    _ = try await lab.robot("Robot", as: "admin")
    #expect(await refusal { try await lab.plane.members.leave(lab.slug, by: lab.admin) } == "organization.last_admin")
  }

  @Test func `What it does stands in the log under its name, allowed or refused`() async throws {
    let lab = try await Lab()
    let (account, robot) = try await lab.robot("Robot", as: "admin")
    _ = try await lab.plane.organizations.update(lab.slug, OrganizationUpdate(description: "Tidied"), seen: nil, by: robot)
    #expect(await refusal { try await lab.invite("x@example.org", as: "guest", by: robot) } == "forbidden")
    let events = try await lab.plane.events.list(in: lab.slug, EventFilter(actor: account.id.description), .first, by: lab.admin).items
    #expect(events.map { "\($0.action) \($0.outcome)" } == ["invitation.create refused", "organization.update allowed"])
    let actor = EventActor(kind: .serviceAccount, id: account.id.description, name: "Robot", via: "key")
    #expect(events.allSatisfy { $0.actor == actor } && events.last?.reason == "role admin")
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  // MARK: When keys stop

  @Test func `A key stops at once when it, its account or its organization does`() async throws {
    let stops: [(String, @Sendable (Lab, ServiceAccount, ID<ServiceAccountKey>) async throws -> Void, String)] = [
      ("revoked", { lab, account, key in try await lab.plane.serviceAccounts.revokeKey(key, of: account.slug.text, in: lab.slug, by: lab.admin) }, "credential.invalid"),
      ("expired", { lab, _, _ in lab.house.pass(.days(90)) }, "credential.invalid"),
      ("disabled", { lab, account, _ in _ = try await lab.plane.serviceAccounts.disable(account.slug.text, in: lab.slug, by: lab.admin) }, "credential.invalid"),
      ("deleted", { lab, account, _ in try await lab.plane.serviceAccounts.delete(account.slug.text, in: lab.slug, by: lab.admin) }, "credential.invalid"),
      ("organization suspended", { lab, _, _ in _ = try await lab.plane.organizations.suspend(lab.slug, because: "", by: lab.admin) }, "organization.suspended"),
      ("organization deleted", { lab, _, _ in _ = try await lab.plane.organizations.delete(lab.slug, confirm: lab.slug, by: lab.admin) }, "missing"),
    ]
    for (what, stop, code) in stops {
      let lab = try await Lab()
      let account = try await lab.serviceAccount("Robot", as: "admin")
      let key = try await lab.key(of: account)
      let robot = lab.house.caller(key.secret)
      #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: robot) } == nil)
      if what == "expired" { lab.house.pass(.days(90) - .milliseconds(1)) } else { try await stop(lab, account, key.key.id) }
      if what == "expired" {
        #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: robot) } == nil)
        lab.house.pass(.milliseconds(1))
      }
      #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: robot) } == code, "\(what)")
    }
  }

  @Test func `Enabled again, its keys open what they did`() async throws {
    let lab = try await Lab()
    let (account, robot) = try await lab.robot("Robot", as: "viewer")
    for _ in 0..<2 { #expect(try await lab.plane.serviceAccounts.disable("robot", in: lab.slug, by: lab.admin).state == .disabled(since: lab.house.now)) }
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: robot) } == "credential.invalid")
    for _ in 0..<2 { #expect(try await lab.plane.serviceAccounts.enable(account.id.description, in: lab.slug, by: lab.admin).state == .active) }
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: robot) } == nil)
    let actions = try await lab.house.actions(in: lab.stream).suffix(4)
    #expect(actions == ["service-account.create", "service-account-key.create", "service-account.disable", "service-account.enable"])
  }

  @Test func `A key opens nothing in another kind's place, nor mistyped`() async throws {
    let lab = try await Lab()
    let key = try await lab.key(of: lab.serviceAccount("Robot", as: "admin"))
    let origin = lab.house.origin()
    for credential in [Caller.Credential.session(key.secret.digest), .token(key.secret.digest)] {
      #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: Caller(credential, from: origin)) } == "credential.invalid")
    }
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: Caller(.key(lab.ada.secret.digest), from: origin)) } == "credential.invalid")
    for wrong in [String(key.secret.reveal().dropLast()), key.secret.reveal() + "x", "gld_svc_", "gld_svc_" + String(repeating: "a", count: 1_000_000)] {
      #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: Caller(secret: wrong, from: origin)) } == "credential.invalid")
    }
  }

  @Test func `Whoever finds a key may revoke it, which stands in the organization's log`() async throws {
    let lab = try await Lab()
    let key = try await lab.key(of: lab.serviceAccount("Robot", as: "viewer"))
    for _ in 0..<2 { try await lab.plane.tokens.revoke(secret: key.secret.reveal(), by: lab.house.visitor()) }
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: lab.house.caller(key.secret)) } == "credential.invalid")
    let event = try #require(try await lab.plane.events.list(in: lab.slug, EventFilter(), .first, by: lab.admin).items.first)
    #expect(event.action == "service-account-key.revoke" && event.actor.kind == .anonymous && event.target.name == "Robot")
    #expect(event.changes == [Change("key", from: "CI (\(key.key.hint))")])
  }

  // MARK: Who manages them

  @Test(arguments: OrganizationRole.allCases)
  func `Admins manage them, and whoever sees the members sees them`(role: OrganizationRole) async throws {
    let lab = try await Lab()
    let account = try await lab.serviceAccount("Robot", as: "viewer")
    let key = try await lab.key(of: account)
    let caller = lab.house.caller(try await lab.member("Bob", as: role.rawValue).session)
    let plane = lab.plane
    let seen: String? = role.permissions.contains(.memberList) ? nil : "forbidden"
    #expect(await refusal { try await plane.serviceAccounts.list(in: lab.slug, .first, by: caller) } == seen)
    #expect(await refusal { try await plane.serviceAccounts.find("robot", in: lab.slug, by: caller) } == seen)
    #expect(await refusal { try await plane.serviceAccounts.listKeys(of: "robot", in: lab.slug, .first, by: caller) } == seen)
    let managed: String? = role == .admin ? nil : "forbidden"
    let acts: [@Sendable () async throws -> Void] = [
      { _ = try await plane.serviceAccounts.create(try ServiceAccountDraft(name: "Other", roles: ["guest"]), in: lab.slug, by: caller) },
      { _ = try await plane.serviceAccounts.update("robot", ServiceAccountUpdate(name: "Robby"), seen: nil, in: lab.slug, by: caller) },
      { _ = try await plane.serviceAccounts.createKey(named: "x", KeyTerm(days: 1), of: "robot", in: lab.slug, by: caller) },
      { _ = try await plane.serviceAccounts.rotateKey(key.key.id, KeyRotation(), of: "robot", in: lab.slug, by: caller) },
      { try await plane.serviceAccounts.revokeKey(key.key.id, of: "robot", in: lab.slug, by: caller) },
      { _ = try await plane.serviceAccounts.disable("robot", in: lab.slug, by: caller) },
      { _ = try await plane.serviceAccounts.enable("robot", in: lab.slug, by: caller) },
      { try await plane.serviceAccounts.delete("robot", in: lab.slug, by: caller) },
    ]
    for (place, act) in acts.enumerated() { #expect(await refusal { try await act() } == managed, "\(place)") }
  }

  @Test func `A token manages them only with the widest scope`() async throws {
    let lab = try await Lab()
    for (scope, code) in [("organization:read", "token.scope"), ("organization:write", "token.scope"), ("organization:admin", nil)] {
      let token = try await lab.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: [scope]), by: lab.admin)
      let draft = try ServiceAccountDraft(name: "Robot", roles: ["guest"])
      #expect(await refusal { try await lab.plane.serviceAccounts.create(draft, in: lab.slug, by: lab.house.caller(token.secret)) } == code, "\(scope)")
    }
  }

  @Test func `Nobody reaches a service account that may more than they do`() throws {
    let house = Moment(now: Timestamp(milliseconds: 0)) { 7 }
    for roles in [[OrganizationRole.admin], [.manager], [.viewer], [.member, .guest]] {
      let account = ServiceAccount(
        id: house.newID(), organization: house.newID(), slug: try Slug("robot"), name: try DisplayName("Robot"), description: .empty, roles: try #require(RoleSet(roles)),
        creator: .init(id: house.newID(), name: try DisplayName("Ada")), createdAt: house.now, state: .active, usedAt: nil, liveKeys: 0, revision: 1)
      for holder in OrganizationRole.allCases {
        let isWithin = account.roles.permissions.isSubset(of: holder.permissions)
        #expect((try? account.expectReach(of: holder.permissions)) != nil || !isWithin)
        #expect((try? account.expectReach(of: holder.permissions)) == nil || isWithin, "\(holder) reaches \(roles)")
      }
      #expect((try? account.expectReach(of: Permission.all, to: RoleSet(.admin))) != nil)
    }
  }

  @Test func `Another organization's service accounts and keys are not there`() async throws {
    let lab = try await Lab()
    let account = try await lab.serviceAccount("Robot", as: "viewer")
    let key = try await lab.key(of: account).key.id
    let second = try await lab.serviceAccount("Second", as: "viewer")
    let other = try await lab.house.found("Other", by: lab.oscar)
    let plane = lab.plane
    let oscar = lab.operator
    for reference in ["robot", account.id.description, "", "..", "ROBOT\u{0}", String(repeating: "r", count: 100_000)] {
      #expect(await refusal { try await plane.serviceAccounts.find(reference, in: other.slug.text, by: oscar) } == "missing")
      #expect(await refusal { try await plane.serviceAccounts.delete(reference, in: other.slug.text, by: oscar) } == "missing")
      #expect(await refusal { try await plane.serviceAccounts.createKey(named: "x", KeyTerm(days: 1), of: reference, in: other.slug.text, by: oscar) } == "missing")
    }
    #expect(await refusal { try await plane.serviceAccounts.revokeKey(key, of: second.slug.text, in: lab.slug, by: lab.admin) } == "missing")
    #expect(await refusal { try await plane.serviceAccounts.rotateKey(key, KeyRotation(), of: second.slug.text, in: lab.slug, by: lab.admin) } == "missing")
    #expect(try await plane.serviceAccounts.find("ROBOT", in: lab.slug, by: lab.admin).id == account.id)
  }

  // MARK: Making and changing

  @Test(arguments: [
    ("", "", ["viewer"], ["name"]), ("\u{7}", "robot", ["viewer"], ["name"]), ("Robot", "-", ["viewer"], ["slug"]), ("Robot", "new", ["viewer"], ["slug"]),
    ("Robot", "", [], ["roles"]), ("Robot", "", ["emperor"], ["roles"]), ("", "a b", ["x"], ["name", "slug", "roles"]), ("🤖🤖", "", ["viewer"], ["slug"]),
    (String(repeating: "n", count: 10_000), String(repeating: "s", count: 10_000), ["viewer"], ["name", "slug"]),
  ])
  func `A draft is refused with all its faults`(name: String, slug: String, roles: [String], fields: [String]) async {
    #expect(await faultyFields { try ServiceAccountDraft(name: name, slug: slug, roles: roles) } == fields)
  }

  @Test func `Each has a slug of its own in its organization, whatever the case`() async throws {
    let lab = try await Lab()
    let made = try await lab.plane.serviceAccounts.create(try ServiceAccountDraft(name: "Nightly Report", description: "Cron", roles: ["viewer", "billing"]), in: lab.slug, by: lab.admin)
    #expect(made.slug.text == "nightly-report" && made.roles == RoleSet([.billing, .viewer]) && made.creator.name.text == "Ada" && made.liveKeys == 0 && made.revision == 1)
    #expect(try await lab.plane.serviceAccounts.find("nightly-report", in: lab.slug, by: lab.admin) == made)
    let again = try ServiceAccountDraft(name: "Other", slug: "NIGHTLY-report", roles: ["viewer"])
    #expect(await refusal { try await lab.plane.serviceAccounts.create(again, in: lab.slug, by: lab.admin) } == "name.taken")
    #expect(await faultyFields { try await lab.plane.serviceAccounts.create(again, in: lab.slug, by: lab.admin) } == ["slug"])
    let other = try await lab.house.found("Other", by: lab.oscar)
    #expect(await refusal { try await lab.plane.serviceAccounts.create(again, in: other.slug.text, by: lab.operator) } == nil)
    #expect(try await lab.plane.members.counts(in: lab.slug, by: lab.admin).serviceAccounts == 1)
  }

  @Test func `A change is made for who has seen the last one, and holds for keys at once`() async throws {
    let lab = try await Lab()
    let (account, robot) = try await lab.robot("Robot", as: "viewer")
    let changed = try await lab.plane.serviceAccounts.update(
      "robot", ServiceAccountUpdate(name: "Robby", description: "Sweeps", roles: ["guest"]), seen: account.revision, in: lab.slug, by: lab.admin)
    #expect(changed.name.text == "Robby" && changed.slug == account.slug && changed.roles == RoleSet(.guest) && changed.revision == 2)
    #expect(await refusal { try await lab.plane.members.list(in: lab.slug, MemberFilter(), .first, by: robot) } == "forbidden")
    let late = ServiceAccountUpdate(name: "Late")
    #expect(await refusal { try await lab.plane.serviceAccounts.update("robot", late, seen: 1, in: lab.slug, by: lab.admin) } == "stale")
    #expect(try await lab.plane.serviceAccounts.update("robot", ServiceAccountUpdate(name: "Robby"), seen: 2, in: lab.slug, by: lab.admin).revision == 2, "nothing changes")
    #expect(await faultyFields { try await lab.plane.serviceAccounts.update("robot", ServiceAccountUpdate(name: "", roles: []), seen: nil, in: lab.slug, by: lab.admin) } == ["name", "roles"])
    let event = try #require(try await lab.plane.events.list(in: lab.slug, EventFilter(action: "service-account.update"), .first, by: lab.admin).items.first)
    #expect(event.changes == [Change("name", from: "Robot", to: "Robby"), Change("description", from: "", to: "Sweeps"), Change("roles", from: "viewer", to: "guest")])
  }

  @Test func `It is deleted with its keys, by who typed its slug where one was asked`() async throws {
    let lab = try await Lab()
    let (account, robot) = try await lab.robot("Robot", as: "viewer")
    #expect(await faultyFields { try await lab.plane.serviceAccounts.delete("robot", confirm: "robots", in: lab.slug, by: lab.admin) } == ["confirm"])
    try await lab.plane.serviceAccounts.delete("robot", confirm: "robot", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: robot) } == "credential.invalid")
    #expect(await refusal { try await lab.plane.serviceAccounts.find(account.id.description, in: lab.slug, by: lab.admin) } == "missing")
    #expect(try await lab.plane.serviceAccounts.list(in: lab.slug, .first, by: lab.admin).items.isEmpty)
    #expect(try await lab.rows("SELECT id FROM service_account_key") == 0)
  }

  @Test func `Many are listed by slug, a page after the other`() async throws {
    let lab = try await Lab()
    for number in 0..<7 { _ = try await lab.serviceAccount("Sweeper \(number)", as: "guest") }
    var seen: [String] = []
    var cursor: Cursor?
    repeat {
      let page = try await lab.plane.serviceAccounts.list(in: lab.slug, try PageRequest(limit: 3, cursor: cursor), by: lab.admin)
      #expect(page.total == 7)
      seen += page.items.map(\.slug.text)
      cursor = page.next
    } while cursor != nil
    #expect(seen == (0..<7).map { "sweeper-\($0)" })
    let foreign = Cursor(list: "tokens", keys: ["x"])
    #expect(await faultyFields { try await lab.plane.serviceAccounts.list(in: lab.slug, try PageRequest(limit: 3, cursor: foreign), by: lab.admin) } == ["cursor"])
  }

  // MARK: Keys

  @Test func `A key is shown once, and its use is remembered`() async throws {
    let lab = try await Lab()
    let account = try await lab.serviceAccount("Robot", as: "viewer")
    let new = try await lab.key(of: account)
    #expect(new.secret.reveal().hasPrefix("gld_svc_") && (try? Token(parsing: new.secret.reveal())) != nil)
    #expect(new.key.expiresAt == lab.house.now + .days(90))
    lab.house.pass(.minutes(2))
    await lab.plane.sessions.touch(by: lab.house.caller(new.secret))
    let listed = try await lab.plane.serviceAccounts.listKeys(of: "robot", in: lab.slug, .first, by: lab.admin)
    #expect(listed.total == 1 && listed.items[0].usedAt == lab.house.now && listed.items[0].name.text == "CI")
    let wire = try WireCoding.encode(Wire.ServiceAccountKey(listed.items[0]))
    #expect(!String(decoding: wire, as: UTF8.self).contains(new.secret.reveal().dropFirst(8)))
    let found = try await lab.plane.serviceAccounts.find("robot", in: lab.slug, by: lab.admin)
    #expect(found.usedAt == lab.house.now && found.liveKeys == 1 && found.revision == account.revision)
    let stored = try await lab.rows("SELECT id FROM service_account_key WHERE digest LIKE '%' || \(String(new.secret.reveal().suffix(12))) || '%'")
    #expect(stored == 0)
    let events = try await lab.plane.events.list(in: lab.slug, EventFilter(action: "service-account-key.create"), .first, by: lab.admin).items
    #expect(events.first?.changes.first == Change("key", to: "CI (\(new.key.hint))") && !"\(events)".contains(new.secret.reveal()))
  }

  @Test(arguments: [(-1, "expires_in_days"), (367, "expires_in_days"), (0, "expires_in_days"), (Int.max, "expires_in_days")])
  func `A key's term is a token's`(days: Int, field: String) async throws {
    let lab = try await Lab()
    _ = try await lab.serviceAccount("Robot", as: "viewer")
    #expect(await faultyFields { try await lab.plane.serviceAccounts.createKey(named: "x", KeyTerm(days: days), of: "robot", in: lab.slug, by: lab.admin) } == [field])
    guard days == 0 else { return }
    _ = try await lab.plane.installation.update(InstallationUpdate(allowsEndlessTokens: true), by: lab.operator)
    let endless = try await lab.plane.serviceAccounts.createKey(named: "x", KeyTerm(days: 0), of: "robot", in: lab.slug, by: lab.admin)
    #expect(endless.key.expiresAt == nil)
    lab.house.pass(.days(4000))
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: lab.house.caller(endless.secret)) } == nil)
    let admin = lab.house.caller(try await lab.plane.sessions.create(login: "ada", password: House.password, by: lab.house.visitor()))
    let rotated = try await lab.plane.serviceAccounts.rotateKey(endless.key.id, KeyRotation(hours: 1, days: 30), of: "robot", in: lab.slug, by: admin)
    #expect(rotated.key.expiresAt == lab.house.now + .days(30))
    lab.house.pass(.hours(1))
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: lab.house.caller(endless.secret)) } == "credential.invalid")
  }

  @Test func `A rotated key goes on for the overlap, and never longer than it would have`() async throws {
    let lab = try await Lab()
    let account = try await lab.serviceAccount("Robot", as: "viewer")
    let old = try await lab.key(of: account)
    func holds(_ key: NewServiceAccountKey) async -> Bool { await refusal { try await lab.plane.organizations.find(lab.slug, by: lab.house.caller(key.secret)) } == nil }
    let new = try await lab.plane.serviceAccounts.rotateKey(old.key.id, KeyRotation(), of: "robot", in: lab.slug, by: lab.admin)
    #expect(new.key.name == old.key.name && new.key.id != old.key.id)
    lab.house.pass(.hours(24) - .milliseconds(1))
    #expect(await holds(old))
    #expect(await holds(new))
    lab.house.pass(.milliseconds(1))
    #expect(await !holds(old))
    #expect(await holds(new))
    #expect(await refusal { try await lab.plane.serviceAccounts.rotateKey(old.key.id, KeyRotation(), of: "robot", in: lab.slug, by: lab.admin) } == "service_account.expired_key")
    let third = try await lab.plane.serviceAccounts.rotateKey(new.key.id, KeyRotation(hours: 0, days: 1), of: "robot", in: lab.slug, by: lab.admin)
    #expect(await !holds(new))
    let fourth = try await lab.plane.serviceAccounts.rotateKey(third.key.id, KeyRotation(hours: 720), of: "robot", in: lab.slug, by: lab.admin)
    lab.house.pass(.days(1))
    #expect(await !holds(third), "the overlap puts no end off")
    #expect(await holds(fourth))
    for hours in [-1, 721, Int.max] { #expect(await faultyFields { try KeyRotation(hours: hours) } == ["overlap_hours"]) }
    let event = try #require(try await lab.plane.events.list(in: lab.slug, EventFilter(action: "service-account-key.rotate"), .first, by: lab.admin).items.last)
    #expect(event.changes.map(\.field) == ["key", "expires", "old_key_expires"])
  }

  @Test func `Ten keys hold at a time`() async throws {
    let lab = try await Lab()
    let account = try await lab.serviceAccount("Robot", as: "viewer")
    let first = try await lab.key(of: account)
    for number in 1..<10 { _ = try await lab.plane.serviceAccounts.createKey(named: "Key \(number)", KeyTerm(days: 2), of: "robot", in: lab.slug, by: lab.admin) }
    #expect(await refusal { try await lab.key(of: account) } == "service_account.too_many_keys")
    let overlapping = try KeyRotation(hours: 1)
    #expect(await refusal { try await lab.plane.serviceAccounts.rotateKey(first.key.id, overlapping, of: "robot", in: lab.slug, by: lab.admin) } == "service_account.too_many_keys")
    let swapped = try await lab.plane.serviceAccounts.rotateKey(first.key.id, KeyRotation(hours: 0), of: "robot", in: lab.slug, by: lab.admin)
    try await lab.plane.serviceAccounts.revokeKey(swapped.key.id, of: "robot", in: lab.slug, by: lab.admin)
    _ = try await lab.key(of: account)
    #expect(await refusal { try await lab.key(of: account) } == "service_account.too_many_keys")
    lab.house.pass(.days(2))
    #expect(await refusal { try await lab.key(of: account) } == nil, "those that expired make room")
  }

  @Test func `Keys that open nothing any more are forgotten after a while, and go with their organization`() async throws {
    let lab = try await Lab()
    let account = try await lab.serviceAccount("Robot", as: "viewer")
    let revoked = try await lab.key(of: account)
    try await lab.plane.serviceAccounts.revokeKey(revoked.key.id, of: "robot", in: lab.slug, by: lab.admin)
    _ = try await lab.key(of: account)
    try await PurgeSecrets(lab.plane).run()
    #expect(try await lab.rows("SELECT id FROM service_account_key") == 2)
    lab.house.pass(.days(91))
    try await PurgeSecrets(lab.plane).run()
    #expect(try await lab.rows("SELECT id FROM service_account_key") == 1, "the other one expired a day ago")
    _ = try await lab.plane.organizations.delete(lab.slug, confirm: lab.slug, by: lab.house.caller(lab.plane.sessions.create(login: "ada", password: House.password, by: lab.house.visitor())))
    lab.house.pass(.days(31))
    try await PurgeOrganizations(lab.plane).run()
    #expect(try await lab.rows("SELECT id FROM service_account UNION ALL SELECT id FROM service_account_key") == 0)
  }

  // MARK: At once

  @Test func `Made many times at once, one is made`() async throws { try await Self.race(Lab()) }

  static func race(_ lab: Lab) async throws {
    let made = await outcomes((0..<6).map { _ in { await refusal { try await lab.serviceAccount("Robot", as: "viewer") } } })
    #expect(made == ["success": 1, "name.taken": 5])
    let account = try await lab.plane.serviceAccounts.find("robot", in: lab.slug, by: lab.admin)
    for _ in 0..<8 { _ = try await lab.key(of: account) }
    let keys = await outcomes((0..<6).map { _ in { await refusal { try await lab.key(of: account) } } })
    #expect(keys == ["success": 2, "service_account.too_many_keys": 4])
    let last = try #require(try await lab.plane.serviceAccounts.listKeys(of: "robot", in: lab.slug, .first, by: lab.admin).items.first).id
    let ends: [@Sendable () async -> String?] = [
      { await refusal { try await lab.plane.serviceAccounts.revokeKey(last, of: "robot", in: lab.slug, by: lab.admin) } },
      { await refusal { try await lab.plane.serviceAccounts.revokeKey(last, of: "robot", in: lab.slug, by: lab.admin) } },
      { await refusal { try await lab.plane.serviceAccounts.revokeKey(last, of: "robot", in: lab.slug, by: lab.admin) } },
    ]
    #expect(await outcomes(ends) == ["success": 1, "missing": 2])
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }
}

extension Lab {
  func serviceAccount(_ name: String, as roles: String...) async throws(Problem) -> ServiceAccount {
    try await plane.serviceAccounts.create(ServiceAccountDraft(name: name, roles: roles), in: slug, by: admin)
  }

  func key(of account: ServiceAccount) async throws(Problem) -> NewServiceAccountKey {
    try await plane.serviceAccounts.createKey(named: "CI", KeyTerm(days: nil), of: account.slug.text, in: slug, by: admin)
  }

  /// One that can act.
  func robot(_ name: String, as role: String) async throws(Problem) -> (account: ServiceAccount, caller: Caller) {
    let account = try await serviceAccount(name, as: role)
    return (account, house.caller(try await key(of: account).secret))
  }

  fileprivate func rows(_ statement: Statement) async throws(Problem) -> Int {
    try await plane.read(as: .system("test")) { work in try work.tx.rows(statement).count }
  }
}

extension SecretText {
  fileprivate var digest: SHA256Digest { SHA256Digest(of: reveal()) }
}
