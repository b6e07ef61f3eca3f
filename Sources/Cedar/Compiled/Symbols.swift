/// The tables that cells refer to. A later layer goes on counting where the one before it ends.
struct Symbols: Sendable {
  var strings = Interner<Text>()
  var types = Interner<EntityType>()
  var entities = Interner<EntityUID>()
  /// The number of each entity's type.
  var typeOfEntity: [Int32] = []
  /// Sorted, each cell once.
  var sets = Interner<[Cell]>()
  /// Sorted by the number of the name.
  var records = Interner<[CellAttribute]>()
  var addresses = Interner<IPAddress>()
}

/// Symbols in layers: those of the entities, and those of the policies linked to them. What a single request brings is numbered
/// on top of both in a table of its own, which most requests don't need.
///
/// The two lower layers are never changed, so that all decisions can share them.
final class LayeredSymbols: Sendable {
  let base: Symbols
  let overlay: Symbols
  private let strings, types, entities, sets, records, addresses: Offsets

  private struct Offsets: Sendable {
    let middle: Int
    let top: Int
  }

  init(base: Symbols, overlay: Symbols = Symbols()) {
    self.base = base
    self.overlay = overlay
    func offsets(_ count: (Symbols) -> Int) -> Offsets { Offsets(middle: count(base), top: count(base) + count(overlay)) }
    strings = offsets(\.strings.count)
    types = offsets(\.types.count)
    entities = offsets(\.entities.count)
    sets = offsets(\.sets.count)
    records = offsets(\.records.count)
    addresses = offsets(\.addresses.count)
  }

  /// Entities below this number are known before any request.
  var entityCount: Int { entities.top }

  // MARK: Looking up

  func string(_ number: Int, _ own: Symbols?) -> Text { Self.item(number, base.strings, overlay.strings, own?.strings, strings) }
  func type(_ number: Int, _ own: Symbols?) -> EntityType { Self.item(number, base.types, overlay.types, own?.types, types) }
  func entity(_ number: Int, _ own: Symbols?) -> EntityUID { Self.item(number, base.entities, overlay.entities, own?.entities, entities) }
  func set(_ number: Int, _ own: Symbols?) -> [Cell] { Self.item(number, base.sets, overlay.sets, own?.sets, sets) }
  func record(_ number: Int, _ own: Symbols?) -> [CellAttribute] { Self.item(number, base.records, overlay.records, own?.records, records) }
  func address(_ number: Int, _ own: Symbols?) -> IPAddress { Self.item(number, base.addresses, overlay.addresses, own?.addresses, addresses) }

  func typeOfEntity(_ number: Int, _ own: Symbols?) -> Int {
    if number < entities.middle { return Int(base.typeOfEntity[number]) }
    if number < entities.top { return Int(overlay.typeOfEntity[number - entities.middle]) }
    return own.map { Int($0.typeOfEntity[number - entities.top]) } ?? -1
  }

  private static func item<Key>(_ number: Int, _ base: Interner<Key>, _ overlay: Interner<Key>, _ own: Interner<Key>?, _ offsets: Offsets) -> Key {
    if number < offsets.middle { return base[number] }
    guard number >= offsets.top, let own else { return overlay[number - offsets.middle] }
    return own[number - offsets.top]
  }

  // MARK: Numbering

  func number(_ text: Text, _ own: inout Symbols?) -> Int {
    let hash = text.hashValue
    if let found = base.strings.find(text, hashed: hash) { return found }
    if let found = overlay.strings.find(text, hashed: hash) { return strings.middle + found }
    return strings.top + Self.with(&own) { $0.strings.intern(text) }
  }

  func number(_ type: EntityType, _ own: inout Symbols?) -> Int {
    if let found = base.types.find(type) { return found }
    if let found = overlay.types.find(type) { return types.middle + found }
    return types.top + Self.with(&own) { $0.types.intern(type) }
  }

  func number(_ uid: EntityUID, _ own: inout Symbols?) -> Int {
    let hash = uid.hashValue
    if let found = base.entities.find(uid, hashed: hash) { return found }
    if let found = overlay.entities.find(uid, hashed: hash) { return entities.middle + found }
    let type = Int32(number(uid.type, &own))
    return entities.top
      + Self.with(&own) { own in
        let number = own.entities.intern(uid)
        if number == own.typeOfEntity.count { own.typeOfEntity.append(type) }
        return number
      }
  }

  /// Numbers a set; its cells may be in any order and repeat.
  func number(set cells: [Cell], _ own: inout Symbols?) -> Int {
    var sorted = cells
    if sorted.count > 1 {
      sorted.sort()
      var kept = 1
      for index in 1..<sorted.count where sorted[index] != sorted[kept - 1] {
        sorted[kept] = sorted[index]
        kept += 1
      }
      sorted.removeLast(sorted.count - kept)
    }
    if let found = base.sets.find(sorted) { return found }
    if let found = overlay.sets.find(sorted) { return sets.middle + found }
    return sets.top + Self.with(&own) { $0.sets.intern(sorted) }
  }

  /// Numbers a record; its attributes may be in any order.
  func number(record attributes: [CellAttribute], _ own: inout Symbols?) -> Int {
    let sorted = attributes.sorted { $0.name < $1.name }
    if let found = base.records.find(sorted) { return found }
    if let found = overlay.records.find(sorted) { return records.middle + found }
    return records.top + Self.with(&own) { $0.records.intern(sorted) }
  }

  func number(_ address: IPAddress, _ own: inout Symbols?) -> Int {
    if let found = base.addresses.find(address) { return found }
    if let found = overlay.addresses.find(address) { return addresses.middle + found }
    return addresses.top + Self.with(&own) { $0.addresses.intern(address) }
  }

  private static func with(_ own: inout Symbols?, _ intern: (inout Symbols) -> Int) -> Int {
    var symbols = own ?? Symbols()
    own = nil
    let number = intern(&symbols)
    own = symbols
    return number
  }

  func cell(_ value: Value, _ own: inout Symbols?) -> Cell {
    switch value {
    case .bool(let value): return .bool(value)
    case .long(let value): return Cell(.long, value)
    case .string(let text): return Cell(.string, number(text, &own))
    case .entity(let uid): return Cell(.entity, number(uid, &own))
    case .set(let set):
      var cells: [Cell] = []
      cells.reserveCapacity(set.elements.count)
      for element in set.elements { cells.append(cell(element, &own)) }
      return Cell(.set, number(set: cells, &own))
    case .record(let record): return Cell(.record, number(record: attributes(record, &own), &own))
    case .decimal(let value): return Cell(.decimal, value.units)
    case .ip(let address): return Cell(.ip, number(address, &own))
    case .datetime(let value): return Cell(.datetime, value.milliseconds)
    case .duration(let value): return Cell(.duration, value.milliseconds)
    }
  }

  func attributes(_ record: Record, _ own: inout Symbols?) -> [CellAttribute] {
    var attributes: [CellAttribute] = []
    attributes.reserveCapacity(record.count)
    for attribute in record {
      let name = Int32(number(attribute.key, &own))
      attributes.append(CellAttribute(name: name, value: cell(attribute.value, &own)))
    }
    return attributes
  }
}
