/// A request or an entity that does not fit the schema.
public struct ConformanceError: Error, Hashable, Sendable, CustomStringConvertible {
  public let message: String

  init(_ message: String) { self.message = message }

  public var description: String { message }
}

extension Schema {
  /// Checks that the action is declared, applies to the types of principal and resource, and that the context is what it takes.
  public func validate(_ request: Request) throws(ConformanceError) {
    guard let action = actions[request.action] else { throw ConformanceError("the schema has no action \(request.action)") }
    try validate(request.principal, "principal", action.principals, request.action)
    try validate(request.resource, "resource", action.resources, request.action)
    do throws(ConformanceError) {
      try validate(.record(request.context), .record(action.context), "the context")
    } catch {
      throw ConformanceError("\(error.message), as \(request.action) takes it")
    }
  }

  private func validate(_ uid: EntityUID, _ role: String, _ types: Set<EntityType>, _ action: EntityUID) throws(ConformanceError) {
    guard entities[uid.type] != nil else { throw ConformanceError("the schema has no entity type `\(uid.type)`") }
    guard types.contains(uid.type) else { throw ConformanceError("\(action) does not apply to a \(role) of type `\(uid.type)`") }
    try requireAdmitted(uid)
  }

  private func requireAdmitted(_ uid: EntityUID) throws(ConformanceError) {
    guard admits(uid) else { throw ConformanceError("the schema has no entity \(uid)") }
  }

  /// Checks that every entity has a declared type, the attributes, tags and groups of that type, and that actions are those declared.
  public func validate(_ entities: Entities) throws(ConformanceError) {
    for entity in entities { try validate(entity, entities) }
  }

  private func validate(_ entity: Entity, _ all: Entities) throws(ConformanceError) {
    let uid = entity.uid
    if uid.type.isAction {
      guard let action = actions[uid] else { throw ConformanceError("the schema has no action \(uid)") }
      guard entity.attributes.isEmpty, entity.tags.isEmpty, all.ancestors(of: uid) == action.ancestors else {
        throw ConformanceError("the action \(uid) is not as the schema declares it")
      }
      return
    }
    guard let definition = self.entities[uid.type] else { throw ConformanceError("the schema has no entity type `\(uid.type)`") }
    try requireAdmitted(uid)
    try validate(.record(entity.attributes), .record(definition.attributes), "the attributes of \(uid)")
    if let type = definition.tags {
      for tag in entity.tags { try validate(tag.value, type, "the tag \(Escape.quoted(tag.key.string)) of \(uid)") }
    } else if !entity.tags.isEmpty {
      throw ConformanceError("\(uid) has tags, which entities of its type can't have")
    }
    for parent in entity.parents {
      guard definition.ancestors.contains(parent.type) else {
        throw ConformanceError("\(uid) can't be in \(parent): entities of type `\(uid.type)` are not in those of type `\(parent.type)`")
      }
      try requireAdmitted(parent)
    }
  }

  /// Checks that a value has a type.
  func validate(_ value: Value, _ type: ValueType, _ place: String) throws(ConformanceError) {
    switch (value, type) {
    case (.bool, .bool), (.long, .long), (.string, .string), (.decimal, .decimal), (.ip, .ip), (.datetime, .datetime), (.duration, .duration): return
    case (.entity(let uid), .entity(let expected)) where uid.type == expected: try requireAdmitted(uid)
    case (.set(let set), .set(let element)):
      for value in set.elements { try validate(value, element, place) }
    case (.record(let record), .record(let expected)):
      for attribute in record {
        guard let type = expected[attribute.key]?.type else { throw ConformanceError("\(place) must not have `\(attribute.key)`") }
        try validate(attribute.value, type, "`\(attribute.key)` in \(place)")
      }
      for name in expected.names where expected[name]?.isRequired == true && record[name] == nil {
        throw ConformanceError("\(place) must have `\(name)`")
      }
    default: throw ConformanceError("\(place) must be \(type), not \(value.typeName)")
    }
  }
}
