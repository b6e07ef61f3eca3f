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
