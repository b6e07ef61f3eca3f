public import Authorization
import Contract
public import Kernel
import Secrets
import Storage

extension ControlPlane {
  public var organizations: Organizations { Organizations(plane: self) }
}

/// Founding, finding, changing and ending organizations.
public struct Organizations: Sendable {
  let plane: ControlPlane

  /// Founds an organization; the founder becomes its first admin. It has the clusters that all have from the beginning, if it `takesClusters`.
  public func found(_ draft: OrganizationDraft, takesClusters: Bool = true, by caller: Caller) async throws(Problem) -> Organization {
    try await plane.write(as: caller) { work in
      let founder = try work.person()
      guard founder.token?.organization == nil else {
        throw Problem(.boundToken, "This token is bound to one organization and can't found another.")
      }
      let permit = try work.permit(CreateOrganization.self, on: founder.id)
      let organization = Organization.founded(draft, id: work.tx.newID(), takesRequests: work.settings.joinRequests, at: work.now)
      let clusters = takesClusters ? try work.defaultClusters() : []
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(organization),
        [
          Change("slug", to: organization.slug.text), Change("name", to: organization.name.text), Change("billing_email", to: organization.billingEmail.text),
          clusters.isEmpty ? nil : Change("clusters", to: clusters.map(\.slug.text).joined(separator: ", ")),
        ])
      try work.names.claim(organization.slug, for: .organization(organization.id), field: "slug", under: proof)
      try work.organizations.insert(organization, under: proof)
      let member = try work.members.join(founder.id, organization.id, RoleSet(.admin), source: .founder, expires: nil, under: proof)
      try work.begin(on: clusters, organization, member, under: proof)
      return try work.organizations.find(organization.id) ?? organization
    }
  }

  /// The caller's organizations, by name; an operator may ask for all. With `isOpen` without those that are closed to the caller for now.
  public func list(all: Bool, search: String?, isOpen: Bool = false, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Organization> {
    try await plane.read(as: caller) { work in
      let person = try work.person()
      if all {
        _ = try work.permit(ListAccounts.self)
        return try work.organizations.list(search: search, page)
      }
      return try work.organizations.list(of: person.id, search: search, isOpen: isOpen && !person.isSuperUser, page)
    }
  }

  /// The caller's organizations that are closed to them for now: those in which their membership is suspended or has expired.
  public func barred(to caller: Caller) async throws(Problem) -> [ID<Organization>: Member.State] {
    try await plane.read(as: caller) { work in
      let person = try work.person()
      return person.isSuperUser ? [:] : try work.members.barred(person.id)
    }
  }

  public func find(_ reference: String, by caller: Caller) async throws(Problem) -> Organization {
    try await plane.read(as: caller) { work in try work.permit(ReadOrganization.self, in: reference).0 }
  }

  /// Those that the caller may open, of a service account its own: by name.
  public func own(by caller: Caller) async throws(Problem) -> [Organization] {
    try await plane.read(as: caller) { work in try work.ownOrganizations() }
  }

  /// The organization together with what the caller may do in it: what a page needs to show what is possible.
  public func open(_ reference: String, by caller: Caller) async throws(Problem) -> (organization: Organization, permissions: Set<Permission>) {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      let permissions = try work.permissions(in: organization)
      // Where an operator suspended it, an admin's right to do so doesn't lift it.
      guard organization.state.kind == .suspended, try !work.canResume(organization) else { return (organization, permissions) }
      return (organization, permissions.subtracting([ResumeOrganization.permission]))
    }
  }

  /// The figures of the organization's first page, as far as the caller may see them.
  public func overview(_ reference: String, by caller: Caller) async throws(Problem) -> OrganizationOverview {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      guard try work.availability(of: ListInvitations.self, in: organization) == .possible else {
        return OrganizationOverview(openInvitations: nil, openRequests: nil, firstSteps: nil)
      }
      let one = try PageRequest(limit: 1)
      let mayInvite = try work.availability(of: InviteMember.self, in: organization) == .possible
      let steps = OrganizationOverview.FirstSteps(
        isDescribed: !organization.description.isEmpty, hasInvited: try work.invitations.list(in: organization.id, nil, search: nil, one).total > 0,
        hasJoined: organization.memberCount > 1, hasSecondAdmin: try work.members.admins(of: organization.id).count > 1)
      return OrganizationOverview(
        openInvitations: try work.invitations.list(in: organization.id, .pending, search: nil, one).total,
        openRequests: try work.requests.list(in: organization.id, .pending, one).total, firstSteps: mayInvite ? steps : nil)
    }
  }

  /// What the caller can do with the organization as a whole.
  public func options(_ reference: String, by caller: Caller) async throws(Problem) -> OrganizationOptions {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      let isSuspended = organization.state.kind == .suspended
      let leave = try work.leaving(organization)
      return OrganizationOptions(
        update: try work.availability(of: UpdateOrganization.self, in: organization),
        suspend: isSuspended ? .impossible : try work.availability(of: SuspendOrganization.self, in: organization),
        resume: try work.canResume(organization) ? try work.availability(of: ResumeOrganization.self, in: organization) : .impossible,
        transfer: leave == .impossible ? .impossible : try work.availability(of: TransferOrganization.self, in: organization),
        export: try work.availability(of: ExportOrganization.self, in: organization),
        delete: try work.availability(of: DeleteOrganization.self, in: organization), leave: leave)
    }
  }

  /// What goes with the organization if it is deleted now.
  public func consequencesOfDeletion(_ reference: String, by caller: Caller) async throws(Problem) -> DeletionConsequences {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      let open = try work.invitations.list(in: organization.id, .pending, search: nil, PageRequest(limit: 1)).total
      return DeletionConsequences(members: organization.memberCount, openInvitations: open, restorableUntil: work.now + work.settings.deletionGrace)
    }
  }

  /// Changes name, slug, description, billing address or whether people may ask to join. The old slug leads on to the new one for ever.
  public func update(_ reference: String, _ update: OrganizationUpdate, seen: Int?, by caller: Caller) async throws(Problem) -> Organization {
    try await plane.write(as: caller) { work in
      let (before, permit) = try work.permit(UpdateOrganization.self, in: reference)
      try before.expect(seen)
      let after = try update.applied(to: before)
      let changes = [
        Change.of("name", before.name.text, after.name.text), .of("slug", before.slug.text, after.slug.text),
        .of("description", before.description.text, after.description.text), .of("billing_email", before.billingEmail.text, after.billingEmail.text),
        .of("accepts_requests", "\(before.acceptsRequests)", "\(after.acceptsRequests)"),
      ].compactMap { $0 }
      guard !changes.isEmpty else { return before }
      let proof = try work.record(permit, in: .organization(before.id), on: Target(after), changes)
      if before.slug.text != after.slug.text { try work.names.claim(after.slug, for: .organization(before.id), field: "slug", under: proof) }
      if before.acceptsRequests != after.acceptsRequests {
        try work.organizationSettings.set(.joinRequests(after.acceptsRequests), of: before.id, under: proof)
      }
      try work.organizations.update(after, under: proof)
      return try work.organizations.find(before.id) ?? after
    }
  }

  /// Lets it be read, but not changed, until it is resumed.
  public func suspend(_ reference: String, because reason: String, seen: Int? = nil, by caller: Caller) async throws(Problem) -> Organization {
    try await plane.write(as: caller) { work in
      var (organization, permit) = try work.permit(SuspendOrganization.self, in: reference)
      try organization.expect(seen)
      let reason = try Problem.checking("reason") { () throws(Rejection) in try Note(reason) }
      // Who is an admin as well acts as an admin.
      let isByOperator = permit.reasons == [.superUser]
      try organization.suspend(because: reason, byOperator: isByOperator, at: work.now)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(organization), [Change("state", from: "active", to: "suspended"), Change("reason", to: reason.text)])
      try work.organizations.update(organization, under: proof)
      return try work.organizations.find(organization.id) ?? organization
    }
  }

  public func resume(_ reference: String, seen: Int? = nil, by caller: Caller) async throws(Problem) -> Organization {
    try await plane.write(as: caller) { work in
      var (organization, permit) = try work.permit(ResumeOrganization.self, in: reference)
      try organization.expect(seen)
      try organization.resume(byOperator: work.person().isSuperUser)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(organization), [Change("state", from: "suspended", to: "active")])
      try work.organizations.update(organization, under: proof)
      return try work.organizations.find(organization.id) ?? organization
    }
  }

  /// Hands the organization over: the successor becomes admin, and the caller steps down to `role`, both or neither.
  public func transfer(
    _ reference: String, to successor: ID<Member>, steppingDownTo role: OrganizationRole, seen: Int? = nil, by caller: Caller
  ) async throws(Problem) -> Organization {
    try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(TransferOrganization.self, in: reference)
      try organization.expect(seen)
      let giver = try work.person()
      guard let heir = try work.members.find(successor, in: organization.id) else { throw Problem.missingMember }
      guard heir.account != giver.id else { throw Problem.invalid("member", "Choose somebody else to hand the organization to.") }
      guard heir.isActive(at: work.now) else { throw Problem(.memberNotActive, "A suspended or expired member can't take over.") }
      guard role != .admin else { throw Problem.invalid("step_down_to", "Choose a role below admin; to share the role, make the other person admin too.") }
      let promoted = RoleSet([.admin] + heir.roles.roles) ?? RoleSet(.admin)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(heir),
        [Change("roles", from: heir.roles.description, to: promoted.description), Change("former_admin", to: giver.name.text), Change("former_admin_roles", from: "admin", to: role.rawValue)])
      try work.members.setRoles(heir.id, promoted, under: proof)
      if let own = try work.members.of(giver.id, in: organization.id) { try work.members.setRoles(own.id, RoleSet(role), under: proof) }
      try work.members.expectLastingAdmin(of: organization.id)
      return organization
    }
  }

  /// Hides the organization at once, and lets it be restored until its grace is over. `confirm` is its slug, typed.
  ///
  /// Every admin gets a mail that says who did it, when and from where, with a link that restores it. Refuses while credits are held for something that goes on.
  public func delete(_ reference: String, confirm: String, seen: Int? = nil, by caller: Caller) async throws(Problem) -> Organization {
    try await plane.write(as: caller) { work in
      var (organization, permit) = try work.permit(DeleteOrganization.self, in: reference)
      try organization.expect(seen)
      try work.expectNoLiveHolds(in: organization)
      try organization.delete(confirmedBy: confirm, grace: work.settings.deletionGrace, at: work.now)
      let proof = try work.record(permit, in: .organization(organization.id), on: Target(organization), [Change("state", to: "deleted")])
      try work.organizations.update(organization, under: proof)
      try work.mailRestoreLinks(for: organization)
      return try work.organizations.find(organization.id) ?? organization
    }
  }

  /// Brings a deleted organization back, by one who could delete it.
  ///
  /// Where none of its admins could run it, since their accounts have ended, an operator who isn't a member becomes its admin; others are refused.
  public func restore(_ reference: String, seen: Int? = nil, by caller: Caller) async throws(Problem) -> Organization {
    try await plane.write(as: caller) { work in
      var (organization, permit) = try work.permit(RestoreOrganization.self, in: reference)
      try organization.expect(seen)
      try organization.restore(at: work.now)
      let heir = try work.heir(of: organization)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(organization),
        [Change("state", from: "deleted", to: organization.state.kind.rawValue), Change.of("admin", nil, heir?.name.text)])
      try work.organizations.update(organization, under: proof)
      if let heir { try work.members.join(heir.id, organization.id, RoleSet(.admin), source: .added, expires: nil, under: proof) }
      try work.members.expectLastingAdmin(of: organization.id)
      return try work.organizations.find(organization.id) ?? organization
    }
  }

  /// Brings a deleted organization back, by the link of the mail about its deletion.
  public func restore(link secret: String, from origin: Origin) async throws(Problem) -> Organization {
    try await plane.write(as: Caller(.none, from: origin)) { work in
      let ticket = try work.tickets.take(secret, for: .organizationRestore)
      guard let id = ID<Organization>(ticket.subject), var organization = try work.organizations.find(id) else { throw Problem.spentLink }
      try organization.restore(at: work.now)
      let permit = work.permit(RestoreOrganizationByLink.self, byProofOf: try work.accounts.find(ticket.account).map(Person.init(speaking:)))
      let proof = try work.record(permit, in: .organization(id), on: Target(organization), [Change("state", from: "deleted", to: organization.state.kind.rawValue)])
      try work.organizations.update(organization, under: proof)
      try work.members.expectLastingAdmin(of: id)
      return try work.organizations.find(id) ?? organization
    }
  }
}

extension Work {
  /// What `Organizations.own` answers.
  func ownOrganizations() throws(Problem) -> [Organization] {
    let all: [Organization]
    switch try actor() {
    case .person(let person):
      var found = try organizations.list(of: person.id, search: nil, isOpen: true, PageRequest(limit: 200))
      var items = found.items
      while let next = found.next, items.count < Self.ownLimit {
        found = try organizations.list(of: person.id, search: nil, isOpen: true, PageRequest(limit: 200, cursor: next))
        items += found.items
      }
      all = items
    case .machine(let machine): all = try [organizations.find(machine.organization)].compactMap { $0 }
    case .anonymous, .system: throw Denial.signedOut.problem(doing: ReadOrganization.name)
    }
    var open: [Organization] = []
    for organization in all {
      do throws(Problem) {
        _ = try permit(ReadOrganization.self, on: organization)
        open.append(organization)
      } catch {
        // A token may be bound to another one.
        guard error.kind == .missing else { throw error }
      }
    }
    return open
  }

  private static let ownLimit = 2_000

  /// The operator who takes over an organization that nobody could run.
  fileprivate func heir(of organization: Organization) throws(Problem) -> Person? {
    let person = try person()
    guard person.isSuperUser, try !members.hasLastingAdmin(in: organization.id), try members.of(person.id, in: organization.id) == nil else { return nil }
    return person
  }

  /// Whether the caller can go, as far as the organization allows it.
  func leaving(_ organization: Organization) throws(Problem) -> OrganizationOptions.Leaving {
    let person = try person()
    guard try members.of(person.id, in: organization.id) != nil else { return .impossible }
    return try members.organizationsLeftWithoutAdmin(by: person.id).contains { $0.id == organization.id } ? .lastAdmin : .possible
  }

  /// Whether its state lets the caller resume it, by the same rule as the act.
  fileprivate func canResume(_ organization: Organization) throws(Problem) -> Bool {
    var tried = organization
    let isSuperUser = try person().isSuperUser
    do {
      try tried.resume(byOperator: isSuperUser)
      return true
    } catch {
      return false
    }
  }

  /// The deleted organizations that the person may bring back.
  func restorable(by person: Person) throws(Problem) -> [Organization] {
    var found: [Organization] = []
    for organization in try organizations.listDeleted(of: person.id) {
      guard case .deleted(_, let purge, _) = organization.state, now < purge else { continue }
      if try availability(of: RestoreOrganization.self, in: organization) == .possible { found.append(organization) }
    }
    return found
  }

  /// One mail to each admin, each with a link of its own.
  fileprivate func mailRestoreLinks(for organization: Organization) throws(Problem) {
    let person = try person()
    guard case .deleted(let since, let purge, _) = organization.state else { return }
    for admin in try members.admins(of: organization.id) {
      guard let address = try accounts.primaryEmail(of: admin.account) else { continue }
      let token = Token.mint(.organizationRestore, tx.moment)
      try tickets.issue(token, for: .organizationRestore, account: admin.account, subject: organization.id.description, expires: purge)
      try outbox.send(
        MailDraft(
          .organizationDeleted, to: address, name: admin.name, organization: organization.id, subject: "\(organization.name) was deleted",
          paragraphs: [
            "\(person.name) deleted the organization \(organization.name) (\(organization.slug)) on \(instantText(since)), from the address \(caller.origin.address.isEmpty ? "of the server" : caller.origin.address).",
            "It is hidden now. Until \(instantText(purge)) you can bring it back with everything in it; after that it is gone for good.",
          ],
          button: .init("Restore \(organization.name)", link: "\(settings.publicURL)/restore?token=\(token.secret.reveal())"),
          because: "you are an admin of \(organization.name)"))
    }
  }
}

extension Person {
  /// An account that acts by a secret, without a session or token.
  init(speaking account: Account) {
    self.init(id: account.id, handle: account.handle, name: account.name, isActive: account.isActive, isSuperUser: account.isSuperUser, session: nil, token: nil)
  }
}
