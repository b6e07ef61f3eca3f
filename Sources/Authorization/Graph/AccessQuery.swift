internal import Cedar

/// A verb in the numbers of one graph.
public struct AccessVerb: Sendable, Hashable {
  /// Its column in the table of roles.
  let column: Int32
  /// Its number among those that policies name.
  let rule: Int32
  let isReading: Bool
  let isSharing: Bool
  let name: String
}

/// A principal in the numbers of one graph.
public struct AccessMember: Sendable, Hashable {
  let number: Int32

  /// Somebody the graph has never heard of; sees what is public.
  public static let stranger = AccessMember(number: -1)

  /// Whether the graph has heard of them.
  public var isKnown: Bool { number >= 0 }
}

/// A resource in the numbers of one graph: one it knows, or one that is merely named, with what it stands in and its attributes.
public struct AccessTarget: Sendable {
  /// −1 where nothing is called so.
  let number: Int32
  /// The row of the shares of what is merely named, or −1.
  let shared: Int32
  /// −1 for what stands in the organization itself.
  let parent: Int32
  let type: Int32
  /// The row of its type in the table of roles.
  let typeRow: Int32
  /// What the graph doesn't know of it; nil for those it knows.
  let named: NamedResource?

  var isKnown: Bool { named == nil }
}

/// What a request says of a resource that the graph doesn't know.
final class NamedResource: Sendable {
  let type: ResourceType
  let id: String
  let isOwn: Bool
  let visibility: Visibility
  /// Pairs of a name and a word.
  let words: ContiguousArray<Int32>
  /// The values that nothing in the graph has, numbered from ``firstLocal`` on; a context's are numbered from zero.
  let locals: [Value]
  let record: Record

  static let firstLocal: Int32 = 1 << 20

  init(_ type: ResourceType, _ id: String, isOwn: Bool, visibility: Visibility, words: ContiguousArray<Int32>, locals: [Value], record: Record) {
    self.type = type
    self.id = id
    self.isOwn = isOwn
    self.visibility = visibility
    self.words = words
    self.locals = locals
    self.record = record
  }
}

extension AccessTables {
  func member(_ id: String) -> AccessMember { AccessMember(number: members.find(id) ?? -1) }

  func verb(_ verb: ResourceVerb) -> AccessVerb {
    AccessVerb(column: roles.column(verb), rule: rules.verb(verb.name), isReading: verb.isReading, isSharing: verb == .share, name: verb.name)
  }

  func target(_ type: ResourceType, _ id: String) -> AccessTarget? {
    present(AccessResource(type, id)).map { target($0) }
  }

  func target(_ number: Int32) -> AccessTarget {
    let (type, parent) = resourceRows.with(number) { ($0[Thing.type], $0[Thing.parent]) }
    return AccessTarget(number: number, shared: -1, parent: parent, type: type, typeRow: typeRows[Int(type)], named: nil)
  }

  func target(
    named id: String, _ type: ResourceType, in parent: AccessTarget?, attributes: Record, isOwn: Bool, visibility: Visibility
  ) -> AccessTarget {
    if let known = target(type, id) { return known }
    let kind = typeNumbers[type] ?? -1
    let (words, locals) = pairs(attributes, from: NamedResource.firstLocal)
    let outer = parent?.number ?? -1
    return AccessTarget(
      number: kind < 0 ? -1 : resources.find(id, kind: kind) ?? -1, shared: kind < 0 || id.isEmpty ? -1 : shared(id, kind: kind, in: outer) ?? -1,
      parent: outer, type: kind, typeRow: roles.row(type),
      named: NamedResource(type, id, isOwn: isOwn, visibility: visibility, words: words, locals: locals, record: attributes))
  }

  func context(_ record: Record) -> AccessContext {
    let (words, locals) = pairs(record, from: 0)
    return AccessContext(words: words, locals: locals, record: record)
  }

  /// Names and words of what policies could ask for; values that nothing in the graph has are numbered from the given number on.
  private func pairs(_ record: Record, from first: Int32) -> (words: ContiguousArray<Int32>, locals: [Value]) {
    var words: ContiguousArray<Int32> = []
    var locals: [Value] = []
    for attribute in record {
      guard let name = values.number(ofName: attribute.key) else { continue }
      let word: Word
      if let found = values.find(attribute.value) {
        word = found
      } else if let place = locals.firstIndex(of: attribute.value) {
        word = .local(first + Int32(place))
      } else {
        word = .local(first + Int32(locals.count))
        locals.append(attribute.value)
      }
      words.append(name)
      words.append(word.bits)
    }
    return (words, locals)
  }
}
