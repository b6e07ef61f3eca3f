extension SchemaDocument {
  /// Reads a schema in Cedar's syntax (docs.cedarpolicy.com/schema/human-readable-schema-grammar.html).
  public init(parsing text: String, file: String? = nil) throws(ParseFailure) {
    let bytes = Array(text.utf8)
    do throws(SyntaxError) {
      guard bytes.count <= Limits.textSize else {
        throw SyntaxError("this schema has \(bytes.count) bytes; at most \(Limits.textSize) are read", hint: "split it by namespaces", at: 0..<0)
      }
      var parser = SchemaParser(bytes)
      self = try parser.document()
    } catch {
      throw ParseFailure(diagnostics: [
        Diagnostic(.error, error.message, hint: error.hint, file: file, location: SourceLocation(error.span, in: bytes))
      ])
    }
  }

  /// Where a text in Cedar's syntax says what stands at the places of the schema's JSON; nil if it is no such text.
  static func spans(in bytes: [UInt8]) -> [JSONPath: [Range<Int>]]? {
    var parser = SchemaParser(bytes, locating: true)
    return (try? parser.document()) == nil ? nil : parser.spans
  }
}

private struct SchemaParser {
  private var lexer: Lexer
  private var token = Token(kind: .end, span: 0..<0)
  private var lastEnd = 0
  private var nesting = 0

  /// Whether places are remembered.
  private let isLocating: Bool
  private(set) var spans: [JSONPath: [Range<Int>]] = [:]
  private var namespace: Text = ""
  /// The place within the declaration that is read, and what was found in it.
  private var place = JSONPath.root
  private var found: [(place: JSONPath, span: Range<Int>)] = []

  init(_ bytes: [UInt8], locating isLocating: Bool = false) {
    lexer = Lexer(bytes, slots: false)
    self.isLocating = isLocating
  }

  mutating func document() throws(SyntaxError) -> SchemaDocument {
    try advance()
    var named: [SchemaDocument.Namespace] = []
    var names: Set<Text> = []
    var bare = SchemaDocument.Namespace(nil)
    while token.kind != .end {
      let annotations = try annotations()
      guard isAt(word: "namespace") else {
        try declaration(annotations, into: &bare)
        continue
      }
      try advance()
      let start = token.span
      let name = try path()
      guard names.insert(name).inserted else {
        throw SyntaxError("the namespace `\(name)` is declared twice", hint: "put all declarations of a namespace between one pair of braces", at: start)
      }
      var namespace = SchemaDocument.Namespace(name)
      namespace.annotations = annotations
      if isLocating { spans[.name(.root, name)] = [start.lowerBound..<lastEnd] }
      self.namespace = name
      defer { self.namespace = "" }
      try expect(.leftBrace)
      while !isAt(.rightBrace) { try declaration(try self.annotations(), into: &namespace) }
      try advance()
      named.append(namespace)
    }
    let isBare = !(bare.types.isEmpty && bare.entities.isEmpty && bare.actions.isEmpty)
    return SchemaDocument((isBare ? [bare] : []) + named)
  }

  // MARK: Declarations

  private mutating func declaration(_ annotations: [Policy.Annotation], into namespace: inout SchemaDocument.Namespace) throws(SyntaxError) {
    let start = token.span.lowerBound
    if try take(word: "entity") {
      try entity(annotations, start, into: &namespace)
    } else if try take(word: "action") {
      try action(annotations, start, into: &namespace)
    } else if try take(word: "type") {
      let name = try located { (parser) throws(SyntaxError) in try parser.identifier() }
      try expect(.equal)
      let type = try type()
      try expect(.semicolon)
      namespace.types.append(.init(name: name.value, type: type, annotations: annotations))
      remember("commonTypes", [name], start)
    } else {
      throw unexpected("`entity`, `action`, `type` or `namespace`")
    }
  }

  private mutating func entity(_ annotations: [Policy.Annotation], _ start: Int, into namespace: inout SchemaDocument.Namespace) throws(SyntaxError) {
    let names = try commaSeparated { (parser) throws(SyntaxError) in try parser.located { (parser) throws(SyntaxError) in try parser.identifier() } }
    let kind: SchemaDocument.EntityDeclaration.Kind
    if try take(word: "enum") {
      try expect(.leftBracket)
      let ids = try commaSeparated { (parser) throws(SyntaxError) in try parser.string() }
      try expect(.rightBracket)
      kind = .enumeration(ids)
    } else {
      let parents = try take(word: "in") ? try at("memberOfTypes") { (parser) throws(SyntaxError) in try parser.entityTypes() } : []
      var shape = SchemaDocument.TypeExpression.emptyRecord
      if isAt(.equal) || isAt(.leftBrace) {
        _ = try take(.equal)
        shape = .record(try at("shape") { (parser) throws(SyntaxError) in try parser.attributes() })
      }
      let tags = try take(word: "tags") ? try at("tags") { (parser) throws(SyntaxError) in try parser.type() } : nil
      kind = .standard(parents: parents, shape: shape, tags: tags)
    }
    try expect(.semicolon)
    for name in names { namespace.entities.append(.init(name: name.value, kind: kind, annotations: annotations)) }
    remember("entityTypes", names, start)
  }

  private mutating func action(_ annotations: [Policy.Annotation], _ start: Int, into namespace: inout SchemaDocument.Namespace) throws(SyntaxError) {
    let names = try commaSeparated { (parser) throws(SyntaxError) in try parser.located { (parser) throws(SyntaxError) in try parser.name() } }
    var groups: [SchemaDocument.ActionDeclaration.Group] = []
    if try take(word: "in") {
      if try take(.leftBracket) {
        groups = try at("memberOf") { (parser) throws(SyntaxError) in try parser.elements { (parser) throws(SyntaxError) in try parser.group() } }
        try expect(.rightBracket)
      } else {
        groups = [try at("memberOf") { (parser) throws(SyntaxError) in try parser.at(0) { (parser) throws(SyntaxError) in try parser.group() } }]
      }
    }
    let application = try take(word: "appliesTo") ? try at("appliesTo") { (parser) throws(SyntaxError) in try parser.application() } : nil
    if try take(word: "attributes") {
      try expect(.leftBrace)
      guard isAt(.rightBrace) else {
        throw SyntaxError("actions can't have attributes", hint: "leave them out; what varies comes with the context", at: token.span)
      }
      try advance()
    }
    try expect(.semicolon)
    for name in names {
      namespace.actions.append(.init(name: name.value, groups: groups, application: application, annotations: annotations))
    }
    remember("actions", names, start)
  }

  private mutating func group() throws(SyntaxError) -> SchemaDocument.ActionDeclaration.Group {
    let start = token.span
    defer { mark(start.lowerBound) }
    if token.kind == .string { return .init(type: nil, id: try string()) }
    var parts = [try identifier()]
    while try take(.doubleColon) {
      if token.kind == .string { return .init(type: Text(parts.map(\.string).joined(separator: "::")), id: try string()) }
      parts.append(try identifier())
    }
    guard parts.count == 1 else { throw unexpected("`::` and the name of an action in quotes") }
    return .init(type: nil, id: parts[0])
  }

  private mutating func application() throws(SyntaxError) -> SchemaDocument.ActionDeclaration.Application {
    let start = token.span
    try expect(.leftBrace)
    var principals: [Text]?
    var resources: [Text]?
    var context: SchemaDocument.TypeExpression?
    repeat {
      let key = token.span
      func once(_ isFirst: Bool, _ what: String) throws(SyntaxError) {
        guard isFirst else { throw SyntaxError("`\(what)` is given twice", hint: "several types stand in one list: `\(what): [A, B]`", at: key) }
      }
      if try take(word: "principal") {
        try once(principals == nil, "principal")
        principals = try at("principalTypes") { (parser) throws(SyntaxError) in try parser.appliedTypes() }
      } else if try take(word: "resource") {
        try once(resources == nil, "resource")
        resources = try at("resourceTypes") { (parser) throws(SyntaxError) in try parser.appliedTypes() }
      } else if try take(word: "context") {
        try once(context == nil, "context")
        try expect(.colon)
        context = try at("context") { (parser) throws(SyntaxError) in
          parser.isAt(.leftBrace) ? .record(try parser.attributes()) : .common(try parser.marked { (parser) throws(SyntaxError) in try parser.path() })
        }
      } else {
        throw unexpected("`principal`, `resource` or `context`")
      }
      guard try take(.comma) else { break }
    } while !isAt(.rightBrace)
    try expect(.rightBrace)
    guard let principals, let resources else {
      throw SyntaxError(
        "`appliesTo` needs both `principal` and `resource`", hint: "write `appliesTo { principal: …, resource: … }`", at: start.lowerBound..<lastEnd)
    }
    return .init(principals: principals, resources: resources, context: context ?? .emptyRecord)
  }

  private mutating func appliedTypes() throws(SyntaxError) -> [Text] {
    try expect(.colon)
    let start = token.span.lowerBound
    let types = try entityTypes()
    guard !types.isEmpty else {
      throw SyntaxError("this list is empty", hint: "an action that applies to nothing has no `appliesTo`", at: start..<lastEnd)
    }
    return types
  }

  private mutating func entityTypes() throws(SyntaxError) -> [Text] {
    guard try take(.leftBracket) else {
      return [try at(0) { (parser) throws(SyntaxError) in try parser.marked { (parser) throws(SyntaxError) in try parser.path() } }]
    }
    if try take(.rightBracket) { return [] }
    let types = try elements { (parser) throws(SyntaxError) in try parser.marked { (parser) throws(SyntaxError) in try parser.path() } }
    try expect(.rightBracket)
    return types
  }

  // MARK: Types

  private mutating func type() throws(SyntaxError) -> SchemaDocument.TypeExpression {
    nesting += 1
    defer { nesting -= 1 }
    guard nesting <= Limits.nesting else {
      throw SyntaxError("this is nested more than \(Limits.nesting) deep", hint: "name parts of it with `type … = …;`", at: token.span)
    }
    if isAt(.leftBrace) { return .record(try attributes()) }
    let isSet = isAt(word: "Set")
    let path = try marked { (parser) throws(SyntaxError) in try parser.path() }
    guard isSet, path == "Set", try take(.less) else { return .name(path) }
    let element = try at("element") { (parser) throws(SyntaxError) in try parser.type() }
    try expect(.greater)
    return .set(element)
  }

  private mutating func attributes() throws(SyntaxError) -> [SchemaDocument.AttributeDeclaration] {
    try expect(.leftBrace)
    var attributes: [SchemaDocument.AttributeDeclaration] = []
    while !isAt(.rightBrace) {
      let annotations = try annotations()
      let name = try name()
      let isRequired = try !take(.question)
      try expect(.colon)
      let type = try at("attributes", name) { (parser) throws(SyntaxError) in try parser.type() }
      let attribute = SchemaDocument.AttributeDeclaration(name: name, type: type, isRequired: isRequired, annotations: annotations)
      // Of an attribute declared twice the last declaration counts, as it does in the reference implementation.
      attributes.removeAll { $0.name == name }
      attributes.append(attribute)
      guard try take(.comma) else { break }
    }
    try expect(.rightBrace)
    return attributes
  }

  // MARK: Places

  /// Reads what stands at a member of what is read.
  private mutating func at<Result>(_ names: Text..., read: (inout SchemaParser) throws(SyntaxError) -> Result) throws(SyntaxError) -> Result {
    guard isLocating else { return try read(&self) }
    let outer = place
    defer { place = outer }
    for name in names { place = place / name }
    return try read(&self)
  }

  /// Reads an element of what is read.
  private mutating func at<Result>(_ index: Int, read: (inout SchemaParser) throws(SyntaxError) -> Result) throws(SyntaxError) -> Result {
    guard isLocating else { return try read(&self) }
    let outer = place
    defer { place = outer }
    place = place / index
    return try read(&self)
  }

  /// Reads elements between commas, each at its place.
  private mutating func elements<Element>(_ element: (inout SchemaParser) throws(SyntaxError) -> Element) throws(SyntaxError) -> [Element] {
    var index = -1
    return try commaSeparated { (parser) throws(SyntaxError) in
      index += 1
      return try parser.at(index, read: element)
    }
  }

  private mutating func located<Value>(_ read: (inout SchemaParser) throws(SyntaxError) -> Value) throws(SyntaxError) -> (value: Value, span: Range<Int>) {
    let start = token.span.lowerBound
    let value = try read(&self)
    return (value, start..<lastEnd)
  }

  /// Reads what the place stands for.
  private mutating func marked<Value>(_ read: (inout SchemaParser) throws(SyntaxError) -> Value) throws(SyntaxError) -> Value {
    let (value, span) = try located(read)
    mark(span.lowerBound)
    return value
  }

  private mutating func mark(_ start: Int) {
    if isLocating { found.append((place, start..<lastEnd)) }
  }

  /// Puts what was found in a declaration under each of its names.
  private mutating func remember(_ section: Text, _ names: [(value: Text, span: Range<Int>)], _ start: Int) {
    guard isLocating else { return }
    let all = JSONPath.root / namespace / section
    for (name, span) in names {
      spans[.name(all, name), default: []].append(span)
      spans[all / name, default: []].append(start..<lastEnd)
      // Of an attribute declared twice the last declaration counts.
      for (place, span) in found { spans[place.from(all / name)] = [span] }
    }
    found = []
  }

  // MARK: Names and tokens

  private mutating func annotations() throws(SyntaxError) -> [Policy.Annotation] {
    var annotations: [Policy.Annotation] = []
    var names: Set<Text> = []
    while isAt(.at) {
      let start = token.span.lowerBound
      try advance()
      guard token.kind == .word else { throw unexpected("the name of an annotation") }
      let name = Text(text(token.span))
      try advance()
      var value: Text?
      if try take(.leftParen) {
        value = try string()
        try expect(.rightParen)
      }
      guard names.insert(name).inserted else {
        throw SyntaxError("the annotation `@\(name)` is given twice", hint: "leave one of the two out", at: start..<lastEnd)
      }
      annotations.append(.init(name, value))
    }
    return annotations
  }

  private mutating func path() throws(SyntaxError) -> Text {
    var parts = [try identifier()]
    while try take(.doubleColon) { parts.append(try identifier()) }
    return parts.count == 1 ? parts[0] : Text(parts.map(\.string).joined(separator: "::"))
  }

  private mutating func identifier() throws(SyntaxError) -> Text {
    guard token.kind == .word else { throw unexpected("a name") }
    let word = text(token.span)
    guard word == "__cedar" || !Identifier.reserved.contains(word) else {
      throw SyntaxError("`\(word)` is a reserved word and can't be a name", hint: "an attribute or action of that name stands in quotes", at: token.span)
    }
    try advance()
    return Text(word)
  }

  /// An identifier or a string.
  private mutating func name() throws(SyntaxError) -> Text { token.kind == .string ? try string() : try identifier() }

  private mutating func string() throws(SyntaxError) -> Text {
    guard token.kind == .string else { throw unexpected("a string") }
    let span = token.span
    try advance()
    do throws(Escape.Failure) {
      return try Escape.unescape(lexer.bytes[span.lowerBound + 1..<span.upperBound - 1])
    } catch {
      let start = min(span.lowerBound + 1 + error.offset, span.upperBound)
      throw SyntaxError(error.message, hint: error.hint, at: start..<min(start + 2, span.upperBound))
    }
  }

  private mutating func commaSeparated<Element>(_ element: (inout SchemaParser) throws(SyntaxError) -> Element) throws(SyntaxError) -> [Element] {
    var elements = [try element(&self)]
    while try take(.comma) { elements.append(try element(&self)) }
    return elements
  }

  private mutating func advance() throws(SyntaxError) {
    lastEnd = token.span.upperBound
    do throws(Lexer.Failure) {
      token = try lexer.next()
    } catch {
      throw SyntaxError(error.message, hint: error.hint, at: error.span)
    }
  }

  private func text(_ span: Range<Int>) -> String { String(decoding: lexer.bytes[span], as: UTF8.self) }

  private func isAt(_ symbol: Token.Symbol) -> Bool { token.kind == .symbol(symbol) }
  private func isAt(word: String) -> Bool { token.kind == .word && text(token.span) == word }

  private mutating func take(_ symbol: Token.Symbol) throws(SyntaxError) -> Bool {
    guard isAt(symbol) else { return false }
    try advance()
    return true
  }

  private mutating func take(word: String) throws(SyntaxError) -> Bool {
    guard isAt(word: word) else { return false }
    try advance()
    return true
  }

  private mutating func expect(_ symbol: Token.Symbol) throws(SyntaxError) {
    guard try take(symbol) else { throw unexpected("`\(symbol.rawValue)`") }
  }

  private func unexpected(_ expected: String) -> SyntaxError {
    let found = token.kind == .end ? "the end of the schema" : "`\(text(token.span).prefix(40))`"
    return SyntaxError("expected \(expected), found \(found)", hint: SyntaxError.hint(expected, atEnd: token.kind == .end), at: token.span)
  }
}
