public import Markup

/// A component in one of its states, for the page `/design` and for the tests that check its markup.
public struct ComponentExample: Sendable {
  public let name: String
  public let state: String
  public let markup: HTML

  init(_ name: String, _ state: String, @HTMLBuilder markup: () -> HTML) {
    self.name = name
    self.state = state
    self.markup = markup()
  }
}
