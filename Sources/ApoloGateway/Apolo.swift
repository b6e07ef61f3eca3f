public import ControlPlane
import Kernel

/// Lets the unmodified clients of Apolo use organizations, clusters, projects, roles, credits and quotas: `apolo-cli`, `apolo-sdk`, `neuro-admin-client`.
public enum Apolo {
  /// Stands for where the clients' own API begins, in the tables of routes.
  static let base = "/api"
  /// The same for the administration.
  static let adminBase = "/admin"

  /// All addresses of both, below the paths that the core's settings say.
  public static func gateway(_ plane: ControlPlane) -> Gateway {
    let people = StartUpRoutes(plane: plane).routes + LoginRoutes(plane: plane).routes + UserRoutes(plane: plane).routes + PermissionRoutes(plane: plane).routes
    let sharing = AclRoutes(plane: plane).routes + ServiceAccountRoutes(plane: plane).routes
    let organizations = OrganizationRoutes(plane: plane).routes + MemberRoutes(plane: plane).routes
    let clusters = ClusterRoutes(plane: plane).routes + TenantRoutes(plane: plane).routes + ClusterMemberRoutes(plane: plane).routes
    let projects = ProjectRoutes(plane: plane).routes + ProjectMemberRoutes(plane: plane).routes
    let all = people + sharing + organizations + clusters + projects
    let paths = plane.settings.paths
    let routes = (all + LegacyRoutes(plane: plane).routes(of: all)).map { route in
      let isAdmin = route.path.hasPrefix("\(adminBase)/")
      let rest = route.path.dropFirst((isAdmin ? adminBase : base).count)
      return GatewayRoute(route.method, (isAdmin ? paths.apoloAdmin : paths.apolo) + rest, atOnce: route.answerAtOnce, route.answer)
    }
    return Gateway(
      "apolo", bases: [paths.apolo, paths.apoloAdmin], routes: routes, guide: .apolo(at: paths.apolo), secret: { BearerEnvelope.secret(in: $0) },
      refusal: { Refusals.answer($0, to: $1) })
  }
}

/// Addresses of the time when clusters and projects had people without an organization: the organization that is meant follows from who and what is named.
struct LegacyRoutes {
  let plane: ControlPlane

  private static let owner = "/orgs/{organization}"

  /// The same without the organization, of all that is about people or projects on a cluster and isn't there already.
  func routes(of routes: [GatewayRoute]) -> [GatewayRoute] {
    let present = Set(routes.map { "\($0.method) \($0.path)" })
    return routes.compactMap { route in
      let start = "\(Apolo.adminBase)/clusters/{cluster}\(Self.owner)"
      guard route.path.hasPrefix("\(start)/users") || route.path.hasPrefix("\(start)/projects") else { return nil }
      let path = route.path.replacing(Self.owner, with: "")
      guard !present.contains("\(route.method) \(path)") else { return nil }
      return GatewayRoute(route.method, path) { request async throws(Problem) in
        let organization = try await meant(by: request)
        return try await route.answer(
          GatewayRequest(
            caller: request.caller, bearer: request.bearer, path: request.path + [("organization", organization)], query: request.query, header: request.header,
            body: request.body))
      }
    }
  }

  /// The only one of the caller's that has the cluster, and there the project or the person.
  private func meant(by request: GatewayRequest) async throws(Problem) -> String {
    var found: [String] = []
    for organization in try await plane.organizations.own(by: request.caller) {
      let reference = organization.id.description
      do throws(Problem) {
        _ = try await plane.organizationClusters.find(request.cluster, in: reference, by: request.caller)
        if !request.project.isEmpty {
          _ = try await plane.projects.find(request.project, at: .cluster(request.cluster), in: reference, by: request.caller)
        } else if !request.user.isEmpty {
          _ = try await People.expected(request.user, in: reference, plane, by: request.caller)
        }
        found.append(reference)
      } catch {
        guard [.missing, .forbidden].contains(error.kind) else { throw error }
      }
    }
    guard let only = found.first else { throw Problem(.missing, "There is nothing of this name that you may see.") }
    guard found.count == 1 else { throw .invalid("org_name", "Several organizations have this; name one of them in the address.") }
    return only
  }
}
