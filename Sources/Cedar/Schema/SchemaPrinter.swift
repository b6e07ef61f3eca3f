extension SchemaDocument: CustomStringConvertible {
  /// The schema in Cedar's syntax.
  ///
  /// That syntax can't tell apart what JSON can: a name stands for a common type, an entity type or a built-in one, whichever is found first.
  public var description: String {
    var printer = SchemaPrinter()
    for namespace in namespaces { printer.write(namespace) }
    return printer.text
  }
}

private struct SchemaPrinter {
  private(set) var text = ""
  private var indent = 0

  private mutating func line(_ content: String) { text += String(repeating: "  ", count: indent) + content + "\n" }

  mutating func write(_ namespace: SchemaDocument.Namespace) {
    if !text.isEmpty { text += "\n" }
    if let name = namespace.name {
      write(namespace.annotations)
      line("namespace \(name) {")
      indent += 1
    }
    for declaration in namespace.types {
      write(declaration.annotations)
      line("type \(declaration.name) = \(type(declaration.type));")
    }
    for declaration in namespace.entities {
      write(declaration.annotations)
      line(entity(declaration))
    }
    for declaration in namespace.actions {
      write(declaration.annotations)
      line(action(declaration))
    }
    if namespace.name != nil {
      indent -= 1
      line("}")
    }
  }

  private mutating func write(_ annotations: [Policy.Annotation]) {
    for annotation in annotations { line(annotation.description) }
  }

  private func entity(_ declaration: SchemaDocument.EntityDeclaration) -> String {
    var result = "entity \(declaration.name)"
    switch declaration.kind {
    case .enumeration(let ids): result += " enum [\(ids.map { Escape.quoted($0.string) }.joined(separator: ", "))]"
    case .standard(let parents, let shape, let tags):
      if !parents.isEmpty { result += " in [\(list(parents))]" }
      if shape != .emptyRecord { result += " \(type(shape))" }
      if let tags { result += " tags \(type(tags))" }
    }
    return result + ";"
  }

  private func action(_ declaration: SchemaDocument.ActionDeclaration) -> String {
    var result = "action \(name(declaration.name))"
    if !declaration.groups.isEmpty {
      result += " in [\(declaration.groups.map { group in group.type.map { "\($0)::\(Escape.quoted(group.id.string))" } ?? Escape.quoted(group.id.string) }.joined(separator: ", "))]"
    }
    if let application = declaration.application {
      result += " appliesTo {\n"
      let inner = String(repeating: "  ", count: indent + 1)
      result += "\(inner)principal: [\(list(application.principals))],\n\(inner)resource: [\(list(application.resources))]"
      if application.context != .emptyRecord { result += ",\n\(inner)context: \(type(application.context))" }
      result += "\n\(String(repeating: "  ", count: indent))}"
    }
    return result + ";"
  }

  private func list(_ names: [Text]) -> String { names.map(\.string).joined(separator: ", ") }

  private func name(_ name: Text) -> String { ExpressionWriter.attribute(name) }

  private func type(_ expression: SchemaDocument.TypeExpression) -> String {
    switch expression {
    case .name(let name), .common(let name), .entity(let name): name.string
    case .builtin("Boolean"): "__cedar::Bool"
    case .builtin(let name): "__cedar::\(name)"
    case .set(let element): "Set<\(type(element))>"
    case .record(let attributes):
      "{\(attributes.map { attribute in (attribute.annotations.map { "\($0) " }.joined()) + name(attribute.name) + (attribute.isRequired ? "" : "?") + ": " + type(attribute.type) }.joined(separator: ", "))}"
    }
  }
}
