public import Kernel

extension WireCoding {
  public enum UnknownFields: Sendable {
    /// A field that isn't known is a fault: what is misspelt gets told.
    case refused
    /// For clients, since a newer server may say more.
    case ignored
  }

  /// Reads a value from JSON. Refuses as `.malformed` what isn't JSON, and as `.invalid` with the faults of all fields what doesn't fit the type.
  public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: some Collection<UInt8>, unknownFields: UnknownFields = .refused) throws(Problem) -> Value {
    let json: JSON
    do {
      json = try JSON(bytes)
    } catch {
      throw Problem(.malformed, "The body isn't JSON: \(error.reason) (at byte \(error.offset)).")
    }
    return try decode(type, from: json, unknownFields: unknownFields)
  }

  /// Reads a value from JSON that was parsed already.
  public static func decode<Value: Decodable>(_ type: Value.Type, from json: JSON, unknownFields: UnknownFields = .refused) throws(Problem) -> Value {
    try decode(type, from: json, Reading(unknownFields: unknownFields, isFlat: false))
  }

  static func decode<Value: Decodable>(_ type: Value.Type, from json: JSON, _ reading: Reading) throws(Problem) -> Value {
    let value: Value
    do {
      value = try reading.value(type, of: json, at: "")
    } catch {
      throw Problem(.defect, "The request can't be read on our side.", cause: error)
    }
    try reading.finish()
    return value
  }
}

/// One pass over a request. A field that can't be read leaves a fault and an example in its place, so that the pass goes on and finds the other faults.
final class Reading {
  let unknownFields: WireCoding.UnknownFields
  /// Whether all scalars are texts in lists, as queries and forms have them.
  let isFlat: Bool
  private var faults: [FieldFault] = []

  init(unknownFields: WireCoding.UnknownFields, isFlat: Bool) {
    self.unknownFields = unknownFields
    self.isFlat = isFlat
  }

  func reject(_ place: String, _ reason: String) { faults.append(FieldFault(place, reason)) }

  func finish() throws(Problem) {
    guard let first = faults.first else { return }
    let detail = faults.count > 1 ? "\(faults.count) fields need a look." : first.field.isEmpty ? first.detail : "\(first.field): \(first.detail)"
    throw Problem(.invalid, detail, faults: faults)
  }

  func value<Value: Decodable>(_ type: Value.Type, of json: JSON, at place: String) throws -> Value {
    if let json = json as? Value { return json }
    let decoder = WireDecoder(json, place, self)
    do {
      let value = try Value(from: decoder)
      decoder.rejectUnknown()
      return value
    } catch let failure as ProbeFailure {
      throw failure
    } catch {
      reject(place, reason(of: error, for: type))
      return try substitute(type)
    }
  }

  func substitute<Value: Decodable>(_ type: Value.Type) throws -> Value { try Probed<Value>.make(inside: []).example }

  private func reason(of error: any Error, for type: Any.Type) -> String {
    let leaf = type as? any SchemaLeaf.Type
    switch error {
    case let mismatch as Mismatch: return mismatch.reason
    case let rejection as Rejection: return rejection.reason
    case let problem as Problem: return problem.detail
    case DecodingError.dataCorrupted(let context) where leaf != nil:
      if case .string(let rules)? = leaf?.schema, !rules.choices.isEmpty { return "Give one of: \(rules.choices.joined(separator: ", "))." }
      return context.debugDescription
    default: return "This value isn't acceptable."
    }
  }
}

/// A value of another kind than the type asks for.
private struct Mismatch: Error {
  let reason: String
}

private final class WireDecoder: Decoder {
  let json: JSON
  let place: String
  let reading: Reading
  /// The names of a type are few: a list is searched sooner than a set is made.
  private var asked: [String] = []
  private var takesAnyName = false

  init(_ json: JSON, _ place: String, _ reading: Reading) {
    self.json = json
    self.place = place
    self.reading = reading
  }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard case .object(let members) = json else { throw Mismatch(reason: "Give an object.") }
    if Key.namesAreData { takesAnyName = true }
    return KeyedDecodingContainer(WireMembers<Key>(decoder: self, members: members))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard case .array(let items) = json else { throw Mismatch(reason: "Give a list.") }
    return WireElements(decoder: self, items: items)
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { WireSingle(decoder: self, json: json) }

  func ask(_ name: String) { asked.append(name) }

  func rejectUnknown() {
    guard reading.unknownFields == .refused, !takesAnyName, case .object(let members) = json else { return }
    for member in members where !asked.contains(member.name) { reading.reject(inside(member.name), "There is no such field here.") }
  }

  /// The place of a member as in a JSON pointer (RFC 6901 §3), without the first slash.
  func inside(_ name: String) -> String {
    let token = name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) ? name.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined() : name
    return place.isEmpty ? token : "\(place)/\(token)"
  }
}

private struct WireMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
  let decoder: WireDecoder
  let members: [JSON.Member]
  private let namesAreData = Key.namesAreData

  init(decoder: WireDecoder, members: [JSON.Member]) {
    self.decoder = decoder
    self.members = members
  }

  var codingPath: [any CodingKey] { [] }
  var allKeys: [Key] { members.compactMap { Key(stringValue: $0.name) } }

  private func name(_ key: Key) -> String { namesAreData ? key.stringValue : key.stringValue.snakeCased }
  private func member(_ name: String) -> JSON? { members.first { $0.name == name }?.value }

  func contains(_ key: Key) -> Bool {
    let name = name(key)
    decoder.ask(name)
    return member(name) != nil
  }

  func decodeNil(forKey key: Key) -> Bool { member(name(key)) == .null }

  func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
    let name = name(key)
    decoder.ask(name)
    guard let json = member(name) else {
      decoder.reading.reject(decoder.inside(name), "This field is needed.")
      return try decoder.reading.substitute(type)
    }
    return try decoder.reading.value(type, of: json, at: decoder.inside(name))
  }

  func nestedContainer<Nested: CodingKey>(keyedBy: Nested.Type, forKey key: Key) throws -> KeyedDecodingContainer<Nested> { throw unsupported }
  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw unsupported }
  func superDecoder() throws -> any Decoder { throw unsupported }
  func superDecoder(forKey key: Key) throws -> any Decoder { throw unsupported }

  private var unsupported: ProbeFailure { ProbeFailure(Key.self, "nested containers aren't supported; give the inner object a type of its own.") }
}

private struct WireElements: UnkeyedDecodingContainer {
  let decoder: WireDecoder
  let items: [JSON]
  private(set) var currentIndex = 0

  init(decoder: WireDecoder, items: [JSON]) {
    self.decoder = decoder
    self.items = items
  }

  var codingPath: [any CodingKey] { [] }
  var count: Int? { items.count }
  var isAtEnd: Bool { currentIndex == items.count }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, items[currentIndex] == .null else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    guard !isAtEnd else { throw Mismatch(reason: "This list is too short.") }
    defer { currentIndex += 1 }
    return try decoder.reading.value(type, of: items[currentIndex], at: decoder.inside(String(currentIndex)))
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy: Nested.Type) throws -> KeyedDecodingContainer<Nested> { throw unsupported }
  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw unsupported }
  mutating func superDecoder() throws -> any Decoder { throw unsupported }

  private var unsupported: ProbeFailure { ProbeFailure(Self.self, "nested containers aren't supported; give the inner list a type of its own.") }
}

private struct WireSingle: SingleValueDecodingContainer {
  let decoder: WireDecoder
  let json: JSON

  var codingPath: [any CodingKey] { [] }
  func decodeNil() -> Bool { json == .null }

  /// A scalar; in queries and forms the only one of its list.
  private func scalar() throws -> JSON {
    guard decoder.reading.isFlat, case .array(let texts) = json else { return json }
    guard texts.count == 1 else { throw Mismatch(reason: "Give this once.") }
    return texts[0]
  }

  func decode(_ type: String.Type) throws -> String {
    guard case .string(let text) = try scalar() else { throw Mismatch(reason: "Give a text.") }
    guard !text.unicodeScalars.contains("\0") else { throw Mismatch(reason: "Leave out the null character.") }
    return text
  }

  func decode(_ type: Bool.Type) throws -> Bool {
    switch try scalar() {
    case .boolean(let bool): return bool
    case .string("true") where decoder.reading.isFlat: return true
    case .string("false") where decoder.reading.isFlat: return false
    default: throw Mismatch(reason: "Give true or false.")
    }
  }

  private func integer<Number: FixedWidthInteger>() throws -> Number {
    let number: Number? =
      switch try scalar() {
      case .integer(let integer): Number(exactly: integer)
      case .number(let text): Number(text)
      case .string(let text) where decoder.reading.isFlat && text.utf8.first != UInt8(ascii: "+"): Number(text)
      default: throw Mismatch(reason: "Give a whole number.")
      }
    guard let number else { throw Mismatch(reason: "Give a whole number within \(Number.bitWidth) bits.") }
    return number
  }

  func decode(_ type: Int.Type) throws -> Int { try integer() }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
  func decode(_ type: UInt.Type) throws -> UInt { try integer() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }
  func decode(_ type: Double.Type) throws -> Double { throw Mismatch(reason: "Fractions don't travel here.") }
  func decode(_ type: Float.Type) throws -> Float { throw Mismatch(reason: "Fractions don't travel here.") }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: decoder) }
}
