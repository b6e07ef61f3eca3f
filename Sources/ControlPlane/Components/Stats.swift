internal import Markup

/// A figure with what it counts and what puts it in proportion.
struct Stat {
  let label: String
  let value: HTML
  let note: HTML?
  let href: Link?

  init(_ label: String, _ value: HTML, note: HTML? = nil, href: Link? = nil) { (self.label, self.value, self.note, self.href) = (label, value, note, href) }
}

/// Figures in a row.
func statRow(_ stats: [Stat]) -> HTML {
  dl(.class("stats")) {
    for stat in stats {
      div {
        dt { if let href = stat.href { a(href: href) { stat.label } } else { stat.label } }
        dd(.class("value")) { stat.value }
        if let note = stat.note { dd(.class("note")) { note } }
      }
    }
  }
}

/// Terms with their descriptions, line by line.
func definitions(_ items: [(String, HTML)]) -> HTML {
  dl(.class("definitions")) {
    for (term, description) in items {
      div {
        dt { term }
        dd { description }
      }
    }
  }
}
