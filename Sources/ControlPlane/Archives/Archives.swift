import Authorization
import Contract
public import Kernel
import Ledger
public import Secrets
import Storage

extension ControlPlane {
  public var archives: Archives { Archives(plane: self) }
}

/// Taking organizations along: out of one installation and into another.
public struct Archives: Sendable {
  let plane: ControlPlane

  /// Everything of the organization as it is at one instant. That it was taken along stands in its log first, and so in the archive.
  public func export(_ reference: String, by caller: Caller) async throws(Problem) -> Archive {
    let id = try await plane.write(as: caller) { work in
      let (organization, permit) = try work.permit(ExportOrganization.self, in: reference)
      _ = try work.record(permit, in: .organization(organization.id), on: Target(organization))
      return organization.id
    }
    return try await plane.read(as: caller) { [plane] work in
      let organization = try work.permit(ExportOrganization.self, in: id.description).0
      let stream = Stream.organization(id)
      var events: [Event] = []
      while true {
        let part = try work.events.range(in: stream, after: events.count, limit: 1000)
        events += part
        if part.count < 1000 { break }
      }
      let key = try plane.world.keys.signingKey(for: EventHead.purpose)
      let end = try work.events.head(of: stream) ?? (sequence: 0, hash: "")
      return Archive(
        exportedAt: work.now, organization: organization, formerSlugs: try work.archives.formerSlugs(of: id),
        logo: try organization.logo.flatMap { digest throws(Problem) in try work.images.find(digest) }, settings: try work.organizationSettings.own(of: id),
        people: try work.archives.people(of: id), members: try work.archives.members(of: id), formerMembers: try work.archives.formerMembers(of: id),
        invitations: try work.archives.invitations(of: id), joinRequests: try work.archives.joinRequests(of: id),
        serviceAccounts: try work.archives.serviceAccounts(of: id), teams: try work.archives.teams(of: id),
        workspaces: try work.archives.workspaces(of: id), policies: try work.policies.all(in: id),
        policyAdditions: try work.policies.schema(of: id).map { PolicySchemaDraft($0.vocabulary) }, tables: try work.archives.carried(of: id), events: events,
        head: try EventHead.signed(stream, end, at: work.now, with: key), key: key.verifyingKey)
    }
  }

  /// Refuses whoever may not import, before anything of an archive is read.
  func expectImporter(_ caller: Caller) async throws(Problem) {
    try await plane.read(as: caller) { work in _ = try work.permit(ImportOrganization.self) }
  }

  /// Takes an organization in, whole or not at all: under its ids, with its log, which then goes on with the event of the import.
  ///
  /// Who has a proven address of somebody in the archive is that person. For all others accounts without a password
  /// are made; they set one by "forgot password".
  /// `slug` takes the place of the archive's own. Former slugs that are somebody's here are left out.
  ///
  /// Refuses an archive that can't be an organization with every place in it, a log that doesn't hold, and an organization that is here already.
  public func `import`(_ archive: Archive, slug: String?, signedBy key: VerifyingKey?, by caller: Caller) async throws(Problem) -> ImportedOrganization {
    try await expectImporter(caller)
    try archive.check(signedBy: key)
    let slug = try Problem.checking(slug == nil ? "organization/slug" : "slug") { () throws(Rejection) in try Slug(slug ?? archive.organization.slug.text) }
    do {
      return try await plane.write(as: caller) { work in try work.bring(archive, as: slug, under: work.permit(ImportOrganization.self)) }
    } catch {
      guard error.code == .constraint else { throw error }
      throw Problem(
        .archiveClash,
        "Something of the archive is here already, in another organization, or a workspace here is called like one of it. Nothing was taken in.",
        cause: error)
    }
  }
}

extension Work {
  fileprivate func bring(_ archive: Archive, as slug: Slug, under permit: Permit<ImportOrganization>) throws(Problem) -> ImportedOrganization {
    let (id, stream) = (archive.organization.id, Stream.organization(archive.organization.id))
    guard try organizations.find(id) == nil else { throw Problem(.archiveExists, "The organization of this archive is here already. Nothing was taken in.") }
    let isKnown = try expectRoomForLog(of: archive)
    let isFirst = try archives.isEmptyInstallation()
    let proof = try record(permit, in: .installation, on: Target(archive.organization), [Change("slug", to: slug.text), Change("head", to: archive.head.hash)])
    try claimNames(of: archive, as: slug, under: proof)
    try archives.insert(archive.organization, under: proof)
    let (accounts, created) = try settlePeople(of: archive, permit)
    try bringLists(of: archive, accounts, isFirst: isFirst, under: proof)
    try prove(archive)
    if !isKnown { try archives.insert(archive.events, archive.head, under: proof) }
    try members.expectLastingAdmin(of: id)
    _ = try record(
      permit, in: stream, on: Target(archive.organization),
      [
        Change("events", to: String(archive.events.count)), Change("head", to: archive.head.hash), Change("signing_key", to: archive.key.text),
        Change.of("slug", archive.organization.slug.text, slug.text),
      ])
    return ImportedOrganization(
      organization: try organizations.find(id).orDefect(), created: created, matched: archive.people.count - created, events: archive.events.count)
  }

  /// Whether the log is here already, from before the organization was deleted for good. Refuses another one under its name.
  private func expectRoomForLog(of archive: Archive) throws(Problem) -> Bool {
    let stream = Stream.organization(archive.organization.id)
    guard try events.head(of: stream) != nil else { return false }
    guard try archives.hash(in: stream, at: archive.head.sequence) == archive.head.hash else {
      throw Problem(.archiveExists, "There was an organization with this id here, and its log is another one. Nothing was taken in.")
    }
    return true
  }

  private func claimNames(of archive: Archive, as slug: Slug, under proof: Recorded) throws(Problem) {
    let owner = NameEntry.Owner.organization(archive.organization.id)
    for former in archive.formerSlugs where former != slug {
      if let present = try names.find(former.key), present.owner != owner { continue }
      // A word that was reserved since leads nowhere.
      if (try? Slug(former.text)) != nil { try names.claim(former, for: owner, field: "organization/former_slugs", under: proof) }
    }
    try names.claim(slug, for: owner, field: "slug", under: proof)
  }

  /// Which account here stands for each person of the archive, and how many were made for that.
  private func settlePeople(of archive: Archive, _ permit: Permit<ImportOrganization>) throws(Problem) -> ([ID<Account>: ID<Account>], created: Int) {
    var settled: [ID<Account>: ID<Account>] = [:]
    var taken: Set<ID<Account>> = []
    var created = 0
    for (place, person) in archive.people.enumerated() {
      var account = try known(person)
      if account == nil {
        account = try open(person, permit)
        created += 1
      }
      guard let account, taken.insert(account).inserted else {
        throw Problem.invalid("people/\(place)/email",
          "The account with this address here stands for somebody else of the archive already; join the two there first.")
      }
      settled[person.id] = account
    }
    return (settled, created)
  }

  /// The account that the person has here. Who has no proven address in the archive is known by the id, where no address speaks against it.
  private func known(_ person: ArchivedPerson) throws(Problem) -> ID<Account>? {
    if let email = person.email {
      guard let claim = try accounts.claim(on: email), claim.isVerified else { return nil }
      return claim.account
    }
    guard try accounts.find(person.id) != nil, try !accounts.emails(of: person.id).contains(where: \.isVerified) else { return nil }
    return person.id
  }

  /// An account without a password, under the archive's id and handle where they are free.
  private func open(_ person: ArchivedPerson, _ permit: Permit<ImportOrganization>) throws(Problem) -> ID<Account> {
    let id = try accounts.find(person.id) == nil ? person.id : tx.newID()
    let account = Account(
      id: id, handle: try freeHandle(like: person.handle), name: person.name, email: person.email, isActive: person.state == .active, isSuperUser: false,
      createdAt: now,
      deletedAt: person.state == .deleted ? now : nil, portrait: nil, revision: 1)
    if let email = person.email { try makeWay(for: email, isProven: true, permit) }
    let proof = try record(
      permit, in: .account(id), on: Target(account),
      [Change("handle", to: account.handle.text), Change("name", to: account.name.text), Change.of("email", nil, person.email?.text)])
    try accounts.insert(account, password: nil, under: proof)
    try names.claim(account.handle, for: .account(id), field: "handle", under: proof)
    if let email = person.email {
      try accounts.insert(AccountEmail(id: tx.newID(), account: id, address: email, verifiedAt: now, isPrimary: true), under: proof)
    }
    return id
  }

  private func freeHandle(like handle: Slug) throws(Problem) -> Slug {
    for number in 1...9 {
      let text = number == 1 ? handle.text : "\(handle.text.prefix(30))-\(number)"
      if let tried = try? Slug(text), try names.find(tried.key) == nil { return tried }
    }
    return try Problem.checking("people") { () throws(Rejection) in try Slug("person-\(Hex.encode(tx.moment.bytes(6)))") }
  }

  /// Refuses books and usage that contradict themselves, and facts that decisions couldn't read: all that is stored now is worked out anew.
  private func prove(_ archive: Archive) throws(Problem) {
    let id = archive.organization.id
    do throws(Problem) {
      if let ledger = try ledgers.find(id) {
        guard Set(AccountPurpose.standard.map { $0.account.number }).isSubset(of: try ledgers.allAccounts(in: ledger.book).map(\.number)) else {
          throw Problem(.brokenArchive, "The books in the archive lack an account that all books have.")
        }
        if let fault = try audit(ledger).faults.first { throw Problem(.brokenArchive, "The books in the archive don't hold. \(fault.text)") }
      }
      if let log = try usageRows.find(id), let fault = try audit(log, of: id).faults.first {
        throw Problem(.brokenArchive, "The usage in the archive doesn't hold. \(fault.text)")
      }
      _ = try prices.all(for: id)
      _ = try organizationClusters.all(in: id)
      _ = try wholeGraph(of: id, to: 0)
    } catch {
      throw error.tellingArchive
    }
  }

  private func bringLists(
    of archive: Archive, _ accounts: [ID<Account>: ID<Account>], isFirst: Bool, under proof: Recorded
  ) throws(Problem) {
    let organization = archive.organization
    func here(_ account: ID<Account>) throws(Problem) -> ID<Account> { try accounts[account].orDefect() }
    for setting in archive.settings { try organizationSettings.set(setting, of: organization.id, under: proof) }
    if let logo = archive.logo { try images.setLogo(of: organization, logo, under: proof) }
    for member in archive.members { try members.insert(member, as: here(member.account), in: organization.id, under: proof) }
    for former in archive.formerMembers { try archives.insert(former, as: here(former.account), of: organization.id, under: proof) }
    for invitation in archive.invitations {
      var answeredBy: ID<Account>?
      if case .accepted(let account, _) = invitation.answer { answeredBy = try here(account) }
      let digest = Token.mint(.invitation, tx.moment).digest
      try archives.insert(invitation, inviter: here(invitation.inviter), answeredBy: answeredBy, digest, under: proof)
    }
    for request in archive.joinRequests {
      let answeredBy = try request.answeredBy.map { account throws(Problem) in try here(account) }
      try archives.insert(request, as: here(request.account), answeredBy: answeredBy, of: organization.id, under: proof)
    }
    for account in archive.serviceAccounts { try archives.insert(account, by: here(account.creator), of: organization.id, under: proof) }
    for team in archive.teams {
      try archives.insert(team, of: organization.id, under: proof)
      for seat in team.seats { try archives.insert(seat, in: team.id, of: organization.id, under: proof) }
      for seat in team.formerSeats { try archives.insert(seat, as: here(seat.account), in: team.id, of: organization.id, under: proof) }
    }
    for archived in archive.workspaces {
      try resources.insert(archived.resource, under: proof)
      try workspaces.insert(archived.workspace, key: nil, under: proof)
      try bring(archived.access, on: archived.resource, accounts, under: proof)
      for inner in archived.projects {
        try resources.insert(inner.resource, under: proof)
        let project = Project(
          resource: inner.resource, place: Project.Place(.workspace, archived.resource.id, archived.resource.slug), defaultRole: inner.defaultRole,
          isDefault: inner.isDefault)
        try projects.insert(project, under: proof)
        try bring(inner.access, on: inner.resource, accounts, under: proof)
      }
    }
    do throws(Problem) { try archives.bring(archive.tables, people: accounts, of: organization.id, isFirst: isFirst, under: proof) } catch {
      throw error.tellingArchive
    }
    try bringPolicies(of: archive, accounts, under: proof)
    try archives.settle(organization, under: proof)
  }

  /// Policies that name people name those who stand for them here.
  private func bringPolicies(of archive: Archive, _ accounts: [ID<Account>: ID<Account>], under proof: Recorded) throws(Problem) {
    let organization = archive.organization.id
    if let additions = archive.policyAdditions {
      let schema = PolicySchema(version: 1, vocabulary: try additions.vocabulary(), changedAt: now, changedBy: try person().name.text)
      try policies.insert(schema, of: organization, under: proof)
    }
    for archived in archive.policies {
      var policy = archived
      policy.references = archived.references.map { reference in
        guard reference.type == "User", let here = ID<Account>(reference.id).flatMap({ accounts[$0] }) else { return reference }
        return PolicyReference(type: reference.type, name: reference.name, id: here.description)
      }
      try policies.insert(policy, under: proof)
    }
  }

  private func bring(_ access: ArchivedAccess, on resource: Resource, _ accounts: [ID<Account>: ID<Account>], under proof: Recorded) throws(Problem) {
    for grant in access.grants { try archives.insert(grant, on: resource.id, of: resource.organization, under: proof) }
    for grant in access.former {
      try archives.insert(grant, as: accounts[grant.account].orDefect(), on: resource.id, of: resource.organization, under: proof)
    }
  }
}

extension Problem {
  /// What can't be stored or read is the archive's fault: that of nobody else, while it is taken in.
  fileprivate var tellingArchive: Problem { kind == .defect ? Problem(.brokenArchive, "Something in the archive can't be read.", cause: self) : self }
}
