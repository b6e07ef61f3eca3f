/// Goes over JSON (RFC 8259) as programs mostly write it: objects of known fields with texts of plain ASCII, and nothing else. Where it meets anything else, it
/// finds nothing, and whoever reads with it gives up.
struct PlainScanner {
  let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Past a character of the grammar, and the space before it; `false` where something else stands there.
  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  mutating func atEnd() -> Bool {
    skipSpace()
    return place == bytes.count
  }

  /// A text of so many bytes at most, and not empty.
  mutating func text(longest: Int) -> String? { plain(longest: longest).map { String(decoding: bytes[$0], as: UTF8.self) } }

  /// What stands between quotes, if that is printable ASCII without escapes.
  mutating func plain(longest: Int) -> Range<Int>? {
    skipSpace()
    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { return nil }
    let start = place + 1
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
      guard bytes[end] >= 0x20, bytes[end] < 0x7F, bytes[end] != UInt8(ascii: "\\") else { return nil }
      end += 1
    }
    guard end < bytes.count, end > start, end - start <= longest else { return nil }
    place = end + 1
    return start..<end
  }

  func matches(_ range: Range<Int>, _ name: StaticString) -> Bool {
    guard name.utf8CodeUnitCount == range.count else { return false }
    return name.withUTF8Buffer { name in
      for place in name.indices where bytes[range.lowerBound + place] != name[place] { return false }
      return true
    }
  }

  private mutating func skipSpace() {
    while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x0A || bytes[place] == 0x0D || bytes[place] == 0x09 { place += 1 }
  }
}
