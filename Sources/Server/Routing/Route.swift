import Contract
import Hummingbird
import Kernel

/// What is done with the requests to one address and method.
struct Route: Sendable {
  /// How refusals are told: as JSON to programs, as a page to people.
  enum Audience: Sendable { case program, person }

  let method: Method
  /// With parameters in braces; names the route in logs and metrics, where the path itself may hold a secret.
  let template: String
  let parameterNames: [String]
  let audience: Audience
  /// Whether the limits count its requests.
  var isLimited = true
  let answer: @Sendable (Exchange) async throws(Problem) -> Response

  init(_ method: Method, _ template: String, for audience: Audience, isLimited: Bool = true, answer: @escaping @Sendable (Exchange) async throws(Problem) -> Response) {
    self.method = method
    self.template = template
    parameterNames = template.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    self.audience = audience
    self.isLimited = isLimited
    self.answer = answer
  }
}
