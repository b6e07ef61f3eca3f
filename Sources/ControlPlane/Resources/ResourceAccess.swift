import Authorization
import Contract
import Kernel
import Storage

extension Work {
  /// Whose grants count for the caller; `nil` for whom the organization isn't, or who is nobody.
  func grantHolder(in organization: Organization) throws(Problem) -> GrantHolder? {
    switch try actor() {
    case .person(let person): .person(person.id, in: organization.id)
    case .machine(let machine): machine.organization == organization.id ? .machine(machine.id) : nil
    case .anonymous, .system: nil
    }
  }

  /// What a decision on the first of the chain looks at; the others are what it stands in. An empty chain is for what isn't there.
  ///
  /// With `within`, who has access to something in it, or with whom something in it is shared, may see what that is in.
  func resourceFacts(_ chain: [Resource], within: Bool = false, in organization: Organization) throws(Problem) -> ResourceFacts {
    let actor = try actor()
    var grants: [GrantFacts] = []
    if !chain.isEmpty, let holder = try grantHolder(in: organization) {
      let known = Dictionary(uniqueKeysWithValues: chain.map { ($0.id, $0.decisionID) })
      for held in try self.grants.held(by: holder, on: chain.map(\.id), within: within, sharing: chain.first) {
        let through: GrantFacts.Holder = held.team.map { .team($0.description) } ?? .caller
        if let name = known[held.resource] {
          grants.append(GrantFacts(held.role, to: through, on: name, expires: held.expires))
        } else {
          grants.append(GrantFacts(.custom(.passage), to: through, on: chain[0].decisionID, expires: held.expires))
        }
      }
    }
    grants += try outsideGrants(on: chain, in: organization)
    let rules = try rules(of: organization.id)
    let links = chain.map { resource in
      ResourceLink(
        resource.type, id: resource.decisionID, isOwn: resource.owner.map { actor.isAccount($0) } ?? false, visibility: resource.visibility,
        attributes: AccessValue.readable(rules == nil ? [] : resource.policyAttributes))
    }
    let facts = try facts(of: organization)
    guard let rules else { return ResourceFacts(organization: facts, chain: links, grants: grants) }
    return ResourceFacts(
      organization: facts, chain: links, grants: grants, rules: rules, teams: try teams.seats(of: actor, in: organization.id).keys.map(\.description).sorted(),
      callerAttributes: AccessValue.readable(try policyAttributes(of: actor)), context: AccessValue.readable(policyContext))
  }

  /// What somebody who isn't a member holds on the app that is the last of the chain.
  private func outsideGrants(on chain: [Resource], in organization: Organization) throws(Problem) -> [GrantFacts] {
    guard let app = chain.last, app.type == .app, case .person(let person) = try actor(), try facts(of: organization).membership == nil else { return [] }
    return try collaborators.held(by: person.id, on: app.id, in: organization.id).map { held in
      GrantFacts(held.role, to: .caller, on: app.decisionID, expires: held.expires)
    }
  }

  /// The organization that `reference` names, for who may ask about things in it: also for who is an outside collaborator of one of its apps, and finds
  /// nothing but that.
  func enter(_ reference: String) throws(Problem) -> Organization {
    do throws(Problem) { return try permit(ReadOrganization.self, in: reference).0 } catch {
      guard error.kind == .missing, let found = try collaborating(in: reference) else { throw error }
      return found
    }
  }

  /// The organization that `reference` names, where the caller isn't a member and an outside collaborator; else `nil`.
  func collaborating(in reference: String) throws(Problem) -> Organization? {
    guard case .person(let person) = try actor(), person.isActive, let found = try organizations.find(reference), found.state.kind != .deleted,
      person.token?.organization.map({ $0 == found.id }) ?? true, try facts(of: found).membership == nil, try collaborators.contains(person.id, in: found.id)
    else { return nil }
    return found
  }

  /// The proof that the caller may do this with the first of the chain.
  ///
  /// Refuses as `missing` what the caller may not see; where the chain is empty, what isn't there is told like that. Refusals of what they see leave an event.
  func permit<A: ResourceAction>(
    _ action: A.Type, on chain: [Resource], within: Bool = false, isSeen: Bool = false, in organization: Organization
  ) throws(Problem) -> Permit<A> {
    let facts = try resourceFacts(chain, within: within, in: organization)
    return try permit(action, on: facts, isSeen: isSeen, in: organization, target: chain.first.map { Target($0) } ?? Target(organization))
  }

  /// Whether the caller may do this now, by the same decision that the act itself will ask for.
  func isPossible<A: ResourceAction>(_ action: A.Type, _ facts: ResourceFacts) throws(Problem) -> Bool {
    switch Engine(at: now).decide(action, by: try actor().principal, on: facts) {
    case .allowed: true
    case .denied: false
    }
  }

  // MARK: Lists

  /// The most of which a list is made where policies are in force.
  private static let visibleLimit = 20_000

  /// Where policies are in force: the ids of what the caller may read, by the same rules as what is opened, the first of them by id. `nil` where none are, and for
  /// operators, who read everything.
  func visible(_ type: ResourceType, in organization: Organization) throws(Problem) -> [String]? {
    let caller: String
    switch try actor() {
    case .person(let person):
      if person.isSuperUser { return nil }
      caller = person.id.description
    case .machine(let machine): caller = machine.id.description
    case .anonymous, .system: return nil
    }
    guard try rules(of: organization.id) != nil else { return nil }
    let graph = try accessGraph(of: organization.id)
    let found = graph.resources(graph.member(caller), graph.verb(.read), of: type, graph.context(AccessValue.readable(policyContext)), at: now)
    return Array(found.map(\.id).sorted().prefix(Self.visibleLimit))
  }

  // MARK: What policies ask for

  private func policyAttributes(of actor: Actor) throws(Problem) -> [AccessValue.Attribute] {
    guard case .person(let person) = actor else { return [] }
    return AccessFactRows.attributes(ofAddress: try decisionNames.provenAddress(of: person.id))
  }

  /// What this request brings. Nobody has given a second factor, since there are none yet.
  private var policyContext: [AccessValue.Attribute] {
    [
      AccessValue.Attribute("time", .instant(now)), AccessValue.Attribute("address", .address(caller.origin.address)),
      AccessValue.Attribute("mfa", .bool(false)),
    ]
  }

  // MARK: Workspaces

  /// The workspace that `workspace` names, by id or by slug, in the organization that `reference` names, and the proof that the caller may do this with it.
  func permit<A: ResourceAction>(_ action: A.Type, on workspace: String, in reference: String) throws(Problem) -> (Organization, Workspace, Permit<A>) {
    let organization = try permit(ListWorkspaces.self, in: reference).0
    let workspace = try seenWorkspace(workspace, in: organization, else: action)
    return (organization, workspace, try permit(action, on: [workspace.resource], within: true, isSeen: true, in: organization))
  }

  /// One that the caller may see. Who would be refused the action at any other is refused it at what isn't there as well.
  private func seenWorkspace<A: ResourceAction>(_ name: String, in organization: Organization, else action: A.Type) throws(Problem) -> Workspace {
    guard let workspace = try workspaces.find(name, in: organization.id) else {
      _ = try permit(ReadWorkspace.self, on: [], in: organization)
      _ = try permit(action, on: [], isSeen: true, in: organization)
      throw Problem(.missing, "There is no such workspace here.")
    }
    if A.self != ReadWorkspace.self { _ = try permit(ReadWorkspace.self, on: [workspace.resource], within: true, in: organization) }
    return workspace
  }

  // MARK: Projects

  /// The same for a project in a place that the caller may see.
  func permit<A: ResourceAction>(
    _ action: A.Type, on project: String, at place: ProjectPlace, in reference: String
  ) throws(Problem) -> (Organization, Project, Permit<A>) {
    let organization = try permit(ListProjects.self, in: reference).0
    guard let outer = try resource(place, in: organization), let project = try projects.find(project, in: outer.id) else {
      _ = try permit(ReadProject.self, on: [], in: organization)
      _ = try permit(action, on: [], isSeen: true, in: organization)
      throw Problem(.missing, "There is no such project here.")
    }
    let chain = [project.resource, outer]
    if A.self != ReadProject.self { _ = try permit(ReadProject.self, on: chain, within: true, in: organization) }
    return (organization, project, try permit(action, on: chain, within: true, isSeen: true, in: organization))
  }

  /// What projects are in, whether the caller may see it or not.
  private func resource(_ place: ProjectPlace, in organization: Organization) throws(Problem) -> Resource? {
    switch place {
    case .workspace(let workspace): try workspaces.find(workspace, in: organization.id)?.resource
    case .cluster(let cluster): try organizationClusters.find(cluster, in: organization.id)?.resource
    }
  }

  /// What a project is in.
  func resource(of project: Project, in organization: Organization) throws(Problem) -> Resource {
    try resource(project.place.reference, in: organization).orDefect()
  }

  // MARK: Who made something

  /// The first grant on something new: its maker is its admin, if they are in the organization. Operators who aren't need none.
  func firstGrant(on resource: Resource, in organization: Organization) throws(Problem) -> Grant? {
    guard let role = ResourceRole.all(of: RoleScope(resource.type)).first else { return nil }
    let holder: Grant.Holder?
    switch try actor() {
    case .person(let person):
      holder = try members.of(person.id, in: organization.id).map { .member(id: $0.id, account: $0.account, handle: $0.handle, name: $0.name) }
    case .machine(let machine):
      holder = try serviceAccounts.find(machine.id.description, in: organization.id).map { .serviceAccount(id: $0.id, slug: $0.slug, name: $0.name) }
    case .anonymous, .system: holder = nil
    }
    return holder.map { Grant(id: tx.newID(), resource: resource.id, holder: $0, role: .resource(role), expires: nil, since: now, revision: 1) }
  }
}

extension CustomRole {
  /// What lets see a thing of the type who has access to something in it.
  static func passage(to type: ResourceType) -> CustomRole { type == .workspace || type == .cluster ? .passage : .wayIn }

  /// What everybody has on a project or an app in which something is shared with them: they see it.
  static let wayIn = CustomRole(
    id: "way-in", name: "something shared within", scope: .project,
    rights: RightSet([ResourceType.project, .app].flatMap { type in [ResourceVerb.list, .read].map { Right(type, $0) } }))

  /// What everybody has on what something stands in that they have access to: they see it and can connect to it.
  static let passage = CustomRole(
    id: "passage", name: "access to something within", scope: .workspace,
    rights: RightSet([ResourceType.workspace, .cluster].flatMap { type in [ResourceVerb.list, .read, .use].map { Right(type, $0) } }))
}

extension Resource {
  fileprivate var policyAttributes: [AccessValue.Attribute] {
    AccessFactRows.attributes(slug: slug.text, name: name.text, owner: owner?.description) + attributes.values
  }
}

extension Actor {
  fileprivate func isAccount(_ id: ID<Account>) -> Bool { if case .person(let person) = self { person.id == id } else { false } }
}
