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
    let organization: Organization
    do throws(Problem) { organization = try permit(AskAccess.self, in: reference).0 } catch {
      // Who is an outside collaborator of an app asks about themselves, as a member does.
      guard error.kind == .missing, !listing, let outside = try collaborating(in: reference) else { throw error }
      organization = outside
    }
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
    try graph.target(thing) { (text, type) throws(Problem) in try id(of: text, type, in: organization) }
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
    guard let target = try target(question.resource, graph, in: place.organization) else { return .missing(toldToAll: place.mayAskAboutOthers) }
    if let halted = question.halted(in: place.organization) { return halted }
    let (outcome, reasons) = graph.weigh(question, for: principal, target, explains: explains, toldToAll: place.mayAskAboutOthers, at: now)
    let grounds = reasons.isEmpty ? [] : try self.grounds(reasons, of: principal, in: place.organization)
    return AccessAnswer(
      outcome: AccessOutcome(outcome), grounds: grounds,
      sentence: question.sentence(outcome, grounds, toldToAll: place.mayAskAboutOthers))
  }

  /// Reasons with the names that people know.
  func grounds(_ reasons: [AccessReason], of principal: String, in organization: Organization) throws(Problem) -> [AccessGround] {
    var (teams, resources, policies): (Set<String>, Set<String>, Set<String>) = ([], [], [])
    var (shares, holdsApp): ([AccessReason: String], Bool) = ([:], false)
    for reason in reasons {
      switch reason {
      case .grant(_, let resource, let path):
        teams.formUnion(path)
        if let resource { resources.insert(resource.id) }
        if path.isEmpty, resource?.type == .app { holdsApp = true }
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
    var isOutside = false
    if holdsApp, let account = ID<Account>(principal) { isOutside = try collaborators.contains(account, in: organization.id) }
    let names = AccessGroundNames(
      teams: try decisionNames.slugs(ofTeams: teams, in: organization.id), resources: try decisionNames.paths(ofResources: resources, in: organization.id),
      policies: try self.policies.names(of: policies, in: organization.id), shares: shares, isOutside: isOutside)
    return names.grounds(reasons)
  }
}

extension AccessQuestion {
  /// Of a suspended organization everything is read by people, and nothing changed.
  func halted(in organization: Organization) -> AccessAnswer? {
    if case .suspended = organization.state { halted() } else { nil }
  }
}
