import Authorization
import Contract
import ControlPlane
import Kernel
import Secrets

/// People, as the administration knows them. Accounts are made by signing up, or by operators.
struct UserRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    let users = "\(Apolo.adminBase)/users"
    return [
      GatewayRoute(.get, users) { request async throws(Problem) in
        let found = try await all { page throws(Problem) in try await plane.accounts.list(AccountFilter(state: .active), page, by: request.caller) }
        return .json(.array(found.map(People.user)))
      },
      GatewayRoute(.post, users) { request async throws(Problem) in
        let body = try request.object()
        let (handle, name) = (try body.text("name"), try Self.fullName(body))
        let draft = try AccountProvision(email: body.text("email"), name: name ?? handle, handle: handle)
        return .json(People.user(try await plane.accounts.provision(draft, by: request.caller)))
      },
      GatewayRoute(.get, "\(users)/{user}") { request async throws(Problem) in .json(try await user(request)) },
      GatewayRoute(.put, "\(users)/{user}") { request async throws(Problem) in .json(People.user(try await update(request))) },
      GatewayRoute(.post, "\(users)/{user}/token") { request async throws(Problem) in
        .json(["access_token": .string(BearerEnvelope.text(try own(request), for: try await named(request)))])
      },
      GatewayRoute(.post, "\(users)/{user}/token/verify") { request async throws(Problem) in
        _ = try await named(request)
        return .json(["verified": true])
      },
    ]
  }

  private static func fullName(_ body: JSON) throws(Problem) -> String? {
    let words = [try body.optionalText("first_name"), try body.optionalText("last_name")].compactMap { $0 }.filter { !$0.isEmpty }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// Operators change anybody's name and address, others their own name.
  private func update(_ request: GatewayRequest) async throws(Problem) -> Account {
    let body = try request.object()
    let (handle, email, name) = (try body.optionalText("name"), try body.optionalText("email"), try Self.fullName(body))
    guard case .person(let person) = try await plane.accounts.speaker(by: request.caller) else { throw Problem(.signedOut, "Send a token of yours.") }
    let isOwn = person.handle.key == request.user.lowercased()
    guard person.isSuperUser else {
      guard isOwn else { throw Problem(.forbidden, "Operators change the accounts of others.") }
      let own = try await plane.accounts.read(by: request.caller)
      guard email == nil || email?.lowercased() == own.email?.text else { throw Problem(.forbidden, "Change your address in the console.") }
      return try await plane.accounts.update(AccountUpdate(name: name, handle: handle), seen: nil, by: request.caller)
    }
    guard let account = try await account(request.user, isOwn: isOwn, by: request.caller) else {
      throw Problem(.missing, "There is no user \"\(request.user.prefix(64))\".")
    }
    return try await plane.accounts.change(account.id, AccountChange(name: name, handle: handle, email: email), by: request.caller)
  }

  /// The secret that the caller brought, to be handed back in a token of the platform's form.
  private func own(_ request: GatewayRequest) throws(Problem) -> SecretText {
    guard let bearer = request.bearer else { throw Problem(.signedOut, "Send a token of yours.") }
    return SecretText(BearerEnvelope.secret(in: bearer))
  }

  /// The name of the caller. Refuses as missing where the path names somebody else.
  private func named(_ request: GatewayRequest) async throws(Problem) -> String {
    let name: String
    switch try await plane.accounts.speaker(by: request.caller) {
    case .anonymous, .system: throw Problem(.signedOut, "Send a token of yours.")
    case .person(let person): name = person.handle.text
    case .machine(let machine): return machine.name.text
    }
    guard name.lowercased() == request.user.lowercased() else { throw Problem(.missing, "This token is \(name)'s.") }
    return name
  }

  // MARK: One of them

  private func user(_ request: GatewayRequest) async throws(Problem) -> JSON {
    guard case .person(let person) = try await plane.accounts.speaker(by: request.caller) else { throw Problem(.signedOut, "Send a token of yours.") }
    let isOwn = person.handle.text.lowercased() == request.user.lowercased()
    let asked = Set(request.values("include"))
    let organizations = try await all { page throws(Problem) in
      try await plane.organizations.list(all: false, search: nil, isOpen: true, page, by: request.caller)
    }
    var memberships: [(organization: Organization, member: Member)] = []
    for organization in organizations {
      let member = try await People.member(request.user, in: organization.id.description, plane, by: request.caller)
      if let member { memberships.append((organization, member)) }
    }
    var members: [(String, JSON?)] = []
    if let member = memberships.first?.member {
      members = People.members(name: member.handle.text, email: member.email, full: member.name, since: member.since)
    } else if let account = try await account(request.user, isOwn: isOwn, by: request.caller) {
      members = People.members(name: account.handle.text, email: account.email, full: account.name, since: account.createdAt)
    } else {
      throw Problem(.missing, "There is no user \"\(request.user.prefix(64))\" whom you may see.")
    }
    if asked.contains("orgs") { members.append(("orgs", try await organizationsJSON(memberships, request.caller))) }
    if !asked.isDisjoint(with: ["clusters", "projects"]) {
      let places = Places(plane: plane)
      var (clusters, projects): ([JSON], [JSON]) = ([], [])
      for (organization, member) in memberships {
        let reference = organization.id.description
        if asked.contains("clusters") { clusters += try await places.clusters(of: member, in: organization, by: request.caller) }
        if asked.contains("projects") { projects += try await places.projects(of: member, in: reference, named: organization.slug.text, by: request.caller) }
      }
      if asked.contains("clusters") { members.append(("clusters", .array(clusters))) }
      if asked.contains("projects") { members.append(("projects", .array(projects))) }
    }
    return .members(members)
  }

  private func organizationsJSON(_ memberships: [(organization: Organization, member: Member)], _ caller: Caller) async throws(Problem) -> JSON {
    var found: [JSON] = []
    for (organization, member) in memberships {
      let share = try await Shares(plane: plane).of(member, in: organization.id.description, by: caller)
      found.append(["org_name": .string(organization.slug.text), "role": .string(Roles.name(of: member.roles)), "balance": Shares.json(share)])
    }
    return .array(found)
  }

  /// For who may see all accounts, and oneself.
  private func account(_ name: String, isOwn: Bool, by caller: Caller) async throws(Problem) -> Account? {
    if isOwn { return try await plane.accounts.read(by: caller) }
    do throws(Problem) {
      return try await plane.accounts.list(AccountFilter(search: name), PageRequest(limit: 200), by: caller).items
        .first { $0.handle.text.lowercased() == name.lowercased() }
    } catch {
      guard error.kind == .forbidden else { throw error }
      return nil
    }
  }
}

/// People as the administration describes them.
enum People {
  static func user(_ account: Account) -> JSON {
    .members(members(name: account.handle.text, email: account.email, full: account.name, since: account.createdAt))
  }

  static func info(_ member: Member) -> JSON {
    .members(Array(members(name: "", email: member.email, full: member.name, since: member.since).dropFirst()))
  }

  static func members(name: String, email: EmailAddress?, full: DisplayName, since: Timestamp) -> [(String, JSON?)] {
    let words = full.text.split(separator: " ", maxSplits: 1).map(String.init)
    return [
      ("name", .string(name)), ("email", .string(email?.text ?? "")), ("first_name", .string(words.first ?? "")),
      ("last_name", words.count > 1 ? .string(words[1]) : nil), ("created_at", .string(since.offsetText)),
    ]
  }

  /// Whether a service account asks about itself.
  static func isOwnProgram(_ request: GatewayRequest, _ plane: ControlPlane) async throws(Problem) -> Bool {
    guard case .machine(let machine) = try await plane.accounts.speaker(by: request.caller) else { return false }
    return machine.name.text == request.user
  }

  /// The member of this handle; `nil` where there is none.
  static func member(_ handle: String, in organization: String, _ plane: ControlPlane, by caller: Caller) async throws(Problem) -> Member? {
    do throws(Problem) {
      return try await plane.members.named(handle, field: "user_name", in: organization, by: caller)
    } catch {
      guard error.kind == .invalid else { throw error }
      return nil
    }
  }

  /// The same; refuses as missing.
  static func expected(_ handle: String, in organization: String, _ plane: ControlPlane, by caller: Caller) async throws(Problem) -> Member {
    guard let member = try await member(handle, in: organization, plane, by: caller) else {
      throw Problem(.missing, "There is no user \"\(handle.prefix(64))\" in this organization.")
    }
    return member
  }

  /// All members, by account.
  static func members(of organization: String, _ plane: ControlPlane, by caller: Caller) async throws(Problem) -> [ID<Account>: Member] {
    let found = try await all { page throws(Problem) in try await plane.members.list(in: organization, MemberFilter(), page, by: caller) }
    return Dictionary(found.map { ($0.account, $0) }, uniquingKeysWith: { first, _ in first })
  }
}
