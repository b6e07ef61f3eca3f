import Contract
import ControlPlane
import HTTPTypes
public import Hummingbird
import Kernel
import Logging
import NIOCore

/// What Hummingbird hands over with a request: here, the connection's other end.
public struct EdgeContext: RequestContext {
  public var coreContext: CoreRequestContextStorage
  let peer: String

  public init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    peer = source.channel.remoteAddress?.ipAddress ?? ""
  }
}

/// One request on its way to its answer, with what the edge has found out about it.
struct Exchange: Sendable {
  let request: Request
  let id: RequestID
  let trace: TraceParent?
  let received: Timestamp
  let credential: Credential
  let caller: Caller
  let bodyLimit: Int
  let log: Logger
  /// The parameters of the path, once a route is found.
  var parameters: [(String, String)] = []

  var method: HTTPRequest.Method { request.method }
  var path: String { request.uri.path }
  /// HEAD is answered like GET, and its body is dropped in the end.
  var contractMethod: Method? { method == .head ? .get : Method(rawValue: method.rawValue) }
  var isSafe: Bool { method == .get || method == .head }

  /// The log, with what names the request on every line.
  var logger: Logger {
    var logger = log
    logger[metadataKey: "request_id"] = "\(id)"
    if let trace { logger[metadataKey: "trace_id"] = "\(trace.trace)" }
    return logger
  }

  func parameter(_ name: String) -> String { parameters.first { $0.0 == name }?.1 ?? "" }

  /// The path with its query, as a page comes back to it.
  var location: String { request.uri.query.map { "\(path)?\($0)" } ?? path }

  /// The pairs of the query; refuses what isn't written as a query is.
  func query() throws(Problem) -> [(String, String)] {
    guard let text = request.uri.query else { return [] }
    guard let pairs = FormText.decode(text) else { throw Problem(.malformed, "The query of the address can't be read.") }
    return pairs
  }

  /// "8 MiB"; bytes where it is no whole number of a unit.
  private static func size(_ bytes: Int) -> String {
    for (size, name) in [(1 << 20, "MiB"), (1 << 10, "KiB")] where bytes >= size && bytes.isMultiple(of: size) { return "\(bytes / size) \(name)" }
    return "\(bytes) bytes"
  }

  /// The whole body; refuses as too large what goes beyond the limit (the usual one unless told), before reading it where its length is told.
  func body(upTo limit: Int? = nil) async throws(Problem) -> [UInt8] {
    let bodyLimit = limit ?? self.bodyLimit
    let tooLarge = Problem(.tooLarge, "Send at most \(Self.size(bodyLimit)) at once.")
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > bodyLimit { throw tooLarge }
    do {
      let buffer = try await request.body.collect(upTo: bodyLimit)
      return Array(buffer.readableBytesView)
    } catch is NIOTooManyBytesError {
      throw tooLarge
    } catch is ConnectionGuard.TooSlow {
      throw Problem(.slowRequest, "The request's body took too long to arrive.")
    } catch {
      throw Problem(.malformed, "The body ended too early.", cause: error)
    }
  }
}

extension Response {
  /// An answer with a whole body.
  init(_ status: Int, _ mediaType: String, _ bytes: [UInt8], _ headers: HTTPFields = [:]) {
    var headers = headers
    headers[.contentType] = mediaType
    self.init(status: HTTPResponse.Status(code: status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// On to another address of ours.
  static func moved(_ status: Int, to location: String) -> Response { Response(status: HTTPResponse.Status(code: status), headers: [.location: location]) }
}
