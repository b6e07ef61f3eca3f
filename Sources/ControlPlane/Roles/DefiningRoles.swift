public import Authorization
import Contract
public import Kernel
import Storage

extension Roles {
  /// The roles that the organization made, by level and slug.
  public func listDefined(at level: String? = nil, in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<DefinedRole> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      return try work.roleRows.list(in: organization.id, at: level.map { level throws(Problem) in try RoleScope(parsing: level) }, page)
    }
  }

  /// All of a level, for a choice.
  func all(at scope: RoleScope, in organization: Organization, by caller: Caller) async throws(Problem) -> [DefinedRole] {
    try await plane.read(as: caller) { work in try work.roleRows.all(in: work.permit(ReadOrganization.self, in: organization.id.description).0.id, at: scope) }
  }

  /// `role`: its id, or its name with its level: `project.auditor`.
  public func find(_ role: String, in reference: String, by caller: Caller) async throws(Problem) -> DefinedRole {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      return try work.definedRole(role, in: organization)
    }
  }

  /// Who holds it and where, by name; for who may see the members.
  public func holders(of role: String, in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<RoleHolder> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListMembers.self, in: reference).0
      return try work.roleRows.holders(of: work.definedRole(role, in: organization).id, page)
    }
  }

  /// What roles of a level can be made of, and those that can be copied.
  public func palette(at level: String, in reference: String, by caller: Caller) async throws(Problem) -> RolePalette {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      let scope = try RoleScope(parsing: level)
      let vocabulary = RoleVocabulary(scope, try work.policySchema(of: organization).vocabulary)
      return RolePalette(
        scope: scope, vocabulary: vocabulary, builtIn: RolePalette.builtIn(at: scope), defined: try work.roleRows.all(in: organization.id, at: scope),
        permissions: try work.permissions(in: organization), rights: try work.rights(in: organization))
    }
  }

  /// Makes a role. Refuses what the caller may not do themselves everywhere in the organization.
  public func define(_ draft: RoleDraft, in reference: String, by caller: Caller) async throws(Problem) -> DefinedRole {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CreateRole.self, in: reference)
      let (base, content) = try work.content(of: draft, in: organization)
      try content.expectWithin(permit.permissions, work.rights(in: organization))
      try work.expectFree(draft.slug, at: draft.scope, in: organization)
      guard try work.roleRows.count(in: organization.id) < DefinedRole.limit else {
        throw Problem(.tooMany, "An organization can make \(DefinedRole.limit) roles. Delete those that nobody needs any more.")
      }
      let role = DefinedRole(
        id: work.tx.newID(), organization: organization.id, scope: draft.scope, slug: draft.slug, name: draft.name, description: draft.description, base: base,
        content: content, createdAt: work.now, revision: 1, holders: 0)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(role),
        [
          Change("role", to: role.reference), Change.of("copied_from", nil, base.isEmpty ? nil : base), Change("rights", to: content.logged),
          Change.of("own_rights", nil, content.ownLogged), Change("version", to: "1"),
        ])
      try work.roleRows.insert(role, under: proof)
      return role
    }
  }

  /// Changes a role, at once for all who hold it. Refuses a role that allows what the caller may not do, before or after.
  public func update(_ role: String, _ update: RoleUpdate, seen: Int?, in reference: String, by caller: Caller) async throws(Problem) -> DefinedRole {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdateRole.self, in: reference)
      let before = try work.definedRole(role, in: organization)
      try before.expect(seen)
      let after = try update.applied(to: before)
      let rights = try work.rights(in: organization)
      try before.content.expectWithin(permit.permissions, rights)
      try after.content.expectWithin(permit.permissions, rights)
      if after.slug != before.slug { try work.expectFree(after.slug, at: after.scope, in: organization) }
      let changes = [
        Change.of("role", before.reference, after.reference), .of("name", before.name.text, after.name.text),
        .of("description", before.description.text, after.description.text), .of("rights", before.content.logged, after.content.logged),
        .of("own_rights", before.content.ownLogged, after.content.ownLogged),
      ].compactMap { $0 }
      guard !changes.isEmpty else { return before }
      let version = Change("version", from: String(before.revision), to: String(before.revision + 1))
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(after), changes + [version])
      try work.roleRows.update(after, under: proof)
      return try work.roleRows.find(after.id, in: organization.id).orDefect()
    }
  }

  /// Ends a role that nobody holds, for good. `confirm` is its slug, typed by a person; `nil` where nobody was asked.
  public func delete(_ role: String, confirm: String? = nil, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(DeleteRole.self, in: reference)
      let role = try work.definedRole(role, in: organization)
      try role.expect(seen)
      try role.content.expectWithin(permit.permissions, work.rights(in: organization))
      try role.expectConfirmed(by: confirm)
      let holders = try work.roleRows.holders(of: role.id, PageRequest(limit: 10))
      guard holders.total == 0 else { throw Self.inUse(role, holders) }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(role),
        [Change("role", from: role.reference), Change("rights", from: role.content.logged), Change.of("own_rights", role.content.ownLogged, nil)])
      try work.roleRows.delete(role, under: proof)
    }
  }

  private static func inUse(_ role: DefinedRole, _ holders: Page<RoleHolder>) -> Problem {
    let names = holders.items.map { "\($0.name)\($0.place.map { " on \($0)" } ?? "")" }.joined(separator: ", ")
    let rest = holders.total > holders.items.count ? " and \(holders.total - holders.items.count) more" : ""
    return Problem(.roleInUse, "The role \(role.reference) is held by \(names)\(rest). Take it from them first.")
  }
}

/// What roles of a level can be made of, as somebody stands to it.
public struct RolePalette: Sendable {
  public let scope: RoleScope
  public let vocabulary: RoleVocabulary
  public let builtIn: [BuiltIn]
  public let defined: [DefinedRole]
  /// What the caller may do in the organization and everywhere in it, and so may put into a role.
  public let permissions: Set<Permission>
  public let rights: RightSet

  /// A built-in role of the level.
  public struct BuiltIn: Sendable {
    public let name: String
    public let summary: String
    public let content: RoleContent
  }

  static func builtIn(at scope: RoleScope) -> [BuiltIn] {
    scope == .organization
      ? OrganizationRole.allCases.map { BuiltIn(name: $0.rawValue, summary: $0.summary, content: RoleContent($0)) }
      : ResourceRole.all(of: scope).map { BuiltIn(name: $0.name, summary: $0.summary, content: RoleContent($0)) }
  }

  /// What the role of that name at the level allows.
  func content(of name: String) -> RoleContent? {
    let short = name.hasPrefix("\(scope.rawValue).") ? String(name.dropFirst(scope.rawValue.count + 1)) : name
    return builtIn.first { $0.name == short }?.content ?? defined.first { $0.slug.text == short || $0.id.description == name }?.content
  }
}

extension Work {
  /// By id, or by name with its level.
  func definedRole(_ reference: String, in organization: Organization) throws(Problem) -> DefinedRole {
    var found: DefinedRole?
    if let id = ID<DefinedRole>(reference) {
      found = try roleRows.find(id, in: organization.id)
    } else {
      let parts = reference.split(separator: "." as Character, maxSplits: 1).map { String($0) }
      if parts.count == 2, let scope = RoleScope(rawValue: parts[0]) { found = try roleRows.find(parts[1], at: scope, in: organization.id) }
    }
    guard let found else { throw Problem(.missing, "There is no such role here. Built-in ones can't be changed; copy one instead.") }
    return found
  }

  /// What the caller may do by their roles on everything in the organization.
  func rights(in organization: Organization) throws(Problem) -> RightSet {
    Engine(at: now).rights(of: try actor().principal, on: ResourceFacts(organization: try facts(of: organization), chain: [], grants: []))
  }

  /// The role of that name that is given on things of a type: built in, or the organization's own by slug or id. Refuses what is none there.
  func resourceRole(named name: String, on type: ResourceType, in organization: Organization, field: String = "role") throws(Problem) -> GrantedRole {
    let scope = RoleScope(type)
    if let role = ResourceRole(name, of: scope) ?? ResourceRole(rawValue: name).flatMap({ $0.scope == scope ? $0 : nil }) { return .resource(role) }
    if let own = try ownRole(named: name, at: scope, in: organization) { return .custom(own) }
    throw try missingRole(at: scope, in: organization, field)
  }

  /// The same of a role on the organization.
  func organizationRole(named name: String, in organization: Organization, field: String = "role") throws(Problem) -> GrantedRole {
    let short = name.hasPrefix("organization.") ? String(name.dropFirst("organization.".count)) : name
    if let role = OrganizationRole(rawValue: short) { return .organization(role) }
    if let own = try ownRole(named: short, at: .organization, in: organization) { return .custom(own) }
    throw try missingRole(at: .organization, in: organization, field)
  }

  private func ownRole(named name: String, at scope: RoleScope, in organization: Organization) throws(Problem) -> CustomRole? {
    let short = name.hasPrefix("\(scope.rawValue).") ? String(name.dropFirst(scope.rawValue.count + 1)) : name
    let found =
      if let id = ID<DefinedRole>(name) { try roleRows.find(id, in: organization.id) } else { try roleRows.find(short, at: scope, in: organization.id) }
    return found.flatMap { $0.scope == scope ? $0.role : nil }
  }

  private func missingRole(at scope: RoleScope, in organization: Organization, _ field: String) throws(Problem) -> Problem {
    let names = scope.builtInNames + (try roleRows.all(in: organization.id, at: scope).prefix(20).map(\.slug.text))
    return .invalid(field, "There is no such role on \(scope.place). Choose one of \(names.joined(separator: ", ")).")
  }

  fileprivate func expectFree(_ slug: Slug, at scope: RoleScope, in organization: Organization) throws(Problem) {
    guard try roleRows.find(slug.text, at: scope, in: organization.id) == nil else {
      let reason = "Another role on \(scope.place) is called \"\(slug)\"; choose another one."
      throw Problem(.takenName, reason, faults: [FieldFault("slug", reason)])
    }
  }

  /// What a draft's role allows, and what it was copied from.
  fileprivate func content(of draft: RoleDraft, in organization: Organization) throws(Problem) -> (base: String, RoleContent) {
    var (base, copied): (String, RoleContent?) = ("", nil)
    if let name = draft.base {
      if let builtIn = RolePalette.builtIn(at: draft.scope).first(where: { $0.name == name || "\(draft.scope.rawValue).\($0.name)" == name }) {
        (base, copied) = ("\(draft.scope.rawValue).\(builtIn.name)", builtIn.content)
      } else if let own = try ownRole(named: name, at: draft.scope, in: organization), let id = ID<DefinedRole>(own.id) {
        (base, copied) = (own.name, try roleRows.find(id, in: organization.id)?.content)
      } else {
        throw try missingRole(at: draft.scope, in: organization, "base")
      }
    }
    let rights = draft.rights ?? copied?.names ?? []
    return (base, try RoleContent(parsing: rights, own: draft.ownRights ?? (draft.rights == nil ? copied?.ownNames : nil) ?? [], at: draft.scope))
  }
}
