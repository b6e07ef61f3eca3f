import Contract
import ControlPlane
import Hummingbird
import Kernel

/// What is done with the requests to one address and method.
struct Route: Sendable {
  /// How refusals are told: as JSON to programs, as a page to people, and to a platform's clients in that platform's manner.
  enum Audience: Sendable {
    case program, person
    case platform(Gateway)

    var isPerson: Bool { if case .person = self { true } else { false } }
  }

  enum Segment: Sendable {
    case literal(String)
    case parameter(String)
  }

  let method: Method
  /// With parameters in braces; names the route in logs and metrics, where the path itself may hold a secret.
  let template: String
  /// The template's parts, read once.
  let segments: [Segment]
  let parameterNames: [String]
  let audience: Audience
  /// Whether the limits count its requests.
  var isLimited = true
  let answer: @Sendable (Exchange) async throws(Problem) -> Response

  init(_ method: Method, _ template: String, for audience: Audience, isLimited: Bool = true, answer: @escaping @Sendable (Exchange) async throws(Problem) -> Response) {
    self.method = method
    self.template = template
    segments = template.utf8.split(separator: UInt8(ascii: "/")).map(Segment.init)
    parameterNames = segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    self.audience = audience
    self.isLimited = isLimited
    self.answer = answer
  }
}

extension Route.Segment {
  /// `{name}` is a parameter.
  fileprivate init(_ text: Substring.UTF8View) {
    self = text.first == UInt8(ascii: "{") ? .parameter(String(Substring(text.dropFirst().dropLast()))) : .literal(String(Substring(text)))
  }
}
