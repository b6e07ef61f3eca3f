/// Decides requests over prepared policies and entities, in time that doesn't grow with the policies that can't apply.
///
/// Making one links the two: it takes time proportional to the policies and, where they name many groups, one look at the ancestors of
/// every entity. Deciding takes well below a
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
    linked.forEachCandidate(&run) { key, bucket, run in
      for index in bucket.start..<bucket.end {
        let number = linked.index.member(index)
        switch linked.decide(number, key, &run) {
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
    linked.forEachCandidate(&run) { key, bucket, run in
      for index in bucket.middle..<bucket.end where linked.decide(linked.index.member(index), key, &run) == .satisfied {
        isPermitted = true
        return false
      }
      return true
    }
    guard isPermitted else { return false }
    linked.forEachCandidate(&run) { key, bucket, run in
      for index in bucket.start..<bucket.middle where linked.decide(linked.index.member(index), key, &run) == .satisfied {
        isPermitted = false
        return false
      }
      return true
    }
    return isPermitted
  }
}

/// For each entity those of some groups that it is in, itself among them if it is one.
struct Memberships: Sendable {
  private let starts: [Int32]
  private let groups: [Int32]

  /// Nil where the groups are so few that asking for each of them is as fast.
  init?(_ keys: [Int32], _ entities: PreparedEntities) {
    guard keys.count > 4 else { return nil }
    var isKey = [Bool](repeating: false, count: max(entities.mentioned, Int(keys.max() ?? 0) + 1))
    for key in keys { isKey[Int(key)] = true }
    var starts: [Int32] = [0]
    starts.reserveCapacity(entities.count + 1)
    var groups: [Int32] = []
    for entity in 0..<entities.count {
      if isKey[entity] { groups.append(Int32(entity)) }
      for place in entities.ancestorRange(entity) where isKey[entities.ancestor(place)] { groups.append(Int32(entities.ancestor(place))) }
      starts.append(Int32(groups.count))
    }
    self.starts = starts
    self.groups = groups
  }

  func places(_ entity: Int) -> Range<Int> { entity + 1 < starts.count ? Int(starts[entity])..<Int(starts[entity + 1]) : 0..<0 }
  func group(_ place: Int) -> Int { Int(groups[place]) }
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
  let operators: [ArithmeticOperator]
  let contextAttributes: [Text]
  let policies: [LinkedPolicy]
  let ids: [PolicyID]
  let index: PolicyIndex
  /// For each known action a row of bits: which of the distinct action constraints admit it. Empty where that would be many.
  private let actionRows: NumberTable
  private let actionBits: [UInt64]
  private let actionWidth: Int
  private let actions: [LinkedAction]
  /// Which of the groups that policies name the entities are in, as principals and as resources.
  private let principalGroups, resourceGroups: Memberships?

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
    operators = program.operators
    contextAttributes = program.contextAttributes.items
    ids = prepared.policies.map(\.id)

    var known: [Int32] = []
    for number in 0..<symbols.entityCount where symbols.entity(number, nil).type.isAction { known.append(Int32(number)) }
    let admitted = Self.admitted(actions.items, known, entities)
    let width = (actions.count + 63) / 64
    var rows = NumberTable()
    var bits: [UInt64] = []
    if known.count * width <= 1 << 16, zip(actions.items, admitted).allSatisfy({ $0 == .any || $1 != nil }) {
      bits = Array(repeating: 0, count: known.count * width)
      for (row, action) in known.enumerated() { rows.insert(Int(action), row) }
      for (place, admitted) in admitted.enumerated() {
        for action in admitted ?? known {
          guard let row = rows.find(Int(action)) else { continue }
          bits[row * width + place / 64] |= 1 << UInt64(place % 64)
        }
      }
    }
    actionRows = rows
    actionBits = bits
    actionWidth = width
    index = PolicyIndex(policies, actions: admitted)
    principalGroups = Memberships(index.groupKeys[0], entities)
    resourceGroups = Memberships(index.groupKeys[1], entities)
  }

  /// The known actions that each constraint admits; nil where it admits all, and where all that they admit would be millions.
  private static func admitted(_ constraints: [LinkedAction], _ known: [Int32], _ entities: PreparedEntities) -> [[Int32]?] {
    var members: [Int32: [Int32]] = [:]
    for case .isIn(let groups) in constraints { for group in groups { members[group] = [group] } }
    for action in known {
      for place in entities.ancestorRange(Int(action)) { members[Int32(entities.ancestor(place))]?.append(action) }
    }
    var room = 1 << 22
    return constraints.map { constraint in
      switch constraint {
      case .any: return nil
      case .equal(let action): return [action]
      case .isIn(let groups):
        room -= groups.reduce(0) { $0 + (members[$1]?.count ?? 0) }
        return room < 0 ? nil : Array(Set(groups.flatMap { members[$0] ?? [] }))
      }
    }
  }

  private static func admits(_ constraint: LinkedAction, _ action: Int, _ entities: PreparedEntities) -> Bool {
    switch constraint {
    case .any: true
    case .equal(let number): action == Int(number)
    case .isIn(let numbers): numbers.contains { entities.isIn(action, Int($0)) }
    }
  }

  /// Visits the buckets of the policies that can apply, as long as `visit` says so.
  func forEachCandidate(_ run: inout Run, _ visit: (PolicyIndex.Key, PolicyIndex.Bucket, inout Run) -> Bool) {
    if let bucket = index.bucket(.nothing, 0), !visit(.nothing, bucket, &run) { return }
    if let bucket = index.bucket(.action, run.action), !visit(.action, bucket, &run) { return }
    if let bucket = index.bucket(.principalType, run.principalType), !visit(.principalType, bucket, &run) { return }
    if let bucket = index.bucket(.resourceType, run.resourceType), !visit(.resourceType, bucket, &run) { return }
    if let bucket = index.bucket(.principal, run.principal), !visit(.principal, bucket, &run) { return }
    if let bucket = index.bucket(.resource, run.resource), !visit(.resource, bucket, &run) { return }
    guard forEachGroup(.principalGroup, principalGroups, index.groupKeys[0], run.principal, &run, visit) else { return }
    _ = forEachGroup(.resourceGroup, resourceGroups, index.groupKeys[1], run.resource, &run, visit)
  }

  private func forEachGroup(
    _ key: PolicyIndex.Key, _ memberships: Memberships?, _ keys: [Int32], _ entity: Int, _ run: inout Run,
    _ visit: (PolicyIndex.Key, PolicyIndex.Bucket, inout Run) -> Bool
  ) -> Bool {
    if let memberships {
      for place in memberships.places(entity) {
        if let bucket = index.bucket(key, memberships.group(place)), !visit(key, bucket, &run) { return false }
      }
      // What does not exist is in nothing but itself.
      if entity >= entities.count, let bucket = index.bucket(key, entity) { return visit(key, bucket, &run) }
      return true
    }
    for group in keys where entities.isIn(entity, Int(group)) {
      if let bucket = index.bucket(key, Int(group)), !visit(key, bucket, &run) { return false }
    }
    return true
  }

  enum Outcome {
    case satisfied, unsatisfied, failed
  }

  /// Asks one policy. What it was found by need not be asked again.
  func decide(_ number: Int, _ key: PolicyIndex.Key, _ run: inout Run) -> Outcome {
    let policy = policies[number]
    guard key == .action || admits(policy.action, run.action) else { return .unsatisfied }
    let isPrincipalKnown = key == .principal || key == .principalGroup
    let isResourceKnown = key == .resource || key == .resourceGroup
    guard isPrincipalKnown ? policy.principal.admits(type: run.principalType) : holds(policy.principal, run.principal, run.principalType),
      isResourceKnown ? policy.resource.admits(type: run.resourceType) : holds(policy.resource, run.resource, run.resourceType)
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
