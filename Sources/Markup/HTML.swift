/// A piece of HTML, or of inline SVG: finished bytes whose only makers are the element functions and text, so that it is well formed and escaped by construction.
///
/// A literal is text. What is interpolated into it is escaped as text too, unless it is `HTML` itself:
///
///     p { "Invited by \(strong { name }) to \(organization)" }
public struct HTML: Sendable, Equatable {
  /// UTF-8, ready to be sent.
  public private(set) var bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = bytes }

  /// Text, escaped.
  public init(_ text: some StringProtocol) {
    bytes = []
    bytes.append(text: text)
  }

  /// Nothing at all.
  public static let empty = HTML(bytes: [])

  public var isEmpty: Bool { bytes.isEmpty }

  public static func + (left: consuming HTML, right: HTML) -> HTML {
    left.append(right)
    return left
  }

  public mutating func append(_ other: HTML) { bytes.append(contentsOf: other.bytes) }
}

extension HTML: ExpressibleByStringInterpolation {
  public init(stringLiteral text: String) { self.init(text) }

  public init(stringInterpolation: Interpolation) { bytes = stringInterpolation.bytes }

  /// Gathers a literal's parts, each escaped as it arrives.
  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var bytes: [UInt8] = []

    public init(literalCapacity: Int, interpolationCount: Int) { bytes.reserveCapacity(literalCapacity + interpolationCount * 16) }

    public mutating func appendLiteral(_ literal: String) { bytes.append(text: literal) }
    public mutating func appendInterpolation(_ html: HTML) { bytes.append(contentsOf: html.bytes) }
    public mutating func appendInterpolation(_ text: some StringProtocol) { bytes.append(text: text) }
    public mutating func appendInterpolation(_ number: Int) { bytes.append(decimal: number) }
    @_disfavoredOverload
    public mutating func appendInterpolation(_ value: some CustomStringConvertible) { bytes.append(text: value.description) }
  }
}

/// Content in braces: texts, elements, optionals, conditions and loops, one after the other.
@resultBuilder
public enum HTMLBuilder {
  public static func buildExpression(_ html: HTML) -> HTML { html }
  public static func buildExpression(_ html: HTML?) -> HTML { html ?? .empty }
  public static func buildExpression(_ number: Int) -> HTML {
    var bytes: [UInt8] = []
    bytes.append(decimal: number)
    return HTML(bytes: bytes)
  }
  /// Disfavoured, so that a literal is `HTML` and keeps the markup interpolated into it.
  @_disfavoredOverload
  public static func buildExpression(_ text: some StringProtocol) -> HTML { HTML(text) }

  public static func buildBlock() -> HTML { .empty }
  public static func buildPartialBlock(first: HTML) -> HTML { first }
  public static func buildPartialBlock(accumulated: consuming HTML, next: HTML) -> HTML {
    accumulated.append(next)
    return accumulated
  }
  public static func buildOptional(_ html: HTML?) -> HTML { html ?? .empty }
  public static func buildEither(first: HTML) -> HTML { first }
  public static func buildEither(second: HTML) -> HTML { second }
  public static func buildArray(_ parts: [HTML]) -> HTML { joined(parts) }

  static func joined(_ parts: [HTML]) -> HTML {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(parts.reduce(0) { $0 + $1.bytes.count })
    for part in parts { bytes.append(contentsOf: part.bytes) }
    return HTML(bytes: bytes)
  }
}

/// Several parts as one, for what is built once and used in many places.
public func fragment(@HTMLBuilder _ content: () -> HTML) -> HTML { content() }

extension Sequence<HTML> {
  /// The parts one after the other.
  public func joined() -> HTML { HTMLBuilder.joined(Array(self)) }
}

extension HTML {
  static func element(_ name: StaticString, _ attributes: [Attribute], _ content: () -> HTML) -> HTML { element(name, .none, .none, attributes, content) }
  static func element(_ name: StaticString, _ first: Attribute, _ attributes: [Attribute], _ content: () -> HTML) -> HTML { element(name, first, .none, attributes, content) }

  /// `first` and `second` are the attributes that the element always has.
  static func element(_ name: StaticString, _ first: Attribute, _ second: Attribute, _ attributes: [Attribute], _ content: () -> HTML) -> HTML {
    let inner = content()
    var bytes: [UInt8] = []
    bytes.reserveCapacity(inner.bytes.count + name.utf8CodeUnitCount * 2 + 64 + attributes.count * 24)
    bytes.append(openTag: name, first, second, attributes)
    bytes.append(contentsOf: inner.bytes)
    bytes.append(closeTag: name)
    return HTML(bytes: bytes)
  }

  static func void(_ name: StaticString, _ attributes: [Attribute]) -> HTML { void(name, .none, .none, attributes) }

  static func void(_ name: StaticString, _ first: Attribute, _ second: Attribute, _ attributes: [Attribute]) -> HTML {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(name.utf8CodeUnitCount + 48 + attributes.count * 24)
    bytes.append(openTag: name, first, second, attributes)
    return HTML(bytes: bytes)
  }
}

extension [UInt8] {
  mutating func append(openTag name: StaticString, _ first: Attribute, _ second: Attribute, _ attributes: [Attribute]) {
    append(UInt8(ascii: "<"))
    append(static: name)
    first.write(to: &self)
    second.write(to: &self)
    for attribute in attributes { attribute.write(to: &self) }
    append(UInt8(ascii: ">"))
  }

  mutating func append(closeTag name: StaticString) {
    append(UInt8(ascii: "<"))
    append(UInt8(ascii: "/"))
    append(static: name)
    append(UInt8(ascii: ">"))
  }
}
