import AsyncHTTPClient
import Contract
import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The transport over real connections, which all clients of the process share.
public struct NetworkTransport: Transport {
  /// The longest answer that is taken, in bytes.
  static let lengthLimit = 512 << 20

  public init() {}

  /// Lives as long as the process: connections are kept for the next request, and nothing has to be shut down.
  private static let connections: HTTPClient = {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.timeout = .init(connect: .seconds(10))
    // A name may stand for several addresses, the first of which is out of order.
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
  }()

  public func send(_ request: TransportRequest) async throws(TransportFailure) -> TransportAnswer {
    var outgoing = HTTPClientRequest(url: request.address)
    outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
    for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
    if let body = request.body { outgoing.body = .bytes(body) }
    do {
      let answer = try await Self.connections.execute(outgoing, timeout: .nanoseconds(request.patience.milliseconds * 1_000_000))
      let body = try await answer.body.collect(upTo: Self.lengthLimit)
      return TransportAnswer(status: Int(answer.status.code), headers: answer.headers.map { ($0.name, $0.value) }, body: Array(body.readableBytesView))
    } catch {
      throw TransportFailure(error)
    }
  }
}

extension TransportFailure {
  fileprivate init(_ error: any Error) {
    switch error {
    case is CancellationError: self = .interrupted
    case let error as HTTPClientError: self.init(error)
    case let error as NIOConnectionError:
      if error.dnsAError != nil && error.dnsAAAAError != nil && error.connectionErrors.isEmpty {
        self = .unknownHost
      } else {
        self = .unreachable(reason: error.connectionErrors.map { Self.reason(of: $0.error) }.first ?? "no connection")
      }
    case is NIOTooManyBytesError: self = .tooLong
    case let error as IOError: self = error.isLoss ? .lost : .unreachable(reason: Self.reason(of: error))
    case let error as ChannelError:
      switch error {
      case .connectTimeout: self = .unreachable(reason: "it doesn't answer")
      case .ioOnClosedChannel, .inputClosed, .eof, .alreadyClosed, .outputClosed: self = .lost
      default: self = .other(reason: "\(error)")
      }
    case is SocketAddressError: self = .unknownHost
    default:
      // The TLS library isn't ours to import; its errors are known by the module they come from.
      let type = String(reflecting: Swift.type(of: error))
      if type.hasPrefix("NIOSSL.") {
        self = "\(error)".contains("uncleanShutdown") ? .lost : .untrusted(reason: Self.reason(ofHandshake: "\(error)"))
      } else {
        self = .other(reason: "\(error)")
      }
    }
  }

  private init(_ error: HTTPClientError) {
    switch error {
    case .cancelled: self = .interrupted
    case .remoteConnectionClosed, .uncleanShutdown: self = .lost
    case .readTimeout, .writeTimeout, .deadlineExceeded: self = .timedOut
    case .connectTimeout, .getConnectionFromPoolTimeout: self = .unreachable(reason: "it doesn't answer")
    case .tlsHandshakeTimeout: self = .untrusted(reason: "it doesn't speak TLS")
    default: self = .other(reason: error.shortDescription)
    }
  }

  private static func reason(of error: any Error) -> String {
    guard let error = error as? IOError else { return "it doesn't answer" }
    switch error.errnoCode {
    case ECONNREFUSED: return "nobody listens there"
    case ENETUNREACH, EHOSTUNREACH: return "the network leads nowhere"
    case ETIMEDOUT: return "it doesn't answer"
    default: return error.localizedReason
    }
  }

  private static func reason(ofHandshake text: String) -> String {
    if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate") {
      return "its certificate isn't signed by an authority that this machine trusts, or it is for another name or has expired"
    }
    if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") { return "it doesn't speak TLS on this port; it may be an http:// address" }
    return "the TLS handshake failed"
  }
}

extension IOError {
  fileprivate var isLoss: Bool { [ECONNRESET, EPIPE, ECONNABORTED, ENOTCONN].contains(errnoCode) }
  fileprivate var localizedReason: String { "system error \(errnoCode)" }
}
