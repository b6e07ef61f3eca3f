import Kernel

/// What a thing is called outside, in sixteen bytes: a UUID as it is, a text of at most fifteen bytes packed, or the number of a longer one.
///
/// The two highest bits of the lower half tell them apart: `10` in every UUID (RFC 9562), `00` in a packed text, `11` in a number. Ids that are UUIDs are
/// compared as such, in either case of their letters.
struct NameKey: Hashable, Sendable {
  let high: UInt64
  let low: UInt64

  /// The key of a text, if it needs no table.
  init?(_ text: String) {
    let utf8 = text.utf8
    if utf8.count == 36, let id = ID<NameKey>(text), id.words.low >> 62 == 0b10 {
      (high, low) = id.words
      return
    }
    guard utf8.count <= 15 else { return nil }
    var (high, low): (UInt64, UInt64) = (0, 0)
    for (place, byte) in utf8.enumerated() {
      if place < 8 { high = high << 8 | UInt64(byte) } else { low = low << 8 | UInt64(byte) }
    }
    self.high = high
    self.low = low | UInt64(utf8.count) << 56
  }

  /// The key of a longer text by its number.
  init(long number: Int32) {
    high = UInt64(number)
    low = 0b11 << 62
  }

  /// The number of a longer text.
  var long: Int32? { low >> 62 == 0b11 ? Int32(high) : nil }

  /// The text, unless it is a longer one.
  var text: String {
    if low >> 62 == 0b10 { return ID<NameKey>(high: high, low: low).description }
    let count = Int(low >> 56)
    var bytes: [UInt8] = []
    for place in 0..<count {
      let word = place < 8 ? high >> UInt64(8 * (min(count, 8) - 1 - place)) : low >> UInt64(8 * (count - 1 - place))
      bytes.append(UInt8(truncatingIfNeeded: word))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Names of one kind of thing, and the numbers they got in the order of their first mention. A number is never given again.
struct Names: Sendable {
  private var keys = Column<NameKey>()
  /// What else tells names apart, such as a type; below 2³¹.
  private var kinds = Column<Int32>()
  private var index = NumberIndex()
  private var longTexts = Column<String>()
  private var longIndex = NumberIndex()
  private let hasKinds: Bool

  init(hasKinds: Bool = false) { self.hasKinds = hasKinds }

  var count: Int { keys.count }

  func find(_ text: String, kind: Int32 = 0) -> Int32? { key(text).flatMap { find($0, kind) } }

  /// Finds the name, or gives it the next number.
  mutating func number(_ text: String, kind: Int32 = 0) -> Int32 {
    let key = key(text) ?? addLong(text)
    if let found = find(key, kind) { return found }
    let number = Int32(keys.count)
    keys.append(key)
    if hasKinds { kinds.append(kind) }
    index.insert(Self.hash(key, kind), number)
    return number
  }

  /// Lets a name go: mentioned again, it gets another number.
  mutating func forget(_ number: Int32) {
    let key = keys[Int(number)]
    index.remove(Self.hash(key, hasKinds ? kinds[Int(number)] : 0), number)
  }

  func text(_ number: Int32) -> String {
    let key = keys[Int(number)]
    return key.long.map { longTexts[Int($0)] } ?? key.text
  }

  private func find(_ key: NameKey, _ kind: Int32) -> Int32? {
    index.find(Self.hash(key, kind)) { keys[Int($0)] == key && (!hasKinds || kinds[Int($0)] == kind) }
  }

  private func key(_ text: String) -> NameKey? {
    if let key = NameKey(text) { return key }
    return longIndex.find(text.hashValue) { Self.areSame(longTexts[Int($0)], text) }.map { NameKey(long: $0) }
  }

  private mutating func addLong(_ text: String) -> NameKey {
    let number = Int32(longTexts.count)
    longTexts.append(text)
    longIndex.insert(text.hashValue, number)
    return NameKey(long: number)
  }

  /// Byte by byte: canonically equivalent texts are different names.
  private static func areSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

  private static func hash(_ key: NameKey, _ kind: Int32) -> Int {
    var hasher = Hasher()
    hasher.combine(key.high)
    hasher.combine(key.low)
    hasher.combine(kind)
    return hasher.finalize()
  }

  var bytes: Int { keys.bytes + kinds.bytes + index.bytes + longIndex.bytes }
}
