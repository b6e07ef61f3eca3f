import Authorization
import Contract
import Kernel

extension Collaborators {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Collaborators.list) { call async throws(Problem) in
        let page = try await list(of: call.path.app, search: call.query.search, in: call.path.organization, call.query.page(), by: call.caller)
        let now = plane.world.clock()
        return Wire.List(page) { Wire.Collaborator($0, at: now) }
      },
      BoundEndpoint(API.Collaborators.invite) { call async throws(Problem) in
        let body = call.body
        let draft = try CollaboratorDraft(
          who: body.who, role: body.role, expires: body.expiresAt, message: body.message?.text ?? "", days: body.expiresInDays)
        return Wire.SentCollaboration(
          try await invite(draft, to: call.path.app, in: call.path.organization, by: call.caller), at: plane.world.clock())
      },
      BoundEndpoint(API.Collaborators.update) { call async throws(Problem) in
        let update = GrantUpdate(role: call.body.role, expires: call.body.lasts == true ? .never : call.body.expiresAt.map { .at($0) })
        let after = try await self.update(
          .named(call.path.collaborator), update, seen: call.revision, of: call.path.app, in: call.path.organization, by: call.caller)
        return Wire.Collaborator(after, at: plane.world.clock())
      },
      BoundEndpoint(API.Collaborators.renew) { call async throws(Problem) in
        let sent = try await renew(
          .named(call.path.collaborator), mail: call.body.mail ?? true, seen: call.revision, of: call.path.app, in: call.path.organization, by: call.caller)
        return Wire.SentCollaboration(sent, at: plane.world.clock())
      },
      BoundEndpoint(API.Collaborators.remove) { call async throws(Problem) in
        try await remove(.named(call.path.collaborator), seen: call.revision, of: call.path.app, in: call.path.organization, by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Collaborators.listAll) { call async throws(Problem) in
        let page = try await listAll(in: call.path.organization, search: call.query.search, call.query.page(), by: call.caller)
        let now = plane.world.clock()
        return Wire.List(page) { Wire.Collaborator($0, at: now) }
      },
      BoundEndpoint(API.Collaborators.removeAny) { call async throws(Problem) in
        try await removeAny(.named(call.path.collaborator), seen: call.revision, in: call.path.organization, by: call.caller)
        return Nothing()
      },
    ] + ofPerson
  }

  private var ofPerson: [BoundEndpoint] {
    [
      BoundEndpoint(API.Collaborators.listOwn) { call async throws(Problem) in
        Wire.Collaborations(items: try await own(by: call.caller).map { Wire.Collaboration($0) })
      },
      BoundEndpoint(API.Collaborators.accept) { call async throws(Problem) in
        Wire.Collaboration(try await accept(.own(.named(call.path.collaboration)), by: call.caller))
      },
      BoundEndpoint(API.Collaborators.leave) { call async throws(Problem) in
        try await leave(.own(.named(call.path.collaboration)), by: call.caller)
        return Nothing()
      },
      BoundEndpoint(API.Collaborators.preview) { call async throws(Problem) in
        Wire.Collaboration(try await preview(link: call.body.token.text, from: call.caller.origin))
      },
      BoundEndpoint(API.Collaborators.acceptLink) { call async throws(Problem) in
        Wire.Collaboration(try await accept(.link(call.body.token.text), by: call.caller))
      },
      BoundEndpoint(API.Collaborators.declineLink) { call async throws(Problem) in
        try await leave(.link(call.body.token.text), by: call.caller)
        return Nothing()
      },
    ]
  }
}

extension Wire.AppName {
  fileprivate init(_ app: Collaborator.AppLabel) { self.init(id: app.id.cast(), slug: app.slug.text, name: app.name.text) }
}

extension Wire.CollaboratorState {
  fileprivate init(_ state: Collaborator.State) {
    switch state {
    case .invited: self = .invited
    case .expired: self = .expired
    case .active: self = .active
    case .ended: self = .ended
    }
  }
}

extension Wire.Collaborator {
  fileprivate init(_ collaborator: Collaborator, at now: Timestamp) {
    var (answerBy, since): (Timestamp?, Timestamp?)
    switch collaborator.answer {
    case .awaited(let end): answerBy = end
    case .accepted(let instant): since = instant
    }
    self.init(
      id: collaborator.id.cast(), app: Wire.AppName(collaborator.app), state: Wire.CollaboratorState(collaborator.state(at: now)),
      account: collaborator.person?.account.cast(), handle: collaborator.person?.handle.text, name: collaborator.name, email: collaborator.address?.text,
      role: collaborator.role.short, customRole: collaborator.role.stored.custom.flatMap { ID($0) }, expiresAt: collaborator.expires,
      message: collaborator.message.text, invitedBy: collaborator.inviter.name, createdAt: collaborator.createdAt, sentAt: collaborator.sentAt,
      answerBy: answerBy, since: since, revision: collaborator.revision)
  }
}

extension Wire.SentCollaboration {
  fileprivate init(_ sent: SentCollaboration, at now: Timestamp) {
    self.init(collaborator: Wire.Collaborator(sent.collaborator, at: now), link: sent.link, mailed: sent.isMailed)
  }
}

extension Wire.Collaboration {
  fileprivate init(_ found: Collaboration) {
    let collaborator = found.collaborator
    var (answerBy, since): (Timestamp?, Timestamp?)
    switch collaborator.answer {
    case .awaited(let end): answerBy = end
    case .accepted(let instant): since = instant
    }
    self.init(
      id: collaborator.id.cast(), organization: Wire.OrganizationName(found.organization), app: Wire.AppName(collaborator.app),
      state: Wire.CollaboratorState(found.state), role: collaborator.role.short, expiresAt: collaborator.expires, message: collaborator.message.text,
      invitedBy: collaborator.inviter.name, answerBy: answerBy, since: since)
  }
}
