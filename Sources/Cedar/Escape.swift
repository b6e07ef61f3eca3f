/// Reading and writing the escapes of string literals.
///
/// `\n \r \t \\ \0 \' \"`, `\x7F` (two hexadecimal digits, at most 7F) and `\u{1F600}` (one to six).
enum Escape {
  struct Failure: Error {
    /// Offset into the literal's bytes.
    let offset: Int
    let message: String
    let hint: String
  }

  /// The text a literal stands for. `bytes` are what stands between the quotes.
  static func unescape(_ bytes: ArraySlice<UInt8>) throws(Failure) -> Text {
    if !bytes.contains(where: { $0 == UInt8(ascii: "\\") || $0 == 13 }) { return Text(String(decoding: bytes, as: UTF8.self)) }
    var text = String.UnicodeScalarView()
    try scan(bytes, star: false) { scalar, _ in text.append(scalar) }
    return Text(String(text))
  }

  /// The pattern a literal stands for: `*` is the wildcard, `\*` the star itself.
  static func pattern(_ bytes: ArraySlice<UInt8>) throws(Failure) -> Pattern {
    var elements: [Pattern.Element] = []
    try scan(bytes, star: true) { scalar, literal in
      elements.append(scalar == "*" && !literal ? .wildcard : .scalar(scalar))
    }
    return Pattern(elements)
  }

  private static func scan(_ bytes: ArraySlice<UInt8>, star: Bool, _ found: (Unicode.Scalar, _ literalStar: Bool) -> Void) throws(Failure) {
    let text = String(decoding: bytes, as: UTF8.self)
    let scalars = Array(text.unicodeScalars)
    var offset = 0
    var index = 0

    func fail(_ message: String, hint: String) -> Failure { Failure(offset: offset, message: message, hint: hint) }
    func hexadecimal(_ scalar: Unicode.Scalar) -> Int? { scalar.isASCII ? UInt8(scalar.value).hexValue : nil }

    while index < scalars.count {
      let scalar = scalars[index]
      index += 1
      if scalar == "\r" { throw fail("a bare carriage return can't stand in a string", hint: "write `\\r`") }
      guard scalar == "\\" else {
        found(scalar, false)
        offset += UTF8.width(scalar)
        continue
      }
      guard index < scalars.count else { throw fail("a backslash ends the string", hint: "a backslash itself is written `\\\\`") }
      let kind = scalars[index]
      index += 1
      var width = 1 + UTF8.width(kind)
      switch kind {
      case "n": found("\n", false)
      case "r": found("\r", false)
      case "t": found("\t", false)
      case "0": found("\0", false)
      case "\\", "'", "\"": found(kind, false)
      case "*" where star: found("*", true)
      case "x":
        guard index + 1 < scalars.count, let high = hexadecimal(scalars[index]), let low = hexadecimal(scalars[index + 1]) else {
          throw fail("`\\x` takes two hexadecimal digits", hint: "as in `\\x41`, which is A")
        }
        guard high * 16 + low < 0x80 else { throw fail("`\\x` goes up to `\\x7f`", hint: "write `\\u{…}` for more") }
        found(Unicode.Scalar(UInt8(high * 16 + low)), false)
        index += 2
        width += 2
      case "u":
        guard index < scalars.count, scalars[index] == "{" else { throw fail("`\\u` takes its digits in braces", hint: "as in `\\u{1f600}`") }
        index += 1
        var value = 0
        var digits = 0
        var used = 1
        while index < scalars.count, scalars[index] != "}" {
          used += 1
          if scalars[index] == "_", digits > 0 {
            index += 1
            continue
          }
          guard let digit = hexadecimal(scalars[index]) else { throw fail("`\\u{…}` takes hexadecimal digits", hint: "as in `\\u{1f600}`") }
          digits += 1
          guard digits <= 6 else { throw fail("`\\u{…}` takes at most six digits", hint: "the last character there is is `\\u{10ffff}`") }
          value = value * 16 + digit
          index += 1
        }
        guard index < scalars.count else { throw fail("`\\u{` is not closed", hint: "write `}` behind the digits") }
        guard digits > 0 else { throw fail("`\\u{}` has no digits", hint: "write one to six, as in `\\u{1f600}`") }
        guard let character = Unicode.Scalar(UInt32(value)) else {
          throw fail("`\\u{\(String(value, radix: 16))}` is not a Unicode scalar", hint: "what is left out are `d800` to `dfff` and all beyond `10ffff`")
        }
        index += 1
        width += used + 1
        found(character, false)
      default:
        throw fail(
          "`\\\(Character(kind))` is not an escape",
          hint: "escapes are `\\n`, `\\r`, `\\t`, `\\0`, `\\\\`, `\\\"`, `\\'`, `\\x41` and `\\u{1f600}`; in patterns also `\\*`")
      }
      offset += width
    }
  }

  /// The text as a literal with its quotes; what isn't printable is escaped.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars { write(scalar, to: &result) }
    result += "\""
    return result
  }

  static func write(_ scalar: Unicode.Scalar, to result: inout String) {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case "\0": result += "\\0"
    default:
      if isPrintable(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
  }

  /// The text with everything escaped that moves, hides or reorders what stands around it, so that it can be shown to people.
  static func visible(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control where scalar == "\n": result += "\\n"
      case .control where scalar == "\r": result += "\\r"
      case .control where scalar == "\t": result += "\\t"
      case .control where scalar == "\0": result += "\\0"
      case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7f }
    return switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator, .spaceSeparator,
      .nonspacingMark, .enclosingMark, .spacingMark: false
    default: true
    }
  }
}
