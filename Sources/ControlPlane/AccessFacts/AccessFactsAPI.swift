import Authorization
import Contract
import Kernel

extension AccessFacts {
  var operations: [BoundEndpoint] {
    [
      BoundEndpoint(API.AccessFacts.list) { call async throws(Problem) in
        let cursor = try call.query.cursor.map { text throws(Problem) in try Problem.checking("cursor") { () throws(Rejection) in try Cursor(text) } }
        let page = try await list(from: cursor, in: call.path.organization, by: call.caller)
        return Wire.AccessFactPage(
          organization: page.organization.id.description, revision: Int(page.revision), facts: page.facts.compactMap { Wire.AccessFact($0) },
          nextCursor: page.next?.description)
      },
      BoundEndpoint(API.AccessFacts.follow) { call async throws(Problem) in
        let changes = try await changes(behind: Int64(call.query.after ?? 0), wait: call.query.wait ?? 0, in: call.path.organization, by: call.caller)
        return Wire.AccessFactChanges(
          organization: changes.organization.id.description, revision: Int(changes.revision), facts: changes.facts.compactMap { Wire.AccessFact($0) })
      },
    ]
  }
}

extension Wire.AccessFactHolder {
  fileprivate init(_ holder: AccessHolder) {
    switch holder {
    case .member(let id): self.init(type: .member, id: id)
    case .team(let id): self.init(type: .team, id: id)
    }
  }
}

extension Wire.AccessFactThing {
  fileprivate init(_ resource: AccessResource) { self.init(type: resource.type.name, id: resource.id) }
}

extension GrantedRole {
  /// Single actions are told as shares.
  fileprivate var reference: String {
    if case .custom(let role) = self { "custom:\(role.id)" } else { name }
  }
}

extension Wire.AccessFact {
  /// `nil` for what is told otherwise: all policies at once.
  fileprivate init?(_ fact: AccessFact) {
    switch fact {
    case .change(let change): self.init(change)
    case .team(let id, let slug):
      self.init(.team, id: id)
      self.slug = slug
    case .policy(let source, let named):
      self.init(.policy, id: source.id)
      (slug, name, text) = (named.slug, named.name, source.text)
    case .policyRemoved(let id): self.init(.policyRemoved, id: id)
    }
  }

  private init?(_ change: AccessChange) {
    func thing(_ resource: AccessResource?) -> Wire.AccessFactThing? { resource.map { Wire.AccessFactThing($0) } }
    switch change {
    case .member(let id, let standing):
      self.init(.member, id: id)
      roles = standing.roles.map { $0.map(\.rawValue).sorted() }
      suspended = standing.isSuspended ? true : nil
      serviceAccount = standing.isServiceAccount ? true : nil
      expiresAt = standing.expires
      attributes = JSON(attributes: AccessValue.attributes(of: standing.attributes))
    case .memberRemoved(let id): self.init(.memberRemoved, id: id)
    case .team(let id, _): self.init(.team, id: id)
    case .teamRemoved(let id): self.init(.teamRemoved, id: id)
    case .seat(let member, let team): self.init(.seat, id: team, holder: Wire.AccessFactHolder(type: .member, id: member))
    case .seatRemoved(let member, let team): self.init(.seatRemoved, id: team, holder: Wire.AccessFactHolder(type: .member, id: member))
    case .resource(let resource, let outer, let owner, let visibility, let attributes):
      self.init(.resource, resource: Wire.AccessFactThing(resource))
      (parent, self.owner, self.visibility) = (thing(outer), owner, visibility.rawValue)
      self.attributes = JSON(attributes: AccessValue.attributes(of: attributes))
    case .resourceRemoved(let resource): self.init(.resourceRemoved, resource: Wire.AccessFactThing(resource))
    case .grant(let holder, let role, let resource, let expires):
      self.init(.grant, holder: Wire.AccessFactHolder(holder), resource: thing(resource))
      (self.role, expiresAt) = (role.reference, expires)
    case .grantRemoved(let holder, let role, let resource):
      self.init(.grantRemoved, holder: Wire.AccessFactHolder(holder), resource: thing(resource))
      self.role = role.reference
    case .grantsRemoved(let holder, let resource): self.init(.grantsRemoved, holder: Wire.AccessFactHolder(holder), resource: thing(resource))
    case .roleWithdrawn(let role, let resource):
      self.init(.roleWithdrawn, resource: Wire.AccessFactThing(resource))
      self.role = role.reference
    case .holdingsRemoved(let holder): self.init(.holdingsRemoved, holder: Wire.AccessFactHolder(holder))
    case .share(let holder, let verbs, let resource, let outer):
      self.init(.share, holder: Wire.AccessFactHolder(holder), resource: Wire.AccessFactThing(resource))
      (parent, actions) = (thing(outer), verbs.map(\.name).sorted())
    case .role(let role):
      self.init(.role, id: role.id)
      (name, scope) = (role.name, role.scope.rawValue)
      (rights, ownRights) = (role.rights.sorted.map(\.description), role.ownRights.sorted.map(\.description))
      permissions = role.permissions.map(\.rawValue).sorted()
    case .policies: return nil
    }
  }
}

extension JSON {
  /// Attributes as questions write them; `nil` for none.
  fileprivate init?(attributes: [AccessValue.Attribute]) {
    if attributes.isEmpty { return nil }
    self = .object(attributes.map { Member($0.name, JSON($0.value)) })
  }

  private init(_ value: AccessValue) {
    func extended(_ function: String, _ argument: String) -> JSON { ["__extn": ["fn": .string(function), "arg": .string(argument)]] }
    switch value {
    case .bool(let truth): self = .boolean(truth)
    case .integer(let number): self = .integer(number)
    case .text(let text): self = .string(text)
    case .set(let elements): self = .array(elements.map { JSON($0) })
    case .record(let attributes): self = .object(attributes.map { Member($0.name, JSON($0.value)) })
    case .instant(let instant): self = extended("datetime", instant.description)
    case .address(let text): self = extended("ip", text)
    case .decimal(let text): self = extended("decimal", text)
    }
  }
}
