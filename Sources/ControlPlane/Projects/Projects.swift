import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var projects: Projects { Projects(plane: self) }
}

/// The projects in workspaces.
public struct Projects: Sendable {
  let plane: ControlPlane

  /// Of one workspace, or of all, by slug. Who may not see all projects sees those that they have access to.
  public func list(
    of workspace: String? = nil, in reference: String, search: String? = nil, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<Project> {
    try await plane.read(as: caller) { work in
      let (organization, permit) = try work.permit(ListProjects.self, in: reference)
      let place = try workspace.map { workspace throws(Problem) in try work.permit(ReadWorkspace.self, on: workspace, in: reference).1.id }
      let viewer = permit.permissions.contains(.projectRead) ? nil : try work.grantHolder(in: organization)
      return try work.projects.list(
        in: organization.id, of: place, search: search, of: viewer, among: work.visible(.project, in: organization), page)
    }
  }

  /// `project`: its id or its slug in the workspace.
  public func find(_ project: String, of workspace: String, in reference: String, by caller: Caller) async throws(Problem) -> Project {
    try await plane.read(as: caller) { work in try work.permit(ReadProject.self, on: project, of: workspace, in: reference).1 }
  }

  /// What the caller may do with the project, besides reading it.
  func options(of project: Project, in organization: Organization, by caller: Caller) async throws(Problem) -> ProjectOptions {
    try await plane.read(as: caller) { work in
      let workspace = try work.workspaces.find(project.workspace.description, in: organization.id).orDefect()
      let facts = try work.resourceFacts([project.resource, workspace.resource], in: organization)
      return ProjectOptions(
        canChange: try work.isPossible(UpdateProject.self, facts),
        canDelete: try work.isPossible(DeleteProject.self, facts),
        canGrant: try work.isPossible(GiveProjectAccess.self, facts))
    }
  }

  /// Makes a project in a workspace that the caller may see; the caller is its admin.
  public func create(
    _ draft: ResourceDraft, defaultRole: String? = nil, isDefault: Bool = false, of workspace: String, in reference: String, by caller: Caller
  ) async throws(Problem) -> Project {
    try await plane.write(as: caller) { work in
      let (organization, workspace, permit) = try work.permit(CreateProject.self, on: workspace, in: reference)
      let role = try Project.defaultRole(named: defaultRole ?? ResourceRole.projectContributor.name)
      try work.expectFree(draft.slug, in: workspace)
      guard try work.resources.count(.project, within: workspace.resource.id) < Project.limit else {
        throw Problem(.tooManyProjects, "A workspace can have \(Project.limit) projects. Delete those you don't need any more.")
      }
      let resource = Resource(
        id: work.tx.newID(), organization: organization.id, type: .project, parent: workspace.resource.id, slug: draft.slug, name: draft.name,
        description: draft.description, owner: nil, visibility: .inherited, createdAt: work.now, revision: 1)
      let project = Project(resource: resource, workspaceSlug: workspace.resource.slug, defaultRole: role, isDefault: isDefault)
      if isDefault { try work.expectRoomForDefault(in: organization) }
      let first = try work.firstGrant(on: resource, in: organization)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(resource),
        [
          Change("slug", to: resource.slug.text), Change("workspace", to: workspace.resource.slug.text), Change("default_role", to: role.name),
          isDefault ? Change("default_project", to: "yes") : nil, first.map { Change("access", to: $0.logged) },
        ])
      try work.resources.insert(resource, under: proof)
      try work.projects.insert(project, under: proof)
      if let first { try work.grants.insert(first, under: proof) }
      return project
    }
  }

  /// Changes name, description, slug or the role that is given by default.
  public func update(
    _ project: String, _ update: ProjectUpdate, seen: Int?, of workspace: String, in reference: String, by caller: Caller
  ) async throws(Problem) -> Project {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(UpdateProject.self, on: project, of: workspace, in: reference)
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
        let workspace = try work.workspaces.find(before.workspace.description, in: organization.id).orDefect()
        try work.expectFree(after.resource.slug, in: workspace)
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
      return try work.projects.find(before.id.description, in: before.workspace).orDefect()
    }
  }

  /// Ends it with all access to it, for good. `confirm` is its slug, typed by a person; `nil` where nobody was asked.
  public func delete(
    _ project: String, confirm: String? = nil, seen: Int? = nil, of workspace: String, in reference: String, by caller: Caller
  ) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, project, permit) = try work.permit(DeleteProject.self, on: project, of: workspace, in: reference)
      try project.resource.expect(seen)
      try project.resource.expectConfirmed(by: confirm)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(project.resource),
        [Change("slug", from: project.resource.slug.text), Change("workspace", from: project.workspaceSlug.text)])
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

extension Work {
  fileprivate func expectRoomForDefault(in organization: Organization) throws(Problem) {
    guard try projects.defaults(in: organization.id).count < Project.defaultLimit else {
      throw Problem(.tooManyProjects, "An organization can have \(Project.defaultLimit) default projects. Make another one an ordinary project first.")
    }
  }

  fileprivate func expectFree(_ slug: Slug, in workspace: Workspace) throws(Problem) {
    guard try !resources.contains(slug, .project, in: workspace.resource.id) else {
      let reason = "Another project of this workspace is called \"\(slug)\"; choose another one."
      throw Problem(.takenName, reason, faults: [FieldFault("slug", reason)])
    }
  }
}
