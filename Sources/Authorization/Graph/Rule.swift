internal import Cedar

/// How a test comes out: a policy that fails isn't satisfied, whatever it would have said.
enum Truth: UInt8, Sendable {
  case no, yes, failed

  init(_ value: Bool) { self = value ? .yes : .no }

  @inline(__always)
  var negated: Truth {
    switch self {
    case .no: .yes
    case .yes: .no
    case .failed: .failed
    }
  }
}

/// One test that a policy makes, of what can be told from numbers alone.
struct Atom: Hashable, Sendable {
  enum Test: UInt8, Sendable {
    case equal, less, lessOrEqual
    /// The left is a set, and the right in it.
    case contains
    case has, holds
    // Of the principal: `left` is the number.
    case principalIs, principalKind, inTeam, inRole
    // Of the resource.
    case resourceIs, resourceIn, resourceType
    /// Never: what is named doesn't exist, or can't be.
    case never
  }

  /// Where a value comes from.
  enum Source: UInt8, Sendable {
    /// A word.
    case literal
    /// The place of an attribute on the sheet.
    case sheet
    // The number of an attribute's name; only where the sheet is full.
    case principal, resource, context
  }

  let test: Test
  var isNegated = false
  var leftSource = Source.literal
  var rightSource = Source.literal
  var left: Int32 = 0
  var right: Int32 = 0
}

/// A condition that is more than one atom, or none.
indirect enum Condition: Hashable, Sendable {
  case atom(Int32)
  case all([Condition])
  case any([Condition])
  case not(Condition)
  /// What numbers alone don't tell: Cedar's own evaluation of that expression, by its number.
  case general(Int32)
}

/// What some policies say alike: their tests in the order in which they are made, and who they are.
struct Rule: Sendable {
  /// Into ``Rules/tests``: the number of an atom, or of a condition counted from below zero.
  let tests: Range<Int32>
  /// Into ``Rules/members``: the policies, by their numbers.
  let policies: Range<Int32>
}

/// Which rules may apply to a verb, and how they are found. Forbids and permits have a plan each.
struct Plan: Sendable {
  /// Rules without anything that they could be found by, into ``Rules/always``.
  var always: Range<Int32> = 0..<0
  /// Places on the sheet by whose values others are found, into ``Rules/places``.
  var places: Range<Int32> = 0..<0
  /// What else others are found by.
  var keys: Keys = []

  struct Keys: OptionSet, Sendable {
    let rawValue: UInt8
    static let team = Keys(rawValue: 1)
    static let principal = Keys(rawValue: 2)
    static let resource = Keys(rawValue: 4)
    static let ancestor = Keys(rawValue: 8)
    static let type = Keys(rawValue: 16)
  }

  var isEmpty: Bool { always.isEmpty && places.isEmpty && keys.isEmpty }
}

/// The policies of an organization in the form that decisions run.
///
/// A rule is filed under the one of its equality tests, or of its scope, that the fewest others share, so that a decision meets only rules that are
/// about what it is about: 5,000 policies cost hardly more than 50. Policies that differ in nothing but their names are one rule.
struct Rules: Sendable {
  /// How many attributes find a place on the sheet.
  static let sheet = 32

  var atoms: ContiguousArray<Atom> = []
  var conditions: [Condition] = []
  var expressions: [Expression] = []
  var tests: ContiguousArray<Int32> = []
  var rules: ContiguousArray<Rule> = []
  var members: ContiguousArray<Int32> = []
  /// The policies by number, in the order of their ids.
  var ids: [PolicyID] = []
  var policies: [Policy] = []

  /// Two for each verb, forbids first; those of verbs that no policy names come first.
  var plans: ContiguousArray<Plan> = [Plan(), Plan()]
  var verbs: [String: Int32] = [:]
  var places: ContiguousArray<Int32> = []
  var filed = FiledRules()
  /// The rules of all plans that are found by nothing.
  var always: ContiguousArray<Int32> = []
  /// For each source the place on the sheet of the attribute of that name, or −1.
  var principalPlaces: ContiguousArray<Int32> = []
  var resourcePlaces: ContiguousArray<Int32> = []
  var contextPlaces: ContiguousArray<Int32> = []

  /// The custom roles that policies name and that weren't there when they were compiled.
  var missingRoles: Set<String> = []

  static let none = Rules()

  var isEmpty: Bool { ids.isEmpty }
  func names(team: Int32) -> Bool { atoms.contains { $0.test == .inTeam && $0.left == team } }
  func verb(_ name: String) -> Int32 { verbs[name] ?? 0 }

  @inline(__always)
  func forbids(_ verb: Int32) -> Plan { plans[Int(verb) * 2] }
  @inline(__always)
  func permits(_ verb: Int32) -> Plan { plans[Int(verb) * 2 + 1] }
}

/// What rules are filed under.
struct RuleKey: Hashable, Sendable {
  enum Kind: Int32, Sendable {
    case team = 0x100, principal, resource, ancestor, type
  }

  /// The place on the sheet, or a kind.
  let what: Int32
  let value: Int32

  init(place: Int32, value: Int32) {
    what = place
    self.value = value
  }

  init(_ kind: Kind, _ value: Int32) {
    what = kind.rawValue
    self.value = value
  }
}

/// Rules by plan and key: open addressing, made once.
struct FiledRules: Sendable {
  private struct Slot {
    var plan: Int32 = -1
    var what: Int32 = 0
    var value: Int32 = 0
    var start: Int32 = 0
    var end: Int32 = 0
  }

  private var slots: ContiguousArray<Slot> = []
  private(set) var rules: ContiguousArray<Int32> = []

  init() {}

  init(_ filed: [(plan: Int32, key: RuleKey, rules: [Int32])]) {
    var size = 8
    while size < filed.count * 2 { size *= 2 }
    slots = ContiguousArray(repeating: Slot(), count: size)
    for entry in filed {
      var place = self.place(entry.plan, entry.key.what, entry.key.value)
      while slots[place].plan >= 0 { place = (place + 1) & (size - 1) }
      let start = Int32(rules.count)
      slots[place] = Slot(plan: entry.plan, what: entry.key.what, value: entry.key.value, start: start, end: start + Int32(entry.rules.count))
      rules += entry.rules
    }
  }

  @inline(__always)
  private func place(_ plan: Int32, _ what: Int32, _ value: Int32) -> Int {
    let mixed = (UInt64(UInt32(bitPattern: value)) &+ UInt64(UInt32(bitPattern: what)) << 32 &+ UInt64(UInt32(bitPattern: plan)) << 43) &* 0x9E37_79B9_7F4A_7C15
    return Int(mixed >> 32) & (slots.count - 1)
  }

  /// Places in ``rules``.
  @inline(__always)
  func find(_ plan: Int32, _ what: Int32, _ value: Int32) -> Range<Int> {
    guard !slots.isEmpty else { return 0..<0 }
    var place = place(plan, what, value)
    while true {
      let slot = slots[place]
      if slot.plan < 0 { return 0..<0 }
      if slot.value == value, slot.what == what, slot.plan == plan { return Int(slot.start)..<Int(slot.end) }
      place = (place + 1) & (slots.count - 1)
    }
  }
}
