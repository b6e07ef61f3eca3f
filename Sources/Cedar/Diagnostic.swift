/// Something to say about a text: where it stands, what is wrong, and what to do about it.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
  public enum Severity: String, Hashable, Sendable {
    case error, warning
  }

  public let severity: Severity
  public let message: String
  /// What to do about it.
  public let hint: String?
  /// The policy it is about.
  public let policy: PolicyID?
  /// The name the text was given, and the place in it.
  public let file: String?
  public let location: SourceLocation?

  public init(_ severity: Severity = .error, _ message: String, hint: String? = nil, policy: PolicyID? = nil, file: String? = nil, location: SourceLocation? = nil) {
    self.severity = severity
    self.message = message
    self.hint = hint
    self.policy = policy
    self.file = file
    self.location = location
  }

  /// `policies.cedar:3:14: error: …`, the offending line with a mark below, and the hint.
  public var description: String {
    var result = ""
    if let file { result += "\(file):" }
    if let location { result += "\(location.line):\(location.column): " } else if file != nil { result += " " }
    result += "\(severity.rawValue): "
    if let policy { result += "policy `\(policy)`: " }
    result += message
    if let location, !location.excerpt.isEmpty {
      result += "\n  \(location.excerpt)\n  " + String(repeating: " ", count: location.markOffset) + String(repeating: "^", count: location.markLength)
    }
    if let hint { result += "\n  hint: \(hint)" }
    return result
  }
}

/// A place in a text.
public struct SourceLocation: Hashable, Sendable {
  /// Offsets into the UTF-8 of the text.
  public let span: Range<Int>
  /// From 1.
  public let line: Int
  /// From 1, counted in characters.
  public let column: Int
  /// The line it stands in, shortened around the place if it is long.
  public let excerpt: String
  /// The offending text, shortened if it is long.
  public let offending: String
  let markOffset: Int
  let markLength: Int

  init(_ span: Range<Int>, in bytes: [UInt8]) {
    let start = min(max(span.lowerBound, 0), bytes.count)
    let end = min(max(span.upperBound, start), bytes.count)
    self.span = start..<end
    let before = bytes[..<start]
    line = before.reduce(1) { $0 + ($1 == 10 ? 1 : 0) }
    let lineStart = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    let lineEnd = bytes[start...].firstIndex { $0 == 10 || $0 == 13 } ?? bytes.count
    column = String(decoding: bytes[lineStart..<start], as: UTF8.self).count + 1
    // A character boundary at or before an offset.
    func boundary(_ offset: Int) -> Int {
      var offset = offset
      while offset > lineStart, offset < bytes.count, bytes[offset] & 0xc0 == 0x80 { offset -= 1 }
      return offset
    }
    let from = boundary(max(lineStart, start - 60))
    let to = boundary(min(lineEnd, start + 60))
    let text = { (range: Range<Int>) in String(decoding: bytes[range], as: UTF8.self).replacingTabs() }
    excerpt = text(from..<max(from, to))
    markOffset = text(from..<start).count
    markLength = max(1, text(start..<max(start, min(end, to))).count)
    offending = text(start..<min(end, boundary(start + 60)))
  }
}

extension String {
  fileprivate func replacingTabs() -> String { String(map { $0 == "\t" ? " " : $0 }) }
}

/// A text that can't be read, with everything that is wrong with it.
public struct ParseFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// At least one.
  public let diagnostics: [Diagnostic]

  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }
}
