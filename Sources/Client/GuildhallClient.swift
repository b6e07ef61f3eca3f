public import Contract
public import Kernel

/// Calls the operations of a Guildhall server.
///
/// What is safe to repeat is tried once more when the connection breaks or the server asks to come back in a moment; `POST` and `PATCH` carry an
/// `Idempotency-Key`, which makes them safe too. An organization that has another slug now is followed to it, once. Everything that goes wrong is a `Problem`.
public struct GuildhallClient: Sendable {
  public let server: ServerAddress
  /// Sent as a bearer token.
  public var token: String?
  /// How long one answer may take.
  public var patience: Duration
  /// Whether passwords and tokens may go unencrypted to another machine.
  public var allowsPlainHTTP: Bool
  /// The program and its version, for the server's log.
  public var agent: String
  /// Is told what the client does by itself.
  public var observer: @Sendable (ClientEvent) -> Void

  private let transport: any Transport
  private let rest: @Sendable (Duration) async -> Void

  /// The longest time that a server may ask us to wait before the second try.
  static let longestRest = Duration.seconds(20)

  public init(
    base server: ServerAddress, token: String? = nil, transport: any Transport = NetworkTransport(), patience: Duration = .seconds(60), allowsPlainHTTP: Bool = false,
    agent: String = "guildhall", rest: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) },
    observer: @escaping @Sendable (ClientEvent) -> Void = { _ in }
  ) {
    self.server = server
    self.token = token
    self.transport = transport
    self.patience = patience
    self.allowsPlainHTTP = allowsPlainHTTP
    self.agent = agent
    self.rest = rest
    self.observer = observer
  }

  /// Calls an operation and answers its output; refuses with the server's own problem.
  ///
  /// `revision` is the one that was seen: the server refuses as `stale` when the thing has changed since. With the same `idempotencyKey` a request is carried out once,
  /// however often it is sent; without one the client makes its own.
  public func call<Path: Part, Query: Part, Body: Part, Output: Part>(
    _ endpoint: Endpoint<Path, Query, Body, Output>, path: Path, query: Query, body: Body, revision: Int? = nil, idempotencyKey: String? = nil
  ) async throws(Problem) -> Output {
    var headers: [(name: String, value: String)] = []
    if let revision { headers.append(("If-Match", "\"\(revision)\"")) }
    let bytes = Body.self == Nothing.self ? nil : try WireCoding.encode(body)
    let answer = try await send(endpoint.method, to: endpoint.target(path, query), headers: headers, body: bytes, idempotencyKey: idempotencyKey)
    return try answer.value(Output.self, from: server)
  }

  /// Sends a request to an address behind the server's own, such as `/api/v1/account`, and answers what came, refusals included.
  public func send(
    _ method: Method, to target: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil, idempotencyKey: String? = nil
  ) async throws(Problem) -> TransportAnswer {
    var request = TransportRequest(method: method, address: server.description + target, headers: try fixedHeaders() + headers, body: body, patience: patience)
    if body != nil { request.headers.append(("Content-Type", "application/json")) }
    if method.takesKey { request.headers.append(("Idempotency-Key", idempotencyKey ?? Self.newKey())) }
    let answer = try await sendWithSecondTry(request)
    guard answer.status == 308, let target = answer.header("location").flatMap(sameServer) else { return answer }
    observer(.moved(to: target))
    request.address = server.origin + target
    return try await sendWithSecondTry(request)
  }

  /// Every request is safe to repeat here: `GET`, `PUT` and `DELETE` by their nature, the others by their key.
  private func sendWithSecondTry(_ request: TransportRequest) async throws(Problem) -> TransportAnswer {
    do {
      let answer = try await transport.send(request)
      guard answer.status == 503, let wait = answer.retryAfter, wait <= Self.longestRest else { return answer }
      observer(.retrying(after: wait))
      await rest(wait)
    } catch {
      guard error == .lost else { throw Problem(error, from: server) }
      observer(.retrying(after: .zero))
    }
    do { return try await transport.send(request) } catch { throw Problem(error, from: server) }
  }

  private func fixedHeaders() throws(Problem) -> [(name: String, value: String)] {
    guard server.isSecure || server.isLoopback || allowsPlainHTTP else {
      throw Problem(.plainHTTP, "\(server) isn't encrypted: everybody on the way could read your password and token. Use https://\(server.name).")
    }
    var headers = [(name: "Accept", value: "application/json"), (name: "User-Agent", value: agent)]
    if let token {
      guard !token.isEmpty, token.utf8.count <= 4096, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
        throw Problem(.unusableToken, "This isn't a token: it holds spaces, line breaks or letters outside ASCII. Copy it again, from its gld_ to its end.")
      }
      headers.append(("Authorization", "Bearer \(token)"))
    }
    return headers
  }

  /// The path of a `Location` on this server; `nil` for other servers, which must not see the token.
  private func sameServer(_ location: String) -> String? {
    if location.hasPrefix("/"), !location.hasPrefix("//") { return location }
    let origin = server.origin + "/"
    return location.hasPrefix(origin) ? String(location.dropFirst(origin.count - 1)) : nil
  }

  private static func newKey() -> String {
    var generator = SystemRandomNumberGenerator()
    return Hex.encode((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
  }
}

/// What a client does without being asked.
public enum ClientEvent: Sendable, Hashable {
  /// The first try failed; the second begins after a pause.
  case retrying(after: Duration)
  /// The thing is found at another address now, and was asked for there.
  case moved(to: String)
}
