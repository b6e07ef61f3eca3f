internal import Cedar
internal import Kernel

/// One thing that made a decision, in words that stand without the graph.
public enum AccessReason: Sendable, Hashable {
  /// A role that the principal holds as a member.
  case membership(OrganizationRole)
  /// A role that they or a team hold on a resource, or on the organization (`nil`). `path` leads from the principal's own team to the one that holds
  /// it, and is empty for what they hold themselves.
  case grant(role: String, on: AccessResource?, path: [String])
  /// A single action with the very resource, which was shared with them or with a team; `path` as for a role.
  case share(action: String, on: AccessResource, path: [String])
  case visibility(Visibility)
  /// The principal owns the object, and so may share it.
  case ownership
  /// By a policy's id.
  case permitted(by: String)
  case forbidden(by: String)
  /// The policy was asked and failed; it counted for nothing.
  case failed(String)
  case suspendedMembership
  case expiredMembership
}

/// A decision with everything that made it.
public struct AccessExplanation: Sendable, Hashable {
  public let outcome: Verdict.Outcome
  /// What allows and what forbids, both where a policy forbids what roles allow.
  public let reasons: [AccessReason]

  public var isAllowed: Bool { outcome == .allowed }

  /// The policies that forbid, by their ids.
  public var policies: [String] {
    reasons.compactMap { if case .forbidden(let policy) = $0 { policy } else { nil } }
  }
}

extension AccessTables {
  func explain(
    _ member: AccessMember, _ verb: borrowing AccessVerb, _ target: borrowing AccessTarget, _ context: borrowing AccessContext, at now: Timestamp
  ) -> AccessExplanation {
    var witness = EveryGround()
    let outcome = decide(member.number, verb, target, context, now.milliseconds, &witness)
    return AccessExplanation(outcome: outcome, reasons: witness.grounds.compactMap { reason($0, of: member) })
  }

  /// A ground in words; `nil` where nothing decided, because there is no right.
  func reason(_ ground: Ground, of member: AccessMember) -> AccessReason? {
    switch ground.kind {
    case .nothing: return nil
    case .membership: return .membership(OrganizationRole.allCases[Int(ground.role)])
    case .grant:
      let resource = ground.scope < 0 ? nil : self.resource(ground.scope)
      let path = ground.holder & 1 == 0 ? [] : path(from: member.number, to: ground.holder >> 1)
      if roles.isAction(ground.role), let resource { return .share(action: roles.name(ground.role), on: resource, path: path) }
      return .grant(role: roles.name(ground.role), on: resource, path: path)
    case .visibility: return .visibility(ground.role == 1 ? .public : .organization)
    case .ownership: return .ownership
    case .permit: return .permitted(by: rules.ids[Int(ground.role)].description)
    case .forbid: return .forbidden(by: rules.ids[Int(ground.role)].description)
    case .failure: return .failed(rules.ids[Int(ground.role)].description)
    case .suspended: return .suspendedMembership
    case .expired: return .expiredMembership
    }
  }

  func resource(_ number: Int32) -> AccessResource {
    let (type, flags) = resourceRows.with(number) { ($0[Thing.type], $0[Thing.flags]) }
    let text = resources.text(number)
    return AccessResource(types[Int(type)], flags & Thing.isNamed == 0 ? text : Self.name(text))
  }

  func isOutside(_ member: Int32) -> Bool {
    guard member >= 0 else { return false }
    let flags = memberRows.word(member, Holder.flags)
    return flags & Holder.isPresent != 0 && flags & Holder.isMember == 0
  }

  /// The slugs of a resource and of what it stands in.
  func slugPath(of resource: AccessResource) -> String? {
    guard let number = present(resource), let name = values.number(ofName: "slug") else { return nil }
    func slug(_ number: Int32) -> String? {
      guard case .string(let text)? = values.value(values.attribute(name, of: resourceRows.word(number, Thing.record))) else { return nil }
      return text.string
    }
    let outer = resourceRows.word(number, Thing.parent)
    return slug(number).map { own in (outer < 0 ? nil : slug(outer)).map { "\($0)/\(own)" } ?? own }
  }

  /// The shortest way from a team that the member is directly in to one around it.
  private func path(from member: Int32, to team: Int32) -> [String] {
    let direct = memberRows.with(member) { row in
      var direct: [Int32] = []
      for place in Holder.Layout(row).teams { direct.append(row[place]) }
      return direct
    }
    var best: [Int32] = []
    for first in direct {
      var path: [Int32] = []
      var next = first
      while next >= 0 {
        path.append(next)
        if next == team {
          if best.isEmpty || path.count < best.count { best = path }
          break
        }
        next = parent(ofTeam: next)
      }
    }
    return best.map { teams.text($0) }
  }
}
