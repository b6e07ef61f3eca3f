/// Gives every different key a number, counting from zero, and keeps each key once.
///
/// Open addressing with linear probing; the slots hold numbers, the keys stand in one array beside them.
struct Interner<Key: Hashable & Sendable>: Sendable {
  private(set) var items: [Key] = []
  private var slots: [Int32] = []

  var count: Int { items.count }
  subscript(number: Int) -> Key { items[number] }

  func find(_ key: Key) -> Int? { slots.isEmpty ? nil : find(key, hashed: key.hashValue) }

  /// Finds a key whose hash value is known.
  func find(_ key: Key, hashed hash: Int) -> Int? {
    guard !slots.isEmpty else { return nil }
    let mask = slots.count - 1
    var place = hash & mask
    while true {
      let number = slots[place]
      if number < 0 { return nil }
      if items[Int(number)] == key { return Int(number) }
      place = (place + 1) & mask
    }
  }

  mutating func intern(_ key: Key) -> Int {
    if (items.count + 1) * 4 > slots.count * 3 { grow() }
    let mask = slots.count - 1
    var place = key.hashValue & mask
    while slots[place] >= 0 {
      let number = Int(slots[place])
      if items[number] == key { return number }
      place = (place + 1) & mask
    }
    slots[place] = Int32(items.count)
    items.append(key)
    return items.count - 1
  }

  mutating func reserve(_ capacity: Int) {
    items.reserveCapacity(capacity)
    while capacity * 4 > slots.count * 3 { grow() }
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: max(8, slots.count * 2))
    let mask = slots.count - 1
    for (number, key) in items.enumerated() {
      var place = key.hashValue & mask
      while slots[place] >= 0 { place = (place + 1) & mask }
      slots[place] = Int32(number)
    }
  }
}
