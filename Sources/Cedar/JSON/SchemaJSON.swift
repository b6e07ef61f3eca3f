extension SchemaDocument {
  /// Reads a schema in JSON (docs.cedarpolicy.com/schema/json-schema.html).
  public init(json text: String, file: String? = nil) throws(ParseFailure) {
    let document = try JSON(parsing: text, file: file)
    do throws(FormatError) {
      try self.init(json: document)
    } catch {
      throw ParseFailure(diagnostics: [error.located(in: Array(text.utf8), file: file).diagnostic])
    }
  }

  public init(json document: JSON) throws(FormatError) {
    var namespaces: [Namespace] = []
    for member in try document.requireObject(.root) {
      if !member.name.isEmpty, !Identifier.isName(member.name.string) {
        throw FormatError("`\(member.name)` can't be the name of a namespace", hint: Identifier.nameHint, at: .name(.root, member.name))
      }
      namespaces.append(try SchemaJSONReader.namespace(member.name.isEmpty ? nil : member.name, member.value, .root / member.name))
    }
    self.init(namespaces)
  }


  /// The schema in JSON.
  public var json: JSON { .object(namespaces.map { .init($0.name ?? "", SchemaJSONWriter.namespace($0)) }) }
}

private enum SchemaJSONReader {
  typealias Document = SchemaDocument

  static func namespace(_ name: Text?, _ json: JSON, _ path: JSONPath) throws(FormatError) -> Document.Namespace {
    try json.requireOnly(["entityTypes", "actions", "commonTypes", "annotations"], path)
    var namespace = Document.Namespace(name)
    namespace.annotations = try annotations(json, path)
    guard name != nil || namespace.annotations.isEmpty else {
      throw FormatError("what stands outside of namespaces has no annotations", hint: "annotate its types and actions", at: path / "annotations")
    }
    for member in try json["commonTypes"]?.requireObject(path / "commonTypes") ?? [] {
      let place = path / "commonTypes" / member.name
      namespace.types.append(.init(name: member.name, type: try type(member.value, place, ["annotations"]), annotations: try annotations(member.value, place)))
    }
    for member in try json.require("entityTypes", path).requireObject(path / "entityTypes") {
      namespace.entities.append(try entity(member.name, member.value, path / "entityTypes" / member.name))
    }
    for member in try json.require("actions", path).requireObject(path / "actions") {
      namespace.actions.append(try action(member.name, member.value, path / "actions" / member.name))
    }
    return namespace
  }

  private static func annotations(_ json: JSON, _ path: JSONPath) throws(FormatError) -> [Policy.Annotation] {
    var result: [Policy.Annotation] = []
    for member in try json["annotations"]?.requireObject(path / "annotations") ?? [] {
      guard Identifier.isIdentifier(member.name.string) else {
        throw FormatError(
          "`\(member.name)` can't be the name of an annotation",
          hint: Identifier.hint, at: .name(path / "annotations", member.name))
      }
      result.append(.init(member.name, member.value == .null ? nil : try member.value.requireString(path / "annotations" / member.name)))
    }
    return result
  }

  private static func names(_ json: JSON?, _ path: JSONPath) throws(FormatError) -> [Text] {
    var result: [Text] = []
    for (index, element) in try json?.requireArray(path).enumerated() ?? [].enumerated() { result.append(try name(element, path / index)) }
    return result
  }

  private static func name(_ json: JSON, _ path: JSONPath) throws(FormatError) -> Text {
    let text = try json.requireString(path)
    let parts = Identifier.components(text.string)
    guard parts.allSatisfy({ Identifier.isIdentifier($0) && ($0 == "__cedar" || !Identifier.reserved.contains($0)) }) else {
      throw FormatError("`\(text)` can't be the name of a type", hint: Identifier.nameHint, at: path)
    }
    return text
  }

  private static func entity(_ name: Text, _ json: JSON, _ path: JSONPath) throws(FormatError) -> Document.EntityDeclaration {
    if let choices = json["enum"] {
      try json.requireOnly(["enum", "annotations"], path)
      var ids: [Text] = []
      for (index, choice) in try choices.requireArray(path / "enum").enumerated() { ids.append(try choice.requireString(path / "enum" / index)) }
      guard !ids.isEmpty else {
        throw FormatError("an enumeration needs at least one id", hint: "leave `enum` out where any id is possible", at: path / "enum")
      }
      return .init(name: name, kind: .enumeration(ids), annotations: try annotations(json, path))
    }
    try json.requireOnly(["memberOfTypes", "shape", "tags", "annotations"], path)
    let shape = try json["shape"].map { (json) throws(FormatError) in try type(json, path / "shape") }
    let tags = try json["tags"].map { (json) throws(FormatError) in try type(json, path / "tags") }
    return .init(
      name: name, kind: .standard(parents: try names(json["memberOfTypes"], path / "memberOfTypes"), shape: shape ?? .emptyRecord, tags: tags),
      annotations: try annotations(json, path))
  }

  private static func action(_ name: Text, _ json: JSON, _ path: JSONPath) throws(FormatError) -> Document.ActionDeclaration {
    try json.requireOnly(["attributes", "appliesTo", "memberOf", "annotations"], path)
    if let attributes = json["attributes"], attributes != .null {
      throw FormatError("actions can't have attributes", hint: "leave them out; what varies comes with the context", at: path / "attributes")
    }
    var action = Document.ActionDeclaration(name: name)
    action.annotations = try annotations(json, path)
    if let groups = json["memberOf"], groups != .null {
      for (index, group) in try groups.requireArray(path / "memberOf").enumerated() {
        let place = path / "memberOf" / index
        try group.requireOnly(["id", "type"], place)
        var type: Text?
        if let written = group["type"], written != .null { type = try self.name(written, place / "type") }
        action.groups.append(.init(type: type, id: try group.require("id", place).requireString(place / "id")))
      }
    }
    if let applies = json["appliesTo"], applies != .null {
      let place = path / "appliesTo"
      try applies.requireOnly(["principalTypes", "resourceTypes", "context"], place)
      let context = try applies["context"].map { (json) throws(FormatError) in try type(json, place / "context") }
      action.application = .init(
        principals: try names(try applies.require("principalTypes", place), place / "principalTypes"),
        resources: try names(try applies.require("resourceTypes", place), place / "resourceTypes"), context: context ?? .emptyRecord)
    }
    return action
  }

  /// Reads a type; beside what belongs to it may stand what the place admits.
  private static func type(_ json: JSON, _ path: JSONPath, _ admitted: [Text] = []) throws(FormatError) -> Document.TypeExpression {
    let kind = try json.require("type", path).requireString(path / "type")
    let shared = admitted + ["type"]
    switch kind {
    case "Long", "String", "Boolean":
      try json.requireOnly(shared, path)
      return .builtin(kind)
    case "Set":
      try json.requireOnly(shared + ["element"], path)
      return .set(try type(try json.require("element", path), path / "element"))
    case "Record":
      try json.requireOnly(shared + ["attributes", "additionalAttributes"], path)
      if let open = json["additionalAttributes"], open != .bool(false) {
        throw FormatError(
          "records can't have further attributes",
          hint: "name all of them, those that may be missing with `\"required\": false`", at: path / "additionalAttributes")
      }
      var attributes: [Document.AttributeDeclaration] = []
      for member in try json.require("attributes", path).requireObject(path / "attributes") {
        let place = path / "attributes" / member.name
        var isRequired = true
        if let required = member.value["required"] {
          guard case .bool(let value) = required else {
            throw FormatError("expected a bool, found \(required.kind)", hint: "`true` or `false`, without quotes", at: place / "required")
          }
          isRequired = value
        }
        attributes.append(
          .init(name: member.name, type: try type(member.value, place, ["annotations", "required"]), isRequired: isRequired, annotations: try annotations(member.value, place)))
      }
      return .record(attributes)
    case "Entity":
      try json.requireOnly(shared + ["name"], path)
      return .entity(try name(try json.require("name", path), path / "name"))
    case "EntityOrCommon":
      try json.requireOnly(shared + ["name"], path)
      return .name(try name(try json.require("name", path), path / "name"))
    case "Extension":
      try json.requireOnly(shared + ["name"], path)
      let name = try json.require("name", path).requireString(path / "name")
      guard Document.extensions.contains(name) else {
        let near = Suggestion.nearest(to: name.string, in: Document.extensions.map(\.string).sorted())
        throw FormatError(
          "there is no extension type `\(name)`", hint: near.map { "did you mean `\($0)`?" } ?? "these are `datetime`, `decimal`, `duration` and `ipaddr`",
          at: path / "name")
      }
      return .builtin(name)
    default:
      try json.requireOnly(shared, path)
      return .common(try name(.string(kind), path / "type"))
    }
  }
}

private enum SchemaJSONWriter {
  private static func object(_ members: [(Text, JSON?)]) -> JSON { .object(members.compactMap { name, value in value.map { .init(name, $0) } }) }

  private static func annotations(_ annotations: [Policy.Annotation]) -> JSON? {
    annotations.isEmpty ? nil : .object(annotations.map { .init($0.name, $0.value.map(JSON.string) ?? .null) })
  }

  private static func names(_ names: [Text]) -> JSON { .array(names.map(JSON.string)) }

  static func namespace(_ namespace: SchemaDocument.Namespace) -> JSON {
    object([
      (
        "commonTypes",
        namespace.types.isEmpty ? nil : .object(namespace.types.map { .init($0.name, adding(type($0.type), [("annotations", annotations($0.annotations))])) })
      ),
      ("entityTypes", .object(namespace.entities.map { .init($0.name, entity($0)) })),
      ("actions", .object(namespace.actions.map { .init($0.name, action($0)) })),
      ("annotations", annotations(namespace.annotations)),
    ])
  }

  private static func adding(_ json: JSON, _ more: [(Text, JSON?)]) -> JSON {
    guard case .object(let members) = json, case .object(let others) = object(more) else { return json }
    return .object(members + others)
  }

  private static func entity(_ entity: SchemaDocument.EntityDeclaration) -> JSON {
    switch entity.kind {
    case .enumeration(let ids): object([("enum", names(ids)), ("annotations", annotations(entity.annotations))])
    case .standard(let parents, let shape, let tags):
      object([
        ("memberOfTypes", parents.isEmpty ? nil : names(parents)), ("shape", shape == .emptyRecord ? nil : type(shape)), ("tags", tags.map(type)),
        ("annotations", annotations(entity.annotations)),
      ])
    }
  }

  private static func action(_ action: SchemaDocument.ActionDeclaration) -> JSON {
    object([
      ("memberOf", action.groups.isEmpty ? nil : .array(action.groups.map { object([("id", .string($0.id)), ("type", $0.type.map(JSON.string))]) })),
      (
        "appliesTo",
        action.application.map {
          object([
            ("principalTypes", names($0.principals)), ("resourceTypes", names($0.resources)), ("context", $0.context == .emptyRecord ? nil : type($0.context)),
          ])
        }
      ),
      ("annotations", annotations(action.annotations)),
    ])
  }

  private static func type(_ expression: SchemaDocument.TypeExpression) -> JSON {
    switch expression {
    case .builtin(let name):
      ["Long", "String", "Boolean"].contains(name) ? object([("type", .string(name))]) : object([("type", .string("Extension")), ("name", .string(name))])
    case .name(let name): object([("type", .string("EntityOrCommon")), ("name", .string(name))])
    case .entity(let name): object([("type", .string("Entity")), ("name", .string(name))])
    case .common(let name): object([("type", .string(name))])
    case .set(let element): object([("type", .string("Set")), ("element", type(element))])
    case .record(let attributes):
      object([
        ("type", .string("Record")),
        (
          "attributes",
          .object(
            attributes.map {
              .init($0.name, adding(type($0.type), [("required", $0.isRequired ? nil : .bool(false)), ("annotations", annotations($0.annotations))]))
            })
        ),
      ])
    }
  }
}
