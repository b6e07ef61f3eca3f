import Contract
import Kernel

extension Optional<Unchecked<Slug>> {
  /// The slug that a request gives, or an empty text where it gives none, which has one made from the name. Refuses a slug that is given and empty.
  func orProposed() throws(Problem) -> String {
    guard let slug = self else { return "" }
    guard !slug.text.isEmpty else { throw .invalid("slug", "Enter a name for addresses, or leave it out.") }
    return slug.text
  }
}

extension FieldChecker {
  /// The slug of something new: what was given or, where nothing was, what is made of the name. With a `name` that isn't acceptable itself, the slug that would be
  /// made of it is mended with it.
  mutating func slug(_ given: String, orOf name: DisplayName?) -> Slug? {
    if given.isEmpty, name == nil { return nil }
    return check("slug") { () throws(Rejection) in
      if given.isEmpty, let name, let proposed = Slug.proposed(for: name.text) { return proposed }
      return try Slug(given)
    }
  }
}
