import HTTPTypes
import Hummingbird

/// The headers that tell browsers what a page of ours never does, so that nobody can make it.
struct SecurityHeaders: Sendable {
  let site: Site

  /// Everything from ourselves, nothing inline, no frames.
  static let strict = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
  /// For the documentation's own scripts, which write styles into their elements.
  static let documentation = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

  func add(to response: inout Response) {
    let defaults: [(HTTPField.Name, String)] = [
      (.contentSecurityPolicy, Self.strict),
      (.xContentTypeOptions, "nosniff"),
      (.xFrameOptions, "DENY"),
      (.referrerPolicy, "strict-origin-when-cross-origin"),
      (.permissionsPolicy, "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
      (.crossOriginOpenerPolicy, "same-origin"),
      (.cacheControl, "no-store"),
    ]
    for (name, value) in defaults where response.headers[name] == nil { response.headers[name] = value }
    if site.isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
  }
}
