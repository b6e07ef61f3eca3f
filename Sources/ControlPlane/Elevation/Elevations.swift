import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var elevations: Elevations { Elevations(plane: self) }
}

/// Asking for a role for a time, and the answers.
public struct Elevations: Sendable {
  let plane: ControlPlane

  /// Those that the caller may answer and those of their own, the newest first: open ones, or all.
  public func list(open: Bool = true, in reference: String, by caller: Caller) async throws(Problem) -> [SeenElevation] {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ListElevations.self, in: reference).0
      let own = try work.ownAccount()
      return try work.elevationRows.list(in: organization.id, open: open, limit: Elevation.limit).compactMap { elevation throws(Problem) in
        let isOwn = elevation.account == own
        let mayAnswer = isOwn ? false : try work.mayGrant(elevation, in: organization)
        return isOwn || mayAnswer ? SeenElevation(elevation: elevation, isOwn: isOwn, mayAnswer: mayAnswer && elevation.state == .pending) : nil
      }
    }
  }

  /// The same, page by page: of the last 500 requests. Where there are more, the total says so.
  public func list(open: Bool, in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<SeenElevation> {
    let keys = try page.keys(of: "elevations", count: 2)
    let all = try await list(open: open, in: reference, by: caller)
    let rest = all.drop { seen in keys.map { seen.elevation.isNotBehind($0) } ?? false }
    let items = Array(rest.prefix(page.limit))
    let next = rest.count > items.count ? items.last.map { Cursor(list: "elevations", keys: $0.elevation.keys) } : nil
    return Page(items: items, next: next, total: all.count)
  }

  /// One of the caller's own, or that they may answer.
  public func find(_ id: ID<Elevation>, in reference: String, by caller: Caller) async throws(Problem) -> SeenElevation {
    try await plane.read(as: caller) { work in
      try work.seen(id, in: work.permit(ListElevations.self, in: reference).0)
    }
  }

  /// Asks for a role on the organization, or on something that the caller sees. Who could give it is told by mail.
  public func ask(_ draft: ElevationDraft, in reference: String, by caller: Caller) async throws(Problem) -> SeenElevation {
    try await ask({ () throws(Problem) in draft }, in: reference, by: caller)
  }

  /// The same of what is looked at only once the caller may ask at all.
  func ask(
    _ asked: @escaping @Sendable () throws(Problem) -> ElevationDraft, in reference: String, by caller: Caller
  ) async throws(Problem) -> SeenElevation {
    try await plane.write(as: caller) { work in
      let (organization, permit, person) = try work.acting(AskElevation.self, in: reference)
      let draft = try asked()
      let (place, role) = try work.wanted(draft, in: organization)
      guard let member = try work.members.of(person.id, in: organization.id) else {
        throw Problem(.forbidden, "Only members ask for roles; operators have them all.")
      }
      let open = try work.elevationRows.countOpen(of: member.id, in: organization.id)
      // What others ask for keeps nobody from asking for one role.
      guard open.own < Elevation.memberLimit, open.own == 0 || open.all < Elevation.limit else {
        throw Problem(.tooMany, "There are too many open requests. Withdraw one, or wait for an answer.")
      }
      let elevation = Elevation(
        id: work.tx.newID(), organization: organization.id, member: member.id, account: member.account, handle: member.handle, name: member.name,
        email: member.email, place: place, role: role, term: draft.term, reason: draft.reason, state: .pending, createdAt: work.now,
        answerBy: work.now + Elevation.answerTerm, answeredBy: nil,
        answer: try Problem.checking("note") { () throws(Rejection) in try Note("") }, grantedUntil: nil)
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(elevation), [Change("access", to: elevation.logged), Change("reason", to: draft.reason.text)])
      try work.elevationRows.insert(elevation, under: proof)
      try work.tellDeciders(elevation, of: organization)
      return SeenElevation(elevation: elevation, isOwn: true, mayAnswer: false)
    }
  }

  /// Gives the role from now on, for as long as was asked, or shorter. Nobody approves what they asked for themselves, nor what they couldn't give.
  public func approve(
    _ id: ID<Elevation>, minutes: Int? = nil, note: String = "", in reference: String, by caller: Caller
  ) async throws(Problem) -> SeenElevation {
    try await plane.write(as: caller) { work in
      let organization = try work.permit(ListElevations.self, in: reference).0
      let elevation = try work.answerable(id, in: organization)
      var checker = FieldChecker()
      let term = minutes.map { Elevation.term($0, "minutes", &checker) } ?? elevation.term
      if term > elevation.term { checker.reject("minutes", "Give it for no longer than was asked: \(elevation.term.inWords).") }
      let answer = checker.check("note") { () throws(Rejection) in try Note(note) }
      try checker.finish()
      guard let answer else { throw Problem(.defect, "A checked field is missing.") }
      let until = work.now + term
      let proof = try work.grant(elevation, until: until, in: organization)
      guard try work.elevationRows.answer(id, .approved, by: work.nameOfCaller(), note: answer, until: until, under: proof) else {
        throw Problem(.elevationAnswered, "This request was answered meanwhile.")
      }
      try work.tellAsker(elevation, of: organization, "You have the role \(elevation.role.short) on \(elevation.place.words), until \(until).", answer)
      return try work.seen(id, in: organization)
    }
  }

  /// Answers that the role isn't given, by who could have given it.
  public func refuse(_ id: ID<Elevation>, note: String = "", in reference: String, by caller: Caller) async throws(Problem) -> SeenElevation {
    try await plane.write(as: caller) { work in
      let (organization, permit, _) = try work.acting(RefuseElevation.self, in: reference)
      let elevation = try work.answerable(id, in: organization)
      let answer = try Problem.checking("note") { () throws(Rejection) in try Note(note) }
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(elevation),
        [Change("access", from: elevation.logged), Change("state", from: "pending", to: "refused")])
      guard try work.elevationRows.answer(id, .refused, by: work.nameOfCaller(), note: answer, until: nil, under: proof) else {
        throw Problem(.elevationAnswered, "This request was answered meanwhile.")
      }
      try work.tellAsker(elevation, of: organization, "You weren't given the role \(elevation.role.short) on \(elevation.place.words).", answer)
      return try work.seen(id, in: organization)
    }
  }

  /// Takes back one's own request; one that was approved stays, and the role with it.
  public func withdraw(_ id: ID<Elevation>, in reference: String, by caller: Caller) async throws(Problem) -> SeenElevation {
    try await plane.write(as: caller) { work in
      let (organization, permit, person) = try work.acting(WithdrawElevation.self, in: reference)
      guard let elevation = try work.elevationRows.find(id, in: organization.id), elevation.account == person.id else {
        throw Problem(.missing, "You have no such request.")
      }
      if elevation.state == .withdrawn { return try work.seen(id, in: organization) }
      try elevation.expectOpen()
      let proof = try work.record(
        permit, in: .organization(organization.id), on: Target(elevation),
        [Change("access", from: elevation.logged), Change("state", from: "pending", to: "withdrawn")])
      guard try work.elevationRows.answer(id, .withdrawn, by: work.nameOfCaller(), note: elevation.answer, until: nil, under: proof) else {
        throw Problem(.elevationAnswered, "This request was answered meanwhile.")
      }
      return try work.seen(id, in: organization)
    }
  }
}

extension Elevation {
  /// What a list goes on behind.
  fileprivate var keys: [String] { [String(createdAt.milliseconds), id.description] }

  /// Whether it stands at these keys, or before them: the newest stand first.
  fileprivate func isNotBehind(_ keys: [String]) -> Bool {
    let created = Int64(keys[0]) ?? .max
    return createdAt.milliseconds > created || createdAt.milliseconds == created && id.description >= keys[1]
  }
}

/// A request as one caller sees it.
public struct SeenElevation: Sendable, Hashable {
  public let elevation: Elevation
  public let isOwn: Bool
  /// Whether the caller could give the role, and it is open.
  public let mayAnswer: Bool
}

extension Work {
  /// What people do about requests in an organization that works.
  fileprivate func acting<A: AccountAction>(_ action: A.Type, in reference: String) throws(Problem) -> (Organization, Permit<A>, Person) {
    let organization = try permit(ListElevations.self, in: reference).0
    let person = try person()
    let permit = try permit(action, on: person.id, in: organization)
    guard organization.state == .active else { throw Denial.suspendedOrganization.problem(doing: A.name) }
    return (organization, permit, person)
  }

  /// The signed-in person's account; `nil` for programs.
  fileprivate func ownAccount() throws(Problem) -> ID<Account>? { if case .person(let person) = try actor() { person.id } else { nil } }

  fileprivate func nameOfCaller() throws(Problem) -> String {
    switch try actor() {
    case .person(let person): person.name.text
    case .machine(let machine): machine.name.text
    case .system(let job): job
    case .anonymous: ""
    }
  }

  fileprivate func seen(_ id: ID<Elevation>, in organization: Organization) throws(Problem) -> SeenElevation {
    let elevation = try elevationRows.find(id, in: organization.id)
    let isOwn = try elevation?.account == ownAccount()
    guard let elevation, isOwn ? true : try mayGrant(elevation, in: organization) else { throw Problem(.missing, "There is no such request that you may see.") }
    return SeenElevation(elevation: elevation, isOwn: isOwn, mayAnswer: !isOwn && elevation.state == .pending)
  }

  /// What is asked for: a role that there is, on something that the caller sees.
  fileprivate func wanted(_ draft: ElevationDraft, in organization: Organization) throws(Problem) -> (Elevation.Place, GrantedRole) {
    let reference = organization.id.description
    let id: ID<Resource>
    switch draft.place {
    case nil: return (.organization, try organizationRole(named: draft.role, in: organization))
    case .workspace(let name): id = try permit(ReadWorkspace.self, on: name, in: reference).1.resource.id
    case .cluster(let name): id = try permit(ReadCluster.self, onCluster: name, in: reference).1.resource.id
    case .app(let name): id = try permit(ReadApp.self, onApp: name, in: reference).1.resource.id
    case .projectAt(let name, let outer): id = try permit(ReadProject.self, on: name, at: outer, in: reference).1.resource.id
    }
    let chain = try resources.chain(of: id)
    guard let type = chain.first?.type else { throw Problem(.missing, "There is no such thing.") }
    let role = try resourceRole(named: draft.role, on: type, in: organization)
    return (.resource(id, type: type, path: chain.reversed().map(\.slug.text).joined(separator: "/")), role)
  }

  /// Whether the caller could give what is asked for.
  fileprivate func mayGrant(_ elevation: Elevation, in organization: Organization) throws(Problem) -> Bool {
    let permissions = try permissions(in: organization)
    guard permissions.contains(.memberList) else { return false }
    switch elevation.place {
    case .organization: return permissions.contains(.memberUpdate) && elevation.role.beyond(permissions).isEmpty
    case .resource(let id, let type, _):
      let facts = try resourceFacts(resources.chain(of: id), in: organization)
      guard elevation.role.beyond(Engine(at: now).rights(of: try actor().principal, on: facts)).isEmpty else { return false }
      return switch type {
      case .project: try isPossible(GiveProjectAccess.self, facts)
      case .cluster: try isPossible(GiveClusterAccess.self, facts)
      case .app: try isPossible(GiveAppAccess.self, facts)
      default: try isPossible(GiveWorkspaceAccess.self, facts)
      }
    }
  }

  /// An open one of somebody else that the caller may answer.
  fileprivate func answerable(_ id: ID<Elevation>, in organization: Organization) throws(Problem) -> Elevation {
    let seen = try seen(id, in: organization)
    guard !seen.isOwn else { throw Problem(.ownElevation, "Nobody answers what they asked for themselves. Somebody else who could give the role does.") }
    try seen.elevation.expectOpen()
    return seen.elevation
  }

  /// Gives the role, by the same rules as giving it unasked.
  fileprivate func grant(_ elevation: Elevation, until: Timestamp, in organization: Organization) throws(Problem) -> Recorded {
    guard let member = try members.find(elevation.member, in: organization.id) else { throw Problem(.missing, "They aren't a member any more.") }
    let holder = Grant.Holder.member(id: member.id, account: member.account, handle: member.handle, name: member.name)
    let asked = [Change("request", to: elevation.id.description), Change("reason", to: elevation.reason.text)]
    switch elevation.place {
    case .organization:
      let permit = try permit(GiveOrganizationAccess.self, on: organization)
      let grant = OrganizationGrant(
        id: tx.newID(), organization: organization.id, holder: holder, role: elevation.role, expires: until, since: now, revision: 1)
      try expectWithinReach(grant, permit.permissions)
      let present = try organizationGrants.find(holder, elevation.role, in: organization.id)
      if let end = present.map(\.expires), end.map({ $0 >= until }) ?? true { throw Grant.exists(holder, elevation.role) }
      let proof = try record(permit, in: .organization(organization.id), on: Target(organization), [Change("access", to: grant.logged)] + asked)
      if var present {
        present.expires = until
        try organizationGrants.update(present, under: proof)
      } else {
        try organizationGrants.insert(grant, under: proof)
      }
      return proof
    case .resource(let id, let type, _):
      let reference: ResourceReference
      switch (type, try resources.chain(of: id).dropFirst().first) {
      case (.cluster, _): reference = .cluster(id.description)
      case (.app, _): reference = .app(id.description)
      case (.project, let outer?) where outer.type == .cluster: reference = .projectAt(id.description, .cluster(outer.slug.text))
      case (.project, let outer?): reference = .projectAt(id.description, .workspace(outer.slug.text))
      default: reference = .workspace(id.description)
      }
      return try giving(on: reference, in: organization.id.description) { (place, record) throws(Problem) in
        try place.expectWithin(elevation.role)
        let grant = Grant(id: tx.newID(), resource: id, holder: holder, role: elevation.role, expires: until, since: now, revision: 1)
        let present = try grants.find(holder, elevation.role, on: id)
        if let end = present.map(\.expires), end.map({ $0 >= until }) ?? true { throw Grant.exists(holder, elevation.role) }
        let proof = try record([Change("access", to: grant.logged)] + asked)
        if var present {
          present.expires = until
          try grants.update(present, under: proof)
        } else {
          try grants.insert(grant, under: proof)
        }
        return proof
      }
    }
  }

  // MARK: Mails

  private static let mostDeciders = 20

  /// Tells those who could give it: the organization's admins, and who has all of the role on the thing themselves, for good.
  fileprivate func tellDeciders(_ elevation: Elevation, of organization: Organization) throws(Problem) {
    var people: [(address: EmailAddress, name: DisplayName)] = []
    func add(_ member: Member?) {
      guard let member, member.account != elevation.account, member.isActive(at: now), let address = member.email else { return }
      if !people.contains(where: { $0.address == address }) { people.append((address, member.name)) }
    }
    if case .resource(let id, let type, _) = elevation.place {
      for grant in try grants.list(on: id, search: nil, showsInvitations: false, PageRequest(limit: 100)).items {
        guard grant.expires == nil, grant.role.rights.allows(.manage, on: type), elevation.role.beyond(grant.role.rights).isEmpty else { continue }
        if case .member(let id, _, _, _) = grant.holder { add(try members.find(id, in: organization.id)) }
      }
    }
    for admin in try members.admins(of: organization.id) { add(admin) }
    let what = "the role \(elevation.role.short) on \(elevation.place.words), for \(elevation.term.inWords)"
    let sentence = "\(elevation.name) (\(elevation.handle)) asks for \(what)."
    for person in people.prefix(Self.mostDeciders) {
      try outbox.send(
        MailDraft(
          .elevationRequest, to: person.address, name: person.name, organization: organization.id,
          subject: "\(elevation.name) asks for the role \(elevation.role.short) in \(organization.name)",
          paragraphs: [sentence, elevation.reason.text],
          button: .init("See the request", link: "\(settings.publicURL)/\(organization.slug)/roles/requests"),
          because: "you could give this role in \(organization.name)"))
    }
  }

  fileprivate func tellAsker(_ elevation: Elevation, of organization: Organization, _ sentence: String, _ note: Note) throws(Problem) {
    guard let address = elevation.email else { return }
    try outbox.send(
      MailDraft(
        .elevationAnswer, to: address, name: elevation.name, organization: organization.id, subject: "Your request for a role in \(organization.name)",
        paragraphs: [sentence] + (note.isEmpty ? [] : [note.text]),
        button: .init("Open Guildhall", link: "\(settings.publicURL)/\(organization.slug)/roles/requests"),
        because: "you asked for a role in \(organization.name)"))
  }
}
