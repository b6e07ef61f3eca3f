import Contract
import ControlPlane
import HTTPTypes
public import Hummingbird
import Kernel
import Logging

/// The way of every request: named and placed, counted against the limits, routed, answered or refused, and noted in log and metrics.
public struct Edge: HTTPResponder {
  public typealias Context = EdgeContext

  let plane: ControlPlane
  let configuration: ServerConfiguration
  let site: Site
  let routes: RouteTable
  let gateways: [Gateway]
  let refusals: Refusals
  let limiter: RateLimiter?
  let metrics: RequestMetrics
  let security: SecurityHeaders
  let themes: ThemeCookie

  public func respond(to request: Request, context: EdgeContext) async throws -> Response {
    let started = ContinuousClock.now
    metrics.begin()
    var exchange = receive(request, context)
    let match = routes.match(exchange.path)
    let route = exchange.contractMethod.flatMap { match?.routes[$0] }
    if let match, let route { exchange.parameters = match.parameters(of: route) }

    var (response, problem) = await answer(exchange, match, route)
    if exchange.caller.credentialIsGiven, problem?.kind != .unauthenticated, route?.isLimited == true { await plane.sessions.touch(by: exchange.caller) }

    response.headers.append(HTTPField(name: .requestID, value: exchange.id.description))
    security.add(to: &response)
    let bytes = response.body.contentLength
    if exchange.method == .head { response = response.createHeadResponse() }

    let nanoseconds = (ContinuousClock.now - started).nanoseconds
    let status = response.status.code
    metrics.end(method: exchange.contractMethod == nil ? "other" : exchange.method.rawValue, route: route?.template ?? "none", status: status, nanoseconds: nanoseconds)
    AccessLog.write(exchange, route: route, status: status, bytes: bytes, nanoseconds: nanoseconds, problem: problem)
    return response
  }

  private func receive(_ request: Request, _ context: EdgeContext) -> Exchange {
    let received = plane.world.clock()
    let id = request.headers[.requestID].flatMap(RequestID.init(given:)) ?? RequestID(milliseconds: received.milliseconds, draw: plane.world.draw)
    let trace = request.headers[.traceParent].flatMap(TraceParent.init)
    let address = ClientAddress.of(peer: context.peer, forwarded: request.headers[values: .forwardedFor], trustedProxies: configuration.trustedProxies)
    let origin = Origin(address: address, userAgent: request.headers[.userAgent] ?? "", requestID: id.description)
    var credential = Credential(of: request.headers, cookie: site.cookieName("guildhall"))
    if let gateway = gateways.first(where: { $0.holds(request.uri.path) }) { credential = credential.unwrapped(by: gateway) }
    var caller = credential.caller(from: origin)
    caller.notesUse = true
    return Exchange(
      request: request, id: id, trace: trace, received: received, credential: credential, caller: caller, bodyLimit: configuration.bodyLimit,
      log: plane.world.log)
  }

  private func answer(_ exchange: Exchange, _ match: RouteTable.Match?, _ route: Route?) async -> (Response, Problem?) {
    let standings = route?.isLimited == false ? [] : limiter?.count(exchange) ?? []
    var response: Response
    var refused: Problem?
    do throws(Problem) {
      try RateLimiter.check(standings)
      // What styles the page that says so is served on, and the server's health.
      if let words = configuration.maintenance, route?.isLimited != false { throw Problem(.maintenance, words, retryAfter: .seconds(60)) }
      response = try await find(exchange, match, route).answer(exchange)
    } catch {
      refused = error
      response = await refusals.answer(error, to: exchange, for: route?.audience ?? audience(of: exchange), theme: themes.read(exchange.request.headers))
      if error.kind == .unsupportedMethod, let match { response.headers[.allow] = match.allowed.joined(separator: ", ") }
    }
    RateLimiter.describe(standings, in: &response.headers)
    return (response, refused)
  }

  private func find(_ exchange: Exchange, _ match: RouteTable.Match?, _ route: Route?) throws(Problem) -> Route {
    if let route { return route }
    if let match { throw Problem(.unsupportedMethod, "This address takes \(match.allowed.joined(separator: ", ")).") }
    if exchange.path.hasSuffix("/"), audience(of: exchange).isPerson, exchange.isSafe, let trimmed = exchange.withoutLastSlash, routes.match(trimmed) != nil {
      return Route(.get, "none", for: .person) { exchange in .moved(308, to: exchange.request.uri.query.map { "\(trimmed)?\($0)" } ?? trimmed) }
    }
    throw Problem(.missing, "There is nothing at this address.")
  }

  /// Who an address without a route would have been for.
  private func audience(of exchange: Exchange) -> Route.Audience {
    if let gateway = gateways.first(where: { $0.holds(exchange.path) }) { return .platform(gateway) }
    return exchange.path == "/api" || exchange.path.hasPrefix("/api/") ? .program : .person
  }
}

extension Exchange {
  /// A page's address with a slash too many leads on; an operation's is none.
  fileprivate var withoutLastSlash: String? {
    let trimmed = String(path.dropLast())
    return trimmed.isEmpty || trimmed.hasPrefix("//") ? nil : trimmed
  }
}

extension Caller {
  fileprivate var credentialIsGiven: Bool { credential.digest != nil }
}

extension Duration {
  var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
