import Contract
import HTTPTypes
import Hummingbird
import Kernel

/// Whether another site made the browser send a request.
struct CrossSite: Sendable {
  let site: Site

  /// Refuses a request that changes something with the session cookie, unless the browser says it came from one of our own pages.
  ///
  /// Browsers send `Sec-Fetch-Site` (Fetch Metadata) or at least `Origin` with every POST; a request with neither wasn't sent by one that matters here,
  /// but then it has no business with a cookie either.
  func checkProgram(_ exchange: Exchange) throws(Problem) {
    guard case .session = exchange.credential, !exchange.isSafe else { return }
    guard cameFromUs(exchange.request.headers) == true else { throw Self.refusal }
  }

  /// Refuses a form that the browser says came from elsewhere; without its word the form's token decides alone.
  func checkForm(_ exchange: Exchange) throws(Problem) {
    guard cameFromUs(exchange.request.headers) != false else { throw Self.refusal }
  }

  /// `nil` where the browser doesn't say.
  private func cameFromUs(_ headers: HTTPFields) -> Bool? {
    if let word = headers[.secFetchSite] { return word == "same-origin" || word == "none" }
    if let origin = headers[.origin] { return origin.lowercased() == site.origin }
    return nil
  }

  static let refusal = Problem(.foreignOrigin, "This request came from another site. Open Guildhall itself and try again there.")
}
