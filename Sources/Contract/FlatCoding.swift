public import Kernel

/// Reads names with texts, as path parameters, queries and forms have them; a name that stands several times is a list.
public enum FlatDecoder {
  /// Reads a value of plain fields: texts, whole numbers, `true` and `false`, leaves, and lists of these.
  ///
  /// Refuses as `.invalid` with the faults of all fields; a name that the type doesn't know is one.
  public static func decode<Value: Decodable>(_ type: Value.Type, from pairs: [(String, String)]) throws(Problem) -> Value {
    var members: [(name: String, texts: [JSON])] = []
    for (name, text) in pairs {
      if let place = members.firstIndex(where: { $0.name == name }) {
        members[place].texts.append(.string(text))
      } else {
        members.append((name, [.string(text)]))
      }
    }
    let object = JSON.object(members.map { JSON.Member($0.name, .array($0.texts)) })
    return try WireCoding.decode(type, from: object, Reading(unknownFields: .refused, isFlat: true))
  }
}

/// Writes names with texts, as addresses have them.
public enum FlatEncoder {
  /// The names and texts of a value of plain fields; what is `nil` is left out. A nested value is a `.defect`.
  public static func encode(_ value: some Encodable) throws(Problem) -> [(String, String)] {
    guard let json = try? JSON(try WireCoding.encode(value)), case .object(let members) = json else { throw unwritable }
    var pairs: [(String, String)] = []
    for member in members {
      switch member.value {
      case .array(let items): for item in items { pairs.append((member.name, try text(item))) }
      case .null: continue
      default: pairs.append((member.name, try text(member.value)))
      }
    }
    return pairs
  }

  private static func text(_ scalar: JSON) throws(Problem) -> String {
    switch scalar {
    case .string(let text): text
    case .integer, .boolean, .number: scalar.compact
    case .null, .array, .object: throw unwritable
    }
  }

  private static var unwritable: Problem { Problem(.defect, "A value with inner values can't stand in an address.") }
}

/// `application/x-www-form-urlencoded` (WHATWG URL §5): how queries and forms are written.
public enum FormText {
  /// The pairs in their order; `nil` where a percent sign isn't followed by two hexadecimal digits, or the bytes aren't UTF-8.
  public static func decode(_ text: some StringProtocol) -> [(String, String)]? {
    var pairs: [(String, String)] = []
    for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
      let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = unescaped(halves[0], plusIsSpace: true), let value = halves.count > 1 ? unescaped(halves[1], plusIsSpace: true) : "" else { return nil }
      pairs.append((name, value))
    }
    return pairs
  }

  public static func encode(_ pairs: [(String, String)]) -> String {
    pairs.map { "\(PercentText.encode($0.0))=\(PercentText.encode($0.1))" }.joined(separator: "&")
  }

  fileprivate static func unescaped(_ bytes: some Sequence<UInt8>, plusIsSpace: Bool) -> String? {
    var result: [UInt8] = []
    var rest = bytes.makeIterator()
    while let byte = rest.next() {
      switch byte {
      case UInt8(ascii: "+") where plusIsSpace: result.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = rest.next(), let low = rest.next(), let pair = Hex.decode(String(decoding: [high, low], as: UTF8.self)) else { return nil }
        result += pair
      default: result.append(byte)
      }
    }
    return String(validating: result, as: UTF8.self)
  }
}

/// Percent-encoding of one segment of a path (RFC 3986 §2.1): all but the unreserved characters is written as `%XX`.
public enum PercentText {
  public static func encode(_ text: String) -> String {
    guard !text.utf8.allSatisfy(isUnreserved) else { return text }
    var result: [UInt8] = []
    for byte in text.utf8 {
      if isUnreserved(byte) { result.append(byte) } else { result += "%\(Hex.encode([byte]).uppercased())".utf8 }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// `nil` where an escape is broken or the bytes aren't UTF-8.
  public static func decode(_ text: String) -> String? {
    text.utf8.contains(UInt8(ascii: "%")) ? FormText.unescaped(text.utf8, plusIsSpace: false) : text
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "-._~".utf8.contains(byte)
    }
  }
}

extension Endpoint where Path: Part, Query: Part {
  /// The address of one call behind the server's own: path parameters filled in, the query behind it.
  public func target(_ path: Path, _ query: Query) throws(Problem) -> String {
    var filled = API.base + self.path
    for (name, text) in try FlatEncoder.encode(path) {
      guard let range = filled.utf8Range(of: "{\(name)}") else { throw Problem(.defect, "\(self.name) has no place for \(name) in its path.") }
      filled.replaceSubrange(range, with: PercentText.encode(text))
    }
    let pairs = try FlatEncoder.encode(query)
    return pairs.isEmpty ? filled : "\(filled)?\(FormText.encode(pairs))"
  }
}

extension String {
  fileprivate func utf8Range(of part: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
      start = index(after: start)
    }
    return nil
  }
}
