import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ControlPlane {
  public var apps: Apps { Apps(plane: self) }
}

/// The apps of organizations.
public struct Apps: Sendable {
  let plane: ControlPlane

  /// By slug. Who may not see all apps sees those that they have access to, and those that are open to them.
  public func list(in reference: String, _ filter: AppFilter = AppFilter(), _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<App> {
    try await plane.read(as: caller) { work in
      let (organization, permit) = try work.permit(ListApps.self, in: reference)
      let viewer = permit.permissions.contains(.appRead) ? nil : try work.grantHolder(in: organization)
      let open: [Visibility] = permit.permissions.contains(.memberList) ? [.organization, .public] : [.public]
      return try work.apps.list(
        in: organization.id, filter, starredBy: work.starrer, of: viewer, seeing: open, among: work.visible(.app, in: organization), page)
    }
  }

  /// Those that are open to everybody, of all organizations, for who is signed in; what policies keep from the caller is counted and not shown.
  public func listPublic(_ filter: AppFilter = AppFilter(), _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<PublicApp> {
    try await plane.read(as: caller) { work in
      _ = try work.person()
      let found = try work.apps.listPublic(filter, page)
      var organizations: [ID<Organization>: Organization] = [:]
      var seen: [PublicApp] = []
      let starred = try work.starred(among: found.items.map(\.resource.id))
      for app in found.items {
        let id = app.resource.organization
        if organizations[id] == nil { organizations[id] = try work.organizations.find(id) }
        guard let organization = organizations[id] else { continue }
        let facts = try work.resourceFacts([app.resource], in: organization)
        guard try work.isPossible(ReadApp.self, facts) else { continue }
        seen.append(PublicApp(organization: organization, app: app, isStarred: starred.contains(app.resource.id)))
      }
      return Page(items: seen, next: found.next, total: found.total)
    }
  }

  /// `app`: its id or its slug. What is public everybody finds who is signed in.
  public func find(_ app: String, in reference: String, by caller: Caller) async throws(Problem) -> App {
    try await plane.read(as: caller) { work in try work.permit(ReadApp.self, onApp: app, in: reference).1 }
  }

  /// The same with whether the caller has starred it, and what they may do with it.
  func open(_ app: String, in reference: String, by caller: Caller) async throws(Problem) -> (app: App, isStarred: Bool, options: AppOptions) {
    try await plane.read(as: caller) { work in
      let (organization, app, _) = try work.permit(ReadApp.self, onApp: app, in: reference)
      let facts = try work.resourceFacts([app.resource], in: organization)
      // What tells of others there is left to who is in the organization.
      let isInside = try work.availability(of: ListApps.self, in: organization) == .possible
      let options = AppOptions(
        isInside: isInside, canChange: try work.isPossible(UpdateApp.self, facts), canDelete: try work.isPossible(DeleteApp.self, facts),
        canGrant: try isInside && work.isPossible(GiveAppAccess.self, facts), canSeeAccess: try isInside && work.isPossible(ListAppAccess.self, facts),
        canSeeCollaborators: try isInside && work.isPossible(ListCollaborators.self, facts),
        canTransfer: try isInside && app.resource.owner != nil && work.isPossible(TransferApp.self, facts))
      return (app, try work.starred(among: [app.resource.id]).contains(app.resource.id), options)
    }
  }

  /// Which of these the caller has starred.
  func starred(among apps: [App], by caller: Caller) async throws(Problem) -> Set<ID<Resource>> {
    try await plane.read(as: caller) { work in try work.starred(among: apps.map(\.resource.id)) }
  }

  /// Makes an app, on which the caller has full access. With `isOwn` it is the caller's, until they hand it over; else the organization's.
  public func create(
    _ draft: ResourceDraft, _ details: AppUpdate = AppUpdate(), isOwn: Bool = false, in reference: String, by caller: Caller
  ) async throws(Problem) -> App {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CreateApp.self, in: reference)
      let owner = isOwn ? try work.person().id : nil
      let empty = App(
        resource: work.resource(of: draft, ownedBy: owner, in: organization), notes: .empty, isTemplate: false, image: nil, ownerName: nil, stars: 0,
        changedAt: work.now)
      return try work.make(details.applied(to: empty), in: organization, permit)
    }
  }

  /// Changes name, slug, description, notes, who sees it, or whether it is a template.
  public func update(_ app: String, _ update: AppUpdate, seen: Int?, in reference: String, by caller: Caller) async throws(Problem) -> App {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(UpdateApp.self, onApp: app, in: reference)
      try before.resource.expect(seen)
      let after = try update.applied(to: before)
      if after.resource.slug != before.resource.slug { try work.expectFree(after.resource.slug, in: organization) }
      let changes = update.changes(from: before, to: after)
      guard !changes.isEmpty else { return before }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(after.resource), changes)
      try work.resources.update(after.resource, under: proof)
      try work.apps.update(after, under: proof)
      return try work.apps.find(before.id.description, in: organization.id).orDefect()
    }
  }

  /// Gives it a picture, or takes it away.
  public func setImage(_ image: Image?, of app: String, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> App {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(UpdateApp.self, onApp: app, in: reference)
      try before.resource.expect(seen)
      guard before.image != image?.digest else { return before }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(before.resource), [Change("image", from: before.image?.text, to: image?.digest.text)])
      try work.images.keep(image, under: proof)
      try work.apps.setImage(before, image?.digest, under: proof)
      try work.images.forget(before.image, under: proof)
      try work.resources.update(before.resource, under: proof)
      return try work.apps.find(before.id.description, in: organization.id).orDefect()
    }
  }

  /// Lets the organization own what a member owned. Who has access keeps it.
  public func transfer(_ app: String, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> App {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(TransferApp.self, onApp: app, in: reference)
      try before.resource.expect(seen)
      guard let owner = before.resource.owner else { return before }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(before.resource),
        [Change("owner", from: before.ownerName?.text ?? owner.description, to: organization.name.text)])
      try work.apps.release(before, under: proof)
      try work.resources.update(before.resource, under: proof)
      return try work.apps.find(before.id.description, in: organization.id).orDefect()
    }
  }

  /// Makes an app with what is said of another: description, notes, picture. Access, stars and what is in it aren't copied, and it is private at first.
  public func duplicate(_ app: String, _ copy: AppCopy, in reference: String, by caller: Caller) async throws(Problem) -> App {
    try await plane.write(as: caller) { work in
      let (home, original, _) = try work.permit(ReadApp.self, onApp: app, in: reference)
      let (organization, permit) = try work.permit(CreateApp.self, in: copy.organization ?? home.id.description)
      var resource = work.resource(of: copy.draft, ownedBy: nil, in: organization)
      if resource.description.isEmpty { resource.description = original.resource.description }
      let made = App(
        resource: resource, notes: original.notes, isTemplate: false, image: original.image, ownerName: nil, stars: 0, changedAt: work.now)
      return try work.make(made, in: organization, permit, copying: original)
    }
  }

  /// Ends it with all access to it, for good. `confirm` is its slug, typed by a person; `nil` where nobody was asked.
  public func delete(
    _ app: String, confirm: String? = nil, seen: Int? = nil, in reference: String, by caller: Caller
  ) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, app, permit) = try work.permit(DeleteApp.self, onApp: app, in: reference)
      try app.resource.expect(seen)
      try app.resource.expectConfirmed(by: confirm)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(app.resource), [Change("slug", from: app.resource.slug.text)])
      try work.resources.delete(app.resource.id, under: proof)
      try work.images.forget(app.image, under: proof)
    }
  }
}

/// What a caller may do with an app as it stands, for pages to show what can be done.
struct AppOptions: Sendable {
  /// Whether they are in the organization, and no outside collaborator or passer-by.
  let isInside: Bool
  let canChange: Bool
  let canDelete: Bool
  let canGrant: Bool
  let canSeeAccess: Bool
  let canSeeCollaborators: Bool
  let canTransfer: Bool
}

extension Work {
  /// The app that is named, by slug or by id, of the organization that `reference` names, and the proof that the caller may do this with it. Who isn't in the
  /// organization finds what is public and what they are an outside collaborator of, and nothing else.
  ///
  /// - Parameter inside: whether it is left to who is in the organization, since it tells of others there.
  func permit<A: ResourceAction>(
    _ action: A.Type, onApp app: String, in reference: String, inside: Bool = false
  ) throws(Problem) -> (Organization, App, Permit<A>) {
    let organization: Organization
    do throws(Problem) { organization = try permit(ListApps.self, in: reference).0 } catch {
      guard error.kind == .missing, !inside, let (home, found) = try appFromOutside(app, in: reference, looking: A.self == ReadApp.self) else { throw error }
      return (home, found, try permit(action, on: [found.resource], isSeen: true, in: home))
    }
    guard let found = try apps.find(app, in: organization.id) else {
      _ = try permit(ReadApp.self, on: [], in: organization)
      _ = try permit(action, on: [], isSeen: true, in: organization)
      throw Problem(.missing, "There is no such app here.")
    }
    if A.self != ReadApp.self { _ = try permit(ReadApp.self, on: [found.resource], within: true, in: organization) }
    return (organization, found, try permit(action, on: [found.resource], within: true, isSeen: true, in: organization))
  }

  /// An app that the caller sees without being in its organization: as an outside collaborator, or where they only look at it because it is public.
  private func appFromOutside(_ app: String, in reference: String, looking: Bool) throws(Problem) -> (Organization, App)? {
    guard case .person(let person) = try actor(), let home = try organizations.find(reference), home.state.kind != .deleted,
      let found = try apps.find(app, in: home.id)
    else { return nil }
    if !looking { guard try !collaborators.held(by: person.id, on: found.resource.id, in: home.id).isEmpty else { return nil } }
    return try isPossible(ReadApp.self, resourceFacts([found.resource], in: home)) ? (home, found) : nil
  }

  fileprivate func resource(of draft: ResourceDraft, ownedBy owner: ID<Account>?, in organization: Organization) -> Resource {
    Resource(
      id: tx.newID(), organization: organization.id, type: .app, parent: nil, slug: draft.slug, name: draft.name, description: draft.description, owner: owner,
      visibility: .private, createdAt: now, revision: 1)
  }

  fileprivate func make<A: Action>(
    _ app: App, in organization: Organization, _ permit: Permit<A>, copying original: App? = nil
  ) throws(Problem) -> App {
    try expectFree(app.resource.slug, in: organization)
    guard try resources.count(.app, in: organization.id) < App.limit else {
      throw Problem(.tooManyApps, "An organization can have \(App.limit) apps. Delete those you don't need any more.")
    }
    let first = try firstGrant(on: app.resource, in: organization)
    let proof = try record(
      permit, in: .organization(organization.id), on: Target(app.resource),
      [
        Change("slug", to: app.resource.slug.text), Change("visibility", to: app.resource.visibility.rawValue),
        app.resource.owner.map { Change("owner", to: $0.description) }, original.map { Change("copy_of", to: $0.resource.slug.text) },
        first.map { Change("access", to: $0.logged) },
      ])
    try resources.insert(app.resource, under: proof)
    try apps.insert(app, under: proof)
    if let first { try grants.insert(first, under: proof) }
    return try apps.find(app.id.description, in: organization.id).orDefect()
  }

  fileprivate func expectFree(_ slug: Slug, in organization: Organization) throws(Problem) {
    guard try !apps.contains(slug, in: organization.id) else {
      let reason = "Another app of this organization is called \"\(slug)\"; choose another one."
      throw Problem(.takenName, reason, faults: [FieldFault("slug", reason)])
    }
  }
}
