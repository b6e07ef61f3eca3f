import Authorization
import Contract
import Kernel

extension Teams {
  var operations: [BoundEndpoint] { teamOperations + memberOperations }

  private var teamOperations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Teams.list) { call async throws(Problem) in
        let filter = TeamFilter(search: call.query.search, member: call.query.member.map { .named($0) })
        return Wire.List(try await list(in: call.path.organization, filter, call.query.page(), by: call.caller), Wire.Team.init)
      },
      BoundEndpoint(API.Teams.create) { call async throws(Problem) in
        let draft = try TeamDraft(name: call.body.name.text, slug: call.body.slug.orProposed(), description: call.body.description?.text ?? "",
          defaultRole: call.body.defaultRole?.name ?? "")
        return Wire.Team(try await create(draft, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Teams.read) { call async throws(Problem) in
        Wire.Team(try await find(call.path.team, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Teams.update) { call async throws(Problem) in
        let update = TeamUpdate(
          name: call.body.name?.text, slug: call.body.slug?.text, description: call.body.description?.text, defaultRole: call.body.defaultRole?.name)
        return Wire.Team(try await self.update(call.path.team, update, seen: call.revision, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Teams.delete) { call async throws(Problem) in
        try await delete(call.path.team, seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ]
  }

  private var memberOperations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Teams.listMembers) { call async throws(Problem) in
        let page = try await listMembers(of: call.path.team, search: call.query.search, in: call.path.organization, call.query.page(), by: call.caller)
        return Wire.List(page, Wire.TeamMember.init)
      },
      BoundEndpoint(API.Teams.addMembers) { call async throws(Problem) in
        let candidates =
          (call.body.members ?? []).map(TeamCandidate.member) + (call.body.serviceAccounts ?? []).map(TeamCandidate.serviceAccount)
          + (call.body.invitations ?? []).map(TeamCandidate.invitation)
        let rows = try await add(candidates, to: call.path.team, in: call.path.organization, by: call.caller)
        return Wire.TeamMemberResults(results: rows.map(Wire.TeamMemberResult.init))
      },
      BoundEndpoint(API.Teams.removeMember) { call async throws(Problem) in
        try await remove(call.path.teamMember, from: call.path.team, in: call.path.organization, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Teams.addMaintainer) { call async throws(Problem) in
        Wire.TeamMember(try await addMaintainer(call.path.teamMember, of: call.path.team, in: call.path.organization, by: call.caller))
      },
      BoundEndpoint(API.Teams.removeMaintainer) { call async throws(Problem) in
        Wire.TeamMember(try await removeMaintainer(call.path.teamMember, of: call.path.team, in: call.path.organization, by: call.caller))
      },
    ]
  }
}

extension Wire.Team {
  init(_ seen: SeenTeam) {
    let team = seen.team
    self.init(
      id: team.id.cast(), slug: team.slug.text, name: team.name.text, description: team.description.text, defaultRole: team.defaultRole?.name,
      members: team.size.members,
      serviceAccounts: team.size.serviceAccounts, invitations: seen.showsInvitations ? team.size.invitations : nil, ownSeat: seen.seat.map(Wire.TeamSeat.init),
      createdAt: team.createdAt, revision: team.revision)
  }
}

extension Wire.TeamDefaultRole {
  /// Empty for none.
  fileprivate var name: String { self == .none ? "" : rawValue }
}

extension Wire.TeamSeat {
  init(_ seat: TeamSeat) {
    self =
      switch seat {
      case .member: .member
      case .maintainer: .maintainer
      }
  }
}

extension Wire.TeamMember {
  init(_ seat: TeamMember) {
    switch seat.holder {
    case .member(let id, let account, let handle, let name):
      self.init(
        id: seat.id.cast(), kind: .account, account: account.cast(), member: id.cast(), name: name.text, handle: handle.text, maintainer: seat.maintains,
        since: seat.since)
    case .invitation(let id, let address):
      self.init(
        id: seat.id.cast(), kind: .invitation, invitation: id.cast(), name: address.text, handle: nil, maintainer: seat.maintains, since: seat.since)
    case .serviceAccount(let id, let slug, let name):
      self.init(
        id: seat.id.cast(), kind: .serviceAccount, serviceAccount: id.cast(), name: name.text, handle: slug.text, maintainer: seat.maintains,
        since: seat.since)
    }
  }
}

extension Wire.TeamMemberResult {
  init(_ row: AddedTeamMember) {
    switch row.result {
    case .success(let added): self.init(given: row.candidate.text, added: Wire.TeamMember(added), problem: nil)
    case .failure(let problem): self.init(given: row.candidate.text, added: nil, problem: Wire.ProblemSummary(problem))
    }
  }
}
