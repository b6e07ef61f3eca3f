import Contract
import Kernel
import Synchronization

/// What this process was asked since it began, for metrics: of which there is no row to count, or too many.
public final class Tallies: Sendable {
  /// One of the things that are counted, with what came of it.
  public enum Kind: String, Sendable, CaseIterable {
    case usageAccepted, usageDuplicate, usageRefused
    case holdMade, holdSettled, holdReleased, holdRefused
  }

  private let counts = Mutex<[Kind: Int64]>([:])

  func note(_ kind: Kind, _ count: Int = 1) {
    if count > 0 { counts.withLock { $0[kind, default: 0] += Int64(count) } }
  }

  public subscript(_ kind: Kind) -> Int64 { counts.withLock { $0[kind] ?? 0 } }

  /// Notes what came of a hold that somebody asked for, or asked to end; what failed for other reasons than a rule is no refusal.
  func noting<Value>(_ kind: Kind, _ deed: () async throws(Problem) -> Value) async throws(Problem) -> Value {
    do throws(Problem) {
      let value = try await deed()
      note(kind)
      return value
    } catch {
      if error.kind != .defect, error.kind != .unavailable { note(.holdRefused) }
      throw error
    }
  }
}
