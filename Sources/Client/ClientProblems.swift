public import Kernel

// What goes wrong before a server's word arrives, or makes no sense when it does.
extension Problem.Code {
  public static let noConnection = Self("client.no_connection", .unavailable, "No connection")
  public static let untrustedServer = Self("client.untrusted_server", .unavailable, "The server can't prove who it is")
  public static let timedOut = Self("client.timed_out", .unavailable, "No answer in time")
  public static let notGuildhall = Self("client.not_guildhall", .malformed, "Not a Guildhall server")
  public static let newerServer = Self("client.newer_server", .malformed, "An answer that isn't understood")
  public static let plainHTTP = Self("client.plain_http", .invalid, "Not encrypted")
  public static let unusableToken = Self("client.unusable_token", .unauthenticated, "Not a token")
  public static let interrupted = Self("client.interrupted", .unavailable, "Interrupted")
}

/// Which request a refusal answers: the `cause` of problems that came over the network.
public struct RefusedRequest: Error, Sendable, Hashable {
  /// For the operator to find the request in the log.
  public let requestID: String?
  public let status: Int
}

extension Problem {
  /// For the operator to find the request in the log; `nil` where no server has answered.
  public var requestID: String? { (cause as? RefusedRequest)?.requestID }

  init(_ failure: TransportFailure, from server: ServerAddress) {
    let name = server.name
    switch failure {
    case .unknownHost: self.init(.noConnection, "There is no host \(server.host). Look at the spelling of the address, and at your connection.", cause: failure)
    case .unreachable(let reason):
      self.init(.noConnection, "\(name) can't be reached: \(reason). Is the server running, and is the address right?", cause: failure)
    case .lost: self.init(.noConnection, "The connection to \(name) broke before the answer was there. Look whether it was done before you try again.", cause: failure)
    case .timedOut: self.init(.timedOut, "\(name) didn't answer in time. Look whether it was done before you try again.", cause: failure)
    case .untrusted(let reason): self.init(.untrustedServer, "No safe connection to \(name): \(reason). Ask its operator; nothing was sent.", cause: failure)
    case .tooLong: self.init(.notGuildhall, "The answer of \(name) is longer than 64 MB. Ask for less at once.", cause: failure)
    case .interrupted: self.init(.interrupted, "Interrupted.", cause: failure)
    case .other(let reason): self.init(.noConnection, "The request to \(name) failed: \(reason).", cause: failure)
    }
  }
}
