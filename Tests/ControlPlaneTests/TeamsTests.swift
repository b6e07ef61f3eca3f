import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import TestSupport
import Testing

@Suite struct TeamsTests {
  // MARK: Slugs, names, revisions

  @Test func `A team is made, renamed and deleted, each with one event`() async throws {
    let lab = try await Lab()
    let team = try await lab.team("ML Platform")
    #expect(team.slug.text == "ml-platform" && team.revision == 1 && team.size == .init(members: 0, serviceAccounts: 0, invitations: 0))
    let teams = lab.plane.teams
    let renamed = try await teams.update("ml-platform", TeamUpdate(name: "Machines", slug: "Machines", description: "Learn."), seen: 1, in: lab.slug, by: lab.admin)
    #expect(renamed.team.slug.text == "machines" && renamed.team.revision == 2 && renamed.team.id == team.id)
    #expect(await refusal { try await teams.find("ml-platform", in: lab.slug, by: lab.admin) } == "missing", "the former slug is free again")
    #expect(await refusal { try await teams.update("machines", TeamUpdate(name: "X"), seen: 1, in: lab.slug, by: lab.admin) } == "stale")
    let same = try await teams.update("MACHINES", TeamUpdate(name: "Machines"), seen: nil, in: lab.slug, by: lab.admin)
    #expect(same.team.revision == 2, "what changes nothing is no event")
    #expect(await refusal { try await teams.delete("machines", confirm: "machine", in: lab.slug, by: lab.admin) } == "invalid")
    try await teams.delete("machines", confirm: "machines", in: lab.slug, by: lab.admin)
    #expect(await refusal { try await teams.delete("machines", in: lab.slug, by: lab.admin) } == "missing")
    #expect(try await lab.house.actions(in: lab.stream).suffix(3) == ["team.create", "team.update", "team.delete"])
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  @Test func `A slug is refused when it is taken, reserved, like a reserved one, or no slug`() async throws {
    let lab = try await Lab()
    _ = try await lab.team("Data")
    let teams = lab.plane.teams
    for (slug, code) in [("data", "name.taken"), ("DATA", "name.taken"), ("new", "invalid"), ("adm1n", "invalid"), ("a b", "invalid"), ("-a", "invalid"), (String(repeating: "x", count: 33), "invalid")] {
      #expect(await refusal { try await teams.create(TeamDraft(name: "Other", slug: slug), in: lab.slug, by: lab.admin) } == code, "\(slug)")
    }
    let other = try await lab.team("Other")
    #expect(await refusal { try await teams.update("other", TeamUpdate(slug: "data"), seen: nil, in: lab.slug, by: lab.admin) } == "name.taken")
    #expect(await refusal { try await teams.update("other", TeamUpdate(slug: "t0ken"), seen: nil, in: lab.slug, by: lab.admin) } == "invalid")
    #expect(try await teams.find(other.id.description, in: lab.slug, by: lab.admin).team == other)
    #expect(await faultyFields { try TeamDraft(name: "", slug: "new", description: String(repeating: "d", count: 3000)) } == ["name", "slug", "description"])
    // Another organization has its own.
    let elsewhere = try await lab.house.found("Elsewhere", by: lab.oscar)
    #expect(try await teams.create(TeamDraft(name: "Data"), in: elsewhere.slug.text, by: lab.operator).team.slug.text == "data")
  }

  @Test func `A team of another organization is nowhere`() async throws {
    let lab = try await Lab()
    let elsewhere = try await lab.house.found("Elsewhere", by: lab.ada)
    let foreign = try await lab.plane.teams.create(TeamDraft(name: "Foreign"), in: elsewhere.slug.text, by: lab.admin).team
    let seat = try await lab.plane.teams.add([.member("ada")], to: "foreign", in: elsewhere.slug.text, by: lab.admin)[0].result.get()
    let team = try await lab.team("Own")
    let (teams, id) = (lab.plane.teams, foreign.id.description)
    let attempts: [(String, @Sendable () async throws -> Void)] = [
      ("read", { _ = try await teams.find(id, in: lab.slug, by: lab.admin) }), ("update", { _ = try await teams.update(id, TeamUpdate(name: "X"), seen: nil, in: lab.slug, by: lab.admin) }),
      ("delete", { try await teams.delete(id, in: lab.slug, by: lab.admin) }), ("list", { _ = try await teams.listMembers(of: id, in: lab.slug, .first, by: lab.admin) }),
      ("add", { _ = try await teams.add([.member("ada")], to: id, in: lab.slug, by: lab.admin) }),
      ("remove", { _ = try await teams.remove(seat.id.description, from: id, in: lab.slug, by: lab.admin) }),
      ("maintainer", { _ = try await teams.addMaintainer(seat.id.description, of: id, in: lab.slug, by: lab.admin) }),
      ("seat of another team", { _ = try await teams.remove(seat.id.description, from: team.slug.text, in: lab.slug, by: lab.admin) }),
    ]
    for (what, attempt) in attempts { #expect(await refusal { try await attempt() } == "missing", "\(what)") }
    #expect(try await teams.list(in: lab.slug, TeamFilter(member: seat.holder.member), .first, by: lab.admin).total == 0, "nor by a member of there")
  }

  // MARK: Lists

  @Test func `Teams are listed by slug, page by page, and found by wildcards in slugs and names`() async throws {
    let lab = try await Lab()
    for name in ["ml-platform", "ml-research", "data", "Ümlaut 100%", "ops_one"] { _ = try await lab.plane.teams.create(TeamDraft(name: name), in: lab.slug, by: lab.admin) }
    let all = ["data", "ml-platform", "ml-research", "ops-one", "umlaut-100"]
    #expect(try await lab.found(nil) == all)
    let table: [(String, [String])] = [
      ("ml-*", ["ml-platform", "ml-research"]), ("ML", ["ml-platform", "ml-research", "umlaut-100"]), ("*a*", ["data", "ml-platform", "ml-research", "umlaut-100"]), ("d?ta", ["data"]),
      ("d?a", []), ("ml-", ["ml-platform", "ml-research"]), ("ml?", []), ("*", all), ("%", ["umlaut-100"]), ("ops_one", ["ops-one"]), ("opsxone", []), ("ümlaut*", ["umlaut-100"]),
      (String(repeating: "*a", count: 200), []), ("!", []), ("'", []),
    ]
    for (search, slugs) in table { #expect(try await lab.found(search) == slugs, "\(search)") }
    var (slugs, cursor): ([String], Cursor?) = ([], nil)
    repeat {
      let page = try await lab.plane.teams.list(in: lab.slug, TeamFilter(), PageRequest(limit: 2, cursor: cursor), by: lab.admin)
      #expect(page.total == 5)
      slugs += page.items.map(\.team.slug.text)
      cursor = page.next
    } while cursor != nil
    #expect(slugs == all)
  }

  @Test func `People of a team are listed by name and kind, page by page, and found by name`() async throws {
    let lab = try await Lab()
    _ = try await lab.team("Crew")
    for name in ["Zoe", "Bob", "Mia"] { _ = try await lab.member(name, as: "viewer") }
    _ = try await lab.serviceAccount("Robot", as: "viewer")
    _ = try await lab.invite("ann@example.org", as: "member")
    try await lab.add("zoe", "robot", "bob", "ann@example.org", "mia", to: "crew")
    let all = ["Bob", "Mia", "Zoe", "ann@example.org", "Robot"]
    var (names, cursor): ([String], Cursor?) = ([], nil)
    repeat {
      let page = try await lab.plane.teams.listMembers(of: "crew", in: lab.slug, PageRequest(limit: 2, cursor: cursor), by: lab.admin)
      #expect(page.total == 5)
      names += page.items.map(\.holder.name)
      cursor = page.next
    } while cursor != nil
    #expect(names == all)
    #expect(try await lab.plane.teams.listMembers(of: "crew", search: "b", in: lab.slug, .first, by: lab.admin).items.map(\.holder.name) == ["Bob", "Robot"])
    #expect(try await lab.plane.teams.listMembers(of: "crew", search: "b*", in: lab.slug, .first, by: lab.admin).items.map(\.holder.name) == ["Bob"])
    #expect(try await lab.plane.teams.find("crew", in: lab.slug, by: lab.admin).team.size == .init(members: 3, serviceAccounts: 1, invitations: 1))
    // Renamed, they stand elsewhere in the list.
    let bob = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: "bob"), .first, by: lab.admin).items
    #expect(try await lab.plane.teams.list(in: lab.slug, TeamFilter(member: bob.first?.id), .first, by: lab.admin).items.map(\.team.slug.text) == ["crew"])
    _ = try await lab.plane.accounts.update(AccountUpdate(name: "Xaver"), seen: nil, by: lab.house.caller(lab.plane.sessions.create(login: "bob", password: House.password, by: lab.house.visitor())))
    _ = try await lab.plane.serviceAccounts.update("robot", ServiceAccountUpdate(name: "Automat"), seen: nil, in: lab.slug, by: lab.admin)
    #expect(try await lab.people(of: "crew") == ["Mia", "Xaver", "Zoe", "ann@example.org", "Automat"])
  }

  // MARK: Who may

  @Test func `By role teams are seen and managed as the table of roles says, and a guest sees their own alone`() async throws {
    let lab = try await Lab()
    _ = try await lab.team("Crew")
    _ = try await lab.team("Other")
    for role in OrganizationRole.allCases {
      let caller = lab.house.caller(try await lab.member("A \(role.rawValue)", as: role.rawValue).session)
      let (sees, manages) = (role.permissions.contains(.teamRead), role.permissions.contains(.teamManage))
      let teams = lab.plane.teams
      #expect(try await teams.list(in: lab.slug, TeamFilter(), .first, by: caller).items.map(\.team.slug.text) == (sees ? ["crew", "other"] : []), "\(role)")
      #expect(await refusal { try await teams.find("crew", in: lab.slug, by: caller) } == (sees ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await teams.find("nowhere", in: lab.slug, by: caller) } == (sees ? "missing" : "forbidden"), "\(role): what isn't there is told like what one may not see")
      #expect(await refusal { try await teams.create(TeamDraft(name: "Of \(role.rawValue)s"), in: lab.slug, by: caller) } == (manages ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await teams.update("crew", TeamUpdate(description: role.rawValue), seen: nil, in: lab.slug, by: caller) } == (manages ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await teams.add([.member("ada")], to: "other", in: lab.slug, by: caller).count } == (manages ? nil : "forbidden"), "\(role)")
      if manages { try await teams.delete("of-\(role.rawValue)s", in: lab.slug, by: caller) }
      // Once in it they see it, and what they may by role stays what it was.
      try await lab.add("a-\(role.rawValue)", to: "crew")
      #expect(try await teams.list(in: lab.slug, TeamFilter(), .first, by: caller).items.map(\.team.slug.text) == (sees ? ["crew", "other"] : ["crew"]), "\(role)")
      #expect(try await teams.find("crew", in: lab.slug, by: caller).seat == .member)
      #expect(await refusal { try await teams.find("other", in: lab.slug, by: caller) } == (sees ? nil : "forbidden"), "\(role)")
      #expect(await refusal { try await teams.remove("a-\(role.rawValue)", from: "crew", in: lab.slug, by: caller) } == (manages ? nil : "forbidden"), "\(role)")
    }
    let stranger = lab.house.caller(try await lab.house.signUpVerified("Stranger"))
    #expect(await refusal { try await lab.plane.teams.list(in: lab.slug, TeamFilter(), .first, by: stranger) } == "missing")
  }

  @Test func `A maintainer looks after their team, and reaches nothing beyond it`() async throws {
    let lab = try await Lab()
    let crew = try await lab.team("Crew")
    _ = try await lab.team("Other")
    let max = lab.house.caller(try await lab.member("Max", as: "member").session)
    for name in ["Bob", "Eve"] { _ = try await lab.member(name, as: "viewer") }
    _ = try await lab.serviceAccount("Robot", as: "viewer")
    _ = try await lab.invite("ann@example.org", as: "member")
    try await lab.add("max", "eve", "ann@example.org", to: "crew")
    try await lab.add("eve", to: "other")
    let teams = lab.plane.teams
    #expect(await refusal { try await teams.add([.member("bob")], to: "crew", in: lab.slug, by: max).count } == "forbidden", "not yet")
    for seat in ["max", "eve"] { _ = try await teams.addMaintainer(seat, of: "crew", in: lab.slug, by: lab.admin) }
    // What they may.
    #expect(try await teams.add([.member("bob"), .serviceAccount("robot")], to: "crew", in: lab.slug, by: max).map { try $0.result.get().holder.name } == ["Bob", "Robot"])
    #expect(try await teams.update("crew", TeamUpdate(name: "Crew of Max", description: "Ours"), seen: nil, in: lab.slug, by: max).seat == .maintainer)
    #expect(try await teams.remove("bob", from: "crew", in: lab.slug, by: max).holder.name == "Bob")
    #expect(try await lab.people(of: "crew", by: max) == ["Eve", "Max", "Robot"], "invitations are for who may see invitations")
    #expect(try await lab.house.actions(in: lab.stream).suffix(2) == ["team.update", "team-member.remove"])
    // What they may not.
    let eve = try #require(try await teams.listMembers(of: "crew", search: "eve", in: lab.slug, .first, by: lab.admin).items.first?.id.description)
    let attempts: [(String, @Sendable () async throws -> Void)] = [
      ("slug", { _ = try await teams.update("crew", TeamUpdate(slug: "mine"), seen: nil, in: lab.slug, by: max) }), ("delete", { try await teams.delete("crew", in: lab.slug, by: max) }),
      ("make", { _ = try await teams.create(TeamDraft(name: "Mine"), in: lab.slug, by: max) }),
      ("raise another", { _ = try await teams.addMaintainer("robot", of: "crew", in: lab.slug, by: max) }),
      ("dismiss", { _ = try await teams.removeMaintainer(eve, of: "crew", in: lab.slug, by: max) }),
      ("take out a maintainer", { _ = try await teams.remove(eve, from: "crew", in: lab.slug, by: max) }),
      ("another team", { _ = try await teams.add([.member("bob")], to: "other", in: lab.slug, by: max) }),
      ("rename another", { _ = try await teams.update("other", TeamUpdate(name: "X"), seen: nil, in: lab.slug, by: max) }),
      ("its people", { _ = try await teams.remove("eve", from: "other", in: lab.slug, by: max) }),
      ("an invitation", { _ = try await teams.add([.invitation("ann@example.org")], to: "crew", in: lab.slug, by: max)[0].result.get() }),
    ]
    for (what, attempt) in attempts { #expect(await refusal { try await attempt() } == "forbidden", "\(what)") }
    #expect(await refusal { try await teams.remove("ann@example.org", from: "crew", in: lab.slug, by: max) } == "missing", "whom one may not see")
    #expect(await refusal { try await teams.add([.member("ann@example.org")], to: "crew", in: lab.slug, by: max)[0].result.get() } == "invalid", "nor learns who is invited")
    #expect(try await teams.find("crew", in: lab.slug, by: max).showsInvitations == false)
    // Dismissed, suspended, or with the organization suspended, they may no longer.
    _ = try await lab.plane.organizations.suspend(lab.slug, because: "", by: lab.admin)
    #expect(await refusal { try await teams.add([.member("bob")], to: "crew", in: lab.slug, by: max).count } == "organization.suspended")
    #expect(await refusal { try await teams.find("crew", in: lab.slug, by: max) } == nil)
    _ = try await lab.plane.organizations.resume(lab.slug, by: lab.admin)
    _ = try await teams.removeMaintainer("max", of: crew.id.description, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await teams.remove("robot", from: "crew", in: lab.slug, by: max) } == "forbidden")
  }

  @Test func `A guest who maintains a team adds nobody, since they may see nobody`() async throws {
    let lab = try await Lab()
    _ = try await lab.team("Crew")
    let gus = lab.house.caller(try await lab.member("Gus", as: "guest").session)
    _ = try await lab.serviceAccount("Robot", as: "viewer")
    try await lab.add("gus", "robot", to: "crew")
    _ = try await lab.plane.teams.addMaintainer("gus", of: "crew", in: lab.slug, by: lab.admin)
    for candidate in [TeamCandidate.member("ada"), .member("ada@example.org"), .member("nobody"), .anybody("ada"), .anybody("robot"), .serviceAccount("robot"), .serviceAccount("none"), .invitation("x@example.org")] {
      #expect(await refusal { try await lab.plane.teams.add([candidate], to: "crew", in: lab.slug, by: gus)[0].result.get() } == "forbidden", "\(candidate)")
    }
    #expect(await refusal { try await lab.plane.teams.remove("ada@example.org", from: "crew", in: lab.slug, by: gus) } == "missing")
    #expect(await refusal { try await lab.plane.teams.remove("robot", from: "crew", in: lab.slug, by: gus) } == nil)
  }

  @Test func `A token does with a place in a team no more than its scopes say, and a suspended or expired member nothing`() async throws {
    let lab = try await Lab()
    _ = try await lab.team("Crew")
    let (session, member) = try await lab.member("Max", as: "guest")
    let max = lab.house.caller(session)
    try await lab.add("max", to: "crew")
    _ = try await lab.plane.teams.addMaintainer("max", of: "crew", in: lab.slug, by: lab.admin)
    for (scope, reading, changing) in [("organization:read", nil, "token.scope"), ("organization:write", nil, nil), ("account", "token.scope", "token.scope")] as [(String, String?, String?)] {
      let token = try await lab.plane.tokens.create(AccessTokenDraft(name: "x", scopes: [scope]), by: max)
      let caller = lab.house.caller(token.secret)
      #expect(await refusal { try await lab.plane.teams.find("crew", in: lab.slug, by: caller) } == reading, "\(scope)")
      #expect(await refusal { try await lab.plane.teams.update("crew", TeamUpdate(description: scope), seen: nil, in: lab.slug, by: caller) } == changing, "\(scope)")
    }
    _ = try await lab.plane.members.suspend(member.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.plane.teams.find("crew", in: lab.slug, by: max) } == "member.suspended")
    _ = try await lab.plane.members.resume(member.id, in: lab.slug, by: lab.admin)
    _ = try await lab.plane.members.setExpiry(member.id, lab.house.now + .days(1), seen: nil, in: lab.slug, by: lab.admin)
    lab.house.pass(.days(1))
    #expect(await refusal { try await lab.plane.teams.find("crew", in: lab.slug, by: max) } == "member.expired")
  }

  @Test func `A service account sees the teams it is in, and maintains none`() async throws {
    let lab = try await Lab()
    _ = try await lab.team("Crew")
    let robot = try await lab.robot("Robot", as: "guest").caller
    #expect(await refusal { try await lab.plane.teams.find("crew", in: lab.slug, by: robot) } == "forbidden")
    try await lab.add("robot", to: "crew")
    #expect(try await lab.plane.teams.find("crew", in: lab.slug, by: robot).seat == .member)
    #expect(try await lab.plane.teams.list(in: lab.slug, TeamFilter(), .first, by: robot).items.map(\.team.slug.text) == ["crew"])
    #expect(await refusal { try await lab.plane.teams.addMaintainer("robot", of: "crew", in: lab.slug, by: lab.admin) } == "team.not_a_person")
    try await lab.plane.serviceAccounts.delete("robot", in: lab.slug, by: lab.admin)
    #expect(try await lab.people(of: "crew") == [])
  }

  // MARK: Adding

  @Test func `Each of many gets its own answer, and an event for who was added`() async throws {
    let lab = try await Lab()
    _ = try await lab.team("Crew")
    let (_, bob) = try await lab.member("Bob", as: "viewer")
    _ = try await lab.house.signUpVerified("Stranger")
    let sent = try await lab.invite("ann@example.org", as: "member")
    let cancelled = try await lab.invite("gone@example.org", as: "member")
    _ = try await lab.plane.invitations.cancel(cancelled.invitation.id, in: lab.slug, by: lab.admin)
    let before = try await lab.house.actions(in: lab.stream).count
    let table: [(TeamCandidate, String?)] = [
      (.member("ada"), nil), (.member("ADA"), "team.already_member"), (.member("ada@example.org"), "team.already_member"), (.member(bob.id.description), nil),
      (.member(bob.account.description), "team.already_member"), (.member("stranger"), "invalid"), (.member("stranger@example.org"), "invalid"), (.member(""), "invalid"),
      (.member("ann@example.org"), nil), (.invitation(sent.invitation.id.description), "team.already_member"), (.invitation("gone@example.org"), "invalid"),
      (.invitation(cancelled.invitation.id.description), "invalid"), (.serviceAccount("none"), "invalid"), (.anybody(String(repeating: "x", count: 10_000)), "invalid"), (.anybody("a\u{0}b"), "invalid"),
    ]
    let rows = try await lab.plane.teams.add(table.map(\.0), to: "crew", in: lab.slug, by: lab.admin)
    for (row, (candidate, code)) in zip(rows, table) { #expect(await refusal { try row.result.get() } == code, "\(candidate)") }
    #expect(try await lab.people(of: "crew") == ["Ada", "Bob", "ann@example.org"])
    #expect(try await lab.house.actions(in: lab.stream).count == before + 3)
    #expect(await refusal { try await lab.plane.teams.add([], to: "crew", in: lab.slug, by: lab.admin).count } == "invalid")
    #expect(await refusal { try await lab.plane.teams.add(Array(repeating: .member("ada"), count: 501), to: "crew", in: lab.slug, by: lab.admin).count } == "too_many")
    #expect(await refusal { try await lab.plane.teams.add([.member("ada")], to: "none", in: lab.slug, by: lab.admin).count } == "missing")
  }

  // MARK: Invitations

  @Test func `Who accepts takes the places that the invitation kept, and every other end of it leaves no trace`() async throws {
    for end in ["accept", "accept as member", "decline", "cancel", "expire", "renew"] {
      let lab = try await Lab(change: { $0.invitationTerm = .days(2) })
      _ = try await lab.team("Crew")
      _ = try await lab.team("Data")
      let ann = try await lab.house.signUpVerified("Ann")
      let sent = try await lab.invite("ann@example.org", as: "viewer")
      try await lab.add("ann@example.org", to: "crew", "data")
      let caller = lab.house.caller(ann)
      switch end {
      case "accept":
        _ = try await lab.plane.invitations.accept(lab.key(sent), by: caller)
        _ = try await lab.plane.invitations.accept(lab.key(sent), by: caller)
        #expect(try await lab.plane.events.list(in: lab.slug, EventFilter(action: "invitation.accept"), .first, by: lab.admin).items.map { $0.changes.last } == [Change("teams", to: "crew, data")])
      case "accept as member":
        // Let in at once meanwhile, and put into one of the teams.
        _ = try await lab.plane.members.add(ann.session.account, roles: ["guest"], expires: nil, to: lab.slug, by: lab.operator)
        try await lab.add("ann", to: "data")
        _ = try await lab.plane.invitations.accept(lab.key(sent), by: caller)
      case "decline": _ = try await lab.plane.invitations.decline(lab.key(sent), by: caller)
      case "cancel": _ = try await lab.plane.invitations.cancel(sent.invitation.id, in: lab.slug, by: lab.admin)
      default: lab.house.pass(.days(2))
      }
      if end == "renew" { _ = try await lab.plane.invitations.renew(sent.invitation.id, mail: false, in: lab.slug, by: lab.admin) }
      for team in ["crew", "data"] {
        let expected = end.hasPrefix("accept") ? ["Ann"] : end == "renew" ? ["ann@example.org"] : []
        #expect(try await lab.people(of: team) == expected, "\(end)")
        let size = try await lab.plane.teams.find(team, in: lab.slug, by: lab.admin).team.size
        #expect(size.members + size.invitations == expected.count, "\(end)")
      }
      #expect(try await lab.rows("SELECT id FROM team_seat WHERE kind = 'invitation'") == (["expire", "renew"].contains(end) ? 2 : 0), "\(end)")
      if end == "expire" { #expect(await refusal { try await lab.plane.teams.remove("ann@example.org", from: "crew", in: lab.slug, by: lab.admin) } == "missing") }
      #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
    }
  }

  // MARK: Leaving

  @Test func `Who leaves or is removed is in no team at once, and reinstated gets back the places in teams that are still there`() async throws {
    for isRemoved in [true, false] {
      let lab = try await Lab()
      for name in ["Crew", "Data", "Gone"] { _ = try await lab.team(name) }
      let (session, member) = try await lab.member("Bob", as: "viewer")
      try await lab.add("bob", to: "crew", "data", "gone")
      _ = try await lab.plane.teams.addMaintainer("bob", of: "data", in: lab.slug, by: lab.admin)
      if isRemoved { try await lab.plane.members.remove(member.id, in: lab.slug, by: lab.admin) } else { try await lab.plane.members.leave(lab.slug, by: lab.house.caller(session)) }
      for team in ["crew", "data", "gone"] { #expect(try await lab.people(of: team) == []) }
      let event = try #require(try await lab.plane.events.list(in: lab.slug, EventFilter(), .first, by: lab.admin).items.first)
      #expect(event.changes.last == Change("teams", from: "crew, data, gone"))
      try await lab.plane.teams.delete("gone", in: lab.slug, by: lab.admin)
      let former = try #require(try await lab.plane.members.listFormer(in: lab.slug, .first, by: lab.admin).items.first)
      let back = try await lab.plane.members.reinstate(former.id, in: lab.slug, by: lab.admin)
      #expect(try await lab.plane.teams.list(in: lab.slug, TeamFilter(member: back.id), .first, by: lab.admin).items.map(\.team.slug.text) == ["crew", "data"])
      #expect(try await lab.plane.teams.find("data", in: lab.slug, by: lab.house.caller(session)).seat == .maintainer)
      #expect(try await lab.rows("SELECT team FROM former_team_seat") == 0)
      // Out again after one of the places was taken: only what was held last comes back.
      try await lab.plane.teams.remove("bob", from: "crew", in: lab.slug, by: lab.admin)
      try await lab.plane.members.remove(back.id, in: lab.slug, by: lab.admin)
      #expect(try await lab.rows("SELECT team FROM former_team_seat") == 1)
      lab.house.pass(.days(400))
      try await PurgeOrganizations(lab.plane).run()
      #expect(try await lab.rows("SELECT team FROM former_team_seat") == 0, "forgotten with the former member")
    }
  }

  @Test func `Who comes back by another invitation begins without teams`() async throws {
    let lab = try await Lab()
    _ = try await lab.team("Crew")
    let (session, member) = try await lab.member("Bob", as: "viewer")
    try await lab.add("bob", to: "crew")
    try await lab.plane.members.remove(member.id, in: lab.slug, by: lab.admin)
    let sent = try await lab.invite("bob@example.org", as: "viewer")
    _ = try await lab.plane.invitations.accept(lab.key(sent), by: lab.house.caller(session))
    #expect(try await lab.people(of: "crew") == [])
    #expect(try await lab.rows("SELECT team FROM former_team_seat") == 0)
  }

  @Test func `Teams go with their organization, and a person's places with the account`() async throws {
    let lab = try await Lab()
    _ = try await lab.team("Crew")
    let (session, _) = try await lab.member("Bob", as: "viewer")
    try await lab.add("bob", "ada", to: "crew")
    try await lab.plane.accounts.delete(by: lab.house.caller(session))
    #expect(try await lab.people(of: "crew") == ["Ada"])
    _ = try await lab.plane.organizations.delete(lab.slug, confirm: lab.slug, by: lab.admin)
    lab.house.pass(.days(31))
    try await PurgeOrganizations(lab.plane).run()
    #expect(try await lab.rows("SELECT id FROM team UNION ALL SELECT id FROM team_seat") == 0)
  }

  // MARK: At once

  @Test func `At once there is one team of a slug and one place for each`() async throws { try await Self.race(Lab()) }

  static func race(_ lab: Lab) async throws {
    let teams = lab.plane.teams
    let made = await outcomes((0..<6).map { _ in { await refusal { try await lab.team("Crew") } } })
    #expect(made == ["success": 1, "name.taken": 5])
    _ = try await lab.team("Second")
    _ = try await lab.team("Third")
    let renamed = await outcomes(["second", "third"].map { slug in { await refusal { try await teams.update(slug, TeamUpdate(slug: "fourth"), seen: nil, in: lab.slug, by: lab.admin) } } })
    #expect(renamed == ["success": 1, "name.taken": 1])
    let (session, member) = try await lab.member("Bob", as: "viewer")
    let added = await outcomes((0..<6).map { _ in { await refusal { try await teams.add([.member("bob")], to: "crew", in: lab.slug, by: lab.admin)[0].result.get() } } })
    #expect(added == ["success": 1, "team.already_member": 5])
    // Leaves while being added elsewhere, and while a team goes: afterwards there is no place of theirs, or a remembered one.
    let ends: [@Sendable () async -> String?] = [
      { await refusal { try await lab.plane.members.leave(lab.slug, by: lab.house.caller(session)) } },
      { _ = await refusal { try await teams.add([.member("bob")], to: "fourth", in: lab.slug, by: lab.admin)[0].result.get() }; return nil },
      { await refusal { try await teams.delete("crew", in: lab.slug, by: lab.admin) } },
    ]
    #expect(await outcomes(ends) == ["success": 3])
    #expect(try await lab.rows("SELECT id FROM team_seat") == 0)
    #expect(try await lab.rows("SELECT team FROM former_team_seat WHERE team NOT IN (SELECT id FROM team)") == 0)
    #expect(await refusal { try await lab.plane.members.find(member.id, in: lab.slug, by: lab.admin) } == "member.missing")
    // An invitation is accepted and withdrawn at once: a place for the person, or none.
    let ann = try await lab.house.signUpVerified("Ann")
    let sent = try await lab.invite("ann@example.org", as: "viewer")
    try await lab.add("ann@example.org", to: "fourth")
    let answers: [@Sendable () async -> String?] = [
      { await refusal { try await lab.plane.invitations.accept(lab.key(sent), by: lab.house.caller(ann)) } },
      { await refusal { try await lab.plane.invitations.cancel(sent.invitation.id, in: lab.slug, by: lab.admin) } },
    ]
    #expect(await outcomes(answers)["success"] == 1)
    let isIn = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: "ann"), .first, by: lab.admin).total == 1
    #expect(try await lab.people(of: "fourth") == (isIn ? ["Ann"] : []))
    #expect(try await lab.rows("SELECT id FROM team_seat WHERE kind = 'invitation'") == 0)
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }

  // MARK: What holds whatever happens

  @Test(arguments: 1...4 as ClosedRange<UInt64>)
  func `Whatever people do, nobody is in a team who isn't in the organization, and no maintainer gets further than their team`(seed: UInt64) async throws {
    let lab = try await Lab(seed: seed)
    var dice = SplitMix(seed: seed &* 7919)
    let teams = lab.plane.teams
    var people: [(handle: String, caller: Caller, role: String)] = []
    for (name, role) in [("Bob", "member"), ("Eve", "guest"), ("Con", "contributor"), ("Vic", "viewer")] {
      people.append((name.lowercased(), lab.house.caller(try await lab.member(name, as: role).session), role))
    }
    for name in ["One", "Two"] { _ = try await lab.team(name) }
    var steps = 0
    for _ in 0..<80 {
      let actor = people.randomElement(using: &dice) ?? people[0]
      let (team, other) = (["one", "two"].randomElement(using: &dice) ?? "one", (people.randomElement(using: &dice) ?? people[0]).handle)
      let managesAll = actor.role == "contributor"
      let isMember = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: actor.handle), .first, by: lab.admin).items.first { $0.handle.text == actor.handle }
      let seat = try await teams.listMembers(of: team, in: lab.slug, .first, by: lab.admin).items.first { $0.holder.account == isMember?.account && isMember != nil }
      let mayManage = isMember != nil && (managesAll || seat?.maintains == true)
      let code: String?
      let step = Int.random(in: 0..<8, using: &dice)
      switch step {
      case 0: code = await refusal { try await teams.add([.member(other)], to: team, in: lab.slug, by: actor.caller).count }
      case 1: code = await refusal { try await teams.remove(other, from: team, in: lab.slug, by: actor.caller) }
      case 2: code = await refusal { try await teams.update(team, TeamUpdate(description: String(steps)), seen: nil, in: lab.slug, by: actor.caller) }
      case 3: code = await refusal { try await teams.addMaintainer(other, of: team, in: lab.slug, by: actor.caller) }
      case 4: code = await refusal { try await teams.addMaintainer(other, of: team, in: lab.slug, by: lab.admin) }
      case 5: code = await refusal { _ = try await teams.add([.member(other)], to: team, in: lab.slug, by: lab.admin) }
      case 6: code = await refusal { try await lab.plane.members.leave(lab.slug, by: actor.caller) }
      default:
        let former = try await lab.plane.members.listFormer(in: lab.slug, .first, by: lab.admin).items.first
        code = await refusal { if let former { _ = try await lab.plane.members.reinstate(former.id, in: lab.slug, by: lab.admin) } }
      }
      if [0, 1, 2].contains(step), !mayManage { #expect(code == (isMember == nil ? "missing" : "forbidden"), "\(actor.handle) \(step)") }
      if step == 2, mayManage { #expect(code == nil) }
      if step == 3, !managesAll { #expect(code != nil, "\(actor.handle)") }
      if code == nil { steps += 1 }
      #expect(try await lab.rows("SELECT s.id FROM team_seat s WHERE s.kind = 'account' AND s.member NOT IN (SELECT m.id FROM member m)") == 0)
      #expect(try await lab.rows("SELECT f.team FROM former_team_seat f JOIN member m ON m.account = f.account AND m.organization = f.organization") == 0)
    }
    #expect(steps > 15)
    #expect(try await lab.plane.events.verify(lab.slug, by: lab.admin).fault == nil)
  }
}

extension Lab {
  @discardableResult func team(_ name: String) async throws(Problem) -> Team {
    try await plane.teams.create(TeamDraft(name: name), in: slug, by: admin).team
  }

  func add(_ names: String..., to teams: String...) async throws {
    for team in teams {
      for row in try await plane.teams.add(names.map(TeamCandidate.anybody), to: team, in: slug, by: admin) { _ = try row.result.get() }
    }
  }

  func people(of team: String, by caller: Caller? = nil) async throws(Problem) -> [String] {
    try await plane.teams.listMembers(of: team, in: slug, .first, by: caller ?? admin).items.map(\.holder.name)
  }

  fileprivate func found(_ search: String?) async throws(Problem) -> [String] {
    let page = try await plane.teams.list(in: slug, TeamFilter(search: search), .first, by: admin)
    #expect(page.total == page.items.count)
    return page.items.map(\.team.slug.text)
  }

  fileprivate func rows(_ statement: Statement) async throws(Problem) -> Int {
    try await plane.read(as: .system("test")) { work in try work.tx.rows(statement).count }
  }
}

extension TeamMember.Holder {
  fileprivate var member: ID<Member>? { if case .member(let id, _, _, _) = self { id } else { nil } }
}
