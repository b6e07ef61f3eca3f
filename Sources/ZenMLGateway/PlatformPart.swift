import Contract
import ControlPlane
import Kernel

/// What is asked about the installation itself.
struct PlatformPart: ZenMLPart {
  let plane: ControlPlane

  var routes: [GatewayRoute] {
    [
      GatewayRoute(.get, "/health") { _ async throws(Problem) in
        try await plane.checkReadiness()
        return .json(.object([.init("status", "ok")]))
      },
      // People run the servers of their workspaces, in whichever release they like; there are none to choose from.
      GatewayRoute(.get, "/releases") { request async throws(Problem) in
        if case .anonymous = try await plane.accounts.speaker(by: request.caller) { throw Problem(.signedOut, "Sign in first.") }
        return .json(.array([]))
      },
    ]
  }
}
