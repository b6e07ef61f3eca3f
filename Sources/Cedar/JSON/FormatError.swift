/// A JSON document that is well-formed, but does not say what it should.
public struct FormatError: Error, Hashable, Sendable, CustomStringConvertible {
  // Apart, so that every function that may throw one needs little stack.
  private final class Content: Sendable {
    let diagnostic: Diagnostic
    let place: JSONPath

    init(_ diagnostic: Diagnostic, _ place: JSONPath) {
      self.diagnostic = diagnostic
      self.place = place
    }
  }

  private let content: Content

  init(_ message: String, hint: String, at path: JSONPath) { content = Content(Diagnostic(.error, message, hint: hint), path) }

  private init(_ content: Content) { self.content = content }

  /// Where in the document: `[3].attrs.name`.
  public var path: String { content.place.description }
  public var message: String { content.diagnostic.message }
  /// What to do about it.
  public var hint: String? { content.diagnostic.hint }
  /// The name the text was given, and the place in it; nil where a document was read that is no text any more.
  public var file: String? { content.diagnostic.file }
  public var location: SourceLocation? { content.diagnostic.location }

  /// The same with its place in the text the document was read from.
  func located(in bytes: [UInt8], file: String?) -> FormatError {
    let location = JSONLocator(bytes).span(of: content.place).map { SourceLocation($0, in: bytes) }
    return FormatError(Content(Diagnostic(.error, message, hint: hint, file: file, location: location), content.place))
  }

  /// The whole, with the way to the place before the message.
  public var diagnostic: Diagnostic {
    Diagnostic(.error, path.isEmpty ? message : "\(path): \(message)", hint: hint, file: file, location: location)
  }

  public var description: String { diagnostic.description }

  public static func == (a: FormatError, b: FormatError) -> Bool { a.diagnostic == b.diagnostic }
  public func hash(into hasher: inout Hasher) { hasher.combine(message) }
}

/// The way to a place in a document; building it costs nothing until it is written.
indirect enum JSONPath: Hashable, Sendable, CustomStringConvertible {
  case root
  case member(JSONPath, Text)
  case element(JSONPath, Int)
  /// The name of a member, not its value.
  case name(JSONPath, Text)

  static func / (path: JSONPath, name: Text) -> JSONPath { .member(path, name) }
  static func / (path: JSONPath, index: Int) -> JSONPath { .element(path, index) }

  /// What the place stands in; nil for the root.
  var outer: JSONPath? {
    switch self {
    case .root: nil
    case .member(let outer, _), .element(let outer, _), .name(let outer, _): outer
    }
  }

  /// The steps from the root on.
  var steps: [JSONPath] {
    var steps: [JSONPath] = []
    var path = self
    while true {
      switch path {
      case .root: return steps.reversed()
      case .member(let outer, _), .element(let outer, _), .name(let outer, _):
        steps.append(path)
        path = outer
      }
    }
  }

  /// The place to which the path leads from another place.
  func from(_ start: JSONPath) -> JSONPath {
    steps.reduce(start) { place, step in
      switch step {
      case .root: place
      case .member(_, let name): .member(place, name)
      case .element(_, let index): .element(place, index)
      case .name(_, let name): .name(place, name)
      }
    }
  }

  var description: String {
    var result = ""
    for step in steps {
      switch step {
      case .root: break
      case .member(_, let name), .name(_, let name): result += result.isEmpty ? name.string : ".\(name)"
      case .element(_, let index): result += "[\(index)]"
      }
    }
    return result
  }
}
