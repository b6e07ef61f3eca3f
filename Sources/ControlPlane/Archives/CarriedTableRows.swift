import Authorization
import Contract
import Kernel
import Storage

/// A table of which archives carry an organization's rows as they are stored: for everything that has no list of its own in an archive.
///
/// `CarriedTable.all` names them. Whoever adds a table to the schema adds a line there, or says among `CarriedTable.left` why it stays behind;
/// `CarriedTablesTests` compares both with the schema, column by column.
struct CarriedTable: Sendable {
  /// Which rows are an organization's.
  enum Scope: Sendable {
    /// Those that name it, its books or its usage in a column of that name, which is filled in where they are taken in.
    case organization, book, log
    /// Those `t` for which the condition holds.
    case condition(@Sendable (ID<Organization>, Timestamp) -> Statement)
  }

  /// How they are taken in.
  enum Arrival: Sendable {
    case inserted
    /// In a row that is there already, by `id`.
    case changed
    /// By hand, since it is the installation's.
    case special
  }

  let name: StaticString
  let table: StaticString
  let scope: Scope
  let arrival: Arrival
  let columns: [CarriedColumn]
  /// By which columns its rows stand in order.
  let order: Statement
  /// What is worked out where they are taken in, besides what the scope fills in.
  let computed: [CarriedComputation]
  /// What columns stay behind.
  let left: [String]
  /// Whether a row fits together: why it doesn't.
  let fault: @Sendable (CarriedRow) -> String?
  /// What is brought up to date once all of its rows are there.
  let after: [@Sendable (ID<Organization>) -> Statement]

  init(
    _ name: StaticString, in table: StaticString? = nil, of scope: Scope = .organization, taken arrival: Arrival = .inserted, by order: Statement = "t.id",
    computed: [CarriedComputation] = [], left: [String] = [], after: [@Sendable (ID<Organization>) -> Statement] = [],
    fault: @escaping @Sendable (CarriedRow) -> String? = { _ in nil }, _ columns: [CarriedColumn]
  ) {
    (self.name, self.table, self.scope, self.arrival, self.columns, self.order) = (name, table ?? name, scope, arrival, columns, order)
    (self.computed, self.left, self.fault, self.after) = (computed, left, fault, after)
  }

  var title: String { "\(name)" }

  static func named(_ name: String) -> CarriedTable? { all.first { $0.title == name } }
}

/// One column of a carried table, and what can stand in it.
struct CarriedColumn: Sendable {
  enum Kind: Sendable {
    /// The row's own id, by which others name it; `key` is any text.
    case id, key
    /// Any text of at most so many bytes.
    case text(atMost: Int)
    /// A text that can be read as what it is.
    case parsed(@Sendable (String) throws(Rejection) -> Void)
    case choice([String])
    case integer(ClosedRange<Int64>)
    /// The id of something else in the archive.
    case reference(to: String)
    /// Somebody among the archive's people.
    case person
    /// Whoever it is: one of the people, a service account, or whom the archive doesn't know; also what platforms call by names of their own.
    case anybody
    /// A built-in role of things, or a role of the archive.
    case role
    /// The number of a price, and what a meter of usage is called by it.
    case price, meter
    /// One of the installation's clusters.
    case cluster
  }

  let name: StaticString
  let kind: Kind
  let isOptional: Bool
  /// Where it isn't the column of that name.
  let expression: Statement?

  var title: String { "\(name)" }
  var source: Statement { expression ?? "t.\(Statement(name))" }

  var type: SQLType {
    switch kind {
    case .integer, .price: .integer
    default: .text
    }
  }

  private init(_ name: StaticString, _ kind: Kind, isOptional: Bool = false, expression: Statement? = nil) {
    (self.name, self.kind, self.isOptional, self.expression) = (name, kind, isOptional, expression)
  }

  // MARK: Words

  static let id = CarriedColumn("id", .id)
  static func key(_ name: StaticString) -> Self { Self(name, .key) }
  static let revision = CarriedColumn("revision", .integer(1...Int64.max))
  static func text(_ name: StaticString, atMost bytes: Int = 2_000) -> Self { Self(name, .text(atMost: bytes)) }
  static func integer(_ name: StaticString, _ range: ClosedRange<Int64> = Int64.min...Int64.max) -> Self { Self(name, .integer(range)) }
  /// Milliseconds since 1970.
  static func instant(_ name: StaticString) -> Self { Self(name, .integer(Int64.min...Int64.max)) }
  static func flag(_ name: StaticString, _ expression: Statement? = nil) -> Self { Self(name, .integer(0...1), expression: expression) }
  static func choice(_ name: StaticString, _ values: [String]) -> Self { Self(name, .choice(values)) }
  /// One of the cases.
  static func choice<Value: RawRepresentable<String> & CaseIterable>(_ name: StaticString, of _: Value.Type) -> Self {
    Self(name, .choice(Value.allCases.map(\.rawValue)))
  }
  static func reference(_ name: StaticString, to table: String) -> Self { Self(name, .reference(to: table)) }
  static func person(_ name: StaticString) -> Self { Self(name, .person) }
  static func anybody(_ name: StaticString) -> Self { Self(name, .anybody) }
  static func role(_ name: StaticString) -> Self { Self(name, .role) }
  static func price(_ name: StaticString) -> Self { Self(name, .price) }
  static func meter(_ name: StaticString) -> Self { Self(name, .meter) }
  static func cluster(_ name: StaticString) -> Self { Self(name, .cluster) }
  static func parsed(_ name: StaticString, _ parse: @escaping @Sendable (String) throws(Rejection) -> Void) -> Self { Self(name, .parsed(parse)) }

  static func slug(_ name: StaticString) -> Self { parsed(name) { text throws(Rejection) in _ = try Slug(stored: text) } }
  static func name(_ name: StaticString) -> Self { parsed(name) { text throws(Rejection) in _ = try DisplayName(text) } }
  static func note(_ name: StaticString) -> Self { parsed(name) { text throws(Rejection) in _ = try Note(text) } }
  static func uuid(_ name: StaticString) -> Self {
    parsed(name) { text throws(Rejection) in if ID<Resource>(text) == nil { throw Rejection("This can't be an id.") } }
  }

  /// The same, where there may be nothing.
  var optional: Self { Self(name, kind, isOptional: true, expression: expression) }

  /// Why this can't stand there; `nil` where it can. `known` says whether the archive has something by that id.
  func fault(of value: JSON, known: (String, String) -> Bool) -> String? {
    switch (kind, value) {
    case (_, .null): return isOptional ? nil : "Something must stand here."
    case (.integer(let range), .integer(let number)): return range.contains(number) ? nil : "Give a number from \(range.lowerBound) to \(range.upperBound)."
    case (.price, .integer(let number)): return known("price", String(number)) ? nil : "The archive has no price with this number."
    case (.integer, _), (.price, _): return "Give a whole number."
    case (let kind, .string(let text)):
      if text.utf8.contains(0) { return "Leave out zero characters." }
      switch kind {
      case .id: return ID<Resource>(text) == nil ? "This can't be an id." : nil
      case .key: return text.utf8.count > 200 ? "Use at most 200 bytes." : nil
      case .text(let bytes): return text.utf8.count > bytes ? "Use at most \(bytes) bytes." : nil
      case .parsed(let parse):
        do { try parse(text) } catch { return error.reason }
        return nil
      case .choice(let values): return values.contains(text) ? nil : "Choose one of \(values.joined(separator: ", "))."
      case .reference(let table): return known(table, text) ? nil : "The archive has nothing of this id."
      case .person: return known("account", text) ? nil : "Nobody among the people has this id."
      case .anybody: return text.utf8.count > 2_000 ? "Use at most 2,000 bytes." : nil
      case .role: return known("custom_role", text) || ResourceRole(rawValue: text) != nil ? nil : "There is no such role."
      case .meter: return Int64(text) != nil && !known("price", text) ? "The archive has no price with this number." : nil
      case .cluster: return known("cluster", text) ? nil : "The archive has no cluster of this id."
      case .integer, .price: return "Give a whole number."
      }
    default: return "Give a text."
    }
  }
}

/// A column that is worked out where a row is taken in.
struct CarriedComputation: Sendable {
  let name: StaticString
  let type: SQLType
  let value: @Sendable (CarriedRow, ID<Organization>) -> SQLValue

  init(_ name: StaticString, _ type: SQLType = .text, _ value: @escaping @Sendable (CarriedRow, ID<Organization>) -> SQLValue) {
    (self.name, self.type, self.value) = (name, type, value)
  }

  /// In small letters.
  static func lowercased(_ name: StaticString, of column: String) -> Self { Self(name) { row, _ in .text(row.text(column)?.lowercased() ?? "") } }
}

/// A row with the names of its columns.
struct CarriedRow {
  let columns: [String: Int]
  let values: [SQLValue]

  subscript(_ column: String) -> SQLValue { columns[column].map { values[$0] } ?? .null }

  func text(_ column: String) -> String? { if case .text(let text) = self[column] { text } else { nil } }
  func integer(_ column: String) -> Int64? { if case .integer(let integer) = self[column] { integer } else { nil } }
  func isNull(_ column: String) -> Bool { self[column] == .null }
}

extension CarriedRow {
  /// As an archive has it.
  init(_ row: [JSON], _ columns: [String: Int]) {
    self.init(
      columns: columns,
      values: row.map { value in
        switch value {
        case .integer(let integer): .integer(integer)
        case .string(let text): .text(text)
        default: .null
        }
      })
  }
}
