public import Authorization
import Contract
public import Kernel

/// Something that people work with, as decisions look at it: it is in an organization, perhaps within something else, and people have roles on it.
public struct Resource: Sendable, Hashable {
  public let id: ID<Resource>
  public let organization: ID<Organization>
  public let type: ResourceType
  /// What it is in; `nil` for what is in the organization itself.
  public let parent: ID<Resource>?
  /// What it is called in addresses and scripts: in small letters, unique among what is in the same place; that of a workspace in the whole installation.
  public internal(set) var slug: Slug
  public internal(set) var name: DisplayName
  public internal(set) var description: Note
  /// The account that owns it; `nil` where the organization does.
  public let owner: ID<Account>?
  public internal(set) var visibility: Visibility
  public let createdAt: Timestamp
  public let revision: Int
  /// What policies may look at.
  public internal(set) var attributes: ResourceAttributes = .none

  /// What decisions and policies call it: objects by their platform's id.
  var decisionID: String { RegisteredObject.others.contains(type) ? id.description : slug.text }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "The \(type.noun) was changed since you read it. Read it again, then repeat your change.") }
  }

  /// Refuses another text than its slug; without one nobody was asked.
  func expectConfirmed(by typed: String?) throws(Problem) {
    guard typed == nil || typed == slug.text else { throw .invalid("confirm", "Type \"\(slug)\" to confirm that you mean this \(type.noun).") }
  }
}

/// What somebody says of something new.
public struct ResourceDraft: Sendable {
  public let name: DisplayName
  public let slug: Slug
  public let description: Note

  /// Refuses with all faults at once. An empty slug is made from the name.
  public init(name: String, slug: String = "", description: String = "") throws(Problem) {
    var checker = FieldChecker()
    let parsedName = checker.check("name") { () throws(Rejection) in try DisplayName(name) }
    // A slug that would be made from the name is mended with the name.
    let parsedSlug = slug.isEmpty && parsedName == nil ? nil : checker.check("slug") { () throws(Rejection) in
      if slug.isEmpty, let proposed = Slug.proposed(for: name) { return proposed }
      return try Slug(Slug(slug).key)
    }
    let parsedDescription = checker.check("description") { () throws(Rejection) in try Note(description) }
    try checker.finish()
    guard let parsedName, let parsedSlug, let parsedDescription else { throw Problem(.defect, "A checked field is missing.") }
    (self.name, self.slug, self.description) = (parsedName, parsedSlug, parsedDescription)
  }
}

/// What is to be changed of something; `nil` leaves as is.
public struct ResourceUpdate: Sendable {
  public var name: String?
  public var slug: String?
  public var description: String?

  public init(name: String? = nil, slug: String? = nil, description: String? = nil) {
    self.name = name
    self.slug = slug
    self.description = description
  }

  /// The thing after the update; refuses with all faults at once.
  func applied(to resource: Resource) throws(Problem) -> Resource {
    var result = resource
    var checker = FieldChecker()
    if let name, let parsed = checker.check("name", { () throws(Rejection) in try DisplayName(name) }) { result.name = parsed }
    // A slug that it has stays, whatever was reserved since.
    if let slug, slug.lowercased() != resource.slug.text {
      if let parsed = checker.check("slug", { () throws(Rejection) in try Slug(Slug(slug).key) }) { result.slug = parsed }
    }
    if let description, let parsed = checker.check("description", { () throws(Rejection) in try Note(description) }) { result.description = parsed }
    try checker.finish()
    return result
  }

  /// What differs, for the log.
  func changes(from before: Resource, to after: Resource) -> [Change] {
    [
      Change.of("slug", before.slug.text, after.slug.text), .of("name", before.name.text, after.name.text),
      .of("description", before.description.text, after.description.text),
    ].compactMap { $0 }
  }
}

extension Target {
  init(_ resource: Resource) { self.init(resource.type.name, resource.id.description, named: resource.name.text) }
}

extension ResourceType {
  /// After "a" or "this": "node pool".
  var noun: String { name.replacing("_", with: " ") }
}

extension ResourceRole {
  /// The role of that name on things of a type. Refuses another name, with those that there are.
  static func named(_ name: String, on type: ResourceType, field: String) throws(Problem) -> ResourceRole {
    let scope = RoleScope(type)
    guard let role = ResourceRole(name, of: scope) else {
      throw .invalid(field, "There is no such role. Choose one of \(all(of: scope).map(\.name).joined(separator: ", ")).")
    }
    return role
  }
}
