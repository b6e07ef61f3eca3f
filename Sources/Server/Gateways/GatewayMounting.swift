import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import Kernel

/// Makes routes of a gateway's addresses, and the platform's refusals of problems.
struct GatewayMounting: Sendable {
  let gateway: Gateway

  var routes: [Route] {
    gateway.routes.map { route in
      Route(route.method, route.path, for: .platform(gateway)) { exchange async throws(Problem) in
        // Whatever the method: a DELETE of these platforms may have a body too.
        Self.response(try await route.answer(Self.request(exchange, query: exchange.query(), body: exchange.isSafe ? [] : exchange.body())))
      }
    }
  }

  /// What keeps the server from starting: an address outside the gateway's own, where its refusals would be told in another manner.
  var faults: [String] {
    gateway.routes.filter { !gateway.holds($0.path) }.map { "\($0.path) lies outside the addresses of \(gateway.name)." }
  }

  /// A refusal as the platform's clients read it.
  static func refusal(_ problem: Problem, by gateway: Gateway, to exchange: Exchange) -> Response {
    let shown = Problem(problem.code, problem.shownDetail, faults: problem.faults, retryAfter: problem.retryAfter, quote: problem.quote)
    return response(gateway.refusal(shown, request(exchange, query: (try? exchange.query()) ?? [], body: [])))
  }

  private static func request(_ exchange: Exchange, query: [(String, String)], body: [UInt8]) -> GatewayRequest {
    var bearer: String?
    if case .bearer(let text) = Credential(of: exchange.request.headers, cookie: "") { bearer = text }
    let headers = exchange.request.headers
    return GatewayRequest(
      caller: exchange.caller, bearer: bearer, path: exchange.parameters, query: query,
      header: { name in HTTPField.Name(name).flatMap { headers[$0] } }, body: body)
  }

  private static func response(_ answer: GatewayAnswer) -> Response {
    var headers = HTTPFields()
    for header in answer.headers { if let name = HTTPField.Name(header.name) { headers[name] = header.value } }
    guard answer.status != 204 else { return Response(status: .noContent, headers: headers) }
    return Response(answer.status, answer.mediaType, answer.body, headers)
  }
}

extension Credential {
  /// What a platform's client brought: a bearer's credential without its wrapping. A cookie is nobody's, since a browser sends it by itself.
  func unwrapped(by gateway: Gateway) -> Credential {
    switch self {
    case .bearer(let text): .bearer(gateway.secret(text))
    case .none, .session: .none
    }
  }
}
