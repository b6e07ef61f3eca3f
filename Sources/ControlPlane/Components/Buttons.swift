internal import Markup

/// How much a button asks to be pressed. One `primary` on a page.
enum ButtonKind: String, CaseIterable {
  case primary, plain, quiet, danger
  /// The last press of a destructive act, after it was confirmed.
  case final

  var classes: String {
    switch self {
    case .plain: "button"
    case .final: "button danger solid"
    default: "button \(rawValue)"
    }
  }
}

/// Sends the form it stands in.
func submitButton(_ label: String, _ kind: ButtonKind = .primary, icon: Icon? = nil, small: Bool = false, _ attributes: Attribute...) -> HTML {
  button(.submit, .class(kind.classes + (small ? " small" : "")), .all(attributes)) {
    icon?.html
    label
  }
}

/// Leads to another page, in the shape of a button.
func linkButton(_ label: String, href: Link, _ kind: ButtonKind = .plain, icon: Icon? = nil, small: Bool = false, _ attributes: Attribute...) -> HTML {
  a(href: href, .class(kind.classes + (small ? " small" : "")), .all(attributes)) {
    icon?.html
    label
  }
}

/// Opens a dialog of this page; without a script it leads to the page that says the same.
func dialogButton(_ label: String, opens dialog: String, href: Link, _ kind: ButtonKind = .plain, icon: Icon? = nil, small: Bool = false, _ attributes: Attribute...) -> HTML {
  linkButton(label, href: href, kind, icon: icon, small: small, .data("dialog", dialog), .all(attributes))
}

/// Something that scripts alone can do; shown only where they run.
func scriptButton(_ label: String, _ kind: ButtonKind = .plain, icon: Icon? = nil, small: Bool = false, _ attributes: Attribute...) -> HTML {
  button(.button, .class(kind.classes + (small ? " small" : "") + " needs-script"), .all(attributes)) {
    icon?.html
    label
  }
}

/// One of the well-known figures without a word: close, copy, more.
func iconButton(_ icon: Icon, label: String, _ type: ButtonType = .button, _ attributes: Attribute...) -> HTML {
  button(type, .class("icon-button"), .aria("label", label), .title(label), .all(attributes)) { icon.html }
}

/// Buttons side by side.
func buttonRow(@HTMLBuilder _ content: Content) -> HTML { div(.class("buttons"), content: content) }
