import Contract
import Kernel

/// Puts things on the standard output in the form that was asked for, and sentences on the error output.
struct Printer: Sendable {
  enum Form: Sendable, Hashable {
    /// For people, on a screen of this width.
    case screen(Int)
    /// One a line, tabs between the fields, no heading.
    case tabs
    case json(fields: [String]?)
    /// Only what names the things, one a line.
    case names
  }

  let form: Form
  let style: Style
  let terminal: any Terminal
  let now: Timestamp

  init(_ options: GeneralOptions, _ surroundings: Surroundings) {
    let width = surroundings.terminal.screenWidth
    if options.json || options.fields != nil {
      form = .json(fields: options.fields?.split(separator: ",").map { $0.filter { $0 != " " } }.filter { !$0.isEmpty })
    } else if options.quiet {
      form = .names
    } else {
      form = width.map { .screen($0) } ?? .tabs
    }
    let isPlain = options.noColor || surroundings.variable("NO_COLOR") != nil || surroundings.variable("TERM") == "dumb"
    style = Style(isOn: width != nil && !isPlain)
    terminal = surroundings.terminal
    now = surroundings.clock()
  }

  var isQuiet: Bool { form == .names }

  /// One thing in full.
  func show<Row: Listable>(_ row: Row) throws(Problem) {
    switch form {
    case .screen(let width): try terminal.write(Table(width: width, style: style, now: now).text(Row.details, of: row))
    case .tabs: try terminal.write(Row.details.map { "\($0.title)\t\($0.cell(row).plain)\n" }.joined())
    case .json(let fields): try terminal.write(JSONFields.selection(fields, of: row).pretty)
    case .names: try terminal.write(row.identity.onOneLine + "\n")
    }
  }

  /// Several things that are all there already.
  func list<Row: Listable>(_ rows: [Row], whenEmpty sentence: String) throws(Problem) {
    var listing = Listing<Row>(self)
    try listing.add(rows)
    try listing.finish()
    if rows.isEmpty { say(sentence) }
  }

  /// Says what was done; a program gets the thing itself.
  func done<Value: Codable>(_ sentence: String, _ value: Value) throws(Problem) {
    if case .json(let fields) = form { return try terminal.write(JSONFields.selection(fields, of: value).pretty) }
    say(sentence)
  }

  /// Says what was made; what names it goes to the output unless a person is looking.
  func made<Value: Codable>(_ sentence: String, _ value: Value, named name: String) throws(Problem) {
    try done(sentence, value)
    switch form {
    case .tabs, .names: try terminal.write(name.onOneLine + "\n")
    case .screen, .json: break
    }
  }

  /// Says something to a person, beside the output.
  func say(_ sentence: String) {
    guard !isQuiet, !sentence.isEmpty else { return }
    terminal.tell(sentence + "\n")
  }
}

/// A list that is printed while its pages arrive: at once for programs, at the end for people, since columns need all rows.
struct Listing<Row: Listable> {
  private let printer: Printer
  private var held: [Row] = []
  private(set) var count = 0

  init(_ printer: Printer) { self.printer = printer }

  mutating func add(_ rows: [Row]) throws(Problem) {
    switch printer.form {
    case .screen: held += rows
    case .tabs: try printer.terminal.write(rows.map { row in Row.columns.map { $0.cell(row).plain }.joined(separator: "\t") + "\n" }.joined())
    case .names: try printer.terminal.write(rows.map { $0.identity.onOneLine + "\n" }.joined())
    case .json(let fields):
      if count == 0, let fields { try JSONFields.check(fields, of: Row.self) }
      var text = ""
      for (place, row) in rows.enumerated() { text += (count + place == 0 ? "[\n  " : ",\n  ") + (try JSONFields.selection(fields, of: row)).compact }
      try printer.terminal.write(text)
    }
    count += rows.count
  }

  func finish() throws(Problem) {
    switch printer.form {
    case .screen(let width):
      guard !held.isEmpty else { return }
      try printer.terminal.write(Table(width: width, style: printer.style, now: printer.now).text(Row.columns, held))
    case .json: try printer.terminal.write(count == 0 ? "[]\n" : "\n]\n")
    case .tabs, .names: break
    }
  }
}
