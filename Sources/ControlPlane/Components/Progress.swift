internal import Markup

/// How far something has come, in numbers and with an end.
func progressBar(_ label: String, _ id: String, done: Int, of total: Int, note: HTML? = nil) -> HTML {
  div(.class("progress")) {
    Markup.label(for: id) { label }
    span(.class("figure")) { "\(grouped(done)) of \(grouped(total))" }
    progress(value: done, max: total, .id(id))
    if let note { p(.class("note")) { note } }
  }
}

/// Something under way whose end isn't known yet; `step` says what it does now.
func pendingBar(_ label: String, _ id: String, step: String) -> HTML {
  div(.class("progress"), .aria("busy", true)) {
    Markup.label(for: id) { label }
    span(.class("figure")) { step }
    progress(.id(id))
  }
}

/// How much of a quota is used; from nine tenths on it asks for attention. `written` says a number as its `unit` wants it.
func quotaBar(_ label: String, _ id: String, used: Int, of limit: Int, unit: String, written: (Int) -> String = grouped) -> HTML {
  let isTight = limit > 0 && used >= limit - limit / 10
  let share = "\(written(used)) of \(written(limit))\(unit.isEmpty ? "" : " \(unit)")"
  return div(.class(isTight ? "progress attention" : "progress")) {
    Markup.label(for: id) { label }
    span(.class("figure")) { "\(share)\(isTight ? used >= limit ? ", full" : ", nearly full" : "")" }
    meter(value: min(used, limit), max: limit, .id(id))
  }
}

/// The shape of what is still being fetched.
func skeleton(_ label: String, lines: Int = 3) -> HTML {
  div(.class("skeleton"), .role("status"), .aria("label", label)) {
    for _ in 0..<lines { span() }
  }
}

/// A step towards something, with what is left to do for it.
struct Step {
  let title: String
  let text: HTML
  let isDone: Bool
  let action: HTML?

  init(_ title: String, _ text: HTML, isDone: Bool, action: HTML? = nil) { (self.title, self.text, self.isDone, self.action) = (title, text, isDone, action) }
}

/// First steps that tick themselves off; under a heading of rank 2.
func stepList(_ steps: [Step]) -> HTML {
  ol(.class("steps")) {
    for (place, step) in steps.enumerated() {
      li(.class("done").when(step.isDone)) {
        span(.class("tick"), .aria("hidden", true)) { if step.isDone { Icon.check.html } else { place + 1 } }
        div {
          h3 {
            step.title
            if step.isDone { span(.class("visually-hidden")) { ", done" } }
          }
          p { step.text }
        }
        if !step.isDone, let action = step.action { buttonRow { action } }
      }
    }
  }
}
