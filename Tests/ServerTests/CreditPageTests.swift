import Authorization
import Contract
import ControlPlane
import HTTPTypes
import HummingbirdTesting
import Kernel
import Ledger
import Secrets
import TestSupport
import Testing

@testable import Server

@Suite struct CreditPageTests {
  private static let here = "/hall/credits"

  @Test func `An operator tops up on the page of the balance, with what was typed kept where it was wrong`() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      let wrong = try await hall.post(
        client, "\(Self.here)/top-up",
        [("amount", "12,5"), ("kind", "promotional"), ("note", "Invoice 7"), ("priority", "ten"), ("expires", "")], as: .admin)
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("value=\"12,5\"") && wrong.text.contains("value=\"Invoice 7\""))
      #expect(wrong.text.contains("2 fields need a look") && wrong.text.contains("Take a priority from 0 to 1,000."))
      for day in ["tomorrow", "2020-01-01", "2026-02-31", "9999-99-99"] {
        let answer = try await hall.post(client, "\(Self.here)/top-up", [("amount", "5"), ("expires", day)], as: .admin)
        #expect(answer.status == .unprocessableContent && answer.text.contains("id=\"top-up-expires-fault\""), "\(day)")
      }
      for amount in ["", "0", "-1", "1e3", "9223372036855", "0.0000001"] {
        let answer = try await hall.post(client, "\(Self.here)/top-up", [("amount", amount)], as: .admin)
        #expect(answer.status == .unprocessableContent && answer.text.contains("id=\"top-up-amount-fault\""), "\(amount)")
      }
      #expect(try await hall.balance() == "1038.25")
      let once = [("once", "k1"), ("amount", " 12345.5 "), ("kind", "paid"), ("note", "Invoice 8"), ("priority", ""), ("expires", "")]
      for _ in 1...3 { #expect(try await hall.post(client, "\(Self.here)/top-up", once, as: .admin).headers[.location] == Self.here) }
      #expect(try await hall.balance() == "13383.75", "a form that is sent again acts once")
      let page = try await client.send(.get, Self.here, hall.headers(of: .admin)).text
      #expect(page.contains("13,383.75") && page.contains("<title>The balance over 30 days</title>") && page.contains("<desc>"))
      #expect(try await client.send(.get, "\(Self.here)/top-up", hall.headers(of: .admin)).headers[.location] == Self.here)
    }
  }

  @Test func `Low and negative balances are told, with who can help`() async throws {
    let hall = try await Hall(.plain)
    let plane = hall.house.plane
    try await hall.serve { client in
      func page(_ person: Hall.Person) async throws -> String { try await client.send(.get, Self.here, hall.headers(of: person)).text }
      #expect(try await !page(.member).contains("class=\"banner"))
      hall.house.pass(.days(1))
      _ = try await plane.holds.charge(ChargeDraft(amount: "950"), in: "hall", by: hall.caller(.admin))
      hall.house.pass(.days(1))
      #expect(try await page(.member).contains("The credits last less than 7 days"))
      _ = try await plane.holds.charge(ChargeDraft(amount: "188.25"), in: "hall", by: hall.caller(.admin))
      let owed = try await page(.member)
      #expect(owed.contains("100 credits are owed") && owed.contains("−100") && owed.contains("Ask an operator of this installation"))
      #expect(try await page(.admin).contains("A top-up pays this off first."))
      let agreed = try await hall.post(client, "\(Self.here)/overdraft", [("overdraft", "250")], as: .admin)
      #expect(agreed.headers[.location] == Self.here)
      #expect(try await page(.member).contains("Work goes on within the overdraft."))
      #expect(try await hall.post(client, "\(Self.here)/overdraft", [("overdraft", "")], as: .admin).text.contains("overdraft-overdraft-fault"))
      #expect(try await hall.post(client, "\(Self.here)/overdraft", [("overdraft", "lots")], as: .admin).text.contains("value=\"lots\""))
      _ = try await hall.post(client, "\(Self.here)/overdraft", [("unlimited", "on")], as: .admin)
      #expect(try await plane.credits.balance(of: "hall", by: hall.caller(.admin)).limit == .unlimited)
      #expect(try await page(.member).contains("nothing limits it"))
    }
  }

  @Test func `What is for something alone is told beside what is available, and among the grants`() async throws {
    let hall = try await Hall(.plain)
    let share = hall.path("{share}")
    try await hall.serve { client in
      #expect(try await client.send(.get, Self.here, hall.headers(of: .admin)).text.contains("for what begins now"))
      let fields = [("amount", "75.5"), ("kind", "promotional"), ("note", "Trial"), ("priority", "7"), ("expires", "2999-01-31"), ("sub_balances", share)]
      #expect(try await hall.post(client, "\(Self.here)/top-up", fields, as: .admin).status == .seeOther)
      let page = try await client.send(.get, Self.here, hall.headers(of: .admin)).text
      #expect(page.contains("and 75.5 for something alone") && page.contains("31 January 2999") && !page.contains(">1 February 2999<"))
      #expect(page.contains("href=\"\(Self.here)/shares/\(share)\"><bdi>project Some</bdi>"))
      for wrong in ["nothing", "01900000-0000-7000-8000-000000000000"] {
        let answer = try await hall.post(client, "\(Self.here)/top-up", [("amount", "5"), ("sub_balances", wrong)], as: .admin)
        #expect(answer.status == .unprocessableContent && answer.text.contains("top-up-sub_balances-fault"), "\(wrong)")
      }
    }
  }

  @Test func `Credits are shared out on a page, set, raised and lowered, and forms that are older than the share are refused`() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      let wrong = try await hall.post(
        client, "\(Self.here)/shares/new", [("holder_kind", "member"), ("holder", "nobody-here"), ("kind", "allowance"), ("amount", "5")], as: .admin)
      #expect(wrong.status == .unprocessableContent && wrong.text.contains("value=\"nobody-here\"") && wrong.text.contains("share-holder-fault"))
      let tooMuch = try await hall.post(
        client, "\(Self.here)/shares/new", [("holder_kind", "cluster"), ("holder", "larch"), ("kind", "funds"), ("amount", "5000")], as: .admin)
      #expect(tooMuch.status == .unprocessableContent && tooMuch.text.contains("share-amount-fault") && tooMuch.text.contains("are missing"))
      for (field, value) in [("holder_kind", "galaxy"), ("kind", "gift")] {
        let fields = [("holder_kind", "cluster"), ("holder", "larch"), ("kind", "funds")].map { $0.0 == field ? (field, value) : $0 }
        #expect(try await hall.post(client, "\(Self.here)/shares/new", fields, as: .admin).text.contains("share-\(field)-fault"), "\(field)")
      }
      let made = try await hall.post(
        client, "\(Self.here)/shares/new", [("holder_kind", "member"), ("holder", "bob"), ("kind", "allowance"), ("amount", "100")], as: .admin)
      let share = try #require(made.headers[.location])
      #expect(made.status == .seeOther && share.hasPrefix("\(Self.here)/shares/"))
      let again = try await hall.post(client, "\(Self.here)/shares/new", [("holder_kind", "member"), ("holder", "bob"), ("kind", "allowance")], as: .admin)
      #expect(again.status == .unprocessableContent && again.text.contains("There is a sub-balance of this member already"))
      #expect(try await client.send(.get, "\(Self.here)/shares", hall.headers(of: .admin)).text.contains("href=\"\(share)\""))

      #expect(try await hall.post(client, share, [("balance", "250.5"), ("revision", "1")], as: .admin).headers[.location] == share)
      let stale = try await hall.post(client, share, [("balance", "999"), ("revision", "1")], as: .admin)
      #expect(stale.status == .unprocessableContent && stale.text.contains("value=\"999\"") && stale.text.contains("Load it as it is now"))
      #expect(try await hall.post(client, "\(share)/deposits", [("amount", "0.5"), ("note", "More")], as: .admin).headers[.location] == share)
      #expect(try await hall.post(client, "\(share)/withdrawals", [("amount", "51")], as: .admin).headers[.location] == share)
      let page = try await client.send(.get, share, hall.headers(of: .admin)).text
      #expect(page.contains(">200<") && page.contains("+0.5") && page.contains("−51") && page.contains("Sub-balance raised") && page.contains("More"))
      let beyond = try await hall.post(client, "\(share)/withdrawals", [("amount", "1000")], as: .admin)
      #expect(beyond.status == .unprocessableContent && beyond.text.contains("withdrawal-amount-fault"))
      _ = try await hall.post(client, share, [("balance", ""), ("unlimited", "on"), ("revision", "2")], as: .admin)
      #expect(try await client.send(.get, share, hall.headers(of: .admin)).text.contains("<dd class=\"value\">unlimited</dd>"))
      let empty = try await hall.post(client, share, [("balance", ""), ("revision", "3")], as: .admin)
      #expect(empty.status == .unprocessableContent && empty.text.contains("Say how much may be used from now on."))
      #expect(try await client.send(.get, "\(Self.here)/shares/nothing", hall.headers(of: .admin)).status == .notFound)
      #expect(try await client.send(.get, "\(Self.here)/shares/\(hall.path("{organization}"))", hall.headers(of: .admin)).status == .notFound)
    }
  }

  @Test func `Saving what nobody touched doesn't give back what was used while the form was open`() async throws {
    let hall = try await Hall(.plain)
    let share = hall.path("/{organization}/credits/shares/{share}")
    let id = try #require(ID<SubBalance>(hall.path("{share}")))
    try await hall.serve { client in
      func left() async throws -> String { try await hall.house.plane.subBalances.find(id, in: "hall", by: hall.caller(.admin)).balance.description }
      let page = try await client.send(.get, share, hall.headers(of: .admin)).text
      let form = try #require(PageForm.all(in: page).first { $0.action == share })
      #expect(form.hidden.contains { $0 == ("shown", "387.75") } && page.contains("value=\"387.75\""))
      _ = try await hall.house.plane.holds.charge(ChargeDraft(subBalance: id, amount: "7.75"), in: "hall", by: hall.caller(.admin))
      #expect(try await hall.post(client, share, form.hidden + [("balance", "387.75")], as: .admin).status == .seeOther)
      #expect(try await left() == "380")
      _ = try await hall.post(client, share, form.hidden + [("balance", "387.75"), ("unlimited", "on")], as: .admin)
      #expect(try await left() == "380")
      #expect(try await hall.post(client, share, [("balance", "387.75"), ("shown", ""), ("revision", "2")], as: .admin).status == .seeOther)
      #expect(try await left() == "387.75")
    }
  }

  @Test func `A move is undone by one press, from the note that tells it`() async throws {
    let hall = try await Hall(.plain)
    let share = hall.path("/{organization}/credits/shares/{share}")
    try await hall.serve { client in
      let done = try await hall.post(client, "\(share)/deposits", [("amount", "7")], as: .admin)
      var headers = hall.headers(of: .admin)
      let flash = try #require(done.cookies.first { $0.contains("flash") }?.prefix { $0 != ";" })
      headers[.cookie] = "\(headers[.cookie] ?? ""); \(flash)"
      let page = try await client.send(.get, share, headers).text
      let form = try #require(PageForm.all(in: page).first { $0.content.contains(">Undo<") })
      #expect(form.action == "\(share)/withdrawals")
      for _ in 1...2 { #expect(try await hall.post(client, form.action, form.hidden, as: .admin).headers[.location] == share) }
      #expect(try await client.send(.get, share, hall.headers(of: .admin)).text.contains("value=\"387.75\""))
    }
  }

  @Test func `A hold is released by who made it or an operator, and nobody else is offered that`() async throws {
    let hall = try await Hall(.plain)
    let release = hall.path("/{organization}/credits/holds/{hold}/release")
    try await hall.serve { client in
      let theirs = try await client.send(.get, "\(Self.here)/holds", hall.headers(of: .member)).text
      #expect(theirs.contains("live") && !theirs.contains("/release"))
      #expect(try await client.send(.get, "\(Self.here)/holds", hall.headers(of: .admin)).text.contains(release))
      _ = try await hall.post(client, release, [], as: .member)
      #expect(try await client.send(.get, "\(Self.here)/holds?state=live", hall.headers(of: .member)).text.contains("class=\"table\""))
      // Who may use credits is offered it for their own holds alone.
      let plane = hall.house.plane
      let bob = try #require(try await plane.members.list(in: "hall", MemberFilter(search: "bob"), .first, by: hall.caller(.admin)).items.first)
      _ = try await plane.members.setRoles(bob.id, ["infrastructure"], seen: nil, in: "hall", by: hall.caller(.admin))
      let own = try await plane.holds.create(HoldDraft(amount: "1"), in: "hall", by: hall.caller(.member)).hold.id
      let offered = try await client.send(.get, "\(Self.here)/holds", hall.headers(of: .member)).text
      #expect(offered.contains("/\(own)/release") && !offered.contains(release))
      _ = try await hall.post(client, release, [], as: .member)
      #expect(try await plane.holds.list(in: "hall", .live, .first, by: hall.caller(.admin)).total == 2)
      _ = try await hall.post(client, "\(Self.here)/holds/\(own)/release", [], as: .member)
      #expect(try await plane.holds.list(in: "hall", .live, .first, by: hall.caller(.admin)).total == 1)
      #expect(try await hall.post(client, "\(Self.here)/holds/nothing/release", [], as: .member).headers[.location] == "\(Self.here)/holds")
      _ = try await hall.post(client, release, [], as: .admin)
      #expect(try await client.send(.get, "\(Self.here)/holds?state=live", hall.headers(of: .member)).text.contains("No hold fits"))
      #expect(try await client.send(.get, "\(Self.here)/holds?state=released", hall.headers(of: .member)).text.contains("released"))
    }
  }

  @Test func `The statement tells what happened in words, filters it, and gives it as a file`() async throws {
    let hall = try await Hall(.plain)
    try await hall.serve { client in
      let path = "\(Self.here)/statement"
      let all = try await client.send(.get, path, hall.headers(of: .admin)).text
      #expect(all.contains("Top-up") && all.contains("+1,000") && all.contains("−12.25") && all.contains("(20)") && all.contains("Some ada"))
      let charges = try await client.send(.get, "\(path)?kind=charge", hall.headers(of: .admin)).text
      #expect(charges.contains("−12.25") && !charges.contains("+1,000"))
      #expect(try await client.send(.get, "\(path)?since=2999-01-01", hall.headers(of: .admin)).text.contains("Nothing fits"))
      let share = String(hall.path("{share}"))
      let one = try await client.send(.get, "\(path)?share=\(share)", hall.headers(of: .admin)).text
      #expect(one.contains("Sub-balance raised") && one.contains("+400") && !one.contains("+1,000"))
      let file = try await client.send(.get, "\(path)/export?kind=charge", hall.headers(of: .admin))
      #expect(file.headers[.contentDisposition]?.contains("hall-statement.csv") == true)
      let lines = file.text.split(separator: "\r\n")
      #expect(lines.count == 2 && lines[0].hasPrefix("number,at,what,") && lines[1].contains(",Used,project Some,use,,12.25,,Some,Some ada,"), "\(lines)")
      #expect(try await client.send(.get, "\(path)?kind=nonsense", hall.headers(of: .admin)).text.contains("Nothing fits"))
    }
  }

  @Test(arguments: ["member", "viewer", "guest", "billing", "manager", "infrastructure", "contributor"])
  func `Each role is offered what it may do, and a deed tried all the same is refused`(role: String) async throws {
    let hall = try await Hall(.plain)
    let plane = hall.house.plane
    let bob = try #require(try await plane.members.list(in: "hall", MemberFilter(search: "bob"), .first, by: hall.caller(.admin)).items.first)
    _ = try await plane.members.setRoles(bob.id, [role], seen: nil, in: "hall", by: hall.caller(.admin))
    let permissions = try await plane.organizations.open("hall", by: hall.caller(.member)).permissions
    try await hall.serve { client in
      func page(_ path: String) async throws -> TestResponse { try await client.send(.get, "/hall\(path)", hall.headers(of: .member)) }
      #expect(try await page("").text.contains("href=\"\(Self.here)\"") == permissions.contains(.creditsRead))
      for path in ["/credits", "/credits/shares", "/credits/holds"] {
        #expect(try await page(path).status == (permissions.contains(.creditsRead) ? .ok : .forbidden), "\(path)")
      }
      #expect(try await page("/credits/statement").status == (permissions.contains(.usageRead) ? .ok : .forbidden))
      #expect(try await page("/credits/statement/export").status == (permissions.contains(.usageRead) ? .ok : .forbidden))
      guard permissions.contains(.creditsRead) else { return }
      let balance = try await page("/credits").text
      #expect(balance.contains("href=\"\(Self.here)/statement\"") == permissions.contains(.usageRead))
      #expect(!balance.contains("Top up") && !balance.contains("/overdraft"))
      let manages = permissions.contains(.creditsManage)
      #expect(try await page("/credits/shares").text.contains("New sub-balance") == manages)
      #expect(try await page("/credits/shares/new").text.contains("name=\"holder\"") == manages)
      let share = hall.path("/credits/shares/{share}")
      let text = try await page(share).text
      #expect(text.contains("/deposits") == manages && text.contains("name=\"balance\"") == manages)
      #expect(text.contains("<h2>Statement</h2>") == permissions.contains(.usageRead))
      for (path, fields) in [("/credits/top-up", [("amount", "5")]), ("/credits/overdraft", [("overdraft", "5")])] {
        #expect(try await hall.post(client, "/hall\(path)", fields, as: .member).status == .unprocessableContent, "\(path)")
      }
      if !manages {
        for (path, fields) in [
          ("/credits/shares/new", [("holder_kind", "project"), ("holder", "x"), ("kind", "allowance")]), (share, [("balance", "5")]),
          ("\(share)/deposits", [("amount", "5")]), ("\(share)/withdrawals", [("amount", "5")]),
          ("\(share)/deletion", []),
        ] { #expect(try await hall.post(client, "/hall\(path)", fields, as: .member).status == .unprocessableContent, "\(path)") }
      }
      #expect(try await hall.balance() == "1038.25")
    }
  }

  @Test func `A sub-balance is removed from its page, once nothing is held of it`() async throws {
    let hall = try await Hall()
    try await hall.serve { client in
      let share = "/hall" + hall.path("/credits/shares/{share}")
      let shown = try await client.send(.get, share, hall.headers(of: .admin)).text
      #expect(shown.contains("action=\"\(share)/deletion\"") && shown.contains("Remove the sub-balance"))
      let held = try await hall.post(client, "\(share)/deletion", [], as: .admin)
      #expect(held.status == .unprocessableContent && held.text.contains("20 credits of it are held"))
      let id = try #require(ID<Hold>(hall.path("{hold}")))
      _ = try await hall.house.plane.holds.release(id, in: "hall", by: hall.caller(.admin))
      let outdated = try await hall.post(client, "\(share)/deletion", [("revision", "77")], as: .admin)
      #expect(outdated.status == .unprocessableContent && outdated.text.contains("was changed since"))
      let done = try await hall.post(client, "\(share)/deletion", [], as: .admin)
      #expect(done.headers[.location] == "/hall/credits/shares")
      #expect(try await client.send(.get, share, hall.headers(of: .admin)).status == .notFound)
      #expect(try await client.send(.get, "/hall/credits/statement", hall.headers(of: .admin)).status == .ok)
    }
  }

  @Test func `Where nothing came in yet, the page says what to do first`() async throws {
    let hall = try await Hall(.plain)
    let plane = hall.house.plane
    let draft = try OrganizationDraft(name: "Fresh", slug: "fresh", description: "", billingEmail: "bob@example.org")
    _ = try await plane.organizations.found(draft, by: hall.caller(.member))
    try await hall.serve { client in
      let theirs = try await client.send(.get, "/fresh/credits", hall.headers(of: .member)).text
      #expect(theirs.contains("No credits yet") && theirs.contains("An operator of this installation brings credits in") && !theirs.contains("class=\"chart\""))
      let operators = try await client.send(.get, "/fresh/credits", hall.headers(of: .admin)).text
      #expect(operators.contains("Top up first") && operators.contains("action=\"/fresh/credits/top-up\""))
      for (path, text) in [("shares", "No sub-balances yet"), ("holds", "Nothing was held yet"), ("statement", "Nothing has moved yet")] {
        #expect(try await client.send(.get, "/fresh/credits/\(path)", hall.headers(of: .member)).text.contains(text), "\(path)")
      }
      let fields = [("holder_kind", "project"), ("holder", "x"), ("kind", "allowance"), ("unlimited", "on")]
      _ = try await hall.post(client, "/fresh/credits/shares/new", fields, as: .member)
      #expect(try await client.send(.get, "/fresh/credits/shares", hall.headers(of: .member)).text.contains("the organization"))
    }
  }
}

extension Hall {
  /// The address of a page with the hall's own things in its place.
  func path(_ pattern: String) -> String { path(PageRoute.page(pattern) { _ in .redirect(to: "/") }) ?? pattern }

  fileprivate func balance() async throws -> String { try await house.plane.credits.balance(of: "hall", by: caller(.admin)).balance.description }
}
