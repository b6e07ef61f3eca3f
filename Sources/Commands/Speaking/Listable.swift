import Contract
import Kernel

/// A thing that is shown in lists and alone; columns say how, once for screens, pipes and programs.
protocol Listable: Codable, Sendable {
  /// What a list of them shows.
  static var columns: [Column<Self>] { get }
  /// What one of them shows.
  static var details: [Column<Self>] { get }
  /// How commands name it: what `--quiet` prints.
  var identity: String { get }
  /// One and many of them, in words.
  static var noun: (one: String, many: String) { get }
}

extension Listable {
  static var details: [Column<Self>] { columns }
}

/// One property, with the word above its column.
struct Column<Row>: Sendable {
  let title: String
  let room: Room
  let cell: @Sendable (Row) -> Cell

  enum Room: Sendable {
    /// Stands in every table.
    case always
    /// Left out of tables on a screen that is too narrow for it.
    case whenWide
  }

  init(_ title: String, _ room: Room = .always, _ cell: @escaping @Sendable (Row) -> Cell) {
    self.title = title
    self.room = room
    self.cell = cell
  }
}

/// What stands in one place of a table.
enum Cell: Sendable, Hashable {
  case text(String?)
  /// What commands call the thing: never shortened.
  case name(String)
  /// The same for machines: never shortened, and set quietly.
  case id(String)
  case number(Int)
  case time(Timestamp?)
  case words([String])
  case flag(Bool)
  case state(String, Tone)

  enum Tone: Sendable, Hashable { case good, attention, bad, quiet }

  /// As programs read it: instants in full, lists with commas, nothing shortened.
  var plain: String {
    switch self {
    case .text(let text): (text ?? "").onOneLine
    case .name(let text), .id(let text): text.onOneLine
    case .number(let number): String(number)
    case .time(let instant): instant?.description ?? ""
    case .words(let words): words.joined(separator: ",").onOneLine
    case .flag(let flag): flag ? "yes" : "no"
    case .state(let word, _): word
    }
  }

  /// As people read it.
  func screen(at now: Timestamp) -> String {
    switch self {
    case .time(let instant): instant?.relative(to: now) ?? "–"
    case .number(let number): number.grouped
    case .words(let words): words.isEmpty ? "–" : words.joined(separator: ", ").onOneLine
    case .text(let text): text.flatMap { $0.isEmpty ? nil : $0.onOneLine } ?? "–"
    case .name, .id, .flag, .state: plain
    }
  }

  var isFlexible: Bool {
    switch self {
    case .text, .words: true
    case .name, .id, .number, .time, .flag, .state: false
    }
  }

  var isNumber: Bool { if case .number = self { true } else { false } }
}
