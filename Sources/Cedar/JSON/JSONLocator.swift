/// Finds places in the text of a document that was read from it, so that values need not remember where they stood.
struct JSONLocator {
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Where the value, or the name, at the end of a path stands; the innermost that is there.
  func span(of path: JSONPath) -> Range<Int>? {
    var place = skipBlanks(0)
    for step in path.steps {
      switch step {
      case .root: break
      case .member(_, let name):
        guard let member = members(at: place).first(where: { text($0.name) == name }) else { return value(at: place) }
        place = member.value
      case .name(_, let name):
        return members(at: place).first { text($0.name) == name }?.name ?? value(at: place)
      case .element(_, let index):
        guard let element = element(index, at: place) else { return value(at: place) }
        place = element
      }
    }
    return value(at: place)
  }

  private func value(at offset: Int) -> Range<Int>? { offset < bytes.count ? offset..<end(of: offset) : nil }

  private func text(_ range: Range<Int>) -> Text? {
    guard case .string(let text)? = try? JSON(parsing: Array(bytes[range])) else { return nil }
    return text
  }

  private func skipBlanks(_ offset: Int) -> Int {
    var offset = offset
    while offset < bytes.count, [32, 10, 13, 9].contains(bytes[offset]) { offset += 1 }
    return offset
  }

  private func members(at offset: Int) -> [(name: Range<Int>, value: Int)] {
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: "{") else { return [] }
    var result: [(name: Range<Int>, value: Int)] = []
    var next = skipBlanks(offset + 1)
    while next < bytes.count, bytes[next] == UInt8(ascii: "\"") {
      let name = next..<end(of: next)
      let value = skipBlanks(skipBlanks(name.upperBound) + 1)
      result.append((name, value))
      next = skipBlanks(skipBlanks(end(of: value)) + 1)
    }
    return result
  }

  private func element(_ index: Int, at offset: Int) -> Int? {
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: "[") else { return nil }
    var next = skipBlanks(offset + 1)
    for _ in 0..<index {
      guard next < bytes.count else { return nil }
      next = skipBlanks(skipBlanks(end(of: next)) + 1)
    }
    return next
  }

  /// Where the value that begins at an offset ends.
  private func end(of offset: Int) -> Int {
    var offset = offset
    var depth = 0
    repeat {
      guard offset < bytes.count else { return bytes.count }
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        offset += 1
        while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") { offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1 }
        offset += 1
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        offset += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        offset += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"), 32, 10, 13, 9: offset += 1
      default: while offset < bytes.count, !Self.delimiters.contains(bytes[offset]) { offset += 1 }
      }
    } while depth > 0
    return min(offset, bytes.count)
  }

  private static let delimiters = Set(",:{}[]\" \n\r\t".utf8)
}
