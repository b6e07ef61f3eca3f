import Contract
public import Kernel

extension TransportAnswer {
  var isSuccess: Bool { (200..<300).contains(status) }

  private var isJSON: Bool { mediaType == "application/json" || mediaType.hasSuffix("+json") }

  /// The value of an answer that isn't a refusal.
  func value<Output: Codable>(_ type: Output.Type, from server: ServerAddress) throws(Problem) -> Output {
    guard isSuccess else { throw problem(from: server) }
    if let nothing = Nothing() as? Output { return nothing }
    guard isJSON else { throw notGuildhall(server) }
    do {
      return try WireCoding.decode(type, from: body, unknownFields: .ignored)
    } catch {
      let place = error.faults.first.map { " (\($0.field.isEmpty ? "the whole" : $0.field): \($0.detail))" } ?? ""
      throw Problem(
        .newerServer, "\(server.name) answered something that this version doesn't understand\(place). It may be newer: update guildhall.", cause: trace)
    }
  }

  /// The refusal that this answer tells.
  public func problem(from server: ServerAddress) -> Problem {
    if isJSON, let details = try? WireCoding.decode(Wire.ProblemDetails.self, from: body, unknownFields: .ignored) {
      let faults = (details.errors ?? []).map { FieldFault($0.pointer.fieldName, $0.detail) }
      let trace = RefusedRequest(requestID: details.requestId ?? requestID, status: status)
      return Problem(Problem.Code(details.code, Problem.Kind(status: status), details.title), details.detail, faults: faults, retryAfter: retryAfter,
        quote: details.quote.map { Quote(level: $0.level, available: $0.available, missing: $0.missing) }, cause: trace)
    }
    switch status {
    case 502, 503, 504:
      return Problem(.unavailable, "A proxy before \(server.name) says that the server is out of order (\(status)). Try again in a minute.", retryAfter: retryAfter, cause: trace)
    case 407: return Problem(.noConnection, "A proxy on the way to \(server.name) wants a sign-in of its own (407).", cause: trace)
    case 300..<400:
      let place = header("location").map { " to \($0.prefix(200))" } ?? ""
      return Problem(.notGuildhall, "\(server.name) sends elsewhere\(place). If that is where Guildhall is now, sign in there.", cause: trace)
    default: return notGuildhall(server)
    }
  }

  private var trace: RefusedRequest { RefusedRequest(requestID: requestID, status: status) }

  private func notGuildhall(_ server: ServerAddress) -> Problem {
    let what = mediaType.contains("html") ? "a web page" : mediaType.isEmpty ? "something without a type" : mediaType
    return Problem(
      .notGuildhall, "\(server) answered with \(what) (status \(status)) where Guildhall's API would answer with JSON. Look at the address, or whether a proxy stands before it.",
      cause: trace)
  }
}

extension Problem.Kind {
  /// The kind whose status this is; of the others the most general one of its class.
  init(status: Int) {
    self = Self.allCases.first { $0.status == status } ?? (status >= 500 ? .unavailable : .malformed)
  }
}

extension String {
  /// `#/email` and `/email` both mean the field `email`.
  fileprivate var fieldName: String { String(drop { $0 == "#" }.drop { $0 == "/" }) }
}
