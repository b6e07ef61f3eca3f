import Authorization
import Contract
import ControlPlane
import Kernel

/// Programs (`apolo service-account`): here they belong to an organization, which owns them in place of who made them.
struct ServiceAccountRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    let accounts = "\(Apolo.base)/service_accounts"
    let one = "\(accounts)/{service_account}"
    return [
      GatewayRoute(.get, accounts) { request async throws(Problem) in
        .json(.array(try await all(request.caller).map { json($0.account, in: $0.organization, $0.cluster) }))
      },
      GatewayRoute(.post, accounts) { request async throws(Problem) in .json(try await make(request), status: 201) },
      GatewayRoute(.get, one) { request async throws(Problem) in
        let found = try await find(request)
        return .json(json(found.account, in: found.organization, found.cluster))
      },
      GatewayRoute(.delete, one) { request async throws(Problem) in
        let found = try await find(request)
        try await plane.serviceAccounts.delete(found.account.id.description, in: found.organization.id.description, by: request.caller)
        return .nothing
      },
    ]
  }

  /// Of all organizations of the caller in which they may see them.
  private func all(_ caller: Caller) async throws(Problem) -> [(account: ServiceAccount, organization: Organization, cluster: String)] {
    var found: [(ServiceAccount, Organization, String)] = []
    for organization in try await plane.organizations.own(by: caller) {
      let reference = organization.id.description
      do throws(Problem) {
        let accounts = try await ApoloGateway.all { page throws(Problem) in try await plane.serviceAccounts.list(in: reference, page, by: caller) }
        let cluster = try await plane.organizationClusters.list(in: reference, PageRequest(limit: 1), by: caller).items.first?.cluster.slug.text ?? "none"
        found += accounts.map { ($0, organization, cluster) }
      } catch {
        guard error.kind == .forbidden else { throw error }
      }
    }
    return found
  }

  /// By id or by name; refuses a name that several have.
  private func find(_ request: GatewayRequest) async throws(Problem) -> (account: ServiceAccount, organization: Organization, cluster: String) {
    let wanted = request.parameter("service_account").lowercased()
    let found = try await all(request.caller).filter { $0.account.id.description == wanted || $0.account.slug.text == wanted }
    guard let first = found.first else { throw Problem(.missing, "There is no service account \"\(wanted.prefix(64))\" that you may see.") }
    guard found.count == 1 else { throw Problem(.takenName, "Several organizations have a service account \"\(wanted.prefix(64))\". Name it by its id.") }
    return first
  }

  /// A program with a key, that may read its default project, if it has one. Its token is told only now.
  private func make(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let body = try request.object()
    let (cluster, project) = (try body.text("default_cluster"), try body.optionalText("default_project"))
    guard let reference = try body.optionalText("default_org") else { throw .invalid("default_org", "Name the organization; service accounts belong to one.") }
    let organization = try await plane.organizations.find(reference, by: request.caller)
    let id = organization.id.description
    var place: ResourceReference?
    if let project {
      _ = try await plane.projects.find(project, at: .cluster(cluster), in: id, by: request.caller)
      place = .projectAt(project, .cluster(cluster))
    }
    let defaults = Defaults(cluster: cluster, project: project ?? "")
    let made = try await create(body.optionalText("name"), defaults, in: id, by: request.caller)
    if let place {
      do throws(Problem) {
        let role = try Roles.projectRole("reader")
        _ = try await plane.grants.give(GrantDraft(.serviceAccount(made.id.description), role: role), on: place, in: id, by: request.caller)
      } catch {
        // Who may make programs but give no access in the project leaves that to others.
        guard [.forbidden, .missing].contains(error.kind) else { throw error }
      }
    }
    let key = try await plane.serviceAccounts.createKey(named: "Apolo", KeyTerm(days: nil), of: made.id.description, in: id, by: request.caller)
    guard case .object(let members) = json(made, in: organization, cluster) else { throw Problem(.defect, "A service account isn't an object.") }
    let passed: JSON = [
      "token": .string(BearerEnvelope.text(key.secret, for: made.slug.text)), "cluster": .string(cluster), "org_name": .string(organization.slug.text),
      "project_name": .string(project ?? ""), "url": .string(plane.settings.publicURL + plane.settings.paths.apolo),
    ]
    return .object(members + [.init("token", .string(Self.wrapped(passed)))])
  }

  /// As the clients are handed a whole configuration: JSON in base64.
  private static func wrapped(_ json: JSON) -> String {
    var text = String(Base64URL.encode(Array(json.compact.utf8)).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    while !text.utf8.count.isMultiple(of: 4) { text += "=" }
    return text
  }

  /// Under its name, or under the first that is free where none is said.
  private func create(_ name: String?, _ defaults: Defaults, in organization: String, by caller: Caller) async throws(Problem) -> ServiceAccount {
    func draft(_ name: String) throws(Problem) -> ServiceAccountDraft { try ServiceAccountDraft(name: name, slug: name, description: defaults.text,
      roles: ["guest"]) }
    if let name { return try await plane.serviceAccounts.create(draft(name), in: organization, by: caller) }
    for number in 1..<100 {
      do throws(Problem) { return try await plane.serviceAccounts.create(draft("service-account-\(number)"), in: organization, by: caller) } catch {
        guard error.code == .takenName else { throw error }
      }
    }
    throw .invalid("name", "Say what it is called.")
  }

  private func json(_ account: ServiceAccount, in organization: Organization, _ cluster: String) -> JSON {
    let defaults = Defaults(account.description.text) ?? Defaults(cluster: cluster, project: "")
    return [
      "id": .string(account.id.description), "name": .string(account.slug.text), "owner": .string(organization.slug.text),
      "role": .string(Self.role(account, in: organization)), "default_cluster": .string(defaults.cluster), "default_org": .string(organization.slug.text),
      "default_project": .string(defaults.project), "created_at": .string(account.createdAt.offsetText),
    ]
  }

  /// What permissions are given to.
  private static func role(_ account: ServiceAccount, in organization: Organization) -> String { "\(organization.slug)/service-accounts/\(account.slug)" }

  /// Where a program begins, which stands in its description.
  private struct Defaults {
    let cluster: String
    let project: String

    init(cluster: String, project: String) { (self.cluster, self.project) = (cluster, project) }

    init?(_ text: String) {
      guard text.hasPrefix(Self.start) else { return nil }
      let parts = text.dropFirst(Self.start.count).split(separator: "/", maxSplits: 1).map(String.init)
      guard let first = parts.first else { return nil }
      (cluster, project) = (first, parts.count == 2 ? parts[1] : "")
    }

    private static let start = "Begins at "
    var text: String { Self.start + cluster + (project.isEmpty ? "" : "/\(project)") }
  }
}
