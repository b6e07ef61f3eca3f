/// Why policies in JSON, entities or a request can't be read.
public struct DataFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with the document.
  public enum Kind: String, Hashable, Sendable {
    /// It is no JSON, or nests too deep.
    case syntax
    /// It is JSON, but not of this format.
    case format
    /// An entity is given twice, or is in itself.
    case hierarchy
    /// It does not fit the schema.
    case conformance
  }

  public let kind: Kind
  /// At least one, with its place where a text was read.
  public let diagnostics: [Diagnostic]

  public var description: String { diagnostics.map(\.description).joined(separator: "\n") }

  init(_ failure: ParseFailure) {
    kind = .syntax
    diagnostics = failure.diagnostics
  }

  init(_ error: FormatError, _ source: Source?) {
    kind = .format
    diagnostics = [(source.map { error.located(in: Array($0.text.utf8), file: $0.file) } ?? error).diagnostic]
  }

  init(_ kind: Kind, _ message: String, hint: String, at place: JSONPath, _ source: Source?) {
    self.kind = kind
    diagnostics = DataFailure(FormatError(message, hint: hint, at: place), source).diagnostics
  }

  /// The text a document was read from.
  struct Source {
    let text: String
    let file: String?
  }
}
