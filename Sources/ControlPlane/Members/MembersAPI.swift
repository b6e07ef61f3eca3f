import Authorization
import Contract
import Kernel

extension Members {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Members.list) { call async throws(Problem) in
        let query = call.query
        let filter = MemberFilter(
          search: query.search, role: query.role.map(OrganizationRole.init), state: query.state.map { Member.State($0) }, order: query.order == .since ? .since : .name)
        let page = try await list(in: call.path.organization, filter, query.page(), by: call.caller)
        let now = plane.world.clock()
        return Wire.List(page) { Wire.Member($0, at: now) }
      },
      BoundEndpoint(API.Members.read) { call async throws(Problem) in
        Wire.Member(try await find(.named(call.path.member), in: call.path.organization, by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Members.access) { call async throws(Problem) in
        Wire.List(try await access(of: .named(call.path.member), in: call.path.organization, call.query.page(), by: call.caller)) { Wire.MemberAccess($0) }
      },
      BoundEndpoint(API.Members.add) { call async throws(Problem) in
        let member = try await add(
          call.body.account.cast(), roles: call.body.roles.map(\.rawValue), expires: call.body.expiresAt, to: call.path.organization, by: call.caller)
        return Wire.Member(member, at: plane.world.clock())
      },
      BoundEndpoint(API.Members.setRoles) { call async throws(Problem) in
        let member = try await setRoles(
          .named(call.path.member), call.body.roles.map(\.rawValue), seen: call.revision, in: call.path.organization, by: call.caller)
        return Wire.Member(member, at: plane.world.clock())
      },
      BoundEndpoint(API.Members.setManyRoles) { call async throws(Problem) in
        let ids = call.body.members
        let results = try await setRoles(ids.map { $0.cast() }, call.body.roles.map(\.rawValue), in: call.path.organization, by: call.caller)
        let now = plane.world.clock()
        return Wire.MemberResults(results: zip(ids, results).map { Wire.MemberResult($0, $1, at: now) })
      },
      BoundEndpoint(API.Members.setExpiry) { call async throws(Problem) in
        let member = try await setExpiry(.named(call.path.member), call.body.expiresAt, seen: call.revision, in: call.path.organization, by: call.caller)
        return Wire.Member(member, at: plane.world.clock())
      },
      BoundEndpoint(API.Members.clearExpiry) { call async throws(Problem) in
        let member = try await setExpiry(.named(call.path.member), nil, seen: call.revision, in: call.path.organization, by: call.caller)
        return Wire.Member(member, at: plane.world.clock())
      },
      BoundEndpoint(API.Members.suspend) { call async throws(Problem) in
        Wire.Member(try await suspend(.named(call.path.member), seen: call.revision, in: call.path.organization, by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Members.resume) { call async throws(Problem) in
        Wire.Member(try await resume(.named(call.path.member), seen: call.revision, in: call.path.organization, by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Members.remove) { call async throws(Problem) in
        try await remove(.named(call.path.member), seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Members.listFormer) { call async throws(Problem) in
        Wire.List(try await listFormer(in: call.path.organization, call.query.page(), by: call.caller), Wire.FormerMember.init)
      },
      BoundEndpoint(API.Members.reinstate) { call async throws(Problem) in
        Wire.Member(try await reinstate(.named(call.path.formerMember), in: call.path.organization, by: call.caller), at: plane.world.clock())
      },
    ]
  }
}

extension ID {
  /// The id in an address. One that can't be an id names nothing, so it is looked up as the id that nothing has.
  static func named(_ text: String) -> ID { ID(text) ?? .nothing }
}

extension Wire.MemberAccess {
  fileprivate init(_ held: MemberAccess) {
    self.init(
      role: held.role.short, level: held.place?.type.name ?? "organization", resource: held.place?.id.cast(), path: held.place?.path,
      team: held.team?.slug.text, since: held.since, expiresAt: held.expires)
  }
}

extension Wire.Member {
  init(_ member: Member, at now: Timestamp) {
    self.init(
      id: member.id.cast(), account: member.account.cast(), handle: member.handle.text, name: member.name.text, email: member.email?.text, roles: member.roles.roles.map(\.wire),
      state: Wire.MemberState(member.state(at: now)), source: Wire.MemberSource(member.source), since: member.since, expiresAt: member.expires, suspendedAt: member.suspended,
      revision: member.revision)
  }
}

extension Wire.MemberResult {
  init(_ id: ID<Wire.Member>, _ result: Result<Member, Problem>, at now: Timestamp) {
    switch result {
    case .success(let member): self.init(id: id, member: Wire.Member(member, at: now), problem: nil)
    case .failure(let problem): self.init(id: id, member: nil, problem: Wire.ProblemSummary(problem))
    }
  }
}

extension Wire.FormerMember {
  init(_ former: FormerMember) {
    self.init(
      id: former.id.cast(), account: former.account.cast(), handle: former.handle.text, name: former.name.text, email: former.email?.text, roles: former.roles.roles.map(\.wire),
      reason: former.reason == .left ? .left : .removed, since: former.since, leftAt: former.left, forgottenAt: former.forget)
  }
}

extension Wire.MemberState {
  init(_ state: Member.State) {
    switch state {
    case .active: self = .active
    case .suspended: self = .suspended
    case .expired: self = .expired
    case .deactivated: self = .deactivated
    }
  }
}

extension Member.State {
  init(_ state: Wire.MemberState) {
    switch state {
    case .active: self = .active
    case .suspended: self = .suspended
    case .expired: self = .expired
    case .deactivated: self = .deactivated
    }
  }
}

extension Wire.MemberSource {
  init(_ source: Member.Source) {
    switch source {
    case .founder: self = .founder
    case .invited: self = .invited
    case .added: self = .added
    case .requested: self = .requested
    case .domain: self = .domain
    case .singleSignOn: self = .singleSignOn
    case .directory: self = .directory
    }
  }
}
