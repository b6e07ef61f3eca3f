/// Counts how far an expression looks: how many entities it goes through to reach what it uses (Cedar RFC 76).
///
/// At level 0 no entity is looked into; at level 1 those of the request are; at level 2 also those their attributes name; and so on.
struct LevelChecker {
  let environment: Schema.Environment
  let limit: Int

  /// The part that looks too far, or nil.
  func violation(in typed: TypedExpression) -> Expression? {
    switch typed.expression.kind {
    case .binary(.isIn, _, _), .binary(.getTag, _, _), .binary(.hasTag, _, _):
      guard limit > 0, reaches(typed.children[0], limit - 1, []) else { return typed.expression }
      return violation(in: typed.children[1])
    case .attribute, .has:
      guard case .entity = typed.children[0].type else { return violation(in: typed.children[0]) }
      return limit > 0 && reaches(typed.children[0], limit - 1, []) ? nil : typed.expression
    default:
      for child in typed.children {
        if let found = violation(in: child) { return found }
      }
      return nil
    }
  }

  /// Whether an expression that names an entity gets there within that many steps. `path` are the attributes taken of a record on the way.
  private func reaches(_ typed: TypedExpression, _ steps: Int, _ path: [Text]) -> Bool {
    switch typed.expression.kind {
    case .variable, .slot: return true
    case .literal(.entity(let uid)): return uid == environment.action
    case .conditional:
      return violation(in: typed.children[0]) == nil && reaches(typed.children[1], steps, path) && reaches(typed.children[2], steps, path)
    case .attribute(_, let name):
      if case .entity = typed.children[0].type { return steps > 0 && reaches(typed.children[0], steps - 1, []) }
      return reaches(typed.children[0], steps, [name] + path)
    case .binary(.getTag, _, _):
      return steps > 0 && reaches(typed.children[0], steps - 1, []) && violation(in: typed.children[1]) == nil
    case .record(let fields):
      guard let name = path.first, let index = fields.firstIndex(where: { $0.name == name }) else { return false }
      return reaches(typed.children[index], steps, Array(path.dropFirst())) && typed.children.allSatisfy { violation(in: $0) == nil }
    default: return false
    }
  }
}
