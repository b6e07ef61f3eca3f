package import Cedar

/// What validation promises, tried on one request: the reference's Python package validates no levels, so they are held to their theorems.
package struct Soundness {
  private let schema: Schema
  private let policies: PolicySet
  package let isValid: Bool
  /// The least level at which the policies are valid, up to three.
  package let level: Int?

  package init(_ schema: Schema, _ policies: PolicySet) {
    self.schema = schema
    self.policies = policies
    let validator = Validator(schema)
    isValid = validator.validate(policies).isValid
    level = isValid ? (0...3).first { validator.validate(policies, level: $0).isValid } : nil
  }

  /// Where an answer breaks a promise; none, where the policies are not valid or the request and the entities don't fit the schema.
  package func violations(_ request: Request, _ entities: Entities, _ response: Response) -> [String] {
    guard applies(request, entities) else { return [] }
    // `Cedar.Thm.validation_is_sound`: what is valid fails in no other way.
    let allowed: Set<EvaluationError.Kind> = [.entityDoesNotExist, .overflow, .extensionFunction]
    var found = response.errors.filter { !allowed.contains($0.error.kind) }.map { "valid, but fails: \($0.error) of \(request)" }
    // `Cedar.Thm.level_based_slicing_is_sound`: what is valid at a level needs no more than that level's entities.
    for level in (level ?? 4)..<4 {
      let sliced = policies.authorize(request, entities.slice(for: request, level: level))
      if sliced != response { found.append("valid at level \(level), but the slice is answered with \(sliced), not \(response): \(request)") }
    }
    return found + deeper()
  }

  /// Whether the theorems say something of a request.
  package func applies(_ request: Request, _ entities: Entities) -> Bool {
    isValid && (try? schema.validate(request)) != nil && (try? schema.validate(entities)) != nil
  }

  /// What is valid at a level is valid at all that look deeper.
  private func deeper() -> [String] {
    guard let level else { return [] }
    let validator = Validator(schema)
    return (level + 1..<5).filter { !validator.validate(policies, level: $0).isValid }.map { "valid at level \(level), but not at \($0)" }
  }
}

extension Entities {
  /// The entities that a policy of that level may look into: those of the request at level 1, at each further level also those that these name
  /// (Cedar RFC 76).
  package func slice(for request: Request, level: Int) -> Entities {
    var found: [EntityUID: Entity] = [:]
    var next = Set([request.principal, request.action, request.resource])
    Value.record(request.context).names(&next)
    for _ in 0..<level {
      let now = next
      next = []
      for uid in now where found[uid] == nil {
        guard let entity = self[uid] else { continue }
        // With all it is in, for those between may not be there.
        found[uid] = Entity(uid, attributes: entity.attributes, tags: entity.tags, parents: ancestors(of: uid).sorted())
        for attribute in entity.attributes { attribute.value.names(&next) }
        for tag in entity.tags { tag.value.names(&next) }
      }
    }
    // An acyclic hierarchy stays one with fewer members.
    return (try? Entities(found.values)) ?? Entities()
  }
}

extension Value {
  /// Adds the entities that the value names.
  fileprivate func names(_ uids: inout Set<EntityUID>) {
    switch self {
    case .entity(let uid): uids.insert(uid)
    case .set(let set): for element in set.elements { element.names(&uids) }
    case .record(let record): for attribute in record { attribute.value.names(&uids) }
    default: break
    }
  }
}
