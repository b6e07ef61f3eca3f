public import Authorization
import Contract
public import Kernel

/// A role that an organization made: of rights it chose, given at one level.
public struct DefinedRole: Sendable, Hashable {
  public let id: ID<DefinedRole>
  public let organization: ID<Organization>
  public let scope: RoleScope
  /// What it is called where roles are named: in small letters, unique at its level, and no built-in role's name there.
  public internal(set) var slug: Slug
  public internal(set) var name: DisplayName
  public internal(set) var description: Note
  /// The role that it was copied from, as that was called then: `project.viewer`; empty where it was made of nothing.
  public let base: String
  public internal(set) var content: RoleContent
  public let createdAt: Timestamp
  public let revision: Int
  /// How many hold it: people, invitations, programs and teams, on each thing once; what has ended is among them.
  public let holders: Int

  /// How many an organization may have.
  static let limit = 500

  /// Its name with its level: `project.auditor`.
  public var reference: String { "\(scope.rawValue).\(slug)" }

  /// As decisions know it.
  public var role: CustomRole {
    scope == .organization
      ? CustomRole(id: id.description, name: reference, permissions: content.permissions)
      : CustomRole(id: id.description, name: reference, scope: scope, rights: content.rights, ownRights: content.ownRights)
  }

  /// Refuses as `stale` when the caller has seen an older revision.
  func expect(_ seen: Int?) throws(Problem) {
    if let seen, seen != revision { throw Problem(.stale, "The role was changed since you read it. Read it again, then repeat your change.") }
  }

  /// Refuses another text than its slug; without one nobody was asked.
  func expectConfirmed(by typed: String?) throws(Problem) {
    guard typed == nil || typed == slug.text else { throw .invalid("confirm", "Type \"\(slug)\" to confirm that you mean this role.") }
  }
}

/// The levels at which an organization can make roles, and what stands there already.
extension RoleScope {
  /// In the order in which people look for them.
  static let defining: [RoleScope] = [.organization, .workspace, .project, .cluster, .app]

  init(parsing text: String, field: String = "level") throws(Problem) {
    guard let scope = RoleScope(rawValue: text), Self.defining.contains(scope) else {
      throw .invalid(field, "There is no such level. Choose one of \(Self.defining.map(\.rawValue).joined(separator: ", ")).")
    }
    self = scope
  }

  /// The names that built-in roles have there.
  var builtInNames: [String] { self == .organization ? OrganizationRole.allCases.map(\.rawValue) : ResourceRole.all(of: self).map(\.name) }

  /// Where its roles are given, after "on": "a project".
  var place: String {
    switch self {
    case .organization: "the organization"
    case .app, .object: "an \(rawValue)"
    default: "a \(rawValue)"
    }
  }
}

/// What a role allows.
public struct RoleContent: Sendable, Hashable {
  /// On the thing that it is given on and on all within it; follows from the permissions at the level of the organization.
  public let rights: RightSet
  /// On what its holder owns there, besides.
  public let ownRights: RightSet
  /// In the organization itself; none at other levels.
  public let permissions: Set<Permission>

  /// How many rights one may be made of.
  static let limit = 500

  init(rights: RightSet, ownRights: RightSet) {
    (self.rights, self.ownRights, permissions) = (rights, ownRights, [])
  }

  init(permissions: Set<Permission>) {
    self.permissions = permissions
    (rights, ownRights) = (CustomRole(id: "", name: "", permissions: permissions).rights, [])
  }

  /// What a built-in role allows.
  init(_ role: OrganizationRole) { self.init(permissions: role.permissions) }
  init(_ role: ResourceRole) { self.init(rights: role.rights, ownRights: role.ownRights) }

  /// Of what a client wrote: permissions at the level of the organization, `type:verb` at others. Refuses what is none, and a role that allows nothing.
  ///
  /// Who has a role on something sees it: reading and listing it are among its rights, named or not. What others of them cover is left out.
  init(parsing names: [String], own: [String], at scope: RoleScope) throws(Problem) {
    var checker = FieldChecker()
    guard names.count <= Self.limit, own.count <= Self.limit else {
      throw Problem(.tooMany, "A role is made of at most \(Self.limit) rights; use * for every type or every action.")
    }
    if scope == .organization {
      var permissions: Set<Permission> = []
      for name in names where !name.isEmpty {
        guard let permission = Permission(rawValue: name) else {
          checker.reject("rights", "There is no permission \"\(name.prefix(60))\".")
          continue
        }
        permissions.insert(permission)
      }
      if !own.allSatisfy(\.isEmpty) {
        checker.reject("own_rights", "A role on the organization has permissions; it tells own things from others' at other levels.")
      }
      if permissions.isEmpty { checker.reject("rights", "Choose at least one permission.") }
      try checker.finish()
      // Who may do anything here may open it.
      self.init(permissions: permissions.union([.organizationRead]))
      return
    }
    func parsed(_ names: [String], _ field: String) -> RightSet {
      RightSet(names.compactMap { name -> Right? in
        if name.isEmpty { return nil }
        if let right = Right(name) { return right }
        checker.reject(field, "\"\(name.prefix(60))\" is no right. Write the type and the action, such as dataset:read, object:create or *:read.")
        return nil
      })
    }
    let (rights, ownRights) = (parsed(names, "rights"), parsed(own, "own_rights"))
    if rights.isEmpty, ownRights.isEmpty { checker.reject("rights", "Choose at least one right.") }
    try checker.finish()
    let seeing: RightSet = [Right(ResourceType(scope.rawValue), .list), Right(ResourceType(scope.rawValue), .read)]
    let all = rights.union(seeing).essential
    self.init(rights: all, ownRights: RightSet(ownRights.essential.rights.filter { !all.allows($0) }))
  }

  /// As it is written: permissions or rights, in the order of their texts.
  public var names: [String] { permissions.isEmpty ? rights.sorted.map(\.description) : permissions.sorted().map(\.rawValue) }
  var ownNames: [String] { ownRights.sorted.map(\.description) }

  /// For the log: the first hundred, and how many more there are.
  var logged: String { Self.logged(names) }
  var ownLogged: String? { ownNames.isEmpty ? nil : Self.logged(ownNames) }

  private static func logged(_ names: [String]) -> String {
    names.prefix(100).joined(separator: ", ") + (names.count > 100 ? " and \(names.count - 100) more" : "")
  }

  /// Refuses what somebody may not do themselves: `rights` everywhere in the organization, and `permissions` in it.
  func expectWithin(_ permissions: Set<Permission>, _ rights: RightSet) throws(Problem) {
    let above = self.permissions.subtracting(permissions).sorted().map(\.rawValue)
      + (self.permissions.isEmpty ? rights.lacking(of: self.rights.union(ownRights)).map(\.description) : [])
    guard above.isEmpty else {
      let named = above.prefix(5).joined(separator: ", ") + (above.count > 5 ? " and \(above.count - 5) more" : "")
      throw Problem(
        .aboveOwnRights, "A role can't allow what you may not do yourself everywhere in the organization: \(named).",
        faults: [FieldFault("rights", "Leave out what you may not do yourself: \(named).")])
    }
  }
}

/// What somebody says of a new role.
public struct RoleDraft: Sendable {
  public let scope: RoleScope
  /// The role to copy from, by its name at the level or with it: `viewer`, `project.viewer`.
  public let base: String?
  public let name: DisplayName
  public let slug: Slug
  public let description: Note
  /// `nil` for what the one that is copied allows.
  public let rights: [String]?
  public let ownRights: [String]?

  /// Refuses with all faults at once. An empty slug is made from the name.
  public init(
    level: String, base: String? = nil, name: String, slug: String = "", description: String = "", rights: [String]? = nil, ownRights: [String]? = nil
  ) throws(Problem) {
    scope = try RoleScope(parsing: level)
    var checker = FieldChecker()
    let parsedName = checker.check("name") { () throws(Rejection) in try DisplayName(name) }
    let parsedSlug = checker.slug(slug.lowercased(), orOf: parsedName)
    if let parsedSlug, scope.builtInNames.contains(parsedSlug.text) {
      checker.reject("slug", "A built-in role is called \"\(parsedSlug)\" here; choose another one.")
    }
    let parsedDescription = checker.check("description") { () throws(Rejection) in try Note(description) }
    if base == nil || base == "", rights == nil { checker.reject("rights", "Choose what the role allows, or a role to copy from.") }
    try checker.finish()
    guard let parsedName, let parsedSlug, let parsedDescription else { throw Problem(.defect, "A checked field is missing.") }
    (self.name, self.slug, self.description) = (parsedName, parsedSlug, parsedDescription)
    self.base = base == "" ? nil : base
    self.rights = rights
    self.ownRights = ownRights
  }
}

/// What is to be changed of a role; `nil` leaves as is.
public struct RoleUpdate: Sendable {
  public var name: String?
  public var slug: String?
  public var description: String?
  public var rights: [String]?
  public var ownRights: [String]?

  public init(name: String? = nil, slug: String? = nil, description: String? = nil, rights: [String]? = nil, ownRights: [String]? = nil) {
    (self.name, self.slug, self.description, self.rights, self.ownRights) = (name, slug, description, rights, ownRights)
  }

  /// The role after the update; refuses with all faults at once.
  func applied(to role: DefinedRole) throws(Problem) -> DefinedRole {
    var result = role
    var checker = FieldChecker()
    if let name, let parsed = checker.check("name", { () throws(Rejection) in try DisplayName(name) }) { result.name = parsed }
    if let slug, slug.lowercased() != role.slug.text {
      if let parsed = checker.check("slug", { () throws(Rejection) in try Slug(Slug(slug).key) }) {
        result.slug = parsed
        if role.scope.builtInNames.contains(parsed.text) { checker.reject("slug", "A built-in role is called \"\(parsed)\" here; choose another one.") }
      }
    }
    if let description, let parsed = checker.check("description", { () throws(Rejection) in try Note(description) }) { result.description = parsed }
    try checker.finish()
    if rights != nil || ownRights != nil {
      result.content = try RoleContent(parsing: rights ?? role.content.names, own: ownRights ?? role.content.ownNames, at: role.scope)
    }
    return result
  }
}

/// Somebody who holds a role, and where.
public struct RoleHolder: Sendable, Hashable {
  /// `account`, `invitation`, `service-account` or `team`.
  public let kind: String
  public let name: String
  /// Of a member, or the slug of a service account or a team.
  public let handle: String?
  /// Of the membership, invitation, service account or team.
  public let id: String
  /// `research/forecast`, or `research` for a workspace; `nil` for the organization.
  public let place: String?
  public let placeType: String
  public let expires: Timestamp?
}

extension GrantedRole {
  /// Its name at its level: `viewer`, `auditor`.
  var short: String {
    switch self {
    case .resource(let role): role.name
    case .organization(let role): role.rawValue
    case .custom(let role): String(role.name.drop { $0 != "." }.dropFirst())
    case .actions: name
    }
  }

  /// As columns hold it: what it is called, and the custom role that it is.
  var stored: (role: String, custom: String?) {
    switch self {
    case .resource(let role): (role.rawValue, nil)
    case .organization(let role): (role.rawValue, nil)
    case .custom(let role): (role.id, role.id)
    case .actions: (name, nil)
    }
  }

  /// Whether it is built in, and this one.
  func isBuiltIn(_ role: ResourceRole) -> Bool { self == .resource(role) }
}

extension Target {
  init(_ role: DefinedRole) { self.init("role", role.id.description, named: role.name.text) }
}
