internal import Markup

/// The few figures that stand beside words, drawn on 16 pixels with a line of 1.5.
enum Icon: Int, CaseIterable {
  case check, cross, plus, copy, search, more, menu, chevronDown, chevronUpDown, arrowUp, arrowDown, arrowRight, warning, info, lock, mail, person, people, clock, key, gear, link, download, undo

  private var outline: String {
    switch self {
    case .check: "M3 8.5 6.5 12 13 4.5"
    case .cross: "M4 4l8 8M12 4l-8 8"
    case .plus: "M8 3v10M3 8h10"
    case .copy: "M6 5.5h6.5v8H6zM3.5 10.5v-8H10"
    case .search: "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.5 10.5 14 14"
    case .more: "M3.5 8h.01M8 8h.01M12.5 8h.01"
    case .menu: "M2.5 4.5h11M2.5 8h11M2.5 11.5h11"
    case .chevronDown: "M4 6.5 8 10.5l4-4"
    case .chevronUpDown: "M5 6l3-3 3 3M5 10l3 3 3-3"
    case .arrowUp: "M8 13V3.5M4 7l4-4 4 4"
    case .arrowDown: "M8 3v9.5M4 9l4 4 4-4"
    case .arrowRight: "M3 8h9.5M9 4l4 4-4 4"
    case .warning: "M8 2.5 14.5 13.5h-13ZM8 6.5v3.25M8 11.6v.01"
    case .info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 7.5V11M8 5.2v.01"
    case .lock: "M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5"
    case .mail: "M2 3.5h12v9H2zM2 4.5l6 4.5 6-4.5"
    case .person: "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8ZM2.75 13.75a5.25 5.25 0 0 1 10.5 0"
    case .people: "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.5 13a4.5 4.5 0 0 1 9 0M10.5 2.8a2.5 2.5 0 0 1 0 4.4M12 9.2a4.5 4.5 0 0 1 2.5 3.8"
    case .clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.75V8l2.25 1.5"
    case .key: "M5 13.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM7.2 8.3 13 2.5M11 4.5l2 2"
    case .gear: "M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.25 6.25v-3.5M5.75 13.25v-3.5"
    case .link: "M6.5 9.5l3-3M7 4.5 8.75 2.75a3.2 3.2 0 0 1 4.5 4.5L11.5 9M9 11.5l-1.75 1.75a3.2 3.2 0 0 1-4.5-4.5L4.5 7"
    case .download: "M8 2.5V10M4.5 7 8 10.5 11.5 7M2.5 13.5h11"
    case .undo: "M3 6.5h7a3.25 3.25 0 0 1 0 6.5H6M6 3.5l-3 3 3 3"
    }
  }

  /// The figure; hidden from screen readers, since a word stands beside it or names what it stands in.
  var html: HTML { Self.drawings[rawValue] }

  private static let drawings = allCases.map(\.drawing)

  private var drawing: HTML {
    svg(viewBox: (0, 0, 16, 16), .class("icon"), .aria("hidden", true), .fill("none"), .stroke("currentColor"), .strokeWidth(self == .more ? 2 : 1.5), .strokeLinecap("round"), .strokeLinejoin("round")) {
      path(outline)
    }
  }
}
