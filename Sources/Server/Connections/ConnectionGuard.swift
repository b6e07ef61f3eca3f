import Contract
import Kernel
import NIOCore
import NIOHTTP1

/// Keeps a connection to what HTTP/1.1 asks (RFC 9112) where the framework doesn't: a request that can't be read is told why, one that is too slow or
/// too long is ended, `Expect: 100-continue` is answered, and what follows a refusal is read for a moment longer, so that the refusal arrives.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// How large one header field may be, the whole head, and how many fields it may have.
  static let fieldLimit = 32 << 10
  static let headLimit = 64 << 10
  static let fieldCountLimit = 128

  struct Limits: Sendable {
    var bodyLimit: Int
    /// Paths that take larger bodies, with their limits.
    var largeBodies: [String: Int] = [:]
    /// How long a head may take from its first bytes, and a body from its head.
    var headTime: Duration
    var bodyTime: Duration
    /// How long a client's last bytes are waited for when the connection is closed.
    var lingerTime = Duration.seconds(2)

    func bodyLimit(at target: String) -> Int {
      let path = target.utf8.firstIndex(of: UInt8(ascii: "?")).map { String(target[..<$0]) } ?? target
      return largeBodies[path] ?? bodyLimit
    }
  }

  /// Why a body doesn't go on: it took too long.
  struct TooSlow: Error {}

  private enum Reading { case nothing, head, body }

  private let limits: Limits
  /// Notes a request that is refused before it is one, and gives the body of the answer.
  private let refusal: @Sendable (Problem) -> (requestID: String, body: [UInt8])
  private var reading = Reading.nothing
  private var timer: Scheduled<Void>?
  private var sawPart = false
  private var bodyLength = 0
  private var bodyLimit = 0
  private var bodyIsTooLong = false
  /// Heads that were handed on, and whose answers aren't written yet.
  private var unanswered = 0
  /// Whether the connection ends after the answer to the latest head.
  private var isLast = false
  /// Whether nothing more is read.
  private var isDeaf = false
  private var waitingRefusal: Problem?
  private var isEnding = false

  /// Whether no request is being read and no answer is due, and another request may come.
  var isIdle: Bool { reading == .nothing && unanswered == 0 && !isDeaf && !isLast && !isEnding }

  init(_ limits: Limits, refusal: @escaping @Sendable (Problem) -> (requestID: String, body: [UInt8])) {
    self.limits = limits
    self.refusal = refusal
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isDeaf else { return }
    sawPart = true
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard !isLast else { return deafen() }
      guard let problem = Self.fault(of: head) else { return begin(head, context, data) }
      refuse(problem, context)
    case .body(let bytes):
      bodyLength += bytes.readableBytes
      if bodyLength > bodyLimit { bodyIsTooLong = true }
      context.fireChannelRead(data)
      // The answer is given already: nobody waits for the rest.
      if bodyIsTooLong, unanswered == 0 { end(context) }
    case .end:
      rest()
      context.fireChannelRead(data)
    }
  }

  /// A read that didn't complete a part has brought the beginning of a head. The clock starts for what didn't come whole at once, as most requests do.
  func channelReadComplete(context: ChannelHandlerContext) {
    if !sawPart, reading == .nothing, !isDeaf {
      reading = .head
      startTimer(limits.headTime, context)
    } else if reading == .body, timer == nil {
      startTimer(limits.bodyTime, context)
    }
    sawPart = false
    context.fireChannelReadComplete()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
    if reading == .body {
      // The answer is given already: nobody waits for the rest.
      if unanswered == 0 { return end(context) }
      // Whoever waits for the body hears of it, and refuses.
      isLast = true
      deafen()
      return context.fireErrorCaught(error)
    }
    guard !isDeaf else { return }
    refuse(Self.problem(of: error), context)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var head):
      if unanswered == 1, reading == .body, bodyIsTooLong { isLast = true }
      guard unanswered == 1, isLast else { return context.write(data, promise: promise) }
      head.headers.replaceOrAdd(name: "Connection", value: "close")
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body: context.write(data, promise: promise)
    case .end:
      unanswered -= 1
      guard unanswered == 0, isLast || waitingRefusal != nil else { return context.write(data, promise: promise) }
      context.writeAndFlush(data, promise: promise)
      if let problem = waitingRefusal { answer(problem, context) } else { end(context) }
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { rest() }

  func channelInactive(context: ChannelHandlerContext) {
    rest()
    context.fireChannelInactive()
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext, _ data: NIOAny) {
    rest()
    unanswered += 1
    isLast = !head.isKeepAlive || head.version == .http1_0
    bodyLength = 0
    let length = head.headers["content-length"].first
    bodyLimit = length == nil && !head.headers.contains(name: "transfer-encoding") ? limits.bodyLimit : limits.bodyLimit(at: head.uri)
    bodyIsTooLong = length.flatMap { Int($0) }.map { $0 > bodyLimit } ?? false
    reading = .body
    let expects = head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
    if expects, head.version != .http1_0, unanswered == 1, !bodyIsTooLong {
      context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
    }
    context.fireChannelRead(data)
  }

  /// Nothing is being read.
  private func rest() {
    reading = .nothing
    timer?.cancel()
    timer = nil
  }

  private func deafen() {
    rest()
    isDeaf = true
  }

  private func startTimer(_ time: Duration, _ context: ChannelHandlerContext) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(time.milliseconds)) { self.timeIsUp(context) }
  }

  private func timeIsUp(_ context: ChannelHandlerContext) {
    let wasReading = reading
    deafen()
    switch wasReading {
    case .nothing: break
    case .head: refuse(Problem(.slowRequest, "The request's head took longer than \(limits.headTime.roundedUpSeconds) seconds to arrive."), context)
    case .body where unanswered == 0: end(context)
    case .body:
      isLast = true
      context.fireErrorCaught(TooSlow())
    }
  }

  /// Answers now, or after the answers that are due before; then ends the connection.
  private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
    deafen()
    if unanswered == 0 { answer(problem, context) } else { waitingRefusal = problem }
  }

  private func answer(_ problem: Problem, _ context: ChannelHandlerContext) {
    waitingRefusal = nil
    let (requestID, body) = refusal(problem)
    let headers: HTTPHeaders = [
      "Content-Type": "application/problem+json", "Content-Length": String(body.count), "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Request-Id": requestID,
      "Connection": "close",
    ]
    context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .init(statusCode: problem.kind.status), headers: headers))), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: body)))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    end(context)
  }

  /// Says that nothing more will come, and gives the other side a moment to read it: closing at once would discard what is still on its way (RFC 9112 §9.6).
  private func end(_ context: ChannelHandlerContext) {
    deafen()
    guard !isEnding else { return }
    isEnding = true
    // What was written may take its time to a slow reader; the moment begins when it is all sent.
    let isSent = context.eventLoop.makePromise(of: Void.self)
    isSent.futureResult.assumeIsolated().whenComplete { [self] _ in
      timer = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(limits.lingerTime.milliseconds)) { context.close(promise: nil) }
    }
    context.close(mode: .output, promise: isSent)
  }

  /// What RFC 9112 has a server refuse, though it can be read: a request that doesn't say once for whom it is (§3.2).
  private static func fault(of head: HTTPRequestHead) -> Problem? {
    let hosts = head.headers["host"].count
    if hosts > 1 { return Problem(.malformed, "The request has more than one Host header; send one.") }
    if hosts == 0, head.version != .http1_0 { return Problem(.malformed, "The request has no Host header, which HTTP/1.1 needs.") }
    return nil
  }

  private static func problem(of error: HTTPParserError) -> Problem {
    switch error {
    case .headerOverflow:
      Problem(.headersTooLarge, "Address and headers together may have \(headLimit >> 10) KiB, one header \(fieldLimit >> 10) KiB, and there may be \(fieldCountLimit) of them.")
    case .invalidVersion: Problem(.malformed, "Only HTTP/1.1 and HTTP/1.0 are spoken here.")
    case .invalidMethod: Problem(.malformed, "No method of HTTP is called that; methods are written in capital letters.")
    case .invalidURL: Problem(.malformed, "The address holds characters that must be written as percent signs and hexadecimal digits.")
    case .invalidHeaderToken: Problem(.malformed, "A header holds characters that no header may hold.")
    case .invalidContentLength, .unexpectedContentLength: Problem(.malformed, "The length of the body isn't told clearly: send one Content-Length, or Transfer-Encoding, and not both.")
    case .invalidEOFState, .closedConnection: Problem(.malformed, "The request ended too early.")
    default: Problem(.malformed, "This is no request of HTTP/1.1.")
    }
  }
}
