/// A name that people read: 1 to 128 characters on one line, some of them visible, without control characters or marks that turn the direction of writing.
public struct DisplayName: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  public init(_ raw: some StringProtocol) throws(Rejection) {
    let trimmed = String(raw).trimmingSpace()
    guard !trimmed.isEmpty else { throw Rejection("Enter a name.") }
    // Bytes are counted before characters, which takes long where there are many.
    guard trimmed.utf8.count <= 1024, trimmed.count <= 128 else { throw Rejection("Use at most 128 characters.") }
    guard trimmed.unicodeScalars.allSatisfy({ !$0.isControl && !$0.turnsDirection }) else {
      throw Rejection("Leave out line breaks and control characters.")
    }
    guard trimmed.unicodeScalars.contains(where: \.isVisible) else { throw Rejection("Enter a name that can be seen.") }
    text = trimmed
  }

  public var description: String { text }
}

/// A text that people write for others: at most 2,000 characters, lines allowed, empty allowed.
public struct Note: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  public init(_ raw: some StringProtocol) throws(Rejection) {
    let trimmed = String(raw).trimmingSpace()
    guard trimmed.utf8.count <= 16_000, trimmed.count <= 2000 else { throw Rejection("Use at most 2,000 characters.") }
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

extension String {
  /// What stands between the separators, which are ASCII; empty pieces too. `split` walks by indices, which takes several times as long.
  public func pieces(between separator: Unicode.Scalar) -> [String] {
    let separator = UInt8(ascii: separator)
    var text = self
    return text.withUTF8 { bytes in
      var pieces: [String] = []
      var start = 0
      for place in bytes.indices where bytes[place] == separator {
        pieces.append(String(decoding: bytes[start..<place], as: UTF8.self))
        start = place + 1
      }
      pieces.append(String(decoding: bytes[start...], as: UTF8.self))
      return pieces
    }
  }

  /// Without the white space around it, however long that is.
  func trimmingSpace() -> String {
    if let first = utf8.first, first.isVisibleASCII, let last = utf8.last, last.isVisibleASCII { return self }
    let scalars = unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.isSpace }), let last = scalars.lastIndex(where: { !$0.isSpace }) else { return "" }
    return String(scalars[first...last])
  }
}

extension Unicode.Scalar {
  var isSpace: Bool { value == 0x20 || (0x09...0x0D).contains(value) || value > 0x7F && properties.isWhitespace }
  var isControl: Bool {
    if isASCII { return value < 0x20 || value == 0x7F }
    return properties.generalCategory == .control || properties.generalCategory == .lineSeparator || properties.generalCategory == .paragraphSeparator
  }
  /// Overrides and isolates can make a name read as another one (Unicode TR 36 §2.5).
  var turnsDirection: Bool { (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value) }

  /// Whether it leaves ink of its own: no space, no filler, no mark that only joins or colours others.
  var isVisible: Bool {
    if isASCII { return value > 0x20 && value < 0x7F }
    return switch properties.generalCategory {
    case .format, .nonspacingMark, .enclosingMark, .spaceSeparator, .control, .lineSeparator, .paragraphSeparator: false
    default: !properties.isDefaultIgnorableCodePoint && value != 0x2800
    }
  }
}
