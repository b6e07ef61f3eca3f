extension JSON {
  /// Reads one JSON document. Fails on names given twice in one object, on fractions, and on what nests too deep.
  public init(parsing text: String, file: String? = nil) throws(ParseFailure) {
    try self.init(parsing: Array(text.utf8), nesting: Limits.documentNesting, file: file)
  }

  /// Reads one JSON document in UTF-8.
  public init(parsing bytes: [UInt8], file: String? = nil) throws(ParseFailure) {
    try self.init(parsing: bytes, nesting: Limits.documentNesting, file: file)
  }

  /// Reads policies, whose expressions nest deeper than data does.
  init(policies text: String, file: String?) throws(ParseFailure) {
    try self.init(parsing: Array(text.utf8), nesting: Limits.policyDocumentNesting, file: file)
  }

  private init(parsing bytes: [UInt8], nesting: Int, file: String?) throws(ParseFailure) {
    do throws(SyntaxError) {
      guard bytes.count <= Limits.documentSize else {
        throw SyntaxError("this document has \(bytes.count) bytes; at most \(Limits.documentSize) are read", hint: "split it into several documents", at: 0..<0)
      }
      self = try bytes.withUnsafeBufferPointer { (buffer) throws(SyntaxError) in
        var reader = JSONReader(buffer, nesting: nesting)
        return try reader.document()
      }
    } catch {
      throw ParseFailure(diagnostics: [
        Diagnostic(.error, error.message, hint: error.hint, file: file, location: SourceLocation(error.span, in: bytes))
      ])
    }
  }
}

/// Reads bytes that stay where they are for its whole life. Not recursive: policies nest deeply.
struct JSONReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var offset = 0
  private let limit: Int
  /// The arrays and objects that are begun.
  private var open: [Container] = []

  private struct Container {
    let isObject: Bool
    var elements: [JSON] = []
    var members: [JSON.Member] = []
    /// The name of the member that is being read.
    var name: Text = ""
    /// Beyond a few names a set finds a repeated one faster.
    var names: Set<Text>?
  }

  init(_ bytes: UnsafeBufferPointer<UInt8>, nesting: Int) {
    self.bytes = bytes
    limit = nesting
  }

  mutating func document() throws(SyntaxError) -> JSON {
    let value = try value()
    skipBlanks()
    guard offset == bytes.count else { throw error("expected the end of the document", hint: "a document is one value; several stand in an array") }
    return value
  }

  private func error(_ message: String, hint: String) -> SyntaxError {
    SyntaxError(message, hint: hint, at: offset..<min(offset + 1, bytes.count))
  }

  private static let values = "values are strings in double quotes, whole numbers, `true`, `false`, `[…]` and `{…}`"
  private static let encoding = "save the document as UTF-8"

  private mutating func skipBlanks() {
    while offset < bytes.count {
      let byte = bytes[offset]
      guard byte == 32 || byte == 10 || byte == 13 || byte == 9 else { return }
      offset += 1
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  private mutating func value() throws(SyntaxError) -> JSON {
    while true {
      guard var value = try begun() else { continue }
      // A value is whole: it goes into what it stands in, which may make that whole.
      while true {
        guard let last = open.indices.last else { return value }
        if open[last].isObject {
          open[last].members.append(JSON.Member(open[last].name, value))
          if take(UInt8(ascii: ",")) {
            try readName()
            break
          }
          guard take(UInt8(ascii: "}")) else { throw error("expected `,` or `}`", hint: "members of an object stand between commas, and it ends with `}`") }
        } else {
          open[last].elements.append(value)
          if take(UInt8(ascii: ",")) { break }
          guard take(UInt8(ascii: "]")) else { throw error("expected `,` or `]`", hint: "elements of an array stand between commas, and it ends with `]`") }
        }
        let closed = open.removeLast()
        value = closed.isObject ? .object(closed.members) : .array(closed.elements)
      }
    }
  }

  /// Reads a value that holds no others, or the beginning of an array or object; then nil.
  private mutating func begun() throws(SyntaxError) -> JSON? {
    skipBlanks()
    guard offset < bytes.count else { throw error("the document ends where a value is expected", hint: "is the text complete?") }
    switch bytes[offset] {
    case UInt8(ascii: "{"):
      try begin(Container(isObject: true))
      if take(UInt8(ascii: "}")) {
        open.removeLast()
        return .object([])
      }
      try readName()
      return nil
    case UInt8(ascii: "["):
      try begin(Container(isObject: false))
      guard take(UInt8(ascii: "]")) else { return nil }
      open.removeLast()
      return .array([])
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .long(try number())
    default: throw error("expected a value", hint: Self.values)
    }
  }

  private mutating func begin(_ container: Container) throws(SyntaxError) {
    open.append(container)
    guard open.count <= limit else { throw error("this is nested more than \(limit) deep", hint: "keep data flat: name entities instead of nesting records") }
    offset += 1
  }

  private mutating func readName() throws(SyntaxError) {
    skipBlanks()
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
      throw error("expected a name in quotes", hint: "no comma stands before `}`, and names stand in double quotes")
    }
    let start = offset
    let name = try string()
    let last = open.count - 1
    if open[last].members.count == 16 { open[last].names = Set(open[last].members.map(\.name)) }
    let repeated = open[last].names.map { $0.contains(name) } ?? open[last].members.contains { $0.name == name }
    guard !repeated else {
      throw SyntaxError("the name \(Escape.quoted(name.string)) is given twice in this object", hint: "leave one of the two out", at: start..<offset)
    }
    open[last].names?.insert(name)
    guard take(UInt8(ascii: ":")) else { throw error("expected `:`", hint: "it stands between a name and its value") }
    open[last].name = name
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(SyntaxError) -> JSON {
    let end = offset + word.utf8CodeUnitCount
    guard end <= bytes.count, word.withUTF8Buffer({ bytes[offset..<end].elementsEqual($0) }) else { throw error("expected a value", hint: Self.values) }
    offset = end
    return value
  }

  private mutating func number() throws(SyntaxError) -> Int64 {
    let start = offset
    let negative = bytes[offset] == UInt8(ascii: "-")
    if negative { offset += 1 }
    let digits = offset
    var value: Int64 = 0
    while offset < bytes.count, bytes[offset].isDigit {
      let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(bytes[offset] - 48)
      let (sum, carry) = negative ? scaled.subtractingReportingOverflow(digit) : scaled.addingReportingOverflow(digit)
      guard !overflow, !carry else {
        throw SyntaxError("this number does not fit 64 bits", hint: "numbers go from \(Int64.min) to \(Int64.max)", at: start..<offset + 1)
      }
      value = sum
      offset += 1
    }
    if negative, offset == digits + 1, bytes[digits] == UInt8(ascii: "0") {
      throw SyntaxError("there is no negative zero", hint: "write 0", at: start..<offset)
    }
    guard offset > digits else { throw error("expected a digit", hint: "a `-` stands before a number only") }
    guard offset == digits + 1 || bytes[digits] != UInt8(ascii: "0") else {
      throw SyntaxError("a number can't begin with 0", hint: "leave the zero out, or write a string", at: start..<offset)
    }
    if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") || bytes[offset] | 0x20 == UInt8(ascii: "e") {
      throw SyntaxError(
        "Cedar has whole numbers only", hint: "a fraction is written {\"__extn\": {\"fn\": \"decimal\", \"arg\": \"1.5\"}}", at: start..<offset + 1)
    }
    return value
  }

  private mutating func string() throws(SyntaxError) -> Text {
    offset += 1
    let start = offset
    var isASCII = true
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") {
        defer { offset += 1 }
        // Most strings need no validation, which takes as long as all the rest of reading them.
        return Text(isASCII ? String(decoding: bytes[start..<offset], as: UTF8.self) : try decoded(start..<offset))
      }
      if byte >= 0x80 { isASCII = false }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      guard byte >= 0x20 else {
        throw error("a control character must be escaped in a string", hint: "a line break is written `\\n`, a tab `\\t`, others as `\\u001f`")
      }
      offset += 1
    }
    throw error("this string is not closed", hint: "end it with `\"`")
  }

  private func decoded(_ range: Range<Int>) throws(SyntaxError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else { throw SyntaxError("this is not UTF-8", hint: Self.encoding, at: range) }
    return text
  }

  private mutating func escapedString(from start: Int) throws(SyntaxError) -> Text {
    var text: [UInt8] = Array(bytes[start..<offset])
    while offset < bytes.count {
      let byte = bytes[offset]
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        guard let string = String(validating: text, as: UTF8.self) else { throw SyntaxError("this is not UTF-8", hint: Self.encoding, at: start..<offset) }
        return Text(string)
      case UInt8(ascii: "\\"):
        offset += 1
        guard offset < bytes.count else { throw error("this string is not closed", hint: "end it with `\"`") }
        let kind = bytes[offset]
        offset += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"): text += Array(String(Character(try scalar())).utf8)
        default:
          offset -= 1
          throw error("this is not an escape of JSON", hint: "escapes are `\\n`, `\\r`, `\\t`, `\\b`, `\\f`, `\\\\`, `\\/`, `\\\"` and `\\u0041`")
        }
      case 0..<0x20: throw error("a control character must be escaped in a string", hint: "a line break is written `\\n`, a tab `\\t`, others as `\\u001f`")
      default:
        text.append(byte)
        offset += 1
      }
    }
    throw error("this string is not closed", hint: "end it with `\"`")
  }

  /// A `\u` escape, or two of them where they are a pair of surrogates (RFC 8259 §7).
  private mutating func scalar() throws(SyntaxError) -> Unicode.Scalar {
    let high = try unit()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard (0xd800..<0xdc00).contains(high), offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u") else {
      throw error("half of a surrogate pair", hint: "write both halves, as in `\\ud83d\\ude00`, or the character itself")
    }
    offset += 2
    let low = try unit()
    guard (0xdc00..<0xe000).contains(low), let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00)) else {
      throw error("half of a surrogate pair", hint: "write both halves, as in `\\ud83d\\ude00`, or the character itself")
    }
    return scalar
  }

  private mutating func unit() throws(SyntaxError) -> UInt32 {
    guard offset + 4 <= bytes.count else { throw error("`\\u` takes four hexadecimal digits", hint: "as in `\\u0041`") }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = bytes[offset].hexValue else { throw error("`\\u` takes four hexadecimal digits", hint: "as in `\\u0041`") }
      value = value << 4 | UInt32(digit)
      offset += 1
    }
    return value
  }
}
