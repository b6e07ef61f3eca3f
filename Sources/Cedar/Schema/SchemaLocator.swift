/// Finds where the text of a schema, in either syntax, says what stands at a place of its JSON. Errors alone ask for it, so that documents
/// need not remember where they stood: the text is read once more.
struct SchemaLocator {
  private let bytes: [UInt8]
  /// The places of a text in Cedar's syntax; nil for JSON.
  private let spans: [JSONPath: [Range<Int>]]?

  init(_ text: String) {
    bytes = Array(text.utf8)
    spans = SchemaDocument.spans(in: bytes)
  }

  /// Where the text says what stands at a place, or the innermost around it that the text has; of what is said twice, where it is said again.
  func location(of path: JSONPath) -> SourceLocation? {
    guard let spans else { return JSONLocator(bytes).span(of: path).map { SourceLocation($0, in: bytes) } }
    var place: JSONPath? = path
    while let inner = place {
      if let found = spans[inner] { return SourceLocation(found[min(1, found.count - 1)], in: bytes) }
      place = inner.outer
    }
    return nil
  }
}
