/// One measured number, printed as one JSON object on a line of its own.
///
/// `{"id":"cedar.big","value":0.41,"unit":"µs","against":"cedarpy 4.12.2","ratio":310,"bar":50,"goal":300}`
public struct Figure: Sendable {
  public let id: String
  public let value: Double
  public let unit: String
  /// What it was measured beside, in the same run.
  public let against: String?
  /// How many times better than that.
  public let ratio: Double?
  /// What a release must reach, and what we are after.
  public let bar: Double?
  public let goal: Double?

  public init(_ id: String, _ value: Double, _ unit: String, against: String? = nil, ratio: Double? = nil, bar: Double? = nil, goal: Double? = nil) {
    self.id = id
    self.value = value
    self.unit = unit
    self.against = against
    self.ratio = ratio
    self.bar = bar
    self.goal = goal
  }

  public var line: String {
    var members = ["\"id\":\"\(id)\"", "\"value\":\(Self.text(value))", "\"unit\":\"\(unit)\""]
    if let against { members.append("\"against\":\"\(against)\"") }
    for (name, number) in [("ratio", ratio), ("bar", bar), ("goal", goal)] {
      if let number { members.append("\"\(name)\":\(Self.text(number))") }
    }
    return "{\(members.joined(separator: ","))}"
  }

  public func report() { print(line) }

  /// Four significant digits.
  private static func text(_ number: Double) -> String {
    guard number.isFinite else { return "null" }
    var scale = 1.0
    while abs(number) * scale < 1000, scale < 1e9 { scale *= 10 }
    let rounded = (number * scale).rounded() / scale
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int64(rounded))" : "\(rounded)"
  }
}
