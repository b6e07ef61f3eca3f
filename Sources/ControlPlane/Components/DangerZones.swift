internal import Markup

/// Something that can't be lightly undone, named by its consequence.
struct DangerousAct {
  let title: String
  let text: HTML
  let action: HTML

  init(_ title: String, _ text: HTML, action: HTML) { (self.title, self.text, self.action) = (title, text, action) }
}

/// The last part of a page: what is dangerous, in its own frame.
func dangerZone(_ acts: [DangerousAct]) -> HTML {
  section(.class("danger-zone"), .aria("labelledby", "danger-zone")) {
    h2(.id("danger-zone")) { "Danger zone" }
    ul {
      for act in acts {
        li {
          div {
            h3 { act.title }
            p { act.text }
          }
          act.action
        }
      }
    }
  }
}
