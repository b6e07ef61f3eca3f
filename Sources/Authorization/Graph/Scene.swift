/// What one decision knows so far. Its lists stand on a board of numbers that the decision lends it, so that nothing is asked of the heap unless
/// somebody is in more teams than usual, and nothing is copied.
struct Scene: ~Copyable {
  /// What the board has room for: the circle, the chain, and the attributes.
  static let room = 72
  private static let circleRoom = 24
  private static let chainStart = 24
  private static let sheetStart = 40

  private(set) var circleCount = 0
  /// A bit for each of the circle; most who aren't in it are told by it.
  private(set) var bloom: UInt64 = 0
  private(set) var chainCount = 0

  /// The organization roles, and what else of the first 64 roles is held at the organization.
  var rootRoles: UInt64 = 0
  var isMember = false
  var isServiceAccount = false
  var visibility = Visibility.inherited

  private var excess: Excess?

  /// What there is rarely so much of.
  private final class Excess {
    var holders: ContiguousArray<Int32> = []
    var roles: ContiguousArray<Int32> = []
  }

  @inline(__always)
  init() {}

  // MARK: The circle: the principal and their teams, directly and through others

  @inline(__always)
  mutating func enter(_ who: Int32, _ board: inout Board) {
    if isInCircle(who, board) { return }
    if circleCount < Self.circleRoom { board[circleCount] = who } else { enterLate(who) }
    circleCount += 1
    bloom |= 1 << UInt64(who & 63)
  }

  @inline(__always)
  func isInCircle(_ who: Int32, _ board: borrowing Board) -> Bool {
    guard bloom >> UInt64(who & 63) & 1 != 0 else { return false }
    var index = 0
    let end = min(circleCount, Self.circleRoom)
    while index < end {
      if board[index] == who { return true }
      index += 1
    }
    return circleCount > Self.circleRoom && isInExcess(who)
  }

  @inline(__always)
  func circle(_ index: Int, _ board: borrowing Board) -> Int32 { index < Self.circleRoom ? board[index] : late(index - Self.circleRoom) }

  @inline(never)
  private mutating func enterLate(_ who: Int32) {
    if excess == nil { excess = Excess() }
    excess?.holders.append(who)
  }

  @inline(never)
  private func isInExcess(_ who: Int32) -> Bool { excess?.holders.contains(who) ?? false }

  @inline(never)
  private func late(_ index: Int) -> Int32 { excess?.holders[index] ?? -1 }

  // MARK: Roles on the organization

  mutating func holdAtRoot(_ role: Int32) {
    guard role >= 64 else {
      rootRoles |= 1 << UInt64(role)
      return
    }
    if excess == nil { excess = Excess() }
    excess?.roles.append(role)
  }

  /// Those that aren't among the first 64.
  var laterRoles: ContiguousArray<Int32> { excess?.roles ?? [] }

  @inline(__always)
  func isHeldAtRoot(_ role: Int32) -> Bool { role < 64 ? rootRoles >> UInt64(role) & 1 != 0 : laterRoles.contains(role) }

  // MARK: The chain: the resource and what it stands in, from the inside; a resource without a number is −1

  @inline(__always)
  mutating func climb(_ resource: Int32, _ board: inout Board) {
    board[Self.chainStart + chainCount] = resource
    chainCount += 1
  }

  @inline(__always)
  func chain(_ index: Int, _ board: borrowing Board) -> Int32 { board[Self.chainStart + index] }

  @inline(__always)
  func isInChain(_ resource: Int32, _ board: borrowing Board) -> Bool {
    var index = 0
    while index < chainCount {
      if board[Self.chainStart + index] == resource { return true }
      index += 1
    }
    return false
  }

  // MARK: The sheet: attributes that policies ask for, by their places

  @inline(__always)
  static func write(_ word: Int32, at place: Int, _ board: inout Board) { board[sheetStart + place] = word }

  @inline(__always)
  static func word(at place: Int, _ board: borrowing Board) -> Int32 { board[sheetStart + place] }
}

/// The numbers of a decision's lists; −1 where nothing stands, which is ``Word/missing`` too.
typealias Board = MutableSpan<Int32>
