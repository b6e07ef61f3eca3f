import Kernel

/// Rows under one another in columns that fit a screen.
struct Table {
  let width: Int
  let style: Style
  let now: Timestamp

  private static let gap = 2
  /// No column is made narrower than this.
  private static let narrowest = 8

  func text<Row>(_ columns: [Column<Row>], _ rows: [Row]) -> String {
    var columns = columns
    var grid = Grid(columns, rows, now)
    while grid.width > width, let place = columns.lastIndex(where: { $0.room == .whenWide }) {
      columns.remove(at: place)
      grid = Grid(columns, rows, now)
    }
    grid.squeeze(into: width)
    var text = grid.line(columns.map { style.quiet($0.title.uppercased()) }, columns.map(\.title.displayWidth))
    for row in rows {
      let cells = columns.map { $0.cell(row) }
      let shown = zip(cells, grid.widths).map { $0.screen(at: now).fitted(to: $1) }
      text += grid.line(zip(cells, shown).map { styled($0, $1) }, shown.map(\.displayWidth))
    }
    return text
  }

  /// The properties that one thing has, one a line.
  func text<Row>(_ columns: [Column<Row>], of row: Row) -> String {
    let titles = columns.map(\.title.displayWidth).max() ?? 0
    var text = ""
    for column in columns {
      let cell = column.cell(row)
      guard !cell.plain.isEmpty else { continue }
      var shown = cell.screen(at: now)
      if case .time(let instant?) = cell { shown += "  \(style.quiet(String(instant.description.prefix(16)).replacing("T", with: " ") + " UTC"))" }
      text += "\(style.quiet(column.title))\(String(repeating: " ", count: titles - column.title.displayWidth + Self.gap))\(styled(cell, shown))\n"
    }
    return text
  }

  private func styled(_ cell: Cell, _ text: String) -> String {
    switch cell {
    case .state(_, let tone): style.toned(text, tone)
    case .id: style.quiet(text)
    default: text
    }
  }

  private struct Grid {
    var widths: [Int]
    let isFlexible: [Bool]
    let isNumber: [Bool]

    init<Row>(_ columns: [Column<Row>], _ rows: [Row], _ now: Timestamp) {
      widths = columns.map { column in rows.reduce(column.title.displayWidth) { max($0, column.cell($1).screen(at: now).displayWidth) } }
      isFlexible = columns.map { column in rows.first.map { column.cell($0).isFlexible } ?? false }
      isNumber = columns.map { column in rows.first.map { column.cell($0).isNumber } ?? false }
    }

    var width: Int { widths.reduce(0, +) + gap * max(0, widths.count - 1) }

    /// Takes columns of free text away from the widest, one by one, until all fits or nothing more can give way.
    mutating func squeeze(into limit: Int) {
      while width > limit {
        guard let place = widths.indices.filter({ isFlexible[$0] && widths[$0] > narrowest }).max(by: { widths[$0] < widths[$1] }) else { return }
        widths[place] -= 1
      }
    }

    /// `shown` are the widths of the cells as they stand on the screen, without the marks of style.
    func line(_ cells: [String], _ shown: [Int]) -> String {
      var line = ""
      for place in cells.indices {
        let padding = String(repeating: " ", count: max(0, widths[place] - shown[place]))
        let isLast = place == cells.count - 1
        if isNumber[place] { line += padding + cells[place] } else { line += cells[place] + (isLast ? "" : padding) }
        if !isLast { line += String(repeating: " ", count: gap) }
      }
      return line + "\n"
    }
  }
}
