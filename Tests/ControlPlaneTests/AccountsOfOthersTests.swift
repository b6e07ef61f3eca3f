import Contract
import ControlPlane
import Kernel
import Testing

/// What operators do with the accounts of others.
@Suite struct AccountsOfOthersTests {
  private func code(_ work: () async throws -> Void) async -> String {
    do { try await work() } catch { return (error as? Problem)?.code.name ?? "\(error)" }
    return "nothing"
  }

  @Test func `An account is made with a link to choose a password, or with a password`() async throws {
    let house = try await House()
    let olga = house.caller(try await house.signUpVerified("Olga"))
    let made = try await house.plane.accounts.provision(AccountProvision(email: "Pia@Example.org", name: "Pia Weaver"), by: olga)
    #expect(made.handle.text == "pia-weaver" && made.email?.text == "pia@example.org" && !made.isSuperUser && made.isActive)
    #expect(await code { _ = try await house.plane.sessions.create(login: "pia-weaver", password: House.password, by: house.visitor()) } != "nothing")
    let link = try #require(try await house.token(mailedTo: "pia@example.org", .passwordReset))
    try await house.plane.passwords.reset(link, to: "seven quiet boats at noon", by: house.visitor())
    _ = try await house.plane.sessions.create(login: "pia@example.org", password: "seven quiet boats at noon", by: house.visitor())
    #expect(await code { try await house.plane.passwords.reset(link, to: "eight quiet boats at noon", by: house.visitor()) } == "link.spent")
    // With a password, and without an address.
    let bare = try await house.plane.accounts.provision(AccountProvision(name: "Robin", handle: "robin", password: "seven quiet boats at noon", isSuperUser: true), by: olga)
    let robin = house.caller(try await house.plane.sessions.create(login: "robin", password: "seven quiet boats at noon", by: house.visitor()))
    #expect(bare.isSuperUser && bare.email == nil)
    _ = try await house.plane.accounts.list(AccountFilter(), .first, by: robin)
    // It stands in the log of the account, with who did it.
    let events = try await house.plane.events.listOwn(EventFilter(), .first, by: robin).items
    #expect(events.contains { $0.action == "account.provision" })
  }

  @Test func `What can't be an account is refused, and nobody else makes one`() async throws {
    let house = try await House()
    let olga = house.caller(try await house.signUpVerified("Olga"))
    let bob = house.caller(try await house.signUpVerified("Bob"))
    #expect(await code { _ = try await house.plane.accounts.provision(AccountProvision(email: "x@example.org", name: "X"), by: bob) } == "forbidden")
    #expect(await code { _ = try await house.plane.accounts.provision(AccountProvision(email: "x@example.org", name: "X"), by: house.visitor()) } == "session.required")
    #expect(await code { _ = try await house.plane.accounts.provision(AccountProvision(email: "bob@example.org", name: "X"), by: olga) } == "email.taken")
    #expect(await code { _ = try await house.plane.accounts.provision(AccountProvision(email: "x@example.org", name: "X", handle: "bob"), by: olga) } == "name.taken")
    for draft: () throws -> AccountProvision in [
      { try AccountProvision(name: "X") }, { try AccountProvision(email: "x", name: "X") }, { try AccountProvision(email: "x@example.org", name: "") },
      { try AccountProvision(name: "X", password: "short") }, { try AccountProvision(email: "x@example.org", name: "X", handle: "a b") },
    ] {
      #expect(await code { _ = try draft() } == "invalid")
    }
    let id = try await house.plane.accounts.read(by: bob).id
    let own = try await house.plane.accounts.read(by: olga).id
    for caller in [bob, house.visitor()] {
      #expect(await code { _ = try await house.plane.accounts.change(own, AccountChange(name: "Z"), by: caller) } != "nothing")
      #expect(await code { try await house.plane.accounts.remove(own, by: caller) } != "nothing")
    }
    #expect(await code { _ = try await house.plane.accounts.change(own, AccountChange(isSuperUser: false), by: olga) } == "account.last_operator")
    #expect(await code { try await house.plane.accounts.remove(own, by: olga) } == "account.last_operator")
    #expect(await code { _ = try await house.plane.accounts.change(id, AccountChange(email: "olga@example.org"), by: olga) } == "email.taken")
    #expect(await code { _ = try await house.plane.accounts.change(id, AccountChange(name: "Z"), seen: 99, by: olga) } == "stale")
    #expect(await code { try await house.plane.accounts.remove(id, confirm: "olga", by: olga) } == "invalid")
  }

  @Test func `An account is changed and ended, and whoever held it is told and out`() async throws {
    let house = try await House()
    let olga = house.caller(try await house.signUpVerified("Olga"))
    let session = try await house.signUpVerified("Bob")
    let (bob, id) = (house.caller(session), session.account.id)
    let after = try await house.plane.accounts.change(
      id, AccountChange(name: "Bobby", handle: "bobby", email: "bobby@example.org", password: "seven quiet boats at noon", isSuperUser: true), by: olga)
    #expect(after.name.text == "Bobby" && after.handle.text == "bobby" && after.email?.text == "bobby@example.org" && after.isSuperUser)
    #expect(await code { _ = try await house.plane.accounts.read(by: bob) } != "nothing", "the sessions ended")
    #expect(await code { _ = try await house.plane.sessions.create(login: "bobby", password: House.password, by: house.visitor()) } != "nothing")
    let again = house.caller(try await house.plane.sessions.create(login: "bob", password: "seven quiet boats at noon", by: house.visitor()))
    #expect(try await house.plane.emails.list(by: again).map(\.address.text) == ["bobby@example.org"])
    // The address that was given up is free.
    _ = try await house.plane.accounts.provision(AccountProvision(email: "bob@example.org", name: "Another"), by: olga)
    _ = try await house.plane.accounts.change(id, AccountChange(isSuperUser: false), by: olga)
    #expect(await code { _ = try await house.plane.accounts.list(AccountFilter(), .first, by: again) } == "forbidden")
    // Changing nothing is no event.
    let revision = try await house.plane.accounts.find(id, by: olga).revision
    #expect(try await house.plane.accounts.change(id, AccountChange(name: "Bobby", email: "bobby@example.org"), by: olga).revision == revision)
    house.pass(.hours(1))
    #expect(await code { try await house.plane.accounts.remove(id, by: olga) } == "session.stale")
    _ = try await house.plane.sessions.confirm(password: House.password, by: olga)
    try await house.plane.accounts.remove(id, confirm: "bobby", by: olga)
    #expect(await code { _ = try await house.plane.accounts.read(by: again) } != "nothing")
    #expect(try await house.plane.accounts.find(id, by: olga).state == .deleted)
    #expect(await code { try await house.plane.accounts.remove(id, by: olga) } == "account.deleted")
    #expect(await code { _ = try await house.plane.accounts.change(id, AccountChange(name: "Z"), by: olga) } == "account.deleted")
  }
}
