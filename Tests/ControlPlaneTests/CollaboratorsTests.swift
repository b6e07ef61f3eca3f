import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import Testing

@Suite struct CollaboratorsTests {
  /// A lab with two apps and somebody from outside.
  struct Stage: Sendable {
    let lab: Lab
    let lee: NewSession

    init(in house: House? = nil) async throws {
      if let house { lab = try await Lab(in: house) } else { lab = try await Lab() }
      lee = try await lab.house.signUpVerified("Lee", email: "lee@partner.example")
      for name in ["Finder", "Other"] { _ = try await lab.plane.apps.create(ResourceDraft(name: name), in: lab.slug, by: lab.admin) }
    }

    var plane: ControlPlane { lab.plane }
    var outsider: Caller { lab.house.caller(lee) }

    func invite(
      _ who: String = "lee@partner.example", as role: String = "labeler-worker", until expires: Timestamp? = nil, to app: String = "finder", by caller: Caller? = nil
    ) async throws -> SentCollaboration {
      try await plane.collaborators.invite(CollaboratorDraft(who: who, role: role, expires: expires), to: app, in: lab.slug, by: caller ?? lab.admin)
    }

    func key(_ sent: SentCollaboration) -> CollaborationKey { .link(lab.house.secret(in: sent.link)) }

    @discardableResult func takeIn(as role: String = "labeler-worker", until expires: Timestamp? = nil) async throws -> Collaborator {
      try await plane.collaborators.accept(key(invite(as: role, until: expires)), by: outsider).collaborator
    }

    /// What the engine says of somebody, by the decision service and by the operation.
    func reads(_ app: String = "finder", by caller: Caller? = nil) async -> String? {
      await refusal { try await plane.apps.find(app, in: lab.slug, by: caller ?? outsider) }
    }

    func ask(_ who: String, _ action: String, _ app: String = "finder", type: String? = nil) async throws -> AccessAnswer {
      let thing =
        if let type { try ThingName(type: type, id: "x", parent: .init(type: "app", id: app)) } else { try ThingName(type: "app", id: app) }
      return try await plane.decisions.check(
        AccessQuestion(principal: .account(who), action: action, resource: thing), explains: true, in: lab.slug, by: lab.admin
      ).answer
    }
  }

  @Test func `Who accepts sees the one app by their role, takes no seat, and nothing else of the organization is there`() async throws {
    let stage = try await Stage()
    let (plane, slug, outsider) = (stage.plane, stage.lab.slug, stage.outsider)
    let seats = try await plane.organizations.find(slug, by: stage.lab.admin).memberCount
    #expect(await stage.reads() == "missing")
    let sent = try await stage.invite()
    #expect(sent.collaborator.state(at: stage.lab.now) == .invited && sent.link.contains("/join/app?token="))
    #expect(try await stage.lab.house.mails(to: "lee@partner.example").map(\.purpose).contains(.collaboration) == sent.isMailed)
    #expect(await stage.reads() == "missing", "an invitation gives nothing")
    #expect(try await plane.collaborators.own(by: outsider).map(\.state) == [.invited])
    let preview = try await plane.collaborators.preview(link: stage.lab.house.secret(in: sent.link), from: stage.lab.house.origin())
    #expect(preview.organization.slug.text == slug && preview.collaborator.app.slug.text == "finder")
    let taken = try await plane.collaborators.accept(stage.key(sent), by: outsider)
    #expect(taken.state == .active && taken.collaborator.person?.handle.text == "lee")
    #expect(try await plane.collaborators.accept(stage.key(sent), by: outsider).state == .active, "twice is as once")
    #expect(await stage.reads() == nil)
    #expect(await stage.reads("other") == "missing")
    // What tells of others, or of the organization, isn't there.
    #expect(await refusal { try await plane.organizations.find(slug, by: outsider) } == "missing")
    #expect(await refusal { try await plane.members.list(in: slug, MemberFilter(), .first, by: outsider) } == "missing")
    #expect(await refusal { try await plane.apps.list(in: slug, AppFilter(), .first, by: outsider) } == "missing")
    #expect(await refusal { try await plane.teams.list(in: slug, TeamFilter(), .first, by: outsider) } == "missing")
    #expect(await refusal { try await plane.workspaces.list(in: slug, .first, by: outsider) } == "missing")
    #expect(await refusal { try await plane.grants.list(on: .app("finder"), in: slug, .first, by: outsider) } == "missing")
    #expect(await refusal { try await plane.collaborators.list(of: "finder", in: slug, .first, by: outsider) } == "missing")
    #expect(await refusal { try await plane.collaborators.listAll(in: slug, .first, by: outsider) } == "missing")
    #expect(await refusal { try await plane.elevations.list(in: slug, by: outsider) } == "missing")
    #expect(await refusal { try await plane.objects.list(in: slug, .first, by: outsider) } == "missing")
    #expect(await refusal { try await plane.apps.update("finder", AppUpdate(notes: "x"), seen: nil, in: slug, by: outsider) } == "forbidden", "a worker reads")
    #expect(try await plane.organizations.find(slug, by: stage.lab.admin).memberCount == seats, "no seat")
    #expect(try await plane.members.counts(in: slug, by: stage.lab.admin).outside == 1)
    #expect(try await stage.lab.house.actions(in: stage.lab.stream).suffix(2).contains("collaboration.accept"))
  }

  @Test func `Decisions know them: check, explain, principals and their own questions`() async throws {
    let stage = try await Stage()
    try await stage.takeIn(as: "model-trainer")
    let (plane, slug) = (stage.plane, stage.lab.slug)
    let reading = try await stage.ask("lee", "read")
    #expect(reading.isAllowed && reading.sentence == "Allowed: the role app.model-trainer on the app finder, as an outside collaborator.")
    #expect(try await stage.ask("lee", "create", type: "model").isAllowed)
    #expect(try await stage.ask("lee", "manage").outcome == .lacking)
    #expect(try await stage.ask("lee", "read", "other").outcome == .hidden)
    let question = try AccessQuestion(action: "read", resource: ThingName(type: "app", id: "finder"))
    let principals = try await plane.decisions.principals(of: question, in: slug, { () throws(Problem) in .first }, by: stage.lab.admin).page.items
    #expect(principals.map { "\($0.handle) \($0.isOutside)" }.sorted() == ["ada false", "lee true"])
    let things = try await plane.decisions.resources(for: .account("lee"), "read", of: "app", in: slug, { () throws(Problem) in .first }, by: stage.lab.admin)
    #expect(things.page.items.map(\.name) == ["finder"])
    // Their own program asks about them, and about nobody else.
    #expect(try await plane.decisions.check(question, in: slug, by: stage.outsider).answer.isAllowed)
    #expect(await refusal { try await plane.decisions.check(question.about(.account("ada")), in: slug, by: stage.outsider).revision } == "forbidden")
    #expect(await refusal { try await plane.decisions.principals(of: question, in: slug, { () throws(Problem) in .first }, by: stage.outsider).revision } == "missing")
    let hidden = try AccessQuestion(action: "read", resource: ThingName(type: "app", id: "other"))
    #expect(try await plane.decisions.check(hidden, in: slug, by: stage.outsider).answer.outcome == .hidden)
    // What stands in the app is theirs by role, and nothing beside it.
    let model = ObjectDraft(try ObjectName(type: "model", id: "m1"), in: try ThingName.Place(type: "app", id: "finder"))
    let registered = try await plane.objects.register([.success(model)], in: slug, by: stage.outsider)
    if case .refused(let problem) = registered[0] { Issue.record("\(problem)") }
    #expect(try await plane.objects.list(at: .init(type: "app", id: "finder"), of: "model", in: slug, .first, by: stage.outsider).items.count == 1)
    let elsewhere = ObjectDraft(try ObjectName(type: "model", id: "m2"), in: try ThingName.Place(type: "app", id: "other"))
    guard case .refused = try await plane.objects.register([.success(elsewhere)], in: slug, by: stage.outsider)[0] else {
      Issue.record("an outside collaborator wrote into another app")
      return
    }
    // A policy forbids them as it forbids members.
    _ = try await plane.policies.create(
      PolicyDraft(name: "Our people", text: "forbid (principal, action, resource) when { principal has emailDomain && principal.emailDomain == \"partner.example\" };"),
      in: slug, by: stage.lab.admin)
    #expect(try await stage.ask("lee", "read").outcome == .forbidden)
    #expect(await stage.reads() == "missing", "what a policy keeps from them isn't there")
  }

  @Test func `Removing, the end of the time, deactivating and giving up are in force at once`() async throws {
    let stage = try await Stage()
    let (plane, lab, slug) = (stage.plane, stage.lab, stage.lab.slug)
    func expectOut(_ what: Comment) async throws {
      #expect(await stage.reads() == "missing", what)
      #expect(try await stage.ask("lee", "read").isAllowed == false, what)
    }
    var held = try await stage.takeIn()
    #expect(try await stage.ask("lee", "read").isAllowed)
    try await plane.collaborators.remove(held.id, of: "finder", in: slug, by: lab.admin)
    try await expectOut("removed")
    held = try await stage.takeIn()
    try await plane.collaborators.removeAny(held.id, in: slug, by: lab.admin)
    try await expectOut("removed by who watches over the organization")
    held = try await stage.takeIn()
    #expect(try await plane.collaborators.leave(.own(held.id), by: stage.outsider).state == .active)
    try await expectOut("given up")
    held = try await stage.takeIn(until: lab.now + .hours(1))
    #expect(await stage.reads() == nil)
    lab.house.pass(.hours(1) - .milliseconds(1))
    #expect(await stage.reads() == nil, "until the very end")
    lab.house.pass(.milliseconds(1))
    try await expectOut("its time is over")
    held = try await plane.collaborators.update(held.id, GrantUpdate(role: "full-access", expires: .never), seen: held.revision, of: "finder", in: slug, by: lab.admin)
    #expect(await refusal { try await plane.apps.update("finder", AppUpdate(notes: "x"), seen: nil, in: slug, by: stage.outsider) } == nil)
    #expect(await refusal { try await plane.collaborators.update(held.id, GrantUpdate(role: "labeler-lead"), seen: 1, of: "finder", in: slug, by: lab.admin) } == "stale")
    #expect(await refusal { try await lab.give("ada", "labeler-lead", on: .app("finder"), by: stage.outsider) } == "missing", "managing people is left to the organization's own")
    _ = try await plane.accounts.deactivate(stage.lee.account.id, by: lab.operator)
    #expect(try await stage.ask("lee", "read").isAllowed == false)
    _ = try await plane.accounts.reactivate(stage.lee.account.id, by: lab.operator)
    #expect(try await stage.ask("lee", "read").isAllowed)
    try await plane.apps.delete("finder", in: slug, by: lab.admin)
    #expect(try await lab.count("SELECT 1 FROM collaborator") == 0)
  }

  @Test func `Who becomes a member keeps the app as a grant, and who leaves comes back with nothing`() async throws {
    let stage = try await Stage()
    let (plane, lab) = (stage.plane, stage.lab)
    let end = lab.now + .days(30)
    try await stage.takeIn(as: "labeler-lead", until: end)
    _ = try await stage.invite(to: "other")
    let member = try await lab.house.join(lab.organization, as: ["guest"], stage.lee, invitedBy: lab.ada)
    #expect(try await lab.count("SELECT 1 FROM collaborator") == 0, "what they were invited to ends, too")
    let grants = try await plane.grants.list(on: .app("finder"), in: lab.slug, .first, by: lab.admin).items
    #expect(grants.map { "\($0.holder.name) \($0.role.short)" }.sorted() == ["Ada full-access", "Lee labeler-lead"])
    #expect(grants.first { $0.holder.name == "Lee" }?.expires == end)
    #expect(try await stage.ask("lee", "read").sentence == "Allowed: the role app.labeler-lead on the app finder.")
    #expect(await refusal { try await stage.invite() } == "member.exists")
    #expect(await refusal { try await stage.invite("lee") } == "member.exists")
    // A member who is suspended has nothing, and isn't let in from outside meanwhile.
    _ = try await plane.members.suspend(member.id, in: lab.slug, by: lab.admin)
    #expect(await stage.reads() == "member.suspended")
    _ = try await plane.members.remove(member.id, in: lab.slug, by: lab.admin)
    #expect(await stage.reads() == "missing", "leaving makes nobody an outside collaborator")
    // Invited from outside, then reinstated: they have it once.
    try await stage.takeIn(as: "labeler-lead")
    let former = try #require(try await plane.members.listFormer(in: lab.slug, .first, by: lab.admin).items.first)
    _ = try await plane.members.reinstate(former.id, in: lab.slug, by: lab.admin)
    #expect(try await lab.access(.app("finder")).filter { $0.hasPrefix("Lee") } == ["Lee labeler-lead"])
  }

  @Test func `Only who manages the app invites, nobody gives what they lack, and the setting holds`() async throws {
    let stage = try await Stage()
    let (plane, lab, slug) = (stage.plane, stage.lab, stage.lab.slug)
    let con = lab.house.caller(try await lab.member("Con", as: "contributor").session)
    let mia = lab.house.caller(try await lab.member("Mia", as: "member").session)
    let gus = lab.house.caller(try await lab.member("Gus", as: "guest").session)
    #expect(await refusal { try await stage.invite(by: mia) } == "missing")
    try await lab.give("gus", "labeler-lead", on: .app("finder"))
    #expect(await refusal { try await stage.invite(by: gus) } == "forbidden", "sees the app, doesn't manage it")
    #expect(await refusal { try await stage.invite(by: stage.outsider) } == "missing")
    #expect(await refusal { try await stage.invite(by: lab.house.visitor()) } == "session.required")
    for role in ["owner", "", "app.admin", "project.viewer"] { #expect(await faultyFields { try await stage.invite(as: role) } == ["role"], "\(role)") }
    for who in ["", "@", "nobody-at-all", "lab", String(repeating: "x", count: 300)] { #expect(await faultyFields { try await stage.invite(who) } == ["who"], "\(who)") }
    #expect(await faultyFields { try await stage.invite(until: lab.now) } == ["expires_at"])
    // A role of the organization's own works, and stays as long as somebody has it.
    let tagger = try await lab.role("Tagger", copying: "app.labeler-worker", adding: ["annotation:*"])
    let held = try await plane.collaborators.accept(stage.key(stage.invite(as: "tagger")), by: stage.outsider).collaborator
    #expect(try await stage.ask("lee", "delete", type: "annotation").isAllowed)
    #expect(await refusal { try await plane.roles.delete(tagger.id.description, in: slug, by: lab.admin) } == "role.in_use")
    #expect(await refusal { try await stage.invite() } == "collaborator.exists")
    #expect(await refusal { try await stage.invite("LEE") } == "collaborator.exists")
    try await plane.collaborators.remove(held.id, of: "finder", in: slug, by: con)
    // Who may invite is the organization's to say.
    _ = try await plane.organizationSettings.set("outside_collaborators", to: "inviters", in: slug, by: lab.admin)
    #expect(await refusal { try await stage.invite(by: con) } == "collaborator.off")
    let open = try await stage.invite()
    _ = try await plane.organizationSettings.set("outside_collaborators", to: "nobody", in: slug, by: lab.admin)
    #expect(await refusal { try await stage.invite() } == "collaborator.off")
    #expect(await refusal { try await plane.collaborators.accept(stage.key(open), by: stage.outsider) } == "collaborator.off")
    #expect(await refusal { try await plane.collaborators.renew(open.collaborator.id, of: "finder", in: slug, by: lab.admin) } == "collaborator.off")
    #expect(await faultyFields { try await plane.organizationSettings.set("outside_collaborators", to: "everybody", in: slug, by: lab.admin) } == ["value"])
    _ = try await plane.organizationSettings.reset("outside_collaborators", in: slug, by: lab.admin)
    #expect(await refusal { try await plane.collaborators.accept(stage.key(open), by: stage.outsider) } == nil)
  }

  @Test func `A link is for whom it was sent, a newer one kills it, and each of two organizations has its own`() async throws {
    let stage = try await Stage()
    let (plane, lab, slug) = (stage.plane, stage.lab, stage.lab.slug)
    let eve = lab.house.caller(try await lab.house.signUpVerified("Eve"))
    let first = try await stage.invite()
    #expect(await refusal { try await plane.collaborators.accept(stage.key(first), by: eve) } == "invitation.wrong_account")
    #expect(await refusal { try await plane.collaborators.accept(.own(first.collaborator.id), by: eve) } == "missing")
    let again = try await stage.invite(as: "labeler-lead")
    #expect(again.collaborator.id == first.collaborator.id && again.collaborator.role.short == "labeler-lead", "renewed")
    #expect(await refusal { try await plane.collaborators.accept(stage.key(first), by: stage.outsider) } == "link.spent")
    _ = try await plane.collaborators.renew(first.collaborator.id, mail: false, of: "finder", in: slug, by: lab.admin)
    #expect(await refusal { try await plane.collaborators.accept(stage.key(again), by: stage.outsider) } == "link.spent")
    let short = try CollaboratorDraft(who: "lee@partner.example", role: "labeler-lead", days: 1)
    let third = try await plane.collaborators.invite(short, to: "finder", in: slug, by: lab.admin)
    lab.house.pass(.hours(24))
    #expect(try await plane.collaborators.find(first.collaborator.id, of: "finder", in: slug, by: lab.admin).state(at: lab.now) == .expired)
    #expect(await refusal { try await plane.collaborators.accept(stage.key(third), by: stage.outsider) } == "invitation.expired")
    #expect(try await plane.collaborators.own(by: stage.outsider).isEmpty)
    // Another organization, and another app, have nothing of it.
    let neighbour = try await lab.house.signUpVerified("Neighbour")
    let other = try await lab.house.found("Elsewhere", by: neighbour)
    let admin = lab.house.caller(neighbour)
    _ = try await plane.apps.create(ResourceDraft(name: "Finder"), in: other.slug.text, by: admin)
    let id = first.collaborator.id
    for app in ["finder", "other"] {
      #expect(await refusal { try await plane.collaborators.remove(id, of: app, in: other.slug.text, by: admin) } == "missing")
      #expect(await refusal { try await plane.collaborators.update(id, GrantUpdate(role: "full-access"), seen: nil, of: app, in: other.slug.text, by: admin) } == "missing")
      #expect(await refusal { try await plane.collaborators.renew(id, of: app, in: other.slug.text, by: admin) } == "missing")
    }
    #expect(await refusal { try await plane.collaborators.removeAny(id, in: other.slug.text, by: admin) } == "missing")
    #expect(try await plane.collaborators.listAll(in: other.slug.text, .first, by: admin).items.isEmpty)
  }

  @Test func `A suspended organization takes nobody in and is read, a deleted one is gone, and bound tokens stay in theirs`() async throws {
    let stage = try await Stage()
    let (plane, lab, slug) = (stage.plane, stage.lab, stage.lab.slug)
    try await stage.takeIn(as: "full-access")
    let second = try await stage.invite(to: "other")
    _ = try await plane.organizations.suspend(slug, because: "", by: lab.admin)
    #expect(await stage.reads() == nil)
    #expect(await refusal { try await plane.apps.update("finder", AppUpdate(notes: "x"), seen: nil, in: slug, by: stage.outsider) } == "organization.suspended")
    #expect(await refusal { try await plane.collaborators.accept(stage.key(second), by: stage.outsider) } == "organization.suspended")
    #expect(await refusal { try await plane.collaborators.leave(stage.key(second), by: stage.outsider) } == nil, "who declines may")
    _ = try await plane.organizations.resume(slug, by: lab.admin)
    let home = try await lab.house.found("Partner", by: stage.lee)
    let bound = try await plane.tokens.create(
      AccessTokenDraft(name: "bound", scopes: [TokenScope.admin.rawValue], organization: home.id.description, days: 7), by: stage.outsider)
    #expect(await stage.reads(by: Caller(secret: bound.secret.reveal(), from: lab.house.origin())) == "missing", "bound to another organization")
    let narrow = try await plane.tokens.create(AccessTokenDraft(name: "narrow", scopes: [TokenScope.read.rawValue], organization: nil, days: 7), by: stage.outsider)
    let reader = Caller(secret: narrow.secret.reveal(), from: lab.house.origin())
    #expect(await stage.reads(by: reader) == nil)
    #expect(await refusal { try await plane.apps.update("finder", AppUpdate(notes: "x"), seen: nil, in: slug, by: reader) } == "token.scope")
    _ = try await plane.organizations.delete(slug, confirm: slug, by: lab.admin)
    #expect(await stage.reads() == "missing")
    #expect(try await plane.collaborators.own(by: stage.outsider).isEmpty)
  }

  @Test func `Who deletes their account leaves, and the log says so`() async throws {
    let stage = try await Stage()
    try await stage.takeIn()
    try await stage.plane.accounts.delete(confirm: "lee", by: stage.outsider)
    #expect(try await stage.lab.count("SELECT 1 FROM collaborator") == 0)
    #expect(try await stage.lab.house.actions(in: stage.lab.stream).last == "account.delete")
    #expect(try await stage.ask("lee", "read").isAllowed == false)
  }

  /// Anything in any order, against the rules in their plainest form.
  static func anything(_ lab: Lab, seed: UInt64, steps: Int) async throws {
    struct Held { var role: String, expires: Timestamp?, isAccepted: Bool, id: ID<Collaborator> }
    var dice = SplitMix(seed: seed)
    func any<Item>(_ items: [Item]) -> Item { items[Int(dice.next() % UInt64(items.count))] }
    let (plane, slug) = (lab.plane, lab.slug)
    let apps = ["one", "two"]
    for app in apps { _ = try await plane.apps.create(ResourceDraft(name: app), in: slug, by: lab.admin) }
    var people: [(session: NewSession, member: Member?)] = []
    for number in 0..<3 { people.append((try await lab.house.signUpVerified("Person \(number)"), nil)) }
    var held: [Int: [String: Held]] = [:]
    var grants: [Int: [String: Set<String>]] = [:]
    let writes = ["full-access"]
    for step in 0..<steps {
      let (who, app) = (Int(dice.next() % 3), any(apps))
      let caller = lab.house.caller(people[who].session)
      let handle = people[who].session.account.handle.text
      let present = held[who]?[app]
      switch dice.next() % 9 {
      case 0, 1:
        let (role, expires) = (any(["full-access", "labeler-worker"]), dice.next() % 2 == 0 ? nil : lab.now + .hours(Int(dice.next() % 4) + 1))
        let draft = try CollaboratorDraft(who: handle, role: role, expires: expires)
        let outcome = await refusal {
          let sent = try await plane.collaborators.invite(draft, to: app, in: slug, by: lab.admin)
          held[who, default: [:]][app] = Held(role: role, expires: expires, isAccepted: false, id: sent.collaborator.id)
        }
        #expect(outcome == (people[who].member != nil ? "member.exists" : present?.isAccepted == true ? "collaborator.exists" : nil), "\(seed)/\(step) invite")
      case 2, 3:
        guard let present, !present.isAccepted else { continue }
        let outcome = await refusal { try await plane.collaborators.accept(.own(present.id), by: caller) }
        let isOver = present.expires.map { $0 <= lab.now } ?? false
        #expect(outcome == (isOver ? "invitation.expired" : nil), "\(seed)/\(step) accept")
        if outcome == nil { held[who]?[app]?.isAccepted = true }
      case 4:
        guard let present else { continue }
        if dice.next() % 2 == 0 { try await plane.collaborators.leave(.own(present.id), by: caller) } else { try await plane.collaborators.removeAny(present.id, in: slug, by: lab.admin) }
        held[who]?[app] = nil
      case 5:
        guard people[who].member == nil else { continue }
        let member = try await plane.members.add(people[who].session.account.id, roles: ["guest"], expires: nil, to: slug, by: lab.operator)
        people[who].member = member
        for (app, held) in held[who] ?? [:] where held.isAccepted && held.expires == nil { grants[who, default: [:]][app, default: []].insert(held.role) }
        // What has an end is kept with it, and looked at below by what there is.
        for (app, held) in held[who] ?? [:] where held.isAccepted {
          if let end = held.expires, lab.now < end { grants[who, default: [:]][app, default: []].insert("\(held.role) \(end.milliseconds)") }
        }
        held[who] = nil
      case 6:
        guard let member = people[who].member else { continue }
        _ = try await plane.members.remove(member.id, in: slug, by: lab.admin)
        (people[who].member, grants[who]) = (nil, nil)
      case 7:
        guard let present else { continue }
        let role = any(["full-access", "labeler-worker"])
        _ = try await plane.collaborators.update(present.id, GrantUpdate(role: role, expires: .never), seen: nil, of: app, in: slug, by: lab.admin)
        held[who]?[app]?.role = role
        held[who]?[app]?.expires = nil
      default: lab.house.pass(.minutes(Int(dice.next() % 120)))
      }
      for (number, person) in people.enumerated() {
        for app in apps {
          var roles: Set<String> = []
          if let now = held[number]?[app], now.isAccepted, now.expires.map({ lab.now < $0 }) ?? true { roles.insert(now.role) }
          for grant in grants[number]?[app] ?? [] {
            let parts = grant.split(separator: " ")
            if parts.count == 1 || lab.now.milliseconds < Int64(parts[1]) ?? 0 { roles.insert(String(parts[0])) }
          }
          let caller = lab.house.caller(person.session)
          let reads = await refusal { try await plane.apps.find(app, in: slug, by: caller) } == nil
          #expect(reads == !roles.isEmpty, "\(seed)/\(step): \(number) \(app) has \(roles)")
          let change = await refusal { try await plane.apps.update(app, AppUpdate(notes: "\(seed) \(step) \(number)"), seen: nil, in: slug, by: caller) } == nil
          #expect(change == !roles.isDisjoint(with: writes), "\(seed)/\(step): \(number) changes \(app) with \(roles)")
          let question = try AccessQuestion(
            principal: .account(person.session.account.id.description), action: "update", resource: ThingName(type: "app", id: app))
          let said = try await plane.decisions.check(question, in: slug, by: lab.admin).answer.isAllowed
          #expect(said == change, "\(seed)/\(step): the service says what the operation does")
        }
      }
    }
  }

  @Test(arguments: 1...6) func `Anything in any order is as the rules say`(seed: UInt64) async throws { try await Self.anything(Lab(), seed: seed, steps: 60) }

  /// Two accept at once, and ten invite the same person at once.
  static func race(_ stage: Stage) async throws {
    let attempts: [@Sendable () async -> String?] = (0..<8).map { _ in { await refusal { try await stage.invite() } } }
    #expect(await outcomes(attempts)["success", default: 0] >= 1)
    #expect(try await stage.lab.count("SELECT 1 FROM collaborator") == 1)
    let sent = try await stage.invite()
    let accepting: [@Sendable () async -> String?] = (0..<4).map { _ in
      { await refusal { try await stage.plane.collaborators.accept(stage.key(sent), by: stage.outsider) } }
    }
    #expect(await outcomes(accepting) == ["success": 4])
    #expect(try await stage.lab.house.actions(in: stage.lab.stream).count { $0 == "collaboration.accept" } == 1)
  }

  @Test func `At once there is one invitation and one acceptance`() async throws { try await Self.race(Stage()) }
}
