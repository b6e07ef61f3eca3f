import Kernel
import Secrets

/// A try at somebody's password, and how tries are slowed down: by who is tried, from where, and both together.
///
/// The same for logins that nobody has, so that the slowing tells nothing. An account is one, by whichever of its addresses it is called.
struct SignInAttempt: Sendable {
  let login: String
  private var subject: String
  private let network: String

  init(login: String, from origin: Origin) {
    // Nobody's login is longer; what is cut off can't make it somebody's, since a cut one has one character too many.
    self.login = String(login.prefix(255)).lowercased().trimmingSpaces()
    subject = SHA256Digest(of: self.login).text
    network = origin.network
  }

  /// The same attempt, once it is known at which account it is.
  func at(_ account: ID<Account>?) -> SignInAttempt {
    guard let account else { return self }
    var attempt = self
    attempt.subject = account.description
    return attempt
  }

  private var pair: String { "sign-in \(subject) from \(network)" }
  private var anywhere: String { "sign-in \(subject)" }
  private var here: String { "sign-in from \(network)" }

  private static let perPair = Throttle.Rule.slowing(free: 5, longest: .minutes(15), forgetting: .minutes(10))
  private static let perLogin = Throttle.Rule.slowing(free: 10, longest: .minutes(15), forgetting: .minutes(5))
  private static let perNetwork = Throttle.Rule.slowing(free: 100, longest: .minutes(1), forgetting: .seconds(10))

  /// Counts the attempt before the password is looked at, so that many at once gain nothing.
  ///
  /// `isKnownPlace`: whether the account has been signed in from there; then what others try elsewhere doesn't slow it down.
  func count(_ throttle: Throttles, isKnownPlace: Bool) throws(Problem) {
    try throttle.attempt(pair, under: Self.perPair)
    if !isKnownPlace { try throttle.attempt(anywhere, under: Self.perLogin) }
    if !network.isEmpty { try throttle.attempt(here, under: Self.perNetwork) }
  }

  /// The person was proven otherwise: what others tried doesn't stand in their way.
  func forgive(_ throttle: Throttles) throws(Problem) {
    try throttle.forget(pair)
    try throttle.forget(anywhere)
  }

  /// The password was right.
  func settle(_ throttle: Throttles) throws(Problem) {
    try forgive(throttle)
    if !network.isEmpty { try throttle.takeBack(here, under: Self.perNetwork) }
  }
}

extension String {
  fileprivate func trimmingSpaces() -> String {
    var rest = Substring(self)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}
