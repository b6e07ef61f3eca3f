/// Entities in the form decisions read: numbered, with their attributes and all of their ancestors side by side in a few arrays.
///
/// Preparing takes time proportional to the entities and their ancestors. What is prepared never changes and may be shared
/// between threads.
public struct PreparedEntities: Sendable {
  let symbols: Symbols
  /// The number of entities.
  public let count: Int
  private let ancestorStarts: [Int32]
  private let ancestors: [Int32]
  private let attributeStarts: [Int32]
  private let attributes: [CellAttribute]
  private let tagStarts: [Int32]
  private let tags: [CellAttribute]

  public init(_ entities: some Collection<Entity>) {
    let layers = LayeredSymbols(base: Symbols())
    var own: Symbols? = Symbols()
    own?.entities.reserve(entities.count)
    // Entities get the first numbers, what they only mention the later ones.
    for entity in entities { _ = layers.number(entity.uid, &own) }
    let count = own?.entities.count ?? 0
    var attributeStarts: [Int32] = [0]
    var attributes: [CellAttribute] = []
    var tagStarts: [Int32] = [0]
    var tags: [CellAttribute] = []
    var parents: [[Int32]] = []
    parents.reserveCapacity(count)
    attributeStarts.reserveCapacity(count + 1)
    // The same entity may be given twice; then the first one counts.
    for entity in entities where layers.number(entity.uid, &own) == parents.count {
      attributes += layers.attributes(entity.attributes, &own).sorted { $0.name < $1.name }
      attributeStarts.append(Int32(attributes.count))
      tags += layers.attributes(entity.tags, &own).sorted { $0.name < $1.name }
      tagStarts.append(Int32(tags.count))
      var direct: [Int32] = []
      for parent in entity.parents { direct.append(Int32(layers.number(parent, &own))) }
      parents.append(direct)
    }
    let symbols = own ?? Symbols()
    (ancestorStarts, ancestors) = Self.closures(parents, mentioned: symbols.entities.count)
    self.attributeStarts = attributeStarts
    self.attributes = attributes
    self.tagStarts = tags.isEmpty ? [] : tagStarts
    self.tags = tags
    self.count = count
    self.symbols = symbols
  }

  /// All ancestors of each entity, sorted, one entity after the other.
  private static func closures(_ parents: [[Int32]], mentioned: Int) -> (starts: [Int32], ancestors: [Int32]) {
    var closures: [[Int32]?] = Array(repeating: nil, count: parents.count)
    var marks = [Int32](repeating: -1, count: mentioned)
    var stack: [Int] = []
    for root in parents.indices where closures[root] == nil {
      stack.append(root)
      while let entity = stack.last {
        if closures[entity] != nil {
          stack.removeLast()
          continue
        }
        let open = parents[entity].filter { $0 < parents.count && closures[Int($0)] == nil }
        if !open.isEmpty {
          stack += open.map { Int($0) }
          continue
        }
        var closure: [Int32] = []
        let mark = Int32(entity)
        for parent in parents[entity] {
          if marks[Int(parent)] != mark {
            marks[Int(parent)] = mark
            closure.append(parent)
          }
          guard parent < parents.count, let inherited = closures[Int(parent)] else { continue }
          for ancestor in inherited where marks[Int(ancestor)] != mark {
            marks[Int(ancestor)] = mark
            closure.append(ancestor)
          }
        }
        closure.sort()
        closures[entity] = closure
        stack.removeLast()
      }
    }
    var starts: [Int32] = [0]
    starts.reserveCapacity(parents.count + 1)
    var all: [Int32] = []
    all.reserveCapacity(closures.reduce(0) { $0 + ($1?.count ?? 0) })
    for index in closures.indices {
      all += closures[index] ?? []
      closures[index] = nil
      starts.append(Int32(all.count))
    }
    return (starts, all)
  }

  /// The bytes the tables take, without the texts of ids longer than 15 bytes.
  public var footprint: Int {
    ancestors.count * 4 + attributes.count * MemoryLayout<CellAttribute>.stride + tags.count * MemoryLayout<CellAttribute>.stride
      + (ancestorStarts.count + attributeStarts.count + tagStarts.count) * 4 + symbols.entities.count * (MemoryLayout<EntityUID>.stride + 4 + 8)
      + symbols.strings.count * (MemoryLayout<Text>.stride + 8)
  }

  /// The number of entities that are given or named by others.
  var mentioned: Int { symbols.entities.count }

  func exists(_ number: Int) -> Bool { number < count }

  func ancestorRange(_ number: Int) -> Range<Int> {
    number < count ? Int(ancestorStarts[number])..<Int(ancestorStarts[number + 1]) : 0..<0
  }

  func ancestor(_ index: Int) -> Int { Int(ancestors[index]) }

  /// Whether one is the other or among its ancestors.
  func isIn(_ number: Int, _ other: Int) -> Bool {
    if number == other { return true }
    guard number < count else { return false }
    var low = Int(ancestorStarts[number])
    var high = Int(ancestorStarts[number + 1])
    let sought = Int32(truncatingIfNeeded: other)
    while low < high {
      let middle = (low + high) >> 1
      let found = ancestors[middle]
      if found == sought { return true }
      if found < sought { low = middle + 1 } else { high = middle }
    }
    return false
  }

  /// The attribute's value, or `missing`.
  func attribute(_ name: Int, of number: Int) -> Cell {
    guard number < count else { return .missing }
    return Self.find(name, in: attributes, Int(attributeStarts[number]), Int(attributeStarts[number + 1]))
  }

  /// The tag's value, or `missing`.
  func tag(_ name: Int, of number: Int) -> Cell {
    guard number + 1 < tagStarts.count else { return .missing }
    return Self.find(name, in: tags, Int(tagStarts[number]), Int(tagStarts[number + 1]))
  }

  static func find(_ name: Int, in attributes: [CellAttribute], _ start: Int, _ end: Int) -> Cell {
    let sought = Int32(truncatingIfNeeded: name)
    var low = start
    var high = end
    // Halve while it pays, then walk.
    while high - low > 8 {
      let middle = (low + high) >> 1
      if attributes[middle].name <= sought { low = middle } else { high = middle }
    }
    while low < high {
      let attribute = attributes[low]
      if attribute.name == sought { return attribute.value }
      low += 1
    }
    return .missing
  }
}
