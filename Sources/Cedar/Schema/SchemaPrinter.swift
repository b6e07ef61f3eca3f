extension SchemaDocument {
  /// The schema in Cedar's syntax, read back with the same meaning.
  ///
  /// That syntax does not say all that JSON does: a name stands for a common type, an entity type or a built-in one, whichever is found first.
  /// Where a longer name says what is meant, that is written; the common type of a shape is written out; an action that applies to no
  /// principal or no resource applies to nothing.
  ///
  /// - Parameters:
  ///   - source: the text the document was read from, so that errors show their place.
  ///   - file: the name that errors give to the text.
  /// - Throws: a failure with the place of what can't be said: the name of an entity type that a common type has too, types nested deeper
  ///   than ``Limits/nesting``, and a shape that is no record.
  public func cedarText(source: String? = nil, file: String? = nil) throws(ParseFailure) -> String {
    var printer = SchemaPrinter(self)
    do throws(SchemaFailure) {
      for namespace in namespaces { try printer.write(namespace) }
    } catch {
      throw error.located(in: source, file: file)
    }
    return printer.text
  }
}

extension SchemaDocument: CustomStringConvertible {
  /// The schema in Cedar's syntax; in JSON, where Cedar's syntax can't say it.
  public var description: String { (try? cedarText()) ?? json.written(indented: true) }
}

private struct SchemaPrinter {
  private let names: SchemaNames
  private(set) var text = ""
  private var indent = 0
  /// The namespace being written.
  private var namespace: Text?
  private var depth = 0

  init(_ document: SchemaDocument) { names = SchemaNames(document) }

  private mutating func line(_ content: String) { text += String(repeating: "  ", count: indent) + content + "\n" }

  mutating func write(_ namespace: SchemaDocument.Namespace) throws(SchemaFailure) {
    self.namespace = namespace.name
    let place = JSONPath.root / (namespace.name ?? "")
    if !text.isEmpty { text += "\n" }
    if let name = namespace.name {
      write(namespace.annotations)
      line("namespace \(name) {")
      indent += 1
    }
    for declaration in namespace.types {
      write(declaration.annotations)
      line("type \(declaration.name) = \(try type(declaration.type, namespace.name, place / "commonTypes" / declaration.name));")
    }
    for declaration in namespace.entities {
      write(declaration.annotations)
      line(try entity(declaration, place / "entityTypes" / declaration.name))
    }
    for declaration in namespace.actions {
      write(declaration.annotations)
      line(try action(declaration, place / "actions" / declaration.name))
    }
    if namespace.name != nil {
      indent -= 1
      line("}")
    }
  }

  private mutating func write(_ annotations: [Policy.Annotation]) {
    for annotation in annotations { line(annotation.description) }
  }

  private mutating func entity(_ declaration: SchemaDocument.EntityDeclaration, _ place: JSONPath) throws(SchemaFailure) -> String {
    var result = "entity \(declaration.name)"
    switch declaration.kind {
    case .enumeration(let ids): result += " enum [\(ids.map { Escape.quoted($0.string) }.joined(separator: ", "))]"
    case .standard(let parents, let shape, let tags):
      if !parents.isEmpty { result += " in [\(list(parents))]" }
      if shape != .emptyRecord { result += " \(try self.shape(shape, place / "shape"))" }
      if let tags { result += " tags \(try type(tags, namespace, place / "tags"))" }
    }
    return result + ";"
  }

  private mutating func action(_ declaration: SchemaDocument.ActionDeclaration, _ place: JSONPath) throws(SchemaFailure) -> String {
    var result = "action \(name(declaration.name))"
    if !declaration.groups.isEmpty {
      result += " in [\(declaration.groups.map { group in group.type.map { "\($0)::\(Escape.quoted(group.id.string))" } ?? Escape.quoted(group.id.string) }.joined(separator: ", "))]"
    }
    // The syntax has no empty lists.
    if let application = declaration.application, !application.principals.isEmpty, !application.resources.isEmpty {
      result += " appliesTo {\n"
      let inner = String(repeating: "  ", count: indent + 1)
      result += "\(inner)principal: [\(list(application.principals))],\n\(inner)resource: [\(list(application.resources))]"
      if application.context != .emptyRecord { result += ",\n\(inner)context: \(try context(application.context, place / "appliesTo" / "context"))" }
      result += "\n\(String(repeating: "  ", count: indent))}"
    }
    return result + ";"
  }

  private func list(_ names: [Text]) -> String { names.map(\.string).joined(separator: ", ") }

  private func name(_ name: Text) -> String { ExpressionWriter.attribute(name) }

  // MARK: Types

  /// A shape stands in braces: a common type is written out, its names as they are called here.
  private mutating func shape(_ expression: SchemaDocument.TypeExpression, _ place: JSONPath) throws(SchemaFailure) -> String {
    var (expression, home) = (expression, namespace)
    var seen: Set<Text> = []
    while true {
      let meaning: SchemaNames.Meaning? = switch expression {
      case .name(let name): names.meaning(of: name, in: home, as: .any)
      case .common(let name): names.meaning(of: name, in: home, as: .common)
      default: nil
      }
      if case .record(let attributes) = expression { return try record(attributes, home, place) }
      guard case .common(let name)? = meaning, seen.insert(name).inserted, let (namespace, declaration) = names.commonTypes[name] else {
        throw SchemaFailure("the shape of an entity type must be a record", hint: "write its attributes, or the name of a type that is a record", at: place)
      }
      (expression, home) = (declaration.type, namespace.name)
    }
  }

  /// A context is a record, or the name of a common type; there, no entity type is looked for.
  private mutating func context(_ expression: SchemaDocument.TypeExpression, _ place: JSONPath) throws(SchemaFailure) -> String {
    switch expression {
    case .record(let attributes): try record(attributes, namespace, place)
    case .name(let name): try spelling(name, names.meaning(of: name, in: namespace, as: .any), as: .common, place / "name")
    case .common(let name): try spelling(name, names.meaning(of: name, in: namespace, as: .common), as: .common, place / "type")
    case .entity, .builtin, .set:
      throw SchemaFailure("the context of an action must be a record", hint: "write its attributes, or the name of a type that is a record", at: place)
    }
  }

  /// A type written in one namespace, its names as they are called in the one being written.
  private mutating func type(_ expression: SchemaDocument.TypeExpression, _ home: Text?, _ place: JSONPath) throws(SchemaFailure) -> String {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Limits.nesting else {
      throw SchemaFailure(
        "Cedar's syntax nests types at most \(Limits.nesting) deep", hint: "give parts of this type a name under `commonTypes`", at: place)
    }
    switch expression {
    case .name(let name): return try spelling(name, names.meaning(of: name, in: home, as: .any), as: .any, place / "name")
    case .common(let name): return try spelling(name, names.meaning(of: name, in: home, as: .common), as: .any, place / "type")
    case .entity(let name): return try spelling(name, names.meaning(of: name, in: home, as: .entity), as: .any, place / "name")
    case .builtin("Boolean"): return "__cedar::Bool"
    case .builtin(let name): return "__cedar::\(name)"
    case .set(let element): return "Set<\(try type(element, home, place / "element"))>"
    case .record(let attributes): return try record(attributes, home, place)
    }
  }

  private mutating func record(_ attributes: [SchemaDocument.AttributeDeclaration], _ home: Text?, _ place: JSONPath) throws(SchemaFailure) -> String {
    var written: [String] = []
    for attribute in attributes {
      let annotations = attribute.annotations.map { "\($0) " }.joined()
      let type = try type(attribute.type, home, place / "attributes" / attribute.name)
      written.append("\(annotations)\(name(attribute.name))\(attribute.isRequired ? "" : "?"): \(type)")
    }
    return "{\(written.joined(separator: ", "))}"
  }

  /// A name by which the namespace being written finds what is meant. One that stands for nothing stays as it is: another document may declare it.
  private func spelling(_ name: Text, _ meaning: SchemaNames.Meaning?, as role: SchemaNames.Role, _ place: JSONPath) throws(SchemaFailure) -> String {
    guard let meaning else { return name.string }
    let full = switch meaning {
    case .common(let name), .entity(let name): name
    case .builtin(let name, _): Text("__cedar::\(name)")
    }
    for spelling in [name, full] where names.meaning(of: spelling, in: namespace, as: role) == meaning { return spelling.string }
    throw SchemaFailure(
      "Cedar's syntax can't name the type `\(full)` here: another of that name is found first",
      hint: "entity types and common types need different names there; rename one of the two", at: place)
  }
}
