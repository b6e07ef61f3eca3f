extension String {
  /// The name as it stands on the wire: `nextCursor` becomes `next_cursor`, `apiURLFor` becomes `api_url_for`.
  ///
  /// The same words as Foundation's `convertToSnakeCase` finds, so that clients may use either; only ASCII letters have case here.
  var snakeCased: String {
    guard utf8.contains(where: \.isASCIIUpper) else { return self }
    let letters = Array(utf8)
    guard letters.dropFirst().contains(where: \.isASCIIUpper) else {
      return letters.first?.isASCIIUpper == true ? String(decoding: letters.map(\.asciiLowered), as: UTF8.self) : self
    }
    var result: [UInt8] = []
    result.reserveCapacity(letters.count + 4)
    for word in letters.words {
      if word.lowerBound > 0 { result.append(UInt8(ascii: "_")) }
      for letter in letters[word] { result.append(letter.asciiLowered) }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The property that Foundation's `convertFromSnakeCase` would look for.
  var camelCased: String {
    let words = split(separator: "_")
    guard words.count > 1, let first = words.first else { return self }
    return first.lowercased() + words.dropFirst().map(\.capitalized).joined()
  }
}

extension Substring {
  /// With a capital at the beginning and behind each digit, as Foundation does it.
  fileprivate var capitalized: String {
    var followsLetter = false
    return String(
      flatMap { character in
        defer { followsLetter = character.isLetter }
        return followsLetter ? character.lowercased() : character.uppercased()
      })
  }
}

extension [UInt8] {
  /// A word begins at a capital after a small letter, and at the last capital of a run that a small letter follows.
  fileprivate var words: [Range<Int>] {
    var words: [Range<Int>] = []
    var start = 0
    var place = 1
    while let capital = self[place...].firstIndex(where: \.isASCIIUpper) {
      words.append(start..<capital)
      start = capital
      guard let small = self[capital...].firstIndex(where: \.isASCIILower) else { break }
      if small > capital + 1 {
        words.append(capital..<small - 1)
        start = small - 1
      }
      place = small + 1
    }
    words.append(start..<count)
    return words
  }
}

extension UInt8 {
  fileprivate var isASCIIUpper: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
  fileprivate var isASCIILower: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
  fileprivate var asciiLowered: UInt8 { isASCIIUpper ? self | 0x20 : self }
}
