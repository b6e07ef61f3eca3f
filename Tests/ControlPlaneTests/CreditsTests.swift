import Contract
@testable import ControlPlane
public import Kernel
import Ledger
import Storage
import TestSupport
import Testing

/// The promises of balances, holds, charges and what is shared out, on SQLite; `CreditsOnPostgresTests` runs the same on PostgreSQL.
@Suite struct CreditsTests {
  @Test func `Credits come in, are held, used and run out`() async throws { try await Self.story(Lab()) }

  static func story(_ lab: Lab) async throws {
    let plane = lab.plane
    #expect(try await lab.balance() == "0 0 0")
    // Nobody has credits before somebody brought them in.
    #expect(await refusal { try await lab.hold("1") } == "credits.insufficient")
    #expect(await refusal { try await plane.credits.topUp(TopUpOrder(amount: "100"), of: lab.slug, by: lab.admin) } == "forbidden")
    try await lab.topUp("100")
    #expect(try await lab.balance() == "100 0 100")
    let hold = try await lab.hold("40", ceiling: "60")
    #expect(try await lab.balance() == "100 40 60")
    // More than is left, at which level and how much is missing.
    let lack = await problem { try await lab.hold("60.5") }
    #expect(lack?.quote == Quote(level: "balance", available: "60", missing: "0.5") && lack?.kind == .payment)
    #expect(try await lab.settle(hold, "55.25").state == .settled)
    #expect(try await lab.balance() == "44.75 0 44.75")
    // The same again is the same, anything else is a conflict.
    #expect(try await lab.settle(hold, "55.25").state == .settled)
    #expect(await refusal { try await lab.settle(hold, "55") } == "hold.settled")
    #expect(await refusal { try await plane.holds.release(hold, in: lab.slug, by: lab.admin) } == "hold.settled")
    let second = try await lab.hold("4.75", ceiling: "5")
    #expect(await refusal { try await lab.settle(second, "5.000001") } == "hold.above_ceiling")
    #expect(try await plane.holds.release(second, in: lab.slug, by: lab.admin).state == .released)
    #expect(try await plane.holds.release(second, in: lab.slug, by: lab.admin).state == .released)
    #expect(await refusal { try await lab.settle(second, "1") } == "hold.released")
    // What was used is used, whatever there is; what isn't yet is refused.
    #expect(await refusal { try await lab.charge("44.750001", asksFirst: true) } == "credits.insufficient")
    try await lab.charge("50")
    #expect(try await lab.balance() == "-5.25 0 -5.25")
    #expect(await refusal { try await lab.hold("0.000001") } == "credits.insufficient")
    // A top-up pays the arrears off first.
    try await lab.topUp("10")
    #expect(try await lab.balance() == "4.75 0 4.75")
    #expect(try await lab.kinds() == ["post", "charge", "release", "hold", "settle", "hold", "post"])
    // What the statement shows: each entry once, with the names of who made it.
    var actors: [JournalActor] = []
    try await plane.credits.all(of: lab.slug, StatementFilter(), by: lab.admin) { records in actors += records.map(\.record.actor) }
    #expect(actors.count == 7)
    let gone = JournalActor(kind: .account, id: "nobody")
    let names = try await plane.credits.names(of: actors + [gone, JournalActor(kind: .serviceAccount, id: "nothing"), .books], in: lab.slug, by: lab.admin)
    #expect(actors.map { names[$0] } == ["Oscar"] + Array(repeating: "Ada", count: 5) + ["Oscar"])
    #expect(names[gone] == nil && names[.books] == "The server")
    try await lab.expectSoundBooks()
  }

  @Test func `A balance is put right by so much or to an amount, once for an id`() async throws { try await Self.corrections(Lab()) }

  static func corrections(_ lab: Lab) async throws {
    let credits = lab.plane.credits
    @discardableResult func correct(_ id: Int? = nil, by amount: Credits? = nil, to balance: Credits? = nil) async throws(Problem) -> String {
      let correction = try CreditCorrection(id: id.map(lab.id), amount: amount, balance: balance, note: "Counted twice")
      _ = try await credits.correct(correction, of: lab.slug, by: lab.operator)
      return try await lab.balance()
    }
    #expect(await refusal { try await credits.correct(CreditCorrection(amount: "1"), of: lab.slug, by: lab.admin) } == "forbidden")
    #expect(await faultyFields { try await correct() } == ["amount"])
    #expect(await faultyFields { try await correct(by: "1", to: "1") } == ["amount"])
    #expect(await faultyFields { try await correct(by: "0") } == ["amount"])
    #expect(try await correct(to: "0") == "0 0 0")
    #expect(try await correct(1, by: "10.5") == "10.5 0 10.5")
    for _ in 0..<2 { #expect(try await correct(1, by: "10.5") == "10.5 0 10.5") }
    #expect(await refusal { try await correct(1, by: "10") } == "transfer.id_reused")
    #expect(try await correct(2, to: "4") == "4 0 4")
    #expect(try await correct(by: "2") == "6 0 6")
    // The same again is over, whatever the balance is by now.
    #expect(try await correct(2, to: "4") == "6 0 6")
    // What is held stays, and nothing is taken that isn't there.
    let hold = try await lab.hold("5")
    #expect(await refusal { try await correct(by: "-2") } == "credits.insufficient")
    #expect(await refusal { try await correct(to: "4") } == "credits.insufficient")
    _ = try await lab.plane.holds.release(hold, in: lab.slug, by: lab.admin)
    #expect(try await correct(by: "-6") == "0 0 0")
    #expect(await refusal { try await correct(by: "-0.000001") } == "credits.insufficient")
    #expect(await refusal { try await correct(by: .maximum); try await correct(by: "1") } == "credits.out_of_range")
    try await lab.expectSoundBooks()
  }

  @Test func `What was used through a share is counted, without what was taken back`() async throws { try await Self.uses(Lab()) }

  static func uses(_ lab: Lab) async throws {
    try await lab.topUp("100")
    _ = try await lab.member("Bob", as: "member")
    let bob = try await lab.share(SubBalanceDraft(holderKind: .member, holder: "bob", amount: "30")).subBalance
    let eva = try await lab.share(SubBalanceDraft(holderKind: .project, holder: "eva", isUnlimited: true)).subBalance
    func used() async throws(Problem) -> [String] {
      let found = try await lab.plane.subBalances.used([bob, eva], in: lab.slug, by: lab.admin)
      return [bob, eva].map { found[$0.id]?.description ?? "-" }
    }
    #expect(try await used() == ["0", "0"])
    try await lab.charge("2.5", of: bob.id)
    let mistake = try await lab.charge("40", of: bob.id)
    try await lab.charge("1", of: eva.id)
    try await lab.charge("7")
    #expect(try await used() == ["42.5", "1"])
    _ = try await lab.plane.holds.reverse(mistake, in: lab.slug, by: lab.admin)
    #expect(try await used() == ["2.5", "1"])
    // Setting what there is, and what is only held, is no use.
    try await lab.move("5", bob.id, isIn: true)
    try await lab.set(bob.id, SubBalanceUpdate(balance: "9"))
    let hold = try await lab.hold("3", of: bob.id)
    #expect(try await used() == ["2.5", "1"])
    try await lab.settle(hold, "2")
    #expect(try await used() == ["4.5", "1"])
    #expect(await refusal { try await lab.plane.subBalances.used([bob], in: lab.slug, by: lab.house.caller(try await lab.house.signUp("Eve"))) } == "missing")
    let other = try await lab.house.found("Other", by: lab.ada).slug.text
    #expect(try await lab.plane.subBalances.used([bob], in: other, by: lab.admin).isEmpty)
  }

  @Test func `A hold ends at its instant, whether anybody looks or not`() async throws { try await Self.expiry(Lab()) }

  static func expiry(_ lab: Lab) async throws {
    try await lab.topUp("10")
    let hold = try await lab.hold("10", seconds: 60)
    lab.house.pass(.seconds(59))
    #expect(await refusal { try await lab.hold("1") } == "credits.insufficient")
    lab.house.pass(.seconds(1))
    #expect(try await lab.balance() == "10 0 10")
    #expect(try await lab.plane.holds.find(hold, in: lab.slug, by: lab.admin).state == .expired)
    #expect(try await lab.plane.holds.list(in: lab.slug, .expired, .first, by: lab.admin).total == 1)
    #expect(try await lab.plane.holds.list(in: lab.slug, .live, .first, by: lab.admin).total == 0)
    #expect(await refusal { try await lab.settle(hold, "1") } == "hold.expired")
    try await lab.hold("10", seconds: 60)
    #expect(try await lab.balance() == "10 10 0")
    try await lab.expectSoundBooks()
  }

  @Test func `An id is used once: the same again is answered as the first time, anything else is refused`() async throws { try await Self.repeats(Lab()) }

  static func repeats(_ lab: Lab) async throws {
    let plane = lab.plane
    let (topUp, charge, hold) = (lab.id(1), lab.id(2), lab.id(3))
    for _ in 0..<3 { _ = try await plane.credits.topUp(TopUpOrder(id: topUp, amount: "10", note: "Invoice 7"), of: lab.slug, by: lab.operator) }
    #expect(await refusal { try await plane.credits.topUp(TopUpOrder(id: topUp, amount: "11"), of: lab.slug, by: lab.operator) } == "transfer.id_reused")
    var sequences: Set<Int64> = []
    for _ in 0..<3 { sequences.insert(try await plane.holds.charge(ChargeDraft(id: charge, amount: "1"), in: lab.slug, by: lab.admin).record.entry.sequence) }
    #expect(sequences.count == 1)
    #expect(await refusal { try await lab.charge("2", as: charge) } == "transfer.id_reused")
    #expect(await refusal { try await lab.charge("1", asksFirst: true, as: charge) } == "transfer.id_reused")
    // A hold asks for the same term again later.
    for _ in 0..<3 {
      try await lab.hold("2", seconds: 600, as: hold)
      lab.house.pass(.seconds(5))
    }
    #expect(await refusal { try await lab.hold("2", seconds: 601, as: hold) } == "transfer.id_reused")
    #expect(try await lab.balance() == "9 2 7")
    // A refused id stays free.
    #expect(await refusal { try await lab.hold("100", as: lab.id(4)) } == "credits.insufficient")
    try await lab.hold("7", as: lab.id(4))
    try await lab.expectSoundBooks()
  }

  @Test func `Who made a hold or a transfer ends it or takes it back, or an operator; nobody else`() async throws { try await Self.owners(Lab()) }

  static func owners(_ lab: Lab) async throws {
    try await lab.topUp("100")
    let plane = lab.plane
    let bob = lab.house.caller(try await lab.member("Bob", as: "infrastructure").session)
    let cleo = lab.house.caller(try await lab.member("Cleo", as: "member").session)
    let hold = try await lab.hold("10")
    let charge = try await lab.charge("10")
    #expect(await refusal { try await plane.holds.settle(hold, for: "1", in: lab.slug, by: bob) } == "hold.foreign")
    #expect(await refusal { try await plane.holds.release(hold, in: lab.slug, by: bob) } == "hold.foreign")
    #expect(await refusal { try await plane.holds.reverse(charge, in: lab.slug, by: bob) } == "transfer.foreign")
    #expect(await refusal { try await plane.holds.settle(hold, for: "1", in: lab.slug, by: cleo) } == "forbidden")
    // Nor by a list that claims to have made it.
    let claims = [
      BatchedTransfer(hold.cast(), .charge(try amount("1"), nil)), BatchedTransfer(lab.id(7), .release(hold)), BatchedTransfer(lab.id(8), .reverse(charge)),
    ]
    let results = try await plane.holds.carryOut(claims, in: lab.slug, by: bob)
    #expect(results.map(\.problem?.code.name) == ["transfer.id_reused", "hold.foreign", "transfer.foreign"])
    #expect(try await lab.balance() == "90 10 80")
    // A top-up is the operator's.
    let topUp = try await lab.topUp("5")
    #expect(await refusal { try await plane.holds.reverse(topUp, in: lab.slug, by: lab.admin) } == "transfer.foreign")
    _ = try await plane.holds.reverse(topUp, in: lab.slug, by: lab.operator)
    #expect(try await plane.holds.release(hold, in: lab.slug, by: lab.operator).state == .released)
    for _ in 0..<2 { _ = try await plane.holds.reverse(charge, in: lab.slug, by: lab.admin) }
    #expect(try await lab.balance() == "100 0 100")
    try await lab.expectSoundBooks()
  }

  @Test func `What belongs to another organization isn't there`() async throws { try await Self.strangers(Lab()) }

  static func strangers(_ lab: Lab) async throws {
    let plane = lab.plane
    let eve = try await lab.house.signUpVerified("Eve")
    let other = try await lab.house.found("Other", by: eve).slug.text
    try await lab.topUp("100")
    _ = try await plane.credits.topUp(TopUpOrder(amount: "100"), of: other, by: lab.operator)
    let (hold, charge) = (try await lab.hold("10"), try await lab.charge("10"))
    let shared = try await lab.share(SubBalanceDraft(holderKind: .project, holder: "eva", amount: "10")).subBalance.id
    let evil = lab.house.caller(eve)
    for caller in [evil, lab.operator] {
      #expect(await refusal { try await plane.holds.find(hold, in: other, by: caller) } == "missing")
      #expect(await refusal { try await plane.holds.settle(hold, for: "1", in: other, by: caller) } == "missing")
      #expect(await refusal { try await plane.holds.release(hold, in: other, by: caller) } == "missing")
      #expect(await refusal { try await plane.holds.reverse(charge, in: other, by: caller) } == "missing")
      #expect(await refusal { try await plane.credits.transfer(charge, in: other, by: caller) } == "missing")
      #expect(await refusal { try await plane.subBalances.find(shared, in: other, by: caller) } == "missing")
      #expect(await refusal { try await plane.subBalances.move("1", into: shared, isIn: true, in: other, by: caller) } == "missing")
      #expect(await refusal { try await plane.holds.charge(ChargeDraft(subBalance: shared, amount: "1"), in: other, by: caller) } == "missing")
      #expect(await refusal { try await plane.holds.create(HoldDraft(subBalance: shared, amount: "1"), in: other, by: caller) } == "missing")
    }
    #expect(await refusal { try await plane.credits.balance(of: lab.slug, by: evil) } == "missing")
    #expect(await refusal { try await plane.holds.charge(ChargeDraft(amount: "1"), in: lab.slug, by: evil) } == "missing")
    #expect(try await lab.balance() == "90 10 80")
    #expect(try await lab.balance(of: other) == "100 0 100")
    try await lab.expectSoundBooks()
  }

  @Test func `Unlimited together with an amount is refused, for a new sub-balance and for one that there is`() async throws {
    let lab = try await Lab()
    #expect(await faultyFields { try SubBalanceDraft(holderKind: .project, holder: "eva", amount: "5", isUnlimited: true) } == ["amount"])
    #expect(await faultyFields { try SubBalanceDraft(holderKind: .project, holder: "eva", amount: "0", isUnlimited: true) } == ["amount"])
    #expect(await faultyFields { try SubBalanceUpdate(balance: "5", isUnlimited: true) } == ["balance"])
    let share = try await lab.share(SubBalanceDraft(holderKind: .project, holder: "eva", isUnlimited: true))
    #expect(share.isUnlimited && share.balance == .zero)
    #expect(try await !lab.set(share.subBalance.id, SubBalanceUpdate(balance: "5", isUnlimited: false)).isUnlimited)
  }

  @Test func `Sub-balances are named as requests name them, also in the statement and by grants`() async throws {
    let lab = try await Lab()
    try await lab.topUp("100")
    _ = try await lab.member("Bob", as: "member")
    _ = try await lab.plane.serviceAccounts.create(
      ServiceAccountDraft(name: "Nightly report", slug: "nightly", roles: ["viewer"]), in: lab.slug, by: lab.admin)
    var made: [SubBalance] = []
    for (kind, holder) in [(SubBalance.HolderKind.member, "bob@example.org"), (.serviceAccount, "nightly"), (.cluster, "larch 7")] {
      made.append(try await lab.share(SubBalanceDraft(holderKind: kind, holder: holder, amount: "5")).subBalance)
    }
    let named = try await lab.plane.credits.references(of: made, in: lab.slug, by: lab.admin)
    #expect(made.map { named[$0.id] } == ["member:bob", "service-account:nightly", "cluster:larch 7"])
    #expect(try await lab.plane.subBalances.named(Set(made.map(\.id)), in: lab.slug, by: lab.admin) == named)
    #expect(await refusal { try await lab.plane.credits.statement(
      of: lab.slug, StatementFilter(since: lab.house.now, until: lab.house.now - .days(1)), .first, by: lab.admin) } == "invalid")
  }

  @Test func `Shares limit what is drawn through them, and the tightest level is named`() async throws { try await Self.shares(Lab()) }

  static func shares(_ lab: Lab) async throws {
    let plane = lab.plane
    try await lab.topUp("100")
    let bob = try await lab.member("Bob", as: "member").session
    let share = try await lab.share(SubBalanceDraft(holderKind: .member, holder: "bob", amount: "30"))
    #expect(share.available == .credits("30", at: share.subBalance.account) && share.subBalance.holder.key == bob.account.id.description)
    #expect(await refusal { try await lab.share(SubBalanceDraft(holderKind: .member, holder: "bob")) } == "name.taken")
    let id = share.subBalance.id
    // A share is no part of the balance: it says who may use how much of it.
    #expect(try await lab.balance() == "100 0 100")
    try await lab.charge("10", of: id)
    #expect(try await lab.balance() == "90 0 90")
    let lack = await problem { try await plane.holds.create(HoldDraft(subBalance: id, amount: "25"), in: lab.slug, by: lab.admin) }
    #expect(lack?.quote == Quote(level: id.description, available: "20", missing: "5"))
    // The organization's balance limits too.
    try await lab.set(id, SubBalanceUpdate(isUnlimited: true))
    let short = await problem { try await plane.holds.create(HoldDraft(subBalance: id, amount: "91"), in: lab.slug, by: lab.admin) }
    #expect(short?.quote == Quote(level: "balance", available: "90", missing: "1"))
    // Zero is zero, also with something held.
    _ = try await plane.holds.create(HoldDraft(subBalance: id, amount: "5"), in: lab.slug, by: lab.admin)
    let closed = try await lab.set(id, SubBalanceUpdate(balance: "0", isUnlimited: false))
    #expect(closed.balance == .zero && closed.held == "5" && !closed.isUnlimited)
    #expect(await refusal { try await lab.charge("0.1", of: id, asksFirst: true) } == "credits.insufficient")
    #expect(await refusal { try await lab.set(id, SubBalanceUpdate(balance: "1"), seen: 1) } == "stale")
    // Credits of its own are taken from the balance and given back to it.
    let own = try await lab.share(SubBalanceDraft(holderKind: .project, holder: "eva", kind: .funds, amount: "40"))
    #expect(try await lab.balance() == "50 5 45")
    try await lab.charge("15", of: own.subBalance.id)
    #expect(await refusal { try await lab.move("26", own.subBalance.id, isIn: false) } == "credits.insufficient")
    #expect(try await lab.move("25", own.subBalance.id, isIn: false).balance == .zero)
    #expect(try await lab.balance() == "75 5 70")
    #expect(await refusal { try await lab.move("71", own.subBalance.id, isIn: true) } == "credits.insufficient")
    #expect(await refusal { try await lab.set(own.subBalance.id, SubBalanceUpdate(balance: "1")) } == "transfer.unfit")
    let listed = try await plane.subBalances.list(in: lab.slug, PageRequest(limit: 1), by: lab.admin)
    #expect(listed.total == 2 && listed.items.map(\.subBalance.holder.name) == ["Bob"])
    let second = try await plane.subBalances.list(in: lab.slug, PageRequest(limit: 1, cursor: listed.next), by: lab.admin)
    #expect(second.items.map(\.subBalance.holder.name) == ["eva"])
    let statement = try await plane.credits.statement(of: lab.slug, subBalance: id, StatementFilter(), .first, by: lab.admin)
    #expect(statement.items.map { $0.record.entry.transfer.content.name } == ["post", "hold", "charge", "post"])
    try await lab.expectSoundBooks()
  }

  @Test func `Many at once each get their answer, or all or none`() async throws { try await Self.batches(Lab()) }

  static func batches(_ lab: Lab) async throws {
    let plane = lab.plane
    try await lab.topUp("10")
    let hold = ID<Hold>(lab.id(1).description)!
    let expires = lab.house.now + .hours(1)
    let mixed: [BatchedTransfer] = [
      BatchedTransfer(lab.id(1), .hold(try amount("4"), ceiling: try amount("4"), nil, expires: expires)),
      BatchedTransfer(lab.id(2), .spend(try amount("7"), nil)),
      BatchedTransfer(lab.id(3), .spend(try amount("6"), nil)),
      BatchedTransfer(lab.id(4), .settle(hold, try amount("3"))),
      BatchedTransfer(lab.id(5), .charge(try amount("2"), nil)),
      BatchedTransfer(lab.id(3), .spend(try amount("6"), nil)),
      BatchedTransfer(lab.id(6), .release(ID(lab.id(99).description)!)),
      BatchedTransfer(lab.id(7), .charge(try amount("2"), lab.id(98).cast())),
      BatchedTransfer(lab.id(8), .reverse(lab.id(3))),
    ]
    let results = try await plane.holds.carryOut(mixed, in: lab.slug, by: lab.admin)
    #expect(
      results.map { $0.problem?.code.name ?? "done" }
        == ["done", "credits.insufficient", "done", "done", "done", "done", "missing", "missing", "done"])
    #expect(try await lab.balance() == "5 0 5")
    // Sent again, each says the same.
    let again = try await plane.holds.carryOut(mixed, in: lab.slug, by: lab.admin)
    #expect(again.map { try? $0.get().sequence } == results.map { try? $0.get().sequence })
    #expect(try await lab.balance() == "5 0 5")
    let linked = try (20..<23).map { BatchedTransfer(lab.id($0), .spend(try amount("2"), nil)) }
    let lack = await problem { try await plane.holds.carryOut(linked, isLinked: true, in: lab.slug, by: lab.admin) }
    #expect(lack?.code == .insufficientCredits && lack?.detail.hasPrefix("Transfer 3 of the list: ") == true)
    #expect(try await lab.balance() == "5 0 5")
    #expect(try await plane.holds.carryOut(Array(linked.prefix(2)), isLinked: true, in: lab.slug, by: lab.admin).count == 2)
    #expect(try await lab.balance() == "1 0 1")
    #expect(await refusal { try await plane.holds.carryOut([], in: lab.slug, by: lab.admin) } == "invalid")
    try await lab.expectSoundBooks()
  }

  @Test func `Concurrent callers never draw more than there is, and each repeat is answered as the first`() async throws {
    try await Self.race(Lab(), callers: 24, rounds: 12)
  }

  static func race(_ lab: Lab, callers: Int, rounds: Int) async throws {
    try await lab.topUp("100")
    let spent = await withTaskGroup(of: Int64.self) { group in
      for caller in 0..<callers {
        group.addTask {
          var spent: Int64 = 0
          for round in 0..<rounds {
            let id = lab.id(1_000 + caller * 1_000 + round)
            do {
              switch round % 3 {
              case 0:
                let asked = try ChargeDraft(id: id, amount: "1", asksFirst: true)
                let first = try await lab.plane.holds.charge(asked, in: lab.slug, by: lab.admin).record.entry.sequence
                let second = try await lab.plane.holds.charge(asked, in: lab.slug, by: lab.admin).record.entry.sequence
                #expect(first == second)
                spent += 1_000_000
              case 1:
                _ = try await lab.plane.holds.create(HoldDraft(id: id.cast(), amount: "1", ceiling: "2"), in: lab.slug, by: lab.admin)
                _ = try await lab.settle(id.cast(), "0.5")
                _ = try await lab.settle(id.cast(), "0.5")
                spent += 500_000
              default:
                _ = try await lab.plane.holds.create(HoldDraft(id: id.cast(), amount: "1"), in: lab.slug, by: lab.admin)
                _ = try await lab.plane.holds.release(id.cast(), in: lab.slug, by: lab.admin)
              }
            } catch let problem as Problem {
              #expect(problem.code == .insufficientCredits, "\(problem)")
            } catch {
              Issue.record(error)
            }
          }
          return spent
        }
      }
      return await group.reduce(0, +)
    }
    let balance = try await lab.plane.credits.balance(of: lab.slug, by: lab.admin)
    #expect(balance.balance.micro == 100_000_000 - spent && balance.balance >= .zero && balance.held == .zero)
    try await lab.expectSoundBooks()
  }

  @Test func `Amounts that can't be are refused, and nothing happens`() async throws {
    let lab = try await Lab()
    try await lab.topUp("10")
    for text in ["", "0", "-1", "1e3", "1,5", "0.0000001", "NaN", "9223372036854.775808", " 1", "٣", "1.", ".5", String(repeating: "9", count: 50)] {
      #expect(await faultyFields { try await lab.charge(text) } == ["amount"], "\(text)")
      #expect(await faultyFields { try await lab.hold(text) } == ["amount"], "\(text)")
      #expect(await faultyFields { try await lab.topUp(text) } == ["amount"], "\(text)")
    }
    #expect(await faultyFields { try await lab.hold("2", ceiling: "1") } == ["ceiling"])
    for seconds in [0, -1, 31_622_401, Int.max] { #expect(await faultyFields { try await lab.hold("1", seconds: seconds) } == ["expires_in"]) }
    #expect(await faultyFields { try await lab.plane.credits.topUp(TopUpOrder(amount: "1", priority: 1001), of: lab.slug, by: lab.operator) } == ["priority"])
    let ended = try TopUpOrder(amount: "1", expires: lab.house.now)
    #expect(await faultyFields { try await lab.plane.credits.topUp(ended, of: lab.slug, by: lab.operator) } == ["expires_at"])
    // The most there can be, and not one more.
    try await lab.topUp("9223372036844")
    #expect(await refusal { try await lab.topUp("1") } == "credits.out_of_range")
    #expect(try await lab.kinds() == ["post", "post"])
    try await lab.expectSoundBooks()
  }

  @Test func `An overdraft is agreed by operators, and zero is none`() async throws {
    let lab = try await Lab()
    #expect(await refusal { try await lab.plane.credits.setOverdraft("5", of: lab.slug, by: lab.admin) } == "forbidden")
    #expect(try await lab.plane.credits.setOverdraft("5", of: lab.slug, by: lab.operator).available == .credits("5", at: .balance))
    try await lab.charge("5", asksFirst: true)
    #expect(await refusal { try await lab.hold("0.000001") } == "credits.insufficient")
    #expect(try await lab.plane.credits.setOverdraft(nil, of: lab.slug, by: lab.operator).available == .unlimited)
    try await lab.charge("1000", asksFirst: true)
    #expect(try await lab.plane.credits.setOverdraft(.zero, of: lab.slug, by: lab.operator).available == .credits("-1005", at: .balance))
    #expect(try await lab.house.actions(in: lab.stream).filter { $0.hasPrefix("credits.set") } .count == 3)
    try await lab.expectSoundBooks()
  }

  @Test func `An organization isn't deleted while credits are held, and a suspended one only records what was used`() async throws {
    let lab = try await Lab()
    try await lab.topUp("10")
    let hold = try await lab.hold("4")
    let refused = await problem { try await lab.plane.organizations.delete(lab.slug, confirm: lab.slug, by: lab.admin) }
    #expect(refused?.code == .liveHolds && refused?.detail.contains(hold.description) == true)
    _ = try await lab.plane.organizations.suspend(lab.slug, because: "", by: lab.admin)
    #expect(await refusal { try await lab.hold("1") } == "organization.suspended")
    #expect(await refusal { try await lab.charge("1", asksFirst: true) } == "organization.suspended")
    try await lab.charge("1")
    _ = try await lab.settle(hold, "2")
    #expect(try await lab.balance() == "7 0 7")
    _ = try await lab.plane.organizations.delete(lab.slug, confirm: lab.slug, by: lab.admin)
    #expect(await refusal { try await lab.charge("1") } == "missing")
  }

  @Test func `The balance at a time is what it was then`() async throws {
    let lab = try await Lab()
    let start = lab.house.now
    for (pass, amount) in [(1, "10"), (2, "5"), (3, "1")] {
      lab.house.pass(.hours(pass))
      try await lab.topUp(amount)
    }
    let points = try await lab.plane.credits.history(of: lab.slug, since: start, until: start + .hours(6), points: 7, by: lab.admin)
    #expect(points.map(\.balance.description) == ["0", "10", "10", "15", "15", "15", "16"])
    #expect(await faultyFields { try await lab.plane.credits.history(of: lab.slug, points: 1, by: lab.admin) } == ["points"])
    #expect(await faultyFields { try await lab.plane.credits.history(of: lab.slug, since: lab.house.now + .hours(1), by: lab.admin) } == ["since"])
  }

  /// What somebody with access to the database does to books, and whether it is found.
  @Test(arguments: [
    "UPDATE ledger_account SET balance = balance + 1 WHERE number = 1", "UPDATE ledger_account SET held = held + 1 WHERE number = 1",
    "UPDATE ledger_entry SET amount = amount + 1 WHERE kind = 'charge'", "DELETE FROM ledger_entry WHERE kind = 'charge'",
    "UPDATE ledger_entry SET credit = 6 WHERE kind = 'charge'", "DELETE FROM ledger_entry WHERE kind = 'release'",
    "UPDATE ledger_hold SET state = 'released', settled = NULL, ended_by = '0189f2c0-0000-7000-8000-000000000000' WHERE state = 'settled'",
    "DELETE FROM ledger_hold WHERE state = 'live'",
    "UPDATE ledger_hold SET amount = amount - 1 WHERE state = 'live'", "UPDATE ledger_balance SET balance = balance + 1 WHERE sequence = 3",
    "UPDATE ledger SET sequence = sequence + 1", "UPDATE credit_grant SET remaining = remaining + 1 WHERE remaining < granted", "DELETE FROM credit_burn",
    "UPDATE ledger_hold SET settled = settled - 1 WHERE state = 'settled'", "UPDATE ledger_entry SET at = at - 1000 WHERE sequence = 4",
  ])
  func `A change of any row is found`(statement: String) async throws {
    let lab = try await Lab()
    _ = try await lab.plane.credits.topUp(TopUpOrder(amount: "5", kind: .promotional), of: lab.slug, by: lab.operator)
    try await lab.topUp("20")
    try await lab.charge("1")
    _ = try await lab.settle(lab.hold("2"), "1")
    _ = try await lab.plane.holds.release(lab.hold("2"), in: lab.slug, by: lab.admin)
    _ = try await lab.hold("3")
    try await lab.expectSoundBooks()
    let touched = try await lab.plane.database.write { tx in try tx.change(Statement(migration: statement), under: Intruder()) }
    #expect(touched > 0)
    #expect(try await lab.plane.verifyLedgers(of: lab.slug).first?.faults.isEmpty == false)
  }

  private struct Intruder: Proof {}
}

extension Lab {
  /// Balance, held, available.
  func balance(of organization: String? = nil) async throws(Problem) -> String {
    let seen = try await plane.credits.balance(of: organization ?? slug, by: self.operator)
    return "\(seen.balance) \(seen.held) \(seen.available.credits?.description ?? "unlimited")"
  }

  @discardableResult func topUp(_ amount: String) async throws(Problem) -> ID<Transfer> {
    try await plane.credits.topUp(TopUpOrder(amount: amount), of: slug, by: self.operator).record.entry.transfer.id
  }

  @discardableResult func hold(
    _ amount: String, ceiling: String? = nil, seconds: Int? = nil, of subBalance: ID<SubBalance>? = nil, as id: ID<Transfer>? = nil
  ) async throws(Problem) -> ID<Hold> {
    let draft = try HoldDraft(id: id?.cast(), subBalance: subBalance, amount: amount, ceiling: ceiling, seconds: seconds)
    return try await plane.holds.create(draft, in: slug, by: admin).hold.id
  }

  func share(_ draft: SubBalanceDraft) async throws(Problem) -> SeenSubBalance { try await plane.subBalances.create(draft, in: slug, by: admin) }

  @discardableResult func move(_ amount: String, _ subBalance: ID<SubBalance>, isIn: Bool) async throws(Problem) -> SeenSubBalance {
    try await plane.subBalances.move(amount, into: subBalance, isIn: isIn, in: slug, by: admin)
  }

  @discardableResult func set(_ subBalance: ID<SubBalance>, _ update: SubBalanceUpdate, seen: Int? = nil) async throws(Problem) -> SeenSubBalance {
    try await plane.subBalances.update(subBalance, update, seen: seen, in: slug, by: admin)
  }

  @discardableResult func settle(_ hold: ID<Hold>, _ amount: String) async throws(Problem) -> SeenHold {
    try await plane.holds.settle(hold, for: amount, in: slug, by: admin)
  }

  @discardableResult func charge(
    _ amount: String, of subBalance: ID<SubBalance>? = nil, asksFirst: Bool = false, as id: ID<Transfer>? = nil
  ) async throws(Problem) -> ID<Transfer> {
    let draft = try ChargeDraft(id: id, subBalance: subBalance, amount: amount, asksFirst: asksFirst)
    return try await plane.holds.charge(draft, in: slug, by: admin).record.entry.transfer.id
  }

  /// An id that a client would make.
  func id(_ number: Int) -> ID<Transfer> {
    let digits = String(number)
    return ID("0189f2c0-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits) ?? .nothing
  }

  /// The kinds of all that changed the balance, the newest first.
  func kinds() async throws(Problem) -> [String] {
    try await plane.credits.statement(of: slug, StatementFilter(), .first, by: admin).items.map { $0.record.entry.transfer.content.name }
  }

  func expectSoundBooks(_ location: SourceLocation = #_sourceLocation) async throws {
    for report in try await plane.verifyLedgers() { #expect(report.faults.map(\.text) == [], sourceLocation: location) }
  }
}

func problem(_ body: () async throws -> some Sendable) async -> Problem? {
  do {
    _ = try await body()
    return nil
  } catch { return error as? Problem }
}

func amount(_ text: String) throws -> Amount { try Amount(Credits(decimal: text)) }

extension Result where Failure == Problem {
  var problem: Problem? { if case .failure(let problem) = self { problem } else { nil } }
}

extension Credits: ExpressibleByStringLiteral {
  public init(stringLiteral text: String) { self = (try? Credits(signedDecimal: text)) ?? .maximum }
}
