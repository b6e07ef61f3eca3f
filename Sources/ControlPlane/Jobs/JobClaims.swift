public import Kernel
import Storage

extension ControlPlane {
  /// Runs the job unless another process is running it; answers whether it ran. The claim ends with the run, or after five minutes when the process dies.
  public func runClaimed(_ job: some Job, as holder: String) async throws(Problem) -> Bool {
    let name = type(of: job).name
    let isClaimed = try await database.write { tx in
      try tx.change(
        """
        INSERT INTO job_claim (name, holder, until) VALUES (\(name), \(holder), \(tx.now + .minutes(5)))
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until WHERE job_claim.until <= \(tx.now) OR job_claim.holder = \(holder)
        """, under: Housekeeping()) == 1
    }
    guard isClaimed else { return false }
    let result: Result<Void, Problem>
    do { result = .success(try await job.run()) } catch { result = .failure(error) }
    try await database.write { tx in _ = try tx.change("DELETE FROM job_claim WHERE name = \(name) AND holder = \(holder)", under: Housekeeping()) }
    try result.get()
    return true
  }

  /// Signals each time the job is woken; several in a row may arrive as one.
  public func signals(for job: any Job) -> AsyncStream<Void> { bell.signals(for: type(of: job)) }
}
