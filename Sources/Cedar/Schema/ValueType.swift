/// What kind of value an expression has, an attribute holds, a function takes.
public indirect enum ValueType: Hashable, Sendable {
  case bool(Truth)
  case long
  case string
  case entity(EntityType)
  case set(ValueType)
  case record(RecordType)
  case decimal, ip, datetime, duration

  /// What is known of a bool before evaluation.
  public enum Truth: Hashable, Sendable {
    case either
    case always
    case never
  }

  public static let bool = ValueType.bool(.either)

  /// The type of both, if there is one: in strict validation that is the same type, up to what is known of bools.
  func joined(with other: ValueType) -> ValueType? {
    switch (self, other) {
    case (.bool(let a), .bool(let b)): .bool(a == b ? a : .either)
    case (.set(let a), .set(let b)): a.joined(with: b).map(ValueType.set)
    case (.record(let a), .record(let b)): a.joined(with: b).map(ValueType.record)
    default: self == other ? self : nil
    }
  }
}

/// The attributes of a record or an entity.
public struct RecordType: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// The type of an attribute, and whether it is always there.
  public struct Attribute: Hashable, Sendable {
    public let type: ValueType
    public let isRequired: Bool

    public init(_ type: ValueType, isRequired: Bool = true) {
      self.type = type
      self.isRequired = isRequired
    }
  }

  public private(set) var attributes: [Text: Attribute]

  public init(_ attributes: [Text: Attribute] = [:]) { self.attributes = attributes }
  public init(dictionaryLiteral elements: (Text, Attribute)...) { attributes = Dictionary(elements) { $1 } }

  public subscript(name: Text) -> Attribute? { attributes[name] }
  public var names: [Text] { attributes.keys.sorted() }

  func joined(with other: RecordType) -> RecordType? {
    guard attributes.count == other.attributes.count else { return nil }
    var result: [Text: Attribute] = [:]
    for (name, mine) in attributes {
      guard let theirs = other[name], mine.isRequired == theirs.isRequired, let type = mine.type.joined(with: theirs.type) else { return nil }
      result[name] = Attribute(type, isRequired: mine.isRequired)
    }
    return RecordType(result)
  }
}

extension ValueType {
  /// As it is written in a schema, cut where that is long: for messages.
  var brief: String {
    var budget = 120
    return brief(&budget)
  }

  private func brief(_ budget: inout Int) -> String {
    switch self {
    case .set(let element):
      budget -= 5
      return budget > 0 ? "Set<\(element.brief(&budget))>" : "…"
    case .record(let record):
      var written: [String] = []
      for name in record.names {
        guard budget > 0 else {
          written.append("…")
          break
        }
        guard let attribute = record[name] else { continue }
        let key = ExpressionWriter.attribute(name)
        budget -= key.utf8.count + 4
        written.append("\(key)\(attribute.isRequired ? "" : "?"): \(attribute.type.brief(&budget))")
      }
      return "{\(written.joined(separator: ", "))}"
    default:
      let text = description
      budget -= text.utf8.count
      return text
    }
  }
}

extension ValueType: CustomStringConvertible {
  /// As it is written in a schema.
  public var description: String {
    switch self {
    case .bool(.either): "Bool"
    case .bool(.always): "True"
    case .bool(.never): "False"
    case .long: "Long"
    case .string: "String"
    case .entity(let type): type.description
    case .set(let element): "Set<\(element)>"
    case .record(let record): record.description
    case .decimal: "decimal"
    case .ip: "ipaddr"
    case .datetime: "datetime"
    case .duration: "duration"
    }
  }
}

extension RecordType: CustomStringConvertible {
  public var description: String {
    let written = names.map { name in
      let attribute = attributes[name]
      return "\(ExpressionWriter.attribute(name))\(attribute?.isRequired == false ? "?" : ""): \(attribute.map { "\($0.type)" } ?? "")"
    }
    return "{\(written.joined(separator: ", "))}"
  }
}
