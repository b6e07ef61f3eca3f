import Crypto
import Foundation
import Kernel

/// Proves that a message came from us and wasn't changed: HMAC-SHA256 (RFC 2104). For cookies, anti-forgery tokens and webhooks.
public struct MessageAuthenticator: Sendable {
  private let current: SymmetricKey
  private let all: [SymmetricKey]

  /// Codes of one purpose are worthless for another. Those made with earlier keys of the ring are still accepted.
  public init(_ ring: KeyRing, purpose: String) {
    current = ring.current.derived(for: "authenticate \(purpose)")
    all = ring.all.map { $0.derived(for: "authenticate \(purpose)") }
  }

  /// With a key that is shared with somebody else.
  public init(key: some Sequence<UInt8>) {
    current = SymmetricKey(data: Array(key))
    all = [current]
  }

  /// The message's code, made with the key in use.
  public func code(for message: some Sequence<UInt8>) -> SHA256Digest { SHA256Digest(authenticating: Array(message), with: current) }

  /// Whether `code` belongs to the message; takes as long wherever they differ.
  public func accepts(_ code: SHA256Digest, for message: some Sequence<UInt8>) -> Bool {
    let message = Array(message)
    return all.contains { SHA256Digest(authenticating: message, with: $0).matches(code) }
  }

  /// The text with its code behind a dot, as a cookie holds it.
  public func signed(_ text: String) -> String { "\(text).\(code(for: text.utf8).text)" }

  /// The text that `signed` was given; `nil` if anything was changed.
  public func opened(_ signed: some StringProtocol) -> String? {
    guard let dot = signed.lastIndex(of: "."), let code = SHA256Digest(signed[signed.index(after: dot)...]) else { return nil }
    let text = String(signed[..<dot])
    return accepts(code, for: text.utf8) ? text : nil
  }
}
