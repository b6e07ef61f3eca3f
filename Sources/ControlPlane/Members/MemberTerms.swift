import Kernel

/// What a member is found by: every three characters in a row of their names and addresses, and the first one and two of each word; each with the
/// organization in it, so that searching costs nothing for the members of others. And the beginning of the list's name, to tell who stands apart from those
/// whose names begin like that.
///
/// A term is a digest of 30 bits, so a term that is found may be another's: what is found is compared with the text itself. A beginning is spelled out, so
/// that within an organization it is nobody else's.
struct MemberTerms {
  private let organization: UInt64

  init(of organization: ID<Organization>) { self.organization = Self.mix(organization.description.unicodeScalars, into: 0xcbf2_9ce4_8422_2325) }

  /// The terms of a text in lower case, each once.
  func terms(of text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    var found: Set<UInt32> = []
    for start in scalars.indices.dropLast(2) { found.insert(digest(scalars[start..<start + 3])) }
    for word in scalars.split(separator: " ") {
      found.insert(digest(word.prefix(1)))
      if word.count > 1 { found.insert(digest(word.prefix(2))) }
    }
    return found.sorted().map(Self.spelled)
  }

  /// The terms of the beginnings of a name in a list, of one, two and three characters.
  func terms(ofBeginnings name: String) -> [String] {
    let scalars = Array(name.unicodeScalars.prefix(3))
    return (0..<scalars.count).map { term(ofBeginning: scalars[...$0]) }
  }

  /// The term of all names that begin so, of three characters at most.
  func term(ofBeginning scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return "begins\(Self.spelled(UInt32(truncatingIfNeeded: organization & 0x3FFF_FFFF)))\(Hex.encode(Array(String(text).utf8)))"
  }

  /// The terms that each text has in which `search` is found; at most 8, from all over it: each costs a look at the index.
  func terms(find search: MemberSearch) -> [String] {
    let scalars = Array(search.text.unicodeScalars)
    guard scalars.count > 2 else { return [Self.spelled(digest(scalars[...]))] }
    let starts = scalars.count - 2
    return Set(stride(from: 0, to: starts, by: max(1, (starts + 7) / 8)).map { digest(scalars[$0..<$0 + 3]) }).sorted().map(Self.spelled)
  }

  private func digest(_ scalars: ArraySlice<Unicode.Scalar>) -> UInt32 {
    let mixed = Self.mix(scalars, into: organization)
    return UInt32(truncatingIfNeeded: (mixed ^ mixed >> 30) & 0x3FFF_FFFF)
  }

  /// FNV-1a over whole characters (http://www.isthe.com/chongo/tech/comp/fnv), with a last mix of the high bits.
  private static func mix(_ scalars: some Sequence<Unicode.Scalar>, into start: UInt64) -> UInt64 {
    var hash = start
    for scalar in scalars { hash = (hash ^ UInt64(scalar.value)) &* 0x100_0000_01b3 }
    return hash ^ hash >> 32
  }

  /// Six letters and digits.
  private static func spelled(_ digest: UInt32) -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    return String(decoding: stride(from: 25, through: 0, by: -5).map { letters[Int(digest >> UInt32($0) & 31)] }, as: UTF8.self)
  }
}

/// What somebody looks for among members: part of a name, a handle or an address. One or two characters are looked for where words begin.
struct MemberSearch {
  /// In lower case, at most 256 characters, one space between words and none around them: so are the texts that are searched.
  let text: String

  /// `nil` where nothing is looked for.
  init?(_ text: String?) {
    self.text = Self.normalized(text?.prefix(256) ?? "")
    if self.text.isEmpty { return nil }
  }

  static func normalized(_ text: some StringProtocol) -> String {
    let text = text.lowercased()
    // Asking Unicode about each character takes as long as storing a membership does.
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    return text.utf8.split { $0 == 0x20 || 0x09...0x0D ~= $0 }.map(Substring.init).joined(separator: " ")
  }

  /// Whether it is found at the beginnings of words alone.
  var isWordStart: Bool { text.unicodeScalars.count < 3 }
}
