import Authorization
import Contract
import Kernel

/// What is said of a thing for policies to look at: tags, what it complies with, where it is, and whatever else the organization's schema knows.
public struct ResourceAttributes: Sendable, Hashable {
  /// An object.
  let json: JSON
  let values: [AccessValue.Attribute]

  static let none = ResourceAttributes(verified: .object([]), [])

  /// How many bytes they take at most.
  static let limit = 8_192
  /// What stands on the thing itself.
  private static let own: Set<String> = ["name", "slug", "owner"]

  private init(verified json: JSON, _ values: [AccessValue.Attribute]) { (self.json, self.values) = (json, values) }

  /// Refuses what the organization's policies couldn't speak of: names that aren't declared for the type, unless `takesUndeclared`, and values of another kind.
  init(_ json: JSON, of type: ResourceType, in vocabulary: PolicyVocabulary, takesUndeclared: Bool = false) throws(Problem) {
    let field = "attributes"
    guard case .object = json else { throw .invalid(field, "Give an object of attributes.") }
    let values = try [AccessValue.Attribute](attributes: json, field)
    try AccessQuestion.expectFew(values, field)
    guard json.compact.utf8.count <= Self.limit else { throw .invalid(field, "Attributes take at most \(Self.limit) bytes.") }
    let declared = vocabulary.attributes(of: type.name)
    var checker = FieldChecker()
    var seen: Set<String> = []
    for attribute in values {
      let name = attribute.name
      let place = "\(field)/\(name)"
      if !Self.isName(name) {
        checker.reject(place, "Attributes are called with letters, digits and \"_\".")
      } else if !seen.insert(name).inserted {
        checker.reject(place, "It stands there twice.")
      } else if Self.own.contains(name) {
        checker.reject(place, "That stands on the thing itself.")
      } else if let kind = declared.first(where: { $0.name == name })?.kind {
        if !kind.takes(attribute.value) { checker.reject(place, "Give \(kind.words).") }
      } else if !takesUndeclared {
        checker.reject(place, "The organization's schema doesn't know it for things of the type \(type.name). Declare it there first.")
      }
    }
    try checker.finish()
    self.init(verified: json, values)
  }

  /// As it was stored.
  init(stored text: String) throws(Problem) {
    if text == "{}" {
      self = .none
      return
    }
    let json: JSON
    do { json = try JSON(Array(text.utf8)) } catch { throw Problem(.defect, "Stored attributes can't be read.", cause: error) }
    self.init(verified: json, try [AccessValue.Attribute](attributes: json, "attributes"))
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= 64, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
      default: false
      }
    }
  }
}

extension PolicyVocabulary.Kind {
  fileprivate func takes(_ value: AccessValue) -> Bool {
    switch (self, value) {
    case (.string, .text), (.long, .integer), (.bool, .bool), (.address, .address), (.instant, .instant), (.decimal, .decimal): true
    case (.strings, .set(let items)): items.allSatisfy { if case .text = $0 { true } else { false } }
    default: false
    }
  }

  /// After "Give".
  fileprivate var words: String {
    switch self {
    case .string: "a text"
    case .long: "a whole number"
    case .bool: "true or false"
    case .strings: "a list of texts"
    case .address: "an address: {\"__extn\":{\"fn\":\"ip\",\"arg\":\"192.0.2.1\"}}"
    case .instant: "an instant: {\"__extn\":{\"fn\":\"datetime\",\"arg\":\"2026-11-21T09:00:00Z\"}}"
    case .decimal: "a decimal: {\"__extn\":{\"fn\":\"decimal\",\"arg\":\"1.5\"}}"
    }
  }
}
