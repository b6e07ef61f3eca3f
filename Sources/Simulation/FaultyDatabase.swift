public import Kernel
public import Storage
import Synchronization

/// A database whose writes can be made to fail in the ways that networks and servers do.
public final class FaultyDatabase: Database {
  /// What happens to one of the next writes.
  public enum Fault: String, Sendable, CaseIterable {
    /// Refused before anything is done.
    case refusal
    /// Done and committed, but the caller is told that it failed.
    case lostAnswer
    /// Done once and rolled back, then done again, as a serialization failure makes it.
    case rerun
  }

  private struct State {
    var fault: Fault?
    /// How many writes pass before the fault strikes.
    var countdown = 0
    var struck: Fault?
  }

  private let real: any Database
  private let state = Mutex(State())

  public init(_ real: any Database) { self.real = real }

  /// Lets the fault strike the write after `passing` others.
  public func plan(_ fault: Fault?, after passing: Int) { state.withLock { $0 = State(fault: fault, countdown: passing) } }

  /// Which fault has struck since the plan; a lost answer only where something was committed.
  public var struck: Fault? { state.withLock { $0.struck } }

  public var engine: Engine { real.engine }

  public func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value { try await real.read(body) }

  public func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value {
    let fault = state.withLock { state -> Fault? in
      guard let fault = state.fault else { return nil }
      if state.countdown > 0 {
        state.countdown -= 1
        return nil
      }
      state.fault = nil
      return fault
    }
    switch fault {
    case nil: return try await real.write(body)
    case .refusal:
      strike(.refusal)
      throw Problem(.simulatedFault, "The simulated database refused the work.")
    case .lostAnswer:
      _ = try await real.write(body)
      strike(.lostAnswer)
      throw Problem(.simulatedFault, "The simulated database did the work, and its answer was lost.")
    case .rerun:
      do {
        try await real.write { tx in
          _ = try body(tx)
          throw ForcedRerun()
        }
      } catch {
        guard error.cause is ForcedRerun else { throw error }
      }
      strike(.rerun)
      return try await real.write(body)
    }
  }

  public func changeSchema<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws(Problem) -> Value { try await real.changeSchema(body) }

  private func strike(_ fault: Fault) { state.withLock { $0.struck = fault } }
}

private struct ForcedRerun: Error {}

extension Problem.Code {
  /// A fault of a simulation; nothing else has this code.
  public static let simulatedFault = Self("simulated.fault", .unavailable, "Made to fail")
}
