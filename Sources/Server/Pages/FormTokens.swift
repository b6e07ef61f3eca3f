import ControlPlane
import HTTPTypes
import Hummingbird
import Kernel
import Secrets

/// The proof that a form was made by us for this browser: a code of the session, or before sign-in of a random cookie (double submit, signed).
struct FormTokens: Sendable {
  private let codes: MessageAuthenticator
  private let site: Site

  init(_ keys: KeyRing, site: Site) {
    codes = MessageAuthenticator(keys, purpose: "form")
    self.site = site
  }

  /// The token of this browser, and the cookie that has to be set for it to hold.
  func token(for exchange: Exchange, draw: () -> UInt64) -> (token: FormToken, cookie: String?) {
    if case .session(let secret) = exchange.credential { return (sessionToken(secret), nil) }
    if let visitor = Cookies.value(of: cookieName, in: exchange.request.headers), isVisitor(visitor) { return (token(ofVisitor: visitor), nil) }
    let visitor = Hex.encode([draw(), draw()].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } })
    return (token(ofVisitor: visitor), Cookies.setting(cookieName, to: visitor, isSecure: site.isSecure))
  }

  /// Refuses a form without the token of the browser it came from.
  func check(_ text: String, from exchange: Exchange) throws(Problem) {
    let message: String
    if case .session(let secret) = exchange.credential {
      message = "session \(secret)"
    } else if let visitor = Cookies.value(of: cookieName, in: exchange.request.headers), isVisitor(visitor) {
      message = "visitor \(visitor)"
    } else {
      throw Self.outdated
    }
    guard let code = SHA256Digest(text), codes.accepts(code, for: message.utf8) else { throw Self.outdated }
  }

  /// Whether the browser keeps our cookies: then a form was refused for its age, and its page, loaded again, mends that.
  func knows(_ exchange: Exchange) -> Bool {
    if case .session = exchange.credential { return true }
    return Cookies.value(of: cookieName, in: exchange.request.headers) != nil
  }

  /// The token of a session's forms.
  func sessionToken(_ secret: String) -> FormToken { FormToken(codes.code(for: "session \(secret)".utf8).text) }

  private func token(ofVisitor visitor: String) -> FormToken { FormToken(codes.code(for: "visitor \(visitor)".utf8).text) }
  private func isVisitor(_ text: String) -> Bool { text.utf8.count == 32 }
  private var cookieName: String { site.cookieName("guildhall-form") }

  static let outdated = Problem(
    Problem.Code("form.outdated", .forbidden, "This form is out of date"), "You signed in or out since the page was opened, or cookies are blocked. Go back, reload the page and send the form again.")
}
