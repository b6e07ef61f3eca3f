internal import Markup

/// The head of a page: its one heading, a line on what it is for, and its one primary action last.
func pageHeader(_ title: HTML, _ text: HTML? = nil, @HTMLBuilder actions: Content = { .empty }, @HTMLBuilder badges: Content = { .empty }) -> HTML {
  let buttons = actions()
  return header(.class("page-header")) {
    div {
      div(.class("titled")) {
        h1 { title }
        badges()
      }
      if let text { p { text } }
    }
    if !buttons.isEmpty { buttonRow { buttons } }
  }
}

/// The way to this page, from the outside in; the last is where one is.
func breadcrumb(_ places: [(title: String, href: Link)]) -> HTML {
  nav(.class("breadcrumb"), .aria("label", "Where you are")) {
    ol { for place in places { li { a(href: place.href) { place.title } } } }
  }
}

/// A part of a page with its heading.
func pageSection(_ title: String, _ text: HTML? = nil, id: String? = nil, @HTMLBuilder content: Content) -> HTML {
  section(.class("section"), id.map { .id($0) } ?? .none) {
    header {
      h2 { title }
      if let text { p { text } }
    }
    content()
  }
}
