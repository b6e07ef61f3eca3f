internal import Markup
internal import Secrets

/// A column of a table.
struct Column {
  /// `wide` takes the whole width of a card on narrow screens.
  enum Kind { case text, number, wide, actions }

  let title: String
  let kind: Kind
  let sort: Sort?
  let share: Share?

  /// How much of a wide table's width it takes; nothing for what the others leave. Where any is told, columns keep their width whatever stands in them, so that
  /// nothing moves while a long list comes in.
  enum Share: String { case some, more }

  /// How a list may be ordered by this column.
  struct Sort {
    enum Direction { case ascending, descending }
    /// Where the list in the other order stands.
    let href: Link
    /// `nil` where the list is ordered by another column.
    let current: Direction?
  }

  init(_ title: String, _ kind: Kind = .text, sort: Sort? = nil, share: Share? = nil) {
    (self.title, self.kind, self.sort, self.share) = (title, kind, sort, share)
  }

  fileprivate var classes: String {
    [kind == .number ? "number" : kind == .actions ? "acts" : nil, share.map { "share-\($0.rawValue)" }].compactMap { $0 }.joined(separator: " ")
  }

  /// The last column, for the menu of a row.
  static let actions = Column("Actions", .actions)
}

/// A row of a table: its first cell names it.
struct TableRow {
  let cells: [HTML]
  let selection: Selection?

  /// What the box before a row sends, with which form, and what it is called.
  struct Selection {
    let form: String
    let name: String
    let value: String
    let label: String
  }

  init(_ cells: HTML..., selection: Selection? = nil) { (self.cells, self.selection) = (cells, selection) }
}

/// A table that becomes a stack of cards on narrow screens. `caption` is for screen readers; where rows can be picked, put the table in `pickingForm`.
func dataTable(_ caption: String, _ columns: [Column], _ rows: [TableRow], footer: [HTML] = []) -> HTML {
  let isPicking = rows.contains { $0.selection != nil }
  return div(.class("table-frame")) {
    table(.class(columns.contains { $0.share != nil } ? "table steady" : "table")) {
      Markup.caption { caption }
      thead {
        tr {
          if isPicking { td(.class("pick")) { pickAll } }
          for column in columns { heading(column) }
        }
      }
      tbody { for row in rows { line(row, columns, isPicking: isPicking) } }
      if !footer.isEmpty {
        tfoot {
          tr {
            if isPicking { td() }
            for (column, cell) in zip(columns, footer) { td(.class("number").when(column.kind == .number)) { cell } }
          }
        }
      }
    }
  }
}

private let pickAll = input(.checkbox, name: nil, .class("needs-script"), .data("picks"), .aria("label", "Pick all rows on this page"))

private func heading(_ column: Column) -> HTML {
  guard let sort = column.sort else {
    return th(.scope(.column), .class(column.classes).when(!column.classes.isEmpty)) {
      if column.kind == .actions { span(.class("visually-hidden")) { column.title } } else { column.title }
    }
  }
  let order = sort.current.map { $0 == .ascending ? "ascending" : "descending" }
  return th(.scope(.column), .class(column.classes).when(!column.classes.isEmpty), order.map { .aria("sort", $0) } ?? .none) {
    a(href: sort.href) {
      column.title
      switch sort.current {
      case .ascending: Icon.arrowUp.html
      case .descending: Icon.arrowDown.html
      case nil: HTML.empty
      }
    }
  }
}

private func line(_ row: TableRow, _ columns: [Column], isPicking: Bool) -> HTML {
  tr {
    if isPicking {
      td(.class("pick")) {
        if let pick = row.selection { input(.checkbox, name: pick.name, .value(pick.value), .form(pick.form), .aria("label", "Pick \(pick.label)")) }
      }
    }
    for (place, (column, cell)) in zip(columns, row.cells).enumerated() {
      if place == 0 {
        th(.scope(.row)) { cell }
      } else if column.kind == .actions {
        td(.class("acts")) { cell }
      } else {
        td(.class(column.kind == .number ? "number" : "whole").when(column.kind != .text), .data("label", column.title)) { cell }
      }
    }
  }
}

/// A table whose rows can be picked, with what can be done with all of them; that bar shows as soon as one is picked. `id` is the form that the rows' boxes belong to.
func pickingForm(_ action: Link, id: String, token: FormToken, @HTMLBuilder bulk: Content, @HTMLBuilder table: Content) -> HTML {
  div(.class("picking")) {
    form(.post, action: action, .class("bulk"), .id(id), .aria("label", "With the picked rows")) {
      tokenField(token)
      output(.class("figures needs-script"), .data("picked")) { "Some picked" }
      bulk()
    }
    table()
  }
}

/// A person in a table: portrait or monogram, name, and what tells them from others of that name.
func personCell(id: some CustomStringConvertible, name: String, detail: String, portrait: SHA256Digest? = nil, href: Link? = nil) -> HTML {
  div(.class("who")) {
    portrait.map { picture(Image.link($0), .medium, .portrait) } ?? monogram(of: id, name: name, .medium)
    span {
      if let href { a(href: href) { bdi { name } } } else { bdi { name } }
      small { detail }
    }
  }
}

/// The search, the filters and the order of a list; they stand in the address. `replaces` is the id of what the answer renews while somebody types.
func filterBar(_ action: Link, search: String, placeholder: String, replaces list: String, @HTMLBuilder filters: Content = { .empty }, @HTMLBuilder actions: Content = { .empty }) -> HTML {
  form(.get, action: action, .class("filters"), .role("search"), .data("renews", list)) {
    div(.class("find")) {
      Icon.search.html
      input(.search, name: "q", .class("control"), .value(search), .placeholder(placeholder), .aria("label", placeholder), .autocomplete("off"), .spellcheck(false), .aria("keyshortcuts", "/"), .data("key", "/"))
    }
    filters()
    span(.class("without-script")) { submitButton("Filter", .plain, small: true) }
    span(.class("space"))
    actions()
  }
}
