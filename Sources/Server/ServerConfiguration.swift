/// What an operator sets about the server itself, once, before the start.
public struct ServerConfiguration: Sendable {
  /// Where to listen; port 0 lets the system choose.
  public var host: String
  public var port: Int
  /// How many proxies in front of the server add to `X-Forwarded-For`; with 0 the header is not believed.
  public var trustedProxies: Int
  /// The largest body that is read, in bytes.
  public var bodyLimit: Int
  /// `nil` lets everybody ask as often as they like.
  public var limits: RateLimits?
  /// The folder with the fonts and the documentation's scripts, which are installed and not compiled in.
  public var assetFolder: String?
  /// How long a server that was asked to stop still takes requests while it already says that it isn't ready.
  public var notice: Duration
  /// How long the answers that are under way may take after that; container orchestrators mostly kill after 30 seconds.
  public var drain: Duration
  /// How long a connection may lie idle.
  public var idleTime: Duration
  /// How long the head of a request may take from its first bytes, and its body from its head.
  public var headTime: Duration
  public var bodyTime: Duration
  /// What visitors read instead of everything else while the installation is being worked on; `nil` while it is open.
  public var maintenance: String?

  public init(
    host: String = "127.0.0.1", port: Int = 8080, trustedProxies: Int = 0, bodyLimit: Int = 1 << 20, limits: RateLimits? = RateLimits(), assetFolder: String? = nil,
    notice: Duration = .zero, drain: Duration = .seconds(20), idleTime: Duration = .seconds(75), headTime: Duration = .seconds(20), bodyTime: Duration = .seconds(60),
    maintenance: String? = nil
  ) {
    self.host = host
    self.port = port
    self.trustedProxies = trustedProxies
    self.bodyLimit = bodyLimit
    self.limits = limits
    self.assetFolder = assetFolder
    self.notice = notice
    self.drain = drain
    self.idleTime = idleTime
    self.headTime = headTime
    self.bodyTime = bodyTime
    self.maintenance = maintenance
  }
}

/// The installation as its visitors see it: what follows from its public address.
struct Site: Sendable {
  /// `https://guildhall.example.org`, without a slash at the end.
  let publicURL: String

  /// Scheme, host and port, as browsers write it in `Origin`.
  var origin: String {
    let schemeEnd = publicURL.range(ofText: "://")?.upperBound ?? publicURL.startIndex
    return String(publicURL[..<(publicURL[schemeEnd...].firstIndex(of: "/") ?? publicURL.endIndex)]).lowercased()
  }

  var isSecure: Bool { publicURL.lowercased().hasPrefix("https://") }

  /// `__Host-` binds a cookie to this host over https (RFC 6265bis §4.1.3.2); plain http can't have it.
  func cookieName(_ name: String) -> String { isSecure ? "__Host-\(name)" : name }
}

extension String {
  fileprivate func range(ofText part: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
      start = index(after: start)
    }
    return nil
  }
}
