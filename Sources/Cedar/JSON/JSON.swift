/// A JSON value (RFC 8259). Numbers are whole and fit 64 bits: Cedar has no others.
public enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case long(Int64)
  case string(Text)
  case array([JSON])
  /// In the order of the text, each name once.
  case object([Member])

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
    write(to: &text, indent: indented ? 0 : nil)
    return text
  }

  private func write(to text: inout String, indent: Int?) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .long(let value): text += String(value)
    case .string(let value): Self.write(value.string, to: &text)
    case .array(let elements):
      Self.write("[", "]", elements, to: &text, indent) { $0.write(to: &$1, indent: $2) }
    case .object(let members):
      Self.write("{", "}", members, to: &text, indent) {
        Self.write($0.name.string, to: &$1)
        $1 += indent == nil ? ":" : ": "
        $0.value.write(to: &$1, indent: $2)
      }
    }
  }

  private static func write<Element>(
    _ open: String, _ close: String, _ elements: [Element], to text: inout String, _ indent: Int?, _ element: (Element, inout String, Int?) -> Void
  ) {
    text += open
    for (index, one) in elements.enumerated() {
      if index > 0 { text += "," }
      if let indent { text += "\n" + String(repeating: "  ", count: indent + 1) }
      element(one, &text, indent.map { $0 + 1 })
    }
    if let indent, !elements.isEmpty { text += "\n" + String(repeating: "  ", count: indent) }
    text += close
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
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
    text += "\""
  }
}
