import Foundation
import Kernel
import Synchronization

/// Runs work that occupies a thread for long on threads of its own, away from the cooperative pool and the event loops.
///
/// At most `limit` threads run at once, each for as long as there is work; at most `queueLimit` pieces wait.
final class WorkerThreads: Sendable {
  private let name: String
  private let limit: Int
  private let queueLimit: Int
  private let state = Mutex(State())

  private struct State {
    var running = 0
    var lastNumber = 0
    var waiting: [Piece] = []
  }

  private struct Piece: Sendable {
    let number: Int
    let perform: @Sendable () -> Void
    let drop: @Sendable () -> Void
  }

  init(name: String, limit: Int, queueLimit: Int) {
    precondition(limit > 0 && queueLimit >= 0)
    self.name = name
    self.limit = limit
    self.queueLimit = queueLimit
  }

  /// The work's answer. `unavailable` where too much is waiting already, or the calling task is cancelled while it waits.
  func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws(Problem) -> Value {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    return try await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, Problem>, Never>) in
        let piece = Piece(
          number: number,
          perform: { continuation.resume(returning: .success(work())) },
          drop: { continuation.resume(returning: .failure(Problem(.unavailable, "The request was given up before its turn came."))) })
        if Task.isCancelled { return piece.drop() }
        switch admit(piece) {
        case .toNewThread: startThread(with: piece)
        case .toQueue: break
        case .refused:
          continuation.resume(returning: .failure(Problem(.unavailable, "Too much is going on at once; try again in a moment.", retryAfter: .seconds(2))))
        }
      }
    } onCancel: {
      dropPiece(number)
    }.get()
  }

  private enum Admission { case toNewThread, toQueue, refused }

  private func admit(_ piece: Piece) -> Admission {
    state.withLock { state in
      if state.running < limit {
        state.running += 1
        return .toNewThread
      }
      guard state.waiting.count < queueLimit else { return .refused }
      state.waiting.append(piece)
      return .toQueue
    }
  }

  private func dropPiece(_ number: Int) {
    let dropped = state.withLock { state in
      state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
    }
    dropped?.drop()
  }

  private func startThread(with first: Piece) {
    let thread = Thread { [self] in
      first.perform()
      while let piece = nextPiece() { piece.perform() }
    }
    thread.name = name
    thread.start()
  }

  private func nextPiece() -> Piece? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.running -= 1
        return nil
      }
      return state.waiting.removeFirst()
    }
  }
}
