internal import Authorization
internal import ControlPlane
internal import Figures
internal import Foundation
internal import Kernel
internal import Ledger
internal import Logging
internal import Secrets
internal import Storage
internal import StoragePostgres
internal import StorageSQLite
internal import Synchronization

// What charges cost in the core, durable, through everything but HTTP:
//
//     ledger-benchmark DATABASE BATCH SECONDS SHARES [STORED]
//
// Makes DATABASE anew (a file, or the address of an empty PostgreSQL database), with one organization that has credits and SHARES sub-balances with credits of
// their own; 0 for its balance alone, the hot account. Stores STORED charges, none unless told. Then charges BATCH at a time for SECONDS, one call after the
// other, and prints one JSON object: charges per second of wall and of processor time.

struct Setting {
  let path: String
  let batch: Int
  let seconds: Double
  let shares: Int
  let stored: Int

  init(_ arguments: [String]) throws {
    guard [5, 6].contains(arguments.count), let batch = Int(arguments[2]), let seconds = Double(arguments[3]), let shares = Int(arguments[4]),
      let stored = arguments.count < 6 ? 0 : Int(arguments[5])
    else { throw CocoaError(.formatting, userInfo: [NSLocalizedDescriptionKey: "ledger-benchmark DATABASE BATCH SECONDS SHARES [STORED]"]) }
    (path, self.batch, self.seconds, self.shares, self.stored) = (arguments[1], batch, seconds, shares, stored)
  }
}

/// A client's randomness, from a seed.
final class Dice: Sendable {
  private let state: Mutex<SplitMix>

  init(seed: UInt64) { state = Mutex(SplitMix(seed: seed)) }

  func next() -> UInt64 { state.withLock { $0.next() } }
}

/// An organization with credits, and somebody who may use them.
struct Bank {
  let plane: ControlPlane
  let caller: Caller
  let slug: String
  var shares: [ID<SubBalance>] = []
  private let dice = Dice(seed: UInt64(Date().timeIntervalSince1970 * 1000))

  init(_ setting: Setting) async throws {
    let clock: @Sendable () -> Timestamp = { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
    let moments: @Sendable () -> Moment = { Moment(now: clock(), draw: { .random(in: 0 ... .max) }) }
    let world = World(
      clock: clock, draw: { .random(in: 0 ... .max) }, passwords: PasswordHasher(threads: 1), mailer: nil, keys: KeyRing(.mint(moments())), log: Logger(label: "benchmark"))
    let database: any Database =
      setting.path.hasPrefix("postgres") ? try PostgresDatabase(address: setting.path, moments: moments) : try SQLiteDatabase(path: setting.path, moments: moments)
    plane = ControlPlane(database: database, world: world, settings: Settings(publicURL: "http://127.0.0.1"))
    _ = try await plane.migrate()
    let draft = try AccountDraft(email: "oscar@example.org", name: "Oscar", handle: nil, password: "nine lilac kites over water", invitation: nil)
    let session = try await plane.accounts.create(draft, by: Caller(.none, from: .inside))
    caller = Caller(secret: session.secret.reveal(), from: .inside)
    let house = try await plane.organizations.found(OrganizationDraft(name: "Bank", slug: "bank", description: "", billingEmail: "bank@example.org"), by: caller)
    slug = house.slug.text
    _ = try await plane.credits.topUp(TopUpOrder(amount: "1000000000"), of: slug, by: caller)
    for number in 0..<setting.shares {
      let share = try SubBalanceDraft(holderKind: .project, holder: "project \(number)", kind: .funds, amount: "100000")
      shares.append(try await plane.subBalances.create(share, in: slug, by: caller).subBalance.id)
    }
  }

  /// Charges under ids that grow with time, as clients are told to make them.
  func charges(_ count: Int, from number: Int) throws -> [BatchedTransfer] {
    let amount = try Amount(Credits(decimal: "0.000005"))
    // A client's own work is none of ours: randomness from a seed, as SQLite alone has it too.
    let moment = Moment(now: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)), draw: { dice.next() })
    return (0..<count).map { place in
      BatchedTransfer(moment.newID(), .charge(amount, shares.isEmpty ? nil : shares[(number + place) &* 7919 % shares.count]))
    }
  }
}

let setting = try Setting(CommandLine.arguments)
let bank = try await Bank(setting)
var (charged, calls) = (0, 0)
var waits: [Double] = []
let clock = ContinuousClock()
while charged < setting.stored {
  let batch = try bank.charges(8189, from: charged)
  for result in try await bank.plane.holds.carryOut(batch, in: bank.slug, by: bank.caller) { _ = try result.get() }
  charged += batch.count
}
charged = 0
let (start, cpu) = (clock.now, Usage.processorTime)
while start.duration(to: clock.now) < .seconds(setting.seconds) {
  let batch = try bank.charges(setting.batch, from: charged)
  let before = clock.now
  for result in try await bank.plane.holds.carryOut(batch, in: bank.slug, by: bank.caller) { _ = try result.get() }
  waits.append(before.duration(to: clock.now) / .seconds(1))
  charged += batch.count
  calls += 1
}
let wall = start.duration(to: clock.now) / .seconds(1)
let spent = Usage.processorTime - cpu
waits.sort()
let faults = try await bank.plane.verifyLedgers(of: bank.slug).flatMap(\.faults)
print(
  """
  {"batch": \(setting.batch), "shares": \(setting.shares), "charges": \(charged), "per_second": \(Int(Double(charged) / wall)), "cpu_us": \(spent / Double(charged) * 1e6), \
  "call_p50_us": \(waits[waits.count / 2] * 1e6), "faults": \(faults.count)}
  """)
for fault in faults.prefix(5) { print(fault.text) }
