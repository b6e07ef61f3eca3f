/// A name that people read: 1 to 128 characters on one line, without control characters or marks that turn the direction of writing.
public struct DisplayName: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  public init(_ raw: some StringProtocol) throws(Rejection) {
    let trimmed = raw.trimmingSpace()
    guard !trimmed.isEmpty else { throw Rejection("Enter a name.") }
    guard trimmed.count <= 128, trimmed.utf8.count <= 1024 else { throw Rejection("Use at most 128 characters.") }
    guard trimmed.unicodeScalars.allSatisfy({ !$0.isControl && !$0.turnsDirection }) else {
      throw Rejection("Leave out line breaks and control characters.")
    }
    text = trimmed
  }

  public var description: String { text }
}

/// A text that people write for others: at most 2,000 characters, lines allowed, empty allowed.
public struct Note: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  public init(_ raw: some StringProtocol) throws(Rejection) {
    let trimmed = raw.trimmingSpace()
    guard trimmed.count <= 2000, trimmed.utf8.count <= 16_000 else { throw Rejection("Use at most 2,000 characters.") }
    guard trimmed.unicodeScalars.allSatisfy({ $0 == "\n" || $0 == "\r" || $0 == "\t" || !$0.isControl && !$0.turnsDirection }) else {
      throw Rejection("Leave out control characters.")
    }
    text = trimmed
  }

  public static let empty = Note(verified: "")
  private init(verified: String) { text = verified }

  public var isEmpty: Bool { text.isEmpty }
  public var description: String { text }
}

extension StringProtocol {
  func trimmingSpace() -> String {
    var rest = Substring(self)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    return String(rest)
  }
}

extension Unicode.Scalar {
  var isControl: Bool { properties.generalCategory == .control || properties.generalCategory == .lineSeparator || properties.generalCategory == .paragraphSeparator }
  /// Overrides and isolates can make a name read as another one (Unicode TR 36 §2.5).
  var turnsDirection: Bool { (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value) }
}
