/// A table from numbers to numbers: open addressing, one multiplication to hash.
struct NumberTable: Sendable {
  private var keys: [Int32] = []
  private var values: [Int32] = []
  private(set) var count = 0
  private var shift: UInt32 = 32

  /// The keys in no particular order.
  var allKeys: [Int32] { keys.filter { $0 >= 0 } }

  private func place(_ key: Int32) -> Int { Int((UInt32(bitPattern: key) &* 2_654_435_769) >> shift) }

  func find(_ key: Int) -> Int? {
    guard count > 0 else { return nil }
    let key = Int32(truncatingIfNeeded: key)
    var place = place(key)
    while true {
      let found = keys[place]
      if found == key { return Int(values[place]) }
      if found < 0 { return nil }
      place = (place + 1) & (keys.count - 1)
    }
  }

  mutating func insert(_ key: Int, _ value: Int) {
    if (count + 1) * 2 > keys.count { grow() }
    put(Int32(key), Int32(value))
    count += 1
  }

  private mutating func put(_ key: Int32, _ value: Int32) {
    var place = place(key)
    while keys[place] >= 0 { place = (place + 1) & (keys.count - 1) }
    keys[place] = key
    values[place] = value
  }

  private mutating func grow() {
    let (oldKeys, oldValues) = (keys, values)
    let size = max(8, keys.count * 2)
    keys = Array(repeating: -1, count: size)
    values = Array(repeating: 0, count: size)
    shift = UInt32(32 - size.trailingZeroBitCount)
    for (key, value) in zip(oldKeys, oldValues) where key >= 0 { put(key, value) }
  }
}

/// What a linked policy's scope says of its principal or resource, in numbers.
struct LinkedConstraint: Sendable {
  enum Kind: UInt8, Sendable {
    case any, equal, isIn, isType, isTypeIn
    /// An unfilled slot: holds for nothing.
    case never
  }

  let kind: Kind
  var entity: Int32 = 0
  var type: Int32 = 0

  /// Whether it may hold for an entity of that type.
  func admits(type other: Int) -> Bool { kind == .isTypeIn ? other == Int(type) : true }
}

/// A policy whose mentions are numbers of the entities it is linked to.
struct LinkedPolicy: Sendable {
  let isForbid: Bool
  let principal: LinkedConstraint
  let resource: LinkedConstraint
  /// The place of its action constraint among the distinct ones.
  let action: Int32
  let root: Int32
}

/// What policies say of the action, in numbers; equal ones share one place.
enum LinkedAction: Hashable, Sendable {
  case any
  case equal(Int32)
  case isIn([Int32])
}

/// Finds the few policies that can apply to a request, however many there are.
///
/// A policy is filed under the most selective thing its scope names: an entity its principal or resource must be or be in,
/// else a type, else an action. A request looks up itself and its ancestors.
struct PolicyIndex: Sendable {
  struct Bucket: Sendable {
    let start: Int32
    /// Where the forbids end and the permits begin.
    let middle: Int32
    let end: Int32
  }

  enum Key: Int, CaseIterable, Hashable, Sendable {
    case principal, principalGroup, resource, resourceGroup, principalType, resourceType, action, nothing
  }

  private var tables: [NumberTable] = Array(repeating: NumberTable(), count: Key.allCases.count)
  private var buckets: [Bucket] = []
  private var members: [Int32] = []
  private(set) var groupKeys: [[Int32]] = [[], []]

  /// - Parameter actions: for each distinct action constraint the known actions it admits, or nil for any action.
  init(_ policies: [LinkedPolicy], actions: [[Int32]?]) {
    struct Filed: Hashable {
      let key: Key
      let number: Int32
    }
    func choices(_ policy: LinkedPolicy) -> [Filed] {
      var choices: [Filed] = []
      func add(_ constraint: LinkedConstraint, _ equal: Key, _ group: Key, _ type: Key) {
        switch constraint.kind {
        case .any, .never: break
        case .equal: choices.append(Filed(key: equal, number: constraint.entity))
        case .isIn, .isTypeIn: choices.append(Filed(key: group, number: constraint.entity))
        case .isType: choices.append(Filed(key: type, number: constraint.type))
        }
      }
      add(policy.principal, .principal, .principalGroup, .principalType)
      add(policy.resource, .resource, .resourceGroup, .resourceType)
      return choices
    }

    var population: [Filed: Int] = [:]
    for policy in policies { for choice in choices(policy) { population[choice, default: 0] += 1 } }
    var filed: [Filed: [Int32]] = [:]
    // What is filed under many actions takes room for each of them.
    var room = 1 << 23
    for (number, policy) in policies.enumerated() {
      let number = Int32(number)
      let best = choices(policy).min { (population[$0, default: 0], $0.key.rawValue) < (population[$1, default: 0], $1.key.rawValue) }
      if let best, best.key.rawValue < Key.principalType.rawValue {
        filed[best, default: []].append(number)
      } else if let admitted = actions[Int(policy.action)], admitted.count <= room {
        // By the action and not by the type, where both are named: actions tell more.
        room -= admitted.count
        for action in admitted { filed[Filed(key: .action, number: action), default: []].append(number) }
      } else {
        filed[best ?? Filed(key: .nothing, number: 0), default: []].append(number)
      }
    }
    for (key, numbers) in filed {
      let forbids = numbers.filter { policies[Int($0)].isForbid }
      let permits = numbers.filter { !policies[Int($0)].isForbid }
      let start = Int32(members.count)
      members += forbids
      members += permits
      tables[key.key.rawValue].insert(Int(key.number), buckets.count)
      buckets.append(Bucket(start: start, middle: start + Int32(forbids.count), end: Int32(members.count)))
    }
    groupKeys = [tables[Key.principalGroup.rawValue].allKeys, tables[Key.resourceGroup.rawValue].allKeys]
  }

  func bucket(_ key: Key, _ number: Int) -> Bucket? { tables[key.rawValue].find(number).map { buckets[$0] } }
  func hasKeys(_ key: Key) -> Bool { tables[key.rawValue].count > 0 }
  func member(_ index: Int32) -> Int { Int(members[Int(index)]) }
}
