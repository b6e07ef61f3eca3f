import ControlPlane
import Kernel
import Logging
import ServiceLifecycle

/// Runs the features' jobs: each when it is woken, and at the latest after its interval, in one process at a time.
struct JobRunner: Service {
  let plane: ControlPlane
  let jobs: [any Job]
  /// Names this process in the claims.
  let holder: String

  func run() async throws {
    await withDiscardingTaskGroup { group in
      for job in jobs { group.addTask { await cancelWhenGracefulShutdown { await repeatedly(job) } } }
    }
  }

  private func repeatedly(_ job: any Job) async {
    let (turns, turn) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    turn.yield()
    let interval = type(of: job).interval
    // A stream ends for good when the task that reads it is cancelled, so signals and clock each keep a task for as long as the job runs.
    await withDiscardingTaskGroup { group in
      group.addTask { for await _ in plane.signals(for: job) { turn.yield() } }
      group.addTask {
        while (try? await Task.sleep(for: interval)) != nil { turn.yield() }
      }
      for await _ in turns where !Task.isCancelled { await run(job) }
      group.cancelAll()
    }
  }

  private func run(_ job: any Job) async {
    do {
      _ = try await plane.runClaimed(job, as: holder)
    } catch {
      plane.world.log.error("job failed", metadata: ["job": "\(type(of: job).name)", "code": "\(error.code.name)", "cause": "\(error.cause.map { "\($0)" } ?? error.detail)"])
    }
  }
}
