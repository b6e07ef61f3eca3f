import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import Testing

@Suite struct OrganizationsTests {
  private func draft(_ name: String, _ slug: String = "") throws(Problem) -> OrganizationDraft {
    try OrganizationDraft(name: name, slug: slug, description: "", billingEmail: "billing@example.org")
  }

  // MARK: Founding

  @Test func `The founder is the first admin, and nobody else is in`() async throws {
    let lab = try await Lab()
    #expect(lab.organization.memberCount == 1 && lab.slug == "lab" && lab.organization.state == .active && !lab.organization.acceptsRequests)
    #expect(try await lab.roles() == ["ada": "admin"])
    #expect(try await lab.founder().source == .founder)
    #expect(try await lab.house.actions(in: lab.stream) == ["organization.create"])
    for reference in ["lab", "LAB", lab.organization.id.description] {
      #expect(try await lab.plane.organizations.find(reference, by: lab.admin).id == lab.organization.id)
    }
    #expect(await refusal { try await lab.plane.organizations.find("lab", by: lab.house.visitor()) } == "session.required")
    #expect(await refusal { try await lab.plane.organizations.found(try draft("Second"), by: lab.house.visitor()) } == "session.required")
  }

  @Test(arguments: [
    "admin", "Settings", "adm1n", "s3ttings", "c1uster", "rnembers", "sign_in", "API", "l-a-b-", "-lab", "la--b", "la b", "lаb", "läb", "lab\u{0}", "lab/../x",
    "../lab",
    String(repeating: "a", count: 33), String(repeating: "a", count: 1_000_000),
  ])
  func `A slug that is reserved, looks like a reserved one or isn't plain is refused`(slug: String) async throws {
    #expect(await faultyFields { try draft("Lab", slug) } == ["slug"])
    let lab = try await Lab()
    #expect(await faultyFields { try await lab.plane.organizations.update("lab", OrganizationUpdate(slug: slug), seen: nil, by: lab.admin) } == ["slug"])
    #expect(await refusal { try await lab.plane.organizations.find(slug, by: lab.admin) } == "missing")
  }

  @Test func `All faults of a draft, and of an update, are told at once`() async throws {
    let huge = String(repeating: "x", count: 1_000_000)
    #expect(
      await faultyFields { try OrganizationDraft(name: "", slug: "-", description: huge, billingEmail: "b") } == [
        "name", "slug", "description", "billing_email",
      ])
    #expect(await faultyFields { try OrganizationDraft(name: "", slug: "", description: "", billingEmail: "b@x.example") } == ["name"], "the slug comes with the name")
    let lab = try await Lab()
    let update = OrganizationUpdate(name: "\u{202E}", slug: "-", description: huge, billingEmail: "a@b\r\nBcc: c@example.org")
    #expect(
      await faultyFields { try await lab.plane.organizations.update("lab", update, seen: nil, by: lab.admin) } == [
        "name", "slug", "description", "billing_email",
      ])
  }

  @Test func `A slug belongs to one, whatever its case, and handles are slugs too`() async throws {
    let lab = try await Lab()
    for slug in ["lab", "LAB", "ada", "Oscar"] {
      #expect(await refusal { try await lab.plane.organizations.found(try draft("Lab", slug), by: lab.admin) } == "name.taken")
      #expect(await faultyFields { try await lab.plane.organizations.found(try draft("Lab", slug), by: lab.admin) } == ["slug"])
    }
    let counts = await outcomes(
      (0..<6).map { number in
        { await refusal { try await lab.plane.organizations.found(try draft("Race", number.isMultiple(of: 2) ? "race" : "RACE"), by: lab.admin) } }
      })
    #expect(counts == ["success": 1, "name.taken": 5])
  }

  // MARK: Changing

  @Test func `The old slug leads on for ever, and stays reserved`() async throws {
    let lab = try await Lab()
    let organizations = lab.plane.organizations
    #expect(try await organizations.update("lab", OrganizationUpdate(slug: "works"), seen: nil, by: lab.admin).slug.text == "works")
    #expect(try await organizations.update("works", OrganizationUpdate(slug: "Factory"), seen: nil, by: lab.admin).slug.text == "Factory")
    for old in ["lab", "LAB", "works"] {
      do {
        _ = try await organizations.find(old, by: lab.admin)
        Issue.record("\(old) is answered as if it were the present slug.")
      } catch {
        #expect(error.code.name == "organization.moved" && error.relocation == Relocation(from: old, to: "Factory"))
      }
      #expect(await refusal { try await lab.plane.members.list(in: old, MemberFilter(), .first, by: lab.admin) } == "organization.moved")
      #expect(await refusal { try await organizations.found(try draft("Thief", old), by: lab.operator) } == "name.taken")
    }
    #expect(await refusal { try await lab.house.signUp("Thief", handle: "lab") } == "name.taken")
    // Who may not know of it learns nothing by an old name.
    let eve = try await lab.house.signUpVerified("Eve")
    for reference in ["lab", "works", "factory", "nothing-here"] {
      #expect(await refusal { try await organizations.find(reference, by: lab.house.caller(eve)) } == "missing")
    }
    #expect(await refusal { try await organizations.find("factory", by: lab.admin) } == nil)
    // Its owner may take it back.
    #expect(try await organizations.update("factory", OrganizationUpdate(slug: "lab"), seen: nil, by: lab.admin).slug.text == "lab")
    #expect(await refusal { try await organizations.find("factory", by: lab.admin) } == "organization.moved")
  }

  @Test func `A change of what was read before another change is stale, and a change of nothing is none`() async throws {
    let lab = try await Lab()
    let organizations = lab.plane.organizations
    let seen = lab.organization.revision
    let named = try await organizations.update("lab", OrganizationUpdate(name: "Laboratory"), seen: seen, by: lab.admin)
    #expect(named.revision == seen + 1 && named.name.text == "Laboratory")
    #expect(await refusal { try await organizations.update("lab", OrganizationUpdate(name: "Other"), seen: seen, by: lab.admin) } == "stale")
    #expect(try await organizations.update("lab", OrganizationUpdate(name: "Laboratory", slug: "lab"), seen: nil, by: lab.admin) == named)
    #expect(try await lab.house.actions(in: lab.stream) == ["organization.create", "organization.update"])
    let counts = await outcomes(
      (0..<5).map { number in
        { await refusal { try await organizations.update("lab", OrganizationUpdate(description: "Number \(number)"), seen: named.revision, by: lab.admin) } }
      })
    #expect(counts == ["success": 1, "stale": 4])
  }

  @Test func `People find their own organizations, operators all of them, page by page`() async throws {
    let lab = try await Lab()
    let organizations = lab.plane.organizations
    for number in 0..<12 { _ = try await organizations.found(try draft("Team \(number % 3)", "crew-\(number)"), by: number < 7 ? lab.admin : lab.operator) }
    let table: [(Caller, Bool, String?, Int)] = [
      (lab.admin, false, nil, 8), (lab.operator, false, nil, 5), (lab.operator, true, nil, 13), (lab.operator, true, "TEAM", 12), (lab.admin, false, "lab", 1),
      (lab.admin, false, "_", 0),
    ]
    for (caller, all, search, expected) in table {
      var (seen, cursor): (Set<ID<Organization>>, Cursor?) = ([], nil)
      repeat {
        let page = try await organizations.list(all: all, search: search, try PageRequest(limit: 3, cursor: cursor), by: caller)
        #expect(page.total == expected)
        for organization in page.items { #expect(seen.insert(organization.id).inserted) }
        cursor = page.next
      } while cursor != nil
      #expect(seen.count == expected)
    }
    #expect(await refusal { try await organizations.list(all: true, search: nil, .first, by: lab.admin) } == "forbidden")
  }

  // MARK: Suspending

  @Test func `A suspended organization is read and not changed`() async throws {
    let lab = try await Lab()
    let (session, member) = try await lab.member("Bob", as: "viewer")
    let (plane, slug) = (lab.plane, lab.slug)
    #expect(await faultyFields { try await plane.organizations.suspend(slug, because: String(repeating: "x", count: 1_000_000), by: lab.admin) } == ["reason"])
    #expect(await refusal { try await plane.organizations.suspend(slug, because: "", by: lab.house.caller(session)) } == "forbidden")
    #expect(await refusal { try await plane.organizations.resume(slug, by: lab.admin) } == "organization.not_active")
    let suspended = try await plane.organizations.suspend(slug, because: "Unpaid", by: lab.operator)
    #expect(suspended.state == .suspended(.init(since: lab.house.now, reason: try Note("Unpaid"), isByOperator: true)))
    #expect(await refusal { try await plane.organizations.suspend(slug, because: "", by: lab.operator) } == "organization.suspended")
    #expect(try await plane.organizations.find(slug, by: lab.house.caller(session)).state.kind == .suspended)
    #expect(try await plane.members.list(in: slug, MemberFilter(), .first, by: lab.admin).total == 2)
    for caller in [lab.admin, lab.operator] {
      #expect(
        await refusal { try await plane.organizations.update(slug, OrganizationUpdate(name: "Other"), seen: nil, by: caller) } == "organization.suspended")
      #expect(await refusal { try await plane.members.setRoles(member.id, ["guest"], seen: nil, in: slug, by: caller) } == "organization.suspended")
      #expect(await refusal { try await plane.members.remove(member.id, in: slug, by: caller) } == "organization.suspended")
      #expect(await refusal { try await plane.organizations.transfer(slug, to: member.id, steppingDownTo: .guest, by: caller) } == "organization.suspended")
    }
    // What is personal stays within reach.
    #expect(await refusal { try await plane.accounts.read(by: lab.house.caller(session)) } == nil)
    #expect(await refusal { try await plane.organizations.resume(slug, by: lab.admin) } == "forbidden")
    #expect(try await plane.organizations.resume(slug, by: lab.operator).state == .active)
    #expect(await refusal { try await plane.members.setRoles(member.id, ["guest"], seen: nil, in: slug, by: lab.admin) } == nil)
    // What an admin suspended, an admin resumes.
    _ = try await plane.organizations.suspend(slug, because: "Holidays", by: lab.admin)
    #expect(try await plane.organizations.resume(slug, by: lab.admin).state == .active)
  }

  @Test func `Deleting and restoring doesn't lift an operator's suspension`() async throws {
    let lab = try await Lab()
    let organizations = lab.plane.organizations
    let suspended = try await organizations.suspend("lab", because: "Abuse", by: lab.operator)
    _ = try await organizations.delete("lab", confirm: "lab", by: lab.admin)
    #expect(try await organizations.restore("lab", by: lab.admin).state == suspended.state)
    #expect(await refusal { try await organizations.resume("lab", by: lab.admin) } == "forbidden")
  }

  // MARK: Deleting and restoring

  @Test func `Deleting takes the typed slug and a sign-in of the last minutes`() async throws {
    let lab = try await Lab()
    let (session, _) = try await lab.member("Bob", as: "manager")
    let organizations = lab.plane.organizations
    for typed in ["", "LAB", "lab ", "Lab", "other", lab.organization.id.description] {
      #expect(await faultyFields { try await organizations.delete("lab", confirm: typed, by: lab.admin) } == ["confirm"])
    }
    #expect(await refusal { try await organizations.delete("lab", confirm: "lab", by: lab.house.caller(session)) } == "forbidden")
    let token = try await lab.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["organization:admin"]), by: lab.admin)
    #expect(await refusal { try await organizations.delete("lab", confirm: "lab", by: lab.house.caller(token.secret)) } == "session.stale")
    lab.house.pass(.minutes(15) + .milliseconds(1))
    #expect(await refusal { try await organizations.delete("lab", confirm: "lab", by: lab.admin) } == "session.stale")
    #expect(try await organizations.find("lab", by: lab.admin).state == .active)
    _ = try await lab.plane.sessions.confirm(password: House.password, by: lab.admin)
    lab.house.pass(.minutes(15))
    #expect(await refusal { try await organizations.delete("lab", confirm: "lab", by: lab.admin) } == nil)
  }

  @Test func `A deleted organization is hidden at once, and every admin gets a link of their own that restores it`() async throws {
    let lab = try await Lab()
    let (grace, _) = try await lab.member("Grace", as: "admin")
    let (bob, _) = try await lab.member("Bob", as: "member")
    let (plane, deletedAt) = (lab.plane, lab.house.now)
    let deleted = try await plane.organizations.delete("lab", confirm: "lab", by: lab.admin)
    #expect(deleted.state == .deleted(since: deletedAt, purge: deletedAt + .days(30), suspension: nil))
    for caller in [lab.admin, lab.operator, lab.house.caller(grace), lab.house.caller(bob)] {
      #expect(await refusal { try await plane.organizations.find("lab", by: caller) } == "missing")
      #expect(await refusal { try await plane.organizations.find(lab.organization.id.description, by: caller) } == "missing")
      #expect(await refusal { try await plane.members.list(in: "lab", MemberFilter(), .first, by: caller) } == "missing")
      #expect(await refusal { try await plane.organizations.delete("lab", confirm: "lab", by: caller) } == "missing")
      #expect(try await plane.organizations.list(all: false, search: nil, .first, by: caller).total == 0)
      #expect(try await plane.viewer(as: caller)?.organizations.isEmpty == true)
      #expect(await refusal { try await plane.accounts.read(by: caller) } == nil)
    }
    #expect(await refusal { try await plane.organizations.restore("lab", by: lab.house.caller(bob)) } == "missing")
    #expect(try await lab.house.token(mailedTo: "bob@example.org", .organizationDeleted) == nil)
    let mail = try #require(try await lab.house.mails(to: "grace@example.org").first { $0.purpose == .organizationDeleted })
    for part in ["Ada", "203.0.113.7", instantText(deletedAt), instantText(deletedAt + .days(30))] { #expect(mail.text.contains(part)) }
    let links = [try #require(await lab.house.token(mailedTo: "ada@example.org", .organizationDeleted)), lab.house.secret(in: mail.text)]
    #expect(links[0] != links[1])
    #expect(try await plane.organizations.restore(link: links[1], from: lab.house.origin()).state == .active)
    #expect(await refusal { try await plane.organizations.restore(link: links[1], from: lab.house.origin()) } == "link.spent")
    #expect(await refusal { try await plane.organizations.restore(link: links[0], from: lab.house.origin()) } == "organization.not_deleted")
    #expect(await refusal { try await plane.organizations.restore("lab", by: lab.admin) } == "organization.not_deleted")
    #expect(try await lab.roles() == ["ada": "admin", "grace": "admin", "bob": "member"])
    // Again, and back by an admin.
    _ = try await plane.organizations.delete("lab", confirm: "lab", by: lab.admin)
    #expect(try await plane.organizations.restore("lab", by: lab.house.caller(grace)).state == .active)
    #expect(
      try await lab.house.actions(in: lab.stream).suffix(4) == ["organization.delete", "organization.restore", "organization.delete", "organization.restore"])
  }

  @Test func `The grace ends to the instant; then the job leaves nothing but the names and the log`() async throws {
    let lab = try await Lab(change: { $0.deletionGrace = .days(2) })
    _ = try await lab.member("Bob", as: "member")
    _ = try await lab.invite("carol@example.org", as: "member")
    _ = try await lab.plane.organizations.update("lab", OrganizationUpdate(slug: "works"), seen: nil, by: lab.admin)
    _ = try await lab.plane.credits.topUp(TopUpOrder(amount: "5"), of: "works", by: lab.operator)
    _ = try await lab.plane.organizations.delete("works", confirm: "works", by: lab.admin)
    let link = try #require(await lab.house.token(mailedTo: "ada@example.org", .organizationDeleted))
    let job = PurgeOrganizations(lab.plane)
    lab.house.pass(.days(2) - .milliseconds(1))
    try await job.run()
    _ = try await lab.plane.organizations.restore("works", by: lab.admin)
    lab.house.pass(.days(1))
    try await job.run()
    _ = try await lab.plane.sessions.confirm(password: House.password, by: lab.admin)
    _ = try await lab.plane.organizations.delete("works", confirm: "works", by: lab.admin)
    lab.house.pass(.days(2))
    #expect(await refusal { try await lab.plane.organizations.restore("works", by: lab.admin) } == "organization.purged")
    #expect(await refusal { try await lab.plane.organizations.restore(link: link, from: lab.house.origin()) } == "link.spent")
    try await job.run()
    try await job.run()
    #expect(await refusal { try await lab.plane.organizations.restore("works", by: lab.admin) } == "missing")
    #expect(await refusal { try await lab.plane.organizations.find("works", by: lab.operator) } == "missing")
    for table in ["organization", "member", "former_member", "invitation", "join_request", "ledger", "ledger_entry"] as [Statement] {
      #expect(try await lab.plane.read(as: .system("test")) { work in try work.tx.count("SELECT count(*) AS n FROM \(table)") } == 0)
    }
    for slug in ["lab", "works"] { #expect(await refusal { try await lab.plane.organizations.found(try draft("Heir", slug), by: lab.admin) } == "name.taken") }
    #expect(try await lab.house.actions(in: lab.stream).count { $0 == "organization.purge" } == 1)
    #expect(try await lab.plane.events.verify(lab.stream).fault == nil)
  }

  // MARK: Transferring

  @Test func `Handing over makes one an admin and the other none, both or neither`() async throws {
    let lab = try await Lab()
    let (bobs, bob) = try await lab.member("Bob", as: "billing")
    let carol = try await lab.member("Carol", as: "member").member
    let (organizations, founder) = (lab.plane.organizations, try await lab.founder())
    #expect(await faultyFields { try await organizations.transfer("lab", to: founder.id, steppingDownTo: .member, by: lab.admin) } == ["member"])
    #expect(await faultyFields { try await organizations.transfer("lab", to: bob.id, steppingDownTo: .admin, by: lab.admin) } == ["step_down_to"])
    #expect(await refusal { try await organizations.transfer("lab", to: bob.id, steppingDownTo: .member, by: lab.house.caller(bobs)) } == "forbidden")
    _ = try await lab.plane.members.suspend(bob.id, in: "lab", by: lab.admin)
    #expect(await refusal { try await organizations.transfer("lab", to: bob.id, steppingDownTo: .member, by: lab.admin) } == "member.not_active")
    _ = try await lab.plane.members.resume(bob.id, in: "lab", by: lab.admin)
    // An heir whose membership ends can't carry it alone, and nothing of the attempt stays.
    _ = try await lab.plane.members.setExpiry(carol.id, lab.house.now + .days(1), seen: nil, in: "lab", by: lab.admin)
    #expect(await refusal { try await organizations.transfer("lab", to: carol.id, steppingDownTo: .member, by: lab.admin) } == "organization.last_admin")
    #expect(try await lab.roles() == ["ada": "admin", "bob": "billing", "carol": "member"])
    _ = try await lab.plane.members.setExpiry(carol.id, nil, seen: nil, in: "lab", by: lab.admin)
    // To two at once: one of them.
    let counts = await outcomes(
      [bob, carol].map { heir in { await refusal { try await organizations.transfer("lab", to: heir.id, steppingDownTo: .viewer, by: lab.admin) } } })
    #expect(counts == ["success": 1, "forbidden": 1])
    let roles = try await lab.roles()
    #expect(roles["ada"] == "viewer" && [roles["bob"], roles["carol"]].count { $0?.hasPrefix("admin") == true } == 1)
    #expect(
      try await lab.house.actions(in: lab.stream).filter { $0.hasPrefix("organization.transfer") }.sorted() == [
        "organization.transfer", "organization.transfer!", "organization.transfer!", "organization.transfer!",
      ])
    #expect(await refusal { try await organizations.delete("lab", confirm: "lab", by: lab.admin) } == "forbidden")
  }

  @Test func `Handing over takes a sign-in of the last minutes`() async throws {
    let lab = try await Lab()
    let bob = try await lab.member("Bob", as: "member").member
    lab.house.pass(.minutes(16))
    #expect(await refusal { try await lab.plane.organizations.transfer("lab", to: bob.id, steppingDownTo: .member, by: lab.admin) } == "session.stale")
    #expect(try await lab.roles() == ["ada": "admin", "bob": "member"])
  }
}
