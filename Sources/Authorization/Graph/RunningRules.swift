internal import Cedar

/// How policies are asked: those that could apply are found by what they are filed under, and their tests made one after the other.
extension AccessGraph {
  /// Lays out the attributes that policies ask for.
  @inline(__always)
  func fill(_ scene: inout Scene, _ principal: Int32, _ resource: Int32, _ target: borrowing AccessTarget, _ context: borrowing AccessContext) {
    values.records.with(principal) { Self.lay($0, rules.principalPlaces, &scene) }
    if target.isKnown {
      values.records.with(resource) { Self.lay($0, rules.resourcePlaces, &scene) }
    } else {
      Self.lay(target.words.span, rules.resourcePlaces, &scene)
    }
    Self.lay(context.words.span, rules.contextPlaces, &scene)
  }

  @inline(__always)
  private static func lay(_ pairs: borrowing Span<Int32>, _ places: borrowing ContiguousArray<Int32>, _ scene: inout Scene) {
    var index = 0
    while index < pairs.count {
      let name = Int(pairs[index])
      if name < places.count {
        let place = Int(places[name])
        if place >= 0 { scene.sheet[place] = pairs[index + 1] }
      }
      index += 2
    }
  }

  /// Whether any rule of the plan is satisfied; the witness hears of each policy, or of the first.
  @inline(__always)
  func run<W: Witness>(
    permitting: Bool, _ verb: Int32, _ member: Int32, _ target: borrowing AccessTarget, _ context: borrowing AccessContext, _ scene: inout Scene, _ witness: inout W
  ) -> Bool {
    let number = verb * 2 + (permitting ? 1 : 0)
    let plan = rules.plans[Int(number)]
    if plan.isEmpty { return false }
    var isSatisfied = false

    // Whether to stop.
    @inline(__always)
    func ask(_ rule: Int32) -> Bool {
      switch evaluate(rule, member, target, context, scene) {
      case .no: return false
      case .yes:
        isSatisfied = true
        hear(rule, permitting ? .permit : .forbid, &witness)
        return W.isEasilyConvinced
      case .failed:
        hear(rule, .failure, &witness)
        return false
      }
    }
    @inline(__always)
    func ask(_ what: Int32, _ value: Int32) -> Bool {
      for place in rules.filed.find(number, what, value) where ask(rules.filed.rules[place]) { return true }
      return false
    }

    for place in plan.places {
      let what = rules.places[Int(place)]
      if ask(what, scene.sheet[Int(what)]) { return true }
    }
    for place in plan.always where ask(rules.always[Int(place)]) { return true }
    if plan.keys.isEmpty { return isSatisfied }
    if plan.keys.contains(.principal), ask(RuleKey.Kind.principal.rawValue, member) { return true }
    if plan.keys.contains(.type), ask(RuleKey.Kind.type.rawValue, target.type) { return true }
    if plan.keys.contains(.resource), ask(RuleKey.Kind.resource.rawValue, target.number) { return true }
    if plan.keys.contains(.team) {
      for index in 0..<scene.circleCount {
        let who = scene.circle(index)
        if who & 1 == 1, ask(RuleKey.Kind.team.rawValue, who >> 1) { return true }
      }
    }
    if plan.keys.contains(.ancestor) {
      for index in 0..<scene.chainCount where ask(RuleKey.Kind.ancestor.rawValue, scene.chain[index]) { return true }
    }
    return isSatisfied
  }

  private func hear<W: Witness>(_ rule: Int32, _ kind: Ground.Kind, _ witness: inout W) {
    for place in rules.rules[Int(rule)].policies {
      witness.hear(Ground(kind: kind, role: rules.members[Int(place)]))
      if W.isEasilyConvinced { return }
    }
  }

  // MARK: Tests

  @inline(__always)
  private func evaluate(_ rule: Int32, _ member: Int32, _ target: borrowing AccessTarget, _ context: borrowing AccessContext, _ scene: borrowing Scene) -> Truth {
    let tests = rules.rules[Int(rule)].tests
    var place = Int(tests.lowerBound)
    while place < Int(tests.upperBound) {
      let test = rules.tests[place]
      let truth = test >= 0 ? evaluate(rules.atoms[Int(test)], member, target, context, scene) : evaluate(rules.conditions[Int(-test - 1)], member, target, context, scene)
      if truth != .yes { return truth }
      place += 1
    }
    return .yes
  }

  private func evaluate(
    _ condition: Condition, _ member: Int32, _ target: borrowing AccessTarget, _ context: borrowing AccessContext, _ scene: borrowing Scene
  ) -> Truth {
    switch condition {
    case .atom(let number): return evaluate(rules.atoms[Int(number)], member, target, context, scene)
    case .not(let condition): return evaluate(condition, member, target, context, scene).negated
    case .all(let conditions):
      for condition in conditions {
        let truth = evaluate(condition, member, target, context, scene)
        if truth != .yes { return truth }
      }
      return .yes
    case .any(let conditions):
      for condition in conditions {
        let truth = evaluate(condition, member, target, context, scene)
        if truth != .no { return truth }
      }
      return .no
    case .general(let number): return evaluateInFull(rules.expressions[Int(number)], member, target, context, scene)
    }
  }

  @inline(__always)
  private func evaluate(_ atom: Atom, _ member: Int32, _ target: borrowing AccessTarget, _ context: borrowing AccessContext, _ scene: borrowing Scene) -> Truth {
    let truth: Truth
    switch atom.test {
    case .equal, .less, .lessOrEqual:
      let left = word(atom.leftSource, atom.left, member, target, context, scene)
      let right = word(atom.rightSource, atom.right, member, target, context, scene)
      if left == .missing || right == .missing { return .failed }
      truth = atom.test == .equal ? Truth(left == right || areEqual(left, right, target, context)) : compare(left, right, atom.test, target, context)
    case .contains:
      let left = word(atom.leftSource, atom.left, member, target, context, scene)
      let right = word(atom.rightSource, atom.right, member, target, context, scene)
      if left == .missing || right == .missing { return .failed }
      truth = contains(left, right, target, context)
    case .has: truth = Truth(word(atom.leftSource, atom.left, member, target, context, scene) != .missing)
    case .holds:
      let value = word(atom.leftSource, atom.left, member, target, context, scene)
      truth = value.truth.map { Truth($0) } ?? .failed
    case .principalIs: truth = Truth(member == atom.left)
    case .principalKind: truth = Truth((scene.isServiceAccount ? Holder.serviceAccount : Holder.account) == atom.left)
    case .inTeam: truth = Truth(scene.isInCircle(who(team: atom.left)))
    case .inRole: truth = Truth(atom.left < 64 ? scene.rootRoles >> UInt64(atom.left) & 1 != 0 : scene.laterRoles.contains(atom.left))
    case .resourceIs: truth = Truth(target.number == atom.left)
    case .resourceIn: truth = Truth(scene.isInChain(atom.left))
    case .resourceType: truth = Truth(target.type == atom.left)
    case .never: truth = .no
    }
    return atom.isNegated ? truth.negated : truth
  }

  @inline(__always)
  private func word(
    _ source: Atom.Source, _ value: Int32, _ member: Int32, _ target: borrowing AccessTarget, _ context: borrowing AccessContext, _ scene: borrowing Scene
  ) -> Word {
    switch source {
    case .literal: Word(bits: value)
    case .sheet: Word(bits: scene.sheet[Int(value)])
    case .principal: values.attribute(value, of: member < 0 ? 0 : memberRows.word(member, Holder.record))
    case .resource: target.isKnown ? values.attribute(value, of: resourceRows.word(target.number, Thing.record)) : Self.find(value, target.words.span)
    case .context: Self.find(value, context.words.span)
    }
  }

  private static func find(_ name: Int32, _ pairs: borrowing Span<Int32>) -> Word {
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
    return local < AccessTarget.firstLocal ? context.locals[Int(local)] : target.locals[Int(local - AccessTarget.firstLocal)]
  }
}
