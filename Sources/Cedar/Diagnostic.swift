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
    var text = SourceText(bytes)
    self = text.location(span)
  }

  fileprivate init(_ start: Int, _ end: Int, line: Int, lineStart: Int, column: Int, in bytes: [UInt8]) {
    span = start..<end
    self.line = line
    self.column = column
    let lineEnd = bytes[start..<min(start + 60, bytes.count)].firstIndex { $0 == 10 || $0 == 13 } ?? bytes.count
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
