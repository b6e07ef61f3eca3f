internal import Markup

/// A word on a state or a role, with a sign where the tone means something.
func badge(_ text: String, _ tone: Tone = .neutral, icon: Icon? = nil) -> HTML {
  span(.class("badge \(tone.rawValue)")) {
    icon?.html
    text
  }
}

/// Several badges that belong together.
func badgeRow(@HTMLBuilder _ badges: Content) -> HTML { span(.class("badges"), content: badges) }
