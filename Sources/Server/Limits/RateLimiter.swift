import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import Kernel
import Secrets

/// How often one network address, and one credential, may ask.
public struct RateLimits: Sendable, Hashable {
  public var address: RateLimit
  public var principal: RateLimit

  public init(address: RateLimit = RateLimit(1200, per: .seconds(60)), principal: RateLimit = RateLimit(2400, per: .seconds(60))) {
    self.address = address
    self.principal = principal
  }
}

/// Counts requests and says what is left, in the headers of the IETF draft (draft-ietf-httpapi-ratelimit-headers) and the older ones.
struct RateLimiter: Sendable {
  private let address: TokenBuckets
  private let principal: TokenBuckets

  init(_ limits: RateLimits) {
    address = TokenBuckets(limits.address)
    principal = TokenBuckets(limits.principal)
  }

  struct Standing: Sendable {
    let name: String
    let limit: RateLimit
    let verdict: TokenBuckets.Verdict
  }

  /// What stands after this request against each limit that applies.
  func count(_ exchange: Exchange) -> [Standing] {
    count(exchange.caller.origin.address, exchange.credential.secret.map { SHA256Digest(of: $0).text }, at: exchange.received)
  }

  /// `credential`: the digest of the one that was given.
  func count(_ from: String, _ credential: String?, at now: Timestamp) -> [Standing] {
    var standings = [Standing(name: "address", limit: address.limit, verdict: address.take(ClientAddress.limitKey(from), at: now))]
    if let credential { standings.append(Standing(name: "principal", limit: principal.limit, verdict: principal.take(credential, at: now))) }
    return standings
  }

  /// Refuses when a limit is used up.
  static func check(_ standings: [Standing]) throws(Problem) {
    guard let spent = standings.first(where: { !$0.verdict.isAllowed }) else { return }
    let wait = max(1, spent.verdict.retryAfter.roundedUpSeconds)
    throw Problem(.limited, "Those were too many requests in a short time. Try again in \(wait) \(wait == 1 ? "second" : "seconds").", retryAfter: .seconds(wait))
  }

  static func describe(_ standings: [Standing], in headers: inout HTTPFields) {
    guard let tightest = standings.min(by: { $0.verdict.remaining < $1.verdict.remaining }) else { return }
    headers[.rateLimitPolicy] = standings.map { "\"\($0.name)\";q=\($0.limit.quota);w=\($0.limit.window.roundedUpSeconds)" }.joined(separator: ", ")
    headers[.rateLimit] = standings.map { "\"\($0.name)\";r=\($0.verdict.remaining);t=\($0.verdict.reset.roundedUpSeconds)" }.joined(separator: ", ")
    headers[.rateLimitLimit] = String(tightest.limit.quota)
    headers[.rateLimitRemaining] = String(tightest.verdict.remaining)
    headers[.rateLimitReset] = String(tightest.verdict.reset.roundedUpSeconds)
  }
}

extension Duration {
  var roundedUpSeconds: Int64 { (milliseconds + 999) / 1000 }
}
