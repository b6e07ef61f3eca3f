extension [UInt8] {
  /// Text between tags: `&`, `<` and `>` become references.
  mutating func append(text: some StringProtocol) { append(escaping: text, quotes: false) }

  /// The value of an attribute in double quotes: both quotation marks become references too.
  mutating func append(attributeValue text: some StringProtocol) { append(escaping: text, quotes: true) }

  mutating func append(attributeValue text: UnsafeBufferPointer<UInt8>) { append(escaping: text, quotes: true) }

  /// Copies runs of harmless bytes at once. Characters that HTML forbids (§13.2.3.5, control characters other than white space) become U+FFFD.
  private mutating func append(escaping text: some StringProtocol, quotes: Bool) {
    let done: Void? = text.utf8.withContiguousStorageIfAvailable { append(escaping: $0, quotes: quotes) }
    if done == nil { Array(text.utf8).withUnsafeBufferPointer { append(escaping: $0, quotes: quotes) } }
  }

  private mutating func append(escaping source: UnsafeBufferPointer<UInt8>, quotes: Bool) {
    var start = 0
    var place = 0
    while place < source.count {
      let byte = source[place]
      var width = 1
      let replacement: StaticString
      switch byte {
      case UInt8(ascii: "&"): replacement = "&amp;"
      case UInt8(ascii: "<"): replacement = "&lt;"
      case UInt8(ascii: ">"): replacement = "&gt;"
      case UInt8(ascii: "\"") where quotes: replacement = "&quot;"
      case UInt8(ascii: "'") where quotes: replacement = "&#39;"
      case 0x09, 0x0A, 0x0D:
        place += 1
        continue
      case 0x00..<0x20, 0x7F: replacement = "\u{FFFD}"
      case 0xC2 where place + 1 < source.count && source[place + 1] < 0xA0:
        replacement = "\u{FFFD}"
        width = 2
      default:
        place += 1
        continue
      }
      append(contentsOf: source[start..<place])
      append(static: replacement)
      place += width
      start = place
    }
    append(contentsOf: source[start..<place])
  }

  mutating func append(static text: StaticString) {
    text.withUTF8Buffer { append(contentsOf: $0) }
  }

  mutating func append(decimal number: Int) {
    guard number >= 0 else {
      append(UInt8(ascii: "-"))
      return append(digits: number.magnitude)
    }
    append(digits: number.magnitude)
  }

  private mutating func append(digits number: UInt) {
    let start = count
    var rest = number
    repeat {
      append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    self[start...].reverse()
  }
}
