import Authorization
import Contract
public import Kernel
import Ledger
import Storage

extension ControlPlane {
  public var workspaceServers: WorkspaceServers { WorkspaceServers(plane: self) }
}

/// What the servers of workspaces ask and tell. Each proves itself with its workspace's key, or with a token that was derived from that, and speaks of that
/// workspace alone. A server is let in while its organization works and its workspace is active.
public struct WorkspaceServers: Sendable {
  let plane: ControlPlane

  /// A token of an hour for the server of `workspace` (its id), which brings its key.
  public func signIn(to workspace: String, by caller: Caller) async throws(Problem) -> NewDerivedToken {
    try await plane.write(as: caller) { work in
      guard let id = ID<Workspace>(workspace), try work.server().workspace.id == id else { throw Problem.wrongKey }
      return try work.derive()
    }
  }

  /// What a server tells of itself when it starts. `address`: where people reach it; `nil` leaves what it said before.
  public func report(address: String?, version: String, by caller: Caller) async throws(Problem) -> Workspace {
    try await plane.write(as: caller) { work in
      let (before, organization) = try work.server()
      var after = before
      after.server = try Workspace.Server(telling: address ?? before.address, version: version, reported: work.now)
      after.state = try before.state.reported(isReachable: after.address != nil)
      let isSame = after.state == before.state && after.server?.address == before.server?.address && after.server?.version == before.server?.version
      guard !isSame else {
        // A server that starts again with nothing new is no event.
        try work.workspaces.touch(before.id)
        return after
      }
      let proof = try work.record(
        work.permit(ReportWorkspace.self, byProofOf: nil), in: .organization(organization.id), on: Target(before.resource),
        [
          Change.of("status", before.state.status.rawValue, after.state.status.rawValue), .of("address", before.address, after.address),
          .of("version", before.server?.version, after.server?.version),
        ])
      try work.workspaces.update(after, under: proof)
      try work.resources.update(before.resource, under: proof)
      return try work.workspaces.find(before.id.description, in: organization.id).orDefect()
    }
  }

  /// Who the caller is, for the server of `workspace` (its id): somebody who may see the workspace, or something in it.
  ///
  /// The server lets them do whatever they may, so a token must be good for more than reading.
  public func admit(to workspace: String, by caller: Caller) async throws(Problem) -> WorkspaceVisitor {
    try await plane.read(as: caller) { work in
      let found = try work.connecting(to: workspace)
      try found.workspace.state.expectLetIn()
      switch try work.actor() {
      case .machine(let machine):
        let account = try work.serviceAccounts.find(machine.id, in: machine.organization).orDefect()
        return WorkspaceVisitor(
          id: machine.id.description, kind: .serviceAccount, handle: account.slug.text, name: account.name.text, email: "", isSuperUser: false)
      case .person(let person):
        if let token = person.token, token.scopes.isDisjoint(with: [.write, .admin]) {
          throw Denial.tokenScope(needed: [.write, .admin]).problem(doing: "connecting to a workspace")
        }
        return WorkspaceVisitor(
          id: person.id.description, kind: .person, handle: person.handle.text, name: person.name.text,
          email: try work.decisionNames.provenAddress(of: person.id) ?? "", isSuperUser: person.isSuperUser)
      case .anonymous, .system: throw Denial.signedOut.problem(doing: "this")
      }
    }
  }

  /// Whether somebody (by the id that `admit` told) may do something with each of the things.
  ///
  /// A project that isn't known here yet becomes so: the server is who makes projects.
  public func check(_ action: String, on things: [WorkspaceThing], for principal: String, by caller: Caller) async throws(Problem) -> [Bool] {
    guard things.count <= AccessQuestion.batchLimit else { throw Problem(.tooMany, "Ask about at most \(AccessQuestion.batchLimit) things at once.") }
    if let answers = checkAtOnce(action, on: things, for: principal, by: caller) { return answers }
    let question = try ServerQuestion(action, principal)
    let isIntent = question.isIntent(on: things)
    let commit = plane.commits.now
    if !isIntent {
      let answers = try await plane.read(as: caller) { work throws(Problem) -> [Bool]? in
        let (workspace, organization) = try work.server()
        guard try work.unknownProjects(of: things, in: workspace).isEmpty else { return nil }
        try work.keep(workspace, at: work.accessGraph(of: organization.id).revision, since: commit)
        return try work.answers(to: question, on: things, in: workspace, organization)
      }
      if let answers { return answers }
    }
    return try await plane.write(as: caller) { work in
      let (workspace, organization) = try work.server()
      let unknown = try work.unknownProjects(of: things, in: workspace)
      for project in unknown { try work.register(project, in: workspace, organization, madeBy: nil) }
      let answers = try work.answers(to: question, on: things, in: workspace, organization, keeps: unknown.isEmpty)
      if isIntent, zip(things, answers).contains(where: { $0.type == .project && $0.id == nil && $1 }) {
        try work.projectIntents.note(question.principal, in: workspace.id)
      }
      return answers
    }
  }

  /// Which things of the type of `thing` somebody may do something with.
  ///
  /// Where a policy keeps one of those that are known here from them, only those are named that it doesn't.
  public func allowed(_ action: String, on thing: WorkspaceThing, for principal: String, by caller: Caller) async throws(Problem) -> AllowedThings {
    let question = try ServerQuestion(action, principal)
    guard thing.id == nil else { throw .invalid("resource", "Ask about a type, without an id.") }
    return try await plane.read(as: caller) { work in
      let (workspace, organization) = try work.server()
      let isAll = try work.answers(to: question, on: [thing], in: workspace, organization)[0]
      // Without policies who may do it with all of them may do it with each.
      if isAll, try work.rules(of: organization.id) == nil { return AllowedThings(isAll: true, ids: []) }
      let place = try thing.project.map { id throws(Problem) in try work.projects.find(id.description, in: workspace.resource.id)?.resource.id }
      guard let parent = place ?? (thing.project == nil ? workspace.resource.id : nil) else { return AllowedThings(isAll: isAll, ids: []) }
      let known = try work.serverThings.ids(of: thing.type, in: parent)
      let each = try known.map { id throws(Problem) in try WorkspaceThing(project: thing.project, type: thing.type.name, id: id) }
      let answers = try work.answers(to: question, on: each, in: workspace, organization)
      let ids = zip(known, answers).compactMap { $1 ? $0 : nil }
      return isAll && ids.count == known.count ? AllowedThings(isAll: true, ids: []) : AllowedThings(isAll: false, ids: ids)
    }
  }

  /// Gives somebody a set of actions on one thing, on behalf of a user of the server, who vouches that they may.
  public func share(_ share: WorkspaceShare, by caller: Caller) async throws(Problem) {
    let (workspace, isMachine, isSharerMachine) = try await plane.read(as: caller) { work in
      let (workspace, organization) = try work.server()
      func isMachine(_ id: String) throws(Problem) -> Bool { try work.serviceAccounts.find(id, in: organization.id) != nil }
      var isHolderMachine = false
      if case .user(let id) = share.holder { isHolderMachine = try isMachine(id) }
      return (workspace, isHolderMachine, try isMachine(share.sharer))
    }
    let candidate: GrantCandidate =
      switch share.holder {
      case .user(let id): isMachine ? .serviceAccount(id) : .member(id)
      case .team(let id): .team(id)
      }
    let draft = ShareDraft(
      try share.thing.sharedName(in: workspace), with: candidate, actions: share.actions,
      onBehalfOf: isSharerMachine ? .serviceAccount(share.sharer) : .account(share.sharer), isSharersOwn: true)
    try await plane.sharing.set(asServer: draft, by: caller)
  }

  /// Forgets projects that are gone, with all access to them, and what was shared of other things. What isn't known here is none.
  public func forget(_ things: [WorkspaceThing], by caller: Caller) async throws(Problem) {
    guard things.count <= AccessQuestion.batchLimit else { throw Problem(.tooMany, "Name at most \(AccessQuestion.batchLimit) things at once.") }
    let workspace = try await plane.write(as: caller) { work in
      let (workspace, organization) = try work.server()
      for case let project? in things.filter({ $0.type == .project }).map(\.named) { try work.deregister(project, of: workspace, organization) }
      return workspace
    }
    for thing in things where thing.type != .project && thing.id != nil {
      // What stands in nothing that is known here was shared with nobody.
      do throws(Problem) { try await plane.sharing.drop(asServer: [thing.sharedName(in: workspace)], by: caller) } catch {
        guard error.kind == .missing else { throw error }
      }
    }
  }

  /// Refuses what the organization (its id or slug) can't have more of now: by its quotas what it has as many of as it may have, and as a lack of credits what
  /// has a price while there are none left, and everything while it is in arrears.
  public func expectEntitled(to feature: String, in organization: String, by caller: Caller) async throws(Problem) {
    guard AccessQuestion.isName(feature) else { throw .invalid("feature", ThingName.typeRule) }
    try await plane.read(as: caller) { work in
      let organization = try work.served(organization).organization
      if let dimension = WorkspaceCount.dimension(of: feature) { try work.expectRoom(for: dimension, in: organization) }
      guard let usable = try work.balance(of: organization.id).usable else { return }
      let meter = WorkspaceCount.meter(of: feature)
      let prices = PriceList(try work.prices.versions(of: [meter.resource], for: organization.id))
      let hasPrice = prices.version(for: meter.resource, preset: nil, at: work.now) != nil
      guard usable < .zero || hasPrice && usable <= .zero else { return }
      let reason =
        usable < .zero
        ? "\(organization.name) owes credits; nothing new begins until they are paid."
        : "\(organization.name) has no credits left for \(feature.replacing("_", with: " "))."
      throw Problem(.insufficientCredits, reason)
    }
  }

  /// Counts something that was made, once by its id, as usage of the organization (its id or slug); what is gone was used all the same. Projects become known,
  /// or are forgotten, by this.
  public func count(_ count: WorkspaceCount, in reference: String, by caller: Caller) async throws(Problem) {
    let (workspace, organization) = try await plane.write(as: caller) { work in
      let (workspace, organization) = try work.served(reference)
      // Projects are counted where they stand.
      if count.feature != ResourceType.project.name, WorkspaceCount.dimension(of: count.feature) != nil {
        if count.isMore {
          try work.madeThings.note(count, in: workspace.id, of: organization.id)
        } else {
          try work.madeThings.forget(count, in: workspace.id, of: organization.id)
        }
      }
      if count.feature == ResourceType.project.name, let project = ID<Project>(count.thing) {
        if !count.isMore {
          try work.deregister(project, of: workspace, organization)
        } else if try work.isUnknown(project) {
          try work.register(project, in: workspace, organization, madeBy: work.projectIntents.take(in: workspace.id))
        }
      }
      return (workspace, organization)
    }
    guard count.isMore else { return }
    let draft = UsageDraft("\(count.feature)/\(count.thing)", .use(UsageDraft.Use(at: nil, WorkspaceCount.meter(of: count.feature), .one)))
    let answers = try await plane.usage.record([.success(draft)], of: "workspace:\(workspace.id)", in: organization.id.description, by: caller)
    _ = try answers.first?.get()
  }
}

extension Problem {
  fileprivate static let wrongKey = Problem(.invalidCredential, "This enrollment key opens nothing. Make a new one on the workspace's page.")
}

extension Work {
  /// The workspace whose server the caller is, if it is; `nil` where they brought something else.
  func workspaceServer() throws(Problem) -> Workspace? {
    guard case .workspaceKey(let digest) = try credential() else { return nil }
    return try workspaces.find(key: digest)
  }

  /// The same with its organization, for who is let in. Refuses everybody else.
  func server() throws(Problem) -> (workspace: Workspace, organization: Organization) {
    guard let workspace = try workspaceServer(), let organization = try organizations.find(workspace.resource.organization), organization.state.kind == .active
    else { throw Problem.wrongKey }
    try workspace.state.expectLetIn()
    return (workspace, organization)
  }

  /// The same where it speaks of an organization, which must be its own.
  func served(_ reference: String) throws(Problem) -> (workspace: Workspace, organization: Organization) {
    let (workspace, organization) = try server()
    guard try organizations.find(reference)?.id == organization.id else {
      throw Problem(.missing, "There is no such organization, or this workspace isn't in it.")
    }
    return (workspace, organization)
  }

  /// The workspace that is named by id or by slug in whichever organization, for who may see it.
  func connecting(to reference: String) throws(Problem) -> (workspace: Workspace, organization: Organization) {
    let found = try workspaces.find(anywhere: reference)
    visited = found?.id
    if case .anonymous = try actor() { throw Denial.signedOut.problem(doing: ReadWorkspace.name) }
    guard let found, let organization = try organizations.find(found.resource.organization) else {
      throw Denial.hiddenResource.problem(doing: ReadWorkspace.name)
    }
    _ = try permit(ReadWorkspace.self, on: [found.resource], within: true, in: organization)
    return (found, organization)
  }

  // MARK: Answers

  fileprivate func answers(
    to question: ServerQuestion, on things: [WorkspaceThing], in workspace: Workspace, _ organization: Organization, keeps: Bool = true
  ) throws(Problem) -> [Bool] {
    let place = DecisionPlace(organization: organization, graph: try accessGraph(of: organization.id, keeps: keeps), mayAskAboutOthers: true)
    let isMachine = try serviceAccounts.find(question.principal, in: organization.id) != nil
    let principal: AccessQuestion.PrincipalName = isMachine ? .serviceAccount(question.principal) : .account(question.principal)
    let mayAll = try isMachine ? false : isOperator(question.principal)
    let own = try serverThings.projects(among: Set(things.compactMap(\.named)), in: workspace.id)
    return try things.map { thing throws(Problem) in
      // A project that stands elsewhere isn't this server's to ask about.
      if let project = thing.named, !own.contains(project), try !isUnknown(project) { return false }
      if mayAll { return true }
      let isKnown = thing.named.map { own.contains($0) } ?? true
      let asked = try AccessQuestion(principal: principal, action: question.verb.name, resource: thing.name(in: ThingName.Place(workspace.id), isKnown: isKnown))
      return try answer(asked, at: place, explains: false).isAllowed
    }
  }

  /// Whether they run the installation, and so may do everything.
  private func isOperator(_ id: String) throws(Problem) -> Bool {
    guard let account = try ID<Account>(id).flatMap({ id throws(Problem) in try accounts.find(id) }) else { return false }
    return account.isSuperUser && account.isActive && account.deletedAt == nil
  }

  // MARK: Projects

  /// The projects that the server names and nobody here knows.
  fileprivate func unknownProjects(of things: [WorkspaceThing], in workspace: Workspace) throws(Problem) -> [ID<Project>] {
    let named = Set(things.compactMap(\.named))
    let known = try serverThings.projects(among: named, in: workspace.id)
    var unknown: [ID<Project>] = []
    for id in named.subtracting(known).sorted() where try isUnknown(id) { unknown.append(id) }
    return unknown
  }

  fileprivate func isUnknown(_ project: ID<Project>) throws(Problem) -> Bool { try resources.chain(of: project.cast()).isEmpty }

  /// Makes a project that stands on a workspace's server known here, under the server's id. What it is called there isn't told.
  fileprivate func register(_ id: ID<Project>, in workspace: Workspace, _ organization: Organization, madeBy holder: String?) throws(Problem) {
    guard try resources.count(.project, within: workspace.resource.id) < Project.limit else {
      throw Problem(.tooManyProjects, "A workspace can have \(Project.limit) projects. Delete those you don't need any more.")
    }
    let digits = id.description.filter { $0 != "-" }
    let slug: Slug
    let name: DisplayName
    do throws(Rejection) { (slug, name) = (try Slug(stored: digits), try DisplayName("Project \(digits.suffix(6))")) } catch {
      throw Problem(.defect, "A project can't be named.", cause: error)
    }
    let resource = Resource(
      id: id.cast(), organization: organization.id, type: .project, parent: workspace.resource.id, slug: slug, name: name, description: .empty, owner: nil,
      visibility: .inherited, createdAt: now, revision: 1)
    let place = Project.Place(.workspace, workspace.resource.id, workspace.resource.slug)
    let project = Project(resource: resource, place: place, defaultRole: .projectContributor, isDefault: false)
    var first: Grant?
    if let holder, let maker = try maker(holder, in: organization) {
      first = Grant(id: tx.newID(), resource: resource.id, holder: maker, role: .resource(.projectAdmin), expires: nil, since: now, revision: 1)
    }
    let proof = try record(
      permit(ReportProject.self, byProofOf: nil), in: .organization(organization.id), on: Target(resource),
      [Change("id", to: id.description), Change("workspace", to: workspace.resource.slug.text), first.map { Change("access", to: $0.logged) }])
    try resources.insert(resource, under: proof)
    try projects.insert(project, under: proof)
    if let first { try grants.insert(first, under: proof) }
  }

  /// Who made it, if they are in the organization: a member or a service account.
  private func maker(_ id: String, in organization: Organization) throws(Problem) -> Grant.Holder? {
    if let member = try ID<Account>(id).flatMap({ id throws(Problem) in try members.of(id, in: organization.id) }) {
      return .member(id: member.id, account: member.account, handle: member.handle, name: member.name)
    }
    return try serviceAccounts.find(id, in: organization.id).map { .serviceAccount(id: $0.id, slug: $0.slug, name: $0.name) }
  }

  fileprivate func deregister(_ id: ID<Project>, of workspace: Workspace, _ organization: Organization) throws(Problem) {
    guard let project = try projects.find(id.description, in: workspace.resource.id) else { return }
    let proof = try record(
      permit(ReportProjectEnd.self, byProofOf: nil), in: .organization(organization.id), on: Target(project.resource),
      [Change("slug", from: project.resource.slug.text), Change("workspace", from: workspace.resource.slug.text)])
    try resources.delete(project.resource.id, under: proof)
  }
}
