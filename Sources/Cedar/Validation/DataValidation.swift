/// A request or an entity that does not fit the schema.
public struct ConformanceError: Error, Hashable, Sendable, CustomStringConvertible {
  public let message: String
  /// What to do about it.
  public let hint: String
  /// The entity that does not fit; nil of a request.
  public internal(set) var entity: EntityUID?
  /// The way to the place in the JSON of the entity or request.
  let place: JSONPath

  init(_ message: String, hint: String, at place: JSONPath) {
    self.message = Escape.visible(message)
    self.hint = Escape.visible(hint)
    self.place = place
  }

  /// Where in the entity or the request: `attrs.name`.
  public var path: String { place.description }
  public var description: String { message }

  public static func == (a: ConformanceError, b: ConformanceError) -> Bool { a.message == b.message && a.entity == b.entity && a.path == b.path }
  public func hash(into hasher: inout Hasher) { hasher.combine(message) }
}

extension Schema {
  /// Checks that the action is declared, applies to the types of principal and resource, and that the context is what it takes.
  public func validate(_ request: Request) throws(ConformanceError) {
    guard let action = actions[request.action] else { throw unknown(request.action, .root / "action") }
    try validate(request.principal, "principal", action.principals, request.action)
    try validate(request.resource, "resource", action.resources, request.action)
    do throws(ConformanceError) {
      try validate(.record(request.context), .record(action.context), "the context", .root / "context")
    } catch {
      throw ConformanceError("\(error.message), as \(request.action) takes it", hint: error.hint, at: error.place)
    }
  }

  private func validate(_ uid: EntityUID, _ role: Text, _ types: Set<EntityType>, _ action: EntityUID) throws(ConformanceError) {
    let place = JSONPath.root / role
    guard entities[uid.type] != nil else { throw unknown(uid, place) }
    guard types.contains(uid.type) else {
      let known = types.sorted().map { "`\($0)`" }.joined(separator: ", ")
      throw ConformanceError(
        "\(action) does not apply to a \(role) of type `\(uid.type)`", hint: types.isEmpty ? "it applies to nothing" : "it applies to \(known)", at: place)
    }
    try requireAdmitted(uid, place)
  }

  private func unknown(_ uid: EntityUID, _ place: JSONPath) -> ConformanceError {
    if uid.type.isAction {
      let near = Suggestion.nearest(to: uid.description, in: actions.keys.map(\.description).sorted())
      return ConformanceError("the schema has no action \(uid)", hint: near.map { "did you mean \($0)?" } ?? "declare it in the schema", at: place)
    }
    let near = Suggestion.nearest(to: uid.type.name.string, in: entities.keys.map(\.name.string).sorted())
    return ConformanceError("the schema has no entity type `\(uid.type)`", hint: near.map { "did you mean `\($0)`?" } ?? "declare it in the schema", at: place)
  }

  private func requireAdmitted(_ uid: EntityUID, _ place: JSONPath) throws(ConformanceError) {
    guard !admits(uid) else { return }
    let ids = entities[uid.type]?.enumeration?.prefix(10).map { Escape.quoted($0.string) }.joined(separator: ", ")
    throw ConformanceError("the schema has no entity \(uid)", hint: ids.map { "there are \($0)" } ?? "declare its type in the schema", at: place)
  }

  /// Checks that every entity has a declared type, the attributes, tags and groups of that type, and that actions are those declared.
  public func validate(_ entities: Entities) throws(ConformanceError) {
    for entity in entities {
      do throws(ConformanceError) {
        try validate(entity, entities)
      } catch {
        var error = error
        error.entity = entity.uid
        throw error
      }
    }
  }

  private func validate(_ entity: Entity, _ all: Entities) throws(ConformanceError) {
    let uid = entity.uid
    if uid.type.isAction {
      guard let action = actions[uid] else { throw unknown(uid, .root / "uid") }
      guard entity.attributes.isEmpty, entity.tags.isEmpty, all.ancestors(of: uid) == action.ancestors else {
        throw ConformanceError(
          "the action \(uid) is not as the schema declares it", hint: "leave it out: with a schema the actions are known", at: .root / "uid")
      }
      return
    }
    guard let definition = self.entities[uid.type] else { throw unknown(uid, .root / "uid") }
    try requireAdmitted(uid, .root / "uid")
    try validate(.record(entity.attributes), .record(definition.attributes), "the attributes of \(uid)", .root / "attrs")
    if let type = definition.tags {
      for tag in entity.tags { try validate(tag.value, type, "the tag \(Escape.quoted(tag.key.string)) of \(uid)", .root / "tags" / tag.key) }
    } else if !entity.tags.isEmpty {
      throw ConformanceError(
        "\(uid) has tags, which entities of its type can't have", hint: "declare them in the schema: `entity \(uid.type.basename) tags …;`", at: .root / "tags")
    }
    for (index, parent) in entity.parents.enumerated() {
      let place = JSONPath.root / "parents" / index
      guard definition.ancestors.contains(parent.type) else {
        throw ConformanceError(
          "\(uid) can't be in \(parent): entities of type `\(uid.type)` are not in those of type `\(parent.type)`",
          hint: "declare it in the schema: `entity \(uid.type.basename) in [\(parent.type)]`", at: place)
      }
      try requireAdmitted(parent, place)
    }
  }

  /// Checks that a value has a type.
  private func validate(_ value: Value, _ type: ValueType, _ what: String, _ place: JSONPath) throws(ConformanceError) {
    switch (value, type) {
    case (.bool, .bool), (.long, .long), (.string, .string), (.decimal, .decimal), (.ip, .ip), (.datetime, .datetime), (.duration, .duration): return
    case (.entity(let uid), .entity(let expected)) where uid.type == expected: try requireAdmitted(uid, place)
    case (.set(let set), .set(let element)):
      // Elements stand in an order of their own; the place is that of the set.
      for value in set.elements { try validate(value, element, what, place) }
    case (.record(let record), .record(let expected)):
      for attribute in record {
        guard let type = expected[attribute.key]?.type else {
          let near = Suggestion.nearest(to: attribute.key.string, in: expected.names.map(\.string))
          throw ConformanceError(
            "\(what) must not have `\(attribute.key)`",
            hint: near.map { "did you mean `\($0)`?" } ?? "leave it out, or declare it in the schema", at: .name(place, attribute.key))
        }
        try validate(attribute.value, type, "`\(attribute.key)` in \(what)", place / attribute.key)
      }
      for name in expected.names where expected[name]?.isRequired == true && record[name] == nil {
        throw ConformanceError("\(what) must have `\(name)`", hint: "add it, or declare it in the schema as `\(ExpressionWriter.attribute(name))?`", at: place)
      }
    default: throw ConformanceError("\(what) must be \(type.brief), not \(value.typeName)", hint: "give a value of that type, or change the schema", at: place)
    }
  }
}
