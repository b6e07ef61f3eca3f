import Cedar
import Testing
import cedar_conformance

/// Makes conditions over the schema below that are often well-typed, with data that fit it.
private struct TypedMaker {
  static let schema = """
    entity User in [Team, User] { name: String, age?: Long, boss?: User, home: { city?: String, doc: Doc }, docs: Set<Doc>, admin: Bool } tags User;
    entity Team in Team { lead: User };
    entity Doc in Folder { owner: User, parent?: Doc } tags Long;
    entity Folder { owner: User };
    action view, edit in [reading] appliesTo { principal: [User], resource: [Doc], context: { mfa: Bool, who: User, more?: { doc: Doc } } };
    action reading;
    """

  var random: Seeded

  mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &random)] }

  mutating func user(_ depth: Int) -> String {
    if depth == 0 { return pick(["principal", "principal", "context.who", "resource.owner", "User::\"u1\""]) }
    switch Int.random(in: 0..<9, using: &random) {
    case 0, 1: return "principal"
    case 2, 3: return "\(doc(depth - 1)).owner"
    case 4: return "\(user(depth - 1)).boss"
    case 5: return "\(user(depth - 1)).getTag(\"t\")"
    case 6: return "(if \(bool(depth - 1)) then \(user(depth - 1)) else \(user(depth - 1)))"
    case 7: return "{a: \(user(depth - 1)), b: \(bool(depth - 1))}.a"
    default: return "context.who"
    }
  }

  mutating func doc(_ depth: Int) -> String {
    if depth == 0 { return pick(["resource", "resource", "Doc::\"d1\"", "principal.home.doc"]) }
    return switch Int.random(in: 0..<5, using: &random) {
    case 0: "\(doc(depth - 1)).parent"
    case 1: "\(user(depth - 1)).home.doc"
    case 2: "context.more.doc"
    case 3: "(if \(bool(depth - 1)) then \(doc(depth - 1)) else resource)"
    default: "resource"
    }
  }

  mutating func number(_ depth: Int) -> String {
    if depth == 0 || chance(3) { return pick(["1", "-3", "9223372036854775807"]) }
    return pick(["\(user(depth - 1)).age", "\(number(depth - 1)) + \(number(depth - 1))", "\(doc(depth - 1)).getTag(\"n\")", "-(\(number(depth - 1)))"])
  }

  /// A test and what it makes sure of, so that what may be missing is asked for first.
  private mutating func guarded(_ depth: Int) -> String {
    let (user, doc) = (user(depth - 1), doc(depth - 1))
    return pick([
      "\(user) has age && \(user).age > \(number(depth - 1))", "\(user) has boss && \(user).boss.name == \"a\"", "\(user) has boss && \(user).boss in \(self.user(depth - 1))",
      "\(user) has boss.age && \(user).boss.age == 3", "\(doc) has parent && \(doc).parent.owner == \(self.user(depth - 1))", "\(user).hasTag(\"t\") && \(user).getTag(\"t\").admin",
      "\(doc).hasTag(\"n\") && \(doc).getTag(\"n\") < 3", "context has more && context.more.doc.owner.name like \"*a\"", "\(user).home has city && \(user).home.city == \"Bern\"",
    ])
  }

  mutating func bool(_ depth: Int) -> String {
    if depth <= 0 { return pick(["true", "context.mfa", "principal.admin", "principal == resource.owner"]) }
    let inner = depth - 1
    switch Int.random(in: 0..<12, using: &random) {
    case 0: return "\(user(inner)).admin"
    case 1: return "(\(bool(inner)) && \(bool(inner)))"
    case 2: return "(\(bool(inner)) || \(bool(inner)))"
    case 3: return "!(\(bool(inner)))"
    case 4: return "\(user(inner)) in \(pick(["Team::\"t\"", user(inner), "[Team::\"t\", Team::\"x\"]"]))"
    case 5: return "\(user(inner)).docs.contains(\(doc(inner)))"
    case 6: return "\(number(inner)) < \(number(inner))"
    case 7: return "(if \(bool(inner)) then \(bool(inner)) else \(bool(inner)))"
    case 8: return "\(doc(inner)) in \(pick(["Folder::\"f\"", doc(inner)]))"
    case 9: return pick(["[\(user(inner)), principal].contains(\(user(inner)))", "\(user(inner)) == \(user(inner))", "{a: \(doc(inner))} == {a: resource}", "action in Action::\"reading\""])
    default: return "(\(guarded(depth)))"
    }
  }

  mutating func policy() -> String {
    let scope = pick(["principal", "principal", "principal is User", "principal in Team::\"t\"", "principal == User::\"u1\""])
    return "\(pick(["permit", "permit", "forbid"]))(\(scope), \(pick(["action", "action == Action::\"view\"", "action in Action::\"reading\""])), resource) when { \(bool(pick([1, 2, 3]))) };"
  }

  private mutating func uid(_ type: EntityType, _ names: [String]) -> EntityUID { EntityUID(type, pick(names)) }
  private mutating func aUser() -> EntityUID { uid("User", ["u0", "u1", "u2", "u3"]) }
  private mutating func aDoc() -> EntityUID { uid("Doc", ["d0", "d1", "d2"]) }

  /// Some of them are missing.
  mutating func entities() -> Entities {
    var all: [Entity] = []
    for n in 0..<4 where !chance(6) {
      var attributes: [Text: Value] = [
        "name": .string(pick(["a", "ba"])), "home": .record(chance(2) ? ["city": .string("Bern"), "doc": .entity(aDoc())] : ["doc": .entity(aDoc())]),
        "docs": .set((0..<Int.random(in: 0..<3, using: &random)).map { _ in .entity(aDoc()) }.reduce(into: ValueSet([])) { $0 = ValueSet($0.elements + [$1]) }), "admin": .bool(chance(2)),
      ]
      if chance(2) { attributes["age"] = .long(pick([1, 50, .max])) }
      if chance(2) { attributes["boss"] = .entity(aUser()) }
      let parents = n > 0 && chance(2) ? [EntityUID("User", "u\(n - 1)")] : chance(2) ? [EntityUID("Team", "t")] : []
      all.append(Entity(EntityUID("User", "u\(n)"), attributes: Record(attributes.map { .init($0.key, $0.value) }), tags: chance(2) ? ["t": .entity(aUser())] : [:], parents: parents))
    }
    for n in 0..<3 where !chance(6) {
      let parent: [Record.Attribute] = chance(2) ? [.init("parent", .entity(aDoc()))] : []
      all.append(Entity(EntityUID("Doc", "d\(n)"), attributes: Record([.init("owner", .entity(aUser()))] + parent), tags: chance(2) ? ["n": .long(2)] : [:], parents: chance(2) ? [EntityUID("Folder", "f")] : []))
    }
    all.append(Entity(EntityUID("Team", "t"), attributes: ["lead": .entity(aUser())], parents: chance(2) ? [EntityUID("Team", "x")] : []))
    for name in ["view", "edit"] { all.append(Entity(EntityUID("Action", name), parents: [EntityUID("Action", "reading")])) }
    all.append(Entity(EntityUID("Action", "reading")))
    return (try? Entities(all)) ?? Entities()
  }

  mutating func request() -> Request {
    let more: [Record.Attribute] = chance(2) ? [.init("more", .record(["doc": .entity(aDoc())]))] : []
    return Request(
      principal: aUser(), action: EntityUID("Action", pick(["view", "edit"])), resource: aDoc(),
      context: Record([.init("mfa", .bool(chance(2))), .init("who", .entity(aUser()))] + more))
  }
}

/// The theorems of the specification about validation (`Cedar.Thm.Validation`) and of levels (`Cedar.Thm.WellTyped`, RFC 76), each tried on random policies.
@Suite struct ValidationTheoremTests {
  private let schema: Schema

  init() throws { schema = try Schema(parsing: TypedMaker.schema) }

  /// Calls the body with many sets of policies that are valid.
  private func forAllValid(_ body: (Soundness, PolicySet, inout TypedMaker) throws -> Void) throws {
    var (valid, tried) = (0, 0)
    var maker = TypedMaker(random: Seeded(11))
    while valid < 400, tried < 20_000 {
      tried += 1
      guard let policies = try? PolicySet(parsing: maker.policy()) else { continue }
      let soundness = Soundness(schema, policies)
      guard soundness.isValid else { continue }
      valid += 1
      try body(soundness, policies, &maker)
    }
    #expect(valid == 400, "\(valid) of \(tried)")
  }

  @Test func validationIsSound() throws {
    var (failing, applied) = (0, 0)
    try forAllValid { soundness, policies, maker in
      for _ in 0..<4 {
        let (request, entities) = (maker.request(), maker.entities())
        #expect(soundness.applies(request, entities))
        applied += 1
        let response = policies.authorize(request, entities)
        failing += response.errors.count
        for error in response.errors { #expect([.entityDoesNotExist, .overflow].contains(error.error.kind), "\(error.error): \(policies)") }
      }
    }
    // Some fail in the ways that remain, so that others would be seen.
    #expect(failing > 20 && applied == 1600)
  }

  @Test func levelBasedSlicingIsSound() throws {
    var levels: [Int: Int] = [:]
    var smaller = 0
    try forAllValid { soundness, policies, maker in
      guard let level = soundness.level else { return }
      levels[level, default: 0] += 1
      for _ in 0..<4 {
        let (request, entities) = (maker.request(), maker.entities())
        let slice = entities.slice(for: request, level: level)
        if slice.count < entities.count { smaller += 1 }
        #expect(policies.authorize(request, slice) == policies.authorize(request, entities), "level \(level): \(policies)")
        #expect(soundness.violations(request, entities, policies.authorize(request, entities)).isEmpty)
      }
    }
    #expect((0...3).allSatisfy { levels[$0, default: 0] > 5 } && smaller > 400, "\(levels) \(smaller)")
  }

  /// The least level is not too large either: with one level less some policies are answered otherwise.
  @Test func levelsAreNeeded() throws {
    var needed = 0
    try forAllValid { soundness, policies, maker in
      guard let level = soundness.level, level > 0 else { return }
      let isNeeded = (0..<8).contains { _ in
        let (request, entities) = (maker.request(), maker.entities())
        return policies.authorize(request, entities.slice(for: request, level: level - 1)) != policies.authorize(request, entities)
      }
      if isNeeded { needed += 1 }
    }
    #expect(needed > 60, "\(needed)")
  }

  @Test func validResidualsAnswerLikeTheWhole() throws {
    var open = 0
    try forAllValid { _, policies, maker in
      let (request, entities) = (maker.request(), maker.entities())
      let response = policies.authorize(request, entities)
      for mask in 1..<16 {
        let partial = PartialRequest(
          principal: mask & 1 == 0 ? .known(request.principal) : .unknown("User"), action: mask & 2 == 0 ? .known(request.action) : .unknown,
          resource: mask & 4 == 0 ? .known(request.resource) : .unknown("Doc"), context: mask & 8 == 0 ? request.context : nil)
        let answer = policies.authorize(partial, entities)
        if let decision = answer.decision { #expect(decision == response.decision) } else { open += 1 }
        let completed = answer.residuals.authorize(request, entities)
        #expect(completed.decision == response.decision && completed.reasons == response.reasons && completed.errors.map(\.policy) == response.errors.map(\.policy))
        // What is left reads back, as far as it can be written.
        guard !answer.residuals.policies.contains(where: { "\($0)".contains("unknown(") }) else { continue }
        let read = try PolicySet(answer.residuals.policies.map { try Policy(parsing: $0.description, id: $0.id) })
        #expect(read.authorize(request, entities).decision == response.decision)
      }
    }
    #expect(open > 500)
  }
}
