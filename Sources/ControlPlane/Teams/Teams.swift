import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var teams: Teams { Teams(plane: self) }
}

/// The teams of organizations, and who is in them.
public struct Teams: Sendable {
  let plane: ControlPlane

  /// By slug. Who may not see all teams sees their own.
  public func list(in reference: String, _ filter: TeamFilter, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<SeenTeam> {
    try await plane.read(as: caller) { work in
      let (organization, permit) = try work.permit(ListTeams.self, in: reference)
      let actor = try work.actor()
      let found = try work.teams.list(in: organization.id, filter, of: permit.permissions.contains(.teamRead) ? nil : actor, page)
      let seats = try work.teams.seats(of: actor, in: organization.id)
      return found.map { SeenTeam(team: $0, seat: seats[$0.id], showsInvitations: permit.permissions.contains(.invitationList)) }
    }
  }

  /// `team`: its id or its slug. Who is in it may read it, whatever their roles.
  public func find(_ team: String, in reference: String, by caller: Caller) async throws(Problem) -> SeenTeam {
    try await plane.read(as: caller) { work in
      let (_, team, permit) = try work.permit(ReadTeam.self, on: team, in: reference)
      return try work.seen(team, permit)
    }
  }

  /// What the caller may do with the team, besides reading it.
  func options(of team: SeenTeam, in organization: Organization, by caller: Caller) async throws(Problem) -> TeamOptions {
    try await plane.read(as: caller) { work in
      TeamOptions(
        canChange: try work.isPossible(UpdateTeam.self, in: organization, seated: team.seat),
        canManagePeople: try work.isPossible(AddTeamMember.self, in: organization, seated: team.seat),
        canManage: try work.availability(of: DeleteTeam.self, in: organization) == .possible)
    }
  }

  /// Makes a team with nobody in it. Refuses a slug that another team of the organization has.
  public func create(_ draft: TeamDraft, in reference: String, by caller: Caller) async throws(Problem) -> SeenTeam {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CreateTeam.self, in: reference)
      try work.expectFree(draft.slug, in: organization)
      guard try work.teams.count(in: organization.id) < Team.limit else {
        throw Problem(.tooManyTeams, "An organization can have \(Team.limit) teams. Delete those you don't need any more.")
      }
      let team = Team(
        id: work.tx.newID(), organization: organization.id, slug: draft.slug, name: draft.name, description: draft.description,
        defaultRole: draft.defaultRole,
        size: .init(members: 0, serviceAccounts: 0, invitations: 0), createdAt: work.now, revision: 1)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(team), [Change("slug", to: team.slug.text)])
      try work.teams.insert(team, under: proof)
      return try work.seen(team, permit)
    }
  }

  /// Changes name, description or slug; the slug only for who manages teams by role, since scripts and addresses hang on it.
  public func update(_ team: String, _ update: TeamUpdate, seen: Int?, in reference: String, by caller: Caller) async throws(Problem) -> SeenTeam {
    try await plane.write(as: caller) { work in
      let (organization, before, permit) = try work.permit(UpdateTeam.self, on: team, in: reference)
      try before.expect(seen)
      let after = try update.applied(to: before)
      if after.slug != before.slug {
        guard permit.permissions.contains(.teamManage) else {
          throw Problem(.forbidden, "Only who manages all teams of the organization changes what one is called in addresses.")
        }
        try work.expectFree(after.slug, in: organization)
      }
      // What the team gets by itself later is for who may give it now: those who manage teams by role.
      guard after.defaultRole == before.defaultRole || permit.permissions.contains(.teamManage) else {
        throw Problem(.forbidden, "Only who manages all teams of the organization chooses the role that one gets by default.")
      }
      let changes = [
        Change.of("slug", before.slug.text, after.slug.text), .of("name", before.name.text, after.name.text),
        .of("description", before.description.text, after.description.text), .of("default_role", before.defaultRole?.name, after.defaultRole?.name),
      ].compactMap { $0 }
      guard !changes.isEmpty else { return try work.seen(before, permit) }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(after), changes)
      try work.teams.update(after, under: proof)
      if after.name != before.name {
        try work.grants.refreshName(of: after, under: proof)
        try work.organizationGrants.refreshName(of: after, under: proof)
      }
      return try work.seen(work.teams.find(after.id, in: organization.id).orDefect(), permit)
    }
  }

  /// Ends it with all places in it, for good. `confirm` is its slug, typed by a person; `nil` where nobody was asked.
  public func delete(_ team: String, confirm: String? = nil, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(DeleteTeam.self, in: reference)
      guard let team = try work.teams.find(team, in: organization.id) else { throw Problem(.missing, "There is no such team here.") }
      try team.expect(seen)
      try team.expectConfirmed(by: confirm)
      let roles = try work.organizationGrants.held(byTeam: team.id)
      try roles.expectWithin(permit.permissions)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(team),
        [
          Change("slug", from: team.slug.text), Change("members", from: String(team.size.members)),
          Change("service accounts", from: String(team.size.serviceAccounts)), Change.of("roles", roles.logged, nil),
        ])
      try work.teams.delete(team.id, under: proof)
    }
  }
}

/// What a caller may do with a team as it stands, for pages to show what can be done.
struct TeamOptions: Sendable {
  let canChange: Bool
  let canManagePeople: Bool
  /// By role: rename it, choose its maintainers, delete it.
  let canManage: Bool
}

extension Work {
  fileprivate func seen<A: Action>(_ team: Team, _ permit: Permit<A>) throws(Problem) -> SeenTeam {
    SeenTeam(team: team, seat: try teams.seat(of: actor(), in: team), showsInvitations: permit.permissions.contains(.invitationList))
  }

  fileprivate func expectFree(_ slug: Slug, in organization: Organization) throws(Problem) {
    guard try teams.find(slug.text, in: organization.id) == nil else {
      let reason = "Another team here is called \"\(slug)\"; choose another one."
      throw Problem(.takenName, reason, faults: [FieldFault("slug", reason)])
    }
  }
}
