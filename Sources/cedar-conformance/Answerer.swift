import Cedar

/// Says everything we find about one case, so that another implementation can be held against it.
enum Answerer {
  /// - Parameter line: `{"policies": …, "schema": …, "entities": …, "requests": […], "policiesJSON": …}`, all texts; all but `policies` may be missing.
  static func answer(_ line: String) -> String {
    do {
      return try answer(JSON(parsing: line)).description
    } catch {
      return JSON.object([.init("failure", .string(Text("\(error)")))]).description
    }
  }

  private static func answer(_ input: JSON) throws -> JSON {
    var output: [JSON.Member] = []
    var violations: [String] = []
    func text(_ name: Text) -> String? { if case .string(let text)? = input[name] { text.string } else { nil } }
    func say(_ name: Text, _ value: JSON) { output.append(.init(name, value)) }
    /// Keeps the reason where something can't be read.
    func reading<Result>(_ name: Text, _ read: () throws -> Result) -> Result? {
      do {
        let result = try read()
        say(name, .bool(true))
        return result
      } catch {
        say(name, .bool(false))
        say(Text("\(name)Error"), .string(Text("\(error)")))
        return nil
      }
    }

    let source = text("policies") ?? ""
    let policies = reading("parses") { try PolicySet(parsing: source) }
    let schema = text("schema").flatMap { schema in reading("schemaParses") { try Schema(parsing: schema) } }
    if let text = text("schema"), let document = try? SchemaDocument(parsing: text), let schema {
      say("schemaJSON", .string(Text(document.json.description)))
      if try SchemaDocument(json: document.json.description).resolved() != schema { violations.append("the schema's JSON says something else") }
      if try Schema(parsing: document.cedarText()) != schema { violations.append("the schema's text says something else") }
    }
    let entities = text("entities").flatMap { text in reading("entitiesParse") { try Entities(json: text) } }
    if let text = text("entities"), let schema { _ = reading("entitiesConform") { try Entities(json: text, schema: schema) } }
    if let entities, try Entities(json: entities.json) != entities { violations.append("the entities' JSON says something else") }

    if let text = text("schemaDocument"), let schema = reading("schemaDocumentParses", { try Schema(json: text) }) {
      violations += try Self.roundTrips(SchemaDocument(json: text), schema, say)
      if case .array(let probes)? = input["probes"] {
        let validator = Validator(schema)
        say("probes", .array(try probes.map { if case .string(let policy) = $0 { .bool(validator.validate(try PolicySet(parsing: policy.string)).isValid) } else { .null } }))
      }
    }

    if let policies {
      say("json", .string(Text(policies.json.description)))
      violations += try Self.roundTrips(policies, source)
      if let json = text("policiesJSON"), try PolicySet(json: json) != policies { violations.append("the other JSON reads as something else") }
      if let schema {
        let result = Validator(schema).validate(policies, source: source)
        say("valid", .bool(result.isValid))
        if let first = result.errors.first { say("validError", .string(Text("\(first)"))) }
      }
    }
    if let policies, let entities, case .array(let requests)? = input["requests"] {
      let authorizer = Authorizer(PreparedPolicies(policies), PreparedEntities(entities))
      var answers: [JSON] = []
      for document in requests {
        let request = try Request(json: document)
        let response = policies.authorize(request, entities)
        if authorizer.authorize(request) != response { violations.append("prepared, \(request) is answered differently: \(authorizer.authorize(request)), not \(response)") }
        if authorizer.isAllowed(request) != (response.decision == .allow) { violations.append("isAllowed differs for \(request)") }
        violations += Self.partial(policies, entities, request, response)
        if let schema { violations += Soundness(schema, policies).violations(request, entities, response) }
        var members: [JSON.Member] = [
          .init("decision", .string(Text(response.decision.rawValue))), .init("reasons", .array(response.reasons.map { .string($0.text) })),
          .init("errors", .array(response.errors.map { .string($0.policy.text) })),
        ]
        if let schema { members.append(.init("conforms", .bool((try? Request(json: document, schema: schema)) != nil))) }
        answers.append(.object(members))
      }
      say("answers", .array(answers))
    }
    say("violations", .array(violations.map { .string(Text($0)) }))
    return .object(output)
  }

  /// Where a schema read from JSON says something else once it is written.
  private static func roundTrips(_ document: SchemaDocument, _ schema: Schema, _ say: (Text, JSON) -> Void) throws -> [String] {
    var violations: [String] = []
    let json = document.json.description
    say("schemaDocumentJSON", .string(Text(json)))
    if try Schema(json: json) != schema { violations.append("the schema's JSON says something else: \(json)") }
    guard let text = try? document.cedarText() else { return violations }
    say("schemaDocumentText", .string(Text(text)))
    // What applies to no principal or to no resource applies to nothing, and is written so.
    var plain = document
    for namespace in plain.namespaces.indices {
      for action in plain.namespaces[namespace].actions.indices {
        guard let application = plain.namespaces[namespace].actions[action].application else { continue }
        if application.principals.isEmpty || application.resources.isEmpty { plain.namespaces[namespace].actions[action].application = nil }
      }
    }
    if try Schema(parsing: text) != plain.resolved() { violations.append("the schema's text says something else: \(text)") }
    return violations
  }

  private static func roundTrips(_ policies: PolicySet, _ source: String) throws -> [String] {
    var violations: [String] = []
    if try PolicySet(json: policies.json.description) != policies { violations.append("the policies' JSON says something else") }
    for policy in policies.policies + policies.templates {
      if try Policy(parsing: policy.description, id: policy.id) != policy { violations.append("written, \(policy.id) says something else: \(policy)") }
    }
    let formatted = try Formatter(width: 60).format(source)
    if try Formatter(width: 60).format(formatted) != formatted { violations.append("formatting twice changes the text: \(formatted)") }
    let again = try PolicySet(parsing: formatted)
    if again != policies { violations.append("formatted, the policies say something else: \(formatted)") }
    return violations
  }

  /// What is decided with parts unknown must hold when they become known.
  private static func partial(_ policies: PolicySet, _ entities: Entities, _ request: Request, _ response: Response) -> [String] {
    var violations: [String] = []
    for mask in 1..<16 {
      func part(_ bit: Int, _ uid: EntityUID, typed: Bool) -> PartialRequest.Part { mask & bit == 0 ? .known(uid) : .unknown(typed ? uid.type : nil) }
      let partial = PartialRequest(
        principal: part(1, request.principal, typed: mask % 3 == 0), action: part(2, request.action, typed: false),
        resource: part(4, request.resource, typed: mask % 2 == 0), context: mask & 8 == 0 ? request.context : nil)
      let answer = policies.authorize(partial, entities)
      if let decision = answer.decision, decision != response.decision { violations.append("partially decided \(decision), then \(response.decision): \(partial)") }
      let completed = answer.residuals.authorize(request, entities)
      if completed.decision != response.decision || completed.reasons != response.reasons || completed.errors.map(\.policy) != response.errors.map(\.policy) {
        violations.append("the residuals answer \(completed), not \(response): \(partial) \(answer.residuals)")
      }
    }
    return violations
  }
}
