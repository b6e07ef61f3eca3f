extension JSON {
  /// Why a text isn't JSON, and where.
  public struct Fault: Error, Hashable, Sendable {
    public let reason: String
    /// Counted in bytes from 0.
    public let offset: Int
  }

  /// Reads one value and nothing after it. Strict where RFC 8259 leaves a choice: UTF-8 only, no name twice in an object, at most 64 levels, no lone surrogates.
  public init(_ bytes: some Collection<UInt8>) throws(Fault) {
    var reader = JSONReader(Array(bytes))
    self = try reader.document()
  }
}

private struct JSONReader {
  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSON.Fault) -> JSON {
    let value = try self.value()
    skipSpace()
    guard place == bytes.count else { throw fault("something follows the value") }
    return value
  }

  private mutating func value() throws(JSON.Fault) -> JSON {
    skipSpace()
    guard let first = peek else { throw fault("it ends too early") }
    switch first {
    case UInt8(ascii: "{"): return try nested { reader throws(JSON.Fault) in try reader.object() }
    case UInt8(ascii: "["): return try nested { reader throws(JSON.Fault) in try reader.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw fault("no value begins like this")
    }
  }

  private mutating func nested(_ read: (inout Self) throws(JSON.Fault) -> JSON) throws(JSON.Fault) -> JSON {
    guard depth < 64 else { throw fault("it is nested deeper than 64 levels") }
    depth += 1
    place += 1
    let value = try read(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(JSON.Fault) -> JSON {
    var members: [JSON.Member] = []
    var names: Set<String> = []
    skipSpace()
    if skip("}") { return .object([]) }
    repeat {
      skipSpace()
      guard peek == UInt8(ascii: "\"") else { throw fault("a name in quotes belongs here") }
      let start = place
      let name = try string()
      guard names.insert(name).inserted else { throw JSON.Fault(reason: "a name stands twice in one object", offset: start) }
      skipSpace()
      guard skip(":") else { throw fault("a colon belongs here") }
      members.append(JSON.Member(name, try value()))
      skipSpace()
    } while skip(",")
    guard skip("}") else { throw fault("a comma or a closing brace belongs here") }
    return .object(members)
  }

  private mutating func array() throws(JSON.Fault) -> JSON {
    var values: [JSON] = []
    skipSpace()
    if skip("]") { return .array([]) }
    repeat {
      values.append(try value())
      skipSpace()
    } while skip(",")
    guard skip("]") else { throw fault("a comma or a closing bracket belongs here") }
    return .array(values)
  }

  private mutating func string() throws(JSON.Fault) -> String {
    place += 1
    let start = place
    while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { place += 1 }
    if peek == UInt8(ascii: "\"") {
      guard let text = String(validating: bytes[start..<place], as: UTF8.self) else { throw fault("a text isn't UTF-8") }
      place += 1
      return text
    }
    var unescaped = Array(bytes[start..<place])
    while let byte = peek {
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: unescaped, as: UTF8.self) else { throw fault("a text isn't UTF-8") }
        return text
      case UInt8(ascii: "\\"): try escape(into: &unescaped)
      case 0..<0x20: throw fault("a control character stands bare in a text")
      default: unescaped.append(byte)
      }
    }
    throw fault("it ends inside of a text")
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSON.Fault) {
    let letter = peek
    place += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): if let letter { text.append(letter) }
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try unit()
      if (0xD800..<0xDC00).contains(code), skip("\\"), skip("u") {
        let low = try unit()
        guard (0xDC00..<0xE000).contains(low) else { throw fault("a surrogate stands alone") }
        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw fault("a surrogate stands alone") }
      text.append(contentsOf: Character(scalar).utf8)
    default: throw fault("no escape looks like this")
    }
  }

  private mutating func unit() throws(JSON.Fault) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { throw fault("four hexadecimal digits belong here") }
      code = code << 4 | UInt32(digit)
      place += 1
    }
    return code
  }

  private mutating func number() throws(JSON.Fault) -> JSON {
    let start = place
    _ = skip("-")
    let whole = digits()
    guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { throw fault("no number looks like this") }
    let wholeEnd = place
    var isInteger = true
    if skip(".") {
      let fraction = digits()
      guard !fraction.isEmpty else { throw fault("digits belong behind the point") }
      isInteger = fraction.allSatisfy { $0 == UInt8(ascii: "0") }
    }
    if skip("e") || skip("E") {
      if !skip("-") { _ = skip("+") }
      guard !digits().isEmpty else { throw fault("digits belong into the exponent") }
      isInteger = false
    }
    if isInteger, let integer = Int64(String(decoding: bytes[start..<wholeEnd], as: UTF8.self)) { return .integer(integer) }
    return .number(String(decoding: bytes[start..<place], as: UTF8.self))
  }

  private mutating func digits() -> ArraySlice<UInt8> {
    let start = place
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
    return bytes[start..<place]
  }

  private mutating func word(_ word: String, _ value: JSON) throws(JSON.Fault) -> JSON {
    guard bytes[place...].starts(with: word.utf8) else { throw fault("no value begins like this") }
    place += word.utf8.count
    return value
  }

  private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard peek == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  private func fault(_ reason: String) -> JSON.Fault { JSON.Fault(reason: reason, offset: place) }
}
