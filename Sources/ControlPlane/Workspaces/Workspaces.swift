import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ControlPlane {
  public var workspaces: Workspaces { Workspaces(plane: self) }
}

/// The workspaces of organizations, and the servers that report for them.
public struct Workspaces: Sendable {
  let plane: ControlPlane

  /// By slug. Who may not see all workspaces sees those that they have access to, or to a project in which.
  public func list(in reference: String, search: String? = nil, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Workspace> {
    try await plane.read(as: caller) { work in
      let (organization, permit) = try work.permit(ListWorkspaces.self, in: reference)
      let viewer = permit.permissions.contains(.workspaceRead) ? nil : try work.grantHolder(in: organization)
      return try work.workspaces.list(in: organization.id, search: search, of: viewer, among: work.visible(.workspace, in: organization), page)
    }
  }

  /// Those that the caller may see in whichever of their organizations, or in one, by id or by slug: by organization and slug.
  ///
  /// `slug`: the only one of that slug; `address`: those whose server said so.
  public func everywhere(
    slug: String? = nil, address: String? = nil, in reference: String? = nil, by caller: Caller
  ) async throws(Problem) -> [(workspace: Workspace, organization: Organization)] {
    try await plane.read(as: caller) { work in
      let organizations = try reference.map { [try work.permit(ListWorkspaces.self, in: $0).0] } ?? work.ownOrganizations()
      var found: [(workspace: Workspace, organization: Organization)] = []
      for organization in organizations {
        let permit = try work.permit(ListWorkspaces.self, on: organization)
        let viewer = permit.permissions.contains(.workspaceRead) ? nil : try work.grantHolder(in: organization)
        let visible = try work.visible(.workspace, in: organization)
        var page: PageRequest? = try PageRequest(limit: 200)
        while let request = page {
          let part = try work.workspaces.list(in: organization.id, search: slug, at: address, of: viewer, among: visible, request)
          found += part.items.filter { slug == nil || $0.resource.slug.text == slug?.lowercased() }.map { ($0, organization) }
          page = try part.next.map { cursor throws(Problem) in try PageRequest(limit: 200, cursor: cursor) }
        }
      }
      return found
    }
  }

  /// The same for one of them, by id or by slug.
  public func find(anywhere reference: String, by caller: Caller) async throws(Problem) -> (workspace: Workspace, organization: Organization) {
    try await plane.read(as: caller) { work in try work.connecting(to: reference) }
  }

  /// `workspace`: its id or its slug.
  public func find(_ workspace: String, in reference: String, by caller: Caller) async throws(Problem) -> Workspace {
    try await plane.read(as: caller) { work in try work.permit(ReadWorkspace.self, on: workspace, in: reference).1 }
  }

  /// What the caller may do with the workspace, besides reading it.
  func options(of workspace: Workspace, in organization: Organization, by caller: Caller) async throws(Problem) -> WorkspaceOptions {
    try await plane.read(as: caller) { work in
      let facts = try work.resourceFacts([workspace.resource], in: organization)
      return WorkspaceOptions(
        canChange: try work.isPossible(UpdateWorkspace.self, facts),
        canDelete: try work.isPossible(DeleteWorkspace.self, facts),
        canCreateProjects: try work.isPossible(CreateProject.self, facts),
        canSeeAccess: try work.isPossible(ListWorkspaceAccess.self, facts), canGrant: try work.isPossible(GiveWorkspaceAccess.self, facts))
    }
  }

  /// Makes the place for a workspace whose server its people run. The caller is its admin; the key for the server is told only now.
  public func enroll(_ draft: ResourceDraft, in reference: String, by caller: Caller) async throws(Problem) -> NewWorkspace {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CreateWorkspace.self, in: reference)
      try work.expectFree(draft.slug)
      guard try work.resources.count(.workspace, in: organization.id) < Workspace.limit else {
        throw Problem(.tooManyWorkspaces, "An organization can have \(Workspace.limit) workspaces. Delete those you don't need any more.")
      }
      let resource = Resource(
        id: work.tx.newID(), organization: organization.id, type: .workspace, parent: nil, slug: draft.slug, name: draft.name, description: draft.description,
        owner: nil, visibility: .inherited, createdAt: work.now, revision: 1)
      let token = Token.mint(.workspaceEnrolment, work.tx.moment)
      let workspace = Workspace(
        resource: resource, kind: .enrolled, state: .enrolled, server: nil, key: .init(hint: token.hint, made: work.now), projects: 0)
      let first = try work.firstGrant(on: resource, in: organization)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(resource),
        [Change("slug", to: resource.slug.text), Change("key", to: token.hint), first.map { Change("access", to: $0.logged) }])
      try work.resources.insert(resource, under: proof)
      try work.workspaces.insert(workspace, key: token.digest, under: proof)
      if let first { try work.grants.insert(first, under: proof) }
      return work.fresh(workspace, token, in: organization)
    }
  }

  /// Changes name, description or slug; scripts, addresses and its server hang on the slug.
  public func update(
    _ workspace: String, _ update: ResourceUpdate, seen: Int?, in reference: String, by caller: Caller
  ) async throws(Problem) -> Workspace {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(UpdateWorkspace.self, on: workspace, in: reference)
      try before.resource.expect(seen)
      let after = try update.applied(to: before.resource)
      if after.slug != before.resource.slug { try work.expectFree(after.slug) }
      let changes = update.changes(from: before.resource, to: after)
      guard !changes.isEmpty else { return before }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(after), changes)
      try work.resources.update(after, under: proof)
      return try work.workspaces.find(before.id.description, in: organization.id).orDefect()
    }
  }

  /// Lets nobody and no server in until it is activated again.
  public func deactivate(_ workspace: String, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> Workspace {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(DeactivateWorkspace.self, on: workspace, in: reference)
      return try work.set(before, before.state.deactivated(), seen: seen, in: organization, permit)
    }
  }

  /// Lets its server in again, as it was before.
  public func activate(_ workspace: String, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> Workspace {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(ActivateWorkspace.self, on: workspace, in: reference)
      return try work.set(before, before.state.activated(isKnown: before.server != nil), seen: seen, in: organization, permit)
    }
  }

  /// Makes a new key for its server; the old one opens nothing any more.
  public func renewKey(of workspace: String, in reference: String, by caller: Caller) async throws(Problem) -> NewWorkspace {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(RenewWorkspaceKey.self, on: workspace, in: reference)
      let token = Token.mint(.workspaceEnrolment, work.tx.moment)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(before.resource), [Change("key", from: before.key?.hint, to: token.hint)])
      try work.workspaces.setKey(before.id, token.digest, hint: token.hint, under: proof)
      return work.fresh(try work.workspaces.find(before.id.description, in: organization.id).orDefect(), token, in: organization)
    }
  }

  /// Ends it with its projects and all access to them, for good. `confirm` is its slug, typed by a person; `nil` where nobody was asked.
  public func delete(
    _ workspace: String, confirm: String? = nil, seen: Int? = nil, in reference: String, by caller: Caller
  ) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, workspace, permit) = try work.permit(DeleteWorkspace.self, on: workspace, in: reference)
      try workspace.resource.expect(seen)
      try workspace.resource.expectConfirmed(by: confirm)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(workspace.resource),
        [Change("slug", from: workspace.resource.slug.text), Change("projects", from: String(workspace.projects))])
      try work.resources.delete(workspace.resource.id, under: proof)
    }
  }
}

/// What a caller may do with a workspace as it stands, for pages to show what can be done.
struct WorkspaceOptions: Sendable {
  let canChange: Bool
  let canDelete: Bool
  let canCreateProjects: Bool
  let canSeeAccess: Bool
  let canGrant: Bool
}

extension Work {
  fileprivate func expectFree(_ slug: Slug) throws(Problem) {
    guard try !resources.containsWorkspace(slug) else {
      let reason = "A workspace of this installation is called \"\(slug)\"; choose another one."
      throw Problem(.takenName, reason, faults: [FieldFault("slug", reason)])
    }
  }

  fileprivate func set<A: Action>(
    _ before: Workspace, _ state: WorkspaceState, seen: Int?, in organization: Organization, _ permit: Permit<A>
  ) throws(Problem) -> Workspace {
    try before.resource.expect(seen)
    guard state != before.state else { return before }
    let proof = try record(
      permit, in: .organization(organization.id), on: Target(before.resource),
      [Change.of("desired", before.state.desired.rawValue, state.desired.rawValue), .of("status", before.state.status.rawValue, state.status.rawValue)])
    var after = before
    after.state = state
    try workspaces.update(after, under: proof)
    try resources.update(before.resource, under: proof)
    return try workspaces.find(before.id.description, in: organization.id).orDefect()
  }

  fileprivate func fresh(_ workspace: Workspace, _ token: Token, in organization: Organization) -> NewWorkspace {
    NewWorkspace(
      workspace: workspace, secret: token.secret,
      settings: ServerSetting.all(of: workspace, in: organization, at: settings, key: token.secret.reveal()))
  }
}
