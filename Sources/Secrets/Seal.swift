import Crypto
import Foundation
public import Kernel

/// Encrypts the secrets that must be stored and read again (a provider's client secret, a webhook's key): AES-256-GCM, each bound to the place it belongs to.
public struct Seal: Sendable {
  private let current: (id: String, key: SymmetricKey)
  private let keys: [String: SymmetricKey]

  public init(_ ring: KeyRing) {
    current = (ring.current.id, ring.current.derived(for: "seal"))
    keys = Dictionary(ring.all.map { ($0.id, $0.derived(for: "seal")) }, uniquingKeysWith: { first, _ in first })
  }

  /// A text that only `open` with the same context reads: `1.<key id>.<nonce, ciphertext and tag in base64url>`.
  ///
  /// `context` names table, column and row, so that a sealed secret can't be moved to another place.
  /// The nonce is random: seal fewer than 2^32 secrets with one key.
  public func close(_ secret: SecretText, context: String, _ moment: Moment) throws(Problem) -> String {
    do {
      let nonce = try AES.GCM.Nonce(data: moment.bytes(12))
      let box = try AES.GCM.seal(Data(secret.reveal().utf8), using: current.key, nonce: nonce, authenticating: Data(context.utf8))
      return "1.\(current.id).\(Base64URL.encode(Array(nonce) + box.ciphertext + box.tag))"
    } catch {
      throw Problem(.defect, "A secret could not be sealed.", cause: error)
    }
  }

  /// The secret that was sealed under this context.
  public func open(_ text: String, context: String) throws(Problem) -> SecretText {
    let fields = text.split(separator: ".", omittingEmptySubsequences: false)
    guard fields.count == 3, fields[0] == "1", let bytes = Base64URL.decode(fields[2]) else { throw Self.broken(nil) }
    guard let key = keys[String(fields[1])] else { throw Self.keyMissing }
    do {
      let plain = try AES.GCM.open(AES.GCM.SealedBox(combined: bytes), using: key, authenticating: Data(context.utf8))
      guard let secret = String(validating: plain, as: UTF8.self) else { throw Self.broken(nil) }
      return SecretText(secret)
    } catch {
      throw Self.broken(error)
    }
  }

  /// Whether the text was sealed with an earlier key: seal it again at the next opportunity.
  public func needsResealing(_ text: String) -> Bool { !text.hasPrefix("1.\(current.id).") }

  private static let keyMissing = Problem(
    Problem.Code("seal.key_missing", .unavailable, "A key is missing"),
    "A stored secret was sealed with a key that the key file no longer holds; put that key back.")

  private static func broken(_ cause: (any Error)?) -> Problem { Problem(.defect, "A stored secret can't be opened.", cause: cause) }
}
