/// Counts how far an expression looks: how many entities it goes through to reach what it uses (Cedar RFC 76).
///
/// At level 0 no entity is looked into; at level 1 those of the request are; at level 2 also those their attributes name; and so on.
struct LevelChecker {
  let environment: Schema.Environment
  let limit: Int

  /// The part that looks too far, or nil.
  func violation(in typed: TypedExpression) -> Expression? {
    // Not recursive: chains are long. Parts come in the order in which they are evaluated.
    var waiting = [typed]
    while let typed = waiting.popLast() {
      switch typed.expression.kind {
      case .binary(.isIn, _, _), .binary(.getTag, _, _), .binary(.hasTag, _, _):
        guard limit > 0, reaches(typed.children[0], limit - 1, []) else { return typed.expression }
        waiting.append(typed.children[1])
      case .attribute, .has:
        guard case .entity = typed.children[0].type else {
          waiting.append(typed.children[0])
          continue
        }
        guard limit > 0, reaches(typed.children[0], limit - 1, []) else { return typed.expression }
      default: waiting += typed.children.reversed()
      }
    }
    return nil
  }

  /// Whether an expression that names an entity gets there within that many steps. `path` are the attributes taken of a record on the way, the
  /// innermost last.
  private func reaches(_ typed: TypedExpression, _ steps: Int, _ path: [Text]) -> Bool {
    var (typed, steps, path) = (typed, steps, path)
    while true {
      switch typed.expression.kind {
      case .variable, .slot: return true
      case .literal(.entity(let uid)): return uid == environment.action
      case .conditional:
        let (tests, results) = (typed.children.prefix(typed.tests), typed.children.dropFirst(typed.tests))
        return tests.allSatisfy { violation(in: $0) == nil } && results.allSatisfy { reaches($0, steps, path) }
      case .attribute(_, let name):
        if case .entity = typed.children[0].type {
          guard steps > 0 else { return false }
          (steps, path) = (steps - 1, [])
        } else {
          path.append(name)
        }
        typed = typed.children[0]
      case .binary(.getTag, _, _):
        guard steps > 0, violation(in: typed.children[1]) == nil else { return false }
        (typed, steps, path) = (typed.children[0], steps - 1, [])
      case .record(let fields):
        guard let name = path.popLast(), let index = fields.firstIndex(where: { $0.name == name }) else { return false }
        guard typed.children.allSatisfy({ violation(in: $0) == nil }) else { return false }
        typed = typed.children[index]
      default: return false
      }
    }
  }
}
