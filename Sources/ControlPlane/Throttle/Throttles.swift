import Contract
import Kernel
import Storage

extension Work {
  /// Slows down attempts: by address of the network, by account, by organization.
  var throttle: Throttles { Throttles(rows: ThrottleRows(tx: tx)) }
}

struct Throttles {
  let rows: ThrottleRows

  /// Counts an attempt, or refuses as `throttled` while it has to wait. Counts only if the unit of work is committed.
  func attempt(_ key: String, under rule: Throttle.Rule, _ what: String = "attempts") throws(Problem) {
    switch Throttle.attempt(after: try rows.find(key), under: rule, at: rows.tx.now) {
    case .success(let throttle): try rows.save(throttle, for: key)
    case .failure(let wait): throw Problem(.throttled, "Too many \(what). Try again in \(wait.words).", retryAfter: .seconds(wait.seconds))
    }
  }

  /// Counts one of at most `limit` in any `span`; they come back one by one. `what` completes "Too many …".
  func take(_ key: String, limit: Int, per span: Duration, _ what: String) throws(Problem) { try attempt(key, under: .rate(limit, per: span), what) }

  /// Makes an attempt uncounted, since it turned out to be rightful.
  func takeBack(_ key: String, under rule: Throttle.Rule) throws(Problem) {
    guard let throttle = try rows.find(key) else { return }
    if let earlier = throttle.takingBack(under: rule, at: rows.tx.now) { try rows.save(earlier, for: key) } else { try rows.forget(key) }
  }

  func forget(_ key: String) throws(Problem) { try rows.forget(key) }
}

extension Origin {
  /// What counts as one place when attempts are counted: an IPv4 address, or the /64 of an IPv6 address, which a single customer has to themselves. Empty for jobs of ours.
  var network: String {
    guard address.contains(":") else { return address }
    let bare = address.prefix { $0 != "%" }
    if bare.contains("."), let last = bare.split(separator: ":").last { return String(last) }
    let halves = bare.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false).map { $0.split(separator: ":") }
    let tail = halves.count > 1 ? halves[1] : []
    let zeros = Array(repeating: Substring("0"), count: halves.count > 1 ? max(0, 8 - halves[0].count - tail.count) : 0)
    return ((halves[0] + zeros + tail).prefix(4).joined(separator: ":") + "::/64").lowercased()
  }
}
