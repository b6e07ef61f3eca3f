/// Expressions: operators by how tightly they bind, from those that bind least to those that bind most.
extension Parser {
  /// What the grammar reads as an operand, before it is known whether it stands for a value, a name or a literal text.
  enum Operand {
    case expression(Expression)
    case variable(Variable, Range<Int>)
    case name(String, Range<Int>)
    case string(Range<Int>)
    case bool(Bool, Range<Int>)
  }

  private func value(_ operand: Operand) throws(SyntaxError) -> Expression {
    switch operand {
    case .expression(let expression): return expression
    case .variable(let variable, let span): return Expression(.variable(variable), at: span)
    case .bool(let value, let span): return Expression(.literal(.bool(value)), at: span)
    case .string(let span): return Expression(.literal(.string(try unescaped(span))), at: span)
    case .name(let name, let span):
      throw SyntaxError(
        "`\(shortened(name))` is not a variable", hint: "the variables are `principal`, `action`, `resource` and `context`; a string stands in quotes", at: span)
    }
  }

  private func span(_ operand: Operand) -> Range<Int> {
    switch operand {
    case .expression(let expression): expression.span ?? 0..<0
    case .variable(_, let span), .name(_, let span), .string(let span), .bool(_, let span): span
    }
  }

  mutating func expression() throws(SyntaxError) -> Expression { try value(try operand()) }

  /// Everything that nests comes through here. What lies between two such calls is kept in small functions: unoptimized, a function takes
  /// stack for all that any of its branches needs, and threads may have as little as 512 kB.
  mutating func operand() throws(SyntaxError) -> Operand {
    nesting += 1
    guard nesting <= Limits.nesting else { throw tooDeep() }
    let result = isAt(word: "if") ? try conditional() : try operations()
    nesting -= 1
    return result
  }

  private mutating func conditional() throws(SyntaxError) -> Operand {
    let start = token.span.lowerBound
    var branches: [Expression.Branch] = []
    while isAt(word: "if") { branches.append(try branch()) }
    let last = try expression()
    return .expression(try checked(.conditional(branches, else: last), start))
  }

  /// One `if … then … else`, without what follows.
  private mutating func branch() throws(SyntaxError) -> Expression.Branch {
    try advance()
    let test = try expression()
    try expect(word: "then", hint: "an `if` is written `if … then … else …`")
    let yes = try expression()
    try expect(word: "else", hint: "an `if` always has both branches: `if … then … else …`")
    return Expression.Branch(test, then: yes)
  }

  private mutating func expect(word: StaticString, hint: String?) throws(SyntaxError) {
    guard try take(word: word) else { throw unexpected("`\(word)`", hint: hint) }
  }

  /// What is read of an operation before its next operand: operators that wait for it, from those that bind least to those that bind most.
  private struct Operations {
    enum Relation {
      case comparison(Token.Symbol, Expression)
      case isIn(Expression)
      case like(Expression)
      case isType(Expression)
      case isTypeIn(test: Expression, subject: Expression)
    }

    var disjuncts: [Expression] = []
    var conjuncts: [Expression] = []
    var relation: Relation?
    var summands: [Expression] = []
    var signs: [ArithmeticOperator] = []
    var factors: [Expression] = []
    /// Where each of them begins.
    var disjunction = 0, conjunction = 0, comparison = 0, sum = 0, product = 0
  }

  private mutating func operations() throws(SyntaxError) -> Operand {
    var open = Operations()
    while true {
      if let whole = try joined(try unary(), &open) { return whole }
    }
  }

  /// Gives an operand to the operators that wait for it; nil where another operator follows.
  private mutating func joined(_ operand: Operand, _ open: inout Operations) throws(SyntaxError) -> Operand? {
    guard let factor = try multiplied(operand, &open), let sum = try added(factor, &open), let relation = try related(sum, &open) else { return nil }
    guard let conjunct = try conjoined(relation, &open) else { return nil }
    return try disjoined(conjunct, &open)
  }

  private mutating func disjoined(_ operand: Operand, _ open: inout Operations) throws(SyntaxError) -> Operand? {
    guard !open.disjuncts.isEmpty || isAt(.orOr) else { return operand }
    if open.disjuncts.isEmpty { open.disjunction = span(operand).lowerBound }
    open.disjuncts.append(try value(operand))
    if try take(.orOr) { return nil }
    return .expression(try checked(.or(open.disjuncts), open.disjunction))
  }

  private mutating func conjoined(_ operand: Operand, _ open: inout Operations) throws(SyntaxError) -> Operand? {
    guard !open.conjuncts.isEmpty || isAt(.andAnd) else { return operand }
    if open.conjuncts.isEmpty { open.conjunction = span(operand).lowerBound }
    open.conjuncts.append(try value(operand))
    if try take(.andAnd) { return nil }
    defer { open.conjuncts = [] }
    return .expression(try checked(.and(open.conjuncts), open.conjunction))
  }

  private mutating func related(_ operand: Operand, _ open: inout Operations) throws(SyntaxError) -> Operand? {
    guard let relation = open.relation else { return try beginRelation(operand, &open) }
    let start = open.comparison
    let result: Expression
    open.relation = nil
    switch relation {
    case .comparison(let symbol, let left):
      guard let kind = comparison(symbol) else { return operand }
      let right = try value(operand)
      result = try checked(kind(left, right, start..<lastEnd), start)
    case .isIn(let left): result = try checked(.binary(.isIn, left, try value(operand)), start)
    case .like(let left): return .expression(try checked(.like(left, try pattern(operand)), start))
    case .isType(let left):
      let test = try checked(.isType(left, EntityType(try typeName(operand))), start)
      guard try take(word: "in") else { return .expression(test) }
      open.relation = .isTypeIn(test: test, subject: left)
      return nil
    case .isTypeIn(let test, let left):
      return .expression(try checked(.and([test, try checked(.binary(.isIn, left, try value(operand)), start)]), start))
    }
    if case .symbol(let symbol) = token.kind, comparison(symbol) != nil || symbol == .equal { throw ambiguous() }
    if isAt(word: "in") { throw ambiguous() }
    return .expression(result)
  }

  private mutating func beginRelation(_ first: Operand, _ open: inout Operations) throws(SyntaxError) -> Operand? {
    open.comparison = span(first).lowerBound
    switch token.kind {
    case .symbol(let symbol):
      guard comparison(symbol) != nil else {
        if symbol == .equal { throw singleEquals() }
        return first
      }
      open.relation = .comparison(symbol, try value(first))
      try advance()
    case .word:
      if try take(word: "in") {
        open.relation = .isIn(try value(first))
      } else if try take(word: "has") {
        return .expression(try has(try value(first), open.comparison))
      } else if try take(word: "like") {
        open.relation = .like(try value(first))
      } else if try take(word: "is") {
        open.relation = .isType(try value(first))
      } else {
        return first
      }
    default: return first
    }
    return nil
  }

  private func ambiguous() -> SyntaxError {
    SyntaxError("comparisons can't be chained", hint: "put parentheses around the first one", at: token.span)
  }

  private func comparison(_ symbol: Token.Symbol) -> ((Expression, Expression, Range<Int>) -> Expression.Kind)? {
    switch symbol {
    case .equalEqual: { a, b, _ in .binary(.equal, a, b) }
    case .notEqual: { a, b, span in .unary(.not, Expression(.binary(.equal, a, b), at: span)) }
    case .less: { a, b, _ in .binary(.less, a, b) }
    case .lessEqual: { a, b, _ in .binary(.lessOrEqual, a, b) }
    case .greater: { a, b, span in .unary(.not, Expression(.binary(.lessOrEqual, a, b), at: span)) }
    case .greaterEqual: { a, b, span in .unary(.not, Expression(.binary(.less, a, b), at: span)) }
    default: nil
    }
  }

  private func typeName(_ operand: Operand) throws(SyntaxError) -> String {
    switch operand {
    case .name(let name, _): return name
    case .variable(let variable, _): return variable.rawValue
    default:
      throw SyntaxError(
        "`is` takes the name of an entity type, found `\(shortened(text(span(operand))))`", hint: "write `is Namespace::Type`", at: span(operand))
    }
  }

  private func pattern(_ operand: Operand) throws(SyntaxError) -> Pattern {
    guard case .string(let span) = operand else {
      throw SyntaxError("`like` takes a pattern, a string literal", hint: "`*` in it stands for any text: `like \"a*\"`", at: self.span(operand))
    }
    do throws(Escape.Failure) {
      return try Escape.pattern(bytes[span.lowerBound + 1..<span.upperBound - 1])
    } catch {
      throw SyntaxError(error.message, hint: error.hint, at: position(of: error, in: span))
    }
  }

  /// The right side of `has`: a string, or identifiers joined by dots, which asks for each in turn.
  private mutating func has(_ subject: Expression, _ start: Int) throws(SyntaxError) -> Expression {
    if token.kind == .string {
      let name = try string("an attribute")
      guard !isAt(.dot), !isAt(.leftBracket), !isAt(.leftParen) else { throw unexpected("an operator", hint: Self.hasHint) }
      try refuseArithmetic()
      return try checked(.has(subject, name), start)
    }
    var name = try attributeName()
    var parts = [try checked(.has(subject, name), start)]
    var inner = subject
    while try take(.dot) {
      inner = Expression(.attribute(inner, name), at: start..<lastEnd)
      name = try attributeName()
      parts.append(try checked(.has(inner, name), start))
    }
    guard !isAt(.leftBracket), !isAt(.leftParen), !isAt(.doubleColon) else { throw unexpected("an operator", hint: Self.hasHint) }
    try refuseArithmetic()
    return parts.count == 1 ? parts[0] : try checked(.and(parts), start)
  }

  private static let hasHint = "`has` takes an attribute, in quotes or not, or a path of attributes: `has a.b.c`"

  private func refuseArithmetic() throws(SyntaxError) {
    guard case .symbol(let symbol) = token.kind else { return }
    switch symbol {
    case .plus, .minus, .star, .slash, .percent: throw unexpected("an operator that compares or joins", hint: Self.hasHint)
    default: return
    }
  }

  private mutating func attributeName() throws(SyntaxError) -> Text {
    guard token.kind == .word else { throw unexpected("an attribute", hint: Self.hasHint) }
    return Text(try nameComponent())
  }

  private mutating func added(_ operand: Operand, _ open: inout Operations) throws(SyntaxError) -> Operand? {
    guard !open.summands.isEmpty || isAt(.plus) || isAt(.minus) else { return operand }
    if open.summands.isEmpty { open.sum = span(operand).lowerBound }
    open.summands.append(try value(operand))
    if isAt(.plus) || isAt(.minus) {
      open.signs.append(isAt(.plus) ? .add : .subtract)
      try advance()
      return nil
    }
    let terms = zip(open.signs, open.summands.dropFirst()).map { Expression.Term($0, $1) }
    let result = try arithmetic(open.summands[0], terms, open.sum)
    open.summands = []
    open.signs = []
    return .expression(result)
  }

  private mutating func multiplied(_ operand: Operand, _ open: inout Operations) throws(SyntaxError) -> Operand? {
    let isBefore = isAt(.star) || isAt(.slash) || isAt(.percent)
    guard !open.factors.isEmpty || isBefore else { return operand }
    if open.factors.isEmpty { open.product = span(operand).lowerBound }
    open.factors.append(try value(operand))
    if isBefore {
      guard isAt(.star) else {
        throw SyntaxError("Cedar has no \(isAt(.slash) ? "division" : "remainder")", hint: "the operators on numbers are `+`, `-` and `*`", at: token.span)
      }
      try advance()
      return nil
    }
    let result = try arithmetic(open.factors[0], open.factors.dropFirst().map { Expression.Term(.multiply, $0) }, open.product)
    open.factors = []
    return .expression(result)
  }

  private func arithmetic(_ first: Expression, _ terms: [Expression.Term], _ start: Int) throws(SyntaxError) -> Expression {
    let result = try checked(.arithmetic(first, terms), start)
    guard case .arithmetic(_, let all) = result.kind, all.count > Limits.arithmeticTerms else { return result }
    throw SyntaxError(Limits.tooManyTerms, hint: Limits.splitPolicy, at: start..<lastEnd)
  }

  private mutating func unary() throws(SyntaxError) -> Operand {
    guard isAt(.not) || isAt(.minus) else { return try member(try primary()) }
    let prefix = try prefix()
    if let number = try negativeNumber(prefix) { return number }
    return try prefixed(try member(try primary()), prefix)
  }

  private struct Prefix {
    let symbol: Token.Symbol
    let start: Int
    var count = 0
  }

  private mutating func prefix() throws(SyntaxError) -> Prefix {
    var prefix = Prefix(symbol: isAt(.not) ? .not : .minus, start: token.span.lowerBound)
    while try take(prefix.symbol) {
      prefix.count += 1
      guard prefix.count <= 4 else {
        throw SyntaxError(
          "at most four `\(prefix.symbol.rawValue)` may follow one another", hint: "an even number of them can be left out", at: prefix.start..<lastEnd)
      }
    }
    return prefix
  }

  /// A minus before a number belongs to the number, unless something is asked of the number.
  private mutating func negativeNumber(_ prefix: Prefix) throws(SyntaxError) -> Operand? {
    guard prefix.symbol == .minus, token.kind == .number else { return nil }
    let number = token.span
    try advance()
    if isAt(.dot) || isAt(.leftParen) || isAt(.leftBracket) { return try prefixed(try member(.expression(try long(number))), prefix) }
    var rest = prefix
    rest.count -= 1
    return try prefixed(.expression(Expression(.literal(.long(try negated(number))), at: prefix.start..<lastEnd)), rest)
  }

  private func prefixed(_ operand: Operand, _ prefix: Prefix) throws(SyntaxError) -> Operand {
    var result = try value(operand)
    for _ in 0..<prefix.count { result = try checked(.unary(prefix.symbol == .not ? .not : .negate, result), prefix.start) }
    return .expression(result)
  }

  private func long(_ span: Range<Int>) throws(SyntaxError) -> Expression {
    guard let value = Int64(text(span)) else { throw tooLarge(span) }
    return Expression(.literal(.long(value)), at: span)
  }

  private func negated(_ span: Range<Int>) throws(SyntaxError) -> Int64 {
    guard let value = Int64("-\(text(span))") else { throw tooLarge(span) }
    return value
  }

  private func tooLarge(_ span: Range<Int>) -> SyntaxError {
    SyntaxError("`\(shortened(text(span)))` is too large", hint: "numbers go from \(Int64.min) to \(Int64.max)", at: span)
  }

  private mutating func primary() throws(SyntaxError) -> Operand {
    switch token.kind {
    case .symbol(.leftParen): try group()
    case .symbol(.leftBracket): try set()
    case .symbol(.leftBrace): try record()
    default: try atom()
    }
  }

  private mutating func group() throws(SyntaxError) -> Operand {
    try advance()
    let inner = try expression()
    try expect(.rightParen)
    return .expression(inner)
  }

  private mutating func set() throws(SyntaxError) -> Operand {
    let start = token.span.lowerBound
    try advance()
    let elements = try expressions(upTo: .rightBracket)
    return .expression(try checked(.set(elements), start))
  }

  private mutating func expressions(upTo end: Token.Symbol) throws(SyntaxError) -> [Expression] {
    var elements: [Expression] = []
    while !isAt(end) {
      elements.append(try expression())
      guard try take(.comma) else { break }
    }
    try expect(end)
    return elements
  }

  private mutating func record() throws(SyntaxError) -> Operand {
    let start = token.span.lowerBound
    try advance()
    var fields: [(Expression.Field, Range<Int>)] = []
    while !isAt(.rightBrace) {
      fields.append(try field())
      guard try take(.comma) else { break }
    }
    try expect(.rightBrace)
    return .expression(try checked(.record(try sorted(fields)), start))
  }

  /// An operand without parts.
  private mutating func atom() throws(SyntaxError) -> Operand {
    let span = token.span
    switch token.kind {
    case .number:
      try advance()
      return .expression(try long(span))
    case .string:
      try advance()
      return .string(span)
    case .slot:
      let name = text(span)
      guard let slot = Slot.allCases.first(where: { $0.description == name }) else {
        throw SyntaxError("`\(shortened(name))` is not a slot", hint: "slots are `?principal` and `?resource`", at: span)
      }
      hasSlots = true
      try advance()
      return .expression(Expression(.slot(slot), at: span))
    case .word: return try word()
    default: throw unexpected("an expression")
    }
  }

  private mutating func word() throws(SyntaxError) -> Operand {
    let span = token.span
    let text = text(span)
    if text == "if" { throw SyntaxError("an `if` within an operation stands in parentheses", hint: "write `(if … then … else …)`", at: span) }
    if text == "true" || text == "false" {
      try advance()
      if isAt(.doubleColon) { throw SyntaxError("`\(text)` is a reserved word and can't be a name", hint: "rename the type or namespace", at: span) }
      return .bool(text == "true", span)
    }
    switch try nameOrEntity() {
    case .entity(let uid): return .expression(Expression(.literal(.entity(uid)), at: span.lowerBound..<lastEnd))
    case .name(let name):
      if let variable = Variable(rawValue: name) { return .variable(variable, span) }
      return .name(name, span.lowerBound..<lastEnd)
    }
  }

  private mutating func field() throws(SyntaxError) -> (Expression.Field, Range<Int>) {
    let operand = try operand()
    let name = try fieldName(operand)
    try expect(.colon)
    return (Expression.Field(name, try expression()), span(operand))
  }

  private func fieldName(_ operand: Operand) throws(SyntaxError) -> Text {
    switch operand {
    case .string(let span): return try unescaped(span)
    case .variable(let variable, _): return Text(variable.rawValue)
    case .name(let text, let span):
      guard Identifier.isIdentifier(text) else {
        throw SyntaxError("`\(shortened(text))` can't be the name of an attribute", hint: "write it in quotes", at: span)
      }
      return Text(text)
    case .bool, .expression:
      throw SyntaxError("an attribute's name is an identifier or a string", hint: "as in `{name: 1, \"another name\": 2}`", at: span(operand))
    }
  }

  private func sorted(_ fields: [(Expression.Field, Range<Int>)]) throws(SyntaxError) -> [Expression.Field] {
    let sorted = fields.sorted { $0.0.name < $1.0.name }
    for (one, next) in zip(sorted, sorted.dropFirst()) where one.0.name == next.0.name {
      throw SyntaxError("the attribute `\(shortened(one.0.name.string))` is given twice", hint: "leave one of the two out", at: next.1)
    }
    return sorted.map(\.0)
  }

  // MARK: Access and calls

  private mutating func member(_ first: Operand) throws(SyntaxError) -> Operand {
    var operand = first
    let start = span(first).lowerBound
    while true {
      switch token.kind {
      case .symbol(.dot): operand = .expression(try access(operand, start))
      case .symbol(.leftBracket): operand = .expression(try index(operand, start))
      case .symbol(.leftParen): operand = .expression(try call(operand, start))
      default: return operand
      }
    }
  }

  private mutating func index(_ operand: Operand, _ start: Int) throws(SyntaxError) -> Expression {
    let subject = try subject(operand)
    try advance()
    let name = try indexName(try self.operand())
    try expect(.rightBracket)
    return try checked(.attribute(subject, name), start)
  }

  private func indexName(_ operand: Operand) throws(SyntaxError) -> Text {
    guard case .string(let span) = operand else { throw SyntaxError("an index is a string literal", hint: "write `[\"attribute\"]`", at: self.span(operand)) }
    return try unescaped(span)
  }

  private func subject(_ operand: Operand) throws(SyntaxError) -> Expression {
    if case .name(let name, let span) = operand {
      throw SyntaxError(
        "`\(shortened(name))` has no attributes or methods", hint: "attributes belong to `principal`, `action`, `resource`, `context` and to entities", at: span)
    }
    return try value(operand)
  }

  private mutating func access(_ operand: Operand, _ start: Int) throws(SyntaxError) -> Expression {
    let subject = try subject(operand)
    try advance()
    guard token.kind == .word else { throw unexpected("the name of an attribute or method") }
    let nameSpan = token.span
    let name = try nameComponent()
    guard try take(.leftParen) else { return try checked(.attribute(subject, Text(name)), start) }
    let arguments = try expressions(upTo: .rightParen)
    return try checked(try method(name, nameSpan, subject, arguments), start)
  }

  private func method(_ name: String, _ span: Range<Int>, _ subject: Expression, _ arguments: [Expression]) throws(SyntaxError) -> Expression.Kind {
    func single() throws(SyntaxError) -> Expression {
      guard arguments.count == 1 else { throw SyntaxError("`\(name)` takes one argument, not \(arguments.count)", hint: "write `.\(name)(…)`", at: span) }
      return arguments[0]
    }
    switch name {
    case "contains", "containsAll", "containsAny", "getTag", "hasTag":
      guard let op = BinaryOperator(rawValue: name) else { break }
      return .binary(op, subject, try single())
    case "isEmpty":
      guard arguments.isEmpty else { throw SyntaxError("`isEmpty` takes no argument", hint: "write `.isEmpty()`", at: span) }
      return .unary(.isEmpty, subject)
    default: break
    }
    guard let function = ExtensionFunction(rawValue: name) else {
      throw SyntaxError(
        "there is no method `\(shortened(name))`",
        hint: Suggestion.nearest(to: name, in: Self.methods).map { "did you mean `\($0)`?" } ?? "the methods are \(Self.methods.joined(separator: ", "))", at: span)
    }
    guard !function.isConstructor else { throw SyntaxError("`\(name)` is a function, not a method", hint: "write `\(name)(…)`", at: span) }
    return .call(function, [subject] + arguments)
  }

  private static let methods =
    ["contains", "containsAll", "containsAny", "isEmpty", "getTag", "hasTag"] + ExtensionFunction.allCases.filter { !$0.isConstructor }.map(\.rawValue)

  private mutating func call(_ operand: Operand, _ start: Int) throws(SyntaxError) -> Expression {
    let function = try function(operand)
    try advance()
    let arguments = try expressions(upTo: .rightParen)
    return try checked(.call(function, arguments), start)
  }

  private func function(_ operand: Operand) throws(SyntaxError) -> ExtensionFunction {
    guard case .name(let name, let span) = operand else {
      throw SyntaxError("only functions can be called", hint: "a call is written `ip(\"…\")` or `value.method(…)`", at: token.span)
    }
    guard let function = ExtensionFunction(rawValue: name) else {
      if Self.methods.contains(name) { throw SyntaxError("`\(name)` is a method, not a function", hint: "write `value.\(name)(…)`", at: span) }
      let names = ExtensionFunction.allCases.filter(\.isConstructor).map(\.rawValue)
      throw SyntaxError(
        "there is no function `\(shortened(name))`", hint: Suggestion.nearest(to: name, in: names).map { "did you mean `\($0)`?" } ?? "the functions are `ip`, `decimal`, `datetime` and `duration`",
        at: span)
    }
    guard function.isConstructor else { throw SyntaxError("`\(name)` is a method, not a function", hint: "write `value.\(name)(…)`", at: span) }
    return function
  }
}
