import Contract
import ControlPlane
import Kernel
import Secrets

/// Programs of an organization and their keys.
struct ServiceAccountPart: ZenMLPart {
  let plane: ControlPlane
  private static let base = "/organizations/{organization}/service_accounts"

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.get, Self.base) { request async throws(Problem) in
        let found = try await plane.all(1_000) { page async throws(Problem) in
          try await plane.serviceAccounts.list(in: request.parameter("organization"), page, by: request.caller)
        }
        return .json(.array(try Slice(request).of(found).map { People.user($0) }))
      },
      GatewayRoute(.post, Self.base) { request async throws(Problem) in
        let body = try request.json()
        let username = try body.needed("username")
        let organization = try await plane.organizations.find(request.parameter("organization"), by: request.caller)
        var role = "guest"
        if let id = body["role_id"]?.text {
          let known = try await plane.platformRole(id, at: .organization, of: organization.id, by: request.caller)
          guard known.defined == nil else { throw Problem.invalid("role_id", "Begin with a predefined role, and give one of your own afterwards.") }
          role = known.role
        }
        let draft = try ServiceAccountDraft(name: body["name"]?.text ?? username, slug: username, description: body["description"]?.text ?? "", roles: [role])
        return .json(People.user(try await plane.serviceAccounts.create(draft, in: organization.id.description, by: request.caller)))
      },
      GatewayRoute(.get, "\(Self.base)/{account}") { request async throws(Problem) in .json(People.user(try await account(request))) },
      GatewayRoute(.patch, "\(Self.base)/{account}") { request async throws(Problem) in
        let (body, organization, name) = (try request.json(), request.parameter("organization"), request.parameter("account"))
        if case .boolean(let isActive)? = body["is_active"] {
          _ = isActive
            ? try await plane.serviceAccounts.enable(name, in: organization, by: request.caller)
            : try await plane.serviceAccounts.disable(name, in: organization, by: request.caller)
        }
        let update = ServiceAccountUpdate(name: body["name"]?.text, description: body["description"]?.text)
        return .json(People.user(try await plane.serviceAccounts.update(name, update, seen: nil, in: organization, by: request.caller)))
      },
      GatewayRoute(.delete, "\(Self.base)/{account}") { request async throws(Problem) in
        try await plane.serviceAccounts.delete(request.parameter("account"), in: request.parameter("organization"), by: request.caller)
        return .done
      },
      GatewayRoute(.get, "\(Self.base)/{account}/api_keys") { request async throws(Problem) in
        let keys = try await plane.all(1_000) { page async throws(Problem) in
          try await plane.serviceAccounts.listKeys(of: request.parameter("account"), in: request.parameter("organization"), page, by: request.caller)
        }
        return .json(.array(try Slice(request).of(keys).map { Self.key($0) }))
      },
      GatewayRoute(.post, "\(Self.base)/{account}/api_keys") { request async throws(Problem) in
        let body = try request.json()
        let new = try await plane.serviceAccounts.createKey(
          named: body.needed("name"), KeyTerm(days: KeyDays.of(body)), of: request.parameter("account"), in: request.parameter("organization"),
          by: request.caller)
        return .json(Self.key(new.key, ProKey.wrapping(new.secret.reveal(), id: new.key.id.description)))
      },
      GatewayRoute(.delete, "\(Self.base)/{account}/api_keys/{key}") { request async throws(Problem) in
        try await plane.serviceAccounts.revokeKey(
          try request.id("key"), of: request.parameter("account"), in: request.parameter("organization"), by: request.caller)
        return .done
      },
      GatewayRoute(.put, "\(Self.base)/{account}/api_keys/{key}/rotate") { request async throws(Problem) in
        let body: JSON = request.body.isEmpty ? .object([]) : try request.json()
        var hours = 0
        switch body["retain_period_minutes"] {
        case nil, .null?: break
        // The old key holds at least as long as was asked for.
        case .integer(let minutes)? where minutes >= 0 && minutes <= 43_200: hours = Int((minutes + 59) / 60)
        default: throw Problem.invalid("retain_period_minutes", "Choose 0 to 43,200 minutes, thirty days.")
        }
        let new = try await plane.serviceAccounts.rotateKey(
          try request.id("key"), KeyRotation(hours: hours), of: request.parameter("account"), in: request.parameter("organization"), by: request.caller)
        return .json(Self.key(new.key, ProKey.wrapping(new.secret.reveal(), id: new.key.id.description)))
      },
    ]
  }

  private func account(_ request: GatewayRequest) async throws(Problem) -> ServiceAccount {
    try await plane.serviceAccounts.find(request.parameter("account"), in: request.parameter("organization"), by: request.caller)
  }

  private static func key(_ key: ServiceAccountKey, _ secret: String? = nil) -> JSON {
    .object([
      .init("id", .string(key.id.description)), .init("name", .string(key.name.text)), .init("description", ""), .init("active", .boolean(true)),
      .init("created", .string(key.createdAt.description)), .init("expires", .optional(key.expiresAt?.description)),
      .init("last_login", .optional(key.usedAt?.description)), .init("key", .optional(secret)),
    ])
  }
}
