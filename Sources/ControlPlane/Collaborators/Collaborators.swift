import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ControlPlane {
  public var collaborators: Collaborators { Collaborators(plane: self) }
}

/// People who aren't members and work on one app: inviting them, and what they have.
public struct Collaborators: Sendable {
  let plane: ControlPlane

  // MARK: By who manages the app

  /// Those of an app and who is invited to be one, by name.
  public func list(
    of app: String, search: String? = nil, in reference: String, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> Page<Collaborator> {
    try await plane.read(as: caller) { work in
      let (organization, app, _) = try work.permit(ListCollaborators.self, onApp: app, in: reference, inside: true)
      return try work.collaborators.list(of: app.id, in: organization.id, search: search, page)
    }
  }

  /// One of them.
  public func find(_ id: ID<Collaborator>, of app: String, in reference: String, by caller: Caller) async throws(Problem) -> Collaborator {
    try await plane.read(as: caller) { work in
      let (organization, app, _) = try work.permit(ListCollaborators.self, onApp: app, in: reference, inside: true)
      return try work.collaborator(id, on: app, in: organization)
    }
  }

  /// Whether the organization lets the caller invite any, by its settings.
  func mayInvite(in organization: Organization, _ permissions: Set<Permission>, by caller: Caller) async throws(Problem) -> Bool {
    try await plane.read(as: caller) { work in try work.collaboratorRefusal(in: organization, permissions) == nil }
  }

  /// Invites somebody who isn't a member to one app. Inviting the same person again renews the open invitation: new link, new term, the draft's role.
  ///
  /// Refuses members, who has access as an outside collaborator already, roles beyond what the caller may do on the app, what the organization's settings don't
  /// let the caller do, and more invitations an hour than are allowed.
  public func invite(_ draft: CollaboratorDraft, to app: String, in reference: String, by caller: Caller) async throws(Problem) -> SentCollaboration {
    try await plane.write(as: caller) { work in
      let (organization, app, permit) = try work.permit(InviteCollaborator.self, onApp: app, in: reference, inside: true)
      return try work.invite(draft, to: app, of: organization, permit)
    }
  }

  /// A new link and a new term for who hasn't answered; the old link is dead. With `mail` false only the link is answered, for who hands it over otherwise.
  public func renew(
    _ id: ID<Collaborator>, mail: Bool = true, seen: Int? = nil, of app: String, in reference: String, by caller: Caller
  ) async throws(Problem) -> SentCollaboration {
    try await plane.write(as: caller) { work in
      let (organization, app, permit) = try work.permit(RenewCollaborator.self, onApp: app, in: reference, inside: true)
      var collaborator = try work.collaborator(id, on: app, in: organization)
      try collaborator.expect(seen)
      try collaborator.role.expectWithin(permit.resourceRights)
      if let refusal = try work.collaboratorRefusal(in: organization, permit.permissions) { throw refusal }
      try collaborator.renew(by: work.inviter(), for: work.organizationSettings.inForce(in: organization.id).invitationTerm, at: work.now)
      try work.takeInvitationAllowance(in: organization)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(collaborator), [Change("app", to: app.resource.slug.text)])
      return try work.deliver(collaborator, of: organization, mail: mail, isNew: false, under: proof)
    }
  }

  /// Changes somebody's role on the app, or when their access ends. Nobody gives or takes what they lack.
  public func update(
    _ id: ID<Collaborator>, _ update: GrantUpdate, seen: Int?, of app: String, in reference: String, by caller: Caller
  ) async throws(Problem) -> Collaborator {
    try await plane.write(as: caller) { work in
      let (organization, app, permit) = try work.permit(UpdateCollaborator.self, onApp: app, in: reference, inside: true)
      let before = try work.collaborator(id, on: app, in: organization)
      try before.expect(seen)
      try before.role.expectWithin(permit.resourceRights)
      var after = before
      if let role = update.role { after.role = try work.resourceRole(named: role, on: .app, in: organization) }
      try after.role.expectWithin(permit.resourceRights)
      switch update.expires {
      case nil: break
      case .never: after.expires = nil
      case .at(let instant):
        guard instant > work.now || instant == before.expires else { throw Grant.past }
        after.expires = instant
      }
      guard after != before else { return before }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(after),
        [Change("app", to: app.resource.slug.text), Change("access", from: before.logged, to: after.logged)])
      try work.collaborators.update(after, under: proof)
      return try work.collaborator(id, on: app, in: organization)
    }
  }

  /// Ends somebody's access to the app at once, or withdraws the invitation. Answers what they had.
  @discardableResult
  public func remove(_ id: ID<Collaborator>, seen: Int? = nil, of app: String, in reference: String, by caller: Caller) async throws(Problem) -> Collaborator {
    try await plane.write(as: caller) { work in
      let (organization, app, permit) = try work.permit(RemoveCollaborator.self, onApp: app, in: reference, inside: true)
      let collaborator = try work.collaborator(id, on: app, in: organization)
      try collaborator.expect(seen)
      try collaborator.role.expectWithin(permit.resourceRights)
      try work.end(collaborator, under: work.record(permit, in: .organization(organization.id), on: Target(collaborator), collaborator.losses))
      return collaborator
    }
  }

  // MARK: By who watches over the organization

  /// Those of all apps and who is invited to be one, by name.
  public func listAll(in reference: String, search: String? = nil, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Collaborator> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListAllCollaborators.self, in: reference).0
      return try work.collaborators.list(of: nil, in: organization.id, search: search, page)
    }
  }

  /// The same as ``remove(_:seen:of:in:by:)``, on whichever app, for who may remove members.
  @discardableResult
  public func removeAny(_ id: ID<Collaborator>, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> Collaborator {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(RemoveAnyCollaborator.self, in: reference)
      guard let collaborator = try work.collaborators.find(id, in: organization.id) else { throw Collaborator.missing }
      try collaborator.expect(seen)
      try work.end(collaborator, under: work.record(permit, in: .organization(organization.id), on: Target(collaborator), collaborator.losses))
      return collaborator
    }
  }

  // MARK: By who is invited

  /// What the caller has as an outside collaborator, and what they are invited to and can still answer, the newest first.
  public func own(by caller: Caller) async throws(Problem) -> [Collaboration] {
    try await plane.read(as: caller) { work in
      try work.collaborators.own(of: work.person().id).compactMap { found throws(Problem) in try work.collaboration(found) }
        .filter { $0.state != .expired }
    }
  }

  /// What a link invites to, for whoever holds it; nothing is said of where it was sent. Refuses as `gone` a link that never was or is dead.
  public func preview(link secret: String, from origin: Origin) async throws(Problem) -> Collaboration {
    try await plane.read(as: Caller(.none, from: origin)) { work in
      guard let found = try work.collaboration(work.collaborator(behind: secret)) else { throw Problem.spentLink }
      return found
    }
  }

  /// Whether the link is the caller's to answer.
  func isAddressed(link secret: String, to caller: Caller) async throws(Problem) -> Bool {
    try await plane.read(as: caller) { work in
      let collaborator = try work.collaborator(behind: secret)
      return try work.isAddressed(collaborator, to: work.person())
    }
  }

  /// Takes the access that was offered. Accepting again what one has accepted answers the same.
  public func accept(_ key: CollaborationKey, by caller: Caller) async throws(Problem) -> Collaboration {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(AcceptCollaboration.self, on: person.id)
      var (collaborator, organization) = try work.answerable(key, by: person)
      if case .accepted = collaborator.answer { return Collaboration(collaborator, of: organization, at: work.now) }
      guard organization.state.kind != .suspended else {
        throw Problem(.suspendedOrganization, "\(organization.name) is suspended and takes nobody in for now.")
      }
      guard try work.members.of(person.id, in: organization.id) == nil else {
        throw Problem(.alreadyMember, "You are a member of \(organization.name), who don't need this: ask for a role on the app instead.")
      }
      guard try work.organizationSettings.inForce(in: organization.id).outsideCollaborators != .nobody else {
        throw Problem(.collaboratorsOff, "\(organization.name) takes no outside collaborators any more.")
      }
      try collaborator.accept(by: Collaborator.Known(account: person.id, handle: person.handle, name: person.name), at: work.now)
      let other = try work.collaborators.find(person.id, on: collaborator.app.id).flatMap { $0.id == collaborator.id ? nil : $0 }
      if case .accepted? = other?.answer { throw Problem(.alreadyCollaborator, "You have access to this app already.") }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(collaborator),
        [Change("app", to: collaborator.app.slug.text), Change("access", to: collaborator.logged)])
      // Holding the link that was sent there proves the mailbox.
      if let own = try work.accounts.emails(of: person.id).first(where: { $0.address == collaborator.address }), !own.isVerified {
        try work.accounts.verify(own.id, under: proof)
      }
      // Who was invited twice, by address and by handle, answers both.
      if let other { try work.collaborators.delete(other, under: proof) }
      try work.collaborators.update(collaborator, under: proof)
      return Collaboration(try work.collaborators.find(collaborator.id, in: organization.id).orDefect(), of: organization, at: work.now)
    }
  }

  /// Gives up the access, or declines what was offered.
  @discardableResult
  public func leave(_ key: CollaborationKey, by caller: Caller) async throws(Problem) -> Collaboration {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let (collaborator, organization) = try work.answerable(key, by: person)
      let proof: Recorded
      if case .accepted = collaborator.answer {
        proof = try work.record(
          work.permit(LeaveCollaboration.self, on: person.id, in: organization), in: .organization(organization.id), on: Target(collaborator),
          collaborator.losses)
      } else {
        proof = try work.record(
          work.permit(DeclineCollaboration.self, on: person.id), in: .organization(organization.id), on: Target(collaborator), collaborator.losses)
      }
      try work.end(collaborator, under: proof)
      return Collaboration(collaborator, of: organization, at: work.now)
    }
  }
}

extension Collaborator {
  fileprivate static let missing = Problem(.missing, "There is no such outside collaborator here.")

  /// What the log says that ends.
  var losses: [Change?] { [Change("app", from: app.slug.text), Change("access", from: logged)] }

  fileprivate var mailSubject: String { "\(inviter.name) invites you to the app \(app.name)" }
}

extension Collaboration {
  fileprivate init(_ collaborator: Collaborator, of organization: Organization, at now: Timestamp) {
    self.init(collaborator: collaborator, organization: organization, state: collaborator.state(at: now))
  }
}

extension GrantedRole {
  /// Refuses a role that allows what the caller may not do on the app: nobody gives it, changes it or takes it away.
  fileprivate func expectWithin(_ rights: RightSet) throws(Problem) {
    guard beyond(rights).isEmpty else {
      throw Problem(.aboveOwnRights, "The role \(short) allows more on this app than you may do yourself; ask who has full access.")
    }
  }
}

extension Work {
  /// Why the organization's settings don't let the holder of these permissions invite outside collaborators; `nil` where they do.
  fileprivate func collaboratorRefusal(in organization: Organization, _ permissions: Set<Permission>) throws(Problem) -> Problem? {
    switch try organizationSettings.inForce(in: organization.id).outsideCollaborators {
    case .managers: nil
    case .inviters where permissions.contains(.invitationManage): nil
    case .inviters: Problem(.collaboratorsOff, "In \(organization.name) only who may invite members invites outside collaborators. Ask an admin.")
    case .nobody: Problem(.collaboratorsOff, "\(organization.name) takes no outside collaborators. An admin can change that in its settings.")
    }
  }

  fileprivate func inviter() throws(Problem) -> Collaborator.Inviter {
    let person = try person()
    return Collaborator.Inviter(account: person.id, name: person.name.text)
  }

  fileprivate func collaborator(_ id: ID<Collaborator>, on app: App, in organization: Organization) throws(Problem) -> Collaborator {
    guard let found = try collaborators.find(id, on: app.id, in: organization.id) else { throw Collaborator.missing }
    return found
  }

  fileprivate func invite(
    _ draft: CollaboratorDraft, to app: App, of organization: Organization, _ permit: Permit<InviteCollaborator>
  ) throws(Problem) -> SentCollaboration {
    let inviter = try inviter()
    if let refusal = try collaboratorRefusal(in: organization, permit.permissions) { throw refusal }
    let role = try resourceRole(named: draft.role, on: .app, in: organization)
    try role.expectWithin(permit.resourceRights)
    if let expires = draft.expires, expires <= now { throw Grant.past }
    let (address, known, present) = try whom(draft.who, on: app, in: organization)
    try takeInvitationAllowance(in: organization)
    let settings = try organizationSettings.inForce(in: organization.id)
    let answerBy = now + (draft.term ?? settings.invitationTerm)
    if var present {
      try present.role.expectWithin(permit.resourceRights)
      (present.role, present.expires, present.message, present.inviter) = (role, draft.expires, draft.message, inviter)
      (present.sentAt, present.answer) = (now, .awaited(until: answerBy))
      let proof = try record(
        permit, in: .organization(organization.id), on: Target(present), [Change("app", to: app.resource.slug.text), Change("access", to: present.logged)])
      return try deliver(present, of: organization, mail: true, isNew: false, under: proof)
    }
    guard try collaborators.count(in: organization.id, on: app.id) < Collaborator.limit,
      try collaborators.count(in: organization.id) < Collaborator.organizationLimit
    else {
      throw Problem(
        .tooMany, "An app can have \(Collaborator.limit) outside collaborators, and an organization \(Collaborator.organizationLimit). Remove some first.")
    }
    let invited = Collaborator(
      id: tx.newID(), organization: organization.id, app: Collaborator.AppLabel(id: app.id, slug: app.resource.slug, name: app.resource.name), person: known,
      address: address, role: role, expires: draft.expires, message: draft.message, inviter: inviter, createdAt: now, sentAt: now,
      answer: .awaited(until: answerBy), revision: 1)
    let proof = try record(
      permit, in: .organization(organization.id), on: Target(invited), [Change("app", to: app.resource.slug.text), Change("access", to: invited.logged)])
    return try deliver(invited, of: organization, mail: true, isNew: true, under: proof)
  }

  /// Who is meant, and the invitation to the app that they have already. Refuses members, and who has access already.
  private func whom(
    _ who: CollaboratorDraft.Who, on app: App, in organization: Organization
  ) throws(Problem) -> (EmailAddress?, Collaborator.Known?, present: Collaborator?) {
    let (present, accepted): (Collaborator?, Collaborator?)
    var (address, known): (EmailAddress?, Collaborator.Known?)
    func expectStranger(_ isMember: Bool, _ name: String) throws(Problem) {
      guard isMember else { return }
      let reason = "\(name) is a member already; give them a role on the app instead."
      throw Problem(.alreadyMember, reason, faults: [FieldFault("who", reason)])
    }
    switch who {
    case .address(let sent):
      try expectStranger(members.holding(sent, in: organization.id) != nil, sent.text)
      address = sent
      present = try collaborators.find(sent, on: app.id)
      let holder = try accounts.holder(of: sent)
      accepted = try holder.flatMap { account throws(Problem) in try collaborators.find(account.id, on: app.id) }
    case .handle(let handle):
      guard let account = try accounts.named(handle), account.deletedAt == nil, account.isActive else {
        throw .invalid("who", "Nobody has this handle. Write an address to invite somebody without an account.")
      }
      try expectStranger(members.of(account.id, in: organization.id) != nil, account.name.text)
      known = Collaborator.Known(account: account.id, handle: account.handle, name: account.name)
      present = try collaborators.find(account.id, on: app.id)
      accepted = present
    }
    for found in [present, accepted] {
      guard case .accepted? = found?.answer, let found else { continue }
      let reason = "\(found.called) is an outside collaborator of this app already, as \(found.role.short). Change that instead."
      throw Problem(.alreadyCollaborator, reason, faults: [FieldFault("who", reason)])
    }
    return (address, known, present)
  }

  /// Stores the invitation with a new link, and mails it in place of what still waits with the old one.
  fileprivate func deliver(
    _ collaborator: Collaborator, of organization: Organization, mail: Bool, isNew: Bool, under proof: Recorded
  ) throws(Problem) -> SentCollaboration {
    let token = Token.mint(.invitation, tx.moment)
    if isNew {
      try collaborators.insert(collaborator, token.digest, under: proof)
    } else {
      try collaborators.update(collaborator, token.digest, under: proof)
      try takeBackMail(of: collaborator)
    }
    let link = "\(settings.publicURL)/join/app?token=\(token.secret.reveal())"
    let recipient = try mailAddress(of: collaborator)
    let isMailed = mail && outbox.isOpen && recipient != nil
    if isMailed, let recipient, case .awaited(let end) = collaborator.answer {
      var paragraphs = [
        "\(collaborator.inviter.name) invites you to work on the app \(collaborator.app.name) of \(organization.name), as \(collaborator.role.short).",
        "You don't become a member of \(organization.name), and see nothing else of it.",
      ]
      if !collaborator.message.isEmpty { paragraphs.append(collaborator.message.text) }
      paragraphs.append("You can answer until \(instantText(end)).")
      try outbox.send(
        MailDraft(
          .collaboration, to: recipient, name: collaborator.person?.name, organization: organization.id, subject: collaborator.mailSubject,
          paragraphs: paragraphs, button: .init("Open the invitation", link: link), because: "\(collaborator.inviter.name) invited you"))
    }
    let stored = try collaborators.find(collaborator.id, in: organization.id).orDefect()
    return SentCollaboration(collaborator: stored, link: link, isMailed: isMailed)
  }

  private func mailAddress(of collaborator: Collaborator) throws(Problem) -> EmailAddress? {
    if let address = collaborator.address { return address }
    return try collaborator.person.flatMap { person throws(Problem) in try accounts.primaryEmail(of: person.account) }
  }

  private func takeBackMail(of collaborator: Collaborator) throws(Problem) {
    guard let recipient = try mailAddress(of: collaborator) else { return }
    try outbox.takeBack(.collaboration, to: recipient, from: collaborator.organization, subject: collaborator.mailSubject)
  }

  /// Ends the access, or the invitation, whose mail no longer goes out.
  fileprivate func end(_ collaborator: Collaborator, under proof: Recorded) throws(Problem) {
    try collaborators.delete(collaborator, under: proof)
    if case .awaited = collaborator.answer { try takeBackMail(of: collaborator) }
  }

  // MARK: By who is invited

  fileprivate func collaborator(behind secret: String) throws(Problem) -> Collaborator {
    guard let token = try? Token(parsing: secret), token.kind == .invitation, let found = try collaborators.find(link: token.digest) else {
      throw Problem.spentLink
    }
    return found
  }

  /// As the person sees it; `nil` when the organization is gone.
  fileprivate func collaboration(_ collaborator: Collaborator) throws(Problem) -> Collaboration? {
    guard let organization = try organizations.find(collaborator.organization), organization.state.kind != .deleted else { return nil }
    return Collaboration(collaborator, of: organization, at: now)
  }

  fileprivate func isAddressed(_ collaborator: Collaborator, to person: Person) throws(Problem) -> Bool {
    if let known = collaborator.person { return known.account == person.id }
    return try accounts.emails(of: person.id).contains { $0.address == collaborator.address }
  }

  /// What the person may answer or has. Who holds somebody else's link learns only that it is somebody else's.
  fileprivate func answerable(_ key: CollaborationKey, by person: Person) throws(Problem) -> (Collaborator, Organization) {
    let found: Collaborator
    switch key {
    case .own(let id):
      guard let own = try collaborators.own(id, of: person.id) else { throw Problem(.missing, "There is no such access or invitation of yours.") }
      found = own
    case .link(let secret):
      found = try collaborator(behind: secret)
      guard try isAddressed(found, to: person) else {
        throw Problem(.wrongAccount, "This invitation was sent to somebody else. Sign in with the account that it is for, or add the address to this one.")
      }
    }
    guard let organization = try organizations.find(found.organization), organization.state.kind != .deleted else { throw Problem.spentLink }
    return (found, organization)
  }
}
