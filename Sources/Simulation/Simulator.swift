import ControlPlane
import Foundation
public import Kernel
import Secrets
import Storage
import StorageSQLite

/// What is to be simulated. The same plan gives the same run, to the last bit.
public struct SimulationPlan: Sendable {
  public enum Store: Sendable, Hashable {
    case memory
    /// Files in this folder; the run then loses its process now and then and goes on with what the disk holds.
    case files(folder: String)
  }

  public var seed: UInt64
  public var steps: Int
  public var people: Int
  public var store: Store
  /// Whether the database and the mail server fail at times.
  public var isFaulty: Bool
  /// After how many steps the books are compared; a failure is then at most so many steps old.
  public var auditEvery: Int
  public var bug: PlantedBug?

  public init(seed: UInt64, steps: Int = 150, people: Int = 9, store: Store = .memory, isFaulty: Bool = true, auditEvery: Int = 5, bug: PlantedBug? = nil) {
    self.seed = seed
    self.steps = steps
    self.people = people
    self.store = store
    self.isFaulty = isFaulty
    self.auditEvery = auditEvery
    self.bug = bug
  }
}

/// What came of a simulation.
public struct SimulationReport: Sendable {
  public let seed: UInt64
  /// Stands for all that happened: two runs with the same digest went the same way.
  public let digest: String
  /// How many steps were taken.
  public let steps: Int
  /// How often each deed was done, and how often it was refused.
  public let done: [String: Int]
  public let refused: [String: Int]
  public let faults: Int
  /// Where the product and the books parted, and in what; `nil` when they never did.
  public let failure: Failure?

  public struct Failure: Sendable, CustomStringConvertible {
    public let seed: UInt64
    public let step: Int
    public let deed: String
    public let faults: [String]
    /// The last steps before it.
    public let trail: [String]

    public var description: String {
      (["seed \(seed), step \(step): \(deed)"] + faults.prefix(8).map { "  \($0)" } + ["  after:"] + trail.map { "    \($0)" }).joined(separator: "\n")
    }
  }
}

/// Runs the real product in a seeded world, with faults, beside books that know what should come of everything.
public struct Simulator {
  private let plan: SimulationPlan
  private let clock = SimulatedClock()
  private let numbers: SeededNumbers
  private let mailer: FlakyMailer
  private let world: World
  private var real: SQLiteDatabase
  private var faulty: FaultyDatabase
  private var plane: ControlPlane
  private var file = 0

  private var books: Books
  private var bindings = Bindings()
  private var mailed = MailReader()
  private var workload: Workload
  private var digest: UInt64 = 0xCBF2_9CE4_8422_2325
  private var done: [String: Int] = [:]
  private var refused: [String: Int] = [:]
  private var faults = 0
  private var trail: [String] = []

  /// Runs a plan to its end or to its first failure. Refuses where the database can't even be opened.
  public static func run(_ plan: SimulationPlan) async throws(Problem) -> SimulationReport {
    var simulator = try Simulator(plan)
    return try await simulator.run()
  }

  private init(_ plan: SimulationPlan) throws(Problem) {
    self.plan = plan
    let (clock, numbers) = (clock, SeededNumbers(seed: plan.seed))
    self.numbers = numbers
    mailer = FlakyMailer(seed: plan.seed &+ 2)
    let world = World.simulated(clock: clock, numbers: numbers, mailer: mailer)
    self.world = world
    real = try Self.open(plan, 0, world)
    (faulty, plane) = Self.build(plan, real, world)
    books = Books(now: clock.now.milliseconds)
    workload = Workload(seed: plan.seed &+ 1, people: plan.people)
  }

  private static func open(_ plan: SimulationPlan, _ number: Int, _ world: World) throws(Problem) -> SQLiteDatabase {
    switch plan.store {
    case .memory: try SQLiteDatabase(path: nil, moments: world.moment)
    case .files(let folder): try SQLiteDatabase(path: path(folder, plan, number), moments: world.moment)
    }
  }

  private static func path(_ folder: String, _ plan: SimulationPlan, _ number: Int) -> String { "\(folder)/simulation-\(plan.seed)-\(number).db" }

  private static func build(_ plan: SimulationPlan, _ real: SQLiteDatabase, _ world: World) -> (FaultyDatabase, ControlPlane) {
    let inner: any Database = if let bug = plan.bug { BuggyDatabase(real, bug) } else { real }
    let faulty = FaultyDatabase(inner)
    return (faulty, ControlPlane(database: faulty, world: world, settings: Settings(publicURL: "https://guildhall.example")))
  }

  // MARK: The run

  private mutating func run() async throws(Problem) -> SimulationReport {
    _ = try await plane.migrate()
    var step = 0
    while step < plan.steps {
      step += 1
      if let failure = try await take(step) { return try await report(step, failure) }
      if step.isMultiple(of: plan.auditEvery) || step == plan.steps {
        let found = try await Auditor(database: real).faults(books, bindings, mailer: mailer)
        if !found.isEmpty { return try await report(step, fail(step, "an audit, the first in \(plan.auditEvery) steps", found)) }
      }
    }
    return try await report(step, nil)
  }

  private mutating func report(_ steps: Int, _ failure: SimulationReport.Failure?) async throws(Problem) -> SimulationReport {
    try await real.close()
    if case .files(let folder) = plan.store { for number in 0...file { Self.removeFiles(Self.path(folder, plan, number)) } }
    return SimulationReport(seed: plan.seed, digest: Hex.encode(withUnsafeBytes(of: digest.bigEndian, Array.init)), steps: steps, done: done, refused: refused, faults: faults, failure: failure)
  }

  private mutating func take(_ step: Int) async throws(Problem) -> SimulationReport.Failure? {
    switch step == 1 ? 99 : workload.below(24) {
    case 0...1:
      // Mostly minutes, sometimes weeks, so that sessions, links, invitations and memberships end.
      let span: Duration = workload.chance(10) ? .days(1 + workload.below(20)) : workload.chance(2) ? .hours(1 + workload.below(30)) : .minutes(1 + workload.below(20))
      clock.advance(by: span)
      books.now = clock.now.milliseconds
      trace("\(step) time")
    case 2...3: return try await runJobs(step)
    case 4: if plan.store != .memory, workload.chance(3) { try await crash() }
    default:
      let deed = step == 1 ? Deed.signUp(person: 0, handle: "operator-x", invitation: nil) : workload.next(books, bindings, mailed: mailed)
      if let deed { return try await settle(deed, step) }
    }
    return nil
  }

  /// Tries a deed as a client would: again, when the answer fails to come.
  private mutating func settle(_ deed: Deed, _ step: Int) async throws(Problem) -> SimulationReport.Failure? {
    let isTroubled = plan.isFaulty && workload.chance(4)
    let fault = isTroubled ? workload.pick(FaultyDatabase.Fault.allCases) : nil
    let place = isTroubled ? workload.below(deed.decisiveWrite + 1) : 0
    for attempt in 0..<2 {
      faulty.plan(attempt == 0 ? fault : nil, after: place)
      var after = books
      let verdict = after.take(deed)
      let result: Result<Player.Told, Problem>
      do { result = .success(try await Player(plane: plane, database: real).play(deed, bindings, books)) } catch { result = .failure(error) }
      trace("\(step) \(deed.name) \(Self.text(result))")
      trail = trail.suffix(11) + ["step \(step): \(deed) → \(Self.text(result))\(faulty.struck.map { ", \($0.rawValue)" } ?? "")"]
      switch (result, verdict) {
      case (.success(let told), .done):
        done[deed.name, default: 0] += 1
        try await adopt(after, told, deed)
        return nil
      case (.failure(let problem), _) where problem.code == .simulatedFault:
        faults += 1
        // The answer of the write that counts was lost: what it did is done all the same.
        if faulty.struck == .lostAnswer, place == deed.decisiveWrite {
          guard verdict == .done else { return fail(step, deed, "the product did what the books refuse: \(verdict)") }
          try await adopt(after, Player.Told(), deed)
        }
        continue
      case (.failure(let problem), .refused(let code)) where problem.code.name == code:
        refused[deed.name, default: 0] += 1
        return nil
      case (.failure(let problem), .refusedOnRecord(let code, _, _)) where problem.code.name == code:
        refused[deed.name, default: 0] += 1
        books.note(verdict)
        return nil
      case (.failure(let problem), _) where problem.kind == .limited:
        refused[deed.name, default: 0] += 1
        return nil
      case (.failure(let problem), _): return fail(step, deed, "the product refuses with \(problem.code.name), the books say \(verdict)\(problem.cause.map { "; the cause is \($0)" } ?? "")")
      case (.success, _): return fail(step, deed, "the product does it, the books say \(verdict)")
      }
    }
    return fail(step, deed, "two answers in a row were lost, though only one was to be")
  }

  private mutating func adopt(_ after: Books, _ told: Player.Told, _ deed: Deed) async throws(Problem) {
    books = after
    try await bindings.complete(books, in: real)
    switch deed {
    case .signUp(let person, _, _), .signIn(let person): bindings.sessions[person] = told.session
    case .deleteAccount(let person): bindings.sessions[person] = nil
    case .invite(_, let house, _, let address, _, _):
      if let link = told.link, let number = books.openInvitation(house, address) { bindings.links[number, default: [:]][books.invitations[number].generation] = Self.secret(of: link) }
    case .renew(_, let number, _):
      if let link = told.link { bindings.links[number, default: [:]][books.invitations[number].generation] = Self.secret(of: link) }
    default: break
    }
    // Who lost the answer of a sign-in has no session.
    for (person, _) in books.sessions where bindings.sessions[person] == nil { books.sessions[person] = nil }
  }

  /// Purges and sends mail; when a fault strikes in the middle, the job runs again at its time.
  private mutating func runJobs(_ step: Int) async throws(Problem) -> SimulationReport.Failure? {
    mailer.setFlaky(plan.isFaulty && workload.chance(2))
    faulty.plan(plan.isFaulty && workload.chance(2) ? workload.pick(FaultyDatabase.Fault.allCases) : nil, after: workload.below(3))
    for job: any Job in [PurgeOrganizations(plane), SendMail(plane)] {
      do { try await job.run() } catch {
        guard error.code == .simulatedFault else { return fail(step, "job \(type(of: job).name)", ["\(error)"]) }
        faults += 1
        faulty.plan(nil, after: 0)
        do { try await job.run() } catch { return fail(step, "job \(type(of: job).name)", ["\(error)"]) }
      }
    }
    faulty.plan(nil, after: 0)
    books.purge()
    mailed.read(mailer.taken, books)
    for (secret, link) in mailed.restoreLinks where books.restoreLinks[secret] == nil { books.restoreLinks[secret] = link }
    trace("\(step) jobs \(mailer.taken.count)")
    return nil
  }

  /// The process is gone: a new one opens what the disk held at that moment. What was answered must be there.
  private mutating func crash() async throws(Problem) {
    guard case .files(let folder) = plan.store else { return }
    let (old, new) = (Self.path(folder, plan, file), Self.path(folder, plan, file + 1))
    for ending in ["", "-wal"] { try? FileManager.default.copyItem(atPath: old + ending, toPath: new + ending) }
    try await real.close()
    Self.removeFiles(old)
    file += 1
    real = try Self.open(plan, file, world)
    (faulty, plane) = Self.build(plan, real, world)
    trace("crash")
  }

  private static func removeFiles(_ path: String) {
    for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
  }

  private func fail(_ step: Int, _ deed: Deed, _ reason: String) -> SimulationReport.Failure { fail(step, "\(deed)", [reason]) }
  private func fail(_ step: Int, _ deed: String, _ reasons: [String]) -> SimulationReport.Failure {
    .init(seed: plan.seed, step: step, deed: deed, faults: reasons, trail: trail)
  }

  /// FNV-1a (G. Fowler, L. Noll, P. Vo).
  private mutating func trace(_ text: String) {
    for byte in text.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
  }

  private static func text(_ result: Result<Player.Told, Problem>) -> String {
    switch result {
    case .success(let told): "done \(told.session ?? "") \(told.link ?? "")"
    case .failure(let problem): problem.code.name
    }
  }

  private static func secret(of link: String) -> String { link.firstRange(of: "token=").map { String(link[$0.upperBound...]) } ?? link }
}
