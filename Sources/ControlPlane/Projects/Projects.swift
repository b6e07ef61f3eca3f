import Authorization
import Contract
public import Kernel
import Ledger
import Storage

extension ControlPlane {
  public var projects: Projects { Projects(plane: self) }
}

/// The projects in workspaces and on clusters.
public struct Projects: Sendable {
  let plane: ControlPlane

  /// Of one place, or of all, by slug. Who may not see all projects sees those that they have access to.
  public func list(
    at place: ProjectPlace?, in reference: String, search: String? = nil, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<Project> {
    try await plane.read(as: caller) { work in
      let (organization, permit) = try work.permit(ListProjects.self, in: reference)
      let place = try place.map { place throws(Problem) in try work.seen(place, in: reference).id }
      let viewer = permit.permissions.contains(.projectRead) ? nil : try work.grantHolder(in: organization)
      return try work.projects.list(
        in: organization.id, of: place, search: search, of: viewer, among: work.visible(.project, in: organization), page)
    }
  }

  /// `project`: its id or its slug in the place.
  public func find(_ project: String, at place: ProjectPlace, in reference: String, by caller: Caller) async throws(Problem) -> Project {
    try await plane.read(as: caller) { work in try work.permit(ReadProject.self, on: project, at: place, in: reference).1 }
  }

  /// What the caller may do with the project, besides reading it.
  func options(of project: Project, in organization: Organization, by caller: Caller) async throws(Problem) -> ProjectOptions {
    try await plane.read(as: caller) { work in
      let facts = try work.resourceFacts([project.resource, work.resource(of: project, in: organization)], in: organization)
      return ProjectOptions(
        canChange: try work.isPossible(UpdateProject.self, facts),
        canDelete: try work.isPossible(DeleteProject.self, facts),
        canGrant: try work.isPossible(GiveProjectAccess.self, facts))
    }
  }

  /// Makes a project in a place that the caller may see; the caller is its admin.
  public func create(
    _ draft: ResourceDraft, defaultRole: String? = nil, isDefault: Bool = false, at place: ProjectPlace, in reference: String, by caller: Caller
  ) async throws(Problem) -> Project {
    try await plane.write(as: caller) { work in
      let (organization, place, permit) = try work.permit(CreateProject.self, at: place, in: reference)
      let role = try Project.defaultRole(named: defaultRole ?? ResourceRole.projectContributor.name)
      return try work.make(draft, role, isDefault: isDefault, in: place, organization, permit)
    }
  }

  /// The caller's own project on a cluster: that of their handle, which is made where there is none. Refuses where somebody else's is called so.
  public func personal(on cluster: String, in reference: String, by caller: Caller) async throws(Problem) -> Project {
    try await plane.write(as: caller) { work in
      let (organization, place, permit) = try work.permit(CreateProject.self, at: .cluster(cluster), in: reference)
      let person = try work.person()
      guard let member = try work.members.of(person.id, in: organization.id) else {
        throw Problem(.forbidden, "Projects of their own have members of the organization.")
      }
      if let found = try work.projects.find(member.handle.key, in: place.id) {
        let held = try work.grants.held(by: .person(person.id, in: organization.id), on: [found.resource.id], within: false)
        guard held.contains(where: { $0.team == nil }) else {
          throw Problem(.takenName, "A project on this cluster that isn't yours is called \"\(member.handle)\".")
        }
        return found
      }
      let draft = try ResourceDraft(name: member.name.text, slug: member.handle.key)
      return try work.make(draft, .projectContributor, isDefault: false, in: place, organization, permit)
    }
  }

  /// Changes name, description, slug or the role that is given by default.
  public func update(
    _ project: String, _ update: ProjectUpdate, seen: Int?, at place: ProjectPlace, in reference: String, by caller: Caller
  ) async throws(Problem) -> Project {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(UpdateProject.self, on: project, at: place, in: reference)
      try before.resource.expect(seen)
      var after = before
      after.resource = try update.resource.applied(to: before.resource)
      if let name = update.defaultRole {
        after.defaultRole = try Project.defaultRole(named: name)
        // Nobody has others given what they lack themselves.
        guard after.defaultRole == before.defaultRole || GrantedRole.resource(after.defaultRole).beyond(permit.resourceRights).isEmpty else {
          throw Problem(.aboveOwnRights, "The role \(after.defaultRole.name) allows more in this project than you may do yourself.")
        }
      }
      if let isDefault = update.isDefault {
        if isDefault, !before.isDefault { try work.expectRoomForDefault(in: organization) }
        after.isDefault = isDefault
      }
      if after.resource.slug != before.resource.slug {
        try work.expectFree(after.resource.slug, in: before.place)
      }
      let changes =
        update.resource.changes(from: before.resource, to: after.resource)
        + [
          Change.of("default_role", before.defaultRole.name, after.defaultRole.name),
          .of("default_project", before.isDefault ? "yes" : "no", after.isDefault ? "yes" : "no"),
        ].compactMap { $0 }
      guard !changes.isEmpty else { return before }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(after.resource), changes)
      try work.resources.update(after.resource, under: proof)
      try work.projects.update(after, under: proof)
      return try work.projects.find(before.id.description, in: before.place.id).orDefect()
    }
  }

  /// Ends it with all access to it, for good. `confirm` is its slug, typed by a person; `nil` where nobody was asked.
  public func delete(
    _ project: String, confirm: String? = nil, seen: Int? = nil, at place: ProjectPlace, in reference: String, by caller: Caller
  ) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, project, permit) = try work.permit(DeleteProject.self, on: project, at: place, in: reference)
      try project.resource.expect(seen)
      try project.resource.expectConfirmed(by: confirm)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(project.resource),
        [Change("slug", from: project.resource.slug.text), Change(project.place.kind.rawValue, from: project.place.slug.text)])
      try work.resources.delete(project.resource.id, under: proof)
    }
  }
}

/// What a caller may do with a project as it stands, for pages to show what can be done.
struct ProjectOptions: Sendable {
  let canChange: Bool
  let canDelete: Bool
  let canGrant: Bool
}

extension Projects {
  /// Those of one workspace, or all.
  public func list(
    of workspace: String? = nil, in reference: String, search: String? = nil, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<Project> {
    try await list(at: workspace.map { .workspace($0) }, in: reference, search: search, page, by: caller)
  }

  /// One in a workspace.
  public func find(_ project: String, of workspace: String, in reference: String, by caller: Caller) async throws(Problem) -> Project {
    try await find(project, at: .workspace(workspace), in: reference, by: caller)
  }

  /// Makes one in a workspace.
  public func create(
    _ draft: ResourceDraft, defaultRole: String? = nil, isDefault: Bool = false, of workspace: String, in reference: String, by caller: Caller
  ) async throws(Problem) -> Project {
    try await create(draft, defaultRole: defaultRole, isDefault: isDefault, at: .workspace(workspace), in: reference, by: caller)
  }

  /// Changes one in a workspace.
  public func update(
    _ project: String, _ update: ProjectUpdate, seen: Int?, of workspace: String, in reference: String, by caller: Caller
  ) async throws(Problem) -> Project {
    try await self.update(project, update, seen: seen, at: .workspace(workspace), in: reference, by: caller)
  }

  /// Ends one in a workspace.
  public func delete(
    _ project: String, confirm: String? = nil, seen: Int? = nil, of workspace: String, in reference: String, by caller: Caller
  ) async throws(Problem) {
    try await delete(project, confirm: confirm, seen: seen, at: .workspace(workspace), in: reference, by: caller)
  }
}

extension Work {
  /// Makes it, with the caller as its admin.
  fileprivate func make<A: Action>(
    _ draft: ResourceDraft, _ role: ResourceRole, isDefault: Bool, in place: Project.Place, _ organization: Organization, _ permit: Permit<A>
  ) throws(Problem) -> Project {
    try expectRoom(for: .projects, in: organization)
    try expectFree(draft.slug, in: place)
    guard try resources.count(.project, within: place.id) < Project.limit else {
      throw Problem(.tooManyProjects, "A \(place.kind.rawValue) can have \(Project.limit) projects. Delete those you don't need any more.")
    }
    let resource = Resource(
      id: tx.newID(), organization: organization.id, type: .project, parent: place.id, slug: draft.slug, name: draft.name, description: draft.description,
      owner: nil, visibility: .inherited, createdAt: now, revision: 1)
    let project = Project(resource: resource, place: place, defaultRole: role, isDefault: isDefault)
    if isDefault { try expectRoomForDefault(in: organization) }
    let first = try firstGrant(on: resource, in: organization)
    let proof = try record(
      permit, in: .organization(organization.id), on: Target(resource),
      [
        Change("slug", to: resource.slug.text), Change(place.kind.rawValue, to: place.slug.text), Change("default_role", to: role.name),
        isDefault ? Change("default_project", to: "yes") : nil, first.map { Change("access", to: $0.logged) },
      ])
    try resources.insert(resource, under: proof)
    try projects.insert(project, under: proof)
    if let first { try grants.insert(first, under: proof) }
    return project
  }

  /// The one that is called `workspace/project`, or `cluster:cluster/project`.
  func project(called text: String, in organization: Organization) throws(Problem) -> Project? {
    let parts = text.split(separator: "/" as Character, maxSplits: 1).map { String($0) }
    guard parts.count == 2 else { return nil }
    let prefix = "cluster:"
    let place =
      parts[0].hasPrefix(prefix)
      ? try organizationClusters.find(String(parts[0].dropFirst(prefix.count)), in: organization.id)?.resource
      : try workspaces.find(parts[0], in: organization.id)?.resource
    return try place.flatMap { place throws(Problem) in try projects.find(parts[1], in: place.id) }
  }

  /// The place, for who may read it.
  fileprivate func seen(_ place: ProjectPlace, in reference: String) throws(Problem) -> Resource {
    switch place {
    case .workspace(let workspace): try permit(ReadWorkspace.self, on: workspace, in: reference).1.resource
    case .cluster(let cluster): try permit(ReadCluster.self, onCluster: cluster, in: reference).1.resource
    }
  }

  /// The place, and the proof that the caller may do this with it.
  fileprivate func permit<A: ResourceAction>(
    _ action: A.Type, at place: ProjectPlace, in reference: String
  ) throws(Problem) -> (Organization, Project.Place, Permit<A>) {
    switch place {
    case .workspace(let workspace):
      let (organization, found, permit) = try permit(action, on: workspace, in: reference)
      return (organization, Project.Place(.workspace, found.resource.id, found.resource.slug), permit)
    case .cluster(let cluster):
      let (organization, found, permit) = try permit(action, onCluster: cluster, in: reference)
      return (organization, Project.Place(.cluster, found.resource.id, found.resource.slug), permit)
    }
  }

  fileprivate func expectRoomForDefault(in organization: Organization) throws(Problem) {
    guard try projects.defaults(in: organization.id).count < Project.defaultLimit else {
      throw Problem(.tooManyProjects, "An organization can have \(Project.defaultLimit) default projects. Make another one an ordinary project first.")
    }
  }

  fileprivate func expectFree(_ slug: Slug, in place: Project.Place) throws(Problem) {
    guard try !resources.contains(slug, .project, in: place.id) else {
      let reason = "Another project of this \(place.kind.rawValue) is called \"\(slug)\"; choose another one."
      throw Problem(.takenName, reason, faults: [FieldFault("slug", reason)])
    }
  }
}
