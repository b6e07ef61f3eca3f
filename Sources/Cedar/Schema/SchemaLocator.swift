/// Finds the place of a name in the text of a schema, in either syntax; errors alone ask for it.
struct SchemaLocator {
  /// A declaration.
  struct Place {
    let namespace: Text?
    /// As JSON calls it: `entityTypes`, `actions`, `commonTypes`; empty for the namespace itself.
    let section: Text
    let name: Text?
    /// Where it stands in Cedar's syntax.
    let span: Range<Int>?
  }

  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Where a declaration says a word; where it does not, the declaration.
  func location(of word: Text, isName: Bool, in place: Place) -> SourceLocation? {
    let span: Range<Int>?
    if let declaration = place.span {
      span = find(word, in: declaration, besides: isName ? nil : place.name) ?? declaration
    } else {
      span = isName ? find("", in: place) : find(word, in: place)
    }
    return span.map { SourceLocation($0, in: bytes) }
  }

  /// In Cedar's syntax. The declaration's own name is taken only if nothing else in it is the word.
  private func find(_ word: Text, in declaration: Range<Int>, besides name: Text?) -> Range<Int>? {
    guard declaration.upperBound <= bytes.count else { return nil }
    var lexer = Lexer(Array(bytes[..<declaration.upperBound]), slots: false, from: declaration.lowerBound)
    var found: [Range<Int>] = []
    // A name of several parts is read up to here.
    var path: (text: String, start: Int)?
    var isOpen = false
    while let token = try? lexer.next(), token.kind != .end {
      let text = String(decoding: bytes[token.span], as: UTF8.self)
      switch token.kind {
      case .symbol(.doubleColon) where path != nil:
        path?.text += text
        isOpen = true
      case .word:
        if isOpen { path?.text += text } else { path = (text, token.span.lowerBound) }
        isOpen = false
        if let path, path.text == word.string { found.append(path.start..<token.span.upperBound) }
      case .string:
        if (try? Escape.unescape(bytes[token.span.lowerBound + 1..<token.span.upperBound - 1])) == word { found.append(token.span) }
        (path, isOpen) = (nil, false)
      default: (path, isOpen) = (nil, false)
      }
    }
    return word == name && found.count > 1 ? found[1] : found.first
  }

  /// In JSON.
  private func find(_ word: Text, in place: Place) -> Range<Int>? {
    let locator = JSONLocator(bytes)
    let namespace = JSONPath.root / (place.namespace ?? "")
    guard let name = place.name else { return locator.span(of: .name(.root, place.namespace ?? "")) }
    let declaration = namespace / place.section / name
    guard let range = locator.span(of: declaration) else { return nil }
    return (word.isEmpty ? nil : locator.string(word, in: range)) ?? locator.span(of: .name(namespace / place.section, name))
  }
}
