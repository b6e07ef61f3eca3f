import ControlPlane
import Foundation
import Kernel
import Secrets
import Storage
import StorageSQLite

/// Runs what people and platforms do with one organization's credits on the real product, with faults, beside a model that knows what should come of it.
///
/// Answers get lost after the commit and the deed is sent again; writes are refused or run twice; the clock jumps ahead and goes back; with a folder the
/// process is lost now and then, and goes on with what the disk holds. After every few steps an auditor works the books out anew.
public struct CreditSimulation {
  public struct Report: Sendable {
    public let seed: UInt64
    public let steps: Int
    public let done: [String: Int]
    public let refused: [String: Int]
    public let faults: Int
    /// Where product and model parted; `nil` when they never did.
    public let failure: String?
  }

  private let seed: UInt64
  private let folder: String?
  private let bug: CreditBug?
  private let clock = SimulatedClock()
  private let world: World
  private var dice: SplitMix
  private var real: SQLiteDatabase
  private var faulty: FaultyDatabase
  private var plane: ControlPlane
  private var file = 0
  private var model = CreditModel()
  private var shares: [ID<SubBalance>] = []
  private var caller = Caller.system("simulation")
  private var numbered = 0
  private var latestLinked: CreditDeed?
  private var done: [String: Int] = [:]
  private var refused: [String: Int] = [:]
  private var faults = 0
  private var trail: [String] = []

  /// With a `folder` the process is lost at times.
  public static func run(seed: UInt64, steps: Int = 200, folder: String? = nil, bug: CreditBug? = nil) async throws -> Report {
    var simulation = try CreditSimulation(seed: seed, folder: folder, bug: bug)
    let failure = try await simulation.run(steps)
    try await simulation.close()
    return Report(seed: seed, steps: steps, done: simulation.done, refused: simulation.refused, faults: simulation.faults, failure: failure)
  }

  private init(seed: UInt64, folder: String?, bug: CreditBug?) throws {
    (self.seed, self.folder, self.bug) = (seed, folder, bug)
    dice = SplitMix(seed: seed)
    let numbers = SeededNumbers(seed: seed &+ 1)
    world = World.simulated(clock: clock, numbers: numbers, mailer: nil)
    real = try Self.open(folder, seed, 0, world)
    (faulty, plane) = Self.build(real, bug, world)
  }

  private static func path(_ folder: String, _ seed: UInt64, _ number: Int) -> String { "\(folder)/credits-\(seed)-\(number).db" }

  private static func open(_ folder: String?, _ seed: UInt64, _ number: Int, _ world: World) throws -> SQLiteDatabase {
    try SQLiteDatabase(path: folder.map { path($0, seed, number) }, moments: world.moment)
  }

  private static func build(_ real: SQLiteDatabase, _ bug: CreditBug?, _ world: World) -> (FaultyDatabase, ControlPlane) {
    let inner: any Database = if let bug { BuggyDatabase(real, bug) } else { real }
    let faulty = FaultyDatabase(inner)
    return (faulty, ControlPlane(database: faulty, world: world, settings: Settings(publicURL: "https://guildhall.example")))
  }

  private mutating func close() async throws {
    try await real.close()
    if let folder { for number in 0...file { Self.remove(Self.path(folder, seed, number)) } }
  }

  // MARK: The run

  private mutating func run(_ steps: Int) async throws -> String? {
    try await found()
    for step in 1...steps {
      switch below(20) {
      case 0:
        // Mostly seconds, so that holds end between two deeds; sometimes back.
        clock.advance(by: chance(8) ? .seconds(-below(120)) : chance(6) ? .hours(1 + below(4)) : .seconds(1 + below(90)))
      case 1: if chance(3) { try await crash() }
      default: if let failure = await settle(next(), step) { return failure }
      }
      if step.isMultiple(of: 10) || step == steps, let failure = try await audit(step) { return failure }
    }
    return nil
  }

  private mutating func found() async throws {
    _ = try await plane.migrate()
    let draft = try AccountDraft(email: "oscar@example.org", name: "Oscar", handle: "oscar", password: Player.password, invitation: nil)
    let session = try await plane.accounts.create(draft, by: Caller(.none, from: .inside))
    caller = Caller(secret: session.secret.reveal(), from: .inside)
    _ = try await plane.organizations.found(
      OrganizationDraft(name: "Bank", slug: "bank", description: "", billingEmail: "bank@example.org"), by: caller)
    for (name, kind) in [("one", SubBalance.Kind.allowance), ("two", .allowance), ("own", .funds)] {
      let made = try await plane.subBalances.create(SubBalanceDraft(holderKind: .project, holder: name, kind: kind), in: "bank", by: caller)
      shares.append(made.subBalance.id)
      model.accounts.append(CreditModel.Account(isAllowance: kind == .allowance))
    }
  }

  /// Mostly sensible deeds, some on what has ended, is not there, or was done before.
  private mutating func next() -> CreditDeed {
    let account = below(4)
    let amount = Int64(1 + below(chance(5) ? 40 : 8)) * 500_000
    switch below(16) {
    case 0: return .topUp(id: fresh(), amount: amount * 3, terms: chance(3) ? nil : terms())
    case 14: return .topUp(id: fresh(), amount: amount, terms: terms())
    case 15: return linked()
    case 1...3: return .charge(id: chance(12) ? known() : fresh(), account: account, amount: amount, asksFirst: !chance(4))
    case 4...6:
      return .hold(id: chance(12) ? known() : fresh(), account: account, amount: amount, ceiling: amount + Int64(below(3)) * 500_000, seconds: 1 + below(120))
    case 7...9: return .settle(hold: someHold(), amount: amount)
    case 10: return .release(hold: someHold())
    case 11: return .reverse(known())
    case 12: return .set(account: 1 + below(2), amount: amount * 4)
    default: return .move(id: fresh(), account: 1 + below(3), amount: amount, isIn: !chance(3))
    }
  }

  /// Some end soon, some are for one allowance alone.
  private mutating func terms() -> CreditTerms {
    let end = chance(2) ? nil : clock.now.milliseconds + Int64(1 + below(chance(3) ? 7200 : 90)) * 1000
    return CreditTerms(priority: below(3), expires: end, only: chance(2) ? nil : 1 + below(2))
  }

  /// Two or three together; now and then the same again, or with an id that was used.
  private mutating func linked() -> CreditDeed {
    if let latest = latestLinked, chance(6) { return latest }
    let charges = (0..<2 + below(2)).map { place in
      LinkedCharge(id: place == 0 && chance(12) ? known() : fresh(), account: below(4), amount: Int64(1 + below(8)) * 500_000, asksFirst: !chance(3))
    }
    latestLinked = .linked(charges)
    return .linked(charges)
  }

  private mutating func fresh() -> Int {
    numbered += 1
    return numbered
  }

  /// An id that may have been used.
  private mutating func known() -> Int { 1 + below(max(numbered, 1)) }

  private mutating func someHold() -> Int {
    let live = model.holds.filter { $0.value.state == .live }.keys.sorted()
    return live.isEmpty || chance(6) ? known() : live[below(live.count)]
  }

  /// Tries a deed as a client would: again, when the answer fails to come.
  private mutating func settle(_ deed: CreditDeed, _ step: Int) async -> String? {
    let fault = chance(4) ? FaultyDatabase.Fault.allCases[below(3)] : nil
    for attempt in 0..<2 {
      faulty.plan(attempt == 0 ? fault : nil, after: 0)
      var after = model
      let verdict = after.take(deed, at: clock.now.milliseconds)
      let answer = await play(deed)
      trail = trail.suffix(12) + ["step \(step): \(deed) → \(answer ?? "done")\(faulty.struck.map { ", \($0.rawValue)" } ?? "")"]
      if answer == Problem.Code.simulatedFault.name {
        faults += 1
        if faulty.struck == .lostAnswer { model = after }
        continue
      }
      switch (answer, verdict) {
      case (nil, .done): done[deed.name, default: 0] += 1
      case (let code?, .refused(let expected)) where code == expected: refused[deed.name, default: 0] += 1
      default: return fail(step, "the product says \(answer ?? "done"), the model \(verdict)")
      }
      model = after
      return nil
    }
    return fail(step, "two answers in a row were lost, though only one was to be")
  }

  /// The code of the refusal; `nil` when it was done.
  private func play(_ deed: CreditDeed) async -> String? {
    do throws(Problem) {
      switch deed {
      case .topUp(let id, let amount, let terms):
        let order = try TopUpOrder(
          id: Self.id(id), amount: text(amount), kind: terms == nil ? .paid : .promotional, priority: terms?.priority,
          expires: terms?.expires.map { Timestamp(milliseconds: $0) },
          subBalances: terms?.only.map { [shares[$0 - 1]] } ?? [])
        _ = try await plane.credits.topUp(order, of: "bank", by: caller)
      case .linked(let charges):
        let transfers = try charges.map { charge throws(Problem) in
          try BatchedTransfer(Self.id(charge.id), using: text(charge.amount), of: share(charge.account), asksFirst: charge.asksFirst)
        }
        for result in try await plane.holds.carryOut(transfers, isLinked: true, in: "bank", by: caller) { _ = try result.get() }
      case .charge(let id, let account, let amount, let asksFirst):
        _ = try await plane.holds.charge(
          ChargeDraft(id: Self.id(id), subBalance: share(account), amount: text(amount), asksFirst: asksFirst), in: "bank", by: caller)
      case .hold(let id, let account, let amount, let ceiling, let seconds):
        let draft = try HoldDraft(id: Self.id(id), subBalance: share(account), amount: text(amount), ceiling: text(ceiling), seconds: seconds)
        _ = try await plane.holds.create(draft, in: "bank", by: caller)
      case .settle(let hold, let amount): _ = try await plane.holds.settle(Self.id(hold), for: text(amount), in: "bank", by: caller)
      case .release(let hold): _ = try await plane.holds.release(Self.id(hold), in: "bank", by: caller)
      case .reverse(let id): _ = try await plane.holds.reverse(Self.id(id), in: "bank", by: caller)
      case .set(let account, let amount):
        let update = try SubBalanceUpdate(balance: text(amount))
        _ = try await plane.subBalances.update(shares[account - 1], update, seen: nil, in: "bank", by: caller)
      case .move(let id, let account, let amount, let isIn):
        _ = try await plane.subBalances.move(text(amount), id: Self.id(id), into: shares[account - 1], isIn: isIn, in: "bank", by: caller)
      }
      return nil
    } catch {
      return error.code.name
    }
  }

  /// Compares what the product shows with the model, and the books with their entries.
  private mutating func audit(_ step: Int) async throws -> String? {
    faulty.plan(nil, after: 0)
    let now = max(clock.now.milliseconds, model.written)
    let balance = try await plane.credits.balance(of: "bank", by: caller)
    var shown = [(balance.balance, balance.held)]
    for share in shares {
      let seen = try await plane.subBalances.find(share, in: "bank", by: caller)
      shown.append((seen.balance, seen.held))
    }
    let model = model.seen(at: now)
    for (number, account) in model.accounts.enumerated() {
      let held = model.held(of: number, at: now)
      guard shown[number].0.micro != account.balance || shown[number].1.micro != held else { continue }
      return fail(step, "account \(number) shows \(shown[number]), the model has \(account.balance) and \(held) held")
    }
    if balance.used.micro != model.used { return fail(step, "\(balance.used) were used, the model says \(model.used)") }
    if balance.granted.micro != model.granted { return fail(step, "\(balance.granted) are left of grants, the model says \(model.granted)") }
    if let usable = balance.usable, usable.micro != model.room(of: 0, at: now) {
      return fail(step, "\(usable) may be used, the model says \(model.room(of: 0, at: now))")
    }
    // Without the mistake that is planted: the auditor looks at what is stored.
    let sober = ControlPlane(database: real, world: world, settings: plane.settings)
    let found = try await sober.verifyLedgers(of: "bank").flatMap(\.faults)
    return found.isEmpty ? nil : fail(step, found.map(\.text).joined(separator: " "))
  }

  /// The process is gone: a new one opens what the disk held at that moment.
  private mutating func crash() async throws {
    guard let folder else { return }
    let (old, new) = (Self.path(folder, seed, file), Self.path(folder, seed, file + 1))
    for ending in ["", "-wal"] { try? FileManager.default.copyItem(atPath: old + ending, toPath: new + ending) }
    try await real.close()
    Self.remove(old)
    file += 1
    real = try Self.open(folder, seed, file, world)
    (faulty, plane) = Self.build(real, bug, world)
  }

  private static func remove(_ path: String) { for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) } }

  private func fail(_ step: Int, _ reason: String) -> String {
    (["seed \(seed), step \(step): \(reason)", "  after:"] + trail.map { "    \($0)" }).joined(separator: "\n")
  }

  // MARK: Small things

  private static func id<Noun>(_ number: Int) -> ID<Noun> {
    let digits = String(number)
    return ID("0189f2c0-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits) ?? .nothing
  }

  private func share(_ account: Int) -> ID<SubBalance>? { account == 0 ? nil : shares[account - 1] }
  private func text(_ micro: Int64) -> String { Credits(micro: micro)?.description ?? "" }
  private mutating func below(_ bound: Int) -> Int { Int(dice.next() % UInt64(bound)) }
  /// One of so many.
  private mutating func chance(_ odds: Int) -> Bool { below(odds) == 0 }
}
