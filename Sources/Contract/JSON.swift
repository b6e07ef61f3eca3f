/// A JSON value (RFC 8259) that keeps the order of its members, so that one value has one text.
public indirect enum JSON: Hashable, Sendable {
  case null
  case boolean(Bool)
  case integer(Int64)
  /// A number that is no 64-bit integer, as it was written.
  case number(String)
  case string(String)
  case array([JSON])
  case object([Member])

  public struct Member: Hashable, Sendable {
    public let name: String
    public let value: JSON

    public init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  /// The value of a member; `nil` where there is none or this isn't an object.
  public subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  public init(stringLiteral text: String) { self = .string(text) }
  public init(integerLiteral integer: Int64) { self = .integer(integer) }
  public init(booleanLiteral bool: Bool) { self = .boolean(bool) }
  public init(arrayLiteral values: JSON...) { self = .array(values) }
  public init(dictionaryLiteral members: (String, JSON)...) { self = .object(members.map { Member($0.0, $0.1) }) }
}

extension JSON {
  /// The text without any space.
  public var compact: String {
    var writer = JSONWriter()
    writer.write(self)
    return writer.text
  }

  /// The text for people and for diffs: two spaces a level, lists of plain values on one line, a line break at the end.
  public var pretty: String {
    var writer = JSONWriter()
    writer.write(self, indented: 0)
    return writer.text + "\n"
  }

  /// Like `pretty`, but whatever fits into a line of so many bytes stands on one: for large documents.
  public func pretty(width: Int) -> String {
    var writer = JSONWriter(width: width)
    writer.write(self, indented: 0)
    return writer.text + "\n"
  }
}

/// Writes JSON as bytes.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  private let width: Int?
  private var lineStart = 0

  /// With a width, what fits into a line of so many bytes stands on one when it is written indented.
  init(width: Int? = nil) { self.width = width }

  /// With room for so many bytes from the start.
  init(room: Int) {
    self.init()
    bytes.reserveCapacity(room)
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func byte(_ character: Unicode.Scalar) { bytes.append(UInt8(ascii: character)) }
  mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

  mutating func string(_ text: String) {
    byte("\"")
    var text = text
    text.withUTF8 { units in
      var start = 0
      for place in units.indices where units[place] < 0x20 || units[place] == UInt8(ascii: "\"") || units[place] == UInt8(ascii: "\\") {
        bytes.append(contentsOf: units[start..<place])
        escape(units[place])
        start = place + 1
      }
      bytes.append(contentsOf: units[start...])
    }
    byte("\"")
  }

  private mutating func escape(_ unit: UInt8) {
    switch unit {
    case UInt8(ascii: "\""): raw("\\\"")
    case UInt8(ascii: "\\"): raw("\\\\")
    case UInt8(ascii: "\n"): raw("\\n")
    case UInt8(ascii: "\r"): raw("\\r")
    case UInt8(ascii: "\t"): raw("\\t")
    default:
      raw("\\u00")
      bytes.append(UInt8(ascii: "0") + unit >> 4)
      bytes.append(unit & 0xF < 10 ? UInt8(ascii: "0") + unit & 0xF : UInt8(ascii: "a") + unit & 0xF - 10)
    }
  }

  mutating func write(_ value: JSON) {
    switch value {
    case .array(let values):
      list("[", "]", values) { $0.write($1) }
    case .object(let members):
      list("{", "}", members) { writer, member in
        writer.string(member.name)
        writer.byte(":")
        writer.write(member.value)
      }
    default: scalar(value)
    }
  }

  mutating func write(_ value: JSON, indented depth: Int) {
    if let width, !value.isScalar {
      // One byte more for the comma behind it.
      var room = width - (bytes.count - lineStart) - 1
      if value.fits(into: &room) { return line(value) }
    }
    switch value {
    case .array(let values) where values.contains(where: { !$0.isScalar }):
      block("[", "]", values, depth) { $0.write($1, indented: depth + 1) }
    case .array(let values):
      byte("[")
      for (place, value) in values.enumerated() {
        if place > 0 { raw(", ") }
        scalar(value)
      }
      byte("]")
    case .object(let members) where !members.isEmpty:
      block("{", "}", members, depth) { writer, member in
        writer.string(member.name)
        writer.raw(": ")
        writer.write(member.value, indented: depth + 1)
      }
    default: write(value)
    }
  }

  private mutating func scalar(_ value: JSON) {
    switch value {
    case .null: raw("null")
    case .boolean(let bool): raw(bool ? "true" : "false")
    case .integer(let integer): raw(String(integer))
    case .number(let text): raw(text)
    case .string(let text): string(text)
    case .array, .object: write(value)
    }
  }

  private mutating func list<Item>(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ items: [Item], _ item: (inout Self, Item) -> Void) {
    byte(open)
    for (place, value) in items.enumerated() {
      if place > 0 { byte(",") }
      item(&self, value)
    }
    byte(close)
  }

  private mutating func block<Item>(_ open: Unicode.Scalar, _ close: Unicode.Scalar, _ items: [Item], _ depth: Int, _ item: (inout Self, Item) -> Void) {
    byte(open)
    for (place, value) in items.enumerated() {
      if place > 0 { byte(",") }
      indent(depth + 1)
      item(&self, value)
    }
    indent(depth)
    byte(close)
  }

  /// On the same line, with a space behind commas and colons.
  private mutating func line(_ value: JSON) {
    switch value {
    case .array(let values):
      byte("[")
      for (place, value) in values.enumerated() {
        if place > 0 { raw(", ") }
        line(value)
      }
      byte("]")
    case .object(let members):
      byte("{")
      for (place, member) in members.enumerated() {
        if place > 0 { raw(", ") }
        string(member.name)
        raw(": ")
        line(member.value)
      }
      byte("}")
    default: scalar(value)
    }
  }

  private mutating func indent(_ depth: Int) {
    byte("\n")
    lineStart = bytes.count
    for _ in 0..<depth { raw("  ") }
  }
}

extension JSON {
  fileprivate var isScalar: Bool {
    switch self {
    case .array, .object: false
    default: true
    }
  }

  /// Whether it fits on a line, and how much room is left then; looks no further than it must.
  fileprivate func fits(into room: inout Int) -> Bool {
    switch self {
    case .null: room -= 4
    case .boolean(let bool): room -= bool ? 4 : 5
    case .integer(let integer): room -= String(integer).utf8.count
    case .number(let text): room -= text.utf8.count
    case .string(let text): room -= text.utf8.count + 2
    case .array(let values):
      room -= 2
      for (place, value) in values.enumerated() {
        if place > 0 { room -= 2 }
        guard room >= 0, value.fits(into: &room) else { return false }
      }
    case .object(let members):
      room -= 2
      for (place, member) in members.enumerated() {
        room -= member.name.utf8.count + (place > 0 ? 6 : 4)
        guard room >= 0, member.value.fits(into: &room) else { return false }
      }
    }
    return room >= 0
  }
}
