extension Schema {
  /// The JSON shape of a type, read by letting its own `init(from:)` ask for its fields.
  public static func probing<Value: Decodable>(_ type: Value.Type) throws(ProbeFailure) -> Schema { try Probed<Value>.make(inside: []).schema }
}

/// Why a type has no shape that the contract could promise.
public struct ProbeFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public let type: String
  public let reason: String

  init(_ type: Any.Type, _ reason: String) {
    self.type = String(reflecting: type)
    self.reason = reason
  }

  public var description: String { "\(type): \(reason)" }
}

/// The shape of a type together with one lawful value of it.
struct Probed<Value> {
  let schema: Schema
  let example: Value
}

extension Probed where Value: Decodable {
  /// `inside` are the types that are being probed right now.
  static func make(inside: [ObjectIdentifier]) throws(ProbeFailure) -> Self {
    if let leaf = Value.self as? any SchemaLeaf.Type { return try open(leaf) }
    if let collection = Value.self as? any ProbedCollection.Type { return try open(collection, inside) }
    guard !inside.contains(ObjectIdentifier(Value.self)) else { throw ProbeFailure(Value.self, ProbeFailure.recursion) }
    let probe = Probe(Value.self, inside: inside + [ObjectIdentifier(Value.self)])
    do {
      let example = try Value(from: probe)
      return Self(schema: probe.single ?? .object(name: Schema.name(of: Value.self), properties: probe.properties), example: example)
    } catch let failure as ProbeFailure {
      throw failure
    } catch {
      throw ProbeFailure(Value.self, "its init(from:) takes no example; make the fields it checks a SchemaLeaf (\(error)).")
    }
  }

  private static func open<Leaf: SchemaLeaf>(_ leaf: Leaf.Type) throws(ProbeFailure) -> Self { try same(Probed<Leaf>(schema: Leaf.schema, example: Leaf.example)) }

  private static func open<Collection: ProbedCollection>(_ collection: Collection.Type, _ inside: [ObjectIdentifier]) throws(ProbeFailure) -> Self {
    try same(try Collection.probed(inside: inside))
  }

  private static func same<Other>(_ other: Probed<Other>) throws(ProbeFailure) -> Self {
    guard let example = other.example as? Value else { throw ProbeFailure(Value.self, "its example is of another type.") }
    return Self(schema: other.schema, example: example)
  }
}

extension ProbeFailure {
  fileprivate static let recursion = "it holds itself where it can't be left out."
  fileprivate var isRecursion: Bool { reason == Self.recursion }
}

/// The collections of the standard library that have a shape; an empty one ends a type that holds itself.
private protocol ProbedCollection: Decodable {
  static func probed(inside: [ObjectIdentifier]) throws(ProbeFailure) -> Probed<Self>
}

extension ProbedCollection {
  fileprivate static func probed<Item: Decodable>(
    of item: Item.Type, inside: [ObjectIdentifier], empty: Self, _ full: (Item) -> Self, _ schema: (Schema) -> Schema
  ) throws(ProbeFailure) -> Probed<Self> {
    if inside.contains(ObjectIdentifier(item)) { return Probed(schema: schema(.reference(Schema.name(of: item))), example: empty) }
    let probed = try Probed<Item>.make(inside: inside)
    return Probed(schema: schema(probed.schema), example: full(probed.example))
  }
}

extension Array: ProbedCollection where Element: Decodable {
  fileprivate static func probed(inside: [ObjectIdentifier]) throws(ProbeFailure) -> Probed<Self> {
    try probed(of: Element.self, inside: inside, empty: [], { [$0] }) { .array($0) }
  }
}

extension Set: ProbedCollection where Element: Decodable {
  fileprivate static func probed(inside: [ObjectIdentifier]) throws(ProbeFailure) -> Probed<Self> {
    try probed(of: Element.self, inside: inside, empty: [], { [$0] }) { .array($0) }
  }
}

extension Dictionary: ProbedCollection where Key == String, Value: Decodable {
  fileprivate static func probed(inside: [ObjectIdentifier]) throws(ProbeFailure) -> Probed<Self> {
    try probed(of: Value.self, inside: inside, empty: [:], { ["name": $0] }) { .dictionary($0) }
  }
}

/// A decoder that has no data: it writes down what it is asked for and answers with examples.
private final class Probe: Decoder {
  let type: Any.Type
  let inside: [ObjectIdentifier]
  var properties: [Schema.Property] = []
  var single: Schema?

  init(_ type: Any.Type, inside: [ObjectIdentifier]) {
    self.type = type
    self.inside = inside
  }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedDecodingContainer<Key> { KeyedDecodingContainer(ProbeFields<Key>(probe: self)) }
  func singleValueContainer() -> any SingleValueDecodingContainer { ProbeValue(probe: self) }
  func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw ProbeFailure(type, "only the standard library's collections may decode as lists.") }

  func note(_ key: any CodingKey, _ schema: Schema, required: Bool) throws(ProbeFailure) {
    let name = key.stringValue.snakeCased
    guard name.camelCased == key.stringValue else {
      throw ProbeFailure(type, "the field \(key.stringValue) travels as \(name), and would come back as \(name.camelCased); name it so.")
    }
    guard !properties.contains(where: { $0.name == name }) else { return }
    properties.append(Schema.Property(name: name, schema: schema, required: required))
  }
}

private struct ProbeFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let probe: Probe

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { [] }

  func contains(_ key: Key) -> Bool { true }
  func decodeNil(forKey key: Key) -> Bool { false }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    let probed = try Probed<Value>.make(inside: probe.inside)
    try probe.note(key, probed.schema, required: true)
    return probed.example
  }

  func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
    if probe.inside.contains(ObjectIdentifier(type)) {
      try probe.note(key, .reference(Schema.name(of: type)), required: false)
      return nil
    }
    let probed = try Probed<Value>.make(inside: probe.inside)
    try probe.note(key, probed.schema, required: false)
    return probed.example
  }

  // The standard library offers these for its own types apart; without them they would be asked for as required.
  func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: Int8.Type, forKey key: Key) throws -> Int8? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: Int16.Type, forKey key: Key) throws -> Int16? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: Int32.Type, forKey key: Key) throws -> Int32? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: UInt.Type, forKey key: Key) throws -> UInt? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: UInt8.Type, forKey key: Key) throws -> UInt8? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: UInt16.Type, forKey key: Key) throws -> UInt16? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: UInt32.Type, forKey key: Key) throws -> UInt32? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: UInt64.Type, forKey key: Key) throws -> UInt64? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? { try ifPresent(type, key) }
  func decodeIfPresent(_ type: Float.Type, forKey key: Key) throws -> Float? { try ifPresent(type, key) }

  private func ifPresent<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value? {
    let probed = try Probed<Value>.make(inside: probe.inside)
    try probe.note(key, probed.schema, required: false)
    return probed.example
  }

  func nestedContainer<Nested: CodingKey>(keyedBy: Nested.Type, forKey: Key) throws -> KeyedDecodingContainer<Nested> { throw handWritten }
  func nestedUnkeyedContainer(forKey: Key) throws -> any UnkeyedDecodingContainer { throw handWritten }
  func superDecoder() throws -> any Decoder { throw handWritten }
  func superDecoder(forKey: Key) throws -> any Decoder { throw handWritten }

  private var handWritten: ProbeFailure { ProbeFailure(probe.type, "nested containers can't be probed; give the inner object a type of its own.") }
}

private struct ProbeValue: SingleValueDecodingContainer {
  let probe: Probe

  var codingPath: [any CodingKey] { [] }
  func decodeNil() -> Bool { false }

  func decode(_ type: Bool.Type) throws -> Bool { found(.boolean, true) }
  func decode(_ type: String.Type) throws -> String { found(.string(.init()), "text") }
  func decode(_ type: Int.Type) throws -> Int { found(.integer(range: nil), 1) }
  func decode(_ type: Int8.Type) throws -> Int8 { integer() }
  func decode(_ type: Int16.Type) throws -> Int16 { integer() }
  func decode(_ type: Int32.Type) throws -> Int32 { integer() }
  func decode(_ type: Int64.Type) throws -> Int64 { found(.integer(range: nil), 1) }
  func decode(_ type: UInt.Type) throws -> UInt { found(.integer(range: 0...Int.max), 1) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { integer() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { integer() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { integer() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { found(.integer(range: 0...Int.max), 1) }
  func decode(_ type: Double.Type) throws -> Double { throw ProbeFailure(probe.type, "fractions don't travel; use integers or decimal texts.") }
  func decode(_ type: Float.Type) throws -> Float { throw ProbeFailure(probe.type, "fractions don't travel; use integers or decimal texts.") }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let probed = try Probed<Value>.make(inside: probe.inside)
    return found(probed.schema, probed.example)
  }

  private func integer<Value: FixedWidthInteger>() -> Value { found(.integer(range: Int(Value.min)...Int(Value.max)), 1) }

  private func found<Value>(_ schema: Schema, _ example: Value) -> Value {
    probe.single = schema
    return example
  }
}

extension Schema {
  /// The name of an object among the components: the type's own behind those it is nested in, without module and `Wire`; `List<Member>` is `MemberList`.
  static func name(of type: Any.Type) -> String {
    var rest = Substring(String(reflecting: type))
    return readName(&rest)
  }

  private static func readName(_ rest: inout Substring) -> String {
    var parts: [Substring] = []
    var arguments = ""
    var part = rest.startIndex
    var depth = 0
    while let character = rest.first, depth > 0 || !",> ".contains(character) || character == " " && depth > 0 {
      let here = rest.startIndex
      rest.removeFirst()
      switch character {
      case "(": depth += 1
      case ")":
        depth -= 1
        part = rest.startIndex
      case "." where depth == 0, "<" where depth == 0:
        if part < here { parts.append(rest.base[part..<here]) }
        part = rest.startIndex
        if character == "<" {
          repeat {
            while rest.first == "," || rest.first == " " { rest.removeFirst() }
            arguments += readName(&rest)
          } while rest.first == ","
          if rest.first == ">" { rest.removeFirst() }
          part = rest.startIndex
        }
      default: break
      }
    }
    if part < rest.startIndex { parts.append(rest.base[part..<rest.startIndex]) }
    if parts.count > 1 { parts.removeFirst() }
    return arguments + parts.filter { $0 != "Wire" }.joined()
  }
}
