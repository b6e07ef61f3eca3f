import Authorization
import Contract
public import Kernel

extension ControlPlane {
  public var members: Members { Members(plane: self) }
}

/// Who belongs to an organization, with which roles, until when.
public struct Members: Sendable {
  let plane: ControlPlane

  /// In the order of the filter, page by page.
  public func list(in reference: String, _ filter: MemberFilter, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Member> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListMembers.self, in: reference).0
      return try work.memberLists.page(of: organization, filter, page)
    }
  }

  /// How many people stand in each list about the organization's people, open ones only.
  public func counts(in reference: String, by caller: Caller) async throws(Problem) -> PeopleCounts {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListMembers.self, in: reference).0
      let one = try PageRequest(limit: 1)
      let maySeeOthers = try work.availability(of: ListInvitations.self, in: organization) == .possible
      let maySeeMachines = try work.availability(of: ListServiceAccounts.self, in: organization) == .possible
      return PeopleCounts(
        members: organization.memberCount, invitations: maySeeOthers ? try work.invitations.list(in: organization.id, .pending, search: nil, one).total : nil,
        outside: try work.availability(of: ListAllCollaborators.self, in: organization) == .possible ? work.collaborators.count(in: organization.id) : nil,
        requests: maySeeOthers ? try work.requests.list(in: organization.id, .pending, one).total : nil,
        serviceAccounts: maySeeMachines ? try work.serviceAccounts.count(in: organization.id) : nil,
        former: try work.members.listFormer(in: organization.id, one).total)
    }
  }

  /// All members that a filter shows, in its order, a page after the other.
  public func all(in reference: String, _ filter: MemberFilter, by caller: Caller, _ body: (Member) -> Void) async throws(Problem) {
    var cursor: Cursor?
    repeat {
      let page = try await list(in: reference, filter, PageRequest(limit: PageRequest.limits.upperBound, cursor: cursor), by: caller)
      page.items.forEach(body)
      cursor = page.next
    } while cursor != nil
  }

  /// One member. Everybody may read their own membership.
  public func find(_ id: ID<Member>, in reference: String, by caller: Caller) async throws(Problem) -> Member {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      let member = try work.members.find(id, in: organization.id)
      let isOwn = if case .person(let person) = try work.actor() { person.id == member?.account } else { false }
      if !isOwn { _ = try work.permit(ListMembers.self, on: organization) }
      guard let member else { throw Problem.missingMember }
      return member
    }
  }

  /// The member with this handle or e-mail address, for a form in which one is named.
  public func named(_ text: String, field: String, in reference: String, by caller: Caller) async throws(Problem) -> Member {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListMembers.self, in: reference).0
      guard let account = try work.account(by: text), let member = try work.members.of(account.id, in: organization.id) else {
        throw Problem.invalid(field, "No member has this handle or address. Look it up in the list of members.")
      }
      return member
    }
  }

  /// Adds a known account at once, without an invitation.
  ///
  /// Unless an operator does it, the installation must let members be added so, and the person gets a mail that says who did it.
  public func add(_ account: ID<Account>, roles names: [String], expires: Timestamp?, to reference: String, by caller: Caller) async throws(Problem) -> Member {
    try await add({ work throws(Problem) in try work.accounts.find(account) }, roles: names, expires: expires, to: reference, by: caller)
  }

  /// The same by handle or by a verified address.
  public func add(
    named text: String, roles names: [String], expires: Timestamp? = nil, to reference: String, by caller: Caller
  ) async throws(Problem) -> Member {
    try await add({ work throws(Problem) in try work.account(by: text) }, roles: names, expires: expires, to: reference, by: caller)
  }

  private func add(
    _ find: @escaping @Sendable (Work) throws(Problem) -> Account?, roles names: [String], expires: Timestamp?, to reference: String, by caller: Caller
  ) async throws(Problem) -> Member {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(AddMember.self, in: reference)
      let adder = try work.person()
      guard try adder.isSuperUser || work.installation.read().letsMembersBeAdded else {
        let reason = "Only operators of this installation add accounts directly; invite the person instead. Operators may let managers do it, too."
        throw Problem(.forbidden, reason)
      }
      let roles = try RoleSet(parsing: names)
      try roles.expectWithin(permit.permissions)
      try expectFuture(expires, at: work.now)
      guard let found = try find(work), found.deletedAt == nil else { throw Problem(.missing, "There is no such account.") }
      let account = found.id
      guard try work.members.of(account, in: organization.id) == nil else { throw Problem.alreadyMember }
      try work.expectSeats(1, in: organization)
      let projects = try work.defaultProjects(for: roles, in: organization.id)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target("member", account.description, named: found.name.text),
        [Change("roles", to: roles.description), Change.of("expires", nil, expires?.description), .of("access", nil, GrantNames(projects).logged)])
      let member = try work.members.join(account, organization.id, roles, source: .added, expires: expires, under: proof)
      try work.giveDefaults(projects, to: member, under: proof)
      if !adder.isSuperUser { try work.mailWelcome(to: found, in: organization, by: adder) }
      return try work.members.of(account, in: organization.id).orDefect()
    }
  }

  /// Gives the member exactly these roles. Refuses what would leave the organization without an active admin, and reaching above one's own rights.
  public func setRoles(_ id: ID<Member>, _ names: [String], seen: Int?, in reference: String, by caller: Caller) async throws(Problem) -> Member {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdateMember.self, in: reference)
      return try work.setRoles(id, RoleSet(parsing: names), seen: seen, in: organization, permit)
    }
  }

  /// Gives several members the same roles, each for itself; answers what came of each, in their order.
  public func setRoles(_ ids: [ID<Member>], _ names: [String], in reference: String, by caller: Caller) async throws(Problem) -> [Result<Member, Problem>] {
    guard ids.count <= 500 else { throw Problem(.tooMany, "Change at most 500 members at once.") }
    // Refused as a whole before anything is changed, if the caller may not change members at all.
    try await plane.write(as: caller) { work in _ = try work.permit(UpdateMember.self, in: reference) }
    var results: [Result<Member, Problem>] = []
    for id in ids {
      do { results.append(.success(try await setRoles(id, names, seen: nil, in: reference, by: caller))) } catch { results.append(.failure(error)) }
    }
    return results
  }

  /// Sets or lifts the instant at which the membership ends by itself.
  public func setExpiry(_ id: ID<Member>, _ expires: Timestamp?, seen: Int?, in reference: String, by caller: Caller) async throws(Problem) -> Member {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdateMember.self, in: reference)
      let member = try work.member(id, in: organization, within: permit.permissions)
      try member.expect(seen)
      try expectFuture(expires, at: work.now)
      guard member.expires != expires else { return member }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(member), [Change("expires", from: member.expires?.description, to: expires?.description)])
      try work.members.setExpiry(id, expires, under: proof)
      try work.members.expectLastingAdmin(of: organization.id)
      return try work.members.find(id, in: organization.id).orDefect()
    }
  }

  /// Keeps the member out until they are resumed; nothing they hold is lost.
  public func suspend(_ id: ID<Member>, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> Member {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(SuspendMember.self, in: reference)
      let member = try work.member(id, in: organization, within: permit.permissions)
      try member.expect(seen)
      guard member.suspended == nil else { return member }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(member), [Change("state", from: "active", to: "suspended")])
      try work.members.setSuspended(id, work.now, under: proof)
      try work.members.expectLastingAdmin(of: organization.id)
      return try work.members.find(id, in: organization.id).orDefect()
    }
  }

  /// Lets a suspended member in again, with all they hold.
  public func resume(_ id: ID<Member>, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> Member {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(ResumeMember.self, in: reference)
      let member = try work.member(id, in: organization, within: permit.permissions)
      try member.expect(seen)
      guard member.suspended != nil else { return member }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(member), [Change("state", from: "suspended", to: "active")])
      try work.members.setSuspended(id, nil, under: proof)
      return try work.members.find(id, in: organization.id).orDefect()
    }
  }

  /// Ends the membership with all that hangs on it, at once. It is remembered for reinstating.
  @discardableResult
  public func remove(_ id: ID<Member>, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> FormerMember {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(RemoveMember.self, in: reference)
      let member = try work.member(id, in: organization, within: permit.permissions)
      try member.expect(seen)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(member), try work.losses(of: member))
      try work.members.remove(member, because: .removed, under: proof)
      try work.members.expectLastingAdmin(of: organization.id)
      return try work.members.former(of: member.account, in: organization.id).orDefect()
    }
  }

  /// Removes several members, each for itself; answers what came of each, in their order.
  public func remove(_ ids: [ID<Member>], in reference: String, by caller: Caller) async throws(Problem) -> [Result<Member, Problem>] {
    guard ids.count <= 500 else { throw Problem(.tooMany, "Remove at most 500 members at once.") }
    // Refused as a whole before anything is changed, if the caller may not remove members at all.
    try await plane.write(as: caller) { work in _ = try work.permit(RemoveMember.self, in: reference) }
    var results: [Result<Member, Problem>] = []
    for id in ids {
      do throws(Problem) {
        let member = try await find(id, in: reference, by: caller)
        try await remove(id, in: reference, by: caller)
        results.append(.success(member))
      } catch {
        results.append(.failure(error))
      }
    }
    return results
  }

  /// The organization that the caller belongs to, and whether they can leave it; suspended members ask as well.
  public func leaving(_ reference: String, by caller: Caller) async throws(Problem) -> (organization: Organization, leaving: OrganizationOptions.Leaving) {
    try await plane.read(as: caller) { work in
      let organization = try work.ownMembership(in: reference).0
      return (organization, try work.leaving(organization))
    }
  }

  /// Ends the caller's own membership. One who is suspended, or whose time has run out, may leave as well.
  public func leave(_ reference: String, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, member) = try work.ownMembership(in: reference)
      let permit = try work.permit(LeaveOrganization.self, on: member.account, in: organization)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(member), try work.losses(of: member))
      try work.members.remove(member, because: .left, under: proof)
      try work.members.expectLastingAdmin(of: organization.id)
    }
  }

  // MARK: Former members

  /// Who was removed or left and can still be reinstated, in the order in which they went.
  public func listFormer(in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<FormerMember> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListMembers.self, in: reference).0
      return try work.members.listFormer(in: organization.id, page)
    }
  }

  /// Makes a former member a member again, with the roles, in the teams and with the access they had. Refuses roles above the caller's own.
  public func reinstate(_ id: ID<FormerMember>, in reference: String, by caller: Caller) async throws(Problem) -> Member {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(ReinstateMember.self, in: reference)
      guard let former = try work.members.former(id, in: organization.id) else {
        throw Problem(.missing, "There is no such former member, or the time to reinstate them has run out.")
      }
      try former.roles.expectWithin(permit.permissions)
      guard try work.members.of(former.account, in: organization.id) == nil else { throw Problem.alreadyMember }
      try work.expectSeats(1, in: organization)
      let teams = try work.teamMembers.teams(ofFormer: former.account, in: organization.id)
      let seats = try work.teamMembers.formerSeats(of: former.account, in: organization.id)
      let access = try work.grants.held(byFormer: former.account, in: organization.id)
      let grants = try work.grants.former(of: former.account, in: organization.id)
      let roles = try work.organizationGrants.held(byFormer: former.account, in: organization.id)
      try roles.expectWithin(permit.permissions)
      try work.expectWithinReach(grants, in: organization, permit.permissions)
      for seat in seats {
        try work.organizationGrants.held(byTeam: seat.team).expectWithin(permit.permissions)
        try work.expectWithinReach(work.grants.held(byTeam: seat.team), in: organization, permit.permissions)
      }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target("member", former.account.description, named: former.name.text),
        [
          Change("roles", to: former.roles.description), .of("further_roles", nil, roles.logged), .of("teams", nil, teams.logged),
          .of("access", nil, access.logged),
        ])
      let member = try work.members.join(former.account, organization.id, former.roles, source: former.source, expires: nil, under: proof)
      try work.restoreSeats(seats, to: member, under: proof)
      try work.restoreGrants(grants, to: member, under: proof)
      try work.restoreOrganizationRoles(roles, to: member, under: proof)
      return try work.members.of(former.account, in: organization.id).orDefect()
    }
  }

  private func expectFuture(_ expires: Timestamp?, at now: Timestamp) throws(Problem) {
    if let expires, expires <= now { throw .invalid("expires_at", "Choose an instant in the future, or none.") }
  }
}

extension Work {
  /// Nobody is a member of something they never heard of.
  fileprivate func mailWelcome(to account: Account, in organization: Organization, by adder: Person) throws(Problem) {
    guard let address = account.email else { return }
    try outbox.send(
      MailDraft(
        .memberAdded, to: address, name: account.name, organization: organization.id, subject: "You are a member of \(organization.name) now",
        paragraphs: [
          "\(adder.name) (\(adder.handle)) added you to the organization \(organization.name).",
          "Members see one another's names and addresses. If you don't want to be one, leave it in its settings.",
        ],
        button: .init("Open \(organization.name)", link: "\(settings.publicURL)/\(organization.slug)"),
        because: "it is the primary address of the account \(account.handle)"))
  }

  /// What the log says that a member loses with the membership.
  func losses(of member: Member) throws(Problem) -> [Change?] {
    [
      Change("roles", from: member.roles.description), Change.of("further_roles", try organizationGrants.held(by: member.id).logged, nil),
      Change.of("teams", try teamMembers.teams(of: member.id).logged, nil),
      Change.of("access", try grants.held(by: member.id).logged, nil),
    ]
  }

  /// The member, if the caller's rights reach them.
  fileprivate func member(_ id: ID<Member>, in organization: Organization, within permissions: Set<Permission>) throws(Problem) -> Member {
    guard let member = try members.find(id, in: organization.id) else { throw Problem.missingMember }
    try member.expectReach(of: permissions, to: nil)
    // Roles of their own and those of their teams count alike: nobody reaches above their own rights.
    let held = OrganizationRoles(grants: try organizationGrants.held(byMember: member.account, in: organization.id).filter { $0.isInForce(at: now) })
    if let above = held.grants.first(where: { !$0.role.beyond(permissions).isEmpty }) {
      throw Problem(.aboveOwnRights, "You can't change a member who has the role \(above.role.name): that is more than your own roles allow.")
    }
    return member
  }

  fileprivate func setRoles(_ id: ID<Member>, _ roles: RoleSet, seen: Int?, in organization: Organization, _ permit: Permit<UpdateMember>) throws(Problem) -> Member {
    let member = try member(id, in: organization, within: permit.permissions)
    try member.expect(seen)
    try member.expectReach(of: permit.permissions, to: roles)
    guard member.roles != roles else { return member }
    let proof = try record(permit, in: .organization(organization.id), on: Target(member), [Change("roles", from: member.roles.description, to: roles.description)])
    try members.setRoles(id, roles, under: proof)
    try members.expectLastingAdmin(of: organization.id)
    return try members.find(id, in: organization.id).orDefect()
  }
}

extension Optional {
  /// What was written a moment ago and must be there.
  func orDefect() throws(Problem) -> Wrapped {
    guard let self else { throw Problem(.defect, "What was just written can't be read.") }
    return self
  }
}
