/// An entity: its identity, its attributes, its tags, and the groups it is directly in.
public struct Entity: Hashable, Sendable {
  public let uid: EntityUID
  public let attributes: Record
  public let tags: Record
  public let parents: [EntityUID]

  public init(_ uid: EntityUID, attributes: Record = [:], tags: Record = [:], parents: [EntityUID] = []) {
    self.uid = uid
    self.attributes = attributes
    self.tags = tags
    self.parents = parents
  }

  /// Equal if they say the same; the order of parents and their repetition do not count.
  public static func == (a: Entity, b: Entity) -> Bool {
    a.uid == b.uid && a.attributes == b.attributes && a.tags == b.tags && (a.parents == b.parents || Set(a.parents) == Set(b.parents))
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(uid) }
}

/// Entities by identity, with a hierarchy without cycles.
public struct Entities: Hashable, Sendable, Collection {
  private let entities: [Entity]
  private let places: [EntityUID: Int]

  /// Why entities can't stand together.
  public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Two entities of the same identity that say different things.
    case duplicate(EntityUID)
    /// An entity that is its own ancestor.
    case cycle(EntityUID)

    public var description: String {
      switch self {
      case .duplicate(let uid): "the entity \(uid) is given twice, differently"
      case .cycle(let uid): "the entity \(uid) is an ancestor of itself"
      }
    }
  }

  public init() {
    entities = []
    places = [:]
  }

  /// The same entity may be given twice, if both say the same.
  public init(_ entities: some Sequence<Entity>) throws(Failure) {
    var unique: [Entity] = []
    var places: [EntityUID: Int] = [:]
    unique.reserveCapacity(entities.underestimatedCount)
    places.reserveCapacity(entities.underestimatedCount)
    for entity in entities {
      if let place = places[entity.uid] {
        guard unique[place] == entity else { throw .duplicate(entity.uid) }
      } else {
        places[entity.uid] = unique.count
        unique.append(entity)
      }
    }
    self.entities = unique
    self.places = places
    try refuseCycles()
  }

  private func refuseCycles() throws(Failure) {
    enum Mark { case new, open, done }
    var marks = [Mark](repeating: .new, count: entities.count)
    // A stack of its own: hierarchies may be deeper than the thread's stack.
    var stack: [(entity: Int, parent: Int)] = []
    for root in entities.indices where marks[root] == .new {
      marks[root] = .open
      stack.append((root, 0))
      while let (entity, parent) = stack.last {
        let parents = entities[entity].parents
        guard parent < parents.count else {
          marks[entity] = .done
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].parent += 1
        guard let next = places[parents[parent]] else { continue }
        switch marks[next] {
        case .new:
          marks[next] = .open
          stack.append((next, 0))
        case .open: throw .cycle(entities[next].uid)
        case .done: break
        }
      }
    }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { entities.count }
  public func index(after index: Int) -> Int { index + 1 }
  public subscript(position: Int) -> Entity { entities[position] }

  /// The entity of that identity.
  public subscript(uid: EntityUID) -> Entity? { places[uid].map { entities[$0] } }

  /// Whether an entity is the other, or is in it directly or through others.
  public func isIn(_ uid: EntityUID, _ ancestor: EntityUID) -> Bool {
    if uid == ancestor { return true }
    var found = false
    visitAncestors(of: uid) {
      found = $0 == ancestor
      return !found
    }
    return found
  }

  /// Everything an entity is in, directly or through others; without itself.
  public func ancestors(of uid: EntityUID) -> Set<EntityUID> {
    var result: Set<EntityUID> = []
    visitAncestors(of: uid) {
      result.insert($0)
      return true
    }
    return result
  }

  /// Visits ancestors, each once, as long as `visit` says so.
  private func visitAncestors(of uid: EntityUID, _ visit: (EntityUID) -> Bool) {
    guard let start = self[uid], !start.parents.isEmpty else { return }
    var seen: Set<EntityUID> = []
    var queue = start.parents
    while let next = queue.popLast() {
      guard seen.insert(next).inserted else { continue }
      guard visit(next) else { return }
      if let entity = self[next] { queue += entity.parents }
    }
  }

  /// These entities and others; the same entity may be in both if both say the same.
  public func adding(_ others: some Sequence<Entity>) throws(Failure) -> Entities { try Entities(entities + Array(others)) }

  public static func == (a: Entities, b: Entities) -> Bool { a.count == b.count && a.allSatisfy { b[$0.uid] == $0 } }
  public func hash(into hasher: inout Hasher) { hasher.combine(Set(places.keys)) }
}
