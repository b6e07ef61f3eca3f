/// What one decision knows so far, without a word on the heap.
struct Scene: ~Copyable {
  /// The principal and their teams, directly and through others.
  private var circle = InlineArray<24, Int32>(repeating: 0)
  private(set) var circleCount = 0
  /// Those for whom there was no room.
  private var others: ContiguousArray<Int32> = []
  /// A bit for each of the circle; most who aren't in it are told by it.
  private var bloom: UInt64 = 0

  /// The resource and what it stands in, from the inside; a resource without a number of its own is −1.
  private(set) var chain = InlineArray<33, Int32>(repeating: -1)
  private(set) var chainCount = 0

  /// Attributes that policies ask for, by their places.
  var sheet = InlineArray<32, Int32>(repeating: Word.missing.bits)

  /// The organization roles, and what else of the first 64 roles is held at the organization.
  var rootRoles: UInt64 = 0
  /// Roles held there that aren't among the first 64.
  var laterRoles: [Int32] = []
  var isMember = false
  var isServiceAccount = false
  var visibility = Visibility.inherited
  /// The verb's name, for conditions that ask for the action.
  let verb: String

  init(_ verb: String) { self.verb = verb }

  @inline(__always)
  mutating func enter(_ who: Int32) -> Bool {
    if isInCircle(who) { return false }
    if circleCount < 24 { circle[circleCount] = who } else { others.append(who) }
    circleCount += 1
    bloom |= 1 << UInt64(who & 63)
    return true
  }

  @inline(__always)
  func isInCircle(_ who: Int32) -> Bool {
    guard bloom >> UInt64(who & 63) & 1 != 0 else { return false }
    var index = 0
    let inline = min(circleCount, 24)
    while index < inline {
      if circle[index] == who { return true }
      index += 1
    }
    return circleCount > 24 && others.contains(who)
  }

  @inline(__always)
  func circle(_ index: Int) -> Int32 { index < 24 ? circle[index] : others[index - 24] }

  @inline(__always)
  mutating func climb(_ resource: Int32) {
    chain[chainCount] = resource
    chainCount += 1
  }

  @inline(__always)
  func isInChain(_ resource: Int32) -> Bool {
    var index = 0
    while index < chainCount {
      if chain[index] == resource { return true }
      index += 1
    }
    return false
  }
}
