/// Something to say about a text: where it stands, what is wrong, and what to do about it.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
  /// Errors must be mended, warnings should be looked at.
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
    // Names and texts of strangers stand in them.
    self.message = Escape.visible(message)
    self.hint = hint.map(Escape.visible)
    self.policy = policy
    self.file = file
    self.location = location
  }

  /// `policies.cedar:3:14: error: …`, the offending line with a mark below, and the hint.
  public var description: String {
    var result = ""
    if let file { result += "\(Escape.visible(file)):" }
    if let location { result += "\(location.line):\(location.column): " } else if file != nil { result += " " }
    result += "\(severity.rawValue): "
    if let policy { result += "policy `\(Escape.visible(policy.text.string))`: " }
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
  /// The line it stands in, shortened around the place if it is long, control characters escaped.
  public let excerpt: String
  /// The offending text, shortened if it is long, control characters escaped; empty where the text ends too early.
  public let offending: String
  let markOffset: Int
  let markLength: Int

  init(_ span: Range<Int>, in bytes: [UInt8]) {
    var text = SourceText(bytes)
    self = text.location(span)
  }

  fileprivate init(_ start: Int, _ end: Int, line: Int, lineStart: Int, column: Int, in bytes: [UInt8]) {
    span = start..<end
    self.line = line
    self.column = column
    let shown = 60
    let lineEnd = bytes[start...].prefix(shown + 4).firstIndex { $0 == 10 || $0 == 13 } ?? min(start + shown + 4, bytes.count)
    // A character boundary at or before an offset.
    func boundary(_ offset: Int) -> Int {
      var offset = offset
      while offset > lineStart, offset < bytes.count, bytes[offset] & 0xc0 == 0x80 { offset -= 1 }
      return offset
    }
    let from = boundary(max(lineStart, start - shown))
    let to = max(from, boundary(min(lineEnd, start + shown)))
    func text(_ range: Range<Int>) -> String { Escape.visible(String(decoding: bytes[range], as: UTF8.self).replacingTabs()) }
    let before = (from > lineStart ? "…" : "") + text(from..<start)
    excerpt = before + text(start..<max(start, to)) + (to < lineEnd ? "…" : "")
    markOffset = before.count
    markLength = max(1, text(start..<max(start, min(end, to))).count)
    let cut = boundary(min(end, start + shown))
    offending = text(start..<max(start, cut)) + (cut < end ? "…" : "")
  }
}

/// A text in which many places are looked up: lines and columns are counted from a mark near by, and marks are made once.
struct SourceText {
  private struct Mark {
    var offset = 0
    var line = 1
    var lineStart = 0
    var column = 1
  }

  private static let stride = 4096

  private let bytes: [UInt8]
  private var marks = [Mark()]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func location(_ span: Range<Int>) -> SourceLocation {
    let start = min(max(span.lowerBound, 0), bytes.count)
    let end = min(max(span.upperBound, start), bytes.count)
    while let last = marks.last, last.offset + Self.stride <= start {
      var next = last.offset + Self.stride
      while next < start, bytes[next] & 0xc0 == 0x80 { next += 1 }
      marks.append(advanced(last, to: next))
    }
    var (low, high) = (0, marks.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if marks[middle].offset <= start { low = middle } else { high = middle - 1 }
    }
    let place = advanced(marks[low], to: start)
    return SourceLocation(start, end, line: place.line, lineStart: place.lineStart, column: place.column, in: bytes)
  }

  private func advanced(_ mark: Mark, to offset: Int) -> Mark {
    var mark = mark
    var from = mark.offset
    for index in mark.offset..<offset where bytes[index] == 10 {
      (mark.line, mark.lineStart, mark.column) = (mark.line + 1, index + 1, 1)
      from = index + 1
    }
    mark.column += String(decoding: bytes[from..<offset], as: UTF8.self).count
    mark.offset = offset
    return mark
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
