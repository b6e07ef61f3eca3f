public import Markup

/// The page `/design`: the tokens, and every component in every state. Its frame is the edge's.
public func designPage(_ examples: [ComponentExample] = ComponentExample.all) -> HTML {
  let names = examples.reduce(into: [String]()) { if $0.last != $1.name { $0.append($1.name) } }
  return fragment {
    pageHeader("Design", "Every component in every state, as the pages use it.")
    nav(.aria("label", "Components")) { ul(.class("contents")) { for name in names { li { a(href: .anchor(anchor(name))) { name } } } } }
    pageSection("Colour", "Each pair that is written on another is at least 4.5 to 1 in contrast, in light and in dark.") {
      div(.class("swatches")) {
        for tone in ["sunken", "paper", "surface", "ink", "quiet", "rule", "edge", "accent", "good", "attention", "danger"] { span(.class("swatch \(tone)")) { tone } }
      }
    }
    pageSection("Type", "Inter for text, with tabular figures where numbers stand in columns; JetBrains Mono for ids, tokens, policies and commands.") {
      div(.class("stack")) {
        p { strong { "The members keep their books in one hall." } }
        p { "Ada Lovelace invited Grace Hopper on 3 May 2026 and gave her the role of manager. \(a(href: "#page") { "See who may do what" }) or ask with \(code { "guildhall explain" })." }
        p(.class("quiet-text")) { small { "Quiet text says what helps, in 13 pixels: 1,240 credits, about 9 days at this week’s pace." } }
        p { "Press \(kbd { "/" }) to search, \(kbd { "o" }) to switch, \(kbd { "?" }) for the list of keys." }
      }
    }
    pageSection("Space, shape and motion", "A grid of 4 pixels, one radius, one shadow for what floats. What appears takes 120 or 180 ms, and none where less motion is asked for.") {
      div(.class("measures")) { for step in ["1", "2", "3", "4", "5", "6", "8", "10", "12", "16"] { span(.class("measure space-\(step)")) { step } } }
      div(.class("row")) {
        span(.class("shape radius")) { "radius" }
        span(.class("shape shadow")) { "shadow" }
        span(.class("shape quick")) { "quick, 120 ms" }
        span(.class("shape calm")) { "calm, 180 ms" }
      }
    }
    for name in names {
      pageSection(name, id: anchor(name)) {
        div(.class("examples")) {
          for example in examples where example.name == name {
            div(.class("example")) {
              p(.class("example-state")) { example.state }
              div { example.markup }
            }
          }
        }
      }
    }
  }
}

private func anchor(_ name: String) -> String { "component-" + name.lowercased().map { $0 == " " ? "-" : String($0) }.joined() }
