import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import Testing

@Suite struct DeviceLoginsTests {
  private static func word(_ outcome: DeviceLoginOutcome) -> String {
    switch outcome {
    case .waiting: "waiting"
    case .hasty: "hasty"
    case .refused: "refused"
    case .gone: "gone"
    case .granted: "granted"
    }
  }

  @Test func `A device asks until somebody has answered, and gets one session, once`() async throws { try await Self.grant(Lab()) }

  static func grant(_ lab: Lab) async throws {
    let (house, logins) = (lab.house, lab.plane.deviceLogins)
    let workspace = try await lab.workspace("Research").workspace
    let new = try await logins.begin(client: "ZenML", by: house.visitor())
    let secret = new.secret.reveal()
    func ask() async throws -> String { Self.word(try await logins.collect(secret, by: house.visitor())) }
    #expect(try await ask() == "waiting")
    #expect(try await ask() == "hasty", "sooner than every five seconds")
    house.pass(.seconds(5))
    #expect(try await ask() == "waiting")
    // The code is read however it is typed.
    for typed in [new.login.code.description, new.login.code.description.lowercased(), new.login.code.description.replacing("-", with: " ")] {
      #expect(try await logins.find(typed, by: lab.admin).client == "ZenML")
    }
    let answered = try await logins.approve(new.login.code.description, workspace: "research", by: lab.admin)
    guard case .approved(let approval) = answered.state else { return #expect(Bool(false)) }
    #expect(approval.workspace == workspace.id)
    #expect(await refusal { try await logins.approve(new.login.code.description, by: lab.admin) } == "missing", "it is answered once")
    guard case .granted(let session, let place) = try await logins.collect(secret, by: house.visitor()) else { return #expect(Bool(false)) }
    #expect(place == workspace.id && session.account.id == lab.ada.account.id)
    #expect(try await ask() == "gone", "it is fetched once")
    #expect(await refusal { try await lab.plane.accounts.read(by: house.caller(session)) } == nil)
    house.pass(.hours(24) - .milliseconds(1))
    #expect(await refusal { try await lab.plane.accounts.read(by: house.caller(session)) } == nil)
    house.pass(.milliseconds(1))
    #expect(await refusal { try await lab.plane.accounts.read(by: house.caller(session)) } == "credential.invalid")
    #expect(try await house.actions(in: .account(lab.ada.account.id)).suffix(2) == ["device-login.approve", "session.create"])
  }

  @Test func `A trusted device stays for a month, and ends like any session`() async throws {
    let lab = try await Lab()
    let logins = lab.plane.deviceLogins
    let new = try await logins.begin(client: "ZenML", by: lab.house.visitor())
    _ = try await logins.approve(new.login.code.description, isTrusted: true, by: lab.admin)
    guard case .granted(let session, _) = try await logins.collect(new.secret.reveal(), by: lab.house.visitor()) else { return #expect(Bool(false)) }
    #expect(session.session.expiresAt - lab.now == .days(30))
    try await lab.plane.sessions.revoke(session.session.id, by: lab.admin)
    #expect(await refusal { try await lab.plane.accounts.read(by: lab.house.caller(session)) } == "credential.invalid")
  }

  @Test func `Nobody is let in who was refused, whose time is over, or for whom nobody at a session answers`() async throws {
    let lab = try await Lab()
    let (house, logins) = (lab.house, lab.plane.deviceLogins)
    let refused = try await logins.begin(client: "ZenML", by: house.visitor())
    try await logins.refuse(refused.login.code.description, by: lab.admin)
    #expect(Self.word(try await logins.collect(refused.secret.reveal(), by: house.visitor())) == "refused")
    #expect(Self.word(try await logins.collect(refused.secret.reveal(), by: house.visitor())) == "gone")
    let late = try await logins.begin(client: "ZenML", by: house.visitor())
    house.pass(.minutes(10))
    #expect(await refusal { try await logins.approve(late.login.code.description, by: lab.admin) } == "missing")
    #expect(Self.word(try await logins.collect(late.secret.reveal(), by: house.visitor())) == "gone")
    let new = try await logins.begin(client: "ZenML", by: house.visitor())
    let code = new.login.code.description
    let token = try await lab.plane.tokens.create(try AccessTokenDraft(name: "x", scopes: ["account", "organization:admin"]), by: lab.admin)
    let robot = try await lab.robot("Robot", as: "admin").caller
    for (caller, expected) in [(house.visitor(), "session.required"), (house.caller(token.secret), "session.none"), (robot, "forbidden")] {
      #expect(await refusal { try await logins.approve(code, by: caller) } == expected)
      #expect(await refusal { try await logins.refuse(code, by: caller) } == expected)
      #expect(await refusal { try await logins.find(code, by: caller) } == expected)
    }
    _ = try await lab.workspace("Research")
    let bob = try await lab.member("Bob", as: "member").session
    #expect(await refusal { try await logins.approve(code, workspace: "research", by: house.caller(bob)) } == "missing", "a workspace that one doesn't see")
    _ = try await logins.approve(code, by: house.caller(bob))
    _ = try await lab.plane.accounts.deactivate(bob.account.id, by: lab.operator)
    #expect(Self.word(try await logins.collect(new.secret.reveal(), by: house.visitor())) == "refused")
    for secret in ["", "x", new.secret.reveal() + "x", lab.ada.secret.reveal()] { #expect(Self.word(try await logins.collect(secret, by: house.visitor())) == "gone") }
    house.pass(.minutes(11))
    try await PurgeSecrets(lab.plane).run()
    #expect(try await lab.count("SELECT digest FROM device_login") == 0)
  }

  @Test func `Codes spell nothing, are hardly ever alike, and who guesses is slowed down`() async throws {
    let lab = try await Lab()
    let logins = lab.plane.deviceLogins
    var codes: Set<String> = []
    for _ in 0..<50 { codes.insert(try await logins.begin(client: "", by: lab.house.visitor()).login.code.description) }
    #expect(codes.count == 50)
    #expect(codes.allSatisfy { $0.wholeMatch(of: /[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}/) != nil })
    for wrong in ["", "BCDF", "AEIO-UAEI", "BCDF-GHJKL", "12345678"] { #expect(UserCode(wrong) == nil) }
    var answers: [String?] = []
    for _ in 0..<12 { answers.append(await refusal { try await logins.find("BBBB-BBBB", by: lab.admin) }) }
    #expect(answers.first == "missing" && answers.last == "throttled", "\(answers)")
  }
}
