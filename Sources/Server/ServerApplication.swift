public import Contract
public import ControlPlane
import Hummingbird
public import Kernel
import Logging
import NIOCore
import Secrets
import ServiceLifecycle
import UnixSignals

/// The product as a server: the features' operations and pages and the gateways' addresses on one port, with jobs, documentation, health and metrics beside them.
public struct ServerApplication: Sendable {
  private let plane: ControlPlane
  private let configuration: ServerConfiguration
  let edge: Edge
  private let health: Health
  private let jobs: [any Job]
  private let pages: [String]
  /// Paths of operations that take more than the usual body, with their limits.
  private let largeBodies: [String: Int]

  /// Refuses to be when the operations that are bound aren't those that are declared, or when two routes have one address.
  public init(
    _ plane: ControlPlane, features: [Feature], gateways: [Gateway] = [], declared: [AnyEndpoint] = API.all,
    configuration: ServerConfiguration = ServerConfiguration(), metrics: MetricsRegistry = MetricsRegistry(), version: String = "1"
  ) throws(Problem) {
    let operations = features.flatMap(\.operations)
    let site = Site(publicURL: plane.settings.publicURL)
    let crossSite = CrossSite(site: site)
    let folder = AssetFolder(configuration.assetFolder, subfolders: ["fonts", "swagger"])
    let store = AssetStore(hasFonts: folder.holds("fonts/inter.woff2") && folder.holds("fonts/jetbrains-mono.woff2"))
    let health = Health(plane)
    let themes = ThemeCookie(site: site)
    let mounting = Mounting(crossSite: crossSite, idempotency: Idempotency(plane))
    let renderer = PageRenderer(
      plane: plane, site: site, crossSite: crossSite, tokens: FormTokens(plane.world.keys, site: site), flashes: FlashCookie(plane.world.keys, site: site), themes: themes,
      secrets: SecretCookie(plane.world.keys, site: site),
      frames: ConsoleFrames(plane: plane, assets: store.pageAssets, imprint: "Guildhall \(version)"), kept: KeptAnswers(idempotency: Idempotency(plane)))
    let documentation = DocumentationPages(
      declared, version: version, assets: store.pageAssets, starter: folder.holds("swagger/swagger-ui-bundle.js") ? store.link("api-docs.js") : nil)

    var routes = operations.map(mounting.route) + features.flatMap(\.pages).map(renderer.route)
    routes += [renderer.themeRoute] + documentation.routes + ProblemPages(declared, assets: store.pageAssets).routes
    routes += health.routes(metrics, ProcessMetrics(metrics, started: plane.world.clock())) + store.routes + OfflinePage(store: store).routes + folder.routes
    let mounts = gateways.map(GatewayMounting.init)
    routes += mounts.flatMap(\.routes)
    let table = RouteTable(routes)

    let faults = Mounting.faults(declared: declared, bound: operations.map(\.endpoint)) + mounts.flatMap(\.faults) + table.faults
    guard faults.isEmpty else { throw Problem(.defect, "The server can't start: \(faults.joined(separator: " "))") }

    self.plane = plane
    self.configuration = configuration
    self.health = health
    jobs = features.flatMap(\.jobs)
    let large = operations.map(\.endpoint).compactMap { endpoint in endpoint.bodyLimit.map { (API.base + endpoint.path, $0) } }
    largeBodies = Dictionary(large, uniquingKeysWith: max)
    pages = features.flatMap(\.pages).map { "\($0.method.rawValue) \($0.path)" }
    edge = Edge(
      plane: plane, configuration: configuration, site: site, routes: table, gateways: gateways, refusals: Refusals(site: site, assets: store.pageAssets, renderer: renderer),
      limiter: configuration.limits.map { RateLimiter($0) }, metrics: RequestMetrics(metrics), security: SecurityHeaders(site: site), themes: themes)
  }

  /// The web server alone, without jobs; `onReady` is told the port once it listens.
  public func application(onReady: @escaping @Sendable (Int) async -> Void = { _ in }) -> WebApplication {
    let limits = ConnectionGuard.Limits(bodyLimit: configuration.bodyLimit, largeBodies: largeBodies, headTime: configuration.headTime,
      bodyTime: configuration.bodyTime)
    return WebApplication(
      responder: edge, server: GuardedHTTP1.builder(idleTime: configuration.idleTime, fastAnswers: FastAnswers(edge)) { [plane, limits] in ConnectionGuard(limits) { Self.refuse($0, plane) } },
      configuration: ApplicationConfiguration(address: .hostname(configuration.host, port: configuration.port), serverName: nil), logger: plane.world.log,
      clock: plane.world.clock, onReady: onReady)
  }

  /// Notes what couldn't be read as a request, and answers the body of its refusal.
  private static func refuse(_ problem: Problem, _ plane: ControlPlane) -> (requestID: String, body: [UInt8]) {
    let id = RequestID(milliseconds: plane.world.clock().milliseconds, draw: plane.world.draw)
    plane.world.log.info("unreadable request", metadata: ["request_id": "\(id)", "status": "\(problem.kind.status)", "code": "\(problem.code.name)", "detail": "\(problem.detail)"])
    return (id.description, Refusals.bytes(of: problem, at: nil, id: id))
  }

  /// Serves until it is asked to stop: then it says that it isn't ready, waits for as long as it was told to, takes no new connections, and ends when the last
  /// answer is sent. Clients that are slower than the configuration's `drain` lose their connection.
  ///
  /// Every service has a name: the group would make one of everything a service holds, secrets too, and take a fifth of the start for it.
  public func run(onReady: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
    let holder = RequestID(milliseconds: plane.world.clock().milliseconds, draw: plane.world.draw).description
    var services = ServiceGroupConfiguration(
      services: [
        .init(service: JobRunner(plane: plane, jobs: jobs, holder: holder), serviceName: "jobs"),
        .init(service: application(onReady: onReady), serviceName: "http"),
        .init(service: FactWatching(plane: plane), serviceName: "facts"),
        .init(service: Draining(health: health, notice: configuration.notice), serviceName: "draining"),
      ],
      gracefulShutdownSignals: [.sigterm, .sigint], logger: plane.world.log)
    services.maximumGracefulShutdownDuration = configuration.notice + configuration.drain
    let group = ServiceGroup(configuration: services)
    try await group.run()
  }
}

/// Services end in the reverse order of their start, so this one, the last, hears first that the server is to stop.
private struct Draining: Service {
  let health: Health
  let notice: Duration

  func run() async throws {
    try? await gracefulShutdown()
    health.drain()
    try? await Task.sleep(for: notice)
  }
}
