/// A drawing within the page, hidden from screen readers unless it is given a role and a `title`.
public func svg(viewBox: (x: Double, y: Double, width: Double, height: Double), _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  .element("svg", Attribute("viewBox", box: viewBox), attributes, content)
}

/// Shapes that share attributes.
public func g(_ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML { .element("g", attributes, content) }

/// A shape by its path data (SVG 2 §9.3).
public func path(_ data: String, _ attributes: Attribute...) -> HTML { .element("path", Attribute("d", data), attributes) { .empty } }

/// A circle.
public func circle(x: Double, y: Double, radius: Double, _ attributes: Attribute...) -> HTML {
  .element("circle", [Attribute("cx", decimal: x), Attribute("cy", decimal: y), Attribute("r", decimal: radius)] + attributes) { .empty }
}

/// A rectangle.
public func rect(x: Double, y: Double, width: Double, height: Double, _ attributes: Attribute..., @HTMLBuilder content: Content = { .empty }) -> HTML {
  .element("rect", [Attribute("x", decimal: x), Attribute("y", decimal: y), Attribute("width", decimal: width), Attribute("height", decimal: height)] + attributes, content)
}

/// A straight line.
public func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double), _ attributes: Attribute...) -> HTML {
  .element("line", [Attribute("x1", decimal: start.x), Attribute("y1", decimal: start.y), Attribute("x2", decimal: end.x), Attribute("y2", decimal: end.y)] + attributes) { .empty }
}

/// A line through points.
public func polyline(_ points: [(x: Double, y: Double)], _ attributes: Attribute...) -> HTML { .element("polyline", .points(points), attributes) { .empty } }

/// A closed line through points.
public func polygon(_ points: [(x: Double, y: Double)], _ attributes: Attribute...) -> HTML { .element("polygon", .points(points), attributes) { .empty } }

/// Text within a drawing.
public func svgText(x: Double, y: Double, _ attributes: Attribute..., @HTMLBuilder content: Content) -> HTML {
  .element("text", Attribute("x", decimal: x), Attribute("y", decimal: y), attributes, content)
}

/// What a drawing shows, for those who don't see it; goes behind its `title`.
public func desc(_ text: some StringProtocol) -> HTML { .element("desc", []) { HTML(text) } }

extension Attribute {
  public static func fill(_ paint: StaticString) -> Attribute { Attribute("fill", fixed: paint) }
  public static func fillRule(_ rule: StaticString) -> Attribute { Attribute("fill-rule", fixed: rule) }
  public static func stroke(_ paint: StaticString) -> Attribute { Attribute("stroke", fixed: paint) }
  public static func strokeWidth(_ width: Double) -> Attribute { Attribute("stroke-width", decimal: width) }
  public static func strokeLinecap(_ cap: StaticString) -> Attribute { Attribute("stroke-linecap", fixed: cap) }
  public static func strokeLinejoin(_ join: StaticString) -> Attribute { Attribute("stroke-linejoin", fixed: join) }
  public static func opacity(_ share: Double) -> Attribute { Attribute("opacity", decimal: share) }
  public static func fontSize(_ size: Double) -> Attribute { Attribute("font-size", decimal: size) }
  public static func cornerRadius(_ radius: Double) -> Attribute { Attribute("rx", decimal: radius) }
  public static func transform(_ transform: String) -> Attribute { Attribute("transform", transform) }
  public static func textAnchor(_ anchor: StaticString) -> Attribute { Attribute("text-anchor", fixed: anchor) }
  public static let stretched = Attribute("preserveAspectRatio", "none")

  fileprivate static func points(_ points: [(x: Double, y: Double)]) -> Attribute {
    var bytes: [UInt8] = []
    for (place, point) in points.enumerated() {
      if place > 0 { bytes.append(UInt8(ascii: " ")) }
      bytes.append(hundredths: point.x)
      bytes.append(UInt8(ascii: ","))
      bytes.append(hundredths: point.y)
    }
    return Attribute("points", String(decoding: bytes, as: UTF8.self))
  }
}

extension [UInt8] {
  /// A number rounded to hundredths, without trailing zeros; what is no number, or too large for a drawing, is 0.
  mutating func append(hundredths number: Double) {
    guard number.isFinite, number.magnitude < 1e12 else { return append(UInt8(ascii: "0")) }
    let scaled = Int((number * 100).rounded())
    if scaled < 0 { append(UInt8(ascii: "-")) }
    append(decimal: Int(scaled.magnitude / 100))
    let fraction = UInt8(scaled.magnitude % 100)
    guard fraction > 0 else { return }
    append(UInt8(ascii: "."))
    append(UInt8(ascii: "0") + fraction / 10)
    if fraction % 10 > 0 { append(UInt8(ascii: "0") + fraction % 10) }
  }
}
