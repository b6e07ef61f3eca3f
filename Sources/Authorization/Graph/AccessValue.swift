public import Cedar
public import Kernel

/// A value of an attribute, for who knows nothing of Cedar.
public indirect enum AccessValue: Sendable, Hashable {
  case bool(Bool)
  case integer(Int64)
  case text(String)
  case set([AccessValue])
  case record([Attribute])
  case instant(Timestamp)
  /// An address or a network: `192.0.2.7`, `2001:db8::/32`.
  case address(String)
  /// A number with up to four digits behind its point.
  case decimal(String)

  /// A value with its name.
  public struct Attribute: Sendable, Hashable {
    public let name: String
    public let value: AccessValue

    public init(_ name: String, _ value: AccessValue) {
      self.name = name
      self.value = value
    }
  }

  /// The attributes as decisions take them. Refuses an address, a decimal or an instant that is none, by the name of its attribute.
  public static func checked(_ attributes: [Attribute]) throws(Rejection) -> Record {
    var found: [Record.Attribute] = []
    found.reserveCapacity(attributes.count)
    for attribute in attributes {
      guard let value = try attribute.value.cedar() else { throw Rejection("The attribute \"\(attribute.name)\" can't be read.") }
      found.append(.init(Text(attribute.name), value))
    }
    return Record(found)
  }

  /// The same without the attributes that can't be read: of what was checked before.
  public static func readable(_ attributes: [Attribute]) -> Record {
    if attributes.isEmpty { return [:] }
    return Record(attributes.compactMap { attribute in (try? attribute.value.cedar()).flatMap { $0 }.map { .init(Text(attribute.name), $0) } })
  }

  /// Attributes as they can be told; without those that no attribute can be, such as entities.
  public static func attributes(of record: Record) -> [Attribute] {
    record.compactMap { attribute in AccessValue(attribute.value).map { Attribute(attribute.key.string, $0) } }
  }

  private init?(_ value: Value) {
    switch value {
    case .bool(let truth): self = .bool(truth)
    case .long(let number): self = .integer(number)
    case .string(let text): self = .text(text.string)
    case .set(let set): self = .set(set.elements.compactMap { AccessValue($0) })
    case .record(let record): self = .record(Self.attributes(of: record))
    case .datetime(let instant): self = .instant(Timestamp(milliseconds: instant.milliseconds))
    case .ip(let address): self = .address(address.description)
    case .decimal(let number): self = .decimal(number.description)
    case .entity, .duration: return nil
    }
  }

  private func cedar() throws(Rejection) -> Value? {
    switch self {
    case .bool(let truth): return .bool(truth)
    case .integer(let number): return .long(number)
    case .text(let text): return .string(text)
    case .set(let elements):
      var values: [Value] = []
      for element in elements {
        guard let value = try element.cedar() else { return nil }
        values.append(value)
      }
      return .set(ValueSet(values))
    case .record(let attributes): return .record(try Self.checked(attributes))
    case .instant(let instant): return .datetime(Datetime(milliseconds: instant.milliseconds))
    case .address(let text): return IPAddress(text).map { .ip($0) }
    case .decimal(let text): return Decimal(text).map { .decimal($0) }
    }
  }
}
