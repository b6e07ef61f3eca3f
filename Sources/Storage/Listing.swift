public import Kernel

/// Patterns for LIKE, always with `ESCAPE '!'`.
public enum Pattern {
  /// Matches texts in lower case that contain `text`, whose own wildcards match themselves; what is longer than 256 characters is cut, since databases bound
  /// their patterns. It stands behind `LIKE`.
  ///
  /// Something is appended, since SQLite prepares a statement anew at each new value of a parameter that is a whole pattern: it hopes for a prefix.
  public static func containing(_ text: String) -> Statement { "\("%\(escaped(text))%") || '' ESCAPE '!'" }

  /// Matches texts in lower case by `*` for any run of characters and `?` for one; a text without either matches whatever contains it.
  public static func wildcard(_ text: String) -> Statement {
    guard text.contains(where: { $0 == "*" || $0 == "?" }) else { return containing(text) }
    let pattern = String(escaped(text).map { $0 == "*" ? "%" : $0 == "?" ? "_" : $0 })
    return "\(pattern) || '' ESCAPE '!'"
  }

  private static func escaped(_ text: String) -> String {
    var pattern = ""
    for character in text.prefix(256).lowercased() {
      if character == "%" || character == "_" || character == "!" { pattern.append("!") }
      pattern.append(character)
    }
    return pattern
  }
}

extension Page {
  /// A page from one row more than was asked for: the extra row only tells that there is a next page.
  public init(_ found: [Item], of list: String, limit: Int, total: Int, isCapped: Bool = false, keys: (Item) -> [String]) {
    let items = Array(found.prefix(limit))
    let next = found.count > limit ? items.last.map { Cursor(list: list, keys: keys($0)) } : nil
    self.init(items: items, next: next, total: total, isCapped: isCapped)
  }
}
