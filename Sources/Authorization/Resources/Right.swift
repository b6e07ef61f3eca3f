/// One thing that a role allows: a verb, on things of a type. Written `app:update`, `object:read`, `*:*`.
public struct Right: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The things it is about.
  public enum Target: Hashable, Sendable {
    case type(ResourceType)
    /// Everything that people work on: neither containers nor what clusters are made of.
    case objects
    case everything

    /// Whether things of that type are among them.
    public func covers(_ type: ResourceType) -> Bool {
      switch self {
      case .type(let own): own == type
      case .objects: type.isObject
      case .everything: true
      }
    }

    func covers(_ other: Target) -> Bool {
      switch (self, other) {
      case (.everything, _), (.objects, .objects): true
      case (_, .type(let type)): covers(type)
      default: false
      }
    }
  }

  public let target: Target
  /// `nil` for every verb, the unknown ones too.
  public let verb: ResourceVerb?

  public init(_ target: Target, _ verb: ResourceVerb?) {
    self.target = target
    self.verb = verb
  }

  public init(_ type: ResourceType, _ verb: ResourceVerb) { self.init(.type(type), verb) }

  /// Everything with everything.
  public static let all = Right(.everything, nil)

  /// Whether it allows that on things of the type.
  public func covers(_ type: ResourceType, _ verb: ResourceVerb) -> Bool { (self.verb == nil || self.verb == verb) && target.covers(type) }

  /// Whether whoever holds it has all that the other allows.
  public func covers(_ other: Right) -> Bool { (verb == nil || verb == other.verb) && target.covers(other.target) }

  public var description: String {
    let type =
      switch target {
      case .type(let type): type.name
      case .objects: "object"
      case .everything: "*"
      }
    return "\(type):\(verb?.name ?? "*")"
  }

  /// Reads what ``description`` writes; `nil` for anything else, and for names that aren't lower-case letters, digits and `_`.
  public init?(_ text: String) {
    let parts = text.split(separator: ":" as Character, omittingEmptySubsequences: false).map { String($0) }
    guard parts.count == 2, parts.allSatisfy({ $0 == "*" || Self.isName($0) }) else { return nil }
    let target: Target =
      switch parts[0] {
      case "*": .everything
      case "object": .objects
      default: .type(ResourceType(parts[0]))
      }
    self.init(target, parts[1] == "*" ? nil : ResourceVerb(parts[1]))
  }

  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 64
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
      }
  }

  /// In the order of their texts.
  public static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}

/// What a role allows in all, or somebody who holds several.
public struct RightSet: Hashable, Sendable, ExpressibleByArrayLiteral {
  public private(set) var rights: Set<Right>

  public init(_ rights: some Sequence<Right> = []) { self.rights = Set(rights) }
  public init(arrayLiteral elements: Right...) { self.init(elements) }

  public var isEmpty: Bool { rights.isEmpty }
  /// In the order of their texts.
  public var sorted: [Right] { rights.sorted() }

  /// Whether any of the rights covers that.
  public func allows(_ verb: ResourceVerb, on type: ResourceType) -> Bool { rights.contains { $0.covers(type, verb) } }
  /// Whether any of the rights covers all of that one.
  public func allows(_ right: Right) -> Bool { rights.contains { $0.covers(right) } }
  /// Whether it allows anything at all on things of the type.
  public func touches(_ type: ResourceType) -> Bool { rights.contains { $0.target.covers(type) } }

  /// The rights of `others` that it doesn't allow: what its holder must not give.
  public func lacking(of others: RightSet) -> [Right] { others.sorted.filter { !allows($0) } }
  /// Whether a holder of these may give all of the others.
  public func isSuperset(of others: RightSet) -> Bool { others.rights.allSatisfy(allows) }

  /// What both allow together.
  public func union(_ others: RightSet) -> RightSet { RightSet(rights.union(others.rights)) }
  /// Adds what the others allow.
  public mutating func formUnion(_ others: RightSet) { rights.formUnion(others.rights) }
}
