/// A value in two words, without a reference: what is larger stands in a table, equal things under the same number.
///
/// So two values are equal exactly if their cells are.
struct Cell: Hashable, Sendable, Comparable {
  enum Kind: UInt8, Sendable {
    case bool, long, string, entity, set, record, ip, decimal, datetime, duration
    /// No value, because the evaluation failed; what failed is noted elsewhere.
    case failed
    /// No value, because there is no such attribute.
    case missing
  }

  let kind: Kind
  let payload: Int64

  init(_ kind: Kind, _ payload: Int64) {
    self.kind = kind
    self.payload = payload
  }

  init(_ kind: Kind, _ number: Int) { self.init(kind, Int64(number)) }

  static let `true` = Cell(.bool, Int64(1))
  static let `false` = Cell(.bool, Int64(0))
  static let failed = Cell(.failed, Int64(0))
  static let missing = Cell(.missing, Int64(0))
  static func bool(_ value: Bool) -> Cell { value ? .true : .false }

  /// The number of an entity, a string, a set, a record or an address.
  var number: Int { Int(truncatingIfNeeded: payload) }
  var isTrue: Bool { payload != 0 }

  static func < (a: Cell, b: Cell) -> Bool { a.kind == b.kind ? a.payload < b.payload : a.kind.rawValue < b.kind.rawValue }
}

/// An attribute of a record or an entity: the number of its name and its value.
struct CellAttribute: Hashable, Sendable {
  let name: Int32
  let value: Cell
}
