import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import Kernel

/// Makes routes of the operations that the features have bound.
struct Mounting: Sendable {
  let crossSite: CrossSite
  let idempotency: Idempotency

  /// What keeps the server from starting: an operation that is declared and not bound, bound and not declared, or bound twice.
  static func faults(declared: [AnyEndpoint], bound: [AnyEndpoint]) -> [String] {
    let promised = Dictionary(declared.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var seen: Set<String> = []
    var faults: [String] = []
    for operation in bound {
      if !seen.insert(operation.name).inserted { faults.append("\(operation.name) is bound twice.") }
      guard let promise = promised[operation.name] else {
        faults.append("\(operation.name) is bound, but the contract doesn't declare it.")
        continue
      }
      if promise.method != operation.method || promise.path != operation.path { faults.append("\(operation.name) is bound to another address than it is declared with.") }
    }
    return faults + declared.filter { !seen.contains($0.name) }.map { "\($0.name) is declared, but no feature binds it." }
  }

  func route(_ operation: BoundEndpoint) -> Route {
    let endpoint = operation.endpoint
    return Route(endpoint.method, API.base + endpoint.path, for: .program) { [self] exchange async throws(Problem) in
      try crossSite.checkProgram(exchange)
      if let admission = operation.admission { try await admission(exchange.caller) }
      let request = OperationRequest(
        caller: exchange.caller, path: exchange.parameters, query: try exchange.query(), body: try await body(of: exchange, for: endpoint),
        revision: endpoint.takesRevision ? try EntityTag.expected(exchange.request.headers[values: .ifMatch]) : nil)
      if endpoint.method.takesKey, let key = try IdempotencyKey.given(in: exchange.request.headers) {
        return try await once(key, request, operation, exchange)
      }
      return OperationResponse.make(try await operation.answer(request), endpoint, exchange)
    }
  }

  /// The body, where the operation takes one; JSON only, and some.
  private func body(of exchange: Exchange, for endpoint: AnyEndpoint) async throws(Problem) -> [UInt8] {
    guard endpoint.takesBody else { return [] }
    let mediaType = exchange.request.headers[.contentType].map { $0.prefix { $0 != ";" }.trimmingSpaces.lowercased() }
    guard mediaType == nil || mediaType == "application/json" || mediaType?.hasSuffix("+json") == true else {
      throw Problem(.unsupportedMedia, "Send the body as application/json.")
    }
    let coding = exchange.request.headers[.contentEncoding]?.lowercased() ?? "identity"
    guard coding == "identity" else { throw Problem(.unsupportedMedia, "Send the body as it is, without Content-Encoding.") }
    let bytes = try await exchange.body(upTo: endpoint.bodyLimit)
    guard !bytes.isEmpty else { throw Problem(.malformed, "This operation needs a body: a JSON object.") }
    guard mediaType != nil else { throw Problem(.unsupportedMedia, "Say with Content-Type that the body is application/json.") }
    return bytes
  }

  /// Answers a repetition with the stored answer, and anything new with a stored one from now on.
  private func once(_ key: IdempotencyKey, _ request: OperationRequest, _ operation: BoundEndpoint, _ exchange: Exchange) async throws(Problem) -> Response {
    let place = "\(operation.endpoint.method.rawValue) \(exchange.location)"
    switch try await idempotency.claim(key.text, at: place, payload: request.body, by: request.caller) {
    case .answered(let stored):
      var response = Response(stored.status, "application/json", stored.body, Self.fields(stored.headers))
      if stored.body.isEmpty { response.headers[.contentType] = nil }
      response.headers[.idempotencyReplayed] = "true"
      return response
    case .new(let claim):
      do throws(Problem) {
        let answer = try await operation.answer(request)
        let response = OperationResponse.make(answer, operation.endpoint, exchange)
        let headers = [HTTPField.Name.location, .eTag].compactMap { name in response.headers[name].map { (name.rawName, $0) } }
        try await idempotency.settle(claim, StoredAnswer(status: answer.status, headers: headers, body: answer.body ?? []))
        return response
      } catch {
        // A refusal has changed nothing, so the key stays free; where that isn't sure, it stays taken.
        if error.kind != .defect && error.kind != .unavailable { try await idempotency.release(claim) }
        throw error
      }
    }
  }

  private static func fields(_ headers: [(String, String)]) -> HTTPFields {
    var fields = HTTPFields()
    for (name, value) in headers { if let name = HTTPField.Name(name) { fields[name] = value } }
    return fields
  }
}

/// A text of the client's own that names one request (draft-ietf-httpapi-idempotency-key-header).
struct IdempotencyKey {
  let text: String

  /// `nil` where none is given. Refuses what is empty, longer than 128 characters or not plain ASCII; quotes around it are its syntax and don't count.
  static func given(in headers: HTTPFields) throws(Problem) -> IdempotencyKey? {
    let values = headers[values: .idempotencyKey]
    guard let first = values.first else { return nil }
    let text = first.count >= 2 && first.hasPrefix("\"") && first.hasSuffix("\"") ? String(first.dropFirst().dropLast()) : first
    guard values.count == 1, (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw Problem(.malformed, "An Idempotency-Key has 1 to 128 characters of ASCII without spaces, and is given once.")
    }
    return IdempotencyKey(text: text)
  }
}
