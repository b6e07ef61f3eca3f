import Authorization
import Contract
@testable import ControlPlane
import Kernel
import Secrets
import Storage
import Testing

@Suite struct SessionsTests {
  // MARK: Signing in

  @Test(arguments: ["ada@example.org", " ADA@Example.org ", "ada", "Ada", "old-ada"])
  func `One signs in with an address or a handle, present or former, in any case`(login: String) async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada", handle: "old-ada")
    _ = try await house.plane.accounts.update(AccountUpdate(handle: "ada"), seen: nil, by: house.caller(ada))
    let session = try await house.plane.sessions.create(login: login, password: House.password, by: house.visitor())
    #expect(session.account.id == ada.account.id && session.session.device == "Firefox on Linux" && session.session.address == "203.0.113.7")
    #expect(try await house.plane.accounts.read(by: house.caller(session)).id == ada.account.id)
  }

  @Test(arguments: [
    ("ada", "another password"), ("ada", ""), ("ada", String(repeating: "x", count: 1_000_000)), ("nobody", House.password), ("nobody@example.org", House.password),
    ("", House.password), (String(repeating: "a", count: 1_000_000), House.password), ("ada\u{0}", House.password), ("lab", House.password), ("no-password", House.password),
  ])
  func `Whatever is wrong, the answer is the same`(login: String, password: String) async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada", handle: "ada")
    _ = try await house.found("Lab", by: ada)
    let other = try await house.signUp("Other", handle: "no-password")
    try await house.plane.database.write { tx in _ = try tx.change("UPDATE account SET password = NULL WHERE id = \(other.account.id)", under: Housekeeping()) }
    do {
      _ = try await house.plane.sessions.create(login: login, password: password, by: house.visitor())
      Issue.record("signed in")
    } catch {
      #expect(error.code == .wrongCredentials && error.detail == "The address or handle and the password don't belong together." && error.faults.isEmpty)
    }
  }

  @Test func `A refused sign-in stands in the log, as done by nobody`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada", handle: "ada")
    _ = await refusal { try await house.plane.sessions.create(login: "ada", password: "wrong", by: house.visitor()) }
    _ = await refusal { try await house.plane.sessions.create(login: "nobody", password: "wrong", by: house.visitor()) }
    _ = try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor())
    #expect(try await house.actions(in: .account(ada.account.id)) == ["account.create", "session.create!", "session.create"])
    #expect(try await house.actions(in: .installation) == ["session.create!"])
    let actors = try await house.plane.read(as: .system("test")) { work in
      try work.tx.rows("SELECT actor_kind FROM event WHERE outcome = 'refused'").map { row in try row.text("actor_kind") }
    }
    #expect(actors == ["anonymous", "anonymous"])
  }

  // MARK: Slowing down

  @Test(arguments: ["ada", "nobody"])
  func `Failed attempts are slowed down alike, whether the login is somebody's or not`(login: String) async throws {
    let house = try await House()
    _ = try await house.signUp("Ada", handle: "ada")
    var waits: [Int64] = []
    for _ in 0..<20 {
      do {
        _ = try await house.plane.sessions.create(login: login, password: "wrong", by: house.visitor())
      } catch {
        guard error.code == .throttled, let wait = error.retryAfter else { continue }
        waits.append(wait.wholeSeconds)
        house.pass(wait)
        // The attempt that was refused didn't count: after the wait one is free.
        #expect(await refusal { try await house.plane.sessions.create(login: login, password: "wrong", by: house.visitor()) } == "session.wrong_credentials")
      }
    }
    #expect(waits.prefix(9) == [1, 2, 4, 8, 16, 32, 64, 128, 256])
    #expect(waits.allSatisfy { $0 <= 900 })
  }

  @Test func `Nobody is ever locked out: after the longest wait the right password signs in, and all is forgotten`() async throws {
    let house = try await House()
    _ = try await house.signUp("Ada", handle: "ada")
    for _ in 0..<200 {
      _ = await refusal { try await house.plane.sessions.create(login: "ada", password: "wrong", by: house.visitor()) }
      house.pass(.minutes(1))
    }
    house.pass(.minutes(15))
    #expect(await refusal { try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor()) } == nil)
    for _ in 0..<5 { #expect(await refusal { try await house.plane.sessions.create(login: "ada", password: "wrong", by: house.visitor()) } == "session.wrong_credentials") }
  }

  @Test func `Guessing from many places is slowed down too, but not where the person has been before`() async throws {
    let house = try await House()
    _ = try await house.signUp("Ada", handle: "ada")
    let home = try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor(from: "198.51.100.1"))
    var outcomes: [String: Int] = [:]
    for number in 0..<50 {
      outcomes[await refusal { try await house.plane.sessions.create(login: "ada", password: "wrong", by: house.visitor(from: "192.0.2.\(number)")) } ?? "success", default: 0] += 1
    }
    #expect(outcomes == ["session.wrong_credentials": 10, "throttled": 40])
    #expect(await refusal { try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor(from: "192.0.2.77")) } == "throttled")
    #expect(await refusal { try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor(from: home.session.address)) } == nil)
  }

  @Test func `Guesses count together, by whichever name an account is called`() async throws {
    let house = try await House()
    _ = try await house.signUp("Ada", handle: "ada")
    var outcomes: [String: Int] = [:]
    for login in Array(repeating: ["ada", "ADA@example.org", " ada@example.org "], count: 4).joined() {
      outcomes[await refusal { try await house.plane.sessions.create(login: login, password: "wrong", by: house.visitor()) } ?? "success", default: 0] += 1
    }
    #expect(outcomes == ["session.wrong_credentials": 5, "throttled": 7])
  }

  @Test func `Many guesses at once gain nothing`() async throws {
    let house = try await House()
    _ = try await house.signUp("Ada", handle: "ada")
    let outcomes = await withTaskGroup(of: String.self) { group in
      for number in 0..<60 {
        group.addTask { await refusal { try await house.plane.sessions.create(login: "ada", password: "wrong \(number)", by: house.visitor()) } ?? "success" }
      }
      return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
    }
    #expect(outcomes == ["session.wrong_credentials": 5, "throttled": 55])
  }

  @Test func `One network's failures over many logins are slowed down, and successes don't count`() async throws {
    let house = try await House()
    _ = try await house.signUp("Ada", handle: "ada")
    for _ in 0..<150 { _ = try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor()) }
    var outcomes: [String: Int] = [:]
    for number in 0..<110 {
      outcomes[await refusal { try await house.plane.sessions.create(login: "login\(number)", password: "wrong", by: house.visitor(from: "2001:db8::\(number)")) } ?? "success", default: 0] += 1
    }
    #expect(outcomes == ["session.wrong_credentials": 100, "throttled": 10])
  }

  @Test(arguments: [
    ("203.0.113.7", "203.0.113.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:DB8:1:2::9", "2001:db8:1:2::/64"), ("2001:db8::1", "2001:db8:0:0::/64"), ("::1", "0:0:0:0::/64"),
    ("::", "0:0:0:0::/64"), ("fe80::1%eth0", "fe80:0:0:0::/64"), ("::ffff:192.0.2.1", "192.0.2.1"), ("", ""), ("not an address", "not an address"),
  ])
  func `An IPv6 customer counts as one place`(address: String, network: String) {
    #expect(Origin(address: address, userAgent: "", requestID: "").network == network)
  }

  @Test func `Attempts are forgotten one by one`() {
    let rule = Throttle.Rule.rate(3, per: .minutes(3))
    var now = Timestamp(milliseconds: 0)
    var memory: Throttle?
    func attempt() -> Int64? {
      switch Throttle.attempt(after: memory, under: rule, at: now) {
      case .success(let next):
        memory = next
        return nil
      case .failure(let wait): return wait.seconds
      }
    }
    #expect([attempt(), attempt(), attempt()] == [nil, nil, nil])
    #expect(attempt() == 60)
    now = now + .milliseconds(59_999)
    #expect(attempt() == 1)
    now = now + .milliseconds(1)
    #expect(attempt() == nil)
    #expect(attempt() == 60)
    memory = memory?.takingBack(under: rule, at: now)
    #expect(attempt() == nil)
    now = now + .minutes(10)
    #expect([attempt(), attempt(), attempt()] == [nil, nil, nil])
  }

  @Test(arguments: [(1, "1 second"), (119, "119 seconds"), (121, "3 minutes"), (7199, "120 minutes"), (7201, "3 hours")])
  func `A wait is told in words, rounded up`(seconds: Int, words: String) {
    #expect(Throttle.Wait(duration: .seconds(seconds)).words == words)
    #expect(Throttle.Wait(duration: .seconds(seconds) - .milliseconds(1)).seconds == Int64(seconds))
  }

  // MARK: Life of a session

  @Test func `A session ends when it lies idle, and after its term in any case`() async throws {
    let house = try await House { settings in
      settings.sessionTerm = .days(10)
      settings.sessionIdleTerm = .days(2)
    }
    let ada = try await house.signUp("Ada")
    let caller = house.caller(ada)
    for _ in 0..<5 {
      house.pass(.hours(47))
      #expect(await refusal { try await house.plane.accounts.read(by: caller) } == nil)
      await house.plane.sessions.touch(by: caller)
    }
    house.pass(.hours(4))
    #expect(await refusal { try await house.plane.accounts.read(by: caller) } == nil)
    await house.plane.sessions.touch(by: caller)
    house.pass(.hours(1))
    #expect(await refusal { try await house.plane.accounts.read(by: caller) } == "credential.invalid")
    let other = try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor())
    house.pass(.days(2))
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(other)) } == "credential.invalid")
    await house.plane.sessions.touch(by: house.caller(other))
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(other)) } == "credential.invalid")
  }

  @Test func `The time of last use is written at most once a minute`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada")
    let caller = house.caller(ada)
    func lastUse() async throws -> Timestamp { try await house.plane.sessions.list(.first, by: caller).page.items[0].usedAt }
    let start = house.now
    house.pass(.seconds(10))
    await house.plane.sessions.touch(by: caller)
    #expect(try await lastUse() == start + .seconds(10))
    house.pass(.seconds(59))
    await house.plane.sessions.touch(by: caller)
    #expect(try await lastUse() == start + .seconds(10))
    house.pass(.seconds(1))
    await house.plane.sessions.touch(by: caller)
    #expect(try await lastUse() == start + .seconds(70))
    await house.plane.sessions.touch(by: house.visitor())
    await house.plane.sessions.touch(by: Caller(secret: "gld_ses_unknown", from: house.origin()))
  }

  @Test func `Sessions are listed, and ended one by one or all but this one`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada", handle: "ada")
    let eve = try await house.signUp("Eve")
    var sessions: [NewSession] = []
    for _ in 0..<3 {
      house.pass(.seconds(1))
      sessions.append(try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor()))
    }
    let caller = house.caller(sessions[2])
    let (page, current) = try await house.plane.sessions.list(try PageRequest(limit: 3), by: caller)
    #expect(page.items.map(\.id) == sessions.reversed().map(\.session.id) && page.total == 4 && page.next != nil && current == sessions[2].session.id)
    #expect(await refusal { try await house.plane.sessions.revoke(sessions[0].session.id, by: house.caller(eve)) } == "missing")
    try await house.plane.sessions.revoke(sessions[0].session.id, by: caller)
    #expect(await refusal { try await house.plane.sessions.revoke(sessions[0].session.id, by: caller) } == "missing")
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(sessions[0])) } == "credential.invalid")
    try await house.plane.sessions.revokeOthers(by: caller)
    #expect(try await house.plane.sessions.list(.first, by: caller).page.items.map(\.id) == [sessions[2].session.id])
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(ada)) } == "credential.invalid")
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(eve)) } == nil)
    try await house.plane.sessions.end(by: caller)
    #expect(await refusal { try await house.plane.sessions.end(by: caller) } == "credential.invalid")
    #expect(await refusal { try await house.plane.sessions.end(by: house.visitor()) } == "session.required")
  }

  @Test func `Giving the password again makes a sign-in fresh, for a session alone`() async throws {
    let house = try await House()
    _ = try await house.signUp("Ada")
    let grace = try await house.signUp("Grace")
    let caller = house.caller(grace)
    house.pass(.hours(1))
    #expect(await refusal { try await house.plane.accounts.delete(by: caller) } == "session.stale")
    #expect(await faultyFields { try await house.plane.sessions.confirm(password: "wrong", by: caller) } == ["password"])
    #expect(try await house.plane.sessions.confirm(password: House.password, by: caller).authenticatedAt == house.now)
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["account"]), by: caller)
    #expect(await refusal { try await house.plane.sessions.confirm(password: House.password, by: house.caller(token.secret)) } == "session.none")
    #expect(await refusal { try await house.plane.sessions.end(by: house.caller(token.secret)) } == "session.none")
    for _ in 0..<5 { _ = await refusal { try await house.plane.sessions.confirm(password: "wrong", by: caller) } }
    #expect(await refusal { try await house.plane.sessions.confirm(password: House.password, by: caller) } == "throttled")
    house.pass(.seconds(1))
    #expect(await refusal { try await house.plane.sessions.confirm(password: House.password, by: caller) } == nil)
    #expect(await refusal { try await house.plane.accounts.delete(by: caller) } == nil)
  }

  @Test func `A sign-in link works once, within the hour, for an active account`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada", handle: "ada")
    for reference in ["ada", "ADA@example.org", ada.account.id.description] {
      let link = try await house.plane.sessions.issueLink(for: reference)
      #expect(link.hasPrefix("https://guildhall.test/sign-in/link?token=gld_lnk_"))
      #expect(try await house.plane.sessions.create(link: house.secret(in: link), by: house.visitor()).account.id == ada.account.id)
      #expect(await refusal { try await house.plane.sessions.create(link: house.secret(in: link), by: house.visitor()) } == "link.spent")
    }
    #expect(await refusal { try await house.plane.sessions.issueLink(for: "nobody") } == "missing")
    let late = try await house.plane.sessions.issueLink(for: "ada")
    house.pass(.hours(1))
    #expect(await refusal { try await house.plane.sessions.create(link: house.secret(in: late), by: house.visitor()) } == "link.spent")
    let grace = try await house.signUp("Grace", handle: "grace")
    let cut = try await house.plane.sessions.issueLink(for: "grace")
    house.pass(.minutes(1))
    let fresh = try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor())
    _ = try await house.plane.accounts.deactivate(grace.account.id, by: house.caller(fresh))
    #expect(await refusal { try await house.plane.sessions.create(link: house.secret(in: cut), by: house.visitor()) } == "link.spent")
  }

  @Test func `Who took somebody's address before they came keeps no way in once they have reset the password`() async throws {
    let house = try await House()
    let squatter = house.caller(try await house.signUp("Squatter", email: "victim@example.org", handle: "squatter"))
    _ = try await house.plane.emails.add("evil@example.org", by: squatter)
    let kept = try #require(await house.token(mailedTo: "evil@example.org"))
    try await house.plane.passwords.requestReset(of: "victim@example.org", by: house.visitor())
    let secret = try #require(await house.token(mailedTo: "victim@example.org", .passwordReset))
    try await house.plane.passwords.reset(secret, to: "seven quiet otters at noon", by: house.visitor())
    #expect(await refusal { try await house.plane.emails.verify(kept, by: house.visitor()) } == "link.spent")
    let session = try await house.plane.sessions.create(login: "victim@example.org", password: "seven quiet otters at noon", by: house.visitor())
    let victim = house.caller(session)
    #expect(try await house.plane.emails.list(by: victim).map(\.address.text) == ["victim@example.org"])
    house.pass(.hours(2))
    try await house.plane.passwords.requestReset(of: "evil@example.org", by: house.visitor())
    #expect(try await house.token(mailedTo: "evil@example.org", .passwordReset) == nil)
    #expect(await refusal { try await house.plane.accounts.read(by: squatter) } == "credential.invalid")
  }

  @Test func `A secret of one kind opens nothing of another`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada", handle: "ada")
    let lab = try await house.found("Lab", by: ada)
    try await house.plane.passwords.requestReset(of: "ada@example.org", by: house.visitor())
    let secrets = [
      ada.secret.reveal(),
      try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["account"]), by: house.caller(ada)).secret.reveal(),
      try #require(try await house.token(mailedTo: "ada@example.org")),
      try #require(try await house.token(mailedTo: "ada@example.org", .passwordReset)),
      house.secret(in: try await house.plane.sessions.issueLink(for: "ada")),
      house.secret(in: try await house.plane.invitations.send(try InvitationDraft(address: "x@example.org", roles: ["guest"]), to: lab.slug.text, by: house.caller(ada)).link),
    ]
    #expect(Set(secrets.map { $0.prefix(8) }).count == 6)
    for (place, secret) in secrets.enumerated() {
      #expect(await refusal { try await house.plane.accounts.read(by: Caller(secret: secret, from: house.origin())) } == (place < 2 ? nil : "credential.invalid"))
      if place != 2 { #expect(await refusal { try await house.plane.emails.verify(secret, by: house.visitor()) } == "link.spent") }
      if place != 3 { #expect(await refusal { try await house.plane.passwords.reset(secret, to: "seven green boats", by: house.visitor()) } == "link.spent") }
      if place != 4 { #expect(await refusal { try await house.plane.sessions.create(link: secret, by: house.visitor()) } == "link.spent") }
    }
    for rubbish in ["", "x", "gld_vfy_", String(secrets[2].dropLast()), secrets[2] + "0", String(repeating: "g", count: 1_000_000), "gld_vfy_\u{0}"] {
      #expect(await refusal { try await house.plane.emails.verify(rubbish, by: house.visitor()) } == "link.spent")
    }
  }

  @Test func `What has ended is purged, and nothing else`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada", handle: "ada")
    _ = await refusal { try await house.plane.sessions.create(login: "ada", password: "wrong", by: house.visitor()) }
    func rows(_ table: Statement) async throws -> Int {
      try await house.plane.read(as: .system("test")) { work in try work.tx.count("SELECT count(*) AS n FROM \(table)") }
    }
    try await PurgeSecrets(house.plane).run()
    #expect(try await rows("session") == 1)
    #expect(try await rows("ticket") == 1)
    #expect(try await rows("throttle") > 0)
    house.pass(.days(11))
    let again = try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor())
    try await PurgeSecrets(house.plane).run()
    #expect(try await rows("session") == 1)
    #expect(try await rows("ticket") == 0)
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(again)) } == nil)
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(ada)) } == "credential.invalid")
    house.pass(.days(1))
    try await PurgeSecrets(house.plane).run()
    #expect(try await rows("throttle") == 0)
  }

  @Test(arguments: [
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Edge on Windows"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
    ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
    ("curl/8.5.0", "curl"), ("guildhall/1.0 (Linux)", "guildhall on Linux"), ("", "Unknown device"), ("<script>alert(1)</script>", "<script>alert(1)<"), ("\u{0}\u{1}", "Unknown device"),
  ])
  func `A device has a name`(userAgent: String, name: String) { #expect(Device.name(of: userAgent) == name) }

  // MARK: Passwords

  @Test func `Changing the password takes the present one and ends the other sessions`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada", handle: "ada")
    let other = try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor())
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["account"]), by: house.caller(ada))
    let next = "seven green boats at noon"
    for (current, new, field) in [("wrong", next, "current"), (House.password, House.password, "password"), (House.password, "short", "password"), (House.password, "ada@example.org", "password")] {
      #expect(await faultyFields { try await house.plane.passwords.change(from: current, to: new, by: house.caller(ada)) } == [field])
    }
    try await house.plane.passwords.change(from: House.password, to: next, by: house.caller(ada))
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(ada)) } == nil)
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(other)) } == "credential.invalid")
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(token.secret)) } == nil)
    #expect(await refusal { try await house.plane.sessions.create(login: "ada", password: House.password, by: house.visitor()) } == "session.wrong_credentials")
    #expect(await refusal { try await house.plane.sessions.create(login: "ada", password: next, by: house.visitor()) } == nil)
    #expect(try await house.mails(to: "ada@example.org").contains { $0.subject == "Your password was changed" })
    for _ in 0..<5 { _ = await refusal { try await house.plane.passwords.change(from: "wrong", to: next, by: house.caller(ada)) } }
    #expect(await refusal { try await house.plane.passwords.change(from: next, to: House.password, by: house.caller(ada)) } == "throttled")
  }

  @Test func `Of two changes at once, one counts`() async throws {
    let house = try await House()
    let ada = try await house.signUp("Ada", handle: "ada")
    let words = ["seven green boats at noon", "four quiet lamps at dusk"]
    let outcomes = await withTaskGroup(of: String?.self) { group in
      for word in words { group.addTask { await refusal { try await house.plane.passwords.change(from: House.password, to: word, by: house.caller(ada)) } } }
      return await group.reduce(into: [String?]()) { $0.append($1) }
    }
    // The one that came second was refused, wherever it stood when the first was stored.
    #expect(outcomes.filter { $0 == nil }.count == 1 && outcomes.contains { $0 == "stale" || $0 == "invalid" })
  }

  @Test func `A link from a mail sets a new password once, and ends all sessions but no tokens`() async throws {
    let house = try await House()
    let ada = try await house.signUpVerified("Ada")
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "CI", scopes: ["account"]), by: house.caller(ada))
    try await house.plane.passwords.requestReset(of: " ADA@example.org", by: house.visitor())
    let older = try #require(try await house.token(mailedTo: "ada@example.org", .passwordReset))
    house.pass(.seconds(1))
    try await house.plane.passwords.requestReset(of: "ada@example.org", by: house.visitor())
    let secret = try #require(try await house.token(mailedTo: "ada@example.org", .passwordReset))
    let next = "seven green boats at noon"
    #expect(await refusal { try await house.plane.passwords.reset(older, to: next, by: house.visitor()) } == "link.spent")
    #expect(await faultyFields { try await house.plane.passwords.reset(secret, to: "password", by: house.visitor()) } == ["password"])
    try await house.plane.passwords.reset(secret, to: next, by: house.visitor())
    #expect(await refusal { try await house.plane.passwords.reset(secret, to: next, by: house.visitor()) } == "link.spent")
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(ada)) } == "credential.invalid")
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(token.secret)) } == nil)
    #expect(await refusal { try await house.plane.sessions.create(login: "ada", password: next, by: house.visitor()) } == nil)
  }

  @Test func `Asking for a link is answered alike and slowed down alike, whoever is asked for`() async throws {
    let house = try await House()
    _ = try await house.signUp("Ada")
    for address in ["ada@example.org", "nobody@example.org"] {
      let answers = [
        await refusal { try await house.plane.passwords.requestReset(of: address, by: house.visitor()) },
        await refusal { try await house.plane.passwords.requestReset(of: address, by: house.visitor()) },
        await refusal { try await house.plane.passwords.requestReset(of: address, by: house.visitor()) },
        await refusal { try await house.plane.passwords.requestReset(of: address, by: house.visitor()) },
      ]
      #expect(answers == [nil, nil, nil, "throttled"])
    }
    #expect(try await house.mails(to: "ada@example.org").filter { $0.purpose == .passwordReset }.count == 3)
    #expect(try await house.mails(to: "nobody@example.org").isEmpty)
    #expect(await faultyFields { try await house.plane.passwords.requestReset(of: "nobody", by: house.visitor()) } == ["email"])
  }

  @Test func `A link expires with the hour, with its address, and with the account`() async throws {
    let house = try await House()
    let ada = try await house.signUpVerified("Ada")
    let next = "seven green boats at noon"
    try await house.plane.passwords.requestReset(of: "ada@example.org", by: house.visitor())
    let late = try #require(try await house.token(mailedTo: "ada@example.org", .passwordReset))
    house.pass(.hours(1))
    #expect(await refusal { try await house.plane.passwords.reset(late, to: next, by: house.visitor()) } == "link.spent")
    let extra = try await house.plane.emails.add("ada@work.example", by: house.caller(ada))
    _ = try await house.plane.emails.verify(try #require(try await house.token(mailedTo: "ada@work.example")), by: house.visitor())
    try await house.plane.passwords.requestReset(of: "ada@work.example", by: house.visitor())
    let secret = try #require(try await house.token(mailedTo: "ada@work.example", .passwordReset))
    try await house.plane.emails.remove(extra.id, by: house.caller(ada))
    #expect(await refusal { try await house.plane.passwords.reset(secret, to: next, by: house.visitor()) } == "link.spent")
  }

  @Test func `An address that was only claimed resets nothing beside a proven one`() async throws {
    let house = try await House()
    let ada = try await house.signUpVerified("Ada")
    _ = try await house.plane.emails.add("typo@example.org", by: house.caller(ada))
    try await house.plane.passwords.requestReset(of: "typo@example.org", by: house.visitor())
    #expect(try await house.mails(to: "typo@example.org").allSatisfy { $0.purpose != .passwordReset })
  }

  @Test func `Who takes over an address that was never proven takes it from the tokens as well`() async throws {
    let house = try await House()
    let squatter = try await house.signUp("Grace")
    let token = try await house.plane.tokens.create(try AccessTokenDraft(name: "trap", scopes: ["account"]), by: house.caller(squatter))
    try await house.plane.passwords.requestReset(of: "grace@example.org", by: house.visitor())
    try await house.plane.passwords.reset(try #require(try await house.token(mailedTo: "grace@example.org", .passwordReset)), to: "seven green boats at noon", by: house.visitor())
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(token.secret)) } == "credential.invalid")
    #expect(await refusal { try await house.plane.accounts.read(by: house.caller(squatter)) } == "credential.invalid")
    let grace = try await house.plane.sessions.create(login: "grace@example.org", password: "seven green boats at noon", by: house.visitor())
    #expect(try await house.plane.emails.list(by: house.caller(grace)).map(\.isVerified) == [true])
  }

  @Test func `Without a mail server no link is made`() async throws {
    let house = try await House { $0.isDemonstration = false }
    let ada = try await house.signUp("Ada")
    try await house.plane.passwords.requestReset(of: "ada@example.org", by: house.visitor())
    try await house.plane.emails.remind(house.plane.emails.list(by: house.caller(ada))[0].id, by: house.caller(ada))
    let tickets = try await house.plane.read(as: .system("test")) { work in try work.tx.count("SELECT count(*) AS n FROM ticket") }
    #expect(tickets == 0)
  }
}
