internal import Markup

/// One of the lists that share a page.
struct Tab {
  let title: String
  let href: Link
  let count: Int?
  let isCurrent: Bool

  init(_ title: String, href: Link, count: Int? = nil, isCurrent: Bool = false) { (self.title, self.href, self.count, self.isCurrent) = (title, href, count, isCurrent) }
}

/// Lists that share a page; all of them in sight, those with nothing in them too.
func tabBar(_ label: String, _ tabs: [Tab]) -> HTML {
  nav(.class("tabs"), .aria("label", label)) {
    ul {
      for tab in tabs {
        li {
          a(href: tab.href, .aria("current", "page").when(tab.isCurrent)) {
            tab.title
            if let count = tab.count { span(.class("count")) { grouped(count) } }
          }
        }
      }
    }
  }
}
