import Authorization
import Contract
import Kernel
import Storage

/// A thing on which access is looked at or changed, and what the caller may do there.
struct GrantPlace: Sendable {
  let organization: Organization
  /// The thing first, then what it stands in.
  let chain: [Resource]
  /// What the caller may do in the organization, by role.
  let permissions: Set<Permission>
  /// What the caller may do on the thing, and so may give to others.
  let rights: RightSet
  /// Of who gets access without a role being told; `nil` where one must be told.
  let defaultRole: ResourceRole?

  var resource: Resource { chain[0] }

  /// Refuses a role that allows what the caller may not do here: nobody gives it, changes it or takes it away.
  func expectWithin(_ role: GrantedRole) throws(Problem) {
    guard role.beyond(rights).isEmpty else {
      throw Problem(.aboveOwnRights, "The role \(role.short) allows more in this \(resource.type.noun) than you may do yourself; ask one of its admins.")
    }
  }

  /// Whether the caller answers for everything of its type by their role in the organization.
  var isResponsibleByRole: Bool {
    switch resource.type {
    case .project: permissions.contains(.projectManage)
    case .cluster: permissions.contains(.clusterManage)
    case .app: permissions.contains(.appManage)
    default: permissions.contains(.workspaceManage)
    }
  }
}

extension Grant {
  static let past = Problem.invalid("expires_at", "Choose an instant in the future, or none.")

  static func exists(_ holder: Holder, _ role: GrantedRole) -> Problem {
    Problem(.alreadyGranted, "\(holder.name) has the role \(role.short) here already. Change when it ends instead.")
  }
}

extension Work {
  /// The thing, for who may see who has access to it: whom a role lets read it, and not who sees a workspace because of something in it.
  func reading(_ reference: ResourceReference, in organization: String) throws(Problem) -> GrantPlace {
    switch reference {
    case .workspace(let workspace):
      let (organization, workspace, _) = try permit(ReadWorkspace.self, on: workspace, in: organization)
      return place(workspace, in: organization, try permit(ListWorkspaceAccess.self, on: [workspace.resource], in: organization))
    case .cluster(let cluster):
      let (organization, cluster, _) = try permit(ReadCluster.self, onCluster: cluster, in: organization)
      return place(cluster, in: organization, try permit(ListClusterAccess.self, on: [cluster.resource], in: organization))
    case .projectAt(let project, let outer):
      let (organization, project, _) = try permit(ReadProject.self, on: project, at: outer, in: organization)
      let chain = [project.resource, try resource(of: project, in: organization)]
      return try place(project, in: organization, try permit(ReadProject.self, on: chain, in: organization))
    case .app(let app):
      let (organization, app, _) = try permit(ReadApp.self, onApp: app, in: organization, inside: true)
      return place(app, in: organization, try permit(ListAppAccess.self, on: [app.resource], in: organization))
    }
  }

  /// Appends the event of what was done to access, and answers the proof.
  typealias GrantRecorder = ([Change?]) throws(Problem) -> Recorded

  func giving<Value>(
    on reference: ResourceReference, in organization: String, _ body: (GrantPlace, GrantRecorder) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    try changing(GiveWorkspaceAccess.self, GiveProjectAccess.self, GiveClusterAccess.self, GiveAppAccess.self, on: reference, in: organization, body)
  }

  func updating<Value>(
    on reference: ResourceReference, in organization: String, _ body: (GrantPlace, GrantRecorder) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    try changing(UpdateWorkspaceAccess.self, UpdateProjectAccess.self, UpdateClusterAccess.self, UpdateAppAccess.self, on: reference, in: organization, body)
  }

  func withdrawing<Value>(
    on reference: ResourceReference, in organization: String, _ body: (GrantPlace, GrantRecorder) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    try changing(
      WithdrawWorkspaceAccess.self, WithdrawProjectAccess.self, WithdrawClusterAccess.self, WithdrawAppAccess.self, on: reference, in: organization, body)
  }

  /// For who gives up what is their own.
  func leaving<Value>(
    on reference: ResourceReference, in organization: String, _ body: (GrantPlace, GrantRecorder) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    try changing(LeaveWorkspace.self, LeaveProject.self, LeaveCluster.self, LeaveApp.self, on: reference, in: organization, body)
  }

  private func changing<A: ResourceAction, B: ResourceAction, C: ResourceAction, D: ResourceAction, Value>(
    _ ofWorkspace: A.Type, _ ofProject: B.Type, _ ofCluster: C.Type, _ ofApp: D.Type, on reference: ResourceReference, in organization: String,
    _ body: (GrantPlace, GrantRecorder) throws(Problem) -> Value
  ) throws(Problem) -> Value {
    switch reference {
    case .workspace(let workspace):
      let (organization, workspace, permit) = try permit(ofWorkspace, on: workspace, in: organization)
      return try body(place(workspace, in: organization, permit)) { changes throws(Problem) in
        try record(permit, in: .organization(organization.id), on: Target(workspace.resource), changes)
      }
    case .cluster(let cluster):
      let (organization, cluster, permit) = try permit(ofCluster, onCluster: cluster, in: organization)
      return try body(place(cluster, in: organization, permit)) { changes throws(Problem) in
        try record(permit, in: .organization(organization.id), on: Target(cluster.resource), changes)
      }
    case .projectAt(let project, let outer):
      let (organization, project, permit) = try permit(ofProject, on: project, at: outer, in: organization)
      return try body(place(project, in: organization, permit)) { changes throws(Problem) in
        try record(permit, in: .organization(organization.id), on: Target(project.resource), changes)
      }
    case .app(let app):
      let (organization, app, permit) = try permit(ofApp, onApp: app, in: organization, inside: true)
      return try body(place(app, in: organization, permit)) { changes throws(Problem) in
        try record(permit, in: .organization(organization.id), on: Target(app.resource), changes)
      }
    }
  }

  private func place<A: Action>(_ workspace: Workspace, in organization: Organization, _ permit: Permit<A>) -> GrantPlace {
    GrantPlace(
      organization: organization, chain: [workspace.resource], permissions: permit.permissions, rights: permit.resourceRights, defaultRole: nil)
  }

  private func place<A: Action>(_ app: App, in organization: Organization, _ permit: Permit<A>) -> GrantPlace {
    GrantPlace(organization: organization, chain: [app.resource], permissions: permit.permissions, rights: permit.resourceRights, defaultRole: nil)
  }

  private func place<A: Action>(_ cluster: OrganizationCluster, in organization: Organization, _ permit: Permit<A>) -> GrantPlace {
    GrantPlace(
      organization: organization, chain: [cluster.resource], permissions: permit.permissions, rights: permit.resourceRights, defaultRole: cluster.defaultRole)
  }

  private func place<A: Action>(_ project: Project, in organization: Organization, _ permit: Permit<A>) throws(Problem) -> GrantPlace {
    GrantPlace(
      organization: organization, chain: [project.resource, try resource(of: project, in: organization)], permissions: permit.permissions,
      rights: permit.resourceRights, defaultRole: project.defaultRole)
  }

  /// The role of that name, or the default one. Refuses what is no role there, such as one of another level.
  func role(named name: String?, at place: GrantPlace, for candidate: GrantCandidate? = nil) throws(Problem) -> GrantedRole {
    if let name { return try resourceRole(named: name, on: place.resource.type, in: place.organization) }
    // A team has a role of its own for apps that it is added to without one.
    if place.resource.type == .app, case .team(let team)? = candidate, let role = try teams.find(team, in: place.organization.id)?.defaultRole {
      return .resource(role)
    }
    guard let role = place.defaultRole else {
      throw .invalid("role", "Choose a role: \(ResourceRole.all(of: RoleScope(place.resource.type)).map(\.name).joined(separator: ", ")).")
    }
    return .resource(role)
  }

  // MARK: Rules

  /// One on the thing. That of an invitation isn't there for who may not see invitations.
  func grant(_ id: ID<Grant>, at place: GrantPlace) throws(Problem) -> Grant {
    guard let grant = try grants.find(id, on: place.resource.id), grant.holder.kind != .invitation || place.permissions.contains(.invitationList) else {
      throw Problem(.missing, "There is no such access here.")
    }
    return grant
  }

  /// Whether there is such access, and it is the caller's.
  func isOwn(_ id: ID<Grant>, on reference: ResourceReference, in organization: String) throws(Problem) -> Bool {
    do throws(Problem) {
      guard let grant = try grants.find(id, on: reading(reference, in: organization).resource.id) else { return false }
      return try isOwn(grant)
    } catch {
      guard error.kind == .missing else { throw error }
      return false
    }
  }

  /// Whether it is the caller's, and not that of a team they are in.
  private func isOwn(_ grant: Grant) throws(Problem) -> Bool {
    switch (grant.holder, try actor()) {
    case (.member(_, let account, _, _), .person(let person)): account == person.id
    case (.serviceAccount(let id, _, _), .machine(let machine)): id == machine.id
    default: false
    }
  }

  /// Refuses to leave a project without an admin of its own, unless somebody does it who answers for all projects by their role in the organization: they
  /// remain responsible. One counts who is in force and has the role by themselves and for good.
  func expectLastingAdmin(without grant: Grant, at place: GrantPlace) throws(Problem) {
    guard grant.role.isBuiltIn(.projectAdmin), !place.isResponsibleByRole, grant.expires == nil, case .member = grant.holder else { return }
    guard try grants.hasLasting(.projectAdmin, on: place.resource.id, beside: grant.id) else {
      throw Problem(.lastResourceAdmin, "\(grant.holder.name) is the project's last admin. Make somebody else an admin first.")
    }
  }

  /// Refuses to hand on, by a team or by taking somebody back, what the caller may not do themselves.
  func expectWithinReach(_ held: [HeldGrant], in organization: Organization, _ permissions: Set<Permission>) throws(Problem) {
    // Who may do everything reaches everything.
    guard permissions != Permission.all else { return }
    var rights: [ID<Resource>: RightSet] = [:]
    for grant in held {
      if rights[grant.resource] == nil {
        rights[grant.resource] = Engine(at: now).rights(of: try actor().principal, on: try resourceFacts(resources.chain(of: grant.resource), in: organization))
      }
      guard grant.role.beyond(rights[grant.resource] ?? []).isEmpty else {
        throw Problem(.aboveOwnRights, "With this comes access, as \(grant.role.name), to what you may not do yourself. Ask an admin.")
      }
    }
  }

  /// The clusters and the default projects that who joins with these roles gets access to: who takes part in the organization, and neither guests nor those who
  /// only pay.
  func defaultProjects(for roles: RoleSet, in organization: ID<Organization>) throws(Problem) -> [DefaultPlace] {
    guard roles.roles.contains(where: \.seesWhatIsOpen) else { return [] }
    return try organizationClusters.all(in: organization).map { DefaultPlace($0) } + projects.defaults(in: organization).map { DefaultPlace($0) }
  }

  /// Lets a new member into them, and gives them their share of the credits where the organization says how much it is.
  func giveDefaults(_ places: [DefaultPlace], to member: Member, under proof: Recorded) throws(Problem) {
    try shareCredits(with: member, under: proof)
    let holder = Grant.Holder.member(id: member.id, account: member.account, handle: member.handle, name: member.name)
    for place in places {
      try grants.insert(
        Grant(id: tx.newID(), resource: place.resource, holder: holder, role: .resource(place.role), expires: nil, since: now, revision: 1), under: proof)
    }
  }

  /// Gives a former member back what they had, on the things that are still there; what they have already stays as it is.
  func restoreGrants(_ grants: [HeldGrant], to member: Member, under proof: Recorded) throws(Problem) {
    let holder = Grant.Holder.member(id: member.id, account: member.account, handle: member.handle, name: member.name)
    for held in grants where try self.grants.find(holder, held.role, on: held.resource) == nil {
      try self.grants.insert(
        Grant(id: tx.newID(), resource: held.resource, holder: holder, role: held.role, expires: held.expires, since: now, revision: 1), under: proof)
    }
  }

  // MARK: Who is meant

  /// Whoever names somebody must be allowed to see whether they are here.
  func holder(_ candidate: GrantCandidate, in organization: Organization, _ permissions: Set<Permission>) throws(Problem) -> Grant.Holder {
    let text = candidate.text
    switch candidate {
    case .member:
      try expect(.memberList, among: permissions)
      if let found = try memberOrInvitation(text, in: organization, permissions) { return found }
      throw .invalid("holder", "No member has this handle or address. Look it up in the list of members, or invite the person first.")
    case .serviceAccount:
      try expect(.serviceAccountRead, among: permissions)
      if let found = try machine(text, in: organization) { return found }
      throw .invalid("holder", "There is no such service account here.")
    case .invitation:
      try expect(.invitationList, among: permissions)
      if let found = try openInvitation(text, in: organization) { return found }
      throw .invalid("holder", "There is no such open invitation here.")
    case .team:
      if let found = try team(text, in: organization, permissions) { return found }
      throw .invalid("holder", "There is no such team that you may see.")
    case .anybody:
      try expect(.memberList, among: permissions)
      if let found = try memberOrInvitation(text, in: organization, permissions) { return found }
      if permissions.contains(.serviceAccountRead), let found = try machine(text, in: organization) { return found }
      if let found = try team(text, in: organization, permissions) { return found }
      throw .invalid("holder", "Nobody here is called so, and no team. Look in the list of members, or invite the person first.")
    }
  }

  private func expect(_ permission: Permission, among permissions: Set<Permission>) throws(Problem) {
    guard permissions.contains(permission) else {
      throw Problem(.forbidden, "You can give access only to whom you may see, and your roles don't let you \(permission.deed). Ask an admin.")
    }
  }

  private func memberOrInvitation(_ text: String, in organization: Organization, _ permissions: Set<Permission>) throws(Problem) -> Grant.Holder? {
    var member = try account(by: text).flatMap { account throws(Problem) in try members.of(account.id, in: organization.id) }
    if member == nil, let id = ID<Member>(text) { member = try members.find(id, in: organization.id) }
    if let member { return .member(id: member.id, account: member.account, handle: member.handle, name: member.name) }
    guard permissions.contains(.invitationList), text.contains("@") else { return nil }
    return try openInvitation(text, in: organization)
  }

  private func openInvitation(_ text: String, in organization: Organization) throws(Problem) -> Grant.Holder? {
    let found: Invitation? =
      if let id = ID<Invitation>(text) { try invitations.find(id, in: organization.id) }
      else if let address = try? EmailAddress(text) { try invitations.open(address, in: organization.id) }
      else { nil }
    guard let found, found.state(at: now) == .pending else { return nil }
    return .invitation(id: found.id, address: found.address)
  }

  private func machine(_ text: String, in organization: Organization) throws(Problem) -> Grant.Holder? {
    try serviceAccounts.find(text, in: organization.id).map { .serviceAccount(id: $0.id, slug: $0.slug, name: $0.name) }
  }

  private func team(_ text: String, in organization: Organization, _ permissions: Set<Permission>) throws(Problem) -> Grant.Holder? {
    guard let team = try teams.find(text, in: organization.id) else { return nil }
    let seat = try teams.seat(of: actor(), in: team)
    guard permissions.contains(.teamRead) || seat != nil else { return nil }
    return .team(id: team.id, slug: team.slug, name: team.name)
  }
}
