import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Testing

@Suite struct TokensTests {
  @Test func `A token does what its scopes say, and never more than its account may`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let lab = try await house.found("Lab", by: ada)
    let update = OrganizationUpdate(description: "New")
    // Scopes, then: reads the organization, changes it, reads the account.
    let table: [([String], String?, String?, String?)] = [
      (["organization:read"], nil, "token.scope", "token.scope"),
      (["organization:write"], nil, nil, "token.scope"),
      (["organization:admin"], nil, nil, "token.scope"),
      (["account"], "token.scope", "token.scope", nil),
      (["account", "organization:read"], nil, "token.scope", nil),
    ]
    for (scopes, reading, changing, personal) in table {
      let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: scopes), by: house.caller(ada))
      let caller = house.caller(token.secret)
      #expect(await refusal { try await house.plane.organizations.find(lab.slug.text, by: caller) } == reading, "\(scopes)")
      #expect(await refusal { try await house.plane.organizations.update(lab.slug.text, update, seen: nil, by: caller) } == changing, "\(scopes)")
      #expect(await refusal { try await house.plane.accounts.read(by: caller) } == personal, "\(scopes)")
    }
  }

  @Test func `A token bound to an organization is worth nothing elsewhere, and ends with the membership`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let grace = try await house.signUpVerified("Grace")
    let lab = try await house.found("Lab", by: ada)
    let other = try await house.found("Other", by: grace)
    let member = try await house.join(lab, as: ["viewer"], grace, invitedBy: ada)
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["organization:admin"], organization: "LAB"), by: house.caller(grace))
    #expect(token.token.organization == lab.id)
    let caller = house.caller(token.secret)
    #expect(await refusal { try await house.plane.organizations.find(lab.slug.text, by: caller) } == nil)
    #expect(await refusal { try await house.plane.organizations.find(other.slug.text, by: caller) } == "missing")
    try await house.plane.members.remove(member.id, in: lab.slug.text, by: house.caller(ada))
    #expect(await refusal { try await house.plane.organizations.find(lab.slug.text, by: caller) } == "credential.invalid")
  }

  @Test func `A bound token is no operator's`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    _ = try await house.found("Lab", by: ada)
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["organization:admin"], organization: "lab"), by: house.caller(ada))
    #expect(await refusal { try await house.plane.accounts.list(AccountFilter(), .first, by: house.caller(token.secret)) } == "forbidden")
    let free = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["organization:admin"]), by: house.caller(ada))
    #expect(await refusal { try await house.plane.accounts.list(AccountFilter(), .first, by: house.caller(free.secret)) } == nil)
  }

  @Test func `Only active members bind a token to an organization`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let grace = try await house.signUpVerified("Grace")
    let lab = try await house.found("Lab", by: ada)
    let draft = try AccessTokenDraft(name: "CI", scopes: ["organization:read"], organization: "lab")
    #expect(await faultyFields { try await house.plane.tokens.create(draft, by: house.caller(grace)) } == ["organization"])
    let member = try await house.join(lab, as: ["viewer"], grace, invitedBy: ada)
    #expect(await refusal { try await house.plane.tokens.create(draft, by: house.caller(grace)) } == nil)
    _ = try await house.plane.members.suspend(member.id, in: "lab", by: house.caller(ada))
    #expect(await faultyFields { try await house.plane.tokens.create(draft, by: house.caller(grace)) } == ["organization"])
    for reference in ["nowhere", "../lab", String(repeating: "x", count: 1_000_000), house.plane.world.moment().newID(Organization.self).description] {
      let draft = try AccessTokenDraft(name: "CI", scopes: ["organization:read"], organization: reference)
      #expect(await faultyFields { try await house.plane.tokens.create(draft, by: house.caller(ada)) } == ["organization"])
    }
  }

  @Test(arguments: [
    ("", ["account"], nil, nil, ["name"]),
    ("CI", [], nil, nil, ["scopes"]),
    ("CI", ["everything"], nil, nil, ["scopes"]),
    ("CI", ["account"], "lab", nil, ["scopes"]),
    ("CI", ["account"], nil, -1, ["expires_in_days"]),
    ("CI", ["account"], nil, 367, ["expires_in_days"]),
    ("CI", ["account"], nil, Int.max, ["expires_in_days"]),
    ("CI\n", ["account"], nil, 1, []),
    ("\u{7}CI", [String(repeating: "x", count: 1_000_000)], "", 400, ["name", "scopes", "expires_in_days"]),
  ] as [(String, [String], String?, Int?, [String])])
  func `All that is wrong with a new token is told at once`(name: String, scopes: [String], organization: String?, days: Int?, fields: [String]) async {
    #expect(await faultyFields { try AccessTokenDraft(name: name, scopes: scopes, organization: organization, days: days) } == fields)
  }

  @Test func `A token ends with its term: 90 days unless chosen, never only where operators allow it`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    for (days, term) in [(nil, 90), (1, 1), (366, 366)] as [(Int?, Int)] {
      let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["account"], days: days), by: house.caller(ada))
      #expect(token.token.expiresAt == house.now + .days(term))
    }
    let endless = try AccessTokenDraft(name: "CI", scopes: ["account"], days: 0)
    #expect(await faultyFields { try await house.plane.tokens.create(endless, by: house.caller(ada)) } == ["expires_in_days"])
    _ = try await house.plane.installation.update(InstallationUpdate(allowsEndlessTokens: true), by: house.caller(ada))
    let eternal = try await house.plane.tokens.create(endless, by: house.caller(ada))
    let short = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["account"], days: 1), by: house.caller(ada))
    house.pass(.days(1) - .milliseconds(1))
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(short.secret)) } == nil)
    house.pass(.milliseconds(1))
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(short.secret)) } == "credential.invalid")
    house.pass(.days(4000))
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(eternal.secret)) } == nil)
  }

  @Test func `A token makes no token that may do more, or lasts longer, than itself`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let maker = try await house.plane.tokens.create(try AccessTokenDraft(name: "maker", scopes: ["account", "organization:write"], days: 30), by: house.caller(ada))
    let caller = house.caller(maker.secret)
    for (scopes, days, expected) in [
      (["account"], nil, nil), (["organization:read"], 30, nil), (["organization:write", "account"], 1, nil), (["organization:admin"], 1, "token.beyond_own"),
      (["account"], 31, "token.beyond_own"),
    ] as [([String], Int?, String?)] {
      #expect(await refusal { try await house.plane.tokens.create(try AccessTokenDraft(name: "made", scopes: scopes, days: days), by: caller) } == expected)
    }
    let usual = try await house.plane.tokens.create(try AccessTokenDraft(name: "made", scopes: ["account"]), by: caller)
    #expect(usual.token.expiresAt == maker.token.expiresAt)
    let blind = try await house.plane.tokens.create(try AccessTokenDraft(name: "blind", scopes: ["organization:admin"]), by: house.caller(ada))
    #expect(await refusal { try await house.plane.tokens.create(try AccessTokenDraft(name: "made", scopes: ["organization:read"]), by: house.caller(blind.secret)) } == "token.scope")
  }

  @Test func `Tokens are listed without their secrets, and revoked by their owner alone`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let eve = try await house.signUp("Eve")
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["account", "organization:read"]), by: house.caller(ada))
    let caller = house.caller(token.secret)
    house.pass(.minutes(2))
    await house.plane.sessions.touch(by: caller)
    let listed = try await house.plane.tokens.list(.first, by: house.caller(ada))
    #expect(listed.total == 1 && listed.items[0].usedAt == house.now && listed.items[0].scopes == [.account, .read])
    #expect(listed.items[0].hint.hasPrefix("gld_pat_…") && !token.secret.reveal().hasSuffix(listed.items[0].hint.suffix(4)))
    let wire = try WireCoding.encode(Wire.Token(listed.items[0]))
    #expect(!String(decoding: wire, as: UTF8.self).contains(token.secret.reveal().dropFirst(8)))
    #expect(try await house.plane.tokens.list(.first, by: house.caller(eve)).items.isEmpty)
    #expect(await refusal { try await house.plane.tokens.revoke(token.token.id, by: house.caller(eve)) } == "missing")
    try await house.plane.tokens.revoke(token.token.id, by: house.caller(ada))
    #expect(await refusal { try await house.plane.tokens.revoke(token.token.id, by: house.caller(ada)) } == "missing")
    #expect(await refusal { try await house.plane.accounts.read(by: caller) } == "credential.invalid")
    #expect(try await house.plane.tokens.list(.first, by: house.caller(ada)).total == 0)
    #expect(try await house.actions(in: .account(ada.account.id)) == ["account.create", "token.create", "token.revoke"])
  }

  @Test func `Whoever holds a leaked secret may kill it, and learns nothing`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["account"]), by: house.caller(ada))
    for _ in 0..<2 { #expect(await refusal { try await house.plane.tokens.revoke(secret: token.secret.reveal(), by: house.visitor()) } == nil) }
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(token.secret)) } == "credential.invalid")
    let unknown = Token.mint(.personalAccess, house.plane.world.moment()).secret.reveal()
    #expect(await refusal { try await house.plane.tokens.revoke(secret: unknown, by: house.visitor()) } == nil)
    for rubbish in ["", "gld_pat_x", String(token.secret.reveal().dropLast()), String(repeating: "g", count: 1_000_000)] {
      #expect(await faultyFields { try await house.plane.tokens.revoke(secret: rubbish, by: house.visitor()) } == ["token"])
    }
    #expect(try await house.actions(in: .account(ada.account.id)) == ["account.create", "token.create", "token.revoke"])
    try await house.plane.tokens.revoke(secret: ada.secret.reveal(), by: house.visitor())
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(ada)) } == "credential.invalid")
  }

  @Test func `An account has at most two hundred tokens, and pages through them`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    for number in 0..<200 { _ = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI \(number)", scopes: ["account"]), by: house.caller(ada)) }
    #expect(await refusal { try await house.plane.tokens.create(try AccessTokenDraft(name: "one more", scopes: ["account"]), by: house.caller(ada)) } == "token.too_many")
    var seen: Set<ID<AccessToken>> = []
    var cursor: Cursor?
    repeat {
      let page = try await house.plane.tokens.list(try PageRequest(limit: 70, cursor: cursor), by: house.caller(ada))
      #expect(page.total == 200)
      seen.formUnion(page.items.map(\.id))
      cursor = page.next
    } while cursor != nil
    #expect(seen.count == 200)
    let foreign = Cursor(list: "sessions", keys: ["x"])
    #expect(await faultyFields { try await house.plane.tokens.list(try PageRequest(limit: 70, cursor: foreign), by: house.caller(ada)) } == ["cursor"])
  }

  @Test func `The scopes of the wire are those of the rules`() {
    #expect(Wire.TokenScope.allCases.map(\.rawValue) == TokenScope.allCases.map(\.rawValue))
  }

  @Test(arguments: TokenScope.allCases, TokenScope.allCases)
  func `A scope covers another exactly if it allows whatever the other allows`(one: TokenScope, other: TokenScope) {
    func allowed(_ scope: TokenScope) -> Set<Permission> {
      let facts = AccountFacts(id: "a", isActive: true, isSuperUser: false, authenticatedAt: nil, token: TokenFacts(scopes: [scope], organization: nil))
      let organization = OrganizationFacts(id: "o", state: .active, membership: MembershipFacts(roles: RoleSet(.admin), isSuspended: false, expires: nil))
      return Engine(at: Timestamp(milliseconds: 0)).permissions(of: .account(facts), in: organization)
    }
    // Two of them allow nothing by themselves.
    let isCovered = other == .account || other == .irreversible ? one == other : allowed(other).isSubset(of: allowed(one))
    #expect(one.covers(other) == isCovered)
  }
}
