extension JSON {
  func requireString(_ path: JSONPath) throws(FormatError) -> Text {
    guard case .string(let text) = self else { throw FormatError("expected a string, found \(kind)", hint: "a string stands in double quotes", at: path) }
    return text
  }

  func requireArray(_ path: JSONPath) throws(FormatError) -> [JSON] {
    guard case .array(let elements) = self else {
      throw FormatError("expected an array, found \(kind)", hint: "an array is written `[…]`, also of one element", at: path)
    }
    return elements
  }

  func requireObject(_ path: JSONPath) throws(FormatError) -> [Member] {
    guard case .object(let members) = self else {
      throw FormatError("expected an object, found \(kind)", hint: "an object is written `{\"name\": …}`", at: path)
    }
    return members
  }

  /// Refuses members of other names.
  func requireOnly(_ names: [Text], _ path: JSONPath) throws(FormatError) {
    for member in try requireObject(path) where !names.contains(member.name) {
      let near = Suggestion.nearest(to: member.name.string, in: names.map(\.string).sorted())
      throw FormatError(
        "`\(member.name)` is not known here",
        hint: near.map { "did you mean `\($0)`?" } ?? "known are \(names.map { "`\($0)`" }.sorted().joined(separator: ", "))", at: .name(path, member.name))
    }
  }

  func require(_ name: Text, _ path: JSONPath) throws(FormatError) -> JSON {
    if let value = self[name] { return value }
    let names = try requireObject(path).map(\.name.string)
    let near = Suggestion.nearest(to: name.string, in: names)
    throw FormatError("`\(name)` is missing", hint: near.map { "is it the `\($0)` that is there?" } ?? "add a member `\"\(name)\": …`", at: path)
  }
}

extension EntityUID {
  /// Reads `{"type": "User", "id": "alice"}`, also as the value of a sole `__entity`.
  public init(json: JSON) throws(FormatError) { try self.init(json, .root) }

  init(_ json: JSON, _ path: JSONPath) throws(FormatError) {
    let object = json["__entity"] ?? json
    guard case .object = object, let type = object["type"], let id = object["id"] else {
      throw FormatError("expected an entity, {\"type\": …, \"id\": …}, found \(object.kind)", hint: "as in `{\"type\": \"User\", \"id\": \"alice\"}`", at: path)
    }
    let name = try type.requireString(path / "type")
    guard let entityType = EntityType(parsing: name.string) else {
      throw FormatError(
        "`\(name)` is not the name of an entity type", hint: Identifier.nameHint, at: path / "type")
    }
    self.init(entityType, try id.requireString(path / "id"))
  }

  /// `{"type": "User", "id": "alice"}`.
  public var json: JSON { .object([.init("type", .string(type.name)), .init("id", .string(id))]) }
}

extension Value {
  /// Reads a value in Cedar's JSON: bools, whole numbers, strings, arrays and objects as they are, entities as `{"__entity": {…}}`
  /// and extension values as `{"__extn": {"fn": …, "arg": …}}`. A type lets entities and extension values stand without the escape.
  public init(json: JSON, as type: ValueType? = nil) throws(FormatError) { try self.init(json, type, .root) }

  init(_ json: JSON, _ type: ValueType?, _ path: JSONPath) throws(FormatError) {
    switch type {
    case .entity: self = .entity(try EntityUID(json, path))
    case .decimal: self = try Self.construct(.decimal, json, path)
    case .ip: self = try Self.construct(.ip, json, path)
    case .datetime: self = try Self.construct(.datetime, json, path)
    case .duration: self = try Self.construct(.duration, json, path)
    case .set(let element):
      guard case .array(let elements) = json else { throw FormatError("expected an array, found \(json.kind)", hint: "the schema has a set here", at: path) }
      self = .set(try Self.elements(elements, element, path))
    case .record(let record):
      guard case .object(let members) = json else {
        throw FormatError("expected an object, found \(json.kind)", hint: "the schema has a record here", at: path)
      }
      self = .record(try Record(members, record, path))
    case .bool, .long, .string, nil: self = try Self.untyped(json, path)
    }
  }

  private static func elements(_ elements: [JSON], _ type: ValueType?, _ path: JSONPath) throws(FormatError) -> ValueSet {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for (index, element) in elements.enumerated() { values.append(try Value(element, type, path / index)) }
    return ValueSet(values)
  }

  private static func untyped(_ json: JSON, _ path: JSONPath) throws(FormatError) -> Value {
    switch json {
    case .null: throw FormatError("Cedar has no null", hint: "leave the attribute out, and ask with `has`", at: path)
    case .bool(let value): return .bool(value)
    case .long(let value): return .long(value)
    case .string(let value): return .string(value)
    case .array(let elements): return .set(try Self.elements(elements, nil, path))
    case .object(let members):
      if members.count == 1, let escaped = try escape(members[0], path) { return escaped }
      return .record(try Record(members, nil, path))
    }
  }

  private static func escape(_ member: JSON.Member, _ path: JSONPath) throws(FormatError) -> Value? {
    switch (member.name, member.value) {
    case ("__entity", .object):
      guard case .string = member.value["type"], case .string = member.value["id"] else { return nil }
      return .entity(try EntityUID(member.value, path / "__entity"))
    case ("__extn", _):
      guard let (name, arguments) = extensionCall(member) else { return nil }
      return try call(name, arguments, path / "__extn")
    case ("__expr", .string): throw FormatError("`__expr` is no longer part of the format", hint: "write `__entity` or `__extn`", at: path)
    default: return nil
    }
  }

  /// The function and the arguments of `"__extn": {"fn": …, "arg": …}`; of several arguments, `"args": […]`.
  static func extensionCall(_ member: JSON.Member) -> (name: Text, arguments: [JSON])? {
    guard member.name == "__extn", case .object(let members) = member.value, members.count >= 2, case .string(let name) = member.value["fn"] else { return nil }
    if let argument = member.value["arg"] { return (name, [argument]) }
    guard case .array(let arguments) = member.value["args"] else { return nil }
    return (name, arguments)
  }

  /// Where the type of the value is known, those of the arguments are too, and let them stand without escapes.
  private static func call(_ name: Text, _ arguments: [JSON], isTyped: Bool = false, _ path: JSONPath) throws(FormatError) -> Value {
    guard let function = ExtensionFunction(rawValue: name.string) else {
      throw FormatError("there is no function `\(name)`", hint: "the functions are `ip`, `decimal`, `datetime` and `duration`", at: path / "fn")
    }
    var values: [Value] = []
    let types = isTyped ? Typechecker.signature(of: function).0 : []
    for (index, argument) in arguments.enumerated() {
      values.append(try Value(argument, index < types.count ? types[index] : nil, path / "args" / index))
    }
    do throws(EvaluationError) {
      return try Operators.call(function, values, at: nil)
    } catch {
      throw FormatError(error.message, hint: function.form, at: path)
    }
  }

  /// A value of an extension type: a bare string is what its constructor takes.
  private static func construct(_ function: ExtensionFunction, _ json: JSON, _ path: JSONPath) throws(FormatError) -> Value {
    switch json {
    case .string(let text):
      guard let value = function.construct(text.string) else {
        throw FormatError(function.refuses(text), hint: function.form, at: path)
      }
      return value
    case .object:
      let content = json["__extn"] ?? json
      if case .string(let name) = content["fn"] {
        if let argument = content["arg"] { return try call(name, [argument], isTyped: true, path) }
        if case .array(let arguments) = content["args"] { return try call(name, arguments, isTyped: true, path) }
      }
      return try untyped(json, path)
    default: throw FormatError("expected \(function.product), found \(json.kind)", hint: function.form, at: path)
    }
  }

  /// The value in Cedar's JSON.
  public var json: JSON {
    switch self {
    case .bool(let value): .bool(value)
    case .long(let value): .long(value)
    case .string(let value): .string(value)
    case .entity(let uid): .object([.init("__entity", uid.json)])
    case .set(let set): .array(set.elements.map(\.json))
    case .record(let record): record.json
    case .decimal(let value): Self.extensionJSON("decimal", value.description)
    case .ip(let value): Self.extensionJSON("ip", value.description)
    case .datetime(let value) where value.isWritable: Self.extensionJSON("datetime", value.description)
    case .datetime(let value):
      .object([
        .init(
          "__extn",
          .object([
            .init("fn", .string("offset")),
            .init(
              "args",
              .array([
                Self.extensionJSON("datetime", "1970-01-01"), Self.extensionJSON("duration", Duration(milliseconds: value.milliseconds).description),
              ])),
          ]))
      ])
    case .duration(let value): Self.extensionJSON("duration", value.description)
    }
  }

  private static func extensionJSON(_ function: Text, _ argument: String) -> JSON {
    .object([.init("__extn", .object([.init("fn", .string(function)), .init("arg", .string(argument))]))])
  }
}

extension Record {
  init(_ members: [JSON.Member], _ type: RecordType?, _ path: JSONPath) throws(FormatError) {
    var attributes: [Attribute] = []
    attributes.reserveCapacity(members.count)
    for member in members {
      attributes.append(Attribute(member.name, try Value(member.value, type?[member.name]?.type, path / member.name)))
    }
    self.init(unique: attributes)
  }

  /// Reads attributes, such as those of a context. A type lets entities and extension values stand without the escape.
  public init(json: JSON, as type: RecordType? = nil) throws(FormatError) { try self.init(json.requireObject(.root), type, .root) }

  public var json: JSON { .object(map { .init($0.key, $0.value.json) }) }
}
