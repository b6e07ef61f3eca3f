public import Contract

/// Carries one request to a server and its answer back; knows nothing of what they say.
public protocol Transport: Sendable {
  func send(_ request: TransportRequest) async throws(TransportFailure) -> TransportAnswer
}

public struct TransportRequest: Sendable {
  public var method: Method
  public var address: String
  public var headers: [(name: String, value: String)]
  /// `nil` where there is nothing to say.
  public var body: [UInt8]?
  /// How long the whole answer may take.
  public var patience: Duration

  public init(method: Method, address: String, headers: [(name: String, value: String)], body: [UInt8]?, patience: Duration) {
    self.method = method
    self.address = address
    self.headers = headers
    self.body = body
    self.patience = patience
  }
}

public struct TransportAnswer: Sendable {
  public var status: Int
  public var headers: [(name: String, value: String)]
  public var body: [UInt8]

  public init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  /// The first value of a header, whose name is compared without case.
  public func header(_ name: String) -> String? {
    let name = name.lowercased()
    return headers.first { $0.name.lowercased() == name }?.value
  }

  /// The media type without its parameters, in lower case.
  public var mediaType: String {
    let value = header("content-type") ?? ""
    return value.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
  }

  /// For the operator to find the request in the log.
  public var requestID: String? { header("x-request-id") }

  /// The seconds of `Retry-After`; its other form, a date, isn't read.
  public var retryAfter: Duration? { header("retry-after").flatMap { Int($0) }.flatMap { $0 >= 0 ? .seconds($0) : nil } }
}

/// Why no answer came.
public enum TransportFailure: Error, Sendable, Hashable {
  /// The name of the host isn't known.
  case unknownHost
  /// Nobody listens there, or the network leads nowhere.
  case unreachable(reason: String)
  /// The connection broke before the answer was there: the request may have been carried out.
  case lost
  /// Nothing in the time allowed.
  case timedOut
  /// The server couldn't prove who it is.
  case untrusted(reason: String)
  /// More bytes than are taken.
  case tooLong
  case interrupted
  case other(reason: String)
}
