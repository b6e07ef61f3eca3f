import Foundation
public import Kernel

/// A password as argon2 takes it: the UTF-8 of the typed text, prepared by the OpaqueString profile of RFC 8265 §4.2
/// (every kind of space becomes the plain one, then normalization form C), so that it is the same from any keyboard. Case and width are kept.
public struct Password: Sendable {
  let bytes: [UInt8]

  /// A password that somebody offers at sign-in: no rule applies, it only may be wrong.
  public init(offered text: String) {
    bytes = text.utf8.count <= Self.rawLimit ? Array(Self.prepared(text).utf8) : Array(text.utf8.prefix(Self.rawLimit))
  }

  /// A password that somebody chooses: 10 to 256 characters, not easy to guess, and not one of the `words` that are known about them
  /// (address, handle, name) with a few characters added.
  public init(chosen text: String, unlike words: [String] = []) throws(Rejection) {
    guard text.utf8.count <= Self.rawLimit else { throw Self.tooLong }
    let prepared = Self.prepared(text)
    guard prepared.count >= 10 else { throw Rejection("Use at least 10 characters.") }
    guard prepared.count <= 256, prepared.utf8.count <= 1024 else { throw Self.tooLong }
    guard prepared.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      throw Rejection("Leave out line breaks and control characters.")
    }
    if let reason = GuessablePasswords.reason(against: prepared, words: words) { throw Rejection(reason) }
    bytes = Array(prepared.utf8)
  }

  private static let tooLong = Rejection("Use at most 256 characters.")

  /// More than any chosen password can have before its preparation, so that a longer offer never matches and costs little.
  private static let rawLimit = 4096

  private static func prepared(_ text: String) -> String {
    var spaced = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { spaced.append(scalar.properties.generalCategory == .spaceSeparator ? " " : scalar) }
    return String(spaced).precomposedStringWithCanonicalMapping
  }
}

extension Password: Redacted {}
