/// Decides requests over prepared policies and entities, in time that doesn't grow with the policies that can't apply.
///
/// Making one links the two: it takes time proportional to the policies, none to the entities. Deciding takes well below a
/// microsecond for usual policies, changes nothing, and may happen on any number of threads at once.
///
/// ```swift
/// let authorizer = Authorizer(PreparedPolicies(policies), PreparedEntities(entities))
/// if authorizer.isAllowed(request) { … }
/// ```
public struct Authorizer: Sendable {
  let linked: LinkedPolicies

  public init(_ policies: PreparedPolicies, _ entities: PreparedEntities) { linked = LinkedPolicies(policies, entities) }

  /// The decision, with the policies that made it and those that failed.
  public func authorize(_ request: Request) -> Response {
    var run = Run(linked, request)
    var satisfied: [Int] = []
    var errors: [Response.PolicyError] = []
    var isForbidden = false
    linked.forEachCandidate(&run) { bucket, run in
      for index in bucket.start..<bucket.end {
        let number = linked.index.member(index)
        switch linked.decide(number, &run) {
        case .unsatisfied: break
        case .satisfied:
          satisfied.append(number)
          if index < bucket.middle { isForbidden = true }
        case .failed: errors.append(.init(policy: linked.ids[number], error: run.error))
        }
      }
      return true
    }
    if errors.count > 1 { errors.sort { $0.policy < $1.policy } }
    var reasons: [PolicyID] = []
    reasons.reserveCapacity(satisfied.count)
    for number in satisfied where linked.policies[number].isForbid == isForbidden { reasons.append(linked.ids[number]) }
    if reasons.count > 1 { reasons.sort() }
    return Response(decision: isForbidden || reasons.isEmpty ? .deny : .allow, reasons: reasons, errors: errors)
  }

  /// The decision alone; allocates nothing unless a policy makes sets or records, or the context brings unknown texts.
  public func isAllowed(_ request: Request) -> Bool {
    var run = Run(linked, request)
    var isPermitted = false
    // Permits first: where nothing permits, no forbid needs to be asked.
    linked.forEachCandidate(&run) { bucket, run in
      for index in bucket.middle..<bucket.end where linked.decide(linked.index.member(index), &run) == .satisfied {
        isPermitted = true
        return false
      }
      return true
    }
    guard isPermitted else { return false }
    linked.forEachCandidate(&run) { bucket, run in
      for index in bucket.start..<bucket.middle where linked.decide(linked.index.member(index), &run) == .satisfied {
        isPermitted = false
        return false
      }
      return true
    }
    return isPermitted
  }
}

/// Policies whose every mention is a number of the entities they are linked to.
final class LinkedPolicies: Sendable {
  let entities: PreparedEntities
  let symbols: LayeredSymbols
  let instructions: [Instruction]
  let spans: [Range<Int>?]
  let literals: [Cell]
  let patterns: [Pattern]
  let functions: [ExtensionFunction]
  let operands: [Int32]
  let operandNames: [Int32]
  let contextAttributes: [Text]
  let policies: [LinkedPolicy]
  let ids: [PolicyID]
  let index: PolicyIndex
  /// For each known action a row of bits: which of the distinct action constraints admit it.
  private let actionRows: NumberTable
  private let actionBits: [UInt64]
  private let actionWidth: Int
  private let actions: [LinkedAction]

  init(_ prepared: PreparedPolicies, _ entities: PreparedEntities) {
    let layers = LayeredSymbols(base: entities.symbols)
    let program = prepared.program
    var own: Symbols? = Symbols()
    var names: [Int32] = []
    for name in program.names.items { names.append(Int32(layers.number(name, &own))) }
    var types: [Int32] = []
    for type in program.types.items { types.append(Int32(layers.number(type, &own))) }
    var literals: [Cell] = []
    literals.reserveCapacity(program.literals.count)
    for literal in program.literals { literals.append(layers.cell(literal, &own)) }

    func constraint(_ constraint: ScopeConstraint) -> LinkedConstraint {
      func number(_ reference: EntityReference) -> Int32? {
        if case .entity(let uid) = reference { Int32(layers.number(uid, &own)) } else { nil }
      }
      switch constraint {
      case .any: return LinkedConstraint(kind: .any)
      case .isType(let type): return LinkedConstraint(kind: .isType, type: Int32(layers.number(type, &own)))
      case .equal(let reference): return number(reference).map { LinkedConstraint(kind: .equal, entity: $0) } ?? LinkedConstraint(kind: .never)
      case .isIn(let reference): return number(reference).map { LinkedConstraint(kind: .isIn, entity: $0) } ?? LinkedConstraint(kind: .never)
      case .isTypeIn(let type, let reference):
        let type = Int32(layers.number(type, &own))
        return number(reference).map { LinkedConstraint(kind: .isTypeIn, entity: $0, type: type) } ?? LinkedConstraint(kind: .never)
      }
    }
    var actions = Interner<LinkedAction>()
    var policies: [LinkedPolicy] = []
    policies.reserveCapacity(prepared.count)
    for policy in prepared.policies {
      let action: LinkedAction
      switch policy.action {
      case .any: action = .any
      case .equal(let uid): action = .equal(Int32(layers.number(uid, &own)))
      case .isIn(let uid): action = .isIn([Int32(layers.number(uid, &own))])
      case .isInAny(let uids):
        var numbers: [Int32] = []
        for uid in uids { numbers.append(Int32(layers.number(uid, &own))) }
        action = .isIn(numbers)
      }
      policies.append(
        LinkedPolicy(
          isForbid: policy.effect == .forbid, principal: constraint(policy.principal), resource: constraint(policy.resource),
          action: Int32(actions.intern(action)), root: policy.root))
    }

    symbols = LayeredSymbols(base: entities.symbols, overlay: own ?? Symbols())
    self.entities = entities
    self.literals = literals
    self.policies = policies
    self.actions = actions.items
    instructions = program.instructions.map { instruction in
      var linked = instruction
      switch instruction.operation {
      case .principalAttribute, .resourceAttribute: linked.a = names[Int(instruction.a)]
      case .attribute, .has: linked.b = names[Int(instruction.b)]
      case .isType: linked.b = types[Int(instruction.b)]
      default: break
      }
      return linked
    }
    spans = program.spans
    patterns = program.patterns
    functions = program.functions
    operands = program.operands
    operandNames = program.operandNames.map { Int($0) < names.count ? names[Int($0)] : $0 }
    contextAttributes = program.contextAttributes.items
    ids = prepared.policies.map(\.id)

    // Which constraints admit which known action.
    var rows = NumberTable()
    var known: [Int32] = []
    for number in 0..<symbols.entityCount where symbols.entity(number, nil).type.isAction {
      rows.insert(number, known.count)
      known.append(Int32(number))
    }
    let width = (actions.count + 63) / 64
    var bits: [UInt64] = []
    var admitted: [[Int32]?] = actions.items.map { $0 == .any ? nil : [] }
    if known.count * width <= 1 << 22 {
      bits = Array(repeating: 0, count: known.count * width)
      for (row, action) in known.enumerated() {
        for (place, constraint) in actions.items.enumerated() where Self.admits(constraint, Int(action), entities) {
          bits[row * width + place / 64] |= 1 << UInt64(place % 64)
          admitted[place]?.append(action)
        }
      }
    } else {
      rows = NumberTable()
      admitted = admitted.map { _ in nil }
    }
    actionRows = rows
    actionBits = bits
    actionWidth = width
    index = PolicyIndex(policies, actions: admitted)
  }

  private static func admits(_ constraint: LinkedAction, _ action: Int, _ entities: PreparedEntities) -> Bool {
    switch constraint {
    case .any: true
    case .equal(let number): action == Int(number)
    case .isIn(let numbers): numbers.contains { entities.isIn(action, Int($0)) }
    }
  }

  /// Visits the buckets of the policies that can apply, as long as `visit` says so.
  func forEachCandidate(_ run: inout Run, _ visit: (PolicyIndex.Bucket, inout Run) -> Bool) {
    if let bucket = index.bucket(.nothing, 0), !visit(bucket, &run) { return }
    if let bucket = index.bucket(.action, run.action), !visit(bucket, &run) { return }
    if let bucket = index.bucket(.principalType, run.principalType), !visit(bucket, &run) { return }
    if let bucket = index.bucket(.resourceType, run.resourceType), !visit(bucket, &run) { return }
    if let bucket = index.bucket(.principal, run.principal), !visit(bucket, &run) { return }
    if let bucket = index.bucket(.resource, run.resource), !visit(bucket, &run) { return }
    guard forEachGroup(.principalGroup, index.groupKeys[0], run.principal, &run, visit) else { return }
    _ = forEachGroup(.resourceGroup, index.groupKeys[1], run.resource, &run, visit)
  }

  private func forEachGroup(
    _ key: PolicyIndex.Key, _ keys: [Int32], _ entity: Int, _ run: inout Run, _ visit: (PolicyIndex.Bucket, inout Run) -> Bool
  ) -> Bool {
    if keys.isEmpty { return true }
    let ancestors = entities.ancestorRange(entity)
    // Ask each group for the entity, or each ancestor for its policies: whichever are fewer.
    if keys.count * 4 < ancestors.count {
      for group in keys where entities.isIn(entity, Int(group)) {
        if let bucket = index.bucket(key, Int(group)), !visit(bucket, &run) { return false }
      }
      return true
    }
    if let bucket = index.bucket(key, entity), !visit(bucket, &run) { return false }
    for place in ancestors {
      if let bucket = index.bucket(key, entities.ancestor(place)), !visit(bucket, &run) { return false }
    }
    return true
  }

  enum Outcome {
    case satisfied, unsatisfied, failed
  }

  /// Asks one policy.
  func decide(_ number: Int, _ run: inout Run) -> Outcome {
    let policy = policies[number]
    guard admits(policy.action, run.action), holds(policy.principal, run.principal, run.principalType), holds(policy.resource, run.resource, run.resourceType)
    else { return .unsatisfied }
    if policy.root < 0 { return .satisfied }
    let result = evaluate(Int(policy.root), &run)
    switch result.kind {
    case .bool: return result.isTrue ? .satisfied : .unsatisfied
    case .failed: return .failed
    default:
      _ = fail(.type, Int(policy.root), "bool", result, .missing, &run)
      return .failed
    }
  }

  private func admits(_ constraint: Int32, _ action: Int) -> Bool {
    let place = Int(constraint)
    if let row = actionRows.find(action) { return actionBits[row * actionWidth + place / 64] >> UInt64(place % 64) & 1 != 0 }
    return Self.admits(actions[place], action, entities)
  }

  private func holds(_ constraint: LinkedConstraint, _ entity: Int, _ type: Int) -> Bool {
    switch constraint.kind {
    case .any: true
    case .equal: entity == Int(constraint.entity)
    case .isIn: entities.isIn(entity, Int(constraint.entity))
    case .isType: type == Int(constraint.type)
    case .isTypeIn: type == Int(constraint.type) && entities.isIn(entity, Int(constraint.entity))
    case .never: false
    }
  }
}
