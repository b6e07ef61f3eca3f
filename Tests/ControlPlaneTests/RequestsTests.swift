import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import Testing

@Suite struct RequestsTests {
  private func openLab() async throws -> Lab {
    let lab = try await Lab()
    _ = try await lab.plane.organizations.update("lab", OrganizationUpdate(acceptsRequests: true), seen: nil, by: lab.admin)
    return lab
  }

  @Test func `An organization that takes no requests is as if it weren't there`() async throws {
    let lab = try await Lab()
    let bob = lab.house.caller(try await lab.house.signUpVerified("Bob"))
    let attempt: @Sendable (String) async -> String? = { reference in await refusal { try await lab.plane.requests.ask(reference, message: "", by: bob) } }
    #expect(await attempt("lab") == "missing")
    #expect(await attempt("nothing-here") == "missing")
    #expect(await attempt(String(repeating: "x", count: 1_000_000)) == "missing")
    _ = try await lab.plane.organizations.update("lab", OrganizationUpdate(acceptsRequests: true), seen: nil, by: lab.admin)
    _ = try await lab.plane.organizations.suspend("lab", because: "", by: lab.operator)
    #expect(await attempt("lab") == "missing")
    _ = try await lab.plane.organizations.resume("lab", by: lab.operator)
    #expect(await faultyFields { try await lab.plane.requests.ask("lab", message: String(repeating: "x", count: 1_000_000), by: bob) } == ["message"])
    #expect(await refusal { try await lab.plane.requests.ask("lab", message: "", by: lab.admin) } == "member.exists")
    #expect(await refusal { try await lab.plane.requests.ask("lab", message: "", by: lab.house.visitor()) } == "session.required")
    #expect(await attempt("lab") == nil)
  }

  @Test func `Asking many times at once makes one request, one event and one mail to each admin`() async throws {
    let lab = try await openLab()
    let bob = lab.house.caller(try await lab.house.signUpVerified("Bob"))
    let ids = try await withThrowingTaskGroup(of: ID<JoinRequest>.self) { group in
      for _ in 0..<6 { group.addTask { try await lab.plane.requests.ask("lab", message: "Please", by: bob).id } }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
    #expect(try await lab.house.mails(to: "ada@example.org").count { $0.purpose == .joinRequest } == 1)
    #expect(try await lab.house.actions(in: lab.stream).count { $0 == "request.create" } == 1)
    #expect(try await lab.plane.requests.list(in: "lab", .pending, .first, by: lab.admin).total == 1)
    #expect(try await lab.plane.requests.own(.first, by: bob).items.map(\.request.id) == Array(ids))
    #expect(try await lab.plane.requests.own(.first, by: bob).items.map(\.organization.slug.text) == ["lab"])
    #expect(try await lab.plane.requests.own(.first, by: lab.admin).items.isEmpty)
  }

  @Test func `Where mails go out, asking takes an address that is proven`() async throws {
    struct Deaf: Mailer { func send(_ message: MailMessage) async throws(Problem) {} }
    let lab = try await openLab()
    var world = lab.plane.world
    world.mailer = Deaf()
    let plane = ControlPlane(database: lab.plane.database, world: world, settings: lab.plane.settings)
    let chief = try await lab.house.signUp("The Chief", email: "chief@bigcorp.example")
    let caller = lab.house.caller(chief)
    #expect(await refusal { try await plane.requests.ask("lab", message: "", by: caller) } == "email.unverified")
    #expect(try await plane.requests.list(in: "lab", .pending, .first, by: lab.admin).total == 0)
    _ = try await plane.emails.verify(try #require(await lab.house.token(mailedTo: "chief@bigcorp.example")), by: lab.house.visitor())
    #expect(await refusal { try await plane.requests.ask("lab", message: "", by: caller) } == nil)
  }

  enum Move: CaseIterable { case approve, refuse, withdraw }

  @Test(arguments: Move.allCases)
  func `The first answer counts, the same again changes nothing, another is refused`(first: Move) async throws {
    let lab = try await openLab()
    let bob = lab.house.caller(try await lab.house.signUpVerified("Bob"))
    let id = try await lab.plane.requests.ask("lab", message: "", by: bob).id
    let answer: @Sendable (Move) async -> String? = { move in
      await refusal {
        switch move {
        case .approve: _ = try await lab.plane.requests.approve(id, roles: ["viewer"], in: "lab", by: lab.admin)
        case .refuse: _ = try await lab.plane.requests.refuse(id, in: "lab", by: lab.admin)
        case .withdraw: _ = try await lab.plane.requests.withdraw(id, by: bob)
        }
      }
    }
    #expect(await answer(first) == nil)
    let count = try await lab.house.actions(in: lab.stream).count
    for second in Move.allCases { #expect(await answer(second) == (second == first ? nil : "request.answered")) }
    #expect(try await lab.house.actions(in: lab.stream).count == count)
    #expect(try await lab.roles()["bob"] == (first == .approve ? "viewer" : nil))
    #expect(try await lab.house.mails(to: "bob@example.org").count { $0.purpose == .joinAnswer } == (first == .withdraw ? 0 : 1))
    // After an answer one may ask again, unless one is in.
    let again = await refusal { try await lab.plane.requests.ask("lab", message: "", by: bob) }
    #expect(again == (first == .approve ? "member.exists" : nil))
  }

  @Test func `Nobody approves to a role above their own, or without the right to`() async throws {
    let lab = try await openLab()
    let mia = lab.house.caller(try await lab.member("Mia", as: "manager").session)
    let vic = lab.house.caller(try await lab.member("Vic", as: "viewer").session)
    let bob = lab.house.caller(try await lab.house.signUpVerified("Bob"))
    let id = try await lab.plane.requests.ask("lab", message: "", by: bob).id
    #expect(await refusal { try await lab.plane.requests.approve(id, roles: ["guest"], in: "lab", by: vic) } == "forbidden")
    #expect(await refusal { try await lab.plane.requests.refuse(id, in: "lab", by: vic) } == "forbidden")
    #expect(await refusal { try await lab.plane.requests.approve(id, roles: ["guest"], in: "lab", by: bob) } == "missing")
    #expect(await refusal { try await lab.plane.requests.approve(id, roles: ["member", "admin"], in: "lab", by: mia) } == "role.above_own")
    #expect(await faultyFields { try await lab.plane.requests.approve(id, roles: ["owner"], in: "lab", by: mia) } == ["roles"])
    #expect(await faultyFields { try await lab.plane.requests.approve(id, roles: [], in: "lab", by: mia) } == ["roles"])
    #expect(try await lab.plane.requests.approve(id, roles: ["manager"], in: "lab", by: mia).state == .approved)
    #expect(try await lab.roles()["bob"] == "manager")
  }

  @Test func `Who came in by another way meanwhile keeps the roles they have`() async throws {
    let lab = try await openLab()
    let bob = try await lab.house.signUpVerified("Bob")
    let id = try await lab.plane.requests.ask("lab", message: "", by: lab.house.caller(bob)).id
    _ = try await lab.house.join(lab.organization, as: ["billing"], bob, invitedBy: lab.ada)
    #expect(await refusal { try await lab.plane.requests.approve(id, roles: ["viewer"], in: "lab", by: lab.admin) } == nil)
    #expect(try await lab.roles() == ["ada": "admin", "bob": "billing"])
    #expect(try await lab.plane.organizations.find("lab", by: lab.admin).memberCount == 2)
  }

  @Test func `A request is found in its own organization, and withdrawn by its own person, alone`() async throws {
    let lab = try await openLab()
    let bob = lab.house.caller(try await lab.house.signUpVerified("Bob"))
    let eve = try await lab.house.signUpVerified("Eve")
    _ = try await lab.house.found("Other", by: eve)
    let id = try await lab.plane.requests.ask("lab", message: "", by: bob).id
    for reference in ["other", "lab"] {
      #expect(await refusal { try await lab.plane.requests.approve(id, roles: ["member"], in: reference, by: lab.house.caller(eve)) } == "missing")
      #expect(await refusal { try await lab.plane.requests.refuse(id, in: reference, by: lab.house.caller(eve)) } == "missing")
    }
    #expect(await refusal { try await lab.plane.requests.withdraw(id, by: lab.house.caller(eve)) } == "missing")
    #expect(await refusal { try await lab.plane.requests.withdraw(id, by: lab.admin) } == "missing")
    #expect(try await lab.plane.requests.own(.first, by: lab.house.caller(eve)).total == 0)
    #expect(try await lab.plane.requests.list(in: "lab", .pending, .first, by: lab.admin).total == 1)
  }

  @Test func `Own requests stay while their organization is deleted, and end with it`() async throws {
    let lab = try await openLab()
    let bob = lab.house.caller(try await lab.house.signUpVerified("Bob"))
    let id = try await lab.plane.requests.ask("lab", message: "", by: bob).id
    _ = try await lab.plane.organizations.delete("lab", confirm: "lab", by: lab.admin)
    let sent = try await lab.plane.requests.own(.first, by: bob).items
    #expect(sent.map(\.organization.state.kind) == [.deleted])
    #expect(try await lab.plane.requests.withdraw(id, by: bob).state == .withdrawn)
    lab.house.pass(.days(31))
    try await PurgeOrganizations(lab.plane).run()
    #expect(try await lab.plane.read(as: .system("test")) { work in try work.tx.count("SELECT count(*) AS n FROM join_request") } == 0)
  }
}
