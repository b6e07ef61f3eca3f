import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import Testing

@Suite struct DerivedTokensTests {
  @Test func `A derived token opens what its source opens, for an hour`() async throws {
    let lab = try await Lab()
    let house = lab.house
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["organization:read"]), by: lab.admin)
    let robot = try await lab.robot("Robot", as: "viewer").caller
    let update = OrganizationUpdate(description: "New")
    // Reads the organization, changes it, reads the account.
    for (source, reading, changing, personal) in [
      (lab.admin, nil, nil, nil), (house.caller(token.secret), nil, "token.scope", "token.scope"), (robot, nil, "forbidden", "forbidden"),
    ] as [(Caller, String?, String?, String?)] {
      let derived = try await house.plane.derivedTokens.create(by: source)
      #expect(derived.secret.reveal().hasPrefix("gld_drv_") && derived.term == .hours(1))
      let caller = house.caller(derived.secret)
      func outcomes() async -> [String?] {
        [
          await refusal { try await house.plane.organizations.find(lab.slug, by: caller) },
          await refusal { try await house.plane.organizations.update(lab.slug, update, seen: nil, by: caller) },
          await refusal { try await house.plane.accounts.read(by: caller) },
        ]
      }
      #expect(await outcomes() == [reading, changing, personal])
      house.pass(.hours(1) - .milliseconds(1))
      #expect(await outcomes() == [reading, changing, personal])
      house.pass(.milliseconds(1))
      #expect(await outcomes() == ["credential.invalid", "credential.invalid", "credential.invalid"])
    }
    #expect(await refusal { try await house.plane.derivedTokens.create(by: house.visitor()) } == "session.required")
    #expect(await refusal { try await house.plane.derivedTokens.create(by: house.caller(SecretText("gld_pat_x"))) } == "credential.invalid")
  }

  @Test func `Whatever ends a credential ends what was derived from it`() async throws {
    let lab = try await Lab()
    let (house, plane) = (lab.house, lab.plane)
    let bob = try await lab.member("Bob", as: "member").session
    let token = try await plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["organization:read"]), by: house.caller(bob))
    let second = try await plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["organization:read"]), by: house.caller(bob))
    let account = try await lab.serviceAccount("Robot", as: "viewer")
    let (key, other) = (try await lab.key(of: account), try await lab.key(of: account))
    let endings: [(String, Caller, @Sendable () async throws -> Void)] = [
      ("a token is revoked", house.caller(token.secret), { try await plane.tokens.revoke(token.token.id, by: house.caller(bob)) }),
      ("a key is revoked", house.caller(key.secret), { try await plane.serviceAccounts.revokeKey(key.key.id, of: "robot", in: lab.slug, by: lab.admin) }),
      ("a service account is disabled", house.caller(other.secret), { _ = try await plane.serviceAccounts.disable("robot", in: lab.slug, by: lab.admin) }),
      ("an account is deactivated", house.caller(second.secret), { _ = try await plane.accounts.deactivate(bob.account.id, by: lab.operator) }),
      ("a session ends", lab.admin, { try await plane.sessions.end(by: lab.admin) }),
    ]
    for (what, source, end) in endings {
      let derived = house.caller(try await plane.derivedTokens.create(by: source).secret)
      #expect(await refusal { try await plane.organizations.find(lab.slug, by: derived) } == nil, "\(what)")
      try await end()
      let after = await refusal { try await plane.organizations.find(lab.slug, by: derived) }
      #expect(after == "credential.invalid" || after == "session.required", "\(what): \(after ?? "it goes on")")
    }
  }

  @Test func `What is derived from a derived token ends with it, and by its value it ends at once`() async throws {
    let house = try await House()
    let ada = house.caller(try await house.signUp("Ada"))
    let first = try await house.plane.derivedTokens.create(by: ada)
    house.pass(.minutes(50))
    let second = try await house.plane.derivedTokens.create(by: house.caller(first.secret))
    #expect(second.term == .minutes(10))
    let third = try await house.plane.derivedTokens.create(by: ada)
    try await house.plane.tokens.revoke(secret: third.secret.reveal(), by: house.visitor())
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(third.secret)) } == "credential.invalid")
    #expect(await refusal { try await house.plane.accounts.read(by: ada) } == nil, "its source goes on")
    house.pass(.minutes(10))
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(second.secret)) } == "credential.invalid")
    try await PurgeSecrets(house.plane).run()
    let left = try await house.plane.read(as: .system("test")) { work in try work.tx.rows("SELECT digest FROM derived_token").count }
    #expect(left == 0)
  }

  @Test func `One for a workspace is good for signing in there, and for nothing else`() async throws {
    let lab = try await Lab()
    let here = try await lab.workspace("Research").workspace.id.description
    let elsewhere = try await lab.workspace("Production").workspace.id.description
    let (bob, servers) = (try await lab.member("Bob", as: "member").session, lab.plane.workspaceServers)
    #expect(await refusal { try await lab.plane.derivedTokens.create(for: here, by: lab.house.caller(bob)) } == "missing", "who has no access gets none")
    try await lab.give("bob", "viewer", on: .workspace("research"))
    let derived = lab.house.caller(try await lab.plane.derivedTokens.create(for: "research", by: lab.house.caller(bob)).secret)
    #expect(try await servers.admit(to: here, by: derived).handle == "bob")
    #expect(await refusal { try await servers.admit(to: elsewhere, by: derived) } == "credential.invalid")
    #expect(await refusal { try await lab.plane.organizations.find(lab.slug, by: derived) } == "credential.invalid")
    #expect(await refusal { try await lab.plane.derivedTokens.create(by: derived) } == "credential.invalid")
  }
}

/// How somebody looks at the tokens of an hour that programs got for them.
@Suite struct SeenDerivedTokensTests {
  @Test func `Everybody sees their own, with what each was made with, and ends them without ending that`() async throws {
    let lab = try await Lab()
    let plane = lab.plane
    let new = try await lab.workspace("Research")
    let secret = try await plane.tokens.create(AccessTokenDraft(name: "CI", scopes: ["organization:write", "account"]), by: lab.admin).secret
    let token = lab.house.caller(secret)
    let whole = lab.house.caller(try await plane.derivedTokens.create(by: token).secret)
    lab.house.pass(.minutes(1))
    _ = try await plane.derivedTokens.create(for: new.workspace.id.description, by: lab.admin)
    let seen = try await plane.derivedTokens.list(by: lab.admin)
    #expect(seen.count == 2 && seen[0].workspace?.name == "Research" && seen[1].workspace == nil && seen[1].name == "CI")
    if case .session = seen[0].source {} else { Issue.record("\(seen[0])") }
    // Nobody sees another's, and who is signed out sees none.
    let bob = try await lab.member("Bob", as: "member").session
    #expect(try await plane.derivedTokens.list(by: lab.house.caller(bob)).isEmpty)
    try await plane.derivedTokens.endAll(by: lab.house.caller(bob))
    #expect(try await plane.derivedTokens.list(by: lab.admin).count == 2)
    #expect(await refusal { try await plane.derivedTokens.list(by: lab.house.visitor()) } == "session.required")
    #expect(await refusal { try await plane.derivedTokens.endAll(by: lab.house.visitor()) } == "session.required")
    try await plane.derivedTokens.endAll(by: lab.admin)
    #expect(try await plane.derivedTokens.list(by: lab.admin).isEmpty)
    #expect(await refusal { try await plane.organizations.find(lab.slug, by: whole) } == "credential.invalid")
    _ = try await plane.organizations.find(lab.slug, by: token)
    let events = try await plane.events.listOwn(EventFilter(), .first, by: lab.admin).items.map(\.action)
    #expect(events.count { $0 == "derived-token.end" } == 1)
    // What ended by itself isn't shown.
    _ = try await plane.derivedTokens.create(by: token)
    lab.house.pass(.hours(2))
    #expect(try await plane.derivedTokens.list(by: token).isEmpty)
  }
}
