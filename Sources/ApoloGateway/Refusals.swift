import Contract
import ControlPlane
import Kernel

/// Refusals as Apolo's clients read them: a sentence, and for lack of a permission what was missing.
enum Refusals {
  static func answer(_ problem: Problem, to request: GatewayRequest?) -> GatewayAnswer {
    var members: [(String, JSON?)] = [("error", .string(sentence(of: problem)))]
    if problem.kind == .forbidden, let request { members.append(("missing", [["uri": .string(uri(of: request)), "action": "write"]])) }
    var answer = GatewayAnswer.json(.members(members), status: status(of: problem))
    if let again = problem.retryAfter { answer.headers.append(GatewayAnswer.Header("retry-after", String(max(1, again.wholeSeconds)))) }
    return answer
  }

  /// The clients know few of them; what they don't know they call illegal arguments, which is what 400 means to them.
  static func status(of problem: Problem) -> Int {
    switch problem.kind {
    case .invalid, .malformed, .payment: 400
    case .conflict where problem.code == .lastAdmin || problem.code == .lastResourceAdmin: 400
    case .moved, .gone: 404
    case .stale: 409
    default: problem.kind.status
    }
  }

  private static func sentence(of problem: Problem) -> String {
    guard problem.faults.count > 1 else { return problem.detail }
    return problem.faults.map { "\($0.field): \($0.detail)" }.joined(separator: " ")
  }

  /// What the platform calls the thing.
  private static func uri(of request: GatewayRequest) -> String {
    let isAboutUsers = request.path.contains { $0.0 == "user" }
    var uri = request.cluster.isEmpty ? "org://\(request.organization)" : "cluster://\(request.cluster)"
    if !request.cluster.isEmpty, !request.organization.isEmpty { uri += "/orgs/\(request.organization)" }
    if !request.project.isEmpty { uri += "/projects/\(request.project)" }
    return isAboutUsers ? uri + "/users" : uri
  }
}
