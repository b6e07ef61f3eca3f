import ControlPlane
import ServiceLifecycle

/// Lets those go on who wait for facts: what this process commits at once, what others commit after some milliseconds.
struct FactWatching: Service {
  let plane: ControlPlane

  /// How often one looks for what others have committed, while anybody waits.
  static let pace = Duration.milliseconds(15)

  func run() async throws {
    let (news, arrivals) = plane.openFactWatch()
    defer { plane.closeFactWatch() }
    let (turns, turn) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    await cancelWhenGracefulShutdown {
      await withDiscardingTaskGroup { group in
        group.addTask { for await _ in news { turn.yield() } }
        group.addTask {
          for await _ in arrivals {
            while plane.isWaitedForFacts, (try? await Task.sleep(for: Self.pace)) != nil { turn.yield() }
          }
        }
        for await _ in turns where !Task.isCancelled { await plane.lookForFacts() }
        group.cancelAll()
      }
    }
  }
}
