import Authorization
import Contract
import Kernel

// MARK: To the wire

extension Wire.ArchivedWorkspace {
  init(_ archived: ArchivedWorkspace) {
    let (resource, state) = (archived.resource, archived.state)
    self.init(
      id: resource.id.cast(), slug: resource.slug.text, name: resource.name.text, description: resource.description.text,
      kind: Wire.WorkspaceKind(archived.kind), desiredState: Wire.DesiredWorkspaceState(state.desired), status: Wire.WorkspaceStatus(state.status),
      statusReason: state.reason, address: archived.server?.address, version: archived.server?.version, reportedAt: archived.server?.reported,
      createdAt: resource.createdAt, revision: resource.revision, grants: archived.access.grants.map(Wire.ArchivedGrant.init),
      formerGrants: archived.access.former.map(Wire.ArchivedFormerGrant.init), projects: archived.projects.map(Wire.ArchivedProject.init))
  }
}

extension Wire.ArchivedProject {
  init(_ archived: ArchivedProject) {
    let resource = archived.resource
    self.init(
      id: resource.id.cast(), slug: resource.slug.text, name: resource.name.text, description: resource.description.text,
      defaultRole: archived.defaultRole.name, createdAt: resource.createdAt, revision: resource.revision,
      grants: archived.access.grants.map(Wire.ArchivedGrant.init), formerGrants: archived.access.former.map(Wire.ArchivedFormerGrant.init))
  }
}

extension Wire.ArchivedGrant {
  init(_ grant: ArchivedGrant) {
    self.init(id: grant.id.cast(), role: grant.role.name, expiresAt: grant.expires, since: grant.since, revision: grant.revision)
    switch grant.holder {
    case .member(let id): member = id.cast()
    case .invitation(let id): invitation = id.cast()
    case .serviceAccount(let id): serviceAccount = id.cast()
    case .team(let id): team = id.cast()
    }
  }
}

extension Wire.ArchivedFormerGrant {
  init(_ grant: ArchivedAccess.FormerGrant) { self.init(account: grant.account.cast(), role: grant.role.name, expiresAt: grant.expires) }
}

// MARK: From the wire

extension ArchivedWorkspace {
  init?(_ wire: Wire.ArchivedWorkspace, of organization: ID<Organization>, at place: String, _ checker: inout FieldChecker) {
    let words = ArchivedWords(wire.slug.text, wire.name.text, wire.description.text, at: place, &checker)
    let reason = checker.check("\(place)/status_reason") { () throws(Rejection) in try Note(wire.statusReason.text) }
    var server: Workspace.Server?
    switch (wire.address, wire.reportedAt) {
    case (nil, nil): break
    case (let address?, let reported?):
      do throws(Problem) { server = try Workspace.Server(address: address, version: wire.version ?? "", reported: reported) } catch {
        for fault in error.faults { checker.reject("\(place)/\(fault.field)", fault.detail) }
      }
    default: checker.reject("\(place)/address", "A server that reported has an address and the instant in reported_at.")
    }
    let id = wire.id.cast(to: Resource.self)
    let projects = wire.projects.enumerated().compactMap { ArchivedProject($1, of: organization, in: id, at: "\(place)/projects/\($0)", &checker) }
    let access = ArchivedAccess(wire.grants, wire.formerGrants, on: .workspace, at: place, &checker)
    guard let words, let reason else { return nil }
    let state = WorkspaceState(desired: .init(wire.desiredState), status: .init(wire.status), reason: reason.text)
    self.init(
      resource: words.resource(id, .workspace, of: organization, in: nil, wire.createdAt, wire.revision), kind: wire.kind == .managed ? .managed : .enrolled,
      state: state, server: server, access: access, projects: projects)
  }
}

extension ArchivedProject {
  fileprivate init?(
    _ wire: Wire.ArchivedProject, of organization: ID<Organization>, in workspace: ID<Resource>, at place: String, _ checker: inout FieldChecker
  ) {
    let words = ArchivedWords(wire.slug.text, wire.name.text, wire.description.text, at: place, &checker)
    let role = checker.role(wire.defaultRole, on: .project, at: "\(place)/default_role")
    if role == .projectAdmin { checker.reject("\(place)/default_role", "Nobody becomes an admin by default; choose a lesser role.") }
    let access = ArchivedAccess(wire.grants, wire.formerGrants, on: .project, at: place, &checker)
    guard let words, let role else { return nil }
    self.init(
      resource: words.resource(wire.id.cast(), .project, of: organization, in: workspace, wire.createdAt, wire.revision), defaultRole: role, access: access)
  }
}

extension ArchivedAccess {
  fileprivate init(
    _ grants: [Wire.ArchivedGrant], _ former: [Wire.ArchivedFormerGrant], on type: ResourceType, at place: String, _ checker: inout FieldChecker
  ) {
    self.init(
      grants: grants.enumerated().compactMap { ArchivedGrant($1, on: type, at: "\(place)/grants/\($0)", &checker) },
      former: former.enumerated().compactMap { index, grant in
        checker.role(grant.role, on: type, at: "\(place)/former_grants/\(index)/role")
          .map { FormerGrant(account: grant.account.cast(), role: $0, expires: grant.expiresAt) }
      })
  }
}

extension ArchivedGrant {
  fileprivate init?(_ wire: Wire.ArchivedGrant, on type: ResourceType, at place: String, _ checker: inout FieldChecker) {
    let role = checker.role(wire.role, on: type, at: "\(place)/role")
    let holders: [Holder] = [
      wire.member.map { .member($0.cast()) }, wire.invitation.map { .invitation($0.cast()) }, wire.serviceAccount.map { .serviceAccount($0.cast()) },
      wire.team.map { .team($0.cast()) },
    ].compactMap { $0 }
    guard holders.count == 1 else {
      checker.reject("\(place)/member", "Give a member, an invitation, a service account or a team, and one only.")
      return nil
    }
    guard let role else { return nil }
    self.init(id: wire.id.cast(), holder: holders[0], role: role, expires: wire.expiresAt, since: wire.since, revision: wire.revision)
  }
}

extension FieldChecker {
  fileprivate mutating func role(_ name: String, on type: ResourceType, at place: String) -> ResourceRole? {
    check(place) { () throws(Rejection) in
      guard let role = ResourceRole(name, of: RoleScope(type)) else { throw Rejection("There is no such role.") }
      return role
    }
  }
}

/// What everything in the tree is called.
private struct ArchivedWords {
  let slug: Slug
  let name: DisplayName
  let description: Note

  init?(_ slug: String, _ name: String, _ description: String, at place: String, _ checker: inout FieldChecker) {
    let parsedSlug = checker.check("\(place)/slug") { () throws(Rejection) in
      let slug = try Slug(slug)
      guard slug.text == slug.key else { throw Rejection("Write it in small letters.") }
      return slug
    }
    let parsedName = checker.check("\(place)/name") { () throws(Rejection) in try DisplayName(name) }
    let parsedDescription = checker.check("\(place)/description") { () throws(Rejection) in try Note(description) }
    guard let parsedSlug, let parsedName, let parsedDescription else { return nil }
    (self.slug, self.name, self.description) = (parsedSlug, parsedName, parsedDescription)
  }

  func resource(
    _ id: ID<Resource>, _ type: ResourceType, of organization: ID<Organization>, in parent: ID<Resource>?, _ createdAt: Timestamp, _ revision: Int
  ) -> Resource {
    Resource(
      id: id, organization: organization, type: type, parent: parent, slug: slug, name: name, description: description, owner: nil, visibility: .inherited,
      createdAt: createdAt, revision: revision)
  }
}

extension WorkspaceState.Desired {
  fileprivate init(_ desired: Wire.DesiredWorkspaceState) {
    switch desired {
    case .available: self = .available
    case .deactivated: self = .deactivated
    case .deleted: self = .deleted
    }
  }
}

extension WorkspaceState.Status {
  fileprivate init(_ status: Wire.WorkspaceStatus) {
    switch status {
    case .notInitialized: self = .notInitialized
    case .pending: self = .pending
    case .available: self = .available
    case .failed: self = .failed
    case .deactivated: self = .deactivated
    case .deleted: self = .deleted
    }
  }
}
