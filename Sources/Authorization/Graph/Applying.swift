internal import Cedar
internal import Kernel

extension AccessTables {
  /// Makes a change, or refuses it and stays as it was.
  mutating func apply(_ change: AccessChange) throws(AccessRefusal) {
    switch change {
    case .member(let id, let standing): admit(id, standing)
    case .memberRemoved(let id): try remove(member: id)
    case .team(let id, let outer): try place(team: id, in: outer)
    case .teamRemoved(let id): try remove(team: id)
    case .seat(let member, let team): try seat(member, team, isSeated: true)
    case .seatRemoved(let member, let team): try seat(member, team, isSeated: false)
    case .resource(let resource, let outer, let owner, let visibility, let attributes): try place(resource, outer, owner, visibility, attributes)
    case .resourceRemoved(let resource): try remove(resource)
    case .grant(let holder, let role, let resource, let expires): try grant(holder, role, resource, isGranted: true, expires)
    case .grantRemoved(let holder, let role, let resource): try grant(holder, role, resource, isGranted: false, nil)
    case .grantsRemoved(let holder, let resource): try withdrawAll(of: holder, on: resource)
    case .roleWithdrawn(let role, let resource): try withdraw(role, from: resource)
    case .holdingsRemoved(let holder): try withdrawHoldings(of: holder)
    case .share(let holder, let verbs, let resource, let outer): try share(resource, in: outer, with: holder, verbs)
    case .role(let role): set(role)
    case .policies(let set): compile(set)
    }
  }

  // MARK: Roles and policies

  private mutating func set(_ role: CustomRole) {
    roles.set(role)
    rolesChanged()
    // A policy may have named it before it was there.
    if rules.missingRoles.contains(role.id) { compile(policySet) }
  }

  mutating func rolesChanged() {
    for (number, type) in types.enumerated() { typeRows[number] = roles.row(type) }
  }

  private mutating func compile(_ set: PolicySet) {
    policySet = set
    rules = RuleCompiler.compile(set, in: &self)
  }

  // MARK: People

  private mutating func admit(_ id: String, _ standing: AccessStanding) {
    let member = memberNumber(id)
    var flags = Holder.isPresent
    if let roles = standing.roles { flags |= Holder.isMember | Int32(roles.reduce(0) { $0 | RoleTable.bit($1) }) }
    if standing.isSuspended { flags |= Holder.isSuspended }
    if standing.isServiceAccount { flags |= Holder.isServiceAccount }
    if standing.expires != nil, standing.roles != nil { flags |= Holder.expires }
    let record = values.record(standing.attributes)
    let former = memberRows.word(member, Holder.flags)
    if former & Holder.expires == 0, flags & Holder.expires == 0 {
      if former != flags { memberRows.set(member, Holder.flags, flags) }
      if memberRows.word(member, Holder.record) != record { memberRows.set(member, Holder.record, record) }
      return
    }
    let counts = memberRows.word(member, Holder.counts)
    let end = flags & Holder.expires == 0 ? [] : words(standing.expires?.milliseconds ?? 0)
    memberRows.replace(member, 0..<(former & Holder.expires == 0 ? Holder.head : Holder.head + 2), with: [record, flags, counts] + end)
  }

  private mutating func remove(member id: String) throws(AccessRefusal) {
    guard let member = present(member: id) else { throw .noSuchMember(id) }
    withdrawAll(of: memberRows.words(member), who(member: member))
    memberRows.replace(member, with: Holder.absent)
  }

  private func present(member id: String) -> Int32? {
    members.find(id).flatMap { memberRows.word($0, Holder.flags) & Holder.isPresent == 0 ? nil : $0 }
  }

  // MARK: Teams

  private mutating func place(team id: String, in outer: String?) throws(AccessRefusal) {
    var parent: Int32 = -1
    if let outer {
      guard let found = present(team: outer) else { throw .noSuchTeam(outer) }
      parent = found
      if let own = teams.find(id) {
        var above = parent
        while above >= 0 {
          guard above != own else { throw .cycle }
          above = self.parent(ofTeam: above)
        }
      }
    }
    let team = teamNumber(id)
    teamRows.set(team, Holder.flags, Holder.isPresent)
    setParent(parent, ofTeam: team)
  }

  private mutating func remove(team id: String) throws(AccessRefusal) {
    guard let team = present(team: id) else { throw .noSuchTeam(id) }
    withdrawAll(of: teamRows.words(team), who(team: team))
    teamRows.replace(team, with: Holder.absent)
    setParent(-1, ofTeam: team)
    // Members and inner teams go on naming the number, which is nothing from now on: without grants, without a parent, and never given again.
    teams.forget(team)
    if rules.names(team: team) { compile(policySet) }
  }

  private func present(team id: String) -> Int32? {
    teams.find(id).flatMap { teamRows.word($0, Holder.flags) & Holder.isPresent == 0 ? nil : $0 }
  }

  private mutating func seat(_ memberID: String, _ teamID: String, isSeated: Bool) throws(AccessRefusal) {
    guard let member = present(member: memberID) else { throw .noSuchMember(memberID) }
    guard let team = present(team: teamID) else { throw .noSuchTeam(teamID) }
    let (layout, counts, place) = memberRows.with(member) { row in
      let layout = Holder.Layout(row)
      return (layout, row[Holder.counts], layout.teams.first { row[$0] == team })
    }
    guard isSeated == (place == nil) else { return }
    if let place {
      memberRows.replace(member, place..<place + 1, with: [])
      memberRows.set(member, Holder.counts, counts - 1)
    } else {
      guard layout.teams.count < Holder.mostTeams else { throw .tooMany }
      memberRows.replace(member, layout.teams.upperBound..<layout.teams.upperBound, with: [team])
      memberRows.set(member, Holder.counts, counts + 1)
    }
  }
}
