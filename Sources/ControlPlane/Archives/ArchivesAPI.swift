import Authorization
import Contract
import Kernel
import Secrets

extension Archives {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Archives.export) { call async throws(Problem) in Wire.Archive(try await export(call.path.organization, by: call.caller)) },
      BoundEndpoint(API.Archives.import, admitting: { caller async throws(Problem) in try await expectImporter(caller) }) { call async throws(Problem) in
        let key = try call.query.key.map { text throws(Problem) in try Problem.checking("key") { () throws(Rejection) in try VerifyingKey(text) } }
        return Wire.Import(try await `import`(Archive(call.body), slug: call.query.slug, signedBy: key, by: call.caller))
      },
    ]
  }

  /// The document as bytes, for a page that hands it out.
  func document(_ reference: String, by caller: Caller) async throws(Problem) -> (name: String, bytes: [UInt8]) {
    let archive = try await export(reference, by: caller)
    return ("\(archive.organization.slug)-archive.json", try WireCoding.encode(Wire.Archive(archive)))
  }
}

// MARK: To the wire

extension Wire.Archive {
  init(_ archive: Archive) {
    self.init(
      exportedAt: archive.exportedAt, organization: Wire.ArchivedOrganization(archive),
      settings: archive.settings.map { Wire.ArchivedSetting(name: Wire.OrganizationSettingName($0.name), value: $0.text) },
      people: archive.people.map(Wire.ArchivedPerson.init),
      members: archive.members.map(Wire.ArchivedMember.init), formerMembers: archive.formerMembers.map(Wire.ArchivedFormerMember.init),
      invitations: archive.invitations.map(Wire.ArchivedInvitation.init), joinRequests: archive.joinRequests.map(Wire.ArchivedJoinRequest.init),
      serviceAccounts: archive.serviceAccounts.map(Wire.ArchivedServiceAccount.init),
      teams: archive.teams.map(Wire.ArchivedTeam.init), workspaces: archive.workspaces.map(Wire.ArchivedWorkspace.init),
      policies: archive.policies.map { Wire.ArchivedPolicy($0) },
      policySchema: archive.policyAdditions.map { Wire.PolicySchemaUpdate(types: $0.types, actions: $0.actions, context: $0.context) },
      tables: archive.tables.map { Wire.ArchivedTable(name: $0.name, columns: $0.columns, rows: $0.rows) },
      events: archive.events.map(Wire.Event.init), head: Wire.EventHead(archive.head), signingKey: archive.key.text)
  }
}

extension Wire.ArchivedOrganization {
  init(_ archive: Archive) {
    let organization = archive.organization
    var suspension: Organization.Suspension?
    if case .suspended(let present) = organization.state { suspension = present }
    self.init(
      id: organization.id.cast(), slug: organization.slug.text, formerSlugs: archive.formerSlugs.map(\.text), name: organization.name.text,
      description: organization.description.text, billingEmail: organization.billingEmail.text, createdAt: organization.createdAt,
      suspendedAt: suspension?.since, suspensionReason: suspension?.reason.text, suspendedByOperator: suspension?.isByOperator,
      logo: archive.logo.map { Base64URL.encode($0.bytes) }, memberCount: organization.memberCount, revision: organization.revision)
  }
}

extension Wire.ArchivedPerson {
  init(_ person: ArchivedPerson) {
    self.init(
      id: person.id.cast(), handle: person.handle.text, name: person.name.text, email: person.email?.text, state: Wire.AccountState(person.state))
  }
}

extension Wire.ArchivedMember {
  init(_ member: ArchivedMember) {
    self.init(
      id: member.id.cast(), account: member.account.cast(), roles: member.roles.roles.map(\.wire), source: Wire.MemberSource(member.source),
      since: member.since, expiresAt: member.expires, suspendedAt: member.suspended, revision: member.revision)
  }
}

extension Wire.ArchivedFormerMember {
  init(_ former: ArchivedFormerMember) {
    self.init(
      id: former.id.cast(), account: former.account.cast(), roles: former.roles.roles.map(\.wire), source: Wire.MemberSource(former.source),
      since: former.since, leftAt: former.left, reason: former.reason == .left ? .left : .removed, forgottenAt: former.forget)
  }
}

extension Wire.ArchivedInvitation {
  init(_ invitation: Invitation) {
    let (answer, at, by): (Wire.ArchivedAnswer?, Timestamp?, ID<Account>?) =
      switch invitation.answer {
      case nil: (nil, nil, nil)
      case .accepted(let account, let at): (.accepted, at, account)
      case .declined(let at): (.declined, at, nil)
      case .cancelled(let at): (.cancelled, at, nil)
      }
    self.init(
      id: invitation.id.cast(), email: invitation.address.text, roles: invitation.roles.roles.map(\.wire), message: invitation.message.text,
      inviter: invitation.inviter.cast(), createdAt: invitation.createdAt, sentAt: invitation.sentAt, timesSent: invitation.timesSent,
      expiresAt: invitation.expires, answer: answer, answeredAt: at, answeredBy: by?.cast(), revision: invitation.revision)
  }
}

extension Wire.ArchivedJoinRequest {
  init(_ request: ArchivedJoinRequest) {
    self.init(
      id: request.id.cast(), account: request.account.cast(), message: request.message.text, state: Wire.JoinRequestState(request.state),
      createdAt: request.createdAt, answeredAt: request.answeredAt, answeredBy: request.answeredBy?.cast())
  }
}

extension Wire.ArchivedServiceAccount {
  init(_ account: ArchivedServiceAccount) {
    self.init(
      id: account.id.cast(), slug: account.slug.text, name: account.name.text, description: account.description.text, roles: account.roles.roles.map(\.wire),
      creator: account.creator.cast(), createdAt: account.createdAt, disabledAt: account.state.disabledAt, revision: account.revision)
  }
}

extension Wire.Import {
  init(_ imported: ImportedOrganization) {
    self.init(organization: Wire.Organization(imported.organization), created: imported.created, matched: imported.matched, events: imported.events)
  }
}

// MARK: From the wire

extension Archive {
  /// Refuses texts that can't be what they stand for, each with its place.
  init(_ wire: Wire.Archive) throws(Problem) {
    var checker = FieldChecker()
    let id = wire.organization.id.cast(to: Organization.self)
    let logo = wire.organization.logo.flatMap { text in
      checker.check("organization/logo") { () throws(Rejection) in
        guard let bytes = Base64URL.decode(text.text) else { throw Rejection("Give the bytes of the picture in base64url.") }
        return try Image(bytes)
      }
    }
    let formerSlugs = wire.organization.formerSlugs.enumerated().compactMap { place, slug in
      checker.check("organization/former_slugs/\(place)") { () throws(Rejection) in try Slug(stored: slug.text) }
    }
    let settings = wire.settings.enumerated().compactMap { place, setting in
      checker.check("settings/\(place)/value") { () throws(Rejection) in try OrganizationSetting(OrganizationSetting.Name(setting.name), setting.value.text) }
    }
    let people = wire.people.enumerated().compactMap { ArchivedPerson($1, at: "people/\($0)", &checker) }
    let members = wire.members.enumerated().compactMap { ArchivedMember($1, at: "members/\($0)", &checker) }
    let former = wire.formerMembers.enumerated().compactMap { ArchivedFormerMember($1, at: "former_members/\($0)", &checker) }
    let invitations = wire.invitations.enumerated().compactMap { Invitation($1, to: id, at: "invitations/\($0)", &checker) }
    let requests = wire.joinRequests.enumerated().compactMap { ArchivedJoinRequest($1, at: "join_requests/\($0)", &checker) }
    let programs = wire.serviceAccounts.enumerated().compactMap { ArchivedServiceAccount($1, at: "service_accounts/\($0)", &checker) }
    let teams = wire.teams.enumerated().compactMap { ArchivedTeam($1, at: "teams/\($0)", &checker) }
    let workspaces = wire.workspaces.enumerated().compactMap { ArchivedWorkspace($1, of: id, at: "workspaces/\($0)", &checker) }
    let policies = (wire.policies ?? []).enumerated().compactMap { Policy($1, of: id, at: "policies/\($0)", &checker) }
    let additions = wire.policySchema.map { PolicySchemaDraft($0) }
    let organization = Organization(wire.organization, logo: logo?.digest, settings, &checker)
    let events = wire.events.enumerated().compactMap { place, event in
      checker.check("events/\(place)") { () throws(Rejection) in try Event(event).orRejection("This can't be an event of a log.") }
    }
    let head = checker.check("head") { () throws(Rejection) in try EventHead(wire.head).orRejection("This can't be the end of a log.") }
    let key = checker.check("signing_key") { () throws(Rejection) in try VerifyingKey(wire.signingKey) }
    try checker.finish()
    guard let organization, let head, let key else { throw Problem(.defect, "A checked field is missing.") }
    self.init(
      exportedAt: wire.exportedAt, organization: organization, formerSlugs: formerSlugs, logo: logo, settings: settings, people: people, members: members,
      formerMembers: former, invitations: invitations, joinRequests: requests, serviceAccounts: programs, teams: teams, workspaces: workspaces,
      policies: policies, policyAdditions: additions,
      tables: (wire.tables ?? []).map { ArchivedTable(name: $0.name, columns: $0.columns, rows: $0.rows) }, events: events, head: head, key: key)
  }
}

extension Optional {
  fileprivate func orRejection(_ reason: String) throws(Rejection) -> Wrapped {
    guard let self else { throw Rejection(reason) }
    return self
  }
}

extension FieldChecker {
  fileprivate mutating func roles(_ roles: [Wire.OrganizationRole], at place: String) -> RoleSet? {
    check("\(place)/roles") { () throws(Rejection) in try RoleSet(roles.map { OrganizationRole($0) }).orRejection("Give at least one role.") }
  }
}

extension Organization {
  fileprivate init?(_ wire: Wire.ArchivedOrganization, logo: SHA256Digest?, _ settings: [OrganizationSetting], _ checker: inout FieldChecker) {
    let slug = checker.check("organization/slug") { () throws(Rejection) in try Slug(stored: wire.slug.text) }
    let name = checker.check("organization/name") { () throws(Rejection) in try DisplayName(wire.name.text) }
    let description = checker.check("organization/description") { () throws(Rejection) in try Note(wire.description.text) }
    let email = checker.check("organization/billing_email") { () throws(Rejection) in try EmailAddress(wire.billingEmail.text) }
    let reason = checker.check("organization/suspension_reason") { () throws(Rejection) in try Note(wire.suspensionReason?.text ?? "") }
    guard let slug, let name, let description, let email, let reason else { return nil }
    let suspension = wire.suspendedAt.map { Suspension(since: $0, reason: reason, isByOperator: wire.suspendedByOperator ?? false) }
    self.init(
      id: wire.id.cast(), slug: slug, name: name, description: description, billingEmail: email, acceptsRequests: settings.contains(.joinRequests(true)),
      createdAt: wire.createdAt, state: suspension.map { .suspended($0) } ?? .active, logo: logo, memberCount: wire.memberCount, revision: wire.revision)
  }
}

extension ArchivedPerson {
  fileprivate init?(_ wire: Wire.ArchivedPerson, at place: String, _ checker: inout FieldChecker) {
    let handle = checker.check("\(place)/handle") { () throws(Rejection) in try Slug(stored: wire.handle.text) }
    let name = checker.check("\(place)/name") { () throws(Rejection) in try DisplayName(wire.name.text) }
    var email: EmailAddress?
    if let text = wire.email?.text { email = checker.check("\(place)/email") { () throws(Rejection) in try EmailAddress(text) } }
    guard let handle, let name else { return nil }
    let state: Account.State =
      switch wire.state {
      case .active: .active
      case .deactivated: .deactivated
      case .deleted: .deleted
      }
    self.init(id: wire.id.cast(), handle: handle, name: name, email: email, state: state)
  }
}

extension Member.Source {
  fileprivate init(_ source: Wire.MemberSource) {
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

extension ArchivedMember {
  fileprivate init?(_ wire: Wire.ArchivedMember, at place: String, _ checker: inout FieldChecker) {
    guard let roles = checker.roles(wire.roles, at: place) else { return nil }
    self.init(
      id: wire.id.cast(), account: wire.account.cast(), roles: roles, source: Member.Source(wire.source), since: wire.since, expires: wire.expiresAt,
      suspended: wire.suspendedAt,
      revision: wire.revision)
  }
}

extension ArchivedFormerMember {
  fileprivate init?(_ wire: Wire.ArchivedFormerMember, at place: String, _ checker: inout FieldChecker) {
    guard let roles = checker.roles(wire.roles, at: place) else { return nil }
    self.init(
      id: wire.id.cast(), account: wire.account.cast(), roles: roles, source: Member.Source(wire.source), since: wire.since, left: wire.leftAt,
      reason: wire.reason == .left ? .left : .removed, forget: wire.forgottenAt)
  }
}

extension Invitation {
  fileprivate init?(_ wire: Wire.ArchivedInvitation, to organization: ID<Organization>, at place: String, _ checker: inout FieldChecker) {
    let address = checker.check("\(place)/email") { () throws(Rejection) in try EmailAddress(wire.email.text) }
    let message = checker.check("\(place)/message") { () throws(Rejection) in try Note(wire.message.text) }
    let roles = checker.roles(wire.roles, at: place)
    let answer: Answer?
    switch (wire.answer, wire.answeredAt, wire.answeredBy) {
    case (nil, nil, nil): answer = nil
    case (.accepted?, let at?, let account?): answer = .accepted(by: account.cast(), at: at)
    case (.declined?, let at?, nil): answer = .declined(at: at)
    case (.cancelled?, let at?, nil): answer = .cancelled(at: at)
    default:
      checker.reject("\(place)/answer",
        "An answer has its instant in answered_at, and an acceptance its account in answered_by; without an answer there is neither.")
      return nil
    }
    guard let address, let message, let roles else { return nil }
    self.init(
      id: wire.id.cast(), organization: organization, address: address, roles: roles, message: message, inviter: wire.inviter.cast(), createdAt: wire.createdAt,
      sentAt: wire.sentAt, timesSent: wire.timesSent, expires: wire.expiresAt, answer: answer, revision: wire.revision)
  }
}

extension ArchivedJoinRequest {
  fileprivate init?(_ wire: Wire.ArchivedJoinRequest, at place: String, _ checker: inout FieldChecker) {
    guard let message = checker.check("\(place)/message", { () throws(Rejection) in try Note(wire.message.text) }) else { return nil }
    let state: JoinRequest.State =
      switch wire.state {
      case .pending: .pending
      case .approved: .approved
      case .refused: .refused
      case .withdrawn: .withdrawn
      }
    self.init(
      id: wire.id.cast(), account: wire.account.cast(), message: message, state: state, createdAt: wire.createdAt, answeredAt: wire.answeredAt,
      answeredBy: wire.answeredBy?.cast())
  }
}

extension ArchivedServiceAccount {
  fileprivate init?(_ wire: Wire.ArchivedServiceAccount, at place: String, _ checker: inout FieldChecker) {
    let slug = checker.check("\(place)/slug") { () throws(Rejection) in try Slug(Slug(stored: wire.slug.text).key) }
    let name = checker.check("\(place)/name") { () throws(Rejection) in try DisplayName(wire.name.text) }
    let description = checker.check("\(place)/description") { () throws(Rejection) in try Note(wire.description.text) }
    let roles = checker.roles(wire.roles, at: place)
    guard let slug, let name, let description, let roles else { return nil }
    self.init(
      id: wire.id.cast(), slug: slug, name: name, description: description, roles: roles, creator: wire.creator.cast(), createdAt: wire.createdAt,
      state: ServiceAccount.State(disabledAt: wire.disabledAt), revision: wire.revision)
  }
}

extension OrganizationSetting.Name {
  fileprivate init(_ name: Wire.OrganizationSettingName) {
    switch name {
    case .invitationTerm: self = .invitationTerm
    case .defaultRole: self = .defaultRole
    case .joinRequests: self = .joinRequests
    case .reinstatementTerm: self = .reinstatementTerm
    case .timeZone: self = .timeZone
    case .memberCredits: self = .memberCredits
    case .outsideCollaborators: self = .outsideCollaborators
    }
  }
}

// MARK: Policies

extension Wire.ArchivedPolicy {
  init(_ policy: Policy) {
    self.init(
      id: policy.id.cast(), slug: policy.slug.text, name: policy.name.text, description: policy.description.text, text: policy.text,
      names: policy.meanings, enabled: policy.isEnabled, createdAt: policy.createdAt, changedAt: policy.changedAt, changedBy: policy.changedBy,
      revision: policy.revision)
  }
}

extension Policy {
  /// The id of whom or what each name means.
  fileprivate var meanings: [String: String] { Dictionary(references.map { ("\($0.type)::\"\($0.name)\"", $0.id) }) { first, _ in first } }

  fileprivate init?(_ wire: Wire.ArchivedPolicy, of organization: ID<Organization>, at place: String, _ checker: inout FieldChecker) {
    let slug = checker.check("\(place)/slug") { () throws(Rejection) in try Slug(Slug(wire.slug.text).key) }
    let name = checker.check("\(place)/name") { () throws(Rejection) in try DisplayName(wire.name.text) }
    let description = checker.check("\(place)/description") { () throws(Rejection) in try Note(wire.description.text) }
    let text = wire.text.text
    if text.utf8.count > Policy.textLimit || PolicyOutline(text) == nil { checker.reject("\(place)/text", "This can't be read as a policy.") }
    if wire.revision < 1 { checker.reject("\(place)/revision", "Give a number from 1 on.") }
    let references = PolicyName.all(in: text).compactMap { name in
      wire.names["\(name.type)::\"\(name.name)\""].map { PolicyReference(type: name.type, name: name.name, id: $0) }
    }
    if references.contains(where: { $0.id.utf8.count > 64 || $0.id.contains { $0 == "\"" || $0 == "\\" || $0.isNewline || $0 == "\t" } }) {
      checker.reject("\(place)/names", "These can't be ids.")
    }
    guard let slug, let name, let description else { return nil }
    self.init(
      id: wire.id.cast(), organization: organization, slug: slug, name: name, description: description, text: text, references: references,
      isEnabled: wire.enabled, createdAt: wire.createdAt, changedAt: wire.changedAt, changedBy: wire.changedBy, revision: wire.revision)
  }
}

// MARK: Teams

extension Wire.ArchivedTeam {
  init(_ team: ArchivedTeam) {
    self.init(
      id: team.id.cast(), slug: team.slug.text, name: team.name.text, description: team.description.text, createdAt: team.createdAt, revision: team.revision,
      members: team.seats.map(Wire.ArchivedTeamMember.init),
      formerMembers: team.formerSeats.map { Wire.ArchivedFormerTeamMember(account: $0.account.cast(), maintainer: $0.maintains) })
  }
}

extension Wire.ArchivedTeamMember {
  init(_ seat: ArchivedTeam.Seat) {
    switch seat.holder {
    case .member(let id): self.init(id: seat.id.cast(), member: id.cast(), maintainer: seat.maintains, since: seat.since)
    case .invitation(let id): self.init(id: seat.id.cast(), invitation: id.cast(), maintainer: seat.maintains, since: seat.since)
    case .serviceAccount(let id): self.init(id: seat.id.cast(), serviceAccount: id.cast(), maintainer: seat.maintains, since: seat.since)
    }
  }
}

extension ArchivedTeam {
  fileprivate init?(_ wire: Wire.ArchivedTeam, at place: String, _ checker: inout FieldChecker) {
    let slug = checker.check("\(place)/slug") { () throws(Rejection) in
      let slug = try Slug(wire.slug.text)
      guard slug.text == slug.key else { throw Rejection("Write it in small letters.") }
      return slug
    }
    let name = checker.check("\(place)/name") { () throws(Rejection) in try DisplayName(wire.name.text) }
    let description = checker.check("\(place)/description") { () throws(Rejection) in try Note(wire.description.text) }
    let seats = wire.members.enumerated().compactMap { Seat($1, at: "\(place)/members/\($0)", &checker) }
    guard let slug, let name, let description else { return nil }
    self.init(
      id: wire.id.cast(), slug: slug, name: name, description: description, createdAt: wire.createdAt, revision: wire.revision, seats: seats,
      formerSeats: wire.formerMembers.map { FormerSeat(account: $0.account.cast(), maintains: $0.maintainer) })
  }
}

extension ArchivedTeam.Seat {
  fileprivate init?(_ wire: Wire.ArchivedTeamMember, at place: String, _ checker: inout FieldChecker) {
    let holder: Holder
    switch (wire.member, wire.invitation, wire.serviceAccount) {
    case (let member?, nil, nil): holder = .member(member.cast())
    case (nil, let invitation?, nil): holder = .invitation(invitation.cast())
    case (nil, nil, let account?): holder = .serviceAccount(account.cast())
    default:
      checker.reject("\(place)/member", "Give a member, an invitation or a service account, and one only.")
      return nil
    }
    self.init(id: wire.id.cast(), holder: holder, maintains: wire.maintainer, since: wire.since)
  }
}
