/// The functions and methods of the extension types.
public enum ExtensionFunction: String, Hashable, Sendable, CaseIterable {
  case decimal, lessThan, lessThanOrEqual, greaterThan, greaterThanOrEqual
  case ip, isIpv4, isIpv6, isLoopback, isMulticast, isInRange
  case datetime, duration, offset, durationSince, toDate, toTime
  case toMilliseconds, toSeconds, toMinutes, toHours, toDays

  /// Whether it is written `f(x)` and makes a value from a string; all others are methods, `x.f(y)`.
  public var isConstructor: Bool {
    switch self {
    case .decimal, .ip, .datetime, .duration: true
    default: false
    }
  }

  /// The number of arguments; a method's receiver counts.
  public var arity: Int {
    switch self {
    case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual, .isInRange, .offset, .durationSince: 2
    default: 1
    }
  }

  /// What a constructor makes, with its article.
  var product: String {
    switch self {
    case .decimal: "a decimal"
    case .ip: "an IP address"
    case .datetime: "a datetime"
    case .duration: "a duration"
    default: "a value"
    }
  }

  /// Says that it is called with too few or too many arguments.
  func takes(not given: Int) -> String { "`\(rawValue)` takes \(arity == 1 ? "one argument" : "\(arity) arguments"), not \(given)" }

  /// Says that its text is not of its form.
  func refuses(_ text: Text) -> String { "\(Escape.quoted(text.string)) is not \(product)" }

  /// What the text of a constructor looks like.
  var form: String {
    switch self {
    case .decimal: "digits, a point and one to four digits: `decimal(\"12.50\")`, up to 922337203685477.5807"
    case .ip: "an address or a range: `ip(\"10.0.0.0/8\")`, `ip(\"fe80::1\")`"
    case .datetime: "a day or an instant: `datetime(\"2024-10-15\")`, `datetime(\"2024-10-15T11:35:00Z\")`, `…+0200`"
    case .duration: "days, hours, minutes, seconds and milliseconds in this order: `duration(\"1d2h30m\")`"
    default: "a method is called on a value"
    }
  }

  /// The value a constructor makes of a text, or nil where the text is not of its form.
  func construct(_ text: String) -> Value? {
    switch self {
    case .decimal: Decimal(text).map(Value.decimal)
    case .ip: IPAddress(text).map(Value.ip)
    case .datetime: Datetime(text).map(Value.datetime)
    case .duration: Duration(text).map(Value.duration)
    default: nil
    }
  }
}
