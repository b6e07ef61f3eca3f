import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var organizationAccess: OrganizationAccess { OrganizationAccess(plane: self) }
}

/// Roles on the organization beside those of the membership: custom ones, those for a time, and what teams give to who is in them.
public struct OrganizationAccess: Sendable {
  let plane: ControlPlane

  /// Members first, then service accounts and teams, each by name. `holder`: the id of a membership, a service account or a team.
  public func list(holder: String? = nil, in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<OrganizationGrant> {
    try await plane.read(as: caller) { work in
      try work.organizationGrants.list(in: work.permit(ListOrganizationAccess.self, in: reference).0.id, holder: holder, page)
    }
  }

  public func find(_ id: ID<OrganizationGrant>, in reference: String, by caller: Caller) async throws(Problem) -> OrganizationGrant {
    try await plane.read(as: caller) { work in try work.organizationGrant(id, in: work.permit(ListOrganizationAccess.self, in: reference).0) }
  }

  /// Gives a member, a service account or a team a role on the organization. Nobody gives a role that allows more than their own, nor one to whom they may
  /// not see.
  public func give(_ draft: GrantDraft, in reference: String, by caller: Caller) async throws(Problem) -> OrganizationGrant {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(GiveOrganizationAccess.self, in: reference)
      guard let name = draft.role else { throw Problem.invalid("role", "Choose a role.") }
      let role = try work.organizationRole(named: name, in: organization)
      if let expires = draft.expires, expires <= work.now { throw Grant.past }
      let holder = try work.holder(draft.candidate, in: organization, permit.permissions)
      let grant = OrganizationGrant(
        id: work.tx.newID(), organization: organization.id, holder: holder, role: role, expires: draft.expires, since: work.now, revision: 1)
      try work.expectWithinReach(grant, permit.permissions)
      let count = try work.organizationGrants.count(of: holder, role: role)
      guard count.same == 0 else { throw Grant.exists(holder, role) }
      guard count.all < OrganizationGrant.holderLimit, try work.organizationGrants.count(in: organization.id) < OrganizationGrant.limit else {
        throw Problem(.tooMany, "There are too many roles beside those of the memberships. Make a role of what several allow, or give it to a team.")
      }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(organization), [Change("access", to: grant.logged)])
      try work.organizationGrants.insert(grant, under: proof)
      return grant
    }
  }

  /// Changes the role or when it ends.
  public func update(
    _ id: ID<OrganizationGrant>, _ update: GrantUpdate, seen: Int?, in reference: String, by caller: Caller
  ) async throws(Problem) -> OrganizationGrant {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdateOrganizationAccess.self, in: reference)
      let before = try work.organizationGrant(id, in: organization)
      try before.expect(seen)
      try work.expectWithinReach(before, permit.permissions)
      var after = before
      if let name = update.role { after.role = try work.organizationRole(named: name, in: organization) }
      switch update.expires {
      case nil: break
      case .never: after.expires = nil
      case .at(let instant):
        guard instant > work.now || instant == before.expires else { throw Grant.past }
        after.expires = instant
      }
      try work.expectWithinReach(after, permit.permissions)
      guard after != before else { return before }
      if after.role != before.role, try work.organizationGrants.count(of: after.holder, role: after.role).same > 0 {
        throw Grant.exists(after.holder, after.role)
      }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(organization), [Change("access", from: before.logged, to: after.logged)])
      try work.organizationGrants.update(after, under: proof)
      return try work.organizationGrant(id, in: organization)
    }
  }

  /// Takes the role away, at once. Answers what it was.
  @discardableResult
  public func withdraw(
    _ id: ID<OrganizationGrant>, seen: Int? = nil, in reference: String, by caller: Caller
  ) async throws(Problem) -> OrganizationGrant {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(WithdrawOrganizationAccess.self, in: reference)
      let grant = try work.organizationGrant(id, in: organization)
      try grant.expect(seen)
      try work.expectWithinReach(grant, permit.permissions)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(organization), [Change("access", from: grant.logged)])
      try work.organizationGrants.delete(grant, under: proof)
      return grant
    }
  }
}

extension Work {
  fileprivate func organizationGrant(_ id: ID<OrganizationGrant>, in organization: Organization) throws(Problem) -> OrganizationGrant {
    guard let found = try organizationGrants.find(id, in: organization.id) else { throw Problem(.missing, "There is no such role on the organization here.") }
    return found
  }

  /// Refuses a role that allows more than the caller may do; and one of a service account to who may not change those, since who holds a key has it.
  func expectWithinReach(_ grant: OrganizationGrant, _ permissions: Set<Permission>) throws(Problem) {
    switch grant.holder {
    case .serviceAccount where !permissions.contains(.serviceAccountManage):
      throw Problem(.forbidden, "Only who manages service accounts gives them roles.")
    case .invitation: throw .invalid("holder", "An invitation has the roles that it says; change those, or give more once it is accepted.")
    default: break
    }
    guard grant.role.beyond(permissions).isEmpty else {
      throw Problem(
        .aboveOwnRights, "The role \(grant.role.name) allows more than your own roles do.",
        faults: [FieldFault("role", "Choose a role that allows no more than your own.")])
    }
  }

  /// Gives a former member back what they held on the organization.
  func restoreOrganizationRoles(_ roles: OrganizationRoles, to member: Member, under proof: Recorded) throws(Problem) {
    let holder = Grant.Holder.member(id: member.id, account: member.account, handle: member.handle, name: member.name)
    for held in roles.grants {
      try organizationGrants.insert(
        OrganizationGrant(
          id: tx.newID(), organization: member.organization, holder: holder, role: held.role, expires: held.expires, since: now, revision: 1), under: proof)
    }
  }
}
