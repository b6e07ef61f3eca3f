public import Kernel
public import Storage

/// The product: every feature's use cases, on one database, in one world.
public final class ControlPlane: Sendable {
  public let database: any Database
  public let world: World
  public let settings: Settings
  let bell: JobBell
  let recentUses: RecentUses
  let ledgerWriter: LedgerWriter
  let usageWriter: UsageWriter
  let graphs: AccessGraphs
  let rules: KeptRules
  let commits: CommitCount
  let standingPlaces: StandingPlaces<StandingPlace>
  let standingServers: StandingPlaces<StandingServer>
  let factWatch: AccessFactWatch
  public let tallies: Tallies

  public init(database: any Database, world: World, settings: Settings) {
    self.database = database
    self.world = world
    self.settings = settings
    bell = JobBell()
    recentUses = RecentUses()
    ledgerWriter = LedgerWriter()
    usageWriter = UsageWriter()
    graphs = AccessGraphs()
    rules = KeptRules()
    commits = CommitCount()
    standingPlaces = StandingPlaces(commits)
    standingServers = StandingPlaces(commits)
    factWatch = AccessFactWatch()
    tallies = Tallies()
  }

  /// Brings the schema up to date and answers the names of the migrations that ran.
  public func migrate() async throws(Problem) -> [String] { try await Migrations.migrator.migrate(database) }

  /// Runs a unit of work that only reads, as `caller`.
  public func read<Value: Sendable>(as caller: Caller, _ body: @escaping @Sendable (Work) throws -> Value) async throws(Problem) -> Value {
    try await database.read { [self] tx in try body(Work(tx, caller: caller, plane: self)) }
  }

  /// Runs a unit of work as `caller`: all of it or nothing. An attempt that the rules refuse leaves an event of its own, and jobs that were woken run after the commit.
  public func write<Value: Sendable>(as caller: Caller, _ body: @escaping @Sendable (Work) throws -> Value) async throws(Problem) -> Value {
    // Before anybody hears of it; also where it failed, since an answer may be lost after the commit.
    defer {
      commits.note()
      factWatch.noteCommit()
    }
    do {
      let (value, woken) = try await database.write { [self] tx in
        let work = Work(tx, caller: caller, plane: self)
        let value: Value
        do { value = try body(work) } catch let problem as Problem { throw work.noted(problem) }
        // In the same commit, so that a first use within the minute doesn't wait for the disk twice.
        try work.touchCredential()
        return (value, work.woken)
      }
      if caller.notesUse, let digest = caller.credential.digest { recentUses.isNews(digest, at: world.clock()) }
      bell.ring(woken)
      return value
    } catch let problem {
      if let attempt = problem.cause as? RefusedAttempt { try await record(attempt, by: caller) }
      throw problem
    }
  }
}
