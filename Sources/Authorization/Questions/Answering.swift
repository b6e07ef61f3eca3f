public import Kernel

extension AccessQuestion {
  /// What the request brings; the time is that of the decision, whatever was said.
  public func context(at now: Timestamp) -> [AccessValue.Attribute] {
    context.filter { $0.name != "time" } + [AccessValue.Attribute("time", .instant(now))]
  }

  /// Of a suspended organization everything is read by people, and nothing changed.
  public func halted() -> AccessAnswer? {
    var isMachine = false
    if case .serviceAccount? = principal { isMachine = true }
    guard isMachine || !action.isReading else { return nil }
    return AccessAnswer(
      outcome: .halted, grounds: [], sentence: "The organization is suspended: people read it, nobody changes it, and its service accounts rest.")
  }

  static let hiddenSentence = "There is no such thing, or nobody has shared it with you."

  /// The answer for people. `toldToAll`: whoever asks may ask about everybody.
  public func sentence(_ outcome: Verdict.Outcome, _ grounds: [AccessGround], toldToAll: Bool) -> String {
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

extension AccessGraph {
  /// What comes of a question about somebody and a thing, and the reasons: all of them with `explains`, else only a policy that forbids.
  ///
  /// - Parameter toldToAll: whether whoever asks may ask about everybody; others aren't told that there is what they may not read.
  public func weigh(
    _ question: AccessQuestion, for principal: String, _ target: AccessTarget, explains: Bool, toldToAll: Bool, at now: Timestamp
  ) -> (outcome: Verdict.Outcome, reasons: [AccessReason]) {
    let (member, verb) = (member(principal), verb(question.action))
    let context = context(of: question, at: now)
    var reasons: [AccessReason] = []
    var outcome: Verdict.Outcome
    if explains {
      let explanation = explain(member, verb, target, context, at: now)
      (outcome, reasons) = (explanation.outcome, explanation.reasons)
    } else {
      let verdict = check(member, verb, target, context, at: now)
      outcome = verdict.outcome
      if outcome == .forbidden, let reason = reason(verdict.ground, of: member) { reasons = [reason] }
    }
    // Who may not read it isn't told that it is there, whatever else of its kind they may do.
    if outcome == .lacking, !toldToAll, !check(member, self.verb(.read), target, context, at: now).isAllowed { outcome = .hidden }
    return (outcome, reasons)
  }

  /// What a question brings, with the time of the decision; nothing where no policy could look at it.
  public func context(of question: AccessQuestion, at now: Timestamp) -> AccessContext {
    hasPolicies ? context(AccessValue.readable(question.context(at: now))) : .none
  }

  /// A thing in the numbers of the graph; `nil` where there is no such thing, or nothing that it could stand in.
  ///
  /// - Parameter name: the id of a thing that is called so.
  public func target(
    _ thing: ThingName, naming name: (String, ResourceType) throws(Problem) -> String
  ) throws(Problem) -> AccessTarget? {
    var id = ""
    if let text = thing.id {
      id = try name(text, thing.type)
      if let known = target(thing.type, id) { return known }
      if ThingName.registered.contains(thing.type) { return nil }
    }
    var outer: AccessTarget?
    if let parent = thing.parent {
      guard let found = target(parent.type, try name(parent.id, parent.type)) else { return nil }
      outer = found
    }
    return target(named: id, thing.type, in: outer, attributes: AccessValue.readable(thing.attributes), isOwn: thing.isOwn)
  }

  /// What people call a thing that is known: `research`, `research/forecast`; `nil` for objects, which are called by their id.
  public func path(of resource: AccessResource) -> String? { ThingName.registered.contains(resource.type) ? slugPath(of: resource) : nil }
}

extension ThingName {
  /// The id of a thing where nobody can look up what is called otherwise: refuses as `invalid` a thing that is registered and named by anything else.
  public static func id(_ text: String, _ type: ResourceType) throws(Problem) -> String {
    if let id = ID<ThingName>(text) {
      // Most are written as they are written here.
      let isPlain = text.utf8.allSatisfy { $0 < UInt8(ascii: "A") || $0 > UInt8(ascii: "Z") }
      return isPlain ? text : id.description
    }
    guard registered.contains(type) else { return text }
    throw .invalid("resource/id", "Name a thing of the type \(type.name) by its id.")
  }
}

/// What people call what made a decision.
public struct AccessGroundNames: Sendable {
  /// The slugs of teams by id.
  public var teams: [String: String]
  /// What resources are called by id: `research/forecast`.
  public var resources: [String: String]
  public var policies: [String: AccessGround.NamedPolicy]
  /// A sentence for what was shared.
  public var shares: [AccessReason: String]
  /// Whether who is asked about isn't a member, and has what they have from outside.
  public var isOutside: Bool

  public init(
    teams: [String: String] = [:], resources: [String: String] = [:], policies: [String: AccessGround.NamedPolicy] = [:], shares: [AccessReason: String] = [:],
    isOutside: Bool = false
  ) {
    self.teams = teams
    self.resources = resources
    self.policies = policies
    self.shares = shares
    self.isOutside = isOutside
  }

  /// Reasons with the names that people know; what has none here is called by its id.
  public func grounds(_ reasons: [AccessReason]) -> [AccessGround] { reasons.map { ground($0) } }

  private func ground(_ reason: AccessReason) -> AccessGround {
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
    let way = slugs.isEmpty ? isOutside ? ", as an outside collaborator" : "" : ", through the team \(slugs.joined(separator: " → "))"
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
  /// What a verdict comes to.
  public init(_ outcome: Verdict.Outcome) {
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
