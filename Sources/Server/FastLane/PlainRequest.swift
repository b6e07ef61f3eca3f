/// A request that came whole, written as programs mostly write them: nothing in it can be read in two ways (RFC 9112 §6.3, §11.2), and no header asks for
/// anything but an answer. Whatever is out of the ordinary is no plain request.
struct PlainRequest {
  /// Path and query.
  let target: String
  let bearer: String
  let userAgent: String
  /// Where the body stands.
  let body: Range<Int>

  /// How long one may be, all in all.
  static let limit = 256 << 10

  /// What is known of bytes as they came.
  enum Reading {
    /// One whole request and nothing behind it.
    case plain(PlainRequest)
    /// One whole request and nothing behind it, but not a plain POST.
    case other
    /// The beginning of one request, to its body at least, of which so many bytes are still to come.
    case begun(Int)
    /// More than one request, less than a head, or what could be read in two ways.
    case unclear
  }

  static func read(_ bytes: UnsafeRawBufferPointer) -> Reading {
    var reader = HeadReader(bytes)
    return reader.read()
  }
}

private struct HeadReader {
  private let bytes: UnsafeRawBufferPointer
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private enum Field { case host, length, type, bearer, agent, connection, plain, other, unclear }

  mutating func read() -> PlainRequest.Reading {
    guard let line = nextLine(), let target = target(of: line) else { return .unclear }
    let isPost = starts(line, "POST ")
    var (hosts, length, isJSON, isPlain) = (0, Int?.none, false, isPost)
    var (bearer, agent): (String?, String?)
    while true {
      guard let line = nextLine() else { return .unclear }
      if line.isEmpty { break }
      guard let colon = line.first(where: { bytes[$0] == UInt8(ascii: ":") }), colon > line.lowerBound else { return .unclear }
      let name = line.lowerBound..<colon
      guard name.allSatisfy({ Self.isToken(bytes[$0]) }) else { return .unclear }
      let value = trimmed(colon + 1..<line.upperBound)
      switch field(name) {
      case .host: hosts += 1
      case .length:
        guard length == nil, let number = number(value) else { return .unclear }
        length = number
      case .type:
        guard !isJSON else { return .unclear }
        isJSON = equals(value, "application/json")
        if !isJSON { isPlain = false }
      case .bearer:
        if bearer == nil, value.count > 7, starts(value, "bearer ") { bearer = text(trimmed(value.lowerBound + 7..<value.upperBound)) } else { isPlain = false }
      case .agent:
        if agent == nil { agent = text(value) } else { isPlain = false }
      case .connection: if !equals(value, "keep-alive") { return .unclear }
      case .plain: break
      case .other: isPlain = false
      case .unclear: return .unclear
      }
    }
    let due = place + (length ?? 0) - bytes.count
    guard hosts == 1, due >= 0 else { return .unclear }
    guard due == 0 else { return .begun(due) }
    guard bytes.count <= PlainRequest.limit, isPlain, isJSON, let bearer, let length, length > 0 else { return .other }
    return .plain(PlainRequest(target: target, bearer: bearer, userAgent: agent ?? "", body: place..<place + length))
  }

  /// Headers that change nothing of how a question is answered are plain; those that change how the message itself is read are unclear.
  private func field(_ name: Range<Int>) -> Field {
    switch name.count {
    case 4: equals(name, "host") ? .host : .other
    case 6: equals(name, "accept") ? .plain : .other
    case 10: equals(name, "user-agent") ? .agent : equals(name, "connection") ? .connection : equals(name, "keep-alive") ? .unclear : .other
    case 12: equals(name, "content-type") ? .type : .other
    case 13: equals(name, "authorization") ? .bearer : .other
    case 14: equals(name, "content-length") ? .length : .other
    case 15: equals(name, "accept-encoding") || equals(name, "accept-language") ? .plain : .other
    case 17: equals(name, "transfer-encoding") ? .unclear : .other
    case 7: equals(name, "upgrade") ? .unclear : .other
    case 2: equals(name, "te") ? .unclear : .other
    default: .other
    }
  }

  /// The next line without its end; `nil` where there is none, or one that ends otherwise than it should or holds what no line may.
  private mutating func nextLine() -> Range<Int>? {
    let start = place
    var end = start
    while end < bytes.count, bytes[end] >= 0x20 || bytes[end] == 0x09, bytes[end] != 0x7F { end += 1 }
    guard end + 1 < bytes.count, bytes[end] == 0x0D, bytes[end + 1] == 0x0A else { return nil }
    place = end + 2
    return start..<end
  }

  /// `METHOD target HTTP/1.1`, with one space at each place.
  private func target(of line: Range<Int>) -> String? {
    guard let space = line.first(where: { bytes[$0] == 0x20 }), space > line.lowerBound else { return nil }
    let rest = space + 1..<line.upperBound
    let suffix = " HTTP/1.1"
    guard rest.count > suffix.utf8.count else { return nil }
    let end = rest.upperBound - suffix.utf8.count
    guard (line.lowerBound..<space).allSatisfy({ bytes[$0] >= UInt8(ascii: "A") && bytes[$0] <= UInt8(ascii: "Z") }), bytes[rest.lowerBound] == UInt8(ascii: "/"),
      (rest.lowerBound..<end).allSatisfy({ bytes[$0] > 0x20 && bytes[$0] < 0x7F }), zip(end..<rest.upperBound, suffix.utf8).allSatisfy({ bytes[$0] == $1 })
    else { return nil }
    return text(rest.lowerBound..<end)
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
    while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    return start..<end
  }

  private func number(_ range: Range<Int>) -> Int? {
    guard (1...9).contains(range.count) else { return nil }
    var number = 0
    for place in range {
      guard bytes[place] >= UInt8(ascii: "0"), bytes[place] <= UInt8(ascii: "9") else { return nil }
      number = number * 10 + Int(bytes[place] - UInt8(ascii: "0"))
    }
    return number
  }

  private func text(_ range: Range<Int>) -> String { String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self) }

  /// Without regard to case; `word` is in small letters.
  private func equals(_ range: Range<Int>, _ word: StaticString) -> Bool { range.count == word.utf8CodeUnitCount && starts(range, word) }

  private func starts(_ range: Range<Int>, _ word: StaticString) -> Bool {
    guard range.count >= word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { word in
      for place in word.indices where bytes[range.lowerBound + place] | Self.caseBit(word[place]) != word[place] | Self.caseBit(word[place]) { return false }
      return true
    }
  }

  /// The bit that tells small letters from capital ones; none for what isn't a letter.
  private static func caseBit(_ byte: UInt8) -> UInt8 { byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") ? 0x20 : 0 }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
    default: false
    }
  }
}
