internal import Cedar

/// A value of an attribute in four bytes: truth and small numbers as they are, all else by its number. Equal words are equal values, and the other way round.
struct Word: Hashable, Sendable {
  let bits: Int32

  /// No value: there is no such attribute.
  static let missing = Word(bits: -1)

  private enum Tag: Int32 {
    case truth, small, table, local
  }

  private init(_ tag: Tag, _ payload: Int32) { bits = payload << 2 | tag.rawValue }
  init(bits: Int32) { self.bits = bits }

  static func bool(_ value: Bool) -> Word { Word(.truth, value ? 1 : 0) }
  static let `true` = Word.bool(true)
  static let `false` = Word.bool(false)

  /// `nil` where the number is too large to stand here.
  init?(_ value: Int64) {
    guard value >= -(1 << 29), value < 1 << 29 else { return nil }
    self.init(.small, Int32(value))
  }

  /// The number of a value in the graph's table.
  static func table(_ number: Int32) -> Word { Word(.table, number) }
  /// The number of a value that only one request brings.
  static func local(_ number: Int32) -> Word { Word(.local, number) }

  var truth: Bool? { bits & 3 == 0 ? bits != 0 : nil }
  var isSmall: Bool { bits & 3 == 1 }
  var small: Int64? { isSmall ? Int64(bits >> 2) : nil }
  var number: Int32? { bits & 3 == 2 ? bits >> 2 : nil }
  var local: Int32? { bits & 3 == 3 && bits >= 0 ? bits >> 2 : nil }
}

/// The values and the records of attributes that things have: each kept once, however many have it.
struct Values: Sendable {
  private var values = Column<Value>()
  private var index = NumberIndex()
  /// The elements of each value that is a set, sorted; an empty row for all others.
  private var elements = Rows()
  /// Names of attributes: few, whatever the number of things.
  private(set) var names: [Text] = []
  private var numbers: [Text: Int32] = [:]
  /// Pairs of a name and a word, sorted by name; the first record is the empty one.
  private(set) var records = Rows()
  private var recordIndex = NumberIndex()

  init() { records.append([]) }

  // MARK: Writing

  mutating func word(_ value: Value) -> Word {
    if let word = Self.plain(value) { return word }
    if let found = find(value) { return found }
    var words: [Int32] = []
    if case .set(let set) = value { words = set.elements.map { word($0).bits }.sorted() }
    let number = Int32(values.count)
    values.append(value)
    elements.append(words)
    index.insert(value.hashValue, number)
    return .table(number)
  }

  mutating func name(_ text: Text) -> Int32 {
    if let number = numbers[text] { return number }
    let number = Int32(names.count)
    names.append(text)
    numbers[text] = number
    return number
  }

  /// The number of a record.
  mutating func record(_ record: Record) -> Int32 {
    guard !record.isEmpty else { return 0 }
    var pairs: [(name: Int32, word: Int32)] = []
    for attribute in record { pairs.append((name(attribute.key), word(attribute.value).bits)) }
    pairs.sort { $0.name < $1.name }
    let words = pairs.flatMap { [$0.name, $0.word] }
    let found = recordIndex.find(words.hashValue) { number in
      records.with(number) { row in row.count == words.count && row.indices.allSatisfy { row[$0] == words[$0] } }
    }
    if let found { return found }
    let number = records.append(words)
    recordIndex.insert(words.hashValue, number)
    return number
  }

  // MARK: Reading

  /// What needs no table.
  static func plain(_ value: Value) -> Word? {
    switch value {
    case .bool(let truth): .bool(truth)
    case .long(let number): Word(number)
    default: nil
    }
  }

  /// The word of a value that something has; `nil` for all others.
  func find(_ value: Value) -> Word? {
    Self.plain(value) ?? index.find(value.hashValue) { values[Int($0)] == value }.map { .table($0) }
  }

  func number(ofName text: Text) -> Int32? { numbers[text] }

  /// The value of a word that isn't a request's own.
  func value(_ word: Word) -> Value? {
    if let truth = word.truth { return .bool(truth) }
    if let small = word.small { return .long(small) }
    return word.number.map { values[Int($0)] }
  }

  func record(_ number: Int32) -> Record {
    var attributes: [Record.Attribute] = []
    let words = records.words(number)
    for place in stride(from: 0, to: words.count, by: 2) {
      if let value = value(Word(bits: words[place + 1])) { attributes.append(.init(names[Int(words[place])], value)) }
    }
    return Record(attributes)
  }

  /// The attribute of a record.
  func attribute(_ name: Int32, of record: Int32) -> Word {
    records.with(record) { row in
      var place = 0
      while place < row.count {
        if row[place] == name { return Word(bits: row[place + 1]) }
        place += 2
      }
      return .missing
    }
  }

  /// Whether a set of the table holds the word; `nil` where that value is no set.
  func contains(_ set: Int32, _ word: Word) -> Bool? {
    guard case .set = values[Int(set)] else { return nil }
    return elements.with(set) { row in
      var (low, high) = (0, row.count)
      while low < high {
        let middle = (low + high) >> 1
        if row[middle] < word.bits { low = middle + 1 } else { high = middle }
      }
      return low < row.count && row[low] == word.bits
    }
  }

  var bytes: Int { values.bytes + index.bytes + elements.bytes + records.bytes + recordIndex.bytes }
}

/// What a request brings of its own, such as the time, the address or whether a second factor was given; made by ``AccessGraph/context(_:)``, for that graph.
public final class AccessContext: Sendable {
  /// Pairs of a name and a word.
  let words: ContiguousArray<Int32>
  /// The values that nothing in the graph has.
  let locals: [Value]
  let record: Record

  init(words: ContiguousArray<Int32>, locals: [Value], record: Record) {
    self.words = words
    self.locals = locals
    self.record = record
  }

  /// Nothing.
  public static let none = AccessContext(words: [], locals: [], record: [:])
}
