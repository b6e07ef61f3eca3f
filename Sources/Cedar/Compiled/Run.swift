/// What one decision knows: the request in numbers, and what it numbered on the way.
struct Run {
  let principal: Int
  let action: Int
  let resource: Int
  let principalType: Int
  let resourceType: Int
  let context: Record
  var own: Symbols?
  /// The first attributes of the context that policies ask for, once they were asked for.
  var contextCells = InlineArray<12, Cell>(repeating: .missing)
  var loaded: UInt16 = 0
  var failure: Failure?
  private let linked: LinkedPolicies

  /// Why the last evaluation failed; put into words only if somebody asks.
  struct Failure {
    let kind: EvaluationError.Kind
    let place: Int
    let detail: StaticString
    let cell: Cell
    let other: Cell
  }

  init(_ linked: LinkedPolicies, _ request: Request) {
    self.linked = linked
    let symbols = linked.symbols
    var own: Symbols?
    principal = symbols.number(request.principal, &own)
    action = symbols.number(request.action, &own)
    resource = symbols.number(request.resource, &own)
    principalType = symbols.typeOfEntity(principal, own)
    resourceType = symbols.typeOfEntity(resource, own)
    context = request.context
    self.own = own
  }

  /// The last failure in words.
  var error: EvaluationError {
    guard let failure else { return EvaluationError(.unknown, "the evaluation failed") }
    let symbols = linked.symbols
    let span = linked.spans[failure.place]
    func text(_ cell: Cell) -> Text { symbols.string(cell.number, own) }
    func uid(_ cell: Cell) -> EntityUID { symbols.entity(cell.number, own) }
    let message: String
    switch failure.kind {
    case .type where failure.other.kind == .long:
      message = linked.functions[failure.cell.number].takes(not: Int(failure.other.payload))
    case .type: message = "expected \(failure.detail), got \(typeName(failure.cell))"
    case .overflow:
      message =
        failure.other.kind == .missing
        ? "overflow while negating \(failure.cell.payload)" : "overflow while computing \(failure.cell.payload) \(failure.detail) \(failure.other.payload)"
    case .entityDoesNotExist: message = "the entity \(uid(failure.cell)) does not exist"
    case .attributeDoesNotExist:
      message = failure.cell.kind == .entity ? "the entity \(uid(failure.cell)) has no attribute `\(text(failure.other))`" : "the record has no attribute `\(text(failure.other))`"
    case .tagDoesNotExist: message = "the entity \(uid(failure.cell)) has no tag `\(text(failure.other))`"
    case .extensionFunction:
      let constructor = failure.cell.kind == .string ? ExtensionFunction(rawValue: "\(failure.detail)") : nil
      message = constructor?.refuses(text(failure.cell)) ?? "overflow in `\(failure.detail)`"
    case .unlinkedSlot, .unknown, .tooDeep: message = "\(failure.detail)"
    }
    return EvaluationError(failure.kind, message, at: span)
  }

  private func typeName(_ cell: Cell) -> String {
    switch cell.kind {
    case .bool: "bool"
    case .long: "long"
    case .string: "string"
    case .entity: "(entity of type `\(linked.symbols.entity(cell.number, own).type)`)"
    case .set: "set"
    case .record: "record"
    case .ip: "ipaddr"
    case .decimal: "decimal"
    case .datetime: "datetime"
    case .duration: "duration"
    case .failed, .missing: "nothing"
    }
  }
}

extension LinkedPolicies {
  func fail(_ kind: EvaluationError.Kind, _ place: Int, _ detail: StaticString, _ cell: Cell = .missing, _ other: Cell = .missing, _ run: inout Run) -> Cell {
    run.failure = Run.Failure(kind: kind, place: place, detail: detail, cell: cell, other: other)
    return .failed
  }

  /// Runs an instruction and what it is made of. The order of evaluation and of failures is that of ``Evaluator``.
  func evaluate(_ place: Int, _ run: inout Run) -> Cell {
    let step = instructions[place]
    switch step.operation {
    case .literal: return literals[Int(step.a)]
    case .principal: return Cell(.entity, run.principal)
    case .action: return Cell(.entity, run.action)
    case .resource: return Cell(.entity, run.resource)
    case .context:
      let attributes = symbols.attributes(run.context, &run.own)
      return Cell(.record, symbols.number(record: attributes, &run.own))
    case .contextAttribute:
      let value = contextAttribute(Int(step.a), &run)
      if value.kind == .missing {
        let name = symbols.number(contextAttributes[Int(step.a)], &run.own)
        return fail(.attributeDoesNotExist, place, "", .missing, Cell(.string, name), &run)
      }
      return value
    case .contextHas: return .bool(run.context[contextAttributes[Int(step.a)]] != nil)
    case .principalAttribute: return attribute(Int(step.a), of: Cell(.entity, run.principal), place, place, &run)
    case .resourceAttribute: return attribute(Int(step.a), of: Cell(.entity, run.resource), place, place, &run)
    case .conditional:
      var step = step
      while true {
        let test = bool(step.a, &run)
        if test.kind == .failed { return test }
        if test.isTrue { return evaluate(Int(step.b), &run) }
        let next = instructions[Int(step.c)]
        // An `else if`.
        guard next.operation == .conditional else { return evaluate(Int(step.c), &run) }
        step = next
      }
    case .and, .or:
      let decides = step.operation == .or
      for index in Int(step.a)..<Int(step.a + step.b) {
        let part = bool(operands[index], &run)
        if part.kind == .failed || part.isTrue == decides { return part }
      }
      return .bool(!decides)
    case .arithmetic: return arithmetic(step, place, &run)
    case .not:
      let value = bool(step.a, &run)
      return value.kind == .failed ? value : .bool(!value.isTrue)
    case .negate:
      let value = evaluate(Int(step.a), &run)
      guard value.kind == .long else { return mismatch("long", value, step.a, &run) }
      return value.payload == .min ? fail(.overflow, Int(step.a), "", value, .missing, &run) : Cell(.long, -value.payload)
    case .isEmpty: return isEmpty(step, evaluate(Int(step.a), &run), &run)
    case .equal, .less, .lessOrEqual, .add, .subtract, .multiply, .isIn, .contains, .containsAll, .containsAny, .getTag, .hasTag:
      return binary(step, place, evaluate(Int(step.a), &run), &run)
    case .attribute:
      let subject = evaluate(Int(step.a), &run)
      return attribute(Int(step.b), of: subject, place, place, &run)
    case .accesses: return accesses(step, &run)
    case .has:
      let value = find(Int(step.b), in: evaluate(Int(step.a), &run), step.a, &run)
      return value.kind == .failed ? value : .bool(value.kind != .missing)
    case .path: return path(step, &run)
    case .like:
      let subject = evaluate(Int(step.a), &run)
      guard subject.kind == .string else { return mismatch("string", subject, step.a, &run) }
      return .bool(patterns[Int(step.b)].matches(symbols.string(subject.number, run.own).string))
    case .isType:
      let subject = evaluate(Int(step.a), &run)
      guard subject.kind == .entity else { return mismatch("entity", subject, step.a, &run) }
      return .bool(symbols.typeOfEntity(subject.number, run.own) == Int(step.b))
    case .set:
      var cells: [Cell] = []
      cells.reserveCapacity(Int(step.b))
      for index in step.a..<step.a + step.b {
        let cell = evaluate(Int(operands[Int(index)]), &run)
        if cell.kind == .failed { return cell }
        cells.append(cell)
      }
      return Cell(.set, symbols.number(set: cells, &run.own))
    case .record:
      var attributes: [CellAttribute] = []
      attributes.reserveCapacity(Int(step.b))
      for index in step.a..<step.a + step.b {
        let cell = evaluate(Int(operands[Int(index)]), &run)
        if cell.kind == .failed { return cell }
        attributes.append(CellAttribute(name: operandNames[Int(index)], value: cell))
      }
      return Cell(.record, symbols.number(record: attributes, &run.own))
    case .call: return call(step, place, nil, &run)
    case .fail: return fail(.unknown, place, "a slot is not filled", .missing, .missing, &run)
    }
  }

  /// A chain of accesses: one after the other, each to what the one before has given.
  private func accesses(_ step: Instruction, _ run: inout Run) -> Cell {
    var cell = evaluate(Int(operands[Int(step.a)]), &run)
    for index in Int(step.a) + 1..<Int(step.a + step.b) {
      if cell.kind == .failed { return cell }
      cell = access(Int(operands[index]), to: cell, &run)
    }
    return cell
  }

  private func access(_ place: Int, to receiver: Cell, _ run: inout Run) -> Cell {
    let step = instructions[place]
    switch step.operation {
    case .attribute: return attribute(Int(step.b), of: receiver, place, place, &run)
    case .isEmpty: return isEmpty(step, receiver, &run)
    case .call: return call(step, place, receiver, &run)
    default: return binary(step, place, receiver, &run)
    }
  }

  private func isEmpty(_ step: Instruction, _ value: Cell, _ run: inout Run) -> Cell {
    guard value.kind == .set else { return mismatch("set", value, step.a, &run) }
    return .bool(symbols.set(value.number, run.own).isEmpty)
  }

  @inline(__always)
  private func binary(_ step: Instruction, _ place: Int, _ left: Cell, _ run: inout Run) -> Cell {
    if left.kind == .failed { return left }
    let right = evaluate(Int(step.b), &run)
    if right.kind == .failed { return right }
    return binary(step, place, left, right, &run)
  }

  private func mismatch(_ expected: StaticString, _ cell: Cell, _ place: Int32, _ run: inout Run) -> Cell {
    cell.kind == .failed ? cell : fail(.type, Int(place), expected, cell, .missing, &run)
  }

  private func bool(_ place: Int32, _ run: inout Run) -> Cell {
    let value = evaluate(Int(place), &run)
    return value.kind == .bool ? value : mismatch("bool", value, place, &run)
  }

  private func contextAttribute(_ place: Int, _ run: inout Run) -> Cell {
    if place < run.contextCells.count {
      let bit: UInt16 = 1 << UInt16(place)
      if run.loaded & bit != 0 { return run.contextCells[place] }
      run.loaded |= bit
    }
    guard let value = run.context[contextAttributes[place]] else { return .missing }
    let cell = symbols.cell(value, &run.own)
    if place < run.contextCells.count { run.contextCells[place] = cell }
    return cell
  }

  private func field(_ name: Int, of record: Cell, _ run: Run) -> Cell {
    let attributes = symbols.record(record.number, run.own)
    return PreparedEntities.find(name, in: attributes, 0, attributes.count)
  }

  /// What `has` looks for; it may be missing.
  private func find(_ name: Int, in subject: Cell, _ place: Int32, _ run: inout Run) -> Cell {
    switch subject.kind {
    case .entity: entities.attribute(name, of: subject.number)
    case .record: field(name, of: subject, run)
    default: mismatch("entity or record", subject, place, &run)
    }
  }

  /// `a has b.c.d`: goes from one to the next as long as they are there.
  private func path(_ step: Instruction, _ run: inout Run) -> Cell {
    var cell = evaluate(Int(operands[Int(step.a)]), &run)
    for index in Int(step.a)..<Int(step.a + step.b) {
      cell = find(Int(operandNames[index]), in: cell, operands[index], &run)
      if cell.kind == .failed { return cell }
      if cell.kind == .missing { return .false }
    }
    return .true
  }

  private func attribute(_ name: Int, of subject: Cell, _ place: Int, _ subjectPlace: Int, _ run: inout Run) -> Cell {
    switch subject.kind {
    case .failed: return subject
    case .entity:
      guard entities.exists(subject.number) else { return fail(.entityDoesNotExist, place, "", subject, .missing, &run) }
      let value = entities.attribute(name, of: subject.number)
      return value.kind == .missing ? fail(.attributeDoesNotExist, place, "", subject, Cell(.string, name), &run) : value
    case .record:
      let value = field(name, of: subject, run)
      return value.kind == .missing ? fail(.attributeDoesNotExist, place, "", subject, Cell(.string, name), &run) : value
    default: return fail(.type, subjectPlace, "entity or record", subject, .missing, &run)
    }
  }

  private func binary(_ step: Instruction, _ place: Int, _ left: Cell, _ right: Cell, _ run: inout Run) -> Cell {
    switch step.operation {
    case .equal: return .bool(left == right)
    case .less, .lessOrEqual:
      switch (left.kind, right.kind) {
      case (.long, .long), (.datetime, .datetime), (.duration, .duration):
        return .bool(step.operation == .less ? left.payload < right.payload : left.payload <= right.payload)
      case (.long, _): return mismatch("long", right, step.b, &run)
      case (.datetime, _): return mismatch("datetime", right, step.b, &run)
      case (.duration, _): return mismatch("duration", right, step.b, &run)
      default: return mismatch("long, datetime or duration", left, step.a, &run)
      }
    case .add, .subtract, .multiply:
      guard left.kind == .long else { return mismatch("long", left, step.a, &run) }
      guard right.kind == .long else { return mismatch("long", right, step.b, &run) }
      return computed(step.operation == .add ? .add : step.operation == .subtract ? .subtract : .multiply, left, right, place, &run)
    case .isIn:
      guard left.kind == .entity else { return mismatch("entity", left, step.a, &run) }
      if right.kind == .entity { return .bool(entities.isIn(left.number, right.number)) }
      guard right.kind == .set else { return mismatch("entity or set of entities", right, step.b, &run) }
      let groups = symbols.set(right.number, run.own)
      for group in groups where group.kind != .entity { return mismatch("entity", group, step.b, &run) }
      for group in groups where entities.isIn(left.number, group.number) { return .true }
      return .false
    case .contains:
      guard left.kind == .set else { return mismatch("set", left, step.a, &run) }
      return .bool(Self.contains(symbols.set(left.number, run.own), right))
    case .containsAll, .containsAny:
      guard left.kind == .set else { return mismatch("set", left, step.a, &run) }
      guard right.kind == .set else { return mismatch("set", right, step.b, &run) }
      let set = symbols.set(left.number, run.own)
      let others = symbols.set(right.number, run.own)
      if step.operation == .containsAll { return .bool(others.allSatisfy { Self.contains(set, $0) }) }
      return .bool(others.contains { Self.contains(set, $0) })
    default:
      guard left.kind == .entity else { return mismatch("entity", left, step.a, &run) }
      guard right.kind == .string else { return mismatch("string", right, step.b, &run) }
      let value = entities.tag(right.number, of: left.number)
      if step.operation == .hasTag { return .bool(value.kind != .missing) }
      guard entities.exists(left.number) else { return fail(.entityDoesNotExist, place, "", left, .missing, &run) }
      return value.kind == .missing ? fail(.tagDoesNotExist, place, "", left, right, &run) : value
    }
  }

  /// A sum or a product of several: one term after the other.
  private func arithmetic(_ step: Instruction, _ place: Int, _ run: inout Run) -> Cell {
    let first = operands[Int(step.a)]
    var result = evaluate(Int(first), &run)
    for index in 1..<Int(step.b) {
      if result.kind == .failed { return result }
      // Both sides are evaluated before it matters what they are.
      let operand = operands[Int(step.a) + index]
      let right = evaluate(Int(operand), &run)
      if right.kind == .failed { return right }
      guard result.kind == .long else { return mismatch("long", result, first, &run) }
      guard right.kind == .long else { return mismatch("long", right, operand, &run) }
      result = computed(operators[Int(step.c) + index - 1], result, right, place, &run)
    }
    return result
  }

  private func computed(_ op: ArithmeticOperator, _ left: Cell, _ right: Cell, _ place: Int, _ run: inout Run) -> Cell {
    let (result, overflow) = op.apply(left.payload, right.payload)
    guard overflow else { return Cell(.long, result) }
    let symbol: StaticString =
      switch op {
      case .add: "+"
      case .subtract: "-"
      case .multiply: "*"
      }
    return fail(.overflow, place, symbol, left, right, &run)
  }

  private static func contains(_ set: [Cell], _ cell: Cell) -> Bool {
    var low = 0
    var high = set.count
    while low < high {
      let middle = (low + high) >> 1
      if set[middle] == cell { return true }
      if set[middle] < cell { low = middle + 1 } else { high = middle }
    }
    return false
  }

  /// Extension functions are few and rare: they go through the values of ``Operators``, except for what needs no text.
  /// A method's receiver may be given, where it is known already.
  private func call(_ step: Instruction, _ place: Int, _ receiver: Cell?, _ run: inout Run) -> Cell {
    let function = functions[Int(step.c)]
    var cells = (receiver ?? .missing, Cell.missing)
    for index in (receiver == nil ? 0 : 1)..<step.b {
      let cell = evaluate(Int(operands[Int(step.a + index)]), &run)
      if cell.kind == .failed { return cell }
      if index == 0 { cells.0 = cell } else { cells.1 = cell }
    }
    guard Int(step.b) == function.arity else {
      return fail(.type, place, "arguments", Cell(.long, Int(step.c)), Cell(.long, Int(step.b)), &run)
    }
    func expect(_ kind: Cell.Kind, _ name: StaticString, _ cell: Cell) -> Cell? {
      cell.kind == kind ? nil : fail(.type, place, name, cell, .missing, &run)
    }
    switch function {
    case .decimal, .ip, .datetime, .duration:
      if let failed = expect(.string, "string", cells.0) { return failed }
      guard let value = function.construct(symbols.string(cells.0.number, run.own).string) else {
        return fail(.extensionFunction, place, Self.name(function), cells.0, .missing, &run)
      }
      return symbols.cell(value, &run.own)
    case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual:
      if let failed = expect(.decimal, "decimal", cells.0) ?? expect(.decimal, "decimal", cells.1) { return failed }
      let (x, y) = (cells.0.payload, cells.1.payload)
      return switch function {
      case .lessThan: .bool(x < y)
      case .lessThanOrEqual: .bool(x <= y)
      case .greaterThan: .bool(x > y)
      default: .bool(x >= y)
      }
    case .isIpv4, .isIpv6, .isLoopback, .isMulticast, .isInRange:
      if let failed = expect(.ip, "ipaddr", cells.0) { return failed }
      let address = symbols.address(cells.0.number, run.own)
      switch function {
      case .isIpv4: return .bool(address.isIPv4)
      case .isIpv6: return .bool(address.isIPv6)
      case .isLoopback: return .bool(address.isLoopback)
      case .isMulticast: return .bool(address.isMulticast)
      default:
        if let failed = expect(.ip, "ipaddr", cells.1) { return failed }
        return .bool(address.isInRange(of: symbols.address(cells.1.number, run.own)))
      }
    case .offset, .durationSince, .toDate, .toTime:
      if let failed = expect(.datetime, "datetime", cells.0) { return failed }
      let instant = Datetime(milliseconds: cells.0.payload)
      switch function {
      case .offset:
        if let failed = expect(.duration, "duration", cells.1) { return failed }
        guard let result = instant.offset(by: Duration(milliseconds: cells.1.payload)) else {
          return fail(.extensionFunction, place, "offset", .missing, .missing, &run)
        }
        return Cell(.datetime, result.milliseconds)
      case .durationSince:
        if let failed = expect(.datetime, "datetime", cells.1) { return failed }
        guard let result = instant.since(Datetime(milliseconds: cells.1.payload)) else {
          return fail(.extensionFunction, place, "durationSince", .missing, .missing, &run)
        }
        return Cell(.duration, result.milliseconds)
      case .toDate:
        guard let date = instant.date else { return fail(.extensionFunction, place, "toDate", .missing, .missing, &run) }
        return Cell(.datetime, date.milliseconds)
      default: return Cell(.duration, instant.time.milliseconds)
      }
    case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays:
      if let failed = expect(.duration, "duration", cells.0) { return failed }
      let duration = Duration(milliseconds: cells.0.payload)
      return switch function {
      case .toMilliseconds: Cell(.long, duration.milliseconds)
      case .toSeconds: Cell(.long, duration.seconds)
      case .toMinutes: Cell(.long, duration.minutes)
      case .toHours: Cell(.long, duration.hours)
      default: Cell(.long, duration.days)
      }
    }
  }

  private static func name(_ function: ExtensionFunction) -> StaticString {
    switch function {
    case .decimal: "decimal"
    case .ip: "ip"
    case .datetime: "datetime"
    default: "duration"
    }
  }
}
