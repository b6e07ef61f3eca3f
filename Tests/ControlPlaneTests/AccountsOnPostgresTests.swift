import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Storage
import TestSupport
import Testing

/// What differs from SQLite is how transactions that run at once get into each other's way.
@Suite(.enabled(if: PostgresServer.programs != nil, "PostgreSQL isn't installed"), .timeLimit(.minutes(5))) struct AccountsOnPostgresTests {
  @Test func `Of sign-ups at once with one address or one handle, one succeeds`() async throws {
    let house = try await House.onPostgres()
    let outcomes = await withTaskGroup(of: String?.self) { group in
      for number in 0..<6 {
        group.addTask { await refusal { try await house.signUp("Racer", email: "racer@example.org", handle: "racer\(number)") } }
        group.addTask { await refusal { try await house.signUp("Runner", email: "runner\(number)@example.org", handle: "runner") } }
      }
      return await group.reduce(into: [String: Int]()) { $0[$1 ?? "success", default: 0] += 1 }
    }
    #expect(outcomes == ["success": 2, "email.taken": 5, "name.taken": 5])
    let operators = try await house.plane.read(as: .system("test")) { work in try work.tx.count("SELECT count(*) AS n FROM account WHERE super_user = 1") }
    #expect(operators == 1)
  }

  @Test func `Many guesses at once gain nothing`() async throws {
    let house = try await House.onPostgres()
    _ = try await house.signUp("Ada", handle: "ada")
    let outcomes = await withTaskGroup(of: String.self) { group in
      for number in 0..<24 {
        group.addTask { await refusal { try await house.plane.sessions.create(login: "ada", password: "wrong \(number)", by: house.visitor()) } ?? "success" }
      }
      return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    }
    #expect(outcomes["session.wrong_credentials"] == 5)
    #expect(Set(outcomes.keys).isSubset(of: ["session.wrong_credentials", "throttled", "storage.serialization"]))
  }

  @Test func `An account lives and ends as it does on SQLite`() async throws {
    let house = try await House.onPostgres()
    let ada = try await house.signUpVerified("Ada")
    let grace = try await house.signUpVerified("Grace")
    let lab = try await house.found("Lab", by: ada)
    _ = try await house.join(lab, as: ["viewer"], grace, invitedBy: ada)
    _ = try await house.plane.accounts.update(AccountUpdate(name: "Grace H.", handle: "Grace-H"), seen: nil, by: house.caller(grace))
    #expect(try await house.plane.accounts.list(AccountFilter(search: "GRACE", state: .active), .first, by: house.caller(ada)).total == 1)
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["organization:read"], organization: "lab"), by: house.caller(grace))
    house.pass(.minutes(2))
    await house.plane.sessions.touch(by: house.caller(token.secret))
    await house.plane.sessions.touch(by: house.caller(grace))
    #expect(try await house.plane.tokens.list(.first, by: house.caller(grace)).items.map(\.usedAt) == [house.now])
    let extra = try await house.plane.emails.add("grace@work.example", by: house.caller(grace))
    _ = try await house.plane.emails.verify(try #require(await house.token(mailedTo: "grace@work.example")), by: house.visitor())
    _ = try await house.plane.emails.makePrimary(extra.id, by: house.caller(grace))
    try await house.plane.passwords.requestReset(of: "grace@work.example", by: house.visitor())
    let next = "seven green boats at noon"
    try await house.plane.passwords.reset(try #require(await house.token(mailedTo: "grace@work.example", .passwordReset)), to: next, by: house.visitor())
    let session = try await house.plane.sessions.create(login: "grace-h", password: next, by: house.visitor())
    #expect(try await house.plane.sessions.list(.first, by: house.caller(session)).page.total == 1)
    try await house.plane.sessions.revokeOthers(by: house.caller(session))
    _ = try await house.plane.sessions.confirm(password: next, by: house.caller(session))
    try await house.plane.accounts.delete(by: house.caller(session))
    #expect(try await house.plane.accounts.find(grace.account.id, by: house.caller(ada)).state == .deleted)
    _ = try await house.plane.installation.update(InstallationUpdate(signUp: .closed), by: house.caller(ada))
    _ = try await house.plane.installation.update(InstallationUpdate(signUp: .invitees), by: house.caller(ada))
    #expect(try await house.plane.installation.read(by: house.visitor()).signUp == .invitees)
    house.pass(.days(40))
    try await PurgeSecrets(house.plane).run()
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(ada)) } == "credential.invalid")
  }
}
