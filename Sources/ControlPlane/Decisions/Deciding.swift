import Authorization
import Kernel
import Storage

/// Where questions about an organization are answered: its graph at one revision, and who asks.
struct DecisionPlace {
  let organization: Organization
  let graph: AccessGraph
  /// Whether they may ask about everybody; who may not asks about themselves, and isn't told whether what they don't see is there.
  let mayAskAboutOthers: Bool
}

extension Work {
  /// The place where questions are answered, for who may ask in the organization at all. Refuses a revision that hasn't happened yet.
  ///
  /// - Parameter listing: whether they ask for lists, or what would be if: for who may ask about everybody.
  func decisionPlace(in reference: String, atLeast revision: Int64?, listing: Bool = false) throws(Problem) -> DecisionPlace {
    let organization = try permit(AskAccess.self, in: reference).0
    let mayAskAll: Bool
    if listing {
      _ = try permit(CheckAccess.self, on: organization)
      mayAskAll = true
    } else if case .machine = try actor() {
      // A platform asks for those who use it.
      mayAskAll = true
    } else {
      mayAskAll = try availability(of: CheckAccess.self, in: organization) == .possible
    }
    let graph = try accessGraph(of: organization.id)
    if let revision, revision > graph.revision { throw Problem.ahead(revision, of: graph.revision) }
    return DecisionPlace(organization: organization, graph: graph, mayAskAboutOthers: mayAskAll)
  }

  // MARK: Names

  /// The id by which the graph knows somebody; a name that nobody has stays as it is, and is nobody's.
  func principalID(_ name: AccessQuestion.PrincipalName?, in organization: Organization) throws(Problem) -> String {
    switch name {
    case .account("me")?: return try ownPrincipalID()
    case .account(let text)?:
      if let id = ID<Account>(text) { return id.description }
      return try account(by: text)?.id.description ?? text
    case .serviceAccount(let text)?:
      if let id = ID<ServiceAccount>(text) { return id.description }
      return try serviceAccounts.find(text, in: organization.id)?.id.description ?? text
    case nil: return try ownPrincipalID()
    }
  }

  func ownPrincipalID() throws(Problem) -> String {
    switch try actor() {
    case .person(let person): person.id.description
    case .machine(let machine): machine.id.description
    case .anonymous, .system: throw Denial.signedOut.problem(doing: "access.ask")
    }
  }

  /// The id of a thing that stands here and was called by slug: a workspace, a cluster or an app by its own, a project as `workspace/project` or
  /// `cluster:cluster/project`. All else is called as it is.
  private func id(of text: String, _ type: ResourceType, in organization: Organization) throws(Problem) -> String {
    if let id = ID<Resource>(text) { return id.description }
    if type == .workspace { return try workspaces.find(text, in: organization.id)?.id.description ?? text }
    if type == .cluster { return try organizationClusters.find(text, in: organization.id)?.resource.id.description ?? text }
    if type == .app { return try apps.find(text, in: organization.id)?.id.description ?? text }
    return type == .project ? try project(called: text, in: organization)?.id.description ?? text : text
  }

  func place(_ place: ThingName.Place, _ graph: AccessGraph, in organization: Organization) throws(Problem) -> AccessResource? {
    let id = try id(of: place.id, place.type, in: organization)
    return graph.target(place.type, id) == nil ? nil : AccessResource(place.type, id)
  }

  /// A thing in the numbers of a graph; `nil` where there is no such thing, or nothing that it could stand in.
  func target(_ thing: ThingName, _ graph: AccessGraph, in organization: Organization) throws(Problem) -> AccessTarget? {
    var id = ""
    if let name = thing.id {
      id = try self.id(of: name, thing.type, in: organization)
      if let known = graph.target(thing.type, id) { return known }
      if ThingName.registered.contains(thing.type) { return nil }
    }
    var outer: AccessTarget?
    if let parent = thing.parent {
      guard let found = try place(parent, graph, in: organization) else { return nil }
      outer = graph.target(found.type, found.id)
    }
    return graph.target(named: id, thing.type, in: outer, attributes: AccessValue.readable(thing.attributes), isOwn: thing.isOwn)
  }

  // MARK: Answers

  /// The answer to one question. With `explains` everything that made it is told, and without it only the policies that forbid.
  func answer(_ question: AccessQuestion, at place: DecisionPlace, explains: Bool) throws(Problem) -> AccessAnswer {
    try answer(question, at: place, on: place.graph, explains: explains)
  }

  /// The same on another graph of the same organization, such as one that is only proposed.
  func answer(_ question: AccessQuestion, at place: DecisionPlace, on graph: AccessGraph, explains: Bool) throws(Problem) -> AccessAnswer {
    let principal = try principalID(question.principal, in: place.organization)
    if !place.mayAskAboutOthers, try principal != ownPrincipalID() {
      throw Problem(.forbidden, "You may ask about yourself; to ask about others takes the role admin, manager or viewer, or a service account.")
    }
    guard let target = try target(question.resource, graph, in: place.organization) else {
      return AccessAnswer(
        outcome: place.mayAskAboutOthers ? .missing : .hidden, grounds: [],
        sentence: place.mayAskAboutOthers ? "There is no such thing here, or nothing that it could stand in." : AccessQuestion.hiddenSentence)
    }
    if let halted = question.halted(in: place.organization) { return halted }
    let (member, verb) = (graph.member(principal), graph.verb(question.action))
    let context = graph.context(AccessValue.readable(question.context(at: now)))
    var reasons: [AccessReason] = []
    var outcome: Verdict.Outcome
    if explains {
      let explanation = graph.explain(member, verb, target, context, at: now)
      (outcome, reasons) = (explanation.outcome, explanation.reasons)
    } else {
      let verdict = graph.check(member, verb, target, context, at: now)
      outcome = verdict.outcome
      if outcome == .forbidden, let reason = graph.reason(verdict.ground, of: member) { reasons = [reason] }
    }
    // Who may not read it isn't told that it is there, whatever else of its kind they may do.
    if outcome == .lacking, !place.mayAskAboutOthers, !graph.check(member, graph.verb(.read), target, context, at: now).isAllowed { outcome = .hidden }
    let grounds = reasons.isEmpty ? [] : try self.grounds(reasons, of: principal, in: place.organization)
    return AccessAnswer(
      outcome: AccessOutcome(outcome), grounds: grounds,
      sentence: question.sentence(outcome, grounds, toldToAll: place.mayAskAboutOthers))
  }

  /// Reasons with the names that people know.
  func grounds(_ reasons: [AccessReason], of principal: String, in organization: Organization) throws(Problem) -> [AccessGround] {
    var (teams, resources, policies): (Set<String>, Set<String>, Set<String>) = ([], [], [])
    var shares: [AccessReason: String] = [:]
    for reason in reasons {
      switch reason {
      case .grant(_, let resource, let path):
        teams.formUnion(path)
        if let resource { resources.insert(resource.id) }
      case .share(_, let object, let path):
        teams.formUnion(path)
        let holder = path.last.map { AccessHolder.team($0) } ?? .member(principal)
        if let share = try self.shares.named(object, with: holder, in: organization.id) {
          shares[reason] = "shared by \(share.sharer) with \(share.name): \(share.actions)"
        }
      case .permitted(let policy), .forbidden(let policy), .failed(let policy): policies.insert(policy)
      case .membership, .visibility, .ownership, .suspendedMembership, .expiredMembership: break
      }
    }
    let names = GroundNames(
      teams: try decisionNames.slugs(ofTeams: teams, in: organization.id), resources: try decisionNames.paths(ofResources: resources, in: organization.id),
      policies: try self.policies.names(of: policies, in: organization.id), shares: shares)
    return reasons.map { names.ground($0) }
  }
}

extension AccessQuestion {
  /// What the request brings; the time is that of the decision, whatever was said.
  func context(at now: Timestamp) -> [AccessValue.Attribute] {
    context.filter { $0.name != "time" } + [AccessValue.Attribute("time", .instant(now))]
  }

  /// Of a suspended organization everything is read by people, and nothing changed.
  func halted(in organization: Organization) -> AccessAnswer? {
    guard case .suspended = organization.state else { return nil }
    var isMachine = false
    if case .serviceAccount? = principal { isMachine = true }
    guard isMachine || !action.isReading else { return nil }
    return AccessAnswer(
      outcome: .halted, grounds: [], sentence: "The organization is suspended: people read it, nobody changes it, and its service accounts rest.")
  }

  fileprivate static let hiddenSentence = "There is no such thing, or nobody has shared it with you."

  /// The answer for people. `toldToAll`: whoever asks may ask about everybody.
  func sentence(_ outcome: Verdict.Outcome, _ grounds: [AccessGround], toldToAll: Bool) -> String {
    switch outcome {
    case .allowed: return grounds.first { $0.effect == .allows }.map { "Allowed: \($0.sentence)." } ?? "Allowed."
    case .forbidden:
      let policies = grounds.filter { $0.effect == .forbids }.compactMap(\.policy?.name)
      return "Forbidden by \(policies.count == 1 ? "the policy" : "the policies") \(policies.map { "\"\($0)\"" }.joined(separator: ", "))."
    case .lacking:
      var levels = [RoleScope(resource.type)]
      if let parent = resource.parent { levels.append(RoleScope(parent.type)) }
      if levels.contains(.project) { levels.append(.workspace) }
      return Right.Exact(resource.type, action).hint(levels: levels)
    case .hidden: return toldToAll ? "No role, grant or policy lets them see it." : Self.hiddenSentence
    case .suspendedMembership: return "The membership is suspended, or the account is deactivated."
    case .expiredMembership: return "The membership has expired."
    }
  }
}

/// What people call what made a decision.
private struct GroundNames {
  let teams: [String: String]
  let resources: [String: String]
  let policies: [String: AccessGround.NamedPolicy]
  let shares: [AccessReason: String]

  func ground(_ reason: AccessReason) -> AccessGround {
    switch reason {
    case .membership(let role):
      AccessGround(
        effect: .allows, kind: .membership, role: "organization.\(role.rawValue)", resource: nil, teams: [], policy: nil,
        sentence: "the role \(role.rawValue) of the organization")
    case .grant(let role, let resource, let path): grant(role, resource, path)
    case .share(let action, let object, let path):
      AccessGround(
        effect: .allows, kind: .share, role: action, resource: AccessGround.NamedThing(type: object.type.name, id: object.id, name: object.id),
        teams: path.map { teams[$0] ?? $0 }, policy: nil, sentence: shares[reason] ?? "it was shared")
    case .ownership:
      AccessGround(
        effect: .allows, kind: .ownership, role: nil, resource: nil, teams: [], policy: nil, sentence: "who owns an object may share it")
    case .visibility(let visibility):
      AccessGround(
        effect: .allows, kind: .visibility, role: nil, resource: nil, teams: [], policy: nil,
        sentence: visibility == .public ? "it is open to everybody" : "it is open to the organization")
    case .permitted(let id): policy(id, .allows, "permits it")
    case .forbidden(let id): policy(id, .forbids, "forbids it")
    case .failed(let id): policy(id, .fails, "failed, and counts for nothing")
    case .suspendedMembership: standing("the membership is suspended, or the account deactivated")
    case .expiredMembership: standing("the membership has expired")
    }
  }

  private func grant(_ role: String, _ resource: AccessResource?, _ path: [String]) -> AccessGround {
    let place = resource.map { AccessGround.NamedThing(type: $0.type.name, id: $0.id, name: resources[$0.id] ?? $0.id) }
    let slugs = path.map { teams[$0] ?? $0 }
    let held = place.map { " on the \($0.type.replacing("_", with: " ")) \($0.name)" } ?? " of the organization"
    let way = slugs.isEmpty ? "" : ", through the team \(slugs.joined(separator: " → "))"
    return AccessGround(effect: .allows, kind: .grant, role: role, resource: place, teams: slugs, policy: nil, sentence: "the role \(role)\(held)\(way)")
  }

  private func policy(_ id: String, _ effect: AccessGround.Effect, _ verb: String) -> AccessGround {
    let named = policies[id] ?? AccessGround.NamedPolicy(id: id, slug: id, name: id)
    return AccessGround(effect: effect, kind: .policy, role: nil, resource: nil, teams: [], policy: named, sentence: "the policy \"\(named.name)\" \(verb)")
  }

  private func standing(_ sentence: String) -> AccessGround {
    AccessGround(effect: .forbids, kind: .standing, role: nil, resource: nil, teams: [], policy: nil, sentence: sentence)
  }
}

extension AccessOutcome {
  init(_ outcome: Verdict.Outcome) {
    self =
      switch outcome {
      case .allowed: .allowed
      case .forbidden: .forbidden
      case .lacking: .lacking
      case .hidden: .hidden
      case .suspendedMembership: .suspended
      case .expiredMembership: .expired
      }
  }
}
