public import Authorization
import Contract
public import Kernel

/// A rule in Cedar that an organization gave itself: it permits or forbids, whatever roles say.
public struct Policy: Sendable, Hashable {
  public let id: ID<Policy>
  public let organization: ID<Organization>
  /// What scripts and addresses call it: in small letters, unique in its organization.
  public internal(set) var slug: Slug
  public internal(set) var name: DisplayName
  public internal(set) var description: Note
  /// As it was written.
  public internal(set) var text: String
  /// Whom and what the names in the text mean.
  var references: [PolicyReference]
  public internal(set) var isEnabled: Bool
  public let createdAt: Timestamp
  public internal(set) var changedAt: Timestamp
  /// The name of who changed it last.
  public internal(set) var changedBy: String
  public let revision: Int

  /// How many an organization may have, switched off ones included.
  public static let limit = 5_000
  /// The most bytes of one text.
  public static let textLimit = 16_384

  /// The text with ids in the place of names, as decisions read it.
  var compiled: String { references.compiled(text) }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "The policy was changed since you read it. Read it again, then repeat your change.") }
  }

  /// Refuses another text than its slug; without one nobody was asked.
  func expectConfirmed(by typed: String?) throws(Problem) {
    guard typed == nil || typed == slug.text else { throw .invalid("confirm", "Type \"\(slug)\" to confirm that you mean this policy.") }
  }
}

/// A name in a policy's text, and the id of whom or what it meant when the policy was saved.
struct PolicyReference: Sendable, Hashable {
  let type: String
  let name: String
  let id: String
}

extension [PolicyReference] {
  func compiled(_ text: String) -> String {
    PolicyName.replacing(in: text) { name in first { $0.type == name.type && $0.name == name.name }?.id }
  }

  /// A line for each.
  var stored: String { map { "\($0.type)\t\($0.name)\t\($0.id)" }.joined(separator: "\n") }

  init(stored text: String) {
    self = text.split(separator: "\n" as Character).compactMap { line in
      let parts = line.split(separator: "\t" as Character, omittingEmptySubsequences: false).map { String($0) }
      return parts.count == 3 ? PolicyReference(type: parts[0], name: parts[1], id: parts[2]) : nil
    }
  }
}

/// What somebody says of a new policy; the text is checked by the use case.
public struct PolicyDraft: Sendable {
  public let name: DisplayName
  public let slug: Slug
  public let description: Note
  public let text: String
  public let isEnabled: Bool

  /// Refuses with all faults at once. An empty slug is made from the name.
  public init(name: String, slug: String = "", description: String = "", text: String, isEnabled: Bool = true) throws(Problem) {
    var checker = FieldChecker()
    let parsedName = checker.check("name") { () throws(Rejection) in try DisplayName(name) }
    let parsedSlug = slug.isEmpty && parsedName == nil ? nil : checker.check("slug") { () throws(Rejection) in
      if slug.isEmpty, let proposed = Slug.proposed(for: name) { return proposed }
      return try Slug(Slug(slug).key)
    }
    let parsedDescription = checker.check("description") { () throws(Rejection) in try Note(description) }
    if text.utf8.count > Policy.textLimit { checker.reject("text", Self.tooLong) }
    try checker.finish()
    guard let parsedName, let parsedSlug, let parsedDescription else { throw Problem(.defect, "A checked field is missing.") }
    (self.name, self.slug, self.description, self.text, self.isEnabled) = (parsedName, parsedSlug, parsedDescription, text, isEnabled)
  }

  static let tooLong = "A policy has at most \(Policy.textLimit) bytes. Split it."
}

/// What is to be changed of a policy; `nil` leaves as is.
public struct PolicyUpdate: Sendable {
  public var name: String?
  public var description: String?
  public var text: String?

  public init(name: String? = nil, description: String? = nil, text: String? = nil) {
    self.name = name
    self.description = description
    self.text = text
  }

  /// The policy after the update, with its text unchecked; refuses with all faults at once.
  func applied(to policy: Policy) throws(Problem) -> Policy {
    var result = policy
    var checker = FieldChecker()
    if let name, let parsed = checker.check("name", { () throws(Rejection) in try DisplayName(name) }) { result.name = parsed }
    if let description, let parsed = checker.check("description", { () throws(Rejection) in try Note(description) }) { result.description = parsed }
    if let text {
      if text.utf8.count > Policy.textLimit { checker.reject("text", PolicyDraft.tooLong) } else { result.text = text }
    }
    try checker.finish()
    return result
  }
}

/// What a policy was, at one of its revisions.
public struct PolicyVersion: Sendable, Hashable {
  public let revision: Int
  public let name: String
  public let description: String
  public let text: String
  public let isEnabled: Bool
  public let at: Timestamp
  public let changedBy: String
}

/// A text that was found to be a policy.
struct CheckedPolicy {
  let references: [PolicyReference]
  let compiled: String
}

/// What a change of policies would do, found on a sample that says how large it is.
public struct PolicyPreview: Sendable, Hashable {
  /// Of those who were looked at, who could do something before that they couldn't then, and the other way round.
  public let losing: Int
  public let gaining: Int
  /// For the first of them, something that would change.
  public let examples: [Example]
  /// How many people and service accounts were looked at, of how many.
  public let asked: Int
  public let total: Int
  /// With which things each was tried, in words.
  public let things: [String]
  public let actions: [String]
  /// No admin in force for good could read or manage any more.
  public let locksOut: Bool

  public struct Example: Sendable, Hashable {
    public let principal: AccessPrincipal
    public let action: String
    public let thing: String
    public let loses: Bool
  }

  /// One sentence: "7 members would lose access, nobody would gain any (1,000 of 2,310 looked at)."
  public var sentence: String {
    func people(_ count: Int) -> String { count == 0 ? "nobody" : "\(count) \(count == 1 ? "member" : "members")" }
    let both = "\(people(losing)) would lose access, \(people(gaining)) would gain \(gaining == 0 ? "any" : "some")"
    let found = losing == 0 && gaining == 0 ? "Nobody would lose or gain access" : both
    let first = found.prefix(1).uppercased() + found.dropFirst()
    let thing = things.count == 1 ? "one thing" : "\(things.count) things"
    return "\(first) (\(asked) of \(total) looked at, each with \(thing) and the actions \(actions.joined(separator: ", ")))."
  }
}

/// What policies of an organization may speak of, by its version; 0 for what is built in alone.
public struct PolicySchema: Sendable, Hashable {
  public let version: Int
  public let vocabulary: PolicyVocabulary
  public let changedAt: Timestamp?
  public let changedBy: String
}

/// What somebody says that policies may speak of, by names: types with their attributes, and the kinds of their values.
public struct PolicySchemaDraft: Sendable {
  public var types: [String: [String: String]]
  public var actions: [String]
  public var context: [String: String]

  public init(types: [String: [String: String]] = [:], actions: [String] = [], context: [String: String] = [:]) {
    self.types = types
    self.actions = actions
    self.context = context
  }

  /// What a vocabulary adds to what is built in.
  init(_ vocabulary: PolicyVocabulary) {
    func kinds(_ attributes: [PolicyVocabulary.Attribute]) -> [String: String] {
      Dictionary(attributes.map { ($0.name, $0.kind.rawValue) }) { first, _ in first }
    }
    self.init(
      types: Dictionary(vocabulary.types.map { ($0.name, kinds($0.attributes)) }) { first, _ in first }, actions: vocabulary.actions,
      context: kinds(vocabulary.context))
  }

  /// Refuses what makes no schema, by its field.
  func vocabulary() throws(Problem) -> PolicyVocabulary {
    typealias Kind = PolicyVocabulary.Kind
    func attributes(_ kinds: [String: String], _ field: String) throws(Problem) -> [PolicyVocabulary.Attribute] {
      try kinds.sorted { $0.key < $1.key }.map { name, text throws(Problem) in
        guard let kind = Kind(rawValue: text) else {
          let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
          throw .invalid(field, "There is no kind of values called \"\(text.prefix(80))\". There are \(known).")
        }
        return PolicyVocabulary.Attribute(name, kind)
      }
    }
    let things = try types.sorted { $0.key < $1.key }.map { name, kinds throws(Problem) in
      PolicyVocabulary.ThingType(name, try attributes(kinds, "types"))
    }
    let brought = try attributes(context, "context")
    do throws(PolicyVocabulary.Refusal) {
      return try PolicyVocabulary(types: things, actions: actions, context: brought)
    } catch {
      throw .invalid(error.field, error.reason)
    }
  }
}

extension Target {
  init(_ policy: Policy) { self.init("policy", policy.id.description, named: policy.name.text) }
}

extension PolicyFault {
  /// With its place, for who sees no editor.
  public var sentence: String {
    let place = line.map { line in "Line \(line), column \(column ?? 1): " } ?? ""
    return place + message + (hint.map { " (\($0))" } ?? "")
  }
}
