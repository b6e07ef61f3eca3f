import Kernel

/// What is remembered of attempts at one thing.
///
/// Attempts are forgotten one by one as time goes by (a leaky bucket), and a refused attempt doesn't count: nobody is ever shut out for good, not even by others.
struct Throttle: Equatable, Sendable {
  /// When the last attempt was.
  let triedAt: Timestamp
  /// When all attempts will be forgotten.
  let clearsAt: Timestamp

  /// How attempts at something are slowed down.
  struct Rule: Sendable, Hashable {
    /// How many attempts in a row are free.
    let free: Int
    /// How long it takes to forget one attempt.
    let forgetting: Duration
    let waiting: Waiting

    enum Waiting: Sendable, Hashable {
      /// Until one of the free attempts is forgotten.
      case untilForgotten
      /// Longer after each attempt: from `first`, twice as long each time, up to `longest`.
      case doubling(from: Duration, upTo: Duration)
    }
  }

  /// The memory after one more attempt, or how long it has to wait.
  static func attempt(after past: Throttle?, under rule: Rule, at now: Timestamp) -> Result<Throttle, Wait> {
    if let past {
      let wait = past.opensAt(under: rule) - now
      if wait > .zero { return .failure(Wait(duration: wait)) }
    }
    return .success(Throttle(triedAt: now, clearsAt: max(past?.clearsAt ?? now, now) + rule.forgetting))
  }

  /// The memory without the last attempt; `nil` when nothing is left.
  func takingBack(under rule: Rule, at now: Timestamp) -> Throttle? {
    let earlier = clearsAt - rule.forgetting
    return earlier > now ? Throttle(triedAt: triedAt, clearsAt: earlier) : nil
  }

  /// When the next attempt may be made.
  private func opensAt(under rule: Rule) -> Timestamp {
    switch rule.waiting {
    case .untilForgotten: return Timestamp(milliseconds: clearsAt.milliseconds - Int64(rule.free - 1) * rule.forgetting.milliseconds)
    case .doubling(let first, let longest):
      // How many attempts were remembered when the last was made, itself included.
      let count = ((clearsAt - triedAt).milliseconds + rule.forgetting.milliseconds - 1) / rule.forgetting.milliseconds
      guard count >= rule.free else { return triedAt }
      let doublings = min(count - Int64(rule.free), 30)
      return triedAt + min(longest, .milliseconds(first.milliseconds << doublings))
    }
  }

  /// How long the next attempt has to wait.
  struct Wait: Error, Equatable {
    let duration: Duration

    /// For the `Retry-After` of an answer: whole seconds, rounded up.
    var seconds: Int64 { (duration.milliseconds + 999) / 1000 }

    /// `8 seconds`, `3 minutes`, `2 hours`: rounded up.
    var words: String {
      let (count, unit) = seconds < 120 ? (seconds, "second") : seconds < 7200 ? ((seconds + 59) / 60, "minute") : ((seconds + 3599) / 3600, "hour")
      return "\(count) \(unit)\(count == 1 ? "" : "s")"
    }
  }
}

extension Throttle.Rule {
  /// At most `limit` attempts, which come back evenly over `span`.
  static func rate(_ limit: Int, per span: Duration) -> Self { Self(free: limit, forgetting: .milliseconds(max(1, span.milliseconds / Int64(limit))), waiting: .untilForgotten) }

  static func slowing(free: Int, first: Duration = .seconds(1), longest: Duration, forgetting: Duration) -> Self {
    Self(free: free, forgetting: forgetting, waiting: .doubling(from: first, upTo: longest))
  }
}
