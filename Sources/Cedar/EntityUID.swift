/// The name of an entity type, with its namespace: `User`, `Docs::Folder`.
public struct EntityType: Hashable, Sendable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The whole name as it is written, without spaces.
  public let name: Text

  /// Takes the name unchecked; ``init(parsing:)`` checks it.
  public init(_ name: String) { self.name = Text(name) }
  init(_ name: Text) { self.name = name }
  public init(stringLiteral value: String) { self.init(value) }

  /// The name, if it is one: identifiers joined by `::`, none of them a keyword or `__cedar`, without spaces.
  public init?(parsing name: String) {
    guard Identifier.isName(name) else { return nil }
    self.init(name)
  }

  /// The last part: `Folder` of `Docs::Folder`.
  public var basename: Text { Text(Identifier.components(name.string).last ?? "") }

  /// Everything before the last part: `Docs` of `Docs::Folder`, or nil.
  public var namespace: Text? {
    let parts = Identifier.components(name.string)
    return parts.count > 1 ? Text(parts.dropLast().joined(separator: "::")) : nil
  }

  /// Whether entities of this type are actions: the last part is `Action`.
  public var isAction: Bool {
    var rest = Array(name.string.utf8)[...]
    guard rest.count >= 6, rest.suffix(6).elementsEqual("Action".utf8) else { return false }
    rest.removeLast(6)
    return rest.isEmpty || rest.last == UInt8(ascii: ":")
  }

  public var description: String { name.string }
  public static func < (a: EntityType, b: EntityType) -> Bool { a.name < b.name }
}

/// The identity of an entity: `User::"alice"`.
public struct EntityUID: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let type: EntityType
  public let id: Text

  public init(_ type: EntityType, _ id: String) {
    self.type = type
    self.id = Text(id)
  }

  init(_ type: EntityType, _ id: Text) {
    self.type = type
    self.id = id
  }

  /// As it is written in a policy.
  public var description: String { "\(type)::\(Escape.quoted(id.string))" }

  // Ids differ more often than types.
  public static func == (a: EntityUID, b: EntityUID) -> Bool { a.id == b.id && a.type == b.type }

  public func hash(into hasher: inout Hasher) {
    id.hash(into: &hasher)
    type.name.hash(into: &hasher)
  }

  public static func < (a: EntityUID, b: EntityUID) -> Bool { a.type == b.type ? a.id < b.id : a.type < b.type }
}

/// What may be an identifier of the language.
enum Identifier {
  /// What is said where something is none.
  static let hint = "names are letters, digits and `_`, and don't begin with a digit"
  /// What is said where something is no name, of a type or a namespace.
  static let nameHint = "names are identifiers joined by `::`, without spaces, and no keywords"

  /// Words that can't be names of types, functions or attributes written with a dot.
  static let reserved: Set<String> = ["true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"]

  static func isIdentifier(_ text: some StringProtocol) -> Bool {
    var first = true
    for byte in text.utf8 {
      guard byte.isIdentifierPart, !(first && byte.isDigit) else { return false }
      first = false
    }
    return !first
  }

  /// Whether a type or namespace can be declared with this name, which is no path.
  static func isDeclarable(_ text: String) -> Bool { isIdentifier(text) && !reserved.contains(text) }

  static func isName(_ text: String) -> Bool {
    components(text).allSatisfy { isIdentifier($0) && !reserved.contains($0) }
  }

  /// The parts of a name between `::`.
  static func components(_ name: String) -> [String] {
    var parts: [String] = []
    var part: [UInt8] = []
    var colons = 0
    for byte in name.utf8 {
      if byte == UInt8(ascii: ":") {
        colons += 1
        if colons == 2 {
          parts.append(String(decoding: part, as: UTF8.self))
          part = []
          colons = 0
        }
      } else {
        if colons > 0 { part.append(UInt8(ascii: ":")) }
        colons = 0
        part.append(byte)
      }
    }
    if colons > 0 { part.append(UInt8(ascii: ":")) }
    parts.append(String(decoding: part, as: UTF8.self))
    return parts
  }
}

extension UInt8 {
  var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  var isLetter: Bool { (self | 0x20) >= UInt8(ascii: "a") && (self | 0x20) <= UInt8(ascii: "z") }
  var isIdentifierPart: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
  var hexValue: Int? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(self) - 48
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(self) - 87
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(self) - 55
    default: nil
    }
  }
}
