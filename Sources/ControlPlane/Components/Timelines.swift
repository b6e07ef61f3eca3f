internal import Kernel
internal import Markup

/// One line of a record: who did what, when, and what changed by it.
struct TimelineEntry {
  let actor: (id: String, name: String)
  /// The sentence after the actor's name: "changed the role of … to admin".
  let text: HTML
  let at: Timestamp
  let changes: [(field: String, before: String?, after: String?)]
  /// What else is known: address, request, token.
  let details: [(String, HTML)]

  init(actor: (id: String, name: String), _ text: HTML, at: Timestamp, changes: [(field: String, before: String?, after: String?)] = [], details: [(String, HTML)] = []) {
    (self.actor, self.text, self.at, self.changes, self.details) = (actor, text, at, changes, details)
  }
}

/// A record of what happened, the latest first.
func timeline(_ entries: [TimelineEntry], now: Timestamp) -> HTML {
  ol(.class("timeline")) {
    for entry in entries {
      li {
        monogram(of: entry.actor.id, name: entry.actor.name)
        p(.class("what")) { "\(bdi { entry.actor.name }) \(entry.text)" }
        span(.class("when")) { relativeTime(entry.at, now: now) }
        if !entry.changes.isEmpty || !entry.details.isEmpty {
          Markup.details {
            summary { entry.changes.isEmpty ? "Details" : "What changed" }
            changeList(entry.changes, entry.details)
          }
        }
      }
    }
  }
}

private func changeList(_ changes: [(field: String, before: String?, after: String?)], _ details: [(String, HTML)]) -> HTML {
  dl(.class("changes")) {
    for change in changes {
      dt { change.field }
      dd {
        if let before = change.before { del { bdi { before } } }
        if let after = change.after { ins { bdi { after } } }
      }
    }
    for (term, value) in details {
      dt { term }
      dd { value }
    }
  }
}
