import Contract
import ControlPlane
import Kernel

/// How ZenML's clients are told of a refusal: the name of an exception of theirs, and a sentence.
enum ZenMLRefusal {
  static func answer(_ problem: Problem) -> GatewayAnswer {
    let (status, name) = standing(problem.kind)
    let faults = problem.faults.filter { $0.detail != problem.detail }.map { " \($0.field): \($0.detail)" }.joined()
    var answer = GatewayAnswer.json(.object([.init("detail", .array([.string(name), .string(problem.detail + faults)]))]), status: status)
    if status == 401 { answer.headers.append(.init("www-authenticate", "Bearer")) }
    if let wait = problem.retryAfter { answer.headers.append(.init("retry-after", String(max(1, wait.wholeSeconds)))) }
    return answer
  }

  /// The status and the exception that the client raises (`zenml.zen_server.exceptions`).
  private static func standing(_ kind: Problem.Kind) -> (Int, String) {
    switch kind {
    case .malformed: (400, "ValueError")
    case .unauthenticated: (401, "CredentialsNotValid")
    case .payment: (402, "SubscriptionUpgradeRequiredError")
    case .forbidden: (403, "IllegalOperationError")
    case .missing, .moved, .gone: (404, "KeyError")
    case .unsupportedMethod: (405, "MethodNotAllowedError")
    case .slow: (408, "RuntimeError")
    case .conflict, .stale: (409, "EntityExistsError")
    case .tooLarge: (413, "RuntimeError")
    case .unsupportedMedia: (415, "RuntimeError")
    case .invalid: (422, "ValueError")
    case .limited: (429, "MaxConcurrentTasksError")
    case .headersTooLarge: (431, "RuntimeError")
    case .defect: (500, "RuntimeError")
    case .unavailable: (503, "RuntimeError")
    }
  }
}
