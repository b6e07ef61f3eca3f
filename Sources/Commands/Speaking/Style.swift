/// Bold, quiet and coloured text, where a screen shows it and nobody has asked us not to.
struct Style: Sendable {
  let isOn: Bool

  func bold(_ text: String) -> String { marked(text, "1") }
  func quiet(_ text: String) -> String { marked(text, "2") }

  func toned(_ text: String, _ tone: Cell.Tone) -> String {
    switch tone {
    case .good: marked(text, "32")
    case .attention: marked(text, "33")
    case .bad: marked(text, "31")
    case .quiet: quiet(text)
    }
  }

  private func marked(_ text: String, _ code: String) -> String { isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
