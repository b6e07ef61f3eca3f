import HTTPTypes
import Hummingbird

/// The headers that tell browsers what a page of ours never does, so that nobody can make it.
struct SecurityHeaders: Sendable {
  let site: Site

  /// Everything from ourselves, nothing inline, no frames.
  static let strict = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
  /// For the documentation's own scripts, which write styles into their elements.
  static let documentation = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

  /// What a route may say better.
  private static let defaults = [
    HTTPField(name: .contentSecurityPolicy, value: strict),
    HTTPField(name: .referrerPolicy, value: "strict-origin-when-cross-origin"),
    HTTPField(name: .cacheControl, value: "no-store"),
  ]

  /// What holds for all.
  private static let fixed = [
    HTTPField(name: .xContentTypeOptions, value: "nosniff"),
    HTTPField(name: .xFrameOptions, value: "DENY"),
    HTTPField(name: .permissionsPolicy, value: "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    HTTPField(name: .crossOriginOpenerPolicy, value: "same-origin"),
  ]

  func add(to response: inout Response) {
    for field in Self.defaults where !response.headers.contains(field.name) { response.headers.append(field) }
    for field in Self.fixed { response.headers.append(field) }
    if site.isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
  }
}
