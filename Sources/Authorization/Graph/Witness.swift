/// Who listens to a decision while it is made. It is one computation for all: a check listens to the first ground, an explanation to every one.
protocol Witness {
  /// Whether one ground is enough.
  static var isEasilyConvinced: Bool { get }
  mutating func hear(_ ground: Ground)
}

/// Something that made the decision, in the graph's numbers.
public struct Ground: Sendable, Hashable {
  enum Kind: UInt8, Sendable {
    case nothing
    /// `role` held by the principal as a member.
    case membership
    /// `role` of `holder` on `scope`, or on the organization where that is −1.
    case grant
    /// `role` is a ``Visibility``'s place.
    case visibility
    /// The principal owns it, which is enough to share it.
    case ownership
    /// `role` is a policy's number.
    case permit, forbid, failure
    case suspended, expired
  }

  let kind: Kind
  var role: Int32 = 0
  var holder: Int32 = 0
  var scope: Int32 = -1

  static let nothing = Ground(kind: .nothing)
}

/// Hears the ground that decided.
struct FirstGround: Witness {
  static let isEasilyConvinced = true
  private(set) var permitting = Ground.nothing
  private(set) var denying = Ground.nothing

  @inline(__always)
  mutating func hear(_ ground: Ground) {
    switch ground.kind {
    case .membership, .grant, .visibility, .ownership, .permit: permitting = ground
    case .forbid, .suspended, .expired: denying = ground
    case .nothing, .failure: break
    }
  }
}

/// Hears all of them.
struct EveryGround: Witness {
  static let isEasilyConvinced = false
  private(set) var grounds: [Ground] = []

  mutating func hear(_ ground: Ground) { grounds.append(ground) }
}

/// The answer to a check.
public struct Verdict: Sendable, Hashable {
  /// How it came out.
  public enum Outcome: UInt8, Sendable, Hashable {
    case allowed
    /// A policy says no to what would be allowed.
    case forbidden
    /// There is no right to it, though something else may be done with the resource, or it may be seen.
    case lacking
    /// The resource is none of the principal's business.
    case hidden
    case suspendedMembership, expiredMembership
  }

  public let outcome: Outcome
  /// What decided: the first ground of an allowance, the policy of a refusal. ``AccessGraph/reason(_:)`` puts it into words.
  public let ground: Ground

  public var isAllowed: Bool { outcome == .allowed }
  /// Whether the principal may know that the resource exists.
  public var isVisible: Bool { outcome != .hidden }
}
