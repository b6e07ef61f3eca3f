/// A JSON value (RFC 8259). Numbers are whole and fit 64 bits: Cedar has no others.
public enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case long(Int64)
  case string(Text)
  case array([JSON])
  /// In the order of the text, each name once.
  case object([Member])

  /// A name of an object and its value.
  public struct Member: Hashable, Sendable {
    public let name: Text
    public let value: JSON

    public init(_ name: Text, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  static func string(_ text: String) -> JSON { .string(Text(text)) }

  /// The value of that name in an object.
  public subscript(name: Text) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// Whether arrays and objects stand in one another at most that deep.
  func nests(atMost depth: Int) -> Bool {
    switch self {
    case .array(let elements): depth > 0 && elements.allSatisfy { $0.nests(atMost: depth - 1) }
    case .object(let members): depth > 0 && members.allSatisfy { $0.value.nests(atMost: depth - 1) }
    default: true
    }
  }

  /// What kind of value it is, for messages.
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a bool"
    case .long: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSON: CustomStringConvertible {
  /// The value without white space.
  public var description: String { written(indented: false) }

  /// The value as text; indented by two spaces if asked for.
  public func written(indented: Bool) -> String {
    var text = ""
    // The arrays and objects that are begun, and how much of each is written. Not recursive: policies nest deeply.
    var open: [(container: JSON, next: Int)] = []
    func breakLine() { if indented { text += "\n" + String(repeating: "  ", count: open.count) } }
    func begin(_ value: JSON) {
      switch value {
      case .null: text += "null"
      case .bool(let value): text += value ? "true" : "false"
      case .long(let value): text += String(value)
      case .string(let value): Self.write(value.string, to: &text)
      case .array:
        text += "["
        open.append((value, 0))
      case .object:
        text += "{"
        open.append((value, 0))
      }
    }
    begin(self)
    while let (container, next) = open.last {
      let count: Int
      switch container {
      case .array(let elements): count = elements.count
      case .object(let members): count = members.count
      default: count = 0
      }
      if next == count {
        open.removeLast()
        if count > 0 { breakLine() }
        if case .array = container { text += "]" } else { text += "}" }
        continue
      }
      open[open.count - 1].next += 1
      if next > 0 { text += "," }
      breakLine()
      switch container {
      case .object(let members):
        Self.write(members[next].name.string, to: &text)
        text += indented ? ": " : ":"
        begin(members[next].value)
      case .array(let elements): begin(elements[next])
      default: break
      }
    }
    return text
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    defer { text += "\"" }
    if string.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
      text += string
      return
    }
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
