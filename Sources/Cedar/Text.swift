/// A string that is compared scalar by scalar, as Cedar compares.
///
/// Swift's `String` takes canonically equivalent strings for equal ("é" as one scalar or as two); to an
/// authorization engine these are different names. `Text` keeps the two apart, in equality, order and hashing.
public struct Text: Hashable, Sendable, Comparable, ExpressibleByStringLiteral, CustomStringConvertible {
  public let string: String

  public init(_ string: String) { self.string = string }
  public init(stringLiteral value: String) { self.string = value }

  public var description: String { string }
  public var isEmpty: Bool { string.isEmpty }

  public static func == (a: Text, b: Text) -> Bool {
    // Canonical inequality implies inequality, and is the fast path of the standard library.
    guard a.string == b.string else { return false }
    let (left, right) = (a.string.utf8, b.string.utf8)
    return left.count == right.count && left.elementsEqual(right)
  }

  public func hash(into hasher: inout Hasher) { string.hash(into: &hasher) }

  /// The order of the UTF-8 bytes, which is the order of the scalars.
  public static func < (a: Text, b: Text) -> Bool {
    var left = a.string.utf8.makeIterator()
    var right = b.string.utf8.makeIterator()
    while let y = right.next() {
      guard let x = left.next() else { return true }
      if x != y { return x < y }
    }
    return false
  }
}
