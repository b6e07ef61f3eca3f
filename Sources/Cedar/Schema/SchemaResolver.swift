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
    do throws(SchemaFailure) {
      return try resolver.schema()
    } catch {
      throw error.located(in: source, file: file)
    }
  }
}

private struct SchemaResolver {
  /// A type and how many types it consists of, each counted as often as it stands there.
  private struct SizedType {
    let type: ValueType
    let size: Int
  }

  private let document: SchemaDocument
  private let names: SchemaNames
  private var resolvedTypes: [Text: SizedType] = [:]
  /// The common types being resolved, to find those that contain themselves.
  private var open: [Text] = []
  private var depth = 0

  init(_ document: SchemaDocument) {
    self.document = document
    names = SchemaNames(document)
  }

  mutating func schema() throws(SchemaFailure) -> Schema {
    try requireNames()
    try refuseShadowing()
    for name in names.commonTypes.keys.sorted() { _ = try commonType(name, .root) }
    let entities = try entities()
    return Schema(entities: entities, actions: try actions(entities))
  }

  private func place(_ namespace: Text?, _ section: Text) -> JSONPath { .root / (namespace ?? "") / section }

  private func qualified(_ name: Text, _ namespace: Text?) -> Text { SchemaNames.qualified(name, namespace) }

  // MARK: Names

  private static let twice = "leave one of the two out, or rename it"
  private static let declarationHint = "names are letters, digits and `_`, begin with no digit and are no keywords; their namespace stands around them"
  private static let reservedTypeNames: Set<Text> = ["Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String"]

  private func requireNames() throws(SchemaFailure) {
    var entities: Set<Text> = []
    var types: Set<Text> = []
    for namespace in document.namespaces {
      if let name = namespace.name, !Identifier.isName(name.string) {
        throw SchemaFailure("`\(name)` can't be the name of a namespace", hint: Identifier.nameHint, at: .name(.root, name))
      }
      for declaration in namespace.entities {
        guard Identifier.isDeclarable(declaration.name.string) else {
          throw SchemaFailure(
            "`\(declaration.name)` can't be the name of an entity type",
            hint: Self.declarationHint, at: .name(place(namespace.name, "entityTypes"), declaration.name))
        }
        guard declaration.name != "Action" else {
          throw SchemaFailure(
            "the entity type `Action` can't be declared",
            hint: "it is there as soon as an action is declared", at: .name(place(namespace.name, "entityTypes"), declaration.name))
        }
        let name = qualified(declaration.name, namespace.name)
        guard entities.insert(name).inserted else {
          throw SchemaFailure("the entity type `\(name)` is declared twice", hint: Self.twice, at: .name(place(namespace.name, "entityTypes"), declaration.name))
        }
      }
      for declaration in namespace.types {
        guard Identifier.isDeclarable(declaration.name.string), !Self.reservedTypeNames.contains(declaration.name) else {
          throw SchemaFailure(
            "`\(declaration.name)` can't be the name of a type",
            hint: "\(Self.declarationHint), and not those of built-in types", at: .name(place(namespace.name, "commonTypes"), declaration.name))
        }
        let name = qualified(declaration.name, namespace.name)
        guard types.insert(name).inserted else {
          throw SchemaFailure("the type `\(name)` is declared twice", hint: Self.twice, at: .name(place(namespace.name, "commonTypes"), declaration.name))
        }
      }
      var actions: Set<Text> = []
      for declaration in namespace.actions {
        guard actions.insert(declaration.name).inserted else {
          throw SchemaFailure("the action `\(declaration.name)` is declared twice", hint: Self.twice, at: .name(place(namespace.name, "actions"), declaration.name))
        }
      }
    }
  }

  /// A declaration outside of namespaces may not have the name of one inside of a namespace (Cedar RFC 70).
  private func refuseShadowing() throws(SchemaFailure) {
    let bare = document.namespaces.filter { $0.name == nil }
    let bareTypes = Set(bare.flatMap { $0.entities.map(\.name) + $0.types.map(\.name) })
    let bareActions = Set(bare.flatMap { $0.actions.map(\.name) })
    for namespace in document.namespaces where namespace.name != nil {
      func refuse(_ name: Text, _ section: Text) throws(SchemaFailure) {
        guard bareTypes.contains(name) else { return }
        throw SchemaFailure(
          "`\(qualified(name, namespace.name))` has the name of the type `\(name)` outside of namespaces",
          hint: "rename one of the two", at: .name(place(namespace.name, section), name))
      }
      for declaration in namespace.entities { try refuse(declaration.name, "entityTypes") }
      for declaration in namespace.types { try refuse(declaration.name, "commonTypes") }
      for action in namespace.actions where bareActions.contains(action.name) {
        throw SchemaFailure(
          "the action \(Escape.quoted(action.name.string)) of `\(namespace.name ?? "")` has the name of one outside of namespaces",
          hint: "rename one of the two",
          at: .name(place(namespace.name, "actions"), action.name))
      }
    }
  }

  private func entityType(_ name: Text, _ namespace: Text?, _ place: JSONPath) throws(SchemaFailure) -> EntityType {
    for candidate in SchemaNames.candidates(name, namespace) where names.entityNames.contains(candidate) { return EntityType(candidate) }
    if case .entity? = names.meaning(of: name, in: namespace, as: .entity) {
      throw SchemaFailure("`\(name)` is the type of actions", hint: "actions are no principals, no resources, and nothing but actions is in them", at: place)
    }
    throw unknown(name, "entity type", names.entityNames, place)
  }

  private func entityTypes(_ names: [Text], _ namespace: Text?, _ place: JSONPath) throws(SchemaFailure) -> Set<EntityType> {
    var types: Set<EntityType> = []
    for (index, name) in names.enumerated() { types.insert(try entityType(name, namespace, place / index)) }
    return types
  }

  private func unknown(_ name: Text, _ what: String, _ known: some Sequence<Text>, _ place: JSONPath) -> SchemaFailure {
    let near = Suggestion.nearest(to: name.string, in: known.map(\.string).sorted())
    return SchemaFailure(
      "there is no \(what) `\(name)`",
      hint: near.map { "did you mean `\($0)`?" } ?? "declare it, or write its namespace before it: `Namespace::\(name)`", at: place)
  }

  // MARK: Types

  /// The type that a common type's full name stands for.
  private mutating func commonType(_ name: Text, _ place: JSONPath) throws(SchemaFailure) -> SizedType {
    if let type = resolvedTypes[name] { return type }
    guard let (namespace, declaration) = names.commonTypes[name] else { throw unknown(name, "type", names.commonTypes.keys, place) }
    if let start = open.firstIndex(of: name) {
      let way = (open[start...] + [name]).map(\.string).joined(separator: " → ")
      throw SchemaFailure("the type `\(name)` contains itself: \(way)", hint: "what refers to itself is an entity, not a record", at: place)
    }
    open.append(name)
    let type = try sized(declaration.type, namespace.name, self.place(namespace.name, "commonTypes") / declaration.name)
    open.removeLast()
    resolvedTypes[name] = type
    return type
  }

  private mutating func type(_ expression: SchemaDocument.TypeExpression, _ namespace: Text?, _ place: JSONPath) throws(SchemaFailure) -> ValueType {
    try sized(expression, namespace, place).type
  }

  private mutating func sized(_ expression: SchemaDocument.TypeExpression, _ namespace: Text?, _ place: JSONPath) throws(SchemaFailure) -> SizedType {
    depth += 1
    defer { depth -= 1 }
    guard depth <= 4 * Limits.nesting else { throw SchemaFailure("types are nested too deep", hint: "keep records flat, or make some of them entities", at: place) }
    switch expression {
    case .builtin(let name):
      guard let type = SchemaDocument.builtins[name] else { throw unknown(name, "built-in type", SchemaDocument.builtins.keys, place / "name") }
      return SizedType(type: type, size: 1)
    case .entity(let name): return try named(name, namespace, as: .entity, place / "name")
    case .common(let name): return try named(name, namespace, as: .common, place / "type")
    case .name(let name): return try named(name, namespace, as: .any, place / "name")
    case .set(let element):
      let element = try sized(element, namespace, place / "element")
      try requireSize(element.size + 1, place)
      return SizedType(type: .set(element.type), size: element.size + 1)
    case .record(let attributes):
      var result: [Text: RecordType.Attribute] = [:]
      var size = 1
      for attribute in attributes {
        let attributePlace = place / "attributes" / attribute.name
        let type = try sized(attribute.type, namespace, attributePlace)
        size += type.size
        try requireSize(size, attributePlace)
        guard result.updateValue(.init(type.type, isRequired: attribute.isRequired), forKey: attribute.name) == nil else {
          throw SchemaFailure("the attribute `\(attribute.name)` is declared twice", hint: Self.twice, at: .name(place / "attributes", attribute.name))
        }
      }
      return SizedType(type: .record(RecordType(result)), size: size)
    }
  }

  private func requireSize(_ size: Int, _ place: JSONPath) throws(SchemaFailure) {
    guard size <= Limits.typeSize else {
      throw SchemaFailure(
        "with all names written out, this type consists of more than \(Limits.typeSize) types", hint: "make some of its records entities", at: place)
    }
  }

  private mutating func named(_ name: Text, _ namespace: Text?, as role: SchemaNames.Role, _ place: JSONPath) throws(SchemaFailure) -> SizedType {
    switch names.meaning(of: name, in: namespace, as: role) {
    case .common(let name)?: return try commonType(name, place)
    case .entity(let name)?: return SizedType(type: .entity(EntityType(name)), size: 1)
    case .builtin(_, let type)?: return SizedType(type: type, size: 1)
    case nil: break
    }
    guard role != .entity else { throw unknown(name, "entity type", names.entityNames, place) }
    let builtins = SchemaDocument.builtins.keys.filter { $0 != "Boolean" }
    throw unknown(name, "type", Array(names.commonTypes.keys) + (role == .any ? Array(names.entityNames) : []) + builtins, place)
  }

  private mutating func recordType(
    _ expression: SchemaDocument.TypeExpression, _ namespace: Text?, _ what: String, _ place: JSONPath
  ) throws(SchemaFailure) -> RecordType {
    if case .record(let record) = try type(expression, namespace, place) { return record }
    let isNamed = switch expression { case .name, .entity: true default: false }
    throw SchemaFailure("\(what) must be a record", hint: "write `{ name: Type, … }`, or the name of a type that is one", at: place / (isNamed ? "name" : "type"))
  }

  // MARK: Definitions

  private mutating func entities() throws(SchemaFailure) -> [EntityType: Schema.EntityDefinition] {
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
          guard !ids.isEmpty else { throw SchemaFailure("the enumeration `\(type)` is empty", hint: "name at least one id", at: place / "enum") }
          enumeration = ids
        }
        result[type] = Schema.EntityDefinition(
          type: type, enumeration: enumeration, parents: parents[type] ?? [], ancestors: Self.closure(of: type, parents), attributes: attributes,
          tags: tagType, annotations: declaration.annotations)
      }
    }
    return result
  }

  private mutating func actions(_ entities: [EntityType: Schema.EntityDefinition]) throws(SchemaFailure) -> [EntityUID: Schema.ActionDefinition] {
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
          throw SchemaFailure("the action \(uid) is in itself", hint: "groups may contain groups, but not themselves", at: place / "memberOf" / (index ?? 0) / "id")
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
    SchemaNames.candidates(type ?? "Action", namespace).map { EntityType($0) }
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
