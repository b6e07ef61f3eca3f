import Authorization
import Kernel
import Storage

/// The server of a workspace that asked a moment ago: its next questions are answered from memory (`StandingPlaces`).
struct StandingServer: Sendable {
  let workspace: ThingName.Place
  /// By which its graph is known.
  let organization: String
  let revision: Int64
  /// Who may do everything everywhere: those who run the installation.
  let operators: Set<String>
}

extension WorkspaceServers {
  /// What `check` answers, where that needs nothing but what is in memory, and without waiting for anything; `nil` for everything else.
  public func checkAtOnce(_ action: String, on things: [WorkspaceThing], for principal: String, by caller: Caller) -> [Bool]? {
    guard things.count <= AccessQuestion.batchLimit, let standing = plane.standingServers.find(for: caller),
      let question = try? ServerQuestion(action, principal), !question.isIntent(on: things)
    else { return nil }
    let now = plane.world.clock()
    guard let graph = plane.graphs.graph(of: standing.organization, at: now), graph.revision == standing.revision else { return nil }
    guard let place = graph.target(standing.workspace.type, standing.workspace.id) else { return nil }
    var answers: [Bool] = []
    answers.reserveCapacity(things.count)
    for thing in things {
      guard let answer = standing.answer(question, on: thing, in: place, graph, at: now) else { return nil }
      answers.append(answer)
    }
    return answers
  }
}

extension StandingServer {
  /// The same as the transaction answers; `nil` for a project that isn't known to stand in the workspace.
  fileprivate func answer(
    _ question: ServerQuestion, on thing: WorkspaceThing, in place: AccessTarget, _ graph: AccessGraph, at now: Timestamp
  ) -> Bool? {
    if let project = thing.named {
      guard let known = graph.target(.project, project.description), graph.stands(known, in: place) else { return nil }
    }
    if operators.contains(question.principal) { return true }
    guard let name = try? thing.name(in: workspace, isKnown: true), let target = graph.target(named: name) else { return nil }
    var context = AccessContext.none
    if graph.hasPolicies {
      guard let asked = try? AccessQuestion(action: question.verb.name, resource: name) else { return nil }
      context = graph.context(of: asked, at: now)
    }
    return graph.check(graph.member(question.principal), graph.verb(question.verb), target, context, at: now).isAllowed
  }
}

extension Work {
  /// Lets the next questions of the same server be answered from memory.
  func keep(_ workspace: Workspace, at revision: Int64, since commit: Int) throws(Problem) {
    let standing = StandingServer(
      workspace: try ThingName.Place(workspace.id), organization: workspace.resource.organization.description, revision: revision,
      operators: Set(try accounts.operators().map { $0.description }))
    plane.standingServers.keep(standing, for: caller, since: commit)
  }
}
