/// An address of version 4 or 6, or the range of addresses that share its prefix.
public struct IPAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
  public let isIPv4: Bool
  /// The address; of version 4 in the low 32 bits.
  public let bits: UInt128
  /// Leading bits that all addresses of the range share: 0…32 or 0…128.
  public let prefix: Int

  public var isIPv6: Bool { !isIPv4 }
  public var isLoopback: Bool { isInRange(of: isIPv4 ? Self.loopback4 : Self.loopback6) }
  public var isMulticast: Bool { isInRange(of: isIPv4 ? Self.multicast4 : Self.multicast6) }

  /// Whether every address of this range lies in the other.
  public func isInRange(of other: IPAddress) -> Bool {
    guard isIPv4 == other.isIPv4 else { return false }
    return first >= other.first && last <= other.last
  }

  private static let loopback4 = IPAddress(isIPv4: true, bits: 127 << 24, prefix: 8)
  private static let loopback6 = IPAddress(isIPv4: false, bits: 1, prefix: 128)
  private static let multicast4 = IPAddress(isIPv4: true, bits: 224 << 24, prefix: 4)
  private static let multicast6 = IPAddress(isIPv4: false, bits: 0xff00 << 112, prefix: 8)

  private init(isIPv4: Bool, bits: UInt128, prefix: Int) {
    self.isIPv4 = isIPv4
    self.bits = bits
    self.prefix = prefix
  }

  private var hostMask: UInt128 {
    let host = (isIPv4 ? 32 : 128) - prefix
    return host == 128 ? .max : (UInt128(1) << UInt128(host)) - 1
  }
  private var first: UInt128 { bits & ~hostMask }
  private var last: UInt128 { bits | hostMask }

  public static func < (a: IPAddress, b: IPAddress) -> Bool {
    if a.isIPv4 != b.isIPv4 { return a.isIPv4 }
    return a.bits == b.bits ? a.prefix < b.prefix : a.bits < b.bits
  }
}

extension IPAddress {
  /// `192.168.0.1`, `10.0.0.0/8`, `::1`, `fe80::/10`. No leading zeros in version 4 and in prefixes,
  /// no version 4 inside of version 6, no zone.
  public init?(_ text: String) {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return nil }
    if let bits = Self.version4(parts[0]) {
      guard let prefix = parts.count == 2 ? Self.prefix(parts[1], digits: 2, limit: 32) : 32 else { return nil }
      self.init(isIPv4: true, bits: bits, prefix: prefix)
    } else if let bits = Self.version6(parts[0]) {
      guard let prefix = parts.count == 2 ? Self.prefix(parts[1], digits: 3, limit: 128) : 128 else { return nil }
      self.init(isIPv4: false, bits: bits, prefix: prefix)
    } else {
      return nil
    }
  }

  private static func prefix(_ text: Substring.UTF8View, digits: Int, limit: Int) -> Int? {
    guard let value = decimal(text, digits: digits), value <= limit else { return nil }
    return value
  }

  private static func decimal(_ text: Substring.UTF8View, digits: Int) -> Int? {
    guard (1...digits).contains(text.count), text.allSatisfy(\.isDigit), text.count == 1 || text.first != UInt8(ascii: "0") else { return nil }
    return text.reduce(0) { $0 * 10 + Int($1 - 48) }
  }

  private static func version4(_ text: Substring.UTF8View) -> UInt128? {
    let groups = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard groups.count == 4 else { return nil }
    var bits: UInt128 = 0
    for group in groups {
      guard let value = decimal(group, digits: 3), value <= 255 else { return nil }
      bits = bits << 8 | UInt128(value)
    }
    return bits
  }

  private static func version6(_ text: Substring.UTF8View) -> UInt128? {
    let bytes = Array(text)
    var gap: Int?
    var index = 0
    while index + 1 < bytes.count {
      if bytes[index] == UInt8(ascii: ":"), bytes[index + 1] == UInt8(ascii: ":") {
        guard gap == nil else { return nil }
        gap = index
        index += 2
      } else {
        index += 1
      }
    }
    var groups: [UInt128]
    if let gap {
      guard let left = hexadecimal(bytes[..<gap]), let right = hexadecimal(bytes[(gap + 2)...]), left.count + right.count < 8 else { return nil }
      groups = left + Array(repeating: 0, count: 8 - left.count - right.count) + right
    } else {
      guard let all = hexadecimal(bytes[...]) else { return nil }
      groups = all
    }
    guard groups.count == 8 else { return nil }
    return groups.reduce(0) { $0 << 16 | $1 }
  }

  private static func hexadecimal(_ bytes: ArraySlice<UInt8>) -> [UInt128]? {
    if bytes.isEmpty { return [] }
    var groups: [UInt128] = []
    for group in bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false) {
      guard (1...4).contains(group.count) else { return nil }
      var value: UInt128 = 0
      for byte in group {
        guard let digit = byte.hexValue else { return nil }
        value = value << 4 | UInt128(digit)
      }
      groups.append(value)
    }
    return groups
  }

  /// The address with its prefix, unless that is the whole address; version 6 with the longest run of zeros shortened (RFC 5952).
  public var description: String {
    let full = isIPv4 ? 32 : 128
    let suffix = prefix == full ? "" : "/\(prefix)"
    if isIPv4 { return [24, 16, 8, 0].map { String(bits >> $0 & 0xff) }.joined(separator: ".") + suffix }
    let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> (112 - 16 * $0)) }
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > best.count, end - start > 1 { best = start..<end }
      start = max(end, start + 1)
    }
    let hex = { (slice: ArraySlice<UInt16>) in slice.map { String($0, radix: 16) }.joined(separator: ":") }
    if best.isEmpty { return hex(groups[...]) + suffix }
    return hex(groups[..<best.lowerBound]) + "::" + hex(groups[best.upperBound...]) + suffix
  }
}
