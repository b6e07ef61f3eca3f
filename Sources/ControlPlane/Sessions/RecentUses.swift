import Kernel
import Secrets
import Synchronization

/// Which sessions and tokens were used within the last minute, so that their use isn't written more often. Each process has its own.
final class RecentUses: Sendable {
  static let grain = Duration.minutes(1)
  private static let limit = 20_000

  private let seen = Mutex<[SHA256Digest: Timestamp]>([:])

  /// Whether it hasn't been used for a minute.
  func isDue(_ digest: SHA256Digest, at now: Timestamp) -> Bool { seen.withLock { seen in !Self.isRecent(seen[digest], at: now) } }

  /// Whether it hasn't been used for a minute; from now on it has.
  @discardableResult func isNews(_ digest: SHA256Digest, at now: Timestamp) -> Bool {
    seen.withLock { seen in
      if Self.isRecent(seen[digest], at: now) { return false }
      if seen.count >= Self.limit {
        seen = seen.filter { $0.value > now - Self.grain }
        // More than fit within one minute: forgetting costs a write too many, and no memory.
        if seen.count >= Self.limit { seen.removeAll() }
      }
      seen[digest] = now
      return true
    }
  }

  private static func isRecent(_ last: Timestamp?, at now: Timestamp) -> Bool { last.map { $0 <= now && now - $0 < grain } ?? false }
}
