import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import Testing

@Suite(.timeLimit(.minutes(5))) struct ArchivesTests {
  // MARK: The round trip

  @Test(arguments: 1...12) func `What is taken along and taken in elsewhere is equal, whatever has happened to it`(seed: Int) async throws {
    let lab = try await Lab(seed: UInt64(seed))
    try await Self.live(in: lab, seed: UInt64(seed))
    try await Self.roundTrip(of: lab, into: House(seed: UInt64(1000 + seed)))
  }

  @Test func `A request that still waits when its writer accepted an invitation comes along`() async throws {
    let lab = try await Lab()
    _ = try await lab.plane.organizations.update("lab", OrganizationUpdate(acceptsRequests: true), seen: nil, by: lab.admin)
    let bob = try await lab.house.signUpVerified("Bob")
    _ = try await lab.plane.requests.ask("lab", message: "Please", by: lab.house.caller(bob))
    _ = try await lab.house.join(lab.organization, as: ["member"], bob, invitedBy: lab.ada)
    #expect(try await lab.plane.requests.list(in: "lab", .pending, .first, by: lab.admin).total == 1)
    try await Self.roundTrip(of: lab, into: House(seed: 7))
  }

  @Test func `Teams come along with who is in them and who would be again`() async throws {
    let lab = try await Lab()
    for name in ["Crew", "Data", "Empty"] { try await lab.team(name) }
    let (_, bob) = try await lab.member("Bob", as: "viewer")
    let robot = try await lab.serviceAccount("Ölbot", as: "viewer")
    _ = try await lab.invite("ann@example.org", as: "member")
    try await lab.add("bob", "ada", robot.slug.text, "ann@example.org", to: "crew", "data")
    for team in ["crew", "data"] { _ = try await lab.plane.teams.addMaintainer("bob", of: team, in: lab.slug, by: lab.admin) }
    try await lab.plane.members.remove(bob.id, in: lab.slug, by: lab.admin)
    let there = try await House(seed: 9)
    try await Self.roundTrip(of: lab, into: there)
    let root = there.caller(try await there.plane.sessions.create(login: "root@example.org", password: House.password, by: there.visitor()))
    let found = try await there.plane.teams.list(in: "lab", TeamFilter(search: "c*"), .first, by: root).items
    #expect(found.map(\.team.size) == [.init(members: 1, serviceAccounts: 1, invitations: 1)])
    #expect(try await there.plane.teams.listMembers(of: "crew", search: "ölb", in: "lab", .first, by: root).items.map(\.holder.name) == ["Ölbot"])
    let former = try #require(try await there.plane.members.listFormer(in: "lab", .first, by: root).items.first)
    let back = try await there.plane.members.reinstate(former.id, in: "lab", by: root)
    let seats = try await there.plane.teams.listMembers(of: "crew", in: "lab", .first, by: root).items
    #expect(seats.map { "\($0.holder.name) \($0.maintains)" } == ["Ada false", "Bob true", "ann@example.org false", "Ölbot false"] && back.handle.text == "bob")
  }

  @Test func `Workspaces come along with their projects, who has access and who would have it again, and without keys`() async throws {
    let lab = try await Lab()
    let (session, bob) = try await lab.member("Bob", as: "viewer")
    _ = try await lab.serviceAccount("Robot", as: "viewer")
    try await lab.team("Crew")
    _ = try await lab.invite("ann@example.org", as: "member")
    for name in ["Empty", "Research"] { try await lab.workspace(name, description: "\"Ä\"\n") }
    let key = try await lab.plane.workspaces.renewKey(of: "research", in: lab.slug, by: lab.admin).secret.reveal()
    _ = try await lab.plane.workspaceServers.report(address: "https://a.example", version: "1", by: Caller(secret: key, from: lab.house.origin()))
    _ = try await lab.plane.workspaces.deactivate("empty", in: lab.slug, by: lab.admin)
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Forecast"), defaultRole: "viewer", isDefault: true, of: "research", in: lab.slug, by: lab.admin)
    for who in ["robot", "crew", "ann@example.org", "bob"] { try await lab.give(who, "developer", on: GrantsTests.forecast, until: lab.now + .days(9)) }
    try await lab.give("bob", "admin", on: .workspace("research"))
    try await lab.plane.members.remove(bob.id, in: lab.slug, by: lab.admin)
    let there = try await House(seed: 9)
    try await Self.roundTrip(of: lab, into: there)
    let root = there.caller(try await there.plane.sessions.create(login: "root@example.org", password: House.password, by: there.visitor()))
    let plane = there.plane
    #expect(try await plane.workspaces.list(in: "lab", .first, by: root).items.map { "\($0.resource.slug) \($0.state.status) \($0.projects) \($0.key == nil)" } == ["empty deactivated 0 true", "research available 1 true"])
    #expect(await refusal { try await plane.workspaceServers.report(address: "https://b.example", version: "1", by: Caller(secret: key, from: there.origin())) } == "credential.invalid", "keys stay behind")
    let former = try #require(try await plane.members.listFormer(in: "lab", .first, by: root).items.first)
    _ = try await plane.members.reinstate(former.id, in: "lab", by: root)
    let access = try await plane.grants.list(on: GrantsTests.forecast, in: "lab", .first, by: root).items.map { "\($0.holder.name) \($0.role.short) \($0.expires != nil)" }
    #expect(access == ["Ada admin false", "Bob developer true", "ann@example.org developer true", "Robot developer true", "Crew developer true"])
    #expect(try await plane.grants.list(on: .workspace("research"), in: "lab", .first, by: root).items.map(\.role.short) == ["admin", "admin"])
    _ = session
  }

  @Test func `A workspace that no archive can hold is refused with its place`() async throws {
    let lab = try await Lab()
    let (_, bob) = try await lab.member("Bob", as: "viewer")
    try await GrantsTests.fill(lab)
    try await lab.workspace("Other")
    try await lab.give("bob", "viewer", on: GrantsTests.forecast)
    try await lab.plane.members.remove(bob.id, in: lab.slug, by: lab.admin)
    let good = Wire.Archive(try await lab.plane.archives.export("lab", by: lab.admin))
    let there = try await House(seed: 3)
    let root = there.caller(try await there.signUpVerified("Root"))
    #expect(good.workspaces.map(\.slug.text) == ["other", "research"])
    typealias Change = (inout [Wire.ArchivedWorkspace]) -> Void
    let other: ID<Wire.Member> = ID(high: 1, low: 1)
    let wrongs: [(String, Change)] = [
      ("workspaces/1/id", { $0[1].id = $0[0].id }), ("workspaces/1/slug", { $0[1].slug = .init("other") }), ("workspaces/0/slug", { $0[0].slug = .init("Other") }),
      ("workspaces/0/name", { $0[0].name = .init("") }), ("workspaces/0/revision", { $0[0].revision = 0 }), ("workspaces/0/address", { $0[0].address = "https://a.example" }),
      ("workspaces/0/address", { ($0[0].address, $0[0].reportedAt) = ("ftp:", $0[0].createdAt) }), ("workspaces/0/grants/0/member", { $0[0].grants[0].member = other }),
      ("workspaces/0/grants/0/member", { $0[0].grants[0].member = nil }), ("workspaces/0/grants/0/member", { $0[0].grants[0].team = ID(high: 1, low: 1) }),
      ("workspaces/0/grants/0/role", { $0[0].grants[0].role = "manager" }), ("workspaces/1/grants/0/id", { $0[1].grants[0].id = $0[0].grants[0].id }),
      ("workspaces/0/grants/1/role", { $0[0].grants.append($0[0].grants[0]) }), ("workspaces/1/projects/0/default_role", { $0[1].projects[0].defaultRole = "admin" }),
      ("workspaces/1/projects/0/slug", { $0[1].projects[0].slug = .init("a b") }), ("workspaces/1/projects/1/slug", { $0[1].projects.append($0[1].projects[0]) }),
      ("workspaces/1/projects/0/revision", { $0[1].projects[0].revision = 0 }), ("workspaces/1/projects/0/grants/0/revision", { $0[1].projects[0].grants[0].revision = 0 }),
      ("workspaces/1/projects/0/former_grants/0/account", { $0[1].projects[0].formerGrants[0].account = other.cast() }),
      ("workspaces/1/projects/0/former_grants/1/role", { $0[1].projects[0].formerGrants.append($0[1].projects[0].formerGrants[0]) }),
    ]
    for (field, change) in wrongs {
      var wrong = good
      change(&wrong.workspaces)
      let fields = await faultyFields { try await there.plane.archives.import(Archive(wrong), slug: nil, signedBy: nil, by: root) }
      #expect(fields.contains(field), "\(field): \(fields)")
    }
    // A workspace here of the same name stands in the way; nothing is taken in.
    let taken = try await there.found("Taken", by: there.signUpVerified("Tom"))
    _ = try await there.plane.workspaces.enroll(ResourceDraft(name: "Research"), in: taken.slug.text, by: root)
    #expect(await refusal { try await there.plane.archives.import(Archive(good), slug: nil, signedBy: nil, by: root) } == "archive.clash")
    try await there.plane.workspaces.delete("research", in: taken.slug.text, by: root)
    #expect(await refusal { try await there.plane.archives.import(Archive(good), slug: nil, signedBy: nil, by: root) } == nil)
  }

  @Test func `A team that no archive can hold is refused with its place`() async throws {
    let lab = try await Lab()
    for name in ["Crew", "Data"] { try await lab.team(name) }
    let (_, bob) = try await lab.member("Bob", as: "viewer")
    _ = try await lab.member("Eve", as: "viewer")
    let sent = try await lab.invite("ann@example.org", as: "member")
    let robot = try await lab.serviceAccount("Robot", as: "viewer")
    try await lab.add("bob", "eve", "ann@example.org", "robot", to: "crew", "data")
    try await lab.plane.members.remove(bob.id, in: lab.slug, by: lab.admin)
    var good = Wire.Archive(try await lab.plane.archives.export(lab.slug, by: lab.admin))
    // The member's place first, then the invitation's, then the service account's.
    func rank(_ seat: Wire.ArchivedTeamMember) -> Int { seat.member != nil ? 0 : seat.invitation != nil ? 1 : 2 }
    for place in 0...1 { good.teams[place].members.sort { rank($0) < rank($1) } }
    let other = ID<Wire.Member>("0189aaaa-ac96-774b-bcce-b302099a8057") ?? .example
    typealias Change = @Sendable (inout [Wire.ArchivedTeam]) -> Void
    let table: [(String, Change)] = [
      ("teams/1/id", { $0[1].id = $0[0].id }), ("teams/1/slug", { $0[1].slug = .init("crew") }), ("teams/0/slug", { $0[0].slug = .init("Crew") }),
      ("teams/0/slug", { $0[0].slug = .init("a b") }), ("teams/0/name", { $0[0].name = .init("") }), ("teams/0/revision", { $0[0].revision = 0 }),
      ("teams/1/members/0/id", { $0[1].members[0].id = $0[0].members[0].id }), ("teams/0/members/1/member", { $0[0].members.insert($0[0].members[0], at: 1) }),
      ("teams/0/members/0/member", { $0[0].members[0].member = other }), ("teams/0/members/0/member", { $0[0].members[0].invitation = sent.invitation.id.cast() }),
      ("teams/0/members/0/member", { $0[0].members[0].member = nil }), ("teams/0/members/1/maintainer", { $0[0].members[1].maintainer = true }),
      ("teams/0/members/1/invitation", { $0[0].members[1].invitation = other.cast() }), ("teams/0/former_members/0/account", { $0[0].formerMembers[0].account = other.cast() }),
      ("teams/0/members/0/member", { $0[0].members[0].serviceAccount = robot.id.cast() }), ("teams/0/members/1/member", { $0[0].members[1].serviceAccount = robot.id.cast() }),
      ("teams/0/members/2/member", { $0[0].members[2].serviceAccount = nil }), ("teams/0/members/2/service_account", { $0[0].members[2].serviceAccount = other.cast() }),
      ("teams/0/members/2/maintainer", { $0[0].members[2].maintainer = true }), ("teams/0/members/3/member", { $0[0].members.append($0[0].members[2]) }),
      ("teams/0/former_members/1/account", { $0[0].formerMembers.append($0[0].formerMembers[0]) }),
    ]
    let there = try await House(seed: 3)
    let root = there.caller(try await there.signUpVerified("Root"))
    for (place, change) in table {
      var wrong = good
      change(&wrong.teams)
      let fields = await faultyFields { [wrong] in try await there.plane.archives.import(Archive(wrong), slug: nil, signedBy: nil, by: root) }
      #expect(fields.contains(place), "\(place): \(fields)")
    }
    _ = try await there.plane.archives.import(Archive(good), slug: nil, signedBy: nil, by: root)
    #expect(try await there.plane.teams.list(in: lab.slug, TeamFilter(), .first, by: root).total == 2)
  }

  /// Exports, imports into the empty house, exports there, and compares.
  static func roundTrip(of lab: Lab, into there: House, by caller: Caller? = nil) async throws {
    let `operator` = caller ?? lab.operator
    _ = try await there.signUpVerified("Root")
    there.pass(lab.house.now - there.now)
    let root = there.caller(try await there.plane.sessions.create(login: "root@example.org", password: House.password, by: there.visitor()).secret)
    let first = try await taken(lab.organization.id, from: lab.plane, by: `operator`)
    let imported = try await there.plane.archives.import(Archive(carried(first)), slug: nil, signedBy: nil, by: root)
    #expect(imported.created == first.people.count && imported.matched == 0 && imported.events == first.events.count)
    let second = try await taken(lab.organization.id, from: there.plane, by: root)
    #expect(try comparable(second, like: first) == comparable(first, like: first))
    #expect(second.events.count == first.events.count + 2 && second.events.suffix(2).map(\.action) == ["organization.import", "organization.export"])
    let chain = try await there.plane.events.verify(lab.stream)
    #expect(chain.fault == nil && chain.events == second.events.count)
    // Lists and counters stand as if everybody had joined here.
    let organization = try await there.plane.organizations.find(lab.organization.id.description, by: root)
    #expect(organization.memberCount == first.members.count)
    for state in Member.State.allCases {
      func total(_ plane: ControlPlane, _ caller: Caller) async throws(Problem) -> Int {
        try await plane.members.list(in: lab.organization.id.description, MemberFilter(state: state), .first, by: caller).total
      }
      #expect(try await total(there.plane, root) == total(lab.plane, `operator`), "\(state)")
    }
  }

  /// Signs in freshly, and exports.
  private static func taken(_ id: ID<Organization>, from plane: ControlPlane, by caller: Caller) async throws(Problem) -> Wire.Archive {
    _ = try await plane.sessions.confirm(password: House.password, by: caller)
    return Wire.Archive(try await plane.archives.export(id.description, by: caller))
  }

  /// Through its text, as a file.
  private static func carried(_ archive: Wire.Archive) throws(Problem) -> Wire.Archive {
    try WireCoding.decode(Wire.Archive.self, from: WireCoding.encode(archive))
  }

  /// The text, without what may differ: the time, who signed, and what happened after the first.
  private static func comparable(_ archive: Wire.Archive, like first: Wire.Archive) throws(Problem) -> String {
    var archive = archive
    (archive.exportedAt, archive.head, archive.signingKey) = (first.exportedAt, first.head, first.signingKey)
    archive.events = Array(archive.events.prefix(first.events.count))
    return String(decoding: try WireCoding.encode(archive), as: UTF8.self)
  }

  /// Whatever can happen to an organization, by chance; what the rules refuse is refused.
  static func live(in lab: Lab, seed: UInt64, steps: Int = 60) async throws {
    var dice = SplitMix(seed: seed &+ 77)
    func roll(_ sides: Int) -> Int { Int(dice.next() % UInt64(sides)) }
    let (plane, house, id) = (lab.plane, lab.house, lab.organization.id.description)
    let roles = ["admin", "manager", "billing", "contributor", "viewer", "member", "guest"]
    var people: [(session: NewSession, address: String)] = []
    for number in 0..<8 { people.append((try await house.signUpVerified("Person \(number)"), "person.\(number)@example.org")) }
    for step in 0..<steps {
      let person = people[roll(people.count)]
      let caller = house.caller(person.session)
      let members = try await plane.members.list(in: id, MemberFilter(), PageRequest(limit: 200), by: lab.operator).items
      let member = members[roll(members.count)]
      let invitations = try await plane.invitations.list(in: id, nil, search: nil, PageRequest(limit: 100), by: lab.operator).items
      let invitation = invitations.isEmpty ? nil : invitations[roll(invitations.count)]
      let by = roll(3) == 0 ? lab.operator : lab.admin
      let program = try await plane.serviceAccounts.list(in: id, .first, by: lab.operator).items.first?.slug.text ?? ""
      let teams = try await plane.teams.list(in: id, TeamFilter(), PageRequest(limit: 100), by: lab.operator).items.map(\.team)
      let team = teams.isEmpty ? nil : teams[roll(teams.count)]
      let kind = roll(30)
      _ = await refusal {
        switch kind {
        case 0, 1, 2:
          let address = step.isMultiple(of: 5) ? "stranger.\(step)@example.org" : person.address
          _ = try await plane.invitations.send(InvitationDraft(address: address, roles: [roles[step % roles.count]], message: "\"Ä\"\n\(step)", days: step % 7 + 1), to: id,
            by: by)
        case 3, 4, 5, 6:
          if let waiting = try await plane.invitations.inbox(of: caller).first { _ = try await plane.invitations.accept(.inbox(waiting.invitation.id), by: caller) }
        case 7: if let waiting = try await plane.invitations.inbox(of: caller).first { _ = try await plane.invitations.decline(.inbox(waiting.invitation.id), by: caller) }
        case 8: if let invitation { _ = try await plane.invitations.cancel(invitation.id, in: id, by: by) }
        case 9: if let invitation { _ = try await plane.invitations.renew(invitation.id, mail: false, in: id, by: by) }
        case 10: _ = try await plane.requests.ask(id, message: "May I? \(step)", by: caller)
        case 11:
          if let request = try await plane.requests.list(in: id, .pending, .first, by: by).items.first {
            _ = step.isMultiple(of: 2)
              ? try await plane.requests.refuse(request.id, in: id, by: by) : try await plane.requests.approve(request.id, roles: ["guest"], in: id, by: by)
          }
        case 12: _ = try await plane.members.suspend(member.id, in: id, by: by)
        case 13: _ = try await plane.members.setExpiry(member.id, house.now + .hours(step % 5 + 1), seen: nil, in: id, by: by)
        case 14: try await plane.members.remove(member.id, in: id, by: by)
        case 15:
          if let former = try await plane.members.listFormer(in: id, .first, by: by).items.first { _ = try await plane.members.reinstate(former.id, in: id, by: by) }
        case 16: _ = try await plane.organizationSettings.set(OrganizationSetting.Name.allCases[step % 4].rawValue, to: ["3", "viewer", "yes", "7"][step % 4], in: id, by: by)
        case 17: _ = try await plane.organizations.update(id, OrganizationUpdate(slug: "lab-\(step)", description: "Step \(step)"), seen: nil, by: by)
        case 18: _ = try await plane.images.setLogo(Image(Array(Base64URL.decode(Self.pixel) ?? [])), of: id, seen: nil, by: by)
        case 19: _ = try await plane.serviceAccounts.create(ServiceAccountDraft(name: "Program \(step)", description: "ä\n", roles: [roles[step % roles.count]]), in: id, by: by)
        case 20: _ = try await plane.serviceAccounts.createKey(named: "Key \(step)", KeyTerm(days: nil), of: program, in: id, by: by)
        case 21: _ = try await plane.serviceAccounts.disable(program, in: id, by: by)
        case 22: _ = try await plane.serviceAccounts.enable(program, in: id, by: by)
        case 23: _ = try await plane.teams.create(TeamDraft(name: "Team \(step) Ä", description: "\"T\"\n"), in: id, by: by)
        case 24, 25, 26:
          if let team {
            let others: [TeamCandidate] = (invitation.map { [.invitation($0.id.description)] } ?? []) + [.serviceAccount(program)]
            let added = try await plane.teams.add([.member(member.id.description)] + others, to: team.slug.text, in: id, by: by)
            if step.isMultiple(of: 2) { _ = try await plane.teams.addMaintainer(try added[0].result.get().id.description, of: team.slug.text, in: id, by: by) }
          }
        case 27: if let team { try await plane.teams.remove(step.isMultiple(of: 3) ? program : member.id.description, from: team.slug.text, in: id, by: by) }
        case 28:
          if let team, step.isMultiple(of: 4) { try await plane.teams.delete(team.slug.text, in: id, by: by) }
          else if let team { _ = try await plane.teams.update(team.slug.text, TeamUpdate(slug: "team-\(step)-new"), seen: nil, in: id, by: by) }
        default:
          if step.isMultiple(of: 3) { _ = try await plane.accounts.deactivate(person.session.account.id, by: lab.operator) } else { try await plane.members.leave(id, by: caller) }
        }
      }
      if step.isMultiple(of: 9) { house.pass(.hours(1)) }
    }
    _ = await refusal {
      _ = try await plane.sessions.confirm(password: House.password, by: house.caller(people[0].session))
      try await plane.accounts.delete(by: house.caller(people[0].session))
    }
    if seed.isMultiple(of: 2) {
      _ = await refusal { try await plane.organizations.suspend(id, because: "Holidays", by: seed.isMultiple(of: 4) ? lab.operator : lab.admin) }
    }
  }

  private static let pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg"

  // MARK: Whom it brings

  @Test func `Who has the address here is the person; the others set a password and are in`() async throws {
    let lab = try await Lab()
    _ = try await lab.member("Bob", as: "viewer")
    let archive = try await lab.plane.archives.export("lab", by: lab.admin)
    let there = try await House(seed: 2)
    let root = there.caller(try await there.signUpVerified("Root"))
    let bob = try await there.signUpVerified("Robert", email: "bob@example.org")
    // Somebody who only claims an address isn't the person.
    _ = try await there.signUp("Mallory", email: "ada@example.org")
    let imported = try await there.plane.archives.import(archive, slug: nil, signedBy: nil, by: root)
    #expect(imported.created == 1 && imported.matched == 1 && imported.organization.memberCount == 2)
    #expect(try await there.plane.members.list(in: "lab", MemberFilter(), .first, by: there.caller(bob)).items.map(\.handle.text) == ["ada", "robert"])
    try await there.plane.passwords.requestReset(of: "ada@example.org", by: there.visitor())
    let token = try #require(await there.token(mailedTo: "ada@example.org", .passwordReset))
    try await there.plane.passwords.reset(token, to: "seven quiet otters at noon", by: there.visitor())
    let ada = try await there.plane.sessions.create(login: "ada", password: "seven quiet otters at noon", by: there.visitor())
    #expect(try await there.plane.organizations.update("lab", OrganizationUpdate(name: "Works"), seen: nil, by: there.caller(ada.secret)).name.text == "Works")
    #expect(try await there.holder(of: "ada@example.org") == archive.people.first { $0.name.text == "Ada" }?.id)
  }

  @Test func `The link of an invitation doesn't come along; its place in the inbox does`() async throws {
    let lab = try await Lab()
    let sent = try await lab.invite("carol@example.org", as: "viewer")
    let archive = try await lab.plane.archives.export("lab", by: lab.admin)
    #expect(!String(decoding: try WireCoding.encode(Wire.Archive(archive)), as: UTF8.self).contains("digest"))
    let there = try await House(seed: 2)
    let root = there.caller(try await there.signUpVerified("Root"))
    _ = try await there.plane.archives.import(archive, slug: nil, signedBy: nil, by: root)
    let carol = there.caller(try await there.signUpVerified("Carol"))
    #expect(await refusal { try await there.plane.invitations.accept(lab.key(sent), by: carol) } == "link.spent")
    let renewed = try await there.plane.invitations.renew(sent.invitation.id, mail: false, in: "lab", by: root)
    #expect(renewed.invitation.timesSent == 2)
    let waiting = try #require(await there.plane.invitations.inbox(of: carol).first)
    #expect(try await there.plane.invitations.accept(.inbox(waiting.invitation.id), by: carol).roles.description == "viewer")
  }

  @Test func `A service account comes along without its keys, and acts there with a new one`() async throws {
    let lab = try await Lab()
    let (program, caller) = try await lab.robot("Nightly", as: "viewer")
    let archive = try await lab.plane.archives.export("lab", by: lab.admin)
    let there = try await House(seed: 2)
    let root = there.caller(try await there.signUpVerified("Root"))
    _ = try await there.plane.archives.import(archive, slug: nil, signedBy: nil, by: root)
    #expect(await refusal { try await there.plane.members.list(in: "lab", MemberFilter(), .first, by: caller) } == "credential.invalid")
    let brought = try #require(await there.plane.serviceAccounts.list(in: "lab", .first, by: root).items.first)
    #expect(brought.id == program.id && brought.liveKeys == 0 && brought.creator.name.text == "Ada")
    let key = try await there.plane.serviceAccounts.createKey(named: "New", KeyTerm(days: nil), of: "nightly", in: "lab", by: root)
    #expect(try await there.plane.members.list(in: "lab", MemberFilter(), .first, by: there.caller(key.secret)).total == 1)
  }

  @Test func `An organization that was deleted for good comes back under its log`() async throws {
    let lab = try await Lab()
    _ = try await lab.member("Bob", as: "viewer")
    let archive = try await lab.plane.archives.export("lab", by: lab.admin)
    _ = try await lab.plane.organizations.delete("lab", confirm: "lab", by: lab.admin)
    #expect(await refusal { try await lab.plane.archives.import(archive, slug: nil, signedBy: nil, by: lab.operator) } == "archive.exists")
    lab.house.pass(.days(31))
    try await PurgeOrganizations(lab.plane).run()
    let oscar = try await lab.plane.sessions.create(login: "oscar", password: House.password, by: lab.house.visitor())
    let imported = try await lab.plane.archives.import(archive, slug: nil, signedBy: nil, by: lab.house.caller(oscar.secret))
    #expect(imported.matched == 2 && imported.created == 0)
    #expect(try await lab.plane.events.verify(lab.stream).fault == nil)
    #expect(try await lab.house.actions(in: lab.stream).suffix(3) == ["organization.delete", "organization.purge", "organization.import"])
  }

  // MARK: What is refused

  @Test func `Only admins with a fresh sign-in take it along, and it is noted`() async throws {
    let lab = try await Lab()
    let manager = lab.house.caller(try await lab.member("Max", as: "manager").session)
    let eve = lab.house.caller(try await lab.house.signUpVerified("Eve"))
    let archives = lab.plane.archives
    #expect(await refusal { try await archives.export("lab", by: manager) } == "forbidden")
    #expect(await refusal { try await archives.export("lab", by: eve) } == "missing")
    #expect(await refusal { try await archives.export("lab", by: lab.house.visitor()) } == "session.required")
    lab.house.pass(.minutes(16))
    #expect(await refusal { try await archives.export("lab", by: lab.admin) } == "session.stale")
    _ = try await lab.plane.sessions.confirm(password: House.password, by: lab.admin)
    _ = try await lab.plane.organizations.suspend("lab", because: "", by: lab.admin)
    let archive = try await archives.export("lab", by: lab.admin)
    #expect(archive.events.last?.action == "organization.export" && archive.head.sequence == archive.events.count)
    _ = try await lab.plane.organizations.delete("lab", confirm: "lab", by: lab.admin)
    #expect(await refusal { try await archives.export("lab", by: lab.admin) } == "missing")
  }

  /// A house with an operator and somebody else, and an archive from elsewhere.
  private struct Port {
    let house: House
    let root: Caller
    let archive: Wire.Archive

    init() async throws {
      let lab = try await Lab()
      _ = try await lab.member("Bob", as: "viewer")
      let carol = try await lab.member("Carol", as: "guest").member
      try await lab.plane.members.remove(carol.id, in: "lab", by: lab.admin)
      _ = try await lab.invite("dora@example.org", as: "guest")
      _ = try await lab.key(of: lab.serviceAccount("Nightly", as: "viewer"))
      try await lab.team("Crew")
      try await lab.add("nightly", to: "crew")
      try await GrantsTests.fill(lab)
      archive = Wire.Archive(try await lab.plane.archives.export("lab", by: lab.admin))
      house = try await House(seed: 2)
      root = house.caller(try await house.signUpVerified("Root"))
    }

    func bring(_ archive: Wire.Archive, slug: String? = nil, key: VerifyingKey? = nil, by caller: Caller? = nil) async throws(Problem) -> ImportedOrganization {
      try await house.plane.archives.import(Archive(archive), slug: slug, signedBy: key, by: caller ?? root)
    }

    /// How much there is of everything an import writes.
    func extent() async throws(Problem) -> [Int] {
      try await house.plane.read(as: .system("test")) { work in
        try ["organization", "account", "member", "former_member", "invitation", "service_account", "team", "team_seat", "resource", "access_grant", "organization_setting", "name", "event"].map { table in
          try work.tx.count("SELECT count(*) AS n FROM \(Statement(migration: table))")
        }
      }
    }
  }

  @Test func `An archive that can't be an organization is refused with the places, and nothing of it stays`() async throws {
    let port = try await Port()
    let before = try await port.extent()
    let table: [([String], (inout Wire.Archive) -> Void)] = [
      (
        ["organization/member_count", "members", "workspaces/0/grants/0/member", "workspaces/0/projects/0/grants/0/member"],
        { $0.members.removeAll { $0.roles.contains(.admin) } }
      ),
      (["members"], { for place in $0.members.indices where $0.members[place].roles.contains(.admin) { $0.members[place].suspendedAt = $0.exportedAt } }),
      (["members"], { for place in $0.members.indices where $0.members[place].roles.contains(.admin) { $0.members[place].expiresAt = $0.exportedAt + .days(900) } }),
      (["members"], { for place in $0.people.indices { $0.people[place].state = .deactivated } }),
      (["members/2/id", "members/2/account", "organization/member_count"], { $0.members.append($0.members[0]) }),
      (["former_members/0/account"], { $0.formerMembers[0].account = $0.members[0].account }),
      (["former_members/1/id", "former_members/1/account"], { $0.formerMembers.append($0.formerMembers[0]) }),
      (["people/0/id", "people/0/handle", "people/0/email"].map { $0.replacing("/0/", with: "/3/") }, { $0.people.append($0.people[0]) }),
      (["members/1/account"], { $0.members[1].account = ID(high: 1, low: 1) }),
      (["members/0/roles"], { $0.members[0].roles = [] }),
      (["members/0/revision"], { $0.members[0].revision = 0 }),
      (["organization/revision"], { $0.organization.revision = -5 }),
      (["organization/name"], { $0.organization.name = "" }),
      (["organization/slug"], { $0.organization.slug = "-" }),
      (["organization/slug"], { $0.organization.slug = "admin" }),
      (["organization/logo"], { $0.organization.logo = "AAAA" }),
      (["people/0/name"], { $0.people[0].name = .init(String(repeating: "x", count: 1_000_000)) }),
      (["settings/0/value"], { $0.settings = [.init(name: .invitationTerm, value: "1000")] }),
      (["settings"], { $0.settings = [.init(name: .invitationTerm, value: "5"), .init(name: .invitationTerm, value: "6")] }),
      (["invitations/0/answer"], { $0.invitations[0].answeredAt = $0.exportedAt; $0.invitations[0].answer = nil }),
      (["service_accounts/0/slug", "service_accounts/0/name"], { $0.serviceAccounts[0].slug = "-"; $0.serviceAccounts[0].name = "" }),
      (["service_accounts/0/roles"], { $0.serviceAccounts[0].roles = [] }),
      (["service_accounts/0/revision"], { $0.serviceAccounts[0].revision = 0 }),
      (["service_accounts/0/creator"], { $0.serviceAccounts[0].creator = ID(high: 1, low: 1) }),
      (["service_accounts/1/id", "service_accounts/1/slug"], { $0.serviceAccounts.append($0.serviceAccounts[0]) }),
      (["teams/0/members/0/service_account"], { $0.serviceAccounts[0].id = ID(high: 1, low: 1) }),
      (["teams/0/members/0/member"], { $0.teams[0].members[0].serviceAccount = nil }),
      (["teams/0/members/0/member"], { $0.teams[0].members[0].member = $0.members[0].id }),
      (["signing_key"], { $0.signingKey = "x" }),
      (["head"], { $0.head.signature = "x" }),
    ]
    for (fields, change) in table {
      var archive = port.archive
      change(&archive)
      let faults = await faultyFields { try await port.bring(archive) }
      #expect(Set(faults) == Set(fields), "\(faults) instead of \(fields)")
    }
    #expect(try await port.extent() == before)
    #expect(await refusal { try await port.bring(port.archive) } == nil)
  }

  @Test func `A log that was changed, cut off or signed by somebody else is refused`() async throws {
    let port = try await Port()
    let before = try await port.extent()
    let table: [(inout Wire.Archive) -> Void] = [
      { $0.events[1].reason = "own" }, { $0.events[1].actor.name = "Nobody" }, { $0.events[2].changes = [] }, { $0.events.removeLast() }, { $0.events.removeFirst() },
      { $0.events.remove(at: 1) }, { $0.events.swapAt(0, 1) }, { $0.events = [] }, { $0.events.append($0.events[0]) }, { $0.head.hash = "" }, { $0.head.sequence -= 1 },
      { $0.head.at = $0.head.at + .milliseconds(1) }, { $0.head.stream = "installation" }, { $0.organization.id = ID(high: 9, low: 9) },
      { archive in
        archive.events = []
        (archive.head.sequence, archive.head.hash) = (0, "")
      },
    ]
    for change in table {
      var archive = port.archive
      change(&archive)
      #expect(await refusal { try await port.bring(archive) } == "archive.broken_log")
    }
    let foreign = try #require(try port.house.plane.events.verifyingKeys().first)
    #expect(await refusal { try await port.bring(port.archive, key: foreign) } == "archive.broken_log")
    #expect(try await port.extent() == before)
    let own = try VerifyingKey(port.archive.signingKey)
    #expect(await refusal { try await port.bring(port.archive, key: own) } == nil)
  }

  @Test func `What isn't an archive of this version is told with its place`() async throws {
    let text = String(decoding: try WireCoding.encode(try await Port().archive), as: UTF8.self)
    func faults(_ text: String) -> [String] {
      do throws(Problem) {
        _ = try WireCoding.decode(Wire.Archive.self, from: Array(text.utf8))
        return []
      } catch { return error.kind == .malformed ? ["malformed"] : error.faults.map(\.field) }
    }
    #expect(faults(text) == [])
    #expect(faults(text.replacing("\"version\":2", with: "\"version\":3")) == ["version"])
    #expect(faults(text.replacing("guildhall-organization", with: "guildhall-team")) == ["format"])
    #expect(faults(text.replacing("\"roles\":[\"viewer\"]", with: "\"roles\":[\"owner\"]")) == ["members/1/roles/0", "invitations/0/roles/0", "service_accounts/0/roles/0"])
    #expect(faults(text.replacing("\"service_account\":\"", with: "\"service_account\":\"x")) == ["teams/0/members/0/service_account"])
    #expect(faults(text.replacing("\"teams\":", with: "\"groups\":")).contains("teams"))
    #expect(faults(String(text.dropLast(100))) == ["malformed"])
    #expect(faults("{}").contains("version") && faults("[]") == [""] && faults("") == ["malformed"])
  }

  @Test func `Operators alone take organizations in, once each, and under a free name`() async throws {
    let port = try await Port()
    let eve = try await port.house.signUpVerified("Eve")
    #expect(await refusal { try await port.bring(port.archive, by: port.house.caller(eve)) } == "forbidden")
    #expect(await refusal { try await port.bring(port.archive, by: port.house.visitor()) } == "session.required")
    let token = try await port.house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["organization:read"]), by: port.root)
    #expect(await refusal { try await port.bring(port.archive, by: port.house.caller(token.secret)) } == "token.scope")
    _ = try await port.house.found("Lab", by: eve)
    let before = try await port.extent()
    #expect(await refusal { try await port.bring(port.archive) } == "name.taken")
    #expect(await faultyFields { try await port.bring(port.archive, slug: "-") } == ["slug"])
    #expect(await refusal { try await port.bring(port.archive, slug: "eve") } == "name.taken")
    #expect(try await port.extent() == before)
    #expect(try await port.bring(port.archive, slug: "old-lab").organization.slug.text == "old-lab")
    #expect(await refusal { try await port.bring(port.archive, slug: "other") } == "archive.exists")
    let counts = await outcomes((0..<4).map { number in { await refusal { try await port.bring(port.archive, slug: "race-\(number)") } } })
    #expect(counts == ["archive.exists": 4])
  }
}

extension House {
  /// The account that has the address.
  fileprivate func holder(of address: String) async throws(Problem) -> ID<Account>? {
    try await plane.read(as: .system("test")) { work in try work.accounts.holder(of: try Problem.checking("email") { () throws(Rejection) in try EmailAddress(address) })?.id }
  }
}
