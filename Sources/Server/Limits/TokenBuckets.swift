import Kernel
import Synchronization

/// So many requests at once, and as many again within each window of time.
public struct RateLimit: Sendable, Hashable {
  public let quota: Int
  public let window: Duration

  /// `quota` is at least 1.
  public init(_ quota: Int, per window: Duration) {
    self.quota = max(1, quota)
    self.window = max(window, .milliseconds(1))
  }
}

/// Token buckets by key, in memory: each fills up evenly to its quota, and a request takes one token.
///
/// Bounded: when more keys were seen than `capacity`, the half that has rested longest is forgotten, which can only make a limit milder.
final class TokenBuckets: Sendable {
  let limit: RateLimit
  private let capacity: Int
  private let buckets = Mutex(Generations())

  init(_ limit: RateLimit, capacity: Int = 100_000) {
    self.limit = limit
    self.capacity = capacity
  }

  /// What is left after a request.
  struct Verdict: Sendable, Equatable {
    let isAllowed: Bool
    /// Whole tokens left.
    let remaining: Int
    /// Until the bucket is full.
    let reset: Duration
    /// Until the next token, where the request was refused.
    let retryAfter: Duration
  }

  func take(_ key: String, at now: Timestamp) -> Verdict {
    let quota = Double(limit.quota)
    let rate = quota / Double(limit.window.milliseconds)
    return buckets.withLock { buckets in
      let bucket = buckets.find(key)
      let level = bucket.map { min(quota, $0.level + Double(max(0, now.milliseconds - $0.at)) * rate) } ?? quota
      let isAllowed = level >= 1
      let left = isAllowed ? level - 1 : level
      buckets.keep(Bucket(level: left, at: now.milliseconds), for: key, capacity: capacity)
      return Verdict(
        isAllowed: isAllowed, remaining: Int(left), reset: .milliseconds(Int64(((quota - left) / rate).rounded(.up))),
        retryAfter: isAllowed ? .zero : .milliseconds(Int64(((1 - level) / rate).rounded(.up))))
    }
  }

  var count: Int { buckets.withLock { $0.young.count + $0.old.count } }

  private struct Bucket {
    let level: Double
    let at: Int64
  }

  /// Two maps: what is touched is young; when the young are half of the capacity, the old are forgotten and the young become old.
  private struct Generations {
    var young: [String: Bucket] = [:]
    var old: [String: Bucket] = [:]

    mutating func find(_ key: String) -> Bucket? { young[key] ?? old.removeValue(forKey: key) }

    mutating func keep(_ bucket: Bucket, for key: String, capacity: Int) {
      if young[key] == nil, young.count >= max(1, capacity / 2) {
        old = young
        young = [:]
      }
      young[key] = bucket
    }
  }
}
