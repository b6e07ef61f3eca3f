import Client
import Contract
import Kernel

/// What a person reads when a command fails: what happened, what to do now, and where the operator finds it.
struct ErrorReport {
  let problem: Problem

  init(_ problem: Problem) { self.problem = problem }

  /// Says it on the error output and answers the exit code.
  func tell(_ surroundings: Surroundings) -> ExitStatus {
    switch problem {
    case Problem.Code.closedOutput: break
    case Problem.Code.interrupted: surroundings.terminal.tell("\n")
    default: surroundings.terminal.tell(lines(hasTokenVariable: surroundings.variable("GUILDHALL_TOKEN") != nil).joined(separator: "\n") + "\n")
    }
    return ExitStatus(problem)
  }

  func lines(hasTokenVariable: Bool) -> [String] {
    var lines = ["guildhall: \(problem.detail.onOneLine)"]
    let faults = problem.faults.filter { !$0.field.isEmpty }
    if faults.count == 1, faults[0].detail == problem.detail, problem.requestID != nil {
      // The one fault is the detail already, but its field isn't named there.
      lines[0] += " (\(faults[0].field.onOneLine))"
    } else if faults.count > 1 || faults.contains(where: { !problem.detail.hasSuffix($0.detail) }) {
      lines += faults.prefix(20).map { "  \($0.field.onOneLine): \($0.detail.onOneLine)" }
      if faults.count > 20 { lines.append("  and \(faults.count - 20) more") }
    }
    if let hint = hint(hasTokenVariable) { lines.append("  \(hint)") }
    if let id = problem.requestID { lines.append("  Request \(id.onOneLine)") }
    return lines
  }

  /// The way on, where the detail doesn't say it.
  private func hint(_ hasTokenVariable: Bool) -> String? {
    typealias Code = Problem.Code
    switch problem {
    case Code.notSignedIn, Code.noServer, Code.noOrganization, Code.cancelled, Code.noTerminal, Code.plainHTTP, Code.unusableToken, Code.wrongCredentials: return nil
    case Code.staleSignIn: return "Run it on a terminal, where guildhall asks for your password, or do it in the console."
    case Code.tokenScope, Code.boundToken, Code.beyondToken: return "guildhall token list shows what your tokens cover; guildhall token create makes another."
    case Code.aboveOwnRights: return "guildhall member list --role admin shows who can."
    case Code.forbidden: return !problem.detail.contains("the role") ? nil : "guildhall member list --role admin shows who can."
    case Code.overBudget: return "guildhall budget list shows the budgets and what is left of them."
    case Code.stale: return "Look at it again and repeat the command."
    case Code.pendingKey: return "Wait a moment, then look whether it was done."
    default: break
    }
    switch problem.kind {
    case .unauthenticated:
      return hasTokenVariable ? "The token comes from GUILDHALL_TOKEN; put a working one there, or unset it." : "Sign in again with: guildhall login"
    case .missing where problem.requestID != nil: return "guildhall status shows where you are; guildhall org list shows your organizations."
    case .payment:
      guard let level = problem.quote?.level, let id = ID<Wire.SubBalance>(level) else {
        return "guildhall credits balance shows what there is; the operators of the server top up."
      }
      return "guildhall sub-balance show \(id) shows what is left of it; guildhall sub-balance deposit \(id) AMOUNT adds to it."
    case .limited, .unavailable:
      guard let wait = problem.retryAfter else { return nil }
      return "Try again in \(wait.inWords)."
    case .defect where problem.requestID != nil: return "It is a mistake of ours: give the operator of the server the request's id."
    default: return nil
    }
  }
}

extension Duration {
  /// `40 seconds`, `3 minutes`: rounded up, for people.
  var inWords: String {
    let seconds = max(1, wholeSeconds)
    if seconds < 90 { return seconds == 1 ? "1 second" : "\(seconds) seconds" }
    let minutes = (seconds + 59) / 60
    return minutes < 90 ? "\(minutes) minutes" : "\((minutes + 59) / 60) hours"
  }
}
