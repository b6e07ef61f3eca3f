import Authorization
import Cedar
import Kernel

/// The facts of an organization as plain lists, and the rules of access read from the specification without any thought of speed: what `AccessGraph` is held against.
struct AccessWorld {
  struct Thing {
    var parent: AccessResource?
    var owner: String?
    var visibility: Visibility
    var attributes: Record
  }
  struct Seat: Hashable {
    let member, team: String
  }
  struct Grant: Hashable {
    let holder: AccessHolder
    let role: GrantedRole
    let scope: AccessResource?

    /// A custom role is the same role whatever its rights are at the moment.
    var key: String { "\(holder) \(AccessWorld.identity(role)) \(scope.map { "\($0)" } ?? "*")" }
  }

  struct Share: Hashable {
    let holder: AccessHolder
    let object: AccessResource
    let place: AccessResource?
  }

  static let organization = "org"

  var members: [String: AccessStanding] = [:]
  var teams: [String: String?] = [:]
  var seats: Set<Seat> = []
  var things: [AccessResource: Thing] = [:]
  var grants: [String: (grant: Grant, expires: Timestamp?)] = [:]
  var shares: [Share: Set<ResourceVerb>] = [:]
  var roles: [String: CustomRole] = [:]
  var policies = PolicySet()

  static func identity(_ role: GrantedRole) -> String {
    if case .custom(let role) = role { "custom \(role.id)" } else { role.name }
  }

  // MARK: Changes

  /// Makes the change, or says why it can't be.
  mutating func apply(_ change: AccessChange) -> AccessRefusal? {
    switch change {
    case .member(let id, let standing): members[id] = standing
    case .memberRemoved(let id):
      guard members.removeValue(forKey: id) != nil else { return .noSuchMember(id) }
      seats = seats.filter { $0.member != id }
      grants = grants.filter { $0.value.grant.holder != .member(id) }
      shares = shares.filter { $0.key.holder != .member(id) }
    case .team(let id, let outer):
      if let outer {
        guard teams.keys.contains(outer) else { return .noSuchTeam(outer) }
        if around(outer).contains(id) { return .cycle }
      }
      teams[id] = .some(outer)
    case .teamRemoved(let id):
      guard teams.removeValue(forKey: id) != nil else { return .noSuchTeam(id) }
      for inner in teams.keys where teams[inner] == .some(id) { teams[inner] = .some(nil) }
      seats = seats.filter { $0.team != id }
      grants = grants.filter { $0.value.grant.holder != .team(id) }
      shares = shares.filter { $0.key.holder != .team(id) }
    case .seat(let member, let team), .seatRemoved(let member, let team):
      guard members[member] != nil else { return .noSuchMember(member) }
      guard teams.keys.contains(team) else { return .noSuchTeam(team) }
      if case .seat = change { seats.insert(Seat(member: member, team: team)) } else { seats.remove(Seat(member: member, team: team)) }
    case .resource(let resource, let outer, let owner, let visibility, let attributes):
      if let outer {
        guard things[outer] != nil else { return .noSuchResource(outer) }
        if chain(outer).contains(resource) { return .cycle }
      }
      // What was shared somewhere else ended there.
      if let former = things[resource], former.parent != outer { shares = shares.filter { $0.key.object != resource || $0.key.place != former.parent } }
      things[resource] = Thing(parent: outer, owner: owner, visibility: visibility, attributes: attributes)
    case .resourceRemoved(let resource):
      guard things[resource] != nil else { return .noSuchResource(resource) }
      let gone = Set(things.keys.filter { chain($0).contains(resource) })
      shares = shares.filter { share, _ in
        !(share.place.map { gone.contains($0) } ?? false) && !(gone.contains(share.object) && things[share.object]?.parent == share.place)
      }
      for resource in gone { things[resource] = nil }
      grants = grants.filter { $0.value.grant.scope.map { !gone.contains($0) } ?? true }
    case .grant(let holder, let role, let scope, let expires):
      if let refusal = missing(holder, role, scope) { return refusal }
      let grant = Grant(holder: holder, role: role, scope: scope)
      grants[grant.key] = (grant, expires)
    case .grantRemoved(let holder, let role, let scope):
      if let refusal = missing(holder, role, scope) { return refusal }
      grants[Grant(holder: holder, role: role, scope: scope).key] = nil
    case .grantsRemoved(let holder, let scope):
      if let refusal = missing(holder, nil, scope) { return refusal }
      grants = grants.filter { $0.value.grant.holder != holder || $0.value.grant.scope != scope }
      if let scope { shares = shares.filter { $0.key != Share(holder: holder, object: scope, place: things[scope]?.parent) } }
    case .holdingsRemoved(let holder):
      if let refusal = missing(holder, nil, nil) { return refusal }
      grants = grants.filter { $0.value.grant.holder != holder || $0.value.grant.scope == nil }
      shares = shares.filter { $0.key.holder != holder }
    case .share(let holder, let verbs, let object, let place):
      if let refusal = missing(holder, nil, place) { return refusal }
      shares[Share(holder: holder, object: object, place: place)] = verbs.isEmpty ? nil : verbs
    case .roleWithdrawn(let role, let resource):
      guard things[resource] != nil else { return .noSuchResource(resource) }
      if case .custom(let role) = role, roles[role.id] == nil { return .noSuchRole(role.name) }
      if case .actions = role { return .noSuchRole(role.name) }
      let identity = Self.identity(role)
      grants = grants.filter { $0.value.grant.scope != resource || Self.identity($0.value.grant.role) != identity }
    case .role(let role): roles[role.id] = role
    case .policies(let set): policies = set
    }
    return nil
  }

  private func missing(_ holder: AccessHolder, _ role: GrantedRole?, _ scope: AccessResource?) -> AccessRefusal? {
    switch holder {
    case .member(let id): if members[id] == nil { return .noSuchMember(id) }
    case .team(let id): if !teams.keys.contains(id) { return .noSuchTeam(id) }
    }
    if let scope, things[scope] == nil { return .noSuchResource(scope) }
    if case .custom(let role) = role, roles[role.id] == nil { return .noSuchRole(role.name) }
    if case .actions(let verbs)? = role { return .noSuchRole(GrantedRole.actions(verbs).name) }
    return nil
  }

  /// A team and those around it.
  func around(_ team: String) -> [String] { [team] + ((teams[team] ?? nil).map { around($0) } ?? []) }
  func teams(of member: String) -> Set<String> { Set(seats.filter { $0.member == member }.flatMap { around($0.team) }) }
  /// A resource and what it stands in.
  func chain(_ resource: AccessResource) -> [AccessResource] { [resource] + (things[resource]?.parent.map { chain($0) } ?? []) }

  // MARK: The rules

  /// What is asked about: a thing of the world, or one that is only named.
  struct Target {
    let resource: AccessResource
    let isKnown: Bool
    let parent: AccessResource?
    let isOwn: Bool
    let visibility: Visibility
    let attributes: Record
  }

  struct Answer {
    let outcome: Verdict.Outcome
    let reasons: Set<String>
    let failed: Set<String>
  }

  func answer(_ member: String, _ verb: ResourceVerb, _ target: Target, _ context: Record, _ now: Timestamp) -> Answer {
    let standing = members[member]
    if standing?.roles != nil {
      if standing?.isSuspended == true { return Answer(outcome: .suspendedMembership, reasons: ["suspended"], failed: []) }
      if let expires = standing?.expires, expires <= now { return Answer(outcome: .expiredMembership, reasons: ["expired"], failed: []) }
    }
    var reasons: Set<String> = []
    var isVisible = false
    func weigh(_ rights: RightSet, _ reason: String) {
      if rights.allows(verb, on: target.resource.type) { reasons.insert(reason) }
      if rights.touches(target.resource.type) { isVisible = true }
    }
    for role in standing?.roles ?? [] { weigh(role.resourceRights, "member \(role)") }
    let above = (target.isKnown ? chain(target.resource) : target.parent.map { chain($0) } ?? [])
    let mine = held(by: member, now)
    for grant in mine where grant.scope.map({ above.contains($0) }) ?? true {
      let own = target.isKnown ? things[target.resource]?.owner == member : target.isOwn
      let role = current(grant.role)
      weigh(own ? role.rights.union(role.ownRights) : role.rights, "\(current(grant.role).name) of \(grant.holder.text) on \(grant.scope.map { "\($0)" } ?? "*")")
    }
    // What is shared is that one object, in the place where it was shared, and nothing within it.
    for (share, verbs) in shares where share.object.type.isObject && share.object == target.resource && share.place == (target.isKnown ? things[target.resource]?.parent : target.parent) {
      guard members[member] != nil else { continue }
      switch share.holder {
      case .member(let id): if id != member { continue }
      case .team(let id): if !teams(of: member).contains(id) { continue }
      }
      if verbs.contains(verb) { reasons.insert("share \(verb) of \(share.holder.text) on \(target.resource)") }
      isVisible = true
    }
    let visibilities = (target.isKnown ? [] : [target.visibility]) + above.compactMap { things[$0]?.visibility }
    let visibility = visibilities.first { $0 != .inherited } ?? .private
    let takesPart = (standing?.roles ?? []).contains(where: \.seesWhatIsOpen) || mine.contains { grant in
      if grant.scope != nil { return false }
      return switch current(grant.role) {
      case .organization(let role): role.seesWhatIsOpen
      case .custom(let role): role.permissions.contains(.memberList)
      case .resource, .actions: false
      }
    }
    if visibility == .public || visibility == .organization && standing?.roles != nil && takesPart {
      isVisible = true
      if verb == .read || verb == .list { reasons.insert("open \(visibility)") }
    }
    let isOwn = target.isKnown ? things[target.resource]?.owner == member : target.isOwn
    if isOwn, isVisible, reasons.isEmpty, verb == .share, target.resource.type.isObject { reasons.insert("own") }
    let (permits, forbids, failed) = judge(member, verb, target, above, context, now)
    if standing?.roles != nil { reasons.formUnion(permits.map { "permit \($0)" }) }
    if reasons.isEmpty {
      let readable = standing?.roles != nil && !judge(member, .read, target, above, context, now).permits.isEmpty
      return Answer(outcome: isVisible || readable ? .lacking : .hidden, reasons: [], failed: failed)
    }
    return Answer(outcome: forbids.isEmpty ? .allowed : .forbidden, reasons: reasons.union(forbids.map { "forbid \($0)" }), failed: failed)
  }

  private func current(_ role: GrantedRole) -> GrantedRole {
    if case .custom(let role) = role { .custom(roles[role.id] ?? role) } else { role }
  }

  private func held(by member: String, _ now: Timestamp) -> [Grant] {
    guard members[member] != nil else { return [] }
    let teams = teams(of: member)
    return grants.values.compactMap { entry in
      if let expires = entry.expires, expires <= now { return nil }
      switch entry.grant.holder {
      case .member(let id): return id == member ? entry.grant : nil
      case .team(let id): return teams.contains(id) ? entry.grant : nil
      }
    }
  }

  // MARK: Policies, by Cedar's own evaluator on all entities there are

  private func judge(
    _ member: String, _ verb: ResourceVerb, _ target: Target, _ above: [AccessResource], _ context: Record, _ now: Timestamp
  ) -> (permits: [String], forbids: [String], failed: Set<String>) {
    if policies.isEmpty { return ([], [], []) }
    let standing = members[member]
    let root = EntityUID("Organization", Self.organization)
    let principal = EntityUID(standing?.isServiceAccount == true ? "ServiceAccount" : "User", member)
    var parents = standing?.roles == nil ? [] : [root]
    for role in standing?.roles ?? [] { parents.append(EntityUID("Role", role.rawValue)) }
    for grant in held(by: member, now) where grant.scope == nil {
      if case .organization(let role) = grant.role { parents.append(EntityUID("Role", role.rawValue)) }
      if case .custom(let role) = grant.role { parents.append(EntityUID("Role", role.id)) }
    }
    for seat in seats where seat.member == member { parents.append(EntityUID("Team", seat.team)) }
    var entities = [Entity(principal, attributes: standing?.attributes ?? [:], parents: parents)]
    for (team, outer) in teams { entities.append(Entity(EntityUID("Team", team), parents: outer.map { [EntityUID("Team", $0)] } ?? [])) }
    for resource in above {
      let thing = things[resource]
      entities.append(Entity(Self.uid(resource), attributes: thing?.attributes ?? [:], parents: [thing?.parent.map { Self.uid($0) } ?? root]))
    }
    if !target.isKnown { entities.append(Entity(Self.uid(target.resource), attributes: target.attributes, parents: [target.parent.map { Self.uid($0) } ?? root])) }
    let request = Request(principal: principal, action: EntityUID("Action", verb.name), resource: Self.uid(target.resource), context: context)
    guard let known = try? Entities(entities) else { return ([], [], []) }
    let evaluator = Evaluator(request, known)
    var (permits, forbids, failed): ([String], [String], Set<String>) = ([], [], [])
    for policy in policies.policies {
      do {
        guard try evaluator.isSatisfied(policy) else { continue }
        if policy.effect == .permit { permits.append("\(policy.id)") } else { forbids.append("\(policy.id)") }
      } catch { failed.insert("\(policy.id)") }
    }
    return (permits, forbids, failed)
  }

  static func uid(_ resource: AccessResource) -> EntityUID {
    let names = ["workspace": "Workspace", "project": "Project", "dataset": "Dataset", "model_version": "ModelVersion", "stack": "Stack", "quantum_run": "QuantumRun", "app": "App"]
    return EntityUID(EntityType(names[resource.type.name] ?? "Unheard"), resource.id)
  }
}

extension AccessHolder {
  /// Without who it is, where it is the one who asks.
  var text: String {
    switch self {
    case .member: "member"
    case .team(let id): "team \(id)"
    }
  }
}
