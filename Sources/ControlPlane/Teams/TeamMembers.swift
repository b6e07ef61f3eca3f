import Authorization
import Contract
public import Kernel
import Storage

extension Teams {
  /// Members first, then open invitations for who may see those, then service accounts, each by name. `search` is part of a name, or has wildcards.
  public func listMembers(
    of team: String, search: String? = nil, in reference: String, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<TeamMember> {
    try await plane.read(as: caller) { work in
      let (_, team, permit) = try work.permit(ReadTeam.self, on: team, in: reference)
      return try work.teamMembers.list(in: team.id, search: search, showsInvitations: permit.permissions.contains(.invitationList), page)
    }
  }

  /// Adds many, each for itself: what came of each, in their order. Nobody adds whom they may not see.
  public func add(_ candidates: [TeamCandidate], to team: String, in reference: String, by caller: Caller) async throws(Problem) -> [AddedTeamMember] {
    guard !candidates.isEmpty else { throw .invalid("members", "Name at least one member, service account or invitation.") }
    guard candidates.count <= 500 else { throw Problem(.tooMany, "Add at most 500 at once.", faults: [FieldFault("members", "Add at most 500 at once.")]) }
    // Refused as a whole before anything is changed, if the caller may not add anybody at all.
    try await plane.write(as: caller) { work in _ = try work.permit(AddTeamMember.self, on: team, in: reference) }
    var rows: [AddedTeamMember] = []
    for candidate in candidates {
      do throws(Problem) {
        let added = try await plane.write(as: caller) { work in
          let (organization, team, permit) = try work.permit(AddTeamMember.self, on: team, in: reference)
          return try work.seat(work.holder(candidate, in: organization, permit.permissions), in: team, of: organization, permit)
        }
        rows.append(AddedTeamMember(candidate: candidate, result: .success(added)))
      } catch {
        rows.append(AddedTeamMember(candidate: candidate, result: .failure(error)))
      }
    }
    return rows
  }

  /// Takes somebody from the team; they stay in the organization. Answers the place they had. A maintainer is taken out by who manages teams by role.
  @discardableResult
  public func remove(_ seat: String, from team: String, in reference: String, by caller: Caller) async throws(Problem) -> TeamMember {
    try await plane.write(as: caller) { work in
      let (organization, team, permit) = try work.permit(RemoveTeamMember.self, on: team, in: reference)
      let seat = try work.seat(seat, in: team, permit.permissions)
      try seat.expectReach(of: permit.permissions)
      try work.organizationGrants.held(byTeam: team.id).expectWithin(permit.permissions)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(team),
        [Change("member", from: seat.holder.logged), seat.maintains ? Change("maintainer", from: seat.holder.logged) : nil])
      try work.teamMembers.delete(seat.id, under: proof)
      return seat
    }
  }

  /// Lets somebody who is in the team look after it. Refuses invitations and service accounts.
  public func addMaintainer(_ seat: String, of team: String, in reference: String, by caller: Caller) async throws(Problem) -> TeamMember {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(AddTeamMaintainer.self, in: reference)
      let (team, seat) = try work.place(seat, in: team, of: organization, permit.permissions)
      try seat.expectPerson()
      try work.organizationGrants.held(byTeam: team.id).expectWithin(permit.permissions)
      guard !seat.maintains else { return seat }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(team), [Change("maintainer", to: seat.holder.logged)])
      return try work.setMaintains(seat, true, under: proof)
    }
  }

  /// Dismisses a maintainer, who stays in the team.
  public func removeMaintainer(_ seat: String, of team: String, in reference: String, by caller: Caller) async throws(Problem) -> TeamMember {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(RemoveTeamMaintainer.self, in: reference)
      let (team, seat) = try work.place(seat, in: team, of: organization, permit.permissions)
      guard seat.maintains else { return seat }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(team), [Change("maintainer", from: seat.holder.logged)])
      return try work.setMaintains(seat, false, under: proof)
    }
  }
}

extension Work {
  /// A place in the team: by an id, by a handle or address, or by the slug of a service account, in this order. That of an invitation isn't there for who may
  /// not see invitations, nor is anybody by an address for who may not see members.
  fileprivate func seat(_ reference: String, in team: Team, _ permissions: Set<Permission>) throws(Problem) -> TeamMember {
    guard let seat = try named(reference, in: team, permissions), seat.holder.kind != .invitation || permissions.contains(.invitationList) else {
      throw Problem(.missing, "There is no such member of the team.")
    }
    return seat
  }

  private func named(_ reference: String, in team: Team, _ permissions: Set<Permission>) throws(Problem) -> TeamMember? {
    if ID<TeamMember>(reference) != nil { return try teamMembers.find(reference, in: team.id) }
    let isAddress = reference.contains("@")
    if !isAddress || permissions.contains(.memberList), let account = try account(by: reference) {
      if let found = try teamMembers.find(account.id.description, in: team.id) { return found }
    }
    if isAddress {
      guard let address = try? EmailAddress(reference), let open = try invitations.open(address, in: team.organization) else { return nil }
      return try teamMembers.find(open.id.description, in: team.id)
    }
    guard let machine = try serviceAccounts.find(reference, in: team.organization) else { return nil }
    return try teamMembers.find(machine.id.description, in: team.id)
  }

  fileprivate func place(
    _ reference: String, in team: String, of organization: Organization, _ permissions: Set<Permission>
  ) throws(Problem) -> (Team, TeamMember) {
    guard let team = try teams.find(team, in: organization.id) else { throw Problem(.missing, "There is no such team here.") }
    return (team, try seat(reference, in: team, permissions))
  }

  fileprivate func setMaintains(_ seat: TeamMember, _ maintains: Bool, under proof: Recorded) throws(Problem) -> TeamMember {
    try teamMembers.setMaintains(seat.id, maintains, under: proof)
    return try teamMembers.find(seat.id.description, in: seat.team).orDefect()
  }

  fileprivate func seat(
    _ holder: TeamMember.Holder, in team: Team, of organization: Organization, _ permit: Permit<AddTeamMember>
  ) throws(Problem) -> TeamMember {
    guard try !teamMembers.contains(holder, in: team.id) else { throw Problem(.alreadyInTeam, "\(holder.name) is in the team already.") }
    try organizationGrants.held(byTeam: team.id).expectWithin(permit.permissions)
    try expectWithinReach(grants.held(byTeam: team.id), in: organization, permit.permissions)
    let seat = TeamMember(id: tx.newID(), team: team.id, holder: holder, maintains: false, since: now)
    let proof = try record(permit, in: .organization(organization.id), on: Target(team), [Change("member", to: holder.logged)])
    try teamMembers.insert(seat, under: proof)
    return seat
  }

  // MARK: Who is meant

  fileprivate func holder(_ candidate: TeamCandidate, in organization: Organization, _ permissions: Set<Permission>) throws(Problem) -> TeamMember.Holder {
    let text = candidate.text
    switch candidate {
    case .member:
      try expect(.memberList, among: permissions)
      if let found = try memberOrInvitation(text, in: organization, permissions) { return found }
      throw .invalid("members", "No member has this handle or address. Look it up in the list of members, or invite the person first.")
    case .serviceAccount:
      try expect(.serviceAccountRead, among: permissions)
      if let found = try machine(text, in: organization) { return found }
      throw .invalid("service_accounts", "There is no such service account here.")
    case .invitation:
      try expect(.invitationList, among: permissions)
      if let found = try openInvitation(text, in: organization) { return found }
      throw .invalid("invitations", "There is no such open invitation here.")
    case .anybody:
      try expect(.memberList, among: permissions)
      if let found = try memberOrInvitation(text, in: organization, permissions) { return found }
      if permissions.contains(.serviceAccountRead), let found = try machine(text, in: organization) { return found }
      throw .invalid("members", "Nobody here has this handle or address. Look it up in the list of members, or invite the person first.")
    }
  }

  /// Whoever names somebody must be allowed to see whether they are here.
  private func expect(_ permission: Permission, among permissions: Set<Permission>) throws(Problem) {
    guard permissions.contains(permission) else {
      throw Problem(.forbidden, "You can add only whom you may see, and your roles don't let you \(permission.deed). Ask somebody who manages teams.")
    }
  }

  private func memberOrInvitation(_ text: String, in organization: Organization, _ permissions: Set<Permission>) throws(Problem) -> TeamMember.Holder? {
    var member = try account(by: text).flatMap { account throws(Problem) in try members.of(account.id, in: organization.id) }
    if member == nil, let id = ID<Member>(text) { member = try members.find(id, in: organization.id) }
    if let member { return .member(id: member.id, account: member.account, handle: member.handle, name: member.name) }
    guard permissions.contains(.invitationList), text.contains("@") else { return nil }
    return try openInvitation(text, in: organization)
  }

  private func openInvitation(_ text: String, in organization: Organization) throws(Problem) -> TeamMember.Holder? {
    let found: Invitation? =
      if let id = ID<Invitation>(text) { try invitations.find(id, in: organization.id) }
      else if let address = try? EmailAddress(text) { try invitations.open(address, in: organization.id) }
      else { nil }
    guard let found, found.state(at: now) == .pending else { return nil }
    return .invitation(id: found.id, address: found.address)
  }

  private func machine(_ text: String, in organization: Organization) throws(Problem) -> TeamMember.Holder? {
    guard let found = try serviceAccounts.find(text, in: organization.id) else { return nil }
    return .serviceAccount(id: found.id, slug: found.slug, name: found.name)
  }

  // MARK: When people come and go

  /// Gives a former member back the places they had, in the teams that are still there; those they have already stay as they are.
  func restoreSeats(_ seats: [(team: ID<Team>, maintains: Bool)], to member: Member, under proof: Recorded) throws(Problem) {
    let holder = TeamMember.Holder.member(id: member.id, account: member.account, handle: member.handle, name: member.name)
    for seat in seats {
      try teamMembers.insert(TeamMember(id: tx.newID(), team: seat.team, holder: holder, maintains: seat.maintains, since: now), under: proof)
    }
  }
}
