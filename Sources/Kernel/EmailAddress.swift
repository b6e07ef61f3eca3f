/// A mailbox that a mail server would take (RFC 5321 §4.1.2, dot-atom form), normalized once: without surrounding space, in lower case.
public struct EmailAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let text: String

  /// Refuses what isn't `name@domain.tld` in ASCII of at most 254 characters.
  public init(_ raw: some StringProtocol) throws(Rejection) {
    let trimmed = String(raw).trimmingSpace()
    guard !trimmed.isEmpty else { throw Rejection("Enter an e-mail address.") }
    guard trimmed.utf8.count <= 254 else { throw Rejection("An e-mail address has at most 254 characters.") }
    guard trimmed.utf8.allSatisfy(\.isVisibleASCII) else {
      throw Rejection("Use an e-mail address without spaces or letters outside ASCII; write an international domain in its xn-- form.")
    }
    guard let at = trimmed.utf8.firstIndex(of: UInt8(ascii: "@")), Self.isLocalPart(trimmed.utf8[..<at]), Self.isDomain(trimmed.utf8[at...].dropFirst()) else {
      throw Rejection("Enter an e-mail address such as ada@example.org.")
    }
    text = trimmed.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ? trimmed.lowercased() : trimmed
  }

  /// What stands behind the `@`.
  public var domain: Substring { text[text.index(after: text.firstIndex(of: "@") ?? text.startIndex)...] }

  public var description: String { text }
  public static func < (a: Self, b: Self) -> Bool { a.text < b.text }

  // By bytes: stored addresses are checked again whenever they are read.

  /// Atoms with a dot between each two.
  private static func isLocalPart(_ part: Substring.UTF8View) -> Bool {
    guard (1...64).contains(part.count) else { return false }
    var previous = dot
    for byte in part {
      guard byte == dot ? previous != dot : byte.isASCIILetterOrDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte) else { return false }
      previous = byte
    }
    return previous != dot
  }

  /// Two labels at least, with a dot between each two, and the last not a number.
  private static func isDomain(_ part: Substring.UTF8View) -> Bool {
    var (labels, length, isNumber, previous) = (1, 0, true, dot)
    for byte in part {
      if byte == dot {
        guard length > 0, previous != hyphen else { return false }
        (labels, length, isNumber) = (labels + 1, 0, true)
      } else {
        guard byte.isASCIILetterOrDigit || byte == hyphen && length > 0, length < 63 else { return false }
        length += 1
        isNumber = isNumber && byte.isASCIIDigit
      }
      previous = byte
    }
    return labels > 1 && length > 0 && previous != hyphen && !isNumber
  }

  private static let (dot, hyphen) = (UInt8(ascii: "."), UInt8(ascii: "-"))
}

extension UInt8 {
  var isVisibleASCII: Bool { self > 0x20 && self < 0x7F }
  var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  var isASCIILetterOrDigit: Bool {
    isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
  }
}
