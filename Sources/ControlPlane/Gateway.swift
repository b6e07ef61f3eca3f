public import Contract
public import Kernel

/// What lets another platform's unmodified clients use the same core: it turns their requests into use cases and the answers back.
///
/// It decides nothing and remembers nothing.
public struct Gateway: Sendable {
  /// One word, for logs: `zenml`.
  public let name: String
  /// Where its addresses begin, each without a slash at the end: whatever lies below and is no route is refused in the platform's manner.
  public let bases: [String]
  public let routes: [GatewayRoute]
  /// The secret of ours that a credential of the platform's form wraps; the text itself where it wraps none.
  public let secret: @Sendable (String) -> String
  /// How the platform's clients are told of a refusal; without a request where it couldn't be read as one.
  public let refusal: @Sendable (Problem, GatewayRequest?) -> GatewayAnswer
  /// How the platform's clients are pointed here, for the page that says so.
  public let guide: ClientGuide?

  public init(
    _ name: String, bases: [String], routes: [GatewayRoute], guide: ClientGuide? = nil, secret: @escaping @Sendable (String) -> String = { $0 },
    refusal: @escaping @Sendable (Problem, GatewayRequest?) -> GatewayAnswer
  ) {
    self.name = name
    self.bases = bases
    self.routes = routes
    self.secret = secret
    self.refusal = refusal
    self.guide = guide
  }

  /// Whether an address lies below one of its bases.
  public func holds(_ path: String) -> Bool {
    bases.contains { base in path.hasPrefix(base) && (path.utf8.count == base.utf8.count || path.utf8.dropFirst(base.utf8.count).first == UInt8(ascii: "/")) }
  }
}

/// One address of a platform's API, and what is done there.
public struct GatewayRoute: Sendable {
  public let method: Method
  /// Whole, with parameters in braces: `/zenml/api/v1/organizations/{organization}`.
  public let path: String
  /// The same as `answer` where that needs nothing but what is in memory, and without waiting for anything; `nil` for everything else. Asked for paths without
  /// parameters.
  public let answerAtOnce: (@Sendable (GatewayRequest) -> GatewayAnswer?)?
  public let answer: @Sendable (GatewayRequest) async throws(Problem) -> GatewayAnswer

  public init(
    _ method: Method, _ path: String, atOnce answerAtOnce: (@Sendable (GatewayRequest) -> GatewayAnswer?)? = nil,
    _ answer: @escaping @Sendable (GatewayRequest) async throws(Problem) -> GatewayAnswer
  ) {
    self.method = method
    self.path = path
    self.answerAtOnce = answerAtOnce
    self.answer = answer
  }

  /// The same address below another.
  public func below(_ base: String) -> GatewayRoute { GatewayRoute(method, base + path, atOnce: answerAtOnce, answer) }
}

/// A request of a platform's client. Cookies never count here: it comes from a bearer or from nobody, so no other site can make a browser send it.
public struct GatewayRequest: Sendable {
  public let caller: Caller
  /// The bearer's credential as it was sent.
  public let bearer: String?
  public let path: [(String, String)]
  /// In the order of the address; names may be repeated.
  public let query: [(String, String)]
  /// The value of a header, whatever case its name is written in.
  public let header: @Sendable (String) -> String?
  public let body: [UInt8]

  public init(
    caller: Caller, bearer: String? = nil, path: [(String, String)] = [], query: [(String, String)] = [],
    header: @escaping @Sendable (String) -> String? = { _ in nil }, body: [UInt8] = []
  ) {
    self.caller = caller
    self.bearer = bearer
    self.path = path
    self.query = query
    self.header = header
    self.body = body
  }

  /// A parameter of the path; empty where the route has none of this name.
  public func parameter(_ name: String) -> String { path.first { $0.0 == name }?.1 ?? "" }

  /// The media type of the body, without its parameters and in lower case (RFC 9110 §8.3).
  public var mediaType: String? {
    header("content-type").map { text in String(text.prefix { $0 != ";" && $0 != " " }).lowercased() }
  }
}

/// What a platform's client is answered.
public struct GatewayAnswer: Sendable, Hashable {
  public let status: Int
  public let mediaType: String
  public let body: [UInt8]
  /// Beside the usual ones.
  public var headers: [Header] = []

  public struct Header: Sendable, Hashable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public init(status: Int = 200, mediaType: String, body: [UInt8], headers: [Header] = []) {
    self.status = status
    self.mediaType = mediaType
    self.body = body
    self.headers = headers
  }

  /// JSON, as nearly everything is.
  public static func json(_ value: JSON, status: Int = 200) -> GatewayAnswer {
    GatewayAnswer(status: status, mediaType: "application/json", body: Array(value.compact.utf8))
  }

  /// On to another address (303).
  public static func moved(to location: String) -> GatewayAnswer {
    GatewayAnswer(status: 303, mediaType: "text/plain; charset=utf-8", body: [], headers: [Header("location", location)])
  }
}
