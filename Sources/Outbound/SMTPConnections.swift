import ControlPlane
import Dispatch
import Foundation
import Kernel
import Synchronization

/// The open connections to a mail server, each on a thread of its own, since libcurl blocks.
///
/// A thread takes letters for as long as there are any and keeps its connection a little longer for the next,
/// so that a thousand invitations cost a few handshakes and not a thousand.
final class SMTPConnections: Sendable {
  private let configuration: SMTPConfiguration
  private let state = Mutex(State())
  /// Rung once for each letter that an idle thread is to take.
  private let bell = DispatchSemaphore(value: 0)

  private struct State {
    var threads = 0
    var idle = 0
    var lastNumber = 0
    var waiting: [Order] = []
  }

  private struct Order: Sendable {
    let number: Int
    let letter: Letter
    let answer: CheckedContinuation<Result<Void, Problem>, Never>
  }

  init(_ configuration: SMTPConfiguration) { self.configuration = configuration }

  /// Returns once the server has taken the letter over. `unavailable` also where too many letters wait, or the calling task is cancelled while this one does.
  func send(_ letter: Letter) async throws(Problem) {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    try await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in accept(Order(number: number, letter: letter, answer: continuation)) }
    } onCancel: {
      let order = state.withLock { state in state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) } }
      order?.answer.resume(returning: .failure(Self.givenUp))
    }.get()
  }

  private static let givenUp = Problem(.mailUnavailable, "The mail was given up before its turn came.")

  private enum Admission { case toIdleThread, toNewThread, toQueue, refused }

  private func accept(_ order: Order) {
    if Task.isCancelled { return order.answer.resume(returning: .failure(Self.givenUp)) }
    let admission = state.withLock { state in
      if state.idle > state.waiting.count {
        state.waiting.append(order)
        return Admission.toIdleThread
      }
      if state.threads < configuration.connections {
        state.threads += 1
        return .toNewThread
      }
      guard state.waiting.count < configuration.queueLimit else { return .refused }
      state.waiting.append(order)
      return .toQueue
    }
    switch admission {
    case .toIdleThread: bell.signal()
    case .toNewThread: startThread(with: order)
    case .toQueue: break
    case .refused:
      order.answer.resume(returning: .failure(Problem(.mailUnavailable, "Too many mails are waiting for the mail server.", retryAfter: .seconds(30))))
    }
  }

  private func startThread(with first: Order) {
    let thread = Thread { [self] in
      let connection = SMTPConnection(configuration)
      var order: Order? = first
      while let current = order {
        current.answer.resume(returning: connection.send(current.letter))
        order = nextOrder()
      }
    }
    thread.name = "mail"
    thread.start()
  }

  /// Waits for as long as connections linger; `nil` when the thread is to end.
  private func nextOrder() -> Order? {
    let ready = state.withLock { state -> Order? in
      guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
      state.idle += 1
      return nil
    }
    if let ready { return ready }
    while true {
      let timedOut = bell.wait(timeout: .now() + .milliseconds(Int(configuration.linger.milliseconds))) == .timedOut
      let outcome = state.withLock { state -> (order: Order?, isDone: Bool) in
        guard state.waiting.isEmpty else {
          state.idle -= 1
          return (state.waiting.removeFirst(), true)
        }
        // Another thread can have taken the letter that the bell rang for.
        guard timedOut else { return (nil, false) }
        state.idle -= 1
        state.threads -= 1
        return (nil, true)
      }
      if outcome.isDone { return outcome.order }
    }
  }
}
