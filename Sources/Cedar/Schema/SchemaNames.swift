/// The names that a schema document declares, and what a name written in it stands for.
struct SchemaNames {
  /// What a name stands for, with its full name.
  enum Meaning: Hashable {
    case common(Text)
    case entity(Text)
    case builtin(Text, ValueType)
  }

  /// What a name may stand for where it is written.
  enum Role {
    case any
    case common
    case entity
  }

  private(set) var entityNames: Set<Text> = []
  private(set) var commonTypes: [Text: (namespace: SchemaDocument.Namespace, declaration: SchemaDocument.TypeDeclaration)] = [:]
  private var actionTypes: Set<Text> = []

  init(_ document: SchemaDocument) {
    for namespace in document.namespaces {
      for declaration in namespace.entities { entityNames.insert(Self.qualified(declaration.name, namespace.name)) }
      for declaration in namespace.types { commonTypes[Self.qualified(declaration.name, namespace.name)] = (namespace, declaration) }
      if !namespace.actions.isEmpty { actionTypes.insert(Self.qualified("Action", namespace.name)) }
    }
  }

  static func qualified(_ name: Text, _ namespace: Text?) -> Text { namespace.map { Text("\($0)::\(name)") } ?? name }

  static func candidates(_ name: Text, _ namespace: Text?) -> [Text] {
    name.string.utf8.contains(UInt8(ascii: ":")) || namespace == nil ? [name] : [qualified(name, namespace), name]
  }

  /// What a name written in a namespace stands for; nil where nothing goes by it.
  func meaning(of name: Text, in namespace: Text?, as role: Role) -> Meaning? {
    for candidate in Self.candidates(name, namespace) {
      if role != .entity, commonTypes[candidate] != nil { return .common(candidate) }
      if role != .common, entityNames.contains(candidate) || actionTypes.contains(candidate) { return .entity(candidate) }
    }
    guard role != .entity else { return nil }
    if let type = builtin(name), !entityNames.contains(name) { return .builtin(name, type) }
    let prefix = "__cedar::"
    guard name.string.hasPrefix(prefix) else { return nil }
    let bare = Text(String(name.string.dropFirst(prefix.count)))
    return builtin(bare).map { .builtin(bare, $0) }
  }

  private func builtin(_ name: Text) -> ValueType? { name == "Boolean" ? nil : SchemaDocument.builtins[name] }
}
