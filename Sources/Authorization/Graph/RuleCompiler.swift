internal import Cedar

/// Makes rules of policies. What they name and nobody has mentioned before gets its number now, so that a team made later is the one that was meant.
struct RuleCompiler {
  private var rules = Rules()
  private var atomNumbers: [Atom: Int32] = [:]
  private var sheetPlaces: [SheetKey: Int32] = [:]

  private struct SheetKey: Hashable {
    let source: Atom.Source
    let name: Int32
  }

  /// A rule on its way: what makes policies alike.
  private struct Draft: Hashable {
    let isForbid: Bool
    let verbs: [String]?
    let tests: [Int32]
  }

  /// Compiles policies; templates don't decide anything until they are linked.
  static func compile(_ set: PolicySet, in graph: inout AccessTables) -> Rules {
    var compiler = RuleCompiler()
    compiler.compile(set.policies.sorted { $0.id < $1.id }, &graph)
    return compiler.rules
  }

  private mutating func compile(_ policies: [Policy], _ graph: inout AccessTables) {
    rules.policies = policies
    rules.ids = policies.map(\.id)
    var drafts: [Draft: [Int32]] = [:]
    var order: [Draft] = []
    for (number, policy) in policies.enumerated() {
      var tests: [Int32] = []
      scope(policy.principal, ofPrincipal: true, &tests, &graph)
      scope(policy.resource, ofPrincipal: false, &tests, &graph)
      for condition in policy.conditions { conjunct(condition.body, condition.kind == .unless, &tests, &graph) }
      let draft = Draft(isForbid: policy.effect == .forbid, verbs: verbs(policy.action), tests: tests)
      if drafts[draft] == nil { order.append(draft) }
      drafts[draft, default: []].append(Int32(number))
    }
    for draft in order {
      let members = drafts[draft] ?? []
      let (test, member) = (Int32(rules.tests.count), Int32(rules.members.count))
      rules.tests += draft.tests
      rules.members += members
      rules.rules.append(Rule(tests: test..<Int32(rules.tests.count), policies: member..<Int32(rules.members.count)))
    }
    file(order)
    var counts = [Atom.Source: Int]()
    for key in sheetPlaces.keys { counts[key.source] = max(counts[key.source] ?? 0, Int(key.name) + 1) }
    func places(_ source: Atom.Source) -> ContiguousArray<Int32> {
      var places = ContiguousArray<Int32>(repeating: -1, count: counts[source] ?? 0)
      for (key, place) in sheetPlaces where key.source == source { places[Int(key.name)] = place }
      return places
    }
    (rules.principalPlaces, rules.resourcePlaces, rules.contextPlaces) = (places(.principal), places(.resource), places(.context))
  }

  // MARK: Scopes

  /// The verbs by name; nil for all.
  private func verbs(_ constraint: ActionConstraint) -> [String]? {
    if case .any = constraint { return nil }
    return Set(constraint.actions.filter { $0.type == CedarNames.action }.map(\.id.string)).sorted()
  }

  private mutating func scope(_ constraint: ScopeConstraint, ofPrincipal: Bool, _ tests: inout [Int32], _ graph: inout AccessTables) {
    switch constraint {
    case .any: break
    case .equal(let reference): entity(reference, isIn: false, ofPrincipal, &tests, &graph)
    case .isIn(let reference): entity(reference, isIn: true, ofPrincipal, &tests, &graph)
    case .isType(let type): tests.append(add(ofPrincipal ? kind(type) : self.type(type, &graph)))
    case .isTypeIn(let type, let reference):
      tests.append(add(ofPrincipal ? kind(type) : self.type(type, &graph)))
      entity(reference, isIn: true, ofPrincipal, &tests, &graph)
    }
  }

  private mutating func entity(_ reference: EntityReference, isIn: Bool, _ ofPrincipal: Bool, _ tests: inout [Int32], _ graph: inout AccessTables) {
    guard case .entity(let uid) = reference else {
      tests.append(add(Atom(test: .never)))
      return
    }
    for atom in ofPrincipal ? principal(uid, isIn, &graph) : resource(uid, isIn, &graph) { tests.append(add(atom)) }
  }

  private func kind(_ type: EntityType) -> Atom {
    switch type {
    case CedarNames.account: Atom(test: .principalKind, left: Holder.account)
    case CedarNames.serviceAccount: Atom(test: .principalKind, left: Holder.serviceAccount)
    default: Atom(test: .never)
    }
  }

  private func type(_ type: EntityType, _ graph: inout AccessTables) -> Atom {
    CedarNames.type(type).map { Atom(test: .resourceType, left: graph.typeNumber($0)) } ?? Atom(test: .never)
  }

  /// What it takes to be, or to be in, an entity that a policy names.
  private mutating func principal(_ uid: EntityUID, _ isIn: Bool, _ graph: inout AccessTables) -> [Atom] {
    switch uid.type {
    case CedarNames.account, CedarNames.serviceAccount:
      return [kind(uid.type), Atom(test: .principalIs, left: graph.memberNumber(uid.id.string))]
    case CedarNames.team where isIn: return [Atom(test: .inTeam, left: graph.teamNumber(uid.id.string))]
    case CedarNames.role where isIn:
      let name = uid.id.string
      let role = OrganizationRole(rawValue: name).map { RoleTable.Role.organization($0) } ?? .custom(name)
      guard let number = graph.roles.number(role) else {
        rules.missingRoles.insert(name)
        return [Atom(test: .never)]
      }
      return [Atom(test: .inRole, left: number)]
    case CedarNames.organization where isIn: return uid.id.string == graph.organization ? [] : [Atom(test: .never)]
    default: return [Atom(test: .never)]
    }
  }

  private func resource(_ uid: EntityUID, _ isIn: Bool, _ graph: inout AccessTables) -> [Atom] {
    if isIn, uid.type == CedarNames.organization { return uid.id.string == graph.organization ? [] : [Atom(test: .never)] }
    guard let type = CedarNames.type(uid.type) else { return [Atom(test: .never)] }
    return [Atom(test: isIn ? .resourceIn : .resourceIs, left: graph.resourceNumber(type, uid.id.string))]
  }

  // MARK: Conditions

  /// Adds what must hold for the condition to be met, in the order in which Cedar asks: `&&` and the negation of `||` are one test after the other.
  private mutating func conjunct(_ expression: Expression, _ isNegated: Bool, _ tests: inout [Int32], _ graph: inout AccessTables) {
    switch expression.kind {
    case .and(let all) where !isNegated: for part in all { conjunct(part, false, &tests, &graph) }
    case .or(let all) where isNegated: for part in all { conjunct(part, true, &tests, &graph) }
    case .unary(.not, let part): conjunct(part, !isNegated, &tests, &graph)
    default: tests.append(add(condition(expression, isNegated, &graph)))
    }
  }

  private mutating func condition(_ expression: Expression, _ isNegated: Bool, _ graph: inout AccessTables) -> Condition {
    switch expression.kind {
    case .and(let all), .or(let all):
      let parts = all.map { condition($0, isNegated, &graph) }
      if case .and = expression.kind { return isNegated ? .any(parts) : .all(parts) }
      return isNegated ? .all(parts) : .any(parts)
    case .unary(.not, let part): return condition(part, !isNegated, &graph)
    default:
      if var atom = atom(expression, &graph) {
        atom.isNegated = isNegated
        return .atom(add(atom))
      }
      rules.expressions.append(expression)
      let general = Condition.general(Int32(rules.expressions.count - 1))
      return isNegated ? .not(general) : general
    }
  }

  /// The expression as one atom, where numbers alone tell how it comes out.
  private mutating func atom(_ expression: Expression, _ graph: inout AccessTables) -> Atom? {
    switch expression.kind {
    case .binary(.isIn, let subject, let object):
      guard case .variable(let variable) = subject.kind, case .literal(.entity(let uid)) = object.kind else { return nil }
      let atoms: [Atom]
      switch variable {
      case .principal: atoms = principal(uid, true, &graph)
      case .resource: atoms = resource(uid, true, &graph)
      default: return nil
      }
      return atoms.count == 1 ? atoms[0] : nil
    case .isType(let subject, let type):
      guard case .variable(let variable) = subject.kind else { return nil }
      return variable == .principal ? kind(type) : variable == .resource ? self.type(type, &graph) : nil
    case .binary(let op, let a, let b):
      guard let left = operand(a, &graph), let right = operand(b, &graph) else { return nil }
      let test: Atom.Test
      switch op {
      case .equal: test = .equal
      case .less: test = .less
      case .lessOrEqual: test = .lessOrEqual
      case .contains: test = .contains
      default: return nil
      }
      return Atom(test: test, leftSource: left.source, rightSource: right.source, left: left.value, right: right.value)
    case .has(let subject, let name):
      guard case .variable(let variable) = subject.kind, let place = attribute(variable, name, &graph) else { return nil }
      return Atom(test: .has, leftSource: place.source, left: place.value)
    default:
      guard let value = operand(expression, &graph) else { return nil }
      return Atom(test: .holds, leftSource: value.source, left: value.value)
    }
  }

  private mutating func operand(_ expression: Expression, _ graph: inout AccessTables) -> (source: Atom.Source, value: Int32)? {
    if let value = Self.literal(expression) { return (.literal, graph.values.word(value).bits) }
    guard case .attribute(let subject, let name) = expression.kind, case .variable(let variable) = subject.kind else { return nil }
    return attribute(variable, name, &graph)
  }

  private static func literal(_ expression: Expression) -> Value? {
    switch expression.kind {
    case .literal(let value): return value
    case .set(let elements):
      let values = elements.compactMap { literal($0) }
      return values.count == elements.count ? .set(ValueSet(values)) : nil
    default: return nil
    }
  }

  private mutating func attribute(_ variable: Variable, _ name: Text, _ graph: inout AccessTables) -> (source: Atom.Source, value: Int32)? {
    let source: Atom.Source
    switch variable {
    case .principal: source = .principal
    case .resource: source = .resource
    case .context: source = .context
    case .action: return nil
    }
    let name = graph.values.name(name)
    let key = SheetKey(source: source, name: name)
    if let place = sheetPlaces[key] { return (.sheet, place) }
    guard sheetPlaces.count < Rules.sheet else { return (source, name) }
    sheetPlaces[key] = Int32(sheetPlaces.count)
    return (.sheet, Int32(sheetPlaces.count - 1))
  }

  // MARK: Adding

  private mutating func add(_ atom: Atom) -> Int32 {
    if let number = atomNumbers[atom] { return number }
    let number = Int32(rules.atoms.count)
    rules.atoms.append(atom)
    atomNumbers[atom] = number
    return number
  }

  private mutating func add(_ condition: Condition) -> Int32 {
    if case .atom(let number) = condition { return number }
    rules.conditions.append(condition)
    return -Int32(rules.conditions.count)
  }

  // MARK: Filing

  /// What a rule could be found by: each test that holds for one value only.
  private func keys(_ tests: [Int32]) -> [RuleKey] {
    tests.compactMap { test in
      guard test >= 0 else { return nil }
      let atom = rules.atoms[Int(test)]
      guard !atom.isNegated else { return nil }
      switch atom.test {
      case .equal:
        if atom.leftSource == .sheet, atom.rightSource == .literal { return RuleKey(place: atom.left, value: atom.right) }
        if atom.rightSource == .sheet, atom.leftSource == .literal { return RuleKey(place: atom.right, value: atom.left) }
        return nil
      case .holds: return atom.leftSource == .sheet ? RuleKey(place: atom.left, value: Word.true.bits) : nil
      case .inTeam: return RuleKey(.team, atom.left)
      case .principalIs: return RuleKey(.principal, atom.left)
      case .resourceIs: return RuleKey(.resource, atom.left)
      case .resourceIn: return RuleKey(.ancestor, atom.left)
      case .resourceType: return RuleKey(.type, atom.left)
      default: return nil
      }
    }
  }

  /// Files every rule under the key that the fewest share, for each verb that it is about.
  private mutating func file(_ drafts: [Draft]) {
    var population: [RuleKey: Int] = [:]
    for draft in drafts { for key in keys(draft.tests) { population[key, default: 0] += 1 } }
    for name in Set(drafts.flatMap { $0.verbs ?? [] }).sorted() { rules.verbs[name] = Int32(rules.verbs.count + 1) }
    var plans = [[RuleKey?: [Int32]]](repeating: [:], count: (rules.verbs.count + 1) * 2)
    for (number, draft) in drafts.enumerated() {
      let best = keys(draft.tests).min { (population[$0] ?? 0, $0.what, $0.value) < (population[$1] ?? 0, $1.what, $1.value) }
      let verbs = draft.verbs.map { names in names.compactMap { rules.verbs[$0] } } ?? Array(0...Int32(rules.verbs.count))
      for verb in verbs { plans[Int(verb) * 2 + (draft.isForbid ? 0 : 1)][best, default: []].append(Int32(number)) }
    }
    var filed: [(plan: Int32, key: RuleKey, rules: [Int32])] = []
    var always: ContiguousArray<Int32> = []
    rules.plans = []
    for (number, entries) in plans.enumerated() {
      var plan = Plan()
      var places: Set<Int32> = []
      for (key, numbers) in entries {
        guard let key else { continue }
        filed.append((Int32(number), key, numbers))
        switch RuleKey.Kind(rawValue: key.what) {
        case .team: plan.keys.insert(.team)
        case .principal: plan.keys.insert(.principal)
        case .resource: plan.keys.insert(.resource)
        case .ancestor: plan.keys.insert(.ancestor)
        case .type: plan.keys.insert(.type)
        case nil: places.insert(key.what)
        }
      }
      plan.places = Int32(rules.places.count)..<Int32(rules.places.count + places.count)
      rules.places += places.sorted()
      let numbers = entries[nil] ?? []
      plan.always = Int32(always.count)..<Int32(always.count + numbers.count)
      always += numbers
      rules.plans.append(plan)
    }
    rules.always = always
    rules.filed = FiledRules(filed)
  }
}
