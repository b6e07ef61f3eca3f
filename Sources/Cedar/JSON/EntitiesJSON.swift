extension Entities {
  /// Reads an array of entities: `{"uid": …, "attrs": {…}, "parents": […], "tags": {…}}`.
  ///
  /// With a schema, extension values and entities may stand without their escapes, everything is checked against it,
  /// and the actions it declares are added.
  public init(json text: String, schema: Schema? = nil, file: String? = nil) throws(DataFailure) {
    let document: JSON
    do throws(ParseFailure) { document = try JSON(parsing: text, file: file) } catch { throw DataFailure(error) }
    try self.init(document, schema, .init(text: text, file: file))
  }

  /// Reads a document that is read already; otherwise the same.
  public init(json document: JSON, schema: Schema? = nil) throws(DataFailure) { try self.init(document, schema, nil) }

  private init(_ document: JSON, _ schema: Schema?, _ source: DataFailure.Source?) throws(DataFailure) {
    var entities: [Entity] = []
    do throws(FormatError) {
      let elements = try document.requireArray(.root)
      entities.reserveCapacity(elements.count)
      for (index, element) in elements.enumerated() { entities.append(try Entity(element, schema, .root / index)) }
    } catch {
      throw DataFailure(error, source)
    }
    do throws(Failure) { try self.init(entities) } catch { throw Self.failure(error, entities, source) }
    guard let schema else { return }
    do throws(ConformanceError) {
      try schema.validate(self)
    } catch {
      let place = error.entity.flatMap { uid in entities.firstIndex { $0.uid == uid } }.map { JSONPath.root / $0 } ?? .root
      throw DataFailure(.conformance, error.message, hint: error.hint, at: error.place.from(place), source)
    }
    do throws(Failure) { self = try adding(schema.actionEntities.filter { self[$0.uid] == nil }) } catch { throw Self.failure(error, entities, source) }
  }

  private static func failure(_ failure: Failure, _ entities: [Entity], _ source: DataFailure.Source?) -> DataFailure {
    let uid: EntityUID
    let hint: String
    switch failure {
    case .duplicate(let duplicate): (uid, hint) = (duplicate, "leave one of the two out, or let both say the same")
    case .cycle(let member): (uid, hint) = (member, "groups may contain groups, but not themselves: remove one of the parents on the way back")
    }
    let index = entities.lastIndex { $0.uid == uid }
    return DataFailure(.hierarchy, failure.description, hint: hint, at: index.map { .root / $0 / "uid" } ?? .root, source)
  }

  public var json: JSON { .array(map(\.json)) }
}

extension Entity {
  init(_ json: JSON, _ schema: Schema?, _ path: JSONPath) throws(FormatError) {
    let uid = try EntityUID(try json.require("uid", path), path / "uid")
    let definition = schema?.entities[uid.type]
    let attributes = try Record(try json.require("attrs", path).requireObject(path / "attrs"), definition?.attributes, path / "attrs")
    var parents: [EntityUID] = []
    for (index, parent) in try json.require("parents", path).requireArray(path / "parents").enumerated() {
      let place = path / "parents" / index
      let parent = try EntityUID(parent, place)
      // Groups of actions are actions, in any namespace; the specification's validator relies on it.
      guard parent.type.isAction || !uid.type.isAction else {
        throw FormatError(
          "\(uid) is an action and can't be in \(parent)", hint: "the parents of an action are actions: their type is `Action`, in any namespace", at: place)
      }
      parents.append(parent)
    }
    var tags: [Record.Attribute] = []
    for member in try json["tags"]?.requireObject(path / "tags") ?? [] {
      tags.append(.init(member.name, try Value(member.value, definition?.tags, path / "tags" / member.name)))
    }
    self.init(uid, attributes: attributes, tags: Record(unique: tags), parents: parents)
  }

  public var json: JSON {
    var members: [JSON.Member] = [.init("uid", uid.json), .init("attrs", attributes.json), .init("parents", .array(parents.map(\.json)))]
    if !tags.isEmpty { members.append(.init("tags", tags.json)) }
    return .object(members)
  }
}

extension Request {
  /// Reads `{"principal": …, "action": …, "resource": …, "context": {…}}`; entities as objects or as text, `User::"alice"`.
  ///
  /// With a schema the request is checked against it, and its context may leave out escapes.
  public init(json text: String, schema: Schema? = nil, file: String? = nil) throws(DataFailure) {
    let document: JSON
    do throws(ParseFailure) { document = try JSON(parsing: text, file: file) } catch { throw DataFailure(error) }
    try self.init(document, schema, .init(text: text, file: file))
  }

  /// Reads a document that is read already; otherwise the same.
  public init(json document: JSON, schema: Schema? = nil) throws(DataFailure) { try self.init(document, schema, nil) }

  private init(_ document: JSON, _ schema: Schema?, _ source: DataFailure.Source?) throws(DataFailure) {
    do throws(FormatError) {
      let action = try Self.entity(document, "action")
      let context = try document["context"]?.requireObject(.root / "context") ?? []
      self.init(
        principal: try Self.entity(document, "principal"), action: action, resource: try Self.entity(document, "resource"),
        context: try Record(context, schema?.actions[action]?.context, .root / "context"))
    } catch {
      throw DataFailure(error, source)
    }
    guard let schema else { return }
    do throws(ConformanceError) { try schema.validate(self) } catch {
      throw DataFailure(.conformance, error.message, hint: error.hint, at: error.place, source)
    }
  }

  private static func entity(_ document: JSON, _ name: Text) throws(FormatError) -> EntityUID {
    let value = try document.require(name, .root)
    guard case .string(let text) = value else { return try EntityUID(value, .root / name) }
    do throws(ParseFailure) {
      return try EntityUID(parsing: text.string)
    } catch {
      throw FormatError(
        error.diagnostics.first?.message ?? "expected an entity",
        hint: "as in `User::\\\"alice\\\"` or `{\"type\": \"User\", \"id\": \"alice\"}`", at: .root / name)
    }
  }

  public var json: JSON {
    .object([.init("principal", principal.json), .init("action", action.json), .init("resource", resource.json), .init("context", context.json)])
  }
}
