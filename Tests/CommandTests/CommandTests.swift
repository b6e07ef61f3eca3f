import ArgumentParser
import Client
import Contract
import Foundation
import Kernel
import Testing

@testable import Commands

@Suite("Commands")
struct CommandTests {
  private let members = Wire.List(items: [Wire.Member.named("ada", name: "Ada Lovelace", roles: [.admin, .billing]), .named("bo", name: "Bo\tDiddley")], nextCursor: nil, total: 2)

  // MARK: Forms of output

  @Test func aScreenGetsATable() async throws {
    let stage = try Stage(screenWidth: 100) { _ in .json(members) }
    #expect(await stage.run("member", "list", "--no-color") == .success)
    #expect(stage.output.contains("HANDLE  NAME          E-MAIL           ROLES"))
    #expect(stage.output.contains("ada     Ada Lovelace  ada@example.org  admin, billing  active  3 days ago"))
  }

  @Test func aPipeGetsTabs() async throws {
    let stage = try Stage { _ in .json(members) }
    #expect(await stage.run("member", "list") == .success)
    let first = try #require(stage.output.split(separator: "\n").first)
    #expect(first.split(separator: "\t", omittingEmptySubsequences: false).prefix(6) == ["ada", "Ada Lovelace", "ada@example.org", "admin,billing", "active", "2026-11-18T09:00:00.000Z"])
    #expect(stage.output.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false).count } == [8, 8])
    #expect(stage.errors.isEmpty)
  }

  @Test func aProgramGetsJSON() async throws {
    let stage = try Stage { _ in .json(members) }
    #expect(await stage.run("member", "list", "--json", "handle,roles") == .success)
    #expect(try JSON(Array(stage.output.utf8)) == [["handle": "ada", "roles": ["admin", "billing"]], ["handle": "bo", "roles": ["member"]]])
  }

  @Test func quietGivesNamesAlone() async throws {
    let stage = try Stage(screenWidth: 80) { _ in .json(members) }
    #expect(await stage.run("member", "list", "-q") == .success)
    #expect(stage.output == "ada\nbo\n")
    #expect(stage.errors.isEmpty)
  }

  @Test func aRoleSaysWhatItAllows() async throws {
    let manager = Wire.RoleDescription(
      name: .manager, summary: "Promotes up to manager.", permissions: ["member.list", "team.read"], members: 3, own: true, grantable: true)
    let guest = Wire.RoleDescription(
      name: .guest, summary: "Only what is granted.", permissions: ["organization.read"], members: nil, own: false, grantable: false)
    let stage = try Stage { _ in .json(Wire.RoleDescriptions(roles: [manager, guest])) }
    #expect(await stage.run("role") == .success)
    #expect(stage.output == "manager\t3\tyours,yours to give\tPromotes up to manager.\nguest\t\t\tOnly what is granted.\n")
    let shown = try Stage { _ in .json(Wire.RoleDescriptions(roles: [manager, guest])) }
    #expect(await shown.run("role", "show", "guest") == .success)
    #expect(shown.output.contains("organization.read") && !shown.output.contains("member.list"))
    #expect(await shown.run("role", "show", "admin") == .missing)
    #expect(await shown.run("role", "show", "emperor") == .missing)
  }

  @Test func anEmptyListSaysWhatToDo() async throws {
    let stage = try Stage(screenWidth: 80) { _ in .json(Wire.List<Wire.Invitation>(items: [], nextCursor: nil, total: 0)) }
    #expect(await stage.run("invitation", "list") == .success)
    #expect(stage.output.isEmpty)
    #expect(stage.errors.contains("guildhall invitation send"))
  }

  @Test func anEmptyListIsAnEmptyArray() async throws {
    let stage = try Stage { _ in .json(Wire.List<Wire.Invitation>(items: [], nextCursor: nil, total: 0)) }
    await stage.run("invitation", "list", "--json")
    #expect(stage.output == "[]\n")
  }

  @Test func limitAsksForNoMoreThanIsShown() async throws {
    let stage = try Stage(screenWidth: 80) { _ in .json(Wire.List(items: [Wire.Member.named("ada")], nextCursor: "c", total: 900)) }
    await stage.run("member", "list", "--limit", "1", "--no-color")
    #expect(stage.recorded.requests.count == 1)
    #expect(stage.recorded.requests[0].address.hasSuffix("?limit=1"))
    #expect(stage.errors == "1 of 900 members. --all shows all of them.\n")
  }

  @Test func aTotalThatWasCountedOnlySoFarSaysSo() async throws {
    let stage = try Stage(screenWidth: 80) { _ in .json(Wire.List(items: [Wire.Member.named("ada")], nextCursor: "c", total: 1000, totalIsCapped: true)) }
    await stage.run("member", "list", "--search", "a", "--limit", "1", "--no-color")
    #expect(stage.errors == "1 of 1,000 members or more. --all shows all of them.\n")
  }

  @Test func allGoesThroughAllPages() async throws {
    let stage = try Stage { request in
      let place = request.address.contains("cursor=c2") ? 2 : request.address.contains("cursor=c1") ? 1 : 0
      return .json(Wire.List(items: [Wire.Member.named("m\(place)")], nextCursor: place < 2 ? "c\(place + 1)" : nil, total: 3))
    }
    await stage.run("member", "list", "--all", "-q")
    #expect(stage.output == "m0\nm1\nm2\n")
  }

  @Test func namesFromElsewhereCanNotCommandTheTerminal() async throws {
    let stage = try Stage(screenWidth: 80) { _ in .json(Wire.List(items: [Wire.Member.named("ada", name: "\u{1B}]0;owned\u{7}\u{1B}[2J")], nextCursor: nil, total: 1)) }
    await stage.run("member", "list", "--no-color")
    #expect(!stage.output.contains("\u{1B}"))
    let refusal = try Stage { _ in .refusal(409, "x", "No \u{1B}[2J") }
    await refusal.run("member", "list")
    #expect(!refusal.errors.contains("\u{1B}"))
  }

  @Test(arguments: [([:], true), (["NO_COLOR": "1"], false), (["TERM": "dumb"], false)])
  func coloursAreForScreensThatWantThem(environment: [String: String], coloured: Bool) async throws {
    let stage = try Stage(environment: environment, screenWidth: 100) { _ in .json(members) }
    await stage.run("member", "list")
    #expect(stage.output.contains("\u{1B}[32mactive\u{1B}[0m") == coloured)
  }

  // MARK: How a command ends

  @Test(arguments: [
    (401, "session.required", Exit.unauthenticated), (402, "credits.short", .exhausted), (403, "forbidden", .denied), (403, "session.stale", .unauthenticated), (404, "missing", .missing),
    (409, "member.exists", .conflict), (410, "link.spent", .missing), (412, "stale", .conflict), (422, "invalid", .failure), (429, "throttled", .exhausted), (500, "defect", .failure),
    (503, "unavailable", .failure),
  ])
  func theExitCodeSaysWhatKindOfRefusalItWas(status: Int, code: String, exit: Exit) async throws {
    let stage = try Stage { _ in .refusal(status, code, "It is so.") }
    #expect(await stage.run("member", "list") == exit)
    #expect(stage.output.isEmpty)
    #expect(stage.errors.hasPrefix("guildhall: It is so.\n"))
    #expect(stage.errors.hasSuffix("  Request req-7\n"))
  }

  @Test func faultsOfFieldsAreToldOneByOne() async throws {
    let stage = try Stage { _ in .refusal(422, "invalid", "2 fields need a look.", errors: [.init(pointer: "/name", detail: "Enter a name."), .init(pointer: "/slug", detail: "Taken.")]) }
    await stage.run("org", "create", "x")
    #expect(stage.errors == "guildhall: 2 fields need a look.\n  name: Enter a name.\n  slug: Taken.\n  Request req-7\n")
  }

  @Test func theOnlyFaultNamesItsField() async throws {
    let stage = try Stage { _ in .refusal(422, "invalid", "Enter a name.", errors: [.init(pointer: "#/name", detail: "Enter a name.")]) }
    await stage.run("org", "create", "x")
    #expect(stage.errors == "guildhall: Enter a name. (name)\n  Request req-7\n")
  }

  @Test(arguments: [["bogus"], ["member", "list", "--bogus"], ["member", "show"], ["member", "list", "--role", "boss"], ["member", "list", "--limit", "0"], ["member", "list", "--limit", "x"], ["org", "update"], ["completions", "tcsh"]])
  func wrongUseIsRefusedWithoutARequest(arguments: [String]) async throws {
    let stage = try Stage()
    #expect(await GuildhallCommand<NoLocalCommands>.run(arguments, in: stage.surroundings()).code == 64)
    #expect(stage.recorded.requests.isEmpty)
    #expect(stage.errors.contains("--help"))
  }

  @Test func aHugeArgumentIsNotRepeatedInFull() async throws {
    let stage = try Stage()
    #expect(await stage.run(String(repeating: "a", count: 100_000)).code == 64)
    #expect(stage.errors.count < 1000)
    #expect(await stage.run("member", "show", String(repeating: "a", count: 100_000)) == .missing)
    #expect(stage.errors.count < 2000)
  }

  @Test func whoIsntSignedInIsToldHow() async throws {
    let stage = try Stage(config: nil)
    #expect(await stage.run("member", "list") == .unauthenticated)
    #expect(stage.errors.contains("guildhall login"))
  }

  @Test(arguments: [TransportFailure.unknownHost, .unreachable(reason: "nobody listens there"), .lost, .timedOut, .untrusted(reason: "its certificate has expired")])
  func aBadNetworkIsToldInASentence(failure: TransportFailure) async throws {
    let stage = try Stage { _ throws(TransportFailure) in throw failure }
    #expect(await stage.run("member", "list") == .failure)
    #expect(stage.errors.contains("guildhall.example.org"))
  }

  @Test func anInterruptedCommandEndsLikeOne() async throws {
    let stage = try Stage { _ throws(TransportFailure) in throw .interrupted }
    #expect(await stage.run("member", "list") == .interrupted)
  }

  // MARK: Asking

  @Test(arguments: [("y\n", Exit.success, 2), ("Yes\n", .success, 2), ("n\n", .cancelled, 1), ("\n", .cancelled, 1), ("", .cancelled, 1), ("yep\n", .cancelled, 1)])
  func removingAsksFirst(answer: String, exit: Exit, requests: Int) async throws {
    let stage = try Stage(input: answer, isInteractive: true) { $0.method == .get ? .json(members) : TransportAnswer(status: 204) }
    #expect(await stage.run("member", "remove", "bo") == exit)
    #expect(stage.recorded.requests.count == requests)
  }

  @Test func nobodyToAskIsNoConsent() async throws {
    let stage = try Stage(input: "y\n") { _ in .json(members) }
    #expect(await stage.run("member", "remove", "bo") == .failure)
    #expect(stage.errors.contains("--yes"))
    #expect(stage.recorded.requests.allSatisfy { $0.method == .get })
  }

  @Test(arguments: [(["--yes"], "", Exit.failure), (["--yes", "--confirm", "acme"], "", .success), (["--yes", "--confirm", "acmee"], "", .cancelled), ([], "acme\n", .success), ([], "ACME\n", .success), ([], "no\n", .cancelled)])
  func deletingAnOrganizationTakesItsSlug(flags: [String], typed: String, exit: Exit) async throws {
    let stage = try Stage(input: typed, isInteractive: !typed.isEmpty) { _ in .json(Wire.Organization.named("acme")) }
    #expect(await GuildhallCommand<NoLocalCommands>.run(["org", "delete", "acme"] + flags, in: stage.surroundings()) == exit)
    #expect(stage.recorded.requests.contains { $0.method == .delete } == (exit == .success))
  }

  @Test func aStaleSignInAsksForThePassword() async throws {
    let stage = try Stage(input: "acme\nsecret word\n", isInteractive: true) { request in
      switch (request.method, request.header("Authorization")) {
      case (.post, nil): return .json(201, Wire.SignedIn(secret: "gld_ses_fresh", session: .fresh, account: .ada))
      case (.delete, "Bearer gld_pat_home"): return .refusal(403, "session.stale", "Confirm your password first.")
      case (.delete, "Bearer gld_ses_fresh"): return request.address.contains("/sessions/current") ? TransportAnswer(status: 204) : .json(Wire.Organization.named("acme"))
      default: return request.address.hasSuffix("/account") ? .json(Wire.Account.ada) : .json(Wire.Organization.named("acme"))
      }
    }
    #expect(await stage.run("org", "delete", "acme") == .success)
    let requests = stage.recorded.requests
    #expect(requests.first { $0.method == .post }?.text == #"{"login":"ada","password":"secret word"}"#)
    #expect(requests.last?.address.hasSuffix("/sessions/current") == true)
    #expect(!stage.errors.contains("secret word"))
  }

  // MARK: Signing in

  @Test func loginWithATokenStoresWhatHolds() async throws {
    let stage = try Stage(input: " gld_pat_new\n", config: nil) { $0.address.hasSuffix("/account") ? .json(Wire.Account.ada) : .json(Wire.List(items: [Wire.Organization.named("acme")], nextCursor: nil, total: 1)) }
    #expect(await stage.run("login", "guildhall.example.org", "--with-token") == .success)
    let file = try stage.store.read()
    #expect(file.currentContext == "guildhall.example.org")
    #expect(file.contexts["guildhall.example.org"] == .init(host: "https://guildhall.example.org", token: "gld_pat_new", account: "ada", organization: "acme"))
    #expect(!(stage.output + stage.errors).contains("gld_pat_new"))
  }

  @Test func loginWithAWrongTokenStoresNothing() async throws {
    let stage = try Stage(input: "gld_pat_bad", config: nil) { _ in .refusal(401, "session.required", "Sign in first.") }
    #expect(await stage.run("login", "guildhall.example.org", "--with-token") == .unauthenticated)
    #expect(try stage.store.read() == ConfigurationFile())
  }

  @Test(arguments: ["", "\n", "   \n"])
  func loginWithAnEmptyTokenSaysHow(input: String) async throws {
    let stage = try Stage(input: input, config: nil)
    #expect(await stage.run("login", "guildhall.example.org", "--with-token") == .unauthenticated)
    #expect(stage.errors.contains("--with-token < FILE"))
    #expect(stage.recorded.requests.isEmpty)
  }

  @Test func loginWithAPasswordMakesATokenAndForgetsThePassword() async throws {
    let stage = try Stage(input: "ada@example.org\nnine lilac kites\n", config: nil, script: Self.signIn)
    #expect(await stage.run("login", "https://guildhall.example.org") == .failure, "without a terminal nobody is asked")
    let asked = try Stage(input: "ada@example.org\nnine lilac kites\n", isInteractive: true, config: nil, script: Self.signIn)
    #expect(await asked.run("login", "https://guildhall.example.org") == .success)
    let context = try #require(try asked.store.read().contexts["guildhall.example.org"])
    #expect(context.token == "gld_pat_made")
    #expect(context.madeToken == true)
    #expect(asked.recorded.requests.contains { $0.method == .delete && $0.header("Authorization") == "Bearer gld_ses_fresh" })
    #expect(asked.recorded.requests.first { $0.address.hasSuffix("/tokens") }?.text.contains("Command line on testbed") == true)
    #expect(!String(decoding: try Data(contentsOf: URL(fileURLWithPath: asked.store.path)), as: UTF8.self).contains("kites"))
  }

  @Test func loginMayNameANewContext() async throws {
    let stage = try Stage(input: "gld_pat_new") { _ in .json(Wire.Account.ada) }
    #expect(await stage.run("login", "guildhall.example.org", "--with-token", "--context", "other") == .success)
    #expect(try stage.store.read().contexts.keys.sorted() == ["home", "other", "work"])
    #expect(try stage.store.read().currentContext == "other")
  }

  @Test func logoutRevokesOnlyWhatLoginMade() async throws {
    let given = try Stage { _ in TransportAnswer(status: 204) }
    #expect(await given.run("logout") == .success)
    #expect(given.recorded.requests.isEmpty)
    #expect(try given.store.read().contexts["home"]?.token == nil)
    var file = ConfigurationFile.signedIn
    file.contexts["home"]?.madeToken = true
    let made = try Stage(config: file) { _ in TransportAnswer(status: 204) }
    #expect(await made.run("logout") == .success)
    #expect(made.recorded.requests.map { $0.text } == [#"{"token":"gld_pat_home"}"#])
    #expect(await made.run("logout") == .unauthenticated)
  }

  private static let signIn: @Sendable (TransportRequest) throws(TransportFailure) -> TransportAnswer = { request throws(TransportFailure) in
    if request.address.hasSuffix("/sessions") { return .json(201, Wire.SignedIn(secret: "gld_ses_fresh", session: .fresh, account: .ada)) }
    if request.address.hasSuffix("/tokens") { return .json(201, Wire.NewToken(secret: "gld_pat_made", token: .made)) }
    if request.method == .delete { return TransportAnswer(status: 204) }
    return request.address.hasSuffix("/account") ? .json(Wire.Account.ada) : .json(Wire.List<Wire.Organization>(items: [], nextCursor: nil, total: 0))
  }

  // MARK: Choosing

  @Test func leavingTheChosenOrganizationEndsTheChoice() async throws {
    let stage = try Stage { _ in TransportAnswer(status: 204) }
    #expect(await stage.run("org", "leave", "other", "--yes") == .success)
    #expect(try stage.store.read().contexts["home"]?.organization == "acme")
    #expect(await stage.run("org", "leave", "--yes") == .success)
    #expect(try stage.store.read().contexts["home"]?.organization == nil)
  }

  @Test func switchingStoresTheSlugThatTheServerKnows() async throws {
    let stage = try Stage { _ in .json(Wire.Organization.named("new-slug")) }
    #expect(await stage.run("config", "switch-org", "old-slug") == .success)
    #expect(try stage.store.read().contexts["home"]?.organization == "new-slug")
  }

  @Test func switchingIsRefusedWhereItWouldChangeNothing() async throws {
    let stage = try Stage(environment: ["GUILDHALL_ORG": "acme"])
    #expect(await stage.run("config", "switch-org", "other") == .conflict)
    #expect(stage.errors.contains("GUILDHALL_ORG"))
    let pinned = try Stage()
    let path = pinned.folder + "/work/.guildhall.json"
    try Data(#"{"organization":"acme"}"#.utf8).write(to: URL(fileURLWithPath: path))
    #expect(await pinned.run("config", "switch-org", "other") == .conflict)
    #expect(pinned.errors.contains(path))
    #expect(pinned.recorded.requests.isEmpty)
  }

  @Test func anotherHostForAContextTakesItsTokenAway() async throws {
    let stage = try Stage()
    #expect(await stage.run("config", "set", "host", "https://elsewhere.example.org") == .success)
    let context = try stage.store.read().contexts["home"]
    #expect(context?.host == "https://elsewhere.example.org")
    #expect(context?.token == nil)
  }

  @Test func viewingShowsNoToken() async throws {
    let stage = try Stage()
    #expect(await stage.run("config", "view") == .success)
    #expect(stage.output.contains("guildhall.example.org"))
    #expect(!stage.output.contains("gld_pat"))
  }

  @Test(arguments: [(0, Exit.failure), (1, .success), (2, .failure)])
  func theOnlyOrganizationNeedsNoChoice(count: Int, exit: Exit) async throws {
    var file = ConfigurationFile.signedIn
    file.contexts["home"]?.organization = nil
    let mine = (0..<count).map { Wire.Organization.named("org\($0)") }
    let stage = try Stage(config: file) { $0.address.contains("/members") ? .json(members) : .json(Wire.List(items: mine, nextCursor: nil, total: count)) }
    #expect(await stage.run("member", "list") == exit)
    if count == 1 { #expect(stage.recorded.requests.last?.address.contains("/organizations/org0/members") == true) }
    if count == 2 { #expect(stage.errors.contains("org0, org1")) }
  }

  // MARK: People and roles

  @Test(arguments: ["ada", "@ada", "ADA", "ada@example.org", "Ada@Example.org"])
  func membersAreNamedByHandleOrAddress(name: String) async throws {
    let stage = try Stage { $0.method == .get ? .json(members) : .json(Wire.Member.named("ada", roles: [.viewer])) }
    #expect(await stage.run("member", "set-role", name, "viewer") == .success)
    let change = try #require(stage.recorded.requests.last)
    #expect(change.method == .put)
    #expect(change.header("If-Match") == "\"4\"")
    #expect(change.text == #"{"roles":["viewer"]}"#)
  }

  @Test func aPartOfANameIsNotTheName() async throws {
    let stage = try Stage { _ in .json(members) }
    #expect(await stage.run("member", "show", "ad") == .missing)
    #expect(stage.errors.contains("guildhall member list --search"))
  }

  @Test(arguments: [("manager,billing", ["manager", "billing"]), ("Viewer", ["viewer"]), ("viewer,viewer", ["viewer"]), ("boss", nil), ("", nil), (",", nil)])
  func rolesAreReadWithCommas(text: String, roles: [String]?) {
    #expect(RoleList(argument: text)?.roles.map(\.rawValue) == roles)
  }

  @Test(arguments: [("30d", 30), ("2w", 14), ("12h", 1), ("25h", 2), ("7", 7), ("0d", nil), ("d", nil), ("3y", nil), ("-3d", nil), ("99999999999999999999d", nil)])
  func termsAreReadInDays(text: String, days: Int?) {
    #expect(Term(argument: text)?.days == days)
  }

  // MARK: Inviting

  @Test(arguments: [
    ("a@x.org b@x.org", ["a@x.org", "b@x.org"]), ("a@x.org,b@x.org;c@x.org\nd@x.org", ["a@x.org", "b@x.org", "c@x.org", "d@x.org"]), ("Ada Lovelace <ada@x.org>, Bo <bo@x.org>", ["ada@x.org", "bo@x.org"]),
    ("", []), (" \n,; ", []), ("nonsense", ["nonsense"]), ("Ada L <a@x.org>, boexample.org, Cy <c@x.org", ["a@x.org", "boexample.org", "Cy", "<c@x.org"]),
    ("a@x.org,manager", ["a@x.org", "manager"]), ("b@x.org <a@x.org>", ["b@x.org", "a@x.org"]), ("<a@x.org>", ["a@x.org"]), ("Ada <>", [""]),
  ])
  func addressesAreReadAsPeoplePasteThem(text: String, addresses: [String]) {
    #expect(AddressList.split(text) == addresses)
  }

  @Test(arguments: ["Ada <a@x.org>, boexample.org", "a@x.org,manager", "a@x.org\nrole", "<>"])
  func nobodyIsInvitedWhereAWordIsNoAddress(text: String) async throws {
    let stage = try Stage(input: text) { _ in .json(Wire.InvitationResults(results: [])) }
    #expect(await stage.run("invitation", "send", "-") == .failure)
    #expect(stage.recorded.requests.isEmpty && stage.errors.contains("No address: ") && stage.errors.contains("Nobody was invited"))
  }

  @Test func manyAreInvitedFromTheInputEachOnce() async throws {
    let stage = try Stage(input: "a@x.org, b@x.org\nA@x.org") { _ in
      .json(Wire.InvitationResults(results: [.init(email: "a@x.org", sent: .to("a@x.org", mailed: true), problem: nil), .init(email: "b@x.org", sent: nil, problem: .init(Problem(.invalid, "Not today.")))]))
    }
    #expect(await stage.run("invitation", "send", "-", "--role", "viewer") == .failure)
    #expect(stage.recorded.requests.map { $0.text } == [#"{"emails":["a@x.org","b@x.org"],"roles":["viewer"]}"#])
    #expect(stage.output.contains("b@x.org\trefused\tNot today."))
    #expect(stage.errors.contains("1 address was refused"))
  }

  @Test func withoutMailTheLinkIsHandedOver() async throws {
    let stage = try Stage { _ in .json(201, Wire.SentInvitation.to("a@x.org", mailed: false)) }
    #expect(await stage.run("invitation", "send", "a@x.org") == .success)
    #expect(stage.output == "https://guildhall.example.org/i/gld_inv_x\n")
  }

  @Test(arguments: [("gld_inv_abc123", "gld_inv_abc123"), ("https://h.example.org/invitation?token=gld_inv_abc123&x=1", "gld_inv_abc123"), ("gld_inv_", nil), ("acme", nil)])
  func linksAndTokensAreBothTaken(text: String, token: String?) {
    #expect(SecretInLink.find("gld_inv_", in: text) == token)
  }

  @Test func anEmptyInputInvitesNobody() async throws {
    let stage = try Stage()
    #expect(await stage.run("invitation", "send") == .failure)
    #expect(stage.recorded.requests.isEmpty)
  }

  // MARK: Secrets

  @Test func aNewTokenStandsAloneOnTheOutput() async throws {
    let stage = try Stage { _ in .json(201, Wire.NewToken(secret: "gld_pat_made", token: .made)) }
    #expect(await stage.run("token", "create", "report", "--scope", "organization:read", "--scope", "account", "--expires", "never") == .success)
    #expect(stage.output == "gld_pat_made\n")
    #expect(stage.errors.contains("isn't shown again"))
    #expect(stage.recorded.requests[0].text == #"{"name":"report","scopes":["organization:read","account"],"expires_in_days":0}"#)
  }

  @Test func aTokenIsKnownByWhatIsShownOfIt() {
    #expect(Wire.Token.made.isHint(of: "gld_pat_aaaaaaaaaaaaaaaaaaaaaaaaaa9fK2cccccc"))
    #expect(!Wire.Token.made.isHint(of: "gld_pat_aaaaaaaaaaaaaaaaaaaaaaaaaa9fK3cccccc"))
    #expect(!Wire.Token.made.isHint(of: ""))
  }

  // MARK: The API by hand

  @Test(arguments: [
    (["GET", "/organizations/{org}/members", "-f", "role=admin", "-f", "search=a b"], "GET", "/api/v1/organizations/acme/members?role=admin&search=a%20b", ""),
    (["get", "/api/v1/account"], "GET", "/api/v1/account", ""),
    (["POST", "organizations", "-f", "name=Ada's Lab", "-f", "limit:=3", "-f", "tags:=[1,\"a\"]"], "POST", "/api/v1/organizations", #"{"name":"Ada's Lab","limit":3,"tags":[1,"a"]}"#),
    (["DELETE", "/organizations/x", "-f", "confirm=x"], "DELETE", "/api/v1/organizations/x?confirm=x", ""),
    (["PUT", "/x", "--input", "-"], "PUT", "/api/v1/x", #"{"a":1}"#),
  ])
  func apiSendsWhatItIsTold(arguments: [String], method: String, target: String, body: String) async throws {
    let stage = try Stage(input: #"{"a":1}"#) { _ in TransportAnswer(status: 200, headers: [("Content-Type", "application/json")], body: Array(#"{"z": 1, "a": [] }"#.utf8)) }
    #expect(await GuildhallCommand<NoLocalCommands>.run(["api"] + arguments, in: stage.surroundings()) == .success)
    let request = try #require(stage.recorded.requests.first)
    #expect(request.method.rawValue == method)
    #expect(request.address == "https://guildhall.example.org" + target)
    #expect(request.text == body)
    #expect(stage.output == "{\"z\":1,\"a\":[]}\n")
  }

  @Test(arguments: [["FETCH", "/x"], ["GET", "https://evil.example.org/x"], ["GET", "/a b"], ["POST", "/x", "-f", "novalue"], ["POST", "/x", "-f", "a:=nonsense"], ["POST", "/x", "-f", "a=b", "--input", "-"], ["GET", "/x", "-H", "bad"], ["GET", "/x", "-H", "X: a\r\nY: b"]])
  func apiRefusesWhatMakesNoRequest(arguments: [String]) async throws {
    let stage = try Stage()
    #expect(await GuildhallCommand<NoLocalCommands>.run(["api"] + arguments, in: stage.surroundings()).code == 64)
    #expect(stage.recorded.requests.isEmpty)
  }

  @Test func apiPrintsTheRefusalAndEndsLikeOne() async throws {
    let stage = try Stage { _ in .refusal(404, "missing", "There is nothing.") }
    #expect(await stage.run("api", "GET", "/nothing") == .missing)
    #expect(stage.output.contains("\"code\":\"missing\""))
    #expect(stage.errors.contains("There is nothing."))
  }

  @Test func whatWasAskedForOnConditionAndStillHoldsIsNoFault() async throws {
    let stage = try Stage { _ in TransportAnswer(status: 304, headers: [("ETag", "\"4\"")], body: []) }
    #expect(await stage.run("api", "GET", "/organizations/acme", "-H", "If-None-Match: \"4\"") == .success)
    #expect(stage.output.isEmpty && stage.errors.isEmpty)
    let moved = try Stage { _ in TransportAnswer(status: 302, headers: [("Location", "https://elsewhere.example.org/")], body: []) }
    #expect(await moved.run("api", "GET", "/organizations/acme") != .success)
  }

  // MARK: All of them

  @Test func everyCommandHasAHelpThatReadsAsASentence() throws {
    var looked = 0
    func look(_ command: any ParsableCommand.Type) {
      let configuration = command.configuration
      looked += 1
      #expect(configuration.abstract.last == "." && configuration.abstract.first?.isUppercase == true, "\(command)")
      #expect(command.helpMessage(columns: 80).contains("USAGE"), "\(command)")
      for inner in configuration.subcommands + configuration.groupedSubcommands.flatMap(\.subcommands) { look(inner) }
    }
    look(GuildhallCommand<NoLocalCommands>.self)
    #expect(looked > 60)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func everyShellGetsItsCompletions(shell: String) async throws {
    let stage = try Stage()
    #expect(await stage.run("completions", shell) == .success)
    #expect(stage.output.contains("switch-org"))
  }
}

extension Wire.Account {
  fileprivate static let ada = Wire.Account(
    id: .example, handle: "ada", name: "Ada Lovelace", email: "ada@example.org", active: true, superUser: false, createdAt: Stage.now - .days(9), deletedAt: nil, revision: 1)
}

extension Wire.Session {
  fileprivate static let fresh = Wire.Session(
    id: .example, current: true, device: "", address: "", createdAt: Stage.now, authenticatedAt: Stage.now, usedAt: Stage.now, expiresAt: Stage.now + .days(1))
}

extension Wire.Token {
  fileprivate static let made = Wire.Token(
    id: .example, name: "report", hint: "gld_pat_…9fK2", scopes: [.read], organization: nil, createdAt: Stage.now, expiresAt: Stage.now + .days(90), usedAt: nil)
}

extension Wire.SentInvitation {
  fileprivate static func to(_ email: String, mailed: Bool) -> Wire.SentInvitation {
    Wire.SentInvitation(
      invitation: Wire.Invitation(
        id: .example, email: email, roles: [.viewer], message: "", inviter: .example, state: .pending, createdAt: Stage.now, sentAt: Stage.now, timesSent: 1,
        expiresAt: Stage.now + .days(14), revision: 1),
      link: "https://guildhall.example.org/i/gld_inv_x", mailed: mailed)
  }
}
