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
  private let routes: (check: Route, checkMany: Route)
  private let fixedHeaders: [UInt8]
  private let date = DateField()
  /// How long a connection may go without a request on the long way.
  let patience: Duration

  /// `nil` where it isn't to answer anything.
  init?(_ edge: Edge) {
    func route(_ endpoint: AnyEndpoint) -> Route? {
      edge.routes.match(API.base + endpoint.path.replacing("{organization}", with: "x"))?.routes[endpoint.method]
    }
    // Behind a proxy it is a header that says whose request it is; and closed for maintenance is closed.
    guard edge.configuration.trustedProxies == 0, edge.configuration.maintenance == nil, let check = route(AnyEndpoint(API.Decisions.check)),
      let checkMany = route(AnyEndpoint(API.Decisions.checkMany))
    else { return nil }
    self.edge = edge
    routes = (check, checkMany)
    patience = edge.configuration.idleTime / 2
    var headers = Response(200, "application/json", [])
    edge.security.add(to: &headers)
    fixedHeaders = headers.headers.reduce(into: []) { bytes, field in
      guard field.name != .contentLength else { return }
      bytes += Array("\(field.name.rawName): \(field.value)\r\n".utf8)
    }
  }

  func answer(_ request: PlainRequest, in buffer: ByteBuffer, from address: String, _ allocator: ByteBufferAllocator) -> ByteBuffer? {
    let started = ContinuousClock.now
    guard let (route, organization) = find(request.target) else { return nil }
    let plane = edge.plane
    let received = plane.world.clock()
    let id = RequestID(milliseconds: received.milliseconds, draw: plane.world.draw)
    let caller = Caller(secret: request.bearer, from: Origin(address: address, userAgent: request.userAgent, requestID: id.description))
    guard let bytes = buffer.getBytes(at: buffer.readerIndex + request.body.lowerBound, length: request.body.count), bytes.count <= edge.configuration.bodyLimit,
      let body = plane.decisions.answerAtOnce(bytes, isBatch: route.template == routes.checkMany.template, in: organization, by: caller)
    else { return nil }
    let standings = edge.limiter?.count(address, caller.credential.digest?.text, at: received) ?? []
    guard standings.allSatisfy(\.verdict.isAllowed) else { return nil }
    edge.metrics.begin()
    var answer = allocator.buffer(capacity: 768 + body.count)
    answer.writeString("HTTP/1.1 200 OK\r\n")
    answer.writeBytes(fixedHeaders)
    if !standings.isEmpty {
      var limits = HTTPFields()
      RateLimiter.describe(standings, in: &limits)
      for field in limits { answer.writeString("\(field.name.rawName): \(field.value)\r\n") }
    }
    answer.writeString("Content-Length: \(body.count)\r\nX-Request-Id: \(id.description)\r\nDate: ")
    answer.writeString(date.field(at: received).value)
    answer.writeString("\r\n\r\n")
    answer.writeBytes(body)
    let nanoseconds = (ContinuousClock.now - started).nanoseconds
    edge.metrics.end(method: "POST", route: route.template, status: 200, nanoseconds: nanoseconds)
    AccessLog.write(plane.world.log, id, route, from: address, bytes: body.count, nanoseconds: nanoseconds)
    return answer
  }

  /// `/api/v1/organizations/{organization}/decisions/check`, and the organization.
  private func find(_ target: String) -> (Route, String)? {
    let start = "/api/v1/organizations/"
    guard target.utf8.starts(with: start.utf8) else { return nil }
    let rest = target.utf8.dropFirst(start.utf8.count)
    guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    let organization = rest[..<slash]
    guard !organization.isEmpty, organization.allSatisfy({ $0 != UInt8(ascii: "%") }) else { return nil }
    switch rest[slash...].count {
    case "/decisions/check".utf8.count where rest[slash...].elementsEqual("/decisions/check".utf8): return (routes.check, String(Substring(organization)))
    case "/decisions/check-batch".utf8.count where rest[slash...].elementsEqual("/decisions/check-batch".utf8):
      return (routes.checkMany, String(Substring(organization)))
    default: return nil
    }
  }
}
