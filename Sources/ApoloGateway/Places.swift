import Authorization
import Contract
import ControlPlane
import Kernel

/// Who has which role on a cluster or a project: Apolo knows one for each person, the greatest of those they hold there.
struct Places {
  let plane: ControlPlane

  /// What people hold by themselves, by account.
  func roles(on place: ResourceReference, in organization: String, by caller: Caller) async throws(Problem) -> [ID<Account>: Grant] {
    var found: [ID<Account>: Grant] = [:]
    for grant in try await all({ page throws(Problem) in try await plane.grants.list(on: place, in: organization, page, by: caller) }) {
      guard case .member(_, let account, _, _) = grant.holder else { continue }
      if let known = found[account], !grant.role.isGreater(than: known.role) { continue }
      found[account] = grant
    }
    return found
  }

  /// The role of one; `nil` where they have none by themselves.
  func role(of member: Member, on place: ResourceReference, in organization: String, by caller: Caller) async throws(Problem) -> Grant? {
    try await roles(on: place, in: organization, by: caller)[member.account]
  }

  /// Gives a role to who has none. Without a name the default one.
  func give(_ role: String?, to member: Member, on place: ResourceReference, in organization: String, by caller: Caller) async throws(Problem) {
    if try await self.role(of: member, on: place, in: organization, by: caller) != nil {
      throw Problem(.alreadyGranted, "\(member.handle) has a role there already. Change it instead.")
    }
    _ = try await plane.grants.give(GrantDraft(.member(member.account.description), role: role), on: place, in: organization, by: caller)
  }

  /// Gives another role in place of the one that they have. Refuses as missing who has none.
  func change(_ role: String, of member: Member, on place: ResourceReference, in organization: String, by caller: Caller) async throws(Problem) {
    let grant = try await held(by: member, on: place, in: organization, by: caller)
    _ = try await plane.grants.update(grant.id, GrantUpdate(role: role), seen: nil, on: place, in: organization, by: caller)
  }

  /// Ends all that a member has there by themselves.
  func withdraw(from member: Member, on place: ResourceReference, in organization: String, by caller: Caller) async throws(Problem) {
    var grant: Grant? = try await held(by: member, on: place, in: organization, by: caller)
    while let present = grant {
      try await plane.grants.withdraw(present.id, on: place, in: organization, by: caller)
      do throws(Problem) {
        grant = try await role(of: member, on: place, in: organization, by: caller)
      } catch {
        // Who gave up their own doesn't see the others any more.
        guard [.missing, .forbidden].contains(error.kind) else { throw error }
        grant = nil
      }
    }
  }

  private func held(by member: Member, on place: ResourceReference, in organization: String, by caller: Caller) async throws(Problem) -> Grant {
    guard let grant = try await role(of: member, on: place, in: organization, by: caller) else {
      throw Problem(.missing, "\(member.handle) has no role there.")
    }
    return grant
  }

  // MARK: Of one person

  /// The clusters on which a member has a role, as far as the caller may see who has.
  func clusters(of member: Member, in organization: Organization, by caller: Caller) async throws(Problem) -> [JSON] {
    let reference = organization.id.description
    var found: [JSON] = []
    for tenant in try await all({ page throws(Problem) in try await plane.organizationClusters.list(in: reference, page, by: caller) }) {
      let cluster = tenant.cluster.slug.text
      guard let grant = try await seenRole(of: member, on: .cluster(cluster), in: reference, by: caller) else { continue }
      let limits = try await Limits(plane: plane).all(on: cluster, in: reference, by: caller)
      let share = try await Shares(plane: plane).of(member, in: reference, by: caller)
      found.append([
        "cluster_name": .string(cluster), "org_name": .string(organization.slug.text), "role": .string(Roles.clusterName(of: grant.role)),
        "quota": Limits.json(limits, of: member.account), "balance": Shares.json(share),
      ])
    }
    return found
  }

  /// The projects in which a member has a role.
  func projects(of member: Member, in organization: String, named name: String, by caller: Caller) async throws(Problem) -> [JSON] {
    var found: [JSON] = []
    for project in try await all({ page throws(Problem) in try await plane.projects.list(at: nil, in: organization, page, by: caller) })
    where project.place.kind == .cluster {
      let place = ResourceReference.projectAt(project.resource.slug.text, .cluster(project.place.slug.text))
      guard let grant = try await seenRole(of: member, on: place, in: organization, by: caller) else { continue }
      found.append([
        "project_name": .string(project.resource.slug.text), "cluster_name": .string(project.place.slug.text), "org_name": .string(name),
        "role": .string(Roles.projectName(of: grant.role)),
      ])
    }
    return found
  }

  private func seenRole(of member: Member, on place: ResourceReference, in organization: String, by caller: Caller) async throws(Problem) -> Grant? {
    do throws(Problem) {
      return try await role(of: member, on: place, in: organization, by: caller)
    } catch {
      guard [.missing, .forbidden].contains(error.kind) else { throw error }
      return nil
    }
  }
}
