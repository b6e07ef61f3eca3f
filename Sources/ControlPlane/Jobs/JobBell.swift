import Synchronization

/// Tells waiting jobs that there is something to do, within this process.
public final class JobBell: Sendable {
  private let listeners = Mutex<[String: [AsyncStream<Void>.Continuation]]>([:])

  init() {}

  func ring(_ names: Set<String>) {
    guard !names.isEmpty else { return }
    let waiting = listeners.withLock { listeners in names.flatMap { listeners[$0] ?? [] } }
    for listener in waiting { listener.yield() }
  }

  /// A signal each time the job is woken; several in a row may arrive as one.
  public func signals(for job: any Job.Type) -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    listeners.withLock { $0[job.name, default: []].append(continuation) }
    return stream
  }
}
