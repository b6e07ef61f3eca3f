public import Kernel

// How the Kernel's values travel. They decode strictly: a text that isn't one is a fault of its field.

extension ID: Codable, SchemaLeaf {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let id = ID(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "Give an id of 36 characters.")
    }
    self = id
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  public static var schema: Schema { .string(.init(format: "uuid")) }
  public static var example: Self { ID(high: 0x0189_0a5d_ac96_774b, low: 0xbcce_b302_099a_8057) }
}

extension Timestamp: Codable, SchemaLeaf {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let instant = Timestamp(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "Give an instant such as 2026-11-21T09:00:00Z.")
    }
    self = instant
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  public static var schema: Schema { .string(.init(format: "date-time")) }
  public static var example: Self { Timestamp(milliseconds: 1_795_251_600_000) }
}

extension Credits: Codable, SchemaLeaf {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do { self = try Credits(signedDecimal: text) } catch { throw DecodingError.dataCorruptedError(in: container, debugDescription: error.reason) }
  }

  /// A decimal text: numbers of JSON are fractions of binary digits to most readers.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }

  public static var schema: Schema { .string(.init(pattern: "^-?[0-9]+(\\.[0-9]{1,6})?$", length: 1...41)) }
  public static var example: Self { Credits(micro: 12_500_000) ?? .zero }
}

/// An amount of credits above zero, as it was written: digits, and a point with at most 6 digits behind it if need be.
public enum AmountText: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^[0-9]+(\\.[0-9]{1,6})?$", length: 1...40) }
  public static var example: String { "12.5" }
}

/// How far a balance may go below zero: an amount, zero among them, or that nothing limits it.
public enum OverdraftText: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^(unlimited|[0-9]+(\\.[0-9]{1,6})?)$", length: 1...40) }
  public static var example: String { "100" }
}

extension EmailAddress: TextRules {
  public static var rules: Schema.StringRules { .init(format: "email", length: 3...254) }
  public static var example: String { "ada@example.org" }
}

extension Slug: TextRules {
  public static var rules: Schema.StringRules { .init(pattern: "^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$", length: 1...32) }
  public static var example: String { "adas-lab" }
}

extension DisplayName: TextRules {
  public static var rules: Schema.StringRules { .init(length: 1...128) }
  public static var example: String { "Ada's Lab" }
}

extension Note: TextRules {
  public static var rules: Schema.StringRules { .init(length: 0...2000) }
  public static var example: String { "" }
}

/// A password as it was typed.
public enum PasswordText: TextRules {
  public static var rules: Schema.StringRules { .init(format: "password", length: 10...256) }
  public static var example: String { "nine lilac kites over water" }
}

/// A secret that came in a link or was shown once.
public enum TokenText: TextRules {
  public static var rules: Schema.StringRules { .init(length: 1...200) }
  public static var example: String { "gld_inv_…" }
}

/// A text with no rules but a length.
public enum FreeText: TextRules {
  public static var rules: Schema.StringRules { .init(length: 0...256) }
  public static var example: String { "" }
}
