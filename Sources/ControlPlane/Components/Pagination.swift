internal import Markup

/// Where in a list one is: how many are shown of how many (`isCapped`: of so many at least), and the way on.
func pagination(shown: Int, total: Int, isCapped: Bool = false, _ one: String, _ many: String? = nil, first: Link? = nil, next: Link?) -> HTML {
  nav(.class("pagination"), .aria("label", "Pages")) {
    span {
      if isCapped { "\(grouped(shown)) of \(counted(total, one, many)) or more" } else if shown < total { "\(grouped(shown)) of \(counted(total, one, many))" } else { counted(total, one, many) }
    }
    if first != nil || next != nil {
      buttonRow {
        if let first { linkButton("First page", href: first, small: true) }
        if let next {
          a(href: next, .class("button small"), .rel("next")) {
            "Next page"
            Icon.arrowRight.html
          }
        }
      }
    }
  }
}
