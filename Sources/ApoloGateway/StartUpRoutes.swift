import Authorization
import Contract
import ControlPlane
import Kernel

/// What the clients ask first: where to log in, and which clusters, organizations and projects there are for whoever asks.
struct StartUpRoutes {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.get, "\(Apolo.base)/config") { request async throws(Problem) in .json(try await configuration(request)) },
      GatewayRoute(.get, "\(Apolo.base)/ping") { _ in .plain("Pong") },
      GatewayRoute(.get, "\(Apolo.adminBase)/ping") { _ in .plain("Pong") },
      // What can begin on a cluster is its platform's to know.
      GatewayRoute(.get, "\(Apolo.base)/monitoring/{cluster}/capacity") { _ in .json([:]) },
    ]
  }

  /// Never refuses for a credential that doesn't hold: the clients take any other status for an end.
  private func configuration(_ request: GatewayRequest) async throws(Problem) -> JSON {
    let address = plane.settings.publicURL
    var members: [(String, JSON?)] = [
      ("authorized", false), ("auth_url", .string("\(address)/authorize")), ("token_url", .string("\(address)\(plane.settings.paths.apolo)/token")),
      ("logout_url", .string("\(address)/sign-out")), ("client_id", "apolo-cli"), ("audience", .string("\(address)\(plane.settings.paths.apolo)")),
      ("headless_callback_url", .string("\(address)/authorize/code")), ("admin_url", .string("\(address)\(plane.settings.paths.apoloAdmin)")),
    ]
    do throws(Problem) {
      switch try await plane.accounts.speaker(by: request.caller) {
      case .anonymous, .system: return .members(members)
      case .person, .machine: break
      }
    } catch {
      guard error.kind == .unauthenticated else { throw error }
      return .members(members)
    }
    members[0].1 = true
    let seen = try await Scenery(plane, for: request.caller)
    members += [
      ("orgs", .array(seen.organizations.map { ["name": .string($0.organization.slug.text), "role": .string($0.role)] })),
      ("clusters", .array(seen.clusters.map { cluster($0.cluster, organizations: $0.organizations) })),
      (
        "projects",
        .array(
          seen.projects.map {
            [
              "name": .string($0.project.resource.slug.text), "cluster_name": .string($0.project.place.slug.text), "org_name": .string($0.organization),
              "role": .string($0.role),
            ]
          })
      ),
    ]
    return .members(members)
  }

  /// A cluster as the clients reach its services. Where one has no address, nobody listens there.
  private func cluster(_ cluster: Cluster?, organizations: [String]) -> JSON {
    let name = cluster?.slug.text ?? "none"
    func service(_ service: Cluster.Service) -> (String, JSON?) {
      let own = "\(plane.settings.publicURL)\(plane.settings.paths.apolo)/\(service.rawValue)/\(name)"
      return ("\(service.rawValue)_url", .string(cluster?.addresses[service] ?? own))
    }
    let services: [Cluster.Service] = [.registry, .storage, .users, .monitoring, .secrets, .disks, .buckets]
    var members: [(String, JSON?)] = [("name", .string(name)), ("orgs", .array(organizations.map { .string($0) }))]
    members += services.map(service)
    members.append(("resource_pool_types", .array(cluster?.nodePools.map(Machines.pool) ?? [])))
    members.append(("resource_presets", .array(cluster?.presets.map(Machines.preset) ?? [])))
    members.append(("location", cluster.map { .string($0.location.text) }))
    members.append(("grafana_url", cluster?.addresses[.grafana].map { .string($0) }))
    members.append(("prometheus_url", cluster?.addresses[.prometheus].map { .string($0) }))
    return .members(members)
  }
}

/// What there is for whoever asks.
private struct Scenery {
  private(set) var organizations: [(organization: Organization, role: String)] = []
  /// By name; without a cluster where the installation has none for them.
  private(set) var clusters: [(cluster: Cluster?, organizations: [String])] = []
  private(set) var projects: [(project: Project, organization: String, role: String)] = []

  init(_ plane: ControlPlane, for caller: Caller) async throws(Problem) {
    var present: [String: (cluster: Cluster?, organizations: [String])] = [:]
    for organization in try await Self.organizations(plane, of: caller) {
      let reference = organization.id.description
      let role = Roles.name(of: try await plane.organizations.open(reference, by: caller).permissions)
      organizations.append((organization, role))
      let slug = organization.slug.text
      let found = try await all { page throws(Problem) in try await plane.organizationClusters.list(in: reference, page, by: caller) }
      for tenant in found { present[tenant.cluster.slug.text, default: (tenant.cluster, [])].organizations.append(slug) }
      let seen = try await all { page throws(Problem) in try await plane.projects.list(at: nil, in: reference, page, by: caller) }
        .filter { $0.place.kind == .cluster }
      let held = try await plane.grants.held(on: seen.map(\.resource.id), in: reference, by: caller)
      // Who answers for all projects isn't in each of them.
      let otherwise = role == "user" ? "reader" : role
      projects += seen.map { ($0, slug, held[$0.resource.id].map(Roles.projectName) ?? otherwise) }
    }
    // Who belongs nowhere yet can log in all the same, and found an organization.
    if present.isEmpty {
      let beginning = try await Self.defaults(plane, for: caller)
      present = Dictionary(beginning.map { ($0.slug.text, ($0, [])) }, uniquingKeysWith: { first, _ in first })
      if present.isEmpty { present["none"] = (nil, organizations.map(\.organization.slug.text)) }
    }
    clusters = present.sorted { $0.key < $1.key }.map { ($0.value.cluster, $0.value.organizations.sorted()) }
  }

  private static func organizations(_ plane: ControlPlane, of caller: Caller) async throws(Problem) -> [Organization] {
    if case .machine(let machine) = try await plane.accounts.speaker(by: caller) {
      return [try await plane.organizations.find(machine.organization.description, by: caller)]
    }
    let own = try await all { page throws(Problem) in try await plane.organizations.list(all: false, search: nil, isOpen: true, page, by: caller) }
    // A token for one organization knows of no other.
    var found: [Organization] = []
    for organization in own {
      do throws(Problem) {
        found.append(try await plane.organizations.find(organization.id.description, by: caller))
      } catch {
        guard [.missing, .forbidden].contains(error.kind) else { throw error }
      }
    }
    return found
  }

  private static func defaults(_ plane: ControlPlane, for caller: Caller) async throws(Problem) -> [Cluster] {
    do throws(Problem) {
      return try await plane.clusters.defaults(by: caller)
    } catch {
      guard error.kind == .forbidden else { throw error }
      return []
    }
  }
}

/// Node pools and presets as Apolo describes them: cores as fractions, memory in bytes.
enum Machines {
  static func pool(_ pool: NodePool) -> JSON {
    .members(
      [
        ("name", .string(pool.name)), ("min_size", .integer(pool.sizes.lowerBound)), ("max_size", .integer(pool.sizes.upperBound)),
        ("disk_size", .integer(pool.disk)), ("is_preemptible", .boolean(pool.isPreemptible)),
      ] + shape(pool.shape))
  }

  static func preset(_ preset: ClusterPreset) -> JSON {
    .members(
      [
        ("name", .string(preset.name)), ("credits_per_hour", .string(preset.price.description)), ("scheduler_enabled", false),
        ("preemptible_node", .boolean(preset.isPreemptible)),
      ] + shape(preset.shape))
  }

  private static func shape(_ shape: MachineShape) -> [(String, JSON?)] {
    let thousandths = String(1000 + shape.millicores % 1000).dropFirst()
    let gpu: JSON? = shape.gpus == 0 ? nil : ["count": .integer(shape.gpus), "model": .string(shape.gpuModel)]
    return [("cpu", .number("\(shape.millicores / 1000).\(thousandths)")), ("memory", .integer(shape.memory)), ("nvidia_gpu", gpu)]
  }
}

extension GatewayAnswer {
  /// A text for people.
  static func plain(_ text: String) -> GatewayAnswer { GatewayAnswer(mediaType: "text/plain; charset=utf-8", body: Array(text.utf8)) }

  /// Nothing to say (204).
  static let nothing = GatewayAnswer(status: 204, mediaType: "application/json", body: [])
}
