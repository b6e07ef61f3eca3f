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
    summary(.class("icon-button more"), .aria("label", label))
    menuPanel(items) { title, link, fields, classes in
      actionForm(link, token: token, fields: fields) { button(.submit, .class(classes)) { title } }
    }
  }
}

/// The menu of a row in a long list. Its acts go by the list's one `rowForm`, so that fifty rows don't carry a hundred forms; each has one field at most.
func rowMenu(_ label: String, sends form: String, _ items: [MenuItem]) -> HTML {
  details(.class("menu")) {
    summary(.class("icon-button more"), .aria("label", label))
    menuPanel(items) { title, link, fields, classes in
      button(
        .submit, .class(classes), .form(form), .formaction(link), fields.first.map { .all([.name($0.key), .value($0.value)]) } ?? .none
      ) { title }
    }
  }
}

/// What the menus of a list's rows send, beside a field of their own.
func rowForm(_ id: String, action: Link, token: FormToken, fields: KeyValuePairs<String, String>) -> HTML {
  form(.post, action: action, .id(id), .hidden) {
    tokenField(token)
    for (name, value) in fields { input(.hidden, name: name, .value(value)) }
  }
}

/// A menu behind a button with a word.
func buttonMenu(_ label: String, token: FormToken, _ items: [MenuItem]) -> HTML {
  details(.class("menu start")) {
    summary(.class("button")) {
      label
      Icon.chevronDown.html
    }
    menuPanel(items) { title, link, fields, classes in
      actionForm(link, token: token, fields: fields) { button(.submit, .class(classes)) { title } }
    }
  }
}

private func menuPanel(_ items: [MenuItem], action: (String, Link, KeyValuePairs<String, String>, String) -> HTML) -> HTML {
  div(.class("panel")) {
    for item in items {
      switch item {
      case .link(let title, let href): a(href: href, .class("item")) { title }
      case .dialog(let title, let dialog, let href, let isDanger): a(href: href, .class(isDanger ? "item danger" : "item"), .data("dialog", dialog)) { title }
      case .action(let title, let link, let fields, let isDanger): action(title, link, fields, isDanger ? "item danger" : "item")
      case .line: hr()
      }
    }
  }
}
