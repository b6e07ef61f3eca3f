/// The right side of `like`: scalars and wildcards.
public struct Pattern: Hashable, Sendable, CustomStringConvertible {
  /// A scalar that stands for itself, or any number of any scalars.
  public enum Element: Hashable, Sendable {
    /// Any run of scalars, also none.
    case wildcard
    case scalar(Unicode.Scalar)
  }

  public let elements: [Element]

  public init(_ elements: [Element]) { self.elements = elements }

  /// Whether the whole text matches. Takes time proportional to the product of the two lengths at worst, and no memory.
  public func matches(_ text: some StringProtocol) -> Bool {
    let scalars = text.unicodeScalars
    var position = scalars.startIndex
    var element = 0
    // Where to resume if what follows the last wildcard turns out not to match.
    var resume: (element: Int, position: String.UnicodeScalarView.Index)?
    while position < scalars.endIndex {
      if element < elements.count, elements[element] == .wildcard {
        element += 1
        resume = (element, position)
      } else if element < elements.count, case .scalar(let expected) = elements[element], expected == scalars[position] {
        element += 1
        position = scalars.index(after: position)
      } else if let last = resume {
        let next = scalars.index(after: last.position)
        resume = (last.element, next)
        element = last.element
        position = next
      } else {
        return false
      }
    }
    return elements[element...].allSatisfy { $0 == .wildcard }
  }

  /// As a literal with its quotes.
  public var description: String {
    var result = "\""
    for element in elements {
      switch element {
      case .wildcard: result += "*"
      case .scalar("*"): result += "\\*"
      case .scalar(let scalar): Escape.write(scalar, to: &result)
      }
    }
    return result + "\""
  }
}
