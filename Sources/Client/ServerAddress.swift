public import Kernel

/// Where a Guildhall server is reached: scheme, host, port, and the path it lies under, if it has one.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
  public let isSecure: Bool
  /// In lower case; an IPv6 address without its brackets.
  public let host: String
  /// `nil` for the scheme's own.
  public let port: Int?
  /// Empty, or begins with a slash and doesn't end with one.
  public let path: String

  /// Reads `https://guildhall.example.org`. Without a scheme it is https, but http on this machine, where nobody listens in.
  public init(_ raw: some StringProtocol) throws(Rejection) {
    var rest = Substring(raw)
    while rest.first?.isWhitespace == true { rest.removeFirst() }
    while rest.last?.isWhitespace == true { rest.removeLast() }
    let scheme = Self.cutScheme(&rest)
    guard scheme == nil || scheme == "https" || scheme == "http" else { throw Rejection("Use an address that begins with https://, not with \(scheme ?? "")://.") }
    guard !rest.contains("@") else { throw Rejection("Leave out user name and password from the server's address; guildhall login asks for them.") }
    guard !rest.contains("?"), !rest.contains("#") else { throw Rejection("Leave out what stands behind ? or # in the server's address.") }
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    guard let (host, port) = Self.authority(rest[..<slash]) else { throw Self.unreadable(raw) }
    var path = rest[slash...]
    while path.last == "/" { path.removeLast() }
    guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw Self.unreadable(raw) }
    let isSecure = scheme.map { $0 == "https" } ?? !Self.isLoopback(host)
    self.isSecure = isSecure
    self.host = host
    self.port = port == (isSecure ? 443 : 80) ? nil : port
    self.path = String(path)
  }

  /// Whether it is this machine, so that nothing goes over a network.
  public var isLoopback: Bool { Self.isLoopback(host) }

  /// Scheme, host and port, as a `Location` on the same server begins.
  public var origin: String { "\(isSecure ? "https" : "http")://\(name)" }

  public var description: String { origin + path }

  /// Host and port, for sentences.
  public var name: String { (host.contains(":") ? "[\(host)]" : host) + (port.map { ":\($0)" } ?? "") }

  private static func cutScheme(_ rest: inout Substring) -> String? {
    guard let colon = rest.firstIndex(of: ":"), rest[colon...].hasPrefix("://") else { return nil }
    defer { rest = rest[rest.index(colon, offsetBy: 3)...] }
    return rest[..<colon].lowercased()
  }

  private static func authority(_ text: Substring) -> (host: String, port: Int?)? {
    var host = text
    var port: Int?
    let bracketEnd = text.first == "[" ? text.firstIndex(of: "]") : nil
    if text.first == "[" && bracketEnd == nil { return nil }
    if let colon = text[(bracketEnd ?? text.startIndex)...].firstIndex(of: ":") {
      guard let number = Int(text[text.index(after: colon)...]), (1...65535).contains(number) else { return nil }
      port = number
      host = text[..<colon]
    }
    if let bracketEnd {
      guard host.endIndex == text.index(after: bracketEnd) else { return nil }
      host = host.dropFirst().dropLast()
      guard host.contains(":"), host.utf8.allSatisfy({ $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") || $0.isHexDigit }) else { return nil }
    } else {
      guard host.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }) else { return nil }
      guard host.first != ".", host.first != "-", !host.contains("..") else { return nil }
    }
    return host.isEmpty || host.utf8.count > 253 ? nil : (host.lowercased(), port)
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && numbers[0] == 127 && numbers.allSatisfy { $0 != nil }
  }

  private static func unreadable(_ raw: some StringProtocol) -> Rejection {
    Rejection("\"\(raw.prefix(80))\" isn't the address of a server; give one such as https://guildhall.example.org.")
  }
}

extension UInt8 {
  fileprivate var isHexDigit: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20) }
  fileprivate var isLetterOrDigit: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
  private var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
