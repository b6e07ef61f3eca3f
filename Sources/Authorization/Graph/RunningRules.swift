internal import Cedar

/// How policies are asked: those that could apply are found by what they are filed under, and their tests made one after the other.
extension AccessTables {
  /// Lays out the attributes that policies ask for.
  @inline(__always)
  func fill(_ board: inout Board, _ principal: Int32, _ resource: Int32, _ target: borrowing AccessTarget, _ context: borrowing AccessContext) {
    values.records.with(principal) { Self.lay($0, rules.principalPlaces, &board) }
    if let named = target.named {
      let words = named.words
      Self.lay(words.span, rules.resourcePlaces, &board)
    } else {
      values.records.with(resource) { Self.lay($0, rules.resourcePlaces, &board) }
    }
    let words = context.words
    Self.lay(words.span, rules.contextPlaces, &board)
  }

  @inline(__always)
  private static func lay(_ pairs: borrowing Span<Int32>, _ places: borrowing ContiguousArray<Int32>, _ board: inout Board) {
    var index = 0
    while index < pairs.count {
      let name = Int(pairs[index])
      if name < places.count {
        let place = Int(places[name])
        if place >= 0 { Scene.write(pairs[index + 1], at: place, &board) }
      }
      index += 2
    }
  }

  /// Whether any rule of a plan is satisfied; the witness hears of each policy, or of the first.
  func run<W: Witness>(
    _ number: Int32, permitting: Bool, _ member: Int32, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext,
    _ scene: borrowing Scene, _ board: borrowing Board, _ witness: inout W
  ) -> Bool {
    let number = number * 2 + (permitting ? 1 : 0)
    let plan = rules.plans[Int(number)]
    var isSatisfied = false

    var index = Int(plan.places.lowerBound)
    while index < Int(plan.places.upperBound) {
      let what = rules.places[index]
      ask(number, what, Scene.word(at: Int(what), board), member, verb, target, context, scene, board, &witness, &isSatisfied)
      if isSatisfied, W.isEasilyConvinced { return true }
      index += 1
    }
    index = Int(plan.always.lowerBound)
    while index < Int(plan.always.upperBound) {
      ask(rules.always[index], isPermit: permitting, member, verb, target, context, scene, board, &witness, &isSatisfied)
      if isSatisfied, W.isEasilyConvinced { return true }
      index += 1
    }
    if plan.keys.isEmpty { return isSatisfied }
    if plan.keys.contains(.principal) {
      ask(number, RuleKey.Kind.principal.rawValue, member, member, verb, target, context, scene, board, &witness, &isSatisfied)
    }
    if plan.keys.contains(.type) {
      ask(number, RuleKey.Kind.type.rawValue, target.type, member, verb, target, context, scene, board, &witness, &isSatisfied)
    }
    if plan.keys.contains(.resource) {
      ask(number, RuleKey.Kind.resource.rawValue, target.number, member, verb, target, context, scene, board, &witness, &isSatisfied)
    }
    if plan.keys.contains(.team) {
      index = 1
      while index < scene.circleCount, !(isSatisfied && W.isEasilyConvinced) {
        ask(number, RuleKey.Kind.team.rawValue, scene.circle(index, board) >> 1, member, verb, target, context, scene, board, &witness, &isSatisfied)
        index += 1
      }
    }
    if plan.keys.contains(.ancestor) {
      index = 0
      while index < scene.chainCount, !(isSatisfied && W.isEasilyConvinced) {
        ask(number, RuleKey.Kind.ancestor.rawValue, scene.chain(index, board), member, verb, target, context, scene, board, &witness, &isSatisfied)
        index += 1
      }
    }
    return isSatisfied
  }

  /// Asks the rules that are filed under a key.
  @inline(__always)
  private func ask<W: Witness>(
    _ plan: Int32, _ what: Int32, _ value: Int32, _ member: Int32, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget,
    _ context: borrowing AccessContext, _ scene: borrowing Scene, _ board: borrowing Board, _ witness: inout W, _ isSatisfied: inout Bool
  ) {
    let places = rules.filed.find(plan, what, value)
    var place = places.lowerBound
    while place < places.upperBound, !(isSatisfied && W.isEasilyConvinced) {
      ask(rules.filed.rules[place], isPermit: plan & 1 == 1, member, verb, target, context, scene, board, &witness, &isSatisfied)
      place += 1
    }
  }

  private func ask<W: Witness>(
    _ rule: Int32, isPermit: Bool, _ member: Int32, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext,
    _ scene: borrowing Scene, _ board: borrowing Board, _ witness: inout W, _ isSatisfied: inout Bool
  ) {
    let truth = evaluate(rule, member, verb, target, context, scene, board)
    if truth == .no { return }
    if truth == .yes { isSatisfied = true }
    for place in rules.rules[Int(rule)].policies {
      witness.hear(Ground(kind: truth == .failed ? .failure : isPermit ? .permit : .forbid, role: rules.members[Int(place)]))
      if W.isEasilyConvinced { return }
    }
  }

  // MARK: Tests

  @inline(__always)
  private func evaluate(
    _ rule: Int32, _ member: Int32, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext,
    _ scene: borrowing Scene, _ board: borrowing Board
  ) -> Truth {
    let tests = rules.rules[Int(rule)].tests
    var place = Int(tests.lowerBound)
    while place < Int(tests.upperBound) {
      let test = rules.tests[place]
      let truth =
        test >= 0
        ? evaluate(rules.atoms[Int(test)], member, target, context, scene, board)
        : evaluate(rules.conditions[Int(-test - 1)], member, verb, target, context, scene, board)
      if truth != .yes { return truth }
      place += 1
    }
    return .yes
  }

  private func evaluate(
    _ condition: Condition, _ member: Int32, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext,
    _ scene: borrowing Scene, _ board: borrowing Board
  ) -> Truth {
    switch condition {
    case .atom(let number): return evaluate(rules.atoms[Int(number)], member, target, context, scene, board)
    case .not(let condition): return evaluate(condition, member, verb, target, context, scene, board).negated
    case .all(let conditions):
      for condition in conditions {
        let truth = evaluate(condition, member, verb, target, context, scene, board)
        if truth != .yes { return truth }
      }
      return .yes
    case .any(let conditions):
      for condition in conditions {
        let truth = evaluate(condition, member, verb, target, context, scene, board)
        if truth != .no { return truth }
      }
      return .no
    case .general(let number): return evaluateInFull(rules.expressions[Int(number)], member, verb, target, context, scene, board)
    }
  }

  @inline(__always)
  private func evaluate(
    _ atom: Atom, _ member: Int32, _ target: borrowing AccessTarget, _ context: borrowing AccessContext, _ scene: borrowing Scene, _ board: borrowing Board
  ) -> Truth {
    let truth: Truth
    switch atom.test {
    case .equal, .less, .lessOrEqual:
      let left = word(atom.leftSource, atom.left, member, target, context, scene, board)
      let right = word(atom.rightSource, atom.right, member, target, context, scene, board)
      if left == .missing || right == .missing { return .failed }
      truth = atom.test == .equal ? Truth(left == right || areEqual(left, right, target, context)) : compare(left, right, atom.test, target, context)
    case .contains:
      let left = word(atom.leftSource, atom.left, member, target, context, scene, board)
      let right = word(atom.rightSource, atom.right, member, target, context, scene, board)
      if left == .missing || right == .missing { return .failed }
      truth = contains(left, right, target, context)
    case .has: truth = Truth(word(atom.leftSource, atom.left, member, target, context, scene, board) != .missing)
    case .holds:
      let value = word(atom.leftSource, atom.left, member, target, context, scene, board)
      truth = value.truth.map { Truth($0) } ?? .failed
    case .principalIs: truth = Truth(member == atom.left)
    case .principalKind: truth = Truth((scene.isServiceAccount ? Holder.serviceAccount : Holder.account) == atom.left)
    case .inTeam: truth = Truth(scene.isInCircle(who(team: atom.left), board))
    case .inRole: truth = Truth(scene.isHeldAtRoot(atom.left))
    case .resourceIs: truth = Truth(target.number == atom.left)
    case .resourceIn: truth = Truth(scene.isInChain(atom.left, board))
    case .resourceType: truth = Truth(target.type == atom.left)
    case .never: truth = .no
    }
    return atom.isNegated ? truth.negated : truth
  }

  @inline(__always)
  private func word(
    _ source: Atom.Source, _ value: Int32, _ member: Int32, _ target: borrowing AccessTarget, _ context: borrowing AccessContext, _ scene: borrowing Scene,
    _ board: borrowing Board
  ) -> Word {
    switch source {
    case .literal: Word(bits: value)
    case .sheet: Word(bits: Scene.word(at: Int(value), board))
    case .principal: values.attribute(value, of: member < 0 ? 0 : memberRows.word(member, Holder.record))
    case .resource: target.named.map { Self.find(value, $0.words) } ?? values.attribute(value, of: resourceRows.word(target.number, Thing.record))
    case .context: Self.find(value, context.words)
    }
  }

  private static func find(_ name: Int32, _ pairs: ContiguousArray<Int32>) -> Word {
    for place in stride(from: 0, to: pairs.count, by: 2) where pairs[place] == name { return Word(bits: pairs[place + 1]) }
    return .missing
  }

  // MARK: Values

  /// Words that differ are values that differ, but for two that the graph knows nothing of: one of the target's and one of the context's.
  private func areEqual(_ a: Word, _ b: Word, _ target: borrowing AccessTarget, _ context: borrowing AccessContext) -> Bool {
    guard a.local != nil, b.local != nil else { return false }
    return value(a, target, context) == value(b, target, context)
  }

  @inline(__always)
  private func compare(_ left: Word, _ right: Word, _ test: Atom.Test, _ target: borrowing AccessTarget, _ context: borrowing AccessContext) -> Truth {
    if left.isSmall, right.isSmall { return Truth(test == .less ? left.bits < right.bits : left.bits <= right.bits) }
    return compareInFull(left, right, test, target, context)
  }

  private func compareInFull(_ left: Word, _ right: Word, _ test: Atom.Test, _ target: borrowing AccessTarget, _ context: borrowing AccessContext) -> Truth {
    guard let a = value(left, target, context), let b = value(right, target, context) else { return .failed }
    switch (a, b) {
    case (.long, .long), (.datetime, .datetime), (.duration, .duration): return Truth(test == .less ? a < b : a <= b)
    default: return .failed
    }
  }

  private func contains(_ set: Word, _ element: Word, _ target: borrowing AccessTarget, _ context: borrowing AccessContext) -> Truth {
    if let number = set.number {
      // What no table has, none of its sets has.
      return values.contains(number, element).map { Truth($0) } ?? .failed
    }
    guard case .set(let own)? = value(set, target, context), let element = value(element, target, context) else { return .failed }
    return Truth(own.contains(element))
  }

  private func value(_ word: Word, _ target: borrowing AccessTarget, _ context: borrowing AccessContext) -> Value? {
    guard let local = word.local else { return values.value(word) }
    return local < NamedResource.firstLocal ? context.locals[Int(local)] : target.named?.locals[Int(local - NamedResource.firstLocal)]
  }
}
