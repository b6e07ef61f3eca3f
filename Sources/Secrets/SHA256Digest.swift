import Crypto
import Foundation
import Kernel

/// The SHA-256 digest of some bytes (FIPS 180-4): 32 bytes, written as base64url in columns and answers.
public struct SHA256Digest: Hashable, Sendable {
  public let bytes: [UInt8]

  /// The digest of these bytes.
  public init(of content: [UInt8]) { bytes = SHA256.hash(data: content).withUnsafeBytes { Array($0) } }

  /// The digest of the text's UTF-8.
  public init(of text: String) { self.init(of: Array(text.utf8)) }

  /// Reads what `text` writes; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    guard let bytes = Base64URL.decode(text), bytes.count == SHA256.byteCount else { return nil }
    self.bytes = bytes
  }

  /// The code of a message under a key (HMAC-SHA256).
  init(authenticating message: [UInt8], with key: SymmetricKey) { bytes = Array(HMAC<SHA256>.authenticationCode(for: message, using: key)) }

  /// Base64url, 43 characters.
  public var text: String { Base64URL.encode(bytes) }

  /// Base 16, 64 characters: how `sha256sum` writes it.
  public var hex: String { Hex.encode(bytes) }

  /// Equality in a time that doesn't tell where the two differ, for digests that guard something.
  public func matches(_ other: SHA256Digest) -> Bool { equalInConstantTime(bytes, other.bytes) }
}

extension SHA256Digest: CustomStringConvertible {
  public var description: String { text }
}

/// Whether both hold the same bytes; takes as long wherever they differ. Only the lengths are no secret.
func equalInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
  guard one.count == other.count else { return false }
  var difference: UInt8 = 0
  for place in one.indices { difference |= one[place] ^ other[place] }
  return difference == 0
}
