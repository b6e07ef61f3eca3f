import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore
import Secrets

/// What the fast lane answers, and how: with the headers, the limits, the metrics and the line in the log that the same request has on its long way through
/// `Edge`.
struct FastAnswers: Sendable {
  private let edge: Edge
  /// The operations it knows, by the end of their paths.
  private let decisions: (check: Route, checkMany: Route)
  private let charges: Route
  /// The addresses of gateways that it knows.
  private let platforms: [String: Platform]
  private let fixedHeaders: [UInt8]
  private let date = DateField()
  /// How long a connection may go without a request on the long way.
  let patience: Duration

  private struct Platform {
    let gateway: Gateway
    let route: Route
    let answer: @Sendable (GatewayRequest) -> GatewayAnswer?
  }

  /// What a request's address asks for.
  private enum Asked {
    case decision(isBatch: Bool, organization: String)
    case charge(organization: String)
    case platform(Platform, query: [(String, String)])
  }

  /// What becomes of a request.
  enum Outcome {
    case now(ByteBuffer)
    /// Somebody will be told of the answer.
    case later
    /// It is to be answered as any other request is.
    case handOn
  }

  /// A request that is being answered.
  private struct Answering: Sendable {
    let id: RequestID
    let route: Route
    let address: String
    let received: Timestamp
    let started: ContinuousClock.Instant
    let standings: [RateLimiter.Standing]
  }

  /// `nil` where it isn't to answer anything.
  init?(_ edge: Edge) {
    func route(_ endpoint: AnyEndpoint) -> Route? {
      edge.routes.match(API.base + endpoint.path.replacing("{organization}", with: "x"))?.routes[endpoint.method]
    }
    // Behind a proxy it is a header that says whose request it is; and closed for maintenance is closed.
    guard edge.configuration.trustedProxies == 0, edge.configuration.maintenance == nil, let check = route(AnyEndpoint(API.Decisions.check)),
      let checkMany = route(AnyEndpoint(API.Decisions.checkMany)), let charges = route(AnyEndpoint(API.Transfers.charge))
    else { return nil }
    self.edge = edge
    decisions = (check, checkMany)
    self.charges = charges
    platforms = edge.gateways.reduce(into: [:]) { known, gateway in
      for route in gateway.routes where route.method == .post {
        guard let answer = route.answerAtOnce, let mounted = edge.routes.match(route.path)?.routes[.post] else { continue }
        known[route.path] = Platform(gateway: gateway, route: mounted, answer: answer)
      }
    }
    patience = edge.configuration.idleTime / 2
    var headers = Response(200, "application/json", [])
    edge.security.add(to: &headers)
    fixedHeaders = headers.headers.reduce(into: []) { bytes, field in
      guard field.name != .contentLength else { return }
      bytes += Array("\(field.name.rawName): \(field.value)\r\n".utf8)
    }
  }

  /// - Parameter finish: is told of the answer where it comes later, once and on whichever thread; of `nil` where the request is to be answered as any other.
  func answer(
    _ request: PlainRequest, in buffer: ByteBuffer, from address: String, _ allocator: ByteBufferAllocator,
    then finish: @escaping @Sendable (ByteBuffer?) -> Void
  ) -> Outcome {
    let started = ContinuousClock.now
    guard request.body.count <= edge.configuration.bodyLimit, let asked = asked(request.target),
      let body = buffer.getBytes(at: buffer.readerIndex + request.body.lowerBound, length: request.body.count)
    else { return .handOn }
    let received = edge.plane.world.clock()
    let id = RequestID(milliseconds: received.milliseconds, draw: edge.plane.world.draw)
    let origin = Origin(address: address, userAgent: request.userAgent, requestID: id.description)
    func answering(_ route: Route, _ caller: Caller) -> Answering? {
      let standings = edge.limiter?.count(address, caller.credential.digest?.text, at: received) ?? []
      guard standings.allSatisfy(\.verdict.isAllowed) else { return nil }
      edge.metrics.begin()
      return Answering(id: id, route: route, address: address, received: received, started: started, standings: standings)
    }
    if case .charge(let organization) = asked {
      var caller = Caller(secret: request.bearer, from: origin)
      caller.notesUse = true
      guard let answering = answering(charges, caller) else { return .handOn }
      let isTaken = edge.plane.holds.charge(body, in: organization, by: caller) { [self] charge in
        guard let charge else {
          edge.metrics.handOn()
          return finish(nil)
        }
        finish(written(charge.body, "201 Created", location: "\(request.target)/\(charge.id)", for: answering, allocator))
      }
      if !isTaken { edge.metrics.handOn() }
      return isTaken ? .later : .handOn
    }
    guard let (route, caller, found) = found(asked, body, by: request, from: origin), let answering = answering(route, caller) else { return .handOn }
    return .now(written(found, "200 OK", for: answering, allocator))
  }

  private func written(
    _ body: [UInt8], _ status: StaticString, location: String? = nil, for request: Answering, _ allocator: ByteBufferAllocator
  ) -> ByteBuffer {
    var answer = allocator.buffer(capacity: 768 + body.count)
    answer.writeString("HTTP/1.1 ")
    answer.writeStaticString(status)
    answer.writeString("\r\n")
    answer.writeBytes(fixedHeaders)
    if let location { answer.writeString("Location: \(location)\r\n") }
    if !request.standings.isEmpty {
      var limits = HTTPFields()
      RateLimiter.describe(request.standings, in: &limits)
      for field in limits { answer.writeString("\(field.name.rawName): \(field.value)\r\n") }
    }
    answer.writeString("Content-Length: \(body.count)\r\nX-Request-Id: \(request.id.description)\r\nDate: ")
    answer.writeString(date.field(at: request.received).value)
    answer.writeString("\r\n\r\n")
    answer.writeBytes(body)
    let nanoseconds = (ContinuousClock.now - request.started).nanoseconds
    let code = status.description.hasPrefix("201") ? 201 : 200
    edge.metrics.end(method: "POST", route: request.route.template, status: code, nanoseconds: nanoseconds)
    AccessLog.write(edge.plane.world.log, request.id, request.route, code, from: request.address, bytes: body.count, nanoseconds: nanoseconds)
    return answer
  }

  private func found(
    _ asked: Asked, _ body: [UInt8], by request: PlainRequest, from origin: Origin
  ) -> (route: Route, caller: Caller, body: [UInt8])? {
    switch asked {
    case .charge: return nil
    case .decision(let isBatch, let organization):
      let caller = Caller(secret: request.bearer, from: origin)
      guard let answer = edge.plane.decisions.answerAtOnce(body, isBatch: isBatch, in: organization, by: caller) else { return nil }
      return (isBatch ? decisions.checkMany : decisions.check, caller, answer)
    case .platform(let platform, let query):
      let caller = Caller(secret: platform.gateway.secret(request.bearer), from: origin)
      let userAgent = request.userAgent
      let asked = GatewayRequest(
        caller: caller, bearer: request.bearer, query: query,
        header: { name in
          switch name.lowercased() {
          case "content-type": "application/json"
          case "user-agent": userAgent
          default: nil
          }
        }, body: body)
      // What has more to say than its body goes the long way.
      guard let answer = platform.answer(asked), answer.status == 200, answer.mediaType == "application/json", answer.headers.isEmpty else { return nil }
      return (platform.route, caller, answer.body)
    }
  }

  /// `/api/v1/organizations/{organization}/charges`, and so on, and an address of a gateway with its query.
  private func asked(_ target: String) -> Asked? {
    let start = "/api/v1/organizations/"
    guard target.utf8.starts(with: start.utf8) else {
      let end = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
      guard !platforms.isEmpty, let platform = platforms[String(target[..<end])], let query = FormText.decode(target[end...].dropFirst()) else { return nil }
      return .platform(platform, query: query)
    }
    let rest = target.utf8.dropFirst(start.utf8.count)
    guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    let organization = rest[..<slash]
    guard !organization.isEmpty, organization.allSatisfy({ $0 != UInt8(ascii: "%") }) else { return nil }
    switch rest[slash...].count {
    case "/charges".utf8.count where rest[slash...].elementsEqual("/charges".utf8): return .charge(organization: String(Substring(organization)))
    case "/decisions/check".utf8.count where rest[slash...].elementsEqual("/decisions/check".utf8):
      return .decision(isBatch: false, organization: String(Substring(organization)))
    case "/decisions/check-batch".utf8.count where rest[slash...].elementsEqual("/decisions/check-batch".utf8):
      return .decision(isBatch: true, organization: String(Substring(organization)))
    default: return nil
    }
  }
}
