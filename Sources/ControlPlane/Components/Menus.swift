internal import Markup

/// An entry of a menu.
enum MenuItem {
  case link(String, href: Link)
  /// Opens a dialog; without a script it leads to `href`.
  case dialog(String, opens: String, href: Link, isDanger: Bool = false)
  /// Sends a form of its own.
  case action(String, to: Link, fields: KeyValuePairs<String, String> = [:], isDanger: Bool = false)
  case line
}

/// The menu of a row or a page, behind three dots.
func moreMenu(_ label: String, token: FormToken, _ items: [MenuItem]) -> HTML {
  details(.class("menu")) {
    summary(.class("icon-button"), .aria("label", label)) { Icon.more.html }
    menuPanel(token: token, items)
  }
}

/// A menu behind a button with a word.
func buttonMenu(_ label: String, token: FormToken, _ items: [MenuItem]) -> HTML {
  details(.class("menu start")) {
    summary(.class("button")) {
      label
      Icon.chevronDown.html
    }
    menuPanel(token: token, items)
  }
}

private func menuPanel(token: FormToken, _ items: [MenuItem]) -> HTML {
  div(.class("panel")) {
    for item in items {
      switch item {
      case .link(let title, let href): a(href: href, .class("item")) { title }
      case .dialog(let title, let dialog, let href, let isDanger): a(href: href, .class(isDanger ? "item danger" : "item"), .data("dialog", dialog)) { title }
      case .action(let title, let link, let fields, let isDanger):
        actionForm(link, token: token, fields: fields) { button(.submit, .class(isDanger ? "item danger" : "item")) { title } }
      case .line: hr()
      }
    }
  }
}
