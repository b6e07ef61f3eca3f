import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var stars: Stars { Stars(plane: self) }
}

/// What people want to find again: workspaces, clusters, projects, apps.
public struct Stars: Sendable {
  let plane: ControlPlane

  /// The caller's in one organization, the newest first, as far as they may still see them.
  public func list(in reference: String, by caller: Caller) async throws(Problem) -> [Star] {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      guard let account = try work.starrer else { return [] }
      return try work.stars.list(of: account, in: organization.id).filter { star throws(Problem) in try work.mayRead(star.resource, in: organization) }
    }
  }

  /// The same, page by page.
  public func list(in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Star> {
    let keys = try page.keys(of: "stars", count: 2)
    let all = try await list(in: reference, by: caller)
    let rest = all.drop { star in keys.map { star.isNotBehind($0) } ?? false }
    let items = Array(rest.prefix(page.limit))
    let next = rest.count > items.count ? items.last.map { Cursor(list: "stars", keys: $0.keys) } : nil
    return Page(items: items, next: next, total: all.count)
  }

  /// Whether the caller has starred it.
  func contains(_ resource: ID<Resource>, by caller: Caller) async throws(Problem) -> Bool {
    try await plane.read(as: caller) { work in try work.starred(among: [resource]).contains(resource) }
  }

  /// Stars what the caller may see; again changes nothing.
  public func add(_ id: ID<Resource>, in reference: String, by caller: Caller) async throws(Problem) -> Star {
    try await plane.write(as: caller) { work in
      let (organization, resource) = try work.starrable(id, in: reference)
      let person = try work.person()
      let permit = try work.permit(SetStar.self, on: person.id)
      let present = try work.stars.list(of: person.id, in: organization.id)
      if let star = present.first(where: { $0.resource.id == id }) { return star }
      guard present.count < Star.limit else {
        throw Problem(.tooMany, "You can star \(Star.limit) things of an organization. Take some of your stars away first.")
      }
      let proof = try work.record(permit, in: .account(person.id), on: Target(resource), [Change("star", to: resource.name.text)])
      try work.stars.insert(id, of: person.id, under: proof)
      return Star(resource: resource, since: work.now)
    }
  }

  /// Takes the caller's star away; where there is none nothing changes.
  public func remove(_ id: ID<Resource>, in reference: String, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let resource = try work.starrable(id, in: reference).1
      let person = try work.person()
      let permit = try work.permit(SetStar.self, on: person.id)
      guard try work.starred(among: [id]).contains(id) else { return }
      let proof = try work.record(permit, in: .account(person.id), on: Target(resource), [Change("star", from: resource.name.text)])
      try work.stars.delete(id, of: person.id, under: proof)
    }
  }
}

extension Work {
  /// Whose stars count for the caller; `nil` for service accounts, which have none.
  var starrer: ID<Account>? { get throws(Problem) { if case .person(let person) = try actor() { person.id } else { nil } } }

  /// Which of these the caller has starred.
  func starred(among resources: [ID<Resource>]) throws(Problem) -> Set<ID<Resource>> {
    try starrer.map { account throws(Problem) in try stars.starred(by: account, among: resources) } ?? []
  }

  /// Something that the caller may see; refuses as `missing` all else.
  fileprivate func starrable(_ id: ID<Resource>, in reference: String) throws(Problem) -> (Organization, Resource) {
    guard let organization = try organizations.find(reference), organization.state.kind != .deleted, let resource = try resources.chain(of: id).first,
      resource.organization == organization.id, try mayRead(resource, in: organization)
    else {
      _ = try permit(ReadOrganization.self, in: reference)
      throw Problem(.missing, "There is no such thing here that you may see.")
    }
    return (organization, resource)
  }

  /// Whether the caller may read one of the things that have pages of their own.
  fileprivate func mayRead(_ resource: Resource, in organization: Organization) throws(Problem) -> Bool {
    let facts = try resourceFacts(resources.chain(of: resource.id), within: true, in: organization)
    switch resource.type {
    case .workspace: return try isPossible(ReadWorkspace.self, facts)
    case .cluster: return try isPossible(ReadCluster.self, facts)
    case .project: return try isPossible(ReadProject.self, facts)
    case .app: return try isPossible(ReadApp.self, facts)
    default: return false
    }
  }
}
