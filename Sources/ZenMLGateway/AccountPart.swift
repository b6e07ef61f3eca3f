import Contract
import ControlPlane
import Kernel
import Secrets

/// Who is signed in: their profile, their keys, the devices at which they are, and the invitations that await them.
struct AccountPart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.get, "/users/me") { request async throws(Problem) in .json(try await own(request.caller)) },
      GatewayRoute(.patch, "/users/me") { request async throws(Problem) in
        let body = try request.json()
        let update = AccountUpdate(name: body["name"]?.text, handle: body["username"]?.text)
        return .json(People.user(try await plane.accounts.update(update, seen: nil, by: request.caller)))
      },
      GatewayRoute(.get, "/users/me/api_keys") { request async throws(Problem) in
        let keys = try await plane.all(AccessTokenDraft.days.upperBound) { page async throws(Problem) in try await plane.tokens.list(page, by: request.caller) }
        return .json(.array(try Slice(request).of(keys).map { Self.key($0) }))
      },
      GatewayRoute(.post, "/users/me/api_keys") { request async throws(Problem) in
        let body = try request.json()
        // A key does whatever its holder may, as on the platform; it doesn't reach the account itself.
        let draft = try AccessTokenDraft(name: body.needed("name"), scopes: ["organization:admin"], days: KeyDays.of(body))
        let new = try await plane.tokens.create(draft, by: request.caller)
        return .json(Self.key(new.token, ProKey.wrapping(new.secret.reveal(), id: new.token.id.description)))
      },
      GatewayRoute(.delete, "/users/me/api_keys/{key}") { request async throws(Problem) in
        try await plane.tokens.revoke(try request.id("key"), by: request.caller)
        return .done
      },
      GatewayRoute(.get, "/devices") { request async throws(Problem) in
        let sessions = try await plane.all(1_000) { page async throws(Problem) in try await plane.sessions.list(page, by: request.caller).page }
        return .json(.array(try Slice(request).of(sessions).map { Self.device($0) }))
      },
      GatewayRoute(.delete, "/devices/{device}") { request async throws(Problem) in
        try await plane.sessions.revoke(try request.id("device"), by: request.caller)
        return .done
      },
      GatewayRoute(.get, "/invitations") { request async throws(Problem) in
        .json(.array(try Slice(request).of(try await plane.invitations.inbox(of: request.caller)).map { People.received($0) }))
      },
      GatewayRoute(.get, "/invitations/{invitation}") { request async throws(Problem) in .json(People.received(try await received(request))) },
      GatewayRoute(.post, "/invitations/{invitation}") { request async throws(Problem) in
        let found = try await received(request)
        guard let accepts = try request.flag("accept") else { throw Problem.invalid("accept", "Say True or False.") }
        if accepts {
          _ = try await plane.invitations.accept(.inbox(found.invitation.id), by: request.caller)
        } else {
          _ = try await plane.invitations.decline(.inbox(found.invitation.id), by: request.caller)
        }
        return .json(.string(found.organization.id.description))
      },
    ]
  }

  /// The profile; for a token that doesn't reach the account, as much as every page shows of who is signed in.
  private func own(_ caller: Caller) async throws(Problem) -> JSON {
    do throws(Problem) { return People.user(try await plane.accounts.read(by: caller)) } catch {
      guard error.code == .tokenScope, let viewer = try await plane.viewer(as: caller) else { throw error }
      return People.user(
        id: viewer.id.description, username: viewer.handle.text, name: viewer.name.text, email: "", isSuperUser: viewer.isSuperUser)
    }
  }

  private func received(_ request: GatewayRequest) async throws(Problem) -> ReceivedInvitation {
    let id: ID<Invitation> = try request.id("invitation")
    guard let found = try await plane.invitations.inbox(of: request.caller).first(where: { $0.invitation.id == id }) else {
      throw Problem(.missing, "There is no such invitation in your inbox.")
    }
    return found
  }

  private static func key(_ token: AccessToken, _ secret: String? = nil) -> JSON {
    .object([
      .init("id", .string(token.id.description)), .init("name", .string(token.name.text)), .init("description", ""), .init("active", .boolean(true)),
      .init("created", .string(token.createdAt.description)), .init("expires", .optional(token.expiresAt?.description)),
      .init("last_login", .optional(token.usedAt?.description)), .init("key", .optional(secret)),
    ])
  }

  private static func device(_ session: Session) -> JSON {
    .object([
      .init("id", .string(session.id.description)), .init("name", .string(session.device)), .init("status", "active"),
      .init("ip_address", .string(session.address)), .init("created", .string(session.createdAt.description)),
      .init("last_login", .string(session.usedAt.description)), .init("expires", .string(session.expiresAt.description)),
    ])
  }
}

/// How long keys last, which clients give in minutes.
enum KeyDays {
  /// In whole days, never longer than was asked for; `nil` for the usual. Refuses less than a day.
  static func of(_ body: JSON) throws(Problem) -> Int? {
    switch body["expires_in_minutes"] {
    case nil, .null?: return nil
    case .integer(let minutes)? where minutes >= 1_440 && minutes <= 366 * 1_440: return Int(minutes / 1_440)
    default: throw Problem.invalid("expires_in_minutes", "Keys here last from 1,440 minutes, a day, to 366 days.")
    }
  }
}

extension GatewayRequest {
  /// An id in the path. Refuses as `missing` what can't be one: nothing is called so.
  func id<Noun>(_ name: String) throws(Problem) -> ID<Noun> {
    guard let id = ID<Noun>(parameter(name)) else { throw Problem(.missing, "There is no such thing, or nobody has shared it with you.") }
    return id
  }
}
