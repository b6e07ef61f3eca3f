public import Authorization
public import Kernel

/// The facts of an organization at one revision: whatever is asked of it is answered by the same, however much changes meanwhile.
///
/// Cheap to take and to hold for the time of a request. Answers are those that `decisions/check` and its kin give a service account of the organization at
/// this revision and instant, ground for ground; who shared something is the one thing that they don't say.
public struct DecisionSnapshot: Sendable {
  let facts: KnownFacts
  let clock: @Sendable () -> Timestamp

  /// The answers know of everything up to here, and of nothing behind it.
  public var revision: Int64 { facts.revision }
  /// The organization's id.
  public var organization: String { facts.graph.organization }

  /// Whether somebody may, and the policies that forbid it.
  ///
  /// People, service accounts, and the things that Guildhall registers itself are named by their ids; all else by its platform's. Refuses as `invalid` other
  /// names, by the field of the question.
  ///
  /// - Parameter now: the instant of the decision; the clock's unless told.
  public func check(_ question: AccessQuestion, at now: Timestamp? = nil) throws(Problem) -> AccessAnswer {
    try answer(question, explains: false, at: now ?? clock())
  }

  /// The answer to each of many at one instant. What can't be asked is answered as `invalid`, beside the others.
  public func check(_ questions: [AccessQuestion], at now: Timestamp? = nil) -> [AccessAnswer] {
    let now = now ?? clock()
    return questions.map { question in
      do throws(Problem) { return try answer(question, explains: false, at: now) } catch {
        return AccessAnswer(outcome: .invalid, grounds: [], sentence: error.faults.first.map { "\($0.field): \($0.detail)" } ?? error.detail)
      }
    }
  }

  /// The same as ``check(_:at:)-(AccessQuestion,_)``, with every role, team, grant and policy that made the answer.
  public func explain(_ question: AccessQuestion, at now: Timestamp? = nil) throws(Problem) -> AccessAnswer {
    try answer(question, explains: true, at: now ?? clock())
  }

  /// With which of the things that are registered somebody may do it, by id; of one type, or of all.
  public func resources(
    for principal: AccessQuestion.PrincipalName, _ action: String, of type: String? = nil, context: [AccessValue.Attribute] = [], at now: Timestamp? = nil
  ) throws(Problem) -> [AccessResource] {
    let question = try AccessQuestion(principal: principal, action: action, resource: ThingName(type: type ?? "organization"), context: context)
    let (graph, now) = (facts.graph, now ?? clock())
    let context = graph.context(AccessValue.readable(question.context(at: now)))
    return graph.resources(
      graph.member(try Self.id(of: question)), graph.verb(question.action), of: type.map { ResourceType($0) }, context, at: now
    ).sorted { ($0.id, $0.type) < ($1.id, $1.type) }
  }

  /// The ids of the people and service accounts who may do what the question asks, in their order. Who the question is about doesn't count.
  public func principals(of question: AccessQuestion, at now: Timestamp? = nil) throws(Problem) -> [String] {
    let (graph, now) = (facts.graph, now ?? clock())
    guard let target = try graph.target(question.resource, naming: ThingName.id) else {
      throw Problem(.missing, "There is no such thing here, or nothing that it could stand in.")
    }
    return graph.members(graph.verb(question.action), target, graph.context(AccessValue.readable(question.context(at: now))), at: now).sorted()
  }

  private func answer(_ question: AccessQuestion, explains: Bool, at now: Timestamp) throws(Problem) -> AccessAnswer {
    let (graph, principal) = (facts.graph, try Self.id(of: question))
    guard let target = try graph.target(question.resource, naming: ThingName.id) else { return .missing(toldToAll: true) }
    let (outcome, reasons) = graph.weigh(question, for: principal, target, explains: explains, toldToAll: true, at: now)
    let grounds = reasons.isEmpty ? [] : facts.names(of: reasons, for: principal).grounds(reasons)
    return AccessAnswer(outcome: AccessOutcome(outcome), grounds: grounds, sentence: question.sentence(outcome, grounds, toldToAll: true))
  }

  private static func id(of question: AccessQuestion) throws(Problem) -> String {
    switch question.principal {
    case .account(let text)?, .serviceAccount(let text)?:
      guard let id = ID<ThingName>(text) else {
        throw .invalid("principal/id", "In a program's own process people and service accounts are named by their ids.")
      }
      return id.description
    case nil: throw .invalid("principal", "Name who is asked about.")
    }
  }
}
