public import Authorization
import Contract
public import Kernel
import Storage

extension ControlPlane {
  public var decisions: Decisions { Decisions(plane: self) }
}

/// Answers who may do what with which thing, for Guildhall's own pages and for any platform: by the same graph and the same rules as its own operations.
public struct Decisions: Sendable {
  let plane: ControlPlane

  /// The number of the organization's last change that decisions look at; an answer of at least this revision knows of it.
  public func revision(in reference: String, by caller: Caller) async throws(Problem) -> Int64 {
    try await plane.read(as: caller) { work in
      let organization = try work.permit(AskAccess.self, in: reference).0
      return try work.accessChanges.head(of: organization.id)
    }
  }

  /// Whether somebody may. With `explains` everything that made it is told.
  public func check(
    _ question: AccessQuestion, atLeast revision: Int64? = nil, explains: Bool = false, in reference: String, by caller: Caller
  ) async throws(Problem) -> (revision: Int64, answer: AccessAnswer) {
    if !explains, let known = answersAtOnce([question], atLeast: revision, in: reference, by: caller), let answer = known.answers.first {
      return (known.revision, answer)
    }
    let commit = plane.commits.now
    return try await plane.read(as: caller) { work in
      let place = try work.decisionPlace(in: reference, atLeast: revision)
      try work.keep(place, as: reference, since: commit)
      return (place.graph.revision, try work.answer(question, at: place, explains: explains))
    }
  }

  /// The answer to each of many, at one revision and one instant. What can't be a question is answered as that, beside the others.
  public func check(
    _ questions: [Result<AccessQuestion, Problem>], atLeast revision: Int64? = nil, in reference: String, by caller: Caller
  ) async throws(Problem) -> (revision: Int64, answers: [AccessAnswer]) {
    guard questions.count <= AccessQuestion.batchLimit else {
      throw Problem(.tooMany, "Ask at most \(AccessQuestion.batchLimit) questions at once.")
    }
    let clear = questions.compactMap { try? $0.get() }
    if clear.count == questions.count, let known = answersAtOnce(clear, atLeast: revision, in: reference, by: caller) { return known }
    let commit = plane.commits.now
    return try await plane.read(as: caller) { work in
      let place = try work.decisionPlace(in: reference, atLeast: revision)
      try work.keep(place, as: reference, since: commit)
      return (place.graph.revision, try questions.map { question in try work.answerOrRefusal(question, at: place) })
    }
  }

  /// With which of the workspaces and projects somebody may do it, by id; of one type, or of all.
  public func resources(
    for principal: AccessQuestion.PrincipalName?, _ action: String, of type: String?, context: [AccessValue.Attribute] = [], atLeast revision: Int64? = nil,
    in reference: String, _ page: @escaping @Sendable () throws(Problem) -> PageRequest, by caller: Caller
  ) async throws(Problem) -> AccessList<AccessGround.NamedThing> {
    let question = try AccessQuestion(principal: principal, action: action, resource: ThingName(type: type ?? "organization"), context: context)
    return try await plane.read(as: caller) { work in
      let place = try work.decisionPlace(in: reference, atLeast: revision, listing: true)
      let (graph, organization) = (place.graph, place.organization)
      let member = graph.member(try work.principalID(principal, in: organization))
      let context = graph.context(AccessValue.readable(question.context(at: work.now)))
      let isHalted = if case .suspended = organization.state { !question.action.isReading } else { false }
      let found = isHalted ? [] : graph.resources(member, graph.verb(question.action), of: type.map { ResourceType($0) }, context, at: work.now)
      let types = Dictionary(found.map { ($0.id, $0.type.name) }) { first, _ in first }
      let part = try Page(sorted: types.keys.sorted(), of: "decision-resources", page())
      let paths = try work.decisionNames.paths(ofResources: Set(part.items), in: organization.id)
      return AccessList(
        revision: graph.revision, page: part.map { AccessGround.NamedThing(type: types[$0] ?? "", id: $0, name: paths[$0] ?? $0) })
    }
  }

  /// Who may do something with a thing, by id: people and service accounts.
  public func principals(
    of question: AccessQuestion, atLeast revision: Int64? = nil, in reference: String, _ page: @escaping @Sendable () throws(Problem) -> PageRequest,
    by caller: Caller
  ) async throws(Problem) -> AccessList<AccessPrincipal> {
    try await plane.read(as: caller) { work in
      let place = try work.decisionPlace(in: reference, atLeast: revision, listing: true)
      let (graph, organization) = (place.graph, place.organization)
      guard let target = try work.target(question.resource, graph, in: organization) else {
        throw Problem(.missing, "There is no such thing here, or nothing that it could stand in.")
      }
      let context = graph.context(AccessValue.readable(question.context(at: work.now)))
      let isHalted = if case .suspended = organization.state { !question.action.isReading } else { false }
      let found = isHalted ? [] : graph.members(graph.verb(question.action), target, context, at: work.now)
      let part = try Page(sorted: found.sorted(), of: "decision-principals", page())
      let names = try work.decisionNames.principals(part.items, in: organization.id)
      return AccessList(
        revision: graph.revision, page: part.map { names[$0] ?? AccessPrincipal(kind: .account, id: $0, handle: "", name: "") })
    }
  }

  /// How many people and service accounts are looked at for who would gain or lose something.
  public static let sampleLimit = 10_000

  /// What changes would do that nobody makes: the answers before and after, and with `impact` who would gain or lose what that asks about.
  public func simulate(
    _ changes: [SimulatedChange], _ questions: [AccessQuestion], impact: AccessQuestion? = nil, atLeast revision: Int64? = nil, in reference: String,
    by caller: Caller
  ) async throws(Problem) -> Simulated {
    guard changes.count <= SimulatedChange.limit else { throw Problem(.tooMany, "Propose at most \(SimulatedChange.limit) changes at once.") }
    guard questions.count <= AccessQuestion.batchLimit else { throw Problem(.tooMany, "Ask at most \(AccessQuestion.batchLimit) questions at once.") }
    return try await plane.read(as: caller) { work in
      let place = try work.decisionPlace(in: reference, atLeast: revision, listing: true)
      let proposed = try work.proposed(changes, on: place.graph, in: place.organization)
      var (gained, lost): ([AccessPrincipal]?, [AccessPrincipal]?)
      if let impact { (gained, lost) = try work.impact(of: impact, from: place.graph, to: proposed, in: place.organization) }
      return Simulated(
        revision: place.graph.revision, before: try questions.map { try work.answer($0, at: place, explains: true) },
        after: try questions.map { try work.answer($0, at: place, on: proposed, explains: true) }, gained: gained, lost: lost)
    }
  }
}

extension Page where Item == String {
  /// A page of ids that are at hand, in their order.
  fileprivate init(sorted ids: [String], of list: String, _ page: PageRequest) throws(Problem) {
    let after = try page.keys(of: list, count: 1).map { $0[0] } ?? ""
    let rest = ids.drop { $0 <= after }
    let items = Array(rest.prefix(page.limit))
    let next = rest.count > items.count ? items.last.map { Cursor(list: list, keys: [$0]) } : nil
    self.init(items: items, next: next, total: ids.count)
  }
}

extension Work {
  /// One of many: what is refused is an answer like the others.
  fileprivate func answerOrRefusal(_ question: Result<AccessQuestion, Problem>, at place: DecisionPlace) throws(Problem) -> AccessAnswer {
    do throws(Problem) {
      return try answer(try question.get(), at: place, explains: false)
    } catch {
      guard error.kind == .invalid || error.kind == .forbidden else { throw error }
      return AccessAnswer(outcome: .invalid, grounds: [], sentence: error.faults.first.map { "\($0.field): \($0.detail)" } ?? error.detail)
    }
  }

  /// Who of the first members and service accounts would gain or lose it.
  func impact(
    of question: AccessQuestion, from graph: AccessGraph, to proposed: AccessGraph, in organization: Organization
  ) throws(Problem) -> (gained: [AccessPrincipal], lost: [AccessPrincipal]) {
    let ids = try decisionNames.sample(of: organization.id, limit: Decisions.sampleLimit)
    func allowed(_ graph: AccessGraph) throws(Problem) -> Set<String> {
      guard let target = try target(question.resource, graph, in: organization) else { return [] }
      let (verb, context) = (graph.verb(question.action), graph.context(AccessValue.readable(question.context(at: now))))
      return Set(ids.filter { graph.check(graph.member($0), verb, target, context, at: now).isAllowed })
    }
    let (before, after) = (try allowed(graph), try allowed(proposed))
    let (gained, lost) = (after.subtracting(before).sorted(), before.subtracting(after).sorted())
    let names = try decisionNames.principals(Array((gained + lost).prefix(1_000)), in: organization.id)
    func named(_ ids: [String]) -> [AccessPrincipal] { ids.map { names[$0] ?? AccessPrincipal(kind: .account, id: $0, handle: "", name: "") } }
    return (named(gained), named(lost))
  }

  // MARK: Proposals

  /// The graph after changes that nobody has made.
  func proposed(_ changes: [SimulatedChange], on graph: AccessGraph, in organization: Organization) throws(Problem) -> AccessGraph {
    var graph = graph
    var sources: [AccessRules.Source]?
    for (place, change) in changes.enumerated() {
      let field = "changes/\(place)"
      let facts: [AccessChange]
      switch change {
      case .roles(let name, let roles): facts = try standing(name, roles, in: organization, field)
      case .seat(let name, let team): facts = [.seat(member: try principalID(name, in: organization), team: try teamID(team, in: organization, field))]
      case .seatRemoved(let name, let team):
        facts = [.seatRemoved(member: try principalID(name, in: organization), team: try teamID(team, in: organization, field))]
      case .grant(let holder, let role, let place):
        let who = try self.holder(holder, in: organization, field)
        let what = try resourceRole(named: role, on: place.type, in: organization, field: "\(field)/role")
        let thing = try known(place, graph, in: organization, field)
        facts = [.grant(who, what, on: thing, expires: nil)] + (try passages(of: who, around: thing, in: organization))
      case .grantRemoved(let holder, let role, let place):
        let who = try self.holder(holder, in: organization, field)
        let what = try resourceRole(named: role, on: place.type, in: organization, field: "\(field)/role")
        facts = [.grantRemoved(who, what, on: try known(place, graph, in: organization, field))]
      case .share(let holder, let actions, let name):
        let who = try self.holder(holder, in: organization, field)
        facts = try share(actions, of: name, with: who, graph, in: organization, field)
      case .policy(let replaced, let text):
        var present = try sources.orElse { () throws(Problem) in try policies.sources(in: organization.id) }
        let known = try replaced.map { name throws(Problem) in try policy(name, in: organization).id.description }
        let id = known ?? "proposed-\(place)"
        present.removeAll { $0.id == id }
        present.append(AccessRules.Source(id: id, text: try checked(text, in: organization, field: "\(field)/text").compiled))
        sources = present
        facts = [try self.change(present)]
      case .policyRemoved(let name):
        let id = try policy(name, in: organization).id.description
        let present = try sources.orElse({ () throws(Problem) in try policies.sources(in: organization.id) }).filter { $0.id != id }
        sources = present
        facts = [try self.change(present)]
      }
      do { graph = try graph.applying(facts, revision: graph.revision) } catch { throw .invalid(field, error.sentence) }
    }
    return graph
  }

  private func share(
    _ actions: [String], of name: SharedName, with who: AccessHolder, _ graph: AccessGraph, in organization: Organization, _ field: String
  ) throws(Problem) -> [AccessChange] {
    let verbs: Set<ResourceVerb>
    do throws(Problem) {
      verbs = try ShareDraft(name, with: .anybody(""), actions: actions).verbs(in: policySchema(of: organization).vocabulary)
    } catch {
      throw error.calling(["actions": "\(field)/actions"])
    }
    let object = AccessResource(name.object.type, name.object.id)
    var place: AccessResource?
    if let registered = try objects.find(name.object, in: organization.id) {
      place = try registered.parent.flatMap { id throws(Problem) in try resources.chain(of: id).first }.map { AccessResource($0.type, $0.decisionID) }
    } else if let named = name.place {
      place = try known(named, graph, in: organization, field)
    }
    var facts = [AccessChange.share(who, verbs, on: object, in: place)]
    guard let place, !verbs.isEmpty else { return facts }
    facts.append(.grant(who, .custom(.passage(to: place.type)), on: place, expires: nil))
    return facts + (try passages(of: who, around: place, in: organization))
  }

  /// Who has something sees what it stands in.
  private func passages(of who: AccessHolder, around thing: AccessResource, in organization: Organization) throws(Problem) -> [AccessChange] {
    guard let id = ID<Resource>(thing.id), let outer = try accessFacts.place(of: id, in: organization.id)?.outer else { return [] }
    return [.grant(who, .custom(.passage(to: outer.type)), on: outer, expires: nil)]
  }

  /// How somebody would stand with other roles; all else of them stays.
  private func standing(
    _ name: AccessQuestion.PrincipalName, _ roles: [OrganizationRole], in organization: Organization, _ field: String
  ) throws(Problem) -> [AccessChange] {
    let id = try principalID(name, in: organization)
    if roles.isEmpty { return [.memberRemoved(id)] }
    var found: [AccessChange]?
    switch name {
    case .account: found = try ID<Account>(id).flatMap { id throws(Problem) in try accessFacts.member(id, in: organization.id) }
    case .serviceAccount: found = try ID<ServiceAccount>(id).flatMap { id throws(Problem) in try accessFacts.serviceAccount(id, in: organization.id) }
    }
    guard case .member(_, let present)? = found?.first else { throw .invalid(field, "Nobody here is called so.") }
    return [
      .member(
        id,
        AccessStanding(
          roles: Set(roles), isSuspended: present.isSuspended, expires: present.expires, isServiceAccount: present.isServiceAccount,
          attributes: present.attributes))
    ]
  }

  private func teamID(_ name: String, in organization: Organization, _ field: String) throws(Problem) -> String {
    guard let team = try teams.find(name, in: organization.id) else { throw .invalid("\(field)/team", "There is no such team here.") }
    return team.id.description
  }

  private func holder(_ holder: SimulatedChange.Holder, in organization: Organization, _ field: String) throws(Problem) -> AccessHolder {
    switch holder {
    case .principal(let name): .member(try principalID(name, in: organization))
    case .team(let name): .team(try teamID(name, in: organization, field))
    }
  }

  private func known(_ place: ThingName.Place, _ graph: AccessGraph, in organization: Organization, _ field: String) throws(Problem) -> AccessResource {
    guard let found = try self.place(place, graph, in: organization) else { throw .invalid("\(field)/on", "There is no such thing here.") }
    return found
  }
}

extension AccessRefusal {
  /// For who proposed a change that can't be.
  fileprivate var sentence: String {
    switch self {
    case .noSuchMember: "Nobody here is called so."
    case .noSuchTeam: "There is no such team here."
    case .noSuchResource: "There is no such thing here."
    case .noSuchRole: "There is no such role."
    case .cycle: "A thing can't stand in itself."
    case .tooMany: "This is more than one principal can hold."
    }
  }
}

extension Optional {
  fileprivate func orElse(_ other: () throws(Problem) -> Wrapped) throws(Problem) -> Wrapped {
    if let self { return self }
    return try other()
  }
}
