import Authorization
import Client
import Contract
import Kernel

/// One fact as it was heard.
enum HeardFact {
  case change(AccessChange)
  case team(String, slug: String)
  case policy(AccessRules.Source, AccessGround.NamedPolicy)
  case policyRemoved(String)

  /// Refuses what this version doesn't understand: nothing may be left out, since it might be what forbids.
  init(_ fact: Wire.AccessFact) throws(Problem) {
    switch fact.kind {
    case .role: self = .change(.role(try Self.role(fact)))
    case .resource:
      guard let visibility = fact.visibility.flatMap({ Visibility(rawValue: $0) }) else { throw Self.strange("a visibility") }
      self = .change(
        .resource(
          try AccessResource(needed(fact.resource)), in: fact.parent.map { AccessResource($0) }, owner: fact.owner, visibility: visibility,
          attributes: AccessValue.readable(try Self.attributes(fact.attributes))))
    case .resourceRemoved: self = .change(.resourceRemoved(try AccessResource(needed(fact.resource))))
    case .team: self = .team(try needed(fact.id), slug: fact.slug ?? "")
    case .teamRemoved: self = .change(.teamRemoved(try needed(fact.id)))
    case .member: self = .change(.member(try needed(fact.id), try Self.standing(fact)))
    case .memberRemoved: self = .change(.memberRemoved(try needed(fact.id)))
    case .seat: self = .change(.seat(member: try needed(fact.holder).id, team: try needed(fact.id)))
    case .seatRemoved: self = .change(.seatRemoved(member: try needed(fact.holder).id, team: try needed(fact.id)))
    case .grant:
      self = .change(.grant(try Self.holder(fact), try Self.granted(fact), on: fact.resource.map { AccessResource($0) }, expires: fact.expiresAt))
    case .grantRemoved: self = .change(.grantRemoved(try Self.holder(fact), try Self.granted(fact), on: fact.resource.map { AccessResource($0) }))
    case .grantsRemoved: self = .change(.grantsRemoved(try Self.holder(fact), on: fact.resource.map { AccessResource($0) }))
    case .roleWithdrawn: self = .change(.roleWithdrawn(try Self.granted(fact), on: try AccessResource(needed(fact.resource))))
    case .holdingsRemoved: self = .change(.holdingsRemoved(try Self.holder(fact)))
    case .share:
      let verbs = Set(try needed(fact.actions).map { ResourceVerb($0) })
      self = .change(.share(try Self.holder(fact), verbs, on: try AccessResource(needed(fact.resource)), in: fact.parent.map { AccessResource($0) }))
    case .policy:
      let id = try needed(fact.id)
      self = .policy(
        AccessRules.Source(id: id, text: try needed(fact.text)), AccessGround.NamedPolicy(id: id, slug: fact.slug ?? id, name: fact.name ?? id))
    case .policyRemoved: self = .policyRemoved(try needed(fact.id))
    }
  }

  private static func holder(_ fact: Wire.AccessFact) throws(Problem) -> AccessHolder {
    let holder = try needed(fact.holder)
    return holder.type == .team ? .team(holder.id) : .member(holder.id)
  }

  private static func standing(_ fact: Wire.AccessFact) throws(Problem) -> AccessStanding {
    let roles = try fact.roles?.map { name throws(Problem) in
      guard let role = OrganizationRole(rawValue: name) else { throw strange("the role \(name)") }
      return role
    }
    return AccessStanding(
      roles: roles.map { Set($0) }, isSuspended: fact.suspended ?? false, expires: fact.expiresAt, isServiceAccount: fact.serviceAccount ?? false,
      attributes: AccessValue.readable(try attributes(fact.attributes)))
  }

  private static func granted(_ fact: Wire.AccessFact) throws(Problem) -> GrantedRole {
    let name = try needed(fact.role)
    if let role = ResourceRole(rawValue: name) { return .resource(role) }
    if name.hasPrefix("organization."), let role = OrganizationRole(rawValue: String(name.dropFirst("organization.".count))) { return .organization(role) }
    guard name.hasPrefix("custom:") else { throw strange("the role \(name)") }
    // A grant finds such a role by its id; what it allows was said before.
    return .custom(CustomRole(id: String(name.dropFirst("custom:".count)), name: name, scope: .object, rights: []))
  }

  private static func role(_ fact: Wire.AccessFact) throws(Problem) -> CustomRole {
    func rights(_ texts: [String]?) throws(Problem) -> RightSet {
      RightSet(
        try (texts ?? []).map { text throws(Problem) in
          guard let right = Right(text) else { throw strange("the right \(text)") }
          return right
        })
    }
    guard let scope = fact.scope.flatMap({ RoleScope(rawValue: $0) }) else { throw strange("a level of roles") }
    let (id, name) = (try needed(fact.id), fact.name ?? "")
    guard scope == .organization else {
      return CustomRole(id: id, name: name, scope: scope, rights: try rights(fact.rights), ownRights: try rights(fact.ownRights))
    }
    // A permission that is unknown here allows nothing that could be asked about here.
    return CustomRole(id: id, name: name, permissions: Set((fact.permissions ?? []).compactMap { Permission(rawValue: $0) }))
  }

  // MARK: Attributes

  private static func attributes(_ json: JSON?) throws(Problem) -> [AccessValue.Attribute] {
    guard let json else { return [] }
    guard case .object(let members) = json else { throw strange("attributes") }
    return try members.map { member throws(Problem) in AccessValue.Attribute(member.name, try value(member.value)) }
  }

  private static func value(_ json: JSON) throws(Problem) -> AccessValue {
    switch json {
    case .boolean(let truth): return .bool(truth)
    case .integer(let number): return .integer(number)
    case .string(let text): return .text(text)
    case .array(let items): return .set(try items.map { item throws(Problem) in try value(item) })
    case .object(let members):
      guard members.count == 1, members[0].name == "__extn" else { return .record(try attributes(json)) }
      guard case .string(let function)? = members[0].value["fn"], case .string(let argument)? = members[0].value["arg"] else {
        throw strange("an attribute")
      }
      switch function {
      case "ip": return .address(argument)
      case "decimal": return .decimal(argument)
      case "datetime":
        guard let instant = Timestamp(argument) else { throw strange("an instant") }
        return .instant(instant)
      default: throw strange("the function \(function)")
      }
    case .null, .number: throw strange("an attribute")
    }
  }

  static func strange(_ what: String) -> Problem {
    Problem(.newerServer, "The server told a fact with \(what) that this version doesn't understand. It may be newer: update this program.")
  }
}

private func needed<Value>(_ value: Value?) throws(Problem) -> Value {
  guard let value else { throw HeardFact.strange("something missing") }
  return value
}

extension AccessResource {
  fileprivate init(_ thing: Wire.AccessFactThing) { self.init(ResourceType(thing.type), thing.id) }
}
