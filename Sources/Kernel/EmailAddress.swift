/// A mailbox that a mail server would take (RFC 5321 §4.1.2, dot-atom form), normalized once: without surrounding space, in lower case.
public struct EmailAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let text: String

  /// Refuses what isn't `name@domain.tld` in ASCII of at most 254 characters.
  public init(_ raw: some StringProtocol) throws(Rejection) {
    let trimmed = raw.trimmingSpace()
    guard !trimmed.isEmpty else { throw Rejection("Enter an e-mail address.") }
    guard trimmed.utf8.count <= 254 else { throw Rejection("An e-mail address has at most 254 characters.") }
    guard trimmed.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Rejection("Use an e-mail address without spaces or letters outside ASCII; write an international domain in its xn-- form.")
    }
    let parts = trimmed.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, Self.isLocalPart(parts[0]), Self.isDomain(parts[1]) else {
      throw Rejection("Enter an e-mail address such as ada@example.org.")
    }
    text = trimmed.lowercased()
  }

  /// What stands behind the `@`.
  public var domain: Substring { text[text.index(after: text.firstIndex(of: "@") ?? text.startIndex)...] }

  public var description: String { text }
  public static func < (a: Self, b: Self) -> Bool { a.text < b.text }

  private static func isLocalPart(_ part: Substring) -> Bool {
    guard (1...64).contains(part.utf8.count) else { return false }
    return part.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { atom in
      !atom.isEmpty && atom.utf8.allSatisfy { $0.isASCIILetterOrDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
    }
  }

  private static func isDomain(_ part: Substring) -> Bool {
    let labels = part.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, let last = labels.last, !last.utf8.allSatisfy({ $0.isASCIIDigit }) else { return false }
    return labels.allSatisfy { label in
      (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
        && label.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
    }
  }
}

extension UInt8 {
  var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
  var isASCIILetterOrDigit: Bool {
    isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
  }
}
