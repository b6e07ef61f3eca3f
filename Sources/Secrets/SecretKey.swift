import Crypto
import Foundation
public import Kernel

/// 32 secret bytes of the installation, kept outside of the database. Every use derives a key of its own from them (HKDF, RFC 5869).
public struct SecretKey: Sendable {
  private let root: SymmetricKey

  /// Names the key without telling anything about it: 8 characters.
  public let id: String

  /// Reads 32 bytes in base64url (43 characters) or hexadecimal (64).
  public init(_ text: some StringProtocol) throws(Rejection) {
    let bytes = text.utf8.count == 64 ? Hex.decode(text) : Base64URL.decode(text)
    guard let bytes, bytes.count == 32 else {
      throw Rejection("A secret key is 32 random bytes, written as 64 hexadecimal digits or as 43 characters of base64url.")
    }
    self.init(bytes: bytes)
  }

  /// A new key out of the moment's random numbers.
  public static func mint(_ moment: Moment) -> SecretKey { SecretKey(bytes: moment.bytes(32)) }

  private init(bytes: [UInt8]) {
    root = SymmetricKey(data: bytes)
    id = Base64URL.encode(HKDF<SHA256>.deriveKey(inputKeyMaterial: root, info: Data("guildhall key id".utf8), outputByteCount: 6).withUnsafeBytes(Array.init))
  }

  /// Base64url, for the key file.
  public var text: SecretText { SecretText(Base64URL.encode(root.withUnsafeBytes(Array.init))) }

  /// 32 bytes that serve `purpose` alone: who learns them learns nothing of the others.
  func derived(for purpose: String) -> SymmetricKey {
    HKDF<SHA256>.deriveKey(inputKeyMaterial: root, info: Data("guildhall \(purpose)".utf8), outputByteCount: 32)
  }
}

extension SecretKey: Redacted {}

/// The key in use, and earlier ones that still open what they sealed.
public struct KeyRing: Sendable {
  public let current: SecretKey
  public let earlier: [SecretKey]

  /// `earlier` in any order; none seals or signs anything new.
  public init(_ current: SecretKey, earlier: [SecretKey] = []) {
    self.current = current
    self.earlier = earlier
  }

  /// Reads a key file: one key a line, the one in use first; empty lines and those that begin with `#` don't count.
  public init(file content: String) throws(Rejection) {
    var keys: [SecretKey] = []
    for line in content.split(whereSeparator: \.isNewline) {
      var text = line.drop(while: \.isWhitespace)
      while text.last?.isWhitespace == true { text.removeLast() }
      if !text.isEmpty, !text.hasPrefix("#") { keys.append(try SecretKey(text)) }
    }
    guard let first = keys.first else { throw Rejection("The key file holds no key; write 32 random bytes into it, in base64url.") }
    self.init(first, earlier: Array(keys.dropFirst()))
  }

  var all: [SecretKey] { [current] + earlier }
}
