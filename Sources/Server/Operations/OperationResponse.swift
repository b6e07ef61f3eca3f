import Contract
import ControlPlane
import HTTPTypes
import Hummingbird
import NIOCore

/// An operation's answer as HTTP.
enum OperationResponse {
  static func make(_ answer: OperationAnswer, _ endpoint: AnyEndpoint, _ exchange: Exchange) -> Response {
    var headers = HTTPFields()
    if let revision = answer.revision {
      let tag = EntityTag.of(revision)
      headers[.eTag] = tag
      if exchange.isSafe {
        // It may be kept, but not shown without asking whether it still holds.
        headers[.cacheControl] = "private, no-cache"
        if EntityTag.isKnown(tag, in: exchange.request.headers[values: .ifNoneMatch]) { return Response(status: .notModified, headers: headers) }
      }
    }
    if let segment = answer.segment, answer.status == 201 { headers[.location] = "\(exchange.path)/\(PercentText.encode(segment))" }
    if let cursor = answer.nextCursor { headers[.link] = "<\(next(exchange, cursor))>; rel=\"next\"" }
    guard let body = answer.body else { return Response(status: HTTPResponse.Status(code: answer.status), headers: headers) }
    return Response(answer.status, "application/json", body, headers)
  }

  /// The same list, from where this page ends.
  private static func next(_ exchange: Exchange, _ cursor: String) -> String {
    let pairs = ((try? exchange.query()) ?? []).filter { $0.0 != "cursor" } + [("cursor", cursor)]
    return "\(exchange.path)?\(FormText.encode(pairs))"
  }
}
