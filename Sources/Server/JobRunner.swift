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
    let interval = type(of: job).interval
    let signals = plane.signals(for: job)
    while !Task.isCancelled {
      do {
        _ = try await plane.runClaimed(job, as: holder)
      } catch {
        plane.world.log.error("job failed", metadata: ["job": "\(type(of: job).name)", "code": "\(error.code.name)", "cause": "\(error.cause.map { "\($0)" } ?? error.detail)"])
      }
      await Self.wait(for: signals, atMost: interval)
    }
  }

  private static func wait(for signals: AsyncStream<Void>, atMost interval: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in signals { return } }
      group.addTask { try? await Task.sleep(for: interval) }
      await group.next()
      group.cancelAll()
    }
  }
}
