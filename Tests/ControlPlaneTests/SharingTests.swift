import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import Testing

@Suite struct SharingTests {
  static let forecast = try? ThingName.Place(type: "project", id: "research/forecast")

  /// A lab with a project, in which a contributor has registered a dataset of their own.
  static func fill(_ lab: Lab) async throws -> (cleo: Caller, gus: Caller) {
    try await lab.workspace("Research")
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Forecast"), of: "research", in: lab.slug, by: lab.admin)
    let cleo = lab.house.caller(try await lab.member("Cleo", as: "member").session)
    let gus = lab.house.caller(try await lab.member("Gus", as: "guest").session)
    try await lab.give("cleo", "contributor", on: .project("forecast", in: "research"))
    try await lab.register("dataset", "mine", by: cleo, isOwn: true)
    return (cleo, gus)
  }

  @Test func `What is shared is that one object, in every way to ask, and ends with an empty list`() async throws { try await Self.life(Lab()) }

  static func life(_ lab: Lab) async throws {
    let (cleo, gus) = try await fill(lab)
    try await lab.register("dataset", "others", by: lab.admin)
    #expect(await lab.sees("mine", by: gus) == "hidden")
    #expect(try await lab.plane.workspaces.list(in: lab.slug, .first, by: gus).total == 0)

    let share = try #require(try await lab.share("mine", with: "gus", "read", "update", by: cleo))
    #expect(share.sortedActions.map(\.name) == ["read", "update"] && share.sharer.name.text == "Cleo")
    #expect(await lab.sees("mine", by: gus) == "allowed: shared by Cleo with Gus: read, update.")
    #expect(await lab.sees("mine", "delete", by: gus) == "lacking")
    #expect(await lab.sees("others", by: gus) == "hidden")
    // Who has something in a place sees the place, and isn't among those with access to it.
    #expect(try await lab.plane.workspaces.list(in: lab.slug, .first, by: gus).items.map(\.resource.slug.text) == ["research"])
    #expect(try await lab.plane.projects.list(in: lab.slug, .first, by: gus).items.map(\.resource.slug.text) == ["forecast"])
    _ = try await lab.plane.workspaces.find("research", in: lab.slug, by: gus)
    _ = try await lab.plane.projects.find("forecast", at: .workspace("research"), in: lab.slug, by: gus)
    #expect(await refusal { try await lab.plane.grants.list(on: .workspace("research"), in: lab.slug, .first, by: gus) } == "missing")
    #expect(await refusal { try await lab.plane.grants.list(on: .project("forecast", in: "research"), in: lab.slug, .first, by: gus) } == "missing")
    #expect(try await lab.plane.grants.list(on: .project("forecast", in: "research"), search: "gus", in: lab.slug, .first, by: lab.admin).total == 0)
    // Lists, one way and the other, and the list of what was shared.
    let resources = try await lab.plane.decisions.resources(for: .account("gus"), "read", of: "dataset", in: lab.slug, { () throws(Problem) in .first }, by: lab.admin)
    #expect(resources.page.items.map(\.id) == ["mine"])
    let question = try AccessQuestion(action: "update", resource: ThingName(type: "dataset", id: "mine"))
    let people = try await lab.plane.decisions.principals(of: question, in: lab.slug, { () throws(Problem) in .first }, by: lab.admin).page.items.map(\.handle)
    #expect(people.contains("gus") && people.contains("cleo"))
    #expect(try await lab.plane.sharing.received(in: lab.slug, .first, by: gus).items.map(\.object.name.id) == ["mine"])
    #expect(try await lab.plane.sharing.list(of: lab.object("mine"), in: lab.slug, .first, by: gus).items.map(\.holder.name) == ["Gus"])
    let given = try await lab.plane.sharing.given(in: lab.slug, .first, by: cleo).items
    #expect(given.map(\.object.name.id) == ["mine"] && given.map(\.holder.name) == ["Gus"])
    #expect(try await lab.plane.sharing.given(in: lab.slug, .first, by: gus).total == 0)

    // A new list replaces the old.
    #expect(try await lab.share("mine", with: "gus", "read", by: cleo)?.revision == 2)
    #expect(await lab.sees("mine", "update", by: gus) == "lacking")
    let before = try await lab.house.actions(in: lab.stream).count
    #expect(try await lab.share("mine", with: "gus", "read", by: cleo)?.revision == 2, "nothing changed")
    #expect(try await lab.house.actions(in: lab.stream).count == before)
    // An empty one withdraws.
    #expect(try await lab.share("mine", with: "gus", by: cleo) == nil)
    #expect(await lab.sees("mine", by: gus) == "hidden")
    #expect(try await lab.plane.workspaces.list(in: lab.slug, .first, by: gus).total == 0)
    #expect(await refusal { try await lab.plane.workspaces.find("research", in: lab.slug, by: gus) } == "missing")
    #expect(try await lab.share("mine", with: "gus", by: cleo) == nil, "twice is once")
    #expect(try await lab.house.actions(in: lab.stream).filter { $0 == "object.share" }.count == 3)
  }

  @Test func `Nobody shares what they lack, nor with themselves, nor with who isn't here`() async throws {
    let lab = try await Lab()
    let (cleo, gus) = try await Self.fill(lab)
    try await lab.register("dataset", "others", by: lab.admin)
    try await lab.team("Crew")
    _ = try await lab.invite("soon@example.org", as: "guest")
    #expect(await refusal { try await lab.share("mine", with: "cleo", "read", by: cleo) } == "invalid")
    #expect(await refusal { try await lab.share("mine", with: "nobody", "read", by: cleo) } == "invalid")
    #expect(await refusal { try await lab.share("mine", with: "soon@example.org", "read", by: lab.admin) } == "invalid")
    #expect(await refusal { try await lab.share("mine", with: "gus", "entangle", by: cleo) } == "invalid", "nothing speaks of it")
    #expect(await refusal { try await lab.share("others", with: "gus", "read", by: cleo) } == "forbidden", "a contributor holds nothing on others' things")
    #expect(await refusal { try await lab.share("mine", with: "cleo", "read", by: gus) } == "missing")
    // A holder of `share` gives on what they were given, and no more.
    try await lab.share("mine", with: "gus", "read", "share", by: cleo)
    #expect(await refusal { try await lab.share("mine", with: "crew", "read", by: gus) } == "forbidden", "a guest doesn't see who is here")
    #expect(await refusal { try await lab.share("mine", with: lab.founder().account.description, "read", "update", by: gus) } == "role.above_own")
    #expect(try await lab.share("mine", with: lab.founder().account.description, "read", by: gus)?.sharer.name.text == "Gus")
    // Nor do they take what they lack.
    let eve = try await lab.member("Eve", as: "guest").member
    try await lab.share("mine", with: "eve", "read", "update", by: cleo)
    #expect(await refusal { try await lab.share("mine", with: eve.account.description, "read", by: gus) } == "role.above_own")
    #expect(await refusal { try await lab.share("mine", with: eve.account.description, by: gus) } == "role.above_own")
    // With a project's roles `object:*` is enough for every action.
    let mona = lab.house.caller(try await lab.member("Mona", as: "member").session)
    try await lab.give("mona", "manager", on: .project("forecast", in: "research"))
    #expect(try await lab.share("others", with: "gus", "read", "update", "delete", "share", by: mona)?.actions.count == 4)
    // Who owns it may share it whatever else their roles allow, and gives what those allow.
    let vic = lab.house.caller(try await lab.member("Vic", as: "member").session)
    try await lab.give("vic", "developer", on: .project("forecast", in: "research"))
    try await lab.register("dataset", "vics", by: vic, isOwn: true)
    let developer = try await lab.plane.grants.list(on: .project("forecast", in: "research"), search: "vic", in: lab.slug, .first, by: lab.admin).items[0]
    _ = try await lab.plane.grants.update(developer.id, GrantUpdate(role: "viewer"), seen: nil, on: .project("forecast", in: "research"), in: lab.slug, by: lab.admin)
    #expect(try await lab.share("vics", with: "crew", "read", by: vic)?.holder.name == "Crew")
    #expect(await refusal { try await lab.share("vics", with: "crew", "update", by: vic) } == "role.above_own")
    #expect(await refusal { try await lab.share("others", with: "crew", "read", by: vic) } == "forbidden")
    #expect(await refusal { try await lab.share("vics", with: "crew", "read", by: lab.house.visitor()) } == "session.required")
    let stranger = lab.house.caller(try await lab.house.signUpVerified("Stranger"))
    #expect(await refusal { try await lab.share("vics", with: "crew", "read", by: stranger) } == "missing")
  }

  @Test func `What is merely named is shared where it is named, and when it is registered`() async throws {
    let lab = try await Lab()
    let (_, gus) = try await Self.fill(lab)
    _ = try await lab.plane.projects.create(ResourceDraft(name: "Other"), of: "research", in: lab.slug, by: lab.admin)
    let (here, there) = (try ThingName.Place(type: "project", id: "research/forecast"), try ThingName.Place(type: "project", id: "research/other"))
    try await lab.share("named", in: here, with: "gus", "read", "delete", by: lab.admin)
    #expect(await lab.sees("named", in: here, by: gus) == "allowed: shared by Ada with Gus: delete, read.")
    #expect(await lab.sees("named", in: there, by: gus) == "hidden", "what is called so elsewhere is another thing")
    #expect(await lab.sees("named", by: gus) == "hidden")
    #expect(await lab.sees("others", in: here, by: gus) == "hidden")
    #expect(try await lab.plane.projects.list(in: lab.slug, .first, by: gus).items.map(\.resource.slug.text) == ["forecast"])
    // Attributes that its platform says count as for what isn't shared.
    _ = try await lab.plane.policies.create(
      PolicyDraft(name: "Only compliant", text: "forbid (principal, action == Action::\"read\", resource is Dataset) unless { resource has tags && resource.tags.contains(\"ok\") };"),
      in: lab.slug, by: lab.admin)
    #expect(await lab.sees("named", in: here, by: gus)?.hasPrefix("forbidden") == true)
    #expect(await lab.sees("named", in: here, tags: ["ok"], by: gus)?.hasPrefix("allowed") == true)
    // Registered, it is still shared; and with the object the shares go.
    try await lab.register("dataset", "named", by: lab.admin, attributes: ["tags": ["ok"]])
    #expect(await lab.sees("named", by: gus)?.hasPrefix("allowed") == true)
    #expect(try await lab.plane.sharing.received(in: lab.slug, .first, by: gus).items.first?.object.registered != nil)
    _ = try await lab.plane.objects.delete([.success(ObjectName(type: "dataset", id: "named"))], in: lab.slug, by: lab.admin)
    #expect(await lab.sees("named", in: here, tags: ["ok"], by: gus) == "hidden")
    #expect(try await lab.count("SELECT id FROM object_share") == 0)
    #expect(try await lab.plane.workspaces.list(in: lab.slug, .first, by: gus).total == 0)
    // In the organization itself, and gone with the place.
    try await lab.share("loose", in: nil, with: "gus", "use", by: lab.admin)
    #expect(await lab.sees("loose", "use", by: gus)?.hasPrefix("allowed") == true)
    try await lab.share("named", in: here, with: "gus", "use", by: lab.admin)
    try await lab.plane.projects.delete("forecast", of: "research", in: lab.slug, by: lab.admin)
    #expect(try await lab.count("SELECT id FROM object_share") == 1)
    #expect(try await lab.plane.workspaces.list(in: lab.slug, .first, by: gus).total == 0)
  }

  @Test func `A team's shares are those of who is in it, and somebody's go with them`() async throws {
    let lab = try await Lab()
    let (cleo, gus) = try await Self.fill(lab)
    try await lab.team("Crew")
    try await lab.share("mine", with: "crew", "read", by: cleo)
    #expect(await lab.sees("mine", by: gus) == "hidden")
    try await lab.add("gus", to: "crew")
    #expect(await lab.sees("mine", by: gus) == "allowed: shared by Cleo with Crew: read.")
    #expect(try await lab.plane.sharing.received(in: lab.slug, .first, by: gus).total == 1)
    try await lab.plane.teams.delete("crew", in: lab.slug, by: lab.admin)
    #expect(await lab.sees("mine", by: gus) == "hidden")
    try await lab.share("mine", with: "gus", "read", by: cleo)
    let member = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: "gus"), .first, by: lab.admin).items[0]
    _ = try await lab.plane.members.remove(member.id, in: lab.slug, by: lab.admin)
    #expect(await lab.sees("mine", by: gus) == nil)
    let former = try await lab.plane.members.listFormer(in: lab.slug, .first, by: lab.admin).items[0]
    _ = try await lab.plane.members.reinstate(former.id, in: lab.slug, by: lab.admin)
    #expect(await lab.sees("mine", by: gus) == "hidden", "what was shared with them is gone with them")
    // A service account, too.
    let robot = try await lab.serviceAccount("Robot", as: "guest")
    try await lab.share("mine", with: "robot", "use", by: lab.admin)
    let key = Caller(secret: try await lab.key(of: robot).secret.reveal(), from: .inside)
    #expect(await lab.sees("mine", "use", by: key)?.hasPrefix("allowed") == true)
    try await lab.plane.serviceAccounts.delete("robot", in: lab.slug, by: lab.admin)
    #expect(try await lab.count("SELECT id FROM object_share") == 0)
  }

  @Test func `A platform shares on somebody's behalf, and what it says is theirs`() async throws {
    let lab = try await Lab()
    _ = try await Self.fill(lab)
    let cleo = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: "cleo"), .first, by: lab.admin).items[0]
    let gus = try await lab.plane.members.list(in: lab.slug, MemberFilter(search: "gus"), .first, by: lab.admin).items[0]
    let robot = try await lab.serviceAccount("Platform", as: "guest")
    try await lab.give("platform", "admin", on: .workspace("research"))
    let platform = Caller(secret: try await lab.key(of: robot).secret.reveal(), from: .inside)
    let place = try #require(Self.forecast)
    func share(_ id: String, type: String = "dataset", _ actions: [String], of sharer: String, isOwn: Bool) async throws -> Share? {
      let draft = ShareDraft(
        SharedName(try ObjectName(type: type, id: id), in: place), with: .member(gus.account.description), actions: actions, onBehalfOf: .account(sharer), isSharersOwn: isOwn)
      return try await lab.plane.sharing.set(draft, in: lab.slug, by: platform)
    }
    #expect(await refusal { try await share("theirs", ["read"], of: "cleo", isOwn: false) } == "role.above_own")
    #expect(try await share("theirs", ["read"], of: "cleo", isOwn: true)?.sharer.name.text == "Cleo")
    #expect(await refusal { try await share("theirs", ["read"], of: gus.account.description, isOwn: true) } == "invalid", "they'd share with themselves")
    #expect(await refusal { try await share("theirs", ["read"], of: "nobody", isOwn: true) } == "invalid")
    _ = try await lab.plane.members.suspend(cleo.id, in: lab.slug, by: lab.admin)
    #expect(await refusal { try await share("more", ["read"], of: "cleo", isOwn: true) } == "role.above_own", "who is suspended shares nothing")
    // What is of no use without comes with it.
    #expect(try await share("key", type: "secret", ["read"], of: "ada", isOwn: true)?.sortedActions == [.read, .readSecretValue])
    // What is gone is shared no more, each by itself.
    let names = [("dataset", "theirs"), ("dataset", "never")].map { type, id in Result { () throws(Problem) in SharedName(try ObjectName(type: type, id: id), in: place) } }
    let dropped = try await lab.plane.sharing.drop(names + [.failure(.invalid("id", "x"))], in: lab.slug, by: platform)
    #expect(dropped.map { (try? $0.get()) ?? -1 } == [1, 0, -1])
    let guest = lab.house.caller(try await lab.member("Eve", as: "guest").session)
    #expect(try await lab.plane.sharing.drop(names, in: lab.slug, by: guest).allSatisfy { if case .failure(let problem) = $0 { problem.kind == .missing } else { false } })
    #expect(await refusal { try await lab.plane.sharing.drop(Array(repeating: names[0], count: 1_001), in: lab.slug, by: platform) } == "too_many")
  }

  @Test func `A workspace's server shares what stands on it, and nothing else`() async throws {
    let lab = try await Lab()
    let server = lab.house.caller(try await lab.workspace("Research").secret)
    _ = try await lab.workspace("Elsewhere")
    let project = try await lab.plane.projects.create(ResourceDraft(name: "Forecast"), of: "research", in: lab.slug, by: lab.admin)
    let (here, there) = (try ThingName.Place(type: "project", id: project.id.description), try ThingName.Place(type: "workspace", id: "elsewhere"))
    let cleo = try await lab.member("Cleo", as: "member")
    let gus = try await lab.member("Gus", as: "guest")
    func share(_ id: String, in place: ThingName.Place?, with who: String, by caller: Caller, isOwn: Bool = true) async throws -> Share? {
      let draft = ShareDraft(
        SharedName(try ObjectName(type: "dataset", id: id), in: place), with: .member(who), actions: ["read"],
        onBehalfOf: .account(cleo.member.account.description), isSharersOwn: isOwn)
      return try await lab.plane.sharing.set(asServer: draft, by: caller)
    }
    let id = gus.member.account.description
    #expect(try await share("model", in: here, with: id, by: server)?.sharer.name.text == "Cleo")
    #expect(await lab.sees("model", in: here, by: lab.house.caller(gus.session))?.hasPrefix("allowed") == true)
    #expect(await refusal { try await share("model", in: here, with: id, by: server, isOwn: false) } == "role.above_own", "the user has no right to it")
    #expect(await refusal { try await share("model", in: here, with: "gus", by: server) } == "invalid", "by id alone")
    #expect(await refusal { try await share("model", in: nil, with: id, by: server) } == "missing")
    #expect(await refusal { try await share("model", in: here, with: id, by: lab.admin) } == "credential.invalid")
    try await lab.register("dataset", "loose", in: nil, by: lab.admin)
    #expect(await refusal { try await share("loose", in: here, with: id, by: server) } == "missing", "it stands elsewhere")
    #expect(try await share("other", in: there, with: id, by: server)?.object.place?.slug.text == "research", "a server has one workspace")
    try await lab.plane.sharing.drop(asServer: [SharedName(try ObjectName(type: "dataset", id: "model"), in: here)], by: server)
    #expect(await lab.sees("model", in: here, by: lab.house.caller(gus.session)) == "hidden")
  }

  @Test func `At once a share is there once`() async throws { try await Self.race(Lab()) }

  static func race(_ lab: Lab) async throws {
    let (cleo, _) = try await fill(lab)
    let outcomes = await outcomes(
      (0..<8).map { number in
        { await refusal { try await lab.share("mine", with: "gus", number % 2 == 0 ? "read" : "update", by: cleo) } }
      })
    #expect(outcomes == ["success": 8])
    #expect(try await lab.count("SELECT id FROM object_share") == 1)
  }
}

extension Lab {
  func object(_ id: String, in place: ThingName.Place? = SharingTests.forecast) throws(Problem) -> SharedName {
    SharedName(try ObjectName(type: "dataset", id: id), in: place)
  }

  /// In the project of `SharingTests`.
  func register(_ type: String, _ id: String, in place: ThingName.Place? = SharingTests.forecast, by caller: Caller, isOwn: Bool = false, attributes: JSON = .object([])) async throws {
    let draft = ObjectDraft(try ObjectName(type: type, id: id), in: place, attributes: attributes, isOwn: isOwn)
    if case .refused(let problem) = try await plane.objects.register([.success(draft)], in: slug, by: caller)[0] { throw problem }
  }

  @discardableResult
  func share(_ id: String, in place: ThingName.Place? = SharingTests.forecast, with who: String, _ actions: String..., by caller: Caller) async throws(Problem) -> Share? {
    try await plane.sharing.set(ShareDraft(object(id, in: place), with: .anybody(who), actions: actions), in: slug, by: caller)
  }

  /// How an explanation of one's own access comes out, with its sentence where it is allowed or forbidden; `nil` for who may not ask.
  func sees(_ id: String, _ action: String = "read", in place: ThingName.Place? = nil, tags: [String] = [], by caller: Caller) async -> String? {
    do {
      let attributes = tags.isEmpty ? [] : [AccessValue.Attribute("tags", .set(tags.map { .text($0) }))]
      let question = try AccessQuestion(action: action, resource: ThingName(type: "dataset", id: id, parent: place, attributes: attributes))
      let answer = try await plane.decisions.check(question, explains: true, in: slug, by: caller).answer
      switch answer.outcome {
      case .allowed: return "allowed: \(answer.sentence.dropFirst("Allowed: ".count))"
      case .forbidden: return "forbidden: \(answer.sentence)"
      default: return answer.outcome.rawValue
      }
    } catch {
      return nil
    }
  }
}
