extension Policy {
  /// Reads a policy or template in JSON (docs.cedarpolicy.com/policies/json-format.html).
  public init(json text: String, id: PolicyID = "policy0", file: String? = nil) throws(DataFailure) {
    self = try JSON.policies(text, file) { (document) throws(FormatError) in try PolicyJSONReader().policy(document, id, .root) }
  }

  /// The policy in JSON.
  public var json: JSON { PolicyJSONWriter.policy(self) }
}

extension PolicySet {
  /// Reads `{"staticPolicies": {…}, "templates": {…}, "templateLinks": […]}`.
  public init(json text: String, file: String? = nil) throws(DataFailure) {
    self = try JSON.policies(text, file) { (document) throws(FormatError) in try PolicyJSONReader().policySet(document) }
  }

  /// The set in JSON.
  public var json: JSON {
    .object([
      .init("templates", .object(templates.map { .init($0.id.text, $0.json) })),
      .init("staticPolicies", .object(policies.filter { $0.template == nil }.map { .init($0.id.text, $0.json) })),
      .init(
        "templateLinks",
        .array(
          policies.compactMap { policy in
            policy.template.map { template in
              .object([
                .init("templateId", .string(template.text)), .init("newId", .string(policy.id.text)),
                .init("values", .object(slots(of: policy).sorted { $0.key < $1.key }.map { .init(Text($0.key.description), $0.value.json) })),
              ])
            }
          })),
    ])
  }
}

extension JSON {
  fileprivate static func policies<Result>(_ text: String, _ file: String?, _ read: (JSON) throws(FormatError) -> Result) throws(DataFailure) -> Result {
    let document: JSON
    do throws(ParseFailure) { document = try JSON(policies: text, file: file) } catch { throw DataFailure(error) }
    do throws(FormatError) { return try read(document) } catch { throw DataFailure(error, .init(text: text, file: file)) }
  }
}

private struct PolicyJSONReader {
  func policySet(_ json: JSON) throws(FormatError) -> PolicySet {
    try json.requireOnly(["templates", "staticPolicies", "templateLinks"], .root)
    var set = PolicySet()
    for (part, isTemplate) in [("templates", true), ("staticPolicies", false)] as [(Text, Bool)] {
      for member in try json.require(part, .root).requireObject(.root / part) {
        let place = JSONPath.root / part / member.name
        let policy = try policy(member.value, PolicyID(member.name), place)
        guard policy.isTemplate == isTemplate else {
          throw FormatError(
            isTemplate ? "a template has slots" : "a static policy has no slots",
            hint: "what has slots stands under `templates`, all else under `staticPolicies`", at: place)
        }
        try change(place) { () throws(PolicySet.Failure) in try set.add(policy) }
      }
    }
    let place = JSONPath.root / "templateLinks"
    for (index, link) in try json.require("templateLinks", .root).requireArray(place).enumerated() {
      let place = place / index
      try link.requireOnly(["templateId", "newId", "values"], place)
      let template = try link.require("templateId", place).requireString(place / "templateId")
      let id = try link.require("newId", place).requireString(place / "newId")
      var slots: [Slot: EntityUID] = [:]
      for member in try link.require("values", place).requireObject(place / "values") {
        slots[try slot(.string(member.name), place / "values")] = try EntityUID(member.value, place / "values" / member.name)
      }
      try change(place) { () throws(PolicySet.Failure) in _ = try set.link(PolicyID(template), as: PolicyID(id), slots) }
    }
    return set
  }

  private func change(_ path: JSONPath, _ change: () throws(PolicySet.Failure) -> Void) throws(FormatError) {
    do throws(PolicySet.Failure) { try change() } catch { throw FormatError(error.description, hint: error.hint, at: path) }
  }

  // MARK: Policies

  func policy(_ json: JSON, _ id: PolicyID, _ path: JSONPath) throws(FormatError) -> Policy {
    try json.requireOnly(["effect", "principal", "action", "resource", "conditions", "annotations"], path)
    guard let effect = Effect(rawValue: try json.require("effect", path).requireString(path / "effect").string) else {
      throw FormatError("the effect is `permit` or `forbid`", hint: "write one of the two", at: path / "effect")
    }
    var annotations: [Policy.Annotation] = []
    for member in try json["annotations"]?.requireObject(path / "annotations") ?? [] {
      guard Identifier.isIdentifier(member.name.string) else {
        throw FormatError(
          "`\(member.name)` can't be the name of an annotation",
          hint: Identifier.hint, at: .name(path / "annotations", member.name))
      }
      annotations.append(.init(member.name, member.value == .null ? nil : try member.value.requireString(path / "annotations" / member.name)))
    }
    var conditions: [Condition] = []
    for (index, condition) in try json.require("conditions", path).requireArray(path / "conditions").enumerated() {
      let place = path / "conditions" / index
      try condition.requireOnly(["kind", "body"], place)
      guard let kind = Condition.Kind(rawValue: try condition.require("kind", place).requireString(place / "kind").string) else {
        throw FormatError("a condition is `when` or `unless`", hint: "write one of the two", at: place / "kind")
      }
      let body = try expression(try condition.require("body", place), place / "body", 1)
      var hasSlot = false
      body.forEach { if case .slot = $0.kind { hasSlot = true } }
      guard !hasSlot else { throw FormatError("a slot can't stand in a condition", hint: "slots stand in the scope", at: place) }
      conditions.append(Condition(kind, body))
    }
    return Policy(
      id: id, annotations: annotations, effect: effect, principal: try scope(try json.require("principal", path), .principal, path / "principal"),
      action: try action(try json.require("action", path), path / "action"),
      resource: try scope(try json.require("resource", path), .resource, path / "resource"), conditions: conditions)
  }

  private func scope(_ json: JSON, _ slot: Slot, _ path: JSONPath) throws(FormatError) -> ScopeConstraint {
    switch try json.require("op", path).requireString(path / "op") {
    case "All", "all":
      // What names an entity is meant to apply to it, not to everything.
      try json.requireOnly(["op"], path)
      return .any
    case "==": return .equal(try reference(json, slot, path))
    case "in": return .isIn(try reference(json, slot, path))
    case "is":
      try json.requireOnly(["op", "entity_type", "in"], path)
      let type = try type(try json.require("entity_type", path), path / "entity_type")
      guard let group = json["in"], group != .null else { return .isType(type) }
      return .isTypeIn(type, try reference(group, slot, path / "in"))
    default: throw FormatError("this is not an operator of a scope", hint: "these are `All`, `==`, `in` and `is`", at: path / "op")
    }
  }

  private func reference(_ json: JSON, _ slot: Slot, _ path: JSONPath) throws(FormatError) -> EntityReference {
    if let entity = json["entity"] { return .entity(try EntityUID(entity, path / "entity")) }
    guard try self.slot(try json.require("slot", path), path / "slot") == slot else {
      throw FormatError("this slot can't stand here", hint: "the slot here is `\(slot)`", at: path / "slot")
    }
    return .slot
  }

  private func slot(_ json: JSON, _ path: JSONPath) throws(FormatError) -> Slot {
    let name = try json.requireString(path)
    guard let slot = Slot.allCases.first(where: { Text($0.description) == name }) else {
      throw FormatError("`\(name)` is not a slot", hint: "slots are `?principal` and `?resource`", at: path)
    }
    return slot
  }

  private func type(_ json: JSON, _ path: JSONPath) throws(FormatError) -> EntityType {
    let name = try json.requireString(path)
    guard let type = EntityType(parsing: name.string) else {
      throw FormatError("`\(name)` is not the name of an entity type", hint: Identifier.nameHint, at: path)
    }
    return type
  }

  private func action(_ json: JSON, _ path: JSONPath) throws(FormatError) -> ActionConstraint {
    func uid(_ json: JSON, _ path: JSONPath) throws(FormatError) -> EntityUID {
      let uid = try EntityUID(json, path)
      guard uid.type.isAction else { throw FormatError("\(uid) is not an action", hint: "the type of an action is `Action`, in any namespace", at: path) }
      return uid
    }
    switch try json.require("op", path).requireString(path / "op") {
    case "All", "all":
      try json.requireOnly(["op"], path)
      return .any
    case "==": return .equal(try uid(try json.require("entity", path), path / "entity"))
    case "in":
      if let entity = json["entity"] { return .isIn(try uid(entity, path / "entity")) }
      var uids: [EntityUID] = []
      for (index, entity) in try json.require("entities", path).requireArray(path / "entities").enumerated() {
        uids.append(try uid(entity, path / "entities" / index))
      }
      return .isIn(uids)
    default: throw FormatError("this is not an operator of an action", hint: "these are `All`, `==` and `in`", at: path / "op")
    }
  }

  // MARK: Expressions

  /// A part of the document that is an expression, and how many expressions it stands in.
  private struct Part {
    let json: JSON
    let path: JSONPath
    let depth: Int

    func inner(_ json: JSON, _ path: JSONPath) -> Part { Part(json: json, path: path, depth: depth + 1) }
    func inner(_ name: Text) throws(FormatError) -> Part { inner(try json.require(name, path), path / name) }
  }

  private func expression(_ json: JSON, _ path: JSONPath, _ depth: Int) throws(FormatError) -> Expression {
    try expression(Part(json: json, path: path, depth: depth))
  }

  /// Each kind has a function of its own, so that what nests takes little stack, also unoptimized.
  private func expression(_ part: Part) throws(FormatError) -> Expression {
    try requireDepth(part.depth, part.path)
    let (name, body) = try operation(part.json, part.path)
    let result = try expression(name, Part(json: body, path: part.path / name, depth: part.depth))
    try requireDepth(Int(result.depth), part.path)
    try requireHeight(result, part.path)
    return result
  }

  private func requireHeight(_ expression: Expression, _ path: JSONPath) throws(FormatError) {
    guard expression.height <= Limits.links else { throw FormatError(Limits.tooManyLinks, hint: Limits.splitCondition, at: path) }
  }

  private func requireDepth(_ depth: Int, _ path: JSONPath) throws(FormatError) {
    guard depth <= Limits.expressionDepth else { throw FormatError(Limits.tooDeep, hint: Limits.splitCondition, at: path) }
  }

  private func expression(_ name: Text, _ body: Part) throws(FormatError) -> Expression {
    switch name {
    case "Value": return try value(body)
    case "Var": return try variable(body)
    case "Slot": return Expression(.slot(try slot(body.json, body.path)))
    case "&&", "||": return try junction(name, body)
    case "+", "-", "*": return try arithmetic(name, body)
    case "!": return try unary(.not, body)
    case "neg": return try unary(.negate, body)
    case ".", "isEmpty": return try accesses(name, body)
    case "!=": return Expression(.unary(.not, try binary(.equal, body)))
    case ">": return Expression(.unary(.not, try binary(.lessOrEqual, body)))
    case ">=": return Expression(.unary(.not, try binary(.less, body)))
    case "has": return try has(body)
    case "like": return try like(body)
    case "is": return try isType(body)
    case "if-then-else": return try conditional(body)
    case "Set": return Expression(.set(try expressions(body)))
    case "Record": return try record(body)
    default: return try named(name, body)
    }
  }

  private func named(_ name: Text, _ body: Part) throws(FormatError) -> Expression {
    if let op = BinaryOperator(rawValue: name.string) { return try op.isMethod ? accesses(name, body) : binary(op, body) }
    guard let function = ExtensionFunction(rawValue: name.string) else {
      throw FormatError("there is no operator or function `\(name)`", hint: "docs.cedarpolicy.com/policies/json-format.html lists them", at: body.path)
    }
    return try function.isConstructor ? Expression(.call(function, expressions(body))) : accesses(name, body)
  }

  /// Reads a chain of accesses, which stand in one another in the document, without going into itself for each.
  private func accesses(_ name: Text, _ body: Part) throws(FormatError) -> Expression {
    var links = [(name: name, body: body)]
    var first = try receiver(name, body, of: body)
    while true {
      let (next, inner) = try operation(first.json, first.path)
      guard Self.isAccess(next) else { break }
      links.append((next, Part(json: inner, path: first.path / next, depth: body.depth)))
      first = try receiver(next, links[links.count - 1].body, of: body)
    }
    var result = try expression(first)
    for (name, link) in links.reversed() {
      result = try access(name, link, to: result)
      try requireHeight(result, link.path)
    }
    return result
  }

  private static func isAccess(_ name: Text) -> Bool {
    if name == "." || name == "isEmpty" { return true }
    return BinaryOperator(rawValue: name.string)?.isMethod ?? ExtensionFunction(rawValue: name.string).map { !$0.isConstructor } ?? false
  }

  /// The part that an access is made to, a link of a chain of them or the whole of it.
  private func receiver(_ name: Text, _ link: Part, of chain: Part) throws(FormatError) -> Part {
    if ExtensionFunction(rawValue: name.string) != nil {
      guard let first = try link.json.requireArray(link.path).first else { throw calledOnNothing(name, link.path) }
      return chain.inner(first, link.path / 0)
    }
    let side: Text = name == "isEmpty" ? "arg" : "left"
    try link.json.requireOnly(name == "." ? ["left", "attr"] : name == "isEmpty" ? ["arg"] : ["left", "right"], link.path)
    return chain.inner(try link.json.require(side, link.path), link.path / side)
  }

  private func access(_ name: Text, _ body: Part, to receiver: Expression) throws(FormatError) -> Expression {
    if let function = ExtensionFunction(rawValue: name.string) {
      var arguments = [receiver]
      for (index, argument) in try body.json.requireArray(body.path).enumerated().dropFirst() { arguments.append(try expression(body.inner(argument, body.path / index))) }
      return Expression(.call(function, arguments))
    }
    if name == "." { return Expression(.attribute(receiver, try body.json.require("attr", body.path).requireString(body.path / "attr"))) }
    guard let op = BinaryOperator(rawValue: name.string) else { return Expression(.unary(.isEmpty, receiver)) }
    return Expression(.binary(op, receiver, try expression(body.inner("right"))))
  }

  private func value(_ body: Part) throws(FormatError) -> Expression {
    guard body.json.nests(atMost: Limits.nesting) else {
      throw FormatError(
        "this value is nested more than \(Limits.nesting) deep", hint: "keep data flat: name entities instead of nesting records", at: body.path)
    }
    return try literal(body.json, body.path)
  }

  /// The expression a value stands for. Functions are called when it is evaluated, and may fail then.
  private func literal(_ json: JSON, _ path: JSONPath) throws(FormatError) -> Expression {
    switch json {
    case .array(let elements): return Expression(.set(try literals(elements, path)))
    case .object(let members):
      if members.count == 1, let (name, arguments) = Value.extensionCall(members[0]) { return try call(name, arguments, path / "__extn") }
      if members.count == 1, members[0].name == "__entity" || members[0].name == "__expr" { return Expression(try Value(json, nil, path)) }
      var fields: [Expression.Field] = []
      for member in members { fields.append(.init(member.name, try literal(member.value, path / member.name))) }
      return Expression(.record(fields.sorted { $0.name < $1.name }))
    default: return Expression(try Value(json, nil, path))
    }
  }

  private func literals(_ elements: [JSON], _ path: JSONPath) throws(FormatError) -> [Expression] {
    var result: [Expression] = []
    for (index, element) in elements.enumerated() { result.append(try literal(element, path / index)) }
    return result
  }

  private func call(_ name: Text, _ arguments: [JSON], _ path: JSONPath) throws(FormatError) -> Expression {
    guard let function = ExtensionFunction(rawValue: name.string) else {
      throw FormatError("there is no function `\(name)`", hint: "the functions are `ip`, `decimal`, `datetime` and `duration`", at: path / "fn")
    }
    guard function.isConstructor || !arguments.isEmpty else { throw calledOnNothing(name, path) }
    return Expression(.call(function, try literals(arguments, path / "args")))
  }

  private func calledOnNothing(_ method: Text, _ path: JSONPath) -> FormatError {
    FormatError("the method `\(method)` is called on nothing", hint: "its first argument is what it is called on", at: path)
  }

  private func variable(_ body: Part) throws(FormatError) -> Expression {
    guard let variable = Variable(rawValue: try body.json.requireString(body.path).string) else {
      throw FormatError("there is no such variable", hint: "the variables are `principal`, `action`, `resource` and `context`", at: body.path)
    }
    return Expression(.variable(variable))
  }

  private func unary(_ op: UnaryOperator, _ body: Part) throws(FormatError) -> Expression {
    try body.json.requireOnly(["arg"], body.path)
    return Expression(.unary(op, try expression(body.inner("arg"))))
  }

  private func binary(_ op: BinaryOperator, _ body: Part) throws(FormatError) -> Expression {
    try body.json.requireOnly(["left", "right"], body.path)
    let left = try expression(body.inner("left"))
    return Expression(.binary(op, left, try expression(body.inner("right"))))
  }

  private func like(_ body: Part) throws(FormatError) -> Expression {
    try body.json.requireOnly(["left", "pattern"], body.path)
    let subject = try expression(body.inner("left"))
    return Expression(.like(subject, try pattern(try body.json.require("pattern", body.path), body.path / "pattern")))
  }

  private func isType(_ body: Part) throws(FormatError) -> Expression {
    try body.json.requireOnly(["left", "entity_type", "in"], body.path)
    let subject = try expression(body.inner("left"))
    let test = Expression(.isType(subject, try type(try body.json.require("entity_type", body.path), body.path / "entity_type")))
    guard let group = body.json["in"], group != .null else { return test }
    return Expression(.and([test, Expression(.binary(.isIn, subject, try expression(body.inner(group, body.path / "in"))))]))
  }

  /// Reads an `if` and those that stand in its `else`, without going into itself for each.
  private func conditional(_ body: Part) throws(FormatError) -> Expression {
    var branches: [Expression.Branch] = []
    var part = body
    while true {
      try part.json.requireOnly(["if", "then", "else"], part.path)
      let test = try expression(body.inner(try part.json.require("if", part.path), part.path / "if"))
      branches.append(.init(test, then: try expression(body.inner(try part.json.require("then", part.path), part.path / "then"))))
      let last = try part.inner("else")
      let (name, inner) = try operation(last.json, last.path)
      guard name == "if-then-else" else { return Expression(.conditional(branches, else: try expression(body.inner(last.json, last.path)))) }
      part = Part(json: inner, path: last.path / name, depth: body.depth)
    }
  }

  private func record(_ body: Part) throws(FormatError) -> Expression {
    var fields: [Expression.Field] = []
    for member in try body.json.requireObject(body.path) {
      fields.append(.init(member.name, try expression(body.inner(member.value, body.path / member.name))))
    }
    return Expression(.record(fields.sorted { $0.name < $1.name }))
  }

  private func operation(_ json: JSON, _ path: JSONPath) throws(FormatError) -> (name: Text, body: JSON) {
    let members = try json.requireObject(path)
    guard members.count == 1 else {
      throw FormatError("an expression has exactly one member, its operator", hint: "as in `{\"==\": {\"left\": …, \"right\": …}}`", at: path)
    }
    return (members[0].name, members[0].value)
  }

  /// Reads `a && b && c`, however it is grouped in the document, without going into itself for each link.
  private func junction(_ name: Text, _ body: Part) throws(FormatError) -> Expression {
    var operands: [Expression] = []
    var waiting = try sides(body, of: body).reversed() as [Part]
    while let next = waiting.popLast() {
      let (inner, sides) = try operation(next.json, next.path)
      if inner == name {
        waiting += try self.sides(Part(json: sides, path: next.path / inner, depth: body.depth), of: body).reversed()
      } else {
        operands.append(try expression(next))
      }
    }
    return Expression(name == "&&" ? .and(operands) : .or(operands))
  }

  /// What stands on both sides of an operator that is, or is a link of, a chain.
  private func sides(_ link: Part, of chain: Part) throws(FormatError) -> [Part] {
    try link.json.requireOnly(["left", "right"], link.path)
    return [
      chain.inner(try link.json.require("left", link.path), link.path / "left"), chain.inner(try link.json.require("right", link.path), link.path / "right"),
    ]
  }

  /// Reads a sum or product, whose links stand in one another in the document, without going into itself for each.
  private func arithmetic(_ name: Text, _ body: Part) throws(FormatError) -> Expression {
    let (first, links) = try terms(name, body)
    let start = try expression(first)
    var terms: [Expression.Term] = []
    for (op, operand) in links { terms.append(Expression.Term(op, try expression(operand))) }
    return Expression(.arithmetic(start, terms))
  }

  /// What a sum or product begins with, and what follows.
  private func terms(_ name: Text, _ body: Part) throws(FormatError) -> (first: Part, terms: [(op: ArithmeticOperator, operand: Part)]) {
    var terms: [(op: ArithmeticOperator, operand: Part)] = []
    var first = body
    var (next, chain) = (name, body)
    while let op = ArithmeticOperator(rawValue: next.string), op.isProduct == (name == "*") {
      let sides = try sides(chain, of: body)
      terms.append((op, sides[1]))
      first = sides[0]
      let (inner, json) = try operation(first.json, first.path)
      (next, chain) = (inner, Part(json: json, path: first.path / inner, depth: body.depth))
    }
    guard terms.count <= Limits.arithmeticTerms else { throw FormatError(Limits.tooManyTerms, hint: Limits.splitPolicy, at: body.path) }
    return (first, terms.reversed())
  }

  private func expressions(_ body: Part) throws(FormatError) -> [Expression] {
    var result: [Expression] = []
    for (index, element) in try body.json.requireArray(body.path).enumerated() { result.append(try expression(body.inner(element, body.path / index))) }
    return result
  }

  /// `has` takes one attribute, or the path of several.
  private func has(_ body: Part) throws(FormatError) -> Expression {
    try body.json.requireOnly(["left", "attr"], body.path)
    return try has(try expression(body.inner("left")), try body.json.require("attr", body.path), body.path / "attr")
  }

  private func has(_ subject: Expression, _ attribute: JSON, _ path: JSONPath) throws(FormatError) -> Expression {
    guard case .array(let names) = attribute else { return Expression(.has(subject, try attribute.requireString(path))) }
    var parts: [Expression] = []
    var inner = subject
    for (index, name) in names.enumerated() {
      let name = try name.requireString(path / index)
      parts.append(Expression(.has(inner, name)))
      inner = Expression(.attribute(inner, name))
      try requireHeight(inner, path)
    }
    guard !parts.isEmpty else { throw FormatError("this path is empty", hint: "name at least one attribute", at: path) }
    return parts.count == 1 ? parts[0] : Expression(.and(parts))
  }

  private func pattern(_ json: JSON, _ path: JSONPath) throws(FormatError) -> Pattern {
    var elements: [Pattern.Element] = []
    for (index, element) in try json.requireArray(path).enumerated() {
      if element == .string("Wildcard") {
        elements.append(.wildcard)
      } else {
        let literal = try element.require("Literal", path / index).requireString(path / index / "Literal")
        elements += literal.string.unicodeScalars.map(Pattern.Element.scalar)
      }
    }
    return Pattern(elements)
  }
}

private enum PolicyJSONWriter {
  private static func object(_ members: [(Text, JSON)]) -> JSON { .object(members.map { .init($0.0, $0.1) }) }

  static func policy(_ policy: Policy) -> JSON {
    var members: [(Text, JSON)] = [
      ("effect", .string(policy.effect.rawValue)), ("principal", scope(policy.principal, .principal)), ("action", action(policy.action)),
      ("resource", scope(policy.resource, .resource)),
      ("conditions", .array(policy.conditions.map { object([("kind", .string($0.kind.rawValue)), ("body", expression($0.body))]) })),
    ]
    if !policy.annotations.isEmpty { members.append(("annotations", object(policy.annotations.map { ($0.name, $0.value.map(JSON.string) ?? .null) }))) }
    return object(members)
  }

  private static func scope(_ constraint: ScopeConstraint, _ slot: Slot) -> JSON {
    func reference(_ reference: EntityReference) -> (Text, JSON) {
      switch reference {
      case .entity(let uid): ("entity", uid.json)
      case .slot: ("slot", .string(slot.description))
      }
    }
    return switch constraint {
    case .any: object([("op", .string("All"))])
    case .equal(let to): object([("op", .string("==")), reference(to)])
    case .isIn(let group): object([("op", .string("in")), reference(group)])
    case .isType(let type): object([("op", .string("is")), ("entity_type", .string(type.name))])
    case .isTypeIn(let type, let group): object([("op", .string("is")), ("entity_type", .string(type.name)), ("in", object([reference(group)]))])
    }
  }

  private static func action(_ constraint: ActionConstraint) -> JSON {
    switch constraint {
    case .any: object([("op", .string("All"))])
    case .equal(let uid): object([("op", .string("==")), ("entity", uid.json)])
    case .isIn(let uid): object([("op", .string("in")), ("entity", uid.json)])
    case .isInAny(let uids): object([("op", .string("in")), ("entities", .array(uids.map(\.json)))])
    }
  }

  private static func operation(_ name: String, _ a: JSON, _ b: JSON) -> JSON { object([(Text(name), object([("left", a), ("right", b)]))]) }
  private static func binary(_ name: String, _ a: Expression, _ b: Expression) -> JSON { operation(name, expression(a), expression(b)) }

  /// `(a && b) && c`. A chain whose links would nest deeper than documents may is written in groups, which mean the same.
  private static func chain(_ name: String, _ parts: [JSON]) -> JSON {
    var parts = parts
    while parts.count > Limits.documentChain {
      parts = stride(from: 0, to: parts.count, by: Limits.documentChain).map { start in
        let group = parts[start..<min(start + Limits.documentChain, parts.count)]
        return group.dropFirst().reduce(group[group.startIndex]) { operation(name, $0, $1) }
      }
    }
    return parts.dropFirst().reduce(parts[0]) { operation(name, $0, $1) }
  }

  /// A long path is named as one: written out it would take a square of its length.
  private static func operand(_ path: ArraySlice<Expression>) -> [JSON] {
    guard path.count > 8, case .has(let subject, _)? = path.first?.kind else { return path.map(expression) }
    let names = path.compactMap { part -> JSON? in if case .has(_, let name) = part.kind { .string(name) } else { nil } }
    return [object([("has", object([("left", expression(subject)), ("attr", .array(names))]))])]
  }

  private static func unary(_ name: String, _ operand: Expression) -> JSON { object([(Text(name), object([("arg", expression(operand))]))]) }

  static func expression(_ expression: Expression) -> JSON {
    switch expression.kind {
    case .literal(let value): return object([("Value", value.json)])
    case .variable(let variable): return object([("Var", .string(variable.rawValue))])
    case .slot(let slot): return object([("Slot", .string(slot.description))])
    case .unknown(let name): return object([("unknown", .array([object([("Value", .string(name))])]))])
    case .conditional(let branches, let last):
      return branches.reversed().reduce(self.expression(last)) { last, branch in
        object([("if-then-else", object([("if", self.expression(branch.test)), ("then", self.expression(branch.then)), ("else", last)]))])
      }
    case .and(let all):
      return chain("&&", Expression.operands(all).flatMap(operand))
    case .or(let all): return chain("||", all.map(self.expression))
    case .arithmetic(let first, let terms):
      return terms.reduce(self.expression(first)) { operation($1.op.rawValue, $0, self.expression($1.operand)) }
    case .unary(.not, let operand):
      if let (symbol, a, b) = ExpressionWriter.negatedComparison(operand) { return binary(symbol, a, b) }
      return unary("!", operand)
    case .unary(.negate, let operand): return unary("neg", operand)
    case .attribute, .unary(.isEmpty, _): return accesses(expression)
    case .binary(let op, let a, let b): return op.isMethod ? accesses(expression) : binary(op.rawValue, a, b)
    case .has(let subject, let name): return object([("has", object([("left", self.expression(subject)), ("attr", .string(name))]))])
    case .like(let subject, let pattern):
      let elements = pattern.elements.map { element -> JSON in
        switch element {
        case .wildcard: .string("Wildcard")
        case .scalar(let scalar): object([("Literal", .string(String(Character(scalar))))])
        }
      }
      return object([("like", object([("left", self.expression(subject)), ("pattern", .array(elements))]))])
    case .isType(let subject, let type): return object([("is", object([("left", self.expression(subject)), ("entity_type", .string(type.name))]))])
    case .set(let elements): return object([("Set", .array(elements.map { self.expression($0) }))])
    case .record(let fields): return object([("Record", object(fields.map { ($0.name, self.expression($0.value)) }))])
    case .call(let function, let arguments):
      if expression.receiver != nil { return accesses(expression) }
      return object([(Text(function.rawValue), .array(arguments.map { self.expression($0) }))])
    }
  }

  private static func accesses(_ expression: Expression) -> JSON {
    let (first, links) = expression.accesses
    return links.reduce(self.expression(first)) { receiver, link in
      switch link.kind {
      case .attribute(_, let name): object([(".", object([("left", receiver), ("attr", .string(name))]))])
      case .unary(let op, _): object([(Text(op.rawValue), object([("arg", receiver)]))])
      case .binary(let op, _, let argument): operation(op.rawValue, receiver, self.expression(argument))
      case .call(let function, let arguments): object([(Text(function.rawValue), .array([receiver] + arguments.dropFirst().map(self.expression)))])
      default: receiver
      }
    }
  }
}
