/// A token of policies and schemas.
struct Token: Hashable {
  enum Kind: Hashable {
    /// An identifier or keyword; the parser tells them apart.
    case word
    case number
    /// With its quotes, escapes not read yet.
    case string
    /// `?principal`.
    case slot
    case symbol(Symbol)
    case end
  }

  enum Symbol: String, Hashable {
    case at = "@", dot = ".", comma = ",", semicolon = ";", colon = ":", doubleColon = "::"
    case leftParen = "(", rightParen = ")", leftBrace = "{", rightBrace = "}", leftBracket = "[", rightBracket = "]"
    case equalEqual = "==", notEqual = "!=", less = "<", lessEqual = "<=", greater = ">", greaterEqual = ">="
    case orOr = "||", andAnd = "&&", plus = "+", minus = "-", star = "*", slash = "/", percent = "%", not = "!", equal = "=", question = "?"
  }

  let kind: Kind
  let span: Range<Int>
}

/// Splits a text into tokens; skips white space (Unicode's) and `//` comments.
struct Lexer {
  struct Failure: Error {
    let message: String
    let hint: String?
    let span: Range<Int>
  }

  let bytes: [UInt8]
  private(set) var offset: Int
  /// Whether a question mark stands alone, as in schemas, or begins a slot.
  let slots: Bool
  /// The comments skipped so far, for the formatter.
  private(set) var comments: [Range<Int>] = []
  private let keepsComments: Bool

  init(_ bytes: [UInt8], slots: Bool = true, keepingComments: Bool = false, from start: Int = 0) {
    self.bytes = bytes
    self.slots = slots
    keepsComments = keepingComments
    offset = start
  }

  mutating func next() throws(Failure) -> Token {
    skipBlanks()
    let start = offset
    guard start < bytes.count else { return Token(kind: .end, span: start..<start) }
    let byte = bytes[start]
    if byte.isLetter || byte == UInt8(ascii: "_") {
      advanceOverWord()
      return Token(kind: .word, span: start..<offset)
    }
    if byte.isDigit {
      while offset < bytes.count, bytes[offset].isDigit { offset += 1 }
      return Token(kind: .number, span: start..<offset)
    }
    if byte == UInt8(ascii: "\"") { return try string() }
    if byte == UInt8(ascii: "?"), slots {
      offset += 1
      guard offset < bytes.count, bytes[offset].isIdentifierPart, !bytes[offset].isDigit else {
        throw Failure(message: "a slot needs a name", hint: "slots are `?principal` and `?resource`", span: start..<offset)
      }
      advanceOverWord()
      return Token(kind: .slot, span: start..<offset)
    }
    return try symbol()
  }

  private mutating func advanceOverWord() {
    while offset < bytes.count, bytes[offset].isIdentifierPart { offset += 1 }
  }

  private mutating func string() throws(Failure) -> Token {
    let start = offset
    offset += 1
    while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        offset += 1
        return Token(kind: .string, span: start..<offset)
      case UInt8(ascii: "\\"):
        if offset + 1 < bytes.count, bytes[offset + 1] == 10 {
          throw Failure(message: "a backslash can't end a line within a string", hint: "a line break is written `\\n`", span: offset..<offset + 1)
        }
        offset += 2
      default:
        offset += 1
      }
    }
    offset = bytes.count
    throw Failure(message: "this string is not closed", hint: "end it with `\"`", span: start..<min(start + 20, bytes.count))
  }

  private mutating func symbol() throws(Failure) -> Token {
    let start = offset
    let byte = bytes[start]
    let second = start + 1 < bytes.count ? bytes[start + 1] : 0
    let two: Token.Symbol? =
      switch (byte, second) {
      case (UInt8(ascii: ":"), UInt8(ascii: ":")): .doubleColon
      case (UInt8(ascii: "="), UInt8(ascii: "=")): .equalEqual
      case (UInt8(ascii: "!"), UInt8(ascii: "=")): .notEqual
      case (UInt8(ascii: "<"), UInt8(ascii: "=")): .lessEqual
      case (UInt8(ascii: ">"), UInt8(ascii: "=")): .greaterEqual
      case (UInt8(ascii: "|"), UInt8(ascii: "|")): .orOr
      case (UInt8(ascii: "&"), UInt8(ascii: "&")): .andAnd
      default: nil
      }
    if let two {
      offset += 2
      return Token(kind: .symbol(two), span: start..<offset)
    }
    let one: Token.Symbol? =
      switch byte {
      case UInt8(ascii: "@"): .at
      case UInt8(ascii: "."): .dot
      case UInt8(ascii: ","): .comma
      case UInt8(ascii: ";"): .semicolon
      case UInt8(ascii: ":"): .colon
      case UInt8(ascii: "("): .leftParen
      case UInt8(ascii: ")"): .rightParen
      case UInt8(ascii: "{"): .leftBrace
      case UInt8(ascii: "}"): .rightBrace
      case UInt8(ascii: "["): .leftBracket
      case UInt8(ascii: "]"): .rightBracket
      case UInt8(ascii: "<"): .less
      case UInt8(ascii: ">"): .greater
      case UInt8(ascii: "+"): .plus
      case UInt8(ascii: "-"): .minus
      case UInt8(ascii: "*"): .star
      case UInt8(ascii: "/"): .slash
      case UInt8(ascii: "%"): .percent
      case UInt8(ascii: "!"): .not
      case UInt8(ascii: "="): .equal
      case UInt8(ascii: "?"): .question
      default: nil
      }
    guard let one else {
      var end = start + 1
      while end < bytes.count, bytes[end] & 0xc0 == 0x80 { end += 1 }
      offset = end
      let character = String(decoding: bytes[start..<end], as: UTF8.self)
      let hint: String? =
        switch character {
        case "&": "and is written `&&`"
        case "|": "or is written `||`"
        case "'": "strings stand in double quotes"
        case "\u{201c}", "\u{201d}", "\u{2018}", "\u{2019}", "`": "strings stand in plain double quotes, `\"`"
        default: "outside of strings and comments there are letters, digits, `_` and the signs of operators"
        }
      throw Failure(message: "`\(character)` can't stand here", hint: hint, span: start..<end)
    }
    offset += 1
    return Token(kind: .symbol(one), span: start..<offset)
  }

  private mutating func skipBlanks() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 9, 10, 11, 12, 13, 32:
        offset += 1
      case UInt8(ascii: "/") where offset + 1 < bytes.count && bytes[offset + 1] == UInt8(ascii: "/"):
        let start = offset
        while offset < bytes.count, bytes[offset] != 10, bytes[offset] != 13 { offset += 1 }
        if keepsComments { comments.append(start..<offset) }
      case 0x80...:
        let width = wideBlank()
        if width == 0 { return }
        offset += width
      default:
        return
      }
    }
  }

  /// The bytes of a white space outside of ASCII at the offset, or 0.
  private func wideBlank() -> Int {
    func byte(_ index: Int) -> UInt8 { offset + index < bytes.count ? bytes[offset + index] : 0 }
    switch (byte(0), byte(1), byte(2)) {
    case (0xc2, 0x85, _), (0xc2, 0xa0, _): return 2
    case (0xe1, 0x9a, 0x80), (0xe2, 0x80, 0x80...0x8a), (0xe2, 0x80, 0xa8), (0xe2, 0x80, 0xa9), (0xe2, 0x80, 0xaf), (0xe2, 0x81, 0x9f), (0xe3, 0x80, 0x80):
      return 3
    default: return 0
    }
  }
}
