import Foundation
public import Kernel

/// Which mail server takes our mails, how it is reached, and who sends them.
public struct SMTPConfiguration: Sendable {
  public let host: String
  public let port: Int
  public let encryption: Encryption
  public let sender: Mailbox
  /// Where answers go, if not to the sender.
  public let replyTo: Mailbox?
  /// A PEM file with the authorities to trust in place of the system's.
  public let authorities: String?
  /// How long a connection may take to come about.
  public var connectTimeout = Duration.seconds(10)
  /// How long a whole message may take, its connection included.
  public var timeout = Duration.seconds(60)
  /// How many connections may be open at once.
  public var connections = 4
  /// How many mails may wait for a connection; more are refused as `unavailable`.
  public var queueLimit = 1000
  /// How long a connection without mails is kept for the next.
  public var linger = Duration.seconds(5)

  let user: String
  let password: String

  /// How the connection is kept from being read.
  public enum Encryption: String, Sendable, CaseIterable {
    /// TLS from the first byte (`smtps://`, RFC 8314).
    case implicit
    /// STARTTLS (RFC 3207) or nothing.
    case required
    /// STARTTLS where it is offered, whatever the certificate: keeps out listeners, not attackers.
    case opportunistic
    case none
  }

  /// Reads `smtp://user:password@host:port?tls=required&ca=/path/file.pem` or `smtps://…`.
  /// A sign in the password that means something in addresses is written `%40` and so on.
  ///
  /// Without `tls`, STARTTLS is required, except to this machine itself. Without a port, it is 587, or 465 for `smtps`.
  /// `sender` and `replyTo` are `ada@example.org` or `Ada Lovelace <ada@example.org>`.
  /// Refuses as `invalid` with one sentence that never holds the password.
  public init(address: String, sender: String, replyTo: String? = nil) throws(Problem) {
    let reject = { (reason: String) in Problem.invalid("smtp", reason) }
    guard let parts = URLComponents(string: address), let scheme = parts.scheme?.lowercased(), scheme == "smtp" || scheme == "smtps" else {
      throw reject("The mail server's address has to look like smtp://user:password@mail.example.org:587.")
    }
    guard let host = parts.host.map({ $0.trimmingCharacters(in: ["[", "]"]) }), !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw reject("The mail server's address lacks a host name, as in smtp://mail.example.org:587.")
    }
    let port = parts.port ?? (scheme == "smtps" ? 465 : 587)
    guard (1...65535).contains(port), parts.path.isEmpty || parts.path == "/", parts.fragment == nil else {
      throw reject("Behind its port, the mail server's address may only have ?tls= and &ca=; write signs such as / and # in a password as %2F and %23.")
    }
    var options: [String: String] = [:]
    for item in parts.queryItems ?? [] {
      guard ["tls", "ca"].contains(item.name), let value = item.value, !value.isEmpty, options.updateValue(value, forKey: item.name) == nil else {
        throw reject("The mail server's address may have the options tls and ca, each once, with a value.")
      }
    }
    let isLocal = Self.isLoopback(host)
    switch (scheme, options["tls"]) {
    case ("smtps", nil), ("smtps", "required"): encryption = .implicit
    case ("smtps", _): throw reject("smtps:// always encrypts; write smtp:// to choose tls=opportunistic or tls=none.")
    case (_, nil): encryption = isLocal ? .none : .required
    case (_, "required"): encryption = .required
    case (_, "opportunistic"): encryption = .opportunistic
    case (_, "none"): encryption = .none
    default: throw reject("The option tls of the mail server's address is required, opportunistic or none.")
    }
    user = parts.user ?? ""
    password = parts.password ?? ""
    guard (user + password).unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      throw reject("The mail server's user name and password can't hold control characters.")
    }
    guard user.isEmpty == password.isEmpty else { throw reject("The mail server's address needs both a user name and a password, or neither.") }
    guard user.isEmpty || isLocal || encryption == .required || encryption == .implicit else {
      throw reject("The mail server's password would cross the network unencrypted; use tls=required.")
    }
    if let file = options["ca"], !FileManager.default.isReadableFile(atPath: file) {
      throw reject("The file \(file) with the mail server's authorities can't be read.")
    }
    authorities = options["ca"]
    self.host = host
    self.port = port
    self.sender = try Problem.checking("mail_from") { () throws(Rejection) in try Mailbox(sender) }
    self.replyTo = if let replyTo { try Problem.checking("mail_reply_to") { () throws(Rejection) in try Mailbox(replyTo) } } else { nil }
  }

  private static func isLoopback(_ host: String) -> Bool {
    host.lowercased() == "localhost" || host == "::1" || host.wholeMatch(of: /127\.\d{1,3}\.\d{1,3}\.\d{1,3}/) != nil
  }
}

extension SMTPConfiguration: CustomStringConvertible, CustomReflectable {
  /// Without the password.
  public var description: String { "\(host):\(port), TLS \(encryption.rawValue)\(user.isEmpty ? "" : ", as \(user)"), from \(sender.address)" }
  public var customMirror: Mirror { Mirror(self, children: ["server": description]) }
}

/// A person or service that mails come from: an address, and the name beside it.
public struct Mailbox: Sendable, Hashable {
  public let name: String?
  public let address: EmailAddress

  public init(name: String?, address: EmailAddress) {
    self.name = name
    self.address = address
  }

  /// Reads `ada@example.org` or `Ada Lovelace <ada@example.org>`.
  public init(_ text: String) throws(Rejection) {
    guard let opening = text.lastIndex(of: "<"), text.last == ">" else {
      self.init(name: nil, address: try EmailAddress(text))
      return
    }
    let address = try EmailAddress(text[text.index(after: opening)...].dropLast())
    let name = text[..<opening]
    self.init(name: name.allSatisfy(\.isWhitespace) ? nil : try DisplayName(name).text, address: address)
  }
}
