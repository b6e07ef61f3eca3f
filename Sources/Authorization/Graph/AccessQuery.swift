public import Cedar

/// A verb in the numbers of one graph.
public struct AccessVerb: Sendable, Hashable {
  /// Its column in the table of roles.
  let column: Int32
  /// Its number among those that policies name.
  let rule: Int32
  let isReading: Bool
  let name: String
}

/// A principal in the numbers of one graph.
public struct AccessMember: Sendable, Hashable {
  let number: Int32

  /// Somebody the graph has never heard of; sees what is public.
  public static let stranger = AccessMember(number: -1)
}

/// A resource in the numbers of one graph: one it knows, or one that is merely named, with what it stands in and its attributes.
public struct AccessTarget: Sendable {
  /// −1 where nothing is called so.
  let number: Int32
  /// −1 for what stands in the organization itself.
  let parent: Int32
  let type: Int32
  /// The row of its type in the table of roles.
  let typeRow: Int32
  let isKnown: Bool
  let isOwn: Bool
  let visibility: Visibility
  /// Pairs of a name and a word; the known ones' stand in the graph.
  let words: ContiguousArray<Int32>
  let locals: [Value]
  let record: Record
  let entity: (type: ResourceType, id: String)?

  /// Where the numbers of values begin that nothing but the target has; a context's begin at zero.
  static let firstLocal: Int32 = 1 << 20
}

extension AccessGraph {
  /// The member of that id, whether or not they still are one.
  public func member(_ id: String) -> AccessMember { AccessMember(number: members.find(id) ?? -1) }

  public func verb(_ verb: ResourceVerb) -> AccessVerb { AccessVerb(column: roles.column(verb), rule: rules.verb(verb.name), isReading: verb.isReading, name: verb.name) }

  /// A resource that was given to it, or `nil`.
  public func target(_ type: ResourceType, _ id: String) -> AccessTarget? {
    guard let kind = typeNumbers[type], let number = resources.find(id, kind: kind), resourceRows.word(number, Thing.flags) & Thing.isPresent != 0 else { return nil }
    return target(number)
  }

  func target(_ number: Int32) -> AccessTarget {
    let (type, parent) = resourceRows.with(number) { ($0[Thing.type], $0[Thing.parent]) }
    return AccessTarget(
      number: number, parent: parent, type: type, typeRow: typeRows[Int(type)], isKnown: true, isOwn: false, visibility: .inherited, words: [], locals: [],
      record: [:], entity: nil)
  }

  /// A resource that it doesn't know, such as one that is only about to be made. If it does know it, what it knows counts, and not what is said here.
  ///
  /// - Parameters:
  ///   - id: for policies that name it; may be empty.
  ///   - parent: what it stands in; `nil` for the organization itself.
  ///   - isOwn: whether the principal of the check owns it.
  public func target(
    named id: String, _ type: ResourceType, in parent: AccessTarget?, attributes: Record = [:], isOwn: Bool = false, visibility: Visibility = .inherited
  ) -> AccessTarget {
    if let known = target(type, id) { return known }
    let kind = typeNumbers[type] ?? -1
    let (words, locals) = pairs(attributes, from: AccessTarget.firstLocal)
    return AccessTarget(
      number: kind < 0 ? -1 : resources.find(id, kind: kind) ?? -1, parent: parent?.number ?? -1, type: kind, typeRow: roles.row(type), isKnown: false, isOwn: isOwn,
      visibility: visibility, words: words, locals: locals, record: attributes, entity: (type, id))
  }

  /// What a request brings of its own, in the numbers of this graph.
  public func context(_ record: Record) -> AccessContext {
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
