/// How many columns of a terminal a text takes (Unicode TR 11 and TR 51, as terminals commonly follow them).
extension StringProtocol {
  var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

  /// At most `width` columns; what is cut off is told by an ellipsis.
  func fitted(to width: Int) -> String {
    guard displayWidth > width else { return String(self) }
    var text = ""
    var room = width - 1
    for character in self {
      room -= character.displayWidth
      guard room >= 0 else { break }
      text.append(character)
    }
    return text + "…"
  }

  /// Without what a terminal would obey rather than show, and on one line: a name from elsewhere can't write over what stands around it.
  var onOneLine: String {
    guard unicodeScalars.contains(where: \.isUnshowable) else { return String(self) }
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if !scalar.isUnshowable { result.append(scalar) } else if result.last != " " { result.append(" ") }
    }
    return String(result)
  }
}

extension Character {
  var displayWidth: Int {
    guard let first = unicodeScalars.first else { return 0 }
    // Emoji of several parts, flags among them, are one picture; U+FE0F asks for the picture of what is otherwise a letter.
    if unicodeScalars.count > 1, unicodeScalars.contains(where: { $0.value == 0xFE0F || $0.value == 0x200D || $0.properties.isEmojiModifier }) { return 2 }
    if (0x1F1E6...0x1F1FF).contains(first.value) { return unicodeScalars.count > 1 ? 2 : 1 }
    return unicodeScalars.map(\.displayWidth).max() ?? 0
  }
}

extension Unicode.Scalar {
  fileprivate var displayWidth: Int {
    if value < 0x300 { return value < 0x20 || (0x7F..<0xA0).contains(value) || value == 0xAD ? 0 : 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    return properties.isEmojiPresentation || Self.wide.contains { $0.contains(value) } ? 2 : 1
  }

  /// The blocks whose letters take two columns.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
    0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18DFF, 0x1B000...0x1B2FF, 0x20000...0x3FFFD,
  ]

  fileprivate var isUnshowable: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator, .surrogate: true
    // Overrides and isolates could make a text read as another one (Unicode TR 36 §2.5).
    case .format: (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value)
    default: false
    }
  }
}
