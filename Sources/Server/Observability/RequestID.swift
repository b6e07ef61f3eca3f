/// Names one request in logs, answers and the audit log.
struct RequestID: Sendable, Hashable, CustomStringConvertible {
  let description: String

  /// The name that a client or proxy gave, where it is a sane one: 8 to 64 letters, digits, dots, hyphens or underscores.
  init?(given text: String) {
    guard (8...64).contains(text.utf8.count), text.utf8.allSatisfy({ Self.isSane($0) }) else { return nil }
    description = text
  }

  /// A new name: 26 characters that sort by time, from the clock and 80 random bits.
  init(milliseconds: Int64, draw: () -> UInt64) {
    let random = (draw(), draw())
    description = String(unsafeUninitializedCapacity: 26) { text in
      for place in 0..<10 { text[place] = Self.digit(milliseconds >> ((9 - place) * 5)) }
      for place in 0..<8 { text[10 + place] = Self.digit(Int64(truncatingIfNeeded: random.0 >> (place * 5))) }
      for place in 0..<8 { text[18 + place] = Self.digit(Int64(truncatingIfNeeded: random.1 >> (place * 5))) }
      return 26
    }
  }

  /// One digit of Crockford's base 32.
  private static func digit(_ bits: Int64) -> UInt8 {
    let digits: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
    return digits.utf8Start[Int(bits & 31)]
  }

  private static func isSane(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }
  }
}

/// Which distributed trace a request is part of (W3C Trace Context §3.2).
struct TraceParent: Sendable, Hashable {
  /// 32 hexadecimal digits.
  let trace: String
  /// 16 hexadecimal digits: the span that called.
  let parent: String

  /// `nil` for what isn't a `traceparent`; versions after 00 may say more behind it.
  init?(_ header: String) {
    let fields = header.split(separator: "-", omittingEmptySubsequences: false)
    guard fields.count >= 4, fields[0].count == 2, fields[0] != "ff", fields[0] != "00" || fields.count == 4, fields[1].count == 32, fields[2].count == 16, fields[3].count == 2,
      fields.prefix(4).allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) } }),
      fields[1].contains(where: { $0 != "0" }), fields[2].contains(where: { $0 != "0" })
    else { return nil }
    trace = String(fields[1])
    parent = String(fields[2])
  }
}
