import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var sharing: Sharing { Sharing(plane: self) }
}

/// What people give one another of single objects, without a role.
public struct Sharing: Sendable {
  let plane: ControlPlane

  /// With whom an object is shared, for who may read it: members first, then service accounts and teams, each by name.
  public func list(of name: SharedName, in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Share> {
    try await open(name, in: reference, page, by: caller).page
  }

  /// The same with the object, what it stands in from the inside out, and whether the caller may share it.
  func open(
    _ name: SharedName, in reference: String, _ page: PageRequest, by caller: Caller
  ) async throws(Problem) -> (object: SharedObject, chain: [Resource], page: Page<Share>, actions: [String]) {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      let (object, chain) = try work.shared(name, for: ListShares.self, in: organization)
      _ = try work.permit(ListShares.self, on: name.object.type, in: chain, organization)
      let facts = try work.resourceFacts(chain, in: organization)
      func may(_ verb: ResourceVerb) throws(Problem) -> Bool { try work.may(verb, object, facts) }
      let vocabulary = try work.policySchema(of: organization).vocabulary
      let actions = try may(.share) ? try vocabulary.allActions.filter { action throws(Problem) in try may(ResourceVerb(action)) } : []
      return (object, Array(chain.dropFirst()), try work.shares.list(of: object, in: organization.id, page), actions)
    }
  }

  /// What was shared with the caller, themselves or a team of theirs: by type and name.
  public func received(in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Share> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      guard let holder = try work.grantHolder(in: organization) else { return Page(items: [], next: nil, total: 0) }
      let (rows, next, total) = try work.shares.received(by: holder, in: organization.id, page)
      return Page(items: try rows.map { row throws(Problem) in try work.share(of: row, in: organization) }, next: next, total: total)
    }
  }

  /// What the caller shared with others, and holds still: by type and name.
  public func given(in reference: String, _ page: PageRequest, by caller: Caller) async throws(Problem) -> Page<Share> {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      let sharer: String
      switch try work.actor() {
      case .person(let person): sharer = person.id.description
      case .machine(let machine): sharer = machine.id.description
      case .anonymous, .system: return Page(items: [], next: nil, total: 0)
      }
      let (rows, next, total) = try work.shares.given(by: sharer, in: organization.id, page)
      return Page(items: try rows.map { row throws(Problem) in try work.share(of: row, in: organization) }, next: next, total: total)
    }
  }

  /// Gives somebody a set of actions on one object; it replaces what was shared with them before, and an empty one withdraws it. Answers what they have from
  /// now on; `nil` for nothing.
  ///
  /// For who owns the object or may share it; nobody gives or takes what they lack, and nobody shares with themselves. A platform that shares on somebody's
  /// behalf needs all of it itself, and they need it, too, unless the platform says that the object is their own.
  @discardableResult
  public func set(_ draft: ShareDraft, in reference: String, by caller: Caller) async throws(Problem) -> Share? {
    try await plane.write(as: caller) { work in
      let (organization, reading) = try work.permit(ReadOrganization.self, in: reference)
      let (object, chain) = try work.shared(draft.object, for: ShareObject.self, in: organization)
      let permit = try work.permit(ShareObject.self, on: object.name.type, in: chain, organization)
      let facts = try work.resourceFacts(chain, in: organization)
      let holder = try work.shareHolder(draft.candidate, in: organization, reading.permissions)
      let deal = Work.Deal(draft: draft, object: object, holder: holder, organization: organization)
      return try work.share(deal, may: { verb throws(Problem) in try work.may(verb, object, facts) }) { changes throws(Problem) in
        try work.record(permit, in: .organization(organization.id), on: object.target, changes)
      }
    }
  }

  /// The same for the server of a workspace, which has all rights to what stands in that, for a user of its own. Who gets it is named by id.
  @discardableResult
  public func set(asServer draft: ShareDraft, by caller: Caller) async throws(Problem) -> Share? {
    try await plane.write(as: caller) { work in
      let (organization, object) = try work.served(draft.object)
      guard draft.sharer != nil else { throw Problem.invalid("sharer", "Name the user on whose behalf it is.") }
      let holder = try work.shareHolder(draft.candidate, in: organization, nil)
      let deal = Work.Deal(draft: draft, object: object, holder: holder, organization: organization)
      return try work.share(deal, may: { _ throws(Problem) in true }) { changes throws(Problem) in
        try work.record(work.permit(ReportShare.self, byProofOf: nil), in: .organization(organization.id), on: object.target, changes)
      }
    }
  }

  /// Ends all that was shared of objects that are gone from a workspace, for its server.
  public func drop(asServer names: [SharedName], by caller: Caller) async throws(Problem) {
    guard names.count <= RegisteredObject.batchLimit else { throw Problem(.tooMany, "Name at most \(RegisteredObject.batchLimit) objects at once.") }
    try await plane.write(as: caller) { work in
      for name in names {
        let (organization, object) = try work.served(name)
        let count = try work.shares.count(of: object, in: organization.id)
        guard count > 0 else { continue }
        let proof = try work.record(
          work.permit(ReportShareEnd.self, byProofOf: nil), in: .organization(organization.id), on: object.target, [Change("shares", from: String(count))])
        try work.shares.drop(object, in: organization.id, under: proof)
      }
    }
  }

  /// Ends all that was shared of some objects, such as those that their platform has deleted; each by itself, for who may delete such objects there. How many
  /// shares of each there were, in their order.
  public func drop(_ names: [Result<SharedName, Problem>], in reference: String, by caller: Caller) async throws(Problem) -> [Result<Int, Problem>] {
    guard names.count <= RegisteredObject.batchLimit else { throw Problem(.tooMany, "Name at most \(RegisteredObject.batchLimit) objects at once.") }
    return try await plane.write(as: caller) { work in
      let organization = try work.permit(ReadOrganization.self, in: reference).0
      var outcomes: [Result<Int, Problem>] = []
      for name in names {
        do throws(Problem) { outcomes.append(.success(try work.drop(name.get(), in: organization))) } catch {
          guard error.kind != .defect, error.kind != .unavailable else { throw error }
          outcomes.append(.failure(error))
        }
      }
      return outcomes
    }
  }
}

extension SharedObject {
  fileprivate var target: Target { registered.map { Target($0) } ?? Target(name.type.name, name.id, named: name.id) }

  fileprivate func lacking(_ verb: ResourceVerb, _ who: String) -> Problem {
    Problem(.aboveOwnRights, "Nobody shares what they lack: \(who) may not \(verb.name.replacing("_", with: " ")) this \(name.type.noun).")
  }
}

extension Grant.Holder {
  /// The id by which decisions know them; `nil` for a team.
  fileprivate var principalID: String? {
    switch self {
    case .member(_, let account, _, _): account.description
    case .serviceAccount(let id, _, _): id.description
    case .team, .invitation: nil
    }
  }
}

extension Work {
  /// A share that was found by who has it or gave it, with what it is of.
  fileprivate func share(of row: ShareRows.ReceivedRow, in organization: Organization) throws(Problem) -> Share {
    let place = try row.place.flatMap { id throws(Problem) in try resources.chain(of: id).first }
    let registered = try objects.find(row.name, in: organization.id).flatMap { $0.parent == place?.id ? $0 : nil }
    return try row.share(of: SharedObject(name: row.name, place: place, registered: registered))
  }

  /// An object as it stands, or as it is named, and the chain that decisions look at.
  fileprivate func shared<A: ObjectAction>(
    _ name: SharedName, for action: A.Type, in organization: Organization
  ) throws(Problem) -> (SharedObject, chain: [Resource]) {
    if let registered = try objects.find(name.object, in: organization.id) {
      let chain = try registered.parent.map { id throws(Problem) in try resources.chain(of: id) } ?? []
      return (SharedObject(name: name.object, place: chain.first, registered: registered), [registered] + chain)
    }
    let chain = try name.place.map { place throws(Problem) in
      try self.chain(of: place, in: organization, for: action, on: name.object.type)
    } ?? []
    let object = try Resource(named: name.object, in: chain.first?.id, of: organization, id: tx.newID(), at: now)
    return (SharedObject(name: name.object, place: chain.first, registered: nil), [object] + chain)
  }

  fileprivate func may(_ verb: ResourceVerb, _ object: SharedObject, _ facts: ResourceFacts) throws(Problem) -> Bool {
    if case .allowed = Engine(at: now).decide(verb, on: object.name.type, by: try actor().principal, on: facts) { true } else { false }
  }

  /// What is shared with whom.
  fileprivate struct Deal {
    let draft: ShareDraft
    let object: SharedObject
    let holder: Grant.Holder
    let organization: Organization
  }

  /// - Parameter may: whether the caller has the right themselves.
  fileprivate func share(
    _ deal: Deal, may: (ResourceVerb) throws(Problem) -> Bool, record: GrantRecorder
  ) throws(Problem) -> Share? {
    let (draft, object, holder, organization) = (deal.draft, deal.object, deal.holder, deal.organization)
    let before = try shares.find(holder, of: object, in: organization.id)
    var verbs = try draft.verbs(in: policySchema(of: organization).vocabulary)
    // What is to be given, and what is taken with the list that it replaces.
    let touched = verbs.union(before?.actions ?? [])
    let sharer = try sharer(draft, touched, of: object, in: organization)
    guard holder.principalID != sharer.id else { throw Problem.invalid("holder", "Nobody shares with themselves; name somebody else.") }
    for verb in touched.sorted() {
      guard try may(verb) else { throw object.lacking(verb, "You") }
    }
    for verb in verbs {
      for further in ResourceVerb.implied(by: verb, on: object.name.type) where try may(further) {
        if try lacks(draft, [further], of: object, in: organization) == nil { verbs.insert(further) }
      }
    }
    guard before?.actions != verbs, before != nil || !verbs.isEmpty else { return before }
    if before == nil {
      guard try shares.count(of: object, in: organization.id) < Share.limit else {
        throw Problem(.tooMany, "An object can be shared with \(Share.limit) people and teams. Share it with a team instead.")
      }
      guard try !shares.reaches(Share.organizationLimit, in: organization.id) else {
        throw Problem(.tooMany, "An organization can share \(Share.organizationLimit) things. Give roles where many are needed.")
      }
    }
    var after = before ?? Share(id: tx.newID(), object: object, holder: holder, actions: verbs, sharer: sharer, since: now, revision: 1)
    (after.actions, after.sharer) = (verbs, sharer)
    let proof = try record([
      Change("share", from: before?.logged, to: verbs.isEmpty ? nil : after.logged), object.place.map { Change($0.type.name, to: $0.slug.text) },
      draft.sharer == nil ? nil : Change("on behalf of", to: sharer.name.text),
    ])
    if verbs.isEmpty {
      try shares.delete(after, in: organization.id, under: proof)
      return nil
    }
    if before == nil {
      try shares.insert(after, in: organization.id, under: proof)
    } else {
      try shares.update(after, in: organization.id, under: proof)
    }
    return try shares.find(holder, of: object, in: organization.id).orDefect()
  }

  /// An object that stands in the workspace whose server the caller is, or in a project of that.
  fileprivate func served(_ name: SharedName) throws(Problem) -> (Organization, SharedObject) {
    let (workspace, organization) = try server()
    let registered = try objects.find(name.object, in: organization.id)
    var place: Resource?
    if let registered {
      place = try registered.parent.flatMap { id throws(Problem) in try resources.chain(of: id).first }
    } else if name.place?.type == .workspace {
      place = workspace.resource
    } else if name.place?.type == .project, let id = name.place?.id {
      place = try projects.find(id, in: workspace.resource.id)?.resource
    }
    guard let place, place.id == workspace.resource.id || place.parent == workspace.resource.id else {
      throw Problem(.missing, "There is no such thing on this workspace.")
    }
    return (organization, SharedObject(name: name.object, place: place, registered: registered))
  }

  /// Who shall have it. By an id anybody is named, by a name those whom the caller may see; nobody by a name without `permissions`.
  fileprivate func shareHolder(_ candidate: GrantCandidate, in organization: Organization, _ permissions: Set<Permission>?) throws(Problem) -> Grant.Holder {
    switch candidate {
    case .member(let text), .anybody(let text):
      if let id = ID<Account>(text), let member = try members.of(id, in: organization.id) {
        return .member(id: member.id, account: member.account, handle: member.handle, name: member.name)
      }
    case .serviceAccount(let text):
      if ID<ServiceAccount>(text) != nil, let found = try serviceAccounts.find(text, in: organization.id) {
        return .serviceAccount(id: found.id, slug: found.slug, name: found.name)
      }
    case .team(let text):
      if ID<Team>(text) != nil, let found = try teams.find(text, in: organization.id) { return .team(id: found.id, slug: found.slug, name: found.name) }
    case .invitation: break
    }
    guard let permissions else { throw .invalid("holder", "Nobody here has this id.") }
    let found = try holder(candidate, in: organization, permissions)
    if case .invitation = found { throw .invalid("holder", "They haven't accepted their invitation yet. Share it with them when they have.") }
    return found
  }

  /// Who shares, who must be able to do all of that themselves.
  fileprivate func sharer(
    _ draft: ShareDraft, _ verbs: Set<ResourceVerb>, of object: SharedObject, in organization: Organization
  ) throws(Problem) -> Share.Sharer {
    guard let name = draft.sharer else {
      switch try actor() {
      case .person(let person): return Share.Sharer(id: person.id.description, name: person.name)
      case .machine(let machine): return Share.Sharer(id: machine.id.description, name: machine.name)
      case .anonymous, .system: throw Denial.signedOut.problem(doing: ShareObject.name)
      }
    }
    let id = try principalID(name, in: organization)
    guard let found = try decisionNames.principals([id], in: organization.id)[id] else { throw .invalid("sharer", "Nobody here is called so.") }
    let shown = try Problem.checking("sharer") { () throws(Rejection) in try DisplayName(found.name) }
    if let verb = try lacks(draft, verbs.union([.share]), of: object, in: organization) { throw object.lacking(verb, shown.text) }
    return Share.Sharer(id: id, name: shown)
  }

  /// The first of the actions that somebody may not do on whose behalf is shared.
  fileprivate func lacks(
    _ draft: ShareDraft, _ verbs: Set<ResourceVerb>, of object: SharedObject, in organization: Organization
  ) throws(Problem) -> ResourceVerb? {
    guard let name = draft.sharer else { return nil }
    let (id, graph) = (try principalID(name, in: organization), try accessGraph(of: organization.id))
    let isOwn = draft.isSharersOwn && object.registered == nil
    let target = graph.target(
      named: object.name.id, object.name.type, in: object.place.flatMap { graph.target($0.type, $0.decisionID) }, isOwn: isOwn)
    let context = graph.context(AccessValue.readable([AccessValue.Attribute("time", .instant(now))]))
    return verbs.sorted().first { verb in
      switch graph.check(graph.member(id), graph.verb(verb), target, context, at: now).outcome {
      case .allowed: false
      // Whoever makes something may do everything with it; which things they made the platform knows.
      case .lacking, .hidden: !isOwn
      case .forbidden, .suspendedMembership, .expiredMembership: true
      }
    }
  }

  fileprivate func drop(_ name: SharedName, in organization: Organization) throws(Problem) -> Int {
    let (object, chain) = try shared(name, for: UnshareObject.self, in: organization)
    let permit = try permit(UnshareObject.self, on: object.name.type, in: chain, organization)
    let count = try shares.count(of: object, in: organization.id)
    guard count > 0 else { return 0 }
    let proof = try record(permit, in: .organization(organization.id), on: object.target, [Change("shares", from: String(count))])
    return try shares.drop(object, in: organization.id, under: proof)
  }
}

extension Resource {
  /// What a platform merely names, as decisions look at it.
  fileprivate init(
    named name: ObjectName, in place: ID<Resource>?, of organization: Organization, id: ID<Resource>, at now: Timestamp
  ) throws(Problem) {
    self.init(
      id: id, organization: organization.id, type: name.type, parent: place,
      slug: try Problem.checking("id") { () throws(Rejection) in try Slug(stored: name.id) },
      name: try DisplayName(nameOf: name.type), description: .empty, owner: nil, visibility: .inherited, createdAt: now, revision: 0)
  }
}
