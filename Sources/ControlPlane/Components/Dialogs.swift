internal import Markup

/// A window within the page. A `dialogButton` opens it; whoever has no script gets the page that the button leads to.
func modal(_ id: String, title: String, @HTMLBuilder content: Content) -> HTML {
  dialog(.class("dialog"), .id(id), .aria("labelledby", "\(id)-title")) {
    header {
      h2(.id("\(id)-title")) { title }
      form(.dialog) { iconButton(.cross, label: "Close", .submit, .formnovalidate) }
    }
    div(.class("dialog-body"), content: content)
  }
}

/// What an act brings about, one line each, before it is confirmed.
func consequences(_ lines: [HTML]) -> HTML {
  ul(.class("consequences")) {
    for text in lines {
      li {
        Icon.arrowRight.html
        span { text }
      }
    }
  }
}
