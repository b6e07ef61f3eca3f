public import Kernel

/// How the contract's types become bytes and come back: names in snake case, fields in the order of their declaration, what is `nil` left out.
///
/// One value always gives the same bytes, which `ETag` and replayed answers rely on.
public enum WireCoding {
  /// Writes a value as JSON. A type that can't be written is a `.defect`.
  public static func encode(_ value: some Encodable) throws(Problem) -> [UInt8] {
    let output = Output()
    do {
      try output.write(value)
    } catch let problem as Problem {
      throw problem
    } catch {
      throw Problem(.defect, "An answer can't be written.", cause: error)
    }
    if let misuse = output.misuse { throw Problem(.defect, "An answer can't be written.", cause: misuse) }
    return output.json.bytes
  }
}

struct UnwritableType: Error {
  let reason: String
}

private final class Output {
  var json = JSONWriter(room: 1024)
  var misuse: UnwritableType?

  func write(_ value: some Encodable) throws {
    // Asked by type first: a cast is dear, and every value comes by here.
    if type(of: value) == JSON.self, let json = value as? JSON { return self.json.write(json) }
    let encoder = WireEncoder(self)
    try value.encode(to: encoder)
    encoder.close()
  }
}

/// Writes one value straight into the output; containers can only be filled one after another, as synthesized conformances do.
private final class WireEncoder: Encoder {
  enum Form { case undecided, object, array, scalar }

  let output: Output
  var form = Form.undecided
  var count = 0

  init(_ output: Output) { self.output = output }

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    open(.object, "{")
    return KeyedEncodingContainer(WireFields<Key>(encoder: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    open(.array, "[")
    return WireItems(encoder: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { WireScalar(encoder: self) }

  private func open(_ wanted: Form, _ brace: Unicode.Scalar) {
    if form == wanted { return }
    if form != .undecided { refuse("it is encoded as two kinds of value at once") }
    form = wanted
    output.json.byte(brace)
  }

  func close() {
    switch form {
    case .object: output.json.byte("}")
    case .array: output.json.byte("]")
    case .undecided: output.json.raw("{}")
    case .scalar: break
    }
  }

  func separate() {
    if count > 0 { output.json.byte(",") }
    count += 1
  }

  func refuse(_ reason: String) { output.misuse = UnwritableType(reason: reason) }

  /// What a container hands out that this encoder can't fill: the whole value is refused in the end.
  func deadEnd() -> WireEncoder {
    refuse("nested containers aren't supported; give the inner value a type of its own")
    return WireEncoder(Output())
  }
}

private struct WireFields<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let encoder: WireEncoder
  private let namesAreData = Key.namesAreData

  init(encoder: WireEncoder) { self.encoder = encoder }

  var codingPath: [any CodingKey] { [] }

  private func name(_ key: Key) {
    encoder.separate()
    encoder.output.json.string(namesAreData ? key.stringValue : key.stringValue.snakeCased)
    encoder.output.json.byte(":")
  }

  func encodeNil(forKey key: Key) {
    name(key)
    encoder.output.json.raw("null")
  }

  func encode(_ value: Bool, forKey key: Key) {
    name(key)
    encoder.output.json.raw(value ? "true" : "false")
  }

  func encode(_ value: String, forKey key: Key) {
    name(key)
    encoder.output.json.string(value)
  }

  func encode(_ value: Int, forKey key: Key) {
    name(key)
    encoder.output.json.raw(String(value))
  }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    name(key)
    try encoder.output.write(value)
  }

  func nestedContainer<Nested: CodingKey>(keyedBy: Nested.Type, forKey: Key) -> KeyedEncodingContainer<Nested> { encoder.deadEnd().container(keyedBy: Nested.self) }
  func nestedUnkeyedContainer(forKey: Key) -> any UnkeyedEncodingContainer { encoder.deadEnd().unkeyedContainer() }
  func superEncoder() -> any Encoder { encoder.deadEnd() }
  func superEncoder(forKey: Key) -> any Encoder { encoder.deadEnd() }
}

private struct WireItems: UnkeyedEncodingContainer {
  let encoder: WireEncoder

  var codingPath: [any CodingKey] { [] }
  var count: Int { encoder.count }

  func encodeNil() {
    encoder.separate()
    encoder.output.json.raw("null")
  }

  func encode<Value: Encodable>(_ value: Value) throws {
    encoder.separate()
    try encoder.output.write(value)
  }

  func nestedContainer<Nested: CodingKey>(keyedBy: Nested.Type) -> KeyedEncodingContainer<Nested> { encoder.deadEnd().container(keyedBy: Nested.self) }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.deadEnd().unkeyedContainer() }
  func superEncoder() -> any Encoder { encoder.deadEnd() }
}

private struct WireScalar: SingleValueEncodingContainer {
  let encoder: WireEncoder

  var codingPath: [any CodingKey] { [] }

  private func scalar(_ text: String) {
    encoder.form = .scalar
    encoder.output.json.raw(text)
  }

  func encodeNil() { scalar("null") }
  func encode(_ value: Bool) { scalar(value ? "true" : "false") }

  func encode(_ value: String) {
    encoder.form = .scalar
    encoder.output.json.string(value)
  }

  func encode(_ value: Int) { scalar(String(value)) }
  func encode(_ value: Int8) { scalar(String(value)) }
  func encode(_ value: Int16) { scalar(String(value)) }
  func encode(_ value: Int32) { scalar(String(value)) }
  func encode(_ value: Int64) { scalar(String(value)) }
  func encode(_ value: UInt) { scalar(String(value)) }
  func encode(_ value: UInt8) { scalar(String(value)) }
  func encode(_ value: UInt16) { scalar(String(value)) }
  func encode(_ value: UInt32) { scalar(String(value)) }
  func encode(_ value: UInt64) { scalar(String(value)) }
  func encode(_ value: Double) { encoder.refuse("fractions don't travel") }
  func encode(_ value: Float) { encoder.refuse("fractions don't travel") }

  func encode<Value: Encodable>(_ value: Value) throws {
    encoder.form = .scalar
    try encoder.output.write(value)
  }
}

extension CodingKey {
  /// Whether this is the key of a dictionary, whose names are data and stay as they are: only those can be made of a number.
  static var namesAreData: Bool { Self(intValue: 0) != nil }
}
