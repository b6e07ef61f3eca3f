import Authorization
import Cedar
import Kernel

/// Random changes of a small organization and random requests, from a seed.
struct RandomAccess {
  private var source: SplitMix

  init(seed: UInt64) { source = SplitMix(seed: seed) }

  mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &source) }
  mutating func chance(_ one: Int) -> Bool { below(one) == 0 }
  mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

  static let people = ["ada", "bob", "cem", "a-person-with-a-long-name", "0190a000-0000-7000-8000-00000000000a"]
  static let teams = ["red", "blue", "green", "inner"]
  static let things: [AccessResource] = [
    AccessResource(.workspace, "w"), AccessResource(.workspace, "v"), AccessResource(.project, "p"), AccessResource(.project, "q"), AccessResource(.app, "p"),
    AccessResource(ResourceType("dataset"), "d"), AccessResource(ResourceType("model_version"), "m"), AccessResource(ResourceType("stack"), "s"),
    AccessResource(ResourceType("quantum-run"), "a-thing-with-a-long-name"),
  ]
  static let verbs: [ResourceVerb] = [.read, .list, .update, .delete, .create, .manage, .use, .share, .share, ResourceVerb("entangle")]

  mutating func instant() -> Timestamp { now + .milliseconds(pick([-3_600_000, -1, 0, 1, 3_600_000, 20_000_000_000])) }
  mutating func expiry() -> Timestamp? { chance(2) ? nil : instant() }

  mutating func person() -> String { pick(Self.people) }
  mutating func team() -> String { pick(Self.teams) }
  mutating func thing() -> AccessResource { pick(Self.things) }

  mutating func record() -> Record {
    var record: [String: Value] = [:]
    if !chance(4) { record["region"] = .string(pick(["eu", "us"])) }
    if !chance(4) { record["level"] = .long(pick([0, 1, 2, 3, 1 << 40])) }
    if chance(2) { record["compliance"] = .set(ValueSet((0..<below(3)).map { _ in .string(pick(["gdpr", "soc2", "iso"])) })) }
    if chance(3) { record["open"] = chance(8) ? .string("yes") : .bool(chance(2)) }
    if chance(4) { record["name"] = .string(pick(["red", "rust", "teal"])) }
    return Record(record)
  }

  mutating func context() -> Record {
    var record: [String: Value] = [:]
    if !chance(3) { record["hour"] = .long(Int64(below(24))) }
    if !chance(3) { record["mfa"] = .bool(chance(2)) }
    if !chance(3) { record["region"] = .string(pick(["eu", "us", "nowhere else"])) }
    if chance(3) { record["level"] = .long(pick([0, 2, 1 << 41])) }
    return Record(record)
  }

  mutating func role(_ scope: AccessResource?) -> GrantedRole {
    if scope == nil { return chance(3) ? .custom(custom()) : chance(4) ? .resource(pick(ResourceRole.allCases)) : .organization(pick(OrganizationRole.allCases)) }
    if chance(6) { return .custom(custom()) }
    return chance(40) ? .actions([pick(Self.verbs)]) : .resource(pick(ResourceRole.allCases))
  }

  mutating func custom() -> CustomRole {
    func rights() -> RightSet {
      RightSet((0..<below(3)).map { _ in
        Right(pick([.everything, .objects, .type(ResourceType("dataset")), .type(.project), .type(ResourceType("quantum_run"))]), chance(4) ? nil : pick(Self.verbs))
      })
    }
    let id = pick(["auditor", "painter"])
    if chance(3) { return CustomRole(id: id, name: "The \(id)", permissions: Set((0..<below(4)).map { _ in pick(Permission.allCases) } + (chance(2) ? [.memberList] : []))) }
    return CustomRole(id: id, name: "The \(id)", scope: .organization, rights: rights(), ownRights: rights())
  }

  mutating func standing() -> AccessStanding {
    let roles = Set((0..<pick([0, 1, 1, 1, 2])).map { _ in pick(OrganizationRole.allCases) })
    return AccessStanding(
      roles: chance(6) ? nil : roles, isSuspended: chance(8), expires: chance(4) ? instant() : nil, isServiceAccount: chance(5), attributes: record())
  }

  mutating func change() -> AccessChange {
    switch below(39) {
    case 0..<4: return .member(person(), standing())
    case 4: return .memberRemoved(person())
    case 5..<8: return .team(team(), in: chance(3) ? nil : team())
    case 8: return .teamRemoved(team())
    case 9..<12: return .seat(member: person(), team: team())
    case 12: return .seatRemoved(member: person(), team: team())
    case 13..<17:
      return .resource(thing(), in: chance(3) ? nil : thing(), owner: chance(3) ? nil : person(), visibility: pick([.inherited, .inherited] + Visibility.allCases), attributes: record())
    case 17: return .resourceRemoved(thing())
    case 18..<22:
      let scope = chance(4) ? nil : thing()
      return .grant(chance(2) ? .member(person()) : .team(team()), role(scope), on: scope, expires: expiry())
    case 22:
      let scope = chance(4) ? nil : thing()
      if chance(4), let scope { return .roleWithdrawn(role(scope), on: scope) }
      if chance(3) { return .grantsRemoved(chance(2) ? .member(person()) : .team(team()), on: scope) }
      return .grantRemoved(chance(2) ? .member(person()) : .team(team()), role(scope), on: scope)
    case 23: return .role(custom())
    case 27..<38:
      let object = AccessResource(pick([ResourceType("dataset"), ResourceType("dataset"), ResourceType("model_version"), ResourceType("quantum_run")]), pick(["d", "new", "m"]))
      let verbs = Set((0..<(chance(8) ? 0 : 2 + below(4))).map { _ in pick(Self.verbs) })
      return .share(chance(2) ? .member(person()) : .team(team()), verbs, on: chance(8) ? thing() : object, in: chance(2) ? nil : pick(Array(Self.things.prefix(5))))
    case 38: return .holdingsRemoved(chance(2) ? .member(person()) : .team(team()))
    default: return .policies(policies())
    }
  }

  mutating func policies() -> PolicySet {
    let count = pick([0, 2, 4, 8])
    let text = (0..<count).map { _ in pick(Self.texts) }.joined(separator: "\n")
    return (try? PolicySet(parsing: text)) ?? PolicySet()
  }

  /// Policies that name everything the graph treats apart, and conditions that numbers alone answer, or don't.
  static let texts = [
    #"forbid(principal in Team::"red", action == Action::"read", resource is Dataset) unless { resource.compliance.contains("gdpr") };"#,
    #"forbid(principal, action in [Action::"update", Action::"delete"], resource) when { context.hour >= 12 && resource.region == "eu" };"#,
    #"forbid(principal, action in [Action::"update", Action::"delete", Action::"read"], resource) when { principal.region != resource.region && resource.level > 1 };"#,
    #"forbid(principal in Role::"viewer", action, resource in Project::"p") when { !context.mfa };"#,
    #"forbid(principal is ServiceAccount, action, resource) unless { context has mfa && context.mfa };"#,
    #"forbid(principal, action, resource == Dataset::"d") when { resource.region == context.region };"#,
    #"forbid(principal, action, resource) when { resource.name like "r*" || resource.level < principal.level };"#,
    #"forbid(principal in Team::"green", action, resource) unless { resource.level <= 2 || principal.open };"#,
    #"forbid(principal, action, resource) when { action == Action::"manage" && principal.level + 1 > resource.level };"#,
    #"forbid(principal, action, resource in Workspace::"w") when { principal in Team::"blue" && resource has name };"#,
    #"forbid(principal, action == Action::"use", resource) when { if resource has open then resource.open else false };"#,
    #"forbid(principal, action, resource) when { context.level == resource.level };"#,
    #"permit(principal in Role::"member", action, resource in Project::"q") when { principal.region == "eu" };"#,
    #"permit(principal == User::"ada", action == Action::"entangle", resource);"#,
    #"permit(principal in Organization::"org", action == Action::"read", resource in Organization::"org") when { context.mfa && principal.level >= 2 };"#,
    #"permit(principal, action in [Action::"list"], resource is QuantumRun) when { ["eu", "us"].contains(principal.region) };"#,
    #"permit(principal in Role::"auditor", action == Action::"read", resource);"#,
    #"permit(principal, action, resource) when { resource.compliance.containsAny(["soc2", "iso"]) && resource.open };"#,
    #"permit(principal in Team::"inner", action == Action::"create", resource is Project in Workspace::"v");"#,
    #"permit(principal, action == Action::"update", resource) when { resource.region == context.region && !(resource.level < 1 && context.mfa) };"#,
  ]

  mutating func target(in world: AccessWorld) -> AccessWorld.Target {
    let known = world.things.keys.sorted { "\($0)" < "\($1)" }
    // What is shared is asked about more often than it would come up.
    if !world.shares.isEmpty, chance(3) {
      let share = pick(world.shares.keys.sorted { "\($0)" < "\($1)" })
      return AccessWorld.Target(
        resource: share.object, isKnown: world.things[share.object] != nil, parent: share.place, isOwn: chance(2), visibility: .inherited, attributes: record())
    }
    if !known.isEmpty, !chance(4) {
      return AccessWorld.Target(resource: pick(known), isKnown: true, parent: nil, isOwn: false, visibility: .inherited, attributes: [:])
    }
    let resource = AccessResource(pick([ResourceType("dataset"), .project, ResourceType("unheard"), ResourceType("quantum_run"), ResourceType("model_version")]), pick(["d", "new", "m"]))
    // What the world knows is as it knows it, whatever is said of it.
    return AccessWorld.Target(
      resource: resource, isKnown: world.things[resource] != nil, parent: known.isEmpty || chance(4) ? nil : pick(known), isOwn: chance(4), visibility: pick(Visibility.allCases), attributes: record())
  }
}
