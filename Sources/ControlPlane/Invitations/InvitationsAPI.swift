import Authorization
import Contract
import Kernel

extension Invitations {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Invitations.create) { call async throws(Problem) in
        let draft = try InvitationDraft(
          address: call.body.email.text, roles: call.body.roles?.map(\.rawValue), message: call.body.message?.text ?? "", days: call.body.expiresInDays)
        return Wire.SentInvitation(try await send(draft, to: call.path.organization, by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Invitations.createMany) { call async throws(Problem) in
        let rows = try await send(
          to: call.body.emails, roles: call.body.roles?.map(\.rawValue), message: call.body.message?.text ?? "", days: call.body.expiresInDays,
          in: call.path.organization,
          by: call.caller)
        let now = plane.world.clock()
        return Wire.InvitationResults(results: rows.map { Wire.InvitationResult($0.address, $0.result, at: now) })
      },
      BoundEndpoint(API.Invitations.list) { call async throws(Problem) in
        let state = call.query.state.map { Invitation.State($0) }
        let page = try await list(in: call.path.organization, state, search: call.query.search, call.query.page(), by: call.caller)
        let now = plane.world.clock()
        return Wire.List(page) { Wire.Invitation($0, at: now) }
      },
      BoundEndpoint(API.Invitations.read) { call async throws(Problem) in
        Wire.Invitation(try await find(.named(call.path.invitation), in: call.path.organization, by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Invitations.renew) { call async throws(Problem) in
        let sent = try await renew(
          .named(call.path.invitation), mail: call.body.mail ?? true, seen: call.revision, in: call.path.organization, by: call.caller)
        return Wire.SentInvitation(sent, at: plane.world.clock())
      },
      BoundEndpoint(API.Invitations.setRoles) { call async throws(Problem) in
        let invitation = try await setRoles(
          .named(call.path.invitation), call.body.roles.map(\.rawValue), seen: call.revision, in: call.path.organization, by: call.caller)
        return Wire.Invitation(invitation, at: plane.world.clock())
      },
      BoundEndpoint(API.Invitations.cancel) { call async throws(Problem) in
        let invitation = try await cancel(.named(call.path.invitation), seen: call.revision, in: call.path.organization, by: call.caller)
        return Wire.Invitation(invitation, at: plane.world.clock())
      },
      BoundEndpoint(API.Invitations.inbox) { call async throws(Problem) in Wire.Inbox(items: try await inbox(of: call.caller).map(Wire.ReceivedInvitation.init)) },
      BoundEndpoint(API.Invitations.accept) { call async throws(Problem) in
        Wire.Acceptance(try await accept(.inbox(.named(call.path.invitation)), by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Invitations.decline) { call async throws(Problem) in
        _ = try await decline(.inbox(.named(call.path.invitation)), by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Invitations.preview) { call async throws(Problem) in
        Wire.ReceivedInvitation(try await preview(link: call.body.token.text, from: call.caller.origin))
      },
      BoundEndpoint(API.Invitations.acceptLink) { call async throws(Problem) in
        Wire.Acceptance(try await accept(.link(call.body.token.text), by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Invitations.declineLink) { call async throws(Problem) in
        _ = try await decline(.link(call.body.token.text), by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension Wire.Invitation {
  init(_ invitation: Invitation, at now: Timestamp) {
    self.init(
      id: invitation.id.cast(), email: invitation.address.text, roles: invitation.roles.roles.map(\.wire), message: invitation.message.text, inviter: invitation.inviter.cast(),
      state: Wire.InvitationState(invitation.state(at: now)), createdAt: invitation.createdAt, sentAt: invitation.sentAt, timesSent: invitation.timesSent,
      expiresAt: invitation.expires, revision: invitation.revision, mailTrouble: invitation.mailTrouble)
  }
}

extension Wire.SentInvitation {
  init(_ sent: SentInvitation, at now: Timestamp) { self.init(invitation: Wire.Invitation(sent.invitation, at: now), link: sent.link, mailed: sent.isMailed) }
}

extension Wire.InvitationResult {
  init(_ address: String, _ result: Result<SentInvitation, Problem>, at now: Timestamp) {
    switch result {
    case .success(let sent): self.init(email: address, sent: Wire.SentInvitation(sent, at: now), problem: nil)
    case .failure(let problem): self.init(email: address, sent: nil, problem: Wire.ProblemSummary(problem))
    }
  }
}

extension Wire.ReceivedInvitation {
  init(_ received: ReceivedInvitation) {
    self.init(
      id: received.invitation.id.cast(), organization: Wire.OrganizationName(received.organization), roles: received.invitation.roles.roles.map(\.wire),
      message: received.invitation.message.text, inviterName: received.inviterName.text, state: Wire.InvitationState(received.state), expiresAt: received.invitation.expires)
  }
}

extension Wire.Acceptance {
  init(_ member: Member, at now: Timestamp) { self.init(organization: member.organization.cast(), member: Wire.Member(member, at: now)) }
}

extension Wire.InvitationState {
  init(_ state: Invitation.State) {
    switch state {
    case .pending: self = .pending
    case .accepted: self = .accepted
    case .declined: self = .declined
    case .cancelled: self = .cancelled
    case .expired: self = .expired
    }
  }
}

extension Invitation.State {
  init(_ state: Wire.InvitationState) {
    switch state {
    case .pending: self = .pending
    case .accepted: self = .accepted
    case .declined: self = .declined
    case .cancelled: self = .cancelled
    case .expired: self = .expired
    }
  }
}
