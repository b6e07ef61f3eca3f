/// The shape of a JSON value, as far as the contract promises one (JSON Schema 2020-12, the part we use).
public indirect enum Schema: Equatable, Sendable {
  case string(StringRules)
  case integer(range: ClosedRange<Int>?)
  case boolean
  case array(Schema)
  /// An object with names that aren't known beforehand.
  case dictionary(Schema)
  /// Any JSON at all.
  case anything
  /// The named object that this one stands in: how a type that holds itself ends.
  case reference(String)
  /// Named objects become components of the document.
  case object(name: String, properties: [Property])

  public struct Property: Equatable, Sendable {
    public let name: String
    public let schema: Schema
    /// Whether it must be there; what isn't required may also be null.
    public let required: Bool

    public init(name: String, schema: Schema, required: Bool) {
      self.name = name
      self.schema = schema
      self.required = required
    }
  }

  /// What a text must look like.
  public struct StringRules: Equatable, Sendable {
    public var format: String?
    public var pattern: String?
    public var length: ClosedRange<Int>?
    public var choices: [String]

    public init(format: String? = nil, pattern: String? = nil, length: ClosedRange<Int>? = nil, choices: [String] = []) {
      self.format = format
      self.pattern = pattern
      self.length = length
      self.choices = choices
    }
  }
}

/// A type that knows its own schema and one lawful example, so that nothing has to guess.
public protocol SchemaLeaf: Codable, Sendable {
  static var schema: Schema { get }
  static var example: Self { get }
}

extension SchemaLeaf where Self: CaseIterable & RawRepresentable<String> {
  public static var schema: Schema { .string(.init(choices: allCases.map(\.rawValue))) }
  public static var example: Self { allCases[allCases.startIndex] }
}

/// What the wire promises of a text that only a use case checks, so that all faults of a request are told at once.
public protocol TextRules: Sendable {
  static var rules: Schema.StringRules { get }
  static var example: String { get }
}

/// A text as a client sent it: documented by `Rules`, checked by the use case that takes it.
public struct Unchecked<Rules: TextRules>: SchemaLeaf, Hashable, ExpressibleByStringLiteral {
  public let text: String

  public init(_ text: String) { self.text = text }
  public init(stringLiteral text: String) { self.text = text }

  /// Refuses what is longer than the rules allow, so that no use case has to look at a megabyte.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    text = try container.decode(String.self)
    guard let limit = Rules.rules.length?.upperBound, text.unicodeScalars.count > limit else { return }
    throw DecodingError.dataCorruptedError(in: container, debugDescription: "Use at most \(limit) characters.")
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }

  public static var schema: Schema { .string(Rules.rules) }
  public static var example: Self { Self(Rules.example) }
}
