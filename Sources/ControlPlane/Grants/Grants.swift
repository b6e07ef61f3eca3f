public import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var grants: Grants { Grants(plane: self) }
}

/// Who has which role on workspaces, clusters, projects and apps.
public struct Grants: Sendable {
  let plane: ControlPlane

  /// Members first, then open invitations for who may see those, service accounts and teams, each by name.
  public func list(
    on reference: ResourceReference, search: String? = nil, in organization: String, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<Grant> {
    try await plane.read(as: caller) { work in
      let place = try work.reading(reference, in: organization)
      return try work.grants.list(on: place.resource.id, search: search, showsInvitations: place.permissions.contains(.invitationList), page)
    }
  }

  /// One on the thing; that of an invitation only for who may see invitations.
  public func find(_ id: ID<Grant>, on reference: ResourceReference, in organization: String, by caller: Caller) async throws(Problem) -> Grant {
    try await plane.read(as: caller) { work in try work.grant(id, at: work.reading(reference, in: organization)) }
  }

  /// The greatest role that counts for the caller on each of some things, held there by themselves or through a team; without those where they have none.
  public func held(on resources: [ID<Resource>], in reference: String, by caller: Caller) async throws(Problem) -> [ID<Resource>: GrantedRole] {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      guard let holder = try work.grantHolder(in: organization) else { return [:] }
      var found: [ID<Resource>: GrantedRole] = [:]
      for part in resources.chunks(ofCount: 200) {
        for held in try work.grants.held(by: holder, on: part, within: false) where held.expires.map({ work.now < $0 }) ?? true {
          if let known = found[held.resource], !held.role.isGreater(than: known) { continue }
          found[held.resource] = held.role
        }
      }
      return found
    }
  }

  /// Gives somebody a role on one thing. Nobody gives a role that allows what they may not do there, nor access to whom they may not see.
  public func give(_ draft: GrantDraft, on reference: ResourceReference, in organization: String, by caller: Caller) async throws(Problem) -> Grant {
    try await plane.write(as: caller) { work in
      try work.giving(on: reference, in: organization) { (place, record) throws(Problem) in
        let role = try work.role(named: draft.role, at: place, for: draft.candidate)
        try place.expectWithin(role)
        if let expires = draft.expires, expires <= work.now { throw Grant.past }
        let holder = try work.holder(draft.candidate, in: place.organization, place.permissions)
        guard try work.grants.find(holder, role, on: place.resource.id) == nil else { throw Grant.exists(holder, role) }
        guard try work.grants.count(on: place.resource.id) < Grant.limit else {
          throw Problem(.tooMany, "A \(place.resource.type.noun) can have \(Grant.limit) people with access. Give access to a team instead.")
        }
        let grant = Grant(
          id: work.tx.newID(), resource: place.resource.id, holder: holder, role: role, expires: draft.expires, since: work.now, revision: 1)
        let proof = try record([Change("access", to: grant.logged)])
        try work.grants.insert(grant, under: proof)
        return grant
      }
    }
  }

  /// Changes the role or the end of somebody's access. Nobody touches a role that allows what they may not do there.
  public func update(
    _ id: ID<Grant>, _ update: GrantUpdate, seen: Int?, on reference: ResourceReference, in organization: String, by caller: Caller
  ) async throws(Problem) -> Grant {
    try await plane.write(as: caller) { work in
      try work.updating(on: reference, in: organization) { (place, record) throws(Problem) in
        let before = try work.grant(id, at: place)
        try before.expect(seen)
        try place.expectWithin(before.role)
        var after = before
        if let role = update.role { after.role = try work.role(named: role, at: place) }
        try place.expectWithin(after.role)
        switch update.expires {
        case nil: break
        case .never: after.expires = nil
        case .at(let instant):
          guard instant > work.now || instant == before.expires else { throw Grant.past }
          after.expires = instant
        }
        guard after != before else { return before }
        if after.role != before.role, try work.grants.find(after.holder, after.role, on: place.resource.id) != nil {
          throw Grant.exists(after.holder, after.role)
        }
        if after.role != before.role || after.expires != nil { try work.expectLastingAdmin(without: before, at: place) }
        let proof = try record([Change("access", from: before.logged, to: after.logged)])
        try work.grants.update(after, under: proof)
        return try work.grants.find(id, on: place.resource.id).orDefect()
      }
    }
  }

  /// Ends somebody's access, at once. Answers what they had. Everybody may end their own.
  @discardableResult
  public func withdraw(
    _ id: ID<Grant>, seen: Int? = nil, on reference: ResourceReference, in organization: String, by caller: Caller
  ) async throws(Problem) -> Grant {
    try await plane.write(as: caller) { work in
      let own = try work.isOwn(id, on: reference, in: organization)
      let withdrawing: (GrantPlace, Work.GrantRecorder) throws(Problem) -> Grant = { (place, record) throws(Problem) in
        let grant = try work.grant(id, at: place)
        try grant.expect(seen)
        if !own { try place.expectWithin(grant.role) }
        try work.expectLastingAdmin(without: grant, at: place)
        let proof = try record([Change("access", from: grant.logged)])
        try work.grants.delete(id, under: proof)
        // Who has a cluster no longer has nothing on it either.
        if place.resource.type == .cluster { _ = try work.organizationClusters.endAccess(within: place.resource.id, of: grant.holder, under: proof) }
        return grant
      }
      return own
        ? try work.leaving(on: reference, in: organization, withdrawing) : try work.withdrawing(on: reference, in: organization, withdrawing)
    }
  }
}

extension GrantedRole {
  /// Of built-in roles the one that people expect first; before all others.
  public func isGreater(than other: GrantedRole) -> Bool {
    switch (self, other) {
    case (.resource(let role), .resource(let other)): role < other
    case (.resource, _): true
    default: false
    }
  }
}
