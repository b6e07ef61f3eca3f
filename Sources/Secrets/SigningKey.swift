import Crypto
import Foundation
public import Kernel

/// Signs what others must be able to check without asking us, such as the heads of the audit log: Ed25519 (RFC 8032).
public struct SigningKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey

  /// The one key of a purpose: the same secret key gives the same again.
  public init(_ secret: SecretKey, purpose: String) throws(Problem) {
    do {
      key = try Curve25519.Signing.PrivateKey(rawRepresentation: secret.derived(for: "sign \(purpose)").withUnsafeBytes(Array.init))
    } catch {
      throw Problem(.defect, "A signing key could not be made.", cause: error)
    }
  }

  /// What others need to check the signatures.
  public var verifyingKey: VerifyingKey { VerifyingKey(key: key.publicKey) }

  /// The signature of these bytes; the same bytes give the same one.
  public func sign(_ message: some Sequence<UInt8>) throws(Problem) -> Signature {
    do {
      return Signature(bytes: Array(try key.signature(for: Data(Array(message)))))
    } catch {
      throw Problem(.defect, "A message could not be signed.", cause: error)
    }
  }
}

extension SigningKey: Redacted {}

extension KeyRing {
  /// Signs for a purpose, with the key in use.
  public func signingKey(for purpose: String) throws(Problem) -> SigningKey { try SigningKey(current, purpose: purpose) }

  /// What checks signatures of a purpose, old ones included; that of the key in use first.
  public func verifyingKeys(for purpose: String) throws(Problem) -> [VerifyingKey] {
    try all.map { secret throws(Problem) in try SigningKey(secret, purpose: purpose).verifyingKey }
  }
}

/// The public half of a signing key.
public struct VerifyingKey: Sendable {
  fileprivate let key: Curve25519.Signing.PublicKey

  fileprivate init(key: Curve25519.Signing.PublicKey) { self.key = key }

  /// Reads what `text` writes.
  public init(_ text: some StringProtocol) throws(Rejection) {
    guard let bytes = Base64URL.decode(text), let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else {
      throw Rejection("This is no public key: it has 43 characters of base64url.")
    }
    self.key = key
  }

  /// Base64url, 43 characters.
  public var text: String { Base64URL.encode(key.rawRepresentation) }

  /// Names the key beside a signature: 8 characters.
  public var id: String { String(SHA256Digest(of: Array(key.rawRepresentation)).text.prefix(8)) }

  /// Whether the holder of the signing key signed exactly this message.
  public func accepts(_ signature: Signature, of message: some Sequence<UInt8>) -> Bool {
    key.isValidSignature(signature.bytes, for: Array(message))
  }
}

/// 64 bytes that only the holder of a signing key can make for a message.
public struct Signature: Hashable, Sendable, CustomStringConvertible {
  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Reads what `text` writes; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    guard let bytes = Base64URL.decode(text), bytes.count == 64 else { return nil }
    self.bytes = bytes
  }

  /// Base64url, 86 characters.
  public var text: String { Base64URL.encode(bytes) }
  public var description: String { text }
}
