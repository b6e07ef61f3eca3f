import ControlPlane
import HTTPTypes
import Hummingbird
import Secrets

/// How a request says who it comes from; whether that holds is found out in the transaction that acts.
enum Credential: Sendable, Equatable {
  case none
  /// From the `Authorization` header: no browser sends it by itself.
  case bearer(String)
  /// From the session cookie: a browser sends it with every request, so where it came from must be checked.
  case session(String)

  init(of headers: HTTPFields, cookie name: String) {
    let given = headers[values: .authorization]
    if !given.isEmpty {
      // More than one never hold.
      let header = given.count == 1 ? given[0] : given.joined(separator: ", ")
      // Another scheme is a credential too: one that never holds.
      let isBearer = header.utf8.prefix(7).elementsEqual("bearer ".utf8) { $0 | 0x20 == $1 }
      self = .bearer(isBearer ? header.dropFirst(7).trimmingSpaces : header)
    } else if let secret = Cookies.value(of: name, in: headers), !secret.isEmpty {
      self = .session(secret)
    } else {
      self = .none
    }
  }

  /// Who the request claims to come from. A cookie holds a session and nothing else: a token or a key in its place opens nothing.
  func caller(from origin: Origin) -> Caller {
    switch self {
    case .none: Caller(.none, from: origin)
    case .bearer(let secret): Caller(secret: secret, from: origin)
    case .session(let secret): Caller(.session(SHA256Digest(of: secret)), from: origin)
    }
  }

  var secret: String? {
    switch self {
    case .none: nil
    case .bearer(let secret), .session(let secret): secret
    }
  }
}

/// Cookies as they are sent (RFC 6265 §5.4): the first of a name counts.
enum Cookies {
  static func value(of name: String, in headers: HTTPFields) -> String? {
    for header in headers[values: .cookie] {
      for pair in header.split(separator: ";") {
        let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if halves.count == 2, halves[0].trimmingSpaces == name { return halves[1].trimmingSpaces }
      }
    }
    return nil
  }

  /// The header that sets a cookie no script can read; with `nil`, that ends it.
  static func setting(_ name: String, to value: String?, isSecure: Bool, lasting: Duration? = nil) -> String {
    var header = "\(name)=\(value ?? ""); Path=/; HttpOnly; SameSite=Lax"
    if isSecure { header += "; Secure" }
    if value == nil { header += "; Max-Age=0" } else if let lasting { header += "; Max-Age=\(lasting.components.seconds)" }
    return header
  }
}

extension StringProtocol {
  var trimmingSpaces: String {
    var rest = Substring(self).utf8
    while let first = rest.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") { rest.removeFirst() }
    while let last = rest.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { rest.removeLast() }
    return String(Substring(rest))
  }
}
