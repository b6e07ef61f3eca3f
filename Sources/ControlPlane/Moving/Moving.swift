import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var moving: Moving { Moving(plane: self) }
}

/// Carries what people work with to another organization.
public struct Moving: Sendable {
  let plane: ControlPlane

  /// A workspace with its projects and all that stands in them, for an admin of both organizations.
  ///
  /// Who is a member of both keeps built-in roles that they hold there by themselves; all other access ends, and no project of it takes in who joins any
  /// more. Its server goes on with its key. What it used and cost stays where it was. Refuses while the organization holds credits for something that goes
  /// on, and where the other one has an object of the same name.
  public func workspace(_ workspace: String, to home: String, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> Workspace {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(MoveWorkspace.self, on: workspace, in: reference)
      try before.resource.expect(seen)
      try organization.expectAdmin(permit.permissions)
      let (other, received) = try work.home(home, for: ReceiveWorkspace.self, besides: organization)
      guard try work.resources.count(.workspace, in: other.id) < Workspace.limit else {
        throw Problem(.tooManyWorkspaces, "\(other.name) has \(Workspace.limit) workspaces already, and can't have more.")
      }
      try work.move(before.resource, permit, from: organization, received, to: other)
      return try work.workspaces.find(before.id.description, in: other.id).orDefect()
    }
  }

  /// An app with all that stands in it; the same rules. It belongs to the other organization from then on, whoever owned it, and whoever worked on it from
  /// outside is invited anew.
  public func app(_ app: String, to home: String, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> App {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(MoveApp.self, onApp: app, in: reference, inside: true)
      try before.resource.expect(seen)
      try organization.expectAdmin(permit.permissions)
      let (other, received) = try work.home(home, for: ReceiveApp.self, besides: organization)
      guard try work.resources.count(.app, in: other.id) < App.limit else {
        throw Problem(.tooManyApps, "\(other.name) has \(App.limit) apps already, and can't have more.")
      }
      guard try !work.apps.contains(before.resource.slug, in: other.id) else {
        throw Problem(.takenName, "\(other.name) has an app called \"\(before.resource.slug)\" already; change the handle of one of them first.")
      }
      try work.move(before.resource, permit, from: organization, received, to: other)
      return try work.apps.find(before.id.description, in: other.id).orDefect()
    }
  }

  /// Those that the caller may carry something to: the others that they are an admin of, by slug.
  func homes(besides organization: Organization, by caller: Caller) async throws(Problem) -> [Organization] {
    try await plane.read(as: caller) { work in
      var homes: [Organization] = []
      for other in try work.ownOrganizations() where other.id != organization.id {
        if try work.permissions(in: other).contains(.workspaceManage) { homes.append(other) }
      }
      return homes
    }
  }

  /// Whether the caller gives their password again for it.
  func availability(of workspace: Workspace, in organization: Organization, by caller: Caller) async throws(Problem) -> Availability {
    try await plane.read(as: caller) { work in try work.movable(MoveWorkspace.self, workspace.resource, in: organization) }
  }

  /// The same for an app.
  func availability(of app: App, in organization: Organization, by caller: Caller) async throws(Problem) -> Availability {
    try await plane.read(as: caller) { work in try work.movable(MoveApp.self, app.resource, in: organization) }
  }
}

extension Organization {
  /// What leaves an organization is its admins' matter, whoever manages the thing.
  fileprivate func expectAdmin(_ permissions: Set<Permission>) throws(Problem) {
    guard permissions.contains(.organizationExport) else {
      throw Problem(.forbidden, "Carrying something out of \(name) is left to its admins; ask one who is an admin of the other organization, too.")
    }
  }
}

extension Work {
  fileprivate func movable<A: ResourceAction>(_ action: A.Type, _ resource: Resource, in organization: Organization) throws(Problem) -> Availability {
    guard try permissions(in: organization).contains(.organizationExport) else { return .impossible }
    return switch Engine(at: now).decide(action, by: try actor().principal, on: try resourceFacts([resource], in: organization)) {
    case .allowed: .possible
    case .denied(.staleSignIn): .afterPassword
    case .denied: .impossible
    }
  }

  /// The other organization, and the proof that the caller may take it in there.
  fileprivate func home<A: OrganizationAction>(
    _ reference: String, for action: A.Type, besides organization: Organization
  ) throws(Problem) -> (Organization, Permit<A>) {
    do throws(Problem) {
      let (other, permit) = try permit(action, in: reference)
      guard other.id != organization.id else { throw Problem.invalid("organization", "It is in \(organization.name) already; name another organization.") }
      return (other, permit)
    } catch {
      guard error.kind == .missing else { throw error }
      throw .invalid("organization", "There is no such organization, or you don't belong to it.")
    }
  }

  fileprivate func move<A: Action, B: Action>(
    _ resource: Resource, _ permit: Permit<A>, from organization: Organization, _ received: Permit<B>, to other: Organization
  ) throws(Problem) {
    try expectNoLiveHolds(in: organization)
    let moving = MovingRows(tx: tx)
    if let taken = try moving.collision(of: resource.id, in: other.id) {
      throw Problem(.takenName, "\(other.name) has a \(taken.type) called \"\(taken.name)\" already, and names are unique there. Delete or rename one of them.")
    }
    let sent = try record(
      permit, in: .organization(organization.id), on: Target(resource), [Change("organization", from: organization.slug.text, to: other.slug.text)])
    let taken = try record(
      received, in: .organization(other.id), on: Target(resource), [Change("organization", from: organization.slug.text, to: other.slug.text)])
    try moving.move(resource.id, from: organization.id, to: other.id, under: sent)
    try accessChanges.note(.everything, in: organization.id, under: sent)
    try accessChanges.note(.everything, in: other.id, under: taken)
  }
}
