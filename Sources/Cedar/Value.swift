/// What an expression evaluates to.
public enum Value: Hashable, Sendable {
  case bool(Bool)
  case long(Int64)
  case string(Text)
  case entity(EntityUID)
  case set(ValueSet)
  case record(Record)
  case decimal(Decimal)
  case ip(IPAddress)
  case datetime(Datetime)
  case duration(Duration)

  public static func string(_ text: String) -> Value { .string(Text(text)) }
}

/// A set of values: no order, no duplicates.
public struct ValueSet: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// In the order of ``Value``, each once.
  public let elements: [Value]

  public init(_ elements: some Sequence<Value>) {
    var sorted = Array(elements)
    guard sorted.count > 1 else {
      self.elements = sorted
      return
    }
    sorted.sort()
    var unique: [Value] = []
    unique.reserveCapacity(sorted.count)
    for element in sorted where element != unique.last { unique.append(element) }
    self.elements = unique
  }

  public init(arrayLiteral elements: Value...) { self.init(elements) }

  public var isEmpty: Bool { elements.isEmpty }

  public func contains(_ value: Value) -> Bool {
    var (low, high) = (0, elements.count)
    while low < high {
      let middle = (low + high) / 2
      if elements[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < elements.count && elements[low] == value
  }

  public func isSuperset(of other: ValueSet) -> Bool { other.elements.allSatisfy(contains) }
  public func intersects(_ other: ValueSet) -> Bool { other.elements.contains(where: contains) }
}

/// Attributes by name, sorted by name, each name once.
public struct Record: Hashable, Sendable, RandomAccessCollection, ExpressibleByDictionaryLiteral {
  /// A name and its value.
  public struct Attribute: Hashable, Sendable {
    public let key: Text
    public let value: Value

    public init(_ key: Text, _ value: Value) {
      self.key = key
      self.value = value
    }
  }

  private let attributes: [Attribute]

  public init() { attributes = [] }

  /// Of equal keys the last one counts.
  public init(_ attributes: some Sequence<Attribute>) {
    var byKey: [Text: Value] = [:]
    for attribute in attributes { byKey[attribute.key] = attribute.value }
    self.init(unique: byKey.map { Attribute($0.key, $0.value) })
  }

  public init(_ attributes: [String: Value]) { self.init(attributes.lazy.map { Attribute(Text($0.key), $0.value) }) }

  public init(dictionaryLiteral elements: (Text, Value)...) { self.init(elements.lazy.map { Attribute($0.0, $0.1) }) }

  /// Takes attributes without duplicates, in any order.
  init(unique attributes: [Attribute]) { self.attributes = attributes.count < 2 ? attributes : attributes.sorted { $0.key < $1.key } }

  public var startIndex: Int { 0 }
  public var endIndex: Int { attributes.count }
  public subscript(position: Int) -> Attribute { attributes[position] }

  public subscript(key: Text) -> Value? { index(of: key).map { attributes[$0].value } }

  public func index(of key: Text) -> Int? {
    if attributes.count <= 8 { return attributes.firstIndex { $0.key == key } }
    var (low, high) = (0, attributes.count)
    while low < high {
      let middle = (low + high) / 2
      if attributes[middle].key < key { low = middle + 1 } else { high = middle }
    }
    return low < attributes.count && attributes[low].key == key ? low : nil
  }
}

extension Value: Comparable {
  /// A total order, the one of the specification (`Cedar.Spec.Value.lt`): it has no meaning to policies, it makes sets canonical.
  public static func < (a: Value, b: Value) -> Bool {
    switch (a, b) {
    case (.bool(let x), .bool(let y)): !x && y
    case (.long(let x), .long(let y)): x < y
    case (.string(let x), .string(let y)): x < y
    case (.entity(let x), .entity(let y)): x < y
    case (.set(let x), .set(let y)): x.elements.lexicographicallyPrecedes(y.elements)
    case (.record(let x), .record(let y)): x.lexicographicallyPrecedes(y) { $0.key == $1.key ? $0.value < $1.value : $0.key < $1.key }
    case (.decimal(let x), .decimal(let y)): x < y
    case (.ip(let x), .ip(let y)): x < y
    case (.datetime(let x), .datetime(let y)): x < y
    case (.duration(let x), .duration(let y)): x < y
    default: a.rank < b.rank
    }
  }

  private var rank: Int {
    switch self {
    case .bool: 0
    case .long: 1
    case .string: 2
    case .entity: 3
    case .set: 4
    case .record: 5
    case .decimal: 6
    case .ip: 7
    case .datetime: 8
    case .duration: 9
    }
  }
}

extension Value: CustomStringConvertible {
  /// An expression that evaluates to this value.
  public var description: String { Expression(self).description }

  /// The name of the value's type, for messages.
  public var typeName: String {
    switch self {
    case .bool: "bool"
    case .long: "long"
    case .string: "string"
    case .entity(let uid): "(entity of type `\(uid.type)`)"
    case .set: "set"
    case .record: "record"
    case .decimal: "decimal"
    case .ip: "ipaddr"
    case .datetime: "datetime"
    case .duration: "duration"
    }
  }
}
