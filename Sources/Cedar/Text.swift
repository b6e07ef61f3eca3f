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
    let (left, right) = (a.string.utf8, b.string.utf8)
    guard left.count == right.count else { return false }
    let isEqual = left.withContiguousStorageIfAvailable { left in
      right.withContiguousStorageIfAvailable { right in areEqual(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right)) }
    }
    return (isEqual ?? nil) ?? left.elementsEqual(right)
  }

  /// Compares eight bytes at a time; both have the same count.
  private static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    var offset = 0
    while offset + 8 <= a.count {
      if a.loadUnaligned(fromByteOffset: offset, as: UInt64.self) != b.loadUnaligned(fromByteOffset: offset, as: UInt64.self) { return false }
      offset += 8
    }
    while offset < a.count {
      if a[offset] != b[offset] { return false }
      offset += 1
    }
    return true
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
