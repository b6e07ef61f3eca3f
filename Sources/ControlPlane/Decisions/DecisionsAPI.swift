import Authorization
import Contract
import Kernel

extension Decisions {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.Decisions.revision) { call async throws(Problem) in
        Wire.DecisionRevision(revision: Int(try await revision(in: call.path.organization, by: call.caller)))
      },
      BoundEndpoint(
        API.Decisions.check, reading: { bytes throws(Problem) in try Wire.DecisionQuestion.read(bytes) }, writing: { $0.written() }
      ) { call async throws(Problem) in
        let (revision, answer) = try await check(
          AccessQuestion(call.body), atLeast: call.body.atLeastRevision.map { Int64($0) }, in: call.path.organization, by: call.caller)
        return Wire.Decision(answer, at: revision)
      },
      BoundEndpoint(
        API.Decisions.checkMany, reading: { bytes throws(Problem) in try Wire.DecisionQuestions.read(bytes) }, writing: { $0.written() }
      ) { call async throws(Problem) in
        let questions = call.body.items.map { item -> Result<AccessQuestion, Problem> in
          do throws(Problem) { return .success(try AccessQuestion(item)) } catch { return .failure(error) }
        }
        let (revision, answers) = try await check(
          questions, atLeast: call.body.atLeastRevision.map { Int64($0) }, in: call.path.organization, by: call.caller)
        return Wire.DecisionList(revision: Int(revision), items: answers.map { Wire.Decision($0, at: revision) })
      },
      BoundEndpoint(API.Decisions.explain) { call async throws(Problem) in
        let (revision, answer) = try await check(
          AccessQuestion(call.body), atLeast: call.body.atLeastRevision.map { Int64($0) }, explains: true, in: call.path.organization, by: call.caller)
        return Wire.Decision(answer, at: revision)
      },
      BoundEndpoint(API.Decisions.listResources) { call async throws(Problem) in
        let search = call.body
        let found = try await resources(
          for: .named(search.principal), search.action.text, of: search.resource?.type.text,
          context: [AccessValue.Attribute](context: search.context), atLeast: search.atLeastRevision.map { Int64($0) }, in: call.path.organization,
          { () throws(Problem) in try search.page() }, by: call.caller)
        return Wire.DecisionSubjects(found) { Wire.DecisionSubject(type: $0.type, id: $0.id, slug: $0.name) }
      },
      BoundEndpoint(API.Decisions.listPrincipals) { call async throws(Problem) in
        let search = call.body
        guard let resource = search.resource else { throw .invalid("resource", "Name the thing that it is about.") }
        let question = try AccessQuestion(
          action: search.action.text, resource: ThingName(resource), context: [AccessValue.Attribute](context: search.context))
        let found = try await principals(
          of: question, atLeast: search.atLeastRevision.map { Int64($0) }, in: call.path.organization,
          { () throws(Problem) in try search.page() }, by: call.caller)
        return Wire.DecisionSubjects(found) { Wire.DecisionSubject($0) }
      },
      BoundEndpoint(API.Decisions.simulate) { call async throws(Problem) in
        var changes: [SimulatedChange] = []
        for (place, change) in call.body.changes.enumerated() { changes.append(try SimulatedChange(change, "changes/\(place)")) }
        let result = try await simulate(
          changes, call.body.questions?.map { question throws(Problem) in try AccessQuestion(question) } ?? [],
          impact: call.body.impact.map { question throws(Problem) in try AccessQuestion(question) },
          atLeast: call.body.atLeastRevision.map { Int64($0) }, in: call.path.organization, by: call.caller)
        return Wire.SimulationResult(result)
      },
    ]
  }
}

extension Decisions {
  /// What a request comes to that needs nothing but what is in memory, as `API.Decisions.check` and `checkMany` answer it, and without waiting for anything.
  /// `nil` for everything else: it is to be asked as any other request is.
  public func answerAtOnce(_ body: [UInt8], isBatch: Bool, in reference: String, by caller: Caller) -> [UInt8]? {
    do throws(Problem) {
      if isBatch {
        guard let asked = Wire.DecisionQuestions.readAtOnce(body), asked.items.count <= AccessQuestion.batchLimit else { return nil }
        var questions: [AccessQuestion] = []
        questions.reserveCapacity(asked.items.count)
        for item in asked.items { questions.append(try AccessQuestion(item)) }
        guard let (revision, answers) = answersAtOnce(questions, atLeast: nil, in: reference, by: caller) else { return nil }
        return Wire.DecisionList(revision: Int(revision), items: answers.map { Wire.Decision($0, at: revision) }).written()
      }
      guard let asked = Wire.DecisionQuestion.readAtOnce(body),
        let (revision, answers) = answersAtOnce([try AccessQuestion(asked)], atLeast: nil, in: reference, by: caller), let answer = answers.first
      else { return nil }
      return Wire.Decision(answer, at: revision).written()
    } catch {
      return nil
    }
  }
}

extension AccessQuestion {
  init(_ wire: Wire.DecisionQuestion) throws(Problem) {
    try self.init(
      principal: .named(wire.principal), action: wire.action.text, resource: ThingName(wire.resource),
      context: [AccessValue.Attribute](context: wire.context))
  }
}

extension AccessQuestion.PrincipalName {
  /// Whoever asks is `nil`.
  static func named(_ wire: Wire.DecisionPrincipal?) throws(Problem) -> Self? {
    guard let wire, wire.id.text != "me" else { return nil }
    return try Self(wire)
  }

  init(_ wire: Wire.DecisionPrincipal) throws(Problem) {
    switch wire.type {
    case .account: self = .account(wire.id.text)
    case .serviceAccount: self = .serviceAccount(wire.id.text)
    case .team: throw .invalid("principal/type", "Ask about a person or a service account; a team does nothing by itself.")
    }
  }
}

extension ThingName {
  init(_ wire: Wire.DecisionResource) throws(Problem) {
    try self.init(
      type: wire.type.text, id: wire.id?.text, parent: wire.parent.map { parent throws(Problem) in try Place(type: parent.type.text, id: parent.id.text) },
      isOwn: wire.own ?? false, attributes: [AccessValue.Attribute](attributes: wire.attributes, "resource/attributes"))
  }
}

extension [AccessValue.Attribute] {
  /// What a client says of a thing. Refuses what no attribute can be.
  init(attributes json: JSON?, _ field: String) throws(Problem) {
    self = []
    switch json {
    case nil, .null?: return
    case .object(let members)?:
      for member in members { append(AccessValue.Attribute(member.name, try AccessValue(member.value, field: "\(field)/\(member.name)", depth: 0))) }
    default: throw .invalid(field, "Give an object of attributes.")
    }
  }

  /// What a request brings, in which an address is a text.
  init(context json: JSON?) throws(Problem) {
    try self.init(attributes: json, "context")
    self = map { attribute in
      guard attribute.name == "address", case .text(let text) = attribute.value else { return attribute }
      return AccessValue.Attribute("address", .address(text))
    }
  }
}

extension AccessValue {
  fileprivate init(_ json: JSON, field: String, depth: Int) throws(Problem) {
    guard depth < 8 else { throw .invalid(field, "Attributes nest at most 8 deep.") }
    switch json {
    case .boolean(let truth): self = .bool(truth)
    case .integer(let number): self = .integer(number)
    case .string(let text): self = .text(text)
    case .array(let items): self = .set(try items.map { item throws(Problem) in try AccessValue(item, field: field, depth: depth + 1) })
    case .object(let members):
      if members.count == 1, members[0].name == "__extn" {
        self = try Self.extended(members[0].value, field: field)
      } else {
        self = .record(
          try members.map { member throws(Problem) in
            AccessValue.Attribute(member.name, try AccessValue(member.value, field: "\(field)/\(member.name)", depth: depth + 1))
          })
      }
    case .null, .number:
      throw .invalid(
        field, "Give a text, an integer, a boolean, a list or an object; fractions are decimals: {\"__extn\":{\"fn\":\"decimal\",\"arg\":\"1.5\"}}.")
    }
  }

  private static func extended(_ json: JSON, field: String) throws(Problem) -> AccessValue {
    guard case .string(let function)? = json["fn"], case .string(let argument)? = json["arg"] else {
      throw .invalid(field, "Give {\"__extn\":{\"fn\":\"ip\",\"arg\":\"192.0.2.1\"}}.")
    }
    switch function {
    case "ip": return .address(argument)
    case "decimal": return .decimal(argument)
    case "datetime":
      guard let instant = Timestamp(argument) else { throw .invalid(field, "Give an instant such as 2026-11-21T09:00:00Z.") }
      return .instant(instant)
    default: throw .invalid(field, "There is `ip`, `decimal` and `datetime`.")
    }
  }
}

extension SimulatedChange {
  init(_ wire: Wire.SimulatedChange, _ field: String) throws(Problem) {
    func needed<Value>(_ value: Value?, _ name: String) throws(Problem) -> Value {
      guard let value else { throw .invalid("\(field)/\(name)", "This kind of change needs it.") }
      return value
    }
    func principal() throws(Problem) -> AccessQuestion.PrincipalName { try .init(try needed(wire.principal, "principal")) }
    func holder() throws(Problem) -> Holder {
      let named = try needed(wire.principal, "principal")
      return named.type == .team ? .team(named.id.text) : .principal(try .init(named))
    }
    func role() throws(Problem) -> String { try needed(wire.roles?.first, "roles").text }
    func place() throws(Problem) -> ThingName.Place {
      let resource = try needed(wire.resource, "resource")
      return try ThingName.Place(type: resource.type.text, id: resource.id.text, field: "\(field)/resource")
    }
    switch wire.kind {
    case .roles:
      let roles = try needed(wire.roles, "roles").map { name throws(Problem) in
        guard let role = OrganizationRole(rawValue: name.text) else {
          throw .invalid("\(field)/roles", "There is no such role. Choose of \(OrganizationRole.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return role
      }
      self = .roles(try principal(), roles)
    case .seat: self = .seat(try principal(), team: try needed(wire.team, "team").text)
    case .seatRemoved: self = .seatRemoved(try principal(), team: try needed(wire.team, "team").text)
    case .grant: self = .grant(try holder(), role: try role(), on: try place())
    case .grantRemoved: self = .grantRemoved(try holder(), role: try role(), on: try place())
    case .share:
      let object = try needed(wire.resource, "resource")
      let parent = try wire.parent.map { parent throws(Problem) in
        try ThingName.Place(type: parent.type.text, id: parent.id.text, field: "\(field)/parent")
      }
      self = .share(
        try holder(), actions: try needed(wire.actions, "actions").map(\.text),
        of: SharedName(try ObjectName(type: object.type.text, id: object.id.text), in: parent))
    case .policy: self = .policy(wire.policy?.text, text: try needed(wire.text, "text").text)
    case .policyRemoved: self = .policyRemoved(try needed(wire.policy, "policy").text)
    }
  }
}

extension Wire.DecisionSubject {
  init(_ principal: AccessPrincipal) {
    self.init(
      type: principal.kind.rawValue, id: principal.id, slug: principal.handle, name: principal.name, outside: principal.isOutside ? true : nil)
  }
}

extension Wire.DecisionSubjects {
  init<Item>(_ list: AccessList<Item>, _ item: (Item) -> Wire.DecisionSubject) {
    self.init(revision: Int(list.revision), items: list.page.items.map(item), nextCursor: list.page.next?.description, total: list.page.total)
  }
}

extension Wire.Decision {
  init(_ answer: AccessAnswer, at revision: Int64) {
    self.init(
      allowed: answer.isAllowed, outcome: Wire.DecisionOutcome(answer.outcome), revision: Int(revision), sentence: answer.sentence,
      grounds: answer.grounds.map { Wire.DecisionGround($0) })
  }
}

extension Wire.DecisionOutcome {
  init(_ outcome: AccessOutcome) {
    self =
      switch outcome {
      case .allowed: .allowed
      case .forbidden: .forbidden
      case .lacking: .lacking
      case .hidden: .hidden
      case .suspended: .suspended
      case .expired: .expired
      case .halted: .halted
      case .missing: .missing
      case .invalid: .invalid
      }
  }
}

extension Wire.DecisionGround {
  init(_ ground: AccessGround) {
    self.init(
      effect: ground.effect.rawValue, kind: ground.kind.rawValue, role: ground.role,
      resource: ground.resource.map { Wire.DecisionSubject(type: $0.type, id: $0.id, slug: $0.name) }, teams: ground.teams,
      policy: ground.policy.map { Wire.DecisionSubject(type: "policy", id: $0.id, slug: $0.slug, name: $0.name) }, sentence: ground.sentence)
  }
}

extension Wire.SimulationResult {
  init(_ result: Simulated) {
    self.init(
      revision: Int(result.revision), before: result.before.map { Wire.Decision($0, at: result.revision) },
      after: result.after.map { Wire.Decision($0, at: result.revision) }, gainedCount: result.gained?.count, lostCount: result.lost?.count,
      gained: result.gained?.prefix(100).map { Wire.DecisionSubject($0) }, lost: result.lost?.prefix(100).map { Wire.DecisionSubject($0) })
  }
}
