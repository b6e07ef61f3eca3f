import Contract
import ControlPlane
import Kernel

/// Teams and who is in them.
struct TeamPart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.get, "/organizations/{organization}/teams") { request async throws(Problem) in
        let found = try await plane.all(5_000) { page async throws(Problem) in
          try await plane.teams.list(in: request.parameter("organization"), TeamFilter(), page, by: request.caller)
        }
        let name = request.text("name")
        return .json(.array(try Slice(request).of(found.filter { name == nil || $0.team.name.text == name }).map { People.team($0.team) }))
      },
      GatewayRoute(.post, "/teams") { request async throws(Problem) in
        let body = try request.json()
        let draft = try TeamDraft(name: body.needed("name"), description: body["description"]?.text ?? "")
        return .json(People.team(try await plane.teams.create(draft, in: body.needed("organization_id"), by: request.caller).team))
      },
      GatewayRoute(.get, "/teams/{team}") { request async throws(Problem) in .json(People.team(try await team(request).team)) },
      GatewayRoute(.patch, "/teams/{team}") { request async throws(Problem) in
        let (organization, team) = try await team(request)
        let body = try request.json()
        let update = TeamUpdate(name: body["name"]?.text, description: body["description"]?.text)
        return .json(People.team(try await plane.teams.update(team.id.description, update, seen: nil, in: organization, by: request.caller).team))
      },
      GatewayRoute(.delete, "/teams/{team}") { request async throws(Problem) in
        let (organization, team) = try await team(request)
        try await plane.teams.delete(team.id.description, in: organization, by: request.caller)
        return .done
      },
      GatewayRoute(.get, "/teams/{team}/members") { request async throws(Problem) in
        let (organization, team) = try await team(request)
        return .json(.array(try Slice(request).of(try await seats(of: team, in: organization, request)).map { Self.shown($0, in: team) }))
      },
      GatewayRoute(.post, "/teams/{team}/members") { request async throws(Problem) in
        let (organization, team) = try await team(request)
        let candidate: TeamCandidate
        switch (request.text("user_id"), request.text("invitation_id")) {
        case (let user?, nil): candidate = .anybody(user)
        case (nil, let invitation?): candidate = .invitation(invitation)
        default: throw Problem(.malformed, "Name a user or an invitation, and only one of them.")
        }
        let isThere = try await seats(of: team, in: organization, request).contains { Self.isSeat($0, of: candidate.text) }
        guard !isThere else { throw Problem(.takenName, "They are in the team already.") }
        for added in try await plane.teams.add([candidate], to: team.id.description, in: organization, by: request.caller) { _ = try added.result.get() }
        return .done
      },
      GatewayRoute(.delete, "/teams/{team}/members") { request async throws(Problem) in
        let (organization, team) = try await team(request)
        guard let who = request.text("user_id", "invitation_id") else { throw Problem.invalid("user_id", "This is needed.") }
        guard let seat = try await seats(of: team, in: organization, request).first(where: { Self.isSeat($0, of: who) }) else {
          throw Problem(.missing, "They aren't in the team.")
        }
        _ = try await plane.teams.remove(seat.id.description, from: team.id.description, in: organization, by: request.caller)
        return .done
      },
    ]
  }

  private func team(_ request: GatewayRequest) async throws(Problem) -> (organization: String, team: Team) {
    let id: ID<Team> = try request.id("team")
    let (organization, seen) = try await plane.place(of: request.caller) { organization async throws(Problem) in
      try await plane.teams.find(id.description, in: organization, by: request.caller)
    }
    return (organization, seen.team)
  }

  private func seats(of team: Team, in organization: String, _ request: GatewayRequest) async throws(Problem) -> [TeamMember] {
    try await plane.all(10_000) { page async throws(Problem) in
      try await plane.teams.listMembers(of: team.id.description, in: organization, page, by: request.caller)
    }
  }

  private static func isSeat(_ seat: TeamMember, of who: String) -> Bool {
    let who = who.lowercased()
    return switch seat.holder {
    case .member(_, let account, let handle, _): who == account.description || who == handle.key
    case .invitation(let id, let address): who == id.description || who == address.text.lowercased()
    case .serviceAccount(let id, let slug, _): who == id.description || who == slug.text
    }
  }

  private static func shown(_ seat: TeamMember, in team: Team) -> JSON {
    switch seat.holder {
    case .member(_, let account, let handle, let name):
      .object([.init("user", People.user(id: account.description, username: handle.text, name: name.text, email: "")), .init("invitation", .null)])
    case .serviceAccount(let id, let slug, let name):
      .object([
        .init("user", People.user(id: id.description, username: slug.text, name: name.text, email: nil, organization: team.organization)),
        .init("invitation", .null),
      ])
    case .invitation(let id, let address):
      .object([.init("user", .null), .init("invitation", .object([.init("id", .string(id.description)), .init("email", .string(address.text))]))])
    }
  }
}
