/// Whose address counts as the client's.
enum ClientAddress {
  /// Each trusted proxy has added the address it was called from at the right end of `X-Forwarded-For`; what stands further left is hearsay.
  static func of(peer: String, forwarded: [String], trustedProxies: Int) -> String {
    guard trustedProxies > 0 else { return peer }
    let hops = forwarded.flatMap { $0.split(separator: ",") }.map(\.trimmingSpaces)
    guard hops.count >= trustedProxies else { return peer }
    let address = hops[hops.count - trustedProxies].strippingPort
    return address.isEmpty || !address.utf8.allSatisfy(isOfAnAddress) ? peer : address
  }

  /// What one customer of a provider gets: an IPv4 address, or the first 64 bits of an IPv6 address.
  static func limitKey(_ address: String) -> String {
    guard address.contains(":") else { return address }
    let groups = address.split(separator: ":", omittingEmptySubsequences: false)
    guard let gap = groups.dropFirst().dropLast().firstIndex(of: "") else { return groups.prefix(4).joined(separator: ":") }
    let head = groups[..<gap].filter { !$0.isEmpty }
    let tail = groups[(gap + 1)...].filter { !$0.isEmpty }
    let zeros = Array(repeating: Substring("0"), count: max(0, 8 - head.count - tail.count))
    return (head + zeros + tail).prefix(4).joined(separator: ":")
  }

  private static func isOfAnAddress(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."): true
    default: false
    }
  }
}

extension String {
  /// `[::1]:80` and `10.0.0.1:80` as some proxies write them.
  fileprivate var strippingPort: String {
    if hasPrefix("[") { return String(dropFirst().prefix { $0 != "]" }) }
    return filter { $0 == ":" }.count == 1 ? String(prefix { $0 != ":" }) : self
  }
}
