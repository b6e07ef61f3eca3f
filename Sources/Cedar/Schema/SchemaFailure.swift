/// What is wrong with a schema document that could be read, and where.
struct SchemaFailure: Error {
  let message: String
  let hint: String
  /// Where the schema's JSON says it.
  let place: JSONPath

  init(_ message: String, hint: String, at place: JSONPath) {
    self.message = message
    self.hint = hint
    self.place = place
  }

  /// The same with its place in the text that the document was read from, where that is known.
  func located(in source: String?, file: String?) -> ParseFailure {
    let location = source.flatMap { SchemaLocator($0).location(of: place) }
    return ParseFailure(diagnostics: [Diagnostic(.error, message, hint: hint, file: file, location: location)])
  }
}
