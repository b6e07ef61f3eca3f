import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ControlPlane {
  public var invitations: Invitations { Invitations(plane: self) }
}

/// Inviting people, and their answers.
public struct Invitations: Sendable {
  let plane: ControlPlane

  // MARK: By who invites

  /// Invites a person. Inviting the same address again renews the open invitation: new link, new term, the draft's roles.
  ///
  /// Refuses members, roles above the inviter's own rights, and more invitations an hour than are allowed.
  public func send(_ draft: InvitationDraft, to reference: String, by caller: Caller) async throws(Problem) -> SentInvitation {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(InviteMember.self, in: reference)
      return try work.invite(draft, to: organization, permit)
    }
  }

  /// Invites many, each for itself: what came of each, in the order of the addresses. A row that is refused leaves the others alone.
  public func send(
    to addresses: [String], roles: [String]?, message: String, days: Int?, in reference: String, by caller: Caller
  ) async throws(Problem) -> [(address: String, result: Result<SentInvitation, Problem>)] {
    try await send(InvitationSheet(addresses: addresses), roles: roles, message: message, days: days, in: reference, by: caller)
  }

  /// The same, for a sheet on which some have roles of their own. Without `roles` the others get the one that the organization gives unless told.
  public func send(
    _ sheet: InvitationSheet, roles: [String]?, message: String, days: Int?, in reference: String, by caller: Caller
  ) async throws(Problem) -> [(address: String, result: Result<SentInvitation, Problem>)] {
    guard !sheet.lines.isEmpty else { throw .invalid("emails", "Give at least one address.") }
    guard sheet.lines.count <= 500 else { throw Problem(.tooMany, "Invite at most 500 people at once.", faults: [FieldFault("emails", "Invite at most 500 people at once.")]) }
    // Refused as a whole before anything is sent, if the caller may not invite at all.
    _ = try await plane.write(as: caller) { work in try work.permit(InviteMember.self, in: reference).0 }
    var seen: Set<String> = []
    var rows: [(String, Result<SentInvitation, Problem>)] = []
    for line in sheet.lines {
      let address = line.address
      do throws(Problem) {
        if let unknown = line.unknown { throw Problem.invalid("roles", "\"\(unknown.prefix(40))\" is no role, so nobody was invited. \(RoleSet.known)") }
        let draft = try InvitationDraft(address: address, roles: line.roles.isEmpty ? roles : line.roles, message: message, days: days)
        guard seen.insert(draft.address.text).inserted else { throw Problem.invalid("email", "This address stands in the list already.") }
        rows.append((address, .success(try await send(draft, to: reference, by: caller))))
      } catch {
        rows.append((line.written, .failure(error)))
      }
    }
    return rows
  }

  public func list(in reference: String, _ state: Invitation.State?, search: String?, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Invitation> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListInvitations.self, in: reference).0
      return try work.invitations.list(in: organization.id, state, search: search, page)
    }
  }

  /// All that a list would show, the newest first, a page after the other.
  public func all(
    in reference: String, _ state: Invitation.State?, search: String?, by caller: Caller, _ body: (Invitation) -> Void
  ) async throws(Problem) {
    var cursor: Cursor?
    repeat {
      let page = try await list(in: reference, state, search: search, PageRequest(limit: PageRequest.limits.upperBound, cursor: cursor), by: caller)
      page.items.forEach(body)
      cursor = page.next
    } while cursor != nil
  }

  /// One of the organization, whatever its state.
  public func find(_ id: ID<Invitation>, in reference: String, by caller: Caller) async throws(Problem) -> Invitation {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListInvitations.self, in: reference).0
      return try work.invitation(id, in: organization)
    }
  }

  /// A new link and a new term; the old link is dead. With `mail` false only the link is answered, for who hands it over otherwise.
  public func renew(_ id: ID<Invitation>, mail: Bool, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> SentInvitation {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(RenewInvitation.self, in: reference)
      var invitation = try work.invitation(id, in: organization)
      try invitation.expect(seen)
      try invitation.roles.expectWithin(permit.permissions)
      try work.takeInvitationAllowance(in: organization)
      try invitation.renew(work.organizationSettings.inForce(in: organization.id), by: work.person().id, at: work.now)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(invitation), [Change("expires", to: invitation.expires.description)])
      return try work.deliver(invitation, of: organization, mail: mail, isNew: false, under: proof)
    }
  }

  /// Changes which roles the invitee will have.
  public func setRoles(_ id: ID<Invitation>, _ names: [String], seen: Int?, in reference: String, by caller: Caller) async throws(Problem) -> Invitation {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(UpdateInvitation.self, in: reference)
      var invitation = try work.invitation(id, in: organization)
      try invitation.expect(seen)
      let before = invitation.roles
      try before.expectWithin(permit.permissions)
      let roles = try RoleSet(parsing: names)
      try roles.expectWithin(permit.permissions)
      try invitation.setRoles(roles, at: work.now)
      guard roles != before else { return invitation }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(invitation), [Change("roles", from: before.description, to: roles.description)])
      try work.invitations.setRoles(id, invitation.roles, under: proof)
      return try work.invitation(id, in: organization)
    }
  }

  /// Withdraws it; its link is dead. Withdrawing again changes nothing.
  public func cancel(_ id: ID<Invitation>, seen: Int? = nil, in reference: String, by caller: Caller) async throws(Problem) -> Invitation {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(CancelInvitation.self, in: reference)
      var invitation = try work.invitation(id, in: organization)
      try invitation.expect(seen)
      guard invitation.roles.beyond(permit.permissions).isEmpty else {
        throw Problem(.aboveOwnRights, "This invitation carries roles that allow more than your own, so it isn't yours to withdraw. Ask an admin.")
      }
      let before = invitation.answer
      try invitation.cancel(at: work.now)
      guard invitation.answer != before else { return invitation }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(invitation), [Change("state", from: "pending", to: "cancelled")])
      try work.settle(invitation, under: proof)
      return try work.invitation(id, in: organization)
    }
  }

  // MARK: By who is invited

  /// The open invitations to the caller's verified addresses.
  public func inbox(of caller: Caller) async throws(Problem) -> [ReceivedInvitation] {
    try await plane.read(as: caller) { work in
      try work.inbox(of: work.person())
    }
  }

  /// What a link invites to, for whoever holds it; nothing is said of the address it was sent to. Refuses as `gone` a link that never was or is dead.
  public func preview(link secret: String, from origin: Origin) async throws(Problem) -> ReceivedInvitation {
    try await plane.read(as: Caller(.none, from: origin)) { work in
      guard let received = try work.received(try work.invitation(behind: secret)) else { throw Problem.spentLink }
      return received
    }
  }

  /// Whether the link was sent to one of the caller's addresses: nobody else can answer it.
  public func isAddressed(link secret: String, to caller: Caller) async throws(Problem) -> Bool {
    try await plane.read(as: caller) { work in
      let invitation = try work.invitation(behind: secret)
      return try work.accounts.emails(of: work.person().id).contains { $0.address == invitation.address }
    }
  }

  /// Takes the invitation: membership with all its roles, at once or not at all. Accepting again what one has accepted answers the same.
  public func accept(_ key: InvitationKey, by caller: Caller) async throws(Problem) -> Member {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(AcceptInvitation.self, on: person.id)
      var (invitation, organization) = try work.answerable(key, by: person)
      let before = invitation.answer
      try invitation.accept(by: person.id, at: work.now)
      if invitation.answer == before {
        guard let member = try work.members.of(person.id, in: organization.id) else {
          throw Problem(.invitationAnswered, "You accepted this invitation, but are no longer a member. Ask for a new one.")
        }
        return member
      }
      let present = try work.members.of(person.id, in: organization.id)
      let roles = RoleSet((present?.roles.roles ?? []) + invitation.roles.roles) ?? invitation.roles
      let (teams, access) = (try work.teamMembers.teams(of: invitation.id), try work.grants.held(by: invitation.id))
      let projects = present == nil ? try work.defaultProjects(for: roles, in: organization.id) : []
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(invitation),
        [
          Change("state", from: "pending", to: "accepted"), Change.of("roles", present?.roles.description, roles.description),
          Change.of("teams", nil, teams.logged), Change.of("access", nil, access.logged),
          Change.of("default_projects", nil, GrantNames(projects).logged),
        ])
      try work.settle(invitation, under: proof)
      guard let present else {
        let joined = try work.members.join(person.id, organization.id, roles, source: .invited, expires: nil, under: proof)
        if !teams.slugs.isEmpty { try work.teamMembers.hand(invitation.id, to: joined, under: proof) }
        try work.giveDefaults(projects, to: joined, under: proof)
        if !access.lines.isEmpty { try work.grants.hand(invitation.id, to: joined, under: proof) }
        return joined
      }
      if !teams.slugs.isEmpty { try work.teamMembers.hand(invitation.id, to: present, under: proof) }
      if !access.lines.isEmpty { try work.grants.hand(invitation.id, to: present, under: proof) }
      try work.members.setRoles(present.id, roles, under: proof)
      return try work.members.of(person.id, in: organization.id).orDefect()
    }
  }

  /// Answers that the person won't come; the places and the access that it kept end.
  public func decline(_ key: InvitationKey, by caller: Caller) async throws(Problem) -> Invitation {
    try await plane.write(as: caller) { work in
      let person = try work.person()
      let permit = try work.permit(DeclineInvitation.self, on: person.id)
      var (invitation, organization) = try work.answerable(key, by: person)
      let before = invitation.answer
      try invitation.decline(at: work.now)
      guard invitation.answer != before else { return invitation }
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(invitation), [Change("state", from: "pending", to: "declined")])
      try work.settle(invitation, under: proof)
      return invitation
    }
  }
}

/// How an invitee names an invitation.
public enum InvitationKey: Sendable {
  /// The secret of the link that was sent.
  case link(String)
  /// One of those in the inbox.
  case inbox(ID<Invitation>)
}

extension Work {
  fileprivate func invitation(_ id: ID<Invitation>, in organization: Organization) throws(Problem) -> Invitation {
    guard let invitation = try invitations.find(id, in: organization.id) else { throw Problem(.missing, "There is no such invitation.") }
    return invitation
  }

  fileprivate func invitation(behind secret: String) throws(Problem) -> Invitation {
    guard let token = try? Token(parsing: secret), token.kind == .invitation, let invitation = try invitations.find(token.digest) else { throw Problem.spentLink }
    return invitation
  }

  fileprivate func invite(_ draft: InvitationDraft, to organization: Organization, _ permit: Permit<InviteMember>) throws(Problem) -> SentInvitation {
    let settings = try organizationSettings.inForce(in: organization.id)
    try draft.roles(in: settings).expectWithin(permit.permissions)
    guard try members.holding(draft.address, in: organization.id) == nil else {
      throw Problem(.alreadyMember, "\(draft.address) belongs to a member already.", faults: [FieldFault("email", "This address belongs to a member already.")])
    }
    try takeInvitationAllowance(in: organization)
    let inviter = try person().id
    let changes = { (invitation: Invitation) in [Change("roles", to: invitation.roles.description), Change("expires", to: invitation.expires.description)] }
    if var invitation = try invitations.open(draft.address, in: organization.id) {
      try invitation.roles.expectWithin(permit.permissions)
      try invitation.renew(with: draft, settings, by: inviter, at: now)
      let proof = try record(permit, in: .organization(organization.id), on: Target(invitation), changes(invitation))
      return try deliver(invitation, of: organization, mail: true, isNew: false, under: proof)
    }
    let invitation = Invitation.drafted(draft, settings, to: organization.id, by: inviter, id: tx.newID(), at: now)
    let proof = try record(permit, in: .organization(organization.id), on: Target(invitation), changes(invitation))
    return try deliver(invitation, of: organization, mail: true, isNew: true, under: proof)
  }

  /// So many invitations an hour, from one organization and from one person.
  func takeInvitationAllowance(in organization: Organization) throws(Problem) {
    try throttle.take("invitations of organization \(organization.id)", limit: 1000, per: .hours(1), "invitations from this organization")
    try throttle.take("invitations by account \(try person().id)", limit: 600, per: .hours(1), "invitations from you")
  }

  /// Stores how it was answered; a mail that hasn't gone out yet never does, and the places in teams and the access that it kept end unless it was accepted.
  fileprivate func settle(_ invitation: Invitation, under proof: Recorded) throws(Problem) {
    try invitations.settle(invitation, under: proof)
    if invitation.state(at: now) != .accepted {
      try teamMembers.drop(invitation.id, under: proof)
      try grants.drop(invitation.id, under: proof)
    }
    try outbox.takeBack(.invitation, to: invitation.address, from: invitation.organization)
  }

  /// Stores the invitation with a new link, and mails it in place of what still waits with the old one.
  fileprivate func deliver(_ invitation: Invitation, of organization: Organization, mail: Bool, isNew: Bool, under proof: Recorded) throws(Problem) -> SentInvitation {
    // One that is open has its seat already.
    let isSeated = isNew ? false : try invitations.find(invitation.id, in: organization.id)?.state(at: now) == .pending
    if !isSeated { try expectSeats(1, in: organization) }
    let token = Token.mint(.invitation, tx.moment)
    if isNew { try invitations.insert(invitation, token.digest, under: proof) } else { try invitations.renew(invitation, token.digest, under: proof) }
    let link = "\(settings.publicURL)/join?token=\(token.secret.reveal())"
    let isMailed = mail && outbox.isOpen
    if !isNew { try outbox.takeBack(.invitation, to: invitation.address, from: organization.id) }
    if isMailed {
      let inviter = try person()
      var paragraphs = ["\(inviter.name) invites you to join \(organization.name) as \(invitation.roles)."]
      if !invitation.message.isEmpty { paragraphs.append(invitation.message.text) }
      paragraphs.append("You can answer until \(instantText(invitation.expires)).")
      try outbox.send(
        MailDraft(
          .invitation, to: invitation.address, name: nil, organization: organization.id, subject: "\(inviter.name) invites you to \(organization.name)",
          paragraphs: paragraphs, button: .init("Join \(organization.name)", link: link), because: "\(inviter.name) invited this address"))
    }
    let stored = try invitations.find(invitation.id, in: organization.id).orDefect()
    return SentInvitation(invitation: stored, link: link, isMailed: isMailed)
  }

  /// What waits for the person's answer.
  func inbox(of person: Person) throws(Problem) -> [ReceivedInvitation] {
    var found: [ReceivedInvitation] = []
    for invitation in try invitations.inbox(of: person.id) { if let received = try received(invitation) { found.append(received) } }
    return found
  }

  /// As the invitee sees it; `nil` when the organization is gone.
  fileprivate func received(_ invitation: Invitation) throws(Problem) -> ReceivedInvitation? {
    guard let organization = try organizations.find(invitation.organization), organization.state.kind != .deleted, let inviter = try accounts.find(invitation.inviter) else {
      return nil
    }
    return ReceivedInvitation(invitation: invitation, organization: organization, inviterName: inviter.name, state: invitation.state(at: now))
  }

  /// The invitation that the person may answer. Who holds somebody else's link learns only that it is somebody else's.
  fileprivate func answerable(_ key: InvitationKey, by person: Person) throws(Problem) -> (Invitation, Organization) {
    let invitation: Invitation
    switch key {
    case .inbox(let id):
      guard let found = try invitations.addressed(to: person.id, id) else { throw Problem(.missing, "There is no such invitation to one of your verified addresses.") }
      invitation = found
    case .link(let secret):
      invitation = try self.invitation(behind: secret)
      guard let own = try accounts.emails(of: person.id).first(where: { $0.address == invitation.address }) else {
        throw Problem(.wrongAccount, "This invitation was sent to an address that isn't yours. Sign in with the account that has it, or add the address to this one.")
      }
      // Holding the link that was sent there proves the mailbox.
      if !own.isVerified { try accounts.verify(own.id, under: Housekeeping()) }
    }
    guard let organization = try organizations.find(invitation.organization) else { throw Problem.spentLink }
    switch organization.state.kind {
    case .active: break
    case .suspended: throw Problem(.suspendedOrganization, "\(organization.name) is suspended and takes nobody in for now.")
    case .deleted: throw Problem.spentLink
    }
    return (invitation, organization)
  }
}
