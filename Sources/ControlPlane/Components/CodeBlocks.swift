internal import Markup

/// Several lines of code, with a heading and a button that copies them.
func codeBlock(_ text: String, title: String) -> HTML {
  div(.class("code")) {
    header {
      title
      copyButton(text, label: "Copy \(title)")
    }
    pre(.tabindex(0)) { code { text } }
  }
}

/// A command, a link or an id on one line, with a button that copies it.
func codeLine(_ text: String, label: String) -> HTML {
  div(.class("code line")) {
    pre(.tabindex(0), .role("region"), .aria("label", label)) { code { text } }
    copyButton(text, label: "Copy \(label)")
  }
}

/// A secret that is shown this once.
func secretLine(_ text: String, label: String) -> HTML {
  div(.class("code line secret")) {
    pre(.tabindex(0), .role("region"), .aria("label", label)) { code { text } }
    copyButton(text, label: "Copy \(label)")
  }
}

private func copyButton(_ text: String, label: String) -> HTML {
  button(.button, .class("button small quiet"), .aria("label", label), .data("copy", text)) {
    Icon.copy.html
    span { "Copy" }
  }
}
