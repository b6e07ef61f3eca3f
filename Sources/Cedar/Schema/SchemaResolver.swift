extension SchemaDocument {
  /// Finds what every name stands for and checks that all of it fits together.
  ///
  /// A name written without a namespace is looked up in its own namespace first, then outside of all; a common type comes
  /// before an entity type of the same name, and both before the built-in one.
  ///
  /// - Parameters:
  ///   - source: the text the document was read from, so that errors show their place.
  ///   - file: the name that errors give to the text.
  public func resolved(source: String? = nil, file: String? = nil) throws(ParseFailure) -> Schema {
    var resolver = SchemaResolver(self)
    do throws(SchemaResolver.Failure) {
      return try resolver.schema()
    } catch {
      let location = source.flatMap { SchemaLocator($0).location(of: error.place) }
      throw ParseFailure(diagnostics: [Diagnostic(.error, error.message, hint: error.hint, file: file, location: location)])
    }
  }
}

private struct SchemaResolver {
  struct Failure: Error {
    let message: String
    let hint: String
    /// Where the schema's JSON says it.
    let place: JSONPath

    init(_ message: String, hint: String, at place: JSONPath) {
      self.message = message
      self.hint = hint
      self.place = place
    }
  }

  private let document: SchemaDocument
  private var entityNames: Set<Text> = []
  private var commonTypes: [Text: (namespace: SchemaDocument.Namespace, declaration: SchemaDocument.TypeDeclaration)] = [:]
  private var resolvedTypes: [Text: ValueType] = [:]
  /// The common types being resolved, to find those that contain themselves.
  private var open: [Text] = []
  private var depth = 0

  init(_ document: SchemaDocument) { self.document = document }

  mutating func schema() throws(Failure) -> Schema {
    try collectNames()
    try refuseShadowing()
    for name in commonTypes.keys.sorted() { _ = try commonType(name, .root) }
    let entities = try entities()
    return Schema(entities: entities, actions: try actions(entities))
  }

  private func place(_ namespace: Text?, _ section: Text) -> JSONPath { .root / (namespace ?? "") / section }

  private func qualified(_ name: Text, _ namespace: Text?) -> Text { namespace.map { Text("\($0)::\(name)") } ?? name }

  // MARK: Names

  private static let twice = "leave one of the two out, or rename it"
  private static let reservedTypeNames: Set<Text> = ["Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String"]

  private mutating func collectNames() throws(Failure) {
    for namespace in document.namespaces {
      if let name = namespace.name, !Identifier.isName(name.string) {
        throw Failure("`\(name)` can't be the name of a namespace", hint: Identifier.nameHint, at: .name(.root, name))
      }
      for declaration in namespace.entities {
        guard Identifier.isName(declaration.name.string) else {
          throw Failure(
            "`\(declaration.name)` can't be the name of an entity type",
            hint: Identifier.nameHint, at: .name(place(namespace.name, "entityTypes"), declaration.name))
        }
        guard declaration.name != "Action" else {
          throw Failure(
            "the entity type `Action` can't be declared",
            hint: "it is there as soon as an action is declared", at: .name(place(namespace.name, "entityTypes"), declaration.name))
        }
        let name = qualified(declaration.name, namespace.name)
        guard entityNames.insert(name).inserted else {
          throw Failure("the entity type `\(name)` is declared twice", hint: Self.twice, at: .name(place(namespace.name, "entityTypes"), declaration.name))
        }
      }
      for declaration in namespace.types {
        guard Identifier.isName(declaration.name.string), !Self.reservedTypeNames.contains(declaration.name) else {
          throw Failure(
            "`\(declaration.name)` can't be the name of a type",
            hint: "\(Identifier.nameHint), and not those of built-in types", at: .name(place(namespace.name, "commonTypes"), declaration.name))
        }
        let name = qualified(declaration.name, namespace.name)
        guard commonTypes.updateValue((namespace, declaration), forKey: name) == nil else {
          throw Failure("the type `\(name)` is declared twice", hint: Self.twice, at: .name(place(namespace.name, "commonTypes"), declaration.name))
        }
      }
      var actions: Set<Text> = []
      for declaration in namespace.actions {
        guard actions.insert(declaration.name).inserted else {
          throw Failure("the action `\(declaration.name)` is declared twice", hint: Self.twice, at: .name(place(namespace.name, "actions"), declaration.name))
        }
      }
    }
  }

  /// A declaration outside of namespaces may not have the name of one inside of a namespace (Cedar RFC 70).
  private mutating func refuseShadowing() throws(Failure) {
    let bare = document.namespaces.filter { $0.name == nil }
    let bareTypes = Set(bare.flatMap { $0.entities.map(\.name) + $0.types.map(\.name) })
    let bareActions = Set(bare.flatMap { $0.actions.map(\.name) })
    for namespace in document.namespaces where namespace.name != nil {
      func refuse(_ name: Text, _ section: Text) throws(Failure) {
        guard bareTypes.contains(name) else { return }
        throw Failure(
          "`\(qualified(name, namespace.name))` has the name of the type `\(name)` outside of namespaces",
          hint: "rename one of the two", at: .name(place(namespace.name, section), name))
      }
      for declaration in namespace.entities { try refuse(declaration.name, "entityTypes") }
      for declaration in namespace.types { try refuse(declaration.name, "commonTypes") }
      for action in namespace.actions where bareActions.contains(action.name) {
        throw Failure(
          "the action \(Escape.quoted(action.name.string)) of `\(namespace.name ?? "")` has the name of one outside of namespaces",
          hint: "rename one of the two",
          at: .name(place(namespace.name, "actions"), action.name))
      }
    }
  }

  private func candidates(_ name: Text, _ namespace: Text?) -> [Text] {
    name.string.utf8.contains(UInt8(ascii: ":")) || namespace == nil ? [name] : [qualified(name, namespace), name]
  }

  private func entityType(_ name: Text, _ namespace: Text?, _ place: JSONPath) throws(Failure) -> EntityType {
    for candidate in candidates(name, namespace) where entityNames.contains(candidate) { return EntityType(candidate) }
    throw unknown(name, "entity type", entityNames, place)
  }

  private func entityTypes(_ names: [Text], _ namespace: Text?, _ place: JSONPath) throws(Failure) -> Set<EntityType> {
    var types: Set<EntityType> = []
    for (index, name) in names.enumerated() { types.insert(try entityType(name, namespace, place / index)) }
    return types
  }

  private func unknown(_ name: Text, _ what: String, _ known: some Sequence<Text>, _ place: JSONPath) -> Failure {
    let near = Suggestion.nearest(to: name.string, in: known.map(\.string).sorted())
    return Failure(
      "there is no \(what) `\(name)`",
      hint: near.map { "did you mean `\($0)`?" } ?? "declare it, or write its namespace before it: `Namespace::\(name)`", at: place)
  }

  // MARK: Types

  /// The type that a name stands for at a place.
  private mutating func commonType(_ name: Text, _ place: JSONPath) throws(Failure) -> ValueType {
    if let type = resolvedTypes[name] { return type }
    guard let (namespace, declaration) = commonTypes[name] else { throw unknown(name, "type", commonTypes.keys, place) }
    if let start = open.firstIndex(of: name) {
      let way = (open[start...] + [name]).map(\.string).joined(separator: " → ")
      throw Failure("the type `\(name)` contains itself: \(way)", hint: "what refers to itself is an entity, not a record", at: place)
    }
    open.append(name)
    let type = try type(declaration.type, namespace.name, self.place(namespace.name, "commonTypes") / declaration.name)
    open.removeLast()
    resolvedTypes[name] = type
    return type
  }

  private mutating func type(_ expression: SchemaDocument.TypeExpression, _ namespace: Text?, _ place: JSONPath) throws(Failure) -> ValueType {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 4 * Limits.nesting else { throw Failure("types are nested too deep", hint: "keep records flat, or make some of them entities", at: place) }
    switch expression {
    case .builtin(let name):
      guard let type = SchemaDocument.builtins[name] else { throw unknown(name, "built-in type", SchemaDocument.builtins.keys, place / "name") }
      return type
    case .entity(let name): return .entity(try entityType(name, namespace, place / "name"))
    case .common(let name): return try named(name, namespace, place / "type", entities: false)
    case .name(let name): return try named(name, namespace, place / "name", entities: true)
    case .set(let element): return .set(try type(element, namespace, place / "element"))
    case .record(let attributes):
      var result: [Text: RecordType.Attribute] = [:]
      for attribute in attributes {
        let type = try type(attribute.type, namespace, place / "attributes" / attribute.name)
        guard result.updateValue(.init(type, isRequired: attribute.isRequired), forKey: attribute.name) == nil else {
          throw Failure("the attribute `\(attribute.name)` is declared twice", hint: Self.twice, at: .name(place / "attributes", attribute.name))
        }
      }
      return .record(RecordType(result))
    }
  }

  private mutating func named(_ name: Text, _ namespace: Text?, _ place: JSONPath, entities: Bool) throws(Failure) -> ValueType {
    for candidate in candidates(name, namespace) {
      if commonTypes[candidate] != nil { return try commonType(candidate, place) }
      if entities, entityNames.contains(candidate) || isActionType(candidate) { return .entity(EntityType(candidate)) }
    }
    if name != "Boolean", let type = SchemaDocument.builtins[name], !entityNames.contains(name) { return type }
    let prefix = "__cedar::"
    if name.string.hasPrefix(prefix), name != "__cedar::Boolean", let type = SchemaDocument.builtins[Text(String(name.string.dropFirst(prefix.count)))] {
      return type
    }
    let builtins = SchemaDocument.builtins.keys.filter { $0 != "Boolean" }
    throw unknown(name, "type", Array(commonTypes.keys) + (entities ? Array(entityNames) : []) + builtins, place)
  }

  private func isActionType(_ name: Text) -> Bool {
    document.namespaces.contains { !$0.actions.isEmpty && qualified("Action", $0.name) == name }
  }

  private mutating func recordType(
    _ expression: SchemaDocument.TypeExpression, _ namespace: Text?, _ what: String, _ place: JSONPath
  ) throws(Failure) -> RecordType {
    if case .record(let record) = try type(expression, namespace, place) { return record }
    let isNamed = switch expression { case .name, .entity: true default: false }
    throw Failure("\(what) must be a record", hint: "write `{ name: Type, … }`, or the name of a type that is one", at: place / (isNamed ? "name" : "type"))
  }

  // MARK: Definitions

  private mutating func entities() throws(Failure) -> [EntityType: Schema.EntityDefinition] {
    var parents: [EntityType: Set<EntityType>] = [:]
    for namespace in document.namespaces {
      for declaration in namespace.entities {
        guard case .standard(let names, _, _) = declaration.kind else { continue }
        let place = place(namespace.name, "entityTypes") / declaration.name / "memberOfTypes"
        parents[EntityType(qualified(declaration.name, namespace.name))] = try entityTypes(names, namespace.name, place)
      }
    }
    var result: [EntityType: Schema.EntityDefinition] = [:]
    for namespace in document.namespaces {
      for declaration in namespace.entities {
        let place = place(namespace.name, "entityTypes") / declaration.name
        let type = EntityType(qualified(declaration.name, namespace.name))
        var attributes = RecordType()
        var tagType: ValueType?
        var enumeration: [Text]?
        switch declaration.kind {
        case .standard(_, let shape, let tags):
          attributes = try recordType(shape, namespace.name, "the shape of `\(type)`", place / "shape")
          if let tags { tagType = try self.type(tags, namespace.name, place / "tags") }
        case .enumeration(let ids):
          guard !ids.isEmpty else { throw Failure("the enumeration `\(type)` is empty", hint: "name at least one id", at: place / "enum") }
          enumeration = ids
        }
        result[type] = Schema.EntityDefinition(
          type: type, enumeration: enumeration, parents: parents[type] ?? [], ancestors: Self.closure(of: type, parents), attributes: attributes,
          tags: tagType, annotations: declaration.annotations)
      }
    }
    return result
  }

  private mutating func actions(_ entities: [EntityType: Schema.EntityDefinition]) throws(Failure) -> [EntityUID: Schema.ActionDefinition] {
    var all: Set<EntityUID> = []
    for namespace in document.namespaces {
      let type = EntityType(qualified("Action", namespace.name))
      for declaration in namespace.actions { all.insert(EntityUID(type, declaration.name)) }
    }
    var members: [EntityUID: [EntityUID]] = [:]
    var parents: [EntityUID: Set<EntityUID>] = [:]
    for namespace in document.namespaces {
      let type = EntityType(qualified("Action", namespace.name))
      for declaration in namespace.actions {
        let uid = EntityUID(type, declaration.name)
        let place = place(namespace.name, "actions") / declaration.name / "memberOf"
        var groups: [EntityUID] = []
        for (index, group) in declaration.groups.enumerated() {
          let found = candidateTypes(group.type, namespace.name).lazy.map { EntityUID($0, group.id) }.first(where: all.contains)
          guard let found else { throw unknown(group.id, "action", all.map(\.id), place / index / "id") }
          groups.append(found)
        }
        members[uid] = groups
        parents[uid] = Set(groups)
      }
    }
    var result: [EntityUID: Schema.ActionDefinition] = [:]
    for namespace in document.namespaces {
      let type = EntityType(qualified("Action", namespace.name))
      for declaration in namespace.actions {
        let uid = EntityUID(type, declaration.name)
        let ancestors = Self.closure(of: uid, parents)
        let place = place(namespace.name, "actions") / declaration.name
        guard !ancestors.contains(uid) else {
          let index = members[uid]?.firstIndex { $0 == uid || Self.closure(of: $0, parents).contains(uid) }
          throw Failure("the action \(uid) is in itself", hint: "groups may contain groups, but not themselves", at: place / "memberOf" / (index ?? 0) / "id")
        }
        var principals: Set<EntityType> = []
        var resources: Set<EntityType> = []
        var context = RecordType()
        if let application = declaration.application {
          let place = place / "appliesTo"
          principals = try entityTypes(application.principals, namespace.name, place / "principalTypes")
          resources = try entityTypes(application.resources, namespace.name, place / "resourceTypes")
          context = try recordType(application.context, namespace.name, "the context of \(uid)", place / "context")
        }
        result[uid] = Schema.ActionDefinition(
          uid: uid, principals: principals, resources: resources, context: context, parents: parents[uid] ?? [], ancestors: ancestors,
          annotations: declaration.annotations)
      }
    }
    return result
  }

  private func candidateTypes(_ type: Text?, _ namespace: Text?) -> [EntityType] {
    candidates(type ?? "Action", namespace).map { EntityType($0) }
  }

  /// Everything reachable through parents; without the start, unless it lies on a cycle.
  private static func closure<Node: Hashable>(of start: Node, _ parents: [Node: Set<Node>]) -> Set<Node> {
    var result: Set<Node> = []
    var queue = Array(parents[start] ?? [])
    while let next = queue.popLast() {
      if result.insert(next).inserted { queue += parents[next] ?? [] }
    }
    return result
  }
}
