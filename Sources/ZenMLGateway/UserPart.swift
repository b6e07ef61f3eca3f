import Contract
import ControlPlane
import Kernel

/// Accounts: operators make, change and end them; others find those whom they know from an organization.
struct UserPart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.get, "/users") { request async throws(Problem) in .json(try await list(request)) },
      GatewayRoute(.post, "/users") { request async throws(Problem) in .json(try await make(request)) },
      GatewayRoute(.get, "/users/{user}") { request async throws(Problem) in .json(try await user(request)) },
      GatewayRoute(.patch, "/users/{user}") { request async throws(Problem) in .json(try await change(request)) },
      GatewayRoute(.delete, "/users/{user}") { request async throws(Problem) in
        try await plane.accounts.remove(try await account(request).id, by: request.caller)
        return .done
      },
    ]
  }

  private func isOperator(_ caller: Caller) async throws(Problem) -> Bool {
    switch try await plane.accounts.speaker(by: caller) {
    case .person(let person): return person.isSuperUser
    case .machine: return false
    case .anonymous, .system: throw Problem(.signedOut, "Sign in first.")
    }
  }

  /// Everybody for an operator; for others who is in one of their organizations with them.
  private func list(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let (email, username) = (request.text("email")?.lowercased(), request.text("username")?.lowercased())
    let slice = try Slice(request)
    if try await isOperator(request.caller) {
      let found = try await plane.all(10_000) { page async throws(Problem) in
        try await plane.accounts.list(AccountFilter(search: email ?? username), page, by: request.caller)
      }
      let fitting = found.filter { account in
        account.state != .deleted && (email == nil || account.email?.text == email) && (username == nil || account.handle.key == username)
      }
      return .array(slice.of(fitting).map { People.user($0) })
    }
    let fitting = try await acquaintances(of: request.caller).filter { member in
      (email == nil || member.email?.text == email) && (username == nil || member.handle.key == username)
    }
    return .array(slice.of(fitting).map { People.user($0) })
  }

  /// Each once, by name. Who may not see the members of an organization finds nobody there.
  private func acquaintances(of caller: Caller) async throws(Problem) -> [Member] {
    var found: [ID<Account>: Member] = [:]
    for organization in try await plane.organizations.own(by: caller) {
      do throws(Problem) {
        let members = try await plane.all(10_000) { page async throws(Problem) in
          try await plane.members.list(in: organization.id.description, MemberFilter(), page, by: caller)
        }
        for member in members { found[member.account] = member }
      } catch {
        guard error.kind == .forbidden else { throw error }
      }
    }
    return found.values.sorted { ($0.name.text, $0.account) < ($1.name.text, $1.account) }
  }

  /// As the platform's scripts say it: in the address; or in the body, where a password belongs.
  private func make(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let body: JSON = request.body.isEmpty ? .object([]) : try request.json()
    func told(_ name: String) -> String? { (body[name]?.text ?? request.text(name)).flatMap { $0.isEmpty ? nil : $0 } }
    guard let username = told("username") ?? told("email") else { throw Problem.invalid("username", "This is needed.") }
    let isAddress = username.contains("@")
    let isSuperUser = try request.flag("is_superuser") ?? (body["is_superuser"] == .boolean(true))
    let draft = try AccountProvision(
      email: told("email") ?? (isAddress ? username : nil), name: told("name") ?? String(username.prefix { $0 != "@" }), handle: isAddress ? nil : username,
      password: told("password"), isSuperUser: isSuperUser)
    return People.user(try await plane.accounts.provision(draft, by: request.caller))
  }

  private func user(_ request: GatewayRequest) async throws(Problem) -> JSON {
    if try await isOperator(request.caller) { return People.user(try await account(request)) }
    let wanted = request.parameter("user").lowercased()
    guard let found = try await acquaintances(of: request.caller).first(where: { $0.account.description == wanted || $0.handle.key == wanted }) else {
      throw Problem(.missing, "There is no user \"\(request.parameter("user").prefix(64))\" whom you may see.")
    }
    return People.user(found)
  }

  /// People change their own name; the rest is the operators'.
  private func change(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let body = try request.json()
    if case .person(let person) = try await plane.accounts.speaker(by: request.caller), !person.isSuperUser,
      [person.id.description, person.handle.key].contains(request.parameter("user").lowercased())
    {
      guard ["email", "password", "is_active", "is_superuser"].allSatisfy({ body[$0] == nil || body[$0] == .null }) else {
        throw Problem(.forbidden, "Change your address and your password in the console.")
      }
      return People.user(try await plane.accounts.update(AccountUpdate(name: body["name"]?.text, handle: body["username"]?.text), seen: nil,
        by: request.caller))
    }
    let id = try await account(request).id
    var isSuperUser: Bool?
    if case .boolean(let flag)? = body["is_superuser"] { isSuperUser = flag }
    let change = AccountChange(
      name: body["name"]?.text, handle: body["username"]?.text, email: body["email"]?.text, password: body["password"]?.text, isSuperUser: isSuperUser)
    var after = try await plane.accounts.change(id, change, by: request.caller)
    if case .boolean(let isActive)? = body["is_active"] {
      after = isActive ? try await plane.accounts.reactivate(id, by: request.caller) : try await plane.accounts.deactivate(id, by: request.caller)
    }
    return People.user(after)
  }

  /// By id or by handle, for operators.
  private func account(_ request: GatewayRequest) async throws(Problem) -> Account {
    let name = request.parameter("user")
    if let id = ID<Account>(name) { return try await plane.accounts.find(id, by: request.caller) }
    let found = try await plane.accounts.list(AccountFilter(search: name), PageRequest(limit: 200), by: request.caller).items
    guard let account = found.first(where: { $0.handle.key == name.lowercased() && $0.state != .deleted }) else {
      throw Problem(.missing, "There is no user \"\(name.prefix(64))\".")
    }
    return account
  }
}
