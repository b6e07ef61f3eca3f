/// The names by which a policy's text calls teams, people and the like: `Team::"contractors"`. They stand for what is called so when the policy is
/// saved, and go on
/// to mean that when it is renamed; so another that gets the name later isn't meant by it.
public struct PolicyName: Sendable, Hashable {
  /// `Team`, `User`, `ServiceAccount`, `Workspace` …
  public let type: String
  public let name: String
  /// Where the name stands in the UTF-8 of the text, its quotes included.
  public let span: Range<Int>

  /// All entities that a text names by a plain type and a quoted name, in its order. What stands in comments and in other texts is none.
  public static func all(in text: String) -> [PolicyName] {
    let bytes = Array(text.utf8)
    var found: [PolicyName] = []
    var place = 0
    // The identifier before the place, and whether `::` came behind it.
    var word: (text: String, isQualified: Bool)?
    var separated = false
    while place < bytes.count {
      let byte = bytes[place]
      if byte == UInt8(ascii: "/"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "/") {
        while place < bytes.count, bytes[place] != 10, bytes[place] != 13 { place += 1 }
      } else if byte == UInt8(ascii: "\"") {
        let start = place
        place += 1
        var isPlain = true
        while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
          if bytes[place] == UInt8(ascii: "\\") {
            isPlain = false
            place += 1
          }
          place += 1
        }
        place = min(place + 1, bytes.count)
        if separated, let word, !word.isQualified, isPlain, place - start >= 2 {
          found.append(PolicyName(type: word.text, name: String(decoding: bytes[start + 1..<place - 1], as: UTF8.self), span: start..<place))
        }
        (word, separated) = (nil, false)
      } else if isLetter(byte) {
        let start = place
        while place < bytes.count, isLetter(bytes[place]) || bytes[place] >= UInt8(ascii: "0") && bytes[place] <= UInt8(ascii: "9") { place += 1 }
        word = (String(decoding: bytes[start..<place], as: UTF8.self), separated && word != nil)
        separated = false
      } else if byte == UInt8(ascii: ":"), place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: ":") {
        separated = word != nil
        place += 2
      } else {
        if byte != 32, byte != 9, byte != 10, byte != 13 { (word, separated) = (nil, false) }
        place += 1
      }
    }
    return found
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") || byte == UInt8(ascii: "_")
  }

  /// Where in the text it stands: line and column, from 1, the column in characters.
  public func place(in text: String) -> (line: Int, column: Int) {
    let before = Array(text.utf8.prefix(span.lowerBound))
    let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    return (before.count { $0 == 10 } + 1, String(decoding: before[start...], as: UTF8.self).count + 1)
  }

  /// The text with ids in the place of names.
  public static func replacing(in text: String, _ id: (PolicyName) -> String?) -> String {
    var bytes = Array(text.utf8)
    for name in all(in: text).reversed() {
      guard let id = id(name) else { continue }
      bytes.replaceSubrange(name.span, with: Array("\"\(id)\"".utf8))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
