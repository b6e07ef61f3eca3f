internal import Markup

/// What a notice, a badge or a measure means; always beside a sign or a word.
enum Tone: String, CaseIterable {
  case neutral, accent, good, attention, danger

  var icon: Icon {
    switch self {
    case .good: .check
    case .attention, .danger: .warning
    case .neutral, .accent: .info
    }
  }
}

/// What just happened, in the corner; stays until it is read or closed.
func toast(_ tone: Tone, _ text: HTML, @HTMLBuilder undo: Content = { .empty }) -> HTML {
  div(.class("toast \(tone.rawValue)"), .role(tone == .danger ? "alert" : "status"), .data("toast")) {
    tone.icon.html
    p {
      text
    }
    undo()
    scriptIcon(.cross, label: "Close this note", .data("closes"))
  }
}

private func scriptIcon(_ icon: Icon, label: String, _ attributes: Attribute...) -> HTML {
  button(.button, .class("icon-button needs-script"), .aria("label", label), .all(attributes)) { icon.html }
}

/// What holds for the whole page for now: suspended, pending deletion, low credits.
func banner(_ tone: Tone, _ title: HTML, _ text: HTML = .empty, @HTMLBuilder actions: Content = { .empty }) -> HTML {
  let buttons = actions()
  return div(.class("banner \(tone.rawValue)"), .role("note")) {
    tone.icon.html
    div {
      strong { title }
      if !text.isEmpty { p { " \(text)" } }
    }
    if !buttons.isEmpty { buttonRow { buttons } }
  }
}

/// A list with nothing in it: what would stand here, and what to do first.
func emptyState(_ title: String, _ text: HTML, @HTMLBuilder actions: Content = { .empty }) -> HTML {
  let buttons = actions()
  return div(.class("empty")) {
    h2 { title }
    p { text }
    if !buttons.isEmpty { buttonRow { buttons } }
  }
}
